/* people.c -- numbers, keys, aliases: about 16 bytes a person, 8 more once there are aliases. */
#include "base/log.h"
#include "journey/people_int.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256, FIRST_ROOM = 256, AHEAD = 16 };

static void *grown(void *p, size_t count, size_t bytes_each)
{
    p = reallocarray(p, count, bytes_each);
    if (p == NULL)
        log_fatal("journey.out_of_memory", "count=%zu", count);
    return p;
}

void people_init(struct people *p)
{
    *p = (struct people){ .link_count = 1, .link_room = 0 };
    pthread_mutex_init(&p->lock, NULL);
    pthread_mutex_init(&p->index_lock, NULL);
    atomic_init(&p->present, true);
    atomic_init(&p->indexed, true);
}

void people_close(struct people *p)
{
    free(p->keys);
    free(p->kinds);
    free(p->slots);
    free(p->links);
    free(p->link_of);
    free(p->first_of);
    moved_drop(p->moved);
    free(p->strays);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->index_lock);
}

/* ---- numbers ---- */

/* Contact ids differ in a few middle bits only: every bit of the key must move every bit of the
 * hash. */
static u32 hash_of(enum person_kind kind, u64 key)
{
    key ^= (u64)kind << 62;
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
    key = (key ^ key >> 27) * 0x94d049bb133111ebu;
    return (u32)(key ^ key >> 31);
}

static u32 slot_of(const struct people *p, enum person_kind kind, u64 key)
{
    u32 at =
        hash_of(kind, key) & (p->slot_count - 1); /* who is erased keeps its slot, like nobody */

    for (;; at = (at + 1) & (p->slot_count - 1)) {
        u32 n = p->slots[at];
        if (n == 0 || (p->keys[n - 1] == key && p->kinds[n - 1] == kind))
            return at;
    }
}

static void make_slots(struct people *p, u32 count)
{
    free(p->slots);
    p->slots = calloc(count, sizeof *p->slots);
    if (p->slots == NULL)
        log_fatal("journey.out_of_memory", "slots=%u", count);
    p->slot_count = count;
    for (u32 n = 1; n <= p->count; n++) { /* of a split key the newest number stays */
        if (n + AHEAD <= p->count)        /* or each would wait for memory */
            __builtin_prefetch(
                &p->slots[hash_of(p->kinds[n + AHEAD - 1], p->keys[n + AHEAD - 1]) & (count - 1)]);
        if (p->kinds[n - 1] != PERSON_ERASED)
            p->slots[slot_of(p, p->kinds[n - 1], p->keys[n - 1])] = n;
    }
}

static bool is_full(const struct people *p, u32 slots) { return p->count * 4ull > slots * 3ull; }

/* Whoever asks for a key, or whether somebody is erased, waits for what opening left to be read. */
static void await_keys(struct people *p)
{
    if (atomic_load_explicit(&p->present, memory_order_acquire))
        return;
    pthread_mutex_lock(&p->index_lock);
    if (!atomic_load_explicit(&p->present, memory_order_acquire))
        p->later(p, p->later_arg); /* ends with people_told, or the program */
    pthread_mutex_unlock(&p->index_lock);
}

void people_index(struct people *p)
{
    u32 slots = FIRST_SLOTS;

    await_keys(p);
    if (atomic_load_explicit(&p->indexed, memory_order_acquire))
        return;
    pthread_mutex_lock(&p->index_lock);
    if (!atomic_load_explicit(&p->indexed, memory_order_acquire)) {
        while (is_full(p, slots))
            slots *= 2;
        make_slots(p, slots);
        atomic_store_explicit(&p->indexed, true, memory_order_release);
    }
    pthread_mutex_unlock(&p->index_lock);
}

static void make_room(struct people *p, u32 more)
{
    if (p->room - p->count >= more)
        return;
    p->room += p->room / 2 > more ? p->room / 2 : more > FIRST_ROOM ? more : FIRST_ROOM;
    p->keys = grown(p->keys, p->room, sizeof *p->keys);
    p->kinds = grown(p->kinds, p->room, sizeof *p->kinds);
}

