/* pg.c -- finds or starts PostgreSQL for one test program and gives it a database of its own. */
#include "support/pg.h"
#include "base/testing.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char server_url[512]; /* of the maintenance database */
static char own_dir[64];     /* of a cluster that we started, or "" */
static char own_name[64];    /* our database */
static char own_url[600];
static bool own_made;

/* FURROW_TEST_ENGINE: only cases on "postgres", or only the others (tools/test splits them between
 * builds). Set before main names its cases. */
__attribute__((constructor)) static void choose_engine(void)
{
    const char *engine = getenv("FURROW_TEST_ENGINE");

    if (engine && strcmp(engine, "postgres") == 0)
        cmocka_set_test_filter("*(postgres)");
    else if (engine && strcmp(engine, "sqlite") == 0)
        cmocka_set_skip_filter("*(postgres)");
}

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "pg: %s: %s\n", what, why);
    exit(1);
}

static PGconn *connect_to(const char *url)
{
    PGconn *c = PQconnectdb(url);

    if (PQstatus(c) != CONNECTION_OK)
        give_up("cannot connect", PQerrorMessage(c));
    return c;
}

static void run(const char *url, const char *sql)
{
    PGconn *c = connect_to(url);
    PGresult *r = PQexec(c, "SET client_min_messages = warning");

    PQclear(r);
    r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        give_up(sql, PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
}

/* Starts a cluster; it prints its URL. */
static void start_cluster(void)
{
    char command[256];

    snprintf(own_dir, sizeof(own_dir), "/tmp/furrow-pg-%d", (int)getpid());
    snprintf(command, sizeof(command), "exec %s/with_pg.sh --start %s", SUPPORT_DIR, own_dir);
    FILE *out = popen(command, "r");
    if (!out || !fgets(server_url, sizeof(server_url), out))
        give_up("with_pg.sh", "no cluster could be started");
    pclose(out);
    server_url[strcspn(server_url, "\n")] = 0;
}

static void clean_up(void)
{
    char command[256], sql[128];

    if (own_dir[0]) {
        snprintf(command, sizeof(command), "%s/with_pg.sh --stop %s", SUPPORT_DIR, own_dir);
        if (system(command) != 0)
            fprintf(stderr, "pg: %s was not removed\n", own_dir);
    } else if (own_name[0]) {
        snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE)", own_name);
        run(server_url, sql);
    }
}

/* The server's URL with that database in it: postgresql://user@host/NAME?options */
static void name_url(char *out, size_t size, const char *name)
{
    const char *slash = strstr(server_url, "://");
    const char *from = slash ? strchr(slash + 3, '/') : NULL;
    const char *options = from ? strchr(from, '?') : NULL;

    if (!from)
        give_up("FURROW_TEST_PG must look like postgresql://user@host/database", server_url);
    snprintf(out, size, "%.*s/%s%s", (int)(from - server_url), server_url, name,
             options ? options : "");
}

static void find_server(void)
{
    const char *given = getenv("FURROW_TEST_PG");

    if (own_name[0])
        return;
    if (given && *given)
        snprintf(server_url, sizeof(server_url), "%s", given);
    else
        start_cluster();
    snprintf(own_name, sizeof(own_name), "furrow_test_%d", (int)getpid());
    name_url(own_url, sizeof own_url, own_name);
    atexit(clean_up);
}

/* A new database; what had its name is dropped. */
static void make_database(const char *name, const char *template)
{
    char sql[300];

    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
    run(server_url, sql);
    snprintf(sql, sizeof(sql),
             "CREATE DATABASE %s TEMPLATE %s ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", name,
             template);
    run(server_url, sql);
}

const char *test_pg_url(void)
{
    find_server();
    if (own_made) {
        run(own_url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    } else {
        make_database(own_name, "template0");
        own_made = true;
    }
    return own_url;
}

/* ---- copies ---- */
static bool has_database(PGconn *c, const char *name)
{
    const char *values[] = { name };
    PGresult *r = PQexecParams(c, "SELECT 1 FROM pg_database WHERE datname = $1", 1, NULL, values,
                               NULL, NULL, 0);
    bool has = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;

    PQclear(r);
    return has;
}

const char *test_pg_copy(u64 key, void (*fill)(const char *url, void *arg), void *arg)
{
    char seed[48], making[64], url[600], sql[200];

    find_server();
    snprintf(seed, sizeof seed, "furrow_seed_%016llx", (unsigned long long)key);
    PGconn *c = connect_to(server_url);
    PQclear(PQexec(c, "SELECT pg_advisory_lock(7402)")); /* until the connection ends */
    if (!has_database(c, seed)) {
        snprintf(making, sizeof making, "%s_new", seed);
        make_database(making, "template0");
        name_url(url, sizeof url, making);
        fill(url, arg);
        snprintf(sql, sizeof sql, "ALTER DATABASE %s RENAME TO %s", making, seed);
        run(server_url, sql);
    }
    PQfinish(c);
    make_database(own_name, seed);
    own_made = true;
    return own_url;
}
