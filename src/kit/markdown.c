/* markdown.c -- md4c reads the marks and says what begins and ends; here each becomes a tag of
 * ours, or its words alone where a tag may not be. */
#include "kit/markdown.h"
#include "base/utf8.h"
#include <md4c.h>
#include <string.h>
#include <strings.h>

enum {
    ADDRESS_BYTES = 2000,
    ID_BYTES = 60,
    HEADING_BYTES = 200,
    FLAGS = MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_TABLES |
            MD_FLAG_NOINDENTEDCODEBLOCKS,
};

struct maker {
    struct arena *arena;
    struct buf html, text;
    struct buf words;      /* of the heading that is read: its id stands before them */
    struct buf *out;       /* html or words */
    size_t heading_begins; /* in text */
    int deep;              /* how many blocks and spans are open */
    int in_image;          /* within a picture's description tags are left out */
    int in_link;           /* and of a link's words nothing is a link */
    bool link_shown, image_shown;
    i64 numbers[MARKDOWN_DEPTH + 1]; /* of the next item of each list, 0: bullets */
    int lists;
    struct markdown_heading headings[MARKDOWN_HEADINGS];
    size_t heading_count;
    const char *image;
};

/* ---- writing ---- */
static void put_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        switch (s.p[i]) {
        case '<':
            buf_text(b, "&lt;");
            break;
        case '>':
            buf_text(b, "&gt;");
            break;
        case '&':
            buf_text(b, "&amp;");
            break;
        case '"':
            buf_text(b, "&quot;");
            break;
        default:
            buf_char(b, s.p[i]);
        }
}

static void put_words(struct maker *m, struct str s)
{
    put_escaped(m->out, s);
    buf_str(&m->text, s);
}

static void end_text_line(struct maker *m)
{
    if (m->text.len > 0 && m->text.p[m->text.len - 1] != '\n')
        buf_char(&m->text, '\n');
}

/* Aborts the reading once there is no room. */
static int gone_well(const struct maker *m)
{
    return buf_status(m->out) == OK && buf_status(&m->text) == OK ? 0 : 1;
}

/* ---- addresses ---- */
static bool begins(struct str s, const char *word)
{
    size_t n = strlen(word);

    return s.len >= n && strncasecmp(s.p, word, n) == 0;
}

/* Without blanks and control characters, and not another site's by way of two slashes. */
static bool address_is_plain(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '\\' || s.p[i] == '<' || s.p[i] == '>')
            return false;
    return s.len > 0 && s.len <= ADDRESS_BYTES && !(s.len > 1 && s.p[0] == '/' && s.p[1] == '/');
}

static bool link_allowed(struct str s)
{
    return address_is_plain(s) &&
           (begins(s, "https://") || begins(s, "http://") || begins(s, "mailto:") ||
            begins(s, "tel:") || s.p[0] == '/' || s.p[0] == '#');
}

static bool image_allowed(struct str s)
{
    return address_is_plain(s) && (begins(s, "https://") || s.p[0] == '/');
}

/* Of what HTML can name only & is read; all else is what it looks like, and so can hide nothing. */
static struct str address_of(struct maker *m, const MD_ATTRIBUTE *from)
{
    struct buf b = buf_in(m->arena, MARKDOWN_OUT_BYTES);

    for (size_t i = 0; i < from->size; i++) {
        struct str rest = { from->text + i, from->size - i };
        buf_char(&b, rest.p[0]);
        if (begins(rest, "&amp;"))
            i += strlen("amp;");
    }
    return str_from(buf_end(&b));
}

/* ---- blocks ---- */
static const char *tag_of(MD_BLOCKTYPE type, const void *detail)
{
    switch (type) {
    case MD_BLOCK_QUOTE:
        return "blockquote";
    case MD_BLOCK_UL:
        return "ul";
    case MD_BLOCK_OL:
        return "ol";
    case MD_BLOCK_LI:
        return "li";
    case MD_BLOCK_H: {
        unsigned level = ((const MD_BLOCK_H_DETAIL *)detail)->level;
        return level <= 2 ? "h2" : level == 3 ? "h3" : "h4";
    }
    case MD_BLOCK_P:
        return "p";
    case MD_BLOCK_TABLE:
        return "table";
    case MD_BLOCK_THEAD:
        return "thead";
    case MD_BLOCK_TBODY:
        return "tbody";
    case MD_BLOCK_TR:
        return "tr";
    case MD_BLOCK_TH:
        return "th";
    case MD_BLOCK_TD:
        return "td";
    case MD_BLOCK_DOC:
    case MD_BLOCK_HR:
    case MD_BLOCK_CODE:
    case MD_BLOCK_HTML:
        break;
    }
    return NULL;
}

