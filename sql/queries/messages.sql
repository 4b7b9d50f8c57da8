-- Conversations. Names of clients and partners are read through the reader's own eyes: NULL where they may not see them.

-- name: thread_list many
-- doc: with q: threads of the newest messages that say it, or about a client or partner who is called so; found is the newest such message
-- sort: last_desc s.last_at desc timestamptz | last s.last_at asc timestamptz
SELECT s.kind, (SELECT l.client_name FROM leads l WHERE l.id = s.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = s.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       s.messages, coalesce(me.unread, 0) AS unread, s.waiting, s.last_at AS last,
       left(m.text, 200) AS text, u.name AS author, m.by_staff, m.author_id = (SELECT app.user_id()) AS mine, m.staff_only, m.deleted_at IS NOT NULL AS deleted,
       (SELECT count(*) FROM message_files f WHERE f.message_id = m.id) AS files,
       (SELECT x.id FROM messages x WHERE x.thread_id = s.id AND x.search LIKE app.like_pattern(:q) ORDER BY x.created_at DESC, x.id DESC LIMIT 1) AS found_id, --? q
       (SELECT substr(x.text, greatest(1, strpos(x.search, lower(:q)) - 60), 200) FROM messages x WHERE x.thread_id = s.id AND x.search LIKE app.like_pattern(:q) ORDER BY x.created_at DESC, x.id DESC LIMIT 1) AS found, --? q
       s.id, {sort_key} AS _sort_key
  FROM (SELECT s.id, s.messages, s.last_at, s.last_id, t.kind, t.lead_id, t.partner_id, NOT t.last_by_staff AND t.shown AS waiting
          FROM thread_sides s JOIN threads t ON t.id = s.id
         WHERE true
           AND s.id IN (SELECT x.thread_id FROM (SELECT y.thread_id FROM messages y WHERE y.search LIKE app.like_pattern(:q) ORDER BY y.created_at DESC LIMIT 300) AS x --? q
                         UNION SELECT x.id FROM (SELECT y.id FROM leads l JOIN threads y ON y.lead_id = l.id WHERE l.search LIKE app.like_pattern(app.fold(:q)) ORDER BY l.created_at DESC LIMIT 300) AS x --? q
                         UNION SELECT y.id FROM (SELECT p.id FROM partners p WHERE lower(p.name) LIKE app.like_pattern(:q) AND (SELECT app.partner()) IS NULL ORDER BY p.name LIMIT 20) AS p JOIN threads y ON y.partner_id = p.id) --? q
           AND t.kind = :kind --? kind
           AND s.id IN (SELECT p.thread_id FROM thread_people p WHERE p.user_id = (SELECT app.user_id()) AND p.unread > 0 AND :unread::boolean) --? unread
           AND NOT t.last_by_staff AND t.shown AND :waiting::boolean --? waiting
           AND s.partner_id = :partner::uuid --? partner
           AND {keyset} --? after_key
         ORDER BY {order} LIMIT :limit::integer) AS s
  JOIN messages m ON m.id = s.last_id LEFT JOIN users u ON u.id = m.author_id
  LEFT JOIN thread_people me ON me.thread_id = s.id AND me.user_id = (SELECT app.user_id())
 ORDER BY {order}

-- name: thread_totals one
-- doc: whether there is anything at all, whatever the filters say; newest: what "mark all as read" is about
SELECT EXISTS (SELECT FROM thread_sides) AS any_thread, EXISTS (SELECT FROM thread_people WHERE unread > 0) AS any_unread,
       (SELECT s.last_at FROM thread_sides s ORDER BY s.last_at DESC LIMIT 1) AS newest

-- name: thread_filter_partner many
-- doc: whose threads the list is narrowed to
SELECT id, name FROM partners WHERE id = :partner::uuid

-- name: thread one
SELECT t.id, t.kind, (SELECT l.id FROM leads l WHERE l.id = t.lead_id) AS lead_id, t.share_id, t.partner_id, (SELECT l.client_name FROM leads l WHERE l.id = t.lead_id) AS client,
       (SELECT p.name FROM partners p WHERE p.id = t.partner_id AND (SELECT app.partner()) IS NULL) AS partner,
       (SELECT p.status NOT IN ('active', 'suspended') FROM partners p WHERE p.id = t.partner_id AND (SELECT app.partner()) IS NULL) AS unheard,
       (SELECT h.shared_at FROM lead_shares h WHERE h.id = t.share_id) AS shared_at,
       (SELECT s.last_id FROM thread_sides s WHERE s.id = t.id) AS last_id
  FROM threads t WHERE t.id = :id::uuid

-- name: thread_read many
-- doc: before the messages are read: what comes in between is still unread, though it may be seen already
SELECT unread FROM app.thread_read(:id::uuid, :at_end::boolean)

-- name: thread_messages many
-- doc: newest first, one more than a page. before: the ones in front of that message; at: a page with that message near its beginning
SELECT m.id, m.created_at AS at, m.text, u.name AS author, m.by_staff, m.staff_only, m.edited_at, m.deleted_at, m.author_id = (SELECT app.user_id()) AS mine, app.message_open(m) AS editable,
       (SELECT jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size) ORDER BY x.position)
          FROM message_files x JOIN files f ON f.id = x.file_id WHERE x.message_id = m.id) AS files,
       CASE WHEN m.edited_at IS NOT NULL OR m.deleted_at IS NOT NULL THEN app.message_earlier(m.id) END AS earlier,
       m.thread_id
  FROM messages m LEFT JOIN users u ON u.id = m.author_id
 WHERE m.thread_id = :id::uuid
   AND (m.created_at, m.id) < (SELECT b.created_at, b.id FROM messages b WHERE b.id = :before::uuid) --? before
   AND (m.created_at, m.id) <= (SELECT c.created_at, c.id FROM (SELECT b.created_at, b.id FROM messages b, messages h WHERE h.id = :at::uuid AND b.thread_id = :id::uuid AND (b.created_at, b.id) >= (h.created_at, h.id) ORDER BY b.created_at, b.id LIMIT 25) AS c ORDER BY c.created_at DESC, c.id DESC LIMIT 1) --? at
 ORDER BY m.created_at DESC, m.id DESC LIMIT 31

