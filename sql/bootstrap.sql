-- Roles and database of one portal. Run by a superuser of the cluster, once or again:
--
--   psql -v owner_password=… -v app_password=… -v jobs_password=… -f sql/bootstrap.sql postgres
--
-- tessera_owner  owns the database and everything in it: migrations, seed, doctor.
-- tessera_app    the portal's login. It may do nothing by itself; every batch of statements runs under one of
--                the three audience roles, whose grants and row-level security decide what can be reached:
-- tessera_visitor, tessera_partner, tessera_staff
-- tessera_jobs   the job daemon's login. What it may change is a list of functions; what it writes to people it reads as
--                they would, under their audience's role.
\set ON_ERROR_STOP on
\getenv psql_database TESSERA_DATABASE_NAME
\if :{?psql_database}
\else
  \set psql_database tessera
\endif

SELECT format('CREATE ROLE %I', r)
  FROM unnest(ARRAY['tessera_owner', 'tessera_app', 'tessera_jobs', 'tessera_visitor', 'tessera_partner', 'tessera_staff']) AS r
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r)
\gexec

ALTER ROLE tessera_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE tessera_app LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
ALTER ROLE tessera_jobs LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'jobs_password';
ALTER ROLE tessera_visitor NOLOGIN NOSUPERUSER NOBYPASSRLS;
ALTER ROLE tessera_partner NOLOGIN NOSUPERUSER NOBYPASSRLS;
ALTER ROLE tessera_staff NOLOGIN NOSUPERUSER NOBYPASSRLS;
GRANT tessera_visitor, tessera_partner, tessera_staff TO tessera_app, tessera_jobs;
-- Times leave the database in UTC; views show them in the reader's zone.
ALTER ROLE tessera_app SET timezone = 'UTC';
ALTER ROLE tessera_app SET default_transaction_isolation = 'read committed';
ALTER ROLE tessera_jobs SET timezone = 'UTC';
ALTER ROLE tessera_owner SET timezone = 'UTC';
-- Pages are short index lookups, and a seed's statements run once: compiling their plans costs more than it saves.
ALTER ROLE tessera_app SET jit = off;
ALTER ROLE tessera_jobs SET jit = off;
ALTER ROLE tessera_owner SET jit = off;
-- A list's page is read along its index. The preset cost of a random read is a turning disk's: with it, the planner
-- would rather read and sort all leads of a partner, however many they are.
ALTER ROLE tessera_app SET random_page_cost = 1.1;

SELECT format('CREATE DATABASE %I OWNER tessera_owner ENCODING ''UTF8'' TEMPLATE template0', :'psql_database')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'psql_database')
\gexec

REVOKE ALL ON DATABASE :"psql_database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"psql_database" TO tessera_app, tessera_jobs;

-- Row-level security keeps a condition away from indexes unless its operator is known to reveal nothing of what it
-- compares. LIKE and the comparisons of numerics reveal nothing; marking them so is what lets searches and sorts use
-- their indexes. Where the server does not permit it (a managed service), lists of very many rows are slower.
\connect :"psql_database"
DO $$
BEGIN
    ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF;
    ALTER FUNCTION pg_catalog.numeric_lt(numeric, numeric) LEAKPROOF;
    ALTER FUNCTION pg_catalog.numeric_le(numeric, numeric) LEAKPROOF;
    ALTER FUNCTION pg_catalog.numeric_gt(numeric, numeric) LEAKPROOF;
    ALTER FUNCTION pg_catalog.numeric_ge(numeric, numeric) LEAKPROOF;
    ALTER FUNCTION pg_catalog.numeric_cmp(numeric, numeric) LEAKPROOF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'LIKE could not be marked leakproof: searches in very long lists will be slower.';
END $$;
