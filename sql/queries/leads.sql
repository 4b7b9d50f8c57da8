-- Leads: list, one lead with its history, and what is done with it.

-- part: draft_lead
       substr(encode(sha256(convert_to(app.user_id() || ' ' || :draft::uuid, 'UTF8')), 'hex'), 1, 32)::uuid

-- part: lead_filters
-- doc: what the list, the board and an action on many leads are narrowed by
   AND l.search LIKE app.like_pattern(app.fold(:q)) --? q
   AND l.stage = ANY (:reached_stages::text[]) --? reached_stages
   AND l.source = :source --? source
   AND l.currency = :currency --? currency
   AND l.partner_id = :partner::uuid --? partner
   AND l.import_id = :import::uuid --? import
   AND l.id IN (SELECT a.lead_id FROM lead_attribution a WHERE a.link_id = :link::uuid) --? link
   AND l.estimated_value >= :value_min::numeric --? value_min
   AND l.estimated_value <= :value_max::numeric --? value_max
   AND l.created_at >= (:from::date)::timestamptz --? from
   AND l.created_at < (:to::date + 1)::timestamptz --? to
   AND l.closed_at >= (:closed_from::date)::timestamptz --? closed_from
   AND l.closed_at < (:closed_to::date + 1)::timestamptz --? closed_to

-- name: lead_list_plan none
-- doc: a filtered list is planned for the very values that were asked for, because how many rows they leave decides
-- which index is right; an unfiltered one has one plan for everybody
SELECT set_config('plan_cache_mode', CASE WHEN :filtered::boolean THEN 'force_custom_plan' ELSE 'auto' END, true)

-- name: lead_list many
-- doc: the columns of the list and, in this order, of the export
-- sort: created_desc l.created_at desc timestamptz | created l.created_at asc timestamptz | name l.client_name asc | name_desc l.client_name desc | value_desc l.estimated_value desc numeric | value l.estimated_value asc numeric | updated_desc l.updated_at desc timestamptz | updated l.updated_at asc timestamptz
SELECT l.client_name AS name, l.client_email AS email, l.client_phone AS phone, l.client_location AS location,
       l.stage, l.source, l.currency, l.estimated_value AS value, l.created_at AS created, l.updated_at AS updated,
       l.closed_at AS closed,
       (SELECT p.name FROM partners p WHERE p.id = l.partner_id AND :staff::boolean) AS partner, --? staff
       CASE WHEN :staff::boolean THEN app.lead_staff_score(l.id) END AS score, --? staff
       -- what is to be done next, as far as the reader's side has noted it
       next.due_at AS next_at, next.note AS next_step, next.due_at <= now() AS _overdue,
       l.id, {sort_key} AS _sort_key
  FROM leads l
  LEFT JOIN LATERAL (SELECT r.due_at, r.note FROM reminders r WHERE r.lead_id = l.id AND r.done_at IS NULL
                      ORDER BY r.due_at, r.id LIMIT 1) next ON true
 WHERE true
   AND l.stage = :stage --? stage
   AND l.stage IN ('new', 'intake', 'qualified', 'active') AND :open::boolean --? open
   {lead_filters}
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: lead_totals one
-- doc: how many there are at all, whatever the filters say; the reader's views, and how
-- they like the list. One statement, because most readers have none of the last
SELECT coalesce(sum(leads), 0)::bigint AS leads,
       coalesce(sum(leads) FILTER (WHERE stage IN ('new', 'intake', 'qualified', 'active')), 0)::bigint AS open,
       (SELECT jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name, 'query', v.query, 'columns', array_to_string(v.columns, ','))
                         ORDER BY v.user_id <> (SELECT app.user_id()), v.position, v.name) FROM lead_views v) AS _views,
       (SELECT concat_ws(' ', coalesce(c.default_view::text, '-'), array_to_string(c.columns, ',')) FROM lead_list_choices c) AS _choices
  FROM rollup_stage WHERE scope = (SELECT app.scope())

-- name: lead_currencies many
-- doc: currencies that there are leads in, for the filter
SELECT DISTINCT currency AS value, currency AS label FROM rollup_stage WHERE scope = (SELECT app.scope()) AND leads > 0 ORDER BY 1

-- name: lead_filter_partner many
-- doc: whose leads the list is narrowed to
SELECT id, name FROM partners WHERE id = :partner::uuid

-- name: lead_filter_link many
-- doc: through which link the leads of the list came
SELECT id, name FROM referral_links WHERE id = :link::uuid

-- name: lead_partners many
-- doc: for staff, whom a new lead can be entered for; a partner finds itself
SELECT id AS value, name AS label FROM partners WHERE status = 'active' ORDER BY name LIMIT 500

-- name: lead_currency_choices many
SELECT c AS value, c AS label FROM app.lead_currencies() AS c
 ORDER BY c = current_setting('app.currency', true) DESC, c

