/* pages_board.c -- records as cards in the columns of a choice or reference field. A card is moved
 * by dragging, with a key, or with the select that it carries; all three post the same. */
#include "base/id.h"
#include "base/limits.h"
#include "kit/answers.h"
#include "kit/pages_int.h"

enum {
    CARDS_A_COLUMN = 10,  /* about what a window shows; scripts ask for more where one scrolls on */
    CARDS_AT_THE_END = 8, /* of a column like Won, latest first */
    CARDS_MORE = 100,     /* when more of it are asked for; then LIMIT_LIST_ROWS */
    MORE_BYTES = 4096,
    COLUMNS_MAX = 30,
    FACTS_MAX = 4,
    AGE_AMBER_DAYS = 21,
    AGE_RED_DAYS = 45,
    AGE_FULL_DAYS = 60,
    AGE_PARTS = 20, /* of the bar that shows it: a class of the style sheet each */
};

struct column {
    const char *value, *text, *tone; /* value "": the field is not set */
    bool terminal;                   /* the end of the way: shown shorter */
    const char *filter;
    i64 all, sum; /* how many it holds, and what they are worth together */
    struct list_page page;
};
struct board {
    struct req *rq;
    struct ctx *cx;
    const struct record_type *type;
    int field, by, sum; /* columns, which board, what is summed; -1 none */
    i64 by_id;
    const char *filter; /* that of the whole board */
    struct column columns[COLUMNS_MAX];
    size_t count, cards;
    int since;        /* the type's "stage_since", or -1 */
    const char *more; /* "VALUE.100,...": how many cards of which columns were asked for */
};

/* Colour words of choices as the style sheet's tones. */
static const char *tone_of(const char *color)
{
    if (!color || text_is(color, "gray"))
        return "grey";
    return text_is(color, "orange") ? "amber" : color;
}

/* ---- columns ---- */

static void choice_columns(struct board *b)
{
    for (const struct choice *c = b->type->fields[b->field].choices;
         c->value && b->count < COLUMNS_MAX; c++)
        b->columns[b->count++] = (struct column){ c->value, c->label, tone_of(c->color), false };
}

/* The columns of a ref field: the records it may point to, in their own order. A choice field of
 * theirs called "kind" tells open from closed. */
static enum status ref_columns(struct board *b)
{
    const struct record_type *t = type_find(b->cx, b->type->fields[b->field].ref);
    int kind = type_field(t, "kind");
    const char *filter = b->by >= 0 ? arena_printf(b->cx->arena, "%s = '%s'", b->type->board_by,
                                                   id_text(b->cx->arena, b->by_id))
                                    : "";
    struct row **rows;
    size_t count;

    TRY(all_of(b->cx, t, filter, &rows, &count));
    for (size_t i = 0; i < count && b->count < COLUMNS_MAX; i++) {
        const char *word =
            kind >= 0 && t->fields[kind].kind == FIELD_CHOICE ? row_text(rows[i], kind) : "";
        b->columns[b->count++] = (struct column){
            .value = id_text(b->cx->arena, row_id(rows[i])),
            .text = row_title(b->cx, rows[i]),
            .tone = text_is(word, "won")    ? "green"
                    : text_is(word, "lost") ? "red"
                                            : "blue",
            .terminal = text_is(word, "won") || text_is(word, "lost"),
        };
    }
    return OK;
}

/* What stands in none of the columns has one of its own, in front. */
static void unset_column(struct board *b, const struct val *groups)
{
    const struct field *f = &b->type->fields[b->field];
    bool any = false;

    for (size_t g = 0; g < val_count(groups); g++)
        any |= val_get_text(val_at(groups, g), "key")[0] == '\0';
    if (!any || b->count == COLUMNS_MAX)
        return;
    memmove(b->columns + 1, b->columns, b->count * sizeof b->columns[0]);
    b->columns[0] = (struct column){
        "", arena_printf(b->cx->arena, "No %s", text_in_sentence(b->cx->arena, f->label)), "grey",
        false
    };
    b->count++;
}

/* Which of several boards: as asked, else the default one, else the first of its type's order. */
static enum status pick_board(struct board *b, struct val *page)
{
    struct ctx *cx = b->cx;
    const struct record_type *t = type_find(cx, b->type->fields[b->by].ref);
    struct val *pick = val_put_list(page, "pick");
    int usual = type_field(t, "is_default");
    struct row **rows;
    size_t count;
    i64 asked = 0;

