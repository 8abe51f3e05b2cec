/* Tests of base/id.h: order, uniqueness between threads, the text form. */
#include "base/id.h"
#include "testing.h"
#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 4, EACH = 20000 };
#define NOW INT64_C(1795424854123) /* 2026-11-23 */

static void ids_grow_even_when_the_clock_stands_or_goes_back(void **state)
{
    struct id_source *s = id_source_new(3);
    i64 last = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) { /* more than one millisecond's counter holds */
        i64 id = id_next(s, NOW - i % 7);
        assert_true(id > last);
        last = id;
    }
    assert_in_range(id_time_ms(last), NOW, NOW + 5);
    i64 later = id_next(s, NOW + 1000);
    assert_true(id_time_ms(later) == NOW + 1000);
    assert_true(later > last);
    id_source_free(s);
}

static i64 made[THREADS][EACH];

struct maker {
    struct id_source *source;
    i64 *out;
};

static void *make(void *arg)
{
    struct maker *m = arg;

    for (int i = 0; i < EACH; i++)
        m->out[i] = id_next(m->source, NOW);
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;
    return (x > y) - (x < y);
}

static void threads_never_share_an_id(void **state)
{
    struct id_source *s = id_source_new(0);
    pthread_t threads[THREADS];
    struct maker makers[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        makers[i] = (struct maker){ s, made[i] };
        assert_int_equal(pthread_create(&threads[i], NULL, make, &makers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    qsort(made, (size_t)THREADS * EACH, sizeof(i64), by_value);
    const i64 *all = &made[0][0];
    for (int i = 1; i < THREADS * EACH; i++)
        assert_true(all[i] > all[i - 1]);
    id_source_free(s);
}

static void the_text_sorts_as_the_number_and_reads_back(void **state)
{
    struct arena *a = *state;
    const i64 ids[] = { 1,
                        31,
                        32,
                        id_at(NOW, 0, 0),
                        id_at(NOW, 0, 1),
                        id_at(NOW, 511, 4095),
                        id_at(NOW + 1, 0, 0),
                        INT64_MAX };
    const char *last = "";

    for (size_t i = 0; i < countof(ids); i++) {
        i64 back;
        const char *text = id_text(a, ids[i]);
        assert_int_equal(strlen(text), ID_CHARS);
        assert_true(strcmp(last, text) < 0);
        assert_true(id_parse(str_from(text), &back));
        assert_true(back == ids[i]);
        last = text;
    }
    assert_string_equal(id_text(a, INT64_MAX), "7zzzzzzzzzzzz");
}

static void only_an_id_is_read_as_one(void **state)
{
    static const struct {
        const char *text;
        i64 id; /* 0: refused */
    } cases[] = {
        { "0000000000001", 1 },
        { "000000000000I", 1 },
        { "000000000000l", 1 },
        { "OoO0000000011", 33 },
        { "000000000000Z", 31 },
        { "0000000000000", 0 },
        { "8000000000000", 0 }, /* the 64th bit */
        { "zzzzzzzzzzzzz", 0 },
        { "000000000000u", 0 },
        { "000000000000-", 0 },
        { "000000000001", 0 },
        { "00000000000001", 0 },
        { "000000000000\xc3", 0 },
        { "", 0 },
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        i64 id = 0;
        bool ok = id_parse(str_from(cases[i].text), &id);
        if (ok != (cases[i].id != 0) || id != cases[i].id)
            fail_msg("\"%s\": got %lld", cases[i].text, (long long)id);
    }
}

static void a_chosen_id_keeps_its_time(void **state)
{
    (void)state;
    assert_true(id_time_ms(id_at(NOW, 511, 4095)) == NOW);
    assert_true(id_at(NOW, 0, 5) < id_at(NOW, 0, 6));
    assert_true(id_at(NOW, 511, 4095) < id_at(NOW + 1, 0, 0));
    assert_true(id_at(INT64_MAX, 511, 4095) == INT64_MAX);
    assert_true(id_at(0, 0, 1) == 1); /* before 2020 is as good as 2020 */
}

static void uuids_are_told_from_other_texts(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        { "0191f3c0-5b7e-7d3a-9f10-2f6f3d9a1c55", true },
        { "0191F3C0-5b7e-7d3a-9f10-2f6f3d9a1c55", false },
        { "0191f3c0-5b7e-7d3a-9f10-2f6f3d9a1c5", false },
        { "0191f3c0-5b7e-7d3a-9f10-2f6f3d9a1c555", false },
        { "0191f3c005b7e-7d3a-9f10-2f6f3d9a1c55", false },
        { "0191f3c0-5b7e-7d3a-9f10-2f6f3d9a1c5g", false },
        { "", false },
    };
    static const unsigned char bytes[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

    for (size_t i = 0; i < countof(cases); i++)
        if (uuid_is(cases[i].text) != cases[i].good)
            fail_msg("\"%s\"", cases[i].text);
    assert_string_equal(uuid_text(*state, bytes), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_grow_even_when_the_clock_stands_or_goes_back),
        cmocka_unit_test(threads_never_share_an_id),
        WITH_ARENA(the_text_sorts_as_the_number_and_reads_back),
        cmocka_unit_test(only_an_id_is_read_as_one),
        cmocka_unit_test(a_chosen_id_keeps_its_time),
        WITH_ARENA(uuids_are_told_from_other_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
