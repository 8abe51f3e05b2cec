/* record_save.c -- the one door. Every change of every record, whoever makes it, goes through here,
 * in this order: permission, defaults, checks, the write, the change log, the search index, the
 * type's hook, the subscribers, and once it is durable the pages that show it. */
#include "base/id.h"
#include "kit/kinds.h"
#include "kit/kit_int.h"
#include "kit/live.h"
#include "kit/merge.h"
#include "kit/record_check.h"
#include "kit/record_door.h"
#include "kit/record_log.h"
#include "kit/search.h"
#include "kit/show.h"
#include "kit/watch.h"
#include "store/db.h"

enum { DEPTH_MAX = 16 }; /* saves within hooks of saves: deeper is a circle */

/* ---- live pages ---- */
enum { REFS_TOLD = 12 };

/* ,"refs":["..."]: what the row points at, so that the page of a contact can follow its deals
 * without asking at every deal's change. */
static const char *refs_of(struct ctx *cx, const struct row *r)
{
    struct buf b = buf_in(cx->arena, REFS_TOLD * (ID_CHARS + 4) + 16);
    int told = 0;

    for (int i = 0; i < r->type->field_count && told < REFS_TOLD; i++)
        if (r->type->fields[i].kind == FIELD_REF && row_has(r, i))
            buf_printf(&b, "%s\"%s\"", told++ ? "," : ",\"refs\":[",
                       id_text(cx->arena, row_i64(r, i)));
    if (told)
        buf_char(&b, ']');
    return buf_end(&b);
}

static void announce(struct ctx *cx, const struct record_type *t, const char *id, i64 version,
                     const char *refs)
{
    i64 user = cx->access ? cx->access->user_id : 0;

    live_tell(cx, t->name, 0,
              arena_printf(
                  cx->arena, "{\"type\":\"%s\",\"id\":\"%s\",\"version\":%lld,\"user\":\"%s\"%s}",
                  t->name, id, (long long)version, user ? id_text(cx->arena, user) : "", refs));
}

void announce_row(struct ctx *cx, const struct row *r)
{
    announce(cx, r->type, id_text(cx->arena, r->id), r->version, refs_of(cx, r));
}

void announce_many(struct ctx *cx, const struct record_type *t) { announce(cx, t, "", 0, ""); }

/* ---- search words ---- */
const char *row_search_words(struct ctx *cx, const struct row *r)
{
    struct buf b = buf_in(cx->arena, LIMIT_LONG_TEXT_BYTES * 4);

    for (int i = 0; i < r->type->field_count; i++) {
        const struct field *f = &r->type->fields[i];
        const struct value *v = &r->values[i];
        if (!(f->flags & SEARCHED) || !v->set)
            continue;
        const char *words = search_words_of(cx, f, v);
        if (words[0] == '\0')
            continue;
        if (b.len > 0)
            buf_char(&b, ' ');
        buf_text(&b, words);
    }
    return buf_end(&b);
}

static enum status index_words(struct ctx *cx, const struct row *r)
{
    bool changed = r->is_new;

    for (int i = 0; i < r->type->field_count && !changed; i++)
        changed = (r->type->fields[i].flags & SEARCHED) && row_changed(r, i);
    return changed ? search_put(cx, r->type, r->id, row_search_words(cx, r)) : OK;
}

/* ---- the head of a row: what a failed save puts back ---- */
void row_stamp(struct ctx *cx, struct row *r)
{
    i64 user = cx->access ? cx->access->user_id : 0;

    r->updated_at = ctx_now(cx);
    r->updated_by = user;
    if (r->in_table)
        return;
    if (r->id == 0)
        r->id = kit_new_id(cx);
    r->created_at = r->updated_at;
    r->created_by = user;
    r->version = 1;
}

static void put_head_back(struct row *r, const struct row *head)
{
    struct value *values = r->values; /* what was typed stays, for the form */

    *r = *head;
    r->values = values;
}

/* ---- steps ---- */
/* Defaults; and who may only make records of their own makes them their own. */
static enum status fill_in(struct ctx *cx, struct row *r)
{
    int owner = type_owner_field(r->type);
    enum scope scope = access_scope(cx->access, r->type->name, VERB_CREATE);

    TRY(row_defaults(cx, r));
    if (owner >= 0 && !row_has(r, owner) && scope < SCOPE_ALL && cx->access->user_id)
        row_set_i64(r, owner, cx->access->user_id);
    return OK;
}

