/* pages_bulk.c -- many rows at once: what can be done to ticked ones, and a list as CSV. */
#include "base/csv.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/pages_int.h"

#define OFFER "do:"
#define SET "set:"
#define VALUE "set_value" /* how the control is called, whichever field it is of */

enum { REASONS = 20, REASON_TITLES = 5, REASONS_SAID = 5 };

/* ---- ticked rows ---- */

/* One after the other of what features offer for a type; begin with *feature and *row 0. */
static const struct bulk_offer *next_offer(struct ctx *cx, const struct record_type *t,
                                           size_t *feature, size_t *row)
{
    size_t count;
    const struct feature *const *all = kit_features(cx->kit, &count);

    for (; *feature < count; ++*feature, *row = 0)
        while (*row < all[*feature]->bulk_offer_count) {
            const struct bulk_offer *o = &all[*feature]->bulk_offers[(*row)++];
            if (text_is(o->type, t->name))
                return o;
        }
    return NULL;
}

/* The type's own and those of features, told from the fields' by the words before. */
static void put_offers(struct ctx *cx, const struct record_type *t, struct val *bulk)
{
    const struct bulk_offer *o = NULL;
    size_t feature = 0, row = 0;

    do {
        struct val *own = val_list(cx->arena);
        enum status s = o != NULL           ? o->offers(cx, own)
                        : t->offers != NULL ? t->offers(cx, own)
                                            : OK;
        if (s != OK)
            ctx_clear_error(cx);
        for (size_t i = 0; i < val_count(own); i++)
            put_option(bulk,
                       arena_printf(cx->arena, OFFER "%s%s%s", o ? o->word : "", o ? ":" : "",
                                    val_get_text(val_at(own, i), "value")),
                       val_get_text(val_at(own, i), "text"), false);
    } while ((o = next_offer(cx, t, &feature, &row)) != NULL);
}

/* Whether a person may say a value for many records at once. A document says nothing that a row of
 * a list could ask for, and a secret is never the same twice. */
static bool field_settable(const struct field *f)
{
    return field_typed(f, false) && f->kind != FIELD_JSON && f->kind != FIELD_SECRET;
}

static bool field_emptied(const struct field *f)
{
    return !(f->flags & REQUIRED) && f->kind != FIELD_BOOL;
}

/* The fields whose value is said in a control of their own. */
static void put_settable(struct ctx *cx, const struct record_type *t, struct val *page)
{
    struct val *fields = val_put_list(page, "bulk_fields");

    for (int i = 0; may(cx, t, VERB_UPDATE) && i < t->field_count; i++)
        if (field_settable(&t->fields[i]))
            put_option(fields, arena_printf(cx->arena, SET "%s", t->fields[i].name),
                       arena_printf(cx->arena, "%s …", t->fields[i].label), false);
    val_put_bool(page, "has_bulk_fields", val_count(fields) > 0);
}

void put_bulk(struct ctx *cx, const struct record_type *t, struct val *page)
{
    struct val *bulk = val_put_list(page, "bulk");
    bool update = may(cx, t, VERB_UPDATE);

    for (int i = 0; update && i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        if (f->flags & OWNER && field_typed(f, false))
            put_option(bulk, "owner:me", "Make me the owner", false);
        if (!f->choices || !field_typed(f, false) || !(f->flags & LISTED))
            continue;
        for (const struct choice *c = f->choices; c->value; c++)
            put_option(bulk, arena_printf(cx->arena, "%s=%s", f->name, c->value),
                       arena_printf(cx->arena, "Set %s to %s", f->label, c->label), false);
    }
    put_offers(cx, t, bulk);
    if (may(cx, t, VERB_DELETE))
        put_option(bulk, "delete", "Move to the trash", false);
    put_settable(cx, t, page);
    val_put_bool(page, "has_bulk", val_count(bulk) > 0 || val_get_bool(page, "has_bulk_fields"));
}

