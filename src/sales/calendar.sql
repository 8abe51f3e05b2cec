-- What somebody has to do: their own, and meetings they are invited to.
-- name: calendar.activities
SELECT id, kind, subject, due_at, minutes, done, contact_id, location, updated_at FROM activity
 WHERE owner_id = :user AND due_at > :from AND due_at < :until AND deleted_at IS NULL AND cancelled_at IS NULL
   AND (kind = 'meeting' OR (done = 0 AND kind <> 'note'))
UNION
SELECT a.id, a.kind, a.subject, a.due_at, a.minutes, a.done, a.contact_id, a.location, a.updated_at
  FROM activity a JOIN meeting_guest g ON g.activity_id = a.id
 WHERE g.user_id = :user AND g.deleted_at IS NULL AND g.answer <> 'declined' AND a.kind = 'meeting' AND a.due_at > :from
   AND a.due_at < :until AND a.deleted_at IS NULL AND a.cancelled_at IS NULL
LIMIT 1000;

-- name: calendar.instances
SELECT start_at, end_at, all_day, busy, title, place FROM calendar_instance
 WHERE user_id = :user AND end_at > :from AND start_at < :until ORDER BY start_at, id LIMIT 1000;

-- name: calendar.team_of
SELECT COALESCE(team_id, 0) FROM "user" WHERE id = :user;

-- The people of a team or of all, those who may sign in.
-- name: calendar.people
SELECT id, name FROM "user" WHERE (:all = 1 OR team_id = :team) AND active = 1 AND deleted_at IS NULL
 ORDER BY name_fold, id LIMIT :limit;

-- Teams that have somebody.
-- name: calendar.teams
SELECT id, name FROM team t WHERE deleted_at IS NULL
   AND EXISTS (SELECT 1 FROM "user" u WHERE u.team_id = t.id AND u.active = 1 AND u.deleted_at IS NULL)
 ORDER BY name, id LIMIT :limit;

-- name: calendar.token_set
INSERT INTO calendar_token (user_id, hash, made_at) VALUES (:user, :hash, :now)
ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at;

-- name: calendar.token_drop
DELETE FROM calendar_token WHERE user_id = :user;

-- name: calendar.token_made
SELECT made_at FROM calendar_token WHERE user_id = :user;

-- name: calendar.token_user
SELECT t.user_id FROM calendar_token t JOIN "user" u ON u.id = t.user_id
 WHERE t.hash = :hash AND u.active = 1 AND u.deleted_at IS NULL;

-- name: calendar.forget
DELETE FROM calendar_instance WHERE feed_id = :feed;

-- name: calendar.keep
INSERT INTO calendar_instance (id, feed_id, user_id, start_at, end_at, all_day, busy, secret, title, place)
VALUES (:id, :feed, :user, :start, :end, :all_day, :busy, :secret, :title, :place);

-- Feeds that are to be read: those not looked at for a while.
-- name: calendar.feeds_due
SELECT id FROM calendar_feed WHERE active = 1 AND deleted_at IS NULL AND (read_at IS NULL OR read_at < :before)
 ORDER BY read_at LIMIT 200;
