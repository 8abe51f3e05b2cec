/* broadcast.c -- scenarios of broadcasts: who may say which verb, and what a draft answers. */
#include "scenario.h"

#define PAGE_VERB(word, status, says)                                                            \
    { word " on its page", MARKETING, HTTP_POST, "/broadcasts/{mail}/" word, "", status, says }, \
    {                                                                                            \
        word " is not a stranger's", STRANGER, HTTP_POST, "/broadcasts/{mail}/" word, "", 401    \
    }
#define API_VERB(word, status, says)                                                           \
    { word " by a token",                                                                      \
      TOKEN_WRITE,                                                                             \
      HTTP_POST,                                                                               \
      "/api/v1/broadcasts/{mail}/" word,                                                       \
      "{}",                                                                                    \
      status,                                                                                  \
      says },                                                                                  \
    {                                                                                          \
        word " without one", STRANGER, HTTP_POST, "/api/v1/broadcasts/{mail}/" word, "{}", 401 \
    }

const struct scenario broadcast_scenarios[] = {
    { "a broadcast", MARKETING, HTTP_POST, "/broadcasts",
      "name=Spring+news&schedule=now&ab_test=none&winner_by=clicks", 303, .remember = "mail" },
    { "says what it lacks", MARKETING, HTTP_GET, "/broadcasts/{mail}", NULL, 200,
      "Choose to whom it goes." },
    { "sales reads it", SALES, HTTP_GET, "/broadcasts/{mail}", NULL, 200, "Spring news" },
    { "to a segment that there is not", MARKETING, HTTP_POST, "/broadcasts",
      "name=To+nobody&segments=nobody&schedule=now&ab_test=none&winner_by=clicks", 422,
      "no segment" },
    { "a zone that is none", MARKETING, HTTP_POST, "/contacts",
      "email=zone%40example.com&lifecycle=lead&timezone=Mars%2FOlympus", 422, "no time zone" },
    PAGE_VERB("schedule", 422, "Choose what it says."),
    PAGE_VERB("unschedule", 303, NULL),
    PAGE_VERB("pause", 303, NULL),
    PAGE_VERB("resume", 303, NULL),
    PAGE_VERB("winner", 303, NULL),
    PAGE_VERB("resend", 409, "cannot be told"),
    PAGE_VERB("cancel", 303, NULL),
    API_VERB("schedule", 422, "broadcast.not_ready"),
    API_VERB("unschedule", 409, "broadcast.state"),
    API_VERB("pause", 409, "broadcast.state"),
    API_VERB("resume", 409, "broadcast.state"),
    API_VERB("winner", 409, "broadcast.state"),
    API_VERB("resend", 409, "broadcast.state"),
    API_VERB("cancel", 409, "broadcast.state"),
    { "sales sends none", SALES, HTTP_POST, "/broadcasts/{mail}/schedule", "", 403 },
    { "a reading token sends none", TOKEN_READ, HTTP_POST, "/api/v1/broadcasts/{mail}/schedule",
      "{}", 403 },

    { "the check", MARKETING, HTTP_GET, "/broadcasts/{mail}/check", NULL, 200, "not counted since",
      "Send to" },
    { "not a stranger's check", STRANGER, HTTP_GET, "/broadcasts/{mail}/check", NULL, 303 },
    { "counts", MARKETING, HTTP_POST, "/broadcasts/{mail}/check", "", 303 },
    { "not for a stranger", STRANGER, HTTP_POST, "/broadcasts/{mail}/check", "", 401 },
    { "the count stands there", MARKETING, HTTP_GET, "/broadcasts/{mail}/check", NULL, 200,
      "of 0 people get it" },
    { "the check by a token", TOKEN_READ, HTTP_GET, "/api/v1/broadcasts/{mail}/check", NULL, 200,
      "problems" },
    { "the check without one", STRANGER, HTTP_GET, "/api/v1/broadcasts/{mail}/check", NULL, 401 },
    API_VERB("check", 200, "\"recipients\":0"),

    { "to whom", MARKETING, HTTP_POST, "/broadcasts/{mail}/audience", "seg.nobody=", 303 },
    { "not a stranger's to say", STRANGER, HTTP_POST, "/broadcasts/{mail}/audience", "", 401 },
    { "what it says", MARKETING, HTTP_POST, "/broadcasts/{mail}/content",
      "content_id=&subject=Buds+in+March", 303 },
    { "not a stranger's to write", STRANGER, HTTP_POST, "/broadcasts/{mail}/content", "", 401 },
    { "nothing to look at", MARKETING, HTTP_GET, "/broadcasts/{mail}/view", NULL, 404 },
    { "not for a stranger to look at", STRANGER, HTTP_GET, "/broadcasts/{mail}/view", NULL, 303 },
    { "the archive of a topic", STRANGER, HTTP_GET, "/m/newsletter", NULL, 200,
      "Nothing has been published" },
    { "for a user too", SALES, HTTP_GET, "/m/newsletter", NULL, 200, "Newsletter" },
    { "of no topic", STRANGER, HTTP_GET, "/m/nothing", NULL, 404 },
    { "a draft is in none", STRANGER, HTTP_GET, "/m/newsletter/spring-news", NULL, 404 },
    { "a draft is in none, for a user", SALES, HTTP_GET, "/m/newsletter/spring-news", NULL, 404 },
    { "a mail by a token that is none", STRANGER, HTTP_GET, "/m/v/0cpcqejty03f60123456789abcdef",
      NULL, 404, "cannot be shown" },
    { "also for a user", SALES, HTTP_GET, "/m/v/guessed", NULL, 404 },
    { "a test", MARKETING, HTTP_GET, "/broadcasts/{mail}/test", NULL, 200, "Send the test" },
    { "not a stranger's test", STRANGER, HTTP_GET, "/broadcasts/{mail}/test", NULL, 303 },
    { "a test of nothing", MARKETING, HTTP_POST, "/broadcasts/{mail}/test", "to=a%40b.example", 422,
      "nothing to test" },
    { "a test by a stranger", STRANGER, HTTP_POST, "/broadcasts/{mail}/test", "to=a%40b.example",
      401 },
    API_VERB("test", 422, "broadcast.no_content"),
    { "again, the form", MARKETING, HTTP_GET, "/broadcasts/{mail}/again", NULL, 200,
      "Another subject" },
    { "again, not a stranger's", STRANGER, HTTP_GET, "/broadcasts/{mail}/again", NULL, 303 },
    { "no results yet", TOKEN_READ, HTTP_GET, "/api/v1/broadcasts/{mail}/results", NULL, 404,
      "broadcast.no_results" },
    { "no results for a stranger", STRANGER, HTTP_GET, "/api/v1/broadcasts/{mail}/results", NULL,
      401 },
    { "its recipients", MARKETING, HTTP_GET, "/broadcasts/{mail}/people?which=opened", NULL, 200,
      "Nobody here" },
    { "a part that is none", MARKETING, HTTP_GET, "/broadcasts/{mail}/people?which=happy", NULL,
      422, "no part of the recipients" },
    { "not a stranger's to see", STRANGER, HTTP_GET, "/broadcasts/{mail}/people", NULL, 303 },
    { "its recipients as a file", MARKETING, HTTP_GET, "/broadcasts/{mail}/people.csv", NULL, 200,
      "contact_id" },
    { "not for a stranger either", STRANGER, HTTP_GET, "/broadcasts/{mail}/people.csv", NULL, 303 },
    { "its recipients by a token", TOKEN_READ, HTTP_GET, "/api/v1/broadcasts/{mail}/recipients",
      NULL, 200, "\"data\":[]" },
    { "a cursor that is none", TOKEN_READ, HTTP_GET, "/api/v1/broadcasts/{mail}/recipients?after=x",
      NULL, 422, "list.cursor" },
    { "its recipients without one", STRANGER, HTTP_GET, "/api/v1/broadcasts/{mail}/recipients",
      NULL, 401 },
    { "a copy", MARKETING, HTTP_POST, "/broadcasts/{mail}/copy", "", 303 },
    { "a copy by a stranger", STRANGER, HTTP_POST, "/broadcasts/{mail}/copy", "", 401 },
    API_VERB("copy", 201, "Copy of Spring news"),
    { 0 },
};
