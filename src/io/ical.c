/* ical.c -- reads calendars: libical parses them and walks rules; times, exceptions and limits are
 * here. See ical.h. */
#include "io/ical.h"
#include "base/utf8.h"
#include <libical/ical.h>
#include <pthread.h>
#include <stdlib.h>

enum { ZONES_MAX = 200, OBSERVANCES_MAX = 400, EXCEPTIONS_MAX = 5000, BIG_RULE = 24 };

struct place { /* what a TZID stands for */
    const char *name;
    struct zone *zone; /* ICU's; NULL: */
    icaltimezone *own; /* the calendar's own; NULL too: floating */
};
struct source;
struct reader {
    struct ctx *cx;
    const struct ical_window *w;
    struct ical *out;
    icalcomponent *calendar;
    struct place places[ZONES_MAX];
    size_t place_count;
    u64 until_ns; /* rules may take so long */
    size_t instance_cap;
    const struct source **exceptions; /* instances that stand for themselves */
    size_t exception_count;
};
/* One that recurs, or is an instance of one that does. */
struct source {
    struct ical_event *event;
    icalcomponent *c;
    const struct place *place; /* of its start */
    i64 recurrence;            /* of which instance it is: an instant; TIME_NONE: of none */
    i64 length_ms;             /* exact; all-day: in days */
    int nominal_days;          /* of a DURATION in days, -1: none */
};

/* ---- zones ---- */
static void close_zone(void *z) { zone_close(z); }

/* Rules that come more often than yearly are none of clocks, and could be walked for ever. */
static bool zone_is_sane(icalcomponent *vtimezone)
{
    int observances = 0;

    for (icalcomponent *c = icalcomponent_get_first_component(vtimezone, ICAL_ANY_COMPONENT);
         c != NULL; c = icalcomponent_get_next_component(vtimezone, ICAL_ANY_COMPONENT)) {
        icalproperty *p = icalcomponent_get_first_property(c, ICAL_RRULE_PROPERTY);
        if (++observances > OBSERVANCES_MAX)
            return false;
        for (; p != NULL; p = icalcomponent_get_next_property(c, ICAL_RRULE_PROPERTY)) {
            struct icalrecurrencetype rule = icalproperty_get_rrule(p);
            if (rule.freq != ICAL_YEARLY_RECURRENCE || rule.rscale != NULL ||
                rule.by_set_pos[0] != ICAL_RECURRENCE_ARRAY_MAX ||
                rule.by_hour[0] != ICAL_RECURRENCE_ARRAY_MAX ||
                rule.by_minute[0] != ICAL_RECURRENCE_ARRAY_MAX ||
                rule.by_second[0] != ICAL_RECURRENCE_ARRAY_MAX)
                return false;
        }
    }
    return observances > 0;
}

/* "/citadel.org/20070227_1/Europe/Berlin" means what stands behind the paths. */
static struct zone *open_zone(struct arena *a, const char *name)
{
    const char *windows = zone_of_windows(a, name);
    struct zone *z = windows ? zone_open(windows) : NULL;

    for (const char *p = name; z == NULL && p != NULL && *p != '\0';) {
        z = zone_open(p);
        p = strchr(p, '/');
        p = p ? p + 1 : NULL;
        if (p != NULL && strchr(p, '/') == NULL && p != name + 1)
            break; /* a city alone is no zone; "/UTC" is */
    }
    return z;
}

static icaltimezone *own_zone(struct reader *r, const char *name)
{
    for (icalcomponent *c =
             icalcomponent_get_first_component(r->calendar, ICAL_VTIMEZONE_COMPONENT);
         c != NULL; c = icalcomponent_get_next_component(r->calendar, ICAL_VTIMEZONE_COMPONENT)) {
        icalproperty *p = icalcomponent_get_first_property(c, ICAL_TZID_PROPERTY);
        const char *tzid = p ? icalproperty_get_tzid(p) : NULL;
        if (tzid != NULL && text_is(tzid, name))
            return zone_is_sane(c) ? icalcomponent_get_timezone(r->calendar, name) : NULL;
    }
    return NULL;
}

