/* watch.c -- followers of records: who they are and what they are told. */
#include "kit/watch.h"
#include "base/id.h"
#include "base/utf8.h"
#include "kit/kit_int.h"
#include "kit/mention.h"
#include "kit/pages_int.h"
#include "kit/session.h"

enum { FOLLOWERS_MOST = 500, COLLEAGUES_MOST = 1000, MENTIONS_MOST = 20, QUOTE_BYTES = 160 };

/* ---- who ---- */
struct watchers {
    i64 ids[FOLLOWERS_MOST + 2]; /* and owner and maker */
    size_t count;
    i64 quiet[FOLLOWERS_MOST]; /* said that they do not want to */
    size_t quiet_count;
};

static bool has(const i64 *ids, size_t count, i64 id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static void add_watcher(struct watchers *w, i64 user)
{
    if (user != 0 && w->count < countof(w->ids) && !has(w->ids, w->count, user) &&
        !has(w->quiet, w->quiet_count, user))
        w->ids[w->count++] = user;
}

static enum status watchers_of(struct ctx *cx, const struct row *r, struct watchers *w)
{
    int owner = type_owner_field(row_type(r));
    i64 follows[FOLLOWERS_MOST];
    size_t count = 0;

    w->count = w->quiet_count = 0;
    scoped(stmt_close) struct stmt q = db_query(cx, "watch.list", I64("record", row_id(r)));
    while (stmt_next(&q) && count < FOLLOWERS_MOST && w->quiet_count < FOLLOWERS_MOST) {
        if (col_i64(&q, 1))
            follows[count++] = col_i64(&q, 0);
        else
            w->quiet[w->quiet_count++] = col_i64(&q, 0);
    }
    TRY(stmt_status(&q));
    if (owner >= 0)
        add_watcher(w, row_i64(r, owner));
    add_watcher(w, row_system(r, SYSTEM_CREATED_BY));
    for (size_t i = 0; i < count; i++)
        add_watcher(w, follows[i]);
    return OK;
}

/* Whether this user may read the record now. */
static enum status sees(struct ctx *cx, i64 user, const struct row *r, bool *yes)
{
    struct access_guard guard = { cx, cx->access };
    const struct access *who;
    enum status s = access_of_user(cx, user, &who);

    *yes = false;
    if (s == E_NOT_FOUND) { /* has left */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    cx->access = who;
    *yes = may_row(cx, r, VERB_READ);
    access_leave(&guard);
    return OK;
}

static enum status begin(struct ctx *cx, const struct row *r, i64 user)
{
    return db_run(cx, "watch.begin", I64("id", kit_new_id(cx)), TEXT("type", row_type(r)->name),
                  I64("record", row_id(r)), I64("user", user), I64("at", ctx_now(cx)));
}

/* ---- what ---- */
struct news {
    enum notice_kind kind;
    const char *icon, *text;
    bool joins;
    const i64 *told; /* already, of this */
    size_t told_count;
};

static enum status tell(struct ctx *cx, const struct row *r, i64 user, const struct news *n)
{
    return notice_add(cx, &(struct notice){ .user_id = user,
                                            .kind = n->kind,
                                            .icon = n->icon,
                                            .text = n->text,
                                            .path = row_path(cx, r),
                                            .type = row_type(r)->name,
                                            .record_id = row_id(r),
                                            .joins = n->joins });
}

static enum status tell_all(struct ctx *cx, const struct row *r, const struct watchers *w,
                            const struct news *n)
{
    for (size_t i = 0; i < w->count; i++) {
        bool yes, told = false;
        if (w->ids[i] == cx->access->user_id || has(n->told, n->told_count, w->ids[i]))
            continue;
        if (n->kind == NOTICE_CHANGE) /* the record's own rules may have said more than this */
            TRY(notice_just_told(cx, w->ids[i], row_id(r), &told));
        TRY(sees(cx, w->ids[i], r, &yes));
        if (yes && !told)
            TRY(tell(cx, r, w->ids[i], n));
    }
    return OK;
}

/* "Stage and Amount", "Stage, Amount and more"; "": nothing that a person types. */
static const char *what_changed(struct ctx *cx, const struct row *r)
{
    const struct record_type *t = row_type(r);
    const char *labels[4];
    size_t count = 0;

    for (int i = 0; i < t->field_count && count < countof(labels); i++)
        if (field_shown(&t->fields[i]) && (t->fields[i].flags & COMPUTED) == 0 && row_changed(r, i))
            labels[count++] = t->fields[i].label;
    switch (count) {
    case 0:
        return "";
    case 1:
        return labels[0];
    case 2:
        return arena_printf(cx->arena, "%s and %s", labels[0], labels[1]);
    default:
        return arena_printf(cx->arena, "%s, %s and more", labels[0], labels[1]);
    }
}

/* Somebody else made it theirs. */
static enum status tell_owner(struct ctx *cx, const struct row *r, i64 *owner_id)
{
    int owner = type_owner_field(row_type(r));
    bool told;

    *owner_id = 0;
    if (owner < 0 || row_type(r)->flags & TYPE_TELLS || !row_has(r, owner) ||
        row_i64(r, owner) == cx->access->user_id || !(row_is_new(r) || row_changed(r, owner)))
        return OK;
    *owner_id = row_i64(r, owner);
    TRY(notice_just_told(cx, *owner_id, row_id(r), &told));
    if (told)
        return OK;
    return tell(cx, r, *owner_id,
                &(struct news){ .kind = NOTICE_WORK,
                                .icon = "user-check",
                                .text = arena_printf(cx->arena, "%s made %s yours",
                                                     cx->access->name, row_title(cx, r)) });
}

enum status watch_saved(struct ctx *cx, const struct row *r)
{
    struct news n = { .kind = NOTICE_CHANGE, .icon = "pencil", .joins = true };
    struct watchers w;
    const char *what;
    i64 owner;

    if (cx->access == NULL || cx->access->user_id == 0 || row_type(r)->section == NULL ||
        row_type(r)->flags & TYPE_SYSTEM)
        return OK;
    TRY(tell_owner(cx, r, &owner));
    what = row_is_new(r) ? "" : what_changed(cx, r);
    if (what[0] == '\0')
        return OK;
    TRY(watchers_of(cx, r, &w));
    n.told = &owner;
    n.told_count = 1;
    n.text =
        arena_printf(cx->arena, "%s changed %s of %s", cx->access->name, what, row_title(cx, r));
    return tell_all(cx, r, &w, &n);
}

/* ---- mentions ---- */
/* Everybody who can be meant, twice: by name and by mail address. */
static enum status load_names(struct ctx *cx, struct mention_name *names, const char **full,
                              size_t *count)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "mention.colleagues");

    *count = 0;
    while (stmt_next(&q) && *count + 2 <= 2 * COLLEAGUES_MOST) {
        const char *name = arena_text(cx->arena, col_text(&q, 1));
        full[*count] = full[*count + 1] = name;
        names[(*count)++] = (struct mention_name){ col_i64(&q, 0), utf8_fold(cx->arena, name) };
        names[(*count)++] =
            (struct mention_name){ col_i64(&q, 0), utf8_fold(cx->arena, col_text(&q, 2)) };
    }
    return stmt_status(&q);
}

