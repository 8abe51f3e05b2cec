-- name: plan.next_position
SELECT coalesce(max(position), 0) + 10 FROM plan_step WHERE deal_id = :deal AND deleted_at IS NULL;
