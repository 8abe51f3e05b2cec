/* rates_read.c -- reads files of exchange rates. */
#include "admin/rates_read.h"
#include "base/csv.h"
#include "base/limits.h"
#include "base/money.h"
#include "kit/exchange.h"

enum column { COL_NONE, COL_DAY, COL_CURRENCY, COL_RATE, COL_ONE_OF, COL_SOURCE };

struct reading {
    struct ctx *cx;
    const char *base;
    i64 from_day;
    struct rate_file *out;
    size_t cap;
    bool begun, wide;
    size_t columns;
    enum column means[LIMIT_FIELDS];
    char currencies[LIMIT_FIELDS][4]; /* of wide files; "" a column without one */
};

/* ---- cells ---- */
bool rate_read(const char *text, i64 *rate)
{
    const i64 most = (i64)EXCHANGE_UNIT * 10000000; /* ten million of one */
    i64 whole = 0;
    int decimals = -1, digits = 0;

    for (const char *p = text; *p; p++) {
        if (*p == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (*p < '0' || *p > '9' || ++digits > 17)
            return false;
        if (decimals >= 0 && ++decimals > EXCHANGE_SCALE)
            return false;
        whole = whole * 10 + (*p - '0');
    }
    if (decimals < 0)
        decimals = 0;
    for (int i = decimals; i < EXCHANGE_SCALE; i++)
        if (__builtin_mul_overflow(whole, 10, &whole) || whole > most)
            return false;
    *rate = whole;
    return digits > 0 && whole > 0 && whole <= most;
}

static bool digits_read(const char **p, int most, int *out)
{
    int n = 0;

    *out = 0;
    while (**p >= '0' && **p <= '9' && n < most) {
        *out = *out * 10 + (*(*p)++ - '0');
        n++;
    }
    return n > 0;
}

static bool day_made(int y, int m, int d, i64 *day)
{
    int y2, m2, d2;

    if (y < 1900 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31)
        return false;
    *day = date_from_ymd(y, m, d);
    date_to_ymd(*day, &y2, &m2, &d2);
    return y2 == y && m2 == m && d2 == d;
}

static int month_read(const char **p)
{
    static const char *const months[] = { "january",   "february", "march",    "april",
                                          "may",       "june",     "july",     "august",
                                          "september", "october",  "november", "december" };
    const char *from = *p;
    size_t len = 0;

    while ((from[len] | 32) >= 'a' && (from[len] | 32) <= 'z')
        len++;
    *p = from + len;
    for (int m = 0; m < 12 && len >= 3; m++) {
        size_t i = 0;
        while (i < len && months[m][i] == (from[i] | 32))
            i++;
        if (i == len) /* the whole word or its beginning */
            return m + 1;
    }
    return 0;
}

bool rate_day_read(const char *text, i64 *day)
{
    const char *p = text;
    int y, m, d;

    if (date_parse(str_from(text), day))
        return true;
    if (!digits_read(&p, 2, &d) || *p++ != ' ')
        return false;
    m = month_read(&p);
    return m && *p++ == ' ' && digits_read(&p, 4, &y) && *p == '\0' && day_made(y, m, d, day);
}

/* ---- rows ---- */
static const char *cell_of(struct reading *r, const struct csv_row *row, size_t i)
{
    return i < row->count ? str_dup(r->cx->arena, str_trim(row->cells[i])) : "";
}

static enum status bad(struct reading *r, const struct csv_row *row, const char *what,
                       const char *text)
{
    return ctx_fail_field(r->cx, "file", "rates.line", "Line %zu: \"%.40s\" is no %s.", row->line,
                          text, what);
}

static bool code_read(const char *text, char out[4])
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len && i < 3; i++)
        out[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
    out[len == 3 ? 3 : 0] = '\0';
    return len == 3 && out[0] >= 'A' && out[0] <= 'Z' && out[1] >= 'A' && out[1] <= 'Z' &&
           out[2] >= 'A' && out[2] <= 'Z';
}

static enum status add(struct reading *r, const struct rate_line *line)
{
    struct rate_file *f = r->out;

    if (line->day < r->from_day) {
        f->left_out++;
        return OK;
    }
    if (f->count == RATES_MOST)
        return ctx_fail_field(r->cx, "file", "rates.many",
                              "The file has more than %d rates. Begin at a later day.", RATES_MOST);
    if (f->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 1024;
        struct rate_line *lines = NEW_N(r->cx->arena, struct rate_line, cap);
        if (f->count)
            memcpy(lines, f->lines, f->count * sizeof *lines);
        f->lines = lines;
        r->cap = cap;
    }
    f->lines[f->count++] = *line;
    if (f->first_day == TIME_NONE || line->day < f->first_day)
        f->first_day = line->day;
    if (f->last_day == TIME_NONE || line->day > f->last_day)
        f->last_day = line->day;
    return OK;
}

