-- The dashboard: rollups and look-ups by index, so that it costs the same however many leads there are.
-- Days are UTC. :from to :until is the period, :before_from to :before_until the one before it; both ends count.

-- name: dashboard_currencies many
-- doc: currencies with leads, for the choice of the one that money is shown in
SELECT currency AS value FROM rollup_stage WHERE scope = (SELECT app.scope()) GROUP BY currency HAVING sum(leads) > 0 ORDER BY 1

-- name: dashboard_money none
-- doc: chooses the currency that the statements after it show money in, once for all of them
SELECT set_config('app.money', coalesce(app.rollup_currency(:currency), ''), true)

-- name: dashboard_sums one
-- doc: the period and the one before; counts in all currencies, money in one
WITH days AS (
    SELECT sum(created) FILTER (WHERE day >= :from::date) AS created, sum(created) FILTER (WHERE day <= :before_until::date) AS created_before,
           sum(won) FILTER (WHERE day >= :from::date) AS won, sum(won) FILTER (WHERE day <= :before_until::date) AS won_before,
           sum(lost) FILTER (WHERE day >= :from::date) AS lost, sum(lost) FILTER (WHERE day <= :before_until::date) AS lost_before,
           sum(won_value) FILTER (WHERE day >= :from::date AND currency = (SELECT current_setting('app.money', true))) AS won_value,
           sum(won_value) FILTER (WHERE day <= :before_until::date AND currency = (SELECT current_setting('app.money', true))) AS won_value_before
      FROM rollup_day WHERE scope = (SELECT app.scope()) AND day BETWEEN :before_from::date AND :until::date),
     months AS (
    SELECT sum(amount) FILTER (WHERE month >= :month_from::date) AS commission,
           sum(amount) FILTER (WHERE month < :month_from::date) AS commission_before
      FROM rollup_ledger WHERE scope = (SELECT app.scope()) AND currency = (SELECT current_setting('app.money', true))
       AND month BETWEEN :before_month_from::date AND :until::date AND state <> 'reversed')
SELECT nullif(current_setting('app.money', true), '') AS currency, coalesce(created, 0)::bigint AS created, coalesce(created_before, 0)::bigint AS created_before,
       coalesce(won, 0)::bigint AS won, coalesce(won_before, 0)::bigint AS won_before, coalesce(lost, 0)::bigint AS lost,
       coalesce(lost_before, 0)::bigint AS lost_before, coalesce(won_value, 0) AS won_value, coalesce(won_value_before, 0) AS won_value_before,
       coalesce(commission, 0) AS commission, coalesce(commission_before, 0) AS commission_before
  FROM days, months

-- name: dashboard_trend many
-- doc: the period in days, in weeks counted from its first day (:days is 1 or 7), or in months (:days is 0); only those with something in them
SELECT CASE :days::integer WHEN 0 THEN date_trunc('month', day)::date ELSE :from::date + (day - :from::date) / :days::integer * :days::integer END AS day,
       sum(created)::bigint AS created, sum(won)::bigint AS won,
       coalesce(sum(won_value) FILTER (WHERE currency = (SELECT current_setting('app.money', true))), 0) AS won_value
  FROM rollup_day WHERE scope = (SELECT app.scope()) AND day BETWEEN :from::date AND :until::date
 GROUP BY 1 ORDER BY 1

-- name: dashboard_stages many
-- doc: leads as they stand, every stage with a row; counts in all currencies, value in one; the open ones' sums with every row
SELECT stage, leads, value, sum(leads) FILTER (WHERE position <= 4) OVER ()::bigint AS _open_leads,
       sum(value) FILTER (WHERE position <= 4) OVER () AS _open_value
  FROM (SELECT s.stage, s.position, coalesce(sum(r.leads), 0)::bigint AS leads,
               coalesce(sum(r.value) FILTER (WHERE r.currency = (SELECT current_setting('app.money', true))), 0) AS value
          FROM unnest(ARRAY['new', 'intake', 'qualified', 'active', 'won', 'lost', 'dormant', 'declined']) WITH ORDINALITY AS s(stage, position)
          LEFT JOIN rollup_stage r ON r.scope = (SELECT app.scope()) AND r.stage = s.stage
         GROUP BY s.stage, s.position) AS stages
 ORDER BY position

