/* imap.c -- see imap.h. One command at a time; its untagged answers are looked through as they
 * come. */
#include "io/imap.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { LINE_BYTES = 1024 * 1024, DEPTH_MAX = 20, VALUES_MAX = 100 * 1000 };

struct imap {
    struct mail_wire *wire;
    unsigned tag;
    char capabilities[2000]; /* " IMAP4REV1 IDLE ... " */
};

/* ---- one response ---- */

struct parser {
    struct arena *a;
    struct str rest;
    size_t values;
};

static bool is_atom(char c)
{
    return (u8)c > ' ' && c != '(' && c != ')' && c != '"' && (u8)c != 127;
}

static enum status parse_quoted(struct parser *p, struct imap_value *v)
{
    char *to = arena_alloc(p->a, p->rest.len + 1, 1);
    size_t len = 0, i = 1;

    for (; i < p->rest.len && p->rest.p[i] != '"'; i++) {
        if (p->rest.p[i] == '\\' && i + 1 < p->rest.len)
            i++;
        to[len++] = p->rest.p[i];
    }
    if (i >= p->rest.len)
        return E_UNSUPPORTED;
    v->kind = IMAP_STRING;
    v->text = (struct str){ to, len };
    p->rest = (struct str){ p->rest.p + i + 1, p->rest.len - i - 1 };
    return OK;
}

/* "{12}\r\n" and what follows. */
static enum status parse_literal(struct parser *p, struct imap_value *v)
{
    const char *end = memchr(p->rest.p, '}', p->rest.len < 14 ? p->rest.len : 14);
    i64 len;
    size_t head;

    if (end == NULL)
        return E_UNSUPPORTED;
    struct str digits = { p->rest.p + 1, (size_t)(end - p->rest.p) - 1 };
    if (digits.len > 0 && digits.p[digits.len - 1] == '+')
        digits.len--;
    head = (size_t)(end - p->rest.p) + 3;
    if (!str_i64(digits, &len) || len < 0 || head > p->rest.len ||
        (size_t)len > p->rest.len - head || memcmp(end + 1, "\r\n", 2) != 0)
        return E_UNSUPPORTED;
    v->kind = IMAP_STRING;
    v->text = (struct str){ p->rest.p + head, (size_t)len };
    p->rest = (struct str){ p->rest.p + head + len, p->rest.len - head - (size_t)len };
    return OK;
}

/* BODY[HEADER.FIELDS (DATE FROM)]<0> is one word. */
static void parse_atom(struct parser *p, struct imap_value *v)
{
    size_t len = 0;
    int square = 0;

    while (len < p->rest.len &&
           (is_atom(p->rest.p[len]) || (square && (u8)p->rest.p[len] >= ' '))) {
        square += p->rest.p[len] == '[' ? 1 : p->rest.p[len] == ']' && square ? -1 : 0;
        len++;
    }
    v->text = (struct str){ p->rest.p, len };
    v->kind = len == 3 && strncasecmp(p->rest.p, "NIL", 3) == 0 ? IMAP_NIL : IMAP_ATOM;
    p->rest = (struct str){ p->rest.p + len, p->rest.len - len };
}

static enum status parse_list(struct parser *p, bool whole, int depth, struct imap_value *out);

static enum status parse_value(struct parser *p, int depth, struct imap_value *v)
{
    char c = p->rest.p[0];

    if (++p->values > VALUES_MAX)
        return E_UNSUPPORTED;
    if (c == '"')
        return parse_quoted(p, v);
    if (c == '{')
        return parse_literal(p, v);
    if (c == '(') {
        p->rest = (struct str){ p->rest.p + 1, p->rest.len - 1 };
        return parse_list(p, false, depth + 1, v);
    }
    if (!is_atom(c))
        return E_UNSUPPORTED;
    parse_atom(p, v);
    return OK;
}

/* Up to the closing parenthesis, or the end of all. */
static enum status parse_list(struct parser *p, bool whole, int depth, struct imap_value *out)
{
    size_t cap = 8;

