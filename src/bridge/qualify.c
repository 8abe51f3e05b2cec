/* qualify.c -- the records of qualification: frameworks, criteria, answers, and what follows of the
 * answers. */
#include "bridge/qualify.h"
#include "base/id.h"
#include "base/utf8.h"
#include "kit/filter.h"
#include "store/queue.h"

enum { CRITERIA_MAX = 100, LACKS_BYTES = 400, WEIGHT_MAX = 100 };

static const struct field framework_fields[] = {
    [FRAMEWORK_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | UNIQUE | SEARCHED,
                         .max_len = 60 },
    [FRAMEWORK_OF] = { "used_for", FIELD_CHOICE, "Used for", REQUIRED | LISTED, .otherwise = "both",
                       .choices =
                           CHOICES({ "lead", "Leads and contacts", "blue" },
                                   { "deal", "Deals", "green" }, { "both", "Both", "violet" }) },
    [FRAMEWORK_ACTIVE] = { "active", FIELD_BOOL, "In use", LISTED, .otherwise = "true" },
    [FRAMEWORK_POSITION] = { "position", FIELD_INT, "Position", LISTED | INDEXED, .max = 1000,
                             .otherwise = "50" },
    [FRAMEWORK_ABOUT] = { "about", FIELD_LONG, "What it is good for", 0 },
};
_Static_assert(countof(framework_fields) == FRAMEWORK_FIELDS, "enum and table differ");

static const struct field criterion_fields[] = {
    [CRITERION_NAME] = { "name", FIELD_TEXT, "Criterion", REQUIRED | LISTED | SEARCHED,
                         .max_len = 80, .help = "\"Economic buyer\"." },
    [CRITERION_FRAMEWORK] = { "framework_id", FIELD_REF, "Framework",
                              REQUIRED | LISTED | CREATE_ONLY, .ref = "framework" },
    [CRITERION_QUESTION] = { "question", FIELD_TEXT, "Question", LISTED, .max_len = 200,
                             .help = "As one asks it oneself: \"Have we spoken with who signs?\"" },
    [CRITERION_HINT] = { "hint", FIELD_TEXT, "Hint", 0, .max_len = 300,
                         .help = "How to find out." },
    [CRITERION_KIND] = { "kind", FIELD_CHOICE, "Answer", REQUIRED | LISTED, .otherwise = "yes_no",
                         .choices = CHOICES(
                             { "yes_no", "Yes, no or unknown", "green" },
                             { "choice", "One of a list", "blue" }, { "text", "Text", "gray" },
                             { "amount", "Amount", "amber" }, { "date", "Date", "violet" }) },
    [CRITERION_CHOICES] = { "choices", FIELD_LONG, "The list", 0,
                            .help = "A line each; how much it counts, of 100, behind it: "
                                    "\"Approved = 100\", \"Asked for = 50\"." },
    [CRITERION_WEIGHT] = { "weight", FIELD_INT, "Weight", LISTED, .max = WEIGHT_MAX,
                           .otherwise = "1", .help = "Twice the weight counts twice." },
    [CRITERION_POSITION] = { "position", FIELD_INT, "Position", INDEXED, .max = 1000,
                             .otherwise = "50" },
};
_Static_assert(countof(criterion_fields) == CRITERION_FIELDS, "enum and table differ");

