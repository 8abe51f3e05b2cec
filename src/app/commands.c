/* commands.c -- the short commands: schema, users, tokens, check. */
#include "app/commands.h"
#include "admin/user.h"
#include "app/program.h"
#include "base/limits.h"
#include "journey/journey.h"
#include "kit/session.h"
#include "kit/sql_check.h"
#include <errno.h>
#include <string.h>

#ifndef FURROW_VERSION
#define FURROW_VERSION "0"
#endif
enum { REPORT_BYTES = 16 * 1024 * 1024, EXIT_FAULTS = 1, EXIT_USAGE = 64 };

int cmd_version(struct cli *cli)
{
    fprintf(cli->out, "furrow %s\n", FURROW_VERSION);
    return 0;
}

/* ---- schema ---- */
int cmd_migrate(struct cli *cli)
{
    struct program p;
    enum status s = program_open(&p, cli, PROGRAM_LOCK | PROGRAM_ANY_SCHEMA, NULL);
    struct buf report = { 0 };

    if (s == OK) {
        report = buf_in(p.arena, REPORT_BYTES);
        s = migrate_run(&p.cx, p.store, all_migrations, all_migration_count,
                        cli_flag(cli, "dry-run"), &report);
        fputs(report.len > 0 ? buf_end(&report) : "The database is up to date.\n", cli->out);
    }
    return program_end(&p, s);
}

static enum status print_diff(struct program *p, FILE *out)
{
    const struct schema_table *tables;
    struct buf sql = buf_in(p->arena, REPORT_BYTES);
    size_t count;

    TRY(kit_schema(&p->cx, &tables, &count));
    TRY(schema_diff(&p->cx, tables, count, &sql));
    TRY(buf_status(&sql));
    fputs(sql.len > 0 ? buf_end(&sql) : "-- The database has what the records declare.\n", out);
    return OK;
}

int cmd_schema_diff(struct cli *cli)
{
    struct program p;
    enum status s = program_open(&p, cli, PROGRAM_NO_START | PROGRAM_FILL_EMPTY, NULL);

    if (s == OK)
        s = print_diff(&p, cli->out);
    return program_end(&p, s);
}

/* ---- check ---- */
static enum status check_outbox(struct program *p, struct buf *report, i64 *faults)
{
    i64 old;

    TRY(db_get_i64(&p->cx, &old, "app.outbox_applied",
                   I64("seq", (i64)journey_outbox_seq(p->journey))));
    if (old > 0) /* harmless: they are skipped, and forgotten at the next start */
        buf_printf(report, "note: %lld events in the outbox are on the journey already\n",
                   (long long)old);
    (void)faults;
    return OK;
}

static enum status check_all(struct program *p, struct buf *report, i64 *faults)
{
    struct ctx *cx = &p->cx;
    enum status s;

    TRY(check_engine(cx, report, faults));
    TRY(check_references(cx, report, faults));
    TRY(check_versions(cx, report, faults));
    TRY(check_outbox(p, report, faults));
    s = journey_verify(cx, p->journey);
    if (s == E_CORRUPT) {
        buf_printf(report, "journey: %s\n", cx->error_text);
        ctx_clear_error(cx);
        ++*faults;
        s = OK;
    }
    return s;
}

int cmd_check(struct cli *cli)
{
    struct program p;
    enum status s = program_open(&p, cli, PROGRAM_LOCK | PROGRAM_JOURNEY, NULL);
    struct buf report = { 0 };
    i64 faults = 0;

    if (s == OK) {
        report = buf_in(p.arena, REPORT_BYTES);
        s = db_time_limit(&p.cx, p.db, 0);
        if (s == OK)
            s = check_all(&p, &report, &faults);
        fputs(buf_end(&report), cli->out);
        if (s == OK)
            fprintf(cli->out, faults > 0 ? "%lld faults.\n" : "Nothing is wrong.\n",
                    (long long)faults);
    }
    int code = program_end(&p, s);
    return code == 0 && faults > 0 ? EXIT_FAULTS : code;
}

/* ---- users ---- */
static enum status read_password(struct ctx *cx, const char **password)
{
    char line[LIMIT_PASSWORD_BYTES + 2];

    if (fgets(line, sizeof line, stdin) == NULL)
        return ctx_fail(cx, E_INVALID, "no password on standard input");
    line[strcspn(line, "\r\n")] = '\0';
    *password = arena_text(cx->arena, line);
    return OK;
}

