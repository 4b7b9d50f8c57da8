// What people do in the portal, from sign-in to settings, in a real browser.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, test } from './lib/test.mjs';
import {
  accept, errorAt, fillLead, heading, invite, isFine, linkMailedTo, newColleague, rows, says, signOut, unique,
} from './lib/flows.mjs';
import { fillSignIn, openHouse, PASSWORD } from './lib/visitor.mjs';

const OWNER = 'owner@harbour.example';
const ADMIN = 'admin@tessera.example';
const WRONG = 'The email address or the password is not right.';

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

/** Signing in with these is refused, in the words that every refusal has. */
async function isRefused(email, password) {
  const page = await house.visitor();
  await page.goto('/login');
  await fillSignIn(page, email, password);
  await says(page, WRONG);
}

test('the programme page says who can join', async () => {
  const page = await house.visitor();
  await page.goto('/');
  const kinds = await page.locator('.public-section tbody tr').evaluateAll((lines) => lines
    .map((line) => [...line.cells].map((cell) => cell.innerText.trim())));
  assert.ok(kinds.length > 5);
  assert.deepEqual(kinds.filter((cells) => cells.some((text) => text === '')), [], 'every cell says something');
  await isFine(page);
});

// ── signing in ──

test('signing in, out, and back to where one was going', async () => {
  const page = await house.visitor();
  await page.goto('/leads?stage=won');
  await heading(page, 'Sign in');
  await fillSignIn(page, OWNER, 'not the password');
  assert.equal(await errorAt(page, 'Password'), WRONG);
  assert.equal(await page.getByLabel('Email').inputValue(), OWNER, 'what was typed is kept');
  assert.equal(await page.locator('#f-password').inputValue(), '', 'but not the password');
  await isFine(page);

  await fillSignIn(page, OWNER);
  await heading(page, 'Leads');
  assert.match(page.url(), /\/leads\?stage=won$/);
  await signOut(page);
  await says(page, 'You are signed out.');
  await page.goto('/dashboard');
  await heading(page, 'Sign in');
});

test('an unknown account is refused in the same words', async () => {
  await isRefused('nobody@harbour.example', PASSWORD);
});