/* What an action word means: a verb, and for a change the field and its value. */
struct bulk {
    enum verb verb;
    int field;
    const char *value;       /* as in CSV */
    const struct val *typed; /* or the form of that one field; NULL: not in a control */
    const struct row *said;  /* a row of nobody's that holds what was typed */
    bool emptied;
    const char *how;   /* of tags: "add", "remove"; else they are replaced */
    const char *offer; /* of the type itself or a feature; "" none */
    enum status (*take_up)(struct ctx *cx, struct row *r, const char *offer);
    bool all; /* that match, not those ticked */
    i64 *ids;
    size_t count;
};

static void read_offer(struct ctx *cx, const struct record_type *t, const char *offer,
                       struct bulk *out)
{
    struct str rest = str_from(offer), word;
    const struct bulk_offer *o;
    size_t feature = 0, row = 0;

    out->offer = offer;
    if (!str_split(&rest, ':', &word))
        return;
    while ((o = next_offer(cx, t, &feature, &row)) != NULL)
        if (str_is(word, o->word)) {
            out->offer = offer + word.len + 1;
            out->take_up = o->take_up;
            return;
        }
}

/* The control's part of the form, under the name of the field that it is of. */
static const struct val *typed_form(struct req *rq, const struct field *f)
{
    static const char *const tails[] = { "", "_currency", "_shown" };
    struct val *form = val_map(rq->cx->arena);

    for (size_t i = 0; i < countof(tails); i++) {
        const struct val *v = val_get(rq->form, arena_printf(rq->cx->arena, VALUE "%s", tails[i]));
        if (v)
            val_put(form, arena_printf(rq->cx->arena, "%s%s", f->name, tails[i]),
                    val_copy(rq->cx->arena, v));
    }
    return form;
}

static void read_set(struct req *rq, const char *name, struct bulk *out)
{
    const struct record_type *t = req_type(rq);
    int field = type_field(t, name);

    if (field < 0 || !field_settable(&t->fields[field]))
        return;
    out->field = field;
    out->typed = typed_form(rq, &t->fields[field]);
    out->emptied = !text_empty(req_form(rq, "set_empty"));
    if (t->fields[field].kind == FIELD_TAGS)
        out->how = req_form(rq, "set_how");
}

static enum status read_action(struct req *rq, struct bulk *out)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    const char *action = req_form(rq, "action");
    struct str rest = str_from(action), name;

    *out = (struct bulk){
        .verb = VERB_UPDATE, .field = -1, .value = "", .how = "", .offer = "", .take_up = t->take_up
    };
    out->all = !text_empty(req_form(rq, "all"));
    if (str_starts(rest, OFFER)) {
        read_offer(cx, t, action + strlen(OFFER), out);
        if (out->take_up != NULL)
            return OK;
    }
    if (text_is(action, "delete")) {
        out->verb = VERB_DELETE;
    } else if (text_is(action, "owner:me")) {
        out->field = type_owner_field(t);
        out->value = id_text(cx->arena, cx->access->user_id);
    } else if (str_starts(rest, SET)) {
        read_set(rq, action + strlen(SET), out);
    } else if (strchr(action, '=') && str_split(&rest, '=', &name)) {
        out->field = type_field(t, str_dup(cx->arena, name));
        out->value = str_dup(cx->arena, rest);
    }
    if (out->verb == VERB_UPDATE && (out->field < 0 || !field_typed(&t->fields[out->field], false)))
        return ctx_fail_field(cx, "action", "bulk.action",
                              "Choose what to do with the ticked rows.");
    if (!may(cx, t, out->verb))
        return ctx_fail(cx, E_FORBIDDEN, "Your role does not allow this with %s.",
                        text_in_sentence(cx->arena, t->plural));
    return OK;
}

/* ---- the value ---- */

static enum status read_typed(struct req *rq, struct row *r, const struct bulk *b)
{
    const struct val *form = rq->form;
    enum status s;

    rq->form = b->typed;
    s = read_input(rq, r, b->field);
    rq->form = form;
    return s;
}

/* A value that is none is said once and beside its control, not of every row. */
static enum status read_value(struct req *rq, struct bulk *b)
{
    struct ctx *cx = rq->cx;
    const struct field *f = &req_type(rq)->fields[b->field];
    struct row *said = row_new(cx, req_type(rq));

