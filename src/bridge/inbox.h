/* inbox.h -- the lead inbox as its two files share it: the page (inbox.c), and what is done in it
 * (inbox_act.c). */
#pragma once
#include "kit/web.h"

/* The page with this hand-off picked; NULL: the most urgent one that waits. `error`: what was wrong
 * with what was typed under `verb` ("reject", "call" ...), whose panel stands open then; both may
 * be NULL. */
MUST_CHECK enum status inbox_show(struct req *rq, struct row *picked, const char *verb,
                                  const char *error);
/* Where one goes on after `r` in the list in which one is: the path of the next lead that waits,
 * the list itself when there is none. Asked before r is answered. */
MUST_CHECK enum status inbox_next(struct req *rq, const struct row *r, const char **path);
/* The list in which one is, from the query or the form: "/leads" or "/leads?all=1". */
const char *inbox_path(const struct req *rq);
