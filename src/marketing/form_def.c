/* form_def.c -- a form's definition: JSON to a table of fields and back, with every rule checked
 * when it is saved, so that what is shown to strangers needs no checks any more. */
#include "marketing/form_def.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/words.h"
#include "bridge/contact.h"

enum { LABEL_BYTES = 1000, NAME_BYTES = 80, HELP_BYTES = 500, VALUE_BYTES = 200, URL_BYTES = 2000 };

const struct ask_kind_row ask_kinds[ASK_KINDS] = {
    [ASK_TEXT] = { "text", "One line" },
    [ASK_EMAIL] = { "email", "Email" },
    [ASK_PHONE] = { "phone", "Phone" },
    [ASK_LONG] = { "long", "Paragraph of text" },
    [ASK_NUMBER] = { "number", "Number" },
    [ASK_DATE] = { "date", "Date" },
    [ASK_CHOICE] = { "choice", "Choice" },
    [ASK_CHOICES] = { "choices", "Several choices" },
    [ASK_YESNO] = { "yesno", "Yes or no" },
    [ASK_COUNTRY] = { "country", "Country" },
    [ASK_URL] = { "url", "Web address" },
    [ASK_HIDDEN] = { "hidden", "Hidden" },
    [ASK_CONSENT] = { "consent", "Consent" },
    [ASK_HEADING] = { "heading", "Heading" },
    [ASK_PARAGRAPH] = { "paragraph", "Text to read" },
    [ASK_STEP] = { "step", "New step" },
};
const struct ask_op_row ask_ops[ASK_OPS] = {
    [OP_IS] = { "is", "is" },
    [OP_IS_NOT] = { "is_not", "is not" },
    [OP_FILLED] = { "filled", "is filled in" },
    [OP_EMPTY] = { "empty", "is empty" },
    [OP_CONTAINS] = { "contains", "contains" },
};

static int kind_of(const char *word)
{
    for (int i = 0; i < ASK_KINDS; i++)
        if (text_is(ask_kinds[i].word, word))
            return i;
    return -1;
}

static int op_of(const char *word)
{
    for (int i = 0; i < ASK_OPS; i++)
        if (text_is(ask_ops[i].word, word))
            return i;
    return -1;
}

bool ask_is_input(const struct ask *a)
{
    return a->kind != ASK_HEADING && a->kind != ASK_PARAGRAPH && a->kind != ASK_STEP;
}

/* ---- where answers go ---- */

/* Fields of a contact that a stranger may fill: what the program computes and what teams decide
 * (owner, stage of life, status) is not theirs. */
int ask_contact_field(const char *maps)
{
    int i = text_empty(maps) ? -1 : type_field(&contact_type, maps);
    const struct field *f = i < 0 ? NULL : &contact_type.fields[i];

    if (f == NULL || (f->flags & (COMPUTED | INTERNAL | OWNER)) != 0 || f->kind == FIELD_REF ||
        f->kind == FIELD_JSON || i == CONTACT_LIFECYCLE || i == CONTACT_STATUS)
        return -1;
    return i;
}

static bool maps_is_fine(const char *maps)
{
    return text_empty(maps) || text_is(maps, "company") || ask_contact_field(maps) >= 0;
}

static void put_map(struct val *list, const char *value, const char *text, const char *chosen)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", text_is(value, chosen));
}

void ask_put_maps(struct ctx *cx, const char *chosen, struct val *list)
{
    (void)cx;
    put_map(list, "", "Only this submission", chosen);
    for (int i = 0; i < contact_type.field_count; i++)
        if (ask_contact_field(contact_type.fields[i].name) >= 0)
            put_map(list, contact_type.fields[i].name, contact_type.fields[i].label, chosen);
    put_map(list, "company", "Company", chosen);
}

/* ---- reading what is kept ---- */

