-- name: import.add
INSERT INTO import (id, user_id, at, type, file_name, content, row_count)
VALUES (:id, :user, :at, :type, :file, :content, :rows);

-- name: import.get
SELECT type, file_name, content, mapping, match_field, state, row_count, done_count, made, changed, same, bad, bad_lines, batch_id, user_id
  FROM import WHERE id = :id;

-- name: import.map
UPDATE import SET mapping = :mapping, match_field = :match WHERE id = :id AND state IN ('mapping', 'looked');

-- name: import.state
UPDATE import SET state = :state WHERE id = :id;

-- name: import.report
UPDATE import SET state = :state, done_count = :done, made = :made, changed = :changed, same = :same, bad = :bad, bad_lines = :lines,
       batch_id = :batch WHERE id = :id;

-- What an import made, newest first: undoing it sends these to the trash.
-- name: import.made
SELECT record_id FROM change WHERE batch_id = :batch AND verb = 'create' AND type = :type ORDER BY id DESC LIMIT 1000000;
