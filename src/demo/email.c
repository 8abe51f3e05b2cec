/* email.c -- mails between salespeople and customers, as their connected mailboxes would have
 * brought them: threads of the deals that were worked on last. The company's mail server does not
 * exist, so the mailboxes are paused. */
#include "base/buf.h"
#include "base/id.h"
#include "bridge/contact.h"
#include "demo/demo_int.h"
#include "mail/mailbox.h"

enum { THREADS_MAX = 80, LINES_MAX = 5, TEXT_BYTES = 4000 };

/* {f} first name, {c} company, {t} town, {p} product, {k} crop, {n} number, {b} our colleague. */
struct line {
    bool out;
    const char *text; /* NULL: the end */
};
static const struct script {
    const char *subject;
    struct line lines[LINES_MAX + 1];
} scripts[] = {
    { "Offer for {c}",
      { { true, "Hello {f},\n\nthank you for the walk through the rows. As promised, the offer for "
                "{n} ha of {k}: one gateway, "
                "the sensors and installation before the season.\n\nPlease look at position 4, I "
                "was not sure about the "
                "upper block." },
        { false, "Hi {b},\n\nthanks, that was quick. Position 4 is right, but the lower block has "
                 "its own well. Can the "
                 "valves there be added later?\n\n{f}" },
        { true, "Hello {f},\n\nyes, they join the same gateway, nothing to plan for today. I left "
                "them out and noted the "
                "price on page 2." },
        { false, "Good. My brother does the books, he reads it at the weekend. You hear from me on "
                 "Monday." } } },
    { "Radio check in {t}",
      { { false, "Hello,\n\nwe are behind a hill and the mobile network is bad. Does your system "
                 "work there at all?\n\n"
                 "{f}, {c}" },
        { true, "Hello {f},\n\nmost of our customers sit behind a hill. I looked at the map: one "
                "repeater on the machine hall "
                "should do. Shall I come by next week and measure?" },
        { false, "Thursday after ten is fine. Bring boots." } } },
    { "Question about {p}",
      { { false, "Good morning,\n\nI read your page about {p}. We grow {k} on {n} ha and irrigate "
                 "by hand. What does it cost "
                 "for a first season?" },
        { true, "Good morning {f},\n\nfor a first season most begin with one block: gateway, six "
                "sensors, two valves. I put a "
                "price together if you send me a map of the blocks.\n\nUntil then: the guide "
                "attached to your download "
                "answers the usual ten questions." },
        { false,
          "Map is attached. The blue line is the stream, that is where the frost comes from." },
        { true, "Thank you, {f}. That is a clear map. You get the offer on Friday." },
        { false, "Perfect." } } },
    { "Reference near {t}",
      { { true, "Hello {f},\n\nyou asked for somebody nearby who has a season behind them. Two "
                "neighbours said yes, you may "
                "call them any evening. I send the numbers in a second mail." },
        { false, "Thanks {b}. I spoke to one of them, he only complained about the weather. Let us "
                 "go on.\n\n{f}" } } },
    { "Start of installation",
      { { true, "Hello {f},\n\nthe gateway and the sensors left our stock today. Our technician "
                "has a free slot on two days "
                "next week. Which one suits you?" },
        { false, "The second one, please. Before eight, the pickers come at nine." },
        { true, "Done: second day, half past seven. He calls when he leaves." } } },
    { "Grant papers",
      { { false, "Hi {b},\n\nthe office wants the offer with and without installation, on two "
                 "pages. Sorry for that.\n\n{f}" },
        { true,
          "No trouble at all, {f}. Both versions are attached, same number, letters A and B." },
        { false, "They took it. Answer in four weeks, they say." } } },
};

struct thread {
    struct sim *s;
    const struct script *script;
    struct row *contact;
    i64 mailbox, company;
    u8 rep;
    const char *first, *by, *town, *firm, *crop, *product;
    int number;
};

static const char *fill(const struct thread *t, const char *text)
{
    struct buf b = buf_in(t->s->work, TEXT_BYTES);

    for (; *text; text++) {
        if (text[0] != '{' || text[1] == '\0' || text[2] != '}') {
            buf_char(&b, *text);
            continue;
        }
        switch (text[1]) {
        case 'f':
            buf_text(&b, t->first);
            break;
        case 'c':
            buf_text(&b, t->firm);
            break;
        case 't':
            buf_text(&b, t->town);
            break;
        case 'p':
            buf_text(&b, t->product);
            break;
        case 'k':
            buf_text(&b, t->crop);
            break;
        case 'b':
            buf_text(&b, t->by);
            break;
        default:
            buf_i64(&b, t->number);
        }
        text += 2;
    }
    return buf_end(&b);
}

static const char *first_word(struct arena *a, const char *name)
{
    return arena_dup(a, name, strcspn(name, " "));
}

/* A colleague's mailbox, paused; made when it is first needed. */
static enum status mailbox_of(struct sim *s, u8 rep, i64 *id)
{
    const struct colleague *c = &colleagues[rep];
    struct row *r = row_new(&s->cx, &mailbox_type);

    row_set_text(r, MAILBOX_NAME, c->name);
    row_set_text(r, MAILBOX_ADDRESS, c->email);
    row_set_i64(r, MAILBOX_OWNER, s->user_ids[rep]);
    row_set_text(r, MAILBOX_HOST, "imap.alderfield.example");
    row_set_i64(r, MAILBOX_ACTIVE, 0);
    row_set_text(r, MAILBOX_SIGNATURE,
                 arena_printf(s->work, "%s\n%s, Alderfield", c->name, c->title));
    TRY(record_save(&s->cx, r));
    *id = row_id(r);
    return OK;
}

