/* bounce.c -- see bounce.h: reading reports. report.c believes them. */
#include "mail/bounce.h"
#include "base/utf8.h"
#include <strings.h>

const char *report_kind_word(int kind)
{
    static const char *const words[REPORT_KINDS] = {
        [REPORT_HARD] = "Hard bounce",
        [REPORT_SOFT] = "Soft bounce",
        [REPORT_DELAYED] = "Delayed",
        [REPORT_COMPLAINT] = "Complaint",
        [REPORT_AUTO_REPLY] = "Automatic answer",
        [REPORT_REPLY] = "Reply",
        [REPORT_DELIVERED] = "Delivered",
    };
    return kind > 0 && kind < REPORT_KINDS ? words[kind] : "";
}

/* ---- words of servers ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* "5.1.1" somewhere in a text, not within a longer number or an IP address. In arena. */
static const char *find_status(struct arena *a, const char *text)
{
    for (const char *p = text; *p; p++) {
        size_t n = 0;
        if ((*p != '4' && *p != '5') || p[1] != '.' ||
            (p > text && (is_digit(p[-1]) || p[-1] == '.')))
            continue;
        size_t subject = strspn(p + 2, "0123456789");
        if (subject == 0 || subject > 3 || p[2 + subject] != '.')
            continue;
        n = strspn(p + 3 + subject, "0123456789");
        const char *end = p + 3 + subject + n;
        if (n == 0 || n > 3 || (*end == '.' && is_digit(end[1])))
            continue;
        return arena_dup(a, p, (size_t)(end - p));
    }
    return "";
}

/* "550" as a word of its own. 0: none. */
static int find_code(const char *text)
{
    for (const char *p = text; *p; p++)
        if ((*p == '4' || *p == '5') && is_digit(p[1]) && p[1] <= '7' && is_digit(p[2]) &&
            !is_digit(p[3]) && p[3] != '.' && (p == text || strchr(" \t\n:#(<", p[-1])))
            return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
    return 0;
}

static const struct {
    const char *words, *status;
} phrases[] = {
    { "user unknown", "5.1.1" },
    { "unknown user", "5.1.1" },
    { "no such user", "5.1.1" },
    { "no such recipient", "5.1.1" },
    { "no such address", "5.1.1" },
    { "no mailbox here by that name", "5.1.1" },
    { "does not exist", "5.1.1" },
    { "doesn't exist", "5.1.1" },
    { "doesn't have a yahoo", "5.1.1" },
    { "recipient not found", "5.1.1" },
    { "recipnotfound", "5.1.1" },
    { "wasn't found at", "5.1.1" },
    { "couldn't be found", "5.1.1" },
    { "address not found", "5.1.1" },
    { "mailbox not found", "5.1.1" },
    { "unrouteable address", "5.1.1" },
    { "invalid recipient", "5.1.1" },
    { "unknown recipient", "5.1.1" },
    { "recipient unknown", "5.1.1" },
    { "address rejected", "5.1.1" },
    { "existiert nicht", "5.1.1" },
    { "unbekannter empf", "5.1.1" },
    { "account has been disabled", "5.2.1" },
    { "account is disabled", "5.2.1" },
    { "mailbox disabled", "5.2.1" },
    { "mailbox is inactive", "5.2.1" },
    { "host or domain name not found", "5.4.4" },
    { "domain not found", "5.4.4" },
    { "couldn't find any host", "5.4.4" },
    { "over quota", "5.2.2" },
    { "overquota", "5.2.2" },
    { "quota exceeded", "5.2.2" },
    { "mailbox full", "5.2.2" },
    { "mailbox is full", "5.2.2" },
    { "mailbox size limit exceeded", "5.2.2" },
    { "postfach ist voll", "5.2.2" },
    { "message too large", "5.3.4" },
    { "message size exceeds", "5.3.4" },
    { "spam", "5.7.1" },
    { "blacklist", "5.7.1" },
    { "blocklist", "5.7.1" },
    { "blocked", "5.7.1" },
    { "policy", "5.7.1" },
    { "not authenticated", "5.7.1" },
    { "dmarc", "5.7.1" },
};

static const char *status_of_words(const char *text)
{
    for (size_t i = 0; i < countof(phrases); i++)
        if (str_contains_fold(str_from(text), phrases[i].words))
            return phrases[i].status;
    return "";
}

