-- Live pages: whose streams are cut, what else tells of itself, and what does not count as somebody's doing.

-- ── Cutting ──────────────────────────────────────────────────────────────────────────────────────────────
-- A stream belongs to a session and is cut when that ends, whatever ends it: signing out, a new role, a disabled account, a
-- password, time. The daemon hears of it at once. What ended while the daemon was away it finds here, for a day.

CREATE TABLE live_cuts (
    session_id uuid NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX live_cuts_at_idx ON live_cuts (at);
CALL app.protect('live_cuts');

CREATE FUNCTION app.sessions_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO live_cuts (session_id) SELECT id FROM old_rows;
    PERFORM app.live('session:' || id, 'sign-out') FROM old_rows;
    DELETE FROM live_cuts WHERE ctid = ANY (ARRAY(SELECT ctid FROM live_cuts WHERE at < now() - interval '1 day' LIMIT 1000 FOR UPDATE SKIP LOCKED));
    RETURN NULL;
END $$;
CREATE TRIGGER live AFTER DELETE ON sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.sessions_live();

CREATE FUNCTION app.live_cuts(p_seconds integer) RETURNS TABLE (session_id uuid) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
    SELECT c.session_id FROM live_cuts c WHERE c.at > now() - make_interval(secs => p_seconds)
$$;
GRANT EXECUTE ON FUNCTION app.live_cuts(integer) TO tessera_jobs;

-- A single permission given or taken counts as much as a new role, and whose partner is no longer served is not either.
CREATE FUNCTION app.permissions_cut_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM sessions WHERE user_id = CASE WHEN TG_OP = 'DELETE' THEN OLD.user_id ELSE NEW.user_id END;
    RETURN NULL;
END $$;
CREATE TRIGGER cut_sessions AFTER INSERT OR UPDATE OR DELETE ON user_permissions FOR EACH ROW EXECUTE FUNCTION app.permissions_cut_sessions();

CREATE FUNCTION app.partners_cut_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM sessions s USING users u WHERE u.id = s.user_id AND u.partner_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER cut_sessions AFTER UPDATE OF status ON partners FOR EACH ROW
    WHEN (NEW.status NOT IN ('active', 'suspended') AND NEW.status <> OLD.status) EXECUTE FUNCTION app.partners_cut_sessions();

-- ── What a page does by itself ───────────────────────────────────────────────────────────────────────────
-- A page that is open is not somebody who is there: what it asks for because something changed leaves the time after which an
-- idle session ends as it was (app.quiet, set before session_open()).

CREATE FUNCTION app.sessions_quiet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
CREATE TRIGGER quiet BEFORE UPDATE OF last_seen_at ON sessions FOR EACH ROW
    WHEN (current_setting('app.quiet', true) = 'on') EXECUTE FUNCTION app.sessions_quiet();

-- ── More that tells of itself ────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION app.ledger_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN -- as app.leads_live()
    IF (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 21) AS n) <= 20 THEN
        PERFORM app.live('partner:' || partner_id, 'commissions', id), app.live('staff', 'commissions', id) FROM new_rows;
    ELSE
        PERFORM app.live('partner:' || partner_id, 'commissions') FROM (SELECT DISTINCT partner_id FROM new_rows LIMIT 1000) AS p;
        PERFORM app.live('staff', 'commissions');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER live_insert AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.ledger_live();
CREATE TRIGGER live_update AFTER UPDATE ON ledger_entries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.ledger_live();

CREATE FUNCTION app.shares_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.live('partner:' || NEW.partner_id, 'leads', NEW.lead_id), app.live('staff', 'leads', NEW.lead_id);
    RETURN NULL;
END $$;
CREATE TRIGGER live AFTER INSERT OR UPDATE ON lead_shares FOR EACH ROW EXECUTE FUNCTION app.shares_live();
