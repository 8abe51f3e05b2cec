-- name: dashboard.ready_count
-- Those in the trash too: who threw one away does not want it back at every start.
SELECT count(*) FROM dashboard WHERE ready = :ready;
