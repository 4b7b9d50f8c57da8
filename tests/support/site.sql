-- The world of tests/support/site.h. Whatever belongs to partner A has an id that begins with aaaaaaaa, partner B's
-- with bbbbbbbb, and every text of B's holds the word Zebulon: so that a test finds what leaked. The ledger's and the
-- leads' rollups fill themselves.

INSERT INTO partners (id, name, type, region, tier, commission_percent, capacity, currency, contact_name, contact_email, contact_phone, address, notes) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000001', 'Alder Homes', 'channel', 'AE', 'bronze', 15, 10, 'AED', 'Anna Alder', 'office@alder.example', '+971 50 100 2000', '1 Alder Road', 'NOTES-FOR-STAFF about Alder'),
    ('bbbbbbbb-0000-4000-8000-000000000001', 'Zebulon Realty', 'developer', 'AE', 'gold', 8, 20, 'AED', 'Zoe Zebulon', 'office@zebulon.example', '+971 50 900 8000', '9 Zebulon Street', 'NOTES-FOR-STAFF about Zebulon'),
    ('dddddddd-0000-4000-8000-000000000001', 'Empty Desk', 'broker', 'AE', 'silver', 20, 5, 'AED', '', '', '', '', '');

INSERT INTO users (id, partner_id, email, name, role, status, last_sign_in_at) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000011', 'aaaaaaaa-0000-4000-8000-000000000001', 'owner@alder.example', 'Olive Alder', 'owner', 'active', now()),
    ('aaaaaaaa-0000-4000-8000-000000000012', 'aaaaaaaa-0000-4000-8000-000000000001', 'owner2@alder.example', 'Oscar Alder', 'owner', 'active', now()),
    ('aaaaaaaa-0000-4000-8000-000000000013', 'aaaaaaaa-0000-4000-8000-000000000001', 'sales@alder.example', 'Sam Alder', 'sales', 'active', now()),
    ('aaaaaaaa-0000-4000-8000-000000000014', 'aaaaaaaa-0000-4000-8000-000000000001', 'sales2@alder.example', 'Sue Alder', 'sales', 'active', now()),
    ('aaaaaaaa-0000-4000-8000-000000000015', 'aaaaaaaa-0000-4000-8000-000000000001', 'viewer@alder.example', 'Vic Alder', 'viewer', 'active', now()),
    ('aaaaaaaa-0000-4000-8000-000000000016', 'aaaaaaaa-0000-4000-8000-000000000001', 'viewer2@alder.example', 'Val Alder', 'viewer', 'active', now()),
    ('aaaaaaaa-0000-4000-8000-000000000017', 'aaaaaaaa-0000-4000-8000-000000000001', 'invited@alder.example', 'Ivy Alder', 'sales', 'invited', NULL),
    ('aaaaaaaa-0000-4000-8000-000000000018', 'aaaaaaaa-0000-4000-8000-000000000001', 'disabled@alder.example', 'Dan Alder', 'sales', 'disabled', now()),
    ('bbbbbbbb-0000-4000-8000-000000000011', 'bbbbbbbb-0000-4000-8000-000000000001', 'owner@zebulon.example', 'Otto Zebulon', 'owner', 'active', now()),
    ('bbbbbbbb-0000-4000-8000-000000000012', 'bbbbbbbb-0000-4000-8000-000000000001', 'owner2@zebulon.example', 'Orla Zebulon', 'owner', 'active', now()),
    ('bbbbbbbb-0000-4000-8000-000000000013', 'bbbbbbbb-0000-4000-8000-000000000001', 'sales@zebulon.example', 'Sid Zebulon', 'sales', 'active', now()),
    ('bbbbbbbb-0000-4000-8000-000000000014', 'bbbbbbbb-0000-4000-8000-000000000001', 'sales2@zebulon.example', 'Sal Zebulon', 'sales', 'active', now()),
    ('bbbbbbbb-0000-4000-8000-000000000015', 'bbbbbbbb-0000-4000-8000-000000000001', 'viewer@zebulon.example', 'Vera Zebulon', 'viewer', 'active', now()),
    ('bbbbbbbb-0000-4000-8000-000000000016', 'bbbbbbbb-0000-4000-8000-000000000001', 'viewer2@zebulon.example', 'Vin Zebulon', 'viewer', 'active', now()),
    ('bbbbbbbb-0000-4000-8000-000000000017', 'bbbbbbbb-0000-4000-8000-000000000001', 'invited@zebulon.example', 'Ike Zebulon', 'sales', 'invited', NULL),
    ('cccccccc-0000-4000-8000-000000000011', NULL, 'agent@staff.example', 'Agnes Staff', 'agent', 'active', now()),
    ('cccccccc-0000-4000-8000-000000000012', NULL, 'finance@staff.example', 'Finn Staff', 'finance', 'active', now()),
    ('cccccccc-0000-4000-8000-000000000013', NULL, 'support@staff.example', 'Sara Staff', 'support', 'active', now()),
    ('cccccccc-0000-4000-8000-000000000014', NULL, 'admin@staff.example', 'Ada Staff', 'admin', 'active', now()),
    ('cccccccc-0000-4000-8000-000000000015', NULL, 'agent2@staff.example', 'Abel Staff', 'agent', 'active', now()),
    ('cccccccc-0000-4000-8000-000000000017', NULL, 'invited@staff.example', 'Ines Staff', 'agent', 'invited', NULL);

