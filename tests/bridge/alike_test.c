/* alike_test.c -- pairs of people and of firms: which are proposed for merging, and which not. */
#include "bridge/alike.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "support/house.h"

/* Each: first name, last name, mail, phone. why: NULL is not proposed. */
static const struct {
    const char *note, *one[4], *other[4], *why;
} people[] = {
    { "a tag in the address",
      { "Mia", "", "mia.kern@a.example", "" },
      { "M.", "Kern", "mia.kern+shop@a.example", "" },
      "mail goes to the same mailbox" },
    { "dots at Gmail",
      { "Tom", "Adler", "tom.adler@gmail.com", "" },
      { "Thomas", "Adler", "tomadler@googlemail.com", "" },
      "mail goes to the same mailbox" },
    { "another address, the same name",
      { "Ines", "Faber", "ines.faber@b.example", "" },
      { "Ines", "Faber", "ines.faber@c.example", "" },
      "the same name before the @, the same name" },
    { "swapped names and a phone",
      { "Olaf", "Brandt", "", "+49 30 1112223" },
      { "Brandt", "Olaf", "", "030 1112223" },
      "the same phone number, the same name" },
    { "a typing error and a phone",
      { "Pauline", "Schreiber", "", "+49 40 5556667" },
      { "Paulina", "Schreiber", "", "040/5556667" },
      "the same phone number" },
    { "accents",
      { "Andr\xc3\xa9", "L\xc3\xa9vy", "a.levy@d.example", "" },
      { "Andre", "Levy", "a.levy@d.example.net", "" },
      "the same name before the @, the same name" },
    { "the same name alone says little",
      { "Peter", "Lang", "p@e.example", "" },
      { "Peter", "Lang", "x@f.example", "" },
      NULL },
    { "a family's phone",
      { "Rosa", "Weiss", "", "+49 89 7778889" },
      { "Emil", "Huber", "", "+49 89 7778889" },
      NULL },
    { "colleagues",
      { "Karl", "Otto", "karl@g.example", "" },
      { "Karla", "Berg", "karla@g.example", "" },
      NULL },
};

/* Each: name, domain, city. */
static const struct {
    const char *note, *one[3], *other[3], *why;
} firms[] = {
    { "the legal form",
      { "Nordlicht GmbH", "", "" },
      { "Nordlicht Ltd.", "", "" },
      "the same name but for the legal form" },
    { "below the same domain",
      { "Seeblick", "shop.seeblick.co.uk", "" },
      { "Seeblick Trading", "seeblick.co.uk", "" },
      "the same domain" },
    { "another registry's name",
      { "Ulmen", "ulmen.co.uk", "" },
      { "Eichen", "eichen.co.uk", "" },
      NULL },
    { "a typing error in one city",
      { "Sonnenhof Gartenbau", "", "Ulm" },
      { "Sonenhof Gartenbau", "", "Ulm" },
      "almost the same name, the same city" },
    { "only the first word",
      { "Hansa Logistik", "", "Bremen" },
      { "Hansa Energie", "", "Kiel" },
      NULL },
};

static i64 person(struct house *h, const char *const of[4])
{
    static const int field[] = { CONTACT_FIRST, CONTACT_LAST, CONTACT_EMAIL, CONTACT_PHONE };
    struct row *r = row_new(h->cx, &contact_type);

    for (size_t i = 0; i < countof(field); i++)
        row_set_text(r, field[i], of[i]);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static i64 firm(struct house *h, const char *const of[3])
{
    static const int field[] = { COMPANY_NAME, COMPANY_DOMAIN, COMPANY_CITY };
    struct row *r = row_new(h->cx, &company_type);

    for (size_t i = 0; i < countof(field); i++)
        row_set_text(r, field[i], of[i]);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

/* Why `other` is proposed for `one`, or NULL. */
static const char *proposed(struct house *h, const struct record_type *t, i64 one, i64 other)
{
    struct alike found[10];
    struct row *r;
    size_t count;

    assert_ok(h->cx, record_get(h->cx, t, one, &r));
    assert_ok(h->cx, t->alike(h->cx, r, found, countof(found), &count));
    for (size_t i = 0; i < count; i++) {
        assert_true(found[i].id != one && found[i].score >= 50 && found[i].score <= 100);
        if (i > 0)
            assert_true(found[i].score <= found[i - 1].score);
        if (found[i].id == other)
            return found[i].why;
    }
    return NULL;
}

static void check(const char *note, const char *got, const char *want)
{
    if ((got == NULL) != (want == NULL) || (want && strncmp(got, want, strlen(want)) != 0))
        fail_msg("%s: %s", note, got ? got : "not proposed");
}

static void who_may_be_the_same_is_proposed(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(people); i++) {
        i64 one = person(h, people[i].one), other = person(h, people[i].other);
        check(people[i].note, proposed(h, &contact_type, one, other), people[i].why);
        check(people[i].note, proposed(h, &contact_type, other, one), people[i].why);
    }
    for (size_t i = 0; i < countof(firms); i++) {
        i64 one = firm(h, firms[i].one), other = firm(h, firms[i].other);
        check(firms[i].note, proposed(h, &company_type, one, other), firms[i].why);
        check(firms[i].note, proposed(h, &company_type, other, one), firms[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { IN_BOTH_HOUSES(who_may_be_the_same_is_proposed, NULL) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
