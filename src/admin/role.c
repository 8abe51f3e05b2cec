/* role.c -- roles: for each kind of record which verbs, and on whose records. Marketing and sales
 * read each other's records by default: sharing is the point. */
#include "admin/user.h"

static const struct field fields[] = {
    [ROLE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | UNIQUE, .max_len = 80 },
    [ROLE_ADMIN] = { "admin", FIELD_BOOL, "May do everything", LISTED,
                     .help = "Administrators need no rules." },
    [ROLE_RULES] = { "rules", FIELD_JSON, "Rules", 0, .otherwise = "{}",
                     .help = "For each kind of record what may be done: read, create, update, "
                             "delete, export, each with none, own, team or all. * stands for all "
                             "others." },
};
_Static_assert(countof(fields) == ROLE_FIELDS, "enum and table differ");

static enum status role_validate(struct ctx *cx, struct row *r)
{
    const struct access_rules *rules;
    const char *json = row_text(r, ROLE_RULES);
    i64 others;

    if (!text_empty(json) && access_rules_parse(cx, cx->arena, json, &rules) != OK)
        return ctx_fail_field(cx, "rules", "role.rules", "%s", cx->error_text);
    if (row_before(r) == NULL || !row_bool(row_before(r), ROLE_ADMIN) || row_bool(r, ROLE_ADMIN))
        return OK;
    TRY(db_get_i64(cx, &others, "user.other_admins_by_role", I64("role", row_id(r))));
    if (others == 0)
        return ctx_fail_field(cx, "admin", "role.last_admin",
                              "Nobody else could administer Furrow then. Give another user a role "
                              "that may do everything first.");
    return OK;
}

static enum status role_removed(struct ctx *cx, struct row *r)
{
    i64 users;

    TRY(db_get_i64(cx, &users, "role.users", I64("role", row_id(r))));
    if (users > 0)
        return ctx_fail_code(cx, E_CONFLICT, "role.in_use",
                             "%d users have the role \"%s\". Give them another one first.",
                             (int)users, row_text(r, ROLE_NAME));
    return OK;
}

const struct record_type role_type = {
    .name = "role",
    .label = "Role",
    .plural = "Roles",
    .path = "roles",
    .icon = "shield-lock",
    .section = "settings",
    .menu_order = 3,
    .sort = "name",
    .title = ROLE_NAME,
    .fields = fields,
    .field_count = ROLE_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "What the users of a role may see and do.",
    RELATED({ "user", "role_id", "Users" }),
    .validate = role_validate,
    .removed = role_removed,
};

/* What is nobody's but an administrator's, in every role's rules. */
#define HOUSE                                                                           \
    "\"user\":{\"read\":\"all\"},\"team\":{\"read\":\"all\"},\"role\":{},\"admin\":{}," \
    "\"pipeline\":{\"read\":\"all\"},\"stage\":{\"read\":\"all\"},"                     \
    "\"approval_rule\":{\"read\":\"all\"},\"framework\":{\"read\":\"all\"},"            \
    "\"criterion\":{\"read\":\"all\"},\"exchange_rate\":{\"read\":\"all\"},"            \
    "\"commission_plan\":{\"read\":\"all\"},\"commission_tier\":{\"read\":\"all\"},"    \
    "\"commission_member\":{\"read\":\"all\"}"
#define ALL_BUT_OTHERS_DELETED                                                               \
    "{\"read\":\"all\",\"create\":\"all\",\"update\":\"all\",\"delete\":\"own\",\"export\":" \
    "\"all\"}"
#define READING "{\"read\":\"all\"}"

static const struct {
    const char *name, *rules;
    bool admin;
} first_roles[] = {
    { "Administrator", "{}", true },
    { "Marketing",
      "{\"*\":" ALL_BUT_OTHERS_DELETED ",\"deal\":" READING ",\"quote\":" READING
      ",\"quote_line\":" READING ",\"site\":" ALL_BUT_OTHERS_DELETED "," HOUSE "}",
      false },
    { "Sales",
      "{\"*\":" ALL_BUT_OTHERS_DELETED ",\"campaign\":" READING ",\"broadcast\":" READING
      ",\"form\":" READING ",\"site\":" READING ",\"sender\":" READING ",\"score_rule\":" READING
      ",\"topic\":" READING "," HOUSE "}",
      false },
    { "Service",
      "{\"*\":" ALL_BUT_OTHERS_DELETED ",\"campaign\":" READING ",\"broadcast\":" READING
      ",\"form\":" READING ",\"site\":" READING ",\"sender\":" READING ",\"score_rule\":" READING
      ",\"topic\":" READING ",\"deal\":" READING ",\"quote\":" READING ",\"quote_line\":" READING
      "," HOUSE "}",
      false },
    { "Read only", "{\"*\":" READING ",\"role\":{},\"admin\":{}}", false },
};

static enum status role_start(struct ctx *cx)
{
    i64 count;

    TRY(db_get_i64(cx, &count, "role.count"));
    for (size_t i = 0; count == 0 && i < countof(first_roles); i++) {
        struct row *role = row_new(cx, &role_type);
        row_set_text(role, ROLE_NAME, first_roles[i].name);
        row_set_text(role, ROLE_RULES, first_roles[i].rules);
        row_set_i64(role, ROLE_ADMIN, first_roles[i].admin);
        TRY(record_save(cx, role));
    }
    return OK;
}

const struct feature feature_role = { .name = "role", TYPES(&role_type), .start = role_start };