static void read_options(struct ctx *cx, const struct val *v, struct ask *a)
{
    const struct val *list = val_get(v, "options");
    struct str rest = str_from(val_get_text(v, "choices")), one;

    a->options = NEW_N(cx->arena, struct ask_option, ASK_OPTIONS_MAX);
    for (size_t i = 0; i < val_count(list) && a->option_count < ASK_OPTIONS_MAX; i++) {
        const struct val *o = val_at(list, i);
        const char *value = val_get_text(o, "value"), *label = val_get_text(o, "label");
        if (!text_empty(value))
            a->options[a->option_count++] =
                (struct ask_option){ value, text_empty(label) ? value : label };
    }
    while (str_split(&rest, ',', &one) && a->option_count < ASK_OPTIONS_MAX) { /* first version */
        const char *text = str_dup(cx->arena, str_trim(one));
        if (!text_empty(text))
            a->options[a->option_count++] = (struct ask_option){ text, text };
    }
}

static void read_ifs(const struct val *v, struct ask *a)
{
    const struct val *list = val_get(v, "if");

    for (size_t i = 0; i < val_count(list) && a->if_count < ASK_IFS_MAX; i++) {
        const struct val *c = val_at(list, i);
        int op = op_of(val_get_text(c, "op"));
        if (op >= 0 && !text_empty(val_get_text(c, "field")))
            a->ifs[a->if_count++] = (struct ask_if){ val_get_text(c, "field"),
                                                     val_get_text(c, "value"), (enum ask_op)op };
    }
    a->if_any = val_get_bool(v, "if_any");
}

static struct ask ask_read(struct ctx *cx, const struct val *v, bool first_version)
{
    int kind = kind_of(val_get_text(v, "kind"));
    struct ask a = {
        .kind = kind < 0 ? ASK_TEXT : (enum ask_kind)kind,
        .name = val_get_text(v, "name"),
        .label = val_get_text(v, "label"),
        .help = val_get_text(v, "help"),
        .placeholder = val_get_text(v, "placeholder"),
        .otherwise = val_print(cx->arena, val_get(v, "default")),
        .maps = val_get_text(v, "maps"),
        .topic = val_get_text(v, "topic"),
        .required = val_get_bool(v, "required"),
        .half = val_get_bool(v, "half"),
        .radio = val_get_bool(v, "radio"),
        .overwrite = val_get_bool(v, "overwrite"),
        .ask_once = val_get_bool(v, "ask_once"),
        .min = val_get_i64(v, "min", 0),
        .max = val_get_i64(v, "max", 0),
        .t = val_get(v, "t"),
    };

    if (first_version && (text_is(a.name, "company") || ask_contact_field(a.name) >= 0) &&
        !text_is(a.name, "notes") && !text_is(a.name, "tags"))
        a.maps = a.name;
    if (a.kind == ASK_EMAIL && text_is(a.name, "email"))
        a.maps = "email";
    read_options(cx, v, &a);
    read_ifs(v, &a);
    return a;
}

static void add_language(struct form_def *d, const char *language)
{
    for (size_t i = 0; i < d->language_count; i++)
        if (text_is(d->languages[i], language))
            return;
    if (d->language_count < FORM_LANGUAGES_MAX)
        d->languages[d->language_count++] = language;
}

static void read_languages(struct form_def *d)
{
    add_language(d, d->language);
    for (size_t i = 0; val_kind_of(d->texts) == VAL_MAP && i < val_count(d->texts); i++)
        add_language(d, val_key_at(d->texts, i));
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; val_kind_of(d->asks[i].t) == VAL_MAP && k < val_count(d->asks[i].t); k++)
            add_language(d, val_key_at(d->asks[i].t, k));
}

static const char * or (const char *text, const char *otherwise)
{
    return text_empty(text) ? otherwise : text;
}

