/* goal.h -- what counts as success on the web sites: an event of the site's own, a page that was
 * opened, or a page that was read far or long enough. Goals are a dimension (what reached them,
 * converted), and a step of a funnel.
 * Ownership  in cx's arena.
 * Threads    goals_read as the ctx; the others any, while the arena lives. */
#pragma once
#include "journey/journey.h"
#include "kit/kit.h"

enum { GOALS_MAX = 64 }; /* that are counted: the oldest */
struct goals;
/* The goals as they are now. An event reaches bit i of goals_of when it reaches the i-th. */
MUST_CHECK enum status goals_read(struct ctx *cx, const struct goals **out);
size_t goals_count(const struct goals *g);
const char *goal_id(const struct goals *g, size_t i);  /* as the API says it */
const char *goal_name(const struct goals *g, size_t i);
i64 goal_value_minor(const struct goals *g, size_t i);  /* of one, in base currency; 0: not said */
int goal_index(const struct goals *g, const char *id);  /* -1: none */
bool goal_reached(const struct goals *g, size_t i, const struct event *e);
u16 goal_event(const struct goals *g, size_t i); /* code of the kind of event that reaches it */
u64 goals_of(const struct goals *g, const struct event *e);
enum { GOAL_COLUMNS = READ_PAGE | READ_RECORD | READ_VALUE };
