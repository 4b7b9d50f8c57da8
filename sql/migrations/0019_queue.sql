-- What a hundred thousand rows or a million jobs must not cost: each of them is looked at once, along an index or as part of a set.
--
-- A function in SQL that cannot be inlined (SECURITY DEFINER, SET) is parsed and planned anew each time a statement calls it.
-- What is asked once a row is therefore PL/pgSQL, which keeps its plans, or not asked once a row at all.

-- ── Registrations ────────────────────────────────────────────────────────────────────────────────────────

-- One mailbox, one key; 0018 says how. Most addresses are of no provider that is named, and are ready when that is known.
CREATE OR REPLACE FUNCTION app.email_key(p_email text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    address text := lower(btrim(p_email) COLLATE "C");
    place text := substring(address FROM '@([^@]*)$');
    local text;
    ignored text;
    tag text;
BEGIN
    SELECT m.canonical, m.ignored, m.tag INTO place, ignored, tag FROM app.mail_providers() AS m WHERE m.domain = place;
    IF place IS NULL THEN
        RETURN nullif(address, '');
    END IF;
    local := translate(split_part(regexp_replace(address, '@[^@]*$', ''), tag, 1), ignored, '');
    RETURN CASE WHEN local = '' THEN address ELSE local || '@' || place END;
END $$;

-- Whose the client is now; no row: nobody's. p_lead itself aside. A statement that asks for many has it inlined.
CREATE FUNCTION app.registration_holder(p_email_key text, p_phone text, p_lead uuid) RETURNS TABLE (partner_id uuid, until timestamptz)
    LANGUAGE sql STABLE AS $$
    SELECT l.partner_id, l.protected_until
      FROM (SELECT x.* FROM public.leads x WHERE x.email_key = p_email_key UNION ALL SELECT x.* FROM public.leads x WHERE x.phone_e164 = p_phone) AS l
     WHERE l.registration = 'held' AND l.protected_until > now() AND l.merged_into IS NULL AND l.stage <> 'declined' AND l.id <> p_lead
       AND EXISTS (SELECT FROM public.partners p WHERE p.id = l.partner_id AND p.status IN ('active', 'suspended'))
     ORDER BY l.created_at, l.id LIMIT 1
$$;
CREATE OR REPLACE FUNCTION app.registration_of(p_email_key text, p_phone text, p_lead uuid) RETURNS TABLE (partner_id uuid, until timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN QUERY SELECT h.partner_id, h.until FROM app.registration_holder(p_email_key, p_phone, p_lead) AS h;
END $$;

-- app.import_commit() says of its rows itself what each is registered as; 'none': of this one it does not know.
DROP TRIGGER events_registration ON leads;
CREATE TRIGGER events_registration BEFORE INSERT ON leads FOR EACH ROW
    WHEN (NEW.import_id IS NULL OR NEW.registration = 'none') EXECUTE FUNCTION app.leads_registration();

-- ── Writing what came in a file ──────────────────────────────────────────────────────────────────────────

-- All rows that were agreed to, or none. When some of these clients have come by another way since the person looked,
-- nothing is written and the person looks again.
-- A row that is no duplicate shares no address and no number with an earlier one of its file, so what it is registered as depends
-- on the leads alone that are there before: all rows are asked about in the statement that writes them. Of duplicates, which
-- people may import all the same, the earlier rows count as well: those the trigger looks at one after the other.
CREATE OR REPLACE FUNCTION app.import_commit(p_import uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
    SET jit = off AS $$
DECLARE
    i lead_imports;
    p partners;
    protection interval;
    written integer;
BEGIN
    UPDATE lead_imports SET state = 'committing' WHERE id = p_import AND state = 'failed' AND consent_at IS NOT NULL; -- an admin tries again
    SELECT * INTO i FROM lead_imports WHERE id = p_import AND state = 'committing' FOR UPDATE;
    IF i.id IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO p FROM partners WHERE id = i.partner_id;
    IF p.status <> 'active' THEN
        PERFORM app.import_fail(i.id, 'The partnership is not active, so new leads are not taken. Nothing was imported.');
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(1412391250, hashtext(i.partner_id::text)); -- a partner's imports see each other's leads
    PERFORM app.import_duplicates(i.id), app.import_count(i.id);
    SELECT count(*) INTO written FROM lead_import_rows
     WHERE import_id = i.id AND (status = 'good' OR status = 'duplicate' AND i.with_duplicates);
    IF written <> i.confirmed THEN
        UPDATE lead_imports SET state = 'checked', consent_at = NULL, consent_by = NULL, consent_text = NULL, confirmed = NULL,
               problem = 'Some of these clients have become leads in the meantime. Look at the numbers again, then import.' WHERE id = i.id;
        RETURN;
    END IF;
    PERFORM set_config('app.user', coalesce(i.consent_by::text, ''), true); -- history and audit name the person, not the daemon
    SELECT make_interval(days => g.protection_days) INTO protection FROM programme g;
    INSERT INTO leads (id, partner_id, created_by, import_id, client_name, client_email, client_phone, client_location, source, currency,
                       estimated_value, budget_min, budget_max, financing, payment_preference, property_type, locations, bedrooms, size_min,
                       amenities, move_in_on, loan_stage, description, phone_e164, consent_at, created_at, updated_at, stage_at,
                       registration, protected_until)
    SELECT r.id, i.partner_id, i.consent_by, i.id, l.client_name, l.client_email, l.client_phone, l.client_location, coalesce(l.source, 'import'),
           coalesce(l.currency, p.currency), coalesce(l.estimated_value, 0), l.budget_min, l.budget_max, l.financing, l.payment_preference,
           l.property_type, l.locations, l.bedrooms, l.size_min, l.amenities, l.move_in_on, l.loan_stage, coalesce(l.description, ''), l.phone_e164, i.consent_at,
           r.at, r.at, r.at,
           CASE WHEN r.status = 'duplicate' THEN 'none' WHEN h.partner_id IS NULL THEN 'held' WHEN h.partner_id = i.partner_id THEN 'again' ELSE 'known' END,
           CASE WHEN r.status = 'good' AND h.partner_id IS NULL THEN r.at + protection END
      FROM (SELECT x.*, now() - make_interval(secs => x.number / 1000000.0) AS at FROM lead_import_rows x
             WHERE x.import_id = i.id AND (x.status = 'good' OR x.status = 'duplicate' AND i.with_duplicates) ORDER BY x.number) AS r
     CROSS JOIN LATERAL jsonb_to_record(r.lead) AS l(client_name text, client_email text, client_phone text, client_location text, source text, currency text,
               estimated_value numeric, budget_min numeric, budget_max numeric, financing text, payment_preference text, property_type text,
               locations text, bedrooms integer, size_min integer, amenities text, move_in_on date, loan_stage text, description text, phone_e164 text)
      LEFT JOIN LATERAL app.registration_holder(r.email_key, r.phone_key, r.id) AS h ON true
     WHERE app.import_tick(i.id, r.number);
    DELETE FROM lead_import_rows WHERE import_id = i.id AND (status = 'good' OR status = 'duplicate' AND i.with_duplicates);
    UPDATE lead_imports SET state = 'imported', imported = written WHERE id = i.id RETURNING * INTO i;
    PERFORM app.event_add('lead.imported', i.partner_id, NULL, i.id, '/leads/imports/' || i.id, jsonb_build_object('rows', written));
    PERFORM app.import_tell(i), app.audit_write('leads.import', i.id, i.partner_id, jsonb_build_object('rows', written, 'file_hash', i.file_hash));
END $$;

-- ── Nurture sequences ────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE enrolments DROP CONSTRAINT enrolments_why_check,
    ADD CONSTRAINT enrolments_why_check CHECK (why IN ('finished', 'stage', 'declined', 'unsubscribed', 'no_consent', 'stopped', 'partner_left'));

-- Of the sequences that fit and have something to say, the closest one, chosen once for each partner and source; of a whole file, all
-- jobs are one statement. A new enrolment has no job that waits, so that none needs app.job_add() to look for it.
CREATE OR REPLACE FUNCTION app.leads_enrol() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sequences WHERE enabled) THEN
        RETURN NULL;
    END IF;
    WITH chosen AS MATERIALIZED (
        SELECT k.partner_id, k.source, s.id, s.wait_hours
          FROM (SELECT DISTINCT partner_id, source FROM new_rows) AS k JOIN partners p ON p.id = k.partner_id AND p.status = 'active',
               LATERAL (SELECT q.id, f.wait_hours FROM sequences q,
                               LATERAL (SELECT t.wait_hours FROM sequence_steps t WHERE t.sequence_id = q.id ORDER BY t.position LIMIT 1) AS f
                         WHERE q.enabled AND (q.partner_type IS NULL OR q.partner_type = p.type) AND (q.source IS NULL OR q.source = k.source)
                         ORDER BY q.partner_type IS NULL, q.source IS NULL, q.created_at, q.id LIMIT 1) AS s),
    added AS (
        INSERT INTO enrolments (sequence_id, lead_id, partner_id, next_at)
        SELECT c.id, l.id, l.partner_id, now() + make_interval(hours => c.wait_hours)
          FROM new_rows l JOIN chosen c ON c.partner_id = l.partner_id AND c.source = l.source
         WHERE l.client_email IS NOT NULL AND l.consent_at IS NOT NULL AND l.stage = 'new'
        RETURNING id, next_at)
    INSERT INTO jobs (kind, payload, run_at, key, priority)
    SELECT 'nurture.step', jsonb_build_object('enrolment', id), next_at, 'nurture:' || id, 7 FROM added;
    RETURN NULL;
END $$;

-- A sequence that has lost its last step takes nobody any more, and says so on its page.
CREATE FUNCTION app.sequence_steps_gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE sequences s SET enabled = false, version = version + 1, updated_at = now()
     WHERE enabled AND id IN (SELECT sequence_id FROM old_rows) AND NOT EXISTS (SELECT FROM sequence_steps t WHERE t.sequence_id = s.id);
    RETURN NULL;
END $$;
CREATE TRIGGER gone AFTER DELETE ON sequence_steps REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.sequence_steps_gone();

-- Why this client must not get the next mail; NULL: they may. It speaks in the partner's name, so a partner who has left ends it; one who
-- is suspended may come back, and until then it waits (app.nurture_step).
CREATE OR REPLACE FUNCTION app.nurture_stop(p_lead leads, p_stop_stage text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT CASE WHEN p_lead.stage = 'declined' THEN 'declined'
                WHEN p_lead.stage IN ('lost', 'dormant', 'won')
                  OR array_position(ARRAY['new', 'intake', 'qualified', 'active', 'won'], p_lead.stage)
                  >= array_position(ARRAY['new', 'intake', 'qualified', 'active', 'won'], p_stop_stage) THEN 'stage'
                WHEN p_lead.client_email IS NULL OR p_lead.consent_at IS NULL THEN 'no_consent'
                WHEN EXISTS (SELECT FROM suppressions x WHERE x.channel = 'email' AND x.address = lower(p_lead.client_email)) THEN 'unsubscribed'
                WHEN NOT EXISTS (SELECT FROM partners p WHERE p.id = p_lead.partner_id AND p.status IN ('active', 'suspended')) THEN 'partner_left' END
$$;
-- As in 0011; what waits for the mail server does not leave in the name of a partner who is not served now.
CREATE OR REPLACE FUNCTION app.nurture_recalled(p_enrolment uuid, p_recipient text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT NOT EXISTS (SELECT FROM enrolments e JOIN leads l ON l.id = e.lead_id JOIN sequences s ON s.id = e.sequence_id
                         JOIN partners p ON p.id = l.partner_id AND p.status = 'active'
                        WHERE e.id = p_enrolment AND coalesce(e.why, 'finished') = 'finished' AND lower(l.client_email) = lower(p_recipient)
                          AND app.nurture_stop(l, s.stop_stage) IS NULL)
$$;
CREATE OR REPLACE FUNCTION app.nurture_step(p_enrolment uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    e enrolments;
    l leads;
    s sequences;
    t sequence_steps;
    after sequence_steps;
    stop text;
    due timestamptz;
BEGIN
    SELECT * INTO e FROM enrolments WHERE id = p_enrolment FOR UPDATE;
    IF e.id IS NULL OR e.next_at IS NULL THEN
        RETURN; -- it has ended meanwhile
    END IF;
    SELECT * INTO l FROM leads WHERE id = e.lead_id;
    IF e.next_at <= now() AND EXISTS (SELECT FROM partners WHERE id = l.partner_id AND status = 'suspended') THEN -- tomorrow they may be back
        UPDATE enrolments SET next_at = now() + interval '1 day' WHERE id = e.id RETURNING * INTO e;
    END IF;
    IF e.next_at > now() THEN -- it was put off
        PERFORM app.job_add('nurture.step', jsonb_build_object('enrolment', e.id), e.next_at, 'nurture:' || e.id, 7);
        RETURN;
    END IF;
    SELECT * INTO s FROM sequences WHERE id = e.sequence_id;
    SELECT * INTO t FROM sequence_steps WHERE sequence_id = s.id AND id <> ALL (e.written) ORDER BY position LIMIT 1;
    stop := coalesce(app.nurture_stop(l, s.stop_stage), CASE WHEN t.id IS NULL THEN 'finished' END);
    IF stop IS NULL THEN
        INSERT INTO outbox (template, recipient, subject, body, data, category, thread)
        SELECT 'nurture', l.client_email, app.nurture_text(t.subject, l.client_name, p.name, g.name), app.nurture_text(t.body, l.client_name, p.name, g.name),
               jsonb_build_object('enrolment', e.id, 'step', t.id), 'nurture', 'nurture-' || e.id
          FROM partners p, programme g WHERE p.id = l.partner_id;
        e.written := e.written || t.id;
        SELECT * INTO after FROM sequence_steps WHERE sequence_id = s.id AND id <> ALL (e.written) ORDER BY position LIMIT 1;
        due := now() + make_interval(hours => after.wait_hours);
        stop := CASE WHEN after.id IS NULL THEN 'finished' END;
    END IF;
    UPDATE enrolments SET written = e.written, sent = sent + CASE WHEN due IS NOT NULL OR (stop = 'finished' AND t.id IS NOT NULL) THEN 1 ELSE 0 END,
           next_at = due, ended_at = CASE WHEN due IS NULL THEN now() END, why = stop WHERE id = e.id;
    IF due IS NOT NULL THEN
        PERFORM app.job_add('nurture.step', jsonb_build_object('enrolment', e.id), due, 'nurture:' || e.id, 7);
    END IF;
END $$;

-- ── The queue ────────────────────────────────────────────────────────────────────────────────────────────
-- Whatever waits, a claim goes down jobs_next_idx once for each kind and priority that something waits with, and takes what is due
-- from where it arrives. What is for later is not walked over: of a sequence's hundred thousand next mails none is due today.
-- The functions forbid the planner what a table that was empty when it was looked at last would suggest: to read it, or to sort it.

DROP INDEX jobs_due_idx, jobs_dead_idx;
CREATE INDEX jobs_due_idx ON jobs (kind, run_at) WHERE state = 'ready';
CREATE INDEX jobs_dead_idx ON jobs (kind, created_at) WHERE state = 'dead';
CREATE INDEX jobs_created_idx ON jobs (created_at); -- the admin's list. Without id, lest a planner that takes the table for empty look for an id in it

-- Up to p_limits[i] jobs of p_kinds[i], the most urgent first.
CREATE OR REPLACE FUNCTION app.jobs_claim(p_kinds text[], p_limits integer[])
    RETURNS TABLE (id uuid, kind text, payload jsonb, attempts integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off SET jit = off AS $$
DECLARE
    daemon integer := app.job_daemon();
    chosen uuid[] := '{}';
    found uuid[];
    room integer;
    urgency smallint;
BEGIN
    FOR n IN 1 .. coalesce(cardinality(p_kinds), 0) LOOP
        room := p_limits[n];
        urgency := -1;
        WHILE room > 0 LOOP
            SELECT j.priority INTO urgency FROM jobs j WHERE j.kind = p_kinds[n] AND j.state = 'ready' AND j.priority > urgency ORDER BY j.priority LIMIT 1;
            EXIT WHEN urgency IS NULL;
            found := ARRAY(SELECT j.id FROM jobs j WHERE j.kind = p_kinds[n] AND j.state = 'ready' AND j.priority = urgency AND j.run_at <= now()
                            ORDER BY j.run_at, j.id LIMIT room FOR UPDATE SKIP LOCKED);
            chosen := chosen || found;
            room := room - cardinality(found);
        END LOOP;
    END LOOP;
    IF chosen = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH taken AS (
        UPDATE jobs j SET state = 'running', claimed_by = daemon, claimed_at = clock_timestamp(), attempts = j.attempts + 1
         WHERE j.id = ANY (chosen)
        RETURNING j.id, j.kind, j.payload, j.attempts, j.priority, j.run_at)
    SELECT t.id, t.kind, t.payload, t.attempts FROM taken t ORDER BY t.priority, t.run_at, t.id;
END $$;

-- Milliseconds until the next job of these kinds that waits for its time; NULL: none does.
CREATE OR REPLACE FUNCTION app.jobs_next_due(p_kinds text[]) RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
    RETURN (SELECT least(ceil(extract(epoch FROM min(d.run_at) - clock_timestamp()) * 1000), 3600000)::integer
              FROM unnest(p_kinds) AS k,
                   LATERAL (SELECT j.run_at FROM jobs j WHERE j.kind = k AND j.state = 'ready' AND j.run_at > now() ORDER BY j.run_at LIMIT 1) AS d);
END $$;

-- For the admin's page and /metrics: what is due, waits for its time, runs or was put aside, by kind. Counting ends at p_most of
-- a kind and state, so that it costs the same however much there is.
CREATE FUNCTION app.jobs_figures(p_most integer)
    RETURNS TABLE (kind text, ready bigint, waiting bigint, running bigint, dead bigint, oldest_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off SET jit = off AS $$
BEGIN
    IF NOT app.can('jobs:read') THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH RECURSIVE waits AS ( -- from one kind to the next, along the index
        (SELECT j.kind FROM jobs j WHERE j.state = 'ready' ORDER BY j.kind LIMIT 1)
         UNION ALL
        SELECT (SELECT j.kind FROM jobs j WHERE j.state = 'ready' AND j.kind > w.kind ORDER BY j.kind LIMIT 1) FROM waits w WHERE w.kind IS NOT NULL),
    dead_ones AS (
        (SELECT j.kind FROM jobs j WHERE j.state = 'dead' ORDER BY j.kind LIMIT 1)
         UNION ALL
        SELECT (SELECT j.kind FROM jobs j WHERE j.state = 'dead' AND j.kind > w.kind ORDER BY j.kind LIMIT 1) FROM dead_ones w WHERE w.kind IS NOT NULL),
    runs AS MATERIALIZED (SELECT j.kind, count(*) AS n FROM jobs j WHERE j.state = 'running' GROUP BY j.kind),
    kinds AS (SELECT w.kind FROM waits w UNION SELECT w.kind FROM dead_ones w UNION SELECT r.kind FROM runs r)
    SELECT k.kind,
           (SELECT count(*) FROM (SELECT FROM jobs j WHERE j.kind = k.kind AND j.state = 'ready' AND j.run_at <= now() LIMIT p_most) AS x),
           (SELECT count(*) FROM (SELECT FROM jobs j WHERE j.kind = k.kind AND j.state = 'ready' AND j.run_at > now() LIMIT p_most) AS x),
           coalesce((SELECT r.n FROM runs r WHERE r.kind = k.kind), 0),
           (SELECT count(*) FROM (SELECT FROM jobs j WHERE j.kind = k.kind AND j.state = 'dead' LIMIT p_most) AS x),
           (SELECT j.run_at FROM jobs j WHERE j.kind = k.kind AND j.state = 'ready' AND j.run_at <= now() ORDER BY j.run_at LIMIT 1)
      FROM kinds k WHERE k.kind IS NOT NULL;
END $$;
GRANT EXECUTE ON FUNCTION app.jobs_figures(integer) TO tessera_staff;