static u32 add(struct people *p, u8 kind, u64 key)
{
    make_room(p, 1);
    p->keys[p->count] = key;
    p->kinds[p->count++] = kind;
    if (kind == PERSON_ERASED)
        p->erased++;
    if (!atomic_load_explicit(&p->indexed, memory_order_relaxed))
        return p->count;
    if (is_full(p, p->slot_count))
        make_slots(p, p->slot_count == 0 ? FIRST_SLOTS : p->slot_count * 2);
    else if (kind != PERSON_ERASED)
        p->slots[slot_of(p, kind, key)] = p->count;
    return p->count;
}

static u32 find(const struct people *p, enum person_kind kind, u64 key)
{
    return p->slot_count == 0 ? 0 : p->slots[slot_of(p, kind, key)];
}

u32 people_number(struct people *p, enum person_kind kind, u64 key)
{
    people_index(p);
    pthread_mutex_lock(&p->lock);
    u32 n = find(p, kind, key);
    if (n == 0)
        n = add(p, kind, key);
    pthread_mutex_unlock(&p->lock);
    return n;
}

u32 people_find(struct people *p, enum person_kind kind, u64 key)
{
    people_index(p);
    pthread_mutex_lock(&p->lock);
    u32 n = find(p, kind, key);
    pthread_mutex_unlock(&p->lock);
    return n;
}

static bool known(const struct people *p, u32 person) { return person > 0 && person <= p->count; }
static bool alive(const struct people *p, u32 person)
{
    return known(p, person) && p->kinds[person - 1] != PERSON_ERASED;
}

u32 people_split(struct people *p, u32 person)
{
    u32 n = 0;

    people_index(p);
    pthread_mutex_lock(&p->lock);
    if (alive(p, person))
        n = add(p, p->kinds[person - 1], p->keys[person - 1]);
    pthread_mutex_unlock(&p->lock);
    return n;
}

bool people_key(struct people *p, u32 person, enum person_kind *kind, u64 *key)
{
    await_keys(p);
    pthread_mutex_lock(&p->lock);
    bool fine = alive(p, person);
    if (fine) {
        *kind = p->kinds[person - 1];
        *key = p->keys[person - 1];
    }
    pthread_mutex_unlock(&p->lock);
    return fine;
}

void people_stored(struct people *p, u32 person, u8 *kind, u64 *key)
{
    await_keys(p);
    pthread_mutex_lock(&p->lock);
    assert(known(p, person));
    *kind = p->kinds[person - 1];
    *key = p->keys[person - 1];
    pthread_mutex_unlock(&p->lock);
}

u64 people_version(struct people *p)
{
    await_keys(p);
    pthread_mutex_lock(&p->lock);
    u64 n = p->changes + p->erased; /* both only grow */
    pthread_mutex_unlock(&p->lock);
    return n;
}

u32 people_erased(struct people *p)
{
    await_keys(p);
    pthread_mutex_lock(&p->lock);
    u32 count = p->erased;
    pthread_mutex_unlock(&p->lock);
    return count;
}

u32 people_count(struct people *p)
{
    pthread_mutex_lock(&p->lock);
    u32 count = p->count;
    pthread_mutex_unlock(&p->lock);
    return count;
}

u32 people_aliases(struct people *p)
{
    pthread_mutex_lock(&p->lock);
    u32 count = p->aliases;
    pthread_mutex_unlock(&p->lock);
    return count;
}

static bool may_be(u8 kind, u64 key)
{
    return kind == PERSON_VISITOR || kind == PERSON_CONTACT || (kind == PERSON_ERASED && key == 0);
}

/* A key under a number that has one already: the log may tell of somebody whom the table knows,
 * perhaps as erased. */
static bool agrees(const struct people *p, u32 person, u8 kind, u64 key)
{
    return known(p, person) &&
           (!alive(p, person) || (p->keys[person - 1] == key && p->kinds[person - 1] == kind));
}