static const char *name_of(const struct mention_name *names, const char *const *full, size_t count,
                           i64 user)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].user_id == user)
            return full[i];
    return "";
}

struct meant {
    i64 ids[MENTIONS_MOST];
    size_t count;
};

static enum status tell_mentioned(struct ctx *cx, const struct row *r, const char *text,
                                  struct meant *m, const char **unseen)
{
    struct mention_name *names = NEW_N(cx->arena, struct mention_name, 2 * COLLEAGUES_MOST);
    const char **full = NEW_N(cx->arena, const char *, 2 * COLLEAGUES_MOST);
    struct buf b = buf_in(cx->arena, 8 * 1024);
    size_t count, hidden = 0;
    struct news n = { .kind = NOTICE_MENTION,
                      .icon = "at",
                      .text =
                          arena_printf(cx->arena, "%s mentions you on %s: %s", cx->access->name,
                                       row_title(cx, r), utf8_cut(cx->arena, text, QUOTE_BYTES)) };

    TRY(load_names(cx, names, full, &count));
    m->count = mention_find(cx->arena, text, names, count, m->ids, countof(m->ids));
    for (size_t i = 0; i < m->count; i++) {
        bool yes;
        TRY(sees(cx, m->ids[i], r, &yes));
        if (!yes) {
            buf_printf(&b, "%s%s", hidden++ ? ", " : "", name_of(names, full, count, m->ids[i]));
            continue;
        }
        TRY(begin(cx, r, m->ids[i]));
        if (m->ids[i] != cx->access->user_id)
            TRY(tell(cx, r, m->ids[i], &n));
    }
    if (unseen != NULL)
        *unseen = buf_end(&b);
    return OK;
}

