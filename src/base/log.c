/* log.c -- the log: one write(2) a line, so lines of several threads never mix and nothing is lost
 * in a buffer when the process dies. The formatter is our own because only it knows which bytes
 * came from a %s, and those are the ones a stranger may have chosen. */
#include "base/log.h"
#include "base/clock.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_BYTES = 4096, SPEC_BYTES = 32 };

/* The one mutable state that the base keeps for the process: how much is logged is decided once at
 * the start, from a flag, before there is anything to carry it in. Atomic, so any thread may
 * ask. */
static _Atomic int least_level = LOG_INFO;

struct line {
    char p[LINE_BYTES];
    size_t len;
};

/* A va_list behind a struct, so that functions can share one (it may be an array type). */
struct args {
    va_list list;
};

void log_set_level(enum log_level least) { atomic_store(&least_level, (int)least); }

static void put(struct line *l, const char *bytes, size_t len)
{
    size_t room = LINE_BYTES - 1 - l->len; /* one byte stays for the line end */

    if (len > room)
        len = room;
    memcpy(l->p + l->len, bytes, len);
    l->len += len;
}

static void put_char(struct line *l, char c) { put(l, &c, 1); }

static void put_escaped(struct line *l, const char *s, size_t len)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\') {
            put(l, (const char[]){ '\\', (char)c }, 2);
        } else if (c == '\n') {
            put(l, "\\n", 2);
        } else if (c < 0x20 || c == 0x7f) {
            put(l, (const char[]){ '\\', 'x', hex[c >> 4], hex[c & 15] }, 4);
        } else {
            put_char(l, (char)c);
        }
    }
}

static bool is_plain(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] <= ' ' || s[i] == '"' || s[i] == '=' || s[i] == '\\' ||
            s[i] == 0x7f)
            return false;
    return len > 0;
}

/* A %s value: bare when plain, quoted otherwise; `quoted` when the format has the quotes itself. */
static void put_value(struct line *l, const char *s, int precision, bool quoted)
{
    if (s == NULL)
        s = "(null)";
    size_t len = precision < 0 ? strlen(s) : strnlen(s, (size_t)precision);
    bool add_quotes = !quoted && !is_plain(s, len);

    if (add_quotes)
        put_char(l, '"');
    put_escaped(l, s, len);
    if (add_quotes)
        put_char(l, '"');
}

/* Prints one number conversion. `spec` is the whole "%...x"; `size` counts l, or is z, j, t. */
static void put_number(struct line *l, const char *spec, char size, struct args *args)
{
    char text[512];
    char kind = spec[strlen(spec) - 1];
    int len;

/* The format was checked by the compiler where log_line was called. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (strchr("aAeEfFgG", kind) != NULL)
        len = snprintf(text, sizeof text, spec, va_arg(args->list, double));
    else if (kind == 'p')
        len = snprintf(text, sizeof text, spec, va_arg(args->list, void *));
    else if (size == 'z' || size == 't')
        len = snprintf(text, sizeof text, spec, va_arg(args->list, size_t));
    else if (size == 2 || size == 'j')
        len = snprintf(text, sizeof text, spec, va_arg(args->list, long long));
    else if (size == 1)
        len = snprintf(text, sizeof text, spec, va_arg(args->list, long));
    else
        len = snprintf(text, sizeof text, spec, va_arg(args->list, int));
#pragma GCC diagnostic pop
    if (len > 0)
        put(l, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
}

/* Formats one conversion that starts at `fmt` (a '%') and returns what stands behind it. */
static const char *put_conversion(struct line *l, const char *fmt, struct args *args, bool quoted)
{
    char spec[SPEC_BYTES], size = 0;
    size_t len = 0;
    int precision = -1;
    bool after_dot = false;

    spec[len++] = *fmt++;
    for (; *fmt != '\0' && len < SPEC_BYTES - 13; fmt++) {
        if (*fmt == '*') { /* written out as digits, so that put_number takes one argument */
            int n = va_arg(args->list, int);
            if (after_dot)
                precision = n;
            len += (size_t)snprintf(spec + len, 12, "%d", n);
            continue;
        }
        spec[len++] = *fmt;
        if (*fmt == '.') {
            after_dot = true;
            precision = 0;
        } else if (after_dot && *fmt >= '0' && *fmt <= '9') {
            precision = precision * 10 + (*fmt - '0');
        } else if (*fmt == 'l') {
            size++;
        } else if (*fmt == 'z' || *fmt == 'j' || *fmt == 't') {
            size = *fmt;
        } else if (strchr("diouxXcpsaAeEfFgG%", *fmt) != NULL) {
            spec[len] = '\0';
            if (*fmt == '%')
                put_char(l, '%');
            else if (*fmt == 's')
                put_value(l, va_arg(args->list, const char *), precision, quoted);
            else
                put_number(l, spec, size, args);
            return fmt + 1;
        }
    }
    return fmt;
}

static void put_format(struct line *l, const char *fmt, struct args *args)
{
    bool quoted = false;

    while (*fmt != '\0') {
        if (*fmt == '%') {
            fmt = put_conversion(l, fmt, args, quoted);
            continue;
        }
        if (*fmt == '"')
            quoted = !quoted;
        put_char(l, *fmt == '\n' ? ' ' : *fmt);
        fmt++;
    }
}

static void put_time(struct line *l)
{
    i64 ms = clock_ms(NULL), day = ms / MS_DAY;
    int year, month, dom, rest = (int)(ms - day * MS_DAY);
    char text[40];

    date_to_ymd(day, &year, &month, &dom);
    int len = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, dom,
                       rest / MS_HOUR, rest / MS_MINUTE % 60, rest / MS_SECOND % 60, rest % 1000);
    put(l, text, (size_t)len);
}

static void write_line(enum log_level level, const char *event, const char *fmt, struct args *args)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    struct line l;

    l.len = 0;
    put(&l, "time=", 5);
    put_time(&l);
    put(&l, " level=", 7);
    put(&l, names[level], strlen(names[level]));
    put(&l, " event=", 7);
    put(&l, event, strlen(event));
    put_char(&l, ' ');
    put_format(&l, fmt, args);
    if (l.p[l.len - 1] == ' ')
        l.len--;
    l.p[l.len++] = '\n';
    /* Nobody is left to tell when standard error is gone, so the result is looked at and
     * dropped. */
    if (write(STDERR_FILENO, l.p, l.len) < 0)
        return;
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
    struct args args;

    if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed))
        return;
    va_start(args.list, fmt);
    write_line(level, event, fmt, &args);
    va_end(args.list);
}

void log_fatal(const char *event, const char *fmt, ...)
{
    struct args args;

    va_start(args.list, fmt);
    write_line(LOG_ERROR, event, fmt, &args);
    va_end(args.list);
    abort();
}
