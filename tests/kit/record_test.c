/* record_test.c -- the one door from outside: what goes in, what is refused and in which words,
 * what is logged, and that a refused change leaves nothing behind. */
#include "base/id.h"
#include "base/json.h"
#include "kit/record_int.h"
#include "kit/things.h"

static struct row *new_thing(struct ctx *cx, const char *name)
{
    struct row *r = row_new(cx, &thing_type);

    row_set_text(r, THING_NAME, name);
    return r;
}

static struct row *read_back(struct ctx *cx, const struct row *r)
{
    struct row *again;

    assert_ok(cx, record_get(cx, row_type(r), row_id(r), &again));
    return again;
}

static const char *error_code_of(const struct ctx *cx, const char *field)
{
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, field))
            return e->code;
    return "";
}

/* ---- kinds ---- */
static const struct {
    const char *note;
    int field;
    const char *typed, *plain; /* plain NULL: refused */
    const char *code;
} kind_cases[] = {
    { "text is trimmed to one line", THING_TEXT, "  a\t b\r\nc ", "a b c", 0 },
    { "text keeps accents", THING_TEXT, "Ångström AG", "Ångström AG", 0 },
    { "blank text is not set", THING_TEXT, " \n ", "", 0 },
    { "name is too long", THING_NAME, "012345678901234567890123456789012345678901234567890", 0,
      "text.too_long" },
    { "bad UTF-8", THING_TEXT,
      "a\xff"
      "b",
      0, "text.encoding" },
    { "long text keeps its lines", THING_LONG, "one\r\ntwo\n\nthree", "one\ntwo\n\nthree", 0 },
    { "whole number", THING_INT, " +42 ", "42", 0 },
    { "negative number", THING_INT, "-5", "-5", 0 },
    { "no number", THING_INT, "12a", 0, "int.invalid" },
    { "a fraction is no whole number", THING_INT, "1.5", 0, "int.invalid" },
    { "number too small", THING_INT, "-6", 0, "number.too_small" },
    { "number too large", THING_INT, "1000001", 0, "number.too_large" },
    { "overflow", THING_INT, "99999999999999999999", 0, "int.invalid" },
    { "decimal", THING_DECIMAL, "12.5", "12.500", 0 },
    { "decimal with comma", THING_DECIMAL, "12,5", "12.500", 0 },
    { "decimal with groups", THING_DECIMAL, "1,234.5", "1234.500", 0 },
    { "decimal with two readings", THING_DECIMAL, "1,234", 0, "decimal.invalid" },
    { "decimal with wrong groups", THING_DECIMAL, "12,34.5", 0, "decimal.invalid" },
    { "too many decimals", THING_DECIMAL, "0.1234", 0, "decimal.invalid" },
    { "zeros are not too many decimals", THING_DECIMAL, "0.1230", "0.123", 0 },
    { "negative decimal below one", THING_DECIMAL, "-0.5", "-0.500", 0 },
    { "decimal without digits", THING_DECIMAL, "-", 0, "decimal.invalid" },
    { "huge decimal", THING_DECIMAL, "99999999999999999999", 0, "decimal.invalid" },
    { "money in base currency", THING_MONEY, "1234.5", "1234.50 EUR", 0 },
    { "money with its currency", THING_MONEY, "12 USD", "12.00 USD", 0 },
    { "money without decimals", THING_MONEY, "500 JPY", "500 JPY", 0 },
    { "money with too many decimals", THING_MONEY, "1.005", 0, "money.invalid" },
    { "no money", THING_MONEY, "lots", 0, "money.invalid" },
    { "no currency", THING_MONEY, "12 XXQ", 0, "money.invalid" },
    { "date", THING_DATE, "2026-02-28", "2026-02-28", 0 },
    { "date with points", THING_DATE, "28.2.2026", "2026-02-28", 0 },
    { "a day that is not", THING_DATE, "2026-02-29", 0, "date.invalid" },
    { "a day that is not, with points", THING_DATE, "31.4.2026", 0, "date.invalid" },
    { "no date", THING_DATE, "soon", 0, "date.invalid" },
    { "a year that nobody means", THING_DATE, "0026-02-28", 0, "date.range" },
    { "instant", THING_TIME, "2026-11-23T09:07:34Z", "2026-11-23T09:07:34Z", 0 },
    { "instant with offset", THING_TIME, "2026-11-23T10:07:34+01:00", "2026-11-23T09:07:34Z", 0 },
    { "local time of the workspace", THING_TIME, "2026-07-01T10:00", "2026-07-01T08:00:00Z", 0 },
    { "with a space", THING_TIME, "2026-07-01 10:00", "2026-07-01T08:00:00Z", 0 },
    { "a date is its first moment", THING_TIME, "2026-07-01", "2026-06-30T22:00:00Z", 0 },
    { "no time", THING_TIME, "noon", 0, "time.invalid" },
    { "yes", THING_BOOL, "Yes", "true", 0 },
    { "off", THING_BOOL, "off", "false", 0 },
    { "an unticked box", THING_BOOL, "", "false", 0 },
    { "maybe", THING_BOOL, "maybe", 0, "bool.invalid" },
    { "choice by value", THING_CHOICE, "won", "won", 0 },
    { "choice by label", THING_CHOICE, "won DEAL", "won", 0 },
    { "no choice", THING_CHOICE, "lost", 0, "choice.unknown" },
    { "tags are sorted and each once", THING_TAGS, "Zoo, alpha,, Alpha , öl", "alpha, öl, Zoo", 0 },
    { "tags with bars", THING_TAGS, "|b|a|", "a, b", 0 },
    { "a tag too long", THING_TAGS,
      "ok, 0123456789012345678901234567890123456789012345678901234567890123456789", 0,
      "tags.too_long" },
    { "mail", THING_EMAIL, " Anna.Berg@Example.com ", "Anna.Berg@Example.com", 0 },
    { "mail with a plus", THING_EMAIL, "a+b@x.co.uk", "a+b@x.co.uk", 0 },
    { "mail without a host", THING_EMAIL, "anna@", 0, "email.invalid" },
    { "mail without a dot", THING_EMAIL, "anna@localhost", 0, "email.invalid" },
    { "mail with two points", THING_EMAIL, "a..b@x.com", 0, "email.invalid" },
    { "mail with a space", THING_EMAIL, "a b@x.com", 0, "email.invalid" },
    { "mail with a line end", THING_EMAIL, "a@x.com\nBcc: b@x.com", 0, "email.invalid" },
    { "phone", THING_PHONE, "+49 (0)171 234-567", "+49 (0)171 234-567", 0 },
    { "phone with letters", THING_PHONE, "call me", 0, "phone.invalid" },
    { "phone too short", THING_PHONE, "12", 0, "phone.invalid" },
    { "url", THING_URL, "https://example.com/a?b=1", "https://example.com/a?b=1", 0 },
    { "url without scheme", THING_URL, "example.com:8080/x", "https://example.com:8080/x", 0 },
    { "script is no url", THING_URL, "javascript:alert(1)", 0, "url.invalid" },
    { "data is no url", THING_URL, "data:text/html,x", 0, "url.invalid" },
    { "url with quotes", THING_URL, "https://x.com/\"onclick=", 0, "url.invalid" },
    { "url without host", THING_URL, "https:///x", 0, "url.invalid" },
    { "reference that is no id", THING_FIRM, "Acme", 0, "ref.invalid" },
    { "json", THING_JSON, " { \"a\" : [1, 2.50] } ", "{\"a\":[1,2.50]}", 0 },
    { "broken json", THING_JSON, "{\"a\":", 0, "json.invalid" },
    { "computed", THING_COMPUTED, "3", 0, "computed" },
    { "secret", THING_SECRET, "x", 0, "unknown_field" },
};

