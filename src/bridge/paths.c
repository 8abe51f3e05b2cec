/* paths.c -- where people went after something, or what they did before it: up to five steps, as a
 * picture and as a list of the ways that most of them took. Each person counts once: with the first
 * time in the period forward, with the last time backward. */
#include "base/limits.h"
#include "bridge/channel.h"
#include "bridge/report.h"
#include "kit/show.h"
#include <stdlib.h>

enum { STEPS = 5, NODES = 8, USUAL_STEPS = 3, VISIT_GAP_MS = 30 * MS_MINUTE };

static const struct report_word directions[] = { { "backward", "Before it" },
                                                 { "forward", "After it" },
                                                 { NULL, NULL } };
static const struct report_word things[] = {
    { "page", "Pages" }, { "event", "Events" }, { "channel", "Channels" }, { NULL, NULL }
};
static const struct report_word reaches[] = { { "visit", "Within the visit" },
                                              { "journey", "On the whole journey" },
                                              { NULL, NULL } };
static const struct report_word step_counts[] = { { "3", "3 steps" }, { "1", "1 step" },
                                                  { "2", "2 steps" }, { "4", "4 steps" },
                                                  { "5", "5 steps" }, { NULL, NULL } };
enum { BACKWARD, FORWARD };
enum { BY_PAGE, BY_EVENT, BY_CHANNEL };
enum { IN_VISIT, IN_JOURNEY };

struct paths {
    struct report_scope scope;
    struct report_event anchor;
    size_t direction, by, reach;
    i64 steps;
    u16 pageview, engagement;
    u8 touches[REPORT_KINDS / 8];
    const char *way, *link; /* those who went this way, or from one place to another ("0.a.17") */
    bool everybody, asked;  /* some people are asked for */
};

/* One way: how many took it, and its steps away from the anchor; 0: it ended. */
struct way {
    i64 count;
    i64 keys[STEPS];
};
enum { WAY_NUMBERS = sizeof(struct way) / sizeof(i64) };

struct acc {
    struct report_acc base;
    struct report_tally ways; /* struct way by the hash of its steps */
    i64 people;
    bool full;
    struct walker *walkers; /* where they are asked for, each with the way taken */
    size_t walker_count, walker_cap;
};
struct walker {
    u32 person;
    i64 keys[STEPS];
};

/* ---- one journey ---- */
static void keep_walker(struct acc *acc, u32 person, const struct way *w)
{
    struct walker *to;

    if (acc->walker_count == acc->walker_cap) {
        size_t cap = acc->walker_cap ? acc->walker_cap * 2 : 256;
        struct walker *more = NEW_N(acc->base.arena, struct walker, cap);
        if (acc->walker_count)
            memcpy(more, acc->walkers, acc->walker_count * sizeof *more);
        acc->walkers = more;
        acc->walker_cap = cap;
    }
    to = &acc->walkers[acc->walker_count++];
    to->person = person;
    memcpy(to->keys, w->keys, sizeof to->keys);
}

/* What this event is a step to; 0: none. */
static u32 key_of(const struct paths *p, const struct event *e)
{
    if (report_is_bot(e) || e->kind == p->engagement)
        return 0;
    if (p->by == BY_PAGE)
        return e->kind == p->pageview ? e->page : 0;
    if (p->by == BY_CHANNEL)
        return report_has_kind(p->touches, e->kind) ? e->channel : 0;
    return e->kind;
}

static bool find_anchor(const struct paths *p, const struct journey_view *v, size_t *at)
{
    for (size_t i = 0; i < v->count; i++) {
        *at = p->direction == FORWARD ? i : v->count - 1 - i;
        if (report_event_is(&p->anchor, &v->events[*at]))
            return true;
    }
    return false;
}

/* Goes from the anchor on; a step that repeats the one before is the same step. */
static void find_way(const struct paths *p, const struct journey_view *v, size_t at, struct way *w)
{
    u32 last =
        p->by == BY_EVENT || p->pageview == v->events[at].kind ? key_of(p, &v->events[at]) : 0;
    i64 last_ms = v->events[at].at_ms;
    i64 found = 0;

    while (found < p->steps) {
        if (p->direction == FORWARD ? ++at == v->count : at-- == 0)
            return;
        const struct event *e = &v->events[at];
        i64 gap = e->at_ms > last_ms ? e->at_ms - last_ms : last_ms - e->at_ms;
        if (p->reach == IN_VISIT && gap > VISIT_GAP_MS)
            return;
        last_ms = e->at_ms;
        u32 key = key_of(p, e);
        if (key && key != last)
            w->keys[found++] = last = key;
    }
}

