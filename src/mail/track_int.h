/* track_int.h -- what the files of tracking share: a hit is one request that a mail's link, picture
 * or trap brought, before and after it is judged. */
#pragma once
#include "mail/track.h"

enum hit_kind { HIT_OPEN, HIT_CLICK, HIT_TRAP };
enum hit_mark { /* what the request itself showed */
    MARK_HEAD = 1,     /* HEAD: nothing was shown to anybody */
    MARK_PROGRAM = 2,  /* it says itself that it is a program, or says nothing */
    MARK_PREFETCH = 4, /* a browser or mail program fetches ahead */
    MARK_APPLE = 8,    /* the way Apple's mail privacy loads every picture */
};
enum {
    HIT_WAIT_MS = 4 * MS_SECOND, /* what comes within it is judged together */
    HIT_DAYS = 30,               /* hits are kept so long, to say why */
};

struct hit {
    i64 id, at_ms, message_id;
    enum hit_kind kind;
    int link;
    u32 marks;
    const char *url, *client, *network; /* network: a keyed hash of the address */
    int human;                          /* -1: not judged */
    u64 by_id, of_day;                  /* visitors that arrived */
};
/* What a request shows by itself. client: its User-Agent, or NULL. */
u32 hit_marks(bool head, const char *client, const char *purpose, enum hit_kind kind);
/* Why a hit is a machine's, as words with commas between; "": it is a person's. `all` are the hits
 * of the same mail around that time, this one among them; sent_ms: when the relay took the mail, 0:
 * not known. In arena. */
const char *hit_reasons(struct ctx *cx, const struct hit *h, const struct hit *all, size_t count,
                        i64 sent_ms);
/* Whether an address leads to one of the sites that are tracked here. */
bool track_is_own_site(struct ctx *cx, const char *url);
