/* booking_public.c -- booking pages as strangers meet them: choose a day and a time, say who you
 * are. Everything is a link or a form: scripts only find out the visitor's zone.
 *
 * A post carries when its form was given out, signed: programs that post without having asked, or
 * faster than anybody writes, are turned away with a sentence that a person can act on. */
#include "base/buf.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/brand_look.h"
#include "bridge/identity.h"
#include "io/http_client.h"
#include "kit/seal.h"
#include "kit/zones.h"
#include "mail/token.h"
#include "sales/booking_page.h"

enum {
    POSTS_PER_MINUTE = 10,
    LEAST_MS = 1000,        /* nobody writes a name and an address faster */
    MOST_MS = 24 * MS_HOUR, /* the form's life */
    MONTHS_LOOKED = 3,      /* for the first free day */
    WEEKS = 6,
};

/* Zones that people choose among where their browser does not say. */
static const char *const zones[] = {
    "Pacific/Honolulu",   "America/Anchorage",    "America/Los_Angeles", "America/Denver",
    "America/Phoenix",    "America/Chicago",      "America/Mexico_City", "America/New_York",
    "America/Toronto",    "America/Halifax",      "America/St_Johns",    "America/Sao_Paulo",
    "America/Bogota",     "America/Buenos_Aires", "Atlantic/Azores",     "Europe/London",
    "Europe/Dublin",      "Europe/Lisbon",        "Europe/Paris",        "Europe/Madrid",
    "Europe/Berlin",      "Europe/Rome",          "Europe/Vienna",       "Europe/Zurich",
    "Europe/Prague",      "Europe/Warsaw",        "Europe/Stockholm",    "Europe/Athens",
    "Europe/Helsinki",    "Europe/Kyiv",          "Europe/Istanbul",     "Europe/Moscow",
    "Africa/Lagos",       "Africa/Johannesburg",  "Africa/Cairo",        "Africa/Nairobi",
    "Asia/Jerusalem",     "Asia/Dubai",           "Asia/Karachi",        "Asia/Kolkata",
    "Asia/Dhaka",         "Asia/Bangkok",         "Asia/Singapore",      "Asia/Shanghai",
    "Asia/Hong_Kong",     "Asia/Tokyo",           "Asia/Seoul",          "Australia/Perth",
    "Australia/Adelaide", "Australia/Sydney",     "Pacific/Auckland",    "UTC",
};

const struct zone *booking_zone(struct req *rq, const char *otherwise, const char **name)
{
    const char *asked = rq->form != NULL ? req_form(rq, "tz") : req_query(rq, "tz");
    const struct zone *z = strlen(asked) < 64 ? zone_named(rq->cx, asked) : NULL;

    if (z != NULL) {
        *name = asked;
        return z;
    }
    z = zone_or_own(rq->cx, otherwise);
    *name = zone_name(rq->cx->arena, z);
    return z;
}

enum status booking_reply(struct req *rq, i64 brand_id, const char *template, struct val *page)
{
    TRY(brand_put_page(rq, brand_id, page));
    val_put_bool(page, "embedded", false);
    reply_header(rq, "Cache-Control", "no-store");
    return reply_fragment(rq, template, page);
}

static enum status public_page(struct req *rq, struct row **page)
{
    struct ctx *cx = rq->cx;
    i64 id;

    TRY(db_get_i64(cx, &id, "booking.by_slug",
                   TEXT("slug", utf8_fold(cx->arena, req_param(rq, "slug")))));
    return record_get(cx, &booking_page_type, id, page);
}

/* ---- links: what was chosen so far goes along ---- */
struct chosen {
    const char *path, *tz, *fw;
    int minutes;
};

static const char *link_to(struct ctx *cx, const struct chosen *c, const char *path,
                           const char *more)
{
    struct buf b = buf_in(cx->arena, 4000);

    buf_printf(&b, "%s?minutes=%d&tz=", path, c->minutes);
    http_escape(&b, c->tz);
    if (c->fw[0] != '\0') {
        buf_text(&b, "&fw=");
        http_escape(&b, c->fw);
    }
    buf_text(&b, more);
    return buf_end(&b);
}

static bool visitor_is(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    return len >= 8 && len <= 64 && text[len] == '\0';
}