-- One lead of every stage.
INSERT INTO leads (id, partner_id, created_by, client_name, client_email, client_phone, client_location, stage, stage_reason, source, currency,
                   estimated_value, locations, description, consent_at, closed_at, staff_notes, score, temperature, created_at, updated_at)
SELECT (p.letters || '-0000-4000-8000-0000000000' || (20 + s.n))::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000013')::uuid, p.word || ' client ' || s.stage, s.stage || '@' || lower(p.word) || '-client.example',
       '+971 50 300 40' || (20 + s.n), 'Dubai', s.stage, CASE WHEN s.stage IN ('lost', 'dormant', 'declined') THEN 'because of ' || p.word END, 'referral', 'AED',
       100000 * s.n, p.word || ' Marina', 'Looks for ' || p.word, now(), CASE WHEN s.stage IN ('won', 'lost') THEN now() END,
       'STAFF-NOTES-' || p.word, 73, 'hot', now() - make_interval(days => s.n::int), now() - make_interval(days => s.n::int)
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       unnest(ARRAY['new', 'intake', 'qualified', 'active', 'won', 'lost', 'dormant', 'declined']) WITH ORDINALITY AS s(stage, n);
INSERT INTO lead_shares (id, lead_id, partner_id, status, consent_contact, consent_budget, consent_requirements)
SELECT (letters || '-0000-4000-8000-000000000091')::uuid, (letters || '-0000-4000-8000-000000000024')::uuid,
       (letters || '-0000-4000-8000-000000000001')::uuid, 'accepted', true, true, true
  FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS letters;

INSERT INTO ledger_entries (id, partner_id, lead_id, kind, state, amount, currency, base, rate, note, month, created_at)
SELECT (p.letters || '-0000-4000-8000-000000000' || (300 + n))::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000025')::uuid, 'earned', (ARRAY['pending', 'approved', 'payable', 'paid'])[1 + n % 4], 1000 + n, 'AED', 100000, 15,
       'for ' || p.word, date_trunc('month', now())::date, now() - make_interval(hours => n)
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word), generate_series(1, 4) AS n;

INSERT INTO courses (id, title, summary, tiers, types, required, position) VALUES
    ('cccccccc-0000-4000-8000-000000000051', 'First steps', 'How it works', NULL, NULL, true, 1),
    ('cccccccc-0000-4000-8000-000000000052', 'Quick check', 'A quiz at once', NULL, NULL, false, 2),
    ('bbbbbbbb-0000-4000-8000-000000000053', 'Zebulon for gold', 'Zebulon only', ARRAY['gold'], NULL, false, 3),
    ('bbbbbbbb-0000-4000-8000-000000000054', 'Zebulon for developers', 'Zebulon only', NULL, ARRAY['developer'], false, 4),
    ('cccccccc-0000-4000-8000-000000000055', 'A film', 'Video first', NULL, NULL, false, 5);
INSERT INTO course_modules (id, course_id, position, kind, title, minutes, body, file, captions, pass_mark) VALUES
    ('cccccccc-0000-4000-8000-000000000061', 'cccccccc-0000-4000-8000-000000000051', 1, 'document', 'Read this', 5, 'A first line.', NULL, NULL, NULL),
    ('cccccccc-0000-4000-8000-000000000062', 'cccccccc-0000-4000-8000-000000000051', 2, 'document', 'And this', 5, 'NOT-OPEN-YET', NULL, NULL, NULL),
    ('cccccccc-0000-4000-8000-000000000063', 'cccccccc-0000-4000-8000-000000000051', 3, 'quiz', 'And answer', 5, '', NULL, NULL, 80),
    ('cccccccc-0000-4000-8000-000000000064', 'cccccccc-0000-4000-8000-000000000052', 1, 'quiz', 'Two questions', 5, '', NULL, NULL, 80),
    ('cccccccc-0000-4000-8000-000000000065', 'cccccccc-0000-4000-8000-000000000055', 1, 'video', 'See this', 5, '', 'training/film.webm', 'training/film.vtt', NULL),
    ('cccccccc-0000-4000-8000-000000000066', 'cccccccc-0000-4000-8000-000000000055', 2, 'video', 'See that', 5, '', 'training/later.webm', 'training/later.vtt', NULL),
    ('bbbbbbbb-0000-4000-8000-000000000067', 'bbbbbbbb-0000-4000-8000-000000000053', 1, 'quiz', 'Zebulon quiz', 5, 'Zebulon', NULL, NULL, 80),
    ('bbbbbbbb-0000-4000-8000-000000000068', 'bbbbbbbb-0000-4000-8000-000000000054', 1, 'video', 'Zebulon film', 5, 'Zebulon', 'training/zebulon.webm', 'training/zebulon.vtt', NULL);
