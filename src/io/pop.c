/* pop.c -- see pop.h. */
#include "io/pop.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <stdlib.h>

enum { LINE_BYTES = 64 * 1024 };

struct pop {
    struct mail_wire *wire;
};

/* Sends a command and reads the line that answers it. */
static enum status command(struct ctx *cx, struct pop *p, const char *text, struct str *said)
{
    TRY(mail_wire_send(cx, p->wire, str_from(arena_printf(cx->arena, "%s\r\n", text))));
    TRY(mail_wire_line(cx, p->wire, LINE_BYTES, said));
    if (str_starts(*said, "+OK"))
        return OK;
    struct str ok = { said->p, utf8_valid_bytes(*said) };
    return ctx_fail_code(cx, E_UNSUPPORTED, "mail.refused", "The mail server says: %.*s",
                         (int)(ok.len < 300 ? ok.len : 300), ok.p);
}

enum status pop_open(struct ctx *cx, const struct mail_server *s, struct pop **out)
{
    struct mail_wire *wire;

    *out = NULL;
    TRY(mail_wire_open(cx, "pop3", s, &wire));
    *out = calloc(1, sizeof **out);
    assert(*out != NULL);
    (*out)->wire = wire;
    return OK;
}

void pop_close(struct pop *p)
{
    if (p == NULL)
        return;
    mail_wire_close(p->wire);
    free(p);
}

/* The lines of a longer answer, up to the one that is a dot. */
static enum status each_line(struct ctx *cx, struct pop *p, struct str *line)
{
    TRY(mail_wire_line(cx, p->wire, LINE_BYTES, line));
    if (str_is(*line, "."))
        return E_NOT_FOUND;
    if (str_starts(*line, ".")) /* stuffed */
        *line = (struct str){ line->p + 1, line->len - 1 };
    return OK;
}

/* "12 whatever" */
static bool numbered(struct str line, u32 *number, struct str *rest)
{
    struct str first;
    i64 n;

    if (!str_split(&line, ' ', &first) || !str_i64(first, &n) || n < 1 || n > UINT32_MAX)
        return false;
    *number = (u32)n;
    *rest = line;
    return true;
}

enum status pop_list(struct ctx *cx, struct pop *p, struct pop_mail **out, size_t *count)
{
    struct str line, rest;
    size_t cap = 64, n = 0;
    struct pop_mail *list = NEW_N(cx->arena, struct pop_mail, cap);
    enum status s;
    u32 number;
    i64 size;

    TRY(command(cx, p, "UIDL", &line));
    while ((s = each_line(cx, p, &line)) == OK) {
        if (!numbered(line, &number, &rest) || rest.len > 200 || n == POP_MAILS_MAX)
            continue;
        if (n == cap) {
            struct pop_mail *more = NEW_N(cx->arena, struct pop_mail, cap * 2);
            memcpy(more, list, n * sizeof *more);
            list = more;
            cap *= 2;
        }
        list[n++] = (struct pop_mail){ number, 0, str_dup(cx->arena, rest) };
    }
    if (s != E_NOT_FOUND)
        return s;
    TRY(command(cx, p, "LIST", &line));
    for (size_t i = 0; (s = each_line(cx, p, &line)) == OK;) {
        if (!numbered(line, &number, &rest) || !str_i64(rest, &size))
            continue;
        while (i < n && list[i].number < number)
            i++;
        if (i < n && list[i].number == number && size >= 0 && size <= UINT32_MAX)
            list[i].size = (u32)size;
    }
    if (s != E_NOT_FOUND)
        return s;
    *out = list;
    *count = n;
    return OK;
}

enum status pop_fetch(struct ctx *cx, struct pop *p, u32 number, struct str *mail)
{
    struct buf b = buf_in(cx->arena, POP_MAIL_BYTES);
    struct str line;
    enum status s;

    TRY(command(cx, p, arena_printf(cx->arena, "RETR %u", number), &line));
    while ((s = each_line(cx, p, &line)) == OK) {
        buf_str(&b, line);
        buf_text(&b, "\r\n");
    }
    if (s != E_NOT_FOUND)
        return s;
    if (buf_status(&b) != OK)
        return ctx_fail_code(cx, E_TOO_LARGE, "mail.too_large", "A mail is over %d MB.",
                             POP_MAIL_BYTES / 1024 / 1024);
    *mail = (struct str){ b.len ? b.p : "", b.len };
    return OK;
}

enum status pop_remove(struct ctx *cx, struct pop *p, u32 number)
{
    struct str line;

    return command(cx, p, arena_printf(cx->arena, "DELE %u", number), &line);
}

enum status pop_quit(struct ctx *cx, struct pop *p)
{
    struct str line;

    return command(cx, p, "QUIT", &line);
}
