-- Why a contact's score is what it is: the list that scoring left, newest points first.
-- name: contact.score_reasons
SELECT reasons FROM contact_score WHERE contact_id = :contact;

-- The flows that somebody is or was in, newest first.
-- name: contact.flows
SELECT r.id, r.flow_id, f.name, r.state, r.outcome, r.entered_at, r.node
  FROM flow_run r JOIN flow f ON f.id = r.flow_id
 WHERE r.contact_id = :contact AND f.deleted_at IS NULL ORDER BY r.id DESC LIMIT 10;

-- name: contact.flows_live
SELECT id, name FROM flow WHERE status = 'live' AND deleted_at IS NULL ORDER BY name, id LIMIT 20;
