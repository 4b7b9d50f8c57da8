-- Programme, partners, people, sessions: the tables that everything else refers to, and the functions by
-- which row-level security knows who is asking.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tessera_visitor, tessera_partner, tessera_staff;
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO tessera_visitor, tessera_partner, tessera_staff;
-- Functions are granted one by one.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- ── Who is asking ────────────────────────────────────────────────────────────────────────────────────────
-- session_open() puts these into settings that last as long as the transaction. Policies read them through
-- a sub-select, so that each is evaluated once per statement and indexes are used.

CREATE FUNCTION app.user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.user', true), '')::uuid $$;
CREATE FUNCTION app.partner() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.partner', true), '')::uuid $$;
-- Rollups are kept per partner and, under the nil UUID, for the programme as a whole. A partner's scope is the
-- partner; staff's is the programme.
CREATE FUNCTION app.programme_scope() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT '00000000-0000-0000-0000-000000000000'::uuid $$;
CREATE FUNCTION app.scope() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(nullif(current_setting('app.partner', true), '')::uuid, '00000000-0000-0000-0000-000000000000'::uuid) $$;
CREATE FUNCTION app.tier() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT current_setting('app.tier', true) $$;
CREATE FUNCTION app.partner_type() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT current_setting('app.partner_type', true) $$;
-- app.permissions is a list with a blank before and after each, or ' * ' for everything.
CREATE FUNCTION app.can(permission text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(strpos(current_setting('app.permissions', true), ' ' || permission || ' ') > 0
                       OR current_setting('app.permissions', true) = ' * ', false) $$;
GRANT EXECUTE ON FUNCTION app.user_id(), app.partner(), app.programme_scope(), app.scope(), app.tier(),
    app.partner_type(), app.can(text) TO tessera_visitor, tessera_partner, tessera_staff;

-- Every table with a partner's data: row-level security for everybody, the owner (migrations, definer
-- functions) with a policy that says so openly.
CREATE PROCEDURE app.protect(VARIADIC tables regclass[]) LANGUAGE plpgsql AS $$
DECLARE t regclass;
BEGIN
    FOREACH t IN ARRAY tables LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON %s TO tessera_owner USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;

-- ── Programme ────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE programme (
    id              boolean PRIMARY KEY DEFAULT true CHECK (id),
    name            text NOT NULL DEFAULT 'Tessera' CHECK (length(name) BETWEEN 1 AND 80),
    tagline         text NOT NULL DEFAULT '',
    currency        text NOT NULL DEFAULT 'AED' CHECK (currency ~ '^[A-Z]{3}$'),
    support_email   text NOT NULL DEFAULT '',
    timezone        text NOT NULL DEFAULT 'UTC',
    protection_days integer NOT NULL DEFAULT 90 CHECK (protection_days BETWEEN 1 AND 730),
    demo_seed       text, -- set while the data is a demo
    version         integer NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL DEFAULT now()
);
INSERT INTO programme DEFAULT VALUES;
GRANT SELECT ON programme TO tessera_visitor, tessera_partner, tessera_staff;
GRANT UPDATE (name, tagline, currency, support_email, timezone, protection_days, version, updated_at) ON programme TO tessera_staff;

CREATE TABLE regions (
    code     text PRIMARY KEY CHECK (code ~ '^[A-Z]{2}$'), -- ISO 3166-1 alpha-2
    name     text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    timezone text NOT NULL
);
INSERT INTO regions VALUES
    ('AE', 'United Arab Emirates', 'AED', 'Asia/Dubai'),
    ('IN', 'India', 'INR', 'Asia/Kolkata'),
    ('SG', 'Singapore', 'SGD', 'Asia/Singapore');

