-- What hangs on a partner keeps it, a registration does not come back over somebody else's, and the totals of sequences are recounted.

-- ── Partners ─────────────────────────────────────────────────────────────────────────────────────────────
-- What must not vanish with a partner, and how much of it there is: what others wrote, agreed to or printed. What is mere convenience
-- (views, headers of files, checks, events) goes along by its foreign key.
CREATE FUNCTION app.partner_hangs(p_partner uuid) RETURNS TABLE (kind text, count bigint) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT h.kind, h.count FROM (VALUES
        (1, 'leads', greatest((SELECT sum(r.leads)::bigint FROM rollup_stage r WHERE r.scope = p_partner),
                              (EXISTS (SELECT FROM leads l WHERE l.partner_id = p_partner))::integer)), -- one that went into another counts no more, but hangs
        (2, 'shares', (SELECT count(*) FROM lead_shares s WHERE s.partner_id = p_partner)),
        (3, 'entries', (SELECT sum(r.entries)::bigint FROM rollup_ledger r WHERE r.scope = p_partner)),
        (4, 'people', (SELECT count(*) FROM users u WHERE u.partner_id = p_partner)),
        (5, 'links', (SELECT count(*) FROM referral_links l LEFT JOIN rollup_link r ON r.id = l.id WHERE l.partner_id = p_partner
                         AND (r.clicks > 0 OR r.leads > 0 OR EXISTS (SELECT FROM lead_attribution a WHERE l.id IN (a.first_link_id, a.last_link_id))))),
        (6, 'conversations', (SELECT count(*) FROM threads t WHERE t.partner_id = p_partner)),
        (7, 'imports', (SELECT count(*) FROM lead_imports i WHERE i.partner_id = p_partner)),
        (8, 'appointments', (SELECT count(*) FROM appointments a WHERE a.partner_id = p_partner)),
        (9, 'reminders', (SELECT count(*) FROM reminders r WHERE r.partner_id = p_partner)),
        (10, 'cards', (SELECT count(*) FROM cards c WHERE c.partner_id = p_partner))) AS h(place, kind, count)
     WHERE h.count > 0 ORDER BY h.place
$$;
CREATE FUNCTION app.partner_dependents(p_partner uuid) RETURNS TABLE (kind text, count bigint) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT h.kind, h.count FROM app.partner_hangs(p_partner) AS h WHERE app.partner() IS NULL AND app.can('partners:read')
$$;
GRANT EXECUTE ON FUNCTION app.partner_dependents(uuid) TO tessera_staff;

-- The row is locked by now, so nothing can come in between: a new row that refers to it waits.
CREATE FUNCTION app.partner_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (SELECT FROM app.partner_hangs(OLD.id)) THEN
        RAISE EXCEPTION 'Something hangs on this partner.' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER kept BEFORE DELETE ON partners FOR EACH ROW EXECUTE FUNCTION app.partner_kept();

-- ── Registrations ────────────────────────────────────────────────────────────────────────────────────────
-- While a client was declined another partner may have registered them. Whoever holds them keeps them: the lead that is opened again
-- is a claim then, also where staff had decided one of it before.
CREATE TRIGGER events_registration_reopened BEFORE UPDATE OF stage ON leads FOR EACH ROW
    WHEN (OLD.stage = 'declined' AND NEW.stage <> 'declined' AND NEW.registration = 'held') EXECUTE FUNCTION app.leads_registration();

CREATE FUNCTION app.leads_reopened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO lead_claims (lead_id, partner_id, client_name) VALUES (NEW.id, NEW.partner_id, NEW.client_name)
    ON CONFLICT (lead_id) DO UPDATE SET state = 'open', client_name = excluded.client_name, created_at = now(), decided_at = NULL, decided_by = NULL;
    INSERT INTO duplicate_queue VALUES (NEW.id) ON CONFLICT DO NOTHING;
    PERFORM app.job_add('duplicates.find', '{}', now(), 'duplicates.find', 6);
    RETURN NULL;
END $$;
CREATE TRIGGER events_reopened AFTER UPDATE OF stage ON leads FOR EACH ROW
    WHEN (OLD.stage = 'declined' AND OLD.registration = 'held' AND NEW.registration = 'known') EXECUTE FUNCTION app.leads_reopened();

-- ── Totals of sequences ──────────────────────────────────────────────────────────────────────────────────

CREATE VIEW app.rollup_sequence_recount AS
    SELECT sequence_id, count(*) AS enrolled, count(*) FILTER (WHERE ended_at IS NULL) AS running, sum(sent) AS mails FROM enrolments GROUP BY 1;

CREATE FUNCTION app.rollup_sequence_differences() RETURNS TABLE (rollup text, kept jsonb, counted jsonb) LANGUAGE sql
    SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
    SELECT 'sequence', to_jsonb(k), to_jsonb(c) FROM (SELECT * FROM rollup_sequence WHERE (enrolled, running, mails) IS DISTINCT FROM (0, 0, 0)) k
      FULL JOIN rollup_sequence_recount c USING (sequence_id)
     WHERE (k.enrolled, k.running, k.mails) IS DISTINCT FROM (c.enrolled, c.running, c.mails)
$$;
CREATE FUNCTION app.rollup_sequence_repair() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
BEGIN
    LOCK TABLE enrolments IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM rollup_sequence;
    INSERT INTO rollup_sequence SELECT sequence_id, enrolled, running, mails FROM rollup_sequence_recount;
END $$;
