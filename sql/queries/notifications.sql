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
-- doc: the reader's own, newest first
-- sort: at_desc n.at desc timestamptz
SELECT n.id, n.type, 'notification/' || replace(n.type, '.', '_') AS template, t.category, n.at, n.read_at, a.name AS actor,
       a.id IS NULL AND n.by_staff AS by_staff, a.id IS NULL AND NOT n.by_staff AS by_nobody,
       (SELECT l.client_name FROM leads l WHERE l.id = n.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = n.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       (SELECT g.name FROM programme g) AS programme_name, n.href, n.data, n.lead_id, n.subject_id, {sort_key} AS _sort_key
  FROM notifications n JOIN event_types t ON t.code = n.type LEFT JOIN users a ON a.id = n.actor_id
 WHERE n.user_id = (SELECT app.user_id())
   AND n.read_at IS NULL AND :unread::boolean --? unread
   AND t.category = :category --? category
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer
