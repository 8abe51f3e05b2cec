/* content_text.c -- the same blocks as plain text, for readers without HTML and for filters that
 * distrust mails without it. Paragraphs are lines here; content_flow breaks them for a person's
 * own words, as RFC 3676 says, so that narrow and wide screens both read well. */
#include "base/utf8.h"
#include "mail/content_int.h"

enum { COLUMNS = 72, UNDER_H1 = 1, UNDER_H2 = 2 }; /* marks at the begin of a line */

static enum status text_blocks(struct maker *m, const struct blocks *blocks);

/* ---- text blocks ---- */
struct text_state {
    int link;            /* of the <a> we are in, -1 */
    int item;            /* in <ol>: number of the item; 0: <ul> */
    bool in_list, fresh; /* fresh: at the begin of a line */
};

static void end_paragraph(struct maker *m, struct text_state *s)
{
    if (!s->fresh)
        make_text(m, "\n\n");
    s->fresh = true;
}

static enum status text_open(struct maker *m, const struct markup *t, struct text_state *s)
{
    switch (t->tag) {
    case TAG_A:
        return make_link(m, markup_attr(t, "href"), true, &s->link);
    case TAG_H1:
    case TAG_H2:
    case TAG_H3:
        end_paragraph(m, s);
        make_text(m, t->tag == TAG_H1 ? "\x01" : "\x02");
        break;
    case TAG_UL:
    case TAG_OL:
        end_paragraph(m, s);
        s->item = t->tag == TAG_OL;
        s->in_list = true;
        break;
    case TAG_LI:
        if (!s->fresh)
            make_text(m, "\n");
        make_text(m, s->item ? arena_printf(m->cx->arena, "%d. ", s->item++) : "- ");
        s->fresh = false;
        break;
    case TAG_BR:
        make_text(m, "\n");
        break;
    case TAG_IMG:
        if (markup_attr(t, "alt")[0]) {
            make_text(m, "[");
            TRY(make_merge(m, markup_attr(t, "alt"), PLACE_PLAIN));
            make_text(m, "]");
            s->fresh = false;
        }
        break;
    case TAG_HR:
        end_paragraph(m, s);
        make_text(m, "----\n\n");
        break;
    case TAG_TD:
    case TAG_TH:
        if (!s->fresh)
            make_text(m, "\n");
        s->fresh = true;
        break;
    default:
        break;
    }
    return OK;
}

static void text_close(struct maker *m, const struct markup *t, struct text_state *s)
{
    switch (t->tag) {
    case TAG_A:
        if (s->link >= 0) {
            make_text(m, " ");
            make_note(m, s->link);
        }
        s->link = -1;
        break;
    case TAG_UL:
    case TAG_OL:
        s->in_list = false;
        end_paragraph(m, s);
        break;
    case TAG_P:
    case TAG_H1:
    case TAG_H2:
    case TAG_H3:
    case TAG_DIV:
    case TAG_TABLE:
    case TAG_BLOCKQUOTE:
        end_paragraph(m, s);
        break;
    default:
        break;
    }
}

/* White space of markup means a blank, and none at the begin of a line. */
static enum status text_words(struct maker *m, const char *text, struct text_state *s)
{
    struct buf b = buf_in(m->cx->arena, strlen(text) + 1);
    bool blank = true;

    for (const char *p = text; *p; p++) {
        bool space = *p == ' ' || *p == '\n' || *p == '\r' || *p == '\t';
        if (space && (b.len ? b.p[b.len - 1] == ' ' : s->fresh))
            continue;
        buf_char(&b, space ? ' ' : *p);
        blank &= space;
    }
    if (b.len == 0 || (blank && s->fresh))
        return OK;
    s->fresh = false;
    return make_merge(m, buf_end(&b), PLACE_PLAIN);
}

static enum status text_markup(struct maker *m, const char *html)
{
    struct markup t = markup_begin(m->cx->arena, html);
    struct text_state s = { .link = -1, .fresh = true };

