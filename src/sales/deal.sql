-- The last that was done about a deal.
-- name: deal.last_activity
SELECT coalesce(max(a.done_at), 0) FROM activity a
 WHERE a.deal_id = :deal AND a.done = 1 AND a.deleted_at IS NULL AND a.done_at <= :now;

-- Whether anything is planned.
-- name: deal.planned
SELECT count(*) FROM (SELECT 1 FROM activity a
 WHERE a.deal_id = :deal AND a.done = 0 AND a.deleted_at IS NULL LIMIT 1) AS one;

-- With how many people of the customer somebody dealt about it.
-- name: deal.people
SELECT count(DISTINCT a.contact_id) FROM activity a
 WHERE a.deal_id = :deal AND a.done = 1 AND a.deleted_at IS NULL AND a.contact_id <> :contact;
