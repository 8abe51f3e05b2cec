/* alike.c -- who may be the same person, and which firms the same firm, and why one thinks so. */
#include "bridge/alike.h"
#include "base/utf8.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "bridge/likeness.h"
#include "kit/filter.h"
#include <stdlib.h>

enum {
    CANDIDATES = 200, /* looked at, of all searches together */
    EACH = 50,        /* of one search */
    LINE = 50,        /* points from which on one is proposed */
    MOST = 100,
    NAME_SAME = 970, /* likeness of names, in thousandths */
    NAME_NEAR = 880,
    WORD_LEAST = 4, /* bytes of a word that is looked for alone */
};

/* ---- candidates ---- */
struct found {
    struct row *rows[CANDIDATES];
    size_t count;
};

static bool has_row(const struct found *f, i64 id)
{
    for (size_t i = 0; i < f->count; i++)
        if (row_id(f->rows[i]) == id)
            return true;
    return false;
}

static enum status look_for(struct ctx *cx, const struct row *r, const char *words, struct found *f)
{
    struct list_query q = { .search = words, .limit = EACH };
    struct list_page page;

    if (text_empty(words))
        return OK;
    TRY(list_run(cx, row_type(r), &q, &page));
    for (size_t i = 0; i < page.count && f->count < CANDIDATES; i++)
        if (row_id(page.rows[i]) != row_id(r) && !has_row(f, row_id(page.rows[i])))
            f->rows[f->count++] = page.rows[i];
    return OK;
}

/* ---- reasons ---- */
struct points {
    struct ctx *cx;
    int sum;
    struct buf why;
};

static void add_points(struct points *p, int points, const char *why)
{
    p->sum += points;
    buf_printf(&p->why, "%s%s", p->why.len ? ", " : "", why);
}

static int likeliest_first(const void *a, const void *b)
{
    const struct alike *x = a, *y = b;

    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

typedef void judge_fn(struct points *p, const struct row *one, const struct row *other);

static void judge_all(struct ctx *cx, const struct row *r, const struct found *f, judge_fn *judge,
                      struct alike *out, size_t max, size_t *count)
{
    struct alike *all = NEW_N(cx->arena, struct alike, f->count + 1);
    size_t n = 0;

    for (size_t i = 0; i < f->count; i++) {
        struct points p = { cx, 0, buf_in(cx->arena, 400) };
        judge(&p, r, f->rows[i]);
        if (p.sum >= LINE)
            all[n++] =
                (struct alike){ row_id(f->rows[i]), p.sum > MOST ? MOST : p.sum, buf_end(&p.why) };
    }
    qsort(all, n, sizeof *all, likeliest_first);
    *count = n < max ? n : max;
    memcpy(out, all, *count * sizeof *out);
}

/* ---- people ---- */
static const char *full_name(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s %s", row_text(r, CONTACT_FIRST), row_text(r, CONTACT_LAST));
}

static const char *local_part(struct arena *a, const char *plain)
{
    const char *at = strrchr(plain, '@');

    return at ? arena_dup(a, plain, (size_t)(at - plain)) : "";
}

static bool same_text(const char *a, const char *b) { return a[0] != '\0' && text_is(a, b); }

static void judge_mail(struct points *p, const struct row *one, const struct row *other)
{
    struct arena *a = p->cx->arena;
    const char *x = mail_plain(a, row_text(one, CONTACT_EMAIL)),
               *y = mail_plain(a, row_text(other, CONTACT_EMAIL));
    const char *local = local_part(a, x);

    if (same_text(x, y))
        add_points(p, 90, "mail goes to the same mailbox");
    else if (strlen(local) >= 5 && text_is(local, local_part(a, y)))
        add_points(p, 20, "the same name before the @");
}

/* "M. Kern" and "Mia Kern". */
static bool is_shortened(struct ctx *cx, const struct row *one, const struct row *other)
{
    const char *a = utf8_search_words(cx->arena, row_text(one, CONTACT_FIRST)),
               *b = utf8_search_words(cx->arena, row_text(other, CONTACT_FIRST));

    return same_text(utf8_fold(cx->arena, row_text(one, CONTACT_LAST)),
                     utf8_fold(cx->arena, row_text(other, CONTACT_LAST))) &&
           a[0] == b[0] && a[0] != '\0' && (a[1] == '\0') != (b[1] == '\0');
}

static void judge_contact(struct points *p, const struct row *one, const struct row *other)
{
    struct arena *a = p->cx->arena;
    int name = likeness_of_names(a, full_name(p->cx, one), full_name(p->cx, other));
    bool whole = row_has(one, CONTACT_FIRST) && row_has(one, CONTACT_LAST) &&
                 row_has(other, CONTACT_FIRST) && row_has(other, CONTACT_LAST);
    const char *domain = company_domain_of(p->cx, row_text(one, CONTACT_EMAIL));

    judge_mail(p, one, other);
    if (same_text(phone_plain(a, row_text(one, CONTACT_PHONE)),
                  phone_plain(a, row_text(other, CONTACT_PHONE))))
        add_points(p, 40, "the same phone number");
    if (name >= NAME_SAME)
        add_points(p, whole ? 45 : 20, name == 1000 ? "the same name" : "almost the same name");
    else if (name >= NAME_NEAR && whole)
        add_points(p, 30, "a similar name");
    else if (is_shortened(p->cx, one, other))
        add_points(p, 30, "the same last name, the first shortened");
    if (row_has(one, CONTACT_COMPANY) && row_has(other, CONTACT_COMPANY) &&
        row_i64(one, CONTACT_COMPANY) == row_i64(other, CONTACT_COMPANY))
        add_points(p, 15, "the same company");
    else if (same_text(domain, company_domain_of(p->cx, row_text(other, CONTACT_EMAIL))))
        add_points(p, 10, "mail at the same company");
}

/* The beginning of a word, which typing errors spare mostly. */
static const char *beginning(struct ctx *cx, const char *text)
{
    struct str rest = str_from(utf8_search_words(cx->arena, text)), word = { "", 0 };

    (void)str_split(&rest, ' ', &word);
    return utf8_cut(cx->arena, str_dup(cx->arena, word), 4);
}

enum status contact_alike(struct ctx *cx, const struct row *r, struct alike *out, size_t max,
                          size_t *count)
{
    struct found *f = NEW(cx->arena, struct found);
    const char *first = row_text(r, CONTACT_FIRST), *last = row_text(r, CONTACT_LAST);

    TRY(look_for(cx, r, local_part(cx->arena, mail_plain(cx->arena, row_text(r, CONTACT_EMAIL))),
                 f));
    TRY(look_for(cx, r, phone_plain(cx->arena, row_text(r, CONTACT_PHONE)), f));
    TRY(look_for(cx, r, arena_printf(cx->arena, "%s %s", first, last), f));
    if (first[0] && last[0])
        TRY(look_for(
            cx, r, arena_printf(cx->arena, "%s %s", beginning(cx, first), beginning(cx, last)), f));
    if (strlen(last) >= WORD_LEAST)
        TRY(look_for(cx, r, last, f));
    judge_all(cx, r, f, judge_contact, out, max, count);
    return OK;
}

/* ---- firms ---- */
/* "www.shop.acme.co.uk" without what stands in front of the name that was bought: its last two
 * parts, or three where the one before the last is one that registries sell below. */
const char *company_bought(struct arena *a, const char *domain)
{
    static const char *const below[] = { "co", "com", "org", "net", "ac", "gov", "or", "ne" };
    const char *dots[3] = { NULL };
    size_t n = 0, wanted = 2;

    for (const char *p = domain + strlen(domain); p > domain && n < countof(dots); p--)
        if (p[-1] == '.')
            dots[n++] = p;
    for (size_t i = 0; n >= 2 && i < countof(below); i++)
        if ((size_t)(dots[0] - dots[1] - 1) == strlen(below[i]) &&
            strncmp(dots[1], below[i], strlen(below[i])) == 0)
            wanted = 3;
    return n >= wanted ? arena_text(a, dots[wanted - 1]) : domain;
}

static void judge_company(struct points *p, const struct row *one, const struct row *other)
{
    struct arena *a = p->cx->arena;
    const char *x = firm_plain(a, row_text(one, COMPANY_NAME)),
               *y = firm_plain(a, row_text(other, COMPANY_NAME));
    int name = likeness(x, y);

    if (same_text(company_bought(a, row_text(one, COMPANY_DOMAIN)),
                  company_bought(a, row_text(other, COMPANY_DOMAIN))))
        add_points(p, 60, "the same domain");
    if (same_text(phone_plain(a, row_text(one, COMPANY_PHONE)),
                  phone_plain(a, row_text(other, COMPANY_PHONE))))
        add_points(p, 30, "the same phone number");
    if (same_text(x, y))
        add_points(p, 60, "the same name but for the legal form");
    else if (name >= NAME_SAME)
        add_points(p, 50, "almost the same name");
    else if (name >= NAME_NEAR)
        add_points(p, 30, "a similar name");
    if (same_text(utf8_fold(a, row_text(one, COMPANY_CITY)),
                  utf8_fold(a, row_text(other, COMPANY_CITY))))
        add_points(p, 15, "the same city");
}

enum status company_alike(struct ctx *cx, const struct row *r, struct alike *out, size_t max,
                          size_t *count)
{
    struct found *f = NEW(cx->arena, struct found);
    const char *name = firm_plain(cx->arena, row_text(r, COMPANY_NAME));
    const char *bought = company_bought(cx->arena, row_text(r, COMPANY_DOMAIN));
    struct str rest = str_from(name), word;

    TRY(look_for(cx, r, arena_dup(cx->arena, bought, strcspn(bought, ".")), f));
    TRY(look_for(cx, r, phone_plain(cx->arena, row_text(r, COMPANY_PHONE)), f));
    TRY(look_for(cx, r, name, f));
    TRY(look_for(cx, r, beginning(cx, name), f));
    while (str_split(&rest, ' ', &word)) /* a typing error spoils one of them */
        if (word.len >= WORD_LEAST)
            TRY(look_for(cx, r, str_dup(cx->arena, word), f));
    judge_all(cx, r, f, judge_company, out, max, count);
    return OK;
}

bool alike_judge(struct ctx *cx, const struct row *one, const struct row *other, struct alike *out)
{
    struct points p = { cx, 0, buf_in(cx->arena, 400) };

    if (row_type(one) == &contact_type)
        judge_contact(&p, one, other);
    else
        judge_company(&p, one, other);
    *out = (struct alike){ row_id(other), p.sum > MOST ? MOST : p.sum, buf_end(&p.why) };
    return p.sum >= LINE;
}
