/* migrate.h -- numbered migrations, and the difference between the schema that is declared and the
 * one that is there.
 * A migration is src/migrations/NNNN_name.sql: a comment head (why, step, engine), statements, then
 * queries after "-- expect 0: note" lines that must answer that number. Lines "-- @sqlite", "--
 * @postgres" and "-- @both" begin sections that hold what differs. Both engines read one dialect:
 * BIGINT, INTEGER, TEXT, BLOB, DOUBLE; BIGINT PRIMARY KEY is SQLite's row id, BLOB and DOUBLE
 * become PostgreSQL's BYTEA and DOUBLE PRECISION. Table "migration" (number, name, checksum,
 * applied_at) remembers; 0001 makes it. */
#pragma once
#include "store/db.h"

struct migration {
    int number; /* ascending in a list */
    const char *name, *text;
};
/* OK: up to date. E_SCHEMA with text: pending ("run furrow migrate"), newer than this program, or
 * an applied one was edited. Opens a connection of its own. */
MUST_CHECK enum status migrate_check(struct ctx *cx, struct db_store *s,
                                     const struct migration *list, size_t count);
/* Applies what is pending, each in a transaction of its own, with its expectations; E_SCHEMA when
 * one does not hold, and that migration is undone. Nodes that migrate at once do it once. `report`
 * (may be NULL) gets a line each. dry_run: changes nothing, appends the SQL that would run. */
MUST_CHECK enum status migrate_run(struct ctx *cx, struct db_store *s, const struct migration *list,
                                   size_t count, bool dry_run, struct buf *report);

/* ---- declared schema (kit derives it from the record types) ---- */
struct schema_column {
    const char *name, *type; /* BIGINT, INTEGER, TEXT, BLOB, DOUBLE. "id" is the primary key */
    bool required;           /* NOT NULL */
    const char *otherwise;   /* default as SQL text; NULL: none, or 0 or '' where required */
};
struct schema_index {
    const char *name, *columns; /* "stage_id, amount_minor DESC" */
    bool unique;
    const char *where; /* partial index, or NULL */
};
struct schema_table {
    const char *name;
    const struct schema_column *columns;
    size_t column_count;
    const struct schema_index *indexes;
    size_t index_count;
};
/* The store's own tables (job), for those who compare the whole. */
extern const struct schema_table store_tables[];
extern const size_t store_table_count;

/* Appends the SQL that brings the database to the declared tables: create table, add column, create
 * or drop index (of these tables; names that begin with "x_" are made on demand and left alone).
 * Columns that are there but not declared, or of another type, are named in a comment: no draft can
 * know what to do with them. Nothing appended: equal. Reads through cx->db. */
MUST_CHECK enum status schema_diff(struct ctx *cx, const struct schema_table *tables, size_t count,
                                   struct buf *out);
/* Runs the diff: for tests and the first start of a developer's database. Needs a writing
 * connection. E_SCHEMA: a column differs in a way that only a migration can mend. */
MUST_CHECK enum status schema_apply(struct ctx *cx, const struct schema_table *tables,
                                    size_t count);
/* The migrations' dialect in the engine's words, in arena. */
const char *schema_dialect(struct arena *a, enum db_engine engine, const char *text);
