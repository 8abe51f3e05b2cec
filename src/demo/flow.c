/* flow.c -- automation of the demo company: flows that have run for months, with people in all
 * states. The engine itself runs them, day by day on the story's clock; their mails count as sent.
 * */
#include "marketing/flow.h"
#include "demo/demo_int.h"
#include "kit/filter.h"

enum { CLARA = 0, USUAL_CONTACTS = 20000, PART = 400 };

/* clang-format off */
#define MAIL(id, subject, text) \
    "{\"id\":\"" id "\",\"kind\":\"mail\",\"subject\":\"" subject "\",\"text\":\"" text "\"}"
#define WAIT(id, days) \
    "{\"id\":\"" id "\",\"kind\":\"wait\",\"amount\":" #days ",\"unit\":\"days\"}"
#define DAYTIME(id)                                                                      \
    "{\"id\":\"" id "\",\"kind\":\"wait_time\",\"when\":\"own\",\"days\":\"mon,tue,wed," \
    "thu,fri\",\"begin\":\"09:00\",\"end\":\"16:00\",\"zone\":\"person\"}"
#define POINTS(id, n, why) \
    "{\"id\":\"" id "\",\"kind\":\"score\",\"points\":" #n ",\"reason\":\"" why "\"}"
#define CLICK(id, days, yes, no)                                                                \
    "{\"id\":\"" id "\",\"kind\":\"wait_event\",\"on\":\"mail\",\"what\":\"clicked\",\"from\":" \
    "\"flow\",\"amount\":" #days ",\"unit\":\"days\",\"paths\":[{\"id\":\"" id "y\",\"name\":"  \
    "\"They click\",\"steps\":[" yes "]},{\"id\":\"" id "n\",\"name\":\"Time runs out\","       \
    "\"steps\":[" no "]}]}"
#define HELLO "Hello {{contact.first_name|there}},\\n\\n"

