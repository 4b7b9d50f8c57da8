// The main way through the portal (sign in, send a lead, see it, move it on, sign out) for people who come otherwise:
// without JavaScript, with the keyboard alone, with a thumb on a phone.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from './lib/test.mjs';
import { fillLead, heading, isFine, says, signOut, unique } from './lib/flows.mjs';
import { fillSignIn, openHouse, PASSWORD, PHONE } from './lib/visitor.mjs';

const ACCOUNT = 'sales@harbour.example';
const TABS_MAX = 80;

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

function newLead() {
  return { name: unique('Tarek'), email: 'tarek@clients.example', wish: 'A shop near the metro.', value: '900000' };
}

test('without JavaScript', async () => {
  const lead = newLead();
  const page = await house.visitor({ javaScriptEnabled: false });
  await page.goto('/leads/new');
  await fillSignIn(page, ACCOUNT);
  await heading(page, 'New lead');

  await fillLead(page, { ...lead, email: '' });
  await page.getByLabel('The client agreed').check();
  await page.getByRole('button', { name: 'Send lead' }).click();
  await says(page, 'Please check what is marked');
  await says(page, 'Enter an email address or a phone number.');
  assert.equal(await page.getByLabel("Client's name").inputValue(), lead.name);
  await page.getByLabel('Email').fill(lead.email);
  await page.getByRole('button', { name: 'Send lead' }).click();
  await heading(page, lead.name);
  await says(page, 'The lead is with us.');

  await page.goto('/leads');
  await page.getByLabel('Search').fill(lead.name);
  await page.getByLabel('Stage').selectOption('new');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/stage=new/);
  assert.equal(await page.locator('#results tbody tr').count(), 1);
  await page.getByRole('link', { name: lead.name }).click();
  await heading(page, lead.name);
  await page.getByRole('button', { name: 'Change stage' }).click();
  await says(page, 'Stage changed.');
  assert.equal(await page.locator('.page-title .badge').textContent(), 'Intake');
  await signOut(page);
});

/** Presses Tab until this has the focus, as somebody does who sees where it is. */
async function tabTo(page, target) {
  const wanted = await target.elementHandle();
  for (let i = 0; i < TABS_MAX; i += 1) {
    await page.keyboard.press('Tab');
    const visible = await page.evaluate((element) => {
      if (document.activeElement !== element) return null;
      return getComputedStyle(element).outlineStyle !== 'none' || getComputedStyle(element.parentElement).outlineStyle !== 'none';
    }, wanted);
    if (visible === null) continue;
    assert.ok(visible, `the focus can be seen on ${target}`);
    return;
  }
  assert.fail(`Tab does not reach ${target} on ${page.url()}`);
}

test('with the keyboard alone', async () => {
  const lead = newLead();
  const page = await house.visitor();
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const ready = () => page.waitForSelector('html[data-ready]', { state: 'attached' });
  const type = async (name, text) => {
    await tabTo(page, page.getByRole('textbox', { name }));
    await page.keyboard.type(text);
  };
  await page.goto('/login');
  await type('Email', ACCOUNT);
  await type('Password', PASSWORD);
  await press('Enter');
  await heading(page, 'Dashboard');
  await ready();

  await press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await help.getByText('New lead').waitFor();
  await press('Escape');
  await help.waitFor({ state: 'hidden' });
  await press('n');
  await heading(page, 'New lead');
  await ready();
  await type("Client's name", lead.name);
  await type('Email', lead.email);
  await type('What they want', lead.wish);
  await tabTo(page, page.getByLabel('The client agreed'));
  await press('Space');
  await tabTo(page, page.getByRole('button', { name: 'Send lead' }));
  await press('Enter');
  await heading(page, lead.name);
  await ready();

  await press('g', 'd');
  await heading(page, 'Dashboard');
  await ready();
  await press('g', 'l');
  await heading(page, 'Leads');
  await ready();
  await press('f');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
  await page.keyboard.type(lead.name);
  await press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('#results tbody tr').length === 1);
  assert.equal(await page.evaluate(() => document.activeElement.name), 'q', 'the focus stays in the search field');
  await tabTo(page, page.getByRole('link', { name: lead.name }));
  await press('Enter');
  await heading(page, lead.name);
  await ready();
  await tabTo(page, page.getByLabel('Move to'));
  await tabTo(page, page.getByRole('button', { name: 'Change stage' }));
  await press('Enter');
  await says(page, 'Stage changed.');
  await ready();
  await tabTo(page, page.locator('summary.person'));
  await press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Sign out', exact: true }));
  await press('Enter');
  await heading(page, 'Sign in');
});

test('with a thumb on a phone', async () => {
  const lead = newLead();
  const page = await house.visitor(PHONE);
  await page.goto('/login');
  await page.getByLabel('Email').fill(ACCOUNT);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).tap();
  await heading(page, 'Dashboard');
  await page.getByRole('button', { name: 'Open navigation' }).tap();
  await page.getByRole('link', { name: 'Leads', exact: true }).tap();
  await heading(page, 'Leads');
  await page.getByRole('link', { name: 'New lead' }).tap();
  await heading(page, 'New lead');
  await fillLead(page, lead);
  await page.getByText('The client agreed').tap();
  await page.getByRole('button', { name: 'Send lead' }).tap();
  await heading(page, lead.name);
  await isFine(page);

  const stage = page.getByLabel('Move to');
  await page.getByRole('navigation', { name: 'Actions' }).getByRole('link', { name: 'Stage' }).tap();
  await page.waitForFunction(() => {
    const { top, bottom } = document.querySelector('#f-stage').getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  const { height } = await stage.boundingBox();
  assert.ok(height >= 40, `a thumb hits ${height} px`);
  await page.getByRole('button', { name: 'Change stage' }).tap();
  await says(page, 'Stage changed.');
  await isFine(page);
  await page.getByRole('button', { name: 'Open navigation' }).tap();
  await page.locator('summary.person').tap();
  await page.getByRole('button', { name: 'Sign out', exact: true }).tap();
  await heading(page, 'Sign in');
});
