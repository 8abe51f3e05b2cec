/* calendar.c -- the calendar page: a day, a week, a month, or a team's people beside each other. A
 * row of the grid is a quarter of an hour; where something stands is told by classes, since the
 * policy of pages allows no styles in them. */
#include "sales/calendar.h"
#include "base/buf.h"
#include "base/id.h"
#include "kit/hours.h"
#include "kit/show.h"
#include "kit/web.h"
#include "kit/zones.h"

enum {
    QUARTER_MS = 15 * MS_MINUTE,
    DAY_FROM = 7,
    DAY_UNTIL = 20, /* hours shown at least */
    LANES = 12,     /* parts of a column */
    PEOPLE = 12,    /* beside each other */
    PEOPLE_MOST = 1000,
    TEAMS_MOST = 200,
    MONTH_SHOWN = 4, /* entries in a day of the month */
    COLUMNS = 12,
};
enum view { VIEW_DAY, VIEW_WEEK, VIEW_MONTH, VIEW_TEAM, VIEWS };
static const struct {
    const char *word, *text, *key;
} views[VIEWS] = { { "day", "Day", "d" },
                   { "week", "Week", "w" },
                   { "month", "Month", "m" },
                   { "team", "Team", "p" } };

struct look {
    struct req *rq;
    struct ctx *cx;
    const struct zone *z;
    enum view view;
    i64 day, today;
    int from, until;    /* hours of the grid */
    const char *people; /* whose days, as the team's addresses say it: "&team=...&who=..." */
};

static const char *url_of(const struct look *l, enum view v, i64 day)
{
    return arena_printf(l->cx->arena, "/calendar?view=%s&day=%s%s", views[v].word,
                        date_iso(l->cx->arena, day), v == VIEW_TEAM ? l->people : "");
}

static const char *day_text(const struct look *l, i64 day, const char *pattern)
{
    return zone_format(l->cx->arena, NULL, day * MS_DAY, pattern);
}

/* ---- one entry ---- */
static const char *time_text(const struct look *l, const struct entry *e)
{
    if (e->all_day)
        return "All day";
    return e->task ? zone_format(l->cx->arena, l->z, e->until_ms, "HH:mm")
                   : zone_format(l->cx->arena, l->z, e->from_ms, "HH:mm");
}

static struct val *put_entry(const struct look *l, const struct entry *e, struct val *list)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "text", e->title);
    val_put_text(one, "time", time_text(l, e));
    val_put_text(one, "url", e->path);
    val_put_text(one, "place", e->place);
    val_put_text(one, "kind", e->id == 0 || e->busy_only ? "other" : e->task ? "task" : "meeting");
    val_put_bool(one, "done", e->done);
    return one;
}

static bool is_long(const struct entry *e)
{
    return e->all_day || e->until_ms - e->from_ms >= MS_DAY;
}

static bool touches(const struct look *l, const struct entry *e, i64 day)
{
    i64 from = zone_instant(l->z, day, 0), until = zone_instant(l->z, day + 1, 0);

    return e->from_ms < until && (e->until_ms > from || e->from_ms >= from);
}

/* ---- columns of hours ---- */
static int row_at(const struct look *l, i64 day, i64 ms)
{
    i64 local = zone_day(l->z, ms);
    int quarter = zone_minute(l->z, ms) / 15;

    quarter = local < day ? 0 : local > day ? 96 : quarter;
    quarter -= l->from * 4;
    return quarter < 0                          ? 0
           : quarter > (l->until - l->from) * 4 ? (l->until - l->from) * 4
                                                : quarter;
}

static void put_box(const struct look *l, const struct entry *e, i64 day, struct val *list)
{
    int rows = (l->until - l->from) * 4;
    int top = row_at(l, day, e->from_ms), end = row_at(l, day, e->until_ms + QUARTER_MS - 1);
    int lanes = e->lanes > LANES ? LANES : e->lanes, width = LANES / (lanes > 0 ? lanes : 1);
    struct val *one;

    top = top >= rows ? rows - 1 : top;
    one = put_entry(l, e, list);
    val_put_i64(one, "row", top + 1);
    val_put_i64(one, "rows", end - top < 2 ? (top + 2 > rows ? 1 : 2) : end - top);
    val_put_i64(one, "lane", (e->lane % lanes) * width + 1);
    val_put_i64(one, "width", width);
    val_put_text(one, "until",
                 e->task ? "" : zone_format(l->cx->arena, l->z, e->until_ms, "HH:mm"));
}

