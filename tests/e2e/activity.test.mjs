// Work on a lead as people do it: notes among staff and for both, a call logged with a thumb, a memo that is spoken, a place
// that is tapped, files, and a business card that becomes a lead.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from './lib/test.mjs';
import { heading, isFine, says, sendNewLead, unique } from './lib/flows.mjs';
import { openHouse, PHONE } from './lib/visitor.mjs';

const plan = new URL('../../sql/seed/files/plan.png', import.meta.url);
const DEVICE = { permissions: ['microphone', 'geolocation'], geolocation: { latitude: 25.0805, longitude: 55.1403 } };

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

async function newLead(page) {
  const name = unique('Nadia');
  return { name, path: await sendNewLead(page, { name, email: 'nadia@clients.example', value: '1200000' }) };
}

function entry(page, text) {
  return page.locator('.entry').filter({ hasText: text });
}

async function save(page) {
  await page.locator('form.log').getByRole('button', { name: 'Save' }).click();
  await says(page, 'Written down.');
}

test('what staff keep to themselves is not the partner’s, what they share is', async () => {
  const partner = await house.as('sales@harbour.example');
  const lead = await newLead(partner);
  const agent = await house.as('agent@tessera.example');
  await agent.goto(lead.path);
  await agent.getByLabel('What is worth knowing').fill('Landlord would go lower.');
  await save(agent);
  assert.match(await entry(agent, 'Landlord would go lower.').textContent(), /Staff only/);
  await agent.locator('.segments').getByText('Call', { exact: true }).click();
  await agent.getByLabel('What is worth knowing').fill('Wants to see it on Friday.');
  await agent.getByText('Outgoing').click();
  await agent.getByLabel('Outcome of the call').selectOption('Interested');
  await agent.getByLabel('Minutes').fill('6');
  await agent.getByText('Staff and the partner').click();
  await save(agent);
  const call = entry(agent, 'Wants to see it on Friday.');
  assert.match(await call.textContent(), /Called the client.*Shared.*Interested.*6 min/s);
  await isFine(agent);

  await entry(partner, 'Wants to see it on Friday.').waitFor(); // the open page follows
  assert.equal(await entry(partner, 'Landlord').count(), 0);
  assert.equal(await partner.getByText('Shared', { exact: true }).count(), 0);
  await isFine(partner);

  await agent.goto(`${lead.path}/activities/new?kind=meeting`);
  assert.equal(await agent.getByLabel('Outcome of the meeting').isVisible(), true);
  await isFine(agent);
  await agent.goto(lead.path);

  // put right by whoever wrote it, then taken back; both leave a trace
  await call.getByRole('link', { name: 'Edit or delete this entry' }).click();
  assert.equal(await agent.getByLabel('Outcome of the mail').isVisible(), false);
  await agent.getByLabel('What is worth knowing').fill('Wants to see it on Saturday.');
  await agent.getByRole('button', { name: 'Save' }).click();
  await entry(agent, 'Saturday').getByText('edited').waitFor();
  await entry(partner, 'Saturday').waitFor();
  await entry(agent, 'Saturday').getByRole('link', { name: 'Edit or delete this entry' }).click();
  await isFine(agent);
  await agent.getByRole('button', { name: 'Delete', exact: true }).click();
  await agent.getByRole('button', { name: 'Delete entry' }).click();
  await entry(agent, 'Deleted by').waitFor();
  await entry(partner, 'Deleted by').waitFor();
});