CREATE TABLE partner_types (
    code                 text PRIMARY KEY CHECK (code ~ '^[a-z_]{2,32}$'),
    label                text NOT NULL,
    description          text NOT NULL,
    payer                text NOT NULL CHECK (payer IN ('platform', 'partner', 'none')), -- who pays the commission
    commission_min       numeric(6,3) NOT NULL,
    commission_max       numeric(6,3) NOT NULL CHECK (commission_max BETWEEN commission_min AND 100),
    commission_default   numeric(6,3) NOT NULL,
    platform_share       numeric(6,3), -- per cent of the commission that the platform keeps; NULL: no split
    consent_contact      boolean NOT NULL, -- what a share of a lead is preset to hand over
    consent_budget       boolean NOT NULL,
    consent_requirements boolean NOT NULL,
    licence_required     boolean NOT NULL DEFAULT false,
    position             integer NOT NULL
);
INSERT INTO partner_types VALUES
    ('channel', 'Channel Partner', 'Refers clients and promotes properties to a network of its own.', 'platform', 10, 30, 15, NULL, false, true, true, false, 1),
    ('developer', 'Developer', 'Brings inventory, runs viewings and bookings, and pays for the clients it wins.', 'partner', 5, 15, 8, NULL, true, true, true, false, 2),
    ('broker', 'Broker', 'Represents clients, negotiates and closes; shares the commission with the platform.', 'platform', 15, 25, 20, 40, true, true, true, false, 3),
    ('rera_agent', 'RERA Agent', 'RERA-registered agent for regulated property transactions in India.', 'platform', 10, 20, 15, NULL, true, true, true, true, 4),
    ('service_provider', 'Service Provider', 'Loans, legal work, interiors, moving: services around the purchase.', 'platform', 5, 15, 10, NULL, true, false, true, false, 5),
    ('agency', 'Agency', 'Refers its own clients at a base rate with an override by tier.', 'platform', 5, 25, 10, NULL, true, true, true, false, 6),
    ('banker', 'Banker', 'Introduces clients; thanked through the relationship, never with a fee.', 'none', 0, 0, 0, NULL, true, false, true, false, 7),
    ('law', 'Law Firm', 'Introduces clients; thanked through the relationship, never with a fee.', 'none', 0, 0, 0, NULL, true, false, true, false, 8),
    ('agent', 'Estate Agent', 'Co-broking agent with a split of the commission on the deal value.', 'platform', 10, 50, 30, NULL, true, true, true, false, 9);

CREATE TABLE partner_type_regions (
    type   text NOT NULL REFERENCES partner_types,
    region text NOT NULL REFERENCES regions,
    PRIMARY KEY (type, region)
);
INSERT INTO partner_type_regions VALUES
    ('channel', 'AE'), ('channel', 'IN'), ('developer', 'AE'), ('developer', 'IN'), ('broker', 'AE'), ('rera_agent', 'IN'),
    ('service_provider', 'AE'), ('service_provider', 'IN'), ('agency', 'AE'), ('agency', 'IN'), ('agency', 'SG'),
    ('banker', 'SG'), ('law', 'SG'), ('agent', 'SG');

CREATE TABLE tiers (
    code           text PRIMARY KEY CHECK (code ~ '^[a-z_]{2,32}$'),
    label          text NOT NULL,
    position       integer NOT NULL UNIQUE,
    base_rate      numeric(6,3) NOT NULL, -- per cent
    override_rate  numeric(6,3) NOT NULL,
    min_deals      integer NOT NULL,      -- closed in the last twelve months
    min_revenue    numeric(16,2) NOT NULL -- in the programme's currency
);
INSERT INTO tiers VALUES ('bronze', 'Bronze', 1, 10, 0, 0, 0), ('silver', 'Silver', 2, 12, 1.5, 6, 5000000), ('gold', 'Gold', 3, 15, 2.5, 18, 20000000);

-- Reference data is public: the programme page shows it.
GRANT SELECT ON regions, partner_types, partner_type_regions, tiers TO tessera_visitor, tessera_partner, tessera_staff;

-- ── Partners and people ──────────────────────────────────────────────────────────────────────────────────

