/* flow_act.c -- what each kind of step does. In a dry run the same code runs, and only what would
 * be written is left out: fields change in memory, so that later conditions see them. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "bridge/segment.h"
#include "kit/filter.h"
#include "marketing/flow_run_int.h"
#include "store/queue.h"

enum { CACHED_FILTERS = 64, SPLIT_PARTS = 10000, PERCENT = 100 };

#define ANSWER(name) flow_answer(s->kind, s->v, name)
#define NUMBER(name) flow_answer_i64(s->kind, s->v, name)

static i64 ref(const struct flow_step *s, const char *name)
{
    i64 id;

    return id_parse(str_from(ANSWER(name)), &id) ? id : 0;
}

/* ---- filters ---- */
/* Parsing costs more than asking. What only looks at the contact's own fields keeps its meaning for
 * the moment of a batch; everything else is parsed each time, since related records may change. */
struct flow_filters {
    struct arena *a;
    struct {
        const char *text;
        struct filter *f;
    } kept[CACHED_FILTERS];
    size_t count;
};

struct flow_filters *flow_filters_new(struct arena *a)
{
    struct flow_filters *f = NEW(a, struct flow_filters);

    f->a = a;
    return f;
}

static bool own_fields_only(const char *text) { return strpbrk(text, ".(") == NULL; }

static enum status parsed(struct flow_doing *d, const char *text, struct filter **out)
{
    struct flow_filters *all = d->filters;

    for (size_t i = 0; all && i < all->count; i++)
        if (all->kept[i].text == text || text_is(all->kept[i].text, text)) {
            *out = all->kept[i].f;
            return OK;
        }
    TRY(filter_parse(d->cx, &contact_type, text, out));
    if (all && all->a == d->cx->arena && all->count < CACHED_FILTERS && own_fields_only(text)) {
        all->kept[all->count].text = text;
        all->kept[all->count++].f = *out;
    }
    return OK;
}

enum status flow_matches(struct flow_doing *d, const char *filter, bool *out)
{
    struct filter *f;

    *out = true;
    if (text_empty(filter))
        return OK;
    TRY(parsed(d, filter, &f));
    if (d->batch == NULL || own_fields_only(filter))
        return filter_match(d->cx, f, d->contact, out);
    /* It asks the database: if that fails, the others in the batch go on. */
    scoped(tx_end) struct tx tx = tx_begin(d->cx);
    TRY(tx.status);
    TRY(filter_match(d->cx, f, d->contact, out));
    return tx_commit(&tx);
}

static const char *reason(struct flow_doing *d, const char *filter, bool match)
{
    struct filter *f;

    if (!d->dry) /* the log of millions says which way; why is in the step */
        return "";
    if (parsed(d, filter, &f) != OK) {
        ctx_clear_error(d->cx);
        return "";
    }
    return arena_printf(d->cx->arena, "%s: %s", filter_words(d->cx, f), match ? "yes" : "no");
}

/* ---- ways ---- */
static enum status do_if(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    bool match;

    TRY(flow_matches(d, ANSWER("filter"), &match));
    w->move = MOVE_PATH;
    w->path = match ? 0 : 1;
    w->note = reason(d, ANSWER("filter"), match);
    return OK;
}

static const char *path_filter(struct flow_doing *d, const struct flow_step *s, int path)
{
    if (!text_is(ANSWER("by"), "field"))
        return val_get_text(s->paths[path].v, "filter");
    return arena_printf(d->plan->arena == d->cx->arena ? d->plan->arena : d->cx->arena, "%s = '%s'",
                        ANSWER("field"),
                        flow_quoted(d->cx->arena, val_get_text(s->paths[path].v, "value")));
}

static enum status do_branch(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    w->move = MOVE_PATH;
    for (w->path = 0; w->path < s->path_count - 1; w->path++) {
        const char *filter = path_filter(d, s, w->path);
        bool match;
        TRY(flow_matches(d, filter, &match));
        if (match) {
            w->note = reason(d, filter, true);
            return OK;
        }
    }
    w->note = d->dry ? "no other path fits" : "";
    return OK;
}

/* The same person always goes the same way, in each version and in a dry run. */
static enum status do_split(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    i64 part = (i64)(flow_chance(s->seed, d->run->contact_id) % SPLIT_PARTS), sum = 0;

    w->move = MOVE_PATH;
    for (w->path = 0; w->path < s->path_count - 1; w->path++) {
        sum += val_get_i64(s->paths[w->path].v, "share", 0) * (SPLIT_PARTS / PERCENT);
        if (part < sum)
            break;
    }
    if (d->dry)
        w->note = arena_printf(d->cx->arena, "chance: %lld.%02lld of 100",
                               (long long)(part / PERCENT), (long long)(part % PERCENT));
    return OK;
}

