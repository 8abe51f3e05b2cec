/* numbers.c -- how mail does, as numbers: sent, delivered, opened, clicked, bounced, complained,
 * unsubscribed, by sender, topic and mailing. People are counted, not machines, and each mail once.
 */
#include "base/id.h"
#include "base/json.h"
#include "journey/journey.h"
#include "kit/question.h"

/* ---- by what they are split ---- */
static u32 touch_key(const struct event *e) { return e->touch; }

static const char *touch_part(struct ctx *cx, u32 key, const char *name)
{
    const char *tuple = journey_name(cx->journey, DICT_TOUCH, key);
    struct val *v;

    if (tuple[0] == '\0' || strstr(tuple, name) == NULL ||
        json_read(cx->arena, str_from(tuple), &v, NULL) != OK)
        return "";
    return val_get_text(v, name);
}
static const char *sender_id(struct ctx *cx, u32 key) { return touch_part(cx, key, "mail_sender"); }
static const char *topic_id(struct ctx *cx, u32 key) { return touch_part(cx, key, "mail_topic"); }
static const char *mailing_id(struct ctx *cx, u32 key) { return touch_part(cx, key, "mailing"); }

/* The name of a record, as far as the asking user may read it. */
static const char *title_of(struct ctx *cx, const char *type, const char *id_word)
{
    const struct record_type *t = type_find(cx, type);
    const char *title = "";
    struct ctx probe = *cx;
    i64 id;

    if (cx->db == NULL || t == NULL || !id_parse(str_from(id_word), &id) ||
        record_titles(&probe, t, &id, 1, &title) != OK || title[0] == '\0')
        return id_word;
    return title;
}
static const char *sender_text(struct ctx *cx, const char *value)
{
    return title_of(cx, "sender", value);
}
static const char *topic_text(struct ctx *cx, const char *value)
{
    return title_of(cx, "topic", value);
}

static const char *mailing_text(struct ctx *cx, const char *value)
{
    static const struct {
        const char *word, *text;
    } others[] = { { "contact", "Single mails" },
                   { "api", "Other programs" },
                   { "confirmation", "Confirmations" } };
    const char *slash = strchr(value, '/');

    if (slash)
        return title_of(cx, arena_dup(cx->arena, value, (size_t)(slash - value)), slash + 1);
    for (size_t i = 0; i < countof(others); i++)
        if (text_is(others[i].word, value))
            return others[i].text;
    return value;
}

static const struct dimension dimensions[] = {
    { "sender", "Sender", READ_TOUCH, OF_EVENT, touch_key, sender_id, sender_text, .shared = true },
    { "topic", "Topic", READ_TOUCH, OF_EVENT, touch_key, topic_id, topic_text, .shared = true },
    { "mailing", "Mailing", READ_TOUCH, OF_EVENT, touch_key, mailing_id, mailing_text,
      .shared = true },
};

/* ---- what is counted ---- */
static i64 first_of_mail(const struct event *e) { return e->flags & EVENT_REPEAT ? -1 : 1; }

#define MAIL(word, text, kind)                                                                \
    .name = word, .label = text, .unit = UNIT_COUNT, .team = "marketing", .event_kind = kind, \
    .source = METRIC_JOURNEY
#define EACH .counts = COUNT_EVENTS
#define ONCE .counts = SUM_OF_EVENTS, .measure = first_of_mail, .measured = READ_FLAGS
#define RATE(word, text, top, bottom)                                     \
    .name = word, .label = text, .unit = UNIT_RATIO, .team = "marketing", \
    .source = METRIC_DIVIDED, .numerator = top, .denominator = bottom
static const struct metric metrics[] = {
    { MAIL("mails_sent", "Mails sent", "mail_sent"), EACH,
      .definition = "Mails to contacts that the relay took in the period." },
    { MAIL("mails_bounced", "Mails bounced", "mail_bounce"), EACH, .less_is_better = true,
      .definition = "Mails to contacts that were refused for good in the period, at once or by a "
                    "report later. What is refused for now and goes again is no bounce." },
    { .name = "mails_delivered",
      .label = "Mails delivered",
      .unit = UNIT_COUNT,
      .team = "marketing",
      .source = METRIC_FORMULA,
      .formula = "mails_sent - mails_bounced",
      .definition = "Mails sent less mails bounced in the period." },
    { MAIL("mail_opens", "Mails opened", "mail_open"), ONCE,
      .definition = "Mails that a person opened, each once, in the period of the first time. Opens "
                    "by machines are left out; a click counts as an open too." },
    { MAIL("mail_clicks", "Mails clicked", "mail_click"), ONCE,
      .definition = "Mails in which a person followed a link, each once, in the period of the "
                    "first time. Clicks by machines are left out." },
    { MAIL("mail_opens_all", "Opens by people and machines", "mail_open"), EACH, .bots = true,
      .definition = "Every time a mail was opened in the period, also by programs that load all "
                    "pictures: more than people did." },
    { MAIL("mail_complaints", "Complaints", "mail_complaint"), EACH, .less_is_better = true,
      .definition = "Mails that somebody marked as spam, as far as providers report it." },
    { MAIL("mail_unsubscribes", "Unsubscribes", "mail_unsubscribe"), EACH, .less_is_better = true,
      .definition = "Times somebody left a topic, or everything, through a mail in the period." },
    { RATE("mail_delivery_rate", "Delivery rate", "mails_delivered", "mails_sent"),
      .definition = "Mails delivered divided by mails sent in the period." },
    { RATE("mail_bounce_rate", "Mail bounce rate", "mails_bounced", "mails_sent"),
      .less_is_better = true,
      .definition = "Mails bounced divided by mails sent in the period. Keep it under 2 percent." },
    { RATE("mail_open_rate", "Open rate", "mail_opens", "mails_delivered"),
      .definition = "Mails opened by people divided by mails delivered in the period." },
    { RATE("mail_ctr", "Click rate (CTR)", "mail_clicks", "mails_delivered"),
      .definition = "Mails clicked by people divided by mails delivered in the period." },
    { RATE("mail_ctor", "Click-to-open rate (CTOR)", "mail_clicks", "mail_opens"),
      .definition = "Mails clicked divided by mails opened by people in the period." },
    { RATE("mail_complaint_rate", "Complaint rate", "mail_complaints", "mails_delivered"),
      .less_is_better = true,
      .definition = "Complaints divided by mails delivered in the period. Keep it under 0.1 "
                    "percent; providers refuse mail from 0.3 percent on." },
    { RATE("mail_unsubscribe_rate", "Unsubscribe rate", "mail_unsubscribes", "mails_delivered"),
      .less_is_better = true,
      .definition = "Unsubscribes divided by mails delivered in the period." },
};
const struct feature feature_numbers = { .name = "numbers",
                                         DIMENSIONS(dimensions),
                                         METRICS(metrics) };