    TRY(all_of(cx, t, "", &rows, &count));
    (void)!id_parse(str_from(req_query(b->rq, b->type->board_by)), &asked);
    b->by_id = count ? row_id(rows[0]) : 0;
    for (size_t i = 0; i < count; i++)
        if (row_id(rows[i]) == asked || (!asked && usual >= 0 && row_bool(rows[i], usual)))
            b->by_id = row_id(rows[i]);
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(pick);
        val_put_text(one, "text", row_title(cx, rows[i]));
        val_put_printf(one, "url", "/%s/board?%s=%s", b->type->path, b->type->board_by,
                       id_text(cx->arena, row_id(rows[i])));
        val_put_bool(one, "on", row_id(rows[i]) == b->by_id);
    }
    val_put_bool(page, "has_pick", count > 1);
    return OK;
}

/* ---- cards ---- */

/* How long a card has stood where it stands: in the type's "stage_since", else since its last
 * change. */
static void put_age(struct board *b, const struct row *r, struct val *card)
{
    i64 from = b->since >= 0 && row_has(r, b->since) ? row_i64(r, b->since) : row_updated_at(r);
    i64 days = (ctx_now(b->cx) - from) / MS_DAY;
    struct val *age = val_put_map(card, "age");

    val_put_i64(age, "part", days >= AGE_FULL_DAYS ? AGE_PARTS : days * AGE_PARTS / AGE_FULL_DAYS);
    val_put_text(age, "tone",
                 days >= AGE_RED_DAYS     ? "red"
                 : days >= AGE_AMBER_DAYS ? "amber"
                                          : "green");
    val_put_printf(age, "text", "%lld day%s in this column", (long long)days, days == 1 ? "" : "s");
}

static void put_card(struct board *b, const struct row *r, size_t column, struct val *cards)
{
    struct ctx *cx = b->cx;
    struct val *card = val_add_map(cards), *facts;

    val_put_text(card, "id", id_text(cx->arena, row_id(r)));
    val_put_text(card, "url", row_path(cx, r));
    val_put_i64(card, "version", row_version(r));
    val_put_text(card, "text", row_title(cx, r));
    facts = val_put_list(card, "facts");
    for (int i = 0; i < b->type->field_count && val_count(facts) < FACTS_MAX; i++)
        if (b->type->fields[i].flags & CARD && field_shown(&b->type->fields[i]) && row_has(r, i))
            val_add(facts, row_cell(cx, r, i));
    if (b->columns[column].terminal)
        val_put_null(card, "age"); /* nothing is late there */
    else
        put_age(b, r, card);
}

static const char *money_words(struct ctx *cx, i64 minor)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    return money_short(cx->arena, m);
}

static const struct val *group_of(const struct val *groups, const char *value)
{
    for (size_t g = 0; g < val_count(groups); g++)
        if (text_is(val_get_text(val_at(groups, g), "key"), value))
            return val_at(groups, g);
    return NULL;
}

/* ---- more of a column ---- */

/* How many cards of it are shown: as many as were asked for, in steps. */
static int cards_of(const struct board *b, const struct column *c)
{
    struct str rest = str_from(b->more), one, value;
    i64 count;

    while (str_split(&rest, ',', &one))
        if (str_split(&one, '.', &value) && str_is(value, c->value) && str_i64(one, &count))
            return count > CARDS_MORE ? LIMIT_LIST_ROWS : CARDS_MORE;
    return c->terminal ? CARDS_AT_THE_END : CARDS_A_COLUMN;
}

/* The board's address with more of this column, and as much of the others as now. */
static const char *more_cards_url(const struct board *b, const struct column *c, int count)
{
    struct ctx *cx = b->cx;
    struct str rest = str_from(b->more), one;
    struct buf more = buf_in(cx->arena, MORE_BYTES);
    const char *by = b->by >= 0 ? arena_printf(cx->arena, "%s=%s&", b->type->board_by,
                                               id_text(cx->arena, b->by_id))
                                : "";
    const char *filter = req_query(b->rq, "filter");

    while (str_split(&rest, ',', &one)) {
        struct str left = one, value = { 0 };
        if (str_split(&left, '.', &value) && !str_is(value, c->value))
            buf_printf(&more, "%s,", str_dup(cx->arena, one));
    }
    buf_printf(&more, "%s.%d", c->value, count);
    if (!text_empty(filter))
        filter = arena_printf(cx->arena, "filter=%s&", http_url_encode(cx->arena, filter));
    return arena_printf(cx->arena, "/%s/board?%s%smore=%s", b->type->path, by, filter,
                        http_url_encode(cx->arena, buf_end(&more)));
}

