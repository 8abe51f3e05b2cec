/* kit_check.c -- the tables against each other, once at start: a contradiction stops the program
 * with the name of the row, instead of showing itself to somebody some day. */
#include "kit/kinds.h"
#include "kit/kit_int.h"
#include "kit/question_int.h"
#include "kit/web.h"

static bool is_word(const char *s)
{
    if (s == NULL || !(*s >= 'a' && *s <= 'z'))
        return false;
    for (; *s; s++)
        if (!(*s >= 'a' && *s <= 'z') && !(*s >= '0' && *s <= '9') && *s != '_')
            return false;
    return true;
}

static enum status bad(struct ctx *cx, const char *what, const char *name, const char *why)
{
    return ctx_fail(cx, E_INVALID, "%s '%s': %s", what, name ? name : "?", why);
}

static const struct record_type *find_type(const struct kit *k, const char *name)
{
    for (size_t i = 0; name && i < k->type_count; i++)
        if (k->types[i]->name && text_is(k->types[i]->name, name))
            return k->types[i];
    return NULL;
}

/* ---- record types ---- */
static enum status check_field(struct ctx *cx, const struct kit *k, const struct record_type *t,
                               int i)
{
    const struct field *f = &t->fields[i];
    enum storage storage;

    if (f->name == NULL)
        return bad(cx, "record type", t->name, "a hole in its table of fields");
    const char *name = arena_printf(cx->arena, "%s.%s", t->name, f->name);
    if (!is_word(f->name) || strlen(f->name) > 40)
        return bad(cx, "field", name, "a name is lower case letters, digits and _");
    if (f->label == NULL || f->kind >= FIELD_KIND_COUNT)
        return bad(cx, "field", name, "no label or no such kind");
    if (system_field(f->name) || text_is(f->name, "version") || text_is(f->name, "deleted_at"))
        return bad(cx, "field", name, "the name belongs to every record");
    for (int j = 0; j < i; j++)
        if (text_is(t->fields[j].name, f->name))
            return bad(cx, "field", name, "declared twice");
    if (f->kind == FIELD_REF && find_type(k, f->ref) == NULL)
        return bad(cx, "field", name, "refers to no record type");
    if (f->kind == FIELD_CHOICE && f->choices_of == NULL &&
        (f->choices == NULL || f->choices[0].value == NULL))
        return bad(cx, "field", name, "has no choices");
    if ((f->flags & OWNER) && (f->kind != FIELD_REF || type_owner_field(t) != i))
        return bad(cx, "field", name, "an owner is one reference");
    storage = field_storage(f);
    if ((f->flags & UNIQUE) && storage != STORED_FOLDED)
        return bad(cx, "field", name, "only texts that are compared can be unique");
    if ((f->flags & SUMMED) && (storage == STORED_TEXT || storage == STORED_FOLDED))
        return bad(cx, "field", name, "texts have no sum");
    return OK;
}

static enum status check_related(struct ctx *cx, const struct kit *k, const struct record_type *t)
{
    for (const struct related *r = t->related; r && r->type; r++) {
        const struct record_type *to = find_type(k, r->type);
        int i = to ? type_field(to, r->field) : -1;
        if (i < 0 || to->fields[i].kind != FIELD_REF)
            return bad(
                cx, "record type", t->name,
                arena_printf(cx->arena, "its related '%s.%s' is no reference", r->type, r->field));
    }
    return OK;
}

static enum status check_type(struct ctx *cx, const struct kit *k, size_t at)
{
    const struct record_type *t = k->types[at];

