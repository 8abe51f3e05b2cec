/* paper_test.c -- printed documents as somebody else's program reads them: the brand's logo. */
#include "bridge/brand.h"
#include "mail/picture.h"
#include "support/house.h"
#include "support/pdf.h"
#include <sodium.h>

#define PNG                                                                                \
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAICAYAAADwdn+XAAAAJ0lEQVR4AeyQMQ0AAAjDmhnCAI7wf4OIHTxr" \
    "0rdHVdPrKEwSgP8HBwAA///puHr0AAAABklEQVQDANdZHWGrVcKjAAAAAElFTkSuQmCC"
#define JPEG                                                                               \
    "/9j/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8" \
    "ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk" \
    "pKSkpKSkpKSkpKSkpKT/wAARCAAIABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEA" \
    "AAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAAP/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oA" \
    "DAMBAAIRAxEAPwCIBNAAB//Z"

enum { INKS_AT = 149 }; /* how many values a pixel of JPEG has */

static const char *post(struct house *h, const struct person *who, const char *path,
                        const char *json)
{
    struct web_response r = house_json(h, who, HTTP_POST, path, json);

    house_expect(h, &r, 201);
    return val_get_text(house_val(h, &r), "id");
}

/* ---- the logo ---- */
static struct str bytes_of(struct house *h, const char *base64)
{
    size_t most = strlen(base64), len;
    unsigned char *bytes = arena_alloc(h->arena, most, 1);

    assert_int_equal(sodium_base642bin(bytes, most, base64, most, NULL, &len, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    return (struct str){ (const char *)bytes, len };
}

/* Uploads it; the address under which it is kept. */
static const char *upload(struct house *h, const struct person *who, struct str bytes)
{
    const struct http_pair headers[] = { { "Content-Type", "multipart/form-data; boundary=B" },
                                         { "Accept", "application/json" },
                                         { "Cookie", who->cookie },
                                         { "X-CSRF-Token", who->csrf },
                                         { NULL, NULL } };
    struct buf b = buf_in(h->arena, 4096);
    struct web_request in = { .method = HTTP_POST, .target = "/pictures", .headers = headers };
    struct web_response r;

    buf_text(&b, "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n");
    buf_add(&b, bytes.p, bytes.len);
    buf_text(&b, "\r\n--B--\r\n");
    in.body = (struct str){ b.p, b.len };
    web_perform(h->web, h->arena, &in, &r);
    house_expect(h, &r, 200);
    return val_get_text(house_val(h, &r), "url");
}

/* A JPEG goes into the file as it is, a PNG decoded; of anything else the name is written. */
static void the_brand_s_picture_stands_at_the_head(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "");
    struct str jpeg = bytes_of(h, JPEG), png = bytes_of(h, PNG), inks = jpeg, cut = png;
    char *copy = arena_dup(h->arena, jpeg.p, jpeg.len);
    const struct {
        const char *what, *logo, *picture; /* "": the name is written */
    } cases[] = {
        { "none", "", "" },
        { "a JPEG", upload(h, sam, jpeg), " image 24 8 rgb 3 8 jpeg " },
        { "a PNG", upload(h, sam, png), " image 16 8 rgb 3 8 image " },
        { "a JPEG of inks", (copy[INKS_AT] = 4, inks.p = copy, upload(h, sam, inks)), "" },
        { "half a PNG", (cut.len = cut.len / 2, upload(h, sam, cut)), "" },
        { "somebody else's", "https://example.com/logo.png", "" },
        { "one that is gone", "https://example.com/pic/0000000000001.png", "" },
    };
    const char *brand = post(h, sam, "/api/v1/brands", "{\"name\":\"Alderfield\"}"),
               *quote = post(h, sam, "/api/v1/quotes", "{\"title\":\"Field\"}");

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r =
            house_json(h, sam, HTTP_PATCH, arena_printf(h->arena, "/api/v1/brands/%s", brand),
                       arena_printf(h->arena, "{\"logo_url\":\"%s\"}", cases[i].logo));
        const char *text, *pictures;
        house_expect(h, &r, 200);
        r = house_get(h, sam, arena_printf(h->arena, "/quotes/%s/pdf", quote));
        house_expect(h, &r, 200);
        text = pdf_text(h->arena, r.body);
        pictures = pdf_pictures(h->arena, r.body);
        if (strstr(pictures, cases[i].picture) == NULL ||
            (text_empty(cases[i].picture) && strstr(pictures, " image ") != NULL))
            fail_msg("%s: %s", cases[i].what, pictures);
        assert_non_null(strstr(text, "Alderfield"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(the_brand_s_picture_stands_at_the_head, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
