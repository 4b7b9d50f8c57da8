-- Referral links: list, one with its funnel, the clicks, and what is done with them.

-- name: link_list many
-- doc: the columns of the list and, in this order, of the export; won_value is in the partner's own currency
-- sort: created_desc l.created_at desc timestamptz | created l.created_at asc timestamptz | clicks_desc r.clicks desc bigint | clicks r.clicks asc bigint | leads_desc r.leads desc bigint | leads r.leads asc bigint
SELECT l.name, l.code, :link_base || l.code AS url, l.target, l.form_type, l.utm_campaign AS campaign,
       (SELECT p.name FROM partners p WHERE p.id = l.partner_id AND :staff::boolean) AS partner, --? staff
       r.clicks, r.visitors, r.leads, r.qualified, r.won,
       coalesce((SELECT sum(m.won_value) FROM rollup_link_money m WHERE m.link_id = l.id AND m.currency = p.currency), 0) AS won_value, p.currency,
       l.created_at, l.archived_at, l.landing_ok, l.id, {sort_key} AS _sort_key
  FROM referral_links l JOIN rollup_link r ON r.id = l.id JOIN partners p ON p.id = l.partner_id
 WHERE true
   AND lower(l.name || ' ' || l.code || ' ' || coalesce(l.utm_campaign, '')) LIKE app.like_pattern(:q) --? q
   AND l.target = :target --? target
   AND l.partner_id = :partner::uuid --? partner
   AND l.archived_at IS NOT NULL AND :archived::boolean --? archived
   AND l.archived_at IS NULL AND :living::boolean --? living
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: link_filter_partner many
-- doc: whose links the list is narrowed to
SELECT id, name FROM partners WHERE id = :partner::uuid

-- name: link_partners many
-- doc: for staff, whom a link can be made for; a partner finds itself
SELECT id AS value, name AS label FROM partners WHERE status = 'active' ORDER BY is_house DESC, name LIMIT 500

-- name: link_sites many
-- doc: where links may lead outside of the portal
SELECT site FROM programme, unnest(landing_sites) AS site ORDER BY site

-- name: link_get one
SELECT l.id, l.partner_id, p.name AS partner_name, u.name AS created_by_name, l.code, l.name, l.target, l.form_type, t.label AS form_label,
       l.landing_url, l.landing_ok, l.destination, l.utm_source, l.utm_medium, l.utm_campaign, l.utm_term, l.utm_content, l.utm_id,
       l.utm_source_platform, l.utm_creative_format, l.utm_marketing_tactic, l.archived_at, l.version, l.created_at, l.updated_at
  FROM referral_links l JOIN partners p ON p.id = l.partner_id LEFT JOIN users u ON u.id = l.created_by LEFT JOIN partner_types t ON t.code = l.form_type
 WHERE l.id = :id::uuid

-- name: link_code one
SELECT code FROM referral_links WHERE id = :id::uuid

-- name: link_sums one
-- doc: in the chosen days, and what all of it was ever
SELECT coalesce(sum(d.clicks), 0)::bigint AS clicks, coalesce(sum(d.visitors), 0)::bigint AS visitors, coalesce(sum(d.robots), 0)::bigint AS robots,
       coalesce(sum(d.leads), 0)::bigint AS leads, coalesce(sum(d.qualified), 0)::bigint AS qualified, coalesce(sum(d.won), 0)::bigint AS won,
       (SELECT r.clicks + r.robots + r.leads FROM rollup_link r WHERE r.id = :id::uuid) AS ever
  FROM rollup_link_day d WHERE d.link_id = :id::uuid AND d.day BETWEEN :from::date AND :to::date

-- name: link_money many
-- doc: value of the leads that came in the chosen days; each currency by itself
SELECT currency, sum(value) AS value, sum(won_value) AS won_value FROM rollup_link_money
 WHERE link_id = :id::uuid AND day BETWEEN :from::date AND :to::date GROUP BY 1 HAVING sum(value) <> 0 ORDER BY sum(won_value) DESC, sum(value) DESC, 1

-- name: link_days many
-- doc: by day, week or month, those without anything too
SELECT g::date AS day, coalesce(d.clicks, 0) AS clicks, coalesce(d.visitors, 0) AS visitors, coalesce(d.robots, 0) AS robots,
       coalesce(d.leads, 0) AS leads, coalesce(d.won, 0) AS won
  FROM generate_series(date_trunc(:bucket, :from::timestamp), :to::timestamp, ('1 ' || :bucket)::interval) AS g
  LEFT JOIN (SELECT date_trunc(:bucket, day::timestamp) AS bucket, sum(clicks)::bigint AS clicks, sum(visitors)::bigint AS visitors,
                    sum(robots)::bigint AS robots, sum(leads)::bigint AS leads, sum(won)::bigint AS won
               FROM rollup_link_day WHERE link_id = :id::uuid AND day BETWEEN :from::date AND :to::date GROUP BY 1) AS d ON d.bucket = g
 ORDER BY g

-- name: link_referrers many
-- doc: the pages that people came from in the chosen days
SELECT referrer, count(*) AS clicks FROM link_clicks
 WHERE link_id = :id::uuid AND kind = 'person' AND at >= :from::timestamptz AND at < :to::date + interval '1 day' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 8

