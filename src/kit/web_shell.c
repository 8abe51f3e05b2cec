/* web_shell.c -- the shell around every page: navigation by team, what may be created, who I am,
 * what I have not read. The entries are made once from record types and features; each request
 * keeps those that its user may see, their own team's first and open, the others folded. What
 * somebody folds or unfolds stays so: the browser keeps it in the cookie "side". */
#include "kit/show.h"
#include "kit/web_int.h"

struct section {
    const char *name, *label, *icon, *url; /* url "": that of the first entry that may be seen */
    bool flat;                             /* its entries stand by themselves, without a heading */
    bool leaf;                             /* its entries stand on the page at `url` */
    bool team;                             /* the work of a team: its own people see it first */
};
/* By team, in the order of the work; what everybody shares comes first. */
static const struct section sections[] = {
    { "home", "Home", "home", "/" },
    { "people", "Customers", "users", "", .flat = true },
    { "marketing", "Marketing", "speakerphone", "", .team = true },
    { "sales", "Sales", "heart-handshake", "", .team = true },
    { "service", "Service", "lifebuoy", "", .team = true },
    { "insight", "Insight", "chart-line", "" },
    { "settings", "Settings", "settings", "/settings", .leaf = true },
};

struct entry {
    int section, order;
    const char *label, *path, *icon, *resource; /* resource NULL: for everybody */
    const struct record_type *type;             /* NULL: a menu item of a feature */
};

struct shell_menu {
    struct entry *entries;
    size_t count;
    const struct record_type *const *types;
    size_t type_count;
};

static int section_of(const char *name)
{
    for (size_t i = 0; i < countof(sections); i++)
        if (text_is(sections[i].name, name))
            return (int)i;
    return -1;
}

static void add_entry(struct shell_menu *m, struct entry e)
{
    size_t at = m->count++;

    while (at > 0 &&
           (m->entries[at - 1].section > e.section ||
            (m->entries[at - 1].section == e.section && m->entries[at - 1].order > e.order))) {
        m->entries[at] = m->entries[at - 1];
        at--;
    }
    m->entries[at] = e;
}

enum status shell_menu_open(struct ctx *cx, struct arena *a, struct shell_menu **out)
{
    struct shell_menu *m = NEW(a, struct shell_menu);
    size_t feature_count, all;
    const struct feature *const *features = kit_features(cx->kit, &feature_count);

    m->types = type_all(cx, &m->type_count);
    all = m->type_count;
    for (size_t i = 0; i < feature_count; i++)
        all += features[i]->menu_count;
    m->entries = NEW_N(a, struct entry, all + 1);
    for (size_t i = 0; i < m->type_count; i++) {
        const struct record_type *t = m->types[i];
        int section = t->section == NULL ? -1 : section_of(t->section);
        if (t->section != NULL && section < 0)
            return ctx_fail(cx, E_INVALID, "type '%s' is in section '%s', which the menu lacks",
                            t->name, t->section);
        if (section >= 0)
            add_entry(m, (struct entry){ section, t->menu_order, t->plural,
                                         arena_printf(a, "/%s", t->path), t->icon, t->name, t });
    }
    for (size_t i = 0; i < feature_count; i++)
        for (size_t k = 0; k < features[i]->menu_count; k++) {
            const struct menu_item *item = &features[i]->menu[k];
            int section = section_of(item->section);
            if (section < 0)
                return ctx_fail(cx, E_INVALID, "menu item '%s' is in section '%s', which is none",
                                item->label, item->section);
            add_entry(m, (struct entry){ section, item->order, item->label, item->path, item->icon,
                                         item->resource, NULL });
        }
    *out = m;
    return OK;
}

static bool may(const struct access *who, const char *resource, enum verb v)
{
    return resource == NULL || access_scope(who, resource, v) != SCOPE_NONE;
}

/* The page is at `path` or below it. */
static bool is_on(const char *page, const char *path)
{
    size_t len = strlen(path);
    return strncmp(page, path, len) == 0 && (page[len] == '\0' || page[len] == '/');
}

