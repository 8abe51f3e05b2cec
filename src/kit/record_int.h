/* record_int.h -- what the files of kit share about records: how a row lies in memory and in its
 * table.
 *
 * A type's table has its name. Columns: id, version, created_at, created_by, updated_at,
 * updated_by, deleted_at (NULL unless in the trash), then for each field what its kind's storage
 * says: STORED_TEXT    name TEXT NOT NULL DEFAULT '' STORED_FOLDED  the same, and name_fold: the
 * form in which it is compared STORED_I64     name BIGINT, NULL when not set STORED_BOOL    name
 * INTEGER NOT NULL DEFAULT 0 STORED_MONEY   name_minor BIGINT, name_currency TEXT, name_base_minor
 * BIGINT Indexes: (compare column, id) for INDEXED and the default sort, (name) for references,
 * created_at for all. The index of a UNIQUE field is partial (deleted_at IS NULL AND compare column
 * <> ''): a query must say both to be served by it. */
#pragma once
#include "kit/access.h"
#include "kit/record.h"

/* ---- storage ---- */
enum storage { STORED_TEXT, STORED_FOLDED, STORED_I64, STORED_BOOL, STORED_MONEY };
enum storage field_storage(const struct field *f);
/* What a record without a title is called: "Deal 01h..."; id 0: "New deal". In arena. */
const char *row_nameless(struct ctx *cx, const struct record_type *t, i64 id);
/* The column that comparing, sorting and uniqueness look at: name, name_fold or name_base_minor. In
 * arena. */
const char *field_compare_column(struct arena *a, const struct field *f);
/* The compared form of a stored text: folded, lower case or digits only; the text itself for kinds
 * without one. In arena. */
const char *field_fold(struct arena *a, const struct field *f, const char *text);
const char *kind_word(enum field_kind kind); /* static: "text", "money" */
/* What a FIELD_CHOICE chooses from; ended by one without a value. In arena or static. */
const struct choice *field_choices(struct ctx *cx, const struct field *f);

/* The columns that every type has, by name: id created_at created_by updated_at updated_by. */
enum system_field {
    SYSTEM_NONE,
    SYSTEM_ID,
    SYSTEM_CREATED_AT,
    SYSTEM_CREATED_BY,
    SYSTEM_UPDATED_AT,
    SYSTEM_UPDATED_BY
};
enum system_field system_field(const char *name);
i64 row_system(const struct row *r, enum system_field which); /* 0 when not set */
int type_owner_field(const struct record_type *t);            /* index of the OWNER field, or -1 */

/* ---- a value ---- */
struct value {
    i64 i;            /* int, scaled decimal, day, ms, bool, id; money: minor units */
    i64 base_minor;   /* money in base currency */
    const char *text; /* text kinds: the text, never NULL; money: the currency; ref: title if
                         loaded, or NULL */
    bool set;
};
/* Reads what a person or file wrote, as row_parse does, without a row. "" is not set. E_INVALID
 * with a field error. */
MUST_CHECK enum status field_parse(struct ctx *cx, const struct field *f, const char *text,
                                   struct value *out);
/* A value in words for people; "" when not set. In arena. */
const char *value_show(struct ctx *cx, const struct field *f, const struct value *v);
bool field_equal(const struct field *f, const struct value *a, const struct value *b);
/* As the table holds them: amounts that are equal may be worth something else. */
bool field_same(const struct field *f, const struct value *a, const struct value *b);

struct row {
    const struct record_type *type;
    struct arena *arena;
    i64 id, version, created_at, created_by, updated_at, updated_by,
        deleted_at; /* deleted_at 0: not */
    bool is_new;    /* until the save that makes it has ended */
    bool in_table;
    struct row *stored;   /* how it is in the table; NULL: as it is here */
    struct row *before;   /* while a save's hooks run: how it was before the save */
    struct value *values; /* one a field */
};

/* The amount in base currency, of another rate. */
void row_set_base(struct row *r, int field, i64 base_minor);

/* ---- rows from queries (the generators: sql_*.c, list.c) ---- */
/* Appends "alias"."id", ... : all columns that row_from_stmt reads, in its order. */
void row_columns_sql(struct sql *q, const struct record_type *t, const char *alias);
int row_column_count(const struct record_type *t);
/* The row whose columns start at first_col. In cx's arena; texts are copied. */
struct row *row_from_stmt(struct ctx *cx, const struct record_type *t, struct stmt *q,
                          int first_col);
/* Whether a scope covers the row: for `own` and `team` its OWNER (or, where the type has none, who
 * made it). */
/* Whether a role is all that decides who sees records of this type, and whether every one of them
 * may be read. */
bool seen_by_role(const struct access *who, const struct record_type *t);
bool sees_all(struct ctx *cx, const struct record_type *t);
MUST_CHECK enum status row_in_scope(struct ctx *cx, const struct row *r, enum scope scope,
                                    bool *in);
/* Team of a user, 0 for none: from the record type "user", field "team_id", where there are such.
 */
MUST_CHECK enum status user_team(struct ctx *cx, i64 user_id, i64 *team_id);
