/* id.h -- record ids: 63 bits, time-ordered: 42 bits ms since 2020-01-01, 9 bits node, 12 bits
 * counter. Shown as 13 characters of Crockford base32 (lower case), which sort as the numbers
 * do. */
#pragma once
#include "base/base.h"
#include "base/str.h"

enum { ID_CHARS = 13 };
struct id_source;                          /* one per process; any thread */
struct id_source *id_source_new(u32 node); /* owned: id_source_free */
void id_source_free(struct id_source *s);
i64 id_next(struct id_source *s, i64 now_ms);
i64 id_at(i64 ms, u32 node, u32 counter); /* a chosen id: the demo company's past */
i64 id_time_ms(i64 id);
char *id_text(struct arena *a, i64 id);
void id_write(char out[ID_CHARS + 1], i64 id);
bool id_parse(struct str s, i64 *id); /* 13 characters, either case, Crockford's aliases */
/* UUIDs, where others' protocols want them: version 4 of 16 bytes, lower case. */
enum { UUID_CHARS = 36 };
char *uuid_text(struct arena *a, const unsigned char bytes[16]);
bool uuid_is(const char *text); /* 8-4-4-4-12 hex digits, lower case; of any version */
