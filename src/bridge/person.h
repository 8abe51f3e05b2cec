/* person.h -- who somebody on a journey is: a contact by name, a visitor by a pseudonym that stays
 * the same, and whoever the asking user may not see as an unnamed person. Lists of people show all
 * of them, so that counts are the rows' own. */
#pragma once
#include "kit/kit.h"

struct person_name {
    const char *text; /* "Anna Berg", "Visitor 7k3m9q", "A person who is not yours to see" */
    const char *url;  /* the page with the journey; "" of who may not be seen */
    const char *kind; /* "contact", "visitor", "hidden"; static */
    i64 contact;      /* record id, of a contact that may be seen; else 0 */
};
/* The names of these numbers of journey.h, as far as cx's user may see. Texts are in arena. */
MUST_CHECK enum status person_names(struct ctx *cx, const u32 *people, size_t count,
                                    struct person_name *out);
