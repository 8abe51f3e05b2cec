/* demo_int.h -- the inside of the demo company. One struct sim holds the whole story; time is a
 * heap of steps, and each step does what somebody did at that moment. Visits are the exception:
 * they write no records, so their events are gathered and appended in batches. */
#pragma once
#include "bridge/channel.h"
#include "demo/demo.h"
#include "journey/journey.h"
#include "kit/kit.h"

/* ---- random.c: the same on every machine ---- */
struct rng {
    u64 s[4];
};
enum spread { SPREAD_NARROW, SPREAD_USUAL, SPREAD_WIDE };
void rng_seed(struct rng *r, u64 seed);
u64 rng_next(struct rng *r);
u32 rng_below(struct rng *r, u32 n);               /* 0 to n - 1 */
int rng_between(struct rng *r, int low, int high); /* both included */
bool rng_percent(struct rng *r, int percent);
bool rng_ppm(struct rng *r, i64 ppm);
size_t rng_weighted(struct rng *r, const u16 *weights, size_t count);
i64 rng_spread(struct rng *r, enum spread how, i64 median); /* long-tailed, as waiting is */

/* ---- words.c ---- */
enum culture { CULTURE_DE, CULTURE_EN, CULTURE_FR, CULTURE_IT, CULTURE_NL, CULTURES };
enum { COUNTRIES = 9 };
struct country {
    const char *name, *code, *language, *currency;
    enum culture culture;
    u16 weight;
    const char *phone; /* three digits follow */
    const char *const *cities;
};
extern const struct country countries[COUNTRIES];
extern const char *const crops[], *const products[], *const competitors[]; /* ended by NULL */
const char *word_pick(struct rng *r, const char *const *list);
const char *word_first(struct rng *r, enum culture c);
const char *word_last(struct rng *r, enum culture c);
const char *word_company(struct arena *a, struct rng *r, const struct country *c,
                         const char **industry);
const char *word_job(struct rng *r, const char *industry, u8 *worth); /* as a buyer, 0 to 100 */
const char *word_plain(struct arena *a, const char *text, bool dashes);

/* ---- texts.c ---- */
enum text_kind {
    TEXT_CALL_SUBJECT,
    TEXT_REACHED,
    TEXT_DEAL_CALL_SUBJECT,
    TEXT_DEAL_CALL,
    TEXT_LAST_CALL,
    TEXT_MISSED,
    TEXT_MESSAGE,
    TEXT_MEETING_SUBJECT,
    TEXT_MEETING,
    TEXT_NOTE,
    TEXT_TASK,
    TEXT_MAIL_SUBJECT,
    TEXT_MAIL,
    TEXT_NEXT_STEP,
    TEXT_DEAL,
    TEXT_EXPANSION,
    TEXT_HANDOFF_REASON,
    TEXT_HANDOFF_NOTE,
    TEXT_FORM_MESSAGE,
    TEXT_COMMENT,
    TEXT_LOST_PRICE,
    TEXT_LOST_COMPETITOR,
    TEXT_LOST_BUDGET,
    TEXT_LOST_FEATURE,
    TEXT_LOST_TIMING,
    TEXT_LOST_SILENT,
    TEXT_LOST_FIT,
    TEXT_NO_BUDGET,
    TEXT_NO_NEED,
    TEXT_WRONG_PERSON,
    TEXT_NOT_REACHED,
    TEXT_TOO_EARLY,
    TEXT_BOUGHT,
    TEXT_BAD_DATA,
    TEXT_DUPLICATE,
    TEXT_ACCEPTED,
    TEXT_COMPANY,
    TEXT_KINDS
};
struct told { /* whom a text is about */
    const char *first, *last, *company, *town, *by, *competitor;
};
const char *text_about(struct arena *a, struct rng *r, enum text_kind kind, const struct told *t);

