/* flow_hear.c -- what happens reaches flows: changes of records in the transaction of the change,
 * events of the journey through kit/follow. Whoever is in a flow that waits for it, or whose goal
 * it is, goes on; whose trigger it is, enters. */
#include "base/id.h"
#include "base/json.h"
#include "journey/journey.h"
#include "kit/filter.h"
#include "kit/follow.h"
#include "marketing/flow_run_int.h"

/* One happening, looked at for one person. */
struct hearing {
    struct ctx *cx;
    const struct flow_heard *e;
    struct row *contact; /* read when a filter asks */
};

static enum status contact_of(struct hearing *h, struct row **out)
{
    if (h->contact == NULL && h->e->row && text_is(row_type(h->e->row)->name, "contact"))
        h->contact = (struct row *)h->e->row; /* only read */
    if (h->contact == NULL)
        TRY(record_get_named(h->cx, "contact", h->e->contact_id, &h->contact));
    *out = h->contact;
    return OK;
}

static enum status filter_fits(struct hearing *h, const struct flow_plan *p, const char *filter,
                               bool *out)
{
    struct flow_doing d = { .cx = h->cx, .plan = p };

    *out = true;
    if (text_empty(filter))
        return OK;
    TRY(contact_of(h, &d.contact));
    return flow_matches(&d, filter, out);
}

static bool same_ref(const struct val *spec, const char *name, i64 id)
{
    const char *text = val_get_text(spec, name);
    i64 wanted;

    return text_empty(text) || (id_parse(str_from(text), &wanted) && wanted == id);
}

static bool field_fits(struct ctx *cx, const struct val *spec, const struct row *r)
{
    int field = type_field(row_type(r), val_get_text(spec, "field"));
    const char *to = val_get_text(spec, "to");
    struct row *probe;

    if (field < 0 || !(row_before(r) ? row_changed(r, field) : row_has(r, field)))
        return false;
    if (text_empty(to))
        return true;
    probe = row_new(cx, row_type(r));
    if (row_parse(cx, probe, field, to) != OK) {
        ctx_clear_error(cx);
        return false;
    }
    return text_is(row_plain(cx, probe, field), row_plain(cx, r, field));
}

static bool score_crosses(const struct val *spec, const struct row *r)
{
    int field = type_field(row_type(r), "score");
    i64 line = val_get_i64(spec, "line", 0), now = row_i64(r, field),
        before = row_before(r) ? row_i64(row_before(r), field) : INT64_MIN;

    return before < line && now >= line;
}

static bool deal_fits(const struct val *spec, const struct row *deal)
{
    int stage = type_field(row_type(deal), "stage_id");

    if (text_empty(val_get_text(spec, "stage")))
        return row_before(deal) == NULL;
    return (row_before(deal) == NULL || row_changed(deal, stage)) &&
           same_ref(spec, "stage", row_i64(deal, stage));
}

static bool event_fits(const struct val *spec, const struct flow_heard *e)
{
    const char *page = val_get_text(spec, "page"), *name = val_get_text(spec, "name");

    return text_is(val_get_text(spec, "event"), e->kind) &&
           (text_empty(page) || text_like(page, e->page ? e->page : "")) &&
           (text_empty(name) || text_is(name, e->name ? e->name : ""));
}

static bool mail_fits(const struct flow_plan *p, const struct val *spec, const struct flow_heard *e)
{
    const char *what = val_get_text(spec, "what");
    i64 of = 0;

    if (!text_is(text_empty(what) ? "clicked" : what, e->kind))
        return false;
    return !text_is(val_get_text(spec, "from"), "flow") ||
           (text_is(val_get_text(e->props, "source"), "flow") &&
            id_parse(str_from(val_get_text(e->props, "source_id")), &of) && of == p->flow_id);
}

/* Whether this is what the spec waits for, its filter aside. */
static bool spec_fits(struct hearing *h, const struct flow_plan *p, const struct val *spec)
{
    const struct flow_heard *e = h->e;
    const char *on = val_get_text(spec, "on");
    const struct row *r = e->row;

    if (text_is(on, "score") || text_is(on, "field"))
        return text_is(e->on, "field") &&
               (text_is(on, "score") ? score_crosses(spec, r) : field_fits(h->cx, spec, r));
    if (!text_is(on, e->on))
        return false;
    if (text_is(on, "event"))
        return event_fits(spec, e);
    if (text_is(on, "form"))
        return same_ref(spec, "form", row_id(r));
    if (text_is(on, "segment_in") || text_is(on, "segment_out"))
        return same_ref(spec, "segment", row_id(r));
    if (text_is(on, "deal"))
        return deal_fits(spec, r);
    return text_is(on, "mail") && mail_fits(p, spec, e);
}

static enum status spec_matches(struct hearing *h, const struct flow_plan *p,
                                const struct val *spec, bool *out)
{
    bool by_filter = flow_spec_hears(spec) == HEARS_FILTER;

    *out = by_filter || spec_fits(h, p, spec);
    return *out ? filter_fits(h, p, val_get_text(spec, "filter"), out) : OK;
}

/* ---- who is in flows ---- */
static enum status hear_run(struct hearing *h, const struct flow_run *r)
{
    struct ctx *cx = h->cx;
    const struct flow_plan *p;
    const struct flow_step *s;
    bool match = false;

    TRY(flow_version_plan(cx, r->version_id, &p));
    for (size_t i = 0; i < p->goal_count; i++) {
        if (h->e->at_ms < r->entered_at)
            break;
        TRY(spec_matches(h, p, p->goals[i].v, &match));
        if (match)
            return flow_signal(cx, r->id, r->visit,
                               arena_printf(cx->arena, "goal:%s", p->goals[i].id));
    }
    s = flow_plan_step(p, r->node);
    if (s == NULL || !text_is(s->kind->name, "wait_event") || !text_is(r->signal, "wait") ||
        h->e->at_ms < r->node_at)
        return OK;
    TRY(spec_matches(h, p, s->v, &match));
    return match ? flow_signal(cx, r->id, r->visit, "happened") : OK;
}

