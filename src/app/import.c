/* import.c -- `furrow import events FILE`: events of other programs, by the same door as POST
 * /api/v1/events. A CSV names fields in its first line, with a point for what lies inside one
 * (value.amount, props.plan); any other file has a JSON object on each line. Bad lines are named
 * and left out; the file may be imported again, since events with an id are known. */
#include "app/import.h"
#include "base/csv.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "marketing/events_file.h"
#include <errno.h>
#include <string.h>

enum { EXIT_BAD_LINES = 1, EXIT_USAGE = 64, BAD_TOLD = 1000, BATCH_ARENA_BYTES = 1024 * 1024 };

/* A CSV's columns beside what every import has. */
struct walk {
    struct import *im;
    const char **columns;
    size_t column_count;
    bool exported; /* its lines are those of furrow export events */
};

/* ---- what every import does ---- */

static void batch_begin(struct import *im)
{
    im->cx.arena = arena_new(BATCH_ARENA_BYTES);
    im->in = events_in_new(&im->cx);
}

/* The error's text outlives the batch only in the program's arena. */
static enum status batch_end(struct import *im)
{
    i64 count = (i64)events_in_count(im->in);
    enum status s = events_in_store(&im->cx, im->in);

    im->taken += s == OK ? count : 0;
    if (s == OK && count > 0)
        fprintf(im->out, "%lld events taken, %lld lines left out\n", (long long)im->taken,
                (long long)im->bad);
    else if (s != OK)
        s = ctx_fail(&im->program.cx, s, "%s", im->cx.error_text);
    arena_free(im->cx.arena);
    return s;
}

void import_bad_line(struct import *im, size_t line, const char *why)
{
    if (im->bad++ < BAD_TOLD)
        fprintf(stderr, "line %zu: %s\n", line, why);
    ctx_clear_error(&im->cx);
}

enum status import_make_room(struct import *im)
{
    if (events_in_count(im->in) < LIMIT_EVENT_BATCH)
        return OK;
    TRY(batch_end(im));
    batch_begin(im);
    return OK;
}

static enum status added(struct import *im, size_t line, enum status s)
{
    if (s != E_INVALID)
        return s;
    import_bad_line(im, line,
                    im->cx.field_errors ? im->cx.field_errors->message : im->cx.error_text);
    return OK;
}

enum status import_add(struct import *im, size_t line, const struct val *event)
{
    return added(im, line, events_in_add(&im->cx, im->in, event));
}

enum status import_add_line(struct import *im, size_t line, const struct val *event)
{
    return added(im, line, events_in_add_line(&im->cx, im->in, event));
}

static enum status import_all(struct import *im, const char *path,
                              enum status (*read)(struct import *im, const char *path))
{
    enum status s, ended;

    im->cx = im->program.cx;
    batch_begin(im);
    s = read(im, path);
    if (s != OK)
        (void)ctx_fail(&im->program.cx, s, "%s", im->cx.error_text);
    ended = batch_end(im); /* what came before the fault is good */
    return s != OK ? s : ended;
}

int import_run(struct cli *cli, enum status (*read)(struct import *im, const char *path))
{
    struct import im = { .out = cli->out, .cli = cli };
    enum status s;
    int code;

    if (cli->arg_count != 1) {
        cli_error("%s needs one file; see furrow help %s", cli->command->name, cli->command->name);
        return EXIT_USAGE;
    }
    s = program_open(&im.program, cli, PROGRAM_LOCK | PROGRAM_JOURNEY | PROGRAM_FILL_EMPTY, NULL);
    if (s == OK)
        s = import_all(&im, cli->args[0], read);
    if (s == OK)
        fprintf(cli->out, "Done: %lld events taken, %lld lines left out.\n", (long long)im.taken,
                (long long)im.bad);
    code = program_end(&im.program, s);
    return code == 0 && im.bad > 0 ? EXIT_BAD_LINES : code;
}

/* ---- a line ---- */

