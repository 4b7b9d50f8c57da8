-- Announcements: as their readers see them (partners by the policy, staff by the line that says so), and as they are written.

-- name: announcement_list many
-- doc: what is out, the newest first
-- sort: published_desc a.publish_at desc timestamptz
SELECT a.title, a.publish_at AS published, a.expires_at AS expires, a.link, a.body,
       EXISTS (SELECT FROM announcement_reads r WHERE r.announcement_id = a.id AND r.user_id = (SELECT app.user_id())) AS read,
       a.id, {sort_key} AS _sort_key
  FROM announcements a
 WHERE a.state = 'released' AND a.publish_at <= now() AND (a.expires_at IS NULL OR a.expires_at > now())
   AND (a.to_staff OR (SELECT app.partner()) IS NOT NULL)
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: announcement one
SELECT a.id, a.title, a.body, a.link, a.publish_at, a.expires_at
  FROM announcements a
 WHERE a.id = :id::uuid AND a.state = 'released' AND a.publish_at <= now() AND (a.expires_at IS NULL OR a.expires_at > now())
   AND (a.to_staff OR (SELECT app.partner()) IS NOT NULL)

-- name: announcement_read none
-- doc: whoever opened it has read it; once is enough
INSERT INTO announcement_reads (announcement_id, user_id)
SELECT a.id, app.user_id() FROM announcements a
 WHERE a.id = :id::uuid AND a.state = 'released' AND a.publish_at <= now() AND (a.expires_at IS NULL OR a.expires_at > now())
   AND (a.to_staff OR (SELECT app.partner()) IS NOT NULL)
ON CONFLICT DO NOTHING

-- name: dashboard_news many
-- doc: the newest that the reader has not read, and how many more there are
SELECT a.id, a.title, a.body, a.publish_at, count(*) OVER () - 1 AS others
  FROM announcements a
 WHERE a.state = 'released' AND a.publish_at <= now() AND (a.expires_at IS NULL OR a.expires_at > now())
   AND (a.to_staff OR (SELECT app.partner()) IS NOT NULL)
   AND NOT EXISTS (SELECT FROM announcement_reads r WHERE r.announcement_id = a.id AND r.user_id = (SELECT app.user_id()))
 ORDER BY a.publish_at DESC, a.id DESC LIMIT 1

-- ── For those who write them ──

-- name: announcement_admin_list many
-- doc: all of them; the columns of the list and, in this order, of the export
-- sort: created_desc a.created_at desc timestamptz | created a.created_at asc timestamptz
SELECT a.title, CASE WHEN a.state <> 'released' THEN a.state WHEN a.publish_at > now() THEN 'scheduled' WHEN a.expires_at <= now() THEN 'expired' ELSE 'published' END AS status,
       a.to_partners, a.to_staff, to_jsonb(a.types) AS types, to_jsonb(a.tiers) AS tiers, to_jsonb(a.regions) AS regions, a.publish_at, a.expires_at,
       a.reached, (SELECT count(*) FROM announcement_reads r WHERE r.announcement_id = a.id) AS reads, a.created_at AS created, a.id, {sort_key} AS _sort_key
  FROM announcements a
 WHERE true
   AND CASE WHEN a.state <> 'released' THEN a.state WHEN a.publish_at > now() THEN 'scheduled' WHEN a.expires_at <= now() THEN 'expired' ELSE 'published' END = :status --? status
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: announcement_draft one
-- doc: as it is written, whatever has become of it; days and hours as the form has them
SELECT a.id, a.title, a.body, a.link, a.to_partners, a.to_staff, a.publish_at, a.expires_at, a.told_at, a.reached, a.version, a.created_at,
       CASE WHEN a.state <> 'released' THEN a.state WHEN a.publish_at > now() THEN 'scheduled' WHEN a.expires_at <= now() THEN 'expired' ELSE 'published' END AS status,
       array_to_string(a.types, ',') AS types, array_to_string(a.tiers, ',') AS tiers, array_to_string(a.regions, ',') AS regions,
       jsonb_build_object('to_partners', a.to_partners, 'to_staff', a.to_staff, 'types', a.types, 'tiers', a.tiers, 'regions', a.regions) AS audience,
       to_char(a.publish_at AT TIME ZONE app.zone(), 'YYYY-MM-DD') AS publish_on, to_char(a.publish_at AT TIME ZONE app.zone(), 'HH24:MI') AS publish_time,
       to_char((a.expires_at - interval '1 second') AT TIME ZONE app.zone(), 'YYYY-MM-DD') AS expires_on,
       (SELECT u.name FROM users u WHERE u.id = a.created_by) AS author,
       (SELECT count(*) FROM announcement_reads r WHERE r.announcement_id = a.id) AS reads
  FROM announcements a WHERE a.id = :id::uuid

