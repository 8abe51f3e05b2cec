/* mime.c -- writes mails: headers, encodings, parts. */
#include "io/mime.h"
#include "base/clock.h"
#include <stdio.h>
#include <string.h>
#include <unicode/uidna.h>

enum { LINE = 76, FOLD = 78, DOMAIN_BYTES = 254 };

static bool is_plain(const char *text) /* printable ASCII */
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if (*p >= 127 || *p < ' ')
            return false;
    return true;
}

static char clean(char c) { return (unsigned char)c < ' ' || c == 127 ? ' ' : c; }

/* ---- headers ---- */
/* Writes text that is header syntax already, with line breaks at spaces where lines grow long.
 * Returns the column where it ended. */
static size_t put_folded(struct buf *out, size_t column, const char *text)
{
    const char *p = text;

    while (*p != '\0') {
        size_t word = strcspn(p + 1, " \t\r\n") + 1; /* with the space before it, if any */
        if (column + word > FOLD && clean(*p) == ' ' && column > 1) {
            buf_text(out, "\r\n");
            column = 0;
        }
        for (size_t i = 0; i < word; i++)
            buf_char(out, clean(p[i]));
        column += word;
        p += word;
    }
    return column;
}

void mime_put_header(struct buf *out, const char *name, const char *value)
{
    buf_text(out, name);
    buf_text(out, ": ");
    (void)put_folded(out, strlen(name) + 2, value);
    buf_text(out, "\r\n");
}

/* Bytes of `p` that one encoded word takes: whole characters. */
static size_t word_bytes(const char *p, size_t most)
{
    size_t len = strnlen(p, most);

    while (len > 1 && p[len] != '\0' && ((unsigned char)p[len] & 0xC0) == 0x80)
        len--;
    return len;
}

static const char base64_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void base64_group(char out[4], const unsigned char *p, size_t n)
{
    unsigned v = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);

    out[0] = base64_chars[v >> 18];
    out[1] = base64_chars[v >> 12 & 63];
    out[2] = n > 1 ? base64_chars[v >> 6 & 63] : '=';
    out[3] = n > 2 ? base64_chars[v & 63] : '=';
}

static const char hex[] = "0123456789ABCDEF";

/* What stands for itself in an encoded word, also in a name before an address. */
static bool word_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!*+-/", c) != NULL);
}

/* One encoded word of `len` bytes; Q where most is readable, B elsewhere. */
static size_t put_word(struct buf *out, const char *p, size_t len, bool quoted)
{
    size_t before = out->len;

    buf_text(out, quoted ? "=?UTF-8?Q?" : "=?UTF-8?B?");
    for (size_t i = 0; i < len && quoted; i++) {
        unsigned char c = (unsigned char)clean(p[i]);
        if (word_char(c)) {
            buf_char(out, (char)c);
        } else if (c == ' ') {
            buf_char(out, '_');
        } else {
            char x[3] = { '=', hex[c >> 4], hex[c & 15] };
            buf_add(out, x, 3);
        }
    }
    for (size_t i = 0; i < len && !quoted; i += 3) {
        char x[4];
        base64_group(x, (const unsigned char *)p + i, len - i < 3 ? len - i : 3);
        buf_add(out, x, 4);
    }
    buf_text(out, "?=");
    return out->len - before;
}

/* Text as encoded words, a line each. */
static size_t put_words(struct buf *out, size_t column, const char *text)
{
    size_t len = strlen(text), strange = 0;
    bool quoted;

    for (size_t i = 0; i < len; i++)
        strange += (unsigned char)text[i] >= 127;
    quoted = strange * 3 < len;
    while (*text != '\0') {
        size_t room = LINE - 1 - column - 12, wide = 0, n = 0; /* between "=?UTF-8?Q?" and "?=" */
        for (; quoted && text[n] != '\0' && wide + 3 <= room; n++)
            wide += word_char((unsigned char)text[n]) || text[n] == ' ' ? 1 : 3;
        n = word_bytes(text, quoted ? n : room / 4 * 3);
        column += put_word(out, text, n, quoted);
        text += n;
        if (*text != '\0') {
            buf_text(out, "\r\n ");
            column = 1;
        }
    }
    return column;
}

void mime_put_text_header(struct buf *out, const char *name, const char *text)
{
    if (is_plain(text) && strstr(text, "=?") == NULL) {
        mime_put_header(out, name, text);
        return;
    }
    buf_text(out, name);
    buf_text(out, ": ");
    (void)put_words(out, strlen(name) + 2, text);
    buf_text(out, "\r\n");
}

void mime_put_address(struct buf *out, const char *header, const char *name, const char *address)
{
    size_t column = strlen(header) + 2;

    buf_text(out, header);
    buf_text(out, ": ");
    if (!text_empty(name) && is_plain(name) && strstr(name, "=?") == NULL) {
        buf_char(out, '"');
        for (const char *p = name; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\')
                buf_char(out, '\\');
            buf_char(out, *p);
        }
        buf_char(out, '"');
        column += strlen(name) + 2;
    } else if (!text_empty(name)) {
        column = put_words(out, column, name);
    }
    if (!text_empty(name)) {
        buf_text(out, column + strlen(address) + 3 > FOLD ? "\r\n <" : " <");
    } else {
        buf_char(out, '<');
    }
    for (const char *p = address; *p != '\0'; p++)
        buf_char(out, clean(*p));
    buf_text(out, ">\r\n");
}

