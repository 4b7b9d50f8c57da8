-- Referral links (/links, /r/{code}), the clicks on them, public referral forms (/refer/{type}), what of all this a lead is
-- credited to, and drafts of leads.
--
-- A link belongs to a partner, and so does every figure about it. A lead is credited to one link at most, always one of
-- its own partner's; through which other links the client came is kept for staff.

-- ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE programme
    ADD COLUMN landing_sites text[] NOT NULL DEFAULT '{}', -- "https://www.company.example/homes": where links may lead, with all below
    ADD COLUMN attribution text NOT NULL DEFAULT 'last' CHECK (attribution IN ('last', 'first')); -- the click that a lead is credited to
GRANT UPDATE (landing_sites, attribution) ON programme TO tessera_staff;

CREATE TABLE consent_wordings ( -- what people agree to on a public form; a lead keeps which of them it was
    version integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body    text NOT NULL CHECK (length(body) BETWEEN 20 AND 2000),
    since   timestamptz NOT NULL DEFAULT now()
);
INSERT INTO consent_wordings (body) VALUES ('I agree that what I send here is kept and used to contact me about this request. '
    'If I write for somebody else, they have agreed to it. This can be taken back at any time.');
GRANT SELECT ON consent_wordings TO tessera_visitor, tessera_partner, tessera_staff;

