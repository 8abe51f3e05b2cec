/* setting.c -- settings: rows of the workspace over the defaults of the table. Every page asks for
 * some, so their values are kept for a few seconds; a save is seen at once on this node and soon on
 * the others. */
#include "base/json.h"
#include "base/log.h"
#include "base/money.h"
#include "base/zone_set.h"
#include "kit/file.h"
#include "kit/hours.h"
#include "kit/kinds.h"
#include "kit/kit_int.h"
#include "kit/zones.h"
#include <stdlib.h>

enum { FRESH_MS = 5000, ZONES_MAX = 1024 }; /* more than there are names */

struct settings {
    pthread_mutex_t lock;
    const struct setting **table; /* sorted by name */
    size_t count;
    char **values; /* owned; NULL: as the table says */
    u64 read_ns;   /* 0: must be read */
    int saving;    /* transactions that have saved and are not over */
    struct {
        char *name;
        struct zone *zone;
    } zones[ZONES_MAX]; /* opened so far: pages of other threads may hold them */
    size_t zone_count;
    struct zone_set *countries; /* NULL: nobody has asked yet */
};

/* ---- kit's own settings ---- */
static const struct setting kit_settings[] = {
    { "workspace.name", FIELD_TEXT, "Name of the company", "Stands on pages and in mails.",
      "Furrow", .group = "Workspace" },
    { "workspace.zone", FIELD_TEXT, "Time zone",
      "Where days, weeks and months begin. A name like Europe/Berlin.", "Europe/Berlin",
      .group = "Workspace" },
    { "workspace.hours", FIELD_JSON, "Working hours",
      "When due times run: hours by day of the week, and holidays.",
      "{\"mon\":[\"09:00-17:00\"],\"tue\":[\"09:00-17:00\"],\"wed\":[\"09:00-17:00\"],"
      "\"thu\":[\"09:00-17:00\"],\"fri\":[\"09:00-17:00\"]}",
      .group = "Workspace" },
    { "workspace.public_url", FIELD_URL, "Public address",
      "Under which visitors and mails reach this server, like https://crm.example.com.", "",
      .group = "Workspace" },
    { "workspace.proxy", FIELD_TEXT, "Trusted proxy",
      "Address of the proxy in front, whose word on visitors' addresses is taken.", "",
      .group = "Workspace" },
    { "files.quota_gb", FIELD_INT, "Room for files, in GB",
      "What files of records may take together. They are in the backup, too.", "10",
      .group = "Workspace", .now = files_now },
    { "currency.base", FIELD_TEXT, "Base currency",
      "Sums are kept in it. Amounts that are there keep the base amount they have.", "EUR",
      .group = "Money" },
    { "currency.rates", FIELD_JSON, "Exchange rates without a day",
      "What one unit of a currency is worth in the base currency, {\"USD\": \"0.92\"}, where the "
      "list of exchange rates has none of the day.",
      "{}", .group = "Money" },
    { "currency.rate_days", FIELD_INT, "Days that an exchange rate holds",
      "When no newer one comes. Then amounts in that currency cannot be saved until there is one.",
      "40", .group = "Money" },
};
/* Two records were one, or two again (merge.h); which, the event says. */
static const struct event_kind kit_kinds[] = {
    { "merged", "Merged", "git-merge", KIND_CHAPTER, NULL },
    { "unmerged", "Merge undone", "arrows-split", KIND_CHAPTER, NULL },
};
static const struct merge_table kit_merge_tables[] = {
    { NULL, "comment", "record_id", "id" },
    { NULL, "file", "record_id", "id" },
    { NULL, "record_follow", "record_id", "id", .unique = "user_id" },
    { NULL, "notification", "record_id", "id" },
    { NULL, "change", "record_id", .stays = "the log says what was" },
    { "contact", "outbox", "contact_id", .stays = "events are stored under who they came for" },
    { NULL, "outbox", "record_id", .stays = "like the event's own" },
};
static const struct menu_item kit_menu[] = {
    { "people", "Team feed", "/feed", "activity", NULL, 7 },
};
const struct feature kit_feature = {
    .name = "kit",
    SETTINGS(kit_settings),
    EVENT_KINDS(kit_kinds),
    MERGE_TABLES(kit_merge_tables),
    MENU(kit_menu),
};

/* ---- the table ---- */
static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct setting *const *)a)->name,
                  (*(const struct setting *const *)b)->name);
}

