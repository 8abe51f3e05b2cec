/* kit_test.c -- the tables and their contradictions, settings, happenings, notifications, and the
 * way from a record's change to the journey. */
#include "base/id.h"
#include "journey/journey.h"
#include "kit/kit_int.h"
#include "kit/question.h"
#include "kit/things.h"
#include "store/migrate.h"
#include <stdio.h>

/* ---- contradictions ---- */
static enum status no_page(struct req *rq)
{
    (void)rq;
    return OK;
}
static enum status no_job(struct job_run *job)
{
    (void)job;
    return OK;
}
static enum status no_reaction(struct ctx *cx, const struct happening *h)
{
    (void)cx;
    (void)h;
    return OK;
}

#define ONE_FIELD(...)                                               \
    .name = "odd", .label = "Odd", .plural = "Odds", .path = "odds", \
    .fields = (const struct field[]){ __VA_ARGS__ },                 \
    .field_count = countof(((const struct field[]){ __VA_ARGS__ }))
#define NAME                       \
    {                              \
        "name", FIELD_TEXT, "Name" \
    }
#define TYPE(...) TYPES(&((const struct record_type){ __VA_ARGS__ }))

static u32 odd_key(const struct event *e)
{
    (void)e;
    return 0;
}
static const char *odd_value(struct ctx *cx, u32 key)
{
    (void)cx;
    (void)key;
    return "";
}
static const char *odd_text(struct ctx *cx, const char *value)
{
    (void)cx;
    return value;
}
#define ODD .key = odd_key, .value = odd_value, .text = odd_text

static const struct {
    const char *words; /* of the complaint; NULL: fine */
    struct feature feature;
} contradictions[] = {
    { NULL, { .name = "fine", TYPE(ONE_FIELD(NAME)) } },
    { "a hole in its table of fields", { .name = "x", TYPE(ONE_FIELD(NAME, { NULL })) } },
    { "declared twice", { .name = "x", TYPE(ONE_FIELD(NAME, NAME)) } },
    { "refers to no record type",
      { .name = "x", TYPE(ONE_FIELD(NAME, { "a_id", FIELD_REF, "A", .ref = "nothing" })) } },
    { "has no choices", { .name = "x", TYPE(ONE_FIELD({ "a", FIELD_CHOICE, "A" })) } },
    { "lower case letters", { .name = "x", TYPE(ONE_FIELD({ "First Name", FIELD_TEXT, "A" })) } },
    { "belongs to every record", { .name = "x", TYPE(ONE_FIELD({ "id", FIELD_INT, "A" })) } },
    { "can be unique", { .name = "x", TYPE(ONE_FIELD({ "a", FIELD_INT, "A", UNIQUE })) } },
    { "an owner is one reference",
      { .name = "x", TYPE(ONE_FIELD({ "a", FIELD_INT, "A", OWNER })) } },
    { "sorted by no field", { .name = "x", TYPE(ONE_FIELD(NAME), .sort = "-age") } },
    { "its title is no field", { .name = "x", TYPE(ONE_FIELD(NAME), .title = 3) } },
    { "board needs a choice", { .name = "x", TYPE(ONE_FIELD(NAME), .board = "name") } },
    { "is no reference",
      { .name = "x", TYPE(ONE_FIELD(NAME), RELATED({ "thing", "name", "Things" })) } },
    { "name or path is used twice",
      { .name = "x",
        TYPES(&((const struct record_type){ ONE_FIELD(NAME) }),
              &((const struct record_type){ ONE_FIELD(NAME) })) } },
    { "points to no record type",
      { .name = "x",
        EVENT_KINDS(
            ((const struct event_kind[]){ { "odd_seen", "Odd seen", "eye", 0, "nothing" } })) } },
    { "declared twice",
      { .name = "x",
        EVENT_KINDS(((const struct event_kind[]){ { "seen", "Seen", "", 0, NULL },
                                                  { "seen", "Seen", "", 0, NULL } })) } },
    { "needs a name, a label and a function",
      { .name = "x", JOBS(((const struct job_type[]){ { "a.b", "A", NULL } })) } },
    { "declared twice",
      { .name = "x",
        JOBS(((const struct job_type[]){ { "a.b", "A", no_job }, { "a.b", "A", no_job } })) } },
    { "name of its own",
      { .name = "x",
        SETTINGS(((const struct setting[]){ { "currency.base", FIELD_TEXT, "Mine" } })) } },
    { "TYPE.WORD",
      { .name = "x",
        SUBSCRIPTIONS(((const struct subscription[]){ { "everything", no_reaction } })) } },
    { "say who may come",
      { .name = "x", ROUTES(((const struct route[]){ { HTTP_GET, "/odd", no_page } })) } },
    { "say who may come",
      { .name = "x",
        ROUTES(((const struct route[]){
            { HTTP_GET, "/odd", no_page, NEEDS("odd", VERB_READ), .flags = ROUTE_PUBLIC } })) } },
    { "path and a handler",
      { .name = "x",
        ROUTES(((const struct route[]){ { HTTP_GET, "odd", no_page, .flags = ROUTE_PUBLIC } })) } },
    { "counts no record type",
      { .name = "x",
        METRICS(((const struct metric[]){
            { "odd", "Odd", .definition = "Odds.", .type = "nothing" } })) } },
    { "is worked out of metrics that are not there",
      { .name = "x",
        METRICS(((const struct metric[]){
            { "odd", "Odd", .definition = "Odds.", .source = METRIC_DIVIDED } })) } },
    { "needs a name, a label, a key",
      { .name = "x", DIMENSIONS(((const struct dimension[]){ { "odd", "Odd" } })) } },
    { "called like a part of a question",
      { .name = "x", DIMENSIONS(((const struct dimension[]){ { "period", "Odd", ODD } })) } },
    { "told by an event of no kind",
      { .name = "x",
        DIMENSIONS(((const struct dimension[]){ { "odd", "Odd", ODD, .of = OF_LAST } })) } },
    { "declared twice",
      { .name = "x",
        DIMENSIONS(
            ((const struct dimension[]){ { "odd", "Odd", ODD }, { "odd", "Odd", ODD } })) } },
};

