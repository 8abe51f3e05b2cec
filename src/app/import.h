/* import.h -- what imports of events have in common: batches through the door of
 * marketing/events.h, each with an arena of its own; bad lines named and left out; how far it is.
 */
#pragma once
#include "app/commands.h"
#include "app/program.h"
#include "marketing/events.h"
#include <stdio.h>

struct import {
    struct program program;
    const struct cli *cli;
    struct ctx cx;        /* of the batch: its arena goes when the batch is stored */
    struct events_in *in;
    FILE *out;
    i64 taken, bad;
};
/* Opens the program, lets `read` add what the command's one file has, stores it. Exit code. */
int import_run(struct cli *cli, enum status (*read)(struct import *im, const char *path));
/* Before each event: stores a full batch. */
MUST_CHECK enum status import_make_room(struct import *im);
/* An event that the door refuses is a bad line. */
MUST_CHECK enum status import_add(struct import *im, size_t line, const struct val *event);
/* The same for a line of an export, which comes back as it was. */
MUST_CHECK enum status import_add_line(struct import *im, size_t line, const struct val *event);
void import_bad_line(struct import *im, size_t line, const char *why);
