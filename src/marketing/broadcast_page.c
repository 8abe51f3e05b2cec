/* broadcast_page.c -- the pages of a broadcast: what a draft still lacks, the check before it goes,
 * how far it is, what came of it, and who did what. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/consent.h"
#include "bridge/segment.h"
#include "kit/live.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "kit/show.h"
#include "mail/content.h"
#include "mail/mail.h"
#include "mail/sender.h"
#include "marketing/broadcast_int.h"
#include "store/queue.h"

enum {
    COUNT_AT_ONCE = 5000, /* people; more are counted by a job */
    SEGMENTS_SHOWN = 200,
    CONTENTS_SHOWN = 50,
    TESTERS_MOST = 10,
};

/* ---- what it is ---- */

static void put_flags(const struct row *r, struct val *page)
{
    struct val *is = val_put_map(page, "is");

    for (int s = 0; s < BROADCAST_STATES; s++)
        val_put_bool(is, broadcast_state_word((enum broadcast_state)s),
                     broadcast_state_of(r) == (enum broadcast_state)s);
    val_put_bool(is, "open",
                 broadcast_state_of(r) == BROADCAST_DRAFT); /* it may still be changed */
}

static const char *title_of(struct ctx *cx, const char *type, i64 id, const char **url)
{
    struct ctx probe = *cx;
    struct row *r;

    *url = "";
    if (!id || record_get_named(&probe, type, id, &r) != OK)
        return "";
    *url = row_path(cx, r);
    return row_title(cx, r);
}

static void put_variants(struct ctx *cx, const struct row *r, struct val *page)
{
    struct variant v[VARIANTS_MAX];
    int count = broadcast_variants(r, v);
    struct val *list = val_put_list(page, "variants");
    i64 by_default = 0;
    struct ctx probe = *cx;

    if (sender_default(&probe, &by_default) != OK)
        by_default = 0;
    for (int i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        const char *url;
        struct row *content;
        val_put_printf(one, "letter", "%c", v[i].letter);
        val_put_bool(one, "named", count > 1);
        val_put_text(one, "content", title_of(cx, "mail_content", v[i].content_id, &url));
        val_put_text(one, "content_url", url);
        val_put_text(one, "subject", v[i].subject);
        if (text_empty(v[i].subject) && v[i].content_id &&
            record_get(&probe, &mail_content_type, v[i].content_id, &content) == OK)
            val_put_text(one, "subject", row_text(content, CONTENT_SUBJECT));
        val_put_text(one, "sender",
                     title_of(cx, "sender", v[i].sender_id ? v[i].sender_id : by_default, &url));
        val_put_text(one, "sender_url", url);
        val_put_printf(one, "view_url", "%s/view?variant=%c", row_path(cx, r), v[i].letter);
    }
}

/* What a draft may say: contents, the newest first. */
static enum status put_contents(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *list = val_put_list(page, "contents");
    struct list_query lq = { .filter = "purpose = 'marketing'",
                             .sort = "-created_at",
                             .limit = CONTENTS_SHOWN };
    struct list_page found;
    enum status s = list_run(cx, &mail_content_type, &lq, &found);

    if (s == E_FORBIDDEN) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    for (size_t i = 0; i < found.count; i++) {
        struct val *one = val_add_map(list);
        const char *state = row_text(found.rows[i], CONTENT_STATUS);
        val_put_text(one, "value", id_text(cx->arena, row_id(found.rows[i])));
        val_put_printf(one, "text", "%s%s", row_title(cx, found.rows[i]),
                       text_is(state, "draft") ? " (not published yet)" : "");
        val_put_bool(one, "selected", row_id(found.rows[i]) == row_i64(r, BROADCAST_CONTENT));
    }
    return OK;
}

static bool has_slug(struct ctx *cx, const struct row *r, int field, const char *slug)
{
    struct str rest = str_from(row_plain(cx, r, field)), one;

    while (str_split(&rest, ',', &one))
        if (str_equal_fold(str_trim(one), str_from(slug)))
            return true;
    return false;
}

/* All segments, with what each is to this broadcast: those that are chosen first. */
static enum status put_segments(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *list = val_put_list(page, "segments"), *chosen = val_put_list(page, "chosen");
    struct list_query lq = { .sort = "name", .limit = SEGMENTS_SHOWN };
    struct list_page found;
    enum status s = list_run(cx, &segment_type, &lq, &found);

    if (s == E_FORBIDDEN) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    for (size_t i = 0; i < found.count; i++) {
        const char *slug = row_text(found.rows[i], SEGMENT_SLUG);
        bool to = has_slug(cx, r, BROADCAST_SEGMENTS, slug),
             not = has_slug(cx, r, BROADCAST_EXCEPT, slug);
        struct val *one = val_map(cx->arena);
        i64 size;
        TRY(segment_size(cx, row_id(found.rows[i]), &size));
        val_put_text(one, "slug", slug);
        val_put_text(one, "text", row_title(cx, found.rows[i]));
        val_put_text(one, "url", row_path(cx, found.rows[i]));
        val_put_text(one, "size", show_number(cx->arena, size));
        val_put_bool(one, "to", to);
        val_put_bool(one, "not", not );
        val_add(list, one);
        if (to || not )
            val_add(chosen, one);
    }
    return OK;
}

