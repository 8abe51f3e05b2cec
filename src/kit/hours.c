/* hours.c -- working hours by walking local days: a promise spans days, rarely weeks, so no table
 * of the year is needed. */
#include "kit/hours.h"
#include "base/json.h"

enum { DAYS_AHEAD_MAX = 400, SPANS_MAX = HOURS_SPANS };

struct span {
    int from, to; /* minutes of the local day, half open */
};
struct hours {
    struct span spans[7][SPANS_MAX];
    int count[7];
    const struct val *holidays;
    bool always;       /* no hours are set: every minute is a working one */
    const char *field; /* whose errors are told: of the setting, or of a record */
};
#define SETTING "workspace.hours"
static const char *const day_names[7] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static bool minute_parse(struct str s, int *minute)
{
    struct str hours, rest = s;
    i64 h, m;

    if (!str_split(&rest, ':', &hours) || !str_i64(hours, &h) || !str_i64(rest, &m))
        return false;
    if (h < 0 || h > 24 || m < 0 || m > 59 || h * 60 + m > 24 * 60)
        return false;
    *minute = (int)(h * 60 + m);
    return true;
}

static bool span_parse(const char *text, struct span *out)
{
    struct str from, rest = str_from(text);

    return str_split(&rest, '-', &from) && minute_parse(str_trim(from), &out->from) &&
           minute_parse(str_trim(rest), &out->to) && out->from < out->to;
}

static enum status read_day(struct ctx *cx, const char *name, const struct val *list, int day,
                            struct hours *w)
{
    if (val_kind_of(list) != VAL_LIST || val_count(list) > SPANS_MAX)
        return ctx_fail_field(cx, w->field, "hours.day",
                              "%s must be a list of at most %d spans, such as [\"09:00-17:00\"].",
                              name, SPANS_MAX);
    for (size_t i = 0; i < val_count(list); i++) {
        const char *text = val_as_text(val_at(list, i), "");
        if (!span_parse(text, &w->spans[day][w->count[day]]))
            return ctx_fail_field(cx, w->field, "hours.span",
                                  "'%s' on %s is no span of time; write \"09:00-17:00\".", text,
                                  name);
        w->count[day]++;
    }
    return OK;
}

static enum status read_holidays(struct ctx *cx, const struct val *list, struct hours *w)
{
    i64 day;

    for (size_t i = 0; i < val_count(list); i++)
        if (!date_parse(str_from(val_as_text(val_at(list, i), "")), &day))
            return ctx_fail_field(cx, w->field, "hours.holiday",
                                  "'%s' is no holiday's date; write \"2026-12-25\".",
                                  val_print(cx->arena, val_at(list, i)));
    w->holidays = list;
    return OK;
}

static int day_of(const char *name)
{
    for (int day = 0; day < 7; day++)
        if (text_is(name, day_names[day]))
            return day;
    return -1;
}

static enum status week_read(struct ctx *cx, const char *field, const char *json, struct hours *w)
{
    struct json_error err = { 0, "it is no object" };
    struct val *doc = NULL;
    int total = 0;

    *w = (struct hours){ .always = true, .field = field };
    if (text_empty(json))
        return OK;
    if (json_read(cx->arena, str_from(json), &doc, &err) != OK || val_kind_of(doc) != VAL_MAP)
        return ctx_fail_field(cx, w->field, "hours.json",
                              "Working hours are not a JSON object (character %zu: %s).",
                              err.offset, err.message);
    for (size_t i = 0; i < val_count(doc); i++) {
        const char *name = val_key_at(doc, i);
        int day = day_of(name);
        if (day >= 0)
            TRY(read_day(cx, name, val_value_at(doc, i), day, w));
        else if (text_is(name, "holidays"))
            TRY(read_holidays(cx, val_value_at(doc, i), w));
        else
            return ctx_fail_field(cx, w->field, "hours.word",
                                  "'%s' is no day; write mon, tue, wed, thu, fri, sat, sun or "
                                  "holidays.",
                                  name);
        total += day >= 0 ? w->count[day] : 0;
    }
    w->always = total == 0;
    return OK;
}

static void week_of(struct ctx *cx, struct hours *w)
{
    /* A setting that was stored has been checked; should it be broken all the same, every minute
     * counts. */
    if (week_read(cx, SETTING, setting_text(cx, SETTING), w) != OK) {
        ctx_clear_error(cx);
        *w = (struct hours){ .always = true };
    }
}

static bool is_holiday(struct ctx *cx, const struct hours *w, i64 day)
{
    const char *iso = date_iso(cx->arena, day);

    for (size_t i = 0; i < val_count(w->holidays); i++)
        if (text_is(val_as_text(val_at(w->holidays, i), ""), iso))
            return true;
    return false;
}