static const struct place *place_named(struct reader *r, const char *name)
{
    static const struct place floating = { .name = "" };
    struct place *p;

    if (name == NULL || name[0] == '\0')
        return &floating;
    for (size_t i = 0; i < r->place_count; i++)
        if (text_is(r->places[i].name, name))
            return &r->places[i];
    if (r->place_count == ZONES_MAX)
        return &floating;
    p = &r->places[r->place_count++];
    *p = (struct place){ .name = arena_text(r->cx->arena, name),
                         .zone = open_zone(r->cx->arena, name) };
    if (p->zone != NULL)
        arena_defer(r->cx->arena, close_zone, p->zone);
    else
        p->own = own_zone(r, name);
    return p;
}

static const struct place *place_of(struct reader *r, icalproperty *p)
{
    icalparameter *tzid = icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);

    return place_named(r, tzid ? icalparameter_get_tzid(tzid) : NULL);
}

/* ---- times ---- */
static bool is_time(struct icaltimetype t)
{
    return !icaltime_is_null_time(t) && t.year >= 1900 && t.year <= 2200 && t.month >= 1 &&
           t.month <= 12 && t.day >= 1 && t.day <= 31 && t.hour >= 0 && t.hour <= 24 &&
           t.minute >= 0 && t.minute <= 60 && t.second >= 0 && t.second <= 61;
}

static i64 day_of(struct icaltimetype t) { return date_from_ymd(t.year, t.month, t.day); }

static i64 instant_of(const struct reader *r, struct icaltimetype t, const struct place *p)
{
    i64 day = day_of(t);
    int minute = t.is_date ? 0 : t.hour * 60 + t.minute;
    i64 seconds = t.is_date ? 0 : t.second * (i64)MS_SECOND;

    if (!t.is_date && t.zone != NULL && icaltime_is_utc(t))
        return day * MS_DAY + minute * (i64)MS_MINUTE + seconds;
    if (!t.is_date && p->own != NULL) {
        int dst = 0;
        t.zone = NULL;
        return day * MS_DAY + minute * (i64)MS_MINUTE + seconds -
               icaltimezone_get_utc_offset(p->own, &t, &dst) * (i64)MS_SECOND;
    }
    return zone_instant(!t.is_date && p->zone != NULL ? p->zone : r->w->zone, day, minute) +
           seconds;
}

/* An instant as local time of a place, for rules whose end is told in UTC. */
static struct icaltimetype local_of(const struct reader *r, i64 ms, const struct place *p)
{
    struct icaltimetype t = icaltime_null_time();
    i64 offset;
    int year, month, day;

    if (p->own != NULL) {
        struct icaltimetype u = icaltime_from_timet_with_zone((time_t)(ms / MS_SECOND), 0, NULL);
        int dst = 0;
        offset = icaltimezone_get_utc_offset_of_utc_time(p->own, &u, &dst) * (i64)MS_SECOND;
    } else {
        offset = zone_offset_ms(p->zone != NULL ? p->zone : r->w->zone, ms);
    }
    i64 local = ms + offset, of_day = ((local % MS_DAY) + MS_DAY) % MS_DAY;
    date_to_ymd((local - of_day) / MS_DAY, &year, &month, &day);
    t.year = year;
    t.month = month;
    t.day = day;
    t.hour = (int)(of_day / MS_HOUR);
    t.minute = (int)(of_day / MS_MINUTE % 60);
    t.second = (int)(of_day / MS_SECOND % 60);
    return t;
}