/* What is outside of working hours is shaded. */
static void put_shades(const struct look *l, i64 day, struct val *list)
{
    struct hours_span spans[HOURS_SPANS];
    size_t n = hours_of_day(l->cx, hours_of_workspace(l->cx), kit_zone(l->cx), day, spans);
    int at = 0, rows = (l->until - l->from) * 4;

    for (size_t i = 0; i <= n; i++) {
        int next = i < n ? row_at(l, day, spans[i].from_ms) : rows;
        if (next > at) {
            struct val *one = val_add_map(list);
            val_put_i64(one, "row", at + 1);
            val_put_i64(one, "rows", next - at);
        }
        at = i < n ? row_at(l, day, spans[i].until_ms) : rows;
    }
}

/* A link for each half hour: a new meeting at that time. */
static void put_slots(const struct look *l, i64 day, i64 user, struct val *list)
{
    bool other = user != l->cx->access->user_id;

    for (int half = l->from * 2; half < l->until * 2; half++) {
        struct val *one = val_add_map(list);
        val_put_i64(one, "row", (half - l->from * 2) * 2 + 1);
        val_put_printf(one, "label", "New meeting, %s %02d:%02d", day_text(l, day, "EEEE d MMMM"),
                       half / 2, half % 2 * 30);
        val_put_printf(one, "url",
                       "/activities/new?kind=meeting&minutes=30&due_at=%sT%02d:%02d%s%s",
                       date_iso(l->cx->arena, day), half / 2, half % 2 * 30,
                       other ? "&owner_id=" : "", other ? id_text(l->cx->arena, user) : "");
    }
}

static void put_column(const struct look *l, i64 day, i64 user, const char *text,
                       struct entry *entries, size_t count, struct val *list)
{
    struct val *one = val_add_map(list), *boxes, *alls;
    struct entry *timed = NEW_N(l->cx->arena, struct entry, count + 1);
    size_t n = 0;

    val_put_text(one, "text", text);
    val_put_text(one, "url", url_of(l, VIEW_DAY, day));
    val_put_bool(one, "today", day == l->today);
    alls = val_put_list(one, "all_day");
    for (size_t i = 0; i < count; i++) {
        if (!touches(l, &entries[i], day))
            continue;
        if (is_long(&entries[i]))
            put_entry(l, &entries[i], alls);
        else
            timed[n++] = entries[i];
    }
    entry_lay(timed, n, 2 * QUARTER_MS);
    boxes = val_put_list(one, "boxes");
    for (size_t i = 0; i < n; i++)
        put_box(l, &timed[i], day, boxes);
    put_shades(l, day, val_put_list(one, "shades"));
    put_slots(l, day, user, val_put_list(one, "slots"));
    val_put_i64(one, "now",
                day == l->today && zone_minute(l->z, ctx_now(l->cx)) / 60 >= l->from &&
                        zone_minute(l->z, ctx_now(l->cx)) / 60 < l->until
                    ? row_at(l, day, ctx_now(l->cx)) + 1
                    : 0);
    val_put_bool(one, "has_now", val_get_i64(one, "now", 0) > 0);
}

/* So many hours that everything is on it. */
static void fit_hours(struct look *l, const struct entry *e, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int from = zone_minute(l->z, e[i].from_ms) / 60,
            until = (zone_minute(l->z, e[i].until_ms - 1) + 60) / 60;
        bool one_day = zone_day(l->z, e[i].from_ms) == zone_day(l->z, e[i].until_ms - 1);
        if (is_long(&e[i]))
            continue;
        l->from = from < l->from ? from : l->from;
        l->until = !one_day ? 24 : until > l->until ? until : l->until;
        l->from = one_day ? l->from : 0;
    }
}

static void put_hours(const struct look *l, struct val *page)
{
    struct val *list = val_put_list(page, "hours");

    for (int h = l->from; h < l->until; h++) {
        struct val *one = val_add_map(list);
        val_put_printf(one, "text", "%02d:00", h);
        val_put_i64(one, "row", (h - l->from) * 4 + 1);
    }
}

/* The same as a list, for narrow screens. */
static void put_agenda(const struct look *l, i64 first, int days, const struct entry *e,
                       size_t count, struct val *page)
{
    struct val *list = val_put_list(page, "agenda");

    for (i64 day = first; day < first + days; day++) {
        struct val *one = val_add_map(list), *items = val_put_list(one, "items");
        val_put_text(one, "text", day_text(l, day, "EEEE d MMMM"));
        val_put_text(one, "url", url_of(l, VIEW_DAY, day));
        val_put_bool(one, "today", day == l->today);
        for (size_t i = 0; i < count; i++)
            if (touches(l, &e[i], day))
                put_entry(l, &e[i], items);
        val_put_bool(one, "has_items", val_count(items) > 0);
    }
}

