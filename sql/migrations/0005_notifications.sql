-- What people are told: events, who hears of them and how, and everything that leaves the portal (outbox).
--
-- A page or a trigger calls app.event_add() once. A job (notify.fan_out) then makes a notification for everybody whom the
-- event concerns and, by each one's own choice, rows of the outbox. What a notification says is read through the eyes of
-- its reader when it is shown or sent: the row holds references, not names, so what somebody may no longer see is gone
-- from old notifications and from waiting mail as well.

ALTER TABLE programme ADD COLUMN ops_email text NOT NULL DEFAULT ''; -- who hears of new referrals; empty: nobody
GRANT UPDATE (ops_email) ON programme TO tessera_staff;

-- ── Events ───────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE event_types (
    code        text PRIMARY KEY CHECK (code ~ '^[a-z]+\.[a-z_]+$'),
    category    text NOT NULL CHECK (category IN ('leads', 'messages', 'work', 'money', 'training', 'programme', 'account', 'operations')),
    label       text NOT NULL, -- as the preferences page calls it
    audience    text NOT NULL CHECK (audience IN ('partner', 'staff', 'both')),
    permission  text, -- that one needs to hear of it; NULL: none
    email       text NOT NULL CHECK (email IN ('now', 'digest', 'off')), -- until somebody chooses otherwise
    sms         text NOT NULL DEFAULT 'off' CHECK (sms IN ('now', 'off')),
    push        text NOT NULL CHECK (push IN ('now', 'off')),
    mandatory   boolean NOT NULL DEFAULT false, -- the mail cannot be switched off
    urgent      boolean NOT NULL DEFAULT false, -- does not wait for quiet hours to end
    ops         boolean NOT NULL DEFAULT false, -- also goes to the programme's ops_email and Slack
    position    integer NOT NULL
);
INSERT INTO event_types (position, code, category, label, audience, permission, email, push, mandatory, urgent, ops) VALUES
    (10, 'lead.created',        'leads', 'A new lead came in',                'staff',   'leads:read', 'off', 'now', false, false, true),
    (11, 'lead.stage',          'leads', 'A lead moved to another stage',     'both',    'leads:read', 'digest', 'off', false, false, false),
    (12, 'lead.won',            'leads', 'A lead was won',                    'both',    'leads:read', 'now', 'now', false, false, false),
    (13, 'lead.declined',       'leads', 'A client opted out',                'both',    'leads:read', 'now', 'off', false, false, false),
    (14, 'share.new',           'leads', 'A lead is shared with you',         'partner', 'leads:read', 'now', 'now', false, false, false),
    (15, 'share.status',        'leads', 'A partner answered a shared lead',  'staff',   'leads:read', 'digest', 'off', false, false, false),
    (20, 'message.new',         'messages', 'A new message',                  'both',    NULL, 'now', 'now', false, false, false),
    (30, 'reminder.due',        'work', 'A reminder of yours is due',         'both',    NULL, 'now', 'now', false, true, false),
    (31, 'appointment.new',     'work', 'A new appointment',                  'both',    'leads:read', 'now', 'now', false, false, false),
    (32, 'appointment.changed', 'work', 'An appointment was moved or called off', 'both', 'leads:read', 'now', 'now', false, true, false),
    (33, 'appointment.soon',    'work', 'An appointment is close',            'both',    'leads:read', 'now', 'now', false, true, false),
    (40, 'commission.new',      'money', 'A commission was recorded',         'partner', 'commissions:read', 'now', 'off', false, false, false),
    (41, 'commission.state',    'money', 'A commission was approved or corrected', 'partner', 'commissions:read', 'digest', 'off', false, false, false),
    (42, 'payout.sent',         'money', 'A payout is on its way',            'partner', 'commissions:read', 'now', 'now', true, false, false),
    (50, 'certificate.earned',  'training', 'A certificate was earned',       'partner', 'training:read', 'now', 'off', false, false, false),
    (51, 'certificate.expiring', 'training', 'A certificate runs out soon',   'partner', 'training:read', 'now', 'now', false, false, false),
    (60, 'announcement.new',    'programme', 'News from the programme',       'both',    NULL, 'now', 'off', false, false, false),
    (61, 'partner.status',      'programme', 'The status or tier of the partnership changed', 'partner', 'profile:read', 'now', 'off', true, false, false),
    (70, 'account.password',    'account', 'Your password was changed',       'both',    NULL, 'now', 'off', true, true, false),
    (71, 'account.role',        'account', 'Your role was changed',           'both',    NULL, 'now', 'off', true, false, false),
    (80, 'job.dead',            'operations', 'A job was put aside after its last try', 'staff', 'jobs:read', 'digest', 'off', false, false, false);
