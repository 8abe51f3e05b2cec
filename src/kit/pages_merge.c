/* pages_merge.c -- merging two records of a type that can be merged, and undoing it: the pages, and
 * the same for programs. The record of the address is the one that is kept. */
#include "base/id.h"
#include "base/limits.h"
#include "kit/api_int.h"
#include "kit/merge.h"
#include "kit/pages_int.h"

enum { MERGES_SHOWN = 20, ALIKE_SHOWN = 10 };

/* ---- choosing ---- */
static const char *choice_name(struct ctx *cx, const struct field *f)
{
    return arena_printf(cx->arena, "f_%s", f->name);
}

static bool is_choice(const struct record_type *t, int i)
{
    return field_typed(&t->fields[i], false) && t->fields[i].kind != FIELD_JSON &&
           t->fields[i].kind != FIELD_SECRET;
}

/* E_INVALID: a word that is none. "" is the usual. */
static enum status choice_of(struct ctx *cx, const char *field, const char *word,
                             enum merge_choice *out)
{
    static const char *const words[] = { "", "mine", "theirs", "both" };

    for (size_t i = 0; i < countof(words); i++)
        if (text_is(word, words[i])) {
            *out = (enum merge_choice)i;
            return OK;
        }
    return ctx_fail_field(cx, field, "merge.choice",
                          "\"%s\" is no choice: say mine, theirs or both.", word);
}

static enum status read_choices(struct req *rq, const struct record_type *t,
                                enum merge_choice *choices)
{
    for (int i = 0; i < t->field_count; i++)
        if (is_choice(t, i))
            TRY(choice_of(rq->cx, t->fields[i].name,
                          req_form(rq, choice_name(rq->cx, &t->fields[i])), &choices[i]));
    return OK;
}

/* The record that is kept, and the one that `name` says; *lose is NULL when nothing is said. */
static enum status read_pair(struct req *rq, const char *name, struct row **keep, struct row **lose)
{
    i64 id;

    TRY(req_row(rq, keep));
    *lose = NULL;
    if (text_empty(req_query(rq, name)) && text_empty(req_form(rq, name)))
        return OK;
    TRY(req_id(rq, name, &id));
    return record_get(rq->cx, req_type(rq), id, lose);
}

static void put_side(struct ctx *cx, const struct row *r, struct val *v)
{
    val_put_text(v, "text", row_title(cx, r));
    val_put_text(v, "id", id_text(cx->arena, row_id(r)));
    val_put_text(v, "url", row_path(cx, r));
    put_when(cx, v, "when", row_created_at(r));
}

static enum status put_hanging(struct ctx *cx, const struct row *r, struct val *side)
{
    struct val *list = val_put_list(side, "counts");

    TRY(merge_counts(cx, r, list));
    val_put_bool(side, "has_counts", val_count(list) > 0);
    return OK;
}

/* What would be taken of one field when nobody chose. */
static const char *usual(struct ctx *cx, const struct row *keep, const struct row *lose,
                         const struct row *merged, int i)
{
    const struct field *f = &row_type(keep)->fields[i];

    if (field_equal(f, &merged->values[i], &keep->values[i]))
        return "mine";
    (void)cx;
    return field_equal(f, &merged->values[i], &lose->values[i]) ? "theirs" : "both";
}

static struct val *put_way(struct val *field, const char *key, const char *text, bool on)
{
    struct val *v = val_put_map(field, key);

    val_put_text(v, "text", text);
    val_put_bool(v, "on", on);
    return v;
}

