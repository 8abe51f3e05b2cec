/* content_block.c -- the JSON of a mail's blocks: read, checked, and written in one spelling. What
 * is wrong is said with the block's place, so that an editor, an API's caller and an import all
 * know where to look. */
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/filter.h"
#include "mail/content_int.h"

const char *const block_words[BLOCK_KINDS] = {
    [BLOCK_TEXT] = "text",       [BLOCK_IMAGE] = "image",   [BLOCK_BUTTON] = "button",
    [BLOCK_COLUMNS] = "columns", [BLOCK_BOX] = "box",       [BLOCK_DIVIDER] = "divider",
    [BLOCK_SPACER] = "spacer",   [BLOCK_SOCIAL] = "social", [BLOCK_PRODUCT] = "product",
    [BLOCK_IF] = "if",           [BLOCK_HTML] = "html",
};
static const char *const align_words[] = { "left", "center", "right" };

struct block_reader {
    struct ctx *cx;
    int count;
};

#define bad(rd, ...) ctx_fail_field((rd)->cx, "blocks", "mail.block", __VA_ARGS__)

static const char *line_of(struct block_reader *rd, const struct val *json, const char *key)
{
    struct buf b = buf_in(rd->cx->arena, 8000);
    const char *text = val_print(rd->cx->arena, val_get(json, key));

    for (const char *p = text; *p && b.len < 4000; p++)
        if ((u8)*p >= 0x20 && *p != 0x7F)
            buf_char(&b, *p);
        else if (b.len && b.p[b.len - 1] != ' ')
            buf_char(&b, ' ');
    return utf8_cut(rd->cx->arena, str_dup(rd->cx->arena, str_trim((struct str){ b.p, b.len })),
                    4000);
}

/* One of these words; the first when it is not said. */
static enum status read_word(struct block_reader *rd, const struct val *json, const char *key,
                             const char *where, const char *const *words, const char **out)
{
    const char *given = val_get_text(json, key);
    struct buf b = buf_in(rd->cx->arena, 300);

    *out = words[0];
    if (given[0] == '\0')
        return OK;
    for (int i = 0; words[i]; i++) {
        if (text_is(words[i], given)) {
            *out = words[i];
            return OK;
        }
        buf_printf(&b, "%s%s", i ? ", " : "", words[i]);
    }
    return bad(rd, "%s: '%s' is no %s. It knows: %s.", where, utf8_cut(rd->cx->arena, given, 40),
               key, buf_end(&b));
}

static enum status read_align(struct block_reader *rd, const struct val *json, struct block *b)
{
    const char *const words[] = { "left", "center", "right", NULL };
    const char *word;

    TRY(read_word(rd, json, "align", b->where, words, &word));
    for (int i = 0; i < 3; i++)
        if (text_is(align_words[i], word))
            b->align = (enum align)i;
    return OK;
}

/* A web address, or nothing. */
static enum status read_url(struct block_reader *rd, const struct val *json, const char *key,
                            struct block *b, const char **out)
{
    const char *given = line_of(rd, json, key);

    *out = given[0] ? url_clean(rd->cx->arena, given) : "";
    if (*out)
        return OK;
    return bad(rd, "%s: '%s' is no address. It begins with https://, mailto: or tel:.", b->where,
               utf8_cut(rd->cx->arena, given, 80));
}

static enum status read_size(struct block_reader *rd, const struct val *json, const char *key,
                             struct block *b, int least, int most, int otherwise, int *out)
{
    const struct val *v = val_get(json, key);
    i64 n = otherwise;

    if (val_kind_of(v) == VAL_I64)
        n = val_as_i64(v, otherwise);
    else if (val_kind_of(v) == VAL_TEXT && val_as_text(v, "")[0] &&
             !str_i64(str_trim(str_from(val_as_text(v, ""))), &n))
        return bad(rd, "%s: '%s' is no number of pixels.", b->where,
                   utf8_cut(rd->cx->arena, val_as_text(v, ""), 40));
    if (n != otherwise && (n < least || n > most))
        return bad(rd, "%s: %s is from %d to %d pixels.", b->where, key, least, most);
    *out = (int)n;
    return OK;
}

