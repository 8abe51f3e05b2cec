-- The job queue. state: 0 waiting, 1 running, 2 failed, 3 done.

-- name: queue.add
INSERT INTO job (id, name, key, payload, state, attempts, run_at, due_at, created_at)
VALUES (:id, :name, :key, :payload, 0, 0, :run_at, :run_at, :now)
ON CONFLICT DO NOTHING;

-- name: queue.waiting
SELECT id FROM job WHERE name = :name AND key = :key AND state = 0;

-- name: queue.hasten
UPDATE job SET run_at = :at, due_at = :at WHERE name = :name AND key = :key AND state = 0 AND due_at > :at;

-- name: queue.take
UPDATE job SET state = 1, attempts = attempts + 1, due_at = :until
 WHERE id = (SELECT id FROM job WHERE state < 2 AND due_at <= :now ORDER BY due_at, id LIMIT 1)
RETURNING id, name, payload, attempts, run_at;

-- name: queue.take @postgres
UPDATE job SET state = 1, attempts = attempts + 1, due_at = :until
 WHERE id = (SELECT id FROM job WHERE state < 2 AND due_at <= :now ORDER BY due_at, id LIMIT 1
                FOR UPDATE SKIP LOCKED)
RETURNING id, name, payload, attempts, run_at;

-- name: queue.next_due
SELECT due_at FROM job WHERE state < 2 ORDER BY due_at, id LIMIT 1;

-- name: queue.extend
UPDATE job SET due_at = :until WHERE id = :id AND state = 1 AND attempts = :attempts;

-- name: queue.orphaned
UPDATE job SET due_at = :now WHERE state = 1;

-- name: queue.done
UPDATE job SET state = 3, error = '', finished_at = :now WHERE id = :id AND state = 1;

-- name: queue.superseded
UPDATE job SET state = 3, error = :error, finished_at = :now
 WHERE id = :id AND state = 1 AND attempts = :attempts
   AND EXISTS (SELECT 1 FROM job w WHERE w.name = job.name AND w.key = job.key AND w.state = 0);

-- name: queue.back_off
UPDATE job SET state = 0, run_at = :at, due_at = :at, error = :error,
               attempts = attempts - :uncounted
 WHERE id = :id AND state = 1 AND attempts = :attempts;

-- name: queue.give_up
UPDATE job SET state = 2, error = :error, finished_at = :now
 WHERE id = :id AND state = 1 AND attempts = :attempts;

-- name: queue.retry
UPDATE job SET state = 0, attempts = 0, run_at = :now, due_at = :now, finished_at = NULL
 WHERE id = :id AND state = 2;

-- name: queue.delete
DELETE FROM job WHERE id = :id AND state <> 1;

-- name: queue.state
SELECT state FROM job WHERE id = :id;

-- name: queue.purge
DELETE FROM job WHERE id IN
    (SELECT id FROM job WHERE state = 3 AND finished_at < :before ORDER BY id LIMIT :limit);

-- name: queue.count
SELECT count(*) FROM job WHERE state = :state;

-- name: queue.list
SELECT id, name, state, attempts, run_at, error, created_at FROM job
 WHERE state = :state ORDER BY id DESC LIMIT :limit;

-- name: queue.list_all
SELECT id, name, state, attempts, run_at, error, created_at FROM job ORDER BY id DESC LIMIT :limit;
