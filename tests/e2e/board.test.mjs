// The board of leads: by mouse, by touch, by keys, without JavaScript, and by two people at once.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from './lib/test.mjs';
import { heading, isFine, says, sendNewLead, unique } from './lib/flows.mjs';
import { fillSignIn, openHouse, PHONE } from './lib/visitor.mjs';

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

const boardOf = (name) => `/leads/board?q=${encodeURIComponent(name)}`;
const column = (page, label) => page.locator(`.board-column[data-name="${label}"]`);
const card = (page, name) => page.locator('.board-card').filter({ has: page.getByRole('link', { name, exact: true }) });
const spoken = (page, pattern) => page.waitForFunction((text) => new RegExp(text).test(document.getElementById('live').textContent), pattern.source, { polling: 20 });

function sendLead(page, name, value = '750000') {
  return sendNewLead(page, { name, email: 'board@clients.example', value });
}

async function open(page, path) {
  await page.goto(path);
  await page.waitForSelector('html[data-board-ready]');
}

/** The card stands in the column, and the column counts it: the portal has said so. */
async function standsIn(page, name, label) {
  await page.waitForFunction(([client, stage]) => {
    const there = document.querySelector(`.board-column[data-name="${stage}"]`);
    const cards = [...there.querySelectorAll('.board-card:not([data-moving])')];
    return cards.some((one) => one.querySelector('a').textContent.trim() === client) &&
      parseInt(there.querySelector('.board-count').textContent, 10) === cards.length;
  }, [name, label], { polling: 50, timeout: 10_000 });
}

async function drag(page, name, label) {
  const from = await card(page, name).locator('.board-foot').boundingBox();
  await column(page, label).scrollIntoViewIfNeeded();
  const to = await column(page, label).boundingBox();
  await page.mouse.move(from.x + 20, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, from.y + 12, { steps: 4 });
  await page.mouse.move(to.x + 60, to.y + 90, { steps: 12 });
  await page.waitForFunction((stage) => document.querySelector(`.board-column[data-name="${stage}"] .board-ghost`), label, { polling: 20 });
  await page.mouse.up();
}

test('a card is dragged on, and the move is taken back', async () => {
  const name = unique('Amal');
  const page = await house.as('sales@harbour.example');
  await sendLead(page, name);
  await open(page, '/leads/board');
  await page.getByLabel('Search').fill(name); // what the filters exchange can be dragged as well
  await page.waitForURL(/board\?q=/);
  await standsIn(page, name, 'New');
  await drag(page, name, 'Intake');
  await standsIn(page, name, 'Intake');
  await says(page, `${name} moved to Intake.`);
  await isFine(page);

  await page.getByRole('button', { name: 'Undo' }).click();
  await standsIn(page, name, 'New');
  await card(page, name).getByRole('link').click();
  await heading(page, name);
  await says(page, 'Undone: back from Intake to New');
  await says(page, 'Moved from New to Intake');
});

test('a card is dragged to where it ends, and from there nowhere; a board without cards can be used', async () => {
  const name = unique('Edda');
  const page = await house.as('sales@harbour.example', { viewport: { width: 2600, height: 900 } });
  await sendLead(page, name);
  await open(page, boardOf(name));
  await drag(page, name, 'Lost');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').selectOption('Too expensive');
  await dialog.getByRole('button', { name: 'Move' }).click();
  await standsIn(page, name, 'Lost');
  await says(page, `${name} moved to Lost.`);

  const from = await card(page, name).locator('.board-foot').boundingBox();
  await page.mouse.move(from.x + 20, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x - 200, from.y + 20, { steps: 8 });
  assert.equal(await page.locator('.board-ghost').count(), 0);
  await page.mouse.up();

  await open(page, boardOf(unique('Nobody')));
  await isFine(page);
});

