-- Conversations. Names of clients and partners are read through the reader's own eyes: NULL where they may not see them.

-- name: thread_list many
-- doc: with q: threads with a message that says it, or about a client or partner who is called so; found is the newest such message
-- sort: last_desc s.last_at desc timestamptz | last s.last_at asc timestamptz
SELECT t.kind, (SELECT l.client_name FROM leads l WHERE l.id = t.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = t.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       s.messages, coalesce(me.unread, 0) AS unread, NOT t.last_by_staff AND t.shown AS waiting, s.last_at AS last,
       left(m.text, 200) AS text, u.name AS author, m.by_staff, m.author_id = (SELECT app.user_id()) AS mine, m.staff_only, m.deleted_at IS NOT NULL AS deleted,
       (SELECT count(*) FROM message_files f WHERE f.message_id = m.id) AS files, t.share_id IS NOT NULL AS shared,
       (SELECT x.id FROM messages x WHERE x.thread_id = s.id AND x.search LIKE app.like_pattern(:q) ORDER BY x.created_at DESC, x.id DESC LIMIT 1) AS found_id, --? q
       (SELECT substr(x.text, greatest(1, strpos(x.search, lower(:q)) - 60), 200) FROM messages x WHERE x.thread_id = s.id AND x.search LIKE app.like_pattern(:q) ORDER BY x.created_at DESC, x.id DESC LIMIT 1) AS found, --? q
       s.id, {sort_key} AS _sort_key
  FROM thread_sides s JOIN threads t ON t.id = s.id JOIN messages m ON m.id = s.last_id LEFT JOIN users u ON u.id = m.author_id
  LEFT JOIN thread_people me ON me.thread_id = s.id AND me.user_id = (SELECT app.user_id())
 WHERE true
   AND s.id IN (SELECT x.thread_id FROM messages x WHERE x.search LIKE app.like_pattern(:q) UNION SELECT y.id FROM threads y JOIN leads l ON l.id = y.lead_id WHERE l.search LIKE app.like_pattern(:q) UNION SELECT y.id FROM threads y JOIN partners p ON p.id = y.partner_id WHERE lower(p.name) LIKE app.like_pattern(:q) AND (SELECT app.partner()) IS NULL) --? q
   AND t.kind = :kind --? kind
   AND me.unread > 0 AND :unread::boolean --? unread
   AND NOT t.last_by_staff AND t.shown AND :waiting::boolean --? waiting
   AND s.partner_id = :partner::uuid --? partner
   AND {keyset} --? after_key
 ORDER BY {order} LIMIT :limit::integer

-- name: thread_totals one
-- doc: whether there is anything at all, whatever the filters say
SELECT EXISTS (SELECT FROM thread_sides) AS any_thread, EXISTS (SELECT FROM thread_people WHERE unread > 0) AS any_unread

-- name: thread_filter_partner many
-- doc: whose threads the list is narrowed to
SELECT id, name FROM partners WHERE id = :partner::uuid

-- name: thread one
SELECT t.id, t.kind, t.lead_id, t.share_id, t.partner_id, (SELECT l.client_name FROM leads l WHERE l.id = t.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = t.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       (SELECT h.shared_at FROM lead_shares h WHERE h.id = t.share_id) AS shared_at,
       (SELECT s.last_id FROM thread_sides s WHERE s.id = t.id) AS last_id
  FROM threads t WHERE t.id = :id::uuid

-- name: thread_read many
-- doc: before the messages are read: what comes in between is still unread, though it may be seen already
SELECT unread FROM app.thread_read(:id::uuid, :at_end::boolean)

-- name: thread_messages many
-- doc: newest first, one more than a page. before: the ones in front of that message; at: a page with that message near its beginning
SELECT m.id, m.created_at AS at, m.text, u.name AS author, m.by_staff, m.staff_only, m.edited_at, m.deleted_at, m.author_id = (SELECT app.user_id()) AS mine, app.message_open(m) AS editable,
       (SELECT jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size, 'size_text', pg_size_pretty(f.size)) ORDER BY x.position)
          FROM message_files x JOIN files f ON f.id = x.file_id WHERE x.message_id = m.id) AS files,
       CASE WHEN m.edited_at IS NOT NULL OR m.deleted_at IS NOT NULL THEN app.message_earlier(m.id) END AS earlier,
       m.thread_id
  FROM messages m LEFT JOIN users u ON u.id = m.author_id
 WHERE m.thread_id = :id::uuid
   AND (m.created_at, m.id) < (SELECT b.created_at, b.id FROM messages b WHERE b.id = :before::uuid) --? before
   AND (m.created_at, m.id) <= (SELECT c.created_at, c.id FROM (SELECT b.created_at, b.id FROM messages b, messages h WHERE h.id = :at::uuid AND b.thread_id = :id::uuid AND (b.created_at, b.id) >= (h.created_at, h.id) ORDER BY b.created_at, b.id LIMIT 25) AS c ORDER BY c.created_at DESC, c.id DESC LIMIT 1) --? at
 ORDER BY m.created_at DESC, m.id DESC LIMIT 31

