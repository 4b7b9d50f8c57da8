-- The demo programme: `tessera seed`. Its rows come by COPY, inside one transaction that begins with seed_state and
-- seed_open and ends with seed_close.

-- name: seed_state one
-- doc: what this database holds; two seeds at once wait for each other here
SELECT demo_seed, (SELECT count(*) FROM partners) AS partners FROM programme FOR UPDATE

-- name: seed_open none
-- doc: COPY is not allowed where row-level security is forced; history is written here and not by its trigger, and nobody
-- is told of what happened a year ago
DO $$
DECLARE
    t regclass;
    d record;
BEGIN
    CREATE TEMPORARY TABLE seed_forced ON COMMIT DROP AS
        SELECT oid::regclass AS name FROM pg_class
         WHERE relforcerowsecurity AND relkind = 'r' AND relnamespace = 'public'::regnamespace;
    FOR t IN SELECT name FROM seed_forced LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', t);
    END LOOP;
    CREATE TEMPORARY TABLE seed_silent ON COMMIT DROP AS
        SELECT tgrelid::regclass AS name, tgname FROM pg_trigger WHERE tgname ~ '^(events|history|live|score)(_|$)' AND NOT tgisinternal;
    FOR d IN SELECT * FROM seed_silent LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', d.name, d.tgname);
    END LOOP;
END $$

-- name: seed_park none
-- doc: for many rows: indexes and foreign keys are made again afterwards, and rollups counted, all at once
DO $$
DECLARE d record;
BEGIN
    CREATE TEMPORARY TABLE seed_parked ON COMMIT DROP AS
        SELECT 1 AS step, format('DROP INDEX %s', indexrelid::regclass) AS undo, pg_get_indexdef(indexrelid) AS redo
          FROM pg_index
         WHERE indrelid IN ('leads'::regclass, 'lead_history'::regclass, 'lead_shares'::regclass, 'ledger_entries'::regclass)
           AND NOT indisunique
         UNION ALL
        SELECT 2, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
               format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
          FROM pg_constraint
         WHERE contype = 'f'
           AND conrelid IN ('leads'::regclass, 'lead_history'::regclass, 'lead_shares'::regclass, 'ledger_entries'::regclass);
    FOR d IN SELECT undo FROM seed_parked ORDER BY step LOOP
        EXECUTE d.undo;
    END LOOP;
    ALTER TABLE leads DISABLE TRIGGER rollup_insert;
    ALTER TABLE lead_shares DISABLE TRIGGER rollup_insert;
    ALTER TABLE ledger_entries DISABLE TRIGGER rollup_insert;
END $$

-- name: seed_unpark none
DO $$
DECLARE d record;
BEGIN
    PERFORM set_config('maintenance_work_mem', '512MB', true), set_config('work_mem', '256MB', true);
    ALTER TABLE leads ENABLE TRIGGER rollup_insert;
    ALTER TABLE lead_shares ENABLE TRIGGER rollup_insert;
    ALTER TABLE ledger_entries ENABLE TRIGGER rollup_insert;
    ANALYZE leads, lead_shares, ledger_entries;
    PERFORM app.rollup_repair();
    FOR d IN SELECT redo FROM seed_parked ORDER BY step LOOP
        EXECUTE d.redo;
    END LOOP;
END $$

-- name: seed_close none
DO $$
DECLARE
    t regclass;
    d record;
BEGIN
    FOR d IN SELECT * FROM seed_silent LOOP
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER %I', d.name, d.tgname);
    END LOOP;
    FOR t IN SELECT name FROM seed_forced LOOP
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    END LOOP;
END $$

-- name: seed_programme none
UPDATE programme SET name = 'Meridian Partners',
       tagline = 'People who send us clients see what becomes of them, are paid correctly, and know why.',
       currency = 'AED', support_email = 'support@tessera.example', timezone = 'Asia/Dubai', protection_days = 90,
       demo_seed = :demo_seed, version = version + 1, updated_at = now()

-- name: seed_analyze none
ANALYZE

-- name: seed_vacuum none
-- doc: after many rows, so that the first pages are not slowed down by what autovacuum would do
VACUUM (ANALYZE)

-- name: seed_partners none
COPY partners (id, name, type, region, tier, status, commission_percent, capacity, currency, contact_name, contact_email,
    contact_phone, website, address, licence_number, licence_expires_on, notes, created_at, updated_at) FROM STDIN

