/* list_test.c -- pages of a list: every row once, in order, both ways; what a cursor belongs to;
 * counts, groups and streams. */
#include "base/id.h"
#include "base/limits.h"
#include "kit/filter_types.h"
#include "kit/record_int.h"
#include <stdlib.h>

static const struct fixture_options options = { FEATURES(thing_features) };

/* ---- order ---- */
static const struct field *sorted_by;
static int sorted_field; /* -1: created_at, -2: id */
static bool sorted_down;

static int compare_values(const struct row *a, const struct row *b)
{
    const struct value *x, *y;
    static struct arena *scratch;
    int order;

    if (sorted_field < 0) {
        i64 m = sorted_field == -1 ? a->created_at : a->id,
            n = sorted_field == -1 ? b->created_at : b->id;
        order = (m > n) - (m < n);
        return sorted_down ? -order : order;
    }
    x = &a->values[sorted_field];
    y = &b->values[sorted_field];
    if (sorted_by->kind != FIELD_BOOL && x->set != y->set)
        return x->set ? -1 : 1; /* unset is last in both directions */
    scratch = a->arena;
    if (sorted_by->kind != FIELD_BOOL && !x->set)
        order = 0;
    else if (field_storage(sorted_by) == STORED_TEXT || field_storage(sorted_by) == STORED_FOLDED)
        order = strcmp(field_fold(scratch, sorted_by, x->text),
                       field_fold(scratch, sorted_by, y->text));
    else if (field_storage(sorted_by) == STORED_MONEY)
        order = (x->base_minor > y->base_minor) - (x->base_minor < y->base_minor);
    else
        order = (x->i > y->i) - (x->i < y->i);
    return sorted_down ? -order : order;
}

static int compare(const void *pa, const void *pb)
{
    const struct row *a = *(struct row *const *)pa, *b = *(struct row *const *)pb;
    int order = compare_values(a, b), ids = (a->id > b->id) - (a->id < b->id);

    return order ? order : sorted_down ? -ids : ids;
}

/* Those that the filter lets through, as memory sees it, in order. */
static size_t expected(struct ctx *cx, const char *filter, struct row **all, size_t count,
                       struct row **out)
{
    struct filter *f;
    size_t n = 0;
    bool match;

    assert_ok(cx, filter_parse(cx, &thing_type, filter, &f));
    for (size_t i = 0; i < count; i++) {
        assert_ok(cx, filter_match(cx, f, all[i], &match));
        if (match)
            out[n++] = all[i];
    }
    qsort(out, n, sizeof *out, compare);
    return n;
}

static void walk_pages(struct ctx *cx, const char *filter, const char *sort, int limit,
                       struct row **want, size_t count)
{
    struct list_query q = { .filter = filter, .sort = sort, .limit = limit };
    struct list_page page;
    size_t seen = 0;

    for (;;) {
        assert_ok(cx, list_run(cx, &thing_type, &q, &page));
        assert_true((page.prev[0] != '\0') == (seen > 0) || page.count == 0);
        for (size_t i = 0; i < page.count; i++, seen++)
            if (seen >= count || row_id(page.rows[i]) != row_id(want[seen]))
                fail_msg("%s sorted by %s: place %zu of %zu", filter, sort, seen, count);
        if (page.next[0] == '\0')
            break;
        q.cursor = page.next;
    }
    assert_int_equal(seen, count);
    while (page.prev[0]) { /* and back */
        seen -= page.count;
        q.cursor = page.prev;
        assert_ok(cx, list_run(cx, &thing_type, &q, &page));
        assert_true(page.count == (size_t)limit || page.prev[0] == '\0');
        assert_true(page.next[0] != '\0');
        for (size_t i = 0; i < page.count; i++)
            assert_int_equal(row_id(page.rows[i]), row_id(want[seen - page.count + i]));
    }
    assert_true(count == 0 || seen == page.count);
}

