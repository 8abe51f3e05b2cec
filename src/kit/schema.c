/* schema.c -- the tables that follow from the declarations: one for each record type, and kit's own
 * that both engines have alike. The outbox and the search index are the engines' own: migration
 * 0002 makes them. */
#include "kit/kinds.h"
#include "kit/kit_int.h"
#include "store/migrate.h"

/* ---- kit's own ---- */
#define COLUMN(n, t)             \
    {                            \
        .name = (n), .type = (t) \
    }
#define NEEDED(n, t)                               \
    {                                              \
        .name = (n), .type = (t), .required = true \
    }
#define TABLE(n, c, x)                                                           \
    {                                                                            \
        .name = (n), .columns = (c), .column_count = countof(c), .indexes = (x), \
        .index_count = countof(x)                                                \
    }

static const struct schema_column change_columns[] = {
    COLUMN("id", "BIGINT"),         NEEDED("at", "BIGINT"),       COLUMN("user_id", "BIGINT"),
    COLUMN("request_id", "BIGINT"), COLUMN("batch_id", "BIGINT"), NEEDED("type", "TEXT"),
    NEEDED("record_id", "BIGINT"),  NEEDED("verb", "TEXT"),       NEEDED("version", "BIGINT"),
    NEEDED("fields", "TEXT"),
};
static const struct schema_index change_indexes[] = {
    { "change_of_record", "type, record_id, id", false, NULL },
    { "change_by_time", "at, id", false, NULL },
    { "change_of_batch", "batch_id, id", false, "batch_id IS NOT NULL" },
    { "change_of_trash", "type, record_id, id", false, "verb IN ('delete', 'restore')" },
    { "change_of_move", "type, record_id, id", false, "verb = 'move'" },
    { "change_by_people", "at, id", false, "user_id IS NOT NULL" },
};
static const struct schema_column setting_columns[] = {
    COLUMN("id", "BIGINT"),         NEEDED("name", "TEXT"),         NEEDED("value", "TEXT"),
    NEEDED("updated_at", "BIGINT"), COLUMN("updated_by", "BIGINT"),
};
static const struct schema_index setting_indexes[] = {
    { "setting_by_name", "name", true, NULL },
};
static const struct schema_column notification_columns[] = {
    COLUMN("id", "BIGINT"),
    NEEDED("user_id", "BIGINT"),
    NEEDED("at", "BIGINT"),
    NEEDED("icon", "TEXT"),
    NEEDED("text", "TEXT"),
    NEEDED("path", "TEXT"),
    COLUMN("read_at", "BIGINT"),
    NEEDED("kind", "TEXT"),
    NEEDED("type", "TEXT"),
    COLUMN("record_id", "BIGINT"),
    COLUMN("actor_id", "BIGINT"),
    COLUMN("batch_id", "BIGINT"),
    { .name = "times", .type = "BIGINT", .required = true, .otherwise = "1" },
    NEEDED("mail", "BIGINT"),
    NEEDED("quiet", "INTEGER"),
};
static const struct schema_index notification_indexes[] = {
    { "notification_of_user", "user_id, id", false, NULL },
    { "notification_unread", "user_id, id", false, "read_at IS NULL" },
    { "notification_heard", "user_id, id", false, "read_at IS NULL AND quiet = 0" },
    { "notification_to_mail", "user_id, id", false, "mail > 0" },
};
static const struct schema_column comment_columns[] = {
    COLUMN("id", "BIGINT"),         NEEDED("type", "TEXT"), NEEDED("record_id", "BIGINT"),
    COLUMN("user_id", "BIGINT"),    NEEDED("at", "BIGINT"), NEEDED("text", "TEXT"),
    COLUMN("deleted_at", "BIGINT"),
};
static const struct schema_index comment_indexes[] = {
    { "comment_of_record", "record_id, id", false, NULL },
    { "comment_by_time", "at, id", false, "deleted_at IS NULL" },
};
static const struct schema_column session_columns[] = {
    COLUMN("id", "BIGINT"),         NEEDED("user_id", "BIGINT"),    NEEDED("secret_hash", "TEXT"),
    NEEDED("csrf", "TEXT"),         NEEDED("created_at", "BIGINT"), NEEDED("seen_at", "BIGINT"),
    NEEDED("expires_at", "BIGINT"), NEEDED("address", "TEXT"),      NEEDED("client", "TEXT"),
};
static const struct schema_index session_indexes[] = {
    { "session_by_secret", "secret_hash", true, NULL },
    { "session_of_user", "user_id", false, NULL },
};
static const struct schema_column token_columns[] = {
    COLUMN("id", "BIGINT"),        NEEDED("user_id", "BIGINT"),    NEEDED("label", "TEXT"),
    NEEDED("secret_hash", "TEXT"), NEEDED("scopes", "TEXT"),       NEEDED("created_at", "BIGINT"),
    COLUMN("used_at", "BIGINT"),   COLUMN("expires_at", "BIGINT"), COLUMN("revoked_at", "BIGINT"),
};
static const struct schema_index token_indexes[] = {
    { "token_by_secret", "secret_hash", true, NULL },
    { "token_of_user", "user_id", false, NULL },
};
static const struct schema_column view_columns[] = {
    COLUMN("id", "BIGINT"),         NEEDED("user_id", "BIGINT"), NEEDED("type", "TEXT"),
    NEEDED("name", "TEXT"),         NEEDED("query", "TEXT"),     NEEDED("shared", "INTEGER"),
    NEEDED("created_at", "BIGINT"),
};
static const struct schema_index view_indexes[] = {
    { "saved_view_of_user", "user_id, type", false, NULL },
    { "saved_view_shared", "type", false, "shared = 1" },
};
static const struct schema_column view_first_columns[] = {
    COLUMN("id", "BIGINT"),
    NEEDED("user_id", "BIGINT"),
    NEEDED("type", "TEXT"),
    NEEDED("view_id", "BIGINT"),
};
static const struct schema_index view_first_indexes[] = {
    { "saved_view_first_of_user", "user_id, type", true, NULL },
    { "saved_view_first_of_view", "view_id", false, NULL },
};
static const struct schema_column merge_columns[] = {
    COLUMN("id", "BIGINT"),         NEEDED("type", "TEXT"),        NEEDED("keep_id", "BIGINT"),
    NEEDED("lose_id", "BIGINT"),    NEEDED("at", "BIGINT"),        COLUMN("user_id", "BIGINT"),
    NEEDED("batch_id", "BIGINT"),   COLUMN("undone_at", "BIGINT"), COLUMN("undone_by", "BIGINT"),
    COLUMN("undo_batch", "BIGINT"),
};
static const struct schema_index merge_indexes[] = {
    { "record_merge_of_lose", "lose_id", true, "undone_at IS NULL" },
    { "record_merge_of_keep", "keep_id, id", false, NULL },
    { "record_merge_of_batch", "batch_id", true, NULL },
    { "record_merge_of_undo", "undo_batch", true, "undo_batch IS NOT NULL" },
};
static const struct schema_column merge_value_columns[] = {
    COLUMN("id", "BIGINT"),  NEEDED("merge_id", "BIGINT"), NEEDED("type", "TEXT"),
    NEEDED("field", "TEXT"), NEEDED("value", "TEXT"),      NEEDED("lose_id", "BIGINT"),
};
static const struct schema_index merge_value_indexes[] = {
    { "record_merge_value_of", "type, field, value", false, NULL },
    { "record_merge_value_by", "merge_id", false, NULL },
};
static const struct schema_table own_tables[] = {
    TABLE("change", change_columns, change_indexes),
    TABLE("setting", setting_columns, setting_indexes),
    TABLE("notification", notification_columns, notification_indexes),
    TABLE("comment", comment_columns, comment_indexes),
    TABLE("session", session_columns, session_indexes),
    TABLE("token", token_columns, token_indexes),
    TABLE("saved_view", view_columns, view_indexes),
    TABLE("saved_view_first", view_first_columns, view_first_indexes),
    TABLE("record_merge", merge_columns, merge_indexes),
    TABLE("record_merge_value", merge_value_columns, merge_value_indexes),
};

