/* team.c -- teams: whose scope "team" is whose, and which home page they see. */
#include "admin/user.h"

static const struct field fields[] = {
    [TEAM_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | UNIQUE, .max_len = 80 },
    [TEAM_KIND] = { "kind", FIELD_CHOICE, "Works in", REQUIRED | LISTED,
                    .help = "Decides what the team's home page begins with.",
                    .choices = CHOICES(
                        { "marketing", "Marketing", "violet" }, { "sales", "Sales", "green" },
                        { "service", "Service", "blue" }, { "admin", "Administration", "gray" }) },
};
_Static_assert(countof(fields) == TEAM_FIELDS, "enum and table differ");

const struct record_type team_type = {
    .name = "team",
    .label = "Team",
    .plural = "Teams",
    .path = "teams",
    .icon = "users-group",
    .section = "settings",
    .menu_order = 2,
    .sort = "name",
    .title = TEAM_NAME,
    .fields = fields,
    .field_count = TEAM_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "People who share their work: a role can be held to what its team owns.",
    RELATED({ "user", "team_id", "Members" }),
};

static const struct {
    const char *name, *kind;
} first_teams[] = {
    { "Marketing", "marketing" },
    { "Sales", "sales" },
    { "Service", "service" },
    { "Administration", "admin" },
};

static enum status team_start(struct ctx *cx)
{
    i64 count;

    TRY(db_get_i64(cx, &count, "team.count"));
    for (size_t i = 0; count == 0 && i < countof(first_teams); i++) {
        struct row *team = row_new(cx, &team_type);
        row_set_text(team, TEAM_NAME, first_teams[i].name);
        row_set_text(team, TEAM_KIND, first_teams[i].kind);
        TRY(record_save(cx, team));
    }
    return OK;
}

const struct feature feature_team = { .name = "team", TYPES(&team_type), .start = team_start };
