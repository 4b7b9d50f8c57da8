-- Notifications as people meet them: what their sentence needs, the count at the bell, choices, browsers; and fan-out and
-- digests made right and quick.

-- ── What a sentence needs ────────────────────────────────────────────────────────────────────────────────

ALTER TABLE notifications
    ADD COLUMN partner_id uuid, -- of the event: staff read which partner it is about
    ADD COLUMN by_staff boolean NOT NULL DEFAULT false; -- the actor is staff: a partner's people are told so, and no name

-- ── Long lists ───────────────────────────────────────────────────────────────────────────────────────────
-- Each filter of the list is read along an index of its own, however many somebody has.

ALTER TABLE notifications ADD COLUMN category text; -- that of its type
UPDATE notifications n SET category = t.category FROM event_types t WHERE t.code = n.type;
CREATE FUNCTION app.notifications_category() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.category := (SELECT t.category FROM event_types t WHERE t.code = NEW.type);
    RETURN NEW;
END $$;
CREATE TRIGGER category BEFORE INSERT ON notifications FOR EACH ROW WHEN (NEW.category IS NULL) EXECUTE FUNCTION app.notifications_category();
DROP INDEX notifications_unread_idx;
CREATE INDEX notifications_unread_idx ON notifications (user_id, at DESC, id DESC) WHERE read_at IS NULL;
CREATE INDEX notifications_category_idx ON notifications (user_id, category, at DESC, id DESC);

-- A partnership's event says what changed, and only that: one sentence about one thing.
CREATE OR REPLACE FUNCTION app.partners_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.event_add('partner.status', NEW.id, NULL, NEW.id, '/profile',
        CASE WHEN OLD.status <> NEW.status THEN jsonb_build_object('status_from', OLD.status, 'status_to', NEW.status) ELSE '{}' END ||
        CASE WHEN OLD.tier <> NEW.tier THEN jsonb_build_object('tier_from', OLD.tier, 'tier_to', NEW.tier) ELSE '{}' END);
    RETURN NULL;
END $$;

-- ── Quiet hours ──────────────────────────────────────────────────────────────────────────────────────────

