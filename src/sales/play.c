/* play.c -- what is done when a customer's health falls. A play is a short list of tasks and a
 * notification; each time one begins it is a record, so that one sees later what helped. A flow
 * begins with a segment whose filter asks for company_id.health. */
#include "bridge/company.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/activity.h"
#include "sales/health.h"
#include "sales/subscription.h"

enum { TASKS_MOST = 20, DAYS_MOST = 365, RUNS_MOST = 100 };

static const struct choice falls_to[] = {
    { "at_risk", "At risk", "amber" },
    { "critical", "Critical", "red" },
    { "either", "Either of them", "gray" },
    { NULL, NULL, NULL },
};
static const struct choice bands[] = {
    { "healthy", "Healthy", "green" },
    { "at_risk", "At risk", "amber" },
    { "critical", "Critical", "red" },
    { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [PLAY_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100 },
    [PLAY_BAND] = { "band", FIELD_CHOICE, "When health falls to", REQUIRED | LISTED | INDEXED,
                    .choices = falls_to, .otherwise = "either" },
    [PLAY_FILTER] = { "filter", FIELD_TEXT, "Only if", 0, .max_len = 500,
                      .help = "A filter over customer health, for example: arr > 10000" },
    [PLAY_TASKS] = { "tasks", FIELD_LONG, "Tasks", 0, .max_len = 4000,
                     .help =
                         "One a line for the customer's owner, with the days until it is due in "
                         "front: \"2 Call who decides\"." },
    [PLAY_NOTIFY] = { "notify", FIELD_BOOL, "Tell the owner at once", LISTED, .otherwise = "true" },
    [PLAY_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED | INDEXED, .otherwise = "true" },
    [PLAY_NOTE] = { "note", FIELD_LONG, "What it is for", 0 },
};
_Static_assert(countof(fields) == PLAY_FIELDS, "enum and table differ");

static const struct field run_fields[] = {
    [RUN_PLAY] = { "play_id", FIELD_REF, "Play", REQUIRED | LISTED | CREATE_ONLY, .ref = "play" },
    [RUN_COMPANY] = { "company_id", FIELD_REF, "Company", REQUIRED | LISTED | CREATE_ONLY,
                      .ref = "company" },
    [RUN_STATUS] = { "status", FIELD_CHOICE, "Outcome", LISTED | TRACKED | INDEXED,
                     .otherwise = "running", .group = "Outcome",
                     .choices =
                         CHOICES({ "running", "Under way", "blue" }, { "saved", "Saved", "green" },
                                 { "lost", "Lost", "red" }, { "stopped", "Stopped", "gray" }) },
    [RUN_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER | TRACKED, .ref = "user",
                    .otherwise = "me" },
    [RUN_BEGAN] = { "began_on", FIELD_DATE, "Began", LISTED | INDEXED, .otherwise = "today" },
    [RUN_FROM] = { "from_band", FIELD_CHOICE, "From", COMPUTED, .choices = bands },
    [RUN_TO] = { "to_band", FIELD_CHOICE, "To", COMPUTED, .choices = bands },
    [RUN_SCORE] = { "score", FIELD_INT, "Health when it began", COMPUTED },
    [RUN_ARR] = { "arr", FIELD_MONEY, "ARR when it began", LISTED | COMPUTED | SUMMED },
    [RUN_WHY] = { "why", FIELD_TEXT, "Why it began", COMPUTED, .max_len = 500 },
    [RUN_ENDED] = { "ended_on", FIELD_DATE, "Ended", COMPUTED | INDEXED },
    [RUN_OUTCOME] = { "outcome", FIELD_LONG, "What came of it", 0,
                      .help = "What helped, or would have: the next one reads it." },
};
_Static_assert(countof(run_fields) == RUN_FIELDS, "enum and table differ");

/* ---- tasks ---- */
/* "2 Call who decides" -> 2, the rest. Without a number it is due today. */
static const char *task_of(struct ctx *cx, struct str line, i64 *days)
{
    const char *text = str_dup(cx->arena, str_trim(line)), *at = text;

    *days = 0;
    while (*at >= '0' && *at <= '9' && *days <= DAYS_MOST)
        *days = *days * 10 + (*at++ - '0');
    if (at == text || *at != ' ') {
        *days = 0;
        return text;
    }
    return at + 1;
}

static enum status play_validate(struct ctx *cx, struct row *r)
{
    struct str rest = str_from(row_text(r, PLAY_TASKS)), line;
    struct filter *f;
    const char *why;
    i64 days;
    int count = 0;

    while (str_split(&rest, '\n', &line)) {
        const char *text = task_of(cx, line, &days);
        if (days > DAYS_MOST)
            return ctx_fail_field(cx, "tasks", "play.days",
                                  "\"%s\" is due in more than %d days. Take fewer.", text,
                                  DAYS_MOST);
        count += text[0] != '\0';
    }
    if (count > TASKS_MOST)
        return ctx_fail_field(cx, "tasks", "play.tasks", "A play has at most %d tasks.",
                              TASKS_MOST);
    if (filter_parse(cx, &health_type, row_text(r, PLAY_FILTER), &f) == OK)
        return OK;
    why = arena_text(cx->arena, cx->error_text ? cx->error_text : "");
    ctx_clear_error(cx);
    return ctx_fail_field(cx, "filter", "filter.invalid", "%s", why);
}

static enum status add_tasks(struct ctx *cx, const struct row *play, const struct row *health)
{
    struct str rest = str_from(row_text(play, PLAY_TASKS)), line;
    i64 days, contact = 0;
    enum status s =
        db_get_i64(cx, &contact, "play.contact", I64("company", row_i64(health, HEALTH_COMPANY)));

    if (s != OK && s != E_NOT_FOUND)
        return s;
    while (str_split(&rest, '\n', &line)) {
        const char *text = task_of(cx, line, &days);
        struct row *task = row_new(cx, &activity_type);
        if (!text[0])
            continue;
        row_set_text(task, ACTIVITY_KIND, "task");
        row_set_text(task, ACTIVITY_SUBJECT, text);
        row_set_text(task, ACTIVITY_BODY,
                     arena_printf(cx->arena, "%s: %s", row_text(play, PLAY_NAME),
                                  row_text(health, HEALTH_WHY)));
        row_set_i64(task, ACTIVITY_COMPANY, row_i64(health, HEALTH_COMPANY));
        if (contact)
            row_set_i64(task, ACTIVITY_CONTACT, contact);
        row_set_i64(task, ACTIVITY_DUE,
                    zone_instant(kit_zone(cx), subscription_today(cx) + days, 17 * 60));
        if (row_has(health, HEALTH_OWNER))
            row_set_i64(task, ACTIVITY_OWNER, row_i64(health, HEALTH_OWNER));
        TRY(record_save(cx, task));
    }
    return OK;
}

/* ---- beginning and ending ---- */
static enum status ids_of(struct ctx *cx, const char *query, i64 company, i64 *ids, size_t *count)
{
    scoped(stmt_close) struct stmt q = db_query_(cx, query, DB_ARGS(I64("company", company)));

    for (*count = 0; *count < RUNS_MOST && stmt_next(&q); (*count)++)
        ids[*count] = col_i64(&q, 0);
    return stmt_status(&q);
}

static enum status fits(struct ctx *cx, const struct row *play, const struct row *health, bool *out)
{
    const char *band = row_text(play, PLAY_BAND);
    struct filter *f;
    i64 running;

    *out = text_is(band, "either") || text_is(band, row_text(health, HEALTH_BAND));
    if (!*out)
        return OK;
    TRY(db_get_i64(cx, &running, "play.running", I64("play", row_id(play)),
                   I64("company", row_i64(health, HEALTH_COMPANY))));
    *out = running == 0;
    if (!*out || !row_has(play, PLAY_FILTER))
        return OK;
    if (filter_parse(cx, &health_type, row_text(play, PLAY_FILTER), &f) != OK) {
        ctx_clear_error(cx); /* it names a field that is no more */
        *out = false;
        return OK;
    }
    return filter_match(cx, f, health, out);
}

static enum status begin(struct ctx *cx, const struct row *play, const struct row *health,
                         const char *from)
{
    struct row *run = row_new(cx, &play_run_type);

    row_set_i64(run, RUN_PLAY, row_id(play));
    row_set_i64(run, RUN_COMPANY, row_i64(health, HEALTH_COMPANY));
    if (row_has(health, HEALTH_OWNER))
        row_set_i64(run, RUN_OWNER, row_i64(health, HEALTH_OWNER));
    row_set_i64(run, RUN_BEGAN, subscription_today(cx));
    row_set_text(run, RUN_FROM, from);
    row_set_text(run, RUN_TO, row_text(health, HEALTH_BAND));
    row_set_i64(run, RUN_SCORE, row_i64(health, HEALTH_SCORE));
    row_set_money(run, RUN_ARR, row_money(health, HEALTH_ARR));
    row_set_text(run, RUN_WHY, row_text(health, HEALTH_WHY));
    TRY(record_save(cx, run));
    TRY(add_tasks(cx, play, health));
    if (!row_bool(play, PLAY_NOTIFY) || !row_has(health, HEALTH_OWNER))
        return OK;
    return notify(cx, row_i64(health, HEALTH_OWNER), "alert-triangle",
                  arena_printf(cx->arena, "%s: health fell to %lld. %s", row_title(cx, health),
                               (long long)row_i64(health, HEALTH_SCORE),
                               row_text(health, HEALTH_WHY)),
                  row_path(cx, run));
}

enum status plays_begin(struct ctx *cx, const struct row *health, const char *from)
{
    i64 ids[RUNS_MOST];
    size_t count;
    struct row *play;
    bool yes;

    TRY(ids_of(cx, "play.active", 0, ids, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(record_get(cx, &play_type, ids[i], &play));
        TRY(fits(cx, play, health, &yes));
        if (yes)
            TRY(begin(cx, play, health, from));
    }
    return happen(
        cx, &(struct happening){ .name = "customer_health.fell", .row = (struct row *)health });
}

enum status plays_end(struct ctx *cx, i64 company_id, const char *status, const char *outcome)
{
    i64 ids[RUNS_MOST];
    size_t count;
    struct row *run;

    TRY(ids_of(cx, "play.runs_of", company_id, ids, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(record_get(cx, &play_run_type, ids[i], &run));
        row_set_text(run, RUN_STATUS, status);
        if (!row_has(run, RUN_OUTCOME))
            row_set_text(run, RUN_OUTCOME, outcome);
        TRY(record_save(cx, run));
    }
    return OK;
}

static enum status run_validate(struct ctx *cx, struct row *r)
{
    bool running = text_is(row_text(r, RUN_STATUS), "running");

    if (running)
        row_clear(r, RUN_ENDED);
    else if (!row_has(r, RUN_ENDED))
        row_set_i64(r, RUN_ENDED, subscription_today(cx));
    return OK;
}

/* ---- pages ---- */
static bool is_running(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, RUN_STATUS), "running");
}

static enum status show_end(struct req *rq, const struct row *r)
{
    struct val *page = val_map(rq->cx->arena);
    const struct form_part part = {
        .title = arena_printf(rq->cx->arena, "What came of it: %s", row_title(rq->cx, r)),
        .group = run_fields[RUN_STATUS].group,
        .verb = "end",
        .submit = "Keep the outcome",
        .note = "The next one who loses or saves such a customer reads it.",
    };

    TRY(page_form_part(rq, r, &part, page));
    return reply(rq, "kit/form", page);
}

static enum status read_run(struct req *rq, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &play_run_type, id, out);
}

