/* score_learn.c -- learning which leads are won. Those that sales closed are looked at as they were
 * when they reached it; a quarter of them is held back, and only on these the model is judged,
 * beside the points that the rules gave the very same people at the same moments. */
#include "marketing/score_learn.h"
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "marketing/score_int.h"
#include "store/queue.h"
#include <math.h>
#include <stdlib.h>

enum {
    LEADS_MAX = 50 * 1000, /* the newest */
    PAGES_MAX = 30,        /* that are looked at */
    VALUES_MAX = 24,       /* of industries, countries, channels each */
    FOLDS = 5,
    HELD_BACK = 4, /* one in so many is */
    BAND_LEAST = 20,
    SUPPORT_PERCENT = 3, /* of the leads must have something, or it says nothing */
};
static const double AUC_LEAST = 0.55; /* less is hardly better than a coin */
static const double lambdas[] = { 1, 3, 10, 30, 100, 300 };

static const struct field model_fields[] = {
    [MODEL_MADE_AT] = { "made_at", FIELD_TIME, "Learned", LISTED | INDEXED },
    [MODEL_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED,
                       .choices = CHOICES({ "serving", "Serving", "green" },
                                          { "refused", "Refused", "amber" },
                                          { "retired", "Retired", "gray" }) },
    [MODEL_REASON] = { "reason", FIELD_TEXT, "Why", LISTED, .max_len = 300 },
    [MODEL_LEADS] = { "leads", FIELD_INT, "Leads", LISTED },
    [MODEL_WON] = { "won", FIELD_INT, "Of them won", LISTED },
    [MODEL_AUC] = { "auc", FIELD_DECIMAL, "AUC, held back", LISTED, .scale = 3 },
    [MODEL_RULES_AUC] = { "rules_auc", FIELD_DECIMAL, "AUC of the rules", LISTED, .scale = 3 },
    [MODEL_BRIER] = { "brier", FIELD_DECIMAL, "Brier score", 0, .scale = 3 },
    [MODEL_ECE] = { "calibration_error", FIELD_DECIMAL, "Calibration error", LISTED, .scale = 3 },
    [MODEL_BODY] = { "body", FIELD_JSON, "Model", INTERNAL },
};
_Static_assert(countof(model_fields) == MODEL_FIELDS, "enum and table differ");

struct learned {
    struct feature_of *features;
    size_t count;
    double bias;
    struct platt platt;
};

/* ---- who was won and who was lost ---- */

struct lead {
    i64 contact, at_ms; /* when it reached sales */
    bool won, lost, open;
    u32 number; /* of the journey; 0: none */
    bool held_back;
    i64 points; /* of the rules, at that moment */
    float *x;
};
struct leads {
    struct ctx *cx;
    struct lead *list;
    size_t count, room;
};

static struct lead *lead_of(struct leads *all, i64 contact)
{
    if (all->count == all->room) {
        size_t room = all->room ? all->room * 2 : 1024;
        struct lead *more = NEW_N(all->cx->arena, struct lead, room);
        if (all->count)
            memcpy(more, all->list, all->count * sizeof *more);
        all->list = more;
        all->room = room;
    }
    struct lead *l = &all->list[all->count++];
    *l = (struct lead){ .contact = contact, .at_ms = INT64_MAX };
    return l;
}

/* One entry a deal, a hand-off or a customer; those of one contact become one afterwards. */
static enum status take_deal(struct ctx *cx, struct row *r, void *arg)
{
    struct leads *all = arg;
    const struct record_type *t = row_type(r);
    const char *status = row_text(r, type_field(t, "status"));
    i64 contact = row_i64(r, type_field(t, "contact_id"));

    (void)cx;
    if (contact == 0)
        return OK;
    struct lead *l = lead_of(all, contact);
    l->at_ms = row_created_at(r);
    l->won = text_is(status, "won");
    l->lost = text_is(status, "lost");
    l->open = !l->won && !l->lost;
    return OK;
}

static enum status take_handoff(struct ctx *cx, struct row *r, void *arg)
{
    struct lead *l = lead_of(arg, row_i64(r, HANDOFF_CONTACT));
    const char *status = row_text(r, HANDOFF_STATUS);

    (void)cx;
    l->at_ms = row_created_at(r);
    l->lost = text_is(status, "rejected");
    return OK;
}

static enum status take_customer(struct ctx *cx, struct row *r, void *arg)
{
    struct lead *l = lead_of(arg, row_id(r));

