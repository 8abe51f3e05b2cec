/* Every template of the program compiles: all .html, .txt and .mustache files under src/, read from
 * disk and compiled together. Run by hand it is the linter of templates. */
#include "base/testing.h"

#include "kit/template.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILES_MAX = 1000, FILE_BYTES_MAX = 1 << 20 };

static const char *source_root = "."; /* set in main from the first argument */

struct found {
    struct arena *arena;
    struct template_file *files;
    size_t count;
};

static const char *read_whole(struct arena *a, const char *path)
{
    struct buf b = buf_in(a, FILE_BYTES_MAX);
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "re");

    assert_non_null(f);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    (void)fclose(f);
    assert_int_equal(buf_status(&b), OK);
    return buf_end(&b);
}

/* `inside`: the folder's path below src/, with a slash at its end unless empty. */
static void find_templates(struct found *f, const char *inside)
{
    DIR *d = opendir(arena_printf(f->arena, "%s/src/%s", source_root, inside));
    const struct dirent *entry;

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        struct str name = str_from(entry->d_name);
        const char *path = arena_printf(f->arena, "%s%s", inside, entry->d_name);
        const char *full = arena_printf(f->arena, "%s/src/%s", source_root, path);
        struct stat st;
        if (name.p[0] == '.' || stat(full, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            find_templates(f, arena_printf(f->arena, "%s/", path));
        } else if (str_ends(name, ".html") || str_ends(name, ".txt") ||
                   str_ends(name, ".mustache")) {
            assert_true(f->count < FILES_MAX);
            f->files[f->count++] = (struct template_file){ path, read_whole(f->arena, full) };
        }
    }
    (void)closedir(d);
}

static void every_template_compiles(void **state)
{
    struct arena *a = *state;
    struct clock clock = { .fixed_ms = 1 };
    struct found f = { a, NEW_N(a, struct template_file, FILES_MAX), 0 };
    struct templates *ts;
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    find_templates(&f, "");
    if (templates_open(&cx, f.files, f.count, NULL, &ts) != OK)
        fail_msg("in src/:\n%s", cx.error_text);
    print_message("%zu templates in %zu files\n", templates_count(ts), f.count);
    assert_true(templates_count(ts) >= f.count);
    templates_close(ts);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { WITH_ARENA(every_template_compiles) };

    if (argc > 1)
        source_root = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