static void every_kind_reads_what_it_writes(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;

    for (size_t i = 0; i < countof(kind_cases); i++) {
        struct row *r = new_thing(cx, "kinds");
        const char *field = thing_fields[kind_cases[i].field].name;
        enum status s = row_parse(cx, r, kind_cases[i].field, kind_cases[i].typed);
        if (kind_cases[i].plain == NULL) {
            if (s != E_INVALID || !text_is(error_code_of(cx, field), kind_cases[i].code))
                fail_msg("%s: %s, code '%s', want %s", kind_cases[i].note, status_word(s),
                         error_code_of(cx, field), kind_cases[i].code);
            ctx_clear_error(cx);
            continue;
        }
        if (s != OK)
            fail_msg("%s: %s", kind_cases[i].note, cx->error_text);
        const char *plain = row_plain(cx, r, kind_cases[i].field);
        if (!text_is(plain, kind_cases[i].plain))
            fail_msg("%s: got '%s', want '%s'", kind_cases[i].note, plain, kind_cases[i].plain);
        assert_ok(cx, row_parse(cx, r, kind_cases[i].field, plain));
        if (!text_is(row_plain(cx, r, kind_cases[i].field), plain))
            fail_msg("%s: its own text reads as '%s'", kind_cases[i].note,
                     row_plain(cx, r, kind_cases[i].field));
    }
}

static struct row *full_thing(struct fixture *f)
{
    struct ctx *cx = f->cx;
    i64 firm = fixture_record(f, "firm", "name", "Acme", NULL);
    struct row *r = new_thing(cx, "Full thing");

