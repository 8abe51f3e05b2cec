// furrow.mjs -- the program under test: commands, a server on a free port with data of its own, and its API.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const binary = resolve(process.env.FURROW_BIN ?? join(here, '../../../build/furrow'));
export const PASSWORD = 'north wind over barley';
const START_MS = 20000;

export const freePort = () => new Promise((done, failed) => {
  const server = createServer();
  server.on('error', failed);
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

/* Runs a command to its end and gives what it printed. */
export function command(args, input = '') {
  const run = spawnSync(binary, args, { input, encoding: 'utf8', timeout: 120000 });
  if (run.error) throw new Error(`${binary} cannot be run: ${run.error.message}`);
  if (run.status !== 0) throw new Error(`furrow ${args.join(' ')} gave ${run.status}: ${run.stderr}${run.stdout}`);
  return run.stdout;
}

async function ready(server, url) {
  const end = Date.now() + START_MS;
  while (Date.now() < end) {
    if (server.exitCode !== null) throw new Error(`furrow serve ended with ${server.exitCode}`);
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch { /* not yet listening */ }
    await new Promise((done) => setTimeout(done, 30));
  }
  throw new Error(`furrow serve was not ready within ${START_MS / 1000} s`);
}

/* A company with people. users: [{ mail, name, role, team }]; host: the name browsers use. Commands run before the
 * server does, since both cannot hold the data at once. demo: arguments of `furrow demo` instead of an empty company. */
export async function startFurrow({ users = [], host = 'furrow.example', demo = null } = {}) {
  const data = mkdtempSync(join(tmpdir(), 'furrow-data-'));
  const port = await freePort();
  const url = `http://${host}:${port}`;
  const local = `http://127.0.0.1:${port}`;
  const where = ['--data', data];
  const tokens = {};
  let log = '';
  if (demo) command(['demo', ...where, ...demo]);
  else command(['migrate', ...where]);
  for (const user of users) {
    command(['user', 'add', user.mail, '--name', user.name, ...(user.role ? ['--role', user.role] : []),
      ...(user.team ? ['--team', user.team] : []), '--password-stdin', ...where], `${PASSWORD}\n`);
    if (user.token) tokens[user.mail] = command(['token', 'add', user.mail, '--write', ...where]).trim();
  }
  const server = spawn(binary, ['serve', ...where, '--listen', `127.0.0.1:${port}`, '--public-url', url],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  server.stdout.on('data', (text) => { log += text; });
  server.stderr.on('data', (text) => { log += text; });
  try {
    await ready(server, local);
  } catch (error) {
    server.kill('SIGKILL');
    throw new Error(`${error.message}\n${log}`);
  }
  return {
    url, port, data,
    log: () => log,
    /* The API as somebody: gives the JSON of the answer, and fails on any other status than 2xx. */
    async api(mail, path, { method = 'GET', body, headers = {} } = {}) {
      const answer = await fetch(`${local}/api/v1${path}`, {
        method, body: body && JSON.stringify(body),
        headers: { Authorization: `Bearer ${tokens[mail]}`, ...(body && { 'Content-Type': 'application/json' }), ...headers },
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path} gave ${answer.status}: ${text}`);
      return text ? JSON.parse(text) : null;
    },
    async stop() {
      const ended = new Promise((done) => server.on('exit', (code, signal) => done({ code, signal })));
      if (server.exitCode === null) server.kill('SIGTERM');
      const timer = setTimeout(() => server.kill('SIGKILL'), 15000);
      const { code, signal } = server.exitCode === null ? await ended : { code: server.exitCode };
      clearTimeout(timer);
      rmSync(data, { recursive: true, force: true });
      if (code !== 0) throw new Error(`furrow serve ended with ${code ?? signal}\n${log.slice(-4000)}`);
    },
  };
}
