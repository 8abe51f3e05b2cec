/* consent.c -- scenarios of topics, consent, suppressed addresses, and the pages of mails. */
#include "scenario.h"

const struct scenario consent_scenarios[] = {
    { "a topic", MARKETING, HTTP_POST, "/topics", "name=Harvest+news&basis=consent", 303,
      .remember = "topic" },
    { "has a word made from its name", MARKETING, HTTP_GET, "/topics/{topic}", NULL, 200,
      "harvest-news" },
    { "a topic whose word would break filters", MARKETING, HTTP_POST, "/topics",
      "name=News&slug=it%27s&basis=consent", 422, "small letters" },
    { "an address that shall get nothing", MARKETING, HTTP_POST, "/suppressions",
      "address=Nobody@x.example&reason=manual&evidence=asked+by+phone", 303,
      .remember = "suppression" },
    { "the same address again", MARKETING, HTTP_POST, "/suppressions",
      "address=nobody@X.example&reason=manual", 422 },
    { "why it is lifted is asked", MARKETING, HTTP_GET, "/suppressions/{suppression}/lift", NULL,
      200, "Why mails may go there again" },
    { "and must be said", MARKETING, HTTP_POST, "/suppressions/{suppression}/lift", "why=+", 422,
      "Say why" },
    { "not by a stranger", STRANGER, HTTP_GET, "/suppressions/{suppression}/lift", NULL, 303 },
    { "nor by one who posts", STRANGER, HTTP_POST, "/suppressions/{suppression}/lift", "why=x",
      401 },
    { "nor by who only reads", READER, HTTP_POST, "/suppressions/{suppression}/lift", "why=x",
      403 },
    { "lifted", MARKETING, HTTP_POST, "/suppressions/{suppression}/lift", "why=called+us", 303 },
    { "and it tells why", MARKETING, HTTP_GET, "/suppressions/{suppression}", NULL, 200,
      "called us" },
    { 0 },
};
