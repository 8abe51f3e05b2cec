-- How far the making of the demo company is: 1 it has begun, 2 it is done.
-- name: demo.state
SELECT seq FROM consumer WHERE name = 'demo';

-- name: demo.state_put
INSERT INTO consumer (name, seq) VALUES ('demo', :seq) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq;

-- Whether anybody has worked here.
-- name: demo.used
SELECT count(*) FROM (SELECT 1 FROM "user" UNION ALL SELECT 1 FROM contact UNION ALL SELECT 1 FROM company) AS used;

-- The connection that makes it changes most pages of the file again and again: it may keep 64 MB of them, and copies
-- its log into the file when that is worth the while.
-- name: demo.cache @sqlite
PRAGMA cache_size = -65536;

-- name: demo.log_pages @sqlite
PRAGMA wal_autocheckpoint = 16384;

-- name: demo.stages
SELECT id, kind FROM stage WHERE pipeline_id = :pipeline AND deleted_at IS NULL ORDER BY position, id;