test('a forgotten password is replaced through a link that works once', async () => {
  const { page: elsewhere, email, password } = await newColleague(house, 'viewer');
  await elsewhere.context().close();
  const page = await house.visitor();
  await page.goto('/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await heading(page, 'Look at your email');

  const link = await linkMailedTo(house, email);
  await page.goto(link);
  await says(page, email);
  await isFine(page);
  await page.getByLabel('New password').fill('password123');
  await page.getByRole('button', { name: 'Save the password' }).click();
  await page.locator('#f-password[aria-invalid]').waitFor();
  await isFine(page);
  const fresh = unique('four loud rivers');
  await page.getByLabel('New password').fill(fresh);
  await page.getByRole('button', { name: 'Save the password' }).click();
  await says(page, 'Your password is changed.');

  await isRefused(email, password);
  const again = await house.visitor();
  assert.equal((await again.goto(link)).status(), 404);
  await says(again, 'This link was used already');
  await again.goto('/login');
  await fillSignIn(again, email, fresh);
  await heading(again, 'Dashboard');
});

test('an invitation is accepted, and whoever accepts it is in', async () => {
  const name = unique('Nadia');
  const owner = await house.as(OWNER);
  await owner.goto('/team');
  await owner.getByRole('link', { name: 'Invite' }).click();
  await heading(owner, 'Invite somebody');
  const email = await invite(owner, 'sales', name);
  await owner.locator('tr', { hasText: email }).getByText('Invited').waitFor();

  const guest = await house.visitor();
  await guest.goto(await linkMailedTo(house, email));
  await says(guest, `You join Harbour Realty as ${email}.`);
  assert.equal(await guest.getByLabel('Your name').inputValue(), name);
  await isFine(guest);
  await guest.getByLabel('New password').fill(unique('three quiet rivers'));
  await guest.getByRole('button', { name: 'Create my account' }).click();
  await heading(guest, 'Dashboard');
  await says(guest, 'Welcome. Your account is ready.');
  await guest.locator('summary.person').getByText(name).waitFor();

  await owner.reload();
  await owner.locator('tr', { hasText: email }).getByText('Active').waitFor();
});

test('signed out everywhere means everywhere', async () => {
  const pages = [await house.visitor(), await house.visitor()];
  for (const page of pages) {
    await page.goto('/login');
    await fillSignIn(page, 'sales@harbour.example');
    await heading(page, 'Dashboard');
  }
  await pages[0].goto('/account');
  await pages[0].getByRole('button', { name: 'Sign out everywhere…' }).click();
  await pages[0].getByRole('button', { name: 'Sign out everywhere', exact: true }).click();
  await says(pages[0], 'You are signed out on every device.');
  await pages[1].goto('/leads');
  await heading(pages[1], 'Sign in');
});

test('the chosen theme stays, on other devices too', async () => {
  const account = 'viewer@harbour.example';
  const page = await house.as(account, { colorScheme: 'light' });
  const choose = async (name) => {
    await page.locator('summary.person').click();
    const stored = page.waitForResponse((response) => response.url().endsWith('/account/theme'));
    await page.getByRole('button', { name, exact: true }).click();
    await stored;
  };
  await page.goto('/leads');
  await choose('Dark');
  await page.locator('html[data-theme=dark]').waitFor();
  const other = await house.as(account, { colorScheme: 'light' });
  await other.goto('/account');
  assert.equal(await other.locator('html').getAttribute('data-theme'), 'dark');
  await page.reload();
  await choose('System');
  await other.reload();
  assert.equal(await other.locator('html').getAttribute('data-theme'), 'system');
});

// ── leads ──

test('a lead is sent, found, moved on and edited', async () => {
  const lead = { name: unique('Samira'), email: '', wish: 'Two bedrooms by the water, in spring.', value: '1250000' };
  const page = await house.as(OWNER);
  await page.goto('/dashboard');
  await page.getByRole('link', { name: 'New lead', exact: true }).click();
  await heading(page, 'New lead');

  await page.getByRole('button', { name: 'Send lead' }).click(); // the browser asks for what is missing
  assert.notEqual(await errorAt(page, "Client's name"), '');
  await fillLead(page, lead);
  await page.getByLabel('The client agreed').check();
  await page.getByRole('button', { name: 'Send lead' }).click(); // the portal, for what the browser can't know
  await page.getByText('Please check what is marked').waitFor();
  assert.equal(await errorAt(page, 'Email'), 'Enter an email address or a phone number.');
  await isFine(page);
  assert.equal(await page.getByLabel("Client's name").inputValue(), lead.name);
  assert.equal(await page.getByLabel('What they want').inputValue(), lead.wish);
  assert.match(await page.getByLabel('Estimated value').inputValue(), /^1,?250,?000/);
  assert.equal(await page.getByLabel('The client agreed').isChecked(), true);
  await page.getByLabel('Email').fill('samira@clients.example');
  await page.getByRole('button', { name: 'Send lead' }).click();
  await heading(page, lead.name);
  await says(page, 'The lead is with us.');
  await says(page, 'AED 1,250,000');

  await page.goto('/leads');
  await page.getByLabel('Search').fill(lead.name);
  await page.waitForFunction(() => document.querySelectorAll('#results tbody tr').length === 1);
  const [[found]] = await rows(page);
  assert.ok(found.startsWith(lead.name));
  await page.getByRole('link', { name: lead.name }).click();

  await heading(page, lead.name);
  assert.equal(await page.getByLabel('Move to').inputValue(), 'intake', 'the next step stands ready');
  await page.getByRole('button', { name: 'Change stage' }).click();
  await says(page, 'Stage changed.');
  await page.locator('.entry', { hasText: /New.*Intake/ }).waitFor();
  assert.equal(await page.locator('.page-title .badge').textContent(), 'Intake');

  await page.getByRole('link', { name: 'Edit' }).click();
  await heading(page, 'Edit lead');
  await page.getByLabel('Wanted locations').fill('Marina, Creek Harbour');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'Lead saved.');
  await says(page, 'Marina, Creek Harbour');
});

test('who saves later is told that somebody was quicker, and loses nothing', async () => {
  const [slow, quick] = [await house.as(OWNER), await house.as('sales@harbour.example')];
  await slow.goto('/leads?stage=qualified');
  await slow.locator('#results tbody th a').first().click();
  await slow.getByRole('link', { name: 'Edit' }).click();
  await heading(slow, 'Edit lead');
  await quick.goto(slow.url());
  const [theirs, mine] = [unique('Downtown'), unique('Jumeirah')];

  await quick.getByLabel('Wanted locations').fill(theirs);
  await quick.getByRole('button', { name: 'Save' }).click();
  await says(quick, theirs);
  await slow.getByLabel('Wanted locations').fill(mine);
  await slow.getByRole('button', { name: 'Save' }).click();
  await says(slow, 'Somebody changed this lead in the meantime.');
  assert.equal(await slow.getByLabel('Wanted locations').inputValue(), mine, 'what was typed is still there');
  await isFine(slow);
  await quick.reload();
  await says(quick, theirs);

  await slow.getByRole('button', { name: 'Save' }).click(); // having seen it, they decide
  await says(slow, mine);
});

