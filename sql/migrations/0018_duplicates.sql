-- Who is the same client: keys that two leads are compared by, whose registration holds, what looks like a duplicate, how two
-- leads become one and two again, and the check that tells a partner "free" or "taken" and nothing else.
--
-- A partner never reads anything of this room but their own registrations, claims, requests and checks: which leads look alike,
-- how alike, and what was merged is staff's alone. docs/duplicates.md tells it in words.

INSERT INTO role_permissions VALUES ('agent', 'duplicates:read'), ('agent', 'duplicates:write'), ('support', 'duplicates:read');

-- ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────
-- Mail providers where several ways to write an address reach one mailbox. domain: as written; canonical: what stands for it;
-- ignored: characters of the local part that say nothing; tag: from where on the local part says nothing. The rows stand in a
-- function and not in a table because email_key is stored: a restored dump must work out the same keys before any table is
-- filled. Another provider is a migration that replaces this function and sets client_email = client_email where it matters.

CREATE FUNCTION app.mail_providers() RETURNS TABLE (domain text, canonical text, ignored text, tag text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES ('gmail.com', 'gmail.com', '.', '+'), ('googlemail.com', 'gmail.com', '.', '+'),
           ('outlook.com', 'outlook.com', '', '+'), ('hotmail.com', 'hotmail.com', '', '+'), ('live.com', 'live.com', '', '+'), ('msn.com', 'msn.com', '', '+'),
           ('icloud.com', 'icloud.com', '', '+'), ('me.com', 'icloud.com', '', '+'), ('mac.com', 'icloud.com', '', '+'),
           ('proton.me', 'proton.me', '.-_', '+'), ('protonmail.com', 'proton.me', '.-_', '+'), ('pm.me', 'proton.me', '.-_', '+'),
           ('fastmail.com', 'fastmail.com', '', '+'), ('zoho.com', 'zoho.com', '', '+')
$$;
-- One mailbox, one key. Letters are lowered as ASCII, whatever the database's language; an address that would be left without
-- a local part stays as it is. A key's key is itself. (Its body is no string, so that a dump knows what it needs.)
CREATE FUNCTION app.email_key(p_email text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE BEGIN ATOMIC
    SELECT CASE WHEN strpos(e.address, '@') = 0 THEN nullif(e.address, '')
                WHEN p.domain IS NULL OR k.local = '' THEN e.address
                ELSE k.local || '@' || p.canonical END
      FROM (SELECT lower(btrim(p_email) COLLATE "C") AS address) AS e
      LEFT JOIN app.mail_providers() AS p ON p.domain = substring(e.address FROM '@([^@]*)$')
     CROSS JOIN LATERAL (SELECT translate(split_part(regexp_replace(e.address, '@[^@]*$', ''), coalesce(p.tag, '@'), 1), coalesce(p.ignored, ''), '') AS local) AS k;
END;
GRANT EXECUTE ON FUNCTION app.mail_providers(), app.email_key(text) TO tessera_partner, tessera_staff, tessera_jobs;

ALTER TABLE leads
    ADD COLUMN email_key text GENERATED ALWAYS AS (app.email_key(client_email)) STORED,
    ADD COLUMN phone_e164 text CHECK (phone_e164 ~ '^\+[0-9]{4,15}$'), -- written by the programs that write client_phone; NULL: none, or not a number
    ADD COLUMN registration text NOT NULL DEFAULT 'none' CHECK (registration IN ('none', 'held', 'again', 'known', 'refused')),
        -- held: the partner's until protected_until. again: the partner's own of before counts. known: we knew the client, staff decide. refused: they did
    ADD COLUMN protected_until timestamptz, -- of a registration that is held
    ADD COLUMN merged_into uuid REFERENCES leads, -- it was the same client as that one; it is kept for the way back, and nobody sees it
    ADD CONSTRAINT leads_merged CHECK (merged_into <> id),
    ADD CONSTRAINT leads_held CHECK ((registration = 'held') = (protected_until IS NOT NULL));
CREATE INDEX leads_email_key_idx ON leads (email_key) WHERE email_key IS NOT NULL;
CREATE INDEX leads_phone_e164_idx ON leads (phone_e164) WHERE phone_e164 IS NOT NULL;
CREATE INDEX leads_phone_wanted_idx ON leads (id) WHERE client_phone IS NOT NULL AND phone_e164 IS NULL;
CREATE INDEX leads_held_idx ON leads (protected_until) WHERE registration = 'held';
CREATE INDEX leads_merged_idx ON leads (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX leads_name_place_idx ON leads USING gin (lower(client_name) gin_trgm_ops, lower(client_location) gin_trgm_ops) WHERE client_location IS NOT NULL;
-- A merge looks for everything that speaks of a lead.
CREATE INDEX notifications_lead_idx ON notifications (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX events_lead_idx ON events (lead_id) WHERE lead_id IS NOT NULL;

GRANT SELECT (registration, protected_until), INSERT (phone_e164), UPDATE (phone_e164) ON leads TO tessera_partner;
CREATE POLICY unmerged ON leads AS RESTRICTIVE FOR SELECT TO tessera_partner, tessera_staff USING (merged_into IS NULL);
-- What went along to another partner's lead is no longer this partner's to read.
CREATE POLICY of_own_lead ON lead_history AS RESTRICTIVE FOR SELECT TO tessera_partner USING (EXISTS (SELECT FROM leads l WHERE l.id = lead_id OFFSET 0));

-- A lead that went into another one counts no longer.
CREATE OR REPLACE FUNCTION app.leads_rollup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE deltas app.lead_delta[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(d) INTO deltas FROM (SELECT 1 AS sign, partner_id, currency, stage, source, estimated_value, created_at, closed_at FROM new_rows WHERE merged_into IS NULL) AS d;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(d) INTO deltas FROM (SELECT -1 AS sign, partner_id, currency, stage, source, estimated_value, created_at, closed_at FROM old_rows WHERE merged_into IS NULL) AS d;
    ELSE
        SELECT array_agg(d) INTO deltas FROM (
            SELECT 1 AS sign, partner_id, currency, stage, source, estimated_value, created_at, closed_at FROM new_rows WHERE merged_into IS NULL
             UNION ALL SELECT -1, partner_id, currency, stage, source, estimated_value, created_at, closed_at FROM old_rows WHERE merged_into IS NULL) AS d;
    END IF;
    IF deltas IS NOT NULL THEN
        PERFORM app.rollup_leads(deltas);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE VIEW app.rollup_stage_recount AS
    SELECT s.scope, currency, stage, count(*) AS leads, sum(estimated_value) AS value
      FROM leads, LATERAL (VALUES (partner_id), (app.programme_scope())) AS s(scope) WHERE merged_into IS NULL GROUP BY 1, 2, 3;
CREATE OR REPLACE VIEW app.rollup_day_recount AS
    SELECT scope, day, currency, sum(created) AS created, sum(won) AS won, sum(lost) AS lost, sum(value) AS value, sum(won_value) AS won_value
      FROM (SELECT partner_id, (created_at AT TIME ZONE 'UTC')::date AS day, currency, 1 AS created, 0 AS won, 0 AS lost, estimated_value AS value, 0 AS won_value
              FROM leads WHERE merged_into IS NULL
             UNION ALL
            SELECT partner_id, (closed_at AT TIME ZONE 'UTC')::date, currency, 0, (stage = 'won')::int, (stage = 'lost')::int, 0,
                   CASE WHEN stage = 'won' THEN estimated_value ELSE 0 END FROM leads WHERE closed_at IS NOT NULL AND merged_into IS NULL) AS d,
           LATERAL (VALUES (partner_id), (app.programme_scope())) AS s(scope) GROUP BY 1, 2, 3;
CREATE OR REPLACE VIEW app.rollup_source_recount AS
    SELECT s.scope, date_trunc('month', created_at AT TIME ZONE 'UTC')::date AS month, source, count(*) AS leads, count(*) FILTER (WHERE stage = 'won') AS won
      FROM leads, LATERAL (VALUES (partner_id), (app.programme_scope())) AS s(scope) WHERE merged_into IS NULL GROUP BY 1, 2, 3;

-- ── Registrations ────────────────────────────────────────────────────────────────────────────────────────
-- The first valid registration of a client holds for the protection window: sent with the client's consent, by a partner who
-- is served, and not ended by the client's opting out. Whoever comes later is told that we know the client; the lead is kept
-- as a claim. What a request does is the same either way but for one small row, so its length tells nothing more.

CREATE TABLE lead_claims ( -- a client whom we knew already, sent once more; staff decide
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    lead_id     uuid NOT NULL UNIQUE REFERENCES leads ON DELETE CASCADE,
    partner_id  uuid NOT NULL REFERENCES partners,
    client_name text NOT NULL, -- as this partner wrote it
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'refused')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    decided_at  timestamptz,
    decided_by  uuid REFERENCES users ON DELETE SET NULL,
    CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE INDEX lead_claims_partner_idx ON lead_claims (partner_id, created_at DESC, id DESC);
CREATE TABLE duplicate_queue ( -- leads that duplicates.find has to look at
    lead_id uuid PRIMARY KEY REFERENCES leads ON DELETE CASCADE
);
CALL app.protect('lead_claims', 'duplicate_queue');
GRANT SELECT (id, lead_id, partner_id, client_name, state, created_at, decided_at) ON lead_claims TO tessera_partner;
GRANT SELECT ON lead_claims TO tessera_staff;
CREATE POLICY partner_read ON lead_claims FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')));
CREATE POLICY staff_read ON lead_claims FOR SELECT TO tessera_staff USING ((SELECT app.can('duplicates:read')));

-- Whose the client is now; NULL: nobody's. p_lead itself aside.
CREATE FUNCTION app.registration_of(p_email_key text, p_phone text, p_lead uuid) RETURNS TABLE (partner_id uuid, until timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT l.partner_id, l.protected_until
      FROM (SELECT x.* FROM leads x WHERE x.email_key = p_email_key UNION ALL SELECT x.* FROM leads x WHERE x.phone_e164 = p_phone) AS l
     WHERE l.registration = 'held' AND l.protected_until > now() AND l.merged_into IS NULL AND l.stage <> 'declined' AND l.id <> p_lead
       AND EXISTS (SELECT FROM partners p WHERE p.id = l.partner_id AND p.status IN ('active', 'suspended'))
     ORDER BY l.created_at, l.id LIMIT 1
$$;

CREATE FUNCTION app.leads_registration() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE holder record;
BEGIN
    IF NEW.consent_at IS NULL OR NEW.merged_into IS NOT NULL THEN
        RETURN NEW;
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
CREATE TRIGGER events_registration BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION app.leads_registration();
CREATE TRIGGER events_registration_changed BEFORE UPDATE OF client_email, client_phone ON leads FOR EACH ROW
    WHEN ((OLD.client_email, OLD.client_phone) IS DISTINCT FROM (NEW.client_email, NEW.client_phone)) EXECUTE FUNCTION app.leads_registration();

CREATE FUNCTION app.leads_look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO lead_claims (lead_id, partner_id, client_name) SELECT id, partner_id, client_name FROM new_rows WHERE registration = 'known'
    ON CONFLICT (lead_id) DO NOTHING;
    INSERT INTO duplicate_queue SELECT id FROM new_rows ON CONFLICT DO NOTHING;
    PERFORM app.job_add('duplicates.find', '{}', now(), 'duplicates.find', 6);
    -- whoever wrote them did not know the number's E.164 form
    IF EXISTS (SELECT FROM new_rows WHERE client_phone IS NOT NULL AND phone_e164 IS NULL) THEN
        PERFORM app.job_add('duplicates.phones', '{"after": null}', now(), 'duplicates.phones', 8);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events_look AFTER INSERT ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_look();
CREATE FUNCTION app.leads_look_again() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.registration = 'known' THEN
        INSERT INTO lead_claims (lead_id, partner_id, client_name) VALUES (NEW.id, NEW.partner_id, NEW.client_name) ON CONFLICT (lead_id) DO NOTHING;
    ELSE -- an address was put right, and the claim with it
        DELETE FROM lead_claims WHERE lead_id = NEW.id AND state = 'open';
    END IF;
    INSERT INTO duplicate_queue VALUES (NEW.id) ON CONFLICT DO NOTHING;
    PERFORM app.job_add('duplicates.find', '{}', now(), 'duplicates.find', 6);
    RETURN NULL;
END $$;
CREATE TRIGGER events_look_again AFTER UPDATE OF client_name, client_email, client_phone, client_location, phone_e164 ON leads FOR EACH ROW
    WHEN ((OLD.client_name, OLD.email_key, OLD.phone_e164, OLD.client_location) IS DISTINCT FROM (NEW.client_name, NEW.email_key, NEW.phone_e164, NEW.client_location))
    EXECUTE FUNCTION app.leads_look_again();

-- Registrations of what came within the window before there were any; the first one counts.
CREATE FUNCTION app.registrations_begin() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE leads l SET registration = 'held', protected_until = l.created_at + make_interval(days => g.protection_days) FROM programme g
     WHERE l.registration = 'none' AND l.consent_at IS NOT NULL AND l.created_at > now() - make_interval(days => g.protection_days)
       AND NOT EXISTS (SELECT FROM leads o WHERE o.email_key = l.email_key AND o.consent_at IS NOT NULL AND (o.created_at, o.id) < (l.created_at, l.id)
                          AND o.created_at > now() - make_interval(days => g.protection_days))
       AND NOT EXISTS (SELECT FROM leads o WHERE o.phone_e164 = l.phone_e164 AND o.consent_at IS NOT NULL AND (o.created_at, o.id) < (l.created_at, l.id)
                          AND o.created_at > now() - make_interval(days => g.protection_days))
$$;
ALTER TABLE leads DISABLE TRIGGER USER;
SELECT app.registrations_begin();
ALTER TABLE leads ENABLE TRIGGER USER;

-- ── What looks like one client ───────────────────────────────────────────────────────────────────────────

CREATE TABLE duplicate_pairs (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    first_id   uuid NOT NULL REFERENCES leads ON DELETE CASCADE, -- the older one
    second_id  uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    reasons    text[] NOT NULL, -- of: email, phone, name, place
    strength   integer NOT NULL CHECK (strength BETWEEN 0 AND 100),
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'apart', 'merged')), -- apart: staff said that they are two
    found_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_at timestamptz,
    decided_by uuid REFERENCES users ON DELETE SET NULL,
    CONSTRAINT duplicate_pairs_two CHECK (first_id <> second_id),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX duplicate_pairs_key ON duplicate_pairs (least(first_id, second_id), greatest(first_id, second_id));
CREATE INDEX duplicate_pairs_found_idx ON duplicate_pairs (state, found_at, id);
CREATE INDEX duplicate_pairs_first_idx ON duplicate_pairs (first_id);
CREATE INDEX duplicate_pairs_second_idx ON duplicate_pairs (second_id);
CALL app.protect('duplicate_pairs');
GRANT SELECT ON duplicate_pairs TO tessera_staff;
CREATE POLICY staff_read ON duplicate_pairs FOR SELECT TO tessera_staff USING ((SELECT app.can('duplicates:read')));

-- How sure it is, 0 to 100. p_name and p_place: likeness from 0 to 1. p_other: both have an address and a number, and neither
-- is the same. More that agrees never makes it less. From 50 on staff are asked, from 80 on they are told.
CREATE FUNCTION app.duplicate_strength(p_email boolean, p_phone boolean, p_name double precision, p_place double precision, p_other boolean) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_email AND p_phone THEN 99
                WHEN p_email THEN 90 + floor(8 * least(greatest(p_name, 0), 1))::integer
                WHEN p_phone THEN 80 + floor(12 * least(greatest(p_name, 0), 1))::integer
                WHEN p_other THEN floor(45 * least(greatest(least(p_name, p_place), 0), 1))::integer
                ELSE floor(78 * least(greatest(least(p_name, p_place), 0), 1))::integer END
$$;

-- Leads that look like this one, with what they have in common.
CREATE FUNCTION app.duplicates_of(l leads) RETURNS TABLE (other_id uuid, reasons text[], strength integer) LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN QUERY
    WITH alike AS (
        (SELECT x.id FROM leads x WHERE x.email_key = l.email_key LIMIT 50)
         UNION (SELECT x.id FROM leads x WHERE x.phone_e164 = l.phone_e164 LIMIT 50)
         UNION (SELECT x.id FROM leads x WHERE l.client_location IS NOT NULL AND x.client_location IS NOT NULL
                   AND lower(x.client_name) % lower(l.client_name) AND lower(x.client_location) % lower(l.client_location) LIMIT 50)),
    compared AS (
        SELECT x.id, coalesce(x.email_key = l.email_key, false) AS email, coalesce(x.phone_e164 = l.phone_e164, false) AS phone,
               similarity(lower(x.client_name), lower(l.client_name))::double precision AS name,
               coalesce(similarity(lower(x.client_location), lower(l.client_location)), 0)::double precision AS place,
               coalesce(x.email_key <> l.email_key, false) AND coalesce(x.phone_e164 <> l.phone_e164, false) AS other
          FROM alike a JOIN leads x ON x.id = a.id WHERE x.id <> l.id AND x.merged_into IS NULL)
    SELECT c.id, array_remove(ARRAY[CASE WHEN c.email THEN 'email' END, CASE WHEN c.phone THEN 'phone' END, CASE WHEN c.name >= 0.6 THEN 'name' END,
                                    CASE WHEN c.place >= 0.6 THEN 'place' END], NULL),
           app.duplicate_strength(c.email, c.phone, c.name, c.place, c.other)
      FROM compared c;
END $$;

-- The job: up to p_limit leads that wait to be looked at. Of two registrations that came at the same moment the first one
-- stays; the other becomes a claim here.
CREATE FUNCTION app.duplicates_find(p_limit integer DEFAULT 500) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    l leads;
    found uuid[] := '{}'; -- pairs that staff are told of
    added uuid;
    looked integer := 0;
    d record;
BEGIN
    PERFORM set_config('pg_trgm.similarity_threshold', '0.6', true);
    FOR l IN WITH taken AS (DELETE FROM duplicate_queue WHERE lead_id IN (SELECT lead_id FROM duplicate_queue LIMIT p_limit FOR UPDATE SKIP LOCKED) RETURNING lead_id)
             SELECT x.* FROM leads x JOIN taken t ON t.lead_id = x.id WHERE x.merged_into IS NULL ORDER BY x.created_at, x.id LOOP
        looked := looked + 1;
        FOR d IN SELECT f.*, o.created_at, o.partner_id, o.registration, o.protected_until, o.stage FROM app.duplicates_of(l) AS f JOIN leads o ON o.id = f.other_id
                  WHERE f.strength >= 50 ORDER BY f.strength DESC LIMIT 20 LOOP
            INSERT INTO duplicate_pairs AS p (first_id, second_id, reasons, strength)
            SELECT CASE WHEN (d.created_at, d.other_id) < (l.created_at, l.id) THEN d.other_id ELSE l.id END,
                   CASE WHEN (d.created_at, d.other_id) < (l.created_at, l.id) THEN l.id ELSE d.other_id END, d.reasons, d.strength
            ON CONFLICT (least(first_id, second_id), greatest(first_id, second_id)) DO UPDATE SET reasons = excluded.reasons, strength = excluded.strength
                WHERE p.state = 'open' AND (p.reasons, p.strength) IS DISTINCT FROM (excluded.reasons, excluded.strength)
            RETURNING CASE WHEN xmax = 0 THEN p.id END INTO added;
            IF added IS NOT NULL AND d.strength >= 80 THEN
                found := found || added;
            END IF;
            IF l.registration = 'held' AND d.registration = 'held' AND d.partner_id <> l.partner_id AND d.reasons && ARRAY['email', 'phone']
               AND d.stage <> 'declined' AND d.protected_until > now() AND (d.created_at, d.other_id) < (l.created_at, l.id) THEN
                UPDATE leads SET registration = 'known', protected_until = NULL WHERE id = l.id;
                INSERT INTO lead_claims (lead_id, partner_id, client_name) VALUES (l.id, l.partner_id, l.client_name) ON CONFLICT (lead_id) DO NOTHING;
                l.registration := 'known';
            END IF;
        END LOOP;
    END LOOP;
    IF cardinality(found) <= 5 THEN
        PERFORM app.event_add('duplicate.found', s.partner_id, s.id, p.id, '/admin/duplicates/' || p.id, jsonb_build_object('strength', p.strength))
           FROM duplicate_pairs p JOIN leads s ON s.id = p.second_id WHERE p.id = ANY (found);
    ELSE -- a file of old acquaintances: one word for all
        PERFORM app.event_add('duplicate.found', NULL, NULL, NULL, '/admin/duplicates', jsonb_build_object('count', cardinality(found)));
    END IF;
    IF found <> '{}' THEN
        PERFORM app.live('staff', 'duplicates');
    END IF;
    IF EXISTS (SELECT FROM duplicate_queue) THEN
        PERFORM app.job_add('duplicates.find', '{}', now(), 'duplicates.find', 6);
    END IF;
    RETURN looked;
END $$;
GRANT EXECUTE ON FUNCTION app.duplicates_find(integer) TO tessera_jobs;

-- For the lead's page, which serves both sides: no row for partners.
CREATE FUNCTION app.lead_alike(p_lead uuid) RETURNS TABLE (pair_id uuid, strength integer, other_id uuid, client text, partner text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT p.id, p.strength, o.id, o.client_name, t.name
      FROM duplicate_pairs p JOIN leads o ON o.id = CASE WHEN p.first_id = p_lead THEN p.second_id ELSE p.first_id END JOIN partners t ON t.id = o.partner_id
     WHERE p_lead IN (p.first_id, p.second_id) AND p.state = 'open' AND o.merged_into IS NULL
       AND app.user_id() IS NOT NULL AND app.partner() IS NULL AND app.can('duplicates:read')
     ORDER BY p.strength DESC, p.found_at DESC LIMIT 5
$$;
GRANT EXECUTE ON FUNCTION app.lead_alike(uuid) TO tessera_partner, tessera_staff;

-- Old rows get their phone_e164 in portions (job duplicates.phones: the number is worked out in C).
CREATE FUNCTION app.phones_take(p_after uuid, p_limit integer) RETURNS TABLE (id uuid, client_phone text, region text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT l.id, l.client_phone, p.region FROM leads l JOIN partners p ON p.id = l.partner_id
     WHERE (p_after IS NULL OR l.id > p_after) AND l.client_phone IS NOT NULL AND l.phone_e164 IS NULL ORDER BY l.id LIMIT p_limit
$$;
-- p_phones: [{id, phone, was}]; a number that was edited meanwhile has its own already. The next portion is a job of its own.
CREATE FUNCTION app.phones_put(p_phones jsonb, p_next uuid) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE written integer;
BEGIN
    UPDATE leads l SET phone_e164 = v.phone FROM jsonb_to_recordset(p_phones) AS v(id uuid, phone text, was text)
     WHERE l.id = v.id AND l.client_phone = v.was AND l.phone_e164 IS NULL;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF p_next IS NOT NULL THEN
        PERFORM app.job_add('duplicates.phones', jsonb_build_object('after', p_next), now(), 'duplicates.phones', 8);
    END IF;
    RETURN written;
END $$;
GRANT EXECUTE ON FUNCTION app.phones_take(uuid, integer), app.phones_put(jsonb, uuid) TO tessera_jobs;
SELECT app.job_add('duplicates.phones', '{"after": null}', now(), 'duplicates.phones', 8) WHERE EXISTS (SELECT FROM leads);

-- ── Two become one ───────────────────────────────────────────────────────────────────────────────────────
-- Whatever refers to leads is found in the catalogue. This table says what a merge does with it; what it does not name
-- follows, and a test asks for the decision. It may name tables of other rooms that come later.

CREATE TABLE lead_references (
    relation    text NOT NULL, -- table in public
    column_name text NOT NULL,
    way         text NOT NULL CHECK (way IN ('follow', 'stay')),
    only_sql    text, -- follow: which rows (r), of merge $1 into $2, whose partner is $3; NULL: all
    also_sql    text, -- follow: what else is set, "column = expression"
    also_column text, -- that column
    why         text NOT NULL,
    PRIMARY KEY (relation, column_name),
    CHECK ((also_sql IS NULL) = (also_column IS NULL))
);
INSERT INTO lead_references VALUES
    ('leads', 'merged_into', 'follow', NULL, NULL, NULL, 'what went into it goes along'),
    ('lead_history', 'lead_id', 'follow', NULL, NULL, NULL, 'staff read both histories in one; a partner its own rows'),
    ('lead_shares', 'lead_id', 'follow', NULL, NULL, NULL, 'one share per recipient: a second one stays'),
    ('ledger_entries', 'lead_id', 'follow', NULL, NULL, NULL, 'money hangs on the client; whose it is does not change'),
    ('events', 'lead_id', 'follow', 'r.partner_id IS NULL OR r.partner_id = $3', NULL, NULL, 'another partner''s people are told of their own lead only'),
    ('notifications', 'lead_id', 'follow', 'EXISTS (SELECT FROM users u WHERE u.id = r.user_id AND (u.partner_id IS NULL OR u.partner_id = $3))',
        'href = replace(r.href, $1::text, $2::text)', 'href', 'another partner''s people must not learn the other lead''s id'),
    ('threads', 'lead_id', 'follow', NULL,
        'merged = r.merged OR (r.kind = ''lead'' AND (r.partner_id <> $3 OR EXISTS (SELECT FROM threads k WHERE k.lead_id = $2 AND k.kind = ''lead'' AND NOT k.merged)))', 'merged',
        'a conversation stays whole and its own'),
    ('reminders', 'lead_id', 'follow', 'r.partner_id IS NULL OR r.partner_id = $3', NULL, NULL, 'another partner''s reminders are that partner''s'),
    ('appointments', 'lead_id', 'follow', 'r.partner_id = $3', NULL, NULL, 'so are its appointments: its people take part'),
    ('enrolments', 'lead_id', 'follow', NULL, NULL, NULL, 'no client is in a sequence twice, nor in two at once'),
    ('activities', 'lead_id', 'follow', 'r.internal OR r.partner_id = $3', NULL, NULL, 'what staff noted for themselves; another partner''s log stays that partner''s'),
    ('cards', 'lead_id', 'follow', 'r.partner_id IS NULL OR r.partner_id = $3', NULL, NULL, 'a card belongs to whoever read it'),
    ('lead_attribution', 'lead_id', 'stay', NULL, NULL, NULL, 'what a link brought is counted for that link'),
    ('lead_scores', 'lead_id', 'stay', NULL, NULL, NULL, 'each lead is judged by itself'),
    ('bulk_rows', 'lead_id', 'stay', NULL, NULL, NULL, 'the record of what was done'),
    ('lead_claims', 'lead_id', 'stay', NULL, NULL, NULL, 'the claim is about that registration'),
    ('duplicate_queue', 'lead_id', 'stay', NULL, NULL, NULL, 'nothing to look at any more'),
    ('duplicate_pairs', 'first_id', 'follow', NULL, NULL, NULL, 'who looked like it looks like the other one now'),
    ('duplicate_pairs', 'second_id', 'follow', NULL, NULL, NULL, 'as first_id'),
    ('extension_requests', 'lead_id', 'stay', NULL, NULL, NULL, 'asked and decided for that registration'),
    ('lead_merges', 'kept_id', 'stay', NULL, NULL, NULL, 'the record of what was done'),
    ('lead_merges', 'gone_id', 'stay', NULL, NULL, NULL, 'the record of what was done');

-- A lead's conversations beside the one that goes on.
ALTER TABLE threads ADD COLUMN merged boolean NOT NULL DEFAULT false;
DROP INDEX threads_lead_key;
CREATE UNIQUE INDEX threads_lead_key ON threads (lead_id) WHERE kind = 'lead' AND NOT merged;
CREATE OR REPLACE FUNCTION app.thread_open(p_kind text, p_subject uuid) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    t threads;
    found uuid;
BEGIN
    t.kind := p_kind;
    IF p_kind = 'lead' THEN
        SELECT partner_id, id INTO t.partner_id, t.lead_id FROM leads WHERE id = p_subject AND merged_into IS NULL;
    ELSIF p_kind = 'share' THEN
        SELECT partner_id, lead_id, id INTO t.partner_id, t.lead_id, t.share_id FROM lead_shares
         WHERE id = p_subject AND (app.partner() IS NULL OR status IN ('sent', 'accepted', 'in_progress', 'closed'));
    ELSIF p_kind = 'partner' THEN
        SELECT id INTO t.partner_id FROM partners WHERE id = p_subject;
    END IF;
    IF t.partner_id IS NULL OR app.user_id() IS NULL OR p_kind <> ALL (app.thread_kinds()) OR (app.partner() IS NOT NULL AND app.partner() <> t.partner_id) THEN
        RAISE EXCEPTION 'There is nothing at this address, or it is not yours to see.' USING ERRCODE = 'TS404';
    END IF;
    IF NOT app.can('messages:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    INSERT INTO threads (kind, partner_id, lead_id, share_id) VALUES (t.kind, t.partner_id, t.lead_id, t.share_id) ON CONFLICT DO NOTHING;
    SELECT x.id INTO found FROM threads x WHERE x.kind = p_kind AND CASE p_kind WHEN 'lead' THEN x.lead_id = p_subject AND NOT x.merged
        WHEN 'share' THEN x.share_id = p_subject ELSE x.partner_id = p_subject END;
    IF app.partner() IS NOT NULL THEN
        UPDATE threads x SET shown = true WHERE x.id = found AND NOT x.shown;
    END IF;
    RETURN found;
END $$;

-- An entry of the ledger is never changed but for its state and, by a merge, the lead that it is about.
CREATE OR REPLACE FUNCTION app.ledger_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['state', 'state_at'] || CASE WHEN current_setting('app.merging', true) = 'on' THEN ARRAY['lead_id'] ELSE '{}'::text[] END;
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'A ledger entry is never changed: add another one.' USING ERRCODE = 'TS409';
    END IF;
    RETURN NEW;
END $$;

CREATE TABLE lead_merges (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    pair_id      uuid REFERENCES duplicate_pairs ON DELETE SET NULL,
    kept_id      uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    gone_id      uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    taken        text[] NOT NULL, -- columns that the kept lead took over
    kept_before  jsonb NOT NULL, -- both leads as they were
    gone_before  jsonb NOT NULL,
    kept_version integer NOT NULL, -- as the merge left it
    counts       jsonb NOT NULL, -- rows that spoke of the kept lead then, by table: one more, and it is no longer undone
    moved        integer NOT NULL, -- rows that went along
    merged_at    timestamptz NOT NULL DEFAULT now(),
    merged_by    uuid REFERENCES users ON DELETE SET NULL,
    undo_until   timestamptz NOT NULL,
    undone_at    timestamptz,
    undone_by    uuid REFERENCES users ON DELETE SET NULL
);
CREATE INDEX lead_merges_at_idx ON lead_merges (merged_at, id);
CREATE INDEX lead_merges_kept_idx ON lead_merges (kept_id);
CREATE INDEX lead_merges_gone_idx ON lead_merges (gone_id);
CREATE TABLE lead_merge_rows ( -- what went along, for the way back
    merge_id    uuid NOT NULL REFERENCES lead_merges ON DELETE CASCADE,
    number      integer NOT NULL,
    relation    text NOT NULL,
    column_name text NOT NULL, -- that named the lead; "": another change of that row
    key         jsonb NOT NULL, -- its primary key, as it is now
    old         jsonb NOT NULL, -- the changed columns, as they were
    PRIMARY KEY (merge_id, number)
);
CALL app.protect('lead_merges', 'lead_merge_rows', 'lead_references');
GRANT SELECT ON lead_merges, lead_merge_rows TO tessera_staff;
CREATE POLICY staff_read ON lead_merges FOR SELECT TO tessera_staff USING ((SELECT app.can('duplicates:read')));
CREATE POLICY staff_read ON lead_merge_rows FOR SELECT TO tessera_staff USING ((SELECT app.can('duplicates:read')));

-- Every column in public that names a lead: by a foreign key, or by its name.
CREATE FUNCTION app.lead_columns() RETURNS TABLE (relation text, column_name text, by_key boolean, key_columns text[]) LANGUAGE sql STABLE
    SET search_path = pg_catalog, public AS $$
    SELECT c.relname::text, a.attname::text, f.oid IS NOT NULL,
           (SELECT array_agg(k.attname::text ORDER BY k.attnum) FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary)
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_constraint f ON f.contype = 'f' AND f.conrelid = c.oid AND f.confrelid = 'leads'::regclass AND f.conkey = ARRAY[a.attnum]
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND (f.oid IS NOT NULL OR (a.attname = 'lead_id' AND a.atttypid = 'uuid'::regtype))
     ORDER BY c.relname <> 'lead_shares', c.relname, a.attname
$$;
CREATE FUNCTION app.lead_counts(p_lead uuid) RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    r record;
    n bigint;
    counts jsonb := '{}';
BEGIN -- what merely tells of a lead does not count
    FOR r IN SELECT c.* FROM app.lead_columns() c LEFT JOIN lead_references x USING (relation, column_name)
              WHERE coalesce(x.way, 'follow') = 'follow' AND c.relation NOT IN ('events', 'notifications', 'duplicate_pairs', 'leads') LOOP
        EXECUTE format('SELECT count(*) FROM %I r WHERE r.%I = $1', r.relation, r.column_name) INTO n USING p_lead;
        counts := counts || jsonb_build_object(r.relation || '.' || r.column_name, n);
    END LOOP;
    RETURN counts;
END $$;

-- Everything that speaks of p_gone speaks of p_kept. A row that the other lead has already (one share per partner) stays.
CREATE FUNCTION app.lead_rows_move(p_merge uuid, p_gone uuid, p_kept uuid, p_partner uuid) RETURNS integer LANGUAGE plpgsql
    SET search_path = pg_catalog, public AS $$
DECLARE
    c record;
    was jsonb;
    now_is jsonb;
    matches text;
    moved integer := 0;
BEGIN
    FOR c IN SELECT n.*, x.only_sql, x.also_sql, x.also_column FROM app.lead_columns() n LEFT JOIN lead_references x USING (relation, column_name)
              WHERE coalesce(x.way, 'follow') = 'follow' AND n.key_columns IS NOT NULL AND n.relation NOT IN ('lead_merges', 'lead_merge_rows') LOOP
        SELECT string_agg(format('r.%1$I = (jsonb_populate_record(NULL::%2$I, $4)).%1$I', k, c.relation), ' AND ') INTO matches FROM unnest(c.key_columns) AS k;
        FOR was IN EXECUTE format('SELECT to_jsonb(r) FROM %I r WHERE r.%I = $1 AND $2 IS NOT NULL AND $3 IS NOT NULL AND (%s)', c.relation, c.column_name, coalesce(c.only_sql, 'true'))
                   USING p_gone, p_kept, p_partner LOOP
            BEGIN
                EXECUTE format('UPDATE %I r SET %I = $2%s WHERE %s AND $1 IS NOT NULL AND $3 IS NOT NULL RETURNING to_jsonb(r)', c.relation, c.column_name,
                               coalesce(', ' || c.also_sql, ''), matches) INTO now_is USING p_gone, p_kept, p_partner, was;
            EXCEPTION WHEN unique_violation OR check_violation OR exclusion_violation THEN
                CONTINUE;
            END;
            moved := moved + 1;
            INSERT INTO lead_merge_rows
            SELECT p_merge, moved, c.relation, c.column_name, (SELECT jsonb_object_agg(k, now_is -> k) FROM unnest(c.key_columns) AS k),
                   (SELECT jsonb_object_agg(k, was -> k) FROM unnest(array_remove(ARRAY[c.column_name, c.also_column], NULL)) AS k);
        END LOOP;
    END LOOP;
    RETURN moved;
END $$;

-- No client gets the mails of two sequences: what ran for the lead that is gone ends where the kept one has its own.
CREATE FUNCTION app.lead_enrolments_settle(p_merge uuid, p_gone uuid, p_kept uuid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    e enrolments;
    n integer := (SELECT coalesce(max(number), 0) FROM lead_merge_rows WHERE merge_id = p_merge);
    runs boolean;
BEGIN
    runs := EXISTS (SELECT FROM enrolments x WHERE x.lead_id = p_kept AND x.ended_at IS NULL AND NOT EXISTS (SELECT FROM lead_merge_rows r
                      WHERE r.merge_id = p_merge AND r.relation = 'enrolments' AND (r.key ->> 'id')::uuid = x.id));
    FOR e IN SELECT x.* FROM enrolments x WHERE x.ended_at IS NULL AND (x.lead_id = p_gone OR (runs AND x.lead_id = p_kept
                AND EXISTS (SELECT FROM lead_merge_rows r WHERE r.merge_id = p_merge AND r.relation = 'enrolments' AND (r.key ->> 'id')::uuid = x.id))) LOOP
        n := n + 1;
        INSERT INTO lead_merge_rows VALUES (p_merge, n, 'enrolments', '', jsonb_build_object('id', e.id),
            jsonb_build_object('next_at', e.next_at, 'ended_at', e.ended_at, 'why', e.why));
        UPDATE enrolments SET next_at = NULL, ended_at = now(), why = 'stopped' WHERE id = e.id;
        DELETE FROM jobs WHERE key = 'nurture:' || e.id AND state = 'ready';
    END LOOP;
END $$;

CREATE FUNCTION app.duplicates_writer() RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
BEGIN
    IF app.user_id() IS NULL OR app.partner() IS NOT NULL OR NOT app.can('duplicates:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
END $$;

-- One pair becomes one lead. p_keep: the one that stays. p_take: columns whose value comes from the other one. The versions are
-- those that whoever decides has seen.
CREATE FUNCTION app.lead_merge(p_pair uuid, p_keep uuid, p_take text[], p_first_version integer, p_second_version integer) RETURNS uuid
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
    UPDATE lead_claims SET state = 'refused', decided_at = now(), decided_by = app.user_id() WHERE lead_id = gone.id AND state = 'open' AND partner_id <> kept.partner_id;
    IF FOUND THEN
        PERFORM app.event_add('claim.decided', gone.partner_id, NULL, c.id, '/overlap', jsonb_build_object('accepted', false)) FROM lead_claims c WHERE c.lead_id = gone.id;
    ELSE
        UPDATE lead_claims SET state = 'accepted', decided_at = now(), decided_by = app.user_id() WHERE lead_id = gone.id AND state = 'open';
    END IF;
    UPDATE lead_merges SET kept_version = (SELECT version FROM leads WHERE id = kept.id), counts = app.lead_counts(kept.id), moved = n WHERE id = merge;
    PERFORM set_config('app.merging', '', true), app.live('staff', 'duplicates'), app.live('staff', 'leads', kept.id),
            app.audit_write('leads.merge', kept.partner_id, kept.id, jsonb_build_object('merge', merge, 'gone', gone.id, 'taken', take, 'rows', n));
    RETURN merge;
END $$;

-- And two again: within a week, and only while nothing was added to the one or changed in it. NULL: it can be undone.
CREATE FUNCTION app.lead_merge_stuck(m lead_merges) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT CASE WHEN m.undone_at IS NOT NULL THEN 'undone' WHEN m.undo_until <= now() THEN 'late'
                WHEN (SELECT l.version <> m.kept_version OR l.merged_into IS NOT NULL FROM leads l WHERE l.id = m.kept_id) THEN 'changed'
                WHEN (SELECT l.merged_into IS DISTINCT FROM m.kept_id FROM leads l WHERE l.id = m.gone_id) THEN 'changed'
                WHEN app.lead_counts(m.kept_id) <> m.counts THEN 'changed' END
$$;
CREATE FUNCTION app.lead_merge_undo(p_merge uuid) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
    UPDATE lead_claims SET state = 'open', decided_at = NULL, decided_by = NULL WHERE lead_id = m.gone_id AND decided_at = m.merged_at;
    UPDATE lead_merges SET undone_at = now(), undone_by = app.user_id() WHERE id = m.id;
    PERFORM set_config('app.merging', '', true), app.live('staff', 'duplicates'), app.live('staff', 'leads', m.kept_id),
            app.audit_write('leads.unmerge', kept.partner_id, m.kept_id, jsonb_build_object('merge', m.id, 'gone', m.gone_id));
    RETURN m.pair_id;
END $$;

-- Two clients after all. It is remembered; and if the second one was only a claim because of the first, its registration holds
-- unless somebody else's does.
CREATE FUNCTION app.duplicate_apart(p_pair uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    p duplicate_pairs;
    l leads;
BEGIN
    PERFORM app.duplicates_writer();
    UPDATE duplicate_pairs SET state = 'apart', decided_at = now(), decided_by = app.user_id() WHERE id = p_pair AND state = 'open' RETURNING * INTO p;
    IF p.id IS NULL THEN
        RETURN false;
    END IF;
    FOR l IN SELECT x.* FROM leads x WHERE x.id IN (p.first_id, p.second_id) AND x.registration = 'known' AND x.merged_into IS NULL
                AND NOT EXISTS (SELECT FROM duplicate_pairs o WHERE x.id IN (o.first_id, o.second_id) AND o.state = 'open' AND o.reasons && ARRAY['email', 'phone']) FOR UPDATE LOOP
        UPDATE leads SET registration = 'held', protected_until = created_at + make_interval(days => (SELECT g.protection_days FROM programme g)) WHERE id = l.id;
        UPDATE lead_claims SET state = 'accepted', decided_at = now(), decided_by = app.user_id() WHERE lead_id = l.id AND state = 'open';
        PERFORM app.event_add('claim.decided', l.partner_id, l.id, c.id, '/leads/' || l.id, jsonb_build_object('accepted', true)) FROM lead_claims c WHERE c.lead_id = l.id;
    END LOOP;
    PERFORM app.live('staff', 'duplicates');
    RETURN true;
END $$;
CREATE FUNCTION app.duplicate_reopen(p_pair uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.duplicates_writer();
    UPDATE duplicate_pairs SET state = 'open', decided_at = NULL, decided_by = NULL WHERE id = p_pair AND state = 'apart';
    RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION app.lead_merge(uuid, uuid, text[], integer, integer), app.lead_merge_undo(uuid), app.lead_merge_stuck(lead_merges),
    app.duplicate_apart(uuid), app.duplicate_reopen(uuid) TO tessera_staff;

-- ── Longer protection ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE extension_requests (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    lead_id     uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    partner_id  uuid NOT NULL REFERENCES partners,
    asked_by    uuid REFERENCES users ON DELETE SET NULL,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    days        integer NOT NULL CHECK (days BETWEEN 1 AND 365),
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'granted', 'refused')),
    days_given  integer CHECK (days_given BETWEEN 1 AND 365),
    answer      text NOT NULL DEFAULT '' CHECK (length(answer) <= 1000), -- to the partner
    decided_at  timestamptz,
    decided_by  uuid REFERENCES users ON DELETE SET NULL,
    CHECK ((state = 'open') = (decided_at IS NULL) AND (state = 'granted') = (days_given IS NOT NULL))
);
CREATE UNIQUE INDEX extension_requests_open_key ON extension_requests (lead_id) WHERE state = 'open';
CREATE INDEX extension_requests_lead_idx ON extension_requests (lead_id, asked_at DESC);
CREATE INDEX extension_requests_asked_idx ON extension_requests (asked_at, id);
CALL app.protect('extension_requests');
GRANT SELECT (id, lead_id, partner_id, asked_by, asked_at, days, reason, state, days_given, answer, decided_at) ON extension_requests TO tessera_partner;
GRANT SELECT ON extension_requests TO tessera_staff;
CREATE POLICY partner_read ON extension_requests FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')) AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id));
CREATE POLICY staff_read ON extension_requests FOR SELECT TO tessera_staff USING ((SELECT app.can('duplicates:read')) AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id));

CREATE FUNCTION app.extension_ask(p_lead uuid, p_days integer, p_reason text) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
    PERFORM app.event_add('extension.asked', l.partner_id, l.id, added, '/admin/extensions/' || added, jsonb_build_object('days', p_days)), app.live('staff', 'duplicates'),
            app.live('partner:' || l.partner_id, 'leads', l.id);
    RETURN added;
END $$;
-- p_days NULL: refused.
CREATE FUNCTION app.extension_decide(p_request uuid, p_days integer, p_answer text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
    PERFORM app.event_add('extension.decided', r.partner_id, r.lead_id, r.id, '/leads/' || r.lead_id, jsonb_build_object('granted', p_days IS NOT NULL, 'days', p_days)),
            app.live('staff', 'duplicates'), app.live('partner:' || r.partner_id, 'leads', r.lead_id),
            app.audit_write('extensions.decide', r.partner_id, r.id, jsonb_build_object('lead', r.lead_id, 'days', p_days));
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION app.extension_ask(uuid, integer, text) TO tessera_partner;
GRANT EXECUTE ON FUNCTION app.extension_decide(uuid, integer, text) TO tessera_staff;

-- ── Is this client free? ─────────────────────────────────────────────────────────────────────────────────
-- A partner asks with hashes: HMAC-SHA-256 (RFC 2104) over the key of an address or number, under a key of this partner and day.
-- Nothing that was typed leaves the browser, and a hash says nothing tomorrow or to somebody else. The answer is yes or no.
-- Each request hashes every registration that is in force, so its length tells nothing about any of them.

CREATE TABLE overlap_secret (
    id     boolean PRIMARY KEY DEFAULT true CHECK (id),
    secret bytea NOT NULL DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
);
INSERT INTO overlap_secret DEFAULT VALUES;
CREATE TABLE overlap_checks ( -- who asked, and what was answered; kept for ninety days
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_id uuid NOT NULL REFERENCES partners ON DELETE CASCADE,
    user_id    uuid REFERENCES users ON DELETE SET NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    asked      integer NOT NULL,
    taken      integer NOT NULL,
    answers    jsonb NOT NULL -- [{hash, taken}], as they were sent
);
CREATE INDEX overlap_checks_partner_idx ON overlap_checks (partner_id, at DESC);
CREATE INDEX overlap_checks_at_idx ON overlap_checks (at, id);
CALL app.protect('overlap_secret', 'overlap_checks');
GRANT SELECT ON overlap_checks TO tessera_partner;
GRANT SELECT (id, partner_id, user_id, at, asked, taken) ON overlap_checks TO tessera_staff;
CREATE POLICY partner_read ON overlap_checks FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:write')));
CREATE POLICY staff_read ON overlap_checks FOR SELECT TO tessera_staff USING ((SELECT app.can('duplicates:read')));

-- The two blocks that HMAC begins with (RFC 2104), so that they are worked out once for many texts. Keys of at most 64 bytes.
CREATE FUNCTION app.hmac_pads(p_key bytea, OUT ipad bytea, OUT opad bytea) LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    ipad := decode(repeat('36', 64), 'hex');
    opad := decode(repeat('5c', 64), 'hex');
    FOR i IN 0 .. length(p_key) - 1 LOOP
        ipad := set_byte(ipad, i, get_byte(p_key, i) # 54);
        opad := set_byte(opad, i, get_byte(p_key, i) # 92);
    END LOOP;
END $$;
CREATE FUNCTION app.hmac_sha256(p_key bytea, p_text bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(k.opad || sha256(k.ipad || p_text)) FROM app.hmac_pads(p_key) AS k
$$;
CREATE FUNCTION app.overlap_key(p_partner uuid, p_day date) RETURNS bytea LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT app.hmac_sha256(s.secret, convert_to(p_partner || ' ' || p_day, 'UTF8')) FROM overlap_secret s
$$;
-- Today's key of whoever asks, for the page.
CREATE FUNCTION app.overlap_today() RETURNS TABLE (day date, key text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT d, encode(app.overlap_key(app.partner(), d), 'hex') FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS d) AS t
     WHERE app.partner() IS NOT NULL AND app.can('leads:write')
$$;
CREATE FUNCTION app.overlap_check(p_day date, p_hashes text[]) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    k record;
    answered jsonb;
    added uuid;
BEGIN
    IF app.partner() IS NULL OR NOT app.can('leads:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    IF p_day NOT IN (today, today - 1) OR (p_day < today AND now() AT TIME ZONE 'UTC' > today + time '01:00') THEN
        RAISE EXCEPTION 'These hashes were made with the key of another day. Hash the list again with today''s.' USING ERRCODE = 'TS422';
    END IF;
    IF cardinality(p_hashes) NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION 'Between one and a hundred hashes are answered at a time.' USING ERRCODE = 'TS422';
    END IF;
    IF NOT app.throttle_try('overlap:' || app.partner(), 20, 3600) THEN
        RAISE EXCEPTION 'Your company has asked twenty times within an hour. Wait a little before the next check.' USING ERRCODE = 'TS429';
    END IF;
    SELECT * INTO k FROM app.hmac_pads(app.overlap_key(app.partner(), p_day));
    WITH known AS MATERIALIZED (
        SELECT encode(sha256(k.opad || sha256(k.ipad || convert_to(v.key, 'UTF8'))), 'hex') AS hash
          FROM leads l JOIN partners p ON p.id = l.partner_id AND p.status IN ('active', 'suspended'), LATERAL (VALUES (l.email_key), (l.phone_e164)) AS v(key)
         WHERE l.registration = 'held' AND l.protected_until > now() AND l.merged_into IS NULL AND l.stage <> 'declined' AND l.consent_at IS NOT NULL AND v.key IS NOT NULL)
    SELECT jsonb_agg(jsonb_build_object('hash', h.hash, 'taken', h.hash IN (SELECT n.hash FROM known n)) ORDER BY h.place) INTO answered
      FROM unnest(p_hashes) WITH ORDINALITY AS h(hash, place);
    INSERT INTO overlap_checks (partner_id, user_id, asked, taken, answers)
    VALUES (app.partner(), app.user_id(), cardinality(p_hashes), (SELECT count(*) FROM jsonb_array_elements(answered) AS a WHERE (a -> 'taken')::boolean), answered)
    RETURNING id INTO added;
    RETURN added;
END $$;
GRANT EXECUTE ON FUNCTION app.overlap_today(), app.overlap_check(date, text[]) TO tessera_partner;

CREATE FUNCTION app.duplicates_housekeeping() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM overlap_checks WHERE at < now() - interval '90 days';
    DELETE FROM lead_merge_rows r USING lead_merges m WHERE m.id = r.merge_id AND (m.undo_until < now() - interval '30 days' OR m.undone_at < now() - interval '30 days');
$$;
GRANT EXECUTE ON FUNCTION app.duplicates_housekeeping() TO tessera_jobs;
INSERT INTO job_schedules (name, kind, at) VALUES ('duplicates.housekeeping', 'duplicates.housekeeping', '03:40');

-- ── Who is told ──────────────────────────────────────────────────────────────────────────────────────────

INSERT INTO event_types (position, code, category, label, audience, permission, email, push, mandatory, urgent, ops) VALUES
    (16, 'duplicate.found',   'leads', 'Two leads look like one client',       'staff',   'duplicates:read', 'digest', 'off', false, false, false),
    (17, 'extension.asked',   'leads', 'A partner asks for longer protection', 'staff',   'duplicates:read', 'now', 'off', false, false, false),
    (18, 'extension.decided', 'leads', 'Your request for longer protection was decided', 'partner', 'leads:read', 'now', 'now', false, false, false),
    (19, 'claim.decided',     'leads', 'A client whom we knew already was decided', 'partner', 'leads:read', 'now', 'off', false, false, false);
