/* content_int.h -- what the files of a mail's content share.
 *
 *   content_clean.c   markup that strangers write -> markup of ours: a strict allow-list
 *   content_merge.c   {{...}}: reading, finding the field, the value for one person
 *   content_block.c   the JSON of the blocks -> blocks, checked; and back
 *   content_make.c    programs: bytes, values, links, conditions; running them
 *   content_html.c    blocks -> the program that makes HTML; content_text.c: plain text
 *   content_check.c   what a mail filter or a reader would stumble over
 *   content.c         the record; content_edit.c its editor; content_library.c ready-made ones */
#pragma once
#include "base/buf.h"
#include "bridge/brand.h"
#include "mail/content.h"

enum {
    CONTENT_VERSION = 1,      /* of the blocks' JSON */
    CONTENT_DEPTH = 4,        /* blocks in blocks */
    CONTENT_WIDTH = 600,      /* pixels */
    CONTENT_CLIP_BYTES = 102 * 1024, /* Gmail cuts off what is longer */
    CONTENT_OUT_BYTES = 1024 * 1024, /* ceiling of one rendering */
    CONTENT_SUBJECT_BYTES = 250,
    MERGE_PATH_BYTES = 120,
    MERGE_HOPS = 4,
};

/* ---- content_clean.c ---- */
enum tag {
    TAG_NONE, TAG_A, TAG_B, TAG_BLOCKQUOTE, TAG_BR, TAG_CENTER, TAG_DIV, TAG_EM, TAG_H1, TAG_H2,
    TAG_H3, TAG_HR, TAG_IMG, TAG_LI, TAG_OL, TAG_P, TAG_S, TAG_SMALL, TAG_SPAN, TAG_STRONG, TAG_SUB,
    TAG_SUP, TAG_TABLE, TAG_TBODY, TAG_TD, TAG_TFOOT, TAG_TH, TAG_THEAD, TAG_TR, TAG_U, TAG_UL,
    TAG_COUNT
};
enum clean_mode {
    CLEAN_RICH, /* p h1 h2 h3 ul ol li, strong em u s a br: what the text block's toolbar makes */
    CLEAN_HTML, /* also tables, images, div and span with a few styles */
};
/* The same text in markup of ours: known tags only, balanced, each attribute checked, everything
 * else escaped. Never fails on what is written; E_LIMIT: over LIMIT_MAIL_HTML_BYTES or nested too
 * deep. `dropped` (may be NULL) names the first thing that was left out, "" for nothing. Cleaning
 * what was cleaned changes nothing. */
MUST_CHECK enum status content_clean(struct ctx *cx, const char *html, enum clean_mode mode,
                                     const char **out, const char **dropped);

/* Reads markup that content_clean made. */
enum markup_kind { MARKUP_END, MARKUP_TEXT, MARKUP_OPEN, MARKUP_CLOSE };
struct markup_attr {
    const char *name, *value; /* value decoded */
};
enum { MARKUP_ATTRS = 16 };
struct markup {
    struct arena *arena;
    const char *at;
    enum markup_kind kind;
    enum tag tag;
    const char *text; /* decoded */
    struct markup_attr attrs[MARKUP_ATTRS];
    int attr_count;
};
struct markup markup_begin(struct arena *a, const char *html);
bool markup_next(struct markup *m); /* false at the end */
const char *markup_attr(const struct markup *m, const char *name); /* "" when absent */
const char *tag_name(enum tag tag);
bool tag_is_void(enum tag tag);
/* An address that a mail may have: http, https, mailto, tel, or one that begins with {{. Trimmed,
 * in arena; NULL: none. */
const char *url_clean(struct arena *a, const char *url);
/* Adds text with & < > " escaped. */
void escape_markup(struct buf *b, const char *text, size_t len);

/* ---- content_merge.c ---- */
/* A text with fields in it, read. */
struct merge_part {
    struct str literal;    /* when slot < 0 */
    int slot;              /* of the content's slots */
    const char *otherwise; /* for the slot */
};
struct merge_text {
    struct merge_part *parts;
    size_t count;
};
enum slot_root { SLOT_CONTACT, SLOT_DEAL, SLOT_TICKET, SLOT_OWNER, SLOT_SENDER_NAME,
                 SLOT_SENDER_ADDRESS, SLOT_DATA, SLOT_UNSUBSCRIBE,
                 SLOT_PREFERENCES, SLOT_ARCHIVE, SLOT_PIXEL, SLOT_TRAP,
                 SLOT_FIXED };
