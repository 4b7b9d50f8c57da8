-- Commissions: the ledger's entries and the totals that are kept of them.

-- name: commission_totals many
-- doc: all-time and this year's sums by state, in the chosen currency
SELECT s.state, coalesce(sum(r.amount), 0) AS amount, coalesce(sum(r.entries), 0)::bigint AS entries,
       coalesce(sum(r.amount) FILTER (WHERE r.month >= date_trunc('year', now())::date), 0) AS amount_this_year,
       coalesce(:currency, current_setting('app.currency')) AS currency
  FROM unnest(ARRAY['pending', 'approved', 'payable', 'paid', 'disputed', 'reversed']) WITH ORDINALITY AS s(state, position)
  LEFT JOIN rollup_ledger r ON r.state = s.state AND r.scope = (SELECT app.scope())
                           AND r.currency = coalesce(:currency, current_setting('app.currency'))
 GROUP BY s.state, s.position ORDER BY s.position

-- name: commission_months many
-- doc: the last twelve months, oldest first, for the chart and its table
SELECT m.month::date AS month, coalesce(:currency, current_setting('app.currency')) AS currency,
       coalesce(sum(r.amount) FILTER (WHERE r.state = 'paid'), 0) AS paid,
       coalesce(sum(r.amount) FILTER (WHERE r.state IN ('pending', 'approved', 'payable', 'disputed')), 0) AS open
  FROM generate_series(date_trunc('month', now()) - interval '11 months', date_trunc('month', now()), interval '1 month') AS m(month)
  LEFT JOIN rollup_ledger r ON r.month = m.month::date AND r.scope = (SELECT app.scope())
                           AND r.currency = coalesce(:currency, current_setting('app.currency'))
 GROUP BY m.month ORDER BY m.month

-- name: commission_currencies many
-- doc: options of the currency filter; the reader's own comes first, and is what is shown when none was chosen
SELECT c.currency AS value, c.currency AS label
  FROM (SELECT r.currency FROM rollup_ledger r WHERE r.scope = (SELECT app.scope()) UNION SELECT current_setting('app.currency')) AS c(currency)
 ORDER BY c.currency <> current_setting('app.currency'), c.currency

-- name: commission_month_options many
SELECT DISTINCT month::text AS value, to_char(month, 'FMMonth YYYY') AS label, month AS _month
  FROM rollup_ledger WHERE scope = (SELECT app.scope()) ORDER BY _month DESC LIMIT 60

-- name: commission_list many
-- sort: created_desc e.created_at desc timestamptz | created e.created_at asc timestamptz | amount_desc e.amount desc numeric | amount e.amount asc numeric
SELECT e.id, e.created_at, e.month, e.kind, e.state, e.amount, e.currency, e.base, e.rate, e.note, l.id AS lead_id,
       l.client_name AS client, p.name AS partner, {sort_key} AS _sort_key
  FROM ledger_entries e
  LEFT JOIN leads l ON l.id = e.lead_id
  LEFT JOIN partners p ON p.id = e.partner_id
 WHERE e.currency = coalesce(:currency, current_setting('app.currency'))
   AND e.state = :state --? state
   AND e.kind = :kind --? kind
   AND e.month = :month::date --? month
   AND e.month >= :since::date --? since
   AND e.month < :before::date --? before
   AND e.state IN ('pending', 'approved', 'payable', 'disputed') AND :open::text IS NOT NULL --? open
   AND e.state <> 'reversed' AND :counted::text IS NOT NULL --? counted
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit

-- name: commission_entry one
SELECT e.id, e.created_at, e.month, e.kind, e.state, e.state_at, e.amount, e.currency, e.base, e.rate, e.note, l.id AS lead_id,
       l.client_name AS client, p.name AS partner, p.id AS partner_id
  FROM ledger_entries e
  LEFT JOIN leads l ON l.id = e.lead_id
  LEFT JOIN partners p ON p.id = e.partner_id
 WHERE e.id = :id::uuid
