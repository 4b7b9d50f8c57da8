-- Files that people handed over. Who may read one, the policies of the rooms say that link to it.

-- name: file_get one
SELECT id, encode(sha256, 'hex') AS sha256, size, type, name FROM files WHERE id = :id::uuid

-- name: file_hold none
SELECT app.file_hold(:file_sha256)

-- ── Jobs ──

-- name: work_files_unlink none
SELECT app.files_unlink()

-- name: work_files_unused many
SELECT u AS sha256 FROM app.files_unused(:hashes::text[]) AS u

-- name: work_files_next none
SELECT app.files_next(:next)
