/* flow_jobs.c -- what flows leave to jobs: webhooks, letting many in at once, dates that come. */
#include "base/id.h"
#include "base/json.h"
#include "io/http_client.h"
#include "kit/filter.h"
#include "kit/seal.h"
#include "marketing/flow_run_int.h"
#include "store/queue.h"
#include <sodium.h>

enum {
    HOOK_ATTEMPTS = 6,  /* less than a job has, so that the person is shown as failed in time */
    HOOK_SECONDS = 60,  /* at most, whatever the setting says */
    ENROL_PART = 200,   /* people in one transaction */
    DATES_BEHIND = 366, /* days caught up at most */
    YEARS_BACK = 120,   /* the oldest birthday */
};

/* ---- webhooks ---- */
struct hook {
    struct flow_run run;
    const struct flow_step *step;
    i64 visit;
    const char *error;
};

/* The run if it still waits for this call. */
static enum status find_hook(struct ctx *cx, const struct val *payload, struct hook *h, bool *waits)
{
    const struct flow_plan *p;
    enum status s = flow_run_get(cx, val_get_i64(payload, "run", 0), &h->run);

    *waits = false;
    h->visit = val_get_i64(payload, "visit", 0);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    TRY(flow_version_plan(cx, h->run.version_id, &p));
    h->step = flow_plan_step(p, h->run.node);
    *waits = h->step && text_is(h->step->kind->name, "webhook") && h->run.visit == h->visit &&
             h->run.state != RUN_DONE;
    return OK;
}

static enum status hook_body(struct ctx *cx, const struct hook *h, const char **body)
{
    struct val *v = val_map(cx->arena), *contact = val_put_map(v, "contact");
    struct row *r;
    const char *name;

    TRY(record_get_named(cx, "contact", h->run.contact_id, &r));
    TRY(flow_name_of(cx, h->run.flow_id, &name));
    val_put_text(v, "type", "flow.step");
    val_put_text(v, "timestamp", time_iso(cx->arena, ctx_now(cx)));
    val_put_text(v, "flow", id_text(cx->arena, h->run.flow_id));
    val_put_text(v, "flow_name", name);
    val_put_text(v, "step", h->step->id);
    val_put_text(v, "run", id_text(cx->arena, h->run.id));
    val_put_text(contact, "id", id_text(cx->arena, row_id(r)));
    for (int i = 0; i < row_type(r)->field_count; i++)
        if (!(row_type(r)->fields[i].flags & INTERNAL) && row_has(r, i))
            val_put(contact, row_type(r)->fields[i].name, row_val(cx, r, i));
    *body = json_text(cx->arena, v);
    return OK;
}

/* A secret that begins with whsec_ is a key in base64, as the libraries of the Standard Webhooks
 * take it; any other is the key itself. */
