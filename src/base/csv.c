/* csv.c -- CSV. libcsv does the state machine; this adds what an import needs and it lacks: line
 * numbers, whole rows, the delimiter found by looking, and an end at the first error. */
#include "base/csv.h"
#include "base/limits.h"
#include <csv.h>

struct reader {
    enum status (*row)(void *arg, const struct csv_row *r);
    void *arg;
    enum status status; /* of the row function, or our own; nothing is called after an error */
    size_t line;        /* the physical line being fed, from 1 */
    size_t start_line;  /* on which the row began */
    bool fresh;         /* no row has begun */
    struct buf bytes;   /* the cells of the row, one after the other, each with a NUL */
    size_t count;
    size_t offset[LIMIT_FIELDS], len[LIMIT_FIELDS];
};

/* The one of , ; tab that is most frequent on the first line outside quotes. */
static char find_delimiter(struct str text)
{
    size_t comma = 0, semicolon = 0, tab = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];
        if (c == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (c == '\n' || c == '\r')
            break;
        comma += c == ',';
        semicolon += c == ';';
        tab += c == '\t';
    }
    if (semicolon > comma && semicolon >= tab)
        return ';';
    return tab > comma ? '\t' : ',';
}

static void on_cell(void *p, size_t len, void *arg)
{
    struct reader *r = arg;

    if (r->status != OK)
        return;
    if (r->count == LIMIT_FIELDS) {
        r->status = E_INVALID;
        return;
    }
    r->offset[r->count] = r->bytes.len;
    r->len[r->count] = len;
    r->count++;
    if (len > 0) /* libcsv passes NULL for an empty cell */
        buf_add(&r->bytes, p, len);
    buf_char(&r->bytes, '\0');
}

static void on_row(int end, void *arg)
{
    struct reader *r = arg;
    struct str cells[LIMIT_FIELDS];

    (void)end;
    if (r->status == OK) {
        for (size_t i = 0; i < r->count; i++)
            cells[i] = (struct str){ r->bytes.p + r->offset[i], r->len[i] };
        struct csv_row row = { .line = r->start_line, .count = r->count, .cells = cells };
        r->status = r->row(r->arg, &row);
    }
    if (r->status == OK) {
        r->count = 0;
        buf_clear(&r->bytes);
        r->fresh = true;
    }
}

/* Length of the physical line at `p`, its end included. */
static size_t line_length(const char *p, size_t left)
{
    for (size_t i = 0; i < left; i++) {
        if (p[i] == '\n')
            return i + 1;
        if (p[i] == '\r')
            return i + 1 < left && p[i + 1] == '\n' ? i + 2 : i + 1;
    }
    return left;
}

/* RFC 4180: spaces are part of a cell. libcsv would trim them. */
static int is_no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static enum status feed(struct csv_parser *parser, struct str text, struct reader *r)
{
    /* Fed by physical lines, because libcsv counts none and cannot be told to stop. */
    while (text.len > 0) {
        size_t len = line_length(text.p, text.len);
        struct str line = { text.p, len };

        text.p += len;
        text.len -= len;
        r->line++;
        if (r->fresh) {
            if (line.p[0] == '\n' || line.p[0] == '\r') /* an empty line is no row */
                continue;
            r->start_line = r->line;
            r->fresh = false;
        }
        if (csv_parse(parser, line.p, len, on_cell, on_row, r) != len)
            return E_INVALID;
        TRY(r->status);
    }
    /* Strict from here on: only the end of the text inside quotes is an error to us. */
    if (csv_set_opts(parser, CSV_STRICT | CSV_STRICT_FINI) != 0 ||
        csv_fini(parser, on_cell, on_row, r) != 0) {
        return E_INVALID;
    }
    return r->status;
}

enum status csv_read(struct str text, enum status (*row)(void *arg, const struct csv_row *r),
                     void *arg, size_t *line)
{
    struct reader r = { .row = row, .arg = arg, .fresh = true };
    struct csv_parser parser;
    const char *nul = text.len == 0 ? NULL : memchr(text.p, '\0', text.len);

    if (nul != NULL) {
        *line = 1;
        for (const char *p = text.p; p < nul; p++) /* up to `nul`, so p[1] is there */
            *line += *p == '\n' || (*p == '\r' && p[1] != '\n');
        return E_INVALID;
    }
    if (csv_init(&parser, 0) != 0)
        return E_IO;
    csv_set_delim(&parser, (unsigned char)find_delimiter(text));
    csv_set_space_func(&parser, is_no_space);
    /* A row is never longer than the text, but for one NUL a cell. */
    r.bytes = buf_new(text.len + LIMIT_FIELDS);
    enum status s = feed(&parser, text, &r);
    csv_free(&parser);
    buf_free(&r.bytes);
    *line = s == OK ? r.line : r.start_line;
    return s;
}

/* A sign and then only digits, points, commas and spaces with an exponent at most: a spreadsheet
 * computes nothing from it that was not there. Keeps -12.50 and +49 30 901820 as they are. */
static bool is_number(const char *s)
{
    bool digits = false;

    if (*s == '-' || *s == '+')
        s++;
    for (; *s != '\0'; s++) {
        if (*s >= '0' && *s <= '9')
            digits = true;
        else if ((*s == 'e' || *s == 'E') && digits)
            return is_number(s + 1) && s[1] != '\0';
        else if (*s != '.' && *s != ',' && *s != ' ')
            return false;
    }
    return digits;
}

static bool at_line_start(const struct buf *b)
{
    /* Cells with a line end are quoted and end in a quote, so a line feed is always a line's
     * end. */
    return b->len == 0 || b->p[b->len - 1] == '\n' ||
           (b->len == 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0);
}

void csv_cell(struct buf *b, const char *text)
{
    bool first = at_line_start(b);
    bool guard = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL && !is_number(text);
    size_t len = strlen(text);

    if (!first)
        buf_char(b, ',');
    /* An empty first cell is quoted, and one that begins like a byte order mark: bare, the next
     * cell could not see that the line has begun. */
    bool quote = (first && (len == 0 || text[0] == '\xef')) ||
                 text[strcspn(text, ",;\t\"\r\n")] != '\0' ||
                 (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));
    if (!quote) {
        if (guard)
            buf_char(b, '\'');
        buf_add(b, text, len);
        return;
    }
    buf_text(b, guard ? "\"'" : "\"");
    for (const char *q; (q = strchr(text, '"')) != NULL; text = q + 1) {
        buf_add(b, text, (size_t)(q - text) + 1);
        buf_char(b, '"');
    }
    buf_text(b, text);
    buf_char(b, '"');
}

void csv_end_line(struct buf *b) { buf_text(b, "\r\n"); }