-- name: lead_messages many
-- doc: the newest one of the conversation about a lead; the others stand in its time line
SELECT m.id, m.created_at AS at, m.text, u.name AS author, m.by_staff, m.staff_only, m.edited_at, m.deleted_at, m.author_id = (SELECT app.user_id()) AS mine, false AS editable,
       (SELECT jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'type', f.type, 'size', f.size) ORDER BY x.position)
          FROM message_files x JOIN files f ON f.id = x.file_id WHERE x.message_id = m.id) AS files, m.thread_id
  FROM messages m LEFT JOIN users u ON u.id = m.author_id
 WHERE m.thread_id = (SELECT t.id FROM threads t WHERE t.kind = 'lead' AND t.lead_id = :id::uuid AND NOT t.merged)
 ORDER BY m.created_at DESC, m.id DESC LIMIT 1

-- name: lead_threads many
-- doc: the conversations about a lead: with whoever brought it, and for staff with those it is shared with, begun or not
SELECT 'lead' AS kind, l.id AS subject_id, t.id AS thread_id, NULL AS partner, s.messages, coalesce(me.unread, 0) AS unread
  FROM leads l LEFT JOIN threads t ON t.kind = 'lead' AND t.lead_id = l.id AND NOT t.merged LEFT JOIN thread_sides s ON s.id = t.id
  LEFT JOIN thread_people me ON me.thread_id = t.id AND me.user_id = (SELECT app.user_id())
 WHERE l.id = :id::uuid
 UNION ALL
