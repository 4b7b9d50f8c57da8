-- How promising a lead is: 0 to 100, with reasons, for staff alone. docs/scoring.md says by what.
--
-- A row of lead_scores is stale when its lead came or changed; the job scores.make judges stale ones in portions, by the
-- model in force or by the rule. Partners have no grant on any of this, and pages of theirs are told nothing.

CREATE TABLE score_models ( -- what `tessera score train` has learned, each time
    version    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    leads      integer NOT NULL, -- closed ones that it learned from
    held_out   integer NOT NULL, -- newer ones that it was tried on
    auc        numeric(6,5) NOT NULL CHECK (auc BETWEEN 0 AND 1), -- its own, on those
    rule_auc   numeric(6,5) NOT NULL CHECK (rule_auc BETWEEN 0 AND 1), -- the rule's, on the same
    weights    jsonb NOT NULL, -- {"bias": number, code of a level: number, …}
    in_force   boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX score_models_in_force ON score_models (in_force) WHERE in_force;

CREATE TABLE lead_scores (
    lead_id   uuid PRIMARY KEY REFERENCES leads ON DELETE CASCADE,
    stale     boolean NOT NULL DEFAULT true,
    score     integer CHECK (score BETWEEN 0 AND 100), -- NULL: not judged yet
    reasons   jsonb NOT NULL DEFAULT '[]', -- [{code, points, most}], as src/domain/scoring/score_rules.h has them
    model     integer REFERENCES score_models, -- NULL: the rule
    scored_at timestamptz
);
CREATE INDEX lead_scores_stale_idx ON lead_scores (lead_id) WHERE stale;

CALL app.protect('score_models', 'lead_scores');
GRANT SELECT ON score_models, lead_scores TO tessera_staff;
CREATE POLICY staff_read ON score_models FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));
CREATE POLICY staff_read ON lead_scores FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));

