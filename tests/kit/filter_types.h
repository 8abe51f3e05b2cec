/* filter_types.h -- record types for the tests of filters, lists and questions: a thing with a
 * field of every kind, which refers to a box, which refers to a bigger box; users and teams. */
#pragma once
#include "kit/filter.h"
#include "support/fixture.h"

enum { TEAM_NAME, TEAM_FIELDS };
enum { USER_NAME, USER_EMAIL, USER_TEAM, USER_FIELDS };
enum {
    BOX_NAME,
    BOX_SIZE,
    BOX_PRICE,
    BOX_COLOR,
    BOX_OPEN,
    BOX_MADE,
    BOX_TAGS,
    BOX_INTO,
    BOX_OWNER,
    BOX_FIELDS
};
enum {
    THING_NAME,
    THING_NOTE,
    THING_COUNT,
    THING_WEIGHT,
    THING_PRICE,
    THING_DUE,
    THING_SEEN,
    THING_DONE,
    THING_STATE,
    THING_TAGS,
    THING_EMAIL,
    THING_PHONE,
    THING_SITE,
    THING_BOX,
    THING_OWNER,
    THING_DATA,
    THING_SECRET,
    THING_CODE,
    THING_FIELDS
};

static const struct field team_fields[] = {
    [TEAM_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED },
};
static const struct record_type team_type = {
    .name = "team",
    .label = "Team",
    .plural = "Teams",
    .path = "teams",
    .sort = "name",
    .fields = team_fields,
    .field_count = TEAM_FIELDS,
};
static const struct field user_fields[] = {
    [USER_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED },
    [USER_EMAIL] = { "email", FIELD_EMAIL, "Email", 0 },
    [USER_TEAM] = { "team_id", FIELD_REF, "Team", 0, .ref = "team" },
};
static const struct record_type user_type = {
    .name = "user",
    .label = "User",
    .plural = "Users",
    .path = "users",
    .sort = "name",
    .fields = user_fields,
    .field_count = USER_FIELDS,
};
static const struct field box_fields[] = {
    [BOX_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED },
    [BOX_SIZE] = { "size", FIELD_INT, "Size", 0 },
    [BOX_PRICE] = { "price", FIELD_MONEY, "Price", 0 },
    [BOX_COLOR] = { "color", FIELD_CHOICE, "Colour", 0,
                    .choices = CHOICES({ "red", "Red", "red" }, { "blue", "Blue", "blue" }) },
    [BOX_OPEN] = { "open", FIELD_BOOL, "Open", 0 },
    [BOX_MADE] = { "made", FIELD_DATE, "Made", 0 },
    [BOX_TAGS] = { "tags", FIELD_TAGS, "Tags", 0 },
    [BOX_INTO] = { "into_id", FIELD_REF, "Stands in", 0, .ref = "box" },
    [BOX_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user" },
};
static const struct record_type box_type = {
    .name = "box",
    .label = "Box",
    .plural = "Boxes",
    .path = "boxes",
    .sort = "name",
    .fields = box_fields,
    .field_count = BOX_FIELDS,
};
static const struct field thing_fields[] = {
    [THING_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED | INDEXED },
    [THING_NOTE] = { "note", FIELD_LONG, "Note", 0 },
    [THING_COUNT] = { "amount_in", FIELD_INT, "Count", INDEXED },
    [THING_WEIGHT] = { "weight", FIELD_DECIMAL, "Weight", 0, .scale = 3 },
    [THING_PRICE] = { "price", FIELD_MONEY, "Price", INDEXED },
    [THING_DUE] = { "due", FIELD_DATE, "Due", INDEXED },
    [THING_SEEN] = { "seen_at", FIELD_TIME, "Seen", INDEXED },
    [THING_DONE] = { "done", FIELD_BOOL, "Done", 0 },
    [THING_STATE] = { "state", FIELD_CHOICE, "State", INDEXED,
                      .choices = CHOICES({ "new", "New", "blue" }, { "in_use", "In use", "green" },
                                         { "gone", "Gone", "red" }) },
    [THING_TAGS] = { "tags", FIELD_TAGS, "Tags", 0 },
    [THING_EMAIL] = { "email", FIELD_EMAIL, "Email", UNIQUE },
    [THING_PHONE] = { "phone", FIELD_PHONE, "Phone", 0 },
    [THING_SITE] = { "site", FIELD_URL, "Site", 0 },
    [THING_BOX] = { "box_id", FIELD_REF, "Box", 0, .ref = "box" },
    [THING_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user" },
    [THING_DATA] = { "data", FIELD_JSON, "Data", 0 },
    [THING_SECRET] = { "secret", FIELD_TEXT, "Secret", INTERNAL },
    [THING_CODE] = { "code", FIELD_TEXT, "Code", 0 },
};
static const struct record_type thing_type = {
    .name = "thing",
    .label = "Thing",
    .plural = "Things",
    .path = "things",
    .sort = "-created_at",
    .fields = thing_fields,
    .field_count = THING_FIELDS,
    .flags = TYPE_PERSON,
    INDEXES({ "thing_state_amount", "state, amount_in", "deleted_at IS NULL" },
            { "thing_done_amount", "state, done, amount_in", NULL }),
};
static const struct feature feature_things = {
    .name = "things", TYPES(&team_type, &user_type, &box_type, &thing_type)
};
static const struct feature *const thing_features[] = { &feature_things };

/* The same numbers on every machine. */
static inline u32 dice(u64 *seed, u32 sides)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (u32)(*seed >> 33) % sides;
}

struct world {
    i64 teams[2], users[4], boxes[12];
};

/* Rows of every shape: set and unset, equal and different, letters that fold, marks that LIKE
 * would mistake. */
static inline void world_make(struct fixture *f, struct world *w, int things)
{
    static const char *const names[] = { "Ångström", "angstrom ag", "O'Neil", "100%", "a_b",  "a%b",
                                         "ab",       "\"quoted\"",  "Zoë",    "zoe",  "ﬁrst", "x" };
    static const char *const tags[] = { "hot", "Hot, new", "cold", "50%", "ÅB" };
    static const char *const prices[] = { "10", "10.50", "100 USD", "99.99", "-5", "1000000 JPY" };
    static const char *const dates[] = { "2026-11-23", "2026-11-22", "2026-10-31", "2025-12-31",
                                         "2026-11-30", "2026-12-01", "1969-12-31" };
    static const char *const times[] = { "2026-11-23T10:00:00Z",     "2026-11-22T23:30:00Z",
                                         "2026-11-23T09:59:59.999Z", "2026-10-25T01:30:00Z",
                                         "2026-03-29T01:30:00Z",     "2026-11-01T00:00:00+01:00",
                                         "1969-12-31T23:00:00Z" };
    static const char *const phones[] = { "+49 30 1234567", "0049301234567", "030 1234567",
                                          "555-0100" };
    static const char *const sites[] = { "https://example.com", "https://Example.com/A",
                                         "http://b.example" };
    static const char *const states[] = { "new", "in_use", "gone" };
    static const char *const colors[] = { "red", "blue" };
    u64 seed = 7;
    struct ctx *cx = f->cx;
#define SOME(list) (dice(&seed, 3) == 0 ? "" : list[dice(&seed, countof(list))])
#define REF_OF(list) \
    (dice(&seed, 3) == 0 ? "" : id_text(cx->arena, list[dice(&seed, countof(list))]))

    for (size_t i = 0; i < countof(w->teams); i++)
        w->teams[i] = fixture_record(f, "team", "name", i ? "Two" : "One", NULL);
    for (size_t i = 0; i < countof(w->users); i++)
        w->users[i] =
            fixture_record(f, "user", "name", arena_printf(cx->arena, "User %zu", i), "team_id",
                           i < 3 ? id_text(cx->arena, w->teams[i / 2]) : "", NULL);
    for (size_t i = 0; i < countof(w->boxes); i++)
        w->boxes[i] = fixture_record(
            f, "box", "name", names[dice(&seed, countof(names))], "size",
            dice(&seed, 3) ? arena_printf(cx->arena, "%d", (int)dice(&seed, 4)) : "", "price",
            SOME(prices), "color", SOME(colors), "open", dice(&seed, 2) ? "true" : "", "made",
            SOME(dates), "tags", SOME(tags), "into_id",
            i && dice(&seed, 2) ? id_text(cx->arena, w->boxes[dice(&seed, (u32)i)]) : "",
            "owner_id", REF_OF(w->users), NULL);
    for (int i = 0; i < things; i++)
        fixture_record(
            f, "thing", "name", names[dice(&seed, countof(names))], "note", SOME(names),
            "amount_in",
            dice(&seed, 3) ? arena_printf(cx->arena, "%d", (int)dice(&seed, 5) - 1) : "", "weight",
            dice(&seed, 3)
                ? arena_printf(cx->arena, "%d.%03d", (int)dice(&seed, 3), (int)dice(&seed, 2) * 125)
                : "",
            "price", SOME(prices), "due", SOME(dates), "seen_at", SOME(times), "done",
            dice(&seed, 2) ? "true" : "", "state", SOME(states), "tags", SOME(tags), "email",
            dice(&seed, 2) ? arena_printf(cx->arena, "%s%d@Example.com", i % 2 ? "A" : "b", i) : "",
            "phone", SOME(phones), "site", SOME(sites), "box_id", REF_OF(w->boxes), "owner_id",
            REF_OF(w->users), "data", dice(&seed, 2) ? "{}" : "", "code", SOME(names), NULL);
#undef SOME
#undef REF_OF
    for (size_t i = 0; i < 3; i++) {
        struct row *r;
        assert_ok(cx, record_get(cx, &box_type, w->boxes[i * 4 + 1], &r));
        assert_ok(cx, record_delete(cx, r));
    }
}

/* Sees boxes of the own team and own things only. */
static inline const struct access *world_seller(struct fixture *f, const struct world *w, int user)
{
    struct access *who = NEW(f->cx->arena, struct access);

    *who = (struct access){ .name = "Seller",
                            .email = "",
                            .role = "seller",
                            .team = "",
                            .csrf = "",
                            .theme = "",
                            .user_id = w->users[user],
                            .team_id = user < 3 ? w->teams[user / 2] : 0 };
    assert_ok(f->cx,
              access_rules_parse(f->cx, f->cx->arena,
                                 "{\"thing\": {\"read\": \"own\"}, \"box\": {\"read\": \"team\"}, "
                                 "\"user\": {\"read\": \"all\"}, \"team\": {\"read\": \"all\"}, "
                                 "\"mark\": {\"read\": \"own\"}, \"journey\": {\"read\": \"all\"}}",
                                 &who->rules));
    return who;
}
