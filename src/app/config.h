/* config.h -- the settings of a running program that must be known before its database is open:
 * from flags, then the environment, then defaults. Everything else is a setting in the database. */
#pragma once
#include "app/cli.h"
#include "base/ctx.h"

struct config {
    const char *data;          /* folder; made when absent */
    const char *db_url;        /* "sqlite:DATA/furrow.db" unless said otherwise */
    const char *events_path;   /* "DATA/journey.db" */
    const char *events_url;    /* where they lie once they are flushed; NULL: in that file */
    const char *listen;
    const char *public_url;    /* "" unknown */
    const char *trusted_proxy; /* "" none */
    const char *key_path;      /* of the secrets: "DATA/secret.key" unless said otherwise */
    const char *geo_path;      /* "": where it usually is */
    const char *log_level;
    unsigned readers;          /* threads that read */
    u32 node;
};
/* Texts are borrowed from the command line or in cx's arena. E_INVALID names the option. */
MUST_CHECK enum status config_read(struct ctx *cx, const struct cli *cli, struct config *out);
