/* imap.h -- reading and keeping a mailbox over IMAP4rev1 (RFC 3501): folders, mails by UID, flags,
 * moving, appending. Reading never marks a mail as read.
 * Ownership  results are in cx's arena; what a callback gets, for its call.
 * Errors     as mail_wire.h; E_UNSUPPORTED an answer that is no IMAP; E_NOT_FOUND no such folder.
 *            After E_IO and E_UNSUPPORTED the connection is of no more use: close it.
 * Threads    a connection belongs to one thread at a time. */
#pragma once
#include "io/mail_wire.h"

enum {
    IMAP_FOLDERS_MAX = 500,
    IMAP_MAIL_BYTES = 30 * 1024 * 1024, /* larger mails are told of, not fetched */
};

struct imap;
MUST_CHECK enum status imap_open(struct ctx *cx, const struct mail_server *s, struct imap **out);
void imap_close(struct imap *im); /* says goodbye; NULL is fine */
bool imap_has(const struct imap *im, const char *capability); /* "CONDSTORE", "MOVE" */

struct imap_folder {
    const char *name;    /* as the server calls it: give this back */
    const char *label;   /* in UTF-8, for people */
    const char *special; /* "inbox" "sent" "drafts" "trash" "junk" "archive" "all" or "" */
};
/* Those that hold mails. */
MUST_CHECK enum status imap_folders(struct ctx *cx, struct imap *im, struct imap_folder **out,
                                    size_t *count);

struct imap_state {
    u32 uid_validity, uid_next; /* uid_next 0: the server did not say */
    u32 mail_count;
    u64 mod_seq; /* 0: no CONDSTORE */
};
/* Opens a folder; read_only: nothing can be changed in it. */
MUST_CHECK enum status imap_select(struct ctx *cx, struct imap *im, const char *folder,
                                   bool read_only, struct imap_state *out);
/* UIDs from `from` on, ascending, of mails that arrived on that day or later (days since 1970;
 * TIME_NONE: whenever); at most max, the lowest. */
MUST_CHECK enum status imap_uids(struct ctx *cx, struct imap *im, u32 from, i64 since_day,
                                 size_t max, u32 **uids, size_t *count);

struct imap_mail {
    u32 uid;
    u32 size;        /* of the whole, as the server says */
    i64 arrived_ms;  /* TIME_NONE: unknown */
    bool seen, deleted, draft;
    struct str bytes; /* what was asked for */
};
enum imap_part {
    IMAP_HEAD, /* all header lines */
    IMAP_WHOLE,
};
/* Fetches one mail. E_NOT_FOUND without text: it is gone. E_TOO_LARGE. */
MUST_CHECK enum status imap_fetch(struct ctx *cx, struct imap *im, u32 uid, enum imap_part part,
                                  struct imap_mail *out);
/* Adds a flag: "\\Seen", "\\Deleted", "$Furrow". */
MUST_CHECK enum status imap_flag(struct ctx *cx, struct imap *im, u32 uid, const char *flag);
/* Moves a mail to another folder, which is made when it is not there. */
MUST_CHECK enum status imap_move(struct ctx *cx, struct imap *im, u32 uid, const char *folder);
/* Deletes one for good. */
MUST_CHECK enum status imap_remove(struct ctx *cx, struct imap *im, u32 uid);
/* Whether a folder has a mail of this Message-ID (without <>); opens the folder. */
MUST_CHECK enum status imap_holds(struct ctx *cx, struct imap *im, const char *folder,
                                  const char *message_id, bool *out);
/* Puts a mail into a folder, as read. */
MUST_CHECK enum status imap_append(struct ctx *cx, struct imap *im, const char *folder,
                                   struct str mail);
/* "Gesch&AOQ-ftlich" -> "Geschäftlich" (RFC 3501, 5.1.3); what is no such text stays. */
char *imap_utf7_text(struct arena *a, const char *name);

/* ---- for tests and fuzzing: one whole response, its literals within ---- */
struct imap_value {
    enum { IMAP_NIL, IMAP_ATOM, IMAP_STRING, IMAP_LIST } kind;
    struct str text;
    struct imap_value *items; /* of a list */
    size_t count;
};
/* "* 12 FETCH (UID 5)" -> list of its words. E_UNSUPPORTED without text: no such thing. */
MUST_CHECK enum status imap_parse(struct arena *a, struct str response, struct imap_value *out);
