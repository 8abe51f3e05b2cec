/* demo.c -- makes the demo company: plans two years, runs the story step by step in transactions of
 * about a thousand, moves what happened to the journey as it goes, and scores everybody at the end.
 * */
#include "base/limits.h"
#include "bridge/segment.h"
#include "demo/demo_int.h"
#include "kit/follow.h"
#include "kit/search.h"
#include "marketing/score.h"
#include "store/writer.h"
#include <stdlib.h>

enum {
    YEARS_DAYS = 731,
    CHUNK_STEPS = 3000,     /* records' steps in a transaction */
    CHUNK_DAYS = 7,         /* small companies: so that the events to come know those that were */
    EVENTS_WAITING = 20000, /* page views that are appended together */
    WORK_BYTES = 4 * 1024 * 1024,
};
enum { STATE_BEGUN = 1, STATE_DONE = 2 };

const struct demo_options demo_usual = { 1, 20000, 1500, 1500 * 1000, 2500 };

i64 demo_begins_ms(i64 now_ms) { return (now_ms / MS_DAY - YEARS_DAYS) * MS_DAY; }

enum status demo_look(struct ctx *cx, enum demo_state *state)
{
    i64 made = 0, used;
    enum status s = db_get_i64(cx, &made, "demo.state");

    if (s != OK && s != E_NOT_FOUND)
        return s;
    TRY(db_get_i64(cx, &used, "demo.used"));
    *state = made == STATE_DONE ? DEMO_DONE : made ? DEMO_BROKEN : used ? DEMO_OTHER : DEMO_EMPTY;
    return OK;
}

/* ---- writing ---- */
/* On SQLite through a connection of its own, since there a chunk is a transaction and not a
 * savepoint of the writer's, in which all pages that were touched would be kept twice. On
 * PostgreSQL through the writer; alone in an empty database nothing is in the way, so the weaker
 * isolation will do: a chunk moves the story on and must not run twice. */
static enum status sim_write(struct sim *s, enum status (*fn)(struct ctx *cx, void *arg))
{
    struct ctx *cx = &s->cx;

    s->in_chunk = false;
    if (db_mode_of(cx->db) == DB_READ)
        return writer_run_relaxed(kit_writer(cx->kit), cx, fn, s);
    return kit_write(cx, fn, s);
}

static enum status open_connection(struct sim *s)
{
    struct ctx *cx = &s->cx;

    if (db_engine(cx->db) != DB_SQLITE || db_mode_of(cx->db) != DB_READ)
        return OK;
    TRY(db_open(cx, kit_store(cx->kit), DB_WRITE, &s->own_db));
    cx->db = s->own_db;
    TRY(db_run(cx, "demo.cache"));
    return db_run(cx, "demo.log_pages");
}

static enum status chunk_enter(struct sim *s)
{
    if (s->in_chunk)
        return ctx_fail(&s->cx, E_CONFLICT,
                        "something else writes to this database while the demo company is made");
    s->in_chunk = true;
    return OK;
}

/* ---- steps ---- */
static enum status read_notifications(struct sim *s)
{
    for (int i = 0; i < COLLEAGUES; i++)
        TRY(db_run(&s->cx, "notification.read_all", I64("user", s->user_ids[i]),
                   I64("at", sim_now(s))));
    return OK;
}

static enum status run_record_step(struct sim *s, const struct step *step)
{
    switch ((enum step_kind)step->kind) {
    case STEP_FORM:
        return form_step(s, step->who, (enum form_kind)step->more);
    case STEP_CROSS:
        return cross_step(s, step->who);
    case STEP_MANUAL:
        return manual_step(s, step->who, false);
    case STEP_LAST_LEAD:
        return last_lead_step(s, step->who);
    case STEP_ANSWER:
        return answer_step(s, step->who);
    case STEP_CALL:
        return call_step(s, step->who, step->more);
    case STEP_MEETING:
        return meeting_step(s, step->who);
    case STEP_TASK:
        return task_step(s, step->who);
    case STEP_OPEN_DEAL:
        return deal_open_step(s, step->who, step->more);
    case STEP_DEAL:
        return deal_step(s, step->who);
    case STEP_DEAL_MOVE:
        return deal_move_step(s, step->who);
    case STEP_EXPAND:
        return expand_step(s);
    case STEP_FIRM:
        return firm_step(s, step->who);
    case STEP_FAIR:
        return fair_step(s, step->who);
    case STEP_CAMPAIGN:
        return campaign_step(s, step->who);
    case STEP_READ:
        return read_notifications(s);
    case STEP_SPAM:
        return spam_step(s);
    case STEP_NUMBERS:
        return numbers_step(s, step->who);
    case STEP_LEAVE:
        return leave_step(s, step->who);
    case STEP_RULES:
        return assignment_step(s);
    default:
        assert(!"a step that nobody takes");
        return OK;
    }
}

