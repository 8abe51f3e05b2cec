/* mime_read.c -- see mime_read.h. */
#include "io/mime_read.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <ctype.h>
#include <gmime/gmime.h>
#include <pthread.h>
#include <strings.h>

struct walk {
    struct ctx *cx;
    struct letter *mail;
    struct buf text, html;
    bool real_html; /* a part was HTML: not only made from text */
    int parts;
    size_t file_bytes;
};

static void start_gmime(void) { g_mime_init(); }

/* Valid UTF-8 without NUL and without control characters but tab and line ends; what is none is
 * U+FFFD. In arena. */
static char *clean(struct arena *a, struct str s, size_t max, bool *cut)
{
    struct buf b = buf_in(a, max + 8);

    while (s.len > 0 && b.len < max) {
        size_t ok = utf8_valid_bytes(s), i = 0;
        if (ok > max - b.len) {
            ok = max - b.len;
            while (ok > 0 && ((u8)s.p[ok] & 0xc0) == 0x80)
                ok--;
            s.len = ok;
            if (cut)
                *cut = true;
        }
        for (; i < ok; i++)
            if ((u8)s.p[i] >= ' ' || s.p[i] == '\n' || s.p[i] == '\t')
                buf_char(&b, s.p[i]);
        s = (struct str){ s.p + ok, s.len - ok };
        if (s.len > 0) { /* a byte that is none */
            if (*s.p != '\0' && b.len + 3 <= max)
                buf_text(&b, "\xef\xbf\xbd");
            s = (struct str){ s.p + 1, s.len - 1 };
        }
    }
    if (s.len > 0 && cut)
        *cut = true;
    return arena_text(a, buf_end(&b));
}

static char *clean_line(struct arena *a, const char *text, size_t max)
{
    char *line;

    if (text == NULL)
        return arena_text(a, "");
    line = clean(a, str_from(text), max, NULL);
    for (char *p = line; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    return str_dup(a, str_trim(str_from(line)));
}

const char *mime_ids(struct arena *a, const char *value)
{
    struct buf b = buf_in(a, MIME_REFERENCES * 256);
    int count = 0;

    for (const char *p = value; (p = strchr(p, '<')) != NULL && count < MIME_REFERENCES;) {
        size_t len = strcspn(p + 1, "<> \t\r\n");
        if (p[1 + len] == '>' && len > 0 && len < 250) {
            if (count++ > 0)
                buf_char(&b, ' ');
            buf_add(&b, p + 1, len);
        }
        p += 1 + len;
    }
    return arena_text(a, buf_end(&b));
}

/* A message id that forgot its brackets counts too. */
static const char *one_id(struct arena *a, const char *value)
{
    const char *ids = mime_ids(a, value);
    struct str rest = str_from(ids), one;

    if (str_split(&rest, ' ', &one))
        return str_dup(a, one);
    one = str_trim(str_from(value));
    return one.len > 2 && one.len < 250 && memchr(one.p, '@', one.len) &&
                   !memchr(one.p, ' ', one.len) && !memchr(one.p, '<', one.len)
               ? str_dup(a, one)
               : "";
}

/* ---- headers ---- */

const char *mime_header(const struct letter *m, const char *name)
{
    for (size_t i = 0; i < m->header_count; i++)
        if (strcasecmp(m->headers[i].name, name) == 0)
            return m->headers[i].value;
    return "";
}

const char *mime_field(struct arena *a, const char *lines, const char *name)
{
    size_t len = strlen(name);
    const char *p = lines;

    for (; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
        if (strncasecmp(p, name, len) != 0 || p[len] != ':')
            continue;
        struct buf b = buf_in(a, 4000);
        for (p += len + 1;; p++) {
            size_t n = strcspn(p, "\r\n");
            struct str part = str_trim((struct str){ p, n < 1500 ? n : 1500 });
            if (b.len > 0)
                buf_char(&b, ' ');
            buf_str(&b, part);
            p += n;
            p += *p == '\r';
            if (*p != '\n' || (p[1] != ' ' && p[1] != '\t'))
                break;
        }
        return arena_text(a, buf_end(&b));
    }
    return "";
}

static void read_people(struct arena *a, InternetAddressList *list, struct letter_people *out)
{
    int count = list ? internet_address_list_length(list) : 0;

    for (int i = 0; i < count && out->count < MIME_PEOPLE; i++) {
        InternetAddress *one = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(one)) {
            read_people(a, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), out);
            continue;
        }
        if (!INTERNET_ADDRESS_IS_MAILBOX(one))
            continue;
        const char *address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
        if (address == NULL || strlen(address) > 320 || strchr(address, '@') == NULL)
            continue;
        if (out->list == NULL)
            out->list = NEW_N(a, struct letter_person, MIME_PEOPLE);
        out->list[out->count].name = clean_line(a, internet_address_get_name(one), 200);
        out->list[out->count++].address = text_lower_ascii(a, clean_line(a, address, 320));
    }
}