    b->said = said;
    if (b->emptied && !field_emptied(f))
        return ctx_fail_field(cx, f->name, "required", "%s cannot be left empty.", f->label);
    if (b->emptied)
        return OK;
    TRY(read_typed(rq, said, b));
    if (!row_has(said, b->field))
        return ctx_fail_field(cx, f->name, "bulk.value", "Say what %s is to be%s.", f->label,
                              field_emptied(f) ? ", or that it is to be emptied" : "");
    return OK;
}

static bool tag_among(struct ctx *cx, const char *tags, struct str tag)
{
    const char *folded = utf8_fold(cx->arena, str_dup(cx->arena, tag));
    struct str rest = str_from(tags), one;

    while (str_split(&rest, '|', &one))
        if (one.len > 0 && text_is(utf8_fold(cx->arena, str_dup(cx->arena, one)), folded))
            return true;
    return false;
}

/* A set grows or shrinks by what was typed. */
static enum status change_tags(struct ctx *cx, struct row *r, const struct bulk *b)
{
    struct buf out = buf_in(cx->arena, LIMIT_TAGS * (LIMIT_TAG_BYTES + 1) * 2);
    const char *said = row_text(b->said, b->field);
    struct str rest = str_from(row_text(r, b->field)), one;

    if (text_is(b->how, "add"))
        buf_printf(&out, "%s|%s", row_text(r, b->field), said);
    else
        while (str_split(&rest, '|', &one))
            if (one.len > 0 && !tag_among(cx, said, one)) {
                buf_str(&out, one);
                buf_char(&out, '|');
            }
    return row_parse(cx, r, b->field, buf_end(&out));
}

static enum status set_value(struct req *rq, struct row *r, const struct bulk *b)
{
    struct ctx *cx = rq->cx;

    if (b->emptied || !b->typed)
        return row_parse(cx, r, b->field, b->emptied ? "" : b->value);
    if (text_is(b->how, "add") || text_is(b->how, "remove"))
        return change_tags(cx, r, b);
    return read_typed(rq, r, b);
}

static enum status bulk_one(struct req *rq, struct row *r, const struct bulk *b)
{
    struct ctx *cx = rq->cx;
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    if (b->offer[0] != '\0') {
        TRY(b->take_up(cx, r, b->offer));
    } else if (b->verb == VERB_DELETE) {
        TRY(record_delete(cx, r));
    } else {
        TRY(set_value(rq, r, b));
        TRY(record_save(cx, r));
    }
    return tx_commit(&tx);
}

/* ---- which ---- */

/* The ids posted, each once. */
static enum status read_ids(struct req *rq, struct bulk *b)
{
    struct ctx *cx = rq->cx;
    const struct val *list = val_get(rq->form, "id");
    size_t given = val_kind_of(list) == VAL_LIST ? val_count(list) : list ? 1 : 0;

    if (given == 0)
        return ctx_fail_code(cx, E_INVALID, "bulk.none", "Tick at least one row first.");
    if (given > LIMIT_LIST_ROWS)
        return ctx_fail_code(cx, E_LIMIT, "bulk.too_many", "At most %d rows can be ticked at once.",
                             LIMIT_LIST_ROWS);
    b->ids = NEW_N(cx->arena, i64, given);
    for (size_t i = 0; i < given; i++) {
        const char *text = val_as_text(val_kind_of(list) == VAL_LIST ? val_at(list, i) : list, "");
        bool seen = false;
        if (!id_parse(str_from(text), &b->ids[b->count]))
            return ctx_fail_code(cx, E_INVALID, "id.invalid", "'%s' is not the id of a record.",
                                 text);
        for (size_t j = 0; j < b->count; j++)
            seen |= b->ids[j] == b->ids[b->count];
        b->count += !seen;
    }
    return OK;
}

static enum status too_many(struct req *rq, const char *filter, const char *q)
{
    struct ctx *cx = rq->cx;
    const char *what = text_in_sentence(cx->arena, req_type(rq)->plural);
    i64 count;

    TRY(list_count(cx, req_type(rq), filter, q, 0, &count));
    return ctx_fail_code(cx, E_LIMIT, "bulk.too_many",
                         "%s %s match, and at most %s can be changed at once. Filter the list, and "
                         "change them in parts.",
                         show_number(cx->arena, count), what,
                         show_number(cx->arena, LIMIT_BULK_ROWS));
}