static const struct field qualification_fields[] = {
    [QUALIFICATION_FRAMEWORK] = { "framework_id", FIELD_REF, "Framework", REQUIRED | LISTED,
                                  .ref = "framework" },
    [QUALIFICATION_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [QUALIFICATION_DEAL] = { "deal_id", FIELD_REF, "Deal", LISTED, .ref = "deal" },
    [QUALIFICATION_COMPLETENESS] = { "completeness", FIELD_INT, "Answered, percent",
                                     LISTED | INDEXED | TRACKED },
    [QUALIFICATION_SCORE] = { "score", FIELD_INT, "Score, of 100", LISTED | INDEXED | TRACKED },
    [QUALIFICATION_ANSWERED] = { "answered", FIELD_INT, "Criteria answered", 0 },
    [QUALIFICATION_CRITERIA] = { "criteria", FIELD_INT, "Criteria", 0 },
    [QUALIFICATION_LACKS] = { "lacks", FIELD_TEXT, "Still open", LISTED, .max_len = LACKS_BYTES },
    [QUALIFICATION_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user" },
};
_Static_assert(countof(qualification_fields) == QUALIFICATION_FIELDS, "enum and table differ");

static const struct field answer_fields[] = {
    [ANSWER_CRITERION] = { "criterion_id", FIELD_REF, "Criterion", REQUIRED | LISTED | CREATE_ONLY,
                           .ref = "criterion" },
    [ANSWER_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED | CREATE_ONLY, .ref = "contact",
                         .help = "Of a contact or of a deal, not of both." },
    [ANSWER_DEAL] = { "deal_id", FIELD_REF, "Deal", LISTED | CREATE_ONLY, .ref = "deal" },
    [ANSWER_VALUE] = { "value", FIELD_TEXT, "Answer", LISTED | TRACKED | SEARCHED,
                       .max_len = 1000 },
    [ANSWER_NOTE] = { "note", FIELD_LONG, "Note", 0 },
    [ANSWER_FRAMEWORK] = { "framework_id", FIELD_REF, "Framework", COMPUTED, .ref = "framework" },
    [ANSWER_ANSWERED] = { "answered", FIELD_BOOL, "Answered", COMPUTED },
    [ANSWER_SHARE] = { "share", FIELD_INT, "Counts, of 100", COMPUTED },
    [ANSWER_MET] = { "met", FIELD_BOOL, "Met", COMPUTED | LISTED },
    [ANSWER_AMOUNT] = { "amount", FIELD_DECIMAL, "As an amount", COMPUTED },
    [ANSWER_DATE] = { "day", FIELD_DATE, "As a date", COMPUTED },
    [ANSWER_OWNER] = { "owner_id", FIELD_REF, "Owner", COMPUTED | OWNER, .ref = "user" },
};
_Static_assert(countof(answer_fields) == ANSWER_FIELDS, "enum and table differ");

/* ---- what an answer is ---- */
int qualify_choice(struct ctx *cx, const char *choices, const char *value, const char **label)
{
    struct str rest = str_from(choices), line;
    const char *wanted = utf8_fold(cx->arena, value);

    while (str_split(&rest, '\n', &line)) {
        struct str part, share = line;
        i64 percent = 100;
        (void)str_split(&share, '=', &part);
        part = str_trim(part);
        if (share.len > 0 && !str_i64(str_trim(share), &percent))
            percent = 100;
        const char *text = str_dup(cx->arena, part);
        if (part.len == 0 || !text_is(utf8_fold(cx->arena, text), wanted))
            continue;
        if (label)
            *label = text;
        return percent < 0 ? 0 : percent > 100 ? 100 : (int)percent;
    }
    return -1;
}

static enum status bad_value(struct ctx *cx, const struct row *criterion, const char *what)
{
    return ctx_fail_field(cx, "value", "qualification.value", "%s: %s",
                          row_text(criterion, CRITERION_NAME), what);
}

static enum status read_yes_no(struct ctx *cx, struct row *r, const struct row *criterion)
{
    const char *word = text_lower_ascii(cx->arena, row_text(r, ANSWER_VALUE));

    if (!text_is(word, "yes") && !text_is(word, "no") && !text_is(word, "unknown"))
        return bad_value(cx, criterion, "say yes, no or unknown.");
    row_set_text(r, ANSWER_VALUE, word);
    row_set_i64(r, ANSWER_ANSWERED, !text_is(word, "unknown"));
    row_set_i64(r, ANSWER_SHARE, text_is(word, "yes") ? 100 : 0);
    return OK;
}

static enum status read_choice(struct ctx *cx, struct row *r, const struct row *criterion)
{
    const char *label;
    int share = qualify_choice(cx, row_text(criterion, CRITERION_CHOICES),
                               row_text(r, ANSWER_VALUE), &label);

    if (share < 0)
        return bad_value(cx, criterion, "choose one of its list.");
    row_set_text(r, ANSWER_VALUE, label);
    row_set_i64(r, ANSWER_SHARE, share);
    return OK;
}

/* Beside what was typed, as a number and a day, so that filters can compare them. */
static enum status read_amount(struct ctx *cx, struct row *r, const struct row *criterion)
{
    struct money m;
    const char *why;

    if (money_parse(str_from(row_text(r, ANSWER_VALUE)), "EUR", &m, &why) != OK)
        return bad_value(cx, criterion, "write an amount, such as 12000.");
    row_set_i64(r, ANSWER_AMOUNT, m.minor); /* hundredths, as the euro has */
    return OK;
}

static enum status read_date(struct ctx *cx, struct row *r, const struct row *criterion)
{
    i64 day;

    if (!date_parse(str_from(row_text(r, ANSWER_VALUE)), &day))
        return bad_value(cx, criterion, "write a date, such as 2026-12-31.");
    row_set_i64(r, ANSWER_DATE, day);
    return OK;
}

static enum status read_value(struct ctx *cx, struct row *r, const struct row *criterion)
{
    const char *kind = row_text(criterion, CRITERION_KIND);
    bool any = row_has(r, ANSWER_VALUE);

    row_clear(r, ANSWER_AMOUNT);
    row_clear(r, ANSWER_DATE);
    row_set_i64(r, ANSWER_ANSWERED, any);
    row_set_i64(r, ANSWER_SHARE, any ? 100 : 0);
    if (any && text_is(kind, "yes_no"))
        TRY(read_yes_no(cx, r, criterion));
    else if (any && text_is(kind, "choice"))
        TRY(read_choice(cx, r, criterion));
    else if (any && text_is(kind, "amount"))
        TRY(read_amount(cx, r, criterion));
    else if (any && text_is(kind, "date"))
        TRY(read_date(cx, r, criterion));
    row_set_i64(r, ANSWER_MET, row_i64(r, ANSWER_SHARE) >= 50);
    return OK;
}

/* Whose the contact or deal is, the answer is too. */
static enum status take_owner(struct ctx *cx, struct row *r, const char *type, i64 id, int field)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *of;
    enum status s = record_get_named(cx, type, id, &of);

    (void)guard;
    if (s == E_NOT_FOUND) { /* the check of references says so, or it is in the trash */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    int owner = type_field(row_type(of), "owner_id");
    if (owner >= 0 && row_has(of, owner))
        row_set_i64(r, field, row_i64(of, owner));
    return OK;
}

static enum status answer_validate(struct ctx *cx, struct row *r)
{
    struct row *criterion;
    enum status s;
    i64 other;

    if (row_has(r, ANSWER_CONTACT) == row_has(r, ANSWER_DEAL))
        return ctx_fail_field(cx, "contact_id", "qualification.of",
                              "Say of which contact or of which deal, one of the two.");
    s = record_get_any(cx, &criterion_type, row_i64(r, ANSWER_CRITERION), &criterion);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK; /* the check of the reference says so */
    }
    TRY(s);
    row_set_i64(r, ANSWER_FRAMEWORK, row_i64(criterion, CRITERION_FRAMEWORK));
    TRY(read_value(cx, r, criterion));
    if (!row_is_new(r))
        return OK;
    TRY(take_owner(cx, r, row_has(r, ANSWER_DEAL) ? "deal" : "contact",
                   row_i64(r, row_has(r, ANSWER_DEAL) ? ANSWER_DEAL : ANSWER_CONTACT),
                   ANSWER_OWNER));
    TRY(db_get_i64(cx, &other, "qualify.same", I64("criterion", row_id(criterion)),
                   I64("contact", row_i64(r, ANSWER_CONTACT)),
                   I64("deal", row_i64(r, ANSWER_DEAL))));
    return other == 0 ? OK
                      : ctx_fail_field(cx, "criterion_id", "qualification.twice",
                                       "%s is answered already: change that answer.",
                                       row_text(criterion, CRITERION_NAME));
}

/* ---- what follows of the answers ---- */
struct sum {
    i64 criteria, answered, weight, weighted;
    struct buf lacks;
};

static enum status add_up(struct ctx *cx, i64 framework, i64 contact, i64 deal, struct sum *sum)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "qualify.answers", I64("framework", framework), I64("contact", contact),
                 I64("deal", deal), I64("limit", CRITERIA_MAX));

    *sum = (struct sum){ .lacks = buf_in(cx->arena, 64 * 1024) };
    while (stmt_next(&q)) {
        i64 weight = col_i64(&q, 1);
        sum->criteria++;
        sum->weight += weight;
        if (!col_null(&q, 2) && col_i64(&q, 2)) {
            sum->answered++;
            sum->weighted += weight * col_i64(&q, 3);
        } else {
            buf_printf(&sum->lacks, "%s%s", sum->lacks.len ? ", " : "", col_text(&q, 0));
        }
    }
    return stmt_status(&q);
}