static void visit(void *arg, const struct journey_view *v)
{
    struct acc *acc = arg;
    const struct paths *p = acc->base.report;
    struct way w = { 0 }, *kept;
    size_t at;

    if (!find_anchor(p, v, &at))
        return;
    acc->people++;
    find_way(p, v, at, &w);
    if (p->asked)
        keep_walker(acc, v->person, &w);
    if (acc->ways.used >= LIMIT_REPORT_PATHS) {
        acc->full = true;
        return;
    }
    u64 hash = str_hash((struct str){ (const char *)w.keys, sizeof w.keys });
    kept = (struct way *)report_tally_at(&acc->ways, acc->base.arena, hash);
    memcpy(kept->keys, w.keys, sizeof w.keys);
    kept->count++;
}

/* ---- what is asked ---- */
static enum status read_paths(struct ctx *cx, const struct val *from, struct paths *p)
{
    TRY(report_event_read(cx, from, "event", "form_submit", &p->anchor));
    TRY(report_word(cx, from, "direction", directions, &p->direction));
    TRY(report_word(cx, from, "by", things, &p->by));
    TRY(report_word(cx, from, "reach", reaches, &p->reach));
    TRY(report_number(cx, from, "steps", USUAL_STEPS, 1, STEPS, &p->steps));
    p->way = report_text(cx, from, "way", "");
    p->link = report_text(cx, from, "link", "");
    p->everybody = text_is(report_text(cx, from, "people", ""), "all");
    p->asked = p->everybody || p->way[0] || p->link[0];
    p->pageview = kit_event_code(cx->kit, "pageview");
    p->engagement = kit_event_code(cx->kit, "engagement");
    report_add_kinds(cx, p->touches, KIND_TOUCH);
    return report_scope_read(cx, from, "last_90_days", &p->scope);
}

static void paths_form(struct ctx *cx, const struct val *from, struct val *form)
{
    report_event_put(cx, from, "event", "Event", "form_submit", NULL,
                     val_add_map(val_put_list(form, "conditions")));
    report_put_words(cx, from, "direction", directions, form);
    report_put_words(cx, from, "by", things, form);
    report_put_words(cx, from, "reach", reaches, form);
    report_put_words(cx, from, "steps", step_counts, form);
}

/* ---- the answer ---- */
/* The steps of one distance from the anchor that have a place of their own in the picture; the rest
 * share one, and so do the ways that end. */
struct level {
    u32 keys[NODES];
    size_t count;
};
enum { NODE_OTHER = NODES, NODE_END, NODE_COUNT };

static const char *key_text(struct ctx *cx, const struct paths *p, u32 key)
{
    const struct event_kind *kind;

    if (p->by == BY_PAGE)
        return journey_name(cx->journey, DICT_PAGE, key);
    if (p->by == BY_CHANNEL)
        return channel_label((enum channel)key);
    kind = kit_event_kind_by_code(cx->kit, (u16)key);
    return kind ? kind->label : "?";
}

static const char *node_text(struct ctx *cx, const struct paths *p, const struct level *levels,
                             size_t level, size_t node)
{
    if (level == 0)
        return p->anchor.text;
    if (node == NODE_OTHER)
        return "(others)";
    if (node == NODE_END)
        return p->direction == FORWARD ? "(nothing more)" : "(nothing before)";
    return key_text(cx, p, levels[level - 1].keys[node]);
}

/* Its colour; "" where it has none. */
static const char *node_channel(const struct paths *p, const struct level *levels, size_t level,
                                size_t node)
{
    bool named = p->by == BY_CHANNEL && level > 0 && node < NODES;

    return named ? channel_value((enum channel)levels[level - 1].keys[node]) : "";
}

static size_t node_of(const struct level *l, i64 key)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->keys[i] == (u32)key)
            return i;
    return key ? NODE_OTHER : NODE_END;
}