static enum status read_runs(struct ctx *cx, i64 contact, struct flow_run **out, size_t *count)
{
    enum { RUNS_MAX = 200 };
    scoped(stmt_close) struct stmt q =
        db_query(cx, "flow.runs_of_contact", I64("contact", contact));

    *out = NEW_N(cx->arena, struct flow_run, RUNS_MAX);
    for (*count = 0; *count < RUNS_MAX && stmt_next(&q);)
        (*out)[(*count)++] = flow_run_from(&q);
    return stmt_status(&q);
}

/* ---- who comes in ---- */
static enum status hear_triggers(struct hearing *h, const struct flow_plan *p)
{
    for (size_t i = 0; i < p->trigger_count; i++) {
        struct flow_entry in = {
            .plan = p, .contact_id = h->e->contact_id, .via = p->triggers[i].id, .key = h->e->key
        };
        bool match;
        /* What happened before there was the flow, as an import brings it, starts nothing. */
        if (h->e->at_ms < p->published_at)
            return OK;
        TRY(spec_matches(h, p, p->triggers[i].v, &match));
        if (!match)
            continue;
        TRY(contact_of(h, &in.contact));
        return flow_enter(h->cx, &in, NULL, NULL);
    }
    return OK;
}

static enum status hear(struct ctx *cx, const struct flow_heard *e)
{
    struct hearing h = { .cx = cx, .e = e };
    const struct flow_plan **plans;
    struct flow_run *runs;
    size_t count;

    TRY(read_runs(cx, e->contact_id, &runs, &count));
    for (size_t i = 0; i < count; i++)
        TRY(hear_run(&h, &runs[i]));
    TRY(flow_live_plans(cx, &plans, &count));
    for (size_t i = 0; i < count; i++)
        TRY(hear_triggers(&h, plans[i]));
    return OK;
}

static u32 hears_of(const char *on)
{
    struct arena *a = arena_new(256);
    struct val *spec = val_map(a);
    u32 bits;

    val_put_text(spec, "on", on);
    bits = flow_spec_hears(spec);
    arena_free(a);
    return bits;
}

enum status flow_hear(struct ctx *cx, const struct flow_heard *e)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    enum status s;

    if (e->contact_id == 0 || !(flow_hears(cx) & (hears_of(e->on) | HEARS_FILTER)))
        return OK;
    s = hear(cx, e);
    if (s == E_NOT_FOUND) { /* the contact is gone by now */
        ctx_clear_error(cx);
        return OK;
    }
    return s;
}

/* ---- happenings ---- */
enum status flow_on_contact(struct ctx *cx, const struct happening *h)
{
    return flow_hear(
        cx, &(struct flow_heard){
                .on = "field", .contact_id = h->contact_id, .at_ms = ctx_now(cx), .row = h->row });
}

enum status flow_on_contact_gone(struct ctx *cx, const struct happening *h)
{
    return db_run(cx, "flow.wake_contact", I64("contact", h->contact_id), I64("now", ctx_now(cx)));
}

enum status flow_on_deal(struct ctx *cx, const struct happening *h)
{
    return flow_hear(
        cx, &(struct flow_heard){
                .on = "deal", .contact_id = h->contact_id, .at_ms = ctx_now(cx), .row = h->row });
}

enum status flow_on_form(struct ctx *cx, const struct happening *h)
{
    return flow_hear(
        cx, &(struct flow_heard){
                .on = "form", .contact_id = h->contact_id, .at_ms = ctx_now(cx), .row = h->row });
}

enum status flow_on_segment(struct ctx *cx, const struct happening *h)
{
    return flow_hear(cx, &(struct flow_heard){
                             .on = text_is(h->name, "segment.left") ? "segment_out" : "segment_in",
                             .contact_id = h->contact_id,
                             .at_ms = ctx_now(cx),
                             .row = h->row });
}

enum status flow_on_mail(struct ctx *cx, const struct happening *h)
{
    return flow_hear(cx, &(struct flow_heard){ .on = "mail",
                                               .contact_id = h->contact_id,
                                               .at_ms = ctx_now(cx),
                                               .kind = h->name + sizeof "mail." - 1,
                                               .props = h->props });
}

/* ---- events of the journey, in the transaction that moves the follower's cursor ---- */
static const char *name_in(struct ctx *cx, const struct event *e, const struct val **props)
{
    struct val *v = NULL;
    const char *name;

    if (e->props && json_read(cx->arena, str_from(e->props), &v, NULL) != OK)
        v = NULL;
    *props = v;
    name = val_get_text(v, "name");
    return name;
}

enum status flow_on_events(struct ctx *cx, const struct follow_batch *b, void *made)
{
    (void)made;
    if (!(flow_hears(cx) & (HEARS_EVENT | HEARS_FILTER)))
        return OK;
    for (size_t i = 0; i < b->count; i++) {
        const struct event *e = &b->events[i];
        const struct event_kind *kind = kit_event_kind_by_code(cx->kit, e->kind);
        struct flow_heard heard = {
            .on = "event", .contact_id = b->contacts[i], .at_ms = e->at_ms, .record = e->record
        };
        if (heard.contact_id == 0 || kind == NULL || strncmp(kind->name, "flow_", 5) == 0)
            continue;
        heard.kind = kind->name;
        heard.page = journey_name(cx->journey, DICT_PAGE, e->page);
        heard.name = name_in(cx, e, &heard.props);
        TRY(flow_hear(cx, &heard));
    }
    return OK;
}