-- A new wording is a new version; the old ones stay, because leads refer to them.
CREATE FUNCTION app.consent_wording_set(p_body text) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE newest consent_wordings;
BEGIN
    IF NOT app.can('settings:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    SELECT * INTO newest FROM consent_wordings ORDER BY version DESC LIMIT 1;
    IF newest.body IS DISTINCT FROM p_body THEN
        INSERT INTO consent_wordings (body) VALUES (p_body) RETURNING * INTO newest;
        PERFORM app.audit_write('consent.wording', NULL, NULL, jsonb_build_object('version', newest.version));
    END IF;
    RETURN newest.version;
END $$;
GRANT EXECUTE ON FUNCTION app.consent_wording_set(text) TO tessera_staff;

INSERT INTO role_permissions VALUES
    ('owner', 'links:read'), ('owner', 'links:write'), ('sales', 'links:read'), ('sales', 'links:write'), ('viewer', 'links:read'),
    ('agent', 'links:read'), ('agent', 'links:write'), ('support', 'links:read');

-- ── The programme's own desk ─────────────────────────────────────────────────────────────────────────────
-- Every lead has a partner. One that no partner brought belongs to the programme's own desk: a partner like others, without
-- people, commission or capacity. It is made when the first such lead comes.

ALTER TABLE partners
    ADD COLUMN is_house boolean NOT NULL DEFAULT false,
    ADD COLUMN name_public boolean NOT NULL DEFAULT false; -- public forms may say "referred by …"
CREATE UNIQUE INDEX partners_house_key ON partners (is_house) WHERE is_house;
GRANT SELECT (is_house, name_public), UPDATE (name_public) ON partners TO tessera_partner;

CREATE FUNCTION app.house_partner() RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE house uuid;
BEGIN
    FOR i IN 1 .. 2 LOOP
        SELECT id INTO house FROM partners WHERE is_house;
        EXIT WHEN house IS NOT NULL;
        INSERT INTO partners (name, type, region, commission_percent, capacity, currency, is_house)
        SELECT 'Programme desk' || CASE WHEN EXISTS (SELECT FROM partners WHERE name = 'Programme desk') THEN ' (own)' ELSE '' END,
               o.type, o.region, 0, 0, g.currency, true
          FROM programme g, partner_type_regions o JOIN regions r ON r.code = o.region JOIN partner_types t ON t.code = o.type
         ORDER BY r.currency = g.currency DESC, t.position, o.region LIMIT 1
        ON CONFLICT DO NOTHING -- somebody else made it at the same moment
        RETURNING id INTO house;
    END LOOP;
    RETURN house;
END $$;

CREATE FUNCTION app.house_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'This is the programme''s own desk: leads without a partner need it.' USING ERRCODE = 'TS422';
    END IF;
    NEW.status := 'active';
    NEW.is_house := true;
    RETURN NEW;
END $$;
CREATE TRIGGER house_guard BEFORE UPDATE OR DELETE ON partners FOR EACH ROW WHEN (OLD.is_house) EXECUTE FUNCTION app.house_guard();

CREATE FUNCTION app.house_has_no_people() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (SELECT FROM partners WHERE id = NEW.partner_id AND is_house) THEN
        RAISE EXCEPTION 'The programme''s own desk has no people of its own: invite them as staff.' USING ERRCODE = 'TS422';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER house_guard BEFORE INSERT OR UPDATE OF partner_id ON users FOR EACH ROW WHEN (NEW.partner_id IS NOT NULL)
    EXECUTE FUNCTION app.house_has_no_people();

-- ── Links ────────────────────────────────────────────────────────────────────────────────────────────────

-- A code without what is easily mistaken for something else (link_rules.c does the same): two codes with one skeleton
-- look alike, and only one of them may exist.
CREATE FUNCTION app.code_skeleton(p_code text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT replace(replace(translate(p_code, '01i258-', 'ollzsb'), 'rn', 'm'), 'vv', 'w') $$;
GRANT EXECUTE ON FUNCTION app.code_skeleton(text) TO tessera_partner, tessera_staff; -- whoever writes a link

CREATE TABLE referral_links (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_id   uuid NOT NULL REFERENCES partners ON DELETE CASCADE,
    created_by   uuid REFERENCES users ON DELETE SET NULL,
    code         text NOT NULL CHECK (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(code) BETWEEN 3 AND 40), -- printed somewhere: never changes
    skeleton     text NOT NULL GENERATED ALWAYS AS (app.code_skeleton(code)) STORED,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    target       text NOT NULL CHECK (target IN ('programme', 'form', 'landing')),
    form_type    text REFERENCES partner_types, -- of the public form
    landing_url  text,
    landing_ok   boolean NOT NULL DEFAULT true, -- false: the site is no longer among the programme's; the link leads to the programme page
    destination  text NOT NULL CHECK (destination ~ '^[\x21-\x7e]+$' AND length(destination) <= 2000), -- target and UTM parameters, ready for a Location header
    utm_source   text, utm_medium text, utm_campaign text, utm_term text, utm_content text, utm_id text,
    utm_source_platform text, utm_creative_format text, utm_marketing_tactic text,
    archived_at  timestamptz,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT referral_links_code_key UNIQUE (code),
    CONSTRAINT referral_links_skeleton_key UNIQUE (skeleton),
    CONSTRAINT referral_links_target CHECK ((target = 'form') = (form_type IS NOT NULL) AND (target = 'landing') = (landing_url IS NOT NULL))
);
CREATE INDEX referral_links_created_idx ON referral_links (created_at, id);
CREATE INDEX referral_links_partner_created_idx ON referral_links (partner_id, created_at, id);

-- Every figure about links, for all time and by day (UTC). Visitors are counted by day: who comes back on another day
-- is one more, because nothing is kept by which they could be known again.
CREATE TABLE rollup_link ( -- a row for every link
    id         uuid PRIMARY KEY REFERENCES referral_links ON DELETE CASCADE,
    partner_id uuid NOT NULL,
    clicks     bigint NOT NULL DEFAULT 0, -- by people
    visitors   bigint NOT NULL DEFAULT 0,
    robots     bigint NOT NULL DEFAULT 0, -- and by whatever else asked
    leads      bigint NOT NULL DEFAULT 0,
    qualified  bigint NOT NULL DEFAULT 0, -- of these leads, ever
    won        bigint NOT NULL DEFAULT 0
);
CREATE INDEX rollup_link_clicks_idx ON rollup_link (clicks, id);
CREATE INDEX rollup_link_partner_clicks_idx ON rollup_link (partner_id, clicks, id);
CREATE INDEX rollup_link_leads_idx ON rollup_link (leads, id);
CREATE INDEX rollup_link_partner_leads_idx ON rollup_link (partner_id, leads, id);
CREATE TABLE rollup_link_day ( -- leads by the day they came on, whatever became of them later
    link_id    uuid NOT NULL REFERENCES referral_links ON DELETE CASCADE,
    day        date NOT NULL,
    partner_id uuid NOT NULL,
    clicks     bigint NOT NULL DEFAULT 0,
    visitors   bigint NOT NULL DEFAULT 0,
    robots     bigint NOT NULL DEFAULT 0,
    leads      bigint NOT NULL DEFAULT 0,
    qualified  bigint NOT NULL DEFAULT 0,
    won        bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (link_id, day)
);
CREATE TABLE rollup_link_money (
    link_id    uuid NOT NULL REFERENCES referral_links ON DELETE CASCADE,
    day        date NOT NULL,
    currency   text NOT NULL,
    partner_id uuid NOT NULL,
    value      numeric(20,2) NOT NULL, -- estimated value of the leads that came
    won_value  numeric(20,2) NOT NULL,
    PRIMARY KEY (link_id, day, currency)
);

-- Where links may lead: the portal itself, or one of the programme's landing sites and what lies below it.
CREATE FUNCTION app.landing_allowed(p_url text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT FROM programme g, unnest(g.landing_sites) AS site
                    WHERE p_url = site OR starts_with(p_url, site || '/') OR starts_with(p_url, site || '?') OR starts_with(p_url, site || '#'))
$$;
CREATE FUNCTION app.links_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.landing_ok := CASE WHEN NEW.target = 'landing' THEN app.landing_allowed(NEW.destination) ELSE NEW.destination ~ '^/([^/\\]|$)' END;
    IF NOT NEW.landing_ok THEN
        RAISE EXCEPTION 'Links may lead to the programme''s own sites only.' USING ERRCODE = 'TS422';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF target, destination ON referral_links FOR EACH ROW EXECUTE FUNCTION app.links_guard();

CREATE FUNCTION app.links_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO rollup_link (id, partner_id) SELECT id, partner_id FROM new_rows;
    RETURN NULL;
END $$;
CREATE TRIGGER counted AFTER INSERT ON referral_links REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.links_counted();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON referral_links FOR EACH ROW EXECUTE FUNCTION app.audit_row();

-- Links to a site that was taken off the list lead to the programme page from now on; to one that came back, there again.
CREATE FUNCTION app.landing_sites_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE referral_links SET landing_ok = NOT landing_ok
     WHERE target = 'landing' AND landing_ok <> app.landing_allowed(destination);
    RETURN NULL;
END $$;
CREATE TRIGGER landing_sites AFTER UPDATE ON programme FOR EACH ROW WHEN (OLD.landing_sites <> NEW.landing_sites)
    EXECUTE FUNCTION app.landing_sites_changed();

-- What a redirect needs: one read by an index. Whoever copies a code from paper and takes an l for a 1 arrives, too.
CREATE FUNCTION app.link_open(p_code text) RETURNS TABLE (id uuid, destination text, archived boolean, protection_days integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN QUERY SELECT l.id, CASE WHEN l.landing_ok THEN l.destination ELSE '/' END, l.archived_at IS NOT NULL,
                        (SELECT g.protection_days FROM programme g)
                   FROM referral_links l WHERE l.skeleton = app.code_skeleton(p_code);
END $$;
GRANT EXECUTE ON FUNCTION app.link_open(text) TO tessera_visitor;

-- ── Clicks ───────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE link_clicks ( -- kept for thirteen months; written in bundles by the workers, after the answers were sent
    id         uuid NOT NULL DEFAULT gen_random_uuid(),
    link_id    uuid NOT NULL REFERENCES referral_links ON DELETE CASCADE,
    partner_id uuid NOT NULL,
    at         timestamptz NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('person', 'robot', 'prefetch', 'check')),
    visitor    bytea NOT NULL CHECK (length(visitor) = 12), -- keyed hash of day, address and browser: the same for one day only
    referrer   text CHECK (referrer ~ '^[a-z0-9.:-]{1,80}$') -- host of the page with the link
);
CREATE INDEX link_clicks_at_idx ON link_clicks (at, id);
CREATE INDEX link_clicks_partner_idx ON link_clicks (partner_id, at, id);
CREATE INDEX link_clicks_link_idx ON link_clicks (link_id, at, id);
CREATE TABLE link_visitors ( -- who was counted today; older days are of no use
    link_id uuid NOT NULL REFERENCES referral_links ON DELETE CASCADE,
    day     date NOT NULL,
    visitor bytea NOT NULL,
    PRIMARY KEY (link_id, day, visitor)
);

-- Rows are written in the order of their keys, days before sums, so that transactions wait for each other instead of
-- deadlocking.
CREATE TYPE app.click_delta AS (link_id uuid, day date, partner_id uuid, clicks bigint, visitors bigint, robots bigint);
CREATE FUNCTION app.clicks_rollup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE deltas app.click_delta[];
BEGIN
    WITH fresh AS (
        INSERT INTO link_visitors AS v (link_id, day, visitor)
        SELECT DISTINCT link_id, (at AT TIME ZONE 'UTC')::date, visitor FROM new_rows WHERE kind = 'person' ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING RETURNING v.link_id, v.day)
    SELECT array_agg((c.link_id, c.day, c.partner_id, c.clicks, coalesce(f.visitors, 0), c.robots)::app.click_delta) INTO deltas
      FROM (SELECT link_id, (at AT TIME ZONE 'UTC')::date AS day, partner_id, count(*) FILTER (WHERE kind = 'person') AS clicks,
                   count(*) FILTER (WHERE kind <> 'person') AS robots FROM new_rows GROUP BY 1, 2, 3) AS c
      LEFT JOIN (SELECT link_id, day, count(*) AS visitors FROM fresh GROUP BY 1, 2) AS f USING (link_id, day);

    INSERT INTO rollup_link_day AS r (link_id, day, partner_id, clicks, visitors, robots)
    SELECT link_id, day, partner_id, clicks, visitors, robots FROM unnest(deltas) ORDER BY 1, 2
    ON CONFLICT (link_id, day) DO UPDATE SET clicks = r.clicks + excluded.clicks, visitors = r.visitors + excluded.visitors,
        robots = r.robots + excluded.robots;
    INSERT INTO rollup_link AS r (id, partner_id, clicks, visitors, robots)
    SELECT link_id, partner_id, sum(clicks), sum(visitors), sum(robots) FROM unnest(deltas) GROUP BY 1, 2 ORDER BY 1
    ON CONFLICT (id) DO UPDATE SET clicks = r.clicks + excluded.clicks, visitors = r.visitors + excluded.visitors, robots = r.robots + excluded.robots;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup AFTER INSERT ON link_clicks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.clicks_rollup();

-- A worker's bundle. p_at: seconds since 1970. What is lost when the machine loses power is what a worker may lose anyway.
CREATE FUNCTION app.clicks_add(p_links uuid[], p_at double precision[], p_kinds text[], p_visitors text[], p_referrers text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO link_clicks (link_id, partner_id, at, kind, visitor, referrer)
    SELECT l.id, l.partner_id, to_timestamp(c.at), c.kind, decode(c.visitor, 'hex'), c.referrer
      FROM unnest(p_links, p_at, p_kinds, p_visitors, p_referrers) AS c(link, at, kind, visitor, referrer)
      JOIN referral_links l ON l.id = c.link;
END $$;
GRANT EXECUTE ON FUNCTION app.clicks_add(uuid[], double precision[], text[], text[], text[]) TO tessera_visitor;

-- ── Leads and where they came from ───────────────────────────────────────────────────────────────────────

ALTER TABLE leads
    ADD COLUMN loan_stage text CHECK (loan_stage IN ('not_started', 'in_principle', 'applied', 'approved')),
    ADD COLUMN referred_by text, -- who sent it for the client, as they wrote on the public form
    ADD COLUMN utm_term text,
    ADD COLUMN utm_content text,
    ADD COLUMN consent_version integer REFERENCES consent_wordings; -- what the client agreed to on a public form
GRANT SELECT (loan_stage, referred_by, utm_term, utm_content, consent_version), INSERT (loan_stage), UPDATE (loan_stage) ON leads TO tessera_partner;

CREATE TABLE lead_attribution ( -- of leads that came through a public form; what they count for, as their own row has it now
    lead_id       uuid PRIMARY KEY REFERENCES leads ON DELETE CASCADE,
    partner_id    uuid NOT NULL, -- the lead's
    link_id       uuid REFERENCES referral_links ON DELETE SET NULL, -- credited: one of this partner's, or none
    first_link_id uuid REFERENCES referral_links ON DELETE SET NULL, -- the first and the last click within the protection
    first_at      timestamptz,                                       -- window, whosever link it was: for staff
    last_link_id  uuid REFERENCES referral_links ON DELETE SET NULL,
    last_at       timestamptz,
    day           date NOT NULL, -- on which the lead came, UTC
    currency      text NOT NULL,
    value         numeric(16,2) NOT NULL,
    qualified     boolean NOT NULL, -- was once, whatever became of it
    won           boolean NOT NULL
);
CREATE INDEX lead_attribution_link_idx ON lead_attribution (link_id, day, lead_id) WHERE link_id IS NOT NULL;
CREATE INDEX lead_attribution_first_idx ON lead_attribution (first_link_id) WHERE first_link_id IS NOT NULL;
CREATE INDEX lead_attribution_last_idx ON lead_attribution (last_link_id) WHERE last_link_id IS NOT NULL;

CREATE FUNCTION app.lead_is_qualified(p_stage text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT p_stage IN ('qualified', 'active', 'won') $$;

-- A lead that goes to another partner takes nothing along by which the first one could be known: staff keep it in their notes.
CREATE FUNCTION app.lead_changes_hands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE origin text := nullif(concat_ws(', ', NEW.referred_by, NEW.utm_source, NEW.utm_medium, NEW.utm_campaign, NEW.utm_term, NEW.utm_content), '');
BEGIN
    IF origin IS NOT NULL AND EXISTS (SELECT FROM lead_attribution WHERE lead_id = NEW.id) THEN
        NEW.staff_notes := concat_ws(E'\n', nullif(NEW.staff_notes, ''), 'Before it changed hands: ' || origin);
        NEW.referred_by := NULL;
        NEW.utm_source := NULL;
        NEW.utm_medium := NULL;
        NEW.utm_campaign := NULL;
        NEW.utm_term := NULL;
        NEW.utm_content := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER changes_hands BEFORE UPDATE OF partner_id ON leads FOR EACH ROW WHEN (OLD.partner_id <> NEW.partner_id)
    EXECUTE FUNCTION app.lead_changes_hands();
CREATE FUNCTION app.leads_attribution() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE lead_attribution a
       SET partner_id = n.partner_id, link_id = CASE WHEN n.partner_id = a.partner_id THEN a.link_id END,
           day = (n.created_at AT TIME ZONE 'UTC')::date, currency = n.currency, value = n.estimated_value,
           qualified = a.qualified OR app.lead_is_qualified(n.stage), won = n.stage = 'won'
      FROM new_rows n
     WHERE a.lead_id = n.id AND (a.partner_id, a.day, a.currency, a.value, a.qualified, a.won) IS DISTINCT FROM
           (n.partner_id, (n.created_at AT TIME ZONE 'UTC')::date, n.currency, n.estimated_value, a.qualified OR app.lead_is_qualified(n.stage), n.stage = 'won');
    RETURN NULL;
END $$;
CREATE TRIGGER attribution AFTER UPDATE ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_attribution();

-- Both halves of one change, as plus and minus one. A link that is being deleted takes its figures along.
CREATE TYPE app.credit_delta AS (sign integer, link_id uuid, day date, currency text, value numeric, qualified boolean, won boolean);
CREATE FUNCTION app.rollup_credits(deltas app.credit_delta[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO rollup_link_day AS r (link_id, day, partner_id, leads, qualified, won)
    SELECT l.id, d.day, l.partner_id, sum(sign), sum(sign * qualified::int), sum(sign * won::int)
      FROM unnest(deltas) AS d JOIN referral_links l ON l.id = d.link_id GROUP BY 1, 2, 3
    HAVING sum(sign) <> 0 OR sum(sign * qualified::int) <> 0 OR sum(sign * won::int) <> 0 ORDER BY 1, 2
    ON CONFLICT (link_id, day) DO UPDATE SET leads = r.leads + excluded.leads, qualified = r.qualified + excluded.qualified, won = r.won + excluded.won;
    INSERT INTO rollup_link_money AS r (link_id, day, currency, partner_id, value, won_value)
    SELECT l.id, d.day, d.currency, l.partner_id, sum(sign * value), sum(CASE WHEN won THEN sign * value ELSE 0 END)
      FROM unnest(deltas) AS d JOIN referral_links l ON l.id = d.link_id GROUP BY 1, 2, 3, 4
    HAVING sum(sign * value) <> 0 OR sum(CASE WHEN won THEN sign * value ELSE 0 END) <> 0 ORDER BY 1, 2, 3
    ON CONFLICT (link_id, day, currency) DO UPDATE SET value = r.value + excluded.value, won_value = r.won_value + excluded.won_value;
    INSERT INTO rollup_link AS r (id, partner_id, leads, qualified, won)
    SELECT l.id, l.partner_id, sum(sign), sum(sign * qualified::int), sum(sign * won::int)
      FROM unnest(deltas) AS d JOIN referral_links l ON l.id = d.link_id GROUP BY 1, 2
    HAVING sum(sign) <> 0 OR sum(sign * qualified::int) <> 0 OR sum(sign * won::int) <> 0 ORDER BY 1
    ON CONFLICT (id) DO UPDATE SET leads = r.leads + excluded.leads, qualified = r.qualified + excluded.qualified, won = r.won + excluded.won;
END $$;
CREATE FUNCTION app.attribution_rollup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE deltas app.credit_delta[] := '{}';
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT deltas || array_agg((-1, link_id, day, currency, value, qualified, won)::app.credit_delta) INTO deltas FROM old_rows WHERE link_id IS NOT NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT deltas || array_agg((1, link_id, day, currency, value, qualified, won)::app.credit_delta) INTO deltas FROM new_rows WHERE link_id IS NOT NULL;
    END IF;
    IF deltas <> '{}' THEN
        PERFORM app.rollup_credits(deltas);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_insert AFTER INSERT ON lead_attribution REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.attribution_rollup();
CREATE TRIGGER rollup_update AFTER UPDATE ON lead_attribution REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.attribution_rollup();
CREATE TRIGGER rollup_delete AFTER DELETE ON lead_attribution REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.attribution_rollup();

-- Through which links a lead came. A partner is told of its own links only: whose another one was is nobody's business.
CREATE FUNCTION app.lead_touches(p_lead uuid) RETURNS TABLE (kind text, at timestamptz, link_id uuid, link_name text, code text, partner_name text, credited boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.kind, t.at, l.id, l.name, l.code, CASE WHEN app.partner() IS NULL THEN p.name END, l.id IS NOT DISTINCT FROM a.link_id
      FROM lead_attribution a, LATERAL (VALUES ('first', a.first_link_id, a.first_at), ('last', a.last_link_id, a.last_at)) AS t(kind, link_id, at)
      JOIN referral_links l ON l.id = t.link_id JOIN partners p ON p.id = l.partner_id
     WHERE a.lead_id = p_lead AND app.user_id() IS NOT NULL AND app.can('leads:read')
       AND (app.partner() IS NULL OR (a.partner_id = app.partner() AND l.partner_id = app.partner()))
     ORDER BY t.at DESC, t.kind DESC
$$;
GRANT EXECUTE ON FUNCTION app.lead_touches(uuid) TO tessera_partner, tessera_staff;

-- The partner hears of a lead that came in without its people (app.refer_lead below); staff hear of every lead.
INSERT INTO event_types (position, code, category, label, audience, permission, email, push)
VALUES (16, 'lead.referred', 'leads', 'A client came by one of your links', 'partner', 'leads:read', 'now', 'now');

-- ── Public forms ─────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE public_submissions ( -- forms that were taken: the same one, sent again, is not taken twice
    nonce text PRIMARY KEY CHECK (length(nonce) <= 64),
    at    timestamptz NOT NULL DEFAULT now()
);

-- What a public form asks about the links that somebody came by: the one in the address (role 'code'), and the clicks
-- their cookie remembers. partner_name only where the partner wants to be named.
CREATE FUNCTION app.refer_links(p_code text, p_first uuid, p_last uuid)
    RETURNS TABLE (role text, link_id uuid, active boolean, partner_name text, currency text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT 'code', l.id, p.status = 'active', CASE WHEN p.name_public THEN p.name END, p.currency
      FROM referral_links l JOIN partners p ON p.id = l.partner_id WHERE l.skeleton = app.code_skeleton(p_code) AND l.archived_at IS NULL
     UNION ALL
    SELECT CASE WHEN l.id = p_last THEN 'last' ELSE 'first' END, l.id, p.status = 'active', CASE WHEN p.name_public THEN p.name END, p.currency
      FROM referral_links l JOIN partners p ON p.id = l.partner_id WHERE l.id IN (p_first, p_last)
$$;

-- Takes a lead from a public form. p_link: the link that it is credited to, or NULL for the programme's own desk. outcome:
-- 'taken', 'again' (this very form was taken already), 'throttled', 'wording' (it is another one by now).
CREATE FUNCTION app.refer_lead(p_nonce text, p_link uuid, p_first uuid, p_first_at timestamptz, p_last uuid, p_last_at timestamptz,
        p_address text, p_limit integer, p_consent integer, p_lead jsonb) RETURNS TABLE (outcome text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    link referral_links;
    owner partners;
    house uuid;
    added leads;
BEGIN
    outcome := 'taken';
    IF p_consent IS DISTINCT FROM (SELECT max(version) FROM consent_wordings) THEN
        outcome := 'wording';
    ELSIF NOT app.throttle_try('refer:' || p_address, p_limit, 3600) THEN
        outcome := 'throttled';
    ELSE
        INSERT INTO public_submissions (nonce) VALUES (p_nonce) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            outcome := 'again';
        END IF;
    END IF;
    IF outcome <> 'taken' THEN
        RETURN NEXT;
        RETURN;
    END IF;

    SELECT * INTO link FROM referral_links l WHERE l.id = p_link;
    SELECT * INTO owner FROM partners p WHERE p.id = link.partner_id AND p.status = 'active';
    IF owner.id IS NULL THEN
        link := NULL;
        house := app.house_partner(); -- maybe made just now, which one statement alone would not see
        SELECT * INTO owner FROM partners p WHERE p.id = house;
    END IF;
    INSERT INTO leads (partner_id, source, currency, client_name, client_email, client_phone, client_location, budget_min, budget_max,
                       financing, property_type, locations, bedrooms, move_in_on, loan_stage, description, referred_by,
                       utm_source, utm_medium, utm_campaign, utm_term, utm_content, consent_at, consent_version)
    SELECT owner.id, CASE WHEN link.id IS NULL THEN 'website' ELSE 'referral' END, owner.currency, x.client_name, x.client_email, x.client_phone,
           x.client_location, x.budget_min, x.budget_max, x.financing, x.property_type, x.locations, x.bedrooms, x.move_in_on, x.loan_stage,
           coalesce(x.description, ''), x.referred_by, coalesce(x.utm_source, link.utm_source), coalesce(x.utm_medium, link.utm_medium),
           coalesce(x.utm_campaign, link.utm_campaign), coalesce(x.utm_term, link.utm_term), coalesce(x.utm_content, link.utm_content),
           now(), p_consent
      FROM jsonb_to_record(p_lead) AS x(client_name text, client_email text, client_phone text, client_location text, budget_min numeric,
           budget_max numeric, financing text, property_type text, locations text, bedrooms integer, move_in_on date, loan_stage text,
           description text, referred_by text, utm_source text, utm_medium text, utm_campaign text, utm_term text, utm_content text)
    RETURNING * INTO added;
    INSERT INTO lead_attribution (lead_id, partner_id, link_id, first_link_id, first_at, last_link_id, last_at, day, currency, value, qualified, won)
    SELECT added.id, added.partner_id, link.id, f.id, CASE WHEN f.id IS NOT NULL THEN p_first_at END, l.id, CASE WHEN l.id IS NOT NULL THEN p_last_at END,
           (added.created_at AT TIME ZONE 'UTC')::date, added.currency, added.estimated_value, false, false
      FROM (SELECT) AS one LEFT JOIN referral_links f ON f.id = p_first LEFT JOIN referral_links l ON l.id = p_last;
    IF link.id IS NOT NULL THEN
        PERFORM app.event_add('lead.referred', owner.id, added.id, link.id, '/leads/' || added.id);
    END IF;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION app.refer_links(text, uuid, uuid),
    app.refer_lead(text, uuid, uuid, timestamptz, uuid, timestamptz, text, integer, integer, jsonb)
    TO tessera_visitor, tessera_partner, tessera_staff;

-- ── Who may read what ────────────────────────────────────────────────────────────────────────────────────

CALL app.protect('referral_links', 'link_clicks', 'link_visitors', 'rollup_link', 'rollup_link_day', 'rollup_link_money', 'lead_attribution', 'public_submissions');

GRANT SELECT, INSERT (partner_id, created_by, code, name, target, form_type, landing_url, destination, utm_source, utm_medium, utm_campaign,
    utm_term, utm_content, utm_id, utm_source_platform, utm_creative_format, utm_marketing_tactic),
    UPDATE (name, target, form_type, landing_url, destination, utm_source, utm_medium, utm_campaign, utm_term, utm_content, utm_id,
    utm_source_platform, utm_creative_format, utm_marketing_tactic, archived_at, version, updated_at) ON referral_links TO tessera_partner, tessera_staff;
GRANT SELECT (id, link_id, partner_id, at, kind, referrer) ON link_clicks TO tessera_partner, tessera_staff;
GRANT SELECT ON rollup_link, rollup_link_day, rollup_link_money TO tessera_partner, tessera_staff;
GRANT SELECT (lead_id, partner_id, link_id, day) ON lead_attribution TO tessera_partner, tessera_staff;

CREATE POLICY partner_read ON referral_links FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('links:read')));
CREATE POLICY partner_insert ON referral_links FOR INSERT TO tessera_partner
    WITH CHECK (partner_id = (SELECT app.partner()) AND created_by = (SELECT app.user_id()) AND (SELECT app.can('links:write')));
CREATE POLICY partner_update ON referral_links FOR UPDATE TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('links:write')));
CREATE POLICY staff_read ON referral_links FOR SELECT TO tessera_staff USING ((SELECT app.can('links:read')));
CREATE POLICY staff_insert ON referral_links FOR INSERT TO tessera_staff WITH CHECK ((SELECT app.can('links:write')));
CREATE POLICY staff_update ON referral_links FOR UPDATE TO tessera_staff USING ((SELECT app.can('links:write')));

CREATE POLICY partner_read ON link_clicks FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('links:read')));
CREATE POLICY staff_read ON link_clicks FOR SELECT TO tessera_staff USING ((SELECT app.can('links:read')));
CREATE POLICY partner_read ON rollup_link FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('links:read')));
CREATE POLICY staff_read ON rollup_link FOR SELECT TO tessera_staff USING ((SELECT app.can('links:read')));
CREATE POLICY partner_read ON rollup_link_day FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('links:read')));
CREATE POLICY staff_read ON rollup_link_day FOR SELECT TO tessera_staff USING ((SELECT app.can('links:read')));
CREATE POLICY partner_read ON rollup_link_money FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('links:read')));
CREATE POLICY staff_read ON rollup_link_money FOR SELECT TO tessera_staff USING ((SELECT app.can('links:read')));
CREATE POLICY partner_read ON lead_attribution FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')));
CREATE POLICY staff_read ON lead_attribution FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));

