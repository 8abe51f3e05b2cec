/* score_learn.c -- learning which leads are won. Those that sales closed are looked at as they were
 * when they reached it; the newest quarter of them is held back, and only on these the model is
 * judged, beside the points that the rules gave the very same people at the same moments. */
#include "base/id.h"
#include "base/json.h"
#include "marketing/score_learn_int.h"
#include "store/queue.h"
#include <math.h>

enum { FOLDS = 5, BAND_LEAST = 20 };
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

/* ---- the matrix ---- */

struct seeing {
    struct ctx *cx;
    struct leads *leads;
    const struct features *fs;
    const struct score_rules *rules;
};

static void see_lead(void *acc, const struct journey_view *v)
{
    struct seeing *s = acc;
    struct lead *l = lead_at(s->leads, v->person);

    if (l == NULL)
        return;
    features_see(s->cx, s->fs->list, s->fs->count, v->events, v->count, l->at_ms, l->x);
    score_events(s->cx, s->rules, v->events, v->count, l->at_ms, l->tallies, NULL, NULL);
}

/* Filters keep what they read in the memory of the whole work; the rows go at once. */
static enum status see_profile(const struct seeing *s, struct lead *l)
{
    scoped(arena_close) struct arena *a = arena_new(16 * 1024);
    struct ctx part = *s->cx;
    struct row *contact, *company;

    part.arena = a;
    enum status st = lead_profile(&part, l, &contact, &company);
    if (st != OK)
        return ctx_fail(s->cx, st, "%s", part.error_text ? part.error_text : "");
    if (contact == NULL)
        return OK;
    features_profile(&part, s->fs->list, s->fs->count, contact, company, l->x);
    TRY(score_profile(s->cx, s->rules, contact, l->tallies));
    l->points = score_sum(s->rules, l->tallies, 0);
    return OK;
}

static enum status see_leads(struct ctx *cx, struct leads *all, const struct features *fs)
{
    struct score_rules rules;
    struct seeing s = { .cx = cx, .leads = all, .fs = fs, .rules = &rules };

    TRY(score_rules_read(cx, &rules));
    for (size_t i = 0; i < all->count; i++) {
        all->list[i].x = NEW_N(cx->arena, float, fs->count + 1);
        all->list[i].tallies = NEW_N(cx->arena, struct score_tally, rules.count + 1);
    }
    if (cx->journey)
        TRY(leads_walk(cx, all, SCORE_COLUMNS | LEARNED_COLUMNS, true, see_lead, &s));
    for (size_t i = 0; i < all->count; i++)
        TRY(see_profile(&s, &all->list[i]));
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

/* Those held back, or the others; in the order of time. */
static struct matrix matrix_of(struct ctx *cx, const struct leads *all, const struct features *fs,
                               bool held_back)
{
    struct matrix m = { NEW_N(cx->arena, double, all->count * fs->count + 1),
                        NEW_N(cx->arena, bool, all->count + 1), 0 };

    for (size_t i = 0; i < all->count; i++) {
        if (all->list[i].held_back != held_back)
            continue;
        for (size_t f = 0; f < fs->count; f++)
            m.x[m.count * fs->count + f] = feature_standard(&fs->list[f], all->list[i].x[f]);
        m.y[m.count++] = all->list[i].won_ms != 0;
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
    size_t leads, won, held_back, young;
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
        out->won += all->list[i].won_ms != 0;
    out->leads = all->count;
    out->young = all->young;
    out->status = "refused";
    out->auc = out->rules_auc = out->brier = out->ece = NAN;
    if (out->won < LEARN_LEAST || out->leads - out->won < LEARN_LEAST) {
        out->reason = arena_printf(cx->arena,
                                   "Too few: %zu leads were won and %zu lost. It takes %d of each.",
                                   out->won, out->leads - out->won, LEARN_LEAST);
        return OK;
    }
    TRY(features_choose(cx, all, &out->fs));
    TRY(see_leads(cx, all, &out->fs));
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
    val_put_i64(body, "young", (i64)r->young);
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
    s = leads_read(&work, &all);
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
