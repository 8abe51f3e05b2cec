/* weblog_fuzz.c -- one line of an access log: refused, or read into texts that are clean UTF-8,
 * with an address, a status and a time, and of one sort. Input: the line. */
#include "base/utf8.h"
#include "fuzz.h"
#include "marketing/weblog.h"
#include <arpa/inet.h>

static void check_text(const char *text)
{
    must(utf8_valid(str_from(text)), "a text that is no UTF-8");
    for (const char *p = text; *p != '\0'; p++)
        must((unsigned char)*p >= ' ' && *p != 127, "a control character");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(4096);
    unsigned char bytes[sizeof(struct in6_addr)];
    struct weblog_line l;

    if (weblog_read(a, (struct str){ (const char *)data, size }, &l)) {
        const char *const texts[] = { l.address, l.method, l.uri, l.referrer, l.agent };
        for (size_t i = 0; i < countof(texts); i++)
            check_text(texts[i]);
        must(utf8_valid(str_from(l.host)), "a host that is no UTF-8");
        must(inet_pton(AF_INET, l.address, bytes) == 1 ||
                 inet_pton(AF_INET6, l.address, bytes) == 1,
             "no address");
        must(l.status >= 100 && l.status <= 999, "no status");
        must(weblog_sort_of(&l) <= WEBLOG_BOT, "of no sort");
    }
    arena_free(a);
    return 0;
}
