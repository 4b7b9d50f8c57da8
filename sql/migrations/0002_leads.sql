-- Leads, their history, the shares that take up a partner's capacity, and the rollups that dashboards read.

CREATE TABLE leads (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_id         uuid NOT NULL REFERENCES partners, -- who brought it
    created_by         uuid REFERENCES users ON DELETE SET NULL,
    client_name        text NOT NULL CHECK (length(client_name) BETWEEN 1 AND 120),
    client_email       text,
    client_phone       text,
    client_location    text,
    stage              text NOT NULL DEFAULT 'new'
        CHECK (stage IN ('new', 'intake', 'qualified', 'active', 'won', 'lost', 'dormant', 'declined')),
    stage_reason       text, -- why it is where it is; asked for when lost, declined or dormant
    stage_at           timestamptz NOT NULL DEFAULT now(),
    source             text NOT NULL DEFAULT 'website'
        CHECK (source IN ('website', 'email', 'phone', 'event', 'referral', 'social', 'walk_in', 'import', 'api', 'other')),
    currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    estimated_value    numeric(16,2) NOT NULL DEFAULT 0 CHECK (estimated_value >= 0),
    budget_min         numeric(16,2) CHECK (budget_min >= 0),
    budget_max         numeric(16,2) CHECK (budget_max >= budget_min),
    financing          text CHECK (financing IN ('cash', 'mortgage', 'undecided')),
    payment_preference text,
    property_type      text CHECK (property_type IN ('apartment', 'villa', 'townhouse', 'plot', 'office', 'retail', 'warehouse')),
    locations          text, -- wanted ones, as written
    bedrooms           integer CHECK (bedrooms BETWEEN 0 AND 50),
    size_min           integer CHECK (size_min >= 0), -- square feet
    amenities          text,
    move_in_on         date,
    description        text NOT NULL DEFAULT '',
    utm_source         text,
    utm_medium         text,
    utm_campaign       text,
    consent_at         timestamptz, -- when the partner confirmed that the client agreed to be referred
    -- staff only: no grant to partners
    staff_notes        text NOT NULL DEFAULT '',
    score              integer CHECK (score BETWEEN 0 AND 100),
    temperature        text CHECK (temperature IN ('cold', 'warm', 'hot')),
    --
    version            integer NOT NULL DEFAULT 1, -- for "somebody changed this in the meantime"
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    closed_at          timestamptz, -- won or lost
    search             text NOT NULL GENERATED ALWAYS AS (lower(client_name || ' ' || coalesce(client_email, '') || ' ' ||
                           coalesce(regexp_replace(client_phone, '[^0-9+]', '', 'g'), '') || ' ' || coalesce(locations, ''))) STORED,
    CONSTRAINT leads_contact CHECK (client_email IS NOT NULL OR client_phone IS NOT NULL),
    CONSTRAINT leads_closed CHECK ((stage IN ('won', 'lost')) = (closed_at IS NOT NULL))
);
-- One pair of indexes per sort: the partner's own list, and staff's over all partners.
CREATE INDEX leads_created_idx ON leads (created_at, id);
CREATE INDEX leads_partner_created_idx ON leads (partner_id, created_at, id);
CREATE INDEX leads_updated_idx ON leads (updated_at, id);
CREATE INDEX leads_partner_updated_idx ON leads (partner_id, updated_at, id);
CREATE INDEX leads_value_idx ON leads (estimated_value, id);
CREATE INDEX leads_partner_value_idx ON leads (partner_id, estimated_value, id);
CREATE INDEX leads_name_idx ON leads (client_name, id);
CREATE INDEX leads_partner_name_idx ON leads (partner_id, client_name, id);
CREATE INDEX leads_stage_idx ON leads (stage, created_at, id);
CREATE INDEX leads_waiting_idx ON leads (partner_id, stage, stage_at) WHERE stage IN ('new', 'intake', 'qualified', 'active');
CREATE INDEX leads_all_waiting_idx ON leads (stage, stage_at) WHERE stage IN ('new', 'intake', 'qualified', 'active');
CREATE INDEX leads_closed_idx ON leads (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX leads_search_idx ON leads USING gin (search gin_trgm_ops);

CREATE TABLE lead_history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id    uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    partner_id uuid NOT NULL REFERENCES partners,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    user_id    uuid REFERENCES users ON DELETE SET NULL,
    kind       text NOT NULL CHECK (kind IN ('created', 'stage', 'edited')),
    from_stage text,
    to_stage   text,
    reason     text,
    fields     text[] -- names of the columns that an edit changed
);
CREATE INDEX lead_history_lead_idx ON lead_history (lead_id, at DESC, id DESC);
CREATE INDEX lead_history_partner_idx ON lead_history (partner_id, at DESC, id DESC);
CREATE INDEX lead_history_at_idx ON lead_history (at DESC, id DESC);

