/* inbound.c -- see inbound.h. */
#include "service/inbound.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "mail/bounce.h"
#include <string.h>
#include <strings.h>

/* ---- our addresses ---- */

/* "Support+T1-ab@Example.com" -> "support@example.com", and its tag. */
static const char *without_tag(struct arena *a, const char *address, const char **tag)
{
    const char *plus = strchr(address, '+'), *at = strrchr(address, '@');

    *tag = "";
    if (at == NULL || plus == NULL || plus > at)
        return text_lower_ascii(a, address);
    *tag = arena_dup(a, plus + 1, (size_t)(at - plus) - 1);
    return text_lower_ascii(a, arena_printf(a, "%.*s%s", (int)(plus - address), address, at));
}

static bool is_own(struct ctx *cx, const char *address, const char *const *own, size_t count,
                   const char **tag)
{
    const char *plain = without_tag(cx->arena, address, tag);

    for (size_t i = 0; i < count; i++)
        if (text_is(plain, own[i]))
            return true;
    return false;
}

bool inbound_is_own(struct ctx *cx, const char *address, const char *const *own, size_t count)
{
    const char *tag;

    return is_own(cx, address, own, count, &tag);
}

static void add_tag(struct ctx *cx, const char *address, const char *const *own, size_t count,
                    struct inbound *out)
{
    const char *tag;

    if (out->tag_count < INBOUND_TAGS && is_own(cx, address, own, count, &tag) && !text_empty(tag))
        out->tags[out->tag_count++] = tag;
}

/* Every address that it went to, the envelope's first: those are surest. */
static void read_tags(struct ctx *cx, const struct letter *m, const char *const *own, size_t count,
                      struct inbound *out)
{
    static const char *const arrived[] = { "Delivered-To", "X-Original-To", "Envelope-To",
                                           "X-Envelope-To", "X-Delivered-To" };
    const struct letter_people *people[] = { &m->to, &m->cc };

    for (size_t i = 0; i < countof(arrived); i++) {
        struct str value = str_trim(str_from(mime_header(m, arrived[i])));
        if (value.len > 2 && value.p[0] == '<' && value.p[value.len - 1] == '>')
            value = (struct str){ value.p + 1, value.len - 2 };
        add_tag(cx, str_dup(cx->arena, value), own, count, out);
    }
    for (size_t p = 0; p < countof(people); p++)
        for (size_t i = 0; i < people[p]->count; i++)
            add_tag(cx, people[p]->list[i].address, own, count, out);
}

/* Who else got it and may have the answers. */
static void read_cc(struct ctx *cx, const struct letter *m, const char *const *own, size_t count,
                    struct inbound *out)
{
    const struct letter_people *people[] = { &m->to, &m->cc };
    struct buf b = buf_in(cx->arena, INBOUND_CC * 260);
    int found = 0;

    for (size_t p = 0; p < countof(people); p++)
        for (size_t i = 0; i < people[p]->count && found < INBOUND_CC; i++) {
            const char *address = people[p]->list[i].address;
            if (strchr(address, '@') == NULL || strlen(address) > 254 ||
                strcasecmp(address, out->from) == 0 || inbound_is_own(cx, address, own, count))
                continue;
            buf_printf(&b, "%s%s", found++ ? ", " : "", address);
        }
    out->cc = buf_end(&b);
}

/* ---- who wrote ---- */
static void read_from(const struct letter *m, struct inbound *out)
{
    const struct letter_person *who = m->from.count                    ? &m->from.list[0]
                                      : !text_empty(m->sender.address) ? &m->sender
                                      : m->reply_to.count              ? &m->reply_to.list[0]
                                                                       : NULL;

    out->from = who ? who->address : "";
    out->name = who ? who->name : "";
}

/* ---- what it answers ---- */
static void add_id(struct inbound *out, const char *id)
{
    if (text_empty(id) || out->id_count == INBOUND_IDS)
        return;
    for (size_t i = 0; i < out->id_count; i++)
        if (text_is(out->ids[i], id))
            return;
    out->ids[out->id_count++] = id;
}

static void read_ids(struct ctx *cx, const struct letter *m, struct inbound *out)
{
    const char *list[MIME_REFERENCES];
    struct str rest = str_from(m->references), one;
    size_t count = 0;

    add_id(out, m->in_reply_to);
    while (count < MIME_REFERENCES && str_split(&rest, ' ', &one))
        list[count++] = str_dup(cx->arena, one);
    while (count > 0) /* the newest stands last */
        add_id(out, list[--count]);
}

/* "[T-1001]" */
static const char *code_of(struct arena *a, const char *subject)
{
    for (const char *p = subject; (p = strchr(p, '[')) != NULL; p++) {
        size_t n = (p[1] == 'T' || p[1] == 't') && p[2] == '-' ? strspn(p + 3, "0123456789") : 0;
        if (n > 0 && n < 16 && p[3 + n] == ']')
            return arena_printf(a, "T-%.*s", (int)n, p + 3);
    }
    return "";
}

/* ---- what it says ---- */
static bool begins_with_any(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strncasecmp(text, *words, strlen(*words)) == 0)
            return true;
    return false;
}