-- ── Recount ──────────────────────────────────────────────────────────────────────────────────────────────
-- Clicks are kept for thirteen months, so their days are compared for twelve. Leads are compared for all time, and what
-- they count for with their own rows.

CREATE VIEW app.rollup_clicks_recount AS
    SELECT link_id, (at AT TIME ZONE 'UTC')::date AS day, partner_id, count(*) FILTER (WHERE kind = 'person') AS clicks,
           count(DISTINCT visitor) FILTER (WHERE kind = 'person') AS visitors, count(*) FILTER (WHERE kind <> 'person') AS robots
      FROM link_clicks WHERE (at AT TIME ZONE 'UTC')::date >= current_date - 365 GROUP BY 1, 2, 3;
CREATE VIEW app.rollup_credits_recount AS
    SELECT a.link_id, (l.created_at AT TIME ZONE 'UTC')::date AS day, a.partner_id, count(*) AS leads,
           count(*) FILTER (WHERE a.qualified OR app.lead_is_qualified(l.stage)) AS qualified, count(*) FILTER (WHERE l.stage = 'won') AS won
      FROM lead_attribution a JOIN leads l ON l.id = a.lead_id WHERE a.link_id IS NOT NULL GROUP BY 1, 2, 3;
CREATE VIEW app.rollup_link_money_recount AS
    SELECT a.link_id, (l.created_at AT TIME ZONE 'UTC')::date AS day, l.currency, a.partner_id, sum(l.estimated_value) AS value,
           sum(CASE WHEN l.stage = 'won' THEN l.estimated_value ELSE 0 END) AS won_value
      FROM lead_attribution a JOIN leads l ON l.id = a.lead_id WHERE a.link_id IS NOT NULL GROUP BY 1, 2, 3, 4 HAVING sum(l.estimated_value) <> 0;