/* Kind, status and reason of a refusal whose status may be as vague as 5.0.0. */
static void judge(struct ctx *cx, struct report *r, const char *status, const char *words)
{
    int code = find_code(words);
    const char *clearer = find_status(cx->arena, words), *guess = status_of_words(words);
    bool vague = text_empty(status) || text_is(status, "5.0.0") || text_is(status, "4.0.0") ||
                 text_is(status, "5.5.0") || text_is(status, "5.3.0");

    if (vague && !text_empty(clearer) && !text_is(clearer, "5.0.0"))
        status = clearer;
    else if (vague && !text_empty(guess))
        status = guess;
    r->status = status;
    r->text = utf8_cut(cx->arena, words, 500);
    r->reason = status[0] == '4' ? "other" : mail_bounce_reason(code, status);
    r->kind = text_is(r->reason, "hard") ? REPORT_HARD : REPORT_SOFT;
}

/* ---- who it is about, and which mail ---- */

/* An address in a text, lower case: "rfc822; Anna@Example.com" or "<anna@example.com>". In arena;
 * "": none. */
static const char *find_address(struct arena *a, struct str text)
{
    const char *at = memchr(text.p, '@', text.len), *from = at, *to = at, *end = text.p + text.len;

    if (at == NULL)
        return "";
    while (from > text.p && strchr(" \t\r\n<>;:,()\"'[]", from[-1]) == NULL)
        from--;
    while (to < end && *to && strchr(" \t\r\n<>;:,()\"'[]", *to) == NULL)
        to++;
    while (to > at && (to[-1] == '.'))
        to--;
    if (from == at || to - at < 2 || to - from > 254)
        return "";
    return text_lower_ascii(a, arena_dup(a, from, (size_t)(to - from)));
}

/* "bounces+ID.PROOF@example.com": what stands behind the plus, or "". */
static void add_token(struct buf *b, struct arena *a, const char *address)
{
    const char *plus = strchr(address, '+'), *at = strrchr(address, '@');

    if (plus == NULL || at == NULL || at - plus < 10 || at - plus > 80)
        return;
    buf_printf(b, " %s", arena_dup(a, plus + 1, (size_t)(at - plus) - 1));
}

/* All by which the mail may be found, the surest first. */
static const char *proofs_of(struct ctx *cx, const struct letter *m)
{
    static const char *const arrived[] = { "Delivered-To", "X-Original-To", "Envelope-To",
                                           "X-Envelope-To", "X-Delivered-To" };
    struct arena *a = cx->arena;
    struct buf b = buf_in(a, 64 * 1024);

    for (size_t i = 0; i < countof(arrived); i++)
        add_token(&b, a, mime_header(m, arrived[i]));
    for (size_t i = 0; i < m->to.count; i++)
        add_token(&b, a, m->to.list[i].address);
    buf_printf(&b, " %s", mime_ids(a, mime_field(a, m->returned, "Message-ID")));
    buf_printf(&b, " %s", mime_ids(a, mime_field(a, m->report, "X-Original-Message-ID")));
    buf_printf(&b, " %s", mime_ids(a, mime_field(a, m->report, "Original-Message-ID")));
    buf_printf(&b, " %s %s", m->in_reply_to, m->references);
    buf_printf(&b, " %s", mime_ids(a, m->text)); /* qmail gives the mail back as text */
    return buf_end(&b);
}

/* ---- reports as the standards write them ---- */

/* The next block of fields: up to an empty line. */
static bool next_block(struct arena *a, const char **rest, const char **block)
{
    const char *p = *rest;

    while (*p == '\r' || *p == '\n')
        p++;
    if (*p == '\0')
        return false;
    const char *end = p;
    while (*end && !(end[0] == '\n' && (end[1] == '\n' || (end[1] == '\r' && end[2] == '\n'))))
        end++;
    *block = arena_dup(a, p, (size_t)(end - p));
    *rest = end;
    return true;
}

/* "5.1.1 (user unknown)" -> "5.1.1" */
static const char *first_word(struct arena *a, const char *text)
{
    return arena_dup(a, text, strcspn(text, " \t(;"));
}

/* "smtp; 550 5.1.1 no" -> "550 5.1.1 no" */
static const char *diagnostic(const char *text)
{
    const char *semicolon = strchr(text, ';');

    if (semicolon == NULL || semicolon - text > 30)
        return text;
    return semicolon + 1 + strspn(semicolon + 1, " \t");
}

