/* commit.c -- what one commit is: events that are new, links that may be made, the names and people
 * they need, as one row of the log; and the same rows read back at open. The committer's. */
#include "base/log.h"
#include "journey/journey_int.h"
#include <stdlib.h>

/* The ids that flushes left in the file. One row that is damaged makes events with ids unsafe to
 * store, and only these. */
static enum status read_seen(struct journey *j)
{
    struct reader *r;
    sqlite3_stmt *all;
    const char *what = NULL;
    bool room = true;

    TRY(reader_take(j->file, &r));
    enum status s = reader_query(r, SQL_SEEN_ALL, &all);
    while (s == OK && room && what == NULL && sqlite3_step(all) == SQLITE_ROW) {
        const char *blob = sqlite3_column_blob(all, 1);
        size_t len = (size_t)sqlite3_column_bytes(all, 1);
        u64 id;
        what = blob_fault(blob, len, BLOB_SEEN, 0, true);
        for (size_t at = BLOB_HEAD_BYTES; what == NULL && room && at + sizeof id <= len;
             at += sizeof id) {
            memcpy(&id, blob + at, sizeof id);
            room = id == 0 || seen_add_older(&j->seen, id);
        }
        if (what != NULL)
            log_line(LOG_ERROR, "journey.damaged", "table=seen row=%lld what=\"%s\"",
                     (long long)sqlite3_column_int64(all, 0), what);
    }
    if (s == OK)
        sqlite3_finalize(all);
    reader_give(j->file, r);
    j->seen.read = s == OK && what == NULL;
    return s == OK && what != NULL ? E_CORRUPT : s;
}

/* Leaves out events whose id is known. Their senders hear OK: the event is stored. */
static enum status drop_known(struct journey *j, struct group *g)
{
    u32 kept = 0;
    bool ids = false;

    for (u32 i = 0; i < g->count && !ids; i++)
        ids = g->events[i].id != 0;
    if (ids && !j->seen.read)
        TRY(read_seen(j));
    for (u32 i = 0; i < g->count; i++) {
        if (g->events[i].id != 0 && !seen_add(&j->seen, g->events[i].id))
            continue;
        if (kept != i)
            g->events[kept] = g->events[i];
        g->events[kept].seq = j->next_seq + kept;
        kept++;
    }
    g->count = kept;
    return OK;
}

/* Makes the links that may be made, in order; the others tell their waiter. */
static u32 make_links(struct journey *j, struct group *g, struct journey_link *made)
{
    u32 count = 0;

    for (u32 i = 0; i < g->link_count; i++) {
        struct link_request *l = &g->links[i];
        enum status *told = &g->waiters[l->waiter].status, s = OK;
        bool same = false;
        l->before = people_linked(&j->people, l->link.visitor, &l->before_ms);
        if (l->link.contact == (u32)LINK_ERASED)
            s = people_known(&j->people, l->link.visitor) ? OK : E_NOT_FOUND;
        else if (l->link.contact == 0)
            s = l->before == 0 ? E_NOT_FOUND : OK;
        else
            s = people_may_link(&j->people, l->link.visitor, l->link.contact, &same);
        if (s != OK)
            *told = *told == OK ? s : *told;
        if (s != OK || same)
            continue;
        l->made =
            l->link.contact != (u32)LINK_ERASED && /* once it is durable: there is no way back */
            people_link(&j->people, l->link.visitor, l->link.contact, l->link.at_ms);
        made[count++] = l->link;
    }
    return count;
}

static void collect_names(struct journey *j, struct batch *b)
{
    u32 last[DICT_COUNT], n = 0;

    for (u8 d = 1; d < DICT_COUNT; d++) {
        last[d] = dict_count(&j->dicts[d]);
        b->name_count += last[d] - j->dicts[d].logged;
    }
    if (b->name_count == 0)
        return;
    struct batch_name *names = NEW_N(j->scratch, struct batch_name, b->name_count);
    for (u8 d = 1; d < DICT_COUNT; d++)
        for (u32 code = j->dicts[d].logged + 1; code <= last[d]; code++)
            names[n++] = (struct batch_name){ d, code, dict_text(&j->dicts[d], code) };
    b->names = names;
}

static void collect_people(struct journey *j, struct batch *b)
{
    u32 first = j->people.logged + 1;

    b->person_count = people_count(&j->people) - j->people.logged;
    if (b->person_count == 0)
        return;
    struct batch_person *people = NEW_N(j->scratch, struct batch_person, b->person_count);
    for (u32 i = 0; i < b->person_count; i++) {
        enum person_kind kind = 0;
        people[i].person = first + i;
        if (people_key(&j->people, first + i, &kind, &people[i].key))
            people[i].kind = (u8)kind;
    }
    b->people = people;
}

static enum status write_batch(struct journey *j, const struct batch *b)
{
    batch_write(b, &j->blob);
    sqlite3_stmt *put = file_stmt(j->file, SQL_LOG_PUT);
    sqlite3_bind_int64(put, 1, j->log_id + 1);
    sqlite3_bind_blob64(put, 2, j->blob.p, j->blob.len, SQLITE_STATIC);
    return file_run(j->file, put);
}

static void add_number(u32 **list, u32 *count, u32 *room, u32 n)
{
    *list = array_room(*list, room, *count + 1, sizeof **list);
    (*list)[(*count)++] = n;
}

