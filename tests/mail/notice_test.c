/* notice_test.c -- who is told what: mentions, followers, owners; what of it goes by mail, when,
 * and what never does. */
#include "admin/user.h"
#include "base/id.h"
#include "base/testing.h"
#include "bridge/assignment.h"
#include "bridge/contact.h"
#include "kit/mention.h"
#include "kit/notice.h"
#include "mail/sender.h"
#include "store/queue.h"
#include "support/house.h"

#define ok(s)                                                             \
    do {                                                                  \
        if ((s) != OK)                                                    \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, h->cx->error_text); \
    } while (0)

/* ---- names in a text ---- */
static void names_are_found(void **state)
{
    static const struct mention_name names[] = {
        { 1, "clara novak" }, { 1, "clara@alderfield.test" }, { 2, "jan" },
        { 3, "jan smit" },    { 4, "s\xc3\xb8ren agard" },    { 5, "" }
    };
    static const struct {
        const char *text, *found;
    } cases[] = { { "@Clara Novak, look", "1" },
                  { "ask @clara  NOVAK.", "1" },
                  { "@Jan Smit and @Jan: hello", "3 2" },
                  { "@Jan Smits", "2" },
                  { "@Janet", "" },
                  { "mail jan@jan.example", "" },
                  { "@clara@alderfield.test too", "1" },
                  { "(@S\xc3\xb8ren \xc3\x85g\xc3\xa5rd)", "4" },
                  { "@Jan @Jan @Jan", "2" },
                  { "@ Jan", "" },
                  { "@", "" },
                  { "@@Jan", "2" },
                  { "@Clara\nNovak", "" },
                  { "", "" } };
    scoped(arena_close) struct arena *a = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        i64 found[8];
        size_t count = mention_find(a, cases[i].text, names, countof(names), found, 8);
        struct buf b = buf_in(a, 100);
        for (size_t k = 0; k < count; k++)
            buf_printf(&b, "%s%lld", k ? " " : "", (long long)found[k]);
        if (!text_is(buf_end(&b), cases[i].found))
            fail_msg("'%s': '%s', expected '%s'", cases[i].text, buf_end(&b), cases[i].found);
    }
    i64 one[1];
    assert_int_equal(mention_find(a, "@Jan @Clara Novak", names, countof(names), one, 1), 1);
}

static void choices_are_read(void **state)
{
    static const struct {
        const char *choices;
        enum notice_kind kind;
        enum notice_mail mail;
    } cases[] = { { "", NOTICE_MENTION, NOTICE_SOON },
                  { "", NOTICE_CHANGE, NOTICE_DAILY },
                  { "mention=never change=soon", NOTICE_MENTION, NOTICE_NEVER },
                  { "mention=never change=soon", NOTICE_CHANGE, NOTICE_SOON },
                  { "mention=nonsense", NOTICE_MENTION, NOTICE_SOON },
                  { "mention", NOTICE_MENTION, NOTICE_SOON },
                  { "mentions=never", NOTICE_MENTION, NOTICE_SOON } };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        assert_int_equal(notice_choice(cases[i].choices, cases[i].kind), cases[i].mail);
    assert_int_equal(notice_kind_of("approval"), NOTICE_APPROVAL);
    assert_int_equal(notice_kind_of("what"), NOTICE_WORK);
}

static void what_stands_behind_the_bell_is_read(void **state)
{
    static const struct {
        const char *choices;
        enum notice_kind kind;
        bool in_app;
    } cases[] = { { "", NOTICE_CHANGE, true },
                  { "app.change=off", NOTICE_CHANGE, false },
                  { "change=never app.comment=off", NOTICE_CHANGE, true },
                  { "change=never app.comment=off", NOTICE_COMMENT, false },
                  { "app.change=on", NOTICE_CHANGE, true },
                  { "app.change", NOTICE_CHANGE, true },
                  { "change=off", NOTICE_CHANGE, true },
                  { "app.work=off", NOTICE_WORK, true }, /* never missed */
                  { "app.approval=off", NOTICE_APPROVAL, true } };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        assert_int_equal(notice_in_app(cases[i].choices, cases[i].kind), cases[i].in_app);
    assert_int_equal(notice_choice("app.mention=off", NOTICE_MENTION), NOTICE_SOON);
}

/* ---- a team ---- */
static i64 count_of(struct house *h, const char *text)
{
    struct sql q = sql_new(h->cx);
    i64 n;

    sql_add(&q, text);
    scoped(stmt_close) struct stmt st = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&st));
    n = col_i64(&st, 0);
    return n;
}

#define count(h, ...) count_of((h), arena_printf((h)->arena, __VA_ARGS__))

static i64 told(struct house *h, const struct person *who, const char *kind)
{
    return count(h, "SELECT count(*) FROM notification WHERE user_id = %lld AND kind = '%s'",
                 (long long)who->user_id, kind);
}