    (void)cx;
    l->at_ms = row_i64(r, CONTACT_CUSTOMER_AT);
    l->won = true;
    return OK;
}

static int by_contact(const void *pa, const void *pb)
{
    const struct lead *a = pa, *b = pb;

    return (a->contact > b->contact) - (a->contact < b->contact);
}

static int newest_first(const void *pa, const void *pb)
{
    const struct lead *a = pa, *b = pb;

    return (a->at_ms < b->at_ms) - (a->at_ms > b->at_ms);
}

/* A number that is the same for a contact each time: who is held back does not change by chance. */
static bool is_held_back(i64 contact)
{
    u64 h = (u64)contact;

    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return (h ^ h >> 31) % HELD_BACK == 0;
}

/* Each contact once, as it first reached sales; only those of which is known how it ended. */
static void settle(struct leads *all)
{
    size_t kept = 0;

    if (all->count == 0)
        return;
    qsort(all->list, all->count, sizeof *all->list, by_contact);
    for (size_t i = 0; i < all->count;) {
        struct lead one = all->list[i];
        for (; i < all->count && all->list[i].contact == one.contact; i++) {
            one.won |= all->list[i].won;
            one.lost |= all->list[i].lost;
            one.open |= all->list[i].open;
            if (all->list[i].at_ms < one.at_ms)
                one.at_ms = all->list[i].at_ms;
        }
        one.held_back = is_held_back(one.contact);
        if (one.won || (one.lost && !one.open))
            all->list[kept++] = one;
    }
    all->count = kept;
    if (all->count > LEADS_MAX) {
        qsort(all->list, all->count, sizeof *all->list, newest_first);
        all->count = LEADS_MAX;
    }
}

static enum status read_leads(struct ctx *cx, struct leads *all)
{
    *all = (struct leads){ .cx = NEW(cx->arena, struct ctx) };
    *all->cx = *cx; /* list_each has an arena of its own while it calls */
    const struct record_type *deal = type_find(cx, "deal");
    if (deal)
        TRY(list_each(cx, deal, "", take_deal, all));
    TRY(list_each(cx, &handoff_type, "", take_handoff, all));
    TRY(list_each(cx, &contact_type, "customer_at is not empty", take_customer, all));
    settle(all);
    for (size_t i = 0; i < all->count; i++)
        all->list[i].number = cx->journey ? journey_person_find(cx->journey, PERSON_CONTACT,
                                                                (u64)all->list[i].contact)
                                          : 0;
    return OK;
}

/* ---- what could be looked at ---- */

static int by_number(const void *pa, const void *pb)
{
    const struct lead *a = pa, *b = pb;

    return (a->number > b->number) - (a->number < b->number);
}

struct counted {
    u32 code;
    u32 leads;
    u32 last; /* the lead that was counted last */
};
struct support {
    struct leads *leads;
    struct counted *pages; /* open addressing by code */
    u32 room;
    u32 kinds[256];
    u32 seen;
};

static void count_page(struct support *s, u32 code)
{
    u32 at = code * 2654435761u & (s->room - 1);

    for (u32 tries = 0; tries < 64; tries++, at = (at + 1) & (s->room - 1)) {
        struct counted *c = &s->pages[at];
        if (c->code != code && c->code != 0)
            continue;
        c->code = code;
        c->leads += c->last != s->seen;
        c->last = s->seen;
        return;
    }
}

static struct lead *lead_at(struct leads *all, u32 number)
{
    struct lead key = { .number = number };

    return bsearch(&key, all->list, all->count, sizeof key, by_number);
}

static void count_support(void *acc, const struct journey_view *v)
{
    struct support *s = acc;
    const struct lead *l = lead_at(s->leads, v->person);
    bool kinds[256] = { false };

    if (l == NULL)
        return;
    s->seen++;
    for (size_t i = 0; i < v->count && v->events[i].at_ms <= l->at_ms; i++) {
        if (v->events[i].kind < countof(kinds))
            kinds[v->events[i].kind] = true;
        if (v->events[i].page)
            count_page(s, v->events[i].page);
    }
    for (size_t k = 0; k < countof(kinds); k++)
        s->kinds[k] += kinds[k];
}

