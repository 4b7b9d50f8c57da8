// The search over everything, saved views, columns, and what is done with many leads at once; with and without JavaScript.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from './lib/test.mjs';
import { heading, isFine, rows, says, sendNewLead, unique } from './lib/flows.mjs';
import { fillSignIn, openHouse, PHONE } from './lib/visitor.mjs';

const OWNER = 'owner@harbour.example';
const AGENT = 'agent@tessera.example';

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

/** Leads of a name that nobody else has, sent by the owner; their common name. */
async function sendLeads(page, count) {
  const name = unique('Zafira');
  for (let i = 1; i <= count; i += 1) {
    await sendNewLead(page, { name: `${name} ${i}`, email: `zafira${i}@clients.example`, wish: 'A flat by the water.' });
  }
  return name;
}

test('the search field is a combobox that leads to what was found', async () => {
  const page = await house.as(OWNER);
  const name = await sendLeads(page, 2);
  await page.goto('/dashboard');
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  await page.keyboard.press('/');
  const field = page.getByRole('combobox', { name: 'Find anything' });
  assert.equal(await field.getAttribute('aria-expanded'), 'false');
  await page.keyboard.type(name);
  const list = page.getByRole('listbox', { name: 'Suggestions' });
  await list.getByRole('option', { name: `${name} 2` }).waitFor();
  assert.equal(await field.getAttribute('aria-expanded'), 'true');
  await isFine(page);

  await page.keyboard.press('ArrowDown');
  const first = page.locator(`#${await field.getAttribute('aria-activedescendant')}`);
  assert.equal(await first.getAttribute('aria-selected'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'search', 'the focus stays in the field');
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'hidden' });
  await page.keyboard.press('ArrowDown');
  await list.waitFor();
  await page.keyboard.press('ArrowUp'); // from the field to the last: everything
  await page.keyboard.press('Enter');
  await heading(page, 'Search');
  await page.getByRole('link', { name: `${name} 1` }).click();
  await heading(page, `${name} 1`);
});

test('Enter without a choice opens the page of results, and so it does without JavaScript', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await house.visitor({ javaScriptEnabled });
    await page.goto('/dashboard');
    await fillSignIn(page, AGENT);
    await heading(page, 'Dashboard');
    await page.locator('#search').fill('harbour');
    await page.keyboard.press('Enter');
    await heading(page, 'Search');
    assert.match(page.url(), /\/search\?q=harbour$/);
    await page.getByRole('link', { name: 'Harbour Realty' }).first().waitFor();
    await page.context().close();
  }
});

test('a thumb searches on a page of its own', async () => {
  const page = await house.as(OWNER, PHONE);
  await page.goto('/dashboard');
  await page.locator('.search-link').click();
  await heading(page, 'Search');
  await page.getByLabel('Search for').fill('no such person at all');
  await page.getByRole('button', { name: 'Search' }).click();
  await says(page, 'Nothing is called so');
  await isFine(page);
});

async function openMenu(page, item) {
  await page.locator('#list-export summary').last().click();
  await page.locator('#list-export').getByRole('link', { name: item }).click();
}