static enum status put_days(struct look *l, i64 first, int days, struct val *page)
{
    struct ctx *cx = l->cx;
    i64 user = cx->access->user_id;
    struct val *columns = val_put_list(page, "columns");
    struct entry *e;
    size_t count;

    TRY(entries_read(cx, user, zone_instant(l->z, first, 0), zone_instant(l->z, first + days, 0),
                     &e, &count));
    fit_hours(l, e, count);
    for (int i = 0; i < days; i++)
        put_column(l, first + i, user, day_text(l, first + i, days > 1 ? "EEE d" : "EEEE d MMMM"),
                   e, count, columns);
    put_hours(l, page);
    put_agenda(l, first, days, e, count, page);
    val_put_bool(page, "is_empty", count == 0);
    return OK;
}

/* ---- a team: its people beside each other, on one day ---- */
struct person {
    i64 id;
    const char *name;
    bool chosen;
    struct entry *entries;
    size_t count;
};
struct choice_of_people {
    i64 team;       /* 0: everybody's */
    bool all;       /* colleagues of other teams may be read */
    bool by_person; /* some are chosen */
    struct person *list;
    size_t count, from;
};

/* Whether the query asks for this person: ?who=ID, as often as one likes. */
static bool is_asked(const struct look *l, i64 id)
{
    const struct val *who = val_get(l->rq->query, "who");
    const char *text = id_text(l->cx->arena, id);

    if (val_kind_of(who) != VAL_LIST)
        return text_is(req_query(l->rq, "who"), text);
    for (size_t i = 0; i < val_count(who); i++)
        if (text_is(val_as_text(val_at(who, i), ""), text))
            return true;
    return false;
}

/* Without a team asked for it is one's own; persons alone may be of any, as far as one may read. */
static void choose_team(const struct look *l, struct choice_of_people *c)
{
    const struct access *me = l->cx->access;
    const char *asked = req_query(l->rq, "team");

    c->all = access_scope(me, "user", VERB_READ) == SCOPE_ALL;
    c->team = me->team_id;
    if (!c->all)
        return;
    if (text_is(asked, "all") || (asked[0] == '\0' && req_query(l->rq, "who")[0] != '\0'))
        c->team = 0;
    else if (asked[0] != '\0' && !id_parse(str_from(asked), &c->team))
        c->team = me->team_id;
}

static enum status read_people(const struct look *l, struct choice_of_people *c)
{
    struct ctx *cx = l->cx;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "calendar.people", I64("team", c->team), I64("all", c->all && c->team == 0),
                 I64("limit", PEOPLE_MOST));

    c->list = NEW_N(cx->arena, struct person, PEOPLE_MOST);
    while (c->count < PEOPLE_MOST && stmt_next(&q)) {
        struct person *p = &c->list[c->count++];
        *p =
            (struct person){ .id = col_i64(&q, 0), .name = arena_text(cx->arena, col_text(&q, 1)) };
        p->chosen = is_asked(l, p->id);
        c->by_person |= p->chosen;
    }
    return stmt_status(&q);
}

/* The teams to choose among, and the team's people, each with a box. */
static enum status put_choices(const struct look *l, const struct choice_of_people *c,
                               struct val *page)
{
    struct ctx *cx = l->cx;
    struct val *teams = val_put_list(page, "teams"), *people = val_put_list(page, "people"), *one;

    if (c->all) {
        scoped(stmt_close) struct stmt q = db_query(cx, "calendar.teams", I64("limit", TEAMS_MOST));
        one = val_add_map(teams);
        val_put_text(one, "value", "all");
        val_put_text(one, "text", "Everybody");
        val_put_bool(one, "selected", c->team == 0);
        while (stmt_next(&q)) {
            one = val_add_map(teams);
            val_put_text(one, "value", id_text(cx->arena, col_i64(&q, 0)));
            val_put_text(one, "text", col_text(&q, 1));
            val_put_bool(one, "selected", c->team == col_i64(&q, 0));
        }
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < c->count; i++) {
        one = val_add_map(people);
        val_put_text(one, "value", id_text(cx->arena, c->list[i].id));
        val_put_text(one, "text", c->list[i].name);
        val_put_bool(one, "selected", c->list[i].chosen);
    }
    val_put_bool(page, "has_teams", val_count(teams) > 1);
    val_put_text(page, "day", date_iso(cx->arena, l->day));
    return OK;
}

