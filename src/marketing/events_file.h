/* events_file.h -- events as they lie on the journey, one a line: what `furrow export events`
 * writes, and what `furrow import events` takes back as it was. Every line has the same columns,
 * each of one type:
 *
 *   person, belongs_to  "visitor:0123456789abcdef", "contact:ID"; belongs_to: whose the person's
 *                       events are now, empty where that is nobody else
 *   at                  UTC, ISO 8601
 *   kind, channel, source, campaign, touch, site, page, country, client, action
 *                       names as they are known; touch and client as they are interned
 *   device              desktop, mobile, tablet or empty
 *   bot, interactive, imported
 *                       true or false
 *   value, record       whole numbers: minor units of the base currency, a record's id
 *   props               a JSON text
 *
 * Threads    one at a time, as the ctx. */
#pragma once
#include "journey/journey.h"
#include "kit/kit.h"

void events_file_head(struct buf *out); /* the first line of a CSV */
/* Adds one event's line: CSV, every text quoted, or JSON. Uses cx's arena. */
void events_file_put(struct ctx *cx, const struct event *e, bool json, struct buf *out);
/* Whether a field's name is one that only such lines have and always do. */
bool events_file_is(const char *name);
bool events_file_has(const char *name); /* whether there is such a column */
/* Reads a line, as a map of texts, back into `e`; *belongs_to: a person's number, or 0. Makes
 * people and names that are not known. E_INVALID with a field error. */
MUST_CHECK enum status events_file_take(struct ctx *cx, const struct val *line, struct event *e,
                                        u32 *belongs_to);