test('a view is saved, opened, updated, moved and deleted', async () => {
  const page = await house.as('sales@harbour.example');
  const name = unique('Mine').slice(0, 30);
  await page.goto('/leads?view=all');
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  await page.getByLabel('Stage').selectOption('won');
  await page.waitForURL(/stage=won/);
  await page.locator('#list-export a[href*="views/new?stage=won"]').waitFor({ state: 'attached' });
  await openMenu(page, 'Save as a view');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Open the list of leads with this view').check();
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByRole('link', { name, exact: true }).and(page.locator('[aria-current="page"]')).waitFor();
  await isFine(page);
  await page.goto('/leads');
  assert.match(page.url(), /stage=won&view=/);

  await page.getByRole('link', { name: 'Value', exact: true }).click();
  await page.waitForURL(/sort=value/);
  await openMenu(page, `Update “${name}”`);
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.waitForURL(/sort=value/);

  await page.goto('/leads/views');
  await page.getByRole('button', { name: `Move ${name} up` }).click();
  await heading(page, 'Views');
  await page.getByRole('link', { name: `Edit ${name}` }).click();
  await page.getByRole('button', { name: 'Delete view' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await says(page, 'View deleted.');
  assert.equal(await page.getByRole('link', { name, exact: true }).count(), 0);
});

test('columns are chosen and ordered, and the workbook has them', async () => {
  const page = await house.as('sales@harbour.example');
  await page.goto('/leads/columns');
  await page.getByRole('checkbox', { name: 'Source' }).uncheck();
  await page.getByRole('checkbox', { name: 'Phone' }).check();
  await page.getByRole('button', { name: 'Save columns' }).last().click();
  await says(page, 'Columns saved.');
  const heads = () => page.locator('#results thead th').evaluateAll((cells) => cells.map((cell) => cell.textContent.trim()));
  assert.deepEqual(await heads(), ['Client', 'Stage', 'Next step', 'Value', 'Created', 'Updated', 'Phone']);
  await page.goto('/leads/columns');
  await page.getByRole('button', { name: 'Phone earlier' }).click();
  await heading(page, 'Columns');
  await page.goto('/leads?view=all');
  assert.deepEqual(await heads(), ['Client', 'Stage', 'Next step', 'Value', 'Created', 'Phone', 'Updated']);

  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  await page.locator('#list-export summary').first().click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Excel (XLSX)' }).click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), 'leads.xlsx');
  assert.equal((await readFile(await download.path())).subarray(0, 4).toString('latin1'), 'PK\x03\x04');

  await page.goto('/leads/columns');
  await page.getByRole('button', { name: 'The usual columns' }).click();
  await says(page, 'Columns saved.');
});

for (const javaScriptEnabled of [true, false]) {
  test(`many are moved and put back ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
    const owner = await house.as(OWNER);
    const name = await sendLeads(owner, 3);
    const page = await house.visitor({ javaScriptEnabled });
    await page.goto(`/leads?q=${encodeURIComponent(name)}&view=all&select=1`);
    await fillSignIn(page, OWNER);
    await heading(page, 'Leads');
    if (javaScriptEnabled) await isFine(page);
    if (javaScriptEnabled) {
      await page.getByRole('checkbox', { name: 'All on this page' }).check();
      await page.getByRole('checkbox', { name: `${name} 3` }).uncheck();
    } else {
      await page.getByRole('checkbox', { name: `${name} 1` }).check();
      await page.getByRole('checkbox', { name: `${name} 2` }).check();
    }
    await page.getByRole('button', { name: 'Go on with the ticked ones' }).click();
    await heading(page, 'Change many leads');
    await says(page, '2 selected');
    const show = page.getByRole('button', { name: /Show what will happen.*Move/ });
    await page.getByLabel('Move to').selectOption('dormant');
    if (javaScriptEnabled) {
      assert.deepEqual(await page.getByLabel('Reason').locator('optgroup').evaluateAll((all) => all.map((one) => one.label)), ['Dormant']);
    } else {
      await show.click();
      await says(page, 'Say why in a few words');
      await page.getByLabel('Reason').selectOption('Bought elsewhere');
      await show.click();
      await says(page, 'This reason belongs to another stage. Choose one that fits.');
    }
    await page.getByLabel('Reason').selectOption('Away for a while');
    await page.getByLabel('Why').fill('They are travelling.');
    await show.click();
    await heading(page, 'Move to Dormant');
    await says(page, 'Away for a while – They are travelling.');
    if (javaScriptEnabled) await isFine(page);
    await page.getByRole('button', { name: 'Do it with 2' }).click();
    await says(page, 'Can be undone for a day.');
    await owner.goto(`/leads?q=${encodeURIComponent(name)}&view=all&sort=name`);
    assert.deepEqual((await rows(owner)).map(([, stage]) => stage), ['Dormant', 'Dormant', 'New']);

    await page.getByRole('button', { name: 'Undo' }).first().click();
    await page.locator('dialog').getByRole('button', { name: 'Undo' }).click();
    await heading(page, 'Put back as they were');
    if (javaScriptEnabled) await isFine(page);
    await page.getByRole('link', { name: 'Look at them' }).click();
    await heading(page, 'Selected leads');
    if (javaScriptEnabled) await isFine(page);
    await owner.reload();
    assert.deepEqual((await rows(owner)).map(([, stage]) => stage), ['New', 'New', 'New']);
    await page.context().close();
  });
}

test('a long action shows how far it is and ends by itself', async () => {
  const page = await house.as(AGENT);
  await page.goto('/leads?source=event&view=all&select=1');
  await page.getByRole('button', { name: 'Go on with all that match' }).click();
  await heading(page, 'Change many leads');
  await page.getByLabel('Source').selectOption('other');
  await page.getByRole('button', { name: /Show what will happen.*source/ }).click();
  await heading(page, 'Set the source to Other');
  await page.getByRole('button', { name: /^Do it with/ }).click();
  await says(page, 'Can be undone for a day.'); // the page follows by itself where the daemon does it
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await page.locator('dialog').getByRole('button', { name: 'Undo' }).click();
  await heading(page, 'Put back as they were');
  await says(page, 'Done');
});
