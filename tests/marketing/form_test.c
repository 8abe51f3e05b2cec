/* form_test.c -- lead forms: what a post makes of whom, what is kept of consent, joined visits,
 * plain HTML, JSON, errors that lose nothing, and the maker's side. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "browse.h"
#include "kit/filter.h"
#include "marketing/form_count.h"
#include "marketing/form_guard.h"

#define ID_A "0123456789abcdef0123456789abcdef"
#define INPUTS                                                                                 \
    "[{\"name\":\"first_name\",\"label\":\"First name\",\"kind\":\"text\"},"                   \
    "{\"name\":\"email\",\"label\":\"Email\",\"kind\":\"email\",\"required\":true},"           \
    "{\"name\":\"company\",\"label\":\"Company\",\"kind\":\"text\"},"                          \
    "{\"name\":\"phone\",\"label\":\"Phone\",\"kind\":\"phone\"},"                             \
    "{\"name\":\"crop\",\"label\":\"Crop\",\"kind\":\"choice\",\"choices\":\"Apples, Hops\"}," \
    "{\"name\":\"why\",\"label\":\"Why\",\"kind\":\"long\",\"required\":true}]"

/* A published form; its id. */
static i64 form(struct house *h, const char *slug, const char *makes, const char *purpose)
{
    struct row *r = row_new(h->cx, &form_type);

    row_set_text(r, FORM_NAME, slug);
    row_set_text(r, FORM_SLUG, slug);
    row_set_text(r, FORM_STATUS, "published");
    row_set_text(r, FORM_LIFECYCLE, makes);
    row_set_text(r, FORM_CONSENT, purpose[0] ? "Yes, use it" : "");
    row_set_text(r, FORM_PURPOSE, purpose);
    row_set_text(r, FORM_INPUTS, INPUTS);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static struct web_response post(struct house *h, const char *slug, const char *body)
{
    static const struct http_pair browser[] = { { "User-Agent", CHROME },
                                                { "Referer", "https://shop.example/demo" },
                                                { NULL, NULL } };
    h->clock->fixed_ms += 10 * MS_SECOND; /* no flood */
    return house_ask(h, NULL, HTTP_POST, arena_printf(h->arena, "/f/%s", slug), body, browser);
}

/* The contact with this address, or NULL. */
static struct row *contact(struct house *h, const char *email)
{
    struct row *r;
    enum status s = record_find(h->cx, &contact_type, "email", email, &r);

    if (s == E_NOT_FOUND)
        return NULL;
    assert_ok(h->cx, s);
    return r;
}

static struct val *all(struct house *h, const char *path)
{
    struct person *admin = house_user(h, "Admin", "");
    struct web_response r =
        house_json(h, admin, HTTP_GET, arena_printf(h->arena, "/api/v1/%s?limit=200", path), NULL);

    return (struct val *)val_get(house_val(h, &r), "data");
}

/* ---- what a post makes ---- */

/* Who is there already, and what a post by the same address makes of them. "": nobody, or
 * unchanged. */
static const struct {
    const char *note, *before, *makes, *after;
} lives[] = {
    { "nobody, a lead form", "", "lead", "lead" },
    { "nobody, a newsletter", "", "subscriber", "subscriber" },
    { "a subscriber asks", "subscriber", "lead", "lead" },
    { "a lead subscribes", "lead", "subscriber", "lead" },
    { "a customer asks", "customer", "lead", "customer" },
    { "somebody disqualified asks", "disqualified", "lead", "disqualified" },
};

static void a_form_moves_forward_only(void **state)
{
    struct house *h = *state;

    form(h, "lead", "lead", "");
    form(h, "subscriber", "subscriber", "");
    for (size_t i = 0; i < countof(lives); i++) {
        const char *email = arena_printf(h->arena, "p%zu@x.example", i);
        struct web_response r;
        if (lives[i].before[0])
            RECORD(h, "contact", "email", email, "lifecycle", lives[i].before);
        r = post(h, lives[i].makes, arena_printf(h->arena, "email=%s&why=x", email));
        house_expect(h, &r, 303);
        if (strcmp(row_text(contact(h, email), CONTACT_LIFECYCLE), lives[i].after) != 0)
            fail_msg("%s: %s", lives[i].note, row_text(contact(h, email), CONTACT_LIFECYCLE));
    }
}

/* Nothing that is known is overwritten; what is missing is filled in. */
static void a_post_fills_in_what_is_missing(void **state)
{
    struct house *h = *state;
    struct web_response r;
    struct row *c;

    form(h, "ask", "lead", "");
    RECORD(h, "contact", "email", "ann@x.example", "first_name", "Ann");
    r = post(h, "ask", "email=ANN@X.example&first_name=Anna&phone=%2B49+30+1234567&why=x");
    house_expect(h, &r, 303);
    c = contact(h, "ann@x.example");
    assert_string_equal(row_text(c, CONTACT_FIRST), "Ann");
    assert_string_equal(row_text(c, CONTACT_PHONE), "+49 30 1234567");
    assert_int_equal(val_count(all(h, "contacts")), 1);
    r = post(h, "ask", "email=ann@x.example&phone=call+me&why=x"); /* no number: still a lead */
    house_expect(h, &r, 303);
}

static const struct {
    const char *note, *email, *company, *joins; /* the company's name; "" none */
} firms[] = {
    { "by the domain of the address", "a@acme.example", "", "Acme" },
    { "also in capitals", "b@ACME.example", "Something else", "Acme" },
    { "by name", "c@gmail.com", "acme", "Acme" },
    { "a private address and no name", "d@gmail.com", "", "" },
    { "a new one by name", "e@new.example", "New Ltd", "New Ltd" },
    { "which then is known by its domain", "f@new.example", "", "New Ltd" },
    { "an unknown domain alone makes none", "g@nobody.example", "", "" },
};

static void contacts_join_their_company(void **state)
{
    struct house *h = *state;

    form(h, "ask", "lead", "");
    RECORD(h, "company", "name", "Acme", "domain", "acme.example");
    for (size_t i = 0; i < countof(firms); i++) {
        struct web_response r = post(
            h, "ask",
            arena_printf(h->arena, "email=%s&company=%s&why=x", firms[i].email, firms[i].company));
        struct row *c, *company;
        house_expect(h, &r, 303);
        c = contact(h, firms[i].email);
        if (row_has(c, CONTACT_COMPANY) != (firms[i].joins[0] != '\0'))
            fail_msg("%s", firms[i].note);
        if (!row_has(c, CONTACT_COMPANY))
            continue;
        assert_ok(h->cx, record_get(h->cx, &company_type, row_i64(c, CONTACT_COMPANY), &company));
        if (strcmp(row_text(company, COMPANY_NAME), firms[i].joins) != 0)
            fail_msg("%s: %s", firms[i].note, row_text(company, COMPANY_NAME));
    }
}

/* ---- consent ---- */

static const struct {
    const char *note, *slug, *body;
    bool given;
} consents[] = {
    { "a ticked box", "news", "consent=yes", true },
    { "as browsers send it without a value", "news", "consent=on", true },
    { "no box ticked", "news", "", false },
    { "empty", "news", "consent=", false },
    { "no", "news", "consent=no", false },
    { "false", "news", "consent=false", false },
    { "nothing that we know", "news", "consent=maybe", false },
    { "where nothing is asked, nothing is given", "plain", "consent=yes", false },
    { "true in JSON", "news", "{\"consent\":true,", true },
    { "false in JSON", "news", "{\"consent\":false,", false },
    { "null in JSON", "news", "{\"consent\":null,", false },
    { "0 in JSON", "news", "{\"consent\":0,", false },
};

static void only_a_yes_is_consent(void **state)
{
    struct house *h = *state;

    form(h, "news", "subscriber", "newsletter");
    form(h, "plain", "lead", "");
    for (size_t i = 0; i < countof(consents); i++) {
        const char *email = arena_printf(h->arena, "c%zu@x.example", i), *body;
        struct web_response r;
        body = consents[i].body[0] == '{'
                   ? arena_printf(h->arena, "%s\"email\":\"%s\",\"why\":\"x\"}", consents[i].body,
                                  email)
                   : arena_printf(h->arena, "email=%s&why=x&%s", email, consents[i].body);
        r = post(h, consents[i].slug, body);
        assert_true(r.status == 303 || r.status == 200);
        if (row_has(contact(h, email), CONTACT_CONSENT) != consents[i].given)
            fail_msg("%s: %s", consents[i].note, row_text(contact(h, email), CONTACT_CONSENT));
    }
}

static void consents_add_up_and_their_wording_is_kept(void **state)
{
    struct house *h = *state;
    struct web_response r;
    struct row *c, *f;
    const struct val *list;
    i64 id = form(h, "news", "subscriber", "newsletter");

    form(h, "call", "lead", "phone");
    r = post(h, "news", "email=a@x.example&why=x&consent=yes");
    r = post(h, "call", "email=a@x.example&why=x&consent=yes");
    r = post(h, "news", "email=a@x.example&why=x"); /* takes nothing away */
    house_expect(h, &r, 303);
    c = contact(h, "a@x.example");
    assert_string_equal(row_text(c, CONTACT_CONSENT), "|newsletter|phone|");
    assert_ok(h->cx, record_get(h->cx, &form_type, id, &f));
    row_set_text(f, FORM_CONSENT, "Another wording");
    assert_ok(h->cx, record_save(h->cx, f));
    list = all(h, "submissions"); /* newest first */
    assert_string_equal(val_get_text(val_at(list, 2), "consent_text"), "Yes, use it");
    assert_string_equal(val_get_text(val_at(list, 0), "consent_text"), "");
}

/* ---- visits ---- */

static void view(struct house *h, const char *url, const char *id)
{
    (void)seen(h, NULL,
               arena_printf(h->arena,
                            "{\"n\":\"pageview\",\"u\":\"https://shop.example%s\",\"fid\":\"%s\"}",
                            url, id));
    h->clock->fixed_ms += MS_MINUTE;
}

/* How many events of a kind are on somebody's journey; "" all. */
static size_t events_of(struct house *h, struct row *c, const char *kind)
{
    struct event *e;
    size_t count, n = 0;

    assert_ok(h->cx,
              journey_timeline(h->cx, h->journey,
                               journey_person_find(h->journey, PERSON_CONTACT, (u64)row_id(c)), 0,
                               0, 500, &e, &count));
    for (size_t i = 0; i < count; i++)
        n += kind[0] == '\0' || e[i].kind == kit_event_code(h->kit, kind);
    return n;
}

/* The campaign's link was opened before the visitor consented; the form is posted afterwards. */
static void visits_before_and_after_consent_are_one_story(void **state)
{
    struct house *h = *state;
    struct web_response r;
    struct row *c;

    RECORD(h, "site", "name", "Shop", "domain", "shop.example");
    form(h, "ask", "lead", "");
    view(h, "/?utm_source=google&utm_medium=cpc&utm_campaign=Spring", "");
    view(h, "/prices", ID_A);
    r = post(h, "ask", "email=a@x.example&why=x&fw_id=" ID_A);
    house_expect(h, &r, 303);
    settle(h);
    c = contact(h, "a@x.example");
    assert_string_equal(row_text(c, CONTACT_CHANNEL), "paid-search");
    assert_string_equal(row_text(c, CONTACT_SOURCE), "google");
    assert_string_equal(row_text(c, CONTACT_MEDIUM), "cpc");
    assert_string_equal(row_text(c, CONTACT_CAMPAIGN), "spring");
    assert_string_equal(row_text(c, CONTACT_LANDING), "/");
    assert_int_equal(row_i64(c, CONTACT_FIRST_SEEN), HOUSE_NOW);
    assert_int_equal(events_of(h, c, ""), 6); /* two views, two joins, made, sent */
    r = post(h, "ask", "email=a@x.example&why=again&fw_id=" ID_A);
    settle(h);
    assert_int_equal(events_of(h, c, "identified"), 2); /* joined once */
}

/* A visitor from an older browser turns out to be the same person: the older first touch counts. */
static void an_older_first_touch_wins(void **state)
{
    struct house *h = *state;
    struct web_response r;

    RECORD(h, "site", "name", "Shop", "domain", "shop.example");
    form(h, "ask", "lead", "");
    view(h, "/?utm_source=news&utm_medium=email", ID_A);
    h->clock->fixed_ms += 20 * (i64)MS_DAY;
    view(h, "/?gclid=x", "ffffffffffffffff");
    r = post(h, "ask", "email=a@x.example&why=x&fw_id=ffffffffffffffff");
    settle(h);
    assert_string_equal(row_text(contact(h, "a@x.example"), CONTACT_CHANNEL), "paid-search");
    r = post(h, "ask", "email=a@x.example&why=x&fw_id=" ID_A);
    house_expect(h, &r, 303);
    settle(h);
    assert_string_equal(row_text(contact(h, "a@x.example"), CONTACT_CHANNEL), "email");
    assert_int_equal(row_i64(contact(h, "a@x.example"), CONTACT_FIRST_SEEN), HOUSE_NOW);
}

/* Two people on one machine: what was before stays with the first, what comes is the second's. */
static void a_shared_browser_is_whoever_used_it_last(void **state)
{
    struct house *h = *state;
    struct web_response r;
    size_t anns;

    RECORD(h, "site", "name", "Shop", "domain", "shop.example");
    form(h, "ask", "lead", "");
    view(h, "/?utm_source=news&utm_medium=email", ID_A);
    r = post(h, "ask", "email=ann@x.example&why=x&fw_id=" ID_A);
    settle(h);
    anns = events_of(h, contact(h, "ann@x.example"), "");
    r = post(h, "ask", "email=bob@x.example&why=x&fw_id=" ID_A);
    house_expect(h, &r, 303);
    settle(h);
    view(h, "/b", ID_A);
    assert_int_equal(events_of(h, contact(h, "ann@x.example"), ""), anns);
    assert_string_equal(row_text(contact(h, "bob@x.example"), CONTACT_CHANNEL), "");
    assert_true(events_of(h, contact(h, "bob@x.example"), "pageview") == 1);
}

static void a_campaigns_form_credits_it_where_no_link_did(void **state)
{
    struct house *h = *state;
    struct row *f;
    struct web_response r;
    i64 campaign = RECORD(h, "campaign", "name", "Autumn fair");

    RECORD(h, "site", "name", "Shop", "domain", "shop.example");
    assert_ok(h->cx, record_get(h->cx, &form_type, form(h, "fair", "lead", ""), &f));
    row_set_i64(f, FORM_CAMPAIGN, campaign);
    assert_ok(h->cx, record_save(h->cx, f));
    r = post(h, "fair", "email=a@x.example&why=x");
    house_expect(h, &r, 303);
    assert_string_equal(row_text(contact(h, "a@x.example"), CONTACT_CAMPAIGN), "autumn-fair");
    view(h, "/?utm_source=x&utm_campaign=spring", ID_A);
    r = post(h, "fair", "email=b@x.example&why=x&fw_id=" ID_A);
    assert_string_equal(row_text(contact(h, "b@x.example"), CONTACT_CAMPAIGN), "spring");
}

/* ---- bad posts ---- */

static const struct {
    const char *note, *body;
    int status;
    const char *has;
} bad[] = {
    { "nothing", "", 422, "Please fill in: Why." },
    { "no address", "why=x", 422, "Please fill in: Email." },
    { "an address that is none", "email=nonsense&why=I+ask&first_name=Ina", 422, "value=\"Ina\"" },
    { "and it says so", "email=nonsense&why=x", 422, "nonsense" },
    { "what is missing is named, what is there stays", "email=a@x.example&first_name=Ina", 422,
      "value=\"Ina\"" },
    { "a choice that is not offered", "email=a@x.example&why=x&crop=Bananas", 422,
      "choose one of: Apples, Hops" },
    { "markup is text", "email=%3Cb%3E&why=%3Cscript%3E", 422, "&lt;script&gt;" },
    { "bad UTF-8", "email=a@x.example&why=%ff", 400, NULL },
    { "half a JSON", "{\"email\":\"a@x.example\"", 400, NULL },
    { "JSON that is wrong", "{\"email\":\"nonsense\",\"why\":\"x\"}", 422, NULL },
    { "JSON of another shape", "{\"email\":{\"a\":1},\"why\":[1]}", 422, NULL },
};

static void bad_posts_say_why_and_leave_nothing(void **state)
{
    struct house *h = *state;
    struct buf b = buf_in(h->arena, 20000);
    struct web_response r;

    form(h, "ask", "lead", "");
    for (size_t i = 0; i < countof(bad); i++) {
        r = post(h, "ask", bad[i].body);
        if (r.status != bad[i].status || (bad[i].has && !house_has(&r, bad[i].has)))
            fail_msg("%s: answered %d: %.*s", bad[i].note, r.status, (int)r.body.len, r.body.p);
    }
    buf_text(&b, "email=a@x.example&why=");
    for (int i = 0; i < 5001; i++)
        buf_char(&b, 'x');
    r = post(h, "ask", buf_end(&b));
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "too long"));
    r = house_ask(
        h, NULL, HTTP_POST, "/f/ask", "email=new@firm.example&company=Firm&why=x",
        (const struct http_pair[]){ { "Referer", "https://x.example/\xff" }, { NULL, NULL } });
    house_expect(h, &r, 303); /* a broken header of a browser is no fault of the person */
    assert_int_equal(val_count(all(h, "contacts")), 1);
    assert_int_equal(val_count(all(h, "submissions")), 1);
    assert_int_equal(val_count(all(h, "companies")), 1);
}

