/* tx.c -- transactions, savepoints, snapshots, and what happens once a transaction is durable. */
#include "store/db_int.h"
#include <stdlib.h>

/* ---- after commit ---- */
void db_after_commit(struct ctx *cx, void (*fn)(void *arg), void (*free_arg)(void *arg), void *arg)
{
    struct db *db = cx->db;

    if (db->depth == 0 || db->mode == DB_READ) {
        fn(arg);
        return;
    }
    struct after_commit *a = calloc(1, sizeof(*a));
    assert(a);
    *a = (struct after_commit){ fn, free_arg, arg, db->depth, NULL };
    *db->after_end = a;
    db->after_end = &a->next;
}

void db_drop_after(struct db *db, int depth)
{
    struct after_commit **at = &db->after;

    while (*at) {
        struct after_commit *a = *at;
        if (a->depth < depth) {
            at = &a->next;
            continue;
        }
        *at = a->next;
        if (a->free_arg)
            a->free_arg(a->arg);
        free(a);
    }
    db->after_end = at;
}

static void run_after(struct db *db)
{
    struct after_commit *a = db->after;

    db->after = NULL;
    db->after_end = &db->after;
    while (a) {
        struct after_commit *next = a->next;
        a->fn(a->arg);
        free(a);
        a = next;
    }
}

/* ---- the outer transaction ---- */
enum status db_outer_begin(struct ctx *cx, struct db *db, bool relaxed)
{
    assert(db->depth == 0);
    TRY(db_revive(cx, db));
    TRY(db_control(cx, db, relaxed ? "store.begin_relaxed" : "store.begin"));
    db->depth = 1;
    return OK;
}

/* The transaction is over, one way or the other. */
static void forget_transaction(struct db *db)
{
    db->depth = 0;
    db->failed = OK;
    db_drop_after(db, 0);
}

void db_outer_rollback(struct ctx *cx, struct db *db)
{
    if (db->driver->in_transaction(db))
        (void)!db_undo(cx, db,
                       "store.rollback"); /* fails where the connection is lost, and so is it */
    forget_transaction(db);
}

enum status db_outer_commit(struct ctx *cx, struct db *db)
{
    enum status st = db->failed;

    assert(db->depth == 1);
    if (st == OK)
        st = db_control(cx, db, "store.commit");
    if (st != OK) {
        db_outer_rollback(cx, db);
        return ctx_fail(cx, st, "nothing was saved: an earlier step failed");
    }
    db->depth = 0;
    run_after(db);
    return OK;
}

/* ---- savepoints ---- */
struct tx tx_begin(struct ctx *cx)
{
    struct tx tx = { .cx = cx };
    struct db *db = cx->db;

    if (db->mode == DB_READ) {
        tx.status = ctx_fail(cx, E_FORBIDDEN, "this page may only read");
    } else if (db->depth == 0) {
        tx.status = db_outer_begin(cx, db, false);
        if (tx.status != OK) { /* open all the same, but spoilt: no statement commits by itself */
            db->depth = 1;
            db->failed = tx.status;
            tx.open = true;
        }
    } else if (db->failed != OK) {
        tx.status = ctx_fail(cx, db->failed, "an earlier step of this transaction failed");
    } else {
        tx.status = db_control(cx, db, "store.savepoint");
        if (tx.status == OK)
            db->depth++;
        else
            db->failed = tx.status;
    }
    tx.depth = db->depth;
    tx.open |= tx.status == OK;
    tx.after = db->after_end;
    return tx;
}

static void rollback_level(struct ctx *cx, struct db *db)
{
    enum status st = E_IO;

    if (db->depth == 1) {
        db_outer_rollback(cx, db);
        return;
    }
    db_drop_after(db, db->depth);
    db->depth--;
    if (db->driver->in_transaction(db)) {
        st = db_undo(cx, db, "store.rollback_to");
        if (st == OK)
            st = db_undo(cx, db, "store.release");
    }
    if (st == OK)
        db->failed = OK;
    else if (db->failed == OK)
        db->failed = st; /* the engine gave the whole transaction up (disk full) or is gone */
}

enum status tx_commit(struct tx *tx)
{
    struct ctx *cx = tx->cx;
    struct db *db = cx->db;

    if (!tx->open)
        return tx->status;
    assert(db->depth == tx->depth);
    tx->open = false;
    if (tx->depth == 1)
        return tx->status = db_outer_commit(cx, db);
    enum status st = db->failed;
    if (st == OK)
        st = db_control(cx, db, "store.release");
    if (st != OK) {
        rollback_level(cx, db);
        return tx->status = ctx_fail(cx, st, "an earlier step of this transaction failed");
    }
    for (struct after_commit *a = *tx->after; a; a = a->next)
        a->depth--; /* what was added since the beginning is all of this depth */
    db->depth--;
    return OK;
}

void tx_end(struct tx *tx)
{
    if (!tx->open)
        return;
    assert(tx->cx->db->depth == tx->depth);
    tx->open = false;
    rollback_level(tx->cx, tx->cx->db);
}

/* ---- snapshots ---- */
enum status db_read_begin(struct ctx *cx)
{
    struct db *db = cx->db;

    if (db->depth == 0) {
        TRY(db_revive(cx, db));
        TRY(db_control(cx, db, "store.begin_read"));
        db->depth = 1;
        db->snapshots = 1;
    } else if (db->snapshots) {
        db->snapshots++;
    }
    return OK;
}

void db_read_end(struct ctx *cx)
{
    struct db *db = cx->db;

    if (db->snapshots == 0 || --db->snapshots > 0)
        return;
    db_outer_rollback(cx, db); /* nothing was written; a rollback also ends a failed one */
}
