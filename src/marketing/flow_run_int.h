/* flow_run_int.h -- of the engine, for the files that read runs. */
#pragma once
#include "marketing/flow_int.h"

struct stmt;
/* A row of the columns that flow.sql calls run columns. Texts in arena. */
struct flow_run flow_run_from(struct stmt *q);
/* E_NOT_FOUND. */
MUST_CHECK enum status flow_run_get(struct ctx *cx, i64 run_id, struct flow_run *out);
/* The name of a flow, for events; "" when it is gone. In arena. */
MUST_CHECK enum status flow_name_of(struct ctx *cx, i64 flow_id, const char **name);
/* What a flow tells on a journey. Its props are in arena. */
struct journey_note flow_event(struct ctx *cx, i64 flow, const char *name, i64 contact,
                               const char *kind, const char *text);
/* Tells it with the batch, or at once. */
MUST_CHECK enum status flow_tell(struct flow_doing *d, const struct journey_note *n);
MUST_CHECK enum status flow_wake_soon(struct ctx *cx, void *arg);
/* Times at a step are counted in slots. */
int flow_time_slot(i64 ms);
i64 flow_time_of_slot(int slot);
/* Chance of a person at a split: the same each time. */
u64 flow_chance(u64 seed, i64 contact);
/* A text inside '...' of a filter. */
const char *flow_quoted(struct arena *a, const char *text);
enum status flow_do_mail(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w);
/* As the Standard Webhooks have it: HMAC-SHA256 over "id.seconds.body", in base64. In arena. */
const char *flow_hook_signature(struct ctx *cx, const char *secret, const char *id, i64 seconds,
                                const char *body);
/* One taker at a time in this program. */
bool flow_begin_taking(struct ctx *cx);
void flow_end_taking(struct ctx *cx);
/* A text with {{contact.first_name|there}} filled in. */
MUST_CHECK enum status flow_fill(struct flow_doing *d, const char *text, const char **out);
/* A filter over contacts in words; the text itself where it cannot be read. */
const char *flow_filter_words(struct ctx *cx, const char *text);
/* One who failed or is stuck does the step again, with the day's steps counted anew. */
MUST_CHECK enum status flow_retry(struct ctx *cx, const struct flow_run *r);
