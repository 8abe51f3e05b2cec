/* flow_int.h -- what the files of automation share. A flow is a record; its definition is JSON;
 * what is published of it is a version, which never changes. flow_kinds.c says what steps there
 * are, flow_plan.c makes a plan of a definition and says what is wrong with it, flow_run.c moves
 * people through plans, flow_act.c does what steps do, flow_hear.c is where what happens comes in.
 *
 *   definition = { entry: { again, days, times, filter, suppress }, triggers: [spec],
 *                  goals: [spec], steps: [step] }
 *   step       = { id, kind, ...what the kind asks..., paths: [{ id, name, ..., steps: [step] }] }
 *
 * Steps follow one another. Where a path ends, what stands behind its branch goes on; at the end of
 * the outermost steps a person has gone through. */
#pragma once
#include "base/limits.h"
#include "kit/web.h"
#include "marketing/flow.h"

/* ---- the record ---- */
enum flow_field {
    FLOW_NAME, FLOW_ABOUT, FLOW_STATUS, FLOW_OWNER, FLOW_VERSION, FLOW_PUBLISHED_AT,
    FLOW_DEFINITION, FLOW_BEFORE, FLOW_FIELDS
};

/* ---- what a step is asked (flow_kinds.c) ---- */
enum flow_how {
    ASK_TEXT, ASK_LONG, ASK_INT, ASK_CHOICE, ASK_BOOL, ASK_FILTER, ASK_REF, ASK_EVENT, ASK_URL,
    ASK_FIELD,      /* a contact's field that can be typed */
    ASK_DATE_FIELD, /* a contact's field that is a day or an instant */
    ASK_TIME,       /* "09:30" */
    ASK_DAYS,       /* "mon,tue" */
    ASK_STEP,       /* another step's id */
    ASK_SECRET,     /* typed and shown as dots */
};
struct flow_ask {
    const char *name, *label;
    enum flow_how how;
    u32 flags; /* REQUIRED */
    const char *help;
    const struct choice *choices; /* ASK_CHOICE */
    const char *ref;              /* ASK_REF */
    i64 min, max;                 /* ASK_INT */
    const char *otherwise;
    const char *only, *only_is; /* asked only when the answer `only` is among "a,b,c" */
};
enum flow_paths { PATHS_NONE, PATHS_YES_NO, PATHS_EVENT, PATHS_FREE };
struct flow_plan;
struct flow_step;
struct flow_kind {
    const char *name, *label, *icon, *group; /* group: of the menu of steps: "Actions" */
    const char *about;                       /* one sentence: what it does */
    const struct flow_ask *asks;
    size_t ask_count;
    enum flow_paths paths;
};
const struct flow_kind *flow_kind(const char *name); /* NULL: none */
const struct flow_kind *flow_kind_at(size_t index);  /* NULL: behind the last */
extern const struct flow_kind flow_trigger_kind, flow_goal_kind, flow_entry_kind;
/* Whether the question is asked, as the other answers stand. */
bool flow_asked(const struct flow_ask *ask, const struct val *answers);
/* An answer, or what stands for it when there is none. */
const char *flow_answer(const struct flow_kind *kind, const struct val *answers, const char *name);
i64 flow_answer_i64(const struct flow_kind *kind, const struct val *answers, const char *name);
/* A step, trigger or goal in words: "Wait 3 days". In arena. */
const char *flow_words(struct ctx *cx, const struct flow_kind *kind, const struct val *answers);
/* Each answer that is given, as {label, text}, for people. */
MUST_CHECK enum status flow_answers_words(struct ctx *cx, const struct flow_kind *kind,
                                          const struct val *answers, struct val *list);

/* ---- plans (flow_plan.c) ---- */
struct flow_path {
    const char *id, *name;
    const struct val *v;
    int first; /* index of the step that it leads to; PLAN_END */
};
struct flow_step {
    const char *id;
    const struct flow_kind *kind;
    const struct val *v;
    int index, next; /* next: what goes on behind it; PLAN_END */
    int jump;        /* of "goto": where to */
    int path_count;
    struct flow_path *paths;
    const char *number; /* "2", "3.1.2": its place in the outline */
    u64 seed;           /* of a split */
};
enum { PLAN_END = -1 };
struct flow_spec { /* a trigger or a goal */
    const char *id;
    const struct val *v;
};
struct flow_plan {
    struct arena *arena;
    i64 flow_id, version_id, number, published_at;
    const struct val *definition;
    const struct val *entry;
    struct flow_spec *triggers, *goals;
    size_t trigger_count, goal_count;
    struct flow_step *steps;
    int step_count, first;
    u32 hears;        /* HEARS_* of triggers, goals and waits */
    bool filter_goals;
};
/* What a spec waits for. */
enum flow_hears {
    HEARS_EVENT = 1, HEARS_FORM = 2, HEARS_SEGMENT = 4, HEARS_FIELD = 8, HEARS_DEAL = 16,
    HEARS_MAIL = 32, HEARS_FILTER = 64, HEARS_DATE = 128,
};
u32 flow_spec_hears(const struct val *spec);
/* E_INVALID: no such JSON, or steps that are none. With `problems` (a list) everything that is
 * wrong is added to it as {step, ask, text} and the result is OK as far as the shape can be read;
 * filters are read as the asking user may. In `a`. */
MUST_CHECK enum status flow_plan_read(struct ctx *cx, struct arena *a, i64 flow_id,
                                      const char *json, struct val *problems,
                                      struct flow_plan **out);
const struct flow_step *flow_plan_step(const struct flow_plan *p, const char *id); /* NULL: none */

/* ---- what is kept of running flows (flow.c) ---- */
/* The version's plan; lives as long as the kit. E_NOT_FOUND. */
MUST_CHECK enum status flow_version_plan(struct ctx *cx, i64 version_id,
                                         const struct flow_plan **out);
