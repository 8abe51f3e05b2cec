/* journey.h -- the event store: everything that a company and a person did to each other, in order.
 * Events only accumulate. A person is a dense 32-bit number; visitors become contacts by alias,
 * which can be undone.
 *
 * Units      *_ms: UTC milliseconds. value: minor units of the workspace's base currency.
 * Ownership  input is borrowed for the call unless said otherwise; results are in the caller's
 *            arena.
 * Errors     E_BUSY: the queue is full (journey_append; the others wait for room). E_LIMIT: a batch
 *            over LIMIT_EVENT_BATCH. E_TOO_LARGE: props over their limit. E_INVALID: a time outside
 *            1970..2105, no kind, an unknown person. E_FULL, E_IO: nothing was stored.
 * Threads    everything here from any thread, except open and close. A walk sees one snapshot: all
 *            that was durable when it began.
 * The store belongs to one process: opening it twice is E_BUSY. */
#pragma once
#include "base/ctx.h"

/* One event. Codes come from journey_intern; 0 always means none. */
struct event {
    i64 at_ms;
    u32 person;
    u16 kind;         /* DICT_KIND */
    u8 channel;       /* enum of bridge/channel.h */
    u8 device;        /* low 2 bits: 0 unknown 1 desktop 2 mobile 3 tablet; bit 7: bot */
    u16 country;      /* two letters packed: 'D' << 8 | 'E' */
    u16 flags;        /* EVENT_* */
    u32 site;         /* DICT_SITE */
    u32 page;         /* DICT_PAGE: path, without query */
    u32 source;       /* DICT_SOURCE: "google.com", "newsletter" */
    u32 campaign;     /* DICT_CAMPAIGN: utm_campaign */
    u32 client;       /* DICT_CLIENT: browser, system, language, screen as one interned tuple */
    u32 touch;        /* DICT_TOUCH: source, medium, campaign, term, content, click id kind as one
                         interned tuple (JSON) */
    i64 value;        /* money; of kinds that are passive: what was measured (bridge/measure.h) */
    i64 record;       /* the record it points to (deal, form, call ...), or 0; of an action of the
                         site: what it is called, DICT_ACTION */
    u64 id;           /* in only: caller's id for idempotency, or 0. A known id is stored once: the
                         last 16 million of them at least are remembered (SEEN_IDS) */
    const char *props;/* JSON object, or NULL; at most LIMIT_EVENT_PROPS_BYTES */
    u64 seq;          /* out only: arrival order, breaks ties of time */
};
/* JOINED: with it a visitor became this contact, who so got a past. REPEAT: the same was done
 * before (of one mail); what is counted once leaves it out. */
enum { EVENT_INTERACTIVE = 1, EVENT_IMPORTED = 2, EVENT_JOINED = 4, EVENT_REPEAT = 8 };
enum journey_dict {
    DICT_KIND = 1, DICT_SITE, DICT_PAGE, DICT_SOURCE, DICT_CAMPAIGN, DICT_CLIENT, DICT_TOUCH,
    DICT_ACTION, DICT_COUNT
};

struct journey;
struct journey_options {
    const char *path;          /* ".../journey.db", made when absent; NULL: a temporary file, gone
                                  after close (tests) */
    const char *events_url;    /* where events lie once they are flushed; NULL or "": in the file.
                                  "clickhouse://[user:password@]host:port[,host:port ...]/database
                                  [?cluster=NAME]", a host for each shard (README.md) */
    struct clock *clock;       /* borrowed for the store's life; NULL: the system's */
    u32 flush_events;          /* log events that make sorted runs; 0: 200,000 */
    bool no_background;        /* tests: flush only when asked */
    u32 names_max;             /* names of one dictionary; 0: LIMIT_DICTIONARY_NAMES */
    u64 walk_bytes;            /* of columns kept between walks; 0: a quarter of the machine's
                                  memory, 1: none */
    u64 max_bytes;             /* the file grows no further: appends get E_FULL, reads go on;
                                  0: no bound but the disk */
};
/* OK: *out is owned, journey_close. E_CORRUPT names the damaged row; E_SCHEMA: a newer format;
 * E_INVALID: its events lie elsewhere than events_url says; E_IO: the server is not there. */