static void read_recipient(struct ctx *cx, const char *block, const char *all, struct report *r)
{
    struct arena *a = cx->arena;
    const char *action = mime_field(a, block, "Action"),
               *status = first_word(a, mime_field(a, block, "Status")),
               *words = diagnostic(mime_field(a, block, "Diagnostic-Code")),
               *to = mime_field(a, block, "Original-Recipient");

    r->address = find_address(a, str_from(to));
    if (text_empty(r->address))
        r->address = find_address(a, str_from(mime_field(a, block, "Final-Recipient")));
    if (text_empty(words))
        words = text_empty(status) ? utf8_cut(a, all, 500) : status;
    r->status = status;
    r->text = utf8_cut(a, words, 500);
    r->reason = "other";
    if (strncasecmp(action, "fail", 4) == 0)
        judge(cx, r, status, words);
    else if (strncasecmp(action, "delay", 5) == 0)
        r->kind = REPORT_DELAYED;
    else if (strncasecmp(action, "deliver", 7) == 0 || strncasecmp(action, "relay", 5) == 0 ||
             strncasecmp(action, "expand", 6) == 0)
        r->kind = REPORT_DELIVERED;
    else if (status[0] == '5' || status[0] == '4') /* Action is missing where it must not be */
        judge(cx, r, status, words);
}

static size_t read_dsn(struct ctx *cx, const struct letter *m, struct report *out)
{
    const char *rest = m->report, *block;
    size_t count = 0;

    while (count < REPORTS_IN_MAIL && next_block(cx->arena, &rest, &block)) {
        struct report *r = &out[count];
        if (text_empty(mime_field(cx->arena, block, "Final-Recipient")) &&
            text_empty(mime_field(cx->arena, block, "Original-Recipient")))
            continue; /* of the whole message */
        *r = (struct report){ .at_ms = m->date_ms };
        read_recipient(cx, block, m->text, r);
        count += r->kind != REPORT_NONE;
    }
    return count;
}

static size_t read_complaint(struct ctx *cx, const struct letter *m, struct report *out)
{
    struct arena *a = cx->arena;
    const char *type = mime_field(a, m->report, "Feedback-Type"),
               *to = mime_field(a, m->report, "Original-Rcpt-To");

    if (text_empty(to))
        to = mime_field(a, m->returned, "To");
    if (text_is(type, "not-spam"))
        return 0;
    *out = (struct report){
        .kind = REPORT_COMPLAINT,
        .address = find_address(a, str_from(to)),
        .status = "",
        .reason = "complaint",
        .text = arena_printf(a, "%s, reported by %s", text_empty(type) ? "abuse" : type,
                             text_empty(mime_field(a, m->report, "User-Agent"))
                                 ? "the mailbox provider"
                                 : mime_field(a, m->report, "User-Agent")),
        .at_ms = m->date_ms,
    };
    return 1;
}

/* ---- reports as servers write them that never read the standards ---- */

static bool any_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (str_contains_fold(str_from(text), *words))
            return true;
    return false;
}

static bool from_a_server(const struct letter *m)
{
    static const char *const names[] = { "mailer-daemon", "postmaster@",       "mail-daemon",
                                         "mail delivery", "MicrosoftExchange", NULL };
    const char *from = m->from.count ? m->from.list[0].address : "";
    const char *name = m->from.count ? m->from.list[0].name : "";
    struct str back = str_trim(str_from(mime_header(m, "Return-Path")));

    return str_is(back, "<>") || any_of(from, names) || any_of(name, names);
}

static bool sounds_like_failure(const struct letter *m)
{
    static const char *const subjects[] = { "undeliver",
                                            "failure notice",
                                            "delivery status notification",
                                            "delivery failure",
                                            "delivery failed",
                                            "returned mail",
                                            "mail delivery",
                                            "returned to sender",
                                            "could not be delivered",
                                            "unzustellbar",
                                            "nicht zustellbar",
                                            "delivery has failed",
                                            "non remis",
                                            "no se puede entregar",
                                            "undelivered",
                                            "message failed",
                                            NULL };
    return any_of(m->subject, subjects) || !text_empty(mime_header(m, "X-Failed-Recipients"));
}

static bool sounds_like_delay(const struct letter *m)
{
    static const char *const subjects[] = {
        "warning: message",    "delayed",          "(delay)", "delay notif",
        "still being retried", "verz\xc3\xb6gert", NULL
    };
    return any_of(m->subject, subjects);
}

/* The address in the words of the server, not of the mail that it gives back. */
static const char *failed_address(struct ctx *cx, const struct letter *m, const char *words)
{
    const char *named = mime_header(m, "X-Failed-Recipients");
    struct str rest = str_from(words), line;

    if (!text_empty(named))
        return find_address(cx->arena, str_from(named));
    while (str_split(&rest, '\n', &line)) {
        const char *address = find_address(cx->arena, line);
        bool ours = false;
        for (size_t i = 0; i < m->to.count; i++)
            ours |= text_is(address, m->to.list[i].address);
        if (!text_empty(address) && !ours && strncmp(address, "postmaster@", 11) != 0 &&
            strncmp(address, "mailer-daemon@", 14) != 0)
            return address;
    }
    return "";
}

