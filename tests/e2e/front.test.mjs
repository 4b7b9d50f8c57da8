// What scripts and style sheet do, on pages rendered from fixtures: no database, no worker.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from './lib/test.mjs';
import { launch } from './lib/browser.mjs';
import { startPreview } from './lib/preview-server.mjs';

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

let preview;
let browser;
let context;
let complaints;

before(async () => {
  preview = await startPreview();
  browser = await launch();
});

after(async () => {
  await browser.close();
  preview.close();
});

afterEach(async () => {
  await context.close();
  preview.posted.length = 0;
  assert.deepEqual(complaints, []);
});

/** A page of its own; whatever the browser complains about (policy violations too) fails the test. */
async function open(name, options = {}) {
  context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${preview.url}/${name}`);
  if (options.javaScriptEnabled !== false) await page.waitForSelector('html[data-ready]', { state: 'attached' });
  return page;
}

const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());
// "oklch(0.18 …)" or "rgb(255, …)": the first number tells dark from light in both.
const isDark = (page) => page.evaluate(() => {
  const [first] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/);
  return Number(first) < 0.5;
});

// Colours change over a moment.
const becomesLight = (page) => page.waitForFunction(() =>
  Number(getComputedStyle(document.body).backgroundColor.match(/[\d.]+/)[0]) >= 0.9);

test('the navigation opens on a phone without JavaScript', async () => {
  const page = await open('account', { viewport: PHONE, javaScriptEnabled: false });
  const link = page.getByRole('link', { name: 'Training' });
  assert.equal(await link.isVisible(), false);
  await page.getByRole('button', { name: 'Open navigation' }).click();
  assert.equal(await link.isVisible(), true);
});

test('the navigation of a phone closes on Escape', async () => {
  const page = await open('account', { viewport: PHONE });
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('link', { name: 'Training' }).isVisible(), false);
});

test('the menu of the person opens without JavaScript, and closes on Escape with it', async () => {
  let page = await open('account', { javaScriptEnabled: false });
  await page.locator('summary.person').click();
  assert.equal(await page.getByRole('button', { name: 'Sign out', exact: true }).first().isVisible(), true);
  await context.close();

  page = await open('account');
  await page.locator('summary.person').click();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.menu[open]').count(), 0);
});

test('a menu closes on a click elsewhere', async () => {
  const page = await open('components');
  await page.locator('summary[aria-label="More about this lead"]').click();
  assert.equal(await page.locator('.menu[open]').count(), 1);
  await page.locator('h1').click();
  assert.equal(await page.locator('.menu[open]').count(), 0);
});

test('the theme follows the system, then the person', async () => {
  const page = await open('account', { colorScheme: 'dark' });
  assert.equal(await isDark(page), true);
  await page.locator('summary.person').click();
  const sent = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByRole('button', { name: 'Light', exact: true }).click();
  await becomesLight(page);
  assert.match((await sent).postData(), /theme=light/);
});

test('a visitor\'s theme is remembered', async () => {
  const page = await open('login', { colorScheme: 'light' });
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await page.goto(`${preview.url}/unavailable`);
  assert.equal(await isDark(page), true);
});

test('dangerous acts are asked about first; Cancel is the first choice', async () => {
  const page = await open('components');
  await page.getByRole('button', { name: 'Decline…' }).click();
  assert.equal(await page.getByRole('heading', { name: 'Decline this lead?' }).isVisible(), true);
  assert.equal(await focused(page), 'Cancel');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Decline this lead?' }).waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'Decline…');
});

test('the question is asked without JavaScript too', async () => {
  const page = await open('account', { javaScriptEnabled: false });
  await page.getByRole('button', { name: 'Sign out everywhere…' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere', exact: true }).click();
  await page.waitForLoadState();
  assert.deepEqual(preview.posted.map(({ path }) => path), ['/account/sessions/delete']);
});

test('in browsers without command buttons the question is a popover', async () => {
  const page = await open('components');
  await page.locator('[commandfor="decline"]').evaluateAll((buttons) => {
    for (const button of buttons) button.removeAttribute('commandfor');
  });
  await page.getByRole('button', { name: 'Decline…' }).click();
  assert.equal(await page.getByRole('heading', { name: 'Decline this lead?' }).isVisible(), true);
  await page.getByRole('button', { name: 'Cancel' }).last().click();
  await page.getByRole('heading', { name: 'Decline this lead?' }).waitFor({ state: 'hidden' });
});

test('keyboard: / searches, g d goes to the dashboard, ? lists what there is', async () => {
  const page = await open('components');
  await page.route('**/search/suggest*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.locator('main').focus();
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
  await page.keyboard.type('?');
  assert.equal(await page.getByRole('dialog').count(), 0, 'no shortcut while typing');
  await page.locator('main').focus();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const label of ['Find anything', 'Dashboard', 'Leads', 'New lead']) {
    assert.equal(await help.getByText(label, { exact: true }).isVisible(), true, label);
  }
  await page.keyboard.press('Escape');
  await page.route('**/dashboard', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Here</h1>' }));
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.waitForURL(/dashboard$/);
});

test('a notice can be closed', async () => {
  const page = await open('components');
  await page.locator('.notice').getByRole('button', { name: 'Close' }).click();
  assert.equal(await page.locator('.notice').count(), 0);
});

test('without JavaScript a notice stands in the page', async () => {
  const page = await open('components', { javaScriptEnabled: false });
  assert.equal(await page.locator('.notice').evaluate((notice) => getComputedStyle(notice).position), 'relative');
});

test('a refused form starts at its errors, and each leads to its field', async () => {
  const page = await open('login_refused');
  assert.match(await focused(page), /Please check what is marked/);
  await page.locator('[data-form-errors] a').click();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'email');
});

test('what is missing is said beside the field before anything is sent', async () => {
  const page = await open('forgot');
  await page.getByRole('button', { name: 'Send the link' }).click();
  const email = page.getByLabel('Email');
  assert.equal(await email.getAttribute('aria-invalid'), 'true');
  const error = page.locator(`#${await email.getAttribute('aria-describedby')}`);
  assert.notEqual((await error.textContent()).trim(), '');
  await email.fill('owner@harbour.example');
  assert.equal(await email.getAttribute('aria-invalid'), null);
  assert.equal(await error.count(), 0);
  assert.equal(preview.posted.length, 0);
});

