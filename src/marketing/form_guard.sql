-- Challenges of forms: the key they are signed with, and those that were used.
-- name: form_guard.key_put
INSERT INTO form_key (id, key, at) VALUES (1, :key, :at) ON CONFLICT (id) DO NOTHING;

-- name: form_guard.key
SELECT key FROM form_key WHERE id = 1;

-- name: form_guard.use
INSERT INTO form_used (token, until) VALUES (:token, :until) ON CONFLICT (token) DO NOTHING;

-- name: form_guard.forget
DELETE FROM form_used WHERE until < :now;

-- name: form_guard.kept
SELECT count(*), CAST(COALESCE(SUM(n), 0) AS BIGINT)
  FROM (SELECT LENGTH(data) AS n FROM submission WHERE status IN ('held', 'spam') AND form_id = :form AND deleted_at IS NULL LIMIT :most) AS kept;