struct settings *settings_new(struct arena *a, const struct feature *const *features, size_t count)
{
    struct settings *s = NEW(a, struct settings);

    for (size_t i = 0; i < count; i++)
        s->count += features[i]->setting_count;
    s->table = NEW_N(a, const struct setting *, s->count);
    s->values = NEW_N(a, char *, s->count);
    s->count = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < features[i]->setting_count; j++)
            if (features[i]->settings[j].name) /* one without is refused later */
                s->table[s->count++] = &features[i]->settings[j];
    qsort(s->table, s->count, sizeof *s->table, by_name);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void settings_free(struct settings *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->values[i]);
    for (size_t i = 0; i < s->zone_count; i++) {
        free(s->zones[i].name);
        zone_close(s->zones[i].zone);
    }
    zone_set_free(s->countries); /* NULL is fine */
    pthread_mutex_destroy(&s->lock);
}

static int find_index(const struct settings *s, const char *name)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(s->table[middle]->name, name);
        if (order == 0)
            return (int)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

const struct setting *settings_find(const struct settings *s, const char *name)
{
    int i = find_index(s, name);

    return i < 0 ? NULL : s->table[i];
}

/* ---- reading ---- */
/* Reads all rows. On an error the values that were known stay: a page must not fall over a setting.
 */
static void read_all(struct ctx *cx, struct settings *s)
{
    struct ctx probe = *cx;
    scoped(stmt_close) struct stmt q = db_query(&probe, "setting.all");
    char **values = NEW_N(cx->arena, char *, s->count);

    while (stmt_next(&q)) {
        int i = find_index(s, col_text(&q, 0));
        if (i >= 0) {
            free(values[i]);
            values[i] = strdup(col_text(&q, 1));
        }
    }
    bool ok = stmt_status(&q) == OK;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->count; i++) {
        char *old = ok ? s->values[i] : values[i];
        if (ok)
            s->values[i] = values[i];
        free(old);
    }
    s->read_ns = clock_mono_ns();
    pthread_mutex_unlock(&s->lock);
}

/* In a transaction that has saved settings the rows are asked, not the memory. */
static const char *read_one(struct ctx *cx, const struct setting *setting)
{
    const char *value;
    struct ctx probe = *cx;

    if (db_get_text(&probe, &value, "setting.one", TEXT("name", setting->name)) == OK)
        return value;
    return setting->otherwise ? setting->otherwise : "";
}

const char *setting_text(struct ctx *cx, const char *name)
{
    struct settings *s = cx->kit->settings;
    int i = find_index(s, name);

    if (i < 0)
        log_fatal("setting.unknown", "name=%s", name);
    pthread_mutex_lock(&s->lock);
    bool stale = s->read_ns == 0 || clock_mono_ns() - s->read_ns > FRESH_MS * UINT64_C(1000000);
    bool saving = s->saving > 0;
    pthread_mutex_unlock(&s->lock);
    if (cx->db && saving && db_mode_of(cx->db) == DB_WRITE)
        return read_one(cx, s->table[i]);
    if (cx->db && stale)
        read_all(cx, s);
    pthread_mutex_lock(&s->lock);
    const char *value = s->values[i] ? s->values[i] : s->table[i]->otherwise;
    value = value ? arena_text(cx->arena, value) : "";
    pthread_mutex_unlock(&s->lock);
    return value;
}

i64 setting_i64(struct ctx *cx, const char *name)
{
    i64 n = 0;

    return str_i64(str_trim(str_from(setting_text(cx, name))), &n) ? n : 0;
}

bool setting_bool(struct ctx *cx, const char *name)
{
    return text_is(setting_text(cx, name), "true");
}

/* ---- saving ---- */
static void saving_over(void *arg)
{
    struct settings *s = arg;

    pthread_mutex_lock(&s->lock);
    s->saving--;
    s->read_ns = 0;
    pthread_mutex_unlock(&s->lock);
}

static enum status refuse(struct ctx *cx, const struct setting *t, const char *fmt,
                          const char *value)
{
    return ctx_fail_field(cx, t->name, "setting.invalid", "%s: \"%s\" %s", t->label, value, fmt);
}

