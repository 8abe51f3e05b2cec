/* flow_fuzz.c -- whatever stands in a flow's definition: it is refused with a word, or it is a plan
 * whose steps lead to steps, which reads as text and comes out the same when it is read again. */
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "marketing/flow_int.h"
#include "support/house.h"

static struct house *house;

static void close_house(void) { house_close(house); }

static void check_index(const struct flow_plan *p, int index)
{
    must(index >= PLAN_END && index < p->step_count, "a step leads nowhere");
}

static void check_words(struct ctx *cx, const struct flow_kind *kind, const struct val *v)
{
    struct val *answers = val_list(cx->arena);

    must(utf8_valid(str_from(flow_words(cx, kind, v))), "words that are no UTF-8");
    must(flow_answers_words(cx, kind, v, answers) == OK, "answers without words");
}

static void check_plan(struct ctx *cx, const struct flow_plan *p)
{
    must(p->step_count <= LIMIT_FLOW_STEPS, "more steps than allowed");
    must(p->trigger_count <= LIMIT_FLOW_TRIGGERS && p->goal_count <= LIMIT_FLOW_GOALS,
         "more triggers or goals than allowed");
    check_index(p, p->first);
    for (int i = 0; i < p->step_count; i++) {
        const struct flow_step *s = &p->steps[i];
        check_index(p, s->next);
        check_index(p, s->jump);
        must(s->index == i && flow_plan_step(p, s->id) == s, "two steps of one id");
        must(s->path_count <= LIMIT_FLOW_PATHS, "more paths than allowed");
        for (int k = 0; k < s->path_count; k++)
            check_index(p, s->paths[k].first);
        check_words(cx, s->kind, s->v);
    }
    for (size_t i = 0; i < p->trigger_count; i++)
        check_words(cx, &flow_trigger_kind, p->triggers[i].v);
    for (size_t i = 0; i < p->goal_count; i++)
        check_words(cx, &flow_goal_kind, p->goals[i].v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct flow_plan *p, *again;
    struct ctx cx;

    if (house == NULL) {
        house = house_open(DB_SQLITE, NULL);
        atexit(close_house);
        house->cx->access = access_system();
    }
    if (memchr(data, 0, size) != NULL || !utf8_valid((struct str){ (const char *)data, size }))
        return 0; /* refused at the edge */
    struct arena *a = arena_new(256 * 1024);
    cx = *house->cx;
    cx.arena = a;
    struct val *problems = val_list(a);
    enum status s = flow_plan_read(&cx, a, 1, arena_dup(a, (const char *)data, size), problems, &p);
    if (s == OK) {
        check_plan(&cx, p);
        for (size_t i = 0; i < val_count(problems); i++)
            must(utf8_valid(str_from(val_get_text(val_at(problems, i), "text"))) &&
                     val_get_text(val_at(problems, i), "text")[0],
                 "a problem without a word");
        must(flow_plan_read(&cx, a, 1, json_text(a, p->definition), NULL, &again) == OK,
             "what was read is refused");
        must(again->step_count == p->step_count && again->first == p->first &&
                 again->hears == p->hears,
             "another plan came back");
    } else {
        must(s == E_INVALID || s == E_LIMIT, "refused as something else");
        must(cx.error_text != NULL && cx.error_text[0] != '\0', "refused without a word");
    }
    arena_free(a);
    return 0;
}