/* "more", or null: a step on this page, the list where it would be too much for a board. */
static void put_more(const struct board *b, const struct column *c, struct val *column)
{
    struct ctx *cx = b->cx;
    i64 shown = (i64)c->page.count;
    int next = shown >= CARDS_MORE ? LIMIT_LIST_ROWS : CARDS_MORE;
    struct val *more;

    if (c->all <= shown) {
        val_put_null(column, "more");
        return;
    }
    more = val_put_map(column, "more");
    val_put_i64(more, "shown", shown);
    val_put_bool(more, "here", shown > 0 && shown < LIMIT_LIST_ROWS);
    if (shown > 0 && shown < LIMIT_LIST_ROWS) {
        val_put_printf(more, "text", "Show %lld more",
                       (long long)((c->all < next ? c->all : next) - shown));
        val_put_text(more, "url", more_cards_url(b, c, next));
        return;
    }
    val_put_text(more, "text", "Show all as a table");
    val_put_printf(more, "url", "/%s?filter=%s", b->type->path,
                   http_url_encode(cx->arena, c->filter));
}

/* How many each column holds and what they are worth. Kept while nothing has changed; a filter of
 * the reader's own may speak of today, and is asked anew. */
static enum status read_groups(struct board *b, struct val **groups)
{
    struct ctx *cx = b->cx;
    bool lasting = text_empty(req_query(b->rq, "filter"));
    const struct answers_from *from = lasting ? answers_from(cx) : NULL;
    const char *asked = arena_printf(cx->arena, "board %s %s", b->type->name, b->filter);

    *groups = answers_find(cx, from, asked);
    if (*groups)
        return OK;
    *groups = val_list(cx->arena);
    TRY(list_group(cx, b->type, b->filter, b->field, b->sum, *groups));
    if (answers_hold(cx, from))
        answers_keep(cx, from, asked, 0, *groups);
    return OK;
}

/* Reads the cards of one column. */
static enum status read_column(struct board *b, struct column *c, const struct val *groups)
{
    struct ctx *cx = b->cx;
    const char *field = b->type->fields[b->field].name;
    const char *condition = c->value[0] ? arena_printf(cx->arena, "%s = '%s'", field, c->value)
                                        : arena_printf(cx->arena, "%s is empty", field);
    struct list_query query = { .filter = filter_and(cx, b->filter, condition),
                                .sort = !c->terminal    ? b->type->sort
                                        : b->since >= 0 ? "-stage_since"
                                                        : "-updated_at",
                                .limit = cards_of(b, c) };
    const struct val *group = group_of(groups, c->value);

    c->filter = query.filter;
    c->all = val_get_i64(group, "count", 0);
    c->sum = val_get_i64(group, "sum", 0);
    if (c->all > 0 && b->cards < LIMIT_BOARD_CARDS)
        TRY(list_run(cx, b->type, &query, &c->page));
    b->cards += c->page.count;
    return OK;
}

/* Of all columns, and what their references are called, in one go. */
static enum status read_cards(struct board *b, const struct val *groups)
{
    struct row **rows;
    size_t count = 0;

    for (size_t i = 0; i < b->count; i++)
        TRY(read_column(b, &b->columns[i], groups));
    rows = NEW_N(b->cx->arena, struct row *, b->cards + 1);
    for (size_t i = 0; i < b->count; i++)
        for (size_t r = 0; r < b->columns[i].page.count; r++)
            rows[count++] = b->columns[i].page.rows[r];
    return rows_load_titles(b->cx, rows, count);
}

static void put_column(struct board *b, size_t i, struct val *columns)
{
    struct ctx *cx = b->cx;
    const struct column *c = &b->columns[i];
    struct val *column = val_add_map(columns), *cards;

    val_put_text(column, "value", c->value);
    val_put_text(column, "text", c->text);
    val_put_text(column, "tone", c->tone);
    val_put_text(column, "count", show_number(cx->arena, c->all));
    val_put_text(column, "sum", b->sum >= 0 && c->sum ? money_words(cx, c->sum) : "");
    val_put_bool(column, "terminal", c->terminal);
    cards = val_put_list(column, "cards");
    for (size_t r = 0; r < c->page.count; r++)
        put_card(b, c->page.rows[r], i, cards);
    put_more(b, c, column);
}

/* "38 open deals · €412,000": of the columns that are not the end of the way. */
static void put_total(struct board *b, const struct val *groups, struct val *page)
{
    struct ctx *cx = b->cx;
    i64 count = 0, sum = 0, all = 0;
    bool ends = false;
    const char *what;

    for (size_t i = 0; i < b->count; i++) {
        const struct val *group = group_of(groups, b->columns[i].value);
        ends |= b->columns[i].terminal;
        all += val_get_i64(group, "count", 0);
        count += b->columns[i].terminal ? 0 : val_get_i64(group, "count", 0);
        sum += b->columns[i].terminal ? 0 : val_get_i64(group, "sum", 0);
    }
    what = arena_printf(cx->arena, "%s %s%s", show_number(cx->arena, count), ends ? "open " : "",
                        text_in_sentence(cx->arena, count == 1 ? b->type->label : b->type->plural));
    if (b->sum >= 0)
        val_put_printf(page, "total", "%s · %s", what, money_words(cx, sum));
    else
        val_put_text(page, "total", what);
    val_put_text(page, "hint", all == 0 && b->type->empty ? b->type->empty : "");
}

