/* duplicate_test.c -- pairs that may be the same: how many of planted ones are found, and how many
 * that are none (the table of docs/duplicates.md); that decisions are kept whatever happens to the
 * records; the queue's pages. */
#include "base/id.h"
#include "base/testing.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "bridge/duplicate.h"
#include "kit/merge.h"
#include "marketing/browse.h"
#include <stdio.h>

static void find(struct house *h) { assert_ok(h->cx, duplicate_find(h->cx)); }

static const char *state_of(struct house *h, const char *type, i64 a, i64 b)
{
    const char *state = "none";
    scoped(stmt_close) struct stmt q =
        db_query(h->cx, "duplicate.state", TEXT("type", type), I64("one", a < b ? a : b),
                 I64("other", a < b ? b : a));

    if (stmt_next(&q))
        state = arena_text(h->arena, col_text(&q, 0));
    return state;
}

/* ---- planted ---- */
static const char *const firsts[] = { "Anna",    "Bruno",   "Carla",  "Dieter", "Elena",   "Frank",
                                      "Gerda",   "Henrik",  "Irina",  "Jakob",  "Karolin", "Ludwig",
                                      "Martina", "Norbert", "Olivia", "Patrick" };
static const char *const lasts[] = { "Auerbach",   "Bergmann",    "Cordes",     "Dahlmann",
                                     "Ebersbach",  "Falkner",     "Grabowski",  "Hofstetter",
                                     "Immelmann",  "Jankowski",   "Kaltenbach", "Lindenberg",
                                     "Morgenroth", "Niederegger", "Obermeyer",  "Pfeifenberger",
                                     "Quandt",     "Rosenthal",   "Sommerfeld", "Trautwein" };
enum { PEOPLE = 160, KINDS = 8 };

struct somebody {
    const char *first, *last, *mail, *phone;
};
typedef struct somebody change_fn(struct arena *a, struct somebody s);

static const char *at(struct somebody s) { return strchr(s.mail, '@'); }

/* What is done to somebody's data when they are typed a second time. */
static struct somebody tag(struct arena *a, struct somebody s)
{
    s.mail = arena_printf(a, "%.*s+fair%s", (int)(at(s) - s.mail), s.mail, at(s));
    return s;
}

static struct somebody other_address(struct arena *a, struct somebody s)
{
    s.mail = arena_printf(a, "desk-%s%s", s.phone + 9, at(s));
    return s;
}

static struct somebody private_address(struct arena *a, struct somebody s)
{
    s.mail = arena_printf(a, "%.*s@gmx.de", (int)(at(s) - s.mail), s.mail);
    return s;
}

static struct somebody typing_error(struct arena *a, struct somebody s)
{
    s.last = arena_printf(a, "%.3s%c%c%s", s.last, s.last[4], s.last[3], s.last + 5);
    return other_address(a, s);
}

static struct somebody phone_and_swapped(struct arena *a, struct somebody s)
{
    return (struct somebody){ s.last, s.first, "", arena_printf(a, "0%s", s.phone + 4) };
}

static struct somebody letter(struct arena *a, struct somebody s)
{
    s.mail = "";
    s.first = arena_printf(a, "%c.", s.first[0]);
    return s;
}

static struct somebody name_alone(struct arena *a, struct somebody s) /* nobody can tell */
{
    (void)a;
    return (struct somebody){ s.first, s.last, "", "" };
}

static struct somebody letter_lost(struct arena *a, struct somebody s)
{
    s.last = arena_printf(a, "%.4s%s", s.last, s.last + 5);
    s.mail = "";
    return s;
}

static const struct {
    const char *note;
    change_fn *change;
    bool can; /* be found by what is left */
} kinds[KINDS] = {
    { "a tag in the address", tag, true },
    { "the first name as a letter, the same phone number", letter, true },
    { "another address of the same company", other_address, true },
    { "the private address", private_address, true },
    { "two letters swapped, another address", typing_error, true },
    { "names swapped, no address, the phone number without country", phone_and_swapped, true },
    { "a letter lost, the same phone number", letter_lost, true },
    { "the name alone", name_alone, false },
};