    row_set_text(r, THING_TEXT, "Ångström  AG");
    row_set_text(r, THING_LONG, "one\ntwo");
    row_set_i64(r, THING_INT, 42);
    row_set_i64(r, THING_DECIMAL, 12500);
    row_set_money(r, THING_MONEY, (struct money){ 123450, "USD" });
    row_set_i64(r, THING_DATE, date_from_ymd(2026, 3, 2));
    row_set_i64(r, THING_TIME, FIXTURE_NOW - 5 * MS_MINUTE);
    row_set_i64(r, THING_BOOL, 0);
    row_set_text(r, THING_CHOICE, "won");
    row_set_text(r, THING_TAGS, "b, A");
    row_set_text(r, THING_EMAIL, "Anna@Example.com");
    row_set_text(r, THING_PHONE, "+49 171 234567");
    row_set_text(r, THING_URL, "example.com/");
    row_set_i64(r, THING_FIRM, firm);
    row_set_text(r, THING_JSON, "{ \"a\": 1 }");
    row_set_i64(r, THING_COMPUTED, 9);
    row_set_text(r, THING_SECRET, "hush");
    assert_ok(cx, setting_save(cx, "currency.rates", "{\"USD\": \"0.9\"}"));
    assert_ok(cx, record_save(cx, r));
    return r;
}

static void what_is_saved_is_read_back(void **state)
{
    struct fixture *f = *state;
    struct row *r = full_thing(f), *again = read_back(f->cx, r);

    assert_int_equal(row_version(again), 1);
    assert_int_equal(row_created_at(again), FIXTURE_NOW);
    assert_false(row_is_new(again));
    for (int i = 0; i < THING_FIELDS; i++) {
        if (!field_equal(&thing_fields[i], &r->values[i], &again->values[i]))
            fail_msg("%s: '%s' became '%s'", thing_fields[i].name, row_plain(f->cx, r, i),
                     row_plain(f->cx, again, i));
    }
    assert_string_equal(row_text(again, THING_TEXT), "Ångström AG");
    assert_string_equal(row_text(again, THING_TAGS), "|A|b|");
    assert_string_equal(row_text(again, THING_URL), "https://example.com/");
    assert_string_equal(row_text(again, THING_SECRET), "hush");
    assert_int_equal(row_base_minor(again, THING_MONEY), 111105);
    assert_string_equal(row_money(again, THING_MONEY).currency, "USD");
}

static const struct {
    int field;
    const char *json, *shown, *kind;
} shown_cases[] = {
    { THING_TEXT, "\"Ångström AG\"", "Ångström AG", "text" },
    { THING_LONG, "\"one\\ntwo\"", "one\ntwo", "longtext" },
    { THING_INT, "42", "42", "integer" },
    { THING_DECIMAL, "12.500", "12.500", "decimal" },
    { THING_MONEY, "{\"amount\":\"1234.50\",\"currency\":\"USD\"}", NULL, "money" },
    { THING_DATE, "\"2026-03-02\"", "2 Mar", "date" },
    { THING_TIME, "\"2026-11-23T09:55:00Z\"", "5 min ago", "date" },
    { THING_BOOL, "false", "No", "bool" },
    { THING_CHOICE, "\"won\"", "Won deal", "choice" },
    { THING_TAGS, "[\"A\",\"b\"]", "A, b", "tags" },
    { THING_EMAIL, "\"Anna@Example.com\"", "Anna@Example.com", "email" },
    { THING_PHONE, "\"+49 171 234567\"", "+49 171 234567", "phone" },
    { THING_URL, "\"https://example.com/\"", "example.com", "url" },
    { THING_FIRM, NULL, "Acme", "ref" },
    { THING_JSON, "{\"a\":1}", NULL, "longtext" },
    { THING_SECRET, "null", "", "empty" },
    { THING_FIXED, "null", "", "empty" },
};

static void every_kind_is_shown(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = read_back(cx, full_thing(f));

    for (size_t i = 0; i < countof(shown_cases); i++) {
        int field = shown_cases[i].field;
        const char *name = thing_fields[field].name;
        struct val *cell = row_cell(cx, r, field), *back;
        const char *json = json_text(cx->arena, row_val(cx, r, field));
        if (shown_cases[i].json && !text_is(json, shown_cases[i].json))
            fail_msg("%s as JSON: %s, want %s", name, json, shown_cases[i].json);
        if (shown_cases[i].shown && !text_is(val_get_text(cell, "text"), shown_cases[i].shown))
            fail_msg("%s shown: '%s', want '%s'", name, val_get_text(cell, "text"),
                     shown_cases[i].shown);
        if (!text_is(val_get_text(cell, "kind"), shown_cases[i].kind) ||
            !val_get_bool(val_get(cell, "is"), shown_cases[i].kind))
            fail_msg("%s: cell of kind %s", name, val_get_text(cell, "kind"));
        if (thing_fields[field].flags & INTERNAL)
            continue;
        /* What the API gives it also takes. */
        struct row *copy = new_thing(cx, "copy");
        assert_ok(cx, json_read(cx->arena, str_from(json), &back, NULL));
        assert_ok(cx, row_parse_val(cx, copy, field, back));
        if (!field_equal(&thing_fields[field], &r->values[field], &copy->values[field]))
            fail_msg("%s: %s reads back as '%s'", name, json, row_plain(cx, copy, field));
    }
}

