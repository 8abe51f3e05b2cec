/* peer.h -- a server that says what a test wants, byte for byte: for clients of ours. */
#pragma once
#include "base/str.h"

/* What is sent for one request, whole as it came (head and body). The connection is closed after
 * it. An answer of p NULL: nothing is sent and the connection stays. */
typedef struct str peer_answer(void *arg, struct str request);
struct peer;
struct peer *peer_open(peer_answer *answer, void *arg); /* on a free port; aborts on errors */
int peer_port(const struct peer *p);
void peer_close(struct peer *p);