INSERT INTO quiz_questions (id, module_id, position, prompt, options, answer, explanation) VALUES
    ('cccccccc-0000-4000-8000-000000000071', 'cccccccc-0000-4000-8000-000000000064', 1, 'Which one?', ARRAY['Red', 'Green', 'Blue'], 2, 'EXPLANATION-ONE'),
    ('cccccccc-0000-4000-8000-000000000072', 'cccccccc-0000-4000-8000-000000000064', 2, 'And which?', ARRAY['North', 'South'], 1, 'EXPLANATION-TWO'),
    ('cccccccc-0000-4000-8000-000000000073', 'cccccccc-0000-4000-8000-000000000063', 1, 'Later?', ARRAY['Yes', 'No'], 1, 'EXPLANATION-THREE'),
    ('bbbbbbbb-0000-4000-8000-000000000074', 'bbbbbbbb-0000-4000-8000-000000000067', 1, 'Zebulon?', ARRAY['Zebulon yes', 'Zebulon no'], 1, 'EXPLANATION-ZEBULON');
INSERT INTO module_progress (user_id, module_id, partner_id, status, score, attempts) VALUES
    ('bbbbbbbb-0000-4000-8000-000000000013', 'bbbbbbbb-0000-4000-8000-000000000067', 'bbbbbbbb-0000-4000-8000-000000000001', 'failed', 40, 1),
    ('aaaaaaaa-0000-4000-8000-000000000013', 'cccccccc-0000-4000-8000-000000000064', 'aaaaaaaa-0000-4000-8000-000000000001', 'failed', 50, 1);

INSERT INTO assets (id, type, title, description, tiers, partner_types, file, file_name, content_type, size, thumbnail) VALUES
    ('cccccccc-0000-4000-8000-000000000081', 'flyer', 'A flyer', 'For everybody', NULL, NULL, 'assets/flyer.pdf', 'flyer.pdf', 'application/pdf', 1234, 'assets/flyer.svg'),
    ('bbbbbbbb-0000-4000-8000-000000000082', 'logo', 'Zebulon logo', 'Zebulon only', ARRAY['gold'], NULL, 'assets/zebulon.svg', 'zebulon.svg', 'image/svg+xml', 99, 'assets/zebulon.png'),
    ('bbbbbbbb-0000-4000-8000-000000000083', 'logo', 'Zebulon banner', 'Zebulon only', NULL, ARRAY['developer'], 'assets/zebulon2.svg', 'zebulon2.svg', 'image/svg+xml', 99, 'assets/zebulon2.png');
INSERT INTO asset_downloads (asset_id, user_id, partner_id) VALUES
    ('bbbbbbbb-0000-4000-8000-000000000082', 'bbbbbbbb-0000-4000-8000-000000000011', 'bbbbbbbb-0000-4000-8000-000000000001');

-- Calendar and news. Reminders: Alder's sales has one from its owner; staff's agent one about the same lead. Appointments:
-- to come, over, called off. Announcements: for all, a draft, one that is scheduled, and two that only Zebulon may read.
INSERT INTO reminders (id, lead_id, partner_id, user_id, created_by, due_at, note, told_at, done_at)
SELECT (p.letters || '-0000-4000-8000-0000000000' || r.row)::uuid, (p.letters || '-0000-4000-8000-000000000021')::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000013')::uuid, (p.letters || '-0000-4000-8000-000000000011')::uuid, now() + r.due, 'Call ' || p.word || r.row, r.told, r.told
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES ('31', interval '3 days', NULL), ('32', interval '-2 hours', NULL), ('33', interval '-2 days', now())) AS r(row, due, told);
INSERT INTO reminders (id, lead_id, partner_id, user_id, created_by, due_at, note) VALUES
    ('cccccccc-0000-4000-8000-000000000031', 'aaaaaaaa-0000-4000-8000-000000000021', NULL, 'cccccccc-0000-4000-8000-000000000011', 'cccccccc-0000-4000-8000-000000000014', now() + interval '1 day', 'STAFF-NOTES-Alder');
INSERT INTO appointments (id, lead_id, partner_id, created_by, kind, title, place, starts_at, ends_at, timezone, notice, status, reason)
SELECT (p.letters || '-0000-4000-8000-0000000000' || a.row)::uuid, (p.letters || '-0000-4000-8000-000000000024')::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000013')::uuid, a.kind, a.title || p.word, p.word || ' Tower', date_trunc('hour', now()) + a.at, date_trunc('hour', now()) + a.at + interval '1 hour',
       'Asia/Dubai', a.notice, CASE WHEN a.reason IS NULL THEN 'planned' ELSE 'called_off' END, a.reason || p.word
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES ('41', 'viewing', 'Viewing of ', interval '2 days', 60, NULL), ('42', 'call', 'Call about ', interval '-3 days', 0, NULL),
               ('43', 'meeting', 'Meeting at ', interval '-4 days', 15, 'Not now, says '), ('44', 'meeting', 'Later at ', interval '9 days', 15, 'Too far for ')) AS a(row, kind, title, at, notice, reason);
INSERT INTO appointment_people (appointment_id, user_id)
SELECT (letters || '-0000-4000-8000-000000000041')::uuid, u.id FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS letters,
       LATERAL (VALUES ((letters || '-0000-4000-8000-000000000013')::uuid), ('cccccccc-0000-4000-8000-000000000011')) AS u(id);