test('what a partner may not do is not taken', async () => {
  const name = unique('Basil');
  const page = await house.as('sales@harbour.example');
  await sendLead(page, name);
  await open(page, boardOf(name));
  const from = await card(page, name).locator('.board-foot').boundingBox();
  const to = await column(page, 'Active').boundingBox();
  await page.mouse.move(from.x + 20, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(to.x + 60, to.y + 90, { steps: 12 });
  assert.ok(await column(page, 'Active').evaluate((element) => 'closed' in element.dataset));
  await page.mouse.up();
  await standsIn(page, name, 'New');
  await card(page, name).locator('summary').click();
  assert.deepEqual(await card(page, name).locator('.menu-item').allTextContents(), ['Intake', 'Lost…', 'Dormant…']);
});

test('a move that asks for something asks for it in place', async () => {
  const name = unique('Carim');
  const page = await house.as('sales@harbour.example');
  await sendLead(page, name);
  await open(page, boardOf(name));
  await card(page, name).locator('summary').click();
  await page.getByRole('button', { name: 'Lost…' }).click();
  const dialog = page.getByRole('dialog');
  await says(page, `Move ${name} to Lost`);
  await isFine(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await standsIn(page, name, 'New');

  await card(page, name).locator('summary').click();
  await page.getByRole('button', { name: 'Lost…' }).click();
  assert.equal(await dialog.getByLabel('Reason').inputValue(), ''); // nobody's reason is chosen by a slip
  await dialog.getByLabel('Reason').selectOption('Too expensive');
  await dialog.getByLabel('Why').fill('by a quarter');
  await page.route('**/stage', (route) => route.abort('aborted'), { times: 1 });
  await dialog.getByRole('button', { name: 'Move' }).click();
  await says(page, 'That did not work: the portal cannot be reached.');
  await standsIn(page, name, 'New');
  await card(page, name).locator('summary').click();
  await page.getByRole('button', { name: 'Lost…' }).click();
  assert.equal(await dialog.getByLabel('Reason').inputValue(), 'lost_price');
  assert.equal(await dialog.getByLabel('Why').inputValue(), 'by a quarter');
  await dialog.getByRole('button', { name: 'Move' }).click();
  await standsIn(page, name, 'Lost');
  await card(page, name).getByRole('link').click();
  await says(page, 'Too expensive – by a quarter');
});

test("a lead's page asks for what the chosen move asks for, and for nothing else", async () => {
  const name = unique('Daria');
  const page = await house.as('sales@harbour.example');
  await sendLead(page, name);
  const stage = page.locator('#stage');
  assert.equal(await stage.getByLabel('Move to').inputValue(), 'intake');
  assert.equal(await stage.getByLabel('Why').isVisible(), false);
  await stage.getByLabel('Move to').selectOption('Lost');
  const listed = () => stage.getByLabel('Reason').locator('option').evaluateAll((all) => all.map((one) => one.text));
  assert.deepEqual((await listed()).slice(0, 3), ['In my own words', 'Bought elsewhere', 'Too expensive']);
  await stage.getByRole('button', { name: 'Change stage' }).click(); // words are missing
  assert.equal(await stage.getByLabel('Why').getAttribute('aria-invalid'), 'true');
  await stage.getByLabel('Reason').selectOption('Too expensive');
  await isFine(page);
  await stage.getByLabel('Move to').selectOption('Dormant');
  assert.equal((await listed()).includes('Too expensive'), false);
  await stage.getByLabel('Reason').selectOption('Wants to wait');
  await stage.getByRole('button', { name: 'Change stage' }).click();
  await says(page, 'Stage changed.');
  await says(page, 'Wants to wait');
});

test('with the keyboard alone, and said aloud', async () => {
  const name = unique('Dalia');
  const page = await house.as('agent@tessera.example');
  const sales = await house.as('sales@harbour.example');
  await sendLead(sales, name);
  await open(page, boardOf(name));
  await card(page, name).getByRole('link').focus();
  await page.keyboard.press('Space');
  await spoken(page, /picked up from New/);
  await page.keyboard.press('ArrowRight');
  await spoken(page, /Intake/);
  await page.keyboard.press('Escape');
  await spoken(page, /stays in New/);
  await standsIn(page, name, 'New');

  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await spoken(page, /Qualified/);
  await page.keyboard.press('Space');
  await spoken(page, new RegExp(`${name} moved to Qualified`));
  await standsIn(page, name, 'Qualified');
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), name);

  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowLeft');
  await spoken(page, /Intake. You will be asked for more/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByLabel('Why').fill('A slip');
  await page.getByRole('dialog').getByRole('button', { name: 'Move' }).press('Enter');
  await standsIn(page, name, 'Intake');
});

test('without JavaScript', async () => {
  const name = unique('Emad');
  const page = await house.visitor({ javaScriptEnabled: false });
  await page.goto('/leads/new');
  await fillSignIn(page, 'sales@harbour.example');
  await sendLead(page, name);
  await page.goto('/leads');
  await page.getByRole('link', { name: 'Board', exact: true }).click();
  await page.getByLabel('Search').fill(name);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/board\?q=/);
  await card(page, name).locator('summary').click();
  await page.getByRole('button', { name: 'Intake' }).click();
  await says(page, 'Stage changed.');
  assert.equal(await column(page, 'Intake').locator('.board-card').count(), 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await says(page, 'Undone.');
  assert.equal(await column(page, 'New').locator('.board-card').count(), 1);
  assert.match(page.url(), /board\?q=/);

  await card(page, name).locator('summary').click();
  await page.getByRole('button', { name: 'Dormant…' }).click();
  await says(page, 'Say why in a few words');
  await page.getByLabel('Why').fill('Away until spring');
  await page.getByRole('button', { name: 'Change stage' }).click();
  await page.waitForURL(/board\?q=/);
  assert.equal(await column(page, 'Dormant').locator('.board-card').count(), 1);
  assert.deepEqual(await page.getByRole('link', { name: 'Table' }).getAttribute('href'), `/leads?q=${encodeURIComponent(name)}`);
});

test('two people move one card: the second is told, and nothing is lost', async () => {
  const name = unique('Faris');
  const sales = await house.as('sales@harbour.example');
  await sendLead(sales, name);
  const owner = await house.as('owner@harbour.example');
  await open(owner, boardOf(name));
  await owner.route('**/events', (route) => route.abort('aborted')); // the second sees the board as it was
  await owner.reload();
  await owner.waitForSelector('html[data-board-ready]');
  await open(sales, boardOf(name));
  await drag(sales, name, 'Intake');
  await standsIn(sales, name, 'Intake');

  await card(owner, name).locator('summary').click();
  await owner.getByRole('button', { name: 'Dormant…' }).click();
  await owner.getByRole('dialog').getByLabel('Reason').selectOption('Wants to wait');
  await owner.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
  await says(owner, 'Somebody changed this lead before you, so it stays where they left it.');
  await standsIn(owner, name, 'Intake');
  const [told, ...more] = house.complaints();
  assert.match(told, /409 for .*\/stage$/);
  assert.deepEqual(more, []);
});

test("others' boards follow, and a card in the hand stays in it", async () => {
  const [mine, theirs] = [unique('Ghada'), unique('Ghassan')];
  const word = unique('Ghayth');
  const sales = await house.as('sales@harbour.example');
  await sendLead(sales, `${word} ${mine}`);
  await sendLead(sales, `${word} ${theirs}`);
  const owner = await house.as('owner@harbour.example');
  const stream = owner.waitForResponse((response) => response.url().endsWith('/events') && response.status() === 200);
  await open(owner, boardOf(word));
  await stream;
  await open(sales, boardOf(word));

  const held = await card(owner, `${word} ${mine}`).locator('.board-foot').boundingBox();
  await owner.mouse.move(held.x + 20, held.y + 8);
  await owner.mouse.down();
  await owner.mouse.move(held.x + 60, held.y + 30, { steps: 6 });
  const asked = owner.waitForResponse((response) => response.url().includes('/leads/board') && response.status() === 200);
  await drag(sales, `${word} ${theirs}`, 'Intake');
  await standsIn(sales, `${word} ${theirs}`, 'Intake');
  await asked;
  assert.equal(await column(owner, 'New').locator('.board-card').count(), 2);
  assert.equal(await owner.locator('.live-note').count(), 0);
  await owner.mouse.up();
  await standsIn(owner, `${word} ${theirs}`, 'Intake');
  await standsIn(owner, `${word} ${mine}`, 'New');
});

test('columns go on, and what was loaded stays', async () => {
  const page = await house.as('agent@tessera.example');
  await open(page, '/leads/board');
  const won = column(page, 'Won');
  const before_ = await won.locator('.board-card').count();
  await won.getByRole('link', { name: 'Load more' }).click();
  await page.waitForFunction((count) => document.querySelectorAll('#column-won .board-card').length > count, before_);
  const ids = await won.locator('.board-card').evaluateAll((cards) => cards.map((one) => one.dataset.id));
  assert.equal(new Set(ids).size, ids.length);
  await page.evaluate(() => document.dispatchEvent(new CustomEvent('live:look', { detail: { id: 'results' } })));
  await page.waitForResponse((response) => response.url().endsWith('/leads/board'));
  await page.waitForFunction((count) => document.querySelectorAll('#column-won .board-card').length === count, ids.length);

  await page.getByLabel('Source').selectOption('referral');
  await page.waitForURL(/source=referral/);
  assert.equal(await page.getByRole('link', { name: 'Table' }).getAttribute('href'), '/leads?source=referral');
  await page.waitForSelector('html[data-board-ready]');
  await isFine(page);
});

test('on a phone, by touch', async () => {
  const name = unique('Hadi');
  const page = await house.as('sales@harbour.example', PHONE);
  await sendLead(page, name);
  await open(page, boardOf(name));
  await isFine(page);
  await card(page, name).locator('summary').tap();
  await page.getByRole('button', { name: 'Intake' }).tap();
  await standsIn(page, name, 'Intake');
  await says(page, `${name} moved to Intake.`);
});

test('a finger holds a card and carries it', async () => {
  const name = unique('Ibtisam');
  const page = await house.as('sales@harbour.example', { viewport: { width: 900, height: 800 }, hasTouch: true });
  await sendLead(page, name);
  await open(page, boardOf(name));
  const from = await card(page, name).locator('.board-foot').boundingBox();
  const to = await column(page, 'Intake').boundingBox();
  const finger = await page.context().newCDPSession(page);
  const touch = (type, x, y) => finger.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
  await touch('touchStart', from.x + 20, from.y + 8);
  await page.waitForSelector('.board-chosen');
  for (let step = 1; step <= 10; step += 1) {
    await touch('touchMove', from.x + 20 + ((to.x + 60 - from.x - 20) * step) / 10, from.y + 8 + ((to.y + 90 - from.y - 8) * step) / 10);
  }
  await page.waitForSelector('#column-intake .board-ghost');
  await touch('touchEnd');
  await standsIn(page, name, 'Intake');
  await isFine(page);
});