static void def_read(struct ctx *cx, const struct val *v, struct form_def *d)
{
    bool first = val_kind_of(v) == VAL_LIST;
    const struct val *fields = first ? v : val_get(v, "fields");
    int step = 0;

    *d = (struct form_def){ .asks = NEW_N(cx->arena, struct ask, ASKS_MAX + 1),
                            .steps = 1,
                            .language = or (val_get_text(v, "language"), "en"),
                            .texts = val_get(v, "texts"),
                            .after = val_get(v, "after"),
                            .popup = val_get(v, "popup"),
                            .guard = or (val_get_text(v, "guard"), "auto"),
                            .disposable = or (val_get_text(v, "disposable"), "take"),
                            .ask_at_once = (int)val_get_i64(v, "ask", 0) };
    for (size_t i = 0; i < val_count(fields) && d->count < ASKS_MAX; i++) {
        struct ask a = ask_read(cx, val_at(fields, i), first);
        if (text_empty(a.name))
            continue;
        if (a.kind == ASK_STEP)
            step += d->count > 0;
        a.step = step;
        d->asks[d->count++] = a;
    }
    d->steps = step + 1;
}

/* The consent that the form's own page asks for, where no field does: at the very end. */
static void add_own_consent(const struct row *form, struct form_def *d)
{
    if (!row_has(form, FORM_CONSENT))
        return;
    for (size_t i = 0; i < d->count; i++)
        if (d->asks[i].kind == ASK_CONSENT)
            return;
    d->asks[d->count++] = (struct ask){ .kind = ASK_CONSENT,
                                        .name = "consent",
                                        .label = row_text(form, FORM_CONSENT),
                                        .help = "",
                                        .placeholder = "",
                                        .otherwise = "",
                                        .maps = "",
                                        .topic = row_text(form, FORM_PURPOSE),
                                        .step = d->steps - 1 };
}

enum status form_def_read(struct ctx *cx, const struct row *form, struct form_def *out)
{
    struct val *v;

    if (json_read(cx->arena, str_from(row_text(form, FORM_INPUTS)), &v, NULL) != OK)
        v = val_list(cx->arena);
    def_read(cx, v, out);
    add_own_consent(form, out);
    read_languages(out);
    return OK;
}

const struct ask *form_def_ask(const struct form_def *d, const char *name)
{
    for (size_t i = 0; i < d->count; i++)
        if (text_is(d->asks[i].name, name))
            return &d->asks[i];
    return NULL;
}

/* ---- writing ---- */

static void put_some(struct val *one, const char *key, const char *text)
{
    if (!text_empty(text))
        val_put_text(one, key, text);
}

static void put_yes(struct val *one, const char *key, bool yes)
{
    if (yes)
        val_put_bool(one, key, true);
}

static void put_ask(struct ctx *cx, const struct ask *a, struct val *one)
{
    val_put_text(one, "name", a->name);
    val_put_text(one, "kind", ask_kinds[a->kind].word);
    val_put_text(one, "label", a->label);
    put_some(one, "help", a->help);
    put_some(one, "placeholder", a->placeholder);
    put_some(one, "default", a->otherwise);
    put_some(one, "maps", a->maps);
    put_some(one, "topic", a->topic);
    put_yes(one, "required", a->required);
    put_yes(one, "half", a->half);
    put_yes(one, "radio", a->radio);
    put_yes(one, "overwrite", a->overwrite);
    put_yes(one, "ask_once", a->ask_once);
    if (a->min != 0 || a->max != 0) {
        val_put_i64(one, "min", a->min);
        val_put_i64(one, "max", a->max);
    }
    if (a->option_count > 0) {
        struct val *list = val_put_list(one, "options");
        for (size_t i = 0; i < a->option_count; i++) {
            struct val *o = val_add_map(list);
            val_put_text(o, "value", a->options[i].value);
            val_put_text(o, "label", a->options[i].label);
        }
    }
    if (a->if_count > 0) {
        struct val *list = val_put_list(one, "if");
        for (size_t i = 0; i < a->if_count; i++) {
            struct val *c = val_add_map(list);
            val_put_text(c, "field", a->ifs[i].field);
            val_put_text(c, "op", ask_ops[a->ifs[i].op].word);
            val_put_text(c, "value", a->ifs[i].value);
        }
        put_yes(one, "if_any", a->if_any);
    }
    if (val_count(a->t) > 0)
        val_put(one, "t", val_copy(cx->arena, a->t));
}

