/* rows_test.c -- every number opens its rows: over all metrics and all that they can be split by,
 * the way behind each value and each group is followed to its end, through requests; as many rows
 * must come as the number says, and what they have must make it. In the demo company, small, with
 * what breaks counting: events of one millisecond, visits over midnight, contacts that were merged,
 * amounts in several currencies and none, records that point nowhere. */
#include "base/id.h"
#include "base/log.h"
#include "bridge/channel.h"
#include "bridge/measure.h"
#include "demo/demo.h"
#include "journey/journey.h"
#include "kit/question.h"
#include "support/house.h"
#include <math.h>
#include <stdlib.h>

struct found;
enum { ROWS_MOST = 20 * 1000, DEPTH = 6, FOLLOWED_SLOTS = 1 << 16 };

struct run {
    struct house *h;
    const struct person *who;
    i64 numbers, rows, undefined, targets, others, before, again;
    struct found *found; /* the rows behind the number that is looked at */
    u64 *followed;       /* what was followed and found right, by hash; 0: free */
    size_t followed_count;
};

static void run_end(struct run *r)
{
    test_free(r->found);
    test_free(r->followed);
}

/* ---- the world ---- */
static const struct demo_options small = { 13, 160, 50, 4000, 60 };

static u64 seed_next(u64 *seed)
{
    return *seed = *seed * 6364136223846793005u + 1442695040888963407u;
}

/* Events by hand: many people in the same milliseconds, with and without what can be known. */
static void put_ties(struct house *h)
{
    static const char *const kinds[] = { "pageview", "pageview",    "engagement", "action",
                                         "pageview", "performance", "form_submit" };
    static const char *const pages[] = { "/", "/pricing", "/a*b", "", "/Pricing" };
    static const char *const campaigns[] = { "", "spring", "Spring", "autumn" };
    i64 base = HOUSE_NOW - 3 * (i64)MS_DAY - 10 * (i64)MS_HOUR - 20 * (i64)MS_MINUTE; /* 23:40 */
    u64 seed = 5;

    for (int i = 0; i < 400; i++) {
        u64 n = seed_next(&seed) >> 20;
        struct journey *j = h->journey;
        struct event e = { .kind = kit_event_code(h->kit, kinds[n % countof(kinds)]),
                           .at_ms = base + (i64)(n >> 8) % 60 * MS_MINUTE,
                           .channel = (u8)((n >> 16) % 3 ? 0 : 1 + (n >> 18) % 17),
                           .device = (u8)((n >> 5) % 4),
                           .flags = (n >> 7) & 1 ? EVENT_INTERACTIVE : 0 };
        e.person = journey_person(j, PERSON_VISITOR, 1000 + (n >> 24) % 40);
        e.page = journey_intern(j, DICT_PAGE,
                                str_from(i % 3 ? pages[(n >> 10) % countof(pages)]
                                               : arena_printf(h->arena, "/p%d", i / 3)));
        e.campaign =
            journey_intern(j, DICT_CAMPAIGN, str_from(campaigns[(n >> 12) % countof(campaigns)]));
        e.country = (n >> 9) & 1 ? (u16)('D' << 8 | 'E') : 0;
        if (n % 40 == 7)
            e.device |= 0x80; /* a bot */
        if (text_is(kinds[n % countof(kinds)], "engagement"))
            e.value =
                reading_pack((struct reading){ (i64)(n >> 11) % 90000, (int)((n >> 13) % 101) });
        if (text_is(kinds[n % countof(kinds)], "performance"))
            e.value =
                vitals_pack((double[VITALS]){ 900 + (double)(n % 7000), (double)(n % 700),
                                              (double)(n % 40) / 100, -1, (double)(n % 2500) });
        assert_ok(h->cx, journey_append_wait(h->cx, j, &e, 1));
    }
}

/* People of a single page each: more groups than an answer names. */
static void put_many(struct house *h)
{
    for (u32 i = 0; i < 70; i++) {
        struct event e = { .kind = kit_event_code(h->kit, "pageview"),
                           .at_ms = HOUSE_NOW - MS_DAY + i / 2 };
        e.person = journey_person(h->journey, PERSON_VISITOR, 5000 + i);
        e.page =
            journey_intern(h->journey, DICT_PAGE, str_from(arena_printf(h->arena, "/only/%u", i)));
        assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
    }
}

static i64 make(struct house *h, const char *type, const char *const *fields)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);

    for (; fields[0]; fields += 2)
        assert_ok(h->cx, row_parse(h->cx, r, type_field(t, fields[0]), fields[1]));
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

struct first {
    i64 ids[4];
    size_t count;
};

static enum status take_id(struct ctx *cx, struct row *r, void *arg)
{
    struct first *f = arg;