/* ---- the page ---- */

static void put_board_head(struct board *b, struct val *page)
{
    const struct record_type *t = b->type;

    val_put_text(page, "title", t->plural);
    put_type(b->cx, t, page);
    val_put_bool(page, "can_create", may(b->cx, t, VERB_CREATE));
    val_put_bool(page, "can_move", may(b->cx, t, VERB_UPDATE));
    put_layouts(b->cx, t, "board", page);
    val_put_text(page, "field", t->board);
    val_put_list(page, "pick");
    val_put_bool(page, "has_pick", false);
    val_put_text(page, "live", t->name);
}

/* GET /{path}/board?filter= */
enum status board_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct board b = { .rq = rq,
                       .cx = cx,
                       .type = t,
                       .field = type_field(t, t->board),
                       .by = t->board_by ? type_field(t, t->board_by) : -1,
                       .sum = -1,
                       .since = type_field(t, "stage_since"),
                       .more = req_query(rq, "more") };
    struct val *page = val_map(cx->arena), *groups, *columns;

    put_board_head(&b, page);
    if (b.by >= 0)
        TRY(pick_board(&b, page));
    b.filter = b.by >= 0
                   ? arena_printf(cx->arena, "%s = '%s'", t->board_by, id_text(cx->arena, b.by_id))
                   : "";
    b.filter = filter_and(cx, b.filter, req_query(rq, "filter"));
    for (int i = 0; i < t->field_count; i++)
        if (t->fields[i].flags & SUMMED && t->fields[i].kind == FIELD_MONEY)
            b.sum = i;
    TRY(read_groups(&b, &groups));
    if (t->fields[b.field].kind == FIELD_REF)
        TRY(ref_columns(&b));
    else
        choice_columns(&b);
    unset_column(&b, groups);
    put_total(&b, groups, page);
    TRY(read_cards(&b, groups));
    columns = val_put_list(page, "columns");
    for (size_t i = 0; i < b.count; i++)
        put_column(&b, i, columns);
    return reply(rq, "kit/board", page);
}

/* ---- moving ---- */

/* A save that lacks an answer (why was it lost?) is asked for on the page of the action that asks
 * it: "/deals/:id/lost". */
static const char *asking_page(struct ctx *cx, const struct row *r)
{
    const struct record_type *t = row_type(r);

    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        for (const struct action *a = t->actions; a && a->verb; a++)
            if (a->href && str_starts(str_from(e->field), a->verb))
                return arena_printf(cx->arena, "%s/%s", row_path(cx, r), a->verb);
    return NULL;
}

static enum status ask_first(struct req *rq, const char *url)
{
    struct val *v = val_map(rq->cx->arena);

    ctx_clear_error(rq->cx);
    if (!rq->wants_json)
        return reply_redirect(rq, url);
    val_put_text(v, "url", url);
    return reply_json(rq, 428, v);
}

static enum status moved(struct req *rq, const struct row *r, int field)
{
    struct ctx *cx = rq->cx;
    struct val *v = val_map(cx->arena);
    const struct record_type *t = req_type(rq);

    if (rq->wants_json) {
        val_put_i64(v, "version", row_version(r));
        return reply_json(rq, 200, v);
    }
    return reply_done(rq, arena_printf(cx->arena, "/%s/board", t->path), "%s moved to %s.",
                      row_title(cx, r), row_has(r, field) ? row_show(cx, r, field) : "no column");
}

/* POST /{path}/:id/move {field, value, version} */
enum status board_move(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    const char *named = req_form(rq, "field"), *ask;
    int field = type_field(t, t->board);
    struct row *r;
    i64 version;
    enum status s;

    if (named[0] && !text_is(named, t->board))
        return ctx_fail_code(cx, E_INVALID, "board.field",
                             "The columns of this board are those of '%s', not of '%s'.", t->board,
                             named);
    TRY(req_row(rq, &r));
    if (str_i64(str_from(req_form(rq, "version")), &version) && version != row_version(r))
        return ctx_fail_code(cx, E_CONFLICT, "stale",
                             "Somebody else moved or changed this card. It is shown as it stands "
                             "now.");
    TRY(row_parse(cx, r, field, req_form(rq, "value")));
    s = record_save(cx, r);
    ask = s == E_INVALID ? asking_page(cx, r) : NULL;
    if (ask)
        return ask_first(rq, ask);
    TRY(s);
    return moved(rq, r, field);
}
