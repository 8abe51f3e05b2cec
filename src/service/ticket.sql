-- Tickets: their numbers, what is due, who has the fewest.

-- name: ticket.number
UPDATE ticket_counter SET last = last + 1 WHERE id = 1 RETURNING last;

-- name: ticket.to_look_at
SELECT id FROM ticket WHERE next_at <= :now ORDER BY next_at, id LIMIT :limit;

-- name: ticket.next_look
SELECT next_at FROM ticket WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1;

-- name: ticket.looked
UPDATE ticket SET next_at = NULL WHERE id = :id;

-- name: ticket.look_at_all
UPDATE ticket SET next_at = :now WHERE active = 1 AND deleted_at IS NULL;

-- name: ticket.by_talk
SELECT id FROM ticket WHERE conversation_id = :conversation AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: ticket.fewest
SELECT u.id FROM "user" u
  LEFT JOIN (SELECT assignee_id, count(*) AS n FROM ticket WHERE active = 1 AND deleted_at IS NULL GROUP BY assignee_id) t
    ON t.assignee_id = u.id
 WHERE u.team_id = :team AND u.active = 1 AND u.deleted_at IS NULL
 ORDER BY coalesce(t.n, 0), u.id LIMIT 1;

-- name: ticket.queue_by_tag
SELECT id FROM ticket_queue WHERE mail_tag = :tag AND mail_tag <> '' AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: ticket.messages
SELECT id FROM conversation_message WHERE conversation_id = :conversation AND deleted_at IS NULL ORDER BY id LIMIT :limit;

-- name: ticket.last_of_team
SELECT m.id, m.user_id, coalesce(u.name, '') FROM conversation_message m LEFT JOIN "user" u ON u.id = m.user_id
 WHERE m.conversation_id = :conversation AND m.author = 'team' AND m.deleted_at IS NULL ORDER BY m.id DESC LIMIT 1;

-- name: ticket.last_of_customer
SELECT id, message_id, from_address, subject FROM conversation_message
 WHERE conversation_id = :conversation AND author = 'visitor' AND deleted_at IS NULL ORDER BY id DESC LIMIT 1;

-- name: ticket.by_message_id
SELECT t.id FROM conversation_message m JOIN ticket t ON t.conversation_id = m.conversation_id
 WHERE m.message_id_fold = :message_id AND m.deleted_at IS NULL AND t.deleted_at IS NULL ORDER BY m.id DESC LIMIT 1;

-- name: ticket.is_participant
SELECT 1 FROM conversation_message WHERE conversation_id = :conversation AND from_address = :address AND deleted_at IS NULL LIMIT 1;

-- name: ticket.references
SELECT message_id FROM conversation_message WHERE conversation_id = :conversation AND message_id <> '' AND deleted_at IS NULL
 ORDER BY id DESC LIMIT :limit;

-- name: ticket.sent_state
SELECT id, state, reason, reply FROM mail_message WHERE source = 'ticket' AND source_id = :ticket ORDER BY id DESC LIMIT :limit;