static void item_begins(struct maker *m)
{
    i64 *number = &m->numbers[m->lists < MARKDOWN_DEPTH ? m->lists : MARKDOWN_DEPTH];

    end_text_line(m);
    if (*number > 0)
        buf_printf(&m->text, "%lld. ", (long long)(*number)++);
    else
        buf_text(&m->text, "- ");
}

static void list_begins(struct maker *m, i64 number)
{
    end_text_line(m);
    if (++m->lists <= MARKDOWN_DEPTH)
        m->numbers[m->lists] = number;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct maker *m = context;
    const char *tag = tag_of(type, detail);
    bool shown = ++m->deep <= MARKDOWN_DEPTH;
    i64 start = 0;

    switch (type) {
    case MD_BLOCK_HR:
        buf_text(m->out, "<hr>\n");
        return gone_well(m);
    case MD_BLOCK_CODE:
        end_text_line(m);
        buf_text(m->out, "<pre><code>");
        return gone_well(m);
    case MD_BLOCK_H:
        end_text_line(m);
        m->heading_begins = m->text.len;
        m->words = buf_in(m->arena, MARKDOWN_OUT_BYTES);
        m->out = &m->words;
        return gone_well(m);
    case MD_BLOCK_OL:
        start = ((MD_BLOCK_OL_DETAIL *)detail)->start;
        list_begins(m, start > 0 ? start : 1);
        break;
    case MD_BLOCK_UL:
        list_begins(m, 0);
        break;
    case MD_BLOCK_LI:
        item_begins(m);
        break;
    default:
        break;
    }
    if (tag == NULL || !shown)
        return gone_well(m);
    if (type == MD_BLOCK_OL && start != 1)
        buf_printf(m->out, "<ol start=\"%lld\">", (long long)start);
    else
        buf_printf(m->out, "<%s>", tag);
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        buf_char(m->out, '\n');
    return gone_well(m);
}

static const char *heading_id(struct maker *m, const char *text)
{
    const char *slug = utf8_slug(m->arena, text, ID_BYTES);
    const char *id = arena_printf(m->arena, "h-%s", slug);
    int n = 1;

    for (size_t i = 0; i < m->heading_count; i++)
        if (text_is(m->headings[i].id, id)) {
            id = arena_printf(m->arena, "h-%s-%d", slug, ++n);
            i = (size_t)-1; /* from the first on again */
        }
    return id;
}

static void heading_ends(struct maker *m, const char *tag, bool shown)
{
    size_t begin = m->heading_begins;
    const char *text =
        m->text.len > begin ? arena_dup(m->arena, m->text.p + begin, m->text.len - begin) : "";
    const char *words = buf_end(&m->words);

    m->out = &m->html;
    if (!shown) {
        buf_text(&m->html, words);
        return;
    }
    if (m->heading_count < MARKDOWN_HEADINGS) {
        const char *id = heading_id(m, text);
        m->headings[m->heading_count++] =
            (struct markdown_heading){ id, utf8_cut(m->arena, text, HEADING_BYTES), tag[1] - '0' };
        buf_printf(&m->html, "<%s id=\"%s\">", tag, id);
    } else {
        buf_printf(&m->html, "<%s>", tag);
    }
    buf_text(&m->html, words);
    buf_printf(&m->html, "</%s>\n", tag);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct maker *m = context;
    const char *tag = tag_of(type, detail);
    bool shown = m->deep-- <= MARKDOWN_DEPTH;

    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        m->lists--;
    if (type == MD_BLOCK_CODE)
        buf_text(m->out, "</code></pre>\n");
    else if (type == MD_BLOCK_H)
        heading_ends(m, tag, shown);
    else if (tag && shown)
        buf_printf(m->out, type == MD_BLOCK_TH || type == MD_BLOCK_TD ? "</%s>" : "</%s>\n", tag);
    if (type == MD_BLOCK_TH || type == MD_BLOCK_TD)
        buf_char(&m->text, ' ');
    else
        end_text_line(m);
    return gone_well(m);
}

