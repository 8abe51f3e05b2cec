/* base.h -- the words every other file is written in: integers, status codes, scope helpers.
 * Everything in the program includes this first. It has no state and no I/O. */
#pragma once
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define countof(a) (sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))

/* What a call that can fail says. One table (status.c) maps each to a stable word, an HTTP status,
 * an exit code and a log level; nothing else in the program names an HTTP status for an error. */
enum status {
    OK = 0,
    E_INVALID,      /* what was sent is wrong, and the sender can mend it */
    E_UNAUTHORIZED, /* nobody is signed in */
    E_FORBIDDEN,    /* somebody is, and may not */
    E_NOT_FOUND,    /* no such thing, or none that this user may see */
    E_CONFLICT,     /* somebody else changed it first, or it exists already */
    E_LIMIT,        /* a named limit of base/limits.h was met */
    E_TOO_LARGE,    /* a body or upload over its limit */
    E_RATE,         /* too many requests from this sender; later is fine */
    E_UNSUPPORTED,  /* a media type, method or version that is not spoken here */
    E_PRECONDITION, /* If-Match does not hold */
    E_BUSY,         /* a queue is full or a lock is held; retry later */
    E_FULL,         /* no disk space: reads go on, writes do not */
    E_IO,           /* the operating system or the database said no */
    E_CORRUPT,      /* stored bytes that cannot be what was written */
    E_RETRY,        /* a serialisation conflict: run the transaction again */
    E_SCHEMA,       /* the database is older or newer than this program */
    STATUS_COUNT
};

const char *status_word(enum status s);  /* static: "not_found", stable, for the API */
int status_http(enum status s);          /* 404 */
int status_exit(enum status s);          /* process exit code, 0 to 125 */
const char *status_title(enum status s); /* static: "Not found", for people */

/* Passes an error up. The only macro that returns. */
#define TRY(x)                         \
    do {                               \
        enum status try_status_ = (x); \
        if (try_status_ != OK)         \
            return try_status_;        \
    } while (0)

/* scoped(fn) T v = ...;  calls fn(&v) when v leaves its scope, on every way out. A v that nobody
 * reads is fine: some are only there to be left. */
#define scoped(fn) __attribute__((cleanup(fn), unused))