static const struct {
    const char *note;
    int field;
    const char *json, *code;
} val_cases[] = {
    { "a list is no text", THING_TEXT, "[\"a\"]", "type" },
    { "a number is no text", THING_TEXT, "5", "type" },
    { "a map is no number", THING_INT, "{}", "type" },
    { "true is no number", THING_INT, "true", "type" },
    { "a fraction is no whole number", THING_INT, "1.5", "int.invalid" },
    { "a number is no date", THING_DATE, "20000", "type" },
    { "a list of numbers is no set of tags", THING_TAGS, "[1]", "tags.invalid" },
    { "money without amount is fine", THING_MONEY, "{\"currency\":\"EUR\"}", "" },
    { "money from a list", THING_MONEY, "[]", "money.invalid" },
    { "money as true", THING_MONEY, "true", "money.invalid" },
    { "a number is no reference", THING_FIRM, "12", "ref.invalid" },
    { "null clears", THING_TEXT, "null", "" },
    { "a word is no bool", THING_BOOL, "\"perhaps\"", "bool.invalid" },
};

static void json_of_the_wrong_kind_is_refused(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;

    for (size_t i = 0; i < countof(val_cases); i++) {
        struct row *r = new_thing(cx, "json");
        struct val *v;
        const char *name = thing_fields[val_cases[i].field].name;
        assert_ok(cx, json_read(cx->arena, str_from(val_cases[i].json), &v, NULL));
        (void)!row_parse_val(cx, r, val_cases[i].field, v);
        if (!text_is(error_code_of(cx, name), val_cases[i].code))
            fail_msg("%s: code '%s'", val_cases[i].note, error_code_of(cx, name));
        ctx_clear_error(cx);
    }
}

/* ---- what is refused ---- */
static void all_errors_are_told_at_once(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = row_new(cx, &thing_type);

    assert_int_equal(row_parse(cx, r, THING_EMAIL, "nobody"), E_INVALID);
    row_set_i64(r, THING_INT, 5000000);
    row_set_text(r, THING_CHOICE, "unheard of");
    assert_int_equal(record_save(cx, r), E_INVALID);
    assert_string_equal(error_code_of(cx, "email"), "email.invalid");
    assert_string_equal(error_code_of(cx, "int"), "number.too_large");
    assert_string_equal(error_code_of(cx, "stage"), "choice.unknown");
    assert_string_equal(error_code_of(cx, "name"), "required");
    ctx_clear_error(cx);
    row_set_text(r, THING_NAME, "now it has one");
    row_clear(r, THING_INT);
    row_set_text(r, THING_CHOICE, "won");
    assert_ok(cx, record_save(cx, r));
}

static void validate_speaks_for_the_type(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(record_save(f->cx, new_thing(f->cx, "forbidden")), E_INVALID);
    assert_string_equal(error_code_of(f->cx, "name"), "thing.forbidden");
}

static void a_unique_value_is_taken_once(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *a = new_thing(cx, "Anna"), *b = new_thing(cx, "Bert"), *c = new_thing(cx, "Carl");

    row_set_text(a, THING_EMAIL, "Anna@example.com");
    row_set_text(b, THING_EMAIL, "anna@EXAMPLE.com");
    assert_ok(cx, record_save(cx, a));
    assert_int_equal(record_save(cx, b), E_CONFLICT);
    assert_string_equal(error_code_of(cx, "email"), "taken");
    assert_non_null(strstr(cx->field_errors->message, "Anna"));
    ctx_clear_error(cx);
    assert_ok(cx, record_save(cx, c)); /* no mail address: as many as you like */
    assert_ok(cx, record_save(cx, new_thing(cx, "Dora")));
    assert_ok(cx, record_delete(cx, a)); /* the trash holds no values back */
    assert_ok(cx, record_save(cx, b));
    assert_int_equal(record_restore(cx, a), E_CONFLICT);
    assert_string_equal(error_code_of(cx, "email"), "taken");
    ctx_clear_error(cx);
    row_set_text(b, THING_EMAIL, "bert@example.com");
    assert_ok(cx, record_save(cx, b));
    assert_ok(cx, record_restore(cx, a));
}

static void a_reference_must_be_there(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = new_thing(cx, "refers"), *firm;
    i64 firm_id = fixture_record(f, "firm", "name", "Acme", NULL);

    row_set_i64(r, THING_FIRM, firm_id + 12345);
    assert_int_equal(record_save(cx, r), E_INVALID);
    assert_string_equal(error_code_of(cx, "firm_id"), "ref.missing");
    ctx_clear_error(cx);
    assert_ok(cx, record_get(cx, &firm_type, firm_id, &firm));
    assert_ok(cx, record_delete(cx, firm));
    row_set_i64(r, THING_FIRM, firm_id);
    assert_int_equal(record_save(cx, r), E_INVALID);
    assert_string_equal(error_code_of(cx, "firm_id"), "ref.in_trash");
    ctx_clear_error(cx);
    assert_ok(cx, record_restore(cx, firm));
    assert_ok(cx, record_save(cx, r));
    assert_ok(cx, record_delete(cx, firm)); /* what refers already may be changed */
    row_set_text(r, THING_TEXT, "changed");
    assert_ok(cx, record_save(cx, r));
}

