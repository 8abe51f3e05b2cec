/* weblog.h -- a line of a web server's access log: Apache's and nginx's combined format (with or
 * without the virtual host in front), and Caddy's JSON. Pure reading: no state, any thread. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

/* Texts are in the arena, valid UTF-8 without control characters; "" when the log has none. */
struct weblog_line {
    const char *address, *method, *uri, *referrer, *agent;
    const char *host; /* of the site, where the format tells it */
    i64 at_ms;
    int status;
};
/* False: a line of neither format, or with an address or a time that is none. */
bool weblog_read(struct arena *a, struct str line, struct weblog_line *out);
/* What a line stands for: only pages that people were shown are counted. */
enum weblog_sort { WEBLOG_PAGE, WEBLOG_OTHER, WEBLOG_BOT };
enum weblog_sort weblog_sort_of(const struct weblog_line *l);
