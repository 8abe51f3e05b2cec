/* mailbox.c -- the record of a mailbox and the pages on which its owner connects it: see
 * mailbox.h. */
#include "mail/mailbox.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "io/pop.h"
#include "kit/pages.h"
#include "kit/seal.h"
#include "kit/show.h"
#include "mail/sender.h"
#include "store/queue.h"
#include <strings.h>

static const struct field fields[] = {
    [MAILBOX_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100,
                       .help = "How it is called here, and what recipients read: Clara Winter." },
    [MAILBOX_ADDRESS] = { "address", FIELD_EMAIL, "Mail address", REQUIRED | LISTED },
    [MAILBOX_PURPOSE] = { "purpose", FIELD_CHOICE, "What for", REQUIRED | LISTED | CREATE_ONLY,
                          .otherwise = "person",
                          .choices = CHOICES({ "person", "A person's mail", "blue" },
                                             { "bounces", "Bounces and replies", "amber" },
                                             { "support", "Support", "violet" }),
                          .help = "A person's mails with contacts join their timeline. Into the "
                                  "second come reports of mails that did not arrive. Mails to "
                                  "support become tickets." },
    [MAILBOX_OWNER] = { "owner_id", FIELD_REF, "Whose", OWNER | LISTED, .ref = "user",
                        .otherwise = "me" },
    [MAILBOX_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true",
                         .help = "Paused, nothing is read and nothing sent." },
    [MAILBOX_PROTOCOL] = { "protocol", FIELD_CHOICE, "Protocol", REQUIRED, .otherwise = "imap",
                           .choices =
                               CHOICES({ "imap", "IMAP", "green" }, { "pop", "POP3", "gray" }),
                           .group = "Incoming mail",
                           .help = "POP3 not for a person: it knows no folders." },
    [MAILBOX_HOST] = { "host", FIELD_TEXT, "Server", REQUIRED | LISTED, .max_len = 255,
                       .help = "For example imap.example.com." },
    [MAILBOX_PORT] = { "port", FIELD_INT, "Port", 0, .min = 1, .max = 65535,
                       .help = "Empty: the usual one." },
    [MAILBOX_SECURITY] = { "security", FIELD_CHOICE, "Encryption", REQUIRED, .otherwise = "tls",
                           .choices = CHOICES({ "tls", "TLS from the start", "green" },
                                              { "starttls", "STARTTLS", "green" },
                                              { "plain", "None", "red" }) },
    [MAILBOX_USER] = { "username", FIELD_TEXT, "User name", 0, .max_len = 255,
                       .help = "Empty: the mail address." },
    [MAILBOX_PASSWORD] = { "password", FIELD_SECRET, "Password", 0, .max_len = 1000,
                           .help = "Many providers want an app password here. It is sealed and "
                                   "never shown again." },
    [MAILBOX_TRUST] = { "trust", FIELD_LONG, "Certificate to trust", 0, .max_len = 20000,
                        .help = "Only for a server with a certificate of the company's own: its "
                                "authority, as PEM." },
    [MAILBOX_SMTP_HOST] = { "smtp_host", FIELD_TEXT, "Server", 0, .max_len = 255,
                            .group = "Outgoing mail",
                            .help = "For example smtp.example.com. Empty: nothing is written from "
                                    "here." },
    [MAILBOX_SMTP_PORT] = { "smtp_port", FIELD_INT, "Port", 0, .min = 1, .max = 65535,
                            .otherwise = "587" },
    [MAILBOX_SMTP_SECURITY] = { "smtp_security", FIELD_CHOICE, "Encryption", REQUIRED,
                                .otherwise = "starttls",
                                .choices = CHOICES({ "starttls", "STARTTLS", "green" },
                                                   { "tls", "TLS from the start", "green" },
                                                   { "none", "None", "red" }) },
    [MAILBOX_SENT_COPY] = { "sent_copy", FIELD_BOOL, "Keep a copy in Sent", 0, .otherwise = "true",
                            .help = "Switch off where the provider keeps one by itself, as Gmail "
                                    "does." },
    [MAILBOX_SIGNATURE] = { "signature", FIELD_LONG, "Signature", 0, .max_len = 4000,
                            .help = "Stands under mails that are written here." },
    [MAILBOX_IMPORT] = { "import", FIELD_CHOICE, "Which mails", REQUIRED, .otherwise = "known",
                         .choices = CHOICES(
                             { "known", "Only with people who are contacts", "green" },
                             { "everybody", "With everybody outside the company", "amber" }),
                         .group = "What is read",
                         .help = "With everybody, whoever you write to or who writes to you "
                                 "becomes a contact. Never: mails among colleagues, mails marked "
                                 "private, newsletters." },
    [MAILBOX_SHARED] = { "shared", FIELD_CHOICE, "Who sees them", REQUIRED, .otherwise = "everyone",
                         .choices =
                             CHOICES({ "everyone", "Colleagues who see the contact", "green" },
                                     { "me", "Only me", "gray" }) },
    [MAILBOX_SINCE] = { "since_days", FIELD_INT, "Days back when it is connected", 0, .min = 0,
                        .max = 3660, .otherwise = "30" },
    [MAILBOX_ALIASES] = { "aliases", FIELD_TEXT, "Other addresses of mine", 0, .max_len = 500,
                          .help = "With spaces between: mails from them are mine." },
    [MAILBOX_AFTER] = { "after", FIELD_CHOICE, "What was read", REQUIRED, .otherwise = "keep",
                        .choices = CHOICES({ "keep", "Stays as it is", "gray" },
                                           { "flag", "Is marked as read", "green" },
                                           { "move", "Is moved", "blue" },
                                           { "delete", "Is deleted", "red" }),
                        .group = "Mailbox for bounces or support",
                        .help = "A person's mailbox is never changed." },
    [MAILBOX_AFTER_FOLDER] = { "after_folder", FIELD_TEXT, "Moved to", 0, .max_len = 200,
                               .otherwise = "Processed" },
    [MAILBOX_SENDER] = { "sender_id", FIELD_REF, "Sender", COMPUTED, .ref = "sender" },
};
_Static_assert(countof(fields) == MAILBOX_FIELDS, "enum and table differ");

