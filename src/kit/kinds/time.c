/* time.c -- an instant: ms UTC. Written with an offset, or as local time of the workspace. */
#include "kit/kinds.h"
#include "kit/kit.h"
#include "kit/show.h"

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    const struct zone *zone = kit_zone(cx);
    struct str s = str_from(text);
    i64 day;

    *v = (struct value){ .text = "", .set = true };
    if (time_parse(s, &v->i) || zone_parse_local(zone, s, &v->i))
        return OK;
    if (s.len > 10 && s.p[10] == ' ') { /* "2026-11-23 10:00" */
        char *iso = str_dup(cx->arena, s);
        iso[10] = 'T';
        if (time_parse(str_from(iso), &v->i) || zone_parse_local(zone, str_from(iso), &v->i))
            return OK;
    }
    if (date_parse(s, &day)) {
        v->i = zone_instant(zone, day, 0);
        return OK;
    }
    return kind_bad(cx, f, "time.invalid",
                    "%s: \"%s\" is not a time; write it like 2026-11-23T10:00", f->label, text);
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    if (v->i < date_from_ymd(1800, 1, 1) * MS_DAY || v->i > date_from_ymd(2500, 1, 1) * MS_DAY)
        return kind_bad(cx, f, "time.range", "%s must lie between the years 1800 and 2500",
                        f->label);
    return kind_check_range(cx, f, v);
}

static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return time_iso(cx->arena, v->i);
}

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return show_time(cx, v->i);
}

static const char *cell(struct ctx *cx, const struct field *f, const struct value *v,
                        struct val *into)
{
    (void)f;
    val_put_text(into, "iso", time_iso(cx->arena, v->i));
    val_put_text(into, "full", show_time_full(cx, v->i));
    return "date";
}

const struct kind kind_time = {
    .word = "time",
    .storage = STORED_I64,
    .parse = parse,
    .check = check,
    .plain = plain,
    .show = show,
    .cell = cell,
};
