// Pages that are open follow what happens elsewhere, whoever does it, and leave alone what somebody is at.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from './lib/test.mjs';
import { heading, newColleague, rows, says, sendNewLead, signOut, unique } from './lib/flows.mjs';
import { openHouse } from './lib/visitor.mjs';

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

/** Until the condition holds in the page. */
function becomes(page, condition, argument) {
  return page.waitForFunction(condition, argument, { polling: 50, timeout: 10_000 });
}

/** The page as it was loaded: a reload would forget the mark. */
const mark = (page) => page.evaluate(() => { window.mark = true; });
const marked = (page) => page.evaluate(() => window.mark === true);

/** The page listens: its stream is open. */
async function opened(page, path) {
  const stream = page.waitForResponse((response) => response.url().endsWith('/events') && response.status() === 200);
  await page.goto(path);
  await stream;
  await mark(page);
}

function sendLead(page, name) {
  return sendNewLead(page, { name, email: 'live@clients.example', value: '750000' });
}

async function moveTo(page, lead, stage) {
  await page.goto(lead);
  await page.getByLabel('Move to').selectOption(stage);
  await page.getByRole('button', { name: 'Change stage' }).click();
  await says(page, 'Stage changed.');
}

const stageIs = (page, name, stage) => becomes(page, ([client, label]) => [...document.querySelectorAll('#results tbody tr')]
  .some((row) => row.innerText.includes(client) && row.innerText.includes(label)), [name, stage]);

test('a lead that one person moves has moved in the lists of the others', async () => {
  const name = unique('Layla');
  const sales = await house.as('sales@harbour.example');
  const lead = await sendLead(sales, name);
  const owner = await house.as('owner@harbour.example');
  const agent = await house.as('agent@tessera.example');
  const path = `/leads?q=${encodeURIComponent(name)}`;
  await opened(owner, path);
  await opened(agent, path);
  assert.equal((await rows(owner)).length, 1);

  await moveTo(sales, lead, 'intake');
  await stageIs(owner, name, 'Intake');
  await stageIs(agent, name, 'Intake');
  assert.ok(await marked(owner) && await marked(agent), 'nothing was loaded anew');

  // what htmx has exchanged follows, too
  await owner.getByLabel('Stage').selectOption('intake');
  await owner.waitForURL(/stage=intake/);
  await moveTo(sales, lead, 'qualified');
  await becomes(owner, () => document.querySelectorAll('#results tbody tr').length === 0);
  assert.ok(await marked(owner));
});

test('the page of a lead and the dashboard follow', async () => {
  const name = unique('Majid');
  const sales = await house.as('sales@harbour.example');
  const lead = await sendLead(sales, name);
  const owner = await house.as('owner@harbour.example');
  await opened(owner, lead);
  const dashboard = await house.as('viewer@harbour.example');
  await opened(dashboard, '/dashboard');

  await moveTo(sales, lead, 'intake');
  await becomes(owner, () => document.querySelector('#lead-stage').textContent === 'Intake');
  await becomes(owner, () => /Intake/.test(document.querySelector('#lead-timeline').textContent));
  await becomes(dashboard, (client) => document.querySelector('#dashboard').innerText.includes(client), name);
  assert.ok(await marked(owner) && await marked(dashboard));
});

test('whoever is typing loses nothing', async () => {
  const name = unique('Noor');
  const sales = await house.as('sales@harbour.example');
  const lead = await sendLead(sales, name);
  const agent = await house.as('agent@tessera.example');
  await opened(agent, lead);
  await agent.getByLabel('Move to').selectOption('lost'); // which asks why
  await agent.getByLabel('Why').fill('They wait for the bank');
  await agent.getByLabel('Why').evaluate((field) => field.setSelectionRange(5, 9));

  await moveTo(sales, lead, 'intake');
  await becomes(agent, () => document.querySelector('#lead-stage').textContent === 'Intake');
  const show = agent.locator('#lead-next').getByRole('button', { name: 'New – show' });
  await show.waitFor();
  const reason = agent.getByLabel('Why');
  assert.equal(await reason.inputValue(), 'They wait for the bank');
  assert.deepEqual(await reason.evaluate((field) => [document.activeElement === field, field.selectionStart, field.selectionEnd]), [true, 5, 9]);

  const version = () => agent.locator('#lead-next [name=version]').inputValue();
  const before = await version();
  await show.click();
  await becomes(agent, () => !document.querySelector('.live-note'));
  assert.equal(await agent.getByLabel('Why').inputValue(), 'They wait for the bank');
  assert.equal(await agent.getByLabel('Move to').inputValue(), 'lost');
  assert.deepEqual(await agent.getByLabel('Reason').locator('optgroup').evaluateAll((all) => all.map((one) => one.label)), ['Lost']);
  assert.notEqual(await version(), before, 'the form is the new one');
});

