-- What the engines' catalogs say: which migrations ran, which columns and indexes there are.

-- name: schema.table_exists @sqlite
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = :table;

-- name: schema.table_exists @postgres
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = current_schema() AND c.relname = :table AND c.relkind IN ('r', 'p');

-- name: schema.columns @sqlite
SELECT name, upper(type) AS type, "notnull" AS required, coalesce(dflt_value, '') AS otherwise, pk
  FROM pragma_table_xinfo(:table) WHERE hidden <> 1 ORDER BY cid;

-- name: schema.columns @postgres
SELECT a.attname AS name, upper(format_type(a.atttypid, NULL)) AS type, a.attnotnull AS required,
       coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS otherwise,
       EXISTS (SELECT 1 FROM pg_index i
                WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS pk
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE n.nspname = current_schema() AND c.relname = :table AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum;

-- name: schema.indexes @sqlite
SELECT name, sql FROM sqlite_schema
 WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL ORDER BY name;

-- name: schema.indexes @postgres
SELECT x.relname AS name, pg_get_indexdef(i.indexrelid) AS sql
  FROM pg_index i
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
 WHERE n.nspname = current_schema() AND t.relname = :table
   AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
 ORDER BY x.relname;

-- name: migrate.list
SELECT number, name, checksum FROM migration ORDER BY number;

-- name: migrate.add
INSERT INTO migration (number, name, checksum, applied_at) VALUES (:number, :name, :checksum, :now);

-- name: migrate.lock @sqlite
SELECT 1;

-- name: migrate.lock @postgres
-- Two nodes that migrate at once: the second waits, then finds nothing pending. The number is
-- "furrow" in ASCII.
SELECT pg_advisory_xact_lock(112619606929271);

-- name: migrate.prepare @sqlite @script
-- A table that is rebuilt is dropped and renamed; references are checked as a whole at the end
-- instead.
PRAGMA foreign_keys = OFF;

-- name: migrate.prepare @postgres @script
SELECT 1;

-- name: migrate.broken_references @sqlite
SELECT count(*) FROM pragma_foreign_key_check;

-- name: migrate.broken_references @postgres
SELECT 0;