    while (markup_next(&t)) {
        if (t.kind == MARKUP_TEXT)
            TRY(text_words(m, t.text, &s));
        else if (t.kind == MARKUP_OPEN)
            TRY(text_open(m, &t, &s));
        else
            text_close(m, &t, &s);
    }
    end_paragraph(m, &s);
    return OK;
}

/* ---- the others ---- */
/* "Get the guide:" and the address on a line of its own: it can be clicked in any reader. */
static enum status text_link(struct maker *m, const char *text, const char *url, bool tracked)
{
    int link;

    TRY(make_link(m, url, tracked, &link));
    if (text[0] == '\0' || link < 0)
        return OK;
    TRY(make_merge(m, text, PLACE_PLAIN));
    make_text(m, ":\n");
    make_href(m, link, PLACE_PLAIN);
    make_text(m, "\n\n");
    return OK;
}

static enum status text_line(struct maker *m, const char *text)
{
    if (text[0] == '\0')
        return OK;
    TRY(make_merge(m, text, PLACE_PLAIN));
    make_text(m, "\n");
    return OK;
}

static enum status text_image(struct maker *m, const struct block *b)
{
    if (b->alt[0] == '\0' || b->src[0] == '\0')
        return OK;
    if (b->href[0])
        return text_link(m, b->alt, b->href, true);
    make_text(m, "[");
    TRY(make_merge(m, b->alt, PLACE_PLAIN));
    make_text(m, "]\n\n");
    return OK;
}

static enum status text_product(struct maker *m, const struct block *b)
{
    TRY(text_line(m, b->name));
    TRY(text_line(m, b->price));
    TRY(text_line(m, b->text));
    if (b->button[0] && b->href[0])
        return text_link(m, b->button, b->href, true);
    make_text(m, "\n");
    return OK;
}

static enum status text_social(struct maker *m, const struct block *b)
{
    bool own = b->social_count > 0;

    for (size_t i = 0; i < (own ? b->social_count : BRAND_NETWORKS); i++) {
        const char *url = own ? b->social[i].url : m->brand->social[i].url;
        const char *label = own ? b->social[i].network : m->brand->social[i].label;
        int link;
        for (size_t k = 0; own && k < BRAND_NETWORKS; k++)
            if (text_is(m->brand->social[k].network, label))
                label = m->brand->social[k].label;
        if (url[0] == '\0')
            continue;
        TRY(make_link(m, url, true, &link));
        TRY(make_merge(m, label[0] ? label : "Link", PLACE_PLAIN));
        make_text(m, ": ");
        make_href(m, link, PLACE_PLAIN);
        make_text(m, "\n");
    }
    make_text(m, "\n");
    return OK;
}

static enum status text_if(struct maker *m, const struct block *b)
{
    int jump = make_if(m, b->filter);

    TRY(text_blocks(m, &b->parts[0]));
    if (b->parts[1].count) {
        jump = make_else(m, jump);
        TRY(text_blocks(m, &b->parts[1]));
    }
    make_end(m, jump);
    return OK;
}

static enum status text_block(struct maker *m, const struct block *b)
{
    m->where = b->where;
    switch (b->kind) {
    case BLOCK_TEXT:
    case BLOCK_HTML:
        return text_markup(m, b->html);
    case BLOCK_IMAGE:
        return text_image(m, b);
    case BLOCK_BUTTON:
        return text_link(m, b->text, b->href, true);
    case BLOCK_COLUMNS:
    case BLOCK_BOX:
        for (size_t i = 0; i < b->part_count; i++)
            TRY(text_blocks(m, &b->parts[i]));
        return OK;
    case BLOCK_DIVIDER:
        make_text(m, "----\n\n");
        return OK;
    case BLOCK_SOCIAL:
        return text_social(m, b);
    case BLOCK_PRODUCT:
        return text_product(m, b);
    case BLOCK_IF:
        return text_if(m, b);
    case BLOCK_SPACER:
    case BLOCK_KINDS:
        break;
    }
    return OK;
}

static enum status text_blocks(struct maker *m, const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        TRY(text_block(m, &blocks->list[i]));
    return OK;
}

