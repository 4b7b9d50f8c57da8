-- Courses, modules and one's own progress. Tier and type are row-level security's business.

-- name: course_list many
SELECT c.id, c.title, c.summary, c.required, array_to_string(ARRAY(SELECT t.label FROM tiers t WHERE t.code = ANY (c.tiers) ORDER BY t.position), ', ') AS tier_names, m.modules, m.minutes, m.done,
       m.done AS value, m.modules AS max, m.done = m.modules AND m.modules > 0 AS finished, m.done > 0 AS started, m.next_id
  FROM courses c,
       LATERAL (SELECT count(*) AS modules, coalesce(sum(x.minutes), 0) AS minutes, count(*) FILTER (WHERE p.status = 'completed') AS done,
                       (array_agg(x.id ORDER BY x.position) FILTER (WHERE p.status IS DISTINCT FROM 'completed'))[1] AS next_id
                  FROM course_modules x LEFT JOIN module_progress p ON p.module_id = x.id AND p.user_id = (SELECT app.user_id())
                 WHERE x.course_id = c.id) AS m
 ORDER BY c.required DESC, c.position

-- name: course one
SELECT id, title, summary, required FROM courses WHERE id = :id::uuid

-- name: course_modules many
-- doc: in order; open: everything before it is done
SELECT m.id, m.position, m.kind, m.title, m.minutes, p.status, p.score, p.attempts, p.completed_at, p.status = 'completed' AS done,
       coalesce(bool_and(coalesce(p.status = 'completed', false)) OVER (ORDER BY m.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS open
  FROM course_modules m LEFT JOIN module_progress p ON p.module_id = m.id AND p.user_id = (SELECT app.user_id())
 WHERE m.course_id = :id::uuid ORDER BY m.position

-- name: module one
SELECT m.id, m.course_id, c.title AS course, m.position, m.kind, m.title, m.minutes, m.body, m.pass_mark, m.file IS NOT NULL AS has_video,
       m.captions IS NOT NULL AS has_captions, p.status, p.score, p.attempts, coalesce(p.status = 'completed', false) AS done, app.module_open_to(m.id) AS open,
       (SELECT x.id FROM course_modules x WHERE x.course_id = m.course_id AND x.position > m.position ORDER BY x.position LIMIT 1) AS next_id,
       (SELECT x.id FROM course_modules x WHERE x.course_id = m.course_id AND x.position < m.position ORDER BY x.position DESC LIMIT 1) AS previous_id,
       (SELECT count(*) FROM course_modules x WHERE x.course_id = m.course_id) AS modules
  FROM course_modules m JOIN courses c ON c.id = m.course_id
  LEFT JOIN module_progress p ON p.module_id = m.id AND p.user_id = (SELECT app.user_id())
 WHERE m.id = :id::uuid

-- name: module_questions many
-- doc: with what would be right, for those who passed
SELECT q.id, q.position, q.prompt, r.answer_text, r.explanation,
       (SELECT jsonb_agg(jsonb_build_object('number', o.number, 'text', o.text) ORDER BY o.number)
          FROM unnest(q.options) WITH ORDINALITY AS o(text, number)) AS options
  FROM quiz_questions q LEFT JOIN app.quiz_review(:id::uuid) r ON r.question_id = q.id
 WHERE q.module_id = :id::uuid ORDER BY q.position

-- name: module_video one
SELECT file, app.module_open_to(id) AS open FROM course_modules WHERE id = :id::uuid AND file IS NOT NULL

-- name: module_captions one
SELECT captions AS file, app.module_open_to(id) AS open FROM course_modules WHERE id = :id::uuid AND captions IS NOT NULL

-- name: module_complete none
SELECT app.module_complete(:id::uuid)

-- name: quiz_grade many
SELECT score, passed, correct_count, question_count FROM app.quiz_grade(:id::uuid, :answers::jsonb)
