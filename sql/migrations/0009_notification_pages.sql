-- Notifications as people meet them: the count at the bell, one's own settings, browsers.

-- ── The bell ─────────────────────────────────────────────────────────────────────────────────────────────

-- As in 0001, and `unread`: how many notifications wait, 100 for more than 99.
DROP FUNCTION app.session_open(text, integer, text);
CREATE FUNCTION app.session_open(p_token_hash text, p_idle integer, p_request text)
    RETURNS TABLE (programme_name text, programme_currency text, support_email text, demo boolean,
        session_id uuid, user_id uuid, user_name text, user_email text, user_role text, audience text, theme text,
        locale text, timezone text, permissions text, partner_id uuid, partner_name text, partner_type text,
        partner_tier text, partner_status text, currency text, unread integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    hash bytea := decode(coalesce(p_token_hash, ''), 'hex');
    seen timestamptz;
BEGIN
    SELECT g.name, g.currency, g.support_email, g.demo_seed IS NOT NULL
      INTO programme_name, programme_currency, support_email, demo FROM programme g;
    currency := programme_currency;
    IF length(hash) = 32 THEN
        SELECT s.id, s.last_seen_at, u.id, u.name, u.email, u.role, CASE WHEN u.partner_id IS NULL THEN 'staff' ELSE 'partner' END,
               u.theme, u.locale, u.timezone, p.id, p.name, p.type, p.tier, p.status, coalesce(p.currency, programme_currency)
          INTO session_id, seen, user_id, user_name, user_email, user_role, audience,
               theme, locale, timezone, partner_id, partner_name, partner_type, partner_tier, partner_status, currency
          FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN partners p ON p.id = u.partner_id
         WHERE s.token_hash = hash AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => p_idle)
           AND u.status = 'active' AND (p.id IS NULL OR p.status IN ('active', 'suspended'))
           AND current_setting('role') = CASE WHEN u.partner_id IS NULL THEN 'tessera_staff' ELSE 'tessera_partner' END;
    END IF;
    IF user_id IS NOT NULL THEN
        permissions := app.permissions_of(user_id, user_role);
        SELECT count(*) INTO unread FROM (SELECT FROM notifications n WHERE n.user_id = session_open.user_id AND n.read_at IS NULL LIMIT 100) AS u;
        -- one write a minute and session is enough to know who is idle
        IF seen < now() - interval '1 minute' THEN
            UPDATE sessions s SET last_seen_at = now() WHERE s.token_hash = hash;
        END IF;
    END IF;
    PERFORM app.asker_set(user_id, partner_id, session_id, currency, partner_tier, partner_type, permissions, p_request);
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION app.session_open(text, integer, text) TO tessera_visitor, tessera_partner, tessera_staff;

-- What one reads in one place is read at every other open page.
CREATE FUNCTION app.notifications_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.live('user:' || user_id, 'notifications') FROM (SELECT DISTINCT user_id FROM new_rows) AS n;
    RETURN NULL;
END $$;
CREATE TRIGGER live AFTER UPDATE ON notifications REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.notifications_live();

-- ── Browsers ─────────────────────────────────────────────────────────────────────────────────────────────