i64 hours_add(struct ctx *cx, i64 from_ms, i64 minutes)
{
    const struct zone *z = kit_zone(cx);
    i64 day = zone_day(z, from_ms), left = minutes * MS_MINUTE;
    struct hours w;

    week_of(cx, &w);
    if (w.always)
        return from_ms + left;
    for (int ahead = 0; ahead < DAYS_AHEAD_MAX; ahead++, day++) {
        int weekday = date_weekday(day);
        if (is_holiday(cx, &w, day))
            continue;
        for (int i = 0; i < w.count[weekday]; i++) {
            i64 begin = zone_instant(z, day, w.spans[weekday][i].from);
            i64 end = zone_instant(z, day, w.spans[weekday][i].to);
            if (begin < from_ms)
                begin = from_ms;
            if (begin >= end)
                continue;
            if (left <= end - begin)
                return begin + left;
            left -= end - begin;
        }
    }
    /* hours so rare that the promise would lie beyond a year */
    return from_ms + minutes * MS_MINUTE;
}

i64 hours_ms_between(struct ctx *cx, i64 from_ms, i64 to_ms)
{
    const struct zone *z = kit_zone(cx);
    struct hours w;
    i64 sum = 0;

    if (to_ms < from_ms)
        return -hours_ms_between(cx, to_ms, from_ms);
    week_of(cx, &w);
    if (w.always)
        return to_ms - from_ms;
    for (i64 day = zone_day(z, from_ms), last = zone_day(z, to_ms); day <= last; day++) {
        int weekday = date_weekday(day);
        if (is_holiday(cx, &w, day))
            continue;
        for (int i = 0; i < w.count[weekday]; i++) {
            i64 begin = zone_instant(z, day, w.spans[weekday][i].from);
            i64 end = zone_instant(z, day, w.spans[weekday][i].to);
            begin = begin < from_ms ? from_ms : begin;
            end = end > to_ms ? to_ms : end;
            if (begin < end)
                sum += end - begin;
        }
    }
    return sum;
}

i64 hours_between(struct ctx *cx, i64 from_ms, i64 to_ms)
{
    return hours_ms_between(cx, from_ms, to_ms) / MS_MINUTE;
}

enum status hours_check(struct ctx *cx, const char *json)
{
    struct hours w;

    return week_read(cx, SETTING, json, &w);
}

enum status hours_read(struct ctx *cx, const char *field, const char *json, struct hours **out)
{
    struct hours *w = NEW(cx->arena, struct hours);

    TRY(week_read(cx, field, json, w));
    *out = w;
    return OK;
}

struct hours *hours_of_workspace(struct ctx *cx)
{
    struct hours *w = NEW(cx->arena, struct hours);

    week_of(cx, w);
    return w;
}

bool hours_is_holiday(struct ctx *cx, const struct hours *h, i64 day)
{
    return is_holiday(cx, h, day);
}

size_t hours_of_day(struct ctx *cx, const struct hours *h, const struct zone *z, i64 day,
                    struct hours_span out[HOURS_SPANS])
{
    int weekday = date_weekday(day);
    size_t n = 0;

    if (is_holiday(cx, h, day))
        return 0;
    if (h->always) {
        out[0] = (struct hours_span){ zone_instant(z, day, 0), zone_instant(z, day + 1, 0) };
        return 1;
    }
    for (int i = 0; i < h->count[weekday]; i++) {
        i64 from = zone_instant(z, day, h->spans[weekday][i].from),
            until = zone_instant(z, day, h->spans[weekday][i].to);
        if (from < until) /* what a change of clocks skips whole is no part of the day */
            out[n++] = (struct hours_span){ from, until };
    }
    return n;
}

i64 hours_go_on(struct ctx *cx, i64 from_ms)
{
    const struct hours *w = hours_of_workspace(cx);
    const struct zone *z = kit_zone(cx);
    struct hours_span spans[HOURS_SPANS];
    i64 first = zone_day(z, from_ms);

    for (i64 day = first; day < first + DAYS_AHEAD_MAX; day++)
        for (size_t i = 0, n = hours_of_day(cx, w, z, day, spans); i < n; i++)
            if (spans[i].until_ms > from_ms)
                return spans[i].from_ms > from_ms ? spans[i].from_ms : from_ms;
    return TIME_NONE;
}

const char *hours_ahead(struct ctx *cx, i64 from_ms, int days)
{
    const struct hours *w = hours_of_workspace(cx);
    const struct zone *z = kit_zone(cx);
    struct hours_span spans[HOURS_SPANS];
    struct buf b = buf_in(cx->arena, 64 * 1024);
    i64 first = zone_day(z, from_ms);

    for (i64 day = first; day < first + days; day++)
        for (size_t i = 0, n = hours_of_day(cx, w, z, day, spans); i < n; i++) {
            i64 from = spans[i].from_ms > from_ms ? spans[i].from_ms - from_ms : 0;
            if (spans[i].until_ms > from_ms)
                buf_printf(&b, "%s%lld-%lld", b.len ? " " : "", (long long)from,
                           (long long)(spans[i].until_ms - from_ms));
        }
    return buf_end(&b);
}
