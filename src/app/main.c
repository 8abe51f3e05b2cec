/* main.c -- the program's beginning; the commands are in cli.c. */
#include "app/cli.h"
#include <signal.h>

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a client that hangs up is an error of a write, not the end of us */
    return cli_main(argc, argv);
}
