// What is typed into the form of a new lead and not sent waits for whoever typed it.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from './lib/test.mjs';
import { heading, isFine, rows, says, unique } from './lib/flows.mjs';
import { fillSignIn, openHouse, PHONE } from './lib/visitor.mjs';

const OWNER = 'owner@harbour.example';

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

/** What waits for this client, above an empty form. */
function offer(page, name) {
  return page.locator('.item-list > li', { hasText: name });
}

test('typed on a phone, left, and finished in the full form at a desk', async () => {
  const name = unique('Nadia');
  const phone = await house.as(OWNER, PHONE);
  await phone.goto('/leads/new');
  const { bottom } = await phone.getByRole('button', { name: 'Send lead' }).evaluate((button) => button.getBoundingClientRect());
  assert.ok(bottom <= PHONE.viewport.height, `the form ends at ${bottom} px`);
  const sizes = await phone.locator('.form input:not([type=hidden], [type=checkbox]), .form textarea')
    .evaluateAll((all) => all.map((one) => parseFloat(getComputedStyle(one).fontSize)));
  assert.ok(sizes.length >= 5 && sizes.every((size) => size >= 16), `a phone would zoom: ${sizes}`);
  assert.deepEqual(await phone.locator('.form input[inputmode]').evaluateAll((all) => all.map((one) => one.inputMode)), ['email', 'tel', 'decimal']);

  await phone.getByLabel("Client's name").fill(name);
  await phone.getByLabel('Email').fill('nadia@');
  await phone.getByLabel('What they want').fill('Two bedrooms by the water.');
  await says(phone, 'Kept as you type');
  await isFine(phone);
  await phone.goto('/leads'); // nothing is asked: nothing is lost

  const desk = await house.as(OWNER);
  await desk.goto('/leads/new');
  await isFine(desk);
  await offer(desk, name).getByRole('link').click();
  await says(desk, 'for you alone');
  assert.equal(await desk.getByLabel('Email').inputValue(), 'nadia@');
  await desk.getByLabel('Email').fill('nadia@clients.example');
  await desk.getByRole('button', { name: 'Full form' }).click();
  await heading(desk, 'New lead with details');
  await isFine(desk);
  assert.equal(await desk.getByLabel('Email').inputValue(), 'nadia@clients.example');
  await desk.getByLabel('Bedrooms').fill('2');
  await desk.getByLabel('The client agreed').check();
  await desk.getByRole('button', { name: 'Send lead' }).click();
  await heading(desk, name);
  await desk.goto('/leads/new');
  assert.equal(await offer(desk, name).count(), 0);
  await desk.goto(`/leads?q=${encodeURIComponent(name)}`);
  assert.equal((await rows(desk)).length, 1);
});

test('without JavaScript; a colleague sees nothing of it; discarded', async () => {
  const name = unique('Omar');
  const page = await house.as(OWNER, { javaScriptEnabled: false });
  await page.goto('/leads/new/full');
  await page.getByLabel("Client's name").fill(name);
  await page.getByLabel('Budget from').fill('about a million');
  await page.getByRole('button', { name: 'Keep for later' }).click();
  await heading(page, 'Leads');
  await says(page, 'Kept, for you alone.');

  const colleague = await house.as('sales@harbour.example');
  await colleague.goto('/leads/new');
  assert.equal(await offer(colleague, name).count(), 0);

  await page.goto('/leads/new');
  await offer(page, name).getByRole('link').click();
  await heading(page, 'New lead with details');
  assert.equal(await page.getByLabel('Budget from').inputValue(), 'about a million');
  await page.goto('/leads/new');
  await offer(page, name).getByRole('button', { name: 'Discard' }).click();
  await says(page, 'Discarded.');
  assert.equal(await offer(page, name).count(), 0);
});

test('two forms side by side are two drafts', async () => {
  const [one, two] = [unique('Hala'), unique('Sami')];
  const page = await house.as(OWNER);
  const beside = await page.context().newPage();
  for (const [tab, name] of [[page, one], [beside, two]]) {
    await tab.goto('/leads/new');
    await tab.getByLabel("Client's name").fill(name);
    await says(tab, 'Kept as you type');
  }
  await page.goto('/leads/new');
  for (const name of [one, two]) {
    await offer(page, name).getByRole('button', { name: 'Discard' }).click();
    await offer(page, name).waitFor({ state: 'detached' });
  }
});