/* ---- texts and people ---- */
static const char *text_of(struct reader *r, icalcomponent *c, icalproperty_kind kind)
{
    icalproperty *p = icalcomponent_get_first_property(c, kind);
    const char *text = p ? icalproperty_get_value_as_string(p) : NULL;
    icalvalue *v = p ? icalproperty_get_value(p) : NULL;

    if (v != NULL && icalvalue_isa(v) == ICAL_TEXT_VALUE)
        text = icalvalue_get_text(v);
    if (text == NULL || !utf8_valid(str_from(text)))
        return "";
    return utf8_cut(r->cx->arena, text, ICAL_TEXT_BYTES);
}

static const char *param_text(struct reader *r, icalproperty *p, icalparameter_kind kind)
{
    icalparameter *param = icalproperty_get_first_parameter(p, kind);
    const char *text = NULL;

    if (param != NULL)
        text = kind == ICAL_CN_PARAMETER ? icalparameter_get_cn(param) : NULL;
    if (text == NULL || !utf8_valid(str_from(text)))
        return "";
    return utf8_cut(r->cx->arena, text, 200);
}

static const char *mail_of(struct reader *r, const char *address)
{
    if (address == NULL || strncasecmp(address, "mailto:", 7) != 0 ||
        !utf8_valid(str_from(address)))
        return "";
    return text_lower_ascii(r->cx->arena, utf8_cut(r->cx->arena, address + 7, 254));
}

static enum ical_answer answer_of(icalproperty *p)
{
    icalparameter *param = icalproperty_get_first_parameter(p, ICAL_PARTSTAT_PARAMETER);

    switch (param ? icalparameter_get_partstat(param) : ICAL_PARTSTAT_NEEDSACTION) {
    case ICAL_PARTSTAT_ACCEPTED:
        return ICAL_ACCEPTED;
    case ICAL_PARTSTAT_DECLINED:
        return ICAL_DECLINED;
    case ICAL_PARTSTAT_TENTATIVE:
        return ICAL_TENTATIVE;
    default:
        return ICAL_NEEDS_ACTION;
    }
}

static void read_people(struct reader *r, icalcomponent *c, struct ical_event *e)
{
    icalproperty *p = icalcomponent_get_first_property(c, ICAL_ORGANIZER_PROPERTY);
    int count = icalcomponent_count_properties(c, ICAL_ATTENDEE_PROPERTY);

    e->organizer = (struct ical_person){ .name = "", .mail = "" };
    if (p != NULL)
        e->organizer = (struct ical_person){ .name = param_text(r, p, ICAL_CN_PARAMETER),
                                             .mail = mail_of(r, icalproperty_get_organizer(p)) };
    if (count <= 0)
        return;
    count = count > ICAL_PEOPLE ? ICAL_PEOPLE : count;
    e->people = NEW_N(r->cx->arena, struct ical_person, (size_t)count);
    for (p = icalcomponent_get_first_property(c, ICAL_ATTENDEE_PROPERTY);
         p != NULL && e->people_count < (size_t)count;
         p = icalcomponent_get_next_property(c, ICAL_ATTENDEE_PROPERTY)) {
        icalparameter *role = icalproperty_get_first_parameter(p, ICAL_ROLE_PARAMETER);
        e->people[e->people_count++] = (struct ical_person){
            .name = param_text(r, p, ICAL_CN_PARAMETER),
            .mail = mail_of(r, icalproperty_get_attendee(p)),
            .answer = answer_of(p),
            .optional = role && icalparameter_get_role(role) == ICAL_ROLE_OPTPARTICIPANT,
        };
    }
}

