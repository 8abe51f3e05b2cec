/* access_test.c -- who may do what: every verb with every scope, on rows as they were and as they
 * become. */
#include "base/id.h"
#include "kit/record_int.h"
#include "kit/things.h"

/* ---- roles ---- */
static const struct {
    const char *note, *json, *code; /* code "": fine */
} role_cases[] = {
    { "empty", "{}", "" },
    { "one rule", "{\"deal\": {\"read\": \"all\", \"delete\": \"none\"}}", "" },
    { "no JSON", "{", "role.invalid" },
    { "no object", "[]", "role.invalid" },
    { "a word for a rule", "{\"deal\": \"all\"}", "role.invalid" },
    { "unknown verb", "{\"deal\": {\"reed\": \"all\"}}", "role.unknown_verb" },
    { "unknown scope", "{\"deal\": {\"read\": \"some\"}}", "role.unknown_scope" },
    { "scope of another kind", "{\"deal\": {\"read\": true}}", "role.unknown_scope" },
};

static void a_role_says_what_it_does_not_know(void **state)
{
    struct fixture *f = *state;
    const struct access_rules *rules;

    for (size_t i = 0; i < countof(role_cases); i++) {
        ctx_clear_error(f->cx);
        enum status s = access_rules_parse(f->cx, f->cx->arena, role_cases[i].json, &rules);
        bool fine = role_cases[i].code[0] == '\0';
        if ((s == OK) != fine || (!fine && !text_is(f->cx->error_code, role_cases[i].code)))
            fail_msg("%s: %s '%s'", role_cases[i].note, status_word(s), f->cx->error_code);
    }
}

static void the_nearest_rule_holds(void **state)
{
    struct fixture *f = *state;
    const struct access *who = fixture_user(
        f, "Anna", 0, "{\"*\": {\"read\": \"team\"}, \"deal\": {\"update\": \"own\"}}");
    static const u8 read_only[VERB_COUNT] = { [VERB_READ] = 1, [VERB_EXPORT] = 1 };
    struct access other = *who;

    assert_int_equal(access_scope(who, "contact", VERB_READ), SCOPE_TEAM);
    assert_int_equal(access_scope(who, "contact", VERB_UPDATE), SCOPE_NONE);
    assert_int_equal(access_scope(who, "deal", VERB_UPDATE), SCOPE_OWN);
    assert_int_equal(access_scope(who, "deal", VERB_READ),
                     SCOPE_NONE); /* a rule of its own is all of it */
    assert_int_equal(access_scope(NULL, "deal", VERB_READ), SCOPE_NONE);
    assert_int_equal(access_scope(access_public(), "deal", VERB_READ), SCOPE_NONE);
    assert_int_equal(access_scope(access_system(), "deal", VERB_DELETE), SCOPE_ALL);
    other.admin = true;
    assert_int_equal(access_scope(&other, "deal", VERB_DELETE), SCOPE_ALL);
    other.token_scopes = read_only;
    assert_int_equal(access_scope(&other, "deal", VERB_DELETE), SCOPE_NONE);
    assert_int_equal(access_scope(&other, "deal", VERB_READ), SCOPE_ALL);
}

static void strangers_are_asked_to_sign_in(void **state)
{
    struct fixture *f = *state;
    struct ctx *nobody = fixture_ctx(f, access_public());
    struct ctx *anna = fixture_ctx(f, fixture_user(f, "Anna", 0, "{}"));

    assert_int_equal(access_check(nobody, "firm", VERB_READ), E_UNAUTHORIZED);
    assert_int_equal(access_check(anna, "firm", VERB_UPDATE), E_FORBIDDEN);
    assert_non_null(strstr(anna->error_text, "update firms"));
}

/* ---- one verb on one row ---- */
static i64 made_by(struct fixture *f, const struct access *who, const struct access *owner)
{
    struct ctx *cx = fixture_ctx(f, who);
    struct row *r = row_new(cx, &firm_type);

    row_set_text(r, FIRM_NAME, "Acme");
    if (owner)
        row_set_i64(r, FIRM_OWNER, owner->user_id);
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    assert_ok(cx, record_save(cx, r));
    return row_id(r);
}

/* What the verb answers on firm `id`, with everybody allowed to read. */
static enum status try_verb(struct fixture *f, const struct access *who, enum verb v, i64 id)
{
    struct ctx *cx = fixture_ctx(f, who);
    struct row *r;

