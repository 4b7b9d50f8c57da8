// Messages as people send them: with a file and an answer, as notes among staff, with a thumb, without JavaScript.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from './lib/test.mjs';
import { heading, isFine, says, sendNewLead, unique } from './lib/flows.mjs';
import { openHouse, PHONE } from './lib/visitor.mjs';

const plan = new URL('../../sql/seed/files/plan.png', import.meta.url);

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

async function newLead(page) {
  const name = unique('Salma');
  return { name, path: await sendNewLead(page, { name, email: 'salma@clients.example', value: '1200000' }) };
}

async function send(page, text) {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.locator('.message').filter({ hasText: text }).last().waitFor();
}

/** How many conversations have something unread, as the navigation says. */
async function badge(page) {
  return Number.parseInt(await page.locator('#badge-unread_threads').textContent() || '0', 10);
}

test('a partner writes with a file, an agent answers, the partner sees it', async () => {
  const partner = await house.as('sales@harbour.example');
  const lead = await newLead(partner);
  await partner.getByLabel('New message').fill('Is this still the plan?\n\nSee https://plans.example/2b?floor=3.');
  await partner.getByLabel('Files').setInputFiles({ name: 'plan.html', mimeType: 'text/html', buffer: await readFile(plan) });
  await partner.getByRole('button', { name: 'Send', exact: true }).click();
  await heading(partner, lead.name);
  await partner.waitForURL(/\/messages\/[0-9a-f-]+#m-/);
  const link = partner.getByRole('link', { name: 'https://plans.example/2b?floor=3', exact: true });
  assert.equal(await link.getAttribute('rel'), 'noopener nofollow');
  const thread = new URL(partner.url()).pathname;
  await isFine(partner);
  await partner.getByRole('textbox', { name: 'Message' }).fill('Half a thought');

  const agent = await house.as('agent@tessera.example');
  await agent.goto('/messages?show=waiting');
  const waiting = await badge(agent);
  assert.ok(waiting > 0);
  await agent.getByRole('link', { name: lead.name }).click();
  await heading(agent, lead.name);
  await says(agent, 'New');
  const picture = agent.getByRole('link', { name: 'plan.html.png' });
  await says(agent, /^15 kB$/);
  await picture.locator('img').scrollIntoViewIfNeeded();
  await picture.locator('img').evaluate((image) => image.decode());
  const source = await picture.locator('img').evaluate((image) => image.src);
  const shown = await agent.context().request.get(source);
  assert.equal(shown.status(), 200);
  assert.equal(shown.headers()['content-type'], 'image/png');
  assert.match(shown.headers()['content-disposition'], /^inline; filename="plan\.html\.png"/);
  assert.deepEqual(await shown.body(), await readFile(plan));
  await agent.getByLabel('Note for staff').check();
  await send(agent, 'They measured it again last week.');
  await isFine(agent);
  await send(agent, 'It is, the balcony alone has grown.');
  assert.equal(await badge(agent), waiting - 1, 'what was read is not counted any more');

  // the open page follows by itself, whatever is being typed there, and has it read
  await says(partner, 'It is, the balcony alone has grown.');
  assert.equal(await partner.getByRole('textbox', { name: 'Message' }).inputValue(), 'Half a thought');
  const colleague = await house.as('owner@harbour.example');
  await colleague.goto('/messages');
  const line = colleague.locator('.thread').filter({ hasText: lead.name });
  assert.match(await line.innerText(), /2 new/);
  assert.match(await line.innerText(), /the balcony alone/);
  await line.getByRole('link').click();
  await says(colleague, 'It is, the balcony alone has grown.');
  await says(colleague, 'New');
  assert.equal(await partner.getByText('They measured it again').count(), 0);
  await partner.getByRole('textbox', { name: 'Message' }).fill('');
  await partner.goto('/messages?q=measured');
  await says(partner, 'Nothing matches');
  await partner.goto(lead.path);
  await says(partner, 'It is, the balcony alone has grown.');

  const stranger = await house.as('owner@skyline.example');
  assert.equal((await stranger.goto(thread)).status(), 404);
  assert.equal((await stranger.request.get(shown.url())).status(), 404);
});

test('what was sent can be put right and taken back', async () => {
  const page = await house.as('owner@harbour.example');
  await page.goto('/messages');
  await page.getByRole('link', { name: 'Write to' }).click();
  const text = unique('A question about');
  await send(page, text);
  const message = page.locator('.message').filter({ hasText: text });
  await message.getByRole('link', { name: 'Edit or delete' }).click();
  await heading(page, 'Edit message');
  await isFine(page);
  await page.getByRole('textbox', { name: 'Message' }).fill(`${text} the calendar`);
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'Message changed.');
  await message.getByText('edited').waitFor();
  await message.getByRole('link', { name: 'Edit or delete' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('button', { name: 'Delete message' }).click();
  await says(page, 'Message deleted.');
  await says(page, 'Deleted by Layla Haddad');
  assert.equal(await page.getByText(text).count(), 0);
});

test('staff begin a conversation with a partner whom a lead is shared with', async () => {
  const page = await house.as('agent@tessera.example');
  await page.goto('/leads?stage=active'); // shared ones are among them
  const begin = page.locator('a[href^="/messages/about/share/"]').first();
  const leads = await page.locator('#results tbody th a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  for (const lead of leads) {
    await page.goto(lead);
    if (await begin.count()) break;
  }
  await begin.click();
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  await isFine(page);
  const text = unique('About the share');
  await send(page, text);
  await page.waitForURL(/\/messages\/[0-9a-f-]+#m-/);
});

test('a file that is not taken says so, and the text stays', async () => {
  const page = await house.as('owner@harbour.example', { javaScriptEnabled: false });
  await page.goto('/messages');
  await page.getByRole('link', { name: 'Write to' }).click();
  const text = unique('With a program');
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByLabel('Files').setInputFiles({ name: 'invoice.pdf', mimeType: 'application/pdf', buffer: await readFile('/bin/true') });
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await says(page, 'Please check what is marked');
  await says(page, '“invoice.pdf” is not of a kind that is taken here');
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), text);
  await page.getByLabel('Files').setInputFiles({ name: 'offer.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n3,4\n') });
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const sent = page.locator('.message').filter({ hasText: text });
  const saved = await page.request.get(await sent.getByRole('link', { name: 'offer.csv' }).getAttribute('href'));
  assert.match(saved.headers()['content-disposition'], /^attachment; filename="offer\.csv"/);
  assert.equal(saved.headers()['x-content-type-options'], 'nosniff');
  assert.match(saved.headers()['content-security-policy'], /default-src 'none'/);
  assert.equal(await saved.text(), 'a,b\n1,2\n3,4\n');
  const path = new URL(saved.url()).pathname;
  assert.equal((await page.request.get(path.replace('/files/', '/protected/'))).status(), 404);
});

test('with a thumb on a phone', async () => {
  const page = await house.as('sales@harbour.example', PHONE);
  await page.goto('/messages');
  await isFine(page);
  await page.locator('.thread-title').first().tap();
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  await isFine(page);
  const text = unique('From the road');
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).tap();
  const sent = page.locator('.message').filter({ hasText: text });
  await sent.waitFor();
  const { y } = await sent.boundingBox();
  assert.ok(y > 0 && y < 740, `what was sent can be seen at once, not at ${y}`);
});