MUST_CHECK enum status journey_open(struct ctx *cx, const struct journey_options *o,
                                    struct journey **out);
void journey_close(struct journey *j); /* finishes the queue; NULL is fine */

/* ---- names ---- */
/* The code of a name, made when new. Past LIMIT_DICTIONARY_NAMES, or 64 MiB
 * of texts: the code of "(other)". A code is
 * durable no later than the first batch that uses it. Never fails. name: valid UTF-8, cut at 2,000
 * bytes; an empty one has code 0. */
u32 journey_intern(struct journey *j, enum journey_dict d, struct str name);
u32 journey_code(struct journey *j, enum journey_dict d, struct str name); /* 0 when unknown */
/* Borrowed for the store's life; "" for 0. */
const char *journey_name(struct journey *j, enum journey_dict d, u32 code);

/* ---- people ---- */
enum person_kind { PERSON_VISITOR = 1, PERSON_CONTACT = 2 };
/* Number of a visitor (64-bit hash of cookie id or day hash) or contact (record id), made when new.
 * Aliases are not followed: an event is stored under the number it came under. */
u32 journey_person(struct journey *j, enum person_kind kind, u64 key);
/* 0 when unknown; aliases followed. */
u32 journey_person_find(struct journey *j, enum person_kind kind, u64 key);
bool journey_person_key(struct journey *j, u32 person, enum person_kind *kind, u64 *key);
/* From now on the visitor's events, past and future, are the contact's. Durable when it returns.
 * Twice the same: OK. A visitor that belongs to another contact already: E_CONFLICT (its later
 * events may get a new visitor number: journey_split). A contact merged into another is an alias
 * like any other, and brings its visitors along; a circle is E_INVALID. */
MUST_CHECK enum status journey_alias(struct ctx *cx, struct journey *j, u32 visitor, u32 contact,
                                     i64 at_ms);
/* Many at once, in one commit: what an import or the demo company needs. Those that conflict are
 * left out; the first conflict is the result, after the others were stored. */
struct journey_link {
    u32 visitor, contact;
    i64 at_ms;
};
MUST_CHECK enum status journey_alias_many(struct ctx *cx, struct journey *j,
                                          const struct journey_link *links, size_t count);
/* Undoes it: the visitor is a person of its own again, with all its events. Not an alias:
 * E_NOT_FOUND. */
MUST_CHECK enum status journey_unalias(struct ctx *cx, struct journey *j, u32 visitor);
/* Everything that this person, and who belongs to it, ever did is gone: no read shows it when this
 * returns, whatever happens then, and what comes under these numbers later is dropped. Their keys
 * are forgotten too: journey_person gives new numbers for them. The bytes leave the file with the
 * runs that the store sorts anew beside appends, or journey_merge at once. An alias's number erases
 * its contact. E_NOT_FOUND: nobody, or erased already. There is no way back. */
MUST_CHECK enum status journey_erase(struct ctx *cx, struct journey *j, u32 person);
/* A new number for the key of `person`: journey_person gives it from now on, and the old number
 * keeps what it has. For a shared browser whose next user turns out to be somebody else. Durable
 * with the first batch that uses it. 0: unknown person. */
u32 journey_split(struct journey *j, u32 person);
/* The number under which a person's events are seen: the contact of an alias, otherwise the same
 * number; 0 when they are erased. */
u32 journey_root(struct journey *j, u32 person);
/* The visitors of a contact, oldest first; those of contacts merged into it too. In arena. */
MUST_CHECK enum status journey_aliases(struct ctx *cx, struct journey *j, u32 contact,
                                       u32 **visitors, size_t *count);

