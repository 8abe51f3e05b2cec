-- Sales sequences.

-- name: sequence.last_position
SELECT coalesce(max(position), 0) FROM sequence_step WHERE sequence_id = :sequence AND deleted_at IS NULL;

-- Who goes through the same sequence with the same contact.
-- name: sequence.others
SELECT count(*) FROM (SELECT 1 FROM enrolment WHERE contact_id = :contact AND status IN ('active', 'paused')
   AND sequence_id = :sequence AND id <> :self AND deleted_at IS NULL LIMIT 1) AS one;

-- Of two enrolments of one contact in one sequence the first goes on.
-- name: sequence.earlier
SELECT count(*) FROM (SELECT 1 FROM enrolment WHERE contact_id = :contact AND status IN ('active', 'paused')
   AND sequence_id = :sequence AND id < :self AND deleted_at IS NULL LIMIT 1) AS one;

-- What is due; a sequence that is switched off keeps everybody where they are.
-- name: sequence.due
SELECT e.id FROM enrolment e JOIN sequence s ON s.id = e.sequence_id
 WHERE e.status = 'active' AND e.due_at <= :now AND e.deleted_at IS NULL AND s.active = 1 AND s.deleted_at IS NULL
 ORDER BY e.due_at, e.id LIMIT :limit;

-- name: sequence.next_due
SELECT e.due_at FROM enrolment e JOIN sequence s ON s.id = e.sequence_id
 WHERE e.status = 'active' AND e.due_at > :now AND e.deleted_at IS NULL AND s.active = 1 AND s.deleted_at IS NULL
 ORDER BY e.due_at LIMIT 1;

-- name: sequence.of_contact
SELECT id FROM enrolment WHERE contact_id = :contact AND status IN ('active', 'paused') AND deleted_at IS NULL
 ORDER BY id LIMIT :limit;

-- name: sequence.sent_today
SELECT count(*) FROM enrolment_step WHERE owner_id = :owner AND status = 'sent' AND at >= :from AND deleted_at IS NULL;

-- The newest mail that went: what came of it is what came of the sequence.
-- name: sequence.newest_mail
SELECT id FROM enrolment_step WHERE enrolment_id = :enrolment AND kind = 'mail' AND status = 'sent' AND deleted_at IS NULL
 ORDER BY at DESC, id DESC LIMIT 1;

-- name: sequence.of_email
SELECT id FROM enrolment_step WHERE email_id = :email AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: sequence.of_activity
SELECT id FROM enrolment_step WHERE activity_id = :activity AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: sequence.taken
SELECT id FROM enrolment_step WHERE enrolment_id = :enrolment AND step_id = :step AND deleted_at IS NULL ORDER BY id LIMIT 1;
