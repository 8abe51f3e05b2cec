-- name: assignment.rules
SELECT id FROM assignment_rule WHERE active = 1 AND deleted_at IS NULL ORDER BY position, id LIMIT 200;

-- The members of a rule with what decides: how long ago they got one of its leads, how many since a day, what they have in
-- hand, until when they are away.
-- name: assignment.members
SELECT m.user_id, u.name, coalesce(m.weight, 1), m.capacity,
       (SELECT coalesce(max(h.id), 0) FROM handoff h
         WHERE h.owner_id = m.user_id AND h.rule_id = m.rule_id AND h.deleted_at IS NULL),
       (SELECT count(*) FROM handoff h
         WHERE h.owner_id = m.user_id AND h.rule_id = m.rule_id AND h.created_at >= :since AND h.deleted_at IS NULL),
       (SELECT count(*) FROM handoff h JOIN contact c ON c.id = h.contact_id
         WHERE h.owner_id = m.user_id AND h.deleted_at IS NULL
           AND (h.status = 'pending' OR (h.status = 'accepted' AND c.lifecycle = 'sal'))),
       (SELECT max(a.until_date) FROM absence a
         WHERE a.user_id = m.user_id AND a.from_date <= :today AND a.until_date >= :today AND a.deleted_at IS NULL)
  FROM assignment_member m JOIN "user" u ON u.id = m.user_id AND u.active = 1 AND u.deleted_at IS NULL
 WHERE m.rule_id = :rule AND m.deleted_at IS NULL
 ORDER BY m.id LIMIT 200;

-- name: assignment.newest_member
SELECT coalesce(max(created_at), 0) FROM assignment_member WHERE rule_id = :rule AND deleted_at IS NULL;

-- The members of sales teams, the one who has waited longest for a lead first: that is round robin without a counter.
-- name: assignment.candidates
SELECT u.id, u.name
  FROM "user" u
  JOIN team t ON t.id = u.team_id AND t.kind = 'sales' AND t.deleted_at IS NULL
  LEFT JOIN (SELECT owner_id, max(id) AS last FROM handoff WHERE deleted_at IS NULL GROUP BY owner_id) h
    ON h.owner_id = u.id
 WHERE u.active = 1 AND u.deleted_at IS NULL
 ORDER BY CASE WHEN EXISTS (SELECT 1 FROM absence a
                             WHERE a.user_id = u.id AND a.from_date <= :today AND a.until_date >= :today
                               AND a.deleted_at IS NULL) THEN 1 ELSE 0 END,
          coalesce(h.last, 0), u.id
 LIMIT 1000;

-- name: assignment.duplicate
SELECT count(*) FROM assignment_member
 WHERE rule_id = :rule AND user_id = :user AND id <> :id AND deleted_at IS NULL;