/* GET /play-runs/:id/end */
static enum status end_form(struct req *rq)
{
    struct row *r;

    TRY(read_run(rq, &r));
    return show_end(rq, r);
}

/* POST /play-runs/:id/end {status, outcome} */
static enum status end_post(struct req *rq)
{
    static const int asked[] = { RUN_STATUS, RUN_OUTCOME };
    struct ctx *cx = rq->cx;
    enum status s = OK;
    struct row *r;

    TRY(read_run(rq, &r));
    for (size_t i = 0; i < countof(asked) && s == OK; i++)
        if (!text_empty(req_form(rq, run_fields[asked[i]].name)))
            s = row_parse(cx, r, asked[i], req_form(rq, run_fields[asked[i]].name));
    if (s == OK && is_running(cx, r))
        s = ctx_fail_field(cx, "status", "required",
                           "Say what came of it: saved, lost or "
                           "stopped.");
    if (s == OK)
        s = record_save(cx, r);
    if (s == E_INVALID && !rq->wants_json) {
        reply_status(rq, 422);
        return show_end(rq, r);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, r), "Kept: %s.", row_show(cx, r, RUN_STATUS));
}

static const char *run_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s: %s", row_show(cx, r, RUN_COMPANY),
                        row_show(cx, r, RUN_PLAY));
}

