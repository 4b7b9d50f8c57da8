-- The queue, as the daemons and the admin's page ask for it.

-- name: queue_claim many
SELECT id, kind, payload, attempts FROM app.jobs_claim(:kinds::text[], :limits::integer[])

-- name: queue_done none
SELECT app.job_done(:job_id::uuid)

-- name: queue_failed none
SELECT app.job_failed(:job_id::uuid, :why, :wait::double precision)

-- name: queue_return none
SELECT app.jobs_return()

-- name: queue_count none
SELECT app.jobs_count(:kinds::text[], :done::bigint[], :retried::bigint[], :died::bigint[])

-- name: queue_tick one
-- doc: schedules that are due, jobs of dead daemons; then how long until the next schedule
SELECT app.schedules_next_due() AS due FROM (SELECT app.schedules_run(), app.jobs_reclaim(:tries::integer)) AS done(ran, freed)

-- name: queue_next_due one
SELECT app.jobs_next_due(:kinds::text[]) AS due

-- ── What the kinds that need no C do ──

-- name: work_fan_out none
SELECT app.event_fan_out(:event::bigint)

-- name: work_digests none
SELECT app.digests_make()

-- name: work_housekeeping none
SELECT app.housekeeping()

-- ── What is sent ──

-- name: session_as one
-- doc: takes a user's place: what follows in the transaction sees what they may see
SELECT user_name, user_email, audience, locale, timezone, currency, programme_name, support_email FROM app.session_as(:session_user_id::uuid)

-- ── The admin's page ──

-- name: job_totals one
-- doc: of a kind and state at most ten thousand are counted; …_more: there are more
SELECT coalesce(sum(ready), 0)::bigint AS ready, coalesce(max(ready) = 10000, false) AS ready_more, coalesce(sum(waiting), 0)::bigint AS waiting,
       coalesce(max(waiting) = 10000, false) AS waiting_more, coalesce(sum(running), 0)::bigint AS running, coalesce(sum(dead), 0)::bigint AS dead,
       coalesce(max(dead) = 10000, false) AS dead_more, min(oldest_at) AS oldest_at,
       (SELECT coalesce(sum(done), 0) FROM job_counts WHERE day = (now() AT TIME ZONE 'UTC')::date)::bigint AS done_today,
       coalesce(min(oldest_at) < now() - interval '10 minutes', false) AS late
  FROM app.jobs_figures(10000)

-- name: job_overview many
-- doc: kinds that have something in the queue or had in the last seven days
SELECT coalesce(j.kind, c.kind) AS kind, coalesce(j.ready, 0) AS ready, coalesce(j.ready = 10000, false) AS ready_more, coalesce(j.waiting, 0) AS waiting,
       coalesce(j.running, 0) AS running, coalesce(j.dead, 0) AS dead, j.oldest_at, coalesce(c.done, 0)::bigint AS done,
       coalesce(c.retried, 0)::bigint AS retried, coalesce(c.died, 0)::bigint AS died
  FROM app.jobs_figures(10000) AS j
  FULL JOIN (SELECT kind, sum(done) AS done, sum(retried) AS retried, sum(died) AS died FROM job_counts
              WHERE day > (now() AT TIME ZONE 'UTC')::date - 7 GROUP BY kind) AS c USING (kind)
 ORDER BY 1

-- name: job_schedule_list many
SELECT name, kind, every::text AS every, to_char(at, 'HH24:MI') AS at, coalesce(timezone, (SELECT timezone FROM programme)) AS timezone, enabled, last_at, next_at
  FROM job_schedules ORDER BY next_at, name

-- name: job_list many
-- sort: created_desc j.created_at desc timestamptz | created j.created_at asc timestamptz | due j.run_at asc timestamptz | due_desc j.run_at desc timestamptz
SELECT j.id, j.kind, j.state AS job_state, j.state = 'running' AS is_running, j.priority, j.attempts, j.run_at, j.claimed_at, j.created_at, j.last_error,
       j.payload::text AS payload, {sort_key} AS _sort_key
  FROM jobs j
 WHERE true
   AND j.state = :state --? state
   AND j.kind = :kind --? kind
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: job_kind_options many
SELECT kind AS value, kind AS label FROM app.jobs_figures(1) ORDER BY 1

-- name: job_retry one
SELECT app.job_retry(:id::uuid) AS done

-- name: job_cancel one
SELECT app.job_cancel(:id::uuid) AS done

-- name: jobs_retry_dead one
SELECT app.jobs_retry_dead(:kind) AS revived
