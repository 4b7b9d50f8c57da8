// What sending needs of a portal: a migrated database with the rows of tests/support/site.sql (tests/support/with-postgres
// makes it), and `tessera jobs` with settings of the test's own.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './wait.mjs';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const build = process.env.TESSERA_BUILD ?? path.join(root, 'build');
const program = process.env.TESSERA ?? path.join(build, 'tessera');

export const contracts = process.env.TESSERA_CONTRACTS ?? path.join(root, '..', 'shared', 'contracts');
export const A = (row) => `aaaaaaaa-0000-4000-8000-0000000000${row}`;
export const B = (row) => `bbbbbbbb-0000-4000-8000-0000000000${row}`;
export const C = (row) => `cccccccc-0000-4000-8000-0000000000${row}`;

function connection(name) {
  const text = process.env[name];
  if (!text) throw new Error(`${name} is not set: run this through tests/support/with-postgres`);
  return text;
}

/** Runs SQL as the cluster's superuser; resolves to its lines. */
export async function sql(text) {
  const database = /dbname=(\S+)/.exec(connection('TESSERA_TEST_DATABASE'))[1];
  const { stdout } = await exec('psql', ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-c', text,
    `host=${connection('TESSERA_TEST_CLUSTER')} user=postgres dbname=${database}`], { maxBuffer: 64 << 20 });
  return stdout.trim();
}

export async function json(query) {
  return JSON.parse(await sql(`SELECT coalesce(json_agg(q), '[]') FROM (${query}) AS q`));
}

/** Everything as it is at the beginning of a test. */
export async function tidy() {
  await sql(`DELETE FROM jobs; DELETE FROM outbox; DELETE FROM notifications; DELETE FROM events; DELETE FROM suppressions;
    DELETE FROM push_subscriptions; DELETE FROM notification_choices; UPDATE job_schedules SET enabled = false;
    UPDATE event_types SET email = CASE WHEN code = 'lead.created' THEN 'off' ELSE email END;
    UPDATE users SET quiet_from = NULL, quiet_to = NULL, phone = NULL; UPDATE programme SET ops_email = '', name = 'Tessera'`);
}

let settled = false;
export async function settle() {
  if (settled) return;
  settled = true;
  if (await sql('SELECT count(*) FROM partners') === '0') {
    const text = readFileSync(path.join(root, 'tests', 'support', 'site.sql'), 'utf8');
    const database = /dbname=(\S+)/.exec(connection('TESSERA_TEST_DATABASE'))[1];
    execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', `host=${connection('TESSERA_TEST_CLUSTER')} user=postgres dbname=${database}`],
      { input: text });
  }
  await tidy();
}

/** A mail that the portal wrote itself. */
export async function write(recipient, more = {}) {
  const row = { template: 'invitation', recipient, subject: 'Hello', body: 'Hello\n\nhttps://partners.example/invitation/x\n', ...more };
  const columns = Object.keys(row);
  const values = columns.map((name) => (row[name] === null ? 'NULL' : `'${String(row[name]).replaceAll("'", "''")}'`));
  return sql(`INSERT INTO outbox (${columns}) VALUES (${values}) RETURNING id`);
}

export const outbox = (id) => json(`SELECT * FROM outbox WHERE id = '${id}'`).then(([row]) => row);
export const state = (id) => sql(`SELECT state FROM outbox WHERE id = '${id}'`);
export const becomes = (id, wanted) => until(`${id} is ${wanted}`, async () => (await state(id)) === wanted);
/** Jobs that wait for their next try have it now. */
export const hurry = () => sql("UPDATE jobs SET run_at = now() WHERE state = 'ready'; NOTIFY jobs");

/** A folder that is removed at the end of the test, with files of these names and texts. */
export function folder(t, files = {}) {
  const made = mkdtempSync(path.join(os.tmpdir(), 'tessera-sending-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(made, name), text);
  return made;
}

/** A certificate of an authority of its own, for localhost. Resolves to {cert, key, ca} (paths). */
export function certificate(dir) {
  const cert = path.join(dir, 'cert.pem');
  const key = path.join(dir, 'key.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key, ca: cert };
}

function environment(dir, settings) {
  const own = {
    base_url: 'https://partners.example', database: connection('TESSERA_TEST_APP_DATABASE'), database_jobs: connection('TESSERA_TEST_JOBS_DATABASE'),
    database_owner: connection('TESSERA_TEST_DATABASE'), templates: path.join(root, 'templates'), static_dir: path.join(root, 'static'),
    locale_dir: path.join(build, 'locale'), secret_file: path.join(dir, 'secret'), jobs_status_file: path.join(dir, 'status'),
    mail_from: 'portal@partners.example', job_workers: 1, log_level: 'info', ...settings,
  };
  return Object.fromEntries(Object.entries(own).map(([name, value]) => [`TESSERA_${name.toUpperCase()}`, String(value)]));
}

/** `tessera jobs`, ended with the test. */
export async function startDaemon(t, settings) {
  await settle();
  const dir = folder(t, { secret: 'x'.repeat(64) });
  const log = path.join(dir, 'log');
  const child = spawn(program, ['jobs'], {
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...environment(dir, settings) },
    stdio: ['ignore', 'ignore', openSync(log, 'a')],
  });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  const lines = () => readFileSync(log, 'utf8');
  async function stop(signal = 'SIGTERM') {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  }
  t.after(() => stop());
  await until('the daemon begins', () => /event=worker_(started|ready)/.test(lines()) || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(lines());
  return {
    log: lines,
    stop,
    pid: child.pid,
    /** The process that speaks to the world. */
    sender: () => Number([...lines().matchAll(/event=worker_started pool=send worker=\d+ pid=(\d+)/g)].at(-1)?.[1]),
  };
}