test('another partner hears nothing of it', async () => {
  const listenIn = (page) => page.evaluate(() => {
    window.heard = [];
    const stream = new EventSource('/events');
    stream.addEventListener('message', ({ data }) => window.heard.push(data));
    return new Promise((resolve) => stream.addEventListener('open', resolve));
  });
  const harbour = await house.as('sales@harbour.example');
  const skyline = await house.as('owner@skyline.example');
  const finance = await house.as('finance@tessera.example');
  for (const page of [skyline, finance]) {
    await page.goto('/account');
    await listenIn(page);
  }
  const theirs = (await sendLead(harbour, unique('Omar'))).split('/').pop();
  const own = await house.as('owner@skyline.example');
  const ours = (await sendLead(own, unique('Salma'))).split('/').pop();
  await becomes(skyline, (id) => window.heard.some((text) => text.includes(id)), ours);
  const heard = await skyline.evaluate(() => window.heard.join('\n'));
  assert.ok(!heard.includes(theirs), heard);
  // nor does staff that may not read leads
  const staff = await finance.evaluate(() => window.heard.join('\n'));
  assert.ok(!staff.includes('leads'), staff);
});

test('a browser has one stream, however many pages it shows', async () => {
  const first = await house.as('owner@harbour.example');
  const context = first.context();
  const open = new Set();
  context.on('request', (request) => request.url().endsWith('/events') && open.add(request));
  for (const event of ['requestfinished', 'requestfailed']) context.on(event, (request) => open.delete(request));
  await opened(first, '/leads');
  const pages = [first];
  for (let i = 0; i < 7; i += 1) {
    const page = await context.newPage();
    await page.goto('/leads');
    await mark(page);
    pages.push(page);
  }
  assert.equal(open.size, 1);
  const sales = await house.as('sales@harbour.example');
  const name = unique('Hanan');
  await sendLead(sales, name);
  const shows = (client) => document.querySelector('#results').innerText.includes(client);
  await Promise.all(pages.map((page) => becomes(page, shows, name)));

  // the one that holds the stream goes; another takes over and has missed nothing
  await first.close();
  for (const request of open) if (request.frame().page().isClosed()) open.delete(request);
  const next = unique('Hind');
  await sendLead(sales, next);
  await Promise.all(pages.slice(1).map((page) => becomes(page, shows, next)));
  assert.equal(open.size, 1);
});

test('a page that cannot be seen waits until it can', async () => {
  const owner = await house.as('owner@harbour.example');
  await opened(owner, '/leads');
  const see = (page, visible) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, !visible);
  await see(owner, false);
  let asked = 0;
  owner.on('request', () => { asked += 1; });
  const sales = await house.as('sales@harbour.example');
  const name = unique('Yusuf');
  await sendLead(sales, name);
  const viewer = await house.as('viewer@harbour.example');
  await opened(viewer, `/leads?q=${encodeURIComponent(name)}`);
  assert.equal(asked, 0);
  await see(owner, true);
  await becomes(owner, (client) => document.querySelector('#results').innerText.includes(client), name);
  assert.ok(await marked(owner));
});

test('signed out in one page, the others go to the sign-in page; typed text stays', async () => {
  const { page, email } = await newColleague(house, 'sales');
  const other = await page.context().newPage();
  await other.goto('/leads');
  const typing = await page.context().newPage();
  await typing.goto('/leads/new');
  await typing.getByLabel("Client's name").fill('Half a name');
  await page.goto('/account');
  await signOut(page);
  await other.waitForURL('**/login?next=%2Fleads');
  await typing.getByRole('alert').filter({ hasText: 'You are signed out.' }).waitFor();
  assert.equal(await typing.getByLabel("Client's name").inputValue(), 'Half a name');
  assert.match(email, /@/);
  house.complaints(); // 401, as it should be
});

test('whose account is disabled hears nothing more', async () => {
  const colleague = await newColleague(house, 'viewer');
  const { page } = colleague;
  await opened(page, '/leads');
  await page.evaluate(() => {
    window.cut = new Promise((resolve) => {
      const stream = new EventSource('/events');
      stream.addEventListener('open', () => {
        window.connected = true;
        stream.addEventListener('error', () => {
          stream.close();
          resolve(true);
        });
      });
    });
  });
  await becomes(page, () => window.connected === true);
  const left = page.waitForURL('**/login**');
  const owner = await house.as('owner@harbour.example');
  await owner.goto('/team');
  await owner.getByRole('link', { name: colleague.name }).click();
  await heading(owner, colleague.name);
  await owner.getByRole('button', { name: /Disable/ }).first().click();
  await owner.locator('dialog[open]').getByRole('button', { name: /Disable/ }).click();
  await left;
  house.complaints();
});
