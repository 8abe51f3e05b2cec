/* smtp_reply.c -- reads what a mail server answers: lines of a code, '-' or ' ', and text. */
#include "base/utf8.h"
#include "io/smtp.h"
#include <stdio.h>

enum { LINE_MAX = 4096, LINES_MAX = 100 };

static bool digit(char c) { return c >= '0' && c <= '9'; }

/* "5.1.1 text": the status, when it is of the code's class. */
static size_t enhanced(const char *p, size_t len, int code, char out[12])
{
    size_t n = 0, dots = 0;

    if (len < 5 || p[0] - '0' != code / 100 || p[1] != '.')
        return 0;
    while (n < len && n < 11 && (digit(p[n]) || p[n] == '.')) {
        dots += p[n] == '.';
        n++;
    }
    if (dots != 2 || n < 5 || p[n - 1] == '.' || (n < len && p[n] != ' '))
        return 0;
    memcpy(out, p, n);
    out[n] = '\0';
    return n;
}

static void add_text(struct smtp_reply *r, const char *p, size_t len)
{
    size_t have = strlen(r->text);

    while (len > 0 && (p[0] == ' ' || p[0] == '\t')) {
        p++;
        len--;
    }
    if (have > 0 && len > 0 && have + 1 < sizeof r->text)
        r->text[have++] = ' ';
    for (size_t i = 0; i < len && have + 1 < sizeof r->text; i++)
        r->text[have++] = (unsigned char)p[i] < ' ' || p[i] == 127 ? ' ' : p[i];
    r->text[have] = '\0';
}

/* Servers send what they like: what is no UTF-8 becomes question marks. */
static void mend(char *text)
{
    for (;;) {
        size_t good = utf8_valid_bytes(str_from(text));
        if (text[good] == '\0')
            return;
        text[good] = '?';
    }
}

int smtp_reply_take(struct str *in, struct smtp_reply *out)
{
    struct str rest = *in;
    int lines = 0;

    *out = (struct smtp_reply){ 0 };
    for (;;) {
        const char *end = memchr(rest.p, '\n', rest.len);
        if (end == NULL)
            return rest.len > LINE_MAX ? -1 : 0;
        size_t len = (size_t)(end - rest.p);
        const char *line = rest.p;
        rest = (struct str){ end + 1, rest.len - len - 1 };
        if (len > 0 && line[len - 1] == '\r')
            len--;
        if (len < 3 || len > LINE_MAX || ++lines > LINES_MAX || !digit(line[0]) ||
            !digit(line[1]) || !digit(line[2]) || line[0] < '2' || line[0] > '5' ||
            (len > 3 && line[3] != ' ' && line[3] != '-'))
            return -1;
        int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
        if (out->code != 0 && out->code != code)
            return -1;
        out->code = code;
        size_t at = len > 3 ? 4 : 3;
        char status[12];
        size_t n = enhanced(line + at, len - at, code, status);
        if (n > 0 && out->enhanced[0] == '\0')
            memcpy(out->enhanced, status, sizeof status);
        add_text(out, line + at + n, len - at - n);
        if (len == 3 || line[3] == ' ')
            break;
    }
    mend(out->text);
    *in = rest;
    return 1;
}