static i64 save(struct house *h, const struct somebody *s)
{
    struct row *r = row_new(h->cx, &contact_type);

    row_set_text(r, CONTACT_FIRST, s->first);
    row_set_text(r, CONTACT_LAST, s->last);
    row_set_text(r, CONTACT_EMAIL, s->mail);
    row_set_text(r, CONTACT_PHONE, s->phone);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

/* People of forty firms: every second one is typed again in one of the ways; the others have a
 * namesake at another firm, or a relative at their own. */
static void planted_duplicates_are_found(void **state)
{
    struct house *h = *state;
    i64 ids[PEOPLE], again[PEOPLE] = { 0 };
    int planted[KINDS] = { 0 }, found[KINDS] = { 0 }, can = 0, hits = 0;
    i64 proposed;

    for (int i = 0; i < PEOPLE; i++) {
        const char *last = lasts[(i * 3 + i / 40) % 20];
        struct somebody s = {
            firsts[(i * 7 + i / 16) % 16],
            last,
            arena_printf(h->arena, "%s%d@firm%d.example", last, i, i % 40),
            arena_printf(h->arena, "+49 30 7%06d", i * 6151 % 1000000),
        };
        ids[i] = save(h, &s);
        if (i % 2) { /* a namesake elsewhere, or a relative at the same firm: other people */
            save(h, &(struct somebody){
                        i % 4 == 1 ? s.first : firsts[(i * 7 + i / 16 + 5) % 16], s.last,
                        i % 4 == 1 ? arena_printf(h->arena, "n%d@elsewhere%d.example", i, i)
                                   : arena_printf(h->arena, "r%d%s", i, at(s)),
                        arena_printf(h->arena, "+49 40 3%06d", i * 7919 % 1000000) });
            continue;
        }
        s = kinds[i / 2 % KINDS].change(h->arena, s);
        again[i] = save(h, &s);
    }
    find(h);
    for (int i = 0; i < PEOPLE; i += 2) {
        bool is = text_is(state_of(h, "contact", ids[i], again[i]), "open");
        planted[i / 2 % KINDS]++;
        found[i / 2 % KINDS] += is;
        can += kinds[i / 2 % KINDS].can;
        hits += is;
    }
    assert_ok(h->cx, db_get_i64(h->cx, &proposed, "duplicate.count", TEXT("type", "contact"),
                                I64("least", 0)));
    printf("| planted | found | of |\n|---|---|---|\n");
    for (int k = 0; k < KINDS; k++)
        printf("| %s | %d | %d |\n", kinds[k].note, found[k], planted[k]);
    printf("| all: recall %.3f, precision %.3f | %d | %d |\n", (double)hits / (PEOPLE / 2),
           (double)hits / (double)proposed, hits, PEOPLE / 2);
    assert_true(hits >= can * 95 / 100);
    assert_true((double)hits / (double)proposed >= 0.95);
}

/* ---- decisions ---- */
static i64 mia(struct house *h, const char *mail)
{
    return RECORD(h, "contact", "first_name", "Mia", "last_name", "Kern", "email", mail);
}

static void edit(struct house *h, i64 id, int field, const char *value)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, id, &r));
    row_set_text(r, field, value);
    assert_ok(h->cx, record_save(h->cx, r));
    find(h);
}

static struct row *get(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, id, &r));
    return r;
}

static void pairs_follow_what_changes(void **state)
{
    struct house *h = *state;
    i64 a = mia(h, "mia.kern@a.example"), b = mia(h, "mk@b.example");
    struct row *r;

    find(h);
    assert_string_equal(state_of(h, "contact", a, b), "none");
    edit(h, b, CONTACT_EMAIL, "mia.kern+x@a.example");
    assert_string_equal(state_of(h, "contact", a, b), "open");
    edit(h, b, CONTACT_EMAIL, "mk@b.example");
    assert_string_equal(state_of(h, "contact", a, b), "gone");
    edit(h, b, CONTACT_EMAIL, "mia.kern+x@a.example");
    r = get(h, a);
    assert_ok(h->cx, record_delete(h->cx, r));
    find(h);
    assert_string_equal(state_of(h, "contact", a, b), "gone");
    assert_ok(h->cx, record_get_any(h->cx, &contact_type, a, &r));
    assert_ok(h->cx, record_restore(h->cx, r));
    find(h);
    assert_string_equal(state_of(h, "contact", a, b), "open");
}

static void not_the_same_is_remembered(void **state)
{
    struct house *h = *state;
    i64 a = mia(h, "mia.kern@a.example"), b = mia(h, "mia.kern+x@a.example"),
        c = RECORD(h, "contact", "first_name", "Maria", "email", "mia.kern+y@a.example"), merge;

    find(h);
    assert_ok(h->cx, duplicate_decide(h->cx, "contact", a, b, true));
    edit(h, b, CONTACT_PHONE, "+49 30 1234567");
    edit(h, b, CONTACT_EMAIL, "mia.kern+z@a.example");
    assert_string_equal(state_of(h, "contact", a, b), "different");
    /* b goes into c, which then is not a either */
    assert_string_equal(state_of(h, "contact", a, c), "open");
    assert_ok(h->cx, record_merge(h->cx, get(h, c), get(h, b), NULL, &merge));
    find(h);
    assert_string_equal(state_of(h, "contact", b, c), "merged");
    assert_ok(h->cx, record_unmerge(h->cx, merge));
    find(h);
    assert_string_equal(state_of(h, "contact", b, c), "open");
    assert_string_equal(state_of(h, "contact", a, b), "different");
    assert_status(h->cx, duplicate_decide(h->cx, "contact", a, 12345, true), E_NOT_FOUND);
}

