/* kit.h -- the five tables, and what all work shares. A feature is a few rows in these tables plus
 * the code that data cannot say; it exports one `const struct feature feature_NAME`. The build
 * lists features by name, kit reads their rows at start and refuses to start on a contradiction (a
 * route without permission, a reference to no type, a name used twice, a hole in a field table).
 *
 * To add    a record type: record.h        a page or endpoint: a row in routes (web.h)      a
 * number: a row in metrics (question.h) an event kind: a row in event_kinds    a job: a row in jobs
 * a setting: a row in settings    a reaction: a row in
 * subscriptions; one to events: a row in followers (follow.h) */
#pragma once
#include "kit/access.h"
#include "kit/record.h"

struct route;        /* web.h */
struct schema_table; /* store/migrate.h */
struct metric;       /* question.h */
struct dimension; /* question.h: by what journeys can be split */
struct follower;  /* follow.h: what reacts to events */

/* ---- events: what is on a journey ---- */
enum { /* flags of an event kind */
       KIND_TOUCH =
           1, /* marketing's work reached a person: attribution counts it when a channel is known */
       KIND_MONEY = 2,   /* stands out on the timeline */
       KIND_CHAPTER = 4, /* a stage change, a hand-off: a heading in the story */
       KIND_VISIT = 8,   /* happens on the web site: folded into visits on the timeline */
       KIND_SALES = 16,  /* caused by sales or service */
       KIND_PASSIVE = 32, /* of a visit, but nobody did anything: it goes on, none begins with it */
       KIND_RETIRED = 64, /* of one's own: what happened is told, but it is no longer offered */
       KIND_OURS = 128, /* we did or noted it: no sign of life of the person */
};
struct event_kind {
    const char *name;  /* "form_submit": stable, on disk and in the API */
    const char *label; /* "Form submitted" */
    const char *icon;
    u32 flags;
    const char *record; /* record type that event.record points to, or NULL */
};

/* ---- jobs ---- */
struct job_run {
    struct ctx *cx; /* reading connection; as the system */
    const struct val *payload;
    i64 job_id;
};
struct job_type {
    const char *name; /* "score.contact" */
    const char *label;
    enum status (*run)(struct job_run *job); /* E_*: tried again with back-off; idempotent */
    i64 every_ms;                            /* > 0: enqueued by itself this often */
    bool writes; /* run inside one writing transaction (short work); otherwise kit_write for each
                    part */
    bool at_start; /* of those with every_ms: also once when the program starts */
};

/* ---- settings: rows of the workspace, with a page made from this ---- */
struct setting {
    const char *name;     /* "score.mql_line" */
    enum field_kind kind; /* FIELD_TEXT LONG INT BOOL CHOICE JSON */
    const char *label, *help, *otherwise;
    const struct choice *choices;
    const char *group; /* heading on the settings page */
    /* What only its feature knows to be wrong: *why (in arena) follows the label. *value,
     * which is not empty, may be written in another way. NULL: any will do. */
    bool (*check)(struct ctx *cx, const char **value, const char **why);
    /* Who may change these records may set it: "score_rule"; NULL: administrators. */
    const char *resource;
    /* How it stands now, a sentence in arena that follows the help; NULL: nothing to say. */
    enum status (*now)(struct ctx *cx, const char **text);
};

/* ---- reactions: features meet through domain events, never by including one another ---- */
struct happening {
    const char
        *name;       /* "deal.won", "contact.created" (every type has .created .updated .deleted) */
    struct row *row; /* the record, or NULL */
    i64 contact_id;  /* whose journey, or 0 */
    i64 value_minor;
    const struct val *props;
};
struct subscription {
    const char *to; /* happening's name; "contact.*" for all of one type; "*" for every one */
    enum status (*fn)(
        struct ctx *cx,
        const struct happening *h); /* inside the transaction; an error rolls it back */
};

/* ---- menu entries beyond record lists ---- */
struct menu_item {
    const char *section, *label, *path, *icon, *resource; /* resource: shown to who may read it */
    int order;          /* MENU_SELDOM + n: under "More" of its section */
    const char *detail; /* on the card of the settings page; may be NULL */
};

/* ---- sets that records can be in, for filters: contacts in segments ---- */
struct filter_set {
    const char *type;          /* whose records: "contact" */
    const char *name, *label;  /* how a filter calls it: "segments", "Segments" */
    const char *of, *key;      /* record type of the sets, and its unique field that names one */
    const char *table;         /* of members, with a row for each that is in one now */
    const char *set_column, *member_column;
    const char *made_at; /* a filter put behind this is the address where a set is made of it; or
                          * NULL */
};

/* ---- merging two records (merge.h) ----
 * Tables beside the records that hold ids of records. References between records are found by their
 * declarations and need no row; a row for a record type's own table says what may not repeat there.
 * What stands in no row and looks like an id of a record fails a test. */