-- What a clock in a zone shows; a name that PostgreSQL doesn't know is read as UTC, so that one wrong row stops nobody's
-- notifications but its own.
CREATE FUNCTION app.local_time(p_at timestamptz, p_zone text) RETURNS timestamp LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN p_at AT TIME ZONE p_zone;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN p_at AT TIME ZONE 'UTC';
END $$;
-- And back: when that clock shows p_local. What it shows twice is the later time, what it never shows is as much later.
CREATE FUNCTION app.time_at(p_local timestamp, p_zone text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    at timestamptz;
    later timestamptz;
BEGIN
    at := p_local AT TIME ZONE p_zone;
    later := at + interval '1 hour';
    RETURN CASE WHEN later AT TIME ZONE p_zone = p_local THEN later ELSE at END;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN p_local AT TIME ZONE 'UTC';
END $$;

-- When something that is not urgent may disturb somebody: now, or at the end of their quiet hours.
CREATE OR REPLACE FUNCTION app.quiet_end(u users, p_at timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    here timestamp;
    quiet boolean;
BEGIN
    IF u.quiet_from IS NULL OR u.quiet_from = u.quiet_to THEN
        RETURN p_at;
    END IF;
    here := app.local_time(p_at, u.timezone);
    quiet := CASE WHEN u.quiet_from < u.quiet_to THEN here::time >= u.quiet_from AND here::time < u.quiet_to
                  ELSE here::time >= u.quiet_from OR here::time < u.quiet_to END;
    IF NOT quiet THEN
        RETURN p_at;
    END IF;
    RETURN app.time_at(here::date + CASE WHEN here::time < u.quiet_to THEN 0 ELSE 1 END + u.quiet_to, u.timezone);
END $$;

-- ── Fan-out ──────────────────────────────────────────────────────────────────────────────────────────────

-- An event's word to the programme goes out once, however often the event is fanned out.
CREATE UNIQUE INDEX outbox_ops_once ON outbox ((data ->> 'event'), channel) WHERE template = 'ops';

-- Notifications and outbox rows of one event. Doing it again adds nothing.
CREATE OR REPLACE FUNCTION app.event_fan_out(p_event bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    e events;
    t event_types;
    able text[]; -- roles that have the permission
    conversation text;
    staff_did boolean;
BEGIN
    SELECT * INTO e FROM events WHERE id = p_event;
    IF e.id IS NULL THEN
        RETURN; -- its lead or partner is gone, and with it what there was to say
    END IF;
    SELECT * INTO t FROM event_types WHERE code = e.type;
    SELECT array_agg(r.role) INTO able FROM role_permissions r WHERE r.permission IN (t.permission, '*');
    conversation := coalesce('lead-' || e.lead_id, e.type || '-' || e.subject_id);
    staff_did := coalesce((SELECT partner_id IS NULL FROM users WHERE id = e.actor_id), false);

    WITH meant AS ( -- one branch runs, along its index
        SELECT u FROM users u WHERE e.users IS NOT NULL AND u.id = ANY (e.users)
           AND (t.audience = 'both' OR (t.audience = 'staff') = (u.partner_id IS NULL))
         UNION ALL
        SELECT u FROM users u WHERE e.users IS NULL AND t.audience IN ('partner', 'both') AND u.partner_id = e.partner_id
         UNION ALL
        SELECT u FROM users u WHERE e.users IS NULL AND t.audience IN ('staff', 'both') AND u.partner_id IS NULL),
    heard AS (
        SELECT m.u, (m.u).id, coalesce(c.email, t.email) AS by_email, coalesce(c.sms, t.sms) AS by_sms, coalesce(c.push, t.push) AS by_push
          FROM meant m LEFT JOIN partners p ON p.id = (m.u).partner_id
          LEFT JOIN notification_choices c ON c.user_id = (m.u).id AND c.type = e.type
          LEFT JOIN user_permissions x ON x.user_id = (m.u).id AND x.permission = t.permission
         WHERE (m.u).status = 'active' AND (p.id IS NULL OR p.status IN ('active', 'suspended')) AND (m.u).id IS DISTINCT FROM e.actor_id
           AND (t.permission IS NULL OR coalesce(x.allowed, (m.u).role = ANY (able)))),
    told AS (
        INSERT INTO notifications (event_id, user_id, type, category, at, actor_id, by_staff, partner_id, lead_id, subject_id, href, data, digest)
        SELECT e.id, h.id, e.type, t.category, e.at, e.actor_id, staff_did, e.partner_id, e.lead_id, e.subject_id, e.href, e.data, h.by_email = 'digest' AND NOT t.mandatory FROM heard h
        ON CONFLICT (event_id, user_id) DO NOTHING RETURNING id, user_id),
    ways AS (
        SELECT n.id AS notification_id, h.id AS user_id, w.channel, w.recipient, CASE WHEN t.urgent THEN now() ELSE app.quiet_end(h.u, now()) END AS send_at
          FROM told n JOIN heard h ON h.id = n.user_id,
               LATERAL (SELECT 'email', (h.u).email WHERE h.by_email = 'now' OR t.mandatory
                         UNION ALL SELECT 'sms', (h.u).phone WHERE h.by_sms = 'now' AND (h.u).phone IS NOT NULL
                         UNION ALL SELECT 'push', s.id::text FROM push_subscriptions s WHERE s.user_id = h.id AND h.by_push = 'now') AS w(channel, recipient))
    INSERT INTO outbox (channel, template, user_id, recipient, notification_id, category, thread, send_at)
    SELECT channel, 'event', user_id, recipient, notification_id, CASE WHEN NOT t.mandatory THEN e.type END, conversation, send_at FROM ways;
    PERFORM app.live('user:' || user_id, 'notifications') FROM notifications WHERE event_id = e.id;
    IF t.ops THEN
        INSERT INTO outbox (channel, template, recipient, data, thread)
        SELECT w.channel, 'ops', w.recipient, jsonb_build_object('event', e.id), conversation FROM programme g,
               LATERAL (SELECT 'email', g.ops_email WHERE g.ops_email <> '' UNION ALL SELECT 'slack', 'ops') AS w(channel, recipient)
        ON CONFLICT ((data ->> 'event'), channel) WHERE template = 'ops' DO NOTHING;
    END IF;
END $$;

-- ── Digests ──────────────────────────────────────────────────────────────────────────────────────────────

-- Digests of everybody whose time has come: once a day, at their hour, with all that waits then. What comes after their
-- hour waits for the next day's. Every quarter of an hour; an hour that was missed is made up for.
CREATE OR REPLACE FUNCTION app.digests_make() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    u users;
    due date; -- the day (theirs) of the last time that their clock showed their hour
BEGIN
    FOR u IN SELECT x.* FROM users x LEFT JOIN partners p ON p.id = x.partner_id
              WHERE x.status = 'active' AND (p.id IS NULL OR p.status IN ('active', 'suspended'))
                AND EXISTS (SELECT FROM notifications n WHERE n.user_id = x.id AND n.digest)
              ORDER BY x.id FOR UPDATE OF x SKIP LOCKED LOOP
        due := (app.local_time(now(), u.timezone) - u.digest_at)::date;
        CONTINUE WHEN u.digest_on >= due
                   OR NOT EXISTS (SELECT FROM notifications n WHERE n.user_id = u.id AND n.digest AND n.at <= app.time_at(due + u.digest_at, u.timezone));
        UPDATE users SET digest_on = due WHERE id = u.id;
        -- what was read, switched off or is no longer theirs to hear meanwhile is left out
        WITH taken AS (UPDATE notifications SET digest = false WHERE user_id = u.id AND digest RETURNING id, at, type, read_at)
        INSERT INTO outbox (template, user_id, recipient, data, category)
        SELECT 'digest', u.id, u.email, jsonb_build_object('notifications', jsonb_agg(n.id ORDER BY n.at)), 'digest'
          FROM taken n JOIN event_types t ON t.code = n.type LEFT JOIN notification_choices c ON c.user_id = u.id AND c.type = n.type
         WHERE n.read_at IS NULL AND coalesce(c.email, t.email) <> 'off' AND (t.permission IS NULL OR app.user_can(u.id, t.permission))
        HAVING count(*) > 0;
    END LOOP;
END $$;

-- ── The bell ─────────────────────────────────────────────────────────────────────────────────────────────

-- As before, and `unread`: how many notifications wait, 100 for more than 99.
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
        SELECT ' ' || coalesce(string_agg(g.permission, ' '), '') || ' ' INTO permissions
          FROM (SELECT r.permission FROM role_permissions r WHERE r.role = user_role
                 UNION SELECT x.permission FROM user_permissions x WHERE x.user_id = session_open.user_id AND x.allowed
                EXCEPT SELECT x.permission FROM user_permissions x WHERE x.user_id = session_open.user_id AND NOT x.allowed) AS g;
        SELECT count(*) INTO unread FROM (SELECT FROM notifications n WHERE n.user_id = session_open.user_id AND n.read_at IS NULL LIMIT 100) AS u;
        -- one write a minute and session is enough to know who is idle
        IF seen < now() - interval '1 minute' THEN
            UPDATE sessions s SET last_seen_at = now() WHERE s.token_hash = hash;
        END IF;
    END IF;
    PERFORM set_config('app.user', coalesce(user_id::text, ''), true),
            set_config('app.partner', coalesce(partner_id::text, ''), true),
            set_config('app.session', coalesce(session_id::text, ''), true),
            set_config('app.currency', coalesce(currency, ''), true),
            set_config('app.tier', coalesce(partner_tier, ''), true),
            set_config('app.partner_type', coalesce(partner_type, ''), true),
            set_config('app.permissions', coalesce(permissions, ''), true),
            set_config('app.request', coalesce(p_request, ''), true);
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

-- ── In somebody's place ──────────────────────────────────────────────────────────────────────────────────

-- As before; and nobody is read for whose partner is not with us any more, as nobody of theirs may sign in.
CREATE OR REPLACE FUNCTION app.session_as(p_user uuid)
    RETURNS TABLE (user_name text, user_email text, audience text, locale text, timezone text, currency text, programme_name text, support_email text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    u users;
    p partners;
BEGIN
    IF session_user <> 'tessera_jobs' THEN
        RAISE EXCEPTION 'Only the job daemon may do this.' USING ERRCODE = 'TS403';
    END IF;
    SELECT x.* INTO u FROM users x LEFT JOIN partners y ON y.id = x.partner_id
     WHERE x.id = p_user AND x.status = 'active' AND (y.id IS NULL OR y.status IN ('active', 'suspended'));
    SELECT * INTO p FROM partners x WHERE x.id = u.partner_id;
    SELECT g.name, g.support_email, coalesce(p.currency, g.currency) INTO programme_name, support_email, currency FROM programme g;
    user_name := u.name; user_email := u.email; locale := u.locale; timezone := u.timezone;
    audience := CASE WHEN u.id IS NULL THEN 'visitor' WHEN u.partner_id IS NULL THEN 'staff' ELSE 'partner' END;
    PERFORM set_config('app.user', coalesce(u.id::text, ''), true), set_config('app.partner', coalesce(u.partner_id::text, ''), true),
            set_config('app.session', '', true), set_config('app.currency', coalesce(currency, ''), true),
            set_config('app.tier', coalesce(p.tier, ''), true), set_config('app.partner_type', coalesce(p.type, ''), true),
            set_config('app.permissions', coalesce((SELECT ' ' || string_agg(g.permission, ' ') || ' '
               FROM (SELECT r.permission FROM role_permissions r WHERE r.role = u.role
                      UNION SELECT x.permission FROM user_permissions x WHERE x.user_id = u.id AND x.allowed
                     EXCEPT SELECT x.permission FROM user_permissions x WHERE x.user_id = u.id AND NOT x.allowed) AS g), ''), true);
    RETURN NEXT;
END $$;

-- ── Browsers ─────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE push_subscriptions
    ADD COLUMN session_id uuid, -- the session that it was made in
    ADD CONSTRAINT push_subscriptions_keys CHECK (p256dh ~ '^B[A-Za-z0-9_-]{86}$' AND auth ~ '^[A-Za-z0-9_-]{22}$'); -- 65 and 16 bytes
CREATE INDEX push_subscriptions_session_idx ON push_subscriptions (session_id);
REVOKE INSERT ON push_subscriptions FROM tessera_partner, tessera_staff;
GRANT SELECT (session_id) ON push_subscriptions TO tessera_partner, tessera_staff;

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
-- When somebody sleeps and what number they have is nobody else's business, a colleague's or staff's neither.

REVOKE SELECT (phone, quiet_from, quiet_to, digest_at), UPDATE (phone, quiet_from, quiet_to, digest_at) ON users FROM tessera_partner, tessera_staff;
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
