/* form_answer.c -- what was posted, against what the form asks: which fields are shown, which of
 * them a known person is spared, and whether each answer can be. The page decides the same in the
 * browser; here it counts. */
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "marketing/form_def.h"

bool answer_is_yes(const char *text)
{
    static const char *const words[] = { "yes", "true", "on", "1" };

    for (size_t i = 0; i < countof(words); i++)
        if (str_equal_fold(str_from(text), str_from(words[i])))
            return true;
    return false;
}

/* ---- which fields are shown ---- */

static bool has_answer(const struct val *v, const char *value, bool part)
{
    const char *one = val_as_text(v, "");

    for (size_t i = 0; i < val_count(v); i++)
        if (text_is(val_as_text(val_at(v, i), ""), value))
            return true;
    return part ? !text_empty(value) && str_contains_fold(str_from(one), value)
                : str_equal_fold(str_from(one), str_from(value));
}

static bool condition_holds(const struct ask_if *c, const struct val *answers)
{
    const struct val *v = val_get(answers, c->field);
    bool filled = val_count(v) > 0 || !text_empty(val_as_text(v, ""));

    switch (c->op) {
    case OP_IS:
        return has_answer(v, c->value, false);
    case OP_IS_NOT:
        return !has_answer(v, c->value, false);
    case OP_FILLED:
        return filled;
    case OP_EMPTY:
        return !filled;
    case OP_CONTAINS:
    default:
        return has_answer(v, c->value, true);
    }
}

bool ask_shown(const struct ask *a, const struct val *answers)
{
    size_t holds = 0;

    for (size_t i = 0; i < a->if_count; i++)
        holds += condition_holds(&a->ifs[i], answers);
    return a->if_count == 0 || (a->if_any ? holds > 0 : holds == a->if_count);
}

/* ---- whom we ask what ---- */

static bool is_known(const struct ask *a, const struct row *contact)
{
    int field = ask_contact_field(a->maps);

    if (contact == NULL)
        return false;
    if (text_is(a->maps, "company"))
        return row_has(contact, CONTACT_COMPANY);
    return field >= 0 && row_has(contact, field);
}

const bool *form_asked(struct ctx *cx, const struct form_def *d, const struct row *contact)
{
    bool *asked = NEW_N(cx->arena, bool, d->count + 1);
    int left = d->ask_at_once;

    for (size_t i = 0; i < d->count; i++) {
        const struct ask *a = &d->asks[i];
        asked[i] = true;
        if (!a->ask_once || text_is(a->maps, "email")) /* by the address we tell people apart */
            continue;
        asked[i] = !is_known(a, contact) && (d->ask_at_once == 0 || left > 0);
        left -= asked[i];
    }
    return asked;
}

/* ---- answers ---- */

static enum status wrong(struct ctx *cx, const struct ask *a, const char *language,
                         const char *code, const char *what)
{
    return ctx_fail_field(cx, a->name, code, "%s: %s", ask_text(a, "label", language), what);
}

static bool is_offered(const struct ask *a, const char *answer)
{
    for (size_t i = 0; i < a->option_count; i++)
        if (text_is(a->options[i].value, answer))
            return true;
    return false;
}

static const char *offers(struct ctx *cx, const struct ask *a, const char *language)
{
    struct buf b = buf_in(cx->arena, 100 * 1000);

    for (size_t i = 0; i < a->option_count && i < 20; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", ask_option_text(a, i, language));
    return buf_end(&b);
}

static enum status not_offered(struct ctx *cx, const struct ask *a, const char *language)
{
    return ctx_fail_field(cx, a->name, "choice.unknown", "Please choose one of: %s.",
                          offers(cx, a, language));
}

/* Like the contact's own check, so that the mistake stands at the field that was asked. */
static bool is_mail_address(const char *text)
{
    const char *at = strrchr(text, '@'), *dot;

    if (at == NULL || at == text || strlen(text) > 254 || at - text > 64 || text[0] == '.' ||
        at[-1] == '.' || strstr(text, "..") != NULL)
        return false;
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p <= ' ' || strchr("\"(),:;<>[\\]", *p) != NULL)
            return false;
    dot = strrchr(at, '.');
    return memchr(text, '@', (size_t)(at - text)) == NULL && dot != NULL && dot > at + 1 &&
           dot[1] != '\0' && at[1] != '-';
}

