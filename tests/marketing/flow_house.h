/* flow_house.h -- flows in few words, for tests: made, published, people in them and where they
 * are. */
#pragma once
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "marketing/browse.h"
#include "marketing/flow_run_int.h"
#include "store/queue.h"

static inline i64 make_flow(struct house *h, const char *name, const char *definition)
{
    return RECORD(h, "flow", "name", name, "definition", definition);
}

static inline i64 live_flow(struct house *h, const char *definition)
{
    i64 id = make_flow(h, "Test", definition), number;

    assert_ok(h->cx, flow_publish(h->cx, id, false, &number));
    return id;
}

/* Everybody who is due goes on, and so on until nobody is. */
static inline void work(struct house *h)
{
    bool more;

    assert_ok(h->cx, flow_work(h->cx, 0, &more));
    assert_false(more);
}

static inline i64 person(struct house *h, const char *name, const char *country)
{
    return RECORD(h, "contact", "first_name", name, "email",
                  arena_printf(h->arena, "%s@x.example", name), "country", country);
}

static inline struct row *contact(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, id, &r));
    return r;
}

static inline void set(struct house *h, i64 id, int field, const char *value)
{
    struct row *r = contact(h, id);

    assert_ok(h->cx, row_parse(h->cx, r, field, value));
    assert_ok(h->cx, record_save(h->cx, r));
}

static inline const struct flow_plan *plan_of(struct house *h, i64 flow)
{
    const struct flow_plan **plans;
    size_t count;

    assert_ok(h->cx, flow_live_plans(h->cx, &plans, &count));
    for (size_t i = 0; i < count; i++)
        if (plans[i]->flow_id == flow)
            return plans[i];
    fail_msg("the flow is not live");
    return NULL;
}

static inline i64 enter(struct house *h, i64 flow, i64 who)
{
    i64 id;

    assert_ok(h->cx, flow_enter(h->cx,
                                &(struct flow_entry){
                                    .plan = plan_of(h, flow), .contact_id = who, .via = "hand" },
                                &id, NULL));
    return id;
}

/* Where a run is: "step", "step!" failed, "step?" stuck, "=outcome" done. */
static inline const char *where(struct house *h, i64 run)
{
    scoped(stmt_close) struct stmt q = db_query(h->cx, "flow.where", I64("id", run));

    assert_true(stmt_next(&q));
    const char *node = arena_text(h->arena, col_text(&q, 0));
    switch (col_i64(&q, 1)) {
    case RUN_DONE:
        return arena_printf(h->arena, "=%s", col_text(&q, 2));
    case RUN_FAILED:
        return arena_printf(h->arena, "%s!", node);
    case RUN_STUCK:
        return arena_printf(h->arena, "%s?", node);
    case RUN_HELD:
        return arena_printf(h->arena, "%s|", node);
    default:
        return node;
    }
}

static inline void later(struct house *h, i64 ms)
{
    h->clock->fixed_ms += ms;
    work(h);
}

#define FLOW(steps) "{\"triggers\":[{\"id\":\"t1\",\"on\":\"hand\"}],\"steps\":[" steps "]}"
#define STEP(id, kind, more) "{\"id\":\"" id "\",\"kind\":\"" kind "\"" more "}"
#define WAIT(id, days) STEP(id, "wait", ",\"amount\":" #days ",\"unit\":\"days\"")
#define TAG(id, tag) STEP(id, "tag", ",\"tag\":\"" tag "\"")

static inline i64 run_of(struct house *h, i64 flow, i64 who)
{
    i64 id = 0;
    enum status s = db_get_i64(h->cx, &id, "flow.run_of", I64("flow", flow), I64("contact", who));

    assert_true(s == OK || s == E_NOT_FOUND);
    return id;
}

static inline void mail_happens(struct house *h, const char *name, i64 who, i64 flow)
{
    struct val *props = val_map(h->arena);

    val_put_text(props, "source", "flow");
    val_put_text(props, "source_id", id_text(h->arena, flow));
    assert_ok(h->cx, happen(h->cx, &(struct happening){
                                       .name = name, .contact_id = who, .props = props }));
}