static enum status text_foot_link(struct maker *m, const char *label, const char *path,
                                  const char *url)
{
    int jump = path ? make_if_value(m, path) : -1, link;

    TRY(make_link(m, path ? arena_printf(m->cx->arena, "{{%s}}", path) : url, false, &link));
    if (link >= 0) {
        make_text(m, label);
        make_text(m, ": ");
        make_href(m, link, PLACE_PLAIN);
        make_text(m, "\n");
    }
    if (path)
        make_end(m, jump);
    return OK;
}

static enum status text_footer(struct maker *m)
{
    int jump;

    make_text(m, "--\n");
    TRY(text_line(m, m->brand->name));
    TRY(text_line(m, m->brand->address));
    make_text(m, "\n");
    jump = make_if_value(m, "unsubscribe_url");
    make_text(m, "You receive this because you agreed to hear from ");
    TRY(make_merge(m, m->brand->name, PLACE_PLAIN));
    make_text(m, ".\n");
    make_end(m, jump);
    TRY(text_foot_link(m, "Unsubscribe", "unsubscribe_url", NULL));
    TRY(text_foot_link(m, "Preferences", "preferences_url", NULL));
    TRY(text_foot_link(m, "View in browser", "archive_url", NULL));
    TRY(text_foot_link(m, "Imprint", NULL, m->brand->legal_url));
    return text_foot_link(m, "Privacy", NULL, m->brand->privacy_url);
}

enum status content_make_text(struct maker *m, const struct content_doc *doc)
{
    TRY(text_blocks(m, &doc->blocks));
    make_notes(m);
    make_text(m, "\n");
    return text_footer(m);
}

/* ---- lines ---- */
static size_t columns_of(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((u8)s.p[i] & 0xC0) != 0x80;
    return n;
}

/* A line that would look like a quotation or be eaten on its way gets a blank in front. */
static void stuff(struct buf *b, struct str line)
{
    if (line.len && (line.p[0] == ' ' || line.p[0] == '>' || str_starts(line, "From ")))
        buf_char(b, ' ');
}

static void flow_line(struct buf *b, struct str line)
{
    stuff(b, line);
    while (columns_of(line) > COLUMNS) {
        size_t cut = 0, column = 0;
        for (size_t i = 0; i < line.len; i++) {
            column += ((u8)line.p[i] & 0xC0) != 0x80;
            if (line.p[i] == ' ' && (column <= COLUMNS || cut == 0))
                cut = i + 1;
            if (column > COLUMNS && cut)
                break;
        }
        if (cut <= 6 || cut == line.len) /* "[12] " stays with its address */
            break;
        buf_add(b, line.p, cut); /* the blank at the end says: goes on */
        buf_char(b, '\n');
        line.p += cut;
        line.len -= cut;
        stuff(b, line);
    }
    while (line.len && line.p[line.len - 1] == ' ' && !str_is(line, "-- "))
        line.len--;
    buf_str(b, line);
    buf_char(b, '\n');
}

const char *content_flow(struct arena *a, const char *text)
{
    struct str rest = str_from(text), line;
    struct buf b = buf_in(a, CONTENT_OUT_BYTES);
    int empty = 2; /* no empty line at the begin, never two together */

    while (str_split(&rest, '\n', &line)) {
        char mark = line.len ? line.p[0] : 0;
        if (mark == UNDER_H1 || mark == UNDER_H2) {
            line.p++;
            line.len--;
        }
        struct str words = str_trim(line);
        if (words.len == 0) {
            if (empty++ == 0)
                buf_char(&b, '\n');
            continue;
        }
        empty = 0;
        flow_line(&b, words);
        if (mark == UNDER_H1 || mark == UNDER_H2) {
            size_t n = columns_of(words);
            for (size_t i = 0; i < (n < COLUMNS ? n : COLUMNS); i++)
                buf_char(&b, mark == UNDER_H1 ? '=' : '-');
            buf_char(&b, '\n');
        }
    }
    return buf_end(&b);
}