struct slot {
    const char *path; /* as written */
    enum slot_root root;
    int hops[MERGE_HOPS]; /* reference fields, one after the other */
    int hop_count;
    const struct record_type *types[MERGE_HOPS + 1]; /* before each hop, and the last */
    int field;        /* of the last type; -1: its title, -2: its id */
    struct str *keys; /* SLOT_DATA: where in the tree */
    int key_count;
    const char *fixed; /* SLOT_FIXED: the brand's words */
};
struct slots {
    struct slot *list;
    int count, cap;
    const struct brand *brand;
};
/* Reads a text's {{...}}. E_INVALID: "where" (may be "") begins the message, which names the
 * unknown field and the nearest one. */
MUST_CHECK enum status merge_read(struct ctx *cx, struct slots *s, const char *where,
                                  const char *text, struct merge_text *out);
/* The slot of a path that the program itself asks for. */
int merge_slot(struct ctx *cx, struct slots *s, const char *path);
/* Whether a text has {{ at all. */
bool merge_has(const char *text);
/* What can be put into a mail: list of {path, label, group}. */
struct val *merge_menu(struct ctx *cx);


/* ---- content_block.c ---- */
enum block_kind { BLOCK_TEXT, BLOCK_IMAGE, BLOCK_BUTTON, BLOCK_COLUMNS, BLOCK_BOX, BLOCK_DIVIDER,
                  BLOCK_SPACER, BLOCK_SOCIAL, BLOCK_PRODUCT, BLOCK_IF, BLOCK_HTML, BLOCK_KINDS };
enum align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT };
struct block;
struct blocks {
    struct block *list;
    size_t count;
};
struct block {
    enum block_kind kind;
    const char *where; /* "block 3", for messages */
    enum align align;
    const char *html;  /* text, html: clean */
    const char *size;  /* text: small normal large */
    const char *src, *alt, *href; /* image, product; button */
    int width, height; /* image: pixels, 0 as wide as there is room; spacer: height */
    bool decorative;   /* image: says nothing, so alt may be empty */
    const char *text;  /* button, product's words */
    const char *name, *price, *button; /* product */
    const char *style; /* button: filled outline link; box: soft accent line */
    bool wide;         /* button: over the whole width; box: to the edges; image likewise */
    const char *filter;       /* if */
    struct blocks parts[3];   /* columns; if: then, else; box: the first */
    size_t part_count;
    struct {
        const char *network, *url;
    } social[8]; /* none: those of the brand */
    size_t social_count;
};
/* How the whole is framed. */
struct content_doc {
    const char *frame;  /* card plain */
    const char *header; /* logo band none */
    struct blocks blocks;
};
extern const char *const block_words[BLOCK_KINDS];
/* Reads {"version":1,"frame":..,"header":..,"blocks":[..]}. E_INVALID names the block and what is
 * wrong with it, E_LIMIT what there is too much of; both as errors of the field "blocks". */
MUST_CHECK enum status content_read(struct ctx *cx, const struct val *json,
                                    struct content_doc **out);
/* The same as JSON, in one spelling. In arena. */
struct val *content_write(struct ctx *cx, const struct content_doc *doc);
/* Conditions are checked as filters over contacts. */
MUST_CHECK enum status content_check_filters(struct ctx *cx, const struct blocks *blocks);

/* ---- content_make.c ---- */
enum place { /* where a value stands, so how it is escaped */
    PLACE_TEXT,  /* HTML text and quoted attributes */
    PLACE_PLAIN, /* plain text: no control characters */
    PLACE_LINE,  /* a header: one line */
    PLACE_WHOLE, /* the begin of an address: only what url_clean lets through */
    PLACE_PART,  /* a part of one: percent-encoded */
};
enum op_kind { OP_BYTES, OP_VALUE, OP_LINK, OP_NOTE, OP_NOTES, OP_IF, OP_IF_VALUE, OP_JUMP };
struct op {
    u8 kind, place;
    int index;  /* slot, link, condition */
    int target; /* of jumps */
    const char *bytes;
    size_t len;
};
struct program {
    struct op *ops;
    int count, cap;
};
struct content_link {
    const char *written; /* as in the blocks */
    struct program url;
    bool asked, tracked; /* not so: pictures, unsubscribe and its like */
};
struct content {
    struct slots slots;
    struct program subject, preview, html, text;
    struct content_link *links;
    int link_count, link_cap;
    const char **filters;
    int filter_count, filter_cap;
    size_t html_guess;
};
/* The values for one person, as far as they were asked for. */
enum { FILLING_SEEN = 12 };
struct filling {
    struct ctx *cx;
    const struct content *content;
    const struct content_for *who;
    const char **values, **links; /* NULL: not asked for yet */
    int *notes, note_count;       /* links that the text part has named, in their order */
    struct {
        const struct record_type *type;
        i64 id;
        const struct row *row;
    } seen[FILLING_SEEN];
    int seen_count;
};
struct filling filling_begin(struct ctx *cx, const struct content *c,
                             const struct content_for *who);
