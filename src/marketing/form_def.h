/* form_def.h -- what a form asks: its definition, read from the JSON that the form keeps.
 *
 *   {"version": 2, "language": "en", "fields": [FIELD ...], "texts": {"de": {"title": "..."}},
 *    "after": [ACTION ...], "popup": {...}, "guard": "auto", "disposable": "hold", "ask": 2}
 *
 *   FIELD   name kind label help placeholder required half radio default maps overwrite ask_once
 *           topic min max options: [{value, label}] if: [{field, op, value}] if_any
 *           t: {"de": {label, help, placeholder, options: {value: label}}}
 *   ACTION  {do: download url text | form slug | notify | tag tag | handoff text | segment slug}
 *
 * A plain list is the first version, which forms made before had: it is read as fields that map
 * to the contact's field of the same name. A field that `if` hides is neither required nor kept:
 * form_answers decides it as the page does, over the fields before it.
 * Ownership  all in cx's arena.
 * Threads    as the ctx. */
#pragma once
#include "marketing/form.h"

enum {
    ASKS_MAX = 60,
    ASK_OPTIONS_MAX = 250, /* as many as there are countries */
    ASK_IFS_MAX = 5,
    FORM_LANGUAGES_MAX = 20,
    FORM_AFTER_MAX = 10,
    ANSWER_BYTES = 5000,
    ANSWER_LINE_BYTES = 500, /* of a default */
};
enum ask_kind {
    ASK_TEXT, ASK_EMAIL, ASK_PHONE, ASK_LONG, ASK_NUMBER, ASK_DATE, ASK_CHOICE, ASK_CHOICES,
    ASK_YESNO, ASK_COUNTRY, ASK_URL, ASK_HIDDEN, ASK_CONSENT,
    ASK_HEADING, ASK_PARAGRAPH, ASK_STEP, /* these three ask nothing */
    ASK_KINDS
};
struct ask_kind_row {
    const char *word, *label;
};
extern const struct ask_kind_row ask_kinds[ASK_KINDS];

enum ask_op { OP_IS, OP_IS_NOT, OP_FILLED, OP_EMPTY, OP_CONTAINS, ASK_OPS };
struct ask_op_row {
    const char *word, *label;
};
extern const struct ask_op_row ask_ops[ASK_OPS];

struct ask_option {
    const char *value, *label;
};
struct ask_if {
    const char *field, *value;
    enum ask_op op;
};
struct ask {
    enum ask_kind kind;
    const char *name, *label, *help, *placeholder;
    const char *otherwise; /* the default; the address's parameter of this name goes before it */
    const char *maps;      /* a contact's field, "company", or "": the answer stays with the post */
    const char *topic;     /* ASK_CONSENT: what it is for */
    bool required, half, radio, overwrite;
    bool ask_once; /* not asked of whom we know it of */
    i64 min, max;  /* ASK_NUMBER; both 0: any */
    struct ask_option *options;
    size_t option_count;
    struct ask_if ifs[ASK_IFS_MAX];
    size_t if_count;
    bool if_any;          /* one of them is enough */
    int step;             /* from 0 */
    const struct val *t;  /* translations by language; may be NULL */
};
struct form_def {
    struct ask *asks;
    size_t count;
    int steps;
    int ask_at_once;      /* of fields with ask_once, so many at a time; 0: all that are unknown */
    const char *language; /* in which the texts of the fields are written */
    const char *languages[FORM_LANGUAGES_MAX]; /* that, and those translated into */
    size_t language_count;
    const struct val *texts, *after, *popup; /* as they stand; may be NULL */
    const char *guard;      /* auto | always | off: when a post must prove its work */
    const char *disposable; /* take | hold | refuse: addresses of a day */
};

/* The definition of a form; lenient: what cannot be read is left out. */
MUST_CHECK enum status form_def_read(struct ctx *cx, const struct row *form,
                                     struct form_def *out);
/* Checks a definition's JSON (either version) and gives it back as it is kept. E_INVALID with
 * errors of the field "inputs": the first says what stands where. */
MUST_CHECK enum status form_def_check(struct ctx *cx, const struct val *given, struct val **out);
/* As JSON of the second version. */
struct val *form_def_val(struct ctx *cx, const struct form_def *d);
const struct ask *form_def_ask(const struct form_def *d, const char *name); /* NULL: none */

bool ask_is_input(const struct ask *a); /* something is answered */
/* Whether the contact has a field that answers may fill: its number, or -1. */
int ask_contact_field(const char *maps);
/* The contact's fields that may be filled: {value, text, selected} into list. */
void ask_put_maps(struct ctx *cx, const char *chosen, struct val *list);

/* The language to answer in: `asked` (?lang=), else the first of Accept-Language that the form has,
 * else its own. One of d->languages. */
const char *form_language(struct ctx *cx, const struct form_def *d, const char *asked,
                          const char *accepted);
/* A text of a field ("label", "help", "placeholder") or of the form ("title", "intro", "button",
 * "thanks"; `otherwise` is the form's own) in a language; what is not translated is as it was. */
const char *ask_text(const struct ask *a, const char *what, const char *language);
const char *ask_option_text(const struct ask *a, size_t i, const char *language);
const char *form_text(const struct form_def *d, const char *what, const char *language,
                      const char *otherwise);
/* The same in small words of the page that no form has of its own: "next", "back", "optional". */
const char *form_word(const char *word, const char *language);
const char *form_direction(const char *language); /* "rtl": it is written from the right; "ltr" */

/* ---- answers (form_answer.c) ---- */
/* Whether a field is shown, given the answers to those before it. */
bool ask_shown(const struct ask *a, const struct val *answers);
/* Which fields are asked of a contact (NULL: somebody unknown): flags by number, in arena. */
const bool *form_asked(struct ctx *cx, const struct form_def *d, const struct row *contact);
/* Reads what was posted, in the form's order: answers (text, or a list for several choices) into
 * `data`, consents that were given as {topic, text, name} into `consents`; every mistake is a field
 * error. `asked` as above. E_INVALID. */
struct form_answers {
    const struct val *posted;
    const bool *asked;
    const char *language;
    struct val *data, *consents;
};
MUST_CHECK enum status form_answers(struct ctx *cx, const struct form_def *d,
                                    const struct form_answers *to);
/* The answer to the field that maps to this field of the contact; "" for none. */
const char *form_mapped(const struct form_def *d, const struct val *data, const char *maps);
bool answer_is_yes(const char *text); /* a ticked box, however it was sent */