test('a memo is spoken, a position is tapped, a picture is seen: on a phone', async () => {
  const page = await house.as('sales@harbour.example', { ...PHONE, ...DEVICE });
  const lead = await newLead(page);
  await page.locator('.action-bar').getByRole('link', { name: 'Note' }).click();
  await page.getByLabel('What is worth knowing').fill('On the way back.');
  await page.getByRole('button', { name: 'Record' }).click();
  await page.getByRole('timer').getByText(/0:0[1-9]/).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.locator('[data-heard]').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-heard]').readyState >= 1); // blob: may be played on this page
  await page.getByText('When and where').click();
  await page.getByRole('button', { name: 'Add my position' }).click();
  await page.getByText('25.08050, 55.14030').waitFor();
  await page.getByLabel('Place').fill('Sales gallery');
  await page.getByLabel('Attachments').setInputFiles({ name: 'plan.png', mimeType: 'image/png', buffer: await readFile(plan) });
  await isFine(page);
  await save(page);
  const written = entry(page, 'On the way back.');
  const map = written.getByRole('link', { name: 'Sales gallery' });
  assert.equal(await map.getAttribute('href'), 'https://www.openstreetmap.org/?mlat=25.08050&mlon=55.14030#map=17/25.08050/55.14030');
  assert.equal(await map.getAttribute('rel'), 'noopener noreferrer');
  assert.ok(await written.locator('img').evaluate((image) => image.decode().then(() => image.naturalWidth > 0)));
  const length = await written.locator('audio').evaluate((audio) => new Promise((done) => {
    audio.addEventListener('error', () => done('error'));
    audio.addEventListener('canplay', () => done('plays'));
    audio.preload = 'auto';
    audio.load();
  }));
  assert.equal(length, 'plays');
  await isFine(page);
  await page.goto(`${lead.path}?show=files`);
  assert.equal(await page.locator('.entry').count(), 1);
  await isFine(page);
});

test('files: too many and too large ones stay here, five large ones are taken, others are asked for again', async () => {
  const page = await house.as('sales@harbour.example');
  const lead = await newLead(page);
  const files = (count, megabytes) => Array.from({ length: count }, (_, i) => ({
    name: `call ${i + 1}.txt`, mimeType: 'text/plain', buffer: Buffer.alloc(megabytes * 1e6, `${i} and so on\n`),
  }));
  const field = page.locator('.field').filter({ has: page.getByLabel('Attachments') });
  await page.getByLabel('What is worth knowing').fill('All of the plans.');
  await page.getByLabel('Attachments').setInputFiles(files(6, 0.1));
  await field.getByText('Choose at most 5 files at once.').waitFor();
  await page.getByLabel('Attachments').setInputFiles(files(1, 10.6));
  await field.getByText('A file may have 10 MB. Choose a smaller one.').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  assert.equal(await entry(page, 'All of the plans.').count(), 0);
  await page.getByLabel('Attachments').setInputFiles(files(5, 5));
  assert.equal(await field.locator('.error').count(), 0);
  await save(page);
  assert.equal(await entry(page, 'All of the plans.').getByRole('link', { name: /call \d\.txt/ }).count(), 5);

  const plain = await house.as('sales@harbour.example', { javaScriptEnabled: false });
  await plain.goto(`${lead.path}/activities/new?kind=call`);
  await plain.getByLabel('What is worth knowing').fill('Called twice.');
  await plain.getByLabel('Minutes').fill('0');
  await plain.getByLabel('Attachments').setInputFiles(files(1, 0.1));
  await plain.getByRole('button', { name: 'Save' }).click();
  await plain.locator('.field .error').getByText('Choose the files once more').waitFor();
  assert.equal(await plain.getByLabel('What is worth knowing').inputValue(), 'Called twice.');
});

test('devices are for the page of a lead alone', async () => {
  const page = await house.as('sales@harbour.example', DEVICE);
  const lead = await newLead(page);
  const allowed = () => page.evaluate(() => ['microphone', 'geolocation', 'camera'].map((name) => document.featurePolicy.allowsFeature(name)));
  assert.deepEqual(await allowed(), [true, true, false]);
  const policies = await Promise.all(['/leads', '/dashboard', '/leads/new', lead.path, `${lead.path}?show=calls`, `${lead.path}/activities/new`, `${lead.path}/edit`]
    .map(async (path) => (await page.request.get(path)).headers()['permissions-policy']));
  assert.deepEqual(policies.map((policy) => policy.includes('microphone=(self)')), [false, false, false, true, true, true, false]);
  await page.goto('/leads');
  assert.deepEqual(await allowed(), [false, false, false]);
});