static void put_when(struct ctx *cx, const struct row *r, struct val *page)
{
    const char *at =
        row_has(r, BROADCAST_SEND_AT) ? show_time_full(cx, row_i64(r, BROADCAST_SEND_AT)) : "";

    if (text_is(row_text(r, BROADCAST_WHEN), "now"))
        val_put_text(page, "when", "As soon as it is confirmed");
    else if (text_empty(at))
        val_put_text(page, "when", "");
    else if (text_is(row_text(r, BROADCAST_WHEN), "local"))
        val_put_printf(page, "when", "%s, of everybody's own day", at);
    else
        val_put_text(page, "when", at);
}

/* ---- how far it is ---- */

static i64 percent(i64 part, i64 of) { return of > 0 ? part * 100 / of : 0; }

struct money broadcast_money(struct ctx *cx, i64 minor)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, base_currency(cx), 4);
    return m;
}

static const char *number(struct ctx *cx, i64 n) { return show_number(cx->arena, n); }

static const char *progress_words(struct ctx *cx, const struct row *r, const struct sending *run,
                                  const struct val *all)
{
    i64 recipients = val_get_i64(all, "recipients", 0), waiting = val_get_i64(all, "waiting", 0);
    i64 underway = val_get_i64(all, "underway", 0), deferred = val_get_i64(all, "deferred", 0);
    i64 unsure = val_get_i64(all, "unsure", 0);
    struct buf b = buf_in(cx->arena, 1000);

    if (run->phase == RUN_SETTLE) {
        buf_printf(&b, "Its recipients are being settled: %s so far, %s left out.",
                   number(cx, run->recipients), number(cx, run->skipped));
        return buf_end(&b);
    }
    buf_printf(&b, "%s of %s have left.",
               number(cx, recipients - waiting - underway - deferred - unsure),
               number(cx, recipients));
    if (run->phase == RUN_SEND && run->test_size > 0 && run->winner < 0 &&
        run->test_size < run->recipients) {
        if (run->decide_at)
            buf_printf(&b, " The test is out; the rest goes after %s, with the winner.",
                       show_time_full(cx, run->decide_at));
        else if (text_is(row_text(r, BROADCAST_WINNER_BY), "hand"))
            buf_text(&b, " The rest waits until you choose a variant.");
        else
            buf_text(&b, " The rest waits for the winner of the test.");
    }
    if (deferred)
        buf_printf(&b, " %s were put off by their mail servers and go again by themselves.",
                   number(cx, deferred));
    if (unsure)
        buf_printf(&b, " Of %s nobody knows whether they left: look at them in the mails' list.",
                   number(cx, unsure));
    return buf_end(&b);
}

static enum status put_progress(struct ctx *cx, const struct row *r, const struct val *results,
                                struct val *page)
{
    const struct val *all = val_get(results, "all");
    enum broadcast_state s = broadcast_state_of(r);
    struct sending run;
    struct val *v;
    enum status read = sending_read(cx, row_id(r), &run);

    val_put_null(page, "progress");
    if (read == E_NOT_FOUND || (s != BROADCAST_SENDING && s != BROADCAST_PAUSED))
        return read == E_NOT_FOUND ? OK : read;
    TRY(read);
    i64 recipients = val_get_i64(all, "recipients", 0);
    i64 left = val_get_i64(all, "waiting", 0) + val_get_i64(all, "underway", 0) +
               val_get_i64(all, "deferred", 0) + val_get_i64(all, "unsure", 0);
    v = val_put_map(page, "progress");
    val_put_text(v, "text", progress_words(cx, r, &run, all));
    val_put_i64(v, "percent", run.phase == RUN_SEND ? percent(recipients - left, recipients) : 0);
    val_put_bool(v, "paused", s == BROADCAST_PAUSED);
    struct val *choose = val_put_list(v, "choose");
    struct variant said[VARIANTS_MAX];
    int variants = broadcast_variants(r, said);
    bool waits = run.phase == RUN_SEND && run.test_size > 0 && run.winner < 0 &&
                 run.test_size < run.recipients;
    for (int i = 0; waits && i < variants; i++)
        val_put_printf(val_add_map(choose), "letter", "%c", said[i].letter);
    val_put_bool(v, "may_choose", waits);
    return OK;
}

/* ---- what came of it ---- */

static const char *share(struct ctx *cx, i64 part, i64 of)
{
    return of > 0 ? arena_printf(cx->arena, "%.1f%%", (double)part * 100 / (double)of) : "";
}

static struct val *add_tile(struct ctx *cx, const struct row *r, struct val *tiles,
                            const char *text, i64 n, const char *rate, const char *which,
                            const char *definition)
{
    struct val *t = val_add_map(tiles);

    val_put_text(t, "text", text);
    val_put_text(t, "value", number(cx, n));
    val_put_text(t, "rate", rate);
    val_put_text(t, "definition", definition);
    val_put_text(t, "url",
                 text_empty(which)
                     ? ""
                     : arena_printf(cx->arena, "%s/people?which=%s", row_path(cx, r), which));
    return t;
}

