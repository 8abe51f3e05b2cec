-- Qualified by marketing, and nobody has handed them over yet: the hottest first.
-- name: home.to_hand_over
SELECT c.id FROM contact c
 WHERE c.lifecycle = 'mql' AND c.deleted_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.deleted_at IS NULL)
 ORDER BY c.score DESC, c.id DESC LIMIT :limit;

-- When this user last looked: the latest sign of life of an earlier session.
-- name: home.last_looked
SELECT max(seen_at) FROM session WHERE user_id = :user AND id <> :session;

-- What others did lately to the work that everybody follows, newest first, each record once.
-- name: home.changes
SELECT type, record_id, max(id) AS last FROM
   (SELECT id, type, record_id, user_id FROM change
     WHERE at > :since ORDER BY at DESC, id DESC LIMIT 400) AS newest
 WHERE type IN ('deal', 'handoff', 'campaign', 'company') AND (user_id IS NULL OR user_id <> :user)
 GROUP BY type, record_id ORDER BY last DESC LIMIT :limit;

-- name: home.unread
SELECT at, icon, text, path FROM notification
 WHERE user_id = :user AND read_at IS NULL AND quiet = 0 ORDER BY id DESC LIMIT :limit;
