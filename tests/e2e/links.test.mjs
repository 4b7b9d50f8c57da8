// A partner makes a link, somebody follows it on a phone and writes, and the partner sees the lead with where it came from.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from './lib/test.mjs';
import { heading, isFine, rows, says, unique } from './lib/flows.mjs';
import { openHouse, PHONE } from './lib/visitor.mjs';

const OWNER = 'owner@harbour.example';
// Debian's Chromium without a window calls itself headless, and is counted as a machine.
const UA = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

/** Makes a link to the form of Harbour's own kind; returns its page and its path, "/r/…". */
async function newLink(name) {
  const page = await house.as(OWNER, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.goto('/links');
  await page.getByRole('link', { name: 'New link' }).first().click();
  await heading(page, 'New link');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Address').fill(name);
  await page.getByRole('button', { name: 'Make the link' }).click();
  await heading(page, name);
  await says(page, 'The link is ready.');
  await isFine(page);
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  const url = await page.evaluate(() => navigator.clipboard.readText());
  return { page, url, path: new URL(url).pathname };
}

/** Fills what everybody is asked for; the form is read for as long as a person would. */
async function fill(page, { name, phone, wish }) {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Phone').fill(phone);
  await page.getByLabel('What do you need?').fill(wish);
  await page.getByLabel('I agree').check();
}

/** Sends until the form has been open long enough: the portal says when it was too quick, and keeps everything. */
async function send(page) {
  for (;;) {
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('Thank you. It is with us.').or(page.getByText('That was very quick.')).first().waitFor();
    if (await page.getByText('Thank you. It is with us.').isVisible()) return;
    assert.equal(await page.getByLabel('I agree').isChecked(), true);
  }
}

test('from a thumb on a link to the pipeline', async () => {
  const link = await newLink(unique('flyer'));
  const client = { name: unique('Hala'), phone: '+971 50 555 0199', wish: 'Two bedrooms by the water.' };

  const phone = await house.visitor({ ...PHONE, userAgent: UA });
  await phone.goto(link.path);
  await heading(phone, 'Tell us what you are looking for');
  await says(phone, 'Referred by Harbour Realty.');
  await isFine(phone);
  const sizes = await phone.locator('.form input:not([type=hidden], [type=checkbox]), .form textarea')
    .evaluateAll((all) => all.filter((one) => one.offsetParent && one.tabIndex >= 0).map((one) => parseFloat(getComputedStyle(one).fontSize)));
  assert.ok(sizes.length >= 4 && sizes.every((size) => size >= 16), `a phone would zoom: ${sizes}`);
  const { bottom } = await phone.getByRole('button', { name: 'Send', exact: true })
    .evaluate((button) => button.getBoundingClientRect());
  assert.ok(bottom <= PHONE.viewport.height, `the form ends at ${bottom} px`);
  assert.equal(await phone.getByLabel('Bedrooms').isVisible(), false, 'details wait until they are wanted');
  await fill(phone, client);
  await phone.getByText('More details').tap();
  await phone.getByLabel('Bedrooms').fill('2');
  await send(phone);
  assert.match(phone.url(), /\/refer\/channel\/thanks$/);
  await isFine(phone);

  await link.page.getByRole('link', { name: client.name }).click(); // it has appeared by itself
  await heading(link.page, client.name);
  const origin = link.page.locator('.card', { has: link.page.getByRole('heading', { name: 'Attribution' }) });
  await origin.getByText('A public form').waitFor();
  await origin.getByText('Referral', { exact: true }).waitFor();
  await origin.getByRole('listitem').filter({ hasText: 'Last click' }).getByText('Counts').waitFor();
  await isFine(link.page);
  await link.page.getByLabel('Move to').waitFor();

  const other = await house.as('owner@skyline.example');
  assert.equal((await other.goto(link.page.url())).status(), 404);
  const staff = await house.as('agent@tessera.example');
  await staff.goto(`/links?q=${encodeURIComponent(link.path.slice(3))}`);
  const [[first, , partner, clicks, visitors, leads]] = await rows(staff);
  assert.ok(first.includes(link.path));
  assert.deepEqual([partner, clicks, visitors, leads], ['Harbour Realty', '1', '1', '1']);
});

test('the same without JavaScript and without a cookie of the click', async () => {
  const page = await house.visitor({ javaScriptEnabled: false, userAgent: UA });
  await page.goto('/refer/broker?code=harbour-web');
  await says(page, 'Referred by Harbour Realty.');
  const client = { name: unique('Omar'), phone: '', wish: 'A shop near the metro.' };
  await fill(page, client);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await says(page, 'Please check what is marked');
  await says(page, 'Enter a phone number or an email address.');
  assert.equal(await page.getByLabel('Name').inputValue(), client.name);
  await page.getByLabel('Phone').fill('+971 50 555 0188');
  await send(page);
  const owner = await house.as(OWNER);
  await owner.goto(`/leads?q=${encodeURIComponent(client.name)}`);
  const found = await rows(owner);
  assert.equal(found.length, 1);
});

test('a code that leads nowhere, and a link that was put away', async () => {
  const link = await newLink(unique('old'));
  const page = await house.visitor({ userAgent: UA });
  assert.equal((await page.goto('/r/no-such-code')).status(), 404);
  await says(page, 'This link leads nowhere.');
  await isFine(page);
  await link.page.getByRole('button', { name: 'Archive…' }).click();
  await link.page.getByRole('button', { name: 'Archive link' }).click();
  await says(link.page, 'Archived. Whoever follows the link is told so.');
  assert.equal((await page.goto(link.path)).status(), 410);
  await says(page, 'You are welcome all the same');
  await isFine(page);
  await link.page.getByRole('button', { name: 'Take it out of the archive' }).click();
  await says(link.page, 'The link works again.');
  await page.goto(link.path);
  await heading(page, 'Tell us what you are looking for');
});

test('the QR code is there for the screen and for print', async () => {
  const link = await newLink(unique('poster'));
  const picture = link.page.getByRole('img', { name: `QR code of ${link.url}` });
  await picture.waitFor();
  assert.ok(await picture.evaluate((image) => image.complete && image.naturalWidth > 100));
  for (const [name, magic] of [['SVG, for print', '<svg'], ['PNG', '\x89PNG']]) {
    const downloading = link.page.waitForEvent('download');
    await link.page.getByRole('link', { name }).click();
    const download = await downloading;
    const bytes = await readFile(await download.path(), 'latin1');
    assert.ok(bytes.startsWith(magic), name);
    assert.match(download.suggestedFilename(), /^qr-poster-\w+\.(svg|png)$/);
  }
});

test('a link to a landing page: what other targets ask for is out of the way', async () => {
  const page = await house.as(OWNER);
  await page.goto('/links/new');
  assert.equal(await page.getByLabel('Landing page').isVisible(), false);
  await page.getByLabel('Name').fill(unique('guide'));
  await page.getByLabel('Leads to').selectOption('landing');
  await page.getByLabel('Which form').waitFor({ state: 'hidden' });
  await page.getByLabel('Landing page').fill('https://www.meridian.example/guides-of-others');
  await page.getByRole('button', { name: 'Make the link' }).click();
  await says(page, 'Links may lead to the programme\'s own sites only');
  await isFine(page);
  await page.getByLabel('Leads to').selectOption('programme');
  assert.equal(await page.getByLabel('Landing page').isVisible(), true, 'what is wrong stays in sight');
  await page.getByLabel('Leads to').selectOption('landing');
  await page.getByLabel('Landing page').fill('https://www.meridian.example/guides/first-home?from=list');
  await page.getByRole('button', { name: 'Make the link' }).click();
  await says(page, 'The link is ready.');
  await says(page, /first-home\?from=list&utm_source=partner/);
});
