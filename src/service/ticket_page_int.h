/* ticket_page_int.h -- what the desk's files share: the page, and what is put on it. */
#pragma once
#include "kit/web.h"
#include "service/ticket_int.h"

/* The desk with this ticket open, or with the first of the view where picked is NULL. `error` is
 * shown at its answer; "" none. */
enum status desk_show(struct req *rq, struct row *picked, const char *error);
const char *desk_view(struct req *rq); /* the view that is asked for: "mine". static */
/* Puts "picked", all of one ticket, at the page's tree. */
MUST_CHECK enum status desk_put_ticket(struct req *rq, struct row *t, const char *error,
                                       struct val *page);
/* "2 h 10 min", "3 d 4 h", whatever the sign. In arena. */
const char *desk_span(struct ctx *cx, i64 ms);
/* Options of a select: the records of a type under a filter, none where cx may not read them; the
 * choices of a field. */
MUST_CHECK enum status desk_put_records(struct ctx *cx, const char *type, const char *filter,
                                        i64 chosen, struct val *list);
void desk_put_choices(const struct field *f, const char *chosen, struct val *list);
enum status desk_snippet_get(struct req *rq); /* GET /tickets/:id/snippet?name= */
/* Articles that perhaps answer it, and what of one was asked to stand in the answer; after the
 * messages and the macro were put. */
MUST_CHECK enum status desk_put_articles(struct req *rq, const struct row *t, struct val *picked);
/* The answer was sent: the articles in it are noted beside the ticket. */
MUST_CHECK enum status desk_note_articles(struct req *rq, const struct row *t, const char *text);