static void a_contradiction_stops_the_start(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < countof(contradictions); i++) {
        const struct feature *const features[] = { &things_feature, &contradictions[i].feature };
        const struct kit_options options = { .features = features, .feature_count = 2 };
        struct ctx cx = *f->cx;
        struct kit *k;
        enum status s = kit_open(&cx, &options, &k);
        kit_close(k);
        if (contradictions[i].words == NULL) {
            assert_int_equal(s, OK);
        } else if (s != E_INVALID || strstr(cx.error_text, contradictions[i].words) == NULL) {
            fail_msg("%s (%zu): %s: %s", contradictions[i].words, i, status_word(s), cx.error_text);
        }
    }
}

static void the_migrations_make_what_is_declared(void **state)
{
    struct fixture *f = *state;
    struct buf draft = buf_in(f->cx->arena, 100000);
    const struct schema_table *tables;
    size_t count;

    /* Opened with no feature: every table there is comes from a migration. */
    assert_ok(f->cx, kit_schema(f->cx, &tables, &count));
    assert_ok(f->cx, schema_diff(f->cx, tables, count, &draft));
    assert_string_equal(buf_end(&draft), "");
}

static void a_type_is_looked_up(void **state)
{
    struct fixture *f = *state;
    size_t count;

    assert_ptr_equal(type_find(f->cx, "thing"), &thing_type);
    assert_ptr_equal(type_by_path(f->cx, "firms"), &firm_type);
    assert_null(type_find(f->cx, "firms"));
    assert_null(type_by_path(f->cx, "firm"));
    assert_ptr_equal(type_all(f->cx, &count)[0], &team_type);
    assert_int_equal(count, 4);
    assert_int_equal(type_field(&thing_type, "amount"), THING_MONEY);
    assert_int_equal(type_field(&thing_type, "nothing"), -1);
}

