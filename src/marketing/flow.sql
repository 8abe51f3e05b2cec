-- People in flows. state: 0 goes on (due_at says when; NULL: waits for something), 1 held (its flow is paused),
-- 2 failed, 3 stuck, 4 done. signal: '' arrived at the step, 'wait' waits at it, else what came. visit counts
-- what was written, so that nobody moves a run twice.

-- name: flow.alone
SELECT CASE WHEN pg_try_advisory_xact_lock(4707, 1) THEN 1 ELSE 0 END;

-- name: flow.alone @sqlite
SELECT 1;

-- name: flow.due
SELECT id, flow_id, version_id, contact_id, node, state, visit, due_at, entered_at, node_at, day, day_steps,
       attempts, signal, via
  FROM flow_run WHERE state = 0 AND due_at <= :now ORDER BY due_at, id LIMIT :limit;

-- name: flow.run
SELECT id, flow_id, version_id, contact_id, node, state, visit, due_at, entered_at, node_at, day, day_steps,
       attempts, signal, via
  FROM flow_run WHERE id = :id;

-- name: flow.next_due
SELECT due_at FROM flow_run WHERE state = 0 AND due_at IS NOT NULL ORDER BY due_at, id LIMIT 1;

-- Earlier times of some people in a flow, the latest first.
-- name: flow.runs_before @sqlite
SELECT contact_id, state, entered_at, entry_key FROM flow_run
 WHERE flow_id = :flow AND contact_id IN (SELECT value FROM json_each(:ids)) ORDER BY contact_id, id DESC;

-- name: flow.runs_before @postgres
SELECT contact_id, state, entered_at, entry_key FROM flow_run
 WHERE flow_id = :flow AND contact_id = ANY (ARRAY(SELECT CAST(jsonb_array_elements_text(CAST(:ids AS JSONB)) AS BIGINT)))
 ORDER BY contact_id, id DESC;

-- ids: [[run, contact], ...].
-- name: flow.enter @sqlite
INSERT INTO flow_run (id, flow_id, version_id, contact_id, node, state, visit, due_at, entered_at, node_at, day, day_steps,
                      attempts, signal, via, entry_key, outcome, error)
SELECT json_extract(value, '$[0]'), :flow, :version, json_extract(value, '$[1]'), :node, 0, 0, :due, :now, :now, 0, 0, 0,
       '', :via, :key, '', ''
  FROM json_each(:ids) WHERE true ON CONFLICT DO NOTHING;

-- name: flow.enter @postgres
INSERT INTO flow_run (id, flow_id, version_id, contact_id, node, state, visit, due_at, entered_at, node_at, day, day_steps,
                      attempts, signal, via, entry_key, outcome, error)
SELECT CAST(value ->> 0 AS BIGINT), :flow, :version, CAST(value ->> 1 AS BIGINT), :node, 0, 0, :due, :now, :now, 0, 0, 0,
       '', :via, :key, '', ''
  FROM jsonb_array_elements(CAST(:ids AS JSONB)) ON CONFLICT DO NOTHING;

-- What some people have become. A goal that was heard of meanwhile, in this same transaction, is not forgotten.
-- name: flow.move @sqlite
UPDATE flow_run
   SET node = x.node, state = x.state, visit = x.visit, node_at = x.node_at, day = x.day, day_steps = x.day_steps,
       attempts = 0, outcome = x.outcome, ended_at = x.ended_at, error = x.error,
       due_at = CASE WHEN x.state = 0 AND flow_run.signal LIKE 'goal:%' THEN :now ELSE x.due_at END,
       signal = CASE WHEN x.state = 0 AND flow_run.signal LIKE 'goal:%' THEN flow_run.signal ELSE x.signal END
  FROM (SELECT json_extract(value, '$.id') AS id, json_extract(value, '$.was') AS was, json_extract(value, '$.node') AS node,
               json_extract(value, '$.state') AS state, json_extract(value, '$.visit') AS visit,
               json_extract(value, '$.due_at') AS due_at, json_extract(value, '$.node_at') AS node_at,
               json_extract(value, '$.day') AS day, json_extract(value, '$.day_steps') AS day_steps,
               json_extract(value, '$.signal') AS signal, json_extract(value, '$.outcome') AS outcome,
               json_extract(value, '$.ended_at') AS ended_at, json_extract(value, '$.error') AS error
          FROM json_each(:rows)) AS x
 WHERE flow_run.id = x.id AND flow_run.visit = x.was;