INSERT INTO announcements (id, title, body, to_staff, to_partners, types, tiers, state, publish_at, told_at, reached, created_by) VALUES
    ('cccccccc-0000-4000-8000-000000000056', 'News for all', 'Everybody may read this.', true, true, NULL, NULL, 'released', now() - interval '1 hour', now(), 12, 'cccccccc-0000-4000-8000-000000000011'),
    ('cccccccc-0000-4000-8000-000000000057', 'Not yet', 'DRAFT-OF-NEWS', true, true, NULL, NULL, 'draft', NULL, NULL, 0, 'cccccccc-0000-4000-8000-000000000011'),
    ('cccccccc-0000-4000-8000-000000000058', 'Soon', 'DRAFT-OF-NEWS', true, true, NULL, NULL, 'released', now() + interval '1 day', NULL, 0, 'cccccccc-0000-4000-8000-000000000011'),
    ('bbbbbbbb-0000-4000-8000-000000000056', 'Zebulon developers', 'Zebulon only', false, true, ARRAY['developer'], NULL, 'released', now() - interval '2 hours', now(), 4, 'cccccccc-0000-4000-8000-000000000014'),
    ('bbbbbbbb-0000-4000-8000-000000000057', 'Zebulon gold', 'Zebulon only', false, true, NULL, ARRAY['gold'], 'released', now() - interval '3 hours', now(), 4, 'cccccccc-0000-4000-8000-000000000014');

-- Each token is the text itself, thirty-two characters or more as a real one has.
INSERT INTO one_time_links (token_hash, user_id, purpose, expires_at) VALUES
    (sha256('reset-of-alders-sales-0000000000000000000000'), 'aaaaaaaa-0000-4000-8000-000000000013', 'reset', now() + interval '1 hour'),
    (sha256('invitation-of-ivy-alder-00000000000000000000'), 'aaaaaaaa-0000-4000-8000-000000000017', 'invitation', now() + interval '7 days'),
    (sha256('reset-too-late-00000000000000000000000000000'), 'aaaaaaaa-0000-4000-8000-000000000014', 'reset', now() - interval '1 second');

INSERT INTO audit (id, at, user_id, partner_id, action, entity, details) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000401', now() - interval '1 day', 'aaaaaaaa-0000-4000-8000-000000000011', 'aaaaaaaa-0000-4000-8000-000000000001', 'partners.update', 'aaaaaaaa-0000-4000-8000-000000000001', '{"capacity": [5, 10]}'),
    ('bbbbbbbb-0000-4000-8000-000000000401', now() - interval '1 day', 'bbbbbbbb-0000-4000-8000-000000000011', 'bbbbbbbb-0000-4000-8000-000000000001', 'partners.update', 'bbbbbbbb-0000-4000-8000-000000000001', '{"capacity": [5, 20]}');

INSERT INTO jobs (id, kind, state, attempts, last_error) VALUES ('cccccccc-0000-4000-8000-000000000095', 'send.email', 'dead', 12, 'The mailbox does not exist.');

-- An import that waits for a decision and one that is done, of each partner.
INSERT INTO lead_imports (id, partner_id, created_by, by_staff, state, filename, file, file_hash, size, charset, delimiter, has_header, columns, mapping,
                          version, rows, checked, good, bad, duplicates, summary, consent_text, consent_at, consent_by, confirmed, imported, finished_at)