static void money_needs_a_rate(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = new_thing(cx, "money");

    row_set_money(r, THING_MONEY, (struct money){ 100, "CHF" });
    assert_int_equal(record_save(cx, r), E_INVALID);
    assert_string_equal(error_code_of(cx, "amount"), "money.rate");
    ctx_clear_error(cx);
    assert_ok(cx, setting_save(cx, "currency.rates", "{\"CHF\": 1.05, \"JPY\": \"0.006\"}"));
    assert_ok(cx, record_save(cx, r));
    assert_int_equal(row_base_minor(read_back(cx, r), THING_MONEY), 105);
    row_set_money(r, THING_MONEY, (struct money){ 10000, "JPY" }); /* no decimals there */
    assert_ok(cx, record_save(cx, r));
    assert_int_equal(row_base_minor(read_back(cx, r), THING_MONEY), 6000);
    /* A new rate leaves what is there as it was. */
    assert_ok(cx, setting_save(cx, "currency.rates", "{\"JPY\": \"0.007\"}"));
    row_set_text(r, THING_TEXT, "other");
    assert_ok(cx, record_save(cx, r));
    assert_int_equal(row_base_minor(read_back(cx, r), THING_MONEY), 6000);
}

static void who_was_faster_wins(void **state)
{
    struct fixture *f = *state;
    const struct access *anna =
        fixture_user(f, "Anna", 0, "{\"*\": {\"read\": \"all\", \"update\": \"all\"}}");
    struct ctx *cx = f->cx, *hers = fixture_ctx(f, anna);
    struct row *mine = new_thing(cx, "shared"), *her_row;

    assert_ok(cx, record_save(cx, mine));
    assert_ok(hers, record_get(hers, &thing_type, row_id(mine), &her_row));
    row_set_text(her_row, THING_TEXT, "hers");
    assert_ok(hers, record_save(hers, her_row));
    row_set_text(mine, THING_TEXT, "mine");
    assert_int_equal(record_save(cx, mine), E_CONFLICT);
    assert_string_equal(cx->error_code, "stale");
    assert_non_null(strstr(cx->error_text, "Anna"));
    ctx_clear_error(cx);
    assert_string_equal(row_text(read_back(cx, mine), THING_TEXT), "hers");
    /* A page says which version it showed. */
    assert_ok(cx, record_get(cx, &thing_type, row_id(mine), &mine));
    row_expect_version(mine, 1);
    row_set_text(mine, THING_TEXT, "mine");
    assert_int_equal(record_save(cx, mine), E_CONFLICT);
    ctx_clear_error(cx);
    row_expect_version(mine, 2);
    assert_ok(cx, record_save(cx, mine));
    assert_int_equal(row_version(mine), 3);
}

static void computed_and_fixed_fields_are_not_typed(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = new_thing(cx, "fixed");

    assert_ok(cx, row_parse(cx, r, THING_FIXED, "once"));
    row_set_i64(r, THING_COMPUTED, 3);
    assert_ok(cx, record_save(cx, r));
    assert_ok(cx, row_parse(cx, r, THING_FIXED, "once")); /* the same may be sent back */
    assert_ok(cx, row_parse(cx, r, THING_COMPUTED, "3"));
    assert_status(cx, row_parse(cx, r, THING_FIXED, "twice"), E_INVALID);
    assert_status(cx, row_parse(cx, r, THING_COMPUTED, "4"), E_INVALID);
    assert_string_equal(row_text(r, THING_FIXED), "once");
}

/* ---- defaults ---- */
static void defaults_fill_what_is_missing(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = new_thing(cx, "defaults");

    assert_ok(cx, record_save(cx, r));
    r = read_back(cx, r);
    assert_int_equal(row_i64(r, THING_DATE), date_from_ymd(2026, 11, 23));
    assert_int_equal(row_i64(r, THING_TIME), FIXTURE_NOW);
    assert_true(row_bool(r, THING_BOOL));
    assert_string_equal(row_text(r, THING_CHOICE), "new");
    assert_int_equal(row_i64(r, THING_INT), 0);
    assert_false(row_has(r, THING_INT));
    struct row *no = new_thing(cx, "unticked");
    assert_ok(cx, row_parse(cx, no, THING_BOOL, ""));
    assert_ok(cx, record_save(cx, no));
    assert_false(row_bool(read_back(cx, no), THING_BOOL));
}

/* ---- hooks ---- */
static i64 count_of(struct fixture *f, const char *sql)
{
    struct sql q = sql_new(f->cx);

    sql_add(&q, sql);
    scoped(stmt_close) struct stmt s = db_query_sql(f->cx, &q);
    assert_true(stmt_next(&s));
    return col_i64(&s, 0);
}