enum status mailbox_server(struct ctx *cx, const struct row *r, struct mail_server *out)
{
    *out = (struct mail_server){
        .host = row_text(r, MAILBOX_HOST),
        .port = row_has(r, MAILBOX_PORT) ? (int)row_i64(r, MAILBOX_PORT) : 0,
        .tls = mail_tls_by_word(row_text(r, MAILBOX_SECURITY)),
        .user = row_has(r, MAILBOX_USER) ? row_text(r, MAILBOX_USER) : row_text(r, MAILBOX_ADDRESS),
        .trust = row_text(r, MAILBOX_TRUST),
    };
    return row_secret(cx, r, MAILBOX_PASSWORD, &out->password);
}

bool mailbox_is_own(const struct row *r, const char *address)
{
    struct str rest = str_from(row_text(r, MAILBOX_ALIASES)), one;

    if (strcasecmp(address, row_text(r, MAILBOX_ADDRESS)) == 0)
        return true;
    while (str_split(&rest, ' ', &one))
        if (one.len > 0 && str_equal_fold(one, str_from(address)))
            return true;
    return false;
}

static bool is_for_bounces(const struct row *r)
{
    return text_is(row_text(r, MAILBOX_PURPOSE), "bounces");
}

/* All that comes is read, and what was read may be put away. */
static bool is_of_a_person(const struct row *r)
{
    return text_is(row_text(r, MAILBOX_PURPOSE), "person");
}

/* ---- saving ---- */