static void put_pair(struct ctx *cx, const struct row *keep, const struct row *lose,
                     const struct row *merged, struct val *page)
{
    const struct record_type *t = row_type(keep);
    struct val *fields = val_put_list(page, "fields");
    i64 same = 0;

    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        const char *on = usual(cx, keep, lose, merged, i);
        bool both = f->kind == FIELD_TAGS || f->kind == FIELD_LONG;
        if (!is_choice(t, i) || (!row_has(keep, i) && !row_has(lose, i)))
            continue;
        if (field_equal(f, &keep->values[i], &lose->values[i])) {
            same++;
            continue;
        }
        struct val *v = val_add_map(fields);
        val_put_text(v, "label", f->label);
        val_put_text(v, "name", choice_name(cx, f));
        put_way(v, "mine", row_show(cx, keep, i), text_is(on, "mine"));
        put_way(v, "theirs", row_show(cx, lose, i), text_is(on, "theirs"));
        val_put_bool(v, "has_both", both && row_has(keep, i) && row_has(lose, i));
        put_way(v, "both", "Both", text_is(on, "both"));
    }
    val_put_bool(page, "has_fields", val_count(fields) > 0);
    val_put_printf(page, "same",
                   same == 1 ? "%lld field is the same in both."
                             : "%lld fields are the same in both.",
                   (long long)same);
}

/* Others that may be the same, with why. */
static enum status put_alike(struct ctx *cx, const struct row *keep, struct val *page)
{
    const struct record_type *t = row_type(keep);
    struct val *list = val_put_list(page, "alike");
    struct alike found[ALIKE_SHOWN];
    size_t count = 0;

    if (t->alike)
        TRY(t->alike(cx, keep, found, ALIKE_SHOWN, &count));
    for (size_t i = 0; i < count; i++) {
        struct val *v = val_add_map(list);
        struct row *r;
        TRY(record_get(cx, t, found[i].id, &r));
        put_side(cx, r, v);
        val_put_text(v, "why", found[i].why);
        val_put_printf(v, "percent", "%d %%", found[i].score);
        val_put_printf(v, "compare_url", "%s/merge?with=%s", row_path(cx, keep),
                       id_text(cx->arena, found[i].id));
    }
    val_put_bool(page, "has_alike", count > 0);
    return OK;
}

/* Whom to merge with: who is alike, and a search. */
static enum status ask_other(struct req *rq, const struct row *keep)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);

    val_put_printf(page, "title", "Merge %s", row_title(cx, keep));
    val_put_printf(page, "action", "%s/merge", row_path(cx, keep));
    val_put_text(page, "back_url", row_path(cx, keep));
    put_type(cx, row_type(keep), page);
    TRY(put_alike(cx, keep, page));
    TRY(page_ref_choices(cx, row_type(keep)->name, "", page));
    return reply(rq, "kit/merge_with", page);
}

enum status page_merge_pair(struct req *rq, struct row *keep, struct row *lose, const char *next,
                            struct val *page)
{
    struct ctx *cx = rq->cx;
    struct row *merged, *both[] = { keep, lose };
    struct val *sides[2];

    TRY(record_get(cx, row_type(keep), row_id(keep), &merged));
    TRY(merge_fields(cx, merged, lose, NULL));
    TRY(rows_load_titles(cx, both, 2));
    put_type(cx, row_type(keep), page);
    put_side(cx, keep, sides[0] = val_put_map(page, "keep"));
    put_side(cx, lose, sides[1] = val_put_map(page, "lose"));
    TRY(put_hanging(cx, keep, sides[0]));
    TRY(put_hanging(cx, lose, sides[1]));
    put_pair(cx, keep, lose, merged, page);
    val_put_printf(page, "action", "%s/merge", row_path(cx, keep));
    val_put_bool(page, "may", may_row(cx, keep, VERB_UPDATE) && may_row(cx, lose, VERB_DELETE));
    val_put_text(page, "next", next);
    return OK;
}

/* GET /{path}/:id/merge?with= */
enum status merge_get_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    const char *next = path_is_local(req_query(rq, "next")) ? req_query(rq, "next") : "";
    struct row *keep, *lose;

    TRY(read_pair(rq, "with", &keep, &lose));
    if (lose == NULL)
        return ask_other(rq, keep);
    if (row_id(keep) == row_id(lose))
        return ctx_fail_code(cx, E_INVALID, "merge.same",
                             "A record cannot be merged into itself: choose another one.");
    TRY(page_merge_pair(rq, keep, lose, next, page));
    val_put_printf(page, "title", "Merge %s with %s", row_title(cx, keep), row_title(cx, lose));
    val_put_printf(page, "swap_url", "%s/merge?with=%s", row_path(cx, lose),
                   id_text(cx->arena, row_id(keep)));
    val_put_text(page, "back_url", row_path(cx, keep));
    return reply(rq, "kit/merge", page);
}