/* The entry whose path says most about this page; -1: none. */
static int entry_on(const struct shell_menu *m, const char *page)
{
    size_t longest = 0;
    int on = -1;

    for (size_t i = 0; i < m->count; i++)
        if (is_on(page, m->entries[i].path) && strlen(m->entries[i].path) > longest) {
            longest = strlen(m->entries[i].path);
            on = (int)i;
        }
    return on;
}

/* ---- what is folded ---- */
/* The cookie is words of a digit and a name, "1sales.0marketing.1sales-more": 1 is open. -1: it
 * says nothing of this name. */
static int kept_open(const char *cookie, const char *name)
{
    struct str rest = str_from(cookie != NULL ? cookie : ""), word;

    while (str_split(&rest, '.', &word))
        if (word.len == strlen(name) + 1 && memcmp(word.p + 1, name, word.len - 1) == 0)
            return word.p[0] == '1';
    return -1;
}

/* A menu under construction. */
struct nav {
    struct req *rq;
    struct val *list;
    const char *cookie;
    int on; /* the entry that the page belongs to, or -1 */
};

static bool is_open(const struct nav *n, const char *name, bool here, bool otherwise)
{
    int kept = kept_open(n->cookie, name);
    return here || (kept >= 0 ? kept == 1 : otherwise);
}

static struct val *add_section(struct val *list, const char *text, const char *icon,
                               const char *url, bool on)
{
    struct val *section = val_add_map(list);

    val_put_text(section, "text", text);
    val_put_text(section, "icon", icon != NULL ? icon : "list");
    val_put_text(section, "url", url);
    val_put_bool(section, "on", on);
    val_put_text(section, "name", "");
    val_put_bool(section, "open", false);
    val_put_list(section, "items");
    val_put_null(section, "more");
    return section;
}

static void add_item(struct val *items, const struct entry *e, bool on)
{
    struct val *item = val_add_map(items);

    val_put_text(item, "text", e->label);
    val_put_text(item, "url", e->path);
    val_put_bool(item, "on", on);
}

/* The entries from `first` to before `end` that this user may see, as one section that unfolds. */
static void put_section(const struct nav *n, const struct section *s, size_t first, size_t end)
{
    const struct shell_menu *m = n->rq->web->menu;
    const struct access *who = n->rq->cx->access;
    struct arena *a = n->rq->cx->arena;
    const char *url = s->url, *more_name = arena_printf(a, "%s-more", s->name);
    struct val *items = val_list(a), *more = val_list(a), *section;
    bool here = false, here_more = false;

    for (size_t i = first; i < end; i++) {
        const struct entry *e = &m->entries[i];
        bool seldom = e->order >= MENU_SELDOM, on = n->on == (int)i;
        if (!may(who, e->resource, VERB_READ))
            continue;
        add_item(seldom ? more : items, e, on);
        here |= on;
        here_more |= on && seldom;
        if (url[0] == '\0')
            url = e->path;
    }
    if (val_count(items) + val_count(more) == 0 && url[0] == '\0')
        return;
    here |= n->on < 0 && (text_is(url, "/") ? text_is(n->rq->path, "/") : is_on(n->rq->path, url));
    section = add_section(n->list, s->label, s->icon, url, here);
    if (s->leaf || val_count(items) + val_count(more) == 0)
        return;
    val_put_text(section, "name", s->name);
    val_put_bool(
        section, "open",
        is_open(n, s->name, here, s->team && who->team != NULL && text_is(s->name, who->team)));
    if (val_count(items) == 0) { /* all that this user sees is seldom needed by others */
        val_put(section, "items", more);
        return;
    }
    val_put(section, "items", items);
    if (val_count(more) == 0)
        return;
    section = val_put_map(section, "more");
    val_put_text(section, "name", more_name);
    val_put_bool(section, "open", is_open(n, more_name, here_more, false));
    val_put(section, "items", more);
}

