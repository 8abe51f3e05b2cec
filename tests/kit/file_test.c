/* file_test.c -- files of records: what is kept, who may have it, how it is handed out, what is
 * refused; once for each content; moved by a merge, gone when nobody has it. */
#include "admin/user.h"
#include "base/id.h"
#include "base/testing.h"
#include "kit/file.h"
#include "support/house.h"

#define ok(s)                                                             \
    do {                                                                  \
        if ((s) != OK)                                                    \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, h->cx->error_text); \
    } while (0)

static void names_are_clean(void **state)
{
    static const struct {
        const char *given, *kept;
    } cases[] = { { "offer.pdf", "offer.pdf" },
                  { "../../etc/passwd", "passwd" },
                  { "C:\\Users\\me\\plan.dwg", "plan.dwg" },
                  { "..hidden", "hidden" },
                  { "a\"b<c>|d:e*f?.txt", "abcdef.txt" },
                  { "a\r\nSet-Cookie: x.txt", "aSet-Cookie x.txt" },
                  { "", "File" },
                  { "...", "File" },
                  { "Grundri\xc3\x9f.png", "Grundri\xc3\x9f.png" } };
    scoped(arena_close) struct arena *a = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        assert_string_equal(file_clean_name(a, cases[i].given), cases[i].kept);
}

static void pictures_are_known_by_their_bytes(void **state)
{
    static const struct {
        const char *bytes, *type;
        size_t len;
    } cases[] = { { "\x89PNG\r\n\x1a\nrest", "image/png", 12 },
                  { "\x89PNG", "application/octet-stream", 4 },
                  { "\xff\xd8\xff\xe0", "image/jpeg", 4 },
                  { "GIF89a..", "image/gif", 8 },
                  { "RIFF....WEBP", "image/webp", 12 },
                  { "RIFF....WAVE", "application/octet-stream", 12 },
                  { "%PDF-1.7", "application/pdf", 8 },
                  { "<svg onload=alert(1)>", "application/octet-stream", 21 },
                  { "<script>", "application/octet-stream", 8 },
                  { "", "application/octet-stream", 0 } };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        assert_string_equal(file_media_type((struct str){ cases[i].bytes, cases[i].len }),
                            cases[i].type);
}

/* ---- through requests ---- */
static struct web_response post_file(struct house *h, const struct person *who, const char *path,
                                     const char *name, struct str bytes)
{
    static const struct http_pair headers[] = { { "Content-Type",
                                                  "multipart/form-data; boundary=B" },
                                                { "Accept", "application/json" },
                                                { NULL, NULL } };
    struct buf b = buf_in(h->arena, FILE_BYTES_MOST + 2000);

    buf_printf(&b,
               "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n--B\r\n"
               "Content-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n"
               "Content-Type: text/html\r\n\r\n",
               who->csrf, name);
    buf_add(&b, bytes.p, bytes.len);
    buf_text(&b, "\r\n--B--\r\n");
    {
        struct http_pair all[] = { headers[0],
                                   headers[1],
                                   { "Cookie", who->cookie },
                                   { "X-CSRF-Token", who->csrf },
                                   { NULL, NULL } };
        struct web_request in = {
            .method = HTTP_POST, .target = path, .headers = all, .body = { b.p, b.len }
        };
        struct web_response out;
        web_perform(h->web, h->arena, &in, &out);
        return out;
    }
}

static const char *new_company(struct house *h, const struct person *who, const char *name)
{
    struct web_response r = house_json(h, who, HTTP_POST, "/api/v1/companies",
                                       arena_printf(h->arena, "{\"name\":\"%s\"}", name));

    house_expect(h, &r, 201);
    return arena_printf(h->arena, "/companies/%s", val_get_text(house_val(h, &r), "id"));
}

static i64 count(struct house *h, const char *table)
{
    struct sql q = sql_new(h->cx);

    sql_add(&q, arena_printf(h->arena, "SELECT count(*) FROM %s", table));
    scoped(stmt_close) struct stmt st = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&st));
    return col_i64(&st, 0);
}

/* The address of the only file on a page. */
static const char *file_url(struct house *h, const struct person *who, const char *path)
{
    struct web_response r = house_json(h, who, HTTP_GET, path, NULL);
    const struct val *rows = val_get(val_get(house_val(h, &r), "files"), "rows");

    assert_int_equal(val_count(rows), 1);
    return arena_text(h->arena, val_get_text(val_at(rows, 0), "url"));
}