/* The ids of all that match, read in memory that is given back: a change to one row may change
 * others, so that each is read again in its turn. */
static enum status read_all(struct req *rq, struct bulk *b)
{
    scoped(arena_close) struct arena *batch = arena_new(256 * 1024);
    const char *filter = req_form(rq, "filter"), *q = req_form(rq, "q");
    struct list_query query = { .filter = filter, .search = q, .limit = LIMIT_LIST_ROWS };
    i64 count;

    TRY(list_count(rq->cx, req_type(rq), filter, q, LIMIT_BULK_ROWS, &count));
    if (count > LIMIT_BULK_ROWS)
        return too_many(rq, filter, q);
    if (count == 0)
        return ctx_fail_code(rq->cx, E_INVALID, "bulk.none", "Nothing matches any more.");
    b->ids = NEW_N(rq->cx->arena, i64, LIMIT_BULK_ROWS);
    do {
        struct ctx cx = *rq->cx;
        struct list_page lp;
        cx.arena = batch;
        arena_reset(batch);
        if (list_run(&cx, req_type(rq), &query, &lp) != OK)
            return ctx_fail_code(rq->cx, cx.error, arena_text(rq->cx->arena, cx.error_code), "%s",
                                 cx.error_text);
        for (size_t i = 0; i < lp.count && b->count < LIMIT_BULK_ROWS; i++)
            b->ids[b->count++] = row_id(lp.rows[i]);
        query.cursor = arena_text(rq->cx->arena, lp.next);
    } while (!text_empty(query.cursor));
    return OK;
}

/* ---- the page between ---- */

/* Back to the list as it was filtered, when that is where they come from. */
static const char *came_from(struct req *rq)
{
    const char *path = arena_printf(rq->cx->arena, "/%s", req_type(rq)->path);
    const char *referrer = rq->header(rq, "Referer"), *at = req_form(rq, "back");

    if (text_empty(at)) {
        at = referrer ? strstr(referrer, "://") : NULL;
        at = at ? strchr(at + 3, '/') : NULL;
    }
    if (!at || !path_is_local(at) || strncmp(at, path, strlen(path)) != 0 ||
        (at[strlen(path)] && at[strlen(path)] != '?'))
        return path;
    return at;
}

static void put_hidden(struct val *list, const char *name, const char *value)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "field", name);
    val_put_text(one, "value", value);
}

/* What was posted, to be posted again. kept false: without the control, which the page shows. */
static void put_posted(struct req *rq, bool value_too, struct val *page)
{
    static const char *const own[] = { "csrf", "back", "sure", "skip" };
    struct ctx *cx = rq->cx;
    struct val *keep = val_put_list(page, "keep");

    put_hidden(keep, "back", came_from(rq));
    for (size_t i = 0; i < val_count(rq->form); i++) {
        const char *name = val_key_at(rq->form, i);
        const struct val *v = val_value_at(rq->form, i);
        bool drop = (!value_too && strncmp(name, "set_", 4) == 0) ||
                    (text_is(name, "id") && !text_empty(req_form(rq, "all")));
        for (size_t o = 0; o < countof(own); o++)
            drop |= text_is(name, own[o]);
        if (drop)
            continue;
        if (val_kind_of(v) != VAL_LIST)
            put_hidden(keep, name, val_print(cx->arena, v));
        for (size_t k = 0; val_kind_of(v) == VAL_LIST && k < val_count(v); k++)
            put_hidden(keep, name, val_print(cx->arena, val_at(v, k)));
    }
}

/* The control of a field for many records: "input" and what stands beside it. */
static enum status put_value(struct req *rq, int field, const struct bulk *b, struct val *page)
{
    struct ctx *cx = rq->cx;
    const struct field *f = &req_type(rq)->fields[field];
    struct val *input = val_put_map(page, "input"), *hows = val_put_list(page, "hows");
    const char *how = text_empty(b->how) ? "add" : b->how;

