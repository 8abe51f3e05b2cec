/* registry.h -- what the build put into the program: features, SQL, templates, migrations. Made
 * from the list in src/meson.build; see registry.c.in. */
#pragma once
#include "kit/kit.h"
#include "kit/template.h"
#include "store/migrate.h"

extern const struct feature *const features[];
extern const size_t feature_count;
extern const struct sql_file kit_sql_files[], feature_sql_files[];
extern const size_t kit_sql_file_count, feature_sql_file_count;
extern const struct template_file template_files[];
extern const size_t template_file_count;
extern const struct migration all_migrations[];
extern const size_t all_migration_count;

/* All SQL files of the program in one list, in arena. */
const struct sql_file *registry_sql(struct arena *a, size_t *count);
