/* qualify_ready.c -- the frameworks that a workspace begins with, as rows. BANT is IBM's of the
 * 1960s; MEDDIC and MEDDPICC are Dick Dunkel's and Jack Napoli's, made at PTC in the 1990s; CHAMP
 * is InsightSquared's. */
#include "bridge/qualify.h"

static const struct ready {
    const char *name, *of, *about;
    bool active;
} frameworks[] = {
    { "BANT", "lead", "Four questions for the first talk: is this lead worth a deal?", true },
    { "MEDDIC", "deal", "For large deals: who decides, how, and who is on our side.", true },
    { "MEDDPICC", "deal", "MEDDIC with the paper process and the competition.", false },
    { "CHAMP", "lead", "As BANT, but what troubles the customer comes first.", false },
};

/* Only the framework "" is the one before it. */
static const struct ready_criterion {
    const char *framework, *name, *question, *hint, *kind, *choices;
    int weight;
} criteria[] = {
    { "BANT", "Budget", "What can they spend?", "Ask for last year's, or for the range.", "amount",
      "", 1 },
    { "", "Authority", "Who are we speaking with?", "Who else signs at this amount?", "choice",
      "Decides alone = 100\nDecides with others = 70\nAdvises = 40\nOnly asks = 10", 1 },
    { "", "Need", "Which problem do they have?", "In their words, one sentence.", "text", "", 2 },
    { "", "Timeline", "By when do they need it?", "What happens on that day?", "date", "", 1 },

    { "MEDDIC", "Metrics", "Which number gets better, and by how much?",
      "Hours, losses, revenue: as they count it.", "text", "", 2 },
    { "", "Economic buyer", "Have we spoken with who owns the budget?",
      "Name them among the deal's people.", "yes_no", "", 3 },
    { "", "Decision criteria", "By what do they choose?", "Ask for the list, in writing.", "text",
      "", 1 },
    { "", "Decision process", "Which steps lead to the signature, until when?", "Who, what, when.",
      "text", "", 1 },
    { "", "Identify pain", "What does it cost them to leave it as it is?", "", "text", "", 2 },
    { "", "Champion", "Is somebody selling for us inside?",
      "Has power, gains by it, has proved it.", "choice",
      "Proved it = 100\nSays so = 50\nNobody = 0", 3 },

    { "MEDDPICC", "Metrics", "Which number gets better, and by how much?", "", "text", "", 2 },
    { "", "Economic buyer", "Have we spoken with who owns the budget?", "", "yes_no", "", 3 },
    { "", "Decision criteria", "By what do they choose?", "", "text", "", 1 },
    { "", "Decision process", "Which steps lead to the signature, until when?", "", "text", "", 1 },
    { "", "Paper process", "What do legal and purchasing ask for, and how long does it take?", "",
      "text", "", 1 },
    { "", "Identify pain", "What does it cost them to leave it as it is?", "", "text", "", 2 },
    { "", "Champion", "Is somebody selling for us inside?", "", "choice",
      "Proved it = 100\nSays so = 50\nNobody = 0", 3 },
    { "", "Competition", "Against whom, and against doing nothing?", "", "text", "", 1 },

    { "CHAMP", "Challenges", "What troubles them?", "", "text", "", 3 },
    { "", "Authority", "Who decides, and with whom?", "", "text", "", 1 },
    { "", "Money", "What can they spend?", "", "amount", "", 1 },
    { "", "Prioritisation", "How urgent is it among all else?", "", "choice",
      "First = 100\nThis quarter = 70\nThis year = 40\nSome day = 0", 2 },
};

static enum status make_criteria(struct ctx *cx, const char *framework, i64 id)
{
    struct row *rows[countof(criteria)];
    const char *of = "";
    size_t count = 0;

    for (size_t i = 0; i < countof(criteria); i++) {
        const struct ready_criterion *c = &criteria[i];
        of = c->framework[0] ? c->framework : of;
        if (!text_is(of, framework))
            continue;
        struct row *r = rows[count] = row_new(cx, &criterion_type);
        row_set_text(r, CRITERION_NAME, c->name);
        row_set_i64(r, CRITERION_FRAMEWORK, id);
        row_set_text(r, CRITERION_QUESTION, c->question);
        row_set_text(r, CRITERION_HINT, c->hint);
        row_set_text(r, CRITERION_KIND, c->kind);
        row_set_text(r, CRITERION_CHOICES, c->choices);
        row_set_i64(r, CRITERION_WEIGHT, c->weight);
        row_set_i64(r, CRITERION_POSITION, (i64)++count * 10);
    }
    return record_save_many(cx, rows, count);
}

enum status qualify_make_ready(struct ctx *cx)
{
    i64 count;

    TRY(db_get_i64(cx, &count, "qualify.frameworks"));
    for (size_t i = 0; count == 0 && i < countof(frameworks); i++) {
        struct row *r = row_new(cx, &framework_type);
        row_set_text(r, FRAMEWORK_NAME, frameworks[i].name);
        row_set_text(r, FRAMEWORK_OF, frameworks[i].of);
        row_set_i64(r, FRAMEWORK_ACTIVE, frameworks[i].active);
        row_set_i64(r, FRAMEWORK_POSITION, (i64)(i + 1) * 10);
        row_set_text(r, FRAMEWORK_ABOUT, frameworks[i].about);
        TRY(record_save(cx, r));
        TRY(make_criteria(cx, frameworks[i].name, row_id(r)));
    }
    return OK;
}