/* ---- settings ---- */
static const struct {
    const char *name, *value, *code; /* code "": taken */
} setting_cases[] = {
    { "workspace.name", "Acme GmbH", "" },
    { "workspace.zone", "America/New_York", "" },
    { "workspace.zone", "Mars/Olympus", "setting.invalid" },
    { "currency.base", "USD", "" },
    { "currency.base", "Euro", "setting.invalid" },
    { "currency.rates", "{\"USD\": 1.5}", "" },
    { "currency.rates", "{\"USD\": -1}", "setting.invalid" },
    { "currency.rates", "{\"USD\": \"x\"}", "setting.invalid" },
    { "currency.rates", "{\"ZZZ\": 1}", "setting.invalid" },
    { "currency.rates", "{", "json.invalid" },
    { "workspace.public_url", "crm.example.com", "" },
    { "workspace.public_url", "ftp://x", "url.invalid" },
    { "no.such", "x", "setting.unknown" },
};

static void settings_are_checked_and_kept(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;

    assert_string_equal(setting_text(cx, "currency.base"), "EUR");
    for (size_t i = 0; i < countof(setting_cases); i++) {
        bool fine = setting_cases[i].code[0] == '\0';
        enum status s = setting_save(cx, setting_cases[i].name, setting_cases[i].value);
        if ((s == OK) != fine || !text_is(cx->error_code, setting_cases[i].code))
            fail_msg("%s = %s: %s %s", setting_cases[i].name, setting_cases[i].value,
                     status_word(s), cx->error_code);
        ctx_clear_error(cx);
    }
    assert_string_equal(setting_text(cx, "workspace.name"), "Acme GmbH");
    assert_string_equal(setting_text(cx, "workspace.public_url"), "https://crm.example.com");
    assert_string_equal(base_currency(cx), "USD");
    assert_int_equal(zone_minute(kit_zone(cx), FIXTURE_NOW), 5 * 60);
    assert_ok(cx, setting_save(cx, "workspace.zone", "")); /* empty: back to the default */
    assert_int_equal(zone_minute(kit_zone(cx), FIXTURE_NOW), 11 * 60);
    struct ctx *nobody = fixture_ctx(f, fixture_user(f, "Anna", 0, "{}"));
    assert_status(nobody, setting_save(nobody, "workspace.name", "Mine"), E_FORBIDDEN);
}

static void a_setting_belongs_to_its_transaction(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx, reader;

    test_ctx_open(f->t, &reader, DB_READ);
    reader.kit = f->kit;
    {
        scoped(tx_end) struct tx tx = tx_begin(cx);
        assert_ok(cx, setting_save(cx, "workspace.name", "Undone"));
        assert_string_equal(setting_text(cx, "workspace.name"), "Undone");
        assert_string_equal(setting_text(&reader, "workspace.name"), "Furrow");
        assert_true(tx.open);
    }
    assert_string_equal(setting_text(cx, "workspace.name"), "Furrow");
    assert_ok(cx, setting_save(cx, "workspace.name", "Kept"));
    assert_string_equal(setting_text(&reader, "workspace.name"), "Kept");
    test_ctx_close(&reader);
}

/* ---- happenings ---- */
struct heard {
    char text[2000];
};
static struct heard heard; /* what the subscriptions below were told, in order */

static enum status hear(struct ctx *cx, const struct happening *h)
{
    size_t len = strlen(heard.text);

    (void)cx;
    snprintf(heard.text + len, sizeof heard.text - len, "%s;", h->name);
    return OK;
}
static enum status refuse(struct ctx *cx, const struct happening *h)
{
    (void)h;
    return ctx_fail_code(cx, E_PRECONDITION, "listener", "a listener said no");
}

static const struct subscription subscriptions[] = {
    { "firm.created", hear }, { "thing.*", hear },        { "deal.won", hear },
    { "deal.lost", refuse },  { "firm.deleted", refuse },
};
static const struct event_kind event_kinds[] = {
    { "note_made", "Note made", "note", 0, "firm" },
    { "paid", "Paid", "coin", KIND_MONEY, NULL },
};
static const struct feature listening = { .name = "listening",
                                          SUBSCRIPTIONS(subscriptions),
                                          EVENT_KINDS(event_kinds) };