-- name: seed_users none
COPY users (id, partner_id, email, name, role, status, password_hash, timezone, last_sign_in_at, created_at, updated_at) FROM STDIN

-- name: seed_leads none
COPY leads (id, partner_id, created_by, client_name, client_email, client_phone, client_location, stage, stage_reason,
    stage_at, source, currency, estimated_value, budget_min, budget_max, financing, payment_preference, property_type,
    locations, bedrooms, size_min, amenities, move_in_on, description, utm_source, utm_medium, utm_campaign, consent_at,
    staff_notes, score, temperature, version, created_at, updated_at, closed_at) FROM STDIN

-- name: seed_history none
COPY lead_history (lead_id, partner_id, at, user_id, kind, from_stage, to_stage, reason) FROM STDIN

-- name: seed_shares none
COPY lead_shares (id, lead_id, partner_id, status, consent_contact, consent_budget, consent_requirements, shared_at,
    accepted_at, closed_at) FROM STDIN

-- name: seed_ledger none
COPY ledger_entries (id, partner_id, lead_id, kind, state, amount, currency, base, rate, note, month, created_at, state_at) FROM STDIN

-- name: seed_courses none
COPY courses (id, title, summary, tiers, types, required, position) FROM STDIN

-- name: seed_modules none
COPY course_modules (id, course_id, position, kind, title, minutes, body, file, captions, pass_mark) FROM STDIN

-- name: seed_questions none
COPY quiz_questions (id, module_id, position, prompt, options, answer, explanation) FROM STDIN

-- name: seed_progress none
COPY module_progress (user_id, module_id, partner_id, status, score, attempts, updated_at, completed_at) FROM STDIN

-- name: seed_assets none
COPY assets (id, type, title, description, tiers, partner_types, file, file_name, content_type, size, thumbnail, downloads,
    published_at) FROM STDIN

-- name: seed_downloads none
COPY asset_downloads (asset_id, user_id, partner_id, at) FROM STDIN

-- Referral links, months of clicks on them, and the leads that they brought. Statements instead of COPY: everything follows
-- from partners and leads that are there. hashtextextended() stands for chance, so that the same seed makes the same rows.

-- name: seed_link_settings none
WITH wording AS (UPDATE consent_wordings SET since = :until::timestamptz - interval '540 days' RETURNING version),
     named AS (UPDATE partners SET name_public = true WHERE hashtextextended(id::text, 1) & 3 > 0 OR name = 'Harbour Realty' RETURNING id)
UPDATE programme SET landing_sites = '{https://homes.meridian.example,https://www.meridian.example/guides}'

-- name: seed_links none
-- doc: for the thirty partners with most leads; the busiest has all six
WITH chosen AS (
    SELECT p.id, p.name, p.type, lower((regexp_match(p.name, '[A-Za-z]+'))[1]) AS word,
           (SELECT u.id FROM users u WHERE u.partner_id = p.id AND u.role IN ('owner', 'sales') ORDER BY u.role, u.created_at, u.id LIMIT 1) AS by_user,
           row_number() OVER (ORDER BY count(l.id) DESC, p.name) AS rank
      FROM partners p LEFT JOIN leads l ON l.partner_id = p.id WHERE p.status IN ('active', 'suspended') GROUP BY p.id ORDER BY rank LIMIT 30),
plan(n, word, name, target, landing, source, medium, campaign, age, archived) AS (VALUES
    (1, 'web', 'Profile on our website', 'form', NULL, 'website', 'referral', 'always-on', 345, NULL::integer),
    (2, 'open-house', 'Open house at Marina Gate', 'landing', 'https://homes.meridian.example/marina-gate', 'instagram', 'social', 'marina-gate', 150, NULL),
    (3, 'letter', 'Monthly newsletter', 'landing', 'https://www.meridian.example/guides/first-home', 'newsletter', 'email', 'newsletter', 270, NULL),
    (4, 'fair', 'Stand at the home fair', 'form', NULL, 'fair', 'print', 'home-fair', 62, NULL),
    (5, 'colleagues', 'For colleagues who may join', 'programme', NULL, 'partner', 'referral', 'partners', 120, NULL),
    (6, 'flyer', 'Flyer of last winter', 'form', NULL, 'flyer', 'print', 'winter-flyer', 360, 140))
INSERT INTO referral_links (id, partner_id, created_by, code, name, target, form_type, landing_url, destination, utm_source, utm_medium, utm_campaign,
                            archived_at, created_at, updated_at)
