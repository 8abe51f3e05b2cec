/* sla_test.c -- promises: case by case against arithmetic by hand, and a month's story of which
 * every figure is held against plain SQL over what was said, when, by whom. */
#include "base/id.h"
#include "bridge/contact.h"
#include "kit/hours.h"
#include "kit/question.h"
#include "mail/sender.h"
#include "mail/token.h"
#include "service/sla.h"
#include "support/house.h"
#include <math.h>
#include <stdlib.h>

#define ok(x)                                                             \
    do {                                                                  \
        if ((x) != OK)                                                    \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, h->cx->error_text); \
    } while (0)

/* ---- helpers ---- */
static void make_sender(struct house *h)
{
    struct row *s = row_new(h->cx, &sender_type);

    row_set_text(s, SENDER_NAME, "Support");
    row_set_text(s, SENDER_FROM_NAME, "Support");
    row_set_text(s, SENDER_FROM, "help@alderfield.test");
    row_set_i64(s, SENDER_DEFAULT, 1);
    ok(record_save(h->cx, s));
}

static i64 policy(struct house *h, const char *hours, i64 first, i64 solve)
{
    struct row *r = row_new(h->cx, &sla_policy_type);

    row_set_text(r, SLA_NAME, "Promise");
    row_set_text(r, SLA_HOURS, hours);
    for (int i = 0; i < 4; i++) { /* urgent to low: each twice as long as the one before */
        row_set_i64(r, SLA_FIRST_URGENT + i, first << i);
        row_set_i64(r, SLA_SOLVE_URGENT + i, solve << i);
    }
    ok(record_save(h->cx, r));
    return row_id(r);
}

static void run_job(struct house *h)
{
    struct job_run run = { .cx = h->cx };

    ok(kit_job(h->kit, "ticket.promises")->run(&run));
}

static struct row *ticket(struct house *h, i64 id)
{
    struct row *t;

    ok(record_get(h->cx, &ticket_type, id, &t));
    return t;
}

static i64 open_ticket(struct house *h, const char *email, const char *priority)
{
    struct said said = { .text = "The probe is silent." };
    struct row *t;

    ok(ticket_make(h->cx,
                   &(struct ticket_new){ .said = &said,
                                         .subject = "Probe",
                                         .channel = "api",
                                         .email = email,
                                         .priority = priority },
                   &t, NULL));
    return row_id(t);
}

static void post(struct house *h, struct person *who, i64 id, const char *what, const char *body)
{
    struct web_response r = house_post(
        h, who, arena_printf(h->arena, "/tickets/%s/%s", id_text(h->arena, id), what), body);
    house_expect(h, &r, 303);
}

static void they_write(struct house *h, i64 id)
{
    struct said said = { .text = "And another thing." };

    ok(ticket_receive(h->cx, ticket(h, id), &said, NULL));
}

static void do_one(struct house *h, struct person *who, i64 id, const char *what)
{
    if (text_is(what, "answer"))
        post(h, who, id, "say", "text=Hold+the+button.&status=pending");
    else if (text_is(what, "theirs"))
        they_write(h, id);
    else if (text_is(what, "hold"))
        post(h, who, id, "set", "status=on_hold");
    else if (text_is(what, "open"))
        post(h, who, id, "set", "status=open");
    else if (text_is(what, "note"))
        post(h, who, id, "say", "text=Ask+the+workshop.&as=note");
    else if (text_is(what, "urgent"))
        post(h, who, id, "set", "priority=urgent");
    else if (text_is(what, "solve"))
        post(h, who, id, "solve", "");
    else if (!text_is(what, "job"))
        fail_msg("'%s' is nothing that is done", what);
}

/* ---- case by case ---- */

