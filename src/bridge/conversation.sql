-- Who may be told of a new conversation, and whether somebody is there.
-- name: conversation.colleagues
SELECT id FROM "user" WHERE active = 1 AND deleted_at IS NULL ORDER BY id LIMIT 100;

-- name: conversation.messages
SELECT m.id, m.author, m.user_id, m.text, m.created_at, COALESCE(u.name, ''),
       m.subject, m.from_address, m.message_id, m.files, m.sent_id, m.raw_id, m.cc
  FROM conversation_message m LEFT JOIN "user" u ON u.id = m.user_id
 WHERE m.conversation_id = :conversation AND m.id > :after AND m.deleted_at IS NULL
   AND (:notes = 1 OR m.author <> 'note')
 ORDER BY m.id LIMIT :limit;

-- name: conversation.here
SELECT COUNT(*) FROM session WHERE seen_at >= :since AND expires_at > :now;