enum merge_collision {
    MERGE_STAY,  /* where the kept record has the same, the other's row stays as it is */
    MERGE_ASIDE, /* or is taken out, and put back by an undo: it would do something */
};
struct merge_table {
    const char *type;   /* whose ids: "contact"; NULL: of the type that the row's "type" names */
    const char *table, *column;
    const char *key;    /* what else tells its rows apart: "id", "broadcast_id, link" */
    /* What may be there once for each record: "segment_id"; "": one row; NULL: anything. */
    const char *unique;
    const char *unique_if; /* condition of that on "t", or NULL: "t.state < 4" */
    enum merge_collision collision;
    const char *stays;  /* why its rows are not moved at all; NULL: they are */
};
struct merge;

/* ---- what can be done to ticked records, by features that their type does not know ---- */
struct bulk_offer {
    const char *type; /* whose records: "contact" */
    const char *word; /* what its values are told by; unique */
    /* {value, text} of each into `list`; and one of those values done to a row. E_INVALID: no such
     * value. Both check the rights. */
    enum status (*offers)(struct ctx *cx, struct val *list);
    enum status (*take_up)(struct ctx *cx, struct row *r, const char *value);
};

struct feature {
    const char *name;
    const struct record_type *const *types;
    size_t type_count;
    const struct route *routes;
    size_t route_count;
    const struct dimension *dimensions;
    size_t dimension_count;
    const struct metric *metrics;
    size_t metric_count;
    const struct event_kind *event_kinds;
    size_t event_kind_count;
    const struct job_type *jobs;
    size_t job_count;
    const struct setting *settings;
    size_t setting_count;
    const struct subscription *subscriptions;
    size_t subscription_count;
    const struct follower *followers;
    size_t follower_count;
    const struct filter_set *filter_sets;
    size_t filter_set_count;
    const struct menu_item *menu;
    size_t menu_count;
    const struct bulk_offer *bulk_offers;
    size_t bulk_offer_count;
    const struct merge_table *merge_tables;
    size_t merge_table_count;
    /* After rows were moved from one record to another, or back: what follows of it. In the same
     * transaction. May be NULL. */
    enum status (*merged)(struct ctx *cx, struct merge *m);
    /* Once at start, after all tables are read and the schema is right; system access, writing
     * connection. May be NULL. */
    enum status (*start)(struct ctx *cx);
    /* Another node has changed a record of the feature's types: what is kept of them in memory is
     * read again. As the system, on a reading connection and a thread of its own. May be NULL. */
    enum status (*changed_elsewhere)(struct ctx *cx);
};
#define TYPES(...)                                               \
    .types = (const struct record_type *const[]){ __VA_ARGS__ }, \
    .type_count = countof(((const struct record_type *const[]){ __VA_ARGS__ }))
#define ROUTES(t) .routes = (t), .route_count = countof(t)
#define DIMENSIONS(t) .dimensions = (t), .dimension_count = countof(t)
#define METRICS(t) .metrics = (t), .metric_count = countof(t)
#define EVENT_KINDS(t) .event_kinds = (t), .event_kind_count = countof(t)
#define JOBS(t) .jobs = (t), .job_count = countof(t)
#define SETTINGS(t) .settings = (t), .setting_count = countof(t)
#define SUBSCRIPTIONS(t) .subscriptions = (t), .subscription_count = countof(t)
#define FOLLOWERS(t) .followers = (t), .follower_count = countof(t)
#define FILTER_SETS(t) .filter_sets = (t), .filter_set_count = countof(t)
#define MENU(t) .menu = (t), .menu_count = countof(t)
#define BULK_OFFERS(t) .bulk_offers = (t), .bulk_offer_count = countof(t)
#define MERGE_TABLES(t) .merge_tables = (t), .merge_table_count = countof(t)

/* ---- the kit of a running program ---- */
struct id_source;
struct templates;
struct writer;
struct live;
struct zone;
struct kit_options {
    const struct feature *const *features;
    size_t feature_count;
    struct db_store *store;
    struct writer *writer;       /* may be NULL in commands that only read */
    struct journey *journey;     /* may be NULL: no events are kept */
    struct templates *templates; /* may be NULL: JSON only */
    struct clock *clock;
    const unsigned char *seal_key; /* seal.h; NULL: secrets can be neither kept nor used */
    const char *public_url; /* "https://crm.example.com"; NULL or "": as the setting says */
    u32 node;
};
/* Reads the tables and checks them against each other. OK: *out is owned, kit_close. E_INVALID
 * names the contradiction. */
MUST_CHECK enum status kit_open(struct ctx *cx, const struct kit_options *o, struct kit **out);
void kit_close(struct kit *k);
/* Runs every feature's start, the event kind codes and the default rows. Needs a writing
 * connection. */
