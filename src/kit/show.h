/* show.h -- values in words of the reader: times as one says them, numbers with separators, and how
 * people are marked. Everything is in cx's arena. Days and hours are the workspace's (setting
 * "workspace.zone"). */
#pragma once
#include "base/ctx.h"

const char *show_time(struct ctx *cx,
                      i64 ms); /* "just now", "5 min ago", "yesterday", "2 Mar 2026" */
const char *show_time_full(struct ctx *cx, i64 ms); /* "Monday 2 March 2026, 10:00" */
const char *show_date(struct ctx *cx, i64 day);     /* "today", "in 3 days", "2 Mar 2026" */
const char *show_date_full(struct ctx *cx, i64 day);
const char *show_date_lasting(struct ctx *cx, i64 day);           /* "2 Mar 2026", also in a year */
const char *show_number(struct arena *a, i64 n);                  /* "12,345" */
const char *show_decimal(struct arena *a, i64 scaled, int scale); /* "12,345.50" */
const char *show_seconds(struct arena *a, i64 seconds);           /* "42s", "3m 05s", "2h 10m" */
const char *show_initials(struct arena *a, const char *name);     /* "AB"; "" for no letters */
int show_hue(const char *name); /* 0 to 7, always the same for a name */
