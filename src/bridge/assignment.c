/* assignment.c -- the rules by which leads find their salesperson, who takes part in them, and who
 * is away. Each decision is told in words, with those who were passed over. */
#include "bridge/assignment.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/session.h"
#include "kit/show.h"

enum { MEMBERS_MOST = 200, WINDOW_DAYS = 30, BECAUSE_BYTES = 600 };

static const struct field fields[] = {
    [ASSIGN_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100,
                      .help = "\"Vineyards in Italy\"." },
    [ASSIGN_POSITION] = { "position", FIELD_INT, "Position", LISTED | INDEXED, .min = 0,
                          .max = 10000, .otherwise = "50",
                          .help = "Rules are asked in this order; the first that fits and has "
                                  "somebody free decides." },
    [ASSIGN_ACTIVE] = { "active", FIELD_BOOL, "In force", LISTED, .otherwise = "true" },
    [ASSIGN_FILTER] = { "filter", FIELD_LONG, "For leads where", LISTED,
                        .help = "Conditions on the contact, as in lists: country in ('Italy', "
                                "'France') and company_id.employees >= 50. Left empty: all." },
    [ASSIGN_METHOD] = { "method", FIELD_CHOICE, "How they take turns", REQUIRED | LISTED,
                        .otherwise = "round_robin",
                        .choices = CHOICES({ "round_robin", "Round robin", "blue" },
                                           { "weighted", "By weight", "violet" },
                                           { "capacity", "By free capacity", "teal" }) },
    [ASSIGN_NOTE] = { "note", FIELD_LONG, "Note", 0 },
};
_Static_assert(countof(fields) == ASSIGN_FIELDS, "enum and table differ");

static const struct field member_fields[] = {
    [MEMBER_RULE] = { "rule_id", FIELD_REF, "Rule", REQUIRED | LISTED | CREATE_ONLY,
                      .ref = "assignment_rule" },
    [MEMBER_USER] = { "user_id", FIELD_REF, "Salesperson", REQUIRED | LISTED, .ref = "user" },
    [MEMBER_WEIGHT] = { "weight", FIELD_INT, "Weight", LISTED, .min = 1, .max = 100,
                        .otherwise = "1", .help = "Twice the weight gets twice the leads." },
    [MEMBER_CAPACITY] = { "capacity", FIELD_INT, "Leads in hand at most", LISTED, .min = 1,
                          .max = 10000, .help = "Left empty: any number." },
};
_Static_assert(countof(member_fields) == MEMBER_FIELDS, "enum and table differ");

static const struct field absence_fields[] = {
    [ABSENCE_USER] = { "user_id", FIELD_REF, "Who", REQUIRED | LISTED | OWNER, .ref = "user",
                       .otherwise = "me" },
    [ABSENCE_FROM] = { "from_date", FIELD_DATE, "From", REQUIRED | LISTED | INDEXED,
                       .otherwise = "today" },
    [ABSENCE_UNTIL] = { "until_date", FIELD_DATE, "Until", REQUIRED | LISTED | INDEXED,
                        .help = "The last day." },
    [ABSENCE_NOTE] = { "note", FIELD_TEXT, "Note", LISTED, .max_len = 200 },
};
_Static_assert(countof(absence_fields) == ABSENCE_FIELDS, "enum and table differ");

/* ---- what must hold ---- */
static enum status rule_validate(struct ctx *cx, struct row *r)
{
    struct ctx probe = *cx;
    struct filter *f;

    ctx_clear_error(&probe);
    if (filter_parse(&probe, &contact_type, row_text(r, ASSIGN_FILTER), &f) != OK)
        return ctx_fail_field(cx, "filter", "assignment.filter", "%s", probe.error_text);
    if (filter_is_personal(f))
        return ctx_fail_field(cx, "filter", "assignment.personal",
                              "A rule is the same for everybody: name people instead of \"me\".");
    return OK;
}

static enum status member_validate(struct ctx *cx, struct row *r)
{
    i64 others;
    bool may;

    if (!row_has(r, MEMBER_USER) || !row_has(r, MEMBER_RULE))
        return OK; /* the required check says so */
    TRY(assignment_may_take(cx, row_i64(r, MEMBER_USER), &may));
    if (!may)
        return ctx_fail_field(cx, "user_id", "handoff.owner_may_not",
                              "%s may not answer leads: choose somebody in sales.",
                              row_show(cx, r, MEMBER_USER));
    TRY(db_get_i64(cx, &others, "assignment.duplicate", I64("rule", row_i64(r, MEMBER_RULE)),
                   I64("user", row_i64(r, MEMBER_USER)), I64("id", row_id(r))));
    if (others)
        return ctx_fail_field(cx, "user_id", "assignment.twice",
                              "%s takes part in this rule already.", row_show(cx, r, MEMBER_USER));
    return OK;
}