-- name: flow.move @postgres
UPDATE flow_run
   SET node = x.node, state = x.state, visit = x.visit, node_at = x.node_at, day = x.day, day_steps = x.day_steps,
       attempts = 0, outcome = x.outcome, ended_at = x.ended_at, error = x.error,
       due_at = CASE WHEN x.state = 0 AND flow_run.signal LIKE 'goal:%' THEN :now ELSE x.due_at END,
       signal = CASE WHEN x.state = 0 AND flow_run.signal LIKE 'goal:%' THEN flow_run.signal ELSE x.signal END
  FROM jsonb_to_recordset(CAST(:rows AS JSONB))
    AS x (id BIGINT, was BIGINT, node TEXT, state INTEGER, visit BIGINT, due_at BIGINT, node_at BIGINT, day BIGINT,
          day_steps BIGINT, signal TEXT, outcome TEXT, ended_at BIGINT, error TEXT)
 WHERE flow_run.id = x.id AND flow_run.visit = x.was;

-- name: flow.signal_of
SELECT signal FROM flow_run WHERE id = :id;

-- name: flow.log @sqlite
INSERT INTO flow_step (id, run_id, node, kind, at, took_ms, way, note)
SELECT json_extract(value, '$.id'), json_extract(value, '$.run'), json_extract(value, '$.node'), json_extract(value, '$.kind'),
       json_extract(value, '$.at'), json_extract(value, '$.took'), json_extract(value, '$.way'), json_extract(value, '$.note')
  FROM json_each(:rows);

-- name: flow.log @postgres
INSERT INTO flow_step (id, run_id, node, kind, at, took_ms, way, note)
SELECT id, run, node, kind, at, took, way, note
  FROM jsonb_to_recordset(CAST(:rows AS JSONB))
    AS x (id BIGINT, run BIGINT, node TEXT, kind TEXT, at BIGINT, took BIGINT, way TEXT, note TEXT);

-- name: flow.hold
UPDATE flow_run SET state = 1 WHERE id = :id AND state = 0;

-- name: flow.unhold
UPDATE flow_run SET state = 0 WHERE flow_id = :flow AND state = 1;

-- What came for one who waits, or has failed and is to go on.
-- name: flow.signal
UPDATE flow_run SET signal = :signal, due_at = :now, state = 0, error = '' WHERE id = :id AND visit = :visit AND state < 4;

-- name: flow.count @sqlite
INSERT INTO flow_count (flow_id, version_id, node, what, n)
SELECT json_extract(value, '$.flow'), json_extract(value, '$.version'), json_extract(value, '$.node'),
       json_extract(value, '$.what'), json_extract(value, '$.n')
  FROM json_each(:rows) WHERE true
    ON CONFLICT (flow_id, version_id, node, what) DO UPDATE SET n = flow_count.n + excluded.n;

-- name: flow.count @postgres
INSERT INTO flow_count (flow_id, version_id, node, what, n)
SELECT flow, version, node, what, n
  FROM jsonb_to_recordset(CAST(:rows AS JSONB)) AS x (flow BIGINT, version BIGINT, node TEXT, what TEXT, n BIGINT)
    ON CONFLICT (flow_id, version_id, node, what) DO UPDATE SET n = flow_count.n + excluded.n;

-- name: flow.runs_of_contact
SELECT id, flow_id, version_id, contact_id, node, state, visit, due_at, entered_at, node_at, day, day_steps,
       attempts, signal, via
  FROM flow_run WHERE contact_id = :contact AND state < 4 ORDER BY id;

-- name: flow.status
SELECT status FROM flow WHERE id = :id AND deleted_at IS NULL;

-- name: flow.name
SELECT name FROM flow WHERE id = :id;

-- name: flow.live
SELECT v.id FROM flow f JOIN flow_version v ON v.flow_id = f.id AND v.number = f.published_version
 WHERE f.status = 'live' AND f.deleted_at IS NULL ORDER BY f.id;

-- Versions that people are in, whatever became of their flow.
-- name: flow.inhabited
SELECT v.id FROM flow_version v
 WHERE EXISTS (SELECT 1 FROM flow_run r WHERE r.version_id = v.id AND r.state < 4);

-- name: flow.version
SELECT flow_id, number, definition, published_at FROM flow_version WHERE id = :id;

-- name: flow.version_of
SELECT id FROM flow_version WHERE flow_id = :flow AND number = :number;

-- name: flow.version_add
INSERT INTO flow_version (id, flow_id, number, definition, published_at, published_by)
VALUES (:id, :flow, :number, :definition, :at, :user);

-- name: flow.versions
SELECT v.id, v.number, v.published_at, v.published_by, v.definition,
       (SELECT count(*) FROM flow_run r WHERE r.version_id = v.id AND r.state < 4) AS inside
  FROM flow_version v WHERE v.flow_id = :flow ORDER BY v.number DESC LIMIT 100;

-- name: flow.move_version
UPDATE flow_run SET version_id = :version
 WHERE flow_id = :flow AND version_id <> :version AND node = :node AND state < 4;

-- name: flow.inside_by_node
SELECT node, count(*) AS n FROM flow_run WHERE flow_id = :flow AND state < 4 GROUP BY node;

