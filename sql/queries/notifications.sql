-- Notifications, as their reader sees them: whom and what they are about is read through the reader's own eyes, and is
-- NULL where they may not see it (any longer). templates/notification/<type> makes a sentence of a row.

-- name: notification_one one
SELECT n.id, n.type, 'notification/' || replace(n.type, '.', '_') AS template, n.category, n.at, n.read_at, a.name AS actor,
       a.id IS NULL AND n.by_staff AS by_staff, a.id IS NULL AND NOT n.by_staff AS by_nobody,
       (SELECT l.client_name FROM leads l WHERE l.id = n.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = n.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       CASE n.type WHEN 'announcement.new' THEN (SELECT a.title FROM announcements a WHERE a.id = n.subject_id)
                   WHEN 'reminder.due' THEN (SELECT nullif(left(r.note, 120), '') FROM reminders r WHERE r.id = n.subject_id) END AS title,
       (SELECT g.name FROM programme g) AS programme_name, n.href, n.data, (SELECT l.id FROM leads l WHERE l.id = n.lead_id) AS lead_id, n.subject_id
  FROM notifications n LEFT JOIN users a ON a.id = n.actor_id
 WHERE n.id = :notification_id::uuid

-- name: notification_list many
-- doc: the reader's own, newest first; the day is that of their clock
-- sort: at_desc n.at desc timestamptz
SELECT n.id, n.type, 'notification/' || replace(n.type, '.', '_') AS template, n.category, n.at, n.read_at, a.name AS actor,
       a.id IS NULL AND n.by_staff AS by_staff, a.id IS NULL AND NOT n.by_staff AS by_nobody,
       (SELECT l.client_name FROM leads l WHERE l.id = n.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = n.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       CASE n.type WHEN 'announcement.new' THEN (SELECT a.title FROM announcements a WHERE a.id = n.subject_id)
                   WHEN 'reminder.due' THEN (SELECT nullif(left(r.note, 120), '') FROM reminders r WHERE r.id = n.subject_id) END AS title,
       (SELECT g.name FROM programme g) AS programme_name, n.href, n.data, (SELECT l.id FROM leads l WHERE l.id = n.lead_id) AS lead_id, n.subject_id,
       app.local_time(n.at, zone.name)::date AS _day, app.local_time(now(), zone.name)::date - app.local_time(n.at, zone.name)::date AS _age, {sort_key} AS _sort_key
  FROM (SELECT u.timezone AS name FROM users u WHERE u.id = (SELECT app.user_id())) AS zone, notifications n LEFT JOIN users a ON a.id = n.actor_id
 WHERE n.user_id = (SELECT app.user_id())
   AND n.read_at IS NULL AND :unread::boolean --? unread
   AND n.category = :category --? category
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: notification_counts many
-- doc: is there anything unread, and how new is the newest: what "mark all as read" is about
SELECT EXISTS (SELECT FROM notifications n WHERE n.user_id = (SELECT app.user_id()) AND n.read_at IS NULL) AS waiting,
       (SELECT n.at FROM notifications n WHERE n.user_id = (SELECT app.user_id()) ORDER BY n.at DESC, n.id DESC LIMIT 1) AS newest

-- name: notification_read many
-- doc: where it leads; no row when there is no such notification of the reader's
UPDATE notifications SET read_at = coalesce(read_at, now()) WHERE id = :notification_id::uuid RETURNING href

-- name: notification_read_all none
-- doc: those that the reader has seen in the list, and not what came meanwhile
UPDATE notifications SET read_at = now() WHERE user_id = (SELECT app.user_id()) AND read_at IS NULL AND at <= :until::timestamptz

-- ── One's own settings ──

-- name: notification_settings one
SELECT to_char(digest_at, 'HH24:MI') AS digest_at, to_char(quiet_from, 'HH24:MI') AS quiet_from, to_char(quiet_to, 'HH24:MI') AS quiet_to, phone, timezone
  FROM app.notification_settings()

-- name: notification_times many
-- doc: times of day to choose from: every half hour, and what is chosen already
SELECT DISTINCT to_char(t, 'HH24:MI') AS value, to_char(t, 'HH24:MI') AS label
  FROM (SELECT time '00:00' + n * interval '30 minutes' AS t FROM generate_series(0, 47) AS n
         UNION ALL SELECT unnest(ARRAY[s.digest_at, s.quiet_from, s.quiet_to]) FROM app.notification_settings() s) AS all_of_them
 WHERE t IS NOT NULL ORDER BY 1

-- name: notification_choices many
-- doc: what the reader can hear of, how they hear of it, and how they would if they had not chosen
SELECT t.code AS type, t.category, t.mandatory, t.email AS usual_email, t.push AS usual_push, t.sms AS usual_sms,
       coalesce(c.email, t.email) AS email, coalesce(c.push, t.push) AS push, coalesce(c.sms, t.sms) AS sms
  FROM event_types t LEFT JOIN notification_choices c ON c.type = t.code AND c.user_id = (SELECT app.user_id())
 WHERE t.audience IN ('both', CASE WHEN (SELECT app.partner()) IS NULL THEN 'staff' ELSE 'partner' END)
   AND (t.permission IS NULL OR app.can(t.permission))
 ORDER BY t.position

-- name: notification_settings_update none
SELECT app.notification_settings_set(:digest_at::time, :quiet_from::time, :quiet_to::time, :phone)

-- name: notification_choices_update none
-- doc: :choices holds a list of {type, email, push, sms}; what equals the default is not kept, so that it follows it
INSERT INTO notification_choices AS c (user_id, type, email, push, sms)
SELECT app.user_id(), t.code, CASE WHEN NOT t.mandatory THEN nullif(s.email, t.email) END, nullif(s.push, t.push), nullif(s.sms, t.sms)
  FROM jsonb_to_recordset(:choices::jsonb -> 'choices') AS s(type text, email text, push text, sms text) JOIN event_types t ON t.code = s.type
ON CONFLICT (user_id, type) DO UPDATE SET email = excluded.email, push = excluded.push, sms = excluded.sms

-- name: notification_choices_tidy none
DELETE FROM notification_choices WHERE user_id = (SELECT app.user_id()) AND email IS NULL AND push IS NULL AND sms IS NULL

-- name: notification_choices_forget none
DELETE FROM notification_choices WHERE user_id = (SELECT app.user_id())

-- ── Browsers ──

-- name: push_browsers many
SELECT s.id, s.created_at, app.browser(s.user_agent) AS browser, app.browser_system(s.user_agent) AS system,
       s.session_id = nullif(current_setting('app.session', true), '')::uuid AS current
  FROM push_subscriptions s WHERE s.user_id = (SELECT app.user_id()) ORDER BY s.created_at DESC, s.id

-- name: push_subscribe many
SELECT app.push_subscribe(:endpoint, :p256dh, :auth, :user_agent, coalesce(:renew::boolean, false)) AS taken

-- name: push_delete many
DELETE FROM push_subscriptions WHERE id = :subscription_id::uuid RETURNING id

-- ── The demo ──

-- name: seed_notifications none
-- doc: what everybody was told lately, as app.event_fan_out() would have: of leads, commissions, shares, themselves. What is
-- older than a day and a half was read, and some of the rest
WITH people AS (
    SELECT u.id, u.email, u.partner_id, u.created_at,
           array(SELECT r.permission FROM role_permissions r WHERE r.role = u.role) AS may
      FROM users u JOIN (SELECT p.id FROM partners p WHERE p.status IN ('active', 'suspended') UNION ALL SELECT NULL) AS p ON p.id IS NOT DISTINCT FROM u.partner_id
     WHERE u.status = 'active'),
happened AS (
    SELECT p.id AS user_id, 'lead-' || h.id AS source, h.at, CASE WHEN h.kind = 'created' THEN 'lead.created' WHEN h.to_stage = 'won' THEN 'lead.won'
           WHEN h.to_stage = 'declined' THEN 'lead.declined' ELSE 'lead.stage' END AS type, h.user_id AS actor_id, h.partner_id, h.lead_id,
           h.lead_id AS subject_id, '/leads/' || h.lead_id AS href, jsonb_build_object('from', h.from_stage, 'to', h.to_stage) AS data
      FROM people p, LATERAL (SELECT * FROM lead_history h WHERE h.partner_id = p.partner_id AND h.kind = 'stage' AND (h.bulk_id IS NULL OR h.bulk_size IS NOT NULL) ORDER BY h.at DESC, h.id DESC LIMIT 24) AS h
     WHERE p.partner_id IS NOT NULL
     UNION ALL
    SELECT p.id, 'lead-' || h.id, h.at, CASE WHEN h.kind = 'created' THEN 'lead.created' WHEN h.to_stage = 'won' THEN 'lead.won' WHEN h.to_stage = 'declined' THEN 'lead.declined'
           ELSE 'lead.stage' END, h.user_id, h.partner_id, h.lead_id, h.lead_id, '/leads/' || h.lead_id, jsonb_build_object('from', h.from_stage, 'to', h.to_stage)
      FROM people p, LATERAL (SELECT * FROM lead_history h WHERE h.kind IN ('created', 'stage') AND (h.bulk_id IS NULL OR h.bulk_size IS NOT NULL) ORDER BY h.at DESC, h.id DESC LIMIT 60) AS h
     WHERE p.partner_id IS NULL AND p.may && '{leads:read,*}'
     UNION ALL
    SELECT p.id, 'share-' || s.id, s.accepted_at, 'share.status', NULL, s.partner_id, s.lead_id, s.id, '/leads/' || s.lead_id, '{"from": "sent", "to": "accepted"}'
      FROM people p, (SELECT * FROM lead_shares WHERE accepted_at IS NOT NULL ORDER BY accepted_at DESC, id LIMIT 6) AS s
     WHERE p.partner_id IS NULL AND p.may && '{leads:read,*}'
     UNION ALL
    SELECT p.id, 'entry-' || l.id || l.state, CASE WHEN l.state = 'pending' THEN l.created_at ELSE l.state_at END,
           CASE WHEN l.state = 'pending' THEN 'commission.new' ELSE 'commission.state' END, NULL, l.partner_id, l.lead_id, l.id, '/commissions/' || l.id,
           jsonb_build_object('amount', l.amount, 'currency', l.currency, 'to', l.state)
      FROM people p, LATERAL (SELECT * FROM ledger_entries l WHERE l.partner_id = p.partner_id ORDER BY l.created_at DESC, l.id LIMIT 8) AS l
     WHERE p.may && '{commissions:read}'
     UNION ALL
    SELECT p.id, 'password', (SELECT max(at) FROM lead_history) - make_interval(days => 2 + ('x' || left(md5(p.email), 2))::bit(8)::int % 60), 'account.password', NULL,
           p.partner_id, NULL, p.id, '/account', '{}'
      FROM people p
     UNION ALL
    SELECT p.id, 'role', (SELECT max(at) FROM lead_history) - interval '7 hours', 'account.role', NULL, NULL, NULL, p.id, '/account', jsonb_build_object('to', u.role)
      FROM people p JOIN users u ON u.id = p.id WHERE NOT p.may && '{leads:read,*}' -- who hears of little else
     UNION ALL
    SELECT p.id, 'tier', (SELECT max(at) FROM lead_history) - interval '11 days', 'partner.status', NULL, p.partner_id, NULL, p.partner_id, '/profile', jsonb_build_object('tier_to', q.tier)
      FROM people p JOIN partners q ON q.id = p.partner_id WHERE q.tier <> 'bronze' AND p.may && '{profile:read}'),
told AS (
    SELECT h.*, row_number() OVER (PARTITION BY h.user_id ORDER BY h.at DESC, h.source) AS place FROM happened h
     WHERE h.actor_id IS DISTINCT FROM h.user_id AND h.at > (SELECT max(at) FROM lead_history) - interval '200 days')
INSERT INTO notifications (id, user_id, type, at, actor_id, by_staff, partner_id, lead_id, subject_id, href, data, read_at)
SELECT md5(t.user_id || t.source)::uuid, t.user_id, t.type, t.at, t.actor_id, coalesce((SELECT a.partner_id IS NULL FROM users a WHERE a.id = t.actor_id), false),
       t.partner_id, t.lead_id, t.subject_id, t.href, t.data,
       CASE WHEN t.place > 7 OR t.place IN (3, 5) OR t.type = 'account.password' THEN t.at + make_interval(mins => 3 + (('x' || left(md5(t.source), 4))::bit(16)::int % 300)) END
  FROM told t WHERE t.place <= 60

-- name: seed_choices none
-- doc: a few who wanted it otherwise
INSERT INTO notification_choices (user_id, type, email, push)
SELECT u.id, c.type, c.email, c.push FROM users u, (VALUES ('lead.stage', 'now', 'now'), ('commission.new', 'digest', NULL)) AS c(type, email, push)
 WHERE u.role = 'owner' AND u.email LIKE 'owner@%'
