/* pages_feed.c -- the team feed: what colleagues did lately, told from the change log and the
 * comments. What one click did to several records is one line, and so is what somebody did to one
 * record within half an hour. Only records that whoever asks may see are told of. */
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "kit/kit_int.h"
#include "kit/pages_int.h"
#include "kit/record_log.h"
#include <stdlib.h>

enum {
    DEEDS_READ = 400, /* of the change log, and as many comments */
    LINES_SHOWN = 50,
    LINES_BACK = 20, /* how far back a line may be that takes another deed */
    FIELDS_SHOWN = 3,
    TURNS_MOST = 30,
    OTHERS_NAMED = 2,
    QUOTE_BYTES = 400,
    TOGETHER_MS = 30 * MS_MINUTE,
    AT_ONCE_MS = 2 * MS_SECOND, /* what one click does may take */
};

struct place {
    i64 at, id;
};

/* One row of the change log, or one comment. */
struct deed {
    struct place place;
    i64 user, act, record; /* act: what was done at once has one number */
    const struct record_type *type;
    const char *verb, *text; /* text: the fields as JSON, or what was written */
    const char *title;
};

/* Deeds that are told together, the newest first. */
struct line {
    struct deed **deeds;
    size_t count;
};

struct feed {
    struct ctx *cx;
    struct place before;
    i64 user, team;
    struct deed *deeds;
    size_t count;
    struct place rest; /* what is older than this is on the next page; 0: nothing is */
    struct line lines[LINES_SHOWN];
    size_t line_count;
};

/* ---- reading ---- */

static bool is_older(struct place a, struct place b)
{
    return a.at != b.at ? a.at < b.at : a.id < b.id;
}

/* What people do by hand is told, not what follows from it. */
static bool is_told(const struct record_type *t)
{
    return t && t->section && !(t->flags & TYPE_SYSTEM) && !text_is(t->section, "settings");
}

static enum status read_some(struct feed *f, const char *statement)
{
    struct ctx *cx = f->cx;
    struct place last = { 0, 0 };
    size_t read = 0;
    scoped(stmt_close) struct stmt q =
        db_query(cx, statement, I64("at", f->before.at), I64("before", f->before.id),
                 I64("user", f->user), I64("team", f->team), I64("limit", DEEDS_READ));

    for (; stmt_next(&q); read++) {
        const struct record_type *t = type_find(cx, col_text(&q, 4));
        last = (struct place){ col_i64(&q, 1), col_i64(&q, 0) };
        if (!is_told(t))
            continue;
        f->deeds[f->count++] = (struct deed){ .place = last,
                                              .user = col_i64(&q, 2),
                                              .act = col_i64(&q, 3),
                                              .type = t,
                                              .record = col_i64(&q, 5),
                                              .verb = arena_text(cx->arena, col_text(&q, 6)),
                                              .text = arena_text(cx->arena, col_text(&q, 7)) };
    }
    if (read == DEEDS_READ && is_older(f->rest, last))
        f->rest = last;
    return stmt_status(&q);
}

/* Titles of one type's records at a time; "" for what may not be seen. */
static enum status name_records(struct feed *f)
{
    i64 *ids = NEW_N(f->cx->arena, i64, f->count + 1);
    const char **titles = NEW_N(f->cx->arena, const char *, f->count + 1);

    for (size_t i = 0; i < f->count; i++) {
        const struct record_type *t = f->deeds[i].type;
        size_t n = 0, given = 0;
        if (f->deeds[i].title)
            continue;
        for (size_t j = i; j < f->count; j++)
            if (f->deeds[j].type == t)
                ids[n++] = f->deeds[j].record;
        if (may(f->cx, t, VERB_READ))
            TRY(record_titles(f->cx, t, ids, n, titles));
        else
            for (size_t j = 0; j < n; j++)
                titles[j] = "";
        for (size_t j = i; j < f->count; j++)
            if (f->deeds[j].type == t)
                f->deeds[j].title = titles[given++] ? titles[given - 1] : "";
    }
    return OK;
}