/* ---- writing ---- */
/* Called on the store's thread, after the commit; must be quick and not wait for the store. */
typedef void journey_done(void *arg, enum status s);
/* Queues `count` events, all or none; they are copied. `done` (or NULL) is called once they are on
 * disk, or with why not. */
MUST_CHECK enum status journey_append(struct journey *j, const struct event *events, size_t count,
                                      journey_done *done, void *arg);
/* The same, and waits. */
MUST_CHECK enum status journey_append_wait(struct ctx *cx, struct journey *j,
                                           const struct event *events, size_t count);
/* The same for events that stand for outbox rows up to `outbox_seq`, storing that number with them
 * atomically; waits. Rows at or below journey_outbox_seq are known: the caller skips them. */
MUST_CHECK enum status journey_append_outbox(struct ctx *cx, struct journey *j,
                                             const struct event *events, size_t count,
                                             u64 outbox_seq);
u64 journey_outbox_seq(struct journey *j);
/* Log -> sorted runs, now. Appends wait meanwhile; the store does it by itself beside them. */
MUST_CHECK enum status journey_flush(struct ctx *cx, struct journey *j);

/* Many runs of a month -> one, as far as that is worth it, now; flushes before. The store does it
 * by itself beside appends and walks. */
MUST_CHECK enum status journey_merge(struct ctx *cx, struct journey *j);

/* ---- reading ---- */
/* What a report sees of one person: events in time order (at_ms, then seq), aliases followed.
 * Borrowed for the visit. */
struct journey_view {
    u32 person;              /* the contact's or the lone visitor's number; events[].person is the
                                number they came under */
    const struct event *events;
    size_t count;
};
/* The same without a copy, for reports that look at a few columns of very many: a person's events
 * as stretches of the columns themselves. Columns that the plan does not read are NULL. */
struct journey_columns {
    i64 base_ms; /* at_ms is base_ms + at[i] */
    const u32 *at;
    const u16 *kind, *country, *flags;
    const u8 *channel, *device;
    const u32 *site, *page, *source, *campaign, *client, *touch;
    const i64 *value, *record;
};
struct journey_part {
    u32 first, count; /* rows of the columns */
    u32 begin, end;   /* at[] of the first and the last of them */
    u64 kinds; /* journey_kind_bit of each kind among the rows; perhaps of others too */
    void *state; /* the person's */
};
struct journey_parts {
    const struct journey_columns *of;
    const struct journey_part *list;
    size_t count;
};
/* Runs are walked one after the other, so a person's parts come in order of time, and those of
 * others between them: what a report must remember of a person is its state. */
struct journey_fold {
    size_t state_bytes; /* of one person, a multiple of 8; zeros before its first part */
    void (*parts)(void *acc, const struct journey_parts *p); /* borrowed for the call */
    void (*done)(void *acc, void *state, u32 person); /* after its last part; NULL: nothing to do */
};
/* Kinds 63 and up share the last bit. */
static inline u64 journey_kind_bit(u16 kind) { return 1ull << (kind < 63 ? kind : 63); }
enum {
    READ_TIME = 1 << 1, /* with kind, when nothing else is looked at */
    READ_CHANNEL = 1 << 3, READ_DEVICE = 1 << 4, READ_COUNTRY = 1 << 5, READ_FLAGS = 1 << 6,
    READ_SITE = 1 << 7, READ_PAGE = 1 << 8, READ_SOURCE = 1 << 9, READ_CAMPAIGN = 1 << 10,
    READ_CLIENT = 1 << 11, READ_TOUCH = 1 << 12, READ_VALUE = 1 << 13, READ_RECORD = 1 << 14,
};
/* What a row may be asked to be; 0: anything. */
struct journey_row {
    u16 kind, country;
    u8 channel;
    u32 site, page, source, campaign;
};
struct journey_plan {
    i64 from_ms, to_ms;      /* half open; 0, 0: all time */
    const u16 *kinds;        /* only people with at least one of each of these in range; NULL: no
                                condition */
    size_t kind_count;
    const struct journey_row *row; /* only people with an event in range that is such, found without
                                looking at the others; NULL: no condition */
    const u32 *people;       /* only these, ascending; NULL: everybody */
    size_t people_count;
    u32 columns;             /* READ_* bits: the fields the visitor looks at (the others may be 0),
                                those of `row` among them;
                                0: all. at_ms, person, kind and seq are always there. The fewer, the
                                faster */
    bool props;              /* fill in event.props (slower) */
    /* Who has at least one event in range is shown on one of `threads` threads; `acc` is that
     * thread's. visit is called once per person. One of the two. */
    void (*visit)(void *acc, const struct journey_view *v);
    const struct journey_fold *fold;
};
/* Walks everybody. accs[0..threads): one accumulator a thread; the caller adds them up. What it
 * calls must not read events itself. A list of at most 64 people is looked up person by person,
 * without a scan. threads: 1 to 16. E_CORRUPT: a blob is damaged; cx names it. */
