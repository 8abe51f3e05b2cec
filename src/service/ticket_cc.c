/* ticket_cc.c -- who else hears the answers of a ticket: whom the customer's mails went to beside
 * us, and whom a colleague adds. Never one of our own addresses: an answer would come back to us
 * as a mail, and be answered. */
#include "base/buf.h"
#include "bridge/contact.h"
#include "io/mime.h"
#include "service/inbound.h"
#include "service/ticket_int.h"
#include <strings.h>

enum { OWN_MOST = 50, CC_BYTES = CC_MOST * 258 };

enum status support_own(struct ctx *cx, const char *const **own, size_t *count)
{
    const char **list = NEW_N(cx->arena, const char *, OWN_MOST);
    scoped(stmt_close) struct stmt q = db_query(cx, "support.own", I64("limit", OWN_MOST));

    *count = 0;
    while (stmt_next(&q) && *count < OWN_MOST)
        list[(*count)++] = text_lower_ascii(cx->arena, arena_text(cx->arena, col_text(&q, 0)));
    *own = list;
    return stmt_status(&q);
}

/* ---- a list ---- */
static bool has(const struct ticket_cc *cc, const char *address)
{
    for (size_t i = 0; i < cc->count; i++)
        if (strcasecmp(cc->list[i], address) == 0)
            return true;
    return false;
}

static void add(struct ticket_cc *cc, const char *address)
{
    if (cc->count < CC_MOST && !text_empty(address) && !has(cc, address))
        cc->list[cc->count++] = address;
}

static const char *as_text(struct ctx *cx, const struct ticket_cc *cc)
{
    struct buf b = buf_in(cx->arena, CC_BYTES);

    for (size_t i = 0; i < cc->count; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", cc->list[i]);
    return buf_end(&b);
}

/* "Ida Berg <ida@farm.example>" -> "ida@farm.example" */
static struct str address_in(struct str one)
{
    const char *open = memchr(one.p, '<', one.len), *close = memchr(one.p, '>', one.len);

    if (open != NULL && close != NULL && close > open)
        one = (struct str){ open + 1, (size_t)(close - open) - 1 };
    return str_trim(one);
}

/* What an address is called in the head of a mail. NULL: it cannot stand there, or is none. */
static const char *for_head(struct ctx *cx, const char *address)
{
    struct row *probe = row_new(cx, &ticket_type);
    struct ctx quiet = *cx;
    bool utf8;
    const char *ascii;

    if (row_parse(&quiet, probe, TICKET_EMAIL, address) != OK)
        return NULL;
    ascii = mime_address_ascii(cx->arena, address, &utf8);
    return utf8 ? NULL : ascii;
}

struct reading {
    struct ticket_cc *cc;
    const char *const *own;
    size_t own_count;
    bool strict; /* else what cannot be is left out */
};

static enum status take(struct ctx *cx, const struct reading *r, const char *typed)
{
    const char *address = for_head(cx, text_lower_ascii(cx->arena, typed));

    if (address == NULL)
        return r->strict ? ctx_fail_field(cx, "cc", "ticket.cc",
                                          "Copy to: \"%s\" is not a mail address; it needs the "
                                          "form name@example.com",
                                          typed)
                         : OK;
    if (inbound_is_own(cx, address, r->own, r->own_count))
        return r->strict ? ctx_fail_field(cx, "cc", "ticket.cc_own",
                                          "Copy to: %s is an address of ours; what goes there "
                                          "would come back as a mail to support.",
                                          address)
                         : OK;
    if (r->cc->count == CC_MOST && !has(r->cc, address))
        return r->strict ? ctx_fail_field(cx, "cc", "ticket.cc_many",
                                          "Copy to: at most %d people get a copy.", CC_MOST)
                         : OK;
    add(r->cc, address);
    return OK;
}

static enum status read_list(struct ctx *cx, const char *text, bool strict, struct ticket_cc *cc)
{
    struct reading r = { .cc = cc, .strict = strict };
    const char *p = text;

    cc->count = 0;
    TRY(support_own(cx, &r.own, &r.own_count));
    while (*p != '\0') {
        size_t n = strcspn(p, ",;\r\n");
        struct str one = address_in((struct str){ p, n });
        if (one.len > 0)
            TRY(take(cx, &r, str_dup(cx->arena, one)));
        p += n + (p[n] != '\0');
    }
    return OK;
}

enum status ticket_cc_read(struct ctx *cx, const char *text, struct ticket_cc *cc)
{
    return read_list(cx, text, false, cc);
}

enum status ticket_cc_join(struct ctx *cx, const char *present, const char *more, const char **out)
{
    struct ticket_cc cc;

    TRY(read_list(cx, arena_printf(cx->arena, "%s, %s", present, more), false, &cc));
    *out = as_text(cx, &cc);
    return OK;
}

/* ---- of a ticket ---- */
enum status ticket_answered_at(struct ctx *cx, const struct row *t, const char **address)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *contact;

    *address = row_text(t, TICKET_EMAIL);
    if (!text_empty(*address))
        return OK;
    TRY(ticket_contact(cx, t, &contact));
    if (contact)
        *address = row_text(contact, CONTACT_EMAIL);
    return OK;
}

enum status ticket_cc_settle(struct ctx *cx, struct row *t)
{
    struct ticket_cc typed, kept = { .count = 0 };
    const char *address;

    if (!(row_is_new(t) || row_changed(t, TICKET_CC)) || !row_has(t, TICKET_CC))
        return OK;
    TRY(read_list(cx, row_text(t, TICKET_CC), true, &typed));
    TRY(ticket_answered_at(cx, t, &address));
    for (size_t i = 0; i < typed.count; i++)
        if (strcasecmp(typed.list[i], address) != 0)
            add(&kept, typed.list[i]);
    row_set_text(t, TICKET_CC, as_text(cx, &kept));
    return OK;
}