static const char *new_deal(struct house *h, const struct person *who)
{
    struct web_response r = house_json(h, who, HTTP_POST, "/api/v1/deals",
                                       "{\"name\":\"Forty probes\",\"amount\":{\"amount\":"
                                       "\"100.00\",\"currency\":\"EUR\"}}");

    house_expect(h, &r, 201);
    return arena_printf(h->arena, "/deals/%s", val_get_text(house_val(h, &r), "id"));
}

static void comment(struct house *h, const struct person *who, const char *path, const char *text)
{
    struct web_response r =
        house_post(h, who, arena_printf(h->arena, "%s/compose?kind=note", path),
                   arena_printf(h->arena, "body=%s", http_url_encode(h->arena, text)));

    house_expect(h, &r, 303);
}

static void change(struct house *h, const struct person *who, const char *path, const char *step)
{
    struct web_response r =
        house_json(h, who, HTTP_PATCH, arena_printf(h->arena, "/api/v1%s", path),
                   arena_printf(h->arena, "{\"next_step\":\"%s\"}", step));

    house_expect(h, &r, 200);
}

static void later(struct house *h, i64 ms) { h->clock->fixed_ms += ms; }

static void who_is_told(void **state)
{
    struct house *h = *state;
    struct person *clara = house_user(h, "Clara Novak", "Marketing"),
                  *jan = house_user(h, "Jan Smit", "Sales"), *ida = house_user(h, "Ida", "");
    const char *deal = new_deal(h, jan);
    struct web_response r;

    comment(h, ida, deal, "@Clara Novak is this from the fair?");
    assert_int_equal(told(h, clara, "mention"), 1);
    assert_int_equal(told(h, clara, "comment"), 0);
    assert_int_equal(told(h, jan, "comment"), 1); /* it is his */
    assert_int_equal(told(h, ida, "mention") + told(h, ida, "comment"), 0);
    later(h, MS_MINUTE);
    comment(h, jan, deal, "No, from a neighbour."); /* both follow by now */
    assert_int_equal(told(h, clara, "comment"), 1);
    assert_int_equal(told(h, ida, "comment"), 1);
    r = house_post(h, clara, arena_printf(h->arena, "%s/unfollow", deal), "");
    house_expect(h, &r, 303);
    later(h, MS_MINUTE);
    change(h, ida, deal, "Call on Friday");
    later(h, MS_MINUTE);
    change(h, ida, deal, "Call on Monday"); /* unread yet: one piece of news */
    assert_int_equal(told(h, jan, "change"), 1);
    assert_int_equal(told(h, clara, "change"), 0);
    assert_int_equal(told(h, ida, "change"), 0);
    comment(h, ida, deal, "@Clara Novak again"); /* a mention reaches her, following stays off */
    assert_int_equal(told(h, clara, "mention"), 2);
    later(h, MS_MINUTE);
    comment(h, ida, deal, "and more");
    assert_int_equal(told(h, clara, "comment"), 1);
    r = house_post(h, clara, arena_printf(h->arena, "%s/follow", deal), "");
    house_expect(h, &r, 303);
    change(h, ida, deal, "Call on Tuesday");
    assert_int_equal(told(h, clara, "change"), 1);
    /* many together are one piece of news */
    {
        const char *other = new_deal(h, jan);
        later(h, MS_MINUTE);
        r = house_post(h, ida, "/deals/bulk",
                       arena_printf(h->arena, "id=%s&id=%s&action=owner:me", deal + 7, other + 7));
        house_expect(h, &r, 303);
        assert_int_equal(told(h, jan, "change"), 2);
    }
    r = house_get(h, jan, "/notifications?kind=change");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Ida changed 2 deals together"));
}

/* Somebody without the right to read a record is neither told nor made to follow; who wrote hears
 * it. */
static void who_may_not_see(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", ""), *sven;
    struct row *role = row_new(h->cx, &role_type);
    struct web_response r;
    const char *deal = new_deal(h, ida);

    row_set_text(role, ROLE_NAME, "Stock");
    row_set_text(role, ROLE_RULES, "{\"company\":{\"read\":\"all\"}}");
    ok(record_save(h->cx, role));
    sven = house_user(h, "Sven Ek", "Stock");
    r = house_json(h, ida, HTTP_POST, arena_printf(h->arena, "%s/compose?kind=note", deal),
                   "{\"body\":\"@Sven Ek look\"}");
    assert_true(house_has(&r, "Sven Ek may not see this and was not told."));
    assert_int_equal(told(h, sven, "mention"), 0);
    assert_int_equal(count(h, "SELECT count(*) FROM record_follow WHERE user_id = %lld",
                           (long long)sven->user_id),
                     0);
}

