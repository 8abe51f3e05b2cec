-- name: segment.has
SELECT 1 FROM segment_member m JOIN segment s ON s.id = m.segment_id AND s.deleted_at IS NULL
 WHERE m.segment_id = :segment AND m.contact_id = :contact;

-- name: segment.each
SELECT contact_id FROM segment_member WHERE segment_id = :segment AND contact_id > :after
 ORDER BY contact_id LIMIT :limit;

-- name: segment.size
SELECT coalesce(size, 0) FROM segment WHERE id = :segment AND deleted_at IS NULL;

-- name: segment.resize
UPDATE segment SET size = coalesce(size, 0) + :by WHERE id = :segment;

-- name: segment.put @sqlite
INSERT INTO segment_member (segment_id, contact_id, since)
SELECT :segment, value, :at FROM json_each(:ids) WHERE true ON CONFLICT DO NOTHING;

-- name: segment.put @postgres
INSERT INTO segment_member (segment_id, contact_id, since)
SELECT :segment, unnest(CAST(:ids AS BIGINT[])), :at ON CONFLICT DO NOTHING;

-- name: segment.drop @sqlite
DELETE FROM segment_member WHERE segment_id = :segment AND contact_id IN (SELECT value FROM json_each(:ids));

-- name: segment.drop @postgres
DELETE FROM segment_member WHERE segment_id = :segment AND contact_id = ANY (CAST(:ids AS BIGINT[]));

-- Which of these are in it.
-- name: segment.members @sqlite
SELECT contact_id, 0 FROM segment_member
 WHERE segment_id = :segment AND contact_id IN (SELECT value FROM json_each(:ids)) ORDER BY contact_id;

-- name: segment.members @postgres
SELECT contact_id, CAST(0 AS BIGINT) FROM segment_member
 WHERE segment_id = :segment AND contact_id = ANY (CAST(:ids AS BIGINT[])) ORDER BY contact_id;

-- name: segment.dues @sqlite
SELECT contact_id, at FROM segment_due
 WHERE segment_id = :segment AND contact_id IN (SELECT value FROM json_each(:ids)) ORDER BY contact_id;

-- name: segment.dues @postgres
SELECT contact_id, at FROM segment_due
 WHERE segment_id = :segment AND contact_id = ANY (CAST(:ids AS BIGINT[])) ORDER BY contact_id;

-- name: segment.due_each
SELECT contact_id, at FROM segment_due WHERE segment_id = :segment AND contact_id > 0 ORDER BY contact_id;

-- name: segment.due_put
INSERT INTO segment_due (segment_id, contact_id, at) VALUES (:segment, :contact, :at)
    ON CONFLICT (segment_id, contact_id) DO UPDATE SET at = excluded.at;

-- name: segment.due_drop
DELETE FROM segment_due WHERE segment_id = :segment AND contact_id = :contact;

-- name: segment.due_take
SELECT segment_id, contact_id FROM segment_due WHERE at <= :now ORDER BY at LIMIT :limit;

-- name: segment.due_next
SELECT at FROM segment_due ORDER BY at LIMIT 1;

-- name: segment.due_forget
DELETE FROM segment_due WHERE segment_id = :segment;

-- name: segment.forget
DELETE FROM segment_member WHERE segment_id = :segment;

-- Of two who were both in it one is left, or there are two again (kit/merge.h). What a later merge took out of what this
-- one had moved counts with it.
-- name: segment.merged
UPDATE segment SET size = coalesce(size, 0) + :by WHERE id IN (
  WITH RECURSIVE chain (id, keep_id) AS (
    SELECT id, keep_id FROM record_merge WHERE id = :merge
    UNION ALL
    SELECT m.id, m.keep_id FROM record_merge m JOIN chain c ON m.lose_id = c.keep_id AND m.undone_at IS NULL)
  SELECT CAST(a.row_key AS BIGINT) FROM record_merge_row a JOIN chain c ON c.id = a.merge_id
   WHERE a.at_table = 'segment_member' AND a.aside <> ''
     AND (a.merge_id = :merge
          OR EXISTS (SELECT 1 FROM record_merge_row o WHERE o.merge_id = :merge AND o.at_table = a.at_table
                        AND o.row_key = a.row_key AND o.aside = '')));

-- name: segment.emptied
UPDATE segment SET size = 0 WHERE id = :segment;

-- name: segment.filled
UPDATE segment SET filled_at = :at WHERE id = :segment;

-- name: segment.live
SELECT id, filter, name FROM segment WHERE kind = 'live' AND filter <> '' AND deleted_at IS NULL ORDER BY id;

-- name: segment.touch
INSERT INTO segment_touch (id, type, record_id, fields, before) VALUES (:id, :type, :record, :fields, :before);

-- name: segment.touches
SELECT id, type, record_id, fields, before FROM segment_touch ORDER BY id LIMIT :limit;

-- name: segment.untouch @sqlite
DELETE FROM segment_touch WHERE id IN (SELECT value FROM json_each(:ids));

-- name: segment.untouch @postgres
DELETE FROM segment_touch WHERE id = ANY (CAST(:ids AS BIGINT[]));

-- Static lists that a contact is in, and those that it was in when it went to the trash.
-- name: segment.lists_of
SELECT m.segment_id FROM segment_member m JOIN segment s ON s.id = m.segment_id
 WHERE m.contact_id = :contact AND s.kind = 'static';

-- name: segment.lists_before
SELECT p.segment_id FROM segment_past p JOIN segment s ON s.id = p.segment_id
 WHERE p.contact_id = :contact AND p.why = 1 AND p.entered = 0 AND s.kind = 'static'
   AND NOT EXISTS (SELECT 1 FROM segment_past n
                    WHERE n.contact_id = p.contact_id AND n.segment_id = p.segment_id AND n.id > p.id);

-- name: segment.log
INSERT INTO segment_past (id, segment_id, contact_id, at, entered, why)
VALUES (:id, :segment, :contact, :at, :entered, :why);

-- name: segment.day
INSERT INTO segment_day (segment_id, day, entered, gone, size)
VALUES (:segment, :day, :entered, :gone, (SELECT coalesce(size, 0) FROM segment WHERE id = :segment))
    ON CONFLICT (segment_id, day) DO UPDATE SET entered = segment_day.entered + excluded.entered,
       gone = segment_day.gone + excluded.gone, size = excluded.size;

-- name: segment.of
SELECT s.id, s.name, s.kind, m.since FROM segment_member m JOIN segment s ON s.id = m.segment_id
 WHERE m.contact_id = :contact AND s.deleted_at IS NULL ORDER BY s.name_fold, s.id LIMIT 200;

-- name: segment.past
SELECT id, contact_id, at, entered, why FROM segment_past
 WHERE segment_id = :segment AND id < :before ORDER BY id DESC LIMIT :limit;

-- The last days, oldest first.
-- name: segment.days
SELECT day, size FROM (SELECT day, size FROM segment_day WHERE segment_id = :segment
 ORDER BY day DESC LIMIT :limit) AS d ORDER BY day;
