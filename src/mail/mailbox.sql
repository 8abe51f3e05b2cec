-- Mailboxes: when each is read next, its folders and how far they are read.

-- name: mailbox.add_state
INSERT INTO mailbox_state (mailbox_id, due_at) VALUES (:id, :now) ON CONFLICT DO NOTHING;

-- name: mailbox.due_now
UPDATE mailbox_state SET due_at = :now, failures = 0 WHERE mailbox_id = :id;

-- name: mailbox.wait
UPDATE mailbox_state SET due_at = :due WHERE mailbox_id = :id;

-- name: mailbox.state
SELECT error, coalesce(last_at, 0) AS last_at, taken FROM mailbox_state WHERE mailbox_id = :id;

-- name: mailbox.failures
SELECT failures FROM mailbox_state WHERE mailbox_id = :id;

-- name: mailbox.went_well
UPDATE mailbox_state SET error = '', failures = 0, last_at = :now, due_at = :due WHERE mailbox_id = :id;

-- name: mailbox.went_wrong
UPDATE mailbox_state SET error = :error, failures = failures + 1, due_at = :due WHERE mailbox_id = :id;

-- name: mailbox.set_error
UPDATE mailbox_state SET error = :error, failures = 0, due_at = :due WHERE mailbox_id = :id;

-- name: mailbox.count_one
UPDATE mailbox_state SET taken = taken + 1 WHERE mailbox_id = :id;

-- name: mailbox.due
SELECT m.id FROM mailbox m JOIN mailbox_state s ON s.mailbox_id = m.id
 WHERE m.deleted_at IS NULL AND m.active = 1 AND s.due_at <= :now ORDER BY s.due_at LIMIT :limit;

-- name: mailbox.forget_state
DELETE FROM mailbox_state WHERE mailbox_id = :id;

-- name: mailbox.forget_folders
DELETE FROM mailbox_folder WHERE mailbox_id = :id;

-- name: mailbox.forget_seen
DELETE FROM mailbox_seen WHERE mailbox_id = :id;

-- name: mailbox.folder_count
SELECT count(*) FROM mailbox_folder WHERE mailbox_id = :id;

-- name: mailbox.folders
SELECT name, label, special, chosen FROM mailbox_folder WHERE mailbox_id = :id ORDER BY special = '', label LIMIT 500;

-- name: mailbox.note_folder
INSERT INTO mailbox_folder (mailbox_id, name, label, special, chosen) VALUES (:id, :name, :label, :special, :chosen)
ON CONFLICT (mailbox_id, name) DO UPDATE SET label = excluded.label, special = excluded.special;

-- name: mailbox.choose_none
UPDATE mailbox_folder SET chosen = 0 WHERE mailbox_id = :id;

-- name: mailbox.choose
UPDATE mailbox_folder SET chosen = 1 WHERE mailbox_id = :id AND name = :name;

-- name: mailbox.chosen
SELECT name, uid_validity, uid_seen, mod_seq FROM mailbox_folder
 WHERE mailbox_id = :id AND chosen = 1 ORDER BY special = 'inbox' DESC, name LIMIT :limit;

-- name: mailbox.sent_folder
SELECT name FROM mailbox_folder WHERE mailbox_id = :id AND special = 'sent' ORDER BY chosen DESC, name LIMIT 1;

-- Only forward, or into a numbering that began anew.
-- name: mailbox.move_on
UPDATE mailbox_folder SET uid_seen = :uid, uid_validity = :validity, mod_seq = :mod_seq
 WHERE mailbox_id = :id AND name = :name AND (uid_validity <> :validity OR uid_seen < :uid);

-- name: mailbox.add_seen
INSERT INTO mailbox_seen (mailbox_id, uid, at) VALUES (:id, :uid, :now) ON CONFLICT DO NOTHING;

-- name: mailbox.has_seen
SELECT 1 FROM mailbox_seen WHERE mailbox_id = :id AND uid = :uid;

-- name: mailbox.of_user
SELECT id FROM mailbox WHERE deleted_at IS NULL AND active = 1 AND purpose = 'person' AND owner_id = :user AND sender_id IS NOT NULL
 ORDER BY id LIMIT :limit;
