/* likeness.h -- how alike two names, addresses, phone numbers and firms are: what finding
 * duplicates asks. Pure: no store, no records.
 *
 * Names are compared by Jaro and Winkler: W. E. Winkler, "String Comparator Metrics and Enhanced
 * Decision Rules in the Fellegi-Sunter Model of Record Linkage" (1990), with its prefix of at most
 * 4 letters at 0.1 each; on folded text (utf8_fold), by code points.
 *
 * Results are in the given arena. */
#pragma once
#include "base/arena.h"

/* 0: nothing in common, 1000: the same. Both folded. */
int likeness(const char *a, const char *b);
/* Of two names of one person, in any order of their parts: "Kern, Mia" and "mia kern" are 1000. */
int likeness_of_names(struct arena *a, const char *one, const char *other);
/* The address that mail really goes to: lower case, without what stands behind +; at Gmail without
 * dots too, under one name. "" of what is no address. */
const char *mail_plain(struct arena *a, const char *address);
/* The last nine digits of a phone number, without country and trunk prefix; "" of fewer than
 * seven. */
const char *phone_plain(struct arena *a, const char *phone);
/* A firm's name, folded, without its legal form: "Müller & Söhne GmbH & Co. KG" is
 * "muller sohne". */
const char *firm_plain(struct arena *a, const char *name);
