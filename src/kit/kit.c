/* kit.c -- opens the program's tables: gathers the features' rows, sorts what is looked up by name,
 * checks them, and holds what all work shares. */
#include "base/log.h"
#include "journey/journey.h"
#include "kit/answers.h"
#include "kit/kit_int.h"
#include "kit/live.h"
#include "kit/sql_record.h"
#include "store/writer.h"
#include <sodium.h>
#include <stdlib.h>

/* ---- gathering ---- */
static int types_by_name(const void *a, const void *b)
{
    return strcmp((*(const struct record_type *const *)a)->name,
                  (*(const struct record_type *const *)b)->name);
}

static int types_by_path(const void *a, const void *b)
{
    return strcmp((*(const struct record_type *const *)a)->path,
                  (*(const struct record_type *const *)b)->path);
}

static int jobs_by_name(const void *a, const void *b)
{
    return strcmp((*(const struct job_type *const *)a)->name,
                  (*(const struct job_type *const *)b)->name);
}

static void count_rows(struct kit *k)
{
    for (size_t i = 0; i < k->feature_count; i++) {
        k->type_count += k->features[i]->type_count;
        k->event_kind_count += k->features[i]->event_kind_count;
        k->job_count += k->features[i]->job_count;
        k->subscription_count += k->features[i]->subscription_count;
    }
}

static void gather(struct kit *k)
{
    size_t types = 0, kinds = 0, jobs = 0, subscriptions = 0;

    count_rows(k);
    k->types = NEW_N(k->arena, const struct record_type *, k->type_count);
    k->by_name = NEW_N(k->arena, const struct record_type *, k->type_count);
    k->by_path = NEW_N(k->arena, const struct record_type *, k->type_count);
    k->event_kinds = NEW_N(k->arena, const struct event_kind *, k->event_kind_count);
    k->jobs = NEW_N(k->arena, const struct job_type *, k->job_count);
    k->subscriptions = NEW_N(k->arena, const struct subscription *, k->subscription_count);
    for (size_t i = 0; i < k->feature_count; i++) {
        const struct feature *f = k->features[i];
        for (size_t j = 0; j < f->type_count; j++)
            k->types[types++] = f->types[j];
        for (size_t j = 0; j < f->event_kind_count; j++)
            k->event_kinds[kinds++] = &f->event_kinds[j];
        for (size_t j = 0; j < f->job_count; j++)
            k->jobs[jobs++] = &f->jobs[j];
        for (size_t j = 0; j < f->subscription_count; j++)
            k->subscriptions[subscriptions++] = &f->subscriptions[j];
    }
    k->settings = settings_new(k->arena, k->features, k->feature_count);
}

static void sort_tables(struct kit *k)
{
    if (k->type_count > 0) {
        memcpy(k->by_name, k->types, k->type_count * sizeof *k->types);
        memcpy(k->by_path, k->types, k->type_count * sizeof *k->types);
        qsort(k->by_name, k->type_count, sizeof *k->by_name, types_by_name);
        qsort(k->by_path, k->type_count, sizeof *k->by_path, types_by_path);
    }
    qsort(k->jobs, k->job_count, sizeof *k->jobs, jobs_by_name);
}

static void draft_selects(struct kit *k)
{
    k->selects = NEW_N(k->arena, const char *, k->type_count);
    for (size_t i = 0; i < k->type_count; i++)
        k->selects[i] = sql_select(k->arena, k->by_name[i]);
}

enum status kit_open(struct ctx *cx, const struct kit_options *o, struct kit **out)
{
    struct arena *a = arena_new(64 * 1024);
    struct kit *k = NEW(a, struct kit);
    enum status s;

    *out = NULL;
    *k = (struct kit){ .arena = a,
                       .store = o->store,
                       .writer = o->writer,
                       .journey = o->journey,
                       .templates = o->templates,
                       .feature_count = o->feature_count + 1 };
    k->features = NEW_N(a, const struct feature *, k->feature_count);
    k->states = NEW_N(a, struct feature_state, k->feature_count);
    k->features[0] = &kit_feature;
    for (size_t i = 0; i < o->feature_count; i++)
        k->features[i + 1] = o->features[i];
    gather(k);
    pthread_mutex_init(&k->draining, NULL);
    k->public_url = o->public_url ? arena_text(k->arena, o->public_url) : "";
    k->has_seal_key = o->seal_key != NULL;
    if (k->has_seal_key)
        memcpy(k->seal_key, o->seal_key, sizeof k->seal_key);
    s = kit_check_tables(cx, k); /* before sorting: it must not meet a row without a name */
    if (s != OK) {
        kit_close(k);
        return s;
    }
    sort_tables(k);
    draft_selects(k);
    event_kinds_open(k);
    k->live = live_open();
    k->answers = answers_open();
    if (o->store && o->node)
        db_store_set_node(o->store, o->node);
    *out = k;
    return OK;
}

