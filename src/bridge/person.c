/* person.c -- names of people on journeys, and the page of a visitor who has no name yet. */
#include "bridge/person.h"
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/timeline.h"
#include "journey/journey.h"
#include "kit/show.h"

enum { PSEUDONYM_CHARS = 6 };

/* From a hash of the visitor's key, which is one itself: neither leads back. */
static const char *pseudonym(struct ctx *cx, u64 key)
{
    u64 hash = str_hash((struct str){ (const char *)&key, sizeof key });
    const char *text = id_text(cx->arena, (i64)(hash >> 1));

    return arena_printf(cx->arena, "Visitor %s", text + ID_CHARS - PSEUDONYM_CHARS);
}

enum status person_names(struct ctx *cx, const u32 *people, size_t count, struct person_name *out)
{
    i64 *ids = NEW_N(cx->arena, i64, count + 1);
    const char **titles = NEW_N(cx->arena, const char *, count + 1);
    size_t contacts = 0;

    for (size_t i = 0; i < count; i++) {
        enum person_kind kind;
        u64 key;
        out[i] = (struct person_name){ "A person who was erased", "", "hidden", 0 };
        if (cx->journey == NULL || !journey_person_key(cx->journey, people[i], &kind, &key))
            continue;
        if (kind == PERSON_CONTACT) {
            out[i] = (struct person_name){ "", "", "contact", (i64)key };
            ids[contacts++] = (i64)key;
            continue;
        }
        out[i] = (struct person_name){ pseudonym(cx, key),
                                       arena_printf(cx->arena, "/insight/visitors/%u", people[i]),
                                       "visitor", 0 };
    }
    if (contacts && access_scope(cx->access, contact_type.name, VERB_READ) != SCOPE_NONE)
        TRY(record_titles(cx, &contact_type, ids, contacts, titles));
    for (size_t i = 0, at = 0; i < count; i++) {
        if (!text_is(out[i].kind, "contact"))
            continue;
        const char *title = titles[at] ? titles[at] : "";
        if (title[0])
            out[i] = (struct person_name){ title,
                                           arena_printf(cx->arena, "/%s/%s", contact_type.path,
                                                        id_text(cx->arena, ids[at])),
                                           "contact", ids[at] };
        else
            out[i] = (struct person_name){ "A person who is not yours to see", "", "hidden", 0 };
        at++;
    }
    return OK;
}

/* GET /insight/visitors/:number. One who has become a contact is shown there. */
static enum status visitor_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct person_name name;
    i64 number = 0;
    u32 person = 0;

    if (cx->journey && str_i64(str_from(req_param(rq, "number")), &number) && number > 0 &&
        number <= UINT32_MAX)
        person = journey_root(cx->journey, (u32)number);
    if (person)
        TRY(person_names(cx, &person, 1, &name));
    if (person == 0 || text_is(name.kind, "hidden"))
        return ctx_fail(cx, E_NOT_FOUND, "There is no visitor %s, or none that is yours to see.",
                        req_param(rq, "number"));
    if (text_is(name.kind, "contact"))
        return reply_redirect(rq, name.url);
    val_put_text(page, "title", name.text);
    TRY(timeline_put_visitor(rq, person, name.url, page));
    return reply(rq, "rows/visitor", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/insight/visitors/:number", visitor_page, NEEDS("journey", VERB_READ) },
};
const struct feature feature_person = { .name = "person", ROUTES(routes) };