static void a_hook_that_fails_undoes_all(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = new_thing(cx, "hook fails");
    struct val *found = val_list(cx->arena);

    assert_int_equal(record_save(cx, r), E_PRECONDITION);
    assert_string_equal(cx->error_code, "thing.hook");
    ctx_clear_error(cx);
    assert_true(row_is_new(r));
    assert_int_equal(row_id(r), 0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM thing"), 0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM change"), 0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM search_doc"), 0);
    row_set_text(r, THING_NAME, "hook is content");
    assert_ok(cx, record_save(cx, r)); /* the same row, mended */
    row_set_text(r, THING_NAME, "hook fails");
    assert_int_equal(record_save(cx, r), E_PRECONDITION);
    ctx_clear_error(cx);
    assert_int_equal(row_version(r), 1);
    assert_string_equal(row_text(row_before(r), THING_NAME), "hook is content");
    assert_string_equal(row_text(read_back(cx, r), THING_NAME), "hook is content");
    (void)found;
}

static void a_hook_may_save_its_row_again(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = new_thing(cx, "score me");

    assert_ok(cx, record_save(cx, r));
    assert_false(row_is_new(r));
    assert_int_equal(row_version(r), 2);
    r = read_back(cx, r);
    assert_int_equal(row_i64(r, THING_COMPUTED), 7);
    assert_int_equal(count_of(f, "SELECT count(*) FROM change WHERE verb = 'create'"), 1);
    assert_int_equal(count_of(f, "SELECT count(*) FROM change WHERE verb = 'update'"), 1);
}

