/* past_test.c -- numbers as of a past day. Records live through months of random changes on a set
 * clock; then for many past days every record metric must equal what a judge says who reads the
 * change log from its first row, into plain structs, and counts by hand. */
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "kit/filter_types.h"
#include "kit/question.h"
#include "kit/record_int.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAYS = 120, STEPS = 700, PAST_DAYS = 50, THINGS_MAX = 400, BOXES_MAX = 60, USERS = 4 };

/* ---- metrics, each with the judge's number ---- */
#define OF_THINGS                                                        \
    .definition = "Counted.", .source = METRIC_RECORDS, .type = "thing", \
    .channel_path = "box_id.color", .campaign_path = "code", .owner_path = "owner_id"
static const struct metric metrics[] = {
    { .name = "seen", .label = "Seen", OF_THINGS, .aggregate = AGG_COUNT, .date = "seen_at" },
    { .name = "made", .label = "Made", OF_THINGS, .aggregate = AGG_COUNT, .date = "created_at" },
    { .name = "done",
      .label = "Done",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .date = "seen_at",
      .filter = "done is true or state = 'gone'" },
    { .name = "due", .label = "Due", OF_THINGS, .aggregate = AGG_COUNT, .date = "due" },
    { .name = "fresh",
      .label = "Fresh",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      .filter = "state = 'new'" },
    { .name = "fresh_at_start",
      .label = "Fresh",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .time = AT_START,
      .filter = "state = 'new'" },
    { .name = "due_at_start",
      .label = "Due",
      OF_THINGS,
      .aggregate = AGG_SUM,
      .field = "price",
      .unit = UNIT_MONEY,
      .time = AT_START,
      .date = "due" },
    { .name = "seen_so_far",
      .label = "Seen so far",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .time = TO_END,
      .date = "seen_at" },
    { .name = "due_before",
      .label = "Due before",
      OF_THINGS,
      .unit = UNIT_MONEY,
      .aggregate = AGG_SUM,
      .field = "price",
      .time = TO_START,
      .date = "due" },
    { .name = "late",
      .label = "Late",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      .filter = "due < today and done is not true" },
    { .name = "price",
      .label = "Price",
      OF_THINGS,
      .unit = UNIT_MONEY,
      .aggregate = AGG_SUM,
      .field = "price",
      .date = "seen_at" },
    { .name = "price_mean",
      .label = "Price",
      OF_THINGS,
      .unit = UNIT_MONEY,
      .aggregate = AGG_AVG,
      .field = "price",
      .date = "seen_at" },
    { .name = "price_middle",
      .label = "Price",
      OF_THINGS,
      .unit = UNIT_MONEY,
      .aggregate = AGG_MEDIAN,
      .field = "price",
      .date = "seen_at" },
    { .name = "price_weighted",
      .label = "Price",
      OF_THINGS,
      .unit = UNIT_NUMBER,
      .aggregate = AGG_SUM,
      .field = "price",
      .weight = "box_id.size",
      .time = AT_NOW },
    { .name = "weight_middle",
      .label = "Weight",
      OF_THINGS,
      .unit = UNIT_NUMBER,
      .aggregate = AGG_MEDIAN,
      .field = "weight",
      .date = "due" },
    { .name = "codes",
      .label = "Codes",
      OF_THINGS,
      .aggregate = AGG_COUNT_DISTINCT,
      .field = "code",
      .time = AT_NOW },
    { .name = "codes_again",
      .label = "Codes",
      OF_THINGS,
      .aggregate = AGG_COUNT_DISTINCT,
      .field = "code",
      .at_least = 2,
      .time = AT_NOW },
    { .name = "waited",
      .label = "Waited",
      OF_THINGS,
      .unit = UNIT_DAYS,
      .aggregate = AGG_AVG,
      .field = "seen_at",
      .since = "created_at",
      .time = AT_NOW },
    { .name = "waited_middle",
      .label = "Waited",
      OF_THINGS,
      .unit = UNIT_HOURS,
      .aggregate = AGG_MEDIAN,
      .field = "seen_at",
      .since = "created_at",
      .date = "created_at" },
    { .name = "in_open_red",
      .label = "In red",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      .filter = "box_id.color = 'red' or box_id.into_id.open is true" },
    { .name = "hot_ab",
      .label = "Hot",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      .filter = "name contains 'AB' and tags has 'Hot'" },
    { .name = "of_anna",
      .label = "Anna's",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      .filter = "owner_id.name starts 'Anna'" },
    { .name = "touched",
      .label = "Touched",
      OF_THINGS,
      .aggregate = AGG_COUNT,
      .date = "updated_at" },
    { .name = "share",
      .label = "Share",
      .definition = "Worked out.",
      .unit = UNIT_RATIO,
      .source = METRIC_DIVIDED,
      .numerator = "done",
      .denominator = "seen" },
    { .name = "mixed",
      .label = "Mixed",
      .definition = "Worked out.",
      .unit = UNIT_NUMBER,
      .source = METRIC_FORMULA,
      .formula = "2 * share * (price + 1) / abs(fresh - seen - 0.5)" },
};
static const struct feature feature_numbers = { .name = "numbers", METRICS(metrics) };
static const struct feature *const features[] = { &feature_things, &feature_numbers };
static const struct fixture_options options = { FEATURES(features) };

