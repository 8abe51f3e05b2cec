/* vat_fuzz.c -- VAT ids as anybody may type them: what is taken is short, together, in capitals and
 * taken again as it is; what is not taken has a reason. */
#include "base/str.h"
#include "base/vat.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const countries[] = { "", "DE", "GR", "US" };
    scoped(arena_close) struct arena *a = arena_new(4096);
    const char *country, *text, *id, *why = "";

    if (size == 0)
        return 0;
    country = countries[data[0] % countof(countries)];
    text = str_dup(a, (struct str){ (const char *)data + 1, size - 1 });
    id = vat_read(a, text, country, &why);
    if (id == NULL) {
        must(why[0] != '\0', "refused without a reason");
        return 0;
    }
    must(strlen(id) <= 30, "longer than what was typed may be");
    must(id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == '\0', "not together");
    why = vat_read(a, id, country, &why);
    must(why != NULL && text_is(why, id), "not itself when it is read again");
    (void)vat_country(id);
    return 0;
}
