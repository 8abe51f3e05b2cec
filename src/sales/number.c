/* number.c -- a row a series and year holds the last number that was given. */
#include "sales/number.h"

enum status document_number(struct ctx *cx, const char *series, const char *prefix,
                            const char **out)
{
    int year, month, day;
    i64 number;

    date_to_ymd(zone_day(kit_zone(cx), ctx_now(cx)), &year, &month, &day);
    TRY(db_get_i64(cx, &number, "document.next_number", TEXT("series", series), I64("year", year)));
    *out = arena_printf(cx->arena, "%s-%04d-%04lld", prefix, year, (long long)number);
    return OK;
}
