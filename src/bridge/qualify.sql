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

-- name: qualify.of
SELECT id FROM qualification
 WHERE framework_id = :framework AND (contact_id = :contact OR deal_id = :deal) AND deleted_at IS NULL
 ORDER BY id LIMIT 1;

-- name: qualify.any
SELECT count(*) FROM qualification WHERE framework_id = :framework AND deleted_at IS NULL;

-- name: qualify.frameworks
SELECT count(*) FROM framework;
