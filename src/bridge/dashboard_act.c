/* dashboard_act.c -- what is done to a dashboard beside its forms: tiles moved, sized, doubled and
 * taken away; the dashboard copied, opened first, its filters kept. */
#include "base/id.h"
#include "bridge/dashboard_int.h"
#include "bridge/dashboard_page.h"
#include "kit/kit.h"

enum { STEP = 10 };

static enum status may_change(const struct board *b)
{
    return record_check(b->cx, (struct row *)b->row);
}

/* Gives the tiles places in this order; only those that stand elsewhere are written. */
static enum status place(struct ctx *cx, struct row *const *tiles, size_t count)
{
    scoped(access_leave) struct access_guard g = access_enter_system(cx);

    for (size_t i = 0; i < count; i++) {
        i64 position = (i64)(i + 1) * STEP;
        if (row_i64(tiles[i], TILE_POSITION) == position)
            continue;
        row_set_i64(tiles[i], TILE_POSITION, position);
        TRY(record_save(cx, tiles[i]));
    }
    return OK;
}

static size_t index_of(struct row *const *tiles, size_t count, i64 id)
{
    size_t i = 0;

    while (i < count && row_id(tiles[i]) != id)
        i++;
    return i;
}

/* Moves tiles[from] so that it stands at `to`. */
static void shift(struct row **tiles, size_t from, size_t to)
{
    struct row *one = tiles[from];

    for (; from < to; from++)
        tiles[from] = tiles[from + 1];
    for (; from > to; from--)
        tiles[from] = tiles[from - 1];
    tiles[to] = one;
}

static enum status answer(struct req *rq, const struct board *b, const struct row *tile,
                          const char *said)
{
    struct val *v = val_map(rq->cx->arena);

    if (!rq->wants_json)
        return reply_done(rq,
                          tile ? arena_printf(rq->cx->arena, "%s#tile-%s", row_path(rq->cx, b->row),
                                              id_text(rq->cx->arena, row_id(tile)))
                               : row_path(rq->cx, b->row),
                          "%s", said);
    val_put_text(v, "message", said);
    return reply_json(rq, 200, v);
}

/* POST /dashboards/:id/arrange {order: "ID,ID,..."}: tiles that are not named keep their order,
 * behind. */
enum status board_arrange_post(struct req *rq)
{
    struct str rest = str_from(req_form(rq, "order")), word;
    struct row **tiles;
    struct board b;
    size_t count, next = 0;
    i64 id;

    TRY(board_load(rq, &b));
    TRY(may_change(&b));
    TRY(board_tiles(&b, &tiles, &count));
    while (str_split(&rest, ',', &word)) {
        size_t at = id_parse(word, &id) ? index_of(tiles, count, id) : count;
        if (at == count)
            return ctx_fail_code(rq->cx, E_INVALID, "dashboard.order",
                                 "The dashboard has another tile by now: load the page again.");
        if (at >= next)
            shift(tiles, at, next++);
    }
    TRY(place(rq->cx, tiles, count));
    return answer(rq, &b, NULL, "Arranged.");
}

/* POST /dashboards/:id/tiles/:tile/place {move: earlier|later|first|last, width, height} */
enum status tile_place_post(struct req *rq)
{
    static const int sizes[] = { TILE_WIDTH, TILE_HEIGHT };
    const char *move = req_form(rq, "move");
    struct row *tile, **tiles;
    struct board b;
    size_t count, at, to;

    TRY(board_tile(rq, &b, &tile));
    TRY(may_change(&b));
    for (size_t i = 0; i < countof(sizes); i++)
        if (req_form(rq, tile_type.fields[sizes[i]].name)[0])
            TRY(row_parse(rq->cx, tile, sizes[i], req_form(rq, tile_type.fields[sizes[i]].name)));
    if (move[0]) {
        TRY(board_tiles(&b, &tiles, &count));
        at = index_of(tiles, count, row_id(tile));
        to = text_is(move, "earlier") && at > 0         ? at - 1
             : text_is(move, "later") && at + 1 < count ? at + 1
                                                        : at;
        shift(tiles, at, to);
        TRY(place(rq->cx, tiles, count));
        return answer(rq, &b, tile, "Moved.");
    }
    scoped(access_leave) struct access_guard g = access_enter_system(rq->cx);
    TRY(record_save(rq->cx, tile));
    access_leave(&g);
    return answer(rq, &b, tile, "Sized.");
}

static struct row *copy_of(struct ctx *cx, const struct row *tile, i64 dashboard)
{
    static const int texts[] = { TILE_TITLE, TILE_CHART, TILE_QUESTION };
    static const int numbers[] = { TILE_POSITION, TILE_WIDTH, TILE_HEIGHT };
    struct row *copy = row_new(cx, &tile_type);

    row_set_i64(copy, TILE_DASHBOARD, dashboard);
    for (size_t i = 0; i < countof(texts); i++)
        row_set_text(copy, texts[i], row_text(tile, texts[i]));
    for (size_t i = 0; i < countof(numbers); i++)
        row_set_i64(copy, numbers[i], row_i64(tile, numbers[i]));
    return copy;
}

/* POST /dashboards/:id/tiles/:tile/copy: the same again, right behind it. */
enum status tile_copy_post(struct req *rq)
{
    struct row *tile, *copy;
    struct board b;

