/* client.h -- what a User-Agent says: browser, system, kind of device, and whether it is a program
 * rather than a person. A judgement by a short table, good for counting, never for blocking.
 * Threads: no state. */
#pragma once
#include "base/str.h"

enum device { DEVICE_UNKNOWN, DEVICE_DESKTOP, DEVICE_MOBILE, DEVICE_TABLET };
struct client {
    const char *browser, *system; /* static: "Chrome", "Windows"; "" unknown */
    enum device device;
    /* crawlers, monitors, libraries, headless browsers; an empty agent too */
    bool bot;
};
struct client client_of(const char *user_agent);
