/* attribution.c -- which touches the leads and the money came from, by nine models side by side.
 *
 * What is credited are records: contacts that became leads, deals and their amounts. The journey
 * of the deal's contact says which touches came before; a touch is an event of a kind with
 * KIND_TOUCH whose channel is known. Credits are whole minor units (hundredths, of leads), so that
 * each model adds up to the same total. */
#include "bridge/attribution.h"
#include "base/id.h"
#include "base/limits.h"
#include "bridge/channel.h"
#include "bridge/contact.h"
#include "bridge/person.h"
#include "bridge/report.h"
#include "kit/filter.h"
#include "kit/show.h"
#include <stdlib.h>

enum { LOOK_BACK_DAYS = 90, HALF_LIFE_DAYS = 7, LEAD = 100, MODELS = ATTRIBUTION_MODELS };

static const struct report_word conversions[] = {
    { "revenue", "Revenue" }, { "pipeline", "Pipeline created" },
    { "mqls", "MQLs" },       { "leads", "Leads" },
    { NULL, NULL },
};
static const struct source {
    const char *type, *filter, *date, *metric; /* metric: the same rows, counted */
    bool money;
    const char *definition;
} sources[] = {
    { "deal", "status = 'won'", "closed_at", "revenue", true,
      "Amounts of the deals won in the period that you may see, in base currency, given to what "
      "touched the deal's contact before it was won." },
    { "deal", "", "created_at", "deals_created", true,
      "Amounts of the deals created in the period that you may see, in base currency, given to "
      "what touched the deal's contact before that." },
    { "contact", "", "mql_at", "mqls", false,
      "Contacts that became qualified by marketing in the period, given to what touched them "
      "before." },
    { "contact", "", "lead_at", "new_leads", false,
      "Contacts that became leads in the period, given to what touched them before." },
};
static const struct report_word dimensions[] = {
    { "channel", "Channel" },   { "source", "Source" }, { "medium", "Medium" },
    { "campaign", "Campaign" }, { "term", "Term" },     { "content", "Content" },
    { "page", "Page" },         { NULL, NULL },
};

/* What is credited. */
struct conversion {
    u32 person; /* 0: has no journey */
    i64 record, contact, value;
    struct attribution_story story;
};

struct attribution {
    struct report_scope scope;
    const struct source *source;
    const struct dimension *by;
    i64 look_back_days, half_life_days;
    u8 touches[REPORT_KINDS / 8];
    struct conversion *list; /* by person */
    size_t count, cap;
    i64 total;
    /* What is asked for: credits of this model and group, or of what no touch came before. */
    int model; /* -1: none */
    struct report_part part;
    bool untouched;
};

/* What a group's touches have of one conversion. */
struct share {
    size_t conversion; /* of the list */
    u32 key;
    i64 credit;
};

struct acc {
    struct report_acc base;
    struct report_tally credits; /* a number for each model */
    i64 credited;                /* value of the conversions that had a touch */
    i64 touched;                 /* how many they are */
    struct attribution_touch *touches;
    struct attribution_credit *shares;
    u32 *keys;
    size_t cap;
    struct share *taken; /* of the model that is asked for */
    size_t taken_count, taken_cap;
};

/* ---- one journey ---- */
static void take_share(struct acc *acc, size_t conversion, u32 key, i64 credit)
{
    if (acc->taken_count == acc->taken_cap) {
        size_t cap = acc->taken_cap ? acc->taken_cap * 2 : 256;
        struct share *more = NEW_N(acc->base.arena, struct share, cap);
        if (acc->taken_count)
            memcpy(more, acc->taken, acc->taken_count * sizeof *more);
        acc->taken = more;
        acc->taken_cap = cap;
    }
    acc->taken[acc->taken_count++] = (struct share){ conversion, key, credit };
}

static void make_room(struct acc *acc, size_t count)
{
    if (count <= acc->cap)
        return;
    acc->cap = count * 2;
    acc->touches = NEW_N(acc->base.arena, struct attribution_touch, acc->cap);
    acc->shares = NEW_N(acc->base.arena, struct attribution_credit, acc->cap);
    acc->keys = NEW_N(acc->base.arena, u32, acc->cap);
}

