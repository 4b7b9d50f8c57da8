-- Notifications as people meet them: what their sentence needs, the count at the bell, choices and browsers.

-- ── What a sentence needs ────────────────────────────────────────────────────────────────────────────────

ALTER TABLE notifications
    ADD COLUMN partner_id uuid, -- of the event: staff read which partner it is about
    ADD COLUMN by_staff boolean NOT NULL DEFAULT false; -- the actor is staff: a partner's people are told so, and no name

-- A partnership's event says what changed, and only that: one sentence about one thing.
CREATE OR REPLACE FUNCTION app.partners_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.event_add('partner.status', NEW.id, NULL, NEW.id, '/profile',
        CASE WHEN OLD.status <> NEW.status THEN jsonb_build_object('status_from', OLD.status, 'status_to', NEW.status) ELSE '{}' END ||
        CASE WHEN OLD.tier <> NEW.tier THEN jsonb_build_object('tier_from', OLD.tier, 'tier_to', NEW.tier) ELSE '{}' END);
    RETURN NULL;
END $$;

-- ── Fan-out ──────────────────────────────────────────────────────────────────────────────────────────────

-- Notifications and outbox rows of one event. Doing it again adds nothing.
CREATE OR REPLACE FUNCTION app.event_fan_out(p_event bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    e events;
    t event_types;
    conversation text;
    staff_did boolean;
BEGIN
    SELECT * INTO e FROM events WHERE id = p_event;
    IF e.id IS NULL THEN
        RETURN; -- its lead or partner is gone, and with it what there was to say
    END IF;
    SELECT * INTO t FROM event_types WHERE code = e.type;
    conversation := coalesce('lead-' || e.lead_id, e.type || '-' || e.subject_id);
    staff_did := coalesce((SELECT partner_id IS NULL FROM users WHERE id = e.actor_id), false);

    WITH heard AS (
        SELECT u.*, coalesce(c.email, t.email) AS by_email, coalesce(c.sms, t.sms) AS by_sms, coalesce(c.push, t.push) AS by_push
          FROM users u LEFT JOIN partners p ON p.id = u.partner_id
          LEFT JOIN notification_choices c ON c.user_id = u.id AND c.type = e.type
         WHERE u.status = 'active' AND (p.id IS NULL OR p.status IN ('active', 'suspended')) AND u.id IS DISTINCT FROM e.actor_id
           AND CASE WHEN e.users IS NOT NULL THEN u.id = ANY (e.users)
                    ELSE (t.audience IN ('partner', 'both') AND u.partner_id = e.partner_id) OR (t.audience IN ('staff', 'both') AND u.partner_id IS NULL) END
           AND (t.permission IS NULL OR app.user_can(u.id, t.permission))),
    told AS (
        INSERT INTO notifications (event_id, user_id, type, at, actor_id, by_staff, partner_id, lead_id, subject_id, href, data, digest)
        SELECT e.id, h.id, e.type, e.at, e.actor_id, staff_did, e.partner_id, e.lead_id, e.subject_id, e.href, e.data, h.by_email = 'digest' AND NOT t.mandatory FROM heard h
        ON CONFLICT (event_id, user_id) DO NOTHING RETURNING id, user_id),
    ways AS (
        SELECT n.id AS notification_id, h.id AS user_id, w.channel, w.recipient,
               CASE WHEN t.urgent THEN now() ELSE app.quiet_end((SELECT u FROM users u WHERE u.id = h.id), now()) END AS send_at
          FROM told n JOIN heard h ON h.id = n.user_id,
               LATERAL (SELECT 'email', h.email WHERE h.by_email = 'now' OR t.mandatory
                         UNION ALL SELECT 'sms', h.phone WHERE h.by_sms = 'now' AND h.phone IS NOT NULL
                         UNION ALL SELECT 'push', s.id::text FROM push_subscriptions s WHERE s.user_id = h.id AND h.by_push = 'now') AS w(channel, recipient))
    INSERT INTO outbox (channel, template, user_id, recipient, notification_id, category, thread, send_at)
    SELECT channel, 'event', user_id, recipient, notification_id, CASE WHEN NOT t.mandatory THEN e.type END, conversation, send_at FROM ways;
    PERFORM app.live('user:' || user_id, 'notifications') FROM notifications WHERE event_id = e.id;
    IF t.ops AND NOT EXISTS (SELECT FROM outbox WHERE template = 'ops' AND data ->> 'event' = e.id::text AND created_at >= e.at) THEN
        INSERT INTO outbox (channel, template, recipient, data, thread)
        SELECT w.channel, 'ops', w.recipient, jsonb_build_object('event', e.id), conversation FROM programme g,
               LATERAL (SELECT 'email', g.ops_email WHERE g.ops_email <> '' UNION ALL SELECT 'slack', 'ops') AS w(channel, recipient);
    END IF;
END $$;