-- The page of a lead serves both sides: no row for anybody but staff.
DROP FUNCTION app.lead_staff_facts(uuid);
CREATE FUNCTION app.lead_staff_facts(p_lead uuid)
    RETURNS TABLE (score integer, model integer, scored_at timestamptz, temperature text, staff_notes text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT s.score, s.model, s.scored_at, l.temperature, l.staff_notes FROM leads l LEFT JOIN lead_scores s ON s.lead_id = l.id
     WHERE l.id = p_lead AND app.user_id() IS NOT NULL AND app.partner() IS NULL AND app.can('leads:read')
$$;
CREATE FUNCTION app.lead_staff_reasons(p_lead uuid) RETURNS TABLE (code text, points integer, most integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT 'score.' || r.code, r.points, r.most FROM lead_scores s, jsonb_to_recordset(s.reasons) AS r(code text, points integer, most integer)
     WHERE s.lead_id = p_lead AND app.user_id() IS NOT NULL AND app.partner() IS NULL AND app.can('leads:read')
     ORDER BY r.points DESC, r.most, r.code
$$;
GRANT EXECUTE ON FUNCTION app.lead_staff_facts(uuid), app.lead_staff_reasons(uuid) TO tessera_partner, tessera_staff;

-- ── What makes a score stale ─────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION app.leads_score() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO lead_scores (lead_id) SELECT id FROM new_rows;
    ELSE
        INSERT INTO lead_scores AS s (lead_id)
        SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id
         WHERE (n.client_email IS NULL, n.client_phone IS NULL, n.budget_min, n.budget_max, n.financing, n.move_in_on, n.property_type, n.locations,
                n.bedrooms, n.size_min, n.description, n.source, n.partner_id)
               IS DISTINCT FROM (o.client_email IS NULL, o.client_phone IS NULL, o.budget_min, o.budget_max, o.financing, o.move_in_on,
                o.property_type, o.locations, o.bedrooms, o.size_min, o.description, o.source, o.partner_id)
        ON CONFLICT (lead_id) DO UPDATE SET stale = true;
    END IF;
    IF FOUND THEN
        PERFORM app.job_add('scores.make', '{}', now(), 'scores.make', 8);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER score_insert AFTER INSERT ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_score();
CREATE TRIGGER score_update AFTER UPDATE ON leads REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_score();

-- ── Judging ──────────────────────────────────────────────────────────────────────────────────────────────

-- What a lead is judged by: what was known of it before it was decided. The estimated value is not, because winning
-- writes the deal's value there; nor is the stage. The partner's record ends on the day before the lead came.
CREATE FUNCTION app.score_facts(p_leads uuid[])
    RETURNS TABLE (lead_id uuid, email boolean, phone boolean, budgets integer, financing text, move_in_days integer, wishes integer, letters integer,
        source text, partner_won bigint, partner_closed bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT l.id, l.client_email IS NOT NULL, l.client_phone IS NOT NULL, num_nonnulls(l.budget_min, l.budget_max), l.financing,
           l.move_in_on - (l.created_at AT TIME ZONE 'UTC')::date, num_nonnulls(l.property_type, l.locations, coalesce(l.bedrooms, l.size_min)),
           length(l.description), l.source, coalesce(r.won, 0), coalesce(r.won + r.lost, 0)
      FROM leads l, LATERAL (SELECT sum(d.won)::bigint AS won, sum(d.lost)::bigint AS lost FROM rollup_day d
                              WHERE d.scope = l.partner_id AND d.day < (l.created_at AT TIME ZONE 'UTC')::date) AS r
     WHERE l.id = ANY (p_leads)
$$;
-- The next portion of stale ones, held until the transaction ends.
CREATE FUNCTION app.scores_next(p_limit integer)
    RETURNS TABLE (lead_id uuid, email boolean, phone boolean, budgets integer, financing text, move_in_days integer, wishes integer, letters integer,
        source text, partner_won bigint, partner_closed bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN QUERY SELECT f.* FROM app.score_facts(ARRAY(
        SELECT s.lead_id FROM lead_scores s WHERE s.stale ORDER BY s.lead_id LIMIT p_limit FOR UPDATE SKIP LOCKED)) AS f;
END $$;
CREATE FUNCTION app.score_model() RETURNS TABLE (version integer, weights jsonb) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT version, weights FROM score_models WHERE in_force $$;
-- Keeps a portion; goes on while there are stale ones.
CREATE FUNCTION app.scores_keep(p_scores jsonb, p_model integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE lead_scores s SET stale = false, score = k.score, reasons = k.reasons, model = p_model, scored_at = now()
      FROM jsonb_to_recordset(p_scores) AS k(lead uuid, score integer, reasons jsonb) WHERE s.lead_id = k.lead;
    IF jsonb_array_length(p_scores) <= 10 THEN -- somebody has edited it, and may look at it; of a whole file nobody does
        PERFORM app.live('staff', 'leads', (k ->> 'lead')::uuid) FROM jsonb_array_elements(p_scores) AS k;
    END IF;
    IF EXISTS (SELECT FROM lead_scores WHERE stale) THEN
        PERFORM app.job_add('scores.make', '{}', now(), 'scores.make', 8);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.scores_next(integer), app.score_model(), app.scores_keep(jsonb, integer) TO tessera_jobs;

-- ── The operator's hand ──────────────────────────────────────────────────────────────────────────────────

-- That version, or with NULL the rule, judges from now on; open leads are judged again. False: there is no such version.
CREATE FUNCTION app.score_use(p_version integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF p_version IS NOT NULL AND NOT EXISTS (SELECT FROM public.score_models WHERE version = p_version) THEN
        RETURN false;
    END IF;
    UPDATE public.score_models SET in_force = false WHERE in_force;
    UPDATE public.score_models SET in_force = true WHERE version = p_version;
    INSERT INTO public.lead_scores AS s (lead_id) SELECT id FROM public.leads WHERE stage IN ('new', 'intake', 'qualified', 'active', 'dormant')
    ON CONFLICT (lead_id) DO UPDATE SET stale = true;
    PERFORM app.job_add('scores.make', '{}', now(), 'scores.make', 8);
    RETURN true;
END $$;
