/* broadcast.c -- a broadcast: one mail to the people of some segments, now, at a time or at the
 * same time of everybody's day, with up to four variants of which the best goes to the rest. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/segment.h"
#include "kit/pages.h"
#include "mail/content.h"
#include "mail/sender.h"
#include "marketing/broadcast_int.h"

enum { HOURS_MAX = 240, PER_HOUR_MAX = 10 * 1000 * 1000, SLUG_BYTES = 80 };

#define STATE(word, label, color) \
    {                             \
        word, label, color        \
    }
static const struct field fields[] = {
    [BROADCAST_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 200,
                         .help = "How it is called here; recipients do not see it." },
    [BROADCAST_STATUS] = { "status", FIELD_CHOICE, "State", COMPUTED | LISTED | TRACKED | INDEXED,
                           .otherwise = "draft",
                           .choices = CHOICES(STATE("draft", "Draft", "gray"),
                                              STATE("scheduled", "Scheduled", "blue"),
                                              STATE("sending", "Sending", "violet"),
                                              STATE("paused", "Paused", "amber"),
                                              STATE("finished", "Finished", "green"),
                                              STATE("cancelled", "Cancelled", "red")) },
    [BROADCAST_CONTENT] = { "content_id", FIELD_REF, "Content", 0, .ref = "mail_content",
                            .group = "Mail" },
    [BROADCAST_SUBJECT] = { "subject", FIELD_TEXT, "Subject", SEARCHED, .max_len = 250,
                            .help = "Left empty, that of the content." },
    [BROADCAST_TOPIC] = { "topic_id", FIELD_REF, "Topic", LISTED, .ref = "topic",
                          .help = "Only who agreed to this topic gets it." },
    [BROADCAST_SENDER] = { "sender_id", FIELD_REF, "Sender", 0, .ref = "sender",
                           .help = "Left empty, the default one." },
    [BROADCAST_CAMPAIGN] = { "campaign_id", FIELD_REF, "Campaign", 0, .ref = "campaign",
                             .help = "Visits, leads and revenue from its links count for it. Left "
                                     "empty, the links carry the broadcast's own name." },
    [BROADCAST_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
    [BROADCAST_SEGMENTS] = { "segments", FIELD_TAGS, "Send to", 0, .group = "To whom",
                             .help = "Segments by their short names, with commas between." },
    [BROADCAST_EXCEPT] = { "except_segments", FIELD_TAGS, "But not to", 0 },
    [BROADCAST_WHEN] = { "schedule", FIELD_CHOICE, "When", REQUIRED, .otherwise = "now",
                         .group = "When",
                         .choices = CHOICES(
                             { "now", "As soon as it is confirmed", "gray" },
                             { "at", "At a time", "blue" },
                             { "local", "At that time of everybody's own day", "violet" }) },
    [BROADCAST_SEND_AT] = { "send_at", FIELD_TIME, "Planned for", LISTED | INDEXED },
    [BROADCAST_PER_HOUR] = { "per_hour", FIELD_INT, "At most an hour", 0, .min = 1,
                             .max = PER_HOUR_MAX,
                             .help = "Left empty, as fast as the sender may." },
    [BROADCAST_AB] = { "ab_test", FIELD_CHOICE, "Test", REQUIRED, .otherwise = "none",
                       .group = "A/B test",
                       .choices = CHOICES({ "none", "Nothing", "gray" },
                                          { "subject", "The subject", "blue" },
                                          { "sender", "The sender", "blue" },
                                          { "content", "The content", "blue" }) },
    [BROADCAST_SUBJECT_B] = { "subject_b", FIELD_TEXT, "Subject B", 0, .max_len = 250 },
    [BROADCAST_SUBJECT_C] = { "subject_c", FIELD_TEXT, "Subject C", 0, .max_len = 250 },
    [BROADCAST_SUBJECT_D] = { "subject_d", FIELD_TEXT, "Subject D", 0, .max_len = 250 },
    [BROADCAST_SENDER_B] = { "sender_b_id", FIELD_REF, "Sender B", 0, .ref = "sender" },
    [BROADCAST_SENDER_C] = { "sender_c_id", FIELD_REF, "Sender C", 0, .ref = "sender" },
    [BROADCAST_SENDER_D] = { "sender_d_id", FIELD_REF, "Sender D", 0, .ref = "sender" },
    [BROADCAST_CONTENT_B] = { "content_b_id", FIELD_REF, "Content B", 0, .ref = "mail_content" },
    [BROADCAST_CONTENT_C] = { "content_c_id", FIELD_REF, "Content C", 0, .ref = "mail_content" },
    [BROADCAST_CONTENT_D] = { "content_d_id", FIELD_REF, "Content D", 0, .ref = "mail_content" },
    [BROADCAST_SHARE] = { "test_percent", FIELD_INT, "Share in the test", 0, .min = 1, .max = 100,
                          .otherwise = "20",
                          .help = "Percent of the recipients, spread evenly over the variants. "
                                  "100: everybody, and there is no rest." },
    [BROADCAST_WINNER_BY] = { "winner_by", FIELD_CHOICE, "The rest gets the one with most",
                              REQUIRED, .otherwise = "clicks",
                              .choices = CHOICES(
                                  { "opens", "Opens by people", "blue" },
                                  { "clicks", "Clicks by people", "blue" },
                                  { "conversions", "Leads and deals after a click", "green" },
                                  { "hand", "I choose", "gray" }) },
    [BROADCAST_WINNER_HOURS] = { "winner_hours", FIELD_INT, "After hours", 0, .min = 1,
                                 .max = HOURS_MAX, .otherwise = "4",
                                 .help = "From the last mail of the test on." },
    [BROADCAST_ARCHIVE] = { "in_archive", FIELD_BOOL, "In the public archive", 0,
                            .group = "Archive",
                            .help = "Everybody may read it under its topic, without personal "
                                    "words." },
    [BROADCAST_SLUG] = { "slug", FIELD_TEXT, "Short name", UNIQUE, .max_len = SLUG_BYTES,
                         .help = "In the archive's address and in links. Left empty, it is made "
                                 "from the name." },
    [BROADCAST_RESEND_OF] = { "resend_of_id", FIELD_REF, "Sent again to non-openers of",
                              CREATE_ONLY, .ref = "broadcast" },
    [BROADCAST_STARTED] = { "started_at", FIELD_TIME, "Sent", COMPUTED | INDEXED | LISTED,
                            .group = "Results" },
    [BROADCAST_ENDED] = { "finished_at", FIELD_TIME, "Finished", COMPUTED },
    [BROADCAST_RECIPIENTS] = { "recipients", FIELD_INT, "Recipients", COMPUTED | LISTED },
    [BROADCAST_SKIPPED] = { "skipped", FIELD_INT, "Left out", COMPUTED },
    [BROADCAST_DELIVERED] = { "delivered", FIELD_INT, "Delivered", COMPUTED },
    [BROADCAST_OPENED] = { "opened", FIELD_INT, "Opened", COMPUTED,
                           .help = "People, not programs." },
    [BROADCAST_CLICKED] = { "clicked", FIELD_INT, "Clicked", COMPUTED },
    [BROADCAST_BOUNCED] = { "bounced", FIELD_INT, "Bounced", COMPUTED },
    [BROADCAST_LEFT] = { "unsubscribed", FIELD_INT, "Unsubscribed", COMPUTED },
    [BROADCAST_OPEN_RATE] = { "open_percent", FIELD_DECIMAL, "Open rate %", COMPUTED | LISTED,
                              .scale = 1 },
    [BROADCAST_CLICK_RATE] = { "click_percent", FIELD_DECIMAL, "Click rate %", COMPUTED | LISTED,
                               .scale = 1 },
    [BROADCAST_WINNER] = { "winner", FIELD_TEXT, "Winner", COMPUTED, .max_len = 1 },
    [BROADCAST_WHY] = { "winner_why", FIELD_TEXT, "Why", COMPUTED, .max_len = 500 },
};
_Static_assert(countof(fields) == BROADCAST_FIELDS, "enum and table differ");

enum broadcast_state broadcast_state_of(const struct row *r)
{
    return broadcast_state_by(row_text(r, BROADCAST_STATUS));
}

int broadcast_variants(const struct row *r, struct variant out[VARIANTS_MAX])
{
    const char *test = row_text(r, BROADCAST_AB);
    struct variant first = { 'A', row_text(r, BROADCAST_SUBJECT), row_i64(r, BROADCAST_SENDER),
                             row_i64(r, BROADCAST_CONTENT) };
    int count = 1;

    out[0] = first;
    for (int i = 0; i < VARIANTS_MAX - 1; i++) {
        struct variant v = first;
        bool is = false;
        if (text_is(test, "subject") && (is = row_has(r, BROADCAST_SUBJECT_B + i)))
            v.subject = row_text(r, BROADCAST_SUBJECT_B + i);
        else if (text_is(test, "sender") && (is = row_has(r, BROADCAST_SENDER_B + i)))
            v.sender_id = row_i64(r, BROADCAST_SENDER_B + i);
        else if (text_is(test, "content") && (is = row_has(r, BROADCAST_CONTENT_B + i)))
            v.content_id = row_i64(r, BROADCAST_CONTENT_B + i);
        if (!is)
            continue;
        v.letter = (char)('A' + count);
        out[count++] = v;
    }
    return count;
}

enum status broadcast_move(struct ctx *cx, struct row *r, enum broadcast_verb v)
{
    enum broadcast_state to;

    if (!broadcast_may(broadcast_state_of(r), v, &to))
        return ctx_fail_code(cx, E_CONFLICT, "broadcast.state",
                             "'%s' is %s: it cannot be told to %s.", row_text(r, BROADCAST_NAME),
                             broadcast_state_word(broadcast_state_of(r)), broadcast_verb_word(v));
    row_set_text(r, BROADCAST_STATUS, broadcast_state_word(to));
    return OK;
}

/* ---- saving ---- */

