/* first_steps.c -- the way from an empty workspace to the first number, in the order in which it
 * pays. A step is done when there is a record of its type. */
#include "bridge/first_steps.h"
#include "kit/filter.h"

static const struct step {
    const char *type, *filter;
    i64 least; /* so many make it done */
    const char *text, *detail, *url;
    bool needed; /* without it Home has nothing to say */
} steps[] = {
    { "site", "", 1, "Put one line of script on your web site",
      "Visitors, where they come from and what they read arrive at once.", "/sites/new", true },
    { "contact", "", 1, "Bring your contacts",
      "From a CSV file of what you use now; bad lines are listed, and an import can be undone.",
      "/settings/import", true },
    { "form", "status = 'published'", 1, "Publish a form",
      "Who fills it in becomes a contact, with the visits before it.", "/forms/new", false },
    { "user", "", 2, "Invite your colleagues",
      "Leads are handed to those in a sales team, one after the other.", "/users/new", false },
};

static enum status is_done(struct ctx *cx, const struct step *s, bool *done)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 count;

    TRY(list_count(cx, type_find(cx, s->type), s->filter, "", s->least, &count));
    *done = count >= s->least;
    return OK;
}

enum status put_first_steps(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "steps");
    bool done[countof(steps)], young = false;

    for (size_t i = 0; i < countof(steps); i++) {
        TRY(is_done(cx, &steps[i], &done[i]));
        young |= steps[i].needed && !done[i];
    }
    for (size_t i = 0; young && i < countof(steps); i++) {
        if (access_scope(cx->access, steps[i].type, VERB_CREATE) == SCOPE_NONE)
            continue;
        struct val *one = val_add_map(list);
        val_put_text(one, "text", steps[i].text);
        val_put_text(one, "detail", steps[i].detail);
        val_put_text(one, "url", steps[i].url);
        val_put_bool(one, "done", done[i]);
    }
    val_put_bool(page, "has_steps", val_count(list) > 0);
    return OK;
}