/* ---- by mail ---- */
static void make_sender(struct house *h)
{
    struct row *s = row_new(h->cx, &sender_type);

    row_set_text(s, SENDER_NAME, "House");
    row_set_text(s, SENDER_FROM_NAME, "House");
    row_set_text(s, SENDER_FROM, "house@alderfield.test");
    row_set_i64(s, SENDER_DEFAULT, 1);
    ok(record_save(h->cx, s));
}

static void run_job(struct house *h, const char *name, const struct person *who)
{
    struct val *payload = val_map(h->arena);

    val_put_text(payload, "user", id_text(h->arena, who->user_id));
    ok(kit_job(h->kit, name)->run(&(struct job_run){ .cx = h->cx, .payload = payload }));
}

static i64 mails(struct house *h, const struct person *who)
{
    return count(h,
                 "SELECT count(*) FROM mail_message WHERE source = 'notice' AND source_id = %lld",
                 (long long)who->user_id);
}

static i64 job_at(struct house *h, const char *name, const struct person *who)
{
    return count(h, "SELECT coalesce(max(run_at), 0) FROM job WHERE name = '%s' AND key = '%s'",
                 name, id_text(h->arena, who->user_id));
}

static void mail_comes_soon_and_once(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", ""), *jan = house_user(h, "Jan Smit", "Sales");
    const char *deal = new_deal(h, ida);
    struct web_response r;

    make_sender(h);
    comment(h, ida, deal, "@Jan Smit one");
    assert_int_equal(job_at(h, "notice.soon", jan), ctx_now(h->cx) + MS_MINUTE);
    comment(h, ida, deal, "@Jan Smit two");
    later(h, MS_MINUTE);
    run_job(h, "notice.soon", jan);
    assert_int_equal(mails(h, jan), 1);
    run_job(h, "notice.soon", jan); /* run again after a crash: nothing is left */
    assert_int_equal(mails(h, jan), 1);
    assert_int_equal(mails(h, ida), 0);
    comment(h, ida, deal, "@Jan Smit three"); /* read in the program: no mail */
    r = house_post(h, jan, "/notifications/read", "");
    house_expect(h, &r, 303);
    run_job(h, "notice.soon", jan);
    assert_int_equal(mails(h, jan), 1);
    comment(h, ida, deal, "@Jan Smit four"); /* the record is gone when the mail is made */
    r = house_post(h, ida, arena_printf(h->arena, "%s/delete", deal), "confirmed=true");
    house_expect(h, &r, 303);
    run_job(h, "notice.soon", jan);
    assert_int_equal(mails(h, jan), 1);
}

static i64 rung(struct house *h, const struct person *who)
{
    struct web_response r = house_json(h, who, HTTP_GET, "/notifications", NULL);

    house_expect(h, &r, 200);
    return (i64)val_count(val_get(house_val(h, &r), "items"));
}

static void choose(struct house *h, const struct person *who, const char *body)
{
    struct web_response r = house_post(h, who, "/settings/notifications", body);

    house_expect(h, &r, 303);
}

/* A kind that is off behind the bell comes by mail alone, or nowhere. */
static void a_kind_is_off_behind_the_bell(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", ""), *jan = house_user(h, "Jan Smit", "Sales");
    const char *deal = new_deal(h, jan);
    struct web_response r;

    make_sender(h);
    choose(h, jan, "comment=never&app_comment_shown=true&app_mention_shown=true&app_work_shown=1");
    r = house_get(h, jan, "/settings/notifications");
    assert_true(house_has(&r, "Always: somebody waits for it"));
    comment(h, ida, deal, "Nowhere");
    assert_int_equal(told(h, jan, "comment"), 0);
    comment(h, ida, deal, "@Jan Smit by mail alone");
    assert_int_equal(told(h, jan, "mention"), 1);
    assert_int_equal(rung(h, jan), 0);
    r = house_get(h, jan, "/contacts");
    assert_true(house_has(&r, "id=\"bell-count\"></span>"));
    r = house_post(h, jan, "/notifications/read", ""); /* which takes back no mail */
    house_expect(h, &r, 303);
    run_job(h, "notice.soon", jan);
    assert_int_equal(mails(h, jan), 1);
    assert_int_equal(count(h, "SELECT count(*) FROM notification WHERE read_at IS NULL"), 0);
    choose(h, jan, "digest_hour=7"); /* by a program that knows no boxes: they stay */
    comment(h, ida, deal, "@Jan Smit still by mail alone");
    assert_int_equal(rung(h, jan), 0);
    choose(h, jan, "app_mention_shown=true&app_mention=true");
    comment(h, ida, deal, "@Jan Smit both ways");
    assert_int_equal(rung(h, jan), 1);
    ok(notify_as(h->cx, NOTICE_WORK, jan->user_id, "", "Yours to do", "")); /* not to be missed */
    assert_int_equal(rung(h, jan), 2);
}