static int newest_first(const void *a, const void *b)
{
    const struct deed *x = a, *y = b;

    return is_older(x->place, y->place) - is_older(y->place, x->place);
}

static enum status feed_read(struct feed *f)
{
    f->deeds = NEW_N(f->cx->arena, struct deed, 2 * DEEDS_READ);
    TRY(read_some(f, "feed.changes"));
    TRY(read_some(f, "feed.comments"));
    qsort(f->deeds, f->count, sizeof *f->deeds, newest_first);
    while (f->count > 0 && is_older(f->deeds[f->count - 1].place, f->rest))
        f->count--;
    return name_records(f);
}

/* ---- lines ---- */

static bool says_something(struct ctx *cx, const struct deed *d)
{
    struct val *changed, *fields = val_list(cx->arena);

    if (!text_is(d->verb, "update"))
        return true;
    if (json_read(cx->arena, str_from(d->text), &changed, NULL) != OK)
        return false;
    for (size_t i = 0; i < val_count(changed); i++) {
        int field = type_field(d->type, val_key_at(changed, i));
        if (field >= 0 && field_shown(&d->type->fields[field]) &&
            !(d->type->fields[field].flags & COMPUTED))
            val_add_text(fields, d->type->fields[field].name);
    }
    return val_count(fields) > 0;
}

static bool goes_with(const struct line *l, const struct deed *d)
{
    const struct deed *first = l->deeds[l->count - 1];

    if (first->user != d->user)
        return false;
    return first->act == d->act || first->place.at - d->place.at < AT_ONCE_MS ||
           (first->record == d->record && first->place.at - d->place.at < TOGETHER_MS);
}

static void add_deed(struct feed *f, struct deed *d)
{
    struct line *to = NULL;

    for (size_t i = f->line_count; i > 0 && i + LINES_BACK > f->line_count && to == NULL; i--)
        if (goes_with(&f->lines[i - 1], d))
            to = &f->lines[i - 1];
    if (to == NULL) {
        to = &f->lines[f->line_count++];
        *to = (struct line){ .deeds = NEW_N(f->cx->arena, struct deed *, f->count) };
    }
    to->deeds[to->count++] = d;
}

static void feed_lines(struct feed *f)
{
    for (size_t i = 0; i < f->count; i++) {
        struct deed *d = &f->deeds[i];
        if (d->title[0] == '\0' || !says_something(f->cx, d))
            continue;
        if (f->line_count == LINES_SHOWN) { /* the next page begins with this one */
            f->rest = (struct place){ d->place.at, d->place.id + 1 };
            return;
        }
        add_deed(f, d);
    }
}

/* ---- in words ---- */

static const char *lower_label(struct ctx *cx, const struct record_type *t)
{
    return text_in_sentence(cx->arena, t->label);
}

/* A field from what it held before the oldest of the deeds to what it held after the newest. */
struct turn {
    const struct field *field;
    const char *old, *new;
};

static void add_turn(struct turn *turns, size_t *count, const struct field *field,
                     const struct val *one)
{
    size_t i = 0;

    if (!field_shown(field) || field->flags & COMPUTED)
        return;
    while (i < *count && turns[i].field != field)
        i++;
    if (i == TURNS_MOST)
        return;
    if (i == *count)
        turns[(*count)++] = (struct turn){ .field = field, .new = val_get_text(one, "new") };
    turns[i].old = val_get_text(one, "old");
}

static void put_turn(const struct turn *t, struct buf *out)
{
    buf_printf(out, "%s: ", t->field->label);
    if (t->field->kind == FIELD_LONG)
        buf_text(out, text_empty(t->new) ? "cleared" : "rewritten");
    else if (text_empty(t->old))
        buf_text(out, t->new);
    else
        buf_printf(out, "%s → %s", t->old, text_empty(t->new) ? "not set" : t->new);
}