static void credit(struct acc *acc, const struct conversion *c, const struct journey_view *v)
{
    const struct attribution *a = acc->base.report;
    i64 from_ms = c->story.at_ms - a->look_back_days * MS_DAY;
    size_t count = 0;

    for (size_t i = 0; i < v->count && v->events[i].at_ms <= c->story.at_ms; i++) {
        const struct event *e = &v->events[i];
        if (e->at_ms < from_ms || e->channel == CHANNEL_NONE || report_is_bot(e) ||
            !report_has_kind(a->touches, e->kind))
            continue;
        acc->touches[count] = (struct attribution_touch){ e->at_ms, e->channel == CHANNEL_DIRECT };
        acc->keys[count++] = a->by->key(e);
    }
    if (count == 0)
        return;
    acc->credited += c->value;
    acc->touched++;
    for (int m = 0; m < MODELS; m++) {
        attribution_share(m, &c->story, acc->touches, count, c->value, acc->shares);
        for (size_t i = 0; i < count; i++) {
            report_tally_at(&acc->credits, acc->base.arena, acc->keys[i])[m] +=
                acc->shares[i].credit;
            if (m == a->model)
                take_share(acc, (size_t)(c - a->list), acc->keys[i], acc->shares[i].credit);
        }
    }
}

static int by_person(const void *pa, const void *pb)
{
    const struct conversion *a = pa, *b = pb;

    return (a->person > b->person) - (a->person < b->person);
}

static void visit(void *arg, const struct journey_view *v)
{
    struct acc *acc = arg;
    const struct attribution *a = acc->base.report;
    struct conversion key = { .person = v->person };
    const struct conversion *at = bsearch(&key, a->list, a->count, sizeof key, by_person);

    make_room(acc, v->count);
    while (at && at > a->list && at[-1].person == v->person)
        at--;
    for (; at && at < a->list + a->count && at->person == v->person; at++)
        credit(acc, at, v);
}

/* ---- what is credited ---- */
struct collect {
    struct attribution *a;
    struct arena *arena; /* list_each lends another one to its rows */
};

static enum status add_conversion(struct ctx *cx, struct row *r, void *arg)
{
    struct collect *c = arg;
    struct attribution *a = c->a;
    const struct record_type *t = row_type(r);
    bool deal = a->source->money, closed = deal && text_is(a->source->date, "closed_at");
    int date = type_field(t, a->source->date); /* -1: created_at */
    i64 contact = deal ? row_i64(r, type_field(t, "contact_id")) : row_id(r);
    struct conversion *one;

    if (!report_has_contact(&a->scope, contact))
        return OK;
    if (a->count == LIMIT_REPORT_CONVERSIONS)
        return ctx_fail_code(cx, E_LIMIT, "report.too_many",
                             "More than %d conversions: choose a shorter period.",
                             LIMIT_REPORT_CONVERSIONS);
    if (a->count == a->cap) {
        struct conversion *more = NEW_N(c->arena, struct conversion, a->cap ? a->cap * 2 : 256);
        if (a->count)
            memcpy(more, a->list, a->count * sizeof *more);
        a->list = more;
        a->cap = a->cap ? a->cap * 2 : 256;
    }
    one = &a->list[a->count++];
    *one = (struct conversion){ .record = row_id(r),
                                .contact = contact,
                                .value = deal ? row_base_minor(r, type_field(t, "amount")) : LEAD };
    one->story.at_ms = date < 0 ? row_created_at(r) : row_i64(r, date);
    one->story.half_life_ms = (double)a->half_life_days * MS_DAY;
    one->story.lead_ms =
        deal || !row_has(r, CONTACT_LEAD_AT) ? TIME_NONE : row_i64(r, CONTACT_LEAD_AT);
    one->story.opportunity_ms = deal ? row_created_at(r) : TIME_NONE;
    one->story.close_ms = closed ? one->story.at_ms : TIME_NONE;
    a->total += one->value;
    return OK;
}

