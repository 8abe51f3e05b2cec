/* merge_test.c -- two records become one and two again: byte for byte, in any order, with what
 * happened in between, and never by half. */
#include "bridge/company.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "bridge/identity.h"
#include "bridge/segment.h"
#include "journey/journey.h"
#include "kit/merge.h"
#include "merge_dump.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROWS_EACH = 16, EVENTS_EACH = 260 };

/* ---- rows of every kind ---- */
static i64 now_id(struct house *h) { return kit_new_id(h->cx); }

static void run_sql(struct house *h, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void run_sql(struct house *h, const char *fmt, ...)
{
    struct sql q = sql_new(h->cx);
    va_list args;
    char text[1024];

    va_start(args, fmt);
    assert_true(vsnprintf(text, sizeof text, fmt, args) < (int)sizeof text);
    va_end(args);
    sql_add(&q, text);
    assert_ok(h->cx, db_run_sql(h->cx, &q, NULL));
}

static i64 ask(struct house *h, const char *text)
{
    struct sql q = sql_new(h->cx);

    sql_add(&q, text);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    i64 n = stmt_next(&s) ? col_i64(&s, 0) : 0;
    assert_ok(h->cx, stmt_status(&s));
    return n;
}

/* Some rows of each record type that refers to `type`, some of them in the trash: how many. */
static size_t fill_records(struct house *h, const char *type, i64 id)
{
    size_t count, made = 0;
    const struct record_type *const *types = type_all(h->cx, &count);

    for (size_t i = 0; i < count; i++)
        for (int f = 0; f < types[i]->field_count; f++) {
            if (types[i]->fields[f].kind != FIELD_REF || !text_is(types[i]->fields[f].ref, type) ||
                text_is(types[i]->name, "contact"))
                continue;
            for (int n = 0; n < ROWS_EACH; n++, made++)
                run_sql(h,
                        "INSERT INTO \"%s\" (id, version, created_at, created_by, updated_at, "
                        "deleted_at, \"%s\") VALUES (%lld, %d, %d, 7, %d, %s, %lld)",
                        types[i]->name, types[i]->fields[f].name, (long long)now_id(h), n + 1,
                        1000 + n, 2000 + n, n % 5 == 4 ? "3000" : "NULL", (long long)id);
        }
    return made;
}

/* Rows of every table beside the records, of two people: some the same, some not. */
static size_t fill_tables(struct house *h, i64 contact, int from)
{
    long long c = (long long)contact;
    size_t made = 0;

    for (int n = from; n < from + ROWS_EACH; n++, made += 12) {
        long long id = (long long)now_id(h);
        run_sql(h, "INSERT INTO segment_member VALUES (%d, %lld, %d)", n, c, n + from);
        run_sql(h, "INSERT INTO segment_due VALUES (%d, %lld, %d)", n, c, n + from);
        run_sql(h, "INSERT INTO segment_past VALUES (%lld, %d, %lld, 5, 1, 0)", id, n, c);
        run_sql(h,
                "INSERT INTO flow_run VALUES (%lld, %d, 1, %lld, 'n', %d, 1, NULL, 5, 5, 5, 1, 0, "
                "'', 'it''s \"q\"', 'k', '', '', NULL)",
                id, n, c, n % 6 == 5 ? 4 : 0);
        run_sql(h,
                "INSERT INTO broadcast_recipient (id, broadcast_id, contact_id, variant, state, "
                "lot, due_at) VALUES (%lld, %d, %lld, 0, 1, 0, %d)",
                id, n, c, n + from);
        run_sql(h, "INSERT INTO broadcast_click VALUES (%d, 3, %lld, 0, %d, 1, 'u')", n, c, from);
        run_sql(h,
                "INSERT INTO mail_message (id, created_at, state, lane, due_at, sender_id, "
                "contact_id, address, domain, source) VALUES (%lld, 1, 5, 0, 0, 1, %lld, 'a', 'b', "
                "'t')",
                id, c);
        run_sql(h,
                "INSERT INTO mail_seen (message_id, contact_id, source, source_id) VALUES (%lld, "
                "%lld, 's', 1)",
                id, c);
        run_sql(h,
                "INSERT INTO mail_report (id, at, kind, source, key, contact_id) VALUES (%lld, 1, "
                "1, 's', 'k%lld', %lld)",
                id, id, c);
        run_sql(h, "INSERT INTO email_person VALUES (%lld, %d)", c, n);
        run_sql(h,
                "INSERT INTO comment (id, type, record_id, user_id, at, text) VALUES (%lld, "
                "'contact', %lld, NULL, 1, 'text')",
                id, c);
        run_sql(h,
                "INSERT INTO product_score (id, version, created_at, updated_at, contact_id, "
                "product_id, points) VALUES (%lld, 1, 1, 1, %lld, %d, 5)",
                (long long)now_id(h), c, n);
    }
    run_sql(h, "INSERT INTO contact_score VALUES (%lld, '[]', %d)", c, from);
    return made + 1;
}

static void give(struct house *h, i64 contact, const char *topic, i64 at_ms, bool take_back)
{
    struct consent_evidence e = {
        .contact_id = contact, .topic = topic, .source = "colleague", .at_ms = at_ms
    };

    assert_ok(h->cx, consent_give(h->cx, &e, NULL));
    if (take_back)
        assert_ok(h->cx, consent_withdraw(h->cx, &e));
}

static void fill_events(struct house *h, i64 contact, int seed)
{
    static const char *const kinds[] = { "pageview", "form_submit", "mail_open", "remark",
                                         "lifecycle_change" };
    u32 person = journey_person(h->journey, PERSON_CONTACT, (u64)contact);
    u32 visitor = journey_person(h->journey, PERSON_VISITOR, (u64)(1000 + seed));
    struct event e[EVENTS_EACH];

    for (int i = 0; i < EVENTS_EACH; i++)
        e[i] = (struct event){ .person = i % 3 ? person : visitor,
                               .at_ms = HOUSE_NOW - (i64)(i * 7919 + seed) * MS_MINUTE,
                               .kind = kit_event_code(h->kit, kinds[i % (int)countof(kinds)]),
                               .channel = (u8)(i % 9),
                               .value = i * 100,
                               .record = i,
                               .props = i % 4 ? NULL : "{\"a\":1}" };
    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, e, EVENTS_EACH));
    assert_ok(h->cx, journey_alias(h->cx, h->journey, visitor, person, HOUSE_NOW));
}