    TRY(put_input(cx, row_new(cx, req_type(rq)), field, b->typed, input));
    val_put_text(input, "field", VALUE);
    val_put_bool(input, "optional", true); /* it may be emptied instead */
    if (f->kind == FIELD_BOOL) { /* a box that is not ticked says nothing of many records */
        const char *value = val_get_text(b->typed, f->name);
        struct val *list = val_put_list(input, "choices");
        val_put_bool(val_put_map(input, "is"), "choice", true);
        put_option(list, "", "", text_empty(value));
        put_option(list, "true", "Yes", text_is(value, "true"));
        put_option(list, "false", "No", text_is(value, "false"));
    }
    if (f->kind == FIELD_TAGS) {
        put_option(hows, "add", "Add", text_is(how, "add"));
        put_option(hows, "remove", "Take away", text_is(how, "remove"));
        put_option(hows, "replace", "Replace all by", text_is(how, "replace"));
    }
    val_put_bool(page, "has_hows", val_count(hows) > 0);
    val_put_bool(page, "can_empty", field_emptied(f));
    val_put_bool(page, "emptied", b->emptied);
    return OK;
}

/* GET /{path}/bulk/value?action=set:FIELD -- the control for that field; nothing for what needs
 * none. */
enum status list_bulk_value(struct req *rq)
{
    const struct record_type *t = req_type(rq);
    struct val *tree = val_map(rq->cx->arena);
    struct str action = str_from(req_query(rq, "action"));
    struct bulk none = { .how = "" };
    int field = -1;

    if (str_starts(action, SET) && may(rq->cx, t, VERB_UPDATE))
        field = type_field(t, action.p + strlen(SET));
    if (field >= 0 && field_settable(&t->fields[field]))
        TRY(put_value(rq, field, &none, tree));
    else
        val_put_null(tree, "input");
    return reply_fragment(rq, "kit/bulk_value", tree);
}

/* What the action is called where it was chosen. */
static const char *action_text(struct req *rq, const struct bulk *b)
{
    struct ctx *cx = rq->cx;
    struct val *offered = val_map(cx->arena);
    const struct val *list;

    if (b->typed)
        return req_type(rq)->fields[b->field].label;
    put_bulk(cx, req_type(rq), offered);
    list = val_get(offered, "bulk");
    for (size_t i = 0; i < val_count(list); i++)
        if (text_is(val_get_text(val_at(list, i), "value"), req_form(rq, "action")))
            return val_get_text(val_at(list, i), "text");
    return "";
}

static const char *how_many(struct req *rq, size_t count)
{
    const struct record_type *t = req_type(rq);

    return arena_printf(rq->cx->arena, "%s %s", show_number(rq->cx->arena, (i64)count),
                        text_in_sentence(rq->cx->arena, count == 1 ? t->label : t->plural));
}

/* Asks for the value, or whether all of them are meant. */
static enum status bulk_ask(struct req *rq, const struct bulk *b)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    const char *many = how_many(rq, b->count);

    put_type(cx, req_type(rq), page);
    val_put_null(page, "input");
    if (b->typed)
        TRY(put_value(rq, b->field, b, page));
    if (cx->error != OK)
        reply_status(rq, 422);
    ctx_clear_error(cx);
    val_put_printf(page, "title", b->verb == VERB_DELETE ? "Move %s to the trash" : "Change %s",
                   many);
    val_put_text(page, "label", action_text(rq, b));
    val_put_text(page, "detail", "");
    val_put_list(page, "failures");
    val_put_text(page, "submit", val_get_text(page, "title"));
    val_put_text(page, "skip", "");
    val_put_text(page, "back_url", came_from(rq));
    put_posted(rq, false, page);
    return reply(rq, "kit/bulk", page);
}

/* A page comes first for those without scripts, to say the value, and before all that match are
 * changed, since most of them are not in sight. */
static bool asks_first(struct req *rq, const struct bulk *b)
{
    bool said = b->emptied || val_count(b->typed) > 0;

    if (rq->wants_json || !text_empty(req_form(rq, "sure")))
        return false;
    return b->all || (b->typed && !said);
}

/* ---- doing it ---- */