    (void)cx;
    if (f->count < countof(f->ids) && row_has(r, type_field(row_type(r), "first_seen_at")))
        f->ids[f->count++] = row_id(r);
    return OK;
}

static void put_oddities(struct house *h)
{
    static const char *const deals[][9] = {
        { "name", "In dollars", "amount", "1000 USD", NULL },
        { "name", "In yen", "amount", "123457 JPY", NULL },
        { "name", "Of nobody, worth nothing known", NULL },
    };
    struct first f = { 0 };

    assert_ok(h->cx,
              setting_save(h->cx, "currency.rates", "{\"USD\": \"0.92\", \"JPY\": \"0.0061\"}"));
    for (size_t i = 0; i < countof(deals); i++)
        make(h, "deal", deals[i]);
    assert_ok(h->cx, list_each(h->cx, type_find(h->cx, "contact"), "", take_id, &f));
    assert_true(f.count == 4);
    for (size_t i = 0; i < 4; i += 2) { /* the second of each pair is the first one */
        u32 one = journey_person(h->journey, PERSON_CONTACT, (u64)f.ids[i]);
        u32 other = journey_person(h->journey, PERSON_CONTACT, (u64)f.ids[i + 1]);
        assert_ok(h->cx, journey_alias(h->cx, h->journey, other, one, HOUSE_NOW));
    }
}

static void make_world(struct house *h)
{
    struct demo_numbers n;

    assert_ok(h->cx, demo_fill(h->cx, &small, &n));
    put_ties(h);
    put_many(h);
    put_oddities(h);
    assert_ok(h->cx, outbox_drain(h->cx));
}

/* Whether this number of this path was followed before: many are parts of others, and nothing is
 * written in between. */
static bool is_followed(struct run *r, const char *what)
{
    u64 hash = str_hash(str_from(what)) | 1;
    size_t at = hash >> 8 & (FOLLOWED_SLOTS - 1);

    if (r->followed == NULL)
        r->followed = test_calloc(FOLLOWED_SLOTS, sizeof *r->followed);
    while (r->followed[at] != 0 && r->followed[at] != hash)
        at = (at + 1) & (FOLLOWED_SLOTS - 1);
    if (r->followed[at] == hash) {
        r->again++;
        return true;
    }
    assert_true(++r->followed_count < FOLLOWED_SLOTS / 2);
    r->followed[at] = hash;
    return false;
}

/* ---- asking ---- */
static const struct val *get(struct run *r, const char *path)
{
    struct web_response answer = house_json(r->h, r->who, HTTP_GET, path, NULL);

    if (answer.status != 200)
        fail_msg("%s: %d %.*s", path, answer.status, (int)answer.body.len, answer.body.p);
    return house_val(r->h, &answer);
}

static const struct metric *metric_named(struct run *r, const char *name)
{
    const struct metric *m = metric_find(r->h->cx, name);

    if (m == NULL)
        fail_msg("no metric %s", name);
    return m;
}

/* ---- rows of records ---- */
struct found {
    double amounts[ROWS_MOST];
    const char *texts[ROWS_MOST]; /* of distinct counts */
    i64 weights;
    size_t count;
};

static double percent_of(struct run *r, const struct row *row, const char *path)
{
    struct str rest = str_from(path), hop;
    const struct record_type *t = row_type(row);
    struct row *to;

    assert_true(str_split(&rest, '.', &hop));
    if (rest.len == 0)
        return (double)row_i64(row, type_field(t, path));
    int field = type_field(t, str_dup(r->h->arena, hop));
    if (!row_has(row, field))
        return 0;
    assert_ok(r->h->cx, record_get(r->h->cx, type_find(r->h->cx, t->fields[field].ref),
                                   row_i64(row, field), &to));
    return (double)row_i64(to, type_field(row_type(to), str_dup(r->h->arena, rest)));
}

static double unit_of(const struct metric *m, const struct field *f)
{
    double unit = 1;

    if (m->since)
        return m->unit == UNIT_DAYS      ? MS_DAY
               : m->unit == UNIT_HOURS   ? MS_HOUR
               : m->unit == UNIT_SECONDS ? MS_SECOND
                                         : 1;
    for (int i = f->kind == FIELD_DECIMAL ? (f->scale ? f->scale : 2) : 0; i > 0; i--)
        unit *= 10;
    return unit;
}

static i64 stamp(const struct row *row, const char *name)
{
    int field = type_field(row_type(row), name);

    return field >= 0 ? row_i64(row, field) : row_created_at(row);
}

/* A record counts by its own fields, not by what the engine says of it. */
static void take_record(struct run *r, const struct metric *m, const char *id_shown,
                        struct found *out)
{
    const struct record_type *t = type_find(r->h->cx, m->type);
    int field = m->field ? type_field(t, m->field) : -1;
    struct row *row;
    i64 id;

