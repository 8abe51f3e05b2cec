/* access.c -- roles compiled from JSON, and the one question all of kit asks: with what scope may
 * they? */
#include "base/json.h"
#include "kit/filter.h"
#include "kit/kit.h"
#include "kit/record_int.h"

struct access_rule {
    const char *resource; /* "*" : every other one */
    u8 scope[VERB_COUNT];
};
struct access_rules {
    struct access_rule *rules;
    size_t count;
};

static const char *const verb_words[VERB_COUNT] = { "read", "create", "update", "delete",
                                                    "export" };
static const char *const scope_words[] = { "none", "own", "team", "all" };

const struct access *access_system(void)
{
    static const struct access system = { .name = "Furrow",
                                          .email = "",
                                          .role = "system",
                                          .team = "",
                                          .csrf = "",
                                          .theme = "",
                                          .system = true };
    return &system;
}

const struct access *access_public(void)
{
    static const struct access nobody = {
        .name = "", .email = "", .role = "", .team = "", .csrf = "", .theme = ""
    };
    return &nobody;
}

const char *verb_word(enum verb v)
{
    assert(v < VERB_COUNT);
    return verb_words[v];
}

static const struct access_rule *find_rule(const struct access_rules *rules, const char *resource)
{
    const struct access_rule *other = NULL;

    for (size_t i = 0; rules && i < rules->count; i++) {
        if (text_is(rules->rules[i].resource, resource))
            return &rules->rules[i];
        if (text_is(rules->rules[i].resource, "*"))
            other = &rules->rules[i];
    }
    return other;
}

enum scope access_scope(const struct access *who, const char *resource, enum verb v)
{
    assert(v < VERB_COUNT);
    if (who == NULL)
        return SCOPE_NONE;
    if (who->system)
        return SCOPE_ALL;
    if (who->token_scopes && !who->token_scopes[v])
        return SCOPE_NONE;
    if (who->admin)
        return SCOPE_ALL;
    const struct access_rule *rule = find_rule(who->rules, resource);
    return rule ? (enum scope)rule->scope[v] : SCOPE_NONE;
}

enum status access_check(struct ctx *cx, const char *resource, enum verb v)
{
    const struct access *who = cx->access;
    const struct record_type *t;

    if (access_scope(who, resource, v) != SCOPE_NONE)
        return OK;
    if (who == NULL || who->user_id == 0)
        return ctx_fail(cx, E_UNAUTHORIZED, "Sign in first.");
    t = cx->kit ? type_find(cx, resource) : NULL;
    const char *what = t                            ? text_in_sentence(cx->arena, t->plural)
                       : text_is(resource, "admin") ? "the settings of the workspace"
                                                    : resource;
    if (who->token_scopes && !who->token_scopes[v])
        return ctx_fail_code(cx, E_FORBIDDEN, "token_scope",
                             "This token may not %s %s: make one with a wider scope.", verb_word(v),
                             what);
    return ctx_fail(cx, E_FORBIDDEN, "Your role \"%s\" may not %s %s.", who->role ? who->role : "",
                    verb_word(v), what);
}

/* ---- roles ---- */
static int word_index(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(words[i], word))
            return (int)i;
    return -1;
}

static enum status parse_rule(struct ctx *cx, const char *resource, const struct val *verbs,
                              struct access_rule *rule)
{
    if (val_kind_of(verbs) != VAL_MAP)
        return ctx_fail_code(cx, E_INVALID, "role.invalid",
                             "The rule for \"%s\" must be like {\"read\": \"all\"}.", resource);
    for (size_t i = 0; i < val_count(verbs); i++) {
        int verb = word_index(verb_words, VERB_COUNT, val_key_at(verbs, i));
        const char *word = val_as_text(val_value_at(verbs, i), "");
        int scope = word_index(scope_words, countof(scope_words), word);
        if (verb < 0)
            return ctx_fail_code(
                cx, E_INVALID, "role.unknown_verb",
                "\"%s\" of \"%s\" is not one of read, create, update, delete, export.",
                val_key_at(verbs, i), resource);
        if (scope < 0)
            return ctx_fail_code(cx, E_INVALID, "role.unknown_scope",
                                 "\"%s\" for \"%s\" of \"%s\" is not one of none, own, team, all.",
                                 word, verb_words[verb], resource);
        rule->scope[verb] = (u8)scope;
    }
    return OK;
}

enum status access_rules_parse(struct ctx *cx, struct arena *a, const char *json,
                               const struct access_rules **out)
{
    struct access_rules *rules = NEW(a, struct access_rules);
    struct json_error error;
    struct val *tree;

    if (json_read(cx->arena, str_from(json), &tree, &error) != OK || val_kind_of(tree) != VAL_MAP)
        return ctx_fail_code(cx, E_INVALID, "role.invalid",
                             "The rules of a role must be a JSON object of resources.");
    rules->count = val_count(tree);
    rules->rules = NEW_N(a, struct access_rule, rules->count);
    for (size_t i = 0; i < rules->count; i++) {
        const char *resource = val_key_at(tree, i);
        rules->rules[i].resource = arena_text(a, resource);
        TRY(parse_rule(cx, resource, val_value_at(tree, i), &rules->rules[i]));
    }
    *out = rules;
    return OK;
}

/* ---- acting as the program ---- */
struct access_guard access_enter_system(struct ctx *cx)
{
    struct access_guard g = { .cx = cx, .before = cx->access };
    struct access *as = NEW(cx->arena, struct access);

    *as = *access_system();
    if (cx->access) { /* the change log goes on to name the person whose doing it is */
        *as = *cx->access;
        as->system = true;
    }
    cx->access = as;
    return g;
}

void access_leave(struct access_guard *g) { g->cx->access = g->before; }

/* ---- one row ---- */
static i64 row_owner(const struct row *r)
{
    int field = type_owner_field(r->type);

    return field < 0 ? r->created_by : row_i64(r, field);
}

bool seen_by_role(const struct access *who, const struct record_type *t)
{
    return t->seen_if == NULL || who->system || who->admin;
}

bool sees_all(struct ctx *cx, const struct record_type *t)
{
    return access_scope(cx->access, t->name, VERB_READ) == SCOPE_ALL && seen_by_role(cx->access, t);
}

/* What the type itself says, beside the role. */
static enum status row_seen(struct ctx *cx, const struct row *r, bool *seen)
{
    struct filter *f;

    *seen = seen_by_role(cx->access, r->type) || row_owner(r) == cx->access->user_id;
    if (*seen)
        return OK;
    TRY(filter_parse(cx, r->type, r->type->seen_if, &f));
    return filter_match(cx, f, r, seen);
}

static enum status role_allows(struct ctx *cx, const struct row *r, enum scope scope, bool *in)
{
    const struct access *who = cx->access;
    int owner_field = type_owner_field(r->type);
    i64 owner, team;

    *in = scope == SCOPE_ALL;
    if (scope == SCOPE_ALL || scope == SCOPE_NONE || who == NULL || who->user_id == 0)
        return OK;
    owner = row_owner(r);
    *in = owner == who->user_id;
    if (*in || scope == SCOPE_OWN || owner_field < 0 || owner == 0 || who->team_id == 0)
        return OK;
    TRY(user_team(cx, owner, &team));
    *in = team == who->team_id;
    return OK;
}

enum status row_in_scope(struct ctx *cx, const struct row *r, enum scope scope, bool *in)
{
    TRY(role_allows(cx, r, scope, in));
    return *in ? row_seen(cx, r, in) : OK;
}
