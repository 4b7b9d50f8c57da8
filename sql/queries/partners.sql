-- Partners, their people, and what a partner says about itself.

-- name: partner_list many
-- sort: name p.name asc text | name_desc p.name desc text | created_desc p.created_at desc timestamptz | created p.created_at asc timestamptz
SELECT p.id, p.name, p.type, p.region, p.tier, p.status, p.commission_percent, p.capacity, coalesce(s.open, 0) AS open_shares,
       coalesce(l.leads, 0) AS leads, coalesce(l.won, 0) AS won, p.contact_name, p.contact_email, p.created_at, {sort_key} AS _sort_key
  FROM partners p
  LEFT JOIN rollup_shares s ON s.scope = p.id
  LEFT JOIN LATERAL (SELECT sum(r.leads)::bigint AS leads, sum(r.leads) FILTER (WHERE r.stage = 'won')::bigint AS won
                       FROM rollup_stage r WHERE r.scope = p.id) AS l ON true
 WHERE NOT p.is_house
   AND lower(p.name || ' ' || p.contact_name || ' ' || p.contact_email) LIKE app.like_pattern(:q) --? q
   AND p.type = :type --? type
   AND p.region = :region --? region
   AND p.tier = :tier --? tier
   AND p.status = :status --? status
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit

-- name: partner_type_options many
SELECT code AS value, label FROM partner_types ORDER BY position

-- name: region_options many
SELECT code AS value, name AS label FROM regions ORDER BY name

-- name: tier_options many
SELECT code AS value, label FROM tiers ORDER BY position

-- name: partner_profile one
SELECT p.id, p.name, p.type, t.label AS type_label, p.region, g.name AS region_name, p.tier, p.status,
       trim_scale(p.commission_percent) AS commission_percent, p.capacity, p.currency,
       p.contact_name, p.contact_email, p.contact_phone, p.website, p.address, p.callback_url, p.licence_number,
       p.licence_expires_on, p.notes, p.version, p.created_at, p.updated_at
  FROM partners p JOIN partner_types t ON t.code = p.type JOIN regions g ON g.code = p.region
 WHERE p.id = :id::uuid

-- name: partner_figures one
-- doc: what a partner has brought so far
SELECT coalesce((SELECT sum(leads) FROM rollup_stage WHERE scope = :id::uuid), 0)::bigint AS leads,
       coalesce((SELECT sum(leads) FROM rollup_stage WHERE scope = :id::uuid AND stage IN ('new', 'intake', 'qualified', 'active')), 0)::bigint AS open_leads,
       coalesce((SELECT sum(leads) FROM rollup_stage WHERE scope = :id::uuid AND stage = 'won'), 0)::bigint AS won,
       coalesce((SELECT open FROM rollup_shares WHERE scope = :id::uuid), 0)::bigint AS open_shares

-- name: partner_dependents many
-- doc: what would hang in the air without it
SELECT kind, count FROM app.partner_dependents(:id::uuid)

-- name: partner_type_rules many
SELECT label, commission_min, commission_max, licence_required,
       coalesce(:licence_expires_on::date < (now() AT TIME ZONE 'UTC')::date, false) AS licence_over
  FROM partner_types WHERE code = :type

-- name: partner_insert many
INSERT INTO partners (name, type, region, tier, status, commission_percent, capacity, currency, contact_name, contact_email,
                      contact_phone, website, address, callback_url, licence_number, licence_expires_on, notes)
SELECT :name, :type, g.code, :tier, :status, :commission_percent::numeric, :capacity::integer, g.currency, coalesce(:contact_name, ''),
       coalesce(:contact_email, ''), coalesce(:contact_phone, ''), coalesce(:website, ''), coalesce(:address, ''), coalesce(:callback_url, ''),
       coalesce(:licence_number, ''), :licence_expires_on::date, coalesce(:notes, '')
  FROM regions g WHERE g.code = :region
RETURNING id

