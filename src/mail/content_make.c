/* content_make.c -- a mail as a program: runs of bytes that are the same for everybody, and between
 * them values, links and conditions. Everything that can be decided once is decided here, so that
 * a thousand people cost a thousand copies and little else. */
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/filter.h"
#include "kit/template.h"
#include "mail/content_int.h"

extern const struct template_file mail_snippets[];
extern const size_t mail_snippet_count;

/* ---- making ---- */
static struct op *add_op(struct maker *m, enum op_kind kind)
{
    struct program *p = m->to;

    if (p->count == p->cap) {
        int cap = p->cap ? 2 * p->cap : 64;
        struct op *more = NEW_N(m->cx->arena, struct op, (size_t)cap);
        if (p->count)
            memcpy(more, p->ops, (size_t)p->count * sizeof *more);
        p->ops = more;
        p->cap = cap;
    }
    p->ops[p->count] = (struct op){ .kind = (u8)kind, .bytes = "" };
    return &p->ops[p->count++];
}

void make_bytes(struct maker *m, const char *bytes, size_t len) { buf_add(&m->bytes, bytes, len); }
void make_text(struct maker *m, const char *text) { buf_text(&m->bytes, text); }

void make_flush(struct maker *m)
{
    size_t len = m->bytes.len;

    if (len == 0)
        return;
    struct op *op = add_op(m, OP_BYTES);
    op->bytes = arena_dup(m->cx->arena, m->bytes.p, len);
    op->len = len;
    buf_clear(&m->bytes);
}

/* ---- escaping ---- */
static bool is_plain_in_address(char c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') ||
           memchr("-._~", c, 4) != NULL;
}

/* A value as it may stand in this place. */
static void put_value(struct arena *a, struct buf *out, enum place place, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";

    switch (place) {
    case PLACE_TEXT:
        escape_markup(out, text, strlen(text));
        break;
    case PLACE_PLAIN:
        for (; *text; text++)
            buf_char(out, (u8)*text < 0x20 && *text != '\n' ? ' ' : *text);
        break;
    case PLACE_LINE:
        for (; *text; text++)
            if ((u8)*text < 0x20 || *text == 0x7F)
                buf_char(out, ' ');
            else
                buf_char(out, *text);
        break;
    case PLACE_WHOLE: {
        const char *url = url_clean(a, text);
        if (url && strncmp(url, "{{", 2) != 0)
            buf_text(out, url);
        break;
    }
    case PLACE_PART:
        for (; *text; text++) {
            if (is_plain_in_address(*text)) {
                buf_char(out, *text);
                continue;
            }
            buf_char(out, '%');
            buf_char(out, hex[(u8)*text >> 4]);
            buf_char(out, hex[(u8)*text & 15]);
        }
        break;
    }
}

enum status make_merge(struct maker *m, const char *text, enum place place)
{
    struct merge_text t;

    TRY(merge_read(m->cx, &m->content->slots, m->where, text, &t));
    for (size_t i = 0; i < t.count; i++) {
        const struct merge_part *part = &t.parts[i];
        const struct slot *s = part->slot < 0 ? NULL : &m->content->slots.list[part->slot];
        if (s == NULL) {
            if (place == PLACE_PART || place == PLACE_WHOLE) /* an address, as it was checked */
                make_bytes(m, part->literal.p, part->literal.len);
            else
                put_value(m->cx->arena, &m->bytes, place, str_dup(m->cx->arena, part->literal));
            continue;
        }
        if (s->root == SLOT_FIXED) {
            put_value(m->cx->arena, &m->bytes, place, s->fixed[0] ? s->fixed : part->otherwise);
            continue;
        }
        make_flush(m);
        struct op *op = add_op(m, OP_VALUE);
        struct buf other = buf_in(m->cx->arena, CONTENT_OUT_BYTES);
        put_value(m->cx->arena, &other, place, part->otherwise);
        op->place = (u8)place;
        op->index = part->slot;
        op->bytes = buf_end(&other);
        op->len = other.len;
    }
    return OK;
}

/* ---- links ---- */
/* The address as a program of its own; the same address twice is one link. */
static bool is_own(const struct slots *s, const struct merge_text *t)
{
    enum slot_root root =
        t->count && t->parts[0].slot >= 0 ? s->list[t->parts[0].slot].root : SLOT_CONTACT;

    return root == SLOT_UNSUBSCRIBE || root == SLOT_PREFERENCES || root == SLOT_ARCHIVE;
}

