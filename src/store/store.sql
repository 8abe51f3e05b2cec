-- What the drivers themselves say to the engines. A block marked @script may hold several
-- statements; it is run as it stands and is not prepared at start.

-- name: store.connect_write @sqlite @script
-- cache: 8 MB is what the indexes of a busy writer gain from; readers lean on the system's page
-- cache instead. No mmap: each connection's mapping counts towards the program's memory, and an I/O
-- error would be a signal instead of E_IO. temp_store: every savepoint keeps the pages that it may
-- have to put back; past 64 KB of them SQLite would write a file for each transaction.
PRAGMA temp_store = MEMORY;
PRAGMA foreign_keys = ON;
PRAGMA case_sensitive_like = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cache_size = -8000;
PRAGMA mmap_size = 0;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = FAST;
PRAGMA journal_size_limit = 67108864;
PRAGMA wal_autocheckpoint = 1000;

-- name: store.connect_read @sqlite @script
PRAGMA foreign_keys = ON;
PRAGMA case_sensitive_like = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cache_size = -1000;
PRAGMA mmap_size = 0;
PRAGMA wal_autocheckpoint = 0;
PRAGMA query_only = ON;

-- name: store.journal_mode @sqlite
PRAGMA journal_mode = WAL;

-- name: store.connect_write @postgres @script
SET client_encoding = 'UTF8';
SET timezone = 'UTC';
SET bytea_output = 'hex';
SET extra_float_digits = 1;
SET client_min_messages = warning;
SET idle_in_transaction_session_timeout = '60s';

-- name: store.connect_read @postgres @script
SET client_encoding = 'UTF8';
SET timezone = 'UTC';
SET bytea_output = 'hex';
SET extra_float_digits = 1;
SET client_min_messages = warning;
SET idle_in_transaction_session_timeout = '60s';
SET default_transaction_read_only = on;

-- name: store.collation @postgres
SELECT pg_encoding_to_char(encoding) || ' ' || datcollate FROM pg_database
 WHERE datname = current_database();

-- name: store.statement_timeout @postgres
SELECT set_config('statement_timeout', :ms, false);

-- name: store.begin @sqlite
BEGIN IMMEDIATE;

-- name: store.begin @postgres
BEGIN ISOLATION LEVEL SERIALIZABLE;

-- name: store.begin_relaxed @sqlite
BEGIN IMMEDIATE;

-- name: store.begin_relaxed @postgres
BEGIN ISOLATION LEVEL READ COMMITTED;

-- name: store.begin_read @sqlite
BEGIN DEFERRED;

-- name: store.begin_read @postgres
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: store.commit
COMMIT;

-- name: store.rollback
ROLLBACK;

-- name: store.savepoint
SAVEPOINT furrow;

-- name: store.release
RELEASE SAVEPOINT furrow;

-- name: store.rollback_to
ROLLBACK TO SAVEPOINT furrow;

-- What nodes tell each other (notify.h).
-- name: store.listen @postgres @script
LISTEN furrow;

-- name: store.notify @postgres
SELECT pg_notify('furrow', :text);