/* Opened on Monday 23 November 2026 at 10:00 UTC. Steps: minutes after that, and what is done. */
static const struct promise_case {
    const char *note, *hours, *priority;
    i64 first, solve; /* minutes, of urgent */
    const char *steps;
    bool first_late, solve_late;
    i64 first_hours, solve_hours, paused; /* hundredths of hours; -1: none. Minutes */
} cases[] = {
    { "answered in time", "always", "urgent", 60, 480, "30 answer", false, false, 50, -1, 0 },
    { "to the minute", "always", "urgent", 60, 480, "60 answer", false, false, 100, -1, 0 },
    { "a minute late", "always", "urgent", 60, 480, "61 answer", true, false, 102, -1, 0 },
    { "nobody answers", "always", "urgent", 60, 480, "61 job", true, false, -1, -1, 0 },
    { "a note is no answer", "always", "urgent", 60, 480, "10 note,61 job", true, false, -1, -1,
      0 },
    { "normal has four times as long", "always", "normal", 60, 480, "239 answer", false, false, 398,
      -1, 0 },
    { "solved at once", "always", "urgent", 60, 480, "10 answer,10 solve", false, false, 17, 17,
      0 },
    { "pending does not count", "always", "urgent", 60, 480, "10 answer,610 theirs,1070 solve",
      false, false, 17, 783, 600 },
    { "and then it is late", "always", "urgent", 60, 480, "10 answer,610 theirs,1081 solve", false,
      true, 17, 802, 600 },
    { "late before it was paused", "always", "urgent", 600, 480, "481 answer,900 solve", false,
      true, 802, 802, 419 },
    { "on hold does not count", "always", "urgent", 60, 480,
      "10 answer,20 theirs,30 hold,630 open,1080 solve", false, false, 17, 783, 610 },
    { "late while nobody looks", "always", "urgent", 60, 480, "10 answer,20 theirs,491 job", false,
      true, 17, -1, 10 },
    { "made urgent, it is late at once", "always", "low", 60, 480, "100 urgent", true, false, -1,
      -1, 0 },
    { "solved and back: that time does not count", "always", "urgent", 60, 480,
      "10 answer,20 solve,1020 theirs,1480 solve", false, false, 17, 783, 1010 },
    { "the night does not count", "working", "urgent", 480, 960, "1440 answer", false, false, 800,
      -1, 0 },
    { "nor the weekend", "working", "urgent", 2400, 4800, "10080 answer", false, false, 4000, -1,
      0 },
    { "late by working hours", "working", "urgent", 60, 960, "1440 answer", true, false, 800, -1,
      0 },
    { "due at closing time", "working", "urgent", 420, 960, "420 answer", false, false, 700, -1,
      0 },
    { "a minute after it, in which nothing counts", "working", "urgent", 420, 960, "421 answer",
      true, false, 700, -1, 0 },
    { "no promise", "always", "urgent", 0, 0, "5000 answer,9000 solve", false, false, 8333, 8333,
      4000 },
};

static void one_case(struct house *h, struct person *who, const struct promise_case *c, size_t n)
{
    i64 start = HOUSE_NOW, made, id;
    struct str steps = str_from(c->steps), step;
    struct row *t, *p;

    h->clock->fixed_ms = start;
    made = policy(h, c->hours, c->first, c->solve);
    id = open_ticket(h, arena_printf(h->arena, "case%zu@farm.example", n), c->priority);
    while (str_split(&steps, ',', &step)) {
        const char *space = memchr(step.p, ' ', step.len);
        i64 minutes;
        assert_true(str_i64((struct str){ step.p, (size_t)(space - step.p) }, &minutes));
        h->clock->fixed_ms = start + minutes * MS_MINUTE;
        run_job(h);
        do_one(h, who, id, arena_dup(h->arena, space + 1, step.len - (size_t)(space + 1 - step.p)));
    }
    t = ticket(h, id);
    i64 first = row_has(t, TICKET_FIRST_HOURS) ? row_i64(t, TICKET_FIRST_HOURS) : -1,
        solve = row_has(t, TICKET_RESOLVE_HOURS) ? row_i64(t, TICKET_RESOLVE_HOURS) : -1;
    if (row_bool(t, TICKET_FIRST_BREACHED) != c->first_late ||
        row_bool(t, TICKET_RESOLVE_BREACHED) != c->solve_late || first != c->first_hours ||
        solve != c->solve_hours || row_i64(t, TICKET_PAUSED_MINUTES) != c->paused)
        fail_msg("%s: first %s after %lld, solution %s after %lld, paused %lld", c->note,
                 row_bool(t, TICKET_FIRST_BREACHED) ? "late" : "in time", (long long)first,
                 row_bool(t, TICKET_RESOLVE_BREACHED) ? "late" : "in time", (long long)solve,
                 (long long)row_i64(t, TICKET_PAUSED_MINUTES));
    ok(record_get(h->cx, &sla_policy_type, made, &p));
    ok(record_delete(h->cx, p));
}

