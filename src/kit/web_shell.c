/* web_shell.c -- the shell around every page: navigation by team, what may be created, who I am,
 * what I have not read. The entries are made once from record types and features; each request
 * keeps those that its user may see. */
#include "kit/show.h"
#include "kit/web_int.h"

struct section {
    const char *name, *label, *icon, *url; /* url "": that of the first entry that may be seen */
    bool flat;                             /* its entries stand by themselves, without a heading */
};
/* By team, in the order of the work; what everybody shares comes first. */
static const struct section sections[] = {
    { "home", "Home", "home", "/" },
    { "people", "Customers", "users", "", .flat = true },
    { "marketing", "Marketing", "speakerphone", "" },
    { "sales", "Sales", "heart-handshake", "" },
    { "service", "Service", "lifebuoy", "" },
    { "insight", "Insight", "chart-line", "" },
    { "settings", "Settings", "settings", "/settings" },
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

static void put_section(struct val *nav, const char *text, const char *icon, const char *url,
                        bool on, struct val *items)
{
    struct val *section = val_add_map(nav);

    val_put_text(section, "text", text);
    val_put_text(section, "icon", icon != NULL ? icon : "list");
    val_put_text(section, "url", url);
    val_put_bool(section, "on", on);
    val_put(section, "items", items);
}

static void put_nav(struct req *rq, struct val *shell)
{
    const struct shell_menu *m = rq->web->menu;
    struct val *nav = val_put_list(shell, "nav"), *items, *item;
    int on = entry_on(m, rq->path);
    size_t at = 0;

    for (size_t s = 0; s < countof(sections); s++) {
        const char *url = sections[s].url;
        bool here = false;
        items = val_list(rq->cx->arena);
        for (; at < m->count && m->entries[at].section == (int)s; at++) {
            const struct entry *e = &m->entries[at];
            if (!may(rq->cx->access, e->resource, VERB_READ))
                continue;
            if (sections[s].flat) {
                put_section(nav, e->label, e->icon, e->path, on == (int)at,
                            val_list(rq->cx->arena));
                continue;
            }
            item = val_add_map(items);
            val_put_text(item, "text", e->label);
            val_put_text(item, "url", e->path);
            val_put_bool(item, "on", on == (int)at);
            here |= on == (int)at;
            if (url[0] == '\0')
                url = e->path;
        }
        if (sections[s].flat || (val_count(items) == 0 && s != 0))
            continue;
        here |= on < 0 && (text_is(url, "/") ? text_is(rq->path, "/") : is_on(rq->path, url));
        put_section(nav, sections[s].label, sections[s].icon, url, here, items);
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
