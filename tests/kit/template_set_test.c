/* Tests of the set of templates: names, development mode, threads, templates made at run time. */
#include "template_testing.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void names_are_listed_and_what_was_rendered_is_known(void **state)
{
    const struct template_file files[] = {
        { "b.html", "{{>a}}" },
        { "html/x.html", "{{! template: c }}\n{{<d}}{{/d}}{{! template: d }}\n" },
        { "a.html", "x" },
        { "html/d.html", "y" },
    };
    static const char *const names[] = { "a", "b", "c", "html/d" };
    struct arena *a = *state;
    struct ctx *cx = new_ctx(a);
    struct templates *ts;
    struct buf out = buf_in(a, 1000);

    assert_int_equal(templates_open(cx, files, countof(files), NULL, &ts), E_INVALID);
    ctx_clear_error(cx);
    struct template_file mended[countof(files)];
    memcpy(mended, files, sizeof files);
    mended[1].text = "{{! template: c }}\n{{<html/d}}{{/html/d}}";
    assert_int_equal(templates_open(cx, mended, countof(files), NULL, &ts), OK);
    assert_int_equal(templates_count(ts), countof(names));
    for (size_t i = 0; i < countof(names); i++) {
        assert_string_equal(templates_name(ts, i), names[i]);
        assert_true(templates_have(ts, names[i]));
        assert_false(templates_rendered(ts, i));
    }
    assert_false(templates_have(ts, "html"));
    assert_false(templates_have(ts, ""));
    assert_int_equal(template_render(cx, ts, "b", NULL, &out), OK);
    assert_true(templates_rendered(ts, 0));
    assert_true(templates_rendered(ts, 1));
    assert_false(templates_rendered(ts, 2));
    assert_int_equal(template_render(cx, ts, "nope", NULL, &out), E_NOT_FOUND);
    assert_string_equal(cx->error_text, "there is no template 'nope'");
    templates_close(ts);
    templates_close(NULL);
}

/* In one step, as editors do: a reader never meets half a file. */
static void write_file(const char *path, const char *text, i64 mtime_s)
{
    struct timespec times[2] = { { .tv_sec = mtime_s }, { .tv_sec = mtime_s } };
    char new_path[200];

    snprintf(new_path, sizeof new_path, "%s.new", path);
    FILE *f = fopen(new_path, "we");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(utimensat(AT_FDCWD, new_path, times, 0), 0);
    assert_int_equal(rename(new_path, path), 0);
}

static const char *show(struct ctx *cx, struct templates *ts)
{
    struct buf out = buf_in(cx->arena, 1000);

    assert_int_equal(template_render(cx, ts, "t", NULL, &out), OK);
    return buf_end(&out);
}