static void promises_are_kept_or_broken_to_the_minute(void **state)
{
    struct house *h = *state;
    struct person *who = house_user(h, "Sue Service", "Service");

    make_sender(h);
    ok(setting_save(h->cx, "workspace.zone", "UTC"));
    ok(setting_save(
        h->cx, "workspace.hours",
        "{\"mon\":[\"09:00-17:00\"],\"tue\":[\"09:00-17:00\"],\"wed\":[\"09:00-17:00\"],"
        "\"thu\":[\"09:00-17:00\"],\"fri\":[\"09:00-17:00\"]}"));
    for (size_t i = 0; i < countof(cases); i++)
        one_case(h, who, &cases[i], i);
}

/* ---- escalations ---- */
static i64 escalation(struct house *h, const char *about, i64 minutes, const char *does, i64 user)
{
    struct row *r = row_new(h->cx, &sla_escalation_type);

    row_set_text(r, ESCALATION_NAME, does);
    row_set_text(r, ESCALATION_ABOUT, about);
    row_set_i64(r, ESCALATION_MINUTES, minutes);
    row_set_text(r, ESCALATION_DO, does);
    if (user)
        row_set_i64(r, ESCALATION_USER, user);
    ok(record_save(h->cx, r));
    return row_id(r);
}

static void what_falls_due_escalates_once(void **state)
{
    struct house *h = *state;
    struct person *boss = house_user(h, "Bea Boss", "Service");
    i64 id;

    make_sender(h);
    policy(h, "always", 60, 480);
    escalation(h, "first_response", -10, "raise", 0);
    escalation(h, "first_response", 5, "reassign", boss->user_id);
    id = open_ticket(h, "esc@farm.example", "normal"); /* due after 240 minutes */
    h->clock->fixed_ms = HOUSE_NOW + 229 * MS_MINUTE;
    run_job(h);
    assert_string_equal(row_text(ticket(h, id), TICKET_PRIORITY), "normal");
    h->clock->fixed_ms = HOUSE_NOW + 230 * MS_MINUTE;
    run_job(h);
    assert_string_equal(row_text(ticket(h, id), TICKET_PRIORITY), "high");
    h->clock->fixed_ms += MS_SECOND;
    run_job(h); /* high is due after 120: late already, but raised no further by the same one */
    assert_string_equal(row_text(ticket(h, id), TICKET_PRIORITY), "high");
    assert_true(row_bool(ticket(h, id), TICKET_FIRST_BREACHED));
    assert_int_equal(row_i64(ticket(h, id), TICKET_ASSIGNEE), boss->user_id);
    /* Solved, and closed after some days. */
    do_one(h, boss, id, "answer");
    do_one(h, boss, id, "solve");
    h->clock->fixed_ms += 6 * MS_DAY;
    run_job(h);
    assert_string_equal(row_text(ticket(h, id), TICKET_STATUS), "solved");
    h->clock->fixed_ms += 2 * MS_DAY;
    run_job(h);
    assert_string_equal(row_text(ticket(h, id), TICKET_STATUS), "closed");
}

/* ---- a story, and plain SQL ---- */
enum { TICKETS = 120, STEPS_EACH = 8, DAYS = 28 };
struct happens {
    i64 at;
    int which;
    const char *what;
};

static int by_time(const void *a, const void *b)
{
    const struct happens *x = a, *y = b;

    return x->at < y->at          ? -1
           : x->at > y->at        ? 1
           : x->which != y->which ? x->which - y->which
                                  : (x < y ? -1 : 1);
}

static unsigned seed;
static unsigned roll(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % n;
}

/* Each ticket: opened, then some of what can be done, an hour or days apart; `slower` times as
 * far where less of the time counts. */
static size_t plan(struct happens *list, i64 slower)
{
    static const char *const some[] = { "answer", "theirs", "hold", "open", "note", "answer" };
    size_t n = 0;

    seed = 7;
    for (int i = 0; i < TICKETS; i++) {
        i64 at = HOUSE_NOW + (i64)roll(DAYS * 24 * 60) * MS_MINUTE;
        unsigned steps = roll(STEPS_EACH - 2);
        list[n++] = (struct happens){ at, i, "new" };
        for (unsigned s = 0; s < steps; s++) {
            at += (1 + (i64)roll(s == 0 ? 300 : 1500)) * slower * MS_MINUTE;
            list[n++] = (struct happens){ at, i, some[roll(countof(some))] };
        }
        if (roll(3))
            list[n++] = (struct happens){ at + (i64)roll(600) * MS_MINUTE + 1, i, "solve" };
        if (roll(4) == 0)
            list[n++] = (struct happens){ at + 700 * MS_MINUTE, i, "theirs" };
        if (roll(2))
            list[n++] = (struct happens){ at + 800 * MS_MINUTE, i, "rate" };
    }
    qsort(list, n, sizeof *list, by_time);
    return n;
}