/* The digest comes at everybody's own hour by their own clock, and not while they are away. */
static void digest_comes_at_my_hour(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", ""), *jan = house_user(h, "Jan Smit", "Sales");
    const char *deal = new_deal(h, jan);
    struct web_response r;
    struct row *absence;

    make_sender(h);
    r = house_post(h, jan, "/settings/notifications",
                   "comment=daily&digest_hour=7&timezone=Nowhere/Land");
    house_expect(h, &r, 422);
    r = house_post(h, jan, "/settings/notifications",
                   "comment=daily&mention=never&digest_hour=7&timezone=America/New_York");
    house_expect(h, &r, 303);
    comment(h, ida, deal, "@Jan Smit by the way"); /* never by mail */
    assert_int_equal(job_at(h, "notice.soon", jan) + job_at(h, "notice.daily", jan), 0);
    comment(h, ida, deal, "For the digest");
    /* it is 5:00 in New York: 7:00 there is 12:00 UTC */
    assert_int_equal(job_at(h, "notice.daily", jan), HOUSE_NOW + 2 * MS_HOUR);
    r = house_post(h, jan, "/settings/notifications",
                   "comment=daily&mention=never&digest_hour=6&timezone=America/New_York");
    house_expect(h, &r, 303);
    assert_int_equal(job_at(h, "notice.daily", jan), HOUSE_NOW + MS_HOUR);
    run_job(h, "notice.daily", jan); /* too early: it waits */
    assert_int_equal(mails(h, jan), 0);
    absence = row_new(h->cx, &absence_type);
    row_set_i64(absence, ABSENCE_USER, jan->user_id);
    row_set_i64(absence, ABSENCE_FROM, zone_day(kit_zone(h->cx), HOUSE_NOW));
    row_set_i64(absence, ABSENCE_UNTIL, zone_day(kit_zone(h->cx), HOUSE_NOW) + 1);
    ok(record_save(h->cx, absence));
    later(h, MS_HOUR);
    run_job(h, "notice.daily", jan);
    assert_int_equal(mails(h, jan), 0);
    later(h, 2 * MS_DAY);
    run_job(h, "notice.daily", jan);
    assert_int_equal(mails(h, jan), 1);
    run_job(h, "notice.daily", jan);
    assert_int_equal(mails(h, jan), 1);
}

/* Without a sender nothing is lost: it stays behind the bell. */
static void no_sender(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", ""), *jan = house_user(h, "Jan Smit", "Sales");
    const char *deal = new_deal(h, ida);

    comment(h, ida, deal, "@Jan Smit hello");
    run_job(h, "notice.soon", jan);
    assert_int_equal(mails(h, jan), 0);
    assert_int_equal(told(h, jan, "mention"), 1);
}

/* One of mine is read and unread again; nobody reads another's. */
static void reading(void **state)
{
    struct house *h = *state;
    struct person *ida = house_user(h, "Ida", ""), *jan = house_user(h, "Jan Smit", "Sales");
    const char *deal = new_deal(h, ida), *path;
    struct web_response r;

    comment(h, ida, deal, "@Jan Smit hello");
    path = arena_printf(h->arena, "/notifications/%s/read",
                        id_text(h->arena, count(h,
                                                "SELECT max(id) FROM notification WHERE "
                                                "user_id = %lld",
                                                (long long)jan->user_id)));
    r = house_post(h, ida, path, "");
    house_expect(h, &r, 404);
    r = house_post(h, jan, path, "");
    house_expect(h, &r, 303);
    assert_int_equal(count(h,
                           "SELECT count(*) FROM notification WHERE user_id = %lld AND read_at "
                           "IS NULL",
                           (long long)jan->user_id),
                     0);
    r = house_get(h, jan, "/notifications?show=unread");
    assert_true(house_has(&r, "Nothing here"));
    r = house_post(h, jan, path, "unread=true");
    house_expect(h, &r, 303);
    r = house_get(h, jan, "/notifications?show=unread");
    assert_true(house_has(&r, "mentions you on Forty probes"));
    r = house_json(h, jan, HTTP_GET, "/mentions?q=id", NULL);
    assert_true(house_has(&r, "Ida"));
    assert_false(house_has(&r, "Jan"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(choices_are_read),
        cmocka_unit_test(what_stands_behind_the_bell_is_read),
        IN_BOTH_HOUSES(who_is_told, NULL),
        IN_BOTH_HOUSES(who_may_not_see, NULL),
        IN_BOTH_HOUSES(mail_comes_soon_and_once, NULL),
        IN_BOTH_HOUSES(a_kind_is_off_behind_the_bell, NULL),
        IN_BOTH_HOUSES(digest_comes_at_my_hour, NULL),
        IN_BOTH_HOUSES(no_sender, NULL),
        IN_BOTH_HOUSES(reading, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
