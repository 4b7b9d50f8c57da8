-- What was done about a lead: what people wrote down, and the time line that holds it beside all else that happened. Names are
-- read through the reader's own eyes: NULL where they may not see them.

-- name: lead_timeline many
-- doc: newest first, one more than a page; of each kind as many, so that each is read along its own index. types: what is shown,
-- among it 'file' for whatever has files. before_us and before_id: the place of the last row that was shown; at: the newest row
-- is that entry's. Appointments stand at their time, once it has come. For staff also what stayed with a lead that went into this one
SELECT * FROM (
(SELECT a.at, a.id::text COLLATE "C" AS id, a.kind AS type, u.name AS author, a.by_staff, a.internal, a.text, a.direction, a.outcome, a.minutes, a.place, a.latitude, a.longitude,
        a.edited_at, a.deleted_at, a.editable,
        (SELECT jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size) ORDER BY x.position)
           FROM activity_files x JOIN files f ON f.id = x.file_id WHERE x.activity_id = a.id) AS files,
        CASE WHEN a.edited_at IS NOT NULL OR a.deleted_at IS NOT NULL THEN app.activity_earlier(a.id) END AS earlier,
        NULL::text AS from_stage, NULL::text AS to_stage, NULL::text AS fields, NULL::timestamptz AS ends_at, NULL::uuid AS thread_id,
        CASE WHEN a.lead_id <> :id::uuid THEN (SELECT p.name FROM partners p WHERE p.id = a.partner_id) END AS partner, false AS undone, false AS together, NULL::uuid AS bulk_id,
        NULL::uuid AS merge_id, NULL::integer AS days
   FROM app.lead_and_gone(:id::uuid) AS o(id) CROSS JOIN LATERAL (
 SELECT a.*, a.lead_id = :id::uuid AND app.activity_open(a) AS editable FROM activities a
  WHERE a.lead_id = o.id
    AND (a.kind = ANY (string_to_array(:types, ',')) OR ('file' = ANY (string_to_array(:types, ',')) AND EXISTS (SELECT FROM activity_files x WHERE x.activity_id = a.id))) --? types
    AND a.at <= timestamptz 'epoch' + :before_us::bigint * interval '1 microsecond' AND (a.at, a.id::text COLLATE "C") < (timestamptz 'epoch' + :before_us::bigint * interval '1 microsecond', :before_id) --? before_us
    AND a.at <= (SELECT b.at FROM activities b WHERE b.id = :from_entry::uuid AND b.lead_id IN (SELECT app.lead_and_gone(:id::uuid))) --? from_entry
  ORDER BY a.at DESC, a.id::text COLLATE "C" DESC LIMIT 26) AS a LEFT JOIN users u ON u.id = a.author_id)
 UNION ALL
(SELECT h.at, h.id::text COLLATE "C", h.kind, u.name, h.user_id IS NOT NULL AND u.name IS NULL, false,
        nullif(concat_ws(' – ', (SELECT w.label FROM stage_reasons w WHERE w.code = h.reason_code), h.reason), ''), NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, false, NULL, NULL, h.from_stage, h.to_stage, array_to_string(h.fields, ','), NULL, NULL, NULL, h.undoes IS NOT NULL,
        h.bulk_id IS NOT NULL, (SELECT b.id FROM bulk_actions b WHERE b.id = h.bulk_id), h.merge_id, h.days
   FROM lead_history h LEFT JOIN users u ON u.id = h.user_id
  WHERE h.lead_id = :id::uuid
    AND 'change' = ANY (string_to_array(:types, ',')) --? types
    AND h.at <= timestamptz 'epoch' + :before_us::bigint * interval '1 microsecond' AND (h.at, h.id::text COLLATE "C") < (timestamptz 'epoch' + :before_us::bigint * interval '1 microsecond', :before_id) --? before_us
    AND h.at <= (SELECT b.at FROM activities b WHERE b.id = :from_entry::uuid AND b.lead_id IN (SELECT app.lead_and_gone(:id::uuid))) --? from_entry
  ORDER BY h.at DESC, h.id::text COLLATE "C" DESC LIMIT 26)
 UNION ALL
(SELECT m.created_at, m.id::text COLLATE "C", 'message', u.name, m.by_staff, m.staff_only, m.text, NULL, NULL, NULL, NULL, NULL, NULL,
        m.edited_at, m.deleted_at, false,
        (SELECT jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size) ORDER BY x.position)
           FROM message_files x JOIN files f ON f.id = x.file_id WHERE x.message_id = m.id),
        NULL, NULL, NULL, NULL, NULL, m.thread_id, CASE WHEN t.kind = 'share' AND (SELECT app.partner()) IS NULL THEN (SELECT p.name FROM partners p WHERE p.id = t.partner_id) END, false, false, NULL, NULL, NULL
   FROM threads t JOIN messages m ON m.thread_id = t.id LEFT JOIN users u ON u.id = m.author_id
  WHERE t.lead_id = :id::uuid AND (t.kind = 'lead' OR (SELECT app.partner()) IS NULL)
    AND ('message' = ANY (string_to_array(:types, ',')) OR ('file' = ANY (string_to_array(:types, ',')) AND EXISTS (SELECT FROM message_files x WHERE x.message_id = m.id))) --? types
    AND m.created_at <= timestamptz 'epoch' + :before_us::bigint * interval '1 microsecond' AND (m.created_at, m.id::text COLLATE "C") < (timestamptz 'epoch' + :before_us::bigint * interval '1 microsecond', :before_id) --? before_us
    AND m.created_at <= (SELECT b.at FROM activities b WHERE b.id = :from_entry::uuid AND b.lead_id IN (SELECT app.lead_and_gone(:id::uuid))) --? from_entry
  ORDER BY m.created_at DESC, m.id::text COLLATE "C" DESC LIMIT 26)
 UNION ALL