SELECT (p.letters || '-0000-4000-8000-0000000000b' || s.n)::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000013')::uuid, false, s.state, p.word || ' list ' || s.n || '.csv', 'imports/' || md5(p.word || s.n),
       encode(sha256((p.word || s.n)::bytea), 'hex'), 200, 'UTF-8', ',', true,
       jsonb_build_array(jsonb_build_object('header', p.word || ' name', 'samples', jsonb_build_array(p.word || ' caller'), 'filled', 3, 'emails', 0, 'phones', 0,
                             'dates', '{"order": "dmy", "certain": true, "cells": 0}'::jsonb, 'numbers', '{"style": "point", "certain": true, "cells": 0}'::jsonb),
                         jsonb_build_object('header', 'Move in', 'samples', '["03/04/2027"]'::jsonb, 'filled', 3, 'emails', 0, 'phones', 0,
                             'dates', '{"order": "dmy", "certain": false, "cells": 3}'::jsonb, 'numbers', '{"style": "comma", "certain": false, "cells": 3}'::jsonb)),
       '[{"field": "client_name", "dates": "dmy", "numbers": "point"}, {"field": "client_email", "dates": "dmy", "numbers": "point"}]',
       1, 3, 3, 1, 1, 1, '[{"field": "client_email", "message": "“{value}” is not an email address. Write it like name@company.example.", "rows": 1, "first": 3}]',
       CASE s.n WHEN 2 THEN 'They agreed' END, CASE s.n WHEN 2 THEN now() END, CASE s.n WHEN 2 THEN (p.letters || '-0000-4000-8000-000000000013')::uuid END,
       CASE s.n WHEN 2 THEN 1 END, CASE s.n WHEN 2 THEN 1 END, CASE s.n WHEN 2 THEN now() END
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word), (VALUES (1, 'checked'), (2, 'imported')) AS s(n, state);
INSERT INTO lead_import_rows (id, import_id, partner_id, by_staff, number, status, cells, lead, problems, email_key, same_lead)
SELECT (p.letters || '-0000-4000-8000-0000000000c' || r.n)::uuid, (p.letters || '-0000-4000-8000-0000000000b1')::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       false, r.n + 1, r.status, jsonb_build_array(p.word || ' caller ' || r.n, CASE r.status WHEN 'problem' THEN 'nowhere' ELSE r.email END),
       CASE WHEN r.status <> 'problem' THEN jsonb_build_object('client_name', p.word || ' caller ' || r.n, 'client_email', r.email, 'source', 'import') END,
       CASE r.status WHEN 'problem' THEN '[{"field": "client_email", "message": "“{value}” is not an email address. Write it like name@company.example.", "value": "nowhere"}]' ELSE '[]' END::jsonb,
       r.email, CASE r.status WHEN 'duplicate' THEN (p.letters || '-0000-4000-8000-000000000021')::uuid END
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       LATERAL (VALUES (1, 'good', 'caller1@' || lower(p.word) || '-client.example'), (2, 'problem', NULL), (3, 'duplicate', 'new@' || lower(p.word) || '-client.example')) AS r(n, status, email);
INSERT INTO lead_import_headers (partner_id, header, field) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000001', 'alder name', 'client_name'), ('bbbbbbbb-0000-4000-8000-000000000001', 'zebulon name', 'client_name');
-- What left the portal: a mail to each partner, an address of each that gets nothing, and two that were caught.
INSERT INTO outbox (id, template, user_id, recipient, category, thread, state, sent_at)
SELECT (letters || '-0000-4000-8000-000000000501')::uuid, 'event', (letters || '-0000-4000-8000-000000000013')::uuid, 'sales@' || word || '.example',
       'lead.stage', 'lead-' || letters || '-0000-4000-8000-000000000021', 'sent', now()
  FROM (VALUES ('aaaaaaaa', 'alder'), ('bbbbbbbb', 'zebulon')) AS p(letters, word);
INSERT INTO suppressions (id, channel, address, reason, detail, origin) VALUES
    ('cccccccc-0000-4000-8000-000000000095', 'email', 'gone@alder.example', 'bounce', '550 5.1.1 no such user', 'delivery'),
    ('bbbbbbbb-0000-4000-8000-000000000095', 'email', 'gone@zebulon.example', 'complaint', '', 'provider');
INSERT INTO caught_messages (id, outbox_id, channel, recipient, subject, head, body_text, body_html) VALUES
    ('cccccccc-0000-4000-8000-000000000096', 'aaaaaaaa-0000-4000-8000-000000000501', 'email', 'sales@alder.example', 'A lead moved', E'Subject: A lead moved\r\n', 'It moved', '<p style="margin:0">It moved</p>'),
    ('bbbbbbbb-0000-4000-8000-000000000096', 'bbbbbbbb-0000-4000-8000-000000000501', 'email', 'sales@zebulon.example', 'Zebulon moved', '', 'Zebulon moved', NULL);

INSERT INTO sequences (id, name) VALUES
    ('cccccccc-0000-4000-8000-000000000096', 'Welcome'), ('cccccccc-0000-4000-8000-000000000097', 'Nobody''s yet');
INSERT INTO sequence_steps (id, sequence_id, position, wait_hours, subject, body) VALUES
    ('cccccccc-0000-4000-8000-000000000098', 'cccccccc-0000-4000-8000-000000000096', 1, 24, 'Welcome, {{client}}', '{{partner}} told us of you.'),
    ('cccccccc-0000-4000-8000-000000000099', 'cccccccc-0000-4000-8000-000000000096', 2, 48, 'A question', 'How is it going, {{client}}?');
INSERT INTO enrolments (sequence_id, lead_id, partner_id, next_at)
SELECT 'cccccccc-0000-4000-8000-000000000096', id, partner_id, now() + interval '1 day' FROM leads WHERE stage = 'new';

