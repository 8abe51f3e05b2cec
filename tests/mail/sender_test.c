/* sender_test.c -- a sender's secrets: sealed, shown nowhere, and not to be lured to another
 * server. On both engines. */
#include "base/id.h"
#include "kit/seal.h"
#include "mail/sender.h"
#include "support/house.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static i64 made(struct house *h, const struct person *p)
{
    struct web_response r =
        house_json(h, p, HTTP_POST, "/api/v1/senders",
                   "{\"name\":\"News\",\"from_address\":\"news@example.com\",\"security\":\"tls\","
                   "\"host\":\"smtp.example.com\",\"username\":\"u\",\"password\":\"tops3cret\"}");
    i64 id;

    house_expect(h, &r, 201);
    assert_true(id_parse(str_from(val_get_text(house_val(h, &r), "id")), &id));
    return id;
}

static void a_password_is_sealed_and_shown_nowhere(void **state)
{
    struct house *h = *state;
    struct person *p = house_user(h, "Ada", "");
    i64 id = made(h, p);
    const char *name = id_text(h->arena, id), *plain;
    const char *places[] = {
        "/senders/%s",        "/senders/%s/edit",           "/senders/%s/history",
        "/api/v1/senders/%s", "/api/v1/senders/%s/history", "/senders.csv?%s",
        "/api/v1/changes?%s"
    };
    struct row *r;

    assert_int_equal(record_get(h->cx, &sender_type, id, &r), OK);
    assert_int_equal(row_secret(h->cx, r, SENDER_PASSWORD, &plain), OK);
    assert_string_equal(plain, "tops3cret");
    assert_null(strstr(row_text(r, SENDER_PASSWORD), "tops3cret"));
    for (size_t i = 0; i < countof(places); i++) {
        const char *at = strstr(places[i], "%s");
        struct web_response out = house_get(
            h, p,
            arena_printf(h->arena, "%.*s%s%s", (int)(at - places[i]), places[i], name, at + 2));
        assert_false(house_has(&out, "tops3cret"));
        assert_false(house_has(&out, row_text(r, SENDER_PASSWORD)));
    }
}

static void an_empty_input_keeps_it_and_a_dash_removes_it(void **state)
{
    struct house *h = *state;
    struct person *p = house_user(h, "Ada", "");
    i64 id = made(h, p);
    const char *path = arena_printf(h->arena, "/senders/%s", id_text(h->arena, id)), *plain;
    struct web_response out =
        house_post(h, p, path, "name=Other&from_address=news%40example.com&password=");
    struct row *r;

    house_expect(h, &out, 303);
    assert_int_equal(record_get(h->cx, &sender_type, id, &r), OK);
    assert_int_equal(row_secret(h->cx, r, SENDER_PASSWORD, &plain), OK);
    assert_string_equal(plain, "tops3cret");
    out = house_post(h, p, path, "host=evil.example.net");
    house_expect(h, &out, 422);
    assert_true(house_has(&out, "Type the password again"));
    out = house_post(h, p, path, "host=smtp2.example.com&password=again");
    house_expect(h, &out, 303);
    out = house_post(h, p, path, "password=-");
    house_expect(h, &out, 303);
    assert_int_equal(record_get(h->cx, &sender_type, id, &r), OK);
    assert_false(row_has(r, SENDER_PASSWORD));
}

static void a_secret_of_another_key_says_so(void **state)
{
    struct house *h = *state;
    const char *sealed, *plain;

    assert_int_equal(seal_text(h->cx, "x", &sealed), OK);
    char *other = arena_text(h->arena, sealed);
    other[3] = other[3] == '0' ? '1' : '0';
    assert_int_equal(seal_open(h->cx, other, &plain), E_INVALID);
    assert_string_equal(h->cx->error_code, "secret.other_key");
    ctx_clear_error(h->cx);
    other = arena_text(h->arena, sealed);
    size_t last = strlen(other) - 3;
    other[last] = other[last] == 'A' ? 'B' : 'A';
    assert_int_equal(seal_open(h->cx, other, &plain), E_INVALID);
    assert_string_equal(h->cx->error_code, "secret.spoilt");
    ctx_clear_error(h->cx);
}

static void a_key_file_is_made_once_and_only_ours_to_read(void **state)
{
    struct house *h = *state;
    char folder[] = "/tmp/furrow-key-XXXXXX";
    unsigned char one[SEAL_KEY_BYTES], two[SEAL_KEY_BYTES];
    struct stat st;

    assert_non_null(mkdtemp(folder));
    const char *path = arena_printf(h->arena, "%s/secret.key", folder);
    assert_int_equal(seal_key_file(h->cx, path, one), OK);
    assert_int_equal(seal_key_file(h->cx, path, two), OK);
    assert_memory_equal(one, two, sizeof one);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(seal_key_file(h->cx, path, two), E_INVALID);
    ctx_clear_error(h->cx);
    assert_int_equal(truncate(path, 10), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(seal_key_file(h->cx, path, two), E_INVALID);
    ctx_clear_error(h->cx);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_password_is_sealed_and_shown_nowhere, NULL),
        IN_BOTH_HOUSES(an_empty_input_keeps_it_and_a_dash_removes_it, NULL),
        IN_BOTH_HOUSES(a_secret_of_another_key_says_so, NULL),
        IN_SQLITE_HOUSE(a_key_file_is_made_once_and_only_ours_to_read, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