static const struct feature *const listening_features[] = { &things_feature, &listening };
static const struct fixture_options listeners = { FEATURES(listening_features) };

static void who_wants_to_know_is_told(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *thing, *firm;
    i64 id;

    heard.text[0] = '\0';
    id = fixture_record(f, "thing", "name", "One", NULL);
    assert_ok(cx, record_get(cx, &thing_type, id, &thing));
    row_set_text(thing, THING_TEXT, "x");
    assert_ok(cx, record_save(cx, thing));
    assert_ok(cx, record_delete(cx, thing));
    assert_ok(cx, record_restore(cx, thing));
    id = fixture_record(f, "firm", "name", "Acme", NULL);
    assert_ok(cx, happen(cx, &(struct happening){ .name = "deal.won" }));
    assert_status(cx, happen(cx, &(struct happening){ .name = "deal.lost" }), E_PRECONDITION);
    assert_ok(cx, record_get(cx, &firm_type, id, &firm));
    assert_status(cx, record_delete(cx, firm), E_PRECONDITION); /* a listener's no undoes it */
    assert_ok(cx, record_get(cx, &firm_type, id, &firm));
    assert_string_equal(heard.text, "thing.created;thing.updated;thing.deleted;thing.restored;"
                                    "firm.created;deal.won;");
}

/* ---- notifications ---- */
static void a_notification_waits_to_be_read(void **state)
{
    struct fixture *f = *state;
    const struct access *anna = fixture_user(f, "Anna", 0, "{}");
    i64 unread;

    assert_ok(f->cx, notify(f->cx, anna->user_id, "coin", "Deal won", "/deals/1"));
    assert_ok(f->cx, notify(f->cx, 0, "coin", "Nobody's", "/"));
    assert_ok(f->cx, db_get_i64(f->cx, &unread, "notification.unread", I64("user", anna->user_id)));
    assert_int_equal(unread, 1);
}

/* ---- the outbox ---- */
static size_t journey_of(struct fixture *f, enum person_kind kind, u64 key, struct event **events)
{
    u32 person = journey_person_find(f->journey, kind, key);
    size_t count = 0;

    if (person)
        assert_ok(f->cx, journey_timeline(f->cx, f->journey, person, 0, 0, 100, events, &count));
    return count;
}

static void a_change_reaches_the_journey(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct val *props = val_map(cx->arena);
    struct event *events;
    const i64 contact = 4711, record = 815;

    val_put_text(props, "to", "won");
    assert_ok(
        cx, journey_note(cx, &(struct journey_note){ .kind = "note_made", .contact_id = contact }));
    assert_ok(cx, journey_note(cx, &(struct journey_note){ .kind = "note_made" })); /* nobody's */
    f->clock->fixed_ms += 1000;
    assert_ok(cx, journey_note(cx, &(struct journey_note){ .kind = "paid",
                                                           .contact_id = contact,
                                                           .record_id = record,
                                                           .value_minor = 500,
                                                           .props = props }));
    assert_int_equal(journey_of(f, PERSON_CONTACT, (u64)contact, &events), 0);
    assert_ok(cx, outbox_drain(cx));
    assert_ok(cx, outbox_drain(cx)); /* once only */
    assert_int_equal(journey_of(f, PERSON_CONTACT, (u64)contact, &events), 2);
    assert_int_equal(events[0].kind, kit_event_code(f->kit, "paid"));
    assert_int_equal(events[0].record, record);
    assert_int_equal(events[0].value, 500);
    assert_int_equal(events[0].at_ms, FIXTURE_NOW + 1000);
    assert_string_equal(events[0].props, "{\"to\":\"won\"}");
    assert_int_equal(events[1].kind, kit_event_code(f->kit, "note_made"));
    assert_string_equal(kit_event_kind_by_code(f->kit, events[1].kind)->name, "note_made");
}

static void a_change_undone_is_no_event(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct event *events;

    {
        scoped(tx_end) struct tx tx = tx_begin(cx);
        assert_ok(cx, journey_note(cx, &(struct journey_note){ .kind = "paid", .contact_id = 7 }));
        assert_true(tx.open);
    }
    assert_ok(cx, outbox_drain(cx));
    assert_int_equal(journey_of(f, PERSON_CONTACT, 7, &events), 0);
}

