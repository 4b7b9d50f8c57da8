-- Duplicates: what looks like one client, merges, longer protection, the blind check. Everything that compares leads is staff's.

-- name: duplicate_list many
-- doc: pairs with both leads there; what was merged stands in merge_list
-- sort: found_desc p.found_at desc timestamptz | found p.found_at asc timestamptz | strength_desc p.strength desc integer | strength p.strength asc integer
SELECT p.found_at AS found, a.client_name AS first, pa.name AS first_partner, a.created_at AS first_created, b.client_name AS second,
       pb.name AS second_partner, b.created_at AS second_created, 'email' = ANY (p.reasons) AS by_email, 'phone' = ANY (p.reasons) AS by_phone, 'name' = ANY (p.reasons) AS by_name, 'place' = ANY (p.reasons) AS by_place, p.strength, p.state,
       EXISTS (SELECT FROM lead_claims c WHERE c.lead_id IN (a.id, b.id) AND c.state = 'open') AS claimed,
       p.id, {sort_key} AS _sort_key
  FROM duplicate_pairs p JOIN leads a ON a.id = p.first_id JOIN leads b ON b.id = p.second_id
  JOIN partners pa ON pa.id = a.partner_id JOIN partners pb ON pb.id = b.partner_id
 WHERE p.state = :state
   AND :reason = ANY (p.reasons) --? reason
   AND p.strength >= :strength::integer --? strength
   AND (a.search LIKE app.like_pattern(app.fold(:q)) OR b.search LIKE app.like_pattern(app.fold(:q))) --? q
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: duplicate_counts one
-- doc: what waits for staff, for the tabs; at most a hundred of each is counted
SELECT (SELECT count(*) FROM (SELECT FROM duplicate_pairs WHERE state = 'open' LIMIT 100) AS p) AS pairs,
       (SELECT count(*) FROM (SELECT FROM extension_requests WHERE state = 'open' LIMIT 100) AS r) AS requests

-- name: duplicate_pair one
SELECT p.id, p.first_id, p.second_id, 'email' = ANY (p.reasons) AS by_email, 'phone' = ANY (p.reasons) AS by_phone, 'name' = ANY (p.reasons) AS by_name, 'place' = ANY (p.reasons) AS by_place, p.strength, p.state, p.found_at, p.decided_at,
       u.name AS decided_by, (SELECT m.id FROM lead_merges m WHERE m.pair_id = p.id AND m.undone_at IS NULL ORDER BY m.merged_at DESC LIMIT 1) AS merge_id
  FROM duplicate_pairs p LEFT JOIN users u ON u.id = p.decided_by WHERE p.id = :id::uuid

-- name: duplicate_leads many
-- doc: the two, the older one first, and how much hangs on each
SELECT l.id, l.id = p.first_id AS is_first, l.client_name, l.client_email, l.client_phone, l.client_location, l.source, l.currency,
       trim_scale(l.estimated_value) AS estimated_value, trim_scale(l.budget_min) AS budget_min, trim_scale(l.budget_max) AS budget_max,
       l.financing, l.payment_preference, l.property_type, l.locations, l.bedrooms, l.size_min, l.amenities, l.move_in_on, l.description,
       l.temperature, l.staff_notes, l.stage, l.registration, l.protected_until, l.protected_until > now() AS in_force, l.version, l.created_at,
       t.name AS partner, t.id AS partner_id,
       (SELECT count(*) FROM lead_history h WHERE h.lead_id = l.id) AS changes,
       (SELECT count(*) FROM messages m JOIN threads c ON c.id = m.thread_id WHERE c.lead_id = l.id) AS messages,
       (SELECT count(*) FROM lead_shares s WHERE s.lead_id = l.id) AS shares, app.lead_earns(l.id) AS earns,
       (SELECT count(*) FROM appointments x WHERE x.lead_id = l.id) AS appointments
  FROM duplicate_pairs p JOIN leads l ON l.id IN (p.first_id, p.second_id) JOIN partners t ON t.id = l.partner_id
 WHERE p.id = :id::uuid ORDER BY l.id = p.second_id

-- name: duplicate_merge one
SELECT app.lead_merge(:id::uuid, :keep_id::uuid, string_to_array(:take, ','), :first_version::integer, :second_version::integer) AS merge_id

-- name: duplicate_apart one
SELECT app.duplicate_apart(:id::uuid) AS done

-- name: duplicate_reopen one
SELECT app.duplicate_reopen(:id::uuid) AS done

-- name: lead_alike many
-- doc: leads that look like this one, for staff
SELECT pair_id, strength, other_id, client, partner FROM app.lead_alike(:id::uuid)

-- ── Merges ──

