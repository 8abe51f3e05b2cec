/* own.c -- scenarios of the web's own routes. */
#include "scenario.h"

const struct scenario own_scenarios[] = {
    { "alive", STRANGER, HTTP_GET, "/healthz", NULL, 200, "alive" },
    { "alive, for a user too", ADMIN, HTTP_GET, "/healthz", NULL, 200, "alive" },
    { "ready", STRANGER, HTTP_GET, "/readyz", NULL, 200, "ready" },
    { "ready, for a user too", ADMIN, HTTP_GET, "/readyz", NULL, 200, "ready" },
    { "numbers, from this machine", STRANGER, HTTP_GET, "/metrics", NULL, 200,
      "furrow_http_requests_total" },
    { "numbers, for an administrator", ADMIN, HTTP_GET, "/metrics", NULL, 200, "furrow_jobs" },
    { "numbers are not for what comes through a proxy", STRANGER, HTTP_GET, "/metrics", NULL, 401,
      NULL, "furrow_jobs", .headers = { "X-Forwarded-For", "203.0.113.7" } },
    { "live pages are for users", STRANGER, HTTP_GET, "/live?topics=deal", NULL, 401 },
    { "a live page", SALES, HTTP_GET, "/live?topics=deal", NULL, 200, ": hello" },
    { 0 },
};