    assert_true(id_parse(str_from(id_shown), &id));
    assert_ok(r->h->cx, record_get(r->h->cx, t, id, &row));
    assert_true(out->count < ROWS_MOST);
    if (m->field == NULL) {
        out->amounts[out->count++] = 1;
        return;
    }
    if (field >= 0 && !row_has(row, field))
        return;
    if (m->since && type_field(t, m->since) >= 0 && !row_has(row, type_field(t, m->since)))
        return;
    if (m->aggregate == AGG_COUNT_DISTINCT) {
        out->texts[out->count++] = row_plain(r->h->cx, row, field);
        return;
    }
    const struct field *f = field >= 0 ? &t->fields[field] : NULL;
    double n = f && f->kind == FIELD_MONEY ? (double)row_base_minor(row, field)
                                           : (double)stamp(row, m->field);
    if (m->since)
        n -= (double)stamp(row, m->since);
    if (m->weight)
        n *= percent_of(r, row, m->weight) / 100;
    out->amounts[out->count++] = n / (f || m->since ? unit_of(m, f) : 1);
}

static void follow_list(struct run *r, const struct metric *m, const char *path, struct found *out)
{
    const char *next =
        arena_printf(r->h->arena, "/api/v1%s%slimit=200", path, strchr(path, '?') ? "&" : "?");

    while (next && next[0]) {
        const struct val *page = get(r, next), *data = val_get(page, "data");
        for (size_t i = 0; i < val_count(data); i++)
            take_record(r, m, val_get_text(val_at(data, i), "id"), out);
        r->rows += (i64)val_count(data);
        next = val_get_text(page, "next");
    }
}

/* ---- rows of the page ---- */
static int column_of(const struct val *table, const char *label)
{
    const struct val *columns = val_get(table, "columns");

    for (size_t i = 1; i < val_count(columns); i++)
        if (text_is(val_get_text(val_at(columns, i), "label"), label))
            return (int)i - 1;
    return -1;
}

static double plain_of(const struct val *row, int column)
{
    return strtod(val_get_text(val_at(val_get(row, "cells"), (size_t)column), "plain"), NULL);
}

static void follow_page(struct run *r, const struct metric *m, const char *path, struct found *out)
{
    const char *next = path, *value = NULL;
    i64 seen = 0, before_ms = INT64_MAX;

    while (next && next[0]) {
        const struct val *page = get(r, next), *table = val_get(page, "table");
        const struct val *rows = val_get(table, "rows");
        bool time = m->source == METRIC_JOURNEY && m->counts == SUM_VISIT_TIME;
        int amount = column_of(table, time                          ? "Duration"
                                      : m->source == METRIC_RECORDS ? m->label
                                                                    : "Measured");
        int pages = column_of(table, "Pages of visits"), last = column_of(table, "Last");
        if (value) /* each page says the same number */
            assert_string_equal(val_get_text(page, "value"), value);
        value = val_get_text(page, "value");
        for (size_t i = 0; i < val_count(rows); i++) {
            const struct val *row = val_at(rows, i);
            assert_true(out->count < ROWS_MOST);
            assert_true(val_get_text(row, "text")[0] != '\0');
            if (m->source == METRIC_RECORDS && m->aggregate == AGG_COUNT_DISTINCT)
                take_record(r, m, strrchr(val_get_text(row, "url"), '/') + 1, out);
            else
                out->amounts[out->count++] = amount >= 0 ? plain_of(row, amount) : 1;
            out->weights += pages >= 0 ? (i64)plain_of(row, pages) : 1;
            if (m->source == METRIC_JOURNEY) {
                i64 at;
                const struct val *cell =
                    val_at(val_get(row, "cells"), last >= 0 ? (size_t)last : 0);
                assert_true(time_parse(str_from(val_get_text(cell, "plain")), &at));
                assert_true(at <= before_ms);
                before_ms = at;
            }
        }
        seen += (i64)val_count(rows);
        next = val_get_text(val_get(page, "pager"), "older_url");
    }
    r->rows += seen;
}

/* ---- what rows make ---- */
static int ascending(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;

    return (a > b) - (a < b);
}

