/* template_testing.h -- what the tests of templates share: a template and a page in, text out. */
#pragma once
#include "base/testing.h"

#include "base/json.h"
#include "base/limits.h"
#include "kit/template.h"

static inline struct ctx *new_ctx(struct arena *a)
{
    static struct clock clock = { .fixed_ms = 1 };
    struct ctx *cx = NEW(a, struct ctx);

    ctx_init(cx, a, &clock);
    return cx;
}

static inline struct val *json(struct arena *a, const char *text)
{
    struct val *v = NULL;
    struct json_error err;

    if (json_read(a, str_from(text), &v, &err) != OK)
        fail_msg("the test's JSON is wrong at %zu: %s\n%s", err.offset, err.message, text);
    return v;
}

/* Compiles the files and renders the template `name`: the page, or the error behind a '!'. */
static inline const char *render_files(struct arena *a, const struct template_file *files,
                                       size_t count,
                                const char *name, const struct val *page)
{
    struct ctx *cx = new_ctx(a);
    struct templates *ts;
    struct buf out = buf_in(a, 1 << 20);

    if (templates_open(cx, files, count, NULL, &ts) != OK)
        return arena_printf(a, "!%s", cx->error_text);
    if (template_render(cx, ts, name, page, &out) != OK) {
        templates_close(ts);
        return arena_printf(a, "!%s", cx->error_text);
    }
    templates_close(ts);
    return buf_end(&out);
}

/* One HTML template "t" in t.html. */
static inline const char *render(struct arena *a, const char *text, const char *page)
{
    struct template_file file = { "t.html", text };
    return render_files(a, &file, 1, "t", json(a, page));
}

struct example {
    const char *note, *text, *page, *want; /* want: the page, or '!' and the error's beginning */
};

static inline void check(struct arena *a, const struct example *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = render(a, cases[i].text, cases[i].page), *want = cases[i].want;
        bool same = want[0] == '!' ? strncmp(got, want, strlen(want)) == 0 : text_is(got, want);
        if (!same)
            fail_msg("%s:\n     %s\ngot  %s\nwant %s", cases[i].note, cases[i].text, got, want);
    }
}
