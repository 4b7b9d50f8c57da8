-- Leads from files: an import is looked at, checked row by row, agreed to and then written as a whole.
--
-- The worker that takes the file says what it is (columns, encoding) and keeps it as UTF-8 in the file store. The job
-- imports.check reads it in portions: what each row would become, or what is wrong with it, stands in lead_import_rows.
-- The job imports.commit writes the good ones as leads, all of them in one statement or none. What a file holds of
-- clients nobody has agreed to yet is seen by those who may import for that partner, and by nobody else.

CREATE TABLE lead_imports (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_id      uuid NOT NULL REFERENCES partners, -- whose leads they become
    created_by      uuid REFERENCES users ON DELETE SET NULL,
    by_staff        boolean NOT NULL, -- staff's own file, for that partner
    state           text NOT NULL DEFAULT 'new'
        CHECK (state IN ('new', 'checking', 'checked', 'committing', 'imported', 'failed', 'cancelled')),
    problem         text, -- why it failed, or why somebody has to look again; a whole sentence
    filename        text NOT NULL CHECK (length(filename) BETWEEN 1 AND 255), -- as the person's machine calls it
    file            text NOT NULL CHECK (file ~ '^imports/[0-9a-f]{32}$'), -- below the file store; read by the daemon only
    file_hash       text NOT NULL CHECK (file_hash ~ '^[0-9a-f]{64}$'), -- SHA-256 of what was sent
    size            bigint NOT NULL CHECK (size > 0), -- bytes of it
    charset         text NOT NULL,
    delimiter       text NOT NULL CHECK (length(delimiter) = 1),
    has_header      boolean NOT NULL,
    columns         jsonb NOT NULL, -- [{header, samples, dates, numbers, …}]: what was found in each
    mapping         jsonb, -- [{field, dates, numbers}] for each column; NULL until somebody chose
    constants       jsonb NOT NULL DEFAULT '{}', -- {field: value} for every row
    version         integer NOT NULL DEFAULT 0, -- of the mapping: a check of an older one stops by itself
    position        bigint NOT NULL DEFAULT 0, -- bytes of the kept file that were checked
    line            integer NOT NULL DEFAULT 0, -- and the last row in them, as a spreadsheet counts
    rows            integer NOT NULL CHECK (rows > 0), -- with something in them, the header left out
    checked         integer NOT NULL DEFAULT 0,
    good            integer NOT NULL DEFAULT 0,
    bad             integer NOT NULL DEFAULT 0,
    duplicates      integer NOT NULL DEFAULT 0,
    summary         jsonb NOT NULL DEFAULT '[]', -- [{field, message, rows, first}]: the problems, the most frequent first
    consent_text    text, -- what the person ticked, word for word
    consent_at      timestamptz,
    consent_by      uuid REFERENCES users ON DELETE SET NULL,
    with_duplicates boolean NOT NULL DEFAULT false,
    confirmed       integer, -- rows that the person saw and agreed to import
    imported        integer, -- rows that became leads
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz
);
CREATE INDEX lead_imports_created_idx ON lead_imports (created_at, id);
CREATE INDEX lead_imports_partner_idx ON lead_imports (partner_id, created_at, id);
-- The same file twice imports nothing twice.
CREATE UNIQUE INDEX lead_imports_file_key ON lead_imports (partner_id, file_hash) WHERE state NOT IN ('failed', 'cancelled');

CREATE TABLE lead_import_rows (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(), -- the lead's, should it become one
    import_id  uuid NOT NULL REFERENCES lead_imports ON DELETE CASCADE,
    partner_id uuid NOT NULL,
    by_staff   boolean NOT NULL,
    number     integer NOT NULL, -- as a spreadsheet counts
    status     text NOT NULL CHECK (status IN ('good', 'problem', 'duplicate')),
    cells      jsonb NOT NULL, -- texts, as they stand in the file
    lead       jsonb, -- cleaned values by column of leads; NULL: it can't become one
    problems   jsonb NOT NULL DEFAULT '[]', -- [{field, message, value, min, max, count}]: src/http/form.h
    email_key  text, -- app.email_key() of the address
    phone_key  text, -- its number in E.164
    same_row   integer, -- duplicate: of that row of the same file
    same_lead  uuid, -- duplicate: of that lead of the same partner
    UNIQUE (import_id, number)
);
CREATE INDEX lead_import_rows_status_idx ON lead_import_rows (import_id, status, number);