static int most_first(const void *pa, const void *pb)
{
    const struct way *a = pa, *b = pb;

    if (a->count != b->count)
        return (a->count < b->count) - (a->count > b->count);
    return memcmp(a->keys, b->keys, sizeof a->keys);
}

static size_t join_ways(struct ctx *cx, const struct acc *accs, struct way **out)
{
    struct report_tally sum = { .width = WAY_NUMBERS };
    size_t count = 0;

    for (size_t t = 0; t < REPORT_THREADS; t++) {
        for (size_t i = 0; i < accs[t].ways.cap; i++) {
            if (!accs[t].ways.taken[i])
                continue;
            const struct way *w = (const struct way *)&accs[t].ways.values[i * WAY_NUMBERS];
            struct way *to = (struct way *)report_tally_at(&sum, cx->arena, accs[t].ways.keys[i]);
            memcpy(to->keys, w->keys, sizeof w->keys);
            to->count += w->count;
        }
    }
    *out = NEW_N(cx->arena, struct way, sum.used + 1);
    for (size_t i = 0; i < sum.cap; i++)
        if (sum.taken[i])
            memcpy(&(*out)[count++], &sum.values[i * WAY_NUMBERS], sizeof(struct way));
    if (count)
        qsort(*out, count, sizeof **out, most_first);
    return count;
}

static void find_levels(struct ctx *cx, const struct paths *p, const struct way *ways, size_t count,
                        struct level *levels)
{
    for (i64 l = 0; l < p->steps; l++) {
        struct report_tally sum = { .width = 1 };
        struct way *list;
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (ways[i].keys[l])
                *report_tally_at(&sum, cx->arena, (u64)ways[i].keys[l]) += ways[i].count;
        list = NEW_N(cx->arena, struct way, sum.used + 1);
        for (size_t i = 0; i < sum.cap; i++)
            if (sum.taken[i])
                list[n++] = (struct way){ sum.values[i], { (i64)sum.keys[i] } };
        if (n)
            qsort(list, n, sizeof *list, most_first);
        for (size_t i = 0; i < n && i < NODES; i++)
            levels[l].keys[levels[l].count++] = (u32)list[i].keys[0];
    }
}

/* ---- who is behind a number ---- */
extern const struct report paths_report;

/* "17.4.0": the steps of a way, as the journey numbers what they are. */
static const char *way_text(struct ctx *cx, const struct paths *p, const i64 *keys)
{
    struct buf b = buf_in(cx->arena, 200);

    for (i64 i = 0; i < p->steps; i++)
        buf_printf(&b, "%s%lld", i ? "." : "", (long long)keys[i]);
    return buf_end(&b);
}

/* A place of the picture: "a" the anchor, "o" all others, "e" the end, or what it is. */
static const char *place_text(struct ctx *cx, const struct level *levels, size_t level, size_t node)
{
    return level == 0           ? "a"
           : node == NODE_OTHER ? "o"
           : node == NODE_END   ? "e"
                                : arena_printf(cx->arena, "%u", levels[level - 1].keys[node]);
}

static const char *link_text(struct ctx *cx, const struct level *levels, size_t level, size_t from,
                             size_t to)
{
    return arena_printf(cx->arena, "%zu.%s.%s", level, place_text(cx, levels, level, from),
                        place_text(cx, levels, level + 1, to));
}

/* Whether somebody's way goes along the link that is asked for. */
static bool goes_along(struct ctx *cx, const struct paths *p, const struct level *levels,
                       const i64 *keys)
{
    size_t from = 0;

    for (i64 l = 0; l < p->steps && from != NODE_END; l++) {
        size_t to = node_of(&levels[l], keys[l]);
        if (text_is(link_text(cx, levels, (size_t)l, from, to), p->link))
            return true;
        from = to;
    }
    return false;
}

static enum status put_people(struct ctx *cx, const struct paths *p, const struct level *levels,
                              const struct acc *accs, const struct val *from, struct val *page)
{
    struct report_numbers people = { 0 };
    const char *title = p->everybody ? p->anchor.text
                        : p->way[0]  ? "Those who went this way"
                                     : "Those who went from the one to the other";

    for (size_t t = 0; t < REPORT_THREADS; t++) {
        for (size_t i = 0; i < accs[t].walker_count; i++) {
            const struct walker *w = &accs[t].walkers[i];
            if (p->everybody || (p->way[0] ? text_is(way_text(cx, p, w->keys), p->way)
                                           : goes_along(cx, p, levels, w->keys)))
                report_numbers_add(&people, cx->arena, w->person);
        }
    }
    return report_people_put(cx, &paths_report, from, people.list, people.count, title, page);
}

