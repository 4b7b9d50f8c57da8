-- Scores of leads: the job that makes them, and the operator's command.

-- name: scores_next many
SELECT lead_id, email, phone, budgets, financing, move_in_days, wishes, letters, source, partner_won, partner_closed
  FROM app.scores_next(:limit::integer)

-- name: score_model many
-- doc: none: the rule judges
SELECT version, weights FROM app.score_model()

-- name: scores_keep none
SELECT app.scores_keep(:scores::jsonb, :model::integer)

-- name: operator_score_examples many
-- doc: the newest closed leads, the oldest of them first
SELECT f.email, f.phone, f.budgets, f.financing, f.move_in_days, f.wishes, f.letters, f.source, f.partner_won, f.partner_closed, l.stage = 'won' AS won
  FROM (SELECT id, stage, closed_at FROM leads WHERE closed_at IS NOT NULL ORDER BY closed_at DESC, id LIMIT :limit::integer) AS l
  JOIN app.score_facts(ARRAY(SELECT id FROM leads WHERE closed_at IS NOT NULL ORDER BY closed_at DESC, id LIMIT :limit::integer)) AS f ON f.lead_id = l.id
 ORDER BY l.closed_at, l.id

-- name: operator_score_insert one
INSERT INTO score_models (leads, held_out, auc, rule_auc, weights)
VALUES (:leads::integer, :held_out::integer, :auc::numeric, :rule_auc::numeric, :weights::jsonb) RETURNING version

-- name: operator_score_use one
SELECT app.score_use(:version::integer) AS found

-- name: operator_score_models many
SELECT version, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS created, leads, held_out, round(auc, 3) AS auc, round(rule_auc, 3) AS rule_auc, in_force
  FROM score_models ORDER BY version

-- name: seed_scores none
-- doc: the newest leads of the demo are judged as soon as a daemon runs
WITH stale AS (INSERT INTO lead_scores (lead_id) SELECT id FROM leads ORDER BY created_at DESC, id LIMIT 5000 RETURNING 1)
SELECT app.job_add('scores.make', '{}', now(), 'scores.make', 8) FROM (SELECT count(*) FROM stale) AS n
