-- The queue of tasks, and reminders.

-- name: task.sequence_step
SELECT enrolment_id, step_id FROM enrolment_step WHERE activity_id = :activity AND status = 'draft' AND deleted_at IS NULL
 ORDER BY id LIMIT 1;
