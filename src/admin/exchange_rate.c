/* exchange_rate.c -- rates of exchange by day: typed, or read from a file, as the European Central
 * Bank publishes one each working day. kit/exchange.h says which counts; here they are kept, and
 * what follows today's is counted anew. */
#include "admin/rates_read.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/exchange.h"
#include "kit/filter.h"
#include "kit/kit.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "store/queue.h"

enum { RATE_CURRENCY, RATE_ONE_OF, RATE_RATE, RATE_DAY, RATE_SOURCE, RATE_KEY, RATE_FIELDS };
enum { SHOWN = 60, PORTION = 1000, YEARS_BACK = 2, WORDS_BYTES = 60 };

static const struct field fields[] = {
    [RATE_CURRENCY] = { "currency", FIELD_TEXT, "Currency", REQUIRED | LISTED | SEARCHED,
                        .max_len = 3, .help = "A code like USD." },
    [RATE_ONE_OF] = { "one_of", FIELD_TEXT, "For one", LISTED, .max_len = 3,
                      .help = "What one unit is of. Empty: the base currency." },
    [RATE_RATE] = { "rate", FIELD_DECIMAL, "Rate", REQUIRED | LISTED, .scale = EXCHANGE_SCALE,
                    .min = 1, .max = (i64)EXCHANGE_UNIT * 10000000,
                    .help = "How much of the currency one unit is worth: 1.0823 dollars a euro." },
    [RATE_DAY] = { "day", FIELD_DATE, "Day", REQUIRED | LISTED | INDEXED, .otherwise = "today",
                   .help = "It holds from this day on, until the next." },
    [RATE_SOURCE] = { "source", FIELD_TEXT, "Source", LISTED, .max_len = WORDS_BYTES,
                      .otherwise = "typed" },
    [RATE_KEY] = { "key", FIELD_TEXT, "Key", COMPUTED | UNIQUE, .max_len = 30 },
};
_Static_assert(countof(fields) == RATE_FIELDS, "enum and table differ");

static const char *key_of(struct arena *a, i64 day, const char *one_of, const char *currency)
{
    int y, m, d;

    date_to_ymd(day, &y, &m, &d);
    return arena_printf(a, "%04d-%02d-%02d %s/%s", y, m, d, one_of, currency);
}

static enum status code_check(struct ctx *cx, struct row *r, int field)
{
    char *code = arena_text(cx->arena, row_text(r, field));

    for (char *p = code; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 32);
    if (!currency_known(code))
        return ctx_fail_field(cx, fields[field].name, "money.currency",
                              "\"%s\" is no currency; use a code like EUR or USD",
                              row_text(r, field));
    row_set_text(r, field, code);
    return OK;
}

static enum status rate_validate(struct ctx *cx, struct row *r)
{
    if (!row_has(r, RATE_ONE_OF))
        row_set_text(r, RATE_ONE_OF, base_currency(cx));
    TRY(code_check(cx, r, RATE_CURRENCY));
    TRY(code_check(cx, r, RATE_ONE_OF));
    if (text_is(row_text(r, RATE_CURRENCY), row_text(r, RATE_ONE_OF)))
        return ctx_fail_field(cx, "currency", "rates.same",
                              "A currency has no rate for itself. Choose another one.");
    row_set_text(r, RATE_KEY,
                 key_of(cx->arena, row_i64(r, RATE_DAY), row_text(r, RATE_ONE_OF),
                        row_text(r, RATE_CURRENCY)));
    return OK;
}

static const char *rate_text(struct arena *a, i64 rate)
{
    char *text = arena_printf(a, "%lld.%08lld", (long long)(rate / EXCHANGE_UNIT),
                              (long long)(rate % EXCHANGE_UNIT));
    size_t len = strlen(text);

    while (text[len - 1] == '0')
        text[--len] = '\0';
    if (text[len - 1] == '.')
        text[--len] = '\0';
    return text;
}

static const char *rate_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "1 %s = %s %s, %s", row_text(r, RATE_ONE_OF),
                        rate_text(cx->arena, row_i64(r, RATE_RATE)), row_text(r, RATE_CURRENCY),
                        show_date_full(cx, row_i64(r, RATE_DAY)));
}

