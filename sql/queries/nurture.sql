-- Nurture sequences: what staff write and see, and the step that the daemon takes.

-- name: work_nurture_step none
SELECT app.nurture_step(:enrolment::uuid)

-- name: sequence_list many
-- sort: name s.name asc | name_desc s.name desc | created_desc s.created_at desc timestamptz | created s.created_at asc timestamptz
SELECT s.id, s.name, s.partner_type, s.source, s.stop_stage, s.enabled, s.created_at,
       (SELECT count(*) FROM sequence_steps t WHERE t.sequence_id = s.id) AS steps,
       coalesce(r.enrolled, 0) AS enrolled, coalesce(r.running, 0) AS running, coalesce(r.mails, 0) AS mails, {sort_key} AS _sort_key
  FROM sequences s LEFT JOIN rollup_sequence r ON r.sequence_id = s.id
 WHERE true
   AND lower(s.name) LIKE app.like_pattern(:q) --? q
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: sequence one
SELECT s.id, s.name, s.partner_type, s.source, s.stop_stage, s.enabled, s.version, s.created_at, u.name AS author,
       coalesce(r.enrolled, 0) AS enrolled, coalesce(r.running, 0) AS running, coalesce(r.mails, 0) AS mails,
       EXISTS (SELECT FROM sequence_steps t WHERE t.sequence_id = s.id) AS has_steps
  FROM sequences s LEFT JOIN rollup_sequence r ON r.sequence_id = s.id LEFT JOIN users u ON u.id = s.created_by
 WHERE s.id = :id::uuid

-- name: sequence_step_list many
-- doc: in their order, each as a client would read it
SELECT t.id AS step_id, row_number() OVER (ORDER BY t.position) AS number, t.wait_hours, t.wait_hours / 24 AS wait_days, t.wait_hours % 24 AS wait_rest,
       t.position = min(t.position) OVER () AS is_first, t.position = max(t.position) OVER () AS is_last,
       app.nurture_text(t.subject, 'Maria Sample', 'Sample Partners', g.name) AS subject,
       app.nurture_text(t.body, 'Maria Sample', 'Sample Partners', g.name) AS body
  FROM sequence_steps t, programme g WHERE t.sequence_id = :id::uuid ORDER BY t.position

-- name: sequence_step one
SELECT t.id AS step_id, t.wait_hours, t.subject, t.body FROM sequence_steps t WHERE t.id = :step_id::uuid AND t.sequence_id = :id::uuid

-- name: sequence_insert many
INSERT INTO sequences (name, partner_type, source, stop_stage, created_by)
VALUES (:name, :partner_type, :source, coalesce(:stop_stage, 'active'), app.user_id()) RETURNING id

-- name: sequence_update many
UPDATE sequences SET name = :name, partner_type = :partner_type, source = :source, stop_stage = coalesce(:stop_stage, stop_stage),
       version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer RETURNING version

-- name: sequence_switch many
-- doc: on only with something to say
UPDATE sequences s SET enabled = :enabled::boolean, version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND (NOT :enabled::boolean OR EXISTS (SELECT FROM sequence_steps t WHERE t.sequence_id = s.id)) RETURNING enabled

-- name: sequence_delete many
DELETE FROM sequences WHERE id = :id::uuid AND NOT EXISTS (SELECT FROM enrolments e WHERE e.sequence_id = :id::uuid) RETURNING id

-- name: sequence_step_insert many
INSERT INTO sequence_steps (sequence_id, position, wait_hours, subject, body)
SELECT :id::uuid, coalesce((SELECT max(position) FROM sequence_steps WHERE sequence_id = :id::uuid), 0) + 1, :wait_hours::integer, :subject, :body
RETURNING id

-- name: sequence_step_update many
UPDATE sequence_steps SET wait_hours = :wait_hours::integer, subject = :subject, body = :body
 WHERE id = :step_id::uuid AND sequence_id = :id::uuid RETURNING id

-- name: sequence_step_delete many
DELETE FROM sequence_steps WHERE id = :step_id::uuid AND sequence_id = :id::uuid RETURNING id

-- name: sequence_step_move one
SELECT app.sequence_step_move(:step_id::uuid, :down::boolean) AS moved

-- name: nurture_try one
SELECT app.nurture_try(:step_id::uuid) AS done

-- name: lead_enrolments many
-- doc: sequences that a lead is or was in, for staff
SELECT sequence_id, name, sent, next_at, ended_at, why FROM app.lead_enrolments(:id::uuid)

-- name: nurture_end one
SELECT app.nurture_end(:id::uuid) AS done
