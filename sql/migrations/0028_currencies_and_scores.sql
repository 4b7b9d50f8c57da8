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