static enum status find_qualification(struct ctx *cx, i64 framework, i64 contact, i64 deal,
                                      struct row **out)
{
    i64 id;
    enum status s = db_get_i64(cx, &id, "qualify.of", I64("framework", framework),
                               I64("contact", contact), I64("deal", deal));

    if (s == OK)
        return record_get(cx, &qualification_type, id, out);
    if (s != E_NOT_FOUND)
        return s;
    *out = row_new(cx, &qualification_type);
    row_set_i64(*out, QUALIFICATION_FRAMEWORK, framework);
    if (contact)
        row_set_i64(*out, QUALIFICATION_CONTACT, contact);
    if (deal)
        row_set_i64(*out, QUALIFICATION_DEAL, deal);
    return take_owner(cx, *out, deal ? "deal" : "contact", deal ? deal : contact,
                      QUALIFICATION_OWNER);
}

static enum status count_again(struct ctx *cx, i64 framework, i64 contact, i64 deal)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;
    struct sum sum;

    (void)guard;
    TRY(find_qualification(cx, framework, contact, deal, &r));
    TRY(add_up(cx, framework, contact, deal, &sum));
    row_set_i64(r, QUALIFICATION_CRITERIA, sum.criteria);
    row_set_i64(r, QUALIFICATION_ANSWERED, sum.answered);
    row_set_i64(r, QUALIFICATION_COMPLETENESS,
                sum.criteria ? sum.answered * 100 / sum.criteria : 0);
    row_set_i64(r, QUALIFICATION_SCORE, sum.weight ? sum.weighted / sum.weight : 0);
    row_set_text(r, QUALIFICATION_LACKS, utf8_cut(cx->arena, buf_end(&sum.lacks), LACKS_BYTES));
    return record_save(cx, r);
}

