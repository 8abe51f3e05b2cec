/* record.h -- what is known: record types, fields, and the one door through which records change.
 *
 * A record type is one const declaration (see sales/deal.c). From it follow table, validation,
 * pages, REST, filters, CSV, OpenAPI, search, change log and permissions. record_save is the only
 * way in: permission, validation, write, change log, search index, hooks and what follows are one
 * transaction, for page, API, import, automation and merge alike.
 *
 * To add a type: write src/FOLDER/NAME.c with its fields and `const struct feature feature_NAME`,
 * add the word FOLDER/NAME to src/meson.build, and run `furrow schema diff` for the migration.
 *
 * Ownership  rows and their texts are in cx's arena.
 * Threads    as the ctx: one thread at a time. Types are const and shared. */
#pragma once
#include "base/ctx.h"
#include "base/money.h"
#include "store/db.h"

enum field_kind {
    FIELD_TEXT,    /* one line */
    FIELD_LONG,    /* paragraphs, plain text */
    FIELD_INT,     /* i64 */
    FIELD_DECIMAL, /* fixed point: i64 scaled by 10^scale */
    FIELD_MONEY, /* minor units, currency, and the amount in base currency frozen when it changed */
    FIELD_DATE,  /* days since 1970 */
    FIELD_TIME,  /* instant, ms */
    FIELD_BOOL,
    FIELD_CHOICE, /* one of `choices`, stored by value */
    FIELD_TAGS,   /* set of short texts, stored "|a|b|", sorted, folded for comparison */
    FIELD_EMAIL,  /* stored trimmed, compared lower case */
    FIELD_PHONE,  /* stored as typed, compared by its digits */
    FIELD_URL,    /* http or https */
    FIELD_REF,    /* id of a record of type `ref` */
    FIELD_JSON,   /* a JSON document */
    FIELD_SECRET, /* sealed when typed, never shown again: row_secret opens it */
    FIELD_KIND_COUNT
};

/* Field flags. */
enum {
    REQUIRED = 1 << 0,
    LISTED = 1 << 1,   /* a column of the list by default */
    SEARCHED = 1 << 2, /* its words go to the search index */
    TRACKED = 1 << 3,  /* its history is shown on the page (all history is kept anyway) */
    UNIQUE = 1 << 4,   /* no two records that are not in the trash share its folded value */
    INDEXED = 1 << 5,  /* an index serves sorting and filtering */
    COMPUTED = 1 << 6, /* set by code only: shown, filtered, exported, never typed */
    INTERNAL = 1 << 7, /* neither shown nor filtered nor in the API (secrets, search helpers) */
    OWNER = 1 << 8,    /* the user who owns the record: scopes "own" and "team" look at it */
    CARD = 1 << 9,     /* one of the three facts on a board card */
    SUMMED = 1 << 10,  /* boards and lists show its sum */
    MULTILINE_TITLE = 1 << 11,
    CREATE_ONLY = 1 << 12, /* typed when made, then fixed */
    LATER = 1 << 14, /* asked when something is done to the record: not in the form of a new one,
                      * nor on its page while its group says nothing */
    MOVED = 1 << 13, /* a merge may change it like a reference, without touching the stamps */
};

struct choice {
    const char *value, *label, *color; /* color: one of green amber red blue violet gray teal
                                          orange; "channel": the value is a channel's word */
};
#define CHOICES(...) ((const struct choice[]){ __VA_ARGS__, { NULL, NULL, NULL } })

struct field {
    const char *name; /* column and API name: "close_date", "company_id", "amount" */
    enum field_kind kind;
    const char *label; /* "Expected close" */
    u32 flags;
    const char *help;             /* one sentence under the input, or NULL */
    int max_len;                  /* texts: bytes; 0: the kind's limit */
    int scale;                    /* FIELD_DECIMAL: digits after the point; 0 is 2 */
    i64 min, max;                 /* numbers; both 0: any */
    const char *ref;              /* FIELD_REF: type name */
    const struct choice *choices; /* FIELD_CHOICE */
    /* Or, where only the running program knows them (the metrics that there are). In cx's arena or
     * static, ended by one without a value. */
    const struct choice *(*choices_of)(struct ctx *cx);
    const char *otherwise; /* default when absent at creation: text as in CSV; "me", "today" and
                              "now" too */
    const char *group;     /* heading of the form section that begins here, or NULL */
};

