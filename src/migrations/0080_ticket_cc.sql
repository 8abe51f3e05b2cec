-- why:    whoever a mail to support had a copy of hears the answers too, and a mail says to whom else it went.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE ticket ADD COLUMN cc TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation_message ADD COLUMN cc TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_body ADD COLUMN shown_to TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_body ADD COLUMN cc TEXT NOT NULL DEFAULT '';
