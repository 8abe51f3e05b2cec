-- name: follow.cursor
SELECT seq FROM consumer WHERE name = :name;

-- name: follow.put
INSERT INTO consumer (name, seq) VALUES (:name, :seq) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq;
