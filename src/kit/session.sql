-- Who asks: one row for every request, by the hash of a session's secret or of a token's.

-- name: session.find
SELECT s.id, s.csrf, s.seen_at, u.id, u.name, u.email, COALESCE(u.team_id, 0), COALESCE(t.kind, ''),
       COALESCE(r.id, 0), COALESCE(r.version, 0), COALESCE(r.name, ''), COALESCE(r.rules, ''),
       COALESCE(r.admin, 0), u.theme
  FROM session s
  JOIN "user" u ON u.id = s.user_id
  LEFT JOIN team t ON t.id = u.team_id AND t.deleted_at IS NULL
  LEFT JOIN role r ON r.id = u.role_id AND r.deleted_at IS NULL
 WHERE s.secret_hash = :hash AND s.expires_at > :now AND u.active = 1 AND u.deleted_at IS NULL;

-- name: session.find_token
SELECT k.id, k.scopes, COALESCE(k.used_at, 0), u.id, u.name, u.email, COALESCE(u.team_id, 0),
       COALESCE(t.kind, ''), COALESCE(r.id, 0), COALESCE(r.version, 0), COALESCE(r.name, ''),
       COALESCE(r.rules, ''), COALESCE(r.admin, 0), u.theme
  FROM token k
  JOIN "user" u ON u.id = k.user_id
  LEFT JOIN team t ON t.id = u.team_id AND t.deleted_at IS NULL
  LEFT JOIN role r ON r.id = u.role_id AND r.deleted_at IS NULL
 WHERE k.secret_hash = :hash AND k.revoked_at IS NULL
   AND (k.expires_at IS NULL OR k.expires_at > :now) AND u.active = 1 AND u.deleted_at IS NULL;

-- name: session.find_user
SELECT 0, '', 0, u.id, u.name, u.email, COALESCE(u.team_id, 0), COALESCE(t.kind, ''),
       COALESCE(r.id, 0), COALESCE(r.version, 0), COALESCE(r.name, ''), COALESCE(r.rules, ''),
       COALESCE(r.admin, 0), u.theme
  FROM "user" u
  LEFT JOIN team t ON t.id = u.team_id AND t.deleted_at IS NULL
  LEFT JOIN role r ON r.id = u.role_id AND r.deleted_at IS NULL
 WHERE u.id = :id AND u.active = 1 AND u.deleted_at IS NULL;

-- name: session.add
INSERT INTO session (id, user_id, secret_hash, csrf, created_at, seen_at, expires_at, address, client)
VALUES (:id, :user_id, :hash, :csrf, :now, :now, :expires_at, :address, :client);

-- name: session.seen
UPDATE session SET seen_at = :now WHERE id = :id;

-- name: session.user_seen
UPDATE "user" SET last_seen_at = :now WHERE id = :id;

-- name: session.end
DELETE FROM session WHERE id = :id;

-- name: session.end_own
DELETE FROM session WHERE id = :id AND user_id = :user_id;

-- name: session.end_all
DELETE FROM session WHERE user_id = :user_id AND id <> :except;

-- name: session.end_expired
DELETE FROM session WHERE expires_at < :now;

-- name: session.list
SELECT id, created_at, seen_at, address, client FROM session
 WHERE user_id = :user_id AND expires_at > :now ORDER BY seen_at DESC LIMIT 200;

-- name: session.sign_in
SELECT id, password_hash FROM "user"
 WHERE email_fold = :email AND active = 1 AND deleted_at IS NULL;

-- name: session.email_of
SELECT email FROM "user" WHERE id = :id;

-- name: session.invited
SELECT id, name, email FROM "user"
 WHERE invite_hash = :hash AND invite_expires_at > :now AND active = 1 AND deleted_at IS NULL;

-- name: session.user_count
SELECT count(*) FROM (SELECT 1 FROM "user"
 WHERE active = 1 AND deleted_at IS NULL AND password_hash <> '' LIMIT 1000) AS able;

-- name: session.token_add
INSERT INTO token (id, user_id, label, secret_hash, scopes, created_at, expires_at)
VALUES (:id, :user_id, :label, :hash, :scopes, :now, :expires_at);

-- name: session.token_used
UPDATE token SET used_at = :now WHERE id = :id;

-- name: session.token_list
SELECT id, label, scopes, created_at, COALESCE(used_at, 0) AS used_at,
       COALESCE(expires_at, 0) AS expires_at
  FROM token WHERE user_id = :user_id AND revoked_at IS NULL ORDER BY id DESC LIMIT 200;

-- name: session.token_count
SELECT count(*) FROM token WHERE user_id = :user_id AND revoked_at IS NULL;

-- name: session.token_revoke
UPDATE token SET revoked_at = :now
 WHERE id = :id AND user_id = :user_id AND revoked_at IS NULL;

-- name: session.admin_role
SELECT id FROM role WHERE admin = 1 AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- Who can be mentioned.
-- name: mention.colleagues
SELECT u.id, u.name, u.email, coalesce(nullif(u.title, ''), t.name, '')
  FROM "user" u LEFT JOIN team t ON t.id = u.team_id AND t.deleted_at IS NULL
 WHERE u.active = 1 AND u.deleted_at IS NULL ORDER BY u.name, u.id LIMIT 1000;