    if (depth > DEPTH_MAX)
        return E_UNSUPPORTED;
    *out = (struct imap_value){ .kind = IMAP_LIST, .items = NEW_N(p->a, struct imap_value, cap) };
    for (;;) {
        while (p->rest.len > 0 && (*p->rest.p == ' ' || *p->rest.p == '\r' || *p->rest.p == '\n'))
            p->rest = (struct str){ p->rest.p + 1, p->rest.len - 1 };
        if (p->rest.len == 0)
            return whole ? OK : E_UNSUPPORTED;
        if (*p->rest.p == ')' && !whole) {
            p->rest = (struct str){ p->rest.p + 1, p->rest.len - 1 };
            return OK;
        }
        if (out->count == cap) {
            struct imap_value *more = NEW_N(p->a, struct imap_value, cap * 2);
            memcpy(more, out->items, cap * sizeof *more);
            out->items = more;
            cap *= 2;
        }
        TRY(parse_value(p, depth, &out->items[out->count++]));
    }
}

enum status imap_parse(struct arena *a, struct str response, struct imap_value *out)
{
    struct parser p = { a, response, 0 };

    return parse_list(&p, true, 0, out);
}

/* ---- commands ---- */

static enum status no_imap(struct ctx *cx)
{
    return ctx_fail_code(cx, E_UNSUPPORTED, "mail.protocol",
                         "The mail server's answer was not understood.");
}

/* A line and the literals in it, up to its real end. */
static enum status read_response(struct ctx *cx, struct imap *im, struct str *out)
{
    struct buf b = buf_in(cx->arena, IMAP_MAIL_BYTES + LINE_BYTES);

    for (;;) {
        struct str line;
        i64 len;
        TRY(mail_wire_line(cx, im->wire, LINE_BYTES, &line));
        buf_str(&b, line);
        const char *open =
            line.len && line.p[line.len - 1] == '}' ? memrchr(line.p, '{', line.len) : NULL;
        if (open == NULL)
            break;
        struct str digits = { open + 1, (size_t)(line.p + line.len - open) - 2 };
        if (!str_i64(digits, &len) || len < 0)
            break;
        buf_text(&b, "\r\n");
        char *to = len <= IMAP_MAIL_BYTES ? buf_reserve(&b, (size_t)len) : NULL;
        if (to == NULL)
            return ctx_fail_code(cx, E_TOO_LARGE, "mail.too_large", "A mail is over %d MB.",
                                 IMAP_MAIL_BYTES / 1024 / 1024);
        TRY(mail_wire_bytes(cx, im->wire, (size_t)len, to));
        b.len += (size_t)len;
    }
    TRY(buf_status(&b));
    *out = (struct str){ b.len ? b.p : "", b.len };
    return OK;
}

typedef enum status imap_take(struct ctx *cx, void *arg, const struct imap_value *words);

static bool word_is(const struct imap_value *v, const char *word)
{
    return v->kind == IMAP_ATOM && v->text.len == strlen(word) &&
           strncasecmp(v->text.p, word, v->text.len) == 0;
}

/* Reads answers up to the tagged one; take sees the untagged ones. `said` is what the tagged one
 * says. E_INVALID: NO or BAD, without text in cx. */
static enum status finish(struct ctx *cx, struct imap *im, imap_take *take, void *arg,
                          struct str *said)
{
    char tag[16];
    int tag_len = snprintf(tag, sizeof tag, "f%u ", im->tag);

    for (;;) {
        struct str line;
        TRY(read_response(cx, im, &line));
        if (line.len > (size_t)tag_len && memcmp(line.p, tag, (size_t)tag_len) == 0) {
            *said = (struct str){ line.p + tag_len, line.len - (size_t)tag_len };
            return said->len >= 2 && strncasecmp(said->p, "OK", 2) == 0 ? OK : E_INVALID;
        }
        struct imap_value words;
        if (take == NULL || line.len < 2 || line.p[0] != '*')
            continue;
        if (imap_parse(cx->arena, line, &words) == OK && words.count > 1)
            TRY(take(cx, arg, &words));
    }
}

