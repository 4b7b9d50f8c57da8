// What people have before them: reminders, appointments and their calendar files (read by ical.js, which is not ours), and
// news from the programme.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, afterEach, before, test } from './lib/test.mjs';
import ICAL from 'ical.js';
import { heading, isFine, says, unique } from './lib/flows.mjs';
import { openHouse, PHONE } from './lib/visitor.mjs';

const SALES = 'sales@harbour.example';
const OWNER = 'owner@harbour.example';
const AGENT = 'agent@tessera.example';
const ADMIN = 'admin@tessera.example';
const STRANGER = 'owner@skyline.example';
const DAY = 86_400_000;

let house;

before(async () => {
  house = await openHouse();
});

after(() => house.close());

afterEach(() => house.tidy());

/** The date some days from now where everybody of the demo is, in Dubai. */
function dayFromNow(days) {
  return new Date(Date.now() + 4 * 3_600_000 + days * DAY).toISOString().slice(0, 10);
}

/** A day that no other run of these tests has something on. */
function freeDay() {
  return dayFromNow(30 + randomInt(600));
}

/** Opens some open lead of Harbour Realty and returns its address. */
async function openLead(page, nth = 0) {
  await page.goto('/leads?open=1');
  await page.locator('#results tbody th a').nth(nth).click();
  await page.waitForURL(/\/leads\/[0-9a-f-]+$/);
  return page.url();
}

/** The reminder with this note in the list on the page. */
function item(page, note) {
  return page.locator('.item-list > li').filter({ hasText: note });
}

test('a reminder, from two taps to done, without JavaScript', async () => {
  const note = unique('Ask about the keys');
  const page = await house.as(SALES, { javaScriptEnabled: false });
  const lead = await openLead(page);
  await page.getByLabel('Remind me to').fill(note);
  await page.getByRole('button', { name: 'In 3 days' }).click();
  await says(page, 'We will remind you.');
  await item(page, note).waitFor();

  await page.goto('/reminders');
  const later = page.locator('.card').filter({ has: page.getByRole('heading', { name: 'Later' }) });
  await later.getByText(note).waitFor();
  assert.match(await item(later, note).locator('time').textContent(), /09:00$/);

  await item(page, note).getByLabel('More about this reminder').click();
  await item(page, note).getByRole('button', { name: 'For an hour' }).click();
  await says(page, 'Put off.');
  await item(page, note).getByLabel('More about this reminder').click();
  await item(page, note).getByRole('link', { name: 'Edit' }).click();
  await heading(page, 'Edit reminder');
  await page.getByLabel('At another time').check();
  await page.getByLabel(/^Day/).fill('2020-01-01');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'This time has passed. Choose a later one.');
  assert.equal(await page.getByLabel('Note').inputValue(), note);
  await page.getByLabel(/^Day/).fill(dayFromNow(9));
  await page.getByLabel(/^Hour/).fill('16:45');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'Reminder saved.');
  assert.ok(page.url().startsWith(lead));
  assert.match(await item(page, note).locator('time').textContent(), /16:45$/);

  await item(page, note).getByRole('button', { name: /^Done/ }).click();
  await says(page, 'Done.');
  assert.equal(await item(page, note).count(), 0);
  await page.goto('/reminders');
  await item(page, note).getByRole('button', { name: /^Open again/ }).click();
  await says(page, 'Open again.');
  await item(page, note).getByLabel('More about this reminder').click();
  await item(page, note).getByRole('button', { name: 'Delete' }).click();
  await says(page, 'Reminder deleted.');
  assert.equal(await item(page, note).count(), 0);
});

test('a reminder for a colleague is a colleague’s', async () => {
  const note = unique('Send the plan');
  const page = await house.as(OWNER);
  await openLead(page);
  await page.getByRole('link', { name: 'Another time…' }).click();
  await heading(page, 'New reminder');
  assert.equal(await page.getByLabel(/^Day/).isVisible(), false, 'no day is asked for while none is needed');
  await page.getByLabel('Note').fill(note);
  await page.getByLabel('At another time').check();
  await page.getByLabel(/^Day/).fill(dayFromNow(2));
  await page.getByLabel('Whom').selectOption({ label: 'Omar Nasser' });
  await isFine(page);
  await page.getByRole('button', { name: 'Set the reminder' }).click();
  await says(page, 'We will remind you.');
  await page.goto('/reminders');
  await page.locator('.card').filter({ has: page.getByRole('heading', { name: 'With colleagues' }) }).getByText(note).waitFor();
  const colleague = await house.as(SALES);
  await colleague.goto('/reminders');
  await colleague.getByText('from Layla Haddad').first().waitFor();
  await item(colleague, note).waitFor();
});

