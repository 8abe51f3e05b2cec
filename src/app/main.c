/* main.c -- the program's beginning; the commands are in cli.c. */
#include "app/cli.h"
#include <malloc.h>
#include <signal.h>

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a client that hangs up is an error of a write, not the end of us */
    /* Fixed, or glibc raises it with each large piece that is freed, until tables that are mostly
     * empty are cleared instead of left untouched, and what is freed stays with us. */
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
    return cli_main(argc, argv);
}