/* True: it wrote no records. */
static bool run_light_step(struct sim *s, const struct step *step)
{
    switch ((enum step_kind)step->kind) {
    case STEP_DAY:
        day_step(s, s->begin_day + step->who);
        return true;
    case STEP_VISIT:
        visit_step(s, step);
        return true;
    case STEP_NEWSLETTER:
        newsletter_step(s);
        return true;
    default:
        return false;
    }
}

static enum status run_chunk(struct ctx *cx, void *arg)
{
    struct sim *s = arg;
    struct step step;
    i64 began = sim_now(s);
    int steps = 0;

    (void)cx;
    TRY(chunk_enter(s));
    while (steps < CHUNK_STEPS && s->events.count < EVENTS_WAITING &&
           sim_now(s) < began + CHUNK_DAYS * (i64)MS_DAY) {
        if (!sim_next(s, &step)) {
            s->over = true;
            return OK;
        }
        s->clock.fixed_ms = step.at;
        if (run_light_step(s, &step))
            continue;
        TRY(run_record_step(s, &step));
        steps++;
    }
    return OK;
}

/* ---- to the journey ---- */
static enum status flush_events(struct sim *s)
{
    struct ctx *cx = &s->cx;
    struct journey_stats stats;

    for (size_t at = 0; at < s->events.count; at += LIMIT_EVENT_BATCH) {
        size_t count = s->events.count - at;
        TRY(journey_append_wait(cx, cx->journey, s->events.at + at,
                                count < LIMIT_EVENT_BATCH ? count : LIMIT_EVENT_BATCH));
    }
    s->events.count = 0;
    arena_reset(s->event_texts);
    TRY(journey_alias_many(cx, cx->journey, s->links.at, s->links.count));
    s->links.count = 0;
    TRY(outbox_drain(cx));
    journey_stats(cx->journey, &stats);
    s->written = (i64)stats.events;
    return OK;
}

/* ---- the story ---- */
static enum status run_setup(struct ctx *cx, void *arg)
{
    struct sim *s = arg;

    TRY(chunk_enter(s));
    TRY(db_run(cx, "demo.state_put", I64("seq", STATE_BEGUN)));
    search_pause(cx);
    return setup_company(s);
}

static enum status run_mails(struct ctx *cx, void *arg)
{
    (void)cx;
    return email_threads(arg);
}

/* What the story does not depend on: forms that were seen, conversations. */
static enum status run_more(struct ctx *cx, void *arg)
{
    struct sim *s = arg;

    (void)cx;
    TRY(chunk_enter(s));
    TRY(forms_counted(s));
    TRY(chats_make(s));
    TRY(absence_make(s));
    TRY(qualify_make(s));
    TRY(relations_make(s));
    return meetings_make(s);
}

/* They wear the brand, which is there by then. */
static enum status run_quotes(struct ctx *cx, void *arg)
{
    (void)cx;
    TRY(chunk_enter(arg));
    return quotes_make(arg);
}

static enum status run_subscriptions(struct ctx *cx, void *arg)
{
    (void)cx;
    TRY(chunk_enter(arg));
    return subscriptions_make(arg);
}

/* Everybody is scored, every segment filled, and what flows did is told: whom all that happened has
 * woken has nothing more to do, and the first start of the server finds a company at rest. */
