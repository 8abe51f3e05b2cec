/* judge.h -- the five reference reports as SQL over the very table that the ClickHouse backend
 * filled: an answer that shares no line with the store's readers. */
#pragma once
#include "base/ctx.h"

/* The text that a report must give, in cx's arena. events_url: the store's; folder: with q1.sql to
 * q5.sql, written over a table {T} with seconds from {FROM} to {TO}. Fails the test. */
const char *judge_answer(struct ctx *cx, const char *events_url, const char *folder,
                         const char *report, i64 from_ms, i64 to_ms);