static const struct plan {
    const char *name, *about, *definition, *status;
    int days, per_day; /* hundredths of people a day, for a company of the usual size */
    bool customers;
} plans[] = {
    { "Welcome to Alderfield", "Five days that turn a new name into somebody who knows us.",
      "{\"entry\":{\"again\":\"never\"},\"triggers\":[{\"id\":\"t1\",\"on\":\"form\"}],\"goals\":"
      "[{\"id\":\"g1\",\"title\":\"Answered a mail\",\"on\":\"mail\",\"what\":\"replied\","
      "\"from\":\"flow\"}],\"steps\":["
      MAIL("s1", "Good to have you here", HELLO "thank you for your interest in our sensors.") ","
      WAIT("s2", 2) "," DAYTIME("s3") ","
      MAIL("s4", "What growers ask us first", HELLO "three questions, three short answers.") ","
      CLICK("s5", 4, POINTS("s6", 10, "Read the answers"),
            MAIL("s7", "Shall we show you a field?", HELLO "twenty minutes, your own soil."))
      "," WAIT("s8", 3)
      ",{\"id\":\"s9\",\"kind\":\"if\",\"filter\":\"score >= 60\",\"paths\":[{\"id\":\"s9y\","
      "\"name\":\"Yes\",\"steps\":[{\"id\":\"s10\",\"kind\":\"notify\",\"text\":\"has read all "
      "of the welcome mails\",\"whose\":\"owner\"}]},{\"id\":\"s9n\",\"name\":\"No\",\"steps\":["
      MAIL("s11", "Stories from the field", HELLO "what others harvested with less water.")
      "]}]}]}",
      "live", 150, 520, false },
    { "Irrigation handbook", "Delivers the handbook, finds out who reads it, tries two ways on.",
      "{\"entry\":{\"again\":\"after\",\"days\":60},\"triggers\":[{\"id\":\"t1\",\"on\":\"form\"}],"
      "\"goals\":[{\"id\":\"g1\",\"title\":\"A meeting\",\"on\":\"event\",\"event\":\"meeting\"}],"
      "\"steps\":["
      MAIL("s1", "Your irrigation handbook", HELLO "page 7 is the one people copy.") ","
      CLICK("s2", 2, POINTS("s3", 15, "Read the handbook"),
            MAIL("s4", "Did the handbook arrive?", HELLO "here it is once more.")) ","
      WAIT("s5", 4)
      ",{\"id\":\"s6\",\"kind\":\"split\",\"paths\":[{\"id\":\"pa\",\"name\":\"A story\",\"share\":"
      "50,\"steps\":[" MAIL("s7", "How Hof Lindner saved a third", HELLO "a year in numbers.")
      "]},{\"id\":\"pb\",\"name\":\"A calculation\",\"share\":50,\"steps\":["
      MAIL("s8", "Page 7 with your numbers?", HELLO "we fill it in with you.") "]}]}]}",
      "live", 90, 330, false },
    { "A year with us", "Begins a month before a customer's anniversary.",
      "{\"entry\":{\"again\":\"always\",\"filter\":\"lifecycle = 'customer'\"},\"triggers\":[{"
      "\"id\":\"t1\",\"on\":\"date\",\"date\":\"customer_at\",\"days\":-30,\"yearly\":true}],"
      "\"goals\":[{\"id\":\"g1\",\"title\":\"Bought again\",\"on\":\"event\",\"event\":"
      "\"deal_won\"}],\"steps\":["
      MAIL("s1", "Your year with us", HELLO "what has become better since you began.") ","
      WAIT("s2", 12) "," DAYTIME("s3") ","
      "{\"id\":\"s4\",\"kind\":\"notify\",\"text\":\"renewal in two weeks\",\"whose\":\"owner\"},"
      WAIT("s5", 10) "," MAIL("s6", "Shall we go on together?", HELLO "a line is enough.") "]}",
      "live", 120, 0, true },
    { "Trade fair follow-up", "For people we met in Hannover. Paused until the next fair.",
      "{\"triggers\":[{\"id\":\"t1\",\"on\":\"hand\"}],\"goals\":[{\"id\":\"g1\",\"title\":"
      "\"Answered\",\"on\":\"mail\",\"what\":\"replied\",\"from\":\"flow\"}],\"steps\":["
      MAIL("s1", "Good to meet you in Hannover", HELLO "as promised, the leaflet.") ","
      WAIT("s2", 5) "," MAIL("s3", "One question", HELLO "which of your fields is the driest?") ","
      WAIT("s4", 40) "," MAIL("s5", "Season's end", HELLO "a good moment to plan.") "]}",
      "paused", 40, 260, false },
};
/* clang-format on */

/* Mails need an identity; one without a server keeps them waiting, as a new workspace's does. */
static enum status make_sender(struct sim *s)
{
    struct row *r;
    i64 count;

    TRY(list_count(&s->cx, type_find(&s->cx, "sender"), "is_default is true", "", 1, &count));
    if (count > 0)
        return OK;
    r = row_new(&s->cx, type_find(&s->cx, "sender"));
    put_text(r, "name", "Alderfield");
    put_text(r, "from_name", "Alderfield");
    put_text(r, "from_address", "hello@alderfield.example");
    put_i64(r, "is_default", 1);
    return record_save(&s->cx, r);
}

static enum status make_flow(struct sim *s, const struct plan *p, i64 *id)
{
    struct row *r = row_new(&s->cx, &flow_type);
    i64 number;

    put_text(r, "name", p->name);
    put_text(r, "about", p->about);
    put_text(r, "definition", p->definition);
    put_i64(r, "owner_id", s->user_ids[CLARA]);
    TRY(record_save(&s->cx, r));
    *id = row_id(r);
    return flow_publish(&s->cx, *id, false, &number);
}

/* Everybody, by when they became known. */
struct known {
    i64 *ids, *since;
    size_t count, cap;
};

static enum status read_known(struct sim *s, struct known *k)
{
    scoped(stmt_close) struct stmt q = db_query(&s->cx, "demo.flow_people");

    k->cap = s->contacts.count;
    k->ids = NEW_N(s->keep, i64, k->cap + 1);
    k->since = NEW_N(s->keep, i64, k->cap + 1);
    for (; k->count < k->cap && stmt_next(&q); k->count++) {
        k->ids[k->count] = col_i64(&q, 0);
        k->since[k->count] = col_i64(&q, 1);
    }
    return stmt_status(&q);
}