/* Digits with a sign and one point or comma, as people write numbers; with a point, or NULL. */
static const char *number_of(struct arena *m, const char *text)
{
    char *n = arena_text(m, text);
    int points = 0, digits = 0;

    for (char *p = n; *p; p++) {
        if (*p == ',')
            *p = '.';
        points += *p == '.';
        digits += *p >= '0' && *p <= '9';
        if (!(*p >= '0' && *p <= '9') && *p != '.' && !(p == n && *p == '-'))
            return NULL;
    }
    return points > 1 || digits == 0 || digits > 15 || n[strlen(n) - 1] == '.' ? NULL : n;
}

static enum status check_number(struct ctx *cx, const struct ask *a, const char *language,
                                const char **answer)
{
    const char *n = number_of(cx->arena, *answer);
    i64 whole;

    if (n == NULL)
        return wrong(cx, a, language, "number.invalid",
                     arena_printf(cx->arena, "\"%s\" is no number.", *answer));
    if (!str_i64((struct str){ n, strcspn(n, ".") }, &whole))
        whole = 0; /* ".5" */
    if ((a->min != 0 || a->max != 0) && (whole < a->min || whole > a->max))
        return wrong(
            cx, a, language, "number.range",
            arena_printf(cx->arena, "from %lld to %lld.", (long long)a->min, (long long)a->max));
    *answer = n;
    return OK;
}

static enum status check_one(struct ctx *cx, const struct ask *a, const char *language,
                             const char **answer)
{
    i64 day;

    if (strlen(*answer) > ANSWER_BYTES)
        return ctx_fail_field(cx, a->name, "too_long", "%s is too long: at most %d characters.",
                              ask_text(a, "label", language), ANSWER_BYTES);
    switch (a->kind) {
    case ASK_EMAIL:
        return is_mail_address(*answer)
                   ? OK
                   : wrong(cx, a, language, "email.invalid",
                           arena_printf(cx->arena,
                                        "\"%s\" is not a mail address; it needs the form "
                                        "name@example.com",
                                        *answer));
    case ASK_NUMBER:
        return check_number(cx, a, language, answer);
    case ASK_DATE:
        return date_parse(str_from(*answer), &day)
                   ? OK
                   : wrong(cx, a, language, "date.invalid",
                           arena_printf(cx->arena, "\"%s\" is no date; write it like 2026-11-23.",
                                        *answer));
    case ASK_CHOICE:
        return is_offered(a, *answer) ? OK : not_offered(cx, a, language);
    case ASK_URL:
        if (!str_starts(str_from(*answer), "http://") && !str_starts(str_from(*answer), "https://"))
            *answer = arena_printf(cx->arena, "https://%s", *answer);
        return strchr(*answer, '.') != NULL && strpbrk(*answer, " \"<>") == NULL
                   ? OK
                   : wrong(cx, a, language, "url.invalid",
                           arena_printf(cx->arena, "\"%s\" is no web address.", *answer));
    default:
        return OK;
    }
}

static const char *trimmed(struct ctx *cx, const char *text)
{
    return str_dup(cx->arena, str_trim(str_from(text)));
}

/* Browsers repeat the name for each that is ticked; by hand they may stand with commas between. */
static enum status read_choices(struct ctx *cx, const struct ask *a, const struct form_answers *to,
                                struct val *list)
{
    const struct val *v = val_get(to->posted, a->name);
    struct str rest = str_from(val_kind_of(v) == VAL_LIST ? "" : val_print(cx->arena, v)), part;

    if (val_kind_of(v) == VAL_TEXT && is_offered(a, val_as_text(v, ""))) {
        val_add_text(list, val_as_text(v, ""));
        return OK;
    }
    for (size_t i = 0; i < val_count(v) && val_kind_of(v) == VAL_LIST && i < ASK_OPTIONS_MAX; i++) {
        const char *one = trimmed(cx, val_print(cx->arena, val_at(v, i)));
        if (text_empty(one))
            continue;
        if (!is_offered(a, one))
            return not_offered(cx, a, to->language);
        val_add_text(list, one);
    }
    while (str_split(&rest, ',', &part)) {
        const char *one = str_dup(cx->arena, str_trim(part));
        if (text_empty(one))
            continue;
        if (!is_offered(a, one))
            return not_offered(cx, a, to->language);
        val_add_text(list, one);
    }
    return OK;
}