-- name: lead_get one
SELECT l.id, l.partner_id, p.name AS partner_name, u.name AS created_by_name, l.client_name, l.client_email, l.client_phone,
       l.client_location, l.stage, nullif(concat_ws(' – ', w.label, l.stage_reason), '') AS stage_reason, l.stage_at, l.source, l.currency, trim_scale(l.estimated_value) AS estimated_value,
       trim_scale(l.budget_min) AS budget_min, trim_scale(l.budget_max) AS budget_max, l.financing, l.payment_preference, l.property_type, l.locations, l.bedrooms, l.size_min, l.amenities,
       l.move_in_on, l.description, l.utm_source, l.utm_medium, l.utm_campaign, l.utm_term, l.utm_content, l.loan_stage, l.referred_by,
       l.consent_at, l.consent_version, l.version, l.created_at,
       l.updated_at, l.closed_at
  FROM leads l JOIN partners p ON p.id = l.partner_id LEFT JOIN users u ON u.id = l.created_by
  LEFT JOIN stage_reasons w ON w.code = l.stage_reason_code
 WHERE l.id = :id::uuid

-- name: lead_went_to one
-- doc: where a lead is that is not there any more; NULL where the reader must not know
SELECT app.lead_went_to(:id::uuid) AS kept_id

-- name: lead_staff many
-- doc: what staff alone may read; no row for partners
SELECT score, model, scored_at, temperature, staff_notes FROM app.lead_staff_facts(:id::uuid)

-- name: lead_staff_reasons many
-- doc: the same; what each side of the lead adds to its score, the most first
SELECT code, points, most FROM app.lead_staff_reasons(:id::uuid)

-- name: lead_for_staff one
SELECT id, client_name, temperature, staff_notes, version FROM leads WHERE id = :id::uuid

-- name: lead_lock one
-- doc: before a change: the lead as it stands, and nobody else may change it until we are done
SELECT id, client_name, stage, estimated_value, version FROM leads WHERE id = :id::uuid FOR UPDATE

-- name: lead_insert many
-- doc: a partner's own, or for staff the chosen one's; no row when that partner is not active, or when this form was sent before:
-- its draft says which id its lead has, so that of several that come at once one is the first
INSERT INTO leads (id, partner_id, created_by, client_name, client_email, client_phone, client_location, source, currency,
                   estimated_value, budget_min, budget_max, financing, payment_preference, property_type, locations,
                   bedrooms, size_min, amenities, move_in_on, loan_stage, description, consent_at, phone_e164)
SELECT coalesce(
       {draft_lead}
       , gen_random_uuid()), p.id, app.user_id(), :client_name, :client_email, :client_phone, :client_location, coalesce(:source, 'referral'),
       coalesce(app.lead_currency(:currency), p.currency), coalesce(:estimated_value::numeric, 0), :budget_min::numeric, :budget_max::numeric,
       :financing, :payment_preference, :property_type, :locations, :bedrooms::integer, :size_min::integer, :amenities,
       :move_in_on::date, :loan_stage, coalesce(:description, ''), now(), :phone_e164
  FROM partners p
 WHERE p.id = coalesce((SELECT app.partner()), :partner_id::uuid) AND p.status = 'active'
ON CONFLICT (id) DO NOTHING
RETURNING id, registration

-- name: lead_sent many
-- doc: what became of this form when it was sent before: its lead, and whether this is the same content once more
SELECT l.id, l.registration, gen_random_uuid() AS another_draft,
       (l.client_name, l.client_email, l.client_phone, l.client_location, l.estimated_value, l.budget_min, l.budget_max, l.financing, l.payment_preference,
        l.property_type, l.locations, l.bedrooms, l.size_min, l.amenities, l.move_in_on, l.loan_stage, l.description)
       IS NOT DISTINCT FROM
       (:client_name, :client_email, :client_phone, :client_location, coalesce(:estimated_value::numeric, 0), :budget_min::numeric, :budget_max::numeric, :financing, :payment_preference,
        :property_type, :locations, :bedrooms::integer, :size_min::integer, :amenities, :move_in_on::date, :loan_stage, coalesce(:description, '')) AS same
  FROM partners p LEFT JOIN leads l ON l.id =
       {draft_lead}
 WHERE p.id = coalesce((SELECT app.partner()), :partner_id::uuid) AND p.status = 'active'

-- name: lead_update many
-- doc: no row when somebody else was quicker
UPDATE leads SET client_name = :client_name, client_email = :client_email, client_phone = :client_phone, phone_e164 = :phone_e164,
       client_location = :client_location, source = coalesce(:source, source), currency = coalesce(app.lead_currency(nullif(:currency, currency)), currency),
       estimated_value = coalesce(:estimated_value::numeric, 0), budget_min = :budget_min::numeric,
       budget_max = :budget_max::numeric, financing = :financing, payment_preference = :payment_preference,
       property_type = :property_type, locations = :locations, bedrooms = :bedrooms::integer, size_min = :size_min::integer,
       amenities = :amenities, move_in_on = :move_in_on::date, loan_stage = :loan_stage, description = coalesce(:description, ''),
       version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer
RETURNING version

