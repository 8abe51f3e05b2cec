-- name: goal.all
SELECT id, name, kind, event_name, page, depth, seconds, worth_base_minor FROM goal WHERE deleted_at IS NULL ORDER BY id LIMIT 64;
