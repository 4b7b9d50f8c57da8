-- What a merge does across partners and how it is told, extensions in the history, and bounds in an import's summary.

-- ── The history ──────────────────────────────────────────────────────────────────────────────────────────
-- That two leads became one, or two again, and what was asked and decided about protection.

ALTER TABLE lead_history
    DROP CONSTRAINT lead_history_kind_check,
    ADD CONSTRAINT lead_history_kind_check CHECK (kind IN
        ('created', 'stage', 'edited', 'merged', 'unmerged', 'extension_asked', 'extension_granted', 'extension_refused')),
    ADD COLUMN merge_id uuid REFERENCES lead_merges ON DELETE SET NULL,
    ADD COLUMN days integer, -- of an extension
    ADD COLUMN staff_only boolean NOT NULL DEFAULT false;
CREATE INDEX lead_history_merge_idx ON lead_history (merge_id) WHERE merge_id IS NOT NULL;
CREATE POLICY not_of_staff ON lead_history AS RESTRICTIVE FOR SELECT TO tessera_partner USING (NOT staff_only);

-- A partner reads of a merge only where both leads were its own: else it would learn that somebody else has the client.
CREATE FUNCTION app.lead_merge_tell(p_merge uuid, p_kind text, p_lead uuid, p_staff_only boolean) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public AS $$
    INSERT INTO lead_history (lead_id, partner_id, user_id, kind, merge_id, staff_only)
    SELECT l.id, l.partner_id, app.user_id(), p_kind, p_merge, p_staff_only FROM leads l WHERE l.id = p_lead
$$;

CREATE OR REPLACE FUNCTION app.lead_counts(p_lead uuid) RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    r record;
    n bigint;
    counts jsonb := '{}';
BEGIN -- what merely tells of a lead does not count, nor what tells of merges
    FOR r IN SELECT c.* FROM app.lead_columns() c LEFT JOIN lead_references x USING (relation, column_name)
              WHERE coalesce(x.way, 'follow') = 'follow' AND c.relation NOT IN ('events', 'notifications', 'duplicate_pairs', 'leads') LOOP
        EXECUTE format('SELECT count(*) FROM %I r WHERE r.%I = $1%s', r.relation, r.column_name,
                       CASE r.relation WHEN 'lead_history' THEN ' AND r.kind NOT IN (''merged'', ''unmerged'')' ELSE '' END) INTO n USING p_lead;
        counts := counts || jsonb_build_object(r.relation || '.' || r.column_name, n);
    END LOOP;
    RETURN counts;
END $$;

-- ── Two partners, one lead ───────────────────────────────────────────────────────────────────────────────
-- What a partner typed was given for that partner alone. So the lead that stays takes from another partner's nothing that its own
-- partner could read, whatever was asked for.