-- name: link_leads many
-- doc: the newest ones that it is credited with
SELECT l.id, l.client_name, l.stage, l.currency, l.estimated_value, l.created_at
  FROM lead_attribution a JOIN leads l ON l.id = a.lead_id
 WHERE a.link_id = :id::uuid ORDER BY a.day DESC, l.created_at DESC, l.id LIMIT 8

-- name: link_insert many
-- doc: a partner's own, or for staff the chosen one's; no row when the code is taken (by one that looks like it) or the partner is not active
INSERT INTO referral_links (partner_id, created_by, code, name, target, form_type, landing_url, destination, utm_source, utm_medium, utm_campaign,
                            utm_term, utm_content, utm_id, utm_source_platform, utm_creative_format, utm_marketing_tactic)
SELECT p.id, app.user_id(), :code, :name, :target, :form_type, :landing_url, :destination, :utm_source, :utm_medium, :utm_campaign,
       :utm_term, :utm_content, :utm_id, :utm_source_platform, :utm_creative_format, :utm_marketing_tactic
  FROM partners p WHERE p.id = coalesce((SELECT app.partner()), :partner_id::uuid) AND p.status = 'active'
ON CONFLICT DO NOTHING RETURNING id

-- name: link_partner_active many
SELECT p.id FROM partners p WHERE p.id = coalesce((SELECT app.partner()), :partner_id::uuid) AND p.status = 'active'

-- name: link_update many
-- doc: no row when somebody else was quicker
UPDATE referral_links SET name = :name, target = :target, form_type = :form_type, landing_url = :landing_url, destination = :destination,
       utm_source = :utm_source, utm_medium = :utm_medium, utm_campaign = :utm_campaign, utm_term = :utm_term, utm_content = :utm_content,
       utm_id = :utm_id, utm_source_platform = :utm_source_platform, utm_creative_format = :utm_creative_format,
       utm_marketing_tactic = :utm_marketing_tactic, version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer RETURNING version

-- name: link_archive none
UPDATE referral_links SET archived_at = CASE WHEN :archive::boolean THEN coalesce(archived_at, now()) END, version = version + 1, updated_at = now() WHERE id = :id::uuid

-- name: click_list many
-- doc: who clicked is not kept, only when, on what and from where
-- sort: at_desc c.at desc timestamptz | at c.at asc timestamptz
SELECT c.at, l.name AS link, l.code, c.kind, c.referrer,
       (SELECT p.name FROM partners p WHERE p.id = l.partner_id AND :staff::boolean) AS partner, --? staff
       c.link_id, c.id, {sort_key} AS _sort_key
  FROM link_clicks c JOIN referral_links l ON l.id = c.link_id
 WHERE true
   AND c.link_id = :link::uuid --? link
   AND c.kind = :kind --? kind
   AND c.at >= (:from::date)::timestamptz --? from
   AND c.at < (:to::date + 1)::timestamptz --? to
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: click_filter_link many
SELECT id, name, code FROM referral_links WHERE id = :link::uuid

-- ── Redirect, clicks ──

-- name: link_open many
SELECT id, destination, archived, protection_days FROM app.link_open(:code)

-- name: clicks_add none
SELECT app.clicks_add(:links::uuid[], :times::double precision[], :kinds::text[], :visitors::text[], :referrers::text[])

-- name: work_links_tidy none
SELECT app.links_tidy()

-- ── Public forms ──

-- name: refer_type one
SELECT t.code, t.label, t.consent_budget, w.version AS consent_version, w.body AS consent_body, g.attribution, g.protection_days
  FROM partner_types t, programme g, (SELECT version, body FROM consent_wordings ORDER BY version DESC LIMIT 1) AS w
 WHERE t.code = :type

-- name: refer_links many
SELECT role, link_id, active, partner_name, currency FROM app.refer_links(:refer_code, :first_link::uuid, :last_link::uuid)

-- name: refer_lead one
-- doc: sent twice is the same content from the same page; whoever goes back and writes of somebody else sends another form
SELECT r.outcome
  FROM (SELECT jsonb_build_object('client_name', :client_name::text,
        'client_email', :client_email::text, 'client_phone', :client_phone::text, 'client_location', :client_location::text,
        'budget_min', :budget_min::numeric, 'budget_max', :budget_max::numeric, 'financing', :financing::text, 'property_type', :property_type::text,
        'locations', :locations::text, 'bedrooms', :bedrooms::integer, 'move_in_on', :move_in_on::date, 'loan_stage', :loan_stage::text,
        'description', :description::text, 'referred_by', :referred_by::text, 'utm_source', :utm_source::text, 'utm_medium', :utm_medium::text,
        'utm_campaign', :utm_campaign::text, 'utm_term', :utm_term::text, 'utm_content', :utm_content::text)) AS sent (lead),
       app.refer_lead(:nonce::text || ' ' || encode(sha256(convert_to(sent.lead::text, 'UTF8')), 'base64'), :credited_link::uuid,
           :first_link::uuid, :first_at::timestamptz, :last_link::uuid, :last_at::timestamptz, :address_hash, :address_limit::integer,
           :consent_version::integer, sent.lead) AS r

-- ── Of a lead ──

-- name: lead_touches many
SELECT kind, at, link_id, link_name, code, partner_name, credited FROM app.lead_touches(:id::uuid)
