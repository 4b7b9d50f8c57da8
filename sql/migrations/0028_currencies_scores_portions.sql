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

-- ── Duplicates ───────────────────────────────────────────────────────────────────────────────────────────
-- A portion ends after two seconds: of very many who are called alike five hundred took more than a minute, in which nothing else
-- was done.
DROP FUNCTION app.duplicates_find(integer);
CREATE FUNCTION app.duplicates_find(p_limit integer DEFAULT 500, p_within interval DEFAULT '2 seconds') RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    l leads;
    found uuid[] := '{}'; -- pairs that staff are told of
    added uuid;
    looked integer := 0;
    taken uuid[];
    next uuid;
    d record;
BEGIN
    PERFORM set_config('pg_trgm.similarity_threshold', '0.6', true);
    WITH t AS (DELETE FROM duplicate_queue WHERE lead_id IN (SELECT lead_id FROM duplicate_queue LIMIT p_limit FOR UPDATE SKIP LOCKED) RETURNING lead_id)
    SELECT coalesce(array_agg(x.id ORDER BY x.created_at, x.id), '{}') INTO taken FROM leads x JOIN t ON t.lead_id = x.id WHERE x.merged_into IS NULL;
    FOREACH next IN ARRAY taken LOOP
        IF looked > 0 AND clock_timestamp() >= now() + p_within THEN -- many who are called alike: others' work goes between
            INSERT INTO duplicate_queue SELECT unnest(taken[looked + 1:]) ON CONFLICT DO NOTHING;
            EXIT;
        END IF;
        SELECT * INTO l FROM leads x WHERE x.id = next;
        looked := looked + 1;
        FOR d IN SELECT f.*, o.created_at, o.partner_id, o.registration, o.protected_until, o.stage FROM app.duplicates_of(l) AS f JOIN leads o ON o.id = f.other_id
                  WHERE f.strength >= 50 ORDER BY f.strength DESC LIMIT 20 LOOP
            INSERT INTO duplicate_pairs AS p (first_id, second_id, reasons, strength)
            SELECT CASE WHEN (d.created_at, d.other_id) < (l.created_at, l.id) THEN d.other_id ELSE l.id END,
                   CASE WHEN (d.created_at, d.other_id) < (l.created_at, l.id) THEN l.id ELSE d.other_id END, d.reasons, d.strength
            ON CONFLICT (least(first_id, second_id), greatest(first_id, second_id)) DO UPDATE SET reasons = excluded.reasons, strength = excluded.strength
                WHERE p.state = 'open' AND (p.reasons, p.strength) IS DISTINCT FROM (excluded.reasons, excluded.strength)
            RETURNING CASE WHEN xmax = 0 THEN p.id END INTO added;
            IF added IS NOT NULL AND d.strength >= 80 THEN
                found := found || added;
            END IF;
            IF l.registration = 'held' AND d.registration = 'held' AND d.partner_id <> l.partner_id AND d.reasons && ARRAY['email', 'phone']
               AND d.stage <> 'declined' AND d.protected_until > now() AND (d.created_at, d.other_id) < (l.created_at, l.id) THEN
                UPDATE leads SET registration = 'known', protected_until = NULL WHERE id = l.id;
                INSERT INTO lead_claims (lead_id, partner_id, client_name) VALUES (l.id, l.partner_id, l.client_name) ON CONFLICT (lead_id) DO NOTHING;
                l.registration := 'known';
            END IF;
        END LOOP;
    END LOOP;
    IF cardinality(found) <= 5 THEN
        PERFORM app.event_add('duplicate.found', s.partner_id, s.id, p.id, '/admin/duplicates/' || p.id, jsonb_build_object('strength', p.strength))
           FROM duplicate_pairs p JOIN leads s ON s.id = p.second_id WHERE p.id = ANY (found);
    ELSE -- a file of old acquaintances: one word for all
        PERFORM app.event_add('duplicate.found', NULL, NULL, NULL, '/admin/duplicates', jsonb_build_object('count', cardinality(found)));
    END IF;
    IF found <> '{}' THEN
        PERFORM app.live('staff', 'duplicates');
    END IF;
    IF EXISTS (SELECT FROM duplicate_queue) THEN
        PERFORM app.job_add('duplicates.find', '{}', now(), 'duplicates.find', 8); -- behind imports
    END IF;
    RETURN looked;
END $$;
GRANT EXECUTE ON FUNCTION app.duplicates_find(integer, interval) TO tessera_jobs;
