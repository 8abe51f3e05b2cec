/* samples.h -- a record of any type, made from its declaration: required fields get a value of
 * their kind, references a sample of theirs. For routes that need a record to be asked about. */
#pragma once
#include "support/house.h"

struct samples; /* in the house's arena */
struct samples *samples_new(struct house *h);
/* A saved record of the type, the same one each time. Fails the test, with the reason, when the
 * type's own checks want more than can be guessed: then add what it needs to hints[] in samples.c.
 */
i64 sample_of(struct samples *s, const char *type);
/* Another one, never the same. */
i64 sample_new(struct samples *s, const char *type);
/* What a form would post to make one: "name=...&..." with the required fields. */
const char *sample_form(struct samples *s, const struct record_type *t);