bool people_restore(struct people *p, u32 person, enum person_kind kind, u64 key)
{
    bool fine = may_be((u8)kind, key);

    pthread_mutex_lock(&p->lock);
    if (fine && person == p->count + 1)
        add(p, (u8)kind, key);
    else if (person > p->reserved || atomic_load_explicit(&p->present, memory_order_relaxed))
        fine = fine && agrees(p, person, (u8)kind, key);
    else
        fine = fine && person > 0; /* the table will tell */
    pthread_mutex_unlock(&p->lock);
    return fine;
}

void people_reserve(struct people *p, u32 count, people_reader *later, void *arg)
{
    pthread_mutex_lock(&p->lock);
    make_room(p, count);
    p->count = p->reserved = count;
    p->later = later;
    p->later_arg = arg;
    atomic_store_explicit(&p->indexed, false, memory_order_relaxed);
    atomic_store_explicit(&p->present, false, memory_order_relaxed);
    pthread_mutex_unlock(&p->lock);
}

bool people_told(struct people *p)
{
    if (p->told != p->reserved) /* nobody goes on with what is not there */
        return false;
    atomic_store_explicit(&p->present, true, memory_order_release);
    return true;
}

bool people_restore_many(struct people *p, u32 first, const u8 *people, u32 count)
{
    bool fine = first > 0 && first - 1 <= p->told;
    u32 erased = 0;

    pthread_mutex_lock(&p->lock);
    for (u32 n = first; fine && n - first < count && n <= p->reserved; n++) {
        u8 kind = people[0];
        u64 key;
        memcpy(&key, people + 1, sizeof key);
        people += PERSON_BYTES;
        if (n <= p->told) {
            fine = agrees(p, n, kind, key);
            continue;
        }
        fine = may_be(kind, key);
        p->keys[n - 1] = key;
        p->kinds[n - 1] = kind;
        p->told = n;
        erased += kind == PERSON_ERASED;
    }
    p->erased += erased;
    pthread_mutex_unlock(&p->lock);
    return fine;
}

/* ---- aliases ---- */

static u32 parent_of(const struct people *p, u32 person)
{
    return person > p->link_people ? 0 : p->links[p->link_of[person - 1]].person;
}

static u32 top_of(const struct people *p, u32 person)
{
    for (u32 up; p->aliases > 0 && (up = parent_of(p, person)) != 0;)
        person = up;
    return person;
}

static u32 root_of(const struct people *p, u32 person)
{
    person = top_of(p, person);
    return alive(p, person) ? person : 0;
}

u32 people_root(struct people *p, u32 person)
{
    await_keys(p);
    pthread_mutex_lock(&p->lock);
    if (known(p, person))
        person = root_of(p, person);
    pthread_mutex_unlock(&p->lock);
    return person;
}

bool people_known(struct people *p, u32 person)
{
    await_keys(p);
    pthread_mutex_lock(&p->lock);
    bool is = alive(p, person);
    pthread_mutex_unlock(&p->lock);
    return is;
}

enum status people_may_link(struct people *p, u32 visitor, u32 person, bool *same)
{
    enum status s = OK;

    *same = false;
    await_keys(p);
    pthread_mutex_lock(&p->lock);
    if (!alive(p, visitor) || !alive(p, person) || root_of(p, person) == visitor) {
        s = E_INVALID;
    } else {
        u32 now = parent_of(p, visitor);
        *same = now == person;
        if (now != 0 && now != person)
            s = E_CONFLICT;
    }
    pthread_mutex_unlock(&p->lock);
    return s;
}

/* New memory is zero as it comes, and takes none before it is touched: opening makes room for tens
 * of millions, of whom few have a link. */
static u32 *zeroed(u32 *old, u32 count, u32 room)
{
    u32 *p = calloc(room, sizeof *p);

    if (p == NULL)
        log_fatal("journey.out_of_memory", "links=%u", room);
    if (count > 0)
        memcpy(p, old, count * sizeof *p);
    free(old);
    return p;
}

