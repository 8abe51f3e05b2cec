/* form_def_test.c -- what a form asks: definitions and their mistakes, conditions, languages, what
 * an answer does to a contact, what known people are spared, and the guards with what they hold
 * back. */
#include "base/json.h"
#include "bridge/contact.h"
#include "browse.h"
#include "kit/filter.h"
#include "marketing/form_guard.h"
#include "marketing/form_take.h"

#define EMAIL "{\"name\":\"email\",\"kind\":\"email\",\"label\":\"Mail\",\"required\":true}"
#define DEF(...) "{\"version\":2,\"fields\":[" EMAIL "," __VA_ARGS__ "]}"

static i64 form_of(struct house *h, const char *slug, const char *definition)
{
    struct row *r = row_new(h->cx, &form_type);

    row_set_text(r, FORM_NAME, slug);
    row_set_text(r, FORM_SLUG, slug);
    row_set_text(r, FORM_STATUS, "published");
    row_set_text(r, FORM_INPUTS, definition);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static struct web_response post_from(struct house *h, const char *slug, const char *body,
                                     const char *agent, const char *address)
{
    const struct http_pair headers[] = { { "User-Agent", agent },
                                         { "X-Forwarded-For", address },
                                         { NULL, NULL } };

    return house_ask(h, NULL, HTTP_POST, arena_printf(h->arena, "/f/%s", slug), body, headers);
}

static struct web_response post(struct house *h, const char *slug, const char *body)
{
    h->clock->fixed_ms += 20 * MS_SECOND; /* no flood */
    return post_from(h, slug, body, CHROME, "203.0.113.5");
}

/* The newest submission. */
static struct row *submission(struct house *h)
{
    struct list_page page;

    assert_ok(h->cx, list_run(h->cx, &submission_type, &(struct list_query){ .limit = 1 }, &page));
    assert_int_equal(page.count, 1);
    return page.rows[0];
}

static i64 count_of(struct house *h, const struct record_type *t, const char *filter)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, t, filter, "", 0, &n));
    return n;
}

static struct row *contact(struct house *h, const char *email)
{
    struct row *r;

    assert_ok(h->cx, record_find(h->cx, &contact_type, "email", email, &r));
    return r;
}

/* ---- definitions ---- */

