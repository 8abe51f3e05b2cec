/* inflight.c -- see inflight.h. */
#include "mail/inflight.h"
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BOOT_BYTES = 48, SLOTS = INFLIGHT_WORKERS * INFLIGHT_EACH };

struct slot {
    _Atomic i64 id;
    _Atomic u32 phase;
    u32 spare;
};
struct page { /* the file */
    char magic[16];
    char boot[BOOT_BYTES]; /* of the machine's run in which it was written */
    struct slot slots[SLOTS];
};
static const char MAGIC[16] = "furrow mails 1";

struct inflight {
    struct page *page;
    bool mapped, known;
};

static void read_boot(char out[BOOT_BYTES])
{
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

    memset(out, 0, BOOT_BYTES);
    if (f == NULL)
        return;
    if (fgets(out, BOOT_BYTES, f) == NULL)
        out[0] = '\0';
    fclose(f);
}

enum status inflight_open(struct ctx *cx, const char *path, struct inflight **out)
{
    struct inflight *f = calloc(1, sizeof *f);
    char boot[BOOT_BYTES];
    int fd;

    assert(f != NULL);
    read_boot(boot);
    if (path == NULL) {
        f->page = calloc(1, sizeof *f->page);
        assert(f->page != NULL);
        *out = f;
        return OK;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *f->page) != 0 ||
        (f->page = mmap(NULL, sizeof *f->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) ==
            MAP_FAILED) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        free(f);
        return ctx_fail(cx, E_IO, "cannot use '%s': %s", path, strerror(error));
    }
    close(fd);
    f->mapped = true;
    f->known = memcmp(f->page->magic, MAGIC, sizeof MAGIC) == 0 && boot[0] != '\0' &&
               memcmp(f->page->boot, boot, BOOT_BYTES) == 0;
    *out = f;
    return OK;
}

void inflight_close(struct inflight *f)
{
    if (f == NULL)
        return;
    if (f->mapped)
        munmap(f->page, sizeof *f->page);
    else
        free(f->page);
    free(f);
}

bool inflight_is_known(const struct inflight *f) { return f->known; }

/* A mail that was put off and then taken on by another worker may stand in two slots: what came
 * furthest counts. */
enum inflight_phase inflight_left(const struct inflight *f, i64 message_id)
{
    static const int how_far[] = {
        [INFLIGHT_FREE] = 0,   [INFLIGHT_TAKEN] = 1, [INFLIGHT_REFUSED] = 2,
        [INFLIGHT_ENDING] = 3, [INFLIGHT_SENT] = 4,
    };
    u32 best = INFLIGHT_FREE;

    for (int i = 0; i < SLOTS; i++) {
        const struct slot *s = &f->page->slots[i];
        u32 phase = atomic_load(&s->phase);
        if (atomic_load(&s->id) == message_id && phase < countof(how_far) &&
            how_far[phase] > how_far[best])
            best = phase;
    }
    return (enum inflight_phase)best;
}

void inflight_begin(struct inflight *f)
{
    for (int i = 0; i < SLOTS; i++) {
        atomic_store(&f->page->slots[i].id, 0);
        atomic_store(&f->page->slots[i].phase, INFLIGHT_FREE);
    }
    memcpy(f->page->magic, MAGIC, sizeof MAGIC);
    read_boot(f->page->boot);
    f->known = true;
}

void inflight_clear(struct inflight *f, unsigned worker, size_t from)
{
    struct slot *mine = &f->page->slots[worker % INFLIGHT_WORKERS * INFLIGHT_EACH];

    for (size_t i = from; i < INFLIGHT_EACH; i++)
        atomic_store(&mine[i].id, 0);
}

void inflight_set(struct inflight *f, unsigned worker, unsigned place, i64 message_id,
                  enum inflight_phase phase)
{
    struct slot *s =
        &f->page->slots[worker % INFLIGHT_WORKERS * INFLIGHT_EACH + place % INFLIGHT_EACH];

    /* Whenever the program stops, a slot names one mail and how far that one came. */
    if (atomic_load(&s->id) != message_id)
        atomic_store(&s->id, 0);
    atomic_store(&s->phase, phase);
    atomic_store(&s->id, message_id);
}