/* ---- a company's life ---- */
struct life {
    struct fixture *f;
    u64 seed;
    i64 users[USERS], teams[2], boxes[BOXES_MAX], things[THINGS_MAX];
    size_t box_count, thing_count;
};

static const char *const words[] = { "", "ab", "AB cd", "xab", "Ångström", "x", "abba" };
static const char *const codes[] = { "", "one", "ONE", "Two", "two", "three", "four", "FIVE" };
static const char *const states[] = { "", "new", "new", "in_use", "gone" };
static const char *const tags[] = { "", "hot", "Hot, new", "cold", "new" };
static const char *const prices[] = { "", "10", "10.50", "100 USD", "99.99", "-5", "1000" };
static const char *const colors[] = { "", "red", "blue" };
static const char *const names[] = { "Anna", "Annabel", "Bea", "anna k" };
#define ONE_OF(l, list) list[dice(&(l)->seed, countof(list))]

static i64 now(const struct life *l) { return ctx_now(l->f->cx); }

static void set(struct life *l, struct row *r, const char *field, const char *text)
{
    assert_ok(l->f->cx, row_parse(l->f->cx, r, type_field(row_type(r), field), text));
}

static const char *some_id(struct life *l, const i64 *ids, size_t count)
{
    return count == 0 || dice(&l->seed, 5) == 0
               ? ""
               : id_text(l->f->cx->arena, ids[dice(&l->seed, (u32)count)]);
}

/* One that is not in the trash. */
static const char *some_box(struct life *l)
{
    const char *id = some_id(l, l->boxes, l->box_count);
    struct row *r;
    i64 box;

    if (!id_parse(str_from(id), &box))
        return "";
    assert_ok(l->f->cx, record_get_any(l->f->cx, &box_type, box, &r));
    return row_is_deleted(r) ? "" : id;
}

static const char *number(struct life *l, u32 below)
{
    return dice(&l->seed, 4) == 0
               ? ""
               : arena_printf(l->f->cx->arena, "%u", (unsigned)dice(&l->seed, below));
}

static const char *some_day(struct life *l)
{
    i64 day = now(l) / MS_DAY - 20 + dice(&l->seed, 40);

    return dice(&l->seed, 5) == 0 ? "" : date_iso(l->f->cx->arena, day);
}

static const char *some_time(struct life *l)
{
    i64 at = now(l) - 10 * (i64)MS_DAY + (i64)dice(&l->seed, 20 * 24 * 60) * MS_MINUTE;

    return dice(&l->seed, 5) == 0 ? "" : time_iso(l->f->cx->arena, at);
}

/* Changes about one in three of what a thing has. */
static void scramble_thing(struct life *l, struct row *r)
{
#define SOMETIMES if (dice(&l->seed, 3) == 0)
    SOMETIMES set(l, r, "note", ONE_OF(l, words));
    SOMETIMES set(l, r, "weight", number(l, 9));
    SOMETIMES set(l, r, "price", ONE_OF(l, prices));
    SOMETIMES set(l, r, "due", some_day(l));
    SOMETIMES set(l, r, "seen_at", some_time(l));
    SOMETIMES set(l, r, "done", dice(&l->seed, 2) ? "true" : "false");
    SOMETIMES set(l, r, "state", ONE_OF(l, states));
    SOMETIMES set(l, r, "tags", ONE_OF(l, tags));
    SOMETIMES set(l, r, "code", ONE_OF(l, codes));
    SOMETIMES set(l, r, "box_id", some_box(l));
    SOMETIMES set(l, r, "owner_id", some_id(l, l->users, USERS));
    SOMETIMES row_set_text(r, THING_SECRET, ONE_OF(l, words));
    const char *name = ONE_OF(l, words);
    if (name[0])
        set(l, r, "name", name);
}

static void scramble_box(struct life *l, struct row *r)
{
    SOMETIMES set(l, r, "size", number(l, 101));
    SOMETIMES set(l, r, "color", ONE_OF(l, colors));
    SOMETIMES set(l, r, "open", dice(&l->seed, 2) ? "true" : "false");
    SOMETIMES set(l, r, "owner_id", some_id(l, l->users, USERS));
    SOMETIMES set(l, r, "into_id", some_box(l));
#undef SOMETIMES
}

