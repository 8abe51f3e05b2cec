-- name: comment.add
INSERT INTO comment (id, type, record_id, user_id, at, text) VALUES (:id, :type, :record, :user, :at, :text);

-- name: comment.list
SELECT id, at, text, user_id FROM comment
 WHERE type = :type AND record_id = :record AND deleted_at IS NULL ORDER BY id DESC LIMIT 200;

-- name: comment.forget
UPDATE comment SET deleted_at = :at WHERE id = :id AND type = :type AND record_id = :record AND deleted_at IS NULL
   AND (user_id = :user OR :any = 1);

-- name: view.list
SELECT v.id, v.name, v.query, v.user_id, coalesce(f.view_id, 0) FROM saved_view v
  LEFT JOIN saved_view_first f ON f.view_id = v.id AND f.user_id = :user
 WHERE v.type = :type AND (v.user_id = :user OR v.shared = 1) ORDER BY v.name, v.id LIMIT 20;

-- The view that a list opens with.
-- name: view.first
SELECT v.query FROM saved_view_first f JOIN saved_view v ON v.id = f.view_id
 WHERE f.user_id = :user AND f.type = :type AND (v.user_id = :user OR v.shared = 1);

-- name: view.seen
SELECT query FROM saved_view WHERE id = :id AND type = :type AND (user_id = :user OR shared = 1);

-- name: view.put_first
INSERT INTO saved_view_first (id, user_id, type, view_id) VALUES (:id, :user, :type, :view)
    ON CONFLICT (user_id, type) DO UPDATE SET view_id = excluded.view_id;

-- name: view.clear_first
DELETE FROM saved_view_first WHERE user_id = :user AND type = :type;

-- name: view.forget_firsts
DELETE FROM saved_view_first WHERE view_id = :view;

-- name: view.rename
UPDATE saved_view SET name = :name WHERE id = :id AND type = :type AND user_id = :user;

-- name: view.replace
UPDATE saved_view SET query = :query WHERE id = :id AND type = :type AND user_id = :user;

-- name: view.add
INSERT INTO saved_view (id, user_id, type, name, query, shared, created_at)
VALUES (:id, :user, :type, :name, :query, :shared, :at);

-- name: view.forget
DELETE FROM saved_view WHERE id = :id AND type = :type AND (user_id = :user OR :any = 1);

-- name: notification.list
SELECT id, at, icon, text, path, read_at, kind FROM notification
 WHERE user_id = :user AND quiet = 0 AND (:kind = '' OR kind = :kind) AND (:unread = 0 OR read_at IS NULL)
 ORDER BY id DESC LIMIT 100;

-- name: notification.read_one
UPDATE notification SET read_at = coalesce(read_at, :at) WHERE id = :id AND user_id = :user;

-- Unread for the eye; what was mailed is not mailed again.
-- name: notification.unread_one
UPDATE notification SET read_at = NULL WHERE id = :id AND user_id = :user AND :at >= at;

-- name: notification.read_all
UPDATE notification SET read_at = :at WHERE user_id = :user AND read_at IS NULL AND quiet = 0;

-- The records of one type that one action of somebody did this to.
-- name: change.of_batch
SELECT DISTINCT record_id FROM change
 WHERE batch_id = :batch AND type = :type AND verb = :verb AND user_id = :user ORDER BY record_id LIMIT :limit;

-- What somebody changed lately, newest first.
-- name: change.lately
SELECT type, record_id, max(id) AS last FROM
   (SELECT id, type, record_id, user_id, verb FROM change ORDER BY id DESC LIMIT 500) AS newest
 WHERE user_id = :user AND record_id <> 0 AND verb <> 'delete'
 GROUP BY type, record_id ORDER BY last DESC LIMIT 16;

-- ---- the team feed ----
-- What people did to records, and what they wrote, both newest first, before a moment and an id. team, user: whose; 0 for
-- everybody's.
-- name: feed.changes
SELECT id, at, user_id, coalesce(request_id, batch_id, id), type, record_id, verb, fields FROM change
 WHERE user_id IS NOT NULL AND (at, id) < (:at, :before) AND verb <> 'move' AND (:user = 0 OR user_id = :user)
   AND (:team = 0 OR user_id IN (SELECT u.id FROM "user" u WHERE u.team_id = :team))
 ORDER BY at DESC, id DESC LIMIT :limit;

-- name: feed.comments
SELECT id, at, user_id, id, type, record_id, 'comment', text FROM comment
 WHERE user_id IS NOT NULL AND (at, id) < (:at, :before) AND deleted_at IS NULL AND (:user = 0 OR user_id = :user)
   AND (:team = 0 OR user_id IN (SELECT u.id FROM "user" u WHERE u.team_id = :team))
 ORDER BY at DESC, id DESC LIMIT :limit;

-- ---- files ----
-- name: file.keep
INSERT INTO file_content (hash, size, bytes) VALUES (:hash, :size, :bytes) ON CONFLICT (hash) DO NOTHING;

-- name: file.add
INSERT INTO file (id, type, record_id, name, media_type, hash, size, at, user_id)
VALUES (:id, :type, :record, :name, :media, :hash, :size, :at, :user);

-- name: file.count
SELECT count(*) FROM file WHERE record_id = :record;

-- name: file.total
SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM file_content;

-- name: file.list
SELECT id, name, media_type, size, at, coalesce(user_id, 0) FROM file WHERE record_id = :record ORDER BY id DESC LIMIT 200;

-- name: file.get
SELECT f.name, f.media_type, c.bytes FROM file f JOIN file_content c ON c.hash = f.hash
 WHERE f.id = :id AND f.record_id = :record;

-- name: file.remove
DELETE FROM file WHERE id = :id AND record_id = :record;

-- name: file.sweep
DELETE FROM file_content WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.hash = file_content.hash);