/* A forward is about what stands below; an answer is about what is new. */
static bool is_answer(const struct letter *m)
{
    static const char *const forwards[] = { "fw:", "fwd:",    "wg:", "tr:", "rv:",
                                            "i:",  "doorst:", "vb:", NULL };
    static const char *const answers[] = { "re:",  "aw:",  "antw:", "sv:", "r:",
                                           "res:", "odp:", "vs:",   NULL };

    if (begins_with_any(m->subject, forwards))
        return false;
    return !text_empty(m->in_reply_to) || !text_empty(m->references) ||
           begins_with_any(m->subject, answers);
}

static bool is_blank(const char *text) { return str_trim(str_from(text)).len == 0; }

static struct str next_line(struct str *rest)
{
    struct str line = { "", 0 };

    (void)str_split(rest, '\n', &line);
    return line;
}

static bool is_quoted(struct str line)
{
    line = str_trim(line);
    return line.len > 0 && line.p[0] == '>';
}

/* Who writes below what they answer: the quote on top and the lines that introduce it are left out.
 * Where answers stand between quotes, all stays. */
static const char *below_quote(struct ctx *cx, const char *text)
{
    struct str rest = str_from(text), before = rest, line = next_line(&rest);
    int introduction = 0;

    while (introduction < 4 && rest.len > 0 && !is_quoted(line)) {
        bool last = str_ends(str_trim(line), ":");
        before = rest;
        line = next_line(&rest);
        introduction++;
        if (last && !is_quoted(line))
            return text;
    }
    if (!is_quoted(line))
        return text;
    while (rest.len > 0 && (is_quoted(line) || str_trim(line).len == 0)) {
        before = rest;
        line = next_line(&rest);
    }
    if (is_quoted(line) || str_trim(before).len == 0)
        return text;
    for (rest = before; rest.len > 0;)
        if (is_quoted(next_line(&rest)))
            return text;
    return str_dup(cx->arena, before);
}

static const char *text_of(struct ctx *cx, const struct letter *m)
{
    const char *text = m->text;

    if (is_answer(m)) {
        const char *fresh = mime_reply_text(cx->arena, text);
        text = below_quote(cx, is_blank(fresh) ? text : fresh);
    }
    text = utf8_cut(cx->arena, str_dup(cx->arena, str_trim(str_from(text))), INBOUND_TEXT_BYTES);
    if (!is_blank(text))
        return text;
    return m->file_count > 0 ? "(The mail has no text, only files.)" : "(The mail is empty.)";
}

/* ---- what it is ---- */

/* A group of our own that passes on what people write to it is no list of others: its name is our
 * address with a dot for the @. */
static bool is_own_list(struct ctx *cx, const char *list_id, const char *const *own, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *at = strchr(own[i], '@');
        if (at && strcasestr(list_id, arena_printf(cx->arena, "<%.*s.%s>", (int)(at - own[i]),
                                                   own[i], at + 1)))
            return true;
    }
    return false;
}

static const char *why_list(struct ctx *cx, const struct letter *m, const char *const *own,
                            size_t count)
{
    static const char *const bulk[] = { "bulk", "list", "junk", NULL };
    const char *list_id = mime_header(m, "List-Id");

    if (!text_empty(list_id))
        return is_own_list(cx, list_id, own, count) ? "" : "it comes from a mailing list";
    if (!text_empty(mime_header(m, "List-Unsubscribe")) || !text_empty(mime_header(m, "List-Post")))
        return "it comes from a mailing list";
    return begins_with_any(mime_header(m, "Precedence"), bulk) ? "it says that it goes to many"
                                                               : "";
}

static void judge(struct ctx *cx, const struct letter *m, const char *const *own, size_t count,
                  struct inbound *out)
{
    struct report reports[REPORTS_IN_MAIL];
    const char *tag, *list;
    size_t n;

    if (bounce_read(cx, m, reports, &n) == OK && n > 0) {
        bool machine = reports[0].kind == REPORT_AUTO_REPLY;
        out->kind = machine ? INBOUND_AUTOMATIC : INBOUND_BOUNCE;
        out->why =
            machine ? "nobody wrote it: it is an automatic mail" : "it is a mail server's report";
        return;
    }
    if (!text_empty(out->from) && is_own(cx, out->from, own, count, &tag)) {
        out->kind = INBOUND_OWN;
        out->why = "it comes from one of our own addresses";
        return;
    }
    list = why_list(cx, m, own, count);
    if (!text_empty(list)) {
        out->kind = INBOUND_LIST;
        out->why = list;
    }
}

void inbound_read(struct ctx *cx, struct str bytes, const char *const *own, size_t own_count,
                  struct inbound *out)
{
    struct letter *m;

    *out = (struct inbound){ .why = "",
                             .from = "",
                             .name = "",
                             .subject = "",
                             .code = "",
                             .cc = "",
                             .text = "(The mail cannot be read.)" };
    if (mime_read(cx, bytes, &m) != OK) {
        out->kind = INBOUND_UNREADABLE;
        out->why = arena_text(cx->arena, cx->error_text);
        ctx_clear_error(cx);
        return;
    }
    out->letter = m;
    out->subject = m->subject;
    out->text = text_of(cx, m);
    read_from(m, out);
    read_ids(cx, m, out);
    read_tags(cx, m, own, own_count, out);
    read_cc(cx, m, own, own_count, out);
    out->code = code_of(cx->arena, m->subject);
    judge(cx, m, own, own_count, out);
}
