/* site.c -- the company's web sites. Events come only from sites that stand here; each says whether
 * visitors are told apart by a consented id or, without any, by the hash of a day. */
#include "marketing/site.h"
#include "base/id.h"
#include "marketing/arrival.h"
#include "marketing/collect.h"
#include "marketing/network.h"
#include <sodium.h>

static const struct field fields[] = {
    [SITE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100 },
    [SITE_DOMAIN] = { "domain", FIELD_TEXT, "Domain", REQUIRED | LISTED | UNIQUE | SEARCHED,
                      .max_len = 253,
                      .help = "For example example.com. The tracker's data-domain must say the "
                              "same; www is left out." },
    [SITE_MODE] = { "mode", FIELD_CHOICE, "Visitors are told apart", REQUIRED | LISTED,
                    .otherwise = "consent",
                    .choices = CHOICES(
                        { "day", "Never beyond a day (no cookie, no consent needed)", "green" },
                        { "consent", "By a first-party id once they consent", "blue" }) },
    [SITE_ALIASES] = { "aliases", FIELD_TAGS, "Other hosts of this site", LISTED,
                       .help =
                           "Hosts whose events count for this site, such as blog.example.com." },
    [SITE_EXCLUDED] = { "excluded", FIELD_LONG, "Addresses left out", 0,
                        .help = "IP addresses and networks of your own people, one a line, like "
                                "203.0.113.9 or 2001:db8::/32: their visits are not counted. What "
                                "stands behind a # is a note." },
    [SITE_TRACKER_ID] = { "tracker_id", FIELD_TEXT, "Tracker id", UNIQUE, .max_len = UUID_CHARS,
                          .help = "What Umami's trackers call the website id. Left empty, one is "
                                  "made; keep yours when you come from Umami." },
};
_Static_assert(countof(fields) == SITE_FIELDS, "enum and table differ");

/* A random UUID: who guesses one may send events, which is what the page it stands on tells all. */
static const char *new_tracker_id(struct ctx *cx)
{
    unsigned char bytes[16];

    randombytes_buf(bytes, sizeof bytes);
    return uuid_text(cx->arena, bytes);
}

static enum status check_tracker_id(struct ctx *cx, struct row *r)
{
    const char *id = text_lower_ascii(cx->arena, row_text(r, SITE_TRACKER_ID));

    if (text_empty(id))
        id = new_tracker_id(cx);
    if (!uuid_is(id))
        return ctx_fail_field(cx, "tracker_id", "site.tracker_id",
                              "'%s' is no tracker id; leave it empty and one is made.",
                              row_text(r, SITE_TRACKER_ID));
    row_set_text(r, SITE_TRACKER_ID, id);
    return OK;
}

/* "https://www.Example.com/shop" is stored as "example.com": what hits are compared with. */
static enum status site_validate(struct ctx *cx, struct row *r)
{
    struct str typed = str_from(row_text(r, SITE_DOMAIN)), host = typed;
    struct address url;
    struct str bad;
    size_t networks;

    if (address_read(cx->arena, typed, &url))
        host = url.host;
    else
        host = host_name(cx->arena, typed);
    for (size_t i = 0; i < host.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-_", host.p[i]))
            host.len = 0;
    if (host.len == 0)
        return ctx_fail_field(cx, "domain", "site.domain",
                              "'%s' is not a domain; write it like example.com.",
                              row_text(r, SITE_DOMAIN));
    row_set_text(r, SITE_DOMAIN, str_dup(cx->arena, host));
    (void)networks_read(cx->arena, row_text(r, SITE_EXCLUDED), &networks, &bad);
    if (bad.len > 0)
        return ctx_fail_field(cx, "excluded", "site.excluded",
                              "'%.*s' is no address or network; write it like 203.0.113.9 or "
                              "2001:db8::/32, one a line.",
                              (int)bad.len, bad.p);
    return check_tracker_id(cx, r);
}

static enum status site_changed(struct ctx *cx, struct row *r)
{
    (void)r;
    return collect_reload(cx);
}

static enum status on_restored(struct ctx *cx, const struct happening *h)
{
    return site_changed(cx, h->row);
}

static enum status site_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    (void)cx;
    val_put_text(page, "domain", row_text(r, SITE_DOMAIN));
    val_put_text(page, "tracker_id", row_text(r, SITE_TRACKER_ID));
    val_put_text(page, "seen", "Visits appear on Home within a second.");
    return OK;
}

static enum status give_tracker_id(struct ctx *cx, i64 id)
{
    struct row *r;

    TRY(record_get(cx, &site_type, id, &r));
    row_set_text(r, SITE_TRACKER_ID, new_tracker_id(cx));
    return record_save(cx, r);
}

/* Sites older than the tracker id get theirs, through the one door. */
static enum status site_start(struct ctx *cx)
{
    i64 *ids = NEW_N(cx->arena, i64, SITES_MAX);
    size_t count = 0;

    {
        scoped(stmt_close) struct stmt q = db_query(cx, "site.without_tracker_id");
        while (stmt_next(&q) && count < SITES_MAX)
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++)
        TRY(give_tracker_id(cx, ids[i]));
    return OK;
}

const struct record_type site_type = {
    .name = "site",
    .label = "Site",
    .plural = "Sites",
    .path = "sites",
    .icon = "world",
    .section = "marketing",
    .menu_order = MENU_SELDOM + 30,
    .sort = "name",
    .title = SITE_NAME,
    .fields = fields,
    .field_count = SITE_FIELDS,
    .detail_template = "site/detail",
    .empty = "Add the address of your web site, then put one line of script on it: visits, sources "
             "and campaigns appear here as they happen.",
    .validate = site_validate,
    .detail = site_detail,
    .saved = site_changed,
    .removed = site_changed,
};
static const struct subscription subscriptions[] = { { "site.restored", on_restored } };
const struct feature feature_site = { .name = "site",
                                      TYPES(&site_type),
                                      SUBSCRIPTIONS(subscriptions),
                                      .start = site_start,
                                      .changed_elsewhere = collect_reload };
