-- name: pipeline.count
SELECT count(*) FROM pipeline;

-- name: pipeline.default
SELECT id FROM pipeline WHERE deleted_at IS NULL ORDER BY is_default DESC, id LIMIT 1;

-- name: pipeline.undefault
SELECT id FROM pipeline WHERE is_default = 1 AND deleted_at IS NULL AND id <> :keep LIMIT 100;

-- name: stage.pipeline
SELECT pipeline_id FROM stage WHERE id = :stage AND deleted_at IS NULL;

-- name: stage.deals
SELECT count(*) FROM deal WHERE stage_id = :stage AND deleted_at IS NULL;

-- name: pipeline.deals
SELECT count(*) FROM deal WHERE pipeline_id = :pipeline AND deleted_at IS NULL;

-- The stage where new deals of a pipeline begin.
-- name: stage.first
SELECT id FROM stage WHERE pipeline_id = :pipeline AND kind = 'open' AND deleted_at IS NULL ORDER BY position, id LIMIT 1;

-- The stage of a pipeline that means won, or lost.
-- name: stage.closing
SELECT id FROM stage WHERE pipeline_id = :pipeline AND kind = :kind AND deleted_at IS NULL ORDER BY position, id LIMIT 1;