enum status make_link(struct maker *m, const char *url, bool tracked, int *link)
{
    struct content *c = m->content;
    struct program *before = m->to, p = { 0 };
    struct buf bytes = m->bytes;
    struct merge_text t;
    enum status s = OK;

    *link = -1;
    if (url[0] == '\0')
        return OK;
    for (int i = 0; i < c->link_count; i++)
        if (text_is(c->links[i].written, url) && c->links[i].asked == tracked) {
            *link = i;
            return OK;
        }
    TRY(merge_read(m->cx, &c->slots, m->where, url, &t));
    m->to = &p;
    m->bytes = buf_in(m->cx->arena, CONTENT_OUT_BYTES);
    s = t.count && t.parts[0].slot >= 0 ? make_merge(m, url, PLACE_WHOLE)
                                        : make_merge(m, url, PLACE_PART);
    make_flush(m);
    for (int i = 1; i < p.count; i++) /* only what begins an address may be a whole one */
        if (p.ops[i].kind == OP_VALUE)
            p.ops[i].place = PLACE_PART;
    m->to = before;
    m->bytes = bytes;
    TRY(s);
    if (c->link_count == LIMIT_MAIL_LINKS)
        return ctx_fail_field(m->cx, "blocks", "mail.links", "A mail has at most %d links.",
                              LIMIT_MAIL_LINKS);
    if (c->link_count == c->link_cap) {
        int cap = c->link_cap ? 2 * c->link_cap : 16;
        struct content_link *more = NEW_N(m->cx->arena, struct content_link, (size_t)cap);
        if (c->link_count)
            memcpy(more, c->links, (size_t)c->link_count * sizeof *more);
        c->links = more;
        c->link_cap = cap;
    }
    c->links[c->link_count] = (struct content_link){
        .written = url, .url = p, .asked = tracked, .tracked = tracked && !is_own(&c->slots, &t)
    };
    *link = c->link_count++;
    return OK;
}

void make_href(struct maker *m, int link, enum place place)
{
    make_flush(m);
    struct op *op = add_op(m, OP_LINK);
    op->index = link;
    op->place = (u8)place;
}

void make_note(struct maker *m, int link)
{
    make_flush(m);
    add_op(m, OP_NOTE)->index = link;
}

void make_notes(struct maker *m)
{
    make_flush(m);
    add_op(m, OP_NOTES);
}

/* ---- conditions ---- */
int make_if(struct maker *m, const char *filter)
{
    struct content *c = m->content;

    make_flush(m);
    if (c->filter_count == c->filter_cap) {
        int cap = c->filter_cap ? 2 * c->filter_cap : 8;
        const char **more = NEW_N(m->cx->arena, const char *, (size_t)cap);
        if (c->filter_count)
            memcpy(more, c->filters, (size_t)c->filter_count * sizeof *more);
        c->filters = more;
        c->filter_cap = cap;
    }
    c->filters[c->filter_count] = filter;
    add_op(m, OP_IF)->index = c->filter_count++;
    return m->to->count - 1;
}

int make_if_value(struct maker *m, const char *path)
{
    int slot = merge_slot(m->cx, &m->content->slots, path);

    make_flush(m);
    add_op(m, OP_IF_VALUE)->index = slot;
    return m->to->count - 1;
}

int make_else(struct maker *m, int jump)
{
    make_flush(m);
    add_op(m, OP_JUMP);
    m->to->ops[jump].target = m->to->count;
    return m->to->count - 1;
}

void make_end(struct maker *m, int jump)
{
    make_flush(m);
    m->to->ops[jump].target = m->to->count;
}

/* ---- snippets ---- */
/* The text of "== name" in blocks.mail. Ends at the next "== ". */
static struct str snippet_text(const char *name)
{
    for (size_t i = 0; i < mail_snippet_count; i++) {
        struct str rest = str_from(mail_snippets[i].text), line;
        const char *from = NULL;
        while (str_split(&rest, '\n', &line)) {
            bool head = str_starts(line, "== ");
            if (head && from)
                return (struct str){ from, (size_t)(line.p - from) - 1 };
            if (head && str_is((struct str){ line.p + 3, line.len - 3 }, name))
                from = rest.p;
        }
        if (from)
            return str_trim(str_from(from));
    }
    assert(!"a snippet that blocks.mail has not");
    return STR("");
}

