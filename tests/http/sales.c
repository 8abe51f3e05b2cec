/* sales.c -- scenarios of deals and activities. */
#include "scenario.h"

const struct scenario sales_scenarios[] = {
    { "a deal is not a stranger's to win", STRANGER, HTTP_POST, "/deals/{sample:deal}/won", "",
      401 },
    { "nor marketing's", MARKETING, HTTP_POST, "/deals/{sample:deal}/won", "", 403 },
    { "but marketing reads it", MARKETING, HTTP_GET, "/deals/{sample:deal}", NULL, 200, "Sample" },
    { "a stranger is not asked why it was lost", STRANGER, HTTP_GET, "/deals/{sample:deal}/lost",
      NULL, 303 },
    { "sales is asked", SALES, HTTP_GET, "/deals/{sample:deal}/lost", NULL, 200, "lost_reason" },
    { "a stranger loses nothing", STRANGER, HTTP_POST, "/deals/{sample:deal}/lost",
      "lost_reason=price", 401 },
    { "without a reason nothing is lost", SALES, HTTP_POST, "/deals/{sample:deal}/lost", "", 422 },
    { "a reason that is none", SALES, HTTP_POST, "/deals/{sample:deal}/lost", "lost_reason=moon",
      422 },
    { "lost", SALES, HTTP_POST, "/deals/{sample:deal}/lost", "lost_reason=price", 303 },
    { "and shows why", MARKETING, HTTP_GET, "/deals/{sample:deal}", NULL, 200, "Price" },
    { "won after all", SALES, HTTP_POST, "/deals/{sample:deal}/won", "", 303 },
    { "a deal that is none", SALES, HTTP_POST, "/deals/0000000000001/won", "", 404 },

    { "a task is not a stranger's to tick off", STRANGER, HTTP_POST,
      "/activities/{sample:activity}/done", "", 401 },
    { "nor a reader's", READER, HTTP_POST, "/activities/{sample:activity}/done", "", 403 },
    { "done", SALES, HTTP_POST, "/activities/{sample:activity}/done", "", 303 },
    { "the way back stays here", SALES, HTTP_POST, "/activities/{sample:activity}/done",
      "next=https%3A%2F%2Fevil.example", 422, NULL, "evil.example\"" },
    { 0 },
};