static const struct {
    const char *note, *json, *code; /* code NULL: fine */
} definitions[] = {
    { "an address is enough", "{\"version\":2,\"fields\":[" EMAIL "]}", NULL },
    { "the first version", "[" EMAIL ",{\"name\":\"first_name\",\"label\":\"F\"}]", NULL },
    { "no list of fields", "{\"version\":2}", "form.version" },
    { "a version to come", "{\"version\":3,\"fields\":[" EMAIL "]}", "form.version" },
    { "neither list nor map", "\"x\"", "form.version" },
    { "no address",
      "{\"version\":2,\"fields\":[{\"name\":\"a\",\"kind\":\"text\",\"label\":"
      "\"A\"}]}",
      "form.no_email" },
    { "an address that may be hidden",
      "{\"version\":2,\"fields\":[{\"name\":\"a\",\"kind\":\"text\",\"label\":\"A\"},"
      "{\"name\":\"email\",\"kind\":\"email\",\"label\":\"M\",\"if\":[{\"field\":\"a\",\"op\":"
      "\"filled\"}]}]}",
      "form.no_email" },
    { "an unknown kind", DEF("{\"name\":\"a\",\"kind\":\"colour\",\"label\":\"A\"}"), "form.kind" },
    { "a name of odd letters", DEF("{\"name\":\"A b\",\"kind\":\"text\",\"label\":\"A\"}"),
      "form.name" },
    { "a name of the form's own", DEF("{\"name\":\"csrf\",\"kind\":\"text\",\"label\":\"A\"}"),
      "form.name" },
    { "no name", DEF("{\"kind\":\"text\",\"label\":\"A\"}"), "form.name" },
    { "a name twice", DEF("{\"name\":\"email\",\"kind\":\"text\",\"label\":\"A\"}"), "form.name" },
    { "no label", DEF("{\"name\":\"a\",\"kind\":\"text\",\"label\":\"\"}"), "form.label" },
    { "hidden ones need none", DEF("{\"name\":\"a\",\"kind\":\"hidden\"}"), NULL },
    { "a choice of nothing", DEF("{\"name\":\"a\",\"kind\":\"choice\",\"label\":\"A\"}"),
      "form.no_choices" },
    { "a choice offered twice",
      DEF("{\"name\":\"a\",\"kind\":\"choice\",\"label\":\"A\",\"options\":[{\"value\":\"x\"},"
          "{\"value\":\"x\"}]}"),
      "form.options" },
    { "into a field that is the team's",
      DEF("{\"name\":\"a\",\"kind\":\"text\",\"label\":\"A\",\"maps\":\"owner_id\"}"),
      "form.maps" },
    { "into a computed field",
      DEF("{\"name\":\"a\",\"kind\":\"text\",\"label\":\"A\",\"maps\":\"score\"}"), "form.maps" },
    { "into the tags", DEF("{\"name\":\"a\",\"kind\":\"text\",\"label\":\"A\",\"maps\":\"tags\"}"),
      NULL },
    { "a consent for nothing", DEF("{\"name\":\"a\",\"kind\":\"consent\",\"label\":\"A\"}"),
      "form.topic" },
    { "the least over the most",
      DEF("{\"name\":\"a\",\"kind\":\"number\",\"label\":\"A\",\"min\":5,\"max\":1}"),
      "form.range" },
    { "shown by a field behind it",
      DEF("{\"name\":\"a\",\"kind\":\"text\",\"label\":\"A\",\"if\":[{\"field\":\"b\",\"op\":"
          "\"filled\"}]},{\"name\":\"b\",\"kind\":\"text\",\"label\":\"B\"}"),
      "form.condition" },
    { "shown by itself",
      DEF("{\"name\":\"a\",\"kind\":\"text\",\"label\":\"A\",\"if\":[{\"field\":\"a\",\"op\":"
          "\"filled\"}]}"),
      "form.condition" },
    { "shown by an unknown word",
      DEF("{\"name\":\"a\",\"kind\":\"text\",\"label\":\"A\",\"if\":[{\"field\":\"email\",\"op\":"
          "\"likes\"}]}"),
      "form.condition" },
    { "a translation into nothing",
      DEF("{\"name\":\"a\",\"kind\":\"text\",\"label\":\"A\",\"t\":{\"<b>\":{\"label\":\"x\"}}}"),
      "form.language" },
    { "a guard of another kind", "{\"version\":2,\"guard\":\"dog\",\"fields\":[" EMAIL "]}",
      "form.guard" },
    { "a file from nowhere",
      "{\"version\":2,\"after\":[{\"do\":\"download\",\"url\":\"javascript:x\"}],\"fields\":[" EMAIL
      "]}",
      "form.url" },
    { "something else afterwards",
      "{\"version\":2,\"after\":[{\"do\":\"dance\"}],\"fields\":[" EMAIL "]}", "form.after" },
    { "a pop-up of another look",
      "{\"version\":2,\"popup\":{\"look\":\"balloon\"},\"fields\":[" EMAIL "]}", "form.popup" },
};

static void definitions_say_what_is_wrong(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(definitions); i++) {
        struct val *v, *kept, *again;
        enum status s;
        assert_int_equal(json_read(h->arena, str_from(definitions[i].json), &v, NULL), OK);
        s = form_def_check(h->cx, v, &kept);
        if ((s == OK) != (definitions[i].code == NULL) ||
            (s != OK && !text_is(h->cx->field_errors->code, definitions[i].code)))
            fail_msg("%s: %s", definitions[i].note, s == OK ? "fine" : h->cx->field_errors->code);
        ctx_clear_error(h->cx);
        if (s != OK)
            continue;
        assert_ok(h->cx, form_def_check(h->cx, kept, &again)); /* what is kept stays the same */
        if (!val_equal(kept, again))
            fail_msg("%s: %s", definitions[i].note, json_text(h->arena, again));
    }
}

/* ---- conditions and kinds ---- */

