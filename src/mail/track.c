/* track.c -- the tracked addresses that a mail carries, and what a mail's events belong to. */
#include "base/id.h"
#include "base/json.h"
#include "mail/token.h"
#include "mail/track_int.h"
#include <ctype.h>

enum { URL_BYTES = 2000, HOSTS_BYTES = 64 * 1024 };

static bool is_http(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

/* What stands in an address as itself. */
static void put_escaped(struct buf *b, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (isalnum(*p) || strchr("-._~", *p))
            buf_char(b, (char)*p);
        else
            buf_printf(b, "%%%02X", *p);
    }
}

/* ---- UTM parameters ---- */
static bool has_parameter(struct str query, const char *name)
{
    struct str part;

    while (str_split(&query, '&', &part))
        if (str_starts(part, name) && (part.len == strlen(name) || part.p[strlen(name)] == '='))
            return true;
    return false;
}

/* "Shop.example": "|shop.example|" is looked for among our own sites; www. makes no difference. */
static bool is_own(struct track *t, const char *url)
{
    struct str host = str_from(strstr(url, "://") + 3);
    const char *name;

    host.len = strcspn(host.p, "/?#:");
    if (t->sites == NULL) {
        struct buf b = buf_in(t->cx->arena, HOSTS_BYTES);
        struct ctx probe = *t->cx;
        scoped(stmt_close) struct stmt q = db_query(&probe, "track.sites");
        while (stmt_next(&q))
            buf_printf(&b, "|%s|%s|", col_text(&q, 0), col_text(&q, 1));
        t->sites = text_lower_ascii(t->cx->arena, buf_status(&b) == OK ? buf_end(&b) : "");
    }
    name = text_lower_ascii(t->cx->arena, str_dup(t->cx->arena, host));
    name += strncmp(name, "www.", 4) == 0 ? 4 : 0;
    return strstr(t->sites, arena_printf(t->cx->arena, "|%s|", name)) != NULL;
}

bool track_is_own_site(struct ctx *cx, const char *url)
{
    struct track t = { .cx = cx };

    return is_http(url) && is_own(&t, url);
}

static const char *with_utm(struct track *t, const char *url)
{
    const struct {
        const char *name, *value;
    } parts[] = { { "utm_source", t->utm_source },
                  { "utm_medium", t->utm_medium },
                  { "utm_campaign", t->utm_campaign },
                  { "utm_content", t->utm_content } };
    size_t path = strcspn(url, "?#"), end = strcspn(url, "#");
    struct str query = { url + path, end - path };
    struct buf b = buf_in(t->cx->arena, 4 * URL_BYTES);
    bool any = query.len > 1;

    if (query.len > 0)
        query.p++, query.len--;
    if (t->utm == UTM_NONE || has_parameter(query, "utm_source") ||
        has_parameter(query, "utm_campaign") || (t->utm == UTM_OWN && !is_own(t, url)))
        return url;
    buf_str(&b, (struct str){ url, end });
    for (size_t i = 0; i < countof(parts); i++) {
        if (parts[i].value == NULL || parts[i].value[0] == '\0' ||
            has_parameter(query, parts[i].name))
            continue;
        buf_char(&b, any ? '&' : '?');
        buf_printf(&b, "%s=", parts[i].name);
        put_escaped(&b, parts[i].value);
        any = true;
    }
    buf_text(&b, url + end);
    return buf_status(&b) == OK ? buf_end(&b) : url;
}

/* ---- addresses ---- */
const char *track_link(void *track, const char *url)
{
    struct track *t = track;
    const char *base = kit_public_url(t->cx), *token;
    struct buf b = buf_in(t->cx->arena, 4 * URL_BYTES);
    i64 numbers[] = { t->message_id, 0 };

    if (!is_http(url) || strlen(url) > URL_BYTES || strpbrk(url, " \r\n\t\"<>") != NULL)
        return url;
    if (base[0] && strncmp(url, base, strlen(base)) == 0 &&
        (strncmp(url + strlen(base), "/u/", 3) == 0 || strncmp(url + strlen(base), "/m/", 3) == 0))
        return url;
    url = with_utm(t, url);
    numbers[1] = ++t->links;
    token = token_write(t->cx, TOKEN_CLICK, numbers, 2, url);
    if (base[0] == '\0' || token[0] == '\0' || strlen(url) > URL_BYTES)
        return url;
    buf_printf(&b, "%s/m/c/%s?u=", base, token);
    put_escaped(&b, url);
    return buf_status(&b) == OK ? buf_end(&b) : url;
}

static const char *signed_address(const struct track *t, enum token_kind kind, const char *end)
{
    const char *base = kit_public_url(t->cx),
               *token = token_write(t->cx, kind, &t->message_id, 1, "");

    return base[0] == '\0' || token[0] == '\0'
               ? ""
               : arena_printf(t->cx->arena, "%s/m/%c/%s%s", base, (char)kind, token, end);
}

const char *track_pixel(const struct track *t) { return signed_address(t, TOKEN_OPEN, ".gif"); }
const char *track_trap(const struct track *t) { return signed_address(t, TOKEN_TRAP, ""); }

/* ---- what a mail belongs to ---- */
const char *track_touch(struct ctx *cx, const struct mail_message *m)
{
    struct val *v = val_map(cx->arena);

    if (m->sender_id)
        val_put_text(v, "mail_sender", id_text(cx->arena, m->sender_id));
    if (m->topic_id)
        val_put_text(v, "mail_topic", id_text(cx->arena, m->topic_id));
    if (text_is(m->source, "broadcast") || text_is(m->source, "flow"))
        val_put_printf(v, "mailing", "%s/%s", m->source, id_text(cx->arena, m->source_id));
    else
        val_put_text(v, "mailing", m->source);
    return json_text(cx->arena, v);
}

/* ---- how mails did ---- */
enum status track_counts(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                         struct track_counts *out)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "track.counts", TEXT("source", source), I64("source_id", source_id),
                 I64("variant", variant));

    *out = (struct track_counts){ 0 };
    if (stmt_next(&q))
        *out =
            (struct track_counts){ col_i64(&q, 0), col_i64(&q, 1), col_i64(&q, 2), col_i64(&q, 3) };
    return stmt_status(&q);
}

enum status track_links(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                        struct val *list)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "track.links", TEXT("source", source), I64("source_id", source_id),
                 I64("variant", variant));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_i64(one, "link", col_i64(&q, 0));
        val_put_text(one, "url", col_text(&q, 1));
        val_put_i64(one, "clicks", col_i64(&q, 2));
        val_put_i64(one, "people", col_i64(&q, 3));
    }
    return stmt_status(&q);
}