static enum status play_start(struct ctx *cx)
{
    struct row *r = row_new(cx, &play_type);
    i64 count;

    TRY(db_get_i64(cx, &count, "play.count"));
    if (count > 0)
        return OK;
    row_set_text(r, PLAY_NAME, "Win them back");
    row_set_text(r, PLAY_BAND, "either");
    row_set_text(r, PLAY_TASKS,
                 "1 Look at why, and ask service what is open\n"
                 "2 Call who decides\n"
                 "10 Call again: is it better?");
    row_set_text(r, PLAY_NOTE, "Begins when a customer's health falls. Change it as it suits you.");
    return record_save(cx, r);
}

const struct record_type play_type = {
    .name = "play",
    .label = "Play",
    .plural = "Plays",
    .path = "plays",
    .icon = "checklist",
    .section = "settings",
    .menu_order = 27,
    .sort = "name",
    .title = PLAY_NAME,
    .fields = fields,
    .field_count = PLAY_FIELDS,
    .empty = "What is done when a customer's health falls: tasks for the owner, and who is told.",
    RELATED({ "play_run", "play_id", "Begun" }),
    .validate = play_validate,
};

const struct record_type play_run_type = {
    .name = "play_run",
    .label = "Play under way",
    .plural = "Plays under way",
    .path = "play-runs",
    .icon = "checklist",
    .section = "service",
    .menu_order = 22,
    .sort = "-began_on",
    .title = RUN_PLAY,
    .title_of = run_title,
    .fields = run_fields,
    .field_count = RUN_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "Plays begin by themselves when a customer's health falls, and end with an outcome.",
    ACTIONS({ "end", "What came of it", "/play-runs/:id/end", true, is_running }),
    .validate = run_validate,
};