static enum status command(struct ctx *cx, struct imap *im, imap_take *take, void *arg,
                           const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Sends a command and reads its answers. NO and BAD are told as the server words them. */
static enum status command(struct ctx *cx, struct imap *im, imap_take *take, void *arg,
                           const char *fmt, ...)
{
    struct str said = { "", 0 };
    va_list args;

    va_start(args, fmt);
    const char *text = arena_vprintf(cx->arena, fmt, args);
    va_end(args);
    TRY(mail_wire_send(cx, im->wire,
                       str_from(arena_printf(cx->arena, "f%u %s\r\n", ++im->tag, text))));
    enum status s = finish(cx, im, take, arg, &said);
    if (s != E_INVALID)
        return s;
    bool gone = str_contains_fold(said, "NONEXISTENT") || str_contains_fold(said, "TRYCREATE") ||
                str_contains_fold(said, "doesn't exist");
    struct str ok = { said.p, utf8_valid_bytes(said) };
    return ctx_fail_code(cx, gone ? E_NOT_FOUND : E_INVALID, "mail.refused",
                         "The mail server says: %.*s", (int)(ok.len < 300 ? ok.len : 300), ok.p);
}

/* A folder's name as the protocol writes it. */
static const char *quoted(struct ctx *cx, const char *name)
{
    struct buf b = buf_in(cx->arena, 4000);

    buf_char(&b, '"');
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            buf_char(&b, '\\');
        if ((u8)*name >= ' ')
            buf_char(&b, *name);
    }
    buf_char(&b, '"');
    return buf_end(&b);
}

static enum status take_capabilities(struct ctx *cx, void *arg, const struct imap_value *words)
{
    struct imap *im = arg;
    size_t len = 0;

    (void)cx;
    if (!word_is(&words->items[1], "CAPABILITY"))
        return OK;
    for (size_t i = 2; i < words->count; i++)
        len += (size_t)snprintf(im->capabilities + len,
                                len < sizeof im->capabilities ? sizeof im->capabilities - len : 0,
                                " %.*s ", (int)words->items[i].text.len, words->items[i].text.p);
    return OK;
}

enum status imap_open(struct ctx *cx, const struct mail_server *s, struct imap **out)
{
    struct imap *im;
    struct mail_wire *wire;
    enum status status;

    *out = NULL;
    TRY(mail_wire_open(cx, "imap", s, &wire));
    im = calloc(1, sizeof *im);
    assert(im != NULL);
    im->wire = wire;
    status = command(cx, im, take_capabilities, im, "CAPABILITY");
    if (status != OK) {
        imap_close(im);
        return status;
    }
    *out = im;
    return OK;
}

void imap_close(struct imap *im)
{
    if (im == NULL)
        return;
    mail_wire_close(im->wire);
    free(im);
}

bool imap_has(const struct imap *im, const char *capability)
{
    char word[64];

    snprintf(word, sizeof word, " %s ", capability);
    return strcasestr(im->capabilities, word) != NULL;
}

/* ---- folders ---- */

struct folders {
    struct imap_folder *list;
    size_t count;
};

static const char *special_of(const struct imap_value *flags, struct str name)
{
    static const char *const specials[][2] = { { "\\Sent", "sent" },       { "\\Drafts", "drafts" },
                                               { "\\Trash", "trash" },     { "\\Junk", "junk" },
                                               { "\\Archive", "archive" }, { "\\All", "all" } };
    /* where the server does not say */
    static const char *const names[][2] = {
        { "Sent", "sent" },           { "Sent Items", "sent" },
        { "Sent Messages", "sent" },  { "INBOX.Sent", "sent" },
        { "INBOX/Sent", "sent" },     { "Drafts", "drafts" },
        { "INBOX.Drafts", "drafts" }, { "Trash", "trash" },
        { "Deleted Items", "trash" }, { "Deleted Messages", "trash" },
        { "INBOX.Trash", "trash" },   { "Junk", "junk" },
        { "Spam", "junk" },           { "INBOX.Junk", "junk" },
    };

    if (name.len == 5 && strncasecmp(name.p, "INBOX", 5) == 0)
        return "inbox";
    for (size_t i = 0; i < flags->count; i++)
        for (size_t j = 0; j < countof(specials); j++)
            if (word_is(&flags->items[i], specials[j][0]))
                return specials[j][1];
    for (size_t i = 0; i < countof(names); i++)
        if (str_is(name, names[i][0]))
            return names[i][1];
    return "";
}

static enum status take_folder(struct ctx *cx, void *arg, const struct imap_value *words)
{
    struct folders *f = arg;
    const struct imap_value *flags = &words->items[2], *name = &words->items[4];

