// SMS, alerts in Slack and notifications in browsers, taken by servers that check them.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { createRequire } from 'node:module';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, beforeEach, test } from '../e2e/lib/test.mjs';
import { fileURLToPath } from 'node:url';
import { A, becomes, certificate, contracts, folder, json, outbox, settle, sql, startDaemon, state, tidy } from './lib/house.mjs';
import { startServer } from './lib/https.mjs';
import { startSmtp } from './lib/smtp.mjs';
import { until } from './lib/wait.mjs';

const require = createRequire(import.meta.url);
const ece = require('http_ece');
const root = fileURLToPath(new URL('../..', import.meta.url));
const program = process.env.TESSERA ?? path.join(process.env.TESSERA_BUILD ?? path.join(root, 'build'), 'tessera');

beforeEach(async () => {
  await settle();
  await tidy();
});
after(() => tidy());

/** A message of a notification to A's sales person over a channel. Resolves to the outbox row's id. */
async function notify(channel, recipient, type = 'lead.won', lead = A('21')) {
  return sql(`WITH n AS (INSERT INTO notifications (user_id, type, lead_id, subject_id, href) VALUES ('${A('13')}', '${type}', '${lead}', '${lead}', '/leads/${lead}') RETURNING id)
    INSERT INTO outbox (channel, template, user_id, recipient, notification_id, category, thread)
    SELECT '${channel}', 'event', '${A('13')}', '${recipient}', id, '${type}', 'lead-${lead}' FROM n RETURNING id`);
}

// ── SMS ──

const SID = `AC${'0'.repeat(31)}1`;

function smsSettings(t, url) {
  const dir = folder(t, { token: 'sms-token\n' });
  return { sms_url: url, sms_account: SID, sms_token_file: path.join(dir, 'token'), sms_from: '+15005550006', mail_delivery: 'smtp' };
}

test('an SMS is a short text with a link, sent with the account\'s own name', async (t) => {
  const server = await startServer(t, null, () => ({ status: 201, headers: { 'Content-Type': 'application/json' }, body: '{"sid":"SM123","status":"queued"}' }));
  await startDaemon(t, { ...smsSettings(t, server.url), sms_callback: 'https://partners.example/sms' });
  await sql(`UPDATE leads SET client_name = 'A “client” whose name is very long indeed ${'and goes on '.repeat(6)}' WHERE id = '${A('21')}'`);
  const id = await notify('sms', '+971501234567');
  await becomes(id, 'sent');
  const [{ method, url, headers, body }] = server.requests;
  assert.equal(method, 'POST');
  assert.equal(url, `/2010-04-01/Accounts/${SID}/Messages.json`);
  assert.equal(headers.authorization, `Basic ${Buffer.from(`${SID}:sms-token`).toString('base64')}`);
  const form = Object.fromEntries(new URLSearchParams(body.toString()));
  assert.deepEqual(Object.keys(form).sort(), ['Body', 'From', 'StatusCallback', 'To']);
  assert.equal(form.To, '+971501234567');
  assert.equal(form.StatusCallback, 'https://partners.example/sms');
  assert.ok(form.Body.length <= 306, 'two parts of plain letters');
  assert.match(form.Body, new RegExp(`https://partners\\.example/notifications/${(await outbox(id)).notification_id}$`));
  assert.equal((await outbox(id)).provider_id, 'SM123');
});

test('a number that asked to be left alone gets nothing more; a busy provider is left alone', async (t) => {
  let busy = true;
  const server = await startServer(t, null, ({ body }, number) => {
    if (body.includes('To=%2B999')) return { status: 400, body: '{"code":21610,"message":"unsubscribed +999","status":400}' };
    if (busy) { busy = false; return { status: 429, headers: { 'Retry-After': '2' } }; }
    return { status: 201, body: `{"sid":"SM${number}"}` };
  });
  await startDaemon(t, smsSettings(t, server.url));
  const id = await notify('sms', '+971501234567');
  await becomes(id, 'sent');
  assert.ok(server.requests[1].at - server.requests[0].at >= 1900, 'Retry-After was heard');
  const stop = await notify('sms', '+9991234567');
  await becomes(stop, 'failed');
  assert.equal(await sql('SELECT channel || address FROM suppressions'), 'sms+9991234567');
  assert.doesNotMatch((await outbox(stop)).error, /999/);
  await becomes(await notify('sms', '+9991234567'), 'suppressed');
});