static void kept_and_handed_out(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", ""), *sven, *reader;
    struct row *role = row_new(h->cx, &role_type);
    const char *a = new_company(h, ida, "Kestrel"), *b = new_company(h, ida, "Harrow"), *url;
    const char *to = arena_printf(h->arena, "%s/file", a);
    struct web_response r;

    row_set_text(role, ROLE_NAME, "Stock");
    row_set_text(role, ROLE_RULES, "{\"deal\":{\"read\":\"all\"}}");
    ok(record_save(h->cx, role));
    sven = house_user(h, "Sven", "Stock");
    reader = house_user(h, "Rea", "Read only");

    r = post_file(h, ida, to, "../a<b>.html", str_from("<script>alert(1)</script>"));
    house_expect(h, &r, 200);
    url = file_url(h, ida, a);
    r = house_get(h, ida, url);
    house_expect(h, &r, 200);
    assert_string_equal(r.type, "application/octet-stream");
    assert_string_equal(web_response_header(&r, "Content-Disposition"),
                        "attachment; filename*=UTF-8''ab.html");
    assert_string_equal(web_response_header(&r, "X-Content-Type-Options"), "nosniff");
    assert_non_null(strstr(web_response_header(&r, "Content-Security-Policy"), "sandbox"));
    assert_true(str_is(r.body, "<script>alert(1)</script>"));
    r = house_get(h, ida, arena_printf(h->arena, "%s?show=1", url)); /* no picture: not shown */
    assert_string_equal(r.type, "application/octet-stream");

    r = house_get(h, NULL, url);
    house_expect(h, &r, 303);
    r = house_get(h, sven, url);
    house_expect(h, &r, 403);
    r = house_get(h, reader, url);
    house_expect(h, &r, 200);
    r = post_file(h, reader, to, "x.txt", str_from("x"));
    house_expect(h, &r, 403);
    r = house_post(h, reader, arena_printf(h->arena, "%s/delete", url), "");
    house_expect(h, &r, 403);
    /* by the address of another record it is none */
    r = house_get(h, ida, arena_printf(h->arena, "%s/file%s", b, strrchr(url, '/')));
    house_expect(h, &r, 404);

    /* once for each content */
    r = post_file(h, ida, arena_printf(h->arena, "%s/file", b), "same.html",
                  str_from("<script>alert(1)</script>"));
    house_expect(h, &r, 200);
    assert_int_equal(count(h, "file"), 2);
    assert_int_equal(count(h, "file_content"), 1);
    r = house_post(h, ida, arena_printf(h->arena, "%s/delete", url), "");
    house_expect(h, &r, 303);
    assert_int_equal(count(h, "file_content"), 1);
    r = house_get(h, ida, url);
    house_expect(h, &r, 404);

    /* a merge takes it along */
    r = house_json(h, ida, HTTP_POST, arena_printf(h->arena, "/api/v1%s/merge", a),
                   arena_printf(h->arena, "{\"with\":\"%s\"}", strrchr(b, '/') + 1));
    house_expect(h, &r, 200);
    url = file_url(h, ida, a);
    r = house_get(h, ida, url);
    house_expect(h, &r, 200);
    r = house_post(h, ida, arena_printf(h->arena, "%s/delete", url), "");
    house_expect(h, &r, 303);
    assert_int_equal(count(h, "file_content"), 0);
}

static void refused(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", "");
    const char *a = new_company(h, ida, "Kestrel");
    const char *to = arena_printf(h->arena, "%s/file", a);
    char *large = arena_alloc(h->arena, FILE_BYTES_MOST + 1, 1);
    struct web_response r;

    memset(large, 'x', FILE_BYTES_MOST + 1);
    r = post_file(h, ida, to, "large.bin", (struct str){ large, FILE_BYTES_MOST + 1 });
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "at most 25 MB"));
    r = post_file(h, ida, to, "empty.txt", STR(""));
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "empty.txt is empty"));
    r = house_post(h, ida, to, "");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "Choose a file first."));
    ok(setting_save(h->cx, "files.quota_gb", "0"));
    r = post_file(h, ida, to, "x.txt", STR("x"));
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "what an administrator set as the most"));
    assert_int_equal(count(h, "file"), 0);
    assert_int_equal(count(h, "file_content"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_clean),
        cmocka_unit_test(pictures_are_known_by_their_bytes),
        IN_BOTH_HOUSES(kept_and_handed_out, NULL),
        IN_BOTH_HOUSES(refused, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