/* ---- events ---- */
static void read_state(struct reader *r, icalcomponent *c, struct ical_event *e)
{
    const char *class = text_of(r, c, ICAL_CLASS_PROPERTY);
    icalproperty *p = icalcomponent_get_first_property(c, ICAL_STATUS_PROPERTY);
    enum icalproperty_status status = p ? icalproperty_get_status(p) : ICAL_STATUS_NONE;

    e->cancelled = status == ICAL_STATUS_CANCELLED;
    e->tentative = status == ICAL_STATUS_TENTATIVE;
    p = icalcomponent_get_first_property(c, ICAL_TRANSP_PROPERTY);
    e->free = p && icalproperty_get_transp(p) != ICAL_TRANSP_OPAQUE &&
              icalproperty_get_transp(p) != ICAL_TRANSP_OPAQUENOCONFLICT;
    e->secret = class[0] != '\0' && strcasecmp(class, "PUBLIC") != 0;
    p = icalcomponent_get_first_property(c, ICAL_SEQUENCE_PROPERTY);
    e->sequence = p ? icalproperty_get_sequence(p) : 0;
    p = icalcomponent_get_first_property(c, ICAL_DTSTAMP_PROPERTY);
    if (p != NULL && is_time(icalproperty_get_dtstamp(p)))
        e->stamp_ms = instant_of(r, icalproperty_get_dtstamp(p), place_named(r, NULL));
}

/* How long it takes: by its end, exactly; by its duration, whose days are days; else a day, or
 * nothing (RFC 5545 3.6.1). */
static void read_length(struct reader *r, struct source *s, struct icaltimetype start)
{
    icalproperty *p = icalcomponent_get_first_property(s->c, ICAL_DTEND_PROPERTY);
    i64 begin = instant_of(r, start, s->place);

    s->nominal_days = -1;
    s->length_ms = s->event->all_day ? 1 : 0;
    if (p != NULL) {
        struct icaltimetype end = icalproperty_get_dtend(p);
        if (!is_time(end))
            return;
        if (s->event->all_day)
            s->length_ms = day_of(end) - day_of(start);
        else
            s->length_ms = instant_of(r, end, place_of(r, p)) - begin;
    } else if ((p = icalcomponent_get_first_property(s->c, ICAL_DURATION_PROPERTY)) != NULL) {
        struct icaldurationtype d = icalproperty_get_duration(p);
        i64 days = (i64)d.weeks * 7 + d.days;
        if (d.is_neg || days > 3660)
            return;
        if (s->event->all_day) {
            s->length_ms = days > 0 ? days : 1;
            return;
        }
        s->nominal_days = (int)days;
        s->length_ms = ((i64)d.hours * 3600 + (i64)d.minutes * 60 + (i64)d.seconds) * MS_SECOND;
    }
    if (s->length_ms < 0 || s->length_ms > 3660 * (i64)MS_DAY)
        s->length_ms = s->event->all_day ? 1 : 0;
    if (s->event->all_day && s->length_ms == 0)
        s->length_ms = 1; /* an end on the same day: some programs write it so */
}

/* From when till when an instance is that begins at this local time. */
static void span_of(const struct reader *r, const struct source *s, struct icaltimetype t,
                    i64 *from, i64 *until)
{
    *from = instant_of(r, t, s->place);
    if (s->event->all_day) {
        *until = zone_instant(r->w->zone, day_of(t) + s->length_ms, 0);
    } else if (s->nominal_days > 0) {
        icaltime_adjust(&t, s->nominal_days, 0, 0, 0);
        *until = instant_of(r, t, s->place) + s->length_ms;
    } else {
        *until = *from + s->length_ms;
    }
}

