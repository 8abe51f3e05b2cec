/* limits.h -- every limit of the program, with its reason. A limit that is met is a clear error
 * (E_LIMIT or E_TOO_LARGE), never a cut or a crash. Sizes are bytes unless the name says
 * otherwise. */
#pragma once
#include <stdint.h>

enum {
    /* What arrives */
    LIMIT_HEADER_BYTES = 16 * 1024,        /* request line and headers together */
    LIMIT_BODY_BYTES = 1024 * 1024,        /* JSON and form bodies */
    LIMIT_UPLOAD_BYTES = 64 * 1024 * 1024, /* a CSV to import */
    LIMIT_FORM_FIELDS = 1500,              /* fields in one form body or query string: a form's
                                            * builder has 20 for each of 60 */
    LIMIT_CONNECTIONS = 4096,              /* open sockets */
    LIMIT_CONNECTIONS_PER_IP = 1024,
    LIMIT_REQUEST_SECONDS = 20,             /* from first byte to whole request */
    LIMIT_IDLE_SECONDS = 60,                /* keep-alive without a request */
    LIMIT_HEADER_FIELDS = 100,              /* header lines of one request */
    LIMIT_BYTES_PER_SECOND_MIN = 16 * 1024, /* slower bodies and readers are drips: beyond the
                                             * seconds above each must average this */
    LIMIT_LINGERING = 256,          /* refused senders still read from, so that they see why */
    LIMIT_WORKER_QUEUE = 2048,      /* requests waiting for a worker */
    LIMIT_LIVE_STREAMS = 1000,      /* server-sent event streams */
    LIMIT_STREAM_BYTES = 64 * 1024, /* unread by one stream's client before it is dropped */

    /* What is kept */
    LIMIT_TEXT_BYTES = 1000, /* a text field without a limit of its own */
    LIMIT_LONG_TEXT_BYTES = 100 * 1000,
    LIMIT_JSON_FIELD_BYTES = 64 * 1024,
    LIMIT_TAGS = 50, /* on one record */
    LIMIT_TAG_BYTES = 60,
    LIMIT_FIELDS = 200, /* of one record type */

    /* What is asked */
    LIMIT_JSON_DEPTH = 64,
    LIMIT_FILTER_DEPTH = 8,
    LIMIT_FILTER_NODES = 100,
    LIMIT_LIST_ROWS = 200, /* one page of a list or of the API */
    LIMIT_LIST_ROWS_DEFAULT = 50,
    LIMIT_BULK_ROWS = 5000, /* changed by one action on a list: they are one transaction, for
                             * which other writers wait */
    LIMIT_BOARD_CARDS = 1000,
    LIMIT_EXPORT_ROWS = 1000 * 1000,
    LIMIT_IMPORT_ROWS = 1000 * 1000,
    LIMIT_IMPORT_BYTES = 1024 * 1024 * 1024, /* of a file on the command line: it is read whole */
    LIMIT_SEARCH_RESULTS = 20,
    LIMIT_TIMELINE_EVENTS = 500,
    LIMIT_PAGE_BYTES = 8 * 1024 * 1024, /* one rendered answer */
    LIMIT_PRINT_BYTES = 32 * 1024 * 1024, /* a PDF or a picture */

    /* Journeys */
    LIMIT_EVENT_BATCH = 10000, /* events in one durable commit */
    LIMIT_TRACKER_BATCH = 500, /* of a stranger's tracker: read on the network loop */
    LIMIT_EVENT_PROPS = 30,
    LIMIT_EVENT_PROPS_BYTES = 16 * 1024,
    LIMIT_DICTIONARY_NAMES = 1000 * 1000, /* interned names of one kind; the rest is "(other)" */
    LIMIT_OWN_EVENT_KINDS = 200,          /* of the workspace's own */
    LIMIT_FUNNEL_STEPS = 12,
    LIMIT_ANSWERS = 512,                      /* answers kept in memory ... */
    LIMIT_ANSWER_BYTES = 128 * 1024,          /* ... each of them at most so big */
    LIMIT_QUESTION_ROWS = 10 * 1000,          /* rows behind a number in one answer or file */
    LIMIT_REPORT_DAYS = 3 * 366,              /* window and look-back of a report */
    LIMIT_REPORT_PEOPLE = 1000 * 1000,        /* contacts that a report's filter passes */
    LIMIT_REPORT_RECORDS = 200 * 1000,        /* records that a step's filter passes */
    LIMIT_REPORT_CONVERSIONS = 1000 * 1000,   /* leads or deals credited in one answer */
    LIMIT_REPORT_ROWS = 50,                   /* groups that an answer names; the rest is one */
    LIMIT_REPORT_LISTED = 10 * 1000,          /* people behind a number in one file */
    LIMIT_REPORT_PATHS = 500 * 1000,          /* different ways that one thread counts */
    LIMIT_RETENTION_COHORTS = 62,             /* two months of days, a year of weeks */

    /* What a mail says */
    LIMIT_MAIL_BLOCKS = 120,
    LIMIT_MAIL_HTML_BYTES = 40 * 1024, /* of one text or HTML block */
    LIMIT_MAIL_LINKS = 200,
    LIMIT_MAIL_FIELDS = 200, /* different {{...}} */

    /* Access */
    LIMIT_SIGN_IN_PER_MINUTE = 10,    /* per address and per user name */
    LIMIT_SESSION_DAYS = 30,
    LIMIT_PASSWORD_BYTES_MIN = 10,
    LIMIT_PASSWORD_BYTES = 200,

    /* Mail */
    LIMIT_MAIL_SUBJECT_BYTES = 900,
    LIMIT_MAIL_BODY_BYTES = 1024 * 1024, /* html, and text, each */
    LIMIT_MAIL_FILES = 20,
    LIMIT_MAIL_FILES_BYTES = 10 * 1024 * 1024, /* together */

    /* Automation */
    LIMIT_FLOW_STEPS = 200,       /* in one flow */
    LIMIT_FLOW_DEPTH = 8,         /* branches within branches */
    LIMIT_FLOW_PATHS = 12,        /* of one branch */
    LIMIT_FLOW_TRIGGERS = 10,     /* that start one flow */
    LIMIT_FLOW_GOALS = 10,        /* that end it */
    LIMIT_FLOW_STEPS_A_DAY = 200, /* that one person goes in one flow: more is a loop */
    LIMIT_FLOW_SECRET = 16,       /* characters of a webhook's secret, at least */
    LIMIT_FLOW_DRY_PEOPLE = 5000, /* looked at by one dry run */

    /* Jobs */
    LIMIT_JOB_ATTEMPTS = 8,
    LIMIT_JOB_PAYLOAD_BYTES = 256 * 1024,
};

/* An amount of money, in minor units: a thousand times the largest deal there ever was, and sums of
 * thousands of them still fit. */
#define LIMIT_AMOUNT_MINOR INT64_C(1000000000000000)
