-- With whom somebody dealt about a deal, beside its own contact.
-- name: handover.people
SELECT DISTINCT contact_id FROM activity
 WHERE deal_id = :deal AND contact_id IS NOT NULL AND contact_id <> :contact AND deleted_at IS NULL ORDER BY contact_id LIMIT :limit;