static void put_tiles(struct ctx *cx, const struct row *r, const struct val *all,
                      struct val *results)
{
    struct val *tiles = val_put_list(results, "tiles"), *t;
    i64 delivered = val_get_i64(all, "delivered", 0), bounced = val_get_i64(all, "bounced", 0);
    i64 opened = val_get_i64(all, "opened", 0), clicked = val_get_i64(all, "clicked", 0);
    i64 programs = val_get_i64(all, "opened_by_programs", 0);
    i64 left = val_get_i64(all, "unsubscribed", 0), spam = val_get_i64(all, "complained", 0);

    add_tile(
        cx, r, tiles, "Delivered", delivered, share(cx, delivered, delivered + bounced),
        "delivered",
        "Mails that the recipient's mail server took. The share is of those that were sent and "
        "not merely put off.");
    add_tile(cx, r, tiles, "Opened", opened, share(cx, opened, delivered), "opened",
             arena_printf(cx->arena,
                          "People who opened it, as far as pictures or a click tell, of those "
                          "delivered. %s more were fetched by programs only (Apple's privacy "
                          "protection, scanners), which says nothing about the person.",
                          number(cx, programs)));
    add_tile(cx, r, tiles, "Clicked", clicked, share(cx, clicked, delivered), "clicked",
             "People who followed a link, of those delivered; scanners' clicks are not counted.");
    add_tile(cx, r, tiles, "Clicked of opened", clicked, "", "clicked",
             "Click-to-open rate: people who clicked, of those who opened it.");
    val_put_text((struct val *)val_at(tiles, val_count(tiles) - 1), "value",
                 opened ? share(cx, clicked, opened) : "–");
    add_tile(cx, r, tiles, "Unsubscribed", left, share(cx, left, delivered), "left",
             "People who unsubscribed through this mail, of those delivered.");
    add_tile(cx, r, tiles, "Bounced", bounced, share(cx, bounced, delivered + bounced), "bounced",
             "Mails that came back for good, of those sent.");
    add_tile(cx, r, tiles, "Complaints", spam, share(cx, spam, delivered), "",
             "People who called it spam, of those delivered, as far as their providers report it. "
             "Keep it under 0.1%; at 0.3% providers refuse.");
    add_tile(cx, r, tiles, "Replied", val_get_i64(all, "replied", 0), "", "replied",
             "People who answered it.");
    add_tile(cx, r, tiles, "Leads and deals", val_get_i64(all, "converted", 0),
             share(cx, val_get_i64(all, "converted", 0), clicked), "converted",
             "People who left a form or got a deal within 30 days after a click, for the mail that "
             "they clicked last. The share is of those who clicked.");
    t = add_tile(cx, r, tiles, "Revenue", 0, "", "converted",
                 "Deals of those people that were won within 30 days after their last click on a "
                 "mail of ours, in base currency. The attribution report credits all touches.");
    val_put_text(t, "value",
                 money_show(cx->arena, broadcast_money(cx, val_get_i64(all, "revenue_minor", 0))));
    val_put_printf(t, "rate", "%s won", number(cx, val_get_i64(all, "deals_won", 0)));
}

static void put_bars(struct ctx *cx, const struct val *from, const char *text_key,
                     const char *count_key, const char *name, struct val *results)
{
    struct val *list = val_put_list(results, name);
    i64 most = 0, all = 0;

    for (size_t i = 0; i < val_count(from); i++) {
        i64 n = val_get_i64(val_at(from, i), count_key, 0);
        most = n > most ? n : most;
        all += n;
    }
    for (size_t i = 0; i < val_count(from); i++) {
        i64 n = val_get_i64(val_at(from, i), count_key, 0);
        struct val *one = val_add_map(list);
        val_put_text(one, "text", val_get_text(val_at(from, i), text_key));
        val_put_text(one, "count", number(cx, n));
        val_put_text(one, "share", share(cx, n, all));
        val_put_i64(one, "percent", percent(n, most));
    }
    val_put_bool(results, arena_printf(cx->arena, "has_%s", name), val_count(list) > 0);
}

static void put_links(struct ctx *cx, const struct val *links, struct val *results)
{
    struct val *list = val_put_list(results, "links");
    i64 most = val_get_i64(val_at(links, 0), "people", 0);

    for (size_t i = 0; i < val_count(links); i++) {
        const struct val *from = val_at(links, i);
        struct val *one = val_add_map(list);
        i64 people = val_get_i64(from, "people", 0);
        val_put_text(one, "url", val_get_text(from, "url"));
        val_put_text(one, "people", number(cx, people));
        val_put_text(one, "clicks", number(cx, val_get_i64(from, "clicks", 0)));
        val_put_i64(one, "percent", percent(people, most));
    }
    val_put_bool(results, "has_links", val_count(list) > 0);
}

