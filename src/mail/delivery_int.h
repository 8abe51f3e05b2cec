/* delivery_int.h -- what planning (delivery.c) and sending (delivery_work.c) share. */
#pragma once
#include "io/dkim.h"
#include "io/smtp.h"
#include "mail/delivery.h"
#include "mail/inflight.h"
#include "mail/message_int.h"
#include "mail/plan.h"
#include <pthread.h>

enum {
    BATCH = INFLIGHT_EACH,
    WORKERS = INFLIGHT_WORKERS,
    LANES = 3,
    READY = 512,          /* read ahead for a sender in each lane, not taken on */
    SENDERS = 256,        /* active at once */
    PACES = 1024,         /* domains with a pace */
    BATCH_MS = 1000,      /* a batch takes about so long, so that the lane NOW need not wait */
    IDLE_CONNECTION_MS = 10 * 1000,
};

struct ready { /* a mail that is due, as read */
    i64 id;
    char domain[64]; /* cut: names a pace or none */
};

struct pace_state {
    char domain[64];
    struct plan_pace pace;
    int at_once, busy; /* 0: any number; batches with one of it */
    bool seen;
};

struct sender_state {
    i64 id, version;
    bool seen;                  /* among those read last */
    bool can_send;              /* active, with a server */
    int connections, workers;   /* allowed, running */
    struct ready ready[LANES][READY];
    size_t ready_count[LANES];
    i64 next_due_ms;            /* TIME_NONE: nothing waits */
    bool limited;
    i64 left;                   /* of the hour's and day's number, when limited */
    i64 counted_ms;             /* mono: when that was counted */
    i64 closed_until_ms;        /* mono: after trouble with the server */
    int troubles;               /* in a row */
    char error[300];
    u64 sent;                   /* by this run */
    double ms_a_mail;           /* moving mean, of one connection */
};

struct postponed {
    i64 id, due_ms;
};

struct worker {
    struct delivery *d;
    unsigned number;
    pthread_t thread;
    bool started, over; /* over: to be joined */
    i64 sender_id;
};

struct delivery {
    struct delivery_options o;
    struct inflight *inflight;
    pthread_mutex_t lock;
    pthread_cond_t wake;    /* the planner */
    pthread_cond_t work;    /* workers */
    bool stopping, woken;
    pthread_t planner;
    bool planning;
    struct arena *arena;    /* the planner's */
    struct db *db;
    struct sender_state *senders;
    size_t sender_count;
    struct pace_state *paces;
    size_t pace_count;
    struct postponed postponed[READY];
    size_t postponed_count;
    struct worker workers[WORKERS];
};

/* One mail of a batch, from the row that was taken on to what came of it. */
struct item {
    struct mail_message m;
    i64 first_try_at;
    enum mail_state state; /* MAIL_SENDING: no outcome yet */
    i64 due_ms;            /* of one that goes again */
    bool tried;            /* a server has said something about it */
    const char *reason, *code, *reply;
};
struct batch {
    struct item items[BATCH];
    size_t count;
    i64 ids[BATCH]; /* chosen; those still free become items */
    struct pace_state *paces[BATCH]; /* whose limit of mails at once it counts against, or NULL */
    size_t id_count, pace_count;
};

void delivery_ctx(struct delivery *d, struct ctx *cx, struct arena *a, struct db *db);
/* Chooses what a worker takes on next; waits for it if told so. False: nothing, or the end. */
bool delivery_choose(struct delivery *d, struct worker *w, struct batch *b, bool waits);
void delivery_release(struct delivery *d, struct batch *b); /* its domains are free again */
/* The server of a sender cannot be used: nothing goes to it for a while. */
void delivery_trouble(struct delivery *d, i64 sender_id, const char *why);
void delivery_went_well(struct delivery *d, i64 sender_id, u64 sent, double ms_a_mail);
bool delivery_is_stopping(struct delivery *d);
void *delivery_work(void *worker);

/* render.c */
struct mime_header;
struct mime_file;
struct mail_text { /* of one mail, in arena */
    const char *subject, *html, *text;
    bool flowed; /* the text is format=flowed */
    const struct mime_header *headers;
    size_t header_count;
    const struct mime_file *files;
    size_t file_count;
    const char *reply_to, *from_name; /* NULL: as the sender has them */
    const char *shown_to;             /* NULL: whom it goes to */
};
struct renderer; /* a worker's: compiled contents are kept for the next mail */
struct renderer *renderer_new(void);
void renderer_free(struct renderer *r);
/* Whether it may go at this moment; *why NULL: yes. Static or in arena. */
MUST_CHECK enum status mail_gate(struct ctx *cx, const struct mail_message *m, const char **why);
struct mail_from { /* what content may say of the sender */
    const char *name, *address, *public_url;
    bool goes; /* it is sent, not looked at: links and opens are told, people can leave by it */
};
MUST_CHECK enum status mail_render(struct ctx *cx, struct renderer *r, const struct mail_message *m,
                                   const struct mail_from *from, struct mail_text *out);