/* What other days of the same people have in their addresses. */
static void keep_people(struct look *l, const struct choice_of_people *c)
{
    struct buf b = buf_in(l->cx->arena, 64 * 1024);

    if (c->all && (c->team != l->cx->access->team_id || c->by_person))
        buf_printf(&b, "&team=%s", c->team ? id_text(l->cx->arena, c->team) : "all");
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].chosen)
            buf_printf(&b, "&who=%s", id_text(l->cx->arena, c->list[i].id));
    l->people = buf_end(&b);
}

static void put_part_url(const struct look *l, struct val *page, const char *name, bool there,
                         size_t from)
{
    val_put_text(
        page, name,
        there ? arena_printf(l->cx->arena, "%s&from=%zu", url_of(l, VIEW_TEAM, l->day), from) : "");
}

/* "12 of 31 people: Anna to Jim", and the ways to the others. */
static void put_part(struct look *l, const struct choice_of_people *c, struct person *const *shown,
                     size_t count, struct val *page)
{
    size_t until = c->from + PEOPLE < count ? c->from + PEOPLE : count;
    bool cut = count > PEOPLE;

    val_put_text(page, "part", "");
    if (cut)
        val_put_printf(page, "part", "%zu of %zu%s people: %s to %s", until - c->from, count,
                       c->count == PEOPLE_MOST ? " or more" : "", shown[c->from]->name,
                       shown[until - 1]->name);
    put_part_url(l, page, "fewer_url", c->from > 0, c->from > PEOPLE ? c->from - PEOPLE : 0);
    put_part_url(l, page, "more_url", until < count, until);
    if (c->from > 0)
        l->people = arena_printf(l->cx->arena, "%s&from=%zu", l->people, c->from);
}

static enum status put_columns_of(struct look *l, struct person *const *shown, size_t count,
                                  struct val *page)
{
    struct val *columns = val_put_list(page, "columns");
    i64 from = zone_instant(l->z, l->day, 0), until = zone_instant(l->z, l->day + 1, 0);

    for (size_t i = 0; i < count; i++) {
        TRY(entries_read(l->cx, shown[i]->id, from, until, &shown[i]->entries, &shown[i]->count));
        fit_hours(l, shown[i]->entries, shown[i]->count);
    }
    for (size_t i = 0; i < count; i++) {
        put_column(l, l->day, shown[i]->id, shown[i]->name, shown[i]->entries, shown[i]->count,
                   columns);
        val_put_printf((struct val *)(uintptr_t)val_at(columns, i), "url",
                       "/calendar?view=team&day=%s&who=%s", date_iso(l->cx->arena, l->day),
                       id_text(l->cx->arena, shown[i]->id));
    }
    return OK;
}

static enum status put_team(struct look *l, struct val *page)
{
    struct choice_of_people c = { 0 };
    i64 from = req_query_i64(l->rq, "from", 0);
    struct person **shown;
    size_t count = 0;

    choose_team(l, &c);
    TRY(read_people(l, &c));
    TRY(put_choices(l, &c, page));
    shown = NEW_N(l->cx->arena, struct person *, c.count + 1);
    for (size_t i = 0; i < c.count; i++)
        if (c.list[i].chosen || !c.by_person)
            shown[count++] = &c.list[i];
    c.from = from > 0 && (size_t)from < count ? (size_t)from : 0;
    keep_people(l, &c);
    put_part(l, &c, shown, count, page);
    TRY(put_columns_of(l, shown + c.from, count - c.from < PEOPLE ? count - c.from : PEOPLE, page));
    put_hours(l, page);
    val_put_list(page, "agenda");
    val_put_bool(page, "is_empty", false);
    return OK;
}

/* ---- a month ---- */
static i64 month_of(i64 day, int by)
{
    int y, m, d, index;

    date_to_ymd(day, &y, &m, &d);
    index = y * 12 + m - 1 + by;
    return date_from_ymd(index / 12, index % 12 + 1, 1);
}

static void put_month_day(const struct look *l, i64 day, i64 month, const struct entry *e,
                          size_t count, struct val *list)
{
    struct val *one = val_add_map(list), *items = val_put_list(one, "items");
    size_t n = 0;

    val_put_text(one, "text", day_text(l, day, "d"));
    val_put_text(one, "label", day_text(l, day, "EEEE d MMMM"));
    val_put_text(one, "url", url_of(l, VIEW_DAY, day));
    val_put_bool(one, "today", day == l->today);
    val_put_bool(one, "outside", month_of(day, 0) != month);
    for (size_t i = 0; i < count; i++)
        if (touches(l, &e[i], day) && n++ < MONTH_SHOWN)
            put_entry(l, &e[i], items);
    val_put_i64(one, "more", n > MONTH_SHOWN ? (i64)n - MONTH_SHOWN : 0);
    val_put_bool(one, "has_more", n > MONTH_SHOWN);
    val_put_i64(one, "count", (i64)n);
    val_put_bool(one, "has_any", n > 0);
}

