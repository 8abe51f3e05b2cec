/* content_fuzz.c -- what strangers and programs write into a mail. The first byte says what it is:
 * markup to clean, a text with {{fields}}, or the JSON of the blocks. Markup comes out with known
 * tags only, balanced, and unchanged by a second cleaning; a text says what it says, as one line in
 * a subject; blocks are refused with a word or make a mail that has its own words only. */
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "mail/content_int.h"
#include "support/house.h"

static struct house *house;
static struct row *contact;

static void close_house(void) { house_close(house); }

static void open_house(void)
{
    house = house_open(DB_SQLITE, NULL);
    atexit(close_house);
    house->cx->access = access_system();
    contact = row_new(house->cx, type_find(house->cx, "contact"));
    must(row_parse(house->cx, contact, type_field(row_type(contact), "first_name"),
                   "Eve\"><script>") == OK,
         "no name");
    must(row_parse(house->cx, contact, type_field(row_type(contact), "email"), "eve@example.com") ==
             OK,
         "no address");
    must(record_save(house->cx, contact) == OK, "no contact");
}

/* Every '<' begins a tag of ours, and the tags are balanced. */
static void check_markup(struct ctx *cx, const char *html, enum clean_mode mode)
{
    struct markup t = markup_begin(cx->arena, html);
    enum tag open[64];
    int depth = 0;

    must(utf8_valid(str_from(html)), "markup that is no UTF-8");
    while (markup_next(&t)) {
        if (t.kind == MARKUP_OPEN) {
            must(t.tag != TAG_NONE, "a tag that is not on the list");
            for (int i = 0; i < t.attr_count; i++) {
                must(strncmp(t.attrs[i].name, "on", 2) != 0, "an event handler");
                must(mode == CLEAN_HTML || text_is(t.attrs[i].name, "href"), "an attribute");
                if (text_is(t.attrs[i].name, "href") || text_is(t.attrs[i].name, "src"))
                    must(url_clean(cx->arena, t.attrs[i].value) != NULL, "an address");
                if (text_is(t.attrs[i].name, "style"))
                    must(!strstr(t.attrs[i].value, "url") && !strchr(t.attrs[i].value, '@'),
                         "a style that loads");
            }
            if (!tag_is_void(t.tag)) {
                must(depth < 64, "too deep");
                open[depth++] = t.tag;
            }
        } else if (t.kind == MARKUP_CLOSE) {
            must(depth > 0 && open[depth - 1] == t.tag, "tags that are not balanced");
            depth--;
        } else {
            must(strchr(t.text, '<') == NULL || strstr(html, "&lt;") != NULL, "a bare <");
        }
    }
    must(depth == 0, "a tag that stays open");
}

static void fuzz_markup(struct ctx *cx, const char *text, enum clean_mode mode)
{
    const char *once, *twice;

    if (content_clean(cx, text, mode, &once, NULL) != OK) {
        must(cx->error == E_LIMIT, "refused as something else");
        return;
    }
    check_markup(cx, once, mode);
    must(content_clean(cx, once, mode, &twice, NULL) == OK, "what was cleaned is refused");
    must(text_is(once, twice), "cleaning again changes it");
}

static void check_mail(const struct content_mail *m)
{
    for (const char *p = m->subject; *p; p++)
        must((u8)*p >= 0x20, "a subject with a control character");
    must(strstr(m->html, "<script") == NULL, "a script");
    must(strstr(m->html, "javascript:") == NULL || strstr(m->html, "href=\"javascript") == NULL,
         "an address that runs");
    must(utf8_valid(str_from(m->html)) && utf8_valid(str_from(m->text)), "no UTF-8");
}

static void fuzz_blocks(struct ctx *cx, const char *subject, const char *blocks)
{
    struct content_for who = { .contact = contact, .unsubscribe_url = "https://x.example/u" };
    struct content_doc *doc, *again;
    struct content_mail m;
    struct content *c;
    struct val *json;

    if (content_compile_parts(cx, 0, subject, subject, blocks, &c) != OK) {
        must(cx->error == E_INVALID || cx->error == E_LIMIT, "refused as something else");
        must((cx->error_text && cx->error_text[0]) || cx->field_errors, "refused without a word");
        return;
    }
    if (content_render(cx, c, &who, &m) == OK)
        check_mail(&m);
    must(json_read(cx->arena, str_from(blocks), &json, NULL) == OK, "it was JSON a moment ago");
    must(content_read(cx, json, &doc) == OK, "it was fine a moment ago");
    const char *spelt = json_text(cx->arena, content_write(cx, doc));
    must(json_read(cx->arena, str_from(spelt), &json, NULL) == OK, "its own text is no JSON");
    must(content_read(cx, json, &again) == OK, "its own text is refused");
    must(text_is(json_text(cx->arena, content_write(cx, again)), spelt), "its own text changes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx cx;

    if (house == NULL)
        open_house();
    if (size < 2 || size > 20000 || memchr(data, 0, size) != NULL ||
        !utf8_valid((struct str){ (const char *)data, size }))
        return 0;
    struct arena *a = arena_new(256 * 1024);
    cx = *house->cx;
    cx.arena = a;
    const char *text = arena_dup(a, (const char *)data + 1, size - 1);
    switch (data[0]) {
    case 'r':
        fuzz_markup(&cx, text, CLEAN_RICH);
        break;
    case 'h':
        fuzz_markup(&cx, text, CLEAN_HTML);
        break;
    case 'm':
        fuzz_blocks(&cx, text, "{\"blocks\":[]}");
        break;
    default:
        fuzz_blocks(&cx, "{{contact.first_name|x}}", text);
    }
    arena_free(a);
    return 0;
}
