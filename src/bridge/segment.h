/* segment.h -- a named set of contacts: a static list that people and flows fill, or a live segment
 * that a filter describes and that follows every save and event. Who is in it, since when, who came
 * and went, is kept in tables of its own (segment.sql), so that asking is one look-up.
 *
 * Following  What changes is noted in the transaction of the change and worked off at once after it
 *            by a job and a follower: members are as the filter says within the second.
 * Happenings "segment.entered" and "segment.left": row is the segment, contact_id who. Inside the
 *            transaction that writes the membership. Not for those who are in a segment from its
 *            beginning, or because its filter was changed: "segment.filled" tells of them once.
 * Trash      a contact in the trash is in no segment; restored, it is back in its static lists. A
 *            segment in the trash has no members; segment_has says no.
 * Needs      segment_add, segment_remove: a writing connection. The others read. */
#pragma once
#include "kit/kit.h"

enum segment_field {
    SEGMENT_NAME, SEGMENT_SLUG, SEGMENT_KIND, SEGMENT_FILTER, SEGMENT_ABOUT, SEGMENT_OWNER,
    SEGMENT_SIZE, SEGMENT_FILLED_AT,
    SEGMENT_FIELDS
};
extern const struct record_type segment_type;

/* Whether this contact is in it. */
MUST_CHECK enum status segment_has(struct ctx *cx, i64 segment_id, i64 contact_id, bool *out);
/* The next members after this contact id (0: from the first), ascending, at most `max`. Fewer than
 * max: the end. */
MUST_CHECK enum status segment_each(struct ctx *cx, i64 segment_id, i64 after_contact_id, i64 *ids,
                                    size_t max, size_t *count);
/* How many there are, exactly. */
MUST_CHECK enum status segment_size(struct ctx *cx, i64 segment_id, i64 *count);
/* Static ones only: E_INVALID "segment.live" of a live one; E_NOT_FOUND: no such segment or
 * contact. Who is in it already, or not at all, is fine. */
MUST_CHECK enum status segment_add(struct ctx *cx, i64 segment_id, i64 contact_id);
MUST_CHECK enum status segment_remove(struct ctx *cx, i64 segment_id, i64 contact_id);
/* For ticked contacts (record_type.offers): put them on the static lists that one may change, take
 * them off. */
enum status segment_offers(struct ctx *cx, struct val *list);
enum status segment_take_up(struct ctx *cx, struct row *contact, const char *offer);
/* The segments that a contact is in: list of {id, name, path, live, since}. */
MUST_CHECK enum status segment_of(struct ctx *cx, i64 contact_id, struct val *list);
/* The same as "segments" of a contact's page (segment/of). */
MUST_CHECK enum status segment_put_of(struct ctx *cx, i64 contact_id, struct val *page);
/* Evaluates every live segment anew, soon: for those who changed journeys or records without a save
 * or an event (imports of journeys, the demo company). In the caller's transaction. */
MUST_CHECK enum status segment_refill(struct ctx *cx);
/* The same at once, and what happened so far is passed over. Not in a transaction. */
MUST_CHECK enum status segment_fill_all(struct ctx *cx);
