/* visitor.c -- see visitor.h. */
#include "bridge/visitor.h"
#include <stdlib.h>

struct holder {
    visitor_reader *read;
};

void visitor_set_reader(struct kit *k, visitor_reader *fn)
{
    struct holder *h = malloc(sizeof *h);

    assert(h != NULL);
    h->read = fn;
    kit_set_state(k, "visitor", h, free);
}

bool visitor_see(const struct req *rq, struct visitor_seen *out)
{
    const struct holder *h = kit_state(rq->cx->kit, "visitor");
    const char *id = req_query(rq, "fw");

    *out = (struct visitor_seen){ 0 };
    if (h == NULL || rq->cx->journey == NULL)
        return false;
    if (text_empty(id) && rq->cookie != NULL)
        id = rq->cookie(rq, "fw_id");
    h->read(rq, id ? id : "", out);
    return true;
}

i64 visitor_contact(struct ctx *cx, const struct visitor_seen *who)
{
    enum person_kind kind;
    u64 key;
    u32 person;

    if (!who->by_id || cx->journey == NULL)
        return 0;
    person = journey_person_find(cx->journey, PERSON_VISITOR, who->visitor);
    return person != 0 && journey_person_key(cx->journey, person, &kind, &key) &&
                   kind == PERSON_CONTACT
               ? (i64)key
               : 0;
}

const struct feature feature_visitor = { .name = "visitor" };
