// Tests that end: what waits for something that never comes fails by name, rather than until the whole suite is cut off.
import {
  after as afterAll, afterEach as afterEveryOne, before as beforeAll, beforeEach as beforeEveryOne, test as nodeTest,
} from 'node:test';

const LIMIT_MS = 120_000;

/** As node:test's; `options.timeout` is 120 seconds unless it says otherwise. */
export function test(name, options, run = options) {
  return nodeTest(name, { timeout: LIMIT_MS, ...(run === options ? {} : options) }, run);
}

const limited = (hook) => (run, options) => hook(run, { timeout: LIMIT_MS, ...options });

export const before = limited(beforeAll);
export const after = limited(afterAll);
export const beforeEach = limited(beforeEveryOne);
export const afterEach = limited(afterEveryOne);