static void pages_bring_every_row_once_in_order(void **state)
{
    static const char *const sorts[] = { "name",    "amount_in", "weight",     "price", "due",
                                         "seen_at", "done",      "state",      "email", "phone",
                                         "site",    "code",      "created_at", "id" };
    static const char *const filters[] = { "",
                                           "done is true",
                                           "amount_in > 0",
                                           "state = 'new' or box_id.size > 1",
                                           "name is empty",
                                           "price < 50 and price > 0",
                                           "owner_id is not empty" };
    struct fixture *f = *state;
    struct world w;
    struct list_page all;
    struct row *want[100];

    assert_ok(f->cx,
              setting_save(f->cx, "currency.rates", "{\"USD\": \"0.92\", \"JPY\": \"0.006\"}"));
    world_make(f, &w, 80);
    assert_ok(f->cx, list_run(f->cx, &thing_type,
                              &(struct list_query){ .limit = 200, .sort = "id" }, &all));
    assert_int_equal(all.count, 80);
    for (size_t i = 0; i < countof(sorts); i++) {
        sorted_field = text_is(sorts[i], "created_at") ? -1 : type_field(&thing_type, sorts[i]);
        if (text_is(sorts[i], "id"))
            sorted_field = -2;
        sorted_by = sorted_field >= 0 ? &thing_fields[sorted_field] : NULL;
        for (int down = 0; down < 2; down++) {
            sorted_down = down;
            for (size_t j = 0; j < countof(filters); j++) {
                struct ctx *cx = fixture_ctx(f, access_system());
                size_t n = expected(cx, filters[j], all.rows, all.count, want);
                walk_pages(cx, filters[j],
                           arena_printf(cx->arena, "%s%s", down ? "-" : "", sorts[i]), 7, want, n);
            }
        }
    }
}

