// reports.mjs -- asks DuckDB for the reports of the journey engine: the same events, machine and number of threads; and
// compares the answers with the engine's, byte for byte: `node reports.mjs OUT [--threads 2] [--rounds 5]`.
// OUT holds events.csv (in order of arrival) and the engine's answers q1y.txt, q1m.txt, q2.txt ... q5.txt.
// Exit code: 0 all equal, 1 an answer differs, 2 it could not be run.
//
// So that the comparison is fair to DuckDB, the events are kept in three sort orders and each report counts in the one
// that suits it best; the statements are the fastest forms found; they are prepared beforehand; the first run, which
// warms up, does not count; and grouping by person uses an array instead of a hash table (perfect_ht_threshold).
import { existsSync, openSync, closeSync, readFileSync, readSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const HEADER = 'person,visitor,sec,kind,channel,campaign,page,country,value';

/* Half-open, in Unix seconds; weeks and days are counted from the start of the year. */
const YEAR = [1735689600, 1767225600];
const JUNE = [1748736000, 1751328000];

const REPORTS = [
  { name: 'q1y', sql: 'q1', range: YEAR },
  { name: 'q1m', sql: 'q1', range: JUNE },
  { name: 'q2', sql: 'q2', range: YEAR },
  { name: 'q3', sql: 'q3', range: YEAR },
  { name: 'q4y', sql: 'q4', range: YEAR },
  { name: 'q4m', sql: 'q4', range: JUNE },
  { name: 'q5', sql: 'q5', range: YEAR },
];

/* The first is filled from the file as it comes; the others are sorted copies of it. */
const ORDERS = [
  { name: 'time', by: null },
  { name: 'person', by: 'person, sec' },
  { name: 'month', by: "date_trunc('month', make_timestamp(sec::BIGINT * 1000000)), person, sec" },
];

/* Channels must fit one byte, for the statements pack them into numbers: a larger one stops the load. */
const TYPES = {
  person: 'UINTEGER', visitor: 'UINTEGER', sec: 'UINTEGER', kind: 'UTINYINT', channel: 'UTINYINT',
  campaign: 'USMALLINT', page: 'UINTEGER', country: 'UTINYINT', value: 'UINTEGER',
};

const SETTINGS = {
  memory_limit: '10GB',
  /* In bits of the range of what is grouped by: 24 take in 16 million people, the default of 12 only 4,096. */
  perfect_ht_threshold: '24',
};

function stop(text) {
  console.error(`reports.mjs: ${text}`);
  process.exit(2);
}

function whole(text, name) {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) stop(`--${name} is '${text}', but must be a whole number from 1`);
  return n;
}

function readArguments() {
  let given;
  try {
    given = parseArgs({
      allowPositionals: true,
      options: { threads: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' } },
    });
  } catch (error) {
    stop(error.message);
  }
  const { values, positionals } = given;
  if (positionals.length !== 1) stop('usage: node reports.mjs OUT [--threads 2] [--rounds 5]');
  return { out: positionals[0], threads: whole(values.threads, 'threads'), rounds: whole(values.rounds, 'rounds') };
}

function firstLine(path) {
  const bytes = Buffer.alloc(200);
  const file = openSync(path, 'r');
  const length = readSync(file, bytes);
  closeSync(file);
  return bytes.toString('utf8', 0, length).split(/\r?\n/)[0];
}

/* Everything that a long load should not find out at its end. */
function checkFolder(out) {
  const events = join(out, 'events.csv');
  if (!existsSync(events)) stop(`'${events}' is missing: run the engine's half of this benchmark first`);
  if (firstLine(events) !== HEADER) stop(`'${events}' starts with '${firstLine(events)}', but should with '${HEADER}'`);
  for (const { name } of REPORTS) {
    const path = join(out, `${name}.txt`);
    if (!existsSync(path)) stop(`'${path}', the engine's answer, is missing: run its half of this benchmark first`);
  }
  return events;
}

async function importDuckdb() {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    return stop(`DuckDB is not installed: run 'npm ci' in ${here} (${error.message.split('\n')[0]})`);
  }
}

const print = (line) => console.log(JSON.stringify(line));
const rounded = (n, digits) => Number(n.toFixed(digits));
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

async function one(connection, sql) {
  return (await connection.runAndReadAll(sql)).getRows()[0][0];
}

async function usedBytes(connection) {
  await connection.run('CHECKPOINT');
  return Number(await one(connection, 'SELECT used_blocks * block_size FROM pragma_database_size()'));
}

