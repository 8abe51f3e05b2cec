/* fill_pages.c -- fills a data folder with what the heaviest pages show, through the one door: a
 * board of 5,000 open deals among 20,000, a contact with 10,000 entries on the timeline, a desk of
 * 100,000 tickets: fill_pages FOLDER [DB_URL]. Prints the contact's id. The folder has been made by
 * `furrow user add bench@bench.example`; nothing else may run on it. For pages_bench.py.
 *
 * Of the tickets 60,000 are to be solved: what is mine and what is nobody's are few among many (50
 * and 300); a twentieth is late. What falls due is done here, so that no job runs beside the
 * measuring. */
#include "base/id.h"
#include "bridge/channel.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "program.h"
#include "sales/activity.h"
#include "sales/deal.h"
#include "sales/pipeline.h"
#include "service/sla.h"
#include "service/ticket.h"
#include "store/queue.h"
#include <stdio.h>
#include <string.h>

enum {
    COMPANIES = 200,
    CONTACTS = 2000,
    COLLEAGUES = 20,
    DEALS = 5000,
    CLOSED = 15 * 1000, /* over three years: two in five won */
    CLOSED_DAYS = 3 * 365,
    TICKETS = 100 * 1000,
    TO_SOLVE = 60 * 1000,
    MINE = 50,
    NOBODYS = 300,
    LOT = 500,
    ENTRIES = 10 * 1000,
    ACTIVITIES = 4000, /* of them; comments 500, the rest are events */
    COMMENTS = 500,
    STAGES_MOST = 20,
};

struct filling {
    struct program p;
    i64 me, companies[COMPANIES], contacts[CONTACTS], colleagues[COLLEAGUES], stages[STAGES_MOST];
    size_t stage_count;
    i64 won, lost; /* the stages of what is over */
    i64 now;
    int done, to_solve; /* tickets so far, and those among them that are to be solved */
};

static u32 draw(struct filling *f, u32 below) { return program_draw(&f->p, below); }

static enum status set(struct ctx *cx, struct row *r, const char *field, const char *text)
{
    return row_parse(cx, r, type_field(row_type(r), field), text);
}

/* ---- who there is ---- */
static enum status fill_people(struct ctx *cx, void *arg)
{
    struct filling *f = arg;
    const struct record_type *user = type_find(cx, "user");
    struct row *rows[CONTACTS], *me, *role;

    TRY(record_find(cx, user, "email", "bench@bench.example", &me));
    TRY(record_find(cx, type_find(cx, "role"), "name", "Service", &role));
    f->me = row_id(me);
    for (int i = 0; i < COLLEAGUES; i++) {
        struct row *r = row_new(cx, user);
        TRY(set(cx, r, "name", arena_printf(cx->arena, "Colleague %d", i)));
        TRY(set(cx, r, "email", arena_printf(cx->arena, "c%d@bench.example", i)));
        TRY(set(cx, r, "role_id", id_text(cx->arena, row_id(role))));
        TRY(record_save(cx, r));
        f->colleagues[i] = row_id(r);
    }
    for (int i = 0; i < COMPANIES; i++) {
        rows[i] = row_new(cx, &company_type);
        row_set_text(rows[i], COMPANY_NAME, arena_printf(cx->arena, "Orchard & Sons %d", i));
    }
    TRY(record_save_many(cx, rows, COMPANIES));
    for (int i = 0; i < COMPANIES; i++)
        f->companies[i] = row_id(rows[i]);
    for (int i = 0; i < CONTACTS; i++) {
        rows[i] = row_new(cx, &contact_type);
        row_set_text(rows[i], CONTACT_FIRST, "Ida");
        row_set_text(rows[i], CONTACT_LAST, arena_printf(cx->arena, "Berg%d", i));
        row_set_text(rows[i], CONTACT_EMAIL, arena_printf(cx->arena, "p%d@firm.example", i));
        row_set_i64(rows[i], CONTACT_COMPANY, f->companies[i % COMPANIES]);
    }
    TRY(record_save_many(cx, rows, CONTACTS));
    for (int i = 0; i < CONTACTS; i++)
        f->contacts[i] = row_id(rows[i]);
    return OK;
}