CREATE FUNCTION app.rollup_link_differences() RETURNS TABLE (rollup text, kept jsonb, counted jsonb) LANGUAGE sql
    SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
    SELECT 'link clicks', to_jsonb(k), to_jsonb(c)
      FROM (SELECT link_id, day, partner_id, clicks, visitors, robots FROM rollup_link_day
             WHERE day >= current_date - 365 AND (clicks, visitors, robots) IS DISTINCT FROM (0, 0, 0)) k
      FULL JOIN rollup_clicks_recount c USING (link_id, day)
     WHERE (k.partner_id, k.clicks, k.visitors, k.robots) IS DISTINCT FROM (c.partner_id, c.clicks, c.visitors, c.robots)
     UNION ALL
    SELECT 'link leads', to_jsonb(k), to_jsonb(c)
      FROM (SELECT link_id, day, partner_id, leads, qualified, won FROM rollup_link_day WHERE (leads, qualified, won) IS DISTINCT FROM (0, 0, 0)) k
      FULL JOIN rollup_credits_recount c USING (link_id, day)
     WHERE (k.partner_id, k.leads, k.qualified, k.won) IS DISTINCT FROM (c.partner_id, c.leads, c.qualified, c.won)
     UNION ALL
    SELECT 'link money', to_jsonb(k), to_jsonb(c) FROM (SELECT * FROM rollup_link_money WHERE (value, won_value) IS DISTINCT FROM (0, 0)) k
      FULL JOIN rollup_link_money_recount c USING (link_id, day, currency)
     WHERE (k.partner_id, k.value, k.won_value) IS DISTINCT FROM (c.partner_id, c.value, c.won_value)
     UNION ALL
    SELECT 'link sums', to_jsonb(k), to_jsonb(c) FROM (SELECT id, clicks, visitors, robots, leads, qualified, won FROM rollup_link) k
      FULL JOIN (SELECT l.id, coalesce(sum(d.clicks), 0) AS clicks, coalesce(sum(d.visitors), 0) AS visitors, coalesce(sum(d.robots), 0) AS robots,
                        coalesce(sum(d.leads), 0) AS leads, coalesce(sum(d.qualified), 0) AS qualified, coalesce(sum(d.won), 0) AS won
                   FROM referral_links l LEFT JOIN rollup_link_day d ON d.link_id = l.id GROUP BY 1) c USING (id)
     WHERE (k.clicks, k.visitors, k.robots, k.leads, k.qualified, k.won) IS DISTINCT FROM (c.clicks, c.visitors, c.robots, c.leads, c.qualified, c.won)