struct val *form_def_val(struct ctx *cx, const struct form_def *d)
{
    struct val *v = val_map(cx->arena), *list;

    val_put_i64(v, "version", 2);
    val_put_text(v, "language", d->language);
    list = val_put_list(v, "fields");
    for (size_t i = 0; i < d->count; i++)
        put_ask(cx, &d->asks[i], val_add_map(list));
    if (val_count(d->texts) > 0)
        val_put(v, "texts", val_copy(cx->arena, d->texts));
    if (val_count(d->after) > 0)
        val_put(v, "after", val_copy(cx->arena, d->after));
    if (val_count(d->popup) > 0)
        val_put(v, "popup", val_copy(cx->arena, d->popup));
    val_put_text(v, "guard", d->guard);
    val_put_text(v, "disposable", d->disposable);
    if (d->ask_at_once > 0)
        val_put_i64(v, "ask", d->ask_at_once);
    return v;
}

/* ---- checking ---- */

static enum status bad(struct ctx *cx, const char *code, const char *what)
{
    return ctx_fail_field(cx, "inputs", code, "%s", what);
}

static bool name_is_fine(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > NAME_BYTES)
        return false;
    for (const char *p = name; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || *p == '-'))
            return false;
    return true;
}

/* Names that the form's own machinery posts under. */
static bool name_is_ours(const struct ask *a)
{
    static const char *const own[] = { "fw_id",    "website_url", "csrf", "fw_token",
                                       "fw_proof", "fw_page",     "lang", "fw" };

    for (size_t i = 0; i < countof(own); i++)
        if (text_is(a->name, own[i]))
            return true;
    return text_is(a->name, "consent") && a->kind != ASK_CONSENT;
}

static bool language_is_fine(const char *text)
{
    size_t len = strlen(text);

    if (len < 2 || len > 10)
        return false;
    for (const char *p = text; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '-' ||
              (*p >= '0' && *p <= '9')))
            return false;
    return true;
}

static enum status check_options(struct ctx *cx, const struct ask *a, const struct val *given)
{
    struct arena *m = cx->arena;

    if (val_count(val_get(given, "options")) > ASK_OPTIONS_MAX)
        return bad(cx, "form.options",
                   arena_printf(m, "%s has over %d choices.", a->label, ASK_OPTIONS_MAX));
    if ((a->kind == ASK_CHOICE || a->kind == ASK_CHOICES) && a->option_count == 0)
        return bad(
            cx, "form.no_choices",
            arena_printf(m, "%s is a choice, but there is nothing to choose from.", a->label));
    for (size_t i = 0; i < a->option_count; i++) {
        if (strlen(a->options[i].value) > VALUE_BYTES || strlen(a->options[i].label) > LABEL_BYTES)
            return bad(
                cx, "form.long",
                arena_printf(m, "A choice of %s is over %d bytes long.", a->label, VALUE_BYTES));
        for (size_t k = 0; k < i; k++)
            if (text_is(a->options[i].value, a->options[k].value))
                return bad(
                    cx, "form.options",
                    arena_printf(m, "%s offers \"%s\" twice.", a->label, a->options[i].value));
    }
    return OK;
}

/* Conditions look back, so that one pass decides them and no two wait for each other. */
static enum status check_ifs(struct ctx *cx, const struct form_def *d, size_t at,
                             const struct val *given)
{
    const struct ask *a = &d->asks[at];

    if (val_count(val_get(given, "if")) != a->if_count)
        return bad(cx, "form.condition",
                   arena_printf(cx->arena,
                                "%s has a condition that cannot be read, or over %d of them.",
                                a->label, ASK_IFS_MAX));
    for (size_t i = 0; i < a->if_count; i++) {
        bool found = false;
        for (size_t k = 0; k < at && !found; k++)
            found = text_is(d->asks[k].name, a->ifs[i].field) && ask_is_input(&d->asks[k]);
        if (!found)
            return bad(cx, "form.condition",
                       arena_printf(cx->arena,
                                    "%s depends on \"%s\", which is no field before it. Move it "
                                    "behind that field.",
                                    a->label, a->ifs[i].field));
    }
    return OK;
}

