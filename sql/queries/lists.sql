-- Search over everything, saved views of the list of leads, and what is done with many leads at once.

-- ── Search ──

-- name: search_leads many
-- doc: which ones is found by index (app.lead_find); what stands there is read by the reader, each by its key (OFFSET 0 keeps
-- the planner from reading all that the reader may see instead)
SELECT l.id, l.client_name AS name, l.client_email AS email, l.client_phone AS phone, l.client_location AS location, l.stage,
       (SELECT p.name FROM partners p WHERE p.id = l.partner_id AND (SELECT app.partner()) IS NULL) AS partner
  FROM app.lead_find(:q, :limit::integer) AS f
 CROSS JOIN LATERAL (SELECT id, client_name, client_email, client_phone, client_location, stage, partner_id FROM leads WHERE id = f.id OFFSET 0) AS l
 ORDER BY f.place

-- name: search_partners many
-- doc: for staff alone
SELECT p.id, p.name, p.type, p.status, p.contact_name
  FROM app.partner_find(:q, :limit::integer) AS f JOIN partners p ON p.id = f.id ORDER BY f.place

-- name: search_people many
-- doc: staff find everybody, a partner's people their colleagues
SELECT u.id, u.name, u.email, u.role, u.partner_id, (SELECT p.name FROM partners p WHERE p.id = u.partner_id AND (SELECT app.partner()) IS NULL) AS partner
  FROM app.person_find(:q, :limit::integer) AS f JOIN users u ON u.id = f.id ORDER BY f.place

-- ── Views ──

-- name: lead_view_list many
-- doc: the reader's own in their order, then those that others share
SELECT v.id, v.name, v.query, v.shared, v.columns IS NOT NULL AS with_columns, v.user_id = (SELECT app.user_id()) AS mine,
       (SELECT u.name FROM users u WHERE u.id = v.user_id) AS owner, coalesce(c.default_view = v.id, false) AS standard
  FROM lead_views v LEFT JOIN lead_list_choices c ON true
 ORDER BY v.user_id <> (SELECT app.user_id()), v.position, v.name, v.id

-- name: lead_view one
-- doc: one of the reader's own
SELECT v.id, v.name, v.query AS saved_query, v.shared, v.columns IS NOT NULL AS with_columns, coalesce(c.default_view = v.id, false) AS standard
  FROM lead_views v LEFT JOIN lead_list_choices c ON true WHERE v.id = :id::uuid AND v.user_id = (SELECT app.user_id())

-- name: lead_view_insert many
-- doc: no row where somebody has a screenful of them already
INSERT INTO lead_views (user_id, partner_id, name, query, columns, shared, position)
SELECT app.user_id(), app.partner(), :name, coalesce(:query, ''),
       CASE WHEN :with_columns::boolean THEN coalesce((SELECT c.columns FROM lead_list_choices c), string_to_array(:usual_columns, ',')) END,
       :shared::boolean, coalesce((SELECT max(v.position) + 1 FROM lead_views v WHERE v.user_id = app.user_id()), 1)
 WHERE (SELECT count(*) FROM lead_views v WHERE v.user_id = app.user_id()) < 30
RETURNING id

-- name: lead_view_update many
UPDATE lead_views v SET name = :name, query = coalesce(:query, v.query), shared = :shared::boolean,
       columns = CASE WHEN NOT :with_columns::boolean THEN NULL WHEN v.columns IS NOT NULL AND :query::text IS NULL THEN v.columns
                      ELSE coalesce((SELECT c.columns FROM lead_list_choices c), string_to_array(:usual_columns, ',')) END
 WHERE v.id = :id::uuid AND v.user_id = app.user_id() RETURNING v.id

-- name: lead_view_standard none
-- doc: the view that opens by itself, or not any longer
INSERT INTO lead_list_choices AS c (user_id, default_view) VALUES (app.user_id(), CASE WHEN :standard::boolean THEN :id::uuid END)
ON CONFLICT (user_id) DO UPDATE SET default_view = CASE WHEN :standard::boolean THEN excluded.default_view ELSE nullif(c.default_view, :id::uuid) END