static int by_text(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static double distinct(struct found *f, int at_least)
{
    size_t n = 0, run = 0;

    qsort(f->texts, f->count, sizeof *f->texts, by_text);
    for (size_t i = 0; i < f->count; i++) {
        run = i && strcasecmp(f->texts[i], f->texts[i - 1]) == 0 ? run + 1 : 1;
        n += run == (size_t)(at_least > 1 ? at_least : 1);
    }
    return (double)n;
}

/* NAN: not defined. */
static double made_of(const struct metric *m, struct found *f)
{
    double sum = 0;
    size_t n = f->count;

    for (size_t i = 0; i < n; i++)
        sum += f->amounts[i];
    if (m->source == METRIC_JOURNEY) {
        switch (m->counts) {
        case MEAN_OF_EVENTS:
        case MEAN_OF_PAGES:
        case MEAN_OF_DEEPEST:
            return f->weights ? sum / (double)f->weights : NAN;
        case P75_OF_EVENTS:
            qsort(f->amounts, n, sizeof *f->amounts, ascending);
            return n ? f->amounts[(n * 3 + 3) / 4 - 1] : NAN;
        default:
            return sum;
        }
    }
    switch (m->aggregate) {
    case AGG_AVG:
        return n ? sum / (double)n : NAN;
    case AGG_MEDIAN:
        qsort(f->amounts, n, sizeof *f->amounts, ascending);
        return n ? (n % 2 ? f->amounts[n / 2] : (f->amounts[n / 2 - 1] + f->amounts[n / 2]) / 2)
                 : NAN;
    case AGG_COUNT_DISTINCT:
        return distinct(f, m->at_least);
    default:
        return sum;
    }
}

static bool is_near(double a, double b, bool whole)
{
    return fabs(a - b) <= (whole ? 0.51 : 1e-6 + fabs(b) * 1e-9);
}

/* A number that is aimed at leads to the targets that say so, and only to such. */
static void check_targets(struct run *r, const struct metric *of, const struct val *value,
                          const char *path, const char *what)
{
    const struct val *data;

    if (val_is_null(value))
        return;
    r->targets++;
    if (path[0] == '\0')
        fail_msg("%s: the target %s opens nothing", what, val_print(r->h->arena, value));
    data = val_get(get(r, arena_printf(r->h->arena, "/api/v1%s", path)), "data");
    if (val_count(data) == 0)
        fail_msg("%s: no target in %s", what, path);
    for (size_t i = 0; i < val_count(data); i++)
        assert_string_equal(val_get_text(val_at(data, i), "metric"), of->name);
}

static void check_leaf(struct run *r, const struct metric *m, const struct val *number,
                       const char *what)
{
    const char *path = val_get_text(number, "rows_path");
    const struct val *value = val_get(number, "value");
    struct found *f;
    double want;

    r->numbers++;
    if (m->source == METRIC_TARGET) { /* what is aimed at is made of targets */
        check_targets(r, metric_named(r, m->target_of), value, path, what);
        return;
    }
    if (val_is_null(value) && path[0] == '\0') {
        r->undefined++;
        return;
    }
    if (path[0] ==
        '\0') { /* a value that there cannot be among these records: nothing was counted */
        if (val_as_double(value, 1) != 0)
            fail_msg("%s: %s opens nothing", what, val_print(r->h->arena, value));
        return;
    }
    if (is_followed(
            r, arena_printf(r->h->arena, "%s %s %s", m->name, val_print(r->h->arena, value), path)))
        return;
    if (r->found == NULL)
        r->found = test_calloc(1, sizeof *r->found);
    f = r->found; /* big, and for one number at a time */
    f->count = 0;
    f->weights = 0;
    if (str_starts(str_from(path), "/insight/metrics/"))
        follow_page(r, m, path, f);
    else
        follow_list(r, m, path, f);
    want = made_of(m, f);
    if (isnan(want) != val_is_null(value) ||
        (!isnan(want) &&
         !is_near(val_as_double(value, -1e18), want, m->unit == UNIT_MONEY || m->weight)))
        fail_msg("%s: says %s, the %zu rows of %s make %f", what, val_print(r->h->arena, value),
                 f->count, path, want);
}

/* ---- what is worked out of others ---- */
struct reader {
    struct run *r;
    const struct val *parts;
    const char *p;
    int depth;
};
static double value_of(struct reader *e, const char *name);
static double read_sum(struct reader *e);

static void skip_space(struct reader *e)
{
    while (*e->p == ' ')
        e->p++;
}

static double read_one(struct reader *e)
{
    char word[100];
    size_t len;
    double v;

    skip_space(e);
    if (*e->p == '(') {
        e->p++;
        v = read_sum(e);
        skip_space(e);
        assert_true(*e->p++ == ')');
        return v;
    }
    if (*e->p >= '0' && *e->p <= '9') {
        char *end;
        v = strtod(e->p, &end);
        e->p = end;
        return v;
    }
    len = strspn(e->p, "abcdefghijklmnopqrstuvwxyz_0123456789");
    assert_true(len > 0 && len < sizeof word);
    memcpy(word, e->p, len);
    word[len] = '\0';
    e->p += len;
    return text_is(word, "abs") ? fabs(read_one(e)) : value_of(e, word);
}

static double read_product(struct reader *e)
{
    double v = read_one(e);

    for (;;) {
        skip_space(e);
        if (*e->p == '*') {
            e->p++;
            v *= read_one(e);
        } else if (*e->p == '/') {
            e->p++;
            double by = read_one(e);
            v = by == 0 ? NAN : v / by;
        } else {
            return v;
        }
    }
}

static double read_sum(struct reader *e)
{
    double v = read_product(e);

    for (;;) {
        skip_space(e);
        if (*e->p != '+' && *e->p != '-')
            return v;
        bool minus = *e->p++ == '-';
        double other = read_product(e);
        v = minus ? v - other : v + other;
    }
}

static double value_of(struct reader *e, const char *name)
{
    const struct metric *m = metric_named(e->r, name);
    struct reader inner = *e;

    for (size_t i = 0; i < val_count(e->parts); i++)
        if (text_is(val_get_text(val_at(e->parts, i), "metric"), name)) {
            const struct val *v = val_get(val_at(e->parts, i), "value");
            return val_is_null(v) ? NAN : val_as_double(v, NAN);
        }
    assert_true(e->depth < DEPTH);
    inner.depth++;
    if (m->source == METRIC_DIVIDED) {
        double top = value_of(&inner, m->numerator), bottom = value_of(&inner, m->denominator);
        return bottom == 0 ? NAN : top / bottom;
    }
    if (m->source != METRIC_FORMULA)
        fail_msg("%s is no part", name);
    inner.p = m->formula;
    return read_sum(&inner);
}

/* Of a group that the answer has for the time before only. */
static bool nothing_now(const struct val *parts)
{
    for (size_t i = 0; i < val_count(parts); i++)
        if (val_as_double(val_get(val_at(parts, i), "value"), 0) != 0)
            return false;
    return true;
}

/* Money and counts of parts are whole numbers in an answer: a mean's cents make it a little off. */
static void check_parts(struct run *r, const struct metric *m, const struct val *number,
                        const char *what)
{
    const struct val *parts = val_get(number, "parts"), *value = val_get(number, "value");
    struct reader e = { .r = r, .parts = parts, .p = "" };
    double want, got = val_as_double(value, NAN);
    const struct val *page;

    r->numbers++;
    assert_true(val_count(parts) > 0);
    for (size_t i = 0; i < val_count(parts); i++) {
        const struct val *part = val_at(parts, i);
        check_leaf(
            r, metric_named(r, val_get_text(part, "metric")), part,
            arena_printf(r->h->arena, "%s, its part %s", what, val_get_text(part, "metric")));
    }
    want = value_of(&e, m->name);
    if (isnan(want) != isnan(got) || (!isnan(want) && fabs(want - got) > 1e-6 + fabs(want) * 1e-3))
        fail_msg("%s: says %s, its parts make %f", what, val_print(r->h->arena, value), want);
    page = get(r, val_get_text(number, "rows_path"));
    if (nothing_now(parts) && val_count(val_get(page, "parts")) == 0)
        return; /* there is no such group now */
    if (val_count(val_get(page, "parts")) != val_count(parts))
        fail_msg("%s: %s shows %zu parts of %zu", what, val_get_text(number, "rows_path"),
                 val_count(val_get(page, "parts")), val_count(parts));
    for (size_t i = 0; i < val_count(parts); i++) {
        const struct val *shown = val_at(val_get(page, "parts"), i), *part = val_at(parts, i);
        const char *text = val_get_text(part, "text");
        assert_string_equal(val_get_text(shown, "value"), text[0] ? text : "–");
        assert_string_equal(val_get_text(shown, "url"), val_get_text(part, "rows_path"));
    }
}

/* What the number is held against opens its own rows; of what is worked out, the page that shows
 * its parts of then. */
static void check_before(struct run *r, const struct metric *m, const struct val *number,
                         const char *what)
{
    const struct val *before = val_get(number, "before"), *parts;
    const char *path = val_get_text(number, "before_rows_path");
    struct val *then;

    if (val_is_null(before))
        return;
    r->before++;
    if (val_is_null(val_get(number, "parts"))) {
        then = val_map(r->h->arena);
        val_put(then, "value", val_copy(r->h->arena, before));
        val_put_text(then, "rows_path", path);
        check_leaf(r, m, then, arena_printf(r->h->arena, "%s, before", what));
        return;
    }
    const struct val *page = get(r, path);
    parts = val_get(page, "parts");
    if (val_count(parts) != val_count(val_get(number, "parts")))
        fail_msg("%s, before: %s has other parts", what, path);
    const char *want = metric_show(r->h->cx, m, val_as_double(before, 0));
    if (!text_is(val_get_text(page, "value"), want))
        fail_msg("%s, before: says %s, %s says %s", what, want, path, val_get_text(page, "value"));
}

static void check_number(struct run *r, const struct metric *m, const struct val *number,
                         const char *what)
{
    if (val_is_null(val_get(number, "parts")))
        check_leaf(r, m, number, what);
    else
        check_parts(r, m, number, what);
    check_before(r, m, number, what);
    if (!val_is_null(val_get(number, "target")))
        check_targets(r, m, val_get(number, "target"), val_get_text(number, "target_rows_path"),
                      what);
}

/* ---- all of them ---- */
static void check_question(struct run *r, const struct metric *m, const char *dimension,
                           const char *rest)
{
    struct arena *keep = r->h->arena, *keep_cx = r->h->cx->arena;
    const struct val *answer, *groups;
    const char *what;

    r->h->arena = r->h->cx->arena = arena_new(1024 * 1024);
    what = arena_printf(r->h->arena, "%s by '%s' %s", m->name, dimension, rest);
    answer = get(r, arena_printf(r->h->arena, "/api/v1/question?metric=%s&dimension=%s&%s", m->name,
                                 dimension, rest));
    check_number(r, m, answer, what);
    groups = val_get(answer, "groups");
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        check_number(r, m, g,
                     arena_printf(r->h->arena, "%s, of %s", what, val_get_text(g, "label")));
    }
    arena_free(r->h->arena);
    r->h->arena = keep;
    r->h->cx->arena = keep_cx;
}

