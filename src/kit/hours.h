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
/* E_INVALID, with the part that cannot be read: for the settings page. */
MUST_CHECK enum status hours_check(struct ctx *cx, const char *json);
