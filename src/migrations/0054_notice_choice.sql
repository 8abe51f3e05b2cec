-- why:    everybody chooses what reaches them by mail, when the day's digest comes, and by which clock.
-- step:   expand.
-- engine: both, one text.
ALTER TABLE "user" ADD COLUMN timezone TEXT NOT NULL DEFAULT '';
ALTER TABLE "user" ADD COLUMN timezone_fold TEXT NOT NULL DEFAULT '';
ALTER TABLE "user" ADD COLUMN digest_hour BIGINT;
ALTER TABLE "user" ADD COLUMN notices TEXT NOT NULL DEFAULT '';
