-- Notifications, as their reader sees them: whom and what they are about is read through the reader's own eyes, and is
-- NULL where they may not see it (any longer). templates/notification/<type> makes a sentence of a row.

-- name: notification_one one
SELECT n.id, n.type, 'notification/' || replace(n.type, '.', '_') AS template, t.category, n.at, n.read_at, a.name AS actor,
       a.id IS NULL AND n.by_staff AS by_staff, a.id IS NULL AND NOT n.by_staff AS by_nobody,
       (SELECT l.client_name FROM leads l WHERE l.id = n.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = n.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       (SELECT g.name FROM programme g) AS programme_name, n.href, n.data, n.lead_id, n.subject_id
  FROM notifications n JOIN event_types t ON t.code = n.type LEFT JOIN users a ON a.id = n.actor_id
 WHERE n.id = :notification_id::uuid

-- name: notification_list many
-- doc: the reader's own, newest first; the day is that of their clock
-- sort: at_desc n.at desc timestamptz
SELECT n.id, n.type, 'notification/' || replace(n.type, '.', '_') AS template, t.category, n.at, n.read_at, a.name AS actor,
       a.id IS NULL AND n.by_staff AS by_staff, a.id IS NULL AND NOT n.by_staff AS by_nobody,
       (SELECT l.client_name FROM leads l WHERE l.id = n.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = n.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       (SELECT g.name FROM programme g) AS programme_name, n.href, n.data, n.lead_id, n.subject_id,
       app.local_time(n.at, zone.name)::date AS _day, app.local_time(now(), zone.name)::date - app.local_time(n.at, zone.name)::date AS _age, {sort_key} AS _sort_key
  FROM (SELECT u.timezone AS name FROM users u WHERE u.id = (SELECT app.user_id())) AS zone, notifications n
  JOIN event_types t ON t.code = n.type LEFT JOIN users a ON a.id = n.actor_id
 WHERE n.user_id = (SELECT app.user_id())
   AND n.read_at IS NULL AND :unread::boolean --? unread
   AND t.category = :category --? category
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