/* Whoever shares an address with a program: what comes of it waits for a look, as much as is kept;
 * then the page says that it was not, with what was typed, and the form's page how often. */
static void too_many_posts_of_one_address_wait(void **state)
{
    enum { POSTS = 100 };
    struct house *h = *state;
    struct person *admin = house_user(h, "Admin", "");
    struct web_response r;
    int taken = 0, refused = 0;
    i64 held, id = form(h, "ask", "lead", "");

    for (int i = 0; i < POSTS; i++) {
        r = house_ask(h, NULL, HTTP_POST, "/f/ask",
                      arena_printf(h->arena, "email=p%d@x.example&why=Reason+%d", i, i), NULL);
        taken += r.status == 303;
        if (r.status == 303)
            continue;
        house_expect(h, &r, 429);
        refused++;
        assert_true(house_has(&r, "was not kept"));
        assert_true(house_has(&r, arena_printf(h->arena, "Reason %d<", i)));
    }
    assert_ok(h->cx, list_count(h->cx, &submission_type, "status = 'held'", "", 0, &held));
    assert_int_equal(val_count(all(h, "contacts")), GUARD_FREE_POSTS);
    assert_int_equal(held, GUARD_ADDRESS_KEPT);
    assert_int_equal(taken, GUARD_FREE_POSTS + GUARD_ADDRESS_KEPT);
    assert_int_equal(refused, POSTS - taken);
    r = house_json(h, NULL, HTTP_POST, "/f/ask", "{\"email\":\"j@x.example\",\"why\":\"x\"}");
    house_expect(h, &r, 429);
    assert_ok(h->cx, form_count_write(h->cx));
    r = house_get(h, admin, arena_printf(h->arena, "/forms/%s", id_text(h->arena, id)));
    assert_true(house_has(&r, "60 posts wait for a look"));
    assert_true(house_has(&r, "31 posts were refused"));
    h->clock->fixed_ms += GUARD_ALERT_MS + MS_MINUTE;
    r = post(h, "ask", "email=later@x.example&why=x");
    house_expect(h, &r, 303);
    assert_non_null(contact(h, "later@x.example"));
}

