/* annotation.c -- what happened on a day, said beside the numbers of that day: a mailing went out,
 * the prices changed, the tracker was broken. Campaigns that start say so themselves. */
#include "marketing/annotation.h"
#include "base/id.h"
#include "kit/pages.h"

enum { NOTE_DAY, NOTE_TEXT, NOTE_SITE, NOTE_TEAM, NOTE_OWNER, NOTE_FIELDS };

static const struct field fields[] = {
    [NOTE_DAY] = { "day", FIELD_DATE, "Day", REQUIRED | LISTED | INDEXED, .otherwise = "today" },
    [NOTE_TEXT] = { "text", FIELD_TEXT, "What happened", REQUIRED | LISTED | SEARCHED,
                    .max_len = 200 },
    [NOTE_SITE] = { "site_id", FIELD_REF, "Site", LISTED, .ref = "site",
                    .help = "Left empty, it stands beside the numbers of all sites." },
    [NOTE_TEAM] = { "team", FIELD_CHOICE, "Team", LISTED, .otherwise = "marketing",
                    .choices = CHOICES(
                        { "marketing", "Marketing", "green" }, { "sales", "Sales", "blue" },
                        { "service", "Service", "violet" }, { "both", "Everybody", "gray" }) },
    [NOTE_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
};
_Static_assert(countof(fields) == NOTE_FIELDS, "enum and table differ");

enum status annotations_put(struct ctx *cx, i64 from_day, i64 to_day, const char *site,
                            struct val *list)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "annotation.between", I64("from_day", from_day), I64("to_day", to_day),
                 TEXT("site", site),
                 I64("campaigns", access_scope(cx->access, "campaign", VERB_READ) == SCOPE_ALL));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        bool starts = col_i64(&q, 2) != 0;
        val_put_i64(one, "day", col_i64(&q, 0));
        val_put_text(one, "date", zone_format(cx->arena, NULL, col_i64(&q, 0) * MS_DAY, "d MMM"));
        val_put_printf(one, "text", starts ? "Campaign starts: %s" : "%s", col_text(&q, 1));
        val_put_bool(one, "is_campaign", starts);
        val_put_printf(one, "url", "/%s/%s", starts ? "campaigns" : "annotations",
                       id_text(cx->arena, col_i64(&q, 3)));
    }
    return stmt_status(&q);
}

const struct record_type annotation_type = {
    .name = "annotation",
    .label = "Annotation",
    .plural = "Annotations",
    .path = "annotations",
    .icon = "note",
    .sort = "-day",
    .title = NOTE_TEXT,
    .fields = fields,
    .field_count = NOTE_FIELDS,
    .empty = "Write down what may explain a day's numbers later: a mailing, a new price list, a "
             "broken tracker. It stands on the chart of Traffic and in the table behind it.",
};
const struct feature feature_annotation = { .name = "annotation", TYPES(&annotation_type) };