SELECT md5('link ' || c.id || x.n)::uuid, c.id, c.by_user, c.word || '-' || x.word, x.name, x.target, CASE WHEN x.target = 'form' THEN c.type END, x.landing,
       CASE x.target WHEN 'form' THEN '/refer/' || c.type || '?code=' || c.word || '-' || x.word || '&' WHEN 'landing' THEN x.landing || '?' ELSE '/?' END ||
       'utm_source=' || x.source || '&utm_medium=' || x.medium || '&utm_campaign=' || x.campaign,
       x.source, x.medium, x.campaign, d.until - make_interval(days => x.archived), d.until - make_interval(days => x.age, hours => (c.rank % 9)::integer),
       d.until - make_interval(days => coalesce(x.archived, x.age))
  FROM chosen c, plan x, (SELECT :until::timestamptz AS until) AS d
 WHERE c.rank = 1 OR c.name = 'Harbour Realty' OR (hashtextextended(c.id || x.word, 2) & 3) > 0
ON CONFLICT DO NOTHING

-- name: seed_credits none
-- doc: leads that came in as if by a public form, each through the link of its partner that fits its source
WITH fitting AS (
    SELECT l.id, l.created_at, l.currency, l.estimated_value, l.stage, l.partner_id, k.id AS link_id, k.utm_source, k.utm_medium, k.utm_campaign,
           l.created_at - make_interval(mins => 3 + (hashtextextended(l.id::text, 3) & 15)::integer) AS last_at,
           o.id AS other_id, l.created_at - make_interval(days => 1 + (hashtextextended(l.id::text, 4) & 15)::integer) AS other_at
      FROM leads l
      JOIN referral_links k ON k.partner_id = l.partner_id AND l.created_at > k.created_at AND l.created_at < coalesce(k.archived_at, 'infinity')
                           AND k.utm_source = CASE l.source WHEN 'website' THEN 'website' WHEN 'social' THEN 'instagram' WHEN 'email' THEN 'newsletter'
                                                            WHEN 'event' THEN 'fair' WHEN 'referral' THEN 'flyer' END
      LEFT JOIN referral_links o ON o.partner_id = l.partner_id AND o.utm_source = 'newsletter' AND o.id <> k.id
                                AND hashtextextended(l.id::text, 5) & 3 = 0 AND l.created_at > o.created_at + interval '20 days'
     WHERE hashtextextended(l.id::text, 6) & 3 > 0),
taken AS (
    UPDATE leads l SET created_by = NULL, consent_version = 1, utm_source = f.utm_source, utm_medium = f.utm_medium, utm_campaign = f.utm_campaign
      FROM fitting f WHERE l.id = f.id),
unsigned AS (
    UPDATE lead_history h SET user_id = NULL FROM fitting f WHERE h.lead_id = f.id AND h.kind = 'created'),
clicked AS (
    INSERT INTO link_clicks (id, link_id, partner_id, at, kind, visitor)
    SELECT md5('click ' || id)::uuid, link_id, partner_id, last_at, 'person', decode(left(md5('visitor ' || id), 24), 'hex') FROM fitting)
INSERT INTO lead_attribution (lead_id, partner_id, link_id, first_link_id, first_at, last_link_id, last_at, day, currency, value, qualified, won)
SELECT f.id, f.partner_id, f.link_id, coalesce(f.other_id, f.link_id), CASE WHEN f.other_id IS NULL THEN f.last_at ELSE f.other_at END, f.link_id, f.last_at,
       (f.created_at AT TIME ZONE 'UTC')::date, f.currency, f.estimated_value,
       EXISTS (SELECT FROM lead_history h WHERE h.lead_id = f.id AND app.lead_is_qualified(h.to_stage)), f.stage = 'won'
  FROM fitting f

-- name: seed_clicks none
-- doc: more on weekdays, more as months go by, a crowd on the three days of the fair, and machines among them
WITH days AS (
    SELECT k.id, k.partner_id, k.utm_source, p.name = 'Harbour Realty' AS busy, d::date AS day,
           extract(epoch FROM d - k.created_at) / 86400 AS age
      FROM referral_links k JOIN partners p ON p.id = k.partner_id,
           generate_series(date_trunc('day', k.created_at AT TIME ZONE 'UTC') + interval '1 day',
                           (coalesce(k.archived_at, :until::timestamptz) AT TIME ZONE 'UTC') - interval '1 day', interval '1 day') AS d),