#define FARM                                                                                       \
    DEF("{\"name\":\"crop\",\"kind\":\"choices\",\"label\":\"Crop\",\"options\":[{\"value\":"      \
        "\"hops\"},{\"value\":\"vines\"},{\"value\":\"a,b\"}]},"                                   \
        "{\"name\":\"acres\",\"kind\":\"number\",\"label\":\"Acres\",\"required\":true,"           \
        "\"min\":1,\"max\":500,\"if\":[{\"field\":\"crop\",\"op\":\"is\",\"value\":\"vines\"}]},"  \
        "{\"name\":\"big\",\"kind\":\"yesno\",\"label\":\"Big?\",\"if\":[{\"field\":\"acres\","    \
        "\"op\":\"filled\"}]},"                                                                    \
        "{\"name\":\"when\",\"kind\":\"date\",\"label\":\"When\"},"                                \
        "{\"name\":\"site\",\"kind\":\"url\",\"label\":\"Site\"},"                                 \
        "{\"name\":\"news\",\"kind\":\"consent\",\"label\":\"Letters\",\"topic\":\"newsletter\"}," \
        "{\"name\":\"why\",\"kind\":\"text\",\"label\":\"Why\",\"if_any\":true,\"if\":["           \
        "{\"field\":\"news\",\"op\":\"empty\"},{\"field\":\"crop\",\"op\":\"is\",\"value\":"       \
        "\"hops\"}]}")

static const struct {
    const char *note, *body;
    int status;
    const char *data; /* as kept; or what the page says */
} answers[] = {
    { "nothing but the address", "", 303, "{\"email\":\"a@x.example\"}" },
    { "one of several", "crop=hops", 303, "{\"email\":\"a@x.example\",\"crop\":[\"hops\"]}" },
    { "two of them", "crop=hops&crop=a%2Cb", 303,
      "{\"email\":\"a@x.example\",\"crop\":[\"hops\",\"a,b\"]}" },
    { "a shown field is required", "crop=vines", 422, "Please fill in: Acres." },
    { "a hidden one is neither required nor kept", "crop=hops&acres=5&big=yes", 303,
      "{\"email\":\"a@x.example\",\"crop\":[\"hops\"]}" },
    { "what a hidden one shows is hidden too", "acres=5&big=yes", 303,
      "{\"email\":\"a@x.example\"}" },
    { "a chain of conditions", "crop=vines&acres=12,5&big=on", 303,
      "{\"email\":\"a@x.example\",\"crop\":[\"vines\"],\"acres\":\"12.5\",\"big\":\"yes\"}" },
    { "no number", "crop=vines&acres=many", 422, "is no number" },
    { "too many", "crop=vines&acres=501", 422, "from 1 to 500" },
    { "a date", "when=2026-02-28", 303, "{\"email\":\"a@x.example\",\"when\":\"2026-02-28\"}" },
    { "no date", "when=2026-02-30", 422, "is no date" },
    { "an address without its beginning", "site=x.example%2Fa", 303,
      "{\"email\":\"a@x.example\",\"site\":\"https://x.example/a\"}" },
    { "no web address", "site=a+b", 422, "no web address" },
    { "any of two conditions, by the missing consent", "why=so", 303,
      "{\"email\":\"a@x.example\",\"why\":\"so\"}" },
    { "none of them", "why=so&news=yes", 303, "{\"email\":\"a@x.example\"}" },
    { "the other one", "why=so&news=yes&crop=hops", 303,
      "{\"email\":\"a@x.example\",\"crop\":[\"hops\"],\"why\":\"so\"}" },
    { "not offered", "crop=apples", 422, "choose one of" },
};

static void hidden_fields_are_neither_required_nor_kept(void **state)
{
    struct house *h = *state;

    form_of(h, "farm", FARM);
    for (size_t i = 0; i < countof(answers); i++) {
        struct web_response r =
            post(h, "farm", arena_printf(h->arena, "email=a%%40x.example&%s", answers[i].body));
        if (r.status != answers[i].status)
            fail_msg("%s: answered %d: %.*s", answers[i].note, r.status, (int)r.body.len, r.body.p);
        if (r.status != 303 && !house_has(&r, answers[i].data))
            fail_msg("%s: %.*s", answers[i].note, (int)r.body.len, r.body.p);
        if (r.status != 303)
            continue;
        const char *data = row_text(submission(h), SUBMISSION_DATA);
        if (strcmp(data, answers[i].data) != 0)
            fail_msg("%s: %s", answers[i].note, data);
    }
}