/* A schema an order, so that the statements say just `events`. */
async function load(connection, events) {
  const columns = Object.entries(TYPES).map(([name, type]) => `${name} ${type}`).join(', ');
  const typed = Object.entries(TYPES).map(([name, type]) => `${name}: '${type}'`).join(', ');
  let before = await usedBytes(connection);
  for (const { name, by } of ORDERS) {
    const start = performance.now();
    await connection.run(`CREATE SCHEMA by_${name}`);
    await connection.run(`CREATE TABLE by_${name}.events (${columns})`);
    await connection.run(`INSERT INTO by_${name}.events FROM ${by ? `by_time.events ORDER BY ${by}`
      : `read_csv(${quoted(events)}, header = true, auto_detect = false, delim = ',', columns = {${typed}})`}`);
    const after = await usedBytes(connection);
    print({ load: name, seconds: rounded((performance.now() - start) / 1000, 2), bytes: after - before });
    before = after;
  }
}

/* A form of its own for one order is QUERY.ORDER.sql; it is tried beside the common one. */
function formsOf(report) {
  return ORDERS.flatMap((order) => [`${report.sql}.sql`, `${report.sql}.${order.name}.sql`]
    .filter((file) => existsSync(join(here, file)))
    .map((file) => ({ order: order.name, file })));
}

async function measure(connection, report, { order, file }, rounds) {
  const [from, to] = report.range;
  const sql = readFileSync(join(here, file), 'utf8')
    .replaceAll('{FROM}', from).replaceAll('{TO}', to).replaceAll('{ZERO}', YEAR[0]);
  await connection.run(`SET schema = 'by_${order}'`);
  const statement = await connection.prepare(sql);
  const times = [];
  let answer = await statement.runAndReadAll();
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    answer = await statement.runAndReadAll();
    times.push(performance.now() - start);
  }
  statement.destroySync();
  times.sort((a, b) => a - b);
  const middle = times.length >> 1;
  return {
    order, file, min: times[0], max: times.at(-1),
    ms: times.length % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2,
    /* Shorter rows (the pages of q4) end in NULLs. */
    text: answer.getRows().map((row) => `${row.filter((value) => value !== null).join(',')}\n`).join(''),
  };
}

/* The first line that differs, in words. */
function difference(have, want) {
  const [a, b] = [have.split('\n'), want.split('\n')];
  const n = a.findIndex((line, i) => line !== b[i]);
  const at = n < 0 ? a.length : n;
  const show = (line) => (line ? `'${line}'` : 'nothing');
  return `line ${at + 1}: DuckDB has ${show(a[at])}, the engine ${show(b[at])}`;
}

/* true if DuckDB's answer from every order is the engine's. */
async function run(connection, report, out, rounds) {
  const want = readFileSync(join(out, `${report.name}.txt`), 'utf8');
  const results = [];
  for (const form of formsOf(report)) results.push(await measure(connection, report, form, rounds));
  const best = results.reduce((a, b) => (b.ms < a.ms ? b : a));
  const wrong = results.filter(({ text }) => text !== want);
  print({
    report: report.name, ms: rounded(best.ms, 2), min: rounded(best.min, 2), max: rounded(best.max, 2),
    order: best.order, equal: wrong.length === 0, file: best.file,
    all: Object.fromEntries(results.map(({ order, file, ms }) => [`${order} ${file}`, rounded(ms, 2)])),
  });
  for (const { order, file, text } of wrong) {
    console.error(`reports.mjs: ${report.name} by ${order} (${file}) differs in ${difference(text, want)}`);
  }
  return wrong.length === 0;
}

const { out, threads, rounds } = readArguments();
const events = checkFolder(out);
const { DuckDBInstance, version } = await importDuckdb();
const database = join(out, 'duckdb.db');
const temporary = join(out, 'duckdb.tmp');
function clean() {
  for (const path of [database, `${database}.wal`, temporary]) rmSync(path, { recursive: true, force: true });
}
process.once('SIGINT', () => { clean(); process.exit(130); });
process.once('SIGTERM', () => { clean(); process.exit(143); });

let instance;
let equal = true;
clean();
try {
  instance = await DuckDBInstance.create(database, { ...SETTINGS, threads: `${threads}`, temp_directory: temporary });
  const connection = await instance.connect();
  await load(connection, events);
  const count = Number(await one(connection, 'SELECT count(*) FROM by_time.events'));
  print({ duckdb: version(), threads, rounds, events: count });
  for (const report of REPORTS) equal = await run(connection, report, out, rounds) && equal;
  connection.closeSync();
} catch (error) {
  console.error(`reports.mjs: ${error.message.split('\n\nStack Trace')[0]}`);
  process.exitCode = 2;
} finally {
  instance?.closeSync();
  clean();
}
if (!equal) process.exitCode = 1;
