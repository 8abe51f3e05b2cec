/* import_log.c -- `furrow import log --site DOMAIN FILE`: page views from before there was a
 * tracker. Visitors are told apart by the hash of address and client with a salt of the day that
 * nobody keeps: they join nothing later, as without consent. The same log may be read again: each
 * line has its id. */
#include "app/import.h"
#include "base/json.h"
#include "base/limits.h"
#include "bridge/identity.h"
#include "marketing/arrival.h"
#include "marketing/collect.h"
#include "marketing/geo.h"
#include "marketing/site.h"
#include "marketing/weblog.h"
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_BYTES = 64 * 1024,
    LINE_ARENA_BYTES = 256 * 1024,
    VISITS = 1 << 16, /* places by hash; who loses one begins a visit again */
    VISIT_MS = 30 * MS_MINUTE,
};

struct visit {
    u64 visitor, touch;
    i64 at_ms;
};
struct log {
    struct import *im;
    struct row *site;
    struct str domain;
    char salt[33];
    struct visit *visits;
    struct arena *arena; /* of the line */
    u64 last;            /* hash of the line before */
    i64 repeats;         /* how often it came in a row: each is a view */
    i64 bots, others, left_out;
};

static bool is_alias(const struct log *l, struct str host)
{
    struct str rest = str_from(row_text(l->site, SITE_ALIASES)), one;

    while (str_split(&rest, '|', &one))
        if (str_trim(one).len > 0 && str_equal(host_name(l->arena, str_trim(one)), host))
            return true;
    return false;
}

/* Whether the line is of this site. */
static bool is_ours(const struct log *l, const struct weblog_line *line)
{
    struct str host = host_name(l->arena, str_from(line->host));

    return host.len == 0 || str_equal(host, l->domain) || is_alias(l, host);
}

/* What links told once they do not tell again on each page of the visit. */
static void put_arrival(struct log *l, const struct weblog_line *line, u64 visitor,
                        struct val *event)
{
    struct visit *v = &l->visits[visitor & (VISITS - 1)];
    bool goes_on =
        v->visitor == visitor && line->at_ms >= v->at_ms && line->at_ms - v->at_ms < VISIT_MS;
    struct str uri = str_from(line->uri), path;
    struct address from;
    struct campaign_link link;
    const char *tuple;
    u64 touch;

    (void)str_split(&uri, '?', &path);
    if (!address_read(l->arena, str_from(line->referrer), &from) ||
        str_equal(from.host, l->domain) || is_alias(l, from.host))
        from.host = STR("");
    link_read(l->arena, uri, from.host, &link);
    tuple = link_tuple(l->arena, &link);
    touch = tuple ? str_hash(str_from(tuple)) : 0;
    if (touch != 0 && (!goes_on || touch != v->touch)) {
        val_put_text(event, "url", line->uri);
        if (from.host.len > 0)
            val_put_text(event, "referrer", line->referrer);
    } else {
        val_put(event, "url", val_str(l->arena, path));
        if (!goes_on)
            val_put_text(event, "channel", "direct");
    }
    *v = (struct visit){ visitor, touch ? touch : goes_on ? v->touch : 0, line->at_ms };
}

static enum status add_page(struct log *l, size_t number, const struct weblog_line *line, u64 hash)
{
    struct val *event = val_map(l->arena);
    i64 day = zone_day(kit_zone(&l->im->cx), line->at_ms);
    u64 visitor = visitor_of_day(l->salt, day, line->address, line->agent);
    u16 country;

    val_put_text(event, "kind", "pageview");
    val_put_printf(event, "id", "log %016llx %lld", (unsigned long long)hash,
                   (long long)l->repeats);
    val_put_i64(event, "at", line->at_ms);
    val_put_printf(event, "visitor_id", "log-%016llx", (unsigned long long)visitor);
    val_put(event, "site", val_str(l->arena, l->domain));
    val_put_text(event, "user_agent", line->agent);
    if ((country = geo_country(l->im->cx.kit, line->address)) != 0)
        val_put_printf(event, "country", "%c%c", country >> 8, country & 0xff);
    put_arrival(l, line, visitor, event);
    TRY(import_make_room(l->im));
    return import_add(l->im, number, event);
}

static const char *path_of(const struct log *l, const struct weblog_line *line)
{
    return arena_dup(l->arena, line->uri, strcspn(line->uri, "?#"));
}

static enum status read_line(struct log *l, size_t number, struct str text)
{
    struct weblog_line line;
    u64 hash = str_hash(text);

    arena_reset(l->arena);
    if (str_trim(text).len == 0)
        return OK;
    if (text.len > LINE_BYTES || !weblog_read(l->arena, text, &line)) {
        import_bad_line(l->im, number, "it is no line of an access log that is known here");
        return OK;
    }
    l->repeats = hash == l->last ? l->repeats + 1 : 0;
    l->last = hash;
    switch (weblog_sort_of(&line)) {
    case WEBLOG_PAGE:
    case WEBLOG_BOT:
        if (!is_ours(l, &line)) {
            l->others++;
            return OK;
        }
        switch (collect_past(&l->im->program.cx, l->domain, line.address, line.agent,
                             path_of(l, &line), line.at_ms)) {
        case HIT_KEPT:
            return add_page(l, number, &line, hash);
        case HIT_BOT:
            l->bots++;
            return OK;
        default:
            l->left_out++;
            return OK;
        }
    case WEBLOG_OTHER:
    default:
        l->others++;
        return OK;
    }
}

static enum status read_lines(struct log *l, FILE *file)
{
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t len;
    enum status s = OK;

    while (s == OK && (len = getline(&line, &room, file)) >= 0)
        s = read_line(l, ++number, (struct str){ line, (size_t)len });
    free(line);
    if (s == OK && ferror(file))
        return ctx_fail(&l->im->cx, E_IO, "cannot read the log: %s", strerror(errno));
    return s;
}

static enum status find_site(struct ctx *cx, const struct cli *cli, struct row **site)
{
    const char *domain = cli_text(cli, "site");
    enum status s;

    if (text_empty(domain))
        return ctx_fail(cx, E_INVALID, "say which site the log is of: --site DOMAIN");
    s = record_find(cx, &site_type, "domain", domain, site);
    if (s == E_NOT_FOUND)
        return ctx_fail(cx, s, "there is no site '%s'; add it under Sites first", domain);
    return s;
}

static enum status write_dropped(struct ctx *cx, void *arg)
{
    (void)arg;
    return collect_write_dropped(cx);
}

static enum status read_log(struct import *im, const char *path)
{
    unsigned char bytes[16];
    struct ctx *cx = &im->program.cx;
    struct log l = { .im = im };
    FILE *file;
    enum status s;

    TRY(find_site(cx, im->cli, &l.site));
    l.domain = str_from(row_text(l.site, SITE_DOMAIN));
    l.visits = NEW_N(cx->arena, struct visit, VISITS);
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(l.salt, sizeof l.salt, bytes, sizeof bytes);
    file = text_is(path, "-") ? stdin : fopen(path, "r");
    if (file == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "cannot open '%s': %s", path, strerror(errno));
    l.arena = arena_new(LINE_ARENA_BYTES);
    s = read_lines(&l, file);
    arena_free(l.arena);
    if (file != stdin)
        (void)fclose(file);
    fprintf(im->out,
            "Besides: %lld requests of programs, %lld left out by rules, %lld of no page of this "
            "site.\n",
            (long long)l.bots, (long long)l.left_out, (long long)l.others);
    return s == OK ? kit_write(cx, write_dropped, NULL) : s;
}

int cmd_import_log(struct cli *cli) { return import_run(cli, read_log); }
