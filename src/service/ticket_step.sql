-- name: ticket_step.next_position
SELECT coalesce(max(position), 0) + 10 FROM ticket_step WHERE ticket_id = :ticket AND deleted_at IS NULL;

-- The queue that won deals come to.
-- name: handover.queue
SELECT id FROM ticket_queue WHERE takes_handovers = 1 AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- name: handover.ticket
SELECT id FROM ticket WHERE deal_id = :deal AND channel = 'handover' AND deleted_at IS NULL ORDER BY id DESC LIMIT 1;
