/* happen.c -- domain events: a feature says that something happened, others have said that they
 * want to know. They run in the same transaction, so either all of it holds or none. */
#include "kit/kit_int.h"

enum { DEPTH_MAX = 16 };

/* "deal.won" is wanted by "deal.won", by "deal.*", and by "*". */
static bool wants(const char *to, const char *name)
{
    size_t len = strlen(to);

    if (len == 1 && to[0] == '*')
        return true;
    if (len > 2 && text_is(to + len - 2, ".*"))
        return strncmp(to, name, len - 1) == 0;
    return text_is(to, name);
}

enum status happen(struct ctx *cx, const struct happening *h)
{
    const struct kit *k = cx->kit;
    enum status s = OK;

    if (cx->depth >= DEPTH_MAX)
        return ctx_fail_code(
            cx, E_LIMIT, "hooks.circle",
            "\"%s\" sets off a circle of changes; an administrator should look at what "
            "reacts to it.",
            h->name);
    cx->depth++;
    for (size_t i = 0; i < k->subscription_count && s == OK; i++)
        if (wants(k->subscriptions[i]->to, h->name))
            s = k->subscriptions[i]->fn(cx, h);
    cx->depth--;
    return s;
}

static i64 contact_of(const struct row *r)
{
    const struct record_type *t = row_type(r);
    int field = type_field(t, "contact_id");

    if (text_is(t->name, "contact"))
        return row_id(r);
    return field >= 0 && t->fields[field].kind == FIELD_REF ? row_i64(r, field) : 0;
}

enum status happen_to_row(struct ctx *cx, struct row *r, const char *word)
{
    const struct kit *k = cx->kit;
    const char *type = row_type(r)->name;
    size_t len = strlen(type);
    bool heard = false;

    for (size_t i = 0; i < k->subscription_count && !heard; i++) {
        const char *to = k->subscriptions[i]->to;
        heard = text_is(to, "*") || (strncmp(to, type, len) == 0 && to[len] == '.' &&
                                     (text_is(to + len + 1, word) || text_is(to + len + 1, "*")));
    }
    if (!heard)
        return OK;
    return happen(cx, &(struct happening){ .name = arena_printf(cx->arena, "%s.%s", type, word),
                                           .row = r,
                                           .contact_id = contact_of(r) });
}