    if (words->count < 5 || !word_is(&words->items[1], "LIST") || flags->kind != IMAP_LIST ||
        f->count == IMAP_FOLDERS_MAX || name->kind == IMAP_LIST)
        return OK;
    for (size_t i = 0; i < flags->count; i++)
        if (word_is(&flags->items[i], "\\Noselect") || word_is(&flags->items[i], "\\NonExistent"))
            return OK;
    if (name->text.len > 500 || !utf8_valid(name->text))
        return OK;
    struct imap_folder *one = &f->list[f->count++];
    one->name = str_dup(cx->arena, name->text);
    one->label = imap_utf7_text(cx->arena, one->name);
    one->special = special_of(flags, name->text);
    return OK;
}

enum status imap_folders(struct ctx *cx, struct imap *im, struct imap_folder **out, size_t *count)
{
    struct folders f = { NEW_N(cx->arena, struct imap_folder, IMAP_FOLDERS_MAX), 0 };

    TRY(command(cx, im, take_folder, &f, "LIST \"\" \"*\""));
    *out = f.list;
    *count = f.count;
    return OK;
}

static u32 number_of(const struct imap_value *v)
{
    i64 n;
    struct str s = v->text;

    while (s.len > 0 && s.p[s.len - 1] == ']')
        s.len--;
    return v->kind == IMAP_ATOM && str_i64(s, &n) && n >= 0 && n <= UINT32_MAX ? (u32)n : 0;
}

/* "* OK [UIDVALIDITY 3857529045] UIDs valid": words are cut at spaces outside of brackets. */
static void take_code(struct str code, struct imap_state *st)
{
    struct str word;
    i64 n;

    if (!str_split(&code, ' ', &word))
        return;
    while (code.len > 0 && (code.p[code.len - 1] < '0' || code.p[code.len - 1] > '9'))
        code.len--;
    if (!str_i64(code, &n) || n < 0)
        return;
    if (str_equal_fold(word, STR("[UIDVALIDITY")))
        st->uid_validity = (u32)n;
    if (str_equal_fold(word, STR("[UIDNEXT")))
        st->uid_next = (u32)n;
    if (str_equal_fold(word, STR("[HIGHESTMODSEQ")))
        st->mod_seq = (u64)n;
}

static enum status take_state(struct ctx *cx, void *arg, const struct imap_value *words)
{
    struct imap_state *st = arg;

    (void)cx;
    if (words->count > 2 && word_is(&words->items[1], "OK") && words->items[2].kind == IMAP_ATOM)
        take_code(words->items[2].text, st);
    if (words->count > 2 && word_is(&words->items[2], "EXISTS"))
        st->mail_count = number_of(&words->items[1]);
    return OK;
}

enum status imap_select(struct ctx *cx, struct imap *im, const char *folder, bool read_only,
                        struct imap_state *out)
{
    *out = (struct imap_state){ 0 };
    TRY(command(cx, im, take_state, out, "%s %s%s", read_only ? "examine" : "select",
                quoted(cx, folder), imap_has(im, "CONDSTORE") ? " (CONDSTORE)" : ""));
    return out->uid_validity ? OK : no_imap(cx);
}

/* ---- mails ---- */

struct uids {
    u32 *list, from;
    size_t count, max;
};

static int by_number(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return x < y ? -1 : x > y;
}

static enum status take_uids(struct ctx *cx, void *arg, const struct imap_value *words)
{
    struct uids *u = arg;

    if (!word_is(&words->items[1], "SEARCH") || words->count <= 2)
        return OK;
    u32 *all = NEW_N(cx->arena, u32, words->count);
    size_t count = 0;
    for (size_t i = 2; i < words->count; i++) {
        u32 n = number_of(&words->items[i]);
        if (n >= u->from && n > 0) /* "7:*" answers the last one even if it is lower */
            all[count++] = n;
    }
    if (count > 0)
        qsort(all, count, sizeof *all, by_number);
    u->list = all;
    u->count = count < u->max ? count : u->max;
    return OK;
}

enum status imap_uids(struct ctx *cx, struct imap *im, u32 from, i64 since_day, size_t max,
                      u32 **uids, size_t *count)
{
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct uids u = { NULL, from ? from : 1, 0, max };
    const char *since = "";
    int year, month, day;

    if (since_day != TIME_NONE) {
        date_to_ymd(since_day, &year, &month, &day);
        since = arena_printf(cx->arena, " SINCE %d-%s-%04d", day, months[(month + 11) % 12], year);
    }
    TRY(command(cx, im, take_uids, &u, "UID SEARCH UID %u:*%s", u.from, since));
    *uids = u.list;
    *count = u.count;
    return OK;
}

