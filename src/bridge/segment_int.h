/* segment_int.h -- what the files of segments share: segment.c is the record and its rules,
 * segment_member.c who is in one, segment_live.c what live segments hang on, segment_pass.c finds
 * out who comes and goes, segment_follow.c when that is asked, segment_page.c the pages. */
#pragma once
#include "bridge/segment.h"
#include "kit/filter.h"
#include "kit/web.h"

enum segment_why { WHY_HAPPENED, WHY_TRASH, WHY_FILTER, WHY_HAND, WHY_FIRST };
enum { SEGMENT_CHUNK = 20000 }; /* contacts held against a filter at once */

/* ---- segment_member.c ---- */
/* Writes that these contacts came into a segment, or left it: members, history, size and the day's
 * numbers; and says so, unless the filter was changed. `ids`: those that truly change. */
MUST_CHECK enum status segment_move(struct ctx *cx, struct row *segment, const i64 *ids,
                                    size_t count, bool in, enum segment_why why);
bool segment_is_live(const struct row *segment);
/* A contact goes to the trash, or comes back: its static lists. */
MUST_CHECK enum status segment_trash(struct ctx *cx, i64 contact_id, bool back);

/* Who came and went, newest first, older than this id (0: from the newest): maps {id, contact_id,
 * at, entered, why}. */
MUST_CHECK enum status segment_past(struct ctx *cx, i64 segment_id, i64 before, int limit,
                                    struct val *list);

/* ---- segment_live.c ---- */
/* Ids that are gathered, in arena. */
struct ids {
    i64 *at;
    size_t count, cap;
};
void ids_add(struct arena *a, struct ids *list, const i64 *ids, size_t count);
void ids_unite(struct ids *list); /* ascending, each once */
/* As the statements of segment.sql take them. In arena. */
const char *ids_text(struct ctx *cx, const i64 *ids, size_t count);

struct live_segment {
    i64 id;
    const char *filter;
    const struct filter_need *needs;
    size_t need_count;
    bool asks_events;
};
/* The live segments as they were read, those that others name before those that name them.
 * Borrowed until segments_put. */
struct live_segments {
    struct live_segment *list;
    size_t count;
    struct arena *arena;
    int users;
    bool old;
};
MUST_CHECK enum status segments_get(struct ctx *cx, struct live_segments **out);
void segments_put(struct ctx *cx, struct live_segments *s);
/* They change with the running transaction. */
void segments_changed(struct ctx *cx);
void segments_forget(struct ctx *cx); /* another node changed one */
MUST_CHECK enum status segments_open(struct ctx *cx);
/* What the filter of a live segment must be: E_INVALID with an error of the field "filter". It is
 * put into its one form. */
MUST_CHECK enum status segment_check_filter(struct ctx *cx, struct row *segment);
/* Other live segments whose filter names this one. In words, "" for none. */
MUST_CHECK enum status segment_named_by(struct ctx *cx, const struct row *segment,
                                        const char **words);
/* A change worth a look: notes it in the running transaction. */
MUST_CHECK enum status segment_touch(struct ctx *cx, const char *type, i64 record_id,
                                     const char *fields, const char *before);

/* The same for a static list whose members changed. */
MUST_CHECK enum status segment_touch_members(struct ctx *cx, i64 segment_id, i64 contact_id);

/* ---- segment_pass.c ---- */
/* Whom to hold against which segment; then whom that moved. */
struct pass {
    struct ctx *cx;
    struct live_segments *all;
    struct ids *todo, *moved; /* by place among `all` */
    struct filter **ready;    /* of those whose journeys were read together; else NULL */
    i64 next_due;             /* the soonest that was written; TIME_NONE */
};
void pass_begin(struct ctx *cx, struct live_segments *all, struct pass *p);
/* Adds whom a need leads to from what changed. */
MUST_CHECK enum status pass_reach(struct pass *p, size_t at, const struct filter_need *n, int steps,
                                  const i64 *ids, size_t count);
/* Holds them all against their filters, and follows through segments that name others. In a writing
 * transaction. */
MUST_CHECK enum status pass_run(struct pass *p);
/* Holds everybody against a segment's filter. Not in a transaction: reads, then writes in parts. */
MUST_CHECK enum status segment_fill(struct ctx *cx, i64 segment_id, enum segment_why why);
/* Who passes a filter over contacts now, ascending: the reference that all following must equal. */
MUST_CHECK enum status segment_find(struct ctx *cx, const char *filter, struct ids *in);

/* ---- segment_page.c ---- */
enum { SEGMENT_ROUTES = 6 };
extern const struct route segment_routes[SEGMENT_ROUTES];
MUST_CHECK enum status segment_detail(struct ctx *cx, const struct row *r, struct val *page);

/* ---- segment_follow.c ---- */
MUST_CHECK enum status segment_fill_later(struct ctx *cx, i64 segment_id, bool changed);
MUST_CHECK enum status segment_due_at(struct ctx *cx, i64 at_ms);
MUST_CHECK enum status segment_on_any(struct ctx *cx, const struct happening *h);
struct follow_batch;
MUST_CHECK enum status segment_on_events(struct ctx *cx, const struct follow_batch *b, void *made);
MUST_CHECK enum status segment_touch_job(struct job_run *job);
MUST_CHECK enum status segment_due_job(struct job_run *job);
MUST_CHECK enum status segment_fill_job(struct job_run *job);