static bool read_event(struct reader *r, icalcomponent *c, struct source *s)
{
    icalproperty *p = icalcomponent_get_first_property(c, ICAL_DTSTART_PROPERTY);
    struct ical_event *e = &r->out->events[r->out->event_count];
    struct icaltimetype start = p ? icalproperty_get_dtstart(p) : icaltime_null_time();

    *e = (struct ical_event){ .uid = text_of(r, c, ICAL_UID_PROPERTY),
                              .title = text_of(r, c, ICAL_SUMMARY_PROPERTY),
                              .text = text_of(r, c, ICAL_DESCRIPTION_PROPERTY),
                              .place = text_of(r, c, ICAL_LOCATION_PROPERTY),
                              .url = text_of(r, c, ICAL_URL_PROPERTY),
                              .comment = text_of(r, c, ICAL_COMMENT_PROPERTY) };
    read_people(r, c, e);
    read_state(r, c, e);
    *s = (struct source){ .event = e, .c = c, .recurrence = TIME_NONE };
    s->place = p ? place_of(r, p) : place_named(r, NULL);
    if (p == NULL && r->out->method != ICAL_PUBLISH && e->uid[0] != '\0') {
        r->out->event_count++; /* a reply need not say when */
        return false;
    }
    if (!is_time(start))
        return false;
    e->all_day = start.is_date;
    e->zone = s->place->zone;
    read_length(r, s, start);
    span_of(r, s, start, &e->start_ms, &e->end_ms);
    e->start_day = day_of(start);
    e->end_day = e->all_day ? e->start_day + s->length_ms : e->start_day;
    p = icalcomponent_get_first_property(c, ICAL_RECURRENCEID_PROPERTY);
    if (p != NULL && is_time(icalproperty_get_recurrenceid(p))) {
        s->recurrence = instant_of(r, icalproperty_get_recurrenceid(p), place_of(r, p));
        e->is_exception = true;
    }
    r->out->event_count++;
    return true;
}

/* ---- recurrences ---- */
static int count_of(const short *list, int max)
{
    int n = 0;

    while (n < max && list[n] != ICAL_RECURRENCE_ARRAY_MAX)
        n++;
    return n;
}

/* Whether walking a rule ends in good time. libical looks for the next instance however far it is:
 * by the hour and finer only plain rules are near. */
static bool rule_is_quick(const struct icalrecurrencetype *r)
{
    int hours = count_of(r->by_hour, ICAL_BY_HOUR_SIZE),
        minutes = count_of(r->by_minute, ICAL_BY_MINUTE_SIZE),
        seconds = count_of(r->by_second, ICAL_BY_SECOND_SIZE);
    int days =
        count_of(r->by_day, ICAL_BY_DAY_SIZE) + count_of(r->by_month_day, ICAL_BY_MONTHDAY_SIZE) +
        count_of(r->by_year_day, ICAL_BY_YEARDAY_SIZE) +
        count_of(r->by_week_no, ICAL_BY_WEEKNO_SIZE) + count_of(r->by_month, ICAL_BY_MONTH_SIZE);
    int places = count_of(r->by_set_pos, ICAL_BY_SETPOS_SIZE);

    if (r->rscale != NULL || r->interval < 1)
        return false;
    switch (r->freq) {
    case ICAL_DAILY_RECURRENCE:
    case ICAL_WEEKLY_RECURRENCE:
    case ICAL_MONTHLY_RECURRENCE:
    case ICAL_YEARLY_RECURRENCE:
        return (hours ? hours : 1) * (minutes ? minutes : 1) * (seconds ? seconds : 1) <= BIG_RULE;
    case ICAL_HOURLY_RECURRENCE:
    case ICAL_MINUTELY_RECURRENCE:
        return hours + minutes + seconds + days + places == 0;
    default:
        return false;
    }
}

static void add_instance(struct reader *r, const struct source *s, struct icaltimetype t)
{
    struct ical *o = r->out;
    i64 from, until;

    span_of(r, s, t, &from, &until);
    if (from >= r->w->until_ms ||
        (until <= r->w->from_ms && !(from == until && from >= r->w->from_ms)))
        return;
    if (o->instance_count == ICAL_INSTANCES) {
        o->cut = true;
        return;
    }
    if (o->instance_count == r->instance_cap) {
        size_t cap = r->instance_cap ? r->instance_cap * 2 : 64;
        struct ical_instance *more = NEW_N(r->cx->arena, struct ical_instance, cap);
        if (o->instance_count > 0)
            memcpy(more, o->instances, o->instance_count * sizeof *more);
        o->instances = more;
        r->instance_cap = cap;
    }
    o->instances[o->instance_count++] = (struct ical_instance){ s->event, from, until };
}

