-- Follow-up reminders and appointments. Days, and the hours that forms show, are the reader's own (app.zone()).

-- name: calendar_lead one
-- doc: what a form needs to know of the lead that it is about
SELECT id AS lead_id, client_name AS client, stage FROM leads WHERE id = :lead_id::uuid

-- name: calendar_counts one
-- doc: beside the tabs: appointments to come, own reminders that are open
SELECT (SELECT count(*) FROM appointments WHERE ends_at > now() AND status = 'planned' AND starts_at > now() - interval '1 day') AS appointments,
       (SELECT count(*) FROM reminders WHERE user_id = (SELECT app.user_id()) AND done_at IS NULL) AS reminders

-- ── Reminders ──

-- name: reminder_hands many
-- doc: whom a reminder can be given to
SELECT id AS value, CASE WHEN id = app.user_id() THEN :myself ELSE name END AS label FROM app.lead_hands()

-- name: reminder_list many
-- doc: the reader's own open ones, in groups: overdue, today, later; and those that others have from the reader
SELECT code, jsonb_agg(item ORDER BY due_at, id) AS items
  FROM (SELECT r.id, r.due_at,
               CASE WHEN r.user_id <> app.user_id() THEN 'given' WHEN r.due_at <= now() THEN 'overdue'
                    WHEN (r.due_at AT TIME ZONE z.zone)::date = (now() AT TIME ZONE z.zone)::date THEN 'today' ELSE 'later' END AS code,
               jsonb_build_object('id', r.id, 'lead_id', r.lead_id, 'due_at', r.due_at, 'note', r.note,
                   'client', (SELECT l.client_name FROM leads l WHERE l.id = r.lead_id),
                   'who', CASE WHEN r.user_id <> app.user_id() THEN (SELECT u.name FROM users u WHERE u.id = r.user_id) END,
                   'giver', CASE WHEN r.created_by <> app.user_id() THEN (SELECT u.name FROM users u WHERE u.id = r.created_by) END) AS item
          FROM reminders r, (SELECT app.zone() AS zone) AS z
         WHERE r.done_at IS NULL AND (r.user_id = (SELECT app.user_id()) OR r.created_by = (SELECT app.user_id()))
         ORDER BY r.due_at, r.id LIMIT 300) AS mine
 GROUP BY code ORDER BY array_position(ARRAY['overdue', 'today', 'later', 'given'], code)

-- name: reminder_done_list many
-- doc: what was done last, to open again what was ticked by mistake
SELECT r.id, r.lead_id, r.note, r.done_at, (SELECT l.client_name FROM leads l WHERE l.id = r.lead_id) AS client
  FROM reminders r WHERE r.user_id = app.user_id() AND r.done_at > now() - interval '14 days' ORDER BY r.done_at DESC, r.id LIMIT 10

-- name: lead_reminders many
-- doc: on the lead's page: open ones of the reader's side, the next first
SELECT r.id, r.due_at, r.note, r.due_at <= now() AS overdue, app.user_id() IN (r.user_id, r.created_by) AS mine,
       CASE WHEN r.user_id <> app.user_id() THEN (SELECT u.name FROM users u WHERE u.id = r.user_id) END AS who
  FROM reminders r WHERE r.lead_id = :id::uuid AND r.done_at IS NULL ORDER BY r.due_at, r.id LIMIT 50

-- name: reminder one
-- doc: to be changed, so one's own only; day and hour as the form has them
SELECT r.id, r.lead_id, r.user_id, r.note, r.due_at, 'exact' AS when, to_char(r.due_at AT TIME ZONE app.zone(), 'YYYY-MM-DD') AS date,
       to_char(r.due_at AT TIME ZONE app.zone(), 'HH24:MI') AS time, (SELECT l.client_name FROM leads l WHERE l.id = r.lead_id) AS client
  FROM reminders r WHERE r.id = :id::uuid AND app.user_id() IN (r.user_id, r.created_by)

-- name: reminder_lock one
SELECT id, lead_id FROM reminders WHERE id = :id::uuid AND app.user_id() IN (user_id, created_by) FOR UPDATE

-- name: reminder_insert many
-- doc: no row when that person cannot be reminded
INSERT INTO reminders (lead_id, partner_id, user_id, created_by, due_at, note)
SELECT :lead_id::uuid, app.partner(), h.id, app.user_id(), :due_at::timestamptz, coalesce(:note, '')
  FROM app.lead_hands() AS h WHERE h.id = coalesce(:user_id::uuid, app.user_id())
RETURNING id

-- name: reminder_update many
-- doc: no row when that person cannot be reminded
UPDATE reminders r SET user_id = h.id, due_at = :due_at::timestamptz, note = coalesce(:note, '')
  FROM app.lead_hands() AS h WHERE r.id = :id::uuid AND h.id = coalesce(:user_id::uuid, r.user_id)
RETURNING r.id