CREATE TABLE lead_import_headers ( -- what a partner's files call things
    partner_id uuid NOT NULL REFERENCES partners ON DELETE CASCADE,
    header     text NOT NULL CHECK (length(header) BETWEEN 1 AND 200), -- as import_header_plain() has it
    field      text NOT NULL, -- of the lead form; '': left out
    PRIMARY KEY (partner_id, header)
);

CALL app.protect('lead_imports', 'lead_import_rows', 'lead_import_headers');
GRANT SELECT (id, partner_id, created_by, by_staff, state, problem, filename, file_hash, size, charset, delimiter, has_header, columns, mapping,
    constants, version, rows, checked, good, bad, duplicates, summary, consent_text, consent_at, consent_by, with_duplicates, confirmed,
    imported, created_at, updated_at, finished_at) ON lead_imports TO tessera_partner, tessera_staff;
GRANT INSERT (partner_id, created_by, by_staff, filename, file, file_hash, size, charset, delimiter, has_header, columns, rows)
    ON lead_imports TO tessera_partner, tessera_staff;
GRANT UPDATE (state, rows, has_header, mapping, constants, version, consent_text, with_duplicates, confirmed) ON lead_imports TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON lead_imports FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')));
CREATE POLICY partner_insert ON lead_imports FOR INSERT TO tessera_partner
    WITH CHECK (partner_id = (SELECT app.partner()) AND created_by = (SELECT app.user_id()) AND NOT by_staff AND (SELECT app.can('leads:write')));
CREATE POLICY partner_update ON lead_imports FOR UPDATE TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:write')));
CREATE POLICY staff_read ON lead_imports FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));
CREATE POLICY staff_insert ON lead_imports FOR INSERT TO tessera_staff
    WITH CHECK (by_staff AND created_by = (SELECT app.user_id()) AND (SELECT app.can('leads:write')));
CREATE POLICY staff_update ON lead_imports FOR UPDATE TO tessera_staff USING (by_staff AND (SELECT app.can('leads:write')));

GRANT SELECT (id, import_id, partner_id, by_staff, number, status, cells, lead, problems, same_row, same_lead) ON lead_import_rows TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON lead_import_rows FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:write')));
CREATE POLICY staff_read ON lead_import_rows FOR SELECT TO tessera_staff USING (by_staff AND (SELECT app.can('leads:write')));

GRANT SELECT, INSERT, UPDATE ON lead_import_headers TO tessera_partner, tessera_staff;
CREATE POLICY partner_own ON lead_import_headers TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:write')));
CREATE POLICY staff_all ON lead_import_headers TO tessera_staff USING ((SELECT app.can('leads:write')));

-- ── Leads that came from a file ──────────────────────────────────────────────────────────────────────────

ALTER TABLE leads ADD COLUMN import_id uuid REFERENCES lead_imports;
CREATE INDEX leads_import_idx ON leads (import_id, created_at, id) WHERE import_id IS NOT NULL;
GRANT SELECT (import_id) ON leads TO tessera_partner;

-- One event for each lead that somebody sends; those of a file are one event together, which app.import_commit() adds.
DROP TRIGGER events_insert ON leads;
CREATE FUNCTION app.leads_created_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.event_add('lead.created', partner_id, id, id, '/leads/' || id, jsonb_build_object('source', source))
       FROM new_rows WHERE import_id IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER events_insert AFTER INSERT ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_created_events();

