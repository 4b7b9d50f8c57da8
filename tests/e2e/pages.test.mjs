// Every page, found by following links as each kind of person: it answers, complains about nothing, can be used by
// everybody (axe, WCAG 2.1 AA and best practice) at two widths in both themes, and fits a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { overflow, violations } from './lib/browser.mjs';
import { crawl, pagesOfSource } from './lib/pages.mjs';
import { openHouse } from './lib/visitor.mjs';

const PEOPLE = [
  'owner@harbour.example', 'viewer@harbour.example', 'owner@skyline.example', 'agent@tessera.example',
  'finance@tessera.example', 'support@tessera.example', 'admin@tessera.example', null,
];

// Reached by a link in a mail: portal.test.mjs goes there and has them looked at.
const BY_MAIL = ['/reset/{}', '/invitation/{}'];
const START = { visitor: ['/', '/login', '/forgot', '/forgot/sent'], signedIn: ['/dashboard', '/'] };

let house;
const seen = new Set(); // patterns that some person's pages had
const inspected = new Set(); // patterns that axe saw in all four states

before(async () => {
  house = await openHouse();
});

after(() => house.close());

async function inspect(page, width, theme) {
  await page.setViewportSize({ width, height: 900 });
  const wrong = (await violations(page)).map(({ id, nodes }) => `axe ${id}: ${nodes.join(' | ')}`);
  if (width === 360) wrong.push(...(await overflow(page)).map((element) => `wider than the window: ${element}`));
  return wrong.map((text) => `${width} px, ${theme}: ${text}`);
}

async function visit(page, url, theme) {
  await page.emulateMedia({ colorScheme: theme });
  return page.goto(url);
}

/** Complaints about one page, as the person of `page` sees it. */
async function look(page, { url, pattern }, titles) {
  const wrong = [];
  const response = await visit(page, url, 'dark');
  if (response.status() !== 200) return [`status ${response.status()}`];
  const headings = await page.locator('h1').count();
  if (headings !== 1) wrong.push(`${headings} h1`);
  const title = await page.title();
  if (titles.has(title)) wrong.push(`has the title of ${titles.get(title)}: ${title}`);
  titles.set(title, pattern);
  wrong.push(...await inspect(page, 360, 'dark'));
  if (!inspected.has(pattern)) {
    wrong.push(...await inspect(page, 1440, 'dark'));
    await visit(page, url, 'light');
    wrong.push(...await inspect(page, 1440, 'light'), ...await inspect(page, 360, 'light'));
    inspected.add(pattern);
  }
  return [...wrong, ...house.complaints()];
}

for (const who of PEOPLE) {
  test(`the pages of ${who ?? 'a visitor'}`, async (t) => {
    const page = who ? await house.as(who) : await house.visitor();
    const start = (who ? START.signedIn : START.visitor).map((path) => house.url + path);
    const found = await crawl(page.context().request, start);
    const dead = found.filter(({ status }) => status >= 400);
    assert.deepEqual(dead.map(({ status, url, from }) => `${status} ${url} (linked from ${from})`), []);

    const pages = found.filter(({ status, type }) => status === 200 && type.startsWith('text/html'));
    const perPattern = new Map(pages.map((one) => [one.pattern, one]).reverse()); // the first of each
    const titles = new Map();
    for (const one of [...perPattern.values()].reverse()) {
      seen.add(one.pattern);
      await t.test(one.pattern, async () => assert.deepEqual(await look(page, one, titles), [], one.url));
    }
    await house.tidy();
  });
}

test('every page that the source knows was looked at', async () => {
  const missing = (await pagesOfSource()).filter((pattern) => !seen.has(pattern) && !BY_MAIL.includes(pattern));
  assert.deepEqual(missing, []);
  assert.ok(seen.size > 30, `only ${seen.size} pages were found`);
});