    if (!is_word(t->name) || t->label == NULL || t->plural == NULL || t->path == NULL)
        return bad(cx, "record type", t->name, "needs name, label, plural and path");
    for (size_t i = 0; i < at; i++)
        if (text_is(k->types[i]->name, t->name) || text_is(k->types[i]->path, t->path))
            return bad(cx, "record type", t->name, "its name or path is used twice");
    if (t->field_count < 1 || t->field_count > LIMIT_FIELDS)
        return bad(cx, "record type", t->name, "has no fields or too many");
    for (int i = 0; i < t->field_count; i++)
        TRY(check_field(cx, k, t, i));
    if (t->title < 0 || t->title >= t->field_count)
        return bad(cx, "record type", t->name, "its title is no field");
    const char *sort = t->sort ? t->sort + (t->sort[0] == '-') : "id";
    if (!system_field(sort) && type_field(t, sort) < 0)
        return bad(cx, "record type", t->name, "it is sorted by no field");
    int board = t->board ? type_field(t, t->board) : -1;
    if (t->board && (board < 0 ||
                     (t->fields[board].kind != FIELD_CHOICE && t->fields[board].kind != FIELD_REF)))
        return bad(cx, "record type", t->name, "its board needs a choice or a reference");
    return check_related(cx, k, t);
}

/* ---- the other tables ---- */
static enum status check_events(struct ctx *cx, const struct kit *k)
{
    for (size_t i = 0; i < k->event_kind_count; i++) {
        const struct event_kind *e = k->event_kinds[i];
        if (!is_word(e->name) || e->label == NULL)
            return bad(cx, "event kind", e->name, "needs a name and a label");
        if (e->record && find_type(k, e->record) == NULL)
            return bad(cx, "event kind", e->name, "points to no record type");
        for (size_t j = 0; j < i; j++)
            if (text_is(k->event_kinds[j]->name, e->name))
                return bad(cx, "event kind", e->name, "declared twice");
    }
    return OK;
}

static enum status check_jobs(struct ctx *cx, const struct kit *k)
{
    for (size_t i = 0; i < k->job_count; i++) {
        const struct job_type *j = k->jobs[i];
        if (j->name == NULL || j->label == NULL || j->run == NULL)
            return bad(cx, "job", j->name, "needs a name, a label and a function");
        for (size_t n = 0; n < i; n++)
            if (text_is(k->jobs[n]->name, j->name))
                return bad(cx, "job", j->name, "declared twice");
    }
    for (size_t i = 0; i < k->subscription_count; i++)
        if (k->subscriptions[i]->to == NULL || k->subscriptions[i]->fn == NULL ||
            (strchr(k->subscriptions[i]->to, '.') == NULL &&
             !text_is(k->subscriptions[i]->to, "*")))
            return bad(cx, "subscription", k->subscriptions[i]->to,
                       "needs TYPE.WORD and a function");
    return OK;
}

static enum status check_settings(struct ctx *cx, const struct feature *f)
{
    for (size_t i = 0; i < f->setting_count; i++) {
        const struct setting *s = &f->settings[i];
        if (s->name == NULL || s->label == NULL || settings_find(cx->kit->settings, s->name) != s)
            return bad(cx, "setting", s->name, "needs a label and a name of its own");
        if (s->kind == FIELD_CHOICE && s->choices == NULL)
            return bad(cx, "setting", s->name, "has no choices");
    }
    return OK;
}

/* Who may come must be said: a resource and a verb, or one of the flags. */
static enum status check_routes(struct ctx *cx, const struct feature *f)
{
    for (size_t i = 0; i < f->route_count; i++) {
        const struct route *r = &f->routes[i];
        int said = (r->resource != NULL) + ((r->flags & ROUTE_PUBLIC) != 0) +
                   ((r->flags & ROUTE_SIGNED_IN) != 0);
        if (r->path == NULL || r->path[0] != '/' || r->handler == NULL)
            return bad(cx, "route", r->path, "needs a path and a handler");
        if (said != 1)
            return bad(cx, "route", r->path,
                       "say who may come: NEEDS(resource, verb), ROUTE_PUBLIC or ROUTE_SIGNED_IN");
    }
    return OK;
}

static const struct dimension *find_dimension(const struct kit *k, const char *name);

