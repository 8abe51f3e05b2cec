/* flow_ready.c -- flows to begin with. Each is a draft that its maker looks through, completes (the
 * form, the stage, the words) and publishes. Mails that want a design are copies out of the mail
 * library; short letters are plain text, as a person would write them. */
#include "base/id.h"
#include "base/json.h"
#include "kit/pages.h"
#include "mail/content.h"
#include "marketing/flow_page.h"

enum { DESIGNS = 3 };
static const struct ready {
    const char *name, *title, *about, *definition;
    struct {
        const char *step, *mail; /* a slug of the library */
    } designs[DESIGNS];
} ready[] = {
    /* clang-format off */
    { "welcome", "Welcome",
      "Greets new leads, shows them around over a week, and hands over who gets interes"
      "ted.",
      "{\"entry\":{\"again\":\"never\"},\"triggers\":[{\"id\":\"t1\",\"on\":\"form\"}],\"go"
      "als\":[{\"id\":\"g1\",\"title\":\"Sales has them\",\"on\":\"filter\",\"filter\":\"li"
      "fecycle in ('sal', 'sales_qualified', 'opportunity', 'customer')\"}],\"steps\":[{\"i"
      "d\":\"s1\",\"kind\":\"mail\",\"subject\":\"Good to have you here\",\"text\":\"Hello "
      "{{contact.first_name|there}},\\n\\nthank you for your interest. In the next days we "
      "will send you the three things that most people ask us about first.\\n\\nIf you have"
      " a question, just answer this mail: a person reads it.\"},{\"id\":\"s2\",\"kind\":\""
      "wait\",\"amount\":2,\"unit\":\"days\"},{\"id\":\"s3\",\"kind\":\"wait_time\",\"when"
      "\":\"own\",\"days\":\"mon,tue,wed,thu,fri\",\"begin\":\"09:00\",\"end\":\"17:00\",\""
      "zone\":\"person\"},{\"id\":\"s4\",\"kind\":\"mail\",\"subject\":\"The three question"
      "s we hear most\",\"text\":\"Hello {{contact.first_name|there}},\\n\\nhow long does i"
      "t take, what does it cost, and who else does it? Short answers to all three are on o"
      "ur site.\\n\\nWhich one matters most to you?\"},{\"id\":\"s5\",\"kind\":\"wait_event"
      "\",\"on\":\"mail\",\"what\":\"clicked\",\"from\":\"flow\",\"amount\":3,\"unit\":\"da"
      "ys\",\"paths\":[{\"id\":\"s5y\",\"name\":\"It happens\",\"steps\":[{\"id\":\"s6\",\""
      "kind\":\"tag\",\"do\":\"add\",\"tag\":\"warm\"},{\"id\":\"s7\",\"kind\":\"task\",\"s"
      "ubject\":\"Write to {{contact.first_name|this lead}}: read our welcome mails\",\"wha"
      "t\":\"call\",\"days\":1,\"whose\":\"owner\"}]},{\"id\":\"s5n\",\"name\":\"Time runs "
      "out\",\"steps\":[{\"id\":\"s8\",\"kind\":\"mail\",\"subject\":\"Shall we show you?\""
      ",\"text\":\"Hello {{contact.first_name|there}},\\n\\ntwenty minutes, your own exampl"
      "es, no slides. Answer with a day that suits you.\"}]}]},{\"id\":\"s9\",\"kind\":\"wa"
      "it\",\"amount\":3,\"unit\":\"days\"},{\"id\":\"s10\",\"kind\":\"if\",\"filter\":\"sc"
      "ore >= 60\",\"paths\":[{\"id\":\"s10y\",\"name\":\"Yes\",\"steps\":[{\"id\":\"s11\","
      "\"kind\":\"handoff\",\"reason\":\"Read the welcome mails and came back\"}]},{\"id\":"
      "\"s10n\",\"name\":\"No\",\"steps\":[]}]}]}",
      { { "s1", "welcome" } } },
    { "nurture", "Nurture",
      "Keeps leads who are not ready in good company: one useful mail every two weeks, "
      "until they move.",
      "{\"entry\":{\"again\":\"after\",\"days\":365,\"filter\":\"lifecycle in ('subscriber'"
      ", 'lead')\"},\"triggers\":[{\"id\":\"t1\",\"on\":\"field\",\"field\":\"lead_status\""
      ",\"to\":\"nurturing\"},{\"id\":\"t2\",\"on\":\"hand\"}],\"goals\":[{\"id\":\"g1\",\""
      "title\":\"Score over the line\",\"on\":\"filter\",\"filter\":\"score >= 100\"},{\"id"
      "\":\"g2\",\"title\":\"Answered\",\"on\":\"mail\",\"what\":\"replied\",\"from\":\"flo"
      "w\"}],\"steps\":[{\"id\":\"s1\",\"kind\":\"mail\",\"subject\":\"How others decide\","
      "\"text\":\"Hello {{contact.first_name|there}},\\n\\na short read: the four points th"
      "at buyers compare before they choose, and the one they regret not asking about.\"},{"
      "\"id\":\"s2\",\"kind\":\"wait\",\"amount\":14,\"unit\":\"days\"},{\"id\":\"s3\",\"ki"
      "nd\":\"wait_time\",\"when\":\"own\",\"days\":\"mon,tue,wed,thu,fri\",\"begin\":\"09:"
      "00\",\"end\":\"17:00\",\"zone\":\"person\"},{\"id\":\"s4\",\"kind\":\"branch\",\"by"
      "\":\"filter\",\"paths\":[{\"id\":\"p1\",\"name\":\"Larger companies\",\"filter\":\"c"
      "ompany_id.employees >= 200\",\"steps\":[{\"id\":\"s5\",\"kind\":\"mail\",\"subject\""
      ":\"What changes with two hundred people\",\"text\":\"Hello {{contact.first_name|ther"
      "e}},\\n\\nroles, rights, roll-out: what larger teams do differently in their first m"
      "onth.\"}]},{\"id\":\"p2\",\"name\":\"Everybody else\",\"steps\":[{\"id\":\"s6\",\"ki"
      "nd\":\"mail\",\"subject\":\"Start small, on a Monday\",\"text\":\"Hello {{contact.fi"
      "rst_name|there}},\\n\\nthe smallest useful beginning takes a morning. Here is the li"
      "st.\"}]}]},{\"id\":\"s7\",\"kind\":\"wait\",\"amount\":14,\"unit\":\"days\"},{\"id\""
      ":\"s8\",\"kind\":\"mail\",\"subject\":\"A number to take to your boss\",\"text\":\"H"
      "ello {{contact.first_name|there}},\\n\\nwhat the change saves, how to work it out fo"
      "r your team, and what people forget to count.\"},{\"id\":\"s9\",\"kind\":\"wait\",\""
      "amount\":30,\"unit\":\"days\"},{\"id\":\"s10\",\"kind\":\"tag\",\"do\":\"add\",\"tag"
      "\":\"nurtured\"}]}",
      { { "s1", "newsletter" } } },
    { "lead_magnet", "Lead magnet",
      "Delivers what was asked for, then finds out whether it was read and what comes n"
      "ext.",
      "{\"entry\":{\"again\":\"after\",\"days\":30},\"triggers\":[{\"id\":\"t1\",\"on\":\"f"
      "orm\"}],\"goals\":[{\"id\":\"g1\",\"title\":\"Asked for a talk\",\"on\":\"event\",\""
      "event\":\"meeting\"}],\"steps\":[{\"id\":\"s1\",\"kind\":\"mail\",\"subject\":\"Here"
      " is your guide\",\"text\":\"Hello {{contact.first_name|there}},\\n\\nas promised, th"
      "e guide is one click away. Page 7 is the one people copy.\"},{\"id\":\"s2\",\"kind\""
      ":\"wait_event\",\"on\":\"mail\",\"what\":\"clicked\",\"from\":\"flow\",\"amount\":2,"
      "\"unit\":\"days\",\"paths\":[{\"id\":\"s2y\",\"name\":\"It happens\",\"steps\":[{\"i"
      "d\":\"s3\",\"kind\":\"tag\",\"do\":\"add\",\"tag\":\"read the guide\"},{\"id\":\"s4"
      "\",\"kind\":\"score\",\"points\":10,\"reason\":\"Read the guide\"}]},{\"id\":\"s2n\""
      ",\"name\":\"Time runs out\",\"steps\":[{\"id\":\"s5\",\"kind\":\"mail\",\"subject\":"
      "\"Did it arrive?\",\"text\":\"Hello {{contact.first_name|there}},\\n\\nthe guide may"
      " have ended where newsletters go. Here it is again.\"}]}]},{\"id\":\"s6\",\"kind\":"
      "\"wait\",\"amount\":4,\"unit\":\"days\"},{\"id\":\"s7\",\"kind\":\"split\",\"paths\""
      ":[{\"id\":\"p1\",\"name\":\"A case\",\"share\":50,\"steps\":[{\"id\":\"s8\",\"kind\""
      ":\"mail\",\"subject\":\"How one team used page 7\",\"text\":\"Hello {{contact.first_"
      "name|there}},\\n\\nwhat they did in the first week, what they would do again, and wh"
      "at not.\"}]},{\"id\":\"p2\",\"name\":\"A talk\",\"share\":50,\"steps\":[{\"id\":\"s9"
      "\",\"kind\":\"mail\",\"subject\":\"Page 7, with your numbers?\",\"text\":\"Hello {{c"
      "ontact.first_name|there}},\\n\\nwe fill in the sheet with you. Fifteen minutes. Answ"
      "er with a time.\"}]}]}]}",
      { { "s1", "lead_magnet" } } },
    { "webinar", "Webinar",
      "Confirms, reminds the day before, thanks afterwards, and tells who came from who"
      " did not.",
      "{\"entry\":{\"again\":\"always\"},\"triggers\":[{\"id\":\"t1\",\"on\":\"form\"}],\"g"
      "oals\":[{\"id\":\"g1\",\"title\":\"Met sales\",\"on\":\"event\",\"event\":\"meeting"
      "\"}],\"steps\":[{\"id\":\"s1\",\"kind\":\"tag\",\"do\":\"add\",\"tag\":\"webinar: re"
      "gistered\"},{\"id\":\"s2\",\"kind\":\"mail\",\"subject\":\"You are in\",\"text\":\"H"
      "ello {{contact.first_name|there}},\\n\\nyour seat is reserved. We will remind you th"
      "e day before; the link will be in that mail.\"},{\"id\":\"s3\",\"kind\":\"wait\",\"a"
      "mount\":6,\"unit\":\"days\"},{\"id\":\"s4\",\"kind\":\"wait_time\",\"when\":\"own\","
      "\"days\":\"mon,tue,wed,thu,fri\",\"begin\":\"09:00\",\"end\":\"17:00\",\"zone\":\"pe"
      "rson\"},{\"id\":\"s5\",\"kind\":\"mail\",\"subject\":\"Tomorrow: the webinar\",\"tex"
      "t\":\"Hello {{contact.first_name|there}},\\n\\nsee you tomorrow. Bring one question "
      "of your own, the last fifteen minutes are yours.\"},{\"id\":\"s6\",\"kind\":\"wait\""
      ",\"amount\":2,\"unit\":\"days\"},{\"id\":\"s7\",\"kind\":\"if\",\"filter\":\"tags ha"
      "s 'webinar: came'\",\"paths\":[{\"id\":\"s7y\",\"name\":\"Yes\",\"steps\":[{\"id\":"
      "\"s8\",\"kind\":\"mail\",\"subject\":\"Thank you for coming\",\"text\":\"Hello {{con"
      "tact.first_name|there}},\\n\\nhere are the recording and the answers to all question"
      "s, also to those we had no time for.\"},{\"id\":\"s9\",\"kind\":\"score\",\"points\""
      ":20,\"reason\":\"Came to the webinar\"}]},{\"id\":\"s7n\",\"name\":\"No\",\"steps\":"
      "[{\"id\":\"s10\",\"kind\":\"mail\",\"subject\":\"Sorry we missed you\",\"text\":\"He"
      "llo {{contact.first_name|there}},\\n\\nthe recording waits for you, with chapters. T"
      "he answers begin at minute 32.\"}]}]}]}",
      { { "s5", "webinar_reminder" } } },
    { "re_engagement", "Re-engagement",
      "Asks contacts who have gone silent whether they still want to hear from you, and"
      " believes them.",
      "{\"entry\":{\"again\":\"after\",\"days\":180,\"filter\":\"lifecycle in ('subscriber'"
      ", 'lead', 'mql')\"},\"triggers\":[{\"id\":\"t1\",\"on\":\"date\",\"date\":\"last_see"
      "n_at\",\"days\":90}],\"goals\":[{\"id\":\"g1\",\"title\":\"Came back\",\"on\":\"even"
      "t\",\"event\":\"pageview\"}],\"steps\":[{\"id\":\"s1\",\"kind\":\"wait_time\",\"when"
      "\":\"own\",\"days\":\"mon,tue,wed,thu,fri\",\"begin\":\"09:00\",\"end\":\"17:00\",\""
      "zone\":\"person\"},{\"id\":\"s2\",\"kind\":\"mail\",\"subject\":\"Still of use to yo"
      "u?\",\"text\":\"Hello {{contact.first_name|there}},\\n\\nwe have not seen you for a "
      "while. If our mails are still of use, one click keeps them coming. If not, we will s"
      "top.\"},{\"id\":\"s3\",\"kind\":\"wait_event\",\"on\":\"mail\",\"what\":\"clicked\","
      "\"from\":\"flow\",\"amount\":7,\"unit\":\"days\",\"paths\":[{\"id\":\"s3y\",\"name\""
      ":\"It happens\",\"steps\":[{\"id\":\"s4\",\"kind\":\"exit\"}]},{\"id\":\"s3n\",\"nam"
      "e\":\"Time runs out\",\"steps\":[{\"id\":\"s5\",\"kind\":\"mail\",\"subject\":\"The "
      "last one\",\"text\":\"Hello {{contact.first_name|there}},\\n\\nthis is the last mail"
      ", unless you tell us otherwise. Thank you for your time.\"}]}]},{\"id\":\"s6\",\"kin"
      "d\":\"wait_event\",\"on\":\"mail\",\"what\":\"clicked\",\"from\":\"flow\",\"amount\""
      ":14,\"unit\":\"days\",\"paths\":[{\"id\":\"s6y\",\"name\":\"It happens\",\"steps\":["
      "{\"id\":\"s7\",\"kind\":\"exit\"}]},{\"id\":\"s6n\",\"name\":\"Time runs out\",\"ste"
      "ps\":[{\"id\":\"s8\",\"kind\":\"tag\",\"do\":\"add\",\"tag\":\"silent\"}]}]}]}",
      { { "s2", "re_engagement" } } },
    { "abandoned_quote", "Abandoned quote",
      "When a proposal lies for a week without an answer, asks what is missing, and tel"
      "ls the owner.",
      "{\"entry\":{\"again\":\"after\",\"days\":60},\"triggers\":[{\"id\":\"t1\",\"on\":\"d"
      "eal\"}],\"goals\":[{\"id\":\"g1\",\"title\":\"Won\",\"on\":\"event\",\"event\":\"dea"
      "l_won\"},{\"id\":\"g2\",\"title\":\"Answered\",\"on\":\"mail\",\"what\":\"replied\","
      "\"from\":\"flow\"},{\"id\":\"g3\",\"title\":\"Lost\",\"on\":\"event\",\"event\":\"de"
      "al_lost\"}],\"steps\":[{\"id\":\"s1\",\"kind\":\"wait\",\"amount\":7,\"unit\":\"days"
      "\"},{\"id\":\"s2\",\"kind\":\"wait_time\",\"when\":\"own\",\"days\":\"mon,tue,wed,th"
      "u,fri\",\"begin\":\"09:00\",\"end\":\"17:00\",\"zone\":\"person\"},{\"id\":\"s3\",\""
      "kind\":\"mail\",\"subject\":\"What is still missing?\",\"text\":\"Hello {{contact.fi"
      "rst_name|there}},\\n\\nour proposal is with you since last week. Is there a question"
      " that it does not answer? A line is enough.\"},{\"id\":\"s4\",\"kind\":\"wait\",\"am"
      "ount\":5,\"unit\":\"days\"},{\"id\":\"s5\",\"kind\":\"task\",\"subject\":\"Call {{co"
      "ntact.first_name|them}}: the proposal is two weeks old\",\"what\":\"call\",\"days\":"
      "1,\"whose\":\"owner\"},{\"id\":\"s6\",\"kind\":\"wait\",\"amount\":10,\"unit\":\"day"
      "s\"},{\"id\":\"s7\",\"kind\":\"notify\",\"text\":\"no answer to the proposal for thr"
      "ee weeks\",\"whose\":\"owner\"}]}",
      { { "s3", "abandoned_quote" } } },
    { "renewal", "Renewal",
      "Begins a month before a customer's anniversary: news first, then a talk, then th"
      "e owner.",
      "{\"entry\":{\"again\":\"always\",\"filter\":\"lifecycle = 'customer'\"},\"triggers\""
      ":[{\"id\":\"t1\",\"on\":\"date\",\"date\":\"customer_at\",\"days\":-30,\"yearly\":tr"
      "ue}],\"goals\":[{\"id\":\"g1\",\"title\":\"Renewed\",\"on\":\"event\",\"event\":\"de"
      "al_won\"}],\"steps\":[{\"id\":\"s1\",\"kind\":\"mail\",\"subject\":\"Your year with "
      "us\",\"text\":\"Hello {{contact.first_name|there}},\\n\\na year goes by quickly. Her"
      "e is what has become better since you began, and what comes next.\"},{\"id\":\"s2\","
      "\"kind\":\"wait\",\"amount\":10,\"unit\":\"days\"},{\"id\":\"s3\",\"kind\":\"task\","
      "\"subject\":\"Renewal: talk to {{contact.first_name|the customer}}\",\"what\":\"call"
      "\",\"days\":2,\"whose\":\"owner\"},{\"id\":\"s4\",\"kind\":\"wait\",\"amount\":10,\""
      "unit\":\"days\"},{\"id\":\"s5\",\"kind\":\"if\",\"filter\":\"lead_status = 'connecte"
      "d'\",\"paths\":[{\"id\":\"s5y\",\"name\":\"Yes\",\"steps\":[]},{\"id\":\"s5n\",\"nam"
      "e\":\"No\",\"steps\":[{\"id\":\"s6\",\"kind\":\"mail\",\"subject\":\"Shall we go on "
      "together?\",\"text\":\"Hello {{contact.first_name|there}},\\n\\nyour contract renews"
      " soon. If something should change, now is a good moment: answer this mail and we loo"
      "k at it together.\"}]}]}]}",
      { { "s1", "renewal" } } },
    { "review_request", "Review request",
      "Asks happy customers for a review once they have had time to form an opinion.",
      "{\"entry\":{\"again\":\"never\"},\"triggers\":[{\"id\":\"t1\",\"on\":\"event\",\"eve"
      "nt\":\"deal_won\"}],\"goals\":[{\"id\":\"g1\",\"title\":\"Clicked to review\",\"on\""
      ":\"mail\",\"what\":\"clicked\",\"from\":\"flow\"}],\"steps\":[{\"id\":\"s1\",\"kind"
      "\":\"wait\",\"amount\":30,\"unit\":\"days\"},{\"id\":\"s2\",\"kind\":\"wait_time\","
      "\"when\":\"own\",\"days\":\"mon,tue,wed,thu,fri\",\"begin\":\"09:00\",\"end\":\"17:0"
      "0\",\"zone\":\"person\"},{\"id\":\"s3\",\"kind\":\"mail\",\"subject\":\"Two minutes "
      "for a review?\",\"text\":\"Hello {{contact.first_name|there}},\\n\\nyou have worked "
      "with us for a month. Would you tell others how it went? Two honest sentences help mo"
      "re than five stars.\"},{\"id\":\"s4\",\"kind\":\"wait\",\"amount\":10,\"unit\":\"day"
      "s\"},{\"id\":\"s5\",\"kind\":\"mail\",\"subject\":\"A small reminder\",\"text\":\"He"
      "llo {{contact.first_name|there}},\\n\\nif you meant to and it slipped through: here "
      "is the link again. If not, no hard feelings.\"},{\"id\":\"s6\",\"kind\":\"wait\",\"a"
      "mount\":14,\"unit\":\"days\"},{\"id\":\"s7\",\"kind\":\"tag\",\"do\":\"add\",\"tag\""
      ":\"asked for review\"}]}",
      { { "s3", "review_request" } } },
    /* clang-format on */
};