-- name: merge_list many
-- sort: merged_desc m.merged_at desc timestamptz | merged m.merged_at asc timestamptz
SELECT m.merged_at AS merged, coalesce(k.client_name, m.kept_before ->> 'client_name') AS kept, pk.name AS kept_partner, m.gone_before ->> 'client_name' AS gone,
       pg.name AS gone_partner, m.moved, u.name AS merged_by, m.undo_until, m.undone_at, m.undone_at IS NULL AND m.undo_until > now() AS open,
       m.id, {sort_key} AS _sort_key
  FROM lead_merges m LEFT JOIN leads k ON k.id = m.kept_id LEFT JOIN users u ON u.id = m.merged_by
  LEFT JOIN partners pk ON pk.id = (m.kept_before ->> 'partner_id')::uuid LEFT JOIN partners pg ON pg.id = (m.gone_before ->> 'partner_id')::uuid
 WHERE true
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: merge one
SELECT m.id, m.pair_id, m.kept_id, m.gone_id, coalesce(k.client_name, m.kept_before ->> 'client_name') AS kept, pk.name AS kept_partner,
       m.gone_before ->> 'client_name' AS gone,
       (m.gone_before ->> 'created_at')::timestamptz AS gone_created, pg.name AS gone_partner, array_to_string(m.taken, ',') AS taken, m.moved, m.merged_at,
       u.name AS merged_by, m.undo_until, m.undone_at, w.name AS undone_by, app.lead_merge_stuck(m) AS stuck, k.id IS NOT NULL AS kept_there
  FROM lead_merges m LEFT JOIN leads k ON k.id = m.kept_id LEFT JOIN users u ON u.id = m.merged_by LEFT JOIN users w ON w.id = m.undone_by
  LEFT JOIN partners pk ON pk.id = (m.kept_before ->> 'partner_id')::uuid LEFT JOIN partners pg ON pg.id = (m.gone_before ->> 'partner_id')::uuid
 WHERE m.id = :id::uuid

-- name: merge_gone one
-- doc: the lead that went, as it was
SELECT g.client_name, g.client_email, g.client_phone, g.client_location, g.source, g.currency, trim_scale(g.estimated_value) AS estimated_value,
       trim_scale(g.budget_min) AS budget_min, trim_scale(g.budget_max) AS budget_max, g.financing, g.payment_preference, g.property_type, g.locations, g.bedrooms,
       g.size_min, g.amenities, g.move_in_on, g.description, g.temperature, g.staff_notes
  FROM lead_merges m CROSS JOIN LATERAL jsonb_populate_record(NULL::leads, m.gone_before) AS g WHERE m.id = :id::uuid

-- name: merge_stayed many
-- doc: what is still the other partner's; on the lead's time line staff read it among the rest
SELECT x.relation, count(*) AS rows
  FROM lead_merges m
 CROSS JOIN LATERAL (SELECT 'activities' AS relation FROM activities a WHERE a.lead_id = m.gone_id AND a.deleted_at IS NULL
                      UNION ALL SELECT 'files' FROM activities a JOIN activity_files f ON f.activity_id = a.id WHERE a.lead_id = m.gone_id AND a.deleted_at IS NULL
                      UNION ALL SELECT 'appointments' FROM appointments p WHERE p.lead_id = m.gone_id) AS x
 WHERE m.id = :id::uuid AND m.undone_at IS NULL GROUP BY x.relation ORDER BY x.relation

-- name: merge_rows many
-- doc: what went along, by kind
SELECT relation, count(*) AS rows FROM lead_merge_rows WHERE merge_id = :id::uuid AND column_name <> '' GROUP BY relation ORDER BY count(*) DESC, relation

-- name: merge_ended many
-- doc: what ended by it, and would be there again after the way back
SELECT relation, count(*) AS rows FROM lead_merge_rows
 WHERE merge_id = :id::uuid AND column_name = '' AND relation IN ('reminders', 'appointments', 'enrolments') GROUP BY relation ORDER BY relation

-- name: merge_threads many
-- doc: the conversations of both partners about what is one lead now
SELECT t.id, p.name AS partner, s.messages, s.last_at FROM lead_merges m JOIN threads t ON t.lead_id = m.kept_id AND t.kind = 'lead' JOIN partners p ON p.id = t.partner_id
  LEFT JOIN thread_sides s ON s.id = t.id AND s.side = 'staff' WHERE m.id = :id::uuid ORDER BY t.merged, s.last_at DESC NULLS LAST LIMIT 20

-- name: merge_undo one
SELECT app.lead_merge_undo(:id::uuid) AS pair_id

-- ── Registrations ──

-- name: lead_registration one
-- doc: whose registration it is and how long it holds, with the newest request for more
SELECT l.registration, l.protected_until, coalesce(l.protected_until > now(), false) AS in_force, r.state AS request_state, r.asked_at, r.days, r.days_given, r.answer,
       l.registration = 'held' AND l.protected_until > now() AND l.stage NOT IN ('won', 'lost', 'declined') AND r.state IS DISTINCT FROM 'open' AS extendable
  FROM leads l LEFT JOIN LATERAL (SELECT x.state, x.asked_at, x.days, x.days_given, x.answer FROM extension_requests x
                                  WHERE x.lead_id = l.id ORDER BY x.asked_at DESC LIMIT 1) AS r ON true
 WHERE l.id = :id::uuid

