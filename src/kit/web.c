/* web.c -- the web of a running program: opened from the kit's tables, closed in reverse. */
#include "kit/web.h"
#include "base/id.h"
#include "kit/icons.h"
#include "kit/web_int.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { WEB_ARENA_BYTES = 64 * 1024 };
#define SETTINGS_NS (5LL * 1000 * 1000 * 1000)

/* Logical names to addresses, made once and put into every page. */
static struct val *make_asset_tree(struct web *w)
{
    struct val *tree = val_map(w->arena);
    const struct asset *list;
    size_t count = assets_list(w->assets, &list);

    for (size_t i = 0; i < count; i++)
        val_put(tree, list[i].name, val_text_static(w->arena, list[i].path));
    return tree;
}

static enum status open_parts(struct ctx *cx, struct web *w)
{
    struct str icons;

    TRY(assets_open(cx, w->arena, w->o.assets_dev_dir, &w->assets));
    w->asset_tree = make_asset_tree(w);
    icons = assets_text(w->assets, w->arena, "icons");
    if (icons.p)
        w->icons = icons_open(w->arena, icons, assets_by_name(w->assets, "icons")->path);
    TRY(routes_open(cx, w));
    TRY(shell_menu_open(cx, w->arena, &w->menu));
    if (w->o.readers > 0)
        TRY(pool_open(cx, w, w->o.readers, &w->pool));
    return OK;
}

enum status web_open(struct ctx *cx, const struct web_options *o, struct web **out)
{
    struct web *w;
    enum status s;

    *out = NULL;
    if (sodium_init() < 0)
        return ctx_fail(cx, E_IO, "libsodium did not start");
    w = calloc(1, sizeof *w);
    assert(w != NULL && o->kit != NULL && o->store != NULL && o->clock != NULL);
    w->o = *o;
    if (w->o.public_url == NULL)
        w->o.public_url = "";
    snprintf(w->told_url, sizeof w->told_url, "%s", w->o.public_url);
    snprintf(w->told_proxy, sizeof w->told_proxy, "%s",
             w->o.trusted_proxy != NULL ? w->o.trusted_proxy : "");
    atomic_store(&w->https, strncasecmp(w->o.public_url, "https://", 8) == 0);
    w->opened_ms = clock_ms(o->clock);
    w->arena = arena_new(WEB_ARENA_BYTES);
    w->request_ids = id_source_new(randombytes_uniform(512)); /* other nodes draw another number */
    w->rate = rate_new();
    w->roles = roles_new();
    pthread_mutex_init(&w->setup_lock, NULL);
    pthread_mutex_init(&w->told_lock, NULL);
    pthread_mutex_init(&w->perform_gate, NULL);
    pthread_mutex_init(&w->perform_lock, NULL);
    pthread_cond_init(&w->perform_done, NULL);
    s = open_parts(cx, w);
    if (s == OK && cx->db != NULL)
        web_listen_to_settings(w, cx);
    if (s != OK) {
        web_close(w);
        return s;
    }
    *out = w;
    return OK;
}

void web_close(struct web *w)
{
    if (w == NULL)
        return;
    pool_close(w->pool);
    pthread_mutex_lock(&w->perform_lock); /* whoever answered last has let go of it */
    pthread_mutex_unlock(&w->perform_lock);
    db_close(w->perform_db);
    roles_free(w->roles);
    rate_free(w->rate);
    id_source_free(w->request_ids);
    pthread_cond_destroy(&w->perform_done);
    pthread_mutex_destroy(&w->perform_lock);
    pthread_mutex_destroy(&w->perform_gate);
    pthread_mutex_destroy(&w->told_lock);
    pthread_mutex_destroy(&w->setup_lock);
    arena_free(w->arena);
    free(w);
}

void web_set_setup_code(struct web *w, const char *code)
{
    pthread_mutex_lock(&w->setup_lock);
    snprintf(w->setup_code, sizeof w->setup_code, "%s", code);
    pthread_mutex_unlock(&w->setup_lock);
}

bool web_setup_code_is(struct web *w, const char *code)
{
    bool is;

    pthread_mutex_lock(&w->setup_lock);
    is = w->setup_code[0] != '\0' && security_equal(w->setup_code, code);
    pthread_mutex_unlock(&w->setup_lock);
    return is;
}

const char *web_asset(struct web *w, const char *logical_name)
{
    const struct asset *asset = assets_by_name(w->assets, logical_name);
    return asset != NULL ? asset->path : "";
}

void web_listen_to_settings(struct web *w, struct ctx *cx)
{
    i64 now = (i64)clock_mono_ns(), told = atomic_load(&w->told_ns);
    const char *url, *proxy;

    if (told != 0 && now - told < SETTINGS_NS)
        return;
    if (!atomic_compare_exchange_strong(&w->told_ns, &told, now)) /* another reader asks */
        return;
    url = w->o.public_url[0] != '\0' ? w->o.public_url : setting_text(cx, "workspace.public_url");
    proxy =
        !text_empty(w->o.trusted_proxy) ? w->o.trusted_proxy : setting_text(cx, "workspace.proxy");
    pthread_mutex_lock(&w->told_lock);
    snprintf(w->told_url, sizeof w->told_url, "%s", url);
    snprintf(w->told_proxy, sizeof w->told_proxy, "%s", proxy);
    w->told_url[strcspn(w->told_url, "\r\n")] = '\0';
    pthread_mutex_unlock(&w->told_lock);
    atomic_store(&w->https, strncasecmp(url, "https://", 8) == 0);
}

void web_proxy(struct web *w, char out[64])
{
    pthread_mutex_lock(&w->told_lock);
    memcpy(out, w->told_proxy, sizeof w->told_proxy);
    pthread_mutex_unlock(&w->told_lock);
}

const char *web_public_url(const struct req *rq)
{
    struct web *w = rq->web;
    const char *host = rq->header(rq, "Host"), *proto = NULL;
    char told[sizeof w->told_url], proxy[64];

    if (w->o.public_url[0] != '\0')
        return w->o.public_url;
    pthread_mutex_lock(&w->told_lock);
    memcpy(told, w->told_url, sizeof told);
    pthread_mutex_unlock(&w->told_lock);
    if (strlen(told) > 8) /* as typed; addresses are put behind it */
        return arena_dup(rq->cx->arena, told, strcspn(told + 8, "/") + 8);
    web_proxy(w, proxy);
    if (proxy[0] != '\0')
        proto = rq->header(rq, "X-Forwarded-Proto");
    return arena_printf(rq->cx->arena, "%s://%s",
                        proto != NULL && text_is(proto, "https") ? "https" : "http",
                        host != NULL ? host : "localhost");
}

bool web_rate_limited(struct web *w, const char *what, const char *key, int per_minute)
{
    bool over = rate_over(w->rate, what, key, per_minute, clock_ms(w->o.clock));

    if (over)
        atomic_fetch_add_explicit(&w->stats.rate_limited, 1, memory_order_relaxed);
    return over;
}
