/* form.c -- more forms of the demo company, as marketers make them: one in steps with conditions
 * and a translation, one that pops up; and how often all of them were seen, begun and sent in the
 * last months, by day and source. */
#include "bridge/contact.h"
#include "demo/demo_int.h"
#include "marketing/form_take.h"

enum { DAYS = 90 };

static const char trial[] =
    "{\"version\":2,\"language\":\"en\",\"ask\":1,\"disposable\":\"hold\",\"fields\":[{\"name"
    "\":\"crop\",\"kind\":\"choice\",\"label\":\"What do you grow?\",\"radio\":true,\"require"
    "d\":true,\"options\":[{\"value\":\"apples\",\"label\":\"Apples or pears\"},{\"value\":\""
    "vines\",\"label\":\"Vines\"},{\"value\":\"berries\",\"label\":\"Berries\"},{\"value\":\""
    "other\",\"label\":\"Something else\"}],\"t\":{\"de\":{\"label\":\"Was bauen Sie an?\",\""
    "options\":{\"apples\":\"Äpfel oder Birnen\",\"vines\":\"Wein\",\"berries\":\"Beeren\","
    "\"other\":\"Etwas anderes\"}}}},{\"name\":\"which\",\"kind\":\"text\",\"label\":\"Which "
    "crop?\",\"required\":true,\"if\":[{\"field\":\"crop\",\"op\":\"is\",\"value\":\"other\"}"
    "],\"t\":{\"de\":{\"label\":\"Welche Kultur?\"}}},{\"name\":\"acres\",\"kind\":\"number\""
    ",\"label\":\"Acres\",\"half\":true,\"min\":1,\"max\":20000,\"t\":{\"de\":{\"label\":\"He"
    "ktar\"}}},{\"name\":\"country\",\"kind\":\"country\",\"label\":\"Country\",\"half\":true"
    ",\"maps\":\"country\",\"t\":{\"de\":{\"label\":\"Land\"}}},{\"name\":\"frost\",\"kind\":"
    "\"yesno\",\"label\":\"We lost fruit to frost in the last two years\",\"t\":{\"de\":{\"la"
    "bel\":\"Wir hatten in den letzten zwei Jahren Frostschäden\"}}},{\"name\":\"you\",\"kin"
    "d\":\"step\",\"label\":\"About you\",\"t\":{\"de\":{\"label\":\"Über Sie\"}}},{\"name\""
    ":\"first_name\",\"kind\":\"text\",\"label\":\"First name\",\"half\":true,\"maps\":\"firs"
    "t_name\",\"t\":{\"de\":{\"label\":\"Vorname\"}}},{\"name\":\"last_name\",\"kind\":\"text"
    "\",\"label\":\"Last name\",\"half\":true,\"maps\":\"last_name\",\"t\":{\"de\":{\"label\""
    ":\"Nachname\"}}},{\"name\":\"email\",\"kind\":\"email\",\"label\":\"Work email\",\"requi"
    "red\":true,\"help\":\"We send the shipping note there.\",\"t\":{\"de\":{\"label\":\"E-Ma"
    "il\",\"help\":\"Dorthin kommt die Versandanzeige.\"}}},{\"name\":\"job\",\"kind\":\"text"
    "\",\"label\":\"Your part on the farm\",\"maps\":\"job_title\",\"ask_once\":true,\"t\":{"
    "\"de\":{\"label\":\"Ihre Aufgabe im Betrieb\"}}},{\"name\":\"phone\",\"kind\":\"phone\","
    "\"label\":\"Phone\",\"maps\":\"phone\",\"ask_once\":true,\"t\":{\"de\":{\"label\":\"Tele"
    "fon\"}}},{\"name\":\"letter\",\"kind\":\"consent\",\"topic\":\"newsletter\",\"label\":\""
    "Send me the monthly letter. I can take this back with one click at any time.\",\"t\":{\""
    "de\":{\"label\":\"Schicken Sie mir den Monatsbrief. Ich kann das jederzeit mit einem Kli"
    "ck widerrufen.\"}}}],\"texts\":{\"de\":{\"title\":\"Eine Sonde auf Probe\",\"intro\":\"S"
    "echs Wochen in Ihrer Anlage, ohne Kosten.\",\"button\":\"Sonde bestellen\",\"thanks\":\""
    "Danke. Die Sonde geht diese Woche auf den Weg.\"}},\"after\":[{\"do\":\"tag\",\"tag\":\""
    "probe on trial\"},{\"do\":\"notify\"},{\"do\":\"download\",\"url\":\"https://alderfield."
    "example/files/probe-first-steps.pdf\",\"text\":\"First steps with your probe (PDF)\"}]}";
