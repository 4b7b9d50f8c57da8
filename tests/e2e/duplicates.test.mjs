// Is this the same client? A partner asks without saying whom, sends a client whom another one holds, asks for more time; staff
// put two leads together and take them apart again.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, afterEach, before, test } from './lib/test.mjs';
import { phoneKey } from '../../static/js/overlap.js';
import { heading, isFine, says, unique } from './lib/flows.mjs';
import { openHouse, PHONE } from './lib/visitor.mjs';

const SALES = 'sales@harbour.example';
const STRANGER = 'owner@skyline.example';
const AGENT = 'agent@tessera.example';

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

const addressOf = (name) => `${name.toLowerCase().replace(/\W+/g, '.')}@gmail.com`;

/** Sends a client by the quick form and returns the page of the lead. */
async function send(page, name, email) {
  await page.goto('/leads/new');
  await page.getByLabel('Client\'s name').fill(name);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('What they want').fill('A flat with a view');
  await page.getByLabel('The client agreed to be referred').check();
  await page.getByRole('button', { name: 'Send lead' }).click();
  await page.waitForURL(/\/leads\/[0-9a-f-]{36}$/);
  return page.url();
}

/** The pair of this client, once the daemon has found it. */
async function openPair(page, name) {
  const link = page.locator('#results tbody th a').first();
  for (let tries = 0; tries < 60; tries += 1) {
    await page.goto(`/admin/duplicates?q=${encodeURIComponent(name)}`);
    if (await link.count() > 0) break;
  }
  await link.click();
  await heading(page, 'Is this one client?');
}

test('the first registration holds, and staff make two leads one and two again', async () => {
  const name = unique('Tilda Moss');
  const harbour = await house.as(SALES);
  await send(harbour, name, addressOf(name));
  await says(harbour, 'Protected until');

  const skyline = await house.as(STRANGER, { javaScriptEnabled: false });
  const second = await send(skyline, name.toUpperCase(), addressOf(name).replace('@', '+home@'));
  await says(skyline, 'We already know this client');
  assert.doesNotMatch(await skyline.locator('main').innerText(), /Harbour|Protected until/);
  await skyline.goto('/overlap');
  await says(skyline, name.toUpperCase());

  const agent = await house.as(AGENT);
  await openPair(agent, name);
  await isFine(agent);
  await says(agent, 'Sent by two partners');
  assert.equal(await agent.getByRole('row', { name: /^Name/ }).getByRole('radio').count(), 0);
  await agent.getByRole('button', { name: 'Merge the two' }).click();
  await says(agent, 'The two are one lead now.');
  await heading(agent, name);
  await isFine(agent);
  const merge = agent.url();
  assert.equal((await skyline.goto(second)).status(), 404);
  await harbour.reload();
  assert.ok(!(await harbour.content()).includes(name.toUpperCase()));
  await agent.goto(second);
  assert.equal(agent.url(), harbour.url());
  await says(agent, 'This lead went into another one');
  await agent.getByRole('link', { name: 'Another lead of this client went into this one' }).click();
  assert.equal(agent.url(), merge);

  await agent.getByRole('button', { name: 'Undo…' }).click();
  await agent.getByRole('button', { name: 'Undo the merge' }).click();
  await says(agent, 'Undone: they are two leads again.');
  assert.equal((await skyline.goto(second)).status(), 200);

  await agent.getByRole('button', { name: 'Not a duplicate' }).click();
  await says(agent, 'Remembered: these are two clients.');
  await skyline.reload();
  await says(skyline, 'Protected until');
});

// "Protected until 12 Feb 2027": the page's own date, whoever wrote it, server or browser.
const withoutDay = (text) => text.replace(/ \d{1,2} [A-Z][a-z]{2,3} \d{4}$/, ' …');

test('free or taken, without a name leaving the browser', async () => {
  const name = unique('Udo Lind');
  const page = await house.as(SALES);
  await send(page, name, addressOf(name));
  const other = await house.as(STRANGER);
  const sent = [];
  other.on('request', (request) => sent.push(request.postData() ?? ''));
  await other.goto('/overlap');
  await isFine(other);
  await other.getByLabel('Emails or phone numbers').fill(`${addressOf(name).toUpperCase()}\nnobody@client.example\n050 123`);
  await other.getByRole('button', { name: 'Ask', exact: true }).click();
  const answers = other.locator('#overlap-result li');
  await answers.nth(2).waitFor();
  assert.deepEqual((await answers.locator('.badge').allInnerTexts()).map(withoutDay), ['Protected until …', 'Free', 'Not an email, nor surely a number: write it with + and country code']);
  await isFine(other);
  assert.ok(sent.some((body) => /hashes=[0-9a-f]{64}/.test(body)));
  assert.ok(!sent.some((body) => /lind|nobody/i.test(decodeURIComponent(body))), 'what was typed was sent');
});

