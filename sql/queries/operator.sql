-- What the operator's commands ask for and do, as the database's owner.

-- name: operator_users many
SELECT u.email, u.name, u.role, u.status, coalesce(p.name, '') AS partner, u.last_sign_in_at
  FROM users u LEFT JOIN partners p ON p.id = u.partner_id
 WHERE true
   AND p.name = :partner --? partner
 ORDER BY p.name NULLS FIRST, u.created_at, u.email

-- name: operator_user one
SELECT u.id, u.email, u.name, u.status FROM users u WHERE lower(u.email) = lower(:email)

-- name: operator_role one
SELECT audience FROM roles WHERE code = :role

-- name: operator_partner one
SELECT p.id, r.timezone FROM partners p JOIN regions r ON r.code = p.region WHERE p.name = :partner

-- name: operator_user_add one
-- doc: an invited person with the link to accept by
WITH added AS (INSERT INTO users (partner_id, email, name, role, timezone)
               VALUES (:partner_id::uuid, :email, :name, :role, coalesce(:timezone, (SELECT timezone FROM programme)))
               RETURNING id, partner_id),
     link AS (INSERT INTO one_time_links (token_hash, user_id, purpose, expires_at)
              SELECT decode(:link_token_hash, 'hex'), id, 'invitation', now() + interval '7 days' FROM added)
SELECT id, app.audit_write('users.invite', id, partner_id, '{"by": "operator"}') FROM added

-- name: operator_user_invite one
-- doc: a new link for somebody who is still invited; the earlier one no longer works
WITH invited AS (SELECT id, partner_id FROM users WHERE lower(email) = lower(:email) AND status = 'invited'),
     old AS (DELETE FROM one_time_links l USING invited i WHERE l.user_id = i.id AND l.purpose = 'invitation'),
     link AS (INSERT INTO one_time_links (token_hash, user_id, purpose, expires_at)
              SELECT decode(:link_token_hash, 'hex'), id, 'invitation', now() + interval '7 days' FROM invited)
SELECT id, app.audit_write('users.invite', id, partner_id, '{"by": "operator"}') FROM invited

-- name: operator_user_password one
-- doc: also ends sessions and links; an invited person becomes active
WITH changed AS (UPDATE users SET password_hash = :password_hash, status = 'active', updated_at = now()
                  WHERE lower(email) = lower(:email) AND status <> 'disabled' RETURNING id, partner_id),
     ended AS (DELETE FROM sessions s USING changed c WHERE s.user_id = c.id),
     used AS (DELETE FROM one_time_links l USING changed c WHERE l.user_id = c.id)
SELECT id, app.audit_write('users.password', id, partner_id, '{"by": "operator"}') FROM changed

-- name: operator_user_disable one
UPDATE users SET status = 'disabled', updated_at = now() WHERE lower(email) = lower(:email) RETURNING id

-- name: operator_user_enable one
UPDATE users SET status = CASE WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END, updated_at = now()
 WHERE lower(email) = lower(:email) AND status = 'disabled' RETURNING status

-- name: operator_people one
-- doc: whom operator_sessions can sign in
SELECT (SELECT demo_seed IS NOT NULL FROM programme) AS demo, count(*) AS people
  FROM users u JOIN partners p ON p.id = u.partner_id WHERE u.status = 'active' AND p.status = 'active'

-- name: operator_sessions many
-- doc: sessions of different people for measurements: one owner per partner first; never outside a demo
WITH people AS (
    SELECT u.id, row_number() OVER (ORDER BY u.role <> 'owner', u.id) AS number
      FROM users u JOIN partners p ON p.id = u.partner_id
     WHERE u.status = 'active' AND p.status = 'active' AND (SELECT demo_seed IS NOT NULL FROM programme))
INSERT INTO sessions (token_hash, user_id, user_agent, expires_at)
SELECT decode(t.hash, 'hex'), people.id, 'tessera user sessions', now() + make_interval(secs => :absolute::integer)
  FROM unnest(string_to_array(:token_hashes, ' ')) WITH ORDINALITY AS t(hash, number) JOIN people USING (number)
RETURNING encode(token_hash, 'hex') AS token_hash

