/* score.c -- scenarios of scoring's pages. */
#include "scenario.h"

const struct scenario score_scenarios[] = {
    { "how scores lie", MARKETING, HTTP_GET, "/scoring", NULL, 200, "Contacts by score" },
    { "not a stranger's", STRANGER, HTTP_GET, "/scoring", NULL, 303 },
    { "a rule that there is not", MARKETING, HTTP_GET, "/scoring?rule=nothing", NULL, 404 },
    { "a line that is none", MARKETING, HTTP_GET, "/scoring?line=-4", NULL, 200, "is no line" },
    { "nothing is learned yet", MARKETING, HTTP_GET, "/scoring/learned", NULL, 200,
      "Nothing is learned yet" },
    { "not a stranger's either", STRANGER, HTTP_GET, "/scoring/learned", NULL, 303 },
    { "learns now", MARKETING, HTTP_POST, "/scoring/learned", "", 303 },
    { "a stranger has nothing learned", STRANGER, HTTP_POST, "/scoring/learned", "", 401 },
    { "somebody", MARKETING, HTTP_POST, "/contacts", "email=scored%40example.com&lifecycle=lead",
      303, .remember = "who" },
    { "where each point came from", SALES, HTTP_GET, "/contacts/{who}/score", NULL, 200,
      "gives points by the rules of today" },
    { "of nobody", SALES, HTTP_GET, "/contacts/nothing/score", NULL, 404 },
    { "not for a stranger", STRANGER, HTTP_GET, "/contacts/{who}/score", NULL, 303 },
    { 0 },
};