/* The brand's look by name: "ink", "dark_ink", "font". */
static bool put_look(struct maker *m, struct str name)
{
    const struct brand *b = m->brand;
    const struct {
        const char *name, *value;
    } looks[] = {
        { "ground", b->light.ground },
        { "card", b->light.card },
        { "ink", b->light.ink },
        { "muted", b->light.muted },
        { "line", b->light.line },
        { "accent", b->light.accent },
        { "link", b->light.link },
        { "accent_ink", b->light.accent_ink },
        { "soft", b->light.soft },
        { "dark_ground", b->dark.ground },
        { "dark_card", b->dark.card },
        { "dark_ink", b->dark.ink },
        { "dark_muted", b->dark.muted },
        { "dark_line", b->dark.line },
        { "dark_accent", b->dark.accent },
        { "dark_link", b->dark.link },
        { "dark_soft", b->dark.soft },
        { "dark_accent_ink", b->dark.accent_ink },
        { "font", b->font },
        { "heading_font", b->heading_font },
    };

    for (size_t i = 0; i < countof(looks); i++)
        if (str_is(name, looks[i].name)) {
            make_text(m, looks[i].value);
            return true;
        }
    if (!str_is(name, "radius"))
        return false;
    buf_i64(&m->bytes, b->radius);
    return true;
}

static enum status put_hole(struct maker *m, struct str name, const struct hole *holes)
{
    for (; holes->name; holes++) {
        if (!str_is(name, holes->name))
            continue;
        if (holes->raw) {
            make_text(m, holes->raw);
            return OK;
        }
        if (holes->text)
            return make_merge(m, holes->text, PLACE_TEXT);
        make_href(m, holes->link - 1, PLACE_TEXT);
        return OK;
    }
    bool known = put_look(m, name);
    assert(known && "a hole in blocks.mail that nobody fills");
    (void)known;
    return OK;
}

enum status make_snippet(struct maker *m, const char *name, const struct hole *holes)
{
    struct str rest = snippet_text(name);

    for (;;) {
        const char *open = memmem(rest.p, rest.len, "[[", 2), *close;
        if (open == NULL)
            break;
        make_bytes(m, rest.p, (size_t)(open - rest.p));
        close = memmem(open, rest.len - (size_t)(open - rest.p), "]]", 2);
        assert(close != NULL);
        TRY(put_hole(m, (struct str){ open + 2, (size_t)(close - open) - 2 }, holes));
        rest.len -= (size_t)(close + 2 - rest.p);
        rest.p = close + 2;
    }
    make_bytes(m, rest.p, rest.len);
    return OK;
}

/* ---- running ---- */
/* The address of a link for this person, through the sender's hands if they want it. */
static enum status link_url(struct filling *f, int link, const char **out)
{
    const char *url = f->links[link];

    if (url == NULL) {
        struct buf b = buf_in(f->cx->arena, CONTENT_OUT_BYTES);
        TRY(program_run(f, &f->content->links[link].url, &b));
        url = url_clean(f->cx->arena, buf_end(&b)); /* also where a field left its begin empty */
        url = url && strncmp(url, "{{", 2) != 0 ? url : "";
        bool web = strncmp(url, "http", 4) == 0 || strncmp(url, "HTTP", 4) == 0;
        if (web && f->who->link && f->content->links[link].tracked) {
            const char *other = f->who->link(f->who->link_arg, url);
            url = other ? other : url;
        }
        f->links[link] = url;
    }
    *out = url;
    return OK;
}

/* "[2]": links are numbered as they are named. */
static void put_note(struct filling *f, int link, struct buf *out)
{
    int n = 0;

    while (n < f->note_count && f->notes[n] != link)
        n++;
    if (n == f->note_count)
        f->notes[f->note_count++] = link;
    buf_printf(out, "[%d]", n + 1);
}

static enum status put_notes(struct filling *f, struct buf *out)
{
    for (int n = 0; n < f->note_count; n++) {
        const char *url;
        TRY(link_url(f, f->notes[n], &url));
        buf_printf(out, "[%d] %s\n", n + 1, url);
    }
    return OK;
}

/* Parsed for each person: a filter's now, and what it remembers, are this moment's. */
static enum status holds(struct filling *f, const char *text, bool *out)
{
    const struct row *contact;
    struct filter *filter;

    *out = false;
    TRY(filling_contact(f, &contact));
    if (contact == NULL)
        return OK;
    TRY(filter_parse(f->cx, row_type(contact), text, &filter));
    return filter_match(f->cx, filter, contact, out);
}

