// What leaves the portal, as people meet it: caught mail for developers, the way out of mails, addresses that get nothing.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from './lib/test.mjs';
import { fillLead, heading, invite, isFine, rows, says, unique } from './lib/flows.mjs';
import { openHouse } from './lib/visitor.mjs';

const ADMIN = 'admin@tessera.example';

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

/** Looks at /dev/mail until the newest to this address is there; opens it. */
async function openCaught(page, address, subject) {
  await page.goto(`/dev/mail?q=${encodeURIComponent(address)}`);
  const link = page.locator('#results tbody th a', { hasText: subject }).first();
  for (let i = 0; !await link.isVisible(); i++) {
    assert.ok(i < 200, `no mail to ${address}`);
    await page.reload();
  }
  await link.click();
  await heading(page, subject);
}

/** The HTML of a mail can be used by everybody. Its own page runs no script, so a copy of it is asked. */
async function fits(html) {
  const copy = await house.visitor();
  await copy.setContent(await html.content());
  await isFine(copy);
  await copy.setViewportSize({ width: 360, height: 740 });
  await isFine(copy);
}

test('an invitation is caught, read as text and HTML, and its link works', async () => {
  const owner = await house.as('owner@harbour.example');
  await owner.goto('/team/new');
  const email = await invite(owner, 'sales', unique('Tariq'));
  const page = await house.as(ADMIN);
  await openCaught(page, email, /your invitation/);
  await isFine(page);
  const text = await page.locator('pre').first().innerText();
  const head = await page.locator('pre').nth(1).innerText();
  assert.match(head, new RegExp(`^To: ${email}$`, 'm'));
  assert.match(head, /^Auto-Submitted: auto-generated$/m);
  assert.doesNotMatch(head, /List-Unsubscribe/);

  const [html] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: 'Open the HTML' }).click(),
  ]);
  const button = html.getByRole('link', { name: 'Accept the invitation' });
  const link = await button.getAttribute('href');
  assert.ok(text.includes(link), 'the same link as in the text');
  assert.notEqual(await button.evaluate((a) => getComputedStyle(a.parentElement).backgroundColor), 'rgba(0, 0, 0, 0)', 'its styles are in force');
  await fits(html);

  const guest = await house.visitor();
  await guest.goto(link);
  await guest.getByLabel('New password').waitFor();
});

test('a mail shows its way out: this kind, then everything', async () => {
  const owner = await house.as('owner@harbour.example');
  const name = unique('Wafa');
  await owner.goto('/leads/new');
  await fillLead(owner, { name, email: 'wafa@clients.example', wish: 'A plot', value: '900000' });
  await owner.getByLabel('The client agreed').check();
  await owner.getByRole('button', { name: 'Send lead' }).click();
  await heading(owner, name);
  const agent = await house.as('agent@tessera.example');
  await agent.goto(owner.url());
  await agent.getByLabel('Move to').selectOption('declined');
  await agent.getByLabel('Why').fill('They changed their mind.');
  await agent.getByRole('button', { name: 'Change stage' }).click();
  await says(agent, 'Stage changed.');

  const page = await house.as(ADMIN);
  await openCaught(page, 'sales@harbour.example', new RegExp(name));
  const [link] = /https?:\S+\/unsubscribe\/\S+/.exec(await page.locator('pre').first().innerText());

  const reader = await house.visitor(); // signed in nowhere
  await reader.goto(link);
  await heading(reader, 'Your mails');
  await says(reader, 's***@harbour.example');
  await isFine(reader);
  await reader.getByRole('button', { name: 'No more of this kind' }).click();
  await says(reader, 'Done. You will get no more of it.');
  assert.equal(await reader.getByRole('button', { name: 'No more of this kind' }).count(), 0);
  await reader.getByRole('button', { name: 'Switch all of them off' }).click();
  await reader.locator('dd', { hasText: 'off' }).nth(1).waitFor();
  assert.equal(await reader.getByRole('button').and(reader.locator('.form button')).count(), 0);
  await isFine(reader);

  // a mail program's one click: no cookie, no page before it
  const answer = await reader.request.post(link, { form: { 'List-Unsubscribe': 'One-Click' }, maxRedirects: 0 });
  assert.equal(answer.status(), 200);
});

test('a suppressed address is found, and lifted after a question', async () => {
  const page = await house.as(ADMIN);
  await page.goto('/admin/suppressions');
  await heading(page, 'Suppressed addresses');
  const all = await rows(page);
  assert.ok(all.length > 2);
  await page.getByLabel('Reason').selectOption('bounce');
  await page.waitForFunction((count) => document.querySelectorAll('#results tbody tr').length < count, all.length);
  const [[address]] = await rows(page);
  await page.getByRole('button', { name: 'Lift', exact: true }).first().click();
  await says(page, 'Write to');
  await isFine(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Lift', exact: true }).click();
  await says(page, 'Lifted.');
  const after_ = await rows(page);
  assert.equal(after_.length, all.length - 1);
  assert.ok(!after_.some(([text]) => text === address));
});