/* ---- a record type's ---- */
struct draft {
    struct arena *a;
    const struct record_type *type;
    struct schema_column *columns;
    size_t column_count;
    struct schema_index *indexes;
    size_t index_count;
};

static void add_column(struct draft *d, const char *name, const char *type, bool required)
{
    d->columns[d->column_count++] = (struct schema_column){ name, type, required, NULL };
}

static void add_field_columns(struct draft *d, const struct field *f)
{
    switch (field_storage(f)) {
    case STORED_TEXT:
        add_column(d, f->name, "TEXT", true);
        break;
    case STORED_FOLDED:
        add_column(d, f->name, "TEXT", true);
        add_column(d, arena_printf(d->a, "%s_fold", f->name), "TEXT", true);
        break;
    case STORED_I64:
        add_column(d, f->name, "BIGINT", false);
        break;
    case STORED_BOOL:
        add_column(d, f->name, "INTEGER", true);
        break;
    case STORED_MONEY:
        add_column(d, arena_printf(d->a, "%s_minor", f->name), "BIGINT", false);
        add_column(d, arena_printf(d->a, "%s_currency", f->name), "TEXT", true);
        add_column(d, arena_printf(d->a, "%s_base_minor", f->name), "BIGINT", false);
        break;
    }
}

static void add_index(struct draft *d, const char *word, const char *column, bool unique,
                      const char *where)
{
    d->indexes[d->index_count++] = (struct schema_index){
        .name = arena_printf(d->a, "%s_%s_%s", d->type->name, word, column),
        .columns = unique ? arena_printf(d->a, "\"%s\"", column)
                          : arena_printf(d->a, "\"%s\", id, deleted_at", column),
        .unique = unique,
        .where = where,
    };
}