test('without JavaScript: a call with a recording made elsewhere, older entries, an error beside its field', async () => {
  const page = await house.as('sales@harbour.example', { javaScriptEnabled: false, ...PHONE });
  const lead = await newLead(page);
  await page.goto(`${lead.path}/activities/new?kind=call`);
  assert.equal(await page.getByLabel('Outcome of the mail').isVisible(), false);
  await page.getByLabel('Day').fill('2198-01-01');
  await page.getByLabel('What is worth knowing').fill('Nobody there.');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'This is still to come.');
  await page.getByLabel('Day').fill('2026-01-02');
  await page.getByLabel('Outcome of the call').selectOption('No answer');
  await page.getByLabel('Voice memo').setInputFiles({ name: 'memo.wav', mimeType: 'audio/wav', buffer: await readFile(new URL('../../sql/seed/files/memo.wav', import.meta.url)) });
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'Written down.');
  await entry(page, 'Nobody there.').locator('audio').waitFor();
  await page.getByRole('link', { name: 'Back to the newest' }).click();
  await entry(page, 'Lead created').waitFor();
  await page.getByRole('navigation', { name: 'Show' }).getByRole('link', { name: 'Calls' }).click();
  assert.equal(await page.locator('.entry').count(), 1);
});

/** A business card as a camera would have it. */
async function cardPicture(html) {
  const page = await house.visitor({ viewport: { width: 1050, height: 600 }, deviceScaleFactor: 2 });
  await page.setContent(`<body style="margin:0;font-family:sans-serif;background:#fff;color:#111"><div style="padding:60px">${html}</div></body>`);
  return page.screenshot({ type: 'jpeg', quality: 80 });
}

test('a business card becomes a lead', async () => {
  const photo = await cardPicture(`<h1 style="font-size:52px;margin:0">Rana Castellan</h1><p style="font-size:28px;margin:4px 0 50px">Investment Director</p>
    <p style="font-size:34px;font-weight:bold;margin:0 0 40px">Bluewater Holdings LLC</p>
    <p style="font-size:26px;line-height:1.5">M: +971 50 555 0142<br>rana.castellan@bluewater.example<br>www.bluewater.example</p>`);
  const page = await house.as('sales@harbour.example', PHONE);
  await page.goto('/leads/new');
  await page.getByRole('link', { name: 'From a card' }).click();
  await heading(page, 'From a business card');
  await isFine(page);
  await page.getByLabel('Photo of the card').setInputFiles({ name: 'card.jpg', mimeType: 'image/jpeg', buffer: photo }); // sent at once
  await page.getByRole('heading', { name: /Reading the card|New lead/ }).waitFor();
  await heading(page, 'New lead');
  assert.equal(await page.getByLabel('Client’s name').or(page.getByLabel("Client's name")).inputValue(), 'Rana Castellan');
  assert.equal(await page.getByLabel('Email').inputValue(), 'rana.castellan@bluewater.example');
  assert.equal(await page.getByLabel('Phone').inputValue(), '+971 50 555 0142');
  assert.match(await page.getByLabel('What they want').inputValue(), /Investment Director\nBluewater Holdings LLC/);
  assert.ok(await page.getByAltText('The photo of the card').evaluate((image) => image.naturalWidth > 0));
  await isFine(page);
  await page.getByLabel('The client agreed').check();
  await page.getByRole('button', { name: 'Send lead' }).click();
  await heading(page, 'Rana Castellan');
  await entry(page, 'Business card').locator('img').waitFor();
});

test('a picture with nothing on it leaves an empty form and says so', async () => {
  const photo = await cardPicture('');
  const page = await house.as('agent@tessera.example');
  await page.goto('/leads/cards/new');
  await page.getByLabel('Photo of the card').setInputFiles({ name: 'empty.jpg', mimeType: 'image/jpeg', buffer: photo });
  await page.getByText('Nothing could be read on this picture.').waitFor();
  assert.equal(await page.getByLabel("Client's name").inputValue(), '');
  await isFine(page);
  await page.goto('/leads/cards/new');
  await page.getByLabel('Photo of the card').setInputFiles({ name: 'card.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
  await page.getByText('“card.jpg” is not a picture.').first().waitFor();
  await isFine(page);
});
