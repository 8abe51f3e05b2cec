/* consent.c -- what people agreed to, act by act, and what follows for today. The rows are evidence
 * and stay as they are; only which of them is the latest moves on. contact.consent repeats what is
 * given, so that lists, segments and scores can ask for it like for any other field. */
#include "bridge/consent.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/merge.h"

enum { TOPICS_MAX = 200, TAKE_OVER_ROWS = 200 };

/* ---- topics ---- */
static const struct field topic_fields[] = {
    [TOPIC_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100,
                     .help =
                         "What people agree to or unsubscribe from: Newsletter, Product news." },
    [TOPIC_SLUG] = { "slug", FIELD_TEXT, "Word", LISTED | UNIQUE | CREATE_ONLY, .max_len = 60,
                     .help = "Stands in filters: consent has 'newsletter'. Made from the name when "
                             "empty." },
    [TOPIC_DESCRIPTION] = { "description", FIELD_LONG, "Description", LISTED, .max_len = 500,
                            .help =
                                "One sentence for the preference page: what comes, how often." },
    [TOPIC_BASIS] = { "basis", FIELD_CHOICE, "Who gets it", REQUIRED | LISTED | TRACKED,
                      .otherwise = "consent",
                      .choices = CHOICES({ "consent", "Who agreed to it", "green" },
                                         { "interest", "Everybody who did not object", "amber" }),
                      .help = "Without consent only where the law allows it, for instance to "
                              "customers about what they bought." },
    [TOPIC_DOUBLE] = { "double_opt_in", FIELD_BOOL, "Confirm by mail", LISTED | TRACKED,
                       .otherwise = "false",
                       .help =
                           "Who signs up gets a mail with a button and is on the list once they "
                           "pressed it." },
    [TOPIC_SHOWN] = { "shown", FIELD_BOOL, "On the preference page", LISTED, .otherwise = "true",
                      .help = "Off: only who agreed to it sees it there." },
    [TOPIC_POSITION] = { "position", FIELD_INT, "Position", 0, .otherwise = "100", .min = 0,
                         .max = 10000 },
};
_Static_assert(countof(topic_fields) == TOPIC_FIELDS, "enum and table differ");

/* "Product news" -> "product-news" */
static const char *slug_of(struct ctx *cx, const char *name)
{
    struct str words = str_from(utf8_search_words(cx->arena, name)), word;
    struct buf b = buf_in(cx->arena, 100);

    while (str_split(&words, ' ', &word) && b.len + word.len < 58) {
        if (b.len)
            buf_char(&b, '-');
        buf_str(&b, word);
    }
    return buf_end(&b);
}