test('without a provider SMS, Slack and push end quietly', async (t) => {
  const daemon = await startDaemon(t, { mail_delivery: 'smtp', smtp_url: 'smtp://localhost:1' });
  const sms = await notify('sms', '+971501234567');
  const slack = await sql("INSERT INTO outbox (channel, template, recipient, data) VALUES ('slack', 'ops', 'ops', '{\"event\": 1}') RETURNING id");
  await becomes(sms, 'cancelled');
  await becomes(slack, 'cancelled');
  assert.doesNotMatch(daemon.log(), /job_dead/);
});

// The contract of Twilio lies beside the tree only where its vendor's file could be had.
const twilio = path.join(contracts, 'twilio', 'twilio-messages.json');
test('an SMS is what the provider\'s own description allows', { skip: existsSync(twilio) ? false : `there is no ${path.basename(twilio)} beside this tree` }, async (t) => {
  const log = path.join(folder(t), 'requests');
  const url = await strictMock(t, twilio, log);
  await startDaemon(t, smsSettings(t, url));
  await becomes(await notify('sms', '+971501234567'), 'sent');
});

// ── Slack ──

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** strict-mock.cjs with a description; resolves to its address. */
async function strictMock(t, description, log) {
  const port = await freePort();
  const child = spawn(process.execPath, [path.join(contracts, 'strict-mock.cjs'), description, String(port)], {
    cwd: fileURLToPath(new URL('.', import.meta.url)), env: { ...process.env, STRICT_LOG: log }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  let said = '';
  child.stdout.on('data', (chunk) => { said += chunk; });
  await until('the mock listens', () => said.includes('strict-mock'));
  return `http://127.0.0.1:${port}`;
}

async function newLead() {
  return sql(`INSERT INTO leads (partner_id, client_name, client_email, currency, estimated_value, source, locations, consent_at)
    VALUES ('${A('01')}', 'Secret Client', 'secret@client.example', 'AED', 1250000, 'referral', '<Palm> & *Marina*', now()) RETURNING id`);
}

const slackFile = path.join(contracts, 'slack', 'slack-incoming-webhook.handwritten.yaml');
test('an alert in Slack is what its description allows, and says nothing of the client', { skip: existsSync(slackFile) ? false : 'the contracts are not beside this tree' }, async (t) => {
  const dir = folder(t);
  const { load } = require('js-yaml');
  writeFileSync(path.join(dir, 'slack.json'), JSON.stringify(load(readFileSync(slackFile, 'utf8'))));
  const url = await strictMock(t, path.join(dir, 'slack.json'), path.join(dir, 'requests'));
  writeFileSync(path.join(dir, 'slack'), `${url}/services/T0000/B0000/abcDEF\n`);
  await startDaemon(t, { slack_url_file: path.join(dir, 'slack') });
  const lead = await newLead();
  const id = await until('the alert is queued', () => sql("SELECT id FROM outbox WHERE channel = 'slack'"));
  await becomes(id, 'sent');
  const [request] = readFileSync(path.join(dir, 'requests'), 'utf8').trim().split('\n').map(JSON.parse);
  assert.equal(request.u, '/services/T0000/B0000/abcDEF');
  const { text } = request.b.blocks[0].text;
  assert.match(text, /New lead from Alder Homes/);
  assert.match(text, /&lt;Palm&gt; &amp; \*Marina\*/);
  assert.ok(text.endsWith(`<https://partners.example/leads/${lead}|Open it in the portal>`), text);
  assert.doesNotMatch(JSON.stringify(request), /Secret|secret@/);
});

test('Slack is left alone as long as it says, and no try is used up; what it refuses is put aside', async (t) => {
  let number = 0;
  const server = await startServer(t, null, () => {
    number += 1;
    if (number === 1) return { status: 429, headers: { 'Retry-After': '2' } };
    return number === 4 ? { status: 404, body: 'no_service' } : { status: 200, body: 'ok' };
  });
  const dir = folder(t, { slack: `${server.url}/services/T/B/x` });
  await startDaemon(t, { slack_url_file: path.join(dir, 'slack') });
  await newLead();
  await newLead();
  await until('both are sent', async () => await sql("SELECT count(*) FROM outbox WHERE channel = 'slack' AND state = 'sent'") === '2');
  assert.equal(server.requests.length, 3);
  assert.ok(server.requests[1].at - server.requests[0].at >= 1900, 'nothing was sent in between');
  await newLead();
  await until('one failed', async () => await sql("SELECT count(*) FROM outbox WHERE channel = 'slack' AND state = 'failed'") === '1');
  assert.match(await sql("SELECT error FROM outbox WHERE state = 'failed'"), /404 no_service/);
});

// ── Push ──

/** A browser's subscription: its keys, and the row. */
async function subscribe(endpoint) {
  const keys = crypto.createECDH('prime256v1');
  const auth = crypto.randomBytes(16);
  const id = await sql(`INSERT INTO push_subscriptions (user_id, endpoint, p256dh, auth)
    VALUES ('${A('13')}', '${endpoint}', '${keys.generateKeys('base64url')}', '${auth.toString('base64url')}') RETURNING id`);
  return { id, keys, auth };
}

function pushSettings(t, tls) {
  const file = path.join(folder(t), 'push-key.pem');
  const key = execFileSync(program, ['push-key'], { env: { ...process.env, TESSERA_PUSH_KEY_FILE: file } }).toString().trim();
  return { key, settings: { push_key_file: file, ca_file: tls.ca, private_targets: true } };
}

const vapidOf = (headers) => Object.fromEntries(headers.authorization.replace(/^vapid /, '').split(', ').map((part) => part.split('=')));

/** The claims of a token, whose signature is checked with the public key (RFC 7515, ES256). */
function verified(token, key) {
  const [head, claims, signature] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const publicKey = crypto.createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } });
  assert.ok(crypto.verify('sha256', Buffer.from(`${head}.${claims}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')));
  assert.deepEqual(JSON.parse(Buffer.from(head, 'base64url')), { typ: 'JWT', alg: 'ES256' });
  return JSON.parse(Buffer.from(claims, 'base64url'));
}

test('a push is read by another implementation, and shows who sends it', async (t) => {
  const tls = certificate(folder(t));
  const server = await startServer(t, tls, () => ({ status: 201, headers: { Location: '/m/1' } }));
  const { key, settings } = pushSettings(t, tls);
  await startDaemon(t, settings);
  await sql(`UPDATE leads SET client_name = 'Jürgen 会社 ${'x'.repeat(50)}' WHERE id = '${A('21')}'`);
  const browser = await subscribe(`${server.url}/push/abc`);
  const id = await notify('push', browser.id);
  await becomes(id, 'sent');
  const [{ url, headers, body }] = server.requests;
  assert.equal(url, '/push/abc');
  assert.equal(headers['content-encoding'], 'aes128gcm');
  assert.equal(headers.ttl, '86400');
  assert.equal(headers.urgency, 'normal');
  assert.ok(body.length <= 4096);
  const message = JSON.parse(ece.decrypt(body, { version: 'aes128gcm', privateKey: browser.keys, authSecret: browser.auth.toString('base64url') }));
  assert.deepEqual(Object.keys(message).sort(), ['body', 'href', 'tag', 'title', 'type']);
  assert.equal(message.title, 'Tessera');
  assert.equal(message.href, `/notifications/${message.tag}`);
  assert.match(message.body, /Jürgen 会社/);
  const { t: token, k } = vapidOf(headers);
  assert.equal(k, key);
  const claims = verified(token, k);
  assert.equal(claims.aud, server.url);
  assert.equal(claims.sub, 'mailto:portal@partners.example');
  assert.ok(claims.exp > Date.now() / 1000 && claims.exp < Date.now() / 1000 + 86400);
});

test('a browser that is gone is forgotten', async (t) => {
  const tls = certificate(folder(t));
  const server = await startServer(t, tls, ({ url }) => ({ status: url.endsWith('gone') ? 410 : 404 }));
  const { settings } = pushSettings(t, tls);
  await startDaemon(t, settings);
  for (const end of ['gone', 'unknown']) {
    const browser = await subscribe(`${server.url}/${end}`);
    const id = await notify('push', browser.id);
    await becomes(id, 'cancelled');
    assert.equal(await sql(`SELECT count(*) FROM push_subscriptions WHERE id = '${browser.id}'`), '0');
  }
  await becomes(await notify('push', A('99')), 'cancelled');
});

test('a push service that is busy is asked again, and a refusal is final', async (t) => {
  const tls = certificate(folder(t));
  const server = await startServer(t, tls, ({ url }) => (url.endsWith('busy') ? { status: 429, headers: { 'Retry-After': '100' } } : { status: 413, body: 'too large' }));
  const { settings } = pushSettings(t, tls);
  await startDaemon(t, settings);
  const busy = await subscribe(`${server.url}/busy`);
  await notify('push', busy.id);
  await until('it was put off', async () => await sql("SELECT count(*) FROM jobs WHERE kind = 'send.push' AND attempts = 1 AND state = 'ready'") === '1');
  assert.ok(Number(await sql("SELECT extract(epoch FROM run_at - now()) FROM jobs WHERE kind = 'send.push'")) > 60, 'as long as it was asked to');
  const large = await notify('push', (await subscribe(`${server.url}/large`)).id);
  await becomes(large, 'failed');
});

test('addresses of browsers are not followed into the house', async (t) => {
  const tls = certificate(folder(t));
  const server = await startServer(t, tls, () => ({ status: 201 }));
  const { settings } = pushSettings(t, tls);
  const daemon = await startDaemon(t, { ...settings, private_targets: false });
  const id = await notify('push', (await subscribe(`${server.url}/inside`)).id);
  await until('it failed', () => /event=job_failed .*kind=send\.push/.test(daemon.log()));
  assert.equal(await state(id), 'waiting');
  assert.equal(server.requests.length, 0);
});

// ── Side by side ──

test('ten endpoints that never answer do not keep mail waiting', async (t) => {
  const tls = certificate(folder(t));
  const server = await startServer(t, tls, () => null);
  const smtp = await startSmtp();
  t.after(() => smtp.stop());
  const { settings } = pushSettings(t, tls);
  await startDaemon(t, { ...settings, smtp_url: smtp.url, smtp_plain: true });
  for (let i = 0; i < 10; i++) await notify('push', (await subscribe(`${server.url}/slow/${i}`)).id);
  await until('all ten are hanging', () => server.requests.length === 10);
  const begin = Date.now();
  await sql("INSERT INTO outbox (template, recipient, subject, body) SELECT 'invitation', 'm' || i || '@x.example', 'Hello', 'Hello' FROM generate_series(1, 100) AS i");
  await until('all mail is sent', async () => await sql("SELECT count(*) FROM outbox WHERE channel = 'email' AND state = 'sent'") === '100');
  const seconds = (Date.now() - begin) / 1000;
  const waits = await json("SELECT max(extract(epoch FROM sent_at - created_at)) AS slowest FROM outbox WHERE channel = 'email'");
  t.diagnostic(`100 mails in ${seconds.toFixed(2)} s (the slowest after ${Number(waits[0].slowest).toFixed(2)} s) beside ten endpoints that hang`);
  assert.ok(seconds < 10);
  assert.equal(await sql("SELECT count(*) FROM jobs WHERE kind = 'send.push' AND state = 'running'"), '10');
});