MUST_CHECK enum status kit_start(struct ctx *cx);

/* What a feature keeps in memory for the life of the program (a cache of its rows, a table of
 * visitors): set in its start, given to free_state at kit_close. NULL until set. Threads: the
 * pointer is set once; what it points to guards itself. */
void kit_set_state(struct kit *k, const char *feature, void *state,
                   void (*free_state)(void *state));
void *kit_state(struct kit *k, const char *feature);
i64 kit_new_id(struct ctx *cx);
struct db_store *kit_store(struct kit *k);
struct writer *kit_writer(struct kit *k);
struct templates *kit_templates(struct kit *k);
struct live *kit_live(struct kit *k);
/* Under which the world reaches this program, without a slash at the end: for what is written
 * outside of a request, like mails. "" when nobody said. In arena. */
const char *kit_public_url(struct ctx *cx);
struct journey *kit_journey(struct kit *k); /* NULL: no events are kept */
const struct zone *
kit_zone(struct ctx *cx); /* the workspace's; changes with the setting "workspace.zone" */
const struct feature *const *kit_features(struct kit *k, size_t *count);
/* Event kinds: those of the tables, and the workspace's own (event_kind.c). They live as long as
 * the kit. Any thread. */
const struct event_kind *kit_event_kind(struct kit *k, const char *name); /* NULL: unknown */
const struct event_kind *kit_event_kind_by_code(struct kit *k, u16 code);
/* journey's code of a kind; aborts on an unknown name */
u16 kit_event_code(struct kit *k, const char *name);
/* All of them, by their place from 0 on; NULL: behind the last. */
const struct event_kind *kit_event_kind_at(struct kit *k, size_t at);
/* From now on there is such a kind of the workspace's own, or the one of this name looks like this.
 * Copied. False: the tables have one of this name, or there are LIMIT_OWN_EVENT_KINDS already. */
bool kit_own_event_kind(struct kit *k, const struct event_kind *kind);
const struct job_type *kit_job(struct kit *k, const char *name);
/* The tables as the database sees them: record types and kit's own. For schema diff. */
MUST_CHECK enum status kit_schema(struct ctx *cx, const struct schema_table **tables,
                                  size_t *count);

/* Runs fn in a writing transaction and waits until it is durable; cx->db is the writing connection
 * meanwhile. In work that is already writing it just calls fn inside a savepoint. */
MUST_CHECK enum status kit_write(struct ctx *cx, enum status (*fn)(struct ctx *cx, void *arg),
                                 void *arg);

/* Settings: the stored value or the table's `otherwise`. An unknown name aborts. */
i64 setting_i64(struct ctx *cx, const char *name);
bool setting_bool(struct ctx *cx, const char *name);
const char *setting_text(struct ctx *cx, const char *name);
MUST_CHECK enum status setting_save(struct ctx *cx, const char *name,
                                    const char *value); /* admin */

/* Says that something happened: calls the subscriptions in this transaction. */
MUST_CHECK enum status happen(struct ctx *cx, const struct happening *h);

/* Puts an event on a contact's journey: a row in the outbox of this transaction, moved to the
 * journey after the commit. */
struct journey_note {
    const char *kind; /* of event_kinds; aborts on an unknown one */
    i64 contact_id;   /* whose journey; 0: nothing is written */
    i64 at_ms;        /* 0: now */
    i64 record_id;
    i64 value_minor;         /* base currency */
    u64 visitor;             /* != 0: this visitor is this contact from now on (alias) */
    i64 joins;               /* != 0: this other contact's journey is this one's from now on */
    i64 parts;               /* != 0: that one's is its own again */
    /* What it belongs to, as one JSON object that many events have alike (a broadcast's sender and
     * topic): by it dimensions split. Names are kept for good, so nothing of one person. NULL:
     * nothing. */
    const char *touch;
    u16 flags; /* EVENT_* of journey.h */
    bool bot;  /* a machine did it: numbers leave it out unless they ask for it */
    const struct val *props; /* small map, or NULL */
};
MUST_CHECK enum status journey_note(struct ctx *cx, const struct journey_note *n);
/* The same for many, in one statement. */
MUST_CHECK enum status journey_note_many(struct ctx *cx, const struct journey_note *notes,
                                         size_t count);
/* Moves what stands in the outbox to the journey: called by the server after commits, and by tests.
 */
MUST_CHECK enum status outbox_drain(struct ctx *cx);

/* Tells a user of work that waits for them: shown at once on their open pages, kept until read, and
 * mailed as they chose. notify_as: of another kind, NOTICE_* of notice.h. */
MUST_CHECK enum status notify(struct ctx *cx, i64 user_id, const char *icon, const char *text,
                              const char *path);
MUST_CHECK enum status notify_as(struct ctx *cx, int kind, i64 user_id, const char *icon,
                                 const char *text, const char *path);
