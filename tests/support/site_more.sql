-- Enough rows of both partners of site.sql for a second page of every list.

INSERT INTO leads (id, partner_id, created_by, client_name, client_email, stage, source, currency, estimated_value, staff_notes, score, temperature, created_at, updated_at)
SELECT (p.letters || '-0000-4000-8000-000000000' || (100 + n))::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000011')::uuid, p.word || ' person ' || n, 'person' || n || '@' || lower(p.word) || '-client.example',
       'new', 'website', 'AED', 1000 * (n % 7), 'STAFF-NOTES-' || p.word, n % 100, 'cold', now() - make_interval(hours => 300 + n), now() - make_interval(hours => 300 + n)
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word), generate_series(1, 60) AS n;

INSERT INTO ledger_entries (id, partner_id, lead_id, kind, state, amount, currency, base, rate, note, month, created_at)
SELECT (p.letters || '-0000-4000-8000-000000000' || (300 + n))::uuid, (p.letters || '-0000-4000-8000-000000000001')::uuid,
       (p.letters || '-0000-4000-8000-000000000025')::uuid, 'earned', (ARRAY['pending', 'approved', 'payable', 'paid'])[1 + n % 4], 1000 + n, 'AED', 100000, 15,
       'for ' || p.word, date_trunc('month', now())::date, now() - make_interval(hours => n)
  FROM (VALUES ('aaaaaaaa', 'Alder'), ('bbbbbbbb', 'Zebulon')) AS p(letters, word), generate_series(5, 64) AS n;