static enum status check_segments(struct ctx *cx, const struct row *r, int field)
{
    struct str rest = str_from(row_plain(cx, r, field)), one;
    int count = 0;

    while (str_split(&rest, ',', &one)) {
        const char *slug = str_dup(cx->arena, str_trim(one));
        struct row *segment;
        enum status s;
        if (text_empty(slug))
            continue;
        s = record_find(cx, &segment_type, "slug", slug, &segment);
        if (s == E_NOT_FOUND)
            return ctx_fail_field(cx, fields[field].name, "broadcast.segment",
                                  "There is no segment '%s'.", slug);
        TRY(s);
        if (++count > SEGMENTS_MAX)
            return ctx_fail_field(cx, fields[field].name, "broadcast.segments",
                                  "At most %d segments. Make one segment of them.", SEGMENTS_MAX);
    }
    return OK;
}

/* From the moment it is scheduled on, what goes out stands still. */
static enum status check_frozen(struct ctx *cx, const struct row *r)
{
    const struct row *before = row_before(r);

    if (!before || broadcast_state_of(before) == BROADCAST_DRAFT)
        return OK;
    for (int i = BROADCAST_CONTENT; i <= BROADCAST_WINNER_HOURS; i++)
        if (i != BROADCAST_OWNER && row_changed(r, i))
            return ctx_fail_field(cx, fields[i].name, "broadcast.frozen",
                                  "It is %s, so this stands fixed. Take it back to draft first, or "
                                  "make a copy.",
                                  broadcast_state_word(broadcast_state_of(before)));
    return OK;
}

