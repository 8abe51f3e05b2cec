-- name: play.count
SELECT COUNT(*) FROM play;

-- name: play.active
SELECT id FROM play WHERE active = 1 AND deleted_at IS NULL AND :company = 0 ORDER BY id LIMIT 100;

-- name: play.running
SELECT COUNT(*) FROM play_run WHERE play_id = :play AND company_id = :company
   AND status = 'running' AND deleted_at IS NULL;

-- name: play.runs_of
SELECT id FROM play_run WHERE company_id = :company AND status = 'running' AND deleted_at IS NULL
 ORDER BY id LIMIT 100;

-- Who is to be talked to at a customer: who decides there; else whose subscription is worth most.
-- name: play.contact
SELECT c.id
  FROM (SELECT contact_id, 1 AS place, 0 AS worth FROM buying_role
         WHERE company_id = :company AND role = 'decision_maker' AND deleted_at IS NULL
        UNION ALL
        SELECT contact_id, 2, mrr_base_minor FROM subscription
         WHERE company_id = :company AND status IN ('active', 'cancelled')
           AND deleted_at IS NULL) p
  JOIN contact c ON c.id = p.contact_id AND c.deleted_at IS NULL
 ORDER BY p.place, p.worth DESC, c.id LIMIT 1;