/* ---- the page ---- */

static void the_page_may_be_kept_unless_it_is_somebodys(void **state)
{
    static const struct {
        const char *path;
        bool kept;
        const char *has;
    } pages[] = {
        { "/f/ask", true, "name=\"email\"" },
        { "/f/ask/thanks", true, "Thank you" },
        { "/f/ask?fw=" ID_A, false, "value=\"" ID_A "\"" },
        { "/f/ask?first_name=Ina&crop=Hops", false, "value=\"Ina\"" },
        { "/f/ASK", true, "name=\"email\"" },
    };
    struct house *h = *state;

    form(h, "ask", "lead", "");
    for (size_t i = 0; i < countof(pages); i++) {
        struct web_response r = house_get(h, NULL, pages[i].path);
        const char *cache = web_response_header(&r, "Cache-Control");
        house_expect(h, &r, 200);
        if ((strstr(cache, "public") != NULL) != pages[i].kept)
            fail_msg("%s: %s", pages[i].path, cache);
        assert_true(house_has(&r, pages[i].has));
        assert_null(web_response_header(&r, "Set-Cookie"));
    }
}

/* ---- the maker ---- */

static void every_form_gets_an_address_of_its_own(void **state)
{
    static const struct {
        const char *name, *slug, *got; /* got NULL: refused */
    } forms[] = {
        { "Ask for a demo!", "", "ask-for-a-demo" },
        { "Ask for a demo", "", "ask-for-a-demo-2" },
        { "Ask for a Démo?", "", "ask-for-a-demo-3" },
        { "X", "My Page", "my-page" },
        { "Y", "my page", NULL },
        { "???", "", NULL },
        { "???", "good", "good" },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(forms); i++) {
        struct row *r = row_new(h->cx, &form_type);
        enum status s;
        row_set_text(r, FORM_NAME, forms[i].name);
        row_set_text(r, FORM_SLUG, forms[i].slug);
        s = record_save(h->cx, r);
        ctx_clear_error(h->cx);
        if ((s == OK) != (forms[i].got != NULL))
            fail_msg("%s: %s", forms[i].name, status_word(s));
        if (s == OK)
            assert_string_equal(row_text(r, FORM_SLUG), forms[i].got);
    }
}

