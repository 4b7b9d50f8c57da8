-- Everything that leaves the portal: how a row of the outbox is opened and ended by the daemon, addresses that are left
-- alone, what providers report back, and the way out (unsubscribe) that stands in every mail that can be ended.

INSERT INTO role_permissions VALUES ('support', 'mail:read');

-- ── Addresses that get nothing ───────────────────────────────────────────────────────────────────────────

CREATE TABLE suppressions (
    id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    address text NOT NULL CHECK (address = lower(address) AND length(address) BETWEEN 3 AND 254),
    reason  text NOT NULL CHECK (reason IN ('bounce', 'complaint', 'unsubscribe')),
    detail  text NOT NULL DEFAULT '', -- in the other side's words
    origin  text NOT NULL CHECK (origin IN ('delivery', 'provider', 'link')), -- who says so: the server we gave it to, a report, the person
    since   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (channel, address)
);
CREATE INDEX suppressions_since_idx ON suppressions (since DESC, id DESC);

CREATE TABLE mail_events ( -- reports that were taken; the same one twice does nothing
    id text PRIMARY KEY CHECK (length(id) <= 200),
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX mail_events_at_idx ON mail_events (at);

CREATE TABLE caught_messages ( -- where mail_delivery is "catch": what would have left
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    outbox_id uuid NOT NULL UNIQUE REFERENCES outbox ON DELETE CASCADE,
    channel   text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    recipient text NOT NULL,
    subject   text NOT NULL DEFAULT '',
    head      text NOT NULL DEFAULT '', -- its header lines
    body_text text NOT NULL DEFAULT '',
    body_html text -- NULL: it has none
);
CREATE INDEX caught_messages_at_idx ON caught_messages (at DESC, id DESC);

CALL app.protect('suppressions', 'mail_events', 'caught_messages');
GRANT SELECT, DELETE ON suppressions TO tessera_staff;
CREATE POLICY staff_read ON suppressions FOR SELECT TO tessera_staff USING ((SELECT app.can('mail:read')));
CREATE POLICY staff_lift ON suppressions FOR DELETE TO tessera_staff USING ((SELECT app.can('mail:write')));
CREATE TRIGGER audit AFTER DELETE ON suppressions FOR EACH ROW EXECUTE FUNCTION app.audit_row();
-- Links to new passwords stand in them: for admins of a portal that is being developed.
GRANT SELECT ON caught_messages TO tessera_staff;
CREATE POLICY developers ON caught_messages FOR SELECT TO tessera_staff USING ((SELECT app.can('development:read')));

-- The strongest reason stays: an address that does not exist is not one that merely wants less.
CREATE FUNCTION app.suppress(p_channel text, p_address text, p_reason text, p_detail text, p_origin text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO suppressions AS s (channel, address, reason, detail, origin)
    SELECT p_channel, lower(p_address), p_reason, left(coalesce(p_detail, ''), 500), p_origin WHERE length(p_address) BETWEEN 3 AND 254
    ON CONFLICT (channel, address) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, origin = excluded.origin
     WHERE array_position(ARRAY['bounce', 'complaint', 'unsubscribe'], excluded.reason)
         < array_position(ARRAY['bounce', 'complaint', 'unsubscribe'], s.reason)
$$;
GRANT EXECUTE ON FUNCTION app.suppress(text, text, text, text, text) TO tessera_jobs;

-- ── From the outbox to the world ─────────────────────────────────────────────────────────────────────────

-- A row of the outbox and what is to be done with it: 'send', 'done' (it was, or is no more), or the state that it ends in
-- ('suppressed', 'cancelled') with why. What has failed is sent when an admin has its job tried again.
CREATE FUNCTION app.outbox_open(p_id uuid)
    RETURNS TABLE (verdict text, why text, channel text, template text, recipient text, subject text, body text, created_at timestamptz,
        user_id uuid, user_name text, audience text, locale text, timezone text, notification_id uuid, data jsonb, category text, thread text,
        label text, earlier_id uuid, endpoint text, p256dh text, auth text, urgent boolean, programme_name text, support_email text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    o outbox;
    u users;
    n notifications;
    t event_types;
    s suppressions;
    chosen text;
BEGIN
    SELECT * INTO o FROM outbox x WHERE x.id = p_id;
    SELECT * INTO u FROM users x WHERE x.id = o.user_id;
    SELECT * INTO n FROM notifications x WHERE x.id = o.notification_id;
    SELECT * INTO t FROM event_types x WHERE x.code = coalesce(n.type, o.category);
    SELECT * INTO s FROM suppressions x WHERE x.channel = o.channel AND x.address = lower(o.recipient);
    SELECT CASE o.channel WHEN 'email' THEN c.email WHEN 'sms' THEN c.sms WHEN 'push' THEN c.push END INTO chosen
      FROM notification_choices c WHERE c.user_id = o.user_id AND c.type = t.code;
    SELECT g.name, g.support_email INTO programme_name, support_email FROM programme g;
    SELECT p.endpoint, p.p256dh, p.auth INTO endpoint, p256dh, auth FROM push_subscriptions p WHERE o.channel = 'push' AND p.id::text = o.recipient;
    verdict := CASE
        WHEN o.id IS NULL OR o.state NOT IN ('waiting', 'failed') THEN 'done'
        WHEN s.reason = 'bounce' OR s.reason = 'complaint' AND o.template <> 'reset' OR s.reason = 'unsubscribe' AND o.category IS NOT NULL THEN 'suppressed'
        WHEN o.user_id IS NOT NULL AND (u.status <> 'active' OR EXISTS (SELECT FROM partners p WHERE p.id = u.partner_id AND p.status NOT IN ('active', 'suspended'))) THEN 'cancelled'
        WHEN o.channel = 'push' AND endpoint IS NULL THEN 'cancelled'
        WHEN n.read_at IS NOT NULL AND NOT t.mandatory AND now() > o.created_at + interval '1 minute' THEN 'cancelled'
        WHEN chosen = 'off' AND NOT (t.mandatory AND o.channel = 'email') THEN 'cancelled'
        WHEN n.type = 'announcement.new' AND NOT EXISTS (SELECT FROM announcements a WHERE a.id = n.subject_id AND a.state = 'released' AND (a.expires_at IS NULL OR a.expires_at > now()))
            THEN 'cancelled'
        WHEN o.data ? 'enrolment' AND app.nurture_recalled((o.data ->> 'enrolment')::uuid, o.recipient) THEN 'cancelled' -- 0011
        ELSE 'send' END;
    why := CASE
        WHEN verdict = 'suppressed' THEN 'The address is on the list of those that get nothing (' || s.reason || ').'
        WHEN verdict = 'cancelled' THEN CASE
            WHEN u.status <> 'active' THEN 'The account is not active any more.'
            WHEN o.channel = 'push' AND endpoint IS NULL THEN 'The browser has ended its subscription.'
            WHEN n.read_at IS NOT NULL THEN 'It had been read in the portal before.'
            WHEN chosen = 'off' THEN 'It was switched off while it waited.'
            WHEN n.type = 'announcement.new' AND (u.status = 'active' AND NOT EXISTS (SELECT FROM announcements a WHERE a.id = n.subject_id AND a.state = 'released'))
                THEN 'It was withdrawn.'
            WHEN o.data ? 'enrolment' THEN 'The client is not to be written to any more.'
            ELSE 'The partner is not active any more.' END END;
    channel := o.channel; template := o.template; recipient := o.recipient; subject := o.subject; created_at := o.created_at;
    body := o.body; user_id := o.user_id; notification_id := o.notification_id; data := o.data; category := o.category; thread := o.thread;
    user_name := u.name; locale := coalesce(u.locale, 'en'); timezone := coalesce(u.timezone, (SELECT g.timezone FROM programme g));
    audience := CASE WHEN u.id IS NULL THEN 'visitor' WHEN u.partner_id IS NULL THEN 'staff' ELSE 'partner' END;
    urgent := coalesce(t.urgent, false);
    label := coalesce(t.label, CASE o.category WHEN 'digest' THEN 'The daily digest' END);
    SELECT e.id INTO earlier_id FROM outbox e WHERE e.thread = o.thread AND e.recipient = o.recipient AND e.channel = 'email' AND e.state = 'sent' AND e.id <> o.id
     ORDER BY e.sent_at DESC LIMIT 1;
    RETURN NEXT;
END $$;

-- It has left. What holds a secret link is not kept: it says nothing any more.
CREATE FUNCTION app.outbox_sent(p_id uuid, p_provider text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE outbox SET state = 'sent', sent_at = now(), error = NULL, provider_id = left(p_provider, 200),
           body = CASE WHEN template IN ('reset', 'invitation') THEN '' ELSE body END
     WHERE id = p_id AND state IN ('waiting', 'failed')
$$;
-- It will not: 'suppressed' or 'cancelled'.
CREATE FUNCTION app.outbox_ended(p_id uuid, p_state text, p_error text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE outbox SET state = p_state, error = left(p_error, 500), body = ''
     WHERE id = p_id AND state IN ('waiting', 'failed') AND p_state IN ('suppressed', 'cancelled')
$$;
-- Kept here instead of sent.
CREATE FUNCTION app.outbox_caught(p_id uuid, p_subject text, p_head text, p_text text, p_html text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO caught_messages (outbox_id, channel, recipient, subject, head, body_text, body_html)
    SELECT id, channel, recipient, coalesce(p_subject, ''), coalesce(p_head, ''), p_text, p_html FROM outbox WHERE id = p_id
    ON CONFLICT (outbox_id) DO NOTHING;
    SELECT app.outbox_sent(p_id, 'caught');
$$;
-- The push service knows the browser no more.
CREATE FUNCTION app.push_ended(p_id uuid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM push_subscriptions s USING outbox o WHERE o.id = p_id AND o.channel = 'push' AND s.id::text = o.recipient;
    SELECT app.outbox_ended(p_id, 'cancelled', 'The browser has ended its subscription.');
$$;

-- What ops are told of an event: whose it is and what it is about. No client's name, nothing to reach them by.
CREATE FUNCTION app.ops_alert(p_event bigint)
    RETURNS TABLE (type text, label text, at timestamptz, href text, partner text, source text, estimated_value numeric, currency text,
        property_type text, locations text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT e.type, t.label, e.at, e.href, p.name, l.source, nullif(l.estimated_value, 0), l.currency, l.property_type, l.locations
      FROM events e JOIN event_types t ON t.code = e.type LEFT JOIN partners p ON p.id = e.partner_id LEFT JOIN leads l ON l.id = e.lead_id
     WHERE e.id = p_event AND t.ops
$$;

-- A try that says nothing about the job: the other side as a whole was away. It is not counted.
CREATE FUNCTION app.job_later(p_id uuid, p_error text, p_wait double precision) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE jobs SET attempts = attempts - 1 WHERE id = p_id AND state = 'running' AND claimed_by = app.job_daemon();
    PERFORM app.job_failed(p_id, p_error, p_wait);
END $$;

GRANT EXECUTE ON FUNCTION app.outbox_open(uuid), app.outbox_sent(uuid, text), app.outbox_ended(uuid, text, text),
    app.outbox_caught(uuid, text, text, text, text), app.push_ended(uuid), app.ops_alert(bigint),
    app.job_later(uuid, text, double precision) TO tessera_jobs;

-- ── The way out of mails ─────────────────────────────────────────────────────────────────────────────────
-- The link names the mail by a signed id (src/jobs/unsubscribe.h); what it may end is the mail's own kind, or all that
-- can be ended.

CREATE FUNCTION app.unsubscribe_find(p_outbox uuid)
    RETURNS TABLE (category text, label text, address text, person boolean, kind_off boolean, all_off boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT o.category, coalesce(t.label, CASE o.category WHEN 'digest' THEN 'The daily digest' ELSE 'Mails of this kind' END),
           regexp_replace(o.recipient, '^(.)[^@]*', '\1***'), u.id IS NOT NULL,
           CASE WHEN u.id IS NULL THEN s.id IS NOT NULL
                WHEN o.category = 'digest' THEN NOT EXISTS (SELECT FROM event_types x LEFT JOIN notification_choices c ON c.user_id = u.id AND c.type = x.code
                                                             WHERE NOT x.mandatory AND coalesce(c.email, x.email) = 'digest')
                ELSE coalesce(c.email, t.email, 'off') = 'off' END,
           CASE WHEN u.id IS NULL THEN s.id IS NOT NULL
                ELSE NOT EXISTS (SELECT FROM event_types x LEFT JOIN notification_choices y ON y.user_id = u.id AND y.type = x.code
                                  WHERE NOT x.mandatory AND coalesce(y.email, x.email) <> 'off') END
      FROM outbox o LEFT JOIN users u ON u.id = o.user_id LEFT JOIN event_types t ON t.code = o.category
      LEFT JOIN notification_choices c ON c.user_id = u.id AND c.type = o.category
      LEFT JOIN suppressions s ON s.channel = 'email' AND s.address = lower(o.recipient)
     WHERE o.id = p_outbox AND o.channel = 'email' AND o.category IS NOT NULL
$$;

-- p_all: everything but what cannot be switched off. Somebody without an account has nothing to choose between.
CREATE FUNCTION app.unsubscribe(p_outbox uuid, p_all boolean) RETURNS TABLE (ended boolean) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    o outbox;
    partner uuid;
BEGIN
    SELECT * INTO o FROM outbox x WHERE x.id = p_outbox AND x.channel = 'email' AND x.category IS NOT NULL;
    IF o.id IS NULL THEN
        RETURN;
    END IF;
    IF o.user_id IS NULL THEN
        PERFORM app.suppress('email', o.recipient, 'unsubscribe', '', 'link');
    ELSE
        INSERT INTO notification_choices (user_id, type, email)
        SELECT o.user_id, t.code, 'off' FROM event_types t LEFT JOIN notification_choices c ON c.user_id = o.user_id AND c.type = t.code
         WHERE NOT t.mandatory AND coalesce(c.email, t.email) <> 'off'
           AND (p_all OR t.code = o.category OR (o.category = 'digest' AND coalesce(c.email, t.email) = 'digest'))
        ON CONFLICT (user_id, type) DO UPDATE SET email = 'off';
        IF FOUND THEN
            SELECT u.partner_id INTO partner FROM users u WHERE u.id = o.user_id;
            PERFORM app.audit_write('notifications.unsubscribe', o.user_id, partner, jsonb_build_object('name', CASE WHEN p_all THEN 'all' ELSE o.category END));
        END IF;
    END IF;
    ended := true;
    RETURN NEXT;
END $$;

-- ── What providers report ────────────────────────────────────────────────────────────────────────────────

-- Reports [{id, kind, address, detail, outbox}] of one delivery by a provider, whose signature was checked
-- (src/domain/sending/report_rules.h). How many were new.
CREATE FUNCTION app.mail_reports(p_reports jsonb) RETURNS TABLE (taken integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE r record;
BEGIN
    taken := 0;
    FOR r IN SELECT * FROM jsonb_to_recordset(p_reports) AS x(id text, kind text, address text, detail text, outbox uuid) LOOP
        INSERT INTO mail_events (id) VALUES (r.id) ON CONFLICT DO NOTHING;
        CONTINUE WHEN NOT FOUND;
        taken := taken + 1;
        IF r.kind IN ('bounce', 'complaint', 'unsubscribe') THEN
            PERFORM app.suppress('email', r.address, r.kind, r.detail, 'provider');
        END IF;
        IF r.kind IN ('bounce', 'failed') THEN -- it was taken from us, and came back
            UPDATE outbox SET state = 'failed', error = left(r.detail, 500)
             WHERE id = r.outbox AND channel = 'email' AND lower(recipient) = lower(r.address) AND state = 'sent';
        END IF;
    END LOOP;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION app.unsubscribe_find(uuid), app.unsubscribe(uuid, boolean), app.mail_reports(jsonb)
    TO tessera_visitor, tessera_partner, tessera_staff;

-- ── From time to time ────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION app.sending_housekeeping() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM mail_events WHERE at < now() - interval '90 days';
    DELETE FROM caught_messages WHERE at < now() - interval '14 days';
    -- a link that has expired is of no use to whoever has the mail sent after all
    UPDATE outbox SET body = '' WHERE template IN ('reset', 'invitation') AND state <> 'waiting' AND created_at < now() - interval '8 days' AND body <> '';
$$;
GRANT EXECUTE ON FUNCTION app.sending_housekeeping() TO tessera_jobs;
INSERT INTO job_schedules (name, kind, at, timezone, next_at)
VALUES ('sending.housekeeping', 'sending.housekeeping', '03:40', NULL, now() + interval '1 hour');
