/* score_feature.c -- what the learned score looks at: plain, countable things that a person can
 * check, each with a name that a stored model can be read back by. Counts go in as logarithms: the
 * tenth page says less than the first. What sales fills in as it works (a phone number) is left
 * out: that it is there would tell how it ended. */
#include "base/utf8.h"
#include "bridge/channel.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "kit/show.h"
#include "marketing/score_learn.h"
#include <math.h>

static const struct {
    const char *word;
    bool has_value, has_days;
} kinds[] = {
    [FEATURE_EVENTS] = { "events", true, true },
    [FEATURE_PAGE] = { "page", true, false },
    [FEATURE_PART] = { "part", true, false },
    [FEATURE_DAYS] = { "days", false, false },
    [FEATURE_REST] = { "rest", false, false },
    [FEATURE_KNOWN] = { "known", false, false },
    [FEATURE_CHANNELS] = { "channels", false, false },
    [FEATURE_CHANNEL] = { "channel", true, false },
    [FEATURE_INDUSTRY] = { "industry", true, false },
    [FEATURE_COUNTRY] = { "country", true, false },
    [FEATURE_TITLE] = { "title", true, false },
    [FEATURE_SIZE] = { "size", false, false },
    [FEATURE_DECIDER] = { "decider", false, false },
    [FEATURE_FREE_MAIL] = { "free_mail", false, false },
};
_Static_assert(countof(kinds) == FEATURE_KINDS, "enum and table differ");

enum { BOT_BIT = 0x80 }; /* of event.device */
enum { EDGE = 3 };       /* standard deviations */

/* ---- names ---- */

const char *feature_name(struct ctx *cx, const struct feature_of *f)
{
    const char *word = kinds[f->kind].word;

    if (kinds[f->kind].has_days)
        return arena_printf(cx->arena, "%s:%d:%s", word, f->days, f->value);
    return kinds[f->kind].has_value ? arena_printf(cx->arena, "%s:%s", word, f->value) : word;
}

/* What stands for it in this journey. */
static u32 code_of(struct ctx *cx, enum feature_kind kind, const char *value)
{
    if (kind == FEATURE_EVENTS)
        return kit_event_kind(cx->kit, value) ? kit_event_code(cx->kit, value) : 0;
    return kind == FEATURE_PAGE && cx->journey
               ? journey_code(cx->journey, DICT_PAGE, str_from(value))
               : 0;
}

bool feature_read(struct ctx *cx, const char *name, struct feature_of *out)
{
    struct str rest = str_from(name), word, days;
    i64 n = 0;

    if (!str_split(&rest, ':', &word))
        return false;
    for (int i = 0; i < FEATURE_KINDS; i++) {
        if (!text_is(kinds[i].word, str_dup(cx->arena, word)))
            continue;
        if (kinds[i].has_days && (!str_split(&rest, ':', &days) || !str_i64(days, &n)))
            return false;
        const char *value = str_dup(cx->arena, rest);
        *out = (struct feature_of){ .kind = (enum feature_kind)i,
                                    .value = value,
                                    .days = (int)n,
                                    .code = code_of(cx, (enum feature_kind)i, value) };
        return true;
    }
    return false;
}

const char *feature_words(struct ctx *cx, const struct feature_of *f)
{
    const struct event_kind *kind;

    switch (f->kind) {
    case FEATURE_EVENTS:
        kind = kit_event_kind(cx->kit, f->value);
        return f->days ? arena_printf(cx->arena, "%s, in %d days", kind ? kind->label : f->value,
                                      f->days)
                       : arena_printf(cx->arena, "%s, ever", kind ? kind->label : f->value);
    case FEATURE_PAGE:
        return arena_printf(cx->arena, "Read %s", f->value);
    case FEATURE_PART:
        return arena_printf(cx->arena, "Read in %s", f->value);
    case FEATURE_DAYS:
        return "Days on which they did something";
    case FEATURE_REST:
        return "Days since they last did something";
    case FEATURE_KNOWN:
        return "Days since they first came";
    case FEATURE_CHANNELS:
        return "Channels by which they came";
    case FEATURE_CHANNEL:
        return arena_printf(cx->arena, "First channel: %s", f->value);
    case FEATURE_INDUSTRY:
        return arena_printf(cx->arena, "Industry: %s", f->value);
    case FEATURE_COUNTRY:
        return arena_printf(cx->arena, "Country: %s", f->value);
    case FEATURE_TITLE:
        return arena_printf(cx->arena, "Job title with \"%s\"", f->value);
    case FEATURE_SIZE:
        return "Employees of the company";
    case FEATURE_DECIDER:
        return "A job title of those who decide";
    default:
        return "A private mail address";
    }
}