static void read_headers(struct arena *a, GMimeMessage *message, struct letter *m)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    int count = g_mime_header_list_get_count(list);

    m->headers = NEW_N(a, struct letter_header, MIME_HEADERS);
    for (int i = 0; i < count && m->header_count < MIME_HEADERS; i++) {
        GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
        struct letter_header *to = &m->headers[m->header_count++];
        to->name = clean_line(a, g_mime_header_get_name(h), 100);
        to->value = clean_line(a, g_mime_header_get_value(h), 4000);
    }
}

static void read_head(struct arena *a, GMimeMessage *message, struct letter *m)
{
    static const struct {
        GMimeAddressType type;
        size_t at;
    } lists[] = {
        { GMIME_ADDRESS_TYPE_FROM, offsetof(struct letter, from) },
        { GMIME_ADDRESS_TYPE_TO, offsetof(struct letter, to) },
        { GMIME_ADDRESS_TYPE_CC, offsetof(struct letter, cc) },
        { GMIME_ADDRESS_TYPE_BCC, offsetof(struct letter, bcc) },
        { GMIME_ADDRESS_TYPE_REPLY_TO, offsetof(struct letter, reply_to) },
    };
    struct letter_people sender = { 0 };
    GDateTime *date = g_mime_message_get_date(message);

    read_headers(a, message, m);
    for (size_t i = 0; i < countof(lists); i++)
        read_people(a, g_mime_message_get_addresses(message, lists[i].type),
                    (struct letter_people *)((char *)m + lists[i].at));
    read_people(a, g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_SENDER), &sender);
    m->sender = sender.count ? sender.list[0] : (struct letter_person){ "", "" };
    m->subject = clean_line(a, g_mime_message_get_subject(message), 998);
    m->message_id = one_id(a, mime_header(m, "Message-ID"));
    m->in_reply_to = one_id(a, mime_header(m, "In-Reply-To"));
    m->references = mime_ids(a, mime_header(m, "References"));
    m->date_ms = TIME_NONE;
    if (date) {
        i64 seconds = g_date_time_to_unix(date);
        if (seconds > 0 && seconds < INT64_C(253402300800))
            m->date_ms = seconds * 1000;
    }
}

/* ---- parts ---- */

/* A part's content, decoded; in arena. */
static struct str content_of(struct walk *w, GMimePart *part, size_t max)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *mem;
    GByteArray *bytes;
    struct str out = { "", 0 };

    if (content == NULL)
        return out;
    mem = g_mime_stream_mem_new();
    if (g_mime_data_wrapper_write_to_stream(content, mem) >= 0) {
        bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
        if (bytes->len > max)
            w->mail->cut = true;
        out.len = bytes->len < max ? bytes->len : max;
        out.p = arena_dup(w->cx->arena, (const char *)bytes->data, out.len);
    }
    g_object_unref(mem);
    return out;
}

static const char *unfold_flowed(struct arena *a, const char *text, bool del_space)
{
    struct buf b = buf_in(a, strlen(text) * 2 + 64);
    int depth = 0;
    bool open = false; /* the line before goes on */

    for (const char *p = text; *p;) {
        size_t len = strcspn(p, "\n");
        struct str line = { p, len };
        int quotes = 0;
        p += len + (p[len] == '\n');
        if (line.len && line.p[line.len - 1] == '\r')
            line.len--;
        while (line.len && *line.p == '>') {
            quotes++;
            line = (struct str){ line.p + 1, line.len - 1 };
        }
        if (line.len && *line.p == ' ')
            line = (struct str){ line.p + 1, line.len - 1 };
        bool signature = str_is(line, "-- "), flowed = line.len && line.p[line.len - 1] == ' ';
        if (!open || quotes != depth || signature) {
            if (b.len > 0)
                buf_char(&b, '\n');
            for (int i = 0; i < quotes && i < 50; i++)
                buf_char(&b, '>');
            if (quotes)
                buf_char(&b, ' ');
        }
        depth = quotes;
        open = flowed && !signature;
        if (open && del_space)
            line.len--;
        buf_str(&b, line);
    }
    buf_char(&b, '\n');
    return buf_end(&b);
}

