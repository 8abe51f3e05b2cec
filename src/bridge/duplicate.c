/* duplicate.c -- finding and keeping pairs that may be the same. See duplicate.h. */
#include "bridge/duplicate.h"
#include "base/utf8.h"
#include "bridge/alike.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "bridge/likeness.h"
#include "kit/merge.h"
#include "store/queue.h"

enum {
    TWO_FIRMS_LEAST = 70,
    AT_ONCE = 25,
    CANDIDATES = DUPLICATE_KEYS * DUPLICATE_BLOCK,
    LOCAL_LEAST = 5,
    WAIT_MS = 2000
};

/* ---- keys ---- */
struct keys {
    struct ctx *cx;
    const char **list;
    size_t count;
};

static void add_key(struct keys *k, const char *kind, const char *text)
{
    if (text[0] == '\0' || k->count == DUPLICATE_KEYS)
        return;
    const char *key = arena_printf(k->cx->arena, "%s:%s", kind, utf8_cut(k->cx->arena, text, 200));
    for (size_t i = 0; i < k->count; i++)
        if (text_is(k->list[i], key))
            return;
    k->list[k->count++] = key;
}

/* "c:acme.example|mia": somebody there of whose name a part begins so. */
static void add_names(struct keys *k, const char *where, const struct row *r)
{
    struct arena *a = k->cx->arena;
    const char *name =
        arena_printf(a, "%s %s", row_text(r, CONTACT_FIRST), row_text(r, CONTACT_LAST));
    struct str rest = str_from(utf8_search_words(a, name)), word;

    while (where[0] && str_split(&rest, ' ', &word))
        if (word.len > 1)
            add_key(k, "c", arena_printf(a, "%s|%s", where, utf8_cut(a, str_dup(a, word), 3)));
}

static void contact_keys(struct keys *k, const struct row *r)
{
    struct arena *a = k->cx->arena;
    const char *mail = mail_plain(a, row_text(r, CONTACT_EMAIL)), *at = strrchr(mail, '@');

    add_key(k, "m", mail);
    add_key(k, "p", phone_plain(a, row_text(r, CONTACT_PHONE)));
    if (at && at - mail >= LOCAL_LEAST)
        add_key(k, "l", arena_dup(a, mail, (size_t)(at - mail)));
    if (row_has(r, CONTACT_COMPANY))
        add_names(k, arena_printf(a, "%lld", (long long)row_i64(r, CONTACT_COMPANY)), r);
    add_names(k, company_domain_of(k->cx, row_text(r, CONTACT_EMAIL)), r);
}

/* A typing error spoils the beginning of one word, or the end of the name, not both. */
static void company_keys(struct keys *k, const struct row *r)
{
    struct arena *a = k->cx->arena;
    const char *name = firm_plain(a, row_text(r, COMPANY_NAME));
    struct str rest = str_from(name), word;
    struct buf begin = buf_in(a, 400);
    size_t len = strlen(name);

    add_key(k, "d", company_bought(a, row_text(r, COMPANY_DOMAIN)));
    add_key(k, "p", phone_plain(a, row_text(r, COMPANY_PHONE)));
    add_key(k, "n", name);
    while (str_split(&rest, ' ', &word) && begin.len < 100)
        buf_printf(&begin, "%s ", utf8_cut(a, str_dup(a, word), 3));
    add_key(k, "b", buf_end(&begin));
    if (len >= 8)
        add_key(k, "e", name + len - 7);
}

size_t duplicate_keys(struct ctx *cx, const struct row *r, const char *keys[DUPLICATE_KEYS])
{
    struct keys k = { .cx = cx, .list = keys };

    if (row_type(r) == &contact_type)
        contact_keys(&k, r);
    else
        company_keys(&k, r);
    return k.count;
}

/* ---- comparing ---- */
struct block {
    i64 ids[CANDIDATES];
    size_t count;
};