static struct val *mail_step(struct val *list, const char *id)
{
    for (size_t i = 0; i < val_count(list); i++) {
        struct val *step = (struct val *)val_at(list, i); /* of a tree that was read for this */
        const struct val *paths = val_get(step, "paths");
        if (text_is(val_get_text(step, "id"), id))
            return step;
        for (size_t k = 0; k < val_count(paths); k++) {
            struct val *found = mail_step((struct val *)val_get(val_at(paths, k), "steps"), id);
            if (found)
                return found;
        }
    }
    return NULL;
}

/* Copies the mails out of the library and puts them into their steps. Who may make no mails gets
 * the plain texts. */
static enum status with_mails(struct ctx *cx, const struct ready *f, const char **definition)
{
    struct val *def;

    *definition = f->definition;
    if (access_scope(cx->access, "mail_content", VERB_CREATE) == SCOPE_NONE)
        return OK;
    TRY(json_read(cx->arena, str_from(f->definition), &def, NULL));
    for (size_t i = 0; i < DESIGNS && f->designs[i].step; i++) {
        struct val *step = mail_step((struct val *)val_get(def, "steps"), f->designs[i].step);
        struct row *mail;
        assert(step != NULL);
        TRY(library_use(cx, f->designs[i].mail, &mail));
        val_put_text(step, "content", id_text(cx->arena, row_id(mail)));
        val_put_text(step, "subject", "");
        val_put_text(step, "text", "");
    }
    *definition = json_text(cx->arena, def);
    return OK;
}