SELECT 'share', h.id, t.id, p.name, s.messages, coalesce(me.unread, 0)
  FROM lead_shares h JOIN partners p ON p.id = h.partner_id LEFT JOIN threads t ON t.kind = 'share' AND t.share_id = h.id LEFT JOIN thread_sides s ON s.id = t.id
  LEFT JOIN thread_people me ON me.thread_id = t.id AND me.user_id = (SELECT app.user_id())
 WHERE h.lead_id = :id::uuid AND (SELECT app.partner()) IS NULL
 UNION ALL -- what came along when two leads became one
SELECT 'share', t.id, t.id, p.name, s.messages, coalesce(me.unread, 0)
  FROM threads t JOIN partners p ON p.id = t.partner_id LEFT JOIN thread_sides s ON s.id = t.id
  LEFT JOIN thread_people me ON me.thread_id = t.id AND me.user_id = (SELECT app.user_id())
 WHERE t.lead_id = :id::uuid AND t.kind = 'lead' AND t.merged
 ORDER BY kind, partner LIMIT 20

-- name: thread_subject one
-- doc: what a conversation is to be about, and the thread where there is one
SELECT :kind AS kind, x.subject_id, x.client, x.shared_at, CASE WHEN (SELECT app.partner()) IS NULL THEN x.partner END AS partner, x.lead_id, x.thread_id
  FROM (SELECT 'lead' AS kind, l.id AS subject_id, l.client_name AS client, NULL::timestamptz AS shared_at, p.name AS partner, l.id AS lead_id,
               (SELECT t.id FROM threads t WHERE t.kind = 'lead' AND t.lead_id = l.id AND NOT t.merged) AS thread_id
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
-- doc: those that the reader has seen in the list, and not what came meanwhile
SELECT app.threads_read(:until::timestamptz)

-- name: unread_threads one
-- doc: for the navigation: how many threads have something unread; no more than a hundred are counted
SELECT count(*) AS threads FROM (SELECT FROM thread_people p WHERE p.user_id = (SELECT app.user_id()) AND p.unread > 0 LIMIT 100) AS t

-- ── The demo ──

-- name: seed_messages none
-- doc: what is talked about: Harbour and Skyline in detail, the other partners in a few words. `wanted` has the hours since the
-- last message, `said` those since the one before; files of :files, which they were made from
WITH ended AS (SELECT coalesce((SELECT max(at) FROM lead_history), (SELECT max(created_at) FROM partners)) AS at),
wanted AS (
    SELECT p.id AS partner_id, w.kind, w.place, w.script, w.hours
      FROM (VALUES ('Harbour Realty', 'partner', 1, 'statement', 5), ('Harbour Realty', 'lead', 1, 'viewing', 2), ('Harbour Realty', 'lead', 3, 'mortgage', 9),
                   ('Harbour Realty', 'lead', 5, 'question', 26), ('Harbour Realty', 'lead', 8, 'price', 70), ('Harbour Realty', 'lead', 12, 'papers', 190),
                   ('Skyline Developments', 'partner', 1, 'towers', 7), ('Skyline Developments', 'lead', 1, 'mortgage', 31), ('Skyline Developments', 'lead', 2, 'question', 55),
                   ('Skyline Developments', 'share', 1, 'buyer', 4), ('Skyline Developments', 'share', 2, 'visit', 29), ('Skyline Developments', 'share', 4, 'thanks', 120)) AS w(partner, kind, place, script, hours)
      JOIN partners p ON p.name = w.partner
     UNION ALL
    SELECT p.id, 'partner', 1, (ARRAY['welcome', 'material', 'bank', 'training', 'holiday', 'event'])[1 + h.n % 6], 12 + h.n % 900
      FROM partners p, LATERAL (SELECT ('x' || left(md5(p.name), 6))::bit(24)::integer AS n) AS h
     WHERE p.status = 'active' AND p.name NOT IN ('Harbour Realty', 'Skyline Developments') AND (SELECT count(*) FROM partners) <= 200
     UNION ALL
    SELECT p.id, 'lead', 1 + h.n % 3, (ARRAY['question', 'viewing', 'papers', 'price', 'mortgage', 'parking', 'silence', 'second', 'school', 'rent'])[1 + h.n % 10], 20 + h.n % 400
      FROM partners p, LATERAL (SELECT ('x' || right(md5(p.name), 6))::bit(24)::integer AS n) AS h
     WHERE p.status = 'active' AND p.name NOT IN ('Harbour Realty', 'Skyline Developments') AND (SELECT count(*) FROM partners) <= 200),
talk AS (
    SELECT md5('thread ' || w.kind || coalesce(s.id, l.id, w.partner_id))::uuid AS thread_id, w.kind, w.partner_id, coalesce(s.lead_id, l.id) AS lead_id, s.id AS share_id, w.script,
           (SELECT at FROM ended) - make_interval(hours => w.hours, mins => 7 * w.place) AS last_at
      FROM wanted w
      LEFT JOIN LATERAL (SELECT x.id FROM leads x WHERE x.partner_id = w.partner_id AND x.stage IN ('intake', 'qualified', 'active')
                            AND x.created_at < (SELECT at FROM ended) - make_interval(hours => w.hours + 240) ORDER BY x.created_at DESC, x.id OFFSET w.place - 1 LIMIT 1) AS l ON w.kind = 'lead'
      LEFT JOIN LATERAL (SELECT x.id, x.lead_id FROM lead_shares x WHERE x.partner_id = w.partner_id AND x.status IN ('accepted', 'in_progress')
                            AND x.shared_at < (SELECT at FROM ended) - make_interval(hours => w.hours + 240) ORDER BY x.shared_at DESC, x.id OFFSET w.place - 1 LIMIT 1) AS s ON w.kind = 'share'
     WHERE CASE w.kind WHEN 'lead' THEN l.id IS NOT NULL WHEN 'share' THEN s.id IS NOT NULL ELSE true END),
said(script, place, hours, who, note, file, text) AS (VALUES
    ('statement', 1, 0.0, 'owner', false, NULL, E'Good morning. The statement for last month shows two deals, we closed three. The villa in Arabian Ranches is missing.\n\nCould somebody have a look?'),
    ('statement', 2, 2.4, 'finance', false, NULL, E'Thank you, Layla. The third one was signed on the 1st, so it counts for this month and will be in the next statement. Its entry is there already, as pending.'),
    ('statement', 3, 0.3, 'owner', false, NULL, 'I see it now. That explains it, thanks.'),
    ('statement', 4, 71.0, 'sales', false, NULL, E'Another one: is there a price list for Business Bay that I may send to clients as it is? The one in the library says "for partners".'),
    ('statement', 5, 1.1, 'agent', false, 1, E'Here it is, without the internal column. It changes on Mondays, so please ask again rather than keep it.'),
    ('statement', 6, 20.0, 'support', true, NULL, 'Harbour are three deals away from gold. Worth a call this month.'),
    ('statement', 7, 1.5, 'agent', false, NULL, 'By the way, the new course on mortgages is open: https://learn.meridian.example/mortgages. Twenty minutes, and it answers most of what buyers ask.'),
    ('viewing', 1, 0.0, 'sales', false, NULL, '{client} can come on Saturday, any time after ten. Which units would you show?'),
    ('viewing', 2, 3.2, 'agent', false, 2, E'Two in the same tower, 14 and 21. The plan is the same for both, I attach it.\n\nShall I book 11:00 and 11:30?'),
    ('viewing', 3, 0.6, 'sales', false, NULL, 'Yes please. They bring the parents along, so five people.'),
    ('viewing', 4, 19.0, 'agent', true, NULL, 'Landlord of 21 wants shoe covers. Told reception.'),
    ('viewing', 5, 0.2, 'agent', false, NULL, E'Booked. Reception knows the name, parking is in B2.\nDirections: https://maps.meridian.example/tower-3?gate=2'),
    ('mortgage', 1, 0.0, 'owner', false, NULL, E'{client} has the pre-approval now: 75 %, valid for 60 days. The letter is attached.\n\nWhat is the next step on your side?'),
    ('mortgage', 2, 4.0, 'agent', false, NULL, 'Very good. I need the valuation fee receipt and the passport copies, then we can reserve.'),
    ('mortgage', 3, 26.0, 'sales', false, 3, 'Here is what we noted after the viewing, in case the bank asks.'),
    ('question', 1, 0.0, 'sales', false, NULL, '{client} asks whether the service charge includes cooling. I could not find it in the material.'),
    ('price', 1, 0.0, 'agent', false, NULL, 'The seller would take 4 % less for a cash buyer who signs this month. Is that something for {client}?'),
    ('price', 2, 5.5, 'owner', false, NULL, 'I asked. Cash yes, this month no: the money is free on the 12th of next month.'),
    ('price', 3, 1.0, 'agent', false, NULL, 'Then let us ask for 3 % and a date on the 15th. I write to them today.'),
    ('price', 4, 44.0, 'agent', false, NULL, E'They agreed. Form F is with you as soon as the lawyer has read it.'),
    ('papers', 1, 0.0, 'agent', false, NULL, E'For the file of {client} we still miss:\n- Emirates ID, both sides\n- proof of address, not older than three months\n- the signed reservation form'),
    ('papers', 2, 30.0, 'sales', false, 4, 'The form. The other two come tomorrow, they are travelling.'),
    ('papers', 3, 27.0, 'sales', false, NULL, 'They sent both by mail to you directly. Did they arrive?'),
    ('papers', 4, 0.8, 'agent', false, NULL, 'Yes, complete now. Thank you!'),
    ('towers', 1, 0.0, 'owner', false, NULL, E'We release the last nine units of tower B on Thursday, two of them with a terrace. Prices stay as they are until the end of the month.'),
    ('towers', 2, 2.0, 'agent', false, 2, E'Good to know. Is this still the plan of the corner units? I would send it along with the next leads.'),
    ('towers', 3, 0.5, 'owner', false, NULL, 'It is. Only the balcony grew by a square metre.'),
    ('towers', 4, 46.0, 'finance', false, NULL, 'The invoice for the second quarter went out today. If the new purchase order number has to be on it, tell me before Friday.'),
    ('towers', 5, 3.0, 'owner', false, NULL, 'Yes please, it is PO-2207. And could you send it to https://invoices.skyline.example as well?'),
    ('buyer', 1, 0.0, 'agent', false, NULL, 'This client has seen two towers already and wants to decide within three weeks. Mortgage is pre-approved.'),
    ('buyer', 2, 6.0, 'owner', false, NULL, 'We called, very clear about what they want. Viewing is on Wednesday at four.'),
    ('buyer', 3, 50.0, 'owner', false, NULL, 'They liked 1804 and ask for the payment plan in writing. May we send it to them directly?'),
    ('visit', 1, 0.0, 'owner', false, NULL, 'No answer on the phone for two days. Is there another way to reach them?'),
    ('visit', 2, 4.0, 'agent', false, NULL, 'They are abroad until Sunday and read their mail in the evening. I told them to expect you.'),
    ('thanks', 1, 0.0, 'owner', false, NULL, 'Reservation signed this morning. Thank you for this one.'),
    ('thanks', 2, 1.0, 'agent', false, NULL, 'Congratulations! I move the lead on.'),
    ('welcome', 1, 0.0, 'agent', false, NULL, E'Welcome to the programme. This is the place for questions that belong to no client; about a client, write on the lead''s page.\n\nThe first course takes half an hour and opens the rest of the library.'),
    ('welcome', 2, 22.0, 'owner', false, NULL, 'Thank you. Done with the course, and the first two leads are in.'),
    ('welcome', 3, 2.0, 'agent', false, NULL, 'Both look good. I call the first one today.'),
    ('holiday', 1, 0.0, 'owner', false, NULL, 'We are closed from the 24th to the 2nd. Urgent things reach me by phone.'),
    ('holiday', 2, 1.5, 'agent', false, NULL, 'Noted. Shares that would run out in that week get a few days more.'),
    ('event', 1, 0.0, 'support', false, NULL, E'There is a partner evening next month, on the terrace of tower 3. May we count on two of you?\n\nhttps://events.meridian.example/terrace'),
    ('event', 2, 50.0, 'owner', false, NULL, 'With pleasure, two of us.'),
    ('event', 3, 0.5, 'support', false, NULL, 'You are on the list.'),
    ('parking', 1, 0.0, 'sales', false, NULL, 'How many parking spaces come with the unit that {client} saw?'),
    ('parking', 2, 2.0, 'agent', false, NULL, 'One, and a second one can be rented by the year.'),
    ('silence', 1, 0.0, 'agent', false, NULL, 'I have not heard from {client} for ten days. Did they say anything to you?'),
    ('silence', 2, 25.0, 'sales', false, NULL, 'A family matter, they come back to it after the holidays. I would not press.'),
    ('silence', 3, 0.4, 'agent', false, NULL, 'Understood, I set a reminder.'),
    ('second', 1, 0.0, 'owner', false, NULL, '{client} would like a second look at the flat, this time in the evening.'),
    ('second', 2, 3.0, 'agent', false, NULL, 'Thursday at seven? The lights on the terrace are worth it.'),
    ('school', 1, 0.0, 'sales', false, NULL, 'The children of {client} are six and nine. Which of the projects is near a school that still has places?'),
    ('school', 2, 6.0, 'agent', false, NULL, E'Two: the one by the park (primary only) and the one behind the canal.\n\nI would show the second first.'),
    ('school', 3, 1.0, 'sales', false, NULL, 'They like the canal. Can we see it this week?'),
    ('rent', 1, 0.0, 'owner', false, NULL, '{client} buys to let. What did the last three in that building rent for?'),
    ('rent', 2, 8.0, 'agent', false, 1, 'The list has the asking prices; the last contracts were about five per cent below.'),
    ('material', 1, 0.0, 'owner', false, NULL, 'May we put our own logo on the flyer about first homes?'),
    ('material', 2, 7.0, 'support', false, NULL, 'Yes: in the empty corner below, no larger than ours. Send us the PDF before it goes to print and we look over it.'),
    ('material', 3, 90.0, 'owner', false, NULL, 'Printed and very welcome at the fair. Is there a version in Arabic?'),
    ('bank', 1, 0.0, 'owner', false, NULL, 'We have a new bank account. Where do I change it, and from when is it used?'),
    ('bank', 2, 3.0, 'finance', false, NULL, 'Please send no account numbers here. I call you at the number in your profile, and the next payout goes to the new account.'),
    ('bank', 3, 5.0, 'owner', false, NULL, 'That works, thank you.'),
    ('bank', 4, 30.0, 'finance', false, NULL, 'Changed, as we said on the phone.'),
    ('training', 1, 0.0, 'support', false, NULL, 'Two of your colleagues have not finished the required course. New shares pause for them after the 15th.'),
    ('training', 2, 28.0, 'owner', false, NULL, 'One is on leave until the 20th. Can she have more time?')),
spoken AS (
    SELECT t.*, s.place, s.who, s.note, s.file, s.text, md5(t.thread_id || '/' || s.place)::uuid AS message_id, s.who IN ('agent', 'finance', 'support') AS by_staff,
           t.last_at - make_interval(secs => coalesce(sum(s.hours) OVER (PARTITION BY t.thread_id ORDER BY s.place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::float * 3600) AS at
      FROM talk t JOIN said s ON s.script = t.script),
begun AS (INSERT INTO threads (id, kind, partner_id, lead_id, share_id) SELECT DISTINCT ON (thread_id) thread_id, kind, partner_id, lead_id, share_id FROM talk ORDER BY thread_id
          RETURNING id),
kept AS (
    INSERT INTO files (id, user_id, sha256, size, type, name, created_at)
    SELECT md5('file ' || s.message_id)::uuid, a.id, decode(f.sha256, 'hex'), f.size, f.type, f.name, s.at
      FROM spoken s JOIN jsonb_to_recordset(:files::jsonb) AS f(number integer, sha256 text, size bigint, type text, name text) ON f.number = s.file, LATERAL (
           SELECT u.id FROM users u WHERE u.partner_id IS NOT DISTINCT FROM CASE WHEN NOT s.by_staff THEN s.partner_id END AND u.status = 'active'
            ORDER BY u.role = s.who DESC, u.email LIKE s.who || '@%' DESC, u.role = 'owner' DESC, u.created_at, u.id LIMIT 1) AS a)
INSERT INTO messages (id, thread_id, partner_id, author_id, by_staff, staff_only, text, created_at)
SELECT s.message_id, s.thread_id, s.partner_id, a.id, s.by_staff, s.note, replace(s.text, '{client}', coalesce((SELECT l.client_name FROM leads l WHERE l.id = s.lead_id), 'The client')), s.at
  FROM spoken s JOIN begun b ON b.id = s.thread_id, LATERAL (
       SELECT u.id FROM users u WHERE u.partner_id IS NOT DISTINCT FROM CASE WHEN NOT s.by_staff THEN s.partner_id END AND u.status = 'active'
        ORDER BY u.role = s.who DESC, u.email LIKE s.who || '@%' DESC, u.role = 'owner' DESC, u.created_at, u.id LIMIT 1) AS a
 ORDER BY s.at, s.message_id

-- name: seed_messages_end none
-- doc: files at their messages; who has what to read; one message that was put right, one that was taken back
DO $$
BEGIN
    INSERT INTO message_files (message_id, file_id, position)
    SELECT m.id, f.id, 1 FROM messages m JOIN files f ON f.id = md5('file ' || m.id)::uuid;
    UPDATE messages SET text = replace(text, '11:00', '10:30') WHERE text LIKE 'Two in the same tower%';
    UPDATE messages SET edited_at = created_at + interval '4 minutes' WHERE edited_at IS NOT NULL;
    UPDATE messages SET deleted_at = now() WHERE id = (SELECT id FROM messages WHERE text = 'I see it now. That explains it, thanks.' LIMIT 1);
    UPDATE message_versions v SET at = m.created_at + interval '4 minutes' FROM messages m WHERE m.id = v.message_id;
    UPDATE messages SET deleted_at = created_at + interval '4 minutes' WHERE deleted_at IS NOT NULL;
    INSERT INTO thread_people AS p (thread_id, user_id, unread, told)
    SELECT m.thread_id, h.user_id, count(*), bool_or(h.addressed) FROM messages m, app.message_hearers(m) AS h
     WHERE m.created_at > (SELECT max(at) FROM lead_history) - interval '30 hours'
       AND NOT EXISTS (SELECT FROM messages x WHERE x.thread_id = m.thread_id AND x.author_id = h.user_id AND x.created_at > m.created_at)
     GROUP BY 1, 2 ON CONFLICT (thread_id, user_id) DO UPDATE SET unread = excluded.unread, told = excluded.told;
    INSERT INTO notifications (id, user_id, type, at, actor_id, by_staff, partner_id, lead_id, subject_id, href, data)
    SELECT md5('told ' || p.thread_id || p.user_id)::uuid, p.user_id, 'message.new', m.created_at, m.author_id, m.by_staff, t.partner_id, t.lead_id, t.id, '/messages/' || t.id,
           jsonb_build_object('kind', t.kind, 'staff_only', m.staff_only)
      FROM thread_people p JOIN threads t ON t.id = p.thread_id JOIN users u ON u.id = p.user_id, LATERAL (
           SELECT x.* FROM messages x WHERE x.thread_id = t.id AND x.author_id <> p.user_id AND (u.partner_id IS NULL OR NOT x.staff_only)
            ORDER BY x.created_at DESC, x.id DESC OFFSET p.unread - 1 LIMIT 1) AS m
     WHERE p.told;
END $$
