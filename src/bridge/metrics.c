/* metrics.c -- the numbers of the way from a stranger's first visit to the customer, which both
 * teams share. Deals, hand-offs and activities have theirs beside their records. */
#include "bridge/measure.h"
#include "journey/journey.h"
#include "kit/question.h"

/* People reached a stage of life in the period. */
#define PEOPLE(stamp)                                                                   \
    .source = METRIC_RECORDS, .type = "contact", .aggregate = AGG_COUNT, .date = stamp, \
    .channel_path = "first_channel", .campaign_path = "first_campaign", .owner_path = "owner_id"
#define IS_CUSTOMER "lifecycle in ('customer', 'evangelist')"
#define SHARE(top, bottom) \
    .unit = UNIT_RATIO, .source = METRIC_DIVIDED, .numerator = top, .denominator = bottom

/* What a site's event was worth; most say nothing of it. */
static i64 worth_of_event(const struct event *e) { return e->value; }

/* The three quarters' line of a vital, and the shares of page views that were good and poor. */
#define MEASURES(word, v)                                                                 \
    static i64 word##_of(const struct event *e) { return vital_of(e, v); }                \
    static i64 word##_is(const struct event *e, enum vital_rating rating)                 \
    {                                                                                     \
        i64 n = vital_of(e, v);                                                           \
        return n < 0 ? -1 : vital_rating(v, (double)n) == rating;                         \
    }                                                                                     \
    static i64 word##_is_good(const struct event *e) { return word##_is(e, VITAL_GOOD); } \
    static i64 word##_is_poor(const struct event *e) { return word##_is(e, VITAL_POOR); }
MEASURES(lcp, VITAL_LCP)
MEASURES(inp, VITAL_INP)
MEASURES(cls, VITAL_CLS)
MEASURES(fcp, VITAL_FCP)
MEASURES(ttfb, VITAL_TTFB)
#define VITAL_PART(word, text, says, of, how)                                          \
    .name = word, .label = text, .team = "marketing", .source = METRIC_JOURNEY,        \
    .event_kind = "performance", .measure = of, .measured = READ_VALUE, .counts = how, \
    .definition = says
