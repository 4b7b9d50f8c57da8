-- The demo's duplicates: some of the newest leads are clients whom somebody else sent before. Written before conversations and
-- calendar, which speak of what is there; what a merge counts is counted at the end.

-- name: seed_duplicates none
-- doc: n counts the pairs: of three, one has the same email, one the same phone, one both; from 13 on only name and place agree.
-- 15 and 16 were merged, 5 and 11 are two clients after all
WITH span AS (SELECT :until::timestamptz AS at),
firsts AS (
    SELECT l.*, row_number() OVER (ORDER BY p.name = 'Harbour Realty' DESC, md5(l.id::text)) AS n
      FROM leads l JOIN partners p ON p.id = l.partner_id, span
     WHERE l.registration = 'held' AND l.stage IN ('new', 'intake', 'qualified', 'active') AND l.client_email IS NOT NULL AND l.client_phone IS NOT NULL
       AND l.created_at BETWEEN span.at - interval '75 days' AND span.at - interval '12 days' AND p.status = 'active'
     ORDER BY n LIMIT 40),
picked AS (SELECT * FROM (SELECT f.*, row_number() OVER (PARTITION BY f.partner_id ORDER BY f.n) AS of_partner FROM firsts f) AS x WHERE of_partner <= 9 ORDER BY n LIMIT 16),
numbered AS (SELECT p.id, p.partner_id, p.client_name, p.client_email, p.client_phone, p.phone_e164, p.client_location, row_number() OVER (ORDER BY p.n) AS n FROM picked p),
seconds AS (
    SELECT s.id, s.partner_id, s.created_at, CASE WHEN s.best THEN (ARRAY[10, 12])[s.k] WHEN s.k < 10 THEN s.k WHEN s.k = 10 THEN 11 ELSE s.k + 2 END AS n
      FROM (SELECT l.id, l.partner_id, l.created_at, p.name = 'Harbour Realty' AS best, row_number() OVER (PARTITION BY p.name = 'Harbour Realty' ORDER BY md5('second' || l.id)) AS k
              FROM leads l JOIN partners p ON p.id = l.partner_id, span
             WHERE l.registration = 'held' AND l.stage IN ('new', 'intake', 'qualified') AND l.created_at > span.at - interval '11 days' AND p.status = 'active') AS s),
pairs AS (
    SELECT f.n, f.id AS first_id, s.id AS second_id, f.partner_id AS first_partner, s.partner_id AS second_partner, s.created_at, f.client_name, f.client_email, f.client_phone, f.phone_e164,
           f.client_location, f.n % 3 IN (0, 1) AND f.n < 13 OR f.n >= 15 AS by_email, f.n % 3 IN (1, 2) AND f.n < 13 OR f.n = 16 AS by_phone
      FROM numbered f JOIN seconds s ON s.n = f.n),
changed AS (
    UPDATE leads l SET client_name = CASE WHEN p.n >= 13 OR p.n % 4 = 0 THEN p.client_name WHEN p.n % 4 = 1 THEN left(p.client_name, 1) || '. ' || regexp_replace(p.client_name, '^\S+\s*', '')
                                          WHEN p.n % 4 = 2 THEN regexp_replace(p.client_name, '(\S)(\S)$', '\2\1') ELSE upper(p.client_name) END,
           client_email = CASE WHEN p.by_email THEN upper(left(p.client_email, 1)) || substr(p.client_email, 2) WHEN p.by_phone OR p.n >= 13 THEN NULL ELSE l.client_email END,
           client_phone = CASE WHEN p.by_phone THEN replace(p.client_phone, ' ', '-') ELSE coalesce(l.client_phone, CASE WHEN NOT p.by_email THEN '+971 50 555 0' || (100 + p.n) END) END,
           phone_e164 = CASE WHEN p.by_phone THEN p.phone_e164 ELSE coalesce(l.phone_e164, CASE WHEN NOT p.by_email THEN '+971505550' || (100 + p.n) END) END,
           client_location = p.client_location,
           registration = CASE WHEN NOT (p.by_email OR p.by_phone) OR p.n IN (5, 11) THEN 'held' WHEN p.first_partner = p.second_partner THEN 'again' WHEN p.n IN (15, 16) THEN 'refused' ELSE 'known' END,
           protected_until = CASE WHEN NOT (p.by_email OR p.by_phone) OR p.n IN (5, 11) THEN l.protected_until END,
           merged_into = CASE WHEN p.n IN (15, 16) THEN p.first_id END
      FROM pairs p WHERE l.id = p.second_id RETURNING l.id),
