/* sender_dns.c -- a sender's keys, made here; and what the DNS says of a sender beside what it
 * should say: SPF, DKIM, DMARC and MX, and what to do. */
#include "base/id.h"
#include "io/dkim.h"
#include "io/dns.h"
#include "kit/pages.h"
#include "mail/mail.h"
#include "mail/sender.h"
#include <string.h>
#include <strings.h>

enum { LOOK_MS = 3000 };

/* ---- one line of the check ---- */
static struct val *put_line(struct val *list, const char *what, const char *name, const char *type,
                            const char *expected)
{
    struct val *v = val_add_map(list);

    val_put_text(v, "what", what);
    val_put_text(v, "name", name);
    val_put_text(v, "type", type);
    val_put_text(v, "expected", expected);
    val_put_text(v, "found", "");
    val_put_text(v, "todo", "");
    val_put_text(v, "tone", "grey");
    val_put_text(v, "state", "not looked up");
    return v;
}

static void say(struct val *v, const char *tone, const char *state, const char *found,
                const char *todo)
{
    val_put_text(v, "tone", tone);
    val_put_text(v, "state", state);
    val_put_text(v, "found", found);
    val_put_text(v, "todo", todo);
}

/* False: said already, there is nothing to compare. */
static bool look_up(struct ctx *cx, struct val *v, const char *name, enum dns_type type,
                    struct dns_answers *out)
{
    struct ctx probe = *cx;
    enum status s = dns_ask(&probe, setting_text(cx, "mail.resolver"), name, type, LOOK_MS, out);

    if (s == OK)
        return true;
    if (s == E_NOT_FOUND)
        say(v, "red", "missing", "", "Add this record where the domain's DNS is kept.");
    else
        say(v, "grey", "no answer", probe.error_text, "Try again later.");
    return false;
}

static const char *starts_with(const struct dns_answers *all, const char *prefix, size_t *count)
{
    const char *first = "";

    *count = 0;
    for (size_t i = 0; i < all->count; i++)
        if (strncasecmp(all->all[i].text, prefix, strlen(prefix)) == 0 && (*count)++ == 0)
            first = all->all[i].text;
    return first;
}

static void check_spf(struct ctx *cx, struct val *v, const char *domain, const char *host)
{
    struct dns_answers all;
    const char *spf;
    size_t count;

    if (!look_up(cx, v, domain, DNS_TXT, &all))
        return;
    spf = starts_with(&all, "v=spf1", &count);
    if (count == 0)
        say(v, "red", "missing", "", "Add this record; other TXT records of the name may stay.");
    else if (count > 1)
        say(v, "red", "twice", spf, "There must be one SPF record only: join them into one.");
    else if (strcasestr(spf, "+all") != NULL)
        say(v, "red", "lets everybody in", spf,
            "+all lets anybody send as you: end it with -all or ~all.");
    else if (strcasestr(spf, host) != NULL)
        say(v, "green", "there", spf, "");
    else
        say(v, "amber", "there, without this server's name", spf,
            arena_printf(cx->arena,
                         "See that it lets '%s' send: by a:, ip4:, ip6: or by the include: that "
                         "your provider names.",
                         host));
}

/* The p= of a record, without blanks. */
static const char *public_of(struct arena *a, const char *record)
{
    const char *p = strstr(record, "p=");
    char *out;
    size_t n = 0;

    if (p == NULL)
        return "";
    p += 2;
    out = arena_alloc(a, strlen(p) + 1, 1);
    for (; *p != '\0' && *p != ';'; p++)
        if (*p != ' ')
            out[n++] = *p;
    return out;
}

static void check_key(struct ctx *cx, struct val *v, const char *name, const char *public_text)
{
    struct dns_answers all;

    if (!look_up(cx, v, name, DNS_TXT, &all))
        return;
    if (text_is(public_of(cx->arena, all.all[0].text), public_text))
        say(v, "green", "right", all.all[0].text, "");
    else
        say(v, "red", "another key", all.all[0].text,
            "Replace it with this record, or mails will fail the check.");
}