static enum status walk_leads(struct ctx *cx, struct leads *all, u32 columns, bool props,
                              void (*visit)(void *, const struct journey_view *), void *acc)
{
    u32 *numbers = NEW_N(cx->arena, u32, all->count + 1);
    struct journey_plan plan = {
        .people = numbers, .columns = columns, .props = props, .visit = visit
    };

    qsort(all->list, all->count, sizeof *all->list, by_number);
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].number)
            numbers[plan.people_count++] = all->list[i].number;
    return plan.people_count ? journey_walk(cx, cx->journey, &plan, &acc, 1) : OK;
}

struct features {
    struct feature_of *list;
    size_t count;
};

static void add_feature(struct ctx *cx, struct features *fs, enum feature_kind kind,
                        const char *value, int days)
{
    struct feature_of *f = &fs->list[fs->count++];

    (void)feature_read(
        cx, feature_name(cx, &(struct feature_of){ .kind = kind, .value = value, .days = days }),
        f);
}

static int most_leads(const void *pa, const void *pb)
{
    const struct counted *a = pa, *b = pb;

    if (a->leads != b->leads)
        return a->leads < b->leads ? 1 : -1;
    return (a->code > b->code) - (a->code < b->code);
}

/* Texts of the profile that enough leads have. */
struct values {
    const char *text[VALUES_MAX];
    size_t count[VALUES_MAX], used;
};

static void count_value(struct ctx *cx, struct values *v, const char *text)
{
    size_t i = 0;

    if (text_empty(text))
        return;
    while (i < v->used && !text_is(v->text[i], text))
        i++;
    if (i == v->used && v->used < VALUES_MAX)
        v->text[v->used++] = arena_text(cx->arena, text);
    if (i < v->used)
        v->count[i]++;
}

static void add_values(struct ctx *cx, struct features *fs, enum feature_kind kind,
                       const struct values *v, size_t least)
{
    for (size_t i = 0; i < v->used; i++)
        if (v->count[i] >= least)
            add_feature(cx, fs, kind, v->text[i], 0);
}

static enum status profile_values(struct ctx *cx, struct leads *all, struct features *fs,
                                  size_t least)
{
    struct values channels = { 0 }, countries = { 0 }, industries = { 0 };

    for (size_t i = 0; i < all->count; i++) {
        scoped(arena_close) struct arena *a = arena_new(16 * 1024);
        struct ctx part = *cx;
        struct row *contact, *company;
        part.arena = a;
        if (record_get(&part, &contact_type, all->list[i].contact, &contact) != OK)
            continue; /* gone; cx has no text of it */
        count_value(cx, &channels, row_text(contact, CONTACT_CHANNEL));
        count_value(cx, &countries, row_text(contact, CONTACT_COUNTRY));
        if (row_has(contact, CONTACT_COMPANY) &&
            record_get_named(&part, "company", row_i64(contact, CONTACT_COMPANY), &company) == OK)
            count_value(cx, &industries,
                        row_text(company, type_field(row_type(company), "industry")));
    }
    add_values(cx, fs, FEATURE_CHANNEL, &channels, least);
    add_values(cx, fs, FEATURE_COUNTRY, &countries, least);
    add_values(cx, fs, FEATURE_INDUSTRY, &industries, least);
    return OK;
}

/* What enough leads have: kinds of events, pages, values of the profile. */
static enum status choose_features(struct ctx *cx, struct leads *all, struct features *fs)
{
    struct support *s = NEW(cx->arena, struct support);
    size_t least = all->count * SUPPORT_PERCENT / 100 + 1;

    *s = (struct support){ .leads = all, .room = 1 << 16 };
    s->pages = NEW_N(cx->arena, struct counted, s->room);
    fs->list = NEW_N(cx->arena, struct feature_of,
                     2 * countof(s->kinds) + PAGES_MAX + 3 * VALUES_MAX + FEATURE_KINDS);
    if (cx->journey)
        TRY(walk_leads(cx, all, READ_PAGE, false, count_support, s));
    for (u16 k = 1; k < countof(s->kinds); k++) {
        const struct event_kind *kind = kit_event_kind_by_code(cx->kit, k);
        /* What sales does follows from its own judgement; what is passive nobody did. */
        if (kind == NULL || s->kinds[k] < least ||
            (kind->flags & (KIND_SALES | KIND_CHAPTER | KIND_PASSIVE)))
            continue;
        add_feature(cx, fs, FEATURE_EVENTS, kind->name, 30);
        add_feature(cx, fs, FEATURE_EVENTS, kind->name, 0);
    }
    qsort(s->pages, s->room, sizeof *s->pages, most_leads);
    for (size_t i = 0; i < PAGES_MAX && s->pages[i].leads >= least; i++)
        if (s->pages[i].leads <= all->count - least)
            add_feature(cx, fs, FEATURE_PAGE,
                        journey_name(cx->journey, DICT_PAGE, s->pages[i].code), 0);
    for (enum feature_kind k = FEATURE_DAYS; k <= FEATURE_CHANNELS; k++)
        add_feature(cx, fs, k, "", 0);
    add_feature(cx, fs, FEATURE_SIZE, "", 0);
    add_feature(cx, fs, FEATURE_DECIDER, "", 0);
    add_feature(cx, fs, FEATURE_FREE_MAIL, "", 0);
    return profile_values(cx, all, fs, least);
}