/* Opens and clicks by the hour of the first two days, else by the day. */
static void put_chart(struct ctx *cx, const struct row *r, const struct val *hours,
                      struct val *results)
{
    i64 last = val_get_i64(val_at(hours, val_count(hours) - 1), "hour", 0),
        each = last < 48 ? 1 : 24;
    struct val *chart, *columns, *rows;
    size_t at = 0;

    val_put_null(results, "chart");
    if (val_count(hours) < 2)
        return;
    chart = val_put_map(results, "chart");
    val_put_text(chart, "kind", "bar");
    val_put_text(chart, "text",
                 each == 1 ? "First opens and clicks by the hour"
                           : "First opens and clicks by the day");
    val_put_text(chart, "unit", "");
    columns = val_put_list(chart, "columns");
    const char *const names[] = { "Opened", "Clicked" };
    for (size_t i = 0; i < countof(names); i++) {
        struct val *c = val_add_map(columns);
        val_put_text(c, "text", names[i]);
        val_put_printf(c, "color", "series-%zu", i + 1);
    }
    rows = val_put_list(chart, "rows");
    for (i64 from = 0; from <= last; from += each) {
        i64 n[2] = { 0, 0 };
        for (; at < val_count(hours) && val_get_i64(val_at(hours, at), "hour", 0) < from + each;
             at++) {
            n[0] += val_get_i64(val_at(hours, at), "opened", 0);
            n[1] += val_get_i64(val_at(hours, at), "clicked", 0);
        }
        struct val *row = val_add_map(rows), *values = val_put_list(row, "values");
        i64 when = row_i64(r, BROADCAST_STARTED) + from * (i64)MS_HOUR;
        val_put_text(row, "text",
                     zone_format(cx->arena, kit_zone(cx), when, each == 1 ? "EEE HH:mm" : "d MMM"));
        for (size_t i = 0; i < countof(names); i++) {
            struct val *v = val_add_map(values);
            val_put_text(v, "text", number(cx, n[i]));
            val_put_i64(v, "number", n[i]);
        }
    }
}

static void put_test(struct ctx *cx, const struct row *r, const struct val *stored,
                     struct val *results)
{
    const struct val *variants = val_get(stored, "variants"), *test = val_get(stored, "test");
    struct val *list = val_put_list(results, "test_rows");
    const char *by = row_text(r, BROADCAST_WINNER_BY);

    for (size_t i = 0; i < val_count(variants); i++) {
        const struct val *c = val_at(variants, i);
        i64 delivered = val_get_i64(c, "delivered", 0);
        i64 did = val_get_i64(c,
                              text_is(by, "opens")         ? "opened"
                              : text_is(by, "conversions") ? "converted"
                                                           : "clicked",
                              0);
        struct plan_count n = { delivered, did };
        struct val *one = val_add_map(list);
        double low, high;
        plan_interval(&n, &low, &high);
        val_put_text(one, "letter", val_get_text(c, "letter"));
        val_put_bool(one, "won", text_is(row_text(r, BROADCAST_WINNER), val_get_text(c, "letter")));
        val_put_text(one, "delivered", number(cx, delivered));
        val_put_text(one, "opened", number(cx, val_get_i64(c, "opened", 0)));
        val_put_text(one, "open_rate", share(cx, val_get_i64(c, "opened", 0), delivered));
        val_put_text(one, "clicked", number(cx, val_get_i64(c, "clicked", 0)));
        val_put_text(one, "click_rate", share(cx, val_get_i64(c, "clicked", 0), delivered));
        val_put_text(one, "converted", number(cx, val_get_i64(c, "converted", 0)));
        val_put_text(
            one, "revenue",
            money_show(cx->arena, broadcast_money(cx, val_get_i64(c, "revenue_minor", 0))));
        val_put_text(one, "sure",
                     delivered ? arena_printf(cx->arena, "%.1f to %.1f%%", low * 100, high * 100)
                               : "");
    }
    val_put_bool(results, "has_test", val_count(list) > 0);
    if (row_has(r, BROADCAST_WHY))
        val_put_text(results, "verdict", row_text(r, BROADCAST_WHY));
    else if (!val_get_bool(test, "enough"))
        val_put_text(results, "verdict", "Too few so far to tell a difference from chance.");
    else
        val_put_printf(
            results, "verdict",
            val_get_bool(test, "significant")
                ? "%s leads, and the difference is significant (p = %.3f)."
                : "%s leads, but the difference is not significant (p = %.2f): it may be "
                  "chance.",
            arena_printf(cx->arena, "%c", (char)('A' + val_get_i64(test, "leader", 0))),
            val_as_double(val_get(test, "p"), 1));
}

/* What the site and sales saw of it, by the code in its links. */
static enum status put_campaign(struct ctx *cx, const struct row *r, struct val *results)
{
    static const char *const names[] = { "visits", "visitors", "new_leads", "deals_won",
                                         "revenue" };
    struct val *list = val_put_list(results, "campaign"), *answers[countof(names)];
    struct question qs[countof(names)];
    struct question_where where[1];
    const char *code;
    size_t count = 0;

