-- Finding anything from anywhere, lists as people like to see them, and what is done with many leads at once.

-- ── Search ───────────────────────────────────────────────────────────────────────────────────────────────
-- A function looks into the indexes with the owner's rights and within the bounds of the policies (LIKE is not leakproof, so
-- that a policy about a row's partner keeps it from them) and tells ids alone: what stands there is then read through the
-- reader's own eyes. Nothing is said about what the reader may not see, not even how much of it there is.

CREATE INDEX leads_begin_idx ON leads (left(search, 24) text_pattern_ops); -- search begins with the name
CREATE INDEX users_search_idx ON users USING gin (lower(name || ' ' || email) gin_trgm_ops);

-- A pattern that finds what begins with this.
CREATE FUNCTION app.prefix_pattern(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT replace(replace(replace(lower(p_text), '\', '\\'), '%', '\%'), '_', '\_') || '%' $$;
-- One that finds it anywhere; what is too short for a trigram, at the beginning of a word.
CREATE FUNCTION app.find_pattern(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN length(p_text) < 3 THEN '% ' || app.prefix_pattern(p_text) ELSE app.like_pattern(p_text) END $$;
-- The first words of it, six at most, each as a condition on a lead, joined by p_join. Of one or two letters there is no
-- trigram inside a word, but there is one at a word's beginning. p_letters: of each word only so many.
CREATE FUNCTION app.words_condition(p_text text, p_letters integer, p_join text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(CASE WHEN length(w) > 2 THEN format('l.search LIKE %L', app.like_pattern(w))
                           ELSE format('(l.search LIKE %L OR l.search LIKE %L)', '% ' || app.prefix_pattern(w), app.prefix_pattern(w)) END, p_join)
      FROM (SELECT left(w, p_letters) AS w FROM regexp_split_to_table(lower(btrim(p_text)), '\s+') AS w WHERE w <> '' LIMIT 6) AS words
$$;

-- Leads by name, mail, phone or wanted place, at most p_limit: first those whose name begins so, then those that have
-- every word somewhere, the name's words before other places; and where there is none at all, those whose name is spelt nearly so, of words that begin alike. How many
-- are looked at is bounded in each step. A partner's leads are mostly so few that they are read faster than an index of all.
CREATE FUNCTION app.lead_find(p_text text, p_limit integer) RETURNS TABLE (id uuid, place integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    typed text := lower(btrim(coalesce(p_text, '')));
    leads text := CASE WHEN app.partner() IS NULL THEN 'leads l' ELSE format('(SELECT id, client_name, search FROM leads WHERE partner_id = %L%s) AS l', app.partner(),
                           CASE WHEN (SELECT sum(r.leads) FROM rollup_stage r WHERE r.scope = app.partner()) <= 5000 THEN ' OFFSET 0' ELSE '' END) END;
    found uuid[];
    next uuid[];
BEGIN
    IF app.user_id() IS NULL OR NOT app.can('leads:read') OR typed = '' THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT array_agg(x.id) FROM (SELECT l.id FROM %s WHERE left(l.search, 24) LIKE %L ORDER BY left(l.search, 24) USING ~<~ LIMIT %s) AS x',
                   leads, app.prefix_pattern(left(typed, 24)), p_limit) INTO found;
    IF coalesce(cardinality(found), 0) < p_limit THEN
        EXECUTE format('SELECT array_agg(y.id ORDER BY y.begins DESC, y.inside DESC, y.id) FROM (SELECT x.id, '' '' || lower(x.client_name) LIKE %L AS begins,'
                       ' lower(x.client_name) LIKE %L AS inside FROM (SELECT l.id, l.client_name FROM %s WHERE %s LIMIT 400) AS x) AS y',
                       '% ' || app.prefix_pattern(typed), app.like_pattern(typed), leads, app.words_condition(typed, 100, ' AND ')) INTO next;
        found := found || ARRAY(SELECT n FROM unnest(next) WITH ORDINALITY AS u(n, o) WHERE found IS NULL OR n <> ALL (found) ORDER BY o);
    END IF;
    IF coalesce(cardinality(found), 0) = 0 AND length(typed) BETWEEN 4 AND 60 AND typed ~ '[[:alpha:]]' THEN
        FOR i IN 0 .. 1 LOOP -- all of its words, or any
            EXECUTE format('SELECT array_agg(y.id ORDER BY y.alike DESC, y.id) FROM (SELECT x.id, word_similarity(%L, x.client_name) AS alike'
                           '  FROM (SELECT l.id, l.client_name FROM %s WHERE %s LIMIT 200) AS x) AS y WHERE y.alike > 0.4',
                           typed, leads, app.words_condition(typed, 3, CASE i WHEN 0 THEN ' AND ' ELSE ' OR ' END)) INTO found;
            EXIT WHEN found IS NOT NULL;
        END LOOP;
    END IF;
    RETURN QUERY SELECT u.n, u.o::integer FROM unnest(found[1:p_limit]) WITH ORDINALITY AS u(n, o);
END $$;

-- Partners and people in the same way; of what very many are called the first thousand are looked at. Partners are staff's to
-- find; staff find everybody, a partner's people their colleagues.
CREATE FUNCTION app.partner_find(p_text text, p_limit integer) RETURNS TABLE (id uuid, place integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF p_text IS NULL OR app.user_id() IS NULL OR app.partner() IS NOT NULL OR NOT app.can('partners:read') THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT x.id, row_number() OVER (ORDER BY lower(x.name) LIKE %2$L DESC, x.name, x.id)::integer FROM (SELECT p.id, p.name FROM partners p'
        ' WHERE %1$s LIKE %2$L OR %1$s LIKE %3$L LIMIT 1000) AS x ORDER BY 2 LIMIT %4$s',
        'lower(p.name || '' '' || p.contact_name || '' '' || p.contact_email)', app.prefix_pattern(p_text), app.find_pattern(p_text), p_limit);
END $$;
CREATE FUNCTION app.person_find(p_text text, p_limit integer) RETURNS TABLE (id uuid, place integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF p_text IS NULL OR app.user_id() IS NULL OR NOT app.can(CASE WHEN app.partner() IS NULL THEN 'partners:read' ELSE 'team:read' END) THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT x.id, row_number() OVER (ORDER BY lower(x.name) LIKE %2$L DESC, x.name, x.id)::integer FROM (SELECT u.id, u.name FROM users u'
        ' WHERE (%1$s LIKE %2$L OR %1$s LIKE %3$L)%5$s LIMIT 1000) AS x ORDER BY 2 LIMIT %4$s',
        'lower(u.name || '' '' || u.email)', app.prefix_pattern(p_text), app.find_pattern(p_text), p_limit,
        CASE WHEN app.partner() IS NULL THEN '' ELSE format(' AND u.partner_id = %L', app.partner()) END);
END $$;
GRANT EXECUTE ON FUNCTION app.lead_find(text, integer), app.partner_find(text, integer), app.person_find(text, integer) TO tessera_partner, tessera_staff;

-- ── Saved views ──────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE lead_views ( -- a list of leads that somebody comes back to: a tab over the list
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    partner_id uuid REFERENCES partners ON DELETE CASCADE, -- whose team may see it when it is shared; NULL: staff
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    query      text NOT NULL CHECK (length(query) <= 2000), -- filters and sort as they stand in the address: "stage=won&sort=value_desc"
    columns    text[], -- NULL: those that each reader has chosen
    shared     boolean NOT NULL DEFAULT false,
    position   integer NOT NULL, -- among its owner's
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX lead_views_name ON lead_views (user_id, lower(name));
CREATE INDEX lead_views_shared_idx ON lead_views (partner_id) WHERE shared;

CREATE TABLE lead_list_choices ( -- how somebody likes the list of leads
    user_id      uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    columns      text[], -- which, in this order; NULL: the usual ones
    default_view uuid REFERENCES lead_views ON DELETE SET NULL -- shown where no other is asked for
);
CREATE INDEX lead_list_choices_view_idx ON lead_list_choices (default_view) WHERE default_view IS NOT NULL;

CALL app.protect('lead_views', 'lead_list_choices');
GRANT SELECT, DELETE ON lead_views TO tessera_partner, tessera_staff;
GRANT INSERT (user_id, partner_id, name, query, columns, shared, position), UPDATE (name, query, columns, shared, position) ON lead_views
    TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON lead_views FOR SELECT TO tessera_partner
    USING ((user_id = (SELECT app.user_id()) OR shared) AND partner_id = (SELECT app.partner()));
CREATE POLICY staff_read ON lead_views FOR SELECT TO tessera_staff
    USING ((user_id = (SELECT app.user_id()) OR shared) AND partner_id IS NULL AND (SELECT app.user_id()) IS NOT NULL);
-- One's own; sharing is for those who work on leads.
CREATE POLICY own_insert ON lead_views FOR INSERT TO tessera_partner, tessera_staff
    WITH CHECK (user_id = (SELECT app.user_id()) AND partner_id IS NOT DISTINCT FROM (SELECT app.partner())
                AND (SELECT app.can('leads:read')) AND (NOT shared OR (SELECT app.can('leads:write'))));
CREATE POLICY own_update ON lead_views FOR UPDATE TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()))
    WITH CHECK (user_id = (SELECT app.user_id()) AND partner_id IS NOT DISTINCT FROM (SELECT app.partner())
                AND (NOT shared OR (SELECT app.can('leads:write'))));
CREATE POLICY own_delete ON lead_views FOR DELETE TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON lead_list_choices TO tessera_partner, tessera_staff;
CREATE POLICY self ON lead_list_choices TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()));

-- A tab changes places with its neighbour.
CREATE FUNCTION app.lead_view_move(p_view uuid, p_up boolean) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    moved lead_views;
    other lead_views;
BEGIN
    SELECT * INTO moved FROM lead_views WHERE id = p_view AND user_id = app.user_id() FOR UPDATE;
    SELECT * INTO other FROM lead_views v WHERE v.user_id = moved.user_id AND v.id <> moved.id
       AND CASE WHEN p_up THEN (v.position, v.id) < (moved.position, moved.id) ELSE (v.position, v.id) > (moved.position, moved.id) END
     ORDER BY CASE WHEN p_up THEN -v.position ELSE v.position END LIMIT 1 FOR UPDATE;
    IF other.id IS NOT NULL THEN
        UPDATE lead_views SET position = CASE id WHEN moved.id THEN other.position ELSE moved.position END WHERE id IN (moved.id, other.id);
    END IF;
    RETURN moved.id IS NOT NULL;
END $$;
GRANT EXECUTE ON FUNCTION app.lead_view_move(uuid, boolean) TO tessera_partner, tessera_staff;

-- ── Many leads at once ───────────────────────────────────────────────────────────────────────────────────
-- A selection is made once and frozen as rows, each with the version that the lead had. Then it is said what is to be done;
-- each row that this cannot be done with gets its reason. When it runs, rows that changed meanwhile are left out. Undoing is
-- another action, which puts back what the first one found. A selection that nothing was done with goes after a day.

CREATE TABLE bulk_actions (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    partner_id  uuid REFERENCES partners ON DELETE CASCADE, -- whose people made it; NULL: staff
    action      text CHECK (action IN ('stage', 'source', 'undo')), -- NULL: not chosen yet
    value       text, -- the stage, the source
    reason      text,
    undo_of     uuid UNIQUE REFERENCES bulk_actions ON DELETE CASCADE,
    state       text NOT NULL DEFAULT 'chosen' CHECK (state IN ('chosen', 'running', 'finished')),
    total       integer NOT NULL DEFAULT 0, -- rows
    planned     integer NOT NULL DEFAULT 0, -- of those, what the action can be done with
    done        integer NOT NULL DEFAULT 0,
    changed     integer NOT NULL DEFAULT 0, -- left out because they had been changed meanwhile
    created_at  timestamptz NOT NULL DEFAULT now(),
    started_at  timestamptz,
    finished_at timestamptz,
    CONSTRAINT bulk_actions_action CHECK (state = 'chosen' OR action IS NOT NULL)
);
CREATE INDEX bulk_actions_user_idx ON bulk_actions (user_id, created_at DESC);
CREATE INDEX bulk_actions_stale_idx ON bulk_actions (created_at) WHERE state = 'chosen';

CREATE TABLE bulk_rows (
    bulk_id       uuid NOT NULL REFERENCES bulk_actions ON DELETE CASCADE,
    lead_id       uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    version       integer NOT NULL, -- of the lead when it was selected
    refusal       text, -- why nothing is done with it: a code of bulk_rules.h
    done          boolean NOT NULL DEFAULT false,
    -- as the action found it
    stage         text,
    stage_reason  text,
    stage_reason_code text,
    stage_at      timestamptz,
    closed_at     timestamptz,
    source        text,
    version_after integer, -- as it left it
    PRIMARY KEY (bulk_id, lead_id)
);
CREATE INDEX bulk_rows_lead_idx ON bulk_rows (lead_id);
CREATE INDEX bulk_rows_left_idx ON bulk_rows (bulk_id, lead_id) WHERE NOT done AND refusal IS NULL;

-- What an action writes into the history bears its number. Of each partner one line stands for all of it where history is
-- read across leads; bulk_size is how many leads of that partner it was, negative where they were put back.
ALTER TABLE lead_history
    ADD COLUMN bulk_id uuid DEFAULT nullif(current_setting('app.bulk', true), '')::uuid REFERENCES bulk_actions ON DELETE SET NULL,
    ADD COLUMN bulk_size integer;
CREATE INDEX lead_history_bulk_idx ON lead_history (bulk_id, partner_id) WHERE bulk_id IS NOT NULL;
DROP INDEX lead_history_partner_idx, lead_history_at_idx;
CREATE INDEX lead_history_partner_idx ON lead_history (partner_id, at DESC, id DESC) WHERE bulk_id IS NULL OR bulk_size IS NOT NULL;
CREATE INDEX lead_history_at_idx ON lead_history (at DESC, id DESC) WHERE bulk_id IS NULL OR bulk_size IS NOT NULL;

CALL app.protect('bulk_actions', 'bulk_rows');
GRANT SELECT ON bulk_actions, bulk_rows TO tessera_partner, tessera_staff;
GRANT INSERT (user_id, partner_id) ON bulk_actions TO tessera_partner, tessera_staff;
GRANT UPDATE (action, value, reason, total, planned) ON bulk_actions TO tessera_partner, tessera_staff;
GRANT INSERT (bulk_id, lead_id, version), UPDATE (refusal) ON bulk_rows TO tessera_partner, tessera_staff;
-- One's own until it ran; then colleagues may look at it, because the history names it.
CREATE POLICY partner_read ON bulk_actions FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (user_id = (SELECT app.user_id()) OR state <> 'chosen') AND (SELECT app.can('leads:read')));
CREATE POLICY staff_read ON bulk_actions FOR SELECT TO tessera_staff
    USING (partner_id IS NULL AND (user_id = (SELECT app.user_id()) OR state <> 'chosen') AND (SELECT app.can('leads:read')));
CREATE POLICY own_insert ON bulk_actions FOR INSERT TO tessera_partner, tessera_staff
    WITH CHECK (user_id = (SELECT app.user_id()) AND partner_id IS NOT DISTINCT FROM (SELECT app.partner()) AND (SELECT app.can('leads:read')));
CREATE POLICY own_update ON bulk_actions FOR UPDATE TO tessera_partner, tessera_staff
    USING (user_id = (SELECT app.user_id()) AND state = 'chosen' AND undo_of IS NULL);
CREATE POLICY in_action ON bulk_rows FOR SELECT TO tessera_partner, tessera_staff USING (bulk_id IN (SELECT a.id FROM bulk_actions a));
CREATE POLICY own_insert ON bulk_rows FOR INSERT TO tessera_partner, tessera_staff
    WITH CHECK (bulk_id IN (SELECT a.id FROM bulk_actions a WHERE a.user_id = (SELECT app.user_id()) AND a.state = 'chosen'));
CREATE POLICY own_update ON bulk_rows FOR UPDATE TO tessera_partner, tessera_staff
    USING (bulk_id IN (SELECT a.id FROM bulk_actions a WHERE a.user_id = (SELECT app.user_id()) AND a.state = 'chosen'));

-- Leads that are changed together are told of together.
INSERT INTO event_types (position, code, category, label, audience, permission, email, push, mandatory, urgent, ops) VALUES
    (16, 'lead.bulk', 'leads', 'Many leads were moved together', 'both', 'leads:read', 'digest', 'off', false, false, false);
DROP TRIGGER events_stage ON leads;
CREATE TRIGGER events_stage AFTER UPDATE OF stage ON leads FOR EACH ROW
    WHEN (OLD.stage <> NEW.stage AND coalesce(current_setting('app.bulk', true), '') = '') EXECUTE FUNCTION app.leads_events();

-- Whether the action that runs puts this lead back to that stage: it need not be a move that could be made otherwise.
CREATE FUNCTION app.bulk_puts_back(p_lead uuid, p_stage text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE bulk uuid := nullif(current_setting('app.bulk', true), '')::uuid;
BEGIN
    RETURN bulk IS NOT NULL AND EXISTS (
        SELECT FROM bulk_actions a JOIN bulk_rows r ON r.bulk_id = a.id AND r.lead_id = p_lead AND NOT r.done AND r.refusal IS NULL
          JOIN bulk_rows o ON o.bulk_id = a.undo_of AND o.lead_id = p_lead AND o.stage = p_stage
         WHERE a.id = bulk AND a.state = 'running');
END $$;
GRANT EXECUTE ON FUNCTION app.bulk_puts_back(uuid, text) TO tessera_partner, tessera_staff;
DROP TRIGGER move ON leads;
CREATE TRIGGER move BEFORE UPDATE OF stage ON leads FOR EACH ROW
    WHEN (OLD.stage <> NEW.stage AND NOT app.bulk_puts_back(OLD.id, NEW.stage)) EXECUTE FUNCTION app.leads_move();

-- The end: of each partner one line of history speaks for all of it, and its people hear of it once.
CREATE FUNCTION app.bulk_finish(p_bulk uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    a bulk_actions;
    of record;
BEGIN
    UPDATE bulk_actions SET state = 'finished', finished_at = now() WHERE id = p_bulk RETURNING * INTO a;
    UPDATE lead_history h SET bulk_size = CASE WHEN a.undo_of IS NULL THEN t.size ELSE -t.size END
      FROM (SELECT max(id) AS id, count(DISTINCT lead_id) AS size FROM lead_history WHERE bulk_id = p_bulk GROUP BY partner_id) AS t WHERE h.id = t.id;
    FOR of IN SELECT l.partner_id, count(*) AS leads FROM bulk_rows r JOIN leads l ON l.id = r.lead_id JOIN bulk_actions first ON first.id = coalesce(a.undo_of, a.id)
               WHERE r.bulk_id = p_bulk AND r.done AND first.action = 'stage' GROUP BY 1 ORDER BY 1 LOOP
        PERFORM app.event_add('lead.bulk', of.partner_id, NULL, a.id,
                    CASE WHEN a.undo_of IS NULL THEN '/leads?stage=' || a.value || '&sort=updated_desc' ELSE '/leads?sort=updated_desc' END,
                    jsonb_build_object('leads', of.leads, 'to', CASE WHEN a.undo_of IS NULL THEN a.value END));
    END LOOP;
END $$;

-- Does it with at most p_limit rows; true when there are more. What a row was is noted in the row, so that it can be put back.
CREATE FUNCTION app.bulk_portion(p_bulk uuid, p_limit integer) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    a bulk_actions;
    portion uuid[];
    may boolean;
    worked integer;
BEGIN
    SELECT * INTO a FROM bulk_actions WHERE id = p_bulk AND state = 'running' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    may := a.user_id = app.user_id() AND a.partner_id IS NOT DISTINCT FROM app.partner() AND app.can('leads:write');
    portion := ARRAY(SELECT lead_id FROM bulk_rows WHERE bulk_id = p_bulk AND NOT done AND refusal IS NULL ORDER BY lead_id LIMIT p_limit);
    PERFORM FROM leads WHERE id = ANY (portion) ORDER BY id FOR UPDATE;
    UPDATE bulk_rows r SET stage = l.stage, stage_reason = l.stage_reason, stage_reason_code = l.stage_reason_code, stage_at = l.stage_at, closed_at = l.closed_at, source = l.source,
           refusal = CASE WHEN NOT may OR (a.partner_id IS NOT NULL AND l.partner_id <> a.partner_id) THEN 'forbidden' WHEN l.version <> r.version THEN 'changed' END
      FROM leads l WHERE r.bulk_id = p_bulk AND r.lead_id = ANY (portion) AND l.id = r.lead_id;
    PERFORM set_config('app.bulk', p_bulk::text, true);
    IF a.action = 'stage' THEN
        UPDATE leads l SET stage = a.value, stage_reason = a.reason, stage_reason_code = NULL, stage_at = now(), closed_at = CASE WHEN a.value IN ('won', 'lost') THEN now() END,
               version = l.version + 1, updated_at = now()
          FROM bulk_rows r WHERE r.bulk_id = p_bulk AND r.lead_id = ANY (portion) AND r.refusal IS NULL AND l.id = r.lead_id;
    ELSIF a.action = 'source' THEN
        UPDATE leads l SET source = a.value, version = l.version + 1, updated_at = now()
          FROM bulk_rows r WHERE r.bulk_id = p_bulk AND r.lead_id = ANY (portion) AND r.refusal IS NULL AND l.id = r.lead_id;
    ELSE
        UPDATE leads l SET stage = o.stage, stage_reason = o.stage_reason, stage_reason_code = o.stage_reason_code, stage_at = o.stage_at, closed_at = o.closed_at, source = o.source,
               version = l.version + 1, updated_at = now()
          FROM bulk_rows r JOIN bulk_rows o ON o.bulk_id = a.undo_of AND o.lead_id = r.lead_id
         WHERE r.bulk_id = p_bulk AND r.lead_id = ANY (portion) AND r.refusal IS NULL AND l.id = r.lead_id;
    END IF;
    GET DIAGNOSTICS worked = ROW_COUNT;
    PERFORM set_config('app.bulk', '', true);
    UPDATE bulk_rows r SET done = true, version_after = l.version FROM leads l
     WHERE r.bulk_id = p_bulk AND r.lead_id = ANY (portion) AND r.refusal IS NULL AND l.id = r.lead_id;
    UPDATE bulk_actions SET done = done + worked, changed = changed + cardinality(portion) - worked WHERE id = p_bulk;
    IF EXISTS (SELECT FROM bulk_rows WHERE bulk_id = p_bulk AND NOT done AND refusal IS NULL) THEN
        RETURN true;
    END IF;
    PERFORM app.bulk_finish(p_bulk);
    RETURN false;
END $$;

-- Begins: few rows at once, more of them by the job daemon in portions, each a transaction of its own.
CREATE FUNCTION app.bulk_run(p_bulk uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE a bulk_actions;
BEGIN
    UPDATE bulk_actions SET state = 'running', started_at = now()
     WHERE id = p_bulk AND user_id = app.user_id() AND state = 'chosen' AND action IS NOT NULL AND app.can('leads:write') RETURNING * INTO a;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM app.audit_write('leads.bulk', p_bulk, a.partner_id, jsonb_build_object('action', a.action, 'value', a.value, 'leads', a.planned));
    IF a.planned > 200 THEN
        PERFORM app.job_add('lead.bulk', jsonb_build_object('bulk', p_bulk), now(), 'bulk:' || p_bulk, 4);
    ELSE
        PERFORM app.bulk_portion(p_bulk, 200);
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION app.bulk_work(p_bulk uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.session_as(user_id) FROM bulk_actions WHERE id = p_bulk;
    IF app.bulk_portion(p_bulk, 500) THEN
        PERFORM app.job_add('lead.bulk', jsonb_build_object('bulk', p_bulk), now(), 'bulk:' || p_bulk, 4);
    END IF;
END $$;

-- Puts back what an action of the caller's did within the last day; the new action's number, or NULL. Whoever reads this
-- may not have the right to move a lead back, but nothing is done that was not there before.
CREATE FUNCTION app.bulk_undo(p_bulk uuid) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    a bulk_actions;
    undo uuid;
BEGIN
    SELECT * INTO a FROM bulk_actions WHERE id = p_bulk AND user_id = app.user_id() AND state = 'finished' AND undo_of IS NULL AND done > 0
       AND finished_at > now() - interval '1 day' AND app.can('leads:write') FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM bulk_actions WHERE undo_of = p_bulk) THEN
        RETURN NULL;
    END IF;
    INSERT INTO bulk_actions (user_id, partner_id, action, undo_of, total, planned) VALUES (a.user_id, a.partner_id, 'undo', p_bulk, a.done, a.done) RETURNING id INTO undo;
    INSERT INTO bulk_rows (bulk_id, lead_id, version) SELECT undo, lead_id, version_after FROM bulk_rows WHERE bulk_id = p_bulk AND done;
    PERFORM app.bulk_run(undo);
    RETURN undo;
END $$;
-- Selections that were left lying, and what was done half a year ago.
CREATE FUNCTION app.bulk_housekeeping() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM bulk_actions WHERE state = 'chosen' AND created_at < now() - interval '1 day';
    DELETE FROM bulk_actions WHERE state = 'finished' AND finished_at < now() - interval '180 days';
$$;
GRANT EXECUTE ON FUNCTION app.bulk_run(uuid), app.bulk_undo(uuid) TO tessera_partner, tessera_staff;
GRANT EXECUTE ON FUNCTION app.bulk_work(uuid), app.bulk_housekeeping() TO tessera_jobs;
INSERT INTO job_schedules (name, kind, at) VALUES ('bulk.housekeeping', 'bulk.housekeeping', '03:20');
