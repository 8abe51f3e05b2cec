-- why:    a sender may have refusals come back to an address with the mail's number, so that each is known for sure.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE sender ADD COLUMN return_plus INTEGER NOT NULL DEFAULT 0;