static bool may_ask(struct run *r, const struct metric *m, const char *dimension)
{
    struct question q = { .metric = m->name, .dimension = dimension };

    return question_allowed(r->h->cx, &q);
}

/* There are thousands of pairs of a metric and what splits it: each engine takes its third of them,
 * by name, and SQLite takes all with FURROW_PROVE. */
static bool is_picked(struct run *r, const struct metric *m, const char *dimension)
{
    u64 third = (str_hash(str_from(m->name)) + str_hash(str_from(dimension))) % 3;

    if (r->h->engine == DB_POSTGRES)
        return third == 1;
    return third == 0 || getenv("FURROW_PROVE") != NULL;
}

static void check_metric(struct run *r, const struct metric *m)
{
    static const char *const times[][2] = {
        { "hour", "period=2026-11-20..2026-11-20&compare=none" },
        { "day", "period=last_7_days&compare=previous" },
        { "week", "period=2026-10-07..2026-11-20&compare=none" },
        { "month", "period=this_year&compare=none" },
    };
    static const char wide[] = "period=last_90_days&compare=none&limit=4";
    static const char held[] = "period=this_month&compare=previous&limit=4"; /* as much of it */
    static const char *const common[] = { "", "owner", "channel", "campaign" };
    struct ctx *cx = r->h->cx;
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);
    const struct record_type *t = m->type ? type_find(cx, m->type) : NULL;

    for (size_t i = 0; i < countof(common); i++)
        if (may_ask(r, m, common[i]))
            check_question(r, m, common[i], i % 2 ? wide : held);
    for (size_t i = 0; i < countof(times); i++)
        if (may_ask(r, m, times[i][0]))
            check_question(r, m, times[i][0], times[i][1]);
    /* Walks over journeys are the same on both engines. */
    for (size_t i = 0; i < count && r->h->engine == DB_SQLITE; i++)
        for (size_t j = 0; j < features[i]->dimension_count; j++) {
            const char *name = features[i]->dimensions[j].name;
            if (!text_is(name, "channel") && !text_is(name, "campaign") && is_picked(r, m, name) &&
                may_ask(r, m, name))
                check_question(r, m, name, wide);
        }
    for (int i = 0; t && i < t->field_count; i++)
        if (is_picked(r, m, t->fields[i].name) && may_ask(r, m, t->fields[i].name))
            check_question(r, m, t->fields[i].name, wide);
    check_question(r, m, "", "period=last_30_days&compare=none&as_of=2026-11-10");
}

