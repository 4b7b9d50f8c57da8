// Mail, from the outbox to a real server, read back by a parser that is not ours.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, beforeEach, test } from '../e2e/lib/test.mjs';
import {
  A, B, C, becomes, certificate, folder, hurry, json, outbox, settle, sql, startDaemon, state, tidy, write,
} from './lib/house.mjs';
import { startSmtp } from './lib/smtp.mjs';
import { until } from './lib/wait.mjs';

beforeEach(async () => {
  await settle();
  await tidy();
});
after(() => tidy());

/** A relay that wants nothing, and a daemon that gives it its mail. */
async function plainHouse(t, settings = {}, options = {}) {
  const smtp = await startSmtp(options);
  t.after(() => smtp.stop());
  const daemon = await startDaemon(t, { smtp_url: smtp.url, smtp_plain: true, ...settings });
  return { smtp, daemon };
}

/** A notification of an event for one person, and its mail. Resolves to the outbox row's id. */
async function notify(user, email, type, more = {}) {
  const lead = more.lead ?? A('21');
  const href = `/leads/${lead}`;
  const thread = more.thread === undefined ? `lead-${lead}` : more.thread;
  return sql(`WITH e AS (INSERT INTO events (type, partner_id, lead_id, subject_id, href, data) VALUES ('${type}', '${A('01')}', '${lead}', '${lead}', '${href}', '${JSON.stringify(more.data ?? {})}') RETURNING id),
      n AS (INSERT INTO notifications (event_id, user_id, type, lead_id, subject_id, href, data) SELECT id, '${user}', '${type}', '${lead}', '${lead}', '${href}', '${JSON.stringify(more.data ?? {})}' FROM e RETURNING id)
    INSERT INTO outbox (template, user_id, recipient, notification_id, category, thread${more.columns ?? ''})
    SELECT 'event', '${user}', '${email}', id, ${more.mandatory ? 'NULL' : `'${type}'`}, '${thread}'${more.values ?? ''} FROM n RETURNING id`);
}

test('a notification arrives as text and HTML, in a conversation, with a way out', async (t) => {
  const { smtp } = await plainHouse(t);
  await sql(`UPDATE users SET name = 'Söphie "Sam" Ælder, 会社' WHERE id = '${A('13')}'`);
  await sql(`UPDATE leads SET client_name = 'Jürgen Müßig & Söhne <AG> 株式会社' WHERE id = '${A('21')}'`);
  await sql("UPDATE programme SET name = 'Tëssera, Partners', support_email = 'help@partners.example'");
  const id = await notify(A('13'), 'sales@alder.example', 'lead.won');
  const { parsed, raw, from, secure } = await smtp.mail('sales@alder.example');
  assert.equal(secure, false);
  assert.equal(from, 'portal@partners.example');
  assert.deepEqual(parsed.from.value, [{ address: 'portal@partners.example', name: 'Tëssera, Partners' }]);
  assert.deepEqual(parsed.to.value, [{ address: 'sales@alder.example', name: 'Söphie "Sam" Ælder, 会社' }]);
  assert.equal(parsed.replyTo.value[0].address, 'help@partners.example');
  assert.match(parsed.subject, /Jürgen Müßig & Söhne <AG> 株式会社/);
  assert.equal(parsed.messageId, `<${id}@partners.example>`);
  assert.ok(Math.abs(Date.now() - parsed.date) < 60_000);
  assert.ok(parsed.text.includes(parsed.subject), parsed.text);
  assert.ok(parsed.text.includes(`https://partners.example/notifications/${(await outbox(id)).notification_id}`));
  assert.match(parsed.html, /Jürgen Müßig &amp; Söhne &lt;AG&gt; 株式会社/);
  assert.match(parsed.html, /<td[^>]* style="[^"]*background-color/);
  assert.doesNotMatch(parsed.html, /<script|<link|src=|class="button"/);
  assert.equal(parsed.headers.get('auto-submitted'), 'auto-generated');
  assert.equal(parsed.headers.get('list').unsubscribe.url.startsWith('https://partners.example/unsubscribe/'), true);
  assert.match(raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
  assert.ok(/^[\x00-\x7f]*$/.test(raw), 'every byte is ASCII');
  assert.ok(raw.split('\r\n').every((line) => line.length <= 78 || line.includes('/unsubscribe/')), 'no line is long');
  await becomes(id, 'sent');
  const row = await outbox(id);
  assert.ok(row.sent_at);
});