static enum status mailbox_defaults(struct ctx *cx, struct row *r)
{
    if (!row_has(r, MAILBOX_NAME) && cx->access->user_id)
        row_set_text(r, MAILBOX_NAME, cx->access->name);
    if (!row_has(r, MAILBOX_ADDRESS) && cx->access->user_id)
        row_set_text(r, MAILBOX_ADDRESS, cx->access->email);
    return OK;
}

static enum status mailbox_validate(struct ctx *cx, struct row *r)
{
    static const int of_server[] = { MAILBOX_HOST,      MAILBOX_PORT,      MAILBOX_SECURITY,
                                     MAILBOX_SMTP_HOST, MAILBOX_SMTP_PORT, MAILBOX_SMTP_SECURITY,
                                     MAILBOX_TRUST };
    const struct row *before = row_before(r);
    bool moved = false;

    if (text_is(row_text(r, MAILBOX_PROTOCOL), "pop") && is_of_a_person(r))
        return ctx_fail_field(cx, "protocol", "mailbox.pop",
                              "POP3 knows no folders and no sent mails. Use IMAP for a person.");
    if (text_is(row_text(r, MAILBOX_PROTOCOL), "pop") &&
        (text_is(row_text(r, MAILBOX_AFTER), "move") ||
         text_is(row_text(r, MAILBOX_AFTER), "flag")))
        return ctx_fail_field(cx, "after", "mailbox.pop_after",
                              "POP3 can only keep mails or delete them.");
    /* Who may edit a mailbox must not be able to have its password sent elsewhere. */
    for (size_t i = 0; before && i < countof(of_server); i++)
        moved |= row_changed(r, of_server[i]);
    if (moved && row_has(r, MAILBOX_PASSWORD) && !row_changed(r, MAILBOX_PASSWORD) &&
        !cx->access->system)
        return ctx_fail_field(cx, "password", "mailbox.password",
                              "Type the password again: a server it is for has changed.");
    return OK;
}

/* What is written goes the way that all mail goes: through a sender of its own. */
static enum status keep_sender(struct ctx *cx, struct row *r)
{
    static const int copied[][2] = { { MAILBOX_SMTP_HOST, SENDER_HOST },
                                     { MAILBOX_SMTP_SECURITY, SENDER_SECURITY },
                                     { MAILBOX_NAME, SENDER_FROM_NAME },
                                     { MAILBOX_ADDRESS, SENDER_FROM } };
    const char *password;
    struct row *s;

    if (is_for_bounces(r) || (!row_has(r, MAILBOX_SMTP_HOST) && !row_has(r, MAILBOX_SENDER)))
        return OK;
    if (row_has(r, MAILBOX_SENDER)) {
        TRY(record_get(cx, &sender_type, row_i64(r, MAILBOX_SENDER), &s));
    } else {
        s = row_new(cx, &sender_type);
        row_set_text(s, SENDER_NAME,
                     arena_printf(cx->arena, "%s (mailbox %s)", row_text(r, MAILBOX_ADDRESS),
                                  id_text(cx->arena, row_id(r))));
        row_set_i64(s, SENDER_PERSONAL, 1);
    }
    for (size_t i = 0; i < countof(copied); i++)
        row_set_text(s, copied[i][1], row_text(r, copied[i][0]));
    row_set_i64(s, SENDER_PORT,
                row_has(r, MAILBOX_SMTP_PORT) ? row_i64(r, MAILBOX_SMTP_PORT) : 587);
    row_set_text(s, SENDER_USER,
                 row_has(r, MAILBOX_USER) ? row_text(r, MAILBOX_USER)
                                          : row_text(r, MAILBOX_ADDRESS));
    row_set_i64(s, SENDER_OWNER, row_i64(r, MAILBOX_OWNER));
    row_set_i64(s, SENDER_ACTIVE, row_bool(r, MAILBOX_ACTIVE));
    TRY(row_secret(cx, r, MAILBOX_PASSWORD, &password));
    TRY(row_set_secret(cx, s, SENDER_PASSWORD, password));
    row_set_text(s, SENDER_TRUST, row_text(r, MAILBOX_TRUST));
    TRY(record_save(cx, s));
    if (row_i64(r, MAILBOX_SENDER) == row_id(s))
        return OK;
    row_set_i64(r, MAILBOX_SENDER, row_id(s));
    return record_save(cx, r);
}

