/* things.h -- record types that know every field kind, for the tests of kit. */
#pragma once
#include "support/fixture.h"

enum { TEAM_NAME, TEAM_FIELDS };
static const struct field team_fields[] = {
    [TEAM_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED },
};
static const struct record_type team_type = {
    .name = "team",
    .label = "Team",
    .plural = "Teams",
    .path = "teams",
    .flags = TYPE_SYSTEM,
    .fields = team_fields,
    .field_count = TEAM_FIELDS,
};

enum { USER_NAME, USER_EMAIL, USER_TEAM, USER_SECRET, USER_NOTICES, USER_FIELDS };
static const struct field user_fields[] = {
    [USER_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED },
    [USER_EMAIL] = { "email", FIELD_EMAIL, "Email", UNIQUE },
    [USER_TEAM] = { "team_id", FIELD_REF, "Team", .ref = "team" },
    [USER_SECRET] = { "secret", FIELD_TEXT, "Secret", INTERNAL },
    [USER_NOTICES] = { "notices", FIELD_LONG, "What they are told", INTERNAL },
};
static const struct record_type user_type = {
    .name = "user",
    .label = "User",
    .plural = "Users",
    .path = "users",
    .flags = TYPE_SYSTEM,
    .fields = user_fields,
    .field_count = USER_FIELDS,
};

enum { FIRM_NAME, FIRM_DOMAIN, FIRM_OWNER, FIRM_SIZE, FIRM_FIELDS };
static const struct field firm_fields[] = {
    [FIRM_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 40 },
    [FIRM_DOMAIN] = { "domain", FIELD_URL, "Web site", SEARCHED | LISTED },
    [FIRM_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user" },
    [FIRM_SIZE] = { "size", FIELD_INT, "People", INDEXED, .min = 1, .max = 1000000 },
};
static const struct record_type firm_type = {
    .name = "firm",
    .label = "Firm",
    .plural = "Firms",
    .path = "firms",
    .icon = "building",
    .sort = "-created_at",
    .fields = firm_fields,
    .field_count = FIRM_FIELDS,
};

enum {
    THING_NAME,
    THING_TEXT,
    THING_LONG,
    THING_INT,
    THING_DECIMAL,
    THING_MONEY,
    THING_DATE,
    THING_TIME,
    THING_BOOL,
    THING_CHOICE,
    THING_TAGS,
    THING_EMAIL,
    THING_PHONE,
    THING_URL,
    THING_FIRM,
    THING_JSON,
    THING_COMPUTED,
    THING_SECRET,
    THING_FIXED,
    THING_FIELDS
};
static const struct field thing_fields[] = {
    [THING_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 50 },
    [THING_TEXT] = { "text", FIELD_TEXT, "Text", INDEXED },
    [THING_LONG] = { "long", FIELD_LONG, "Story", SEARCHED },
    [THING_INT] = { "int", FIELD_INT, "Count", SUMMED, .min = -5, .max = 1000000 },
    [THING_DECIMAL] = { "decimal", FIELD_DECIMAL, "Ratio", .scale = 3 },
    [THING_MONEY] = { "amount", FIELD_MONEY, "Amount", LISTED | INDEXED | SUMMED },
    [THING_DATE] = { "day", FIELD_DATE, "Day", TRACKED, .otherwise = "today" },
    [THING_TIME] = { "moment", FIELD_TIME, "Moment", .otherwise = "now" },
    [THING_BOOL] = { "yes", FIELD_BOOL, "Yes", .otherwise = "true" },
    [THING_CHOICE] = { "stage", FIELD_CHOICE, "Stage", LISTED, .otherwise = "new",
                       .choices =
                           CHOICES({ "new", "New", "blue" }, { "won", "Won deal", "gray" }) },
    [THING_TAGS] = { "tags", FIELD_TAGS, "Tags", SEARCHED },
    [THING_EMAIL] = { "email", FIELD_EMAIL, "Email", UNIQUE | SEARCHED },
    [THING_PHONE] = { "phone", FIELD_PHONE, "Phone", SEARCHED },
    [THING_URL] = { "url", FIELD_URL, "Link", SEARCHED },
    [THING_FIRM] = { "firm_id", FIELD_REF, "Firm", LISTED, .ref = "firm" },
    [THING_JSON] = { "json", FIELD_JSON, "Data" },
    [THING_COMPUTED] = { "score", FIELD_INT, "Score", COMPUTED },
    [THING_SECRET] = { "secret", FIELD_TEXT, "Secret", INTERNAL },
    [THING_FIXED] = { "fixed", FIELD_TEXT, "Fixed", CREATE_ONLY },
};
_Static_assert(countof(thing_fields) == THING_FIELDS, "enum and table differ");

/* Hooks do as a thing's name tells them: tests see what follows from outside. */
static enum status thing_validate(struct ctx *cx, struct row *r)
{
    if (text_is(row_text(r, THING_NAME), "forbidden"))
        return ctx_fail_field(cx, "name", "thing.forbidden", "Name: not this one");
    return OK;
}

static enum status thing_saved(struct ctx *cx, struct row *r)
{
    if (text_is(row_text(r, THING_NAME), "hook fails"))
        return ctx_fail_code(cx, E_PRECONDITION, "thing.hook", "the hook said no");
    if (text_is(row_text(r, THING_NAME), "score me") && row_i64(r, THING_COMPUTED) != 7) {
        row_set_i64(r, THING_COMPUTED, 7);
        return record_save(cx, r);
    }
    if (text_is(row_text(r, THING_NAME), "round and round")) {
        row_set_i64(r, THING_COMPUTED, row_i64(r, THING_COMPUTED) + 1);
        return record_save(cx, r);
    }
    return OK;
}

static const struct record_type thing_type = {
    .name = "thing",
    .label = "Thing",
    .plural = "Things",
    .path = "things",
    .icon = "box",
    .sort = "name",
    .title = THING_NAME,
    .board = "stage",
    .fields = thing_fields,
    .field_count = THING_FIELDS,
    .validate = thing_validate,
    .saved = thing_saved,
};

static const struct feature things_feature = {
    .name = "things",
    TYPES(&team_type, &user_type, &firm_type, &thing_type),
};
static const struct feature *const things_features[] = { &things_feature };
static const struct fixture_options things = { FEATURES(things_features) };