/* ---- the picture ---- */
static void put_link(struct ctx *cx, const struct paths *p, const struct level *levels,
                     size_t level, size_t from, size_t to, i64 count, const struct val *query,
                     struct val *rows)
{
    const char *near = node_text(cx, p, levels, level, from);
    const char *far = node_text(cx, p, levels, level + 1, to);
    bool forward = p->direction == FORWARD;
    i64 at = forward ? (i64)level : p->steps - 1 - (i64)level; /* left is earlier */
    struct val *row = val_add_map(rows);
    const char *near_channel = node_channel(p, levels, level, from);
    const char *far_channel = node_channel(p, levels, level + 1, to);

    val_put_text(row, "from", forward ? near : far);
    val_put_text(row, "to", forward ? far : near);
    val_put_i64(row, "from_at", at);
    val_put_i64(row, "to_at", at + 1);
    val_put_text(row, "from_channel", forward ? near_channel : far_channel);
    val_put_text(row, "to_channel", forward ? far_channel : near_channel);
    val_put_i64(row, "number", count);
    val_put_text(row, "text", show_number(cx->arena, count));
    val_put_text(row, "url",
                 report_behind_url(cx, &paths_report, query,
                                   WORDS({ "link", link_text(cx, levels, level, from, to) })));
}

static void put_links(struct ctx *cx, const struct paths *p, const struct level *levels,
                      const struct way *ways, size_t count, const struct val *from,
                      struct val *page)
{
    struct val *chart = val_put_map(page, "chart"), *rows = val_put_list(chart, "rows");
    i64 links[STEPS][NODE_COUNT][NODE_COUNT] = { 0 };

    val_put_printf(chart, "text",
                   p->direction == FORWARD ? "What came after “%s”" : "What came before “%s”",
                   p->anchor.text);
    for (size_t i = 0; i < count; i++) {
        size_t here = 0;
        for (i64 l = 0; l < p->steps && here != NODE_END; l++) {
            size_t to = node_of(&levels[l], ways[i].keys[l]);
            links[l][here][to] += ways[i].count;
            here = to;
        }
    }
    for (i64 l = 0; l < p->steps; l++)
        for (size_t a = 0; a < NODE_COUNT; a++)
            for (size_t b = 0; b < NODE_COUNT; b++)
                if (links[l][a][b])
                    put_link(cx, p, levels, (size_t)l, a, b, links[l][a][b], from, rows);
}

static void put_ways(struct ctx *cx, const struct paths *p, const struct way *ways, size_t count,
                     i64 people, const struct val *from, struct val *page)
{
    struct val *table = report_table(page, "table"), *row;
    size_t most = val_get_bool(page, "whole") ? LIMIT_REPORT_LISTED : LIMIT_REPORT_ROWS / 2;

    report_column(table, "Way", "text");
    report_column(table, "People", "integer");
    report_column(table, "Share", "percent");
    for (size_t i = 0; i < count && i < most; i++) {
        struct buf b = buf_in(cx->arena, LIMIT_BODY_BYTES);
        const char *stop = p->direction == FORWARD ? "(nothing more)" : "(nothing before)";
        i64 length = 0;
        while (length < p->steps && ways[i].keys[length])
            length++;
        for (i64 k = 0; k < length; k++) {
            i64 at = p->direction == FORWARD ? k : length - 1 - k;
            buf_printf(&b, "%s%s", k ? " › " : "", key_text(cx, p, (u32)ways[i].keys[at]));
        }
        row = report_row(table, length ? buf_end(&b) : stop, "");
        val_put_i64(row, "percent", count ? ways[i].count * 100 / ways[0].count : 0);
        report_count_cell(cx, row, ways[i].count);
        report_cell_url(row, 0,
                        report_behind_url(cx, &paths_report, from,
                                          WORDS({ "way", way_text(cx, p, ways[i].keys) })));
        report_share_cell(cx, row, ways[i].count, people);
    }
    val_put_i64(page, "ways", (i64)count);
    val_put_text(page, "more",
                 count > most ? arena_printf(cx->arena, "%s ways in all; the CSV has them.",
                                             show_number(cx->arena, (i64)count))
                              : "");
}