/* The word goes into filters and tags, where quotes, commas and bars mean something. */
static enum status topic_validate(struct ctx *cx, struct row *r)
{
    if (!row_has(r, TOPIC_SLUG))
        row_set_text(r, TOPIC_SLUG, slug_of(cx, row_text(r, TOPIC_NAME)));
    if (!row_has(r, TOPIC_SLUG))
        return ctx_fail_field(cx, "slug", "required", "Give the topic a word of its own.");
    for (const char *p = row_text(r, TOPIC_SLUG); *p; p++)
        if (!(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9') && *p != '-' && *p != '_')
            return ctx_fail_field(cx, "slug", "topic.slug",
                                  "The word \"%s\" may have small letters, digits, - and _ only.",
                                  row_text(r, TOPIC_SLUG));
    return OK;
}

const struct record_type topic_type = {
    .name = "topic",
    .label = "Topic",
    .plural = "Topics",
    .path = "topics",
    .icon = "list-check",
    .section = "marketing",
    .menu_order = MENU_SELDOM + 60,
    .sort = "position",
    .title = TOPIC_NAME,
    .fields = topic_fields,
    .field_count = TOPIC_FIELDS,
    .empty = "What people can agree to and unsubscribe from. Every mail that is not a receipt "
             "belongs to one of them.",
    RELATED({ "consent", "topic_id", "Consents" }),
    .validate = topic_validate,
};

const struct choice *topic_choices(struct ctx *cx)
{
    struct choice *list = NEW_N(cx->arena, struct choice, TOPICS_MAX + 1);
    struct ctx probe = *cx; /* without a database there are none */
    size_t count = 0;

    if (cx->db == NULL)
        return list;
    scoped(stmt_close) struct stmt q = db_query(&probe, "topic.all");
    while (stmt_next(&q) && count < TOPICS_MAX)
        list[count++] = (struct choice){ arena_text(cx->arena, col_text(&q, 1)),
                                         arena_text(cx->arena, col_text(&q, 2)), "amber" };
    return list;
}

enum status topic_by_slug(struct ctx *cx, const char *slug, i64 *topic_id)
{
    return db_get_i64(cx, topic_id, "topic.by_slug", TEXT("slug", utf8_fold(cx->arena, slug)));
}

/* ---- consents ---- */
static const struct choice sources[] = {
    { "form", "A form", "blue" },
    { "preference", "Preference page", "blue" },
    { "one_click", "Unsubscribe button of the mail program", "gray" },
    { "confirmation", "Link in the confirmation mail", "green" },
    { "mail", "A mail they wrote", "gray" },
    { "colleague", "Told a colleague", "violet" },
    { "import", "Import", "gray" },
    { "api", "Another program", "gray" },
    { "before", "Known before evidence was kept", "gray" },
    { "complaint", "Marked a mail as spam", "red" },
    { NULL, NULL, NULL },
};

static const struct field consent_fields[] = {
    [CONSENT_CONTACT] = { "contact_id", FIELD_REF, "Contact", REQUIRED | LISTED, .ref = "contact" },
    [CONSENT_TOPIC] = { "topic_id", FIELD_REF, "Topic", REQUIRED | LISTED, .ref = "topic" },
    [CONSENT_STATE] = { "state", FIELD_CHOICE, "State", REQUIRED | LISTED,
                        .choices = CHOICES({ "given", "Given", "green" },
                                           { "pending", "Not confirmed yet", "amber" },
                                           { "withdrawn", "Taken back", "red" }) },
    [CONSENT_LATEST] = { "latest", FIELD_BOOL, "Latest word", LISTED | MOVED,
                         .help = "Nothing newer is known of this person and topic." },
    [CONSENT_AT] = { "at", FIELD_TIME, "When", REQUIRED | LISTED | INDEXED },
    [CONSENT_SOURCE] = { "source", FIELD_CHOICE, "Through", REQUIRED | LISTED, .choices = sources },
    [CONSENT_WORDING] = { "wording", FIELD_LONG, "In these words", 0, .max_len = 4000 },
    [CONSENT_EMAIL] = { "email", FIELD_TEXT, "Mail address then", 0, .max_len = 254 },
    [CONSENT_ADDRESS] = { "address", FIELD_TEXT, "IP address", 0, .max_len = 60 },
    [CONSENT_RECORD] = { "record", FIELD_TEXT, "Came with", 0, .max_len = 200 },
    [CONSENT_NOTE] = { "note", FIELD_LONG, "Note", 0, .max_len = 2000 },
    [CONSENT_USER] = { "user_id", FIELD_REF, "Recorded by", 0, .ref = "user" },
};
_Static_assert(countof(consent_fields) == CONSENT_FIELDS, "enum and table differ");

static const char *consent_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s: %s", row_show(cx, r, CONSENT_TOPIC),
                        row_show(cx, r, CONSENT_STATE));
}

const struct record_type consent_type = {
    .name = "consent",
    .label = "Consent",
    .plural = "Consents",
    .path = "consents",
    .icon = "checkbox",
    .sort = "-at",
    .title = CONSENT_STATE,
    .title_of = consent_title,
    .fields = consent_fields,
    .field_count = CONSENT_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE | TYPE_SYSTEM,
    .empty =
        "Each time somebody agrees, confirms or takes back, with the words they read and when.",
};