/* "Stage: Proposal → Won, Amount: €1 → €2": what a person typed. */
static void add_changes(struct ctx *cx, const struct line *l, const struct deed *lead,
                        struct buf *out)
{
    struct turn turns[TURNS_MOST];
    size_t count = 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct deed *d = l->deeds[i];
        struct val *changed, *fields = val_list(cx->arena);
        if (d->record != lead->record || !text_is(d->verb, "update") ||
            json_read(cx->arena, str_from(d->text), &changed, NULL) != OK)
            continue;
        change_fields(cx, d->type, changed, fields);
        for (size_t n = 0; n < val_count(fields); n++) {
            const struct val *one = val_at(fields, n);
            add_turn(turns, &count,
                     &d->type->fields[type_field(d->type, val_get_text(one, "name"))], one);
        }
    }
    for (size_t i = 0; i < count && i < FIELDS_SHOWN; i++) {
        buf_text(out, i ? ", " : "");
        put_turn(&turns[i], out);
    }
    if (count > FIELDS_SHOWN)
        buf_printf(out, " and %zu more", count - FIELDS_SHOWN);
}

/* "with order O-12 and 3 more": the other records of the same click. */
static void add_others(struct ctx *cx, const struct line *l, const struct deed *lead,
                       struct buf *out)
{
    i64 *seen = NEW_N(cx->arena, i64, l->count);
    size_t count = 0;

    for (size_t i = l->count; i > 0; i--) {
        const struct deed *d = l->deeds[i - 1];
        bool known = d->record == lead->record;
        for (size_t j = 0; j < count && !known; j++)
            known = seen[j] == d->record;
        if (known)
            continue;
        seen[count++] = d->record;
        if (count <= OTHERS_NAMED)
            buf_printf(out, "%s%s %s", count > 1 ? ", " : ", with ", lower_label(cx, d->type),
                       d->title);
    }
    if (count > OTHERS_NAMED)
        buf_printf(out, " and %zu more", count - OTHERS_NAMED);
}

static const char *line_icon(const char *verb, const struct record_type *t)
{
    if (text_is(verb, "delete"))
        return "trash";
    if (text_is(verb, "comment"))
        return "message";
    return t->icon ? t->icon : "pencil";
}

/* A line of kit/journey. It is about the first record of the click, which the others follow from;
 * that it was made says more than what was changed of it then. */
static void put_line(struct feed *f, const struct line *l, const char *who, struct val *items)
{
    static const struct {
        const char *verb, *says;
    } wholes[] = { { "create", "new" },
                   { "delete", "moved to the trash" },
                   { "restore", "restored" } };
    struct ctx *cx = f->cx;
    const struct deed *lead = l->deeds[l->count - 1];
    struct val *item = story_line(cx, items, "event", l->deeds[0]->place.at);
    struct buf b = buf_in(cx->arena, 2048);
    const char *body = "", *says = "";

    for (size_t i = 0; i < l->count; i++) {
        if (text_is(l->deeds[i]->verb, "comment") && text_empty(body))
            body = utf8_cut(cx->arena, l->deeds[i]->text, QUOTE_BYTES);
        for (size_t w = 0; w < countof(wholes) && text_empty(says); w++)
            if (l->deeds[i]->record == lead->record && text_is(l->deeds[i]->verb, wholes[w].verb))
                says = wholes[w].says;
    }
    if (text_is(says, "new"))
        buf_printf(&b, "new %s", lower_label(cx, lead->type));
    else if (!text_empty(says))
        buf_printf(&b, "%s %s", lower_label(cx, lead->type), says);
    else
        add_changes(cx, l, lead, &b);
    add_others(cx, l, lead, &b);
    val_put_text(item, "icon",
                 line_icon(text_empty(says)                ? lead->verb
                           : text_is(says, wholes[1].says) ? "delete"
                                                           : "update",
                           lead->type));
    val_put_text(item, "text", lead->title);
    val_put_printf(item, "url", "/%s/%s", lead->type->path, id_text(cx->arena, lead->record));
    val_put_text(item, "detail", buf_end(&b));
    val_put_text(item, "who", who);
    val_put_text(item, "body", body);
}

