/* content_bench.c -- what a mail for one more person costs: the newsletter of the library, compiled
 * once, rendered for a person whose record is at hand, with tracked links; its HTML part alone by
 * memcpy of the same bytes; and the same words through the Mustache engine of our pages, which is
 * what a mail would cost without a program of its own. Medians of rounds in one run. */
#include "base/json.h"
#include "base/log.h"
#include "kit/template.h"
#include "mail/content_int.h"
#include "support/house.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 3000 };

static const char *track(void *arg, const char *url)
{
    struct arena *a = arg;

    return arena_printf(a, "https://crm.example.com/m/c/0123456789abcdef0123456789abcdef/%zu",
                        strlen(url));
}

static int by_time(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return (x > y) - (x < y);
}

static double median(u64 *took)
{
    qsort(took, ROUNDS, sizeof *took, by_time);
    return (double)took[ROUNDS / 2] / 1e3;
}

static void must(enum status s, struct ctx *cx, const char *what)
{
    if (s != OK)
        log_fatal("bench.failed", "what=%s error=\"%s\"", what,
                  cx->field_errors ? cx->field_errors->message : cx->error_text);
}

/* The HTML that came out, with its one personal word as a tag: what the page engine is given. */
static const char *as_template(struct arena *a, const char *html)
{
    static const char name[] = "Grace";
    struct buf b = buf_in(a, CONTENT_OUT_BYTES);
    const char *at;

    for (; (at = strstr(html, name)) != NULL; html = at + strlen(name)) {
        buf_add(&b, html, (size_t)(at - html));
        buf_text(&b, "{{first_name}}");
    }
    buf_text(&b, html);
    return buf_end(&b);
}

int main(void)
{
    struct house *h = house_open(DB_SQLITE, NULL);
    struct arena *a = arena_new(1 << 20);
    struct ctx cx = *h->cx;
    struct row *contact = row_new(&cx, type_find(&cx, "contact")), *mail;
    static u64 took[ROUNDS], copied[ROUNDS], paged[ROUNDS];
    struct content *c;
    struct content_mail m;
    struct template *page;

    must(row_parse(&cx, contact, type_field(row_type(contact), "first_name"), "Grace"), &cx,
         "name");
    must(row_parse(&cx, contact, type_field(row_type(contact), "email"), "grace@example.com"), &cx,
         "email");
    must(record_save(&cx, contact), &cx, "contact");
    must(library_use(&cx, "newsletter", &mail), &cx, "library");
    u64 begun = clock_mono_ns();
    must(content_compile_draft(&cx, mail, &c), &cx, "compile");
    double compiled = (double)(clock_mono_ns() - begun) / 1e3;
    struct content_for who = { .contact = contact,
                               .link = track,
                               .link_arg = a,
                               .unsubscribe_url = "https://crm.example.com/u/0123456789abcdef",
                               .preferences_url = "https://crm.example.com/u/0123456789abcdef",
                               .pixel_url = "https://crm.example.com/m/o/0123456789abcdef.gif" };
    cx.arena = a;
    struct buf copy = buf_new(CONTENT_OUT_BYTES), out = buf_new(CONTENT_OUT_BYTES);
    must(content_render(&cx, c, &who, &m), &cx, "render");
    const char *html = arena_text(h->arena, m.html);
    cx.arena = h->arena;
    must(template_compile(&cx, TEMPLATE_ESCAPED, "mail", as_template(h->arena, html), &page), &cx,
         "template");
    struct val *tree = val_map(h->arena);
    val_put_text(tree, "first_name", "Grace");
    cx.arena = a;
    for (size_t i = 0; i < ROUNDS; i++) {
        arena_reset(a);
        begun = clock_mono_ns();
        must(content_render(&cx, c, &who, &m), &cx, "render");
        took[i] = clock_mono_ns() - begun;
        buf_clear(&copy);
        begun = clock_mono_ns();
        buf_add(&copy, m.html, m.html_bytes);
        buf_text(&copy, m.text);
        copied[i] = clock_mono_ns() - begun;
        buf_clear(&out);
        begun = clock_mono_ns();
        must(template_run(&cx, page, tree, &out), &cx, "page");
        paged[i] = clock_mono_ns() - begun;
    }
    double render = median(took), bytes = median(copied), mustache = median(paged);
    printf("compile once: %.0f us\n", compiled);
    printf(
        "a mail of %zu bytes HTML and %zu text: %.1f us; memcpy of both %.1f us; the page engine, "
        "HTML alone and one field %.1f us (ratio %.2f)\n",
        m.html_bytes, strlen(m.text), render, bytes, mustache, render / mustache);
    buf_free(&copy);
    buf_free(&out);
    arena_free(a);
    house_close(h);
    return 0;
}