static enum status broadcast_validate(struct ctx *cx, struct row *r)
{
    const char *slug =
        row_has(r, BROADCAST_SLUG) ? row_text(r, BROADCAST_SLUG) : row_text(r, BROADCAST_NAME);
    struct row *other;

    slug = utf8_slug(cx->arena, slug, SLUG_BYTES - 8);
    slug = text_empty(slug) ? "mail" : slug;
    for (int n = 2; !row_has(r, BROADCAST_SLUG); n++) { /* names repeat, addresses do not */
        const char *tried = n == 2 ? slug : arena_printf(cx->arena, "%s-%d", slug, n - 1);
        enum status s = record_find(cx, &broadcast_type, "slug", tried, &other);
        if (s == E_NOT_FOUND || (s == OK && row_id(other) == row_id(r)))
            row_set_text(r, BROADCAST_SLUG, tried);
        else
            TRY(s);
    }
    row_set_text(r, BROADCAST_SLUG, utf8_slug(cx->arena, row_text(r, BROADCAST_SLUG), SLUG_BYTES));
    TRY(check_frozen(cx, r));
    if (row_changed(r, BROADCAST_SEGMENTS))
        TRY(check_segments(cx, r, BROADCAST_SEGMENTS));
    if (row_changed(r, BROADCAST_EXCEPT))
        TRY(check_segments(cx, r, BROADCAST_EXCEPT));
    if (text_is(row_text(r, BROADCAST_WHEN), "now"))
        row_clear(r, BROADCAST_SEND_AT);
    return OK;
}