/* ---- the matrix ---- */

struct seeing {
    struct ctx *cx;
    struct leads *leads;
    const struct features *fs;
    const struct score_rules *rules;
    struct score_tally *tallies; /* of the rules, one set a lead */
};

static void see_lead(void *acc, const struct journey_view *v)
{
    struct seeing *s = acc;
    struct lead *l = lead_at(s->leads, v->person);

    if (l == NULL)
        return;
    features_see(s->cx, s->fs->list, s->fs->count, v->events, v->count, l->at_ms, l->x);
    score_events(s->cx, s->rules, v->events, v->count, l->at_ms,
                 s->tallies + (size_t)(l - s->leads->list) * s->rules->count, NULL, NULL);
}

static enum status see_leads(struct ctx *cx, struct leads *all, const struct features *fs)
{
    struct score_rules rules;
    struct seeing s = { .cx = cx, .leads = all, .fs = fs, .rules = &rules };

    TRY(score_rules_read(cx, &rules));
    s.tallies = NEW_N(cx->arena, struct score_tally, all->count * rules.count + 1);
    for (size_t i = 0; i < all->count; i++)
        all->list[i].x = NEW_N(cx->arena, float, fs->count + 1);
    if (cx->journey)
        TRY(walk_leads(cx, all, SCORE_COLUMNS | LEARNED_COLUMNS, true, see_lead, &s));
    for (size_t i = 0; i < all->count; i++) {
        struct lead *l = &all->list[i];
        struct row *contact;
        enum status st = record_get(cx, &contact_type, l->contact, &contact);
        if (st == E_NOT_FOUND) {
            ctx_clear_error(cx);
            continue;
        }
        TRY(st);
        TRY(features_profile(cx, fs->list, fs->count, contact, l->x));
        TRY(score_profile(cx, &rules, contact, s.tallies + i * rules.count));
        l->points = score_sum(&rules, s.tallies + i * rules.count, 0);
    }
    return OK;
}

/* Rows of the model: standardised with what the training rows say. */
struct matrix {
    double *x;
    bool *y;
    size_t count;
};

static void standardise(const struct leads *all, struct features *fs)
{
    for (size_t f = 0; f < fs->count; f++) {
        double sum = 0, squares = 0, n = 0;
        for (size_t i = 0; i < all->count; i++)
            if (!all->list[i].held_back) {
                sum += all->list[i].x[f];
                squares += (double)all->list[i].x[f] * all->list[i].x[f];
                n++;
            }
        double mean = n > 0 ? sum / n : 0, variance = n > 0 ? squares / n - mean * mean : 0;
        fs->list[f].mean = mean;
        fs->list[f].sd = variance > 1e-12 ? sqrt(variance) : 1;
    }
}

/* Those held back, or the others; in the order of contacts, which says nothing of their end. */
static struct matrix matrix_of(struct ctx *cx, const struct leads *all, const struct features *fs,
                               bool held_back)
{
    struct matrix m = { NEW_N(cx->arena, double, all->count * fs->count + 1),
                        NEW_N(cx->arena, bool, all->count + 1), 0 };

    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i].held_back != held_back)
            continue;
        for (size_t f = 0; f < fs->count; f++)
            m.x[m.count * fs->count + f] = (all->list[i].x[f] - fs->list[f].mean) / fs->list[f].sd;
        m.y[m.count++] = all->list[i].won;
    }
    return m;
}