test('mails about one lead are one conversation for each reader', async (t) => {
  const { smtp } = await plainHouse(t);
  const ids = [];
  for (const type of ['lead.won', 'lead.declined', 'lead.won']) {
    ids.push(await notify(A('13'), 'sales@alder.example', type));
    await becomes(ids.at(-1), 'sent');
  }
  const other = await notify(A('11'), 'owner@alder.example', 'lead.won');
  await becomes(other, 'sent');
  const { simpleParser } = await import('mailparser');
  const read = (address) => Promise.all(smtp.to(address).map(({ raw }) => simpleParser(Buffer.from(raw, 'latin1'))));
  const [first, second, third] = await read('sales@alder.example');
  const root = first.inReplyTo;
  assert.ok(root);
  assert.deepEqual([first.references].flat(), [root]);
  assert.deepEqual(second.references, [root, first.messageId]);
  assert.equal(second.inReplyTo, first.messageId);
  assert.deepEqual(third.references, [root, second.messageId]);
  const [owners] = await read('owner@alder.example');
  assert.notEqual(owners.inReplyTo, root, 'nobody else is in it');
});

test('a long subject is whole again on the other side', async (t) => {
  const { smtp } = await plainHouse(t);
  const subject = `${'Über-große Wohnung in bester Lage – '.repeat(20)}Ende`;
  const plain = 'A quite long but plain subject that goes on '.repeat(12).trim();
  await write('long@x.example', { subject });
  await write('plain@x.example', { subject: plain });
  assert.equal((await smtp.mail('long@x.example')).parsed.subject, subject);
  assert.equal((await smtp.mail('plain@x.example')).parsed.subject, plain);
});

test('what the portal wrote gets HTML, keeps its words, and leaves no link behind', async (t) => {
  const { smtp } = await plainHouse(t);
  const link = 'https://partners.example/reset/s3cret-token_of-a-link';
  const body = `Hello,\n\nsomebody asked & waits.\n\n${link}\n\nIf it wasn't you, fine.\n`;
  const id = await write('reset@x.example', { template: 'reset', subject: 'A new password', body });
  const { parsed, raw } = await smtp.mail('reset@x.example');
  assert.equal(parsed.text.trim(), body.trim());
  assert.equal(parsed.html.split(link).length - 1, 3, 'a button, and the address to copy');
  assert.match(parsed.html, />Choose a new password</);
  assert.doesNotMatch(raw, /List-Unsubscribe/);
  await becomes(id, 'sent');
  assert.equal((await outbox(id)).body, '');
});

test('a text to somebody without an account has a way out as well', async (t) => {
  const { smtp } = await plainHouse(t);
  await write('client@home.example', { template: 'nurture', category: 'nurture', thread: 'nurture-1', subject: 'Still looking?', body: 'Dear Maria,\n\nare you?\n' });
  const { parsed } = await smtp.mail('client@home.example');
  assert.ok(parsed.text.startsWith('Dear Maria,\n\nare you?'));
  const { url } = parsed.headers.get('list').unsubscribe;
  assert.ok(parsed.text.includes(url), 'the same link at its foot');
  assert.ok(parsed.html.includes(url));
});

test('a digest lists what its reader may still see; nothing left means no mail', async (t) => {
  const { smtp } = await plainHouse(t);
  const note = (lead, type) => sql(`INSERT INTO notifications (user_id, type, lead_id, subject_id, href) VALUES ('${A('13')}', '${type}', '${lead}', '${lead}', '/leads/${lead}') RETURNING id`);
  const ids = [await note(A('21'), 'lead.won'), await note(A('22'), 'lead.declined')];
  const digest = (list, to) => sql(`INSERT INTO outbox (template, user_id, recipient, data, category) VALUES ('digest', '${A('13')}', '${to}', '${JSON.stringify({ notifications: list })}', 'digest') RETURNING id`);
  await digest(ids, 'digest@alder.example');
  const { parsed } = await smtp.mail('digest@alder.example');
  assert.match(parsed.subject, /2 new notifications/);
  assert.match(parsed.text, new RegExp(`/notifications/${ids[0]}`));
  assert.match(parsed.html, new RegExp(`/notifications/${ids[1]}`));
  const foreign = await sql(`INSERT INTO notifications (user_id, type, lead_id, subject_id, href) VALUES ('${B('13')}', 'lead.won', '${B('21')}', '${B('21')}', '/leads/${B('21')}') RETURNING id`);
  const id = await digest([foreign], 'foreign@alder.example');
  await becomes(id, 'cancelled');
  assert.deepEqual(smtp.to('foreign@alder.example'), []);
});

