/* qualify.c -- what the demo company's sellers know of their open deals and of the leads that wait:
 * the further a deal, the more of MEDDIC is filled in. */
#include "bridge/qualify.h"
#include "bridge/handoff.h"
#include "demo/demo_int.h"
#include "kit/filter.h"
#include "sales/deal.h"

enum { DEALS = 60, LEADS = 12, CRITERIA = 20, SAID = 3 };

/* By criterion what people write; the list ends with NULL. */
static const struct {
    const char *criterion, *said[SAID];
} words[] = {
    { "Metrics", { "A fifth less water a season", "Two sprayings less", "No more night walks" } },
    { "Economic buyer", { "yes", "yes", "no" } },
    { "Decision criteria", { "Range without network", "Price of five years", "Works with ours" } },
    { "Decision process", { "Board in the new year", "Son tests, father signs", "Two offers" } },
    { "Identify pain",
      { "Lost 4 hectares to frost", "Pump runs for nothing", "Mildew found late" } },
    { "Champion", { "Proved it", "Says so", "Nobody" } },
    { "Budget", { "12000", "8500", "30000" } },
    { "Authority", { "Decides alone", "Decides with others", "Advises" } },
    { "Need",
      { "Frost warning at the lower plots", "Water is rationed", "Merlot ripens unevenly" } },
    { "Timeline", { "2027-02-28", "2027-03-31", "2027-05-15" } },
};

static const char *said_of(const char *criterion, u32 which)
{
    for (size_t i = 0; i < countof(words); i++)
        if (text_is(words[i].criterion, criterion))
            return words[i].said[which % SAID];
    return "";
}

static enum status criteria_of(struct sim *s, const char *framework, struct list_page *page)
{
    struct list_query q = { .filter = arena_printf(s->work, "framework_id.name = '%s'", framework),
                            .sort = "position",
                            .limit = CRITERIA };

    return list_run(&s->cx, &criterion_type, &q, page);
}

/* About `percent` of the criteria, each as chance says. */
static enum status fill_in(struct sim *s, struct rng *rng, const struct row *of,
                           const struct list_page *criteria, int percent)
{
    for (size_t i = 0; i < criteria->count; i++) {
        const struct row *c = criteria->rows[i];
        bool known = rng_percent(rng, percent);
        u32 which = rng_below(rng, SAID);
        if (known)
            TRY(qualify_answer(&s->cx, of, row_id(c), said_of(row_text(c, CRITERION_NAME), which)));
    }
    return OK;
}

enum status qualify_make(struct sim *s)
{
    struct list_query deals = { .filter = "status = 'open'",
                                .sort = "-created_at",
                                .limit = DEALS },
                      leads = { .filter = "status = 'pending'", .sort = "due_at", .limit = LEADS };
    struct list_page meddic, bant, open, waiting;
    struct rng rng; /* of its own: what comes after stays as it was */
    struct row *of;

    rng_seed(&rng, 1962);
    s->clock.fixed_ms = s->end_ms;
    sim_as(s, -1);
    TRY(criteria_of(s, "MEDDIC", &meddic));
    TRY(criteria_of(s, "BANT", &bant));
    TRY(list_run(&s->cx, &deal_type, &deals, &open));
    TRY(list_run(&s->cx, &handoff_type, &leads, &waiting));
    for (size_t i = 0; i < open.count; i++) {
        TRY(record_get_named(&s->cx, "stage", row_i64(open.rows[i], DEAL_STAGE), &of));
        i64 chance = row_i64(of, type_field(row_type(of), "probability"));
        TRY(fill_in(s, &rng, open.rows[i], &meddic, (int)chance));
    }
    for (size_t i = 0; i < waiting.count; i++) {
        TRY(record_get_named(&s->cx, "contact", row_i64(waiting.rows[i], HANDOFF_CONTACT), &of));
        TRY(fill_in(s, &rng, of, &bant, i % 3 == 0 ? 0 : 40));
    }
    return OK;
}