static size_t hook_key(struct ctx *cx, const char *secret, const unsigned char **key)
{
    unsigned char *decoded = arena_alloc(cx->arena, strlen(secret) + 1, 1);
    size_t len = 0;

    *key = (const unsigned char *)secret;
    if (!str_starts(str_from(secret), "whsec_") ||
        sodium_base642bin(decoded, strlen(secret), secret + 6, strlen(secret) - 6, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return strlen(secret);
    *key = decoded;
    return len;
}

const char *flow_hook_signature(struct ctx *cx, const char *secret, const char *id, i64 seconds,
                                const char *body)
{
    enum {
        CHARS =
            sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES, sodium_base64_VARIANT_ORIGINAL)
    };
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char *out = arena_alloc(cx->arena, CHARS, 1);
    const char *text = arena_printf(cx->arena, "%s.%lld.%s", id, (long long)seconds, body);
    crypto_auth_hmacsha256_state st;
    const unsigned char *key;
    size_t len = hook_key(cx, secret, &key);

    crypto_auth_hmacsha256_init(&st, key, len);
    crypto_auth_hmacsha256_update(&st, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&st, mac);
    sodium_bin2base64(out, CHARS, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    return out;
}

static unsigned hook_ms(struct ctx *cx)
{
    i64 seconds = setting_i64(cx, "flow.hook_seconds");

    return (unsigned)(seconds < 1              ? 1
                      : seconds > HOOK_SECONDS ? HOOK_SECONDS
                                               : seconds) *
           MS_SECOND;
}

static enum status call_hook(struct ctx *cx, const struct hook *h)
{
    const char *body, *secret,
        *id = arena_printf(cx->arena, "msg_%s_%lld", id_text(cx->arena, h->run.id),
                           (long long)h->visit);
    struct http_client *client;
    i64 seconds = ctx_now(cx) / MS_SECOND;
    enum status s;
    int status;

    TRY(hook_body(cx, h, &body));
    TRY(seal_open(cx, flow_answer(h->step->kind, h->step->v, "secret"), &secret));
    const char *const headers[] = {
        "Content-Type: application/json",
        arena_printf(cx->arena, "webhook-id: %s", id),
        arena_printf(cx->arena, "webhook-timestamp: %lld", (long long)seconds),
        arena_printf(cx->arena, "webhook-signature: v1,%s",
                     flow_hook_signature(cx, secret, id, seconds, body)),
        NULL,
    };
    struct http_call call = { .url = flow_answer(h->step->kind, h->step->v, "url"),
                              .headers = headers,
                              .body = body,
                              .body_bytes = strlen(body),
                              .total_ms = hook_ms(cx) };
    client = http_client_new();
    s = http_client_call(cx, client, &call, &status);
    http_client_free(client);
    TRY(s);
    if (status < 200 || status > 299)
        return ctx_fail(cx, E_IO, "the address answered %d", status);
    return OK;
}

static enum status hook_delivered(struct ctx *cx, void *arg)
{
    struct hook *h = arg;

    return flow_signal(cx, h->run.id, h->visit, "delivered");
}

/* Counts the attempt; the last one shows the person as failed. */
static enum status hook_failed(struct ctx *cx, void *arg)
{
    struct hook *h = arg;

    if (h->run.attempts + 1 < HOOK_ATTEMPTS)
        return db_run(cx, "flow.attempt", I64("id", h->run.id), TEXT("error", h->error));
    return flow_fail(cx, &h->run, h->error);
}

enum status flow_hook_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct hook h = { .visit = 0 };
    bool waits;
    enum status s;

    TRY(find_hook(cx, job->payload, &h, &waits));
    if (!waits)
        return OK;
    s = call_hook(cx, &h);
    if (s == OK)
        return kit_write(cx, hook_delivered, &h);
    h.error = arena_printf(cx->arena, "Webhook: %s", cx->error_text ? cx->error_text : "");
    ctx_clear_error(cx);
    TRY(kit_write(cx, hook_failed, &h));
    return h.run.attempts + 1 < HOOK_ATTEMPTS ? ctx_fail(cx, E_IO, "%s", h.error) : OK;
}

/* ---- many at once ---- */
struct enrol {
    const struct flow_plan *plan;
    const char *via, *key;
    const i64 *ids;
    size_t count;
    i64 entered;
};

static enum status enrol_part(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct enrol *e = arg;

    struct flow_entry in = { .plan = e->plan, .via = e->via, .key = e->key };
    i64 runs[ENROL_PART];

    e->entered = 0;
    TRY(flow_enter_many(cx, &in, e->ids, e->count, runs, NULL));
    for (size_t i = 0; i < e->count; i++)
        e->entered += runs[i] != 0;
    return OK;
}

struct collecting {
    struct enrol enrol;
    struct ctx *cx; /* outside of list_each's memory */
    i64 ids[ENROL_PART];
    i64 entered;
};

static enum status enrol_collected(struct collecting *c)
{
    scoped(arena_close) struct arena *a = arena_new(64 * 1024);
    struct ctx part = *c->cx;
    enum status s;

    part.arena = a;
    c->enrol.ids = c->ids;
    s = kit_write(&part, enrol_part, &c->enrol);
    if (s != OK)
        return ctx_fail(c->cx, s, "%s", part.error_text ? part.error_text : "");
    c->entered += c->enrol.entered;
    c->enrol.count = 0;
    return OK;
}

static enum status collect(struct ctx *cx, struct row *r, void *arg)
{
    struct collecting *c = arg;

    (void)cx;
    c->ids[c->enrol.count++] = row_id(r);
    return c->enrol.count == ENROL_PART ? enrol_collected(c) : OK;
}

/* Lets in all whom a filter passes. A run that was cut short begins again: the key keeps everybody
 * who is in from entering twice. */
static enum status enrol_filter(struct ctx *cx, const struct flow_plan *p, const char *filter,
                                const char *via, const char *key, i64 *entered)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct collecting c = { .enrol = { .plan = p, .via = via, .key = key }, .cx = cx };

    TRY(list_each(cx, type_find(cx, "contact"), filter, collect, &c));
    if (c.enrol.count > 0)
        TRY(enrol_collected(&c));
    if (entered)
        *entered = c.entered;
    return OK;
}

static enum status live_plan(struct ctx *cx, i64 flow, const struct flow_plan **out)
{
    const struct flow_plan **plans;
    size_t count;

    *out = NULL;
    TRY(flow_live_plans(cx, &plans, &count));
    for (size_t i = 0; i < count; i++)
        if (plans[i]->flow_id == flow)
            *out = plans[i];
    return OK;
}

enum status flow_let_in(struct ctx *cx, i64 flow_id, i64 contact_id, const char *via)
{
    struct flow_entry e = { .contact_id = contact_id, .via = via };

    TRY(live_plan(cx, flow_id, &e.plan));
    return e.plan ? flow_enter(cx, &e, NULL, NULL)
                  : ctx_fail_code(cx, E_CONFLICT, "flow.not_live", "This flow is not live.");
}