GRANT SELECT ON event_types TO tessera_partner, tessera_staff;

CREATE TABLE events ( -- what happened; kept for ninety days
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type       text NOT NULL REFERENCES event_types,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id   uuid REFERENCES users ON DELETE SET NULL, -- who did it, and need not be told; NULL: nobody in particular
    partner_id uuid REFERENCES partners ON DELETE CASCADE, -- whose people may hear of it; NULL: no partner's
    lead_id    uuid REFERENCES leads ON DELETE CASCADE,
    subject_id uuid, -- the message, appointment, ledger entry … that it is about
    href       text NOT NULL CHECK (href ~ '^/'), -- the page that shows it
    users      uuid[], -- to these; NULL: to everybody of the type's audience
    data       jsonb NOT NULL DEFAULT '{}' -- codes and figures that the sentence needs; no names, nothing a client said
);
CREATE INDEX events_at_idx ON events (at);

CREATE TABLE notifications (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id   bigint REFERENCES events ON DELETE SET NULL,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    type       text NOT NULL REFERENCES event_types,
    category   text NOT NULL, -- that of its type, for the list's filter; a trigger fills it
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id   uuid,
    by_staff   boolean NOT NULL DEFAULT false, -- the actor is staff: a partner's people are told so, and no name
    partner_id uuid, -- of the event: staff read which partner it is about
    lead_id    uuid,
    subject_id uuid,
    href       text NOT NULL,
    data       jsonb NOT NULL DEFAULT '{}',
    read_at    timestamptz,
    digest     boolean NOT NULL DEFAULT false, -- waits for the digest
    UNIQUE (event_id, user_id)
);
CREATE INDEX notifications_user_idx ON notifications (user_id, at DESC, id DESC);
CREATE INDEX notifications_unread_idx ON notifications (user_id, at DESC, id DESC) WHERE read_at IS NULL;
CREATE INDEX notifications_category_idx ON notifications (user_id, category, at DESC, id DESC);
CREATE INDEX notifications_digest_idx ON notifications (user_id, at) WHERE digest;

CREATE FUNCTION app.notifications_category() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.category := (SELECT t.category FROM event_types t WHERE t.code = NEW.type);
    RETURN NEW;
END $$;
CREATE TRIGGER category BEFORE INSERT ON notifications FOR EACH ROW WHEN (NEW.category IS NULL) EXECUTE FUNCTION app.notifications_category();

CREATE TABLE notification_choices ( -- where somebody wants it otherwise than event_types has it
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    type    text NOT NULL REFERENCES event_types,
    email   text CHECK (email IN ('now', 'digest', 'off')),
    sms     text CHECK (sms IN ('now', 'off')),
    push    text CHECK (push IN ('now', 'off')),
    PRIMARY KEY (user_id, type)
);
ALTER TABLE users
    ADD COLUMN phone text CHECK (phone ~ '^\+[0-9]{7,15}$'), -- E.164, for SMS; NULL: none
    ADD COLUMN quiet_from time, -- in the user's zone; both or none
    ADD COLUMN quiet_to time,
    ADD COLUMN digest_at time NOT NULL DEFAULT '08:00',
    ADD COLUMN digest_on date, -- the last day (the user's) that a digest was made for
    ADD CONSTRAINT users_quiet CHECK ((quiet_from IS NULL) = (quiet_to IS NULL));
-- When somebody sleeps and what number they have is nobody else's business, a colleague's or staff's neither: one reads and
-- writes one's own by functions (0009).

CREATE TABLE push_subscriptions ( -- a browser of somebody's (Push API)
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id uuid, -- that it was made in
    endpoint   text NOT NULL UNIQUE CHECK (endpoint ~ '^https://' AND length(endpoint) <= 1000),
    p256dh     text NOT NULL,
    auth       text NOT NULL,
    user_agent text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT push_subscriptions_keys CHECK (p256dh ~ '^B[A-Za-z0-9_-]{86}$' AND auth ~ '^[A-Za-z0-9_-]{22}$') -- base64url: 65 and 16 bytes
);
CREATE INDEX push_subscriptions_user_idx ON push_subscriptions (user_id);
CREATE INDEX push_subscriptions_session_idx ON push_subscriptions (session_id);

CALL app.protect('events', 'notifications', 'notification_choices', 'push_subscriptions');
GRANT SELECT, UPDATE (read_at) ON notifications TO tessera_partner, tessera_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON notification_choices TO tessera_partner, tessera_staff;
GRANT SELECT (id, user_id, session_id, user_agent, created_at), DELETE ON push_subscriptions TO tessera_partner, tessera_staff;
CREATE POLICY self ON notifications TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()));
CREATE POLICY self ON notification_choices TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()));
CREATE POLICY self ON push_subscriptions TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()));

