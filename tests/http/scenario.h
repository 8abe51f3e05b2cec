/* scenario.h -- requests as tables: as whom, what is asked, what must come and what must not. A
 * feature's author adds tests/http/NAME.c with `const struct scenario NAME_scenarios[]`, ended by
 * an empty row, and a line for it in scenario_test.c. The rows of a table run in order in one
 * house with every feature; the whole runs on SQLite and on PostgreSQL.
 *
 *   {name}         in target, body, contains and lacks: what an earlier row remembered
 *   {own}          the asker's user id
 *   {sample:deal}  a record of that type, made on demand, the same one each time
 *   remember       keeps the last segment of the Location header (a new record's id), or for JSON
 *                  the answer's "id", under this name
 *
 * At the end the run asks every generated route of every record type that no row asked, then fails
 * on a route never asked as somebody who may and as a stranger. */
#pragma once
#include "support/house.h"

/* Who asks: users of the roles that a new workspace has, and tokens of ADMIN. */
enum scenario_as { STRANGER, ADMIN, MARKETING, SALES, SERVICE, READER, TOKEN_READ, TOKEN_WRITE,
                   SCENARIO_PEOPLE };

struct scenario {
    const char *note;
    enum scenario_as as;
    enum http_method method;
    const char *target, *body;
    int status;
    const char *contains, *lacks;
    const char *remember;
    bool json;              /* Accept: application/json */
    const char *headers[4]; /* name, value, name, value */
};

/* The tables, by feature; see scenario_test.c. */
extern const struct scenario chat_scenarios[], service_scenarios[], help_scenarios[];
extern const struct scenario forms_scenarios[], content_scenarios[], mail_scenarios[];
extern const struct scenario broadcast_scenarios[];
extern const struct scenario segment_scenarios[], merge_scenarios[];
extern const struct scenario inbound_scenarios[], score_scenarios[];
extern const struct scenario meeting_scenarios[], relations_scenarios[];
extern const struct scenario admin_scenarios[], bridge_scenarios[], consent_scenarios[],
    flow_scenarios[],
    import_scenarios[],
    insight_scenarios[], quotes_scenarios[],
    kit_scenarios[], marketing_scenarios[], own_scenarios[], sales_scenarios[];
