/* scenario_test.c -- runs the tables of scenarios, then every generated route that no table asked,
 * then counts: a route that was never asked as somebody who may and as a stranger fails the run. */
#include "base/id.h"
#include "base/json.h"
#include "samples.h"
#include "scenario.h"
#include <stdio.h>

enum { NAMES_MAX = 100, FAILURES_SHOWN = 40 };

/* Every table, one line each. */
static const struct {
    const char *name;
    const struct scenario *rows;
} tables[] = {
    { "chat", chat_scenarios },       { "broadcast", broadcast_scenarios },
    { "service", service_scenarios }, { "help", help_scenarios },
    { "content", content_scenarios }, { "mail", mail_scenarios },
    { "forms", forms_scenarios },     { "own", own_scenarios },
    { "admin", admin_scenarios },     { "kit", kit_scenarios },
    { "sales", sales_scenarios },     { "quotes", quotes_scenarios },
    { "bridge", bridge_scenarios },   { "marketing", marketing_scenarios },
    { "import", import_scenarios },   { "insight", insight_scenarios },
    { "consent", consent_scenarios }, { "segment", segment_scenarios },
    { "merge", merge_scenarios },     { "flow", flow_scenarios },
    { "inbound", inbound_scenarios }, { "score", score_scenarios },
    { "meeting", meeting_scenarios }, { "relations", relations_scenarios },
};

static const struct {
    const char *name, *role;
} people[SCENARIO_PEOPLE] = {
    [ADMIN] = { "Ada Admin", "" },
    [MARKETING] = { "Mia Marketing", "Marketing" },
    [SALES] = { "Sam Sales", "Sales" },
    [SERVICE] = { "Sue Service", "Service" },
    [READER] = { "Rob Reader", "Read only" },
};