/* The journeys of what was found, and when those of deals became leads. */
static enum status find_journeys(struct ctx *cx, struct attribution *a)
{
    for (size_t i = 0; i < a->count; i++) {
        struct conversion *c = &a->list[i];
        if (c->contact == 0 || cx->journey == NULL)
            continue;
        c->person = journey_person_find(cx->journey, PERSON_CONTACT, (u64)c->contact);
        if (c->person == 0 || !a->source->money)
            continue;
        i64 lead_ms = 0;
        enum status s = db_get_i64(cx, &lead_ms, "attribution.lead_at", I64("contact", c->contact));
        if (s != OK && s != E_NOT_FOUND)
            return s;
        c->story.lead_ms = lead_ms ? lead_ms : TIME_NONE;
    }
    if (a->count)
        qsort(a->list, a->count, sizeof *a->list, by_person);
    return OK;
}

static enum status find_conversions(struct ctx *cx, struct attribution *a)
{
    struct collect c = { a, cx->arena };
    const struct record_type *t = type_find(cx, a->source->type);
    const char *period = arena_printf(cx->arena, "%s >= %s and %s < %s", a->source->date,
                                      time_iso(cx->arena, a->scope.from_ms), a->source->date,
                                      time_iso(cx->arena, a->scope.to_ms));

    if (t == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "There are no records of type '%s'.", a->source->type);
    TRY(list_each(cx, t, filter_and(cx, a->source->filter, period), add_conversion, &c));
    return find_journeys(cx, a);
}

/* ---- what is asked ---- */
/* "model" and a group, or group_is "untouched" or "all". */
static enum status read_behind(struct ctx *cx, const struct val *from, struct attribution *a)
{
    struct report_word words[MODELS + 1] = { 0 };
    const char *is = report_text(cx, from, "group_is", "");
    size_t model;

    a->model = -1;
    if (report_text(cx, from, "model", "")[0] == '\0')
        return OK;
    for (int m = 0; m < MODELS; m++)
        words[m] = (struct report_word){ attribution_models[m].name, attribution_models[m].label };
    TRY(report_word(cx, from, "model", words, &model));
    a->model = (int)model;
    a->untouched = text_is(is, "untouched");
    return a->untouched ? OK : report_part_read(cx, from, &a->part);
}

static enum status read_attribution(struct ctx *cx, const struct val *from, struct attribution *a)
{
    size_t which, by;

    TRY(report_word(cx, from, "conversion", conversions, &which));
    a->source = &sources[which];
    TRY(report_word(cx, from, "by", dimensions, &by));
    TRY(report_dimension(cx, dimensions[by].value, &a->by));
    TRY(report_number(cx, from, "look_back", LOOK_BACK_DAYS, 1, LIMIT_REPORT_DAYS,
                      &a->look_back_days));
    TRY(report_number(cx, from, "half_life", HALF_LIFE_DAYS, 1, LIMIT_REPORT_DAYS,
                      &a->half_life_days));
    report_add_kinds(cx, a->touches, KIND_TOUCH);
    TRY(read_behind(cx, from, a));
    return report_scope_read(cx, from, "last_12_months", &a->scope);
}

static void attribution_form(struct ctx *cx, const struct val *from, struct val *form)
{
    report_put_words(cx, from, "conversion", conversions, form);
    report_put_words(cx, from, "by", dimensions, form);
    val_put_text(form, "look_back", report_text(cx, from, "look_back", "90"));
    val_put_text(form, "half_life", report_text(cx, from, "half_life", "7"));
}

/* ---- the answer ---- */
extern const struct report attribution_report;

/* n in words, and as a file says it. */
static const char *amount_text(struct ctx *cx, const struct attribution *a, i64 n, bool exact,
                               const char **plain)
{
    struct money m = { .minor = n };
    i64 unit = 1;

    if (!a->source->money) {
        *plain = arena_printf(cx->arena, "%lld.%02lld", (long long)n / LEAD, (long long)n % LEAD);
        return show_decimal(cx->arena, n, 2);
    }
    memcpy(m.currency, base_currency(cx), 3);
    for (int i = currency_digits(m.currency); i > 0; i--)
        unit *= 10;
    *plain = money_plain(cx->arena, m);
    return exact ? money_show(cx->arena, m) : show_number(cx->arena, (n + unit / 2) / unit);
}

static struct val *put_amount(struct ctx *cx, const struct attribution *a, struct val *row, i64 n,
                              bool exact)
{
    const char *plain, *text = amount_text(cx, a, n, exact, &plain);

    return report_cell(row, a->source->money ? "money" : "decimal", text, plain);
}