-- The first line of a lead's history is written for all leads of a statement at once: of a hundred thousand, in a third of the time.
CREATE OR REPLACE TRIGGER history AFTER UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION app.leads_history();
CREATE FUNCTION app.leads_created_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO lead_history (lead_id, partner_id, at, user_id, kind, to_stage)
    SELECT id, partner_id, created_at, coalesce(app.user_id(), created_by), 'created', stage FROM new_rows;
    RETURN NULL;
END $$;
CREATE TRIGGER history_insert AFTER INSERT ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_created_history();

INSERT INTO event_types (position, code, category, label, audience, permission, email, push, mandatory, urgent, ops) VALUES
    (16, 'lead.imported',   'leads', 'Leads came in from a file',      'staff', 'leads:read', 'off', 'now', false, false, true),
    (34, 'import.finished', 'work',  'An import of yours is finished', 'both',  'leads:read', 'off', 'now', false, false, false);

-- ── States ───────────────────────────────────────────────────────────────────────────────────────────────

-- Whoever may update an import may ask for these; what follows from it happens here, so that no page can forget it.
CREATE FUNCTION app.lead_imports_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE again boolean := NEW.version <> OLD.version;
BEGIN
    NEW.updated_at := now();
    IF NEW.state = OLD.state AND NOT again AND (NEW.state IN ('checking', 'checked', 'new')
       OR (NEW.consent_text, NEW.confirmed, NEW.with_duplicates, NEW.mapping) IS NOT DISTINCT FROM (OLD.consent_text, OLD.confirmed, OLD.with_duplicates, OLD.mapping)) THEN
        RETURN NEW;
    END IF;
    IF NOT (OLD.state, NEW.state) IN (('new', 'checking'), ('checking', 'checking'), ('checked', 'checking'), ('failed', 'checking'),
            ('checking', 'checked'), ('checked', 'committing'), ('failed', 'committing'), ('committing', 'checked'), ('committing', 'imported'),
            ('checking', 'failed'), ('committing', 'failed'), ('new', 'cancelled'), ('checking', 'cancelled'), ('checked', 'cancelled'),
            ('failed', 'cancelled')) OR again AND NEW.state <> 'checking' THEN
        RAISE EXCEPTION 'This import has moved on in the meantime. Look at it again.' USING ERRCODE = 'TS409';
    END IF;
    IF again OR NEW.state = 'cancelled' THEN
        DELETE FROM lead_import_rows WHERE import_id = NEW.id;
    END IF;
    IF again THEN
        NEW.position := 0; NEW.line := 0; NEW.checked := 0; NEW.good := 0; NEW.bad := 0; NEW.duplicates := 0; NEW.summary := '[]';
        NEW.problem := NULL;
        PERFORM app.job_add('imports.check', jsonb_build_object('import', NEW.id, 'version', NEW.version), now(), NULL, 7);
    ELSIF NEW.state = 'committing' AND OLD.state = 'checked' THEN
        IF NEW.consent_text IS NULL OR NEW.confirmed IS NULL OR NEW.confirmed < 1 THEN
            RAISE EXCEPTION 'Leads are only taken when every client agreed.' USING ERRCODE = 'TS422';
        END IF;
        NEW.consent_at := now(); NEW.consent_by := app.user_id(); NEW.problem := NULL;
        PERFORM app.job_add('imports.commit', jsonb_build_object('import', NEW.id), now(), NULL, 7);
    ELSIF NEW.state IN ('imported', 'failed', 'cancelled') THEN
        NEW.finished_at := now();
        PERFORM app.job_add('imports.tidy', '{}', now(), 'imports.tidy', 8);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER change BEFORE UPDATE ON lead_imports FOR EACH ROW EXECUTE FUNCTION app.lead_imports_change();

