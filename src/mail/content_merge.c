/* content_merge.c -- {{contact.first_name|there}}: reading it, finding the field it means, and the
 * words for one person. A field that does not exist is found when the mail is saved, not when ten
 * thousand people read "Dear ,". */
#include "base/id.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/show.h"
#include "mail/content_int.h"

enum { FIELD_TITLE = -1, FIELD_ID = -2, DISTANCE_WORD = 40 };

/* ---- the nearest word ---- */
static int distance(const char *x, const char *y)
{
    int row[DISTANCE_WORD + 1];
    size_t n = strlen(x), m = strlen(y);

    if (n > DISTANCE_WORD || m > DISTANCE_WORD)
        return DISTANCE_WORD;
    for (size_t j = 0; j <= m; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int corner = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int up = row[j], least = corner + (x[i - 1] != y[j - 1]);
            least = up + 1 < least ? up + 1 : least;
            least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
            corner = up;
            row[j] = least;
        }
    }
    return row[m];
}

struct nearest {
    const char *to, *word;
    int least;
};

static void nearer(struct nearest *n, const char *word)
{
    int d = distance(n->to, word);

    if (n->word == NULL || d < n->least) {
        n->word = word;
        n->least = d;
    }
}

/* ---- fields ---- */
/* References lead on; the rest can be said in words. */
static bool can_be_said(const struct field *f)
{
    return !(f->flags & INTERNAL) && f->kind != FIELD_JSON && f->kind != FIELD_SECRET;
}

static const char *const brand_words[] = { "name", "website", "address", "about" };

static const char *brand_word(const struct brand *b, size_t i)
{
    const char *const values[] = { b->name, b->website, b->address, b->about };

    return values[i];
}

static enum status unknown(struct ctx *cx, const char *where, const char *path, const char *name,
                           struct nearest *n, const char *of, const char *prefix)
{
    const char *mean =
        n->word ? arena_printf(cx->arena, " The nearest is {{%s%s}}.", prefix, n->word) : "";

    return ctx_fail_code(cx, E_INVALID, "mail.unknown_field", "%s%s{{%s}}: %s has no field '%s'.%s",
                         where, where[0] ? ": " : "", path, of, name, mean);
}

/* The rest of a path, from a type on. */
static enum status find_field(struct ctx *cx, const char *where, struct slot *s,
                              const struct record_type *t, struct str rest)
{
    struct str name;

    s->types[s->hop_count] = t;
    while (str_split(&rest, '.', &name)) {
        const char *word = str_dup(cx->arena, name);
        const char *prefix = arena_printf(cx->arena, "%.*s", (int)(name.p - s->path), s->path);
        int field = type_field(t, word);
        bool last = rest.len == 0;

        if (field >= 0 && !can_be_said(&t->fields[field]))
            field = -1;
        if (field < 0 && last && (text_is(word, "name") || text_is(word, "id"))) {
            s->field = text_is(word, "name") ? FIELD_TITLE : FIELD_ID;
            return OK;
        }
        if (field < 0) {
            struct nearest n = { .to = word };
            for (int i = 0; i < t->field_count; i++)
                if (can_be_said(&t->fields[i]))
                    nearer(&n, t->fields[i].name);
            nearer(&n, "name");
            return unknown(cx, where, s->path, word, &n,
                           arena_printf(cx->arena, "a %s", text_in_sentence(cx->arena, t->label)),
                           prefix);
        }
        if (last) {
            s->field = field;
            return OK;
        }
        const struct record_type *to =
            t->fields[field].kind == FIELD_REF ? type_find(cx, t->fields[field].ref) : NULL;
        if (to == NULL)
            return ctx_fail_code(cx, E_INVALID, "mail.not_a_reference",
                                 "%s%s{{%s}}: '%s' leads to no other record.", where,
                                 where[0] ? ": " : "", s->path, word);
        if (access_scope(cx->access, to->name, VERB_READ) == SCOPE_NONE)
            return ctx_fail_code(cx, E_INVALID, "mail.unknown_field",
                                 "%s%s{{%s}}: '%s' leads to records that you may not see.", where,
                                 where[0] ? ": " : "", s->path, word);
        if (s->hop_count == MERGE_HOPS)
            return ctx_fail_code(cx, E_INVALID, "mail.path_too_long",
                                 "%s%s{{%s}} leads over more than %d records.", where,
                                 where[0] ? ": " : "", s->path, MERGE_HOPS);
        s->hops[s->hop_count++] = field;
        s->types[s->hop_count] = t = to;
    }
    return ctx_fail_code(cx, E_INVALID, "mail.path", "%s%s{{%s}} ends in a point.", where,
                         where[0] ? ": " : "", s->path);
}