/* One of them, also from the trash. */
static struct row *any(struct life *l, const struct record_type *t, const i64 *ids, size_t count)
{
    struct row *r;

    assert_ok(l->f->cx, record_get_any(l->f->cx, t, ids[dice(&l->seed, (u32)count)], &r));
    return r;
}

static void make_thing(struct life *l)
{
    struct row *r = row_new(l->f->cx, &thing_type);

    set(l, r, "name", "new");
    scramble_thing(l, r);
    assert_ok(l->f->cx, record_save(l->f->cx, r));
    l->things[l->thing_count++] = row_id(r);
}

static void make_box(struct life *l)
{
    struct row *r = row_new(l->f->cx, &box_type);

    set(l, r, "name", "box");
    scramble_box(l, r);
    assert_ok(l->f->cx, record_save(l->f->cx, r));
    l->boxes[l->box_count++] = row_id(r);
}

static void change_thing(struct life *l)
{
    struct row *r = any(l, &thing_type, l->things, l->thing_count);

    if (row_is_deleted(r))
        return;
    scramble_thing(l, r);
    assert_ok(l->f->cx, record_save(l->f->cx, r));
}

static void change_box(struct life *l)
{
    struct row *r = any(l, &box_type, l->boxes, l->box_count);

    if (row_is_deleted(r))
        return;
    scramble_box(l, r);
    assert_ok(l->f->cx, record_save(l->f->cx, r));
}

/* To the trash or back; sometimes with changes typed that nobody saved. */
static void trash(struct life *l, struct row *r)
{
    if (dice(&l->seed, 3) == 0 && row_type(r) == &thing_type)
        scramble_thing(l, r);
    if (row_is_deleted(r))
        assert_ok(l->f->cx, record_restore(l->f->cx, r));
    else
        assert_ok(l->f->cx, record_delete(l->f->cx, r));
}

/* Many at once, as an import makes them; sometimes it is undone some days later. */
static void import(struct life *l)
{
    struct row *rows[12];
    size_t count = 2 + dice(&l->seed, 10);

    if (l->thing_count + count > THINGS_MAX)
        return;
    for (size_t i = 0; i < count; i++) {
        rows[i] = row_new(l->f->cx, &thing_type);
        set(l, rows[i], "name", "imported");
        scramble_thing(l, rows[i]);
    }
    assert_ok(l->f->cx, record_save_many(l->f->cx, rows, count));
    for (size_t i = 0; i < count; i++)
        l->things[l->thing_count++] = row_id(rows[i]);
    if (dice(&l->seed, 3) != 0)
        return;
    l->f->clock->fixed_ms = l->f->clock->fixed_ms + (i64)dice(&l->seed, 3 * MS_DAY);
    for (size_t i = 0; i < count; i++)
        assert_ok(l->f->cx, record_delete(l->f->cx, rows[i]));
}

/* Two boxes become one: what stood in the second stands in the first, which takes what it lacks. */
static void merge(struct life *l)
{
    struct row *a = any(l, &box_type, l->boxes, l->box_count);
    struct row *b = any(l, &box_type, l->boxes, l->box_count), *r;
    struct ctx *cx = l->f->cx;

    if (row_id(a) == row_id(b) || row_is_deleted(a) || row_is_deleted(b))
        return;
    cx->batch_id = kit_new_id(cx);
    for (size_t i = 0; i < l->thing_count; i++) {
        assert_ok(cx, record_get_any(cx, &thing_type, l->things[i], &r));
        if (row_is_deleted(r) || row_i64(r, THING_BOX) != row_id(b))
            continue;
        row_set_i64(r, THING_BOX, row_id(a));
        assert_ok(cx, record_save(cx, r));
    }
    if (!row_has(a, BOX_COLOR))
        row_set_text(a, BOX_COLOR, row_text(b, BOX_COLOR));
    assert_ok(cx, record_save(cx, a));
    assert_ok(cx, record_delete(cx, b));
    cx->batch_id = 0;
}

static void change_user(struct life *l)
{
    struct row *r = any(l, &user_type, l->users, USERS);

    set(l, r, "name", ONE_OF(l, names));
    set(l, r, "team_id", some_id(l, l->teams, countof(l->teams)));
    assert_ok(l->f->cx, record_save(l->f->cx, r));
}