/* ---- what follows ---- */
static enum status follow_soon(struct ctx *cx)
{
    return queue_add(cx, "rates.follow", "open", "{}", ctx_now(cx), NULL);
}

static enum status rate_saved(struct ctx *cx, struct row *r)
{
    (void)r;
    return follow_soon(cx);
}

static enum status on_setting(struct ctx *cx, const struct happening *h)
{
    const char *name = val_get_text(h->props, "name");

    return text_is(name, "currency.rates") || text_is(name, "currency.base") ? follow_soon(cx) : OK;
}

static enum status follow_job(struct job_run *job)
{
    i64 changed, left;

    return exchange_follow(job->cx, false, &changed, &left);
}

static const struct record_type exchange_rate_type = {
    .name = "exchange_rate",
    .label = "Exchange rate",
    .plural = "Exchange rates",
    .path = "exchange-rates",
    .icon = "arrows-exchange",
    .sort = "-day",
    .title = RATE_CURRENCY,
    .title_of = rate_title,
    .fields = fields,
    .field_count = RATE_FIELDS,
    INDEXES({ "exchange_rate_pair", "currency_fold, day", "deleted_at IS NULL" }),
    .empty = "What one currency is worth in another, by day. Load the European Central Bank's file "
             "under Settings, Currencies.",
    .validate = rate_validate,
    .saved = rate_saved,
    .removed = rate_saved,
};

/* ---- the page ---- */
static enum status put_rates(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "rates");
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));
    struct list_query q = { .sort = "-day", .limit = LIMIT_LIST_ROWS };
    struct list_page rows;
    const char *seen[SHOWN];
    size_t count = 0;

    TRY(list_run(cx, &exchange_rate_type, &q, &rows));
    for (size_t i = 0; i < rows.count * 2 && count < SHOWN; i++) {
        const char *code = row_text(rows.rows[i / 2], i % 2 ? RATE_ONE_OF : RATE_CURRENCY);
        struct exchange x;
        bool again = text_is(code, base_currency(cx));
        for (size_t j = 0; j < count && !again; j++)
            again = text_is(seen[j], code);
        if (again)
            continue;
        seen[count++] = code;
        struct val *one = val_add_map(list);
        val_put_text(one, "currency", code);
        enum status s = exchange_find(cx, code, today, &x);
        if (s != OK && s != E_NOT_FOUND)
            return s;
        val_put_bool(one, "held", s == OK);
        val_put_text(one, "text", s == OK ? exchange_say(cx, code, &x) : "");
    }
    val_put_bool(page, "has_rates", count > 0);
    return OK;
}

static enum status show_page(struct req *rq, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    int y, m, d;

    date_to_ymd(zone_day(kit_zone(cx), ctx_now(cx)), &y, &m, &d);
    val_put_text(page, "title", "Currencies");
    val_put_text(page, "base", base_currency(cx));
    val_put_text(page, "error", error);
    val_put_printf(page, "from", "%04d-%02d-%02d", y - YEARS_BACK, 1, 1);
    val_put_bool(page, "may_edit", access_scope(cx->access, "exchange_rate", VERB_CREATE));
    TRY(put_rates(cx, page));
    if (error[0])
        reply_status(rq, 422);
    return reply(rq, "exchange/page", page);
}

/* GET /settings/currencies */
static enum status page_get(struct req *rq) { return show_page(rq, ""); }

struct loading {
    struct rate_file file;
    size_t from, to, made, changed;
    const char *name;
};

static void fill(struct row *r, const struct rate_line *l, const char *file_name)
{
    row_set_text(r, RATE_CURRENCY, l->currency);
    row_set_text(r, RATE_ONE_OF, l->one_of);
    row_set_i64(r, RATE_RATE, l->rate);
    row_set_i64(r, RATE_DAY, l->day);
    row_set_text(r, RATE_SOURCE, text_empty(l->source) ? file_name : l->source);
}

/* One portion: what is new in few statements, what differs through the door one by one. A file that
 * says a rate twice is taken at its last word. */
static enum status load_portion(struct ctx *cx, void *arg)
{
    struct loading *l = arg;
    struct row **made = NEW_N(cx->arena, struct row *, PORTION);
    size_t count = 0;

