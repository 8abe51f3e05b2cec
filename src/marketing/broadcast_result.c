/* broadcast_result.c -- what came of a broadcast, counted from its recipients and their mails. That
 * costs as much as there are recipients, so a job counts, at most every few seconds while it moves,
 * and pages show what it wrote. */
#include "base/id.h"
#include "base/json.h"
#include "kit/live.h"
#include "mail/mail.h"
#include "mail/track.h"
#include "marketing/broadcast.h"
#include "marketing/broadcast_int.h"

enum { LINKS_MOST = 100, HOURS_MOST = 24 * 14 };

/* ---- counting ---- */

static void add_mails(struct counts *c, i64 state, i64 n)
{
    switch (state) {
    case MAIL_SENT:
        c->delivered += n;
        break;
    case MAIL_BOUNCED:
        c->bounced += n;
        break;
    case MAIL_FAILED:
        c->failed += n;
        break;
    case MAIL_DEFERRED:
        c->deferred += n;
        break;
    case MAIL_UNSURE:
        c->unsure += n;
        break;
    case MAIL_SKIPPED:
        c->skipped += n;
        break;
    default:
        c->underway += n;
    }
}

static void add_people(struct counts *c, i64 state, i64 mail, i64 n)
{
    if (state == RECIPIENT_WAITS || state == RECIPIENT_UNDECIDED)
        c->waiting += n;
    else if (state == RECIPIENT_SKIPPED)
        c->skipped += n;
    else if (state == RECIPIENT_CANCELLED)
        c->cancelled += n;
    else
        add_mails(c, mail, n);
    if (state != RECIPIENT_SKIPPED && !(state == RECIPIENT_HANDED && mail == MAIL_SKIPPED))
        c->recipients += n;
}

static void add_acts(struct counts *c, const struct stmt *q)
{
    i64 *const to[] = { &c->opened, &c->auto_opened, &c->clicked,       &c->clicks,
                        &c->left,   &c->complained,  &c->replied,       &c->leads,
                        &c->deals,  &c->won,         &c->revenue_minor, &c->converted };

    for (size_t i = 0; i < countof(to); i++)
        *to[i] += col_i64(q, 4 + (int)i);
}

/* Mails that only programs opened. */
static enum status add_programs(struct ctx *cx, i64 broadcast_id, int variant, struct counts *c)
{
    struct track_counts t;

    TRY(track_counts(cx, "broadcast", broadcast_id, variant, &t));
    c->auto_opened += t.machine_only;
    return OK;
}

enum status result_counts(struct ctx *cx, i64 broadcast_id, struct counts by_variant[VARIANTS_MAX],
                          struct counts *all)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "broadcast.tally", I64("broadcast", broadcast_id));

    memset(by_variant, 0, VARIANTS_MAX * sizeof *by_variant);
    *all = (struct counts){ 0 };
    while (stmt_next(&q)) {
        i64 variant = col_i64(&q, 0), state = col_i64(&q, 1);
        struct counts *c = &by_variant[variant >= 0 && variant < VARIANTS_MAX ? variant : 0];
        add_people(all, state, col_i64(&q, 2), col_i64(&q, 3));
        add_acts(all, &q);
        if (state == RECIPIENT_HANDED || state == RECIPIENT_WAITS) { /* the others have none */
            add_people(c, state, col_i64(&q, 2), col_i64(&q, 3));
            add_acts(c, &q);
        }
    }
    TRY(stmt_status(&q));
    stmt_close(&q);
    for (int i = 0; i < VARIANTS_MAX; i++)
        TRY(add_programs(cx, broadcast_id, i, &by_variant[i]));
    return add_programs(cx, broadcast_id, -1, all);
}

static i64 what_counts(const struct row *r, const struct counts *c)
{
    const char *by = row_text(r, BROADCAST_WINNER_BY);

    return text_is(by, "opens")         ? c->opened
           : text_is(by, "conversions") ? c->converted
                                        : c->clicked;
}

enum status result_test(struct ctx *cx, const struct row *r, struct plan_count out[VARIANTS_MAX],
                        int *variants)
{
    struct counts by_variant[VARIANTS_MAX], all;
    struct variant v[VARIANTS_MAX];

    *variants = broadcast_variants(r, v);
    TRY(result_counts(cx, row_id(r), by_variant, &all));
    for (int i = 0; i < *variants; i++)
        out[i] = (struct plan_count){ by_variant[i].delivered, what_counts(r, &by_variant[i]) };
    return OK;
}

/* ---- as JSON ---- */