-- Everybody in a flow, or all of a person's runs, are looked at now: the taker sees what became of it.
-- name: flow.wake_all
UPDATE flow_run SET due_at = :now, state = 0 WHERE flow_id = :flow AND state < 4;

-- name: flow.wake_contact
UPDATE flow_run SET due_at = :now, state = 0 WHERE contact_id = :contact AND state < 4;

-- name: flow.attempt
UPDATE flow_run SET attempts = attempts + 1, error = :error WHERE id = :id;

-- The last day whose dates a flow has seen.
-- name: flow.day
SELECT seq FROM consumer WHERE name = :name;

-- name: flow.day_put
INSERT INTO consumer (name, seq) VALUES (:name, :day) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq;

-- How often flows have changed: who reads fewer changes than were committed, reads what was before.
-- name: flow.change
SELECT seq FROM consumer WHERE name = 'flow.change';

-- name: flow.change_next
INSERT INTO consumer (name, seq) VALUES ('flow.change', 1) ON CONFLICT (name) DO UPDATE SET seq = consumer.seq + 1;

-- name: flow.where
SELECT node, state, outcome FROM flow_run WHERE id = :id;

-- name: flow.version_text
SELECT definition FROM flow_version WHERE id = :id;

-- name: flow.numbers
SELECT node, what, sum(n) AS n FROM flow_count WHERE flow_id = :flow GROUP BY node, what;

-- name: flow.numbers @postgres
SELECT node, what, sum(n)::bigint AS n FROM flow_count WHERE flow_id = :flow GROUP BY node, what;

-- name: flow.here
SELECT node, state, count(*) AS n FROM flow_run WHERE flow_id = :flow AND state < 4 GROUP BY node, state;

-- name: flow.retry
UPDATE flow_run SET state = 0, due_at = :now, day_steps = 0, signal = '', error = '', attempts = 0
 WHERE id = :id AND (state = 2 OR state = 3);

-- name: flow.retry_all
UPDATE flow_run SET state = 0, due_at = :now, day_steps = 0, signal = '', error = '', attempts = 0
 WHERE flow_id = :flow AND (state = 2 OR state = 3);

-- name: flow.run_by_handoff
SELECT id FROM flow_run WHERE flow_id = :flow AND contact_id = :contact AND state < 4 AND via = 'handoff';

-- name: flow.run_of
SELECT id FROM flow_run WHERE flow_id = :flow AND contact_id = :contact AND state < 4;

-- Lists of people: id, contact, step, state, since, entered, outcome, error, version, due.
-- name: flow.people_in
SELECT id, contact_id, node, state, node_at, entered_at, outcome, error, version_id, coalesce(due_at, 0) AS due_at
  FROM flow_run WHERE flow_id = :flow AND id < :before AND state < 4 ORDER BY id DESC LIMIT :limit;

-- name: flow.people_at
SELECT id, contact_id, node, state, node_at, entered_at, outcome, error, version_id, coalesce(due_at, 0) AS due_at
  FROM flow_run WHERE flow_id = :flow AND node = :node AND id < :before AND state < 4 ORDER BY id DESC LIMIT :limit;

-- name: flow.people_all
SELECT id, contact_id, node, state, node_at, entered_at, outcome, error, version_id, coalesce(due_at, 0) AS due_at
  FROM flow_run WHERE flow_id = :flow AND id < :before ORDER BY id DESC LIMIT :limit;

-- name: flow.people_goal
SELECT id, contact_id, node, state, node_at, entered_at, outcome, error, version_id, coalesce(due_at, 0) AS due_at
  FROM flow_run WHERE flow_id = :flow AND id < :before AND state = 4 AND outcome = 'goal' ORDER BY id DESC LIMIT :limit;

-- name: flow.people_left
SELECT id, contact_id, node, state, node_at, entered_at, outcome, error, version_id, coalesce(due_at, 0) AS due_at
  FROM flow_run WHERE flow_id = :flow AND id < :before AND state = 4 AND outcome <> 'goal' ORDER BY id DESC LIMIT :limit;

-- name: flow.people_trouble
SELECT id, contact_id, node, state, node_at, entered_at, outcome, error, version_id, coalesce(due_at, 0) AS due_at
  FROM flow_run WHERE flow_id = :flow AND id < :before AND (state = 2 OR state = 3) ORDER BY id DESC LIMIT :limit;

-- name: flow.way
SELECT node, kind, at, took_ms, way, note FROM flow_step WHERE run_id = :run ORDER BY id LIMIT :limit;

-- Who waits for something to happen.
-- name: flow.waiting
SELECT contact_id FROM flow_run WHERE flow_id = :flow AND state = 0 AND signal = 'wait' ORDER BY id LIMIT :limit;

-- name: flow.steps_logged
SELECT count(*) FROM flow_step;
