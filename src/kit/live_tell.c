/* live_tell.c -- from a transaction to the pages that show what it changed: those of this node by
 * its hub, those of other nodes by what the database passes on. */
#include "kit/kit_int.h"
#include "kit/live.h"
#include "store/notify.h"
#include <stdlib.h>

struct words {
    struct live *live;
    i64 user_id;
    const char *topic, *data; /* behind it */
    char text[];
};

static void say_now(void *arg)
{
    struct words *w = arg;

    live_say(w->live, w->topic, w->user_id, w->data);
    free(w);
}

void live_tell(struct ctx *cx, const char *topic, i64 user_id, const char *data)
{
    size_t topic_bytes = strlen(topic) + 1, data_bytes = strlen(data) + 1;
    struct words *w;

    notify_say(cx, arena_printf(cx->arena, "%s\n%lld\n%s", topic, (long long)user_id, data));
    w = kit_live(cx->kit) ? malloc(sizeof *w + topic_bytes + data_bytes) : NULL;
    if (w == NULL) /* a page that is not told shows the change when it is loaded again */
        return;
    memcpy(w->text, topic, topic_bytes);
    memcpy(w->text + topic_bytes, data, data_bytes);
    w->live = kit_live(cx->kit);
    w->user_id = user_id;
    w->topic = w->text;
    w->data = w->text + topic_bytes;
    db_after_commit(cx, say_now, free, w);
}

const char *live_hear(struct live *l, struct arena *a, const char *text)
{
    struct str rest = str_from(arena_text(a, text)), topic, user;
    i64 user_id;

    if (!str_split(&rest, '\n', &topic) || !str_split(&rest, '\n', &user) || topic.len == 0 ||
        !str_i64(user, &user_id))
        return NULL;
    live_say(l, str_dup(a, topic), user_id, str_dup(a, rest));
    return str_dup(a, topic);
}