static enum status absence_validate(struct ctx *cx, struct row *r)
{
    if (row_i64(r, ABSENCE_UNTIL) < row_i64(r, ABSENCE_FROM))
        return ctx_fail_field(cx, "until_date", "absence.backwards",
                              "The last day is before the first.");
    return OK;
}

static const char *member_title(struct ctx *cx, const struct row *r)
{
    return row_show(cx, r, MEMBER_USER);
}

static const char *absence_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s, %s to %s", row_show(cx, r, ABSENCE_USER),
                        show_date_lasting(cx, row_i64(r, ABSENCE_FROM)),
                        show_date_lasting(cx, row_i64(r, ABSENCE_UNTIL)));
}

enum status assignment_may_take(struct ctx *cx, i64 user_id, bool *may)
{
    const struct access *who;
    enum status s = access_of_user(cx, user_id, &who);

    *may = s == OK && access_scope(who, "handoff", VERB_UPDATE) != SCOPE_NONE;
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    return OK;
}

/* ---- choosing ---- */
struct member {
    i64 user, weight, capacity; /* capacity 0: any */
    const char *name;
    i64 last, given, in_hand; /* last: the id of the last lead, which rises with time */
    i64 away_until;           /* day, or TIME_NONE */
};
struct choosing {
    struct ctx *cx;
    i64 today;
    struct buf why; /* who was passed over, and why */
};

static enum status read_members(struct choosing *c, i64 rule, struct member *list, size_t *count)
{
    struct ctx *cx = c->cx;
    i64 since = ctx_now(cx) - WINDOW_DAYS * (i64)MS_DAY, newest;

    TRY(db_get_i64(cx, &newest, "assignment.newest_member", I64("rule", rule)));
    scoped(stmt_close) struct stmt q =
        db_query(cx, "assignment.members", I64("rule", rule), I64("today", c->today),
                 I64("since", newest > since ? newest : since));
    for (*count = 0; *count < MEMBERS_MOST && stmt_next(&q); (*count)++)
        list[*count] =
            (struct member){ .user = col_i64(&q, 0),
                             .name = arena_text(cx->arena, col_text(&q, 1)),
                             .weight = col_i64(&q, 2),
                             .capacity = col_i64(&q, 3),
                             .last = col_i64(&q, 4),
                             .given = col_i64(&q, 5),
                             .in_hand = col_i64(&q, 6),
                             .away_until = col_null(&q, 7) ? TIME_NONE : col_i64(&q, 7) };
    return stmt_status(&q);
}

static enum status is_free(struct choosing *c, const struct member *m, bool *is)
{
    TRY(assignment_may_take(c->cx, m->user, is));
    if (!*is)
        buf_printf(&c->why, " %s may not answer leads.", m->name);
    else if (m->away_until != TIME_NONE)
        buf_printf(&c->why, " %s is away until %s.", m->name, show_date(c->cx, m->away_until));
    else if (m->capacity && m->in_hand >= m->capacity)
        buf_printf(&c->why, " %s has %lld of %lld in hand.", m->name, (long long)m->in_hand,
                   (long long)m->capacity);
    else
        return OK;
    *is = false;
    return OK;
}

/* Below 0: a comes before b. Fractions are compared exactly, crosswise. */
static i64 compare(const char *method, const struct member *a, const struct member *b)
{
    i64 by = 0;

    if (text_is(method, "weighted"))
        by = (a->given + 1) * b->weight - (b->given + 1) * a->weight;
    else if (text_is(method, "capacity"))
        by = a->in_hand * (b->capacity ? b->capacity : 1) -
             b->in_hand * (a->capacity ? a->capacity : 1);
    if (by == 0)
        by = (a->last > b->last) - (a->last < b->last);
    return by ? by : (a->user > b->user) - (a->user < b->user);
}

static const char *turn_words(struct ctx *cx, const char *method, const struct member *m)
{
    if (text_is(method, "weighted"))
        return arena_printf(cx->arena, "%s got %lld of its leads lately, at weight %lld", m->name,
                            (long long)m->given, (long long)m->weight);
    if (text_is(method, "capacity") && m->capacity)
        return arena_printf(cx->arena, "%s has the most room, %lld of %lld in hand", m->name,
                            (long long)m->in_hand, (long long)m->capacity);
    if (text_is(method, "capacity"))
        return arena_printf(cx->arena, "%s has the most room, %lld in hand", m->name,
                            (long long)m->in_hand);
    return arena_printf(cx->arena, "it was the turn of %s", m->name);
}

