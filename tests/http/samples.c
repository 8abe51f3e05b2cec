/* samples.c -- records made from their declarations. */
#include "samples.h"
#include "base/id.h"

enum { TYPES_MAX = 200, DEPTH_MAX = 8 };

struct samples {
    struct house *h;
    struct {
        const char *type;
        i64 id;
    } made[TYPES_MAX];
    size_t count;
    int number; /* makes unique values */
    int chosen;
    int depth;
};

/* What a type's own checks want beyond its required fields, or ("") fill in better by themselves.
 */
static const struct {
    const char *type, *field, *value;
} hints[] = {
    { "contact", "email", "sample%d@example.com" },
    { "activity", "subject", "Sample %d" },
    { "activity", "kind", "meeting" },
    { "meeting_guest", "email", "sample%d@example.com" },
    { "booking_page", "minutes", "30" },
    { "calendar_feed", "url", "https://cal.example/sample%d.ics" },
    { "booking_host", "user_id", "another" },
    { "deal", "pipeline_id", "" }, /* the workspace's own, with its stages */
    { "deal", "stage_id", "" },
    { "product_part", "product_id", "another" },
    { "price_book", "currency", "EUR" },
    { "price_book_entry", "from_quantity", "%d" },
    { "quote_line", "name", "Sample %d" },
    { "quote_line", "unit_price", "10 EUR" },
    { "approval_rule", "filter", "discount_given > 15" },
    { "site", "domain", "sample%d.example.com" },
    { "event_kind", "name", "sample_%d" },
    { "deal_competitor", "competitor_id", "another" },
    { "exchange_rate", "currency", "USD" },
    { "exchange_rate", "one_of", "GBP" },
    { "exchange_rate", "day", "another day" },
    { "dashboard", "shared", "everyone" },
    { "dashboard_tile", "question", "{\"metrics\":[\"open_deals\"]}" },
    { "goal", "page", "/sample/%d" },
    { "brand", "accent", "#2f6b3c" },
    { "brand", "ground", "#f5f3ed" },
    { "brand", "ink", "#222222" },
    { "segment", "filter", "country = 'Germany'" },
    { "sender", "host", "" },
    { "mail_pace", "domain", "sample%d.example.com" },
    { "mailbox", "smtp_host", "" },
    { "mail_hook", "provider", "brevo" },
    { "exclusion", "value", "2001:db8::%d" },
    { "target", "metric", "revenue" },
    { "alert", "metric", "revenue" },
    { "assignment_member", "user_id", "seller" },        /* who may answer leads */
    { "qualification_answer", "contact_id", "another" }, /* of one contact or one deal */
    { "qualification_answer", "criterion_id", "another" },
    { "criterion", "kind", "text" },
    { "subscription", "company_id", "another" },
    { "subscription", "started_on", "2026-11-01" },
    { "article", "slug", "sample-%d" },
    { "article_section", "slug", "sample-%d" },
    { "invoice", "company_id", "another" },
    { "invoice", "net", "100 EUR" },
    { "payment", "company_id", "another" },
    { "payment", "amount", "50 EUR" },
    { "settlement", "payment_id", "another" },
    { "health_rule", "filter", "health_score < 40" },
    { "nps_answer", "contact_id", "another" },
    { "buying_role", "contact_id", "another" },
    { "key_date", "contact_id", "another" },
    { "sequence_step", "kind", "call" },
    { "sequence_step", "subject", "Sample %d" },
    { "enrolment", "sequence_id", "has sequence_step" }, /* a sequence without has no way */
    { "enrolment", "contact_id", "another" },
    { "enrolment", "owner_id", "seller" },
    { "commission_tier", "from_percent", "%d" },
    { "commission_split", "percent", "0.5" },
    { "handoff", "contact_id", "another" },          /* a person is handed over once at a time */
    { "forecast_override", "person_id", "another" }, /* of whom one says one thing a period */
};

struct samples *samples_new(struct house *h)
{
    struct samples *s = NEW(h->arena, struct samples);

    s->h = h;
    return s;
}

static const char *hint_of(struct samples *s, const char *type, const char *field)
{
    for (size_t i = 0; i < countof(hints); i++) {
        const char *at;
        if (!text_is(hints[i].type, type) || !text_is(hints[i].field, field))
            continue;
        at = strstr(hints[i].value, "%d");
        return at == NULL ? hints[i].value
                          : arena_printf(s->h->arena, "%.*s%d%s", (int)(at - hints[i].value),
                                         hints[i].value, s->number, at + 2);
    }
    return NULL;
}

