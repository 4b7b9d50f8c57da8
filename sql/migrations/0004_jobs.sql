-- What happens by itself: a queue of jobs, schedules that fill it, and what the daemons (`tessera jobs`) may do with it.
--
-- A job is written in the transaction of its cause, so it exists exactly when the cause does. Daemons claim jobs with
-- SKIP LOCKED. One that works in the database only does its work and deletes its job in one transaction: exactly once. One
-- that speaks to the world is at least once: the other side gets a key by which it knows a repetition.
--
-- Who is alive: a daemon's connection holds an advisory lock on its number. When the lock is gone, so is the daemon (or
-- its connection, which for the queue is the same), and what it had claimed goes back. No clock decides.

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tessera_jobs') THEN
        RAISE EXCEPTION 'The role tessera_jobs is missing: run sql/bootstrap.sql again, then migrate.';
    END IF;
END $$;
GRANT USAGE ON SCHEMA public, app TO tessera_jobs;

CREATE TABLE jobs (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind       text NOT NULL CHECK (kind ~ '^[a-z_]+\.[a-z_]+$'), -- "send.email": a line of src/app/job_kinds.c
    payload    jsonb NOT NULL DEFAULT '{}', -- ids only: what a person wrote stays in its own table
    state      text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'dead')), -- what is done is deleted
    priority   smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9), -- 0 goes first
    key        text, -- of jobs that wait, only one has it
    run_at     timestamptz NOT NULL DEFAULT now(),
    attempts   integer NOT NULL DEFAULT 0, -- tries begun
    crashes    integer NOT NULL DEFAULT 0, -- daemons that ended while they had it
    claimed_by integer, -- the daemon's number
    claimed_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT jobs_claim CHECK ((state = 'running') = (claimed_by IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX jobs_next_idx ON jobs (kind, priority, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_due_idx ON jobs (run_at) WHERE state = 'ready';
CREATE INDEX jobs_claimed_idx ON jobs (claimed_by) WHERE state = 'running';
CREATE INDEX jobs_dead_idx ON jobs (id DESC) WHERE state = 'dead';
CREATE UNIQUE INDEX jobs_key ON jobs (key) WHERE key IS NOT NULL AND state = 'ready';

CREATE TABLE job_counts ( -- what became of them, for the admin's page and /metrics
    kind    text NOT NULL,
    day     date NOT NULL, -- UTC
    done    bigint NOT NULL DEFAULT 0,
    retried bigint NOT NULL DEFAULT 0,
    died    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, day)
);

CREATE TABLE job_schedules ( -- jobs that come again
    name      text PRIMARY KEY CHECK (name ~ '^[a-z_]+\.[a-z_]+$'),
    kind      text NOT NULL,
    every     interval CHECK (every >= interval '1 second'), -- either: so often
    at        time, -- or: at this time of day …
    weekdays  integer[], -- … on these days, 1 = Monday (ISO 8601); NULL: all
    month_day integer CHECK (month_day BETWEEN 1 AND 28), -- … on this day of the month; NULL: all
    timezone  text, -- that `at` is meant in; NULL: the programme's
    enabled   boolean NOT NULL DEFAULT true,
    last_at   timestamptz, -- the time it was due last, not the time it ran
    next_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT job_schedules_when CHECK ((every IS NULL) <> (at IS NULL))
);
CREATE SEQUENCE job_daemons AS integer CYCLE;

CALL app.protect('jobs', 'job_counts', 'job_schedules');
GRANT SELECT ON jobs, job_counts, job_schedules TO tessera_staff;
CREATE POLICY staff_read ON jobs FOR SELECT TO tessera_staff USING ((SELECT app.can('jobs:read')));
CREATE POLICY staff_read ON job_counts FOR SELECT TO tessera_staff USING ((SELECT app.can('jobs:read')));
CREATE POLICY staff_read ON job_schedules FOR SELECT TO tessera_staff USING ((SELECT app.can('jobs:read')));
INSERT INTO role_permissions VALUES ('support', 'jobs:read');

-- For triggers and functions of the owner; no role of the portal may call it. A waiting job with the same key stands
-- for this one, too.
CREATE FUNCTION app.job_add(p_kind text, p_payload jsonb DEFAULT '{}', p_run_at timestamptz DEFAULT now(), p_key text DEFAULT NULL,
        p_priority integer DEFAULT 5) RETURNS void
    LANGUAGE sql AS $$
    INSERT INTO public.jobs (kind, payload, run_at, key, priority) VALUES (p_kind, p_payload, p_run_at, p_key, p_priority)
    ON CONFLICT (key) WHERE key IS NOT NULL AND state = 'ready' DO UPDATE SET run_at = least(jobs.run_at, excluded.run_at)
$$;

CREATE FUNCTION app.jobs_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('jobs', '');
    RETURN NULL;
END $$;
CREATE TRIGGER wake AFTER INSERT ON jobs FOR EACH STATEMENT EXECUTE FUNCTION app.jobs_wake();

-- ── Daemons ──────────────────────────────────────────────────────────────────────────────────────────────
-- 1412391248 is "T,sP" as bytes: the class of our advisory locks.

-- This connection's number as a daemon. A new connection has a new one: what the old one had claimed is no longer its.
CREATE FUNCTION app.job_daemon() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE number integer := nullif(current_setting('app.daemon', true), '')::integer;
BEGIN
    IF number IS NULL THEN
        number := nextval('job_daemons');
        PERFORM pg_advisory_lock(1412391248, number), set_config('app.daemon', number::text, false);
    END IF;
    RETURN number;
END $$;

-- A job that ran waits again. When another waits under its key by now, that one stands for both.
CREATE FUNCTION app.job_wait(j jobs) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.jobs SET state = 'ready', claimed_by = NULL, claimed_at = NULL, run_at = j.run_at, attempts = j.attempts, crashes = j.crashes,
           last_error = j.last_error WHERE id = j.id;
EXCEPTION WHEN unique_violation THEN
    DELETE FROM public.jobs WHERE id = j.id;
END $$;

-- Jobs of daemons that are no more. Who has had daemons die again and again is put aside. A daemon takes several at once, of
-- which one may be what it dies of: from the second time on they come back one by one, so that the others get away from it.
CREATE FUNCTION app.jobs_reclaim(p_crashes integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    gone integer[];
    freed integer := 0;
    j jobs;
BEGIN
    SELECT array_agg(DISTINCT claimed_by) INTO gone FROM jobs r WHERE state = 'running'
       AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 1412391248 AND l.objid = r.claimed_by::bigint::oid
                          AND l.objsubid = 2 AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()));
    IF gone IS NULL THEN
        RETURN 0;
    END IF;
    FOR j IN SELECT * FROM jobs WHERE state = 'running' AND claimed_by = ANY (gone) ORDER BY id FOR UPDATE SKIP LOCKED LOOP
        j.crashes := j.crashes + 1;
        j.last_error := 'The daemon that had it ended in the middle.';
        IF j.crashes >= p_crashes THEN
            UPDATE jobs SET state = 'dead', claimed_by = NULL, claimed_at = NULL, crashes = j.crashes, last_error = j.last_error WHERE id = j.id;
        ELSE
            j.run_at := CASE WHEN j.crashes = 1 THEN j.run_at ELSE now() + random() * make_interval(secs => 2 ^ j.crashes) END;
            PERFORM app.job_wait(j);
        END IF;
        freed := freed + 1;
    END LOOP;
    IF freed > 0 THEN
        PERFORM pg_notify('jobs', '');
    END IF;
    RETURN freed;
END $$;

-- Up to p_limits[i] jobs of p_kinds[i], the most urgent first.
CREATE FUNCTION app.jobs_claim(p_kinds text[], p_limits integer[])
    RETURNS TABLE (id uuid, kind text, payload jsonb, attempts integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE daemon integer := app.job_daemon();
BEGIN
    RETURN QUERY
    WITH next AS MATERIALIZED (
        SELECT w.id FROM unnest(p_kinds, p_limits) AS k(kind, room),
               LATERAL (SELECT j.id FROM jobs j WHERE j.kind = k.kind AND j.state = 'ready' AND j.run_at <= now()
                         ORDER BY j.priority, j.run_at, j.id LIMIT k.room FOR UPDATE SKIP LOCKED) AS w),
    taken AS (
        UPDATE jobs j SET state = 'running', claimed_by = daemon, claimed_at = clock_timestamp(), attempts = j.attempts + 1
          FROM next WHERE j.id = next.id
        RETURNING j.id, j.kind, j.payload, j.attempts, j.priority, j.run_at)
    SELECT t.id, t.kind, t.payload, t.attempts FROM taken t ORDER BY t.priority, t.run_at, t.id;
END $$;

-- Milliseconds until the next job of these kinds that waits for its time; NULL: none does.
CREATE FUNCTION app.jobs_next_due(p_kinds text[]) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT least(ceil(extract(epoch FROM run_at - clock_timestamp()) * 1000), 3600000)::integer
      FROM jobs WHERE state = 'ready' AND run_at > now() AND kind = ANY (p_kinds) ORDER BY run_at LIMIT 1
$$;

-- The end of a job. Whoever lost the claim meanwhile is told so, and what it did in this transaction is undone.
CREATE FUNCTION app.job_done(p_id uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    DELETE FROM jobs WHERE id = p_id AND state = 'running' AND claimed_by = app.job_daemon();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'This job is somebody else''s by now.' USING ERRCODE = 'TS409';
    END IF;
END $$;
-- p_wait: seconds until the next try; NULL: there is none, the job is put aside with its reason.
CREATE FUNCTION app.job_failed(p_id uuid, p_error text, p_wait double precision) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE j jobs;
BEGIN
    SELECT * INTO j FROM jobs WHERE id = p_id AND state = 'running' AND claimed_by = app.job_daemon() FOR UPDATE;
    j.last_error := left(p_error, 2000);
    j.run_at := clock_timestamp() + make_interval(secs => coalesce(p_wait, 0));
    IF p_wait IS NOT NULL THEN
        PERFORM app.job_wait(j);
    ELSE
        UPDATE jobs SET state = 'dead', claimed_by = NULL, claimed_at = NULL, last_error = j.last_error, run_at = j.run_at WHERE id = j.id;
    END IF;
END $$;
-- Not begun after all (the daemon leaves): as if it had never been claimed.
CREATE FUNCTION app.jobs_return() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE j jobs;
BEGIN
    FOR j IN SELECT * FROM jobs WHERE state = 'running' AND claimed_by = app.job_daemon() ORDER BY id FOR UPDATE LOOP
        j.attempts := j.attempts - 1;
        PERFORM app.job_wait(j);
    END LOOP;
    PERFORM pg_notify('jobs', '');
END $$;
CREATE FUNCTION app.jobs_count(p_kinds text[], p_done bigint[], p_retried bigint[], p_died bigint[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO job_counts AS c (kind, day, done, retried, died)
    SELECT k, (now() AT TIME ZONE 'UTC')::date, d, r, x FROM unnest(p_kinds, p_done, p_retried, p_died) AS u(k, d, r, x)
     WHERE d + r + x > 0 ORDER BY k
    ON CONFLICT (kind, day) DO UPDATE SET done = c.done + excluded.done, retried = c.retried + excluded.retried, died = c.died + excluded.died
$$;

-- ── Schedules ────────────────────────────────────────────────────────────────────────────────────────────

-- The first time after p_after that a schedule is due. A time of day is that of its zone: where clocks go forward over
-- it, it is due as much later; where they go back, once (PostgreSQL reads an ambiguous time as standard time).
CREATE FUNCTION app.schedule_next(s job_schedules, p_after timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public AS $$
DECLARE
    zone text := coalesce(s.timezone, (SELECT timezone FROM programme), 'UTC');
    day date := (p_after AT TIME ZONE zone)::date;
    due timestamptz;
BEGIN
    IF s.every IS NOT NULL THEN -- on the grid of its own past, so that a late run does not shift it
        RETURN s.next_at + s.every * greatest(0, floor(extract(epoch FROM p_after - s.next_at) / extract(epoch FROM s.every)) + 1);
    END IF;
    FOR i IN 0 .. 800 LOOP
        due := (day + i + s.at) AT TIME ZONE zone;
        IF due > p_after AND (s.weekdays IS NULL OR extract(isodow FROM day + i)::integer = ANY (s.weekdays))
           AND (s.month_day IS NULL OR extract(day FROM day + i)::integer = s.month_day) THEN
            RETURN due;
        END IF;
    END LOOP;
    RETURN 'infinity';
END $$;

-- Puts what is due into the queue. What was missed while no daemon ran comes once, not as often as it was missed; a
-- clock that is set back repeats nothing, because the next time never moves back.
CREATE FUNCTION app.schedules_run() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    s job_schedules;
    fired integer := 0;
BEGIN
    FOR s IN SELECT * FROM job_schedules WHERE enabled AND next_at <= now() ORDER BY name FOR UPDATE SKIP LOCKED LOOP
        PERFORM app.job_add(s.kind, jsonb_build_object('due', s.next_at), now(), 'schedule:' || s.name);
        UPDATE job_schedules SET last_at = s.next_at, next_at = app.schedule_next(s, greatest(now(), s.next_at)) WHERE name = s.name;
        fired := fired + 1;
    END LOOP;
    RETURN fired;
END $$;
-- Milliseconds until the next schedule is due.
CREATE FUNCTION app.schedules_next_due() RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT least(greatest(ceil(extract(epoch FROM min(next_at) - clock_timestamp()) * 1000), 0), 3600000)::integer FROM job_schedules WHERE enabled
$$;

GRANT EXECUTE ON FUNCTION app.jobs_reclaim(integer), app.jobs_claim(text[], integer[]), app.jobs_next_due(text[]),
    app.job_done(uuid), app.job_failed(uuid, text, double precision), app.jobs_return(),
    app.jobs_count(text[], bigint[], bigint[], bigint[]), app.schedules_run(), app.schedules_next_due() TO tessera_jobs;

-- ── The admin's hand ─────────────────────────────────────────────────────────────────────────────────────

-- Once more, now, with all its tries; true when it was there.
CREATE FUNCTION app.job_retry(p_id uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE j jobs;
BEGIN
    IF NOT app.can('jobs:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    SELECT * INTO j FROM jobs WHERE id = p_id AND state IN ('dead', 'ready') FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    j.run_at := now();
    IF j.state = 'dead' THEN
        j.attempts := 0;
        j.crashes := 0;
    END IF;
    PERFORM app.job_wait(j), pg_notify('jobs', ''), app.audit_write('jobs.retry', NULL, NULL, jsonb_build_object('job', p_id));
    RETURN true;
END $$;
CREATE FUNCTION app.job_cancel(p_id uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE name text;
BEGIN
    IF NOT app.can('jobs:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    DELETE FROM jobs WHERE id = p_id AND state IN ('dead', 'ready') RETURNING kind INTO name;
    IF name IS NOT NULL THEN
        PERFORM app.audit_write('jobs.cancel', NULL, NULL, jsonb_build_object('job', p_id, 'kind', name));
    END IF;
    RETURN name IS NOT NULL;
END $$;
-- All that were put aside, of one kind or of every kind; how many.
CREATE FUNCTION app.jobs_retry_dead(p_kind text) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE revived integer;
BEGIN
    IF NOT app.can('jobs:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    -- of several with the same key one is enough; where another waits under it already, they stay
    UPDATE jobs SET state = 'ready', run_at = now(), attempts = 0, crashes = 0
     WHERE id IN (SELECT DISTINCT ON (coalesce(d.key, d.id::text)) d.id FROM jobs d
                   WHERE d.state = 'dead' AND (p_kind IS NULL OR d.kind = p_kind)
                     AND (d.key IS NULL OR NOT EXISTS (SELECT FROM jobs w WHERE w.key = d.key AND w.state = 'ready'))
                   ORDER BY coalesce(d.key, d.id::text), d.created_at DESC);
    GET DIAGNOSTICS revived = ROW_COUNT;
    PERFORM pg_notify('jobs', ''), app.audit_write('jobs.retry', NULL, NULL, jsonb_build_object('kind', p_kind, 'jobs', revived));
    RETURN revived;
END $$;
GRANT EXECUTE ON FUNCTION app.job_retry(uuid), app.job_cancel(uuid), app.jobs_retry_dead(text) TO tessera_staff;
