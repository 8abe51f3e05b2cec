/* picture_fuzz.c -- files that say to be pictures: what is believed has a kind, an ending and a
 * size, whatever follows; and never a byte beyond the end is looked at. */
#include "fuzz.h"
#include "mail/picture.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct picture_facts facts = { 0 }, again = { 0 };
    char *exact = malloc(size + 1);

    must(exact != NULL, "no memory");
    memcpy(exact, data, size);
    if (picture_read((struct str){ (const char *)data, size }, &facts)) {
        must(facts.width > 0 && facts.height > 0, "a picture without a size");
        must(facts.width <= 65535 && facts.height <= 65535, "a size that was not in the file");
        must(strncmp(facts.type, "image/", 6) == 0 && facts.type[6] != '\0', "of no kind");
        must(picture_read((struct str){ exact, size }, &again) && again.width == facts.width,
             "another answer");
    }
    free(exact);
    return 0;
}