/* Room for a link of every number. */
static void room_for_links(struct people *p)
{
    if (p->link_people < p->room) {
        p->link_of = zeroed(p->link_of, p->link_people, p->room);
        p->first_of = zeroed(p->first_of, p->link_people, p->room);
        p->link_people = p->room;
    }
    if (p->link_count + 1 > p->link_room) {
        p->link_room = p->link_room == 0 ? 64 : p->link_room * 2;
        p->links = grown(p->links, p->link_room, sizeof *p->links);
        p->links[0] = (struct link){ 0 };
    }
}

static void add_stray(struct people *p, u32 person, u32 owner)
{
    if (p->stray_count == p->stray_room) {
        p->stray_room = p->stray_room == 0 ? 16 : p->stray_room * 2;
        p->strays = grown(p->strays, p->stray_room, sizeof *p->strays);
    }
    p->strays[p->stray_count++] = (struct stray){ person, owner };
}

/* Somebody and all who belong to it. Owned: free. */
static u32 *group_of(const struct people *p, u32 person, u32 *count)
{
    u32 room = 16, *group = grown(NULL, room, sizeof *group);

    *count = 0;
    group[(*count)++] = person;
    for (u32 i = 0; i < *count; i++) { /* grows with the links of those found */
        if (group[i] > p->link_people)
            continue;
        for (u32 at = p->first_of[group[i] - 1]; at != 0; at = p->links[at].next) {
            if (*count == room)
                group = grown(group, room *= 2, sizeof *group);
            group[(*count)++] = p->links[at].visitor;
        }
    }
    return group;
}

/* Runs may have been sorted while the visitor, and who belonged to it, belonged to these. */
static void leave_strays(struct people *p, u32 visitor)
{
    u32 count, *group = group_of(p, visitor, &count);

    for (u32 owner = parent_of(p, visitor); owner != 0; owner = parent_of(p, owner))
        for (u32 i = 0; i < count; i++)
            add_stray(p, group[i], owner);
    free(group);
}

static void unlink_from(struct people *p, u32 at)
{
    struct link *l = &p->links[at];
    u32 *next = &p->first_of[l->person - 1];

    while (*next != at)
        next = &p->links[*next].next;
    *next = l->next;
    l->person = l->next = 0;
    p->aliases--;
}

bool people_link(struct people *p, u32 visitor, u32 person, i64 at_ms)
{
    pthread_mutex_lock(&p->lock);
    bool fine = known(p, visitor) && (person == 0 || known(p, person));
    if (fine) {
        room_for_links(p);
        p->changes++;
        u32 at = p->link_of[visitor - 1];
        if (at == 0 && person != 0) {
            at = p->link_of[visitor - 1] = p->link_count++;
            p->links[at] = (struct link){ .visitor = visitor };
        }
        if (p->links[at].person != 0) {
            leave_strays(p, visitor);
            unlink_from(p, at);
        }
        fine = person == 0 || top_of(p, person) != visitor; /* keys may not be read yet */
        if (fine && person != 0) {
            p->links[at].person = person;
            p->links[at].at_ms = at_ms;
            p->links[at].next = p->first_of[person - 1];
            p->first_of[person - 1] = at;
            p->aliases++;
        }
    }
    pthread_mutex_unlock(&p->lock);
    return fine;
}

/* Of a split key an older number may live on: it is the newest now. */
static void forget_key(struct people *p, u32 person)
{
    u8 kind = p->kinds[person - 1];
    u64 key = p->keys[person - 1];
    u32 at = slot_of(p, kind, key), newest = 0;

    p->kinds[person - 1] = PERSON_ERASED;
    p->keys[person - 1] = 0;
    if (p->slots[at] != person)
        return;
    for (u32 n = person - 1; n > 0 && newest == 0; n--)
        newest = p->keys[n - 1] == key && p->kinds[n - 1] == kind ? n : 0;
    if (newest != 0)
        p->slots[at] = newest;
}

