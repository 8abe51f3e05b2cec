/* ticket_form.c -- forms that are for support: what is sent with one is a ticket too. The form is
 * marketing's; it is known here by its fields' names. */
#include "base/buf.h"
#include "base/utf8.h"
#include "service/ticket_int.h"

enum { ANSWERS_BYTES = MESSAGE_BYTES_MOST - 100 };

static const char *answer_of(const struct val *answers, size_t i)
{
    return val_kind_of(val_value_at(answers, i)) == VAL_TEXT
               ? val_as_text(val_value_at(answers, i), "")
               : "";
}

/* What they had most to say about is what they want. */
static size_t longest(const struct val *answers)
{
    size_t at = 0;

    for (size_t i = 1; i < val_count(answers); i++)
        if (strlen(answer_of(answers, i)) > strlen(answer_of(answers, at)))
            at = i;
    return at;
}

static const char *text_of(struct ctx *cx, const struct val *answers)
{
    struct buf b = buf_in(cx->arena, 200 * 1000);
    size_t first = longest(answers);

    if (val_count(answers) > 0)
        buf_printf(&b, "%s\n", answer_of(answers, first));
    for (size_t i = 0; i < val_count(answers); i++)
        if (i != first && !text_empty(answer_of(answers, i)))
            buf_printf(&b, "\n%s: %s", val_key_at(answers, i), answer_of(answers, i));
    return utf8_cut(cx->arena, buf_end(&b), ANSWERS_BYTES);
}

static enum status on_submitted(struct ctx *cx, const struct happening *h)
{
    const struct val *answers = val_get(h->props, "answers");
    int opens = h->row ? type_field(row_type(h->row), "opens_ticket") : -1,
        name = h->row ? type_field(row_type(h->row), "name") : -1;
    struct said said = { .text = "" };
    struct row *t;

    if (opens < 0 || name < 0 || !row_bool(h->row, opens))
        return OK;
    said.text = text_of(cx, answers);
    if (str_trim(str_from(said.text)).len == 0)
        return OK;
    said.from = val_get_text(answers, "email");
    return ticket_make(cx,
                       &(struct ticket_new){ .said = &said,
                                             .subject = row_text(h->row, name),
                                             .channel = "form",
                                             .email = val_get_text(answers, "email"),
                                             .contact_id = h->contact_id },
                       &t, NULL);
}

static const struct subscription subscriptions[] = { { "form.submitted", on_submitted } };
const struct feature feature_ticket_form = {
    .name = "ticket_form",
    SUBSCRIPTIONS(subscriptions),
};
