-- Searching as people write: without accents, with whatever apostrophe, and by the phone number however it is dialled. And four
-- places where one person's slowness or mistake became another's.

-- ── Search ───────────────────────────────────────────────────────────────────────────────────────────────

CREATE EXTENSION IF NOT EXISTS unaccent;

-- As texts are compared: compatible forms made one (full width to half), no accents, small letters. unaccent() is stable only
-- because its dictionary may be changed, which nobody does here.
CREATE FUNCTION app.fold(p_text text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    RETURN lower(public.unaccent('public.unaccent', normalize(p_text, NFKC)));
END $$;
GRANT EXECUTE ON FUNCTION app.fold(text) TO tessera_partner, tessera_staff, tessera_jobs;

-- The number stands there as E.164 has it, without the plus; what is no number, by its digits. The rows are written anew for this:
-- a minute for a million.
ALTER TABLE leads DROP COLUMN search;
ALTER TABLE leads ADD COLUMN search text NOT NULL GENERATED ALWAYS AS (app.fold(client_name || ' ' || coalesce(client_email, '') || ' ' ||
    coalesce(substr(phone_e164, 2), regexp_replace(client_phone, '[^0-9]', '', 'g'), '') || ' ' || coalesce(locations, ''))) STORED;
GRANT SELECT (search) ON leads TO tessera_partner;
CREATE INDEX leads_search_idx ON leads USING gin (partner_id, search gin_trgm_ops);
CREATE INDEX leads_begin_idx ON leads (left(search, 24) text_pattern_ops); -- search begins with the name

-- Leads by name, mail, phone or wanted place, at most p_limit: first those whose name begins so, then those that have
-- every word somewhere, the name's words before other places; and where there is none at all, those whose name is spelt nearly
-- so, of words that begin alike. How many are looked at is bounded in each step. A partner's leads are mostly so few that they are
-- read faster than an index; of one who has very many, the index of words says which.
CREATE OR REPLACE FUNCTION app.lead_find(p_text text, p_limit integer) RETURNS TABLE (id uuid, place integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    typed text := app.fold(btrim(coalesce(p_text, '')));
    leads text := CASE WHEN app.partner() IS NULL THEN 'leads l' ELSE format('(SELECT id, client_name, search FROM leads WHERE partner_id = %L%s) AS l', app.partner(),
                           CASE WHEN (SELECT sum(r.leads) FROM rollup_stage r WHERE r.scope = app.partner()) <= 5000 THEN ' OFFSET 0' ELSE '' END) END;
    found uuid[];
    next uuid[];
BEGIN
    IF app.user_id() IS NULL OR NOT app.can('leads:read') OR typed = '' THEN
        RETURN;
    END IF;
    IF app.partner() IS NULL THEN
        EXECUTE format('SELECT array_agg(x.id) FROM (SELECT l.id FROM leads l WHERE left(l.search, 24) LIKE %L ORDER BY left(l.search, 24) USING ~<~ LIMIT %s) AS x',
                       app.prefix_pattern(left(typed, 24)), p_limit) INTO found;
    ELSE
        EXECUTE format('SELECT array_agg(y.id) FROM (SELECT x.id FROM (SELECT l.id, l.search FROM %s WHERE l.search LIKE %L LIMIT 400) AS x'
                       ' ORDER BY left(x.search, 24) USING ~<~ LIMIT %s) AS y', leads, app.prefix_pattern(left(typed, 24)), p_limit) INTO found;
    END IF;
    IF coalesce(cardinality(found), 0) < p_limit THEN
        EXECUTE format('SELECT array_agg(y.id ORDER BY y.begins DESC, y.inside DESC, y.id) FROM (SELECT x.id, '' '' || app.fold(x.client_name) LIKE %L AS begins,'
                       ' app.fold(x.client_name) LIKE %L AS inside FROM (SELECT l.id, l.client_name FROM %s WHERE %s LIMIT 400) AS x) AS y',
                       '% ' || app.prefix_pattern(typed), app.like_pattern(typed), leads, app.words_condition(typed, 100, ' AND ')) INTO next;
        found := found || ARRAY(SELECT n FROM unnest(next) WITH ORDINALITY AS u(n, o) WHERE found IS NULL OR n <> ALL (found) ORDER BY o);
    END IF;
    IF coalesce(cardinality(found), 0) = 0 AND length(typed) BETWEEN 4 AND 60 AND typed ~ '[[:alpha:]]' THEN
        FOR i IN 0 .. 1 LOOP -- all of its words, or any
            EXECUTE format('SELECT array_agg(y.id ORDER BY y.alike DESC, y.id) FROM (SELECT x.id, word_similarity(%L, app.fold(x.client_name)) AS alike'
                           '  FROM (SELECT l.id, l.client_name FROM %s WHERE %s LIMIT 200) AS x) AS y WHERE y.alike > 0.4',
                           typed, leads, app.words_condition(typed, 3, CASE i WHEN 0 THEN ' AND ' ELSE ' OR ' END)) INTO found;
            EXIT WHEN found IS NOT NULL;
        END LOOP;
    END IF;
    RETURN QUERY SELECT u.n, u.o::integer FROM unnest(found[1:p_limit]) WITH ORDINALITY AS u(n, o);
END $$;

-- ── Clicks ───────────────────────────────────────────────────────────────────────────────────────────────
-- A worker writes them between two requests: it does not wait for somebody who holds a link's figures, but tries again later.
ALTER FUNCTION app.clicks_add(uuid[], double precision[], text[], text[], text[]) SET lock_timeout = '50ms';

-- ── Undo ─────────────────────────────────────────────────────────────────────────────────────────────────
-- Takes back the asker's own last move, the one that made p_version of the lead, as long as nothing else has happened to it.
-- The card is then where it was, with the reason, value and times that it had.
CREATE OR REPLACE FUNCTION app.lead_undo(p_lead uuid, p_version integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    l leads;
    h lead_history;
BEGIN
    SELECT * INTO l FROM leads WHERE id = p_lead AND app.user_id() IS NOT NULL AND app.can('leads:write')
       AND (app.partner() IS NULL OR partner_id = app.partner()) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'There is no such lead.' USING ERRCODE = 'TS404';
    END IF;
    SELECT * INTO h FROM lead_history WHERE lead_id = l.id AND kind = 'stage' ORDER BY at DESC, id DESC LIMIT 1;
    IF h.version IS DISTINCT FROM l.version OR p_version IS DISTINCT FROM l.version OR h.undoes IS NOT NULL THEN
        RAISE EXCEPTION 'This lead has been changed since, so nothing was undone. Look at it as it is now.' USING ERRCODE = 'TS409';
    END IF;
    IF h.user_id IS DISTINCT FROM app.user_id() THEN
        RAISE EXCEPTION 'Only whoever moved the lead can take the move back. Move it by hand.' USING ERRCODE = 'TS409';
    END IF;
    IF h.at <= clock_timestamp() - interval '1 minute' THEN
        RAISE EXCEPTION 'A move can be undone for one minute. Move the lead by hand.' USING ERRCODE = 'TS409';
    END IF;
    PERFORM set_config('app.undoes', h.id::text, true);
    UPDATE leads SET stage = h.from_stage, stage_reason = h.before ->> 'reason', stage_reason_code = h.before ->> 'reason_code',
           stage_at = (h.before ->> 'at')::timestamptz, closed_at = (h.before ->> 'closed_at')::timestamptz,
           estimated_value = (h.before ->> 'value')::numeric, version = version + 1, updated_at = now()
     WHERE id = l.id;
    PERFORM set_config('app.undoes', '', true);
END $$;

-- ── Invitations ──────────────────────────────────────────────────────────────────────────────────────────
-- Nobody is invited to a partner whose people cannot sign in, and a link that was sent before waits until they can.
CREATE OR REPLACE FUNCTION app.invite(p_user uuid, p_token_hash text, p_subject text, p_body text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE target users;
BEGIN
    SELECT * INTO target FROM users u WHERE u.id = p_user AND u.status = 'invited'
       AND CASE WHEN u.partner_id IS NULL THEN app.can('staff:write')
                ELSE app.can('partners:write') OR (u.partner_id = app.partner() AND app.can('team:write')) END;
    IF target.id IS NULL THEN
        RAISE EXCEPTION 'There is no open invitation for this person.' USING ERRCODE = 'TS404';
    END IF;
    IF EXISTS (SELECT FROM partners p WHERE p.id = target.partner_id AND p.status NOT IN ('active', 'suspended')) THEN
        RAISE EXCEPTION 'Nobody of this partner can sign in yet. Set the partner to active first, then invite its people.' USING ERRCODE = 'TS422';
    END IF;
    DELETE FROM one_time_links WHERE user_id = p_user AND purpose = 'invitation';
    INSERT INTO one_time_links VALUES (decode(p_token_hash, 'hex'), p_user, 'invitation', now(), now() + interval '7 days');
    INSERT INTO outbox (template, recipient, subject, body) VALUES ('invitation', target.email, p_subject, p_body);
    PERFORM app.audit_write('users.invite', p_user, target.partner_id, '{}');
END $$;

-- Whom a living link is for; no row when it is used up, expired or never was, or while nobody of the partner can sign in.
CREATE OR REPLACE FUNCTION app.link_find(p_token_hash text, p_purpose text)
    RETURNS TABLE (user_name text, user_email text, partner_name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.name, u.email, p.name FROM one_time_links l JOIN users u ON u.id = l.user_id LEFT JOIN partners p ON p.id = u.partner_id
     WHERE l.token_hash = decode(p_token_hash, 'hex') AND l.purpose = p_purpose AND l.expires_at > now() AND u.status <> 'disabled'
       AND (p.id IS NULL OR p.status IN ('active', 'suspended'))
$$;

-- ── Registrations ────────────────────────────────────────────────────────────────────────────────────────
-- Of two who register a client at the same moment one is first: whoever comes second waits for the first's transaction and sees
-- what it wrote. One's own bulk of rows needs no such lock, and would need too many.
CREATE OR REPLACE FUNCTION app.leads_registration() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    holder record;
    key bigint;
BEGIN
    IF NEW.consent_at IS NULL OR NEW.merged_into IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF session_user <> 'tessera_owner' THEN
        FOR key IN SELECT DISTINCT hashtextextended(v.k, 1952805746) FROM (VALUES (app.email_key(NEW.client_email)), (NEW.phone_e164)) AS v (k)
                    WHERE v.k IS NOT NULL ORDER BY 1 LOOP -- in one order, so that no two wait for each other
            PERFORM pg_advisory_xact_lock(key);
        END LOOP;
    END IF;
    SELECT * INTO holder FROM app.registration_of(app.email_key(NEW.client_email), NEW.phone_e164, NEW.id);
    IF holder.partner_id IS NOT NULL THEN
        NEW.registration := CASE WHEN holder.partner_id = NEW.partner_id THEN 'again' ELSE 'known' END;
        NEW.protected_until := NULL;
        IF TG_OP = 'UPDATE' AND OLD.registration = 'held' AND NEW.registration = 'again' THEN -- one's own two: each keeps its time
            NEW.registration := OLD.registration;
            NEW.protected_until := OLD.protected_until;
        END IF;
    ELSIF NEW.registration IN ('none', 'again', 'known') AND (TG_OP = 'INSERT' OR NEW.registration <> 'none') THEN
        NEW.registration := 'held';
        NEW.protected_until := NEW.created_at + make_interval(days => (SELECT g.protection_days FROM programme g));
    END IF;
    RETURN NEW;
END $$;