static enum status run_end(struct ctx *cx, void *arg)
{
    (void)arg;
    TRY(search_catch_up(cx));
    TRY(db_run(cx, "demo.work_done"));
    TRY(db_run(cx, "demo.touches_done"));
    TRY(db_run(cx, "demo.news_done"));
    return db_run(cx, "demo.state_put", I64("seq", STATE_DONE));
}

/* The letters, each in a transaction of its own; then what people bought after them. */
static enum status run_letters_begin(struct ctx *cx, void *arg)
{
    (void)cx;
    TRY(chunk_enter(arg));
    TRY(content_make(arg));
    return letters_begin(arg);
}
static enum status run_letter(struct ctx *cx, void *arg)
{
    struct sim *s = arg;

    (void)cx;
    TRY(chunk_enter(s));
    return letters_next(s, &s->more_letters);
}
static enum status run_letters_end(struct ctx *cx, void *arg)
{
    (void)cx;
    TRY(chunk_enter(arg));
    return letters_end(arg);
}
static enum status tell_letters(struct sim *s)
{
    TRY(sim_write(s, run_letters_begin));
    do {
        arena_reset(s->work);
        TRY(sim_write(s, run_letter));
        TRY(flush_events(s));
    } while (s->more_letters);
    arena_reset(s->work);
    return sim_write(s, run_letters_end);
}

static void plan(struct sim *s)
{
    static const i16 back[] = { 420, 226, 168, 92, 20 }; /* working minutes: due in four hours */

    places_open(s);
    campaigns_plan(s);
    days_plan(s);
    numbers_plan(s);
    sim_at(s, sim_work_after(s, s->begin_ms, 600), STEP_EXPAND, 0);
    sim_at(s, zone_instant(s->zone, s->begin_day + 12, 7 * 60), STEP_NEWSLETTER, 0);
    sim_at(s, s->begin_ms + 9 * (i64)MS_DAY, STEP_SPAM, 0);
    sim_at(s, s->end_ms - 30 * MS_HOUR, STEP_READ, 0);
    sim_at(s, s->end_ms - 40 * (i64)MS_DAY, STEP_RULES, 0);
    for (size_t i = 0; i < countof(back); i++)
        sim_at(s, sim_work_before(s, s->end_ms, back[i]), STEP_LAST_LEAD, i != 2);
}

static enum status check_options(struct ctx *cx, const struct demo_options *o)
{
    if (o->contacts < 1 || o->contacts > 1000 * 1000)
        return ctx_fail(cx, E_INVALID, "the number of contacts must be 1 to 1,000,000");
    if (o->companies < 1 || o->companies > o->contacts)
        return ctx_fail(cx, E_INVALID, "the number of companies must be 1 to that of contacts");
    if (o->events < 1000 || o->events > 1000 * 1000 * 1000)
        return ctx_fail(cx, E_INVALID, "the number of events must be 1,000 to 1,000,000,000");
    if (o->deals < 0 || o->deals > o->contacts)
        return ctx_fail(cx, E_INVALID, "the number of deals must be 0 to that of contacts");
    return OK;
}

static enum status sim_open(struct sim *s, struct ctx *cx, const struct demo_options *o)
{
    i64 now = ctx_now(cx);

    *s = (struct sim){ .cx = *cx,
                       .o = *o,
                       .work = arena_new(WORK_BYTES),
                       .keep = arena_new(WORK_BYTES),
                       .event_texts = arena_new(WORK_BYTES),
                       .end_ms = now - 2 * MS_SECOND,
                       .begin_ms = demo_begins_ms(now),
                       .next_rep = 0 };
    s->cx.arena = s->work;
    s->cx.clock = &s->clock;
    s->cx.access = access_system();
    s->clock.fixed_ms = s->begin_ms;
    s->zone = kit_zone(&s->cx);
    s->begin_day = zone_day(s->zone, s->begin_ms);
    s->end_day = zone_day(s->zone, s->end_ms);
    rng_seed(&s->rng, o->seed);
    rng_seed(&s->side_rng, o->seed + 1);
    s->submission = type_find(cx, "submission");
    s->activity = type_find(cx, "activity");
    s->campaign = type_find(cx, "campaign");
    s->form = type_find(cx, "form");
    s->site_type = type_find(cx, "site");
    if (!cx->db || !cx->journey || !s->submission || !s->activity || !s->campaign || !s->form ||
        !s->site_type)
        return ctx_fail(cx, E_INVALID, "the demo company needs all features and the journey");
    return open_connection(s);
}