void mime_put_date(struct buf *out, i64 ms)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    i64 day = ms / MS_DAY, s = ms % MS_DAY / MS_SECOND;
    int y, m, d;

    date_to_ymd(day, &y, &m, &d);
    buf_printf(out, "%s, %d %s %d %02d:%02d:%02d +0000", days[date_weekday(day)], d, months[m - 1],
               y, (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
}

/* ---- bodies ---- */
void mime_put_base64(struct buf *out, struct str bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.p;

    for (size_t i = 0; i < bytes.len;) {
        char line[LINE + 2];
        size_t n = 0;
        for (; n < LINE && i < bytes.len; n += 4, i += 3)
            base64_group(line + n, p + i, bytes.len - i < 3 ? bytes.len - i : 3);
        line[n] = '\r';
        line[n + 1] = '\n';
        buf_add(out, line, n + 2);
    }
}

/* What quoted-printable writes as it is, anywhere in a line. A '.' and an 'F' at a line's beginning
 * are fine here: the dot is doubled on the wire. */
static const unsigned char readable[256] = {
#define R(c) [c] = 1
#define R8(c) R(c), R(c + 1), R(c + 2), R(c + 3), R(c + 4), R(c + 5), R(c + 6), R(c + 7)
    R8(33), R8(41), R8(49), R(57),  R(58),   R(59),   R(60),   R8(62),
    R8(70), R8(78), R8(86), R8(94), R8(102), R8(110), R8(118), R(126),
#undef R8
#undef R
};

void mime_put_quoted(struct buf *out, struct str text)
{
    const unsigned char *p = (const unsigned char *)text.p, *end = p + text.len;
    char line[LINE + 2];
    size_t n = 0;

    while (p < end) {
        bool breaks = *p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n');
        if (breaks) {
            line[n++] = '\r';
            line[n++] = '\n';
            buf_add(out, line, n);
            n = 0;
            p += *p == '\r' ? 2 : 1;
            continue;
        }
        /* A space is itself unless a line ends behind it. */
        bool last = p + 1 == end || p[1] == '\n' || p[1] == '\r';
        bool as_is = readable[*p] || ((*p == ' ' || *p == '\t') && !last);
        size_t wide = as_is ? 1 : 3;
        if (n + wide > LINE - 1 && !(last && n + wide <= LINE)) {
            line[n++] = '=';
            line[n++] = '\r';
            line[n++] = '\n';
            buf_add(out, line, n);
            n = 0;
        }
        if (as_is) {
            line[n++] = (char)*p;
        } else {
            line[n++] = '=';
            line[n++] = hex[*p >> 4];
            line[n++] = hex[*p & 15];
        }
        p++;
    }
    buf_add(out, line, n);
}

/* Text that may go as it is: ASCII, short lines. */
static bool is_seven_bit(const char *text)
{
    size_t line = 0;

    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        line = *p == '\n' ? 0 : line + 1;
        if (*p > 126 || (*p < ' ' && *p != '\n' && *p != '\r' && *p != '\t') || line > FOLD ||
            (*p == '\r' && p[1] != '\n'))
            return false;
    }
    return true;
}

static void put_lines(struct buf *out, const char *text)
{
    for (const char *p = text; *p != '\0';) {
        size_t n = strcspn(p, "\r\n");
        buf_add(out, p, n);
        p += n;
        if (*p == '\r')
            p++;
        if (*p == '\n')
            p++;
        else if (*p == '\0' && n > 0 && p[-1] != '\r')
            break;
        buf_text(out, "\r\n");
    }
}

static void put_text(struct buf *out, const char *subtype, const char *more, const char *text)
{
    bool plain = is_seven_bit(text);

    buf_printf(out,
               "Content-Type: text/%s; charset=utf-8%s\r\nContent-Transfer-Encoding: %s\r\n\r\n",
               subtype, more, plain ? "7bit" : "quoted-printable");
    if (plain)
        put_lines(out, text);
    else
        mime_put_quoted(out, str_from(text));
    if (out->len < 2 || memcmp(out->p + out->len - 2, "\r\n", 2) != 0)
        buf_text(out, "\r\n");
}

/* A file's name in both spellings that mail programs read. */
static void put_name(struct buf *out, const char *name)
{
    if (is_plain(name)) {
        buf_text(out, "; filename=\"");
        for (const char *p = name; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\')
                buf_char(out, '\\');
            buf_char(out, *p);
        }
        buf_char(out, '"');
        return;
    }
    buf_text(out, ";\r\n filename*=UTF-8''");
    for (const unsigned char *p = (const unsigned char *)name; *p != '\0'; p++) {
        char x[3] = { '%', hex[*p >> 4], hex[*p & 15] };
        if (word_char(*p) && *p != '*' && *p != '/')
            buf_char(out, (char)*p);
        else
            buf_add(out, x, 3);
    }
}

