/* attribution.c -- which touches the leads and the money came from, by nine models side by side.
 *
 * What is credited are records: contacts that became leads, deals and their amounts. The journey
 * of the deal's contact says which touches came before; a touch is an event of a kind with
 * KIND_TOUCH whose channel is known. Credits are whole minor units (hundredths, of leads), so that
 * each model adds up to the same total. */
#include "bridge/attribution.h"
#include "base/limits.h"
#include "bridge/channel.h"
#include "bridge/contact.h"
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
    i64 contact, value;
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
};

/* ---- one journey ---- */
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
        for (size_t i = 0; i < count; i++)
            report_tally_at(&acc->credits, acc->base.arena, acc->keys[i])[m] +=
                acc->shares[i].credit;
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
    *one = (struct conversion){ .contact = contact,
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
static void put_amount(struct ctx *cx, const struct attribution *a, struct val *row, i64 n)
{
    struct money m = { .minor = n };
    i64 unit = 1;
    const char *text, *plain;

    if (a->source->money) {
        memcpy(m.currency, base_currency(cx), 3);
        for (int i = currency_digits(m.currency); i > 0; i--)
            unit *= 10;
        text = show_number(cx->arena, (n + unit / 2) / unit);
        plain = money_plain(cx->arena, m);
    } else {
        text = show_decimal(cx->arena, n, 2);
        plain = arena_printf(cx->arena, "%lld.%02lld", (long long)n / LEAD, (long long)n % LEAD);
    }
    struct val *cell = report_cell(row, a->source->money ? "money" : "decimal", text, plain);
    val_put_text(cell, "share", report_share(cx, n, a->total));
}

static void put_row(struct ctx *cx, const struct attribution *a, struct val *table,
                    const char *text, const char *channel, const char *tone, const i64 *values)
{
    struct val *row = report_row(table, text, channel);

    val_put_text(row, "tone", tone);
    for (int m = 0; m < MODELS; m++)
        put_amount(cx, a, row, values[m]);
}

static void put_table(struct ctx *cx, const struct attribution *a, const struct acc *accs,
                      struct val *page)
{
    struct report_tally tallies[REPORT_THREADS];
    struct val *table = report_table(page, "table");
    struct report_group *groups;
    i64 total[MODELS], untouched[MODELS];
    bool channel = text_is(a->by->name, "channel");
    size_t count;

    for (int m = 0; m < MODELS; m++)
        total[m] = untouched[m] = a->total;
    for (size_t t = 0; t < REPORT_THREADS; t++) {
        tallies[t] = accs[t].credits;
        for (int m = 0; m < MODELS; m++)
            untouched[m] -= accs[t].credited;
    }
    report_groups(cx, a->by, tallies, ATTRIBUTION_LINEAR, &groups, &count);
    report_fold(cx, groups, &count, MODELS, val_get_bool(page, "whole"));
    report_column(table, text_is(a->by->name, "page") ? "Landing page" : a->by->label, "text");
    for (int m = 0; m < MODELS; m++)
        report_column(table, attribution_models[m].label, "money");
    for (size_t i = 0; i < count; i++)
        put_row(cx, a, table, groups[i].label, channel && groups[i].value ? groups[i].value : "",
                "", groups[i].values);
    put_row(cx, a, table, "(no touch)", "", "soft", untouched);
    put_row(cx, a, table, "Total", "", "total", total);
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
                      struct val *page)
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
    val_put_text(page, "rows_path", a->scope.filter[0] ? "" : question_rows_path(cx, &rows, NULL));
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
    put_words(cx, a, accs, page);
    put_models(page);
    put_table(cx, a, accs, page);
    return OK;
}

static const char *const params[] = { "conversion", "by", "look_back", "half_life", NULL };
static const char *const events[] = { NULL };
static const struct report attribution_report = { .name = "attribution",
                                                  .title = "Attribution",
                                                  .template = "attribution/page",
                                                  .period = "last_12_months",
                                                  .params = params,
                                                  .events = events,
                                                  .form = attribution_form,
                                                  .answer = attribution_answer };
static const struct route routes[] = { REPORT_ROUTES(
    "attribution", &attribution_report,
    "Attribution by all models: conversion revenue, pipeline, mqls or leads; by channel, source, "
    "campaign, content or page; look_back and half_life in days, period, filter") };
static const struct menu_item menu[] = { { "insight", "Attribution", "/insight/attribution",
                                           "target-arrow", "journey", 3 } };
const struct feature feature_attribution = { .name = "attribution", ROUTES(routes), MENU(menu) };
