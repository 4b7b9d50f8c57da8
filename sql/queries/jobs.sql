-- The queue, as the daemons and the admin's page ask for it.

-- name: jobs_claim many
SELECT id, kind, payload, attempts FROM app.jobs_claim(:kinds::text[], :limits::integer[])

-- name: job_done none
SELECT app.job_done(:job_id::bigint)

-- name: job_failed none
SELECT app.job_failed(:job_id::bigint, :why, :wait::double precision)

-- name: jobs_return none
SELECT app.jobs_return()

-- name: jobs_count none
SELECT app.jobs_count(:kinds::text[], :done::bigint[], :retried::bigint[], :died::bigint[])

-- name: jobs_tick one
-- doc: schedules that are due, jobs of dead daemons; then how long until the next schedule
SELECT app.schedules_next_due() AS due FROM (SELECT app.schedules_run(), app.jobs_reclaim(:tries::integer)) AS done(ran, freed)

-- name: jobs_next_due one
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
