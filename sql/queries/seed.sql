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
    ALTER TABLE leads DISABLE TRIGGER history;
    CREATE TEMPORARY TABLE seed_silent ON COMMIT DROP AS
        SELECT tgrelid::regclass AS name, tgname FROM pg_trigger WHERE tgname ~ '^(events|live)(_|$)' AND NOT tgisinternal;
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
    ALTER TABLE leads ENABLE TRIGGER history;
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
    staff_notes, score, temperature, version, created_at, updated_at, closed_at, phone_e164, registration, protected_until) FROM STDIN

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
