/* cli.c -- every subcommand, and how arguments are read. */
#include "app/cli.h"
#include "app/commands.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 64 };
#define OPTS(...) ((const struct option[]){ __VA_ARGS__, { 0 } })
#define DEV_OPTIONS                                                                                \
    { "dev", OPT_FLAG, NULL, "templates from src/, browser files from --assets, schema kept up" }, \
        { "src", OPT_TEXT, "src", "where --dev finds the templates" },                             \
    {                                                                                              \
        "assets", OPT_TEXT, "", "where --dev finds the browser's files"                            \
    }

static const struct command commands[] = {
    { "serve", "", "run the web server and the background jobs", cmd_serve, .config = true,
      .options = OPTS(DEV_OPTIONS) },
    { "demo", "", "fill an empty folder with two years of a made-up company", cmd_demo,
      .config = true,
      .options =
          OPTS({ "serve", OPT_FLAG, NULL, "then serve it" },
               { "seed", OPT_INT, "1", "another number makes another company" },
               { "contacts", OPT_INT, "20000", "about how many people are known" },
               { "companies", OPT_INT, "0", "and companies; 0: three to forty contacts" },
               { "event-count", OPT_INT, "0",
                 "what happened, visits of strangers too; 0: 75 a contact" },
               { "deals", OPT_INT, "0", "deals, open, won and lost; 0: one to eight contacts" },
               DEV_OPTIONS) },
    { "migrate", "", "bring the database up to this version", cmd_migrate, .config = true,
      .options = OPTS({ "dry-run", OPT_FLAG, NULL, "print the SQL, change nothing" }) },
    { "schema diff", "", "print the SQL that the declared records still need", cmd_schema_diff,
      .config = true },
    { "check", "", "look for anything wrong in the stored data", cmd_check, .config = true },
    { "backup", "FOLDER", "copy all data to a new folder, also while it is served", cmd_backup,
      .config = true },
    { "restore", "FOLDER", "copy a backup to an empty --data, and check it", cmd_restore,
      .config = true },
    { "user add", "MAIL", "add somebody who may sign in", cmd_user_add, .config = true,
      .options = OPTS({ "name", OPT_TEXT, "", "how they are called" },
                      { "role", OPT_TEXT, "", "name of their role; without: an administrator" },
                      { "team", OPT_TEXT, "", "name of their team" },
                      { "password-stdin", OPT_FLAG, NULL,
                        "read the password from standard input; without: print a link" }) },
    { "user password", "MAIL", "set a password", cmd_user_password, .config = true,
      .options = OPTS({ "password-stdin", OPT_FLAG, NULL,
                        "read the password from standard input; without: print a link" }) },
    { "token add", "MAIL", "make an API token that works in somebody's name", cmd_token_add,
      .config = true,
      .options = OPTS({ "label", OPT_TEXT, "command line", "what it is for" },
                      { "write", OPT_FLAG, NULL, "it may also change things" },
                      { "days", OPT_INT, "0", "how long it is good for; 0: for ever" }) },
    { "import events", "FILE", "put events of a CSV or JSON-lines file on people's journeys",
      cmd_import_events, .config = true },
    { "import log", "FILE", "count the page views of a web server's log; - reads a pipe",
      cmd_import_log, .config = true,
      .options = OPTS({ "site", OPT_TEXT, "", "domain of the site that the log is of" }) },
    { "export events", "[FILE]", "write the events of all journeys, to be imported or analysed",
      cmd_export_events, .config = true,
      .options = OPTS({ "format", OPT_TEXT, "csv", "csv, or json: an object a line" },
                      { "from", OPT_TEXT, "", "from this day or moment on" },
                      { "to", OPT_TEXT, "", "before this day or moment" },
                      { "kind", OPT_TEXT, "", "only events of this kind" }) },
    { "forecast backtest", "", "forecast past months with what was known then, and compare",
      cmd_forecast_backtest, .config = true,
      .options = OPTS({ "runs", OPT_INT, "10000", "how often each month is tried out" },
                      { "seed", OPT_INT, "1", "another number draws other runs" }) },
    { "config", "", "print the settings in force and where each comes from", cmd_config,
      .config = true },
    { "version", "", "print the version", cmd_version },
    { "help", "[COMMAND]", "say what a command does", cmd_help },
};