#define VITAL(word, v, unit_of, per, text, says, good, poor)                               \
    { VITAL_PART(#word, text,                                                              \
                 "In three of four page views of the period: " says ". Good up to " good   \
                 ", poor above " poor ", as web.dev has it.",                              \
                 word##_of, P75_OF_EVENTS),                                                \
      .unit = unit_of, .measure_unit = per, .less_is_better = true },                      \
        { VITAL_PART(#word "_good", text ", good",                                         \
                     "Share of the measured page views in which it was at most " good ".", \
                     word##_is_good, MEAN_OF_EVENTS),                                      \
          .unit = UNIT_RATIO },                                                            \
    {                                                                                      \
        VITAL_PART(#word "_poor", text ", poor",                                           \
                   "Share of the measured page views in which it was above " poor ".",     \
                   word##_is_poor, MEAN_OF_EVENTS),                                        \
            .unit = UNIT_RATIO, .less_is_better = true                                     \
    }

static const struct metric metrics[] = {
    /* On the web sites */
    { .name = "visits",
      .label = "Visits",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition =
          "Visits to your sites that began in the period. After 30 minutes without a sign "
          "of life the next one begins. Bots are left out.",
      .counts = COUNT_VISITS },
    { .name = "visitors",
      .label = "Visitors",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition = "People who visited your sites in the period. Without consent somebody counts "
                    "once a day, with consent once.",
      .counts = COUNT_PEOPLE },
    { .name = "pageviews",
      .label = "Page views",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition = "Pages of your sites that people opened in the period.",
      .event_kind = "pageview",
      .counts = COUNT_EVENTS },
    { .name = "engaged_visits",
      .label = "Engaged visits",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition = "Visits that began in the period and in which at least two pages were opened.",
      .event_kind = "pageview",
      .counts = COUNT_LONGER_VISITS },
    { .name = "engagement_rate",
      .label = "Engagement rate",
      .team = "marketing",
      .definition = "Engaged visits divided by visits.",
      SHARE("engaged_visits", "visits") },
    { .name = "pages_per_visit",
      .label = "Views per visit",
      .team = "marketing",
      .definition = "Page views divided by visits.",
      .unit = UNIT_NUMBER,
      .source = METRIC_DIVIDED,
      .numerator = "pageviews",
      .denominator = "visits" },
    { .name = "visits_bounced",
      .label = "Bounced visits",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .less_is_better = true,
      .definition = "Visits that began in the period with one page view and no action that counts "
                    "as an interaction.",
      .event_kind = "pageview",
      .counts = COUNT_BOUNCED_VISITS },
    { .name = "visit_bounce_rate",
      .label = "Bounce rate",
      .team = "marketing",
      .less_is_better = true,
      .definition = "Bounced visits divided by visits: one page view, and no action that counts as "
                    "an interaction.",
      SHARE("visits_bounced", "visits") },
    /* The same as others count it, for who comes from them */
    { .name = "engaged_visits_ga4",
      .label = "Engaged visits as GA4 counts",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition =
          "Visits that began in the period and lasted ten seconds, had two page views, or "
          "an action that counts as an interaction.",
      .event_kind = "pageview",
      .counts = COUNT_ENGAGED_VISITS },
    { .name = "engagement_rate_ga4",
      .label = "Engagement rate as GA4 counts",
      .team = "marketing",
      .definition = "Engaged visits as GA4 counts divided by visits: ten seconds, two page views, "
                    "or an interaction.",
      SHARE("engaged_visits_ga4", "visits") },
    { .name = "bounce_rate_ga4",
      .label = "Bounce rate as GA4 counts",
      .team = "marketing",
      .less_is_better = true,
      .definition = "One minus the engagement rate as GA4 counts.",
      .unit = UNIT_RATIO,
      .source = METRIC_FORMULA,
      .formula = "(visits - engaged_visits_ga4) / visits" },
    { .name = "visits_single",
      .label = "Visits of one event",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .less_is_better = true,
      .definition = "Visits that began in the period and had exactly one event, of whatever kind; "
                    "reading on and how fast a page was do not count.",
      .counts = COUNT_SINGLE_VISITS },
    { .name = "bounce_rate_umami",
      .label = "Bounce rate as Umami counts",
      .team = "marketing",
      .less_is_better = true,
      .definition = "Visits of one event divided by visits.",
      SHARE("visits_single", "visits") },
    { .name = "visit_time",
      .label = "Time on the sites",
      .team = "marketing",
      .unit = UNIT_SECONDS,
      .source = METRIC_JOURNEY,
      .definition = "The time of all visits that began in the period, each from its first event to "
                    "its last sign of life.",
      .counts = SUM_VISIT_TIME },
    { .name = "visit_duration",
      .label = "Visit duration",
      .team = "marketing",
      .definition = "Time on the sites divided by visits. A visit of one event lasts no time.",
      .unit = UNIT_SECONDS,
      .source = METRIC_DIVIDED,
      .numerator = "visit_time",
      .denominator = "visits" },
    /* What visitors did and how they read */
    { .name = "site_events",
      .label = "Events",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition = "What visitors did on your sites in the period beside opening pages: the "
                    "events that the sites report by name.",
      .event_kind = "action",
      .counts = COUNT_EVENTS },
    { .name = "site_event_people",
      .label = "People with events",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition = "Visitors of whom your sites reported an event by name in the period.",
      .event_kind = "action",
      .counts = COUNT_PEOPLE },
    { .name = "site_event_revenue",
      .label = "Revenue of events",
      .team = "marketing",
      .unit = UNIT_MONEY,
      .source = METRIC_JOURNEY,
      .definition = "What the sites' own events of the period said they were worth, in your "
                    "currency.",
      .event_kind = "action",
      .counts = SUM_OF_EVENTS,
      .measure = worth_of_event,
      .measured = READ_VALUE },
    { .name = "engaged_time",
      .label = "Reading time",
      .team = "marketing",
      .unit = UNIT_SECONDS,
      .source = METRIC_JOURNEY,
      .definition = "How long pages of your sites were in the foreground in the period, all "
                    "together.",
      .event_kind = "engagement",
      .counts = SUM_OF_EVENTS,
      .measure = reading_engaged_ms,
      .measured = READ_VALUE,
      .measure_unit = MS_SECOND },
    { .name = "time_on_page",
      .label = "Time on page",
      .team = "marketing",
      .unit = UNIT_SECONDS,
      .source = METRIC_JOURNEY,
      .definition = "How long a page was in the foreground during a visit, on average. Pages whose "
                    "tracker does not tell are left out.",
      .event_kind = "engagement",
      .counts = MEAN_OF_PAGES,
      .measure = reading_engaged_ms,
      .measured = READ_VALUE,
      .measure_unit = MS_SECOND },
    { .name = "scroll_depth",
      .label = "Scroll depth",
      .team = "marketing",
      .unit = UNIT_RATIO,
      .source = METRIC_JOURNEY,
      .definition = "How far down a page was seen during a visit, on average: the deepest point of "
                    "each page of each visit.",
      .event_kind = "engagement",
      .counts = MEAN_OF_DEEPEST,
      .measure = reading_depth,
      .measured = READ_VALUE,
      .measure_unit = 100 },
    /* How fast pages were: web.dev's vitals */
    { .name = "measured_views",
      .label = "Measured page views",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition = "Page views of the period whose browser told how fast the page was.",
      .event_kind = "performance",
      .counts = COUNT_EVENTS },
    VITAL(lcp, VITAL_LCP, UNIT_MILLISECONDS, 1, "Largest contentful paint",
          "when the largest part of a page had been drawn", "2.5 s", "4 s"),
    VITAL(inp, VITAL_INP, UNIT_MILLISECONDS, 1, "Interaction to next paint",
          "how long a page took to answer a click or a key", "200 ms", "500 ms"),
    VITAL(cls, VITAL_CLS, UNIT_SCORE, 1000, "Cumulative layout shift",
          "how much a page moved while it was read", "0.1", "0.25"),
    VITAL(fcp, VITAL_FCP, UNIT_MILLISECONDS, 1, "First contentful paint",
          "when something of a page could be seen", "1.8 s", "3 s"),
    VITAL(ttfb, VITAL_TTFB, UNIT_MILLISECONDS, 1, "Time to first byte",
          "when the server's answer began", "800 ms", "1.8 s"),
    /* Stages of life */
    { .name = "new_leads",
      .label = "New leads",
      .team = "marketing",
      .definition = "Contacts that became a lead in the period.",
      PEOPLE("lead_at") },
    { .name = "mqls",
      .label = "MQLs",
      .team = "marketing",
      .definition =
          "Contacts that became qualified by marketing in the period: their score crossed "
          "the line, or a marketer decided.",
      PEOPLE("mql_at") },
    { .name = "accepted_leads",
      .label = "Accepted leads",
      .team = "both",
      .definition = "Contacts that sales accepted for the first time in the period.",
      PEOPLE("accepted_at") },
    { .name = "opportunities",
      .label = "Opportunities",
      .team = "sales",
      .definition = "Contacts with whom the first deal was opened in the period.",
      PEOPLE("opportunity_at") },
    { .name = "new_customers",
      .label = "New customers",
      .team = "both",
      .definition = "Contacts that became a customer in the period.",
      PEOPLE("customer_at") },
    { .name = "contacts_created",
      .label = "Contacts added",
      .team = "both",
      .definition = "Contacts that were added in the period, however they came.",
      PEOPLE("created_at") },
    { .name = "customers",
      .label = "Customers",
      .team = "both",
      .definition = "Contacts that are customers or evangelists.",
      .filter = IS_CUSTOMER,
      .time = AT_NOW,
      PEOPLE(NULL) },
    { .name = "customers_at_start",
      .label = "Customers at the start",
      .team = "both",
      .definition = "Contacts that were customers or evangelists when the period began. Read from "
                    "the change log.",
      .filter = IS_CUSTOMER,
      .time = AT_START,
      PEOPLE(NULL) },
    { .name = "customers_lost",
      .label = "Customers lost",
      .team = "both",
      .less_is_better = true,
      .definition = "Contacts that became a former customer in the period and still are.",
      PEOPLE("former_at") },
    { .name = "logo_churn",
      .label = "Logo churn",
      .team = "both",
      .less_is_better = true,
      .definition = "Customers lost in the period divided by the customers at its start.",
      SHARE("customers_lost", "customers_at_start") },
    { .name = "retention_rate",
      .label = "Customer retention",
      .team = "both",
      .unit = UNIT_RATIO,
      .definition = "One minus logo churn: the share of the customers at the start of the period "
                    "that was not lost in it.",
      .source = METRIC_FORMULA,
      .formula = "1 - logo_churn" },
    { .name = "lead_to_mql_time",
      .label = "From lead to MQL",
      .team = "marketing",
      .less_is_better = true,
      .unit = UNIT_DAYS,
      .definition = "Median time from lead to MQL, of the contacts that became MQLs in the period.",
      .source = METRIC_RECORDS,
      .type = "contact",
      .aggregate = AGG_MEDIAN,
      .field = "mql_at",
      .since = "lead_at",
      .date = "mql_at",
      .channel_path = "first_channel",
      .campaign_path = "first_campaign",
      .owner_path = "owner_id" },
    { .name = "lead_to_customer_time",
      .label = "From lead to customer",
      .team = "both",
      .less_is_better = true,
      .unit = UNIT_DAYS,
      .definition = "Median time from lead to customer, of the contacts that became customers in "
                    "the period.",
      .source = METRIC_RECORDS,
      .type = "contact",
      .aggregate = AGG_MEDIAN,
      .field = "customer_at",
      .since = "lead_at",
      .date = "customer_at",
      .channel_path = "first_channel",
      .campaign_path = "first_campaign",
      .owner_path = "owner_id" },
    /* From stage to stage, period version: what happened in the period, not what became of those
     * who entered in it */
    { .name = "visitor_to_lead",
      .label = "Visitors to leads",
      .team = "marketing",
      .definition = "Period version: new leads divided by visitors of the period.",
      SHARE("new_leads", "visitors") },
    { .name = "lead_to_mql",
      .label = "Leads to MQLs",
      .team = "marketing",
      .definition = "Period version: MQLs divided by new leads of the period.",
      SHARE("mqls", "new_leads") },
    { .name = "mql_to_accepted",
      .label = "MQLs to accepted leads",
      .team = "both",
      .definition = "Period version: accepted leads divided by MQLs of the period.",
      SHARE("accepted_leads", "mqls") },
    { .name = "accepted_to_opportunity",
      .label = "Accepted leads to opportunities",
      .team = "sales",
      .definition = "Period version: opportunities divided by accepted leads of the period.",
      SHARE("opportunities", "accepted_leads") },
    { .name = "opportunity_to_customer",
      .label = "Opportunities to customers",
      .team = "sales",
      .definition = "Period version: new customers divided by opportunities of the period.",
      SHARE("new_customers", "opportunities") },
    { .name = "visitor_to_customer",
      .label = "Visitors to customers",
      .team = "both",
      .definition = "Period version: new customers divided by visitors of the period.",
      SHARE("new_customers", "visitors") },
    /* Cohort version: what has become of those who entered in the period. Young periods are low */
    { .name = "leads_now_mql",
      .label = "Leads since MQL",
      .team = "marketing",
      .definition = "Leads of the period that have become MQLs since.",
      .filter = "mql_at is not empty",
      PEOPLE("lead_at") },
    { .name = "lead_to_mql_cohort",
      .label = "Leads to MQLs, cohort",
      .team = "marketing",
      .definition = "Cohort version: of the contacts that became leads in the period, the share "
                    "that has become an MQL since.",
      SHARE("leads_now_mql", "new_leads") },
    { .name = "mqls_now_accepted",
      .label = "MQLs since accepted",
      .team = "both",
      .definition = "MQLs of the period that sales has accepted since.",
      .filter = "accepted_at is not empty",
      PEOPLE("mql_at") },
    { .name = "mql_to_accepted_cohort",
      .label = "MQLs to accepted leads, cohort",
      .team = "both",
      .definition = "Cohort version: of the contacts that became MQLs in the period, the share "
                    "that sales has accepted since.",
      SHARE("mqls_now_accepted", "mqls") },
    { .name = "accepted_now_opportunity",
      .label = "Accepted leads since opportunity",
      .team = "sales",
      .definition = "Leads accepted in the period with whom a deal was opened since.",
      .filter = "opportunity_at is not empty",
      PEOPLE("accepted_at") },
    { .name = "accepted_to_opportunity_cohort",
      .label = "Accepted leads to opportunities, cohort",
      .team = "sales",
      .definition = "Cohort version: of the leads accepted in the period, the share with whom a "
                    "deal was opened since.",
      SHARE("accepted_now_opportunity", "accepted_leads") },
    { .name = "opportunities_now_customer",
      .label = "Opportunities since customer",
      .team = "sales",
      .definition = "Opportunities of the period that have become customers since.",
      .filter = "customer_at is not empty",
      PEOPLE("opportunity_at") },
    { .name = "opportunity_to_customer_cohort",
      .label = "Opportunities to customers, cohort",
      .team = "sales",
      .definition = "Cohort version: of the contacts with whom the first deal was opened in the "
                    "period, the share that has become a customer since.",
      SHARE("opportunities_now_customer", "opportunities") },
};
const struct feature feature_metrics = { .name = "metrics", METRICS(metrics) };
