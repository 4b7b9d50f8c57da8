-- Files that people handed over. Who may read one, the policies of the rooms say that link to it.

-- name: file_get one
SELECT id, encode(sha256, 'hex') AS sha256, size, type, name FROM files WHERE id = :id::uuid