/* *chosen NULL: nobody is free. */
static enum status choose_member(struct choosing *c, const struct row *rule,
                                 const struct member **chosen)
{
    struct member *list = NEW_N(c->cx->arena, struct member, MEMBERS_MOST);
    const char *method = row_text(rule, ASSIGN_METHOD);
    size_t count;
    bool is;

    *chosen = NULL;
    TRY(read_members(c, row_id(rule), list, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(is_free(c, &list[i], &is));
        if (is && (*chosen == NULL || compare(method, &list[i], *chosen) < 0))
            *chosen = &list[i];
    }
    return OK;
}

static enum status ask_rule(struct choosing *c, i64 id, const struct row *contact,
                            struct assignment *out)
{
    struct ctx *cx = c->cx;
    const struct member *chosen;
    struct filter *f;
    struct row *rule;
    bool fits;

    TRY(record_get(cx, &assignment_rule_type, id, &rule));
    if (filter_parse(cx, &contact_type, row_text(rule, ASSIGN_FILTER), &f) != OK) {
        ctx_clear_error(cx); /* a field of it is gone: its page shows that */
        buf_printf(&c->why, " The rule '%s' cannot be read.", row_text(rule, ASSIGN_NAME));
        return OK;
    }
    TRY(filter_match(cx, f, contact, &fits));
    if (!fits)
        return OK;
    TRY(choose_member(c, rule, &chosen));
    if (chosen == NULL) {
        buf_printf(&c->why, " Nobody of '%s' is free.", row_text(rule, ASSIGN_NAME));
        return OK;
    }
    out->owner_id = chosen->user;
    out->rule_id = id;
    out->because = arena_printf(cx->arena, "%s: %s.", row_text(rule, ASSIGN_NAME),
                                turn_words(cx, row_text(rule, ASSIGN_METHOD), chosen));
    return OK;
}

static enum status read_rules(struct ctx *cx, i64 *ids, size_t *count)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "assignment.rules");

    for (*count = 0; *count < MEMBERS_MOST && stmt_next(&q); (*count)++)
        ids[*count] = col_i64(&q, 0);
    return stmt_status(&q);
}

/* Who is away comes last: better they than nobody. */
static enum status longest_waiting(struct choosing *c, struct assignment *out)
{
    struct ctx *cx = c->cx;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "assignment.candidates", I64("today", c->today));
    bool may = false;

    while (!may && stmt_next(&q)) {
        TRY(assignment_may_take(cx, col_i64(&q, 0), &may));
        if (!may)
            continue;
        out->owner_id = col_i64(&q, 0);
        out->because = arena_printf(cx->arena, "No rule decided: %s has waited longest for a lead.",
                                    col_text(&q, 1));
    }
    return stmt_status(&q);
}

enum status assignment_choose(struct ctx *cx, const struct row *contact, struct assignment *out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct choosing c = { .cx = cx,
                          .today = zone_day(kit_zone(cx), ctx_now(cx)),
                          .why = buf_in(cx->arena, 16 * 1024) };
    i64 ids[MEMBERS_MOST];
    size_t count;

    (void)guard;
    *out = (struct assignment){ .because = "" };
    TRY(read_rules(cx, ids, &count));
    for (size_t i = 0; i < count && out->owner_id == 0; i++)
        TRY(ask_rule(&c, ids[i], contact, out));
    if (out->owner_id == 0)
        TRY(longest_waiting(&c, out));
    out->because = utf8_cut(
        cx->arena, arena_printf(cx->arena, "%s%s", out->because, buf_end(&c.why)), BECAUSE_BYTES);
    return OK;
}

/* ---- records ---- */
const struct record_type assignment_rule_type = {
    .name = "assignment_rule",
    .label = "Assignment rule",
    .plural = "Assignment rules",
    .path = "assignment-rules",
    .icon = "arrows-split",
    .section = "settings",
    .menu_order = 22,
    .sort = "position",
    .title = ASSIGN_NAME,
    .fields = fields,
    .field_count = ASSIGN_FIELDS,
    .empty = "Which leads go to whom: by territory, size or product, in turn, by weight or by "
             "free capacity. Without rules the salesperson who has waited longest gets the lead.",
    RELATED({ "assignment_member", "rule_id", "Who takes part" },
            { "handoff", "rule_id", "Leads given by it" }),
    .validate = rule_validate,
};
const struct record_type assignment_member_type = {
    .name = "assignment_member",
    .label = "Member",
    .plural = "Members of assignment rules",
    .path = "assignment-members",
    .icon = "user",
    .sort = "created_at",
    .title = MEMBER_USER,
    .title_of = member_title,
    .fields = member_fields,
    .field_count = MEMBER_FIELDS,
    .empty = "Who gets leads by a rule, at which weight and up to how many.",
    .validate = member_validate,
};
const struct record_type absence_type = {
    .name = "absence",
    .label = "Absence",
    .plural = "Absences",
    .path = "absences",
    .icon = "calendar",
    .section = "settings",
    .menu_order = 23,
    .sort = "-from_date",
    .title = ABSENCE_NOTE,
    .title_of = absence_title,
    .fields = absence_fields,
    .field_count = ABSENCE_FIELDS,
    .empty = "Who is away from when to when. Leads go to others meanwhile.",
    .validate = absence_validate,
};

const struct feature feature_assignment = {
    .name = "assignment",
    TYPES(&assignment_rule_type, &assignment_member_type, &absence_type),
};
