// The portal that the tests talk to: the one at TESSERA_URL, else one of their own with fresh demo data, which ./run
// starts in a temporary folder and stops afterwards.
//
//   TESSERA_URL      http://127.0.0.1:8080
//   TESSERA_RUN      how ./run is called for it, e.g. "./run --data var"
//   TESSERA_OUTBOX   what prints its mail; without it "$TESSERA_RUN tessera mail show"
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function mailOf(command) {
  /** The text of the newest mail to an address. */
  return async (address) => {
    if (!command) throw new Error('Set TESSERA_RUN (or TESSERA_OUTBOX): without it the mail cannot be read.');
    const { stdout } = await exec('sh', ['-c', `${command} --count 1 --to "$0"`, address], { timeout: 60_000 });
    return stdout;
  };
}

async function startOwn() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tessera-e2e-'));
  const data = path.join(folder, 'data');
  const run = path.join(root, 'run');
  const port = await freePort();
  await exec(run, ['--data', data, '--port', String(port), '--detach'], { cwd: root, maxBuffer: 8 << 20 });
  return {
    url: `http://127.0.0.1:${port}`,
    mail: mailOf(`${run} --data ${data} tessera mail show`),
    async close() {
      await exec(run, ['--data', data, 'stop'], { cwd: root });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves to {url, mail(address), close()}. */
export async function findPortal() {
  const url = process.env.TESSERA_URL;
  if (!url) return startOwn();
  const run = process.env.TESSERA_RUN;
  return {
    url: url.replace(/\/$/, ''),
    mail: mailOf(process.env.TESSERA_OUTBOX ?? (run && `${run} tessera mail show`)),
    async close() {},
  };
}