enum status watch_wrote(struct ctx *cx, const struct row *r, const char *text, const char **unseen)
{
    struct meant m = { .count = 0 };
    struct watchers w;
    struct news n = { .kind = NOTICE_COMMENT, .icon = "message" };

    if (unseen != NULL)
        *unseen = "";
    if (strchr(text, '@') != NULL)
        TRY(tell_mentioned(cx, r, text, &m, unseen));
    TRY(watchers_of(cx, r, &w));
    n.told = m.ids;
    n.told_count = m.count;
    n.text = arena_printf(cx->arena, "%s on %s: %s", cx->access->name, row_title(cx, r),
                          utf8_cut(cx->arena, text, QUOTE_BYTES));
    TRY(tell_all(cx, r, &w, &n));
    return cx->access->user_id != 0 ? begin(cx, r, cx->access->user_id) : OK;
}

enum status watch_tell(struct ctx *cx, const struct row *r, enum notice_kind kind, const char *text,
                       i64 told)
{
    struct news n = { .kind = kind, .icon = "message", .text = text, .told = &told };
    struct watchers w;

    n.told_count = told != 0;
    TRY(watchers_of(cx, r, &w));
    TRY(tell_all(cx, r, &w, &n));
    return cx->access->user_id != 0 ? begin(cx, r, cx->access->user_id) : OK;
}

/* GET /mentions?q= -- colleagues whose name has these words, as JSON: {groups: [{results}]}. */
enum status mentions_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *asked = utf8_fold(cx->arena, req_query(rq, "q"));
    struct val *tree = val_map(cx->arena), *group = val_add_map(val_put_list(tree, "groups")),
               *results = val_put_list(group, "results");
    scoped(stmt_close) struct stmt q = db_query(cx, "mention.colleagues");

    while (stmt_next(&q) && val_count(results) < 8) {
        const char *fold = utf8_fold(cx->arena, col_text(&q, 1)), *hit = strstr(fold, asked);
        struct val *one;
        if (hit == NULL || (hit != fold && hit[-1] != ' ') || col_i64(&q, 0) == cx->access->user_id)
            continue;
        one = val_add_map(results);
        val_put_text(one, "id", id_text(cx->arena, col_i64(&q, 0)));
        val_put_text(one, "text", col_text(&q, 1));
        val_put_text(one, "hint", col_text(&q, 3));
    }
    TRY(stmt_status(&q));
    return reply_json(rq, 200, tree);
}

/* ---- the button ---- */
enum status put_follow(struct ctx *cx, const struct row *r, struct val *page)
{
    i64 me = cx->access->user_id;
    struct watchers w;
    struct val *f;
    bool on;

    val_put_null(page, "follow");
    if (me == 0 || row_type(r)->section == NULL || row_type(r)->flags & TYPE_SYSTEM)
        return OK;
    TRY(watchers_of(cx, r, &w));
    on = has(w.ids, w.count, me);
    f = val_put_map(page, "follow");
    val_put_bool(f, "on", on);
    val_put_printf(f, "url", "%s/%s", row_path(cx, r), on ? "unfollow" : "follow");
    val_put_text(f, "text", on ? "Following" : "Follow");
    val_put_text(f, "title",
                 on ? "You hear of comments and changes. Press to stop."
                    : "Hear of comments and changes by colleagues.");
    val_put_i64(f, "count", (i64)w.count);
    return OK;
}

static enum status set_follow(struct req *rq, bool on)
{
    struct ctx *cx = rq->cx;
    const char *next = req_query(rq, "next");
    struct row *r;

    TRY(req_row(rq, &r));
    next = path_is_local(next) ? next : row_path(cx, r);
    if (cx->access->user_id == 0)
        return ctx_fail(cx, E_FORBIDDEN, "Only somebody who is signed in can follow.");
    TRY(db_run(cx, "watch.put", I64("id", kit_new_id(cx)), TEXT("type", row_type(r)->name),
               I64("record", row_id(r)), I64("user", cx->access->user_id), I64("follows", on),
               I64("at", ctx_now(cx))));
    if (!on)
        return reply_done(rq, next, "You no longer follow %s.", row_title(cx, r));
    return reply_done(rq, next, "You follow %s: comments and changes reach you.", row_title(cx, r));
}

enum status follow_post(struct req *rq) { return set_follow(rq, true); }

enum status unfollow_post(struct req *rq) { return set_follow(rq, false); }
