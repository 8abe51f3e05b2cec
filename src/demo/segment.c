/* segment.c -- the segments that the company's marketing works with, and what each is for. */
#include "bridge/segment.h"
#include "bridge/contact.h"
#include "demo/demo_int.h"
#include "kit/filter.h"

enum { CLARA = 0, FAIR_MAX = 60 };

static const struct {
    const char *name, *filter, *about;
} segments[] = {
    { "May be written to", "consent is not empty",
      "Everybody who agreed to hear from us, by whichever form." },
    { "Hot, and nobody sells to them",
      "count(pageview where page starts '/pricing', -30d) >= 2 and count(deal where stage_id.kind "
      "= "
      "'open') = 0 and not (lifecycle = 'customer')",
      "They read the prices twice this month and have no open deal. The list that sales asks "
      "for." },
    { "Customers", "lifecycle in ('customer', 'evangelist')",
      "Whoever bought. Left out of campaigns for newcomers." },
    { "Customers who read on", "segments has 'customers' and count(pageview, -30d) >= 3",
      "Customers who came back to the site this month: the first to tell about new products." },
    { "Asleep", "last(pageview) < -90d and count(call, -90d) = 0 and consent is not empty",
      "Nothing for a quarter of a year. The re-engagement mail goes to them, and then silence." },
    { "New this week", "created_at > -7d", "Who came this week, for the welcome." },
    { "Large farms", "company_id.employees >= 50",
      "Companies of fifty people and more, whatever they have done so far." },
    { "Came through search", "first_channel in ('organic-search', 'paid-search')",
      "First touched by a search engine." },
    { "Asked for something", "count(form_submit, -14d) > 0 and count(call, -14d) = 0",
      "A form in the last two weeks, and nobody called yet." },
    { "Lost lately",
      "count(deal where stage_id.kind = 'lost' and closed_at > -180d) > 0 and count(deal "
      "where stage_id.kind = 'open') = 0",
      "A deal lost in the last half year and none open: worth another try." },
    { "German speakers", "country in ('Germany', 'Austria', 'Switzerland')",
      "The German letter goes to them." },
};

static enum status put_on_list(struct ctx *cx, struct row *r, void *arg)
{
    return segment_add(cx, *(i64 *)arg, row_id(r));
}

/* Whom somebody met at the fair and typed in. */
static enum status make_fair(struct sim *s)
{
    struct row *r = row_new(&s->cx, &segment_type);
    struct list_query query = { .filter = "lifecycle = 'lead'",
                                .sort = "-created_at",
                                .limit = FAIR_MAX };
    struct list_page page;
    i64 id;

    row_set_text(r, SEGMENT_NAME, "Met at the orchard fair");
    row_set_text(r, SEGMENT_KIND, "static");
    row_set_text(r, SEGMENT_ABOUT, "Cards from the stand. Thank them within a week.");
    TRY(record_save(&s->cx, r));
    id = row_id(r);
    TRY(list_run(&s->cx, &contact_type, &query, &page));
    for (size_t i = 0; i < page.count; i++)
        if (rng_percent(&s->rng, 60))
            TRY(put_on_list(&s->cx, page.rows[i], &id));
    return OK;
}

enum status segment_story(struct ctx *cx, void *arg)
{
    struct sim *s = arg;

    (void)cx;
    sim_as(s, CLARA);
    for (size_t i = 0; i < countof(segments); i++) {
        struct row *r = row_new(&s->cx, &segment_type);
        row_set_text(r, SEGMENT_NAME, segments[i].name);
        row_set_text(r, SEGMENT_KIND, "live");
        row_set_text(r, SEGMENT_FILTER, segments[i].filter);
        row_set_text(r, SEGMENT_ABOUT, segments[i].about);
        TRY(record_save(&s->cx, r));
    }
    return make_fair(s);
}
