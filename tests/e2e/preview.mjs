// Shows templates with made-up data, without a database: for people who work on the look.
//
//   node preview.mjs                 screenshots of every fixture into out/, axe and a check for sideways
//                                    scrolling at each size and theme; exit code 1 when something is wrong
//   node preview.mjs --only home     the fixtures whose names begin so
//   node preview.mjs --serve 8090    the same pages on a port, rendered afresh on each request
//
// A fixture is fixtures/NAME.json: {"template": "home", "model": {…}}; fixtures/chrome.json holds what
// every page has. Needs the tessera binary (TESSERA, or ../../build/tessera) and static/dist.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch, overflow, violations } from './lib/browser.mjs';
import { previewNames, startPreview } from './lib/preview-server.mjs';

const out = path.join(path.dirname(fileURLToPath(import.meta.url)), 'out');
const SIZES = [{ width: 1440, height: 900 }, { width: 360, height: 740 }];
const THEMES = ['light', 'dark'];

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
  const preview = await startPreview();
  const browser = await launch();
  let seen = 0;
  let wrong = 0;
  for (const name of await previewNames(prefix)) {
    for (const viewport of SIZES) {
      for (const theme of THEMES) {
        const complaints = await look(browser, preview.url, name, viewport, theme);
        seen += 1;
        wrong += complaints.length;
        for (const complaint of complaints) console.log(`${name} ${viewport.width} ${theme}: ${complaint}`);
      }
    }
  }
  await browser.close();
  preview.close();
  console.log(`${seen} pages looked at, ${wrong} complaints; screenshots in ${path.relative(process.cwd(), out)}/`);
  process.exitCode = wrong ? 1 : 0;
}

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, serve: { type: 'string' } } });
if (values.serve) {
  const preview = await startPreview(Number(values.serve));
  console.log(`${preview.url}/  (${(await previewNames()).join(' ')})`);
} else {
  await lookAtAll(values.only);
}
