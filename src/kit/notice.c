/* notice.c -- telling a colleague something: the row, the bell's number, the words once. */
#include "kit/notice.h"
#include "base/id.h"
#include "base/utf8.h"
#include "kit/kit_int.h"
#include "kit/live.h"

enum { TOAST_BYTES = 199, TEXT_BYTES = 500, JUST_MS = 2000 };

const struct notice_kind_facts notice_kinds[NOTICE_KINDS] = {
    [NOTICE_MENTION] = { "mention", "Mentions", "A colleague writes @ and your name.",
                         NOTICE_SOON },
    [NOTICE_WORK] = { "work", "Work for me", "A lead, a ticket or a task becomes yours, or is due.",
                      NOTICE_SOON, .always = true },
    [NOTICE_APPROVAL] = { "approval", "Approvals", "Asked of you, or given to you.", NOTICE_SOON,
                          .always = true },
    [NOTICE_CUSTOMER] = { "customer", "Customers",
                          "Somebody answers, books a meeting, opens or signs a quote, rates.",
                          NOTICE_DAILY },
    [NOTICE_COMMENT] = { "comment", "Comments", "On records that you follow.", NOTICE_DAILY },
    [NOTICE_CHANGE] = { "change", "Changes", "By colleagues, of records that you follow.",
                        NOTICE_DAILY },
    [NOTICE_ALERT] = { "alert", "Alerts", "A number leaves its bounds, a promise runs out.",
                       NOTICE_DAILY },
    [NOTICE_TROUBLE] = { "trouble", "Troubles", "Mails come back, a calendar cannot be read.",
                         NOTICE_DAILY },
};

static const char *const mail_words[NOTICE_MAILS] = { "never", "soon", "daily" };

const char *notice_mail_word(enum notice_mail m) { return mail_words[m]; }

enum notice_kind notice_kind_of(const char *word)
{
    for (int k = 0; k < NOTICE_KINDS; k++)
        if (text_is(notice_kinds[k].name, word))
            return (enum notice_kind)k;
    return NOTICE_WORK;
}

enum notice_mail notice_choice(const char *choices, enum notice_kind kind)
{
    struct str rest = str_from(choices), word, name;

    while (str_split(&rest, ' ', &word)) {
        if (!str_split(&word, '=', &name) || !str_is(name, notice_kinds[kind].name))
            continue;
        for (int m = 0; m < NOTICE_MAILS; m++)
            if (str_is(word, mail_words[m]))
                return (enum notice_mail)m;
    }
    return notice_kinds[kind].mail;
}

bool notice_in_app(const char *choices, enum notice_kind kind)
{
    struct str rest = str_from(choices), word, name;

    while (!notice_kinds[kind].always && str_split(&rest, ' ', &word))
        if (str_split(&word, '=', &name) && str_starts(name, "app.") &&
            str_is((struct str){ name.p + 4, name.len - 4 }, notice_kinds[kind].name))
            return !str_is(word, "off");
    return true;
}

/* The record that a path leads to: "/deals/01h...". */
static void find_record(struct ctx *cx, struct notice *n)
{
    struct str rest = str_from(n->path), path;
    const struct record_type *t;
    i64 id;

    if (n->record_id != 0 || rest.len < 2 || rest.p[0] != '/')
        return;
    rest = (struct str){ rest.p + 1, rest.len - 1 };
    if (!str_split(&rest, '/', &path))
        return;
    rest.len = strcspn(rest.p, "/?#");
    t = type_by_path(cx, str_dup(cx->arena, path));
    if (t != NULL && id_parse(rest, &id)) {
        n->type = t->name;
        n->record_id = id;
    }
}

/* The unread one that this one takes the place of; 0: none. */
static enum status find_joined(struct ctx *cx, const struct notice *n, bool quiet, i64 *id)
{
    enum status s = E_NOT_FOUND;

    *id = 0;
    if (cx->batch_id != 0 && n->joins)
        s = db_get_i64(cx, id, "notification.of_batch", I64("user", n->user_id),
                       TEXT("kind", notice_kinds[n->kind].name), I64("batch", cx->batch_id),
                       I64("quiet", quiet));
    else if (n->joins)
        s = db_get_i64(cx, id, "notification.of_record", I64("user", n->user_id),
                       TEXT("kind", notice_kinds[n->kind].name), I64("record", n->record_id),
                       I64("actor", cx->access->user_id), I64("quiet", quiet));
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s == E_NOT_FOUND ? OK : s;
}