static enum status check_ask(struct ctx *cx, const struct form_def *d, size_t at,
                             const struct val *given)
{
    const struct ask *a = &d->asks[at];
    struct arena *m = cx->arena;

    if (!text_empty(val_get_text(given, "kind")) && kind_of(val_get_text(given, "kind")) < 0)
        return bad(cx, "form.kind",
                   arena_printf(m, "\"%s\" is no kind of field.", val_get_text(given, "kind")));
    if (!name_is_fine(a->name) || name_is_ours(a))
        return bad(cx, "form.name",
                   arena_printf(m,
                                "\"%s\" cannot be a field's name: use small letters, digits, - "
                                "and _, and none of the form's own words.",
                                a->name));
    if (strlen(a->label) > LABEL_BYTES || strlen(a->help) > HELP_BYTES ||
        strlen(a->placeholder) > HELP_BYTES || strlen(a->otherwise) > ANSWER_LINE_BYTES)
        return bad(cx, "form.long", arena_printf(m, "A text of field %s is too long.", a->name));
    if (text_empty(a->label) && a->kind != ASK_STEP && a->kind != ASK_HIDDEN)
        return bad(cx, "form.label", arena_printf(m, "Field %s has no label.", a->name));
    for (size_t k = 0; k < at; k++)
        if (text_is(a->name, d->asks[k].name))
            return bad(cx, "form.name", arena_printf(m, "Two fields are named \"%s\".", a->name));
    if (!maps_is_fine(a->maps))
        return bad(cx, "form.maps",
                   arena_printf(m, "A contact has no field \"%s\" that a form may fill.", a->maps));
    if (a->kind == ASK_CONSENT && text_empty(a->topic))
        return bad(cx, "form.topic",
                   arena_printf(m, "%s does not say what the consent is for.", a->label));
    if (a->min > a->max)
        return bad(cx, "form.range",
                   arena_printf(m, "%s: the least is more than the most.", a->label));
    TRY(check_options(cx, a, given));
    return check_ifs(cx, d, at, given);
}

static enum status check_url(struct ctx *cx, const char *url)
{
    if ((!str_starts(str_from(url), "https://") && !str_starts(str_from(url), "http://")) ||
        strlen(url) > URL_BYTES)
        return bad(cx, "form.url",
                   arena_printf(cx->arena,
                                "\"%s\" is no web address: it begins with https:// or http://.",
                                url));
    return OK;
}

static enum status check_after(struct ctx *cx, const struct val *list)
{
    static const struct {
        const char *what, *needs;
    } actions[] = {
        { "download", "url" }, { "form", "slug" },  { "notify", NULL },
        { "tag", "tag" },      { "handoff", NULL }, { "segment", "slug" },
    };

    if (val_count(list) > FORM_AFTER_MAX)
        return bad(cx, "form.after",
                   arena_printf(cx->arena, "At most %d things can follow.", FORM_AFTER_MAX));
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *one = val_at(list, i);
        const char *what = val_get_text(one, "do");
        size_t k = 0;
        while (k < countof(actions) && !text_is(actions[k].what, what))
            k++;
        if (k == countof(actions))
            return bad(cx, "form.after",
                       arena_printf(cx->arena, "\"%s\" is nothing that can follow.", what));
        if (actions[k].needs != NULL && text_empty(val_get_text(one, actions[k].needs)))
            return bad(cx, "form.after",
                       arena_printf(cx->arena, "\"%s\" needs its %s.", what, actions[k].needs));
        if (text_is(what, "download"))
            TRY(check_url(cx, val_get_text(one, "url")));
    }
    return OK;
}

static enum status check_popup(struct ctx *cx, const struct val *p)
{
    static const char *const looks[] = { "modal", "bar", "slide" };
    const char *look = val_get_text(p, "look");
    bool known = text_empty(look);

