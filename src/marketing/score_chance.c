/* score_chance.c -- the learned score at work: reads the model that serves, gives a contact its
 * chance, and says what speaks for and against. */
#include "base/json.h"
#include "bridge/contact.h"
#include "marketing/score_learn_int.h"
#include <math.h>
#include <stdlib.h>

struct learned {
    struct feature_of *features;
    size_t count;
    double bias;
    struct platt platt;
};

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
    struct row *company;

    *out = NEW_N(cx->arena, float, m->count + 1);
    if (seen)
        memcpy(*out, seen, m->count * sizeof **out);
    TRY(company_of(cx, contact, &company));
    features_profile(cx, m->features, m->count, contact, company, *out);
    return OK;
}

static double effect_of(const struct feature_of *f, float value)
{
    return f->weight * feature_standard(f, value);
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
