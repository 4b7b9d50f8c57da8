-- Nurture sequences: mails that a new client gets by themselves, step by step, until somebody works with them.
--
-- A sequence is meant for leads of a kind of partner and of a source. A lead that comes in while it is on is enrolled; each
-- step is a job of its own (nurture.step) that is due when the one before has gone out. Before a step is written the lead
-- is looked at again: a client who was won, lost, put to rest, opted out or does not want mail gets nothing more.

INSERT INTO role_permissions VALUES ('agent', 'sequences:read'), ('agent', 'sequences:write'), ('support', 'sequences:read');

CREATE TABLE sequences (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    partner_type text REFERENCES partner_types, -- whose leads; NULL: of any type
    source       text, -- where they came from; NULL: anywhere
    stop_stage   text NOT NULL DEFAULT 'active' CHECK (stop_stage IN ('intake', 'qualified', 'active', 'won')), -- ends once the lead has come so far
    enabled      boolean NOT NULL DEFAULT false, -- takes new leads; those in it go on
    version      integer NOT NULL DEFAULT 1,
    created_by   uuid REFERENCES users ON DELETE SET NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sequences_name_key UNIQUE (name)
);
CREATE TABLE sequence_steps (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sequence_id uuid NOT NULL REFERENCES sequences ON DELETE CASCADE,
    position    integer NOT NULL,
    wait_hours  integer NOT NULL CHECK (wait_hours BETWEEN 0 AND 8760), -- after the step before, or after the lead came
    subject     text NOT NULL CHECK (length(subject) BETWEEN 1 AND 150),
    body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 5000),
    UNIQUE (sequence_id, position) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE enrolments ( -- a lead in a sequence
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sequence_id uuid NOT NULL REFERENCES sequences ON DELETE CASCADE,
    lead_id     uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    partner_id  uuid NOT NULL REFERENCES partners ON DELETE CASCADE,
    written     uuid[] NOT NULL DEFAULT '{}', -- steps: whatever place they are moved to, nobody gets one twice
    sent        integer NOT NULL DEFAULT 0,
    next_at     timestamptz, -- NULL: it has ended
    ended_at    timestamptz,
    why         text CHECK (why IN ('finished', 'stage', 'declined', 'unsubscribed', 'no_consent', 'stopped')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (sequence_id, lead_id),
    CHECK ((ended_at IS NULL) = (next_at IS NOT NULL) AND (ended_at IS NULL) = (why IS NULL))
);
CREATE INDEX enrolments_lead_idx ON enrolments (lead_id);
CREATE INDEX enrolments_sequence_idx ON enrolments (sequence_id, created_at DESC);
CREATE TABLE rollup_sequence ( -- kept as enrolments change
    sequence_id uuid PRIMARY KEY REFERENCES sequences ON DELETE CASCADE,
    enrolled    bigint NOT NULL DEFAULT 0,
    running     bigint NOT NULL DEFAULT 0,
    mails       bigint NOT NULL DEFAULT 0
);
CALL app.protect('sequences', 'sequence_steps', 'enrolments', 'rollup_sequence');
GRANT SELECT, DELETE, INSERT (name, partner_type, source, stop_stage, created_by), UPDATE (name, partner_type, source, stop_stage, enabled, version, updated_at) ON sequences TO tessera_staff;
GRANT SELECT, DELETE, INSERT (sequence_id, position, wait_hours, subject, body), UPDATE (position, wait_hours, subject, body) ON sequence_steps TO tessera_staff;
GRANT SELECT ON enrolments, rollup_sequence TO tessera_staff;
CREATE POLICY staff_read ON sequences FOR SELECT TO tessera_staff USING ((SELECT app.can('sequences:read')) OR (SELECT app.can('leads:read')));
CREATE POLICY staff_write ON sequences TO tessera_staff USING ((SELECT app.can('sequences:write')));
CREATE POLICY staff_read ON sequence_steps FOR SELECT TO tessera_staff USING ((SELECT app.can('sequences:read')));
CREATE POLICY staff_write ON sequence_steps TO tessera_staff USING ((SELECT app.can('sequences:write')));
CREATE POLICY staff_read ON enrolments FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));
CREATE POLICY staff_read ON rollup_sequence FOR SELECT TO tessera_staff USING ((SELECT app.can('sequences:read')));
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON sequences FOR EACH ROW EXECUTE FUNCTION app.audit_row();