/* g: the group, or NULL and what group_is says of the row. */
static void put_row(struct ctx *cx, const struct attribution *a, struct val *table,
                    const struct report_group *g, const char *is, const i64 *values,
                    const struct val *from)
{
    bool channel = text_is(a->by->name, "channel"), all = is[0] == '\0';
    const char *text = g ? g->label : all ? "Total" : "(no touch)";
    struct val *row =
        report_row(table, text, g && channel && g->value && !g->other ? g->value : "");

    val_put_text(row, "tone", g ? "" : all ? "total" : "soft");
    for (int m = 0; m < MODELS; m++) {
        const char *model = attribution_models[m].name;
        val_put_text(put_amount(cx, a, row, values[m], false), "share",
                     report_share(cx, values[m], a->total));
        if (values[m] == 0)
            continue;
        report_cell_url(
            row, (size_t)m,
            g ? report_group_url(cx, &attribution_report, from, g, WORDS({ "model", model }))
              : report_behind_url(cx, &attribution_report, from,
                                  WORDS({ "model", model }, { "group_is", is })));
    }
}

static void put_table(struct ctx *cx, struct attribution *a, const struct acc *accs,
                      const struct val *from, struct val *page)
{
    struct report_tally tallies[REPORT_THREADS];
    struct val *table = report_table(page, "table");
    struct report_group *groups;
    i64 total[MODELS], untouched[MODELS];
    size_t count;

    for (int m = 0; m < MODELS; m++)
        total[m] = untouched[m] = a->total;
    for (size_t t = 0; t < REPORT_THREADS; t++) {
        tallies[t] = accs[t].credits;
        for (int m = 0; m < MODELS; m++)
            untouched[m] -= accs[t].credited;
    }
    report_groups(cx, a->by, tallies, ATTRIBUTION_LINEAR, &groups, &count);
    report_part_name(&a->part, groups, count);
    report_fold(cx, groups, &count, MODELS, val_get_bool(page, "whole"));
    report_column(table, text_is(a->by->name, "page") ? "Landing page" : a->by->label, "text");
    for (int m = 0; m < MODELS; m++)
        report_column(table, attribution_models[m].label, "money");
    for (size_t i = 0; i < count; i++)
        put_row(cx, a, table, &groups[i], "", groups[i].values, from);
    put_row(cx, a, table, NULL, "untouched", untouched, from);
    put_row(cx, a, table, NULL, "", total, from);
}

/* ---- what is behind a credit ---- */
static int newest_record(const void *pa, const void *pb)
{
    const struct conversion *a = pa, *b = pb;

    return (a->record < b->record) - (a->record > b->record);
}

/* The conversions that have some of it, with their credit as value, the newest first. */
static struct conversion *credited(struct ctx *cx, const struct attribution *a,
                                   const struct acc *accs, size_t *count)
{
    struct conversion *out = NEW_N(cx->arena, struct conversion, a->count + 1);
    i64 *credits = NEW_N(cx->arena, i64, a->count + 1);
    bool *has = NEW_N(cx->arena, bool, a->count + 1);
    bool whole = !a->untouched && a->part.of == PART_ALL;

    for (size_t t = 0; t < REPORT_THREADS; t++) {
        for (size_t i = 0; i < accs[t].taken_count; i++) {
            const struct share *s = &accs[t].taken[i];
            has[s->conversion] |= a->untouched; /* touched: not what is asked for */
            if (a->untouched || whole || !report_part_has(cx, a->by, &a->part, s->key))
                continue;
            credits[s->conversion] += s->credit;
            has[s->conversion] |= s->credit != 0;
        }
    }
    *count = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (!whole && has[i] == a->untouched)
            continue;
        out[*count] = a->list[i];
        if (!whole && !a->untouched)
            out[*count].value = credits[i];
        (*count)++;
    }
    if (*count)
        qsort(out, *count, sizeof *out, newest_record);
    return out;
}

static const char *credit_title(struct ctx *cx, const struct attribution *a)
{
    const char *model = attribution_models[a->model].label;

    if (a->untouched)
        return "What no touch came before";
    if (a->part.of == PART_ALL)
        return "All that is credited";
    return arena_printf(cx->arena, "%s, %s", model, report_part_text(cx, a->by, &a->part));
}

