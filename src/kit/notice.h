/* notice.h -- the one door through which a colleague is told something: shown on their open pages
 * at once, kept until read, and mailed as they chose for its kind (mail/notice_mail.c hears
 * "notice.made"). Who wants a kind by mail alone has it as a quiet one: in no list, counted
 * nowhere; who wants it nowhere is not told. notify() of kit.h is short for work that waits for
 * somebody.
 *
 * What concerns a record says which, or its path does ("/deals/01h..."): news are grouped by it,
 * and none is mailed to whom may not see it any more.
 * Threads    as the ctx; needs a writing connection. */
#pragma once
#include "kit/kit.h"

enum notice_kind { /* stored by its word, see notice_kinds */
    NOTICE_MENTION,
    NOTICE_WORK,     /* something is somebody's to do: assigned, handed over, due */
    NOTICE_APPROVAL, /* asked for, given, refused */
    NOTICE_CUSTOMER, /* a customer wrote, booked, opened, signed, rated */
    NOTICE_COMMENT,  /* on what one follows */
    NOTICE_CHANGE,   /* of what one follows */
    NOTICE_ALERT,    /* a number left its bounds, a promise runs out */
    NOTICE_TROUBLE,  /* something of ours did not work: mails came back */
    NOTICE_KINDS
};
enum notice_mail { NOTICE_NEVER, NOTICE_SOON, NOTICE_DAILY, NOTICE_MAILS };
struct notice_kind_facts {
    const char *name, *label, *help;
    enum notice_mail mail; /* unless somebody chose otherwise */
    bool always;           /* stands behind the bell whatever one chooses: somebody waits for it */
};
extern const struct notice_kind_facts notice_kinds[NOTICE_KINDS];
const char *notice_mail_word(enum notice_mail m); /* static: "never" "soon" "daily" */
/* What somebody chose, as their record keeps it ("mention=daily change=never"), for one kind. */
enum notice_mail notice_choice(const char *choices, enum notice_kind kind);
/* Whether it stands behind the bell: unless they chose "app.mention=off". */
bool notice_in_app(const char *choices, enum notice_kind kind);
/* By its stored word; of an unknown one NOTICE_WORK. */
enum notice_kind notice_kind_of(const char *word);

struct notice {
    i64 user_id; /* 0: nobody is told */
    enum notice_kind kind;
    const char *icon, *text, *path;
    /* The record that it is about; 0: as the path says. */
    const char *type;
    i64 record_id;
    bool joins; /* one of this kind, record and colleague that is unread becomes this one */
};
MUST_CHECK enum status notice_add(struct ctx *cx, const struct notice *n);
/* Whether this user was told of this record a moment ago, in the same transaction, say: beyond what
 * its followers are told. */
MUST_CHECK enum status notice_just_told(struct ctx *cx, i64 user_id, i64 record_id, bool *told);
