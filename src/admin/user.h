/* user.h -- the people who work with Furrow, their teams and roles, as records. Nobody else writes
 * these tables but kit/session.c. */
#pragma once
#include "kit/kit.h"

enum {
    USER_NAME,
    USER_EMAIL,
    USER_TEAM,
    USER_MANAGER,
    USER_ROLE,
    USER_TITLE,
    USER_PHONE,
    USER_ACTIVE,
    USER_COLOR,
    USER_THEME,
    USER_LAST_SEEN,
    USER_PASSWORD,
    USER_INVITE,
    USER_INVITE_EXPIRES,
    USER_TIMEZONE,
    USER_DIGEST_HOUR,
    USER_NOTICES,
    USER_FIELDS
};
enum { TEAM_NAME, TEAM_KIND, TEAM_FIELDS };
enum { ROLE_NAME, ROLE_ADMIN, ROLE_RULES, ROLE_FIELDS };

extern const struct record_type user_type, team_type, role_type;

/* What a new user is made from. Borrowed. */
struct user_new {
    const char *name, *email;
    const char *role;          /* name of a role; "" or NULL: the one of administrators */
    const char *team;          /* name of a team, or NULL */
    const char *password_hash; /* NULL: none yet, an invitation follows */
};
/* Writing transaction; as the system. E_INVALID: no such role or team, the mail is taken, and what
 * the record says. */
MUST_CHECK enum status user_make(struct ctx *cx, const struct user_new *nu, i64 *id);
/* The user who has this mail address, is active and has this password; *user_id 0: nobody. Takes
 * the same time in every case. On a reader. */
MUST_CHECK enum status user_with_password(struct ctx *cx, const char *email, const char *password,
                                          i64 *user_id);
