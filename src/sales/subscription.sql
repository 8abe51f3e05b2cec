-- name: subscription.phase_at
SELECT id FROM subscription_phase
 WHERE subscription_id = :subscription AND from_date <= :day AND deleted_at IS NULL
 ORDER BY from_date DESC, id DESC LIMIT 1;

-- name: subscription.phase_first
SELECT id FROM subscription_phase
 WHERE subscription_id = :subscription AND deleted_at IS NULL ORDER BY from_date, id LIMIT 1;

-- Those whose day has come: that begin, end, renew, or cost something else from now on.
-- name: subscription.due
SELECT id FROM subscription
 WHERE deleted_at IS NULL
   AND ((status = 'upcoming' AND started_on <= :day)
     OR (status = 'cancelled' AND ends_on <= :day)
     OR (status = 'active' AND renews_on <= :day)
     OR EXISTS (SELECT 1 FROM subscription_phase p
                 WHERE p.subscription_id = subscription.id AND p.from_date <= :day
                   AND p.from_date >= :since AND p.deleted_at IS NULL))
   AND id > :after
 ORDER BY id LIMIT 200;

-- name: mrr.phases_of_company
SELECT s.id, p.from_date, p.mrr_base_minor, s.started_on, s.ends_on, s.owner_id, s.contact_id
  FROM subscription s JOIN subscription_phase p ON p.subscription_id = s.id
 WHERE s.company_id = :company AND s.deleted_at IS NULL AND p.deleted_at IS NULL
 ORDER BY s.id, p.from_date, p.id LIMIT 5000;

-- name: mrr.phases_of_contact
SELECT s.id, p.from_date, p.mrr_base_minor, s.started_on, s.ends_on, s.owner_id, s.contact_id
  FROM subscription s JOIN subscription_phase p ON p.subscription_id = s.id
 WHERE s.contact_id = :contact AND s.company_id IS NULL AND s.deleted_at IS NULL
   AND p.deleted_at IS NULL
 ORDER BY s.id, p.from_date, p.id LIMIT 5000;

-- name: mrr.movements_of_company
SELECT id FROM mrr_movement WHERE company_id = :company AND deleted_at IS NULL
 ORDER BY id LIMIT 5000;

-- name: mrr.movements_of_contact
SELECT id FROM mrr_movement
 WHERE contact_id = :contact AND company_id IS NULL AND deleted_at IS NULL ORDER BY id LIMIT 5000;