static const char frost[] =
    "{\"version\":2,\"guard\":\"always\",\"popup\":{\"look\":\"slide\",\"after_s\":20,\"scrol"
    "l\":60,\"exit\":true,\"pages\":\"/blog*, /guides*\",\"days\":30},\"fields\":[{\"name\":"
    "\"email\",\"kind\":\"email\",\"label\":\"Work email\",\"required\":true},{\"name\":\"war"
    "n\",\"kind\":\"consent\",\"topic\":\"newsletter\",\"required\":true,\"label\":\"Yes, wri"
    "te to me when a frost night is coming.\"}]}";

static enum status make_form(struct sim *s, const char *name, const char *slug, const char *title,
                             const char *intro, const char *button, const char *thanks,
                             const char *makes, const char *inputs)
{
    struct row *r = row_new(&s->cx, s->form);

    put_text(r, "name", name);
    put_text(r, "slug", slug);
    put_text(r, "status", "published");
    put_text(r, "title", title);
    put_text(r, "intro", intro);
    put_text(r, "button", button);
    put_text(r, "thanks", thanks);
    put_text(r, "makes", makes);
    put_text(r, "inputs", inputs);
    return record_save(&s->cx, r);
}

enum status forms_more(struct sim *s)
{
    TRY(make_form(s, "A probe on trial", "trial", "A probe on trial",
                  "Six weeks in your own rows, at no cost.", "Order the probe",
                  "Thank you. The probe is on its way this week.", "lead", trial));
    return make_form(s, "Frost warning (pop-up)", "frost-warning", "A frost night is coming?",
                     "We write the afternoon before. Nothing else.", "Warn me",
                     "Thank you. Sleep well until then.", "subscriber", frost);
}

/* Of a hundred who see such a form, about so many begin it, and so many send it. */
static const struct {
    const char *slug;
    int begun, sent;
} habits[] = {
    { "demo", 34, 17 },    { "newsletter", 22, 16 }, { "frost-handbook", 41, 29 },
    { "contact", 52, 30 }, { "trial", 47, 21 },      { "frost-warning", 7, 4 },
};
static const struct {
    const char *source;
    u16 weight;
    int better; /* percent of the usual */
} sources[] = {
    { "google", 44, 100 },     { "", 22, 90 },     { "newsletter", 14, 150 },
    { "linkedin.com", 8, 70 }, { "bing", 5, 100 }, { "youtube.com", 4, 60 },
    { "chatgpt.com", 3, 130 },
};

/* ---- posts of the forms that the story does not know ---- */

static void put_answer(struct val *data, const char *name, const char *text)
{
    if (!text_empty(text))
        val_put_text(data, name, text);
}

static enum status post_form(struct sim *s, struct row *form, const struct form_def *def, size_t n,
                             bool of_trial)
{
    static const char *const grows[] = { "apples", "vines", "berries", "apples", "vines" };
    struct ctx *cx = &s->cx;
    struct val *data = val_map(s->work), *consents = val_list(s->work), *one;
    struct taking t = {
        .form = form, .def = def, .data = data, .consents = consents, .language = "en"
    };
    struct row *contact, *submission;

    TRY(record_get(cx, &contact_type, s->contacts.at[s->contacts.count - 1 - n * 5].id, &contact));
    if (!row_has(contact, CONTACT_EMAIL))
        return OK;
    if (of_trial) {
        put_answer(data, "crop", grows[n % countof(grows)]);
        put_answer(data, "acres", arena_printf(s->work, "%zu", 8 + n * 13 % 90));
        put_answer(data, "first_name", row_text(contact, CONTACT_FIRST));
        put_answer(data, "last_name", row_text(contact, CONTACT_LAST));
    }
    put_answer(data, "email", row_text(contact, CONTACT_EMAIL));
    if (!of_trial || n % 3 == 0) {
        one = val_add_map(consents);
        val_put_text(one, "name", of_trial ? "letter" : "warn");
        val_put_text(one, "topic", "newsletter");
        val_put_text(one, "text", form_def_ask(def, of_trial ? "letter" : "warn")->label);
    }
    submission = form_submission(cx, &t);
    row_set_text(submission, SUBMISSION_PAGE,
                 of_trial ? "https://alderfield.example/product"
                          : "https://alderfield.example/blog");
    row_set_text(
        submission, SUBMISSION_SOURCE,
        sources[rng_weighted(&s->side_rng, (const u16[]){ 44, 22, 14, 8, 5, 4, 3 }, 7)].source);
    row_set_text(submission, SUBMISSION_ADDRESS, "203.0.113.9");
    if (of_trial && n == 2) { /* a friend who fills in faster than people can */
        row_set_text(submission, SUBMISSION_STATUS, "held");
        row_set_text(submission, SUBMISSION_REASON, "it was filled in within a second");
        return record_save(cx, submission);
    }
    return form_take(cx, &t, submission);
}

