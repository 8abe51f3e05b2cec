/* report.c -- reading what a report is asked, walking the journeys for it, adding up. How answers
 * are shown is report_show.c's. */
#include "bridge/report.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/channel.h"
#include "bridge/contact.h"
#include "bridge/goal.h"
#include "kit/filter.h"
#include "kit/kit.h"
#include <stdlib.h>

enum { BOT_BIT = 0x80 };

/* ---- parameters ---- */
const char *report_text(struct ctx *cx, const struct val *from, const char *name,
                        const char *otherwise)
{
    const struct val *v = val_get(from, name);
    const char *text;

    if (val_kind_of(v) == VAL_LIST) /* given twice: the first counts */
        v = val_at(v, 0);
    text = val_print(cx->arena, v);
    return text[0] ? text : otherwise;
}

static const char *const event_parts[] = {
    "event", "page", "channel", "campaign", "name", "where"
};

static bool is_in(const char *const *list, struct str name)
{
    for (size_t i = 0; list && list[i]; i++)
        if (str_is(name, list[i]))
            return true;
    return false;
}

/* "step1", "step1_page". */
static bool is_event_param(const struct report *r, struct str key)
{
    if (is_in(r->events, key))
        return true;
    for (size_t i = 1; i < countof(event_parts); i++) {
        size_t tail = strlen(event_parts[i]) + 1;
        if (key.len > tail && key.p[key.len - tail] == '_' && str_ends(key, event_parts[i]))
            return is_in(r->events, (struct str){ key.p, key.len - tail });
    }
    return false;
}

/* A misspelt filter must not answer with everything. */
enum status report_check(struct ctx *cx, const struct report *r, const struct val *from)
{
    static const char *const common[] = { "period", "filter", "after", NULL };

    for (size_t i = 0; i < val_count(from); i++) {
        const char *key = val_key_at(from, i);
        struct str name = str_from(key);
        if (!is_in(common, name) && !is_in(r->params, name) && !is_in(r->behind, name) &&
            !is_event_param(r, name))
            return ctx_fail_code(cx, E_INVALID, "query.unknown",
                                 "There is no parameter '%s' of this report.", key);
    }
    return OK;
}

enum status report_number(struct ctx *cx, const struct val *from, const char *name, i64 otherwise,
                          i64 min, i64 max, i64 *out)
{
    const char *text = report_text(cx, from, name, "");

    *out = otherwise;
    if (text[0] == '\0' || (str_i64(str_from(text), out) && *out >= min && *out <= max))
        return OK;
    return ctx_fail_code(cx, E_INVALID, "report.number",
                         "'%s' is no %s: give a whole number from %lld to %lld.", text, name,
                         (long long)min, (long long)max);
}

enum status report_word(struct ctx *cx, const struct val *from, const char *name,
                        const struct report_word *words, size_t *out)
{
    const char *text = report_text(cx, from, name, words[0].value);
    struct buf known = buf_in(cx->arena, 4000);

    for (*out = 0; words[*out].value; ++*out) {
        if (text_is(words[*out].value, text))
            return OK;
        buf_printf(&known, "%s%s", *out ? ", " : "", words[*out].value);
    }
    return ctx_fail_code(cx, E_INVALID, "report.word", "'%s' is no %s. Choose one of %s.", text,
                         name, buf_end(&known));
}

/* ---- when, and whose journeys ---- */
struct ids {
    i64 *list;
    size_t count, cap, max;
    struct arena *arena; /* list_each lends another one to its rows */
    const char *what;
};

static enum status add_id(struct ctx *cx, struct row *r, void *arg)
{
    struct ids *ids = arg;

    if (ids->count == ids->max)
        return ctx_fail_code(cx, E_LIMIT, "report.too_many",
                             "More than %zu %s pass the filter: narrow it.", ids->max, ids->what);
    if (ids->count == ids->cap) {
        i64 *more = NEW_N(ids->arena, i64, ids->cap ? ids->cap * 2 : 256);
        if (ids->count)
            memcpy(more, ids->list, ids->count * sizeof *more);
        ids->list = more;
        ids->cap = ids->cap ? ids->cap * 2 : 256;
    }
    ids->list[ids->count++] = row_id(r); /* in order of id */
    return OK;
}

static int by_number(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return (x > y) - (x < y);
}