static enum status put_lines(struct feed *f, struct val *journey)
{
    struct ctx *cx = f->cx;
    const struct record_type *users = type_find(cx, "user");
    struct val *days = val_put_list(journey, "days");
    const char *names[LINES_SHOWN];
    i64 ids[LINES_SHOWN], day = TIME_NONE;

    for (size_t i = 0; i < f->line_count; i++)
        ids[i] = f->lines[i].deeds[0]->user;
    {
        /* Who did it is part of it, also for those who may not list the users. */
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        TRY(record_titles(cx, users, ids, f->line_count, names));
    }
    for (size_t i = 0; i < f->line_count; i++)
        put_line(f, &f->lines[i], names[i] ? names[i] : "",
                 story_day(cx, days, f->lines[i].deeds[0]->place.at, &day));
    return OK;
}

static void put_whose(struct ctx *cx, const char *whose, struct val *journey)
{
    static const char *const words[][2] = { { "", "Everybody" },
                                            { "team", "My team" },
                                            { "me", "Me" } };
    struct val *kinds = val_put_list(journey, "kinds");

    for (size_t i = 0; i < countof(words); i++) {
        struct val *one;
        if (text_is(words[i][0], "team") && cx->access->team_id == 0)
            continue;
        one = val_add_map(kinds);
        val_put_text(one, "text", words[i][1]);
        val_put_printf(one, "url", "/feed%s%s", words[i][0][0] ? "?whose=" : "", words[i][0]);
        val_put_bool(one, "on", text_is(whose, words[i][0]));
    }
}

/* "1764571200000-01h..." */
static bool read_place(const char *text, struct place *out)
{
    const char *dash = strchr(text, '-');

    return dash && str_i64((struct str){ text, (size_t)(dash - text) }, &out->at) &&
           id_parse(str_from(dash + 1), &out->id);
}

/* GET /feed?whose=team|me&before= */
enum status feed_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *whose = req_query(rq, "whose"), *before = req_query(rq, "before");
    struct feed *f = NEW(cx->arena, struct feed);
    struct val *page = val_map(cx->arena), *journey = val_put_map(page, "journey");

    f->cx = cx;
    f->before = (struct place){ INT64_MAX, INT64_MAX };
    f->team = text_is(whose, "team") ? cx->access->team_id : 0;
    f->user = text_is(whose, "me") ? cx->access->user_id : 0;
    if (!text_empty(whose) && f->team == 0 && f->user == 0)
        return ctx_fail(cx, E_INVALID, "'%s' is nobody: leave it out, or team, or me.", whose);
    if (!text_empty(before) && !read_place(before, &f->before))
        return ctx_fail(cx, E_INVALID, "'%s' is no place in the feed.", before);
    TRY(feed_read(f));
    feed_lines(f);
    val_put_text(page, "title", "Team feed");
    val_put_text(page, "lede",
                 "What colleagues made, changed and wrote lately, on everything that "
                 "you may see.");
    put_whose(cx, whose, journey);
    TRY(put_lines(f, journey));
    val_put_text(journey, "older_url", "");
    if (f->rest.id > 0)
        val_put_printf(journey, "older_url", "/feed?%s%s%sbefore=%lld-%s",
                       text_empty(whose) ? "" : "whose=", whose, text_empty(whose) ? "" : "&",
                       (long long)f->rest.at, id_text(cx->arena, f->rest.id));
    val_put_text(journey, "start",
                 f->rest.id > 0 || f->line_count == 0 ? "" : "That is everything.");
    val_put_text(journey, "none",
                 f->line_count > 0 || f->rest.id > 0 ? ""
                 : f->user > 0
                     ? "You have not done anything here yet. What you make or change stands here."
                     : "Nobody has done anything here yet. As soon as somebody "
                       "makes or changes a record, it stands here.");
    return reply(rq, "kit/feed", page);
}
