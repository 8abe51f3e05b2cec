-- Who looks at a ticket just now, and who writes.

-- name: desk.here
SELECT u.name, h.doing FROM ticket_here h JOIN "user" u ON u.id = h.user_id
 WHERE h.ticket_id = :ticket AND h.user_id <> :me AND h.at >= :since ORDER BY h.doing DESC, u.name LIMIT :limit;

-- name: desk.is_here
INSERT INTO ticket_here (ticket_id, user_id, doing, at) VALUES (:ticket, :user, :doing, :now)
ON CONFLICT (ticket_id, user_id) DO UPDATE SET doing = excluded.doing, at = excluded.at;

-- name: desk.gone
DELETE FROM ticket_here WHERE ticket_id = :ticket AND user_id = :user;

-- How many stand in the desk's views, along ticket_desk and ticket_due.
-- name: desk.count_open
SELECT count(*) FROM (SELECT 1 AS one FROM ticket WHERE active = 1 AND deleted_at IS NULL LIMIT :limit) AS counted;

-- name: desk.count_mine
SELECT count(*) FROM (SELECT 1 AS one FROM ticket WHERE active = 1 AND deleted_at IS NULL AND assignee_id = :me LIMIT :limit) AS counted;

-- name: desk.count_unassigned
SELECT count(*) FROM (SELECT 1 AS one FROM ticket WHERE active = 1 AND deleted_at IS NULL AND assignee_id IS NULL LIMIT :limit) AS counted;

-- name: desk.count_soon
SELECT count(*) FROM (SELECT 1 AS one FROM ticket WHERE due_at <= :until AND active = 1 AND deleted_at IS NULL LIMIT :limit) AS counted;
