/* dashboard_ready.c -- the dashboards that a workspace begins with: ordinary records, made once, so
 * that each team can change, copy or throw them away. */
#include "bridge/dashboard_int.h"

struct ready_tile {
    const char *title, *chart, *question;
    int width, height;
};
struct ready_board {
    const char *ready, *name, *description, *team, *period; /* team: its kind; "" all */
    const struct ready_tile *tiles;
};
#define TILES(...) ((const struct ready_tile[]){ __VA_ARGS__, { 0 } })
#define ONE(metric) "{\"metrics\":[\"" metric "\"]}"

static const struct ready_board boards[] = {
    { "both", "From visit to revenue",
      "What both teams own: how many go from the first visit to a won deal, how leads are handed "
      "over, and where the money came from.",
      "", "last_90_days",
      TILES({ "Visitors", "number", ONE("visitors"), 3, 1 },
            { "New leads", "number", ONE("new_leads"), 3, 1 },
            { "Pipeline value", "number", ONE("pipeline_value"), 3, 1 },
            { "Revenue", "number", ONE("revenue"), 3, 1 },
            { "From visitor to customer", "funnel",
              "{\"metrics\":[\"visitors\",\"new_leads\",\"mqls\",\"accepted_leads\","
              "\"opportunities\",\"new_customers\"]}",
              6, 3 },
            { "Leads on their way", "line",
              "{\"metrics\":[\"new_leads\",\"mqls\",\"accepted_leads\"]}", 6, 3 },
            { "Revenue by first channel", "bar",
              "{\"metrics\":[\"revenue\"],\"dimension\":\"channel\",\"limit\":10}", 6, 2 },
            { "Hand-offs by salesperson", "table",
              "{\"metrics\":[\"leads_handed_over\",\"leads_accepted\",\"follow_up_rate\"],"
              "\"dimension\":\"owner\",\"limit\":12}",
              6, 2 },
            { "Leads accepted", "number", ONE("acceptance_rate"), 3, 1 },
            { "Answered in time", "number", ONE("follow_up_rate"), 3, 1 },
            { "Leads to MQLs", "number", ONE("lead_to_mql"), 3, 1 },
            { "Win rate", "number", ONE("win_rate"), 3, 1 }) },
    { "marketing", "Marketing: where demand comes from",
      "Visits and leads by channel, campaign and country, and what became of them.", "marketing",
      "last_30_days",
      TILES({ "Visitors", "number", ONE("visitors"), 3, 1 },
            { "Engagement rate", "number", ONE("engagement_rate"), 3, 1 },
            { "New leads", "number", ONE("new_leads"), 3, 1 },
            { "MQLs", "number", ONE("mqls"), 3, 1 },
            { "Cost per lead", "number", ONE("cost_per_lead"), 3, 1 },
            { "Return on ad spend", "number", ONE("return_on_spend"), 3, 1 },
            { "Visitors to leads", "number", ONE("visitor_to_lead"), 3, 1 },
            { "Leads to MQLs", "number", ONE("lead_to_mql"), 3, 1 },
            { "", "line", ONE("visitors"), 8, 2 },
            { "Visitors by channel", "bar",
              "{\"metrics\":[\"visitors\"],\"dimension\":\"channel\",\"limit\":8}", 4, 2 },
            { "New leads by channel", "stacked",
              "{\"metrics\":[\"new_leads\"],\"series\":\"channel\"}", 8, 2 },
            { "Leads and customers by first channel", "table",
              "{\"metrics\":[\"new_leads\",\"mqls\",\"new_customers\"],"
              "\"dimension\":\"channel\",\"limit\":10}",
              4, 2 },
            { "Visitors by country", "map", "{\"metrics\":[\"visitors\"],\"limit\":250}", 6, 3 },
            { "Visits and leads by campaign", "table",
              "{\"metrics\":[\"visits\",\"new_leads\",\"revenue\"],\"dimension\":\"campaign\","
              "\"limit\":12}",
              6, 3 },
            { "Who comes back", "heat",
              "{\"report\":\"retention\",\"ask\":{\"unit\":\"week\"},"
              "\"period\":\"last_90_days\"}",
              12, 3 }) },
    { "sales", "Sales: pipeline and won deals",
      "What is open, what was won, what was lost and why, by stage and by salesperson.", "sales",
      "this_quarter",
      TILES(
          { "Pipeline value", "number", ONE("pipeline_value"), 3, 1 },
          { "Revenue", "number", ONE("revenue"), 3, 1 },
          { "Win rate", "number", ONE("win_rate"), 3, 1 },
          { "Sales cycle", "number", ONE("sales_cycle"), 3, 1 },
          { "Weighted pipeline", "number", ONE("weighted_pipeline"), 3, 1 },
          { "Average deal size", "number", ONE("average_deal_size"), 3, 1 },
          { "Sales velocity", "number", ONE("sales_velocity"), 3, 1 },
          { "Speed to lead", "number", ONE("speed_to_lead"), 3, 1 },
          { "", "line", ONE("revenue"), 8, 2 },
          { "Open pipeline by stage", "bar",
            "{\"metrics\":[\"pipeline_value\"],\"dimension\":\"stage_id\"}", 4, 2 },
          { "Deals won and lost", "stacked", "{\"metrics\":[\"deals_won\",\"deals_lost\"]}", 6, 2 },
          { "Lost because", "bar", "{\"metrics\":[\"deals_lost\"],\"dimension\":\"lost_reason\"}",
            6, 2 },
          { "By salesperson", "table",
            "{\"metrics\":[\"revenue\",\"deals_won\",\"deals_created\",\"win_rate\","
            "\"average_deal_size\"],\"dimension\":\"owner\",\"limit\":15}",
            8, 2 },
          { "Calls and meetings", "bar",
            "{\"metrics\":[\"calls\",\"meetings\"],\"dimension\":\"owner\",\"limit\":12}", 4,
            2 }) },
    { "recurring", "Recurring revenue and retention",
      "What customers pay month after month: what came, grew, shrank and left, and how much of it "
      "stays.",
      "", "last_12_months",
      TILES({ "MRR", "number", ONE("mrr"), 3, 1 }, { "ARR", "number", ONE("arr"), 3, 1 },
            { "Net revenue retention", "number", ONE("nrr"), 3, 1 },
            { "Gross revenue retention", "number", ONE("grr"), 3, 1 },
            { "Subscribers", "number", ONE("subscribers"), 3, 1 },
            { "Subscriber churn", "number", ONE("subscriber_churn"), 3, 1 },
            { "MRR per subscriber", "number", ONE("mrr_per_subscriber"), 3, 1 },
            { "MRR that will leave", "number", ONE("leaving_mrr"), 3, 1 },
            { "What moved the MRR", "stacked",
              "{\"metrics\":[\"new_mrr\",\"expansion_mrr\",\"reactivation_mrr\","
              "\"contraction_mrr\",\"churned_mrr\"]}",
              12, 2 },
            { "", "line", ONE("mrr"), 6, 2 },
            { "By salesperson", "table",
              "{\"metrics\":[\"mrr\",\"new_mrr\",\"expansion_mrr\",\"churned_mrr\"],"
              "\"dimension\":\"owner\",\"limit\":12}",
              6, 2 }) },
    { "tickets", "Service: tickets and help",
      "How quickly customers are answered and helped, what waits, how they rate it, and how many "
      "help themselves.",
      "service", "last_30_days",
      TILES({ "Tickets created", "number", ONE("tickets_created"), 3, 1 },
            { "First response time", "number", ONE("first_response_time"), 3, 1 },
            { "Resolution time", "number", ONE("resolution_time"), 3, 1 },
            { "Customer satisfaction", "number", ONE("csat"), 3, 1 },
            { "Backlog", "number", ONE("ticket_backlog"), 3, 1 },
            { "First answers in time", "number", ONE("sla_first_response"), 3, 1 },
            { "Reopened rate", "number", ONE("reopened_rate"), 3, 1 },
            { "Deflection rate", "number", ONE("deflection_rate"), 3, 1 },
            { "Created and solved", "line",
              "{\"metrics\":[\"tickets_created\",\"tickets_solved\"]}", 8, 2 },
            { "Backlog by priority", "bar",
              "{\"metrics\":[\"ticket_backlog\"],\"dimension\":\"priority\"}", 4, 2 },
            { "By queue", "table",
              "{\"metrics\":[\"tickets_created\",\"ticket_backlog\",\"first_response_time\","
              "\"csat\"],\"dimension\":\"queue_id\",\"limit\":12}",
              6, 2 },
            { "By colleague", "table",
              "{\"metrics\":[\"tickets_solved\",\"ticket_backlog\",\"first_response_time\","
              "\"csat\"],\"dimension\":\"owner\",\"limit\":15}",
              6, 2 },
            { "By priority", "table",
              "{\"metrics\":[\"first_response_time\",\"resolution_time\",\"csat\"],"
              "\"dimension\":\"priority\"}",
              6, 2 },
            { "By the customer's industry", "table",
              "{\"metrics\":[\"tickets_created\",\"resolution_time\",\"csat\"],"
              "\"dimension\":\"company_id.industry\",\"limit\":10}",
              6, 2 },
            { "Help articles read", "line", ONE("article_reads"), 6, 2 },
            { "Searches without a result", "line", ONE("help_searches_empty"), 6, 2 }) },
    { "service", "Service: customers after the sale",
      "What is known of customers today: new ones, talks with them, and whether they come back to "
      "the sites.",
      "service", "last_12_months",
      TILES({ "New customers", "number", ONE("new_customers"), 3, 1 },
            { "Revenue per company", "number", ONE("revenue_per_company"), 3, 1 },
            { "Calls", "number", ONE("calls"), 3, 1 },
            { "Meetings", "number", ONE("meetings"), 3, 1 },
            { "", "line", "{\"metrics\":[\"calls\",\"meetings\"]}", 8, 2 },
            { "New customers by first channel", "bar",
              "{\"metrics\":[\"new_customers\"],\"dimension\":\"channel\",\"limit\":8}", 4, 2 },
            { "Customers who come back to the sites after a won deal", "heat",
              "{\"report\":\"retention\",\"ask\":{\"start\":\"deal_won\",\"return\":\"visit\","
              "\"unit\":\"month\"}}",
              12, 3 }) },
};

