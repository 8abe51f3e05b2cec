/* hook.h -- what a mail provider tells us by webhook: bounces, complaints, unsubscribes. An address
 * of ours with a secret in it, and the provider's own signature over what it posts. */
#pragma once
#include "mail/bounce.h"

enum hook_field {
    HOOK_NAME, HOOK_PROVIDER, HOOK_USER, HOOK_KEY, HOOK_PUBLIC_KEY, HOOK_TOPIC, HOOK_ACTIVE,
    HOOK_OWNER, HOOK_TOKEN, HOOK_LAST, HOOK_COUNT,
    HOOK_FIELDS
};
extern const struct record_type hook_type;

/* ---- signatures: for hook.c and tests ---- */
/* Whether `signature` (DER, in base 64) is of this P-256 key (SubjectPublicKeyInfo in base 64, or
 * PEM) over timestamp and body: SendGrid's. */
bool hook_sendgrid_signed(const char *public_key, const char *timestamp, struct str body,
                          const char *signature);
/* Mailgun's: HMAC-SHA256, hexadecimal, over timestamp and token. */
bool hook_mailgun_signed(const char *key, const char *timestamp, const char *token,
                         const char *signature);
/* An address that Amazon signs from: https, sns.REGION.amazonaws.com, a .pem file where it names a
 * certificate. */
bool hook_sns_host(const char *url, bool certificate);
/* What SNS signs of a message, by its Type. In arena. */
const char *hook_sns_text(struct arena *a, const struct val *message);
/* Whether a message is signed by the key of this certificate (PEM). */
bool hook_sns_signed(struct arena *a, const struct val *message, const char *pem);

/* ---- what they post ---- */
struct hook_event {
    struct report report;
    bool unsubscribed; /* the provider took the unsubscribe: report.address gets nothing more */
    const char *key;   /* of the event */
};
enum { HOOK_EVENTS_MAX = 2000 };
/* Events in a verified body; what is none of ours (deliveries, opens) is left out. E_INVALID: not
 * what the provider posts. */
MUST_CHECK enum status hook_events(struct ctx *cx, const char *provider, const struct val *body,
                                   struct hook_event **out, size_t *count);
/* The program's keeping of a certificate, as if it had been fetched: for tests. */
void hook_keep_certificate(struct ctx *cx, const char *url, const char *pem);