/* Each time another one: some types have no two alike. */
static const char *some_choice(struct samples *s, const struct field *f)
{
    const struct choice *all = f->choices_of(s->h->cx);
    int count = 0;

    while (all[count].value)
        count++;
    return all[s->chosen++ % count].value;
}

/* A value of the field's kind, as a person would type it. */
static const char *value_of(struct samples *s, const struct record_type *t, const struct field *f)
{
    struct arena *a = s->h->arena;
    const char *hint = hint_of(s, t->name, f->name);

    if (hint != NULL && text_is(hint, "another"))
        return id_text(a, sample_new(s, f->ref));
    if (hint != NULL && text_is(hint, "seller"))
        return id_text(a,
                       house_user(s->h, arena_printf(a, "Seller %d", s->number), "Sales")->user_id);
    if (hint != NULL && strncmp(hint, "has ", 4) == 0) { /* the usual one, with one of those */
        (void)sample_of(s, hint + 4);
        return id_text(a, sample_of(s, f->ref));
    }
    if (hint != NULL && text_is(hint, "another day"))
        return date_iso(a, date_from_ymd(2020, 1, 1) + s->number);
    if (hint != NULL)
        return hint;
    switch (f->kind) {
    case FIELD_INT:
    case FIELD_DECIMAL:
        return arena_printf(a, "%d",
                            (int)(f->min > 0                 ? f->min
                                  : f->max > 0 && f->max < 7 ? f->max
                                                             : 7));
    case FIELD_MONEY:
        return "10 EUR";
    case FIELD_DATE:
        return "2026-11-30";
    case FIELD_TIME:
        return "2026-11-30T10:00:00Z";
    case FIELD_BOOL:
        return "true";
    case FIELD_CHOICE:
        return f->choices_of ? some_choice(s, f) : f->choices[0].value;
    case FIELD_EMAIL:
        return arena_printf(a, "sample%d@example.com", s->number);
    case FIELD_PHONE:
        return arena_printf(a, "+49 30 %06d", s->number);
    case FIELD_URL:
        return arena_printf(a, "https://sample%d.example.com", s->number);
    case FIELD_REF:
        return id_text(a, sample_of(s, f->ref));
    case FIELD_JSON:
        return "{}";
    default:
        return arena_printf(a, "Sample %d", s->number);
    }
}

static bool wanted(struct samples *s, const struct record_type *t, const struct field *f)
{
    const char *hint = hint_of(s, t->name, f->name);

    if ((f->flags & (COMPUTED | INTERNAL)) != 0)
        return false;
    return hint != NULL ? hint[0] != '\0' : (f->flags & REQUIRED) != 0;
}

i64 sample_new(struct samples *s, const char *type)
{
    struct ctx *cx = s->h->cx;
    const struct record_type *t = type_find(cx, type);
    struct row *r;

    if (t == NULL || ++s->depth > DEPTH_MAX)
        fail_msg("no sample of '%s': no such type, or required references in a circle", type);
    s->number++;
    r = row_new(cx, t);
    for (int i = 0; i < t->field_count; i++)
        if (wanted(s, t, &t->fields[i]))
            assert_ok(cx, row_parse(cx, r, i, value_of(s, t, &t->fields[i])));
    if (record_save(cx, r) != OK)
        fail_msg("no sample of '%s': %s; samples.c may need a hint", type, cx->error_text);
    s->depth--;
    return row_id(r);
}

i64 sample_of(struct samples *s, const char *type)
{
    size_t at = 0;

    while (at < s->count && !text_is(s->made[at].type, type))
        at++;
    if (at == s->count) {
        i64 id = sample_new(s, type);
        assert_true(s->count < TYPES_MAX);
        at = s->count++;
        s->made[at].type = type_find(s->h->cx, type)->name;
        s->made[at].id = id;
    }
    return s->made[at].id;
}

const char *sample_form(struct samples *s, const struct record_type *t)
{
    struct buf b = buf_in(s->h->arena, 64 * 1024);

    s->number++;
    for (int i = 0; i < t->field_count; i++)
        if (wanted(s, t, &t->fields[i]))
            buf_printf(&b, "%s%s=%s", b.len > 0 ? "&" : "", t->fields[i].name,
                       http_url_encode(s->h->arena, value_of(s, t, &t->fields[i])));
    return buf_end(&b);
}
