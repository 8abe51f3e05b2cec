/* icons.c -- icons drawn where they stand. Templates refer to the one file that has all of them,
 * which is short to write; a browser would read it after it has laid out the page, and lay out and
 * paint each icon then. So a page that goes out has the shapes themselves, and its first frame has
 * its icons. Scripts that make an icon refer to the file. */
#include "kit/icons.h"
#include "base/limits.h"

enum { SLOTS = 512 }; /* a power of two, well over the few hundred icons */
static const char BEGIN[] = "<symbol id=\"", END[] = "</symbol>", USE[] = "\"></use>";

struct shape {
    struct str name, attributes, inner; /* attributes: of its <symbol>, with a blank before each */
};
struct icons {
    struct str reference; /* <use href="/assets/icons.1a2b.svg# */
    struct shape slots[SLOTS];
};

/* Where it is, or would be. */
static size_t slot_of(const struct icons *all, struct str name)
{
    size_t at = str_hash(name) % SLOTS;

    while (all->slots[at].name.len && !str_equal(all->slots[at].name, name))
        at = (at + 1) % SLOTS;
    return at;
}

/* The part of `rest` before `mark`; rest begins behind it then. False: it is not there. */
static bool cut(struct str *rest, const char *mark, size_t mark_len, struct str *out)
{
    const char *at = memmem(rest->p, rest->len, mark, mark_len);

    if (at == NULL)
        return false;
    *out = (struct str){ rest->p, (size_t)(at - rest->p) };
    rest->len -= out->len + mark_len;
    rest->p = at + mark_len;
    return true;
}

struct icons *icons_open(struct arena *a, struct str file, const char *path)
{
    struct icons *all = NEW(a, struct icons);
    struct str before, symbol;
    size_t count = 0;

    all->reference = str_from(arena_printf(a, "<use href=\"%s#", path));
    while (count < SLOTS / 2 && cut(&file, BEGIN, sizeof(BEGIN) - 1, &before) &&
           cut(&file, END, sizeof(END) - 1, &symbol)) {
        struct shape one = { .inner = symbol };
        if (cut(&one.inner, "\"", 1, &one.name) && cut(&one.inner, ">", 1, &one.attributes))
            all->slots[slot_of(all, one.name)] = one;
        count++;
    }
    return all;
}

enum status icons_draw(struct ctx *cx, const struct icons *all, struct buf *page)
{
    struct buf out = buf_in(cx->arena, LIMIT_PAGE_BYTES);
    struct str rest = { page->p, page->len }, before, name;
    struct str ref = all->reference;

    (void)buf_reserve(&out, page->len + page->len / 4);
    while (cut(&rest, ref.p, ref.len, &before)) {
        struct str behind = rest;
        const struct shape *shape =
            cut(&behind, USE, sizeof(USE) - 1, &name) ? &all->slots[slot_of(all, name)] : NULL;
        if (shape == NULL || shape->name.len == 0 || before.len == 0 ||
            before.p[before.len - 1] != '>') {
            buf_add(&out, before.p, before.len + ref.len);
            continue;
        }
        before.len--; /* the end of <svg ...>, which takes the attributes of the symbol */
        buf_str(&out, before);
        buf_str(&out, shape->attributes);
        buf_char(&out, '>');
        buf_str(&out, shape->inner);
        rest = behind;
    }
    buf_str(&out, rest);
    buf_end(&out);
    *page = out;
    return buf_status(&out);
}