    if (v == VERB_READ)
        return record_get(cx, &firm_type, id, &r);
    if (v == VERB_CREATE) {
        struct row *like;
        assert_ok(f->cx, record_get(f->cx, &firm_type, id, &like));
        r = row_new(cx, &firm_type);
        row_set_text(r, FIRM_NAME, "New");
        row_set_i64(r, FIRM_OWNER, row_i64(like, FIRM_OWNER));
        return record_save(cx, r);
    }
    TRY(record_get(cx, &firm_type, id, &r));
    row_set_text(r, FIRM_NAME, "Changed");
    return v == VERB_UPDATE ? record_save(cx, r) : record_delete(cx, r);
}

static void scopes_hold_for_every_verb(void **state)
{
    struct fixture *f = *state;
    static const enum verb verbs[] = { VERB_READ, VERB_CREATE, VERB_UPDATE, VERB_DELETE };
    static const char *const scopes[] = { "none", "own", "team", "all" };
    /* whose firm: mine, a colleague's, another team's, nobody's */
    static const bool may[4][4] = {
        { false, false, false, false },
        { true, false, false, false },
        { true, true, false, false },
        { true, true, true, true },
    };
    i64 red = fixture_record(f, "team", "name", "Red", NULL);
    i64 blue = fixture_record(f, "team", "name", "Blue", NULL);
    const struct access *mate = fixture_user(f, "Mate", red, "{}"),
                        *rival = fixture_user(f, "Rival", blue, "{}");

    for (size_t v = 0; v < countof(verbs); v++) {
        for (size_t s = 0; s < countof(scopes); s++) {
            const char *rules = arena_printf(
                f->cx->arena,
                verbs[v] == VERB_READ ? "{\"firm\": {\"%s\": \"%s\"}}"
                                      : "{\"firm\": {\"%s\": \"%s\", \"read\": \"all\"}}",
                verb_word(verbs[v]), scopes[s]);
            const struct access *me =
                fixture_user(f, arena_printf(f->cx->arena, "me%zu%zu", v, s), red, rules);
            const struct access *owners[] = { me, mate, rival, NULL };
            for (size_t o = 0; o < countof(owners); o++) {
                i64 id = made_by(f, access_system(), owners[o]);
                enum status got = try_verb(f, me, verbs[v], id);
                bool want = may[s][o];
                if (verbs[v] == VERB_CREATE && owners[o] == NULL && s > 0)
                    want = true; /* nobody's becomes mine */
                enum status refusal = verbs[v] == VERB_READ ? E_NOT_FOUND : E_FORBIDDEN;
                if (got != (want ? OK : refusal))
                    fail_msg("%s %s, owner %zu: %s", verb_word(verbs[v]), scopes[s], o,
                             status_word(got));
            }
        }
    }
}

static void a_row_must_stay_in_scope(void **state)
{
    struct fixture *f = *state;
    const struct access *other = fixture_user(f, "Other", 0, "{}");
    const struct access *me = fixture_user(
        f, "Me", 0, "{\"firm\": {\"read\": \"all\", \"update\": \"own\", \"create\": \"own\"}}");
    struct ctx *cx = fixture_ctx(f, me);
    struct row *r;

    assert_ok(cx, record_get(cx, &firm_type, made_by(f, access_system(), me), &r));
    row_set_i64(r, FIRM_OWNER, other->user_id); /* given away */
    assert_status(cx, record_save(cx, r), E_FORBIDDEN);
    assert_ok(cx, record_get(cx, &firm_type, made_by(f, access_system(), other), &r));
    row_set_i64(r, FIRM_OWNER, me->user_id); /* taken */
    assert_status(cx, record_save(cx, r), E_FORBIDDEN);
    r = row_new(cx, &firm_type);
    row_set_text(r, FIRM_NAME, "New");
    assert_ok(cx, record_save(cx, r));
    assert_int_equal(row_i64(r, FIRM_OWNER), me->user_id);
}