static enum status add_block(struct ctx *cx, const char *type, const char *key, i64 id,
                             struct block *b)
{
    size_t before = b->count;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "duplicate.sharing", TEXT("type", type), TEXT("key", key), I64("id", id),
                 I64("limit", DUPLICATE_BLOCK + 1));

    for (size_t n = 0; stmt_next(&q); n++) {
        bool known = false;
        if (n == DUPLICATE_BLOCK) { /* too many have it: it says nothing */
            b->count = before;
            break;
        }
        for (size_t i = 0; i < b->count && !known; i++)
            known = b->ids[i] == col_i64(&q, 0);
        if (!known && b->count < CANDIDATES)
            b->ids[b->count++] = col_i64(&q, 0);
    }
    return stmt_status(&q);
}

/* Two people of one name at two firms are mostly two: there more must speak for one. */
static bool at_two_firms(struct ctx *cx, const struct row *a, const struct row *b)
{
    if (row_type(a) != &contact_type)
        return false;
    const char *x = company_domain_of(cx, row_text(a, CONTACT_EMAIL)),
               *y = company_domain_of(cx, row_text(b, CONTACT_EMAIL));
    bool firms = row_has(a, CONTACT_COMPANY) && row_has(b, CONTACT_COMPANY);

    return firms ? row_i64(a, CONTACT_COMPANY) != row_i64(b, CONTACT_COMPANY)
                 : x[0] && y[0] && !text_is(x, y);
}

static enum status keep_pair(struct ctx *cx, const char *type, i64 a, const struct alike *found)
{
    return db_run(cx, "duplicate.put", TEXT("type", type),
                  I64("one", a < found->id ? a : found->id),
                  I64("other", a < found->id ? found->id : a), I64("score", found->score),
                  TEXT("why", found->why), I64("at", ctx_now(cx)));
}

static enum status compare(struct ctx *cx, const struct row *r)
{
    struct block *b = NEW(cx->arena, struct block);
    struct row *others[CANDIDATES];
    const char *keys[DUPLICATE_KEYS], *type = row_type(r)->name;
    size_t count = duplicate_keys(cx, r, keys);

    for (size_t i = 0; i < count; i++) {
        TRY(add_block(cx, type, keys[i], row_id(r), b));
        TRY(db_run(cx, "duplicate.key_put", TEXT("type", type), I64("id", row_id(r)),
                   TEXT("key", keys[i])));
    }
    if (b->count == 0)
        return OK;
    TRY(rows_by_id(cx, row_type(r), b->ids, b->count, others));
    for (size_t i = 0; i < b->count; i++) {
        struct alike found;
        if (others[i] && alike_judge(cx, r, others[i], &found) &&
            (found.score >= TWO_FIRMS_LEAST || !at_two_firms(cx, r, others[i])))
            TRY(keep_pair(cx, type, row_id(r), &found));
    }
    return OK;
}

static enum status look_at(struct ctx *cx, const char *type, i64 id)
{
    const struct record_type *t = type_find(cx, type);
    struct row *r;
    enum status s;

    TRY(db_run(cx, "duplicate.looked", TEXT("type", type), I64("id", id)));
    TRY(db_run(cx, "duplicate.keys_drop", TEXT("type", type), I64("id", id)));
    TRY(db_run(cx, "duplicate.gone", TEXT("type", type), I64("id", id)));
    s = t ? record_get(cx, t, id, &r) : E_NOT_FOUND;
    if (s != E_NOT_FOUND)
        return s == OK ? compare(cx, r) : s;
    ctx_clear_error(cx);
    return OK;
}

struct turn {
    size_t done;
};

static enum status take_some(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct turn *turn = arg;
    struct {
        const char *type;
        i64 id;
    } due[AT_ONCE];
    scoped(stmt_close) struct stmt q = db_query(cx, "duplicate.due", I64("limit", AT_ONCE));

    (void)guard;
    for (turn->done = 0; turn->done < AT_ONCE && stmt_next(&q); turn->done++) {
        due[turn->done].type = arena_text(cx->arena, col_text(&q, 0));
        due[turn->done].id = col_i64(&q, 1);
    }
    TRY(stmt_status(&q));
    for (size_t i = 0; i < turn->done; i++)
        TRY(look_at(cx, due[i].type, due[i].id));
    return OK;
}

