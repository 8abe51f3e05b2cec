/* sender.c -- sending identities: the record. Mail goes out by a relay (an SMTP server of the
 * company's or a provider's), signed by us. */
#include "mail/sender.h"
#include "io/smtp.h"
#include <string.h>

static const struct field fields[] = {
    [SENDER_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED | UNIQUE,
                      .max_len = 100, .help = "How it is called here: Newsletter, Anna, Orders." },
    [SENDER_FROM_NAME] = { "from_name", FIELD_TEXT, "From name", LISTED, .max_len = 100,
                           .help = "What recipients read: Anna of Alderfield." },
    [SENDER_FROM] = { "from_address", FIELD_EMAIL, "From address", REQUIRED | LISTED },
    [SENDER_REPLY_TO] = { "reply_to", FIELD_EMAIL, "Replies go to", 0,
                          .help = "Empty: to the from address." },
    [SENDER_DEFAULT] = { "is_default", FIELD_BOOL, "Default", LISTED,
                         .help = "Mails that name no sender go by this one." },
    [SENDER_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true",
                        .help = "What is not active keeps its mails waiting." },
    [SENDER_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
    [SENDER_HOST] = { "host", FIELD_TEXT, "Mail server", LISTED, .max_len = 255,
                      .group = "Mail server",
                      .help = "The relay that takes the mails: smtp.example.com. Empty: they "
                              "wait." },
    [SENDER_PORT] = { "port", FIELD_INT, "Port", 0, .min = 1, .max = 65535, .otherwise = "587" },
    [SENDER_SECURITY] = { "security", FIELD_CHOICE, "Encryption", REQUIRED, .otherwise = "starttls",
                          .choices = CHOICES({ "starttls", "STARTTLS", "green" },
                                             { "tls", "TLS from the start", "green" },
                                             { "none", "None", "red" }),
                          .help = "Without encryption only a server on this machine or network "
                                  "is safe." },
    [SENDER_USER] = { "username", FIELD_TEXT, "User name", 0, .max_len = 255 },
    [SENDER_PASSWORD] = { "password", FIELD_SECRET, "Password", 0, .max_len = 1000 },
    [SENDER_RETURN] = { "return_path", FIELD_EMAIL, "Bounces go to", 0,
                        .help = "The address that mail servers report to. Empty: the from "
                                "address." },
    [SENDER_RETURN_PLUS] = { "return_plus", FIELD_BOOL, "With a number for each mail", 0,
                             .help = "Bounces go to bounces+number@example.com, so that each is "
                                     "known for sure. Only for a mailbox that takes such "
                                     "addresses, as most do." },
    [SENDER_CONNECTIONS] = { "connections", FIELD_INT, "Connections at once", 0, .min = 1,
                             .max = 20, .otherwise = "4" },
    [SENDER_DKIM_DOMAIN] = { "dkim_domain", FIELD_TEXT, "Domain that signs", 0, .max_len = 255,
                             .group = "Signature",
                             .help = "Empty: the from address's. Mailbox providers want the two "
                                     "to be the same." },
    [SENDER_SELECTOR] = { "dkim_selector", FIELD_TEXT, "Selector", 0, .max_len = 60,
                          .otherwise = "furrow",
                          .help = "Part of the name under which the keys stand in the DNS." },
    [SENDER_RSA] = { "dkim_rsa", FIELD_SECRET, "RSA key", INTERNAL, .max_len = 8000 },
    [SENDER_RSA_PUBLIC] = { "dkim_rsa_public", FIELD_LONG, "RSA key, public", INTERNAL },
    [SENDER_ED] = { "dkim_ed25519", FIELD_SECRET, "Ed25519 key", INTERNAL, .max_len = 8000 },
    [SENDER_ED_PUBLIC] = { "dkim_ed25519_public", FIELD_LONG, "Ed25519 key, public", INTERNAL },
    [SENDER_PER_HOUR] = { "per_hour", FIELD_INT, "Mails an hour", 0, .min = 0, .max = 10000000,
                          .group = "Limits", .help = "What the relay allows. Empty: any number." },
    [SENDER_PER_DAY] = { "per_day", FIELD_INT, "Mails a day", 0, .min = 0, .max = 100000000 },
    [SENDER_WARM_FROM] = { "warm_up_from", FIELD_DATE, "Warm-up begins", 0,
                           .help = "A new domain or address is trusted slowly: from this day on "
                                   "the day's number grows. Empty: no warm-up." },
    [SENDER_WARM_FIRST] = { "warm_up_first", FIELD_INT, "On the first day", 0, .min = 1,
                            .max = 1000000, .otherwise = "50" },
    [SENDER_WARM_GROWTH] = { "warm_up_growth", FIELD_INT, "More each day, in percent", 0, .min = 1,
                             .max = 300, .otherwise = "40" },
    [SENDER_TRUST] = { "trust", FIELD_LONG, "Certificate to trust", 0, .max_len = 20000,
                       .group = "Certificate",
                       .help = "Only for a server with a certificate of the company's own: its "
                               "authority, as PEM." },
    /* of one person's mailbox (mailbox.c): never the default */
    [SENDER_PERSONAL] = { "personal", FIELD_BOOL, "Of a mailbox", INTERNAL },
};
_Static_assert(countof(fields) == SENDER_FIELDS, "enum and table differ");

enum status sender_default(struct ctx *cx, i64 *id) { return db_get_i64(cx, id, "sender.default"); }

enum status sender_smtp(struct ctx *cx, const struct row *sender, struct smtp_options *out)
{
    const char *security = row_text(sender, SENDER_SECURITY);

    *out = (struct smtp_options){ .host = row_text(sender, SENDER_HOST),
                                  .port = row_has(sender, SENDER_PORT)
                                              ? (int)row_i64(sender, SENDER_PORT)
                                              : 587,
                                  .security = text_is(security, "tls")    ? SMTP_TLS
                                              : text_is(security, "none") ? SMTP_OPEN
                                                                          : SMTP_STARTTLS,
                                  .user = row_text(sender, SENDER_USER),
                                  .trust = row_text(sender, SENDER_TRUST) };
    if (!row_has(sender, SENDER_HOST))
        return ctx_fail(cx, E_INVALID, "no mail server is set up for this sender");
    return row_secret(cx, sender, SENDER_PASSWORD, &out->password);
}

const char *sender_second_selector(struct arena *a, const char *selector)
{
    return arena_printf(a, "%s-ed", selector);
}

/* A host name: what would break a command or a header is none. */
static bool is_host(const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') && !(*p >= '0' && *p <= '9') &&
            strchr(".-:[]_", *p) == NULL)
            return false;
    return true;
}

