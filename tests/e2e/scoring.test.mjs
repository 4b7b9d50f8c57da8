// Why a lead has its score: for staff, on a phone as well; and nothing of it for the partner.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from './lib/test.mjs';
import { isFine, says } from './lib/flows.mjs';
import { openHouse, PHONE } from './lib/visitor.mjs';

let house;

before(async () => { house = await openHouse(); });
after(() => house.close());
afterEach(() => house.tidy());

test('staff read why, a partner does not', async () => {
  const owner = await house.as('owner@harbour.example');
  await owner.goto('/leads');
  const path = await owner.locator('#results tbody th a').first().getAttribute('href');
  await owner.goto(path);
  assert.equal(await owner.locator('main').getByText(/score/i).count(), 0);

  const agent = await house.as('agent@tessera.example', { ...PHONE, colorScheme: 'dark' });
  const why = agent.getByText(/^Why \d+$/);
  do await agent.goto(path); // the daemon judges the demo's leads in portions
  while (!await why.waitFor({ timeout: 1000 }).then(() => true, () => false));
  await says(agent, /^\d+ of 100$/);
  await why.click();
  await says(agent, 'By the fixed rule');
  assert.equal(await agent.locator('#lead-staff details dl > div').count(), 8);
  await isFine(agent);
});
