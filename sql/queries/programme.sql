-- What everybody may read of the programme.

-- name: programme_words one
-- doc: what the programme says of itself; empty: nothing of its own
SELECT nullif(tagline, '') AS tagline FROM programme

-- name: programme_types many
-- doc: the kinds of partner, for the programme page
SELECT t.code, t.label, t.description, t.payer,
       CASE WHEN t.payer <> 'none' THEN t.commission_min END AS commission_min, CASE WHEN t.payer <> 'none' THEN t.commission_max END AS commission_max,
       (SELECT string_agg(g.name, ', ' ORDER BY g.name) FROM partner_type_regions r JOIN regions g ON g.code = r.region WHERE r.type = t.code) AS regions
  FROM partner_types t ORDER BY t.position