(SELECT p.starts_at, p.id::text COLLATE "C", 'appointment', u.name, p.created_by IS NOT NULL AND u.name IS NULL, false, p.title, p.kind, CASE WHEN p.status = 'called_off' THEN p.status END, NULL, p.place, NULL, NULL,
        NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, p.ends_at, NULL, CASE WHEN p.lead_id <> :id::uuid THEN (SELECT x.name FROM partners x WHERE x.id = p.partner_id) END,
        false, false, NULL, NULL, NULL
   FROM app.lead_and_gone(:id::uuid) AS o(id) CROSS JOIN LATERAL (
 SELECT p.* FROM appointments p
  WHERE p.lead_id = o.id AND p.starts_at <= now()
    AND 'appointment' = ANY (string_to_array(:types, ',')) --? types
    AND p.starts_at <= timestamptz 'epoch' + :before_us::bigint * interval '1 microsecond' AND (p.starts_at, p.id::text COLLATE "C") < (timestamptz 'epoch' + :before_us::bigint * interval '1 microsecond', :before_id) --? before_us
    AND p.starts_at <= (SELECT b.at FROM activities b WHERE b.id = :from_entry::uuid AND b.lead_id IN (SELECT app.lead_and_gone(:id::uuid))) --? from_entry
  ORDER BY p.starts_at DESC, p.id::text COLLATE "C" DESC LIMIT 26) AS p LEFT JOIN users u ON u.id = p.created_by)
) AS t
CROSS JOIN LATERAL (SELECT (extract(epoch FROM t.at) * 1000000)::bigint AS _at_us) AS c
ORDER BY at DESC, id DESC LIMIT 26

-- name: lead_files many
-- doc: the newest files of a lead, of what was written down and of messages, one more than are shown
SELECT f.id, f.name, f.type, f.size, f.created_at AS at, x.internal,
       f.type IN ('image/png', 'image/jpeg', 'image/gif', 'image/webp') AS picture, f.type LIKE 'audio/%' OR f.type IN ('video/webm', 'video/mp4') AS audio
  FROM ((SELECT af.file_id, a.internal, a.created_at FROM app.lead_and_gone(:id::uuid) AS o(id) JOIN activities a ON a.lead_id = o.id
           JOIN activity_files af ON af.activity_id = a.id
          WHERE a.deleted_at IS NULL ORDER BY a.created_at DESC LIMIT 13)
         UNION ALL
        (SELECT mf.file_id, m.staff_only, m.created_at FROM threads t JOIN messages m ON m.thread_id = t.id JOIN message_files mf ON mf.message_id = m.id
          WHERE t.lead_id = :id::uuid AND (t.kind = 'lead' OR (SELECT app.partner()) IS NULL) AND m.deleted_at IS NULL ORDER BY m.created_at DESC LIMIT 13)) AS x
  JOIN files f ON f.id = x.file_id
 ORDER BY x.created_at DESC, f.id LIMIT 13

-- name: activity_insert many
-- doc: no row when there is no such lead, or none that whoever writes may see
INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, direction, outcome, minutes, text, place, latitude, longitude, at)
SELECT l.id, l.partner_id, app.user_id(), app.partner() IS NULL, coalesce(:internal::boolean, false), :kind, :direction, :outcome, :minutes::integer,
       coalesce(:text, ''), coalesce(:place, ''), :latitude::numeric, :longitude::numeric, coalesce(:at::timestamptz, now())
  FROM leads l WHERE l.id = :lead_id::uuid
RETURNING id

-- name: activity_attach none
SELECT app.activity_attach(:activity_id::uuid, :file_sha256, :file_size::bigint, :file_type, :file_name)

-- name: activity_own one
-- doc: one's own, to be put right; day and hour as the form has them
SELECT a.id, a.lead_id, a.kind, a.direction, a.outcome, a.minutes, a.text, a.place, a.latitude, a.longitude, a.internal, a.at, a.by_staff,
       CASE a.kind WHEN 'call' THEN a.outcome END AS call_outcome, CASE a.kind WHEN 'mail' THEN a.outcome END AS mail_outcome,
       CASE a.kind WHEN 'meeting' THEN a.outcome END AS meeting_outcome,
       to_char(a.at AT TIME ZONE app.zone(), 'YYYY-MM-DD') AS date, to_char(a.at AT TIME ZONE app.zone(), 'HH24:MI') AS time,
       (SELECT l.client_name FROM leads l WHERE l.id = a.lead_id) AS client,
       app.activity_open(a) AS editable, EXISTS (SELECT FROM activity_files f WHERE f.activity_id = a.id) AS has_files
  FROM activities a
 WHERE a.id = :activity_id::uuid AND a.lead_id = :lead_id::uuid AND a.author_id = app.user_id() AND a.deleted_at IS NULL

-- name: activity_update many
UPDATE activities SET direction = :direction, outcome = :outcome, minutes = :minutes::integer, text = coalesce(:text, ''), place = coalesce(:place, ''),
       latitude = :latitude::numeric, longitude = :longitude::numeric, at = coalesce(:at::timestamptz, at)
 WHERE id = :activity_id::uuid AND lead_id = :lead_id::uuid RETURNING id

-- name: activity_delete many
UPDATE activities SET deleted_at = now() WHERE id = :activity_id::uuid AND lead_id = :lead_id::uuid AND author_id = app.user_id() RETURNING id