static bool has_id(const i64 *list, size_t count, i64 id)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list[middle] == id)
            return true;
        if (list[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static enum status read_people(struct ctx *cx, struct report_scope *s)
{
    struct ids ids = { .max = LIMIT_REPORT_PEOPLE, .arena = cx->arena, .what = "contacts" };
    u32 *people;
    size_t count = 0;

    TRY(list_each(cx, &contact_type, s->filter, add_id, &ids));
    people = NEW_N(cx->arena, u32, ids.count + 1);
    for (size_t i = 0; i < ids.count && cx->journey; i++) {
        u32 person = journey_person_find(cx->journey, PERSON_CONTACT, (u64)ids.list[i]);
        if (person)
            people[count++] = person;
    }
    qsort(people, count, sizeof *people, by_number);
    s->contacts = ids.list;
    s->contact_count = ids.count;
    s->people = people;
    for (size_t i = 0; i < count; i++) /* contacts that were merged share one journey */
        if (s->people_count == 0 || people[s->people_count - 1] != people[i])
            people[s->people_count++] = people[i];
    return OK;
}

enum status report_scope_read(struct ctx *cx, const struct val *from, const char *period,
                              struct report_scope *out)
{
    *out = (struct report_scope){ .filter = report_text(cx, from, "filter", "") };
    TRY(period_read(cx, report_text(cx, from, "period", period), &out->from_ms, &out->to_ms));
    return out->filter[0] ? read_people(cx, out) : OK;
}

bool report_has_contact(const struct report_scope *s, i64 contact)
{
    return s->filter[0] == '\0' || has_id(s->contacts, s->contact_count, contact);
}

/* ---- what may happen ---- */
bool report_has_kind(const u8 *kinds, u16 kind)
{
    return kind < REPORT_KINDS && (kinds[kind / 8] >> kind % 8 & 1);
}

static void add_kind(u8 *kinds, u16 kind)
{
    if (kind < REPORT_KINDS)
        kinds[kind / 8] |= (u8)(1 << kind % 8);
}

void report_add_kinds(struct ctx *cx, u8 *kinds, u32 flags)
{
    const struct event_kind *kind;

    for (size_t i = 0; (kind = kit_event_kind_at(cx->kit, i)) != NULL; i++)
        if (kind->flags & flags)
            add_kind(kinds, kit_event_code(cx->kit, kind->name));
}

/* Names are matched once each, before the walk, and not at each event. */
const u8 *report_names_like(struct ctx *cx, enum journey_dict d, const char *pattern, u32 *count)
{
    u32 cap = 1024, code = 1;
    u8 *bits = NEW_N(cx->arena, u8, cap / 8);

    for (const char *name; cx->journey; code++) {
        name = journey_name(cx->journey, d, code);
        if (name[0] == '\0')
            break;
        if (code >= cap) {
            u8 *more = NEW_N(cx->arena, u8, cap / 4);
            memcpy(more, bits, cap / 8);
            bits = more;
            cap *= 2;
        }
        if (text_like(pattern, name))
            bits[code / 8] |= (u8)(1 << code % 8);
    }
    *count = code;
    return bits;
}

static const char *part_of(struct ctx *cx, const struct val *from, const char *name,
                           const char *part)
{
    const struct val *v = val_get(from, name);

    if (val_kind_of(v) == VAL_MAP)
        return report_text(cx, v, part, "");
    if (text_is(part, "event"))
        return report_text(cx, from, name, "");
    return report_text(cx, from, arena_printf(cx->arena, "%s_%s", name, part), "");
}

/* Of the map that JSON may say an event with. */
static enum status check_parts(struct ctx *cx, const struct val *v)
{
    for (size_t i = 0; val_kind_of(v) == VAL_MAP && i < val_count(v); i++) {
        bool known = false;
        for (size_t k = 0; k < countof(event_parts); k++)
            known |= text_is(val_key_at(v, i), event_parts[k]);
        if (!known)
            return ctx_fail_code(cx, E_INVALID, "query.unknown",
                                 "An event has no '%s': say event, page, channel, campaign, name "
                                 "or where.",
                                 val_key_at(v, i));
    }
    return OK;
}

static enum status read_goal(struct ctx *cx, const char *id, struct report_event *w)
{
    int i;

    TRY(goals_read(cx, &w->goals));
    i = goal_index(w->goals, id);
    if (i < 0)
        return ctx_fail_code(cx, E_INVALID, "report.goal", "There is no goal '%s'.",
                             utf8_cut(cx->arena, id, 40));
    w->goal = (size_t)i;
    w->kind = goal_event(w->goals, w->goal);
    add_kind(w->kinds, w->kind);
    w->columns |= GOAL_COLUMNS;
    w->text = goal_name(w->goals, w->goal);
    return OK;
}

static enum status read_kind(struct ctx *cx, const char *word, const struct event_kind **kind,
                             struct report_event *w)
{
    *kind = NULL;
    if (text_is(word, "any")) {
        memset(w->kinds, 0xff, sizeof w->kinds);
        w->text = "Anything";
        return OK;
    }
    if (text_is(word, "visit")) {
        report_add_kinds(cx, w->kinds, KIND_VISIT);
        w->text = "Anything on the web site";
        return OK;
    }
    if (strncmp(word, "goal:", 5) == 0)
        return read_goal(cx, word + 5, w);
    *kind = kit_event_kind(cx->kit, word);
    if (*kind == NULL)
        return ctx_fail_code(cx, E_INVALID, "report.event",
                             "'%s' is nothing that happens on a journey. Choose an event such as "
                             "pageview, form_submit or deal_won, or visit, or any.",
                             word);
    w->kind = kit_event_code(cx->kit, word);
    add_kind(w->kinds, w->kind);
    w->text = (*kind)->label;
    return OK;
}

static enum status read_records(struct ctx *cx, const struct event_kind *kind, const char *filter,
                                struct report_event *w)
{
    const struct record_type *t = kind && kind->record ? type_find(cx, kind->record) : NULL;
    struct ids ids = { .max = LIMIT_REPORT_RECORDS, .arena = cx->arena, .what = "records" };
    struct filter *f;

    if (t == NULL)
        return ctx_fail_code(cx, E_INVALID, "report.where",
                             "%s belongs to no record: leave out the condition '%s'.", w->text,
                             filter);
    TRY(filter_parse(cx, t, filter, &f));
    TRY(list_each(cx, t, filter, add_id, &ids));
    w->records = ids.list ? ids.list : NEW(cx->arena, i64);
    w->record_count = ids.count;
    w->columns |= READ_RECORD;
    w->text = arena_printf(cx->arena, "%s, %s", w->text, filter_words(cx, f));
    return OK;
}

/* As it stands in an event's props: our own writer made both. */
static const char *name_in_props(struct ctx *cx, const char *name)
{
    struct buf b = buf_in(cx->arena, LIMIT_EVENT_PROPS_BYTES);

    buf_text(&b, "\"name\":");
    json_write_text(&b, name);
    return buf_end(&b);
}

enum status report_event_read(struct ctx *cx, const struct val *from, const char *name,
                              const char *otherwise, struct report_event *out)
{
    const char *word = part_of(cx, from, name, "event"), *page = part_of(cx, from, name, "page");
    const char *channel = part_of(cx, from, name, "channel");
    const char *campaign = part_of(cx, from, name, "campaign");
    const char *called = part_of(cx, from, name, "name"), *where = part_of(cx, from, name, "where");
    const struct event_kind *kind;

    *out = (struct report_event){ .name = "", .columns = READ_DEVICE };
    TRY(check_parts(cx, val_get(from, name)));
    TRY(read_kind(cx, word[0] ? word : otherwise, &kind, out));
    if (page[0]) {
        out->pages = report_names_like(cx, DICT_PAGE, page, &out->page_count);
        out->columns |= READ_PAGE;
        out->text = arena_printf(cx->arena, "%s of %s", out->text, page);
    }
    if (channel[0]) {
        out->channel = (u8)channel_by_value(channel);
        out->columns |= READ_CHANNEL;
        if (out->channel == CHANNEL_NONE)
            return ctx_fail_code(cx, E_INVALID, "report.channel",
                                 "'%s' is no channel: say for example organic-search.", channel);
        out->text = arena_printf(cx->arena, "%s, %s", out->text, channel_label(out->channel));
    }
    if (campaign[0]) {
        out->campaign =
            cx->journey ? journey_code(cx->journey, DICT_CAMPAIGN, str_from(campaign)) : 0;
        out->never = out->campaign == 0;
        out->columns |= READ_CAMPAIGN;
        out->text = arena_printf(cx->arena, "%s, campaign %s", out->text, campaign);
    }
    if (called[0]) {
        if (kind && text_is(kind->name, "action")) {
            out->action =
                cx->journey ? journey_code(cx->journey, DICT_ACTION, str_from(called)) : 0;
            out->never |= out->action == 0;
            out->columns |= READ_RECORD;
        } else {
            out->name = name_in_props(cx, called);
        }
        out->text = arena_printf(cx->arena, "%s “%s”", out->text, called);
    }
    return where[0] ? read_records(cx, kind, where, out) : OK;
}

bool report_event_given(struct ctx *cx, const struct val *from, const char *name)
{
    return part_of(cx, from, name, "event")[0] != '\0';
}

void report_event_plan(const struct report_event *w, struct journey_plan *jp)
{
    jp->columns |= w->columns;
    jp->props |= w->name[0] != '\0';
}

bool report_is_bot(const struct event *e) { return e->device & BOT_BIT; }

bool report_event_is(const struct report_event *w, const struct event *e)
{
    if (!report_has_kind(w->kinds, e->kind) || w->never || report_is_bot(e))
        return false;
    if ((w->channel && e->channel != w->channel) || (w->campaign && e->campaign != w->campaign))
        return false;
    if (w->pages && (e->page >= w->page_count || !(w->pages[e->page / 8] >> e->page % 8 & 1)))
        return false;
    if ((w->action && (u32)e->record != w->action) ||
        (w->goals && !goal_reached(w->goals, w->goal, e)))
        return false;
    if (w->records && !has_id(w->records, w->record_count, e->record))
        return false;
    return w->name[0] == '\0' || (e->props && strstr(e->props, w->name));
}

/* ---- walking ---- */
static void take_row(struct event *e, const struct journey_columns *c, size_t i)
{
    e->at_ms = c->base_ms + c->at[i];
    e->kind = c->kind[i];
#define TAKE(field)       \
    if (c->field != NULL) \
        e->field = c->field[i];
    TAKE(channel)
    TAKE(device)
    TAKE(country)
    TAKE(flags)
    TAKE(site)
    TAKE(page)
    TAKE(source)
    TAKE(campaign)
    TAKE(client)
    TAKE(touch)
    TAKE(value)
    TAKE(record)
#undef TAKE
}

/* Kinds 63 and up share a bit: it may be any of them. */
static bool may_have(const struct journey_part *p, const u8 *kinds)
{
    u64 first;

    memcpy(&first, kinds, sizeof first);
    return (p->kinds & (first | journey_kind_bit(REPORT_KINDS - 1))) != 0;
}

const struct event *report_next(struct report_rows *r, const u8 *kinds)
{
    if (r->view) {
        while (r->at < r->view->count) {
            const struct event *e = &r->view->events[r->at++];
            if (!kinds || report_has_kind(kinds, e->kind))
                return e;
        }
        return NULL;
    }
    const struct journey_columns *c = r->of;
    if (r->at == 0 && kinds && !may_have(r->part, kinds))
        return NULL;
    for (size_t row; r->at < r->part->count;) {
        row = r->part->first + r->at++;
        if (kinds && !report_has_kind(kinds, c->kind[row]))
            continue;
        take_row(&r->event, c, row);
        return &r->event;
    }
    return NULL;
}

void report_skip_to(struct report_rows *r, i64 at_ms)
{
    if (r->view) {
        while (r->at < r->view->count && r->view->events[r->at].at_ms < at_ms)
            r->at++;
        return;
    }
    const struct journey_columns *c = r->of;
    if (c->base_ms + r->part->end < at_ms)
        r->at = r->part->count;
    while (r->at < r->part->count && c->base_ms + c->at[r->part->first + r->at] < at_ms)
        r->at++;
}

static void fold_view(void *acc, const struct journey_view *v)
{
    struct report_acc *base = acc;

    memset(base->state, 0, base->fold->state_bytes);
    base->fold->rows(acc, base->state, &(struct report_rows){ .view = v });
    if (base->fold->done)
        base->fold->done(acc, base->state, v->person);
}

static void fold_parts(void *acc, const struct journey_parts *v)
{
    struct report_acc *base = acc;

    for (size_t i = 0; i < v->count; i++)
        base->fold->rows(acc, v->list[i].state,
                         &(struct report_rows){ .of = v->of, .part = &v->list[i] });
}

static void fold_done(void *acc, void *state, u32 person)
{
    struct report_acc *base = acc;
    base->fold->done(acc, state, person);
}

static void end_arena(void *arena) { arena_free(arena); }

enum status report_walk(struct ctx *cx, const struct report_scope *s, struct journey_plan *jp,
                        void **accs, const void *report, const struct report_fold *fold)
{
    struct journey_fold parts = { fold ? fold->state_bytes : 0, fold_parts,
                                  fold && fold->done ? fold_done : NULL };

    if (fold && jp->props) /* they are only where events are copied together */
        jp->visit = fold_view;
    else if (fold)
        jp->fold = &parts;
    for (size_t i = 0; i < REPORT_THREADS; i++) {
        struct report_acc *acc = accs[i];
        acc->arena = arena_new(64 * 1024);
        arena_defer(cx->arena, end_arena, acc->arena);
        acc->report = report;
        acc->fold = fold;
        acc->state = arena_alloc(acc->arena, 1, parts.state_bytes);
    }
    if (s->filter[0]) {
        jp->people = s->people;
        jp->people_count = s->people_count;
        if (s->people_count == 0)
            return OK;
    }
    if (cx->journey == NULL || jp->from_ms >= jp->to_ms)
        return OK; /* nothing was kept: nothing happened */
    return journey_walk(cx, cx->journey, jp, accs, REPORT_THREADS);
}

static size_t tally_find(const struct report_tally *t, u64 key)
{
    size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (t->cap - 1);

    while (t->taken[i] && t->keys[i] != key)
        i = (i + 1) & (t->cap - 1);
    return i;
}

static void tally_grow(struct report_tally *t, struct arena *a)
{
    struct report_tally more = *t;

    more.cap = t->cap ? t->cap * 2 : 64;
    more.keys = NEW_N(a, u64, more.cap);
    more.taken = NEW_N(a, bool, more.cap);
    more.values = NEW_N(a, i64, more.cap * t->width);
    for (size_t i = 0; i < t->cap; i++) {
        if (!t->taken[i])
            continue;
        size_t at = tally_find(&more, t->keys[i]);
        more.taken[at] = true;
        more.keys[at] = t->keys[i];
        memcpy(&more.values[at * t->width], &t->values[i * t->width], t->width * sizeof(i64));
    }
    *t = more;
}

i64 *report_tally_at(struct report_tally *t, struct arena *a, u64 key)
{
    size_t at;

    if (t->used * 2 >= t->cap)
        tally_grow(t, a);
    at = tally_find(t, key);
    if (!t->taken[at]) {
        t->taken[at] = true;
        t->keys[at] = key;
        t->used++;
    }
    return &t->values[at * t->width];
}

void report_numbers_add(struct report_numbers *n, struct arena *a, u32 number)
{
    if (n->count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 256;
        u32 *more = NEW_N(a, u32, cap);
        if (n->count)
            memcpy(more, n->list, n->count * sizeof *more);
        n->list = more;
        n->cap = cap;
    }
    n->list[n->count++] = number;
}

void report_numbers_join(struct ctx *cx, const struct report_numbers *const *all,
                         struct report_numbers *out)
{
    *out = (struct report_numbers){ 0 };
    for (size_t t = 0; t < REPORT_THREADS; t++)
        for (size_t i = 0; i < all[t]->count; i++)
            report_numbers_add(out, cx->arena, all[t]->list[i]);
    if (out->count)
        qsort(out->list, out->count, sizeof *out->list, by_number);
}

/* ---- dimensions ---- */
enum status report_dimension(struct ctx *cx, const char *name, const struct dimension **out)
{
    *out = name[0] ? dimension_find(cx, name) : NULL;
    if (name[0] == '\0' || (*out && report_splits_by(*out)))
        return OK;
    return ctx_fail_code(cx, E_INVALID, "report.dimension",
                         "Journeys cannot be split by '%s'. Say for example channel, source, "
                         "campaign, page or country.",
                         name);
}

bool report_splits_by(const struct dimension *d)
{
    return !d->event_kind && (d->of == OF_VISIT || d->of == OF_EVENT);
}

static int by_value(const void *pa, const void *pb)
{
    const struct report_group *a = pa, *b = pb;

    if (a->value == NULL || b->value == NULL)
        return (a->value != NULL) - (b->value != NULL);
    return strcmp(a->value, b->value);
}

/* values[-1] is what the group is sorted by. */
static int by_size(const void *pa, const void *pb)
{
    const struct report_group *a = pa, *b = pb;
    i64 x = a->values[-1], y = b->values[-1];

    return x != y ? (x < y) - (x > y) : by_value(pa, pb);
}

void report_groups(struct ctx *cx, const struct dimension *d, const struct report_tally *tallies,
                   size_t by, struct report_group **out, size_t *count)
{
    size_t width = tallies[0].width, all = 0, kept = 0;
    struct report_group *list;

    for (size_t t = 0; t < REPORT_THREADS; t++)
        all += tallies[t].used;
    list = NEW_N(cx->arena, struct report_group, all + 1);
    all = 0;
    for (size_t t = 0; t < REPORT_THREADS; t++) {
        for (size_t i = 0; i < tallies[t].cap; i++) {
            if (!tallies[t].taken[i])
                continue;
            u32 key = (u32)tallies[t].keys[i];
            const char *value = key ? d->value(cx, key) : "";
            list[all].value = text_empty(value) ? NULL : value;
            list[all].values = NEW_N(cx->arena, i64, width + 1);
            memcpy(++list[all++].values, &tallies[t].values[i * width], width * sizeof(i64));
        }
    }
    qsort(list, all, sizeof *list, by_value);
    for (size_t i = 0; i < all; i++) {
        if (kept == 0 || by_value(&list[kept - 1], &list[i]) != 0) {
            list[kept++] = list[i];
            continue;
        }
        for (size_t k = 0; k < width; k++)
            list[kept - 1].values[k] += list[i].values[k];
    }
    for (size_t i = 0; i < kept; i++) {
        list[i].values[-1] = list[i].values[by];
        list[i].label = list[i].value ? d->text(cx, list[i].value) : "Not known";
    }
    qsort(list, kept, sizeof *list, by_size);
    *out = list;
    *count = kept;
}

void report_fold(struct ctx *cx, struct report_group *groups, size_t *count, size_t width,
                 bool whole)
{
    struct report_group *last = &groups[LIMIT_REPORT_ROWS - 1];

    if (whole || *count <= LIMIT_REPORT_ROWS)
        return;
    for (size_t i = LIMIT_REPORT_ROWS; i < *count; i++)
        for (size_t k = 0; k < width; k++)
            last->values[k] += groups[i].values[k];
    last->value = "(other)";
    last->other = true;
    last->label = arena_printf(cx->arena, "%zu others", *count - LIMIT_REPORT_ROWS + 1);
    *count = LIMIT_REPORT_ROWS;
}

/* ---- one group of an answer ---- */
enum status report_part_read(struct ctx *cx, const struct val *from, struct report_part *out)
{
    const char *is = report_text(cx, from, "group_is", "");

    *out = (struct report_part){ .value = report_text(cx, from, "group", "") };
    if (text_is(is, "unknown"))
        out->of = PART_UNKNOWN;
    else if (text_is(is, "other"))
        out->of = PART_OTHER;
    else if (is[0])
        return ctx_fail_code(cx, E_INVALID, "report.word",
                             "'%s' is no group_is. Choose one of unknown, other.", is);
    else if (out->value[0])
        out->of = PART_GROUP;
    return OK;
}

void report_part_name(struct report_part *part, const struct report_group *groups, size_t count)
{
    part->named = groups;
    part->named_count = count > LIMIT_REPORT_ROWS ? LIMIT_REPORT_ROWS - 1 : count;
}

bool report_part_has(struct ctx *cx, const struct dimension *d, const struct report_part *part,
                     u32 key)
{
    const char *value = key ? d->value(cx, key) : "";

    if (part->of == PART_ALL)
        return true;
    if (part->of == PART_UNKNOWN)
        return text_empty(value);
    if (part->of == PART_GROUP)
        return !text_empty(value) && text_is(value, part->value);
    for (size_t i = 0; i < part->named_count; i++)
        if (text_is(part->named[i].value ? part->named[i].value : "", value ? value : ""))
            return false;
    return true;
}

const char *report_part_text(struct ctx *cx, const struct dimension *d,
                             const struct report_part *part)
{
    const char *by = text_in_sentence(cx->arena, d->label);

    switch (part->of) {
    case PART_GROUP:
        return arena_printf(cx->arena, "%s is %s", by, d->text(cx, part->value));
    case PART_UNKNOWN:
        return arena_printf(cx->arena, "%s is not known", by);
    case PART_OTHER:
        return arena_printf(cx->arena, "%s is another than those named", by);
    default:
        return "";
    }
}
