// Builds what browsers load: style sheet, scripts, icon sprite, fonts, favicon and the page that nginx
// shows when no worker answers; and the templates of HTML mail (build-mail.mjs), which none loads. Every
// file's name holds a hash of its contents, so nginx may let browsers keep it for ever; manifest.json tells
// the portal today's names.
//
//   node build.mjs [--out DIR]        DIR: ./dist unless given
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build as bundle } from 'esbuild';
import { mailTemplates } from './build-mail.mjs';

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const packages = path.join(here, 'node_modules');
const target = outputFolder(process.argv.slice(2));
const manifest = {};
let out; // beside the target while building, so that a failed build leaves yesterday's files alone

const BROWSERS = ['chrome111', 'firefox128', 'safari16.4'];
const FONTS = {
  'inter-latin.woff2': 'inter-latin-wght-normal.woff2',
  'inter-latin-ext.woff2': 'inter-latin-ext-wght-normal.woff2',
};
// Lucide icons that the style sheet uses as masks; they can't come from the sprite.
const MASKS = ['chevron-down', 'check', 'minus'];

function outputFolder(args) {
  const at = args.indexOf('--out');
  if (at < 0) return path.join(here, 'dist');
  if (!args[at + 1]) throw new Error('--out needs a folder');
  return path.resolve(args[at + 1]);
}