static void a_circle_of_hooks_ends(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;

    assert_status(cx, record_save(cx, new_thing(cx, "round and round")), E_LIMIT);
    assert_int_equal(cx->depth, 0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM thing"), 0);
}

/* ---- change log ---- */
static void only_what_changed_is_written_and_logged(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    const struct val *entry, *field;
    struct val *list = val_list(cx->arena);
    struct row *r = full_thing(f);

    cx->request_id = 77;
    assert_ok(cx, record_save(cx, r)); /* nothing changed */
    assert_int_equal(row_version(r), 1);
    f->clock->fixed_ms += MS_HOUR;
    row_set_money(r, THING_MONEY, (struct money){ 200000, "EUR" });
    row_set_text(r, THING_CHOICE, "new");
    row_set_i64(r, THING_FIRM, 0);
    row_set_text(r, THING_SECRET, "new secret");
    assert_true(row_changed(r, THING_CHOICE));
    assert_false(row_changed(r, THING_TEXT));
    assert_ok(cx, record_save(cx, r));
    assert_false(row_changed(r, THING_CHOICE));
    assert_int_equal(row_updated_at(r), FIXTURE_NOW + MS_HOUR);
    assert_ok(cx, record_history(cx, r, 10, list));
    assert_int_equal(val_count(list), 2);
    entry = val_at(list, 0);
    assert_string_equal(val_get_text(entry, "kind"), "update");
    assert_int_equal(val_get_i64(entry, "at", 0), FIXTURE_NOW + MS_HOUR);
    assert_int_equal(val_get_i64(entry, "version", 0), 2);
    assert_string_equal(val_get_text(val_get(entry, "user"), "name"), "Furrow");
    assert_int_equal(val_count(val_get(entry, "fields")), 3); /* the secret's change has no words */
    field = val_at(val_get(entry, "fields"), 0);
    assert_string_equal(val_get_text(field, "label"), "Amount");
    assert_string_equal(val_get_text(field, "new"), "€2,000.00");
    field = val_at(val_get(entry, "fields"), 1);
    assert_string_equal(val_get_text(field, "old"), "Won deal");
    assert_string_equal(val_get_text(field, "new"), "New");
    field = val_at(val_get(entry, "fields"), 2);
    assert_string_equal(val_get_text(field, "old"), "Acme");
    assert_string_equal(val_get_text(field, "new"), "");
    assert_string_equal(val_get_text(val_at(list, 1), "kind"), "create");
    assert_int_equal(count_of(f, "SELECT count(*) FROM change WHERE fields LIKE '%hush%' OR fields "
                                 "LIKE '%new secret%'"),
                     0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM change WHERE request_id = 77"), 1);
}

static void history_names_who_did_it(void **state)
{
    struct fixture *f = *state;
    const struct access *anna =
        fixture_user(f, "Anna", 0, "{\"thing\": {\"create\": \"all\", \"read\": \"all\"}}");
    struct ctx *cx = fixture_ctx(f, anna);
    struct val *list = val_list(cx->arena);
    struct row *r = new_thing(cx, "hers");

    assert_ok(cx, record_save(cx, r));
    assert_ok(cx, record_history(cx, r, 10, list));
    assert_string_equal(val_get_text(val_get(val_at(list, 0), "user"), "name"), "Anna");
    assert_string_equal(val_get_text(val_get(val_at(list, 0), "user"), "id"),
                        id_text(cx->arena, anna->user_id));
    assert_int_equal(row_system(read_back(f->cx, r), SYSTEM_CREATED_BY), anna->user_id);
}

static void the_trash_gives_back(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = full_thing(f), *again;
    struct val *list = val_list(cx->arena);

    assert_ok(cx, record_delete(cx, r));
    assert_ok(cx, record_delete(cx, r)); /* again: nothing more */
    assert_true(row_is_deleted(r));
    assert_status(cx, record_get(cx, &thing_type, row_id(r), &again), E_NOT_FOUND);
    assert_status(cx, record_find(cx, &thing_type, "email", "anna@example.com", &again),
                  E_NOT_FOUND);
    row_set_text(r, THING_TEXT, "too late");
    assert_status(cx, record_save(cx, r), E_CONFLICT);
    assert_ok(cx, record_get_any(cx, &thing_type, row_id(r), &again));
    assert_true(row_is_deleted(again));
    assert_ok(cx, record_restore(cx, again));
    assert_ok(cx, record_get(cx, &thing_type, row_id(r), &again));
    assert_string_equal(row_text(again, THING_TEXT), "Ångström AG");
    assert_int_equal(row_version(again), 3);
    assert_ok(cx, record_history(cx, again, 10, list));
    assert_string_equal(val_get_text(val_at(list, 0), "kind"), "restore");
    assert_string_equal(val_get_text(val_at(list, 1), "kind"), "delete");
    /* The log keeps the whole of what was deleted. */
    assert_int_equal(val_count(val_get(val_at(list, 1), "fields")),
                     val_count(val_get(val_at(list, 2), "fields")));
}

/* ---- finding ---- */
static void values_are_found_folded(void **state)
{
    static const struct {
        const char *field, *value;
    } cases[] = {
        { "text", "angstrom ag" },
        { "email", "ANNA@example.COM" },
        { "phone", "0049171234567" },
        { "url", "https://EXAMPLE.com/" },
        { "tags", "A,B" },
        { "stage", "won" },
        { "int", "42" },
        { "day", "2026-03-02" },
        { "decimal", "12.5" },
    };
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = full_thing(f), *found;

    assert_ok(cx, record_save(cx, new_thing(cx, "another")));
    for (size_t i = 0; i < countof(cases); i++) {
        if (record_find(cx, &thing_type, cases[i].field, cases[i].value, &found) != OK)
            fail_msg("%s '%s' is not found", cases[i].field, cases[i].value);
        assert_int_equal(row_id(found), row_id(r));
    }
    assert_status(cx, record_find(cx, &thing_type, "email", "nobody@example.com", &found),
                  E_NOT_FOUND);
    assert_status(cx, record_find(cx, &thing_type, "email", "", &found), E_NOT_FOUND);
}

static void titles_come_many_at_once(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    enum { MANY = 450 };
    i64 ids[MANY + 1];
    const char *titles[MANY + 1];
    struct row *rows[MANY];

    for (int i = 0; i < MANY; i++) {
        rows[i] = row_new(cx, &firm_type);
        row_set_text(rows[i], FIRM_NAME, arena_printf(cx->arena, "Firm %d", i));
    }
    assert_ok(cx, record_save_many(cx, rows, MANY));
    for (int i = 0; i < MANY; i++)
        ids[i] = row_id(rows[MANY - 1 - i]);
    ids[MANY] = 1;
    assert_ok(cx, record_titles(cx, &firm_type, ids, MANY + 1, titles));
    for (int i = 0; i < MANY; i++)
        assert_string_equal(titles[i], arena_printf(cx->arena, "Firm %d", MANY - 1 - i));
    assert_string_equal(titles[MANY], "");
}

static void titles_of_references_are_fetched_once(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *rows[2];

    rows[0] = read_back(cx, full_thing(f));
    rows[1] = new_thing(cx, "no firm");
    assert_ok(cx, rows_load_titles(cx, rows, 2));
    assert_string_equal(rows[0]->values[THING_FIRM].text, "Acme");
    assert_null(rows[1]->values[THING_FIRM].text);
    assert_string_equal(row_show(cx, rows[0], THING_FIRM), "Acme");
}

/* ---- many ---- */
static void many_pass_the_same_door(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    enum { MANY = 250 };
    struct row *rows[MANY];
    struct val *list = val_list(cx->arena);
    i64 firm = fixture_record(f, "firm", "name", "Acme", NULL);

    for (int i = 0; i < MANY; i++) {
        rows[i] = new_thing(cx, arena_printf(cx->arena, "Number %d", i));
        row_set_text(rows[i], THING_EMAIL, arena_printf(cx->arena, "n%d@example.com", i));
        row_set_i64(rows[i], THING_FIRM, firm);
    }
    assert_ok(cx, record_save_many(cx, rows, MANY));
    assert_int_equal(count_of(f, "SELECT count(*) FROM thing"), MANY);
    assert_int_equal(
        count_of(f, "SELECT count(DISTINCT batch_id) FROM change WHERE type = 'thing'"), 1);
    assert_int_equal(count_of(f, "SELECT count(*) FROM change WHERE type = 'thing'"), MANY);
    assert_string_equal(row_text(read_back(cx, rows[249]), THING_CHOICE), "new");
    assert_ok(cx, record_history(cx, rows[7], 10, list));
    assert_int_equal(val_count(list), 1);
    row_set_text(rows[7], THING_TEXT, "changed");
    assert_ok(cx, record_save(cx, rows[7]));
    assert_int_equal(cx->batch_id, 0);
}

static const struct {
    const char *note;
    int field;
    const char *text;
    enum status want;
} many_bad[] = {
    { "taken within the same lot", THING_EMAIL, "n1@example.com", E_CONFLICT },
    { "taken by one that is there", THING_EMAIL, "There@example.com", E_CONFLICT },
    { "not a mail address", THING_EMAIL, "nobody", E_INVALID },
    { "without a name", THING_NAME, "", E_INVALID },
    { "refused by the type", THING_NAME, "forbidden", E_INVALID },
    { "refused by the hook", THING_NAME, "hook fails", E_PRECONDITION },
};

static void of_many_all_or_none(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    enum { MANY = 220 };
    struct row *rows[MANY];

    fixture_record(f, "thing", "name", "There", "email", "there@example.com", NULL);
    for (size_t c = 0; c < countof(many_bad); c++) {
        for (int i = 0; i < MANY; i++) {
            rows[i] = new_thing(cx, arena_printf(cx->arena, "Number %d", i));
            row_set_text(rows[i], THING_EMAIL, arena_printf(cx->arena, "n%d@example.com", i));
        }
        row_set_text(rows[210], many_bad[c].field, many_bad[c].text);
        enum status s = record_save_many(cx, rows, MANY);
        if (s != many_bad[c].want)
            fail_msg("%s: %s: %s", many_bad[c].note, status_word(s), cx->error_text);
        ctx_clear_error(cx);
        assert_true(row_is_new(rows[0]));
        assert_int_equal(count_of(f, "SELECT count(*) FROM thing"), 1);
        assert_int_equal(cx->depth, 0);
    }
    row_set_text(rows[210], THING_NAME, "fine after all");
    assert_ok(cx, record_save_many(cx, rows, MANY));
}

static void nothing_is_lost_when_a_step_fails(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *r = full_thing(f);
    u64 step = 0;
    enum status s;

    do { /* the nth step of the database fails, until none does */
        assert_ok(cx, record_get(cx, &thing_type, row_id(r), &r));
        i64 version = row_version(r), logged = count_of(f, "SELECT count(*) FROM change");
        row_set_text(r, THING_NAME, arena_printf(cx->arena, "step %d", (int)step));
        db_store_fail_at(f->t->store, ++step);
        s = record_save(cx, r);
        db_store_fail_at(f->t->store, 0);
        ctx_clear_error(cx);
        if (s != OK) {
            assert_int_equal(row_version(r), version);
            assert_int_equal(count_of(f, "SELECT count(*) FROM change"), logged);
            assert_int_equal(row_version(read_back(cx, r)), version);
        }
        assert_true(step < 100);
    } while (s != OK);
    assert_true(step > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE_ENGINE(every_kind_reads_what_it_writes, &things),
        ON_BOTH_ENGINES(what_is_saved_is_read_back, &things),
        ON_SQLITE_ENGINE(every_kind_is_shown, &things),
        ON_SQLITE_ENGINE(json_of_the_wrong_kind_is_refused, &things),
        ON_SQLITE_ENGINE(all_errors_are_told_at_once, &things),
        ON_SQLITE_ENGINE(validate_speaks_for_the_type, &things),
        ON_BOTH_ENGINES(a_unique_value_is_taken_once, &things),
        ON_BOTH_ENGINES(a_reference_must_be_there, &things),
        ON_BOTH_ENGINES(money_needs_a_rate, &things),
        ON_BOTH_ENGINES(who_was_faster_wins, &things),
        ON_SQLITE_ENGINE(computed_and_fixed_fields_are_not_typed, &things),
        ON_BOTH_ENGINES(defaults_fill_what_is_missing, &things),
        ON_BOTH_ENGINES(a_hook_that_fails_undoes_all, &things),
        ON_BOTH_ENGINES(a_hook_may_save_its_row_again, &things),
        ON_BOTH_ENGINES(a_circle_of_hooks_ends, &things),
        ON_BOTH_ENGINES(only_what_changed_is_written_and_logged, &things),
        ON_BOTH_ENGINES(history_names_who_did_it, &things),
        ON_BOTH_ENGINES(the_trash_gives_back, &things),
        ON_BOTH_ENGINES(values_are_found_folded, &things),
        ON_BOTH_ENGINES(titles_come_many_at_once, &things),
        ON_SQLITE_ENGINE(titles_of_references_are_fetched_once, &things),
        ON_BOTH_ENGINES(many_pass_the_same_door, &things),
        ON_BOTH_ENGINES(of_many_all_or_none, &things),
        ON_BOTH_ENGINES(nothing_is_lost_when_a_step_fails, &things),
    };

    return cmocka_run_group_tests_name("kit/record", tests, NULL, NULL);
}
