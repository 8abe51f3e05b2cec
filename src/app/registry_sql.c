/* registry_sql.c -- kit's SQL and the features' as one list. */
#include "app/registry.h"

const struct sql_file *registry_sql(struct arena *a, size_t *count)
{
    struct sql_file *all =
        NEW_N(a, struct sql_file, kit_sql_file_count + feature_sql_file_count + 1);
    size_t n = 0;

    for (size_t i = 0; i < kit_sql_file_count; i++)
        all[n++] = kit_sql_files[i];
    for (size_t i = 0; i < feature_sql_file_count; i++)
        all[n++] = feature_sql_files[i];
    *count = n;
    return all;
}
