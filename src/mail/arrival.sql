-- Mails as they came into a mailbox for support.

-- name: arrival.add
INSERT INTO mail_arrival (id, mailbox_id, key, at, bytes) VALUES (:id, :mailbox, :key, :at, :bytes) ON CONFLICT DO NOTHING;

-- name: arrival.get
SELECT mailbox_id, key, at, bytes FROM mail_arrival WHERE id = :id;