static const struct route routes[] = {
    { HTTP_GET, "/play-runs/:id/end", end_form, NEEDS("play_run", VERB_UPDATE) },
    { HTTP_POST, "/play-runs/:id/end", end_post, NEEDS("play_run", VERB_UPDATE) },
};
static const struct metric metrics[] = {
    { .name = "plays_saved",
      .label = "Customers saved",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Plays that ended in the period with the customer saved.",
      .source = METRIC_RECORDS,
      .type = "play_run",
      .filter = "status = 'saved'",
      .aggregate = AGG_COUNT,
      .date = "ended_on",
      .owner_path = "owner_id" },
    { .name = "plays_decided",
      .label = "Plays decided",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Plays that ended in the period with the customer saved or lost.",
      .source = METRIC_RECORDS,
      .type = "play_run",
      .filter = "status in ('saved', 'lost')",
      .aggregate = AGG_COUNT,
      .date = "ended_on",
      .owner_path = "owner_id" },
    { .name = "save_rate",
      .label = "Save rate",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "Customers saved divided by plays decided in the period.",
      .source = METRIC_DIVIDED,
      .numerator = "plays_saved",
      .denominator = "plays_decided" },
};
const struct feature feature_play = {
    .name = "play",
    TYPES(&play_type, &play_run_type),
    ROUTES(routes),
    METRICS(metrics),
    .start = play_start,
};
