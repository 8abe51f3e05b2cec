/* render.c -- what a mail says, made when it goes; and whether it may go at all. */
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "bridge/consent.h"
#include "io/mime.h"
#include "kit/template.h"
#include "mail/cap.h"
#include "mail/content.h"
#include "mail/delivery_int.h"
#include "mail/preference.h"
#include "mail/utm.h"
#include "mail/view.h"
#include <stdlib.h>

enum { FILES = 20, KEPT = 8, LOOK_AGAIN_MS = 2000, CONTENT_ARENA_BYTES = 64 * 1024 };

struct kept { /* a compiled content */
    i64 id, version, looked_ms;
    u64 used;
    struct arena *arena;
    struct content *content;
};
struct renderer {
    u64 mails; /* so far */
    struct kept kept[KEPT];
};

struct renderer *renderer_new(void)
{
    struct renderer *r = calloc(1, sizeof *r);

    assert(r != NULL);
    return r;
}

static void forget(struct kept *k)
{
    if (k->arena != NULL)
        arena_free(k->arena);
    *k = (struct kept){ 0 };
}

void renderer_free(struct renderer *r)
{
    for (size_t i = 0; i < KEPT; i++)
        forget(&r->kept[i]);
    free(r);
}

/* The compiled content; whether it has changed is looked after every two seconds. */
static enum status content_of(struct ctx *cx, struct renderer *r, i64 id,
                              const struct content **out)
{
    i64 now = (i64)(clock_mono_ns() / 1000000);
    struct kept *k = &r->kept[0];
    struct row *row;

    for (size_t i = 0; i < KEPT; i++) {
        if (r->kept[i].id == id) {
            k = &r->kept[i];
            break;
        }
        if (r->kept[i].used < k->used)
            k = &r->kept[i];
    }
    k->used = r->mails;
    if (k->id != id || now - k->looked_ms >= LOOK_AGAIN_MS) {
        TRY(record_get(cx, &mail_content_type, id, &row));
        if (k->id != id || k->version != row_version(row)) {
            forget(k);
            k->arena = arena_new(CONTENT_ARENA_BYTES);
            struct ctx own = *cx;
            own.arena = k->arena;
            enum status s = record_get(&own, &mail_content_type, id, &row);
            if (s == OK)
                s = content_compile(&own, row, &k->content);
            if (s != OK) {
                const char *why = arena_text(cx->arena, own.error_text);
                forget(k);
                return ctx_fail(cx, s, "%s", why);
            }
            *k = (struct kept){ id, row_version(row), now, r->mails, k->arena, k->content };
        }
        k->looked_ms = now;
    }
    *out = k->content;
    return OK;
}

enum status mail_gate(struct ctx *cx, const struct mail_message *m, const char **why)
{
    const char *reason;
    bool allowed = true;

    *why = NULL;
    TRY(suppression_find(cx, m->to, &reason));
    if (suppression_blocks(reason, m->topic_id)) {
        *why = arena_printf(cx->arena, "suppressed: %s", reason);
        return OK;
    }
    if (m->topic_id == 0 || m->contact_id == 0)
        return OK;
    TRY(consent_allows(cx, m->contact_id, m->topic_id, &allowed, &reason));
    if (!allowed) {
        *why = arena_printf(cx->arena, "no consent: %s", reason);
        return OK;
    }
    TRY(cap_allows(cx, m->contact_id, m->topic_id, &allowed, &reason));
    if (!allowed)
        *why = arena_printf(cx->arena, "too often: %s", reason);
    return OK;
}

static enum status read_files(struct ctx *cx, i64 id, struct mail_text *out)
{
    struct mime_file *files = NULL;
    scoped(stmt_close) struct stmt q = db_query(cx, "mail.files", I64("message", id));

    while (out->file_count < FILES && stmt_next(&q)) {
        struct str bytes = col_blob(&q, 2);
        if (files == NULL)
            files = NEW_N(cx->arena, struct mime_file, FILES);
        files[out->file_count++] = (struct mime_file){
            .name = arena_text(cx->arena, col_text(&q, 0)),
            .type = arena_text(cx->arena, col_text(&q, 1)),
            .bytes = { arena_dup(cx->arena, bytes.p, bytes.len), bytes.len },
        };
    }
    out->files = files;
    return stmt_status(&q);
}

/* What only a mail that goes has: addresses that tell what became of it, and ways to leave. */
static enum status follow_mail(struct ctx *cx, const struct mail_message *m, struct track *t,
                               struct content_for *who)
{
    const char *leave =
        preference_url(cx, &(struct preference_of){ m->contact_id, m->topic_id, m->id });

    if (m->topic_id != 0 && leave[0] != '\0')
        who->unsubscribe_url = who->preferences_url = leave;
    if (m->topic_id != 0)
        who->archive_url = mail_view_url(cx, m->id);
    if (!utm_is_tracked(cx, m))
        return OK;
    TRY(utm_fill(cx, m, t));
    who->link = track_link;
    who->link_arg = t;
    who->pixel_url = track_pixel(t);
    who->trap_url = track_trap(t);
    return OK;
}