static void check_dmarc(struct ctx *cx, struct val *v, const char *domain)
{
    struct dns_answers all;
    const char *dmarc = "", *d = domain;
    size_t count = 0;

    /* A subdomain may lean on the domain above it. */
    for (; count == 0 && d != NULL && strchr(d, '.') != NULL; d = strchr(d, '.') + 1)
        if (look_up(cx, v, arena_printf(cx->arena, "_dmarc.%s", d), DNS_TXT, &all))
            dmarc = starts_with(&all, "v=DMARC1", &count);
        else if (text_is(val_get_text(v, "state"), "no answer"))
            return;
    if (count == 0)
        say(v, "red", "missing", "",
            "Gmail and Yahoo want one from who sends much. Begin with p=none and read the "
            "reports.");
    else if (strcasestr(dmarc, "p=none") != NULL)
        say(v, "amber", "there, watches only", dmarc,
            "When the reports are clean, say p=quarantine, then p=reject.");
    else
        say(v, "green", "there", dmarc, "");
}

static void check_mx(struct ctx *cx, struct val *v, const char *domain)
{
    struct dns_answers all;

    if (look_up(cx, v, domain, DNS_MX, &all))
        say(v, "green", "there", all.all[0].text, "");
    else if (text_is(val_get_text(v, "state"), "missing"))
        say(v, "amber", "missing", "",
            "Replies and bounces to this domain arrive nowhere, and some servers refuse such "
            "senders.");
}

/* ---- the page ---- */
static void put_key(struct ctx *cx, struct val *list, const struct row *r, bool rsa,
                    const char *domain, bool looks)
{
    int public = rsa ? SENDER_RSA_PUBLIC : SENDER_ED_PUBLIC;
    const char *selector = row_text(r, SENDER_SELECTOR);
    const char *name =
        arena_printf(cx->arena, "%s._domainkey.%s",
                     rsa ? selector : sender_second_selector(cx->arena, selector), domain);
    struct val *v;

    if (!row_has(r, public))
        return;
    v = put_line(list, rsa ? "DKIM (RSA)" : "DKIM (Ed25519)", name, "TXT",
                 dkim_record(cx->arena, rsa ? DKIM_RSA : DKIM_ED25519, row_text(r, public)));
    if (looks)
        check_key(cx, v, name, row_text(r, public));
}

static enum status put_checks(struct req *rq, const struct row *r, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_put_list(page, "checks"), *v;
    bool looks = text_is(req_query(rq, "check"), "1");
    const char *from = strchr(row_text(r, SENDER_FROM), '@') + 1, *host = row_text(r, SENDER_HOST);
    const char *back =
        row_has(r, SENDER_RETURN) ? strchr(row_text(r, SENDER_RETURN), '@') + 1 : from;
    const char *signs = row_has(r, SENDER_DKIM_DOMAIN) ? row_text(r, SENDER_DKIM_DOMAIN) : from;

    val_put_bool(page, "looked", looks);
    v = put_line(
        list, "SPF", back, "TXT",
        arena_printf(cx->arena, "v=spf1 a:%s ~all", host[0] ? host : "(your mail server)"));
    if (looks)
        check_spf(cx, v, back, host[0] ? host : back);
    put_key(cx, list, r, true, signs, looks);
    put_key(cx, list, r, false, signs, looks);
    v = put_line(
        list, "DMARC", arena_printf(cx->arena, "_dmarc.%s", from), "TXT",
        arena_printf(cx->arena, "v=DMARC1; p=none; rua=mailto:%s", row_text(r, SENDER_FROM)));
    if (looks)
        check_dmarc(cx, v, from);
    v = put_line(list, "MX", from, "MX", "a server that takes mail for this domain");
    if (looks)
        check_mx(cx, v, from);
    size_t a = strlen(from), b = strlen(signs);
    bool aligned = strcasecmp(from, signs) == 0 ||
                   (a > b && from[a - b - 1] == '.' && strcasecmp(from + a - b, signs) == 0);
    val_put_bool(page, "not_aligned", !aligned);
    val_put_text(page, "from_domain", from);
    val_put_text(page, "signing_domain", signs);
    return OK;
}