struct taken { /* instants that are not instances, or are already */
    i64 *list;
    bool *whole_day; /* all of that day */
    size_t count, cap;
};

static bool is_taken(const struct reader *r, const struct source *s, const struct taken *t, i64 ms)
{
    const struct zone *z = s->place->zone != NULL ? s->place->zone : r->w->zone;

    for (size_t i = 0; i < t->count; i++)
        if (t->list[i] == ms || (t->whole_day[i] && !s->event->all_day &&
                                 zone_day(z, ms) == zone_day(r->w->zone, t->list[i])))
            return true;
    return false;
}

static void take(const struct reader *r, struct taken *t, i64 ms, bool whole_day)
{
    if (t->count == EXCEPTIONS_MAX)
        return;
    if (t->count == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 16;
        i64 *list = NEW_N(r->cx->arena, i64, cap);
        bool *whole = NEW_N(r->cx->arena, bool, cap);
        if (t->count > 0) {
            memcpy(list, t->list, t->count * sizeof *list);
            memcpy(whole, t->whole_day, t->count * sizeof *whole);
        }
        *t = (struct taken){ list, whole, t->count, cap };
    }
    t->list[t->count] = ms;
    t->whole_day[t->count++] = whole_day;
}

/* What EXDATE leaves out, and what stands as an exception of its own. */
static void read_exceptions(struct reader *r, const struct source *s, struct taken *t)
{
    for (icalproperty *p = icalcomponent_get_first_property(s->c, ICAL_EXDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(s->c, ICAL_EXDATE_PROPERTY)) {
        struct icaltimetype at = icalproperty_get_exdate(p);
        if (is_time(at))
            take(r, t, instant_of(r, at, place_of(r, p)), at.is_date);
    }
    for (size_t i = 0; i < r->exception_count; i++)
        if (text_is(r->exceptions[i]->event->uid, s->event->uid))
            take(r, t, r->exceptions[i]->recurrence, false);
}

/* Steps of a rule that lie in the window and were not there yet. */
static void walk_rule(struct reader *r, const struct source *s, struct icalrecurrencetype rule,
                      struct icaltimetype start, struct taken *t)
{
    icalrecur_iterator *it;
    bool utc = !start.is_date && icaltime_is_utc(start);

    if (!icaltime_is_null_time(rule.until)) {
        if (rule.until.is_date && !start.is_date) { /* the day is the whole of it */
            rule.until.is_date = 0;
            rule.until.hour = 23;
            rule.until.minute = rule.until.second = 59;
        } else if (!rule.until.is_date && icaltime_is_utc(rule.until) && !utc) {
            rule.until = start.is_date ? rule.until
                                       : local_of(r, instant_of(r, rule.until, s->place), s->place);
            if (start.is_date)
                rule.until.is_date = 1;
        }
        rule.until.zone = NULL;
    }
    start.zone = NULL;
    if ((it = icalrecur_iterator_new(rule, start)) == NULL) {
        r->out->skipped++;
        return;
    }
    for (int step = 0; step < ICAL_STEPS; step++) {
        struct icaltimetype at = icalrecur_iterator_next(it);
        if (icaltime_is_null_time(at) || !is_time(at))
            break;
        at.is_date = start.is_date;
        at.zone = utc ? icaltimezone_get_utc_timezone() : NULL;
        i64 ms = instant_of(r, at, s->place);
        if (ms >= r->w->until_ms)
            break;
        if (clock_mono_ns() > r->until_ns) {
            r->out->cut = true;
            break;
        }
        if (is_taken(r, s, t, ms))
            continue;
        if (ms + s->length_ms >= r->w->from_ms || s->event->all_day || s->nominal_days > 0)
            add_instance(r, s, at);
        if (ms >= r->w->from_ms)
            take(r, t, ms, false); /* another rule, or RDATE, may name it again */
    }
    icalrecur_iterator_free(it);
}

static void walk_dates(struct reader *r, const struct source *s, struct taken *t)
{
    for (icalproperty *p = icalcomponent_get_first_property(s->c, ICAL_RDATE_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(s->c, ICAL_RDATE_PROPERTY)) {
        struct icaldatetimeperiodtype d = icalproperty_get_rdate(p);
        struct source one = *s;
        one.place = place_of(r, p);
        if (!icaltime_is_null_time(d.time)) {
            if (!is_time(d.time) || is_taken(r, s, t, instant_of(r, d.time, one.place)))
                continue;
            d.time.is_date = s->event->all_day;
            take(r, t, instant_of(r, d.time, one.place), false);
            add_instance(r, &one, d.time);
        } else if (is_time(d.period.start) && !s->event->all_day) {
            i64 from = instant_of(r, d.period.start, one.place);
            one.nominal_days = -1;
            if (is_time(d.period.end))
                one.length_ms = instant_of(r, d.period.end, one.place) - from;
            else if (!d.period.duration.is_neg)
                one.length_ms = icaldurationtype_as_int(d.period.duration) * (i64)MS_SECOND;
            if (one.length_ms >= 0 && !is_taken(r, s, t, from))
                add_instance(r, &one, d.period.start);
        }
    }
}

static void expand(struct reader *r, const struct source *s)
{
    icalproperty *p = icalcomponent_get_first_property(s->c, ICAL_DTSTART_PROPERTY);
    icalproperty *rule = icalcomponent_get_first_property(s->c, ICAL_RRULE_PROPERTY);
    bool recurs =
        rule != NULL || icalcomponent_get_first_property(s->c, ICAL_RDATE_PROPERTY) != NULL;
    struct icaltimetype start = icalproperty_get_dtstart(p);
    struct taken t = { 0 };

    if (s->event->cancelled)
        return;
    if (!recurs || s->recurrence != TIME_NONE) {
        add_instance(r, s, start);
        return;
    }
    read_exceptions(r, s, &t);
    if (!is_taken(r, s, &t, s->event->start_ms)) { /* the first is always one */
        add_instance(r, s, start);
        take(r, &t, s->event->start_ms, false);
    }
    for (; rule != NULL; rule = icalcomponent_get_next_property(s->c, ICAL_RRULE_PROPERTY)) {
        struct icalrecurrencetype how = icalproperty_get_rrule(rule);
        if (rule_is_quick(&how))
            walk_rule(r, s, how, start, &t);
        else
            r->out->skipped++;
    }
    walk_dates(r, s, &t);
}

/* ---- the whole ---- */
static int by_start(const void *a, const void *b)
{
    const struct ical_instance *x = a, *y = b;

    if (x->start_ms != y->start_ms)
        return x->start_ms < y->start_ms ? -1 : 1;
    if (x->end_ms != y->end_ms)
        return x->end_ms < y->end_ms ? -1 : 1;
    return x->event < y->event ? -1 : x->event > y->event;
}

static enum ical_method method_of(icalcomponent *c)
{
    icalproperty *p = icalcomponent_get_first_property(c, ICAL_METHOD_PROPERTY);

    switch (p ? icalproperty_get_method(p) : ICAL_METHOD_PUBLISH) {
    case ICAL_METHOD_PUBLISH:
        return ICAL_PUBLISH;
    case ICAL_METHOD_REQUEST:
        return ICAL_REQUEST;
    case ICAL_METHOD_CANCEL:
        return ICAL_CANCEL;
    case ICAL_METHOD_REPLY:
        return ICAL_REPLY;
    default:
        return ICAL_OTHER;
    }
}

static const char *calendar_name(struct reader *r)
{
    for (icalproperty *p = icalcomponent_get_first_property(r->calendar, ICAL_X_PROPERTY);
         p != NULL; p = icalcomponent_get_next_property(r->calendar, ICAL_X_PROPERTY)) {
        const char *name = icalproperty_get_x_name(p), *text = icalproperty_get_x(p);
        if (name && text && text_is(name, "X-WR-CALNAME") && utf8_valid(str_from(text)))
            return utf8_cut(r->cx->arena, text, 200);
    }
    return "";
}

static void read_all(struct reader *r)
{
    icalcomponent *c = icalcomponent_get_first_component(r->calendar, ICAL_VEVENT_COMPONENT);
    int most = icalcomponent_count_components(r->calendar, ICAL_VEVENT_COMPONENT);
    size_t cap = most > ICAL_EVENTS ? ICAL_EVENTS : (size_t)most, count = 0;
    struct source *all = NEW_N(r->cx->arena, struct source, cap + 1);

    r->out->cut = most > ICAL_EVENTS;
    r->out->events = NEW_N(r->cx->arena, struct ical_event, cap + 1);
    for (; c != NULL && r->out->event_count < cap;
         c = icalcomponent_get_next_component(r->calendar, ICAL_VEVENT_COMPONENT))
        count += read_event(r, c, &all[count]);
    r->exceptions = NEW_N(r->cx->arena, const struct source *, count + 1);
    for (size_t i = 0; i < count; i++)
        if (all[i].recurrence != TIME_NONE)
            r->exceptions[r->exception_count++] = &all[i];
    for (size_t i = 0; i < count && r->w->until_ms > r->w->from_ms; i++) {
        r->out->cut |= clock_mono_ns() > r->until_ns;
        if (!r->out->cut || r->out->instance_count < ICAL_INSTANCES)
            expand(r, &all[i]);
    }
    if (r->out->instance_count > 0)
        qsort(r->out->instances, r->out->instance_count, sizeof *r->out->instances, by_start);
}

static void set_up(void)
{
    icalerror_set_errors_are_fatal(false);
    icaltimezone_set_builtin_tzdata(false);
}

static void free_calendar(void *c) { icalcomponent_free(c); }

enum status ical_read(struct ctx *cx, struct str bytes, const struct ical_window *w,
                      struct ical **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct reader *r = NEW(cx->arena, struct reader);
    struct str text;

    pthread_once(&once, set_up);
    if (bytes.len > ICAL_BYTES)
        return ctx_fail(cx, E_TOO_LARGE, "the calendar is over %d bytes", ICAL_BYTES);
    if (utf8_from_bytes(cx->arena, bytes, &text) != OK)
        return ctx_fail(cx, E_INVALID, "this is no calendar: it has bytes that no text has");
    if (!str_contains_fold((struct str){ text.p, text.len < 4096 ? text.len : 4096 },
                           "BEGIN:VCALENDAR"))
        return ctx_fail(cx, E_INVALID,
                        "this is no calendar: it does not begin with "
                        "BEGIN:VCALENDAR");
    *r = (struct reader){ .cx = cx,
                          .w = w,
                          .out = NEW(cx->arena, struct ical),
                          .until_ns = clock_mono_ns() + ICAL_MS * 1000000ull,
                          .calendar = icalparser_parse_string(str_dup(cx->arena, text)) };
    if (r->calendar == NULL)
        return ctx_fail(cx, E_INVALID, "the calendar cannot be read");
    arena_defer(cx->arena, free_calendar, r->calendar);
    if (icalcomponent_isa(r->calendar) == ICAL_XROOT_COMPONENT) { /* several: the first counts */
        icalcomponent *first =
            icalcomponent_get_first_component(r->calendar, ICAL_VCALENDAR_COMPONENT);
        if (first != NULL)
            r->calendar = first;
    }
    if (icalcomponent_isa(r->calendar) != ICAL_VCALENDAR_COMPONENT)
        return ctx_fail(cx, E_INVALID, "the calendar cannot be read");
    r->out->method = method_of(r->calendar);
    r->out->name = calendar_name(r);
    read_all(r);
    *out = r->out;
    return OK;
}