test('a form is sent once, however often its button is clicked', async () => {
  const page = await open('forgot');
  await page.getByLabel('Email').fill('owner@harbour.example');
  const sent = await page.evaluate(() => {
    let count = 0;
    addEventListener('submit', (event) => { // after the page's own listeners: the connection is slow
      if (!event.defaultPrevented) count += 1;
      event.preventDefault();
    });
    const button = document.querySelector('form [type="submit"]');
    for (let i = 0; i < 3; i += 1) button.click();
    return count;
  });
  assert.equal(sent, 1);
});

test('a password can be looked at', async () => {
  const page = await open('login');
  await page.getByLabel('Password', { exact: true }).fill('tessera-demo');
  await page.getByRole('button', { name: 'Show password' }).click();
  assert.equal(await page.locator('#f-password').getAttribute('type'), 'text');
});

test('leaving a form with typed text asks first', async () => {
  const page = await open('account');
  await page.getByLabel('Your name').click();
  await page.keyboard.type(' the Second');
  const asked = page.waitForEvent('dialog');
  const leaving = page.goto(`${preview.url}/login`).catch(() => 'stayed');
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  assert.equal(await leaving, 'stayed');
});

test('filters apply themselves and keep empty ones out of the address', async () => {
  const page = await open('components');
  const fetched = page.waitForRequest((request) => request.headers()['hx-request'] === 'true');
  await page.getByLabel('Stage').selectOption('won');
  const url = new URL((await fetched).url());
  assert.equal(url.searchParams.get('stage'), 'won');
  assert.equal(url.searchParams.has('q'), false);
  await page.waitForURL(/stage=won/);
});

test('without JavaScript filters have a button', async () => {
  const page = await open('components', { javaScriptEnabled: false });
  await page.getByLabel('Stage').selectOption('won');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/stage=won/);
});

test('a value is copied', async () => {
  const page = await open('components', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /HARBOUR7$/);
});

test('on a phone the rows of a table are cards with labels', async () => {
  const page = await open('components', { viewport: PHONE });
  const row = page.locator('[data-cards] tbody tr').first();
  assert.equal(await row.evaluate((element) => getComputedStyle(element).display), 'grid');
  const label = await row.locator('td').nth(1).evaluate((cell) => getComputedStyle(cell, '::before').content);
  assert.equal(label, '"Source"');
});

test('in forced colours the focus can be seen', async () => {
  const page = await open('login', { forcedColors: 'active' });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
});

/** Contrast ratio (WCAG 2.1) of two colours named by custom properties, as this page shows them. */
function contrast(page, front, back) {
  return page.evaluate(([a, b]) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const luminance = (name) => {
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.color = `var(${name})`;
      canvas.fillStyle = getComputedStyle(probe).color;
      probe.remove();
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
        const value = byte / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  }, [front, back]);
}

test('edges, focus and charts have 3:1, text 4.5:1, in both themes', async () => {
  const pairs = [
    ['--input', '--background', 3], ['--input', '--card', 3], ['--ring', '--background', 3],
    ['--ring', '--sidebar', 3], ['--chart-1', '--card', 3], ['--chart-2', '--card', 3],
    ['--chart-3', '--card', 3], ['--chart-4', '--card', 3], ['--chart-5', '--card', 3],
    ['--foreground', '--muted', 4.5], ['--muted-foreground', '--muted', 4.5],
    ['--muted-foreground', '--sidebar', 4.5], ['--primary-foreground', '--primary', 4.5],
    ['--primary', '--background', 4.5], ['--destructive', '--card', 4.5],
  ];
  for (const colorScheme of ['light', 'dark']) {
    if (colorScheme === 'dark') await context.close();
    const page = await open('login', { colorScheme });
    for (const [front, back, least] of pairs) {
      const ratio = await contrast(page, front, back);
      assert.ok(ratio >= least, `${colorScheme}: ${front} on ${back} is ${ratio.toFixed(2)}, not ${least}`);
    }
  }
});

test('on paper only the page is left', async () => {
  const page = await open('components');
  await page.emulateMedia({ media: 'print' });
  for (const selector of ['.sidenav', '.list-toolbar', '.notice', '.pager']) {
    assert.equal(await page.locator(selector).first().isVisible(), false, selector);
  }
  assert.equal(await page.locator('h1').isVisible(), true);
});