static enum status broadcast_removed(struct ctx *cx, struct row *r)
{
    enum broadcast_state s = broadcast_state_of(r);

    if (s != BROADCAST_SCHEDULED && s != BROADCAST_SENDING && s != BROADCAST_PAUSED)
        return OK;
    return ctx_fail_code(cx, E_CONFLICT, "broadcast.under_way",
                         "'%s' is %s. Cancel it before it goes to the trash.",
                         row_text(r, BROADCAST_NAME), broadcast_state_word(s));
}

enum status broadcast_code(struct ctx *cx, const struct row *r, const char **code)
{
    struct row *campaign;
    enum status s;

    *code = row_text(r, BROADCAST_SLUG);
    if (!row_has(r, BROADCAST_CAMPAIGN))
        return OK;
    s = record_get_named(cx, "campaign", row_i64(r, BROADCAST_CAMPAIGN), &campaign);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    *code = row_text(campaign, type_field(row_type(campaign), "code"));
    return OK;
}

/* ---- whether it may go ---- */

static void say(struct val *list, const char *field, const char *text)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "field", field);
    val_put_text(one, "text", text);
}

static enum status check_variant(struct ctx *cx, const struct variant *v, int count,
                                 struct val *problems)
{
    struct ctx probe = *cx;
    struct row *content;
    const char *which = count > 1 ? arena_printf(cx->arena, "Variant %c: ", v->letter) : "";
    enum status s = record_get(&probe, &mail_content_type, v->content_id, &content);

    if (s == E_NOT_FOUND) {
        say(problems, "content_id", arena_printf(cx->arena, "%sChoose what it says.", which));
        return OK;
    }
    TRY(s);
    probe.field_errors = NULL;
    s = content_ready(&probe, content);
    if (s != OK && s != E_INVALID)
        return s;
    for (const struct field_error *e = probe.field_errors; s != OK && e; e = e->next)
        if (!text_is(e->field, "subject") || text_empty(v->subject))
            say(problems, "content_id", arena_printf(cx->arena, "%s%s", which, e->message));
    if (s != OK && !probe.field_errors)
        say(problems, "content_id", arena_printf(cx->arena, "%s%s", which, probe.error_text));
    if (text_is(row_text(content, CONTENT_STATUS), "draft") == false &&
        row_has(content, CONTENT_DRAFT))
        say(problems, "content_id",
            arena_printf(cx->arena,
                         "%s'%s' has changes that are not published: publish them, or drop them.",
                         which, row_title(cx, content)));
    return OK;
}