-- name: reminder_move none
UPDATE reminders SET due_at = :due_at::timestamptz WHERE id = :id::uuid

-- name: reminder_finish none
UPDATE reminders SET done_at = now() WHERE id = :id::uuid AND done_at IS NULL

-- name: reminder_reopen none
UPDATE reminders SET done_at = NULL WHERE id = :id::uuid

-- name: reminder_delete none
DELETE FROM reminders WHERE id = :id::uuid

-- name: work_reminder none
SELECT app.reminder_tell(:reminder::uuid, :due::timestamptz)

-- ── Appointments ──

-- name: appointment_guests many
-- doc: who can be asked; the reader first, and for staff the lead's partner's people by their firm
SELECT g.id AS value, CASE WHEN g.id = app.user_id() THEN :myself
                           ELSE g.name || coalesce(' (' || (SELECT p.name FROM partners p WHERE p.id = g.partner_id AND app.partner() IS NULL) || ')', '') END AS label
  FROM app.lead_guests(coalesce(:lead_id::uuid, (SELECT lead_id FROM appointments WHERE id = :id::uuid))) AS g

-- name: appointment_agenda many
-- doc: what is to come, by the reader's days; those called off stay in it until their time
SELECT (a.starts_at AT TIME ZONE z.zone)::date AS day,
       jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'title', a.title, 'place', a.place, 'online', a.place ~ '^https?://', 'starts_at', a.starts_at, 'ends_at', a.ends_at,
           'called_off', a.status = 'called_off', 'now', a.starts_at <= now() AND a.status = 'planned', 'lead_id', a.lead_id,
           'client', (SELECT l.client_name FROM leads l WHERE l.id = a.lead_id),
           'mine', EXISTS (SELECT FROM appointment_people p WHERE p.appointment_id = a.id AND p.user_id = app.user_id()))
           ORDER BY a.starts_at, a.id) AS items
  FROM (SELECT a.* FROM appointments a
         WHERE a.ends_at > now() AND a.starts_at > now() - interval '1 day'
           AND :mine::boolean AND EXISTS (SELECT FROM appointment_people p WHERE p.appointment_id = a.id AND p.user_id = (SELECT app.user_id())) --? mine
         ORDER BY a.starts_at, a.id LIMIT 200) AS a,
       (SELECT app.zone() AS zone) AS z
 GROUP BY 1 ORDER BY 1

-- name: appointment_past_list many
-- doc: what was; the columns of the list and, in this order, of the export
-- sort: starts_desc a.starts_at desc timestamptz | starts a.starts_at asc timestamptz
SELECT a.starts_at AS starts, a.ends_at AS ends, a.kind, a.title, (SELECT l.client_name FROM leads l WHERE l.id = a.lead_id) AS client, a.place, a.status,
       a.reason, a.lead_id, a.id, {sort_key} AS _sort_key
  FROM appointments a
 WHERE a.ends_at <= now()
   AND a.kind = :kind --? kind
   AND a.status = :status --? status
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: lead_appointments many
-- doc: on the lead's page: what is to come, the next first; then what was, the last first
SELECT a.id, a.kind, a.title, a.place, a.place ~ '^https?://' AS online, a.starts_at, a.ends_at, a.status = 'called_off' AS called_off, a.ends_at <= now() AS over
  FROM appointments a WHERE a.lead_id = :id::uuid
 ORDER BY a.ends_at <= now(), CASE WHEN a.ends_at > now() THEN a.starts_at END, a.starts_at DESC, a.id LIMIT 12

-- name: appointment one
-- doc: times also as they are at its place, where that is not the reader's own zone
SELECT a.id, a.lead_id, a.kind, a.title, a.place, a.place ~ '^https?://' AS place_is_link, a.starts_at, a.ends_at, a.timezone, a.notice, a.status, a.reason,
       a.sequence, a.version, a.updated_at, a.created_at, a.starts_at <= now() AND a.ends_at > now() AND a.status = 'planned' AS now, a.ends_at <= now() AS over,
       (SELECT l.client_name FROM leads l WHERE l.id = a.lead_id) AS client, (SELECT u.name FROM users u WHERE u.id = a.created_by) AS made_by,
       (SELECT p.name FROM partners p WHERE p.id = a.partner_id AND app.partner() IS NULL) AS partner,
       a.starts_at AT TIME ZONE a.timezone <> a.starts_at AT TIME ZONE app.zone() AS elsewhere,
       to_char(a.starts_at AT TIME ZONE a.timezone, 'YYYY-MM-DD') AS date, to_char(a.starts_at AT TIME ZONE a.timezone, 'HH24:MI') AS from,
       to_char(a.ends_at AT TIME ZONE a.timezone, 'HH24:MI') AS until,
       extract(epoch FROM a.starts_at)::bigint AS starts_epoch, extract(epoch FROM a.ends_at)::bigint AS ends_epoch,
       extract(epoch FROM a.updated_at)::bigint AS updated_epoch,
       (SELECT string_agg(p.user_id::text, ',') FROM appointment_people p WHERE p.appointment_id = a.id) AS people
  FROM appointments a WHERE a.id = :id::uuid

