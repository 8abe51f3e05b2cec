/* kit_int.h -- the inside of struct kit, for the files of kit. Read-only after kit_open but for
 * settings, the drain's lock and the timeline, each with its own rule. */
#pragma once
#include "kit/kit.h"
#include "kit/pages.h"
#include <pthread.h>
#include <stdatomic.h>

/* ---- setting.c: values as stored, kept for a few seconds so that a page asks once ---- */
struct settings;
struct settings *settings_new(struct arena *a, const struct feature *const *features, size_t count);
void settings_free(struct settings *s);
const struct setting *settings_find(const struct settings *s, const char *name); /* NULL: unknown */
/* E_INVALID with a field error: not {"USD": "0.92", ...}. */
MUST_CHECK enum status rates_check(struct ctx *cx, const char *json);
extern const struct feature kit_feature;

/* What a feature keeps in memory: kit_set_state. */
struct feature_state {
    void *state;
    void (*free_state)(void *state);
};

struct kit {
    struct arena *arena; /* owns every table below */
    struct db_store *store;
    struct writer *writer;
    struct journey *journey;
    struct templates *templates;
    struct live *live;
    const struct feature **features; /* kit's own first */
    size_t feature_count;
    const struct record_type **types;              /* as declared */
    const struct record_type **by_name, **by_path; /* sorted */
    const char **selects;                          /* sql_select of each of by_name */
    size_t type_count;
    const struct event_kind **event_kinds; /* sorted by name */
    u16 *event_codes;                      /* of each */
    size_t event_kind_count;
    struct own_kinds *own_kinds; /* the workspace's */
    const struct job_type **jobs; /* sorted by name */
    size_t job_count;
    const struct subscription **subscriptions; /* as declared */
    size_t subscription_count;
    struct settings *settings;
    pthread_mutex_t draining;   /* one drain of the outbox at a time */
    bool search_paused;         /* see search_pause */
    page_timeline_fn *timeline; /* set once at start */
    const struct composer_tab *composer_tab; /* likewise; may be NULL */
    struct answers *answers;    /* kept in memory */
    bool has_seal_key;
    const char *public_url; /* in arena; "" when the command line said nothing */
    unsigned char seal_key[32]; /* see seal.h */
    struct feature_state *states; /* one a feature, in the features' order */
};

/* ---- kit_check.c ---- */
/* E_INVALID names the first contradiction of the tables. */
MUST_CHECK enum status kit_check_tables(struct ctx *cx, const struct kit *k);

/* ---- event_kind.c ---- */
/* Sorts the kinds that were gathered and gives them their codes; none is one's own yet. */
void event_kinds_open(struct kit *k);
void event_kinds_close(struct kit *k);

/* ---- happen.c ---- */
/* Says "TYPE.word" of a record: what the subscriptions of that type want to know. */
MUST_CHECK enum status happen_to_row(struct ctx *cx, struct row *r, const char *word);

/* ---- outbox.c ---- */
/* Numbers of the outbox go on above the journey's last one, also over another database. */
MUST_CHECK enum status outbox_start(struct ctx *cx);
