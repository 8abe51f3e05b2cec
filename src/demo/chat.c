/* chat.c -- conversations of the demo company's chat: some answered and closed, some waiting, and
 * two of this morning that nobody has answered yet. */
#include "bridge/contact.h"
#include "bridge/conversation.h"
#include "demo/demo_int.h"

/* '<' they, '>' we, '#' a note; the last line says how it stands. */
static const struct {
    const char *page, *name;
    i64 minutes_ago;
    bool known; /* one of our contacts */
    const char *state;
    const char *lines[8];
} talks[] = {
    { "/pricing",
      "",
      40,
      true,
      "open",
      { "<Does the price include the gateway, or is that extra?", NULL } },
    { "/product/frost-alarm",
      "",
      12,
      false,
      "open",
      { "<Hello, does the alarm call a phone or is it only the app? We sleep soundly here.",
        NULL } },
    { "/solutions/vineyards",
      "Odile",
      26 * 60,
      true,
      "waiting",
      { "<We have steep terraces and bad reception. Will the probes reach the gateway?",
        ">Mostly yes: they hop from probe to probe. On terraces we put one relay on top. How many "
        "hectares is it?",
        "<About nine.", ">Then one relay does. I can send you a plan of a vineyard like yours.",
        "#Looks like a case for the Mosel reference.", NULL } },
    { "/docs/install",
      "",
      3 * 1440,
      true,
      "closed",
      { "<The third probe shows a red light after the update.",
        ">Hold its button for ten seconds; it fetches the update again. Does it turn green?",
        "<Yes. Thank you, that was quick.", ">Glad to hear it. We will close this here.", NULL } },
    { "/customers/orchard",
      "Jonas",
      5 * 1440,
      false,
      "closed",
      { "<Do you sell in Denmark?", ">We do, through a partner in Odense. Shall they call you?",
        "<No, I will write to them myself.", NULL } },
    { "/pricing",
      "",
      8 * 1440,
      true,
      "closed",
      { "<Is there a price for cooperatives?",
        ">From fifty probes on there is. Our colleague in sales knows your case and calls "
        "tomorrow.",
        "#Handed to sales: 64 growers.", "<Fine.", NULL } },
};

static enum status say_line(struct sim *s, struct row *r, const char *line, i64 at)
{
    enum author who = line[0] == '<' ? AUTHOR_VISITOR : line[0] == '#' ? AUTHOR_NOTE : AUTHOR_TEAM;

    s->clock.fixed_ms = at;
    sim_as(s, who == AUTHOR_VISITOR ? -1 : 1);
    return conversation_say(&s->cx, r, who, line + 1, NULL);
}

/* Somebody of our contacts that is fairly new, another one each time; 0: there are too few. */
static i64 somebody(struct sim *s, size_t n)
{
    size_t back = 3 + n * 7;

    return s->contacts.count > back ? s->contacts.at[s->contacts.count - back].id : 0;
}

static enum status make_talk(struct sim *s, size_t n)
{
    struct row *r = row_new(&s->cx, &conversation_type);
    i64 at = s->end_ms - talks[n].minutes_ago * MS_MINUTE,
        contact = talks[n].known ? somebody(s, n) : 0;

    s->clock.fixed_ms = at;
    sim_as(s, -1);
    row_set_text(r, CONVERSATION_CHANNEL, "chat");
    row_set_text(r, CONVERSATION_NAME, talks[n].name);
    row_set_text(r, CONVERSATION_SITE, "alderfield.example");
    row_set_text(r, CONVERSATION_PAGE,
                 arena_printf(s->work, "https://alderfield.example%s", talks[n].page));
    row_set_text(r, CONVERSATION_ADDRESS, "203.0.113.77");
    row_set_text(r, CONVERSATION_LANGUAGE, "en");
    if (contact)
        row_set_i64(r, CONVERSATION_CONTACT, contact);
    TRY(conversation_start(&s->cx, r, talks[n].lines[0] + 1, NULL));
    for (size_t i = 1; talks[n].lines[i]; i++)
        TRY(say_line(s, r, talks[n].lines[i], at += 70 * MS_SECOND));
    if (!text_is(talks[n].state, "closed"))
        return OK;
    sim_as(s, 1);
    return conversation_move(&s->cx, r, "closed");
}

static enum status make_snippet(struct sim *s, const char *name, const char *text)
{
    struct row *r = row_new(&s->cx, &snippet_type);

    row_set_text(r, SNIPPET_NAME, name);
    row_set_text(r, SNIPPET_TEXT, text);
    return record_save(&s->cx, r);
}

enum status chats_make(struct sim *s)
{
    sim_as(s, 1);
    TRY(make_snippet(s, "Greeting", "Hello, how can I help you?"));
    TRY(make_snippet(s, "Book a demo",
                     "The quickest way is half an hour on a screen: "
                     "https://alderfield.example/demo"));
    TRY(make_snippet(s, "Delivery", "We ship within two days; in the frost season the same day."));
    for (size_t i = countof(talks); i-- > 0;)
        TRY(make_talk(s, i));
    s->clock.fixed_ms = s->end_ms;
    sim_as(s, -1);
    return OK;
}
