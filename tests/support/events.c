/* events.c -- see events.h. */
#include "support/events.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *test_events_url(void)
{
    static char url[1024];
    static unsigned count;
    const char *given = getenv("FURROW_TEST_EVENTS");

    if (given == NULL || *given == '\0')
        return NULL;
    const char *scheme = strstr(given, "://");
    const char *slash = scheme == NULL ? NULL : strchr(scheme + 3, '/');
    if (slash == NULL) {
        fprintf(stderr, "FURROW_TEST_EVENTS must look like clickhouse://host:port/\n");
        exit(1);
    }
    snprintf(url, sizeof url, "%.*s/furrow_%d_%ld_%u%s", (int)(slash - given), given, (int)getpid(),
             (long)time(NULL), ++count, slash + 1);
    return url;
}