/* Many records that were changed together are one piece of news. */
static enum status join(struct ctx *cx, const struct notice *n, i64 id)
{
    const struct record_type *t = n->type ? type_find(cx, n->type) : NULL;
    i64 times = 1;

    if (cx->batch_id == 0 || t == NULL)
        return db_run(cx, "notification.renew", I64("id", id), I64("at", ctx_now(cx)),
                      TEXT("text", utf8_cut(cx->arena, n->text, TEXT_BYTES)));
    TRY(db_get_i64(cx, &times, "notification.times", I64("id", id)));
    return db_run(
        cx, "notification.many", I64("id", id), I64("at", ctx_now(cx)), I64("times", times + 1),
        TEXT("path", arena_printf(cx->arena, "/%s", t->path)),
        TEXT("text", arena_printf(cx->arena, "%s changed %lld %s together", cx->access->name,
                                  (long long)times + 1, text_in_sentence(cx->arena, t->plural))));
}

static enum status make(struct ctx *cx, const struct notice *n, bool quiet)
{
    struct val *props = val_map(cx->arena);
    const char *text = utf8_cut(cx->arena, n->text, TEXT_BYTES);
    i64 id = kit_new_id(cx), unread;

    TRY(db_run(cx, "notification.add", I64("id", id), I64("user", n->user_id),
               I64("at", ctx_now(cx)), TEXT("icon", n->icon ? n->icon : ""), TEXT("text", text),
               TEXT("path", n->path), TEXT("kind", notice_kinds[n->kind].name),
               TEXT("type", n->type ? n->type : ""), MAYBE("record", n->record_id),
               MAYBE("actor", cx->access ? cx->access->user_id : 0), MAYBE("batch", cx->batch_id),
               I64("quiet", quiet)));
    if (!quiet) {
        TRY(db_get_i64(cx, &unread, "notification.unread", I64("user", n->user_id)));
        live_tell(cx, "notify", n->user_id, arena_printf(cx->arena, "%lld", (long long)unread));
        live_tell(cx, "toast", n->user_id, utf8_cut(cx->arena, text, TOAST_BYTES));
    }
    val_put_i64(props, "id", id);
    val_put_i64(props, "user", n->user_id);
    val_put_text(props, "kind", notice_kinds[n->kind].name);
    return happen(cx, &(struct happening){ .name = "notice.made", .props = props });
}

/* What somebody chose, as their record keeps it; "" of who is no user. */
static enum status read_choices(struct ctx *cx, i64 user, const char **choices)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "notification.choices", I64("user", user));

    *choices = stmt_next(&q) ? arena_text(cx->arena, col_text(&q, 0)) : "";
    return stmt_status(&q);
}

enum status notice_add(struct ctx *cx, const struct notice *given)
{
    struct notice n = *given;
    const char *choices;
    bool quiet;
    i64 joined;

    if (n.user_id == 0)
        return OK;
    if (n.path == NULL)
        n.path = "";
    TRY(read_choices(cx, n.user_id, &choices));
    quiet = !notice_in_app(choices, n.kind);
    if (quiet && notice_choice(choices, n.kind) == NOTICE_NEVER)
        return OK;
    find_record(cx, &n);
    TRY(find_joined(cx, &n, quiet, &joined));
    return joined != 0 ? join(cx, &n, joined) : make(cx, &n, quiet);
}

enum status notice_just_told(struct ctx *cx, i64 user_id, i64 record_id, bool *told)
{
    i64 count;

    TRY(db_get_i64(cx, &count, "notification.just_told", I64("user", user_id),
                   I64("record", record_id), I64("since", ctx_now(cx) - JUST_MS)));
    *told = count > 0;
    return OK;
}

enum status notify(struct ctx *cx, i64 user_id, const char *icon, const char *text,
                   const char *path)
{
    return notify_as(cx, NOTICE_WORK, user_id, icon, text, path);
}

enum status notify_as(struct ctx *cx, int kind, i64 user_id, const char *icon, const char *text,
                      const char *path)
{
    return notice_add(cx, &(struct notice){ .user_id = user_id,
                                            .kind = (enum notice_kind)kind,
                                            .icon = icon,
                                            .text = text,
                                            .path = path });
}