/* The flow that a salesperson chose for a lead that is not ripe; 0: none. */
static i64 nurturing_flow(const struct happening *h)
{
    int field = type_field(row_type(h->row), "flow_id");

    return field >= 0 && row_has(h->row, field) ? row_i64(h->row, field) : 0;
}

enum status flow_on_handoff(struct ctx *cx, const struct happening *h)
{
    i64 flow = nurturing_flow(h);

    return flow ? flow_let_in(cx, flow, h->contact_id, "handoff") : OK;
}

/* The answer is taken back: who went in by it comes out. */
enum status flow_on_handoff_undone(struct ctx *cx, const struct happening *h)
{
    i64 flow = nurturing_flow(h), run;
    enum status s;

    if (flow == 0)
        return OK;
    s = db_get_i64(cx, &run, "flow.run_by_handoff", I64("flow", flow),
                   I64("contact", h->contact_id));
    if (s == OK)
        return flow_leave(cx, run, "removed");
    return s == E_NOT_FOUND ? OK : s;
}

enum status flow_enrol_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    const struct flow_plan *p;

    TRY(live_plan(cx, val_get_i64(job->payload, "flow", 0), &p));
    if (p == NULL)
        return OK; /* paused meanwhile */
    return enrol_filter(cx, p, val_get_text(job->payload, "filter"), "hand",
                        val_get_text(job->payload, "key"), NULL);
}

/* ---- dates ---- */
static bool leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* The filter of those whose date lies `days` before `day`: that day, or that day of any year. Who
 * was born on 29 February has the 28th where there is no 29th. */
static const char *date_filter(struct ctx *cx, const struct val *spec, i64 day)
{
    const char *field = val_get_text(spec, "date");
    bool yearly = val_as_bool(val_get(spec, "yearly"), false) ||
                  text_is(val_get_text(spec, "yearly"), "true");
    i64 target = day - flow_answer_i64(&flow_trigger_kind, spec, "days");
    struct buf b = buf_in(cx->arena, 8192);
    int year, month, dom, target_year;

    if (!yearly)
        return filter_and(cx,
                          arena_printf(cx->arena, "%s = %s", field, date_iso(cx->arena, target)),
                          val_get_text(spec, "filter"));
    date_to_ymd(target, &year, &month, &dom);
    target_year = year;
    buf_printf(&b, "%s in (", field);
    for (int y = year - 1, first = y - YEARS_BACK, n = 0; y >= first; y--) {
        int m, d;
        i64 then = date_from_ymd(y, month, dom);
        date_to_ymd(then, &year, &m, &d);
        if (m == month)
            buf_printf(&b, "%s%s", n++ ? ", " : "", date_iso(cx->arena, then));
        if (month == 2 && dom == 28 && leap(y) && !leap(target_year))
            buf_printf(&b, ", %s", date_iso(cx->arena, date_from_ymd(y, 2, 29)));
    }
    buf_char(&b, ')');
    return filter_and(cx, buf_end(&b), val_get_text(spec, "filter"));
}

static enum status dates_of_plan(struct ctx *cx, const struct flow_plan *p, i64 from, i64 to)
{
    for (size_t i = 0; i < p->trigger_count; i++)
        for (i64 day = from; flow_spec_hears(p->triggers[i].v) == HEARS_DATE && day <= to; day++)
            TRY(enrol_filter(
                cx, p, date_filter(cx, p->triggers[i].v, day), p->triggers[i].id,
                arena_printf(cx->arena, "d:%s:%lld", p->triggers[i].id, (long long)day), NULL));
    return OK;
}

struct dates {
    i64 flow, day;
};
static enum status put_day(struct ctx *cx, void *arg)
{
    struct dates *d = arg;

    return db_run(cx, "flow.day_put",
                  TEXT("name", arena_printf(cx->arena, "flow.day.%lld", (long long)d->flow)),
                  I64("day", d->day));
}

enum status flow_date_job(struct job_run *job) { return flow_dates(job->cx); }

/* Each day once, those that went by while nobody served too. */
enum status flow_dates(struct ctx *cx)
{
    const struct flow_plan **plans;
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));
    size_t count;

    TRY(flow_live_plans(cx, &plans, &count));
    for (size_t i = 0; i < count; i++) {
        const struct flow_plan *p = plans[i];
        struct dates d = { p->flow_id, today };
        i64 from = zone_day(kit_zone(cx), p->published_at), last;
        enum status s;
        if (!(p->hears & HEARS_DATE))
            continue;
        s = db_get_i64(
            cx, &last, "flow.day",
            TEXT("name", arena_printf(cx->arena, "flow.day.%lld", (long long)p->flow_id)));
        if (s == OK && last + 1 > from)
            from = last + 1;
        else if (s != OK && s != E_NOT_FOUND)
            return s;
        if (from < today - DATES_BEHIND)
            from = today - DATES_BEHIND;
        if (from > today)
            continue;
        TRY(dates_of_plan(cx, p, from, today));
        TRY(kit_write(cx, put_day, &d));
    }
    return OK;
}
