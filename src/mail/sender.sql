-- Sending identities.

-- name: sender.default
SELECT id FROM sender WHERE deleted_at IS NULL AND is_default = 1 ORDER BY id LIMIT 1;

-- name: sender.others
SELECT count(*) FROM sender WHERE deleted_at IS NULL AND id <> :id AND personal = 0;

-- name: sender.other_default
SELECT id FROM sender WHERE deleted_at IS NULL AND is_default = 1 AND id <> :id LIMIT 1;

-- name: sender.waiting
SELECT count(*) FROM mail_message WHERE sender_id = :id AND state IN (0, 1, 3, 7, 8);
