/* cli.h -- the command line: one table of commands, from which help is made too. An option is
 * given as --name VALUE or --name=VALUE, or for those of a running program as FURROW_NAME in the
 * environment. */
#pragma once
#include "base/base.h"
#include <stdio.h>

enum option_kind { OPT_END, OPT_TEXT, OPT_INT, OPT_FLAG };
struct option {
    const char *name;
    enum option_kind kind;
    const char *otherwise; /* default; NULL: none */
    const char *help;
};

enum { CLI_VALUES_MAX = 32, CLI_ARGS_MAX = 8 };
struct cli {
    const struct command *command;
    struct {
        const struct option *option;
        const char *value;
        const char *from; /* "--listen", "FURROW_LISTEN", "default" */
    } values[CLI_VALUES_MAX];
    int value_count;
    const char *args[CLI_ARGS_MAX]; /* what is no option */
    int arg_count;
    FILE *out;
};

struct command {
    const char *name;      /* "user add": one or two words */
    const char *args;      /* "MAIL", or "" */
    const char *help;
    int (*run)(struct cli *cli); /* exit code */
    const struct option *options; /* of its own, ended by OPT_END; may be NULL */
    bool config;           /* takes the options of a running program too */
};

/* The value of an option, never NULL: "" when there is none. Aborts on a name that the command
 * lacks. */
const char *cli_text(const struct cli *cli, const char *name);
int cli_int(const struct cli *cli, const char *name);
bool cli_flag(const struct cli *cli, const char *name);
/* Runs what the arguments say. Exit code: 64 for a mistake in them. */
int cli_main(int argc, char **argv);
/* Goes on as another command in a fresh process of the same id, with those options of this command
 * line that it has too. Returns only when that failed: the exit code. */
int cli_become(struct cli *cli, const char *command);
/* Prints "furrow: text" to standard error. Returns 1 for convenience. */
int cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

extern const struct option config_options[]; /* config.c */