void kit_close(struct kit *k)
{
    if (k == NULL)
        return;
    if (k->journey)
        journey_unlisten(k->journey); /* they write into what is freed next */
    for (size_t i = 0; i < k->feature_count; i++)
        if (k->states[i].state)
            k->states[i].free_state(k->states[i].state);
    if (k->live)
        live_close(k->live);
    answers_close(k->answers);
    event_kinds_close(k);
    settings_free(k->settings);
    sodium_memzero(k->seal_key, sizeof k->seal_key);
    pthread_mutex_destroy(&k->draining);
    arena_free(k->arena);
}

enum status kit_start(struct ctx *cx)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct kit *k = cx->kit;

    TRY(outbox_start(cx));
    for (size_t i = 0; i < k->feature_count; i++)
        if (k->features[i]->start)
            TRY(k->features[i]->start(cx));
    return OK;
}

/* ---- what is shared ---- */
i64 kit_new_id(struct ctx *cx) { return db_new_id(cx); }
struct db_store *kit_store(struct kit *k) { return k->store; }
struct writer *kit_writer(struct kit *k) { return k->writer; }
struct templates *kit_templates(struct kit *k) { return k->templates; }
struct live *kit_live(struct kit *k) { return k->live; }
const char *kit_public_url(struct ctx *cx)
{
    const char *url =
        cx->kit->public_url[0] ? cx->kit->public_url : setting_text(cx, "workspace.public_url");
    size_t len = strlen(url);

    while (len > 0 && url[len - 1] == '/')
        len--;
    return arena_dup(cx->arena, url, len);
}
struct journey *kit_journey(struct kit *k) { return k->journey; }

static struct feature_state *state_of(struct kit *k, const char *feature)
{
    for (size_t i = 0; i < k->feature_count; i++) { /* asked for several times an event */
        const char *name = k->features[i]->name;
        if (name == feature || (name[0] == feature[0] && text_is(name, feature)))
            return &k->states[i];
    }
    log_fatal("kit.no_feature", "feature=%s", feature);
}

void kit_set_state(struct kit *k, const char *feature, void *state, void (*free_state)(void *))
{
    *state_of(k, feature) = (struct feature_state){ state, free_state };
}

void *kit_state(struct kit *k, const char *feature) { return state_of(k, feature)->state; }

const struct feature *const *kit_features(struct kit *k, size_t *count)
{
    *count = k->feature_count;
    return k->features;
}

enum status kit_write(struct ctx *cx, enum status (*fn)(struct ctx *cx, void *arg), void *arg)
{
    if (cx->db == NULL || db_mode_of(cx->db) == DB_READ) {
        assert(cx->kit->writer);
        return writer_run(cx->kit->writer, cx, fn, arg);
    }
    scoped(tx_end) struct tx tx = tx_begin(cx);
    TRY(tx.status);
    TRY(fn(cx, arg));
    return tx_commit(&tx);
}

/* ---- look-ups ---- */
static const struct record_type **find_type(const struct kit *k, const char *name)
{
    const struct record_type key = { .name = name }, *at = &key;

    if (k->type_count == 0)
        return NULL;
    return bsearch(&at, k->by_name, k->type_count, sizeof at, types_by_name);
}

const struct record_type *type_find(struct ctx *cx, const char *name)
{
    const struct record_type **found = find_type(cx->kit, name);

    return found ? *found : NULL;
}

const char *type_select(struct ctx *cx, const struct record_type *t)
{
    const struct record_type **found = find_type(cx->kit, t->name);

    assert(found && *found == t);
    return cx->kit->selects[found - cx->kit->by_name];
}

const struct record_type *type_by_path(struct ctx *cx, const char *path)
{
    const struct record_type key = { .path = path }, *at = &key, *const * found;
    const struct kit *k = cx->kit;

    found =
        k->type_count ? bsearch(&at, k->by_path, k->type_count, sizeof at, types_by_path) : NULL;
    return found ? *found : NULL;
}

const struct record_type *const *type_all(struct ctx *cx, size_t *count)
{
    *count = cx->kit->type_count;
    return cx->kit->types;
}

const struct job_type *kit_job(struct kit *k, const char *name)
{
    const struct job_type key = { .name = name }, *at = &key, *const * found;

    found = k->job_count ? bsearch(&at, k->jobs, k->job_count, sizeof at, jobs_by_name) : NULL;
    return found ? *found : NULL;
}