static enum status missing(struct ctx *cx, const struct ask *a, const char *language)
{
    return ctx_fail_field(cx, a->name, "required", "%s: %s.", form_word("missing", language),
                          ask_text(a, "label", language));
}

/* The first text posted under a name; of a list its first. */
static const char *posted_text(struct ctx *cx, const struct form_answers *to, const char *name)
{
    const struct val *v = val_get(to->posted, name);

    return val_print(cx->arena, val_kind_of(v) == VAL_LIST ? val_at(v, 0) : v);
}

static enum status read_text(struct ctx *cx, const struct ask *a, const struct form_answers *to,
                             struct val *seen)
{
    const char *answer = trimmed(cx, posted_text(cx, to, a->name));
    enum status s;

    if (a->kind == ASK_YESNO && !text_empty(answer))
        answer = answer_is_yes(answer) ? "yes" : a->required ? "" : "no";
    if (text_empty(answer))
        return a->required ? missing(cx, a, to->language) : OK;
    s = check_one(cx, a, to->language, &answer);
    answer = utf8_cut(cx->arena, answer, ANSWER_BYTES);
    val_put_text(seen, a->name, answer);
    val_put_text(to->data, a->name, answer);
    return s;
}

static enum status read_consent(struct ctx *cx, const struct ask *a, const struct form_answers *to,
                                struct val *seen)
{
    struct val *one;

    if (!answer_is_yes(posted_text(cx, to, a->name)))
        return a->required ? missing(cx, a, to->language) : OK;
    val_put_text(seen, a->name, "yes");
    one = val_add_map(to->consents);
    val_put_text(one, "name", a->name);
    val_put_text(one, "topic", a->topic);
    val_put_text(one, "text", ask_text(a, "label", to->language));
    return OK;
}

static enum status read_list(struct ctx *cx, const struct ask *a, const struct form_answers *to,
                             struct val *seen)
{
    struct val *list = val_list(cx->arena);

    TRY(read_choices(cx, a, to, list));
    if (val_count(list) == 0)
        return a->required ? missing(cx, a, to->language) : OK;
    val_put(seen, a->name, list);
    val_put(to->data, a->name, list);
    return OK;
}

/* What one submission holds; the longest answer is the one to shorten. */
static enum status check_size(struct ctx *cx, const struct form_def *d, const struct val *data)
{
    const struct ask *longest = NULL;
    size_t most = 0;

    if (strlen(json_text(cx->arena, data)) <= LIMIT_JSON_FIELD_BYTES)
        return OK;
    for (size_t i = 0; i < d->count; i++) {
        const struct val *v = val_get(data, d->asks[i].name);
        size_t len = v != NULL ? strlen(json_text(cx->arena, v)) : 0;
        if (len <= most)
            continue;
        longest = &d->asks[i];
        most = len;
    }
    return longest == NULL ? E_INVALID
                           : ctx_fail_field(cx, longest->name, "answers.too_long",
                                            "All answers together are too long to be kept. "
                                            "Please shorten this one.");
}

enum status form_answers(struct ctx *cx, const struct form_def *d, const struct form_answers *to)
{
    struct val *seen = val_map(cx->arena); /* of the fields that are shown */
    enum status worst = OK;

    for (size_t i = 0; i < d->count; i++) {
        const struct ask *a = &d->asks[i];
        enum status s;
        if (!ask_is_input(a) || !ask_shown(a, seen))
            continue;
        if (!to->asked[i] && val_get(to->posted, a->name) == NULL)
            continue; /* a page that was made for nobody in particular asks it all the same */
        s = a->kind == ASK_CONSENT   ? read_consent(cx, a, to, seen)
            : a->kind == ASK_CHOICES ? read_list(cx, a, to, seen)
                                     : read_text(cx, a, to, seen);
        worst = s == OK ? worst : s;
    }
    return worst == OK ? check_size(cx, d, to->data) : worst;
}

const char *form_mapped(const struct form_def *d, const struct val *data, const char *maps)
{
    for (size_t i = 0; i < d->count; i++)
        if (text_is(d->asks[i].maps, maps) && !text_empty(val_get_text(data, d->asks[i].name)))
            return val_get_text(data, d->asks[i].name);
    return "";
}
