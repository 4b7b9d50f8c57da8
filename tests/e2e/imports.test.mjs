// A file becomes leads: with a mouse and scripts, and on a phone without them. And what is said about files that are no
// tables.
import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from './lib/test.mjs';
import { fillSignIn, openHouse, PHONE } from './lib/visitor.mjs';
import { heading, isFine, says, unique } from './lib/flows.mjs';

const ACCOUNT = 'sales@harbour.example';

let house;
let folder;

before(async () => {
  house = await openHouse();
  folder = await mkdtemp(path.join(os.tmpdir(), 'tessera-import-e2e-'));
});

after(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

afterEach(() => house.tidy());

/** A spreadsheet's file with clients that nobody has sent before. */
async function makeFile(name, rows = 3) {
  const word = unique('client').replace(' ', '-');
  const lines = ['Client name;E-Mail;Mobile;Budget;Moving date;Property type;Colour'];
  for (let i = 1; i <= rows; i += 1) {
    lines.push(`Nadia ${word} ${i};${word}${i}@clients.example;;1.25${i}.000,50;0${i % 9 + 1}/11/2027;Flat;blue`);
  }
  lines.push(`Karim ${word};nowhere;;a lot;31/12/2027;;`, `Twice ${word};${word}1@clients.example;;;13/11/2027;;`);
  const file = path.join(folder, name);
  await writeFile(file, `\uFEFF${lines.join('\r\n')}\r\n`);
  return { file, word };
}

async function send(page, file) {
  await page.getByLabel('File', { exact: true }).setInputFiles(file);
  await page.getByRole('button', { name: 'Send file' }).click();
}

/** What stands beside the file. */
async function fileError(page) {
  const error = page.locator('#f-file-error');
  await error.waitFor();
  assert.equal(await page.getByLabel('File', { exact: true }).getAttribute('aria-invalid'), 'true');
  return (await error.textContent()).trim();
}

function figure(page, label) {
  return page.locator('.stat', { has: page.getByText(label, { exact: true }) }).locator('.stat-value').textContent();
}

test('from a spreadsheet to leads', async () => {
  const { file, word } = await makeFile('spring.csv');
  const page = await house.as(ACCOUNT);
  await page.goto('/leads');
  await page.getByRole('link', { name: 'Import', exact: true }).click();
  await heading(page, 'Imports');
  await isFine(page);
  await page.getByRole('link', { name: 'Import a file' }).first().click();
  await heading(page, 'Import leads');
  await isFine(page);
  await send(page, file);

  await heading(page, 'spring.csv');
  await isFine(page);
  assert.equal(await page.getByLabel('E-Mail goes into').inputValue(), 'client_email');
  assert.equal(await page.getByLabel('Budget goes into').inputValue(), 'budget_max');
  assert.equal(await page.getByLabel('How amounts in Budget are written').inputValue(), 'comma');
  assert.equal(await page.getByLabel('How days in Moving date are written').inputValue(), 'dmy');
  assert.equal(await page.getByLabel('Colour goes into').inputValue(), '');
  await page.getByLabel('Colour goes into').selectOption('amenities');
  await page.getByLabel('Source').selectOption('event');
  await page.getByRole('button', { name: 'Check the rows' }).click();

  await says(page, 'Step 3 of 3');
  await isFine(page);
  assert.deepEqual([await figure(page, 'Rows'), await figure(page, 'Good'), await figure(page, 'With problems'), await figure(page, 'Duplicates')],
    ['5', '3', '1', '1']);
  await says(page, '“nowhere” is not an email address.');
  await says(page, 'The same email or phone as in row 2.');

  await page.getByLabel(/Every client in this file agreed/).check();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await says(page, 'Some rows cannot be imported.');
  await page.getByLabel(/leave 2 out/).check();
  await page.getByLabel(/Every client in this file agreed/).check();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await says(page, 'of 5 rows');
  await isFine(page);
  assert.deepEqual([await figure(page, 'Imported'), await figure(page, 'Left out')], ['3', '2']);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV with reasons' }).click()]);
  const refused = await readFile(await download.path(), 'utf8');
  assert.match(refused, /^\uFEFFClient name,E-Mail,Mobile,Budget,Moving date,Property type,Colour,Why it was refused\r\n/);
  assert.match(refused, /Karim .*,"“nowhere” is not an email address\./);
  assert.match(refused, /Twice .*,The same email or phone as in row 2\.\r\n$/);

  await page.getByRole('link', { name: '3 leads' }).click();
  await says(page, 'From one import');
  assert.equal(await page.locator('#results tbody tr').count(), 3);
  await page.getByRole('link', { name: `Nadia ${word} 1` }).click();
  await says(page, 'blue');
  await says(page, 'Apartment');

  await page.goto('/leads/import');
  await send(page, file);
  assert.match(await fileError(page), /Nothing is imported twice/);
  await page.locator('main').getByRole('link', { name: 'spring.csv' }).click();
  await says(page, 'of 5 rows');
});

test('a name without an end leaves what is said about it in sight', async () => {
  const page = await house.as(ACCOUNT);
  const file = path.join(folder, 'long.csv');
  await writeFile(file, `Name,E-mail\r\n${unique('x').replace(' ', '')}${'m'.repeat(121)},nowhere\r\n${'n'.repeat(9000)},nowhere\r\n`);
  await page.goto('/leads/import');
  assert.match(await page.locator('#f-file-hint').textContent(), /200,000 rows.*At most 64 MB\./);
  await send(page, file);
  await page.getByRole('button', { name: 'Check the rows' }).click();
  await says(page, '“nowhere” is not an email address.');
  for (const where of ['', '/rows']) {
    if (where) await page.goto(`${new URL(page.url()).pathname}${where}`);
    const beyond = await page.locator('table.reasons').evaluate((table) => table.offsetWidth - table.parentElement.clientWidth);
    assert.ok(beyond <= 0, `the table${where} is ${beyond} px wider than its place`);
    const height = await page.locator('table.reasons tbody tr').last().evaluate((row) => row.offsetHeight);
    assert.ok(height < 200, `a row${where} is ${height} px high`);
    await isFine(page);
  }
});

test('files that are no tables', async () => {
  const page = await house.as(ACCOUNT);
  const write = async (name, bytes) => {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    return file;
  };
  const files = [
    [await write('book.csv', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(200), Buffer.from('xl/workbook.xml')])), /This workbook cannot be read/],
    [await write('picture.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])), /This is a picture/],
    [await write('head.csv', 'Name,Email\r\n'), /has no row beneath/],
    [await write('mixed.csv', Buffer.from('Name\nZo\xeb\nZo\xc3\xab\n', 'latin1')), /another encoding/],
    [await write('long.csv', 'x'.repeat(2_000_000)), /Row 1 holds a text of more than/],
  ];
  for (const [file, sentence] of files) {
    await page.goto('/leads/import');
    await send(page, file);
    assert.match(await fileError(page), sentence);
    await isFine(page);
  }

  const huge = path.join(folder, 'huge.csv');
  const handle = await open(huge, 'w');
  await handle.truncate(70 * 1024 * 1024);
  await handle.close();
  await page.goto('/leads/import');
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  await page.getByLabel('File', { exact: true }).setInputFiles(huge);
  assert.match(await fileError(page), /too large/); // said before anything is sent
});

test('on a phone, without JavaScript', async () => {
  const { file, word } = await makeFile('phone.csv', 2);
  const page = await house.visitor({ ...PHONE, javaScriptEnabled: false });
  await page.goto('/leads/import');
  await fillSignIn(page, ACCOUNT);
  await heading(page, 'Import leads');
  await page.getByRole('button', { name: 'Send file' }).click(); // nothing chosen: the browser or the server says so
  await send(page, file);
  await heading(page, 'phone.csv');
  await page.getByRole('button', { name: 'Check the rows' }).click();
  await says(page, 'Step 3 of 3'); // the page has asked again by itself
  await page.getByLabel(/leave 2 out/).check();
  await page.getByLabel(/Every client in this file agreed/).check();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await says(page, 'of 4 rows');
  await page.goto('/leads/imports');
  await says(page, 'phone.csv');
  await page.goto(`/leads?q=${encodeURIComponent(word)}`);
  assert.equal(await page.locator('#results tbody tr').count(), 2);
});

test('every step fits a phone', async () => {
  const { file } = await makeFile('narrow.csv', 2);
  const page = await house.as(ACCOUNT, { ...PHONE, colorScheme: 'dark' });
  await page.goto('/leads/import');
  await isFine(page);
  await send(page, file);
  await heading(page, 'narrow.csv');
  await isFine(page);
  await page.getByRole('button', { name: 'Check the rows' }).click();
  await says(page, 'Step 3 of 3');
  await isFine(page);
  await page.getByRole('link', { name: 'All rows' }).click();
  await heading(page, 'Rows');
  await isFine(page);
  await page.goBack();
  await page.getByRole('button', { name: 'Cancel import…' }).click();
  await page.getByRole('button', { name: 'Cancel import', exact: true }).click();
  await says(page, 'The import was cancelled');
});