static enum status check_sender(struct ctx *cx, const struct variant *v, struct val *problems,
                                struct val *warnings)
{
    struct ctx probe = *cx;
    struct row *sender;
    i64 id = v->sender_id;
    enum status s = id ? OK : sender_default(&probe, &id);

    if (s == OK)
        s = record_get(&probe, &sender_type, id, &sender);
    if (s == E_NOT_FOUND) {
        say(problems, "sender_id", "There is no sender yet: make one in the settings.");
        return OK;
    }
    TRY(s);
    if (!row_bool(sender, SENDER_ACTIVE) || !row_has(sender, SENDER_HOST))
        say(problems, "sender_id",
            arena_printf(cx->arena, "'%s' cannot send: it is not active, or has no mail server.",
                         row_title(cx, sender)));
    if (!row_has(sender, SENDER_RSA_PUBLIC) && !row_has(sender, SENDER_ED_PUBLIC))
        say(warnings, "sender_id",
            arena_printf(cx->arena,
                         "'%s' does not sign its mails, so many will call them spam. Make its keys "
                         "and look at its DNS check.",
                         row_title(cx, sender)));
    return OK;
}

static enum status check_time(struct ctx *cx, const struct row *r, struct val *problems,
                              struct val *warnings)
{
    i64 now = ctx_now(cx), at = row_i64(r, BROADCAST_SEND_AT);

    if (text_is(row_text(r, BROADCAST_WHEN), "now"))
        return OK;
    if (!row_has(r, BROADCAST_SEND_AT)) {
        say(problems, "send_at", "Say when it goes out.");
        return OK;
    }
    if (text_is(row_text(r, BROADCAST_WHEN), "at") && at < now)
        say(problems, "send_at", "The time is over. Choose a later one, or send it at once.");
    else if (plan_last_local(at, kit_zone(cx)) < now)
        say(problems, "send_at", "It is later than that everywhere on earth.");
    else if (text_is(row_text(r, BROADCAST_WHEN), "local") &&
             plan_first_local(at, kit_zone(cx)) < now)
        say(warnings, "send_at",
            "In the east it is later than that already: who lives there gets it at once.");
    return OK;
}

enum status broadcast_problems(struct ctx *cx, const struct row *r, struct val *problems,
                               struct val *warnings)
{
    struct variant v[VARIANTS_MAX];
    int count = broadcast_variants(r, v);

    if (!row_has(r, BROADCAST_SEGMENTS) && !row_has(r, BROADCAST_RESEND_OF))
        say(problems, "segments", "Choose to whom it goes.");
    if (!row_has(r, BROADCAST_TOPIC))
        say(problems, "topic_id", "Choose the topic that its readers agreed to.");
    for (int i = 0; i < count; i++) {
        if (i == 0 || v[i].content_id != v[0].content_id)
            TRY(check_variant(cx, &v[i], count, problems));
        if (i == 0 || v[i].sender_id != v[0].sender_id)
            TRY(check_sender(cx, &v[i], problems, warnings));
    }
    if (!text_is(row_text(r, BROADCAST_AB), "none") && count < 2)
        say(problems, "ab_test", "A test needs a second variant.");
    return check_time(cx, r, problems, warnings);
}

/* ---- verbs ---- */

static enum status the_broadcast(struct req *rq, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &broadcast_type, id, out);
}

/* Says the number, so that nobody writes to ten thousand people by one click. */
static enum status check_confirmation(struct req *rq, const struct row *r)
{
    struct ctx *cx = rq->cx;
    const struct val *counted;
    i64 said;