static enum status prepare(struct ctx *cx, struct row *r)
{
    enum verb verb = r->in_table ? VERB_UPDATE : VERB_CREATE;

    if (r->deleted_at)
        return ctx_fail_code(cx, E_CONFLICT, "in_trash",
                             "This %s is in the trash: restore it first.",
                             text_in_sentence(cx->arena, r->type->label));
    TRY(access_check(cx, r->type->name, verb));
    if (r->in_table)
        TRY(check_scope(cx, r->stored ? r->stored : r, verb));
    else
        TRY(fill_in(cx, r));
    row_stamp(cx, r);
    TRY(check_row(cx, r, NULL));
    TRY(check_scope(cx, r, verb));
    return check_unique(cx, r);
}

/* Somebody was faster: says who and when. */
static enum status say_stale(struct ctx *cx, const struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct record_type *users = type_find(cx, "user");
    const char *who = "somebody else";
    struct row *now;

    if (sql_load(cx, r->type, r->id, true, &now) != OK)
        return ctx_fail_code(cx, E_CONFLICT, "stale", "This %s is no longer there.",
                             text_in_sentence(cx->arena, r->type->label));
    if (users && now->updated_by) {
        const char *name;
        if (record_titles(cx, users, &now->updated_by, 1, &name) == OK && name[0])
            who = name;
    }
    return ctx_fail_code(
        cx, E_CONFLICT, "stale",
        "This %s was changed by %s (%s) since you opened it. Load it again, then repeat "
        "your change.",
        text_in_sentence(cx->arena, r->type->label), who, show_time(cx, now->updated_at));
}

static bool is_same(const struct row *r)
{
    if (!r->in_table)
        return false;
    for (int i = 0; r->stored && i < r->type->field_count; i++)
        if (!field_equal(&r->type->fields[i], &r->values[i], &r->stored->values[i]))
            return false;
    return true;
}

static enum status write_row(struct ctx *cx, struct row *r)
{
    i64 changed = 1;

    if (r->in_table) {
        TRY(sql_update(cx, r, &changed));
        if (changed == 0)
            return say_stale(cx, r);
        r->version++;
    } else {
        TRY(sql_insert(cx, &r, 1));
    }
    r->before = r->stored;
    r->stored = NULL;
    r->in_table = true;
    return OK;
}

enum status door_conflict(struct ctx *cx, enum status s)
{
    if (s == E_CONFLICT && !text_is(cx->error_code, "stale")) {
        ctx_clear_error(cx);
        return ctx_fail_code(cx, E_CONFLICT, "taken",
                             "Another record took one of these values just now: look for it, then "
                             "try again.");
    }
    return s;
}

enum status row_follow(struct ctx *cx, struct row *r, const char *word)
{
    if (r->type->saved)
        TRY(r->type->saved(cx, r));
    return happen_to_row(cx, r, word);
}

static enum status write_and_follow(struct ctx *cx, struct row *r)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    enum status s = write_row(cx, r);
    if (s != OK)
        return door_conflict(cx, s);
    TRY(change_write(cx, r, r->before, r->is_new ? "create" : "update"));
    TRY(index_words(cx, r));
    TRY(row_follow(cx, r, r->is_new ? "created" : "updated"));
    TRY(watch_saved(cx, r));
    announce_row(cx, r);
    return tx_commit(&tx);
}

enum status door_enter(struct ctx *cx, const struct record_type *t)
{
    if (cx->depth >= DEPTH_MAX)
        return ctx_fail_code(
            cx, E_LIMIT, "hooks.circle",
            "Saving this %s sets off a circle of changes; an administrator should look at "
            "what reacts to it.",
            text_in_sentence(cx->arena, t->label));
    cx->depth++;
    return OK;
}

enum status record_save(struct ctx *cx, struct row *r)
{
    const struct row head = *r;
    bool making = !r->in_table;
    enum status s;

    TRY(door_enter(cx, r->type));
    r->is_new = making; /* in the hook of its own making, a second save of it is a change */
    s = prepare(cx, r);
    if (s == OK && is_same(r)) { /* nothing to write: the row is as it was */
        put_head_back(r, &head);
        cx->depth--;
        return OK;
    }
    if (s == OK)
        s = write_and_follow(cx, r);
    cx->depth--;
    if (s != OK) {
        put_head_back(r, &head);
        return s;
    }
    r->is_new = !making && head.is_new;
    r->before = head.before; /* of a save around this one, in whose hook we are */
    return OK;
}