-- name: lead_view_move many
SELECT app.lead_view_move(:id::uuid, :up::boolean) AS moved

-- name: lead_view_delete many
DELETE FROM lead_views WHERE id = :id::uuid AND user_id = app.user_id() RETURNING id

-- name: lead_column_choice many
SELECT array_to_string(columns, ',') AS columns FROM lead_list_choices

-- name: lead_columns_save none
-- doc: columns NULL: the usual ones again
INSERT INTO lead_list_choices (user_id, columns) VALUES (app.user_id(), string_to_array(:columns, ','))
ON CONFLICT (user_id) DO UPDATE SET columns = excluded.columns

-- ── Many leads at once ──

-- name: bulk_begin many
INSERT INTO bulk_actions (user_id, partner_id) VALUES (app.user_id(), app.partner()) RETURNING id

-- name: bulk_chosen none
-- doc: those that were ticked
INSERT INTO bulk_rows (bulk_id, lead_id, version)
SELECT :id::uuid, l.id, l.version FROM leads l WHERE l.id = ANY (:leads::uuid[])

-- name: bulk_matching none
-- doc: all that the filters of lead_list leave (its stage lines, word for word: a test compares them), one more than is taken
INSERT INTO bulk_rows (bulk_id, lead_id, version)
SELECT :id::uuid, l.id, l.version
  FROM leads l
 WHERE true
   AND l.stage = :stage --? stage
   AND l.stage IN ('new', 'intake', 'qualified', 'active') AND :open::boolean --? open
   {lead_filters}
 LIMIT :most::integer + 1

-- name: bulk_count many
-- doc: after a selection was made: how many rows it has
UPDATE bulk_actions a SET total = (SELECT count(*) FROM bulk_rows r WHERE r.bulk_id = a.id) WHERE a.id = :id::uuid RETURNING total

-- name: bulk one
-- doc: counts are those of the action; who made it is seen by colleagues
SELECT a.id, a.action, a.value, a.reason AS reason_words, a.reason_code, nullif(concat_ws(' – ', w.label, a.reason), '') AS reason, a.state, a.total, a.planned, a.done, a.changed, a.total - a.planned AS refused, a.total - a.done AS left_out,
       a.undo_of, a.created_at, a.finished_at, a.user_id = (SELECT app.user_id()) AS mine, (SELECT u.name FROM users u WHERE u.id = a.user_id) AS who,
       (SELECT x.id FROM bulk_actions x WHERE x.undo_of = a.id) AS undone_by,
       a.user_id = (SELECT app.user_id()) AND a.state = 'finished' AND a.undo_of IS NULL AND a.done > 0 AND a.finished_at > now() - interval '1 day'
           AND NOT EXISTS (SELECT FROM bulk_actions x WHERE x.undo_of = a.id) AS undoable
  FROM bulk_actions a LEFT JOIN stage_reasons w ON w.code = a.reason_code WHERE a.id = :id::uuid

-- name: bulk_mine one
-- doc: whoever made a selection does something with it, and nobody else
SELECT a.id FROM bulk_actions a WHERE a.id = :id::uuid AND a.user_id = (SELECT app.user_id())

-- name: bulk_stages many
-- doc: where the selected leads stand, and whether they have a value
SELECT l.stage, l.estimated_value > 0 AS worth, count(*) AS leads
  FROM bulk_rows r JOIN leads l ON l.id = r.lead_id WHERE r.bulk_id = :id::uuid GROUP BY 1, 2 ORDER BY 1, 2

-- name: bulk_refusals many
SELECT r.refusal, count(*) AS leads FROM bulk_rows r WHERE r.bulk_id = :id::uuid AND r.refusal IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1