static void sim_close(struct sim *s)
{
    db_close(s->own_db);
    free(s->heap.at);
    free(s->visitors.at);
    free(s->contacts.at);
    free(s->firms.at);
    free(s->handoffs.at);
    free(s->tasks.at);
    free(s->deals.at);
    letters_free(s);
    for (int i = 0; i < COUNTRIES; i++)
        free(s->firms_of[i].at);
    for (i64 i = 0; s->returns && i <= s->end_day - s->begin_day; i++)
        free(s->returns[i].at);
    free(s->events.at);
    free(s->links.at);
    arena_free(s->event_texts);
    arena_free(s->work);
    arena_free(s->keep);
}

static const char *const sales_jobs[] = { "forecast.learn", "deal.health", "forecast.week",
                                          "invoice.due", "health.all" };
static enum status tell_story(struct sim *s)
{
    struct journey_stats stats;

    TRY(sim_write(s, run_setup));
    plan(s);
    while (!s->over) {
        arena_reset(s->work);
        TRY(sim_write(s, run_chunk));
        TRY(flush_events(s));
    }
    s->clock.fixed_ms = s->end_ms + 2 * MS_SECOND;
    sim_as(s, -1);
    arena_reset(s->work);
    TRY(sim_write(s, consent_story));
    TRY(sim_write(s, run_mails));
    TRY(sim_write(s, run_more));
    arena_reset(s->work);
    TRY(sim_write(s, run_subscriptions));
    TRY(outbox_drain(&s->cx));
    s->clock.fixed_ms = s->end_ms + 2 * MS_SECOND;
    TRY(tell_letters(s));
    TRY(sim_write(s, run_quotes));
    s->clock.fixed_ms = s->end_ms + 2 * MS_SECOND;
    sim_as(s, -1);
    TRY(flows_make(s));
    TRY(outbox_drain(&s->cx));
    arena_reset(s->work);
    TRY(sim_write(s, tickets_story));
    TRY(sim_write(s, help_story));
    TRY(flush_events(s));
    arena_reset(s->work);
    TRY(score_learn(&s->cx)); /* small companies have too little to learn from, and say so */
    TRY(score_all(&s->cx, false));
    TRY(sim_write(s, forecast_story));
    s->clock.fixed_ms = s->end_ms - 12 * MS_DAY; /* as it was before the last invoices fell due */
    TRY(kit_job(s->cx.kit, "health.all")->run(&(struct job_run){ .cx = &s->cx }));
    TRY(sim_write(s, money_story));
    sim_as(s, -1);
    for (size_t i = 0; i < countof(sales_jobs); i++)
        TRY(kit_job(s->cx.kit, sales_jobs[i])->run(&(struct job_run){ .cx = &s->cx }));
    TRY(kit_job(s->cx.kit, "alert.check")->run(&(struct job_run){ .cx = &s->cx }));
    TRY(outbox_drain(&s->cx));
    TRY(sim_write(s, segment_story));
    TRY(sim_write(s, together_story));
    TRY(segment_fill_all(&s->cx));
    TRY(follow_skip_all(&s->cx));
    TRY(sim_write(s, run_end));
    journey_stats(s->cx.journey, &stats);
    s->numbers.events = (i64)stats.events;
    return OK;
}

enum status demo_fill(struct ctx *cx, const struct demo_options *o, struct demo_numbers *out)
{
    struct sim *s;
    enum status st;

    TRY(check_options(cx, o));
    s = malloc(sizeof *s);
    if (!s)
        abort();
    st = sim_open(s, cx, o);
    if (st == OK)
        st = tell_story(s);
    if (st == OK)
        *out = s->numbers;
    else if (cx->error == OK)
        st = ctx_fail(cx, st, "%s", s->cx.error_text ? s->cx.error_text : "");
    sim_close(s);
    free(s);
    return st;
}