static void over_all_metrics_and_dimensions(void **state)
{
    struct house *h = *state;
    struct run r = { .h = h, .who = house_user(h, "Ada", "") };
    size_t count;
    const struct metric *const *all = metric_all(h->cx, &count);

    log_set_level(LOG_ERROR);
    make_world(h);
    for (size_t i = 0; i < count; i++)
        check_metric(&r, all[i]);
    log_set_level(LOG_INFO);
    print_message("%zu metrics, %lld numbers opened, %lld rows, %lld numbers not defined, %lld "
                  "targets, %lld of the time before, %lld met again\n",
                  count, (long long)r.numbers, (long long)r.rows, (long long)r.undefined,
                  (long long)r.targets, (long long)r.before, (long long)r.again);
    run_end(&r);
    assert_true(r.numbers > 2000 && r.rows > 10000 && r.before > 500 && r.targets > 20);
}

/* ---- reports ---- */
struct behind {
    i64 count, total;
    double sum; /* of the last column */
};

static struct behind follow_report(struct run *r, const char *url)
{
    struct behind b = { 0 };
    const char *next = url;

    while (next && next[0]) {
        const struct val *page =
            get(r, arena_dup(r->h->arena, next, strcspn(next, "#"))); /* as a browser asks */
        const struct val *people = val_get(page, "people"), *rows = val_get(people, "rows");
        b.total = val_get_i64(people, "total", -1);
        for (size_t i = 0; i < val_count(rows); i++) {
            const struct val *cells = val_get(val_at(rows, i), "cells");
            assert_true(val_get_text(val_at(rows, i), "text")[0] != '\0');
            b.sum += strtod(val_get_text(val_at(cells, val_count(cells) - 1), "plain"), NULL);
        }
        b.count += (i64)val_count(rows);
        next = val_get_text(val_get(people, "pager"), "older_url");
    }
    r->numbers++;
    r->rows += b.count;
    return b;
}