static enum status put_credit(struct ctx *cx, const struct attribution *a,
                              const struct conversion *c, const char *title, struct val *table)
{
    const struct record_type *t = type_find(cx, a->source->type);
    struct val *row = report_row(table, title[0] ? title : "Not yours to see", "");
    struct person_name name = { "", "", "", 0 };
    const char *iso = time_iso(cx->arena, c->story.at_ms);

    if (title[0])
        val_put_printf(row, "url", "/%s/%s", t->path, id_text(cx->arena, c->record));
    report_cell(row, "text", zone_format(cx->arena, kit_zone(cx), c->story.at_ms, "d MMM y, HH:mm"),
                iso);
    if (c->person && a->source->money)
        TRY(person_names(cx, &c->person, 1, &name));
    if (a->source->money)
        val_put_text(report_cell(row, "text", name.text, name.text), "url", name.url);
    put_amount(cx, a, row, c->value, true);
    return OK;
}

/* A page of them from "after" on; all of them in a file. */
static enum status put_credits(struct ctx *cx, const struct attribution *a, const struct acc *accs,
                               const struct val *from, struct val *page)
{
    struct val *table = report_behind_table(page, credit_title(cx, a)), *pager;
    bool whole = val_get_bool(page, "whole");
    const char *after = whole ? "" : report_text(cx, from, "after", ""), *plain;
    size_t count, begin = 0, most = whole ? LIMIT_REPORT_LISTED : LIMIT_LIST_ROWS_DEFAULT, shown;
    struct conversion *list = credited(cx, a, accs, &count), last = { 0 };
    i64 sum = 0;

    if (whole && count > most)
        return ctx_fail_code(cx, E_LIMIT, "report.too_many",
                             "These are more than %zu: choose a shorter period.", most);
    if (after[0] && !id_parse(str_from(after), &last.record))
        return ctx_fail_code(cx, E_INVALID, "list.cursor",
                             "'%s' is no place in this list: begin again without it.", after);
    while (after[0] && begin < count && newest_record(&list[begin], &last) <= 0)
        begin++;
    shown = count - begin < most ? count - begin : most;
    const char **titles = NEW_N(cx->arena, const char *, shown + 1);
    i64 *ids = NEW_N(cx->arena, i64, shown + 1);
    for (size_t i = 0; i < shown; i++)
        ids[i] = list[begin + i].record;
    TRY(record_titles(cx, type_find(cx, a->source->type), ids, shown, titles));
    report_column(table, a->source->money ? "Deal" : "Contact", "text");
    report_column(table, "When", "text");
    if (a->source->money)
        report_column(table, "Contact", "text");
    report_column(table, "Credit", a->source->money ? "money" : "decimal");
    for (size_t i = 0; i < count; i++)
        sum += list[i].value;
    for (size_t i = 0; i < shown; i++)
        TRY(put_credit(cx, a, &list[begin + i], titles[i], table));
    val_put_bool(table, "has_rows", shown > 0);
    val_put_i64(table, "total", (i64)count);
    val_put_printf(table, "text", "%s from %s %s", amount_text(cx, a, sum, true, &plain),
                   show_number(cx->arena, (i64)count),
                   a->source->money ? (count == 1 ? "deal" : "deals")
                                    : (count == 1 ? "contact" : "contacts"));
    pager = val_put_map(table, "pager");
    if (shown == count)
        val_put_text(pager, "text", show_number(cx->arena, (i64)count));
    else
        val_put_printf(pager, "text", "%s %zu of %s", begin ? "The next" : "The newest", shown,
                       show_number(cx->arena, (i64)count));
    if (begin)
        val_put_printf(pager, "newer_url", "%s#people",
                       report_url(cx, &attribution_report, from, "after", ""));
    if (begin + shown < count)
        val_put_printf(
            pager, "older_url", "%s#people",
            report_url(cx, &attribution_report, from, "after", id_text(cx->arena, ids[shown - 1])));
    return OK;
}

static void put_models(struct val *page)
{
    struct val *list = val_put_list(page, "models");

    for (int m = 0; m < MODELS; m++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "name", attribution_models[m].name);
        val_put_text(one, "text", attribution_models[m].label);
        val_put_text(one, "definition", attribution_models[m].definition);
    }
}