static void live(struct life *l)
{
    for (size_t i = 0; i < countof(l->teams); i++)
        l->teams[i] = fixture_record(l->f, "team", "name", i ? "Two" : "One", NULL);
    for (size_t i = 0; i < USERS; i++)
        l->users[i] = fixture_record(l->f, "user", "name", names[i], "team_id",
                                     id_text(l->f->cx->arena, l->teams[i / 2]), NULL);
    for (int i = 0; i < 5; i++)
        make_box(l);
    make_thing(l);
    for (int i = 0; i < STEPS; i++) {
        u32 what = dice(&l->seed, 100);
        l->f->clock->fixed_ms =
            l->f->clock->fixed_ms + (i64)dice(&l->seed, 2 * DAYS * (MS_DAY / 1000) / STEPS) * 1000;
        if (what < 25 && l->thing_count < THINGS_MAX)
            make_thing(l);
        else if (what < 60)
            change_thing(l);
        else if (what < 70)
            change_box(l);
        else if (what < 80)
            trash(l, any(l, &thing_type, l->things, l->thing_count));
        else if (what < 84)
            trash(l, any(l, &box_type, l->boxes, l->box_count));
        else if (what < 87)
            import(l);
        else if (what < 90)
            merge(l);
        else if (what < 94)
            change_user(l);
        else if (what < 97 && l->box_count < BOXES_MAX)
            make_box(l);
    }
}

/* ---- the judge ---- */
struct user {
    i64 id, team;
    char name[80];
};
struct box {
    i64 id, into, owner, size;
    bool there, open, has_size;
    char color[20];
};
struct thing {
    i64 id, made, changed, box, owner, price, weight, due, seen;
    bool there, done, has_price, has_weight, has_due, has_seen;
    char name[80], code[40], state[20], tags[80];
};
struct judge {
    struct user users[USERS + 1];
    struct box boxes[BOXES_MAX];
    struct thing things[THINGS_MAX];
    size_t user_count, box_count, thing_count;
};

/* The new value of a field, if the change has one. */
static bool told(const struct val *fields, const char *name, const struct val **value)
{
    const struct val *pair = val_get(fields, name);

    if (val_kind_of(pair) != VAL_LIST)
        return false;
    *value = val_at(pair, 1);
    return true;
}

static void take_text(const struct val *fields, const char *name, char *into, size_t size)
{
    const struct val *v;

    if (told(fields, name, &v))
        snprintf(into, size, "%s", val_as_text(v, ""));
}

static void take_number(const struct val *fields, const char *name, i64 *into, bool *has)
{
    const struct val *v;

    if (!told(fields, name, &v))
        return;
    if (has)
        *has = !val_is_null(v);
    *into = val_as_i64(v, 0);
}

static void take_bool(const struct val *fields, const char *name, bool *into)
{
    const struct val *v;

    if (told(fields, name, &v))
        *into = val_as_bool(v, false);
}

static void apply_thing(struct judge *j, i64 id, i64 at, const char *verb, const struct val *f)
{
    struct thing *t = j->things;
    const struct val *money;

    while (t->id && t->id != id)
        t++;
    if (text_is(verb, "create"))
        *t = (struct thing){ .id = id, .made = at, .there = true };
    t->changed = at;
    if (text_is(verb, "delete") || text_is(verb, "restore")) {
        t->there = text_is(verb, "restore");
        return;
    }
    take_text(f, "name", t->name, sizeof t->name);
    take_text(f, "code", t->code, sizeof t->code);
    take_text(f, "state", t->state, sizeof t->state);
    take_text(f, "tags", t->tags, sizeof t->tags);
    take_number(f, "box_id", &t->box, NULL);
    take_number(f, "owner_id", &t->owner, NULL);
    take_number(f, "weight", &t->weight, &t->has_weight);
    take_number(f, "due", &t->due, &t->has_due);
    take_number(f, "seen_at", &t->seen, &t->has_seen);
    take_bool(f, "done", &t->done);
    if (told(f, "price", &money)) {
        t->has_price = !val_is_null(money);
        t->price = val_get_i64(money, "base", 0);
    }
}

static void apply_box(struct judge *j, i64 id, const char *verb, const struct val *f)
{
    struct box *b = j->boxes;

    while (b->id && b->id != id)
        b++;
    if (text_is(verb, "create"))
        *b = (struct box){ .id = id, .there = true };
    if (text_is(verb, "delete") || text_is(verb, "restore")) {
        b->there = text_is(verb, "restore");
        return;
    }
    take_number(f, "into_id", &b->into, NULL);
    take_number(f, "owner_id", &b->owner, NULL);
    take_number(f, "size", &b->size, &b->has_size);
    take_bool(f, "open", &b->open);
    take_text(f, "color", b->color, sizeof b->color);
}

static void apply_user(struct judge *j, i64 id, const struct val *f)
{
    struct user *u = j->users;

    while (u->id && u->id != id)
        u++;
    u->id = id;
    take_number(f, "team_id", &u->team, NULL);
    take_text(f, "name", u->name, sizeof u->name);
}

/* Replays the log from its first row up to the instant. */
static struct judge *replay(struct ctx *cx, i64 until_ms)
{
    struct judge *j = NEW(cx->arena, struct judge);
    struct sql q = sql_new(cx);