/* The first time: inbox and sent mails, until somebody chooses. */
static enum status mailbox_saved(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct row *before = row_before(r);

    TRY(db_run(cx, "mailbox.add_state", I64("id", row_id(r)), I64("now", ctx_now(cx))));
    if (!before || row_changed(r, MAILBOX_ACTIVE) || row_changed(r, MAILBOX_PASSWORD))
        TRY(db_run(cx, "mailbox.due_now", I64("id", row_id(r)), I64("now", ctx_now(cx))));
    for (int f = 0; f < MAILBOX_FIELDS; f++)
        if (!before || (f != MAILBOX_SENDER && row_changed(r, f)))
            return keep_sender(cx, r);
    return OK;
}

/* Disconnected: its password and what was noted of its folders are gone; mails that joined a
 * timeline stay there. */
static enum status mailbox_removed(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *s;

    TRY(db_run(cx, "mailbox.forget_state", I64("id", row_id(r))));
    TRY(db_run(cx, "mailbox.forget_folders", I64("id", row_id(r))));
    TRY(db_run(cx, "mailbox.forget_seen", I64("id", row_id(r))));
    if (!row_has(r, MAILBOX_SENDER))
        return OK;
    TRY(record_get(cx, &sender_type, row_i64(r, MAILBOX_SENDER), &s));
    row_clear(s, SENDER_PASSWORD);
    row_set_i64(s, SENDER_ACTIVE, 0);
    return record_save(cx, s);
}

/* ---- the page ---- */

static enum status put_folders(struct ctx *cx, i64 id, struct val *list)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "mailbox.folders", I64("id", id));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_text(one, "label", col_text(&q, 1));
        val_put_bool(one, "chosen", col_i64(&q, 3) != 0);
    }
    return stmt_status(&q);
}

static enum status mailbox_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *state = val_put_map(page, "sync"), *folders = val_put_list(page, "folders");
    scoped(stmt_close) struct stmt q = db_query(cx, "mailbox.state", I64("id", row_id(r)));
    const char *error = "", *last = "";
    i64 taken = 0;

    if (stmt_next(&q)) {
        error = arena_text(cx->arena, col_text(&q, 0));
        last = col_i64(&q, 1) ? show_time(cx, col_i64(&q, 1)) : "";
        taken = col_i64(&q, 2);
    }
    TRY(stmt_status(&q));
    val_put_text(state, "error", error);
    val_put_text(state, "last", last);
    val_put_text(state, "taken", show_number(cx->arena, taken));
    val_put_bool(state, "paused", !row_bool(r, MAILBOX_ACTIVE));
    val_put_bool(page, "is_person", is_of_a_person(r));
    val_put_bool(page, "is_support", !is_of_a_person(r) && !is_for_bounces(r));
    val_put_bool(page, "is_imap", text_is(row_text(r, MAILBOX_PROTOCOL), "imap"));
    val_put_text(page, "mailbox_path", row_path(cx, r));
    val_put_bool(page, "may_change",
                 access_scope(cx->access, "mailbox", VERB_UPDATE) != SCOPE_NONE);
    return put_folders(cx, row_id(r), folders);
}

/* ---- trying it ---- */

static enum status get_mine(struct req *rq, struct row **r)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &mailbox_type, id, r);
}