/* A list of other records on the detail page: those of `type` whose `field` points here. */
struct related {
    const char *type, *field, *label;
};
#define RELATED(...)                      \
    .related = (const struct related[])   \
    {                                     \
        __VA_ARGS__, { NULL, NULL, NULL } \
    }

/* A button on the detail page. POST to /{path}/:id/{verb} unless `href` (with :id) is set. Shown
 * when `shown` says so. */
struct row;
struct action {
    const char *verb, *label, *href;
    bool primary;
    bool (*shown)(struct ctx *cx, const struct row *r); /* NULL: always */
    const char *confirm;                                /* question asked first, or NULL */
};
#define ACTIONS(...)                   \
    .actions = (const struct action[]) \
    {                                  \
        __VA_ARGS__, { NULL }          \
    }

/* An index of several columns, for what a page asks each time it is shown. */
struct type_index {
    /* "ticket_due", "active, due_at, id, deleted_at": lists with the first columns in the filter
     * and the next one in the order go along it. With id and deleted_at SQLite needs no row. */
    const char *name, *columns;
    const char *where; /* "deleted_at IS NULL", or NULL */
};
#define INDEXES(...)                       \
    .indexes = (const struct type_index[]) \
    {                                      \
        __VA_ARGS__, { NULL }              \
    }

/* A record that may be the same as another. */
struct alike {
    i64 id;
    int score;       /* 0 to 100 */
    const char *why; /* "the same phone number, a similar name"; in arena */
};

struct record_type {
    const char *name, *label, *plural; /* "deal", "Deal", "Deals" */
    const char *path;                  /* "deals": /deals and /api/v1/deals */
    const char *icon;                  /* of the sprite: "coin" */
    const char *section; /* menu: "marketing" "sales" "service" "insight" "people" "settings"; NULL:
                            no menu */
    int menu_order;      /* MENU_SELDOM + n: under "More" of its section */
    const char *sort;    /* default list order: "-created_at", "close_date" */
    int title;           /* index of the field that names a record (contact: see title_of) */
    const char *(*title_of)(struct ctx *cx,
                            const struct row *r); /* or NULL: the title field's text */
    const char *board; /* choice or ref field whose values are the columns of its board, or NULL */
    const char
        *board_by; /* ref field that chooses among boards (deal: pipeline_id): the columns are the
                      records of board's type that have the same value there; or NULL */
    const struct field *fields;
    int field_count;
    const struct type_index *indexes; /* beside those that follow from the fields; or NULL */
    const struct related *related;
    const struct action *actions;
    u32 flags; /* TYPE_* */
    /* Who sees one, within what their role allows: a filter ("shared = 'everyone' or team_id =
     * my_team"). Its owner and administrators always do. NULL: the role alone says. */
    const char *seen_if;
    /* Date or time field whose day says by which rate of exchange its amounts are counted; today's
     * while it is not set (exchange.h). NULL: that of the day on which they were written. */
    const char *rate_day;
    const char *empty; /* empty state: what will be here and why it is worth having */
    /* Behaviour that data cannot say; each may be NULL. They run inside record_save's transaction.
     */
    enum status (*defaults)(
        struct ctx *cx, struct row *r); /* before validation of a new row: fill what is missing */
    enum status (*validate)(struct ctx *cx, struct row *r); /* ctx_fail_field; may also normalise */
    enum status (*saved)(struct ctx *cx,
                         struct row *r); /* after the write; row_before(r) is how it was */
    enum status (*removed)(struct ctx *cx, struct row *r); /* after it went to the trash */
    /* Of TYPE_MERGE: what `keep` is to hold of what no person chooses (COMPUTED fields, stages),
     * once the fields are chosen. chose[i]: somebody said so of field i. */
    enum status (*merged)(struct ctx *cx, struct row *keep, const struct row *lose,
                          const bool *chose);
    /* Adds what the detail page shows beyond the fields to `page` (a map). Runs on a reading
     * connection. */
    enum status (*detail)(struct ctx *cx, const struct row *r, struct val *page);
    const char *detail_template; /* a template of its own for the page, or NULL: kit/detail */
    /* What can be done to ticked rows beyond what the fields say: {value, text} into `list`; and
     * one of those values done to a row. E_INVALID: no such value. Both check the rights. */
    enum status (*offers)(struct ctx *cx, struct val *list);
    enum status (*take_up)(struct ctx *cx, struct row *r, const char *offer);
    /* Of TYPE_MERGE: which others may be the same as this one, the likeliest first, at most `max`.
     * May be NULL. */
    enum status (*alike)(struct ctx *cx, const struct row *r, struct alike *out, size_t max,
                         size_t *count);
};
/* Of what is set up once or looked at now and then, not worked with daily: it would make the menu
 * long. */