/* ---- places.c: the web site, and the ways to it ---- */
enum page_group {
    PAGE_HOME,
    PAGE_PRODUCT,
    PAGE_SOLUTION,
    PAGE_PRICING,
    PAGE_CUSTOMERS,
    PAGE_BLOG,
    PAGE_GUIDE,
    PAGE_DOCS,
    PAGE_COMPANY,
    PAGE_FORM,
    PAGE_GROUPS
};
enum { PAGES_MAX = 64, ORIGINS_MAX = 1000, CAMPAIGNS_MAX = 40 };
struct page {
    const char *path, *title;
    enum page_group group;
    u16 weight;
};
extern const struct page pages[];
extern const size_t page_count;
size_t page_named(const char *path); /* aborts on an unknown one */

enum form_kind { FORM_DEMO, FORM_NEWSLETTER, FORM_GUIDE, FORM_CONTACT, FORMS };

enum way {
    WAY_ORGANIC,
    WAY_DIRECT,
    WAY_SEARCH_AD,
    WAY_REFERRAL,
    WAY_NEWSLETTER,
    WAY_SOCIAL,
    WAY_SOCIAL_AD,
    WAY_AI,
    WAY_DISPLAY,
    WAY_PARTNER,
    WAY_EVENT,
    WAYS
};
struct way_traits {
    u16 first, last;   /* weight among new visitors at the story's begin and end */
    u16 form_percent;  /* how readily a visitor leaves a form, 100 is usual */
    u8 fit;            /* 0 to 100: how well they suit the product, in the mean */
    u8 intent[3];      /* out of 10: browsing, reading, evaluating */
    u16 forms[FORMS];  /* which form they leave */
};
extern const struct way_traits way_traits[WAYS];

/* A way of arriving, interned as collect.c does. */
struct origin {
    u32 touch, source, campaign;
    u8 channel;
    const char *source_text, *medium_text, *campaign_text, *click_id;
    int landing; /* page, or -1: any */
};
struct campaign {
    const struct campaign_plan *plan;
    const char *code;
    i64 from_ms, to_ms, id, budget_minor;
    u16 first_origin, origin_count;
};

/* ---- who and what ---- */
struct tally { /* what score.c counts, kept as it grows */
    u8 forms, pricing, demo, customers, views, days, careers;
    u8 asked, wrote, letters; /* forms that ask for a demo, that ask something; clicks in letters */
    i32 last_day;
};
struct visitor {
    u32 person, client;
    i32 contact; /* index, -1: a stranger */
    u16 country_code, first_origin, visits;
    u8 country, device, fit, intent, first_page, way;
    bool consents;
    struct tally tally;
    i64 first_ms, last_ms;
};
enum lead_state { LEAD_NEW, LEAD_WAITS, LEAD_REFUSED, LEAD_TAKEN, LEAD_BUYS, LEAD_CUSTOMER };
struct contact {
    i64 id, meeting_id;
    i64 quiet_until; /* a recycled lead is left alone for a while */
    const char *first, *last, *job; /* job: NULL without a company */
    i32 company, visitor; /* -1: none */
    u32 score;
    u8 country, fit, way, state, rep, deals;
    u8 job_worth, promise; /* promise: when it reached sales */
    bool quick;            /* sales answered within hours */
    bool subscribed, has_phone;
    struct tally tally;
};
struct firm {
    i64 id;
    const char *name, *domain, *industry, *town;
    i32 first_contact;
    u16 employees, contacts;
    u8 country, rep, suits;
    bool known_well; /* somebody has filled its record in */
};
struct handoff {
    i64 id, made_ms;
    u32 contact;
    u8 rep;
};
struct task {
    i64 id;
    u8 rep;
};
struct deal {
    i64 id, made_ms;
    u32 contact;
    i32 firm;
    u8 rep, stage, chance, tries; /* chance: 100 is usual */
    bool ours;                    /* began with a customer or with us, not with a hand-off */
    const char *competitor;
};
#define LIST(T)            \
    struct {               \
        T *at;             \
        size_t count, cap; \
    }
#define LIST_ADD(list)                                                                       \
    ((list)->at = list_room((list)->at, (list)->count, &(list)->cap, sizeof *(list)->at), \
     &(list)->at[(list)->count++])
void *list_room(void *at, size_t count, size_t *cap, size_t each); /* owned: free */