/* What stands above the mail that is given back. */
static const char *servers_words(struct ctx *cx, const char *text)
{
    static const char *const marks[] = { "--- Below this line is a copy",
                                         "This is a copy of the",
                                         "----- Original message",
                                         "------ This is a copy",
                                         "----- Unsent message follows",
                                         "Original message headers",
                                         "--- The header of the original",
                                         "Received: from",
                                         NULL };
    size_t len = strlen(text);

    for (size_t i = 0; marks[i]; i++) {
        const char *at = strcasestr(text, marks[i]);
        if (at && (size_t)(at - text) < len && at > text)
            len = (size_t)(at - text);
    }
    return utf8_cut(cx->arena, text, len < 8000 ? len : 8000);
}

/* The line that says why, of a text that says much. */
static const char *telling_line(struct ctx *cx, const char *words)
{
    struct str rest = str_from(words), line;
    const char *second = NULL;

    while (str_split(&rest, '\n', &line)) {
        const char *one = str_dup(cx->arena, str_trim(line));
        if (!text_empty(find_status(cx->arena, one)) || find_code(one))
            return one;
        if (second == NULL && !text_empty(status_of_words(one)))
            second = one;
    }
    return second ? second
                  : str_dup(cx->arena, str_trim(str_from(utf8_cut(cx->arena, words, 300))));
}

static size_t read_odd_report(struct ctx *cx, const struct letter *m, struct report *out)
{
    const char *words = servers_words(cx, m->text);

    *out = (struct report){ .at_ms = m->date_ms, .status = "", .reason = "other" };
    out->address = failed_address(cx, m, words);
    out->text = utf8_cut(cx->arena, telling_line(cx, words), 500);
    if (sounds_like_delay(m)) {
        out->kind = REPORT_DELAYED;
        return 1;
    }
    const char *status = find_status(cx->arena, words), *line = out->text;
    judge(cx, out, status, words);
    out->text = line;
    return 1;
}

/* ---- automatic answers ---- */

bool mail_is_automatic(const struct letter *m)
{
    static const char *const headers[] = { "X-Autoreply", "X-Autorespond", "X-Auto-Reply",
                                           "X-Autoresponder", "X-Vacation" };
    static const char *const precedences[] = { "auto_reply", "auto-reply", NULL };
    static const char *const subjects[] = { "automatic reply",
                                            "auto reply",
                                            "autoreply",
                                            "auto-reply",
                                            "auto response",
                                            "out of office",
                                            "out of the office",
                                            "on vacation",
                                            "abwesenheit",
                                            "automatische antwort",
                                            "r\xc3\xa9ponse automatique",
                                            "respuesta autom",
                                            "risposta automatica",
                                            "automatisch antwoord",
                                            NULL };
    const char *submitted = mime_header(m, "Auto-Submitted");

    if (!text_empty(submitted) && strncasecmp(submitted, "no", 2) != 0)
        return true;
    for (size_t i = 0; i < countof(headers); i++)
        if (!text_empty(mime_header(m, headers[i])) &&
            strcasecmp(mime_header(m, headers[i]), "no") != 0)
            return true;
    return any_of(mime_header(m, "Precedence"), precedences) || any_of(m->subject, subjects) ||
           str_is(str_trim(str_from(mime_header(m, "Return-Path"))), "<>");
}

enum status bounce_read(struct ctx *cx, const struct letter *m, struct report *out, size_t *count)
{
    *count = 0;
    if (text_is(m->report_type, "feedback-report") ||
        !text_empty(mime_field(cx->arena, m->report, "Feedback-Type")))
        *count = read_complaint(cx, m, out);
    else if (!text_empty(m->report) && !text_is(m->report_type, "disposition-notification"))
        *count = read_dsn(cx, m, out);
    if (*count == 0 && text_empty(m->report) && from_a_server(m) &&
        (sounds_like_failure(m) || sounds_like_delay(m)))
        *count = read_odd_report(cx, m, out);
    if (*count == 0 && (mail_is_automatic(m) || !text_empty(m->report_type))) {
        *out = (struct report){ .kind = REPORT_AUTO_REPLY,
                                .address = m->from.count ? m->from.list[0].address : "",
                                .status = "",
                                .reason = "",
                                .text = utf8_cut(cx->arena, m->subject, 300),
                                .at_ms = m->date_ms };
        *count = 1;
    }
    for (size_t i = 0; i < *count; i++)
        out[i].proofs = proofs_of(cx, m);
    return OK;
}