/* Why some of them cannot be changed. */
struct reason {
    const char *why, *titles; /* of the first few */
    size_t count;
};

struct tally {
    size_t changed, forbidden, failed;
    struct reason reasons[REASONS];
    size_t reason_count;
};

static bool is_of_a_row(enum status s)
{
    return s == E_INVALID || s == E_CONFLICT || s == E_FORBIDDEN || s == E_NOT_FOUND;
}

/* The reason that others have too; the last one takes up what is beyond the table. */
static struct reason *reason_of(struct tally *sum, const char *why)
{
    for (size_t i = 0; i < sum->reason_count; i++)
        if (text_is(sum->reasons[i].why, why))
            return &sum->reasons[i];
    if (sum->reason_count == REASONS) {
        sum->reasons[REASONS - 1].why = "Other reasons.";
        return &sum->reasons[REASONS - 1];
    }
    sum->reasons[sum->reason_count] = (struct reason){ .why = why, .titles = "" };
    return &sum->reasons[sum->reason_count++];
}

static void note_failure(struct ctx *cx, enum status s, const char *title, struct tally *sum)
{
    const char *why = s == E_FORBIDDEN    ? "You may not change this."
                      : cx->field_errors  ? cx->field_errors->message
                      : cx->error_text[0] ? cx->error_text
                                          : "It could not be changed.";
    struct reason *r = reason_of(sum, why);

    if (r->count++ < REASON_TITLES)
        r->titles = arena_printf(cx->arena, "%s%s%s", r->titles, r->count > 1 ? ", " : "", title);
    *(s == E_FORBIDDEN ? &sum->forbidden : &sum->failed) += 1;
    ctx_clear_error(cx);
}

/* "Acme renewal, Solar roof and 3 others: You may not change this." */
static const char *reason_text(struct ctx *cx, const struct reason *r)
{
    size_t rest = r->count > REASON_TITLES ? r->count - REASON_TITLES : 0;
    const char *others =
        rest ? arena_printf(cx->arena, " and %zu other%s", rest, rest > 1 ? "s" : "") : "";

    return arena_printf(cx->arena, "%s%s: %s", r->titles, others, r->why);
}

static enum status change_each(struct req *rq, const struct bulk *b, struct tally *sum)
{
    struct ctx *cx = rq->cx;

    *sum = (struct tally){ 0 };
    cx->batch_id = kit_new_id(cx);
    for (size_t i = 0; i < b->count; i++) {
        struct row *r;
        enum status s = record_get(cx, req_type(rq), b->ids[i], &r);
        const char *title = s == OK ? row_title(cx, r) : "One that is no longer there";
        if (s == OK)
            s = bulk_one(rq, r, b);
        if (s != OK && !is_of_a_row(s))
            return s;
        if (s == OK)
            sum->changed++;
        else
            note_failure(cx, s, title, sum);
    }
    return OK;
}

/* " 2 you may not change. 1 could not be changed." */
static const char *left_text(struct ctx *cx, const struct tally *sum)
{
    struct buf b = buf_in(cx->arena, 1024);

    if (sum->forbidden)
        buf_printf(&b, " %zu you may not change.", sum->forbidden);
    if (sum->failed)
        buf_printf(&b, " %zu could not be changed.", sum->failed);
    return buf_end(&b);
}

static enum status bulk_done(struct req *rq, const struct bulk *b, const struct tally *sum)
{
    struct ctx *cx = rq->cx;
    const char *many = how_many(rq, sum->changed), *left = left_text(cx, sum);

    if (b->verb != VERB_DELETE)
        return reply_done(rq, came_from(rq), "%s changed.%s", many, left);
    return reply_done_undo(rq, came_from(rq),
                           arena_printf(cx->arena, "/%s/bulk/undo?batch=%s", req_type(rq)->path,
                                        id_text(cx->arena, cx->batch_id)),
                           "%s moved to the trash.%s", many, left);
}