-- name: lead_phone_region many
-- doc: where the partner is whose lead it is or will be, for numbers without a country code
SELECT p.region FROM partners p
 WHERE p.id = coalesce((SELECT app.partner()), (SELECT l.partner_id FROM leads l WHERE l.id = :id::uuid), :partner_id::uuid)

-- name: extension_lead one
SELECT l.id AS lead_id, l.client_name AS client, l.stage, l.registration, l.protected_until, coalesce(l.protected_until > now(), false) AS in_force,
       EXISTS (SELECT FROM extension_requests r WHERE r.lead_id = l.id AND r.state = 'open') AS asked
  FROM leads l WHERE l.id = :id::uuid

-- name: extension_ask one
SELECT app.extension_ask(:id::uuid, :days::integer, :reason) AS request_id

-- name: extension_list many
-- sort: asked_desc r.asked_at desc timestamptz | asked r.asked_at asc timestamptz
SELECT r.asked_at AS asked, l.client_name AS client, p.name AS partner, r.days, r.reason, r.state, r.days_given, r.decided_at, l.protected_until, r.id, {sort_key} AS _sort_key
  FROM extension_requests r JOIN leads l ON l.id = r.lead_id JOIN partners p ON p.id = r.partner_id
 WHERE true
   AND r.state = :state --? state
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: extension one
SELECT r.id, r.lead_id, l.client_name AS client, l.stage, l.created_at AS lead_created, l.protected_until, p.name AS partner, u.name AS asked_by, r.asked_at, r.days, r.reason,
       r.state, r.state = 'open' AS open, r.days_given, r.answer, r.decided_at, w.name AS decided_by,
       (SELECT count(*) FROM lead_claims c JOIN leads x ON x.id = c.lead_id WHERE c.state = 'open' AND (x.email_key = l.email_key OR x.phone_e164 = l.phone_e164)) AS claims
  FROM extension_requests r JOIN leads l ON l.id = r.lead_id JOIN partners p ON p.id = r.partner_id
  LEFT JOIN users u ON u.id = r.asked_by LEFT JOIN users w ON w.id = r.decided_by WHERE r.id = :id::uuid

-- name: extension_decide one
SELECT app.extension_decide(:id::uuid, CASE WHEN :decision = 'granted' THEN :days::integer END, :answer) AS done

-- name: claim_list many
-- doc: clients whom we knew already when this partner sent them
SELECT c.id, c.client_name AS client, c.state, c.created_at, c.decided_at, (SELECT l.id FROM leads l WHERE l.id = c.lead_id) AS lead_id
  FROM lead_claims c ORDER BY c.created_at DESC, c.id DESC LIMIT 50

-- ── Is this client free? ──

-- name: overlap_today one
SELECT day, key FROM app.overlap_today()

-- name: overlap_providers many
SELECT domain, canonical, ignored, tag FROM app.mail_providers()

-- name: overlap_check one
-- doc: without a day, with today's key
SELECT app.overlap_check(coalesce(:day::date, (now() AT TIME ZONE 'UTC')::date), :hash_list::text[]) AS check_id

-- name: overlap_wait many
-- doc: seconds until the hour is over in which twenty checks were answered; no row where there were fewer
SELECT greatest(1, ceil(extract(epoch FROM at + interval '1 hour' - now())))::integer AS seconds
  FROM overlap_checks WHERE partner_id = (SELECT app.partner()) ORDER BY at DESC OFFSET 19 LIMIT 1

-- name: overlap_checks many
SELECT c.id, c.at, c.asked, c.taken, u.name AS by FROM overlap_checks c LEFT JOIN users u ON u.id = c.user_id ORDER BY c.at DESC LIMIT 10

-- name: overlap_answer one
SELECT c.id, c.at, c.asked, c.taken, u.name AS by FROM overlap_checks c LEFT JOIN users u ON u.id = c.user_id WHERE c.id = :id::uuid

-- name: overlap_answers many
SELECT a.hash, a.taken, a.until FROM overlap_checks c, jsonb_to_recordset(c.answers) AS a(hash text, taken boolean, until date) WHERE c.id = :id::uuid

-- name: overlap_log many
-- doc: who asked how much, for staff
-- sort: at_desc c.at desc timestamptz | at c.at asc timestamptz
SELECT c.at AS asked_at, p.name AS partner, u.name AS by, c.asked, c.taken, c.id, {sort_key} AS _sort_key
  FROM overlap_checks c JOIN partners p ON p.id = c.partner_id LEFT JOIN users u ON u.id = c.user_id
 WHERE true
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- ── Jobs ──

-- name: work_duplicates_find none
SELECT app.duplicates_find()

-- name: work_duplicates_housekeeping none
SELECT app.duplicates_housekeeping()

-- name: phones_take many
SELECT id, client_phone, region FROM app.phones_take(:after::uuid, 500)

-- name: phones_put none
SELECT app.phones_put(:phones::jsonb, :next::uuid)
