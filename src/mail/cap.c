/* cap.c -- counts what a person had lately against the setting. */
#include "mail/cap.h"

enum { MAILS_MOST = 1000, DAYS_MOST = 365 };

static const struct setting settings[] = {
    { "mail.cap_mails", FIELD_INT, "Mails to one person at most",
      "Newsletters, broadcasts and flows together; receipts and answers do not count. 0: as many "
      "as are planned. What is over it is skipped and says so.",
      "0", .group = "Mail", .resource = "topic" },
    { "mail.cap_days", FIELD_INT, "... in so many days", "Counted back from each mail.", "7",
      .group = "Mail", .resource = "topic" },
};

enum status cap_allows(struct ctx *cx, i64 contact_id, i64 topic_id, bool *out, const char **why)
{
    i64 most = setting_i64(cx, "mail.cap_mails"), days = setting_i64(cx, "mail.cap_days"), had;

    *out = true;
    *why = "";
    most = most > MAILS_MOST ? MAILS_MOST : most;
    days = days < 1 ? 1 : days > DAYS_MOST ? DAYS_MOST : days;
    if (most <= 0 || contact_id == 0 || topic_id == 0)
        return OK;
    TRY(db_get_i64(cx, &had, "cap.mails", I64("contact", contact_id),
                   I64("since", ctx_now(cx) - days * MS_DAY), I64("limit", most)));
    *out = had < most;
    if (!*out)
        *why = arena_printf(cx->arena, "had %lld mail%s in %lld day%s", (long long)had,
                            had == 1 ? "" : "s", (long long)days, days == 1 ? "" : "s");
    return OK;
}

const struct feature feature_cap = { .name = "cap", SETTINGS(settings) };
