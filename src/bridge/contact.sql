-- Why a contact's score is what it is: the list that scoring left, newest points first.
-- name: contact.score_reasons
SELECT reasons FROM contact_score WHERE contact_id = :contact;
