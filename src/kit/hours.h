/* hours.h -- working hours: when a promise falls due. Hours come from the setting
 * "workspace.hours", JSON such as {"mon": ["09:00-12:30", "13:30-18:00"], ..., "holidays":
 * ["2026-12-25"]}, in the workspace's time zone. A day that is not named is free. With no hours at
 * all every minute counts. */
#pragma once
#include "kit/kit.h"

/* The instant that lies `minutes` working minutes after `from_ms`. */
i64 hours_add(struct ctx *cx, i64 from_ms, i64 minutes);
/* Working minutes between two instants; negative when `to` is before `from`. */
i64 hours_between(struct ctx *cx, i64 from_ms, i64 to_ms);
/* The same in milliseconds, for clocks that run before one's eyes. */
i64 hours_ms_between(struct ctx *cx, i64 from_ms, i64 to_ms);
/* When working time goes on: `from_ms` itself when it runs, TIME_NONE when it does not within a
 * year. */
i64 hours_go_on(struct ctx *cx, i64 from_ms);
/* The working time ahead, for a clock in a browser: "0-3600000 61200000-90000000", milliseconds
 * from `from_ms` on, of so many days. In arena. */
const char *hours_ahead(struct ctx *cx, i64 from_ms, int days);
/* E_INVALID, with the part that cannot be read: for the settings page. */
MUST_CHECK enum status hours_check(struct ctx *cx, const char *json);

/* Working hours of somebody's own, in the same words: which parts of a local day are open. */
enum { HOURS_SPANS = 8 };
struct hours;
struct hours_span {
    i64 from_ms, until_ms;
};
/* Reads them; in arena. "" is every minute. E_INVALID with an error of the field `field`. */
MUST_CHECK enum status hours_read(struct ctx *cx, const char *field, const char *json,
                                  struct hours **out);
/* The workspace's own. In arena. */
struct hours *hours_of_workspace(struct ctx *cx);
/* The open parts of a local day of a zone, in order; none on a holiday of theirs. Returns how
 * many. */
size_t hours_of_day(struct ctx *cx, const struct hours *h, const struct zone *z, i64 day,
                    struct hours_span out[HOURS_SPANS]);
bool hours_is_holiday(struct ctx *cx, const struct hours *h, i64 day);
