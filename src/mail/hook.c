/* hook.c -- webhooks of mail providers: the record, its address, and what is posted there. A post
 * that is not signed as its provider signs does nothing. */
#include "mail/hook.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "bridge/consent.h"
#include "io/http_client.h"
#include "kit/session.h"
#include "kit/show.h"
#include "kit/web.h"
#include "store/queue.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <strings.h>

enum {
    POSTS_A_MINUTE = 6000,
    WRONG_A_MINUTE = 30,
    MAILGUN_HOURS = 12, /* Mailgun posts again for 8 hours */
    CERTIFICATE_BYTES = 20 * 1024,
    CERTIFICATES = 8,
};

static const struct choice providers[] = {
    { "ses", "Amazon SES", "amber" },    { "sendgrid", "SendGrid", "blue" },
    { "postmark", "Postmark", "amber" }, { "mailgun", "Mailgun", "red" },
    { "brevo", "Brevo", "green" },       { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [HOOK_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100 },
    [HOOK_PROVIDER] = { "provider", FIELD_CHOICE, "Provider", REQUIRED | LISTED | CREATE_ONLY,
                        .choices = providers },
    [HOOK_USER] = { "username", FIELD_TEXT, "User name", 0, .max_len = 100, .group = "Proof",
                    .help = "Postmark: the name in the webhook's basic authentication." },
    [HOOK_KEY] = { "key", FIELD_SECRET, "Secret", 0, .max_len = 500,
                   .help = "Mailgun: the HTTP webhook signing key. Postmark: the password of the "
                           "basic authentication, or the value of a header X-Furrow-Key." },
    [HOOK_PUBLIC_KEY] = { "public_key", FIELD_LONG, "Public key", 0, .max_len = 4000,
                          .help = "SendGrid: the verification key of the signed event webhook." },
    [HOOK_TOPIC] = { "topic_arn", FIELD_TEXT, "Topic", 0, .max_len = 300,
                     .help = "Amazon SES: the ARN of the SNS topic. Empty: any topic that knows "
                             "the address." },
    [HOOK_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true" },
    [HOOK_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
    [HOOK_TOKEN] = { "token", FIELD_TEXT, "Token", INTERNAL | UNIQUE, .max_len = 100 },
    [HOOK_LAST] = { "last_at", FIELD_TIME, "Last post", COMPUTED | LISTED },
    [HOOK_COUNT] = { "event_count", FIELD_INT, "Events", COMPUTED | LISTED, .otherwise = "0" },
};
_Static_assert(countof(fields) == HOOK_FIELDS, "enum and table differ");

/* ---- certificates of SNS ---- */
struct certificates {
    pthread_mutex_t lock;
    size_t count, next;
    struct {
        char url[500], *pem;
    } list[CERTIFICATES];
};

static void forget(void *state)
{
    struct certificates *c = state;

    for (size_t i = 0; i < CERTIFICATES; i++)
        free(c->list[i].pem);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static enum status hook_start(struct ctx *cx)
{
    struct certificates *c = calloc(1, sizeof *c);

    assert(c != NULL);
    pthread_mutex_init(&c->lock, NULL);
    kit_set_state(cx->kit, "hook", c, forget);
    return OK;
}

void hook_keep_certificate(struct ctx *cx, const char *url, const char *pem)
{
    struct certificates *c = kit_state(cx->kit, "hook");

    if (strlen(url) >= sizeof c->list[0].url)
        return;
    pthread_mutex_lock(&c->lock);
    size_t at = c->next++ % CERTIFICATES;
    free(c->list[at].pem);
    memcpy(c->list[at].url, url, strlen(url) + 1);
    c->list[at].pem = strdup(pem);
    pthread_mutex_unlock(&c->lock);
}

static const char *kept_certificate(struct ctx *cx, const char *url)
{
    struct certificates *c = kit_state(cx->kit, "hook");
    const char *pem = NULL;

    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < CERTIFICATES; i++)
        if (c->list[i].pem && text_is(c->list[i].url, url))
            pem = arena_text(cx->arena, c->list[i].pem);
    pthread_mutex_unlock(&c->lock);
    return pem;
}

static bool take_piece(void *arg, int status, const char *bytes, size_t len)
{
    if (status == 200)
        buf_add(arg, bytes, len);
    return status == 200;
}

static enum status get(struct ctx *cx, const char *url, struct buf *out)
{
    struct http_client *client = http_client_new();
    int status = 0;
    enum status s = http_client_call(cx, client,
                                     &(struct http_call){ .url = url,
                                                          .total_ms = 10000,
                                                          .max_bytes = CERTIFICATE_BYTES,
                                                          .piece = take_piece,
                                                          .arg = out },
                                     &status);
    http_client_free(client);
    if (s == OK && status != 200)
        return ctx_fail(cx, E_IO, "%s answered %d", url, status);
    return s;
}

static enum status certificate(struct ctx *cx, const char *url, const char **pem)
{
    struct buf b = buf_in(cx->arena, CERTIFICATE_BYTES);

    if (!hook_sns_host(url, true))
        return ctx_fail_code(cx, E_FORBIDDEN, "hook.certificate",
                             "The certificate is not Amazon's.");
    *pem = kept_certificate(cx, url);
    if (*pem)
        return OK;
    TRY(get(cx, url, &b));
    *pem = buf_end(&b);
    hook_keep_certificate(cx, url, *pem);
    return OK;
}

/* ---- proofs ---- */

static enum status wrong(struct ctx *cx, enum status s)
{
    return ctx_fail_code(cx, s, "hook.signature", "The signature does not fit.");
}

static enum status check_ses(struct req *rq, const struct row *r, const struct val *body)
{
    const char *pem = "", *topic = row_text(r, HOOK_TOPIC);

    TRY(certificate(rq->cx, val_get_text(body, "SigningCertURL"), &pem));
    if (!hook_sns_signed(rq->cx->arena, body, pem))
        return wrong(rq->cx, E_FORBIDDEN);
    if (!text_empty(topic) && !text_is(topic, val_get_text(body, "TopicArn")))
        return ctx_fail_code(rq->cx, E_FORBIDDEN, "hook.topic", "Another topic than expected.");
    return OK;
}

static enum status check_sendgrid(struct req *rq, const struct row *r, const struct val *body)
{
    const char *signature = rq->header(rq, "X-Twilio-Email-Event-Webhook-Signature"),
               *at = rq->header(rq, "X-Twilio-Email-Event-Webhook-Timestamp");

    (void)body;
    return signature && at && row_has(r, HOOK_PUBLIC_KEY) &&
                   hook_sendgrid_signed(row_text(r, HOOK_PUBLIC_KEY), at, rq->body, signature)
               ? OK
               : wrong(rq->cx, E_FORBIDDEN);
}

static bool same_secret(const char *a, const char *b)
{
    unsigned char x[32], y[32];

    crypto_generichash(x, sizeof x, (const unsigned char *)a, strlen(a), NULL, 0);
    crypto_generichash(y, sizeof y, (const unsigned char *)b, strlen(b), NULL, 0);
    return sodium_memcmp(x, y, sizeof x) == 0;
}

static enum status check_postmark(struct req *rq, const struct row *r, const struct val *body)
{
    const char *basic = rq->header(rq, "Authorization"), *own = rq->header(rq, "X-Furrow-Key"),
               *key;
    char pair[700];
    size_t len;

    (void)body;
    TRY(row_secret(rq->cx, r, HOOK_KEY, &key));
    if (text_empty(key))
        return wrong(rq->cx, E_UNAUTHORIZED);
    if (own && same_secret(own, key))
        return OK;
    if (basic && strncasecmp(basic, "Basic ", 6) == 0 &&
        sodium_base642bin((unsigned char *)pair, sizeof pair - 1, basic + 6, strlen(basic + 6), " ",
                          &len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0) {
        pair[len] = '\0';
        if (same_secret(pair, arena_printf(rq->cx->arena, "%s:%s", row_text(r, HOOK_USER), key)))
            return OK;
    }
    return wrong(rq->cx, E_UNAUTHORIZED);
}

static enum status check_mailgun(struct req *rq, const struct row *r, const struct val *body)
{
    const struct val *signature = val_get(body, "signature");
    const char *at = val_get_text(signature, "timestamp"), *key;
    i64 seconds;

    TRY(row_secret(rq->cx, r, HOOK_KEY, &key));
    if (!hook_mailgun_signed(key, at, val_get_text(signature, "token"),
                             val_get_text(signature, "signature")))
        return wrong(rq->cx, E_FORBIDDEN);
    if (!str_i64(str_from(at), &seconds) ||
        llabs(ctx_now(rq->cx) / 1000 - seconds) > MAILGUN_HOURS * 3600)
        return ctx_fail_code(rq->cx, E_FORBIDDEN, "hook.old", "The post is too old.");
    return OK;
}

/* Brevo signs nothing: the secret is in the address. */
static enum status check_brevo(struct req *rq, const struct row *r, const struct val *body)
{
    (void)rq;
    (void)r;
    (void)body;
    return OK;
}

static const struct {
    const char *provider;
    enum status (*check)(struct req *rq, const struct row *r, const struct val *body);
} checks[] = {
    { "ses", check_ses },         { "sendgrid", check_sendgrid }, { "postmark", check_postmark },
    { "mailgun", check_mailgun }, { "brevo", check_brevo },
};

/* ---- a post ---- */

struct post {
    i64 hook_id;
    const char *provider;
    const struct hook_event *events;
    size_t count;
    const char *confirm; /* an address to fetch, or NULL */
};

static enum status take_event(struct ctx *cx, const struct post *p, const struct hook_event *e)
{
    if (e->unsubscribed)
        return text_empty(e->report.address)
                   ? OK
                   : suppression_add(cx, e->report.address, "unsubscribed", p->provider, 0);
    return report_take(cx, &e->report, p->provider, e->key);
}

static enum status take_post(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct post *p = arg;
    struct row *r;

    for (size_t i = 0; i < p->count; i++) {
        struct tx tx = tx_begin(cx); /* one address that is none does not keep the others back */
        enum status s = take_event(cx, p, &p->events[i]);
        if (s == OK)
            s = tx_commit(&tx);
        tx_end(&tx);
        if (s == E_INVALID)
            ctx_clear_error(cx);
        else
            TRY(s);
    }
    if (p->confirm) {
        struct val *payload = val_map(cx->arena);
        val_put_text(payload, "url", p->confirm);
        TRY(queue_add(cx, "mail.sns_confirm", NULL, json_text(cx->arena, payload), ctx_now(cx),
                      NULL));
    }
    TRY(record_get(cx, &hook_type, p->hook_id, &r));
    row_set_i64(r, HOOK_LAST, ctx_now(cx));
    row_set_i64(r, HOOK_COUNT, row_i64(r, HOOK_COUNT) + (i64)p->count);
    return record_save(cx, r);
}

/* A post of SNS is a letter around what SES says, or the question whether we want letters. */
static enum status open_sns(struct ctx *cx, const struct val **body, struct post *p)
{
    const char *type = val_get_text(*body, "Type");
    struct val *inner;

    if (text_is(type, "SubscriptionConfirmation") || text_is(type, "UnsubscribeConfirmation")) {
        const char *url = val_get_text(*body, "SubscribeURL");
        if (text_is(type, "SubscriptionConfirmation") && hook_sns_host(url, false))
            p->confirm = url;
        *body = NULL;
        return OK;
    }
    if (json_read(cx->arena, str_from(val_get_text(*body, "Message")), &inner, NULL) != OK)
        inner = NULL; /* a test message in plain words */
    *body = inner;
    return OK;
}

/* POST /hook/mail/:provider/:token */
static enum status hook_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct post p = { .provider = req_param(rq, "provider") };
    struct hook_event *events;
    struct val *json = NULL;
    const struct val *body;
    struct row *r;
    enum status s;

    if (web_rate_limited(rq->web, "hook", rq->address, POSTS_A_MINUTE))
        return ctx_fail(cx, E_RATE, "Too many posts.");
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    s = record_find(cx, &hook_type, "token", req_param(rq, "token"), &r);
    if (s == E_NOT_FOUND || (s == OK && (!row_bool(r, HOOK_ACTIVE) ||
                                         !text_is(row_text(r, HOOK_PROVIDER), p.provider))))
        return ctx_fail(cx, E_NOT_FOUND, "There is no such webhook.");
    TRY(s);
    if (json_read(cx->arena, rq->body, &json, NULL) != OK)
        return ctx_fail_code(cx, E_INVALID, "hook.shape", "The body is no JSON.");
    body = json;
    for (size_t i = 0; i < countof(checks); i++)
        if (text_is(checks[i].provider, p.provider))
            TRY(checks[i].check(rq, r, body));
    p.hook_id = row_id(r);
    if (text_is(p.provider, "ses"))
        TRY(open_sns(cx, &body, &p));
    if (body) {
        TRY(hook_events(cx, p.provider, body, &events, &p.count));
        p.events = events;
        for (size_t i = 0; i < p.count; i++)
            events[i].report.trusted = true;
    }
    TRY(kit_write(cx, take_post, &p));
    return reply_empty(rq);
}

/* The answer to SNS's question: fetched, once. */
static enum status confirm_job(struct job_run *job)
{
    const char *url = val_get_text(job->payload, "url");
    struct buf b = buf_in(job->cx->arena, CERTIFICATE_BYTES);

    return hook_sns_host(url, false) ? get(job->cx, url, &b) : OK;
}

/* ---- the record ---- */

static enum status hook_validate(struct ctx *cx, struct row *r)
{
    const char *provider = row_text(r, HOOK_PROVIDER);

    if (!row_has(r, HOOK_TOKEN))
        row_set_text(r, HOOK_TOKEN, secret_new(cx));
    if (text_is(provider, "sendgrid") && !row_has(r, HOOK_PUBLIC_KEY))
        return ctx_fail_field(cx, "public_key", "required",
                              "Paste the verification key that SendGrid shows for the webhook.");
    if ((text_is(provider, "mailgun") || text_is(provider, "postmark")) && !row_has(r, HOOK_KEY))
        return ctx_fail_field(cx, "key", "required", "%s",
                              text_is(provider, "mailgun")
                                  ? "Paste the HTTP webhook signing key of Mailgun's account."
                                  : "Choose a password, and give Postmark the same.");
    return OK;
}

static enum status hook_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    bool may = access_scope(cx->access, "mail_hook", VERB_UPDATE) != SCOPE_NONE;

    val_put_text(page, "hook_path",
                 may ? arena_printf(cx->arena, "/hook/mail/%s/%s", row_text(r, HOOK_PROVIDER),
                                    row_text(r, HOOK_TOKEN))
                     : "");
    struct val *is = val_put_map(page, "provider_is");
    for (const struct choice *c = providers; c->value; c++)
        val_put_bool(is, c->value, text_is(c->value, row_text(r, HOOK_PROVIDER)));
    return OK;
}

const struct record_type hook_type = {
    .name = "mail_hook",
    .label = "Mail webhook",
    .plural = "Mail webhooks",
    .path = "mail-hooks",
    .icon = "plug",
    .section = "settings",
    .menu_order = 23,
    .sort = "name",
    .title = HOOK_NAME,
    .fields = fields,
    .field_count = HOOK_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "Where a mail provider reports bounces, complaints and unsubscribes: Amazon SES, "
             "SendGrid, Postmark, Mailgun or Brevo.",
    .validate = hook_validate,
    .detail = hook_detail,
    .detail_template = "hook/detail",
};

static const struct route routes[] = {
    { HTTP_POST, "/hook/mail/:provider/:token", hook_post,
      .flags = ROUTE_PUBLIC | ROUTE_SLOW | ROUTE_RAW | ROUTE_API,
      .summary = "A mail provider reports bounces, complaints and unsubscribes" },
};
static const struct job_type jobs[] = {
    { "mail.sns_confirm", "Confirm a subscription of Amazon SNS", confirm_job },
};
const struct feature feature_hook = {
    .name = "hook",
    TYPES(&hook_type),
    ROUTES(routes),
    JOBS(jobs),
    .start = hook_start,
};