/** The calendar file of an appointment, as ical.js understands it. */
async function fileOf(page, url) {
  const response = await page.context().request.get(`${url}/calendar`);
  assert.match(response.headers()['content-type'], /^text\/calendar; charset=utf-8/);
  const text = await response.text();
  for (const line of text.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, `a line of ${Buffer.byteLength(line)} octets`);
  assert.ok(!text.replaceAll('\r\n', '').includes('\n'), 'lines end with CRLF');
  const calendar = new ICAL.Component(ICAL.parse(text));
  const component = calendar.getFirstSubcomponent('vevent');
  return { calendar, component, event: new ICAL.Event(component) };
}

async function fillAppointment(page, { title, place, day, from, until }) {
  await page.getByLabel('Title').fill(title);
  if (place) await page.getByLabel('Place or link').fill(place);
  await page.getByLabel(/^Day/).fill(day);
  await page.getByLabel('From').fill(from);
  await page.getByLabel('Until').fill(until);
}

test('an appointment is made, moved and called off, and calendars follow', async () => {
  const title = unique('Viewing; with “lift”, \\ and Ünïcode 楼 for the whole family and the neighbours');
  const place = 'Marina Gate 1, 21st floor; ring twice, then wait at the desk of the concierge beside the café';
  const day = freeDay();
  const page = await house.as(SALES);
  await openLead(page);
  await page.getByRole('link', { name: 'New appointment' }).click();
  await heading(page, 'New appointment');
  await isFine(page);
  await fillAppointment(page, { title, place, day, from: '11:00', until: '10:00' });
  await page.getByRole('button', { name: 'Make the appointment' }).click();
  assert.equal(await page.locator('#f-until-error').textContent().then((text) => text.trim()), 'It ends before it begins. Choose a later end.');
  assert.equal(await page.getByLabel('Title').inputValue(), title);
  await isFine(page);
  await page.getByLabel('Until').fill('12:30');
  await page.getByRole('button', { name: 'Make the appointment' }).click();
  await heading(page, title);
  await isFine(page);
  const url = page.url();

  const first = await fileOf(page, url);
  assert.equal(first.event.summary, title);
  assert.equal(first.event.location, place);
  assert.equal(first.event.uid, url.split('/').at(-1));
  assert.equal(first.event.sequence, 0);
  assert.equal(first.calendar.getFirstPropertyValue('method'), 'PUBLISH');
  assert.equal(first.event.startDate.toJSDate().toISOString(), `${day}T07:00:00.000Z`, 'eleven in Dubai');
  assert.equal(first.event.endDate.toJSDate().toISOString(), `${day}T08:30:00.000Z`);
  assert.equal(first.component.getFirstSubcomponent('valarm').getFirstPropertyValue('trigger').toSeconds(), -3600);
  assert.equal(first.component.getFirstPropertyValue('url'), url);

  await page.getByRole('link', { name: 'Move or edit' }).click();
  await page.getByLabel('From').fill('15:00');
  await page.getByLabel('Until').fill('16:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page, 'Appointment saved.');
  const second = await fileOf(page, url);
  assert.equal(second.event.uid, first.event.uid);
  assert.equal(second.event.sequence, 1);
  assert.equal(second.event.startDate.toJSDate().toISOString(), `${day}T11:00:00.000Z`);

  // staff see it by the lead's rules; the developer next door does not
  const staff = await house.as(AGENT);
  await staff.goto(url);
  await heading(staff, title);
  const stranger = await house.as(STRANGER);
  assert.equal((await stranger.goto(url)).status(), 404);
  assert.equal((await stranger.context().request.get(`${url}/calendar`)).status(), 404);

  await page.getByRole('button', { name: 'Call off…' }).click();
  await page.getByRole('dialog').getByLabel('Why').fill('The lift is out of order.');
  await page.getByRole('dialog').getByRole('button', { name: 'Call off' }).click();
  await says(page, 'The lift is out of order.');
  await isFine(page);
  const third = await fileOf(page, url);
  assert.equal(third.event.sequence, 2);
  assert.equal(third.event.uid, first.event.uid);
  assert.equal(third.calendar.getFirstPropertyValue('method'), 'CANCEL');
  assert.equal(third.component.getFirstPropertyValue('status'), 'CANCELLED');
  await page.goto('/appointments');
  await page.locator('.agenda-day li').filter({ hasText: title }).getByText('Called off').waitFor();
});

test('two at one time: warned of, and allowed', async () => {
  const [one, two] = [unique('Bank'), unique('Notary')];
  const day = freeDay();
  const page = await house.as(SALES, { javaScriptEnabled: false });
  const lead = await openLead(page, 1);
  for (const [title, from, until] of [[one, '09:00', '10:00'], [two, '09:30', '10:30']]) {
    await page.goto(`${lead}/appointments/new`);
    await fillAppointment(page, { title, day, from, until });
    await page.getByRole('button', { name: 'Make the appointment' }).click();
  }
  await says(page, 'There is something else at that time');
  await page.getByRole('link', { name: one }).waitFor();
  await page.getByLabel('Both shall take place').check();
  await page.getByRole('button', { name: 'Make the appointment' }).click();
  await heading(page, two);
});

test('news: written, looked at with its reach, published, read', async () => {
  const title = unique('Open day');
  const page = await house.as(ADMIN);
  await page.goto('/announcements');
  await page.getByRole('link', { name: 'Write and manage' }).click();
  await page.getByRole('link', { name: 'New announcement' }).click();
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Text').fill('Come and see.\n\nFrom ten on.');
  await page.getByLabel('Link').fill('https://meridian.example/open-day');
  await page.getByLabel('Partners', { exact: true }).uncheck();
  assert.equal(await page.getByLabel('Developer').isVisible(), false, 'types are of no use without partners');
  await page.getByRole('button', { name: 'Save and preview' }).click();
  await says(page, 'Choose partners, staff or both: somebody has to read it.');
  await page.getByLabel('Partners', { exact: true }).check();
  await page.getByLabel('Channel Partner').check();
  await page.getByLabel('United Arab Emirates').check();
  await isFine(page);
  await page.getByRole('button', { name: 'Save and preview' }).click();
  await heading(page, title);
  await isFine(page);
  const button = page.getByRole('button', { name: /^Publish to \d+ people$/ });
  const people = Number((await button.textContent()).match(/\d+/)[0]);
  assert.ok(people > 3, `${people} people`);
  const partner = await house.as(OWNER);
  await partner.goto('/announcements');
  assert.equal(await partner.getByText(title).count(), 0, 'a draft is nobody’s to read');
  await button.click();
  await says(page, 'Published. Everybody it is meant for is told.');

  await partner.goto('/dashboard');
  await partner.locator('.news').getByRole('heading', { name: title }).waitFor();
  await isFine(partner);
  await partner.locator('.news').getByRole('link', { name: 'Read' }).click();
  await heading(partner, title);
  await partner.goto('/dashboard');
  assert.equal(await partner.locator('.news').getByRole('heading', { name: title }).count(), 0, 'what was read is no news');

  const plain = await house.as(SALES, { javaScriptEnabled: false });
  await plain.goto('/dashboard');
  await plain.locator('.news').getByRole('button', { name: /^Dismiss/ }).click();
  await heading(plain, 'Dashboard');
  assert.equal(await plain.locator('.news').getByRole('heading', { name: title }).count(), 0);

  const stranger = await house.as(STRANGER);
  await stranger.goto('/announcements');
  assert.equal(await stranger.getByText(title).count(), 0, 'not for developers');
  await page.reload();
  await page.locator('.facts > div').filter({ hasText: 'Have read it' }).getByText('2', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Withdraw…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await says(page, 'It can no longer be read.');
  await partner.goto('/announcements');
  assert.equal(await partner.getByText(title).count(), 0);
});

test('with a thumb', async () => {
  const title = unique('Coffee');
  const page = await house.as(OWNER, PHONE);
  await page.goto('/dashboard');
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await page.getByRole('link', { name: 'Calendar' }).click();
  await heading(page, 'Calendar');
  await isFine(page);
  await page.getByRole('link', { name: /^My reminders/ }).click();
  await page.waitForURL(/\/reminders$/);
  await isFine(page);
  await openLead(page, 2);
  await page.getByRole('link', { name: 'New appointment' }).click();
  await isFine(page);
  await fillAppointment(page, { title, day: freeDay(), from: '18:00', until: '18:30' });
  await page.getByRole('button', { name: 'Make the appointment' }).click();
  await heading(page, title);
  await isFine(page);
  await page.goto('/appointments?who=me');
  await page.getByRole('link', { name: title }).waitFor();
});
