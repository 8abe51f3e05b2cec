/* export.c -- `furrow export events [FILE]`: what lies on the journeys, a line an event, person by
 * person in order of time, as events_file.h says. `furrow import events` takes it back as it was.
 */
#include "app/commands.h"
#include "app/program.h"
#include "base/locale.h"
#include "journey/journey.h"
#include "marketing/events_file.h"
#include <errno.h>
#include <string.h>

enum { EXIT_USAGE = 64, LINE_ARENA_BYTES = 256 * 1024, TEXT_BYTES = 1024 * 1024 };

struct export
{
    struct program *program;
    struct ctx cx; /* its arena is emptied person by person */
    FILE *out;
    bool json, failed;
    u16 kind; /* 0: all */
    i64 count;
};

static void write_person(void *acc, const struct journey_view *v)
{
    struct export *x = acc;
    struct buf text = buf_in(x->cx.arena, TEXT_BYTES);

    for (size_t i = 0; i < v->count; i++) {
        if (x->kind != 0 && v->events[i].kind != x->kind)
            continue;
        events_file_put(&x->cx, &v->events[i], x->json, &text);
        x->failed |= fwrite(buf_end(&text), 1, text.len, x->out) != text.len;
        x->count++;
        arena_reset(x->cx.arena);
        text = buf_in(x->cx.arena, TEXT_BYTES);
    }
}

/* "2026-03-01" in the workspace's zone, or a moment. */
static enum status read_time(struct ctx *cx, const char *name, const char *text, i64 otherwise,
                             i64 *ms)
{
    struct str s = str_trim(str_from(text));
    i64 day;

    *ms = otherwise;
    if (s.len == 0 || time_parse(s, ms))
        return OK;
    if (!date_parse(s, &day))
        return ctx_fail(cx, E_INVALID, "--%s must be a day like 2026-03-01, or a moment with zone",
                        name);
    *ms = zone_instant(kit_zone(cx), day, 0);
    return OK;
}

static enum status read_kind(struct ctx *cx, const char *name, u16 *kind)
{
    *kind = (u16)journey_code(cx->journey, DICT_KIND, str_from(name));
    return *kind != 0 || name[0] == '\0'
               ? OK
               : ctx_fail(cx, E_INVALID, "no event is of the kind '%s'", name);
}

static enum status write_all(struct export *x, const struct cli *cli)
{
    struct ctx *cx = &x->program->cx;
    const char *format = cli_text(cli, "format");
    struct journey_plan plan = { .props = true, .visit = write_person };
    void *accs[] = { x };

    x->json = text_is(format, "json");
    if (!x->json && !text_is(format, "csv"))
        return ctx_fail(cx, E_INVALID, "--format must be csv or json");
    TRY(read_time(cx, "from", cli_text(cli, "from"), 0, &plan.from_ms));
    TRY(read_time(cx, "to", cli_text(cli, "to"), INT64_MAX, &plan.to_ms));
    TRY(read_kind(cx, cli_text(cli, "kind"), &x->kind));
    plan.kinds = &x->kind;
    plan.kind_count = x->kind != 0;
    if (!x->json) {
        struct buf head = buf_in(cx->arena, TEXT_BYTES);
        events_file_head(&head);
        x->failed |= fputs(buf_end(&head), x->out) == EOF;
    }
    TRY(journey_walk(cx, cx->journey, &plan, accs, 1));
    if (fflush(x->out) != 0 || x->failed)
        return ctx_fail(cx, E_IO, "the file cannot be written: %s", strerror(errno));
    return OK;
}

static enum status export_to(struct program *p, const struct cli *cli)
{
    const char *path = cli->arg_count > 0 ? cli->args[0] : "-";
    bool standard = text_is(path, "-");
    struct export x = { .program = p, .cx = p->cx, .out = standard ? cli->out : fopen(path, "wb") };
    scoped(arena_close) struct arena *lines = arena_new(LINE_ARENA_BYTES);
    enum status s;

    if (x.out == NULL)
        return ctx_fail(&p->cx, E_IO, "cannot write '%s': %s", path, strerror(errno));
    x.cx.arena = lines;
    s = write_all(&x, cli);
    if (!standard && fclose(x.out) != 0 && s == OK)
        s = ctx_fail(&p->cx, E_IO, "cannot write '%s': %s", path, strerror(errno));
    if (s == OK && !standard)
        fprintf(cli->out, "%lld events written.\n", (long long)x.count);
    return s;
}

int cmd_export_events(struct cli *cli)
{
    struct program p;
    enum status s;

    if (cli->arg_count > 1) {
        cli_error("%s takes one file; see furrow help %s", cli->command->name, cli->command->name);
        return EXIT_USAGE;
    }
    s = program_open(&p, cli, PROGRAM_LOCK | PROGRAM_JOURNEY | PROGRAM_NO_START, NULL);
    if (s == OK)
        s = export_to(&p, cli);
    return program_end(&p, s);
}