static enum status find_data(struct ctx *cx, struct slot *s, struct str rest)
{
    struct str name;
    int count = 1;

    for (size_t i = 0; i < rest.len; i++)
        count += rest.p[i] == '.';
    s->root = SLOT_DATA;
    s->keys = NEW_N(cx->arena, struct str, (size_t)count);
    while (str_split(&rest, '.', &name))
        s->keys[s->key_count++] = name;
    return OK;
}

/* Words that stand alone. */
static const struct {
    const char *path;
    enum slot_root root;
} lone[] = {
    { "unsubscribe_url", SLOT_UNSUBSCRIBE },
    { "preferences_url", SLOT_PREFERENCES },
    { "archive_url", SLOT_ARCHIVE },
    { "sender.name", SLOT_SENDER_NAME },
    { "sender.address", SLOT_SENDER_ADDRESS },
    { "pixel_url", SLOT_PIXEL }, /* ours alone: not offered */
    { "trap_url", SLOT_TRAP },   /* likewise */
};

static enum status find_brand(struct ctx *cx, const char *where, struct slot *s,
                              const struct brand *b, struct str name)
{
    struct nearest n = { .to = str_dup(cx->arena, name) };

    s->root = SLOT_FIXED;
    for (size_t i = 0; i < countof(brand_words); i++) {
        if (b && str_is(name, brand_words[i])) {
            s->fixed = brand_word(b, i);
            return OK;
        }
        nearer(&n, brand_words[i]);
    }
    return unknown(cx, where, s->path, n.to, &n, "the brand", "brand.");
}

static const struct {
    const char *word, *type;
    enum slot_root root;
} records[] = { { "deal", "deal", SLOT_DEAL },
                { "ticket", "ticket", SLOT_TICKET },
                { "owner", "user", SLOT_OWNER } };

/* {{contact.company_id.name}}, {{company.name}}, {{deal.amount}}, {{owner.name}} ... */
static enum status find_slot(struct ctx *cx, struct slots *all, const char *where, struct slot *s)
{
    static const char *const roots[] = { "contact",         "company",    "deal",
                                         "ticket",          "owner",      "sender",
                                         "brand",           "data",       "unsubscribe_url",
                                         "preferences_url", "archive_url" };
    struct str rest = str_from(s->path), root;
    struct nearest n = { .to = "" };
    const struct record_type *contact = type_find(cx, "contact");

    for (size_t i = 0; i < countof(lone); i++)
        if (text_is(lone[i].path, s->path)) {
            s->root = lone[i].root;
            return OK;
        }
    if (!str_split(&rest, '.', &root))
        return ctx_fail_code(cx, E_INVALID, "mail.empty_field", "%s%s{{}} names no field.", where,
                             where[0] ? ": " : "");
    if (str_is(root, "contact"))
        return find_field(cx, where, s, contact, rest);
    if (str_is(root, "company")) {
        const char *through = arena_printf(cx->arena, "company_id.%.*s", (int)rest.len, rest.p);
        s->path = arena_printf(cx->arena, "contact.%s", through);
        return find_field(cx, where, s, contact, str_from(s->path + strlen("contact.")));
    }
    for (size_t i = 0; i < countof(records); i++) {
        const struct record_type *t = type_find(cx, records[i].type);
        if (t == NULL || !str_is(root, records[i].word))
            continue;
        s->root = records[i].root;
        return find_field(cx, where, s, t, rest);
    }
    if (str_is(root, "brand"))
        return find_brand(cx, where, s, all->brand, rest);
    if (str_is(root, "data") && rest.len)
        return find_data(cx, s, rest);
    n.to = s->path;
    if (str_is(root, "sender")) {
        nearer(&n, "sender.name");
        nearer(&n, "sender.address");
        return unknown(cx, where, s->path, str_dup(cx->arena, rest), &n, "a sender", "");
    }
    /* A field of the contact without its root is the usual slip. */
    const char *name = str_dup(cx->arena, root);
    if (rest.len == 0 && type_field(contact, name) >= 0)
        return ctx_fail_code(cx, E_INVALID, "mail.unknown_field",
                             "%s%s{{%s}}: say whose. You mean {{contact.%s}}.", where,
                             where[0] ? ": " : "", s->path, name);
    n.to = name;
    for (size_t i = 0; i < countof(roots); i++)
        nearer(&n, roots[i]);
    return ctx_fail_code(cx, E_INVALID, "mail.unknown_field",
                         "%s%s{{%s}}: there is no '%s' here. The nearest is '%s'.", where,
                         where[0] ? ": " : "", s->path, name, n.word);
}