-- name: bulk_plan many
-- doc: what is to be done, and with which rows it can't: stages, worths and refusals are the rule's answers side by side
WITH judged AS (
    UPDATE bulk_rows r SET refusal = CASE WHEN l.version <> r.version THEN 'changed' WHEN l.source = :source THEN 'same' ELSE j.refusal END
      FROM leads l JOIN unnest(:stages::text[], :worths::boolean[], :refusals::text[]) AS j(stage, worth, refusal)
                     ON j.stage = l.stage AND j.worth = (l.estimated_value > 0)
     WHERE r.bulk_id = :id::uuid AND l.id = r.lead_id RETURNING r.refusal)
UPDATE bulk_actions a SET action = :action, value = coalesce(:stage, :source), reason = :reason, reason_code = :reason_code,
       planned = (SELECT count(*) FROM judged WHERE refusal IS NULL)
 WHERE a.id = :id::uuid AND a.user_id = app.user_id() AND a.state = 'chosen' RETURNING a.planned

-- name: bulk_run many
SELECT app.bulk_run(:id::uuid) AS begun

-- name: bulk_undo many
SELECT app.bulk_undo(:id::uuid) AS undo

-- name: work_bulk none
SELECT app.bulk_work(:bulk::uuid)

-- name: work_bulk_housekeeping none
SELECT app.bulk_housekeeping()

-- name: bulk_lead_list many
-- doc: the leads of an action, as the list of leads has them
-- sort: name l.client_name asc | name_desc l.client_name desc | created_desc l.created_at desc timestamptz | created l.created_at asc timestamptz | value_desc l.estimated_value desc numeric | value l.estimated_value asc numeric
SELECT l.client_name AS name, l.client_email AS email, l.client_phone AS phone, l.client_location AS location,
       l.stage, l.source, l.currency, l.estimated_value AS value, l.created_at AS created, l.updated_at AS updated,
       l.closed_at AS closed,
       (SELECT p.name FROM partners p WHERE p.id = l.partner_id AND :staff::boolean) AS partner, --? staff
       r.refusal AS left_out, r.done, l.id, {sort_key} AS _sort_key
  FROM bulk_rows r JOIN leads l ON l.id = r.lead_id
 WHERE r.bulk_id = :id::uuid
   AND r.refusal IS NOT NULL AND :refused::boolean --? refused
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- ── The demo's ──

-- name: seed_views none
-- doc: of everybody who can sign in and works on leads; owners and agents share one with their colleagues
INSERT INTO lead_views (id, user_id, partner_id, name, query, columns, shared, position, created_at)
SELECT md5('view' || v.position || u.id)::uuid, u.id, u.partner_id, v.name, v.query, v.columns, v.shared, v.position, coalesce((SELECT max(at) FROM lead_history), now()) - make_interval(days => 10 * v.position)
  FROM users u,
       (VALUES (true, 'Waiting longest', 'open=1&sort=updated', NULL, false, 1),
               (true, 'Close to a deal', 'stage=active&sort=value_desc', ARRAY['stage', 'value', 'phone', 'updated'], true, 2),
               (true, 'Referrals', 'source=referral&sort=created_desc', NULL, false, 3),
               (false, 'New, not called yet', 'stage=new&sort=created', ARRAY['stage', 'partner', 'phone', 'source', 'created'], true, 1),
               (false, 'Close to a deal', 'stage=active&sort=value_desc', NULL, true, 2),
               (false, 'Large, in dirhams', 'value_min=3000000.00&currency=AED&open=1&sort=value_desc', NULL, false, 3)) AS v(partners, name, query, columns, shared, position)
 WHERE u.password_hash IS NOT NULL AND u.status = 'active' AND u.role IN ('owner', 'sales', 'agent', 'admin') AND v.partners = (u.partner_id IS NOT NULL)
   AND (NOT v.shared OR u.role IN ('owner', 'agent')) -- the others have these from them