/* ---- languages ---- */

static const struct {
    const char *note, *asked, *accepted, *has;
} languages[] = {
    { "nobody asks", "", "", "Crop" },
    { "the browser asks", "", "de", "Frucht" },
    { "of a country", "", "de-CH,en;q=0.5", "Frucht" },
    { "the dearest that there is", "", "ja,fr-CA;q=0.9,de;q=0.1", "Culture" },
    { "the address goes before", "fr", "de", "Culture" },
    { "the address asks for what is not there", "ja", "de", "Frucht" },
    { "the form's own before another", "", "en-GB,de", "Crop" },
    { "nonsense", "", ";;,,=", "Crop" },
};

static void visitors_get_their_language(void **state)
{
    struct house *h = *state;

    form_of(h, "words",
            DEF("{\"name\":\"crop\",\"kind\":\"text\",\"label\":\"Crop\",\"t\":{\"de\":{"
                "\"label\":\"Frucht\"},\"fr\":{\"label\":\"Culture\"}}}"));
    for (size_t i = 0; i < countof(languages); i++) {
        const struct http_pair headers[] = { { "Accept-Language", languages[i].accepted },
                                             { NULL, NULL } };
        struct web_response r = house_ask(
            h, NULL, HTTP_GET, arena_printf(h->arena, "/f/words?lang=%s", languages[i].asked), NULL,
            headers);
        house_expect(h, &r, 200);
        if (!house_has(&r, arena_printf(h->arena, ">%s ", languages[i].has)))
            fail_msg("%s: %.*s", languages[i].note, (int)r.body.len, r.body.p);
    }
}

/* ---- what an answer does to a contact ---- */

static const struct {
    const char *note, *field, *more, *before, *answer, *after;
} upserts[] = {
    { "what is missing is filled in", "job_title", "", "", "Grower", "Grower" },
    { "what is known stays", "job_title", "", "Owner", "Grower", "Owner" },
    { "unless the answer knows better", "job_title", "\"overwrite\":true,", "Owner", "Grower",
      "Grower" },
    { "but no answer takes nothing away", "job_title", "\"overwrite\":true,", "Owner", "",
      "Owner" },
    { "tags are added", "tags", "", "old", "new", "|new|old|" },
    { "a country by its name", "country", "", "", "FR", "FR" },
};

static void answers_fill_the_contact(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(upserts); i++) {
        const char *email = arena_printf(h->arena, "u%zu@x.example", i);
        int field = type_field(&contact_type, upserts[i].field);
        form_of(h, arena_printf(h->arena, "up%zu", i),
                arena_printf(h->arena,
                             "{\"version\":2,\"fields\":[" EMAIL ",{\"name\":\"a\",\"kind\":"
                             "\"text\",\"label\":\"A\",%s\"maps\":\"%s\"}]}",
                             upserts[i].more, upserts[i].field));
        RECORD(h, "contact", "email", email, upserts[i].field, upserts[i].before);
        struct web_response r =
            post(h, arena_printf(h->arena, "up%zu", i),
                 arena_printf(h->arena, "email=%s&a=%s", email, upserts[i].answer));
        house_expect(h, &r, 303);
        if (strcmp(row_text(contact(h, email), field), upserts[i].after) != 0)
            fail_msg("%s: %s", upserts[i].note, row_text(contact(h, email), field));
    }
}

/* ---- known people ---- */

#define ID_A "0123456789abcdef0123456789abcdef"
#define PROFILE                                                                            \
    "{\"version\":2,\"ask\":1,\"fields\":[" EMAIL                                          \
    ",{\"name\":\"job\",\"kind\":\"text\",\"label\":\"Your job\",\"maps\":\"job_title\","  \
    "\"ask_once\":true,\"required\":true},{\"name\":\"town\",\"kind\":\"text\",\"label\":" \
    "\"Your town\",\"maps\":\"city\",\"ask_once\":true}]}"