CREATE TABLE partners (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name               text NOT NULL CHECK (length(name) BETWEEN 2 AND 120),
    type               text NOT NULL REFERENCES partner_types,
    region             text NOT NULL REFERENCES regions,
    tier               text NOT NULL DEFAULT 'bronze' REFERENCES tiers,
    status             text NOT NULL DEFAULT 'active' CHECK (status IN ('applied', 'active', 'suspended', 'inactive')),
    commission_percent numeric(6,3) NOT NULL CHECK (commission_percent BETWEEN 0 AND 100),
    capacity           integer NOT NULL DEFAULT 10 CHECK (capacity BETWEEN 0 AND 100000), -- open shares it takes at once
    currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    contact_name       text NOT NULL DEFAULT '',
    contact_email      text NOT NULL DEFAULT '',
    contact_phone      text NOT NULL DEFAULT '',
    website            text NOT NULL DEFAULT '',
    address            text NOT NULL DEFAULT '',
    callback_url       text NOT NULL DEFAULT '',
    licence_number     text NOT NULL DEFAULT '',
    licence_expires_on date,
    notes              text NOT NULL DEFAULT '', -- staff's own
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (type, region) REFERENCES partner_type_regions,
    CONSTRAINT partners_name_key UNIQUE (name)
);
CREATE INDEX partners_created_idx ON partners (created_at DESC, id DESC);
CREATE INDEX partners_search_idx ON partners USING gin (lower(name || ' ' || contact_name || ' ' || contact_email) gin_trgm_ops);

CREATE TABLE roles (
    code        text PRIMARY KEY,
    audience    text NOT NULL CHECK (audience IN ('partner', 'staff')),
    description text NOT NULL,
    position    integer NOT NULL
);
INSERT INTO roles VALUES
    ('owner', 'partner', 'Everything of the partner: leads, money, team, profile.', 1),
    ('sales', 'partner', 'Leads, training and material.', 2),
    ('viewer', 'partner', 'Reads; changes nothing.', 3),
    ('admin', 'staff', 'Everything.', 4),
    ('agent', 'staff', 'Leads and the partners they go to.', 5),
    ('finance', 'staff', 'Commissions and payouts.', 6),
    ('support', 'staff', 'Reads everything but secrets.', 7);

CREATE TABLE role_permissions (
    role       text NOT NULL REFERENCES roles,
    permission text NOT NULL CHECK (permission = '*' OR permission ~ '^[a-z]+:[a-z]+$'),
    PRIMARY KEY (role, permission)
);
INSERT INTO role_permissions SELECT r, p FROM (VALUES
    ('owner', '{dashboard:read,leads:read,leads:write,training:read,assets:read,commissions:read,team:read,team:write,profile:read,profile:write}'),
    ('sales', '{dashboard:read,leads:read,leads:write,training:read,assets:read,commissions:read,team:read,profile:read}'),
    ('viewer', '{dashboard:read,leads:read,training:read,assets:read,commissions:read,team:read,profile:read}'),
    ('agent', '{dashboard:read,leads:read,leads:write,partners:read,training:read,assets:read}'),
    ('finance', '{dashboard:read,commissions:read,partners:read,training:read,assets:read}'),
    ('support', '{dashboard:read,leads:read,commissions:read,partners:read,staff:read,settings:read,audit:read,training:read,assets:read}'),
    ('admin', '{*}')) AS v(r, ps), unnest(ps::text[]) AS p;

