-- Stages as rows: which moves there are, who may make them, what they ask for, and why a lead ended. Pages offer what stands
-- here and the database refuses what doesn't. A move may be taken back within a minute. And the board's indexes.

CREATE TABLE stage_moves (
    from_stage   text NOT NULL CHECK (from_stage IN ('new', 'intake', 'qualified', 'active', 'won', 'lost', 'dormant', 'declined')),
    to_stage     text NOT NULL CHECK (to_stage IN ('new', 'intake', 'qualified', 'active', 'won', 'lost', 'dormant', 'declined')),
    staff_only   boolean NOT NULL, -- otherwise whoever may write leads
    needs_reason boolean NOT NULL,
    needs_value  boolean NOT NULL, -- of the deal, above zero
    PRIMARY KEY (from_stage, to_stage),
    CHECK (from_stage <> to_stage)
);
INSERT INTO stage_moves VALUES
    -- forward
    ('new', 'intake', false, false, false),
    ('intake', 'qualified', false, false, false),
    ('qualified', 'active', false, false, false),
    ('active', 'won', false, false, true),
    -- skipping
    ('new', 'qualified', true, false, false),
    ('new', 'active', true, false, false),
    ('intake', 'active', true, false, false),
    -- one step back
    ('intake', 'new', true, true, false),
    ('qualified', 'intake', true, true, false),
    ('active', 'qualified', true, true, false),
    -- out
    ('new', 'lost', false, true, false),
    ('intake', 'lost', false, true, false),
    ('qualified', 'lost', false, true, false),
    ('active', 'lost', false, true, false),
    ('new', 'dormant', false, true, false),
    ('intake', 'dormant', false, true, false),
    ('qualified', 'dormant', false, true, false),
    ('active', 'dormant', false, true, false),
    ('new', 'declined', true, true, false),
    ('intake', 'declined', true, true, false),
    ('qualified', 'declined', true, true, false),
    ('active', 'declined', true, true, false),
    -- asleep
    ('dormant', 'qualified', false, false, false),
    ('dormant', 'lost', false, true, false),
    ('dormant', 'declined', true, true, false),
    -- reopened; a client who opted out begins again with a confirmation
    ('won', 'active', true, true, false),
    ('lost', 'qualified', true, true, false),
    ('declined', 'new', true, true, false);

CREATE TABLE stage_reasons ( -- to choose from; words may be added, or stand alone
    code     text PRIMARY KEY CHECK (code ~ '^[a-z_]{2,32}$'),
    stage    text NOT NULL CHECK (stage IN ('lost', 'dormant', 'declined')),
    label    text NOT NULL,
    position integer NOT NULL
);
INSERT INTO stage_reasons VALUES
    ('lost_elsewhere', 'lost', 'Bought elsewhere', 1),
    ('lost_price', 'lost', 'Too expensive', 2),
    ('lost_financing', 'lost', 'No financing', 3),
    ('lost_no_match', 'lost', 'Nothing suitable', 4),
    ('lost_no_answer', 'lost', 'Never answered', 5),
    ('lost_changed_mind', 'lost', 'Changed their mind', 6),
    ('dormant_later', 'dormant', 'Wants to wait', 7),
    ('dormant_away', 'dormant', 'Away for a while', 8),
    ('dormant_selling', 'dormant', 'Has to sell first', 9),
    ('dormant_no_answer', 'dormant', 'Does not answer at present', 10),
    ('declined_opted_out', 'declined', 'Opted out', 11),
    ('declined_never_agreed', 'declined', 'Never agreed to be referred', 12),
    ('declined_no_contact', 'declined', 'Asked not to be contacted', 13);

CALL app.protect('stage_moves', 'stage_reasons');
GRANT SELECT ON stage_moves, stage_reasons TO tessera_partner, tessera_staff;
CREATE POLICY signed_in_read ON stage_moves FOR SELECT TO tessera_partner, tessera_staff USING ((SELECT app.user_id()) IS NOT NULL);
CREATE POLICY signed_in_read ON stage_reasons FOR SELECT TO tessera_partner, tessera_staff USING ((SELECT app.user_id()) IS NOT NULL);

ALTER TABLE leads ADD stage_reason_code text REFERENCES stage_reasons;
GRANT SELECT (stage_reason_code), UPDATE (stage_reason_code) ON leads TO tessera_partner;
ALTER TABLE lead_history
    ADD reason_code text REFERENCES stage_reasons,
    ADD version integer,                             -- of the lead, after this move
    ADD undoes bigint REFERENCES lead_history,       -- the move that this one took back
    ADD before jsonb;                                -- what the move wrote over, to take it back