claimed AS (
    INSERT INTO lead_claims (id, lead_id, partner_id, client_name, state, created_at, decided_at, decided_by)
    SELECT md5('claim' || p.n)::uuid, p.second_id, p.second_partner, p.client_name, CASE WHEN p.n IN (5, 11) THEN 'accepted' WHEN p.n IN (15, 16) THEN 'refused' ELSE 'open' END,
           p.created_at, CASE WHEN p.n IN (5, 11, 15, 16) THEN span.at - make_interval(hours => 20 + p.n::integer) END, NULL
      FROM pairs p, span WHERE (p.by_email OR p.by_phone) AND p.first_partner <> p.second_partner),
found AS (
    INSERT INTO duplicate_pairs (id, first_id, second_id, reasons, strength, state, found_at, decided_at, decided_by)
    SELECT md5('pair' || p.n)::uuid, p.first_id, p.second_id,
           array_remove(ARRAY[CASE WHEN p.by_email THEN 'email' END, CASE WHEN p.by_phone THEN 'phone' END, CASE WHEN p.n >= 13 OR p.n % 4 IN (0, 3) THEN 'name' END, 'place'], NULL),
           app.duplicate_strength(p.by_email, p.by_phone, CASE WHEN p.n >= 13 OR p.n % 4 IN (0, 3) THEN 1 ELSE 0.5 END, 1, false),
           CASE WHEN p.n IN (5, 11) THEN 'apart' WHEN p.n IN (15, 16) THEN 'merged' ELSE 'open' END, p.created_at + interval '4 seconds',
           CASE WHEN p.n IN (5, 11, 15, 16) THEN span.at - make_interval(hours => 20 + p.n::integer) END,
           CASE WHEN p.n IN (5, 11, 15, 16) THEN (SELECT id FROM users WHERE email = 'agent@tessera.example') END
      FROM pairs p, span RETURNING id)
INSERT INTO lead_merges (id, pair_id, kept_id, gone_id, taken, kept_before, gone_before, kept_version, counts, moved, merged_at, merged_by, undo_until)
SELECT md5('merge' || p.n)::uuid, md5('pair' || p.n)::uuid, p.first_id, p.second_id, '{}', to_jsonb(k),
       to_jsonb(g) || jsonb_build_object('registration', 'known', 'protected_until', NULL, 'client_name', p.client_name, 'client_email', p.client_email, 'client_phone', CASE WHEN p.by_phone THEN p.client_phone ELSE g.client_phone END), k.version, '{}', 0,
       span.at - make_interval(hours => 20 + p.n::integer), (SELECT id FROM users WHERE email = 'agent@tessera.example'), span.at + interval '6 days'
  FROM pairs p JOIN leads k ON k.id = p.first_id JOIN leads g ON g.id = p.second_id, span, (SELECT count(*) FROM found) AS f WHERE p.n IN (15, 16)

-- name: seed_merged none
-- doc: what spoke of the merged ones goes along
SELECT set_config('app.merging', 'on', true), app.lead_rows_move(m.id, m.gone_id, m.kept_id, k.partner_id), app.lead_partner_settle(m.id, m.gone_id), set_config('app.merging', '', true)
  FROM lead_merges m JOIN leads k ON k.id = m.kept_id

-- name: seed_duplicates_end none
-- doc: requests and checks of the last days, and what a merge has to find again for the way back
WITH span AS (SELECT :until::timestamptz AS at),
counted AS (UPDATE lead_merges m SET counts = app.lead_counts(m.kept_id), kept_version = (SELECT l.version FROM leads l WHERE l.id = m.kept_id),
                   moved = (SELECT count(*) FROM lead_merge_rows r WHERE r.merge_id = m.id AND r.column_name <> '')),
held AS (
    SELECT l.id, l.partner_id, l.protected_until, p.name = 'Harbour Realty' AS best, row_number() OVER (PARTITION BY p.name = 'Harbour Realty' ORDER BY md5('held' || l.id)) AS n
      FROM leads l JOIN partners p ON p.id = l.partner_id, span
     WHERE l.registration = 'held' AND l.stage IN ('qualified', 'active') AND l.protected_until > span.at AND l.merged_into IS NULL AND p.status = 'active'),