enum team { TEAM_MARKETING, TEAM_SALES, TEAM_SERVICE, TEAM_ADMIN };
struct colleague {
    const char *name, *email, *title, *role, *team;
    enum team works_in;
    u8 skill, speed, care; /* 100 is usual: wins more; answers faster; writes more down */
    u8 since_percent;      /* of the story: when they began */
};
enum { COLLEAGUES = 12 };
extern const struct colleague colleagues[COLLEAGUES];

/* ---- time ---- */
enum step_kind {
    STEP_DAY,
    STEP_VISIT,
    STEP_FORM,
    STEP_CROSS,
    STEP_MANUAL,
    STEP_LAST_LEAD,
    STEP_ANSWER,
    STEP_CALL,
    STEP_MEETING,
    STEP_TASK,
    STEP_OPEN_DEAL,
    STEP_DEAL,
    STEP_DEAL_MOVE,
    STEP_EXPAND,
    STEP_FIRM,
    STEP_NEWSLETTER,
    STEP_FAIR,
    STEP_CAMPAIGN,
    STEP_READ,
    STEP_SPAM,
    STEP_NUMBERS,
    STEP_LEAVE,
    STEP_RULES,
    STEP_KINDS
};
struct step {
    i64 at;
    u32 order; /* of equal times: the earlier made first */
    u32 who;   /* index of what it is about */
    u16 more;  /* origin of a visit; how often it was tried */
    u8 kind, form; /* form: left at the end of a visit, plus one; 0: none */
};

enum { STAGES = 7, STAGE_WON_AT = 5, STAGE_LOST_AT = 6 };
/* An issue of the monthly letter: who read it by then, and whose visit began with it. */
struct letter_issue {
    i64 at;
    size_t first, readers, first_click, clicks;
};
struct letter_click {
    u32 contact;
    i64 at;
};
struct sim {
    struct ctx cx; /* arena: emptied after each chunk; clock: below */
    struct clock clock;
    struct db *own_db; /* or NULL */
    struct arena *work, *keep;
    struct rng rng;
    struct rng side_rng; /* of what the story does not depend on */
    struct demo_options o;
    const struct zone *zone;
    i64 begin_ms, end_ms, begin_day, end_day;
    bool in_chunk; /* a chunk has begun: it may not begin twice */
    bool over;

    LIST(struct step) heap;
    u32 order;
    LIST(struct visitor) visitors;
    LIST(struct contact) contacts;
    LIST(struct firm) firms;
    LIST(struct handoff) handoffs;
    LIST(struct task) tasks;
    LIST(struct deal) deals;
    LIST(u32) firms_of[COUNTRIES];
    LIST(u32) *returns; /* by day: visitors who come back */
    u64 *taken;         /* set of hashes: names and addresses in use */
    size_t taken_count, taken_cap;

    /* the web */
    u32 site, page_code[PAGES_MAX];
    const char *page_props[PAGES_MAX];
    u16 kind_view, kind_engagement, kind_action, kind_performance;
    u32 action_code[PAGE_GROUPS];
    struct origin origins[ORIGINS_MAX];
    size_t origin_count;
    struct { /* origins of a way without a campaign */
        u16 first, count;
    } plain[WAYS];
    struct campaign campaigns[CAMPAIGNS_MAX];
    size_t campaign_count;
    LIST(struct event) events;   /* not yet appended */
    LIST(struct journey_link) links;
    struct arena *event_texts;
    i64 *day_goal; /* events by the end of each day, all together */
    i64 written;   /* events so far */
    i64 visits_made, visit_events;

    LIST(struct letter_issue) letters;
    LIST(u32) letter_readers;
    LIST(struct letter_click) letter_clicks;
    i64 *letter_left; /* by contact: when they unsubscribed; 0: they did not */
    size_t letter_at;  /* the next to be told */
    bool more_letters;

    /* people at work */
    i64 user_ids[COLLEAGUES];
    const struct access *access[COLLEAGUES];
    int next_rep;
    bool ruled; /* rules say whose a lead is */
    i64 form_ids[FORMS], pipeline_id, stage_ids[STAGES];
    i64 rival_ids[8], card_id; /* as many as there are competitors; the card of the last stage */
    const struct record_type *submission, *activity, *campaign, *form, *site_type;
    i64 leads_by_web;
    struct demo_numbers numbers;
};