static enum column column_named(const char *name)
{
    static const struct {
        const char *name;
        enum column means;
    } known[] = { { "day", COL_DAY },       { "date", COL_DAY },    { "currency", COL_CURRENCY },
                  { "code", COL_CURRENCY }, { "rate", COL_RATE },   { "one_of", COL_ONE_OF },
                  { "one of", COL_ONE_OF }, { "base", COL_ONE_OF }, { "source", COL_SOURCE } };
    char low[16] = "";

    for (size_t i = 0; name[i] && i < sizeof low - 1; i++)
        low[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    for (size_t i = 0; i < countof(known); i++)
        if (text_is(low, known[i].name))
            return known[i].means;
    return COL_NONE;
}

static enum status head_read(struct reading *r, const struct csv_row *row)
{
    bool has[COL_SOURCE + 1] = { false };
    size_t codes = 0;

    r->begun = true;
    r->columns = row->count < LIMIT_FIELDS ? row->count : LIMIT_FIELDS;
    for (size_t i = 0; i < r->columns; i++) {
        const char *text = cell_of(r, row, i);
        r->means[i] = column_named(text);
        has[r->means[i]] = true;
        if (r->means[i] == COL_NONE && code_read(text, r->currencies[i]))
            codes++;
        else
            r->currencies[i][0] = '\0';
    }
    r->wide = has[COL_DAY] && codes > 0 && !has[COL_RATE];
    if (r->wide || (has[COL_DAY] && has[COL_CURRENCY] && has[COL_RATE]))
        return OK;
    return ctx_fail_field(
        r->cx, "file", "rates.head",
        "The first line must name the columns: Date and a currency code a column, "
        "as the European Central Bank has it, or day, currency and rate.");
}

static enum status wide_read(struct reading *r, const struct csv_row *row)
{
    struct rate_line line = { .one_of = "EUR", .source = "ECB" };

    for (size_t i = 0; i < r->columns; i++)
        if (r->means[i] == COL_DAY && !rate_day_read(cell_of(r, row, i), &line.day))
            return bad(r, row, "day", cell_of(r, row, i));
    for (size_t i = 0; i < r->columns; i++) {
        const char *text = r->currencies[i][0] ? cell_of(r, row, i) : "";
        if (text[0] == '\0' || text_is(text, "N/A") || text_is(text, "-"))
            continue;
        if (!rate_read(text, &line.rate))
            return bad(r, row, "rate", text);
        memcpy(line.currency, r->currencies[i], sizeof line.currency);
        if (!text_is(line.currency, line.one_of))
            TRY(add(r, &line));
    }
    return OK;
}

static enum status long_read(struct reading *r, const struct csv_row *row)
{
    struct rate_line line = { .source = "" };

    (void)code_read(r->base, line.one_of);
    for (size_t i = 0; i < r->columns; i++) {
        const char *text = r->means[i] ? cell_of(r, row, i) : "";
        if (r->means[i] == COL_DAY && !rate_day_read(text, &line.day))
            return bad(r, row, "day", text);
        if (r->means[i] == COL_CURRENCY &&
            !(code_read(text, line.currency) && currency_known(line.currency)))
            return bad(r, row, "currency", text);
        if (r->means[i] == COL_RATE && !rate_read(text, &line.rate))
            return bad(r, row, "rate", text);
        if (r->means[i] == COL_ONE_OF && text[0] &&
            !(code_read(text, line.one_of) && currency_known(line.one_of)))
            return bad(r, row, "currency", text);
        if (r->means[i] == COL_SOURCE)
            line.source = text;
    }
    if (text_is(line.currency, line.one_of))
        return bad(r, row, "other currency than what it is one of", line.currency);
    return add(r, &line);
}

static enum status row_read(void *arg, const struct csv_row *row)
{
    struct reading *r = arg;

    if (!r->begun)
        return head_read(r, row);
    if (row->count == 1 && str_trim(row->cells[0]).len == 0)
        return OK; /* an empty line */
    return r->wide ? wide_read(r, row) : long_read(r, row);
}

enum status rates_read(struct ctx *cx, struct str text, const char *base, i64 from_day,
                       struct rate_file *out)
{
    struct reading *r = NEW(cx->arena, struct reading);
    size_t line = 0;
    enum status s;

    *out = (struct rate_file){ .first_day = TIME_NONE, .last_day = TIME_NONE };
    *r = (struct reading){ .cx = cx, .base = base, .from_day = from_day, .out = out };
    if (text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        text = (struct str){ text.p + 3, text.len - 3 };
    s = csv_read(text, row_read, r, &line);
    if (s != OK && !cx->field_errors)
        return ctx_fail_field(
            cx, "file", "csv.broken",
            "Line %zu cannot be read: a quote is never closed, or it has too many "
            "columns.",
            line);
    if (s == OK && !r->begun)
        return ctx_fail_field(cx, "file", "csv.empty", "The file is empty.");
    return s;
}