static enum status find_team(struct ctx *cx, const char *kind, i64 *id)
{
    const struct record_type *t = type_find(cx, "team");
    struct row *team;
    enum status s = kind[0] && t ? record_find(cx, t, "kind", kind, &team) : E_NOT_FOUND;

    *id = 0;
    if (s == E_NOT_FOUND) { /* there is no such team: then it is everybody's */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    *id = row_id(team);
    return OK;
}

static enum status make_tiles(struct ctx *cx, const struct ready_tile *tiles, i64 dashboard)
{
    struct row *rows[BOARD_TILES_MAX];
    size_t count = 0;

    for (; tiles[count].chart; count++) {
        struct row *r = row_new(cx, &tile_type);
        row_set_i64(r, TILE_DASHBOARD, dashboard);
        row_set_text(r, TILE_TITLE, tiles[count].title);
        row_set_text(r, TILE_CHART, tiles[count].chart);
        row_set_text(r, TILE_QUESTION, tiles[count].question);
        row_set_i64(r, TILE_POSITION, (i64)(count + 1) * 10);
        row_set_i64(r, TILE_WIDTH, tiles[count].width);
        row_set_i64(r, TILE_HEIGHT, tiles[count].height);
        rows[count] = r;
    }
    return record_save_many(cx, rows, count);
}

static enum status make(struct ctx *cx, const struct ready_board *b)
{
    struct row *r = row_new(cx, &dashboard_type);
    i64 team;

    TRY(find_team(cx, b->team, &team));
    row_set_text(r, DASHBOARD_NAME, b->name);
    row_set_text(r, DASHBOARD_DESCRIPTION, b->description);
    row_set_text(r, DASHBOARD_PERIOD, b->period);
    row_set_text(r, DASHBOARD_READY, b->ready);
    if (team)
        row_set_i64(r, DASHBOARD_TEAM, team);
    TRY(record_save(cx, r));
    return make_tiles(cx, b->tiles, row_id(r));
}

enum status board_make_ready(struct ctx *cx)
{
    i64 count;

    for (size_t i = 0; i < countof(boards); i++) {
        TRY(db_get_i64(cx, &count, "dashboard.ready_count", TEXT("ready", boards[i].ready)));
        if (count == 0)
            TRY(make(cx, &boards[i]));
    }
    return OK;
}