/* ---- the board ---- */
static enum status open_stages(struct ctx *cx, struct filling *f)
{
    struct list_page page;

    TRY(list_run(cx, &stage_type,
                 &(struct list_query){ .filter = "kind = 'open' and pipeline_id.is_default is true",
                                       .sort = "position",
                                       .limit = STAGES_MOST },
                 &page));
    for (size_t i = 0; i < page.count; i++)
        f->stages[f->stage_count++] = row_id(page.rows[i]);
    return OK;
}

static enum status end_stages(struct ctx *cx, struct filling *f)
{
    struct list_page page;

    TRY(list_run(
        cx, &stage_type,
        &(struct list_query){ .filter = "kind != 'open' and pipeline_id.is_default is true",
                              .sort = "position",
                              .limit = STAGES_MOST },
        &page));
    for (size_t i = 0; i < page.count; i++)
        if (text_is(row_text(page.rows[i], STAGE_KIND), "won"))
            f->won = row_id(page.rows[i]);
        else
            f->lost = row_id(page.rows[i]);
    return OK;
}

static enum status fill_deal(struct ctx *cx, struct filling *f, i64 stage, i64 close_day,
                             struct row **out)
{
    struct row *r = *out = row_new(cx, &deal_type);
    u32 who = draw(f, CONTACTS);
    i64 thousands = draw(f, 90);

    row_set_text(r, DEAL_NAME, arena_printf(cx->arena, "%u probes for the north slope", who));
    row_set_i64(r, DEAL_CONTACT, f->contacts[who]);
    row_set_i64(r, DEAL_COMPANY, f->companies[who % COMPANIES]);
    row_set_i64(r, DEAL_OWNER, f->colleagues[draw(f, COLLEAGUES)]);
    row_set_i64(r, DEAL_STAGE, stage);
    row_set_i64(r, DEAL_CLOSE, close_day);
    if (stage == f->lost)
        TRY(set(cx, r, "lost_reason", "price"));
    return set(cx, r, "amount", arena_printf(cx->arena, "%lld EUR", 500 + 1000ll * thousands));
}

static enum status fill_deals(struct ctx *cx, void *arg)
{
    struct filling *f = arg;
    struct row *rows[LOT];

    for (int i = 0; i < LOT; i++)
        TRY(fill_deal(cx, f, f->stages[draw(f, (u32)f->stage_count)], f->now / MS_DAY + draw(f, 90),
                      &rows[i]));
    return record_save_many(cx, rows, LOT);
}

static enum status fill_closed(struct ctx *cx, void *arg)
{
    struct filling *f = arg;
    struct row *rows[LOT];

    if (f->stage_count == 0) {
        TRY(open_stages(cx, f));
        TRY(end_stages(cx, f));
    }
    for (int i = 0; i < LOT; i++)
        TRY(fill_deal(cx, f, i % 5 < 2 ? f->won : f->lost, ctx_now(cx) / MS_DAY, &rows[i]));
    return record_save_many(cx, rows, LOT);
}

/* ---- the timeline ---- */
static enum status fill_activities(struct ctx *cx, void *arg)
{
    static const char *const kinds[] = { "call", "meeting", "note" };
    struct filling *f = arg;
    struct row *rows[LOT];

    for (int i = 0; i < LOT; i++) {
        rows[i] = row_new(cx, type_find(cx, "activity"));
        TRY(set(cx, rows[i], "kind", kinds[draw(f, 3)]));
        row_set_text(rows[i], ACTIVITY_SUBJECT,
                     arena_printf(cx->arena, "What was said, number %d", i));
        row_set_text(rows[i], ACTIVITY_BODY, "They look at three offers and decide in spring.");
        row_set_i64(rows[i], ACTIVITY_CONTACT, f->contacts[0]);
        row_set_i64(rows[i], ACTIVITY_OWNER, f->colleagues[draw(f, COLLEAGUES)]);
    }
    return record_save_many(cx, rows, LOT);
}

