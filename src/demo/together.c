/* together.c -- colleagues at work on the same deals: what they write to each other, who follows,
 * the files they keep there. Last of all, so that the bells of the company show it. */
#include "demo/demo_int.h"
#include "kit/file.h"
#include "kit/watch.h"

enum { DEALS = 5, CLARA = 0 };

static const char *const words[DEALS] = {
    "They read the frost page three times this week. Shall I send them the trial report?",
    "The neighbour who recommended us would take a call. His number is in the file.",
    "Please look at the margin before this goes out, the second gateway is new.",
    "The webinar on irrigation is on Thursday, I have kept two seats for them.",
    "Support solved their radio trouble yesterday. A good moment to call.",
};
static const char visit[] = "Visit to the orchard\n\n"
                            "- 14 ha, two slopes, frost in the lower rows every second April\n"
                            "- pump house with power, mobile reception only at the gate\n"
                            "- wants the gateway on the machine hall, decides with his brother\n";
static const char list[] = "Position,Pieces\nSoil probe 60 cm,24\nWeather station,2\nGateway,1\n";

static enum status talk(struct sim *s, const struct row *deal, int who, int to, const char *text)
{
    const char *said = arena_printf(s->work, "@%s %s", colleagues[to].name, text);

    sim_as(s, who);
    TRY(db_run(&s->cx, "comment.add", I64("id", kit_new_id(&s->cx)), TEXT("type", "deal"),
               I64("record", row_id(deal)), I64("user", s->user_ids[who]),
               I64("at", ctx_now(&s->cx)), TEXT("text", said)));
    return watch_wrote(&s->cx, deal, said, NULL);
}

static int colleague_of(const struct sim *s, i64 user)
{
    for (int i = 0; i < COLLEAGUES; i++)
        if (s->user_ids[i] == user)
            return i;
    return CLARA;
}

static enum status keep_files(struct sim *s, const struct row *deal)
{
    i64 id;

    TRY(file_keep(&s->cx, deal, "Visit to the orchard.txt", str_from(visit), &id));
    return file_keep(&s->cx, deal, "Probes and stations.csv", str_from(list), &id);
}

enum status together_story(struct ctx *cx, void *arg)
{
    struct sim *s = arg;
    const struct record_type *t = type_find(cx, "deal");
    i64 ids[DEALS], owners[DEALS];
    int count = 0;

    {
        scoped(stmt_close) struct stmt q = db_query(cx, "demo.together_deals");
        for (; count < DEALS && stmt_next(&q); count++) {
            ids[count] = col_i64(&q, 0);
            owners[count] = col_i64(&q, 1);
        }
        TRY(stmt_status(&q));
    }
    TRY(db_run(cx, "demo.together_read", I64("before", s->end_ms - 4 * (i64)MS_HOUR)));
    for (int i = 0; i < count; i++) {
        int owner = colleague_of(s, owners[i]), other = owner == CLARA ? 1 : CLARA;
        struct row *deal;
        sim_as(s, -1);
        TRY(record_get(cx, t, ids[i], &deal));
        s->clock.fixed_ms = s->end_ms - (DEALS - i) * 40 * (i64)MS_MINUTE;
        TRY(talk(s, deal, other, owner, words[i]));
        if (i < 2)
            TRY(keep_files(s, deal));
        s->clock.fixed_ms += 11 * (i64)MS_MINUTE;
        if (i % 2 == 0)
            TRY(talk(s, deal, owner, other, "Thanks, I will call them this afternoon."));
    }
    sim_as(s, -1);
    s->clock.fixed_ms = s->end_ms + 2 * MS_SECOND;
    return db_run(cx, "demo.together_mailed");
}