static void put_counts(const struct counts *c, struct val *v)
{
    const struct {
        const char *name;
        i64 n;
    } all[] = {
        { "recipients", c->recipients }, { "waiting", c->waiting },
        { "skipped", c->skipped },       { "cancelled", c->cancelled },
        { "delivered", c->delivered },   { "bounced", c->bounced },
        { "failed", c->failed },         { "deferred", c->deferred },
        { "underway", c->underway },     { "unsure", c->unsure },
        { "opened", c->opened },         { "opened_by_programs", c->auto_opened },
        { "clicked", c->clicked },       { "clicks", c->clicks },
        { "unsubscribed", c->left },     { "complained", c->complained },
        { "replied", c->replied },       { "leads", c->leads },
        { "deals", c->deals },           { "deals_won", c->won },
        { "converted", c->converted },   { "revenue_minor", c->revenue_minor },
    };

    for (size_t i = 0; i < countof(all); i++)
        val_put_i64(v, all[i].name, all[i].n);
}

/* The map of a reason; delivery's words of one person are counted with those of others. */
static struct val *reason_of(struct val *list, const char *text)
{
    for (size_t i = 0; i < val_count(list); i++)
        if (text_is(val_get_text(val_at(list, i), "text"), text))
            return (struct val *)val_at(list, i);
    return val_add_map(list);
}

static enum status put_reasons(struct ctx *cx, i64 id, const char *query, struct val *list)
{
    scoped(stmt_close) struct stmt q = db_query(cx, query, I64("broadcast", id));

    while (stmt_next(&q)) {
        const char *reason = arena_text(cx->arena, col_text(&q, 0));
        const char *text = text_empty(reason) ? "Not known" : broadcast_reason_text(cx, reason);
        struct val *one = reason_of(list, text);
        i64 before = val_get_i64(one, "count", 0);
        val_put_text(one, "reason", reason);
        val_put_text(one, "text", text);
        val_put_i64(one, "count", before + col_i64(&q, 1));
    }
    return stmt_status(&q);
}

static enum status put_links(struct ctx *cx, i64 id, struct val *list)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "broadcast.links", I64("broadcast", id), I64("limit", LINKS_MOST));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_text(one, "url", col_text(&q, 1));
        val_put_i64(one, "people", col_i64(&q, 2));
        val_put_i64(one, "clicks", col_i64(&q, 3));
    }
    return stmt_status(&q);
}

static enum status put_hours(struct ctx *cx, const struct row *r, struct val *list)
{
    i64 since = row_i64(r, BROADCAST_STARTED);

    if (!row_has(r, BROADCAST_STARTED))
        return OK;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "broadcast.by_hour", I64("broadcast", row_id(r)), I64("since", since),
                 I64("until", since + HOURS_MOST * (i64)MS_HOUR), I64("limit", HOURS_MOST));
    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_i64(one, "hour", col_i64(&q, 0));
        val_put_i64(one, "opened", col_i64(&q, 1));
        val_put_i64(one, "clicked", col_i64(&q, 2));
    }
    return stmt_status(&q);
}

static enum status put_split(struct ctx *cx, i64 id, const char *query, struct val *list)
{
    scoped(stmt_close) struct stmt q = db_query(cx, query, I64("broadcast", id));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_text(one, "name", text_empty(col_text(&q, 0)) ? "Not known" : col_text(&q, 0));
        val_put_i64(one, "count", col_i64(&q, 1));
    }
    return stmt_status(&q);
}

static void put_verdict(const struct row *r, const struct counts *by_variant, int variants,
                        struct val *v)
{
    struct plan_count counts[VARIANTS_MAX];
    struct plan_verdict verdict;

    for (int i = 0; i < variants; i++)
        counts[i] = (struct plan_count){ by_variant[i].delivered, what_counts(r, &by_variant[i]) };
    verdict = plan_judge(counts, variants);
    val_put_text(v, "by", row_text(r, BROADCAST_WINNER_BY));
    val_put_i64(v, "leader", verdict.leader);
    val_put_double(v, "p", verdict.p);
    val_put_bool(v, "enough", verdict.enough);
    val_put_bool(v, "significant", verdict.significant);
}

static enum status gather(struct ctx *cx, const struct row *r, const struct counts *by_variant,
                          const struct counts *all, struct val *v)
{
    struct variant said[VARIANTS_MAX];
    int variants = broadcast_variants(r, said);
    i64 id = row_id(r);

    put_counts(all, val_put_map(v, "all"));
    struct val *list = val_put_list(v, "variants");
    for (int i = 0; variants > 1 && i < variants; i++) {
        struct val *one = val_add_map(list);
        val_put_printf(one, "letter", "%c", said[i].letter);
        put_counts(&by_variant[i], one);
    }
    if (variants > 1)
        put_verdict(r, by_variant, variants, val_put_map(v, "test"));
    TRY(put_reasons(cx, id, "broadcast.reasons", val_put_list(v, "skipped")));
    TRY(put_reasons(cx, id, "broadcast.bounces", val_put_list(v, "bounces")));
    TRY(put_links(cx, id, val_put_list(v, "links")));
    TRY(put_hours(cx, r, val_put_list(v, "hours")));
    TRY(put_split(cx, id, "broadcast.by_device", val_put_list(v, "devices")));
    TRY(put_split(cx, id, "broadcast.by_client", val_put_list(v, "clients")));
    val_put_i64(v, "at", ctx_now(cx));
    return OK;
}