/* The plans of all live flows; borrowed for the life of the kit, the list in arena. */
MUST_CHECK enum status flow_live_plans(struct ctx *cx, const struct flow_plan ***plans,
                                       size_t *count);
/* What somebody waits for anywhere: HEARS_*, of live flows and of versions with people in them. */
u32 flow_hears(struct ctx *cx);
/* Which flows are live has changed: it is read again from now on. */
MUST_CHECK enum status flow_changed(struct ctx *cx);
/* "live", "paused", ...; "" when it is gone. */
MUST_CHECK enum status flow_status_of(struct ctx *cx, i64 flow_id, const char **status);

/* ---- people in flows (flow_run.c) ---- */
enum flow_state { RUN_GOING, RUN_HELD, RUN_FAILED, RUN_STUCK, RUN_DONE };
struct flow_run {
    i64 id, flow_id, version_id, contact_id;
    const char *node; /* step id; "" at the end */
    enum flow_state state;
    i64 visit, due_at, entered_at, node_at, day, day_steps, attempts;
    const char *signal; /* "happened", "goal:g1", "retry", "skip", "delivered" */
    const char *via;    /* by what they entered: trigger id, "hand", "api", "flow" */
};
enum flow_move { MOVE_NEXT, MOVE_PATH, MOVE_WAIT, MOVE_END, MOVE_JUMP };
struct flow_ways { /* what a step says */
    enum flow_move move;
    int path;           /* MOVE_PATH */
    i64 until;          /* MOVE_WAIT: TIME_NONE, no end */
    const char *outcome; /* MOVE_END */
    const char *note;   /* why, for the log and the dry run; "" */
};
struct flow_doing { /* one person at work */
    struct ctx *cx;
    const struct flow_plan *plan;
    struct flow_run *run;
    struct row *contact;
    bool dry; /* nothing is written */
    const char *event_happens; /* dry: which path a wait for an event takes, "happened" or "" */
    struct flow_filters *filters;
    struct flow_batch *batch; /* what is told at its end; NULL: at once */
};
/* Does one step for one person. Where `dry`, only what the person in memory becomes. */
MUST_CHECK enum status flow_do_step(struct flow_doing *d, const struct flow_step *s,
                                    struct flow_ways *out);
/* Whether the person matches a filter text; parsed once a batch where that is safe. *why (may be
 * NULL): the filter in words. */
MUST_CHECK enum status flow_matches(struct flow_doing *d, const char *filter, bool *out);
struct flow_filters *flow_filters_new(struct arena *a);

/* Lets somebody in, if the rules of entry let them. *id 0: they do not; *why says so (either may be
 * NULL). `key`: the same key never lets the same person in twice. Writing transaction. */
struct flow_entry {
    const struct flow_plan *plan;
    i64 contact_id;
    struct row *contact; /* or NULL */
    const char *via, *key;
    bool by_hand; /* the rules on coming again are the person's who does it */
};
MUST_CHECK enum status flow_enter(struct ctx *cx, const struct flow_entry *e, i64 *id,
                                  const char **why);
/* The same for many contacts, each once, in few statements: runs[i] is contacts[i]'s, or 0. Of `e`
 * contact_id and contact do not count. */
MUST_CHECK enum status flow_enter_many(struct ctx *cx, const struct flow_entry *e,
                                       const i64 *contacts, size_t count, i64 *runs,
                                       const char **why);
/* Shows somebody as failed, with the reason, unless they have moved since `r` was read. */
MUST_CHECK enum status flow_fail(struct ctx *cx, const struct flow_run *r, const char *why);
/* Ends somebody's run: "removed", "gone". E_NOT_FOUND: no such run that goes on. */
MUST_CHECK enum status flow_leave(struct ctx *cx, i64 run_id, const char *outcome);
/* Runs that wait for what came are marked to go on. */
MUST_CHECK enum status flow_signal(struct ctx *cx, i64 run_id, i64 visit, const char *signal);
/* Wakes the taker now or at an instant. */
MUST_CHECK enum status flow_wake(struct ctx *cx, i64 at_ms);
enum status flow_take_job(struct job_run *job), flow_enrol_job(struct job_run *job),
    flow_hook_job(struct job_run *job), flow_date_job(struct job_run *job);

/* ---- what happens (flow_hear.c) ---- */
struct flow_heard {
    const char *on; /* as in a spec: "form", "field", "mail" ... */
    i64 contact_id, at_ms;
    const struct row *row; /* the contact, the deal, the form, the segment; may be NULL */
    const char *kind, *page, *name; /* of an event; mail: what */
    const struct val *props;
    i64 record;
    const char *key; /* of this happening, for entering once */
};
enum status flow_on_contact(struct ctx *cx, const struct happening *h),
    flow_on_contact_gone(struct ctx *cx, const struct happening *h),
    flow_on_deal(struct ctx *cx, const struct happening *h),
    flow_on_form(struct ctx *cx, const struct happening *h),
    flow_on_segment(struct ctx *cx, const struct happening *h),
    flow_on_handoff(struct ctx *cx, const struct happening *h),
    flow_on_handoff_undone(struct ctx *cx, const struct happening *h),
    flow_on_mail(struct ctx *cx, const struct happening *h);
struct follow_batch;
enum status flow_on_events(struct ctx *cx, const struct follow_batch *b, void *made);
MUST_CHECK enum status flow_hear(struct ctx *cx, const struct flow_heard *e);

/* When a time of day comes, in the workspace's zone or the person's (flow_time.c). */
MUST_CHECK enum status flow_wait_until(struct flow_doing *d, const struct flow_step *s, i64 *until,
                                       const char **note);