/* A text part in UTF-8. */
static char *text_of(struct walk *w, GMimePart *part, size_t max)
{
    struct arena *a = w->cx->arena;
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    const char *charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset"),
               *format = g_mime_content_type_get_parameter(type, "format"),
               *del_space = g_mime_content_type_get_parameter(type, "delsp");
    struct str raw = content_of(w, part, max * 4);
    char *text;

    if (charset && charset[0] && strcasecmp(charset, "utf-8") != 0 &&
        strcasecmp(charset, "us-ascii") != 0) {
        size_t read = 0, written = 0;
        char *utf8 =
            g_convert_with_fallback(raw.p, (gssize)raw.len, "UTF-8",
                                    g_mime_charset_iconv_name(charset), "?", &read, &written, NULL);
        if (utf8) {
            raw = (struct str){ arena_dup(a, utf8, written), written };
            g_free(utf8);
        }
    }
    if (!utf8_valid(raw)) { /* what old programs meant */
        struct str guess;
        size_t ok = utf8_valid_bytes(raw);
        if (ok < raw.len && memchr(raw.p, 0, raw.len) == NULL &&
            utf8_from_bytes(a, raw, &guess) == OK)
            raw = guess;
    }
    text = clean(a, raw, max, &w->mail->cut);
    if (format && strcasecmp(format, "flowed") == 0)
        text = (char *)unfold_flowed(a, text, del_space && strcasecmp(del_space, "yes") == 0);
    return text;
}

static void add_escaped(struct buf *b, const char *text)
{
    buf_text(b, "<pre>");
    for (; *text; text++) {
        if (*text == '<')
            buf_text(b, "&lt;");
        else if (*text == '&')
            buf_text(b, "&amp;");
        else
            buf_char(b, *text);
    }
    buf_text(b, "</pre>");
}

static void add_text(struct buf *b, const char *text)
{
    if (b->len > 0 && b->p[b->len - 1] != '\n')
        buf_char(b, '\n');
    buf_text(b, text);
}

static void add_file(struct walk *w, GMimeObject *object, struct str bytes, const char *name,
                     bool inside)
{
    struct letter *m = w->mail;
    struct arena *a = w->cx->arena;
    GMimeContentType *type = g_mime_object_get_content_type(object);
    const char *id = g_mime_object_get_content_id(object);

    if (m->file_count == MIME_FILES) {
        m->cut = true;
        return;
    }
    if (m->files == NULL)
        m->files = NEW_N(a, struct letter_file, MIME_FILES);
    name = clean_line(a, name, 200);
    for (const char *slash; (slash = strpbrk(name, "/\\")) != NULL;)
        name = slash + 1;
    m->files[m->file_count++] = (struct letter_file){
        .name = text_empty(name) ? "unnamed" : name,
        .type = text_lower_ascii(
            a, clean_line(a,
                          arena_printf(a, "%s/%s", g_mime_content_type_get_media_type(type),
                                       g_mime_content_type_get_media_subtype(type)),
                          100)),
        .content_id = clean_line(a, id, 200),
        .inside = inside,
        .bytes = bytes,
    };
}

static bool type_is(GMimeObject *o, const char *type, const char *subtype)
{
    return g_mime_content_type_is_type(g_mime_object_get_content_type(o), type, subtype);
}

static void walk_part(struct walk *w, GMimePart *part, bool choice, bool related)
{
    struct arena *a = w->cx->arena;
    GMimeObject *o = GMIME_OBJECT(part);
    const char *name = g_mime_part_get_filename(part);
    const char *disposition = g_mime_object_get_disposition(o);
    bool attached = disposition && strcasecmp(disposition, "attachment") == 0;

    if (type_is(o, "message", "delivery-status") || type_is(o, "message", "feedback-report") ||
        type_is(o, "message", "disposition-notification")) {
        w->mail->report = text_of(w, part, MIME_TEXT_BYTES);
        return;
    }
    if (type_is(o, "text", "rfc822-headers") && !text_empty(w->mail->report_type)) {
        w->mail->returned = text_of(w, part, MIME_TEXT_BYTES);
        return;
    }
    if (!attached && type_is(o, "text", "plain") && (text_empty(name) || !related)) {
        const char *text = text_of(w, part, MIME_TEXT_BYTES);
        add_text(&w->text, text);
        if (!choice)
            add_escaped(&w->html, text);
        return;
    }
    if (!attached && type_is(o, "text", "html")) {
        const char *html = text_of(w, part, MIME_HTML_BYTES);
        w->real_html = true;
        buf_text(&w->html, html);
        if (!choice)
            add_text(&w->text, html_to_text(a, str_from(html), MIME_TEXT_BYTES));
        return;
    }
    if (type_is(o, "application", "pgp-signature") ||
        type_is(o, "application", "pkcs7-signature") ||
        type_is(o, "application", "x-pkcs7-signature"))
        return;
    struct str bytes = content_of(w, part, MIME_BYTES - w->file_bytes);
    w->file_bytes += bytes.len;
    add_file(w, o, bytes, name, related && !attached && g_mime_object_get_content_id(o));
}