/* ---- what stands in a line ---- */
static void link_begins(struct maker *m, const MD_SPAN_A_DETAIL *a)
{
    struct str address = address_of(m, &a->href);

    if (m->in_link++ > 0)
        return;
    m->link_shown = m->in_image == 0 && link_allowed(address);
    if (!m->link_shown)
        return;
    buf_text(m->out, "<a href=\"");
    put_escaped(m->out, address);
    buf_text(m->out, "\">");
}

static void image_begins(struct maker *m, const MD_SPAN_IMG_DETAIL *image)
{
    struct str address = address_of(m, &image->src);

    if (m->in_image++ > 0)
        return;
    m->image_shown = image_allowed(address);
    if (!m->image_shown)
        return;
    if (begins(address, "https://") && text_empty(m->image))
        m->image = str_dup(m->arena, address);
    buf_text(m->out, "<img src=\"");
    put_escaped(m->out, address);
    buf_text(m->out, "\" alt=\"");
}

static const char *span_tag(MD_SPANTYPE type)
{
    return type == MD_SPAN_EM ? "em" : type == MD_SPAN_STRONG ? "strong" : "code";
}

static int enter_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct maker *m = context;

    m->deep++;
    if (type == MD_SPAN_IMG)
        image_begins(m, detail);
    else if (type == MD_SPAN_A)
        link_begins(m, detail);
    else if (m->in_image == 0 && m->deep <= MARKDOWN_DEPTH * 2)
        buf_printf(m->out, "<%s>", span_tag(type));
    return gone_well(m);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct maker *m = context;
    bool shown = m->deep-- <= MARKDOWN_DEPTH * 2;

    (void)detail;
    if (type == MD_SPAN_IMG) {
        if (--m->in_image == 0 && m->image_shown)
            buf_text(m->out, "\" loading=\"lazy\">");
    } else if (type == MD_SPAN_A) {
        if (--m->in_link == 0 && m->link_shown)
            buf_text(m->out, "</a>");
    } else if (m->in_image == 0 && shown) {
        buf_printf(m->out, "</%s>", span_tag(type));
    }
    return gone_well(m);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct maker *m = context;

    switch (type) {
    case MD_TEXT_BR:
        buf_text(m->out, m->in_image == 0 ? "<br>\n" : " ");
        buf_char(&m->text, '\n');
        break;
    case MD_TEXT_SOFTBR:
        buf_char(m->out, m->in_image == 0 ? '\n' : ' ');
        buf_char(&m->text, ' ');
        break;
    case MD_TEXT_NULLCHAR:
        break;
    default: /* an entity too is the words that stand there: a form of the house knows UTF-8 */
        put_words(m, (struct str){ text, size });
    }
    return gone_well(m);
}

enum status markdown_read(struct arena *a, const char *text, struct markdown *out)
{
    static const MD_PARSER parser = { .flags = FLAGS,
                                      .enter_block = enter_block,
                                      .leave_block = leave_block,
                                      .enter_span = enter_span,
                                      .leave_span = leave_span,
                                      .text = on_text };
    size_t size = strlen(text);
    struct maker *m = NEW(a, struct maker);

    *out = (struct markdown){ .html = "", .text = "", .image = "" };
    if (size > MARKDOWN_BYTES)
        return E_LIMIT;
    m->arena = a;
    m->image = "";
    m->html = buf_in(a, MARKDOWN_OUT_BYTES);
    m->text = buf_in(a, MARKDOWN_OUT_BYTES);
    m->out = &m->html;
    if (md_parse(text, (MD_SIZE)size, &parser, m) != 0)
        return E_LIMIT;
    out->html = buf_end(&m->html);
    out->text = buf_end(&m->text);
    out->headings = m->headings;
    out->heading_count = m->heading_count;
    out->image = m->image;
    return OK;
}
