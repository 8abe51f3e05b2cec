-- name: event_kind.all
SELECT name, label, icon, place, chapter, money, deleted_at IS NOT NULL FROM event_kind ORDER BY id;