$$;
CREATE FUNCTION app.rollup_link_repair() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
BEGIN
    LOCK TABLE leads, lead_attribution, link_clicks, referral_links IN SHARE ROW EXCLUSIVE MODE;
    UPDATE lead_attribution a
       SET day = (l.created_at AT TIME ZONE 'UTC')::date, currency = l.currency, value = l.estimated_value,
           qualified = a.qualified OR app.lead_is_qualified(l.stage), won = l.stage = 'won'
      FROM leads l WHERE l.id = a.lead_id;
    UPDATE rollup_link_day SET leads = 0, qualified = 0, won = 0;
    UPDATE rollup_link_day SET clicks = 0, visitors = 0, robots = 0 WHERE day >= current_date - 365;
    INSERT INTO rollup_link_day AS r (link_id, day, partner_id, clicks, visitors, robots)
    SELECT link_id, day, partner_id, clicks, visitors, robots FROM rollup_clicks_recount
    ON CONFLICT (link_id, day) DO UPDATE SET partner_id = excluded.partner_id, clicks = excluded.clicks, visitors = excluded.visitors, robots = excluded.robots;
    INSERT INTO rollup_link_day AS r (link_id, day, partner_id, leads, qualified, won)
    SELECT link_id, day, partner_id, leads, qualified, won FROM rollup_credits_recount
    ON CONFLICT (link_id, day) DO UPDATE SET partner_id = excluded.partner_id, leads = excluded.leads, qualified = excluded.qualified, won = excluded.won;
    DELETE FROM rollup_link_money;
    INSERT INTO rollup_link_money SELECT link_id, day, currency, partner_id, value, won_value FROM rollup_link_money_recount;
    DELETE FROM rollup_link;
    INSERT INTO rollup_link (id, partner_id, clicks, visitors, robots, leads, qualified, won)
    SELECT l.id, l.partner_id, coalesce(sum(d.clicks), 0), coalesce(sum(d.visitors), 0), coalesce(sum(d.robots), 0),
           coalesce(sum(d.leads), 0), coalesce(sum(d.qualified), 0), coalesce(sum(d.won), 0)
      FROM referral_links l LEFT JOIN rollup_link_day d ON d.link_id = l.id GROUP BY 1;