static enum status fill_comments(struct ctx *cx, void *arg)
{
    struct filling *f = arg;

    for (int i = 0; i < COMMENTS; i++)
        TRY(db_run(cx, "comment.add", I64("id", kit_new_id(cx)), TEXT("type", "contact"),
                   I64("record", f->contacts[0]), I64("user", f->colleagues[i % COLLEAGUES]),
                   I64("at", f->now - (i64)draw(f, 365) * MS_DAY),
                   TEXT("text", "Worth a visit when the trees are in bloom.")));
    return OK;
}

/* Visits of some pages each, over a year. */
static void fill_events(struct filling *f)
{
    static const char *const paths[] = { "/", "/pricing", "/docs/probes", "/blog/frost" };
    enum { EVENTS = ENTRIES - ACTIVITIES - COMMENTS, PAGES_A_VISIT = 4 };
    struct journey *j = f->p.journey;
    u32 person = journey_person(j, PERSON_CONTACT, (u64)f->contacts[0]), page[countof(paths)],
        site = journey_intern(j, DICT_SITE, str_from("bench.example"));
    u16 kind = kit_event_code(f->p.kit, "pageview");
    struct event *events = NEW_N(f->p.cx.arena, struct event, EVENTS);
    i64 at = 0;

    for (size_t i = 0; i < countof(paths); i++)
        page[i] = journey_intern(j, DICT_PAGE, str_from(paths[i]));
    for (int i = 0; i < EVENTS; i++) {
        bool first = i % PAGES_A_VISIT == 0;
        at = first ? f->now - (i64)draw(f, 365 * 24 * 60) * MS_MINUTE : at + MS_MINUTE;
        events[i] = (struct event){ .kind = kind,
                                    .at_ms = at < f->now ? at : f->now,
                                    .person = person,
                                    .site = site,
                                    .channel = first ? CHANNEL_ORGANIC_SEARCH : CHANNEL_NONE,
                                    .page = page[draw(f, countof(paths))] };
    }
    program_need(&f->p, journey_append_wait(&f->p.cx, j, events, EVENTS));
    program_need(&f->p, journey_merge(&f->p.cx, j));
}

/* ---- the desk ---- */
/* Promises of 57 days and more: of what came in over 60 days the first is late. */
static enum status fill_policy(struct ctx *cx, void *arg)
{
    static const char *const names[] = {
        "first_urgent", "first_high", "first_normal", "first_low",
        "solve_urgent", "solve_high", "solve_normal", "solve_low"
    };
    struct row *r = row_new(cx, &sla_policy_type);

    (void)arg;
    row_set_text(r, SLA_NAME, "All");
    TRY(set(cx, r, "hours", "always"));
    for (size_t i = 0; i < countof(names); i++)
        TRY(set(cx, r, names[i], arena_printf(cx->arena, "%zu", (57 + i) * 24 * 60)));
    return record_save(cx, r);
}

static void whose(struct filling *f, struct row *t)
{
    bool to_solve = f->to_solve < TO_SOLVE && f->done % 5 < 3;
    int every = TO_SOLVE / MINE, none = TO_SOLVE / NOBODYS;

    row_set_text(t, TICKET_STATUS,
                 to_solve                      ? "open"
                 : f->done > TICKETS / 60 * 54 ? "solved" /* not yet a week ago */
                                               : "closed");
    if (!to_solve || f->to_solve % none != 7)
        row_set_i64(t, TICKET_ASSIGNEE,
                    to_solve && f->to_solve % every == 3 ? f->me
                                                         : f->colleagues[draw(f, COLLEAGUES)]);
    f->to_solve += to_solve;
    f->done++;
}

static enum status fill_tickets(struct ctx *cx, void *arg)
{
    static const char *const priorities[] = { "low", "normal", "normal", "high", "urgent" };
    struct filling *f = arg;
    struct row *talks[LOT], *tickets[LOT], *said[LOT];