/* "props.plan" of "team" is {"props": {"plan": "team"}}. */
static void put_cell(struct arena *a, struct val *event, const char *column, struct str cell)
{
    const char *point = strchr(column, '.');
    struct val *inner = event;

    if (str_trim(cell).len == 0)
        return;
    if (point != NULL) {
        const char *head = arena_dup(a, column, (size_t)(point - column));
        if (val_get(event, head) == NULL)
            (void)val_put_map(event, head);
        inner = (struct val *)val_get(event, head);
        column = point + 1;
    }
    val_put(inner, column, val_str(a, cell));
}

static enum status read_columns(struct walk *w, const struct csv_row *r)
{
    struct ctx *cx = &w->im->program.cx;

    w->columns = NEW_N(cx->arena, const char *, r->count);
    w->exported = r->count > 0 && events_file_is(str_dup(cx->arena, str_trim(r->cells[0])));
    for (size_t i = 0; i < r->count; i++) {
        w->columns[i] = str_dup(cx->arena, str_trim(r->cells[i]));
        if (!(w->exported ? events_file_has : events_in_field)(w->columns[i]))
            return ctx_fail(cx, E_INVALID,
                            "there is no field '%s'; name a column of your own props.%s",
                            w->columns[i], w->columns[i]);
    }
    w->column_count = r->count;
    return OK;
}

static enum status csv_line(void *arg, const struct csv_row *r)
{
    struct walk *w = arg;
    struct val *event;

    if (w->columns == NULL)
        return read_columns(w, r);
    TRY(import_make_room(w->im));
    event = val_map(w->im->cx.arena);
    if (r->count > w->column_count) {
        import_bad_line(w->im, r->line, "it has more cells than there are columns");
        return OK;
    }
    for (size_t i = 0; i < r->count && w->exported; i++)
        val_put(event, w->columns[i], val_str(w->im->cx.arena, r->cells[i]));
    if (w->exported)
        return import_add_line(w->im, r->line, event);
    for (size_t i = 0; i < r->count; i++)
        put_cell(w->im->cx.arena, event, w->columns[i], r->cells[i]);
    return val_count(event) > 0 ? import_add(w->im, r->line, event) : OK;
}

static enum status json_line(struct import *im, size_t line, struct str text)
{
    struct json_error err = { 0, "" };
    struct val *event;

    if (str_trim(text).len == 0)
        return OK;
    TRY(import_make_room(im));
    if (json_read(im->cx.arena, text, &event, &err) == OK)
        return val_get(event, "person") ? import_add_line(im, line, event)
                                        : import_add(im, line, event);
    import_bad_line(im, line, err.message);
    return OK;
}

/* ---- the file ---- */

static void close_file(void *file) { (void)fclose(file); }

static enum status read_file(struct ctx *cx, const char *path, struct str *out)
{
    FILE *file = fopen(path, "rb");
    struct buf b = buf_in(cx->arena, LIMIT_IMPORT_BYTES);
    char bytes[64 * 1024];
    size_t len;

    if (file == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "cannot open '%s': %s", path, strerror(errno));
    arena_defer(cx->arena, close_file, file);
    while ((len = fread(bytes, 1, sizeof bytes, file)) > 0 && buf_status(&b) == OK)
        buf_add(&b, bytes, len);
    if (ferror(file))
        return ctx_fail(cx, E_IO, "cannot read '%s': %s", path, strerror(errno));
    if (buf_status(&b) != OK)
        return ctx_fail(cx, E_TOO_LARGE, "'%s' has more than %d bytes; split it", path,
                        LIMIT_IMPORT_BYTES);
    if (utf8_from_bytes(cx->arena, (struct str){ buf_end(&b), b.len }, out) != OK)
        return ctx_fail(cx, E_INVALID, "'%s' is no text", path);
    return OK;
}

static enum status read_events(struct import *im, const char *path)
{
    struct walk w = { .im = im };
    struct ctx *cx = &im->program.cx;
    struct str text, line;
    size_t at = 0;
    enum status s;

    TRY(read_file(cx, path, &text));
    if (str_starts(str_trim(text), "{")) {
        while (str_split(&text, '\n', &line))
            TRY(json_line(im, ++at, line));
        return OK;
    }
    s = csv_read(text, csv_line, &w, &at);
    if (s == E_INVALID)
        return ctx_fail(cx, s, "line %zu: a quote never closes, or there are too many cells", at);
    return s;
}

int cmd_import_events(struct cli *cli) { return import_run(cli, read_events); }