/* ---- sim.c: the heap, the clock, the chunks ---- */
struct step *sim_at(struct sim *s, i64 at, enum step_kind kind, u32 who);
void sim_as(struct sim *s, int colleague); /* -1: the program itself */
i64 sim_now(const struct sim *s);
/* The moment that many working minutes later, or before. */
i64 sim_work_after(struct sim *s, i64 from_ms, i64 minutes);
i64 sim_work_before(struct sim *s, i64 from_ms, i64 minutes);
bool sim_next(struct sim *s, struct step *out); /* takes the next step off; false: the end */
bool set_add(struct sim *s, const char *text); /* false: it is taken */
int sim_permille(const struct sim *s); /* how far the story is */

/* ---- email.c: at the end of the story ---- */
MUST_CHECK enum status email_threads(struct sim *s);

/* ---- setup.c ---- */
MUST_CHECK enum status setup_company(struct sim *s);

/* ---- cards.c ---- */
MUST_CHECK enum status make_cards(struct sim *s);
MUST_CHECK enum status rival_met(struct sim *s, i64 deal, u32 index);
MUST_CHECK enum status card_used(struct sim *s, i64 deal);
void put_text(struct row *r, const char *field, const char *text);
void put_i64(struct row *r, const char *field, i64 v);
void put_money(struct row *r, const char *field, i64 minor, const char *currency);

/* ---- content.c ---- */
MUST_CHECK enum status content_make(struct sim *s); /* brand and mails */
MUST_CHECK enum status flows_make(struct sim *s);   /* automation, outside of transactions */

/* ---- places.c ---- */
void places_open(struct sim *s);
void campaigns_plan(struct sim *s);
MUST_CHECK enum status campaign_step(struct sim *s, u32 which);
u16 origin_pick(struct sim *s, enum way *way);
u16 origin_of_newsletter(struct sim *s);
int form_page(enum form_kind f);
u16 campaign_origin(struct sim *s, u32 which);

/* ---- segment.c ---- */
/* arg: the sim. Once everything else has happened. */
MUST_CHECK enum status segment_story(struct ctx *cx, void *arg);

/* ---- consent.c ---- */
/* At the end of the story; arg is the sim. */
MUST_CHECK enum status consent_story(struct ctx *cx, void *arg);

/* ---- traffic.c ---- */
MUST_CHECK enum status traffic_setup(struct sim *s, i64 site_id);
i64 page_speed(struct sim *s, const struct visitor *v, int page); /* vitals, packed; 0: not told */

/* ---- visits.c ---- */
extern const char *const page_actions[PAGE_GROUPS]; /* what readers do there; NULL: nothing */
void days_plan(struct sim *s);
void day_step(struct sim *s, i64 day);
void visit_step(struct sim *s, const struct step *step);
void newsletter_step(struct sim *s);
void visitor_returns(struct sim *s, u32 visitor, i64 days);
int tally_score(const struct tally *t);

/* ---- suits.c ---- */
u8 firm_suits(const struct firm *f);
u8 contact_fit(const struct sim *s, const struct contact *c, int own);
/* How likely somebody buys, by who they are and what they have shown until now, 0 to 100. */
u8 contact_promise(const struct contact *c);

/* ---- people.c ---- */
/* When a form's kind is picked: what this way's visitors leave. */
MUST_CHECK enum status form_step(struct sim *s, u32 visitor, enum form_kind f);
MUST_CHECK enum status spam_step(struct sim *s);
MUST_CHECK enum status fair_step(struct sim *s, u32 campaign);
MUST_CHECK enum status firm_step(struct sim *s, u32 firm);
/* A contact whom a salesperson met; *index is theirs. */
MUST_CHECK enum status contact_met(struct sim *s, int rep, i32 firm, u32 *index);
struct told told_of(struct sim *s, u32 contact, int rep);