test('signed out in the middle: what was typed is sent after signing in', async () => {
  const name = unique('Ottilie');
  const page = await house.visitor({ javaScriptEnabled: false });
  await page.goto('/leads/new');
  await fillSignIn(page, OWNER);
  await heading(page, 'New lead');
  await page.getByLabel("Client's name").fill(name);
  await page.getByLabel('Phone').fill('+971 50 777 4321');
  await page.getByLabel('What they want').fill('Something <quiet>, with a garden.');
  await page.getByLabel('The client agreed').check();
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Send lead' }).click();
  await heading(page, 'You were signed out');
  const [other] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('link', { name: 'Sign in' }).click()]);
  await fillSignIn(other, OWNER);
  await heading(other, 'Dashboard');
  await page.getByRole('button', { name: 'Go on with what I typed' }).click();
  await says(page, 'What you typed is still here');
  assert.equal(await page.getByLabel('What they want').inputValue(), 'Something <quiet>, with a garden.');
  await page.getByRole('button', { name: 'Send lead' }).click();
  await heading(page, name);
  await page.context().close();
});

async function fillLead(page, name) {
  await page.getByLabel("Client's name").fill(name);
  await page.getByLabel('Phone').fill(`+971 50 ${100 + Math.floor(Math.random() * 899)} ${1000 + Math.floor(Math.random() * 8999)}`);
  await page.getByLabel('What they want').fill('Something with a view.');
  await page.getByLabel(/agree/).check();
}

test('without a connection leads wait in sight, go by themselves, and once', async () => {
  const [first, second, third] = [unique('Tariq'), unique('Uma'), unique('Vera')];
  const page = await house.as('sales@harbour.example', PHONE);
  const waiting = page.locator('#pending');
  const send = () => page.getByRole('button', { name: 'Send lead' }).click();
  await page.goto('/leads/new');
  assert.equal(await waiting.isVisible(), false);
  await page.context().setOffline(true);
  for (const name of [first, second, third]) {
    await fillLead(page, name);
    await send();
    await waiting.locator('li').filter({ hasText: name }).getByText(/Kept on this device at/).waitFor();
    assert.equal(await page.getByLabel("Client's name").inputValue(), '');
  }
  await isFine(page);
  await waiting.locator('li').filter({ hasText: third }).getByRole('button', { name: 'Discard' }).click();
  assert.equal(await waiting.locator('li').count(), 2);

  // the first answer gets lost on the way back: what was taken is sent again, and is the same lead
  let lost = 0;
  await page.route('**/leads', async (route) => {
    if (route.request().method() !== 'POST' || lost++) return route.fallback();
    await route.fetch({ maxRedirects: 0 });
    return route.abort('connectionreset');
  });
  await page.context().setOffline(false);
  await page.waitForFunction(() => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/leads')).length > 0);
  await page.reload();
  for (const name of [first, second]) await waiting.locator('li').filter({ hasText: name }).getByText('Sent. It is with us.').waitFor();
  await waiting.getByRole('link', { name: first }).click();
  await heading(page, first);
  assert.ok(lost >= 3, `${lost} requests`);
  for (const [name, count] of [[first, 1], [second, 1], [third, 0]]) {
    await page.goto(`/leads?view=all&q=${encodeURIComponent(name)}`);
    assert.equal(await page.locator('tbody tr').count(), count, name);
  }
  assert.equal(await waiting.isVisible(), false);
  house.complaints(); // of the answer that was lost
});

test('a lead that waited and is not taken is corrected', async () => {
  const name = unique('Wim');
  const page = await house.as('sales@harbour.example');
  await page.goto('/leads/new');
  await page.context().setOffline(true);
  await fillLead(page, name);
  await page.getByLabel('Estimated value').fill('1.250');
  await page.getByRole('button', { name: 'Send lead' }).click();
  await page.context().setOffline(false);
  await page.locator('#pending').getByText(/Needs another look: .*two amounts/).waitFor();
  await isFine(page);
  house.complaints();
  await page.goto('/leads'); // from anywhere
  await page.locator('#pending li').filter({ hasText: name }).getByRole('button', { name: 'Correct it' }).click();
  await page.waitForURL('**/leads/new#pending-*');
  await page.getByLabel('Estimated value').fill('1250000');
  assert.equal(await page.getByLabel("Client's name").inputValue(), name);
  await page.getByRole('button', { name: 'Send lead' }).click();
  await heading(page, name);
});

test('without a connection a form stays, and says so', async () => {
  const page = await house.visitor(PHONE);
  await page.goto('/refer/broker');
  await page.getByLabel('Name', { exact: true }).fill('Ines Offline');
  await page.getByLabel('Phone').fill('+971 50 777 4321');
  await page.getByLabel('What do you need?').fill('Two rooms.');
  await page.getByLabel(/I agree/).check();
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Send' }).click();
  await says(page, 'You are offline, so nothing was sent.');
  await isFine(page);
  assert.equal(await page.getByLabel('What do you need?').inputValue(), 'Two rooms.');
  await page.context().setOffline(false);
  await page.waitForFunction(() => !document.querySelector('[data-offline-note]'));
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Thank you. It is with us.').or(page.getByText('That was very quick.')).first().waitFor(); // it arrived
  await page.context().close();
});
