-- name: score.rules
SELECT id FROM score_rule WHERE active = 1 AND deleted_at IS NULL ORDER BY id LIMIT 200;

-- name: score.rule_count
SELECT count(*) FROM score_rule;

-- Whether a change of a profile can change a score.
-- name: score.profile_rule
SELECT id FROM score_rule WHERE event IN ('profile', 'fit') AND active = 1 AND deleted_at IS NULL LIMIT 1;

-- name: score.put
INSERT INTO contact_score (contact_id, reasons, at) VALUES (:contact, :reasons, :at)
    ON CONFLICT (contact_id) DO UPDATE SET reasons = excluded.reasons, at = excluded.at;

-- name: score.contacts
SELECT id FROM contact WHERE id > :after AND deleted_at IS NULL ORDER BY id LIMIT :limit;

-- name: score.own_kind
SELECT name FROM event_kind WHERE id = :id;

-- name: score.serving
SELECT id FROM score_model WHERE status = 'serving' AND deleted_at IS NULL ORDER BY made_at DESC, id DESC LIMIT 1;

-- name: score.product_row
SELECT id FROM product_score WHERE contact_id = :contact AND product_id = :product AND deleted_at IS NULL;