/* GET /senders/:id/dns?check=1 */
static enum status dns_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &sender_type, id, &r));
    val_put_printf(page, "title", "DNS of %s", row_text(r, SENDER_NAME));
    val_put_text(page, "sender_url", row_path(cx, r));
    val_put_bool(page, "has_keys", row_has(r, SENDER_RSA) || row_has(r, SENDER_ED));
    val_put_bool(page, "may_make", access_scope(cx->access, "sender", VERB_UPDATE) != SCOPE_NONE);
    TRY(put_checks(rq, r, page));
    return reply(rq, "sender/dns", page);
}

/* ---- keys ---- */
static enum status make_keys(struct ctx *cx, struct row *r)
{
    const char *private_text, *public_text;

    TRY(dkim_key_new(cx, DKIM_RSA, &private_text, &public_text));
    TRY(row_set_secret(cx, r, SENDER_RSA, private_text));
    row_set_text(r, SENDER_RSA_PUBLIC, public_text);
    TRY(dkim_key_new(cx, DKIM_ED25519, &private_text, &public_text));
    TRY(row_set_secret(cx, r, SENDER_ED, private_text));
    row_set_text(r, SENDER_ED_PUBLIC, public_text);
    return OK;
}

static enum status save_keys(struct ctx *cx, void *arg) { return record_save(cx, arg); }

/* POST /senders/:id/keys {again} -- making an RSA key takes long, so not on the writer. */
static enum status keys_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &sender_type, id, &r));
    if ((row_has(r, SENDER_RSA) || row_has(r, SENDER_ED)) && !text_is(req_form(rq, "again"), "yes"))
        return ctx_fail_code(cx, E_CONFLICT, "sender.has_keys",
                             "This sender has keys. New ones must go into the DNS before mails "
                             "pass again: confirm it.");
    TRY(make_keys(cx, r));
    TRY(kit_write(cx, save_keys, r));
    return reply_done(rq, arena_printf(cx->arena, "/senders/%s/dns", id_text(cx->arena, id)),
                      "The keys are made. Put their public halves into the DNS.");
}

/* POST /senders/:id/test -- a mail to who asks. */
static enum status test_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    i64 id, message;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &sender_type, id, &r));
    if (text_empty(cx->access->email))
        return ctx_fail_code(cx, E_INVALID, "sender.no_address",
                             "You have no mail address that a test could go to.");
    struct mail m = { .lane = MAIL_LANE_NOW,
                      .sender_id = id,
                      .to = cx->access->email,
                      .to_name = cx->access->name,
                      .subject = arena_printf(cx->arena, "A test of %s", row_text(r, SENDER_NAME)),
                      .text = arena_printf(cx->arena,
                                           "This is a test of the sender %s.\n\nIf you read it, "
                                           "its mail server takes mails. Look at the headers for "
                                           "what your mailbox says of SPF, DKIM and DMARC.\n",
                                           row_text(r, SENDER_NAME)),
                      .source = "sender",
                      .source_id = id,
                      .user_id = cx->access->user_id };
    TRY(mail_send(cx, &m, &message));
    return reply_done(rq, arena_printf(cx->arena, "/mails/%s", id_text(cx->arena, message)),
                      "A test goes to %s.", cx->access->email);
}

static const struct route routes[] = {
    { HTTP_GET, "/senders/:id/dns", dns_get, NEEDS("sender", VERB_READ) },
    { HTTP_POST, "/senders/:id/keys", keys_post, NEEDS("sender", VERB_UPDATE),
      .flags = ROUTE_SLOW },
    { HTTP_POST, "/senders/:id/test", test_post, NEEDS("sender", VERB_UPDATE) },
};
static const struct setting settings[] = {
    { "mail.resolver", FIELD_TEXT, "Name server for DNS checks",
      "An address like 192.0.2.1 or 192.0.2.1:53. Empty: this machine's own.", "",
      .group = "Mail" },
};
const struct feature feature_sender_dns = { .name = "sender_dns",
                                            ROUTES(routes),
                                            SETTINGS(settings) };
