/* key_date.c -- days that matter at a customer: birthdays, the end of a contract, of a fiscal year.
 * Whoever looks after them is told in time, once each time they come round. */
#include "base/utf8.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/activity.h"
#include "sales/relation.h"

enum { AT_ONCE = 200, LOOK_MS = 60 * 60 * 1000, NINE = 9 * 60 };

static const struct choice kinds[] = {
    { "birthday", "Birthday", "violet" },
    { "contract_end", "Contract ends", "amber" },
    { "renewal", "Renewal", "amber" },
    { "fiscal_year", "Fiscal year begins", "blue" },
    { "budget", "Budget is made", "blue" },
    { "anniversary", "Customer since", "green" },
    { "competitor", "Contract with a competitor ends", "red" },
    { "other", "Other", "gray" },
    { NULL, NULL, NULL },
};
static const struct field fields[] = {
    [KEY_DATE_KIND] = { "kind", FIELD_CHOICE, "What", REQUIRED | LISTED | INDEXED,
                        .choices = kinds },
    [KEY_DATE_NAME] = { "name", FIELD_TEXT, "In words", SEARCHED, .max_len = 120 },
    [KEY_DATE_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact",
                           .group = "Whose" },
    [KEY_DATE_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company" },
    [KEY_DATE_DEAL] = { "deal_id", FIELD_REF, "Deal", 0, .ref = "deal" },
    [KEY_DATE_ON] = { "on_date", FIELD_DATE, "Day", REQUIRED, .group = "When" },
    [KEY_DATE_YEARLY] = { "yearly", FIELD_BOOL, "Every year", 0 },
    [KEY_DATE_NEXT] = { "next_on", FIELD_DATE, "Next time", COMPUTED | LISTED | INDEXED },
    [KEY_DATE_BEFORE] = { "remind_days", FIELD_INT, "Remind so many days before", 0, .max = 366,
                          .otherwise = "7" },
    [KEY_DATE_TASK] = { "makes_task", FIELD_BOOL, "And make a task of it", 0, .otherwise = "true" },
    [KEY_DATE_OWNER] = { "owner_id", FIELD_REF, "Who is reminded", OWNER, .ref = "user",
                         .otherwise = "me" },
    [KEY_DATE_REMINDED] = { "reminded_for", FIELD_DATE, "Reminded of", INTERNAL },
};
_Static_assert(countof(fields) == KEY_DATE_FIELDS, "enum and table differ");

static bool is_leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static i64 in_year(i64 day, int year)
{
    int y, m, d;

    date_to_ymd(day, &y, &m, &d);
    if (m == 2 && d == 29 && !is_leap(year))
        d = 28;
    return date_from_ymd(year, m, d);
}

i64 key_date_next(i64 day, bool yearly, i64 today)
{
    int year, m, d;
    i64 next;

    if (!yearly || day >= today)
        return day;
    date_to_ymd(today, &year, &m, &d);
    next = in_year(day, year);
    return next >= today ? next : in_year(day, year + 1);
}

static i64 today_of(struct ctx *cx) { return zone_day(kit_zone(cx), ctx_now(cx)); }

/* Of a new one, birthdays and fiscal years come round by themselves. */
static enum status date_defaults(struct ctx *cx, struct row *r)
{
    static const char *const yearly[] = { "birthday", "fiscal_year", "budget", "anniversary" };

    (void)cx;
    for (size_t i = 0; i < countof(yearly); i++)
        if (text_is(row_text(r, KEY_DATE_KIND), yearly[i]))
            row_set_i64(r, KEY_DATE_YEARLY, 1);
    return OK;
}

static enum status date_validate(struct ctx *cx, struct row *r)
{
    if (!row_has(r, KEY_DATE_CONTACT) && !row_has(r, KEY_DATE_COMPANY) &&
        !row_has(r, KEY_DATE_DEAL))
        return ctx_fail_field(cx, "contact_id", "key_date.nobody",
                              "Say whose day it is: a contact, a company or a deal.");
    if (text_is(row_text(r, KEY_DATE_KIND), "other") && !row_has(r, KEY_DATE_NAME))
        return ctx_fail_field(cx, "name", "required", "Say in words what the day is.");
    if (row_is_new(r) || row_changed(r, KEY_DATE_ON) || row_changed(r, KEY_DATE_YEARLY))
        row_set_i64(
            r, KEY_DATE_NEXT,
            key_date_next(row_i64(r, KEY_DATE_ON), row_bool(r, KEY_DATE_YEARLY), today_of(cx)));
    return OK;
}

static const char *date_title(struct ctx *cx, const struct row *r)
{
    const char *what =
        row_has(r, KEY_DATE_NAME) ? row_text(r, KEY_DATE_NAME) : row_show(cx, r, KEY_DATE_KIND);
    int whose = row_has(r, KEY_DATE_CONTACT)   ? KEY_DATE_CONTACT
                : row_has(r, KEY_DATE_COMPANY) ? KEY_DATE_COMPANY
                                               : KEY_DATE_DEAL;

    return row_has(r, whose) ? arena_printf(cx->arena, "%s: %s", what, row_show(cx, r, whose))
                             : what;
}

const struct record_type key_date_type = {
    .name = "key_date",
    .label = "Key date",
    .plural = "Key dates",
    .path = "key-dates",
    .icon = "cake",
    .section = "sales",
    .menu_order = MENU_SELDOM + 4,
    .sort = "next_on",
    .title = KEY_DATE_NAME,
    .title_of = date_title,
    .fields = fields,
    .field_count = KEY_DATE_FIELDS,
    .empty = "Birthdays, ends of contracts, fiscal years: days on which a call is welcome. You are "
             "reminded in time.",
    .defaults = date_defaults,
    .validate = date_validate,
};

/* ---- reminding ---- */
static enum status make_task(struct ctx *cx, const struct row *r)
{
    static const int from[] = { KEY_DATE_CONTACT, KEY_DATE_COMPANY, KEY_DATE_DEAL },
                     to[] = { ACTIVITY_CONTACT, ACTIVITY_COMPANY, ACTIVITY_DEAL };
    struct row *a = row_new(cx, &activity_type);

    row_set_text(a, ACTIVITY_KIND, "task");
    row_set_text(a, ACTIVITY_SUBJECT,
                 utf8_cut(cx->arena,
                          arena_printf(cx->arena, "%s, %s", row_title(cx, r),
                                       row_show(cx, r, KEY_DATE_NEXT)),
                          200));
    for (size_t i = 0; i < countof(from); i++)
        if (row_has(r, from[i]))
            row_set_i64(a, to[i], row_i64(r, from[i]));
    row_set_i64(a, ACTIVITY_OWNER, row_i64(r, KEY_DATE_OWNER));
    row_set_i64(a, ACTIVITY_DUE, zone_instant(kit_zone(cx), today_of(cx), NINE));
    return record_save(cx, a);
}

static enum status remind_one(struct ctx *cx, i64 id)
{
    i64 today = today_of(cx);
    struct row *r;

    TRY(record_get(cx, &key_date_type, id, &r));
    if (row_i64(r, KEY_DATE_NEXT) < today) {
        row_set_i64(r, KEY_DATE_NEXT,
                    key_date_next(row_i64(r, KEY_DATE_ON), row_bool(r, KEY_DATE_YEARLY), today));
        return record_save(cx, r);
    }
    row_set_i64(r, KEY_DATE_REMINDED, row_i64(r, KEY_DATE_NEXT));
    TRY(record_save(cx, r));
    if (!row_has(r, KEY_DATE_OWNER))
        return OK;
    TRY(notify(cx, row_i64(r, KEY_DATE_OWNER), "cake",
               arena_printf(cx->arena, "%s, %s", row_title(cx, r), row_show(cx, r, KEY_DATE_NEXT)),
               row_path(cx, r)));
    return row_bool(r, KEY_DATE_TASK) ? make_task(cx, r) : OK;
}

static enum status remind_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    i64 ids[AT_ONCE];
    size_t count = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "relation.dates_due", I64("today", today_of(cx)), I64("limit", AT_ONCE));
        while (count < AT_ONCE && stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++)
        TRY(remind_one(cx, ids[i]));
    return OK;
}

static const struct job_type jobs[] = {
    { "key_date.remind", "Remind of key dates", remind_job, .every_ms = LOOK_MS, .writes = true,
      .at_start = true },
};
const struct feature feature_key_date = { .name = "key_date", TYPES(&key_date_type), JOBS(jobs) };