int cli_error(const char *fmt, ...)
{
    va_list args;

    fputs("furrow: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return 1;
}

/* ---- values ---- */
static int find_value(const struct cli *cli, const char *name)
{
    for (int i = 0; i < cli->value_count; i++)
        if (strcmp(cli->values[i].option->name, name) == 0)
            return i;
    return -1;
}

const char *cli_text(const struct cli *cli, const char *name)
{
    int i = find_value(cli, name);

    assert(i >= 0);
    return cli->values[i].value != NULL ? cli->values[i].value : "";
}

int cli_int(const struct cli *cli, const char *name)
{
    return (int)strtol(cli_text(cli, name), NULL, 10);
}

bool cli_flag(const struct cli *cli, const char *name)
{
    const char *value = cli_text(cli, name);
    return value[0] != '\0' && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

/* "public-url" -> "FURROW_PUBLIC_URL" */
static const char *env_name(const char *option, char out[64])
{
    size_t n = (size_t)snprintf(out, 64, "FURROW_%s", option);

    for (size_t i = 7; i < n && i < 64; i++)
        out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
    return out;
}

static void add_options(struct cli *cli, const struct option *o, bool from_env)
{
    char env[64];

    for (; o != NULL && o->kind != OPT_END; o++) {
        const char *value = from_env ? getenv(env_name(o->name, env)) : NULL;
        assert(cli->value_count < CLI_VALUES_MAX);
        cli->values[cli->value_count].option = o;
        cli->values[cli->value_count].value = value != NULL ? value : o->otherwise;
        cli->values[cli->value_count++].from = value != NULL ? "environment" : "default";
    }
}

static bool is_number(const char *text)
{
    char *end;

    (void)strtol(text, &end, 10);
    return text[0] != '\0' && *end == '\0';
}

/* Reads one option at argv[*at]; false when it is wrong, which has been said. */
static bool read_option(struct cli *cli, int argc, char **argv, int *at)
{
    const char *text = argv[*at] + 2, *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);

    for (int i = 0; i < cli->value_count; i++) {
        const struct option *o = cli->values[i].option;
        if (strlen(o->name) != len || strncmp(o->name, text, len) != 0)
            continue;
        if (o->kind == OPT_FLAG && equals == NULL)
            cli->values[i].value = "true";
        else if (equals != NULL)
            cli->values[i].value = equals + 1;
        else if (*at + 1 < argc)
            cli->values[i].value = argv[++*at];
        else
            return cli_error("--%s needs a value", o->name) == 0;
        cli->values[i].from = "command line";
        if (o->kind == OPT_INT && !is_number(cli->values[i].value))
            return cli_error("--%s needs a number, not '%s'", o->name, cli->values[i].value) == 0;
        return true;
    }
    return cli_error("there is no option '--%.*s'; see furrow help %s", (int)len, text,
                     cli->command->name) == 0;
}

/* ---- help ---- */
static void print_options(FILE *out, const struct option *o)
{
    for (; o != NULL && o->kind != OPT_END; o++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s", o->name,
                 o->kind == OPT_TEXT  ? " TEXT"
                 : o->kind == OPT_INT ? " N"
                                      : "");
        fprintf(out, "  %-24s %s", left, o->help);
        if (o->otherwise != NULL && o->otherwise[0] != '\0')
            fprintf(out, " [%s]", o->otherwise);
        fputc('\n', out);
    }
}

static void print_command(FILE *out, const struct command *c)
{
    fprintf(out, "furrow %s%s%s -- %s\n", c->name, c->args[0] != '\0' ? " " : "", c->args, c->help);
    print_options(out, c->options);
    if (c->config) {
        fputs(
            "\nOptions of every command that works on data (or FURROW_NAME in the environment):\n",
            out);
        print_options(out, config_options);
    }
}

static const struct command *find_command(const char *first, const char *second)
{
    char both[64];

    snprintf(both, sizeof both, "%s %s", first, second != NULL ? second : "");
    for (size_t i = 0; i < countof(commands); i++)
        if (strcmp(commands[i].name, both) == 0)
            return &commands[i];
    for (size_t i = 0; i < countof(commands); i++)
        if (strcmp(commands[i].name, first) == 0)
            return &commands[i];
    return NULL;
}

int cmd_help(struct cli *cli)
{
    const struct command *c = cli->arg_count > 0 ? find_command(cli->args[0], cli->args[1]) : NULL;

    if (c != NULL) {
        print_command(cli->out, c);
        return 0;
    }
    fputs("Furrow: marketing and sales on the same customers.\n\n", cli->out);
    for (size_t i = 0; i < countof(commands); i++) {
        char left[40];
        snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].args);
        fprintf(cli->out, "  furrow %-22s %s\n", left, commands[i].help);
    }
    fputs("\nfurrow help COMMAND says more. Begin with: furrow serve\n", cli->out);
    return cli->arg_count > 0 ? EXIT_USAGE : 0;
}

/* ---- running ---- */
static bool has_option(const struct option *o, const char *name)
{
    while (o != NULL && o->kind != OPT_END && strcmp(o->name, name) != 0)
        o++;
    return o != NULL && o->kind != OPT_END;
}

int cli_become(struct cli *cli, const char *command)
{
    const struct command *c = find_command(command, NULL);
    char *argv[CLI_VALUES_MAX + 3] = { "furrow", (char *)command }, program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    int n = 2;

    assert(c != NULL);
    for (int i = 0; i < cli->value_count; i++) {
        const char *name = cli->values[i].option->name;
        if (strcmp(cli->values[i].from, "command line") != 0 ||
            !(has_option(c->options, name) || (c->config && has_option(config_options, name))))
            continue;
        if (asprintf(&argv[n], "--%s=%s", name, cli->values[i].value) >= 0)
            n++;
    }
    argv[n] = NULL;
    fflush(NULL);
    if (len > 0) {
        program[len] = '\0';
        execv(program, argv);
    }
    return cli_error("cannot go on as 'furrow %s': %s", command, strerror(errno));
}

int cli_main(int argc, char **argv)
{
    struct cli cli = { .out = stdout };
    int at = 1;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return cmd_help(&cli);
    if (strcmp(argv[1], "--version") == 0)
        return cmd_version(&cli);
    cli.command = find_command(argv[1], argc > 2 ? argv[2] : NULL);
    if (cli.command == NULL) {
        cli_error("there is no command '%s'; see furrow help", argv[1]);
        return EXIT_USAGE;
    }
    at += strchr(cli.command->name, ' ') != NULL ? 2 : 1;
    add_options(&cli, cli.command->options, false);
    if (cli.command->config)
        add_options(&cli, config_options, true);
    for (; at < argc; at++) {
        if (strcmp(argv[at], "--help") == 0) {
            print_command(stdout, cli.command);
            return 0;
        }
        if (strncmp(argv[at], "--", 2) == 0) {
            if (!read_option(&cli, argc, argv, &at))
                return EXIT_USAGE;
        } else if (cli.arg_count < CLI_ARGS_MAX - 1) {
            cli.args[cli.arg_count++] = argv[at];
        } else {
            cli_error("too many arguments");
            return EXIT_USAGE;
        }
    }
    return cli.command->run(&cli);
}
