/* markdown_fuzz.c -- an article somebody wrote, and what somebody looks for in it. Whatever it is:
 * tags are of our own making, each that opens closes in its place, and what is found is there. */
#include "base/utf8.h"
#include "fuzz.h"
#include "kit/markdown.h"
#include "kit/rank.h"
#include <string.h>

static const char *const known[] = { "p",      "h2",         "h3",   "h4",    "ul",
                                     "ol",     "li",         "pre",  "em",    "a",
                                     "strong", "blockquote", "code", "table", "thead",
                                     "tbody",  "tr",         "th",   "td" };
static const char *const alone[] = { "br", "hr", "img" };
enum { OPEN_MOST = 200 };

static int among(const char *const *list, size_t count, const char *name, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == len && memcmp(list[i], name, len) == 0)
            return (int)i;
    return -1;
}

/* Attributes are ours too: an address has no way to another program. */
static void check_tag(const char *p, size_t len)
{
    const char *href = memchr(p, ' ', len);

    must(memchr(p, '<', len) == NULL, "a tag in a tag");
    if (href == NULL)
        return;
    must(strncmp(href, " href=\"", 7) == 0 || strncmp(href, " src=\"", 6) == 0 ||
             strncmp(href, " id=\"h-", 7) == 0 || strncmp(href, " start=\"", 8) == 0,
         "an attribute nobody knows");
    must(strncmp(href, " href=\"javascript", 17) != 0 && strncmp(href, " href=\"//", 9) != 0 &&
             strncmp(href, " src=\"//", 8) != 0 && strncmp(href, " href=\"data", 11) != 0,
         "an address that may not be");
}

static void check_html(const char *p)
{
    int open[OPEN_MOST], depth = 0;

    for (; *p; p++) {
        const char *end, *name = p + 1;
        size_t len;
        if (*p != '<')
            continue;
        end = strchr(p, '>');
        must(end != NULL, "a tag without an end");
        if (*name == '/') {
            int tag = among(known, countof(known), name + 1, (size_t)(end - name) - 1);
            must(tag >= 0 && depth > 0 && open[--depth] == tag, "tags that cross");
        } else {
            len = strcspn(name, " >");
            check_tag(p + 1, (size_t)(end - p) - 1);
            if (among(alone, countof(alone), name, len) < 0) {
                int tag = among(known, countof(known), name, len);
                must(tag >= 0 && depth < OPEN_MOST, "a tag nobody knows");
                open[depth++] = tag;
            }
        }
        p = end;
    }
    must(depth == 0, "a tag that never closes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 * 1024);
    struct str bytes = { (const char *)data, size };
    struct markdown m;

    if (size < 20000 && utf8_valid(bytes)) {
        char *text = str_dup(a, bytes);
        if (markdown_read(a, text, &m) == OK) {
            struct rank_doc docs[] = { { text, "" }, { "", m.text } };
            struct rank *r = rank_new(docs, countof(docs));
            struct rank_hits hits =
                rank_find(r, a, &(struct rank_query){ .asked = text, .max = 5, .loose = size % 2 });
            check_html(m.html);
            must(utf8_valid(str_from(m.html)) && utf8_valid(str_from(m.text)), "no UTF-8");
            must(hits.count <= countof(docs), "more found than there is");
            rank_free(r);
        }
    }
    arena_free(a);
    return 0;
}
