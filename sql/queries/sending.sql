-- What leaves the portal. Those named send_… are the daemon's own (role tessera_jobs).

-- name: send_open one
SELECT verdict, why, channel, template, recipient, subject, left(body, 300000) AS body, created_at, user_id, user_name, audience, locale, timezone,
       notification_id, data, category, label, thread, earlier_id, endpoint, p256dh, auth, urgent, programme_name, support_email
  FROM app.outbox_open(:outbox::uuid)

-- name: send_sent none
SELECT app.outbox_sent(:outbox::uuid, :provider_id)

-- name: send_ended none
SELECT app.outbox_ended(:outbox::uuid, :state, :why)

-- name: send_caught none
SELECT app.outbox_caught(:outbox::uuid, :subject, :head, :body_text, :body_html)

-- name: send_suppress none
SELECT app.suppress(:channel, :recipient, 'bounce', :detail, 'delivery')

-- name: send_push_ended none
SELECT app.push_ended(:outbox::uuid)

-- name: send_ops one
SELECT type, label, at, href, partner, source, estimated_value, currency, property_type, locations FROM app.ops_alert(:event::bigint)

-- name: send_later none
SELECT app.job_later(:job_id::uuid, :why, :wait::double precision)

-- name: work_sending_housekeeping none
SELECT app.sending_housekeeping()

-- ── The way out ──

-- name: unsubscribe_find many
SELECT category, label, address, person, kind_off, all_off FROM app.unsubscribe_find(:outbox_id::uuid)

-- name: unsubscribe many
SELECT ended FROM app.unsubscribe(:outbox_id::uuid, :all::boolean)

-- ── Providers ──

-- name: mail_reports many
SELECT taken FROM app.mail_reports(:reports::jsonb)

-- ── Staff ──

-- name: suppression_list many
-- sort: since_desc s.since desc timestamptz | since s.since asc timestamptz | address s.address asc | address_desc s.address desc
SELECT s.id, s.channel, s.address, s.reason, s.detail, s.origin, s.since, {sort_key} AS _sort_key
  FROM suppressions s
 WHERE true
   AND s.address LIKE app.like_pattern(:q) --? q
   AND s.reason = :reason --? reason
   AND s.channel = :channel --? channel
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit

-- name: suppression_lift many
DELETE FROM suppressions WHERE id = :id::uuid RETURNING address

-- ── Developers ──

-- name: caught_list many
-- sort: at_desc m.at desc timestamptz | at m.at asc timestamptz
SELECT m.id, m.channel, m.at, m.recipient, m.subject, m.body_html IS NOT NULL AS has_html, left(m.body_text, 160) AS beginning, {sort_key} AS _sort_key
  FROM caught_messages m
 WHERE true
   AND lower(m.recipient) LIKE app.like_pattern(:q) --? q
   AND m.channel = :channel --? channel
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit

-- name: caught one
SELECT id, channel, at, recipient, subject, head, body_text, body_html IS NOT NULL AS has_html FROM caught_messages WHERE id = :id::uuid

-- name: caught_html many
SELECT body_html FROM caught_messages WHERE id = :id::uuid AND body_html IS NOT NULL

-- ── The demo ──

-- name: seed_mail none
-- doc: a digest of what the documented accounts have not read, and the newest of it by itself, to be sent (and caught) when
-- the daemon begins
WITH unread AS (
    SELECT n.id, n.user_id, n.type, n.at, n.lead_id, row_number() OVER (PARTITION BY n.user_id ORDER BY n.at DESC, n.id) AS place, u.email, t.mandatory
      FROM notifications n JOIN users u ON u.id = n.user_id JOIN event_types t ON t.code = n.type
     WHERE n.read_at IS NULL AND u.email IN ('owner@harbour.example', 'sales@harbour.example', 'owner@skyline.example', 'agent@tessera.example', 'admin@tessera.example'))
INSERT INTO outbox (id, template, user_id, recipient, notification_id, category, thread, data)
SELECT md5('event' || id)::uuid, 'event', user_id, email, id, CASE WHEN NOT mandatory THEN type END, 'lead-' || lead_id, '{}'::jsonb FROM unread WHERE place <= 2
 UNION ALL
SELECT md5('digest' || user_id)::uuid, 'digest', user_id, email, NULL, 'digest', NULL, jsonb_build_object('notifications', jsonb_agg(id ORDER BY at))
  FROM unread WHERE place BETWEEN 3 AND 12 GROUP BY user_id, email

-- name: seed_suppressions none
INSERT INTO suppressions (id, channel, address, reason, detail, origin, since)
SELECT md5(s.address)::uuid, s.channel, s.address, s.reason, s.detail, s.origin, (SELECT max(created_at) FROM leads) - s.ago::interval
  FROM (VALUES ('email', 'front.desk@old-quay.example', 'bounce', '550 5.1.1 The mailbox does not exist', 'delivery', '3 hours'),
               ('email', 'k.mehta@brightline.example', 'bounce', '550 5.1.2 The domain has no mail server', 'provider', '2 days 4 hours'),
               ('email', 'r.ong@harbourside.example', 'complaint', '', 'provider', '9 days'),
               ('email', 'lena@north-star.example', 'unsubscribe', '', 'link', '16 days'),
               ('sms', '+971500000017', 'unsubscribe', 'The SMS provider refused it: 400, code 21610.', 'delivery', '21 days'),
               ('email', 'accounts@two-palms.example', 'bounce', '550 5.2.1 The mailbox is disabled', 'delivery', '40 days'))
       AS s(channel, address, reason, detail, origin, ago)
 WHERE EXISTS (SELECT FROM leads)
