/* web_fuzz.c -- whatever is asked, by whom ever: the answer is an answer, never a failure of ours,
 * its headers are headers, and nothing that was sent stands in a page as markup. Input: one
 * character for who asks (s stranger, m marketing, others an administrator), one for the method (G
 * P U A D), the target up to a line end, the content type up to a line end, the body. */
#include "base/log.h"
#include "fuzz.h"
#include "support/house.h"
#include <stdio.h>
#include <stdlib.h>

static struct house *house;
static struct person *admin, *marketing;

static void clean_up(void) { house_close(house); }

static void open_house(void)
{
    house = house_open(DB_SQLITE, NULL);
    admin = house_user(house, "Ada", "");
    marketing = house_user(house, "Mia", "Marketing");
    log_set_level(LOG_ERROR);
    atexit(clean_up);
}

/* Hashing a password takes 50 ms: nothing is learnt from it here. */
static bool is_slow(const char *target)
{
    return strstr(target, "password") != NULL || strstr(target, "sign-in") != NULL ||
           strstr(target, "setup") != NULL || strstr(target, "welcome") != NULL;
}

static char *line(struct arena *a, struct str *rest, size_t max)
{
    struct str part = { "", 0 };

    (void)str_split(rest, '\n', &part);
    return arena_dup(a, part.p, part.len < max ? part.len : max);
}

/* What io/http lets through: a path that begins with a slash, without control characters. */
static bool passes_http(const char *target)
{
    if (target[0] != '/')
        return false;
    for (const unsigned char *p = (const unsigned char *)target; *p != '\0'; p++)
        if (*p <= ' ' || *p >= 0x7f)
            return false;
    return strstr(target, "..") == NULL && strstr(target, "%00") == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum http_method methods[] = { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH,
                                                HTTP_DELETE };
    static const char letters[] = "GPUAD";
    struct http_pair headers[3] = { { "Content-Type", NULL }, { "Accept", "text/html" } };
    struct str rest = { (const char *)data, size };
    struct arena *a;
    const char *letter;
    char who, *target, *body;

    if (house == NULL)
        open_house();
    if (size < 4)
        return 0;
    a = arena_new(16 * 1024);
    who = rest.p[0];
    letter = strchr(letters, rest.p[1] != '\0' ? rest.p[1] : 'G');
    rest = (struct str){ rest.p + 2, rest.len - 2 };
    target = line(a, &rest, 2000);
    headers[0].value = line(a, &rest, 200);
    body = arena_dup(a, rest.p, rest.len);
    if (passes_http(target) && !is_slow(target) && strlen(target) > 0) {
        struct arena *answers = house->arena;
        struct web_response r;
        house->arena = a;
        r = house_ask(house,
                      who == 's'   ? NULL
                      : who == 'm' ? marketing
                                   : admin,
                      letter != NULL ? methods[letter - letters] : HTTP_GET, target, body, headers);
        house->arena = answers;
        must(r.status >= 200 && r.status < 600 && r.status != 500,
             "no answer, or a failure of ours");
        for (const struct http_pair *h = r.headers; h->name != NULL; h++)
            must(strpbrk(h->name, "\r\n") == NULL && strpbrk(h->value, "\r\n") == NULL,
                 "a line end in a header");
        if (strncmp(r.type, "text/html", 9) == 0)
            must(memmem(r.body.p, r.body.len, "<xss", 4) == NULL, "what was sent is markup");
    }
    arena_free(a);
    return 0;
}
