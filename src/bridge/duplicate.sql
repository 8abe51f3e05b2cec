-- name: duplicate.look
INSERT INTO duplicate_look (type, record_id) VALUES (:type, :id) ON CONFLICT DO NOTHING;

-- name: duplicate.looked
DELETE FROM duplicate_look WHERE type = :type AND record_id = :id;

-- name: duplicate.due
SELECT type, record_id FROM duplicate_look ORDER BY type, record_id LIMIT :limit;

-- name: duplicate.key_put
INSERT INTO duplicate_key (type, key, record_id) VALUES (:type, :key, :id) ON CONFLICT DO NOTHING;

-- name: duplicate.keys_drop
DELETE FROM duplicate_key WHERE type = :type AND record_id = :id;

-- Others that have this key.
-- name: duplicate.sharing
SELECT record_id FROM duplicate_key WHERE type = :type AND key = :key AND record_id <> :id ORDER BY record_id LIMIT :limit;

-- What nobody has decided yet is held to be no pair until it is found again.
-- name: duplicate.gone
UPDATE duplicate_pair SET state = 'gone' WHERE type = :type AND (one_id = :id OR other_id = :id) AND state = 'open';

-- name: duplicate.put
INSERT INTO duplicate_pair (type, one_id, other_id, score, why, state, found_at)
VALUES (:type, :one, :other, :score, :why, 'open', :at)
ON CONFLICT (type, one_id, other_id) DO UPDATE
   SET score = excluded.score, why = excluded.why,
       state = CASE WHEN duplicate_pair.state IN ('gone', 'merged') THEN 'open' ELSE duplicate_pair.state END;

-- name: duplicate.is
SELECT 1 FROM duplicate_pair WHERE type = :type AND one_id = :one AND other_id = :other AND state IN ('open', 'different');

-- name: duplicate.decide
UPDATE duplicate_pair SET state = :state, decided_by = :by, decided_at = :at
 WHERE type = :type AND one_id = :one AND other_id = :other;

-- name: duplicate.merged
UPDATE duplicate_pair SET state = 'merged', decided_by = :by, decided_at = :at
 WHERE type = :type AND one_id = :one AND other_id = :other;

-- Two again: whether they are the same is asked once more.
-- name: duplicate.unmerged
UPDATE duplicate_pair SET state = 'open', decided_by = :by, decided_at = :at
 WHERE type = :type AND one_id = :one AND other_id = :other AND state = 'merged';

-- With whom the lost one is not the same, the kept one is not either.
-- name: duplicate.inherit
INSERT INTO duplicate_pair (type, one_id, other_id, score, why, state, decided_by, decided_at, found_at)
SELECT type, CASE WHEN them < :keep THEN them ELSE :keep END, CASE WHEN them < :keep THEN :keep ELSE them END,
       score, why, 'different', decided_by, decided_at, found_at
  FROM (SELECT p.*, CASE WHEN p.one_id = :lose THEN p.other_id ELSE p.one_id END AS them
          FROM duplicate_pair p
         WHERE p.type = :type AND (p.one_id = :lose OR p.other_id = :lose) AND p.state = 'different') AS d
 WHERE them <> :keep
ON CONFLICT (type, one_id, other_id) DO NOTHING;

-- name: duplicate.open
SELECT one_id, other_id, score, why FROM duplicate_pair
 WHERE type = :type AND state = 'open' ORDER BY score DESC, one_id, other_id LIMIT :limit;

-- name: duplicate.count
SELECT count(*) FROM duplicate_pair WHERE type = :type AND state = 'open' AND score >= :least;

-- What was merged lately and could be undone: merge, kept, lost, when.
-- name: duplicate.lately
SELECT id, keep_id, lose_id, at FROM record_merge
 WHERE type = :type AND user_id = :me AND undone_at IS NULL AND at >= :since ORDER BY id DESC LIMIT :limit;

-- name: duplicate.state
SELECT state FROM duplicate_pair WHERE type = :type AND one_id = :one AND other_id = :other;
