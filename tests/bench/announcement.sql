-- How long it takes to tell 10,000 partners with three people each. Run in the build folder:
--   sh -c 'TESSERA_BUILD=$PWD ../tests/support/with-postgres sh -c "psql -qX -f ../tests/bench/announcement.sql \"\$TESSERA_TEST_DATABASE\""'
\timing off
\pset tuples_only on
INSERT INTO partners (name, type, region, tier, commission_percent, currency)
SELECT 'Partner ' || n, 'channel', 'AE', (ARRAY['bronze', 'silver', 'gold'])[1 + n % 3], 15, 'AED' FROM generate_series(1, 10000) AS n;
INSERT INTO users (partner_id, email, name, role, status)
SELECT p.id, 'user' || u || '.' || md5(p.id::text) || '@p.example', 'User ' || u, (ARRAY['owner', 'sales', 'viewer'])[u], 'active' FROM partners p, generate_series(1, 3) AS u;
ANALYZE partners, users;
INSERT INTO announcements (id, title, body, to_partners, state, publish_at) VALUES ('00000000-0000-4000-8000-000000000001', 'To all', 'Text', true, 'released', now());
SELECT 'people', count(*), 'partners', count(DISTINCT partner_id) FROM app.announcement_audience('00000000-0000-4000-8000-000000000001');
\timing on
\echo the audience, counted for the preview
SELECT count(*), count(DISTINCT partner_id) FROM app.announcement_audience('00000000-0000-4000-8000-000000000001');
\echo the job announcement.tell: one event
SELECT app.announcement_tell(id, publish_at) FROM announcements;
\echo the job notify.fan_out of that event: notifications, mail and its jobs
SELECT app.event_fan_out(id) FROM events WHERE type = 'announcement.new';
\timing off
SELECT 'notifications', count(*) FROM notifications;
SELECT 'mails', count(*) FROM outbox;
SELECT 'jobs of mail', count(*) FROM jobs WHERE kind = 'send.email';
SELECT 'bytes of the event', pg_column_size(users) FROM events WHERE type = 'announcement.new';