    for (size_t i = 0; i < countof(looks); i++)
        known |= text_is(look, looks[i]);
    if (!known)
        return bad(cx, "form.popup",
                   arena_printf(cx->arena, "\"%s\" is no way to show a form.", look));
    if (val_get_i64(p, "after_s", 0) < 0 || val_get_i64(p, "after_s", 0) > 3600 ||
        val_get_i64(p, "scroll", 0) < 0 || val_get_i64(p, "scroll", 0) > 100 ||
        val_get_i64(p, "days", 0) < 0 || val_get_i64(p, "days", 0) > 3650)
        return bad(cx, "form.popup",
                   "A pop-up waits 0 to 3600 seconds, or for 0 to 100 percent of the page, and "
                   "comes again after 0 to 3650 days.");
    return OK;
}

static enum status check_whole(struct ctx *cx, const struct form_def *d, const struct val *given)
{
    bool email = false;

    for (size_t i = 0; i < d->language_count; i++)
        if (!language_is_fine(d->languages[i]))
            return bad(cx, "form.language",
                       arena_printf(cx->arena,
                                    "\"%s\" is no language: write it like en, de or pt-BR.",
                                    d->languages[i]));
    for (size_t i = 0; i < d->count; i++)
        email |= d->asks[i].kind == ASK_EMAIL && text_is(d->asks[i].maps, "email") &&
                 d->asks[i].if_count == 0;
    if (!email)
        return bad(cx, "form.no_email",
                   "A lead form needs an email field that is always shown, or its posts could not "
                   "be told apart.");
    if (!text_is(d->guard, "auto") && !text_is(d->guard, "always") && !text_is(d->guard, "off"))
        return bad(cx, "form.guard", "The guard is auto, always or off.");
    if (!text_is(d->disposable, "take") && !text_is(d->disposable, "hold") &&
        !text_is(d->disposable, "refuse"))
        return bad(cx, "form.disposable", "Addresses of a day are to take, hold or refuse.");
    if (d->ask_at_once < 0 || d->ask_at_once > ASKS_MAX)
        return bad(cx, "form.ask", "So many questions at once cannot be.");
    TRY(check_after(cx, d->after));
    (void)given;
    return check_popup(cx, d->popup);
}

enum status form_def_check(struct ctx *cx, const struct val *given, struct val **out)
{
    bool first = val_kind_of(given) == VAL_LIST;
    const struct val *fields = first ? given : val_get(given, "fields");
    struct form_def d;

    if (!first && (val_kind_of(given) != VAL_MAP || val_get_i64(given, "version", 2) != 2 ||
                   val_kind_of(fields) != VAL_LIST))
        return bad(
            cx, "form.version",
            "A form's definition is an object with \"version\": 2 and a list of \"fields\".");
    if (val_count(fields) > ASKS_MAX)
        return bad(cx, "form.fields",
                   arena_printf(cx->arena, "A form has at most %d fields.", ASKS_MAX));
    for (size_t i = 0; i < val_count(fields); i++)
        if (text_empty(val_get_text(val_at(fields, i), "name")))
            return bad(cx, "form.name", "A field has no name.");
    def_read(cx, given, &d);
    read_languages(&d);
    for (size_t i = 0; i < d.count; i++)
        TRY(check_ask(cx, &d, i, val_at(fields, i)));
    TRY(check_whole(cx, &d, given));
    *out = form_def_val(cx, &d);
    return OK;
}

/* ---- languages ---- */

/* "de" serves "de-AT", and the other way round. */
static bool language_fits(const char *have, struct str want)
{
    size_t a = strcspn(have, "-"), b = 0;

    while (b < want.len && want.p[b] != '-')
        b++;
    return a == b && str_equal_fold((struct str){ have, a }, (struct str){ want.p, b });
}

static const char *find_language(const struct form_def *d, struct str want)
{
    for (size_t i = 0; i < d->language_count; i++)
        if (str_equal_fold(str_from(d->languages[i]), want))
            return d->languages[i];
    for (size_t i = 0; i < d->language_count; i++)
        if (language_fits(d->languages[i], want))
            return d->languages[i];
    return NULL;
}