enum status record_check(struct ctx *cx, struct row *r)
{
    const struct row head = *r;
    enum status s = prepare(cx, r);

    put_head_back(r, &head);
    return s;
}

/* ---- merges ---- */
static enum status put_and_follow(struct ctx *cx, struct row *r, const char *word)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    enum status s = write_row(cx, r);
    if (s != OK)
        return door_conflict(cx, s);
    TRY(change_write(cx, r, r->before, "update"));
    if (!r->deleted_at) {
        TRY(index_words(cx, r));
        TRY(happen_to_row(cx, r, word));
        announce_row(cx, r);
    }
    return tx_commit(&tx);
}

enum status door_put(struct ctx *cx, struct row *r, bool checked, const char *word)
{
    const struct row head = *r;
    enum status s = OK;

    assert(r->in_table);
    TRY(door_enter(cx, r->type));
    row_stamp(cx, r);
    if (checked)
        s = check_row(cx, r, NULL);
    if (s == OK && !r->deleted_at)
        s = check_unique(cx, r);
    if (s == OK && is_same(r)) {
        put_head_back(r, &head);
        if (!r->deleted_at)
            s = happen_to_row(cx, r, word);
        announce_row(cx, r);
        cx->depth--;
        return s;
    }
    if (s == OK)
        s = put_and_follow(cx, r, word);
    cx->depth--;
    if (s != OK)
        put_head_back(r, &head);
    else
        r->before = head.before;
    return s;
}

/* ---- trash ---- */
static enum status set_trash(struct ctx *cx, struct row *r, i64 deleted_at)
{
    i64 changed;

    row_stamp(cx, r);
    TRY(sql_trash(cx, r, deleted_at, &changed));
    if (changed == 0)
        return say_stale(cx, r);
    r->version++;
    r->deleted_at = deleted_at;
    return OK;
}

static enum status trash_and_follow(struct ctx *cx, struct row *r)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    TRY(set_trash(cx, r, ctx_now(cx)));
    TRY(change_write(cx, r, r->stored ? r->stored : r, "delete"));
    TRY(search_put(cx, r->type, r->id, ""));
    if (r->type->removed)
        TRY(r->type->removed(cx, r));
    TRY(happen_to_row(cx, r, "deleted"));
    announce_row(cx, r);
    return tx_commit(&tx);
}

static enum status restore_and_follow(struct ctx *cx, struct row *r)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    enum status s = set_trash(cx, r, 0);
    if (s != OK)
        return door_conflict(cx, s);
    TRY(change_write(cx, r, r, "restore"));
    TRY(search_put(cx, r->type, r->id, row_search_words(cx, r)));
    TRY(happen_to_row(cx, r, "restored"));
    announce_row(cx, r);
    return tx_commit(&tx);
}

static enum status move(struct ctx *cx, struct row *r, bool to_trash)
{
    const struct row head = *r;
    enum status s;

    TRY(check_scope(cx, r->stored ? r->stored : r, VERB_DELETE));
    if (!to_trash)
        TRY(check_unique(cx, r));
    TRY(door_enter(cx, r->type));
    s = to_trash ? trash_and_follow(cx, r) : restore_and_follow(cx, r);
    cx->depth--;
    if (s != OK)
        put_head_back(r, &head);
    return s;
}

enum status record_delete(struct ctx *cx, struct row *r)
{
    assert(r->in_table);
    return r->deleted_at ? OK : move(cx, r, true);
}

enum status door_restore(struct ctx *cx, struct row *r)
{
    assert(r->in_table);
    return r->deleted_at ? move(cx, r, false) : OK;
}

/* One that was merged away comes back with all that was its own, or not at all. */
enum status record_restore(struct ctx *cx, struct row *r)
{
    struct merge_done m;

    if (r->deleted_at == 0)
        return OK;
    enum status s = merge_of_lost(cx, r->id, &m);
    if (s == OK)
        return ctx_fail_code(cx, E_CONFLICT, "merged",
                             "This %s was merged into another one: undo the merge instead.",
                             text_in_sentence(cx->arena, r->type->label));
    return s == E_NOT_FOUND ? door_restore(cx, r) : s;
}