enum { MENU_SELDOM = 1000 };
enum {
    TYPE_TIMELINE = 1 << 0,  /* its page shows a journey (contact, company, deal) */
    TYPE_NO_CREATE = 1 << 1, /* made by code only: no "new" page, no POST in the API */
    TYPE_NO_UPDATE = 1 << 2,
    TYPE_NO_DELETE = 1 << 3,
    TYPE_SYSTEM = 1 << 4, /* not offered in import and global search */
    TYPE_COMMENTS = 1 << 5,
    TYPE_PERSON = 1 << 7,     /* its records are the known people of journeys: filters may ask for
                              * their events */
    TYPE_OWN_DETAIL = 1 << 8, /* the feature has the route /{path}/:id itself */
    TYPE_TELLS = 1 << 10, /* its own rules tell its owner: that it became theirs is no other news */
    TYPE_MERGE = 1 << 9,  /* two of them may turn out to be one (merge.h) */
    TYPE_OWN_PAGES = 1 << 6, /* the feature has the routes /{path} and /{path}/:id itself */
};

/* ---- rows ---- */
struct row; /* opaque: a record in memory, with how it was when read */

/* A new row with defaults not yet applied. */
struct row *row_new(struct ctx *cx, const struct record_type *t);
const struct record_type *row_type(const struct row *r);
i64 row_id(const struct row *r); /* 0 until saved, unless row_set_id */
void row_set_id(struct row *r,
                i64 id); /* a chosen id for a new row: imports of ours, the demo company */
i64 row_version(const struct row *r);
/* The version that a page or an If-Match was made from: a save fails with E_CONFLICT when the row
 * is another by now. */
void row_expect_version(struct row *r, i64 version);
i64 row_created_at(const struct row *r);
i64 row_updated_at(const struct row *r);
bool row_is_new(const struct row *r); /* in `saved` too: true while the save that made it runs */
bool row_is_deleted(const struct row *r);
const struct row *row_before(const struct row *r); /* NULL for a new one */
bool row_changed(const struct row *r, int field);  /* against row_before */

bool row_has(const struct row *r, int field); /* set, not empty */
i64 row_i64(
    const struct row *r,
    int field); /* int, decimal (scaled), date, time, bool, ref; unset: 0 (date, time: TIME_NONE) */
const char *row_text(const struct row *r, int field); /* text kinds; "" when unset; never NULL */
bool row_bool(const struct row *r, int field);
struct money row_money(const struct row *r, int field);
i64 row_base_minor(const struct row *r, int field); /* money in base currency */
void row_set_i64(struct row *r, int field, i64 v);
void row_set_text(struct row *r, int field, const char *v); /* copies; "" clears */
void row_set_money(struct row *r, int field, struct money m);
void row_clear(struct row *r, int field);
/* A FIELD_SECRET, opened (in arena) or sealed. E_INVALID as seal.h says. */
MUST_CHECK enum status row_secret(struct ctx *cx, const struct row *r, int field,
                                  const char **plain);
MUST_CHECK enum status row_set_secret(struct ctx *cx, struct row *r, int field, const char *plain);
/* Sets a field from what a person or a file wrote (CSV, form, API text). E_INVALID through
 * ctx_fail_field. "" clears. */
MUST_CHECK enum status row_parse(struct ctx *cx, struct row *r, int field, const char *text);
/* The same from a JSON value of the API. */
MUST_CHECK enum status row_parse_val(struct ctx *cx, struct row *r, int field, const struct val *v);
/* A field as text for CSV and inputs; as a JSON value for the API; as a cell for templates (see
 * web/README.md: kind, text, ...). */
const char *row_plain(struct ctx *cx, const struct row *r, int field);
struct val *row_val(struct ctx *cx, const struct row *r, int field);
struct val *row_cell(struct ctx *cx, const struct row *r, int field);
/* A field in words for people: "€1,234.50", "Proposal", "in 3 days"; "" when not set. */
const char *row_show(struct ctx *cx, const struct row *r, int field);
/* Fetches the titles of everything these rows of one type refer to, a query for each type, so that
 * row_cell and row_show of references ask nothing more. */