-- ── Outbox: whatever leaves the portal ───────────────────────────────────────────────────────────────────

ALTER TABLE outbox
    ALTER COLUMN subject SET DEFAULT '',
    ALTER COLUMN body SET DEFAULT '',
    ADD COLUMN channel text NOT NULL DEFAULT 'email' CHECK (channel IN ('email', 'sms', 'push', 'slack')),
    ADD COLUMN user_id uuid REFERENCES users ON DELETE CASCADE, -- through whose eyes it is written; NULL: an outsider's
    ADD COLUMN notification_id uuid REFERENCES notifications ON DELETE CASCADE,
    ADD COLUMN data jsonb NOT NULL DEFAULT '{}', -- what the template needs beside that; ids and codes
    ADD COLUMN category text, -- what "unsubscribe" ends; NULL: it cannot be ended
    ADD COLUMN thread text, -- mails of one conversation have the same
    ADD COLUMN send_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'suppressed', 'cancelled')),
    ADD COLUMN error text, -- why it failed or was suppressed
    ADD COLUMN provider_id text; -- what the other side calls it
-- An event's word to the programme goes out once, however often the event is fanned out.
CREATE UNIQUE INDEX outbox_ops_once ON outbox ((data ->> 'event'), channel) WHERE template = 'ops';
CREATE INDEX outbox_state_idx ON outbox (state, created_at) WHERE state <> 'sent';
CREATE INDEX outbox_thread_idx ON outbox (thread, created_at) WHERE thread IS NOT NULL;
CREATE INDEX outbox_notification_idx ON outbox (notification_id) WHERE notification_id IS NOT NULL;

CREATE FUNCTION app.outbox_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO jobs (kind, payload, run_at, priority)
    SELECT 'send.' || channel, jsonb_build_object('outbox', id), send_at,
           CASE WHEN template IN ('reset', 'invitation') THEN 1 WHEN template IN ('digest', 'nurture') THEN 7 ELSE 5 END
      FROM new_rows WHERE state = 'waiting';
    RETURN NULL;
END $$;
CREATE TRIGGER queue AFTER INSERT ON outbox REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.outbox_queue();

-- ── Live pages ───────────────────────────────────────────────────────────────────────────────────────────
-- p_scope: whose pages: 'user:<id>', 'partner:<id>' or 'staff'. p_topic: what changed there: 'notifications', 'leads',
-- 'messages' … p_id: which of them; NULL: some. Delivered when the transaction commits. Nothing of the row travels: the
-- page asks for it, and is told what its reader may see.

CREATE FUNCTION app.live(p_scope text, p_topic text, p_id uuid DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('live', concat_ws(' ', p_scope, p_topic, p_id))
$$;

CREATE FUNCTION app.leads_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN -- of a statement that changed many, one word for each partner and no ids
    IF (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 21) AS n) <= 20 THEN
        PERFORM app.live('partner:' || partner_id, 'leads', id), app.live('staff', 'leads', id) FROM new_rows;
    ELSE
        PERFORM app.live('partner:' || partner_id, 'leads') FROM (SELECT DISTINCT partner_id FROM new_rows LIMIT 1000) AS p;
        PERFORM app.live('staff', 'leads');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER live_insert AFTER INSERT ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_live();
CREATE TRIGGER live_update AFTER UPDATE ON leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.leads_live();

-- ── From event to notification ───────────────────────────────────────────────────────────────────────────

-- For triggers and functions of the owner. p_users NULL: everybody of the type's audience.
CREATE FUNCTION app.event_add(p_type text, p_partner uuid, p_lead uuid, p_subject uuid, p_href text, p_data jsonb DEFAULT '{}', p_users uuid[] DEFAULT NULL)
    RETURNS void LANGUAGE sql AS $$
    WITH added AS (
        INSERT INTO public.events (type, actor_id, partner_id, lead_id, subject_id, href, data, users)
        VALUES (p_type, app.user_id(), p_partner, p_lead, p_subject, p_href, p_data, p_users) RETURNING id)
    SELECT app.job_add('notify.fan_out', jsonb_build_object('event', id)) FROM added
