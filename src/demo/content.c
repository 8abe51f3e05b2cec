/* content.c -- how the company looks in its mails, and what these say: a brand kit, letters that
 * went out, one that is being changed, two drafts, and a blank one for colleagues. */
#include "base/json.h"
#include "demo/demo_int.h"
#include "kit/template.h"

enum { AYLIN = 2 };

extern const struct template_file demo_mail_files[];
extern const size_t demo_mail_file_count;

static enum status make_brand(struct sim *s)
{
    static const char *const pairs[][2] = {
        { "name", "Alderfield" },
        { "website", "https://alderfield.example" },
        { "address", "Alderfield GmbH\nMühlenweg 4\n14542 Werder (Havel)\nGermany" },
        { "legal_url", "https://alderfield.example/imprint" },
        { "privacy_url", "https://alderfield.example/privacy" },
        { "accent", "#2f6b3c" },
        { "ground", "#f4f1e8" },
        { "ink", "#26241e" },
        { "font", "modern" },
        { "heading_font", "serif" },
        { "linkedin_url", "https://www.linkedin.com/company/alderfield-example" },
        { "mastodon_url", "https://mastodon.example/@alderfield" },
        { "youtube_url", "https://www.youtube.com/@alderfield-example" },
        { "about", "Alderfield makes sensors for orchards and vineyards. What they measure warns "
                   "of frost, saves water and is yours." },
        { "voice", "We write as growers talk: short, concrete, with numbers. No exclamation "
                   "marks. Never say solution when you mean a sensor." },
    };
    struct row *r = row_new(&s->cx, type_find(&s->cx, "brand"));

    for (size_t i = 0; i < countof(pairs); i++)
        put_text(r, pairs[i][0], pairs[i][1]);
    put_i64(r, "is_default", 1);
    return record_save(&s->cx, r);
}

static enum status make_mail(struct sim *s, const char *text)
{
    struct arena *a = s->cx.arena;
    struct row *r = row_new(&s->cx, type_find(&s->cx, "mail_content"));
    struct val *json, *draft = val_map(a);

    TRY(json_read(a, str_from(text), &json, NULL));
    const char *state = val_get_text(json, "state"), *subject = val_get_text(json, "subject");
    bool changed = text_is(state, "changed");
    s->clock.fixed_ms = s->end_ms - val_get_i64(json, "days_ago", 1) * MS_DAY;
    put_text(r, "name", val_get_text(json, "name"));
    put_text(r, "subject", subject);
    put_text(r, "preview", val_get_text(json, "preview"));
    put_text(r, "purpose", val_get_text(json, "purpose"));
    put_text(r, "status", state);
    put_i64(r, "is_template", val_get_bool(json, "is_template"));
    put_i64(r, "owner_id", s->user_ids[AYLIN]);
    if (text_is(state, "draft") || changed) {
        val_put_text(draft, "subject",
                     changed ? arena_printf(a, "%s, and half price for yours", subject) : subject);
        val_put_text(draft, "preview", val_get_text(json, "preview"));
        val_put(draft, "blocks", val_copy(a, val_get(json, "blocks")));
        put_text(r, "draft", json_text(a, draft));
    }
    if (!text_is(state, "draft")) {
        put_text(r, "blocks", json_text(a, val_get(json, "blocks")));
        put_i64(r, "published_at", s->clock.fixed_ms + 2 * MS_HOUR);
    }
    return record_save(&s->cx, r);
}

enum status content_make(struct sim *s)
{
    i64 now = s->clock.fixed_ms;
    enum status st;

    sim_as(s, AYLIN);
    s->clock.fixed_ms = s->begin_ms + (i64)30 * MS_DAY;
    st = make_brand(s);
    for (size_t i = 0; i < demo_mail_file_count && st == OK; i++)
        st = make_mail(s, demo_mail_files[i].text);
    s->clock.fixed_ms = now;
    sim_as(s, -1);
    return st;
}