asked AS (
    INSERT INTO extension_requests (id, lead_id, partner_id, asked_by, asked_at, days, reason, state, days_given, answer, decided_at, decided_by)
    SELECT md5('extension' || r.n || r.best)::uuid, h.id, h.partner_id, (SELECT u.id FROM users u WHERE u.partner_id = h.partner_id AND u.status = 'active' AND u.role IN ('owner', 'sales') ORDER BY u.created_at, u.id LIMIT 1),
           span.at - r.ago, r.days, r.reason, r.state, r.given, r.answer, CASE WHEN r.state <> 'open' THEN span.at - r.ago + interval '21 hours' END,
           CASE WHEN r.state <> 'open' THEN (SELECT id FROM users WHERE email = 'agent@tessera.example') END
      FROM held h, span, (VALUES
        (1, true, interval '5 hours', 60, 'open', NULL::integer, 'The bank wants the valuation once more, and the appraiser comes only after the holidays. We speak every week.', ''),
        (2, true, interval '3 days', 30, 'granted', 30, 'The family decides when the eldest son is back from abroad on the 14th.', 'Fine. Please tell us after the 14th how it stands.'),
        (3, true, interval '9 days', 180, 'refused', NULL, 'We would like to keep this client for the second phase.', 'Half a year is more than we can hold a client back for. Send them again when the second phase opens.'),
        (1, false, interval '26 hours', 90, 'open', NULL, 'Waiting for the handover of the neighbouring tower; the client wants a high floor there and nothing else.', ''),
        (2, false, interval '2 days', 30, 'open', NULL, 'Mortgage pre-approval ran out and is being renewed.', '')) AS r(n, best, ago, days, state, given, reason, answer)
     WHERE h.n = r.n AND h.best = r.best
    RETURNING id, lead_id, partner_id, asked_at, days, state, days_given, decided_at, asked_by),
longer AS (UPDATE leads l SET protected_until = l.protected_until + make_interval(days => a.days_given) FROM asked a WHERE a.lead_id = l.id AND a.state = 'granted'),
checked AS (
    INSERT INTO overlap_checks (id, partner_id, user_id, at, asked, taken, answers)
    SELECT md5('check' || u.email || c.n)::uuid, u.partner_id, u.id, span.at - c.ago, c.asked, c.taken,
           (SELECT jsonb_agg(jsonb_build_object('hash', md5(u.email || c.n || i) || md5(i || u.email || c.n), 'taken', i % 4 = 1 AND i < c.taken * 4,
                   'until', CASE WHEN i % 4 = 1 AND i < c.taken * 4 THEN (span.at + make_interval(days => 11 + i * 5))::date END) ORDER BY i) FROM generate_series(0, c.asked - 1) AS i)
      FROM users u, span, (VALUES (1, interval '90 minutes', 6, 1), (2, interval '2 days', 14, 3), (3, interval '6 days', 3, 0)) AS c(n, ago, asked, taken)
     WHERE u.email IN ('sales@harbour.example', 'owner@skyline.example')),
told AS (
    SELECT 'duplicate.found' AS type, p.found_at AS at, u.id AS user_id, l.partner_id, l.id AS lead_id, p.id AS subject_id, '/admin/duplicates/' || p.id AS href,
           jsonb_build_object('strength', p.strength) AS data, NULL::uuid AS actor_id, false AS by_staff
      FROM (SELECT * FROM duplicate_pairs WHERE state = 'open' AND strength >= 80 ORDER BY found_at DESC, id LIMIT 3) AS p JOIN leads l ON l.id = p.second_id, users u
     WHERE u.email IN ('agent@tessera.example', 'admin@tessera.example')
     UNION ALL
    SELECT 'extension.asked', a.asked_at, u.id, a.partner_id, a.lead_id, a.id, '/admin/extensions/' || a.id, jsonb_build_object('days', a.days), a.asked_by, false
      FROM asked a, users u WHERE u.email IN ('agent@tessera.example', 'admin@tessera.example') AND a.state = 'open'
     UNION ALL
    SELECT 'extension.decided', a.decided_at, u.id, a.partner_id, a.lead_id, a.id, '/leads/' || a.lead_id, jsonb_build_object('granted', a.state = 'granted', 'days', a.days_given),
           (SELECT id FROM users WHERE email = 'agent@tessera.example'), true
      FROM asked a JOIN users u ON u.partner_id = a.partner_id AND u.status = 'active' AND u.role IN ('owner', 'sales') WHERE a.decided_at IS NOT NULL)
INSERT INTO notifications (id, user_id, type, at, actor_id, by_staff, partner_id, lead_id, subject_id, href, data, read_at)
SELECT md5('told' || t.user_id || t.type || t.subject_id)::uuid, t.user_id, t.type, t.at, t.actor_id, t.by_staff, t.partner_id, t.lead_id, t.subject_id, t.href, t.data,
       CASE WHEN t.at < span.at - interval '2 days' THEN t.at + interval '40 minutes' END
  FROM told t, span