static void a_visitor_becomes_the_contact(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    const u64 visitor = UINT64_C(0xfedcba9876543210);
    struct event *events;
    struct event seen = { .at_ms = FIXTURE_NOW - MS_HOUR,
                          .kind = kit_event_code(f->kit, "note_made"),
                          .person = journey_person(f->journey, PERSON_VISITOR, visitor) };

    assert_ok(cx, journey_append_wait(cx, f->journey, &seen, 1));
    assert_ok(cx, journey_note(cx, &(struct journey_note){
                                       .kind = "paid", .contact_id = 7, .visitor = visitor }));
    /* A browser that is somebody's already stays theirs. */
    assert_ok(cx, journey_note(cx, &(struct journey_note){
                                       .kind = "paid", .contact_id = 8, .visitor = visitor }));
    assert_ok(cx, outbox_drain(cx));
    assert_int_equal(journey_of(f, PERSON_CONTACT, 7, &events), 2);
    assert_int_equal(journey_of(f, PERSON_CONTACT, 8, &events), 1);
}

/* Stopped between the journey's commit and ours, or started over another database: nothing twice,
 * nothing lost. */
static void the_outbox_starts_again_where_it_was(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct event *events;

    for (int i = 0; i < 1200; i++) /* more than one batch */
        assert_ok(cx, journey_note(
                          cx, &(struct journey_note){ .kind = "paid", .contact_id = 1 + i % 3 }));
    struct event known[2] = { { .at_ms = FIXTURE_NOW,
                                .kind = kit_event_code(f->kit, "paid"),
                                .person = journey_person(f->journey, PERSON_CONTACT, 1) } };
    known[1] = known[0];
    assert_ok(cx, journey_append_outbox(cx, f->journey, known, 2, 2)); /* as if it had moved two */
    assert_ok(cx, outbox_drain(cx));
    assert_int_equal(journey_outbox_seq(f->journey), 1200);
    size_t total = 0;
    for (u64 contact = 1; contact <= 3; contact++) {
        u32 person = journey_person_find(f->journey, PERSON_CONTACT, contact);
        size_t count;
        assert_ok(cx, journey_timeline(cx, f->journey, person, 0, 0, 500, &events, &count));
        total += count;
    }
    assert_int_equal(total, 1200);
    assert_ok(
        cx, journey_append_outbox(cx, f->journey, known, 1, 5000)); /* another database was here */
    assert_ok(cx, kit_start(cx));
    assert_ok(cx, journey_note(cx, &(struct journey_note){ .kind = "paid", .contact_id = 99 }));
    assert_ok(cx, outbox_drain(cx));
    assert_int_equal(journey_of(f, PERSON_CONTACT, 99, &events), 1);
    assert_true(journey_outbox_seq(f->journey) > 5000);
}

/* ---- writing ---- */
static enum status make_firm(struct ctx *cx, void *arg)
{
    struct row *r = row_new(cx, &firm_type);

    row_set_text(r, FIRM_NAME, arg);
    return record_save(cx, r);
}

static enum status make_firm_and_fail(struct ctx *cx, void *arg)
{
    TRY(make_firm(cx, arg));
    return ctx_fail(cx, E_PRECONDITION, "after all not");
}

static void a_reader_writes_through_the_writer(void **state)
{
    struct fixture *f = *state;
    struct ctx reader;
    struct row *r;

    test_ctx_open(f->t, &reader, DB_READ);
    reader.kit = f->kit;
    reader.access = access_system();
    assert_ok(&reader, kit_write(&reader, make_firm, "Acme"));
    assert_status(&reader, kit_write(&reader, make_firm_and_fail, "Undone"), E_PRECONDITION);
    assert_ok(f->cx, kit_write(f->cx, make_firm, "Directly"));
    assert_status(f->cx, kit_write(f->cx, make_firm_and_fail, "Undone too"), E_PRECONDITION);
    assert_ok(&reader, record_find(&reader, &firm_type, "name", "acme", &r));
    assert_ok(&reader, record_find(&reader, &firm_type, "name", "directly", &r));
    assert_status(&reader, record_find(&reader, &firm_type, "name", "undone", &r), E_NOT_FOUND);
    assert_status(&reader, record_find(&reader, &firm_type, "name", "undone too", &r), E_NOT_FOUND);
    assert_status(&reader, record_delete(&reader, r), E_FORBIDDEN); /* a reading connection */
    test_ctx_close(&reader);
}

