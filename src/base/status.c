/* status.c -- the one table that says what a status is called and what it means to the outside: on
 * HTTP, as the exit code of a command (sysexits.h where one fits) and as a level in the log. */
#include "base/log.h"

static const struct {
    const char *word, *title;
    int http, exit;
    enum log_level level;
} table[] = {
    [OK] = { "ok", "OK", 200, 0, LOG_INFO },
    [E_INVALID] = { "invalid", "Not valid", 422, 65, LOG_INFO },
    [E_UNAUTHORIZED] = { "unauthorized", "Sign in first", 401, 77, LOG_INFO },
    [E_FORBIDDEN] = { "forbidden", "Not allowed", 403, 77, LOG_INFO },
    [E_NOT_FOUND] = { "not_found", "Not found", 404, 66, LOG_INFO },
    [E_CONFLICT] = { "conflict", "Changed meanwhile", 409, 73, LOG_INFO },
    [E_LIMIT] = { "limit", "Over a limit", 422, 65, LOG_INFO },
    [E_TOO_LARGE] = { "too_large", "Too large", 413, 65, LOG_INFO },
    [E_RATE] = { "rate_limited", "Too many requests", 429, 75, LOG_INFO },
    [E_UNSUPPORTED] = { "unsupported", "Not supported", 415, 64, LOG_INFO },
    [E_PRECONDITION] = { "precondition_failed", "Changed meanwhile", 412, 73, LOG_INFO },
    [E_BUSY] = { "busy", "Busy", 503, 75, LOG_WARN },
    [E_FULL] = { "storage_full", "Storage is full", 503, 74, LOG_ERROR },
    [E_IO] = { "io", "Something failed", 500, 74, LOG_ERROR },
    [E_CORRUPT] = { "corrupt", "Stored data is damaged", 500, 70, LOG_ERROR },
    [E_RETRY] = { "retry", "Try again", 503, 75, LOG_WARN },
    [E_SCHEMA] = { "schema", "The database needs an upgrade", 503, 78, LOG_ERROR },
};
_Static_assert(countof(table) == STATUS_COUNT, "a status without a row");

const char *status_word(enum status s)
{
    assert((unsigned)s < STATUS_COUNT);
    return table[s].word;
}

int status_http(enum status s)
{
    assert((unsigned)s < STATUS_COUNT);
    return table[s].http;
}

int status_exit(enum status s)
{
    assert((unsigned)s < STATUS_COUNT);
    return table[s].exit;
}

const char *status_title(enum status s)
{
    assert((unsigned)s < STATUS_COUNT);
    return table[s].title;
}

enum log_level status_log_level(enum status s)
{
    assert((unsigned)s < STATUS_COUNT);
    return table[s].level;
}
