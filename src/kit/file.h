/* file.h -- files that belong to a record: contracts, drawings, photographs. What is in one is kept
 * once for each content, by its hash, beside the records: backup, restore and export hold it, and a
 * merge moves it. Who may read the record may read its files; who may change it may add and remove.
 * Threads    as the ctx. */
#pragma once
#include "kit/kit.h"

enum {
    FILE_BYTES_MOST = 25 * 1024 * 1024, /* of one: more than a mail carries */
    FILES_MOST = 200,                   /* of one record */
};
struct req;
/* "files" of a record's page (kit/files); null where the type has none. */
MUST_CHECK enum status put_files(struct ctx *cx, const struct row *r, struct val *page);
/* What all files take: how the setting of their room stands. */
MUST_CHECK enum status files_now(struct ctx *cx, const char **text);
/* Keeps one with a record. E_INVALID, E_LIMIT with text. Writing transaction. */
MUST_CHECK enum status file_keep(struct ctx *cx, const struct row *r, const char *name,
                                 struct str bytes, i64 *id);
/* What it is by its first bytes, for what is shown as a picture; else "application/octet-stream".
 * Static. */
const char *file_media_type(struct str bytes);
/* The name without a path and without what file systems and headers choke on. In arena. */
const char *file_clean_name(struct arena *a, const char *name);
/* POST /{path}/:id/file; GET and POST .../:file, .../:file/delete */
enum status files_post(struct req *rq), file_get(struct req *rq), file_delete(struct req *rq);