    sql_add(&q, "SELECT type, record_id, at, verb, fields FROM change ORDER BY id");
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s)) {
        const char *type = col_text(&s, 0), *verb = arena_text(cx->arena, col_text(&s, 3));
        i64 id = col_i64(&s, 1), at = col_i64(&s, 2);
        struct val *fields;
        if (at >= until_ms)
            continue;
        assert_ok(cx, json_read(cx->arena, str_from(col_text(&s, 4)), &fields, NULL));
        if (text_is(type, "thing"))
            apply_thing(j, id, at, verb, fields);
        else if (text_is(type, "box"))
            apply_box(j, id, verb, fields);
        else if (text_is(type, "user"))
            apply_user(j, id, fields);
    }
    assert_ok(cx, stmt_status(&s));
    return j;
}

/* Who asks: everything, or things and boxes of the own team, which is as it is today. */
struct asker {
    const struct access *access;
    const struct judge *today;
    i64 team; /* 0: everything */
};

static bool may_see(const struct asker *who, i64 owner)
{
    if (who->team == 0)
        return true;
    if (owner == who->access->user_id)
        return true;
    for (const struct user *u = who->today->users; u->id; u++)
        if (u->id == owner)
            return u->team == who->team;
    return false;
}

static const struct box *box_of(const struct judge *j, const struct asker *who, i64 id)
{
    for (const struct box *b = j->boxes; b->id; b++)
        if (b->id == id)
            return b->there && may_see(who, b->owner) ? b : NULL;
    return NULL;
}

static bool has_ascii(const char *text, const char *lower)
{
    char folded[100];
    size_t i;

    for (i = 0; text[i] && i < sizeof folded - 1; i++)
        folded[i] = (char)tolower((unsigned char)text[i]);
    folded[i] = '\0';
    return strstr(folded, lower) != NULL;
}

static bool passes(const struct judge *j, const struct asker *who, const struct metric *m,
                   const struct thing *t, i64 today)
{
    const struct box *b = box_of(j, who, t->box), *into = b ? box_of(j, who, b->into) : NULL;

    if (text_is(m->name, "done"))
        return t->done || text_is(t->state, "gone");
    if (text_is(m->name, "fresh") || text_is(m->name, "fresh_at_start"))
        return text_is(t->state, "new");
    if (text_is(m->name, "late"))
        return t->has_due && t->due < today && !t->done;
    if (text_is(m->name, "in_open_red"))
        return (b && text_is(b->color, "red")) || (into && into->open);
    if (text_is(m->name, "hot_ab"))
        return has_ascii(t->name, "ab") && has_ascii(t->tags, "|hot|");
    if (text_is(m->name, "of_anna")) {
        for (const struct user *u = j->users; u->id; u++)
            if (u->id == t->owner)
                return has_ascii(u->name, "anna");
        return false;
    }
    return true;
}

static bool in_period(const struct metric *m, const struct thing *t, const struct zone *zone,
                      i64 from_ms, i64 to_ms)
{
    i64 at = text_is(m->date, "created_at")   ? t->made
             : text_is(m->date, "updated_at") ? t->changed
             : text_is(m->date, "due")        ? (t->has_due ? zone_instant(zone, t->due, 0) : 0)
                                              : t->seen;

    if ((text_is(m->date, "due") && !t->has_due) || (text_is(m->date, "seen_at") && !t->has_seen))
        return false;
    return at >= from_ms && at < to_ms;
}

/* The group of a thing; NULL where it is not known. */
static const char *key_of(struct ctx *cx, const struct judge *j, const struct asker *who,
                          const struct thing *t, const char *dimension)
{
    const struct box *b = box_of(j, who, t->box), *into = b ? box_of(j, who, b->into) : NULL;
    const char *key = "";

    if (text_is(dimension, "state"))
        key = t->state;
    else if (text_is(dimension, "done"))
        key = t->done ? "true" : "false";
    else if (text_is(dimension, "campaign"))
        key = t->code;
    else if (text_is(dimension, "owner"))
        key = t->owner ? id_text(cx->arena, t->owner) : "";
    else if (text_is(dimension, "box_id"))
        key = t->box ? id_text(cx->arena, t->box) : "";
    else if (text_is(dimension, "channel"))
        key = b ? b->color : "";
    else if (text_is(dimension, "box_id.into_id.color"))
        key = into ? into->color : "";
    return key[0] ? utf8_fold(cx->arena, key) : NULL;
}

static bool value_of(const struct judge *j, const struct asker *who, const struct metric *m,
                     const struct thing *t, double *v)
{
    const struct box *b = box_of(j, who, t->box);

    *v = 1;
    if (m->field == NULL)
        return true;
    if (text_is(m->field, "weight"))
        *v = (double)t->weight / 1000;
    else if (m->since)
        *v = (double)(t->seen - t->made) / (double)(m->unit == UNIT_DAYS ? MS_DAY : MS_HOUR);
    else if (text_is(m->field, "price"))
        *v = (double)t->price * (m->weight ? (b && b->has_size ? (double)b->size : 0) / 100 : 1);
    return text_is(m->field, "weight")  ? t->has_weight
           : text_is(m->field, "price") ? t->has_price
           : text_is(m->field, "code")  ? t->code[0] != '\0'
                                        : t->has_seen;
}

