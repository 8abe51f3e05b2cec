/* money.c -- reading and showing amounts. Reading is where money goes wrong: "1.234" is a thousand
 * to one half of Europe and one to the other half, so a text with two readings is refused. */
#include "base/money.h"
#include <stdio.h>
#include <unicode/ucurr.h>
#include <unicode/uenum.h>
#include <unicode/ustring.h>

#define NBSP "\xc2\xa0"

enum { AMOUNT_CHARS = 64, SYMBOL_BYTES = 32, DIGITS_MAX = 18 };

/* What ICU says of the currencies that most amounts are in: asking it takes a microsecond, and a
 * list has hundreds of amounts. A test holds the two together. */
static const struct currency {
    char code[4];
    int digits;
    const char *symbol;
} common[] = {
    { "EUR", 2, "€" },   { "USD", 2, "$" },   { "GBP", 2, "£" },   { "CHF", 2, "CHF" },
    { "JPY", 0, "¥" },   { "SEK", 2, "SEK" }, { "NOK", 2, "NOK" }, { "DKK", 2, "DKK" },
    { "PLN", 2, "PLN" }, { "CAD", 2, "CA$" }, { "AUD", 2, "A$" },  { "INR", 2, "₹" },
    { "BRL", 2, "R$" },  { "CNY", 2, "CN¥" },
};

static const struct currency *find_common(const char *code)
{
    for (size_t i = 0; i < countof(common); i++)
        if (memcmp(code, common[i].code, 4) == 0)
            return &common[i];
    return NULL;
}

static bool is_code(const char *code)
{
    for (int i = 0; i < 3; i++)
        if (code[i] < 'A' || code[i] > 'Z')
            return false;
    return code[3] == '\0';
}

/* ICU's question whether a currency is in use forgets those that some other region gave up (GBP,
 * INR, DKK): its list of those that are not deprecated does not. */
static bool is_listed(const char *code)
{
    UErrorCode error = U_ZERO_ERROR;
    UEnumeration *list = ucurr_openISOCurrencies(UCURR_COMMON | UCURR_NON_DEPRECATED, &error);
    const char *one;
    bool found = false;

    while (!found && U_SUCCESS(error) && (one = uenum_next(list, NULL, &error)) != NULL)
        found = memcmp(one, code, 4) == 0;
    uenum_close(list);
    return found;
}

bool currency_known(const char *code)
{
    return is_code(code) && (find_common(code) != NULL || is_listed(code));
}

int currency_digits(const char *code)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar wide[4];

    if (!is_code(code))
        return 2;
    const struct currency *known = find_common(code);
    if (known != NULL)
        return known->digits;
    u_charsToUChars(code, wide, 4);
    int32_t digits = ucurr_getDefaultFractionDigits(wide, &error);
    return U_SUCCESS(error) ? digits : 2;
}

static bool symbol_of(const char *code, UCurrNameStyle style, char out[SYMBOL_BYTES])
{
    UErrorCode error = U_ZERO_ERROR;
    UChar wide[4];
    int32_t len;

    if (!is_code(code))
        return false;
    const struct currency *known = find_common(code);
    if (known != NULL && style == UCURR_SYMBOL_NAME) {
        snprintf(out, SYMBOL_BYTES, "%s", known->symbol);
        return true;
    }
    u_charsToUChars(code, wide, 4);
    const UChar *name = ucurr_getName(wide, "en", style, NULL, &len, &error);
    if (U_FAILURE(error))
        return false;
    u_strToUTF8(out, SYMBOL_BYTES, NULL, name, len, &error);
    return U_SUCCESS(error);
}

static i64 power_of_10(int n)
{
    i64 p = 1;

    while (n-- > 0)
        p *= 10;
    return p;
}

/* Takes one space, or one of the spaces that typeset amounts have, off `*s`. */
static bool take_space(struct str *s)
{
    static const char *const spaces[] = { " ", "\t", NBSP, "\xe2\x80\xaf", "\xe2\x80\x89" };

    for (size_t i = 0; i < countof(spaces); i++) {
        if (str_starts(*s, spaces[i])) {
            s->p += strlen(spaces[i]);
            s->len -= strlen(spaces[i]);
            return true;
        }
    }
    return false;
}