static enum status put_slot(struct filling *f, const struct op *op, struct buf *out)
{
    const char *v;

    TRY(filling_value(f, op->index, &v));
    if (v[0] == '\0')
        buf_add(out, op->bytes, op->len);
    else
        put_value(f->cx->arena, out, (enum place)op->place, v);
    return OK;
}

enum status program_run(struct filling *f, const struct program *p, struct buf *out)
{
    const char *text;
    bool yes;

    for (int i = 0; i < p->count; i++) {
        const struct op *op = &p->ops[i];
        switch ((enum op_kind)op->kind) {
        case OP_BYTES:
            buf_add(out, op->bytes, op->len);
            break;
        case OP_VALUE:
            TRY(put_slot(f, op, out));
            break;
        case OP_LINK:
            TRY(link_url(f, op->index, &text));
            put_value(f->cx->arena, out, (enum place)op->place,
                      text[0] || op->place == PLACE_PLAIN ? text : "#"); /* nothing for this one */
            break;
        case OP_NOTE:
            put_note(f, op->index, out);
            break;
        case OP_NOTES:
            TRY(put_notes(f, out));
            break;
        case OP_IF:
            TRY(holds(f, f->content->filters[op->index], &yes));
            i = yes ? i : op->target - 1;
            break;
        case OP_IF_VALUE:
            TRY(filling_value(f, op->index, &text));
            i = text[0] ? i : op->target - 1;
            break;
        case OP_JUMP:
            i = op->target - 1;
            break;
        }
    }
    return OK;
}

static enum status run_text(struct filling *f, const struct program *p, const char **out)
{
    struct buf b = buf_in(f->cx->arena, CONTENT_OUT_BYTES);

    TRY(program_run(f, p, &b));
    *out = buf_end(&b);
    return buf_status(&b);
}

/* White space at the ends and in runs goes: what is empty leaves no gap. */
static const char *one_line(struct arena *a, const char *text)
{
    struct buf b = buf_in(a, strlen(text) + 1);

    for (const char *p = text; *p; p++)
        if (*p != ' ' || (b.len && b.p[b.len - 1] != ' '))
            buf_char(&b, *p);
    while (b.len && b.p[b.len - 1] == ' ')
        b.len--;
    return buf_end(&b);
}

enum status content_render(struct ctx *cx, const struct content *c, const struct content_for *who,
                           struct content_mail *out)
{
    struct filling f = filling_begin(cx, c, who);
    struct buf html = buf_in(cx->arena, CONTENT_OUT_BYTES);
    const char *text;

    TRY(run_text(&f, &c->subject, &text));
    out->subject = utf8_cut(cx->arena, one_line(cx->arena, text), LIMIT_MAIL_SUBJECT_BYTES);
    TRY(run_text(&f, &c->preview, &text));
    out->preview = one_line(cx->arena, text);
    (void)buf_reserve(&html, c->html_guess);
    TRY(program_run(&f, &c->html, &html));
    out->html = buf_end(&html);
    out->html_bytes = html.len;
    TRY(run_text(&f, &c->text, &text));
    out->text = content_flow(cx->arena, text);
    if (buf_status(&html) != OK)
        return ctx_fail(cx, E_LIMIT, "This mail grows beyond %d bytes.", CONTENT_OUT_BYTES);
    return OK;
}

/* ---- words in other texts ---- */
static enum status compile_text(struct ctx *cx, const char *text, struct content **out)
{
    struct content *c = NEW(cx->arena, struct content);
    struct brand *brand = NEW(cx->arena, struct brand);
    struct maker m = { .cx = cx,
                       .content = c,
                       .brand = brand,
                       .to = &c->text,
                       .where = "",
                       .bytes = buf_in(cx->arena, CONTENT_OUT_BYTES) };

    TRY(brand_read(cx, 0, brand));
    c->slots.brand = brand;
    TRY(make_merge(&m, text, PLACE_PLAIN));
    make_flush(&m);
    *out = c;
    return OK;
}

enum status content_fill_check(struct ctx *cx, const char *text)
{
    struct content *c;

    return compile_text(cx, text, &c);
}

enum status content_fill(struct ctx *cx, const char *text, const struct content_for *who,
                         const char **out)
{
    struct content *c;

    TRY(compile_text(cx, text, &c));
    struct filling f = filling_begin(cx, c, who);
    return run_text(&f, &c->text, out);
}