u64 flow_chance(u64 seed, i64 contact)
{
    u64 x = seed ^ ((u64)contact * UINT64_C(0x9e3779b97f4a7c15));

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static enum status do_goto(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    if (s->jump < 0)
        return ctx_fail(d->cx, E_NOT_FOUND, "the step to go to is gone");
    w->move = MOVE_JUMP;
    return OK;
}

static enum status do_exit(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    (void)d, (void)s;
    w->move = MOVE_END;
    w->outcome = "exit";
    return OK;
}

/* ---- waits ---- */
static enum status do_wait(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    if (text_is(d->run->signal, "wait"))
        return OK; /* the time has come */
    TRY(flow_wait_until(d, s, &w->until, &w->note));
    if (w->until > ctx_now(d->cx))
        w->move = MOVE_WAIT;
    return OK;
}

static enum status do_wait_event(struct flow_doing *d, const struct flow_step *s,
                                 struct flow_ways *w)
{
    const char *signal = d->run->signal;
    bool already = false;

    w->move = MOVE_PATH;
    if (text_is(signal, "happened") || text_is(signal, "wait")) {
        w->path = text_is(signal, "happened") ? 0 : 1;
        w->note = w->path ? "time ran out" : "it happened";
        return OK;
    }
    if (text_is(ANSWER("on"), "filter")) /* who matches already need not wait for it */
        TRY(flow_matches(d, ANSWER("filter"), &already));
    if (already) {
        w->path = 0;
        w->note = "matched already";
        return OK;
    }
    w->move = MOVE_WAIT;
    return flow_wait_until(d, s, &w->until, &w->note);
}

/* ---- data ---- */
static enum status save_contact(struct flow_doing *d)
{
    return d->dry ? OK : record_save(d->cx, d->contact);
}

static enum status do_set(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    int field = type_field(&contact_type, ANSWER("field"));

    if (field < 0)
        return ctx_fail(d->cx, E_INVALID, "contacts have no field '%s' any more", ANSWER("field"));
    TRY(row_parse(d->cx, d->contact, field, ANSWER("value")));
    (void)w;
    return save_contact(d);
}

static bool is_tag(struct str list, const char *tag)
{
    struct str part;

    while (str_split(&list, ',', &part))
        if (str_equal_fold(str_trim(part), str_from(tag)))
            return true;
    return false;
}

static enum status do_tag(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct arena *a = d->cx->arena;
    const char *now = row_plain(d->cx, d->contact, CONTACT_TAGS), *tag = ANSWER("tag");
    struct str rest = str_from(now), part;
    struct buf b = buf_in(a, strlen(now) + strlen(tag) + 8);

    (void)w;
    if (text_is(ANSWER("do"), "remove")) {
        while (str_split(&rest, ',', &part))
            if (!is_tag(part, tag))
                buf_printf(&b, "%s%.*s", b.len ? "," : "", (int)part.len, part.p);
    } else {
        buf_printf(&b, "%s%s%s", now, text_empty(now) || is_tag(rest, tag) ? "" : ",",
                   is_tag(rest, tag) ? "" : tag);
    }
    TRY(row_parse(d->cx, d->contact, CONTACT_TAGS, buf_end(&b)));
    return save_contact(d);
}

static enum status do_score(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct val *props = val_map(d->cx->arena);
    const char *name = ANSWER("reason");

    (void)w;
    if (d->dry)
        return OK;
    if (text_empty(name))
        TRY(flow_name_of(d->cx, d->plan->flow_id, &name));
    val_put_text(props, "name", name);
    val_put_i64(props, "points", NUMBER("points"));
    return flow_tell(d, &(struct journey_note){ .kind = "points",
                                                .contact_id = d->run->contact_id,
                                                .at_ms = ctx_now(d->cx),
                                                .record_id = d->plan->flow_id,
                                                .props = props });
}

static enum status set_fields(struct ctx *cx, struct row *r, const char *const *pairs)
{
    for (; pairs[0]; pairs += 2) {
        int field = type_field(row_type(r), pairs[0]);
        if (field >= 0 && !text_empty(pairs[1]))
            TRY(row_parse(cx, r, field, pairs[1]));
    }
    return OK;
}

/* The contact's owner, or who was chosen; 0: the contact has none. */
static i64 whose(struct flow_doing *d, const struct flow_step *s)
{
    return text_is(ANSWER("whose"), "user") ? ref(s, "user") : row_i64(d->contact, CONTACT_OWNER);
}

static const char *contact_id_text(struct flow_doing *d)
{
    return id_text(d->cx->arena, d->run->contact_id);
}

static enum status do_task(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct ctx *cx = d->cx;
    i64 owner = whose(d, s);
    const char *subject, *text;
    struct row *r;

    (void)w;
    if (d->dry)
        return OK;
    TRY(flow_fill(d, ANSWER("subject"), &subject));
    TRY(flow_fill(d, ANSWER("text"), &text));
    r = row_new(cx, type_find(cx, "activity"));
    const char *const pairs[] = {
        "kind",       ANSWER("what"),
        "subject",    subject,
        "body",       text,
        "contact_id", contact_id_text(d),
        "owner_id",   owner ? id_text(cx->arena, owner) : "",
        "due_at",     time_iso(cx->arena, ctx_now(cx) + NUMBER("days") * MS_DAY),
        NULL,
    };
    TRY(set_fields(cx, r, pairs));
    return record_save(cx, r);
}

static enum status do_deal(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct ctx *cx = d->cx;
    i64 owner = row_i64(d->contact, CONTACT_OWNER);
    struct row *r;

    (void)w;
    if (d->dry)
        return OK;
    r = row_new(cx, type_find(cx, "deal"));
    const char *const pairs[] = {
        "name",       arena_printf(cx->arena, "%s: %s", row_title(cx, d->contact), ANSWER("name")),
        "amount",     ANSWER("amount"),
        "stage_id",   ANSWER("stage"),
        "contact_id", contact_id_text(d),
        "owner_id",   owner ? id_text(cx->arena, owner) : "",
        NULL,
    };
    TRY(set_fields(cx, r, pairs));
    return record_save(cx, r);
}

static enum status do_notify(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct ctx *cx = d->cx;
    i64 user = whose(d, s);
    const char *text;

    if (user == 0)
        w->note = "the contact has no owner";
    if (d->dry || user == 0)
        return OK;
    TRY(flow_fill(d, ANSWER("text"), &text));
    return notify(cx, user, "bolt",
                  arena_printf(cx->arena, "%s: %s", row_title(cx, d->contact), text),
                  row_path(cx, d->contact));
}

static enum status do_handoff(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct ctx *cx = d->cx;
    struct handoff_order order = { .contact_id = d->run->contact_id,
                                   .owner_id = ref(s, "user"),
                                   .reason = ANSWER("reason"),
                                   .note = ANSWER("note") };
    enum status st;
    i64 id;

    if (d->dry)
        return OK;
    st = handoff_make(cx, &order, &id);
    if (st == E_CONFLICT) { /* sales has them already: that is what was wanted */
        ctx_clear_error(cx);
        w->note = "a hand-off waits already";
        return OK;
    }
    return st;
}

static enum status do_segment(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    (void)w;
    if (d->dry)
        return OK;
    return (text_is(ANSWER("do"), "remove") ? segment_remove : segment_add)(
        d->cx, ref(s, "segment"), d->run->contact_id);
}

static enum status do_start(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct ctx *cx = d->cx;
    const struct flow_plan **plans;
    size_t count;
    i64 flow = ref(s, "flow");

    TRY(flow_live_plans(cx, &plans, &count));
    w->note = "that flow is not live";
    for (size_t i = 0; i < count; i++) {
        struct flow_entry e = {
            .plan = plans[i], .contact_id = d->run->contact_id, .contact = d->contact, .via = "flow"
        };
        if (plans[i]->flow_id != flow)
            continue;
        w->note = "";
        return d->dry ? OK : flow_enter(cx, &e, NULL, &w->note);
    }
    return OK;
}

/* The call is a job of its own; the person goes on when it was taken. */
static enum status do_webhook(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w)
{
    struct ctx *cx = d->cx;
    struct val *payload = val_map(cx->arena);

    (void)s;
    if (d->dry || text_is(d->run->signal, "delivered"))
        return OK;
    val_put_i64(payload, "run", d->run->id);
    val_put_i64(payload, "visit", d->run->visit + 1); /* as the run stands once it waits */
    w->move = MOVE_WAIT;
    w->until = TIME_NONE;
    return queue_add(
        cx, "flow.hook",
        arena_printf(cx->arena, "%lld/%lld", (long long)d->run->id, (long long)d->run->visit),
        json_text(cx->arena, payload), ctx_now(cx), NULL);
}

static const struct {
    const char *kind;
    enum status (*fn)(struct flow_doing *d, const struct flow_step *s, struct flow_ways *w);
} doers[] = {
    { "if", do_if },          { "branch", do_branch },   { "split", do_split },
    { "goto", do_goto },      { "exit", do_exit },       { "wait", do_wait },
    { "wait_date", do_wait }, { "wait_time", do_wait },  { "wait_event", do_wait_event },
    { "mail", flow_do_mail }, { "set", do_set },         { "tag", do_tag },
    { "score", do_score },    { "task", do_task },       { "deal", do_deal },
    { "notify", do_notify },  { "handoff", do_handoff }, { "segment", do_segment },
    { "start", do_start },    { "webhook", do_webhook },
};

enum status flow_do_step(struct flow_doing *d, const struct flow_step *s, struct flow_ways *out)
{
    *out = (struct flow_ways){ .move = MOVE_NEXT, .until = TIME_NONE, .note = "" };
    for (size_t i = 0; i < countof(doers); i++)
        if (text_is(doers[i].kind, s->kind->name))
            return doers[i].fn(d, s, out);
    return ctx_fail(d->cx, E_INVALID, "nothing is known of steps of kind '%s'", s->kind->name);
}
