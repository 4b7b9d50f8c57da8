-- What the process that tells open pages of changes asks for.

-- name: live_cuts many
-- doc: sessions that ended within so many seconds: their streams are cut
SELECT session_id FROM app.live_cuts(:seconds::integer)

-- name: session_quiet none
-- doc: before session_open: what a page asks for by itself does not keep its user signed in
SELECT set_config('app.quiet', 'on', true)
