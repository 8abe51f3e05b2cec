/* mime_fuzz.c -- whatever bytes come as a mail: it is refused with a reason, or every text of it is
 * valid UTF-8 within its limit. */
#include "base/utf8.h"
#include "fuzz.h"
#include "io/mime_read.h"
#include <string.h>

static void check_text(const char *text, size_t max)
{
    must(text != NULL, "a text is NULL");
    must(strlen(text) <= max, "a text over its limit");
    must(utf8_valid(str_from(text)), "a text that is no UTF-8");
}

static void check_people(const struct letter_people *p)
{
    must(p->count <= MIME_PEOPLE, "too many people");
    for (size_t i = 0; i < p->count; i++) {
        check_text(p->list[i].name, 200);
        check_text(p->list[i].address, 320);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 * 1024);
    struct clock clock = { 1 };
    struct letter *m;
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    if (mime_read(&cx, (struct str){ (const char *)data, size }, &m) == OK) {
        check_text(m->subject, 998);
        check_text(m->text, MIME_TEXT_BYTES);
        check_text(m->html, MIME_HTML_BYTES);
        check_text(m->report, MIME_TEXT_BYTES);
        check_text(m->returned, MIME_TEXT_BYTES);
        check_text(m->message_id, 250);
        check_people(&m->from);
        check_people(&m->to);
        check_people(&m->cc);
        must(m->file_count <= MIME_FILES, "too many files");
        for (size_t i = 0; i < m->file_count; i++) {
            check_text(m->files[i].name, 200);
            must(strchr(m->files[i].name, '/') == NULL, "a file's name is a path");
        }
        check_text(mime_reply_text(a, m->text), MIME_TEXT_BYTES + 2);
        check_text(mime_field(a, m->report, "Status"), 4000);
        check_text(html_to_text(a, (struct str){ (const char *)data, size }, 10000), 10000);
    } else {
        must(cx.error_text[0] != '\0', "refused without a reason");
    }
    arena_free(a);
    return 0;
}
