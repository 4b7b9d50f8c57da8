-- Imports: the history, one import with its rows, and what is done with it.

-- name: import_list many
-- sort: created_desc i.created_at desc timestamptz | created i.created_at asc timestamptz
SELECT i.filename, i.state, i.rows, i.good, i.bad, i.duplicates, i.imported, i.created_at AS created, i.finished_at AS finished, u.name AS person,
       (SELECT p.name FROM partners p WHERE p.id = i.partner_id AND :staff::boolean) AS partner, --? staff
       i.id, {sort_key} AS _sort_key
  FROM lead_imports i LEFT JOIN users u ON u.id = i.created_by
 WHERE i.state <> 'cancelled'
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: import_same many
-- doc: the same file, sent before for the same partner
SELECT id, filename, state, created_at, imported FROM lead_imports
 WHERE partner_id = coalesce((SELECT app.partner()), :partner_id::uuid) AND file_hash = :file_hash AND state NOT IN ('failed', 'cancelled')

-- name: import_insert many
-- doc: for a partner's own people that partner, for staff the chosen one; no row when it is not active
INSERT INTO lead_imports (partner_id, created_by, by_staff, filename, file, file_hash, size, charset, delimiter, has_header, columns, rows)
SELECT p.id, app.user_id(), (SELECT app.partner()) IS NULL, :filename, :file, :file_hash, :size::bigint, :charset, :delimiter,
       :has_header::boolean, :columns::jsonb, :rows::integer
  FROM partners p WHERE p.id = coalesce((SELECT app.partner()), :partner_id::uuid) AND p.status = 'active'
RETURNING id

-- name: import_get one
-- doc: value of max: rows that the job at work has done; closing: all are written, what counts them has not ended; may_go_on: may read
-- doc: and decide
SELECT i.id, i.partner_id, p.name AS partner_name, i.state, i.problem, i.filename, i.size, i.charset, i.delimiter, i.has_header, i.columns,
       i.mapping, i.constants, i.version, i.rows, i.good, i.bad, i.duplicates, i.summary, i.consent_text, i.consent_at, i.with_duplicates, i.confirmed,
       i.imported, i.created_at, i.finished_at, i.by_staff,
       (SELECT u.name FROM users u WHERE u.id = i.created_by) AS person, (SELECT u.name FROM users u WHERE u.id = i.consent_by) AS consent_person,
       w.done AS value, w.most AS max, i.state = 'committing' AND w.done > w.most - 500 AS closing,
       i.state IN ('checking', 'committing') AS busy,
       ((SELECT app.partner()) IS NOT NULL OR i.by_staff) AND (SELECT app.can('leads:write')) AS may_go_on
  FROM lead_imports i JOIN partners p ON p.id = i.partner_id,
       LATERAL (SELECT CASE i.state WHEN 'checking' THEN i.checked WHEN 'committing' THEN least(app.import_written(i.id), i.confirmed) ELSE i.rows END,
                       CASE WHEN i.state = 'committing' THEN i.confirmed ELSE i.rows END) AS w(done, most)
 WHERE i.id = :id::uuid

-- name: import_first_rows many
-- doc: the first ones that are not taken as they are
SELECT r.id, r.number, r.status, r.cells, r.problems, r.same_row, r.same_lead
  FROM lead_import_rows r WHERE r.import_id = :id::uuid AND r.status <> 'good' ORDER BY r.number LIMIT 10

-- name: import_row_list many
-- sort: number r.number asc integer
SELECT r.number, r.status, r.cells, r.problems, r.same_row, r.same_lead, r.lead, r.id, {sort_key} AS _sort_key
  FROM lead_import_rows r
 WHERE r.import_id = :id::uuid
   AND r.status = :status --? status
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: import_headers many
-- doc: what this partner's earlier files called things
SELECT header, field FROM lead_import_headers
 WHERE partner_id = (SELECT i.partner_id FROM lead_imports i WHERE i.id = :id::uuid)

-- name: import_remember none
INSERT INTO lead_import_headers AS h (partner_id, header, field)
SELECT DISTINCT ON (c.header) i.partner_id, c.header, c.field
  FROM lead_imports i, jsonb_to_recordset(:headers::jsonb) AS c(header text, field text)
 WHERE i.id = :id::uuid AND length(c.header) BETWEEN 1 AND 200 ORDER BY c.header
ON CONFLICT (partner_id, header) DO UPDATE SET field = excluded.field WHERE h.field <> excluded.field

-- name: import_lock one
-- doc: before a change: the import as it stands, and nobody else may change it until we are done
SELECT id, partner_id, state, version, columns, good, bad, duplicates, filename FROM lead_imports WHERE id = :id::uuid FOR UPDATE

-- name: import_map none
-- doc: another look at all rows
UPDATE lead_imports SET state = 'checking', version = version + 1, mapping = :mapping::jsonb, constants = :constants::jsonb,
       rows = rows + has_header::integer - :has_header::boolean::integer, has_header = :has_header::boolean WHERE id = :id::uuid

-- name: import_start none
UPDATE lead_imports SET state = 'committing', consent_text = :consent_text, with_duplicates = :with_duplicates::boolean,
       confirmed = :confirmed::integer WHERE id = :id::uuid

-- name: import_cancel none
UPDATE lead_imports SET state = 'cancelled' WHERE id = :id::uuid

-- ── Jobs ──

-- name: import_next many
SELECT file, delimiter, has_header, "position", line, columns, mapping, constants, partner_currency, currencies
  FROM app.import_next(:import::uuid, :version::integer)

-- name: import_add none
SELECT app.import_add(:import::uuid, :version::integer, :rows::jsonb, :position::bigint, :line::integer, :last::boolean)

-- name: import_fail none
SELECT app.import_fail(:import::uuid, :problem)

-- name: work_import_commit none
SELECT app.import_commit(:import::uuid)

-- name: imports_tidy many
SELECT file FROM app.imports_tidy()