static enum status read_html(struct block_reader *rd, const struct val *json, struct block *b,
                             enum clean_mode mode)
{
    const char *html = val_get_text(json, "html"), *dropped;

    if (strlen(html) > LIMIT_MAIL_HTML_BYTES)
        return bad(rd, "%s: its text has %zu bytes; %d are allowed.", b->where, strlen(html),
                   LIMIT_MAIL_HTML_BYTES);
    if (content_clean(rd->cx, html, mode, &b->html, &dropped) == OK)
        return OK;
    const char *why = rd->cx->error_text;
    ctx_clear_error(rd->cx);
    return bad(rd, "%s: %s", b->where, why);
}

static enum status read_list(struct block_reader *rd, const struct val *json, const char *where,
                             int depth, struct blocks *out);

static enum status read_image(struct block_reader *rd, const struct val *json, struct block *b)
{
    TRY(read_url(rd, json, "src", b, &b->src));
    TRY(read_url(rd, json, "href", b, &b->href));
    TRY(read_size(rd, json, "width", b, 16, CONTENT_WIDTH, 0, &b->width));
    b->alt = line_of(rd, json, "alt");
    b->decorative = val_get_bool(json, "decorative");
    b->wide = val_get_bool(json, "wide");
    return read_align(rd, json, b);
}

static enum status read_button(struct block_reader *rd, const struct val *json, struct block *b)
{
    const char *const styles[] = { "filled", "outline", "link", NULL };

    b->text = line_of(rd, json, "text");
    b->wide = val_get_bool(json, "wide");
    TRY(read_url(rd, json, "href", b, &b->href));
    TRY(read_word(rd, json, "style", b->where, styles, &b->style));
    return read_align(rd, json, b);
}

static enum status read_columns(struct block_reader *rd, const struct val *json, struct block *b,
                                int depth)
{
    const struct val *columns = val_get(json, "columns");

    b->part_count = val_count(columns);
    if (val_kind_of(columns) != VAL_LIST || b->part_count < 2 || b->part_count > 3)
        return bad(rd, "%s: columns are two or three.", b->where);
    for (size_t i = 0; i < b->part_count; i++)
        TRY(read_list(rd, val_get(val_at(columns, i), "blocks"),
                      arena_printf(rd->cx->arena, "%s, column %zu, ", b->where, i + 1), depth + 1,
                      &b->parts[i]));
    return OK;
}

static enum status read_social(struct block_reader *rd, const struct val *json, struct block *b)
{
    const struct val *links = val_get(json, "links");

    TRY(read_align(rd, json, b));
    if (val_count(links) > countof(b->social))
        return bad(rd, "%s: at most %zu links.", b->where, countof(b->social));
    for (size_t i = 0; i < val_count(links); i++) {
        const struct val *one = val_at(links, i);
        const char *url;
        TRY(read_url(rd, one, "url", b, &url));
        if (url[0] == '\0')
            continue;
        b->social[b->social_count].network = line_of(rd, one, "network");
        b->social[b->social_count++].url = url;
    }
    return OK;
}

static enum status read_product(struct block_reader *rd, const struct val *json, struct block *b)
{
    b->name = line_of(rd, json, "name");
    b->price = line_of(rd, json, "price");
    b->text = line_of(rd, json, "text");
    b->button = line_of(rd, json, "button");
    b->alt = line_of(rd, json, "alt");
    TRY(read_url(rd, json, "src", b, &b->src));
    return read_url(rd, json, "href", b, &b->href);
}

static enum status read_if(struct block_reader *rd, const struct val *json, struct block *b,
                           int depth)
{
    struct arena *a = rd->cx->arena;

    b->filter = line_of(rd, json, "filter");
    b->part_count = 2;
    TRY(read_list(rd, val_get(json, "then"), arena_printf(a, "%s, then, ", b->where), depth + 1,
                  &b->parts[0]));
    return read_list(rd, val_get(json, "else"), arena_printf(a, "%s, else, ", b->where), depth + 1,
                     &b->parts[1]);
}