/* ---- what is given, on the contact ---- */
static enum status put_given(struct ctx *cx, struct row *contact)
{
    struct buf slugs = buf_in(cx->arena, (size_t)TOPICS_MAX * (LIMIT_TAG_BYTES + 1));
    i64 at = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "consent.of_contact", I64("contact", row_id(contact)));
        while (stmt_next(&q)) {
            if (!text_is(col_text(&q, 4), "given"))
                continue;
            buf_text(&slugs, col_text(&q, 1));
            buf_char(&slugs, ',');
            at = col_i64(&q, 5) > at ? col_i64(&q, 5) : at;
        }
        TRY(stmt_status(&q));
    }
    row_set_text(contact, CONTACT_CONSENT, buf_end(&slugs));
    if (at)
        row_set_i64(contact, CONTACT_CONSENT_AT, at);
    else
        row_clear(contact, CONTACT_CONSENT_AT);
    return OK;
}

static enum status copy_to_contact(struct ctx *cx, struct row *contact)
{
    TRY(put_given(cx, contact));
    return record_save(cx, contact);
}

static enum status latest_of(struct ctx *cx, i64 contact_id, i64 topic_id, struct row **out)
{
    i64 id;
    enum status s =
        db_get_i64(cx, &id, "consent.latest", I64("contact", contact_id), I64("topic", topic_id));

    *out = NULL;
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    return record_get(cx, &consent_type, id, out);
}

static bool in_state(const struct row *latest, const char *state)
{
    return latest != NULL && text_is(row_text(latest, CONSENT_STATE), state);
}

static const char *or_empty(const char *text) { return text ? text : ""; }

/* ---- one act ---- */
struct act {
    const struct consent_evidence *e;
    i64 topic_id;
    const char *state;
    i64 user_id;
    struct row *contact, *latest;
};

static enum status tell(struct ctx *cx, const struct act *a, struct row *consent)
{
    struct val *props = val_map(cx->arena);
    bool given = text_is(a->state, "given"), pending = text_is(a->state, "pending");
    struct row *topic;

    TRY(record_get_any(cx, &topic_type, a->topic_id, &topic));
    val_put_text(props, "name", row_text(topic, TOPIC_NAME));
    val_put_text(props, "topic", row_text(topic, TOPIC_SLUG));
    val_put_text(props, "source", or_empty(a->e->source));
    TRY(journey_note(cx, &(struct journey_note){ .kind = given     ? "consent_given"
                                                         : pending ? "consent_pending"
                                                                   : "consent_withdrawn",
                                                 .contact_id = row_id(a->contact),
                                                 .record_id = row_id(consent),
                                                 .at_ms = a->e->at_ms,
                                                 .props = props }));
    return happen(cx, &(struct happening){ .name = given     ? "consent.given"
                                                   : pending ? "consent.pending"
                                                             : "consent.withdrawn",
                                           .row = consent,
                                           .contact_id = row_id(a->contact),
                                           .props = props });
}

static enum status write_act(struct ctx *cx, struct act *a, i64 *consent_id)
{
    struct row *r = row_new(cx, &consent_type);
    const struct consent_evidence *e = a->e;

    if (a->latest) {
        row_set_i64(a->latest, CONSENT_LATEST, 0);
        TRY(record_save(cx, a->latest));
    }
    row_set_i64(r, CONSENT_CONTACT, row_id(a->contact));
    row_set_i64(r, CONSENT_TOPIC, a->topic_id);
    row_set_text(r, CONSENT_STATE, a->state);
    row_set_i64(r, CONSENT_LATEST, 1);
    row_set_i64(r, CONSENT_AT, e->at_ms ? e->at_ms : ctx_now(cx));
    row_set_text(r, CONSENT_SOURCE, e->source ? e->source : "api");
    row_set_text(r, CONSENT_WORDING, utf8_cut(cx->arena, or_empty(e->wording), 4000));
    row_set_text(r, CONSENT_EMAIL, row_text(a->contact, CONTACT_EMAIL));
    row_set_text(r, CONSENT_ADDRESS, utf8_cut(cx->arena, or_empty(e->address), 60));
    row_set_text(r, CONSENT_RECORD, utf8_cut(cx->arena, or_empty(e->record), 200));
    row_set_text(r, CONSENT_NOTE, utf8_cut(cx->arena, or_empty(e->note), 2000));
    if (a->user_id)
        row_set_i64(r, CONSENT_USER, a->user_id);
    TRY(record_save(cx, r));
    if (consent_id)
        *consent_id = row_id(r);
    return tell(cx, a, r);
}