test('the list filters, sorts, goes on and exports', async () => {
  const page = await house.as(OWNER);
  await page.goto('/leads');
  const [[first]] = await rows(page);
  await page.getByRole('link', { name: 'Next page' }).click();
  await page.getByRole('link', { name: 'Back to first' }).waitFor();
  const further = await rows(page);
  assert.ok(further.every(([client]) => client !== first), 'the second page has other rows');
  await page.getByRole('link', { name: 'Back to first' }).click();
  await page.getByText(first.split('\n')[0]).waitFor();

  await page.getByLabel('Stage').selectOption('won');
  await page.waitForFunction(() => [...document.querySelectorAll('#results tbody .badge')]
    .every((badge) => badge.textContent === 'Won'));
  assert.match(page.url(), /\?stage=won$/);
  await page.getByRole('link', { name: 'Value' }).click();
  await page.locator('th[aria-sort]', { hasText: 'Value' }).waitFor();
  const won = await rows(page);
  const values = won.map((cells) => Number(cells[3].replace(/\D/g, '')));
  const order = await page.locator('th[aria-sort]').getAttribute('aria-sort');
  assert.deepEqual(values, [...values].sort((a, b) => (order === 'ascending' ? a - b : b - a)));
  assert.ok(new Set(values).size > 5, 'there is something to sort');

  const downloading = page.waitForEvent('download');
  await page.locator('summary', { hasText: 'Export' }).click();
  await page.getByRole('link', { name: 'Text (CSV)' }).click();
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^leads.*\.csv$/);
  const [head, ...lines] = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
  assert.match(head, /name/);
  assert.equal(lines.length, won.length, 'the export has what the list shows');
  assert.ok(lines.every((line) => line.includes('won')));

  await page.getByLabel('Search').fill('nobody is called this');
  await page.getByText('Nothing matches').waitFor();
  await isFine(page);
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await page.getByText(first.split('\n')[0]).waitFor();
});

test('a lead of another partner does not exist', async () => {
  const owner = await house.as(OWNER);
  const answer = await owner.context().request.get('/leads', { headers: { Accept: 'application/json' } });
  const [{ id }] = (await answer.json()).lead_list;
  const page = await house.as('owner@skyline.example');
  for (const path of [`/leads/${id}`, `/leads/${id}/edit`]) {
    const response = await page.goto(path);
    assert.equal(response.status(), 404);
    await heading(page, 'Not found');
    assert.equal(await page.locator('.gate code').textContent(), response.headers()['x-request-id']);
  }
  await owner.goto(`/leads/${id}`);
  await owner.getByRole('button', { name: 'Change stage' }).or(owner.getByText('This lead is closed')).waitFor();
});

// ── training, library, commissions ──

async function rightAnswers() {
  const text = await readFile(new URL('../../sql/seed/training.txt', import.meta.url), 'utf8');
  return new Set(text.split('\n').filter((line) => line.startsWith('+ ')).map((line) => line.slice(2).trim()));
}

/** Answers every question of the quiz with the first option that `chosen` accepts. */
async function answer(page, chosen) {
  for (const question of await page.locator('.question').all()) {
    for (const option of await question.locator('.choice').all()) {
      if (!chosen((await option.textContent()).trim())) continue;
      await option.locator('input').check();
      break;
    }
  }
  await page.getByRole('button', { name: /Send (answers|again)/ }).click();
}

test('a course: reading, watching, failing the quiz, passing it', async () => {
  const { page } = await newColleague(house, 'sales');
  const right = await rightAnswers();
  await page.goto('/training');
  await page.getByRole('link', { name: 'Welcome to Meridian' }).click();
  await heading(page, 'Welcome to Meridian');
  assert.equal(await page.getByRole('link', { name: 'Consent comes first' }).count(), 0, 'the second waits for the first');
  await page.getByRole('link', { name: 'How a referral travels' }).click();
  await page.getByRole('button', { name: 'Done, go on' }).click();
  await heading(page, 'Consent comes first');
  await page.getByRole('button', { name: 'Done, go on' }).click();

  await heading(page, 'Your first lead in Tessera');
  const video = page.locator('video');
  await page.waitForFunction(() => document.querySelector('video').readyState >= HTMLMediaElement.HAVE_METADATA);
  assert.ok(await video.evaluate(({ duration, videoWidth }) => duration > 10 && videoWidth > 100));
  await page.waitForFunction(() => {
    const [track] = document.querySelector('video').textTracks;
    return track.kind === 'captions' && track.mode === 'showing' && track.cues?.length > 3;
  });
  await video.evaluate((element) => element.play());
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.2);
  await video.evaluate((element) => element.pause());
  await page.getByRole('button', { name: 'Done, go on' }).click();

  await heading(page, 'Check what you know');
  await answer(page, (option) => !right.has(option));
  await says(page, 'Not passed this time.');
  assert.equal(await page.getByText('Well done').count(), 0);
  await answer(page, (option) => right.has(option));
  await says(page, 'Passed. Well done.');
  await isFine(page);
  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Welcome to Meridian' }).click();
  await heading(page, 'Welcome to Meridian');
  assert.equal(await page.locator('.item-list .badge', { hasText: 'Done' }).count(), 4);
});