static int minutes_of(struct req *rq, const struct row *page)
{
    const char *text = rq->form != NULL ? req_form(rq, "minutes") : req_query(rq, "minutes");
    int lengths[BOOKING_LENGTHS];
    size_t n = booking_lengths(row_text(page, BOOKING_MINUTES), lengths);
    i64 asked;

    for (size_t i = 0; i < n && str_i64(str_from(text), &asked); i++)
        if (lengths[i] == asked)
            return lengths[i];
    return n > 0 ? lengths[0] : 30;
}

/* ---- days and times ---- */
struct month {
    i64 first, days; /* local days */
    bool any;
    bool has[31]; /* a free slot */
};

static void look_at(struct ctx *cx, const struct booking_free *f, const struct zone *z, i64 first,
                    struct month *m)
{
    int y, mo, d;
    i64 slots[SLOTS_OF_DAY];

    *m = (struct month){ .first = first };
    date_to_ymd(first, &y, &mo, &d);
    m->days = date_from_ymd(mo == 12 ? y + 1 : y, mo == 12 ? 1 : mo + 1, 1) - first;
    for (i64 i = 0; i < m->days; i++) {
        m->has[i] = booking_slots(cx, f, z, first + i, slots) > 0;
        m->any |= m->has[i];
    }
}

static i64 month_of(i64 day)
{
    int y, m, d;

    date_to_ymd(day, &y, &m, &d);
    return date_from_ymd(y, m, 1);
}

static i64 month_after(i64 first, int by)
{
    int y, m, d, index;

    date_to_ymd(first, &y, &m, &d);
    index = y * 12 + m - 1 + by;
    return date_from_ymd(index / 12, index % 12 + 1, 1);
}

static void put_weeks(struct ctx *cx, const struct chosen *c, const struct month *m, i64 chosen_day,
                      struct val *page)
{
    static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    struct val *weeks = val_put_list(page, "weeks"), *heads = val_put_list(page, "weekdays");
    i64 day = m->first - date_weekday(m->first);

    for (size_t i = 0; i < countof(names); i++)
        val_add_text(heads, names[i]);
    for (int w = 0; w < WEEKS && day < m->first + m->days; w++) {
        struct val *days = val_put_list(val_add_map(weeks), "days");
        for (int i = 0; i < 7; i++, day++) {
            struct val *one = val_add_map(days);
            bool inside = day >= m->first && day < m->first + m->days;
            bool open = inside && m->has[day - m->first];
            val_put_i64(one, "n", inside ? day - m->first + 1 : 0);
            val_put_bool(one, "inside", inside);
            val_put_bool(one, "free", open);
            val_put_bool(one, "on", inside && day == chosen_day);
            val_put_text(one, "label", zone_format(cx->arena, NULL, day * MS_DAY, "EEEE d MMMM"));
            val_put_text(
                one, "url",
                open ? link_to(cx, c, c->path,
                               arena_printf(cx->arena, "&day=%s#times", date_iso(cx->arena, day)))
                     : "");
        }
    }
}

static void put_times(struct ctx *cx, const struct booking_pick *p, const struct chosen *c,
                      const struct booking_free *f, const struct zone *z, i64 day, struct val *page)
{
    struct val *times = val_put_list(page, "times");
    i64 slots[SLOTS_OF_DAY], last = INT64_MIN;
    size_t n = booking_slots(cx, f, z, day, slots);

    val_put_text(page, "day_text", zone_format(cx->arena, NULL, day * MS_DAY, "EEEE d MMMM"));
    for (size_t i = 0; i < n; i++) {
        struct val *one = val_add_map(times);
        bool again = i > 0 && zone_minute(z, slots[i]) <= zone_minute(z, last);
        val_put_printf(one, "text", "%s%s", zone_format(cx->arena, z, slots[i], "HH:mm"),
                       again ? " (second time)" : ""); /* clocks were turned back */
        val_put_text(
            one, "url",
            link_to(cx, c, p->next, arena_printf(cx->arena, "&at=%lld", (long long)slots[i])));
        last = slots[i];
    }
    val_put_bool(page, "has_times", n > 0);
}

static void put_zones(const char *chosen, struct val *page)
{
    struct val *list = val_put_list(page, "zones");
    bool there = false;

    for (size_t i = 0; i < countof(zones); i++)
        there |= text_is(zones[i], chosen);
    for (size_t i = there ? 1 : 0; i <= countof(zones); i++) {
        const char *name = i == 0 ? chosen : zones[i - 1];
        struct val *one = val_add_map(list);
        val_put_text(one, "value", name);
        val_put_bool(one, "selected", text_is(name, chosen));
    }
    val_put_text(page, "zone", chosen);
}