END $$;

-- ── Drafts of leads ──────────────────────────────────────────────────────────────────────────────────────
-- What somebody has typed into the form of a new lead and not sent yet. The client has agreed to nothing so far, so this is nobody's
-- but theirs: no colleague and no staff reads it, no event, no audit and no export tells of it, and it goes when the lead is sent, when it
-- is discarded, when they sign out, and after a week.

CREATE TABLE lead_drafts (
    user_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id        uuid NOT NULL, -- of the form that was opened, so that two open forms are two drafts
    fields    jsonb NOT NULL CHECK (jsonb_typeof(fields) = 'object'),
    saved_at  timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz CHECK (closed_at IS NULL OR fields = '{}'), -- sent or discarded: what comes late is not kept any more
    PRIMARY KEY (user_id, id)
);
CREATE INDEX lead_drafts_saved_idx ON lead_drafts (saved_at);
CALL app.protect('lead_drafts');
GRANT SELECT, INSERT, UPDATE (fields, saved_at, closed_at), DELETE ON lead_drafts TO tessera_partner, tessera_staff;
CREATE POLICY own ON lead_drafts TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id())) WITH CHECK (user_id = (SELECT app.user_id()));

CREATE FUNCTION app.lead_drafts_limit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM lead_drafts WHERE user_id = NEW.user_id AND id IN (SELECT d.id FROM lead_drafts d WHERE d.user_id = NEW.user_id
                                                                    ORDER BY d.saved_at DESC, d.id OFFSET 20);
    RETURN NULL;
END $$;
CREATE TRIGGER no_more_than AFTER INSERT ON lead_drafts FOR EACH ROW EXECUTE FUNCTION app.lead_drafts_limit();

CREATE OR REPLACE FUNCTION app.session_close(p_token_hash text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH closed AS (DELETE FROM sessions WHERE token_hash = decode(p_token_hash, 'hex') RETURNING user_id)
    DELETE FROM lead_drafts WHERE user_id IN (SELECT user_id FROM closed)
$$;

-- ── Housekeeping ─────────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION app.links_tidy() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM link_clicks WHERE at < now() - interval '13 months';
    DELETE FROM link_visitors WHERE day < (now() AT TIME ZONE 'UTC')::date - 1;
    DELETE FROM public_submissions WHERE at < now() - interval '2 days';
    DELETE FROM lead_drafts WHERE saved_at < now() - interval '7 days';
$$;
GRANT EXECUTE ON FUNCTION app.links_tidy() TO tessera_jobs;
INSERT INTO job_schedules (name, kind, at, timezone, next_at) VALUES ('links.tidy', 'links.tidy', '03:40', NULL, now() + interval '1 hour');
