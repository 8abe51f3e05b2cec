-- The topics as one contact's preference page shows them: those for everybody, and those that were ever agreed to.
-- name: preference.topics
SELECT t.id, t.name, t.description, t.basis, coalesce(c.state, '')
  FROM topic t LEFT JOIN consent c ON c.contact_id = :contact AND +c.topic_id = t.id
       AND c.latest = 1 AND c.deleted_at IS NULL
 WHERE t.deleted_at IS NULL AND (t.shown = 1 OR c.state IN ('given', 'pending') OR t.id = :topic)
 ORDER BY t.position, t.id;