/* Logits of each row by a model that has not seen its fold. False: a fold has one kind only. */
static bool logits_across(struct arena *a, const struct matrix *m, int width, double lambda,
                          double *logits)
{
    double *x = NEW_N(a, double, m->count *(size_t)width + 1);
    bool *y = NEW_N(a, bool, m->count + 1);

    for (size_t fold = 0; fold < FOLDS; fold++) {
        struct logit model;
        size_t n = 0;
        for (size_t i = 0; i < m->count; i++) {
            if (i % FOLDS == fold)
                continue;
            memcpy(x + n * (size_t)width, m->x + i * (size_t)width, (size_t)width * sizeof *x);
            y[n++] = m->y[i];
        }
        if (!logit_fit(a, x, y, n, width, lambda, &model))
            return false;
        for (size_t i = fold; i < m->count; i += FOLDS)
            logits[i] = logit_of(&model, m->x + i * (size_t)width);
    }
    return true;
}

static double log_loss(const double *logits, const bool *y, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum -= log(fmax(logit_chance(y[i] ? logits[i] : -logits[i]), 1e-12));
    return sum;
}

/* The strength of the penalty that does best on rows that were not seen, and how its logits are put
 * right. */
static bool choose_lambda(struct ctx *cx, const struct matrix *m, int width, double *lambda,
                          struct platt *platt)
{
    double best = INFINITY, *chosen = NULL;

    for (size_t i = 0; i < countof(lambdas); i++) {
        double *logits = NEW_N(cx->arena, double, m->count + 1);
        if (!logits_across(cx->arena, m, width, lambdas[i], logits))
            continue;
        double loss = log_loss(logits, m->y, m->count);
        if (loss < best) {
            best = loss;
            *lambda = lambdas[i];
            chosen = logits;
        }
    }
    return chosen != NULL && platt_fit(chosen, m->y, m->count, platt);
}

/* ---- the result ---- */

struct result {
    const char *status, *reason;
    size_t leads, won, held_back;
    double auc, rules_auc, brier, ece, lambda;
    struct band bands[BANDS_MAX];
    int band_count;
    struct logit model;
    struct platt platt;
    struct features fs;
};

static void judge(struct ctx *cx, const struct leads *all, const struct matrix *held,
                  struct result *out)
{
    double *chances = NEW_N(cx->arena, double, held->count + 1);
    double *points = NEW_N(cx->arena, double, held->count + 1);
    size_t n = 0;

    for (size_t i = 0; i < held->count; i++)
        chances[i] = platt_chance(&out->platt, logit_of(&out->model, held->x + i * out->fs.count));
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].held_back)
            points[n++] = (double)all->list[i].points;
    out->held_back = held->count;
    out->auc = auc_of(cx->arena, chances, held->y, held->count);
    out->rules_auc = auc_of(cx->arena, points, held->y, held->count);
    out->brier = brier_of(chances, held->y, held->count);
    out->band_count = bands_of(cx->arena, chances, held->y, held->count, BAND_LEAST, out->bands);
    out->ece = ece_of(out->bands, out->band_count);
}

static enum status fit(struct ctx *cx, struct leads *all, struct result *out)
{
    struct matrix seen, held;
    int width;

    for (size_t i = 0; i < all->count; i++)
        out->won += all->list[i].won;
    out->leads = all->count;
    out->status = "refused";
    out->auc = out->rules_auc = out->brier = out->ece = NAN;
    if (out->won < LEARN_LEAST || out->leads - out->won < LEARN_LEAST) {
        out->reason = arena_printf(cx->arena,
                                   "Too few: %zu leads were won and %zu lost. It takes %d of each.",
                                   out->won, out->leads - out->won, LEARN_LEAST);
        return OK;
    }
    TRY(choose_features(cx, all, &out->fs));
    TRY(see_leads(cx, all, &out->fs));
    qsort(all->list, all->count, sizeof *all->list, by_contact);
    standardise(all, &out->fs);
    width = (int)out->fs.count;
    seen = matrix_of(cx, all, &out->fs, false);
    held = matrix_of(cx, all, &out->fs, true);
    if (!choose_lambda(cx, &seen, width, &out->lambda, &out->platt) ||
        !logit_fit(cx->arena, seen.x, seen.y, seen.count, width, out->lambda, &out->model)) {
        out->reason = "What was won and what was lost could not be told apart.";
        return OK;
    }
    for (int i = 0; i < width; i++)
        out->fs.list[i].weight = out->model.weights[i];
    judge(cx, all, &held, out);
    if (isnan(out->auc) || out->auc < AUC_LEAST) {
        out->reason = arena_printf(
            cx->arena, "It tells leads apart hardly better than chance (AUC %.2f).", out->auc);
        return OK;
    }
    out->status = "serving";
    out->reason = arena_printf(cx->arena, "AUC %.3f on %zu leads held back; the rules have %.3f.",
                               out->auc, out->held_back, out->rules_auc);
    return OK;
}