static void known_people_are_asked_the_next_question(void **state)
{
    struct house *h = *state;
    struct web_response r;

    form_of(h, "more", PROFILE);
    r = house_get(h, NULL, "/f/more?fw=" ID_A);
    assert_true(house_has(&r, "Your job") && !house_has(&r, "Your town"));
    r = post(h, "more", "email=a%40x.example&job=Winemaker&fw_id=" ID_A);
    house_expect(h, &r, 303);
    settle(h);
    r = house_get(h, NULL, "/f/more?fw=" ID_A);
    assert_false(house_has(&r, "Your job"));
    assert_true(house_has(&r, "Your town"));
    assert_false(house_has(&r, "Winemaker")); /* what is known is never shown */
    assert_false(house_has(&r, "a@x.example"));
    r = post(h, "more", "email=a%40x.example&town=Bonn&fw_id=" ID_A); /* the job is not missing */
    house_expect(h, &r, 303);
    assert_string_equal(row_text(contact(h, "a@x.example"), CONTACT_CITY), "Bonn");
    r = post(h, "more", "email=b%40x.example&town=Bonn"); /* of a stranger it is */
    house_expect(h, &r, 422);
}

/* ---- guards ---- */

#define NAMED                                                            \
    DEF("{\"name\":\"first_name\",\"kind\":\"text\",\"label\":\"Name\"," \
        "\"maps\":\"first_name\"},{\"name\":\"why\",\"kind\":\"long\",\"label\":\"Why\"}")

static const struct {
    const char *note, *body, *agent, *status, *reason;
} guarded[] = {
    { "a person", "first_name=Ina", CHROME, "accepted", "" },
    { "the hidden field", "website_url=x", CHROME, "spam", "the hidden field was filled in" },
    { "a link in the name", "first_name=see+https%3A%2F%2Fx.example", CHROME, "spam",
      "a link stands in the name" },
    { "a link in a message is fine", "why=see+https%3A%2F%2Fx.example", CHROME, "accepted", "" },
    { "a message full of them", "why=http%3Aa+http%3Ab+http%3Ac+http%3Ad", CHROME, "spam",
      "one answer is full of links" },
    { "a program by its name", "", "python-requests/2.31", "held", "its agent is a program" },
    { "a challenge that is none", "fw_token=abc&fw_proof=1", CHROME, "held",
      "the challenge was not of this form" },
};

static void guards_hold_back_with_the_reason(void **state)
{
    struct house *h = *state;

    form_of(h, "ask", NAMED);
    for (size_t i = 0; i < countof(guarded); i++) {
        struct web_response r;
        h->clock->fixed_ms += 20 * MS_SECOND;
        r = post_from(h, "ask",
                      arena_printf(h->arena, "email=g%zu%%40x.example&%s", i, guarded[i].body),
                      guarded[i].agent, "203.0.113.6");
        house_expect(h, &r, 303); /* a program learns nothing */
        struct row *s = submission(h);
        if (!text_is(row_text(s, SUBMISSION_STATUS), guarded[i].status) ||
            !text_is(row_text(s, SUBMISSION_REASON), guarded[i].reason))
            fail_msg("%s: %s, %s", guarded[i].note, row_text(s, SUBMISSION_STATUS),
                     row_text(s, SUBMISSION_REASON));
        if (row_has(s, SUBMISSION_CONTACT) != text_is(guarded[i].status, "accepted"))
            fail_msg("%s: a contact", guarded[i].note);
    }
}