    for (size_t i = l->from; i < l->to; i++) {
        const struct rate_line *line = &l->file.lines[i];
        const char *key = key_of(cx->arena, line->day, line->one_of, line->currency);
        struct row *r;
        enum status s = record_find(cx, &exchange_rate_type, "key", key, &r);
        if (s != OK && s != E_NOT_FOUND)
            return s;
        if (s == E_NOT_FOUND) {
            r = NULL;
            for (size_t j = 0; j < count && r == NULL; j++)
                if (row_i64(made[j], RATE_DAY) == line->day &&
                    text_is(row_text(made[j], RATE_CURRENCY), line->currency) &&
                    text_is(row_text(made[j], RATE_ONE_OF), line->one_of))
                    r = made[j];
            if (r == NULL)
                r = made[count++] = row_new(cx, &exchange_rate_type);
            fill(r, line, l->name);
            continue;
        }
        if (row_i64(r, RATE_RATE) == line->rate)
            continue;
        fill(r, line, l->name);
        TRY(record_save(cx, r));
        l->changed++;
    }
    l->made += count;
    return count ? record_save_many(cx, made, count) : OK;
}

static enum status load_all(struct ctx *cx, struct loading *l)
{
    for (l->from = 0; l->from < l->file.count; l->from = l->to) {
        l->to = l->from + PORTION < l->file.count ? l->from + PORTION : l->file.count;
        TRY(kit_write(cx, load_portion, l));
    }
    return OK;
}

/* POST /settings/currencies/load {file, from} */
static enum status load_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct loading l = { 0 };
    struct str text;
    i64 from = TIME_NONE;

    if (!rq->file_count || !rq->files[0].bytes.len)
        return show_page(rq, "Choose a CSV file first.");
    if (req_form(rq, "from")[0] && !rate_day_read(req_form(rq, "from"), &from))
        return show_page(rq, "The first day must be a date like 2025-01-01.");
    if (utf8_from_bytes(cx->arena, rq->files[0].bytes, &text) != OK)
        return show_page(rq, "This is no text file. Unpack the archive, then upload the CSV file.");
    l.name = utf8_cut(cx->arena, rq->files[0].filename ? rq->files[0].filename : "file", 50);
    enum status s = rates_read(cx, text, base_currency(cx), from, &l.file);
    if (s == OK)
        s = load_all(cx, &l);
    if (s == E_INVALID || s == E_LIMIT) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        ctx_clear_error(cx);
        return show_page(rq, why ? why : "The file cannot be read.");
    }
    TRY(s);
    return reply_done(rq, "/settings/currencies",
                      "%zu rates are new, %zu are other ones than before, %zu were there.", l.made,
                      l.changed, l.file.count - l.made - l.changed);
}

/* POST /settings/currencies/count {all} */
static enum status count_post(struct req *rq)
{
    i64 changed, left;

    TRY(exchange_follow(rq->cx, text_is(req_form(rq, "all"), "on"), &changed, &left));
    return reply_done(rq, "/settings/currencies",
                      "%lld records are counted by other rates now; %lld stay as they were, since "
                      "there is no rate of their day.",
                      (long long)changed, (long long)left);
}

static const struct route routes[] = {
    { HTTP_GET, "/settings/currencies", page_get, NEEDS("exchange_rate", VERB_READ) },
    { HTTP_POST, "/settings/currencies/load", load_post, NEEDS("exchange_rate", VERB_CREATE),
      .flags = ROUTE_SLOW },
    { HTTP_POST, "/settings/currencies/count", count_post, NEEDS("exchange_rate", VERB_UPDATE),
      .flags = ROUTE_SLOW },
};
static const struct job_type jobs[] = {
    { "rates.follow", "Count open amounts by today's rates", follow_job,
      .every_ms = 6 * (i64)MS_HOUR, .at_start = true },
};
static const struct subscription subscriptions[] = { { "setting.saved", on_setting } };
static const struct menu_item menu[] = {
    { "settings", "Currencies", "/settings/currencies", "coin", "exchange_rate", 22,
      "Exchange rates by day, from the central bank's file or typed" },
};
const struct feature feature_exchange_rate = {
    .name = "exchange_rate",
    TYPES(&exchange_rate_type),
    ROUTES(routes),
    JOBS(jobs),
    SUBSCRIPTIONS(subscriptions),
    MENU(menu),
};
