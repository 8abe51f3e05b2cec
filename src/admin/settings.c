/* settings.c -- the way to everything that can be set: cards for me and for the workspace, and the
 * page made from the table of settings. */
#include "admin/form.h"

static struct val *card(struct val *cards, const char *text, const char *detail, const char *url,
                        const char *icon)
{
    struct val *c = val_add_map(cards);

    val_put_text(c, "text", text);
    val_put_text(c, "detail", detail);
    val_put_text(c, "url", url);
    val_put_text(c, "icon", icon);
    return c;
}

static struct val *group(struct val *groups, const char *text)
{
    struct val *g = val_add_map(groups);

    val_put_text(g, "text", text);
    return val_put_list(g, "cards");
}

static bool may_read(const struct req *rq, const char *resource)
{
    return resource == NULL || access_scope(rq->cx->access, resource, VERB_READ) != SCOPE_NONE;
}

static bool may_set(const struct req *rq, const struct setting *s)
{
    return access_scope(rq->cx->access, s->resource != NULL ? s->resource : "admin", VERB_UPDATE) !=
           SCOPE_NONE;
}

/* Whether the page of settings has anything for me. */
static bool may_set_any(const struct req *rq)
{
    size_t count;
    const struct feature *const *features = kit_features(rq->cx->kit, &count);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < features[i]->setting_count; k++)
            if (features[i]->settings[k].group != NULL && may_set(rq, &features[i]->settings[k]))
                return true;
    return false;
}

static void add_workspace(struct req *rq, struct val *groups)
{
    struct ctx *cx = rq->cx;
    size_t type_count, feature_count;
    const struct record_type *const *types = type_all(cx, &type_count);
    const struct feature *const *features = kit_features(cx->kit, &feature_count);
    struct val *cards = val_list(cx->arena), *g;

    if (may_read(rq, "admin"))
        card(cards, "Workspace", "Name, time zone, working hours, money.", "/settings/workspace",
             "settings");
    else if (may_set_any(rq))
        card(cards, "Rules of the team", "What your role may set for everybody.",
             "/settings/workspace", "settings");
    for (size_t i = 0; i < type_count; i++)
        if (types[i]->section != NULL && text_is(types[i]->section, "settings") &&
            may_read(rq, types[i]->name))
            card(cards, types[i]->plural, types[i]->empty != NULL ? types[i]->empty : "",
                 arena_printf(cx->arena, "/%s", types[i]->path), types[i]->icon);
    for (size_t i = 0; i < feature_count; i++)
        for (size_t k = 0; k < features[i]->menu_count; k++) {
            const struct menu_item *item = &features[i]->menu[k];
            if (text_is(item->section, "settings") && may_read(rq, item->resource) &&
                !text_is(item->path, "/settings/workspace"))
                card(cards, item->label, item->detail != NULL ? item->detail : "", item->path,
                     item->icon);
        }
    if (val_count(cards) == 0)
        return;
    g = val_add_map(groups);
    val_put_text(g, "text", "Workspace");
    val_put(g, "cards", cards);
}

static enum status get_settings(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena), *groups, *cards;

    val_put_text(page, "title", "Settings");
    groups = val_put_list(page, "groups");
    cards = group(groups, "Me");
    card(cards, "My settings", "Name, phone, light or dark.", "/settings/profile", "user");
    card(cards, "Notifications",
         "For each kind of news: behind the bell, and by mail soon, daily or never.",
         "/settings/notifications", "bell");
    card(cards, "My password", "Change it; other sessions end.", "/settings/password", "lock");
    card(cards, "Where I am signed in", "End what you do not know.", "/settings/sessions",
         "logout");
    card(cards, "API tokens", "For programs that work in my name.", "/settings/tokens", "key");
    add_workspace(rq, groups);
    return reply(rq, "kit/settings", page);
}