CREATE TABLE users (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_id        uuid REFERENCES partners, -- NULL: staff
    email             text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    role              text NOT NULL REFERENCES roles,
    status            text NOT NULL DEFAULT 'invited' CHECK (status IN ('invited', 'active', 'disabled')),
    password_hash     text, -- argon2id; readable by no role of the portal, only by the sign-in functions
    theme             text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
    locale            text NOT NULL DEFAULT 'en',
    timezone          text NOT NULL DEFAULT 'UTC',
    last_sign_in_at   timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_role_audience CHECK ((partner_id IS NULL) = (role IN ('agent', 'finance', 'support', 'admin')))
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX users_partner_idx ON users (partner_id, created_at);

CREATE TABLE user_permissions ( -- single permissions given to, or taken from, one user
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    permission text NOT NULL CHECK (permission ~ '^[a-z]+:[a-z]+$'),
    allowed    boolean NOT NULL,
    PRIMARY KEY (user_id, permission)
);

CREATE TABLE sessions (
    token_hash   bytea PRIMARY KEY CHECK (length(token_hash) = 32), -- SHA-256; the token itself is only in the cookie
    id           uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    address      text NOT NULL DEFAULT '',
    user_agent   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_user_idx ON sessions (user_id, last_seen_at DESC);

CREATE TABLE one_time_links ( -- password reset and invitation
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose    text NOT NULL CHECK (purpose IN ('reset', 'invitation')),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX one_time_links_user_idx ON one_time_links (user_id);

CREATE TABLE throttle ( -- failed tries per key ("login:account:…") and window
    key        text PRIMARY KEY CHECK (length(key) <= 200),
    tries      integer NOT NULL,
    started_at timestamptz NOT NULL
);

CREATE TABLE outbox ( -- mail to be sent
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    template   text NOT NULL,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);
CREATE INDEX outbox_created_idx ON outbox (created_at);

CREATE TABLE audit ( -- append-only: no role of the portal may change or delete a row
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    user_id    uuid, -- who; NULL: nobody signed in
    partner_id uuid, -- whose data; NULL: the programme's
    action     text NOT NULL, -- "partners.update", "session.open"
    entity     uuid,
    details    jsonb NOT NULL DEFAULT '{}',
    request_id text
);
CREATE INDEX audit_at_idx ON audit (at DESC, id DESC);
CREATE INDEX audit_partner_idx ON audit (partner_id, at DESC);

CALL app.protect('partners', 'users', 'user_permissions', 'sessions', 'one_time_links', 'throttle', 'outbox', 'audit');

-- Partners: their own row; what the profile page changes, and no more.
GRANT SELECT (id, name, type, region, tier, status, commission_percent, capacity, currency, contact_name, contact_email,
    contact_phone, website, address, callback_url, licence_number, licence_expires_on, version, created_at, updated_at)
    ON partners TO tessera_partner;
GRANT UPDATE (contact_name, contact_email, contact_phone, website, address, callback_url, licence_number,
    licence_expires_on, capacity, version, updated_at) ON partners TO tessera_partner;
GRANT SELECT, INSERT, UPDATE, DELETE ON partners TO tessera_staff;
CREATE POLICY partner_read ON partners FOR SELECT TO tessera_partner USING (id = (SELECT app.partner()));
CREATE POLICY partner_update ON partners FOR UPDATE TO tessera_partner
    USING (id = (SELECT app.partner()) AND (SELECT app.can('profile:write')));
CREATE POLICY staff_read ON partners FOR SELECT TO tessera_staff USING ((SELECT app.can('partners:read')) OR (SELECT app.can('leads:read')) OR (SELECT app.can('commissions:read')));
CREATE POLICY staff_write ON partners TO tessera_staff USING ((SELECT app.can('partners:write')));

-- Users: colleagues see each other; owners manage them; staff by permission.
GRANT SELECT (id, partner_id, email, name, role, status, theme, locale, timezone, last_sign_in_at, created_at, updated_at) ON users TO tessera_partner, tessera_staff;
GRANT INSERT (id, partner_id, email, name, role, timezone), UPDATE (name, role, status, theme, locale, timezone, updated_at) ON users TO tessera_partner, tessera_staff;
GRANT DELETE ON users TO tessera_partner, tessera_staff;
GRANT SELECT ON roles, role_permissions TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON users FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()));
CREATE POLICY partner_team ON users TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('team:write')))
    WITH CHECK (partner_id = (SELECT app.partner()) AND (SELECT app.can('team:write')));
CREATE POLICY self ON users FOR UPDATE TO tessera_partner, tessera_staff USING (id = (SELECT app.user_id()));
CREATE POLICY staff_read ON users FOR SELECT TO tessera_staff USING ((SELECT app.user_id()) IS NOT NULL);
CREATE POLICY staff_write ON users TO tessera_staff
    USING (CASE WHEN partner_id IS NULL THEN (SELECT app.can('staff:write')) ELSE (SELECT app.can('partners:write')) END);

GRANT SELECT (id, user_id, address, user_agent, created_at, last_seen_at, expires_at), DELETE ON sessions TO tessera_partner, tessera_staff;
CREATE POLICY self ON sessions TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()));