MUST_CHECK enum status rows_load_titles(struct ctx *cx, struct row *const *rows, size_t count);
/* The same for these fields alone: a list shows few of those that a type has. */
MUST_CHECK enum status rows_load_some_titles(struct ctx *cx, struct row *const *rows, size_t count,
                                             const int *fields, int field_count);
/* Fills in what `otherwise` and the type's `defaults` say; record_save does it too. For the form of
 * a new record. */
MUST_CHECK enum status row_defaults(struct ctx *cx, struct row *r);
/* How a record is called on pages. */
const char *row_title(struct ctx *cx, const struct row *r);
char *row_path(struct ctx *cx, const struct row *r); /* "/deals/01h..." */

/* ---- types ---- */
const struct record_type *type_find(struct ctx *cx, const char *name); /* NULL: no such type */
const struct record_type *type_by_path(struct ctx *cx, const char *path);
const struct record_type *const *type_all(struct ctx *cx, size_t *count);
int type_field(const struct record_type *t, const char *name); /* index, or -1 */

/* ---- reading (permission: the caller's access decides; what may not be seen is E_NOT_FOUND) ----
 */
MUST_CHECK enum status record_get(struct ctx *cx, const struct record_type *t, i64 id,
                                  struct row **out);
MUST_CHECK enum status record_get_named(struct ctx *cx, const char *type, i64 id, struct row **out);
/* Rows of these ids that cx may read and that are not in the trash, in the order of the ids, by a
 * query for 200; NULL where there is none. */
MUST_CHECK enum status rows_by_id(struct ctx *cx, const struct record_type *t, const i64 *ids,
                                  size_t count, struct row **rows);
/* Even one in the trash. */
MUST_CHECK enum status record_get_any(struct ctx *cx, const struct record_type *t, i64 id,
                                      struct row **out);
/* First record whose field has this value (folded compare), ignoring scopes: for finding
 * duplicates. E_NOT_FOUND without text. */
MUST_CHECK enum status record_find(struct ctx *cx, const struct record_type *t, const char *field,
                                   const char *value, struct row **out);
/* Titles of many ids at once, one query for 200: titles[i] of ids[i], "" for what may not be read.
 * Those in the trash have theirs. */
MUST_CHECK enum status record_titles(struct ctx *cx, const struct record_type *t, const i64 *ids,
                                     size_t count, const char **titles);

/* ---- the one door ---- */
/* Writes a new or changed row: permission, defaults, validation (all field errors collected), write
 * if something changed, change log, search index, `saved`, subscribers of "TYPE.created" and
 * "TYPE.updated", live pages. E_INVALID with field errors; E_CONFLICT: changed by somebody else
 * since it was read (row_version) or a unique value is taken; E_FORBIDDEN. Needs a writing
 * connection. */
MUST_CHECK enum status record_save(struct ctx *cx, struct row *r);
/* Everything that record_save would refuse, without writing. */
MUST_CHECK enum status record_check(struct ctx *cx, struct row *r);
MUST_CHECK enum status record_delete(struct ctx *cx, struct row *r);  /* to the trash */
MUST_CHECK enum status record_restore(struct ctx *cx, struct row *r); /* from the trash */
/* Many new rows of one type in few statements, for imports and the demo company: same checks, one
 * change-log batch. */
MUST_CHECK enum status record_save_many(struct ctx *cx, struct row **rows, size_t count);

/* ---- change log ---- */
/* Newest first: maps {at, user:{id,name}, kind (create update delete restore), batch, request,
 * version, fields:[{name,label,old,new}]} (old/new in words for people). */
MUST_CHECK enum status record_history(struct ctx *cx, const struct row *r, int limit,
                                      struct val *list);

/* A row that was just read becomes what it was at an instant, or as it was made when that is older.
 * Internal fields and secrets, of which the log has no values, stay. */
MUST_CHECK enum status row_as_of(struct ctx *cx, struct row *r, i64 at_ms);

/* The workspace's base currency ("EUR"), and `m` in it today; exchange.h has the rates. E_INVALID,
 * without text: there is none. */
const char *base_currency(struct ctx *cx);
MUST_CHECK enum status money_to_base(struct ctx *cx, struct money m, i64 *base_minor);