static const char *const method_names[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" };

struct run {
    struct house *h;
    struct samples *samples;
    struct person *people[SCENARIO_PEOPLE];
    struct {
        const char *name, *value;
    } names[NAMES_MAX];
    size_t name_count;
    int failures;
};

static void note_failure(struct run *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note_failure(struct run *r, const char *fmt, ...)
{
    va_list args;

    if (r->failures++ >= FAILURES_SHOWN)
        return;
    va_start(args, fmt);
    print_error("%s\n", arena_vprintf(r->h->arena, fmt, args));
    va_end(args);
}

/* What an answer says, without the page around it. */
static const char *gist(struct run *r, const struct web_response *out)
{
    const char *at = memmem(out->body.p, out->body.len, "<h1>", 4);
    size_t left = at != NULL ? out->body.len - (size_t)(at - out->body.p) : out->body.len;

    return arena_dup(r->h->arena, at != NULL ? at : out->body.p, left > 300 ? 300 : left);
}

/* ---- placeholders ---- */
static const char *value_of(struct run *r, enum scenario_as as, struct str name)
{
    if (str_is(name, "own"))
        return id_text(r->h->arena, r->people[as] != NULL ? r->people[as]->user_id : 0);
    if (str_starts(name, "sample:"))
        return id_text(
            r->h->arena,
            sample_of(r->samples, str_dup(r->h->arena, (struct str){ name.p + 7, name.len - 7 })));
    for (size_t i = r->name_count; i-- > 0;)
        if (str_is(name, r->names[i].name))
            return r->names[i].value;
    return NULL; /* JSON has braces too */
}

static const char *filled(struct run *r, enum scenario_as as, const char *text)
{
    struct buf b = buf_in(r->h->arena, 1024 * 1024);

    if (text == NULL)
        return NULL;
    for (const char *p = text; *p != '\0'; p++) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL, *value = NULL;
        if (end != NULL)
            value = value_of(r, as, (struct str){ p + 1, (size_t)(end - p - 1) });
        if (value != NULL) {
            buf_text(&b, value);
            p = end;
        } else {
            buf_char(&b, *p);
        }
    }
    return buf_end(&b);
}

static void remember(struct run *r, const char *name, const struct web_response *out)
{
    const char *location = web_response_header(out, "Location"), *value = NULL;
    struct val *v;

    if (location != NULL && strrchr(location, '/') != NULL) {
        value = strrchr(location, '/') + 1;
        value = arena_dup(r->h->arena, value, strcspn(value, "?#"));
    } else if (json_read(r->h->arena, out->body, &v, NULL) == OK) {
        value = val_get_text(v, "id");
    }
    assert_true(r->name_count < NAMES_MAX);
    r->names[r->name_count].name = name;
    r->names[r->name_count++].value = value != NULL ? value : "";
}

/* ---- the tables ---- */
static void run_row(struct run *r, const char *table, const struct scenario *s)
{
    struct http_pair headers[4] = { { NULL, NULL } };
    const char *target = filled(r, s->as, s->target), *body = filled(r, s->as, s->body);
    const char *contains = filled(r, s->as, s->contains), *lacks = filled(r, s->as, s->lacks);
    struct web_response out;
    int n = 0;

    if (s->json)
        headers[n++] = (struct http_pair){ "Accept", "application/json" };
    for (int i = 0; i < 4 && s->headers[i] != NULL; i += 2)
        headers[n++] = (struct http_pair){ s->headers[i], s->headers[i + 1] };
    out = house_ask(r->h, r->people[s->as], s->method, target, body, headers);
    if (out.status != s->status)
        note_failure(r, "%s: %s: %s answered %d, not %d: %s", table, s->note, target, out.status,
                     s->status, gist(r, &out));
    if (contains != NULL && !house_has(&out, contains))
        note_failure(r, "%s: %s: %s lacks '%s'", table, s->note, target, contains);
    if (lacks != NULL && house_has(&out, lacks))
        note_failure(r, "%s: %s: %s holds '%s'", table, s->note, target, lacks);
    if (s->remember != NULL)
        remember(r, s->remember, &out);
}

/* ---- generated routes ---- */
/* Fills in the parameters of a generated route. */
static const char *target_of(struct run *r, const struct route *route, const struct record_type *t)
{
    struct buf b = buf_in(r->h->arena, 1000);
    struct str rest = str_from(route->path), part;

    while (str_split(&rest, '/', &part)) {
        if (part.len == 0)
            continue;
        buf_char(&b, '/');
        if (str_is(part, ":id")) {
            buf_text(&b, id_text(r->h->arena, sample_new(r->samples, t->name)));
        } else if (str_is(part, ":field")) {
            int i = 0;
            while (i < t->field_count - 1 &&
                   (t->fields[i].flags & (COMPUTED | INTERNAL | CREATE_ONLY)) != 0)
                i++;
            buf_text(&b, t->fields[i].name);
        } else if (part.p[0] == ':') { /* a view, a comment: of none, which is answered 404 */
            buf_text(&b, id_text(r->h->arena, 1));
        } else {
            buf_str(&b, part);
        }
    }
    return buf_end(&b);
}

/* A stranger must be turned away, and one who may must not meet a failure of ours. What exactly
 * comes is the business of the pages' own tests. */
static void walk_route(struct run *r, const struct route_count *rc)
{
    const struct record_type *t = rc->route->data;
    enum http_method m = rc->route->method;
    bool api = (rc->route->flags & ROUTE_API) != 0, reads = m == HTTP_GET;
    const char *target, *body = NULL;
    bool of_none =
        strstr(rc->route->path, "/:view/") != NULL || strstr(rc->route->path, "/:comment/") != NULL;
    struct web_response out;

    target = target_of(r, rc->route, t);
    if (!reads)
        body = api ? "{}" : sample_form(r->samples, t);
    if (rc->as_stranger == 0 && (rc->route->flags & ROUTE_PUBLIC) == 0) {
        out = house_ask(r->h, NULL, m, target, body, NULL);
        if (out.status != (reads && !api ? 303 : 401))
            note_failure(r, "a stranger's %s %s answered %d", rc->route->path, target, out.status);
    }
    if (rc->as_user == 0) {
        out = house_ask(r->h, r->people[ADMIN], m, target, body, NULL);
        if (out.status >= 500 || out.status == 401 || (out.status == 403 && !of_none) ||
            (reads && out.status >= 400 && out.status != 404))
            note_failure(r, "%s %s answered %d: %s", method_names[m], target, out.status,
                         gist(r, &out));
    }
}

static void check_counts(struct run *r)
{
    const struct route_count *counts;
    size_t count = web_routes(r->h->web, &counts), missed = 0;

    for (size_t i = 0; i < count; i++) {
        const struct route_count *rc = &counts[i];
        if (rc->as_user > 0 && rc->as_stranger > 0)
            continue;
        missed++;
        note_failure(r, "never asked%s%s: %s %s", rc->as_user == 0 ? " as a user" : "",
                     rc->as_stranger == 0 ? " as a stranger" : "", method_names[rc->route->method],
                     rc->route->path);
    }
    printf("%zu routes, %zu not asked as both\n", count, missed);
}

static void every_route_keeps_its_word(void **state)
{
    struct run r = { .h = *state };
    const struct route_count *counts;
    size_t count;

    r.samples = samples_new(r.h);
    for (int i = ADMIN; i <= READER; i++)
        r.people[i] = house_user(r.h, people[i].name, people[i].role);
    r.people[TOKEN_READ] = house_token(r.h, r.people[ADMIN], "read");
    r.people[TOKEN_WRITE] = house_token(r.h, r.people[ADMIN], "read write");
    for (size_t i = 0; i < countof(tables); i++)
        for (const struct scenario *s = tables[i].rows; s->note != NULL; s++)
            run_row(&r, tables[i].name, s);
    count = web_routes(r.h->web, &counts);
    for (size_t i = 0; i < count; i++)
        if (counts[i].route->data != NULL && (counts[i].as_user == 0 || counts[i].as_stranger == 0))
            walk_route(&r, &counts[i]);
    check_counts(&r);
    if (r.failures > 0)
        fail_msg("%d failures", r.failures);
}

int main(void)
{
    const struct CMUnitTest tests[] = { IN_BOTH_HOUSES(every_route_keeps_its_word, NULL) };
    return cmocka_run_group_tests_name("http/scenarios", tests, NULL, NULL);
}