static void rate(struct house *h, i64 id)
{
    const char *path =
        arena_printf(h->arena, "/csat/%s", token_write(h->cx, TOKEN_RATING, &id, 1, ""));
    const char *body = arena_printf(h->arena, "score=%u&comment=so", 1 + roll(5));
    struct web_response r = house_get(h, NULL, arena_printf(h->arena, "%s?score=1", path));

    house_expect(h, &r, 200);
    assert_false(row_has(ticket(h, id), TICKET_CSAT)); /* looking is no rating */
    r = house_post(h, NULL, path, "score=1");
    house_expect(h, &r, 200);
    r = house_post(h, NULL, path, body); /* and again: the second one counts */
    house_expect(h, &r, 200);
}

static double plain(struct house *h, const char *text)
{
    struct sql q = sql_new(h->cx);
    double value = NAN;

    sql_add(&q, text);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    if (stmt_next(&s))
        value = col_double(&s, 0);
    ok(stmt_status(&s));
    return value;
}

static double asked(struct house *h, const char *metric)
{
    struct question q = { .metric = metric,
                          .from_ms = HOUSE_NOW - MS_DAY,
                          .to_ms = HOUSE_NOW + 90 * (i64)MS_DAY };
    struct val *answer;

    ok(question_ask(h->cx, &q, &answer));
    return val_as_double(val_get(answer, "value"), NAN);
}

/* ---- which time counts ---- */
/* Every stretch of it as a row, with how much there has been at its end: by that, working time is
 * plain SQL. Made here by the calendar, not by what the program makes of the setting: half past
 * twelve and a free Wednesday among them; Berlin is an hour ahead of UTC all these weeks. No day is
 * as long as a promise: one that is due at closing time is late from then on, though no more time
 * has counted, and stands among the cases by hand. */
#define WORKING                                                                             \
    "{\"mon\":[\"09:00-12:30\",\"13:30-17:50\"],\"tue\":[\"09:00-12:30\",\"13:30-17:50\"]," \
    "\"wed\":[\"09:00-12:30\",\"13:30-17:50\"],\"thu\":[\"09:00-12:30\",\"13:30-17:50\"],"  \
    "\"fri\":[\"09:00-12:30\"],\"holidays\":[\"2026-12-02\"]}"
enum { SPANS = 400, SPAN_DAYS = 150 };
static struct counts {
    i64 from, until, sum;
} spans[SPANS];
static size_t span_count;

static void add_span(i64 from, i64 until)
{
    i64 before = span_count ? spans[span_count - 1].sum : 0;

    spans[span_count++] = (struct counts){ from, until, before + until - from };
}

static void count_all_time(void)
{
    span_count = 0;
    add_span(0, HOUSE_NOW + 1000 * (i64)MS_DAY);
}

static void count_working_time(void)
{
    i64 monday = HOUSE_NOW - HOUSE_NOW % MS_DAY - MS_HOUR; /* 00:00 in Berlin */

    span_count = 0;
    for (int d = 0; d < SPAN_DAYS; d++) {
        i64 day = monday + d * (i64)MS_DAY;
        if (d % 7 > 4 || d == 9)
            continue;
        add_span(day + 9 * MS_HOUR, day + 12 * MS_HOUR + 30 * MS_MINUTE);
        if (d % 7 < 4)
            add_span(day + 13 * MS_HOUR + 30 * MS_MINUTE, day + 17 * MS_HOUR + 50 * MS_MINUTE);
    }
}

/* Counted time until x. */
static i64 counted(i64 x)
{
    i64 sum = 0;

    for (size_t i = 0; i < span_count && spans[i].from < x; i++)
        sum = spans[i].sum - (spans[i].until > x ? spans[i].until - x : 0);
    return sum;
}