static enum status sender_validate(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);
    i64 count;

    if (!is_host(row_text(r, SENDER_HOST)))
        return ctx_fail_field(cx, "host", "sender.host",
                              "'%s' is no server name. Write it like smtp.example.com.",
                              row_text(r, SENDER_HOST));
    if (!is_host(row_text(r, SENDER_DKIM_DOMAIN)) || !is_host(row_text(r, SENDER_SELECTOR)))
        return ctx_fail_field(cx, "dkim_domain", "sender.domain",
                              "Domain and selector have letters, digits, dots and hyphens only.");
    /* Who may edit a sender must not be able to have its password sent to a server of their own. */
    if (before != NULL && row_has(r, SENDER_PASSWORD) && !row_changed(r, SENDER_PASSWORD) &&
        (row_changed(r, SENDER_HOST) || row_changed(r, SENDER_PORT) ||
         row_changed(r, SENDER_SECURITY)))
        return ctx_fail_field(cx, "password", "sender.password",
                              "Type the password again: the server it is for has changed.");
    if (row_bool(r, SENDER_PERSONAL)) {
        row_set_i64(r, SENDER_DEFAULT, 0);
        return OK;
    }
    TRY(db_get_i64(cx, &count, "sender.others", I64("id", row_id(r))));
    if (count == 0)
        row_set_i64(r, SENDER_DEFAULT, 1);
    return OK;
}

static enum status sender_saved(struct ctx *cx, struct row *r)
{
    struct row *other;
    i64 id;

    if (!row_bool(r, SENDER_DEFAULT) || !row_changed(r, SENDER_DEFAULT))
        return OK;
    while (db_get_i64(cx, &id, "sender.other_default", I64("id", row_id(r))) == OK) {
        TRY(record_get(cx, &sender_type, id, &other));
        row_set_i64(other, SENDER_DEFAULT, 0);
        TRY(record_save(cx, other));
    }
    return OK;
}

static enum status sender_removed(struct ctx *cx, struct row *r)
{
    i64 waiting;

    TRY(db_get_i64(cx, &waiting, "sender.waiting", I64("id", row_id(r))));
    if (waiting > 0)
        return ctx_fail_code(cx, E_CONFLICT, "sender.in_use",
                             "%lld mails wait to go by '%s'. Cancel them first.",
                             (long long)waiting, row_text(r, SENDER_NAME));
    return OK;
}

const struct record_type sender_type = {
    .name = "sender",
    .label = "Sender",
    .plural = "Senders",
    .path = "senders",
    .icon = "at",
    .section = "settings",
    .menu_order = 20,
    .sort = "name",
    .title = SENDER_NAME,
    .fields = fields,
    .field_count = SENDER_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "A sender is who mails come from: an address, the mail server that takes them, and "
             "the keys that sign them.",
    ACTIONS({ "dns", "DNS and keys", "/senders/:id/dns", true, NULL },
            { "test", "Send me a test", NULL, false, NULL }),
    .validate = sender_validate,
    .saved = sender_saved,
    .removed = sender_removed,
};

const struct feature feature_sender = { .name = "sender", TYPES(&sender_type) };
