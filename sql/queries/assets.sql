-- The library. Tier and type are row-level security's business.

-- name: asset_list many
-- sort: published_desc a.published_at desc timestamptz | title a.title asc text | title_desc a.title desc text | downloads_desc a.downloads desc bigint | downloads a.downloads asc bigint
SELECT a.id, a.type, a.title, a.description, a.content_type, a.file_name, a.size, a.version, a.downloads, a.published_at, a.tiers,
       a.thumbnail IS NOT NULL AS has_thumbnail, array_to_string(ARRAY(SELECT t.label FROM tiers t WHERE t.code = ANY (a.tiers) ORDER BY t.position), ', ') AS tier_names, {sort_key} AS _sort_key
  FROM assets a
 WHERE true
   AND lower(a.title || ' ' || a.description) LIKE app.like_pattern(:q) --? q
   AND a.type = :type --? type
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit

-- name: library_asset one
SELECT a.id, a.type, a.title, a.description, a.content_type, a.file_name, a.size, a.version, a.downloads,
       a.published_at, a.thumbnail IS NOT NULL AS has_thumbnail, array_to_string(ARRAY(SELECT t.label FROM tiers t WHERE t.code = ANY (a.tiers) ORDER BY t.position), ', ') AS tier_names
  FROM assets a WHERE a.id = :id::uuid

-- name: asset_thumbnail one
SELECT thumbnail AS file FROM assets WHERE id = :id::uuid AND thumbnail IS NOT NULL

-- name: asset_download many
SELECT file, file_name, content_type FROM app.asset_download(:id::uuid)