/* All of them or none, unless they say that the others are to be changed all the same. */
static enum status bulk_refused(struct req *rq, const struct bulk *b, const struct tally *sum)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *failures = val_put_list(page, "failures");
    struct buf why = buf_in(cx->arena, 64 * 1024);
    const char *text = arena_printf(cx->arena, "%zu of %zu cannot be changed, so none was.",
                                    sum->failed + sum->forbidden, b->count);

    for (size_t i = 0; i < sum->reason_count; i++) {
        const char *reason = reason_text(cx, &sum->reasons[i]);
        val_put_text(val_add_map(failures), "text", reason);
        if (i < REASONS_SAID)
            buf_printf(&why, " %s", reason);
    }
    if (rq->wants_json)
        return ctx_fail_code(cx, E_INVALID, "bulk.refused", "%s%s", text, buf_end(&why));
    put_type(cx, req_type(rq), page);
    val_put_text(page, "title", "Nothing was changed");
    val_put_text(page, "label", "");
    val_put_null(page, "input");
    val_put_text(page, "detail", text);
    val_put_text(page, "submit",
                 sum->changed == 0
                     ? ""
                     : arena_printf(cx->arena, "%s the other %zu",
                                    b->verb == VERB_DELETE ? "Move" : "Change", sum->changed));
    val_put_text(page, "skip", "true");
    val_put_text(page, "back_url", came_from(rq));
    put_posted(rq, true, page);
    reply_status(rq, 422);
    return reply(rq, "kit/bulk", page);
}

/* POST /{path}/bulk {id, id, ..., action} or {all, filter, q, action}. Of the action set:FIELD the
 * value is in set_value, set_empty, set_how. sure: what is asked before has been answered. skip:
 * rows that cannot be changed are left as they are; else what stands in the way is said row by row,
 * and none is changed. */
enum status list_bulk(struct req *rq)
{
    struct bulk bulk;
    struct tally sum;
    enum status s;

    TRY(read_action(rq, &bulk));
    TRY(bulk.all ? read_all(rq, &bulk) : read_ids(rq, &bulk));
    if (asks_first(rq, &bulk))
        return bulk_ask(rq, &bulk);
    s = bulk.typed ? read_value(rq, &bulk) : OK;
    if (s == E_INVALID && !rq->wants_json)
        return bulk_ask(rq, &bulk);
    TRY(s);
    TRY(change_each(rq, &bulk, &sum));
    if (sum.changed == bulk.count || (sum.changed > 0 && !text_empty(req_form(rq, "skip"))))
        return bulk_done(rq, &bulk, &sum);
    return bulk_refused(rq, &bulk, &sum);
}

/* POST /{path}/bulk/undo?batch= -- brings back what one's own bulk deletion took away. */
enum status list_bulk_undo(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    i64 *ids = NEW_N(cx->arena, i64, LIMIT_BULK_ROWS), batch;
    size_t count = 0;

    TRY(req_id(rq, "batch", &batch));
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "change.of_batch", I64("batch", batch), TEXT("type", t->name),
                     TEXT("verb", "delete"), I64("user", cx->access->user_id),
                     I64("limit", LIMIT_BULK_ROWS));
        while (count < LIMIT_BULK_ROWS && stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    if (count == 0)
        return ctx_fail(cx, E_NOT_FOUND, "There is nothing of yours to bring back.");
    for (size_t i = 0; i < count; i++) {
        struct row *r;
        TRY(record_get_any(cx, t, ids[i], &r));
        TRY(record_restore(cx, r));
    }
    return reply_done(rq, came_from(rq), "%zu %s restored.", count,
                      text_in_sentence(cx->arena, count == 1 ? t->label : t->plural));
}

/* ---- CSV ---- */

struct export
{
    struct ctx *cx; /* the request's */
    const struct record_type *type;
    struct buf out;
    enum scope scope; /* of the right to export, which may be narrower than that to read */
    bool narrower;
    i64 count;
    const char *filter;
};

/* Labels, since people open it, and the import knows them; of a reference also the id. */
static void csv_head(struct export *e)
{
    buf_text(&e->out, "\xEF\xBB\xBF"); /* else Excel takes it for another encoding */
    csv_cell(&e->out, "id");
    for (int i = 0; i < e->type->field_count; i++) {
        const struct field *f = &e->type->fields[i];
        if (!field_shown(f))
            continue;
        csv_cell(&e->out, f->label);
        if (f->kind == FIELD_REF)
            csv_cell(&e->out, f->name);
    }
    csv_end_line(&e->out);
}

