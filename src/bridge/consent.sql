-- Topics, what contacts agreed to, and addresses that get nothing.

-- name: topic.count
SELECT count(*) FROM topic;

-- name: topic.all
SELECT id, slug, name FROM topic WHERE deleted_at IS NULL ORDER BY position, id;

-- name: topic.by_slug
SELECT id FROM topic WHERE slug_fold = :slug AND deleted_at IS NULL;

-- What is true now of each topic for one contact; state is empty where nothing was ever said.
-- name: consent.of_contact
SELECT t.id, t.slug, t.name, t.basis, coalesce(c.state, ''), coalesce(c.at, 0)
  FROM topic t LEFT JOIN consent c ON c.contact_id = :contact AND +c.topic_id = t.id
       AND c.latest = 1 AND c.deleted_at IS NULL
 WHERE t.deleted_at IS NULL ORDER BY t.position, t.id;

-- name: consent.latest
SELECT id, state FROM consent
 WHERE contact_id = :contact AND +topic_id = :topic AND latest = 1 AND deleted_at IS NULL;

-- Every act of a contact, those of a topic together, the newest first.
-- name: consent.settle
SELECT id, topic_id, state, latest FROM consent
 WHERE contact_id = :contact AND deleted_at IS NULL ORDER BY topic_id, at DESC, id DESC;

-- name: consent.since
SELECT 1 FROM consent WHERE contact_id = :contact AND id > :since AND deleted_at IS NULL LIMIT 1;

-- name: consent.allows
SELECT t.name, t.basis, coalesce(c.state, ''), CASE WHEN t.deleted_at IS NULL THEN 0 ELSE 1 END
  FROM topic t LEFT JOIN consent c ON c.contact_id = :contact AND +c.topic_id = t.id
       AND c.latest = 1 AND c.deleted_at IS NULL
 WHERE t.id = :topic;

-- Consent that older releases kept as words on the contact, and the posts that gave it.
-- name: consent.before
SELECT id, consent, coalesce(consent_at, created_at), email FROM contact
 WHERE id > :after AND consent <> '' ORDER BY id LIMIT :limit;

-- name: consent.post
SELECT s.id, s.created_at, s.consent_text, s.address, s.email
  FROM submission s JOIN form f ON f.id = s.form_id
 WHERE s.contact_id = :contact AND s.consent = 1 AND f.consent_purpose = :purpose
   AND s.deleted_at IS NULL
 ORDER BY s.id LIMIT 1;

-- name: suppression.find
SELECT reason FROM suppression
 WHERE address_fold = :address AND active = 1 AND deleted_at IS NULL
   AND (until_at IS NULL OR until_at > :now);

-- Every act of a contact, newest first, with its evidence.
-- name: consent.acts
SELECT c.at, t.name, c.state, c.source, c.wording, c.email, c.address, c.record, c.note, coalesce(u.name, '')
  FROM consent c JOIN topic t ON t.id = c.topic_id LEFT JOIN "user" u ON u.id = c.user_id
 WHERE c.contact_id = :contact AND c.deleted_at IS NULL ORDER BY c.at DESC, c.id DESC LIMIT :limit;

-- name: suppression.of_address
SELECT id, reason, since FROM suppression
 WHERE address_fold = :address AND active = 1 AND deleted_at IS NULL
   AND (until_at IS NULL OR until_at > :now);