$$;

CREATE FUNCTION app.user_can(p_user uuid, p_permission text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT coalesce((SELECT x.allowed FROM user_permissions x WHERE x.user_id = p_user AND x.permission = p_permission),
                    EXISTS (SELECT FROM users u JOIN role_permissions r ON r.role = u.role WHERE u.id = p_user AND r.permission IN (p_permission, '*')))
$$;

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
CREATE FUNCTION app.quiet_end(u users, p_at timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
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

-- Notifications and outbox rows of one event. Doing it again adds nothing.
CREATE FUNCTION app.event_fan_out(p_event bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
GRANT EXECUTE ON FUNCTION app.event_fan_out(bigint) TO tessera_jobs;

-- Digests of everybody whose time has come: once a day, at their hour, with all that waits then. What comes after their
-- hour waits for the next day's. Every quarter of an hour; an hour that was missed is made up for.
CREATE FUNCTION app.digests_make() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
GRANT EXECUTE ON FUNCTION app.digests_make() TO tessera_jobs;
INSERT INTO job_schedules (name, kind, every, next_at) VALUES ('digests.make', 'digests.make', '15 minutes', date_trunc('hour', now()));

-- Every permission that somebody has, with a blank before and after each; ' * ' for all of them.
CREATE FUNCTION app.permissions_of(p_user uuid, p_role text) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN (SELECT ' ' || coalesce(string_agg(g.permission, ' '), '') || ' '
              FROM (SELECT r.permission FROM role_permissions r WHERE r.role = p_role
                     UNION SELECT x.permission FROM user_permissions x WHERE x.user_id = p_user AND x.allowed
                    EXCEPT SELECT x.permission FROM user_permissions x WHERE x.user_id = p_user AND NOT x.allowed) AS g);
END $$;
-- Who is asking, for the rest of the transaction: what policies read.
CREATE FUNCTION app.asker_set(p_user uuid, p_partner uuid, p_session uuid, p_currency text, p_tier text, p_type text, p_permissions text, p_request text)
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.user', coalesce(p_user::text, ''), true), set_config('app.partner', coalesce(p_partner::text, ''), true),
            set_config('app.session', coalesce(p_session::text, ''), true), set_config('app.currency', coalesce(p_currency, ''), true),
            set_config('app.tier', coalesce(p_tier, ''), true), set_config('app.partner_type', coalesce(p_type, ''), true),
            set_config('app.permissions', coalesce(p_permissions, ''), true), set_config('app.request', coalesce(p_request, ''), true);
END $$;

-- Takes somebody's place for one transaction, so that what is written to them shows what they may see and nothing more.
-- Only the job daemon may; the role it reads under is the user's own kind. Nobody is read for who could not sign in.
CREATE FUNCTION app.session_as(p_user uuid)
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
    PERFORM app.asker_set(u.id, u.partner_id, NULL, currency, p.tier, p.type, app.permissions_of(u.id, u.role), NULL);
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION app.session_as(uuid) TO tessera_visitor, tessera_partner, tessera_staff;

-- ── What tells of itself already ─────────────────────────────────────────────────────────────────────────

CREATE FUNCTION app.leads_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.event_add('lead.created', NEW.partner_id, NEW.id, NEW.id, '/leads/' || NEW.id, jsonb_build_object('source', NEW.source));
    ELSE
        PERFORM app.event_add(CASE NEW.stage WHEN 'won' THEN 'lead.won' WHEN 'declined' THEN 'lead.declined' ELSE 'lead.stage' END,
            NEW.partner_id, NEW.id, NEW.id, '/leads/' || NEW.id, jsonb_build_object('from', OLD.stage, 'to', NEW.stage));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events_insert AFTER INSERT ON leads FOR EACH ROW EXECUTE FUNCTION app.leads_events();
CREATE TRIGGER events_stage AFTER UPDATE OF stage ON leads FOR EACH ROW WHEN (OLD.stage <> NEW.stage) EXECUTE FUNCTION app.leads_events();

CREATE FUNCTION app.ledger_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.event_add('commission.new', NEW.partner_id, NEW.lead_id, NEW.id, '/commissions/' || NEW.id,
            jsonb_build_object('amount', NEW.amount, 'currency', NEW.currency, 'state', NEW.state));
    ELSE
        PERFORM app.event_add('commission.state', NEW.partner_id, NEW.lead_id, NEW.id, '/commissions/' || NEW.id,
            jsonb_build_object('amount', NEW.amount, 'currency', NEW.currency, 'from', OLD.state, 'to', NEW.state));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events_insert AFTER INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION app.ledger_events();
CREATE TRIGGER events_state AFTER UPDATE OF state ON ledger_entries FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION app.ledger_events();

CREATE FUNCTION app.shares_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.event_add('share.new', NEW.partner_id, NEW.lead_id, NEW.id, '/leads/' || NEW.lead_id);
    ELSIF NEW.status <> OLD.status THEN
        PERFORM app.event_add('share.status', NEW.partner_id, NEW.lead_id, NEW.id, '/leads/' || NEW.lead_id, jsonb_build_object('from', OLD.status, 'to', NEW.status));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events AFTER INSERT OR UPDATE ON lead_shares FOR EACH ROW EXECUTE FUNCTION app.shares_events();

CREATE FUNCTION app.people_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.password_hash IS DISTINCT FROM OLD.password_hash AND OLD.password_hash IS NOT NULL AND OLD.status = 'active' THEN
        -- told even to whoever did it: it may have been somebody else in their name
        INSERT INTO events (type, partner_id, subject_id, href, users) VALUES ('account.password', NEW.partner_id, NEW.id, '/account', ARRAY[NEW.id]);
        PERFORM app.job_add('notify.fan_out', jsonb_build_object('event', currval(pg_get_serial_sequence('events', 'id'))));
    END IF;
    IF NEW.role <> OLD.role AND NEW.status = 'active' THEN
        PERFORM app.event_add('account.role', NEW.partner_id, NULL, NEW.id, '/account', jsonb_build_object('from', OLD.role, 'to', NEW.role), ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION app.people_events();

-- A partnership's event says what changed, and only that: one sentence about one thing.
CREATE FUNCTION app.partners_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.event_add('partner.status', NEW.id, NULL, NEW.id, '/profile',
        CASE WHEN OLD.status <> NEW.status THEN jsonb_build_object('status_from', OLD.status, 'status_to', NEW.status) ELSE '{}' END ||
        CASE WHEN OLD.tier <> NEW.tier THEN jsonb_build_object('tier_from', OLD.tier, 'tier_to', NEW.tier) ELSE '{}' END);
    RETURN NULL;
END $$;
CREATE TRIGGER events AFTER UPDATE OF status, tier ON partners FOR EACH ROW
    WHEN ((OLD.status, OLD.tier) IS DISTINCT FROM (NEW.status, NEW.tier)) EXECUTE FUNCTION app.partners_events();

CREATE FUNCTION app.jobs_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE outbox SET state = 'failed', error = NEW.last_error
     WHERE NEW.kind LIKE 'send.%' AND id = CASE WHEN NEW.payload ->> 'outbox' ~ '^[0-9a-f-]{36}$' THEN (NEW.payload ->> 'outbox')::uuid END AND state = 'waiting';
    -- one word an hour and kind, and none about what carries the word itself
    IF NEW.kind NOT LIKE 'send.%' AND NEW.kind NOT LIKE 'notify.%'
       AND NOT EXISTS (SELECT FROM events WHERE type = 'job.dead' AND data ->> 'kind' = NEW.kind AND at > now() - interval '1 hour') THEN
        PERFORM app.event_add('job.dead', NULL, NULL, NULL, '/admin/jobs?state=dead', jsonb_build_object('kind', NEW.kind));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events AFTER UPDATE OF state ON jobs FOR EACH ROW WHEN (NEW.state = 'dead' AND OLD.state <> 'dead') EXECUTE FUNCTION app.jobs_events();

CREATE FUNCTION app.housekeeping() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM throttle WHERE started_at < now() - interval '2 days';
    DELETE FROM sessions WHERE expires_at < now();
    DELETE FROM one_time_links WHERE expires_at < now() - interval '1 day';
    DELETE FROM job_counts WHERE day < current_date - 90;
    DELETE FROM events WHERE at < now() - interval '90 days';
    DELETE FROM notifications WHERE at < now() - interval '365 days';
    -- what was sent is kept as a fact; what it said is not
    UPDATE outbox SET body = '', data = '{}' WHERE state <> 'waiting' AND created_at < now() - interval '30 days' AND (body <> '' OR data <> '{}');
$$;
GRANT EXECUTE ON FUNCTION app.housekeeping() TO tessera_jobs;
INSERT INTO job_schedules (name, kind, at, timezone, next_at)
VALUES ('daily.housekeeping', 'daily.housekeeping', '03:20', NULL, now() + interval '1 hour');