static const struct metric *find_metric(const struct kit *k, const char *name)
{
    for (size_t i = 0; name && i < k->feature_count; i++)
        for (size_t j = 0; j < k->features[i]->metric_count; j++)
            if (text_is(k->features[i]->metrics[j].name, name))
                return &k->features[i]->metrics[j];
    return NULL;
}

static enum status check_metrics(struct ctx *cx, const struct kit *k, const struct feature *f)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        const struct metric *m = &f->metrics[i];
        if (!is_word(m->name) || m->label == NULL || m->definition == NULL)
            return bad(cx, "metric", m->name, "needs a name, a label and its definition in words");
        if (find_metric(k, m->name) != m)
            return bad(cx, "metric", m->name, "declared twice");
        if (m->source == METRIC_RECORDS && find_type(k, m->type) == NULL)
            return bad(cx, "metric", m->name, "counts no record type");
        struct ctx probe = *cx;
        struct formula formula;
        if (m->source == METRIC_TARGET && !find_metric(k, m->target_of))
            return bad(cx, "metric", m->name, "is the target of no metric");
        bool dated = m->time == AT_PERIOD || m->time == TO_END || m->time == TO_START;
        if (m->source == METRIC_RECORDS && dated && m->date == NULL)
            return bad(cx, "metric", m->name, "has no date that lies in a period");
        if (formula_of(&probe, m, &formula) != OK)
            return bad(cx, "metric", m->name, "is worked out of metrics that are not there");
        if (m->source == METRIC_JOURNEY && m->counts >= SUM_OF_EVENTS && m->measure == NULL)
            return bad(cx, "metric", m->name, "measures nothing");
        if (m->about &&
            (!find_dimension(k, m->about) || find_dimension(k, m->about)->of != OF_SOME))
            return bad(cx, "metric", m->name, "is about what an event has not several of");
    }
    return OK;
}

static const struct dimension *find_dimension(const struct kit *k, const char *name)
{
    for (size_t i = 0; i < k->feature_count; i++)
        for (size_t j = 0; j < k->features[i]->dimension_count; j++)
            if (text_is(k->features[i]->dimensions[j].name, name))
                return &k->features[i]->dimensions[j];
    return NULL;
}

static enum status check_dimensions(struct ctx *cx, const struct kit *k, const struct feature *f)
{
    for (size_t i = 0; i < f->dimension_count; i++) {
        const struct dimension *d = &f->dimensions[i];
        bool some = d->of == OF_SOME;
        if (!is_word(d->name) || !d->label || !d->text ||
            (some ? !d->ready || !d->some || !d->some_value : !d->key || !d->value))
            return bad(cx, "dimension", d->name, "needs a name, a label, a key and its words");
        if (find_dimension(k, d->name) != d)
            return bad(cx, "dimension", d->name, "declared twice");
        if (question_takes(d->name))
            return bad(cx, "dimension", d->name, "is called like a part of a question");
        if ((d->of == OF_FIRST || d->of == OF_LAST) && d->event_kind == NULL)
            return bad(cx, "dimension", d->name, "is told by an event of no kind");
    }
    return OK;
}

enum status kit_check_tables(struct ctx *cx, const struct kit *k)
{
    struct ctx probe = *cx;
    enum status s = OK;

    probe.kit = (struct kit *)k; /* settings are found through it */
    for (size_t i = 0; i < k->type_count && s == OK; i++)
        s = check_type(&probe, k, i);
    if (s == OK)
        s = check_events(&probe, k);
    if (s == OK)
        s = check_jobs(&probe, k);
    for (size_t i = 0; i < k->feature_count && s == OK; i++) {
        s = check_routes(&probe, k->features[i]);
        if (s == OK)
            s = check_settings(&probe, k->features[i]);
        if (s == OK)
            s = check_metrics(&probe, k, k->features[i]);
        if (s == OK)
            s = check_dimensions(&probe, k, k->features[i]);
    }
    cx->error = probe.error;
    cx->error_code = probe.error_code;
    cx->error_text = probe.error_text;
    return s;
}
