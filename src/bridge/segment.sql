-- name: segment.has
SELECT 1 FROM segment_member WHERE segment_id = :segment AND contact_id = :contact;

-- name: segment.each
SELECT contact_id FROM segment_member WHERE segment_id = :segment AND contact_id > :after
 ORDER BY contact_id LIMIT :limit;

-- name: segment.size
SELECT coalesce(size, 0) FROM segment WHERE id = :segment AND deleted_at IS NULL;

-- name: segment.resize
UPDATE segment SET size = coalesce(size, 0) + :by WHERE id = :segment;

-- name: segment.put
INSERT INTO segment_member (segment_id, contact_id, since) VALUES (:segment, :contact, :at)
    ON CONFLICT DO NOTHING;

-- name: segment.drop
DELETE FROM segment_member WHERE segment_id = :segment AND contact_id = :contact;

-- name: segment.log
INSERT INTO segment_past (id, segment_id, contact_id, at, entered, why)
VALUES (:id, :segment, :contact, :at, :entered, :why);

-- name: segment.day
INSERT INTO segment_day (segment_id, day, entered, gone, size)
VALUES (:segment, :day, :entered, :gone, (SELECT coalesce(size, 0) FROM segment WHERE id = :segment))
    ON CONFLICT (segment_id, day) DO UPDATE SET entered = segment_day.entered + excluded.entered,
       gone = segment_day.gone + excluded.gone, size = excluded.size;

-- name: segment.contact
SELECT id FROM contact WHERE id = :contact AND deleted_at IS NULL;

-- name: segment.of
SELECT s.id, s.name, s.kind, m.since FROM segment_member m JOIN segment s ON s.id = m.segment_id
 WHERE m.contact_id = :contact AND s.deleted_at IS NULL ORDER BY s.name_fold, s.id LIMIT 200;