CREATE FUNCTION app.enrolments_rollup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rollup_sequence AS r SELECT sequence_id, count(*), count(*) FILTER (WHERE ended_at IS NULL), sum(sent) FROM new_rows GROUP BY 1
        ON CONFLICT (sequence_id) DO UPDATE SET enrolled = r.enrolled + excluded.enrolled, running = r.running + excluded.running, mails = r.mails + excluded.mails;
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE rollup_sequence r SET running = r.running + d.running, mails = r.mails + d.mails
          FROM (SELECT n.sequence_id, sum((n.ended_at IS NULL)::integer - (o.ended_at IS NULL)::integer) AS running, sum(n.sent - o.sent) AS mails
                  FROM new_rows n JOIN old_rows o USING (id) GROUP BY 1) AS d WHERE r.sequence_id = d.sequence_id;
    ELSE
        UPDATE rollup_sequence r SET enrolled = r.enrolled - d.enrolled, running = r.running - d.running, mails = r.mails - d.mails
          FROM (SELECT sequence_id, count(*) AS enrolled, count(*) FILTER (WHERE ended_at IS NULL) AS running, sum(sent) AS mails FROM old_rows GROUP BY 1) AS d
         WHERE r.sequence_id = d.sequence_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_insert AFTER INSERT ON enrolments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.enrolments_rollup();
CREATE TRIGGER rollup_update AFTER UPDATE ON enrolments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.enrolments_rollup();
CREATE TRIGGER rollup_delete AFTER DELETE ON enrolments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.enrolments_rollup();

-- ── Going in ─────────────────────────────────────────────────────────────────────────────────────────────
-- Of the sequences that fit, the closest one: made for the type before made for all, then for the source.

CREATE FUNCTION app.leads_enrol() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE e record;
BEGIN
    FOR e IN
        INSERT INTO enrolments (sequence_id, lead_id, partner_id, next_at)
        SELECT s.id, l.id, l.partner_id, now() + make_interval(hours => f.wait_hours)
          FROM new_rows l JOIN partners p ON p.id = l.partner_id,
               LATERAL (SELECT q.id FROM sequences q WHERE q.enabled AND (q.partner_type IS NULL OR q.partner_type = p.type) AND (q.source IS NULL OR q.source = l.source)
                         ORDER BY q.partner_type IS NULL, q.source IS NULL, q.created_at, q.id LIMIT 1) AS s,
               LATERAL (SELECT t.wait_hours FROM sequence_steps t WHERE t.sequence_id = s.id ORDER BY t.position LIMIT 1) AS f
         WHERE l.client_email IS NOT NULL AND l.consent_at IS NOT NULL AND l.stage = 'new'
        RETURNING id, next_at
    LOOP
        PERFORM app.job_add('nurture.step', jsonb_build_object('enrolment', e.id), e.next_at, 'nurture:' || e.id, 7);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER events_enrol AFTER INSERT ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_enrol();

-- ── Step by step ─────────────────────────────────────────────────────────────────────────────────────────