static void erase(struct journey *j, u32 person)
{
    u32 *gone, count = people_erase(&j->people, person, &gone);

    for (u32 i = 0; i < count; i++) {
        add_number(&j->new_links, &j->new_link_count, &j->new_link_room, gone[i]);
        add_number(&j->new_erased, &j->new_erased_count, &j->new_erased_room, gone[i]);
    }
    free(gone);
    if (!j->erasing)
        file_blank(j->file, true);
    j->erasing = true;
    j->blanked = false;
}

/* What the commit changed in the committer's own books, now that it is on disk. */
static void book(struct journey *j, const struct batch *b)
{
    j->log_id++;
    for (u32 i = 0; i < b->name_count; i++)
        j->dicts[b->names[i].dict].logged = b->names[i].code;
    j->people.logged += b->person_count;
    j->next_seq += b->event_count;
    for (u32 i = 0; i < b->link_count; i++) {
        if (b->links[i].contact == (u32)LINK_ERASED)
            erase(j, b->links[i].visitor);
        else
            add_number(&j->new_links, &j->new_link_count, &j->new_link_room, b->links[i].visitor);
        j->merge_due = true;
    }
    for (u32 i = 0; i < b->event_count; i++)
        if (b->events[i].id != 0) {
            j->new_ids =
                array_room(j->new_ids, &j->new_id_room, j->new_id_count + 1, sizeof *j->new_ids);
            j->new_ids[j->new_id_count++] = b->events[i].id;
            j->newest_id_ms = b->arrived_ms;
        }
    state_add(j, b->events, b->event_count, j->log_id);
    pthread_mutex_lock(&j->state_lock);
    j->commits++;
    if (b->outbox_seq > j->outbox_seq)
        j->outbox_seq = b->outbox_seq;
    pthread_mutex_unlock(&j->state_lock);
}

/* The commit failed: ids and links are as before. */
static void unbook(struct journey *j, struct group *g)
{
    for (u32 i = 0; i < g->count; i++)
        if (g->events[i].id != 0)
            seen_forget(&j->seen, g->events[i].id);
    for (u32 i = g->link_count; i-- > 0;)
        if (g->links[i].made)
            people_link(&j->people, g->links[i].link.visitor, g->links[i].before,
                        g->links[i].before_ms);
}

static enum status commit(struct journey *j, struct group *g)
{
    struct batch b = { .first_seq = j->next_seq,
                       .outbox_seq = g->outbox_seq,
                       .arrived_ms = clock_ms(j->clock) };

    arena_reset(j->scratch);
    TRY(drop_known(j, g));
    struct journey_link *made = NEW_N(j->scratch, struct journey_link, g->link_count);
    b.link_count = make_links(j, g, made);
    b.links = made;
    b.events = g->events;
    b.event_count = g->count;
    if (b.event_count == 0 && b.link_count == 0 && b.outbox_seq <= j->outbox_seq && !g->flush)
        return OK;
    collect_names(j, &b);
    collect_people(j, &b);
    if (b.event_count == 0 && b.link_count == 0 && b.outbox_seq <= j->outbox_seq &&
        b.name_count == 0 && b.person_count == 0)
        return OK;
    enum status s = write_batch(j, &b);
    if (s == OK)
        book(j, &b);
    else
        unbook(j, g);
    return s;
}

enum status commit_group(struct journey *j, struct group *g)
{
    bool links = g->link_count > 0; /* nobody may act on a link that is not durable yet */

    if (links)
        pthread_mutex_lock(&j->link_lock);
    enum status s = commit(j, g);
    if (links)
        pthread_mutex_unlock(&j->link_lock);
    return s;
}

/* ---- reading back ---- */

const char *log_restore(struct journey *j, const struct batch *b)
{
    for (u32 i = 0; i < b->name_count; i++) {
        const struct batch_name *n = &b->names[i];
        if (n->dict == 0 || n->dict >= DICT_COUNT ||
            !dict_restore(&j->dicts[n->dict], n->code, n->text))
            return "a name that does not follow the others";
    }
    for (u32 i = 0; i < b->person_count; i++)
        if (!people_restore(&j->people, b->people[i].person, b->people[i].kind, b->people[i].key))
            return "a person that does not follow the others";
    return NULL;
}

const char *log_replay(struct journey *j, const struct batch *b, i64 log_id)
{
    u32 people;
    const char *what = log_restore(j, b);

    if (what != NULL)
        return what;
    people = people_count(&j->people);
    if (b->event_count > LIMIT_EVENT_BATCH || (b->event_count > 0 && b->first_seq != j->next_seq))
        return "events that do not follow the others";
    for (u32 i = 0; i < b->event_count; i++) {
        const struct event *e = &b->events[i];
        if (e->person == 0 || e->person > people || e->at_ms < 0 || e->at_ms > AT_MS_MAX)
            return "an event of nobody or at no time";
        if (e->id != 0)
            (void)seen_add(&j->seen, e->id);
    }
    j->log_id = log_id - 1;
    struct batch rest = *b; /* names and people may be known from their tables already */
    rest.name_count = rest.person_count = 0;
    if (log_id <= j->linked_log_id) /* so are links: in another order they might be a circle */
        rest.link_count = 0;
    for (u32 i = 0; i < rest.link_count; i++)
        if (b->links[i].contact != (u32)LINK_ERASED &&
            !people_link(&j->people, b->links[i].visitor, b->links[i].contact, b->links[i].at_ms))
            return "an alias that cannot be";
    book(j, &rest);
    return NULL;
}