/* Signs in. For IMAP: its folders. */
static enum status try_it(struct ctx *cx, const struct row *r, struct imap_folder **list,
                          size_t *count)
{
    struct mail_server server;
    struct imap *im;
    struct pop *pop;
    enum status s;

    *list = NULL;
    *count = 0;
    TRY(mailbox_server(cx, r, &server));
    if (text_is(row_text(r, MAILBOX_PROTOCOL), "pop")) {
        TRY(pop_open(cx, &server, &pop));
        pop_close(pop);
        return OK;
    }
    TRY(imap_open(cx, &server, &im));
    s = imap_folders(cx, im, list, count);
    imap_close(im);
    return s;
}

struct found {
    i64 mailbox;
    const struct imap_folder *list;
    size_t count;
    bool person;
    const char *error;
};

/* Notes the folders that there are; those chosen stay chosen. */
static enum status note_folders(struct ctx *cx, void *arg)
{
    const struct found *f = arg;
    bool fresh;
    i64 known;

    TRY(db_get_i64(cx, &known, "mailbox.folder_count", I64("id", f->mailbox)));
    fresh = known == 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct imap_folder *one = &f->list[i];
        bool first = text_is(one->special, "inbox") || (f->person && text_is(one->special, "sent"));
        TRY(db_run(cx, "mailbox.note_folder", I64("id", f->mailbox), TEXT("name", one->name),
                   TEXT("label", one->label), TEXT("special", one->special),
                   I64("chosen", fresh && first)));
    }
    return db_run(cx, "mailbox.set_error", I64("id", f->mailbox), TEXT("error", f->error),
                  I64("due", ctx_now(cx)));
}

/* POST /mailboxes/:id/test -- signs in and says in words what is wrong. */
static enum status test_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct found f = { .error = "" };
    struct imap_folder *list;
    struct row *r;

    TRY(get_mine(rq, &r));
    struct ctx probe = *cx;
    enum status s = try_it(&probe, r, &list, &f.count);
    f.mailbox = row_id(r);
    f.list = list;
    f.person = is_of_a_person(r);
    if (s != OK)
        f.error = text_empty(probe.error_text) ? "The connection failed." : probe.error_text;
    TRY(kit_write(cx, note_folders, &f));
    if (s != OK)
        return reply_done(rq, row_path(cx, r), "It did not work: %s", f.error);
    return reply_done(rq, row_path(cx, r), "%s takes us in%s.", row_text(r, MAILBOX_HOST),
                      f.count ? arena_printf(cx->arena, ": %zu folders", f.count) : "");
}

/* GET /mailboxes/:id/folders */
static enum status folders_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct row *r;

    TRY(get_mine(rq, &r));
    val_put_printf(page, "title", "Folders of %s", row_title(cx, r));
    val_put_text(page, "mailbox_path", row_path(cx, r));
    struct val *list = val_put_list(page, "folders");
    TRY(db_list(cx, list, "mailbox.folders", I64("id", row_id(r))));
    for (size_t i = 0; i < val_count(list); i++) {
        struct val *one = (struct val *)val_at(list, i);
        val_put_bool(one, "on", val_get_i64(one, "chosen", 0) != 0);
        val_put_printf(one, "n", "%zu", i);
    }
    val_put_bool(page, "none", val_count(list) == 0);
    return reply(rq, "mailbox/folders", page);
}

/* POST /mailboxes/:id/folders {folder: [name, ...]} */
static enum status folders_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct val *chosen = val_get(rq->form, "folder");
    struct row *r;
    i64 changed, count = 0;

    TRY(get_mine(rq, &r));
    TRY(access_check(cx, "mailbox", VERB_UPDATE));
    TRY(db_run(cx, "mailbox.choose_none", I64("id", row_id(r))));
    for (size_t i = 0; i < (val_kind_of(chosen) == VAL_LIST ? val_count(chosen) : 1); i++) {
        const char *name = val_kind_of(chosen) == VAL_LIST ? val_as_text(val_at(chosen, i), "")
                                                           : req_form(rq, "folder");
        TRY(db_run_count(cx, &changed, "mailbox.choose", I64("id", row_id(r)), TEXT("name", name)));
        count += changed;
    }
    TRY(db_run(cx, "mailbox.due_now", I64("id", row_id(r)), I64("now", ctx_now(cx))));
    return reply_done(rq, row_path(cx, r), "%lld folder%s will be read.", (long long)count,
                      count == 1 ? "" : "s");
}