CREATE TABLE lead_shares ( -- a lead handed to a partner to work on
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    lead_id              uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    partner_id           uuid NOT NULL REFERENCES partners,
    status               text NOT NULL DEFAULT 'sent'
        CHECK (status IN ('sent', 'accepted', 'in_progress', 'closed', 'rejected', 'revoked', 'expired')),
    consent_contact      boolean NOT NULL,
    consent_budget       boolean NOT NULL,
    consent_requirements boolean NOT NULL,
    shared_at            timestamptz NOT NULL DEFAULT now(),
    accepted_at          timestamptz,
    closed_at            timestamptz,
    UNIQUE (lead_id, partner_id)
);
CREATE INDEX lead_shares_partner_idx ON lead_shares (partner_id, status);

CALL app.protect('leads', 'lead_history', 'lead_shares');

GRANT SELECT (id, partner_id, created_by, client_name, client_email, client_phone, client_location, stage, stage_reason, stage_at, source,
    currency, estimated_value, budget_min, budget_max, financing, payment_preference, property_type, locations, bedrooms,
    size_min, amenities, move_in_on, description, utm_source, utm_medium, utm_campaign, consent_at, version, created_at,
    updated_at, closed_at, search) ON leads TO tessera_partner;
GRANT INSERT (id, partner_id, created_by, client_name, client_email, client_phone, client_location, source, currency,
    estimated_value, budget_min, budget_max, financing, payment_preference, property_type, locations, bedrooms, size_min,
    amenities, move_in_on, description, utm_source, utm_medium, utm_campaign, consent_at) ON leads TO tessera_partner;
GRANT UPDATE (client_name, client_email, client_phone, client_location, stage, stage_reason, stage_at, closed_at, source, currency,
    estimated_value, budget_min, budget_max, financing, payment_preference, property_type, locations, bedrooms, size_min,
    amenities, move_in_on, description, version, updated_at) ON leads TO tessera_partner;
GRANT SELECT, INSERT, UPDATE ON leads TO tessera_staff;
CREATE POLICY partner_read ON leads FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')));
CREATE POLICY partner_insert ON leads FOR INSERT TO tessera_partner
    WITH CHECK (partner_id = (SELECT app.partner()) AND created_by = (SELECT app.user_id()) AND (SELECT app.can('leads:write')));
CREATE POLICY partner_update ON leads FOR UPDATE TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:write')));
CREATE POLICY staff_read ON leads FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));
CREATE POLICY staff_insert ON leads FOR INSERT TO tessera_staff WITH CHECK ((SELECT app.can('leads:write')));
CREATE POLICY staff_update ON leads FOR UPDATE TO tessera_staff USING ((SELECT app.can('leads:write')));

GRANT SELECT ON lead_history TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON lead_history FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')));
CREATE POLICY staff_read ON lead_history FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));

GRANT SELECT ON lead_shares TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON lead_shares FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')));
CREATE POLICY staff_read ON lead_shares FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));