static enum status answer_saved(struct ctx *cx, struct row *r)
{
    return count_again(cx, row_i64(r, ANSWER_FRAMEWORK), row_i64(r, ANSWER_CONTACT),
                       row_i64(r, ANSWER_DEAL));
}

/* ---- changed criteria ---- */
static enum status recount_one(struct ctx *cx, void *arg)
{
    const struct row *r = arg;

    return count_again(cx, row_i64(r, QUALIFICATION_FRAMEWORK), row_i64(r, QUALIFICATION_CONTACT),
                       row_i64(r, QUALIFICATION_DEAL));
}

static enum status recount_row(struct ctx *cx, struct row *r, void *arg)
{
    (void)arg;
    return kit_write(cx, recount_one, r);
}

static enum status recount_job(struct job_run *job)
{
    const char *filter = arena_printf(job->cx->arena, "framework_id = '%s'",
                                      val_get_text(job->payload, "framework"));

    return list_each(job->cx, &qualification_type, filter, recount_row, NULL);
}

static enum status recount_later(struct ctx *cx, const struct row *criterion)
{
    const char *id = id_text(cx->arena, row_i64(criterion, CRITERION_FRAMEWORK));

    return queue_add(cx, "qualify.recount", id,
                     arena_printf(cx->arena, "{\"framework\":\"%s\"}", id), ctx_now(cx), NULL);
}

