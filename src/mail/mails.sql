-- Mails to look at. :user 0 sees all, others their own; :state -1 is any.

-- name: mails.all
SELECT id, created_at, state, lane, address, contact_id, subject, reason, code, source, source_id FROM mail_message
 WHERE id < :before AND (:user = 0 OR user_id = :user) ORDER BY id DESC LIMIT :limit;

-- name: mails.of_state
SELECT id, created_at, state, lane, address, contact_id, subject, reason, code, source, source_id FROM mail_message
 WHERE state = :state AND id < :before AND (:user = 0 OR user_id = :user) ORDER BY id DESC LIMIT :limit;

-- name: mails.of_contact
SELECT id, created_at, state, lane, address, contact_id, subject, reason, code, source, source_id FROM mail_message
 WHERE contact_id = :contact AND id < :before AND (:state < 0 OR state = :state) AND (:user = 0 OR user_id = :user)
 ORDER BY id DESC LIMIT :limit;

-- name: mails.of_source
SELECT id, created_at, state, lane, address, contact_id, subject, reason, code, source, source_id FROM mail_message
 WHERE source = :source AND source_id = :source_id AND id < :before AND (:state < 0 OR state = :state)
   AND (:user = 0 OR user_id = :user)
 ORDER BY id DESC LIMIT :limit;

-- name: mails.count_of_state
SELECT count(*) FROM mail_message WHERE state = :state;

-- name: mails.tries
SELECT at, state, code, reply, host FROM mail_try WHERE message_id = :message ORDER BY id DESC LIMIT :limit;

-- name: mails.retry
UPDATE mail_message SET state = CASE WHEN attempts = 0 THEN 0 ELSE 3 END, due_at = :now, first_try_at = NULL,
       finished_at = NULL
 WHERE id = :id AND state IN (0, 3, 4, 5, 7);

-- name: mails.leave
UPDATE mail_message SET state = 2, reason = 'assumed', sent_at = :now, finished_at = :now WHERE id = :id AND state = 7;

-- name: mails.cancel
UPDATE mail_message SET state = 6, reason = 'cancelled', finished_at = :now WHERE id = :id AND state IN (0, 3, 8);

-- name: mails.all_again
UPDATE mail_message SET state = 3, due_at = :now, first_try_at = NULL WHERE state = 7;

-- name: mails.all_leave
UPDATE mail_message SET state = 2, reason = 'assumed', sent_at = :now, finished_at = :now WHERE state = 7;

-- name: mails.by_lane
SELECT lane, state, count(*) FROM mail_message WHERE state IN (0, 1, 3, 7, 8) GROUP BY lane, state;

-- name: mails.by_domain
SELECT domain, count(*), sum(CASE WHEN state = 3 THEN 1 ELSE 0 END), min(due_at) FROM mail_message
 WHERE state IN (0, 1, 3) GROUP BY domain ORDER BY 2 DESC, 1 LIMIT :limit;

-- name: mails.by_sender
SELECT s.id, s.name, s.active, s.host,
       (SELECT count(*) FROM mail_message m WHERE m.sender_id = s.id AND m.state IN (0, 3)),
       (SELECT count(*) FROM mail_message m WHERE m.sender_id = s.id AND m.sent_at IS NOT NULL AND m.sent_at > :since)
  FROM sender s WHERE s.deleted_at IS NULL AND s.personal = 0 ORDER BY s.name_fold LIMIT 100;

-- name: mails.last_tries
SELECT t.at, t.message_id, t.state, t.code, t.reply, m.domain FROM mail_try t JOIN mail_message m ON m.id = t.message_id
 WHERE t.state <> 2 ORDER BY t.id DESC LIMIT :limit;
