/* zone_set.c -- zones that were asked for once stay open; countries become zones by ICU's list of
 * which zones a region has. */
#include "base/zone_set.h"
#include "base/locale.h"
#include "base/log.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <unicode/putil.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>

enum { NAME_BYTES = 64, NAME_UNITS = 100, COUNTRY_BYTES = 100, ZONES_MAX = 700, PLACES_MAX = 512 };

struct named_zone {
    char name[NAME_BYTES];
    struct zone *zone; /* NULL: there is none of this name */
};
struct place {
    char name[COUNTRY_BYTES]; /* folded */
    const struct zone *zone;
};
struct zone_set {
    struct named_zone zones[ZONES_MAX];
    size_t zone_count;
    struct place places[PLACES_MAX];
    size_t place_count;
    struct arena *arena; /* emptied after each look */
};

struct zone_set *zone_set_new(void)
{
    struct zone_set *s = calloc(1, sizeof *s);

    if (s == NULL)
        log_fatal("zone.out_of_memory", "bytes=%zu", sizeof *s);
    s->arena = arena_new(4096);
    return s;
}

void zone_set_free(struct zone_set *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->zone_count; i++)
        zone_close(s->zones[i].zone);
    arena_free(s->arena);
    free(s);
}

void zone_set_close(void *s) { zone_set_free(s); }

const struct zone *zone_set_find(struct zone_set *s, const char *iana_name)
{
    struct named_zone *n;

    if (iana_name[0] == '\0' || strlen(iana_name) >= NAME_BYTES)
        return NULL;
    for (size_t i = 0; i < s->zone_count; i++)
        if (text_is(s->zones[i].name, iana_name))
            return s->zones[i].zone;
    if (s->zone_count == ZONES_MAX) /* more names than there are zones: what is typed wrong */
        return NULL;
    n = &s->zones[s->zone_count++];
    memcpy(n->name, iana_name, strlen(iana_name) + 1);
    n->zone = zone_open(iana_name);
    return n->zone;
}

bool zone_known(const char *iana_name)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar name[NAME_BYTES], canonical[NAME_BYTES * 2];
    UBool is_system = 0;

    if (iana_name[0] == '\0' || strlen(iana_name) >= NAME_BYTES)
        return false;
    u_charsToUChars(iana_name, name, (int32_t)strlen(iana_name) + 1);
    ucal_getCanonicalTimeZoneID(name, -1, canonical, (int32_t)countof(canonical), &is_system,
                                &code);
    return U_SUCCESS(code) && is_system;
}

/* ---- countries ---- */

/* Whether two zones show the same time all through these years. */
static bool same_time(const struct zone *a, const struct zone *b)
{
    static const int months[] = { 1, 4, 7, 10 };

    for (int year = 2024; year <= 2027; year++)
        for (size_t m = 0; m < countof(months); m++) {
            i64 noon = date_from_ymd(year, months[m], 15) * MS_DAY + 12 * (i64)MS_HOUR;
            if (zone_minute(a, noon) != zone_minute(b, noon) ||
                zone_day(a, noon) != zone_day(b, noon))
                return false;
        }
    return true;
}

/* The zone of a region if it has one time; NULL: several, or none. */
static const struct zone *one_zone(struct zone_set *s, const char *code)
{
    UErrorCode failed = U_ZERO_ERROR;
    UEnumeration *list =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, code, NULL, &failed);
    const struct zone *first = NULL;
    const char *name;
    bool one = true;

    while (U_SUCCESS(failed) && one && (name = uenum_next(list, NULL, &failed)) != NULL) {
        const struct zone *z = zone_set_find(s, name);
        if (first == NULL)
            first = z;
        else
            one = z != NULL && same_time(first, z);
    }
    uenum_close(list);
    return one ? first : NULL;
}

const struct zone *zone_set_of_country(struct zone_set *s, const char *country)
{
    const char *folded, *code;
    const struct zone *z;

    if (country[0] == '\0' || strlen(country) >= COUNTRY_BYTES)
        return NULL;
    arena_reset(s->arena);
    folded = utf8_fold(s->arena, country);
    if (strlen(folded) >= COUNTRY_BYTES)
        return NULL;
    for (size_t i = 0; i < s->place_count; i++)
        if (text_is(s->places[i].name, folded))
            return s->places[i].zone;
    code = country_named(country);
    z = code[0] ? one_zone(s, code) : NULL;
    if (s->place_count < PLACES_MAX) {
        struct place *p = &s->places[s->place_count++];
        memcpy(p->name, folded, strlen(folded) + 1);
        p->zone = z;
    }
    return z;
}