static i64 contact_new(struct house *h, const char *first, const char *email, const char *more)
{
    struct row *r = row_new(h->cx, &contact_type);

    row_set_text(r, CONTACT_FIRST, first);
    row_set_text(r, CONTACT_EMAIL, email);
    row_set_text(r, CONTACT_JOB, more);
    row_set_text(r, CONTACT_TAGS, more);
    row_set_text(r, CONTACT_NOTES, more);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static enum status merge_ids(struct house *h, const struct record_type *t, i64 keep, i64 lose,
                             i64 *merge)
{
    struct row *k, *l;

    TRY(record_get(h->cx, t, keep, &k));
    TRY(record_get(h->cx, t, lose, &l));
    return record_merge(h->cx, k, l, NULL, merge);
}

/* Two contacts on whom everything hangs that can. */
static void two_people(struct house *h, i64 *keep, i64 *lose)
{
    size_t made;

    for (int i = 1; i <= ROWS_EACH * 2; i++)
        run_sql(h,
                "INSERT INTO segment (id, name, slug, slug_fold, kind, size) VALUES (%d, 's', "
                "'s%d', 's%d', 'static', 10)",
                i, i, i);
    *keep = contact_new(h, "Ann", "ann@example.com", "");
    *lose = contact_new(h, "Anna", "anna@example.org", "head");
    made = fill_records(h, "contact", *lose) + fill_tables(h, *lose, 1 + ROWS_EACH / 2);
    assert_true(made >= 300);
    made += fill_records(h, "contact", *keep) + fill_tables(h, *keep, 1);
    assert_true(made >= 600);
    give(h, *keep, "newsletter", HOUSE_NOW - MS_DAY, false);
    give(h, *keep, "offers", HOUSE_NOW - 5 * MS_DAY, true);
    give(h, *lose, "newsletter", HOUSE_NOW - 2 * MS_DAY, true);
    give(h, *lose, "offers", HOUSE_NOW - MS_DAY, false);
    give(h, *lose, "phone", HOUSE_NOW - MS_DAY, false);
    assert_ok(h->cx, outbox_drain(h->cx));
    fill_events(h, *keep, 1);
    fill_events(h, *lose, 2);
    if (ask(h, "SELECT count(*) FROM record_merge") == 0)
        assert_ok(h->cx, journey_flush(h->cx, h->journey));
}

static size_t lines(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void undone_it_is_byte_for_byte_the_same(void **state)
{
    struct house *h = *state;
    const char *tables, *mine, *theirs;
    i64 keep, lose, merge;
    struct row *r;

    two_people(h, &keep, &lose);
    tables = dump_tables(h, keep, lose);
    mine = dump_events(h, keep);
    theirs = dump_events(h, lose);
    assert_true(lines(mine) >= EVENTS_EACH && lines(theirs) >= EVENTS_EACH);
    for (int round = 0; round < 2; round++) {
        assert_ok(h->cx, merge_ids(h, &contact_type, keep, lose, &merge));
        assert_ok(h->cx, outbox_drain(h->cx));
        assert_int_equal(lines(dump_events(h, keep)), lines(mine) + lines(theirs));
        assert_int_equal(
            ask(h, arena_printf(h->cx->arena, "SELECT count(*) FROM deal WHERE contact_id = %lld",
                                (long long)lose)),
            0);
        assert_ok(h->cx, record_get(h->cx, &contact_type, keep, &r));
        assert_string_equal(row_text(r, CONTACT_JOB), "head");
        assert_string_equal(row_text(r, CONTACT_CONSENT), "|newsletter|offers|phone|");
        if (round) /* events lie with who they belong to, then */
            assert_ok(h->cx, journey_flush(h->cx, h->journey));
        assert_ok(h->cx, record_unmerge(h->cx, merge));
        assert_ok(h->cx, outbox_drain(h->cx));
        assert_same_dump("tables", tables, dump_tables(h, keep, lose));
        assert_same_dump("the kept one's events", mine, dump_events(h, keep));
        assert_same_dump("the other's events", theirs, dump_events(h, lose));
        assert_status(h->cx, record_unmerge(h->cx, merge), E_CONFLICT);
    }
}

static void a_company_with_its_people(void **state)
{
    struct house *h = *state;
    i64 ids[2], people[40], merge;
    const char *before;

    for (int i = 0; i < 2; i++) {
        struct row *r = row_new(h->cx, &company_type);
        row_set_text(r, COMPANY_NAME, i ? "Acme GmbH" : "Acme");
        row_set_text(r, COMPANY_DOMAIN, i ? "acme.example" : "acme.test");
        assert_ok(h->cx, record_save(h->cx, r));
        ids[i] = row_id(r);
        fill_records(h, "company", ids[i]);
    }
    for (int i = 0; i < 40; i++) {
        struct row *r = row_new(h->cx, &contact_type);
        row_set_text(r, CONTACT_LAST, "Worker");
        row_set_i64(r, CONTACT_COMPANY, ids[i % 2]);
        assert_ok(h->cx, record_save(h->cx, r));
        people[i] = row_id(r);
    }
    before = dump_tables(h, ids[0], ids[1]);
    assert_ok(h->cx, merge_ids(h, &company_type, ids[0], ids[1], &merge));
    for (int i = 0; i < 40; i++) {
        struct row *r;
        assert_ok(h->cx, record_get(h->cx, &contact_type, people[i], &r));
        assert_int_equal(row_i64(r, CONTACT_COMPANY), ids[0]);
        assert_int_equal(row_version(r), 1);
    }
    assert_ok(h->cx, record_unmerge(h->cx, merge));
    assert_same_dump("tables", before, dump_tables(h, ids[0], ids[1]));
}

/* Every step of the database fails once, of merging and of undoing. */
static void nothing_is_merged_by_half(void **state)
{
    struct house *h = *state;
    const char *before, *events;
    i64 keep, lose, merge = 0;
    u64 step = 0;
    enum status s;

    two_people(h, &keep, &lose);
    for (int undo = 0; undo < 2; undo++, step = 0) {
        before = dump_tables(h, 0, 0);
        events = dump_events(h, keep);
        i64 outbox = ask(h, "SELECT count(*) FROM outbox"),
            log = ask(h, "SELECT count(*) FROM change"), jobs = ask(h, "SELECT count(*) FROM job");
        do {
            db_store_fail_at(h->t->store, ++step);
            s = undo ? record_unmerge(h->cx, merge)
                     : merge_ids(h, &contact_type, keep, lose, &merge);
            db_store_fail_at(h->t->store, 0);
            ctx_clear_error(h->cx);
            if (s != OK && step % 7 == 1) {
                assert_same_dump("tables", before, dump_tables(h, 0, 0));
                assert_int_equal(ask(h, "SELECT count(*) FROM outbox"), outbox);
                assert_int_equal(ask(h, "SELECT count(*) FROM job"), jobs);
            }
            if (s != OK)
                assert_int_equal(ask(h, "SELECT count(*) FROM change"), log);
            assert_true(step < 2000);
        } while (s != OK);
        assert_true(step > 50);
        if (!undo)
            assert_same_dump("events", events, dump_events(h, keep)); /* still in the outbox */
        assert_ok(h->cx, outbox_drain(h->cx));
    }
}

/* ---- what became of it since ---- */
static i64 task_new(struct house *h, i64 contact)
{
    struct row *r = row_new(h->cx, type_find(h->cx, "activity"));

    assert_ok(h->cx, row_parse(h->cx, r, type_field(row_type(r), "subject"), "Call"));
    row_set_i64(r, type_field(row_type(r), "contact_id"), contact);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static void later_edits_win(void **state)
{
    struct house *h = *state;
    i64 keep = contact_new(h, "Ann", "ann@example.com", ""),
        lose = contact_new(h, "Anna", "anna@example.org", "head"), merge, into;
    struct val *fields = val_list(h->cx->arena);
    struct merge_done done;
    struct row *r;

    run_sql(h, "INSERT INTO deal (id, name, contact_id) VALUES (11, 'a', %lld), (12, 'b', %lld)",
            (long long)lose, (long long)lose);
    assert_ok(h->cx, merge_ids(h, &contact_type, keep, lose, &merge));
    assert_ok(h->cx, merge_into(h->cx, lose, &into));
    assert_int_equal(into, keep);
    assert_status(h->cx, record_get(h->cx, &contact_type, lose, &r), E_NOT_FOUND);
    assert_ok(h->cx, record_get_any(h->cx, &contact_type, lose, &r));
    assert_status(h->cx, record_restore(h->cx, r), E_CONFLICT);
    /* who asks by the old address, or refers to the old record, is led to the kept one */
    assert_ok(h->cx, record_find(h->cx, &contact_type, "email", "ANNA@example.org", &r));
    assert_int_equal(row_id(r), keep);
    struct row *act;
    assert_ok(h->cx, record_get_named(h->cx, "activity", task_new(h, lose), &act));
    assert_int_equal(row_i64(act, type_field(row_type(act), "contact_id")), keep);

    assert_ok(h->cx, record_get(h->cx, &contact_type, keep, &r));
    row_set_text(r, CONTACT_JOB, "chief"); /* edited since */
    assert_ok(h->cx, record_save(h->cx, r));
    run_sql(h, "UPDATE deal SET contact_id = NULL WHERE id = 12"); /* pointed elsewhere since */
    assert_ok(h->cx, merge_get(h->cx, merge, &done));
    assert_ok(h->cx, merge_undo_fields(h->cx, &done, fields));
    for (size_t i = 0; i < val_count(fields); i++)
        assert_int_equal(val_get_bool(val_at(fields, i), "stays"),
                         text_is(val_get_text(val_at(fields, i), "label"), "Job title"));
    assert_ok(h->cx, record_unmerge(h->cx, merge));
    assert_ok(h->cx, record_get(h->cx, &contact_type, keep, &r));
    assert_string_equal(row_text(r, CONTACT_JOB), "chief");
    assert_string_equal(row_text(r, CONTACT_NOTES), "");
    assert_ok(h->cx, record_get(h->cx, &contact_type, lose, &r));
    assert_int_equal(ask(h, "SELECT contact_id FROM deal WHERE id = 11"), lose);
    assert_int_equal(ask(h, "SELECT coalesce(contact_id, 0) FROM deal WHERE id = 12"), 0);
    assert_ok(h->cx, record_get_named(h->cx, "activity", row_id(act), &act)); /* new: it stays */
    assert_int_equal(row_i64(act, type_field(row_type(act), "contact_id")), keep);
    assert_ok(h->cx, record_find(h->cx, &contact_type, "email", "anna@example.org", &r));
    assert_int_equal(row_id(r), lose);
}

/* Fields: choices, one a letter of "-mtb". */
static const struct {
    const char *note, *mine, *theirs, choice;
    int field;
    const char *want;
} chosen[] = {
    { "mine stays", "a", "b", '-', CONTACT_JOB, "a" },
    { "what is empty is filled", "", "b", '-', CONTACT_JOB, "b" },
    { "mine, though empty", "", "b", 'm', CONTACT_JOB, "" },
    { "theirs", "a", "b", 't', CONTACT_JOB, "b" },
    { "theirs, though empty", "a", "", 't', CONTACT_JOB, "" },
    { "tags are united", "x, y", "y, z", '-', CONTACT_TAGS, "x, y, z" },
    { "or not", "x, y", "y, z", 'm', CONTACT_TAGS, "x, y" },
    { "notes stand behind each other", "one", "two", '-', CONTACT_NOTES, "one\n\ntwo" },
    { "once when they are the same", "one", "one", '-', CONTACT_NOTES, "one" },
    { "the further stage", "lead", "customer", '-', CONTACT_LIFECYCLE, "customer" },
    { "or the chosen one", "lead", "customer", 'm', CONTACT_LIFECYCLE, "lead" },
    { "nobody becomes a lead again", "former_customer", "mql", '-', CONTACT_LIFECYCLE,
      "former_customer" },
};

static void fields_are_chosen(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(chosen); i++) {
        enum merge_choice choices[CONTACT_FIELDS] = { MERGE_USUAL };
        struct row *keep, *lose;
        i64 a = contact_new(h, "A", "", ""), b = contact_new(h, "B", "", "");
        assert_ok(h->cx, record_get(h->cx, &contact_type, a, &keep));
        assert_ok(h->cx, record_get(h->cx, &contact_type, b, &lose));
        assert_ok(h->cx, row_parse(h->cx, keep, chosen[i].field, chosen[i].mine));
        assert_ok(h->cx, row_parse(h->cx, lose, chosen[i].field, chosen[i].theirs));
        assert_ok(h->cx, record_save(h->cx, keep));
        assert_ok(h->cx, record_save(h->cx, lose));
        choices[chosen[i].field] = chosen[i].choice == 'm'   ? MERGE_MINE
                                   : chosen[i].choice == 't' ? MERGE_THEIRS
                                                             : MERGE_USUAL;
        assert_ok(h->cx, record_merge(h->cx, keep, lose, choices, NULL));
        if (!text_is(row_plain(h->cx, keep, chosen[i].field), chosen[i].want))
            fail_msg("%s: got \"%s\"", chosen[i].note, row_plain(h->cx, keep, chosen[i].field));
    }
}

/* ---- at random, against a naive model ---- */
enum { PEOPLE = 7, TASKS = 40, MERGES = 400, STEPS = 250 };
struct model {
    struct {
        i64 id;
        bool gone;
        char job[8];
    } people[PEOPLE];
    struct {
        i64 id;
        int at;
        int by[64], from[64], depth;
    } tasks[TASKS];
    struct {
        i64 id;
        int keep, lose;
        bool undone, set;
        char was[8], became[8];
    } merges[MERGES];
    int merge_count;
};

static void model_merge(struct model *m, int keep, int lose, i64 id)
{
    int n = m->merge_count++;

    m->merges[n].id = id;
    m->merges[n].keep = keep;
    m->merges[n].lose = lose;
    m->people[lose].gone = true;
    strcpy(m->merges[n].was, m->people[keep].job);
    m->merges[n].set = !m->people[keep].job[0] && m->people[lose].job[0];
    if (m->merges[n].set)
        strcpy(m->people[keep].job, m->people[lose].job);
    strcpy(m->merges[n].became, m->people[keep].job);
    for (int d = 0; d < TASKS; d++)
        if (m->tasks[d].at == lose) {
            m->tasks[d].by[m->tasks[d].depth] = n;
            m->tasks[d].from[m->tasks[d].depth++] = lose;
            m->tasks[d].at = keep;
        }
}

static void model_unmerge(struct model *m, int n)
{
    m->merges[n].undone = true;
    m->people[m->merges[n].lose].gone = false;
    if (m->merges[n].set && text_is(m->people[m->merges[n].keep].job, m->merges[n].became))
        strcpy(m->people[m->merges[n].keep].job, m->merges[n].was);
    for (int d = 0; d < TASKS; d++)
        for (int i = 0; i < m->tasks[d].depth; i++)
            if (m->tasks[d].by[i] == n) { /* and whatever took it on from there is forgotten */
                m->tasks[d].at = m->tasks[d].from[i];
                m->tasks[d].depth = i;
            }
}

static void check_model(struct house *h, const struct model *m, int step)
{
    for (int p = 0; p < PEOPLE; p++) {
        struct row *r;
        assert_ok(h->cx, record_get_any(h->cx, &contact_type, m->people[p].id, &r));
        if (row_is_deleted(r) != m->people[p].gone ||
            !text_is(row_text(r, CONTACT_JOB), m->people[p].job))
            fail_msg("step %d: person %d has job \"%s\", not \"%s\"", step, p,
                     row_text(r, CONTACT_JOB), m->people[p].job);
    }
    for (int d = 0; d < TASKS; d++) {
        i64 at =
            ask(h, arena_printf(h->cx->arena, "SELECT contact_id FROM activity WHERE id = %lld",
                                (long long)m->tasks[d].id));
        if (at != m->people[m->tasks[d].at].id)
            fail_msg("step %d: task %d is not with person %d", step, d, m->tasks[d].at);
    }
}

static void model_begin(struct house *h, struct model *m)
{
    for (int p = 0; p < PEOPLE; p++) {
        m->people[p].id = contact_new(h, "P", "", "");
        if (p % 2)
            snprintf(m->people[p].job, sizeof m->people[p].job, "j%c", '0' + p);
        run_sql(h, "UPDATE contact SET job_title = '%s' WHERE id = %lld", m->people[p].job,
                (long long)m->people[p].id);
    }
    for (int d = 0; d < TASKS; d++) {
        m->tasks[d].at = d % PEOPLE;
        m->tasks[d].id = task_new(h, m->people[d % PEOPLE].id);
    }
}

/* A merge, an undo of any that may be undone, an edit of a field, or of a reference. */
static void model_step(struct house *h, struct model *m, int step)
{
    int a = rand() % PEOPLE, b = rand() % PEOPLE, what = rand() % 10;
    struct row *r;
    i64 id;

    if (what < 4 && a != b && !m->people[a].gone && !m->people[b].gone) {
        assert_ok(h->cx, merge_ids(h, &contact_type, m->people[a].id, m->people[b].id, &id));
        model_merge(m, a, b, id);
    } else if (what < 8 && m->merge_count > 0) {
        int n = rand() % m->merge_count;
        if (m->merges[n].undone)
            return;
        assert_ok(h->cx, record_unmerge(h->cx, m->merges[n].id));
        model_unmerge(m, n);
    } else if (what == 8 && !m->people[a].gone) {
        snprintf(m->people[a].job, sizeof m->people[a].job, "e%d", step % 1000);
        assert_ok(h->cx, record_get(h->cx, &contact_type, m->people[a].id, &r));
        row_set_text(r, CONTACT_JOB, m->people[a].job);
        assert_ok(h->cx, record_save(h->cx, r));
    } else if (what == 9 && !m->people[a].gone) {
        int d = rand() % TASKS;
        assert_ok(h->cx, record_get_named(h->cx, "activity", m->tasks[d].id, &r));
        row_set_i64(r, type_field(row_type(r), "contact_id"), m->people[a].id);
        assert_ok(h->cx, record_save(h->cx, r));
        if (m->tasks[d].at != a)
            m->tasks[d].depth = 0; /* by hand: no undo takes it away */
        m->tasks[d].at = a;
    }
}

static void chains_in_any_order(void **state)
{
    struct house *h = *state;
    struct model *m = calloc(1, sizeof *m);
    const char *events[PEOPLE];
    /* A server asks and answers; the steps themselves are the same on both engines. */
    int steps = h->engine == DB_SQLITE || getenv("FURROW_PROVE") ? STEPS : STEPS / 3;

    srand(20261123);
    model_begin(h, m);
    for (int p = 0; p < PEOPLE; p++)
        fill_events(h, m->people[p].id, p);
    assert_ok(h->cx, outbox_drain(h->cx));
    for (int p = 0; p < PEOPLE; p++)
        events[p] = dump_events(h, m->people[p].id);
    for (int step = 0; step < steps; step++) {
        model_step(h, m, step);
        if (step % 5 == 0)
            check_model(h, m, step);
        if (step % 17 == 0)
            assert_ok(h->cx, outbox_drain(h->cx));
    }
    for (int n = 0; n < m->merge_count; n++) /* the oldest first */
        if (!m->merges[n].undone) {
            assert_ok(h->cx, record_unmerge(h->cx, m->merges[n].id));
            model_unmerge(m, n);
            check_model(h, m, STEPS + n);
        }
    assert_ok(h->cx, outbox_drain(h->cx));
    assert_int_equal(ask(h, "SELECT count(*) FROM record_merge_row"), 0);
    for (int p = 0; p < PEOPLE; p++)
        assert_same_dump("events", events[p], dump_events(h, m->people[p].id));
    free(m);
}

/* ---- nothing is forgotten ---- */
/* Whatever column of a table looks like an id of what can be merged is declared. */
static void every_place_of_ids_is_declared(void **state)
{
    static const char *const ids[] = { "contact_id", "company_id", "record_id", "person_id" };
    struct house *h = *state;
    size_t count;
    const struct feature *const *features = kit_features(h->kit, &count);
    struct sql q = sql_new(h->cx);
    int seen = 0;

    sql_add(&q, "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE "
                "m.type = 'table' AND m.name NOT LIKE 'sqlite_%'");
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    while (stmt_next(&s)) {
        const char *table = col_text(&s, 0), *column = col_text(&s, 1);
        const struct record_type *t = type_find(h->cx, table);
        bool is_id = false, declared = false;
        for (size_t i = 0; i < countof(ids); i++)
            is_id |= text_is(column, ids[i]);
        if (!is_id)
            continue;
        if (t && type_field(t, column) >= 0)
            declared = t->fields[type_field(t, column)].kind == FIELD_REF;
        for (size_t f = 0; f < count; f++)
            for (size_t m = 0; m < features[f]->merge_table_count; m++)
                declared |= text_is(features[f]->merge_tables[m].table, table) &&
                            text_is(features[f]->merge_tables[m].column, column);
        seen++;
        if (!declared)
            fail_msg("%s.%s: say in MERGE_TABLES of its feature what a merge does with it", table,
                     column);
    }
    assert_ok(h->cx, stmt_status(&s));
    assert_true(seen > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(undone_it_is_byte_for_byte_the_same, NULL),
        IN_BOTH_HOUSES(a_company_with_its_people, NULL),
        IN_BOTH_HOUSES(nothing_is_merged_by_half, NULL),
        IN_BOTH_HOUSES(later_edits_win, NULL),
        IN_SQLITE_HOUSE(fields_are_chosen, NULL),
        IN_BOTH_HOUSES(chains_in_any_order, NULL),
        IN_SQLITE_HOUSE(every_place_of_ids_is_declared, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
