-- why:    an approval says why somebody else than the rule's approver was asked, or that they are away (S3).
-- step:   expand.
-- engine: both, one text.
ALTER TABLE approval ADD COLUMN asked_because TEXT NOT NULL DEFAULT '';
