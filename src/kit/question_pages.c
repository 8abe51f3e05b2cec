/* question_pages.c -- numbers over the API: one, several at once, as CSV, and what there is. */
#include "base/csv.h"
#include "base/limits.h"
#include "kit/kit.h"
#include "kit/question_int.h"
#include "kit/question_show.h"

enum { API_QUESTIONS = 20 };

static const char *source_word(const struct metric *m)
{
    static const char *const words[] = { "records", "journey", "divided", "formula", "target" };

    return words[m->source];
}

/* ---- by what a metric can be split ---- */
/* Of a ratio, what it is a share of. */
static const struct metric *counted(struct ctx *cx, const struct metric *m)
{
    return m->source == METRIC_DIVIDED ? metric_find(cx, m->denominator) : m;
}

const char *metric_cut_words(struct ctx *cx, const struct metric *m, const char *dimension)
{
    const struct metric *part = counted(cx, m);
    const struct dimension *d = dimension_find(cx, dimension);
    struct filter_path path;
    struct ctx probe = *cx;

    if (text_is(dimension, "owner"))
        return "Owner";
    ctx_clear_error(&probe);
    if (part && part->source == METRIC_RECORDS &&
        dimension_path(&probe, part, dimension, &path) == OK)
        return text_is(dimension, "channel") || text_is(dimension, "campaign")
                   ? path.last.f->label
                   : filter_path_words(cx, &path);
    return d ? d->label : dimension;
}

static void add_cut(struct ctx *cx, const struct metric *m, const char *name,
                    struct metric_cut *cuts, size_t *count)
{
    struct question q = { .metric = m->name, .dimension = name };

    for (size_t i = 0; i < *count; i++)
        if (text_is(cuts[i].name, name))
            return;
    if (*count < METRIC_CUTS_MAX && question_allowed(cx, &q))
        cuts[(*count)++] =
            (struct metric_cut){ name, text_in_sentence(cx->arena, metric_cut_words(cx, m, name)) };
}

/* What both parts of a ratio know; of records also their choices and references. */
size_t metric_cuts(struct ctx *cx, const struct metric *m, struct metric_cut cuts[METRIC_CUTS_MAX])
{
    static const char *const common[] = { "channel", "campaign", "owner" };
    const struct metric *part = counted(cx, m);
    const struct record_type *t = part && part->type ? type_find(cx, part->type) : NULL;
    size_t count = 0, feature_count;
    const struct feature *const *features = kit_features(cx->kit, &feature_count);

    for (size_t i = 0; i < countof(common); i++)
        add_cut(cx, m, common[i], cuts, &count);
    for (size_t i = 0; i < feature_count; i++)
        for (size_t j = 0; j < features[i]->dimension_count; j++)
            add_cut(cx, m, features[i]->dimensions[j].name, cuts, &count);
    for (int i = 0; t && i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        const struct record_type *to = f->kind == FIELD_REF ? type_find(cx, f->ref) : NULL;
        bool few = to && (f->flags & LISTED) && !(f->flags & OWNER) && /* is there already */
                   !(to->flags & TYPE_TIMELINE);                       /* as many as rows */
        bool known = part->channel_path && text_is(part->channel_path, f->name); /* "channel" */
        if (!known && (few || f->kind == FIELD_CHOICE))
            add_cut(cx, m, f->name, cuts, &count);
    }
    return count;
}

/* ---- API ---- */
static enum status ask_one(struct ctx *cx, const struct val *from, struct val **answer)
{
    struct question q;

    TRY(question_read(cx, from, &q));
    return question_ask(cx, &q, answer);
}

static enum status question_get(struct req *rq)
{
    struct val *answer;

    TRY(ask_one(rq->cx, rq->query, &answer));
    return reply_json(rq, 200, answer);
}

/* A number for a spreadsheet: money in major units. */
static const char *plain_number(struct ctx *cx, const struct metric *m, const struct val *v)
{
    double number = val_as_double(v, 0);
    int digits = m->unit == UNIT_MONEY ? currency_digits(base_currency(cx)) : 0;

    if (val_is_null(v))
        return "";
    if (m->unit != UNIT_MONEY)
        return val_print(cx->arena, v);
    for (int i = 0; i < digits; i++)
        number /= 10;
    return arena_printf(cx->arena, "%.*f", digits, number);
}

static void csv_number(struct ctx *cx, const struct metric *m, const struct val *v, const char *key,
                       const char *label, struct buf *out)
{
    static const char *const shares[] = { "change", "attainment" };

    csv_cell(out, key);
    csv_cell(out, label);
    csv_cell(out, plain_number(cx, m, val_get(v, "value")));
    csv_cell(out, plain_number(cx, m, val_get(v, "before")));
    csv_cell(out, plain_number(cx, m, val_get(v, "target")));
    for (size_t i = 0; i < countof(shares); i++) {
        const struct val *share = val_get(v, shares[i]);
        csv_cell(out, val_is_null(share) ? "" : val_print(cx->arena, share));
    }
    csv_end_line(out);
}

