-- The hand-off of a contact that waits for an answer.
-- name: handoff.waiting
SELECT id FROM handoff WHERE contact_id = :contact AND status = 'pending' AND deleted_at IS NULL LIMIT 1;

-- The last hand-off of a contact that is still to be answered or was accepted, and whose first touch is still to come.
-- name: handoff.untouched
SELECT id FROM handoff
 WHERE contact_id = :contact AND status IN ('pending', 'accepted') AND first_touch_at IS NULL AND deleted_at IS NULL
 ORDER BY id DESC LIMIT 1;

-- When the last hand-off of a contact that is no longer waiting was answered.
-- name: handoff.answered_at
SELECT decided_at FROM handoff
 WHERE contact_id = :contact AND decided_at IS NOT NULL AND deleted_at IS NULL
 ORDER BY decided_at DESC LIMIT 1;
