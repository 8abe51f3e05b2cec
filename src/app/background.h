/* background.h -- what the server does beside answering: runs the jobs of the queue, and moves
 * events from the outbox to the journey soon after each commit. */
#pragma once
#include "app/program.h"

enum {
    BACKGROUND_LEASE_MS = MS_MINUTE, /* made longer at its half; so long a dead node's work waits */
    BACKGROUND_LOOK_MS = 25,         /* how soon after a commit its jobs and events are seen */
};

struct background;
/* OK: *out is owned, background_stop. */
MUST_CHECK enum status background_start(struct program *p, unsigned runners,
                                        struct background **out);
/* Takes no more jobs and waits up to grace_ms for those that run. False: one still runs; its lease
 * will run out and it will be run again. May then be called again. */
bool background_stop(struct background *b, int grace_ms);