    for (int i = 0; i < LOT; i++) {
        u32 who = draw(f, CONTACTS);
        talks[i] = row_new(cx, &conversation_type);
        row_set_text(talks[i], CONVERSATION_SUBJECT, "The probe in row twelve says nothing");
        row_set_text(talks[i], CONVERSATION_CHANNEL, "mail");
        row_set_i64(talks[i], CONVERSATION_CONTACT, f->contacts[who]);
    }
    TRY(record_save_many(cx, talks, LOT));
    for (int i = 0; i < LOT; i++) {
        i64 contact = row_i64(talks[i], CONVERSATION_CONTACT);
        said[i] = row_new(cx, &conversation_message_type);
        row_set_i64(said[i], MESSAGE_CONVERSATION, row_id(talks[i]));
        row_set_text(said[i], MESSAGE_AUTHOR, "visitor");
        row_set_text(said[i], MESSAGE_TEXT, "It worked until Tuesday. What may I do?");
        tickets[i] = row_new(cx, &ticket_type);
        row_set_text(tickets[i], TICKET_SUBJECT, "The probe in row twelve says nothing");
        row_set_text(tickets[i], TICKET_PRIORITY, priorities[draw(f, 5)]);
        row_set_i64(tickets[i], TICKET_CONTACT, contact);
        row_set_i64(tickets[i], TICKET_CONVERSATION, row_id(talks[i]));
        whose(f, tickets[i]);
    }
    TRY(record_save_many(cx, said, LOT));
    return record_save_many(cx, tickets, LOT);
}

static enum status keep_promises(struct ctx *cx, void *arg)
{
    struct job_run run = { .cx = cx };
    i64 *waiting = arg;

    TRY(kit_job(cx->kit, "ticket.promises")->run(&run));
    return db_get_i64(cx, waiting, "demo.tickets_due", I64("now", ctx_now(cx)));
}

int main(int argc, char **argv)
{
    struct filling f = { .now = clock_ms(NULL) };
    i64 waiting = 1;

    if (argc != 2 && argc != 3) {
        fprintf(stderr, "fill_pages FOLDER [DB_URL]\n");
        return 64;
    }
    program_open(&f.p, argv[1], argc == 3 ? argv[2] : "");
    program_write(&f.p, fill_people, &f);
    for (int i = 0; i < CLOSED / LOT; i++) {
        f.p.clock.fixed_ms = f.now - (i64)(CLOSED_DAYS - CLOSED_DAYS * i / (CLOSED / LOT)) * MS_DAY;
        program_write(&f.p, fill_closed, &f);
        program_drain(&f.p);
    }
    f.p.clock.fixed_ms = 0;
    for (int i = 0; i < DEALS / LOT; i++)
        program_write(&f.p, fill_deals, &f);
    program_drain(&f.p);
    for (int i = 0; i < ACTIVITIES / LOT; i++) {
        f.p.clock.fixed_ms = f.now - (i64)draw(&f, 365) * MS_DAY;
        program_write(&f.p, fill_activities, &f);
        program_drain(&f.p);
    }
    f.p.clock.fixed_ms = 0;
    program_write(&f.p, fill_comments, &f);
    fill_events(&f);
    f.p.clock.fixed_ms = f.now - 61 * (i64)MS_DAY;
    program_write(&f.p, fill_policy, &f);
    while (f.done < TICKETS) {
        f.p.clock.fixed_ms = f.now - 60 * (i64)MS_DAY + 60 * (i64)MS_DAY / TICKETS * f.done;
        program_write(&f.p, fill_tickets, &f);
        program_drain(&f.p);
    }
    f.p.clock.fixed_ms = 0;
    while (waiting > 0)
        program_write(&f.p, keep_promises, &waiting);
    program_drain(&f.p);
    printf("%s\n", id_text(f.p.cx.arena, f.contacts[0]));
    program_close(&f.p);
    return 0;
}
