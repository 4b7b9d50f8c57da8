-- A lead's currency is one of those that the programme works with, whichever form it comes from; the error is that of the column's own
-- check, so that it stands beside the field. NULL is NULL.
CREATE FUNCTION app.lead_currency(p_currency text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_currency IS NOT NULL AND NOT EXISTS (SELECT FROM app.lead_currencies() AS c WHERE c = p_currency) THEN
        RAISE EXCEPTION 'not a currency that leads may have' USING ERRCODE = 'check_violation', CONSTRAINT = 'leads_currency_check';
    END IF;
    RETURN p_currency;
END $$;
GRANT EXECUTE ON FUNCTION app.lead_currency(text) TO tessera_partner, tessera_staff;

-- For lists that serve both sides: NULL for partners, as with app.lead_staff_facts(). Called once a row.
CREATE FUNCTION app.lead_staff_score(p_lead uuid) RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF app.user_id() IS NULL OR app.partner() IS NOT NULL OR NOT app.can('leads:read') THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT s.score FROM lead_scores s WHERE s.lead_id = p_lead);
END $$;
GRANT EXECUTE ON FUNCTION app.lead_staff_score(uuid) TO tessera_partner, tessera_staff;

-- Who registered the client after the protection had ended keeps them, though more time was asked for in good time.
CREATE OR REPLACE FUNCTION app.extension_decide(p_request uuid, p_days integer, p_answer text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE r extension_requests;
BEGIN
    PERFORM app.duplicates_writer();
    UPDATE extension_requests SET state = CASE WHEN p_days IS NULL THEN 'refused' ELSE 'granted' END, days_given = p_days, answer = coalesce(p_answer, ''),
           decided_at = now(), decided_by = app.user_id() WHERE id = p_request AND state = 'open' RETURNING * INTO r;
    IF r.id IS NULL THEN
        RETURN false;
    END IF;
    IF p_days IS NOT NULL THEN -- asked in time, so it goes on from where it ended
        IF EXISTS (SELECT FROM leads l, app.registration_of(l.email_key, l.phone_e164, l.id) AS h WHERE l.id = r.lead_id AND h.partner_id <> l.partner_id) THEN
            RAISE EXCEPTION 'Another partner has registered this client since the protection ended, and keeps it. Refuse, and say so.' USING ERRCODE = 'TS422';
        END IF;
        UPDATE leads SET protected_until = protected_until + make_interval(days => p_days) WHERE id = r.lead_id AND registration = 'held';
    END IF;
    INSERT INTO lead_history (lead_id, partner_id, user_id, kind, days, reason)
    VALUES (r.lead_id, r.partner_id, app.user_id(), 'extension_' || r.state, p_days, nullif(r.answer, ''));
    PERFORM app.event_add('extension.decided', r.partner_id, r.lead_id, r.id, '/leads/' || r.lead_id, jsonb_build_object('granted', p_days IS NOT NULL, 'days', p_days)),
            app.live('staff', 'duplicates'), app.live('partner:' || r.partner_id, 'leads', r.lead_id),
            app.audit_write('extensions.decide', r.partner_id, r.id, jsonb_build_object('lead', r.lead_id, 'days', p_days));
    RETURN true;
END $$;