/* Somebody who was known by then, rather one of the last half year; 0: nobody. */
static i64 somebody(struct sim *s, const struct known *k, i64 by_ms)
{
    size_t low = 0, high = k->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (k->since[middle] < by_ms)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    high = low > 400 ? low / 4 : low; /* the newest quarter */
    return k->ids[low - 1 - rng_below(&s->side_rng, (u32)high)];
}

static enum status let_some_in(struct sim *s, const struct known *k, const struct plan *p, i64 flow,
                               int *owed)
{
    *owed += (int)((i64)p->per_day * s->o.contacts / USUAL_CONTACTS);
    for (; *owed >= 100; *owed -= 100) {
        i64 who = somebody(s, k, sim_now(s));
        if (who != 0)
            TRY(flow_let_in(&s->cx, flow, who, "t1"));
    }
    return OK;
}

/* Some of those who wait for a click click, and a few answer. */
static enum status some_react(struct sim *s, i64 flow)
{
    i64 who[PART], count = 0;
    scoped(stmt_close) struct stmt q =
        db_query(&s->cx, "flow.waiting", I64("flow", flow), I64("limit", PART));

    while (stmt_next(&q))
        who[count++] = col_i64(&q, 0);
    TRY(stmt_status(&q));
    stmt_close(&q);
    for (i64 i = 0; i < count; i++) {
        struct val *props = val_map(s->cx.arena);
        bool clicks = rng_percent(&s->side_rng, 9);
        if (!clicks && !rng_percent(&s->side_rng, 1))
            continue;
        val_put_text(props, "source", "flow");
        val_put_i64(props, "source_id", flow);
        TRY(happen(&s->cx, &(struct happening){ .name = clicks ? "mail.clicked" : "mail.replied",
                                                .contact_id = who[i],
                                                .props = props }));
    }
    return OK;
}

/* The customers whose day comes today. */
static enum status run_a_day(struct sim *s, const struct known *k, const i64 *flows, int *owed,
                             int day)
{
    bool more;

    for (size_t i = 0; i < countof(plans); i++) {
        if (day > plans[i].days)
            continue;
        if (!plans[i].customers)
            TRY(let_some_in(s, k, &plans[i], flows[i], &owed[i]));
        TRY(some_react(s, flows[i]));
    }
    if (day % 5 == 0)
        TRY(flow_dates(&s->cx));
    return flow_work(&s->cx, 0, &more);
}

/* A few whose step did not work: there is something to look at and to try again. */
static enum status leave_trouble(struct sim *s, i64 flow)
{
    return db_run(&s->cx, "demo.flow_trouble", I64("flow", flow),
                  TEXT("error", "Webhook: the address answered 503"));
}

enum status flows_make(struct sim *s)
{
    i64 flows[countof(plans)] = { 0 }, end = sim_now(s), id;
    int owed[countof(plans)] = { 0 };
    struct known known = { 0 };
    struct row *r;

    sim_as(s, -1);
    TRY(read_known(s, &known));
    TRY(make_sender(s));
    for (int day = plans[0].days; day > 0; day--) {
        s->clock.fixed_ms = s->end_ms - day * (i64)MS_DAY + 3 * MS_HOUR;
        for (size_t i = 0; i < countof(plans); i++)
            if (day == plans[i].days)
                TRY(make_flow(s, &plans[i], &flows[i]));
        TRY(run_a_day(s, &known, flows, owed, day));
    }
    s->clock.fixed_ms = end;
    TRY(db_run(&s->cx, "demo.flow_mails"));
    TRY(leave_trouble(s, flows[1]));
    for (size_t i = 0; i < countof(plans); i++) {
        if (!text_is(plans[i].status, "paused"))
            continue;
        TRY(record_get(&s->cx, &flow_type, flows[i], &r));
        TRY(flow_set_status(&s->cx, r, "paused"));
    }
    sim_as(s, CLARA);
    TRY(flow_make_ready(&s->cx, "webinar", &id));
    sim_as(s, -1);
    return OK;
}