static const struct {
    const char *note, *body, *names; /* names: of the fields, with blanks between; NULL: refused */
    const char *has;
} builds[] = {
    { "an address is enough", "label.0=Email&kind.0=email", "email", NULL },
    { "names come from labels", "label.0=Mail&kind.0=email&label.1=Your+crop&kind.1=text",
      "email your-crop", NULL },
    { "names of contact fields stay",
      "label.0=Mail&kind.0=email&label.1=Given+name&name.1=first_name", "email first_name", NULL },
    { "no two alike", "label.0=Mail&kind.0=email&label.1=A&label.2=A&label.3=A", "email a a-2 a-3",
      NULL },
    { "nor like what the form uses",
      "label.0=Mail&kind.0=email&label.1=Consent&label.2=x&name.2=csrf", "email consent-2 csrf-2",
      NULL },
    { "a name of odd characters", "label.0=Mail&kind.0=email&label.1=A&name.1=A%22%3Cb",
      "email a-b", NULL },
    { "rows without a label are dropped", "label.0=&name.0=x&label.2=Mail&kind.2=email", "email",
      NULL },
    { "no address", "label.0=Name&kind.0=text", NULL, "value=\"Name\"" },
    { "a choice of nothing", "label.0=Mail&kind.0=email&label.1=Pick&kind.1=choice", NULL,
      "nothing to choose from" },
};