static void plain_run(struct house *h, const char *text)
{
    struct sql q = sql_new(h->cx);

    sql_add(&q, text);
    ok(db_run_sql(h->cx, &q, NULL));
}

static void keep_spans(struct house *h)
{
    plain_run(h, "CREATE TABLE counts (from_ms BIGINT, until_ms BIGINT, so_far BIGINT)");
    for (size_t i = 0; i < span_count; i++)
        plain_run(h, arena_printf(h->arena, "INSERT INTO counts VALUES (%lld, %lld, %lld)",
                                  (long long)spans[i].from, (long long)spans[i].until,
                                  (long long)spans[i].sum));
}

#define COUNTED(x)                                                                           \
    "(SELECT coalesce(max(so_far - CASE WHEN until_ms > " x " THEN until_ms - " x " ELSE 0 " \
    "END), 0) FROM counts WHERE from_ms < " x ")"
#define DUE(opened, minutes)                                 \
    "(SELECT until_ms - (so_far - " COUNTED(                 \
        opened) " - " minutes " * 60000) FROM counts WHERE " \
                "so_far >= " COUNTED(opened) " + " minutes " * 60000 ORDER BY so_far LIMIT 1)"

/* What was said when: from the messages, not from what the tickets remember of them. */
#define FIRST_PROMISE                                                                         \
    "CASE t.priority WHEN 'urgent' THEN 60 WHEN 'high' THEN 120 WHEN 'normal' THEN 240 ELSE " \
    "480 END"
#define FIRST_ANSWERS                                                                         \
    "(SELECT g.*, " DUE("g.opened",                                                           \
                        "g.promised") " AS due FROM (SELECT t.id, t.created_at AS "           \
                                      "opened, min(m.created_at) AS answered, " FIRST_PROMISE \
                                      " AS promised FROM ticket t JOIN "                      \
                                      "conversation_message m ON m.conversation_id = "        \
                                      "t.conversation_id AND m.author = 'team' "              \
                                      "GROUP BY t.id, t.created_at, t.priority) g) f"
static const struct {
    const char *metric, *text;
} figures[] = {
    { "tickets_created", "SELECT count(*) FROM ticket" },
    { "tickets_solved", "SELECT count(*) FROM ticket WHERE status IN ('solved', 'closed')" },
    { "ticket_backlog", "SELECT count(*) FROM ticket WHERE status NOT IN ('solved', 'closed')" },
    { "first_responses_kept", "SELECT count(*) FROM " FIRST_ANSWERS " WHERE answered <= due" },
    { "tickets_rated", "SELECT count(*) FROM ticket WHERE csat IS NOT NULL" },
    { "csat", "SELECT sum(CASE WHEN csat >= 4 THEN 1.0 ELSE 0.0 END) / count(csat) FROM ticket" },
    { "reopened_rate",
      "SELECT sum(CASE WHEN reopened > 0 THEN 1.0 ELSE 0.0 END) / count(*) FROM ticket WHERE "
      "status IN ('solved', 'closed')" },
};

/* How long each ticket's clock ran, by the change log alone: it stands while the ticket is pending,
 * on hold or solved. `until` is now, where nothing came after. */
#define STATUSES(new_status)                                                                    \
    "(SELECT id, created_at AS at, created_at AS nth, 'new' AS status FROM ticket UNION ALL "   \
    "SELECT c.record_id, c.at, c.id, " new_status " FROM change c WHERE c.type = 'ticket' AND " \
    "c.verb = 'update' AND c.fields LIKE '%%\"status\":[%%') AS s"
#define RAN(new_status)                                                                         \
    "(SELECT t.id, t.status, CASE t.priority WHEN 'urgent' THEN 480 WHEN 'high' THEN 960 WHEN " \
    "'normal' THEN 1920 ELSE 3840 END AS promised, sum(CASE WHEN r.status IN ('new', 'open') "  \
    "THEN " COUNTED("r.until") " - " COUNTED(                                                   \
        "r.at") " ELSE 0 END) AS ms FROM ticket t JOIN "                                        \
                "(SELECT id, at, status, "                                                      \
                "coalesce(lead(at) OVER (PARTITION BY id ORDER BY at, nth), %lld) AS until "    \
                "FROM " STATUSES(new_status) ") AS r ON r.id = t.id GROUP BY t.id, t.status, "  \
                                             "t.priority) AS ran"