static void put_lengths(struct req *rq, const struct booking_pick *p, struct chosen c,
                        struct val *page)
{
    struct val *list = val_put_list(page, "lengths");
    int lengths[BOOKING_LENGTHS], now = c.minutes;
    size_t n = booking_lengths(row_text(p->page, BOOKING_MINUTES), lengths);

    val_put_bool(page, "has_lengths", n > 1 && p->minutes == 0);
    for (size_t i = 0; i < n && n > 1 && p->minutes == 0; i++) {
        struct val *one = val_add_map(list);
        c.minutes = lengths[i];
        val_put_printf(one, "text", "%d minutes", lengths[i]);
        val_put_text(one, "url", link_to(rq->cx, &c, c.path, ""));
        val_put_bool(one, "on", lengths[i] == now);
    }
}

/* The month that is shown: the one asked for; else the first, from now on, with a free day. */
static enum status find_month(struct req *rq, const struct booking_pick *p, const struct zone *z,
                              int minutes, i64 asked, struct booking_free **f, struct month *m)
{
    struct ctx *cx = rq->cx;
    i64 first = asked != TIME_NONE ? month_of(asked) : month_of(zone_day(z, ctx_now(cx)));

    for (int i = 0; i < MONTHS_LOOKED; i++) {
        TRY(booking_free_read(cx, p->page, minutes, zone_instant(z, first, 0),
                              zone_instant(z, month_after(first, 1), 0), p->except, p->host, f));
        look_at(cx, *f, z, first, m);
        if (m->any || asked != TIME_NONE)
            return OK;
        first = month_after(first, 1);
    }
    return OK;
}

enum status booking_put_pick(struct req *rq, const struct booking_pick *p, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct chosen c = { .path = p->path,
                        .fw = visitor_is(req_query(rq, "fw")) ? req_query(rq, "fw") : "",
                        .minutes = p->minutes ? p->minutes : minutes_of(rq, p->page) };
    const struct zone *z = booking_zone(rq, row_text(p->page, BOOKING_ZONE), &c.tz);
    i64 today = zone_day(z, ctx_now(cx)), asked = TIME_NONE, day = TIME_NONE;
    i64 last = zone_day(z, ctx_now(cx) + row_i64(p->page, BOOKING_AHEAD) * MS_DAY);
    struct booking_free *f;
    struct month m;

    if (date_parse(str_from(req_query(rq, "day")), &asked) && asked >= today && asked <= last)
        day = asked;
    else if (!date_parse(str_from(req_query(rq, "month")), &asked) || asked < month_of(today) ||
             asked > last)
        asked = TIME_NONE;
    TRY(find_month(rq, p, z, c.minutes, day != TIME_NONE ? day : asked, &f, &m));
    for (i64 i = 0; i < m.days && day == TIME_NONE; i++)
        if (m.has[i])
            day = m.first + i;
    val_put_text(page, "month_text", zone_format(cx->arena, NULL, m.first * MS_DAY, "MMMM yyyy"));
    val_put_text(page, "back_url",
                 m.first > month_of(today)
                     ? link_to(cx, &c, c.path,
                               arena_printf(cx->arena, "&month=%s",
                                            date_iso(cx->arena, month_after(m.first, -1))))
                     : "");
    val_put_text(page, "next_url",
                 month_after(m.first, 1) <= last
                     ? link_to(cx, &c, c.path,
                               arena_printf(cx->arena, "&month=%s",
                                            date_iso(cx->arena, month_after(m.first, 1))))
                     : "");
    put_weeks(cx, &c, &m, day, page);
    val_put_bool(page, "has_day", day != TIME_NONE);
    if (day != TIME_NONE)
        put_times(cx, p, &c, f, z, day, page);
    put_zones(c.tz, page);
    put_lengths(rq, p, c, page);
    val_put_text(page, "path", p->path);
    val_put_i64(page, "minutes", c.minutes);
    val_put_text(page, "fw", c.fw);
    val_put_text(page, "chosen_day", day != TIME_NONE ? date_iso(cx->arena, day) : "");
    return OK;
}

static enum status pick(struct req *rq, const struct row *booking, const char *notice)
{
    struct ctx *cx = rq->cx;
    const char *path = arena_printf(cx->arena, "/book/%s", row_text(booking, BOOKING_SLUG));
    struct val *page = val_map(cx->arena);
    struct booking_pick p = { .page = booking,
                              .path = path,
                              .next = arena_printf(cx->arena, "%s/details", path) };