u32 people_erase(struct people *p, u32 person, u32 **out)
{
    u32 count = 0;

    *out = NULL;
    people_index(p);
    pthread_mutex_lock(&p->lock);
    person = known(p, person) ? root_of(p, person) : 0;
    if (person != 0) {
        *out = group_of(p, person, &count);
        for (u32 i = 0; i < count; i++) {
            u32 n = (*out)[i];
            forget_key(p, n);
            if (n <= p->link_people && p->links[p->link_of[n - 1]].person != 0)
                unlink_from(p, p->link_of[n - 1]);
        }
        p->erased += count;
        p->changes++;
    }
    pthread_mutex_unlock(&p->lock);
    return count;
}

u32 people_linked(struct people *p, u32 visitor, i64 *at_ms)
{
    u32 person = 0;

    pthread_mutex_lock(&p->lock);
    if (known(p, visitor) && visitor <= p->link_people) {
        struct link *l = &p->links[p->link_of[visitor - 1]];
        person = l->person;
        *at_ms = l->at_ms;
    }
    pthread_mutex_unlock(&p->lock);
    return person;
}

static int by_time(const void *a, const void *b)
{
    const struct link *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return x->visitor < y->visitor ? -1 : x->visitor > y->visitor;
}

void people_members(struct people *p, u32 person, struct arena *a, u32 **out, size_t *count)
{
    size_t n = 1, room = 16;
    struct link *found = NEW_N(a, struct link, room);

    pthread_mutex_lock(&p->lock);
    found[0] = (struct link){ .visitor = person, .at_ms = INT64_MIN };
    for (size_t i = 0; i < n; i++) { /* found[] grows with the links of those found */
        u32 who = found[i].visitor;
        if (!known(p, who) || who > p->link_people)
            continue;
        for (u32 at = p->first_of[who - 1]; at != 0; at = p->links[at].next) {
            if (n == room) {
                struct link *more = NEW_N(a, struct link, room * 2);
                memcpy(more, found, room * sizeof *more);
                found = more;
                room *= 2;
            }
            found[n++] = p->links[at];
        }
    }
    pthread_mutex_unlock(&p->lock);
    qsort(found + 1, n - 1, sizeof *found, by_time);
    *out = NEW_N(a, u32, n);
    for (size_t i = 0; i < n; i++)
        (*out)[i] = found[i].visitor;
    *count = n;
}

/* ---- where their events lie ---- */

bool people_stray(struct people *p, u32 person, u32 owner)
{
    pthread_mutex_lock(&p->lock);
    bool fine = known(p, person) && known(p, owner);
    if (fine) {
        add_stray(p, person, owner);
        p->changes++;
    }
    pthread_mutex_unlock(&p->lock);
    return fine;
}

static int by_owner(const void *a, const void *b)
{
    const struct stray_root *x = a, *y = b;

    if (x->owner != y->owner)
        return x->owner < y->owner ? -1 : 1;
    return x->root < y->root ? -1 : x->root > y->root;
}

static void strays_now(const struct people *p, struct moved *m)
{
    u32 n = 0;

    m->strays = grown(NULL, p->stray_count + 1ull, sizeof *m->strays);
    for (u32 i = 0; i < p->stray_count; i++) {
        u32 owner = p->strays[i].owner, root = root_of(p, p->strays[i].person);
        if (root != root_of(p, owner))
            m->strays[n++] = (struct stray_root){ owner, root };
    }
    qsort(m->strays, n, sizeof *m->strays, by_owner);
    for (u32 i = 0; i < n; i++)
        if (i == 0 || by_owner(&m->strays[i], &m->strays[m->stray_count - 1]) != 0)
            m->strays[m->stray_count++] = m->strays[i];
}

/* By number, which is how the directories lie. Most people belong to nobody else: only links and
 * those who are erased are looked at. */
static struct moved *moved_now(const struct people *p)
{
    struct moved *m = grown(NULL, 1, sizeof *m);

