/* booking.c -- what a booking page offers, and who its hosts are. See booking.h. */
#include "sales/booking.h"
#include "base/utf8.h"
#include "kit/pages.h"
#include "kit/zones.h"

static const struct field fields[] = {
    [BOOKING_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 120,
                       .help = "For the team: \"First talk, sales\"." },
    [BOOKING_SLUG] = { "slug", FIELD_TEXT, "Address", LISTED | UNIQUE, .max_len = 60,
                       .help = "The page stands at /book/ and this. Left empty: made from the "
                               "name." },
    [BOOKING_TITLE] = { "title", FIELD_TEXT, "Heading", 0, .max_len = 120,
                        .help = "What visitors read, and how the meeting is called." },
    [BOOKING_TEXT] = { "intro", FIELD_LONG, "Text below it", 0, .max_len = 2000 },
    [BOOKING_ACTIVE] = { "active", FIELD_BOOL, "Takes bookings", LISTED, .otherwise = "true" },
    [BOOKING_OWNER] = { "owner_id", FIELD_REF, "Host", REQUIRED | LISTED | OWNER, .ref = "user",
                        .otherwise = "me", .group = "With whom",
                        .help = "More hosts can be added on the page's own page." },
    [BOOKING_MODE] = { "mode", FIELD_CHOICE, "With several hosts", LISTED,
                       .otherwise = "round_robin",
                       .choices = CHOICES(
                           { "round_robin", "One of them, who has fewest meetings", "blue" },
                           { "all", "All of them together", "violet" }) },
    [BOOKING_MINUTES] = { "minutes", FIELD_TEXT, "Minutes", REQUIRED | LISTED, .max_len = 40,
                          .otherwise = "30", .group = "When",
                          .help = "One length, or some to choose among: 15, 30, 60." },
    [BOOKING_HOURS] = { "hours", FIELD_JSON, "Hours", 0,
                        .help = "As in the settings: {\"mon\": [\"09:00-12:00\", "
                                "\"13:00-17:00\"]}. Left empty: the workspace's working hours." },
    [BOOKING_ZONE] = { "timezone", FIELD_TEXT, "Time zone of the hosts", 0, .max_len = 60,
                       .help = "A name like Europe/Berlin. Left empty: the workspace's." },
    [BOOKING_STEP] = { "step", FIELD_INT, "A time every, minutes", 0, .min = 5, .max = 240,
                       .otherwise = "30" },
    [BOOKING_BEFORE] = { "buffer_before", FIELD_INT, "Free before, minutes", 0, .max = 240,
                         .otherwise = "0" },
    [BOOKING_AFTER] = { "buffer_after", FIELD_INT, "Free after, minutes", 0, .max = 240,
                        .otherwise = "0" },
    [BOOKING_NOTICE] = { "notice_hours", FIELD_INT, "Notice, hours", 0, .max = 24 * 30,
                         .otherwise = "4", .help = "Nobody books later than this before it." },
    [BOOKING_AHEAD] = { "days_ahead", FIELD_INT, "Days ahead", 0, .min = 1,
                        .max = BOOKING_AHEAD_MOST, .otherwise = "30" },
    [BOOKING_MOST] = { "most_a_day", FIELD_INT, "At most a day", 0, .max = 100, .otherwise = "0",
                       .help = "Meetings of this page for one host; 0: as many as fit." },
    [BOOKING_PLACE] = { "location", FIELD_TEXT, "Place", 0, .max_len = 300, .group = "The meeting",
                        .help = "\"By phone: we call you\", or a room." },
    [BOOKING_LINK] = { "link", FIELD_URL, "Link", 0, .help = "Of the video call." },
    [BOOKING_QUESTIONS] = { "questions", FIELD_LONG, "Questions", 0, .max_len = 2000,
                            .help = "A line each. With * at its end it must be answered." },
    [BOOKING_REMIND] = { "remind_hours", FIELD_TEXT, "Reminders, hours before", 0, .max_len = 40,
                         .otherwise = "24, 1", .help = "By mail. Left empty: none." },
    [BOOKING_BRAND] = { "brand_id", FIELD_REF, "Brand", 0, .ref = "brand",
                        .help = "Left empty: the default one." },
};
_Static_assert(countof(fields) == BOOKING_FIELDS, "enum and table differ");

static const struct field host_fields[] = {
    [HOST_PAGE] = { "booking_page_id", FIELD_REF, "Booking page", REQUIRED | CREATE_ONLY | INDEXED,
                    .ref = "booking_page" },
    [HOST_USER] = { "user_id", FIELD_REF, "Host", REQUIRED | LISTED, .ref = "user" },
};
_Static_assert(countof(host_fields) == HOST_FIELDS, "enum and table differ");

size_t booking_lengths(const char *text, int out[BOOKING_LENGTHS])
{
    struct str rest = str_from(text), part;
    size_t n = 0;
    i64 minutes;

    while (n < BOOKING_LENGTHS && str_split(&rest, ',', &part)) {
        if (!str_i64(str_trim(part), &minutes) || minutes < 5 || minutes > 480)
            return 0;
        out[n++] = (int)minutes;
    }
    return str_trim(rest).len == 0 ? n : 0;
}