-- What somebody typed, as a pattern for LIKE that finds it anywhere.
CREATE FUNCTION app.like_pattern(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT '%' || replace(replace(replace(lower(p_text), '\', '\\'), '%', '\%'), '_', '\_') || '%' $$;
GRANT EXECUTE ON FUNCTION app.like_pattern(text) TO tessera_visitor, tessera_partner, tessera_staff;

-- What staff alone may read of a lead, so that one page serves both sides: no row for anybody else.
CREATE FUNCTION app.lead_staff_facts(p_lead uuid) RETURNS TABLE (score integer, temperature text, staff_notes text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT score, temperature, staff_notes FROM leads
     WHERE id = p_lead AND app.user_id() IS NOT NULL AND app.partner() IS NULL AND app.can('leads:read')
$$;
GRANT EXECUTE ON FUNCTION app.lead_staff_facts(uuid) TO tessera_partner, tessera_staff;

-- History writes itself, so that no page can forget it.
CREATE FUNCTION app.leads_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    silent text[] := ARRAY['stage', 'stage_reason', 'stage_at', 'closed_at', 'version', 'updated_at', 'search', 'score', 'temperature', 'staff_notes'];
    changed text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO lead_history (lead_id, partner_id, at, user_id, kind, to_stage)
        VALUES (NEW.id, NEW.partner_id, NEW.created_at, coalesce(app.user_id(), NEW.created_by), 'created', NEW.stage);
        RETURN NULL;
    END IF;
    IF NEW.stage <> OLD.stage THEN
        INSERT INTO lead_history (lead_id, partner_id, user_id, kind, from_stage, to_stage, reason)
        VALUES (NEW.id, NEW.partner_id, app.user_id(), 'stage', OLD.stage, NEW.stage, NEW.stage_reason);
    END IF;
    SELECT array_agg(key ORDER BY key) INTO changed FROM jsonb_each(to_jsonb(NEW)) AS n
     WHERE n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key AND n.key <> ALL (silent);
    IF changed IS NOT NULL THEN
        INSERT INTO lead_history (lead_id, partner_id, user_id, kind, fields)
        VALUES (NEW.id, NEW.partner_id, app.user_id(), 'edited', changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER history AFTER INSERT OR UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION app.leads_history();

-- ── Rollups ──────────────────────────────────────────────────────────────────────────────────────────────
-- Kept by statement-level triggers, so that a bulk load costs one grouped write. Each row of a lead counts for its
-- partner and, under the nil UUID, for the programme. Money never crosses currencies. Days are UTC.
-- `tessera doctor --rollups` recounts them (the *_recount views) and repairs.

CREATE TABLE rollup_stage ( -- leads as they stand
    scope    uuid NOT NULL,
    currency text NOT NULL,
    stage    text NOT NULL,
    leads    bigint NOT NULL,
    value    numeric(20,2) NOT NULL,
    PRIMARY KEY (scope, currency, stage)
);
CREATE TABLE rollup_day ( -- what happened on a day
    scope    uuid NOT NULL,
    day      date NOT NULL,
    currency text NOT NULL,
    created  bigint NOT NULL, -- leads that came
    won      bigint NOT NULL, -- leads that closed
    lost     bigint NOT NULL,
    value    numeric(20,2) NOT NULL, -- estimated value of the leads that came
    won_value numeric(20,2) NOT NULL,
    PRIMARY KEY (scope, day, currency)
);
CREATE TABLE rollup_source ( -- where leads come from, by the month they came in
    scope  uuid NOT NULL,
    month  date NOT NULL,
    source text NOT NULL,
    leads  bigint NOT NULL,
    won    bigint NOT NULL,
    PRIMARY KEY (scope, month, source)
);
CREATE TABLE rollup_shares (
    scope    uuid PRIMARY KEY,
    open     bigint NOT NULL, -- sent, accepted or in progress: what counts against capacity
    received bigint NOT NULL,
    accepted bigint NOT NULL, -- ever accepted
    closed   bigint NOT NULL
);
CALL app.protect('rollup_stage', 'rollup_day', 'rollup_source', 'rollup_shares');
GRANT SELECT ON rollup_stage, rollup_day, rollup_source, rollup_shares TO tessera_partner, tessera_staff;
-- A partner reads its own scope; staff, once signed in, any.
CREATE POLICY partner_read ON rollup_stage FOR SELECT TO tessera_partner USING (scope = (SELECT app.partner()));
CREATE POLICY partner_read ON rollup_day FOR SELECT TO tessera_partner USING (scope = (SELECT app.partner()));
CREATE POLICY partner_read ON rollup_source FOR SELECT TO tessera_partner USING (scope = (SELECT app.partner()));
CREATE POLICY partner_read ON rollup_shares FOR SELECT TO tessera_partner USING (scope = (SELECT app.partner()));
CREATE POLICY staff_read ON rollup_stage FOR SELECT TO tessera_staff USING ((SELECT app.user_id()) IS NOT NULL);
CREATE POLICY staff_read ON rollup_day FOR SELECT TO tessera_staff USING ((SELECT app.user_id()) IS NOT NULL);
CREATE POLICY staff_read ON rollup_source FOR SELECT TO tessera_staff USING ((SELECT app.user_id()) IS NOT NULL);
CREATE POLICY staff_read ON rollup_shares FOR SELECT TO tessera_staff USING ((SELECT app.user_id()) IS NOT NULL);

-- The currency that a dashboard speaks: the wanted one, else the reader's own where there are leads in it, else the
-- one with most leads.
CREATE FUNCTION app.rollup_currency(p_wanted text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN -- plpgsql, because it keeps the plan from one call to the next
    RETURN coalesce(p_wanted,
        (SELECT currency FROM public.rollup_stage WHERE scope = app.scope() GROUP BY currency HAVING sum(leads) > 0
          ORDER BY currency = current_setting('app.currency', true) DESC, sum(leads) DESC, currency LIMIT 1),
        nullif(current_setting('app.currency', true), ''));
END $$;
GRANT EXECUTE ON FUNCTION app.rollup_currency(text) TO tessera_partner, tessera_staff;

-- Both halves of one change, as plus and minus one. Rows are written in key order, so that two transactions
-- that touch the same keys wait for each other instead of deadlocking; the programme's row comes last
-- (locks on it are held shortest) because the nil UUID is written by a second statement.
CREATE TYPE app.lead_delta AS (sign integer, partner_id uuid, currency text, stage text, source text, value numeric, created_at timestamptz, closed_at timestamptz);

CREATE FUNCTION app.rollup_leads(deltas app.lead_delta[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE programme boolean;
BEGIN
    FOREACH programme IN ARRAY ARRAY[false, true] LOOP
        INSERT INTO rollup_stage AS r
        SELECT CASE WHEN programme THEN app.programme_scope() ELSE partner_id END, currency, stage, sum(sign), sum(sign * value)
          FROM unnest(deltas) GROUP BY 1, 2, 3 HAVING sum(sign) <> 0 OR sum(sign * value) <> 0 ORDER BY 1, 2, 3
        ON CONFLICT (scope, currency, stage) DO UPDATE SET leads = r.leads + excluded.leads, value = r.value + excluded.value;

        INSERT INTO rollup_day AS r
        SELECT CASE WHEN programme THEN app.programme_scope() ELSE partner_id END, day, currency,
               sum(created), sum(won), sum(lost), sum(value), sum(won_value)
          FROM (SELECT partner_id, (created_at AT TIME ZONE 'UTC')::date AS day, currency, sign AS created, 0 AS won, 0 AS lost, sign * value AS value, 0 AS won_value
                  FROM unnest(deltas)
                 UNION ALL
                SELECT partner_id, (closed_at AT TIME ZONE 'UTC')::date, currency, 0, sign * (stage = 'won')::int, sign * (stage = 'lost')::int,
                       0, CASE WHEN stage = 'won' THEN sign * value ELSE 0 END
                  FROM unnest(deltas) WHERE closed_at IS NOT NULL) AS d
         GROUP BY 1, 2, 3
        HAVING sum(created) <> 0 OR sum(won) <> 0 OR sum(lost) <> 0 OR sum(value) <> 0 OR sum(won_value) <> 0 ORDER BY 1, 2, 3
        ON CONFLICT (scope, day, currency) DO UPDATE SET created = r.created + excluded.created, won = r.won + excluded.won,
            lost = r.lost + excluded.lost, value = r.value + excluded.value, won_value = r.won_value + excluded.won_value;

        INSERT INTO rollup_source AS r
        SELECT CASE WHEN programme THEN app.programme_scope() ELSE partner_id END, date_trunc('month', created_at AT TIME ZONE 'UTC')::date,
               source, sum(sign), sum(sign * (stage = 'won')::int)
          FROM unnest(deltas) GROUP BY 1, 2, 3 HAVING sum(sign) <> 0 OR sum(sign * (stage = 'won')::int) <> 0 ORDER BY 1, 2, 3
        ON CONFLICT (scope, month, source) DO UPDATE SET leads = r.leads + excluded.leads, won = r.won + excluded.won;
    END LOOP;
END $$;

-- A bulk load should come in portions (a statement's deltas are one array in memory): tessera seed copies 20,000
-- leads at a time.
CREATE FUNCTION app.leads_rollup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE deltas app.lead_delta[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(d) INTO deltas FROM (SELECT 1 AS sign, partner_id, currency, stage, source, estimated_value, created_at, closed_at FROM new_rows) AS d;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(d) INTO deltas FROM (SELECT -1 AS sign, partner_id, currency, stage, source, estimated_value, created_at, closed_at FROM old_rows) AS d;
    ELSE
        SELECT array_agg(d) INTO deltas FROM (
            SELECT 1 AS sign, partner_id, currency, stage, source, estimated_value, created_at, closed_at FROM new_rows
             UNION ALL SELECT -1, partner_id, currency, stage, source, estimated_value, created_at, closed_at FROM old_rows) AS d;
    END IF;
    IF deltas IS NOT NULL THEN
        PERFORM app.rollup_leads(deltas);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_insert AFTER INSERT ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_rollup();
CREATE TRIGGER rollup_update AFTER UPDATE ON leads REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_rollup();
CREATE TRIGGER rollup_delete AFTER DELETE ON leads REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_rollup();

CREATE FUNCTION app.shares_rollup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE r record; programme boolean;
BEGIN
    FOREACH programme IN ARRAY ARRAY[false, true] LOOP
        IF TG_OP = 'INSERT' THEN
            INSERT INTO rollup_shares AS t SELECT CASE WHEN programme THEN app.programme_scope() ELSE partner_id END,
                count(*) FILTER (WHERE status IN ('sent', 'accepted', 'in_progress')), count(*), count(accepted_at), count(*) FILTER (WHERE status = 'closed')
              FROM new_rows GROUP BY 1 ORDER BY 1
            ON CONFLICT (scope) DO UPDATE SET open = t.open + excluded.open, received = t.received + excluded.received,
                accepted = t.accepted + excluded.accepted, closed = t.closed + excluded.closed;
        ELSE
            INSERT INTO rollup_shares AS t SELECT CASE WHEN programme THEN app.programme_scope() ELSE partner_id END,
                sum(sign * (status IN ('sent', 'accepted', 'in_progress'))::int), sum(sign), sum(sign * (accepted_at IS NOT NULL)::int), sum(sign * (status = 'closed')::int)
              FROM (SELECT 1 AS sign, partner_id, status, accepted_at FROM new_rows
                     UNION ALL SELECT -1, partner_id, status, accepted_at FROM old_rows) AS d
             GROUP BY 1 ORDER BY 1
            ON CONFLICT (scope) DO UPDATE SET open = t.open + excluded.open, received = t.received + excluded.received,
                accepted = t.accepted + excluded.accepted, closed = t.closed + excluded.closed;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_insert AFTER INSERT ON lead_shares REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.shares_rollup();
CREATE TRIGGER rollup_update AFTER UPDATE ON lead_shares REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.shares_rollup();
CREATE FUNCTION app.shares_rollup_delete() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE programme boolean;
BEGIN
    FOREACH programme IN ARRAY ARRAY[false, true] LOOP
        UPDATE rollup_shares t SET open = t.open - d.open, received = t.received - d.received, accepted = t.accepted - d.accepted, closed = t.closed - d.closed
          FROM (SELECT CASE WHEN programme THEN app.programme_scope() ELSE partner_id END AS scope,
                       count(*) FILTER (WHERE status IN ('sent', 'accepted', 'in_progress')) AS open, count(*) AS received,
                       count(accepted_at) AS accepted, count(*) FILTER (WHERE status = 'closed') AS closed FROM old_rows GROUP BY 1) AS d
         WHERE t.scope = d.scope;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_delete AFTER DELETE ON lead_shares REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.shares_rollup_delete();

-- Recounts, in the shape of the rollups.
CREATE VIEW app.rollup_stage_recount AS
    SELECT s.scope, currency, stage, count(*) AS leads, sum(estimated_value) AS value
      FROM leads, LATERAL (VALUES (partner_id), (app.programme_scope())) AS s(scope) GROUP BY 1, 2, 3;
CREATE VIEW app.rollup_day_recount AS
    SELECT scope, day, currency, sum(created) AS created, sum(won) AS won, sum(lost) AS lost, sum(value) AS value, sum(won_value) AS won_value
      FROM (SELECT partner_id, (created_at AT TIME ZONE 'UTC')::date AS day, currency, 1 AS created, 0 AS won, 0 AS lost, estimated_value AS value, 0 AS won_value FROM leads
             UNION ALL
            SELECT partner_id, (closed_at AT TIME ZONE 'UTC')::date, currency, 0, (stage = 'won')::int, (stage = 'lost')::int, 0,
                   CASE WHEN stage = 'won' THEN estimated_value ELSE 0 END FROM leads WHERE closed_at IS NOT NULL) AS d,
           LATERAL (VALUES (partner_id), (app.programme_scope())) AS s(scope) GROUP BY 1, 2, 3;
CREATE VIEW app.rollup_source_recount AS
    SELECT s.scope, date_trunc('month', created_at AT TIME ZONE 'UTC')::date AS month, source, count(*) AS leads, count(*) FILTER (WHERE stage = 'won') AS won
      FROM leads, LATERAL (VALUES (partner_id), (app.programme_scope())) AS s(scope) GROUP BY 1, 2, 3;
CREATE VIEW app.rollup_shares_recount AS
    SELECT s.scope, count(*) FILTER (WHERE status IN ('sent', 'accepted', 'in_progress')) AS open, count(*) AS received,
           count(accepted_at) AS accepted, count(*) FILTER (WHERE status = 'closed') AS closed
      FROM lead_shares, LATERAL (VALUES (partner_id), (app.programme_scope())) AS s(scope) GROUP BY 1;
