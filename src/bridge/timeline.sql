-- What is on its way to the journey: the page of a record shows its own save at once.
-- name: timeline.outbox
SELECT id, kind, at, record_id, value_minor, props
  FROM outbox
 WHERE contact_id = :contact AND id > :applied
 ORDER BY id DESC LIMIT 200;

-- name: timeline.comments
SELECT c.at, c.text, coalesce(u.name, '') AS who, c.id, coalesce(c.user_id, 0) AS user_id
  FROM comment c LEFT JOIN "user" u ON u.id = c.user_id
 WHERE c.type = :type AND c.record_id = :id AND c.deleted_at IS NULL AND c.at < :until
 ORDER BY c.at DESC, c.id DESC LIMIT :limit;
