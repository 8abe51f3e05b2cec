/* exchange.c -- rates of days: which one counts, what an amount is worth by it, and what follows
 * today's. */
#include "kit/exchange.h"
#include "base/json.h"
#include "kit/filter.h"
#include "kit/kit_int.h"
#include "kit/record_log.h"
#include "kit/sql_record.h"

enum {
    LOOKED_AT = 40, /* days on which a third currency may have one of the two only */
    PORTION = 200,  /* rows in one transaction */
};

/* ---- rates that have no day: the setting ---- */
/* "0.92" as 92 / 10^2. At most nine decimals and as many digits before them. */
static bool rate_parse(struct ctx *cx, const struct val *v, i64 *mantissa, int *scale)
{
    int count = 0;

    *mantissa = 0;
    *scale = -1;
    for (const char *p = val_print(cx->arena, v); *p; p++) {
        if (*p == '.' && *scale < 0) {
            *scale = 0;
            continue;
        }
        if (*p < '0' || *p > '9' || ++count > 18 || (*scale >= 0 && ++*scale > 9))
            return false;
        *mantissa = *mantissa * 10 + (*p - '0');
    }
    *scale = *scale < 0 ? 0 : *scale;
    return *mantissa > 0;
}

enum status rates_check(struct ctx *cx, const char *json)
{
    struct val *rates;
    i64 mantissa;
    int scale;

    if (json_read(cx->arena, str_from(json), &rates, NULL) != OK || val_kind_of(rates) != VAL_MAP)
        return ctx_fail_field(cx, "currency.rates", "setting.invalid",
                              "Exchange rates must look like {\"USD\": \"0.92\"}");
    for (size_t i = 0; i < val_count(rates); i++) {
        if (!currency_known(val_key_at(rates, i)))
            return ctx_fail_field(cx, "currency.rates", "setting.invalid",
                                  "\"%s\" is no currency; use a code like USD",
                                  val_key_at(rates, i));
        if (!rate_parse(cx, val_value_at(rates, i), &mantissa, &scale))
            return ctx_fail_field(cx, "currency.rates", "setting.invalid",
                                  "The rate of %s must be a number above 0, like \"0.92\"",
                                  val_key_at(rates, i));
    }
    return OK;
}

static i64 power_of_10(int n)
{
    i64 p = 1;

    while (n-- > 0)
        p *= 10;
    return p;
}

static enum status by_setting(struct ctx *cx, const char *currency, struct exchange *out)
{
    struct val *rates;
    i64 mantissa;
    int scale;

    if (json_read(cx->arena, str_from(setting_text(cx, "currency.rates")), &rates, NULL) != OK ||
        !rate_parse(cx, val_get(rates, currency), &mantissa, &scale))
        return E_NOT_FOUND;
    *out = (struct exchange){
        .up = mantissa, .down = power_of_10(scale), .day = TIME_NONE, .source = ""
    };
    return OK;
}

/* ---- rates of days ---- */
struct rates { /* the type, and where its fields are */
    const struct record_type *t;
    int rate, one_of, day, source;
};

static bool rates_type(struct ctx *cx, struct rates *r)
{
    r->t = cx->db ? type_find(cx, "exchange_rate") : NULL;
    if (r->t == NULL)
        return false;
    r->rate = type_field(r->t, "rate");
    r->one_of = type_field(r->t, "one_of");
    r->day = type_field(r->t, "day");
    r->source = type_field(r->t, "source");
    assert(r->rate >= 0 && r->one_of >= 0 && r->day >= 0 && r->source >= 0);
    return true;
}

static const char *iso(struct ctx *cx, i64 day)
{
    int y, m, d;

    date_to_ymd(day, &y, &m, &d);
    return arena_printf(cx->arena, "%04d-%02d-%02d", y, m, d);
}

/* Those of a currency that still hold on the day, the newest first. `one_of` NULL: whatever they
 * are quoted against. */
static enum status held(struct ctx *cx, const struct rates *r, const char *currency,
                        const char *one_of, i64 day, int limit, struct list_page *page)
{
    i64 days = setting_i64(cx, "currency.rate_days");
    struct list_query q = { .sort = "-day", .limit = limit };

    q.filter = arena_printf(cx->arena, "currency = '%s' and day <= '%s' and day >= '%s'%s",
                            currency, iso(cx, day), iso(cx, day - (days < 0 ? 0 : days)),
                            one_of ? arena_printf(cx->arena, " and one_of = '%s'", one_of) : "");
    return list_run(cx, r->t, &q, page);
}

