-- The demo's calendar and news: reminders, appointments and announcements around :until, the end of the demo. Those who
-- are looked at first have most; with many partners the others have none. Ids and draws are hashes, so that the same demo
-- has the same rows.

-- name: seed_calendar none
-- doc: the newest open leads of a dozen partners, numbered, with the people who work on them; their reminders, appointments
-- and who takes part
WITH work AS (
SELECT l.id AS lead_id, l.partner_id, row_number() OVER (PARTITION BY l.partner_id ORDER BY l.created_at DESC, l.id)::integer AS n,
       split_part(coalesce(l.locations, 'the centre'), ',', 1) AS place, p.people[1 + row_number() OVER (PARTITION BY l.partner_id ORDER BY l.created_at DESC, l.id) % cardinality(p.people)] AS user_id, p.zone,
       (SELECT id FROM users WHERE partner_id IS NULL AND role = 'agent' ORDER BY created_at, id LIMIT 1) AS agent_id, p.known
  FROM (SELECT p.id, r.timezone AS zone, array_agg(u.id ORDER BY u.created_at, u.id) AS people, bool_or(u.password_hash IS NOT NULL) AS known
          FROM partners p JOIN regions r ON r.code = p.region JOIN users u ON u.partner_id = p.id AND u.status = 'active' AND u.role IN ('owner', 'sales')
         WHERE p.status = 'active' GROUP BY p.id, r.timezone ORDER BY bool_or(u.password_hash IS NOT NULL) DESC, p.name LIMIT 12) AS p,
       LATERAL (SELECT * FROM leads l WHERE l.partner_id = p.id AND l.stage IN ('new', 'intake', 'qualified', 'active')
                 ORDER BY l.created_at DESC, l.id LIMIT 12) AS l),
reminded AS (
INSERT INTO reminders (id, lead_id, partner_id, user_id, created_by, due_at, note, told_at, done_at, created_at)
SELECT md5('reminder' || s.side || c.lead_id)::uuid, c.lead_id, CASE WHEN s.side = 'partner' THEN c.partner_id END, s.user_id, s.user_id, d.due_at,
       (ARRAY['Call back about the floor plan', 'Send the payment schedule', 'Ask whether the bank has answered', 'Confirm the viewing', 'Offer the second unit',
              'Check the passport copies', 'Ask how the move is going', 'Ask for the service charges'])[1 + (c.n + s.shift) % 8],
       CASE WHEN d.due_at <= :until::timestamptz THEN d.due_at END, CASE WHEN c.n % 8 = 7 THEN :until::timestamptz - interval '20 hours' END, d.due_at - interval '6 days'
  FROM work c,
       LATERAL (VALUES ('partner', c.user_id, 0), ('staff', c.agent_id, 3)) AS s(side, user_id, shift),
       LATERAL (SELECT (date_trunc('day', :until::timestamptz AT TIME ZONE c.zone) + make_interval(days => (ARRAY[-1, 0, 1, 3, 0, 7, -2, 12])[1 + (c.n + s.shift) % 8],
                        hours => (ARRAY[9, 23, 9, 9, 22, 10, 9, 15])[1 + (c.n + s.shift) % 8])) AT TIME ZONE c.zone AS due_at) AS d
 WHERE CASE s.side WHEN 'partner' THEN c.n <= 8 ELSE c.known AND c.n <= 3 END),
made AS (
INSERT INTO appointments (id, lead_id, partner_id, created_by, kind, title, place, starts_at, ends_at, timezone, notice, status, reason, sequence, told_at, created_at, updated_at)
SELECT md5('appointment' || c.lead_id)::uuid, c.lead_id, c.partner_id, CASE WHEN c.n % 3 = 0 THEN c.agent_id ELSE c.user_id END, k.kind,
       CASE k.kind WHEN 'viewing' THEN 'Viewing in ' || c.place WHEN 'call' THEN (ARRAY['Call about the budget', 'Call with the family'])[1 + c.n % 2]
                   ELSE (ARRAY['Meeting at the bank', 'Contract meeting'])[1 + c.n % 2] END,
       CASE k.kind WHEN 'viewing' THEN c.place || ', sales gallery' WHEN 'call' THEN 'https://meet.example/' || substr(md5(c.lead_id::text), 1, 10) ELSE 'Head office, 4th floor' END,
       t.starts_at, t.starts_at + CASE k.kind WHEN 'call' THEN interval '30 minutes' WHEN 'viewing' THEN interval '90 minutes' ELSE interval '1 hour' END, c.zone,
       (ARRAY[60, 15, 1440, 0])[1 + c.n % 4], CASE WHEN k.off THEN 'called_off' ELSE 'planned' END,
       CASE WHEN k.off THEN (ARRAY['The client is travelling.', 'The unit was sold.'])[1 + c.n % 2] END, k.off::integer,
       CASE WHEN t.starts_at <= :until::timestamptz AND NOT k.off THEN t.starts_at END,
       least(t.starts_at - interval '5 days', :until::timestamptz - interval '3 hours'), least(t.starts_at - interval '4 days', :until::timestamptz - interval '2 hours')
  FROM work c,
       LATERAL (SELECT (ARRAY['viewing', 'call', 'meeting', 'viewing'])[1 + c.n % 4] AS kind, c.n IN (6, 9) AS off) AS k,
       LATERAL (SELECT (date_trunc('day', :until::timestamptz AT TIME ZONE c.zone)
                        + make_interval(days => (ARRAY[0, 1, 1, 2, 4, 5, -2, -6, -9, -13, 8, 15])[c.n], hours => (ARRAY[23, 10, 15, 11, 16, 9, 12, 10, 17, 14, 10, 13])[c.n]))
                       AT TIME ZONE c.zone AS starts_at) AS t
 WHERE c.known OR c.n <= 5
RETURNING id, lead_id)
INSERT INTO appointment_people (appointment_id, user_id)
SELECT a.id, u.id FROM made a JOIN work c ON c.lead_id = a.lead_id, LATERAL (VALUES (c.user_id, true), (c.agent_id, c.n % 3 = 0)) AS u(id, asked) WHERE u.asked

