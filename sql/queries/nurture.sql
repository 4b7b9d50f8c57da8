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

-- ── The demo ──

-- name: seed_sequences none
-- doc: two sequences that run and a draft, and the leads of the last weeks in them
WITH newest AS (SELECT coalesce(max(created_at), now()) AS at FROM leads),
author AS (SELECT id FROM users WHERE email = 'agent@tessera.example'),
made AS (
    INSERT INTO sequences (id, name, partner_type, source, stop_stage, enabled, created_by, created_at, updated_at)
    SELECT md5('sequence' || s.n)::uuid, s.name, s.type, s.source, s.stop, s.enabled, author.id, newest.at - s.ago::interval, newest.at - s.ago::interval
      FROM (VALUES (1, 'Welcome to the portal', NULL, NULL, 'qualified', true, '200 days'),
                   (2, 'Clients of channel partners', 'channel', NULL, 'active', true, '120 days'),
                   (3, 'After an exhibition', NULL, 'event', 'qualified', false, '9 days')) AS s(n, name, type, source, stop, enabled, ago), newest, author
    RETURNING id, name, partner_type, source, stop_stage),
steps AS (
    INSERT INTO sequence_steps (id, sequence_id, position, wait_hours, subject, body)
    SELECT md5('step' || t.n || '-' || t.position)::uuid, md5('sequence' || t.n)::uuid, t.position, t.wait, t.subject, t.body
      FROM (VALUES
        (1, 1, 1, 'Welcome, {{client}}', E'Hello {{client}},\n\n{{partner}} told us what you are looking for, and we have begun.\n\nWithin two days somebody of {{programme}} calls you. If there is a time that suits you best, just answer to this mail.'),
        (1, 2, 72, 'Three questions that save you time', E'Hello {{client}},\n\nbefore we suggest anything: which part of town, until when, and what must it have that others can do without?\n\nA line or two is enough.'),
        (1, 3, 168, 'Are you still looking?', E'Hello {{client}},\n\nif your plans have changed, tell us and we stop writing. If not, we would like to show you two places this week.'),
        (2, 1, 2, '{{partner}} has introduced you', E'Hello {{client}},\n\n{{partner}} has introduced you to us. They stay your first contact, and see how far we are.'),
        (2, 2, 96, 'What happens next', E'Hello {{client}},\n\nfirst a call, then a short list, then viewings. Most people decide within six weeks.'),
        (3, 1, 24, 'Good to have met you', E'Hello {{client}},\n\nthank you for stopping by at our stand. Here is what we promised to send.')) AS t(n, position, wait, subject, body)
    RETURNING id, sequence_id, position),
taken AS (
    SELECT l.id AS lead_id, l.partner_id, l.stage, l.created_at, l.client_email, m.id AS sequence_id, newest.at AS now,
           (SELECT count(*) FROM steps s WHERE s.sequence_id = m.id) AS steps,
           row_number() OVER (PARTITION BY m.id ORDER BY l.created_at DESC, l.id) AS place
      FROM leads l JOIN partners p ON p.id = l.partner_id JOIN made m ON m.name <> 'After an exhibition' AND (m.partner_type IS NOT NULL) = (p.type = 'channel'), newest
     WHERE l.client_email IS NOT NULL AND l.consent_at IS NOT NULL AND l.created_at > newest.at - interval '60 days'),
enrolled AS (
    INSERT INTO enrolments (id, sequence_id, lead_id, partner_id, written, sent, next_at, ended_at, why, created_at)
    SELECT md5('enrolment' || lead_id)::uuid, sequence_id, lead_id, partner_id, (ARRAY(SELECT s.id FROM steps s WHERE s.sequence_id = t.sequence_id ORDER BY s.position))[1 : CASE WHEN running THEN 1 ELSE 2 END], CASE WHEN running THEN 1 ELSE least(steps, 2) END,
           CASE WHEN running THEN now + make_interval(hours => 20 + (place % 70)::integer) END, CASE WHEN NOT running THEN least(created_at + interval '6 days', now) END,
           CASE WHEN running THEN NULL WHEN stage = 'declined' THEN 'declined' WHEN stage IN ('new', 'intake') THEN 'finished' WHEN place % 11 = 0 THEN 'stopped' ELSE 'stage' END, created_at
      FROM (SELECT *, stage IN ('new', 'intake') AND created_at > now - interval '6 days' AS running FROM taken) AS t
    RETURNING id, next_at)
INSERT INTO jobs (kind, payload, run_at, key, priority)
SELECT 'nurture.step', jsonb_build_object('enrolment', id), next_at, 'nurture:' || id, 7 FROM enrolled WHERE next_at IS NOT NULL
