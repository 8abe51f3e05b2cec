// mail.mjs -- mail servers of a spec's own: Debian's Postfix and Dovecot on loopback (tests/support/with_mail.sh says what
// they do with which address), a name server that says what it is told to, and what arrived, read and verified by a
// program that shares nothing with ours (tests/mail/arrived.py).
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const tests = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const script = join(tests, 'support/with_mail.sh');
export const MAIL_PASSWORD = 'sow-and-harvest';

/* Why there can be no mail servers here, or null. */
export const noMailServers = () => (process.getuid() === 0 || spawnSync('sudo', ['-n', 'true']).status === 0 ? null
  : 'Postfix wants root, or sudo without a password');

export function startMail() {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'furrow-mail-'));
  const run = spawnSync(script, ['--start', folder], { encoding: 'utf8', timeout: 60000 });
  if (run.status !== 0) throw new Error(`with_mail.sh gave ${run.status}: ${run.stderr}${run.stdout}`);
  const said = /FURROW_TEST_MAIL='([^']*)'/.exec(run.stdout)[1];
  const ports = Object.fromEntries(said.split(' ').map((one) => one.split('=')).map(([name, port]) => [name, Number(port)]));
  return {
    ports,
    authority: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    log: () => readFileSync(join(folder, 'mail.log'), 'utf8'),
    /* How many were delivered to mailboxes so far. */
    delivered: () => (readFileSync(join(folder, 'mail.log'), 'utf8').match(/status=sent \(delivered to maildir\)/g) ?? []).length,
    /* What lies in a mailbox. keys { name: record }: with what the verifier says of each signature. texts: of mails to these addresses. */
    arrived(user, { keys = {}, texts = [] } = {}) {
      return new Promise((done, failed) => {
        const read = spawn('/usr/bin/python3', [join(tests, 'mail/arrived.py'), `${ports.imaps}`, join(folder, 'ca.pem'), user, MAIL_PASSWORD]);
        let out = '';
        let wrong = '';
        read.stdout.on('data', (text) => { out += text; });
        read.stderr.on('data', (text) => { wrong += text; });
        read.on('close', (status) => (status === 0 ? done(JSON.parse(out)) : failed(new Error(`arrived.py: ${wrong}`))));
        read.stdin.end(JSON.stringify({ keys, texts }));
      });
    },
    /* From outside, as any server brings it. */
    bring(from, to, text) {
      const sent = spawnSync('/usr/bin/python3', ['-c',
        'import smtplib, sys; s = smtplib.SMTP("127.0.0.1", int(sys.argv[1])); s.sendmail(sys.argv[2], [sys.argv[3]], sys.stdin.read().encode()); s.quit()',
        `${ports.smtp}`, from, to], { input: text, encoding: 'utf8', timeout: 30000 });
      if (sent.status !== 0) throw new Error(`the mail server did not take it: ${sent.stderr}`);
    },
    stop: () => spawnSync(script, ['--stop', folder], { timeout: 30000 }),
  };
}

const name = (text) => Buffer.concat([...text.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
const rdata = {
  TXT: (text) => Buffer.concat((text.match(/.{1,255}/gs) ?? ['']).map((part) => Buffer.from([part.length, ...Buffer.from(part)]))),
  MX: (host) => Buffer.concat([Buffer.from([0, 10]), name(host)]),
};
const numbers = { TXT: 16, MX: 15 };

/* Answers from `records`, a list of { name, type, value } that may grow; everything else does not exist. */
export function startNames(records) {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    let at = 12;
    const labels = [];
    while (question[at]) {
      labels.push(question.toString('latin1', at + 1, at + 1 + question[at]).toLowerCase());
      at += 1 + question[at];
    }
    const type = question.readUInt16BE(at + 1);
    const found = records.filter((one) => one.name.toLowerCase() === labels.join('.'));
    const answers = found.filter((one) => numbers[one.type] === type).map((one) => {
      const data = rdata[one.type](one.value);
      return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255]), data]);
    });
    const head = Buffer.from([question[0], question[1], 0x81, found.length ? 0x80 : 0x83, 0, 1, 0, answers.length, 0, 0, 0, 0]);
    socket.send(Buffer.concat([head, question.subarray(12, at + 5), ...answers]), from.port, from.address);
  });
  return new Promise((done) => socket.bind(0, '127.0.0.1', () => done({ at: `127.0.0.1:${socket.address().port}`, stop: () => socket.close() })));
}
