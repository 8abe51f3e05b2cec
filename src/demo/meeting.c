/* meeting.c -- the demo company's booking pages, and the meetings of this week and the next. They
 * are records like those that people make; the pages' fields are named, since demo knows no
 * team's folder. */
#include "base/id.h"
#include "demo/demo_int.h"
#include "kit/filter.h"

static const struct {
    const char *name, *slug, *title, *intro, *minutes, *place, *link, *questions, *mode;
    int host, more; /* colleagues; 0: no more */
} booking_pages[] = {
    { "First talk", "first-talk", "A first talk about your fields",
      "Half an hour in which we look at your fields together and say honestly whether probes pay "
      "there.",
      "30", "Video call", "https://meet.alderfield.example/first-talk",
      "Which crop, and how many hectares? *\nWhat would you like to know?", "round_robin", 4, 5 },
    { "Product demo", "demo", "See Alderfield at work",
      "We show the probes, the gateway and the app on a field like yours.", "45, 60", "Video call",
      "https://meet.alderfield.example/demo", "What should we show? *", "round_robin", 6, 0 },
};

static const struct {
    int day, hour, minute, minutes; /* day: from Monday of this week */
    int host;
    const char *kind, *subject, *place, *answer; /* answer "": nobody is invited */
} plans[] = {
    { 0, 9, 0, 30, 4, "meeting", "Sales stand-up", "Small meeting room", "" },
    { 0, 14, 0, 60, 4, "meeting", "Demo on the screen", "Video call", "accepted" },
    { 1, 10, 0, 45, 4, "meeting", "Offer: questions of the grower", "Video call", "accepted" },
    { 1, 10, 30, 30, 5, "meeting", "First talk", "Video call", "tentative" },
    { 1, 15, 30, 30, 4, "meeting", "First talk", "Video call", "needs_action" },
    { 2, 9, 30, 90, 4, "meeting", "Walk over the trial field", "At the customer's", "accepted" },
    { 2, 13, 0, 60, 5, "meeting", "Demo on the screen", "Video call", "accepted" },
    { 3, 9, 0, 60, 4, "meeting", "Forecast round", "Small meeting room", "" },
    { 3, 11, 0, 30, 4, "meeting", "First talk", "Video call", "accepted" },
    { 3, 11, 0, 45, 4, "meeting", "Contract: last points", "Phone", "needs_action" },
    { 4, 10, 0, 60, 4, "meeting", "Negotiation: framework contract", "Video call", "accepted" },
    { 4, 14, 30, 30, 5, "meeting", "First talk", "Video call", "declined" },
    { 7, 9, 0, 30, 4, "meeting", "Sales stand-up", "Small meeting room", "" },
    { 7, 13, 30, 45, 4, "meeting", "Demo on the screen", "Video call", "accepted" },
    { 8, 11, 0, 30, 5, "meeting", "First talk", "Video call", "needs_action" },
    { 9, 10, 0, 60, 4, "meeting", "Harvest review with the cooperative", "Video call", "accepted" },
    { 10, 15, 0, 30, 4, "meeting", "First talk", "Video call", "tentative" },
};

/* What is to be done about the newest of a salesperson's open deals. */
static const struct {
    int day, minute; /* from today, of the day */
    int host;
    size_t of;
    const char *kind, *subject;
} todos[] = {
    { -1, 16 * 60, 4, 1, "task", "Send the two references that were asked for" },
    { 0, 9 * 60 + 30, 4, 0, "call", "Call back about delivery" },
    { 0, 11 * 60 + 30, 4, 2, "mail", "Write down what was agreed on the telephone" },
    { 0, 16 * 60, 4, 3, "call", "Ask whether the board has met" },
    { 0, 17 * 60, 4, 4, "task", "Draw the plan of the sensors" },
    { 1, 10 * 60, 4, 5, "call", "Ask for the purchase order" },
    { 2, 15 * 60, 4, 6, "task", "Set up the trial in the lower rows" },
    { 0, 15 * 60, 5, 0, "call", "Call back about the offer" },
    { 2, 16 * 60, 5, 1, "task", "Send the plan of the vineyard" },
    { 0, 16 * 60 + 30, 6, 0, "task", "Send procurement the certificates" },
};

static void put(struct row *r, const char *field, const char *text)
{
    row_set_text(r, type_field(row_type(r), field), text);
}

static void put_number(struct row *r, const char *field, i64 n)
{
    row_set_i64(r, type_field(row_type(r), field), n);
}

static enum status make_page(struct sim *s, size_t n)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "booking_page")), *host;

    put(r, "name", booking_pages[n].name);
    put(r, "slug", booking_pages[n].slug);
    put(r, "title", booking_pages[n].title);
    put(r, "intro", booking_pages[n].intro);
    put(r, "minutes", booking_pages[n].minutes);
    put(r, "location", booking_pages[n].place);
    put(r, "link", booking_pages[n].link);
    put(r, "questions", booking_pages[n].questions);
    put(r, "mode", booking_pages[n].mode);
    put_number(r, "owner_id", s->user_ids[booking_pages[n].host]);
    put_number(r, "buffer_after", 15);
    TRY(record_save(&s->cx, r));
    if (booking_pages[n].more == 0)
        return OK;
    host = row_new(&s->cx, type_find(&s->cx, "booking_host"));
    put_number(host, "booking_page_id", row_id(r));
    put_number(host, "user_id", s->user_ids[booking_pages[n].more]);
    return record_save(&s->cx, host);
}