static void what_the_lost_one_is_not_the_kept_one_is_not(void **state)
{
    struct house *h = *state;
    i64 a = mia(h, "mia.kern@a.example"), b = mia(h, "mia.kern+x@a.example"), c = mia(h, ""), merge;

    find(h);
    assert_ok(h->cx, duplicate_decide(h->cx, "contact", a, b, true));
    assert_string_equal(state_of(h, "contact", a, c), "none");
    assert_ok(h->cx, record_merge(h->cx, get(h, c), get(h, b), NULL, &merge));
    find(h);
    assert_string_equal(state_of(h, "contact", a, c), "different");
}

static void firms_are_found_too(void **state)
{
    static const struct {
        const char *one[2], *other[2], *state;
    } firms[] = {
        { { "Nordlicht GmbH", "" }, { "Nordlicht Ltd.", "" }, "open" },
        { { "Seeblick", "seeblick.example" },
          { "Seeblick Trading", "shop.seeblick.example" },
          "open" },
        { { "Weingut Ostertag", "" }, { "Weingut Ostretag", "" }, "open" },
        { { "Weingut Berger", "" }, { "Weingut Bachmann", "" }, "none" },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(firms); i++) {
        i64 a = RECORD(h, "company", "name", firms[i].one[0], "domain", firms[i].one[1]),
            b = RECORD(h, "company", "name", firms[i].other[0], "domain", firms[i].other[1]);
        find(h);
        if (!text_is(state_of(h, "company", a, b), firms[i].state))
            fail_msg("%s: %s", firms[i].one[0], state_of(h, "company", a, b));
    }
}

/* ---- the queue ---- */
static void the_queue_is_worked_through(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Ada Admin", "");
    i64 a = mia(h, "mia.kern@a.example"), b = mia(h, "mia.kern+x@a.example"),
        c = RECORD(h, "contact", "first_name", "Otto", "last_name", "Brandt", "email",
                   "otto.brandt@c.example"),
        d = RECORD(h, "contact", "first_name", "Otto", "last_name", "Brandt", "email",
                   "otto.brandt@gmx.de");
    const char *ab = arena_printf(h->arena, "%s-%s", id_text(h->arena, a), id_text(h->arena, b)),
               *cd = arena_printf(h->arena, "%s-%s", id_text(h->arena, c), id_text(h->arena, d));
    struct web_response r = house_get(h, sam, "/duplicates");

    assert_true(house_has(&r, "No contacts look alike"));
    find(h);
    r = house_get(h, sam, "/duplicates");
    assert_true(house_has(&r, "1 of 2") && house_has(&r, "mail goes to the same mailbox"));
    r = house_get(h, sam, arena_printf(h->arena, "/duplicates?type=contact&pair=%s&swap=1", cd));
    assert_true(house_has(&r, "2 of 2") && house_has(&r, "otto.brandt@gmx.de"));
    r = house_post(h, sam, "/duplicates/different",
                   arena_printf(h->arena, "type=contact&pair=%s", cd));
    house_expect(h, &r, 303);
    assert_string_equal(state_of(h, "contact", c, d), "different");
    r = house_post(h, sam, arena_printf(h->arena, "/duplicates/again?type=contact&pair=%s", cd),
                   "");
    house_expect(h, &r, 303);
    assert_string_equal(state_of(h, "contact", c, d), "open");
    r = house_post(h, sam, "/duplicates/certain", "type=contact"); /* the likely one stays */
    house_expect(h, &r, 303);
    assert_string_equal(state_of(h, "contact", a, b), "merged");
    assert_string_equal(state_of(h, "contact", c, d), "open");
    r = house_get(h, sam, "/duplicates");
    assert_true(house_has(&r, "Merged today") && house_has(&r, "1 of 1"));
    r = house_post(h, sam, "/duplicates/different", arena_printf(h->arena, "pair=%s", ab));
    house_expect(h, &r, 404);
    r = house_post(h, sam, "/duplicates/different", "pair=moon");
    house_expect(h, &r, 422);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(planted_duplicates_are_found, NULL),
        IN_BOTH_HOUSES(pairs_follow_what_changes, NULL),
        IN_BOTH_HOUSES(not_the_same_is_remembered, NULL),
        IN_BOTH_HOUSES(what_the_lost_one_is_not_the_kept_one_is_not, NULL),
        IN_SQLITE_HOUSE(firms_are_found_too, NULL),
        IN_BOTH_HOUSES(the_queue_is_worked_through, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