-- name: dashboard_sources many
-- doc: the five that brought most, in the months that the period touches
SELECT source, sum(leads)::bigint AS leads, sum(won)::bigint AS won, sum(won)::numeric / sum(leads) AS share
  FROM rollup_source WHERE scope = (SELECT app.scope()) AND month BETWEEN date_trunc('month', :from::date)::date AND :until::date
 GROUP BY source HAVING sum(leads) > 0 ORDER BY leads DESC, source LIMIT 5

-- name: dashboard_recent many
SELECT l.id, l.client_name AS name, l.stage, l.source, l.currency, l.estimated_value AS value, l.created_at AS created,
       (SELECT p.name FROM partners p WHERE p.id = l.partner_id AND :staff::boolean) AS partner, --? staff
       l.client_location AS location
  FROM leads l ORDER BY l.created_at DESC, l.id DESC LIMIT 6

-- name: dashboard_activity many
-- doc: what happened last; whoever is not visible to the reader is named as staff. Looked up row by row: a join would
-- read all leads of a partner who has many. What was done with many leads at once is one line
SELECT at, kind, from_stage, to_stage, reason, array_to_string(fields, ',') AS fields, lead_id, client, actor,
       user_id IS NOT NULL AND actor IS NULL AS by_staff, bulk_size, days
  FROM (SELECT h.*, (SELECT l.client_name FROM leads l WHERE l.id = h.lead_id) AS client,
               (SELECT u.name FROM users u WHERE u.id = h.user_id) AS actor
          FROM lead_history h WHERE h.bulk_id IS NULL OR h.bulk_size IS NOT NULL ORDER BY h.at DESC, h.id DESC LIMIT 8) AS h
 ORDER BY at DESC, id DESC

-- name: dashboard_capacity many
-- doc: a partner's open shares against what it takes at once; nothing for staff
SELECT coalesce(s.open, 0) AS open, p.capacity FROM partners p LEFT JOIN rollup_shares s ON s.scope = p.id WHERE p.id = (SELECT app.partner())

-- name: dashboard_waiting many
-- doc: in each open stage the lead that has waited longest
SELECT w.stage, w.id, w.client_name AS client, extract(day FROM now() - w.stage_at)::integer AS days
  FROM ((SELECT stage, id, client_name, stage_at FROM leads WHERE stage = 'new' ORDER BY stage_at LIMIT 1)
        UNION ALL
        (SELECT stage, id, client_name, stage_at FROM leads WHERE stage = 'intake' ORDER BY stage_at LIMIT 1)
        UNION ALL
        (SELECT stage, id, client_name, stage_at FROM leads WHERE stage = 'qualified' ORDER BY stage_at LIMIT 1)
        UNION ALL
        (SELECT stage, id, client_name, stage_at FROM leads WHERE stage = 'active' ORDER BY stage_at LIMIT 1)) AS w

-- name: dashboard_duties many
-- doc: of a partner's user: what is missing in the profile, and required courses that are not finished; nothing for staff
SELECT p.contact_phone = '' OR p.contact_email = '' OR p.address = '' AS profile_incomplete,
       p.licence_expires_on - (now() AT TIME ZONE 'UTC')::date AS licence_days, p.status AS partner_status,
       c.id AS course_id, c.title AS course_title, c.others AS course_others
  FROM partners p
  LEFT JOIN LATERAL (
    SELECT c.id, c.title, count(*) OVER () - 1 AS others FROM courses c
     WHERE c.required AND EXISTS (
        SELECT FROM course_modules m
          LEFT JOIN module_progress g ON g.module_id = m.id AND g.user_id = (SELECT app.user_id())
         WHERE m.course_id = c.id AND g.status IS DISTINCT FROM 'completed')
     ORDER BY c.position LIMIT 1) AS c ON true
 WHERE p.id = (SELECT app.partner())