/* Where nobody owns, who made it does. */
static void without_an_owner_its_maker_counts(void **state)
{
    struct fixture *f = *state;
    const char *rules =
        "{\"thing\": {\"read\": \"own\", \"create\": \"all\", \"update\": \"own\"}}";
    struct ctx *anna = fixture_ctx(f, fixture_user(f, "Anna", 0, rules));
    struct ctx *bert = fixture_ctx(f, fixture_user(f, "Bert", 0, rules));
    struct row *r = row_new(anna, &thing_type), *again;

    row_set_text(r, THING_NAME, "hers");
    assert_ok(anna, record_save(anna, r));
    assert_ok(anna, record_get(anna, &thing_type, row_id(r), &again));
    row_set_text(again, THING_TEXT, "more");
    assert_ok(anna, record_save(anna, again));
    assert_status(bert, record_get(bert, &thing_type, row_id(r), &again), E_NOT_FOUND);
}

static void a_reference_to_the_unseen_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct access *me = fixture_user(
        f, "Me", 0,
        "{\"thing\": {\"create\": \"all\"}, \"firm\": {\"read\": \"own\", \"create\": \"all\"}}");
    struct ctx *cx = fixture_ctx(f, me);
    struct row *r = row_new(cx, &thing_type), *firm = row_new(cx, &firm_type);
    const char *title;

    row_set_text(r, THING_NAME, "refers");
    i64 unseen = made_by(f, access_system(), NULL);
    row_set_i64(r, THING_FIRM, unseen);
    assert_int_equal(record_save(cx, r), E_INVALID);
    assert_string_equal(cx->field_errors->code, "ref.missing");
    ctx_clear_error(cx);
    assert_ok(cx, record_titles(cx, &firm_type, &unseen, 1, &title));
    assert_string_equal(title, "");
    row_set_i64(r, THING_FIRM, made_by(f, me, me));
    assert_ok(cx, record_save(cx, r));
    /* Whom it belongs to may be said without the right to list users. */
    row_set_text(firm, FIRM_NAME, "mine");
    row_set_i64(firm, FIRM_OWNER, me->user_id);
    assert_ok(cx, record_save(cx, firm));
}

static void acting_as_the_program_keeps_the_name(void **state)
{
    struct fixture *f = *state;
    const struct access *me = fixture_user(f, "Me", 0, "{}");
    struct ctx *cx = fixture_ctx(f, me);
    i64 id = made_by(f, me, NULL);
    struct row *r;

    assert_ptr_equal(cx->access, me);
    assert_ok(f->cx, record_get(f->cx, &firm_type, id, &r));
    assert_int_equal(row_system(r, SYSTEM_CREATED_BY), me->user_id);
    {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        assert_ok(cx, record_get(cx, &firm_type, id, &r));
    }
    assert_ptr_equal(cx->access, me);
    assert_status(cx, record_get(cx, &firm_type, id, &r), E_NOT_FOUND);
}

static void many_are_made_within_scope(void **state)
{
    struct fixture *f = *state;
    const struct access *other = fixture_user(f, "Other", 0, "{}");
    struct ctx *cx = fixture_ctx(f, fixture_user(f, "Me", 0, "{\"firm\": {\"create\": \"own\"}}"));
    struct ctx *none = fixture_ctx(f, fixture_user(f, "None", 0, "{}"));
    struct row *rows[3];

    for (int i = 0; i < 3; i++) {
        rows[i] = row_new(cx, &firm_type);
        row_set_text(rows[i], FIRM_NAME, "One of three");
    }
    assert_status(none, record_save_many(none, rows, 3), E_FORBIDDEN);
    row_set_i64(rows[2], FIRM_OWNER, other->user_id);
    assert_status(cx, record_save_many(cx, rows, 3), E_FORBIDDEN);
    row_clear(rows[2], FIRM_OWNER);
    assert_ok(cx, record_save_many(cx, rows, 3));
    assert_int_equal(row_i64(rows[2], FIRM_OWNER), cx->access->user_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE_ENGINE(a_role_says_what_it_does_not_know, &things),
        ON_SQLITE_ENGINE(the_nearest_rule_holds, &things),
        ON_SQLITE_ENGINE(strangers_are_asked_to_sign_in, &things),
        ON_BOTH_ENGINES(scopes_hold_for_every_verb, &things),
        ON_BOTH_ENGINES(a_row_must_stay_in_scope, &things),
        ON_BOTH_ENGINES(without_an_owner_its_maker_counts, &things),
        ON_BOTH_ENGINES(a_reference_to_the_unseen_is_refused, &things),
        ON_BOTH_ENGINES(acting_as_the_program_keeps_the_name, &things),
        ON_BOTH_ENGINES(many_are_made_within_scope, &things),
    };

    return cmocka_run_group_tests_name("kit/access", tests, NULL, NULL);
}