    TRY(audience_counted(cx, r, &counted));
    if (!counted)
        return ctx_fail_code(cx, E_CONFLICT, "broadcast.not_counted",
                             "Its recipients were not counted since it was changed: look at the "
                             "check first.");
    i64 recipients = val_get_i64(counted, "recipients", 0);
    if (recipients == 0)
        return ctx_fail_code(cx, E_INVALID, "broadcast.nobody",
                             "Nobody would get it: of %lld people in the segments all are left "
                             "out.",
                             (long long)val_get_i64(counted, "people", 0));
    if (!str_i64(str_trim(str_from(req_form(rq, "recipients"))), &said) || said != recipients)
        return ctx_fail_field(cx, "recipients", "broadcast.confirm",
                              "Confirm the number of recipients: it is %lld.",
                              (long long)recipients);
    return OK;
}

static enum status schedule(struct req *rq, struct row *r)
{
    struct ctx *cx = rq->cx;
    struct val *problems = val_list(cx->arena), *warnings = val_list(cx->arena);

    TRY(broadcast_move(cx, r, VERB_SCHEDULE));
    TRY(broadcast_problems(cx, r, problems, warnings));
    for (size_t i = 0; i < val_count(problems); i++)
        (void)ctx_fail_field(cx, val_get_text(val_at(problems, i), "field"), "broadcast.not_ready",
                             "%s", val_get_text(val_at(problems, i), "text"));
    if (val_count(problems))
        return E_INVALID;
    TRY(check_confirmation(rq, r));
    TRY(record_save(cx, r));
    return sending_wake(cx, row_id(r), sending_begins_at(cx, r));
}

static enum status move(struct req *rq, struct row *r, enum broadcast_verb v)
{
    if (v == VERB_SCHEDULE)
        return schedule(rq, r);
    TRY(broadcast_move(rq->cx, r, v));
    if (v == VERB_CANCEL)
        row_set_i64(r, BROADCAST_ENDED, ctx_now(rq->cx));
    TRY(record_save(rq->cx, r));
    return sending_moved(rq->cx, r, v);
}

static enum status choose(struct req *rq, struct row *r)
{
    const char *letter = req_form(rq, "variant");
    struct variant v[VARIANTS_MAX];
    int count = broadcast_variants(r, v), which = -1;

    TRY(broadcast_move(rq->cx, r, VERB_WINNER));
    for (int i = 0; i < count; i++)
        if (letter[0] == v[i].letter && letter[1] == '\0')
            which = i;
    if (which < 0)
        return ctx_fail_field(rq->cx, "variant", "broadcast.variant",
                              "Say which variant the rest gets: A to %c.", v[count - 1].letter);
    return sending_choose(rq->cx, r, which,
                          arena_printf(rq->cx->arena, "Chosen by %s.", rq->cx->access->name));
}

/* A draft with the same mail and the same settings. */
static enum status copy_of(struct ctx *cx, const struct row *r, const char *name, struct row **out)
{
    struct row *copy = row_new(cx, &broadcast_type);

    for (int i = BROADCAST_CONTENT; i <= BROADCAST_ARCHIVE; i++)
        if (i != BROADCAST_OWNER && i != BROADCAST_SEND_AT && row_has(r, i))
            TRY(row_parse(cx, copy, i, row_plain(cx, r, i)));
    row_set_text(copy, BROADCAST_NAME, utf8_cut(cx->arena, name, 200));
    *out = copy;
    return OK;
}

static enum status resend(struct req *rq, struct row *r, struct row **out)
{
    struct ctx *cx = rq->cx;
    const char *subject = str_dup(cx->arena, str_trim(str_from(req_form(rq, "subject"))));

    TRY(broadcast_move(cx, r, VERB_RESEND));
    if (text_empty(subject) || text_is(subject, row_text(r, BROADCAST_SUBJECT)))
        return ctx_fail_field(cx, "subject", "broadcast.same_subject",
                              "Write another subject: this one was not opened.");
    TRY(copy_of(cx, r, arena_printf(cx->arena, "%s, again", row_text(r, BROADCAST_NAME)), out));
    row_set_text(*out, BROADCAST_AB, "none");
    row_set_text(*out, BROADCAST_SUBJECT, utf8_cut(cx->arena, subject, 250));
    row_set_i64(*out, BROADCAST_RESEND_OF, row_id(r));
    row_clear(*out, BROADCAST_SEGMENTS);
    row_set_text(*out, BROADCAST_WHEN, "now");
    return record_save(cx, *out);
}

