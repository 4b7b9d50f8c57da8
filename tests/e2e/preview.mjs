// Shows templates with made-up data, without a database: for people who work on the look.
//
//   node preview.mjs                 screenshots of every fixture into out/, axe and a check for sideways
//                                    scrolling at each size and theme; exit code 1 when something is wrong
//   node preview.mjs --only home     the fixtures whose names begin so
//   node preview.mjs --no-pictures   the same without screenshots, for a machine that only wants to know
//   node preview.mjs --serve 8090    the same pages on a port, rendered afresh on each request
//
// A fixture is fixtures/NAME.json: {"template": "home", "model": {…}}; fixtures/chrome.json holds what
// every page has. Needs the tessera binary (TESSERA, or ../../build/tessera) and static/dist.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch, overflow, showIn, violations, wrongColours } from './lib/browser.mjs';
import { previewNames, startPreview } from './lib/preview-server.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, serve: { type: 'string' }, 'no-pictures': { type: 'boolean' } },
});
const out = path.join(path.dirname(fileURLToPath(import.meta.url)), 'out');
const SIZES = [{ width: 1440, height: 900 }, { width: 360, height: 740 }];

/** Complaints about one page at one size: {light: […], dark: […]}. */
async function look(browser, url, name, viewport) {
  const phone = viewport.width < 640;
  const context = await browser.newContext({
    viewport, colorScheme: 'light', reducedMotion: 'reduce', hasTouch: phone, isMobile: phone,
  });
  try {
    const page = await context.newPage();
    const light = [];
    page.on('pageerror', (error) => light.push(`script: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') light.push(`console: ${message.text()}`);
    });
    const response = await page.goto(`${url}/${name}`);
    if (response.status() !== 200) return { light: [`status ${response.status()}: ${await response.text()}`], dark: [] };
    await page.evaluate(() => document.fonts.ready);
    light.push(...inWords(await violations(page)));
    for (const element of await overflow(page)) light.push(`wider than the window: ${element}`);
    await picture(page, `${name}-${viewport.width}-light`);
    await showIn(page, 'dark');
    const dark = inWords(await wrongColours(page));
    await picture(page, `${name}-${viewport.width}-dark`);
    return { light, dark };
  } finally {
    await context.close();
  }
}

const inWords = (found) => found.map(({ id, nodes }) => `axe ${id}\n    ${nodes.join('\n    ')}`);

async function picture(page, name) {
  if (values['no-pictures']) return;
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: path.join(out, `${name}.png`), fullPage: true });
}

async function lookAtAll(prefix) {
  await mkdir(out, { recursive: true });
  const preview = await startPreview();
  const browser = await launch();
  let seen = 0;
  let wrong = 0;
  for (const name of await previewNames(prefix)) {
    for (const viewport of SIZES) {
      for (const [theme, complaints] of Object.entries(await look(browser, preview.url, name, viewport))) {
        seen += 1;
        wrong += complaints.length;
        for (const complaint of complaints) console.log(`${name} ${viewport.width} ${theme}: ${complaint}`);
      }
    }
  }
  await browser.close();
  preview.close();
  console.log(`${seen} pages looked at, ${wrong} complaints${values['no-pictures'] ? '' : `; screenshots in ${path.relative(process.cwd(), out)}/`}`);
  process.exitCode = wrong ? 1 : 0;
}

if (values.serve) {
  const preview = await startPreview(Number(values.serve));
  console.log(`${preview.url}/  (${(await previewNames()).join(' ')})`);
} else {
  await lookAtAll(values.only);
}