GRANT SELECT ON audit TO tessera_staff;
CREATE POLICY staff_read ON audit FOR SELECT TO tessera_staff USING ((SELECT app.can('audit:read')));

-- A user may change their own name, theme and zone, but nobody changes their own role or status, and a
-- partner keeps at least one active owner.
CREATE FUNCTION app.users_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND app.user_id() IS NOT NULL THEN
        IF NEW.id = app.user_id() AND (NEW.role, NEW.status) IS DISTINCT FROM (OLD.role, OLD.status) THEN
            RAISE EXCEPTION 'You cannot change your own role or status.' USING ERRCODE = 'TS422';
        END IF;
        IF NEW.id <> app.user_id() AND NEW.partner_id IS NOT NULL AND NOT app.can('team:write') AND NOT app.can('partners:write') THEN
            RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
        END IF;
    END IF;
    IF OLD.role IN ('owner', 'admin') AND OLD.status = 'active'
       AND (TG_OP = 'DELETE' OR NEW.role <> OLD.role OR NEW.status <> 'active')
       AND NOT EXISTS (SELECT FROM users u WHERE u.id <> OLD.id AND u.role = OLD.role AND u.status = 'active'
                          AND u.partner_id IS NOT DISTINCT FROM OLD.partner_id) THEN
        RAISE EXCEPTION 'Somebody has to stay in charge: give another person the role % first.', OLD.role USING ERRCODE = 'TS422';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER users_guard BEFORE UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION app.users_guard();

-- Disabling somebody, or a new role, ends their sessions and links at once.
CREATE FUNCTION app.users_cut_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM sessions WHERE user_id = NEW.id;
    IF NEW.status = 'disabled' THEN
        DELETE FROM one_time_links WHERE user_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER users_cut_sessions AFTER UPDATE OF role, status ON users FOR EACH ROW
    WHEN ((OLD.role, OLD.status) IS DISTINCT FROM (NEW.role, NEW.status) AND NEW.status <> 'invited')
    EXECUTE FUNCTION app.users_cut_sessions();

-- ── Audit ────────────────────────────────────────────────────────────────────────────────────────────────
-- What changed, by column name; values only where they are neither secret nor a client's.