/* POST /{path}/:id/merge {with, f_FIELD: mine, theirs or both, next} */
enum status merge_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    enum merge_choice choices[LIMIT_FIELDS] = { MERGE_USUAL };
    const char *title, *next = req_form(rq, "next");
    struct row *keep, *lose;
    i64 merge;

    TRY(read_pair(rq, "with", &keep, &lose));
    if (lose == NULL)
        return ctx_fail_field(cx, "with", "required", "Say with which one to merge.");
    TRY(read_choices(rq, req_type(rq), choices));
    title = row_title(cx, lose);
    TRY(record_merge(cx, keep, lose, choices, &merge));
    return reply_done_undo(rq, path_is_local(next) ? next : row_path(cx, keep),
                           arena_printf(cx->arena, "%s/unmerge?merge=%s", row_path(cx, keep),
                                        id_text(cx->arena, merge)),
                           "%s was merged into %s.", title, row_title(cx, keep));
}

/* ---- undoing ---- */
/* The merge that the request names, or else the last one; it must be one of this record's. */
static enum status read_merge(struct req *rq, const struct row *keep, struct merge_done *out)
{
    size_t count;
    i64 id;

    if (!text_empty(req_query(rq, "merge")) || !text_empty(req_form(rq, "merge"))) {
        TRY(req_id(rq, "merge", &id));
        TRY(merge_get(rq->cx, id, out));
        if (out->keep_id == row_id(keep))
            return OK;
        return ctx_fail(rq->cx, E_NOT_FOUND, "There is no such merge of this record.");
    }
    TRY(merges_of(rq->cx, row_id(keep), out, 1, &count));
    return count ? OK
                 : ctx_fail_code(rq->cx, E_NOT_FOUND, "merge.none",
                                 "Nothing was merged into this record, or all is undone.");
}

/* GET /{path}/:id/unmerge?merge= -- what would become of it. */
enum status unmerge_get_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *fields;
    struct row *keep, *lose;
    struct merge_done m;

    TRY(req_row(rq, &keep));
    TRY(read_merge(rq, keep, &m));
    TRY(record_get_any(cx, req_type(rq), m.lose_id, &lose));
    val_put_printf(page, "title", "Undo the merge of %s into %s?", row_title(cx, lose),
                   row_title(cx, keep));
    val_put_text(page, "name", row_title(cx, lose));
    put_when(cx, page, "when", m.at);
    fields = val_put_list(page, "fields");
    TRY(merge_undo_fields(cx, &m, fields));
    val_put_bool(page, "has_fields", val_count(fields) > 0);
    val_put_printf(page, "action", "%s/unmerge", row_path(cx, keep));
    val_put_text(page, "merge", id_text(cx->arena, m.id));
    val_put_text(page, "back_url", row_path(cx, keep));
    return reply(rq, "kit/unmerge", page);
}

/* POST /{path}/:id/unmerge {merge} */
enum status unmerge_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *keep, *lose;
    struct merge_done m;

    TRY(req_row(rq, &keep));
    TRY(read_merge(rq, keep, &m));
    TRY(record_unmerge(cx, m.id));
    TRY(record_get(cx, req_type(rq), m.lose_id, &lose));
    return reply_done(rq, row_path(cx, lose), "%s is a %s of its own again.", row_title(cx, lose),
                      text_in_sentence(cx->arena, req_type(rq)->label));
}

/* ---- on the record's page ---- */
enum status put_merges(struct ctx *cx, const struct row *r, struct val *page)
{
    struct merge_done done[MERGES_SHOWN];
    struct val *list = val_put_list(page, "merged_from");
    const char *names[MERGES_SHOWN];
    i64 ids[MERGES_SHOWN];
    size_t count = 0;