static void take(struct exchange *out, const struct rates *r, const struct row *row, i64 up,
                 i64 down)
{
    *out = (struct exchange){
        .up = up, .down = down, .day = row_i64(row, r->day), .source = row_text(row, r->source)
    };
}

static enum status by_day(struct ctx *cx, const struct rates *r, const char *currency, i64 day,
                          struct exchange *out)
{
    const char *base = base_currency(cx);
    struct list_page page;
    struct row *other;

    TRY(held(cx, r, currency, NULL, day, LOOKED_AT, &page));
    for (size_t i = 0; i < page.count; i++) {
        const struct row *row = page.rows[i];
        const char *third = row_text(row, r->one_of);
        if (text_is(third, base)) {
            take(out, r, row, EXCHANGE_UNIT, row_i64(row, r->rate));
            return OK;
        }
        enum status s = record_find(
            cx, r->t, "key",
            arena_printf(cx->arena, "%s %s/%s", iso(cx, row_i64(row, r->day)), third, base),
            &other);
        if (s == OK) {
            take(out, r, row, row_i64(other, r->rate), row_i64(row, r->rate));
            return OK;
        }
        if (s != E_NOT_FOUND)
            return s;
    }
    TRY(held(cx, r, base, currency, day, 1, &page));
    if (page.count == 0)
        return E_NOT_FOUND;
    take(out, r, page.rows[0], row_i64(page.rows[0], r->rate), EXCHANGE_UNIT);
    return OK;
}

enum status exchange_find(struct ctx *cx, const char *currency, i64 day, struct exchange *out)
{
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));
    enum status s = E_NOT_FOUND;
    struct rates r;

    *out = (struct exchange){ .up = 1, .down = 1, .day = TIME_NONE, .source = "" };
    if (text_is(currency, base_currency(cx)))
        return OK;
    if (!currency_known(currency))
        return E_NOT_FOUND;
    if (rates_type(cx, &r)) { /* whoever asks: everybody's sums are counted by the same rates */
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        s = by_day(cx, &r, currency, day > today ? today : day, out);
    }
    if (s == E_NOT_FOUND)
        s = by_setting(cx, currency, out);
    return s;
}

enum status exchange_apply(struct ctx *cx, const struct exchange *x, struct money m,
                           i64 *base_minor)
{
    int digits = currency_digits(base_currency(cx)) - currency_digits(m.currency);
    i64 up, down;

    if (__builtin_mul_overflow(x->up, power_of_10(digits > 0 ? digits : 0), &up) ||
        __builtin_mul_overflow(x->down, power_of_10(digits < 0 ? -digits : 0), &down))
        return E_INVALID;
    double about = (double)m.minor * ((double)up / (double)down);
    if (about > 9e18 || about < -9e18)
        return E_INVALID;
    *base_minor = money_muldiv(m.minor, up, down);
    return OK;
}

enum status money_to_base_on(struct ctx *cx, struct money m, i64 day, i64 *base_minor)
{
    struct exchange x;
    enum status s;

    *base_minor = m.minor;
    if (text_is(m.currency, base_currency(cx)))
        return OK;
    s = exchange_find(cx, m.currency, day, &x);
    if (s != OK)
        return s == E_NOT_FOUND ? E_INVALID : s;
    return exchange_apply(cx, &x, m, base_minor);
}

enum status money_to_base(struct ctx *cx, struct money m, i64 *base_minor)
{
    *base_minor = m.minor;
    if (text_is(m.currency, base_currency(cx)))
        return OK;
    return money_to_base_on(cx, m, zone_day(kit_zone(cx), ctx_now(cx)), base_minor);
}

const char *exchange_on(struct ctx *cx, i64 day)
{
    return zone_format(cx->arena, NULL, day * MS_DAY, "d MMM yyyy");
}