/* List-Unsubscribe and its like. */
static enum status put_headers(struct ctx *cx, const struct mail_message *m,
                               const struct mail_from *from, struct mail_text *out)
{
    struct preference_of of = { m->contact_id, m->topic_id, m->id };
    struct preference_header list[PREFERENCE_HEADERS];
    struct mime_header *headers = NEW_N(cx->arena, struct mime_header, PREFERENCE_HEADERS);
    const char *at = strrchr(from->address, '@');

    TRY(preference_headers(cx, &of, at ? at + 1 : "localhost", list, &out->header_count));
    for (size_t i = 0; i < out->header_count; i++)
        headers[i] = (struct mime_header){ list[i].name, list[i].value };
    out->headers = headers;
    return OK;
}

static enum status from_content(struct ctx *cx, struct renderer *r, const struct mail_message *m,
                                const struct mail_from *from, const char *data_json,
                                struct mail_text *out)
{
    struct val *data = NULL;
    const struct content *c = NULL;
    struct content_mail mail;

    if (data_json[0] != '\0' && json_read(cx->arena, str_from(data_json), &data, NULL) != OK)
        return ctx_fail(cx, E_INVALID, "the mail's data cannot be read");
    TRY(content_of(cx, r, m->content_id, &c));
    struct content_for who = { .contact_id = m->contact_id,
                               .data = data,
                               .sender_name = from->name,
                               .sender_address = from->address };
    struct track t = { .cx = cx, .message_id = m->id };
    if (from->goes)
        TRY(follow_mail(cx, m, &t, &who));
    TRY(content_render(cx, c, &who, &mail));
    out->subject = mail.subject;
    out->html = mail.html;
    out->text = mail.text;
    out->flowed = true;
    if (m->subject[0] != '\0' && m->state != MAIL_SENT) /* a variant's own */
        TRY(content_fill(cx, m->subject, &who, &out->subject));
    return OK;
}

/* What a mail has of its own beside what it says. */
static void put_own(struct ctx *cx, const struct stmt *q, struct mail_text *out)
{
    struct mime_header *h;

    if (col_text(q, 4)[0] != '\0')
        out->reply_to = arena_text(cx->arena, col_text(q, 4));
    if (col_text(q, 5)[0] != '\0')
        out->from_name = arena_text(cx->arena, col_text(q, 5));
    if (col_text(q, 7)[0] != '\0')
        out->shown_to = arena_text(cx->arena, col_text(q, 7));
    out->headers = h = NEW_N(cx->arena, struct mime_header, 2);
    if (col_i64(q, 6) != 0)
        h[out->header_count++] = (struct mime_header){ "Auto-Submitted", "auto-replied" };
    if (col_text(q, 8)[0] != '\0')
        h[out->header_count++] =
            (struct mime_header){ "Cc", arena_text(cx->arena, col_text(q, 8)) };
}

/* A letter's picture of one point, at its end. */
static enum status add_picture(struct ctx *cx, const struct mail_message *m, struct mail_text *out)
{
    struct buf b = buf_in(cx->arena, LIMIT_PAGE_BYTES);
    struct val *v = val_map(cx->arena);
    struct track t = { .cx = cx, .message_id = m->id };
    const char *url = track_pixel(&t);

    if (url[0] == '\0' || kit_templates(cx->kit) == NULL)
        return OK;
    val_put_text(v, "url", url);
    buf_text(&b, out->html);
    TRY(template_render(cx, kit_templates(cx->kit), "email/picture", v, &b));
    out->html = buf_end(&b);
    return OK;
}

enum status mail_render(struct ctx *cx, struct renderer *r, const struct mail_message *m,
                        const struct mail_from *from, struct mail_text *out)
{
    const char *data = "";

    *out = (struct mail_text){ .subject = "" };
    r->mails++;
    {
        scoped(stmt_close) struct stmt q = db_query(cx, "mail.body", I64("id", m->id));
        bool has = stmt_next(&q);
        TRY(stmt_status(&q));
        if (!has && m->content_id == 0)
            return ctx_fail(cx, E_NOT_FOUND, "the text of this mail is gone");
        if (has) {
            out->subject = arena_text(cx->arena, col_text(&q, 0));
            out->html = arena_text(cx->arena, col_text(&q, 1));
            out->text = arena_text(cx->arena, col_text(&q, 2));
            data = arena_text(cx->arena, col_text(&q, 3));
            put_own(cx, &q, out);
        }
    }
    if (m->content_id != 0)
        TRY(from_content(cx, r, m, from, data, out));
    else if (from->goes && !text_empty(out->html) && utm_opens_are_told(cx, m))
        TRY(add_picture(cx, m, out));
    if (from->goes && m->topic_id != 0)
        TRY(put_headers(cx, m, from, out));
    return read_files(cx, m->id, out);
}
