-- Leads: list, one lead with its history, and what is done with it.

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
       l.id, {sort_key} AS _sort_key
  FROM leads l
 WHERE true
   AND l.search LIKE app.like_pattern(:q) --? q
   AND l.stage = :stage --? stage
   AND l.stage IN ('new', 'intake', 'qualified', 'active') AND :open::boolean --? open
   AND l.source = :source --? source
   AND l.currency = :currency --? currency
   AND l.partner_id = :partner::uuid --? partner
   AND l.estimated_value >= :value_min::numeric --? value_min
   AND l.estimated_value <= :value_max::numeric --? value_max
   AND l.created_at >= (:from::date)::timestamptz --? from
   AND l.created_at < (:to::date + 1)::timestamptz --? to
   AND l.closed_at >= (:closed_from::date)::timestamptz --? closed_from
   AND l.closed_at < (:closed_to::date + 1)::timestamptz --? closed_to
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: lead_totals one
-- doc: how many there are at all, whatever the filters say; whose leads the list is narrowed to; the reader's views, and how
-- they like the list. One statement, because most readers have none of the last
SELECT coalesce(sum(leads), 0)::bigint AS leads,
       coalesce(sum(leads) FILTER (WHERE stage IN ('new', 'intake', 'qualified', 'active')), 0)::bigint AS open,
       (SELECT p.name FROM partners p WHERE p.id = :partner::uuid) AS partner, --? partner
       (SELECT jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name, 'query', v.query, 'columns', array_to_string(v.columns, ','))
                         ORDER BY v.user_id <> (SELECT app.user_id()), v.position, v.name) FROM lead_views v) AS _views,
       (SELECT concat_ws(' ', coalesce(c.default_view::text, '-'), array_to_string(c.columns, ',')) FROM lead_list_choices c) AS _choices
  FROM rollup_stage WHERE scope = (SELECT app.scope())

-- name: lead_currencies many
-- doc: currencies that there are leads in, for the filter
SELECT DISTINCT currency AS value, currency AS label FROM rollup_stage WHERE scope = (SELECT app.scope()) AND leads > 0 ORDER BY 1

-- name: lead_partners many
-- doc: for staff, whom a new lead can be entered for; a partner finds itself
SELECT id AS value, name AS label FROM partners WHERE status = 'active' ORDER BY name LIMIT 500

-- name: lead_currency_choices many
SELECT c AS value, c AS label
  FROM (SELECT unnest(ARRAY['AED', 'AUD', 'CAD', 'EUR', 'GBP', 'INR', 'SGD', 'USD']) AS c
         UNION SELECT currency FROM regions UNION SELECT currency FROM programme) AS all_of_them
 ORDER BY c = current_setting('app.currency', true) DESC, c

-- name: lead_get one
SELECT l.id, l.partner_id, p.name AS partner_name, u.name AS created_by_name, l.client_name, l.client_email, l.client_phone,
       l.client_location, l.stage, l.stage_reason, l.stage_at, l.source, l.currency, trim_scale(l.estimated_value) AS estimated_value,
       trim_scale(l.budget_min) AS budget_min, trim_scale(l.budget_max) AS budget_max, l.financing, l.payment_preference, l.property_type, l.locations, l.bedrooms, l.size_min, l.amenities,
       l.move_in_on, l.description, l.utm_source, l.utm_medium, l.utm_campaign, l.consent_at, l.version, l.created_at,
       l.updated_at, l.closed_at
  FROM leads l JOIN partners p ON p.id = l.partner_id LEFT JOIN users u ON u.id = l.created_by
 WHERE l.id = :id::uuid

-- name: lead_history many
-- doc: newest first; whoever is not visible to the reader is named as staff
SELECT at, kind, from_stage, to_stage, reason, array_to_string(fields, ',') AS fields, actor,
       user_id IS NOT NULL AND actor IS NULL AS by_staff, bulk_id IS NOT NULL AS together,
       (SELECT b.id FROM bulk_actions b WHERE b.id = h.bulk_id) AS bulk_id
  FROM (SELECT h.*, (SELECT u.name FROM users u WHERE u.id = h.user_id) AS actor
          FROM lead_history h WHERE h.lead_id = :id::uuid ORDER BY h.at DESC, h.id DESC LIMIT 200) AS h
 ORDER BY at DESC, id DESC

-- name: lead_staff many
-- doc: what staff alone may read; no row for partners
SELECT score, temperature, staff_notes FROM app.lead_staff_facts(:id::uuid)

-- name: lead_for_staff one
SELECT id, client_name, score, temperature, staff_notes, version FROM leads WHERE id = :id::uuid

-- name: lead_lock one
-- doc: before a change: the lead as it stands, and nobody else may change it until we are done
SELECT id, client_name, stage, estimated_value, version FROM leads WHERE id = :id::uuid FOR UPDATE

-- name: lead_insert many
-- doc: a partner's own, or for staff the chosen one's; no row when that partner is not active
INSERT INTO leads (partner_id, created_by, client_name, client_email, client_phone, client_location, source, currency,
                   estimated_value, budget_min, budget_max, financing, payment_preference, property_type, locations,
                   bedrooms, size_min, amenities, move_in_on, description, consent_at)
SELECT p.id, app.user_id(), :client_name, :client_email, :client_phone, :client_location, coalesce(:source, 'referral'),
       coalesce(:currency, p.currency), coalesce(:estimated_value::numeric, 0), :budget_min::numeric, :budget_max::numeric,
       :financing, :payment_preference, :property_type, :locations, :bedrooms::integer, :size_min::integer, :amenities,
       :move_in_on::date, coalesce(:description, ''), now()
  FROM partners p
 WHERE p.id = coalesce((SELECT app.partner()), :partner_id::uuid) AND p.status = 'active'
RETURNING id

-- name: lead_update many
-- doc: no row when somebody else was quicker
UPDATE leads SET client_name = :client_name, client_email = :client_email, client_phone = :client_phone,
       client_location = :client_location, source = coalesce(:source, source), currency = coalesce(:currency, currency),
       estimated_value = coalesce(:estimated_value::numeric, 0), budget_min = :budget_min::numeric,
       budget_max = :budget_max::numeric, financing = :financing, payment_preference = :payment_preference,
       property_type = :property_type, locations = :locations, bedrooms = :bedrooms::integer, size_min = :size_min::integer,
       amenities = :amenities, move_in_on = :move_in_on::date, description = coalesce(:description, ''),
       version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer
RETURNING version

-- name: lead_stage_update many
-- doc: no row when somebody else was quicker; won_value is the value of the deal, when it was won now
UPDATE leads SET stage = :stage, stage_reason = :reason, stage_at = now(),
       closed_at = CASE WHEN :stage IN ('won', 'lost') THEN now() END,
       estimated_value = coalesce(:won_value::numeric, estimated_value), version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer
RETURNING version

-- name: lead_staff_update many
UPDATE leads SET temperature = :temperature, staff_notes = coalesce(:staff_notes, ''), version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer
RETURNING version