/* The whole, then each group. */
static enum status question_csv(struct req *rq)
{
    static const char *const names[] = { "key",    "label",  "value",     "before",
                                         "target", "change", "attainment" };
    struct ctx *cx = rq->cx;
    struct buf out = buf_in(cx->arena, LIMIT_PAGE_BYTES);
    const struct metric *m;
    struct val *answer;

    TRY(ask_one(cx, rq->query, &answer));
    m = metric_find(cx, val_get_text(answer, "metric"));
    for (size_t i = 0; i < countof(names); i++)
        csv_cell(&out, names[i]);
    csv_end_line(&out);
    csv_number(cx, m, answer, "", m->label, &out);
    const struct val *groups = val_get(answer, "groups");
    for (size_t i = 0; i < val_count(groups); i++)
        csv_number(cx, m, val_at(groups, i), val_get_text(val_at(groups, i), "key"),
                   val_get_text(val_at(groups, i), "label"), &out);
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "attachment; filename=\"%s.csv\"", m->name));
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ out.p, out.len });
}

/* One question, or {"questions": [...]} -> {"answers": [...]}. */
static enum status question_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct val *list = val_get(rq->form, "questions");
    struct question qs[API_QUESTIONS];
    struct val *answers[API_QUESTIONS], *out = val_map(cx->arena);
    size_t count = val_count(list);

    if (val_kind_of(list) != VAL_LIST) {
        TRY(ask_one(cx, rq->form, &out));
        return reply_json(rq, 200, out);
    }
    if (count > API_QUESTIONS)
        return ctx_fail_code(cx, E_LIMIT, "question.too_many", "At most %d questions at once.",
                             API_QUESTIONS);
    for (size_t i = 0; i < count; i++)
        TRY(question_read(cx, val_at(list, i), &qs[i]));
    TRY(question_ask_many(cx, qs, count, answers));
    struct val *all = val_put_list(out, "answers");
    for (size_t i = 0; i < count; i++)
        val_add(all, answers[i]);
    return reply_json(rq, 200, out);
}

static enum status metrics_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *out = val_map(cx->arena), *list = val_put_list(out, "metrics");
    size_t count;
    const struct metric *const *all = metric_all(cx, &count);

    for (size_t i = 0; i < count; i++) {
        struct metric_cut cuts[METRIC_CUTS_MAX];
        if (!question_allowed(cx, &(struct question){ .metric = all[i]->name }))
            continue;
        struct val *one = val_add_map(list), *dimensions;
        val_put_text(one, "name", all[i]->name);
        val_put_text(one, "label", all[i]->label);
        val_put_text(one, "unit", metric_unit_word(all[i]));
        val_put_text(one, "definition", all[i]->definition);
        val_put_text(one, "team", all[i]->team ? all[i]->team : "");
        val_put_text(one, "source", source_word(all[i]));
        val_put_text(one, "formula", metric_formula(cx, all[i]));
        val_put_bool(one, "less_is_better", all[i]->less_is_better);
        dimensions = val_put_list(one, "dimensions");
        for (size_t n = metric_cuts(cx, all[i], cuts), j = 0; j < n; j++)
            val_add_text(dimensions, cuts[j].name);
        if (question_allowed(cx,
                             &(struct question){ .metric = all[i]->name, .dimension = "day" })) {
            val_add_text(dimensions, "hour");
            val_add_text(dimensions, "day");
            val_add_text(dimensions, "week");
            val_add_text(dimensions, "month");
        }
    }
    return reply_json(rq, 200, out);
}

static const struct route routes[] = {
    { HTTP_GET, "/api/v1/question", question_get, .flags = ROUTE_SIGNED_IN | ROUTE_API,
      .summary =
          "Ask for a number: metric, dimension, filter, period, comparison; journeys narrowed "
          "by any dimension (channel=email)",
      .describe = question_describe_get },
    { HTTP_GET, "/api/v1/question.csv", question_csv, .flags = ROUTE_SIGNED_IN | ROUTE_API,
      .summary = "The same as CSV: the whole, then each group; money in major units",
      .describe = question_describe_csv },
    { HTTP_POST, "/api/v1/question", question_post,
      .flags = ROUTE_SIGNED_IN | ROUTE_API | ROUTE_SLOW,
      .summary = "Ask for one number, or for several at once", .describe = question_describe_post },
    { HTTP_GET, "/api/v1/metrics", metrics_get, .flags = ROUTE_SIGNED_IN | ROUTE_API,
      .summary = "All metrics with their definitions and dimensions" },
};
const struct feature feature_question_pages = { .name = "question_pages", ROUTES(routes) };