#define IS_OVER "status IN ('solved', 'closed')"
static const char *of_clocks(struct house *h, const char *select, const char *where)
{
    const char *ran = h->engine == DB_SQLITE
                          ? arena_printf(h->arena, RAN("json_extract(c.fields, '$.status[1]')"),
                                         (long long)ctx_now(h->cx))
                          : arena_printf(h->arena, RAN("CAST(c.fields AS json) -> 'status' ->> 1"),
                                         (long long)ctx_now(h->cx));

    return arena_printf(h->arena, "SELECT %s FROM %s WHERE %s", select, ran, where);
}

/* Nobody of the team wrote, and it was still to be solved when the answer was due. */
#define NEVER(new_status)                                                                          \
    "SELECT count(*) FROM (SELECT t.id, t.conversation_id, " DUE(                                  \
        "t.created_at",                                                                            \
        FIRST_PROMISE) " AS due FROM ticket t) AS n WHERE NOT EXISTS (SELECT 1 FROM "              \
                       "conversation_message m WHERE "                                             \
                       "m.conversation_id = n.conversation_id AND m.author = 'team') AND EXISTS "  \
                       "(SELECT 1 FROM "                                                           \
                       "(SELECT id, status, coalesce(lead(at) OVER (PARTITION BY id ORDER BY at, " \
                       "nth), %lld) AS "                                                           \
                       "until FROM " STATUSES(                                                     \
                           new_status) ") AS r WHERE r.id = n.id AND r.status NOT IN "             \
                                       "('solved', 'closed') AND r.until > n.due)"
