/* utm.c -- see utm.h. Records of other rooms are read by the names of their fields: what has a
 * campaign_id belongs to it, what has a slug or a name is called by it. */
#include "mail/utm.h"
#include "base/utf8.h"
#include "bridge/consent.h"

static const struct setting settings[] = {
    { "mail.track", FIELD_BOOL, "Tell who opened and clicked",
      "Newsletters, broadcasts and flows carry links and a picture that lead through this server. "
      "Letters between two people and receipts never do; of sales sequences only whether they "
      "were opened, where the sequence asks for it.",
      "true", .group = "Mail", .resource = "topic" },
    { "mail.utm", FIELD_CHOICE, "UTM parameters",
      "Links say the campaign, so that visits count for it. A link that has its own keeps them.",
      "own",
      .choices = CHOICES({ "own", "In links to our own sites", NULL },
                         { "all", "In all links", NULL }, { "none", "In none", NULL }),
      .group = "Mail", .resource = "topic" },
};

bool utm_is_tracked(struct ctx *cx, const struct mail_message *m)
{
    return m->contact_id != 0 &&
           (m->topic_id != 0 || text_is(m->source, "broadcast") || text_is(m->source, "flow")) &&
           setting_bool(cx, "mail.track");
}

bool utm_opens_are_told(struct ctx *cx, const struct mail_message *m)
{
    return m->contact_id != 0 && text_is(m->source, "sequence") && setting_bool(cx, "mail.track");
}

static const char *text_of(const struct row *r, const char *field)
{
    int i = type_field(row_type(r), field);

    return i < 0 ? "" : row_text(r, i);
}

/* "Spring sale" -> "spring-sale": as campaigns' codes look. */
static const char *word_of(struct ctx *cx, const char *name)
{
    struct str words = str_from(utf8_search_words(cx->arena, name)), word;
    struct buf b = buf_in(cx->arena, 200);

    while (str_split(&words, ' ', &word) && b.len + word.len < 98) {
        if (b.len)
            buf_char(&b, '-');
        buf_str(&b, word);
    }
    return buf_end(&b);
}

/* OK with *out NULL: gone, or no record. */
static enum status maybe_get(struct ctx *cx, const char *type, i64 id, struct row **out)
{
    enum status s = E_NOT_FOUND;

    *out = NULL;
    if (id != 0 && type_find(cx, type))
        s = record_get_named(cx, type, id, out);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        *out = NULL;
        return OK;
    }
    return s;
}

enum status utm_fill(struct ctx *cx, const struct mail_message *m, struct track *t)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *rule = setting_text(cx, "mail.utm"), *code = "";
    struct row *mailing, *campaign = NULL, *topic;

    t->utm = text_is(rule, "all") ? UTM_ALL : text_is(rule, "none") ? UTM_NONE : UTM_OWN;
    if (t->utm == UTM_NONE)
        return OK;
    TRY(maybe_get(cx, m->source, m->source_id, &mailing));
    TRY(maybe_get(cx, "topic", m->topic_id, &topic));
    if (mailing) {
        int of = type_field(row_type(mailing), "campaign_id");
        if (of >= 0 && row_has(mailing, of))
            TRY(maybe_get(cx, "campaign", row_i64(mailing, of), &campaign));
        code = campaign ? text_of(campaign, "code") : text_of(mailing, "slug");
        if (text_empty(code))
            code = word_of(cx, text_of(mailing, "name"));
    }
    t->utm_source = topic ? row_text(topic, TOPIC_SLUG) : "mail";
    t->utm_medium = "email";
    t->utm_campaign = text_empty(code) ? NULL : code;
    t->utm_content =
        m->variant ? arena_printf(cx->arena, "%c", (char)('a' + m->variant % 26)) : NULL;
    return OK;
}

const struct feature feature_utm = { .name = "utm", SETTINGS(settings) };
