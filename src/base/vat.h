/* vat.h -- VAT ids: how each country writes them, and their check digits where the rule is
 * published and sure. Whether an id was really given to somebody only its country can say (VIES);
 * nothing is asked over the network.
 *
 * Formats       the 27 of the European Union, Northern Ireland (XI), the United Kingdom, Norway and
 *               Switzerland.
 * Check digits  AT BE DE DK EE EL FI FR HR HU IT LU MT NO PL PT RO SE SI CHE. Of others the form
 *               alone is checked. */
#pragma once
#include "base/arena.h"

/* The id as it is written together, "DE136695976" of " de 136.695.976"; NULL: it is none, *why says
 * so. `country` (a code, "" unknown) is put in front where an id lacks it. What begins with none of
 * these countries' letters is taken as it is. In arena. */
const char *vat_read(struct arena *a, const char *text, const char *country, const char **why);
/* The country that gave it: "GR" of "EL...", "XI" of Northern Ireland; "" where it is of none of
 * these. Static. */
const char *vat_country(const char *id);
/* Whether a country, by its code, belongs to the Union's territory for VAT; Monaco does, as a part
 * of France. */
bool vat_in_union(const char *country);
