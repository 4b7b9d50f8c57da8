// Somebody with a browser of their own, looking at the portal: signed in or not.
import assert from 'node:assert/strict';
import { launch } from './browser.mjs';
import { findPortal } from './portal.mjs';

export const PASSWORD = 'tessera-demo';
export const DESKTOP = { viewport: { width: 1440, height: 900 } };
export const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

// What could not be loaded is reported below, with its status; refused pages are tests of their own. And htmx logs
// every search that a newer one replaced.
const EXPECTED = /^Failed to load resource|^htmx:(sendAbort|afterRequest)/;

/** Types the account into the form that `page` shows. */
export async function fillSignIn(page, email, password = PASSWORD) {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** options: as launch()'s. */
export async function openHouse(options) {
  const portal = await findPortal();
  const browser = await launch(options);
  const sessions = new Map(); // account → cookies: signing in once is enough
  let contexts = [];
  let heard = [];

  /** What browsers complained about since this was last asked. */
  function complaints() {
    const all = heard;
    heard = [];
    return all;
  }

  function listen(page) {
    page.on('pageerror', (error) => heard.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' || EXPECTED.test(message.text())) return;
      heard.push(`${page.url()}: ${message.text()}`);
    });
    page.on('response', (response) => {
      if (response.status() < 400 || response.request().isNavigationRequest()) return;
      heard.push(`${page.url()}: ${response.status()} for ${response.url()}`);
    });
    page.on('requestfailed', (request) => {
      // pages that are left, and downloads, abort what was under way; who is offline is so on purpose
      const why = request.failure().errorText;
      if (why !== 'net::ERR_ABORTED' && why !== 'net::ERR_INTERNET_DISCONNECTED') heard.push(`${page.url()}: ${why} for ${request.url()}`);
    });
  }

  async function open(options = {}) {
    const context = await browser.newContext({
      baseURL: portal.url, reducedMotion: 'reduce', ...DESKTOP, ...options,
    });
    context.setDefaultTimeout(15_000);
    contexts.push(context);
    context.on('page', listen);
    return context.newPage();
  }

  async function sessionOf(email) {
    if (!sessions.has(email)) {
      const page = await open();
      await page.goto('/login');
      await fillSignIn(page, email);
      await page.waitForURL('**/dashboard');
      sessions.set(email, await page.context().storageState());
    }
    return sessions.get(email);
  }

  return {
    url: portal.url,
    mail: portal.mail,
    /** A page in a fresh browser, nobody signed in. */
    visitor: open,
    /** A page in a fresh browser that carries the session of this account. */
    async as(email, options = {}) {
      return open({ ...options, storageState: await sessionOf(email) });
    },
    complaints,
    /** Ends what a test opened; fails when the browser complained about anything. */
    async tidy() {
      const left = contexts;
      contexts = [];
      await Promise.all(left.map((context) => context.close()));
      assert.deepEqual(complaints(), []);
    },
    async close() {
      await browser.close();
      await portal.close();
    },
  };
}