    TRY(broadcast_code(cx, r, &code));
    val_put_text(results, "code", code);
    where[0] = (struct question_where){ "campaign", code };
    for (size_t i = 0; i < countof(names); i++) {
        qs[count] = (struct question){ .metric = names[i],
                                       .where = where,
                                       .where_count = 1,
                                       .from_ms = row_i64(r, BROADCAST_STARTED),
                                       .to_ms = ctx_now(cx) + MS_MINUTE };
        count += metric_find(cx, names[i]) && question_allowed(cx, &qs[count]);
    }
    if (count)
        TRY(question_ask_many(cx, qs, count, answers));
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", val_get_text(answers[i], "label"));
        val_put_text(one, "value", val_get_text(answers[i], "text"));
        val_put_text(one, "url", val_get_text(answers[i], "rows_path"));
        val_put_text(one, "definition", val_get_text(answers[i], "definition"));
    }
    val_put_bool(results, "has_campaign", count > 0);
    return OK;
}

enum status result_put(struct ctx *cx, const struct row *r, struct val *page)
{
    const struct val *stored;
    struct val *results;

    TRY(result_read(cx, r, &stored));
    TRY(put_progress(cx, r, stored, page));
    val_put_null(page, "results");
    if (!stored || !row_has(r, BROADCAST_STARTED))
        return OK;
    results = val_put_map(page, "results");
    val_put_text(results, "at", show_time(cx, val_get_i64(stored, "at", 0)));
    val_put_printf(results, "people_url", "%s/people", row_path(cx, r));
    put_tiles(cx, r, val_get(stored, "all"), results);
    put_test(cx, r, stored, results);
    put_links(cx, val_get(stored, "links"), results);
    put_bars(cx, val_get(stored, "skipped"), "text", "count", "skipped", results);
    put_bars(cx, val_get(stored, "bounces"), "text", "count", "bounces", results);
    put_bars(cx, val_get(stored, "devices"), "name", "count", "devices", results);
    put_bars(cx, val_get(stored, "clients"), "name", "count", "clients", results);
    put_chart(cx, r, val_get(stored, "hours"), results);
    return put_campaign(cx, r, results);
}

/* Where everybody may read it, once it has gone. */
static enum status put_archive(struct ctx *cx, const struct row *r, struct val *page)
{
    struct row *topic;

    val_put_text(page, "archive_url", "");
    if (!row_bool(r, BROADCAST_ARCHIVE) || !row_has(r, BROADCAST_STARTED) ||
        !row_has(r, BROADCAST_TOPIC))
        return OK;
    enum status s = record_get(cx, &topic_type, row_i64(r, BROADCAST_TOPIC), &topic);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    val_put_printf(page, "archive_url", "/m/%s/%s", row_text(topic, TOPIC_SLUG),
                   row_text(r, BROADCAST_SLUG));
    return OK;
}

enum status broadcast_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *problems = val_put_list(page, "problems"),
               *warnings = val_put_list(page, "warnings");

    put_flags(r, page);
    val_put_text(page, "own_subject", row_text(r, BROADCAST_SUBJECT));
    put_variants(cx, r, page);
    put_when(cx, r, page);
    TRY(put_segments(cx, r, page));
    if (broadcast_state_of(r) == BROADCAST_DRAFT)
        TRY(put_contents(cx, r, page));
    if (broadcast_state_of(r) == BROADCAST_DRAFT || broadcast_state_of(r) == BROADCAST_SCHEDULED)
        TRY(broadcast_problems(cx, r, problems, warnings));
    val_put_bool(page, "has_problems", val_count(problems) > 0);
    TRY(put_archive(cx, r, page));
    return result_put(cx, r, page);
}

/* ---- requests ---- */

static enum status the_broadcast(struct req *rq, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &broadcast_type, id, out);
}

static struct val *new_page(struct req *rq, const struct row *r, const char *title)
{
    struct val *page = val_map(rq->cx->arena);

    val_put_printf(page, "title", title, row_text(r, BROADCAST_NAME));
    val_put_text(page, "name", row_text(r, BROADCAST_NAME));
    val_put_text(page, "url", row_path(rq->cx, r));
    val_put_text(page, "error", "");
    return page;
}

/* ---- counting its recipients ---- */

static enum status put_count(struct ctx *cx, void *arg)
{
    const struct row *r = arg;
    struct val *v;

    TRY(audience_count(cx, r, &v));
    return db_run(cx, "broadcast.put_count", I64("broadcast", row_id(r)),
                  I64("version", row_version(r)), TEXT("answer", json_text(cx->arena, v)));
}

struct counted {
    i64 broadcast_id, version;
    const char *answer;
};
static enum status write_count(struct ctx *cx, void *arg)
{
    const struct counted *c = arg;

    return db_run(cx, "broadcast.put_count", I64("broadcast", c->broadcast_id),
                  I64("version", c->version), TEXT("answer", c->answer));
}