MUST_CHECK enum status filling_value(struct filling *f, int slot, const char **out);
MUST_CHECK enum status filling_contact(struct filling *f, const struct row **out);
/* Runs a program: appends what it says for this person. */
MUST_CHECK enum status program_run(struct filling *f, const struct program *p, struct buf *out);
/* What content_html.c and content_text.c write into. */
struct maker {
    struct ctx *cx;
    struct content *content;
    const struct brand *brand;
    struct program *to;
    struct buf bytes; /* not yet an op */
    const char *where; /* for messages: "Block 3" */
};
void make_bytes(struct maker *m, const char *bytes, size_t len);
void make_text(struct maker *m, const char *text); /* as it is */
void make_flush(struct maker *m);
/* A text with {{...}} in it, escaped for the place, words and values alike. */
MUST_CHECK enum status make_merge(struct maker *m, const char *text, enum place place);
/* The number of a link; -1: the address is empty. The same address is the same link. `tracked`: the
 * sender's hands may change it; pictures and the foot's links are not. */
MUST_CHECK enum status make_link(struct maker *m, const char *url, bool tracked, int *link);
void make_href(struct maker *m, int link, enum place place);
void make_note(struct maker *m, int link); /* " [3]", and its address at make_notes */
void make_notes(struct maker *m);
/* What follows counts only when the condition holds; the number is for make_else and make_end. */
int make_if(struct maker *m, const char *filter);
int make_if_value(struct maker *m, const char *path);
int make_else(struct maker *m, int jump);
void make_end(struct maker *m, int jump);
/* Adds one of the snippets of blocks.mail: {{name}} is looked up in the holes, then among the
 * brand's colours and fonts. Ended by a hole without a name. */
struct hole {
    const char *name;
    const char *raw;  /* ours: put as it is */
    const char *text; /* theirs: with {{...}}, escaped */
    int link;         /* when raw and text are NULL: a link + 1 */
};
MUST_CHECK enum status make_snippet(struct maker *m, const char *name, const struct hole *holes);
#define HOLES(...) ((const struct hole[]){ __VA_ARGS__, { NULL, NULL, NULL, 0 } })
#define NO_HOLES ((const struct hole[]){ { NULL, NULL, NULL, 0 } })

MUST_CHECK enum status content_make_html(struct maker *m, const struct content_doc *doc,
                                         const char *subject, const char *preview);
MUST_CHECK enum status content_make_text(struct maker *m, const struct content_doc *doc);
/* Lines of at most 72 columns, soft ones ending in a blank. In arena. */
const char *content_flow(struct arena *a, const char *text);
/* Compiles what is not (yet) a record. */
MUST_CHECK enum status content_compile_parts(struct ctx *cx, i64 brand_id, const char *subject,
                                             const char *preview, const char *blocks,
                                             struct content **out);

/* ---- content.c ---- */
/* What is being edited: {subject, preview, blocks}. Without a draft, what is published. */
const struct val *content_draft(struct ctx *cx, const struct row *r);
/* Puts a draft into the row, clean and checked; the caller saves. */
MUST_CHECK enum status content_set_draft(struct ctx *cx, struct row *r, const struct val *draft);
/* The draft becomes what goes out, and is saved. E_INVALID: what is missing. */
MUST_CHECK enum status content_publish(struct ctx *cx, struct row *r);

/* ---- content_check.c ---- */
/* Advice, worst first: list of {level (bad warn note good), tone, word, title, detail, good}; *bad:
 * how many should be mended. */
struct val *content_check(struct ctx *cx, const struct row *r, const struct content_doc *doc,
                          const struct content *c, const struct content_mail *m, int *bad);

/* ---- content_library.c ---- */
struct library_mail {
    const char *slug;
    const struct val *json; /* name, about, subject, preview, purpose, blocks */
};
/* The ready-made mails, in their order. In arena. */
size_t library_read(struct ctx *cx, const struct library_mail **out);