static struct val *body_of(struct ctx *cx, const struct result *r)
{
    struct val *body = val_map(cx->arena), *list = val_put_list(body, "features");

    val_put_double(body, "bias", r->model.bias);
    val_put_double(body, "slope", r->platt.slope);
    val_put_double(body, "shift", r->platt.shift);
    val_put_double(body, "lambda", r->lambda);
    val_put_i64(body, "held_back", (i64)r->held_back);
    for (size_t i = 0; i < r->fs.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "name", feature_name(cx, &r->fs.list[i]));
        val_put_double(one, "mean", r->fs.list[i].mean);
        val_put_double(one, "sd", r->fs.list[i].sd);
        val_put_double(one, "weight", r->fs.list[i].weight);
    }
    list = val_put_list(body, "bands");
    for (int i = 0; i < r->band_count; i++) {
        struct val *one = val_add_map(list);
        val_put_i64(one, "count", (i64)r->bands[i].count);
        val_put_double(one, "from", r->bands[i].from);
        val_put_double(one, "to", r->bands[i].to);
        val_put_double(one, "predicted", r->bands[i].predicted);
        val_put_double(one, "actual", r->bands[i].actual);
    }
    return body;
}

static void set_share(struct row *r, int field, double share)
{
    if (!isnan(share))
        row_set_i64(r, field, llround(share * 1000));
}

struct keeping {
    const struct result *result;
    i64 id;
};

static enum status retire(struct ctx *cx, i64 id)
{
    struct row *r;

    TRY(record_get(cx, &score_model_type, id, &r));
    row_set_text(r, MODEL_STATUS, "retired");
    return record_save(cx, r);
}

static enum status keep(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct keeping *k = arg;
    const struct result *res = k->result;
    struct row *r = row_new(cx, &score_model_type);
    bool serves = text_is(res->status, "serving");
    i64 before;
    enum status s = db_get_i64(cx, &before, "score.serving");

    if (s != OK && s != E_NOT_FOUND)
        return s;
    if (s == OK && serves)
        TRY(retire(cx, before));
    row_set_i64(r, MODEL_MADE_AT, ctx_now(cx));
    row_set_text(r, MODEL_STATUS, res->status);
    row_set_text(r, MODEL_REASON, res->reason);
    row_set_i64(r, MODEL_LEADS, (i64)res->leads);
    row_set_i64(r, MODEL_WON, (i64)res->won);
    set_share(r, MODEL_AUC, res->auc);
    set_share(r, MODEL_RULES_AUC, res->rules_auc);
    set_share(r, MODEL_BRIER, res->brier);
    set_share(r, MODEL_ECE, res->ece);
    row_set_text(r, MODEL_BODY, json_text(cx->arena, body_of(cx, res)));
    TRY(record_save(cx, r));
    k->id = row_id(r);
    return serves ? queue_add(cx, "score.all", "all", "{}", ctx_now(cx), NULL) : OK;
}

enum status learn(struct ctx *cx, i64 *id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    scoped(arena_close) struct arena *a = arena_new(4 * 1024 * 1024);
    struct ctx work = *cx;
    struct result *r = NEW(a, struct result);
    struct keeping k = { .result = r };
    struct leads all;
    enum status s;

    work.arena = a;
    s = read_leads(&work, &all);
    if (s == OK)
        s = fit(&work, &all, r);
    if (s == OK)
        s = kit_write(&work, keep, &k);
    *id = k.id;
    return s == OK ? OK : ctx_fail(cx, s, "%s", work.error_text ? work.error_text : "");
}

enum status score_learn(struct ctx *cx)
{
    i64 id;

    return learn(cx, &id);
}

/* ---- serving ---- */

enum status learned_read(struct ctx *cx, const struct learned **out)
{
    struct learned *m = NEW(cx->arena, struct learned);
    struct val *body;
    const struct val *list;
    struct row *r;
    i64 id;
    enum status s = db_get_i64(cx, &id, "score.serving");

