/* replay.c -- runs a fuzz target over every file of the folders given, in the order of their names.
 * So each found input stays a test with any compiler, without libFuzzer. */
#include "fuzz.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

/* Exactly as many bytes as the file has, so that a sanitizer sees a read past the end. */
static uint8_t *load(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    struct stat st;

    if (f == NULL || fstat(fileno(f), &st) != 0) {
        fprintf(stderr, "cannot read \"%s\"\n", path);
        exit(1);
    }
    *size = (size_t)st.st_size;
    uint8_t *data = malloc(*size > 0 ? *size : 1);
    if (data == NULL || fread(data, 1, *size, f) != *size) {
        fprintf(stderr, "cannot read \"%s\"\n", path);
        exit(1);
    }
    fclose(f);
    return data;
}

static int replay(const char *folder)
{
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort), ran = 0;

    if (count < 0) {
        fprintf(stderr, "cannot list \"%s\"\n", folder);
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        char path[4096];
        size_t size;
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (names[i]->d_name[0] != '.') {
            uint8_t *data = load(path, &size);
            fprintf(stderr, "%s\n", path); /* before the run: a crash names its input */
            LLVMFuzzerTestOneInput(data, size);
            free(data);
            ran++;
        }
        free(names[i]);
    }
    free(names);
    return ran;
}

int main(int argc, char **argv)
{
    int ran = 0;

    for (int i = 1; i < argc; i++)
        ran += replay(argv[i]);
    printf("%d inputs\n", ran);
    return ran > 0 ? 0 : 1;
}
