-- name: merge.add
INSERT INTO record_merge (id, type, keep_id, lose_id, at, user_id, batch_id)
VALUES (:id, :type, :keep, :lose, :at, :user, :batch);

-- name: merge.one
SELECT id, keep_id, lose_id, at, coalesce(user_id, 0), batch_id, coalesce(undone_at, 0), coalesce(undo_batch, 0), type
  FROM record_merge WHERE id = :id;

-- name: merge.of_lost
SELECT id, keep_id, lose_id, at, coalesce(user_id, 0), batch_id, coalesce(undone_at, 0), coalesce(undo_batch, 0), type
  FROM record_merge WHERE lose_id = :lose AND undone_at IS NULL;

-- name: merge.of_keep
SELECT id, keep_id, lose_id, at, coalesce(user_id, 0), batch_id, coalesce(undone_at, 0), coalesce(undo_batch, 0), type
  FROM record_merge WHERE keep_id = :keep AND undone_at IS NULL ORDER BY id DESC LIMIT :limit;

-- name: merge.undone
UPDATE record_merge SET undone_at = :at, undone_by = :user, undo_batch = :batch WHERE id = :id AND undone_at IS NULL;

-- Whose batch this is: that of a merge, or of its undo.
-- name: merge.of_batch
SELECT batch_id, CASE WHEN batch_id = :batch THEN 0 ELSE 1 END FROM record_merge
 WHERE batch_id = :batch OR undo_batch = :batch;

-- What a merge did to records, in order; `later`: something became of the record since.
-- name: merge.changes
SELECT c.id, c.type, c.record_id, c.verb, c.fields,
       CASE WHEN EXISTS (SELECT 1 FROM change n WHERE n.type = c.type AND n.record_id = c.record_id
                          AND n.id > c.id) THEN 1 ELSE 0 END
  FROM change c
 WHERE c.batch_id = :batch AND c.id > :after AND c.verb = :verb ORDER BY c.id LIMIT :limit;

-- name: merge.moves
SELECT id, coalesce(batch_id, 0), fields FROM change
 WHERE type = :type AND record_id = :record AND verb IN ('move', 'update') AND id >= :from ORDER BY id;

-- name: merge.moved_ever
SELECT 1 FROM change WHERE type = :type AND record_id = :record AND verb = 'move' LIMIT 1;

-- name: merge.aside
INSERT INTO record_merge_row (merge_id, at_table, at_column, row_key, aside) VALUES (:merge, :table, :column, :key, :row);

-- name: merge.asides
SELECT a.aside FROM record_merge_row a
 WHERE a.merge_id = :merge AND a.at_table = :table AND a.at_column = :column AND a.aside <> ''
   AND (:of = 0 OR EXISTS (SELECT 1 FROM record_merge_row o WHERE o.merge_id = :of AND o.at_table = a.at_table
                           AND o.at_column = a.at_column AND o.row_key = a.row_key AND o.aside = ''))
 ORDER BY a.row_key;

-- name: merge.forget
DELETE FROM record_merge_row WHERE merge_id = :merge AND at_table = :table AND at_column = :column;

-- name: merge.forget_shared
DELETE FROM record_merge_row
 WHERE merge_id = :merge AND at_table = :table AND at_column = :column
   AND row_key IN (SELECT o.row_key FROM record_merge_row o WHERE o.merge_id = :of AND o.at_table = :table
                      AND o.at_column = :column AND o.aside = '');

-- name: merge.value_add
INSERT INTO record_merge_value (id, merge_id, type, field, value, lose_id)
VALUES (:id, :merge, :type, :field, :value, :lose);

-- name: merge.value_find
SELECT lose_id FROM record_merge_value WHERE type = :type AND field = :field AND value = :value ORDER BY id DESC LIMIT 1;

-- name: merge.values_forget
DELETE FROM record_merge_value WHERE merge_id = :merge;