/* ---- broadcast.c ---- */
void letter_goes(struct sim *s);
void letter_click(struct sim *s, u32 contact, i64 at);
void letters_free(struct sim *s);
/* After the story: the letters as broadcasts, one a call. */
MUST_CHECK enum status letters_begin(struct sim *s);
MUST_CHECK enum status letters_next(struct sim *s, bool *more);
MUST_CHECK enum status letters_end(struct sim *s);

/* ---- leads.c ---- */
void lead_look(struct sim *s, u32 contact, i64 at);
MUST_CHECK enum status cross_step(struct sim *s, u32 contact);
MUST_CHECK enum status manual_step(struct sim *s, u32 contact, bool waits);
/* At the story's end: the best lead that is left is handed over, and nobody has answered yet. */
MUST_CHECK enum status last_lead_step(struct sim *s, bool of_sign_in);
MUST_CHECK enum status answer_step(struct sim *s, u32 handoff);
MUST_CHECK enum status call_step(struct sim *s, u32 contact, u16 tries);
MUST_CHECK enum status meeting_step(struct sim *s, u32 contact);
MUST_CHECK enum status task_step(struct sim *s, u32 task);
MUST_CHECK enum status activity_log(struct sim *s, const char *kind, u32 contact, i64 deal_id,
                                    const char *subject, const char *body, const char *outcome,
                                    int minutes);
MUST_CHECK enum status task_add(struct sim *s, u32 contact, i64 deal_id, int rep, i64 due_ms);

/* ---- deals.c ---- */
MUST_CHECK enum status deal_open_step(struct sim *s, u32 contact, bool ours);
MUST_CHECK enum status deal_step(struct sim *s, u32 deal);
MUST_CHECK enum status deal_move_step(struct sim *s, u32 deal);
MUST_CHECK enum status expand_step(struct sim *s);

/* ---- numbers.c ---- */
void numbers_plan(struct sim *s);
MUST_CHECK enum status numbers_step(struct sim *s, u32 half);
/* Of a customer: when, if at all, they will leave. */
void leaving_plan(struct sim *s, u32 contact);
MUST_CHECK enum status leave_step(struct sim *s, u32 contact);

/* ---- forecast.c ---- */
/* At the end of the story; arg is the sim. */
MUST_CHECK enum status forecast_story(struct ctx *cx, void *arg);

/* ---- money.c ---- */
/* Invoices and payments of the last half year; arg: the sim. */
MUST_CHECK enum status money_story(struct ctx *cx, void *arg);
/* ---- ticket.c ---- */
/* At the end of the story; arg is the sim. */
MUST_CHECK enum status tickets_story(struct ctx *cx, void *arg);
/* ---- help.c: after the tickets ---- */
MUST_CHECK enum status help_story(struct ctx *cx, void *arg);
/* together.c: the last of all that is told. */
MUST_CHECK enum status together_story(struct ctx *cx, void *arg);

/* ---- form.c, chat.c ---- */
MUST_CHECK enum status forms_more(struct sim *s);
MUST_CHECK enum status forms_counted(struct sim *s); /* views, starts and posts by day and source */
MUST_CHECK enum status chats_make(struct sim *s);

/* ---- quote.c: at the end of the story ---- */
MUST_CHECK enum status quotes_make(struct sim *s);

/* ---- meeting.c ---- */
MUST_CHECK enum status meetings_make(struct sim *s);

/* ---- relation.c ---- */
MUST_CHECK enum status relations_make(struct sim *s);

/* ---- assignment.c ---- */
MUST_CHECK enum status assignment_step(struct sim *s); /* from now on rules say whose leads are */
MUST_CHECK enum status absence_make(struct sim *s);
/* What is known of open deals and waiting leads (qualify.c). */
MUST_CHECK enum status qualify_make(struct sim *s);
/* ---- handover.c: of what was won in the last weeks; the clock ends anywhere ---- */
MUST_CHECK enum status handovers_make(struct sim *s);
MUST_CHECK enum status plans_make(struct sim *s);

/* ---- subscription.c: at the end of the story, over the won deals ---- */
MUST_CHECK enum status subscriptions_make(struct sim *s);
