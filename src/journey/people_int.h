/* people_int.h -- who is who: dense numbers for visitors and contacts, and which visitor belongs to
 * which contact. A person's events stay under the number they came under; belonging is a link, so
 * that it can be undone. Any thread: one short mutex. */
#pragma once
#include "journey/journey.h"
#include "journey/slab_int.h"
#include <pthread.h>
#include <stdatomic.h>

/* In place of enum person_kind: neither key nor events any more. */
enum { PERSON_ERASED = 3 };

struct link { /* visitor belongs to person; 0: not any more */
    u32 visitor, person;
    u32 next; /* next link of that person */
    i64 at_ms;
};
/* Events of `person` may lie under `owner`, to whom it belonged once. */
struct stray {
    u32 person, owner;
};
struct people;
typedef void people_reader(struct people *p, void *arg);
struct people {
    pthread_mutex_t lock;
    u64 *keys; /* of number - 1 */
    u8 *kinds;
    u32 count, room;
    u32 *slots; /* numbers; 0: free; open addressing */
    u32 slot_count;
    atomic_bool present; /* everybody's key and kind is here: not so while `later` has still to be
                            read */
    atomic_bool indexed; /* who was read back has slots too; nobody is added before */
    pthread_mutex_t index_lock; /* held while either is made true */
    u32 reserved, told;  /* numbers whose keys are read later; those that were already */
    people_reader *later;
    void *later_arg;
    struct link *links; /* links[0] is nobody's */
    u32 link_count, link_room;
    u32 aliases;      /* links that stand */
    u32 erased;
    u64 changes;      /* of links, so far */
    struct moved *moved; /* as of some change; NULL: nobody asked */
    struct stray *strays;
    u32 stray_count, stray_room;
    u32 *link_of;     /* by number - 1: its own link, or 0; NULL while nobody has one */
    u32 *first_of;    /* by number - 1: first link of those who belong to it */
    u32 link_people;  /* length of both */
    /* of the committing thread */
    u32 logged, settled; /* as in struct dict */
    u32 strays_settled;
};

void people_init(struct people *p);
void people_close(struct people *p);
u32 people_number(struct people *p, enum person_kind kind, u64 key); /* made when new */
u32 people_find(struct people *p, enum person_kind kind, u64 key);   /* links not followed */
u32 people_split(struct people *p, u32 person);
bool people_key(struct people *p, u32 person, enum person_kind *kind, u64 *key);
/* The same of anybody, also of who is erased. Aborts on an unknown number. */
void people_stored(struct people *p, u32 person, u8 *kind, u64 *key);
u32 people_count(struct people *p);
u32 people_erased(struct people *p);
u64 people_version(struct people *p); /* another one after each link and each erasure */
u32 people_aliases(struct people *p);
/* Reading back tens of millions takes a second, so opening only says how many there are: numbers 1
 * to `count` are taken, nobody being known before. `later` tells who they are, by
 * people_restore_many and people_told, when somebody first asks, unless that was done before. */
void people_reserve(struct people *p, u32 count, people_reader *later, void *arg);
bool people_told(struct people *p); /* false: some are missing */
/* What has to find keys waits for them and for their index after opening: made by who comes first,
 * or by a thread that calls this. */
void people_index(struct people *p);
/* Reserved numbers read back, in order: kind and key of each, PERSON_BYTES together. Some may come
 * twice, and those behind the reserved are known from elsewhere. False: they cannot be. */
enum { PERSON_BYTES = 9 };
bool people_restore_many(struct people *p, u32 first, const u8 *people, u32 count);
/* A person read back: the next number, or one that is known already. False: it cannot be. */
bool people_restore(struct people *p, u32 person, enum person_kind kind, u64 key);
u32 people_root(struct people *p, u32 person);
bool people_known(struct people *p, u32 person); /* somebody, and not erased */
/* May this link be made? OK, E_CONFLICT, E_INVALID (a circle, an unknown person). `same`: it stands
 * already. */
enum status people_may_link(struct people *p, u32 visitor, u32 person, bool *same);
/* Makes the link, or with person 0 undoes it, whatever was before. False: unknown persons or a
 * circle. */
bool people_link(struct people *p, u32 visitor, u32 person, i64 at_ms);
u32 people_linked(struct people *p, u32 visitor, i64 *at_ms); /* the person, or 0 */
/* Erases a person and who belongs to it. Owned: *out, all of them, by free; 0: nobody, or erased
 * already. */
u32 people_erase(struct people *p, u32 person, u32 **out);
/* Everybody whose events are `person`'s, itself first, then by time of linking. In arena. */
void people_members(struct people *p, u32 person, struct arena *a, u32 **out, size_t *count);
/* Those who belong to somebody else, or with root 0 to nobody, at one moment. Never changed, shared
 * by who asks. */
struct moved {
    atomic_uint refs;
    u64 version; /* people.changes */
    u32 count;
    u32 *people, *roots; /* ascending by person */
    u64 *bits;           /* of the numbers up to `last` */
    u32 last;
    u32 stray_count;
    struct stray_root {
        u32 owner, root; /* under owner lie rows of this root's, who is not the owner's root */
    } *strays;           /* ascending, none twice */
};
struct moved *people_moved(struct people *p); /* owned: moved_drop */
void moved_drop(struct moved *m);
u32 moved_root(const struct moved *m, u32 person);
/* The strays under an owner: index of the first, and how many. */
u32 moved_strays(const struct moved *m, u32 owner, u32 *count);
/* Whose each event is now, in slab. Leaves out those of erased people: *n may become 0. */
u32 *people_owners(struct people *p, struct event *events, u32 *n, struct slab *slab);
/* Everybody under whom rows of these people (ascending) may lie: themselves, those they belong to
 * and those they belonged to, some perhaps twice. Owned: free. */
u32 *people_places(struct people *p, const u32 *list, u32 n, u32 *count);
bool people_stray_at(struct people *p, u32 index, struct stray *out); /* false: there are fewer */
/* From now on events of `person` are looked for under `owner` too. False: unknown numbers. */
bool people_stray(struct people *p, u32 person, u32 owner);
static inline bool moved_is(const struct moved *m, u32 person)
{
    return person <= m->last && (m->bits[person / 64] >> person % 64 & 1);
}