/* ---- the journey ---- */

struct str page_part(const char *path)
{
    const char *end = path[0] ? strchr(path + 1, '/') : NULL;
    struct str all = str_from(path);

    return end ? (struct str){ path, (size_t)(end - path) } : all;
}

bool kind_is_theirs(const struct event_kind *kind)
{
    static const char *const ours[] = { "mail_sent",       "mail_bounce", "points",
                                        "contact_created", "identified",  "contact_merged" };

    for (size_t i = 0; i < countof(ours); i++)
        if (text_is(kind->name, ours[i]))
            return false;
    return !(kind->flags & (KIND_SALES | KIND_CHAPTER | KIND_PASSIVE));
}

/* Asked once a kind. */
struct doing {
    struct ctx *cx;
    u8 known[256]; /* of kinds: 1 done, 2 not */
};

static bool is_done(struct doing *d, const struct event *e)
{
    u8 one = e->kind < countof(d->known) ? d->known[e->kind] : 0;

    if (!one) {
        const struct event_kind *kind = kit_event_kind_by_code(d->cx->kit, e->kind);
        one = kind && kind_is_theirs(kind) ? 1 : 2;
        if (e->kind < countof(d->known))
            d->known[e->kind] = one;
    }
    return one == 1 && !(e->device & BOT_BIT);
}

/* Sets that are small and counted once each. */
static size_t channels_of(const struct event *events, size_t count)
{
    u64 seen = 0;

    for (size_t i = 0; i < count; i++)
        if (events[i].channel && events[i].channel < 64)
            seen |= 1ull << events[i].channel;
    return (size_t)__builtin_popcountll(seen);
}

/* On how many days something was done, when first, when last. */
struct span {
    size_t days;
    i64 first_ms, last_ms;
};

static struct span span_of(struct ctx *cx, const struct event *events, size_t count, i64 at_ms)
{
    const struct zone *zone = kit_zone(cx);
    struct doing doing = { .cx = cx };
    struct span s = { .first_ms = at_ms, .last_ms = at_ms };
    i64 last = INT64_MIN;

    for (size_t i = 0; i < count; i++) {
        if (!is_done(&doing, &events[i]))
            continue;
        i64 day = zone_day(zone, events[i].at_ms);
        if (s.days == 0)
            s.first_ms = events[i].at_ms;
        s.days += day != last;
        s.last_ms = events[i].at_ms;
        last = day;
    }
    return s;
}

static float days_ago(i64 from_ms, i64 at_ms)
{
    return (float)log1p((double)(at_ms - from_ms) / (double)MS_DAY);
}

static float times_of(const struct feature_of *f, const struct event *events, size_t count,
                      i64 at_ms)
{
    i64 oldest = f->days ? at_ms - f->days * (i64)MS_DAY : INT64_MIN;
    size_t n = 0;

    for (size_t i = count; i-- > 0 && events[i].at_ms >= oldest;)
        n += !(events[i].device & BOT_BIT) &&
             (f->kind == FEATURE_EVENTS ? events[i].kind == f->code : events[i].page == f->code);
    return (float)log1p((double)n);
}

static float times_in(struct ctx *cx, const struct feature_of *f, const struct event *events,
                      size_t count)
{
    struct str part = str_from(f->value);
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += events[i].page && !(events[i].device & BOT_BIT) &&
             str_equal(page_part(journey_name(cx->journey, DICT_PAGE, events[i].page)), part);
    return (float)log1p((double)n);
}

