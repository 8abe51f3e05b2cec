/* fill.c -- fills a data folder with many contacts and companies through the one door, for
 * benchmarks of lists: fill FOLDER CONTACTS. The folder has been made by `furrow user add`; nothing
 * else may run on it. SQLite. */
#include "app/registry.h"
#include "base/limits.h"
#include "base/log.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "journey/journey.h"
#include "store/writer.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOT = 5000, CONTACTS_A_COMPANY = 20, YEAR_DAYS = 365 };

struct fill {
    struct ctx cx;
    struct clock clock;
    struct db_store *store;
    struct writer *writer;
    struct journey *journey;
    struct kit *kit;
    i64 companies[LOT / CONTACTS_A_COMPANY];
    int from; /* number of the lot's first contact */
    u64 random;
};

static const char *const firsts[] = { "Anna",   "Bert",  "Chloé", "Dmitri", "Élodie", "Fatima",
                                      "Gustav", "Hanne", "Igor",  "Jana",   "Karim",  "Lucía",
                                      "Mehmet", "Nora",  "Oskar", "Priya" };
static const char *const lasts[] = { "Berg",   "Castelo", "Dufour", "Ekström", "Fischer",
                                     "García", "Huber",   "Ivanov", "Jansen",  "Keller",
                                     "Lind",   "Moreau",  "Novak",  "Okafor",  "Petrov" };
static const char *const lifecycles[] = { "subscriber", "lead", "lead",     "lead",        "mql",
                                          "lead",       "sal",  "customer", "opportunity", "lead" };
static const char *const channels[] = { "direct", "organic-search", "paid-search", "email",
                                        "referral" };

static void need(struct fill *f, enum status s)
{
    if (s != OK)
        log_fatal("bench.fill", "code=%s cause=\"%s\"", status_word(s), f->cx.error_text);
}

static u32 draw(struct fill *f, u32 below)
{
    f->random = f->random * 6364136223846793005u + 1442695040888963407u;
    return (u32)((f->random >> 33) % below);
}

static struct row *make_company(struct ctx *cx, int n)
{
    struct row *r = row_new(cx, &company_type);

    row_set_text(r, COMPANY_NAME,
                 arena_printf(cx->arena, "%s & %s %d", lasts[n % 15], firsts[n / 15 % 16], n));
    return r;
}

static struct row *make_contact(struct fill *f, int n)
{
    struct ctx *cx = &f->cx;
    struct row *r = row_new(cx, &contact_type);
    i64 ago = (i64)draw(f, YEAR_DAYS) * MS_DAY + draw(f, (u32)MS_DAY);

    row_set_text(r, CONTACT_FIRST, firsts[draw(f, 16)]);
    row_set_text(r, CONTACT_LAST, arena_printf(cx->arena, "%s%d", lasts[draw(f, 15)], n % 997));
    row_set_text(r, CONTACT_EMAIL, arena_printf(cx->arena, "p%d@firm%d.example", n, n % 4999));
    row_set_text(r, CONTACT_JOB, "Head of purchasing");
    row_set_text(r, CONTACT_COUNTRY, "Germany");
    row_set_text(r, CONTACT_CITY, "München");
    row_set_i64(r, CONTACT_COMPANY, f->companies[(n - f->from) / CONTACTS_A_COMPANY]);
    row_set_text(r, CONTACT_LIFECYCLE, lifecycles[draw(f, 10)]);
    row_set_i64(r, CONTACT_SCORE, draw(f, 1000));
    row_set_text(r, CONTACT_CHANNEL, channels[draw(f, 5)]);
    row_set_i64(r, CONTACT_LAST_SEEN, ctx_now(cx) - ago);
    return r;
}

static enum status save_lot(struct ctx *cx, void *arg)
{
    struct fill *f = arg;
    struct row *rows[LOT];

    for (int i = 0; i < LOT / CONTACTS_A_COMPANY; i++)
        rows[i] = make_company(cx, f->from / CONTACTS_A_COMPANY + i);
    TRY(record_save_many(cx, rows, LOT / CONTACTS_A_COMPANY));
    for (int i = 0; i < LOT / CONTACTS_A_COMPANY; i++)
        f->companies[i] = row_id(rows[i]);
    for (int i = 0; i < LOT; i++)
        rows[i] = make_contact(f, f->from + i);
    return record_save_many(cx, rows, LOT);
}

static void open_parts(struct fill *f, struct arena *a, const char *folder)
{
    struct ctx *cx = &f->cx;
    struct journey_options jo = { .path = arena_printf(a, "%s/journey.db", folder),
                                  .clock = &f->clock };
    size_t sql_count;
    const struct sql_file *sql = registry_sql(a, &sql_count);

    need(f, db_store_open(cx, arena_printf(a, "sqlite:%s/furrow.db", folder), sql, sql_count,
                          &f->store));
    need(f, migrate_check(cx, f->store, all_migrations, all_migration_count));
    need(f, writer_open(cx, f->store, 1, &f->writer));
    need(f, journey_open(cx, &jo, &f->journey));
    cx->journey = f->journey;
    struct kit_options ko = { .features = features,
                              .feature_count = feature_count,
                              .store = f->store,
                              .writer = f->writer,
                              .journey = f->journey,
                              .clock = &f->clock };
    need(f, kit_open(cx, &ko, &f->kit));
    cx->kit = f->kit;
}

static enum status start(struct ctx *cx, void *arg)
{
    (void)arg;
    return kit_start(cx);
}

int main(int argc, char **argv)
{
    struct arena *life = arena_new(256 * 1024), *lot = arena_new(16 * 1024 * 1024);
    struct fill f = { .random = 2026 };
    struct db *db;
    int count = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;

    if (count <= 0 || sodium_init() < 0) {
        fprintf(stderr, "fill FOLDER CONTACTS\n");
        return 64;
    }
    ctx_init(&f.cx, life, &f.clock);
    f.cx.access = access_system();
    open_parts(&f, life, argv[1]);
    need(&f, writer_run(f.writer, &f.cx, start, NULL));
    need(&f, db_open(&f.cx, f.store, DB_READ, &db));
    f.cx.arena = lot;
    u64 begun = clock_mono_ns();
    for (f.from = 0; f.from < count; f.from += LOT) {
        arena_reset(lot);
        f.cx.db = NULL;
        need(&f, writer_run(f.writer, &f.cx, save_lot, &f));
        f.cx.db = db;
        need(&f, outbox_drain(&f.cx));
    }
    printf("%d contacts and %d companies in %.1f s\n", f.from, f.from / CONTACTS_A_COMPANY,
           (double)(clock_mono_ns() - begun) / 1e9);
    db_close(db);
    writer_close(f.writer);
    kit_close(f.kit);
    journey_close(f.journey);
    db_store_close(f.store);
    arena_free(lot);
    arena_free(life);
    return 0;
}
