/* identity.c -- the join between an anonymous journey and a known person. The journey store keeps
 * the alias; the contact keeps the first touch, so that revenue by channel is plain SQL over
 * records. */
#include "bridge/identity.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/channel.h"
#include "bridge/contact.h"
#include "journey/journey.h"
#include <stdio.h>

static u64 never_zero(u64 h) { return h ? h : 1; }

u64 visitor_of_id(const char *first_party_id)
{
    return never_zero(str_hash(str_from(first_party_id)));
}

u64 visitor_of_day(const char *salt, i64 day, const char *address, const char *client)
{
    char text[1024];
    int len =
        snprintf(text, sizeof text, "%s\n%lld\n%s\n%s", salt, (long long)day, address, client);

    if (len >= (int)sizeof text)
        len = (int)sizeof text - 1;
    return never_zero(str_hash((struct str){ text, (size_t)len }));
}

/* ---- the first touch ---- */
struct touches {
    struct event first, last;
    bool any, told; /* told: `first` says through which channel somebody came */
};

/* The oldest event that tells a channel; without one, the oldest event. */
static void find_touches(void *acc, const struct journey_view *v)
{
    struct touches *t = acc;

    t->any = v->count > 0;
    for (size_t i = 0; i < v->count && !t->told; i++) {
        t->told = v->events[i].channel != CHANNEL_NONE;
        if (t->told || i == 0)
            t->first = v->events[i];
    }
    if (t->any)
        t->last = v->events[v->count - 1];
}

static void set_touch(struct ctx *cx, struct row *contact, const struct event *e)
{
    struct journey *j = cx->journey;
    const char *tuple = journey_name(j, DICT_TOUCH, e->touch);
    struct val *touch = NULL;

    row_set_i64(contact, CONTACT_FIRST_SEEN, e->at_ms);
    row_set_text(contact, CONTACT_CHANNEL, channel_value(e->channel ? e->channel : CHANNEL_DIRECT));
    row_set_text(contact, CONTACT_SOURCE, journey_name(j, DICT_SOURCE, e->source));
    row_set_text(contact, CONTACT_CAMPAIGN, journey_name(j, DICT_CAMPAIGN, e->campaign));
    row_set_text(contact, CONTACT_LANDING,
                 utf8_cut(cx->arena, journey_name(j, DICT_PAGE, e->page),
                          (size_t)contact_type.fields[CONTACT_LANDING].max_len));
    if (tuple[0] != '\0' && json_read(cx->arena, str_from(tuple), &touch, NULL) != OK)
        touch = NULL;
    row_set_text(contact, CONTACT_MEDIUM, val_get_text(touch, "medium"));
}

/* First touch, first page and times from the journey of `person`: an older touch than the one kept
 * replaces it. */
static enum status take_first_touch(struct ctx *cx, struct row *contact, u32 person)
{
    struct touches t = { .any = false };
    void *accs[] = { &t };
    struct journey_plan plan = { .people = &person,
                                 .people_count = 1,
                                 .columns = READ_CHANNEL | READ_PAGE | READ_SOURCE | READ_CAMPAIGN |
                                            READ_TOUCH,
                                 .visit = find_touches };

    TRY(journey_walk(cx, cx->journey, &plan, accs, 1));
    if (!t.any)
        return OK;
    if (!row_has(contact, CONTACT_LAST_SEEN) || row_i64(contact, CONTACT_LAST_SEEN) < t.last.at_ms)
        row_set_i64(contact, CONTACT_LAST_SEEN, t.last.at_ms);
    if (!row_has(contact, CONTACT_CHANNEL) || !row_has(contact, CONTACT_FIRST_SEEN) ||
        t.first.at_ms < row_i64(contact, CONTACT_FIRST_SEEN))
        set_touch(cx, contact, &t.first);
    return OK;
}

enum status identity_older_touch(struct ctx *cx, i64 contact_id, const struct event *touch)
{
    scoped(access_leave) struct access_guard system = access_enter_system(cx);
    struct row *contact;
    enum status s = record_get(cx, &contact_type, contact_id, &contact);

    if (s == E_NOT_FOUND) /* in the trash by now */
        return ctx_clear_error(cx), OK;
    TRY(s);
    if (row_has(contact, CONTACT_CHANNEL) && row_has(contact, CONTACT_FIRST_SEEN) &&
        touch->at_ms >= row_i64(contact, CONTACT_FIRST_SEEN))
        return OK;
    set_touch(cx, contact, touch);
    if (!row_has(contact, CONTACT_LAST_SEEN) || row_i64(contact, CONTACT_LAST_SEEN) < touch->at_ms)
        row_set_i64(contact, CONTACT_LAST_SEEN, touch->at_ms);
    return record_save(cx, contact);
}

/* ---- the join ---- */

/* Whose a visitor is by now: 0 nobody's. */
static i64 contact_of(struct journey *j, u32 person)
{
    enum person_kind kind;
    u64 key;

    return person != 0 && journey_person_key(j, person, &kind, &key) && kind == PERSON_CONTACT
               ? (i64)key
               : 0;
}

enum status identity_join(struct ctx *cx, struct row *contact, u64 visitor)
{
    struct journey *j = cx->journey;
    u32 person;
    i64 owner;

    if (visitor == 0 || j == NULL)
        return OK;
    if (row_id(contact) == 0) /* the alias needs the contact's id, which a new row gets here */
        row_set_id(contact, kit_new_id(cx));
    person = journey_person_find(j, PERSON_VISITOR, visitor);
    owner = contact_of(j, person);
    if (owner == row_id(contact))
        return OK;
    if (owner != 0)
        (void)journey_split(j, journey_person(j, PERSON_VISITOR, visitor));
    else if (person != 0)
        TRY(take_first_touch(cx, contact, person));
    return journey_note(cx, &(struct journey_note){ .kind = "identified",
                                                    .contact_id = row_id(contact),
                                                    .record_id = row_id(contact),
                                                    .visitor = visitor });
}

static const struct event_kind kinds[] = {
    { "identified", "Recognised", "user-check", KIND_CHAPTER, "contact" },
};
const struct feature feature_identity = { .name = "identity", EVENT_KINDS(kinds) };