enum status flow_make_ready(struct ctx *cx, const char *name, i64 *id)
{
    for (size_t i = 0; i < countof(ready); i++) {
        const char *definition;
        struct row *r;
        if (!text_is(ready[i].name, name))
            continue;
        TRY(with_mails(cx, &ready[i], &definition));
        r = row_new(cx, &flow_type);
        row_set_text(r, FLOW_NAME, ready[i].title);
        row_set_text(r, FLOW_ABOUT, ready[i].about);
        row_set_text(r, FLOW_DEFINITION, definition);
        TRY(record_save(cx, r));
        *id = row_id(r);
        return OK;
    }
    return ctx_fail(cx, E_NOT_FOUND, "There is no ready-made flow '%s'.", name);
}

/* GET /flows/ready */
enum status flow_ready_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "flows"),
               *crumbs = val_put_list(page, "crumbs"), *back = val_add_map(crumbs);

    val_put_text(back, "text", "Flows");
    val_put_text(back, "url", "/flows");
    val_put_text(page, "title", "New flow");
    for (size_t i = 0; i < countof(ready); i++) {
        struct val *one = val_add_map(list), *steps = val_put_list(one, "steps");
        struct flow_plan *p;
        val_put_text(one, "name", ready[i].name);
        val_put_text(one, "text", ready[i].title);
        val_put_text(one, "about", ready[i].about);
        TRY(flow_plan_read(cx, cx->arena, 0, ready[i].definition, NULL, &p));
        val_put_i64(one, "count", p->step_count);
        for (int k = 0; k < p->step_count && k < 7; k++)
            val_put_text(val_add_map(steps), "icon", p->steps[k].kind->icon);
    }
    return reply(rq, "flow_page/ready", page);
}

/* POST /flows/ready {name}: a ready-made one, or with title an empty one. */
enum status flow_ready_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    i64 id;

    if (!text_empty(req_form(rq, "name"))) {
        TRY(flow_make_ready(cx, req_form(rq, "name"), &id));
        TRY(record_get(cx, &flow_type, id, &r));
        return reply_done(rq, row_path(cx, r), "A draft: look it through, then publish it.");
    }
    r = row_new(cx, &flow_type);
    row_set_text(r, FLOW_NAME,
                 text_empty(req_form(rq, "title")) ? "New flow" : req_form(rq, "title"));
    TRY(record_save(cx, r));
    return reply_redirect(rq, row_path(cx, r));
}