static bool is_type(const char *type)
{
    return !text_empty(type) && is_plain(type) && strpbrk(type, " ;\"") == NULL &&
           strchr(type, '/') != NULL;
}

static void put_file(struct buf *out, const struct mime_file *f)
{
    buf_printf(out, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n",
               is_type(f->type) ? f->type : "application/octet-stream");
    buf_text(out, "Content-Disposition: attachment");
    put_name(out, f->name);
    buf_text(out, "\r\n\r\n");
    mime_put_base64(out, f->bytes);
}

static bool is_form(const struct mime_file *f) { return text_empty(f->name); }

static size_t count_forms(const struct mime_mail *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->file_count; i++)
        n += is_form(&m->files[i]);
    return n;
}

/* A further form: its type may carry parameters, which are ours. */
static void put_form(struct buf *out, const struct mime_file *f)
{
    buf_printf(out, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n",
               !text_empty(f->type) && is_plain(f->type) ? f->type : "application/octet-stream");
    mime_put_base64(out, f->bytes);
}

static void put_alternative(struct buf *out, const struct mime_mail *m)
{
    const char *flowed = m->flowed ? "; format=flowed; delsp=no" : "";
    bool text = !text_empty(m->text), html = !text_empty(m->html);
    size_t forms = count_forms(m);
    char boundary[40];

    if (forms == 0 && !html) {
        put_text(out, "plain", flowed, m->text != NULL ? m->text : "");
        return;
    }
    if (forms == 0 && !text) {
        put_text(out, "html", "", m->html);
        return;
    }
    snprintf(boundary, sizeof boundary, "=_a%016llx", (unsigned long long)m->seed);
    buf_printf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary);
    if (text) {
        buf_printf(out, "--%s\r\n", boundary);
        put_text(out, "plain", flowed, m->text);
    }
    if (html) {
        buf_printf(out, "--%s\r\n", boundary);
        put_text(out, "html", "", m->html);
    }
    for (size_t i = 0; i < m->file_count; i++) {
        if (!is_form(&m->files[i]))
            continue;
        buf_printf(out, "--%s\r\n", boundary);
        put_form(out, &m->files[i]);
    }
    buf_printf(out, "--%s--\r\n", boundary);
}

void mime_write(struct buf *out, const struct mime_mail *m)
{
    char boundary[40];

    buf_text(out, "Date: ");
    mime_put_date(out, m->date_ms);
    buf_text(out, "\r\n");
    mime_put_address(out, "From", m->from_name, m->from);
    mime_put_address(out, "To", m->to_name, m->to);
    if (!text_empty(m->reply_to))
        mime_put_address(out, "Reply-To", "", m->reply_to);
    mime_put_text_header(out, "Subject", m->subject != NULL ? m->subject : "");
    if (!text_empty(m->message_id))
        mime_put_header(out, "Message-ID", m->message_id);
    if (!text_empty(m->in_reply_to))
        mime_put_header(out, "In-Reply-To", m->in_reply_to);
    if (!text_empty(m->references))
        mime_put_header(out, "References", m->references);
    for (size_t i = 0; i < m->header_count; i++)
        mime_put_header(out, m->headers[i].name, m->headers[i].value);
    buf_text(out, "MIME-Version: 1.0\r\n");
    if (m->file_count == count_forms(m)) {
        put_alternative(out, m);
        return;
    }
    snprintf(boundary, sizeof boundary, "=_m%016llx", (unsigned long long)m->seed);
    buf_printf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary,
               boundary);
    put_alternative(out, m);
    for (size_t i = 0; i < m->file_count; i++) {
        if (is_form(&m->files[i]))
            continue;
        buf_printf(out, "--%s\r\n", boundary);
        put_file(out, &m->files[i]);
    }
    buf_printf(out, "--%s--\r\n", boundary);
}

/* ---- addresses ---- */
const char *mime_address_ascii(struct arena *a, const char *address, bool *utf8)
{
    const char *at = strrchr(address, '@');
    char domain[DOMAIN_BYTES + 1];
    UErrorCode error = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;

    *utf8 = false;
    if (at == NULL)
        return NULL;
    for (const char *p = address; p < at; p++)
        *utf8 |= (unsigned char)*p > 126;
    if (is_plain(at))
        return address;
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &error);
    int32_t n = U_FAILURE(error)
                    ? 0
                    : uidna_nameToASCII_UTF8(idna, at + 1, -1, domain, DOMAIN_BYTES, &info, &error);
    if (idna != NULL)
        uidna_close(idna);
    if (U_FAILURE(error) || info.errors != 0 || n <= 0 || n > DOMAIN_BYTES)
        return NULL;
    return arena_printf(a, "%.*s@%.*s", (int)(at - address), address, (int)n, domain);
}