/* "17-Jul-1996 02:44:25 -0700" */
static i64 internal_date(struct str s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day, year, hour, minute, second, zone;
    char month[4], sign, text[40];

    if (s.len >= sizeof text)
        return TIME_NONE;
    memcpy(text, s.p, s.len);
    text[s.len] = '\0';
    if (sscanf(text, "%2d-%3[A-Za-z]-%4d %2d:%2d:%2d %c%4d", &day, month, &year, &hour, &minute,
               &second, &sign, &zone) != 8)
        return TIME_NONE;
    const char *at = strstr(months, month);
    if (at == NULL || strlen(month) != 3 || (at - months) % 3 != 0)
        return TIME_NONE;
    i64 ms = date_from_ymd(year, (int)(at - months) / 3 + 1, day) * MS_DAY + hour * (i64)MS_HOUR +
             minute * (i64)MS_MINUTE + second * (i64)MS_SECOND;
    i64 offset = (zone / 100 * 60 + zone % 100) * (i64)MS_MINUTE;
    return sign == '-' ? ms + offset : ms - offset;
}

struct fetched {
    u32 uid;
    bool found;
    struct imap_mail *mail;
};

static void take_flags(const struct imap_value *flags, struct imap_mail *m)
{
    for (size_t i = 0; i < flags->count; i++) {
        m->seen |= word_is(&flags->items[i], "\\Seen");
        m->deleted |= word_is(&flags->items[i], "\\Deleted");
        m->draft |= word_is(&flags->items[i], "\\Draft");
    }
}

static enum status take_mail(struct ctx *cx, void *arg, const struct imap_value *words)
{
    struct fetched *f = arg;
    const struct imap_value *items = words->count > 3 ? &words->items[3] : NULL;
    struct imap_mail m = { .arrived_ms = TIME_NONE, .bytes = { "", 0 } };

    (void)cx;
    if (items == NULL || !word_is(&words->items[2], "FETCH") || items->kind != IMAP_LIST)
        return OK;
    for (size_t i = 0; i + 1 < items->count; i += 2) {
        const struct imap_value *key = &items->items[i], *v = key + 1;
        if (word_is(key, "UID"))
            m.uid = number_of(v);
        else if (word_is(key, "RFC822.SIZE"))
            m.size = number_of(v);
        else if (word_is(key, "INTERNALDATE"))
            m.arrived_ms = internal_date(v->text);
        else if (word_is(key, "FLAGS") && v->kind == IMAP_LIST)
            take_flags(v, &m);
        else if (key->kind == IMAP_ATOM && key->text.len > 5 &&
                 strncasecmp(key->text.p, "BODY[", 5) == 0 && v->kind == IMAP_STRING)
            m.bytes = v->text;
    }
    if (m.uid != f->uid)
        return OK; /* somebody else's news */
    *f->mail = m;
    f->found = true;
    return OK;
}

enum status imap_fetch(struct ctx *cx, struct imap *im, u32 uid, enum imap_part part,
                       struct imap_mail *out)
{
    struct fetched f = { uid, false, out };

    TRY(command(cx, im, take_mail, &f, "UID FETCH %u (UID FLAGS INTERNALDATE RFC822.SIZE%s)", uid,
                part == IMAP_HEAD ? " BODY.PEEK[HEADER]" : ""));
    if (!f.found)
        return E_NOT_FOUND;
    if (part == IMAP_HEAD)
        return OK;
    if (out->size > IMAP_MAIL_BYTES)
        return ctx_fail_code(cx, E_TOO_LARGE, "mail.too_large", "A mail is over %d MB.",
                             IMAP_MAIL_BYTES / 1024 / 1024);
    f.found = false;
    TRY(command(cx, im, take_mail, &f,
                "UID FETCH %u (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])", uid));
    return f.found ? OK : E_NOT_FOUND;
}

enum status imap_flag(struct ctx *cx, struct imap *im, u32 uid, const char *flag)
{
    return command(cx, im, NULL, NULL, "UID STORE %u +FLAGS.SILENT (%s)", uid, flag);
}