-- Something unread behind the bell of each partner's owner, something read behind the admin's; and a browser of each owner.
INSERT INTO notifications (id, user_id, type, at, actor_id, by_staff, partner_id, lead_id, subject_id, href, data, read_at) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000097', 'aaaaaaaa-0000-4000-8000-000000000011', 'lead.stage', now() - interval '1 hour', 'aaaaaaaa-0000-4000-8000-000000000013', false, 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000023', 'aaaaaaaa-0000-4000-8000-000000000023', '/leads/aaaaaaaa-0000-4000-8000-000000000023', '{"from": "intake", "to": "qualified"}', NULL),
    ('bbbbbbbb-0000-4000-8000-000000000097', 'bbbbbbbb-0000-4000-8000-000000000011', 'lead.stage', now() - interval '1 hour', 'bbbbbbbb-0000-4000-8000-000000000013', false, 'bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000023', 'bbbbbbbb-0000-4000-8000-000000000023', '/leads/bbbbbbbb-0000-4000-8000-000000000023', '{"from": "intake", "to": "qualified"}', NULL),
    ('cccccccc-0000-4000-8000-000000000097', 'cccccccc-0000-4000-8000-000000000014', 'lead.created', now() - interval '2 days', 'aaaaaaaa-0000-4000-8000-000000000013', false, 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000021', 'aaaaaaaa-0000-4000-8000-000000000021', '/leads/aaaaaaaa-0000-4000-8000-000000000021', '{"source": "referral"}', now());
INSERT INTO push_subscriptions (id, user_id, endpoint, p256dh, auth, user_agent) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000098', 'aaaaaaaa-0000-4000-8000-000000000011', 'https://push.example/alder', 'B' || repeat('a', 86), repeat('a', 22), 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'),
    ('bbbbbbbb-0000-4000-8000-000000000098', 'bbbbbbbb-0000-4000-8000-000000000011', 'https://push.example/zebulon', 'B' || repeat('b', 86), repeat('b', 22), 'Zebulon/1.0');

-- Conversations: with each partner about its lead 24 (threads 501, messages 511 of the owner, 512 of staff, 513 a note of
-- staff), with each as a chat (502), about the share 91 of each (503), and about lead 23 only notes (504). What the owner
-- wrote may be changed by its author as long as the tests run. Files hang on messages 511 (551, a picture) and on the note (552).
INSERT INTO threads (id, kind, partner_id, lead_id, share_id)
SELECT (p.letters || '-0000-4000-8000-000000000' || t.row)::uuid, t.kind, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       CASE WHEN t.lead > 0 THEN (p.letters || '-0000-4000-8000-0000000000' || t.lead)::uuid END,
       CASE WHEN t.kind = 'share' THEN (p.letters || '-0000-4000-8000-000000000091')::uuid END
  FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS p(letters), (VALUES (501, 'lead', 24), (502, 'partner', 0), (503, 'share', 24), (504, 'lead', 23)) AS t(row, kind, lead);
INSERT INTO messages (id, thread_id, partner_id, author_id, by_staff, staff_only, text, created_at)
SELECT (p.letters || '-0000-4000-8000-000000000' || m.row)::uuid, (p.letters || '-0000-4000-8000-000000000' || m.thread)::uuid,
       (p.letters || '-0000-4000-8000-000000000001')::uuid, coalesce(('cccccccc-0000-4000-8000-0000000000' || m.staff)::uuid, (p.letters || '-0000-4000-8000-000000000011')::uuid),
       m.staff IS NOT NULL, m.note, m.text || ' ' || p.word, now() + make_interval(hours => 1, secs => m.row)
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES (511, 501, NULL, false, 'When can we see the flat? https://flat.example/plan'), (512, 501, '11', false, 'On Saturday, says'), (513, 501, '11', true, 'NOTE-OF-STAFF about'),
               (521, 502, NULL, false, 'Which documents do you need from'), (531, 503, '11', false, 'Here is the share for'), (541, 504, '11', true, 'NOTE-OF-STAFF alone about'))
       AS m(row, thread, staff, note, text);
INSERT INTO files (id, user_id, sha256, size, type, name)
SELECT (p.letters || '-0000-4000-8000-000000000' || f.row)::uuid, (p.letters || '-0000-4000-8000-000000000011')::uuid, sha256((p.word || f.row)::bytea), 1234, f.type, f.name || p.word || f.ending
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES (551, 'image/png', 'plan-', '.png'), (552, 'application/pdf', 'NOTE-OF-STAFF-', '.pdf')) AS f(row, type, name, ending);
INSERT INTO message_files (message_id, file_id, position)
SELECT (letters || '-0000-4000-8000-000000000' || m)::uuid, (letters || '-0000-4000-8000-000000000' || f)::uuid, 1
  FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS letters, (VALUES (511, 551), (513, 552)) AS l(m, f);

-- What was done about lead 24 of each: a note of the owner's (561, may be changed as long as the tests run) with a picture (553),
-- a call that staff logged for both (562), a note that staff keep to themselves (563) with a file (554), and another one about lead 21 (564). And a business card
-- that each owner waits for (571, picture 555).
INSERT INTO activities (id, lead_id, partner_id, author_id, by_staff, internal, kind, direction, outcome, minutes, text, place, latitude, longitude, at, created_at)
SELECT (p.letters || '-0000-4000-8000-000000000' || a.row)::uuid, (p.letters || '-0000-4000-8000-0000000000' || CASE a.row WHEN 564 THEN 21 ELSE 24 END)::uuid,
       (p.letters || '-0000-4000-8000-000000000001')::uuid, coalesce(('cccccccc-0000-4000-8000-0000000000' || a.staff)::uuid, (p.letters || '-0000-4000-8000-000000000011')::uuid), a.staff IS NOT NULL, a.internal,
       a.kind, a.direction, a.outcome, a.minutes, a.text || p.word, a.place || p.word, 25.08, 55.14, now() - make_interval(days => 600 - a.row), now() + interval '1 hour'
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES (561, NULL, false, 'note', NULL, NULL, NULL, 'They like the lake, says ', 'Lake of '), (562, '11', false, 'call', 'out', 'reached', 7, 'Asked about the lake for ', 'Desk of '),
               (563, '11', true, 'note', NULL, NULL, NULL, 'INTERNAL-OF-STAFF about ', 'INTERNAL-OF-STAFF '), (564, '11', true, 'call', 'in', NULL, NULL, 'INTERNAL-OF-STAFF too about ', '')) AS a(row, staff, internal, kind, direction, outcome, minutes, text, place);