static void addresses_of_ten_minutes(void **state)
{
    static const struct {
        const char *how;
        int status;
        const char *kept;
    } ways[] = { { "take", 303, "accepted" }, { "hold", 303, "held" }, { "refuse", 422, NULL } };
    struct house *h = *state;

    if (!guard_is_disposable("x@mailinator.com"))
        skip(); /* built without the package */
    assert_true(guard_is_disposable("x@sub.Mailinator.COM"));
    assert_false(guard_is_disposable("x@gmail.com"));
    assert_false(guard_is_disposable("mailinator.com"));
    for (size_t i = 0; i < countof(ways); i++) {
        struct web_response r;
        form_of(h, ways[i].how,
                arena_printf(h->arena,
                             "{\"version\":2,\"disposable\":\"%s\",\"fields\":[" EMAIL "]}",
                             ways[i].how));
        r = post(h, ways[i].how, "email=x%40mailinator.com");
        house_expect(h, &r, ways[i].status);
        if (ways[i].kept)
            assert_string_equal(row_text(submission(h), SUBMISSION_STATUS), ways[i].kept);
        else
            assert_true(house_has(&r, "few minutes"));
    }
}

/* A challenge and its proof, as a browser's script makes them. */
static const char *proven(struct house *h, const char *slug, i64 wait_ms, i64 *bits)
{
    struct web_response r =
        house_json(h, NULL, HTTP_GET, arena_printf(h->arena, "/f/%s/challenge", slug), NULL);
    const struct val *v = house_val(h, &r);
    const char *token = val_get_text(v, "token");

    *bits = val_get_i64(v, "bits", 0);
    h->clock->fixed_ms += wait_ms;
    return arena_printf(h->arena, "fw_token=%s&fw_proof=%llu", token,
                        (unsigned long long)guard_solve(token, (int)*bits));
}

static void a_proof_is_good_once_and_for_its_form(void **state)
{
    struct house *h = *state;
    struct web_response r;
    const char *proof;
    i64 bits;

    form_of(h, "ask", "{\"version\":2,\"guard\":\"always\",\"fields\":[" EMAIL "]}");
    form_of(h, "other", "{\"version\":2,\"guard\":\"always\",\"fields\":[" EMAIL "]}");
    r = post(h, "ask", "email=a%40x.example");
    assert_string_equal(row_text(submission(h), SUBMISSION_REASON),
                        "it came without proof of work");
    proof = proven(h, "ask", 200, &bits);
    assert_int_equal(bits, GUARD_BITS_CALM);
    r = post_from(h, "ask", arena_printf(h->arena, "email=a%%40x.example&%s", proof), CHROME,
                  "203.0.113.5");
    assert_string_equal(row_text(submission(h), SUBMISSION_REASON),
                        "it was filled in within a second");
    proof = proven(h, "ask", 5000, &bits);
    r = post(h, "ask", arena_printf(h->arena, "email=nonsense&%s", proof));
    house_expect(h, &r, 422); /* which does not use it up */
    r = post(h, "ask", arena_printf(h->arena, "email=a%%40x.example&%s", proof));
    house_expect(h, &r, 303);
    assert_string_equal(row_text(submission(h), SUBMISSION_STATUS), "accepted");
    r = post(h, "ask", arena_printf(h->arena, "email=b%%40x.example&%s", proof));
    assert_string_equal(row_text(submission(h), SUBMISSION_REASON),
                        "the same proof of work came twice");
    r = post(h, "other",
             arena_printf(h->arena, "email=b%%40x.example&%s", proven(h, "ask", 5000, &bits)));
    assert_string_equal(row_text(submission(h), SUBMISSION_REASON),
                        "the challenge was not of this form");
    r = post(h, "ask",
             arena_printf(h->arena, "email=b%%40x.example&%s",
                          proven(h, "ask", GUARD_MOST_MS + 1, &bits)));
    assert_string_equal(row_text(submission(h), SUBMISSION_REASON),
                        "the page was open for too long to tell");
    assert_int_equal(count_of(h, &contact_type, ""), 1);
}