/* Serves equality, order and keyset paging: "id" makes every page begin where the one before ended.
 * "deleted_at" is there because every list leaves the trash out: without it each row that is
 * counted or passed over would be fetched just to look (10,000 of a million: 100 ms, with it 1). */
static void add_field_indexes(struct draft *d, const struct field *f)
{
    const char *sort = d->type->sort ? d->type->sort + (d->type->sort[0] == '-') : "";
    const char *column = field_compare_column(d->a, f);

    if (f->flags & UNIQUE)
        add_index(d, "unique", column, true,
                  arena_printf(d->a, "deleted_at IS NULL AND \"%s\" <> ''", column));
    if ((f->flags & (INDEXED | OWNER)) || f->kind == FIELD_REF || text_is(sort, f->name) ||
        (d->type->board && text_is(d->type->board, f->name)))
        add_index(d, "by", column, false, NULL);
}

static struct schema_table draft_table(struct arena *a, const struct record_type *t)
{
    struct draft d = { .a = a, .type = t };
    size_t more = 0;
    const char *sort = t->sort ? t->sort + (t->sort[0] == '-') : "";

    d.columns = NEW_N(a, struct schema_column, (size_t)t->field_count * 3 + 7);
    for (const struct type_index *x = t->indexes; x && x->name; x++)
        more++;
    d.indexes = NEW_N(a, struct schema_index, (size_t)t->field_count * 2 + 3 + more);
    add_column(&d, "id", "BIGINT", false);
    add_column(&d, "version", "BIGINT", true);
    add_column(&d, "created_at", "BIGINT", true);
    add_column(&d, "created_by", "BIGINT", false);
    add_column(&d, "updated_at", "BIGINT", true);
    add_column(&d, "updated_by", "BIGINT", false);
    add_column(&d, "deleted_at", "BIGINT", false);
    for (int i = 0; i < t->field_count; i++)
        add_field_columns(&d, &t->fields[i]);
    add_index(&d, "by", "created_at", false, NULL);
    if (text_is(sort, "updated_at"))
        add_index(&d, "by", "updated_at", false, NULL);
    d.indexes[d.index_count++] = (struct schema_index){
        .name = arena_printf(a, "%s_trash", t->name),
        .columns = "deleted_at, id",
        .where = "deleted_at IS NOT NULL",
    };
    for (int i = 0; i < t->field_count; i++)
        add_field_indexes(&d, &t->fields[i]);
    for (size_t i = 0; i < more; i++)
        d.indexes[d.index_count++] = (struct schema_index){ .name = t->indexes[i].name,
                                                            .columns = t->indexes[i].columns,
                                                            .where = t->indexes[i].where };
    return (struct schema_table){ t->name, d.columns, d.column_count, d.indexes, d.index_count };
}

enum status kit_schema(struct ctx *cx, const struct schema_table **tables, size_t *count)
{
    const struct kit *k = cx->kit;
    struct schema_table *all =
        NEW_N(cx->arena, struct schema_table, k->type_count + countof(own_tables));

    for (size_t i = 0; i < k->type_count; i++)
        all[i] = draft_table(cx->arena, k->types[i]);
    memcpy(all + k->type_count, own_tables, sizeof own_tables);
    *tables = all;
    *count = k->type_count + countof(own_tables);
    return OK;
}