    *m = (struct moved){ .version = p->changes, .last = p->aliases + p->erased > 0 ? p->count : 0 };
    atomic_init(&m->refs, 1);
    m->people = grown(NULL, p->aliases + p->erased + 1ull, sizeof *m->people);
    m->roots = grown(NULL, p->aliases + p->erased + 1ull, sizeof *m->roots);
    m->bits = calloc(m->last / 64 + 1ull, sizeof *m->bits);
    if (m->bits == NULL)
        log_fatal("journey.out_of_memory", "people=%u", p->count);
    for (u32 i = 1; i < p->link_count; i++)
        if (p->links[i].person != 0)
            m->bits[p->links[i].visitor / 64] |= 1ull << p->links[i].visitor % 64;
    const u8 *at = p->kinds, *end = at + p->count;
    for (; p->erased > 0 && (at = memchr(at, PERSON_ERASED, (size_t)(end - at))) != NULL; at++)
        m->bits[(at - p->kinds + 1) / 64] |= 1ull << (at - p->kinds + 1) % 64;
    for (u32 word = 0; word <= m->last / 64; word++)
        for (u64 bits = m->bits[word]; bits != 0; bits &= bits - 1) {
            u32 n = word * 64 + (u32)__builtin_ctzll(bits);
            m->people[m->count] = n;
            m->roots[m->count++] = root_of(p, n);
        }
    strays_now(p, m);
    return m;
}

struct moved *people_moved(struct people *p)
{
    await_keys(p);
    pthread_mutex_lock(&p->lock);
    if (p->moved != NULL && p->moved->version != p->changes) {
        moved_drop(p->moved);
        p->moved = NULL;
    }
    if (p->moved == NULL)
        p->moved = moved_now(p);
    struct moved *m = p->moved;
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&p->lock);
    return m;
}

void moved_drop(struct moved *m)
{
    if (m == NULL || atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
        return;
    free(m->people);
    free(m->roots);
    free(m->bits);
    free(m->strays);
    free(m);
}

u32 moved_root(const struct moved *m, u32 person)
{
    return moved_is(m, person) ? m->roots[lower_bound(m->people, m->count, person)] : person;
}

u32 moved_strays(const struct moved *m, u32 owner, u32 *count)
{
    u32 lo = lower_bound_of(m->strays, sizeof m->strays[0], m->stray_count, owner);

    *count = 0;
    while (lo + *count < m->stray_count && m->strays[lo + *count].owner == owner)
        ++*count;
    return lo;
}

u32 *people_owners(struct people *p, struct event *events, u32 *n, struct slab *slab)
{
    struct moved *m = people_moved(p);
    u32 *owners = SLAB_N(slab, u32, *n), kept = 0;

    for (u32 i = 0; i < *n; i++) {
        u32 owner = moved_root(m, events[i].person);
        if (owner == 0)
            continue;
        if (kept != i)
            events[kept] = events[i];
        owners[kept++] = owner;
    }
    *n = kept;
    moved_drop(m);
    return owners;
}

u32 *people_places(struct people *p, const u32 *list, u32 n, u32 *count)
{
    u32 room = n + 16, *places = grown(NULL, room, sizeof *places);

    pthread_mutex_lock(&p->lock);
    memcpy(places, list, n * sizeof *list);
    *count = n;
    for (u32 i = 0, up; i < n; i++)
        for (up = known(p, list[i]) ? parent_of(p, list[i]) : 0; up != 0; up = parent_of(p, up)) {
            if (*count == room)
                places = grown(places, room *= 2, sizeof *places);
            places[(*count)++] = up;
        }
    for (u32 i = 0; i < p->stray_count; i++) {
        u32 at = lower_bound(list, n, p->strays[i].person);
        if (at == n || list[at] != p->strays[i].person)
            continue;
        if (*count == room)
            places = grown(places, room *= 2, sizeof *places);
        places[(*count)++] = p->strays[i].owner;
    }
    pthread_mutex_unlock(&p->lock);
    return places;
}

bool people_stray_at(struct people *p, u32 index, struct stray *out)
{
    pthread_mutex_lock(&p->lock);
    bool is = index < p->stray_count;
    if (is)
        *out = p->strays[index];
    pthread_mutex_unlock(&p->lock);
    return is;
}
