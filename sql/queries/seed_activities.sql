-- The demo's work on leads: what both sides wrote down about the newest open ones, up to :until, the end of the demo.

-- name: seed_activities none
-- doc: `told` has each script's entries with the part of the time between the lead's first day and now that had passed; files of
-- :files, which they carry
WITH work AS (
    SELECT l.id AS lead_id, l.partner_id, l.client_name, l.created_at, row_number() OVER (PARTITION BY l.partner_id ORDER BY l.created_at DESC, l.id)::integer AS n,
           p.people[1 + row_number() OVER (PARTITION BY l.partner_id ORDER BY l.created_at DESC, l.id) % cardinality(p.people)] AS partner_user,
           (SELECT id FROM users WHERE partner_id IS NULL AND role = 'agent' ORDER BY created_at, id LIMIT 1) AS agent
      FROM (SELECT p.id, array_agg(u.id ORDER BY u.created_at, u.id) AS people
              FROM partners p JOIN users u ON u.partner_id = p.id AND u.status = 'active' AND u.role IN ('owner', 'sales')
             WHERE p.status = 'active' GROUP BY p.id ORDER BY bool_or(u.password_hash IS NOT NULL) DESC, p.name LIMIT 12) AS p,
           LATERAL (SELECT * FROM leads l WHERE l.partner_id = p.id AND l.stage IN ('new', 'intake', 'qualified', 'active') AND l.created_at < :until::timestamptz - interval '1 day'
                     ORDER BY l.created_at DESC, l.id LIMIT 16) AS l),
told(script, place, passed, who, internal, kind, direction, outcome, minutes, file, spot, latitude, longitude, text) AS (VALUES
    (0, 1, 0.04, 'partner', false, 'call', 'out', 'reached', 12, NULL, '', NULL, NULL, E'First call. Wants to be near the school of the children, and to move before the summer.\n\nHas sold the old flat already, so there is no chain.'),
    (0, 2, 0.15, 'agent', true, 'note', NULL, NULL, NULL, NULL, '', NULL, NULL, 'Same family that looked at the canal side in spring. Ask for the bank''s letter before a second viewing.'),
    (0, 3, 0.30, 'agent', false, 'mail', 'out', 'answered', NULL, 4, '', NULL, NULL, 'Sent the reservation form and the list of papers.'),
    (0, 4, 0.55, 'partner', false, 'meeting', NULL, 'took_place', 50, 2, 'Sales gallery, Dubai Marina', 25.08050, 55.14030, 'Went through the plan together. The corner unit is the favourite; the study may become a second bathroom.'),
    (0, 5, 0.56, 'partner', false, 'note', NULL, NULL, NULL, 5, '', NULL, NULL, 'Said on the way back, before I forget it.'),
    (0, 6, 0.80, 'agent', false, 'call', 'out', 'left_message', 1, NULL, '', NULL, NULL, 'Asked to be called back about the payment plan.'),
    (0, 7, 0.86, 'partner', false, 'call', 'in', 'interested', 7, NULL, '', NULL, NULL, 'Called back. 60/40 suits them better than 70/30.'),
    (0, 8, 0.93, 'agent', true, 'call', 'out', 'reached', 4, NULL, '', NULL, NULL, 'Landlord of the corner unit goes down by two per cent if they sign this month. Not to be said before Thursday.'),
    (1, 1, 0.06, 'partner', false, 'call', 'out', 'no_answer', NULL, NULL, '', NULL, NULL, ''),
    (1, 2, 0.12, 'partner', false, 'call', 'out', 'no_answer', NULL, NULL, '', NULL, NULL, 'Second try, in the evening.'),
    (1, 3, 0.20, 'partner', false, 'mail', 'out', 'answered', NULL, 1, '', NULL, NULL, 'Wrote instead, with the prices. Prefers mail, travels a lot.'),
    (1, 4, 0.60, 'agent', true, 'note', NULL, NULL, NULL, NULL, '', NULL, NULL, 'Asks the same of two other agencies. Be quick.'),
    (1, 5, 0.75, 'agent', false, 'note', NULL, NULL, NULL, NULL, '', NULL, NULL, 'Two units fit: one is free at once, one from March on. I hold both until Friday.'),
    (2, 1, 0.10, 'partner', false, 'note', NULL, NULL, NULL, NULL, '', NULL, NULL, 'Met at the evening of the chamber of commerce. Buys for a relative, decides alone.'),
    (2, 2, 0.35, 'partner', false, 'meeting', NULL, 'no_show', NULL, NULL, 'Café by the lake, JLT', 25.06930, 55.14470, 'Waited for half an hour. Wrote that the flight was late.'),
    (2, 3, 0.50, 'partner', false, 'meeting', NULL, 'took_place', 35, NULL, 'Head office, 4th floor', NULL, NULL, 'Explained the fees. Wants to see it in writing.'),
    (2, 4, 0.52, 'agent', false, 'mail', 'out', NULL, NULL, 3, '', NULL, NULL, 'What we talked about, in writing.'),
    (3, 1, 0.20, 'agent', false, 'call', 'out', 'reached', 6, NULL, '', NULL, NULL, 'Confirmed the request. Budget is firm.'),
    (3, 2, 0.70, 'partner', false, 'note', NULL, NULL, NULL, NULL, '', NULL, NULL, 'Will decide after the holidays.')),
written AS (
    SELECT w.*, t.*, md5('activity ' || w.lead_id || '/' || t.place)::uuid AS id, w.created_at + t.passed * (:until::timestamptz - interval '3 hours' - w.created_at) AS at,
           CASE t.who WHEN 'agent' THEN w.agent ELSE w.partner_user END AS author
      FROM work w JOIN told t ON t.script = (w.n - 1) % 4),
kept AS (
    INSERT INTO files (id, user_id, sha256, size, type, name, created_at)
    SELECT md5('file ' || w.id)::uuid, w.author, decode(f.sha256, 'hex'), f.size, f.type, f.name, w.at
      FROM written w JOIN jsonb_to_recordset(:files::jsonb) AS f(number integer, sha256 text, size bigint, type text, name text) ON f.number = w.file)
INSERT INTO activities (id, lead_id, partner_id, author_id, by_staff, internal, kind, direction, outcome, minutes, text, place, latitude, longitude, at, created_at)
SELECT w.id, w.lead_id, w.partner_id, w.author, w.who = 'agent', w.internal, w.kind, w.direction, w.outcome, w.minutes, w.text, w.spot, w.latitude, w.longitude, w.at, w.at + interval '9 minutes'
  FROM written w

-- name: seed_activities_end none
-- doc: files at their entries; one entry that was put right, one that was taken back
DO $$
BEGIN
    INSERT INTO activity_files (activity_id, file_id, position)
    SELECT a.id, f.id, 1 FROM activities a JOIN files f ON f.id = md5('file ' || a.id)::uuid;
    UPDATE activities SET minutes = 15 WHERE text LIKE 'First call.%' AND kind = 'call';
    UPDATE activities SET edited_at = created_at + interval '3 minutes' WHERE edited_at IS NOT NULL;
    UPDATE activities SET deleted_at = now() WHERE text = 'Second try, in the evening.';
    UPDATE activity_versions v SET at = a.created_at + interval '3 minutes' FROM activities a WHERE a.id = v.activity_id;
    UPDATE activities SET deleted_at = created_at + interval '3 minutes' WHERE deleted_at IS NOT NULL;
END $$