static enum status criterion_validate(struct ctx *cx, struct row *r)
{
    if (text_is(row_text(r, CRITERION_KIND), "choice") && !row_has(r, CRITERION_CHOICES))
        return ctx_fail_field(cx, "choices", "required", "Write the list, a line for each answer.");
    return OK;
}

/* A new framework has no qualifications yet, and its criteria none to count again. */
static enum status criterion_saved(struct ctx *cx, struct row *r)
{
    i64 there;

    if (row_before(r) && !row_changed(r, CRITERION_WEIGHT) && !row_changed(r, CRITERION_NAME))
        return OK;
    TRY(db_get_i64(cx, &there, "qualify.any", I64("framework", row_i64(r, CRITERION_FRAMEWORK))));
    return there ? recount_later(cx, r) : OK;
}

static enum status criterion_removed(struct ctx *cx, struct row *r) { return recount_later(cx, r); }

/* ---- records ---- */
const struct record_type framework_type = {
    .name = "framework",
    .label = "Qualification framework",
    .plural = "Qualification frameworks",
    .path = "frameworks",
    .icon = "list-check",
    .section = "settings",
    .menu_order = 24,
    .sort = "position",
    .title = FRAMEWORK_NAME,
    .fields = framework_fields,
    .field_count = FRAMEWORK_FIELDS,
    .empty = "What must be known of a lead or a deal: BANT, MEDDIC, or what you ask yourselves. It "
             "stands in the lead inbox and on the pages of contacts and deals.",
    RELATED({ "criterion", "framework_id", "Criteria" },
            { "qualification", "framework_id", "Filled in for" }),
};
const struct record_type criterion_type = {
    .name = "criterion",
    .label = "Criterion",
    .plural = "Criteria",
    .path = "criteria",
    .icon = "checklist",
    .sort = "position",
    .title = CRITERION_NAME,
    .fields = criterion_fields,
    .field_count = CRITERION_FIELDS,
    .empty = "The questions of a qualification framework, each with its kind of answer and its "
             "weight.",
    .validate = criterion_validate,
    .saved = criterion_saved,
    .removed = criterion_removed,
};

static const char *of_whom(struct ctx *cx, const struct row *r, int contact, int deal)
{
    return row_has(r, deal) ? row_show(cx, r, deal) : row_show(cx, r, contact);
}

static const char *qualification_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s of %s", row_show(cx, r, QUALIFICATION_FRAMEWORK),
                        of_whom(cx, r, QUALIFICATION_CONTACT, QUALIFICATION_DEAL));
}

static const char *answer_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s of %s", row_show(cx, r, ANSWER_CRITERION),
                        of_whom(cx, r, ANSWER_CONTACT, ANSWER_DEAL));
}

const struct record_type qualification_type = {
    .name = "qualification",
    .label = "Qualification",
    .plural = "Qualifications",
    .path = "qualifications",
    .icon = "list-check",
    .sort = "-updated_at",
    .title = QUALIFICATION_LACKS,
    .title_of = qualification_title,
    .fields = qualification_fields,
    .field_count = QUALIFICATION_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE,
    .empty = "How much is known of each contact and deal, worked out of the answers.",
};
const struct record_type answer_type = {
    .name = "qualification_answer",
    .label = "Qualification answer",
    .plural = "Qualification answers",
    .path = "qualification-answers",
    .icon = "checklist",
    .sort = "-updated_at",
    .title = ANSWER_VALUE,
    .title_of = answer_title,
    .fields = answer_fields,
    .field_count = ANSWER_FIELDS,
    .empty = "What is known of contacts and deals, by the criteria of qualification frameworks.",
    .validate = answer_validate,
    .saved = answer_saved,
    .removed = answer_saved,
};

static const struct job_type jobs[] = {
    { "qualify.recount", "Work qualifications out again", recount_job },
};
const struct feature feature_qualify = {
    .name = "qualify",
    TYPES(&framework_type, &criterion_type, &qualification_type, &answer_type),
    JOBS(jobs),
    .start = qualify_make_ready,
};
