/* events.h -- events from outside, of today or of years back: the one door for POST /api/v1/events
 * and `furrow import events`. An event is a map of the fields that events.c lists.
 * Ownership  a batch and what it holds are in the arena of the ctx it was made with.
 * Errors     E_INVALID with field errors: this event is refused, the batch is as it was.
 * Threads    one at a time, as the ctx. */
#pragma once
#include "kit/kit.h"

struct events_in; /* a batch being gathered: at most LIMIT_EVENT_BATCH */
struct events_in *events_in_new(struct ctx *cx);
/* Reads one event into the batch. Whose it is must be known and readable for who asks. */
MUST_CHECK enum status events_in_add(struct ctx *cx, struct events_in *in, const struct val *event);
/* The same with a line of an export (events_file.h): it comes back as it was. */
MUST_CHECK enum status events_in_add_line(struct ctx *cx, struct events_in *in,
                                          const struct val *line);
size_t events_in_count(const struct events_in *in);
/* Stores the batch, all or none, and waits until it is on disk: one whose id was seen in the last
 * days is not stored again. A contact gets its first touch from an event that is older than the one
 * it has. Empties the batch. */
MUST_CHECK enum status events_in_store(struct ctx *cx, struct events_in *in);
/* Whether there is such a field: "at", "props.plan". For the columns of a file. */
bool events_in_field(const char *name);
