/* exclusion.c -- what is not counted: one's own people by address or network, programs by a word of
 * their user agent, pages by their path. Programs that are known everywhere need no rule. */
#include "marketing/exclusion.h"
#include "base/utf8.h"
#include "kit/pages.h"
#include "marketing/collect.h"
#include "marketing/network.h"

enum { AGENT_LEAST = 3 };

static const struct field fields[] = {
    [EXCLUSION_KIND] = { "kind", FIELD_CHOICE, "Left out by", REQUIRED | LISTED,
                         .otherwise = "address",
                         .choices = CHOICES({ "address", "Address or network", "blue" },
                                            { "agent", "User agent", "violet" },
                                            { "page", "Page", "gray" }) },
    [EXCLUSION_VALUE] = { "value", FIELD_TEXT, "Which", REQUIRED | LISTED | SEARCHED,
                          .max_len = 300,
                          .help = "203.0.113.9, 2001:db8::/32; a word of the user agent, like "
                                  "OurMonitor; a path, like /admin/*." },
    [EXCLUSION_SITE] = { "site_id", FIELD_REF, "Site", LISTED, .ref = "site",
                         .help = "Left empty, it holds for all sites." },
    [EXCLUSION_NOTE] = { "note", FIELD_TEXT, "Why", LISTED, .max_len = 200 },
    [EXCLUSION_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
};
_Static_assert(countof(fields) == EXCLUSION_FIELDS, "enum and table differ");

static enum status exclusion_validate(struct ctx *cx, struct row *r)
{
    const char *kind = row_text(r, EXCLUSION_KIND), *value = row_text(r, EXCLUSION_VALUE);
    struct network n;

    if (text_is(kind, "address") && !network_read(str_from(value), &n))
        return ctx_fail_field(cx, "value", "exclusion.address",
                              "'%s' is no address or network; write it like 203.0.113.9 or "
                              "2001:db8::/32.",
                              value);
    if (text_is(kind, "agent") && utf8_length(value) < AGENT_LEAST)
        return ctx_fail_field(cx, "value", "exclusion.agent",
                              "'%s' would fit almost every browser; say %d letters or more.", value,
                              AGENT_LEAST);
    if (text_is(kind, "page") && value[0] != '/')
        return ctx_fail_field(cx, "value", "exclusion.page",
                              "'%s' is no path; write it like /admin/*.", value);
    return OK;
}

static enum status exclusion_changed(struct ctx *cx, struct row *r)
{
    (void)r;
    return collect_reload(cx);
}

static enum status on_restored(struct ctx *cx, const struct happening *h)
{
    return exclusion_changed(cx, h->row);
}

/* POST /traffic/leave-me-out: the address that asks. */
static enum status leave_me_out(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r = row_new(cx, &exclusion_type);
    enum status s = record_find(cx, &exclusion_type, "value", rq->address, &r);

    if (s == OK)
        return reply_done(rq, "/traffic#left-out", "%s is left out already.", rq->address);
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    r = row_new(cx, &exclusion_type);
    row_set_text(r, EXCLUSION_KIND, "address");
    row_set_text(r, EXCLUSION_VALUE, rq->address);
    row_set_text(r, EXCLUSION_NOTE, cx->access->name ? cx->access->name : "");
    TRY(record_save(cx, r));
    return reply_done(rq, "/traffic#left-out", "Visits from %s are not counted from now on.",
                      rq->address);
}

const struct record_type exclusion_type = {
    .name = "exclusion",
    .label = "Left-out rule",
    .plural = "Left out of traffic",
    .path = "exclusions",
    .icon = "ban",
    .sort = "kind",
    .title = EXCLUSION_VALUE,
    .fields = fields,
    .field_count = EXCLUSION_FIELDS,
    .empty = "Your own people and monitors should not count as visitors. Leave them out here by "
             "address, network, user agent or page; known programs are left out already.",
    .validate = exclusion_validate,
    .saved = exclusion_changed,
    .removed = exclusion_changed,
};
static const struct route routes[] = {
    { HTTP_POST, "/traffic/leave-me-out", leave_me_out, NEEDS("exclusion", VERB_CREATE) },
};
static const struct subscription subscriptions[] = { { "exclusion.restored", on_restored } };
const struct feature feature_exclusion = {
    .name = "exclusion", TYPES(&exclusion_type), ROUTES(routes), SUBSCRIPTIONS(subscriptions)
};