void features_see(struct ctx *cx, const struct feature_of *fs, size_t count,
                  const struct event *events, size_t event_count, i64 at_ms, float *out)
{
    while (event_count > 0 && events[event_count - 1].at_ms > at_ms)
        event_count--;
    struct span span = span_of(cx, events, event_count, at_ms);
    for (size_t i = 0; i < count; i++) {
        switch (fs[i].kind) {
        case FEATURE_EVENTS:
        case FEATURE_PAGE:
            out[i] = fs[i].code ? times_of(&fs[i], events, event_count, at_ms) : 0;
            break;
        case FEATURE_PART:
            out[i] = times_in(cx, &fs[i], events, event_count);
            break;
        case FEATURE_DAYS:
            out[i] = (float)log1p((double)span.days);
            break;
        case FEATURE_REST:
            out[i] = days_ago(span.last_ms, at_ms);
            break;
        case FEATURE_KNOWN:
            out[i] = days_ago(span.first_ms, at_ms);
            break;
        case FEATURE_CHANNELS:
            out[i] = (float)channels_of(events, event_count);
            break;
        default:
            break;
        }
    }
}

double feature_standard(const struct feature_of *f, double value)
{
    double z = (value - f->mean) / f->sd;

    return z < -EDGE ? -EDGE : z > EDGE ? EDGE : z;
}

/* ---- the profile ---- */

static bool has_word(struct ctx *cx, const char *text, const char *const *words, size_t count)
{
    struct str rest = str_from(utf8_search_words(cx->arena, text)), word;

    while (str_split(&rest, ' ', &word))
        for (size_t i = 0; i < count; i++)
            if (text_is(words[i], str_dup(cx->arena, word)))
                return true;
    return false;
}

static bool decides(struct ctx *cx, const char *title)
{
    static const char *const words[] = { "chief",    "ceo",       "cto",      "cfo",    "cmo",
                                         "coo",      "president", "founder",  "owner",  "head",
                                         "director", "vp",        "managing", "partner" };

    return has_word(cx, title, words, countof(words));
}

static bool is_free_mail(const char *address)
{
    static const char *const domains[] = { "gmail.com",   "googlemail.com", "outlook.com",
                                           "hotmail.com", "live.com",       "yahoo.com",
                                           "icloud.com",  "gmx.de",         "gmx.net",
                                           "web.de",      "aol.com",        "proton.me",
                                           "mail.ru",     "t-online.de",    "orange.fr" };
    const char *at = strrchr(address, '@');

    for (size_t i = 0; at && i < countof(domains); i++)
        if (strcasecmp(at + 1, domains[i]) == 0)
            return true;
    return false;
}

void features_profile(struct ctx *cx, const struct feature_of *fs, size_t count,
                      const struct row *contact, const struct row *company, float *out)
{
    for (size_t i = 0; i < count; i++) {
        switch (fs[i].kind) {
        case FEATURE_CHANNEL:
            out[i] = text_is(row_text(contact, CONTACT_CHANNEL), fs[i].value);
            break;
        case FEATURE_INDUSTRY:
            out[i] = company && text_is(row_text(company, COMPANY_INDUSTRY), fs[i].value);
            break;
        case FEATURE_COUNTRY:
            out[i] = text_is(row_text(contact, CONTACT_COUNTRY), fs[i].value);
            break;
        case FEATURE_TITLE:
            out[i] = has_word(cx, row_text(contact, CONTACT_JOB), &fs[i].value, 1);
            break;
        case FEATURE_SIZE:
            out[i] = company ? (float)log1p((double)row_i64(company, COMPANY_EMPLOYEES)) : 0;
            break;
        case FEATURE_DECIDER:
            out[i] = decides(cx, row_text(contact, CONTACT_JOB));
            break;
        case FEATURE_FREE_MAIL:
            out[i] = is_free_mail(row_text(contact, CONTACT_EMAIL));
            break;
        default:
            break;
        }
    }
}