/* A mail within the mail: what a report gives back, or a forwarded one. */
static void walk_message(struct walk *w, GMimeMessagePart *part)
{
    GMimeMessage *message = g_mime_message_part_get_message(part);
    struct arena *a = w->cx->arena;

    if (message == NULL)
        return;
    if (!text_empty(w->mail->report_type)) {
        char *lines = g_mime_object_get_headers(GMIME_OBJECT(message), NULL);
        w->mail->returned = clean(a, str_from(lines), MIME_TEXT_BYTES, &w->mail->cut);
        g_free(lines);
        return;
    }
    char *whole = g_mime_object_to_string(GMIME_OBJECT(message), NULL);
    size_t len = strlen(whole);
    if (len > MIME_BYTES - w->file_bytes) {
        len = MIME_BYTES - w->file_bytes;
        w->mail->cut = true;
    }
    w->file_bytes += len;
    const char *subject = clean_line(a, g_mime_message_get_subject(message), 100);
    add_file(w, GMIME_OBJECT(part), (struct str){ arena_dup(a, whole, len), len },
             arena_printf(a, "%s.eml", text_empty(subject) ? "mail" : subject), false);
    g_free(whole);
}

static void walk_object(struct walk *w, GMimeObject *o, int depth, bool choice, bool related)
{
    if (++w->parts > MIME_PARTS || depth > MIME_DEPTH) {
        w->mail->cut = true;
        return;
    }
    if (GMIME_IS_MULTIPART(o)) {
        bool alternative = type_is(o, "multipart", "alternative");
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(o));
        size_t text = w->text.len, html = w->html.len;
        if (type_is(o, "multipart", "report") && text_empty(w->mail->report_type))
            w->mail->report_type = text_lower_ascii(
                w->cx->arena,
                clean_line(w->cx->arena, g_mime_object_get_content_type_parameter(o, "report-type"),
                           60));
        for (int i = 0; i < count; i++)
            walk_object(w, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1,
                        choice || alternative, related || type_is(o, "multipart", "related"));
        if (alternative && !choice && w->text.len == text && w->html.len > html)
            add_text(&w->text, html_to_text(w->cx->arena,
                                            (struct str){ w->html.p + html, w->html.len - html },
                                            MIME_TEXT_BYTES));
        else if (alternative && !choice && w->html.len == html && w->text.len > text)
            add_escaped(&w->html, arena_dup(w->cx->arena, w->text.p + text, w->text.len - text));
    } else if (GMIME_IS_MESSAGE_PART(o)) {
        walk_message(w, GMIME_MESSAGE_PART(o));
    } else if (GMIME_IS_PART(o)) {
        walk_part(w, GMIME_PART(o), choice, related);
    }
}

/* Every multipart boundary is looked for on every line: a mail of nothing but boundaries would take
 * hours. */
static bool is_maze(struct str s)
{
    int count = 0;

    for (const char *p = s.p; (p = memmem(p, s.len - (size_t)(p - s.p), "oundary", 7)); p += 7)
        if (++count > MIME_PARTS * 2)
            return true;
    return false;
}

enum status mime_read(struct ctx *cx, struct str bytes, struct letter **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct letter *m = NEW(cx->arena, struct letter);
    struct walk w = { .cx = cx, .mail = m };

    pthread_once(&once, start_gmime);
    if (bytes.len > MIME_BYTES) {
        bytes.len = MIME_BYTES;
        m->cut = true;
    }
    if (is_maze(bytes))
        return ctx_fail_code(cx, E_LIMIT, "mail.maze", "The mail has too many parts to be read.");
    w.text = buf_in(cx->arena, MIME_TEXT_BYTES * 2);
    w.html = buf_in(cx->arena, MIME_HTML_BYTES * 2);
    m->text = m->html = m->report_type = m->report = m->returned = "";

    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes.p, bytes.len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    if (message == NULL)
        return ctx_fail_code(cx, E_INVALID, "mail.unreadable", "This is no mail.");
    read_head(cx->arena, message, m);
    if (g_mime_message_get_mime_part(message))
        walk_object(&w, g_mime_message_get_mime_part(message), 0, false, false);
    g_object_unref(message);
    m->text = utf8_cut(cx->arena, buf_end(&w.text), MIME_TEXT_BYTES);
    if (w.real_html)
        m->html = utf8_cut(cx->arena, buf_end(&w.html), MIME_HTML_BYTES);
    m->cut |= w.text.failed || w.html.failed;
    *out = m;
    return OK;
}
