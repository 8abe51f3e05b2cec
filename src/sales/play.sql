-- name: play.count
SELECT COUNT(*) FROM play;

-- name: play.active
SELECT id FROM play WHERE active = 1 AND deleted_at IS NULL AND :company = 0 ORDER BY id LIMIT 100;

-- name: play.running
SELECT COUNT(*) FROM play_run WHERE play_id = :play AND company_id = :company
   AND status = 'running' AND deleted_at IS NULL;

-- name: play.runs_of
SELECT id FROM play_run WHERE company_id = :company AND status = 'running' AND deleted_at IS NULL
 ORDER BY id LIMIT 100;