CREATE OR REPLACE FUNCTION app.lead_merge(p_pair uuid, p_keep uuid, p_take text[], p_first_version integer, p_second_version integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    can_take CONSTANT text[] := ARRAY['client_name', 'client_email', 'client_phone', 'phone_e164', 'client_location', 'source', 'currency', 'estimated_value', 'budget_min',
        'budget_max', 'financing', 'payment_preference', 'property_type', 'locations', 'bedrooms', 'size_min', 'amenities', 'move_in_on', 'description',
        'staff_notes', 'temperature'];
    staff_only CONSTANT text[] := ARRAY['staff_notes', 'temperature'];
    p duplicate_pairs;
    kept leads;
    gone leads;
    merge uuid := gen_random_uuid();
    take text[];
    n integer;
BEGIN
    PERFORM app.duplicates_writer();
    SELECT * INTO p FROM duplicate_pairs WHERE id = p_pair FOR UPDATE;
    IF p.id IS NULL OR p_keep NOT IN (p.first_id, p.second_id) THEN
        RAISE EXCEPTION 'There is no such pair.' USING ERRCODE = 'TS404';
    END IF;
    PERFORM FROM leads WHERE id IN (p.first_id, p.second_id) ORDER BY id FOR UPDATE;
    SELECT * INTO kept FROM leads WHERE id = p_keep;
    SELECT * INTO gone FROM leads WHERE id IN (p.first_id, p.second_id) AND id <> p_keep;
    IF p.state <> 'open' OR kept.merged_into IS NOT NULL OR gone.merged_into IS NOT NULL THEN
        RAISE EXCEPTION 'This pair is decided already.' USING ERRCODE = 'TS409';
    END IF;
    IF (SELECT version FROM leads WHERE id = p.first_id) <> p_first_version OR (SELECT version FROM leads WHERE id = p.second_id) <> p_second_version THEN
        RAISE EXCEPTION 'Somebody changed one of the two in the meantime. Look at them as they are now, then merge again.' USING ERRCODE = 'TS409';
    END IF;
    SELECT coalesce(array_agg(DISTINCT t), '{}') INTO take FROM unnest(p_take) AS t
     WHERE t = ANY (CASE WHEN gone.partner_id = kept.partner_id THEN can_take ELSE staff_only END) AND to_jsonb(gone) -> t IS DISTINCT FROM to_jsonb(kept) -> t;
    PERFORM set_config('app.merging', 'on', true);
    INSERT INTO lead_merges (id, pair_id, kept_id, gone_id, taken, kept_before, gone_before, kept_version, counts, moved, merged_by, undo_until)
    VALUES (merge, p.id, kept.id, gone.id, take, to_jsonb(kept), to_jsonb(gone), kept.version, '{}', 0, app.user_id(), now() + interval '7 days');
    UPDATE leads SET merged_into = kept.id, version = version + 1, registration = CASE WHEN registration = 'known' THEN 'refused' WHEN registration = 'held' THEN 'none' ELSE registration END,
           protected_until = NULL WHERE id = gone.id;
    n := app.lead_rows_move(merge, gone.id, kept.id, kept.partner_id);
    PERFORM app.lead_enrolments_settle(merge, gone.id, kept.id);
    PERFORM app.lead_partner_settle(merge, gone.id);
    PERFORM app.lead_claims_settle(merge, kept, gone);
    IF take <> '{}' OR (gone.partner_id = kept.partner_id AND gone.registration = 'held' AND kept.registration IN ('none', 'again')) THEN
        kept := jsonb_populate_record(kept, (SELECT coalesce(jsonb_object_agg(t, to_jsonb(gone) -> t), '{}') FROM unnest(take) AS t));
        UPDATE leads SET client_name = kept.client_name, client_email = kept.client_email, client_phone = kept.client_phone, phone_e164 = kept.phone_e164,
               client_location = kept.client_location, source = kept.source, currency = kept.currency, estimated_value = kept.estimated_value, budget_min = kept.budget_min,
               budget_max = kept.budget_max, financing = kept.financing, payment_preference = kept.payment_preference, property_type = kept.property_type,
               locations = kept.locations, bedrooms = kept.bedrooms, size_min = kept.size_min, amenities = kept.amenities, move_in_on = kept.move_in_on,
               description = kept.description, staff_notes = kept.staff_notes, temperature = kept.temperature,
               version = version + 1, updated_at = now() WHERE id = kept.id;
        UPDATE leads SET registration = gone.registration, protected_until = gone.protected_until
         WHERE id = kept.id AND gone.partner_id = partner_id AND gone.registration = 'held' AND registration IN ('none', 'again');
    END IF;
    PERFORM app.lead_merge_tell(merge, 'merged', kept.id, kept.partner_id <> gone.partner_id);
    UPDATE duplicate_pairs SET state = 'merged', decided_at = now(), decided_by = app.user_id() WHERE id = p.id;
    UPDATE lead_merges SET kept_version = (SELECT version FROM leads WHERE id = kept.id), counts = app.lead_counts(kept.id), moved = n WHERE id = merge;
    PERFORM set_config('app.merging', '', true), app.live('staff', 'duplicates'), app.live('staff', 'leads', kept.id),
            app.audit_write('leads.merge', kept.partner_id, kept.id, jsonb_build_object('merge', merge, 'gone', gone.id, 'taken', take, 'rows', n));
    RETURN merge;
END $$;

CREATE OR REPLACE FUNCTION app.lead_merge_undo(p_merge uuid) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    m lead_merges;
    r record;
    kept leads;
    gone leads;
    stuck text;
BEGIN
    PERFORM app.duplicates_writer();
    SELECT * INTO m FROM lead_merges WHERE id = p_merge FOR UPDATE;
    IF m.id IS NULL THEN
        RAISE EXCEPTION 'There is no such merge.' USING ERRCODE = 'TS404';
    END IF;
    PERFORM FROM leads WHERE id IN (m.kept_id, m.gone_id) ORDER BY id FOR UPDATE;
    stuck := app.lead_merge_stuck(m);
    IF stuck IS NOT NULL THEN
        RAISE EXCEPTION '%', CASE stuck WHEN 'undone' THEN 'This merge was undone already.' WHEN 'late' THEN 'A merge can be undone for a week, and that is over.'
            ELSE 'The lead was worked on since the merge, so the two are not taken apart again.' END USING ERRCODE = 'TS409';
    END IF;
    PERFORM set_config('app.merging', 'on', true);
    FOR r IN SELECT x.*, (SELECT string_agg(format('%1$I = (jsonb_populate_record(NULL::%2$I, $1)).%1$I', k, x.relation), ', ') FROM jsonb_object_keys(x.old) AS k) AS sets,
                    (SELECT string_agg(format('r.%1$I = (jsonb_populate_record(NULL::%2$I, $2)).%1$I', k, x.relation), ' AND ') FROM jsonb_object_keys(x.key) AS k) AS matches
               FROM lead_merge_rows x WHERE x.merge_id = m.id ORDER BY x.number DESC LOOP
        EXECUTE format('UPDATE %I r SET %s WHERE %s', r.relation, r.sets, r.matches) USING r.old, r.key;
    END LOOP;
    kept := jsonb_populate_record(NULL::leads, m.kept_before);
    gone := jsonb_populate_record(NULL::leads, m.gone_before);
    UPDATE leads SET merged_into = NULL, version = version + 1, registration = gone.registration, protected_until = gone.protected_until WHERE id = m.gone_id;
    IF m.taken <> '{}' THEN
        UPDATE leads SET client_name = kept.client_name, client_email = kept.client_email, client_phone = kept.client_phone, phone_e164 = kept.phone_e164,
               client_location = kept.client_location, source = kept.source, currency = kept.currency, estimated_value = kept.estimated_value, budget_min = kept.budget_min,
               budget_max = kept.budget_max, financing = kept.financing, payment_preference = kept.payment_preference, property_type = kept.property_type,
               locations = kept.locations, bedrooms = kept.bedrooms, size_min = kept.size_min, amenities = kept.amenities, move_in_on = kept.move_in_on,
               description = kept.description, staff_notes = kept.staff_notes, temperature = kept.temperature, version = version + 1, updated_at = kept.updated_at WHERE id = m.kept_id;
    END IF;
    UPDATE leads SET registration = kept.registration, protected_until = kept.protected_until
     WHERE id = m.kept_id AND (registration, protected_until) IS DISTINCT FROM (kept.registration, kept.protected_until);
    PERFORM app.job_add('nurture.step', jsonb_build_object('enrolment', e.id), e.next_at, 'nurture:' || e.id, 7)
       FROM lead_merge_rows x JOIN enrolments e ON e.id = (x.key ->> 'id')::uuid WHERE x.merge_id = m.id AND x.relation = 'enrolments' AND x.column_name = '' AND e.next_at IS NOT NULL;
    UPDATE duplicate_pairs SET state = 'open', decided_at = NULL, decided_by = NULL WHERE id = m.pair_id;
    IF gone.registration = 'known' THEN -- of a merge before claims were among its rows
        UPDATE lead_claims SET state = 'open', decided_at = NULL, decided_by = NULL WHERE lead_id = m.gone_id AND decided_at = m.merged_at;
    END IF;
    DELETE FROM lead_claims WHERE lead_id = m.gone_id AND decided_at = m.merged_at;
    PERFORM app.lead_merge_tell(m.id, 'unmerged', l, kept.partner_id <> gone.partner_id) FROM unnest(ARRAY[m.kept_id, m.gone_id]) AS l;
    UPDATE lead_merges SET undone_at = now(), undone_by = app.user_id() WHERE id = m.id;
    PERFORM set_config('app.merging', '', true), app.live('staff', 'duplicates'), app.live('staff', 'leads', m.kept_id),
            app.audit_write('leads.unmerge', kept.partner_id, m.kept_id, jsonb_build_object('merge', m.id, 'gone', m.gone_id));
    RETURN m.pair_id;
END $$;

-- Where to look for what was done about a lead: for staff also in what went into it. Notes, calls, files and appointments of another
-- partner stayed there, because they are that partner's.
CREATE FUNCTION app.lead_and_gone(p_lead uuid) RETURNS SETOF uuid LANGUAGE sql STABLE ROWS 2 SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT p_lead UNION ALL SELECT l.id FROM leads l WHERE l.merged_into = p_lead AND app.user_id() IS NOT NULL AND app.partner() IS NULL AND app.can('leads:read')
$$;
-- The lead that this one went into: for staff, and for a partner whose leads both were.
CREATE FUNCTION app.lead_went_to(p_lead uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT k.id FROM leads l JOIN leads k ON k.id = l.merged_into AND k.merged_into IS NULL
     WHERE l.id = p_lead AND app.user_id() IS NOT NULL AND app.can('leads:read')
       AND (app.partner() IS NULL OR (l.partner_id = app.partner() AND k.partner_id = app.partner()))
$$;
GRANT EXECUTE ON FUNCTION app.lead_and_gone(uuid), app.lead_went_to(uuid) TO tessera_partner, tessera_staff;
-- That commissions hang on it, for whoever decides which of two leads stays; how much is another permission's.
CREATE FUNCTION app.lead_earns(p_lead uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT app.user_id() IS NOT NULL AND app.partner() IS NULL AND app.can('duplicates:read') AND EXISTS (SELECT FROM ledger_entries e WHERE e.lead_id = p_lead)
$$;
GRANT EXECUTE ON FUNCTION app.lead_earns(uuid) TO tessera_staff;

-- ── Longer protection ────────────────────────────────────────────────────────────────────────────────────

CREATE OR REPLACE FUNCTION app.extension_ask(p_lead uuid, p_days integer, p_reason text) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    l leads;
    added uuid;
BEGIN
    SELECT * INTO l FROM leads WHERE id = p_lead AND partner_id = app.partner() AND merged_into IS NULL FOR UPDATE;
    IF l.id IS NULL THEN
        RAISE EXCEPTION 'There is nothing at this address, or it is not yours to see.' USING ERRCODE = 'TS404';
    END IF;
    IF NOT app.can('leads:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    IF l.registration <> 'held' OR l.protected_until <= now() OR l.stage IN ('won', 'lost', 'declined') THEN
        RAISE EXCEPTION 'This registration cannot be extended any more.' USING ERRCODE = 'TS409';
    END IF;
    INSERT INTO extension_requests (lead_id, partner_id, asked_by, days, reason) VALUES (l.id, l.partner_id, app.user_id(), p_days, p_reason)
    ON CONFLICT (lead_id) WHERE state = 'open' DO NOTHING RETURNING id INTO added;
    IF added IS NULL THEN
        RAISE EXCEPTION 'You have asked already; the answer comes here.' USING ERRCODE = 'TS409';
    END IF;
    INSERT INTO lead_history (lead_id, partner_id, user_id, kind, days, reason) VALUES (l.id, l.partner_id, app.user_id(), 'extension_asked', p_days, p_reason);
    PERFORM app.event_add('extension.asked', l.partner_id, l.id, added, '/admin/extensions/' || added, jsonb_build_object('days', p_days)), app.live('staff', 'duplicates'),
            app.live('partner:' || l.partner_id, 'leads', l.id);
    RETURN added;
END $$;
CREATE OR REPLACE FUNCTION app.extension_decide(p_request uuid, p_days integer, p_answer text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE r extension_requests;
BEGIN
    PERFORM app.duplicates_writer();
    UPDATE extension_requests SET state = CASE WHEN p_days IS NULL THEN 'refused' ELSE 'granted' END, days_given = p_days, answer = coalesce(p_answer, ''),
           decided_at = now(), decided_by = app.user_id() WHERE id = p_request AND state = 'open' RETURNING * INTO r;
    IF r.id IS NULL THEN
        RETURN false;
    END IF;
    IF p_days IS NOT NULL THEN -- asked in time, so it goes on from where it ended
        UPDATE leads SET protected_until = protected_until + make_interval(days => p_days) WHERE id = r.lead_id AND registration = 'held';
    END IF;
    INSERT INTO lead_history (lead_id, partner_id, user_id, kind, days, reason)
    VALUES (r.lead_id, r.partner_id, app.user_id(), 'extension_' || r.state, p_days, nullif(r.answer, ''));
    PERFORM app.event_add('extension.decided', r.partner_id, r.lead_id, r.id, '/leads/' || r.lead_id, jsonb_build_object('granted', p_days IS NOT NULL, 'days', p_days)),
            app.live('staff', 'duplicates'), app.live('partner:' || r.partner_id, 'leads', r.lead_id),
            app.audit_write('extensions.decide', r.partner_id, r.id, jsonb_build_object('lead', r.lead_id, 'days', p_days));
    RETURN true;
END $$;

-- ── An import's summary ──────────────────────────────────────────────────────────────────────────────────
-- With the bounds that its sentences name.

CREATE FUNCTION app.import_summary(p_import uuid) RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM (
        SELECT e ->> 'field' AS field, e ->> 'message' AS message, count(*) AS rows, min(r.number) AS first,
               (e ->> 'min')::bigint AS min, (e ->> 'max')::bigint AS max
          FROM lead_import_rows r, jsonb_array_elements(r.problems) AS e WHERE r.import_id = p_import
         GROUP BY 1, 2, 5, 6 ORDER BY 3 DESC, 4 LIMIT 30) AS s
$$;
CREATE OR REPLACE FUNCTION app.import_add(p_import uuid, p_version integer, p_rows jsonb, p_position bigint, p_line integer, p_last boolean) RETURNS void
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
    UPDATE lead_imports SET state = 'checked', summary = app.import_summary(p_import) WHERE id = p_import;
END $$;
UPDATE lead_imports SET summary = app.import_summary(id) WHERE state = 'checked' AND summary <> '[]';