-- name: lead_stage_update many
-- doc: no row when somebody else was quicker; won_value is the value of the deal, when it was won now
UPDATE leads SET stage = :stage, stage_reason = :reason, stage_reason_code = :reason_code, stage_at = now(),
       closed_at = CASE WHEN :stage IN ('won', 'lost') THEN now() END,
       estimated_value = coalesce(:won_value::numeric, estimated_value), version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer
RETURNING version

-- name: lead_staff_update many
UPDATE leads SET temperature = :temperature, staff_notes = coalesce(:staff_notes, ''), version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer
RETURNING version

-- name: stage_moves many
-- doc: the table that leads move by
SELECT from_stage, to_stage, staff_only, needs_reason, needs_value FROM stage_moves

-- name: stage_reasons many
-- doc: why a lead may be where the asker may move it
SELECT r.code AS value, initcap(r.stage) || ' – ' || r.label AS label, r.label AS words, r.stage
  FROM stage_reasons r
 WHERE EXISTS (SELECT FROM stage_moves m WHERE m.to_stage = r.stage AND (NOT m.staff_only OR (SELECT app.partner()) IS NULL))
 ORDER BY r.position

-- name: lead_undo_offer many
-- doc: the asker's own move of the last minute, as long as nothing else has happened to the lead
SELECT h.from_stage AS stage, h.version
  FROM (SELECT * FROM lead_history WHERE lead_id = :id::uuid AND kind = 'stage' ORDER BY at DESC, id DESC LIMIT 1) AS h
  JOIN leads l ON l.id = h.lead_id AND l.version = h.version
 WHERE h.user_id = (SELECT app.user_id()) AND h.undoes IS NULL AND h.at > now() - interval '1 minute'

-- name: lead_undo none
SELECT app.lead_undo(:id::uuid, :version::integer)

-- name: board_cards many
-- doc: the first cards of each column in :stages, or those after a card of the only one. Each column is read along an index,
-- the last to come first. A lead is late when it has rested for longer than its stage's :patience, in days (0: it may)
SELECT l.stage, l.id, l.name, l.currency, l.value, l.version, l.stage_at,
       s.patience > 0 AND l.stage_at < now() - make_interval(days => s.patience) AS late,
       (SELECT p.name FROM partners p WHERE p.id = l.partner_id AND :staff::boolean) AS partner, --? staff
       r.due_at, r.due_at < now() AS overdue, l.stage_at AS _key
  FROM unnest(:stages::text[], :patience::integer[]) WITH ORDINALITY AS s(stage, patience, place)
 CROSS JOIN LATERAL (
       SELECT l.stage, l.id, l.partner_id, l.client_name AS name, l.currency, l.estimated_value AS value, l.version, l.stage_at
         FROM leads l
        WHERE l.stage = s.stage
          {lead_filters}
          AND (l.stage_at, l.id) < (:after_key::timestamptz, :after_id::uuid) --? after_key
        ORDER BY l.stage_at DESC, l.id DESC LIMIT :limit::integer) AS l
  LEFT JOIN LATERAL (SELECT r.due_at FROM reminders r WHERE r.lead_id = l.id AND r.done_at IS NULL ORDER BY r.due_at LIMIT 1) AS r ON true
 ORDER BY s.place, l.stage_at DESC, l.id DESC

-- name: board_sums many
-- doc: how many stand in each column and what they are worth, of all leads or of one partner's; the asker's currency first
SELECT stage, currency, leads, value FROM rollup_stage
 WHERE scope = coalesce(:partner::uuid, (SELECT app.scope())) AND leads > 0
   AND currency = :currency --? currency
 ORDER BY stage, currency = current_setting('app.currency', true) DESC, currency

-- name: board_counts many
-- doc: the same where more is asked for than the rollup knows, in :counted. It stops counting at :bound
SELECT s.stage, l.currency, count(*) AS leads, sum(l.value) AS value
  FROM unnest(:counted::text[]) AS s(stage)
 CROSS JOIN LATERAL (
       SELECT l.currency, l.estimated_value AS value
         FROM leads l
        WHERE l.stage = s.stage
          {lead_filters}
        LIMIT :bound::integer) AS l
 GROUP BY s.stage, l.currency ORDER BY s.stage, l.currency = current_setting('app.currency', true) DESC, l.currency

-- name: share_list many
-- doc: other people's leads that were handed to the reader's company, and what each client allowed to be told
-- sort: shared_desc s.shared_at desc timestamptz | shared s.shared_at asc timestamptz
SELECT s.shared_at, s.status, s.status IN ('sent', 'accepted', 'in_progress', 'closed') AS writable, s.consent_contact, s.consent_budget, s.consent_requirements, s.accepted_at, s.closed_at, s.id, {sort_key} AS _sort_key
  FROM lead_shares s
 WHERE s.partner_id = (SELECT app.partner())
   AND s.status = :status --? status
   AND s.status IN ('sent', 'accepted', 'in_progress') AND :open::text IS NOT NULL --? open
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit
