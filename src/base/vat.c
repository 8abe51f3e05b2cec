/* vat.c -- see vat.h. */
#include "base/vat.h"
#include "base/str.h"
#include <string.h>

enum { ID_BYTES = 24, ID_LEAST = 4 };

/* ---- check digits: of the part behind the country's letters, whose form is right already ---- */
static int digit(const char *p, int i) { return p[i] - '0'; }

static int weighted(const char *p, const int *weights, int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++)
        sum += digit(p, i) * weights[i];
    return sum;
}
#define WEIGHTED(p, ...) \
    weighted(p, (const int[]){ __VA_ARGS__ }, (int)(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int)))

static i64 number(const char *p, int count)
{
    i64 n = 0;

    for (int i = 0; i < count; i++)
        n = n * 10 + digit(p, i);
    return n;
}

/* Every second digit from the right doubled, the digits of what comes out added up (Luhn). */
static bool luhn(const char *p, int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++) {
        int d = digit(p, i) * ((count - i) % 2 == 0 ? 2 : 1);
        sum += d / 10 + d % 10;
    }
    return sum % 10 == 0;
}

/* ISO 7064, modulus 11, 10. */
static bool iso_11_10(const char *p, int count)
{
    int product = 10;

    for (int i = 0; i < count - 1; i++) {
        int sum = (digit(p, i) + product) % 10;
        product = (sum ? sum : 10) * 2 % 11;
    }
    return (product + digit(p, count - 1)) % 10 == 1;
}