static int ascending(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;

    return (a > b) - (a < b);
}

static int repeated(const char *const *codes_seen, size_t n, int least)
{
    int values = 0;

    for (size_t i = 0; i < n; i++) {
        int times = 0, before = 0;
        for (size_t k = 0; k < n; k++) {
            times += text_is(codes_seen[k], codes_seen[i]);
            before += k < i && text_is(codes_seen[k], codes_seen[i]);
        }
        values += before == 0 && times >= least;
    }
    return values;
}

struct question_of_day {
    const struct metric *metric;
    const char *dimension;
    i64 from_ms, to_ms, as_of_ms;
};

/* The judge's number of the whole (key "*") or of one group (NULL: not known); NAN: undefined. */
static double judged(struct ctx *cx, const struct asker *who, const struct question_of_day *q,
                     const char *key)
{
    const struct metric *m = q->metric;
    i64 state = m->time == AT_START ? q->from_ms : q->to_ms;
    bool total = m->time == TO_END || m->time == TO_START;
    bool is_now = m->time == AT_PERIOD || total || state > q->as_of_ms;
    i64 at = is_now ? q->as_of_ms : state;
    i64 from = total ? 0 : q->from_ms, end = m->time == TO_START ? q->from_ms : q->to_ms;
    i64 to = total && end > q->as_of_ms ? q->as_of_ms : end;
    const struct judge *j = replay(cx, at);
    const struct zone *zone = kit_zone(cx);
    double values[THINGS_MAX], sum = 0;
    const char *texts[THINGS_MAX];
    size_t n = 0;

    for (const struct thing *t = j->things; t->id; t++) {
        const char *of = key_of(cx, j, who, t, q->dimension);
        if (!t->there || !may_see(who, t->owner) || !passes(j, who, m, t, zone_day(zone, at - 1)) ||
            (m->date && !in_period(m, t, zone, from, to)))
            continue;
        if (key == NULL ? of != NULL : !text_is(key, "*") && (of == NULL || !text_is(of, key)))
            continue;
        if (!value_of(j, who, m, t, &values[n]))
            continue;
        texts[n] = utf8_fold(cx->arena, t->code);
        sum += values[n++];
    }
    switch (m->aggregate) {
    case AGG_COUNT:
        return (double)n;
    case AGG_SUM:
        return sum;
    case AGG_AVG:
        return n ? sum / (double)n : NAN;
    case AGG_COUNT_DISTINCT:
        return repeated(texts, n, m->at_least ? m->at_least : 1);
    default:
        qsort(values, n, sizeof *values, ascending);
        return n ? (n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2) : NAN;
    }
}

static bool same_number(const struct metric *m, double want, const struct val *value)
{
    if (isnan(want) || val_is_null(value))
        return isnan(want) && val_is_null(value);
    return fabs(val_as_double(value, -1e9) - want) <= (m->unit == UNIT_MONEY ? 0.51 : 1e-6);
}

static void check(struct ctx *cx, const struct asker *who, const struct question_of_day *q,
                  const char *key, const struct val *value)
{
    double want = judged(cx, who, q, key);

    if (!same_number(q->metric, want, value))
        fail_msg("%s by '%s' of %s, %s to %s as of %s: says %s, the log says %f", q->metric->name,
                 q->dimension, key ? key : "(not known)", time_iso(cx->arena, q->from_ms),
                 time_iso(cx->arena, q->to_ms), time_iso(cx->arena, q->as_of_ms),
                 val_print(cx->arena, value), want);
}

/* What is worked out follows from its parts, which are judged. */
static void check_worked_out(struct ctx *cx, const struct asker *who, struct question_of_day q,
                             const struct val *value)
{
    const struct metric *whole = q.metric;
    double parts[4], want;
    static const char *const needed[] = { "done", "seen", "price", "fresh" };

    for (size_t i = 0; i < countof(needed); i++) {
        q.metric = metric_find(cx, needed[i]);
        parts[i] = judged(cx, who, &q, "*");
    }
    want = parts[1] == 0 ? NAN : parts[0] / parts[1];
    if (text_is(whole->name, "mixed"))
        want = 2 * want * (parts[2] + 1) / fabs(parts[3] - parts[1] - 0.5);
    if (!same_number(whole, want, value))
        fail_msg("%s: says %s, worked out %f", whole->name, val_print(cx->arena, value), want);
}