static const char *never_answered(struct house *h)
{
    return h->engine == DB_SQLITE
               ? arena_printf(h->arena, NEVER("json_extract(c.fields, '$.status[1]')"),
                              (long long)ctx_now(h->cx))
               : arena_printf(h->arena, NEVER("CAST(c.fields AS json) -> 'status' ->> 1"),
                              (long long)ctx_now(h->cx));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* The median of the hours that a query gives, in hundredths as they are kept. */
static double median(struct house *h, const char *text)
{
    static double list[TICKETS];
    struct sql q = sql_new(h->cx);
    size_t n = 0;

    sql_add(&q, text);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    while (n < TICKETS && stmt_next(&s))
        list[n++] = floor(col_double(&s, 0) / 60000 * 100 / 60 + 0.5) / 100;
    ok(stmt_status(&s));
    qsort(list, n, sizeof *list, by_value);
    assert_true(n > 20);
    return n % 2 ? list[n / 2] : (list[n / 2 - 1] + list[n / 2]) / 2;
}

static void near(const char *what, double got, double want)
{
    if (!(fabs(got - want) < 0.0051))
        fail_msg("%s: %g, plain SQL says %g", what, got, want);
}

/* Solutions: how many were promised and kept, and how long they took, pauses left out. */
static void solutions_are_those_of_plain_sql(struct house *h)
{
    double kept, late, open_late;

    for (int i = 0; i < 4; i++) /* whatever fell due is looked at */
        run_job(h);
    kept = plain(h, of_clocks(h, "count(*)", IS_OVER " AND ms <= promised * 60000"));
    late = plain(h, of_clocks(h, "count(*)", IS_OVER " AND ms > promised * 60000"));
    open_late = plain(h, of_clocks(h, "count(*)", "NOT " IS_OVER " AND ms > promised * 60000"));
    assert_true(kept > 5 && late > 5 && open_late > 1);
    near("resolutions_kept", asked(h, "resolutions_kept"), kept);
    near("resolutions_due", asked(h, "resolutions_due"), kept + late + open_late);
    near("sla_resolution", asked(h, "sla_resolution"), kept / (kept + late + open_late));
    near("resolution_time", asked(h, "resolution_time"), median(h, of_clocks(h, "ms", IS_OVER)));
}

/* Each ticket's own account: minutes that counted until it was solved, from what was done to it. */
struct account {
    i64 id, opened, counted, since; /* since: the clock runs from then; 0: it stands */
    bool solved;
};

static void keep_account(struct account *a, const char *status, i64 at)
{
    bool runs = text_is(status, "new") || text_is(status, "open");

    if (a->since && !runs) {
        a->counted += (counted(at) - counted(a->since)) / MS_MINUTE;
        a->since = 0;
    } else if (!a->since && runs) {
        a->since = at;
    }
    a->solved = status_is_over(status);
}

static void check_accounts(struct house *h, const struct account *list)
{
    for (int i = 0; i < TICKETS; i++) {
        const struct row *t = ticket(h, list[i].id);
        const char *p = row_text(t, TICKET_PRIORITY);
        i64 promised = text_is(p, "urgent")   ? 480
                       : text_is(p, "high")   ? 960
                       : text_is(p, "normal") ? 1920
                                              : 3840,
            hours = (list[i].counted * 100 + 30) / 60;
        if (!list[i].solved)
            continue;
        if (row_i64(t, TICKET_RESOLVE_HOURS) != hours ||
            row_bool(t, TICKET_RESOLVE_BREACHED) != (list[i].counted > promised))
            fail_msg("%s: %lld hundredths of hours, %s; by its account %lld, %lld minutes of %lld",
                     row_text(t, TICKET_CODE), (long long)row_i64(t, TICKET_RESOLVE_HOURS),
                     row_bool(t, TICKET_RESOLVE_BREACHED) ? "late" : "in time", (long long)hours,
                     (long long)list[i].counted, (long long)promised);
    }
}

static void tell_a_story(struct house *h, const char *hours, i64 slower)
{
    static const char *const priorities[] = { "urgent", "high", "normal", "low" };
    struct person *who = NULL;
    i64 signed_in = 0;
    struct happens *list = NEW_N(h->arena, struct happens, TICKETS * (STEPS_EACH + 4));
    struct account *accounts = NEW_N(h->arena, struct account, TICKETS);
    size_t n = plan(list, slower);

    make_sender(h);
    policy(h, hours, 60, 480);
    keep_spans(h);
    for (size_t i = 0; i < n; i++) {
        struct account *a = &accounts[list[i].which];
        h->clock->fixed_ms = list[i].at;
        if (who == NULL || list[i].at > signed_in + 20 * (i64)MS_DAY) { /* a session ends */
            signed_in = list[i].at;
            who = house_user(h, arena_printf(h->arena, "Sue Service %zu", i), "Service");
        }
        run_job(h);
        if (text_is(list[i].what, "new")) {
            a->id = open_ticket(h, arena_printf(h->arena, "story%d@farm.example", list[i].which),
                                priorities[list[i].which % 4]);
            a->opened = list[i].at;
        } else if (text_is(list[i].what, "rate")) {
            rate(h, a->id);
        } else if (!text_is(row_text(ticket(h, a->id), TICKET_STATUS), "closed")) {
            do_one(h, who, a->id, list[i].what);
        }
        keep_account(a, row_text(ticket(h, a->id), TICKET_STATUS), list[i].at);
    }
    check_accounts(h, accounts);
    for (size_t i = 0; i < countof(figures); i++)
        near(figures[i].metric, asked(h, figures[i].metric), plain(h, figures[i].text));
    near("first_response_time", asked(h, "first_response_time"),
         median(h, "SELECT " COUNTED("answered") " - " COUNTED("opened") " FROM " FIRST_ANSWERS));
    /* The promises that fell due: kept ones by the messages, and those broken. */
    double kept = plain(h, "SELECT count(*) FROM " FIRST_ANSWERS " WHERE answered <= due"),
           late = plain(h, "SELECT count(*) FROM " FIRST_ANSWERS " WHERE answered > due"),
           never = plain(h, never_answered(h));
    assert_true(kept > 5 && late > 5 && never > 1);
    near("sla_first_response", asked(h, "sla_first_response"), kept / (kept + late + never));
    solutions_are_those_of_plain_sql(h);
}

static void figures_are_those_of_plain_sql(void **state)
{
    count_all_time();
    tell_a_story(*state, "always", 1);
}

static void figures_in_working_hours_are_too(void **state)
{
    struct house *h = *state;

    ok(setting_save(h->cx, "workspace.zone", "Europe/Berlin"));
    ok(setting_save(h->cx, "workspace.hours", WORKING));
    count_working_time();
    tell_a_story(h, "working", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(promises_are_kept_or_broken_to_the_minute, NULL),
        IN_BOTH_HOUSES(what_falls_due_escalates_once, NULL),
        IN_BOTH_HOUSES(figures_are_those_of_plain_sql, NULL),
        IN_BOTH_HOUSES(figures_in_working_hours_are_too, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
