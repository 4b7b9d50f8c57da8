// Serves templates with the data of fixtures, as nginx and a worker would: for preview.mjs and for the
// tests of what scripts and style sheet do. No database.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..', '..', '..');
const fixtures = path.join(here, '..', 'fixtures');
const tessera = process.env.TESSERA ?? path.join(root, 'build', 'tessera');
const dist = process.env.TESSERA_STATIC ?? path.join(root, 'static', 'dist');

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
  "media-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'";
const TYPES = {
  '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
  '.html': 'text/html; charset=utf-8', '.json': 'application/json',
};

async function readJson(file) {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Names of the fixtures that begin with prefix, and of the page that nginx has for itself. */
export async function previewNames(prefix = '') {
  const files = await readdir(fixtures);
  const names = files.filter((file) => file.endsWith('.json') && file !== 'chrome.json')
    .map((file) => file.slice(0, -'.json'.length));
  return [...names, 'unavailable'].filter((name) => name.startsWith(prefix)).sort();
}

/** The names that templates use for the hashed files: asset.css, asset.favicon_svg, … */
async function assets() {
  const manifest = await readJson(path.join(dist, 'manifest.json'));
  const names = { css: 'app.css', app: 'app.js', theme: 'theme.js', board: 'board.js', icons: 'icons.svg' };
  const short = Object.entries(names).map(([name, file]) => [name, manifest[file]]);
  const long = Object.entries(manifest).map(([file, url]) => [file.replace(/[.-]/g, '_'), url]);
  return Object.fromEntries([...short, ...long]);
}

async function render(name) {
  const { template, model } = await readJson(path.join(fixtures, `${name}.json`));
  const chrome = await readJson(path.join(fixtures, 'chrome.json'));
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tessera-preview-'));
  const data = path.join(folder, 'model.json');
  await writeFile(data, JSON.stringify({ ...chrome, asset: await assets(), ...model }));
  const templates = path.join(root, 'templates');
  const file = path.join(templates, `${template}.mustache`);
  const { stdout } = await run(tessera, ['render', file, data, '--partials', templates],
    { maxBuffer: 16 * 1024 * 1024 }).finally(() => rm(folder, { recursive: true }));
  return stdout;
}

async function readBody(request) {
  let body = '';
  for await (const piece of request) body += piece;
  return body;
}

/** Port 0: any. Resolves to {url, posted, close}; posted: what forms sent, {path, body} each. */
export async function startPreview(port = 0) {
  const posted = [];

  async function answer(request, response) {
    const { pathname } = new URL(request.url, 'http://preview');
    response.setHeader('Content-Security-Policy', CSP);
    if (request.method === 'POST') {
      posted.push({ path: pathname, body: await readBody(request) });
      response.writeHead(303, { Location: request.headers.referer ?? '/' }).end();
    } else if (pathname === '/events') {
      response.writeHead(204).end(); // nothing happens here: an EventSource that gets this asks no more
    } else if (pathname.startsWith('/static/')) {
      const file = path.join(dist, path.basename(pathname));
      response.setHeader('Content-Type', TYPES[path.extname(file)] ?? 'application/octet-stream');
      response.end(await readFile(file));
    } else if (pathname === '/unavailable') {
      response.setHeader('Content-Type', TYPES['.html']);
      response.end(await readFile(path.join(dist, 'unavailable.html')));
    } else {
      const page = await render(pathname.slice(1) || 'components');
      response.setHeader('Content-Type', TYPES['.html']);
      response.end(page);
    }
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      const status = error.code === 'ENOENT' && error.syscall === 'open' ? 404 : 500;
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end(error.stderr || error.message);
    });
  });
  await new Promise((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    posted,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
