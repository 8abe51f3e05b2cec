-- name: site.all
SELECT domain, mode, aliases_fold, excluded, tracker_id FROM site WHERE deleted_at IS NULL ORDER BY id LIMIT 1000;

-- name: site.without_tracker_id
SELECT id FROM site WHERE tracker_id = '' AND deleted_at IS NULL ORDER BY id LIMIT 1000;