-- ── Who may move a lead ──────────────────────────────────────────────────────────────────────────────────
-- Asked of people. What has no user (jobs, a client's own answer, the operator) answers for itself.

CREATE FUNCTION app.leads_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    undone bigint := nullif(current_setting('app.undoes', true), '')::bigint;
    move stage_moves;
BEGIN
    IF app.user_id() IS NULL THEN
        RETURN NEW;
    END IF;
    IF undone IS NOT NULL AND EXISTS (SELECT FROM lead_history h
         WHERE h.id = undone AND h.lead_id = OLD.id AND h.kind = 'stage' AND h.undoes IS NULL AND h.user_id = app.user_id()
           AND (h.version, h.to_stage, h.from_stage) = (OLD.version, OLD.stage, NEW.stage) AND h.at > clock_timestamp() - interval '1 minute') THEN
        RETURN NEW;
    END IF;
    SELECT * INTO move FROM stage_moves m WHERE m.from_stage = OLD.stage AND m.to_stage = NEW.stage;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'A lead cannot go there from its present stage. Choose another one.' USING ERRCODE = 'TS422';
    END IF;
    IF move.staff_only AND app.partner() IS NOT NULL THEN
        RAISE EXCEPTION 'Only the programme''s staff can do this. Ask them, or choose another stage.' USING ERRCODE = 'TS422';
    END IF;
    IF NEW.stage_reason_code IS NOT NULL
       AND NOT EXISTS (SELECT FROM stage_reasons r WHERE r.code = NEW.stage_reason_code AND r.stage = NEW.stage) THEN
        RAISE EXCEPTION 'This reason belongs to another stage. Choose one that fits.' USING ERRCODE = 'TS422';
    END IF;
    IF move.needs_reason AND NEW.stage_reason_code IS NULL AND coalesce(NEW.stage_reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'Say why in a few words: whoever looks at this lead later will want to know.' USING ERRCODE = 'TS422';
    END IF;
    IF move.needs_value AND NEW.estimated_value <= 0 THEN
        RAISE EXCEPTION 'Enter the value of the deal: a lead is won with an amount above zero.' USING ERRCODE = 'TS422';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER move BEFORE UPDATE OF stage ON leads FOR EACH ROW WHEN (OLD.stage <> NEW.stage) EXECUTE FUNCTION app.leads_move();

-- As in 0002, and with what is needed to take a move back.
CREATE OR REPLACE FUNCTION app.leads_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    silent text[] := ARRAY['stage', 'stage_reason', 'stage_reason_code', 'stage_at', 'closed_at', 'version', 'updated_at', 'search', 'score',
                           'temperature', 'staff_notes'];
    undone bigint := nullif(current_setting('app.undoes', true), '')::bigint;
    changed text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO lead_history (lead_id, partner_id, at, user_id, kind, to_stage)
        VALUES (NEW.id, NEW.partner_id, NEW.created_at, coalesce(app.user_id(), NEW.created_by), 'created', NEW.stage);
        RETURN NULL;
    END IF;
    IF NEW.stage <> OLD.stage THEN
        INSERT INTO lead_history (lead_id, partner_id, user_id, kind, from_stage, to_stage, reason, reason_code, version, undoes, before)
        VALUES (NEW.id, NEW.partner_id, app.user_id(), 'stage', OLD.stage, NEW.stage,
                CASE WHEN undone IS NULL THEN NEW.stage_reason END, CASE WHEN undone IS NULL THEN NEW.stage_reason_code END, NEW.version, undone,
                CASE WHEN undone IS NULL THEN jsonb_build_object('reason', OLD.stage_reason, 'reason_code', OLD.stage_reason_code,
                    'at', OLD.stage_at, 'closed_at', OLD.closed_at, 'value', OLD.estimated_value) END);
    END IF;
    SELECT array_agg(key ORDER BY key) INTO changed FROM jsonb_each(to_jsonb(NEW)) AS n
     WHERE n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key AND n.key <> ALL (silent);
    IF changed IS NOT NULL THEN
        INSERT INTO lead_history (lead_id, partner_id, user_id, kind, fields)
        VALUES (NEW.id, NEW.partner_id, app.user_id(), 'edited', changed);
    END IF;
    RETURN NULL;
END $$;

-- Takes back the asker's own last move, the one that made p_version of the lead, as long as nothing else has happened to it.
-- The card is then where it was, with the reason, value and times that it had.
CREATE FUNCTION app.lead_undo(p_lead uuid, p_version integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
    IF h.version IS DISTINCT FROM l.version OR p_version IS DISTINCT FROM l.version OR h.undoes IS NOT NULL
       OR h.user_id IS DISTINCT FROM app.user_id() THEN
        RAISE EXCEPTION 'This lead has been changed since, so nothing was undone. Look at it as it is now.' USING ERRCODE = 'TS409';
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
GRANT EXECUTE ON FUNCTION app.lead_undo(uuid, integer) TO tessera_partner, tessera_staff;

-- ── The board ────────────────────────────────────────────────────────────────────────────────────────────
-- A column is a stage, the last to come first. These also serve what waits in open stages.

CREATE INDEX leads_board_idx ON leads (stage, stage_at, id);
CREATE INDEX leads_partner_board_idx ON leads (partner_id, stage, stage_at, id);
DROP INDEX leads_all_waiting_idx, leads_waiting_idx;
