-- Many leads that are moved together go for a reason of the list, as one that is moved alone does.

ALTER TABLE bulk_actions ADD reason_code text REFERENCES stage_reasons;
GRANT UPDATE (reason_code) ON bulk_actions TO tessera_partner, tessera_staff;

-- As in 0017, with the reason's code. Does it with at most p_limit rows; true when there are more. What a row was is noted in the row, so that it can be put back.
CREATE OR REPLACE FUNCTION app.bulk_portion(p_bulk uuid, p_limit integer) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
        UPDATE leads l SET stage = a.value, stage_reason = a.reason, stage_reason_code = a.reason_code, stage_at = now(), closed_at = CASE WHEN a.value IN ('won', 'lost') THEN now() END,
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