static enum status posts_make(struct sim *s, const char *slug, size_t count, bool of_trial)
{
    struct row *form;
    struct form_def def;

    TRY(record_find(&s->cx, s->form, "slug", slug, &form));
    TRY(form_def_read(&s->cx, form, &def));
    for (size_t n = count; n-- > 0;) {
        if (s->contacts.count < 2 + n * 5)
            continue;
        s->clock.fixed_ms =
            s->end_ms - (i64)(n + 1) * 40 * MS_HOUR - rng_below(&s->side_rng, 9) * MS_HOUR;
        TRY(post_form(s, form, &def, n, of_trial));
    }
    return OK;
}

/* ---- how often each was seen ---- */

/* A day's posts are the real ones; those who only looked are put around them. */
static enum status count_day(struct sim *s, i64 form_id, size_t habit, i64 day, i64 views, i64 sent)
{
    i64 posts[countof(sources)] = { 0 };
    u16 weights[countof(sources)];

    for (size_t i = 0; i < countof(sources); i++)
        weights[i] = (u16)(sources[i].weight * sources[i].better / 10);
    for (i64 k = 0; k < sent; k++)
        posts[rng_weighted(&s->side_rng, weights, countof(weights))]++;
    for (size_t i = 0; i < countof(sources); i++) {
        i64 part = views * sources[i].weight, begun = 0,
            seen = posts[i] + part / 100 + rng_percent(&s->side_rng, (int)(part % 100));
        for (i64 k = posts[i]; k < seen; k++)
            begun += rng_percent(&s->side_rng, habits[habit].begun - habits[habit].sent);
        if (seen > 0)
            TRY(db_run(&s->cx, "form_count.add", I64("form", form_id), I64("day", day),
                       TEXT("source", sources[i].source), I64("views", seen),
                       I64("starts", begun + posts[i]), I64("submits", posts[i]),
                       I64("refused", 0)));
    }
    return OK;
}

static enum status count_form(struct sim *s, size_t habit)
{
    i64 from = s->end_day - DAYS + 1, posts[DAYS + 1] = { 0 }, total = 0;
    scoped(stmt_close) struct stmt q = { 0 };
    struct row *form;

    TRY(record_find(&s->cx, s->form, "slug", habits[habit].slug, &form));
    q = db_query(&s->cx, "demo.form_posts", I64("form", row_id(form)),
                 I64("since", zone_instant(s->zone, from, 0)));
    while (stmt_next(&q)) {
        i64 day = zone_day(s->zone, col_i64(&q, 0)) - from;
        if (day >= 0 && day < DAYS) {
            posts[day]++;
            total++;
        }
    }
    TRY(stmt_status(&q));
    stmt_close(&q);
    for (i64 day = 0; day < DAYS; day++) {
        i64 usual = total * 100 / habits[habit].sent / DAYS + 1;
        TRY(count_day(s, row_id(form), habit, from + day,
                      usual / 2 + rng_below(&s->side_rng, (u32)usual + 1), posts[day]));
    }
    return OK;
}

enum status forms_counted(struct sim *s)
{
    sim_as(s, -1);
    TRY(posts_make(s, "trial", (size_t)(6 + s->o.contacts / 1000), true));
    TRY(posts_make(s, "frost-warning", (size_t)(8 + s->o.contacts / 800), false));
    s->clock.fixed_ms = s->end_ms;
    for (size_t h = 0; h < countof(habits); h++)
        TRY(count_form(s, h));
    return OK;
}
