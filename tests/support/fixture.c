/* fixture.c -- opens and closes the program of a test case. */
#include "support/fixture.h"
#include "journey/journey.h"
#include "support/seed.h"
#include <stdio.h>
#include <stdlib.h>

extern const struct sql_file kit_sql_files[];
extern const size_t kit_sql_file_count;
extern const struct migration migrations[];
extern const size_t migration_count;

static void open_database(struct fixture *f, const struct fixture_options *o)
{
    struct sql_file *files = calloc(kit_sql_file_count + o->sql_count + 1, sizeof *files);
    struct test_sql sql = { files, kit_sql_file_count + o->sql_count };
    void *state = &sql;

    memcpy(files, kit_sql_files, kit_sql_file_count * sizeof *files);
    for (size_t i = 0; i < o->sql_count; i++)
        files[kit_sql_file_count + i] = o->sql[i];
    int failed = test_db_migrated(&state, f->engine, migrations, migration_count);
    free(files);
    if (failed)
        fail_msg("no database");
    f->t = state;
    f->cx = &f->t->cx;
    f->clock = &f->t->clock;
    f->clock->fixed_ms = FIXTURE_NOW;
    f->cx->access = access_system();
    assert_ok(f->cx, writer_open(f->cx, f->t->store, 2, &f->writer));
}

/* What seals the secrets of tests. */
static const unsigned char seal_key[32] = "only tests are sealed with this.";

static void open_kit(struct fixture *f, const struct fixture_options *o)
{
    struct kit_options options = { .features = o->features,
                                   .feature_count = o->feature_count,
                                   .store = f->t->store,
                                   .writer = f->writer,
                                   .journey = f->journey,
                                   .seal_key = seal_key,
                                   .clock = f->clock };
    const struct schema_table *tables;
    size_t count;

    assert_ok(f->cx, kit_open(f->cx, &options, &f->kit));
    f->cx->kit = f->kit;
    assert_ok(f->cx, kit_schema(f->cx, &tables, &count));
    assert_ok(f->cx, schema_apply(f->cx, tables, count));
    if (!o->no_start)
        assert_ok(f->cx, kit_start(f->cx));
}

struct fixture *fixture_open(enum db_engine engine, const struct fixture_options *o)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->engine = engine;
    open_database(f, o);
    if (!o->no_journey) {
        struct journey_options options = { .clock = f->clock, .no_background = true };
        assert_ok(f->cx, journey_open(f->cx, &options, &f->journey));
        f->cx->journey = f->journey;
    }
    open_kit(f, o);
    return f;
}

void fixture_close(struct fixture *f)
{
    void *state = f->t;

    writer_close(f->writer);
    kit_close(f->kit);
    journey_close(f->journey);
    test_db_close(&state);
    free(f);
}

static int set_up(void **state, enum db_engine engine)
{
    static const struct fixture_options none;

    *state = fixture_open(engine, *state ? *state : &none);
    return 0;
}

int fixture_sqlite(void **state) { return set_up(state, DB_SQLITE); }
int fixture_postgres(void **state) { return set_up(state, DB_POSTGRES); }

int fixture_teardown(void **state)
{
    fixture_close(*state);
    return 0;
}

struct ctx *fixture_ctx(struct fixture *f, const struct access *who)
{
    struct ctx *cx = NEW(f->cx->arena, struct ctx);

    *cx = *f->cx;
    cx->access = who;
    ctx_clear_error(cx);
    return cx;
}

/* ---- records ---- */
static void set_field(struct ctx *cx, struct row *r, const char *name, const char *text)
{
    int field = type_field(row_type(r), name);

    if (field < 0)
        fail_msg("%s has no field %s", row_type(r)->name, name);
    if (row_type(r)->fields[field].flags & (COMPUTED | INTERNAL))
        row_set_text(r, field, text);
    else
        assert_ok(cx, row_parse(cx, r, field, text));
}

i64 fixture_record(struct fixture *f, const char *type, ...)
{
    const struct record_type *t = type_find(f->cx, type);
    const char *name;
    va_list args;

    if (t == NULL)
        fail_msg("there is no record type %s", type);
    struct row *r = row_new(f->cx, t);
    va_start(args, type);
    while ((name = va_arg(args, const char *)) != NULL)
        set_field(f->cx, r, name, va_arg(args, const char *));
    va_end(args);
    assert_ok(f->cx, record_save(f->cx, r));
    return row_id(r);
}

static void set_if_there(struct ctx *cx, struct row *r, const char *name, const char *text)
{
    if (type_field(row_type(r), name) >= 0)
        set_field(cx, r, name, text);
}

static i64 make_role(struct fixture *f, const char *name, const char *rules)
{
    const struct record_type *t = type_find(f->cx, "role");

    if (t == NULL)
        return 0;
    struct row *r = row_new(f->cx, t);
    set_if_there(f->cx, r, "name", arena_printf(f->cx->arena, "Role of %s", name));
    set_if_there(f->cx, r, "rules", rules);
    assert_ok(f->cx, record_save(f->cx, r));
    return row_id(r);
}

static i64 make_user(struct fixture *f, const char *name, i64 team_id, i64 role_id)
{
    const struct record_type *t = type_find(f->cx, "user");

    if (t == NULL)
        return kit_new_id(f->cx);
    struct row *r = row_new(f->cx, t);
    set_if_there(f->cx, r, "name", name);
    set_if_there(f->cx, r, "email", arena_printf(f->cx->arena, "%s@example.com", name));
    if (team_id && type_field(t, "team_id") >= 0)
        row_set_i64(r, type_field(t, "team_id"), team_id);
    if (role_id && type_field(t, "role_id") >= 0)
        row_set_i64(r, type_field(t, "role_id"), role_id);
    assert_ok(f->cx, record_save(f->cx, r));
    return row_id(r);
}

const struct access *fixture_user(struct fixture *f, const char *name, i64 team_id,
                                  const char *rules)
{
    struct access *who = NEW(f->cx->arena, struct access);

    *who = (struct access){
        .name = name, .role = "tested", .team = "", .csrf = "", .theme = "", .team_id = team_id
    };
    who->email = arena_printf(f->cx->arena, "%s@example.com", name);
    who->user_id = make_user(f, name, team_id, make_role(f, name, rules));
    assert_ok(f->cx, access_rules_parse(f->cx, f->cx->arena, rules, &who->rules));
    return who;
}