/* A flood from many addresses makes few contacts, everything is kept, and who proves gets in. */
static void a_flood_is_held_and_people_get_through(void **state)
{
    enum { POSTS = 300 };
    struct house *h = *state;
    struct web_response r;
    const char *proof;
    i64 bits;

    form_of(h, "ask", "{\"version\":2,\"fields\":[" EMAIL "]}");
    for (int i = 0; i < POSTS; i++) {
        h->clock->fixed_ms += 50;
        r = post_from(h, "ask", arena_printf(h->arena, "email=f%d%%40x.example", i), CHROME,
                      arena_printf(h->arena, "198.51.%d.%d", i / 250, i % 250));
        house_expect(h, &r, 303);
    }
    assert_int_equal(count_of(h, &contact_type, ""), GUARD_FREE_POSTS);
    assert_int_equal(count_of(h, &submission_type, "status = 'held'"), POSTS - GUARD_FREE_POSTS);
    proof = proven(h, "ask", 2000, &bits);
    assert_true(bits > GUARD_BITS_CALM); /* the more comes, the dearer it is */
    r = post_from(h, "ask", arena_printf(h->arena, "email=ina%%40x.example&%s", proof), CHROME,
                  "203.0.113.9");
    house_expect(h, &r, 303);
    assert_string_equal(row_text(submission(h), SUBMISSION_STATUS), "accepted");
    h->clock->fixed_ms += GUARD_ALERT_MS + MS_MINUTE; /* calm again: those without scripts too */
    r = post(h, "ask", "email=ivo%40x.example");
    assert_string_equal(row_text(submission(h), SUBMISSION_STATUS), "accepted");
}

/* A program and people with browsers behind one address: they get in, it does not. When an address
 * proves more than an office sends, that waits for a look, too. */
static void people_beside_a_program_get_through(void **state)
{
    enum { PROVEN = GUARD_ADDRESS_PROVEN + 3 };
    struct house *h = *state;
    const char *proofs[PROVEN];
    struct web_response r;
    i64 bits;

    form_of(h, "ask", "{\"version\":2,\"fields\":[" EMAIL "]}");
    for (int i = 0; i < PROVEN; i++) /* while it is calm, and cheap */
        proofs[i] = proven(h, "ask", i == PROVEN - 1 ? 2000 : 0, &bits);
    for (int i = 0; i < 200; i++)
        (void)post_from(h, "ask", arena_printf(h->arena, "email=f%d%%40spam.example", i), CHROME,
                        "203.0.113.7");
    assert_int_equal(count_of(h, &contact_type, ""), GUARD_FREE_POSTS);
    for (int i = 0; i < PROVEN; i++) {
        r = post_from(h, "ask", arena_printf(h->arena, "email=p%d%%40x.example&%s", i, proofs[i]),
                      CHROME, "203.0.113.7");
        house_expect(h, &r, 303);
        assert_string_equal(row_text(submission(h), SUBMISSION_STATUS),
                            i < GUARD_ADDRESS_PROVEN ? "accepted" : "held");
    }
    assert_int_equal(count_of(h, &contact_type, ""), GUARD_FREE_POSTS + GUARD_ADDRESS_PROVEN);
}

/* What waits is bounded: a form whose held posts fill their room refuses the next, unless its work
 * is proven. */
static void what_waits_is_bounded(void **state)
{
    enum { LONG = 4900, FIELDS = 13, MOST = 600 };
    struct house *h = *state;
    struct buf def = buf_in(h->arena, 100000), body = buf_in(h->arena, 1000000),
               more = buf_in(h->arena, 100000);
    struct web_response r;
    char *text = arena_alloc(h->arena, LONG + 1, 1);
    const char *proof;
    int kept = 0;
    i64 bits;

    memset(text, 'x', LONG);
    buf_text(&def, "{\"version\":2,\"guard\":\"always\",\"fields\":[" EMAIL);
    for (int i = 0; i < FIELDS; i++) {
        buf_printf(&def, ",{\"name\":\"f%d\",\"kind\":\"long\",\"label\":\"F\"}", i);
        buf_printf(&body, "&f%d=%s", i, text);
    }
    buf_text(&def, "]}");
    form_of(h, "ask", buf_end(&def));
    buf_text(&more, "&f0=");
    for (int i = 0; i < LONG; i++)
        buf_text(&more, "%22");
    r = post(
        h, "ask",
        arena_printf(h->arena, "email=a%%40x.example%s%s", strstr(body.p, "&f1="), buf_end(&more)));
    house_expect(h, &r, 422); /* more than one submission holds */
    assert_true(house_has(&r, "Please shorten this one"));
    r.status = 303;
    for (; kept < MOST && r.status == 303; kept++)
        r = post_from(h, "ask", arena_printf(h->arena, "email=f%d%%40x.example%s", kept, body.p),
                      CHROME, arena_printf(h->arena, "198.51.1.%d", kept % 250));
    if (r.status != 429)
        fail_msg("post %d: %d %.*s", kept, r.status, (int)r.body.len, strstr(r.body.p, "rror"));
    assert_in_range(kept - 1, 500, GUARD_KEPT_BYTES / (LONG * FIELDS));
    proof = proven(h, "ask", 2000, &bits);
    r = post_from(h, "ask", arena_printf(h->arena, "email=ina%%40x.example&%s", proof), CHROME,
                  "203.0.113.9");
    house_expect(h, &r, 303);
    assert_string_equal(row_text(submission(h), SUBMISSION_STATUS), "accepted");
}

