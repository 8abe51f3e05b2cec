/* demo.c -- `furrow demo`: makes the demo company in an empty folder, says how to sign in, and
 * serves it if asked to. */
#include "demo/demo.h"
#include "app/commands.h"
#include "app/program.h"

static enum status start_features(struct ctx *cx, void *arg)
{
    (void)arg;
    return kit_start(cx);
}

static void print_made(const struct demo_numbers *n, double seconds, FILE *out)
{
    fprintf(out,
            "Made in %.1f s: %lld companies, %lld contacts, %lld events, %lld hand-offs (%lld "
            "accepted),\n%lld activities, %lld deals (%lld won).\n",
            seconds, (long long)n->companies, (long long)n->contacts, (long long)n->events,
            (long long)n->handoffs, (long long)n->accepted, (long long)n->activities,
            (long long)n->deals, (long long)n->won);
}

static enum status fill(struct program *p, const struct cli *cli)
{
    struct demo_options o = { .seed = (u64)cli_int(cli, "seed"),
                              .contacts = cli_int(cli, "contacts"),
                              .companies = cli_int(cli, "companies"),
                              .events = cli_int(cli, "event-count"),
                              .deals = cli_int(cli, "deals") };
    struct demo_numbers made;

    /* What nobody said follows from the contacts. */
    if (!o.companies)
        o.companies = (o.contacts * 3 + 39) / 40;
    if (!o.events)
        o.events = o.contacts * 75 < 1000 ? 1000 : o.contacts * 75;
    if (!o.deals)
        o.deals = o.contacts / 8;
    u64 began = clock_mono_ns();

    fprintf(cli->out, "Making the demo company, two years of it. This takes a little while.\n");
    fflush(cli->out);
    /* What a new workspace begins with was there when the story began. */
    p->clock.fixed_ms = demo_begins_ms(clock_ms(NULL));
    TRY(kit_write(&p->cx, start_features, NULL));
    p->clock.fixed_ms = 0;
    TRY(demo_fill(&p->cx, &o, &made));
    print_made(&made, (double)(clock_mono_ns() - began) / 1e9, cli->out);
    return OK;
}

static enum status make(struct program *p, const struct cli *cli)
{
    enum demo_state state;

    TRY(demo_look(&p->cx, &state));
    if (state == DEMO_EMPTY)
        return fill(p, cli);
    if (state == DEMO_BROKEN)
        return ctx_fail(&p->cx, E_CONFLICT,
                        "the making of the demo company in '%s' was interrupted; delete the folder "
                        "and try again, or choose another --data",
                        p->config.data);
    if (state == DEMO_OTHER)
        return ctx_fail(&p->cx, E_CONFLICT,
                        "'%s' holds data that is not the demo company's; choose another --data",
                        p->config.data);
    fprintf(cli->out, "The demo company is in '%s' already.\n", p->config.data);
    return OK;
}

int cmd_demo(struct cli *cli)
{
    bool dev = cli_flag(cli, "dev");
    struct program p;
    enum status s = program_open(&p, cli,
                                 PROGRAM_LOCK | PROGRAM_JOURNEY | PROGRAM_FILL_EMPTY |
                                     PROGRAM_NO_START | (dev ? PROGRAM_DEV : 0),
                                 NULL);
    int code;

    if (s == OK)
        s = make(&p, cli);
    if (s == OK) {
        const char *listen = p.config.listen;
        fprintf(cli->out, "Sign in at %s%s with the password %s as\n",
                p.config.public_url[0] ? "" : "http://",
                p.config.public_url[0] ? p.config.public_url : listen, demo_password);
        for (const struct demo_sign_in *in = demo_sign_ins; in->who; in++)
            fprintf(cli->out, "  %-14s %s\n", in->who, in->email);
        fflush(cli->out);
    }
    code = program_end(&p, s);
    /* In a process that has not held two years of events while it sorted them. */
    return code == 0 && cli_flag(cli, "serve") ? cli_become(cli, "serve") : code;
}