static void a_cursor_belongs_to_one_question(void **state)
{
    struct fixture *f = *state;
    struct list_query q = { .sort = "name", .limit = 2 };
    struct list_page page;

    for (int i = 0; i < 5; i++)
        fixture_record(f, "thing", "name", "x", NULL);
    assert_ok(f->cx, list_run(f->cx, &thing_type, &q, &page));
    q.cursor = page.next;
    assert_ok(f->cx, list_run(f->cx, &thing_type, &q, &page));
    static const struct {
        const char *filter, *sort, *search;
        bool trash;
    } others[] = { { "done is true", "name", "", false },
                   { "", "-name", "", false },
                   { "", "code", "", false },
                   { "", "name", "x", false },
                   { "", "name", "", true } };
    for (size_t i = 0; i < countof(others); i++) {
        struct ctx *cx = fixture_ctx(f, access_system());
        struct list_query other = { .filter = others[i].filter,
                                    .sort = others[i].sort,
                                    .search = others[i].search,
                                    .trash = others[i].trash,
                                    .cursor = q.cursor,
                                    .limit = 2 };
        assert_int_equal(list_run(cx, &thing_type, &other, &page), E_INVALID);
        assert_string_equal(cx->error_code, "list.cursor_stale");
    }
    static const char *const broken[] = { "x", "!!!", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    for (size_t i = 0; i < countof(broken); i++) {
        q.cursor = broken[i];
        assert_status(f->cx, list_run(f->cx, &thing_type, &q, &page), E_INVALID);
    }
    q.cursor = NULL;
    assert_ok(f->cx, list_run(f->cx, &thing_type, &q, &page));
    const char *whole = page.next;
    for (size_t len = 1; len < strlen(whole);
         len++) { /* cut off anywhere: refused or read, no more */
        q.cursor = arena_dup(f->cx->arena, whole, len);
        enum status s = list_run(f->cx, &thing_type, &q, &page);
        assert_true(s == OK || s == E_INVALID);
        ctx_clear_error(f->cx);
    }
}

static void what_cannot_be_asked_is_refused(void **state)
{
    static const struct {
        const char *filter, *sort, *code;
    } cases[] = { { "x =", "", "filter.unknown_field" }, { "", "tags", "list.sort" },
                  { "", "-secret", "list.sort" },        { "", "box_id", "list.sort" },
                  { "", "nothing", "list.sort" },        { "", "box_id.name", "list.sort" } };
    struct fixture *f = *state;
    struct list_page page;

    for (size_t i = 0; i < countof(cases); i++) {
        struct ctx *cx = fixture_ctx(f, access_system());
        struct list_query q = { .filter = cases[i].filter, .sort = cases[i].sort };
        assert_int_equal(list_run(cx, &thing_type, &q, &page), E_INVALID);
        assert_string_equal(cx->error_code, cases[i].code);
    }
    const struct access *nobody = fixture_user(f, "Nobody", 0, "{\"box\": {\"read\": \"all\"}}");
    struct ctx *cx = fixture_ctx(f, nobody);
    assert_int_equal(list_run(cx, &thing_type, &(struct list_query){ 0 }, &page), E_FORBIDDEN);
    cx = fixture_ctx(f, access_public());
    assert_int_equal(list_run(cx, &thing_type, &(struct list_query){ 0 }, &page), E_UNAUTHORIZED);
}

static void scope_trash_and_search_apply(void **state)
{
    struct fixture *f = *state;
    const struct access *anna = fixture_user(
        f, "Anna", 0, "{\"thing\": {\"read\": \"own\"}, \"user\": {\"read\": \"all\"}}");
    const char *own = id_text(f->cx->arena, anna->user_id);
    struct ctx *cx = fixture_ctx(f, anna);
    struct list_page page;
    struct row *r;
    i64 count, gone;

    fixture_record(f, "thing", "name", "Blue chair", "owner_id", own, NULL);
    fixture_record(f, "thing", "name", "Blue table", NULL);
    fixture_record(f, "thing", "name", "Red chair", "owner_id", own, NULL);
    gone = fixture_record(f, "thing", "name", "Green chair", "owner_id", own, NULL);
    assert_ok(f->cx, record_get(f->cx, &thing_type, gone, &r));
    assert_ok(f->cx, record_delete(f->cx, r));
    assert_ok(cx, list_run(cx, &thing_type, &(struct list_query){ .sort = "name" }, &page));
    assert_int_equal(page.count, 2);
    assert_ok(cx, list_run(cx, &thing_type, &(struct list_query){ .search = "blu" }, &page));
    assert_int_equal(page.count, 1);
    assert_ok(cx, list_run(cx, &thing_type, &(struct list_query){ .trash = true }, &page));
    assert_int_equal(page.count, 1);
    assert_int_equal(row_id(page.rows[0]), gone);
    assert_ok(f->cx, list_count(f->cx, &thing_type, "", "chair", 0, &count));
    assert_int_equal(count, 2);
    assert_ok(cx, list_count(cx, &thing_type, "name starts 'r'", "", 0, &count));
    assert_int_equal(count, 1);
    assert_ok(f->cx, list_count(f->cx, &thing_type, "", "", 2, &count));
    assert_int_equal(count, 3); /* more than two */
}

/* ---- groups and streams ---- */
static const struct val *group(const struct val *list, const char *key)
{
    for (size_t i = 0; i < val_count(list); i++)
        if (text_is(val_get_text(val_at(list, i), "key"), key))
            return val_at(list, i);
    return NULL;
}

static void groups_count_and_sum(void **state)
{
    struct fixture *f = *state;
    struct val *list = val_list(f->cx->arena);
    i64 box = fixture_record(f, "box", "name", "B", NULL);
    const char *box_id = id_text(f->cx->arena, box);

    assert_ok(f->cx, setting_save(f->cx, "currency.rates", "{\"USD\": \"0.5\"}"));
    fixture_record(f, "thing", "name", "a", "state", "new", "price", "10 EUR", "code", "Zoë",
                   "box_id", box_id, NULL);
    fixture_record(f, "thing", "name", "b", "state", "new", "price", "10 USD", "code", "zoe", NULL);
    fixture_record(f, "thing", "name", "c", "state", "gone", NULL);
    fixture_record(f, "thing", "name", "d", "price", "1", NULL);
    assert_ok(f->cx, list_group(f->cx, &thing_type, "", THING_STATE, THING_PRICE, list));
    assert_int_equal(val_count(list), 3);
    assert_int_equal(val_get_i64(group(list, "new"), "count", 0), 2);
    assert_int_equal(val_get_i64(group(list, "new"), "sum", 0), 1500);
    assert_int_equal(val_get_i64(group(list, "gone"), "sum", -1), 0);
    assert_int_equal(val_get_i64(group(list, ""), "sum", 0), 100);
    list = val_list(f->cx->arena);
    assert_ok(f->cx, list_group(f->cx, &thing_type, "state = 'new'", THING_CODE, -1, list));
    assert_int_equal(val_count(list), 1); /* Zoë and zoe are one */
    list = val_list(f->cx->arena);
    assert_ok(f->cx, list_group(f->cx, &thing_type, "", THING_BOX, -1, list));
    assert_int_equal(val_get_i64(group(list, box_id), "count", 0), 1);
    assert_int_equal(val_get_i64(group(list, ""), "count", 0), 3);
    assert_status(f->cx, list_group(f->cx, &thing_type, "", THING_TAGS, -1, list), E_INVALID);
    assert_status(f->cx, list_group(f->cx, &thing_type, "", THING_STATE, THING_NAME, list),
                  E_INVALID);
}

struct stream {
    int rows, stop_at;
    i64 last;
};

static enum status take(struct ctx *cx, struct row *r, void *arg)
{
    struct stream *s = arg;

    assert_true(row_id(r) > s->last);
    s->last = row_id(r);
    if (++s->rows == s->stop_at)
        return ctx_fail_code(cx, E_CONFLICT, arena_printf(cx->arena, "test.%s", "stopped"),
                             "stopped at %d", s->rows);
    return OK;
}

static void make_many(struct fixture *f, int count)
{
    enum { BATCH = 500 };
    struct row *rows[BATCH];

    for (int i = 0; i < count; i += BATCH) {
        for (int j = 0; j < BATCH; j++) {
            rows[j] = row_new(f->cx, &thing_type);
            row_set_text(rows[j], THING_NAME,
                         arena_printf(f->cx->arena, "thing %d", (i + j) * 7919 % count));
            if ((i + j) % 3)
                row_set_i64(rows[j], THING_COUNT, (i + j) * 7907 % 1000);
            row_set_i64(rows[j], THING_DONE, (i + j) % 7 == 0);
            row_set_text(rows[j], THING_STATE,
                         (i + j) % 1000 == 0 ? "gone"
                         : (i + j) % 2       ? "new"
                                             : "in_use");
            row_set_text(rows[j], THING_CODE, (i + j) % 900 == 0 ? "rare" : "common");
        }
        assert_ok(f->cx, record_save_many(f->cx, rows, BATCH));
    }
}

static void every_row_streams_by(void **state)
{
    struct fixture *f = *state;
    struct stream all = { 0 }, some = { 0 }, broken = { .stop_at = 700 };

    make_many(f, 1500);
    assert_ok(f->cx, list_each(f->cx, &thing_type, "", take, &all));
    assert_int_equal(all.rows, 1500);
    assert_ok(f->cx, list_each(f->cx, &thing_type, "state = 'new'", take, &some));
    assert_int_equal(some.rows, 750);
    assert_int_equal(list_each(f->cx, &thing_type, "", take, &broken), E_CONFLICT);
    assert_string_equal(f->cx->error_text, "stopped at 700"); /* kept beyond the batch */
    assert_string_equal(f->cx->error_code, "test.stopped");
    ctx_clear_error(f->cx);
}

/* Wide and narrow conditions take other ways on SQLite; all of them bring the same. */
static void every_way_brings_the_same(void **state)
{
    static const char *const filters[] = {
        "state = 'new'",
        "state = 'gone'",
        "code = 'rare'",
        "code = 'rare' and state = 'in_use'",
        "amount_in < 2",
        "amount_in > 10 and state != 'new'",
        "name starts 'thing 12'",
        "state = 'gone' and amount_in > 5",
        "code = 'nothing'",
        "state = 'new' and done is true",
        "amount_in is empty",
        "state = 'in_use' and done is not true and amount_in >= 500",
        "state is empty",
        "state = 'new' and amount_in is empty and done is true",
        "state = 'new' and done is true and code = 'rare'"
    };
    static const char *const sorts[] = { "name", "-amount_in", "amount_in", "created_at", "code" };
    struct fixture *f = *state;
    struct arena *a = arena_new(1 << 20);
    struct ctx *cx = fixture_ctx(f, access_system());
    struct row **all = calloc(9000, sizeof *all), **want = calloc(9000, sizeof *want);
    size_t count = 0;

    make_many(f, 9000);
    cx->arena = a;
    struct list_query q = { .sort = "id", .limit = 200 };
    struct list_page page;
    do {
        assert_ok(cx, list_run(cx, &thing_type, &q, &page));
        memcpy(all + count, page.rows, page.count * sizeof *all);
        count += page.count;
        q.cursor = page.next;
    } while (page.next[0]);
    assert_int_equal(count, 9000);
    for (size_t i = 0; i < countof(sorts); i++) {
        sorted_down = sorts[i][0] == '-';
        sorted_field =
            text_is(sorts[i], "created_at") ? -1 : type_field(&thing_type, sorts[i] + sorted_down);
        sorted_by = sorted_field >= 0 ? &thing_fields[sorted_field] : NULL;
        for (size_t j = 0; j < countof(filters); j++) {
            size_t n = expected(cx, filters[j], all, count, want);
            struct list_query part = { .filter = filters[j], .sort = sorts[i], .limit = 50 };
            for (size_t seen = 0; seen < n && seen < 150; seen += page.count) {
                assert_ok(cx, list_run(cx, &thing_type, &part, &page));
                assert_int_equal(page.count, n - seen < 50 ? n - seen : 50);
                for (size_t k = 0; k < page.count; k++)
                    assert_int_equal(row_id(page.rows[k]), row_id(want[seen + k]));
                part.cursor = page.next;
            }
        }
    }
    free(all);
    free(want);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_ENGINES(pages_bring_every_row_once_in_order, &options),
        ON_BOTH_ENGINES(a_cursor_belongs_to_one_question, &options),
        ON_BOTH_ENGINES(what_cannot_be_asked_is_refused, &options),
        ON_BOTH_ENGINES(scope_trash_and_search_apply, &options),
        ON_BOTH_ENGINES(groups_count_and_sum, &options),
        ON_BOTH_ENGINES(every_row_streams_by, &options),
        ON_SQLITE_ENGINE(every_way_brings_the_same, &options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