/* ---- the table of settings as a form ---- */
static enum status add_setting(struct ctx *cx, struct val *fields, const struct setting *s,
                               const char *value)
{
    const char *help = s->help ? s->help : "", *now = "";
    struct val *f;

    if (s->kind == FIELD_BOOL)
        f = form_bool(fields, s->name, s->label, text_is(value, "true"));
    else if (s->kind == FIELD_CHOICE)
        f = form_choice(fields, s->name, s->label, s->choices, value);
    else if (s->kind == FIELD_JSON || s->kind == FIELD_LONG)
        f = form_area(fields, s->name, s->label, 4, value);
    else
        f = form_line(fields, s->name, s->label, "text", value);
    val_put_bool(f, "optional", s->kind != FIELD_CHOICE);
    if (s->now)
        TRY(s->now(cx, &now));
    if (help[0] || now[0])
        val_put_printf(f, "help", "%s%s%s", help, help[0] && now[0] ? " " : "", now);
    return OK;
}

static enum status workspace_page(struct req *rq, bool failed)
{
    struct ctx *cx = rq->cx;
    bool all = access_scope(cx->access, "admin", VERB_UPDATE) != SCOPE_NONE;
    struct val *page = form_new(cx, all ? "Workspace" : "Rules of the team", "/settings/workspace",
                                "Save", "/settings");
    size_t feature_count;
    const struct feature *const *features = kit_features(cx->kit, &feature_count);
    struct val *fields = NULL;
    const char *heading = NULL;

    for (size_t i = 0; i < feature_count; i++)
        for (size_t k = 0; k < features[i]->setting_count; k++) {
            const struct setting *s = &features[i]->settings[k];
            if (s->group == NULL || !may_set(rq, s)) /* without a group: kept by code */
                continue;
            if (fields == NULL || heading == NULL || !text_is(heading, s->group))
                fields = form_group(page, heading = s->group);
            TRY(add_setting(cx, fields, s,
                            failed ? req_form(rq, s->name) : setting_text(cx, s->name)));
        }
    if (failed)
        reply_status(rq, 422);
    form_errors(cx, page);
    return reply(rq, "kit/form", page);
}

/* Each setting says who may set it; somebody who may set none has no business here. */
static enum status get_workspace(struct req *rq)
{
    if (!may_set_any(rq))
        TRY(access_check(rq->cx, "admin", VERB_UPDATE));
    return workspace_page(rq, false);
}

static enum status post_workspace(struct req *rq)
{
    struct ctx *cx = rq->cx;
    size_t feature_count;
    const struct feature *const *features = kit_features(cx->kit, &feature_count);
    bool failed = false;

    if (!may_set_any(rq))
        TRY(access_check(cx, "admin", VERB_UPDATE));
    for (size_t i = 0; i < feature_count; i++)
        for (size_t k = 0; k < features[i]->setting_count; k++) {
            const struct setting *s = &features[i]->settings[k];
            const char *value = req_form(rq, s->name);
            enum status saved;
            bool shown = val_get(rq->form, s->name) != NULL;
            if (s->kind == FIELD_BOOL) { /* an unticked box posts only that it was shown */
                shown = val_get(rq->form, arena_printf(cx->arena, "%s_shown", s->name)) != NULL;
                value = value[0] != '\0' ? value : "false";
            }
            if (s->group == NULL || !shown)
                continue;
            saved = setting_save(cx, s->name, value);
            if (saved != OK && saved != E_INVALID)
                return saved;
            failed |= saved != OK;
        }
    if (failed)
        return workspace_page(rq, true);
    return reply_done(rq, "/settings/workspace", "Saved.");
}

static const struct route routes[] = {
    { HTTP_GET, "/settings", get_settings, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/settings/workspace", get_workspace, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/settings/workspace", post_workspace, .flags = ROUTE_SIGNED_IN },
};

static const struct menu_item menu[] = {
    { "settings", "Workspace", "/settings/workspace", "settings", "admin", 0 },
};

const struct feature feature_settings = { .name = "settings", ROUTES(routes), MENU(menu) };
