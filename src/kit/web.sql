-- What the shell of every page and the health pages ask.

-- name: web.unread
SELECT count(*) FROM (SELECT 1 FROM notification
 WHERE user_id = :user_id AND read_at IS NULL AND quiet = 0 LIMIT 100) AS unread;

-- name: web.ping
SELECT 1;

-- name: web.outbox_depth
SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 10000) AS waiting;