CREATE FUNCTION app.lead_imports_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.live('partner:' || NEW.partner_id, 'imports', NEW.id), app.live('staff', 'imports', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER live_update AFTER UPDATE ON lead_imports FOR EACH ROW EXECUTE FUNCTION app.lead_imports_live();

-- Whoever began it is told, whether or not somebody else pressed the last button.
CREATE FUNCTION app.import_tell(i lead_imports) RETURNS void LANGUAGE sql AS $$
    WITH added AS (
        INSERT INTO public.events (type, partner_id, subject_id, href, data, users)
        SELECT 'import.finished', i.partner_id, i.id, '/leads/imports/' || i.id, jsonb_build_object('state', i.state, 'rows', i.imported),
               ARRAY[coalesce(i.consent_by, i.created_by)]
         WHERE coalesce(i.consent_by, i.created_by) IS NOT NULL RETURNING id)
    SELECT app.job_add('notify.fan_out', jsonb_build_object('event', id)) FROM added
$$;

CREATE FUNCTION app.import_fail(p_import uuid, p_problem text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE i lead_imports;
BEGIN
    UPDATE lead_imports SET state = 'failed', problem = p_problem WHERE id = p_import AND state IN ('checking', 'committing') RETURNING * INTO i;
    IF i.id IS NOT NULL THEN
        PERFORM app.import_tell(i);
    END IF;
END $$;

CREATE FUNCTION app.jobs_imports() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.import_fail((NEW.payload ->> 'import')::uuid, 'The portal could not finish this, and its operators have been told. Nothing was imported.');
    RETURN NULL;
END $$;
CREATE TRIGGER imports AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.state = 'dead' AND OLD.state <> 'dead' AND NEW.kind IN ('imports.check', 'imports.commit')) EXECUTE FUNCTION app.jobs_imports();

-- ── Checking ─────────────────────────────────────────────────────────────────────────────────────────────

-- What is a duplicate among the rows of an import: of an earlier row of the same file, or of a lead that the same partner
-- has. This function is all that decides it: it sets status, same_row and same_lead of the rows that are no problem.
-- Its rows are too new for the planner to know how many there are: joined by hash, whatever it believes.
CREATE FUNCTION app.import_duplicates(p_import uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
    SET enable_nestloop = off SET work_mem = '64MB' AS $$
DECLARE
    owner uuid;
BEGIN
    SELECT i.partner_id INTO owner FROM lead_imports i WHERE i.id = p_import;
    UPDATE lead_import_rows SET status = 'good', same_row = NULL, same_lead = NULL WHERE import_id = p_import AND status = 'duplicate';

    WITH keyed AS MATERIALIZED (
        SELECT number, 'e' || email_key AS key FROM lead_import_rows WHERE import_id = p_import AND status = 'good' AND email_key IS NOT NULL
         UNION ALL
        SELECT number, 'p' || phone_key FROM lead_import_rows WHERE import_id = p_import AND status = 'good' AND phone_key IS NOT NULL),
    first AS (SELECT key, min(number) AS number FROM keyed GROUP BY key HAVING count(*) > 1),
    same AS (SELECT k.number, min(f.number) AS first FROM keyed k JOIN first f ON f.key = k.key AND f.number < k.number GROUP BY k.number)
    UPDATE lead_import_rows r SET status = 'duplicate', same_row = same.first FROM same WHERE r.import_id = p_import AND r.number = same.number;

    WITH keyed AS MATERIALIZED (
        SELECT number, 'e' || email_key AS key FROM lead_import_rows WHERE import_id = p_import AND status <> 'problem' AND email_key IS NOT NULL
         UNION ALL
        SELECT number, 'p' || phone_key FROM lead_import_rows WHERE import_id = p_import AND status <> 'problem' AND phone_key IS NOT NULL),
    known AS MATERIALIZED (
        SELECT id, 'e' || email_key AS key FROM leads WHERE partner_id = owner AND email_key IS NOT NULL AND merged_into IS NULL
         UNION ALL
        SELECT id, 'p' || phone_e164 FROM leads WHERE partner_id = owner AND phone_e164 IS NOT NULL AND merged_into IS NULL),
    same AS (SELECT DISTINCT ON (k.number) k.number, o.id FROM keyed k JOIN known o ON o.key = k.key ORDER BY k.number, o.id)
    UPDATE lead_import_rows r SET status = 'duplicate', same_lead = same.id FROM same WHERE r.import_id = p_import AND r.number = same.number;
END $$;

-- The next portion of a check: what it needs to know. No row when this check is not wanted any more.
CREATE FUNCTION app.import_next(p_import uuid, p_version integer)
    RETURNS TABLE (file text, delimiter text, has_header boolean, "position" bigint, line integer, columns jsonb, mapping jsonb, constants jsonb,
        partner_currency text, partner_region text, currencies text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE lead_imports i SET state = 'checking' WHERE i.id = p_import AND i.version = p_version AND i.state = 'failed'; -- an admin tries again
    RETURN QUERY
    SELECT i.file, i.delimiter, i.has_header, i.position, i.line, i.columns, i.mapping, i.constants, p.currency, p.region,
           (SELECT ' ' || string_agg(c, ' ') || ' ' FROM app.lead_currencies() AS c)
      FROM lead_imports i JOIN partners p ON p.id = i.partner_id
     WHERE i.id = p_import AND i.version = p_version AND i.state = 'checking' FOR UPDATE OF i;
END $$;

-- The currencies that a lead's amounts may be in.
CREATE FUNCTION app.lead_currencies() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT unnest(ARRAY['AED', 'AUD', 'CAD', 'EUR', 'GBP', 'INR', 'SGD', 'USD']) UNION SELECT currency FROM regions UNION SELECT currency FROM programme
$$;

-- Counts what stands in the rows.
CREATE FUNCTION app.import_count(p_import uuid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE lead_imports i SET good = n.good, bad = n.bad, duplicates = n.duplicates
      FROM (SELECT count(*) FILTER (WHERE status = 'good') AS good, count(*) FILTER (WHERE status = 'problem') AS bad,
                   count(*) FILTER (WHERE status = 'duplicate') AS duplicates FROM lead_import_rows WHERE import_id = p_import) AS n
     WHERE i.id = p_import
$$;

-- Takes the rows of one portion. The check goes on with the next one, or ends.
CREATE FUNCTION app.import_add(p_import uuid, p_version integer, p_rows jsonb, p_position bigint, p_line integer, p_last boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO lead_import_rows (import_id, partner_id, by_staff, number, status, cells, lead, problems, email_key, phone_key)
    SELECT i.id, i.partner_id, i.by_staff, r.number, CASE WHEN r.lead IS NULL THEN 'problem' ELSE 'good' END, r.cells, r.lead,
           coalesce(r.problems, '[]'), app.email_key(r.lead ->> 'client_email'), r.lead ->> 'phone_e164'
      FROM lead_imports i,
           jsonb_to_recordset(p_rows) AS r(number integer, cells jsonb, lead jsonb, problems jsonb)
     WHERE i.id = p_import;
    UPDATE lead_imports SET "position" = p_position, line = p_line, checked = checked + jsonb_array_length(p_rows) WHERE id = p_import;
    IF NOT p_last THEN
        PERFORM app.job_add('imports.check', jsonb_build_object('import', p_import, 'version', p_version), now(), NULL, 7);
        RETURN;
    END IF;
    PERFORM app.import_duplicates(p_import), app.import_count(p_import);
    UPDATE lead_imports SET state = 'checked', summary = coalesce((
        SELECT jsonb_agg(to_jsonb(s)) FROM (
            SELECT e ->> 'field' AS field, e ->> 'message' AS message, count(*) AS rows, min(r.number) AS first
              FROM lead_import_rows r, jsonb_array_elements(r.problems) AS e WHERE r.import_id = p_import
             GROUP BY 1, 2 ORDER BY 3 DESC, 4 LIMIT 30) AS s), '[]') WHERE id = p_import;
END $$;

-- ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────

-- How far a statement is that has not ended yet: its connection's name says so to everybody, at once.
CREATE FUNCTION app.import_tick(p_import uuid, p_written integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF p_written % 500 = 0 THEN
        PERFORM set_config('application_name', format('tessera import %s %s', p_import, p_written), true);
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION app.import_written(p_import uuid) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT coalesce(max(split_part(application_name, ' ', 4)::integer), 0) FROM pg_stat_activity
     WHERE application_name ~ ('^tessera import ' || p_import || ' [0-9]{1,9}$')
$$;
GRANT EXECUTE ON FUNCTION app.import_written(uuid), app.lead_currencies() TO tessera_partner, tessera_staff;

-- All rows that were agreed to, or none. When some of these clients have come by another way since the person looked,
-- nothing is written and the person looks again.
CREATE FUNCTION app.import_commit(p_import uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    i lead_imports;
    p partners;
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
    INSERT INTO leads (id, partner_id, created_by, import_id, client_name, client_email, client_phone, client_location, source, currency,
                       estimated_value, budget_min, budget_max, financing, payment_preference, property_type, locations, bedrooms, size_min,
                       amenities, move_in_on, loan_stage, description, phone_e164, consent_at, created_at, updated_at, stage_at)
    SELECT r.id, i.partner_id, i.consent_by, i.id, l.client_name, l.client_email, l.client_phone, l.client_location, coalesce(l.source, 'import'),
           coalesce(l.currency, p.currency), coalesce(l.estimated_value, 0), l.budget_min, l.budget_max, l.financing, l.payment_preference,
           l.property_type, l.locations, l.bedrooms, l.size_min, l.amenities, l.move_in_on, l.loan_stage, coalesce(l.description, ''), l.phone_e164, i.consent_at,
           r.at, r.at, r.at
      FROM (SELECT x.*, now() - make_interval(secs => x.number / 1000000.0) AS at FROM lead_import_rows x
             WHERE x.import_id = i.id AND (x.status = 'good' OR x.status = 'duplicate' AND i.with_duplicates) ORDER BY x.number) AS r,
           jsonb_to_record(r.lead) AS l(client_name text, client_email text, client_phone text, client_location text, source text, currency text,
               estimated_value numeric, budget_min numeric, budget_max numeric, financing text, payment_preference text, property_type text,
               locations text, bedrooms integer, size_min integer, amenities text, move_in_on date, loan_stage text, description text, phone_e164 text)
     WHERE app.import_tick(i.id, r.number);
    DELETE FROM lead_import_rows WHERE import_id = i.id AND (status = 'good' OR status = 'duplicate' AND i.with_duplicates);
    UPDATE lead_imports SET state = 'imported', imported = written WHERE id = i.id RETURNING * INTO i;
    PERFORM app.event_add('lead.imported', i.partner_id, NULL, i.id, '/leads/imports/' || i.id, jsonb_build_object('rows', written));
    PERFORM app.import_tell(i), app.audit_write('leads.import', i.id, i.partner_id, jsonb_build_object('rows', written, 'file_hash', i.file_hash));
END $$;

-- ── What is left behind ──────────────────────────────────────────────────────────────────────────────────

-- Ends what nobody went on with, forgets refused rows after ninety days, and names the files that are still wanted.
CREATE FUNCTION app.imports_tidy() RETURNS TABLE (file text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE lead_imports SET state = 'cancelled' WHERE state IN ('new', 'checked', 'failed') AND updated_at < now() - interval '14 days';
    DELETE FROM lead_import_rows r USING lead_imports i WHERE i.id = r.import_id AND i.state = 'imported' AND i.finished_at < now() - interval '90 days';
    RETURN QUERY SELECT i.file FROM lead_imports i WHERE state IN ('new', 'checking', 'checked', 'committing', 'failed');
END $$;
INSERT INTO job_schedules (name, kind, every, next_at) VALUES ('imports.tidy', 'imports.tidy', '1 hour', date_trunc('hour', now()));

GRANT EXECUTE ON FUNCTION app.import_next(uuid, integer), app.import_add(uuid, integer, jsonb, bigint, integer, boolean), app.import_fail(uuid, text),
    app.import_commit(uuid), app.imports_tidy() TO tessera_jobs;
