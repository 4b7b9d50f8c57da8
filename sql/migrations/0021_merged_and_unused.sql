-- What a merge means for the partner whose lead went, and what becomes of files that nobody refers to any more.

-- ── Two partners, one lead ───────────────────────────────────────────────────────────────────────────────
-- The client is the other partner's now. What this one had before it with the client ends: open reminders are done, and
-- appointments to come are called off, which those who take part are told of. It comes back with the way back.

CREATE FUNCTION app.lead_merge_note(p_merge uuid, p_relation text, p_id uuid, p_old jsonb) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public AS $$
    INSERT INTO lead_merge_rows (merge_id, number, relation, column_name, key, old)
    SELECT p_merge, 1 + coalesce(max(number), 0), p_relation, '', jsonb_build_object('id', p_id), p_old FROM lead_merge_rows WHERE merge_id = p_merge
$$;
-- After the rows went along: what still names the lead that is gone is the other partner's.
CREATE FUNCTION app.lead_partner_settle(p_merge uuid, p_gone uuid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    r reminders;
    a appointments;
BEGIN
    FOR r IN SELECT x.* FROM reminders x WHERE x.lead_id = p_gone AND x.done_at IS NULL FOR UPDATE LOOP
        PERFORM app.lead_merge_note(p_merge, 'reminders', r.id, jsonb_build_object('done_at', NULL));
        UPDATE reminders SET done_at = now() WHERE id = r.id;
    END LOOP;
    FOR a IN SELECT x.* FROM appointments x WHERE x.lead_id = p_gone AND x.status = 'planned' AND x.ends_at > now() FOR UPDATE LOOP
        PERFORM app.lead_merge_note(p_merge, 'appointments', a.id, jsonb_build_object('status', a.status, 'reason', a.reason));
        UPDATE appointments SET status = 'called_off', reason = 'We already knew this client.', version = version + 1, updated_at = now() WHERE id = a.id;
    END LOOP;
END $$;

-- Planned once more, it is news, and not called off.
CREATE OR REPLACE FUNCTION app.appointments_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    kind text := 'appointment.changed';
    facts jsonb := '{}';
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.status, NEW.status) = ('called_off', 'planned') AND NEW.ends_at <= now() THEN
        RETURN NULL; -- it is over
    ELSIF TG_OP = 'INSERT' OR (OLD.status, NEW.status) = ('called_off', 'planned') THEN
        kind := 'appointment.new';
        facts := jsonb_build_object('starts_at', NEW.starts_at);
    ELSIF NEW.status <> OLD.status THEN
        facts := jsonb_build_object('cancelled', true);
    ELSIF NEW.starts_at <> OLD.starts_at THEN
        facts := jsonb_build_object('starts_at', NEW.starts_at);
    ELSIF NEW.sequence = OLD.sequence AND (NEW.title, NEW.kind) = (OLD.title, OLD.kind) THEN
        RETURN NULL; -- nothing that the others would want to know
    END IF;
    PERFORM app.event_add(kind, NEW.partner_id, NEW.lead_id, NEW.id, '/appointments/' || NEW.id, facts, app.appointment_circle(NEW.id));
    RETURN NULL;
END $$;

-- Whose the client is then. The partner of the lead that is gone is told that we knew the client, whether it had been a claim or
-- held; and where the lead that stays was the claim, staff decided for it: it holds, unless somebody else's registration does.
CREATE FUNCTION app.lead_claims_settle(p_merge uuid, kept leads, gone leads) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    c lead_claims;
    holds boolean := kept.registration IN ('held', 'again');
BEGIN
    IF kept.registration = 'known' AND NOT EXISTS (SELECT FROM app.registration_of(kept.email_key, kept.phone_e164, kept.id)) THEN
        UPDATE leads SET registration = 'held', protected_until = created_at + make_interval(days => (SELECT g.protection_days FROM programme g)) WHERE id = kept.id;
        holds := true;
    END IF;
    FOR c IN SELECT x.* FROM lead_claims x WHERE x.lead_id IN (kept.id, gone.id) FOR UPDATE LOOP
        CONTINUE WHEN c.lead_id = kept.id AND (c.state <> 'open' OR NOT holds);
        CONTINUE WHEN c.lead_id = gone.id AND c.state <> 'open' AND (c.state = 'refused' OR c.partner_id = kept.partner_id);
        PERFORM app.lead_merge_note(p_merge, 'lead_claims', c.id, jsonb_build_object('state', c.state, 'decided_at', c.decided_at, 'decided_by', c.decided_by));
        UPDATE lead_claims SET state = CASE WHEN holds AND c.partner_id = kept.partner_id THEN 'accepted' ELSE 'refused' END, decided_at = now(), decided_by = app.user_id()
         WHERE id = c.id;
    END LOOP;
    IF gone.partner_id <> kept.partner_id THEN
        INSERT INTO lead_claims (lead_id, partner_id, client_name, state, created_at, decided_at, decided_by)
        VALUES (gone.id, gone.partner_id, gone.client_name, 'refused', gone.created_at, now(), app.user_id()) ON CONFLICT (lead_id) DO NOTHING;
    END IF;
    PERFORM app.event_add('claim.decided', x.partner_id, CASE WHEN x.state = 'accepted' THEN kept.id END, x.id,
                          CASE WHEN x.state = 'accepted' THEN '/leads/' || kept.id ELSE '/overlap' END, jsonb_build_object('accepted', x.state = 'accepted'))
       FROM lead_claims x WHERE x.lead_id IN (kept.id, gone.id) AND x.decided_at = now() AND (x.lead_id = kept.id OR x.partner_id <> kept.partner_id);