-- name: appointment_people many
-- doc: who takes part; whoever is not visible to the reader is somebody of the programme's staff
SELECT u.name, p.user_id = app.user_id() AS me, u.name IS NULL AS by_staff
  FROM appointment_people p LEFT JOIN users u ON u.id = p.user_id WHERE p.appointment_id = :id::uuid
 ORDER BY p.user_id <> app.user_id(), u.name NULLS LAST

-- name: appointment_overlaps many
-- doc: what else there is at that time, of the same lead or for one of those who take part; nothing while the time is not known
SELECT a.id, a.title, a.starts_at, a.ends_at, (SELECT l.client_name FROM leads l WHERE l.id = a.lead_id) AS client
  FROM appointments a
 WHERE a.status = 'planned' AND a.starts_at < :ends_at::timestamptz AND a.ends_at > :starts_at::timestamptz
   AND a.starts_at > :starts_at::timestamptz - interval '1 day' AND a.id IS DISTINCT FROM :id::uuid
   AND (a.lead_id = coalesce(:lead_id::uuid, (SELECT lead_id FROM appointments WHERE id = :id::uuid))
        OR EXISTS (SELECT FROM appointment_people p WHERE p.appointment_id = a.id AND p.user_id = ANY (string_to_array(:people, ',')::uuid[])))
 ORDER BY a.starts_at, a.id LIMIT 5

-- name: appointment_lock one
SELECT id, lead_id, status, version, extract(epoch FROM ends_at)::bigint AS ends_epoch FROM appointments WHERE id = :id::uuid FOR UPDATE

-- name: appointment_insert one
INSERT INTO appointments (lead_id, partner_id, created_by, kind, title, place, starts_at, ends_at, timezone, notice)
SELECT l.id, l.partner_id, app.user_id(), :kind, :title, coalesce(:place, ''), :starts_at::timestamptz, :ends_at::timestamptz, :timezone, :notice::integer
  FROM leads l WHERE l.id = :lead_id::uuid
RETURNING id

-- name: appointment_update none
UPDATE appointments SET kind = :kind, title = :title, place = coalesce(:place, ''), starts_at = :starts_at::timestamptz, ends_at = :ends_at::timestamptz,
       timezone = :timezone, notice = :notice::integer, version = version + 1, updated_at = now()
 WHERE id = :id::uuid

-- name: appointment_people_set none
-- doc: exactly these of the people whom the reader may ask; whom the reader cannot see stays
WITH wanted AS (SELECT unnest(string_to_array(:people, ',')::uuid[]) AS id),
gone AS (DELETE FROM appointment_people p WHERE p.appointment_id = :id::uuid AND NOT EXISTS (SELECT FROM wanted w WHERE w.id = p.user_id))
INSERT INTO appointment_people (appointment_id, user_id)
SELECT a.id, g.id FROM appointments a, app.lead_guests(a.lead_id) AS g
 WHERE a.id = :id::uuid AND EXISTS (SELECT FROM wanted w WHERE w.id = g.id)
ON CONFLICT DO NOTHING

-- name: appointment_call_off none
UPDATE appointments SET status = 'called_off', reason = :reason, version = version + 1, updated_at = now() WHERE id = :id::uuid

-- name: work_appointment none
SELECT app.appointment_tell(:appointment::uuid, :at::timestamptz)

-- ── On the dashboard ──

-- name: dashboard_agenda many
-- doc: the reader's own: reminders that are due today or were before, and today's appointments; in the order of their times
SELECT kind, id, lead_id, at, title, client, overdue
  FROM (SELECT 'reminder' AS kind, r.id, r.lead_id, r.due_at AS at, r.note AS title, r.due_at <= now() AS overdue,
               (SELECT l.client_name FROM leads l WHERE l.id = r.lead_id) AS client
          FROM reminders r
         WHERE r.user_id = (SELECT app.user_id()) AND r.done_at IS NULL
           AND r.due_at < ((now() AT TIME ZONE (SELECT app.zone()))::date + 1) AT TIME ZONE (SELECT app.zone())
        UNION ALL
        SELECT 'appointment', a.id, a.lead_id, a.starts_at, a.title, false, (SELECT l.client_name FROM leads l WHERE l.id = a.lead_id)
          FROM appointments a JOIN appointment_people p ON p.appointment_id = a.id AND p.user_id = (SELECT app.user_id())
         WHERE a.status = 'planned' AND a.ends_at > now() AND a.starts_at > now() - interval '1 day'
           AND a.starts_at < ((now() AT TIME ZONE (SELECT app.zone()))::date + 1) AT TIME ZONE (SELECT app.zone())) AS agenda
 ORDER BY at, id LIMIT 6