static enum status find_user(struct ctx *cx, const char *email, i64 *id)
{
    struct row *user;
    enum status s = record_find(cx, &user_type, "email", email, &user);

    if (s == E_NOT_FOUND)
        return ctx_fail(cx, E_NOT_FOUND, "there is no user '%s'", email);
    if (s == OK)
        *id = row_id(user);
    return s;
}

struct invitation {
    i64 user_id;
    const char *path;
};

static enum status write_invitation(struct ctx *cx, void *arg)
{
    struct invitation *in = arg;
    return user_invite(cx, in->user_id, &in->path);
}

static enum status print_invitation(struct program *p, i64 user_id, FILE *out)
{
    struct invitation in = { user_id, NULL };
    const char *url = p->config.public_url;

    TRY(kit_write(&p->cx, write_invitation, &in));
    if (url[0] == '\0')
        url = arena_printf(p->arena, "http://%s", p->config.listen);
    fprintf(out, "They set their password once, within %d days, at\n  %s%s\n", INVITE_DAYS, url,
            in.path);
    return OK;
}

struct addition {
    struct user_new nu;
    i64 id;
};

static enum status write_user(struct ctx *cx, void *arg)
{
    struct addition *a = arg;
    return user_make(cx, &a->nu, &a->id);
}

static enum status add_user(struct program *p, const struct cli *cli)
{
    struct ctx *cx = &p->cx;
    struct addition a = { .nu = { .email = cli->args[0],
                                  .name = cli_text(cli, "name"),
                                  .role = cli_text(cli, "role"),
                                  .team = cli_text(cli, "team") } };
    const char *password = NULL;

    if (a.nu.name[0] == '\0')
        a.nu.name = str_dup(cx->arena, (struct str){ a.nu.email, strcspn(a.nu.email, "@") });
    if (cli_flag(cli, "password-stdin")) {
        TRY(read_password(cx, &password));
        TRY(password_check_rules(cx, "password", password, a.nu.email));
        TRY(password_hash(cx, password, &a.nu.password_hash));
    }
    TRY(kit_write(cx, write_user, &a));
    fprintf(cli->out, "Added %s.\n", a.nu.email);
    return a.nu.password_hash == NULL ? print_invitation(p, a.id, cli->out) : OK;
}

static enum status set_password(struct program *p, const struct cli *cli)
{
    const char *password;
    i64 id = 0;

    TRY(find_user(&p->cx, cli->args[0], &id));
    if (!cli_flag(cli, "password-stdin"))
        return print_invitation(p, id, cli->out);
    TRY(read_password(&p->cx, &password));
    TRY(user_set_password(&p->cx, id, password));
    fprintf(cli->out, "The password of %s is set.\n", cli->args[0]);
    return OK;
}

struct token_addition {
    i64 user_id, expires_at_ms;
    const char *label, *scopes, *secret;
};

static enum status write_token(struct ctx *cx, void *arg)
{
    struct token_addition *t = arg;
    return token_make(cx, t->user_id, t->label, t->scopes, t->expires_at_ms, &t->secret);
}

static enum status add_token(struct program *p, const struct cli *cli)
{
    int days = cli_int(cli, "days");
    struct token_addition t = { .label = cli_text(cli, "label"),
                                .scopes = cli_flag(cli, "write") ? "read write" : "read" };

    TRY(find_user(&p->cx, cli->args[0], &t.user_id));
    if (days > 0)
        t.expires_at_ms = ctx_now(&p->cx) + days * (i64)MS_DAY;
    TRY(kit_write(&p->cx, write_token, &t));
    fprintf(cli->out, "%s\n", t.secret);
    return OK;
}

/* Runs fn on the opened program; the command names one mail address. */
static int with_user(struct cli *cli, enum status (*fn)(struct program *p, const struct cli *cli))
{
    struct program p;
    enum status s;

    if (cli->arg_count != 1) {
        cli_error("%s needs one mail address; see furrow help %s", cli->command->name,
                  cli->command->name);
        return EXIT_USAGE;
    }
    s = program_open(&p, cli, PROGRAM_FILL_EMPTY, NULL);
    if (s == OK)
        s = fn(&p, cli);
    return program_end(&p, s);
}

int cmd_user_add(struct cli *cli) { return with_user(cli, add_user); }
int cmd_user_password(struct cli *cli) { return with_user(cli, set_password); }
int cmd_token_add(struct cli *cli) { return with_user(cli, add_token); }