-- What a browser calls itself, in a word.
CREATE FUNCTION app.browser(p_user_agent text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_user_agent ~ 'Edg/' THEN 'Edge' WHEN p_user_agent ~ 'OPR/' THEN 'Opera' WHEN p_user_agent ~ 'Firefox/' THEN 'Firefox'
                WHEN p_user_agent ~ 'Chrome/' THEN 'Chrome' WHEN p_user_agent ~ 'Safari/' THEN 'Safari' ELSE split_part(p_user_agent, '/', 1) END
$$;
CREATE FUNCTION app.browser_system(p_user_agent text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_user_agent ~ 'iPhone' THEN 'iPhone' WHEN p_user_agent ~ 'iPad' THEN 'iPad' WHEN p_user_agent ~ 'Android' THEN 'Android'
                WHEN p_user_agent ~ 'Windows' THEN 'Windows' WHEN p_user_agent ~ 'Mac OS X' THEN 'macOS' WHEN p_user_agent ~ 'Linux' THEN 'Linux' END
$$;
GRANT EXECUTE ON FUNCTION app.browser(text), app.browser_system(text) TO tessera_partner, tessera_staff;

CREATE TABLE push_renewals ( -- browsers that somebody signed out in; they go on when the same person signs in there again
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    endpoint_hash bytea NOT NULL, -- SHA-256
    since         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, endpoint_hash)
);
CREATE INDEX push_renewals_since_idx ON push_renewals (since);
CALL app.protect('push_renewals');

-- This browser hears of the signed-in user's notifications from now on; true when it does. p_renew: only if it did before
-- they signed out, because whoever removed it from the list wants it to stay so. One that somebody else used before is
-- theirs no more, if it shows the same keys: an endpoint alone may have been picked up somewhere. The oldest give way to
-- the eleventh.
CREATE FUNCTION app.push_subscribe(p_endpoint text, p_p256dh text, p_auth text, p_user_agent text, p_renew boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM push_renewals WHERE user_id = app.user_id() AND endpoint_hash = sha256(p_endpoint::bytea);
    IF p_renew AND NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM push_subscriptions WHERE endpoint = p_endpoint AND user_id <> app.user_id() AND p256dh = p_p256dh AND auth = p_auth;
    INSERT INTO push_subscriptions AS s (user_id, endpoint, p256dh, auth, user_agent, session_id)
    VALUES (app.user_id(), p_endpoint, p_p256dh, p_auth, left(coalesce(p_user_agent, ''), 512), nullif(current_setting('app.session', true), '')::uuid)
    ON CONFLICT (endpoint) DO UPDATE SET p256dh = excluded.p256dh, auth = excluded.auth, user_agent = excluded.user_agent, session_id = excluded.session_id
     WHERE s.user_id = excluded.user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'This browser is somebody else''s. Ask it for notifications once more.' USING ERRCODE = 'TS409';
    END IF;
    DELETE FROM push_subscriptions WHERE id IN
        (SELECT id FROM push_subscriptions WHERE user_id = app.user_id() ORDER BY created_at DESC, id OFFSET 10);
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION app.push_subscribe(text, text, text, text, boolean) TO tessera_partner, tessera_staff;

-- Signed out, by whatever hand: nothing more is shown there. A session that has merely run out leaves its browser be.
CREATE FUNCTION app.sessions_push() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    WITH ended AS (DELETE FROM push_subscriptions p USING old_rows o WHERE p.session_id = o.id AND o.expires_at > now() RETURNING p.user_id, p.endpoint)
    INSERT INTO push_renewals (user_id, endpoint_hash) SELECT user_id, sha256(endpoint::bytea) FROM ended
    ON CONFLICT (user_id, endpoint_hash) DO UPDATE SET since = now();
    IF FOUND THEN
        DELETE FROM push_renewals WHERE since < now() - interval '90 days';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER push AFTER DELETE ON sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.sessions_push();

-- ── One's own settings ───────────────────────────────────────────────────────────────────────────────────
CREATE FUNCTION app.notification_settings() RETURNS TABLE (digest_at time, quiet_from time, quiet_to time, phone text, timezone text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.digest_at, u.quiet_from, u.quiet_to, u.phone, u.timezone FROM users u WHERE u.id = app.user_id()
$$;
CREATE FUNCTION app.notification_settings_set(p_digest_at time, p_quiet_from time, p_quiet_to time, p_phone text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE users SET digest_at = coalesce(p_digest_at, '08:00'), quiet_from = p_quiet_from, quiet_to = p_quiet_to, phone = p_phone, updated_at = now()
     WHERE id = app.user_id()
$$;
GRANT EXECUTE ON FUNCTION app.notification_settings(), app.notification_settings_set(time, time, time, text), app.local_time(timestamptz, text)
    TO tessera_partner, tessera_staff;

-- That a digest was made is no change to a person.
DROP TRIGGER audit ON users;
CREATE TRIGGER audit AFTER INSERT OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION app.audit_row();
CREATE TRIGGER audit_update AFTER UPDATE ON users FOR EACH ROW WHEN (OLD.digest_on IS NOT DISTINCT FROM NEW.digest_on) EXECUTE FUNCTION app.audit_row();
