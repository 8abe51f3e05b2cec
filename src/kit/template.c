/* template.c -- the set of all templates: files are cut into named templates, compiled together,
 * found by name, and in development compiled anew when a file changes. */
#include "kit/template_int.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SET_BLOCK_BYTES = 256 * 1024,
    ERROR_BYTES_MAX = 64 * 1024,
    FILE_BYTES_MAX = 4 * 1024 * 1024
};

struct stamp {
    i64 mtime_ns, size;
};

struct templates {
    struct set *set;
    const struct template_file *files;
    size_t file_count;
    /* Development only. */
    char *dev_dir;
    struct stamp *stamps;
    char *error;           /* what is wrong since the last change, or NULL */
    pthread_rwlock_t lock; /* held for writing while `set` is replaced */
};

/* --- words and sources --- */

const struct word *set_word(struct set *s, struct str text)
{
    struct word **slot = &s->words[str_hash(text) % countof(s->words)];

    for (struct word *w = *slot; w != NULL; w = w->next)
        if (str_equal(w->text, text))
            return w;
    struct word *w = NEW(s->arena, struct word);
    w->text = (struct str){ str_dup(s->arena, text), text.len };
    w->next = *slot;
    return *slot = w;
}

static int compare_sources(const void *a, const void *b)
{
    const struct source *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

struct source *set_find(const struct set *s, const char *name, size_t len)
{
    size_t low = 0, high = s->no_partials ? 0 : s->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const char *there = s->sources[mid]->name;
        int order = strncmp(there, name, len);
        if (order == 0)
            order = there[len] != '\0';
        if (order == 0)
            return s->sources[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* --- files --- */

static enum template_mode mode_of(const char *path)
{
    struct str s = str_from(path);
    return str_ends(s, ".txt")        ? TEMPLATE_TEXT
           : str_ends(s, ".mustache") ? TEMPLATE_ESCAPED
                                      : TEMPLATE_HTML;
}

/* "{{! template: kit/list }}" alone on its line. */
static bool name_line(struct str line, struct str *name)
{
    static const char begin[] = "{{!", word[] = "template:";

    line = str_trim(line);
    if (!str_starts(line, begin) || !str_ends(line, "}}"))
        return false;
    line = str_trim((struct str){ line.p + 3, line.len - 5 });
    if (!str_starts(line, word))
        return false;
    *name = str_trim((struct str){ line.p + sizeof word - 1, line.len - (sizeof word - 1) });
    return true;
}

struct reader {
    struct set *set;
    struct buf *errors;
    struct source *first, **last;
    const char *path;
};

static void add_source(struct reader *rd, struct str name, int line, struct str text)
{
    struct source *src = NEW(rd->set->arena, struct source);

    src->name = str_dup(rd->set->arena, name);
    src->file = rd->path;
    src->first_line = line;
    src->mode = mode_of(rd->path);
    if (src->mode == TEMPLATE_HTML) /* the lines between two templates belong to neither */
        while (text.len > 0 && html_space(text.p[text.len - 1]))
            text.len--;
    src->text = text;
    *rd->last = src;
    rd->last = &src->next;
    rd->set->count++;
}

/* What stands before the first name: comments are fine, anything else would be lost. */
static bool only_comments(struct str s)
{
    for (s = str_trim(s); s.len > 0; s = str_trim(s)) {
        const char *end = str_starts(s, "{{!") ? memmem(s.p, s.len, "}}", 2) : NULL;
        if (end == NULL)
            return false;
        s = (struct str){ end + 2, s.len - (size_t)(end + 2 - s.p) };
    }
    return true;
}

static void read_source_file(struct reader *rd, const char *path, const char *bytes)
{
    struct str text = str_from(arena_text(rd->set->scratch, bytes)), name = { NULL, 0 }, next;
    const char *from = text.p, *at = text.p, *end = text.p + text.len;
    int line = 1, from_line = 1;

    rd->path = arena_text(rd->set->arena, path);
    for (; at < end; line++) {
        const char *nl = memchr(at, '\n', (size_t)(end - at));
        const char *after = nl == NULL ? end : nl + 1;
        if (name_line((struct str){ at, (size_t)(after - at) }, &next)) {
            struct str before = { from, (size_t)(at - from) };
            if (name.p != NULL)
                add_source(rd, name, from_line, before);
            else if (!only_comments(before))
                buf_printf(rd->errors, "%s:1: text before the first template's name\n", path);
            if (next.len == 0)
                buf_printf(rd->errors, "%s:%d: a template without a name\n", path, line);
            name = next;
            from = after;
            from_line = line + 1;
        }
        at = after;
    }
    if (name.p == NULL) {
        const char *slash = strrchr(path, '/');
        const char *dot = strrchr(slash == NULL ? path : slash, '.');
        name = (struct str){ path, dot == NULL ? strlen(path) : (size_t)(dot - path) };
    }
    add_source(rd, name, from_line, (struct str){ from, (size_t)(end - from) });
}

/* --- the set --- */

static struct set *set_new(void)
{
    struct arena *a = arena_new(SET_BLOCK_BYTES);
    struct set *s = NEW(a, struct set);

    s->arena = a;
    s->scratch = arena_new(SET_BLOCK_BYTES);
    return s;
}

/* Compiled: half of the memory was for that alone. */
static void set_shrink(struct set *s)
{
    for (size_t i = 0; i < s->count; i++) {
        s->sources[i]->text = (struct str){ "", 0 };
        s->sources[i]->nodes = NULL;
        for (struct program *p = s->sources[i]->programs; p != NULL; p = p->next)
            p->env = NULL;
    }
    arena_free(s->scratch);
    s->scratch = NULL;
}

static void set_free(struct set *s)
{
    if (s == NULL)
        return;
    arena_free(s->scratch);
    arena_free(s->arena);
}

static void sort_sources(struct reader *rd)
{
    struct set *set = rd->set;
    size_t n = 0;

    set->sources = NEW_N(set->arena, struct source *, set->count + 1);
    for (struct source *src = rd->first; src != NULL; src = src->next)
        set->sources[n++] = src;
    qsort(set->sources, n, sizeof *set->sources, compare_sources);
    for (size_t i = 1; i < n; i++) {
        const struct source *a = set->sources[i - 1], *b = set->sources[i];
        if (strcmp(a->name, b->name) == 0)
            buf_printf(rd->errors, "%s:%d: there is another template '%s' in %s:%d\n", b->file,
                       b->first_line, b->name, a->file, a->first_line);
    }
}

/* Compiles the files. OK: *out is owned, set_free. */
static enum status set_make(struct ctx *cx, const struct template_file *files, size_t count,
                            struct set **out)
{
    struct set *set = set_new();
    scoped(buf_free) struct buf errors = buf_new(ERROR_BYTES_MAX);
    struct reader rd = { .set = set, .errors = &errors, .last = &rd.first };

    for (size_t i = 0; i < count; i++)
        read_source_file(&rd, files[i].path, files[i].text);
    sort_sources(&rd);
    for (size_t i = 0; i < set->count; i++)
        (void)template_parse(set, set->sources[i], &errors); /* goes on, to report all mistakes */
    template_compile_set(set, &errors);
    if (errors.len > 0) {
        struct str text = str_trim((struct str){ errors.p, errors.len });
        set_free(set);
        return ctx_fail(cx, E_INVALID, "%.*s", (int)text.len, text.p);
    }
    set_shrink(set);
    *out = set;
    return OK;
}

/* --- development: files on disk --- */

static char *dev_path(struct arena *a, const struct templates *ts, size_t i)
{
    return arena_printf(a, "%s/%s", ts->dev_dir, ts->files[i].path);
}

static bool changed(struct arena *a, struct templates *ts)
{
    bool any = false;

    for (size_t i = 0; i < ts->file_count; i++) {
        struct stat st;
        struct stamp now = { 0, 0 };
        if (stat(dev_path(a, ts, i), &st) == 0)
            now = (struct stamp){ (i64)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
                                  (i64)st.st_size };
        any |= now.mtime_ns != ts->stamps[i].mtime_ns || now.size != ts->stamps[i].size;
        ts->stamps[i] = now;
    }
    return any;
}

static void close_file(FILE **f)
{
    if (*f != NULL)
        (void)fclose(*f);
}

static enum status read_file(struct ctx *cx, const char *path, const char **out)
{
    struct buf b = buf_in(cx->arena, FILE_BYTES_MAX);
    scoped(close_file) FILE *f = fopen(path, "re");
    char chunk[4096];
    size_t n;

    if (f == NULL)
        return ctx_fail(cx, E_IO, "template '%s' cannot be read: %s", path, strerror(errno));
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    if (ferror(f) || buf_status(&b) != OK)
        return ctx_fail(cx, E_IO, "template '%s' cannot be read whole", path);
    *out = buf_end(&b);
    return OK;
}

static enum status make_from_disk(struct ctx *cx, struct templates *ts, struct set **out)
{
    struct template_file *files = NEW_N(cx->arena, struct template_file, ts->file_count + 1);

    for (size_t i = 0; i < ts->file_count; i++) {
        files[i].path = dev_path(cx->arena, ts, i);
        TRY(read_file(cx, files[i].path, &files[i].text));
        files[i].path = ts->files[i].path;
    }
    return set_make(cx, files, ts->file_count, out);
}

static enum status refresh_locked(struct ctx *cx, struct templates *ts)
{
    struct set *set = NULL;

    if (!changed(cx->arena, ts))
        return ts->error == NULL ? OK : ctx_fail(cx, E_INVALID, "%s", ts->error);
    free(ts->error);
    ts->error = NULL;
    enum status s = make_from_disk(cx, ts, &set);
    if (s != OK) {
        ts->error = strdup(cx->error_text);
        return s;
    }
    set_free(ts->set);
    ts->set = set;
    return OK;
}

enum status templates_refresh(struct ctx *cx, struct templates *ts)
{
    if (ts->dev_dir == NULL)
        return OK;
    pthread_rwlock_wrlock(&ts->lock);
    enum status s = refresh_locked(cx, ts);
    pthread_rwlock_unlock(&ts->lock);
    return s;
}

/* --- the whole --- */

enum status templates_open(struct ctx *cx, const struct template_file *files, size_t count,
                           const char *dev_dir, struct templates **out)
{
    struct set *set = NULL;

    *out = NULL;
    if (dev_dir == NULL)
        TRY(set_make(cx, files, count, &set));
    struct templates *ts = calloc(1, sizeof *ts);
    assert(ts != NULL);
    ts->set = set;
    ts->files = files;
    ts->file_count = count;
    pthread_rwlock_init(&ts->lock, NULL);
    if (dev_dir != NULL) {
        ts->dev_dir = strdup(dev_dir);
        ts->stamps = calloc(count + 1, sizeof *ts->stamps);
        assert(ts->dev_dir != NULL && ts->stamps != NULL);
        enum status s = templates_refresh(cx, ts);
        if (s != OK || ts->set == NULL) {
            templates_close(ts);
            return s != OK ? s : ctx_fail(cx, E_IO, "no template files in '%s'", dev_dir);
        }
    }
    *out = ts;
    return OK;
}

void templates_close(struct templates *ts)
{
    if (ts == NULL)
        return;
    set_free(ts->set);
    pthread_rwlock_destroy(&ts->lock);
    free(ts->dev_dir);
    free(ts->stamps);
    free(ts->error);
    free(ts);
}

/* Between these two the set cannot be replaced. Programs without a dev_dir have nothing to lock. */
static const struct set *borrow(struct templates *ts)
{
    if (ts->dev_dir != NULL)
        pthread_rwlock_rdlock(&ts->lock);
    return ts->set;
}

static void give_back(struct templates *ts)
{
    if (ts->dev_dir != NULL)
        pthread_rwlock_unlock(&ts->lock);
}

enum status template_render(struct ctx *cx, struct templates *ts, const char *name,
                            const struct val *page, struct buf *out)
{
    const struct set *set = borrow(ts);
    const struct source *src = set_find(set, name, strlen(name));
    enum status s = src == NULL ? ctx_fail(cx, E_NOT_FOUND, "there is no template '%s'", name)
                                : template_execute(cx, src->page, page, out);
    give_back(ts);
    return s;
}

size_t templates_count(struct templates *ts)
{
    size_t n = borrow(ts)->count;
    give_back(ts);
    return n;
}

const char *templates_name(struct templates *ts, size_t i)
{
    const struct set *set = borrow(ts);
    assert(i < set->count);
    const char *name = set->sources[i]->name;
    give_back(ts);
    return name;
}

bool templates_rendered(struct templates *ts, size_t i)
{
    const struct set *set = borrow(ts);
    assert(i < set->count);
    bool yes = atomic_load_explicit(&set->sources[i]->rendered, memory_order_relaxed);
    give_back(ts);
    return yes;
}

bool templates_have(struct templates *ts, const char *name)
{
    bool yes = set_find(borrow(ts), name, strlen(name)) != NULL;
    give_back(ts);
    return yes;
}

/* --- one template made at run time --- */

enum status template_compile(struct ctx *cx, enum template_mode mode, const char *name,
                             const char *text, struct template **out)
{
    struct template *t = NEW(cx->arena, struct template);
    struct buf errors = buf_in(cx->arena, ERROR_BYTES_MAX);

    t->set.arena = t->set.scratch = cx->arena;
    t->set.no_partials = true;
    t->source =
        (struct source){ .name = arena_text(cx->arena, name), .first_line = 1, .mode = mode };
    t->source.file = t->source.name;
    t->source.text = str_from(arena_text(cx->arena, text));
    t->set.sources = NEW(cx->arena, struct source *);
    t->set.sources[0] = &t->source;
    t->set.count = 1;
    if (template_parse(&t->set, &t->source, &errors))
        template_compile_set(&t->set, &errors);
    if (errors.len > 0) {
        struct str s = str_trim((struct str){ errors.p, errors.len });
        return ctx_fail(cx, E_INVALID, "%.*s", (int)s.len, s.p);
    }
    *out = t;
    return OK;
}

enum status template_run(struct ctx *cx, const struct template *t, const struct val *page,
                         struct buf *out)
{
    return template_execute(cx, t->source.page, page, out);
}

struct asked {
    struct ctx *cx;
    const char **names;
    size_t count, cap;
};

static void ask(struct asked *a, struct str name)
{
    for (size_t i = 0; i < a->count; i++)
        if (str_is(name, a->names[i]))
            return;
    if (a->count + 1 >= a->cap) {
        size_t cap = a->cap == 0 ? 16 : a->cap * 2;
        const char **names = NEW_N(a->cx->arena, const char *, cap);
        if (a->count > 0)
            memcpy(names, a->names, a->count * sizeof *names);
        a->names = names;
        a->cap = cap;
    }
    a->names[a->count++] = str_dup(a->cx->arena, name);
}

static void ask_nodes(struct asked *a, const struct node *n)
{
    for (; n != NULL; n = n->next) {
        if (n->path != NULL && n->path->count > 0)
            ask(a, n->text);
        ask_nodes(a, n->children);
    }
}

const char *const *template_asks(struct ctx *cx, const struct template *t)
{
    struct asked a = { .cx = cx };

    ask_nodes(&a, t->source.nodes);
    if (a.names == NULL)
        a.names = NEW(cx->arena, const char *);
    return a.names;
}