static bool take_sign(struct str *s, bool *negative)
{
    const char *minus = "\xe2\x88\x92"; /* U+2212, which word processors write */
    size_t len = str_starts(*s, minus) ? 3 : s->len > 0 && (*s->p == '-' || *s->p == '+');

    if (len == 0)
        return false;
    *negative = s->p[0] != '+';
    s->p += len;
    s->len -= len;
    return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Does the text's currency mark mean `currency`, or, when that is empty, exactly one currency? */
static const char *match_mark(struct str mark, const char *currency, char out[4])
{
    static const struct {
        const char *symbol, *code;
    } clear[] = {
        { "€", "EUR" }, { "£", "GBP" }, { "₹", "INR" }, { "₽", "RUB" }, { "₺", "TRY" },
        { "₩", "KRW" }, { "₪", "ILS" }, { "₫", "VND" }, { "₴", "UAH" },   { "zł", "PLN" },
    };
    char symbol[SYMBOL_BYTES];

    if (mark.len == 0) {
        snprintf(out, 4, "%.3s", currency);
        return currency[0] == '\0' ? "name the currency, for example 12.50 EUR" : NULL;
    }
    if (currency[0] != '\0') {
        snprintf(out, 4, "%.3s", currency);
        if (str_equal_fold(mark, str_from(currency)) ||
            (symbol_of(currency, UCURR_SYMBOL_NAME, symbol) && str_is(mark, symbol)) ||
            (symbol_of(currency, UCURR_NARROW_SYMBOL_NAME, symbol) && str_is(mark, symbol)))
            return NULL;
        return "the currency is not the one expected here";
    }
    if (mark.len == 3) {
        for (int i = 0; i < 3; i++)
            out[i] = (char)(mark.p[i] >= 'a' && mark.p[i] <= 'z' ? mark.p[i] - 32 : mark.p[i]);
        out[3] = '\0';
        if (currency_known(out))
            return NULL;
    }
    for (size_t i = 0; i < countof(clear); i++) {
        if (str_is(mark, clear[i].symbol)) {
            memcpy(out, clear[i].code, 4);
            return NULL;
        }
    }
    return "the currency is not clear: use its code, for example USD";
}

/* The number, taken apart: separators in order, and digits before each and after the last. */
struct number {
    char digits[AMOUNT_CHARS];
    int digit_count;
    char separators[AMOUNT_CHARS]; /* '.', ',' or ' ' (also for ') */
    int before[AMOUNT_CHARS];      /* digits in all, before the separator */
    int separator_count;
};

/* Takes the number off `*s`; a space counts only between digits. */
static bool take_amount(struct str *s, struct number *n)
{
    n->digit_count = n->separator_count = 0;
    while (s->len > 0 && n->digit_count < AMOUNT_CHARS && n->separator_count < AMOUNT_CHARS) {
        char c = s->p[0];
        struct str after = *s;
        bool space = take_space(&after);

        if (is_digit(c)) {
            n->digits[n->digit_count++] = c;
            s->p++;
            s->len--;
            continue;
        }
        if (!space) {
            if (c != '.' && c != ',' && c != '\'')
                break;
            after = (struct str){ s->p + 1, s->len - 1 };
        }
        if ((space || c == '\'') && (after.len == 0 || !is_digit(after.p[0])))
            break;
        n->before[n->separator_count] = n->digit_count;
        n->separators[n->separator_count++] = space || c == '\'' ? ' ' : c;
        *s = after;
    }
    return n->digit_count > 0;
}

/* Are the first `count` separators alike and do they group by thousands, up to digit `end`? */
static bool groups(const struct number *n, int count, int end)
{
    if (count == 0)
        return true;
    if (n->before[0] < 1 || n->before[0] > 3 || n->digits[0] == '0')
        return false;
    for (int i = 0; i < count; i++) {
        int next = i + 1 < count ? n->before[i + 1] : end;
        if (n->separators[i] != n->separators[0] || next - n->before[i] != 3)
            return false;
    }
    return true;
}

/* Finds where the whole units end. NULL, or why there is no one reading. */
static const char *find_point(const struct number *n, int currency_places, int *whole)
{
    int last = n->separator_count - 1, end = n->digit_count;

    *whole = end;
    if (last < 0)
        return NULL;
    char mark = n->separators[last];
    int after = end - n->before[last];
    bool alone = last == 0;
    bool grouped = groups(n, n->separator_count, end);

    /* "1.234" and, where there are three decimals, "1,234": a thousand to some, one to others.
     * The interface writes 1,234.50, so "1,234" is a thousand; a point before three digits is too
     * often a slip, unless the currency has them. */
    if (alone && after == 3 && grouped && mark == '.' && currency_places != 3)
        return "it could mean thousands or decimals: leave the separator out";
    if (alone && after == 3 && grouped && mark == ',' && currency_places == 3)
        return "it could mean thousands or decimals: leave the separator out";
    if (grouped && !(alone && mark == '.'))
        return NULL;
    if (mark == ' ' || after == 0 || !groups(n, last, n->before[last]) ||
        (last > 0 && n->separators[0] == mark))
        return "it is not an amount: write it like 1234.50";
    *whole = n->before[last];
    return NULL;
}

static const char *compute(const struct number *n, int whole, int places, bool negative, i64 *minor)
{
    i64 value = 0;

    for (int i = 0; i < whole + places; i++) {
        int digit = i < n->digit_count ? n->digits[i] - '0' : 0;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return "the amount is too large";
    }
    for (int i = whole + places; i < n->digit_count; i++)
        if (n->digits[i] != '0')
            return "it has more decimals than the currency";
    *minor = negative ? -value : value;
    return NULL;
}

enum status money_parse(struct str text, const char *currency, struct money *out, const char **why)
{
    struct number n;
    struct str mark = { "", 0 };
    struct money m;
    bool negative = false;
    int whole;

    while (text.len > 0 && take_space(&text))
        continue;
    bool sign = take_sign(&text, &negative);
    struct str start = text;
    while (text.len > 0 && !is_digit(*text.p) && strchr(".,+-", *text.p) == NULL &&
           !str_starts(text, "\xe2\x88\x92")) {
        struct str before = text;
        if (!take_space(&text)) {
            text.p++;
            text.len--;
            mark = (struct str){ start.p, (size_t)(text.p - start.p) };
        } else if (mark.len == 0) {
            start = text;
        }
        assert(text.len < before.len);
    }
    if (!sign)
        take_sign(&text, &negative);
    *why = "it is not an amount: write it like 1234.50";
    if (!take_amount(&text, &n))
        return E_INVALID;
    while (text.len > 0 && take_space(&text))
        continue;
    while (text.len > 0 && (text.p[text.len - 1] == ' ' || text.p[text.len - 1] == '\t'))
        text.len--;
    if (text.len > 0 && mark.len > 0)
        return E_INVALID;
    if (text.len > 0)
        mark = text;
    if ((*why = match_mark(mark, currency, m.currency)) != NULL)
        return E_INVALID;
    int places = currency_digits(m.currency);
    if ((*why = find_point(&n, places, &whole)) != NULL ||
        (*why = compute(&n, whole, places, negative, &m.minor)) != NULL)
        return E_INVALID;
    *out = m;
    return OK;
}

/* The digits of |value| with `places` decimals, grouped by `group` (or not when 0). */
static char *digits_of(struct arena *a, i64 value, int places, char group)
{
    char text[AMOUNT_CHARS];
    int at = AMOUNT_CHARS;
    u64 rest = value < 0 ? 0 - (u64)value : (u64)value;

    text[--at] = '\0';
    for (int i = 0; i < places; i++, rest /= 10)
        text[--at] = (char)('0' + rest % 10);
    if (places > 0)
        text[--at] = '.';
    int count = 0;
    do {
        if (group != '\0' && count > 0 && count % 3 == 0)
            text[--at] = group;
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
        count++;
    } while (rest > 0);
    return arena_dup(a, text + at, (size_t)(AMOUNT_CHARS - 1 - at));
}

char *money_plain(struct arena *a, struct money m)
{
    const char *digits = digits_of(a, m.minor, currency_digits(m.currency), '\0');

    return arena_printf(a, "%s%s", m.minor < 0 ? "-" : "", digits);
}

/* "-€" or, for symbols that are letters, "CHF" and a space that does not break. */
static char *with_symbol(struct arena *a, bool negative, const char *currency, const char *digits)
{
    char symbol[SYMBOL_BYTES];

    if (!symbol_of(currency, UCURR_SYMBOL_NAME, symbol))
        snprintf(symbol, sizeof symbol, "%.3s", currency);
    size_t len = strlen(symbol);
    bool letters = len > 0 && ((symbol[len - 1] | 32) >= 'a' && (symbol[len - 1] | 32) <= 'z');
    return arena_printf(a, "%s%s%s%s", negative ? "-" : "", symbol, letters ? NBSP : "", digits);
}

char *money_show(struct arena *a, struct money m)
{
    const char *digits = digits_of(a, m.minor, currency_digits(m.currency), ',');

    return with_symbol(a, m.minor < 0, m.currency, digits);
}

char *money_short(struct arena *a, struct money m)
{
    static const char *const letters[] = { "", "K", "M", "B", "T" };
    i64 unit = power_of_10(currency_digits(m.currency));
    u64 size = m.minor < 0 ? 0 - (u64)m.minor : (u64)m.minor;
    u64 step = (u64)unit, whole;
    size_t i = 0;

    if (size < (u64)unit * 100) /* small prices keep their cents */
        return money_show(a, m);
    /* Rounding may carry into the next step: 999,960 is 1M, not 1000K. */
    while ((whole = size / step + (size % step >= step - step / 2)) >= 1000 &&
           i + 1 < countof(letters)) {
        step *= 1000;
        i++;
    }
    u64 tenths = (u64)(((unsigned __int128)size * 10 + step / 2) / step);
    const char *digits = i > 0 && tenths < 1000 && tenths % 10 != 0
                             ? digits_of(a, (i64)tenths, 1, ',')
                             : digits_of(a, (i64)whole, 0, ',');
    return with_symbol(a, m.minor < 0, m.currency, arena_printf(a, "%s%s", digits, letters[i]));
}

i64 money_muldiv(i64 a, i64 b, i64 c)
{
    assert(c != 0);
    __int128 product = (__int128)a * b, divisor = c;
    bool negative = (product < 0) != (divisor < 0);

    if (product < 0)
        product = -product;
    if (divisor < 0)
        divisor = -divisor;
    /* Twice the rest is compared rather than adding half: half of an odd divisor is not whole. */
    __int128 result = product / divisor;
    if ((product % divisor) * 2 >= divisor)
        result++;
    if (negative)
        result = -result;
    if (result > INT64_MAX)
        return INT64_MAX;
    return result < INT64_MIN ? INT64_MIN : (i64)result;
}