-- What a step says to this client. {{client}}, {{partner}} and {{programme}} are the only names there are; they are
-- replaced in one pass, so that what a name holds is never read as one.
CREATE FUNCTION app.nurture_text(p_text text, p_client text, p_partner text, p_programme text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, public AS $$
    SELECT string_agg(CASE lower(regexp_replace(part[2], '\s', '', 'g')) WHEN 'client' THEN part[1] || p_client WHEN 'partner' THEN part[1] || p_partner
                           WHEN 'programme' THEN part[1] || p_programme ELSE part[1] || coalesce('{{' || part[2] || '}}', '') END, '' ORDER BY n)
      FROM regexp_matches(p_text, '(.*?)(?:\{\{\s*([a-z]+)\s*\}\}|$)', 'g') WITH ORDINALITY AS m(part, n)
$$;
GRANT EXECUTE ON FUNCTION app.nurture_text(text, text, text, text) TO tessera_staff;

-- Why this client must not get the next mail; NULL: they may.
CREATE FUNCTION app.nurture_stop(p_lead leads, p_stop_stage text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT CASE WHEN p_lead.stage = 'declined' THEN 'declined'
                WHEN p_lead.stage IN ('lost', 'dormant', 'won')
                  OR array_position(ARRAY['new', 'intake', 'qualified', 'active', 'won'], p_lead.stage)
                  >= array_position(ARRAY['new', 'intake', 'qualified', 'active', 'won'], p_stop_stage) THEN 'stage'
                WHEN p_lead.client_email IS NULL OR p_lead.consent_at IS NULL THEN 'no_consent'
                WHEN EXISTS (SELECT FROM suppressions x WHERE x.channel = 'email' AND x.address = lower(p_lead.client_email)) THEN 'unsubscribed' END
$$;

-- Whether a step that was written and waits (the mail server may be away for hours) is not to leave any more: what would have
-- kept it from being written has happened since, the lead is gone, or its client has another address.
CREATE FUNCTION app.nurture_recalled(p_enrolment uuid, p_recipient text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT NOT EXISTS (SELECT FROM enrolments e JOIN leads l ON l.id = e.lead_id JOIN sequences s ON s.id = e.sequence_id
                        WHERE e.id = p_enrolment AND coalesce(e.why, 'finished') = 'finished' AND lower(l.client_email) = lower(p_recipient)
                          AND app.nurture_stop(l, s.stop_stage) IS NULL)
$$;

CREATE FUNCTION app.nurture_step(p_enrolment uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    e enrolments;
    l leads;
    s sequences;
    t sequence_steps;
    after sequence_steps;
    stop text;
    due timestamptz;
BEGIN
    SELECT * INTO e FROM enrolments WHERE id = p_enrolment FOR UPDATE;
    IF e.id IS NULL OR e.next_at IS NULL THEN
        RETURN; -- it has ended meanwhile
    END IF;
    IF e.next_at > now() THEN -- it was put off meanwhile
        PERFORM app.job_add('nurture.step', jsonb_build_object('enrolment', e.id), e.next_at, 'nurture:' || e.id, 7);
        RETURN;
    END IF;
    SELECT * INTO l FROM leads WHERE id = e.lead_id;
    SELECT * INTO s FROM sequences WHERE id = e.sequence_id;
    SELECT * INTO t FROM sequence_steps WHERE sequence_id = s.id AND id <> ALL (e.written) ORDER BY position LIMIT 1;
    stop := coalesce(app.nurture_stop(l, s.stop_stage), CASE WHEN t.id IS NULL THEN 'finished' END);
    IF stop IS NULL THEN
        INSERT INTO outbox (template, recipient, subject, body, data, category, thread)
        SELECT 'nurture', l.client_email, app.nurture_text(t.subject, l.client_name, p.name, g.name), app.nurture_text(t.body, l.client_name, p.name, g.name),
               jsonb_build_object('enrolment', e.id, 'step', t.id), 'nurture', 'nurture-' || e.id
          FROM partners p, programme g WHERE p.id = l.partner_id;
        e.written := e.written || t.id;
        SELECT * INTO after FROM sequence_steps WHERE sequence_id = s.id AND id <> ALL (e.written) ORDER BY position LIMIT 1;
        due := now() + make_interval(hours => after.wait_hours);
        stop := CASE WHEN after.id IS NULL THEN 'finished' END;
    END IF;
    UPDATE enrolments SET written = e.written, sent = sent + CASE WHEN due IS NOT NULL OR (stop = 'finished' AND t.id IS NOT NULL) THEN 1 ELSE 0 END,
           next_at = due, ended_at = CASE WHEN due IS NULL THEN now() END, why = stop WHERE id = e.id;
    IF due IS NOT NULL THEN
        PERFORM app.job_add('nurture.step', jsonb_build_object('enrolment', e.id), due, 'nurture:' || e.id, 7);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.nurture_step(uuid) TO tessera_jobs;

-- Staff end it for one lead; true when it was running. Mail that waits is called back.
CREATE FUNCTION app.nurture_end(p_lead uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE ended boolean;
BEGIN
    IF app.user_id() IS NULL OR app.partner() IS NOT NULL OR NOT app.can('leads:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    UPDATE outbox o SET state = 'cancelled', error = 'The sequence was ended.', body = ''
      FROM enrolments e WHERE e.lead_id = p_lead AND o.thread = 'nurture-' || e.id AND o.state = 'waiting';
    UPDATE enrolments SET next_at = NULL, ended_at = now(), why = 'stopped' WHERE lead_id = p_lead AND ended_at IS NULL;
    ended := FOUND;
    DELETE FROM jobs j USING enrolments e WHERE e.lead_id = p_lead AND j.key = 'nurture:' || e.id AND j.state = 'ready';
    RETURN ended;
END $$;
-- A step as its author's own client would get it, to the author.
CREATE FUNCTION app.nurture_try(p_step uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT app.can('sequences:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    IF NOT app.throttle_try('nurture-try:' || app.user_id(), 30, 3600) THEN
        RAISE EXCEPTION 'That were many test mails within an hour. Wait a little before the next one.' USING ERRCODE = 'TS429';
    END IF;
    INSERT INTO outbox (template, recipient, subject, body, data, thread)
    SELECT 'nurture', u.email, app.nurture_text(t.subject, 'Maria Sample', 'Sample Partners', g.name), app.nurture_text(t.body, 'Maria Sample', 'Sample Partners', g.name),
           jsonb_build_object('step', t.id), 'nurture-try-' || t.id
      FROM sequence_steps t, programme g, users u WHERE t.id = p_step AND u.id = app.user_id();
    RETURN FOUND;
END $$;
-- The step one place up or down.
CREATE FUNCTION app.sequence_step_move(p_step uuid, p_down boolean) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    t sequence_steps;
    other sequence_steps;
BEGIN
    IF NOT app.can('sequences:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    SELECT * INTO t FROM sequence_steps WHERE id = p_step;
    PERFORM FROM sequences WHERE id = t.sequence_id FOR UPDATE;
    SELECT * INTO other FROM sequence_steps WHERE sequence_id = t.sequence_id AND CASE WHEN p_down THEN position > t.position ELSE position < t.position END
     ORDER BY abs(position - t.position) LIMIT 1;
    IF other.id IS NULL THEN
        RETURN false;
    END IF;
    UPDATE sequence_steps SET position = CASE id WHEN t.id THEN other.position ELSE t.position END WHERE id IN (t.id, other.id);
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION app.nurture_end(uuid), app.nurture_try(uuid), app.sequence_step_move(uuid, boolean) TO tessera_staff;

-- For the lead's page, which serves both sides: no row for partners.
CREATE FUNCTION app.lead_enrolments(p_lead uuid) RETURNS TABLE (sequence_id uuid, name text, sent integer, next_at timestamptz, ended_at timestamptz, why text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT s.id, s.name, e.sent, e.next_at, e.ended_at, e.why FROM enrolments e JOIN sequences s ON s.id = e.sequence_id
     WHERE e.lead_id = p_lead AND app.user_id() IS NOT NULL AND app.partner() IS NULL AND app.can('leads:read') ORDER BY e.created_at DESC
$$;
GRANT EXECUTE ON FUNCTION app.lead_enrolments(uuid) TO tessera_partner, tessera_staff;