INSERT INTO files (id, user_id, sha256, size, type, name)
SELECT (p.letters || '-0000-4000-8000-000000000' || f.row)::uuid, (p.letters || '-0000-4000-8000-000000000011')::uuid, sha256((p.word || f.row)::bytea), 1234, f.type, f.name || p.word || f.ending
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES (553, 'image/png', 'lake-', '.png'), (554, 'audio/mpeg', 'INTERNAL-OF-STAFF-', '.mp3'), (555, 'image/jpeg', 'card-', '.jpg')) AS f(row, type, name, ending);
INSERT INTO activity_files (activity_id, file_id, position)
SELECT (letters || '-0000-4000-8000-000000000' || a)::uuid, (letters || '-0000-4000-8000-000000000' || f)::uuid, 1
  FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS letters, (VALUES (561, 553), (563, 554)) AS l(a, f);
INSERT INTO cards (id, user_id, partner_id, file_id)
SELECT (letters || '-0000-4000-8000-000000000571')::uuid, (letters || '-0000-4000-8000-000000000011')::uuid, (letters || '-0000-4000-8000-000000000001')::uuid,
       (letters || '-0000-4000-8000-000000000555')::uuid FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS letters;
-- Lists: of each partner's owner a view of their own and one that the team shares, an action that has run, and a selection
-- that waits; staff's agent has shared a view with staff.
INSERT INTO lead_views (id, user_id, partner_id, name, query, columns, shared, position)
SELECT (p.letters || '-0000-4000-8000-0000000000' || v.row)::uuid, (p.letters || '-0000-4000-8000-000000000011')::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       v.name || p.word, v.query, v.columns, v.shared, v.position
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES ('61', 'Won by ', 'stage=won&sort=value_desc', NULL, false, 1), ('64', 'Team of ', 'open=1', ARRAY['value', 'stage'], true, 2)) AS v(row, name, query, columns, shared, position);
INSERT INTO lead_views (id, user_id, partner_id, name, query, shared, position) VALUES
    ('cccccccc-0000-4000-8000-000000000061', 'cccccccc-0000-4000-8000-000000000011', NULL, 'STAFF-NOTES-view', 'stage=new', true, 1);
INSERT INTO bulk_actions (id, user_id, partner_id, action, value, reason, state, total, planned, done, started_at, finished_at)
SELECT (p.letters || '-0000-4000-8000-0000000000' || b.row)::uuid, (p.letters || '-0000-4000-8000-000000000011')::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       'source', 'event', 'because of ' || p.word, b.state, 2, b.planned, b.done, b.at, b.at
  FROM (VALUES ('aaaaaaaa'::text, 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES ('62', 'finished', 1, 1, now() - interval '1 hour'), ('63', 'chosen', 2, 0, NULL)) AS b(row, state, planned, done, at);
INSERT INTO bulk_rows (bulk_id, lead_id, version, refusal, done, stage, source, stage_at, version_after)
SELECT (p || '-0000-4000-8000-000000000062')::uuid, (p || '-0000-4000-8000-0000000000' || b.row)::uuid, 1, b.refusal, b.refusal IS NULL, 'new', 'website', now(), 1
  FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS p, (VALUES ('21', NULL), ('25', 'closed')) AS b(row, refusal);
INSERT INTO bulk_rows (bulk_id, lead_id, version)
SELECT (p || '-0000-4000-8000-000000000063')::uuid, (p || '-0000-4000-8000-0000000000' || n)::uuid, 1 FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS p, unnest(ARRAY['22', '23']) AS n;
-- ── Referral links ──
UPDATE programme SET landing_sites = '{https://www.programme.example/homes}';
INSERT INTO referral_links (id, partner_id, created_by, code, name, target, form_type, landing_url, destination, utm_source, utm_medium, utm_campaign, archived_at)
SELECT (p.letters || '-0000-4000-8000-0000000000' || l.n)::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000011')::uuid, lower(p.word) || '-' || l.word, p.word || ' ' || l.word, l.target,
       CASE WHEN l.target = 'form' THEN 'broker' END, CASE WHEN l.target = 'landing' THEN 'https://www.programme.example/homes/1' END,
       CASE l.target WHEN 'form' THEN '/refer/broker?code=' || lower(p.word) || '-' || l.word WHEN 'landing' THEN 'https://www.programme.example/homes/1' ELSE '/' END,
       p.word, 'referral', p.word || ' campaign', CASE WHEN l.word = 'old' THEN now() - interval '1 day' END
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word),
       (VALUES (71, 'spring', 'form'), (72, 'homes', 'landing'), (73, 'home', 'programme'), (74, 'old', 'form')) AS l(n, word, target);
