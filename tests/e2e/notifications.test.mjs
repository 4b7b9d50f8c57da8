// From what somebody does to what somebody else is told: the bell, the list, the settings, a browser's own notifications.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from './lib/test.mjs';
import { promisify } from 'node:util';
import { heading, isFine, says, sendNewLead, unique } from './lib/flows.mjs';
import { openHouse, PHONE } from './lib/visitor.mjs';

const OWNER = 'owner@harbour.example';
const SALES = 'sales@harbour.example';
const AGENT = 'agent@tessera.example';
const SETTINGS = '/account/notifications';

let house;
let keys; // folder of the key that push services know the portal by

before(async () => {
  keys = await mkdtemp(path.join(os.tmpdir(), 'tessera-push-'));
  const key = path.join(keys, 'push.pem');
  await promisify(execFile)('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
  await chmod(keys, 0o755);
  await chmod(key, 0o644); // the portal may run as somebody else
  process.env.TESSERA_PUSH_KEY_FILE ??= key;
  house = await openHouse({ whole: true });
});

after(async () => {
  await house.close();
  await rm(keys, { recursive: true, force: true });
});

afterEach(() => house.tidy());

/** How many the bell says are unread. */
async function unread(page) {
  const name = await page.locator('#bell').getAttribute('aria-label');
  return Number(/(\d+)\+? unread/.exec(name)?.[1] ?? 0);
}

/** Reloads until the bell counts this many: the daemon tells, and nobody knows when. */
async function bellCounts(page, wanted) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const count = await unread(page);
    if (count === wanted) return;
    assert.ok(Date.now() < deadline, `the bell counts ${count}, not ${wanted}`);
    await page.reload();
  }
}

/** A lead of Harbour Realty's; resolves to its address. */
async function newLead(name) {
  const email = `${name.replace(/\W+/g, '.').toLowerCase()}@clients.example`;
  return sendNewLead(await house.as(SALES), { name, email, wish: 'Two rooms', value: '900000' });
}

async function move(lead, stage) {
  const page = await house.as(AGENT);
  await page.goto(lead);
  await page.getByLabel('Move to').selectOption(stage);
  await page.getByRole('button', { name: 'Change stage' }).click();
  await says(page, 'Moved from');
  await page.context().close();
}

test('an agent moves a lead, the owner hears of it, opens it and has read it', async () => {
  const client = unique('Maria Sand');
  const lead = await newLead(client);
  const owner = await house.as(OWNER);
  await owner.goto('/dashboard');
  const count = await unread(owner);
  await move(lead, 'intake');
  await bellCounts(owner, count + 1);
  await isFine(owner);

  await owner.locator('#bell').click();
  await heading(owner, 'Notifications');
  await isFine(owner);
  const line = owner.getByRole('listitem').filter({ hasText: client });
  assert.match(await line.innerText(), /staff moved Maria Sand .* to Intake/);
  assert.equal(await line.getByText('Unread:').count(), 1);
  await line.getByRole('button', { name: client }).first().click();
  await heading(owner, client);
  assert.equal(new URL(owner.url()).pathname, lead);
  assert.equal(await unread(owner), count);

  await owner.goto('/notifications');
  assert.equal(await line.getByText('Unread:').count(), 0);
});

test('a link in a mail marks as read what somebody looks at, and nothing that is fetched ahead', async () => {
  const client = unique('Idris Vale');
  const lead = await newLead(client);
  const owner = await house.as(OWNER);
  await owner.goto('/dashboard');
  const count = await unread(owner);
  await move(lead, 'intake');
  await bellCounts(owner, count + 1);
  await owner.goto('/notifications');
  const id = (await owner.locator('li.notification').filter({ hasText: client }).getAttribute('id')).slice(2);

  const ahead = await owner.request.get(`/notifications/${id}`);
  assert.equal(ahead.status(), 200);
  assert.equal(new URL(ahead.url()).searchParams.get('n'), id);
  await owner.reload();
  assert.equal(await unread(owner), count + 1, 'a script-less fetch reads nothing');

  const told = owner.waitForResponse((response) => response.url().endsWith(`/notifications/${id}/read`));
  await owner.goto(`/notifications/${id}`);
  assert.equal((await told).status(), 200);
  assert.equal(new URL(owner.url()).search, '', 'the address is the page\'s own again');
  await owner.goto('/dashboard');
  assert.equal(await unread(owner), count);
});