static void csv_row(struct ctx *cx, struct export *e, const struct row *r)
{
    csv_cell(&e->out, id_text(cx->arena, row_id(r)));
    for (int i = 0; i < e->type->field_count; i++) {
        const struct field *f = &e->type->fields[i];
        if (!field_shown(f))
            continue;
        if (f->kind == FIELD_REF || f->kind == FIELD_CHOICE)
            csv_cell(&e->out, row_show(cx, r, i));
        if (f->kind != FIELD_CHOICE)
            csv_cell(&e->out, row_plain(cx, r, i));
    }
    csv_end_line(&e->out);
    e->count++;
}

static enum status csv_page(struct ctx *cx, struct export *e, struct list_query *query)
{
    struct list_page lp;

    TRY(list_run(cx, e->type, query, &lp));
    TRY(rows_load_titles(cx, lp.rows, lp.count));
    for (size_t i = 0; i < lp.count; i++) {
        bool in = true;
        if (e->narrower)
            TRY(row_in_scope(cx, lp.rows[i], e->scope, &in));
        if (in)
            csv_row(cx, e, lp.rows[i]);
    }
    query->cursor = arena_text(e->cx->arena, lp.next);
    if (e->count > LIMIT_EXPORT_ROWS || buf_status(&e->out) != OK)
        return ctx_fail_code(cx, E_LIMIT, "export.too_large",
                             "This list is over %d MB as CSV. Filter it, and export it in parts.",
                             LIMIT_UPLOAD_BYTES >> 20);
    return OK;
}

/* Page by page, each in memory that is given back, in the order and with the filter of the list. */
static enum status csv_rows(struct export *e, struct list_query *query)
{
    scoped(arena_close) struct arena *batch = arena_new(256 * 1024);
    enum status s = OK;

    do {
        struct ctx cx = *e->cx;
        arena_reset(batch);
        cx.arena = batch;
        s = csv_page(&cx, e, query);
        if (s != OK)
            return ctx_fail_code(e->cx, s, arena_text(e->cx->arena, cx.error_code), "%s",
                                 cx.error_text);
    } while (!text_empty(query->cursor));
    return s;
}

/* Who took what out of the house is in the change log, beside what was changed in it. */
static enum status note_export(struct ctx *cx, void *arg)
{
    const struct export *e = arg;
    struct val *what = val_map(cx->arena);
    struct buf b = buf_in(cx->arena, LIMIT_HEADER_BYTES * 2);

    val_put_i64(what, "rows", e->count);
    val_put_text(what, "filter", e->filter);
    json_write(&b, what);
    return db_run(cx, "change.add", I64("id", kit_new_id(cx)), I64("at", ctx_now(cx)),
                  MAYBE("user", cx->access->user_id), MAYBE("request", cx->request_id),
                  NONE("batch"), TEXT("type", e->type->name), I64("record", 0),
                  TEXT("verb", "export"), I64("version", 0), TEXT("fields", buf_end(&b)));
}

/* GET /{path}.csv?filter=&sort=&q= -- all fields of all rows of that list. */
enum status list_csv(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct list_query query = { .filter = req_query(rq, "filter"),
                                .sort = req_query(rq, "sort"),
                                .search = req_query(rq, "q"),
                                .limit = LIMIT_LIST_ROWS };
    struct export e = {
        .cx = cx, .type = t, .out = buf_in(cx->arena, LIMIT_UPLOAD_BYTES), .filter = query.filter
    };
    const char *day = date_iso(cx->arena, zone_day(kit_zone(cx), ctx_now(cx)));

    e.scope = access_scope(cx->access, t->name, VERB_EXPORT);
    e.narrower = e.scope < access_scope(cx->access, t->name, VERB_READ);
    csv_head(&e);
    if (rq->method != HTTP_HEAD) {
        TRY(csv_rows(&e, &query));
        TRY(kit_write(cx, note_export, &e));
    }
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "attachment; filename=\"%s-%s.csv\"", t->path, day));
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ e.out.p, e.out.len });
}