size_t booking_questions(struct ctx *cx, const struct row *page,
                         struct booking_question out[BOOKING_QUESTIONS_MOST])
{
    struct str rest = str_from(row_text(page, BOOKING_QUESTIONS)), line;
    size_t n = 0;

    while (n < BOOKING_QUESTIONS_MOST && str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        bool required = str_ends(line, "*");
        if (required)
            line = str_trim((struct str){ line.p, line.len - 1 });
        if (line.len > 0)
            out[n++] =
                (struct booking_question){ utf8_cut(cx->arena, str_dup(cx->arena, line), 300),
                                           required };
    }
    return n;
}

static enum status booking_defaults(struct ctx *cx, struct row *r)
{
    if (!row_has(r, BOOKING_SLUG) && row_has(r, BOOKING_NAME))
        row_set_text(r, BOOKING_SLUG, utf8_slug(cx->arena, row_text(r, BOOKING_NAME), 60));
    if (!row_has(r, BOOKING_TITLE) && row_has(r, BOOKING_NAME))
        row_set_text(r, BOOKING_TITLE, row_text(r, BOOKING_NAME));
    return OK;
}

static enum status booking_validate(struct ctx *cx, struct row *r)
{
    const char *slug = utf8_slug(cx->arena, row_text(r, BOOKING_SLUG), 60);
    int lengths[BOOKING_LENGTHS];
    struct hours *hours;

    if (slug[0] == '\0')
        return ctx_fail_field(cx, "slug", "booking_page.slug",
                              "The address needs letters or digits.");
    row_set_text(r, BOOKING_SLUG, slug);
    if (booking_lengths(row_text(r, BOOKING_MINUTES), lengths) == 0)
        return ctx_fail_field(cx, "minutes", "booking_page.minutes",
                              "Write minutes from 5 to 480, at most %d with commas between: "
                              "15, 30, 60.",
                              BOOKING_LENGTHS);
    if (row_has(r, BOOKING_ZONE) && zone_named(cx, row_text(r, BOOKING_ZONE)) == NULL)
        return ctx_fail_field(cx, "timezone", "zone.unknown",
                              "There is no time zone '%s'; write a name like Europe/Berlin.",
                              row_text(r, BOOKING_ZONE));
    return hours_read(cx, "hours", row_text(r, BOOKING_HOURS), &hours);
}

static enum status booking_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    val_put_bool(page, "active", row_bool(r, BOOKING_ACTIVE));
    val_put_printf(page, "public_url", "/book/%s", row_text(r, BOOKING_SLUG));
    val_put_text(page, "base_url", kit_public_url(cx));
    return OK;
}

static const char *host_title(struct ctx *cx, const struct row *r)
{
    return row_show(cx, r, HOST_USER);
}

static enum status host_validate(struct ctx *cx, struct row *r)
{
    struct row *page;
    i64 count;

    TRY(record_get(cx, &booking_page_type, row_i64(r, HOST_PAGE), &page));
    if (row_i64(page, BOOKING_OWNER) == row_i64(r, HOST_USER))
        return ctx_fail_field(cx, "user_id", "booking_host.twice", "They are its host already.");
    TRY(db_get_i64(cx, &count, "booking.hosts_like", I64("page", row_id(page)),
                   I64("user", row_i64(r, HOST_USER)), I64("self", row_id(r))));
    if (count > 0)
        return ctx_fail_field(cx, "user_id", "booking_host.twice", "They are its host already.");
    TRY(db_get_i64(cx, &count, "booking.hosts_count", I64("page", row_id(page))));
    if (count >= BOOKING_HOSTS_MOST - 1)
        return ctx_fail_field(cx, "user_id", "booking_host.many", "A page has at most %d hosts.",
                              BOOKING_HOSTS_MOST);
    return OK;
}

const struct record_type booking_page_type = {
    .name = "booking_page",
    .label = "Booking page",
    .plural = "Booking pages",
    .path = "booking-pages",
    .icon = "calendar-event",
    .section = "sales",
    .menu_order = MENU_SELDOM + 6,
    .sort = "name",
    .title = BOOKING_NAME,
    .fields = fields,
    .field_count = BOOKING_FIELDS,
    .empty = "A page on which leads choose a time at which you are free. The meeting, the contact "
             "and the invitation follow by themselves.",
    RELATED({ "booking_host", "booking_page_id", "More hosts" },
            { "activity", "booking_page_id", "Booked meetings" }),
    .defaults = booking_defaults,
    .validate = booking_validate,
    .detail = booking_detail,
    .detail_template = "booking/detail",
};
const struct record_type booking_host_type = {
    .name = "booking_host",
    .label = "Host",
    .plural = "Hosts of booking pages",
    .path = "booking-hosts",
    .icon = "users",
    .sort = "-created_at",
    .title = HOST_USER,
    .title_of = host_title,
    .fields = host_fields,
    .field_count = HOST_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "With whom people can meet, beside a booking page's own host.",
    .validate = host_validate,
};
const struct feature feature_booking = { .name = "booking",
                                         TYPES(&booking_page_type, &booking_host_type) };