static bool path_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

static enum status slot_of(struct ctx *cx, struct slots *all, const char *where, struct str path,
                           int *slot)
{
    struct slot s = { 0 };

    for (size_t i = 0; i < path.len; i++)
        if (!path_char(path.p[i]))
            return ctx_fail_code(cx, E_INVALID, "mail.path",
                                 "%s%s{{%s}}: a field is letters, digits, _ and points, such as "
                                 "{{contact.first_name}}.",
                                 where, where[0] ? ": " : "",
                                 utf8_cut(cx->arena, str_dup(cx->arena, path), 60));
    if (path.len > MERGE_PATH_BYTES)
        return ctx_fail_code(cx, E_INVALID, "mail.path", "%s%sA field in {{ }} is too long.", where,
                             where[0] ? ": " : "");
    for (int i = 0; i < all->count; i++)
        if (str_is(path, all->list[i].path)) {
            *slot = i;
            return OK;
        }
    s.path = str_dup(cx->arena, path);
    TRY(find_slot(cx, all, where, &s));
    s.path = str_dup(cx->arena, path); /* as it was written */
    if (all->count == LIMIT_MAIL_FIELDS)
        return ctx_fail(cx, E_LIMIT, "This mail has more than %d different fields.",
                        LIMIT_MAIL_FIELDS);
    if (all->count == all->cap) {
        int cap = all->cap ? 2 * all->cap : 16;
        struct slot *more = NEW_N(cx->arena, struct slot, (size_t)cap);
        if (all->count)
            memcpy(more, all->list, (size_t)all->count * sizeof *more);
        all->list = more;
        all->cap = cap;
    }
    *slot = all->count;
    all->list[all->count++] = s;
    return OK;
}

int merge_slot(struct ctx *cx, struct slots *s, const char *path)
{
    int slot = 0;
    enum status known = slot_of(cx, s, "", str_from(path), &slot);

    assert(known == OK); /* the program's own words */
    (void)known;
    return slot;
}

/* ---- texts ---- */
bool merge_has(const char *text) { return strstr(text, "{{") != NULL; }

enum status merge_read(struct ctx *cx, struct slots *s, const char *where, const char *text,
                       struct merge_text *out)
{
    size_t most = 1;

    for (const char *p = text; (p = strstr(p, "{{")) != NULL; p += 2)
        most += 2;
    *out = (struct merge_text){ .parts = NEW_N(cx->arena, struct merge_part, most) };
    for (;;) {
        const char *open = strstr(text, "{{"), *close;
        struct str inner, path;
        struct merge_part *part;

        if (open == NULL)
            break;
        if (open > text)
            out->parts[out->count++] =
                (struct merge_part){ { text, (size_t)(open - text) }, -1, "" };
        close = strstr(open + 2, "}}");
        if (close == NULL)
            return ctx_fail_code(cx, E_INVALID, "mail.unclosed",
                                 "%s%s'%s' opens a field, but no }} closes it.", where,
                                 where[0] ? ": " : "", utf8_cut(cx->arena, open, 40));
        inner = (struct str){ open + 2, (size_t)(close - open) - 2 };
        const char *bar = memchr(inner.p, '|', inner.len);
        path = str_trim((struct str){ inner.p, bar ? (size_t)(bar - inner.p) : inner.len });
        part = &out->parts[out->count++];
        *part = (struct merge_part){ .otherwise = "" };
        if (bar) {
            struct str other = { bar + 1, (size_t)(inner.p + inner.len - bar) - 1 };
            part->otherwise = str_dup(cx->arena, str_trim(other));
        }
        TRY(slot_of(cx, s, where, path, &part->slot));
        text = close + 2;
    }
    if (text[0])
        out->parts[out->count++] = (struct merge_part){ { text, strlen(text) }, -1, "" };
    return OK;
}