/* ---- out of the spam ---- */

static void what_is_released_does_all_that_a_post_does(void **state)
{
    struct house *h = *state;
    struct person *admin = house_user(h, "Admin", "");
    struct web_response r;
    struct row *s, *c;
    const char *path;

    form_of(h, "ask",
            "{\"version\":2,\"after\":[{\"do\":\"tag\",\"tag\":\"asked\"}],\"fields\":[" EMAIL
            ",{\"name\":\"first_name\",\"kind\":\"text\",\"label\":\"Name\",\"maps\":"
            "\"first_name\"},{\"name\":\"news\",\"kind\":\"consent\",\"label\":\"Letters\","
            "\"topic\":\"newsletter\"}]}");
    r = post(h, "ask", "email=a%40x.example&first_name=Ina&news=yes&website_url=x&fw_id=" ID_A);
    s = submission(h);
    assert_false(row_has(s, SUBMISSION_CONTACT));
    path = arena_printf(h->arena, "%s/release", row_path(h->cx, s));
    r = house_post(h, admin, path, "");
    house_expect(h, &r, 303);
    c = contact(h, "a@x.example");
    assert_string_equal(row_text(c, CONTACT_FIRST), "Ina");
    assert_string_equal(row_text(c, CONTACT_TAGS), "|asked|");
    assert_string_equal(row_text(c, CONTACT_CONSENT), "|newsletter|");
    s = submission(h);
    assert_string_equal(row_text(s, SUBMISSION_STATUS), "accepted");
    assert_int_equal(row_i64(s, SUBMISSION_CONTACT), row_id(c));
    assert_string_equal(row_text(s, SUBMISSION_CONSENT_TEXT), "Letters");
    r = house_post(h, admin, path, ""); /* once */
    house_expect(h, &r, 409);
    r = post(h, "ask", "first_name=http%3A%2F%2Fx&email="); /* of nobody nothing can be made */
    s = submission(h);
    r = house_post(h, admin, arena_printf(h->arena, "%s/release", row_path(h->cx, s)), "");
    house_expect(h, &r, 422);
}

int main(void)
{
    static const struct house_options proxied = { .trusted_proxy = "127.0.0.1" };
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(definitions_say_what_is_wrong, NULL),
        IN_SQLITE_HOUSE(hidden_fields_are_neither_required_nor_kept, NULL),
        IN_SQLITE_HOUSE(visitors_get_their_language, NULL),
        IN_BOTH_HOUSES(answers_fill_the_contact, NULL),
        IN_SQLITE_HOUSE(known_people_are_asked_the_next_question, NULL),
        IN_SQLITE_HOUSE(guards_hold_back_with_the_reason, NULL),
        IN_SQLITE_HOUSE(addresses_of_ten_minutes, NULL),
        IN_BOTH_HOUSES(a_proof_is_good_once_and_for_its_form, NULL),
        IN_BOTH_HOUSES(a_flood_is_held_and_people_get_through, &proxied),
        IN_SQLITE_HOUSE(people_beside_a_program_get_through, &proxied),
        IN_SQLITE_HOUSE(what_waits_is_bounded, &proxied),
        IN_BOTH_HOUSES(what_is_released_does_all_that_a_post_does, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