static enum status write_mail(const struct thread *t, const struct line *line, i64 at,
                              const char **ids, size_t number)
{
    struct sim *s = t->s;
    struct ctx *cx = &s->cx;
    struct row *r = row_new(cx, &email_type);
    const struct colleague *c = &colleagues[t->rep];
    const char *ours = arena_printf(s->work, "%s <%s>", c->name, c->email),
               *theirs = arena_printf(s->work, "%s <%s>", row_title(cx, t->contact),
                                      row_text(t->contact, CONTACT_EMAIL));
    const char *text = fill(t, line->text), *subject = fill(t, t->script->subject);
    struct val *props = val_map(s->work);

    row_set_id(r, kit_new_id(cx));
    ids[number] = arena_printf(s->work, "%s@%s", id_text(s->work, row_id(r)),
                               line->out ? "alderfield.example" : "mail.example");
    if (number > 0)
        subject = arena_printf(s->work, "Re: %s", subject);
    if (line->out)
        text = arena_printf(s->work, "%s\n\n-- \n%s\n%s, Alderfield", text, c->name, c->title);
    row_set_text(r, EMAIL_SUBJECT, subject);
    row_set_text(r, EMAIL_DIRECTION, line->out ? "out" : "in");
    row_set_i64(r, EMAIL_AT, at);
    row_set_i64(r, EMAIL_CONTACT, row_id(t->contact));
    if (t->company)
        row_set_i64(r, EMAIL_COMPANY, t->company);
    row_set_i64(r, EMAIL_OWNER, s->user_ids[t->rep]);
    row_set_i64(r, EMAIL_MAILBOX, t->mailbox);
    row_set_text(r, EMAIL_FROM, line->out ? ours : theirs);
    row_set_text(r, EMAIL_TO, line->out ? theirs : ours);
    row_set_text(r, EMAIL_TEXT, text);
    row_set_text(r, EMAIL_MESSAGE_ID, ids[number]);
    row_set_text(r, EMAIL_KEY, ids[number]);
    row_set_text(r, EMAIL_THREAD, ids[0]);
    row_set_text(r, EMAIL_REFERENCES, number ? ids[number - 1] : "");
    TRY(record_save(cx, r));
    TRY(db_run(cx, "email.add_person", I64("email", row_id(r)),
               I64("contact", row_id(t->contact))));
    val_put_text(props, "subject", subject);
    val_put_text(props, "text", fill(t, line->text));
    if (line->out)
        val_put_text(props, "by", c->name);
    return journey_note(
        cx, &(struct journey_note){ .kind = line->out ? "mail_written" : "mail_received",
                                    .contact_id = row_id(t->contact),
                                    .at_ms = at,
                                    .record_id = row_id(r),
                                    .props = props });
}

/* The last mail of a thread lies some days back, each one before it a few working hours. */
static enum status write_thread(struct thread *t, i64 end_ms)
{
    const char *ids[LINES_MAX];
    i64 at[LINES_MAX], when = end_ms;
    size_t count = 0;

    while (t->script->lines[count].text)
        count++;
    for (size_t i = count; i-- > 0;) {
        when = sim_work_before(t->s, when, 25 + rng_below(&t->s->side_rng, 500));
        at[i] = when + rng_below(&t->s->side_rng, 50) * (i64)MS_SECOND;
    }
    for (size_t i = 0; i < count; i++)
        TRY(write_mail(t, &t->script->lines[i], at[i], ids, i));
    return OK;
}

enum status email_threads(struct sim *s)
{
    i64 boxes[COLLEAGUES] = { 0 };
    size_t made = 0;

    for (size_t i = s->deals.count; i-- > 0 && made < THREADS_MAX;) {
        const struct deal *d = &s->deals.at[i];
        const struct contact *c = &s->contacts.at[d->contact];
        const struct firm *firm = d->firm >= 0 ? &s->firms.at[d->firm] : NULL;
        if (!c->id || (made > 4 && rng_percent(&s->side_rng, 40)))
            continue;
        const struct script *script = &scripts[rng_below(&s->side_rng, countof(scripts))];
        const char *crop = word_pick(&s->side_rng, crops);
        const char *product = word_pick(&s->side_rng, products);
        struct thread t = { .s = s,
                            .script = script,
                            .rep = d->rep,
                            .company = firm ? firm->id : 0,
                            .first = c->first,
                            .by = first_word(s->work, colleagues[d->rep].name),
                            .town = firm && firm->town ? firm->town : "the valley",
                            .firm = firm && firm->name ? firm->name : "your farm",
                            .crop = crop,
                            .product = product,
                            .number = rng_between(&s->side_rng, 4, 60) };
        TRY(record_get(&s->cx, &contact_type, c->id, &t.contact));
        if (!row_has(t.contact, CONTACT_EMAIL))
            continue;
        if (boxes[d->rep] == 0)
            TRY(mailbox_of(s, d->rep, &boxes[d->rep]));
        t.mailbox = boxes[d->rep];
        TRY(write_thread(&t, s->end_ms - (i64)(made * 11 % 40) * MS_DAY));
        made++;
    }
    return OK;
}