static void the_builder_reads_rows_and_gives_back_what_was_typed(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia", "Marketing");
    i64 id = form(h, "ask", "lead", "");
    const char *path = arena_printf(h->arena, "/forms/%s/build", id_text(h->arena, id));

    for (size_t i = 0; i < countof(builds); i++) {
        struct web_response r = house_post(h, mia, path, builds[i].body);
        struct buf b = buf_in(h->arena, 1000);
        struct form_def def;
        struct row *f;
        if (builds[i].names == NULL) {
            house_expect(h, &r, 422);
            if (!house_has(&r, builds[i].has))
                fail_msg("%s: %.*s", builds[i].note, (int)r.body.len, r.body.p);
            continue;
        }
        house_expect(h, &r, 303);
        assert_ok(h->cx, record_get(h->cx, &form_type, id, &f));
        assert_ok(h->cx, form_def_read(h->cx, f, &def));
        for (size_t k = 0; k < def.count; k++)
            buf_printf(&b, "%s%s", k ? " " : "", def.asks[k].name);
        if (strcmp(buf_end(&b), builds[i].names) != 0)
            fail_msg("%s: %s", builds[i].note, buf_end(&b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_form_moves_forward_only, NULL),
        IN_SQLITE_HOUSE(a_post_fills_in_what_is_missing, NULL),
        IN_BOTH_HOUSES(contacts_join_their_company, NULL),
        IN_SQLITE_HOUSE(only_a_yes_is_consent, NULL),
        IN_BOTH_HOUSES(consents_add_up_and_their_wording_is_kept, NULL),
        IN_BOTH_HOUSES(visits_before_and_after_consent_are_one_story, NULL),
        IN_BOTH_HOUSES(an_older_first_touch_wins, NULL),
        IN_SQLITE_HOUSE(a_shared_browser_is_whoever_used_it_last, NULL),
        IN_SQLITE_HOUSE(a_campaigns_form_credits_it_where_no_link_did, NULL),
        IN_BOTH_HOUSES(bad_posts_say_why_and_leave_nothing, NULL),
        IN_SQLITE_HOUSE(too_many_posts_of_one_address_wait, NULL),
        IN_SQLITE_HOUSE(the_page_may_be_kept_unless_it_is_somebodys, NULL),
        IN_BOTH_HOUSES(every_form_gets_an_address_of_its_own, NULL),
        IN_SQLITE_HOUSE(the_builder_reads_rows_and_gives_back_what_was_typed, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