INSERT INTO link_clicks (id, link_id, partner_id, at, kind, visitor, referrer)
SELECT (p.letters || '-0000-4000-8000-0000000007' || n)::uuid, (p.letters || '-0000-4000-8000-000000000071')::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       now() - make_interval(hours => n), 'person', decode(left(md5(n::text), 24), 'hex'), lower(p.word) || '.example'
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word), generate_series(10, 14) AS n;
INSERT INTO lead_attribution (lead_id, partner_id, link_id, first_link_id, first_at, last_link_id, last_at, day, currency, value, qualified, won)
SELECT l.id, l.partner_id, (left(l.id::text, 8) || '-0000-4000-8000-000000000071')::uuid,
       -- partner A's client came by a link of B's first, and the other way round
       (CASE left(l.id::text, 8) WHEN 'aaaaaaaa' THEN 'bbbbbbbb' ELSE 'aaaaaaaa' END || '-0000-4000-8000-000000000073')::uuid, l.created_at - interval '2 days',
       (left(l.id::text, 8) || '-0000-4000-8000-000000000071')::uuid, l.created_at - interval '1 hour',
       (l.created_at AT TIME ZONE 'UTC')::date, l.currency, l.estimated_value, app.lead_is_qualified(l.stage), l.stage = 'won'
  FROM leads l WHERE right(l.id::text, 2) IN ('21', '25');
-- Duplicates: a pair of one client of each partner, one that are two clients, a merge, requests and checks. The pair's leads are 21
-- of both; what was merged into Alder's 22 was Zebulon's 29, which nobody sees any more.
INSERT INTO leads (id, partner_id, created_by, client_name, client_email, client_location, source, currency, estimated_value, description, created_at, registration)
VALUES ('bbbbbbbb-0000-4000-8000-000000000029', 'bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000013', 'Zebulon merged', 'merged@zebulon-client.example',
        'Dubai', 'referral', 'AED', 5, 'Zebulon once more', now() - interval '40 days', 'refused');
INSERT INTO duplicate_pairs (id, first_id, second_id, reasons, strength, state, decided_at) VALUES
    ('cccccccc-0000-4000-8000-000000000601', 'aaaaaaaa-0000-4000-8000-000000000021', 'bbbbbbbb-0000-4000-8000-000000000021', ARRAY['email', 'place'], 92, 'open', NULL),
    ('cccccccc-0000-4000-8000-000000000602', 'bbbbbbbb-0000-4000-8000-000000000023', 'aaaaaaaa-0000-4000-8000-000000000023', ARRAY['name', 'place'], 60, 'apart', now()),
    ('cccccccc-0000-4000-8000-000000000603', 'aaaaaaaa-0000-4000-8000-000000000022', 'bbbbbbbb-0000-4000-8000-000000000029', ARRAY['email'], 92, 'merged', now());
INSERT INTO lead_claims (id, lead_id, partner_id, client_name, state) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000611', 'aaaaaaaa-0000-4000-8000-000000000023', 'aaaaaaaa-0000-4000-8000-000000000001', 'Alder client qualified', 'open'),
    ('bbbbbbbb-0000-4000-8000-000000000611', 'bbbbbbbb-0000-4000-8000-000000000023', 'bbbbbbbb-0000-4000-8000-000000000001', 'Zebulon client qualified', 'open');
INSERT INTO lead_merges (id, pair_id, kept_id, gone_id, taken, kept_before, gone_before, kept_version, counts, moved, merged_by, undo_until)
SELECT 'cccccccc-0000-4000-8000-000000000621', 'cccccccc-0000-4000-8000-000000000603', k.id, g.id, '{}', to_jsonb(k), to_jsonb(g), k.version, '{}', 0,
       'cccccccc-0000-4000-8000-000000000011', now() + interval '7 days'
  FROM leads k, leads g WHERE k.id = 'aaaaaaaa-0000-4000-8000-000000000022' AND g.id = 'bbbbbbbb-0000-4000-8000-000000000029';
UPDATE leads SET merged_into = 'aaaaaaaa-0000-4000-8000-000000000022' WHERE id = 'bbbbbbbb-0000-4000-8000-000000000029';
UPDATE lead_merges SET counts = app.lead_counts(kept_id);
INSERT INTO extension_requests (id, lead_id, partner_id, asked_by, days, reason)
SELECT (p.letters || '-0000-4000-8000-000000000631')::uuid, (p.letters || '-0000-4000-8000-000000000024')::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000013')::uuid, 30, p.word || ' waits for the bank'
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word);
INSERT INTO overlap_checks (id, partner_id, user_id, asked, taken, answers)
SELECT (letters || '-0000-4000-8000-000000000641')::uuid, (letters || '-0000-4000-8000-000000000001')::uuid, (letters || '-0000-4000-8000-000000000013')::uuid, 1, 0,
       jsonb_build_array(jsonb_build_object('hash', repeat(left(letters, 1), 64), 'taken', false)) FROM unnest(ARRAY['aaaaaaaa', 'bbbbbbbb']) AS letters;