async function writeCompressed(file, bytes) {
  await writeFile(path.join(out, file), bytes);
  if (!file.endsWith('.woff2')) {
    await writeFile(path.join(out, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

/** Writes a file under a name that holds its hash; returns its URL. */
async function emit(name, contents) {
  const bytes = Buffer.from(contents);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  const file = `${stem}.${hash}${ext}`;
  await writeCompressed(file, bytes);
  manifest[name] = `/static/${file}`;
  return manifest[name];
}

async function filesBelow(folder, extension) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = await Promise.all(entries.map((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(full, extension);
    return entry.name.endsWith(extension) ? [full] : [];
  }));
  return nested.flat();
}

/** The drawing inside a Lucide icon, without the outer <svg>. */
async function iconShapes(name) {
  const file = path.join(packages, 'lucide-static', 'icons', `${name}.svg`);
  const svg = await readFile(file, 'utf8').catch(() => {
    throw new Error(`there is no icon named "${name}" (see lucide.dev/icons)`);
  });
  return svg.replace(/<!--[^]*?-->/g, '').replace(/^[^]*?<svg[^>]*>/, '')
    .replace(/<\/svg>\s*$/, '').replace(/\s*\n\s*/g, '');
}

// {{asset.icons}}#plus, and blocks that name an icon: {{$empty-icon}}inbox{{/empty-icon}}
const ICON_USES = /(?:asset\.icons\}\}#|\{\{\$[a-z-]*icon\}\})([a-z0-9-]+)/g;

/** Icons named in templates and those in icons.txt, which C code names. */
async function iconNames() {
  const names = new Set();
  for (const file of await filesBelow(path.join(here, '..', 'templates'), '.mustache')) {
    const text = await readFile(file, 'utf8');
    for (const match of text.matchAll(ICON_USES)) names.add(match[1]);
  }
  const list = await readFile(path.join(here, 'icons.txt'), 'utf8');
  for (const line of list.split('\n')) {
    const name = line.replace(/#.*/, '').trim();
    if (name) names.add(name);
  }
  return [...names].sort();
}

async function emitIcons() {
  const symbols = await Promise.all((await iconNames()).map(async (name) =>
    `<symbol id="${name}" viewBox="0 0 24 24">${await iconShapes(name)}</symbol>`));
  await emit('icons.svg', `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`);
  await Promise.all(MASKS.map(async (name) => emit(`mask-${name}.svg`,
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" ' +
    'stroke="#808080" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' +
    `${await iconShapes(name)}</svg>\n`)));
}

async function emitFonts() {
  const folder = path.join(packages, '@fontsource-variable', 'inter', 'files');
  await Promise.all(Object.entries(FONTS).map(async ([name, file]) =>
    emit(name, await readFile(path.join(folder, file)))));
}

async function emitImages() {
  const folder = path.join(here, 'img');
  await Promise.all((await readdir(folder)).map(async (name) =>
    emit(name, await readFile(path.join(folder, name)))));
}

async function compileCss() {
  const file = path.join(out, 'app.css.new');
  const cli = path.join(packages, '@tailwindcss', 'cli', 'dist', 'index.mjs');
  const entry = path.join(here, 'css', 'app.css');
  try {
    await run(process.execPath, [cli, '-i', entry, '-o', file, '--minify'], { cwd: here });
  } catch (error) {
    throw new Error(`the style sheet does not compile:\n${error.stderr}`);
  }
  const css = await readFile(file, 'utf8');
  await rm(file);
  return css;
}

/** url("/static/inter-latin.woff2") in the style sheet becomes the hashed URL. */
async function emitCss(css) {
  await emit('app.css', css.replace(/\/static\/([a-z0-9.-]+)/g, (_, name) => {
    if (!manifest[name]) throw new Error(`the style sheet names /static/${name}, which is not built`);
    return manifest[name];
  }));
}

async function bundled(name, format) {
  const result = await bundle({
    entryPoints: [path.join(here, 'js', name)],
    bundle: true,
    minify: true,
    write: false,
    format,
    target: BROWSERS,
    charset: 'utf8',
    legalComments: 'none',
  });
  return result.outputFiles[0].contents;
}

async function emitScript(name, format) {
  await emit(name, await bundled(name, format));
}

/** @@favicon.svg@@ becomes that file's URL. */
function withAssets(name, text) {
  return text.replace(/@@([a-z0-9.-]+)@@/g, (_, asset) => {
    if (!manifest[asset]) throw new Error(`${name} names ${asset}, which is not built`);
    return manifest[asset];
  });
}

/** Pages that nginx serves by itself: their names must stay, so they are not hashed. */
async function writePages() {
  const folder = path.join(here, 'pages');
  await Promise.all((await readdir(folder)).map(async (name) => {
    const text = await readFile(path.join(folder, name), 'utf8');
    await writeCompressed(name, Buffer.from(withAssets(name, text)));
  }));
}

/** Templates of HTML mail, for the daemon that sends it. nginx hands them to nobody. */
async function writeMail() {
  const folder = path.join(out, 'mail', 'html');
  await mkdir(folder, { recursive: true });
  await Promise.all((await mailTemplates(path.join(here, 'mail'))).map(async ({ name, text }) =>
    writeFile(path.join(folder, name), text)));
}

/** The service worker's address must stay: browsers look there for a newer one. */
async function writeServiceWorker() {
  const script = Buffer.from(await bundled('sw.js', 'iife')).toString();
  await writeCompressed('sw.js', Buffer.from(withAssets('sw.js', script)));
}

async function build() {
  const css = compileCss();
  await Promise.all([
    emitIcons(), emitFonts(), emitImages(), emitScript('theme.js', 'iife'), emitScript('app.js', 'esm'),
    emitScript('board.js', 'esm'),
  ]);
  await emitCss(await css);
  await writePages();
  await writeMail();
  await writeServiceWorker();
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  await writeFile(path.join(out, 'manifest.json'), `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Files that today's names stand for, as the manifest of a folder has them. */
async function filesOf(folder) {
  const text = await readFile(path.join(folder, 'manifest.json'), 'utf8').catch(() => '{}');
  return Object.values(JSON.parse(text)).map((url) => path.posix.basename(url));
}

/**
 * New files go beside the old ones and the manifest last, each by a rename: whoever reads meanwhile finds
 * either build whole. The build before stays, for pages that are open and workers that still run with it.
 */
async function replaceTarget() {
  await mkdir(target, { recursive: true });
  const below = async (folder) => (await filesBelow(folder, '')).map((file) => path.relative(folder, file));
  const fresh = (await below(out)).filter((name) => name !== 'manifest.json');
  const keep = new Set([...fresh, 'manifest.json']);
  for (const name of await filesOf(target)) keep.add(name).add(`${name}.gz`);
  for (const name of [...fresh, 'manifest.json']) {
    await mkdir(path.dirname(path.join(target, name)), { recursive: true });
    await rename(path.join(out, name), path.join(target, name));
  }
  for (const name of await below(target)) {
    if (!keep.has(name)) await rm(path.join(target, name));
  }
}

async function main() {
  await mkdir(path.dirname(target), { recursive: true });
  out = await mkdtemp(`${target}.`);
  try {
    await build();
    await replaceTarget();
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(`static: ${error.message}`);
  process.exitCode = 1;
});