static enum status read_box(struct block_reader *rd, const struct val *json, struct block *b,
                            int depth)
{
    const char *const styles[] = { "soft", "accent", "line", NULL };

    b->part_count = 1;
    b->wide = val_get_bool(json, "wide");
    TRY(read_word(rd, json, "style", b->where, styles, &b->style));
    return read_list(rd, val_get(json, "blocks"), arena_printf(rd->cx->arena, "%s, ", b->where),
                     depth + 1, &b->parts[0]);
}

static enum status read_kind(struct block_reader *rd, const struct val *json, struct block *b,
                             int depth)
{
    const char *const sizes[] = { "normal", "small", "large", NULL };

    switch (b->kind) {
    case BLOCK_TEXT:
        TRY(read_word(rd, json, "size", b->where, sizes, &b->size));
        TRY(read_align(rd, json, b));
        return read_html(rd, json, b, CLEAN_RICH);
    case BLOCK_IMAGE:
        return read_image(rd, json, b);
    case BLOCK_BUTTON:
        return read_button(rd, json, b);
    case BLOCK_COLUMNS:
        return read_columns(rd, json, b, depth);
    case BLOCK_BOX:
        return read_box(rd, json, b, depth);
    case BLOCK_SPACER:
        return read_size(rd, json, "height", b, 4, 200, 24, &b->height);
    case BLOCK_SOCIAL:
        return read_social(rd, json, b);
    case BLOCK_PRODUCT:
        return read_product(rd, json, b);
    case BLOCK_IF:
        return read_if(rd, json, b, depth);
    case BLOCK_HTML:
        return read_html(rd, json, b, CLEAN_HTML);
    case BLOCK_DIVIDER:
    case BLOCK_KINDS:
        break;
    }
    return OK;
}

static enum status read_block(struct block_reader *rd, const struct val *json, const char *where,
                              int depth, struct block *b)
{
    const char *type = val_get_text(json, "type");
    struct buf known = buf_in(rd->cx->arena, 300);

    b->where = where;
    b->kind = BLOCK_KINDS;
    b->html = b->src = b->alt = b->href = b->text = b->name = b->price = b->button = b->filter = "";
    b->size = b->style = "";
    for (int k = 0; k < BLOCK_KINDS; k++) {
        if (text_is(block_words[k], type))
            b->kind = (enum block_kind)k;
        buf_printf(&known, "%s%s", k ? ", " : "", block_words[k]);
    }
    if (val_kind_of(json) != VAL_MAP || b->kind == BLOCK_KINDS)
        return bad(rd, "%s: '%s' is no kind of block. There are: %s.", where,
                   utf8_cut(rd->cx->arena, type, 40), buf_end(&known));
    if (++rd->count > LIMIT_MAIL_BLOCKS)
        return bad(rd, "A mail has at most %d blocks.", LIMIT_MAIL_BLOCKS);
    return read_kind(rd, json, b, depth);
}

static enum status read_list(struct block_reader *rd, const struct val *json, const char *where,
                             int depth, struct blocks *out)
{
    size_t count = val_count(json);

    if (val_is_null(json))
        return OK;
    if (val_kind_of(json) != VAL_LIST)
        return bad(rd, "%sblocks are a list.", where);
    if (depth >= CONTENT_DEPTH)
        return bad(rd, "%sblocks lie at most %d deep in each other.", where, CONTENT_DEPTH);
    if (count > LIMIT_MAIL_BLOCKS)
        return bad(rd, "A mail has at most %d blocks.", LIMIT_MAIL_BLOCKS);
    out->list = NEW_N(rd->cx->arena, struct block, count ? count : 1);
    for (size_t i = 0; i < count; i++)
        TRY(read_block(
            rd, val_at(json, i),
            arena_printf(rd->cx->arena, "%s%s %zu", where, *where ? "block" : "Block", i + 1),
            depth, &out->list[i]));
    out->count = count;
    return OK;
}

enum status content_read(struct ctx *cx, const struct val *json, struct content_doc **out)
{
    const char *const frames[] = { "card", "plain", NULL };
    const char *const headers[] = { "logo", "band", "none", NULL };
    struct block_reader rd = { .cx = cx };
    struct content_doc *doc = NEW(cx->arena, struct content_doc);