    TRY(booking_put_pick(rq, &p, page));
    val_put_text(page, "title", row_text(booking, BOOKING_TITLE));
    val_put_text(page, "intro", row_text(booking, BOOKING_TEXT));
    val_put_text(page, "place", row_text(booking, BOOKING_PLACE));
    val_put_text(page, "notice", notice);
    return booking_reply(rq, row_i64(booking, BOOKING_BRAND), "booking/pick", page);
}

/* GET /book/:slug?minutes=&tz=&month=&day= */
static enum status book_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *booking;

    TRY(public_page(rq, &booking));
    return pick(rq, booking, "");
}

/* ---- who you are ---- */
static const char *ticket(struct ctx *cx, const struct row *booking, i64 at_ms)
{
    const char *text =
        arena_printf(cx->arena, "%s|%lld", row_text(booking, BOOKING_SLUG), (long long)at_ms);

    return arena_printf(cx->arena, "%lld.%s", (long long)at_ms, seal_proof(cx, "book", text));
}

static enum status check_ticket(struct req *rq, const struct row *booking)
{
    struct ctx *cx = rq->cx;
    const char *given = req_form(rq, "ticket");
    struct str rest = str_from(given), first;
    i64 at = 0;

    if (req_form(rq, "website_url")[0] != '\0')
        return ctx_fail_field(cx, "", "booking.program",
                              "A field that nobody sees was filled in. Please send it again.");
    if (!str_split(&rest, '.', &first) || !str_i64(first, &at) ||
        !text_is(given, ticket(cx, booking, at)) || ctx_now(cx) - at > MOST_MS)
        return ctx_fail_field(cx, "", "booking.stale",
                              "This page was open for too long. Please send it again.");
    if (ctx_now(cx) - at < LEAST_MS)
        return ctx_fail_field(cx, "", "booking.fast", "That was quick. Please send it again.");
    return OK;
}

static const char *error_of(struct ctx *cx, const char *name)
{
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, name))
            return e->message;
    return "";
}

static void put_line(struct req *rq, struct val *list, const char *name, const char *label,
                     const char *type, const char *autocomplete, bool required)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "name", name);
    val_put_text(one, "label", label);
    val_put_text(one, "type", type);
    val_put_text(one, "autocomplete", autocomplete);
    val_put_bool(one, "required", required);
    val_put_bool(one, "long", text_is(type, "long"));
    val_put_text(one, "value", rq->form != NULL ? req_form(rq, name) : "");
    val_put_text(one, "error", error_of(rq->cx, name));
}

static bool read_at(struct req *rq, i64 *at)
{
    const char *text = rq->form != NULL ? req_form(rq, "at") : req_query(rq, "at");

    return str_i64(str_from(text), at) && *at > 0 && *at < INT64_C(4102444800000);
}

static enum status details(struct req *rq, const struct row *booking, i64 at)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "fields");
    struct booking_question asked[BOOKING_QUESTIONS_MOST];
    size_t n = booking_questions(cx, booking, asked);
    int minutes = minutes_of(rq, booking);
    const char *tz, *fw = rq->form != NULL ? req_form(rq, "fw_id") : req_query(rq, "fw");
    const struct zone *z = booking_zone(rq, row_text(booking, BOOKING_ZONE), &tz);
    struct chosen c = { .path =
                            arena_printf(cx->arena, "/book/%s", row_text(booking, BOOKING_SLUG)),
                        .tz = tz,
                        .fw = visitor_is(fw) ? fw : "",
                        .minutes = minutes };

    put_line(rq, list, "name", "Your name", "text", "name", true);
    put_line(rq, list, "email", "Email", "email", "email", true);
    for (size_t i = 0; i < n; i++)
        put_line(rq, list, arena_printf(cx->arena, "q%zu", i), asked[i].text, "long", "off",
                 asked[i].required);
    val_put_text(page, "title", row_text(booking, BOOKING_TITLE));
    val_put_text(page, "when", zone_format(cx->arena, z, at, "EEEE d MMMM yyyy, HH:mm"));
    val_put_text(page, "zone", tz);
    val_put_text(page, "place", row_text(booking, BOOKING_PLACE));
    val_put_i64(page, "minutes", minutes);
    val_put_printf(page, "at", "%lld", (long long)at);
    val_put_text(page, "action", c.path);
    val_put_text(page, "ticket", ticket(cx, booking, ctx_now(cx)));
    val_put_text(page, "fw", c.fw);
    val_put_text(
        page, "other_url",
        link_to(cx, &c, c.path,
                arena_printf(cx->arena, "&day=%s#times", date_iso(cx->arena, zone_day(z, at)))));
    val_put_text(page, "error", error_of(cx, ""));
    val_put_bool(page, "has_errors", cx->field_errors != NULL);
    ctx_clear_error(cx);
    return booking_reply(rq, row_i64(booking, BOOKING_BRAND), "booking/details", page);
}