counted AS (
    SELECT *, floor((CASE WHEN busy THEN 7 ELSE 1.6 END) * (0.35 + age / 240) * (CASE WHEN extract(isodow FROM day) > 5 THEN 0.5 ELSE 1 END)
                    * (CASE WHEN utm_source = 'fair' THEN CASE WHEN age BETWEEN 8 AND 11 THEN 9 ELSE 0.4 END
                            WHEN utm_source = 'newsletter' THEN CASE WHEN extract(day FROM day) BETWEEN 3 AND 5 THEN 4 ELSE 0.5 END ELSE 1 END)
                    * ((hashtextextended(id::text || day, 7) & 1023) / 512.0) + (hashtextextended(id::text || day, 8) & 1023) / 1100.0)::integer AS clicks
      FROM days)
INSERT INTO link_clicks (id, link_id, partner_id, at, kind, visitor, referrer)
SELECT md5('click ' || id || day || n)::uuid, id, partner_id,
       (day + make_interval(secs => 21600 + (hashtextextended(id::text || day || n, 9) & 65535) * 0.7)) AT TIME ZONE 'UTC',
       CASE WHEN chance < 110 THEN 'robot' WHEN chance < 140 THEN 'prefetch' WHEN chance < 150 THEN 'check' ELSE 'person' END,
       decode(left(md5('visitor ' || id || day || floor(n * 0.8)), 24), 'hex'),
       CASE WHEN chance & 3 = 0 OR utm_source IN ('fair', 'flyer') THEN NULL
            ELSE (ARRAY['photos.example', 'search.example', 'chat.example', 'news.example', 'forum.example'])[1 + (chance % 23) % 5] END
  FROM (SELECT c.*, n, hashtextextended(c.id::text || c.day || n, 10) & 1023 AS chance FROM counted c, generate_series(1, c.clicks) AS n) AS x

-- name: seed_desk none
-- doc: the programme's own desk, with leads that came to nobody in particular
WITH house AS (
    INSERT INTO partners (id, name, type, region, commission_percent, capacity, currency, is_house, created_at, updated_at)
    VALUES (md5('house')::uuid, 'Programme desk', 'channel', 'AE', 0, 0, 'AED', true, :until::timestamptz - interval '500 days', :until::timestamptz - interval '500 days')
    RETURNING id),
rows(n, name, email, phone, stage, value, wish) AS (VALUES
    (1, 'Mariam Rahal', 'mariam.rahal@post.example', NULL, 'new', 0, 'A two-bedroom flat to rent out later; what would the yearly costs be?'),
    (2, 'Tobias Lindqvist', NULL, '+971 50 555 0123', 'new', 1400000, 'Moving in March for work, a family of four, close to a school.'),
    (3, 'Anjali Menon', 'anjali.menon@letters.example', '+971 55 555 0177', 'intake', 950000, 'First home. Would like to understand the steps before a viewing.'),
    (4, 'Karim Haddad', 'k.haddad@mail.example', NULL, 'qualified', 2100000, 'A townhouse with a garden, not far from the metro.'),
    (5, 'Lucia Ferrante', 'lucia@inbox.example', '+971 52 555 0148', 'active', 1750000, 'Has seen the show flat at Marina Gate and asks for the payment plan.'))
, added AS (
    INSERT INTO leads (id, partner_id, client_name, client_email, client_phone, stage, stage_at, source, currency, estimated_value, description,
                       consent_at, consent_version, created_at, updated_at)
    SELECT md5('desk ' || r.n)::uuid, h.id, r.name, r.email, r.phone, r.stage, m.at, 'website', 'AED', r.value, r.wish, m.at, 1, m.at, m.at
      FROM rows r, house h, LATERAL (SELECT :until::timestamptz - make_interval(days => r.n * r.n, hours => 3 + r.n) AS at) AS m
    RETURNING id, partner_id, created_at, stage, currency, estimated_value),
told AS (
    INSERT INTO lead_history (lead_id, partner_id, at, kind, to_stage) SELECT id, partner_id, created_at, 'created', stage FROM added)
INSERT INTO lead_attribution (lead_id, partner_id, day, currency, value, qualified, won)
SELECT id, partner_id, (created_at AT TIME ZONE 'UTC')::date, currency, estimated_value, app.lead_is_qualified(stage), false FROM added

-- name: seed_links_tidy none
DELETE FROM link_visitors WHERE day < (:until::timestamptz AT TIME ZONE 'UTC')::date - 1