static void put_words(struct ctx *cx, const struct attribution *a, const struct acc *accs,
                      const struct val *from, struct val *page)
{
    i64 touched = 0;
    struct money m = { .minor = a->total };

    for (size_t t = 0; t < REPORT_THREADS; t++)
        touched += accs[t].touched;
    memcpy(m.currency, base_currency(cx), 3);
    val_put_printf(
        page, "definition",
        "%s A touch is a visit, a form or a click whose channel is known; those of the "
        "%lld days before count. A milestone that had not happened yet, or that no touch "
        "came before, leaves its share to the others.",
        a->source->definition, (long long)a->look_back_days);
    val_put_i64(page, "conversions", (i64)a->count);
    val_put_i64(page, "touched", touched);
    val_put_text(page, "total",
                 a->source->money ? money_show(cx->arena, m)
                                  : show_number(cx->arena, a->total / LEAD));
    val_put_printf(page, "summary", "from %s %s, %s of them with a touch",
                   show_number(cx->arena, (i64)a->count),
                   a->source->money ? (a->count == 1 ? "deal" : "deals")
                                    : (a->count == 1 ? "contact" : "contacts"),
                   show_number(cx->arena, touched));
    struct question rows = { .metric = a->source->metric,
                             .from_ms = a->scope.from_ms,
                             .to_ms = a->scope.to_ms };
    val_put_text(page, "rows_path",
                 a->scope.filter[0] && a->count
                     ? report_behind_url(cx, &attribution_report, from,
                                         WORDS({ "model", attribution_models[0].name }))
                     : question_rows_path(cx, &rows, NULL));
    val_put_text(page, "unit", a->source->money ? base_currency(cx) : "");
    if (a->count == 0)
        report_empty(page, "Nothing to credit in this period",
                     "Choose a longer period, or another conversion. Deals need a contact, whose "
                     "journey tells where the money came from.");
}

static enum status attribution_answer(struct ctx *cx, const struct val *from, struct val *page)
{
    struct attribution *a = NEW(cx->arena, struct attribution);
    struct acc *accs = NEW_N(cx->arena, struct acc, REPORT_THREADS);
    void *pointers[REPORT_THREADS];
    struct journey_plan jp = { .visit = visit, .columns = READ_CHANNEL | READ_DEVICE };
    struct report_scope all = { .filter = "" }; /* the people are those of the conversions */
    u32 *people;

    TRY(read_attribution(cx, from, a));
    TRY(find_conversions(cx, a));
    people = NEW_N(cx->arena, u32, a->count + 1);
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].person && (i == 0 || a->list[i].person != a->list[i - 1].person))
            people[jp.people_count++] = a->list[i].person;
    jp.people = people;
    jp.from_ms = a->scope.from_ms - a->look_back_days * MS_DAY;
    jp.to_ms = a->scope.to_ms;
    jp.columns |= a->by->columns;
    for (size_t t = 0; t < REPORT_THREADS; t++) {
        accs[t].credits.width = MODELS;
        pointers[t] = &accs[t];
    }
    if (jp.people_count)
        TRY(report_walk(cx, &all, &jp, pointers, a, NULL));
    put_words(cx, a, accs, from, page);
    put_models(page);
    put_table(cx, a, accs, from, page);
    return a->model < 0 ? OK : put_credits(cx, a, accs, from, page);
}

static const char *const params[] = { "conversion", "by", "look_back", "half_life", NULL };
static const char *const events[] = { NULL };
static const char *const behind[] = { "model", "group", "group_is", NULL };
const struct report attribution_report = { .name = "attribution",
                                           .title = "Attribution",
                                           .template = "attribution/page",
                                           .period = "last_12_months",
                                           .params = params,
                                           .events = events,
                                           .behind = behind,
                                           .form = attribution_form,
                                           .answer = attribution_answer };
static const struct route routes[] = { REPORT_ROUTES(
    "attribution", &attribution_report,
    "Attribution by all models: conversion revenue, pipeline, mqls or leads; by channel, source, "
    "campaign, content or page; look_back and half_life in days, period, filter") };
static const struct menu_item menu[] = { { "insight", "Attribution", "/insight/attribution",
                                           "target-arrow", "journey", 3 } };
const struct feature feature_attribution = { .name = "attribution", ROUTES(routes), MENU(menu) };