    TRY(board_tile(rq, &b, &tile));
    TRY(may_change(&b));
    copy = copy_of(rq->cx, tile, row_id(b.row));
    row_set_i64(copy, TILE_POSITION, row_i64(tile, TILE_POSITION) + 1);
    scoped(access_leave) struct access_guard g = access_enter_system(rq->cx);
    TRY(record_save(rq->cx, copy));
    access_leave(&g);
    return answer(rq, &b, copy, "The tile is there twice: change one of them.");
}

/* POST /dashboards/:id/tiles/:tile/delete */
enum status tile_delete_post(struct req *rq)
{
    struct row *tile;
    struct board b;

    TRY(board_tile(rq, &b, &tile));
    TRY(may_change(&b));
    scoped(access_leave) struct access_guard g = access_enter_system(rq->cx);
    TRY(record_delete(rq->cx, tile));
    access_leave(&g);
    if (rq->wants_json)
        return answer(rq, &b, NULL, "The tile is gone.");
    return reply_done_undo(rq, row_path(rq->cx, b.row),
                           arena_printf(rq->cx->arena, "%s/tiles/%s/restore",
                                        row_path(rq->cx, b.row),
                                        id_text(rq->cx->arena, row_id(tile))),
                           "The tile is gone.");
}

/* POST /dashboards/:id/tiles/:tile/restore */
enum status tile_restore_post(struct req *rq)
{
    struct row *tile;
    struct board b;
    i64 id;

    TRY(board_load(rq, &b));
    TRY(may_change(&b));
    TRY(req_id(rq, "tile", &id));
    scoped(access_leave) struct access_guard g = access_enter_system(rq->cx);
    TRY(record_get_any(rq->cx, &tile_type, id, &tile));
    if (row_i64(tile, TILE_DASHBOARD) != row_id(b.row))
        return ctx_fail(rq->cx, E_NOT_FOUND, "This dashboard has no such tile.");
    TRY(record_restore(rq->cx, tile));
    access_leave(&g);
    return answer(rq, &b, tile, "The tile is back.");
}

/* ---- the dashboard ---- */
/* POST /dashboards/:id/copy: one's own, to be changed at will. */
enum status board_copy_post(struct req *rq)
{
    static const int kept[] = { DASHBOARD_DESCRIPTION, DASHBOARD_PERIOD, DASHBOARD_COMPARE,
                                DASHBOARD_FILTERS };
    struct ctx *cx = rq->cx;
    struct row *copy = row_new(cx, &dashboard_type), **tiles, **copies;
    struct board b;
    size_t count;

    TRY(board_load(rq, &b));
    TRY(board_tiles(&b, &tiles, &count));
    row_set_text(copy, DASHBOARD_NAME,
                 arena_printf(cx->arena, "%s (copy)", row_text(b.row, DASHBOARD_NAME)));
    for (size_t i = 0; i < countof(kept); i++)
        row_set_text(copy, kept[i], row_text(b.row, kept[i]));
    row_set_text(copy, DASHBOARD_SHARED, "me");
    row_set_i64(copy, DASHBOARD_OWNER, cx->access->user_id);
    TRY(record_save(cx, copy));
    copies = NEW_N(cx->arena, struct row *, count + 1);
    for (size_t i = 0; i < count; i++)
        copies[i] = copy_of(cx, tiles[i], row_id(copy));
    scoped(access_leave) struct access_guard g = access_enter_system(cx);
    TRY(record_save_many(cx, copies, count));
    access_leave(&g);
    return reply_done(rq, arena_printf(cx->arena, "%s/edit", row_path(cx, copy)),
                      "This is your own copy, which only you see. Give it a name.");
}

/* POST /dashboards/:id/first: it stands first for this user; once more: no longer. */
enum status board_first_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    i64 me = cx->access->user_id, first;
    struct board b;

    TRY(board_load(rq, &b));
    TRY(board_first(cx, &first));
    bool was = first == row_id(b.row);
    if (was)
        TRY(db_run(cx, "dashboard.first_forget", I64("user", me)));
    else
        TRY(db_run(cx, "dashboard.first_put", I64("user", me), I64("dashboard", row_id(b.row))));
    return answer(rq, &b, NULL,
                  was ? "It no longer stands first for you."
                      : "It stands first for you, under Dashboards and on Home.");
}

/* POST /dashboards/:id/keep?...: it opens like this from now on, for everybody. */
enum status board_keep_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct buf b = buf_in(cx->arena, 2000);
    struct board board;
    struct row *row;

    TRY(board_load(rq, &board));
    row = (struct row *)board.row;
    for (size_t i = 0; i < board.q.where_count; i++)
        buf_printf(&b, "%s%s=%s", b.len ? "&" : "", board.q.where[i].dimension,
                   http_url_encode(cx->arena, board.q.where[i].value));
    if (board.owner[0])
        buf_printf(&b, "%sowner=%s", b.len ? "&" : "", board.owner);
    if (board.team[0])
        buf_printf(&b, "%steam=%s", b.len ? "&" : "", board.team);
    row_set_text(row, DASHBOARD_FILTERS, buf_end(&b));
    row_set_text(row, DASHBOARD_COMPARE, board.compare);
    if (strstr(board.period, "..") == NULL) /* days that are over say nothing tomorrow */
        row_set_text(row, DASHBOARD_PERIOD, board.period);
    TRY(record_save(cx, row));
    return answer(rq, &board, NULL, "The dashboard opens like this from now on.");
}