static void opens(struct run *r, i64 number, const char *url, const char *what)
{
    struct behind b;

    if (number == 0)
        return;
    if (url[0] == '\0')
        fail_msg("%s: %lld opens nothing", what, (long long)number);
    r->others += strstr(url, "group_is=other") != NULL;
    if (is_followed(r, arena_printf(r->h->arena, "%lld %s", (long long)number, url))) {
        r->numbers++;
        return;
    }
    b = follow_report(r, url);
    if (b.count != number || b.total != number)
        fail_msg("%s: says %lld, %s shows %lld of %lld", what, (long long)number, url,
                 (long long)b.count, (long long)b.total);
}

static i64 number_in(const struct val *cell)
{
    return strtoll(val_get_text(cell, "plain"), NULL, 10);
}

/* Steps, those who went no further, and each step of each group. */
static void check_funnel(struct run *r, const struct val *page, const char *what)
{
    const struct val *steps = val_get(page, "steps"),
                     *rows = val_get(val_get(page, "table"), "rows");
    size_t count = val_count(steps);
    bool split = val_get_text(page, "split")[0] != '\0';

    for (size_t i = 0; i < count; i++) {
        const struct val *s = val_at(steps, i);
        i64 here = val_get_i64(s, "people", 0);
        opens(r, here, val_get_text(s, "url"), what);
        if (i + 1 < count)
            opens(r, here - val_get_i64(val_at(steps, i + 1), "people", 0),
                  val_get_text(s, "lost_url"), what);
    }
    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *cells = val_get(val_at(rows, i), "cells");
        for (size_t k = 0; k < (split ? count : 1); k++)
            opens(r, number_in(val_at(cells, k)), val_get_text(val_at(cells, k), "url"),
                  arena_printf(r->h->arena, "%s, %s", what, val_get_text(val_at(rows, i), "text")));
    }
}

static void check_retention(struct run *r, const struct val *page, const char *what)
{
    const struct val *rows = val_get(val_get(page, "table"), "rows");

    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *cells = val_get(val_at(rows, i), "cells");
        for (size_t k = 0; k < val_count(cells); k++) {
            const struct val *cell = val_at(cells, k);
            opens(r, k ? val_get_i64(cell, "people", -1) : number_in(cell),
                  val_get_text(cell, "url"),
                  arena_printf(r->h->arena, "%s, %s, cell %zu", what,
                               val_get_text(val_at(rows, i), "text"), k));
        }
    }
}

static void check_paths(struct run *r, const struct val *page, const char *what)
{
    const struct val *links = val_get(val_get(page, "chart"), "rows");
    const struct val *rows = val_get(val_get(page, "table"), "rows");

    opens(r, val_get_i64(page, "people_count", -1), val_get_text(page, "people_url"), what);
    for (size_t i = 0; i < val_count(links); i++)
        opens(r, val_get_i64(val_at(links, i), "number", -1), val_get_text(val_at(links, i), "url"),
              what);
    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *cell = val_at(val_get(val_at(rows, i), "cells"), 0);
        opens(r, number_in(cell), val_get_text(cell, "url"), what);
    }
}

/* Each credit is the sum of those of its deals or contacts. */
static void check_attribution(struct run *r, const struct val *page, const char *what)
{
    const struct val *rows = val_get(val_get(page, "table"), "rows");

    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *cells = val_get(val_at(rows, i), "cells");
        for (size_t k = 0; k < val_count(cells); k++) {
            const char *plain = val_get_text(val_at(cells, k), "plain");
            const char *url = val_get_text(val_at(cells, k), "url");
            double want = strtod(plain, NULL);
            if (want == 0)
                continue;
            if (url[0] == '\0')
                fail_msg("%s, %s: %s opens nothing", what, val_get_text(val_at(rows, i), "text"),
                         plain);
            struct behind b = follow_report(r, url);
            if (b.count != b.total || !is_near(b.sum, want, false))
                fail_msg("%s, %s: says %s, the %lld rows of %s make %f", what,
                         val_get_text(val_at(rows, i), "text"), plain, (long long)b.count, url,
                         b.sum);
        }
    }
}

