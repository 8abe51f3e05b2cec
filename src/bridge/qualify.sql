-- Whether somebody answered this criterion of this contact or deal (0: of none) already.
-- name: qualify.same
SELECT count(*) FROM qualification_answer
 WHERE criterion_id = :criterion AND (contact_id = :contact OR deal_id = :deal) AND deleted_at IS NULL;

-- name: qualify.answer_of
SELECT id FROM qualification_answer
 WHERE criterion_id = :criterion AND (contact_id = :contact OR deal_id = :deal) AND deleted_at IS NULL
 ORDER BY id DESC LIMIT 1;

-- The criteria of a framework with what is known by them: name, weight, whether answered, share, criterion, value, when, by whom.
-- After a merge there may be two answers: the later one counts.
-- name: qualify.answers
SELECT c.name, coalesce(c.weight, 1), a.answered, a.share, c.id, a.value, a.updated_at
  FROM criterion c
  LEFT JOIN qualification_answer a ON a.id = (
       SELECT max(x.id) FROM qualification_answer x
        WHERE x.criterion_id = c.id AND (x.contact_id = :contact OR x.deal_id = :deal)
          AND x.deleted_at IS NULL)
 WHERE c.framework_id = :framework AND c.deleted_at IS NULL
 ORDER BY c.position, c.id LIMIT :limit;

-- How much is known of a contact or deal by each framework in use for such: name, criteria, how many are answered, their
-- weight and that times the share of each answer.
-- name: qualify.known
SELECT f.id, f.name, count(c.id), CAST(coalesce(sum(a.answered), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN c.id IS NOT NULL THEN coalesce(c.weight, 1) END), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN a.answered = 1 THEN coalesce(c.weight, 1) * coalesce(a.share, 0) END), 0) AS BIGINT)
  FROM framework f
  LEFT JOIN criterion c ON c.framework_id = f.id AND c.deleted_at IS NULL
  LEFT JOIN qualification_answer a ON a.id = (
       SELECT max(x.id) FROM qualification_answer x
        WHERE x.criterion_id = c.id AND (x.contact_id = :contact OR x.deal_id = :deal)
          AND x.deleted_at IS NULL)
 WHERE f.active = 1 AND f.used_for IN (:used, 'both') AND f.deleted_at IS NULL
 GROUP BY f.id, f.name, f.position ORDER BY coalesce(f.position, 9223372036854775807), f.id LIMIT :limit;

-- name: qualify.of
SELECT id FROM qualification
 WHERE framework_id = :framework AND (contact_id = :contact OR deal_id = :deal) AND deleted_at IS NULL
 ORDER BY id LIMIT 1;

-- name: qualify.any
SELECT count(*) FROM qualification WHERE framework_id = :framework AND deleted_at IS NULL;

-- name: qualify.frameworks
SELECT count(*) FROM framework;