static void put_words(struct ctx *cx, const struct paths *p, i64 people, const struct val *from,
                      struct val *page)
{
    static const char *const by[] = { "the pages they viewed", "what happened",
                                      "the channels they came through" };

    val_put_printf(
        page, "definition",
        "People who did this in the period: %s. Each counts once, with the %s time; told "
        "are %s %s, up to %lld %s %s. Repeats of a step are one step; bots do not count.",
        p->anchor.text, p->direction == FORWARD ? "first" : "last", by[p->by],
        p->direction == FORWARD ? "after it" : "before it", (long long)p->steps,
        p->steps == 1 ? "step" : "steps",
        p->reach == IN_VISIT ? "with less than 30 minutes between what happened"
                             : "within the period");
    val_put_i64(page, "people_count", people);
    val_put_text(page, "people_text", show_number(cx->arena, people));
    val_put_text(page, "people_url",
                 people ? report_behind_url(cx, &paths_report, from, WORDS({ "people", "all" }))
                        : "");
    if (people == 0)
        report_empty(page, "Nobody did this in the period",
                     "Choose a longer period, or another event.");
}

static enum status paths_answer(struct ctx *cx, const struct val *from, struct val *page)
{
    struct paths *p = NEW(cx->arena, struct paths);
    struct acc *accs = NEW_N(cx->arena, struct acc, REPORT_THREADS);
    void *pointers[REPORT_THREADS];
    struct journey_plan jp = { .visit = visit, .columns = READ_DEVICE | READ_PAGE | READ_CHANNEL };
    struct level levels[STEPS] = { 0 };
    struct way *ways;
    i64 people = 0;
    size_t count;

    TRY(read_paths(cx, from, p));
    jp.from_ms = p->scope.from_ms;
    jp.to_ms = p->scope.to_ms;
    report_event_plan(&p->anchor, &jp);
    jp.kinds = p->anchor.kind ? &p->anchor.kind : NULL;
    jp.kind_count = p->anchor.kind ? 1 : 0;
    for (size_t t = 0; t < REPORT_THREADS; t++) {
        pointers[t] = &accs[t];
        accs[t].ways.width = WAY_NUMBERS;
    }
    TRY(report_walk(cx, &p->scope, &jp, pointers, p, NULL));
    for (size_t t = 0; t < REPORT_THREADS; t++) {
        people += accs[t].people;
        if (accs[t].full)
            return ctx_fail_code(cx, E_LIMIT, "paths.too_many",
                                 "People took more than %d different ways: choose a shorter period "
                                 "or fewer steps.",
                                 LIMIT_REPORT_PATHS);
    }
    count = join_ways(cx, accs, &ways);
    find_levels(cx, p, ways, count, levels);
    put_words(cx, p, people, from, page);
    put_links(cx, p, levels, ways, count, from, page);
    put_ways(cx, p, ways, count, people, from, page);
    return p->asked ? put_people(cx, p, levels, accs, from, page) : OK;
}

static const char *const params[] = { "direction", "by", "reach", "steps", NULL };
static const char *const events[] = { "event", NULL };
static const char *const behind[] = { "people", "way", "link", NULL };
const struct report paths_report = { .name = "paths",
                                     .title = "Paths",
                                     .template = "paths/page",
                                     .period = "last_90_days",
                                     .params = params,
                                     .events = events,
                                     .behind = behind,
                                     .form = paths_form,
                                     .answer = paths_answer };
static const struct route routes[] = { REPORT_ROUTES(
    "paths", &paths_report,
    "Paths: event, direction backward or forward, steps 1 to 5, by page, event or channel, reach "
    "visit or journey, period, filter") };
static const struct menu_item menu[] = { { "insight", "Paths", "/insight/paths", "arrows-exchange",
                                           "journey", 5 } };
const struct feature feature_paths = { .name = "paths", ROUTES(routes), MENU(menu) };