MUST_CHECK enum status journey_walk(struct ctx *cx, struct journey *j, const struct journey_plan *p,
                                    void **accs, unsigned threads);
/* One person's events, newest first, with props; before_ms/before_seq page on (0, 0: from the
 * newest). limit: at most LIMIT_TIMELINE_EVENTS. An alias's number gives the contact's events. */
MUST_CHECK enum status journey_timeline(struct ctx *cx, struct journey *j, u32 person,
                                        i64 before_ms, u64 before_seq, size_t limit,
                                        struct event **out, size_t *count);
/* Calls `fn` on the store's thread for each batch just made durable, in order: live pages,
 * triggers. At most 8 listeners. It must be quick and not wait for the store. */
typedef void journey_listener(void *arg, const struct event *events, size_t count);
void journey_listen(struct journey *j, journey_listener *fn, void *arg);
void journey_unlisten(struct journey *j); /* forgets all; none is running when it returns */

/* Consumers that must see every event once (scoring, triggers) read in order of arrival and keep
 * their own cursor: the seq of the last event they had. With props. From the tail it costs
 * microseconds; a consumer that lies behind the last flush pays one pass over the runs of that
 * flush (a few ms) each call, so let it ask for thousands at once. limit: at most
 * LIMIT_EVENT_BATCH. */
MUST_CHECK enum status journey_since(struct ctx *cx, struct journey *j, u64 after_seq,
                                     size_t limit, struct event **out, size_t *count);
u64 journey_last_seq(struct journey *j);
/* Two numbers that are the same as before only while every walk sees what it saw: no event came, no
 * link was made or undone, nobody was erased. Read before a walk and the same after it, they stand
 * for what it saw. */
void journey_version(struct journey *j, u64 out[2]);

struct journey_stats {
    u64 events, people, aliases, log_events, runs, bytes, commits;
};
void journey_stats(struct journey *j, struct journey_stats *out);
/* Reads every blob and checks its CRC and order. E_CORRUPT names what is wrong. */
MUST_CHECK enum status journey_verify(struct ctx *cx, struct journey *j);

/* ---- a copy of a store that somebody else, perhaps another process, has open ---- */
/* All that was durable at this moment. *outbox_seq as journey_outbox_seq. Events that lie in
 * another database (events_url) are not in it. Owned: journey_copy_end. One thread. */
struct journey_copy;
MUST_CHECK enum status journey_copy_begin(struct ctx *cx, const char *path,
                                          struct journey_copy **out, u64 *outbox_seq);
/* Writes it to a file, which must be new. */
MUST_CHECK enum status journey_copy_write(struct ctx *cx, struct journey_copy *c, const char *to);
void journey_copy_end(struct journey_copy *c); /* NULL is fine */
