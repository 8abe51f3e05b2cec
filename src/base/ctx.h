/* ctx.h -- what a piece of work carries with it: memory, who asks, which connection, what time it
 * is, and the one error text. One per request, job run or test; belongs to one thread; first
 * parameter from floor 2 up. */
#pragma once
#include "base/arena.h"
#include "base/clock.h"
#include "base/val.h"

struct db;      /* store/db.h: the connection this work reads or writes through */
struct journey; /* journey/journey.h: the event store */
struct access;  /* kit/access.h: who asks and what they may */
struct kit;     /* kit/kit.h: the tables of the program and what is shared by all work */

struct field_error {
    const char *field;   /* the field's name, "" for the whole */
    const char *code;    /* stable: "required", "email.invalid" */
    const char *message; /* for people, says what to do */
    struct field_error *next;
};

struct ctx {
    struct arena *arena;
    struct clock *clock;
    struct db *db; /* NULL where no database is open */
    struct journey *journey;
    const struct access *access; /* NULL: nobody; see access.h for the system's own */
    struct kit *kit;
    i64 request_id; /* id of this piece of work: in logs, change log, answers */
    i64 batch_id;   /* import or bulk edit it belongs to, or 0 */
    int depth;      /* hooks within hooks */
    /* The error, recorded once where the cause is known. */
    enum status error;
    const char *error_code; /* stable, dotted: "deal.stage_not_in_pipeline"; "" = status_word */
    const char *error_text; /* for people; "" when none */
    struct field_error *field_errors;
};

/* Without user, connection or error. Arena and clock are borrowed; a NULL clock is the system's. */
void ctx_init(struct ctx *cx, struct arena *a, struct clock *clock);
i64 ctx_now(const struct ctx *cx); /* ms UTC */
/* Records the failure and returns `s`: return ctx_fail(cx, E_INVALID, "stage '%s' is ...", name);
 * Text: what happened, then what to do, with what they typed. A first error stays. */
enum status ctx_fail(struct ctx *cx, enum status s, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same with a stable code of its own. */
enum status ctx_fail_code(struct ctx *cx, enum status s, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Adds an error to one field of a form; returns E_INVALID. Several may be added before
 * returning. */
enum status ctx_fail_field(struct ctx *cx, const char *field, const char *code, const char *fmt,
                           ...) PRINTF_LIKE(4, 5);
/* Forgets the error and those of fields: for work that goes on after one, row by row. */
void ctx_clear_error(struct ctx *cx);
