/* log.h -- one line of key=value per happening, to standard error. Lower case, cause first,
 * subject in quotes, ids only: never names, addresses or mails of people. Any thread. */
#pragma once
#include "base/base.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
/* Lines below `least` are not written; LOG_INFO at the start. For the whole process. */
void log_set_level(enum log_level least);
/* log_line(LOG_INFO, "http.request", "id=%s status=%d", ...): the format is key=value pairs. A %s
 * value is escaped, and quoted when it holds a space or a quote: it can neither end the line nor
 * add a key. */
void log_line(enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);
NORETURN void log_fatal(const char *event, const char *fmt, ...)
    PRINTF_LIKE(2, 3);                          /* logs, aborts */
enum log_level status_log_level(enum status s); /* at which an answer with `s` is logged */