/* ---- for one person ---- */
struct filling filling_begin(struct ctx *cx, const struct content *c, const struct content_for *who)
{
    return (struct filling){ .cx = cx,
                             .content = c,
                             .who = who,
                             .values = NEW_N(cx->arena, const char *, (size_t)c->slots.count + 1),
                             .links = NEW_N(cx->arena, const char *, (size_t)c->link_count + 1),
                             .notes = NEW_N(cx->arena, int, (size_t)c->link_count + 1) };
}

/* A record, once a mail. NULL: there is none that may be seen. */
static enum status read_row(struct filling *f, const struct record_type *t, i64 id,
                            const struct row **out)
{
    struct ctx probe = *f->cx;
    struct row *r = NULL;

    *out = NULL;
    if (id == 0 || t == NULL)
        return OK;
    for (int i = 0; i < f->seen_count; i++)
        if (f->seen[i].id == id && f->seen[i].type == t) {
            *out = f->seen[i].row;
            return OK;
        }
    ctx_clear_error(&probe);
    enum status s = record_get(&probe, t, id, &r);
    if (s != OK && s != E_NOT_FOUND && s != E_FORBIDDEN)
        return s;
    *out = s == OK ? r : NULL;
    if (f->seen_count < FILLING_SEEN) {
        f->seen[f->seen_count].type = t;
        f->seen[f->seen_count].id = id;
        f->seen[f->seen_count++].row = *out;
    }
    return OK;
}

enum status filling_contact(struct filling *f, const struct row **out)
{
    *out = f->who->contact;
    if (*out)
        return OK;
    return read_row(f, type_find(f->cx, "contact"), f->who->contact_id, out);
}

static enum status owner_id(struct filling *f, i64 *id)
{
    const struct row *contact;

    *id = f->who->owner_id;
    if (*id)
        return OK;
    TRY(filling_contact(f, &contact));
    if (contact)
        *id = row_i64(contact, type_field(row_type(contact), "owner_id"));
    return OK;
}

static enum status root_row(struct filling *f, const struct slot *s, const struct row **out)
{
    i64 id = f->who->deal_id;

    if (s->root == SLOT_CONTACT)
        return filling_contact(f, out);
    if (s->root == SLOT_TICKET)
        id = f->who->ticket_id;
    if (s->root == SLOT_OWNER)
        TRY(owner_id(f, &id));
    return read_row(f, s->types[0], id, out);
}

/* Dates in full: a mail is read on another day than it is written. */
static const char *say_field(struct ctx *cx, const struct row *r, int field)
{
    const struct field *f = &row_type(r)->fields[field];

    if (!row_has(r, field))
        return "";
    if (f->kind == FIELD_DATE)
        return zone_format(cx->arena, NULL, row_i64(r, field) * MS_DAY, "d MMMM y");
    if (f->kind == FIELD_TIME)
        return zone_format(cx->arena, kit_zone(cx), row_i64(r, field), "d MMMM y, HH:mm");
    if (f->kind == FIELD_TEXT || f->kind == FIELD_EMAIL || f->kind == FIELD_LONG ||
        f->kind == FIELD_URL)
        return row_text(r, field);
    return row_show(cx, r, field);
}

static enum status record_value(struct filling *f, const struct slot *s, const char **out)
{
    const struct row *r;