-- name: partner_update many
UPDATE partners SET name = :name, type = :type, region = :region, tier = :tier, commission_percent = :commission_percent::numeric,
       status = :status, capacity = :capacity::integer, contact_name = coalesce(:contact_name, ''), contact_email = coalesce(:contact_email, ''),
       contact_phone = coalesce(:contact_phone, ''), website = coalesce(:website, ''), address = coalesce(:address, ''), callback_url = coalesce(:callback_url, ''),
       licence_number = coalesce(:licence_number, ''), licence_expires_on = :licence_expires_on::date, notes = coalesce(:notes, ''),
       version = version + 1, updated_at = now()
 WHERE id = :id::uuid AND version = :version::integer
RETURNING id

-- name: partner_status_set many
UPDATE partners SET status = :status, version = version + 1, updated_at = now() WHERE id = :id::uuid RETURNING id

-- name: partner_delete many
DELETE FROM partners WHERE id = :id::uuid RETURNING id

-- name: own_partner one
-- doc: a partner's profile, as the partner sees it
SELECT p.id, p.name, p.type, t.label AS type_label, p.region, g.name AS region_name, p.tier, p.status, p.commission_percent, p.capacity, p.currency,
       p.contact_name, p.contact_email, p.contact_phone, p.website, p.address, p.callback_url, p.licence_number, p.licence_expires_on,
       p.name_public, p.version, p.created_at, t.payer, t.licence_required
  FROM partners p JOIN partner_types t ON t.code = p.type JOIN regions g ON g.code = p.region
 WHERE p.id = (SELECT app.partner())

-- name: own_partner_update many
UPDATE partners SET contact_name = coalesce(:contact_name, ''), contact_email = coalesce(:contact_email, ''), contact_phone = coalesce(:contact_phone, ''),
       website = coalesce(:website, ''), address = coalesce(:address, ''), callback_url = coalesce(:callback_url, ''), capacity = :capacity::integer,
       licence_number = coalesce(:licence_number, ''), licence_expires_on = :licence_expires_on::date, name_public = :name_public::boolean, version = version + 1, updated_at = now()
 WHERE id = (SELECT app.partner()) AND version = :version::integer
RETURNING id

-- People. Without a partner_id: the session's own colleagues, which for staff is staff.

-- name: member_list many
SELECT id, name, email, role, status, last_sign_in_at, created_at, id = (SELECT app.user_id()) AS me
  FROM users WHERE partner_id IS NOT DISTINCT FROM coalesce(:partner_id::uuid, app.partner()) ORDER BY status = 'disabled', name, id LIMIT 500

-- name: member one
SELECT u.id, u.name, u.email, u.role, u.status, u.last_sign_in_at, u.created_at, u.id = (SELECT app.user_id()) AS me, u.partner_id
  FROM users u WHERE u.id = :user_id::uuid AND u.partner_id IS NOT DISTINCT FROM coalesce(:partner_id::uuid, app.partner())

-- name: member_insert many
INSERT INTO users (partner_id, email, name, role) VALUES (coalesce(:partner_id::uuid, app.partner()), :email, :name, :role) RETURNING id AS user_id, name

-- name: member_invite none
SELECT app.invite(:user_id::uuid, :link_token_hash, :mail_subject, :mail_body)

-- name: member_update many
UPDATE users SET name = :name, role = :role, updated_at = now()
 WHERE id = :user_id::uuid AND partner_id IS NOT DISTINCT FROM coalesce(:partner_id::uuid, app.partner()) RETURNING id

-- name: member_status_set many
-- doc: disable, or let in again; whoever never accepted stays invited
UPDATE users SET status = CASE WHEN :status = 'disabled' THEN 'disabled' WHEN last_sign_in_at IS NULL THEN 'invited' ELSE 'active' END, updated_at = now()
 WHERE id = :user_id::uuid AND partner_id IS NOT DISTINCT FROM coalesce(:partner_id::uuid, app.partner()) RETURNING id

-- name: member_delete many
-- doc: takes back an invitation that was never accepted
DELETE FROM users WHERE id = :user_id::uuid AND partner_id IS NOT DISTINCT FROM coalesce(:partner_id::uuid, app.partner()) AND status = 'invited' RETURNING id
