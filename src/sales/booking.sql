-- name: booking.hosts_like
SELECT count(*) FROM booking_host WHERE booking_page_id = :page AND user_id = :user AND id <> :self AND deleted_at IS NULL;

-- name: booking.hosts_count
SELECT count(*) FROM booking_host WHERE booking_page_id = :page AND deleted_at IS NULL;

-- The hosts of a page who may still sign in, its own first.
-- name: booking.hosts
SELECT u.id FROM "user" u
 WHERE u.active = 1 AND u.deleted_at IS NULL AND (u.id = :owner OR u.id IN
       (SELECT h.user_id FROM booking_host h WHERE h.booking_page_id = :page AND h.deleted_at IS NULL))
 ORDER BY CASE WHEN u.id = :owner THEN 0 ELSE 1 END, u.id LIMIT 30;

-- name: booking.by_slug
SELECT id FROM booking_page WHERE slug_fold = :slug AND active = 1 AND deleted_at IS NULL;

-- What somebody has to do: own meetings, those they are invited to, and their other calendars. A meeting is within a day.
-- name: booking.busy
SELECT due_at AS from_at, due_at + CASE WHEN minutes > 0 THEN minutes ELSE 30 END * 60000 AS until_at
  FROM activity WHERE kind = 'meeting' AND owner_id = :user AND deleted_at IS NULL AND cancelled_at IS NULL
   AND due_at > :from - 86400000 AND due_at < :until AND id <> :except
UNION ALL
SELECT a.due_at, a.due_at + CASE WHEN a.minutes > 0 THEN a.minutes ELSE 30 END * 60000
  FROM activity a JOIN meeting_guest g ON g.activity_id = a.id
 WHERE g.user_id = :user AND g.deleted_at IS NULL AND g.answer <> 'declined' AND a.kind = 'meeting' AND a.deleted_at IS NULL
   AND a.cancelled_at IS NULL AND a.due_at > :from - 86400000 AND a.due_at < :until AND a.id <> :except
UNION ALL
SELECT start_at, end_at FROM calendar_instance
 WHERE user_id = :user AND busy = 1 AND end_at > :from AND start_at < :until
LIMIT 5000;

-- Beginnings of a page's meetings with a host.
-- name: booking.booked
SELECT due_at FROM activity WHERE booking_page_id = :page AND owner_id = :user AND deleted_at IS NULL AND cancelled_at IS NULL
   AND due_at > :from AND due_at < :until AND id <> :except LIMIT 5000;

-- name: booking.upcoming
SELECT count(*) FROM activity WHERE kind = 'meeting' AND owner_id = :user AND deleted_at IS NULL AND cancelled_at IS NULL
   AND due_at > :now AND id <> :except;