/* Many people: read aside from the writer, who has only the answer to write. */
static enum status count_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct counted c;
    struct row *r;
    struct val *v;

    if (!id_parse(str_from(val_get_text(job->payload, "broadcast")), &c.broadcast_id))
        return ctx_fail(cx, E_INVALID, "the job names no broadcast");
    enum status s = record_get(cx, &broadcast_type, c.broadcast_id, &r);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    TRY(audience_count(cx, r, &v));
    c.version = row_version(r);
    c.answer = json_text(cx->arena, v);
    TRY(kit_write(cx, write_count, &c));
    live_tell(cx, "broadcast", 0,
              arena_printf(cx->arena, "{\"id\":\"%s\"}", id_text(cx->arena, c.broadcast_id)));
    return OK;
}

static enum status count_people(struct ctx *cx, struct row *r, bool *done)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 most;

    TRY(audience_bound(cx, r, &most));
    *done = most <= COUNT_AT_ONCE;
    if (*done)
        return put_count(cx, r);
    return queue_add(
        cx, "broadcast.count", id_text(cx->arena, row_id(r)),
        arena_printf(cx->arena, "{\"broadcast\":\"%s\"}", id_text(cx->arena, row_id(r))),
        ctx_now(cx), NULL);
}

static void put_counted(struct ctx *cx, const struct row *r, const struct val *counted,
                        i64 per_sender, struct val *page)
{
    i64 people = val_get_i64(counted, "people", 0), go = val_get_i64(counted, "recipients", 0);
    i64 per_hour = row_i64(r, BROADCAST_PER_HOUR), takes;
    struct val *v;

    val_put_null(page, "counted");
    if (!counted)
        return;
    v = val_put_map(page, "counted");
    val_put_text(v, "people", number(cx, people));
    val_put_text(v, "recipients", number(cx, go));
    val_put_i64(v, "number", go);
    val_put_bool(v, "any", go > 0);
    val_put_text(v, "at", show_time(cx, val_get_i64(counted, "at", 0)));
    val_put_text(v, "left_out", number(cx, val_get_i64(counted, "left_out", 0)));
    put_bars(cx, val_get(counted, "skipped"), "text", "count", "skipped", v);
    takes = plan_duration_ms(go, per_hour, per_sender);
    val_put_text(v, "takes", takes > 0 ? show_seconds(cx->arena, takes / MS_SECOND + 1) : "");
    val_put_text(v, "spread", "");
    if (text_is(row_text(r, BROADCAST_WHEN), "local") && go > 0)
        val_put_printf(v, "spread", "From %s to %s, as the day comes round.",
                       show_time_full(cx, val_get_i64(counted, "first_at", 0)),
                       show_time_full(cx, val_get_i64(counted, "last_at", 0)));
    struct variant said[VARIANTS_MAX];
    int variants = broadcast_variants(r, said);
    val_put_text(v, "test", "");
    if (variants > 1) {
        i64 test = plan_test_size(go, (int)row_i64(r, BROADCAST_SHARE), variants);
        val_put_printf(v, "test", "%s get one of %d variants, about %s each; %s get the winner.",
                       number(cx, test), variants, number(cx, test / variants),
                       number(cx, go - test));
    }
}

/* What the sender's limits allow in an hour; 0: not said. */
static i64 sender_rate(struct ctx *cx, const struct row *r)
{
    struct ctx probe = *cx;
    i64 id = row_i64(r, BROADCAST_SENDER);
    struct row *sender;

    if ((!id && sender_default(&probe, &id) != OK) ||
        record_get(&probe, &sender_type, id, &sender) != OK)
        return 0;
    return row_i64(sender, SENDER_PER_HOUR);
}

static enum status show_check(struct req *rq, const struct row *r, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = new_page(rq, r, "Check %s");
    struct val *problems = val_put_list(page, "problems"),
               *warnings = val_put_list(page, "warnings");
    const struct val *counted;

    val_put_text(page, "error", error);
    val_put_text(page, "id", id_text(cx->arena, row_id(r)));
    val_put_text(page, "dns_url", "");
    i64 sender = row_i64(r, BROADCAST_SENDER);
    if (sender)
        val_put_printf(page, "dns_url", "/senders/%s/dns", id_text(cx->arena, sender));
    put_flags(r, page);
    put_variants(cx, r, page);
    put_when(cx, r, page);
    TRY(put_segments(cx, r, page));
    TRY(broadcast_problems(cx, r, problems, warnings));
    TRY(audience_counted(cx, r, &counted));
    put_counted(cx, r, counted, sender_rate(cx, r), page);
    val_put_bool(page, "ready", val_count(problems) == 0);
    val_put_bool(page, "now", text_is(row_text(r, BROADCAST_WHEN), "now"));
    return reply(rq, "broadcast/check", page);
}

/* GET /broadcasts/:id/check */
static enum status check_get(struct req *rq)
{
    struct row *r;

    TRY(the_broadcast(rq, &r));
    return show_check(rq, r, "");
}

/* POST /broadcasts/:id/check: counts to whom it would go. */
static enum status check_post(struct req *rq)
{
    struct row *r;
    bool done;

    TRY(the_broadcast(rq, &r));
    TRY(count_people(rq->cx, r, &done));
    return reply_redirect(rq, arena_printf(rq->cx->arena, "%s/check", row_path(rq->cx, r)));
}

static enum status reply_check(struct req *rq, const struct row *r, bool counting)
{
    struct ctx *cx = rq->cx;
    struct val *v = val_map(cx->arena);
    const struct val *counted;