static enum status put_month(struct look *l, struct val *page)
{
    i64 first = month_of(l->day, 0), next = month_of(l->day, 1);
    i64 day = first - date_weekday(first), until = next + (7 - date_weekday(next)) % 7;
    struct val *weeks = val_put_list(page, "weeks");
    struct entry *e;
    size_t count;

    TRY(entries_read(l->cx, l->cx->access->user_id, zone_instant(l->z, day, 0),
                     zone_instant(l->z, until, 0), &e, &count));
    while (day < until) {
        struct val *days = val_put_list(val_add_map(weeks), "days");
        for (int i = 0; i < 7; i++, day++)
            put_month_day(l, day, first, e, count, days);
    }
    put_agenda(l, first, (int)(next - first), e, count, page);
    val_put_bool(page, "is_empty", count == 0);
    return OK;
}

/* ---- the page ---- */
static void put_ways(const struct look *l, struct val *page)
{
    static const int steps[VIEWS] = { [VIEW_DAY] = 1, [VIEW_WEEK] = 7, [VIEW_TEAM] = 1 };
    bool month = l->view == VIEW_MONTH;
    struct val *list = val_put_list(page, "views");

    val_put_text(page, "today_url", url_of(l, l->view, l->today));
    val_put_text(page, "back_url",
                 url_of(l, l->view, month ? month_of(l->day, -1) : l->day - steps[l->view]));
    val_put_text(page, "next_url",
                 url_of(l, l->view, month ? month_of(l->day, 1) : l->day + steps[l->view]));
    for (int v = 0; v < VIEWS; v++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", views[v].text);
        val_put_text(one, "key", views[v].key);
        val_put_text(one, "url", url_of(l, v, l->day));
        val_put_bool(one, "on", v == (int)l->view);
    }
    val_put_printf(page, "new_url", "/activities/new?kind=meeting&minutes=30&due_at=%sT10:00",
                   date_iso(l->cx->arena, l->day < l->today ? l->today : l->day));
}

static const char *heading(const struct look *l, i64 monday)
{
    if (l->view == VIEW_MONTH)
        return day_text(l, l->day, "MMMM yyyy");
    if (l->view != VIEW_WEEK)
        return day_text(l, l->day, "EEEE d MMMM yyyy");
    return arena_printf(l->cx->arena, "%s to %s", day_text(l, monday, "d MMMM"),
                        day_text(l, monday + 6, "d MMMM yyyy"));
}

/* GET /calendar?view=&day=, of a team also &team=ID|all&who=ID&who=ID&from=12 */
static enum status calendar_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *is = val_put_map(page, "is");
    struct look l = { .rq = rq,
                      .cx = cx,
                      .z = kit_zone(cx),
                      .view = VIEW_WEEK,
                      .people = "",
                      .from = DAY_FROM,
                      .until = DAY_UNTIL };
    i64 day, monday;

    l.today = l.day = zone_day(l.z, ctx_now(cx));
    for (int v = 0; v < VIEWS; v++)
        if (text_is(req_query(rq, "view"), views[v].word))
            l.view = v;
    if (date_parse(str_from(req_query(rq, "day")), &day) && day > 0 && day < 40000)
        l.day = day;
    monday = l.day - date_weekday(l.day);
    if (l.view == VIEW_MONTH)
        TRY(put_month(&l, page));
    else if (l.view == VIEW_TEAM)
        TRY(put_team(&l, page));
    else
        TRY(put_days(&l, l.view == VIEW_WEEK ? monday : l.day, l.view == VIEW_WEEK ? 7 : 1, page));
    for (int v = 0; v < VIEWS; v++)
        val_put_bool(is, views[v].word, v == (int)l.view);
    val_put_bool(page, "has_grid", l.view != VIEW_MONTH);
    val_put_i64(page, "rows", (l.until - l.from) * 4);
    val_put_text(page, "title", heading(&l, monday));
    val_put_text(page, "zone", zone_name(cx->arena, l.z));
    put_ways(&l, page);
    return reply(rq, "calendar/page", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/calendar", calendar_get, NEEDS("activity", VERB_READ) },
};
static const struct menu_item menu[] = {
    { "people", "Calendar", "/calendar", "calendar", "activity", 6 },
};
const struct feature feature_calendar = { .name = "calendar", ROUTES(routes), MENU(menu) };