END $$;

CREATE OR REPLACE FUNCTION app.lead_merge(p_pair uuid, p_keep uuid, p_take text[], p_first_version integer, p_second_version integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    can_take CONSTANT text[] := ARRAY['client_name', 'client_email', 'client_phone', 'phone_e164', 'client_location', 'source', 'currency', 'estimated_value', 'budget_min',
        'budget_max', 'financing', 'payment_preference', 'property_type', 'locations', 'bedrooms', 'size_min', 'amenities', 'move_in_on', 'description',
        'staff_notes', 'temperature'];
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
    SELECT coalesce(array_agg(DISTINCT t), '{}') INTO take FROM unnest(p_take) AS t WHERE t = ANY (can_take) AND to_jsonb(gone) -> t IS DISTINCT FROM to_jsonb(kept) -> t;
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
    UPDATE lead_merges SET undone_at = now(), undone_by = app.user_id() WHERE id = m.id;
    PERFORM set_config('app.merging', '', true), app.live('staff', 'duplicates'), app.live('staff', 'leads', m.kept_id),
            app.audit_write('leads.unmerge', kept.partner_id, m.kept_id, jsonb_build_object('merge', m.id, 'gone', m.gone_id));
    RETURN m.pair_id;
END $$;

-- Merges from before: their other partners still had all this before them.
SELECT app.lead_partner_settle(m.id, m.gone_id) FROM lead_merges m JOIN leads l ON l.id = m.gone_id AND l.merged_into IS NOT NULL WHERE m.undone_at IS NULL;

-- Very many pairs: sorted by strength, they are read along an index as well.
CREATE INDEX duplicate_pairs_strength_idx ON duplicate_pairs (state, strength, id);

-- ── Files that nobody refers to ──────────────────────────────────────────────────────────────────────────
-- A row that no room links to goes after a day; content that no row names goes once it has lain for a day as well. Whoever hands
-- something over holds its content, by an advisory lock until the end of the transaction, before the store is looked at: so what
-- a job is about to remove is written again, and what somebody is about to link stays.

CREATE FUNCTION app.files_unlink() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    linked text;
    dropped integer;
BEGIN -- every room's table, also of rooms that come later
    SELECT string_agg(format('NOT EXISTS (SELECT FROM %s r WHERE r.%I = f.id)', c.conrelid::regclass, a.attname), ' AND ') INTO linked
      FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f' AND c.confrelid = 'files'::regclass;
    EXECUTE 'DELETE FROM files f WHERE f.created_at < now() - interval ''1 day'' AND ' || linked;
    GET DIAGNOSTICS dropped = ROW_COUNT;
    RETURN dropped;
END $$;

CREATE FUNCTION app.file_lock(p_sha256 text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT hashtext(p_sha256) $$;
-- 1412391251: the class of these locks.
CREATE FUNCTION app.file_hold(p_sha256 text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT pg_advisory_xact_lock_shared(1412391251, app.file_lock(p_sha256))
$$;
-- Of these (hex), the ones that no row names and that nobody is about to name; until the end of the transaction nobody can.
CREATE FUNCTION app.files_unused(p_hashes text[]) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE h text;
BEGIN
    FOR h IN SELECT x FROM unnest(p_hashes) AS x WHERE NOT EXISTS (SELECT FROM files f WHERE f.sha256 = decode(x, 'hex')) LOOP
        IF pg_try_advisory_xact_lock(1412391251, app.file_lock(h)) AND NOT EXISTS (SELECT FROM files f WHERE f.sha256 = decode(h, 'hex')) THEN
            RETURN NEXT h;
        END IF;
    END LOOP;
END $$;
-- The next sixteenth of the store: contents whose hash begins with p_digit.
CREATE FUNCTION app.files_next(p_digit text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT app.job_add('files.tidy', jsonb_build_object('digit', p_digit))
$$;
GRANT EXECUTE ON FUNCTION app.file_hold(text) TO tessera_partner, tessera_staff;
GRANT EXECUTE ON FUNCTION app.files_unlink(), app.files_unused(text[]), app.files_next(text) TO tessera_jobs;

INSERT INTO job_schedules (name, kind, at) VALUES ('files.unlink', 'files.unlink', '04:05'), ('files.tidy', 'files.tidy', '04:20');
