/* pace.c -- how fast mail may go to a recipient's domain. Large mailbox providers take less at once
 * from whom they do not know; a rule here holds for all senders together. */
#include "mail/sender.h"
#include <string.h>

static const struct field fields[] = {
    [PACE_DOMAIN] = { "domain", FIELD_TEXT, "Domain", REQUIRED | LISTED | UNIQUE, .max_len = 255,
                      .help = "What stands behind the @: gmail.com." },
    [PACE_PER_MINUTE] = { "per_minute", FIELD_INT, "Mails a minute", REQUIRED | LISTED, .min = 1,
                          .max = 1000000 },
    [PACE_CONNECTIONS] = { "connections", FIELD_INT, "At once at most", LISTED, .min = 1, .max = 20,
                           .help = "Transactions with mails to this domain at the same time. "
                                   "Empty: any number." },
    [PACE_NOTE] = { "note", FIELD_TEXT, "Why", LISTED, .max_len = 300 },
};
_Static_assert(countof(fields) == PACE_FIELDS, "enum and table differ");

static enum status pace_validate(struct ctx *cx, struct row *r)
{
    const char *domain = text_lower_ascii(cx->arena, row_text(r, PACE_DOMAIN));

    if (strpbrk(domain, "@ /<>\"'") != NULL)
        return ctx_fail_field(cx, "domain", "pace.domain",
                              "'%s' is no domain. Write what stands behind the @, like gmail.com.",
                              domain);
    row_set_text(r, PACE_DOMAIN, domain);
    return OK;
}

const struct record_type pace_type = {
    .name = "mail_pace",
    .label = "Domain pace",
    .plural = "Domain paces",
    .path = "mail-paces",
    .icon = "gauge",
    .section = "settings",
    .menu_order = 21,
    .sort = "domain",
    .title = PACE_DOMAIN,
    .fields = fields,
    .field_count = PACE_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "A pace keeps mails to one recipient's domain from going faster than it likes. "
             "Without one they go as fast as the mail server takes them.",
    .validate = pace_validate,
};

const struct feature feature_pace = { .name = "pace", TYPES(&pace_type) };
