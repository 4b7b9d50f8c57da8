-- Statements that every request begins with, and those of signing in.

-- name: session many
-- doc: who is asking, and what the programme is called; first of every batch
SELECT * FROM app.session_open(:session_token_hash, :session_idle::integer, :request_id)

-- name: sign_in_find many
SELECT throttled, user_id, password_hash, audience
  FROM app.sign_in_find(:email, :address, :account_limit::integer, :address_limit::integer, :window::integer)

-- name: sign_in_finish many
SELECT session_id
  FROM app.sign_in_finish(:user_id::uuid, :new_token_hash, :session_token_hash, :absolute::integer, :address, :user_agent, :new_hash, :request_id)

-- name: session_close none
SELECT app.session_close(:session_token_hash)

-- name: reset_request none
SELECT app.reset_request(:email, :address, :link_token_hash, :mail_subject, :mail_body, 5, 3600)

-- name: link_find many
SELECT user_name, user_email, partner_name FROM app.link_find(:link_token_hash, :purpose)

-- name: link_use many
SELECT user_id, audience FROM app.link_use(:link_token_hash, :purpose, :password_hash, :name, :request_id)

-- name: own_password many
SELECT password_hash FROM app.own_password()

-- name: own_password_set none
SELECT app.own_password_set(:password_hash, :session_token_hash)

-- name: account one
SELECT id, name, email, role, theme, timezone, locale, last_sign_in_at FROM users WHERE id = app.user_id()

-- name: account_sessions many
SELECT s.id, s.address, s.created_at, s.last_seen_at,
       app.browser(s.user_agent) AS browser, app.browser_system(s.user_agent) AS system,
       s.id = nullif(current_setting('app.session', true), '')::uuid AS current
  FROM sessions s
 WHERE s.user_id = app.user_id() AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => :session_idle::integer)
 ORDER BY s.last_seen_at DESC LIMIT 50

-- name: account_update none
UPDATE users SET name = :name, theme = :theme, timezone = :timezone, updated_at = now() WHERE id = app.user_id()

-- name: theme_update none
UPDATE users SET theme = :theme WHERE id = app.user_id()

-- name: session_delete many
DELETE FROM sessions WHERE id = :session_id::uuid AND user_id = app.user_id() RETURNING id

-- name: sessions_delete_all none
WITH drafts AS (DELETE FROM lead_drafts WHERE user_id = app.user_id())
DELETE FROM sessions WHERE user_id = app.user_id()

-- name: metrics_reader none
-- doc: /metrics has no session: it reads as staff who may see the queue and nothing else, and rather lacks figures than
-- waits for them
SELECT set_config('app.permissions', ' jobs:read ', true), set_config('statement_timeout', '500', true)

-- name: metrics_jobs many
-- doc: counts and ages by kind, nothing of what a job is about; counting ends at a hundred thousand of a kind and state
SELECT kind, ready, waiting, running, dead, coalesce(extract(epoch FROM now() - oldest_at), 0)::bigint AS oldest_seconds
  FROM app.jobs_figures(100000) ORDER BY kind

-- name: ready many
-- doc: for /readyz: the schema is there and can be read
SELECT name FROM programme