    if (val_kind_of(json) != VAL_MAP)
        return bad(&rd, "A mail's blocks are {\"version\": 1, \"blocks\": [...]}.");
    i64 version = val_get_i64(json, "version", CONTENT_VERSION);
    if (version != CONTENT_VERSION)
        return bad(&rd, "These blocks are of version %lld; this program knows version %d.",
                   (long long)version, CONTENT_VERSION);
    TRY(read_word(&rd, json, "frame", "The mail", frames, &doc->frame));
    TRY(read_word(&rd, json, "header", "The mail", headers, &doc->header));
    TRY(read_list(&rd, val_get(json, "blocks"), "", 0, &doc->blocks));
    *out = doc;
    return OK;
}

/* ---- writing ---- */
static void write_list(struct val *list, const struct blocks *blocks);

static void put_set(struct val *map, const char *key, const char *text)
{
    if (text[0])
        val_put_text(map, key, text);
}

static void write_parts(struct val *map, const struct block *b)
{
    if (b->kind == BLOCK_COLUMNS) {
        struct val *columns = val_put_list(map, "columns");
        for (size_t i = 0; i < b->part_count; i++)
            write_list(val_put_list(val_add_map(columns), "blocks"), &b->parts[i]);
    } else if (b->kind == BLOCK_IF) {
        val_put_text(map, "filter", b->filter);
        write_list(val_put_list(map, "then"), &b->parts[0]);
        write_list(val_put_list(map, "else"), &b->parts[1]);
    } else if (b->kind == BLOCK_BOX) {
        write_list(val_put_list(map, "blocks"), &b->parts[0]);
    }
}

static void write_block(struct val *map, const struct block *b)
{
    val_put_text(map, "type", block_words[b->kind]);
    if (b->kind == BLOCK_TEXT || b->kind == BLOCK_HTML)
        val_put_text(map, "html", b->html);
    put_set(map, "size", b->size);
    put_set(map, "name", b->name);
    put_set(map, "price", b->price);
    put_set(map, "text", b->text);
    put_set(map, "button", b->button);
    put_set(map, "src", b->src);
    put_set(map, "alt", b->alt);
    put_set(map, "href", b->href);
    put_set(map, "style", b->style);
    if (b->width)
        val_put_i64(map, "width", b->width);
    if (b->height)
        val_put_i64(map, "height", b->height);
    if (b->align)
        val_put_text(map, "align", align_words[b->align]);
    if (b->wide)
        val_put_bool(map, "wide", true);
    if (b->decorative)
        val_put_bool(map, "decorative", true);
    if (b->social_count) {
        struct val *links = val_put_list(map, "links");
        for (size_t i = 0; i < b->social_count; i++) {
            struct val *one = val_add_map(links);
            val_put_text(one, "network", b->social[i].network);
            val_put_text(one, "url", b->social[i].url);
        }
    }
    write_parts(map, b);
}

static void write_list(struct val *list, const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        write_block(val_add_map(list), &blocks->list[i]);
}

struct val *content_write(struct ctx *cx, const struct content_doc *doc)
{
    struct val *json = val_map(cx->arena);

    val_put_i64(json, "version", CONTENT_VERSION);
    val_put_text(json, "frame", doc->frame);
    val_put_text(json, "header", doc->header);
    write_list(val_put_list(json, "blocks"), &doc->blocks);
    return json;
}

/* ---- conditions ---- */
enum status content_check_filters(struct ctx *cx, const struct blocks *blocks)
{
    const struct record_type *contact = type_find(cx, "contact");

    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *b = &blocks->list[i];
        struct filter *f;
        if (b->kind == BLOCK_IF) {
            struct ctx probe = *cx;
            ctx_clear_error(&probe);
            if (filter_parse(&probe, contact, b->filter, &f) != OK)
                return ctx_fail_field(cx, "blocks", "mail.condition", "%s: %s", b->where,
                                      probe.error_text);
        }
        for (size_t k = 0; k < b->part_count; k++)
            TRY(content_check_filters(cx, &b->parts[k]));
    }
    return OK;
}