/* GET /book/:slug/details?at=&minutes=&tz= */
static enum status details_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *booking;
    i64 at;

    TRY(public_page(rq, &booking));
    if (!read_at(rq, &at))
        return pick(rq, booking, "Please choose a time.");
    return details(rq, booking, at);
}

static bool mail_is(const char *text)
{
    const char *at = strchr(text, '@');

    return at != NULL && at != text && strchr(at + 1, '@') == NULL && strchr(at + 1, '.') != NULL &&
           strlen(text) <= 254 && strpbrk(text, " <>()[],;:\\\"\t\r\n") == NULL;
}

/* What was answered, with an error beside each field that is wrong. */
static enum status read_wish(struct req *rq, const struct row *booking, struct booking_wish *w)
{
    struct ctx *cx = rq->cx;
    struct booking_question asked[BOOKING_QUESTIONS_MOST];
    size_t n = booking_questions(cx, booking, asked);
    const char *fw = req_form(rq, "fw_id");

    w->page = booking;
    w->minutes = minutes_of(rq, booking);
    w->name = str_dup(cx->arena, str_trim(str_from(req_form(rq, "name"))));
    w->email = str_dup(cx->arena, str_trim(str_from(req_form(rq, "email"))));
    booking_zone(rq, row_text(booking, BOOKING_ZONE), &w->zone);
    w->visitor = visitor_is(fw) ? visitor_of_id(fw) : 0;
    TRY(check_ticket(rq, booking));
    if (w->name[0] == '\0' || strlen(w->name) > 160)
        ctx_fail_field(cx, "name", "required", "Please enter your name.");
    if (!mail_is(w->email))
        ctx_fail_field(cx, "email", "email.invalid",
                       "Please enter an address at which you can be reached, like "
                       "anna@example.com.");
    for (size_t i = 0; i < n; i++) {
        const char *name = arena_printf(cx->arena, "q%zu", i);
        w->answers[i] = str_dup(cx->arena, str_trim(str_from(req_form(rq, name))));
        if (asked[i].required && w->answers[i][0] == '\0')
            ctx_fail_field(cx, name, "required", "Please answer this.");
    }
    return cx->field_errors != NULL ? E_INVALID : OK;
}

/* POST /book/:slug */
static enum status book_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct booking_wish w = { 0 };
    struct row *booking;
    enum status s;
    i64 guest;

    TRY(public_page(rq, &booking));
    if (web_rate_limited(rq->web, "book", rq->address, POSTS_PER_MINUTE))
        return ctx_fail(cx, E_RATE, "Many bookings came from your network. Wait a minute.");
    if (!read_at(rq, &w.at_ms))
        return pick(rq, booking, "Please choose a time.");
    s = read_wish(rq, booking, &w);
    if (s == OK)
        s = booking_take(cx, &w, &guest);
    if (s == E_INVALID && !rq->wants_json) {
        reply_status(rq, 422);
        return details(rq, booking, w.at_ms);
    }
    if (s == E_CONFLICT && text_is(cx->error_code, "booking.taken") && !rq->wants_json) {
        const char *why = cx->error_text;
        ctx_clear_error(cx);
        reply_status(rq, 409);
        return pick(rq, booking, why);
    }
    if (s == E_CONFLICT && !text_is(cx->error_code, "booking.taken"))
        return E_RETRY; /* the same person came in another way at this moment */
    TRY(s);
    return reply_redirect(rq, arena_printf(cx->arena, "/meet/%s?new=1",
                                           token_write(cx, TOKEN_MEETING, &guest, 1, "")));
}

static const struct route routes[] = {
    { HTTP_GET, "/book/:slug", book_get, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/book/:slug/details", details_get, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/book/:slug", book_post, .flags = ROUTE_PUBLIC,
      .summary = "Books a time on a booking page" },
};
const struct feature feature_booking_public = { .name = "booking_public", ROUTES(routes) };