test('a number is hashed as the lead has it, or not at all', () => {
  const same = ['+971501234567', '+971 (0)50 123 4567', '050-123-4567', '00971 50 123 4567', '(+971) 50 123 4567', '٠٥٠١٢٣٤٥٦٧', '+971501234567 ext. 9'];
  for (const typed of same) assert.equal(phoneKey(typed, '971'), '+971501234567', typed);
  for (const typed of ['+971 0501234567', '+971 (0)050 123 4567', '501234567', '+971 50 123 456 7890', '050 123', '+9710', 'call me', '+1 1 415 555 0100'])
    assert.equal(phoneKey(typed, '971'), null, typed);
  assert.equal(phoneKey('050 123 4567'), null); // of whose country?
  assert.equal(phoneKey('+39 (0)6 1234567'), '+39061234567'); // Italy's 0 is part of the number
});

test('free or taken is asked of numbers, too', async () => {
  const name = unique('Tom Berg');
  const page = await house.as(SALES);
  const number = `50${String(Date.now()).slice(-7)}`;
  await page.goto('/leads/new');
  await page.getByLabel("Client's name").fill(name);
  await page.getByLabel('Phone').fill(`+971${number}`);
  await page.getByLabel('What they want').fill('A flat');
  await page.getByLabel('The client agreed to be referred').check();
  await page.getByRole('button', { name: 'Send lead' }).click();
  await says(page, 'Protected until');
  const other = await house.as(STRANGER);
  await other.goto('/overlap');
  await other.getByLabel('Emails or phone numbers').fill(`+971 (0)${number}\n0${number}\n+9710${number}`);
  await other.getByRole('button', { name: 'Ask', exact: true }).click();
  const answers = other.locator('#overlap-result li');
  await answers.nth(2).waitFor();
  assert.deepEqual((await answers.locator('.badge').allInnerTexts()).map(withoutDay),
    ['Protected until …', 'Protected until …', 'Not an email, nor surely a number: write it with + and country code']);
});

test('hashes made elsewhere are answered without JavaScript', async () => {
  const name = unique('Vera Holm');
  await send(await house.as(SALES), name, addressOf(name));
  const page = await house.as(STRANGER, { ...PHONE, javaScriptEnabled: false });
  await page.goto('/overlap');
  const key = Buffer.from(await page.locator('#overlap-key').textContent(), 'hex');
  const local = addressOf(name).split('@')[0].replaceAll('.', '');
  const hash = createHmac('sha256', key).update(`${local}@gmail.com`).digest('hex');
  await page.getByText('Or paste hashes that you made yourself').click();
  await page.getByLabel('Hashes').fill(`${hash}\n${'0'.repeat(64)}`);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await heading(page, '1 of 2 taken');
  assert.deepEqual((await page.locator('tbody .badge').allInnerTexts()).map(withoutDay), ['Protected until …', 'Free']);
});

test('more time is asked for and given', async () => {
  const name = unique('Wim Kaya');
  const page = await house.as(SALES, PHONE);
  const lead = await send(page, name, addressOf(name));
  await page.getByRole('link', { name: 'Ask for longer' }).click();
  await isFine(page);
  await page.getByLabel('How much longer').selectOption('60');
  await page.getByLabel('Why').fill('The bank is slow.');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await says(page, '60 days more asked for');

  const agent = await house.as(AGENT);
  await agent.goto('/admin/extensions');
  await isFine(agent);
  await agent.getByRole('link', { name }).click();
  await heading(agent, name);
  await agent.getByLabel('Decision').selectOption('granted');
  await agent.getByLabel('Days more').fill('45');
  await agent.getByLabel('To the partner').fill('Until the bank has answered.');
  await isFine(agent);
  await agent.getByRole('button', { name: 'Decide' }).click();
  await says(agent, 'Granted; the partner is told.');
  await page.goto(lead);
  await says(page, '45 days more were granted. Until the bank has answered.');
});

test('the lists of the room can be used by everybody, on a phone as well', async () => {
  for (const options of [{}, PHONE, { colorScheme: 'dark' }]) {
    const page = await house.as(AGENT, options);
    for (const path of ['/admin/duplicates', '/admin/merges', '/admin/extensions', '/admin/overlap']) {
      await page.goto(path);
      await page.locator('#results tbody tr').first().waitFor();
      await isFine(page);
    }
    await page.goto('/admin/duplicates');
    await page.locator('#results tbody th a').first().click();
    await heading(page, 'Is this one client?');
    await isFine(page);
  }
});
