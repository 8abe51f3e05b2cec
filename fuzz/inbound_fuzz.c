/* inbound_fuzz.c -- what strangers send about mails of ours: a report into the bounce mailbox
 * (first byte 'm') or what a provider posts ('s' SES, 'g' SendGrid, 'p' Postmark, 'u' Mailgun, 'b'
 * Brevo). Whatever it says: texts are valid UTF-8, kinds are known, addresses are lower case. */
#include "base/json.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "mail/hook.h"
#include <string.h>

static void check(const struct report *r)
{
    must(r->kind > REPORT_NONE && r->kind < REPORT_KINDS, "a report of no kind");
    must(utf8_valid(str_from(r->address)) && utf8_valid(str_from(r->text)) &&
             utf8_valid(str_from(r->status)) && utf8_valid(str_from(r->proofs)),
         "a text that is no UTF-8");
    must(strlen(r->text) <= 500, "words without end");
    for (const char *p = r->address; *p; p++)
        must(!(*p >= 'A' && *p <= 'Z'), "an address in capitals");
}

static void check_mail(struct ctx *cx, struct str bytes)
{
    struct report reports[REPORTS_IN_MAIL];
    struct letter *m;
    size_t count;

    if (mime_read(cx, bytes, &m) != OK)
        return;
    must(bounce_read(cx, m, reports, &count) == OK, "reading fails");
    must(count <= REPORTS_IN_MAIL, "more reports than there is room for");
    for (size_t i = 0; i < count; i++)
        check(&reports[i]);
}

static void check_post(struct ctx *cx, const char *provider, struct str bytes)
{
    struct hook_event *events;
    struct val *body;
    size_t count;

    if (json_read(cx->arena, bytes, &body, NULL) != OK ||
        hook_events(cx, provider, body, &events, &count) != OK)
        return;
    for (size_t i = 0; i < count; i++) {
        check(&events[i].report);
        must(events[i].key[0] != '\0', "an event without a key");
    }
    must(strlen(hook_sns_text(cx->arena, body)) <= 2 * bytes.len + 200, "signed text that grows");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const providers[128] = {
        ['s'] = "ses", ['g'] = "sendgrid", ['p'] = "postmark", ['u'] = "mailgun", ['b'] = "brevo"
    };
    struct arena *a = arena_new(64 * 1024);
    struct clock clock = { 1 };
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    if (size > 1) {
        struct str rest = { (const char *)data + 1, size - 1 };
        if (data[0] < 128 && providers[data[0]])
            check_post(&cx, providers[data[0]], rest);
        else
            check_mail(&cx, rest);
    }
    arena_free(a);
    return 0;
}