test('without JavaScript: filters, one and all are marked as read', async () => {
  const page = await house.as('viewer@harbour.example', { javaScriptEnabled: false });
  await page.goto('/notifications?unread=true');
  const lines = page.locator('li.notification');
  assert.ok(await lines.count() > 1);
  const first = await lines.first().getAttribute('id');
  await lines.first().getByRole('button', { name: 'Mark as read' }).click();
  assert.match(page.url(), /\/notifications\?unread=true$/);
  assert.notEqual(await lines.first().getAttribute('id'), first);
  await page.getByLabel('About', { exact: true }).selectOption('money');
  await page.getByRole('button', { name: 'Apply' }).click();
  assert.match(page.url(), /category=money/);
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await says(page, 'All notifications are marked as read.');
  await page.goto('/notifications?unread=true');
  assert.equal(await lines.count(), 0);
});

test('choices are kept, shown as changed, and can be reset; also on a phone', async () => {
  const page = await house.as(SALES, PHONE);
  await page.goto(SETTINGS);
  await isFine(page);
  await page.getByLabel('Mail: A lead was won').selectOption('off');
  await page.getByLabel('Quiet from').selectOption('22:00');
  await page.getByLabel('Mobile number').fill('050 123 4567');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'Say when the quiet hours end, or leave both empty.');
  await says(page, 'Begin with + and the country\'s code');
  assert.equal(await page.getByLabel('Mail: A lead was won').inputValue(), 'off', 'what was chosen is kept');
  await isFine(page);
  await page.getByLabel('Quiet until').selectOption('06:30');
  await page.getByLabel('Mobile number').fill('+971 50 123 4567');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'Saved.');
  assert.equal(await page.getByLabel('Mobile number').inputValue(), '+971501234567');
  assert.equal(await page.getByRole('row').filter({ hasText: 'A lead was won' }).locator('.badge').count(), 1);
  await page.getByRole('button', { name: 'Reset to defaults…' }).click();
  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  await says(page, 'Everything is as it was in the beginning');
  assert.equal(await page.locator('.choices-table .badge').count(), 0);
});

// ── a browser's own notifications ──

/** Stands in for the push service, which is somebody else's and far away. */
function fakePushService() {
  const made = {
    toJSON: () => ({ endpoint: 'https://push.example/e2e', keys: { p256dh: `B${'x'.repeat(86)}`, auth: 'y'.repeat(22) } }),
    unsubscribe: async () => true,
  };
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    localStorage.setItem('key-given', applicationServerKey);
    return made;
  };
  PushManager.prototype.getSubscription = async () => made;
}

test('a browser is handed in, shows what is pushed, opens it, and goes with the session', async (t) => {
  const page = await house.visitor();
  const context = page.context();
  await context.grantPermissions(['notifications'], { origin: house.url });
  await context.addInitScript(fakePushService);
  const cookies = (await (await house.as(OWNER)).context().storageState()).cookies;
  await context.addCookies(cookies);
  await page.goto(SETTINGS);
  if (!await page.getByText('Notifications in your browsers').isVisible()) return t.skip('this portal has no push key');

  // the page's own context is told of the worker before it is there
  const cdp = await context.newCDPSession(page);
  const registered = new Promise((resolve) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      if (registrations.length) resolve(registrations[0].registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  await page.getByRole('button', { name: 'Notifications in this browser' }).click();
  await page.getByText('This browser', { exact: true }).waitFor();
  await isFine(page);
  const key = await page.evaluate(() => localStorage.getItem('key-given'));
  assert.match(key, /^B[\w-]{86}$/, 'the push service is told who the portal is');

  await page.goto('/notifications');
  const line = page.locator('li.notification').first();
  const id = (await line.getAttribute('id')).slice(2);
  const message = { title: 'Meridian Partners', body: 'Sam moved Maria to Won', href: '/leads', type: 'lead.won', tag: id };
  await cdp.send('ServiceWorker.deliverPushMessage', { origin: house.url, registrationId: await registered, data: JSON.stringify(message) });
  const shown = await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.getRegistration('/');
    const [first] = await registration.getNotifications();
    return first && { title: first.title, body: first.body, tag: first.tag, address: first.data.address };
  });
  assert.deepEqual(await shown.jsonValue(), {
    title: message.title, body: message.body, tag: id, address: `${house.url}/notifications/${id}`,
  });

  const [worker] = context.serviceWorkers();
  const left = page.waitForURL((url) => url.pathname !== '/notifications');
  await worker.evaluate(async () => {
    const [notification] = await self.registration.getNotifications();
    self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  });
  await left;

  await page.goto(SETTINGS);
  await page.getByRole('button', { name: /^Remove/ }).click();
  await says(page, 'That browser shows nothing any more.');
  assert.equal(await page.getByText('This browser', { exact: true }).count(), 0);
});