-- name: lead_messages many
-- doc: the newest few of the conversation about a lead
SELECT m.id, m.created_at AS at, m.text, u.name AS author, m.by_staff, m.staff_only, m.edited_at, m.deleted_at, m.author_id = (SELECT app.user_id()) AS mine, false AS editable,
       (SELECT jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size, 'size_text', pg_size_pretty(f.size)) ORDER BY x.position)
          FROM message_files x JOIN files f ON f.id = x.file_id WHERE x.message_id = m.id) AS files, m.thread_id
  FROM messages m LEFT JOIN users u ON u.id = m.author_id
 WHERE m.thread_id = (SELECT t.id FROM threads t WHERE t.kind = 'lead' AND t.lead_id = :id::uuid)
 ORDER BY m.created_at DESC, m.id DESC LIMIT 3

-- name: lead_threads many
-- doc: the conversations about a lead: with whoever brought it, and for staff with those it is shared with, begun or not
SELECT 'lead' AS kind, l.id AS subject_id, t.id AS thread_id, NULL AS partner, s.messages, coalesce(me.unread, 0) AS unread
  FROM leads l LEFT JOIN threads t ON t.kind = 'lead' AND t.lead_id = l.id LEFT JOIN thread_sides s ON s.id = t.id
  LEFT JOIN thread_people me ON me.thread_id = t.id AND me.user_id = (SELECT app.user_id())
 WHERE l.id = :id::uuid
 UNION ALL
SELECT 'share', h.id, t.id, p.name, s.messages, coalesce(me.unread, 0)
  FROM lead_shares h JOIN partners p ON p.id = h.partner_id LEFT JOIN threads t ON t.kind = 'share' AND t.share_id = h.id LEFT JOIN thread_sides s ON s.id = t.id
  LEFT JOIN thread_people me ON me.thread_id = t.id AND me.user_id = (SELECT app.user_id())
 WHERE h.lead_id = :id::uuid AND (SELECT app.partner()) IS NULL
 ORDER BY kind, partner LIMIT 20

-- name: thread_subject one
-- doc: what a conversation is to be about, and the thread where there is one
SELECT :kind AS kind, x.subject_id, x.client, x.shared_at, CASE WHEN (SELECT app.partner()) IS NULL THEN x.partner END AS partner, x.lead_id, x.thread_id
  FROM (SELECT 'lead' AS kind, l.id AS subject_id, l.client_name AS client, NULL::timestamptz AS shared_at, p.name AS partner, l.id AS lead_id,
               (SELECT t.id FROM threads t WHERE t.kind = 'lead' AND t.lead_id = l.id) AS thread_id
          FROM leads l JOIN partners p ON p.id = l.partner_id WHERE l.id = :id::uuid
         UNION ALL
        SELECT 'share', h.id, (SELECT l.client_name FROM leads l WHERE l.id = h.lead_id), h.shared_at, p.name, h.lead_id,
               (SELECT t.id FROM threads t WHERE t.kind = 'share' AND t.share_id = h.id)
          FROM lead_shares h JOIN partners p ON p.id = h.partner_id
         WHERE h.id = :id::uuid AND ((SELECT app.partner()) IS NULL OR h.status IN ('sent', 'accepted', 'in_progress', 'closed'))
         UNION ALL
        SELECT 'partner', p.id, NULL, NULL, p.name, NULL, (SELECT t.id FROM threads t WHERE t.kind = 'partner' AND t.partner_id = p.id)
          FROM partners p WHERE p.id = :id::uuid) AS x
 WHERE x.kind = :kind AND x.kind = ANY ((SELECT app.thread_kinds())::text[])

-- name: thread_open one
SELECT app.thread_open(:kind, :id::uuid) AS thread_id

-- name: message_insert many
-- doc: no row when there is no such thread, or none that whoever writes may see
INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text)
SELECT t.id, t.partner_id, app.user_id(), app.partner() IS NULL, coalesce(:staff_only::boolean, false), coalesce(:text, '')
  FROM threads t WHERE t.id = :thread_id::uuid
RETURNING id

-- name: message_attach none
SELECT app.message_attach(:message_id::uuid, :file_sha256, :file_size::bigint, :file_type, :file_name, :file_position::integer)

-- name: message_own one
-- doc: a message of the reader's own, to be put right
SELECT m.id, m.thread_id, m.text, m.staff_only, app.message_open(m) AS editable, EXISTS (SELECT FROM message_files f WHERE f.message_id = m.id) AS has_files
  FROM messages m
 WHERE m.id = :message_id::uuid AND m.thread_id = :id::uuid AND m.author_id = app.user_id() AND m.deleted_at IS NULL

-- name: message_update many
UPDATE messages SET text = coalesce(:text, '') WHERE id = :message_id::uuid AND thread_id = :id::uuid RETURNING id

-- name: message_delete many
UPDATE messages SET deleted_at = now() WHERE id = :message_id::uuid AND thread_id = :id::uuid AND author_id = app.user_id() RETURNING id

-- name: threads_read none
SELECT app.threads_read()

-- name: unread_threads one
-- doc: for the navigation: how many threads have something unread; no more than a hundred are counted
SELECT count(*) AS threads FROM (SELECT FROM thread_people p WHERE p.user_id = (SELECT app.user_id()) AND p.unread > 0 LIMIT 100) AS t
