-- The programme's settings and its audit trail.

-- name: programme_settings one
SELECT name, tagline, currency, support_email, timezone, protection_days, array_to_string(landing_sites, E'\n') AS landing_sites, attribution,
       (SELECT body FROM consent_wordings ORDER BY version DESC LIMIT 1) AS consent_wording, version, updated_at FROM programme

-- name: programme_update many
UPDATE programme SET name = :name, tagline = coalesce(:tagline, ''), currency = :currency, support_email = coalesce(:support_email, ''),
       timezone = :timezone, protection_days = :protection_days::integer,
       landing_sites = coalesce(string_to_array(nullif(:landing_sites, ''), E'\n'), '{}'), attribution = coalesce(:attribution, attribution), version = version + 1, updated_at = now()
 WHERE version = :version::integer RETURNING version

-- name: consent_wording_set none
SELECT app.consent_wording_set(:consent_wording)

-- name: role_list many
SELECT r.code, r.audience, r.description, string_agg(p.permission, ' ' ORDER BY p.permission) AS permissions
  FROM roles r LEFT JOIN role_permissions p ON p.role = r.code GROUP BY r.code ORDER BY r.position

-- name: audit_list many
-- sort: at_desc a.at desc timestamptz | at a.at asc timestamptz
SELECT a.id, a.at, u.name AS who, p.name AS partner, a.action, a.entity,
       coalesce(a.details ->> 'name', a.details ->> 'address', (SELECT string_agg(replace(key, '_', ' '), ', ' ORDER BY key) FROM jsonb_object_keys(a.details) AS key)) AS summary,
       a.details, a.request_id, {sort_key} AS _sort_key
  FROM audit a LEFT JOIN users u ON u.id = a.user_id LEFT JOIN partners p ON p.id = a.partner_id
 WHERE true
   AND a.action LIKE app.like_pattern(:q) --? q
   AND a.at >= :from::date --? from
   AND a.at < :to::date + 1 --? to
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit
