/* article_index.c -- the published articles as they are shown, found and suggested, in memory: a
 * help centre asks for all of them on each page. An edition, counted up with every change of an
 * article or section, says whether what is kept is what the snapshot of the request has. */
#include "kit/markdown.h"
#include "kit/rank.h"
#include "service/article.h"
#include <pthread.h>
#include <stdlib.h>

enum { ARTICLES_MOST = 5000, SECTIONS_MOST = 500, BLOCK_BYTES = 256 * 1024 };

struct shelf {
    int used; /* with the lock */
    i64 edition;
    struct arena *arena;
    struct rank *rank;
    struct article_doc *docs;
    size_t count;
    struct section_doc *sections;
    size_t section_count;
};
struct library {
    pthread_mutex_t lock;
    int used;          /* by the kit, and by requests whose memory outlives it */
    struct shelf *now; /* NULL: nobody has asked yet */
};
struct loan {
    struct library *library;
    struct shelf *shelf;
};

static void shelf_free(struct shelf *s)
{
    rank_free(s->rank);
    arena_free(s->arena);
    free(s);
}

static void shelf_drop(struct library *l, struct shelf *s)
{
    bool last;

    pthread_mutex_lock(&l->lock);
    last = --s->used == 0;
    pthread_mutex_unlock(&l->lock);
    if (last)
        shelf_free(s);
}

static void library_drop(struct library *l)
{
    bool last;

    pthread_mutex_lock(&l->lock);
    last = --l->used == 0;
    pthread_mutex_unlock(&l->lock);
    if (!last)
        return;
    if (l->now != NULL)
        shelf_free(l->now);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static void library_free(void *state) { library_drop(state); }

static void give_back(void *loan)
{
    struct loan *one = loan;

    shelf_drop(one->library, one->shelf);
    library_drop(one->library);
}

static struct library *library_of(struct ctx *cx) { return kit_state(cx->kit, "article_index"); }

/* ---- reading ---- */
static enum status read_sections(struct ctx *cx, struct shelf *s)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "article.sections", I64("limit", SECTIONS_MOST));

    s->sections = NEW_N(s->arena, struct section_doc, SECTIONS_MOST);
    while (stmt_next(&q))
        s->sections[s->section_count++] = (struct section_doc){
            .id = col_i64(&q, 0),
            .parent_id = col_i64(&q, 1),
            .slug = arena_text(s->arena, col_text(&q, 2)),
            .name = arena_text(s->arena, col_text(&q, 3)),
            .summary = arena_text(s->arena, col_text(&q, 4)),
        };
    return stmt_status(&q);
}

static void read_doc(struct shelf *s, struct arena *work, struct stmt *q, struct article_doc *doc,
                     struct rank_doc *words)
{
    struct markdown m;

    *doc = (struct article_doc){
        .id = col_i64(q, 0),
        .section_id = col_i64(q, 1),
        .translates_id = col_i64(q, 2),
        .updated_ms = col_i64(q, 3),
        .slug = arena_text(s->arena, col_text(q, 4)),
        .title = arena_text(s->arena, col_text(q, 5)),
        .summary = arena_text(s->arena, col_text(q, 6)),
        .language = arena_text(s->arena, col_text(q, 7)),
        .open = text_is(col_text(q, 8), "public"),
    };
    if (markdown_read(work, col_text(q, 9), &m) != OK)
        m.text = "";
    words->title = arena_printf(work, "%s %s", doc->title, col_text(q, 10));
    words->text = arena_printf(work, "%s %s", doc->summary, m.text);
}

static enum status read_docs(struct ctx *cx, struct shelf *s, struct arena *work)
{
    struct rank_doc *words = NEW_N(work, struct rank_doc, ARTICLES_MOST);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "article.published", I64("limit", ARTICLES_MOST));

    s->docs = NEW_N(s->arena, struct article_doc, ARTICLES_MOST);
    for (; stmt_next(&q); s->count++)
        read_doc(s, work, &q, &s->docs[s->count], &words[s->count]);
    TRY(stmt_status(&q));
    s->rank = rank_new(words, s->count);
    return OK;
}

