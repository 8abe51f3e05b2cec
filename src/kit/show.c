/* show.c -- values in words. English for now; the patterns are ICU's. */
#include "kit/show.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "kit/kit.h"

/* Days apart, as one says them; NULL when a date says it better. */
static const char *days_apart(struct arena *a, i64 days)
{
    if (days == 0)
        return "today";
    if (days == 1)
        return "tomorrow";
    if (days == -1)
        return "yesterday";
    if (days > 1 && days < 7)
        return arena_printf(a, "in %d days", (int)days);
    if (days < -1 && days > -7)
        return arena_printf(a, "%d days ago", (int)-days);
    return NULL;
}

static i64 today(struct ctx *cx) { return zone_day(kit_zone(cx), ctx_now(cx)); }

const char *show_date(struct ctx *cx, i64 day)
{
    i64 now_day = today(cx);
    const char *words = days_apart(cx->arena, day - now_day);
    int year, month, dom, this_year;

    if (words)
        return words;
    date_to_ymd(day, &year, &month, &dom);
    date_to_ymd(now_day, &this_year, &month, &dom);
    return zone_format(cx->arena, NULL, day * MS_DAY, year == this_year ? "d MMM" : "d MMM y");
}

const char *show_date_full(struct ctx *cx, i64 day)
{
    return zone_format(cx->arena, NULL, day * MS_DAY, "EEEE d MMMM y");
}

const char *show_date_lasting(struct ctx *cx, i64 day)
{
    return zone_format(cx->arena, NULL, day * MS_DAY, "d MMM y");
}

const char *show_time(struct ctx *cx, i64 ms)
{
    if (ms == TIME_NONE)
        return "";
    i64 apart = ctx_now(cx) - ms;

    if (apart >= 0 && apart < MS_MINUTE)
        return "just now";
    if (apart >= 0 && apart < MS_HOUR)
        return arena_printf(cx->arena, "%d min ago", (int)(apart / MS_MINUTE));
    if (apart < 0 && apart > -MS_HOUR)
        return arena_printf(cx->arena, "in %d min", (int)((-apart + MS_MINUTE - 1) / MS_MINUTE));
    i64 day = zone_day(kit_zone(cx), ms);
    if (day == today(cx))
        return arena_printf(cx->arena, "%s %s", apart > 0 ? "today at" : "at",
                            zone_format(cx->arena, kit_zone(cx), ms, "HH:mm"));
    return show_date(cx, day);
}

const char *show_time_full(struct ctx *cx, i64 ms)
{
    return zone_format(cx->arena, kit_zone(cx), ms, "EEEE d MMMM y, HH:mm");
}

const char *show_decimal(struct arena *a, i64 scaled, int scale)
{
    char digits[24];
    char *out = NEW_N(a, char, 40);
    u64 rest = scaled < 0 ? 0 - (u64)scaled : (u64)scaled;
    int count = 0;
    size_t len = 0;

    while (rest > 0 || count <= scale) {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (scaled < 0)
        out[len++] = '-';
    for (int i = count - 1; i >= 0; i--) {
        out[len++] = digits[i];
        if (i > scale && (i - scale) % 3 == 0)
            out[len++] = ',';
        if (i == scale && scale > 0)
            out[len++] = '.';
    }
    return out;
}

const char *show_number(struct arena *a, i64 n) { return show_decimal(a, n, 0); }

const char *show_seconds(struct arena *a, i64 seconds)
{
    long long s = seconds;

    if (s < 60)
        return arena_printf(a, "%llds", s);
    return s < 3600 ? arena_printf(a, "%lldm %02llds", s / 60, s % 60)
                    : arena_printf(a, "%lldh %02lldm", s / 3600, s / 60 % 60);
}

/* Appends the first letter or digit of a word, upper case. */
static void add_initial(struct buf *b, struct str word)
{
    char bytes[4];
    struct str rest = word;

    while (rest.len > 0) {
        u32 c = utf8_next(&rest);
        if (c < 128 && !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9'))
            continue;
        if (c < 128 && (c >= 'a' && c <= 'z'))
            c -= 32;
        buf_add(b, bytes, utf8_put(bytes, c));
        return;
    }
}

const char *show_initials(struct arena *a, const char *name)
{
    struct buf b = buf_in(a, 64);
    struct str rest = str_trim(str_from(name)), word, first = { "", 0 }, last = { "", 0 };

    while (str_split(&rest, ' ', &word)) {
        if (word.len == 0)
            continue;
        if (first.len == 0)
            first = word;
        else
            last = word;
    }
    add_initial(&b, first);
    add_initial(&b, last);
    return buf_end(&b);
}

int show_hue(const char *name) { return (int)(str_hash(str_from(name)) % 8); }