static void put_flat(const struct nav *n, size_t first, size_t end)
{
    const struct shell_menu *m = n->rq->web->menu;

    for (size_t i = first; i < end; i++) {
        const struct entry *e = &m->entries[i];
        if (may(n->rq->cx->access, e->resource, VERB_READ))
            (void)add_section(n->list, e->label, e->icon, e->path, n->on == (int)i);
    }
}

static void put_one(const struct nav *n, size_t s)
{
    const struct shell_menu *m = n->rq->web->menu;
    size_t first = 0, end;

    while (first < m->count && m->entries[first].section < (int)s)
        first++;
    for (end = first; end < m->count && m->entries[end].section == (int)s;)
        end++;
    if (sections[s].flat)
        put_flat(n, first, end);
    else
        put_section(n, &sections[s], first, end);
}

static void put_nav(struct req *rq, struct val *shell)
{
    struct nav n = { rq, val_put_list(shell, "nav"), rq->cookie(rq, "side"),
                     entry_on(rq->web->menu, rq->path) };
    const char *team = rq->cx->access->team != NULL ? rq->cx->access->team : "";
    size_t own = countof(sections);

    for (size_t s = 0; s < countof(sections); s++)
        if (sections[s].team && text_is(sections[s].name, team))
            own = s;
    for (size_t s = 0, done = 0; s < countof(sections); s++) {
        if (sections[s].team && own < countof(sections) && done++ == 0)
            put_one(&n, own);
        if (s != own)
            put_one(&n, s);
    }
}

static void put_create(struct req *rq, struct val *shell)
{
    const struct shell_menu *m = rq->web->menu;
    struct val *create = val_put_list(shell, "create"), *item;

    for (size_t i = 0; i < m->count; i++) {
        const struct record_type *t = m->entries[i].type;
        if (t == NULL || (t->flags & (TYPE_NO_CREATE | TYPE_SYSTEM)) != 0 ||
            text_is(t->section, "settings") || !may(rq->cx->access, t->name, VERB_CREATE))
            continue;
        item = val_add_map(create);
        val_put_text(item, "text", t->label);
        val_put_printf(item, "url", "/%s/new", t->path);
    }
}

static void put_user(struct req *rq, struct val *shell)
{
    const struct access *who = rq->cx->access;
    struct val *user = val_put_map(shell, "user");

    val_put_text(user, "text", who->name != NULL ? who->name : "");
    val_put_text(user, "initials",
                 show_initials(rq->cx->arena, who->name != NULL ? who->name : ""));
    val_put_i64(user, "hue", show_hue(who->name != NULL ? who->name : ""));
    val_put_text(user, "email", who->email != NULL ? who->email : "");
    val_put_text(user, "url", "/settings/profile");
    val_put_bool(user, "admin", who->admin);
}

static void put_unread(struct req *rq, struct val *shell)
{
    i64 unread = 0;

    if (rq->cx->access->user_id == 0 || rq->cx->db == NULL)
        return;
    if (db_get_i64(rq->cx, &unread, "web.unread", I64("user_id", rq->cx->access->user_id)) != OK) {
        ctx_clear_error(rq->cx); /* the page is worth more than the bell */
        return;
    }
    if (unread > 99)
        val_put_text(shell, "unread", "99+");
    else if (unread > 0)
        val_put_printf(shell, "unread", "%d", (int)unread);
}

struct val *web_shell(struct req *rq, const char *live)
{
    const struct access *who = rq->cx->access;
    struct val *shell = web_plain_shell(rq, who->csrf != NULL ? who->csrf : "");

    val_put_text(shell, "workspace", setting_text(rq->cx, "workspace.name"));
    val_put_text(shell, "public_url", web_public_url(rq));
    val_put_text(shell, "public_url", web_public_url(rq));
    val_put_printf(shell, "live_url", "/live?topics=notify,toast%s%s", live[0] != '\0' ? "," : "",
                   live);
    put_nav(rq, shell);
    put_create(rq, shell);
    put_user(rq, shell);
    put_unread(rq, shell);
    val_put(shell, "flash", flash_take(rq));
    return shell;
}