static void over_all_reports(void **state)
{
    static const struct {
        const char *report, *query;
        void (*check)(struct run *r, const struct val *page, const char *what);
    } cases[] = {
        { "funnel", "period=this_year", check_funnel },
        { "funnel", "period=this_year&by=channel&step1=visit&step2=pageview&step3=form_submit",
          check_funnel },
        { "funnel", "period=last_90_days&by=page&step1=pageview&step2=pageview&step3=pageview",
          check_funnel }, /* more groups than are named */
        { "funnel", "period=this_year&by=country&order=strict&step1=visit&step2=form_submit",
          check_funnel },
        { "funnel", "period=this_year&by=campaign&filter=lifecycle+%3D+%27customer%27",
          check_funnel },
        { "retention", "", check_retention },
        { "retention", "period=last_30_days&unit=day", check_retention },
        { "retention", "period=this_year&unit=month&start=form_submit&return=pageview",
          check_retention },
        { "paths", "", check_paths },
        { "paths", "period=this_year&by=channel&event=deal_won&reach=journey&steps=5",
          check_paths },
        { "paths", "period=last_30_days&direction=forward&by=event&event=visit", check_paths },
        { "attribution", "", check_attribution },
        { "attribution", "conversion=pipeline&by=campaign", check_attribution },
        { "attribution", "conversion=mqls&by=page", check_attribution },
        { "attribution", "conversion=leads&by=source&period=last_90_days", check_attribution },
        { "attribution", "by=channel&filter=country+%3D+%27Germany%27", check_attribution },
    };
    struct house *h = *state;
    struct run r = { .h = h, .who = house_user(h, "Ada", "") };

    log_set_level(LOG_ERROR);
    make_world(h);
    for (size_t i = 0; i < countof(cases); i++) {
        struct arena *keep = h->arena;
        h->arena = arena_new(1024 * 1024);
        i64 before = r.numbers;
        const char *path =
            arena_printf(h->arena, "/insight/%s?%s", cases[i].report, cases[i].query);
        cases[i].check(&r, get(&r, path), path);
        assert_true(r.numbers > before);
        arena_free(h->arena);
        h->arena = keep;
    }
    assert_true(r.others > 0);
    log_set_level(LOG_INFO);
    print_message("%lld numbers of reports opened, %lld rows, %lld met again\n",
                  (long long)r.numbers, (long long)r.rows, (long long)r.again);
    run_end(&r);
}

/* Who may not see contacts sees as many rows, without names. */
static void without_names_for_who_may_not_see_them(void **state)
{
    static const char *const asked[][2] = { { "visits", "channel" },
                                            { "visitors", "" },
                                            { "pageviews", "country" },
                                            { "visit_time", "week" },
                                            { "visit_bounce_rate", "" } };
    struct house *h = *state;
    struct run r = { .h = h };
    struct row *role = row_new(h->cx, type_find(h->cx, "role"));
    i64 hidden = 0, contacts = 0;

    log_set_level(LOG_ERROR);
    make_world(h);
    assert_ok(h->cx, row_parse(h->cx, role, type_field(row_type(role), "name"), "Numbers only"));
    assert_ok(h->cx, row_parse(h->cx, role, type_field(row_type(role), "rules"),
                               "{\"journey\":{\"read\":\"all\"}}"));
    assert_ok(h->cx, record_save(h->cx, role));
    r.who = house_user(h, "Nora", "Numbers only");
    for (size_t i = 0; i < countof(asked); i++)
        check_question(&r, metric_named(&r, asked[i][0]), asked[i][1],
                       "period=last_90_days&compare=none");
    const struct val *rows = val_get(
        get(&r, "/api/v1/question/rows?metric=visitors&period=last_90_days&rows=10000"), "rows");
    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *person = val_get(val_at(rows, i), "person");
        contacts += text_is(val_get_text(person, "kind"), "contact");
        if (!text_is(val_get_text(person, "kind"), "hidden"))
            continue;
        hidden++;
        assert_string_equal(val_get_text(person, "url"), "");
        assert_true(val_is_null(val_get(person, "id")));
    }
    assert_int_equal(contacts, 0);
    assert_true(hidden > 10);
    struct web_response csv = house_get(h, r.who, "/insight/metrics/visits/rows.csv");
    assert_int_equal(csv.status, 403);
    log_set_level(LOG_INFO);
    run_end(&r);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(over_all_metrics_and_dimensions, NULL),
        IN_BOTH_HOUSES(over_all_reports, NULL),
        IN_SQLITE_HOUSE(without_names_for_who_may_not_see_them, NULL),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