    TRY(audience_counted(cx, r, &counted));
    TRY(broadcast_problems(cx, r, val_put_list(v, "problems"), val_put_list(v, "warnings")));
    val_put_bool(v, "counting", counting);
    if (counted)
        val_put(v, "counted", val_copy(cx->arena, counted));
    else
        val_put_null(v, "counted");
    return reply_json(rq, counting ? 202 : 200, v);
}

/* GET, POST /api/v1/broadcasts/:id/check */
static enum status check_api(struct req *rq)
{
    struct row *r;
    bool done = true;

    TRY(the_broadcast(rq, &r));
    if (rq->method == HTTP_POST)
        TRY(count_people(rq->cx, r, &done));
    return reply_check(rq, r, !done);
}

/* ---- what and to whom ---- */

/* POST /broadcasts/:id/content {content_id, subject} */
static enum status content_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;

    TRY(the_broadcast(rq, &r));
    enum status s = row_parse(cx, r, BROADCAST_CONTENT, req_form(rq, "content_id"));
    if (s == OK)
        s = row_parse(cx, r, BROADCAST_SUBJECT, req_form(rq, "subject"));
    if (s == OK)
        s = record_save(cx, r);
    if (s == E_INVALID && !rq->wants_json)
        return reply_done(rq, row_path(cx, r), "%s",
                          cx->field_errors ? cx->field_errors->message : cx->error_text);
    TRY(s);
    return reply_done(rq, row_path(cx, r), "What it says is saved.");
}

/* POST /broadcasts/:id/audience {seg.SLUG: to|not} */
static enum status audience_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct buf to = buf_in(cx->arena, 8000), not = buf_in(cx->arena, 8000);
    struct row *r;

    TRY(the_broadcast(rq, &r));
    for (size_t i = 0; i < val_count(rq->form); i++) {
        const char *name = val_key_at(rq->form, i),
                   *said = val_as_text(val_value_at(rq->form, i), "");
        struct buf *b = text_is(said, "to") ? &to : text_is(said, "not") ? &not : NULL;
        if (b && strncmp(name, "seg.", 4) == 0)
            buf_printf(b, "%s%s", b->len ? "," : "", name + 4);
    }
    TRY(row_parse(cx, r, BROADCAST_SEGMENTS, buf_end(&to)));
    TRY(row_parse(cx, r, BROADCAST_EXCEPT, buf_end(&not )));
    enum status s = record_save(cx, r);
    if (s == E_INVALID && !rq->wants_json) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        return reply_done(rq, row_path(cx, r), "%s", why);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, r), "To whom it goes is saved.");
}

/* ---- a test mail ---- */

static enum status show_test(struct req *rq, const struct row *r, const char *to, const char *error)
{
    struct val *page = new_page(rq, r, "Test %s");

    val_put_text(page, "error", error);
    val_put_text(page, "to", to);
    put_variants(rq->cx, r, page);
    return reply(rq, "broadcast/test", page);
}

/* GET /broadcasts/:id/test */
static enum status test_get(struct req *rq)
{
    struct row *r;

    TRY(the_broadcast(rq, &r));
    return show_test(rq, r, rq->cx->access->email ? rq->cx->access->email : "", "");
}

static enum status send_test(struct ctx *cx, const struct row *r, const struct variant *v,
                             const char *to)
{
    struct row *content;
    const char *subject = v->subject;

    TRY(record_get(cx, &mail_content_type, v->content_id, &content));
    if (text_empty(subject))
        subject = row_text(content, CONTENT_SUBJECT);
    return mail_send(cx,
                     &(struct mail){ .lane = MAIL_LANE_NOW,
                                     .sender_id = v->sender_id,
                                     .to = to,
                                     .subject = arena_printf(cx->arena, "[Test] %s", subject),
                                     .content_id = v->content_id,
                                     .source = "broadcast_test",
                                     .source_id = row_id(r),
                                     .user_id = cx->access->user_id },
                     NULL);
}

static enum status send_tests(struct req *rq, const struct row *r, int *count)
{
    struct ctx *cx = rq->cx;
    struct str rest = str_from(req_form(rq, "to")), one;
    const char *letter = req_form(rq, "variant");
    struct variant v[VARIANTS_MAX];
    int variants = broadcast_variants(r, v);

    *count = 0;
    if (!v[0].content_id)
        return ctx_fail_field(cx, "content_id", "broadcast.no_content",
                              "There is nothing to test yet: choose what it says.");
    while (str_split(&rest, ',', &one)) {
        const char *to = str_dup(cx->arena, str_trim(one));
        if (text_empty(to))
            continue;
        if (++*count > TESTERS_MOST)
            return ctx_fail_field(cx, "to", "broadcast.testers",
                                  "A test goes to at most %d addresses.", TESTERS_MOST);
        for (int i = 0; i < variants; i++)
            if (text_empty(letter) || letter[0] == v[i].letter)
                TRY(send_test(cx, r, &v[i], to));
    }
    return *count ? OK : ctx_fail_field(cx, "to", "required", "Say to whom the test goes.");
}

