/* rates_fuzz.c -- whatever file of exchange rates comes: it is refused with a message for "file",
 * or each of its lines is a rate that can be kept. */
#include "admin/rates_read.h"
#include "fuzz.h"
#include "kit/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 * 1024);
    struct rate_file f;
    struct ctx cx;

    ctx_init(&cx, a, NULL);
    if (rates_read(&cx, (struct str){ (const char *)data, size }, "EUR", 0, &f) != OK) {
        must(cx.field_errors != NULL && text_is(cx.field_errors->field, "file"), "no word of why");
        arena_free(a);
        return 0;
    }
    for (size_t i = 0; i < f.count; i++) {
        const struct rate_line *l = &f.lines[i];
        must(l->rate > 0 && l->rate <= (i64)EXCHANGE_UNIT * 10000000, "a rate out of range");
        must(strlen(l->currency) == 3 && strlen(l->one_of) == 3, "a code that is none");
        must(!text_is(l->currency, l->one_of), "a currency for itself");
        must(l->day >= f.first_day && l->day <= f.last_day, "a day outside of the file's");
    }
    arena_free(a);
    return 0;
}