const char *exchange_say(struct ctx *cx, const char *currency, const struct exchange *x)
{
    const char *rate = arena_printf(cx->arena, "1 %s = %.6g %s", currency,
                                    (double)x->up / (double)x->down, base_currency(cx));

    if (x->day == TIME_NONE)
        return arena_printf(cx->arena, "%s, a rate without a day", rate);
    return arena_printf(cx->arena, "%s, of %s%s%s%s", rate, exchange_on(cx, x->day),
                        text_empty(x->source) ? "" : " (", x->source,
                        text_empty(x->source) ? "" : ")");
}

/* ---- which day ---- */
static i64 day_of(struct ctx *cx, const struct row *r, int field)
{
    i64 v = row_i64(r, field);

    return row_type(r)->fields[field].kind == FIELD_TIME ? zone_day(kit_zone(cx), v) : v;
}

i64 exchange_day(struct ctx *cx, const struct row *r)
{
    i64 today = zone_day(kit_zone(cx), ctx_now(cx)), day;
    const char *name = row_type(r)->rate_day;
    int field = name ? type_field(row_type(r), name) : -1;

    if (field < 0 || !row_has(r, field))
        return today;
    day = day_of(cx, r, field);
    return day > today ? today : day;
}

/* ---- what follows today's rate ---- */
struct follow {
    const struct record_type *t;
    i64 ids[PORTION];
    size_t count;
    i64 changed, left;
    const char *base;
};

/* True: an amount of it is worth something else by now, and it is set. */
static enum status recount(struct ctx *cx, struct row *r, i64 *left, bool *differs)
{
    i64 day = exchange_day(cx, r), base;
    bool unknown = false;

    *differs = false;
    for (int i = 0; i < r->type->field_count; i++) {
        struct value *v = &r->values[i];
        if (r->type->fields[i].kind != FIELD_MONEY || !v->set)
            continue;
        enum status s = money_to_base_on(cx, row_money(r, i), day, &base);
        unknown |= s == E_INVALID;
        if (s == E_INVALID)
            continue;
        TRY(s);
        if (base == v->base_minor)
            continue;
        row_set_base(r, i, base);
        *differs = true;
    }
    *left += unknown;
    return OK;
}

static enum status write_portion(struct ctx *cx, void *arg)
{
    struct follow *f = arg;

    for (size_t i = 0; i < f->count; i++) {
        struct row *r;
        i64 left = 0;
        bool differs;
        enum status s = record_get(cx, f->t, f->ids[i], &r);
        if (s == E_NOT_FOUND) {
            ctx_clear_error(cx);
            continue;
        }
        TRY(s);
        TRY(recount(cx, r, &left, &differs));
        if (!differs)
            continue;
        TRY(sql_put_quietly(cx, r));
        TRY(change_write_move(cx, r, r->stored));
        f->changed++;
    }
    return OK;
}

static enum status flush_portion(struct ctx *cx, struct follow *f)
{
    if (f->count > 0)
        TRY(kit_write(cx, write_portion, f));
    f->count = 0;
    return OK;
}

static enum status look(struct ctx *cx, struct row *r, void *arg)
{
    struct follow *f = arg;
    bool foreign = false, differs;

    for (int i = 0; i < r->type->field_count; i++)
        foreign |=
            r->type->fields[i].kind == FIELD_MONEY && r->values[i].set &&
            !(text_is(r->values[i].text, f->base) && r->values[i].i == r->values[i].base_minor);
    if (!foreign)
        return OK;
    TRY(recount(cx, r, &f->left, &differs));
    if (!differs)
        return OK;
    f->ids[f->count++] = row_id(r);
    return f->count == PORTION ? flush_portion(cx, f) : OK;
}

enum status exchange_follow(struct ctx *cx, bool closed, i64 *changed, i64 *left)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    size_t count;
    const struct record_type *const *types = type_all(cx, &count);

    *changed = *left = 0;
    for (size_t i = 0; i < count; i++) {
        struct follow f = { .t = types[i], .base = base_currency(cx) };
        if (types[i]->rate_day == NULL)
            continue;
        TRY(list_each(cx, types[i],
                      closed ? "" : arena_printf(cx->arena, "%s is empty", types[i]->rate_day),
                      look, &f));
        TRY(flush_portion(cx, &f));
        *changed += f.changed;
        *left += f.left;
    }
    return OK;
}
