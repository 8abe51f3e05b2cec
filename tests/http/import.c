/* import.c -- scenarios of importing a file and of the page of jobs. */
#include "scenario.h"

#define BOUNDARY "multipart/form-data; boundary=B"
#define PART(name, more, text) \
    "--B\r\nContent-Disposition: form-data; name=\"" name "\"" more "\r\n\r\n" text "\r\n"

const struct scenario import_scenarios[] = {
    { "importing is not a stranger's", STRANGER, HTTP_GET, "/settings/import", NULL, 303 },
    { "nor a reader's", READER, HTTP_GET, "/settings/import", NULL, 403 },
    { "importing", ADMIN, HTTP_GET, "/settings/import", NULL, 200, "name=\"file\"" },
    { "the example is not a stranger's", STRANGER, HTTP_GET,
      "/settings/import/example?type=contact", NULL, 303 },
    { "the example", ADMIN, HTTP_GET, "/settings/import/example?type=contact", NULL, 200, "Email" },
    { "a stranger uploads nothing", STRANGER, HTTP_POST, "/settings/import",
      PART("type", "", "contact") "--B--\r\n", 401, .headers = { "Content-Type", BOUNDARY } },
    { "without a file", ADMIN, HTTP_POST, "/settings/import",
      PART("type", "", "contact") "--B--\r\n", 422, .headers = { "Content-Type", BOUNDARY } },
    { "a file", ADMIN, HTTP_POST, "/settings/import",
      PART("type", "", "contact")
          PART("file", "; filename=\"c.csv\"\r\nContent-Type: text/csv",
               "First name,Email\nIda,ida@import.example\nBad,no-address\n") "--B--\r\n",
      303, .remember = "import", .headers = { "Content-Type", BOUNDARY } },
    { "is asked what its columns mean", ADMIN, HTTP_GET, "/settings/import/{import}", NULL, 200,
      "column.0" },
    { "but no stranger", STRANGER, HTTP_GET, "/settings/import/{import}", NULL, 303 },
    { "a stranger maps nothing", STRANGER, HTTP_POST, "/settings/import/{import}/map",
      "column.0=first_name", 401 },
    { "nothing mapped", ADMIN, HTTP_POST, "/settings/import/{import}/map", "", 422 },
    { "it does not go before it was looked at", ADMIN, HTTP_POST, "/settings/import/{import}/go",
      "", 409 },
    { "a stranger starts nothing", STRANGER, HTTP_POST, "/settings/import/{import}/go", "", 401 },
    { "mapped", ADMIN, HTTP_POST, "/settings/import/{import}/map",
      "column.0=first_name&column.1=email&match=email", 303 },
    { "bad lines are not a stranger's", STRANGER, HTTP_GET, "/settings/import/{import}/bad.csv",
      NULL, 303 },
    { "bad lines", ADMIN, HTTP_GET, "/settings/import/{import}/bad.csv", NULL, 200, "line,column" },
    { "a stranger undoes nothing", STRANGER, HTTP_POST, "/settings/import/{import}/undo", "", 401 },
    { "what is not done is not undone", ADMIN, HTTP_POST, "/settings/import/{import}/undo", "",
      409 },

    { "jobs are not a stranger's", STRANGER, HTTP_GET, "/settings/jobs", NULL, 303 },
    { "nor sales'", SALES, HTTP_GET, "/settings/jobs", NULL, 403 },
    { "jobs", ADMIN, HTTP_GET, "/settings/jobs", NULL, 200, "Import a file" },
    { "a stranger runs none again", STRANGER, HTTP_POST, "/settings/jobs/{import}/retry", "", 401 },
    { "nor what is none", ADMIN, HTTP_POST, "/settings/jobs/{import}/retry", "", 404 },
    { "a stranger deletes none", STRANGER, HTTP_POST, "/settings/jobs/{import}/delete", "", 401 },
    { "nor what is none", ADMIN, HTTP_POST, "/settings/jobs/{import}/delete", "", 404 },
    { 0 },
};