-- name: seed_announcements none
INSERT INTO announcements (id, title, body, link, to_staff, to_partners, types, tiers, regions, state, publish_at, expires_at, created_by, created_at, updated_at)
SELECT md5('announcement' || n)::uuid, title, body, link, to_staff, to_partners, types, tiers, regions, state, d.day + at, d.day + ends,
       (SELECT id FROM users WHERE partner_id IS NULL AND role = CASE WHEN n % 2 = 0 THEN 'admin' ELSE 'agent' END ORDER BY created_at, id LIMIT 1),
       d.day + coalesce(least(at, interval '0'), interval '0') - interval '1 day' - make_interval(hours => n), d.day + coalesce(least(at, interval '0'), interval '0') - interval '1 day' - make_interval(hours => n)
  FROM (SELECT date_trunc('day', :until::timestamptz, 'Asia/Dubai') AS day) AS d, (VALUES
    (1, 'Winter rates: half a point more until the end of the year', E'For every deal that closes between now and 31 December, the commission is half a point higher than your usual rate.\n\nNothing to do for you: the rate is set when the commission is recorded. It holds for leads that are already with us as well.',
        'https://meridian.example/winter', true, true, NULL::text[], NULL::text[], NULL::text[], 'released', interval '-14 hours', interval '38 days'),
    (2, 'New inventory sheet for developers', E'Please send unit lists in the new form from Monday on: one line a unit, with the handover date.\n\nThe old form is taken until the end of the month.',
        NULL, false, true, ARRAY['developer'], NULL, NULL, 'released', interval '-61 hours', NULL),
    (3, 'Gold partners: evening at the marina', E'We would like to thank you for the year. Thursday, seven in the evening, at the marina; bring a colleague.',
        NULL, false, true, NULL, ARRAY['gold'], ARRAY['AE'], 'released', interval '-110 hours', interval '9 days'),
    (4, 'Payout run on the first working day', E'The run moves from the 3rd to the first working day of the month. Finance needs bank details that have changed a week before.',
        NULL, true, true, NULL, NULL, NULL, 'released', interval '-278 hours', NULL),
    (5, 'Office closed on Friday', E'Support answers by mail only, from Saturday on as usual.', NULL, true, true, NULL, NULL, NULL, 'released', interval '-614 hours', interval '-22 days'),
    (6, 'For staff: who answers which partner', E'From next week each agent has a list of partners of their own. Yours is in the shared folder.', NULL, true, false, NULL, NULL, NULL, 'released', interval '-38 hours', NULL),
    (7, 'RERA renewal: what agents in India need by January', E'Licences that end before 31 January need the new form. Send it with the receipt.', 'https://meridian.example/rera', false, true, ARRAY['rera_agent'], NULL, ARRAY['IN'],
        'released', interval '57 hours', interval '60 days'),
    (8, 'Referral links with your own alias', E'(Draft) What it is, where to find it, and three examples.', NULL, false, true, ARRAY['channel', 'broker', 'agency'], ARRAY['silver', 'gold'], NULL, 'draft', NULL, NULL)
  ) AS v(n, title, body, link, to_staff, to_partners, types, tiers, regions, state, at, ends)

-- name: seed_announcements_told none
UPDATE announcements a SET told_at = a.publish_at, reached = (SELECT count(*) FROM app.announcement_audience(a.id)) WHERE a.state = 'released' AND a.publish_at <= :until::timestamptz

-- name: seed_announcement_reads none
-- doc: three of five have read what they were told; those who are looked at first have the newest before them
INSERT INTO announcement_reads (announcement_id, user_id, read_at)
SELECT a.id, u.user_id, least(a.publish_at + make_interval(mins => 7 + abs(hashtext(u.user_id::text || a.id)) % 3000), :until::timestamptz)
  FROM announcements a, app.announcement_audience(a.id) AS u
 WHERE a.told_at IS NOT NULL
   AND CASE WHEN (SELECT w.password_hash IS NOT NULL FROM users w WHERE w.id = u.user_id) THEN a.publish_at < :until::timestamptz - interval '4 days'
            ELSE abs(hashtext(a.id::text || u.user_id)) % 5 < 3 END