static bool at_ok(const char *p)
{
    int sum = 4;

    for (int i = 1; i < 8; i++) {
        int d = digit(p, i) * (i % 2 == 0 ? 2 : 1);
        sum += d / 10 + d % 10;
    }
    return (10 - sum % 10) % 10 == digit(p, 8);
}
static bool be_ok(const char *p) { return 97 - number(p, 8) % 97 == number(p + 8, 2); }
static bool ch_ok(const char *p)
{
    return (11 - WEIGHTED(p, 5, 4, 3, 2, 7, 6, 5, 4) % 11) % 11 == digit(p, 8);
}
static bool de_ok(const char *p) { return iso_11_10(p, 9); }
static bool dk_ok(const char *p) { return WEIGHTED(p, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0; }
static bool ee_ok(const char *p) { return WEIGHTED(p, 3, 7, 1, 3, 7, 1, 3, 7, 1) % 10 == 0; }
static bool el_ok(const char *p)
{
    return WEIGHTED(p, 256, 128, 64, 32, 16, 8, 4, 2) % 11 % 10 == digit(p, 8);
}
static bool fi_ok(const char *p) { return WEIGHTED(p, 7, 9, 10, 5, 8, 4, 2, 1) % 11 == 0; }
/* A key of letters follows another rule, which is not checked. */
static bool fr_ok(const char *p)
{
    if (p[0] > '9' || p[1] > '9')
        return true;
    return (12 + 3 * (number(p + 2, 9) % 97)) % 97 == number(p, 2);
}
static bool hr_ok(const char *p) { return iso_11_10(p, 11); }
static bool hu_ok(const char *p) { return WEIGHTED(p, 9, 7, 3, 1, 9, 7, 3, 1) % 10 == 0; }
static bool it_ok(const char *p) { return luhn(p, 11); }
static bool lu_ok(const char *p) { return number(p, 6) % 89 == number(p + 6, 2); }
static bool mt_ok(const char *p)
{
    return (WEIGHTED(p, 3, 4, 6, 7, 8, 9) + number(p + 6, 2)) % 37 == 0;
}
static bool no_ok(const char *p)
{
    return (11 - WEIGHTED(p, 3, 2, 7, 6, 5, 4, 3, 2) % 11) % 11 == digit(p, 8);
}
static bool pl_ok(const char *p)
{
    return WEIGHTED(p, 6, 5, 7, 2, 3, 4, 5, 6, 7) % 11 == digit(p, 9);
}
static bool pt_ok(const char *p)
{
    return (11 - WEIGHTED(p, 9, 8, 7, 6, 5, 4, 3, 2) % 11) % 11 % 10 == digit(p, 8);
}
static bool ro_ok(const char *p)
{
    char ten[11] = "0000000000";
    size_t len = strlen(p);

    memcpy(ten + 10 - len, p, len);
    return WEIGHTED(ten, 7, 5, 3, 2, 1, 7, 5, 3, 2) * 10 % 11 % 10 == digit(ten, 9);
}
static bool se_ok(const char *p) { return luhn(p, 10) && number(p + 10, 2) > 0; }
static bool si_ok(const char *p)
{
    int check = 11 - WEIGHTED(p, 8, 7, 6, 5, 4, 3, 2) % 11;

    return check != 11 && check % 10 == digit(p, 7);
}

/* ---- countries ---- */
struct scheme {
    const char *letters, *country;
    const char *forms; /* d a digit, a a letter, x either, others as they are; | between forms */
    const char *example;
    bool (*ok)(const char *p);
};
static const struct scheme schemes[] = {
    { "AT", "AT", "Udddddddd", "ATU13585627", at_ok },
    { "BE", "BE", "0ddddddddd|1ddddddddd", "BE0428759497", be_ok },
    { "BG", "BG", "ddddddddd|dddddddddd", "BG175074752", NULL },
    { "CHE", "CH", "ddddddddd|dddddddddMWST|dddddddddTVA|dddddddddIVA", "CHE116281710", ch_ok },
    { "CY", "CY", "dddddddda", "CY10259033P", NULL },
    { "CZ", "CZ", "dddddddd|ddddddddd|dddddddddd", "CZ25123891", NULL },
    { "DE", "DE", "ddddddddd", "DE136695976", de_ok },
    { "DK", "DK", "dddddddd", "DK13585628", dk_ok },
    { "EE", "EE", "ddddddddd", "EE100931558", ee_ok },
    { "EL", "GR", "ddddddddd", "EL123456783", el_ok },
    { "ES", "ES", "addddddda|adddddddd|dddddddda", "ESB58378431", NULL },
    { "FI", "FI", "dddddddd", "FI20774740", fi_ok },
    { "FR", "FR", "xxddddddddd", "FR40303265045", fr_ok },
    { "GB", "GB", "ddddddddd|dddddddddddd|GDddd|HAddd", "GB980780684", NULL },
    { "HR", "HR", "ddddddddddd", "HR33392005961", hr_ok },
    { "HU", "HU", "dddddddd", "HU12892312", hu_ok },
    { "IE", "IE", "ddddddda|dddddddaa|daddddda", "IE6433435F", NULL },
    { "IT", "IT", "ddddddddddd", "IT00743110157", it_ok },
    { "LT", "LT", "ddddddddd|dddddddddddd", "LT119511515", NULL },
    { "LU", "LU", "dddddddd", "LU15027442", lu_ok },
    { "LV", "LV", "ddddddddddd", "LV40003521600", NULL },
    { "MT", "MT", "dddddddd", "MT11679112", mt_ok },
    { "NL", "NL", "dddddddddBdd", "NL004495445B01", NULL },
    { "NO", "NO", "ddddddddd|dddddddddMVA", "NO995525828MVA", no_ok },
    { "PL", "PL", "dddddddddd", "PL8567346215", pl_ok },
    { "PT", "PT", "ddddddddd", "PT501964843", pt_ok },
    { "RO", "RO", "dd|ddd|dddd|ddddd|dddddd|ddddddd|dddddddd|ddddddddd|dddddddddd", "RO18547290",
      ro_ok },
    { "SE", "SE", "dddddddddddd", "SE123456789701", se_ok },
    { "SI", "SI", "dddddddd", "SI50223054", si_ok },
    { "SK", "SK", "dddddddddd", "SK2022749619", NULL },
    { "XI", "XI", "ddddddddd|dddddddddddd|GDddd|HAddd", "XI980780684", NULL },
};

static const struct scheme *scheme_of(const char *id)
{
    for (size_t i = 0; i < countof(schemes); i++)
        if (strncmp(id, schemes[i].letters, strlen(schemes[i].letters)) == 0)
            return &schemes[i];
    return NULL;
}

static const struct scheme *scheme_of_country(const char *country)
{
    for (size_t i = 0; i < countof(schemes); i++)
        if (text_is(schemes[i].country, country))
            return &schemes[i];
    return NULL;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }

static bool fits_one(struct str form, const char *p)
{
    for (size_t i = 0; i < form.len; i++, p++) {
        char f = form.p[i];
        bool ok = f == 'd'   ? is_digit(*p)
                  : f == 'a' ? is_letter(*p)
                  : f == 'x' ? is_digit(*p) || is_letter(*p)
                             : *p == f;
        if (!ok)
            return false;
    }
    return *p == '\0';
}

static bool fits(const struct scheme *s, const char *p)
{
    struct str rest = str_from(s->forms), form;

    while (str_split(&rest, '|', &form))
        if (fits_one(form, p))
            return true;
    return false;
}

/* ---- reading ---- */
/* Together and in capitals; NULL: something that no id has in it, or too much of it. */
static const char *together(struct arena *a, const char *text)
{
    char id[ID_BYTES];
    size_t len = 0;

    for (const char *p = text; *p; p++) {
        char c = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
        if (strchr(" .-/\t", c))
            continue;
        if ((!is_digit(c) && !is_letter(c)) || len + 1 == sizeof id)
            return NULL;
        id[len++] = c;
    }
    id[len] = '\0';
    return len < ID_LEAST ? NULL : arena_text(a, id);
}

const char *vat_read(struct arena *a, const char *text, const char *country, const char **why)
{
    const char *id = together(a, text);
    const struct scheme *s = id ? scheme_of(id) : NULL, *own = scheme_of_country(country);

    if (id == NULL) {
        *why = arena_printf(a,
                            "'%s' is no VAT id: it has letters and digits, the country's first, "
                            "like DE136695976.",
                            text);
        return NULL;
    }
    if (s == NULL && own != NULL) {
        id = arena_printf(a, "%s%s", own->letters, id);
        s = own;
    }
    if (s == NULL)
        return id;
    if (!fits(s, id + strlen(s->letters))) {
        *why = arena_printf(a, "'%s' is not written as VAT ids of %s are: like %s.", text,
                            s->letters, s->example);
        return NULL;
    }
    if (s->ok && !s->ok(id + strlen(s->letters))) {
        *why = arena_printf(a,
                            "The check digit of '%s' does not fit: a digit is wrong, or two are "
                            "the wrong way round.",
                            text);
        return NULL;
    }
    return id;
}

const char *vat_country(const char *id)
{
    const struct scheme *s = scheme_of(id);

    return s ? s->country : "";
}

bool vat_in_union(const char *country)
{
    static const char members[] = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT "
                                  "NL PL PT RO SE SI SK";

    return strlen(country) == 2 && strstr(members, country) != NULL;
}