/* The topic that the evidence names; 0: all. */
static enum status topic_of(struct ctx *cx, const struct consent_evidence *e, i64 *topic_id)
{
    enum status s;

    *topic_id = e->topic_id;
    if (e->topic_id || text_empty(or_empty(e->topic)))
        return OK;
    s = topic_by_slug(cx, e->topic, topic_id);
    if (s == E_NOT_FOUND)
        return ctx_fail_code(cx, E_NOT_FOUND, "topic.unknown", "There is no topic \"%s\".",
                             e->topic);
    return s;
}

enum status consent_give(struct ctx *cx, const struct consent_evidence *e, i64 *consent_id)
{
    struct act a = { .e = e, .user_id = cx->access ? cx->access->user_id : 0 };
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *reason;
    struct row *topic;

    TRY(topic_of(cx, e, &a.topic_id));
    if (a.topic_id == 0)
        return ctx_fail_code(cx, E_INVALID, "topic.unknown", "Say to which topic they agree.");
    TRY(record_get(cx, &topic_type, a.topic_id, &topic));
    TRY(record_get(cx, &contact_type, e->contact_id, &a.contact));
    TRY(latest_of(cx, e->contact_id, a.topic_id, &a.latest));
    TRY(suppression_find(cx, row_text(a.contact, CONTACT_EMAIL), &reason));
    bool took_all_back = reason && text_is(reason, "unsubscribed");
    bool to_confirm = !e->confirmed && row_has(a.contact, CONTACT_EMAIL) &&
                      (took_all_back || row_bool(topic, TOPIC_DOUBLE)) &&
                      !in_state(a.latest, "given");
    a.state = to_confirm ? "pending" : "given";
    TRY(write_act(cx, &a, consent_id));
    if (to_confirm)
        return OK;
    if (took_all_back && e->confirmed)
        TRY(suppression_lift(
            cx, row_text(a.contact, CONTACT_EMAIL),
            arena_printf(cx->arena, "Agreed to %s again.", row_text(topic, TOPIC_NAME))));
    return copy_to_contact(cx, a.contact);
}

enum status consent_confirm(struct ctx *cx, i64 consent_id, const struct consent_evidence *e)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct consent_evidence all = *e;
    struct row *asked, *latest;

    TRY(record_get(cx, &consent_type, consent_id, &asked));
    TRY(latest_of(cx, row_i64(asked, CONSENT_CONTACT), row_i64(asked, CONSENT_TOPIC), &latest));
    if (in_state(latest, "given"))
        return OK;
    if (!in_state(latest, "pending"))
        return E_CONFLICT;
    all.contact_id = row_i64(asked, CONSENT_CONTACT);
    all.topic_id = row_i64(asked, CONSENT_TOPIC);
    all.source = "confirmation";
    all.wording = row_text(asked, CONSENT_WORDING);
    all.record = row_path(cx, asked);
    all.confirmed = true;
    return consent_give(cx, &all, NULL);
}

/* The topics that taking everything back is about: what was agreed to or waits, and what comes
 * without being asked for. */
static enum status topics_to_withdraw(struct ctx *cx, i64 contact_id, i64 *topics, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "consent.of_contact", I64("contact", contact_id));

    *count = 0;
    while (stmt_next(&q) && *count < TOPICS_MAX) {
        const char *state = col_text(&q, 4);
        bool open = text_is(state, "given") || text_is(state, "pending");
        if (open || (text_is(col_text(&q, 3), "interest") && state[0] == '\0'))
            topics[(*count)++] = col_i64(&q, 0);
    }
    return stmt_status(&q);
}