test('what a reader may no longer see is not said in a mail that waited', async (t) => {
  const id = await notify(A('13'), 'sales@alder.example', 'lead.won', { lead: A('23') });
  await sql(`UPDATE leads SET partner_id = '${B('01')}' WHERE id = '${A('23')}'`);
  t.after(() => sql(`UPDATE leads SET partner_id = '${A('01')}' WHERE id = '${A('23')}'`));
  const { smtp } = await plainHouse(t);
  await until('the mail has its end', async () => ['sent', 'cancelled'].includes(await state(id)));
  for (const { raw } of smtp.state.mails) assert.doesNotMatch(raw, /Alder client/);
});

test('what waited and was read, switched off, or whose reader is gone, is not sent', async (t) => {
  const old = { columns: ', created_at', values: ", now() - interval '2 hours'" };
  const read = await notify(A('13'), 'read@alder.example', 'lead.won', old);
  const mandatory = await notify(A('13'), 'mandatory@alder.example', 'account.role', { ...old, mandatory: true, data: { from: 'viewer', to: 'sales' } });
  const off = await notify(A('11'), 'off@alder.example', 'lead.won', old);
  const gone = await notify(A('18'), 'disabled@alder.example', 'lead.won', old);
  await sql(`UPDATE notifications SET read_at = now() WHERE user_id = '${A('13')}';
    INSERT INTO notification_choices (user_id, type, email) VALUES ('${A('11')}', 'lead.won', 'off')`);
  const { smtp } = await plainHouse(t);
  for (const id of [read, off, gone]) await becomes(id, 'cancelled');
  await becomes(mandatory, 'sent');
  assert.deepEqual(smtp.state.mails.map(({ to }) => to), ['mandatory@alder.example']);
  assert.match((await outbox(read)).error, /read in the portal/);
});

test('an alert to ops names the partner and no client', async (t) => {
  const { smtp } = await plainHouse(t);
  await sql("UPDATE programme SET ops_email = 'ops@tessera.example'");
  await sql(`INSERT INTO leads (partner_id, client_name, client_email, currency, estimated_value, source, property_type, locations, consent_at)
    VALUES ('${A('01')}', 'Secret Client', 'secret@client.example', 'AED', 1250000, 'referral', 'villa', 'Palm', now())`);
  const { parsed, raw } = await smtp.mail('ops@tessera.example');
  assert.equal(parsed.subject, 'New lead from Alder Homes');
  assert.match(parsed.text, /AED.1,250,000/);
  assert.match(parsed.html, /Alder Homes/);
  assert.doesNotMatch(raw, /Secret|secret@client/);
});

// ── The relay ──

test('STARTTLS and a login are used where the relay has them', async (t) => {
  const dir = folder(t, { password: 'correct horse\n' });
  const { cert, key, ca } = certificate(dir);
  const smtp = await startSmtp({ cert, key, user: 'portal', password: 'correct horse' });
  t.after(() => smtp.stop());
  await startDaemon(t, { smtp_url: smtp.url, smtp_user: 'portal', smtp_password_file: path.join(dir, 'password'), ca_file: ca });
  await write('tls@x.example');
  const { secure, user } = await smtp.mail('tls@x.example');
  assert.deepEqual({ secure, user }, { secure: true, user: 'portal' });
});

test('smtps speaks TLS from the first byte', async (t) => {
  const { cert, key, ca } = certificate(folder(t));
  const smtp = await startSmtp({ cert, key, implicit: true });
  t.after(() => smtp.stop());
  await startDaemon(t, { smtp_url: smtp.url, ca_file: ca });
  await write('tls@x.example');
  assert.equal((await smtp.mail('tls@x.example')).secure, true);
});

test('without TLS nothing is handed over, unless the settings say so; an unknown authority is not believed', async (t) => {
  const smtp = await startSmtp();
  t.after(() => smtp.stop());
  const daemon = await startDaemon(t, { smtp_url: smtp.url });
  const id = await write('plain@x.example');
  await until('it is put off', () => /event=job_later .*kind=send\.email/.test(daemon.log()));
  assert.equal(await state(id), 'waiting');
  await daemon.stop();
  const { cert, key } = certificate(folder(t));
  const tls = await startSmtp({ cert, key });
  t.after(() => tls.stop());
  const second = await startDaemon(t, { smtp_url: tls.url });
  await hurry();
  await until('it is put off', () => /event=job_later .*certificate/i.test(second.log()));
  assert.deepEqual([...smtp.state.mails, ...tls.state.mails], []);
});

