// Shows templates with made-up data, without a database: for people who work on the look.
//
//   node preview.mjs                 screenshots of every fixture into out/, axe and a check for sideways
//                                    scrolling at each size and theme; exit code 1 when something is wrong
//   node preview.mjs --only home     the fixtures whose names begin so
//   node preview.mjs --serve 8090    the same pages on a port, rendered afresh on each request
//
// A fixture is fixtures/NAME.json: {"template": "home", "model": {…}}; fixtures/chrome.json holds what
// every page has. Needs the `tessera` binary (TESSERA, or ../../build/tessera) and static/dist.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { launch, overflow, violations } from './lib/browser.mjs';

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..', '..');
const tessera = process.env.TESSERA ?? path.join(root, 'build', 'tessera');
const dist = process.env.TESSERA_STATIC ?? path.join(root, 'static', 'dist');
const out = path.join(here, 'out');

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = {
  '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
  '.html': 'text/html; charset=utf-8', '.json': 'application/json',
};
const SIZES = [{ width: 1440, height: 900 }, { width: 360, height: 740 }];
const THEMES = ['light', 'dark'];

async function readJson(file) {
  return JSON.parse(await readFile(file, 'utf8'));
}

async function fixtureNames(prefix) {
  const files = await readdir(path.join(here, 'fixtures'));
  return files.filter((file) => file.endsWith('.json') && file !== 'chrome.json')
    .map((file) => file.slice(0, -'.json'.length))
    .filter((name) => name.startsWith(prefix)).sort();
}

async function assets() {
  const manifest = await readJson(path.join(dist, 'manifest.json'));
  return {
    css: manifest['app.css'], app: manifest['app.js'], theme: manifest['theme.js'],
    icons: manifest['icons.svg'], favicon: manifest['favicon.svg'], font: manifest['inter-latin.woff2'],
  };
}

async function render(name) {
  const { template, model } = await readJson(path.join(here, 'fixtures', `${name}.json`));
  const chrome = await readJson(path.join(here, 'fixtures', 'chrome.json'));
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tessera-preview-'));
  const data = path.join(folder, 'model.json');
  await writeFile(data, JSON.stringify({ ...chrome, asset: await assets(), ...model }));
  const templates = path.join(root, 'templates');
  const file = path.join(templates, `${template}.mustache`);
  const { stdout } = await run(tessera, ['render', file, data, '--partials', templates],
    { maxBuffer: 16 * 1024 * 1024 }).finally(() => rm(folder, { recursive: true }));
  return stdout;
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://preview');
  response.setHeader('Content-Security-Policy', CSP);
  try {
    if (request.method === 'POST') {
      response.writeHead(303, { Location: request.headers.referer ?? '/' }).end();
    } else if (pathname.startsWith('/static/')) {
      const file = path.join(dist, path.basename(pathname));
      response.setHeader('Content-Type', TYPES[path.extname(file)] ?? 'application/octet-stream');
      response.end(await readFile(file));
    } else if (pathname === '/unavailable') {
      response.setHeader('Content-Type', TYPES['.html']);
      response.end(await readFile(path.join(dist, 'unavailable.html')));
    } else {
      response.setHeader('Content-Type', TYPES['.html']);
      response.end(await render(pathname.slice(1) || 'components'));
    }
  } catch (error) {
    response.writeHead(500, { 'Content-Type': 'text/plain' }).end(error.stderr || error.message);
  }
}

function serve(port) {
  const server = http.createServer(answer);
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** Complaints about one page at one size in one theme. */
async function look(browser, url, name, viewport, theme) {
  const phone = viewport.width < 640;
  const context = await browser.newContext({
    viewport, colorScheme: theme, reducedMotion: 'reduce', hasTouch: phone, isMobile: phone,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  const response = await page.goto(`${url}/${name}`);
  if (response.status() !== 200) {
    const text = await response.text();
    await context.close();
    return [`status ${response.status()}: ${text}`];
  }
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: path.join(out, `${name}-${viewport.width}-${theme}.png`), fullPage: true });
  for (const { id, nodes } of await violations(page)) complaints.push(`axe ${id}\n    ${nodes.join('\n    ')}`);
  for (const element of await overflow(page)) complaints.push(`wider than the window: ${element}`);
  await context.close();
  return complaints;
}

async function lookAtAll(prefix) {
  await mkdir(out, { recursive: true });
  const server = await serve(0);
  const url = `http://127.0.0.1:${server.address().port}`;
  const browser = await launch();
  let wrong = 0;
  let seen = 0;
  for (const name of [...await fixtureNames(prefix), ...('unavailable'.startsWith(prefix) ? ['unavailable'] : [])]) {
    for (const viewport of SIZES) {
      for (const theme of THEMES) {
        const complaints = await look(browser, url, name, viewport, theme);
        seen += 1;
        wrong += complaints.length;
        for (const complaint of complaints) console.log(`${name} ${viewport.width} ${theme}: ${complaint}`);
      }
    }
  }
  await browser.close();
  server.closeAllConnections();
  server.close();
  console.log(`${seen} pages looked at, ${wrong} complaints; screenshots in ${path.relative(process.cwd(), out)}/`);
  process.exitCode = wrong ? 1 : 0;
}

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, serve: { type: 'string' } } });
if (values.serve) {
  const server = await serve(Number(values.serve));
  console.log(`http://127.0.0.1:${server.address().port}/  (${(await fixtureNames('')).join(' ')})`);
} else {
  await lookAtAll(values.only);
}