static enum status shelf_read(struct ctx *cx, i64 edition, struct shelf **out)
{
    struct shelf *s = calloc(1, sizeof *s);
    struct arena *work = arena_new(BLOCK_BYTES);
    enum status st;

    assert(s != NULL);
    s->edition = edition;
    s->used = 1; /* of who reads it */
    s->arena = arena_new(BLOCK_BYTES);
    st = read_sections(cx, s);
    if (st == OK)
        st = read_docs(cx, s, work);
    arena_free(work);
    if (st == OK)
        *out = s;
    else
        shelf_free(s);
    return st;
}

/* The one that is kept, when it is of this edition. */
static struct shelf *kept(struct library *l, i64 edition)
{
    struct shelf *s;

    pthread_mutex_lock(&l->lock);
    s = l->now;
    if (s != NULL && s->edition == edition)
        s->used++;
    else
        s = NULL;
    pthread_mutex_unlock(&l->lock);
    return s;
}

/* An older snapshot's shelf serves its own request only. */
static void keep(struct library *l, struct shelf *s)
{
    struct shelf *old = NULL;

    pthread_mutex_lock(&l->lock);
    if (l->now == NULL || l->now->edition < s->edition) {
        old = l->now;
        l->now = s;
        s->used++;
    }
    pthread_mutex_unlock(&l->lock);
    if (old != NULL)
        shelf_drop(l, old);
}

/* What is being written is not what others see: a writing transaction uses what is kept of its
 * edition, and keeps nothing. */
static enum status borrow(struct ctx *cx, struct shelf **out)
{
    struct library *l = library_of(cx);
    struct loan *loan = NEW(cx->arena, struct loan);
    bool reads = db_mode_of(cx->db) == DB_READ;
    i64 edition;

    TRY(db_get_i64(cx, &edition, "article.edition"));
    *out = kept(l, edition);
    if (*out == NULL) {
        TRY(shelf_read(cx, edition, out));
        if (reads)
            keep(l, *out);
    }
    pthread_mutex_lock(&l->lock);
    l->used++;
    pthread_mutex_unlock(&l->lock);
    *loan = (struct loan){ l, *out };
    arena_defer(cx->arena, give_back, loan);
    return OK;
}

enum status articles_read(struct ctx *cx, struct articles *out)
{
    struct shelf *s;

    TRY(borrow(cx, &s));
    *out = (struct articles){ s->docs, s->count, s->sections, s->section_count, s->rank };
    return OK;
}

/* ---- finding ---- */
struct wanted {
    const struct article_query *q;
    const struct article_doc *docs;
};

static bool wants(void *arg, size_t doc)
{
    const struct wanted *w = arg;
    const struct article_doc *d = &w->docs[doc];

    return (d->open || w->q->internal) && d->id != w->q->but &&
           (text_empty(w->q->language) || text_is(d->language, w->q->language));
}

enum status articles_find(struct ctx *cx, const struct article_query *q,
                          const struct article_doc **list, size_t *count, size_t *total)
{
    struct articles all;
    struct rank_hits hits;
    struct article_doc *out;

    TRY(articles_read(cx, &all));
    hits = rank_find(all.rank, cx->arena,
                     &(struct rank_query){ .asked = q->words,
                                           .max = q->max,
                                           .loose = q->loose,
                                           .keep = wants,
                                           .arg = &(struct wanted){ q, all.docs } });
    out = NEW_N(cx->arena, struct article_doc, hits.count + 1);
    for (size_t i = 0; i < hits.count; i++)
        out[i] = all.docs[hits.list[i].doc];
    *list = out;
    *count = hits.count;
    if (total != NULL)
        *total = hits.total;
    return OK;
}

static enum status index_start(struct ctx *cx)
{
    struct library *l = calloc(1, sizeof *l);

    assert(l != NULL);
    pthread_mutex_init(&l->lock, NULL);
    l->used = 1;
    kit_set_state(cx->kit, "article_index", l, library_free);
    return OK;
}

const struct feature feature_article_index = { .name = "article_index", .start = index_start };
