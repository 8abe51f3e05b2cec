/* help_count.c -- what is read and looked for in the help centre, gathered in memory and written
 * each minute: pages that many look at are not rows. What is rolled back counts again. */
#include "base/utf8.h"
#include "service/article.h"
#include <pthread.h>
#include <stdlib.h>

enum { READS_MOST = 4096, SEARCHES_MOST = 1024, WORDS_BYTES = 120, SHORT_BYTES = 12, SEEN = 8192 };

struct read {
    i64 article_id, day, times;
};
struct search {
    char words[WORDS_BYTES + 1], fold[WORDS_BYTES * 2 + 1];
    char language[SHORT_BYTES], place[SHORT_BYTES];
    i64 found, times;
};
struct tallies {
    size_t read_count, search_count;
    struct read reads[READS_MOST];
    struct search searches[SEARCHES_MOST];
};
struct counter {
    pthread_mutex_t lock;
    struct tallies now;
    u64 seen[SEEN]; /* reads that were counted lately, by their mark */
};

static struct counter *counter_of(struct ctx *cx) { return kit_state(cx->kit, "help_count"); }

static void counter_free(void *state)
{
    struct counter *c = state;

    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* With the lock, both; what a full table has no room for is not counted. */
static void add_read(struct tallies *t, const struct read *one)
{
    for (size_t i = 0; i < t->read_count; i++)
        if (t->reads[i].article_id == one->article_id && t->reads[i].day == one->day) {
            t->reads[i].times += one->times;
            return;
        }
    if (t->read_count < READS_MOST)
        t->reads[t->read_count++] = *one;
}

static void add_search(struct tallies *t, const struct search *one)
{
    for (size_t i = 0; i < t->search_count; i++) {
        struct search *s = &t->searches[i];
        if (text_is(s->fold, one->fold) && text_is(s->place, one->place) &&
            text_is(s->language, one->language) && s->found == one->found) {
            s->times += one->times;
            return;
        }
    }
    if (t->search_count < SEARCHES_MOST)
        t->searches[t->search_count++] = *one;
}

bool help_count_read(struct ctx *cx, i64 article_id, u64 mark)
{
    struct counter *c = counter_of(cx);
    struct read one = { article_id, zone_day(kit_zone(cx), ctx_now(cx)), 1 };
    u64 *place = &c->seen[mark & (SEEN - 1)];
    bool news;

    pthread_mutex_lock(&c->lock);
    news = *place != mark;
    *place = mark;
    if (news)
        add_read(&c->now, &one);
    pthread_mutex_unlock(&c->lock);
    return news;
}

static void put_word(struct ctx *cx, char *out, size_t bytes, const char *text)
{
    const char *cut = utf8_cut(cx->arena, text, bytes - 1);

    memcpy(out, cut, strlen(cut) + 1);
}

void help_count_search(struct ctx *cx, const char *words, const char *language, const char *place,
                       size_t found)
{
    struct counter *c = counter_of(cx);
    struct search one = { .found = (i64)found, .times = 1 };
    const char *plain = str_dup(cx->arena, str_trim(str_from(words)));

    for (char *p = (char *)plain; *p; p++)
        if ((unsigned char)*p < ' ')
            *p = ' ';
    put_word(cx, one.words, sizeof one.words, plain);
    put_word(cx, one.fold, sizeof one.fold, utf8_fold(cx->arena, one.words));
    put_word(cx, one.language, sizeof one.language, language);
    put_word(cx, one.place, sizeof one.place, place);
    if (text_empty(one.fold))
        return;
    pthread_mutex_lock(&c->lock);
    add_search(&c->now, &one);
    pthread_mutex_unlock(&c->lock);
}

/* ---- writing ---- */
struct taken {
    struct counter *from;
    struct tallies what;
};

static void forget(void *taken) { free(taken); }

static void give_back(void *arg)
{
    struct taken *t = arg;

    pthread_mutex_lock(&t->from->lock);
    for (size_t i = 0; i < t->what.read_count; i++)
        add_read(&t->from->now, &t->what.reads[i]);
    for (size_t i = 0; i < t->what.search_count; i++)
        add_search(&t->from->now, &t->what.searches[i]);
    pthread_mutex_unlock(&t->from->lock);
    free(t);
}

static enum status write_searches(struct ctx *cx, const struct tallies *t)
{
    struct row **rows = NEW_N(cx->arena, struct row *, t->search_count + 1);

    for (size_t i = 0; i < t->search_count; i++) {
        const struct search *s = &t->searches[i];
        struct row *r = row_new(cx, &help_search_type);
        row_set_text(r, FIND_TEXT, s->words);
        row_set_i64(r, FIND_FOUND, s->found);
        row_set_i64(r, FIND_TIMES, s->times);
        row_set_text(r, FIND_PLACE, s->place);
        TRY(row_parse(cx, r, FIND_LANGUAGE, s->language));
        rows[i] = r;
    }
    return t->search_count ? record_save_many(cx, rows, t->search_count) : OK;
}

static enum status write_all(struct ctx *cx, const struct tallies *t)
{
    for (size_t i = 0; i < t->read_count; i++)
        TRY(db_run(cx, "article.add_reads", I64("article", t->reads[i].article_id),
                   I64("day", t->reads[i].day), I64("reads", t->reads[i].times)));
    return write_searches(cx, t);
}

enum status help_count_write(struct ctx *cx)
{
    struct counter *c = counter_of(cx);
    struct taken *t = malloc(sizeof *t);
    enum status s;

    assert(t != NULL);
    t->from = c;
    pthread_mutex_lock(&c->lock);
    memcpy(&t->what, &c->now, sizeof t->what);
    c->now.read_count = c->now.search_count = 0;
    pthread_mutex_unlock(&c->lock);
    s = write_all(cx, &t->what);
    if (s == OK)
        db_after_commit(cx, forget, give_back, t);
    else
        give_back(t);
    return s;
}

static enum status count_start(struct ctx *cx)
{
    struct counter *c = calloc(1, sizeof *c);

    assert(c != NULL);
    pthread_mutex_init(&c->lock, NULL);
    kit_set_state(cx->kit, "help_count", c, counter_free);
    return OK;
}

static enum status write_job(struct job_run *job) { return help_count_write(job->cx); }

static const struct job_type jobs[] = {
    { "help.write", "Write down what was read and looked for in the help centre", write_job,
      .every_ms = MS_MINUTE, .writes = true },
};
const struct feature feature_help_count = { .name = "help_count",
                                            JOBS(jobs),
                                            .start = count_start };