static size_t check_day(struct life *l, const struct asker *who, struct question_of_day day)
{
    static const char *const dims[] = { "",         "state", "done",   "channel",
                                        "campaign", "owner", "box_id", "box_id.into_id.color" };
    size_t checked = 0;

    for (size_t i = 0; i < countof(metrics); i++) {
        const char *dimension = dims[dice(&l->seed, countof(dims))];
        bool derived = metrics[i].source != METRIC_RECORDS;
        struct ctx *cx = fixture_ctx(l->f, who->access);
        scoped(arena_close) struct arena *a = cx->arena = arena_new(256 * 1024);
        struct question q = { .metric = metrics[i].name,
                              .dimension = derived ? "" : dimension,
                              .from_ms = day.from_ms,
                              .to_ms = day.to_ms,
                              .as_of_ms = day.as_of_ms,
                              .limit = 200 };
        struct val *answer;
        assert_ok(cx, question_ask(cx, &q, &answer));
        assert_string_equal(val_get_text(answer, "as_of"), time_iso(a, day.as_of_ms));
        day.metric = &metrics[i];
        day.dimension = q.dimension;
        if (derived) {
            check_worked_out(cx, who, day, val_get(answer, "value"));
            checked++;
            continue;
        }
        check(cx, who, &day, "*", val_get(answer, "value"));
        const struct val *groups = val_get(answer, "groups");
        double sum = 0;
        for (size_t g = 0; g < val_count(groups); g++) {
            const struct val *key = val_get(val_at(groups, g), "key");
            const char *of = val_is_null(key) ? NULL : utf8_fold(a, val_as_text(key, ""));
            check(cx, who, &day, of, val_get(val_at(groups, g), "value"));
            sum += val_as_double(val_get(val_at(groups, g), "value"), 0);
            checked++;
        }
        /* no group is missing */
        if (q.dimension[0] && metrics[i].aggregate == AGG_COUNT)
            assert_true(sum == val_as_double(val_get(answer, "value"), -1));
        checked++;
    }
    return checked;
}

/* The log says of every row the same last version at the same time as the row itself, also of one
 * that was deleted with changes in its hands. */
static void check_stamps(struct ctx *cx)
{
    static const char *const types[] = { "thing", "box", "user", "team" };

    for (size_t i = 0; i < countof(types); i++) {
        struct sql q = sql_new(cx);
        sql_add(&q, "SELECT count(*) FROM ");
        sql_name(&q, types[i]);
        sql_addf(&q,
                 " AS r WHERE NOT EXISTS (SELECT 1 FROM change AS c WHERE c.type = '%s' AND "
                 "c.record_id = r.id AND c.version = r.version AND c.at = r.updated_at)",
                 types[i]);
        scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
        assert_true(stmt_next(&s));
        assert_int_equal(col_i64(&s, 0), 0);
    }
}

static void a_past_day_is_as_the_log_tells_it(void **state)
{
    struct life l = { .f = *state, .seed = 20260501 };
    struct ctx *cx = l.f->cx;
    i64 born = ctx_now(cx), end;
    size_t checked = 0;

    assert_ok(cx, setting_save(cx, "currency.rates", "{\"USD\": \"0.92\"}"));
    live(&l);
    end = ctx_now(cx);
    check_stamps(cx);
    assert_true(l.thing_count > 100 && (end - born) / MS_DAY > DAYS / 2);
    for (int i = 0; i < PAST_DAYS; i++) {
        const struct judge *today = replay(cx, INT64_MAX);
        struct access *seller = NEW(cx->arena, struct access);
        const struct user *me = &today->users[dice(&l.seed, USERS)];
        struct asker who = { access_system(), today, 0 };
        struct question_of_day day = { 0 };
        /* the ends of days, and instants, on some change of theirs too */
        day.as_of_ms = born + (i64)dice(&l.seed, (u32)((end - born) / 1000)) * 1000;
        if (i % 2) {
            struct val *from = val_map(cx->arena);
            struct question q;
            i64 at = zone_day(kit_zone(cx), day.as_of_ms);
            val_put_text(from, "metric", "seen");
            val_put_text(from, "as_of", date_iso(cx->arena, at));
            assert_ok(cx, question_read(cx, from, &q));
            if (q.as_of_ms == 0) /* today */
                continue;
            assert_true(q.as_of_ms == zone_instant(kit_zone(cx), at + 1, 0));
            day.as_of_ms = q.as_of_ms;
        }
        day.from_ms = day.as_of_ms - (i64)dice(&l.seed, 40 * 24) * MS_HOUR;
        day.to_ms = day.from_ms + (1 + (i64)dice(&l.seed, 40 * 24)) * MS_HOUR;
        checked += check_day(&l, &who, day);
        *seller = (struct access){ .name = "Seller",
                                   .email = "",
                                   .role = "seller",
                                   .team = "",
                                   .csrf = "",
                                   .theme = "",
                                   .user_id = me->id,
                                   .team_id = me->team };
        assert_ok(cx, access_rules_parse(cx, cx->arena,
                                         "{\"thing\": {\"read\": \"team\"}, \"box\": {\"read\": "
                                         "\"team\"}, \"user\": {\"read\": \"all\"}}",
                                         &seller->rules));
        if (me->team) {
            who.access = seller;
            who.team = me->team;
            checked += check_day(&l, &who, day);
        }
    }
    assert_true(checked > 2000);
}