/* What only the one who reads the setting knows to be wrong. */
static enum status check_own(struct ctx *cx, const struct setting *t, const char *value)
{
    if (text_is(t->name, "workspace.zone")) {
        struct zone *zone = zone_open(value);
        if (zone == NULL)
            return refuse(cx, t, "is not a time zone; write one like Europe/Berlin", value);
        zone_close(zone);
    }
    if (text_is(t->name, "currency.base") && !currency_known(value))
        return refuse(cx, t, "is not a currency; write a code like EUR", value);
    if (text_is(t->name, "workspace.hours"))
        return hours_check(cx, value);
    if (text_is(t->name, "currency.rates"))
        return rates_check(cx, value);
    return OK;
}

/* Reads the value as a field of its kind would; *out is the form that is stored. */
static enum status check_value(struct ctx *cx, const struct setting *t, const char *value,
                               const char **out)
{
    struct field f = { .name = t->name, .kind = t->kind, .label = t->label, .choices = t->choices };
    struct value v = { .text = "" };
    const char *why = "";

    TRY(field_parse(cx, &f, value, &v));
    *out = v.set ? kind_of(&f)->plain(cx, &f, &v) : "";
    if (!v.set)
        return OK;
    if (t->check && !t->check(cx, out, &why))
        return ctx_fail_field(cx, t->name, "setting.invalid", "%s: %s", t->label, why);
    return check_own(cx, t, *out);
}

enum status setting_save(struct ctx *cx, const char *name, const char *value)
{
    struct settings *s = cx->kit->settings;
    const struct setting *t = settings_find(s, name);
    i64 user = cx->access ? cx->access->user_id : 0;

    if (t == NULL)
        return ctx_fail_code(cx, E_INVALID, "setting.unknown", "There is no setting \"%s\".", name);
    TRY(access_check(cx, t->resource ? t->resource : "admin", VERB_UPDATE));
    TRY(check_value(cx, t, value, &value));
    if (value[0] == '\0' && t->otherwise) /* empty: back to the default */
        value = t->otherwise;
    const char *before = read_one(cx, t);
    if (text_is(before, value))
        return OK;
    TRY(db_run(cx, "setting.put", I64("id", kit_new_id(cx)), TEXT("name", name),
               TEXT("value", value), I64("at", ctx_now(cx)), MAYBE("user", user)));
    struct val *fields = val_map(cx->arena), *pair = val_put_list(fields, name);
    val_add_text(pair, before);
    val_add_text(pair, value);
    TRY(db_run(cx, "change.add", I64("id", kit_new_id(cx)), I64("at", ctx_now(cx)),
               MAYBE("user", user), MAYBE("request", cx->request_id), MAYBE("batch", cx->batch_id),
               TEXT("type", "setting"), I64("record", 0), TEXT("verb", "update"), I64("version", 0),
               TEXT("fields", json_text(cx->arena, fields))));
    pthread_mutex_lock(&s->lock);
    s->saving++;
    pthread_mutex_unlock(&s->lock);
    db_after_commit(cx, saving_over, saving_over, s);
    struct val *props = val_map(cx->arena);
    val_put_text(props, "name", name);
    return happen(cx, &(struct happening){ .name = "setting.saved", .props = props });
}

/* ---- what kit itself reads ---- */
const struct zone *zone_named(struct ctx *cx, const char *name)
{
    struct settings *s = cx->kit->settings;
    struct zone *zone = NULL;

    if (name[0] == '\0')
        return NULL;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->zone_count && zone == NULL; i++)
        if (text_is(s->zones[i].name, name))
            zone = s->zones[i].zone;
    if (zone == NULL && s->zone_count < ZONES_MAX && (zone = zone_open(name)) != NULL) {
        s->zones[s->zone_count].name = strdup(name);
        s->zones[s->zone_count++].zone = zone;
    }
    pthread_mutex_unlock(&s->lock);
    return zone;
}

const struct zone *zone_of_country(struct ctx *cx, const char *country)
{
    struct settings *s = cx->kit->settings;
    const struct zone *zone;

    pthread_mutex_lock(&s->lock);
    if (s->countries == NULL)
        s->countries = zone_set_new();
    zone = zone_set_of_country(s->countries, country);
    pthread_mutex_unlock(&s->lock);
    return zone;
}

const struct zone *kit_zone(struct ctx *cx)
{
    return zone_named(cx, setting_text(cx, "workspace.zone"));
}

const struct zone *zone_or_own(struct ctx *cx, const char *name)
{
    const struct zone *z = zone_named(cx, name);

    return z != NULL ? z : kit_zone(cx);
}

const char *base_currency(struct ctx *cx) { return setting_text(cx, "currency.base"); }
