/* kind_fuzz.c -- whatever a stranger types into a field: it is refused with an error beside that
 * field, or what was read is shown, compared and given out as a text and as JSON that read as the
 * same value. The first byte chooses the field's kind. */
#include "base/json.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "kit/kit.h"
#include "kit/record_int.h"

static const struct field fields[] = {
    { "text", FIELD_TEXT, "Text" },
    { "long", FIELD_LONG, "Long" },
    { "int", FIELD_INT, "Int", .min = -1000, .max = 1000000 },
    { "decimal", FIELD_DECIMAL, "Decimal", .scale = 3 },
    { "money", FIELD_MONEY, "Money" },
    { "date", FIELD_DATE, "Date" },
    { "time", FIELD_TIME, "Time" },
    { "bool", FIELD_BOOL, "Bool" },
    { "choice", FIELD_CHOICE, "Choice",
      .choices = CHOICES({ "new", "New", "blue" }, { "won", "Won deal", "green" }) },
    { "tags", FIELD_TAGS, "Tags" },
    { "email", FIELD_EMAIL, "Email" },
    { "phone", FIELD_PHONE, "Phone" },
    { "url", FIELD_URL, "Url" },
    { "json", FIELD_JSON, "Json" },
};
static const struct record_type type = {
    .name = "thing",
    .label = "Thing",
    .plural = "Things",
    .path = "things",
    .fields = fields,
    .field_count = countof(fields),
};
static const struct feature feature = { .name = "things", TYPES(&type) };
static const struct feature *const features[] = { &feature };

static void check_same(struct ctx *cx, const struct row *r, int i, const struct row *other,
                       const char *what)
{
    must(field_equal(&fields[i], &r->values[i], &other->values[i]), what);
    must(text_is(row_plain(cx, r, i), row_plain(cx, other, i)), what);
}

static void check_value(struct ctx *cx, const struct row *r, int i)
{
    const char *plain = row_plain(cx, r, i);
    const char *json = json_text(cx->arena, row_val(cx, r, i));
    struct row *again = row_new(cx, &type), *from_json = row_new(cx, &type);
    struct val *v;

    must(utf8_valid(str_from(plain)), "the text is not UTF-8");
    must(row_parse(cx, again, i, plain) == OK, "what it gives out as a text is refused");
    check_same(cx, r, i, again, "what it gives out as a text is another value");
    must(json_read(cx->arena, str_from(json), &v, NULL) == OK, "what it gives out is no JSON");
    must(row_parse_val(cx, from_json, i, v) == OK, "what it gives out as JSON is refused");
    check_same(cx, r, i, from_json, "what it gives out as JSON is another value");
    if (field_storage(&fields[i]) == STORED_FOLDED) {
        const char *folded = field_fold(cx->arena, &fields[i], row_text(r, i));
        must(utf8_valid(str_from(folded)), "the compared form is not UTF-8");
    }
    must(val_kind_of(val_get(row_cell(cx, r, i), "is")) == VAL_MAP, "it has no cell");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kit *kit; /* opened once: it starts a thread */
    static struct clock clock = { .fixed_ms = INT64_C(1795428000000) };
    struct arena *a = arena_new(64 * 1024);
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    if (kit == NULL) {
        const struct kit_options o = { .features = features, .feature_count = 1 };
        must(kit_open(&cx, &o, &kit) == OK, "no kit");
    }
    cx.kit = kit;
    cx.access = access_system();
    if (size > 0 && memchr(data, 0, size) == NULL) {
        int i = data[0] % (int)countof(fields);
        char *text = arena_dup(a, (const char *)data + 1, size - 1);
        struct row *r = row_new(&cx, &type);
        if (row_parse(&cx, r, i, text) == OK)
            check_value(&cx, r, i);
        else
            must(cx.field_errors && text_is(cx.field_errors->field, fields[i].name) &&
                     cx.field_errors->message[0],
                 "refused without a word");
    }
    arena_free(a);
    return 0;
}