    *out = "";
    TRY(root_row(f, s, &r));
    for (int i = 0; r && i < s->hop_count; i++)
        TRY(read_row(f, s->types[i + 1], row_i64(r, s->hops[i]), &r));
    if (r == NULL)
        return OK;
    if (s->field == FIELD_ID)
        *out = id_text(f->cx->arena, row_id(r));
    else if (s->field == FIELD_TITLE)
        *out = row_title(f->cx, r);
    else if (row_type(r)->fields[s->field].kind == FIELD_REF) {
        const struct row *to;
        TRY(read_row(f, type_find(f->cx, row_type(r)->fields[s->field].ref), row_i64(r, s->field),
                     &to));
        *out = to ? row_title(f->cx, to) : "";
    } else
        *out = say_field(f->cx, r, s->field);
    return OK;
}

static const char *data_value(struct filling *f, const struct slot *s)
{
    const struct val *v = f->who->data;
    i64 index;

    for (int i = 0; i < s->key_count; i++)
        v = val_kind_of(v) == VAL_LIST && str_i64(s->keys[i], &index) && index >= 0
                ? val_at(v, (size_t)index)
                : val_get_str(v, s->keys[i]);
    return val_print(f->cx->arena, v);
}

enum status filling_value(struct filling *f, int slot, const char **out)
{
    const struct slot *s = &f->content->slots.list[slot];
    const char *v = f->values[slot];

    if (v == NULL) {
        v = "";
        switch (s->root) {
        case SLOT_CONTACT:
        case SLOT_DEAL:
        case SLOT_TICKET:
        case SLOT_OWNER:
            TRY(record_value(f, s, &v));
            break;
        case SLOT_SENDER_NAME:
            v = f->who->sender_name;
            break;
        case SLOT_SENDER_ADDRESS:
            v = f->who->sender_address;
            break;
        case SLOT_DATA:
            v = data_value(f, s);
            break;
        case SLOT_UNSUBSCRIBE:
            v = f->who->unsubscribe_url;
            break;
        case SLOT_PREFERENCES:
            v = f->who->preferences_url;
            break;
        case SLOT_ARCHIVE:
            v = f->who->archive_url;
            break;
        case SLOT_PIXEL:
            v = f->who->pixel_url;
            break;
        case SLOT_TRAP:
            v = f->who->trap_url;
            break;
        case SLOT_FIXED:
            v = s->fixed;
            break;
        }
        f->values[slot] = v = v ? v : "";
    }
    *out = v;
    return OK;
}

/* ---- the menu of an editor ---- */
static void add_menu(struct val *list, struct ctx *cx, const char *prefix, const char *name,
                     const char *label, const char *group)
{
    struct val *one = val_add_map(list);

    val_put_printf(one, "path", "%s%s%s", prefix, prefix[0] ? "." : "", name);
    val_put_text(one, "label", label);
    val_put_text(one, "group", group);
    (void)cx;
}

static void add_type(struct val *list, struct ctx *cx, const char *type, const char *prefix,
                     const char *group)
{
    const struct record_type *t = type_find(cx, type);

    if (t == NULL || access_scope(cx->access, t->name, VERB_READ) == SCOPE_NONE)
        return;
    if (type_field(t, "name") < 0)
        add_menu(list, cx, prefix, "name", "Full name", group);
    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        if (can_be_said(f) && f->kind != FIELD_LONG && f->kind != FIELD_TAGS &&
            f->kind != FIELD_REF)
            add_menu(list, cx, prefix, f->name, f->label, group);
    }
}

struct val *merge_menu(struct ctx *cx)
{
    struct val *list = val_list(cx->arena);

    add_type(list, cx, "contact", "contact", "Contact");
    add_type(list, cx, "company", "company", "Company");
    add_type(list, cx, "user", "owner", "Owner");
    add_type(list, cx, "deal", "deal", "Deal");
    add_menu(list, cx, "sender", "name", "Name", "Sender");
    add_menu(list, cx, "sender", "address", "Mail address", "Sender");
    add_menu(list, cx, "brand", "name", "Name", "Brand");
    add_menu(list, cx, "brand", "website", "Web site", "Brand");
    add_menu(list, cx, "brand", "address", "Postal address", "Brand");
    add_menu(list, cx, "", "archive_url", "View in browser", "Links");
    add_menu(list, cx, "", "preferences_url", "Preferences", "Links");
    add_menu(list, cx, "", "unsubscribe_url", "Unsubscribe", "Links");
    return list;
}