enum status consent_withdraw(struct ctx *cx, const struct consent_evidence *e)
{
    struct act a = { .e = e,
                     .state = "withdrawn",
                     .user_id = cx->access ? cx->access->user_id : 0 };
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 *topics = NEW_N(cx->arena, i64, TOPICS_MAX), topic_id;
    size_t count = 1, written = 0;

    TRY(topic_of(cx, e, &topic_id));
    TRY(record_get(cx, &contact_type, e->contact_id, &a.contact));
    topics[0] = topic_id;
    if (topic_id == 0)
        TRY(topics_to_withdraw(cx, e->contact_id, topics, &count));
    for (size_t i = 0; i < count; i++) {
        a.topic_id = topics[i];
        TRY(latest_of(cx, e->contact_id, a.topic_id, &a.latest));
        if (in_state(a.latest, "withdrawn"))
            continue;
        TRY(write_act(cx, &a, NULL));
        written++;
    }
    if (written > 0)
        TRY(copy_to_contact(cx, a.contact));
    if (topic_id == 0 && row_has(a.contact, CONTACT_EMAIL))
        TRY(suppression_add(cx, row_text(a.contact, CONTACT_EMAIL), "unsubscribed", e->note, 0));
    return OK;
}

/* ---- what follows ---- */
enum status consent_allows(struct ctx *cx, i64 contact_id, i64 topic_id, bool *out,
                           const char **why)
{
    *out = true;
    *why = "";
    if (topic_id == 0)
        return OK;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "consent.allows", I64("contact", contact_id), I64("topic", topic_id));
    *out = false;
    *why = "the topic is gone";
    if (stmt_next(&q) && !col_i64(&q, 3)) {
        const char *name = col_text(&q, 0), *state = col_text(&q, 2);
        *out =
            text_is(state, "given") || (state[0] == '\0' && text_is(col_text(&q, 1), "interest"));
        *why = *out ? ""
                    : arena_printf(cx->arena,
                                   text_is(state, "pending")     ? "has not confirmed %s yet"
                                   : text_is(state, "withdrawn") ? "took back %s"
                                                                 : "never agreed to %s",
                                   name);
    }
    return stmt_status(&q);
}

enum status consent_filter(struct ctx *cx, i64 topic_id, const char **filter)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *topic;

    *filter = "";
    if (topic_id == 0)
        return OK;
    TRY(record_get(cx, &topic_type, topic_id, &topic));
    if (text_is(row_text(topic, TOPIC_BASIS), "consent"))
        *filter = arena_printf(cx->arena, "consent has '%s'", row_text(topic, TOPIC_SLUG));
    return OK;
}

/* ---- two people were one, or are two again ---- */
struct word {
    i64 id, topic;
    bool pending, latest;
};

/* The word that counts of those about one topic, the newest first: the one that counted already;
 * of several, or none, the newest that is more than a question nobody answered. */
static size_t word_that_counts(const struct word *w, size_t count)
{
    size_t latest = 0, best = count;

    for (size_t i = 0; i < count; i++)
        latest += w[i].latest;
    for (size_t i = 0; i < count; i++) {
        if (latest > 0 && !w[i].latest)
            continue;
        if (best == count || (w[best].pending && !w[i].pending))
            best = i;
    }
    return best;
}

/* revive: that none counts by now comes of what was said while they were one. */
static enum status settle_topic(struct ctx *cx, const struct word *w, size_t count, bool revive,
                                bool *changed)
{
    size_t best = word_that_counts(w, count);
    struct row *r;

    if (!w[best].latest && !revive)
        return OK;
    for (size_t i = 0; i < count; i++) {
        if (w[i].latest == (i == best))
            continue;
        TRY(record_get_any(cx, &consent_type, w[i].id, &r));
        row_set_i64(r, CONSENT_LATEST, i == best);
        TRY(merge_put(cx, r));
        *changed = true;
    }
    return OK;
}

