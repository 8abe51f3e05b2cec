/* template_int.h -- what the parts of the template engine share: the parsed text (nodes), the
 * place in the HTML, and the programs made of both. The way of a template:
 *   template.c files -> sources    template_parse.c source -> nodes
 *   template_compile.c + template_html.c nodes in a place -> program    template_render.c */
#pragma once
#include "base/limits.h"
#include "kit/template.h"
#include <stdatomic.h>

/* ---- parsed text ---- */

/* A name's part, made once in a set: equal parts are equal pointers. */
struct word {
    struct str text;
    struct word *next;
};

struct path {
    u32 count; /* 0: the implicit iterator "." */
    const struct word *words[];
};

enum node_kind {
    NODE_TEXT,
    NODE_VALUE,
    NODE_SECTION,
    NODE_INVERTED,
    NODE_PARTIAL,
    NODE_PARENT,
    NODE_BLOCK,
};

struct node {
    enum node_kind kind;
    int line;
    struct str text;         /* TEXT: what is printed. Others: the name as written */
    const struct path *path; /* VALUE, SECTION, INVERTED */
    struct node *children;   /* PARENT: its blocks. BLOCK: the default, or in a PARENT the text */
    struct node *next;
    /* Indentation; all unset in HTML, where it is not kept. */
    bool line_start;         /* TEXT begins a line; PARTIAL, PARENT, BLOCK begins its line */
    bool alone;              /* PARTIAL, PARENT, BLOCK has its line for itself */
    struct str indent;       /* white space before it on that line */
};

struct program;

/* One named template. */
struct source {
    const char *name;
    const char *file;
    int first_line;
    struct str text;          /* scratch, as are nodes */
    enum template_mode mode;
    struct node *nodes;
    bool broken;              /* did not parse: has been reported */
    bool has_blocks;          /* itself or in what it includes: its programs depend on them */
    struct program *programs; /* one a place and set of blocks it is used with */
    struct program *page;
    struct source *next;      /* while reading; then in set.sources */
    _Atomic bool rendered;
};

/* ---- the place in the HTML ---- */

enum place {
    PLACE_TEXT,
    PLACE_TAG_OPEN,    /* after < */
    PLACE_END_OPEN,    /* after </ */
    PLACE_TAG_NAME,
    PLACE_IN_TAG,      /* an attribute may begin here */
    PLACE_AFTER_VALUE, /* ... after white space */
    PLACE_ATTR_NAME,
    PLACE_AFTER_NAME,
    PLACE_BEFORE_VALUE,
    PLACE_VALUE,       /* in double quotes */
    PLACE_SINGLE,      /* in single quotes */
    PLACE_UNQUOTED,
    PLACE_MARKUP,      /* after <! */
    PLACE_BOGUS,       /* <!doctype, <? */
    PLACE_COMMENT,
    PLACE_RAW,         /* script, style, iframe: no tags */
    PLACE_RCDATA,      /* textarea, title */
    PLACE_JSON,
};
enum element { ELEMENT_OTHER, ELEMENT_SCRIPT, ELEMENT_STYLE, ELEMENT_TEXTAREA, ELEMENT_TITLE,
               ELEMENT_IFRAME, ELEMENT_PRE };
enum attr { ATTR_PLAIN, ATTR_URL, ATTR_SCRIPT_URL, ATTR_TOKEN, ATTR_STYLE, ATTR_SCRIPTISH,
            ATTR_SCRIPT_TYPE, ATTR_FOREIGN };
enum place_flags {
    FLAG_CLOSING = 1,     /* </tag */
    FLAG_JSON = 2,        /* this script's type is JSON */
    FLAG_PRE = 4,         /* inside pre: white space counts */
    FLAG_URL_VALUE = 8,   /* the address so far has, or may have, a value in it */
    FLAG_URL_DECIDED = 16,/* ... and literal text that ends its scheme */
    FLAG_FRESH = 32,      /* right after <textarea> */
    FLAG_IN_STRING = 64,  /* JSON: between quotes */
    FLAG_ESCAPE = 128,    /* JSON: after a backslash */
};
enum { HTML_WORD_MAX = 47 };