static i64 per_mille(i64 part, i64 of) { return of > 0 ? (part * 1000 + of / 2) / of : 0; }

/* What the list shows: saved when it has changed, so that filters and the API have it too. */
static enum status write_numbers(struct ctx *cx, struct row *r, const struct counts *c)
{
    const struct {
        int field;
        i64 n;
    } numbers[] = {
        { BROADCAST_RECIPIENTS, c->recipients },
        { BROADCAST_SKIPPED, c->skipped },
        { BROADCAST_DELIVERED, c->delivered },
        { BROADCAST_OPENED, c->opened },
        { BROADCAST_CLICKED, c->clicked },
        { BROADCAST_BOUNCED, c->bounced },
        { BROADCAST_LEFT, c->left },
        { BROADCAST_OPEN_RATE, per_mille(c->opened, c->delivered) },
        { BROADCAST_CLICK_RATE, per_mille(c->clicked, c->delivered) },
    };

    if (broadcast_state_of(r) == BROADCAST_DRAFT || broadcast_state_of(r) == BROADCAST_SCHEDULED)
        return OK;
    for (size_t i = 0; i < countof(numbers); i++)
        row_set_i64(r, numbers[i].field, numbers[i].n);
    return record_save(cx, r);
}

enum status result_refresh(struct ctx *cx, struct row *r)
{
    struct counts by_variant[VARIANTS_MAX], all;
    struct val *v = val_map(cx->arena), *told = val_map(cx->arena);

    TRY(result_counts(cx, row_id(r), by_variant, &all));
    TRY(gather(cx, r, by_variant, &all, v));
    TRY(write_numbers(cx, r, &all));
    TRY(db_run(cx, "broadcast.put_results", TEXT("results", json_text(cx->arena, v)),
               I64("at", ctx_now(cx)), I64("broadcast", row_id(r))));
    val_put_text(told, "id", id_text(cx->arena, row_id(r)));
    live_tell(cx, "broadcast", 0, json_text(cx->arena, told));
    return OK;
}

enum status result_read(struct ctx *cx, const struct row *r, const struct val **out)
{
    const char *json;
    struct val *v;
    enum status s = db_get_text(cx, &json, "broadcast.results", I64("broadcast", row_id(r)));

    *out = NULL;
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    TRY(json_read(cx->arena, str_from(json), &v, NULL));
    *out = v;
    return OK;
}

/* ---- for others ---- */

enum status broadcast_told(struct ctx *cx, struct row *r, const char *state, i64 started_ms,
                           i64 finished_ms)
{
    row_set_text(r, BROADCAST_STATUS, broadcast_state_word(broadcast_state_by(state)));
    if (started_ms) {
        row_set_i64(r, BROADCAST_STARTED, started_ms);
        TRY(db_run(cx, "broadcast.run_add", I64("broadcast", row_id(r))));
        TRY(db_run(cx, "broadcast.run_sent", I64("broadcast", row_id(r))));
    }
    if (finished_ms)
        row_set_i64(r, BROADCAST_ENDED, finished_ms);
    return record_save(cx, r);
}

const char *broadcast_touch(struct ctx *cx, const struct row *r)
{
    struct val *v = val_map(cx->arena);

    if (row_has(r, BROADCAST_SENDER))
        val_put_text(v, "mail_sender", id_text(cx->arena, row_i64(r, BROADCAST_SENDER)));
    if (row_has(r, BROADCAST_TOPIC))
        val_put_text(v, "mail_topic", id_text(cx->arena, row_i64(r, BROADCAST_TOPIC)));
    val_put_printf(v, "mailing", "broadcast/%s", id_text(cx->arena, row_id(r)));
    return json_text(cx->arena, v);
}

enum status broadcast_refresh_all(struct ctx *cx)
{
    enum { MOST = 1000 };
    i64 *ids = NEW_N(cx->arena, i64, MOST);
    size_t count = 0;
    {
        scoped(stmt_close) struct stmt q = db_query(cx, "broadcast.begun", I64("limit", MOST));
        while (stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        struct row *r;
        TRY(record_get(cx, &broadcast_type, ids[i], &r));
        TRY(result_refresh(cx, r));
    }
    return OK;
}