test('a file of the library arrives as it is, and is counted', async () => {
  const page = await house.as(OWNER);
  await page.goto('/assets');
  await page.getByRole('link', { name: 'Business Bay towers', exact: true }).click();
  await heading(page, 'Business Bay towers');
  const count = page.locator('.facts > div', { hasText: 'Downloads' }).locator('dd');
  const before = Number(await count.textContent());

  const answered = page.waitForResponse((response) => response.url().endsWith('/download'));
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  assert.match((await answered).headers()['content-disposition'], /^attachment; filename="?business-bay-prices\.csv/);
  const bytes = await readFile(await (await downloading).path());
  const source = await readFile(new URL('../../sql/seed/library/business-bay.csv', import.meta.url));
  assert.ok(bytes.equals(source), 'the very bytes');
  await page.reload();
  assert.equal(Number(await count.textContent()), before + 1);
});

test('commissions: filtered, and each says why it is so much', async () => {
  const page = await house.as(OWNER);
  await page.goto('/commissions');
  const all = (await rows(page)).length;
  await page.getByLabel('State', { exact: true }).selectOption('approved');
  await page.waitForFunction(() => [...document.querySelectorAll('#results tbody .badge')]
    .every((badge) => badge.textContent === 'Approved'));
  const approved = await rows(page);
  assert.ok(approved.length > 0 && approved.length < all);
  await page.locator('#results tbody th a').first().click();
  await says(page, 'Why this amount');
  const money = async (label) => Number((await page.locator('.facts > div', { hasText: label }).locator('dd')
    .first().textContent()).replace(/[^\d.]/g, ''));
  const [base, rate, amount] = [await money('Agreement value'), await money('Rate'), await money('Amount')];
  assert.equal(Math.round(base * rate) / 100, amount);
});

// ── the partner's own people and profile ──

test('a partner changes its profile', async () => {
  const page = await house.as(OWNER);
  await page.goto('/profile');
  const field = page.getByLabel('Contact person');
  const was = await field.inputValue();
  const name = unique('Layla');
  for (const value of [name, was]) {
    await field.fill(value);
    await page.getByRole('button', { name: 'Save' }).click();
    await says(page, 'Saved.');
    assert.equal(await field.inputValue(), value);
  }
});

test('an owner takes rights away, then access', async () => {
  const { page, email, name, password } = await newColleague(house, 'sales');
  await page.goto('/leads');
  await page.getByRole('link', { name: 'New lead' }).waitFor();
  const owner = await house.as(OWNER);
  await owner.goto('/team');
  await owner.getByRole('link', { name }).click();
  await owner.getByLabel('Role').selectOption('viewer');
  await owner.getByRole('button', { name: 'Save' }).click();
  await owner.locator('tr', { hasText: email }).getByText('Viewer').waitFor();
  await page.reload(); // a new role begins with a new session
  await heading(page, 'Sign in');
  await fillSignIn(page, email, password);
  await heading(page, 'Leads');
  assert.equal(await page.getByRole('link', { name: 'New lead' }).count(), 0);
  assert.equal((await page.goto('/leads/new')).status(), 403);

  await owner.getByRole('link', { name }).click();
  await owner.getByRole('button', { name: 'Disable…' }).click();
  await owner.getByRole('button', { name: 'Disable account' }).click();
  await owner.locator('tr', { hasText: email }).getByText('Disabled').waitFor();
  await page.goto('/leads');
  await heading(page, 'Sign in');
  await isRefused(email, password);
});

// ── administration ──

async function fillPartner(page, { name, type, region, commission }) {
  await page.getByLabel('Company name').fill(name);
  await page.getByLabel('Type').selectOption({ label: type });
  await page.getByLabel('Region').selectOption({ label: region });
  await page.getByLabel('Commission').fill(commission);
}

async function confirm(page, button, sure) {
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('button', { name: sure, exact: true }).click();
}

test('a partner is added by the rules, edited, disabled, and not deleted with people in it', async () => {
  const page = await house.as(ADMIN);
  const name = unique('Lighthouse Homes');
  await page.goto('/admin/partners');
  await page.getByRole('link', { name: 'New partner' }).click();
  await heading(page, 'New partner');
  await fillPartner(page, { name, type: 'Channel Partner', region: 'United Arab Emirates', commission: '90' });
  await page.getByRole('button', { name: 'Add partner' }).click();
  await page.getByText('Please check what is marked').waitFor();
  assert.match(await errorAt(page, 'Commission'), /^A Channel Partner earns \d+ to \d+ %\.$/);
  await isFine(page);
  await fillPartner(page, { name, type: 'RERA Agent', region: 'India', commission: '15' });
  await page.getByRole('button', { name: 'Add partner' }).click();
  await page.locator('#f-licence_number[aria-invalid]').waitFor();
  assert.match(await errorAt(page, 'Licence number'), /licence/);
  await page.getByLabel('Licence number').fill('PRM/KA/RERA/1251');
  await page.getByLabel('Licence valid until').fill('2020-12-31');
  await page.getByRole('button', { name: 'Add partner' }).click();
  await page.locator('#f-licence_expires_on[aria-invalid]').waitFor();
  assert.match(await errorAt(page, 'Licence valid until'), /has expired/);
  await page.getByLabel('Licence valid until').fill(`${new Date().getUTCFullYear() + 2}-12-31`);
  await page.getByRole('button', { name: 'Add partner' }).click();
  await heading(page, name);
  await says(page, 'The partner is added.');

  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await page.getByLabel('Capacity').fill('17');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, '0 / 17');

  const partner = page.url();
  await page.getByRole('link', { name: 'Invite', exact: true }).click();
  const email = await invite(page, 'owner', unique('Arjun'));
  const password = unique('three quiet rivers');
  const member = await accept(house, email, password);
  await member.locator('.sidenav').getByText(name).waitFor();
  await page.goto(partner);
  await confirm(page, 'Disable…', 'Disable partner');
  await page.locator('.page-title .badge', { hasText: 'Inactive' }).waitFor();
  await member.goto('/leads');
  await heading(member, 'Sign in');
  await isRefused(email, password);

  await confirm(page, 'Delete…', 'Delete partner');
  await says(page, /hangs on it: 1 person\./);
  await heading(page, name);
  await isFine(page);
});