CREATE FUNCTION app.audit_write(p_action text, p_entity uuid, p_partner uuid, p_details jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO audit (user_id, partner_id, action, entity, details, request_id)
    VALUES (app.user_id(), p_partner, p_action, p_entity, p_details, nullif(current_setting('app.request', true), ''));
END $$;

CREATE FUNCTION app.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    o jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ELSE '{}' END;
    n jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ELSE '{}' END;
    silent text[] := ARRAY['password_hash', 'updated_at', 'version', 'last_sign_in_at', 'search'];
    r jsonb := CASE WHEN TG_OP = 'DELETE' THEN o ELSE n END;
    changes jsonb;
BEGIN
    SELECT jsonb_object_agg(key, jsonb_build_array(o -> key, n -> key)) INTO changes
      FROM jsonb_object_keys(o || n) AS key
     WHERE (o -> key) IS DISTINCT FROM (n -> key) AND key <> ALL (silent) AND TG_OP = 'UPDATE';
    IF TG_OP = 'UPDATE' AND changes IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM app.audit_write(TG_TABLE_NAME || '.' || lower(TG_OP), nullif(r ->> 'id', '')::uuid,
        CASE WHEN TG_TABLE_NAME = 'partners' THEN (r ->> 'id')::uuid ELSE (r ->> 'partner_id')::uuid END,
        coalesce(changes, CASE WHEN r ? 'name' THEN jsonb_build_object('name', r -> 'name') ELSE '{}' END));
    RETURN NULL;
END $$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON partners FOR EACH ROW EXECUTE FUNCTION app.audit_row();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE FUNCTION app.audit_programme() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.audit_write('programme.update', NULL, NULL, jsonb_build_object('name', NEW.name));
    RETURN NULL;
END $$;
CREATE TRIGGER audit AFTER UPDATE ON programme FOR EACH ROW EXECUTE FUNCTION app.audit_programme();

-- ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────

-- (plpgsql where it runs often: its plans are kept, those of a function in SQL are made anew with every call.)
-- First statement of every batch. Always one row: the programme's name and, when the token names a living session
-- whose audience is the role the batch runs under, its user. Sets what policies ask for.
CREATE FUNCTION app.session_open(p_token_hash text, p_idle integer, p_request text)
    RETURNS TABLE (programme_name text, programme_currency text, support_email text, demo boolean,
        session_id uuid, user_id uuid, user_name text, user_email text, user_role text, audience text, theme text,
        locale text, timezone text, permissions text, partner_id uuid, partner_name text, partner_type text,
        partner_tier text, partner_status text, currency text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    hash bytea := decode(coalesce(p_token_hash, ''), 'hex');
    seen timestamptz;
BEGIN
    SELECT g.name, g.currency, g.support_email, g.demo_seed IS NOT NULL
      INTO programme_name, programme_currency, support_email, demo FROM programme g;
    currency := programme_currency;
    IF length(hash) = 32 THEN
        SELECT s.id, s.last_seen_at, u.id, u.name, u.email, u.role, CASE WHEN u.partner_id IS NULL THEN 'staff' ELSE 'partner' END,
               u.theme, u.locale, u.timezone, p.id, p.name, p.type, p.tier, p.status, coalesce(p.currency, programme_currency)
          INTO session_id, seen, user_id, user_name, user_email, user_role, audience,
               theme, locale, timezone, partner_id, partner_name, partner_type, partner_tier, partner_status, currency
          FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN partners p ON p.id = u.partner_id
         WHERE s.token_hash = hash AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => p_idle)
           AND u.status = 'active' AND (p.id IS NULL OR p.status IN ('active', 'suspended'))
           AND current_setting('role') = CASE WHEN u.partner_id IS NULL THEN 'tessera_staff' ELSE 'tessera_partner' END;
    END IF;
    IF user_id IS NOT NULL THEN
        SELECT ' ' || coalesce(string_agg(g.permission, ' '), '') || ' ' INTO permissions
          FROM (SELECT r.permission FROM role_permissions r WHERE r.role = user_role
                 UNION SELECT x.permission FROM user_permissions x WHERE x.user_id = session_open.user_id AND x.allowed
                EXCEPT SELECT x.permission FROM user_permissions x WHERE x.user_id = session_open.user_id AND NOT x.allowed) AS g;
        -- one write a minute and session is enough to know who is idle
        IF seen < now() - interval '1 minute' THEN
            UPDATE sessions s SET last_seen_at = now() WHERE s.token_hash = hash;
        END IF;
    END IF;
    PERFORM set_config('app.user', coalesce(user_id::text, ''), true),
            set_config('app.partner', coalesce(partner_id::text, ''), true),
            set_config('app.session', coalesce(session_id::text, ''), true),
            set_config('app.currency', coalesce(currency, ''), true),
            set_config('app.tier', coalesce(partner_tier, ''), true),
            set_config('app.partner_type', coalesce(partner_type, ''), true),
            set_config('app.permissions', coalesce(permissions, ''), true),
            set_config('app.request', coalesce(p_request, ''), true);
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION app.session_open(text, integer, text) TO tessera_visitor, tessera_partner, tessera_staff;

-- Counts a try; true while it is within the limit.
CREATE FUNCTION app.throttle_try(p_key text, p_limit integer, p_window integer) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO throttle AS t (key, tries, started_at) VALUES (left(p_key, 200), 1, now())
    ON CONFLICT (key) DO UPDATE SET
        tries = CASE WHEN t.started_at < now() - make_interval(secs => p_window) THEN 1 ELSE least(t.tries + 1, 1000000) END,
        started_at = CASE WHEN t.started_at < now() - make_interval(secs => p_window) THEN now() ELSE t.started_at END
    RETURNING tries <= p_limit
$$;

-- What sign-in needs to know. Counts the try first; throttled = true says nothing about the account.
CREATE FUNCTION app.sign_in_find(p_email text, p_address text, p_account_limit integer, p_address_limit integer, p_window integer)
    RETURNS TABLE (throttled boolean, user_id uuid, password_hash text, audience text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    throttled := NOT app.throttle_try('sign-in:address:' || p_address, p_address_limit, p_window)
              OR NOT app.throttle_try('sign-in:account:' || lower(p_email), p_account_limit, p_window);
    IF NOT throttled THEN
        SELECT u.id, u.password_hash, CASE WHEN u.partner_id IS NULL THEN 'staff' ELSE 'partner' END
          INTO user_id, password_hash, audience
          FROM users u LEFT JOIN partners p ON p.id = u.partner_id
         WHERE lower(u.email) = lower(p_email) AND u.status = 'active' AND u.password_hash IS NOT NULL
           AND (p.id IS NULL OR p.status IN ('active', 'suspended'));
    END IF;
    RETURN NEXT;
END $$;

-- After the password was right: a new session (the old one of this browser, if any, ends) and a fresh hash where
-- the cost was raised. The account's failures are forgotten.
CREATE FUNCTION app.sign_in_finish(p_user uuid, p_token_hash text, p_old_token_hash text, p_absolute integer, p_address text,
        p_user_agent text, p_new_hash text, p_request text)
    RETURNS TABLE (session_id uuid) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('app.user', p_user::text, true), set_config('app.request', coalesce(p_request, ''), true);
    DELETE FROM sessions WHERE token_hash = decode(coalesce(p_old_token_hash, ''), 'hex');
    DELETE FROM sessions s WHERE s.user_id = p_user AND s.expires_at < now();
    UPDATE users SET last_sign_in_at = now(), password_hash = coalesce(p_new_hash, password_hash) WHERE id = p_user;
    DELETE FROM throttle USING users u WHERE u.id = p_user AND key = 'sign-in:account:' || lower(u.email);
    UPDATE throttle SET tries = greatest(tries - 1, 0) WHERE key = 'sign-in:address:' || p_address; -- only failures count
    INSERT INTO sessions (token_hash, user_id, address, user_agent, expires_at)
    VALUES (decode(p_token_hash, 'hex'), p_user, left(p_address, 64), left(p_user_agent, 512), now() + make_interval(secs => p_absolute))
    RETURNING id INTO session_id;
    PERFORM app.audit_write('session.open', p_user, (SELECT partner_id FROM users WHERE id = p_user), jsonb_build_object('address', p_address));
    RETURN NEXT;
END $$;

CREATE FUNCTION app.session_close(p_token_hash text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM sessions WHERE token_hash = decode(p_token_hash, 'hex')
$$;

-- Mailed one-time links. The mail is written here, in the same transaction, and only when there is an account; the
-- caller learns nothing either way.
CREATE FUNCTION app.reset_request(p_email text, p_address text, p_token_hash text, p_subject text, p_body text, p_limit integer, p_window integer)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE target uuid; address text;
BEGIN
    IF NOT app.throttle_try('reset:address:' || p_address, p_limit * 5, p_window) OR NOT app.throttle_try('reset:account:' || lower(p_email), p_limit, p_window) THEN
        RETURN;
    END IF;
    SELECT u.id, u.email INTO target, address FROM users u LEFT JOIN partners p ON p.id = u.partner_id
     WHERE lower(u.email) = lower(p_email) AND u.status = 'active' AND (p.id IS NULL OR p.status IN ('active', 'suspended'));
    IF target IS NULL THEN
        RETURN;
    END IF;
    DELETE FROM one_time_links WHERE user_id = target AND purpose = 'reset';
    INSERT INTO one_time_links VALUES (decode(p_token_hash, 'hex'), target, 'reset', now(), now() + interval '1 hour');
    INSERT INTO outbox (template, recipient, subject, body) VALUES ('reset', address, p_subject, p_body);
END $$;

-- Invites a user that the caller may see (policies decide), or invites again.
CREATE FUNCTION app.invite(p_user uuid, p_token_hash text, p_subject text, p_body text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE target users;
BEGIN
    SELECT * INTO target FROM users u WHERE u.id = p_user AND u.status = 'invited'
       AND CASE WHEN u.partner_id IS NULL THEN app.can('staff:write')
                ELSE app.can('partners:write') OR (u.partner_id = app.partner() AND app.can('team:write')) END;
    IF target.id IS NULL THEN
        RAISE EXCEPTION 'There is no open invitation for this person.' USING ERRCODE = 'TS404';
    END IF;
    DELETE FROM one_time_links WHERE user_id = p_user AND purpose = 'invitation';
    INSERT INTO one_time_links VALUES (decode(p_token_hash, 'hex'), p_user, 'invitation', now(), now() + interval '7 days');
    INSERT INTO outbox (template, recipient, subject, body) VALUES ('invitation', target.email, p_subject, p_body);
    PERFORM app.audit_write('users.invite', p_user, target.partner_id, '{}');
END $$;

-- Whom a living link is for; no row when it is used up, expired or never was.
CREATE FUNCTION app.link_find(p_token_hash text, p_purpose text)
    RETURNS TABLE (user_name text, user_email text, partner_name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.name, u.email, p.name FROM one_time_links l JOIN users u ON u.id = l.user_id LEFT JOIN partners p ON p.id = u.partner_id
     WHERE l.token_hash = decode(p_token_hash, 'hex') AND l.purpose = p_purpose AND l.expires_at > now() AND u.status <> 'disabled'
$$;

-- Uses a link up: sets the password, makes an invited user active, ends every session. One row with the user
-- when it worked.
CREATE FUNCTION app.link_use(p_token_hash text, p_purpose text, p_password_hash text, p_name text, p_request text)
    RETURNS TABLE (user_id uuid, audience text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE target uuid;
BEGIN
    DELETE FROM one_time_links l USING users u
     WHERE l.token_hash = decode(p_token_hash, 'hex') AND l.purpose = p_purpose AND l.expires_at > now()
       AND u.id = l.user_id AND u.status <> 'disabled' RETURNING l.user_id INTO target;
    IF target IS NULL THEN
        RETURN;
    END IF;
    -- whoever else is signed in in this browser has no part in it: the link is what allows the change
    PERFORM set_config('app.request', coalesce(p_request, ''), true), set_config('app.user', '', true);
    UPDATE users u SET password_hash = p_password_hash, name = coalesce(p_name, u.name), status = 'active', updated_at = now() WHERE id = target;
    DELETE FROM sessions s WHERE s.user_id = target;
    DELETE FROM one_time_links l WHERE l.user_id = target;
    PERFORM set_config('app.user', target::text, true);
    PERFORM app.audit_write('users.password', target, (SELECT u.partner_id FROM users u WHERE u.id = target), jsonb_build_object('by', p_purpose));
    RETURN QUERY SELECT u.id, CASE WHEN u.partner_id IS NULL THEN 'staff' ELSE 'partner' END FROM users u WHERE u.id = target;
END $$;

-- The signed-in user's own hash, for changing the password; and the change, which ends all other sessions.
CREATE FUNCTION app.own_password() RETURNS TABLE (password_hash text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.password_hash FROM users u WHERE u.id = app.user_id()
$$;
CREATE FUNCTION app.own_password_set(p_password_hash text, p_token_hash text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE users SET password_hash = p_password_hash, updated_at = now() WHERE id = app.user_id();
    DELETE FROM sessions WHERE user_id = app.user_id() AND token_hash <> decode(p_token_hash, 'hex');
    PERFORM app.audit_write('users.password', app.user_id(), app.partner(), jsonb_build_object('by', 'owner of the account'));
END $$;

GRANT EXECUTE ON FUNCTION app.sign_in_find(text, text, integer, integer, integer),
    app.sign_in_finish(uuid, text, text, integer, text, text, text, text), app.session_close(text),
    app.reset_request(text, text, text, text, text, integer, integer), app.link_find(text, text),
    app.link_use(text, text, text, text, text) TO tessera_visitor, tessera_partner, tessera_staff;
GRANT EXECUTE ON FUNCTION app.invite(uuid, text, text, text), app.own_password(), app.own_password_set(text, text) TO tessera_partner, tessera_staff;