/* ---- routes ---- */

static enum status reply_record(struct req *rq, int status, const struct row *r)
{
    struct val *v = val_map(rq->cx->arena);

    val_put_text(v, "id", id_text(rq->cx->arena, row_id(r)));
    val_put_i64(v, "version", row_version(r));
    for (int i = 0; i < BROADCAST_FIELDS; i++)
        val_put(v, fields[i].name, row_val(rq->cx, r, i));
    return reply_json(rq, status, v);
}

static const char *const done_words[BROADCAST_VERBS] = {
    [VERB_SCHEDULE] = "Scheduled: %s.",
    [VERB_UNSCHEDULE] = "Back to draft: %s.",
    [VERB_PAUSE] = "Paused: %s.",
    [VERB_RESUME] = "Goes on: %s.",
    [VERB_CANCEL] = "Cancelled: %s.",
    [VERB_WINNER] = "Chosen for the rest of %s.",
    [VERB_RESEND] = "A draft for those who did not open %s.",
};

/* An error of a form is shown on the page that has the form. */
static enum status back_with_error(struct req *rq, const struct row *r, enum broadcast_verb v)
{
    struct ctx *cx = rq->cx;
    const char *why = cx->error_text;

    for (const struct field_error *e = cx->field_errors; e && text_empty(why); e = e->next)
        why = e->message;
    return broadcast_page_error(rq, r, v, arena_text(cx->arena, why));
}

static enum status say_verb(struct req *rq, enum broadcast_verb v, struct row **shown)
{
    struct row *r;

    TRY(the_broadcast(rq, &r));
    *shown = r;
    if (v == VERB_WINNER)
        return choose(rq, r);
    if (v == VERB_RESEND)
        return resend(rq, r, shown);
    return move(rq, r, v);
}

static enum broadcast_verb verb_of(const struct req *rq)
{
    return (enum broadcast_verb)(intptr_t)rq->route->data;
}

/* POST /broadcasts/:id/{schedule,unschedule,pause,resume,cancel,winner,resend} */
static enum status verb_post(struct req *rq)
{
    enum broadcast_verb v = verb_of(rq);
    struct row *r = NULL;
    enum status s;
    {
        scoped(tx_end) struct tx tx = tx_begin(rq->cx);
        s = tx.status == OK ? say_verb(rq, v, &r) : tx.status;
        if (s == OK)
            s = tx_commit(&tx);
    }
    if ((s == E_INVALID || s == E_CONFLICT) && r && !rq->wants_json)
        return back_with_error(rq, r, v);
    TRY(s);
    return reply_done(rq, row_path(rq->cx, r), done_words[v], row_text(r, BROADCAST_NAME));
}

/* POST /api/v1/broadcasts/:id/{schedule,...} */
static enum status verb_api(struct req *rq)
{
    enum broadcast_verb v = verb_of(rq);
    struct row *r;

    TRY(say_verb(rq, v, &r));
    return reply_record(rq, v == VERB_RESEND ? 201 : 200, r);
}

/* POST /broadcasts/:id/copy */
static enum status copy_post(struct req *rq)
{
    struct row *r, *copy;

    TRY(the_broadcast(rq, &r));
    TRY(copy_of(rq->cx, r, arena_printf(rq->cx->arena, "Copy of %s", row_text(r, BROADCAST_NAME)),
                &copy));
    TRY(record_save(rq->cx, copy));
    if (rq->route->flags & ROUTE_API)
        return reply_record(rq, 201, copy);
    return reply_done(rq, row_path(rq->cx, copy), "A draft with the same mail.");
}