static enum status set_active(struct req *rq, bool active)
{
    struct row *r;

    TRY(get_mine(rq, &r));
    row_set_i64(r, MAILBOX_ACTIVE, active);
    TRY(record_save(rq->cx, r));
    return reply_done(rq, row_path(rq->cx, r),
                      active ? "It is read again." : "Paused: nothing is read and nothing sent.");
}
static enum status pause_post(struct req *rq) { return set_active(rq, false); }
static enum status resume_post(struct req *rq) { return set_active(rq, true); }

/* POST /mailboxes/:id/sync -- now, not within the next minutes. */
static enum status sync_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *payload = val_map(cx->arena);
    struct row *r;

    TRY(get_mine(rq, &r));
    val_put_text(payload, "mailbox", id_text(cx->arena, row_id(r)));
    TRY(queue_add(cx, "mailbox.sync", id_text(cx->arena, row_id(r)), json_text(cx->arena, payload),
                  ctx_now(cx), NULL));
    return reply_done(rq, row_path(cx, r), "It is being read.");
}

static bool is_active(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return row_bool(r, MAILBOX_ACTIVE);
}
static bool is_paused(struct ctx *cx, const struct row *r) { return !is_active(cx, r); }
static bool is_imap(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, MAILBOX_PROTOCOL), "imap");
}

const struct record_type mailbox_type = {
    .name = "mailbox",
    .label = "Mailbox",
    .plural = "Mailboxes",
    .path = "mailboxes",
    .icon = "inbox",
    .section = "settings",
    .menu_order = 21,
    .sort = "name",
    .title = MAILBOX_NAME,
    .fields = fields,
    .field_count = MAILBOX_FIELDS,
    .flags = TYPE_SYSTEM,
    .seen_if = "purpose != 'person'",
    .empty = "Connect your mailbox: your mails with contacts join their timeline, and you answer "
             "from there. Only folders you choose, only people who are contacts, nothing private.",
    ACTIONS({ "test", "Test the connection", NULL, true },
            { "folders", "Choose folders", "/mailboxes/:id/folders", .shown = is_imap },
            { "sync", "Read now", NULL, .shown = is_active },
            { "pause", "Pause", NULL, .shown = is_active },
            { "resume", "Resume", NULL, .shown = is_paused }),
    .defaults = mailbox_defaults,
    .validate = mailbox_validate,
    .saved = mailbox_saved,
    .removed = mailbox_removed,
    .detail = mailbox_detail,
    .detail_template = "mailbox/detail",
};

static const struct route routes[] = {
    { HTTP_POST, "/mailboxes/:id/test", test_post, NEEDS("mailbox", VERB_UPDATE),
      .flags = ROUTE_SLOW },
    { HTTP_GET, "/mailboxes/:id/folders", folders_page, NEEDS("mailbox", VERB_UPDATE) },
    { HTTP_POST, "/mailboxes/:id/folders", folders_post, NEEDS("mailbox", VERB_UPDATE) },
    { HTTP_POST, "/mailboxes/:id/pause", pause_post, NEEDS("mailbox", VERB_UPDATE) },
    { HTTP_POST, "/mailboxes/:id/resume", resume_post, NEEDS("mailbox", VERB_UPDATE) },
    { HTTP_POST, "/mailboxes/:id/sync", sync_post, NEEDS("mailbox", VERB_UPDATE) },
};
const struct feature feature_mailbox = {
    .name = "mailbox",
    TYPES(&mailbox_type),
    ROUTES(routes),
};