/* One word of each topic is the latest. */
static enum status settle(struct ctx *cx, i64 contact_id, bool revive, bool *changed, size_t *count)
{
    size_t cap = 64, from = 0;
    struct word *w = NEW_N(cx->arena, struct word, cap);

    *count = 0;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "consent.settle", I64("contact", contact_id));
        while (stmt_next(&q)) {
            if (*count == cap) {
                struct word *more = NEW_N(cx->arena, struct word, cap * 2);
                memcpy(more, w, cap * sizeof *w);
                w = more;
                cap *= 2;
            }
            w[(*count)++] =
                (struct word){ col_i64(&q, 0), col_i64(&q, 1), text_is(col_text(&q, 2), "pending"),
                               col_i64(&q, 3) != 0 };
        }
        TRY(stmt_status(&q));
    }
    for (size_t i = 1; i <= *count; i++)
        if (i == *count || w[i].topic != w[from].topic) {
            TRY(settle_topic(cx, w + from, i - from, revive, changed));
            from = i;
        }
    return OK;
}

/* since: something was said since they were merged; otherwise what an undo put back is right. */
static enum status settle_contact(struct ctx *cx, const struct merge *m, struct row *contact,
                                  bool since)
{
    bool changed = false;
    size_t count;

    TRY(settle(cx, row_id(contact), since, &changed, &count));
    return (m->undo ? changed || since : count > 0) ? put_given(cx, contact) : OK;
}

static enum status consent_merged(struct ctx *cx, struct merge *m)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    enum status s = E_NOT_FOUND;
    i64 one;

    if (m->type != &contact_type)
        return OK;
    if (m->undo)
        s = db_get_i64(cx, &one, "consent.since", I64("contact", row_id(m->keep)),
                       I64("since", m->id));
    if (s != OK && s != E_NOT_FOUND)
        return s;
    TRY(settle_contact(cx, m, m->keep, s == OK));
    return m->undo ? settle_contact(cx, m, m->lose, s == OK) : OK;
}

/* ---- what a workspace begins with ---- */
static const struct {
    const char *slug, *name, *description;
} first_topics[] = {
    { "newsletter", "Newsletter", "News and stories, about once a month." },
    { "offers", "Offers by email", "Offers and new products, now and then." },
    { "phone", "Calls", "We may call about what you asked for." },
    { "profiling", "Personal content", "We use what you read to choose what we send." },
};

static enum status topic_make(struct ctx *cx, const char *slug, const char *name,
                              const char *description, i64 position)
{
    struct row *r = row_new(cx, &topic_type);

    row_set_text(r, TOPIC_SLUG, slug);
    row_set_text(r, TOPIC_NAME, name);
    row_set_text(r, TOPIC_DESCRIPTION, description);
    row_set_i64(r, TOPIC_POSITION, position);
    return record_save(cx, r);
}

/* A contact of an older release: what it had agreed to, with the evidence of the post that gave it.
 */
struct known {
    i64 id, at_ms;
    const char *tags, *email;
};

/* What the post that gave it proves. */
static enum status put_post(struct ctx *cx, const struct known *k, const char *slug, struct row *r)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "consent.post", I64("contact", k->id), TEXT("purpose", slug));

    if (stmt_next(&q)) {
        row_set_text(r, CONSENT_SOURCE, "form");
        row_set_i64(r, CONSENT_AT, col_i64(&q, 1));
        row_set_text(r, CONSENT_WORDING, utf8_cut(cx->arena, col_text(&q, 2), 4000));
        row_set_text(r, CONSENT_ADDRESS, utf8_cut(cx->arena, col_text(&q, 3), 60));
        row_set_text(
            r, CONSENT_RECORD,
            arena_printf(cx->arena, "/submissions/%s", id_text(cx->arena, col_i64(&q, 0))));
    }
    return stmt_status(&q);
}