#define VERBS(word, v)                                                                        \
    { HTTP_POST, "/broadcasts/:id/" word, verb_post, NEEDS("broadcast", VERB_UPDATE),         \
      .data = (void *)(intptr_t)(v) },                                                        \
    {                                                                                         \
        HTTP_POST, "/api/v1/broadcasts/:id/" word, verb_api, NEEDS("broadcast", VERB_UPDATE), \
            .flags = ROUTE_API, .data = (void *)(intptr_t)(v), .summary = "Broadcast: " word  \
    }
static const struct route routes[] = {
    VERBS("schedule", VERB_SCHEDULE),
    VERBS("unschedule", VERB_UNSCHEDULE),
    VERBS("pause", VERB_PAUSE),
    VERBS("resume", VERB_RESUME),
    VERBS("cancel", VERB_CANCEL),
    VERBS("winner", VERB_WINNER),
    VERBS("resend", VERB_RESEND),
    { HTTP_POST, "/broadcasts/:id/copy", copy_post, NEEDS("broadcast", VERB_CREATE) },
    { HTTP_POST, "/api/v1/broadcasts/:id/copy", copy_post, NEEDS("broadcast", VERB_CREATE),
      .flags = ROUTE_API, .summary = "Broadcast: a draft with the same mail" },
};

static bool is_draft(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return broadcast_state_of(r) == BROADCAST_DRAFT;
}
static bool may_verb(const struct row *r, enum broadcast_verb v)
{
    enum broadcast_state to;

    return broadcast_may(broadcast_state_of(r), v, &to);
}
static bool may_unschedule(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return may_verb(r, VERB_UNSCHEDULE);
}
static bool may_pause(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return may_verb(r, VERB_PAUSE);
}
static bool may_resume(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return may_verb(r, VERB_RESUME);
}
static bool may_cancel(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return may_verb(r, VERB_CANCEL);
}
static bool may_resend(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return may_verb(r, VERB_RESEND);
}

const struct record_type broadcast_type = {
    .name = "broadcast",
    .label = "Broadcast",
    .plural = "Broadcasts",
    .path = "broadcasts",
    .icon = "send",
    .section = "marketing",
    .menu_order = 12,
    .sort = "-created_at",
    .title = BROADCAST_NAME,
    .fields = fields,
    .field_count = BROADCAST_FIELDS,
    .flags = TYPE_COMMENTS,
    .detail_template = "broadcast/detail",
    .empty = "A broadcast is one mail to the people of your segments: a newsletter, an offer, an "
             "invitation. What each of them did with it stands here afterwards.",
    ACTIONS({ "check", "Check and send", "/broadcasts/:id/check", true, is_draft },
            { "pause", "Pause", NULL, true, may_pause },
            { "resume", "Go on", NULL, true, may_resume },
            { "unschedule", "Back to draft", NULL, false, may_unschedule },
            { "again", "Send again to non-openers", "/broadcasts/:id/again", false, may_resend },
            { "test", "Send a test", "/broadcasts/:id/test", false, NULL },
            { "copy", "Make a copy", NULL, false, NULL },
            { "cancel", "Cancel", NULL, false, may_cancel,
              .confirm = "Cancel it for good? Who has it already keeps it; nobody else gets it." }),
    .validate = broadcast_validate,
    .removed = broadcast_removed,
    .detail = broadcast_detail,
};

/* Of a broadcast that went to both addresses there were two recipients, and there still are. */
static const struct merge_table merge_tables[] = {
    { "contact", "broadcast_recipient", "contact_id", "id", "broadcast_id" },
    { "contact", "broadcast_click", "contact_id", "broadcast_id, link", "broadcast_id, link" },
};
const struct feature feature_broadcast = {
    .name = "broadcast",
    TYPES(&broadcast_type),
    MERGE_TABLES(merge_tables),
    ROUTES(routes),
};