-- name: operator_mail many
-- doc: what was caught has left the outbox's own columns, as if it had been sent
SELECT * FROM (
    SELECT o.id, o.template, o.recipient, coalesce(m.subject, o.subject) AS subject, coalesce(m.body_text, o.body) AS body,
           o.created_at, o.sent_at, o.state, o.error
      FROM outbox o LEFT JOIN caught_messages m ON m.outbox_id = o.id
     WHERE o.channel = 'email'
       AND lower(o.recipient) = lower(:to) --? to
     ORDER BY o.created_at DESC, o.id LIMIT :count) AS newest
 ORDER BY created_at, id

-- name: doctor_owner one
SELECT session_user::text AS login, current_setting('server_version') AS version, current_database()::text AS database,
       pg_has_role(session_user, d.datdba, 'USAGE') AS owns
  FROM pg_database d WHERE d.datname = current_database()

-- name: doctor_portal one
-- doc: asked over the portal's own connection, as a visitor
SELECT r.rolname::text AS login, current_user::text AS audience,
       r.rolsuper OR r.rolbypassrls OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication AS mighty,
       pg_has_role(r.oid, d.datdba, 'MEMBER') AS is_owner,
       (SELECT count(*) FROM pg_shdepend s WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid AND s.deptype = 'o') AS owned
  FROM pg_roles r, pg_database d WHERE r.rolname = session_user AND d.datname = current_database()

-- name: doctor_jobs one
-- doc: the job daemon's login, as the cluster has it; a role that is missing has no login
SELECT r.rolname IS NOT NULL AS there, coalesce(r.rolcanlogin, false) AS may_sign_in,
       coalesce(r.rolsuper OR r.rolbypassrls OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication OR r.rolinherit, false) AS mighty,
       coalesce(pg_has_role(r.oid, d.datdba, 'MEMBER'), false) AS is_owner,
       (SELECT count(*) FROM pg_shdepend s WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid AND s.deptype = 'o') AS owned,
       (SELECT string_agg(a, ', ') FROM unnest(ARRAY['tessera_visitor', 'tessera_partner', 'tessera_staff']) AS a
         WHERE NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid AND g.rolname = a)) AS not_member,
       (SELECT string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
         WHERE m.member = r.oid AND g.rolname NOT IN ('tessera_visitor', 'tessera_partner', 'tessera_staff')) AS too_much
  FROM pg_database d LEFT JOIN pg_roles r ON r.rolname = 'tessera_jobs' WHERE d.datname = current_database()

-- name: doctor_queue one
-- doc: daemons hold an advisory lock on their number, see app.job_daemon()
SELECT (SELECT count(*) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 1412391248 AND l.objsubid = 2 AND l.granted
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS daemons,
       (SELECT string_agg(kind || ' (' || n || ')', ', ' ORDER BY kind)
          FROM (SELECT kind, count(*) AS n FROM jobs WHERE state = 'dead' GROUP BY kind) AS d) AS dead_kinds,
       coalesce((SELECT extract(epoch FROM now() - min(run_at)) / 60 FROM jobs WHERE state = 'ready' AND run_at <= now()), 0)::bigint AS oldest_minutes,
       (SELECT kind FROM jobs WHERE state = 'ready' AND run_at <= now() ORDER BY run_at LIMIT 1) AS oldest_kind

-- name: doctor_unprotected many
-- doc: every table but the reference data that everybody may read
SELECT relname::text AS name FROM pg_class
 WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)
   AND relname NOT IN ('programme', 'regions', 'partner_types', 'partner_type_regions', 'tiers', 'roles', 'role_permissions', 'event_types', 'consent_wordings', 'schema_migrations')
 ORDER BY relname

-- name: doctor_triggers many
-- doc: switched off, as a load that was cut short might leave them
SELECT tgrelid::regclass::text || '.' || tgname AS name FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D' ORDER BY 1

-- name: rollup_differences many
SELECT rollup, kept::text AS kept, counted::text AS counted
  FROM (SELECT * FROM app.rollup_differences() UNION ALL SELECT * FROM app.rollup_link_differences() UNION ALL SELECT * FROM app.rollup_sequence_differences()) AS d

-- name: rollup_repair none
SELECT app.rollup_repair(), app.rollup_link_repair(), app.rollup_sequence_repair()
