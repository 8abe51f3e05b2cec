/* access.h -- who asks, and what they may. Checked in kit, so page, API, export, search and metric
 * obey the same rule. A role is a row: resource x verb x scope. Resources are record type names
 * plus a few words of their own ("admin", "journey"). Scope `own`: the record's OWNER field is the
 * user; `team`: an owner of the user's team; `all`. A scope is one more filter: record_get, lists,
 * boards, counts, sums and search apply it at the root and at every hop. */
#pragma once
#include "base/ctx.h"

enum verb { VERB_READ, VERB_CREATE, VERB_UPDATE, VERB_DELETE, VERB_EXPORT, VERB_COUNT };
enum scope { SCOPE_NONE, SCOPE_OWN, SCOPE_TEAM, SCOPE_ALL };

struct access {
    i64 user_id; /* 0 for the public and the system */
    i64 team_id;
    i64 session_id, token_id; /* how they came in; 0: neither */
    const char *name, *email, *role;
    const char *team;  /* "marketing", "sales", "service", "admin": decides the home page */
    const char *csrf;  /* of the session */
    const char *theme; /* "", "light", "dark" */
    bool system;       /* jobs, migrations, public forms: may do everything */
    bool admin;
    const struct access_rules *rules; /* compiled from the role's row; shared, read-only */
    const u8 *token_scopes; /* VERB_COUNT bytes, 1: may; NULL: not a token */
};

const struct access *access_system(void); /* static: the program itself */
const struct access *access_public(void); /* static: a stranger; may do nothing by itself */
const char *verb_word(enum verb v);
/* What scope this access has; SCOPE_NONE: may not at all. A read-only token has no other verb than
 * read. */
enum scope access_scope(const struct access *who, const char *resource, enum verb v);
/* E_UNAUTHORIZED for strangers, E_FORBIDDEN with text otherwise. */
MUST_CHECK enum status access_check(struct ctx *cx, const char *resource, enum verb v);
/* Roles from JSON: {"deal": {"read": "all", "create": "all", "update": "own", "delete": "none",
 * "export": "team"}, "*": {...}}. E_INVALID names the word it does not know. In arena `a`, which
 * the caller keeps. */
MUST_CHECK enum status access_rules_parse(struct ctx *cx, struct arena *a, const char *json,
                                          const struct access_rules **out);
/* Runs the rest of the scope as the program itself: scoped(access_leave) struct access_guard g =
 * access_enter_system(cx); */
struct __attribute__((unused)) access_guard { /* its end is its use */
    struct ctx *cx;
    const struct access *before;
};
struct access_guard access_enter_system(struct ctx *cx);
void access_leave(struct access_guard *g);