/* Somebody of our contacts, another one each time; NULL: there are too few. */
static const struct contact *somebody(struct sim *s, size_t n)
{
    size_t back = 5 + n * 11;
    const struct contact *c =
        s->contacts.count > back ? &s->contacts.at[s->contacts.count - back] : NULL;

    return c && c->id ? c : NULL;
}

/* The demo company sends no invitations: its guests have answered already, and some think again. */
static enum status make_guest(struct sim *s, const struct row *meeting, i64 contact,
                              const char *answer)
{
    struct row *guest = row_new(&s->cx, type_find(&s->cx, "meeting_guest"));
    bool open = text_is(answer, "needs_action");

    put_number(guest, "activity_id", row_id(meeting));
    put_number(guest, "contact_id", contact);
    put(guest, "answer", open ? "tentative" : answer);
    put_number(guest, "answered_at", s->end_ms);
    TRY(record_save(&s->cx, guest));
    if (!open)
        return OK;
    put(guest, "answer", answer);
    row_clear(guest, type_field(row_type(guest), "answered_at"));
    return record_save(&s->cx, guest);
}

static enum status make_plan(struct sim *s, size_t n, i64 monday)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "activity"));
    const struct contact *who = plans[n].answer[0] ? somebody(s, n) : NULL;
    i64 at = zone_instant(s->zone, monday + plans[n].day, plans[n].hour * 60 + plans[n].minute);
    i64 end = at + plans[n].minutes * (i64)MS_MINUTE;

    put(r, "kind", plans[n].kind);
    put(r, "subject", plans[n].subject);
    put(r, "location", plans[n].place);
    put_number(r, "owner_id", s->user_ids[plans[n].host]);
    put_number(r, "due_at", at);
    put_number(r, "minutes", plans[n].minutes);
    if (who)
        put_number(r, "contact_id", who->id);
    if (who && who->company >= 0)
        put_number(r, "company_id", s->firms.at[who->company].id);
    if (end < s->end_ms) {
        put_number(r, "done", 1);
        put(r, "outcome", text_is(plans[n].kind, "meeting") ? "held" : "reached");
    }
    TRY(record_save(&s->cx, r));
    return who ? make_guest(s, r, who->id, plans[n].answer) : OK;
}

/* The nth of a salesperson's, the newest first; *out NULL: they have not so many. */
static enum status nth_of(struct sim *s, const char *type, const char *which, int host, size_t n,
                          struct row **out)
{
    const char *filter =
        arena_printf(s->work, "owner_id = %s and %s", id_text(s->work, s->user_ids[host]), which);
    struct list_page page;

    TRY(list_run(
        &s->cx, type_find(&s->cx, type),
        &(struct list_query){ .filter = filter, .sort = "-created_at", .limit = (int)n + 1 },
        &page));
    *out = page.count > n ? page.rows[n] : NULL;
    return OK;
}

/* About a deal; of who has too few of them, about a contact. */
static enum status make_todo(struct sim *s, size_t n, i64 today)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "activity")), *deal, *contact = NULL;
    int host = todos[n].host;

    TRY(nth_of(s, "deal",
               "status = 'open' and pipeline_id.is_renewal is false and contact_id is not empty",
               host, todos[n].of, &deal));
    if (deal == NULL)
        TRY(nth_of(s, "contact", "phone is not empty and company_id is not empty", host,
                   todos[n].of, &contact));
    if (deal == NULL && contact == NULL)
        return OK;
    put(r, "kind", todos[n].kind);
    put(r, "subject", todos[n].subject);
    if (deal)
        put_number(r, "deal_id", row_id(deal));
    else {
        put_number(r, "contact_id", row_id(contact));
        put_number(r, "company_id", row_i64(contact, type_field(row_type(contact), "company_id")));
    }
    put_number(r, "owner_id", s->user_ids[host]);
    put_number(r, "due_at", zone_instant(s->zone, today + todos[n].day, todos[n].minute));
    return record_save(&s->cx, r);
}

enum status meetings_make(struct sim *s)
{
    i64 today = zone_day(s->zone, s->end_ms), monday = today - date_weekday(today);

    if (type_find(&s->cx, "booking_page") == NULL)
        return OK;
    s->clock.fixed_ms = s->end_ms;
    sim_as(s, -1);
    for (size_t i = 0; i < countof(booking_pages); i++)
        TRY(make_page(s, i));
    for (size_t i = 0; i < countof(plans); i++)
        TRY(make_plan(s, i, monday));
    for (size_t i = 0; i < countof(todos); i++)
        TRY(make_todo(s, i, today));
    s->clock.fixed_ms = s->end_ms;
    return OK;
}