const char *form_language(struct ctx *cx, const struct form_def *d, const char *asked,
                          const char *accepted)
{
    struct str rest = str_from(accepted ? accepted : ""), part;
    const char *found = text_empty(asked) ? NULL : find_language(d, str_from(asked));

    (void)cx;
    /* Browsers write the dearest first: weights only repeat that order. */
    while (found == NULL && str_split(&rest, ',', &part)) {
        struct str tag;
        (void)str_split(&part, ';', &tag);
        tag = str_trim(tag);
        if (tag.len > 0)
            found = find_language(d, tag);
    }
    return found ? found : d->language;
}

static const char *translated(const struct val *t, const char *language, const char *what,
                              const char *otherwise)
{
    const char *text = val_get_text(val_get(t, language), what);

    return text_empty(text) ? otherwise : text;
}

const char *ask_text(const struct ask *a, const char *what, const char *language)
{
    const char *own = text_is(what, "label")  ? a->label
                      : text_is(what, "help") ? a->help
                                              : a->placeholder;

    return translated(a->t, language, what, own);
}

const char *ask_option_text(const struct ask *a, size_t i, const char *language)
{
    const char *text =
        val_get_text(val_get(val_get(a->t, language), "options"), a->options[i].value);

    return text_empty(text) ? a->options[i].label : text;
}

const char *form_text(const struct form_def *d, const char *what, const char *language,
                      const char *otherwise)
{
    return translated(d->texts, language, what, otherwise);
}

const char *form_direction(const char *language)
{
    static const char *const from_right[] = { "ar", "fa", "he", "ps", "sd", "ug", "ur", "yi" };

    for (size_t i = 0; i < countof(from_right); i++)
        if (str_starts(str_from(language), from_right[i]) &&
            (language[2] == '\0' || language[2] == '-'))
            return "rtl";
    return "ltr";
}

const char *form_word(const char *word, const char *language)
{
    static const struct word words[] = {
        { "next", "Next", "Weiter", "Suivant", "Siguiente", "Avanti", "Volgende" },
        { "back", "Back", "Zurück", "Retour", "Atrás", "Indietro", "Terug" },
        { "optional", "optional", "freiwillig", "facultatif", "opcional", "facoltativo",
          "optioneel" },
        { "choose", "Please choose", "Bitte wählen", "Choisissez", "Elija", "Scegli", "Kies" },
        { "close", "Close", "Schließen", "Fermer", "Cerrar", "Chiudi", "Sluiten" },
        { "yes", "Yes", "Ja", "Oui", "Sí", "Sì", "Ja" },
        { "missing", "Please fill in", "Bitte ausfüllen", "Veuillez remplir", "Por favor, rellene",
          "Compila", "Vul in" },
        { "look", "Nothing is lost. Please look at the fields marked below.",
          "Nichts ist verloren. Bitte sehen Sie die markierten Felder an.",
          "Rien n'est perdu. Vérifiez les champs signalés ci-dessous.",
          "No se ha perdido nada. Revise los campos marcados.",
          "Nulla è andato perso. Controlla i campi segnalati.",
          "Er is niets verloren. Bekijk de gemarkeerde velden." },
        { "full",
          "Very many posts come to this form, so this one was not kept. Please send it again in a "
          "few minutes.",
          "Dieses Formular wird gerade sehr oft abgeschickt; Ihre Angaben wurden nicht angenommen. "
          "Bitte senden Sie sie in ein paar Minuten noch einmal.",
          "Ce formulaire reçoit beaucoup d'envois : le vôtre n'a pas été gardé. Renvoyez-le dans "
          "quelques minutes.",
          "Este formulario recibe muchos envíos y el suyo no se ha guardado. Envíelo de nuevo en "
          "unos minutos.",
          "Questo modulo riceve moltissimi invii e il suo non è stato conservato. Lo invii di "
          "nuovo tra qualche minuto.",
          "Dit formulier wordt heel vaak verstuurd; het uwe is niet bewaard. Verstuur het over een "
          "paar minuten opnieuw." },
    };

    const char *text = word_in(words, countof(words), language, word);

    return text ? text : word;
}
