// Steps that several tests take.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { overflow, violations } from './browser.mjs';

/** A word that no other test has used. */
export function unique(word) {
  return `${word} ${randomBytes(4).toString('hex')}`;
}

/** Waits until the page has this heading of the first level. */
export function heading(page, name) {
  return page.getByRole('heading', { level: 1, name }).waitFor();
}

/** Waits until the page says this somewhere in its main part. */
export function says(page, text) {
  return page.locator('main').getByText(text).first().waitFor();
}

/** The page as it stands can be used by everybody and fits. */
export async function isFine(page) {
  const wrong = (await violations(page)).map(({ id, nodes }) => `${id}: ${nodes.join(' | ')}`);
  assert.deepEqual([...wrong, ...await overflow(page)], [], page.url());
}

/** The error beside the field with this label. */
export async function errorAt(page, label) {
  const field = page.getByRole('textbox', { name: label });
  assert.equal(await field.getAttribute('aria-invalid'), 'true', `${label} is not marked`);
  const ids = (await field.getAttribute('aria-describedby')).split(' ');
  const error = page.locator(ids.map((id) => `#${id}.error`).join(','));
  assert.equal(await error.isVisible(), true);
  return (await error.textContent()).trim();
}

/** The rows of the list, cell by cell. */
export function rows(page) {
  return page.locator('#results tbody tr').evaluateAll((lines) => lines
    .map((line) => [...line.cells].map((cell) => cell.innerText.trim())));
}

/** The link in the newest mail to this address. */
export async function linkMailedTo(house, address) {
  const mail = await house.mail(address);
  const [link] = mail.match(/https?:\/\/\S+/) ?? [];
  assert.ok(link, `no link in the mail to ${address}: ${mail}`);
  return link;
}

/** Types name, address and role into the form that invites somebody, and sends it. Returns the address. */
export async function invite(page, role, name) {
  const email = `${name.toLowerCase().replace(/\W+/g, '.')}@newcomers.example`;
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Role').selectOption(role);
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await says(page, 'The invitation is on its way.');
  return email;
}

/** Opens the invitation in a fresh browser and accepts it. Returns the page, signed in. */
export async function accept(house, email, password) {
  const page = await house.visitor();
  await page.goto(await linkMailedTo(house, email));
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Create my account' }).click();
  await heading(page, 'Dashboard');
  return page;
}

/** Somebody new in the team of Harbour Realty: {page, email, name, password}. */
export async function newColleague(house, role) {
  const name = unique('Nadia');
  const password = unique('three quiet rivers');
  const owner = await house.as('owner@harbour.example');
  await owner.goto('/team/new');
  const email = await invite(owner, role, name);
  await owner.context().close();
  return { page: await accept(house, email, password), email, name, password };
}

/** Fills the quick form; the page shows it already. */
export async function fillLead(page, { name, email, wish, value = '' }) {
  await page.getByLabel("Client's name").fill(name);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('What they want').fill(wish);
  await page.getByLabel('Estimated value').fill(value);
}

/** Sends a lead with the quick form and stays on its page. Returns the page's path. */
export async function sendNewLead(page, { name, email = 'client@clients.example', wish = 'A flat with a view.', value }) {
  await page.goto('/leads/new');
  await fillLead(page, { name, email, wish, value });
  await page.getByLabel('The client agreed').check();
  await page.getByRole('button', { name: 'Send lead' }).click();
  await heading(page, name);
  return new URL(page.url()).pathname;
}

/** Opens the person's menu and signs out. */
export async function signOut(page) {
  await page.locator('summary.person').click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await heading(page, 'Sign in');
}