-- name: announcement_reach one
-- doc: whom it would reach now
SELECT people, partners, staff FROM app.announcement_reach(:id::uuid)

-- name: announcement_lock one
SELECT id, version, told_at IS NOT NULL OR (state = 'released' AND publish_at <= now()) AS out, state FROM announcements WHERE id = :id::uuid FOR UPDATE

-- name: announcement_insert one
-- doc: a code that no type, tier or region has narrows to nobody, never to everybody
INSERT INTO announcements (title, body, link, to_staff, to_partners, types, tiers, regions, publish_at, expires_at, created_by)
VALUES (:title, :body, :link, :to_staff::boolean, :to_partners::boolean,
        CASE WHEN :types::text IS NOT NULL THEN ARRAY(SELECT code FROM partner_types WHERE code = ANY (string_to_array(:types, ','))) END,
        CASE WHEN :tiers::text IS NOT NULL THEN ARRAY(SELECT code FROM tiers WHERE code = ANY (string_to_array(:tiers, ','))) END,
        CASE WHEN :regions::text IS NOT NULL THEN ARRAY(SELECT code FROM regions WHERE code = ANY (string_to_array(:regions, ','))) END,
        :publish_at::timestamptz, :expires_at::timestamptz, app.user_id())
RETURNING id

-- name: announcement_update none
-- doc: one that is not out yet is a draft again, whose reach is to be looked at before it goes out
UPDATE announcements SET title = :title, body = :body, link = :link, to_staff = :to_staff::boolean, to_partners = :to_partners::boolean,
       types = CASE WHEN :types::text IS NOT NULL THEN ARRAY(SELECT code FROM partner_types WHERE code = ANY (string_to_array(:types, ','))) END,
       tiers = CASE WHEN :tiers::text IS NOT NULL THEN ARRAY(SELECT code FROM tiers WHERE code = ANY (string_to_array(:tiers, ','))) END,
       regions = CASE WHEN :regions::text IS NOT NULL THEN ARRAY(SELECT code FROM regions WHERE code = ANY (string_to_array(:regions, ','))) END,
       state = 'draft', publish_at = :publish_at::timestamptz, expires_at = :expires_at::timestamptz, version = version + 1, updated_at = now()
 WHERE id = :id::uuid

-- name: announcement_correct none
-- doc: of one that is out: its words and its end, not whom it was meant for
UPDATE announcements SET title = :title, body = :body, link = :link, expires_at = :expires_at::timestamptz, version = version + 1, updated_at = now()
 WHERE id = :id::uuid

-- name: announcement_publish one
UPDATE announcements SET state = 'released', publish_at = greatest(coalesce(publish_at, now()), now()), version = version + 1, updated_at = now()
 WHERE id = :id::uuid
RETURNING publish_at > now() AS later

-- name: announcement_withdraw none
-- doc: one that is not out yet is a draft again
UPDATE announcements SET state = CASE WHEN told_at IS NULL AND publish_at > now() THEN 'draft' ELSE 'withdrawn' END, version = version + 1, updated_at = now()
 WHERE id = :id::uuid

-- name: announcement_delete none
DELETE FROM announcements WHERE id = :id::uuid AND told_at IS NULL

-- name: work_announcement none
SELECT app.announcement_tell(:announcement::uuid, :at::timestamptz)