/* Unused bytes are zero, so that places compare with memcmp. */
struct html {
    u8 place, element, attr, flags;
    u8 word_len;
    char word[HTML_WORD_MAX]; /* the tag or attribute name, type or scheme being read */
};

/* Reads one byte of literal text. False: *why (static) says what is refused. */
bool html_feed(struct html *h, char c, const char **why);
/* Makes a place in which a section, partial or end may stand: names end here. */
bool html_settle(struct html *h, const char **why);
/* May a value stand here (settled)? Says how it is escaped, and takes it in. */
bool html_value(struct html *h, u8 *escape, const char **why);
/* The place that is both; false when they differ in kind. */
bool html_join(const struct html *a, const struct html *b, struct html *out);
const char *html_where(const struct html *h); /* static: "an attribute value" */
static inline bool html_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}
/* May an address begin with this scheme? */
bool html_scheme_allowed(struct str scheme);

/* ---- programs ---- */

enum op_kind { OP_TEXT, OP_VALUE, OP_SECTION, OP_INVERTED, OP_CHOICE, OP_CALL, OP_INDENT, OP_PUSH,
               OP_POP };
enum escape { ESCAPE_NONE, ESCAPE_TEXT, ESCAPE_ATTR, ESCAPE_URL, ESCAPE_SCRIPT_URL, ESCAPE_TOKEN,
              ESCAPE_TEXTAREA, ESCAPE_JSON };

struct op;

/* Sections side by side that ask for parts of one map: {{#is.text}} .. {{#is.date}} .. When that
 * map has one key, as a value's kind does, only its section need be looked at. */
struct choice {
    const struct path *path; /* "is" */
    u32 count;
    struct choice_case {
        struct str word; /* "date" */
        u32 at;          /* its section */
        u32 space;       /* the white space before it, or 0 */
    } cases[];
};

struct op {
    u8 kind, escape;
    bool shrink; /* TEXT: its first byte is white space, skipped after another. CALL: amid a line */
    u32 len;     /* TEXT, PUSH, POP: bytes */
    u32 end;     /* SECTION, INVERTED: index after its body. CHOICE: after all. */
    i32 mark;    /* TEXT: an address begins this many bytes before its end; or -1 */
    union {
        const char *text;            /* TEXT, PUSH */
        const struct path *path;     /* VALUE, SECTION, INVERTED */
        const struct program *call;
        const struct choice *choice;
    };
};

/* The blocks given to a template: name -> text and the blocks that this text in turn sees. Made
 * once in a compiler, so that equal sets are equal pointers. */
struct given {
    const struct node *block;
    const struct source *source;
    const struct env *env;
};
struct env {
    size_t count;
    struct env *next;
    struct given given[]; /* by name */
};

struct program {
    struct source *source;
    const struct env *env; /* scratch */
    struct html start, end;
    const struct op *ops;
    u32 count;
    bool busy, broken, recursive;
    struct program *next;
};

/* Everything compiled together; immutable afterwards, but for `rendered`. */
struct set {
    struct arena *arena;
    struct arena *scratch;   /* texts, nodes and what else only compiling needs; in a set of files
                              * gone when it is made */
    struct word *words[256];
    struct source **sources; /* by name */
    size_t count;
    bool no_partials;        /* one template of a stranger: it may not even include itself */
};

struct template {
    struct source source;
    struct set set;
};

const struct word *set_word(struct set *s, struct str text);
struct source *set_find(const struct set *s, const char *name, size_t len);

/* Reads the text into nodes. False: one line "file:line: reason" was added to `errors`. */
bool template_parse(struct set *set, struct source *src, struct buf *errors);
/* Compiles every source as a page. Adds a line to `errors` for each that is wrong. */
void template_compile_set(struct set *set, struct buf *errors);
/* Renders a page's program. */
MUST_CHECK enum status template_execute(struct ctx *cx, const struct program *p,
                                        const struct val *page, struct buf *out);
/* Appends a value, escaped. `url_start`: where the attribute begins in `out`. */
void template_escape(struct ctx *cx, struct buf *out, enum escape escape, const struct val *v,
                     size_t url_start);
