// Debian's Chromium, driven by Playwright with an empty profile.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update', '--force-color-profile=srgb',
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', // a microphone that beeps, and may be listened to
];

/** Chromium without windows, which is half the work; whole: all of it, for what is shown outside of pages (notifications). */
export function launch({ whole = false } = {}) {
  const name = whole ? 'chromium' : 'chromium-headless-shell';
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? `/usr/bin/${name}`,
    args: FLAGS,
  });
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

/** axe's violations on the page as it stands: [{id, help, nodes: ["selector: what is wrong"]}]. */
export async function violations(page, rules = RULES) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe);
  return page.evaluate(async (runOnly) => {
    const result = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
    return result.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map((node) => {
        const reason = [...node.any, ...node.all, ...node.none][0]?.message ?? '';
        return `${node.target.join(' ')}: ${reason}`;
      }),
    }));
  }, rules);
}

/**
 * Shows the page as it stands in another theme. That is the style sheet's work alone: the markup and where everything
 * stands are the same, so that of axe's rules only those about colours (wrongColours) could say something new.
 */
export async function showIn(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(() => { // a colour that has arrived may set others moving, which inherit it
    for (let round = 0; round < 20; round++) {
      const moving = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
      if (moving.length === 0) return;
      for (const transition of moving) transition.finish();
    }
  });
}

/** Of axe's violations those that a theme alone can make. */
export function wrongColours(page) {
  return violations(page, COLOUR_RULES);
}

/** Elements that reach beyond the window's right edge, when the page can be scrolled sideways. */
export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
  });
}
