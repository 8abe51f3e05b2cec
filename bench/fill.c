/* fill.c -- fills a data folder with many contacts and companies through the one door, for
 * benchmarks of lists: fill FOLDER CONTACTS. The folder has been made by `furrow user add`; nothing
 * else may run on it. SQLite. */
#include "bridge/company.h"
#include "bridge/contact.h"
#include "program.h"
#include <stdio.h>
#include <stdlib.h>

enum { LOT = 5000, CONTACTS_A_COMPANY = 20, YEAR_DAYS = 365 };

struct fill {
    struct program p;
    i64 companies[LOT / CONTACTS_A_COMPANY];
    int from; /* number of the lot's first contact */
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

static struct row *make_company(struct ctx *cx, int n)
{
    struct row *r = row_new(cx, &company_type);

    row_set_text(r, COMPANY_NAME,
                 arena_printf(cx->arena, "%s & %s %d", lasts[n % 15], firsts[n / 15 % 16], n));
    return r;
}

static struct row *make_contact(struct ctx *cx, struct fill *f, int n)
{
    struct row *r = row_new(cx, &contact_type);
    i64 days = program_draw(&f->p, YEAR_DAYS), ago = days * MS_DAY;

    ago += program_draw(&f->p, (u32)MS_DAY);
    row_set_text(r, CONTACT_FIRST, firsts[program_draw(&f->p, 16)]);
    row_set_text(r, CONTACT_LAST,
                 arena_printf(cx->arena, "%s%d", lasts[program_draw(&f->p, 15)], n % 997));
    row_set_text(r, CONTACT_EMAIL, arena_printf(cx->arena, "p%d@firm%d.example", n, n % 4999));
    row_set_text(r, CONTACT_JOB, "Head of purchasing");
    row_set_text(r, CONTACT_COUNTRY, "Germany");
    row_set_text(r, CONTACT_CITY, "München");
    row_set_i64(r, CONTACT_COMPANY, f->companies[(n - f->from) / CONTACTS_A_COMPANY]);
    row_set_text(r, CONTACT_LIFECYCLE, lifecycles[program_draw(&f->p, 10)]);
    row_set_i64(r, CONTACT_SCORE, program_draw(&f->p, 1000));
    row_set_text(r, CONTACT_CHANNEL, channels[program_draw(&f->p, 5)]);
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
        rows[i] = make_contact(cx, f, f->from + i);
    return record_save_many(cx, rows, LOT);
}

int main(int argc, char **argv)
{
    struct fill f = { 0 };
    int count = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;

    if (count <= 0) {
        fprintf(stderr, "fill FOLDER CONTACTS\n");
        return 64;
    }
    program_open(&f.p, argv[1], "");
    u64 begun = clock_mono_ns();
    for (f.from = 0; f.from < count; f.from += LOT) {
        program_write(&f.p, save_lot, &f);
        program_drain(&f.p);
    }
    printf("%d contacts and %d companies in %.1f s\n", f.from, f.from / CONTACTS_A_COMPANY,
           (double)(clock_mono_ns() - begun) / 1e9);
    program_close(&f.p);
    return 0;
}