/* ---- many at once ---- */
enum { CROWD = 8, EACH = 25 };
struct one {
    struct fixture *f;
    int number, made, refused, other;
};

/* The same mail address, and an event in the same transaction. */
static enum status make_thing(struct ctx *cx, void *arg)
{
    struct one *one = arg;
    struct row *r = row_new(cx, &thing_type);

    row_set_text(r, THING_NAME, "One of many");
    row_set_text(r, THING_EMAIL, arena_printf(cx->arena, "n%d@example.com", one->number % EACH));
    TRY(record_save(cx, r));
    return journey_note(cx, &(struct journey_note){ .kind = "paid", .contact_id = row_id(r) });
}

static void *one_of_many(void *arg)
{
    struct one *one = arg;
    struct ctx cx;

    ctx_init(&cx, arena_new(1 << 16), one->f->clock);
    cx.kit = one->f->kit;
    cx.access = access_system();
    for (one->number = 0; one->number < EACH; one->number++) {
        arena_reset(cx.arena);
        ctx_clear_error(&cx);
        enum status s = kit_write(&cx, make_thing, one);
        one->made += s == OK;
        one->refused += s == E_CONFLICT;
        one->other += s != OK && s != E_CONFLICT && s != E_RETRY;
    }
    arena_free(cx.arena);
    return NULL;
}

static void a_value_is_given_once_however_many_ask(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[CROWD];
    struct one crowd[CROWD];
    int made = 0, other = 0;
    struct ctx reader;

    for (int i = 0; i < CROWD; i++) {
        crowd[i] = (struct one){ .f = f };
        assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, &crowd[i]), 0);
    }
    test_ctx_open(f->t, &reader, DB_READ);
    reader.kit = f->kit;
    reader.access = access_system();
    for (int i = 0; i < 20; i++) /* events move while others are made */
        assert_ok(&reader, outbox_drain(&reader));
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        made += crowd[i].made;
        other += crowd[i].other;
    }
    assert_ok(&reader, outbox_drain(&reader));
    assert_int_equal(other, 0);
    assert_int_equal(made, EACH);
    struct journey_stats stats;
    journey_stats(f->journey, &stats);
    assert_int_equal(stats.events, EACH);
    test_ctx_close(&reader);
}

int main(void)
{
    static const struct fixture_options bare = { .no_journey = true };
    const struct CMUnitTest tests[] = {
        ON_SQLITE_ENGINE(a_contradiction_stops_the_start, &bare),
        ON_BOTH_ENGINES(the_migrations_make_what_is_declared, &bare),
        ON_SQLITE_ENGINE(a_type_is_looked_up, &things),
        ON_BOTH_ENGINES(settings_are_checked_and_kept, &things),
        ON_BOTH_ENGINES(a_setting_belongs_to_its_transaction, &things),
        ON_BOTH_ENGINES(who_wants_to_know_is_told, &listeners),
        ON_BOTH_ENGINES(a_notification_waits_to_be_read, &things),
        ON_BOTH_ENGINES(a_change_reaches_the_journey, &listeners),
        ON_BOTH_ENGINES(a_change_undone_is_no_event, &listeners),
        ON_BOTH_ENGINES(a_visitor_becomes_the_contact, &listeners),
        ON_BOTH_ENGINES(the_outbox_starts_again_where_it_was, &listeners),
        ON_BOTH_ENGINES(a_reader_writes_through_the_writer, &things),
        ON_BOTH_ENGINES(a_value_is_given_once_however_many_ask, &listeners),
    };

    return cmocka_run_group_tests_name("kit/kit", tests, NULL, NULL);
}