test('a partner on which nothing hangs can be deleted', async () => {
  const page = await house.as(ADMIN);
  const name = unique('Paper Boat Homes');
  await page.goto('/admin/partners/new');
  await fillPartner(page, { name, type: 'Broker', region: 'United Arab Emirates', commission: '18' });
  await page.getByRole('button', { name: 'Add partner' }).click();
  await heading(page, name);
  const partner = page.url();
  await confirm(page, 'Delete…', 'Delete partner');
  await says(page, 'The partner is deleted.');
  assert.equal((await page.goto(partner)).status(), 404);
});

test('the programme has the name that the settings give it', async () => {
  const page = await house.as(ADMIN);
  await page.goto('/admin/settings');
  const field = page.getByLabel("Programme's name");
  const was = await field.inputValue();
  const name = unique('Meridian');
  const guest = await house.visitor();
  for (const value of [name, was]) {
    await field.fill(value);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForFunction((text) => document.title === `Settings · ${text}`, value);
    await guest.goto('/');
    assert.equal(await guest.title(), `Partner programme · ${value}`);
  }
});

// ── refusals ──

test('refusals wear the portal\'s dress and say which request it was', async () => {
  const page = await house.as('viewer@harbour.example');
  const refused = async (response, status, title) => {
    assert.equal(response.status(), status);
    await heading(page, title);
    const id = response.headers()['x-request-id'];
    assert.match(id, /^\w{16,}$/);
    assert.equal(await page.locator('.gate code').textContent(), id);
    await isFine(page);
  };
  await refused(await page.goto('/nothing/here'), 404, 'Not found');
  await refused(await page.goto('/leads/new'), 403, 'Not allowed');
  const wrongMethod = await page.goto('/logout');
  await refused(wrongMethod, 405, 'Method not allowed');
  assert.equal(wrongMethod.headers().allow, 'POST');

  await page.goto('/account');
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.evaluate(() => {
    const field = document.querySelector('#f-name');
    field.removeAttribute('maxlength');
    field.value = 'x'.repeat(2 << 20);
    field.form.submit();
  });
  await refused(await answered, 413, 'Too large');
});
