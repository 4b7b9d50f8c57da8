// Every page, found by following links as each kind of person: it answers, complains about nothing, can be used by
// everybody (axe, WCAG 2.1 AA and best practice) at two widths in both themes, and fits a phone.
import assert from 'node:assert/strict';
import { after, before, test } from './lib/test.mjs';
import { overflow, violations } from './lib/browser.mjs';
import { crawl, pagesOfSource } from './lib/pages.mjs';
import { openHouse } from './lib/visitor.mjs';

// Those who see most come first; null: a visitor.
const PEOPLE = [
  'owner@harbour.example', 'admin@tessera.example', null, 'viewer@harbour.example', 'support@tessera.example',
  'finance@tessera.example', 'agent@tessera.example', 'owner@skyline.example',
];

// Reached by a link in a mail: portal.test.mjs and sending.test.mjs go there and have them looked at.
const BY_MAIL = ['/reset/{}', '/invitation/{}', '/unsubscribe/{}'];
// Reached by what somebody has just done: messages.test.mjs, drafts.test.mjs, activity.test.mjs, imports.test.mjs and
// lists.test.mjs do it and have them looked at.
const BY_DOING = ['/messages/about/{}/{}', '/messages/{}/{}/edit', '/leads/new/full', '/leads/{}/activities/new',
  '/leads/{}/activities/{}/edit', '/leads/cards/{}', '/leads/bulk/{}', '/leads/bulk/{}/rows', '/leads/imports/{}/columns',
  '/search/suggest'];
const START = { visitor: ['/', '/login', '/forgot', '/forgot/sent', '/refer/banker/thanks'], signedIn: ['/dashboard', '/'] };

let house;
const looks = new Map(); // pattern → kinds of element that axe saw on such a page

before(async () => {
  house = await openHouse();
});

after(() => house.close());

async function usable(page, width, theme) {
  await page.setViewportSize({ width, height: 900 });
  return (await violations(page)).map(({ id, nodes }) => `${width} px, ${theme}: axe ${id}: ${nodes.join(' | ')}`);
}

async function visit(page, url, theme) {
  await page.emulateMedia({ colorScheme: theme });
  return page.goto(url);
}

/** Is there anything on this page that no page of its pattern had before? */
async function isNews(page, pattern) {
  const known = looks.get(pattern);
  const kinds = await page.evaluate(() => [...document.querySelectorAll('main *')]
    .map((element) => `${element.tagName}.${element.getAttribute('class')}.${element.dataset.variant}`));
  const news = kinds.some((kind) => !known.has(kind));
  for (const kind of kinds) known.add(kind);
  return news;
}

/** Complaints about one page, as the person of `page` sees it. */
async function look(page, { url, pattern }, titles) {
  const response = await visit(page, url, 'dark');
  if (response.status() !== 200) return [`status ${response.status()}`];
  const wrong = [];
  const headings = await page.locator('h1').count();
  if (headings !== 1) wrong.push(`${headings} h1`);
  const title = await page.title();
  if (titles.has(title)) wrong.push(`has the title of ${titles.get(title)}: ${title}`);
  titles.set(title, pattern);

  const first = !looks.has(pattern);
  if (first) looks.set(pattern, new Set());
  if (await isNews(page, pattern)) wrong.push(...await usable(page, 1440, 'dark'), ...await usable(page, 360, 'dark'));
  await page.setViewportSize({ width: 360, height: 900 });
  wrong.push(...(await overflow(page)).map((element) => `wider than a phone: ${element}`));
  if (first) {
    await visit(page, url, 'light');
    wrong.push(...await usable(page, 360, 'light'), ...await usable(page, 1440, 'light'));
  }
  return [...wrong, ...house.complaints()];
}

async function lookAround(t, who) {
  const page = who ? await house.as(who) : await house.visitor();
  const start = (who ? START.signedIn : START.visitor).map((path) => house.url + path);
  const found = await crawl(page.context().request, start);
  const dead = found.filter(({ status }) => status >= 400);
  assert.deepEqual(dead.map(({ status, url, from }) => `${status} ${url} (linked from ${from})`), []);

  const pages = found.filter(({ status, type }) => status === 200 && type.startsWith('text/html'));
  const firsts = pages.filter(({ pattern }, i) => pages.findIndex((one) => one.pattern === pattern) === i);
  const titles = new Map();
  for (const one of firsts) {
    await t.test(one.pattern, async () => assert.deepEqual(await look(page, one, titles), [], one.url));
  }
  await page.context().close();
}

test('the pages', { concurrency: 2, timeout: 600_000 }, async (t) => {
  await Promise.all(PEOPLE.map((who) => t.test(`of ${who ?? 'a visitor'}`, (person) => lookAround(person, who))));
  await house.tidy();
});

test('every page that the source knows was looked at', async () => {
  const missing = (await pagesOfSource()).filter((pattern) => !looks.has(pattern) && !BY_MAIL.includes(pattern) && !BY_DOING.includes(pattern));
  assert.deepEqual(missing, []);
  assert.ok(looks.size > 30, `only ${looks.size} pages were found`);
});