    *out = NULL;
    if (s != OK)
        return s == E_NOT_FOUND ? OK : s;
    TRY(record_get(cx, &score_model_type, id, &r));
    TRY(json_read(cx->arena, str_from(row_text(r, MODEL_BODY)), &body, NULL));
    list = val_get(body, "features");
    m->features = NEW_N(cx->arena, struct feature_of, val_count(list) + 1);
    m->bias = val_as_double(val_get(body, "bias"), 0);
    m->platt = (struct platt){ val_as_double(val_get(body, "slope"), 1),
                               val_as_double(val_get(body, "shift"), 0) };
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *one = val_at(list, i);
        struct feature_of *f = &m->features[m->count];
        if (!feature_read(cx, val_get_text(one, "name"), f))
            continue; /* of a later version: as if everybody were average */
        f->mean = val_as_double(val_get(one, "mean"), 0);
        f->sd = val_as_double(val_get(one, "sd"), 1);
        f->weight = val_as_double(val_get(one, "weight"), 0);
        m->count++;
    }
    *out = m;
    return OK;
}

float *learned_see(struct ctx *cx, const struct learned *m, const struct event *events,
                   size_t count, i64 at_ms)
{
    float *x = NEW_N(cx->arena, float, m->count + 1);

    features_see(cx, m->features, m->count, events, count, at_ms, x);
    return x;
}

static enum status values_of(struct ctx *cx, const struct learned *m, const float *seen,
                             const struct row *contact, float **out)
{
    *out = NEW_N(cx->arena, float, m->count + 1);
    if (seen)
        memcpy(*out, seen, m->count * sizeof **out);
    return features_profile(cx, m->features, m->count, contact, *out);
}

static double effect_of(const struct feature_of *f, float value)
{
    return f->weight * (value - f->mean) / f->sd;
}

/* Whom a chance is for: leads that may still become customers. */
static bool may_be_won(const struct row *contact)
{
    int rank = lifecycle_rank(row_text(contact, CONTACT_LIFECYCLE));

    return rank >= 0 && rank < lifecycle_rank("customer");
}

enum status learned_put(struct ctx *cx, const struct learned *m, const float *seen,
                        struct row *contact)
{
    double logit;
    float *x;

    if (m == NULL || !may_be_won(contact)) {
        row_clear(contact, CONTACT_CHANCE);
        return OK;
    }
    TRY(values_of(cx, m, seen, contact, &x));
    logit = m->bias;
    for (size_t i = 0; i < m->count; i++)
        logit += effect_of(&m->features[i], x[i]);
    row_set_i64(contact, CONTACT_CHANCE, llround(platt_chance(&m->platt, logit) * 100));
    return OK;
}

struct said {
    const struct feature_of *f;
    double effect;
};

static int strongest(const void *pa, const void *pb)
{
    double a = fabs(((const struct said *)pa)->effect), b = fabs(((const struct said *)pb)->effect);

    return (a < b) - (a > b);
}

enum status learned_explain(struct ctx *cx, const struct learned *m, const float *seen,
                            const struct row *contact, struct val *list, double *chance)
{
    struct said *all = NEW_N(cx->arena, struct said, m->count + 1);
    double logit = m->bias;
    float *x;

    TRY(values_of(cx, m, seen, contact, &x));
    for (size_t i = 0; i < m->count; i++) {
        all[i] = (struct said){ &m->features[i], effect_of(&m->features[i], x[i]) };
        logit += all[i].effect;
    }
    *chance = platt_chance(&m->platt, logit);
    qsort(all, m->count, sizeof *all, strongest);
    for (size_t i = 0; i < m->count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", feature_words(cx, all[i].f));
        val_put_double(one, "effect", all[i].effect);
    }
    return OK;
}

/* ---- the feature ---- */

static enum status learn_job(struct job_run *job)
{
    i64 id;

    return learn(job->cx, &id);
}

const struct record_type score_model_type = {
    .name = "score_model",
    .label = "Learned score",
    .plural = "Learned scores",
    .path = "score-models",
    .icon = "chart-dots",
    .sort = "-made_at",
    .title = MODEL_REASON,
    .fields = model_fields,
    .field_count = MODEL_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE | TYPE_SYSTEM,
    .empty = "Once enough leads were won and lost, the chance of the others is learned from them.",
};
static const struct job_type jobs[] = {
    { "score.learn", "Learn which leads are won", learn_job, .every_ms = 7 * (i64)MS_DAY },
};
const struct feature feature_score_learn = {
    .name = "score_learn",
    TYPES(&score_model_type),
    JOBS(jobs),
};