static void development_follows_the_files(void **state)
{
    struct arena *a = *state;
    struct ctx *cx = new_ctx(a);
    char dir[] = "/tmp/template_test_XXXXXX";
    const struct template_file file = { "t.html", "embedded" };
    struct templates *ts;

    assert_non_null(mkdtemp(dir));
    const char *path = arena_printf(a, "%s/t.html", dir);
    assert_int_equal(templates_open(cx, &file, 1, dir, &ts), E_IO);
    assert_null(ts);
    ctx_clear_error(cx);
    write_file(path, "one", 1000);
    assert_int_equal(templates_open(cx, &file, 1, dir, &ts), OK);
    assert_string_equal(show(cx, ts), "one");
    write_file(path, "two", 2000);
    assert_string_equal(show(cx, ts), "one");
    assert_int_equal(templates_refresh(cx, ts), OK);
    assert_string_equal(show(cx, ts), "two");
    write_file(path, "<{{x}}>", 3000);
    for (int i = 0; i < 2; i++) { /* says so until it is mended; the old one stays */
        assert_int_equal(templates_refresh(cx, ts), E_INVALID);
        assert_string_equal(cx->error_text, "t.html:1: {{x}} stands in the name of a tag");
        ctx_clear_error(cx);
        assert_string_equal(show(cx, ts), "two");
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(templates_refresh(cx, ts), E_IO);
    ctx_clear_error(cx);
    write_file(path, "three", 3000);
    assert_int_equal(templates_refresh(cx, ts), OK);
    assert_string_equal(show(cx, ts), "three");
    templates_close(ts);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

struct worker {
    struct templates *ts;
    const char *path;
    int number;
    bool good;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct arena *a = arena_new(16 * 1024);

    w->good = true;
    for (int i = 0; i < 300 && w->good; i++) {
        struct ctx *cx = new_ctx(a);
        struct val *page = val_map(a);
        struct buf out = buf_in(a, 10000);
        val_put_i64(page, "n", w->number);
        if (w->number == 0 && i % 10 == 0) /* one changes the file, all refresh */
            write_file(w->path, i % 20 == 0 ? "<p>{{n}}</p>" : "<p>{{n}}</p> ", 1000 + i);
        w->good = templates_refresh(cx, w->ts) == OK &&
                  template_render(cx, w->ts, "t", page, &out) == OK &&
                  text_is(buf_end(&out), arena_printf(a, "<p>%d</p>", w->number));
        arena_reset(a);
    }
    arena_free(a);
    return NULL;
}

static void threads_render_while_files_change(void **state)
{
    struct arena *a = *state;
    struct ctx *cx = new_ctx(a);
    char dir[] = "/tmp/template_test_XXXXXX";
    const struct template_file file = { "t.html", "" };
    struct worker workers[4];
    pthread_t threads[countof(workers)];
    struct templates *ts;

    assert_non_null(mkdtemp(dir));
    const char *path = arena_printf(a, "%s/t.html", dir);
    write_file(path, "<p>{{n}}</p>", 1);
    assert_int_equal(templates_open(cx, &file, 1, dir, &ts), OK);
    for (size_t i = 0; i < countof(workers); i++) {
        workers[i] = (struct worker){ ts, path, (int)i, false };
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < countof(workers); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(workers[i].good);
    }
    templates_close(ts);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void a_template_made_at_run_time(void **state)
{
    static const char text[] = "Dear {{contact.first_name}},{{#deals}} {{name}}{{/deals}}"
                               "{{^deals}}{{contact.first_name}}{{.}}{{/deals}}";
    static const char *const names[] = { "contact.first_name", "deals", "name" };
    struct arena *a = *state;
    struct ctx *cx = new_ctx(a);
    struct buf out = buf_in(a, 1000);
    struct template *t;

    assert_int_equal(template_compile(cx, TEMPLATE_TEXT, "Welcome", text, &t), OK);
    assert_int_equal(template_run(cx, t,
                                  json(a, "{\"contact\":{\"first_name\":\"A<\"},"
                                          "\"deals\":[{\"name\":\"&\"}]}"),
                                  &out),
                     OK);
    assert_string_equal(buf_end(&out), "Dear A<, &");
    const char *const *asked = template_asks(cx, t);
    for (size_t i = 0; i < countof(names); i++)
        assert_string_equal(asked[i], names[i]);
    assert_null(asked[countof(names)]);
    assert_int_equal(template_compile(cx, TEMPLATE_HTML, "Welcome", "a\n<a href={{x}}>", &t),
                     E_INVALID);
    assert_string_equal(cx->error_text,
                        "Welcome:2: {{x}} stands in an unquoted attribute: write \"...\"");
    ctx_clear_error(cx);
    assert_int_equal(template_compile(cx, TEMPLATE_HTML, "Me", "{{>Me}}", &t), E_INVALID);
    assert_string_equal(cx->error_text, "Me:1: there is no template 'Me'");
    ctx_clear_error(cx);
    assert_int_equal(template_compile(cx, TEMPLATE_HTML, "", "", &t), OK);
    assert_null(template_asks(cx, t)[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(names_are_listed_and_what_was_rendered_is_known),
        WITH_ARENA(development_follows_the_files),
        WITH_ARENA(threads_render_while_files_change),
        WITH_ARENA(a_template_made_at_run_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
