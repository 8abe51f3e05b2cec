/* config.c -- reads the settings of a running program. */
#include "app/config.h"
#include "app/commands.h"
#include "base/arena.h"
#include "base/log.h"
#include <string.h>
#include <unistd.h>

const struct option config_options[] = {
    { "data", OPT_TEXT, "./furrow-data", "folder of the database and the events" },
    { "db", OPT_TEXT, "", "database: sqlite:/path or postgres://...; a file in --data" },
    { "events", OPT_TEXT, "", "events: a file, or clickhouse://host:port/database; one in --data" },
    { "listen", OPT_TEXT, "127.0.0.1:8080", "address and port to listen on" },
    { "public-url", OPT_TEXT, "", "address under which browsers reach it, for links and cookies" },
    { "trusted-proxy", OPT_TEXT, "", "address of the proxy whose X-Forwarded-For counts" },
    { "key", OPT_TEXT, "", "file with the key that seals secrets; secret.key in --data" },
    { "geo", OPT_TEXT, "", "MMDB file of countries; geo.mmdb in --data or beside the program" },
    { "readers", OPT_INT, "0", "threads that answer reading requests; 0: one a core, at least 2" },
    { "node", OPT_INT, "0", "number of this node, 0 to 511, where several share a database" },
    { "log", OPT_TEXT, "info", "least level that is logged: debug, info, warn, error" },
    { 0 },
};

static const char *const levels[] = { "debug", "info", "warn", "error" };

static enum status check_url(struct ctx *cx, const char *url)
{
    size_t len = strlen(url);

    if (len == 0)
        return OK;
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
        return ctx_fail(cx, E_INVALID, "--public-url '%s' must begin with https:// or http://",
                        url);
    if (url[len - 1] == '/' || strchr(strstr(url, "://") + 3, '/') != NULL)
        return ctx_fail(cx, E_INVALID, "--public-url '%s' must not have a path or end in /", url);
    return OK;
}

enum status config_read(struct ctx *cx, const struct cli *cli, struct config *out)
{
    struct config c = { .data = cli_text(cli, "data"),
                        .db_url = cli_text(cli, "db"),
                        .events_path = cli_text(cli, "events"),
                        .listen = cli_text(cli, "listen"),
                        .public_url = cli_text(cli, "public-url"),
                        .trusted_proxy = cli_text(cli, "trusted-proxy"),
                        .key_path = cli_text(cli, "key"),
                        .geo_path = cli_text(cli, "geo"),
                        .log_level = cli_text(cli, "log") };
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int readers = cli_int(cli, "readers"), node = cli_int(cli, "node");
    size_t level = 0;

    if (c.data[0] == '\0')
        return ctx_fail(cx, E_INVALID, "--data must name a folder");
    if (c.db_url[0] == '\0')
        c.db_url = arena_printf(cx->arena, "sqlite:%s/furrow.db", c.data);
    if (strstr(c.events_path, "://") != NULL) { /* the file keeps what is not flushed yet */
        c.events_url = c.events_path;
        c.events_path = "";
    }
    if (c.events_path[0] == '\0')
        c.events_path = arena_printf(cx->arena, "%s/journey.db", c.data);
    if (c.key_path[0] == '\0')
        c.key_path = arena_printf(cx->arena, "%s/secret.key", c.data);
    TRY(check_url(cx, c.public_url));
    if (readers < 0 || readers > 256)
        return ctx_fail(cx, E_INVALID, "--readers must be 0 to 256");
    if (node < 0 || node > 511)
        return ctx_fail(cx, E_INVALID, "--node must be 0 to 511");
    c.readers = readers > 0 ? (unsigned)readers : cores > 2 ? (unsigned)cores : 2;
    c.node = (u32)node;
    while (level < countof(levels) && strcmp(levels[level], c.log_level) != 0)
        level++;
    if (level == countof(levels))
        return ctx_fail(cx, E_INVALID, "--log '%s' is none of debug, info, warn, error",
                        c.log_level);
    log_set_level((enum log_level)level);
    *out = c;
    return OK;
}

/* A password in a connection string stays out of what is printed. */
static void print_value(FILE *out, const char *value)
{
    const char *scheme = strstr(value, "://"), *at = strrchr(value, '@');
    const char *colon = scheme != NULL && at != NULL ? strchr(scheme + 3, ':') : NULL;

    if (colon != NULL && colon < at)
        fprintf(out, "%.*s:***%s", (int)(colon - value), value, at);
    else
        fputs(value, out);
}

int cmd_config(struct cli *cli)
{
    for (int i = 0; i < cli->value_count; i++) {
        const char *value = cli->values[i].value;
        fprintf(cli->out, "%-14s ", cli->values[i].option->name);
        print_value(cli->out, value != NULL ? value : "");
        fprintf(cli->out, "  (%s)\n", cli->values[i].from);
    }
    return 0;
}
