-- The salts of days: without consent a visitor is a hash with it, and when the day is over nobody can make that hash again.
-- name: collect.salts
SELECT day, salt FROM visitor_salt WHERE day >= :day ORDER BY day LIMIT 2;

-- name: collect.salt_put
INSERT INTO visitor_salt (day, salt) VALUES (:day, :salt) ON CONFLICT (day) DO NOTHING;

-- name: collect.salt_forget
DELETE FROM visitor_salt WHERE day < :day;