enum status duplicate_find(struct ctx *cx)
{
    struct turn turn;

    do
        TRY(kit_write(cx, take_some, &turn));
    while (turn.done == AT_ONCE);
    return OK;
}

static enum status find_job(struct job_run *job) { return duplicate_find(job->cx); }

/* ---- what changes ---- */
static enum status note(struct ctx *cx, const char *type, i64 id)
{
    TRY(db_run(cx, "duplicate.look", TEXT("type", type), I64("id", id)));
    return queue_add(cx, "duplicate.find", "all", "{}", ctx_now(cx) + WAIT_MS, NULL);
}

static enum status on_change(struct ctx *cx, const struct happening *h)
{
    static const int of_contact[] = { CONTACT_FIRST, CONTACT_LAST, CONTACT_EMAIL, CONTACT_PHONE,
                                      CONTACT_COMPANY },
                     of_company[] = { COMPANY_NAME, COMPANY_DOMAIN, COMPANY_PHONE, COMPANY_CITY };
    bool person = row_type(h->row) == &contact_type,
         is = row_before(h->row) == NULL || strstr(h->name, ".updated") == NULL;
    const int *fields = person ? of_contact : of_company;

    for (size_t i = 0; i < (person ? countof(of_contact) : countof(of_company)); i++)
        is = is || row_changed(h->row, fields[i]);
    return is ? note(cx, row_type(h->row)->name, row_id(h->row)) : OK;
}

/* However two were merged, the pair is decided; what the lost one was held against, the kept one is
 * from now on. */
static enum status on_merge(struct ctx *cx, struct merge *m)
{
    i64 keep = row_id(m->keep), lose = row_id(m->lose);
    const char *type = m->type->name;

    if (m->type != &contact_type && m->type != &company_type)
        return OK;
    TRY(db_run(cx, m->undo ? "duplicate.unmerged" : "duplicate.merged", TEXT("type", type),
               I64("one", keep < lose ? keep : lose), I64("other", keep < lose ? lose : keep),
               I64("by", cx->access->user_id), I64("at", ctx_now(cx))));
    if (!m->undo)
        TRY(db_run(cx, "duplicate.inherit", TEXT("type", type), I64("keep", keep),
                   I64("lose", lose)));
    TRY(note(cx, type, keep));
    return note(cx, type, lose);
}

enum status duplicate_decide(struct ctx *cx, const char *type, i64 one, i64 other, bool different)
{
    i64 there;
    enum status s = db_get_i64(cx, &there, "duplicate.is", TEXT("type", type), I64("one", one),
                               I64("other", other));

    if (s == E_NOT_FOUND)
        return ctx_fail_code(cx, E_NOT_FOUND, "duplicate.none",
                             "There is no such pair, or it has been decided.");
    TRY(s);
    return db_run(cx, "duplicate.decide", TEXT("type", type), I64("one", one), I64("other", other),
                  TEXT("state", different ? "different" : "open"), I64("by", cx->access->user_id),
                  I64("at", ctx_now(cx)));
}

static const struct subscription subscriptions[] = {
    { "contact.created", on_change }, { "contact.updated", on_change },
    { "contact.deleted", on_change }, { "contact.restored", on_change },
    { "company.created", on_change }, { "company.updated", on_change },
    { "company.deleted", on_change }, { "company.restored", on_change },
};
static const struct job_type jobs[] = {
    { "duplicate.find", "Look for duplicates", find_job },
};
#define STAYS "pairs of records: what was decided of them stays, whichever is kept"
static const struct merge_table merge_tables[] = {
    { NULL, "duplicate_pair", "one_id", .stays = STAYS },
    { NULL, "duplicate_pair", "other_id", .stays = STAYS },
    { NULL, "duplicate_key", "record_id", .stays = "keys of a record, made anew after a merge" },
    { NULL, "duplicate_look", "record_id", .stays = "what is to be looked at, for seconds" },
};
const struct feature feature_duplicate = {
    .name = "duplicate",
    JOBS(jobs),
    SUBSCRIPTIONS(subscriptions),
    MERGE_TABLES(merge_tables),
    .merged = on_merge,
};