/* *out: the row to save, or NULL where one is there already. */
static enum status take_over_word(struct ctx *cx, const struct known *k, const char *slug,
                                  struct row **out)
{
    i64 topic_id, latest;
    enum status s = topic_by_slug(cx, slug, &topic_id);

    *out = NULL;
    if (s == E_NOT_FOUND) { /* a word that no form of ours has */
        TRY(topic_make(cx, slug_of(cx, slug), slug, "", 100));
        s = topic_by_slug(cx, slug_of(cx, slug), &topic_id);
    }
    TRY(s);
    s = db_get_i64(cx, &latest, "consent.latest", I64("contact", k->id), I64("topic", topic_id));
    if (s != E_NOT_FOUND)
        return s;
    *out = row_new(cx, &consent_type);
    row_set_i64(*out, CONSENT_CONTACT, k->id);
    row_set_i64(*out, CONSENT_TOPIC, topic_id);
    row_set_text(*out, CONSENT_STATE, "given");
    row_set_i64(*out, CONSENT_LATEST, 1);
    row_set_i64(*out, CONSENT_AT, k->at_ms);
    row_set_text(*out, CONSENT_SOURCE, "before");
    row_set_text(*out, CONSENT_EMAIL, k->email);
    return put_post(cx, k, slug, *out);
}

static enum status take_over_some(struct ctx *cx, i64 *after, size_t *count)
{
    struct known *k = NEW_N(cx->arena, struct known, TAKE_OVER_ROWS);
    struct row **rows = NEW_N(cx->arena, struct row *, TAKE_OVER_ROWS * LIMIT_TAGS);
    size_t made = 0;

    *count = 0;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "consent.before", I64("after", *after), I64("limit", TAKE_OVER_ROWS));
        while (stmt_next(&q) && *count < TAKE_OVER_ROWS)
            k[(*count)++] = (struct known){ col_i64(&q, 0), col_i64(&q, 2),
                                            arena_text(cx->arena, col_text(&q, 1)),
                                            arena_text(cx->arena, col_text(&q, 3)) };
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < *count; i++) {
        struct str rest = str_from(k[i].tags), word;
        while (str_split(&rest, '|', &word) && made < TAKE_OVER_ROWS * LIMIT_TAGS) {
            if (word.len == 0)
                continue;
            TRY(take_over_word(cx, &k[i], str_dup(cx->arena, word), &rows[made]));
            made += rows[made] != NULL;
        }
        *after = k[i].id;
    }
    return made > 0 ? record_save_many(cx, rows, made) : OK;
}

enum status consent_take_over(struct ctx *cx)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct arena *some = arena_new(256 * 1024);
    struct ctx own = *cx; /* of millions only some are in memory */
    enum status s;
    size_t count;
    i64 after = 0;

    own.arena = some;
    do {
        arena_reset(some);
        s = take_over_some(&own, &after, &count);
    } while (s == OK && count == TAKE_OVER_ROWS);
    if (s != OK)
        s = ctx_fail(cx, s, "%s", own.error_text ? own.error_text : "");
    arena_free(some);
    return s;
}

static enum status begin(struct ctx *cx, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < countof(first_topics); i++)
        TRY(topic_make(cx, first_topics[i].slug, first_topics[i].name, first_topics[i].description,
                       (i64)(i + 1) * 10));
    return consent_take_over(cx);
}

static enum status consent_start(struct ctx *cx)
{
    i64 count;

    TRY(db_get_i64(cx, &count, "topic.count"));
    return count > 0 ? OK : kit_write(cx, begin, NULL); /* all or nothing: it is asked once */
}

static const struct event_kind kinds[] = {
    { "consent_given", "Agreed to", "checkbox", 0, "consent" },
    { "consent_pending", "Asked to confirm", "clock", 0, "consent" },
    { "consent_withdrawn", "Took back", "x", 0, "consent" },
};
const struct feature feature_consent = {
    .name = "consent",
    TYPES(&topic_type, &consent_type),
    EVENT_KINDS(kinds),
    .start = consent_start,
    .merged = consent_merged,
};