/* A state by week is that of the end of each week; the last, which goes on, that of now. */
static void a_state_has_a_history(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct question q = { .metric = "fresh", .dimension = "week" };
    static const i64 want[] = { 0, 2, 1, 3 };
    struct row *r;
    struct val *answer;
    i64 start = f->clock->fixed_ms, id; /* a Monday */

    f->clock->fixed_ms = start + 7 * (i64)MS_DAY;
    id = fixture_record(f, "thing", "name", "a", "state", "new", NULL);
    fixture_record(f, "thing", "name", "b", "state", "new", NULL);
    f->clock->fixed_ms = start + 14 * (i64)MS_DAY;
    assert_ok(cx, record_get(cx, &thing_type, id, &r));
    row_set_text(r, THING_STATE, "gone");
    assert_ok(cx, record_save(cx, r));
    f->clock->fixed_ms = start + 21 * (i64)MS_DAY;
    fixture_record(f, "thing", "name", "c", "state", "new", NULL);
    fixture_record(f, "thing", "name", "d", "state", "new", NULL);
    q.from_ms = zone_start(kit_zone(cx), PERIOD_WEEK, start, 0);
    q.to_ms = zone_start(kit_zone(cx), PERIOD_WEEK, start, 5);
    q.compare_from_ms = zone_start(kit_zone(cx), PERIOD_WEEK, start, -3);
    q.compare_to_ms = zone_start(kit_zone(cx), PERIOD_WEEK, start, 2);
    assert_ok(cx, question_ask(cx, &q, &answer));
    const struct val *groups = val_get(answer, "groups");
    assert_int_equal(val_count(groups), 5);
    for (size_t i = 0; i < countof(want); i++)
        assert_int_equal(val_get_i64(val_at(groups, i), "value", -1), want[i]);
    assert_true(val_is_null(val_get(val_at(groups, 4), "value"))); /* not begun */
    assert_int_equal(val_get_i64(answer, "value", -1), 3);
    assert_int_equal(val_get_i64(answer, "before", -1), 2); /* at the end of the time before */
    q.dimension = "";
    q.to_ms = zone_start(kit_zone(cx), PERIOD_WEEK, start, 3); /* a period that is over */
    assert_ok(cx, question_ask(cx, &q, &answer));
    assert_int_equal(val_get_i64(answer, "value", -1), 1);
    /* lists know only now: a page of its own shows the records of then */
    assert_true(str_starts(str_from(val_get_text(answer, "rows_path")), "/insight/metrics/fresh/"));
}

static void as_of_is_read(void **state)
{
    static const struct {
        const char *text, *as_of; /* NULL: refused */
    } cases[] = {
        { "", "1970-01-01T00:00:00Z" },
        { "2026-11-23", "1970-01-01T00:00:00Z" }, /* today: now */
        { "2026-11-22", "2026-11-22T23:00:00Z" }, /* the end of the day in Berlin */
        { "2026-03-29", "2026-03-29T22:00:00Z" }, /* a short one */
        { "2026-05-01T12:00:00Z", "2026-05-01T12:00:00Z" },
        { "2026-11-24", NULL },
        { "2026-11-23T10:00:01Z", NULL },
        { "May", NULL },
        { "2026-02-30", NULL },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        struct ctx *cx = fixture_ctx(f, access_system());
        struct val *from = val_map(cx->arena);
        struct question q;
        val_put_text(from, "metric", "seen");
        val_put_text(from, "period", "this_month");
        val_put_text(from, "as_of", cases[i].text);
        enum status s = question_read(cx, from, &q);
        if (cases[i].as_of == NULL) {
            assert_int_equal(s, E_INVALID);
            assert_string_equal(cx->error_code, "question.as_of");
            continue;
        }
        assert_ok(cx, s);
        assert_string_equal(time_iso(cx->arena, q.as_of_ms), cases[i].as_of);
        if (text_is(cases[i].text, "2026-03-29")) /* this month is that day's */
            assert_string_equal(time_iso(cx->arena, q.from_ms), "2026-02-28T23:00:00Z");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE_ENGINE(as_of_is_read, &options),
        ON_BOTH_ENGINES(a_state_has_a_history, &options),
        ON_BOTH_ENGINES(a_past_day_is_as_the_log_tells_it, &options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