    if (row_type(r)->flags & TYPE_MERGE)
        TRY(merges_of(cx, row_id(r), done, MERGES_SHOWN, &count));
    for (size_t i = 0; i < count; i++)
        ids[i] = done[i].lose_id;
    if (count > 0)
        TRY(record_titles(cx, row_type(r), ids, count, names));
    for (size_t i = 0; i < count; i++) {
        struct val *v = val_add_map(list);
        struct row *lost;
        if (record_get_any(cx, row_type(r), ids[i], &lost) == OK)
            names[i] = row_title(cx, lost);
        else
            ctx_clear_error(cx);
        val_put_text(v, "text", names[i]);
        put_when(cx, v, "when", done[i].at);
        val_put_text(v, "undo_url",
                     may_row(cx, r, VERB_UPDATE)
                         ? arena_printf(cx->arena, "%s/unmerge?merge=%s", row_path(cx, r),
                                        id_text(cx->arena, done[i].id))
                         : "");
    }
    return OK;
}

enum status lead_to_kept(struct req *rq, i64 id, bool api)
{
    struct ctx *cx = rq->cx;
    struct row *keep;
    i64 kept;

    TRY(merge_into(cx, id, &kept));
    ctx_clear_error(cx);
    TRY(record_get(cx, req_type(rq), kept, &keep));
    if (!api && !rq->wants_json)
        return reply_redirect(rq, row_path(cx, keep));
    struct val *v = val_map(cx->arena);
    const char *url =
        api ? arena_printf(cx->arena, "/api/v1%s", row_path(cx, keep)) : row_path(cx, keep);
    val_put_text(v, "code", "merged");
    val_put_printf(v, "detail", "It was merged into %s.", row_title(cx, keep));
    val_put_text(v, "merged_into", id_text(cx->arena, kept));
    val_put_text(v, "url", url);
    reply_header(rq, "Location", url);
    return reply_json(rq, 307, v);
}

/* ---- for programs ---- */
static enum status read_json_choices(struct req *rq, const struct record_type *t,
                                     enum merge_choice *choices)
{
    const struct val *fields = val_get(rq->form, "fields");

    for (size_t i = 0; i < val_count(fields); i++) {
        const char *name = val_key_at(fields, i);
        int field = type_field(t, name);
        if (field < 0 || !is_choice(t, field))
            return ctx_fail_field(rq->cx, name, "unknown_field",
                                  "A %s has no field '%s' to choose.",
                                  text_in_sentence(rq->cx->arena, t->label), name);
        TRY(choice_of(rq->cx, name, val_as_text(val_value_at(fields, i), "?"), &choices[field]));
    }
    return OK;
}

/* POST /api/v1/{path}/:id/merge {"with": ID, "fields": {FIELD: "mine" | "theirs" | "both"}} */
enum status api_merge(struct req *rq)
{
    struct ctx *cx = rq->cx;
    enum merge_choice choices[LIMIT_FIELDS] = { MERGE_USUAL };
    struct val *v = val_map(cx->arena);
    struct row *keep, *lose;
    i64 merge;

    TRY(read_pair(rq, "with", &keep, &lose));
    if (lose == NULL)
        return ctx_fail_field(cx, "with", "required", "Say with which one to merge.");
    TRY(read_json_choices(rq, req_type(rq), choices));
    TRY(record_merge(cx, keep, lose, choices, &merge));
    val_put_text(v, "id", id_text(cx->arena, row_id(keep)));
    val_put_text(v, "merge", id_text(cx->arena, merge));
    val_put_text(v, "merged", id_text(cx->arena, row_id(lose)));
    val_put_i64(v, "version", row_version(keep));
    return reply_json(rq, 200, v);
}

/* POST /api/v1/{path}/:id/unmerge {"merge": ID}; without one the last. */
enum status api_unmerge(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *v = val_map(cx->arena);
    struct merge_done m;
    struct row *keep;

    TRY(req_row(rq, &keep));
    TRY(read_merge(rq, keep, &m));
    TRY(record_unmerge(cx, m.id));
    val_put_text(v, "id", id_text(cx->arena, row_id(keep)));
    val_put_text(v, "merge", id_text(cx->arena, m.id));
    val_put_text(v, "restored", id_text(cx->arena, m.lose_id));
    return reply_json(rq, 200, v);
}