test('a wrong password loses no mail and uses up no try', async (t) => {
  const dir = folder(t, { password: 'wrong\n' });
  const { cert, key, ca } = certificate(dir);
  const smtp = await startSmtp({ cert, key, user: 'portal', password: 'right' });
  t.after(() => smtp.stop());
  const daemon = await startDaemon(t, { smtp_url: smtp.url, smtp_user: 'portal', smtp_password_file: path.join(dir, 'password'), ca_file: ca });
  const id = await write('login@x.example');
  await until('it was refused twice', () => smtp.state.refusedLogins.length >= 2);
  await until('it waits, and its tries are not counted', async () =>
    (await json("SELECT attempts FROM jobs WHERE kind = 'send.email' AND state = 'ready'")).map(({ attempts }) => attempts).join() === '0');
  writeFileSync(path.join(dir, 'password'), 'right\n');
  await becomes(id, 'sent');
  assert.equal(smtp.to('login@x.example').length, 1);
  assert.doesNotMatch(daemon.log(), /wrong|login@x/, 'neither password nor address is in the log');
});

test('451 now and 250 later: it arrives once', async (t) => {
  const { smtp } = await plainHouse(t);
  const id = await write('later@x.example');
  await until('it was put off', async () => await sql("SELECT count(*) FROM jobs WHERE attempts = 1 AND state = 'ready' AND run_at > now()") === '1');
  assert.match(await sql('SELECT last_error FROM jobs'), /4\.7\.1 Greylisted/);
  await hurry();
  await becomes(id, 'sent');
  assert.equal(smtp.to('later@x.example').length, 1);
  assert.equal(await sql("SELECT count(*) FROM jobs WHERE kind = 'send.email'"), '0');
});