enum status imap_remove(struct ctx *cx, struct imap *im, u32 uid)
{
    TRY(imap_flag(cx, im, uid, "\\Deleted"));
    if (imap_has(im, "UIDPLUS"))
        return command(cx, im, NULL, NULL, "UID EXPUNGE %u", uid);
    return OK; /* a plain EXPUNGE would take others along: marked is as far as we go */
}

enum status imap_move(struct ctx *cx, struct imap *im, u32 uid, const char *folder)
{
    const char *to = quoted(cx, folder);
    const char *verb = imap_has(im, "MOVE") ? "MOVE" : "COPY";
    struct ctx probe = *cx;
    enum status s = command(&probe, im, NULL, NULL, "UID %s %u %s", verb, uid, to);

    if (s == E_NOT_FOUND) {
        TRY(command(cx, im, NULL, NULL, "CREATE %s", to));
        s = command(cx, im, NULL, NULL, "UID %s %u %s", verb, uid, to);
    } else if (s != OK) {
        return ctx_fail_code(cx, s, "mail.refused", "%s", probe.error_text);
    }
    TRY(s);
    return text_is(verb, "MOVE") ? OK : imap_remove(cx, im, uid);
}

enum status imap_holds(struct ctx *cx, struct imap *im, const char *folder, const char *message_id,
                       bool *out)
{
    struct imap_state state;
    struct uids u = { NULL, 1, 0, 1 };

    TRY(imap_select(cx, im, folder, true, &state));
    TRY(command(cx, im, take_uids, &u, "UID SEARCH HEADER Message-ID %s", quoted(cx, message_id)));
    *out = u.count > 0;
    return OK;
}

enum status imap_append(struct ctx *cx, struct imap *im, const char *folder, struct str mail)
{
    struct str said = { "", 0 }, line;
    enum status s;

    TRY(mail_wire_send(cx, im->wire,
                       str_from(arena_printf(cx->arena, "f%u APPEND %s (\\Seen) {%zu}\r\n",
                                             ++im->tag, quoted(cx, folder), mail.len))));
    do { /* "+ OK", or a refusal */
        TRY(mail_wire_line(cx, im->wire, LINE_BYTES, &line));
    } while (line.len > 0 && line.p[0] == '*');
    if (line.len == 0 || line.p[0] != '+')
        return ctx_fail_code(cx, E_INVALID, "mail.refused", "The mail server keeps no copy in %s.",
                             imap_utf7_text(cx->arena, folder));
    TRY(mail_wire_send(cx, im->wire, mail));
    TRY(mail_wire_send(cx, im->wire, STR("\r\n")));
    s = finish(cx, im, NULL, NULL, &said);
    return s == E_INVALID
               ? ctx_fail_code(cx, s, "mail.refused", "The mail server keeps no copy in %s.",
                               imap_utf7_text(cx->arena, folder))
               : s;
}

/* ---- names of folders ---- */

static int base64_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* UTF-16 in base 64 between '&' and '-'. False: it is none. */
static bool utf7_run(struct str run, struct buf *out)
{
    u32 bits = 0, high = 0;
    int have = 0;

    for (size_t i = 0; i < run.len; i++) {
        int d = base64_of(run.p[i]);
        if (d < 0)
            return false;
        bits = (bits << 6) | (u32)d;
        have += 6;
        if (have < 16)
            continue;
        have -= 16;
        u32 unit = (bits >> have) & 0xffff;
        bool low = unit >= 0xdc00 && unit < 0xe000;
        if (low != (high != 0) || unit == 0)
            return false;
        if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
            continue;
        }
        char utf8[4];
        u32 c = low ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : unit;
        buf_add(out, utf8, utf8_put(utf8, c));
        high = 0;
    }
    return high == 0;
}

char *imap_utf7_text(struct arena *a, const char *name)
{
    struct buf b = buf_in(a, 4 * strlen(name) + 16);
    const char *p = name;

    while (*p) {
        const char *end = *p == '&' ? strchr(p, '-') : NULL;
        if (end == NULL) {
            buf_char(&b, *p++);
        } else {
            if (end == p + 1)
                buf_char(&b, '&');
            else if (!utf7_run((struct str){ p + 1, (size_t)(end - p) - 1 }, &b))
                return arena_text(a, name);
            p = end + 1;
        }
    }
    return arena_text(a, buf_end(&b));
}
