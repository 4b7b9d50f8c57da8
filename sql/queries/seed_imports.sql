-- Imports of the demo: three files that were imported, with what was left out of them.

-- name: seed_imports none
-- doc: leads that came one after the other become those of a file, as of the day of the first; a few rows were refused
WITH files AS (
SELECT md5('import ' || f.filename)::uuid AS id, p.id AS partner_id, f.*, (SELECT u.id FROM users u WHERE u.email = f.person) AS user_id
  FROM (VALUES
        ('Harbour Realty', 'owner@harbour.example', 'open house.csv', 46, 68, false),
        ('Harbour Realty', 'sales@harbour.example', 'website enquiries.csv', 12, 19, false),
        ('Skyline Developments', 'agent@tessera.example', 'Skyline walk-ins.csv', 10, 16, true)) AS f(partner, person, filename, newest, oldest, by_staff)
  JOIN partners p ON p.name = f.partner),
chosen AS (
SELECT f.id AS import_id, l.id AS lead_id, n.place, min(l.created_at) OVER (PARTITION BY f.id) - interval '7 minutes' AS at
  FROM files f,
       LATERAL (SELECT x.id, row_number() OVER (ORDER BY x.created_at DESC, x.id) AS place FROM leads x
                 WHERE x.partner_id = f.partner_id AND NOT EXISTS (SELECT FROM lead_attribution a WHERE a.lead_id = x.id)) AS n
  JOIN leads l ON l.id = n.id
 WHERE n.place BETWEEN f.newest AND f.oldest),
sums AS (SELECT import_id, count(*)::integer AS imported, min(at) AS at FROM chosen GROUP BY import_id),
made AS (
INSERT INTO lead_imports (id, partner_id, created_by, by_staff, state, filename, file, file_hash, size, charset, delimiter, has_header, columns, mapping, constants,
    version, rows, checked, good, bad, duplicates, summary, consent_text, consent_at, consent_by, confirmed, imported, created_at, updated_at, finished_at)
SELECT f.id, f.partner_id, f.user_id, f.by_staff, 'imported', f.filename, 'imports/' || md5(f.filename), encode(sha256(f.filename::bytea), 'hex'),
       190 * (s.imported + 4), CASE WHEN f.by_staff THEN 'windows-1252' ELSE 'UTF-8' END, CASE WHEN f.by_staff THEN ';' ELSE ',' END, true,
       (SELECT jsonb_agg(jsonb_build_object('header', h, 'samples', '[]'::jsonb, 'filled', s.imported + 4, 'emails', 0, 'phones', 0,
                  'dates', '{"order": "dmy", "certain": true, "cells": 0}'::jsonb, 'numbers', '{"style": "point", "certain": true, "cells": 0}'::jsonb) ORDER BY n)
          FROM unnest(ARRAY['Client name', 'E-mail', 'Mobile', 'Budget (AED)', 'Preferred area']) WITH ORDINALITY AS c(h, n)),
       (SELECT jsonb_agg(jsonb_build_object('field', c.field, 'dates', 'dmy', 'numbers', 'point') ORDER BY c.n)
          FROM unnest(ARRAY['client_name', 'client_email', 'client_phone', 'budget_max', 'locations']) WITH ORDINALITY AS c(field, n)),
       '{}', 1, s.imported + 4, s.imported + 4, s.imported, 3, 1,
       '[{"field": "client_email", "message": "“{value}” is not an email address. Write it like name@company.example.", "rows": 2, "first": 4},
         {"field": "budget_max", "message": "“{value}” is not an amount. Write digits only, without a currency, like 1,250,000.50.", "rows": 1, "first": 9}]',
       'Every client in this file agreed that their details are passed on to this programme', s.at, f.user_id, s.imported, s.imported,
       s.at - interval '6 minutes', s.at, s.at
  FROM files f JOIN sums s ON s.import_id = f.id
RETURNING id),
marked AS (
UPDATE leads l SET import_id = c.import_id, source = 'import', created_at = c.at - make_interval(secs => c.place / 1000000.0),
       stage_at = CASE WHEN l.stage_at = l.created_at THEN c.at - make_interval(secs => c.place / 1000000.0) ELSE l.stage_at END,
       updated_at = CASE WHEN l.stage_at = l.created_at THEN c.at - make_interval(secs => c.place / 1000000.0) ELSE l.updated_at END
  FROM chosen c JOIN made m ON m.id = c.import_id WHERE l.id = c.lead_id RETURNING l.id, l.created_at),
dated AS (UPDATE lead_history h SET at = k.created_at FROM marked k WHERE h.lead_id = k.id AND h.kind = 'created'),
remembered AS (
INSERT INTO lead_import_headers (partner_id, header, field)
SELECT DISTINCT f.partner_id, h.header, h.field FROM files f JOIN made m ON m.id = f.id,
       (VALUES ('client name', 'client_name'), ('e mail', 'client_email'), ('mobile', 'client_phone'), ('budget aed', 'budget_max'), ('preferred area', 'locations')) AS h(header, field))
INSERT INTO lead_import_rows (id, import_id, partner_id, by_staff, number, status, cells, problems, same_row)
SELECT md5(f.filename || r.number)::uuid, f.id, f.partner_id, f.by_staff, r.number, r.status, r.cells, r.problems, r.same_row
  FROM files f JOIN made m ON m.id = f.id,
       (VALUES (4, 'problem', '["Ines Carvalho", "ines.carvalho(at)post", "", "1,450,000", "Dubai Marina"]'::jsonb,
                '[{"field": "client_email", "message": "“{value}” is not an email address. Write it like name@company.example.", "value": "ines.carvalho(at)post"}]'::jsonb, NULL::integer),
               (6, 'duplicate', '["Tomas Novak", "tomas.n@letters.example", "", "900,000", "Business Bay"]', '[]', 3),
               (9, 'problem', '["Huda Mansoor", "huda.mansoor@inbox.example", "", "about two million", "Palm Jumeirah"]',
                '[{"field": "budget_max", "message": "“{value}” is not an amount. Write digits only, without a currency, like 1,250,000.50.", "value": "about two million"}]', NULL),
               (12, 'problem', '["Grace Lim", "see card", "", "", "Jumeirah Village Circle"]',
                '[{"field": "client_email", "message": "“{value}” is not an email address. Write it like name@company.example.", "value": "see card"}]', NULL)) AS r(number, status, cells, problems, same_row)