test('the database is too slow to note that a mail has left: it is noted later, and nothing is sent twice', async (t) => {
  const { smtp, daemon } = await plainHouse(t, { statement_timeout: 300 });
  await sql(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE UPDATE ON outbox FOR EACH ROW WHEN (NEW.state = 'sent') EXECUTE FUNCTION slow()`);
  t.after(() => sql('DROP FUNCTION IF EXISTS slow() CASCADE'));
  const id = await write('noted@x.example');
  await until('it could not be noted', () => /event=job_end_waits/.test(daemon.log()));
  assert.equal(await sql('SELECT state FROM jobs'), 'running');
  await sql('DROP FUNCTION slow() CASCADE');
  await becomes(id, 'sent');
  assert.equal(await sql("SELECT count(*) FROM jobs WHERE kind = 'send.email'"), '0');
  assert.equal(smtp.to('noted@x.example').length, 1);
});

test('550 for an address ends its mail and spares it the next; other refusals end one mail', async (t) => {
  const { smtp } = await plainHouse(t);
  const ids = {
    gone: await write('Gone@x.example'.toLowerCase()), unwanted: await write('unwanted@x.example'), refused: await write('refused@x.example'),
    none: await write('not an address'), odd: await write('x@y.example\r\nBcc: z@z.example'),
  };
  for (const id of Object.values(ids)) await becomes(id, 'failed');
  assert.equal(await sql("SELECT string_agg(address || ' ' || reason || ' ' || origin, ', ') FROM suppressions"), 'gone@x.example bounce delivery');
  assert.match(await sql('SELECT detail FROM suppressions'), /^550 5\.1\.1 … no such mailbox$/);
  assert.match((await outbox(ids.gone)).error, /no such address/i);
  const next = await write('GONE@x.example');
  await becomes(next, 'suppressed');
  const again = await write('unwanted@x.example');
  await becomes(again, 'failed');
  await write('fine@x.example');
  await smtp.mail('fine@x.example');
  assert.equal(await sql("SELECT count(*) FROM jobs WHERE state = 'dead'"), '6');
  assert.equal(await sql("SELECT count(*) FROM jobs WHERE last_error LIKE '%@%'"), '0', 'reasons hold no addresses');
});

test('a message that breaks the connection is put aside in the end, and keeps nobody waiting', async (t) => {
  const { smtp } = await plainHouse(t);
  const poison = await write('poison@x.example');
  const unknown = await write('nobody@x.example', { template: 'no_such_mail', body: '' });
  const ids = [];
  for (let i = 0; i < 20; i++) ids.push(await write(`fine${i}@x.example`));
  for (const id of ids) await becomes(id, 'sent');
  await becomes(unknown, 'failed');
  assert.match((await outbox(unknown)).error, /no template mail\/no_such_mail/);
  for (let i = 1; i < 14; i++) {
    await until('it was tried', async () => Number(await sql(`SELECT attempts FROM jobs WHERE payload ->> 'outbox' = '${poison}' AND state = 'ready'`)) >= i);
    await hurry();
  }
  await becomes(poison, 'failed');
  assert.ok(smtp.state.poisoned.length >= 14);
  // and an admin may have it tried again
  await sql("UPDATE jobs SET state = 'ready', attempts = 0, run_at = now() WHERE payload ->> 'outbox' = '" + unknown + "'; NOTIFY jobs");
  await until('it died again', async () => await sql(`SELECT state FROM jobs WHERE payload ->> 'outbox' = '${unknown}'`) === 'dead');
});

test('the relay is away, and back: all mail arrives, each once, and no try was used up', async (t) => {
  const first = await startSmtp();
  const { port } = first;
  await first.stop();
  const daemon = await startDaemon(t, { smtp_url: `smtp://localhost:${port}`, smtp_plain: true });
  const ids = [];
  for (let i = 0; i < 50; i++) ids.push(await write(`m${i}@x.example`));
  await until('it was tried in vain four times', () => (daemon.log().match(/event=job_later/g) ?? []).length >= 4);
  assert.equal(await sql('SELECT max(attempts) FROM jobs WHERE state = \'ready\''), '0');
  assert.equal(await sql("SELECT count(*) FROM outbox WHERE state = 'waiting'"), '50');
  const smtp = await startSmtp({ port });
  t.after(() => smtp.stop());
  const back = Date.now();
  for (const id of ids) await becomes(id, 'sent');
  t.diagnostic(`50 mails left ${((Date.now() - back) / 1000).toFixed(1)} s after the relay was back`);
  assert.equal(smtp.state.mails.length, 50);
  assert.equal(new Set(smtp.state.mails.map(({ to }) => to)).size, 50);
});

test('connections to the relay are few and kept', async (t) => {
  const { cert, key, ca } = certificate(folder(t));
  const smtp = await startSmtp({ cert, key });
  t.after(() => smtp.stop());
  await startDaemon(t, { smtp_url: smtp.url, ca_file: ca });
  const begin = Date.now();
  await sql("INSERT INTO outbox (template, recipient, subject, body) SELECT 'invitation', 'm' || i || '@x.example', 'Hello', 'Hello' FROM generate_series(1, 400) AS i");
  await until('all are sent', async () => await sql("SELECT count(*) FROM outbox WHERE state = 'sent'") === '400');
  const seconds = (Date.now() - begin) / 1000;
  t.diagnostic(`400 mails over STARTTLS on ${smtp.state.connections} connections in ${seconds.toFixed(1)} s`);
  assert.equal(smtp.state.mails.length, 400);
  assert.ok(smtp.state.connections <= 8, `${smtp.state.connections} connections`);
});

test('killed between the relay\'s yes and our note, a mail comes again as the same mail', async (t) => {
  const { smtp, daemon } = await plainHouse(t);
  const id = await write('held@x.example');
  const first = await smtp.mail('held@x.example');
  const pid = daemon.sender();
  process.kill(pid, 'SIGKILL');
  await until('it came again', () => smtp.to('held@x.example').length >= 2);
  assert.notEqual(daemon.sender(), pid);
  const { simpleParser } = await import('mailparser');
  const second = await simpleParser(Buffer.from(smtp.to('held@x.example')[1].raw, 'latin1'));
  assert.equal(second.messageId, first.parsed.messageId);
  assert.equal(second.messageId, `<${id}@partners.example>`);
});

test('nothing leaves where mail is caught, and it can be read', async (t) => {
  const smtp = await startSmtp();
  t.after(() => smtp.stop());
  const daemon = await startDaemon(t, { smtp_url: smtp.url, smtp_plain: true, mail_delivery: 'catch' });
  const id = await notify(A('13'), 'sales@alder.example', 'lead.won');
  await becomes(id, 'sent');
  const [kept] = await json(`SELECT * FROM caught_messages WHERE outbox_id = '${id}'`);
  assert.match(kept.head, new RegExp(`^Message-ID: <${id}@partners.example>\r$`, 'm'));
  assert.match(kept.body_html, /<table/);
  assert.ok(kept.body_text.includes(kept.subject));
  assert.equal(smtp.state.connections, 0);
  assert.doesNotMatch(daemon.log(), /level=error/);
});

test('with mail_delivery off, mail waits', async (t) => {
  const daemon = await startDaemon(t, { mail_delivery: 'off' });
  const id = await write('off@x.example');
  await until('it is put off', () => /event=job_later .*mail_delivery is off/.test(daemon.log()));
  assert.equal(await state(id), 'waiting');
});