/* POST /broadcasts/:id/test {to, variant} */
static enum status test_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    enum status s;
    int count = 0;

    TRY(the_broadcast(rq, &r));
    {
        scoped(tx_end) struct tx tx = tx_begin(cx);
        s = tx.status == OK ? send_tests(rq, r, &count) : tx.status;
        if (s == OK)
            s = tx_commit(&tx);
    }
    if (rq->route->flags & ROUTE_API) {
        TRY(s);
        return reply_empty(rq);
    }
    if ((s == E_INVALID || s == E_NOT_FOUND) && !rq->wants_json) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        why = arena_text(cx->arena, why ? why : "");
        ctx_clear_error(cx);
        reply_status(rq, 422);
        return show_test(rq, r, req_form(rq, "to"), why);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, r), "The test is on its way to %d address%s.", count,
                      count == 1 ? "" : "es");
}

/* ---- again, to who did not open ---- */

static enum status show_again(struct req *rq, const struct row *r, const char *subject,
                              const char *error)
{
    struct val *page = new_page(rq, r, "Send %s again");
    const struct val *stored;

    TRY(result_read(rq->cx, r, &stored));
    const struct val *all = val_get(stored, "all");
    val_put_text(page, "error", error);
    val_put_text(page, "subject", subject);
    put_variants(rq->cx, r, page);
    val_put_text(page, "people",
                 number(rq->cx, val_get_i64(all, "delivered", 0) - val_get_i64(all, "opened", 0)));
    return reply(rq, "broadcast/again", page);
}

/* GET /broadcasts/:id/again */
static enum status again_get(struct req *rq)
{
    struct row *r;

    TRY(the_broadcast(rq, &r));
    return show_again(rq, r, "", "");
}

enum status broadcast_page_error(struct req *rq, const struct row *r, enum broadcast_verb v,
                                 const char *why)
{
    bool conflict = rq->cx->error == E_CONFLICT;
    struct row *now;
    enum status s;

    ctx_clear_error(rq->cx);
    s = record_get(rq->cx, &broadcast_type, row_id(r), &now); /* as it is, not as it was tried */
    TRY(s);
    if (v == VERB_SCHEDULE) {
        reply_status(rq, conflict ? 409 : 422);
        return show_check(rq, now, why);
    }
    if (v == VERB_RESEND) {
        reply_status(rq, conflict ? 409 : 422);
        return show_again(rq, now, req_form(rq, "subject"), why);
    }
    return reply_done(rq, row_path(rq->cx, now), "%s", why);
}

/* ---- results for programs ---- */

/* GET /api/v1/broadcasts/:id/results */
static enum status results_api(struct req *rq)
{
    const struct val *stored;
    struct row *r;

    TRY(the_broadcast(rq, &r));
    TRY(result_read(rq->cx, r, &stored));
    if (!stored)
        return ctx_fail_code(rq->cx, E_NOT_FOUND, "broadcast.no_results",
                             "It has not begun, so there are no results.");
    return reply_json(rq, 200, stored);
}

static const struct job_type jobs[] = {
    { "broadcast.count", "Count a broadcast's recipients", count_job },
};
static const struct route routes[] = {
    { HTTP_GET, "/broadcasts/:id/check", check_get, NEEDS("broadcast", VERB_UPDATE) },
    { HTTP_POST, "/broadcasts/:id/check", check_post, NEEDS("broadcast", VERB_UPDATE) },
    { HTTP_GET, "/api/v1/broadcasts/:id/check", check_api, NEEDS("broadcast", VERB_READ),
      .flags = ROUTE_API,
      .summary = "Broadcast: what keeps it from being sent, and its recipients" },
    { HTTP_POST, "/api/v1/broadcasts/:id/check", check_api, NEEDS("broadcast", VERB_UPDATE),
      .flags = ROUTE_API, .summary = "Broadcast: count its recipients" },
    { HTTP_POST, "/broadcasts/:id/content", content_post, NEEDS("broadcast", VERB_UPDATE) },
    { HTTP_POST, "/broadcasts/:id/audience", audience_post, NEEDS("broadcast", VERB_UPDATE) },
    { HTTP_GET, "/broadcasts/:id/test", test_get, NEEDS("broadcast", VERB_UPDATE) },
    { HTTP_POST, "/broadcasts/:id/test", test_post, NEEDS("broadcast", VERB_UPDATE) },
    { HTTP_POST, "/api/v1/broadcasts/:id/test", test_post, NEEDS("broadcast", VERB_UPDATE),
      .flags = ROUTE_API, .summary = "Broadcast: send a test mail" },
    { HTTP_GET, "/broadcasts/:id/again", again_get, NEEDS("broadcast", VERB_UPDATE) },
    { HTTP_GET, "/api/v1/broadcasts/:id/results", results_api, NEEDS("broadcast", VERB_READ),
      .flags = ROUTE_API, .summary = "Broadcast: what came of it" },
};
const struct feature feature_broadcast_page = {
    .name = "broadcast_page",
    ROUTES(routes),
    JOBS(jobs),
};
