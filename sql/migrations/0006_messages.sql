-- Files that people hand over, and conversations: about a lead, about a share, between a partner and the programme.
--
-- Who takes part follows from the rules, not from lists: the people of the conversation's partner and staff, each with the
-- permissions that its kind asks for. What only staff may see of a conversation (their notes) leaves no mark on what the
-- partner sees: each side has its own count, its own last message and its own unread marks.

INSERT INTO role_permissions VALUES
    ('owner', 'messages:read'), ('owner', 'messages:write'), ('sales', 'messages:read'), ('sales', 'messages:write'),
    ('viewer', 'messages:read'), ('agent', 'messages:read'), ('agent', 'messages:write'),
    -- both are asked things in a partner's chat; without leads:read, finance sees no conversation about a lead
    ('finance', 'messages:read'), ('finance', 'messages:write'), ('support', 'messages:read'), ('support', 'messages:write');
UPDATE roles SET description = 'Leads, messages, training and material.' WHERE code = 'sales';
UPDATE roles SET description = 'Reads everything but secrets; answers messages.' WHERE code = 'support';

-- ── Files ────────────────────────────────────────────────────────────────────────────────────────────────
-- One row for each time that something was handed over; the content lies in the file store under its hash. A room that
-- takes files has a table with links to them and a policy here that shows a file to whoever sees a link.

CREATE TABLE files (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id    uuid REFERENCES users ON DELETE SET NULL, -- who handed it over
    sha256     bytea NOT NULL CHECK (length(sha256) = 32),
    size       bigint NOT NULL CHECK (size > 0), -- bytes
    type       text NOT NULL CHECK (type ~ '^[a-z]+/[a-z0-9.+-]+$'), -- by its content
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 120), -- fit to be saved under
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX files_sha256_idx ON files (sha256);
CALL app.protect('files');
GRANT SELECT ON files TO tessera_partner, tessera_staff;

-- For functions of rooms, which link it in the same transaction; no role of the portal may call it.
CREATE FUNCTION app.file_add(p_sha256 text, p_size bigint, p_type text, p_name text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE added uuid;
BEGIN
    IF NOT app.throttle_try('files:' || app.user_id(), 100, 3600) THEN
        RAISE EXCEPTION 'You have sent a hundred files within an hour. Send the next ones a little later.' USING ERRCODE = 'TS429';
    END IF;
    INSERT INTO public.files (user_id, sha256, size, type, name) VALUES (app.user_id(), decode(p_sha256, 'hex'), p_size, p_type, p_name)
    RETURNING id INTO added;
    RETURN added;
END $$;

-- ── Conversations ────────────────────────────────────────────────────────────────────────────────────────

-- What conversations may be about, and what one needs beside messages:read to take part. Another kind is another line, a
-- column of threads that names its subject, and a case in app.thread_open().
CREATE TABLE thread_kinds (
    code               text PRIMARY KEY CHECK (code ~ '^[a-z]{2,20}$'),
    partner_permission text NOT NULL,
    staff_permission   text NOT NULL
);
INSERT INTO thread_kinds VALUES
    ('lead', 'leads:read', 'leads:read'),
    ('share', 'leads:read', 'leads:read'),
    ('partner', 'messages:read', 'partners:read');

CREATE TABLE threads (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind          text NOT NULL REFERENCES thread_kinds,
    partner_id    uuid NOT NULL REFERENCES partners, -- whose people take part
    lead_id       uuid REFERENCES leads ON DELETE CASCADE,
    share_id      uuid REFERENCES lead_shares ON DELETE CASCADE,
    shown         boolean NOT NULL DEFAULT false, -- there is something in it for the partner, too; not only notes of staff
    last_by_staff boolean NOT NULL DEFAULT false, -- who wrote last, notes aside: false waits for an answer
    CONSTRAINT threads_subject CHECK (CASE kind WHEN 'lead' THEN lead_id IS NOT NULL AND share_id IS NULL
        WHEN 'share' THEN lead_id IS NOT NULL AND share_id IS NOT NULL WHEN 'partner' THEN lead_id IS NULL AND share_id IS NULL ELSE true END)
);
CREATE UNIQUE INDEX threads_lead_key ON threads (lead_id) WHERE kind = 'lead';
CREATE UNIQUE INDEX threads_share_key ON threads (share_id) WHERE kind = 'share';
CREATE UNIQUE INDEX threads_partner_key ON threads (partner_id) WHERE kind = 'partner';
CREATE INDEX threads_partner_idx ON threads (partner_id);
CREATE INDEX threads_lead_idx ON threads (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE messages (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    thread_id  uuid NOT NULL REFERENCES threads ON DELETE CASCADE,
    partner_id uuid NOT NULL REFERENCES partners, -- the thread's
    author_id  uuid REFERENCES users ON DELETE SET NULL,
    by_staff   boolean NOT NULL,
    staff_only boolean NOT NULL DEFAULT false, -- a note of staff
    text       text NOT NULL CHECK (length(text) <= 5000), -- paragraphs; empty where there are only files
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    edited_at  timestamptz,
    deleted_at timestamptz, -- the row stays as a trace, without its text
    search     text NOT NULL GENERATED ALWAYS AS (lower(text)) STORED,
    CHECK (by_staff OR NOT staff_only),
    CHECK (deleted_at IS NULL OR text = '')
);
CREATE INDEX messages_thread_idx ON messages (thread_id, created_at, id);
-- A word that many messages hold is looked for from the newest on, one that few hold by its letters.
CREATE INDEX messages_created_idx ON messages (created_at);
CREATE INDEX messages_partner_created_idx ON messages (partner_id, created_at);
CREATE INDEX messages_search_idx ON messages USING gin (search gin_trgm_ops);

CREATE TABLE message_versions ( -- what a message said before it was edited or deleted: no role of the portal reads it
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(), -- until then
    text       text NOT NULL
);
CREATE INDEX message_versions_message_idx ON message_versions (message_id, id);

CREATE TABLE message_files (
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    file_id    uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    position   integer NOT NULL CHECK (position BETWEEN 1 AND 10),
    PRIMARY KEY (message_id, position)
);
CREATE INDEX message_files_file_idx ON message_files (file_id);

CREATE TABLE thread_sides ( -- a thread as one side sees it: what lists are sorted and counted by
    id         uuid NOT NULL REFERENCES threads ON DELETE CASCADE, -- the thread's
    side       text NOT NULL CHECK (side IN ('partner', 'staff')),
    partner_id uuid NOT NULL REFERENCES partners,
    messages   bigint NOT NULL,
    last_at    timestamptz NOT NULL,
    last_id    uuid NOT NULL, -- message
    PRIMARY KEY (id, side)
);
CREATE INDEX thread_sides_last_idx ON thread_sides (side, last_at, id);
CREATE INDEX thread_sides_partner_idx ON thread_sides (partner_id, side, last_at, id);

CREATE TABLE thread_people ( -- what somebody has to do with a thread; nobody's row: neither wrote nor has anything to read
    thread_id uuid NOT NULL REFERENCES threads ON DELETE CASCADE,
    user_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    wrote     boolean NOT NULL DEFAULT false,
    unread    integer NOT NULL DEFAULT 0,
    told      boolean NOT NULL DEFAULT false, -- of something in it, since they read it last
    PRIMARY KEY (thread_id, user_id)
);
CREATE INDEX thread_people_unread_idx ON thread_people (user_id) WHERE unread > 0;

CALL app.protect('thread_kinds', 'threads', 'messages', 'message_versions', 'message_files', 'thread_sides', 'thread_people');

-- The kinds that whoever asks may take part in.
CREATE FUNCTION app.thread_kinds() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN -- plpgsql, because it keeps the plan from one call to the next
    RETURN (SELECT coalesce(array_agg(code), '{}') FROM thread_kinds
             WHERE app.can('messages:read') AND app.can(CASE WHEN app.partner() IS NULL THEN staff_permission ELSE partner_permission END));
END $$;
GRANT EXECUTE ON FUNCTION app.thread_kinds() TO tessera_partner, tessera_staff;

-- (OFFSET 0: a row's thread is looked up by its id. Without it the planner may read all threads first, to have them at hand
-- for thirty rows.)
-- A conversation about a share ends for the partner with the share itself: it may hold what the client no longer shares.
GRANT SELECT ON threads, thread_sides, messages, message_files TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON threads FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND shown AND kind = ANY ((SELECT app.thread_kinds())::text[])
           AND (share_id IS NULL OR EXISTS (SELECT FROM lead_shares s WHERE s.id = share_id AND s.status IN ('sent', 'accepted', 'in_progress', 'closed') OFFSET 0)));
CREATE POLICY staff_read ON threads FOR SELECT TO tessera_staff USING (kind = ANY ((SELECT app.thread_kinds())::text[]));
CREATE POLICY partner_read ON thread_sides FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND side = 'partner' AND EXISTS (SELECT FROM threads t WHERE t.id = thread_sides.id OFFSET 0));
CREATE POLICY staff_read ON thread_sides FOR SELECT TO tessera_staff
    USING (side = 'staff' AND (SELECT app.can('messages:read')) AND EXISTS (SELECT FROM threads t WHERE t.id = thread_sides.id OFFSET 0));

CREATE POLICY partner_read ON messages FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND NOT staff_only AND EXISTS (SELECT FROM threads t WHERE t.id = thread_id OFFSET 0));
CREATE POLICY staff_read ON messages FOR SELECT TO tessera_staff
    USING ((SELECT app.can('messages:read')) AND EXISTS (SELECT FROM threads t WHERE t.id = thread_id OFFSET 0));
GRANT INSERT (thread_id, partner_id, author_id, by_staff, staff_only, text) ON messages TO tessera_partner, tessera_staff;
CREATE POLICY partner_insert ON messages FOR INSERT TO tessera_partner
    WITH CHECK (partner_id = (SELECT app.partner()) AND author_id = (SELECT app.user_id()) AND NOT by_staff AND NOT staff_only
                AND (SELECT app.can('messages:write')) AND EXISTS (SELECT FROM threads t WHERE t.id = thread_id AND t.partner_id = messages.partner_id OFFSET 0));
CREATE POLICY staff_insert ON messages FOR INSERT TO tessera_staff
    WITH CHECK (author_id = (SELECT app.user_id()) AND by_staff
                AND (SELECT app.can('messages:write')) AND EXISTS (SELECT FROM threads t WHERE t.id = thread_id AND t.partner_id = messages.partner_id OFFSET 0));

-- One's own message can be put right for a quarter of an hour. What it said is kept, and that it was changed is seen.
CREATE FUNCTION app.message_open(m messages) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT m.author_id = app.user_id() AND m.deleted_at IS NULL AND m.created_at > now() - interval '15 minutes' AND app.can('messages:write')
$$;
GRANT EXECUTE ON FUNCTION app.message_open(messages) TO tessera_partner, tessera_staff;
GRANT UPDATE (text, deleted_at) ON messages TO tessera_partner, tessera_staff;
CREATE POLICY self ON messages FOR UPDATE TO tessera_partner, tessera_staff
    USING (app.message_open(messages)) WITH CHECK (author_id = (SELECT app.user_id()));

CREATE FUNCTION app.messages_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.deleted_at IS NOT NULL AND OLD.deleted_at IS NULL THEN
        NEW.deleted_at := now();
        NEW.text := '';
    ELSIF NEW.text = OLD.text THEN
        RETURN NEW;
    ELSE
        NEW.edited_at := now();
    END IF;
    INSERT INTO message_versions (message_id, text) VALUES (OLD.id, OLD.text);
    PERFORM app.audit_write(CASE WHEN NEW.deleted_at IS NULL THEN 'messages.edit' ELSE 'messages.delete' END, OLD.id, OLD.partner_id, '{}');
    RETURN NEW;
END $$;
CREATE TRIGGER change BEFORE UPDATE OF text, deleted_at ON messages FOR EACH ROW EXECUTE FUNCTION app.messages_change();

-- What a message said before, oldest first; nothing for whoever does not read the audit.
CREATE FUNCTION app.message_earlier(p_message uuid) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT jsonb_agg(jsonb_build_object('at', v.at, 'text', v.text) ORDER BY v.id)
      FROM message_versions v JOIN messages m ON m.id = v.message_id JOIN threads t ON t.id = m.thread_id
     WHERE v.message_id = p_message AND app.partner() IS NULL AND app.can('audit:read') AND t.kind = ANY (app.thread_kinds())
$$;
GRANT EXECUTE ON FUNCTION app.message_earlier(uuid) TO tessera_partner, tessera_staff;

CREATE POLICY partner_read ON message_files FOR SELECT TO tessera_partner
    USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id AND m.deleted_at IS NULL OFFSET 0));
CREATE POLICY staff_read ON message_files FOR SELECT TO tessera_staff
    USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id AND (m.deleted_at IS NULL OR (SELECT app.can('audit:read'))) OFFSET 0));
CREATE POLICY in_messages ON files FOR SELECT TO tessera_partner, tessera_staff
    USING (EXISTS (SELECT FROM message_files f WHERE f.file_id = files.id OFFSET 0));

GRANT SELECT ON thread_people TO tessera_partner, tessera_staff;
CREATE POLICY self ON thread_people FOR SELECT TO tessera_partner, tessera_staff
    USING (user_id = (SELECT app.user_id()) AND EXISTS (SELECT FROM threads t WHERE t.id = thread_id OFFSET 0));

-- The thread about a subject, made when it is not there yet. Asked for with the first message, in its transaction.
CREATE FUNCTION app.thread_open(p_kind text, p_subject uuid) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    t threads;
    found uuid;
BEGIN
    t.kind := p_kind;
    IF p_kind = 'lead' THEN
        SELECT partner_id, id INTO t.partner_id, t.lead_id FROM leads WHERE id = p_subject;
    ELSIF p_kind = 'share' THEN
        SELECT partner_id, lead_id, id INTO t.partner_id, t.lead_id, t.share_id FROM lead_shares
         WHERE id = p_subject AND (app.partner() IS NULL OR status IN ('sent', 'accepted', 'in_progress', 'closed'));
    ELSIF p_kind = 'partner' THEN
        SELECT id INTO t.partner_id FROM partners WHERE id = p_subject;
    END IF;
    IF t.partner_id IS NULL OR app.user_id() IS NULL OR p_kind <> ALL (app.thread_kinds()) OR (app.partner() IS NOT NULL AND app.partner() <> t.partner_id) THEN
        RAISE EXCEPTION 'There is nothing at this address, or it is not yours to see.' USING ERRCODE = 'TS404';
    END IF;
    IF NOT app.can('messages:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    INSERT INTO threads (kind, partner_id, lead_id, share_id) VALUES (t.kind, t.partner_id, t.lead_id, t.share_id) ON CONFLICT DO NOTHING;
    SELECT x.id INTO found FROM threads x WHERE x.kind = p_kind AND CASE p_kind WHEN 'lead' THEN x.lead_id = p_subject
        WHEN 'share' THEN x.share_id = p_subject ELSE x.partner_id = p_subject END;
    IF app.partner() IS NOT NULL THEN
        UPDATE threads x SET shown = true WHERE x.id = found AND NOT x.shown;
    END IF;
    RETURN found;
END $$;
GRANT EXECUTE ON FUNCTION app.thread_open(text, uuid) TO tessera_partner, tessera_staff;

-- A file of a message that its author wrote just now.
CREATE FUNCTION app.message_attach(p_message uuid, p_sha256 text, p_size bigint, p_type text, p_name text, p_position integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE added uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM messages m WHERE m.id = p_message AND app.message_open(m)) THEN
        RAISE EXCEPTION 'This message takes no files any more.' USING ERRCODE = 'TS404';
    END IF;
    added := app.file_add(p_sha256, p_size, p_type, p_name);
    INSERT INTO message_files (message_id, file_id, position) VALUES (p_message, added, p_position);
    RETURN added;
END $$;
GRANT EXECUTE ON FUNCTION app.message_attach(uuid, text, bigint, text, text, integer) TO tessera_partner, tessera_staff;

-- ── What a new message does ──────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION app.messages_limit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF app.user_id() IS NOT NULL AND NOT app.throttle_try('messages:' || app.user_id(), 30, 300) THEN
        RAISE EXCEPTION 'You have sent thirty messages within five minutes. Wait a moment, then send this one again.' USING ERRCODE = 'TS429';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "limit" BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION app.messages_limit();

-- Each side's count. (By name this comes before `events`: it locks the thread, so that two messages at once take turns.)
CREATE FUNCTION app.messages_count() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.staff_only THEN
        PERFORM FROM threads WHERE id = NEW.thread_id FOR NO KEY UPDATE;
    ELSE
        UPDATE threads SET shown = true, last_by_staff = NEW.by_staff WHERE id = NEW.thread_id;
    END IF;
    INSERT INTO thread_sides AS s (id, side, partner_id, messages, last_at, last_id)
    SELECT NEW.thread_id, side, NEW.partner_id, 1, NEW.created_at, NEW.id FROM unnest(ARRAY['partner', 'staff']) AS side
     WHERE side = 'staff' OR NOT NEW.staff_only
    ON CONFLICT (id, side) DO UPDATE SET messages = s.messages + 1, last_at = greatest(s.last_at, excluded.last_at),
        last_id = CASE WHEN (excluded.last_at, excluded.last_id) > (s.last_at, s.last_id) THEN excluded.last_id ELSE s.last_id END;
    IF NEW.author_id IS NOT NULL THEN
        INSERT INTO thread_people (thread_id, user_id, wrote) VALUES (NEW.thread_id, NEW.author_id, true)
        ON CONFLICT (thread_id, user_id) DO UPDATE SET wrote = true WHERE NOT thread_people.wrote;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION app.messages_count();

-- Who has a message to read: the partner's people who may; of staff those who took part already, or, while a partner's words
-- have no answer from anybody, all who could give one. Addressed, and so worth a mail, are all of them but those who only
-- watch what their colleagues write.
CREATE FUNCTION app.message_hearers(m messages) RETURNS TABLE (user_id uuid, addressed boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    t threads;
    k thread_kinds;
BEGIN
    SELECT * INTO t FROM threads WHERE id = m.thread_id;
    SELECT * INTO k FROM thread_kinds WHERE code = t.kind;
    RETURN QUERY SELECT u.id, true FROM thread_people p JOIN users u ON u.id = p.user_id
     WHERE p.thread_id = t.id AND p.wrote AND u.partner_id IS NULL AND u.status = 'active' AND u.id IS DISTINCT FROM m.author_id
       AND app.user_can(u.id, 'messages:read') AND app.user_can(u.id, k.staff_permission);
    IF NOT FOUND AND NOT m.by_staff THEN
        RETURN QUERY SELECT u.id, true FROM users u
         WHERE u.partner_id IS NULL AND u.status = 'active' AND app.user_can(u.id, 'messages:read') AND app.user_can(u.id, 'messages:write')
           AND app.user_can(u.id, k.staff_permission);
    END IF;
    IF NOT m.staff_only AND (t.share_id IS NULL OR EXISTS (SELECT FROM lead_shares s
            WHERE s.id = t.share_id AND s.status IN ('sent', 'accepted', 'in_progress', 'closed'))) THEN
        RETURN QUERY SELECT u.id, m.by_staff OR coalesce(p.wrote, false) FROM users u LEFT JOIN thread_people p ON p.thread_id = t.id AND p.user_id = u.id
         WHERE u.partner_id = t.partner_id AND u.status = 'active' AND u.id IS DISTINCT FROM m.author_id
           AND app.user_can(u.id, 'messages:read') AND app.user_can(u.id, k.partner_permission);
    END IF;
END $$;

-- Each of them has one more to read. Notified is who is addressed and has not been since they read it last: five messages in
-- a row are still one reason to look.
CREATE FUNCTION app.messages_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    heard uuid[];
    fresh uuid[];
    t threads;
BEGIN
    SELECT * INTO t FROM threads WHERE id = NEW.thread_id;
    SELECT array_agg(h.user_id), array_agg(h.user_id) FILTER (WHERE h.addressed AND p.told IS NOT TRUE) INTO heard, fresh
      FROM app.message_hearers(NEW) AS h LEFT JOIN thread_people p ON p.thread_id = t.id AND p.user_id = h.user_id;
    INSERT INTO thread_people AS p (thread_id, user_id, unread, told)
    SELECT t.id, hearer, 1, coalesce(hearer = ANY (fresh), false) FROM unnest(heard) AS hearer ORDER BY hearer
    ON CONFLICT (thread_id, user_id) DO UPDATE SET unread = p.unread + 1, told = p.told OR excluded.told;
    PERFORM app.live('user:' || hearer, 'unread') FROM unnest(heard) AS hearer;
    IF fresh IS NOT NULL THEN
        PERFORM app.event_add('message.new', t.partner_id, t.lead_id, t.id, '/messages/' || t.id,
            jsonb_build_object('kind', t.kind, 'staff_only', NEW.staff_only), fresh);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION app.messages_events();

CREATE FUNCTION app.messages_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT NEW.staff_only THEN
        PERFORM app.live('partner:' || NEW.partner_id, 'messages', NEW.thread_id);
    END IF;
    PERFORM app.live('staff', 'messages', NEW.thread_id);
    RETURN NULL;
END $$;
CREATE TRIGGER live AFTER INSERT OR UPDATE OF text, deleted_at ON messages FOR EACH ROW EXECUTE FUNCTION app.messages_live();

-- ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────

-- Whoever looks at the end of a thread has read it: how much was unread until now. The notification that called them is
-- read with it. p_end false: they look at an older part, and nothing changes.
CREATE FUNCTION app.thread_read(p_thread uuid, p_end boolean) RETURNS TABLE (unread integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    SELECT p.unread INTO unread FROM thread_people p WHERE p.thread_id = p_thread AND p.user_id = app.user_id() AND p.unread > 0 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF p_end THEN
        UPDATE thread_people p SET unread = 0, told = false WHERE p.thread_id = p_thread AND p.user_id = app.user_id();
        UPDATE notifications n SET read_at = now() WHERE n.user_id = app.user_id() AND n.read_at IS NULL AND n.type = 'message.new' AND n.subject_id = p_thread;
        PERFORM app.live('user:' || app.user_id(), 'notifications'), app.live('user:' || app.user_id(), 'unread');
    END IF;
    RETURN NEXT;
END $$;
-- All threads at once, as they were when the reader looked at the list (p_until): one that has gone on since stays unread.
CREATE FUNCTION app.threads_read(p_until timestamptz) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE thread_people p SET unread = 0, told = false FROM thread_sides s
     WHERE p.user_id = app.user_id() AND p.unread > 0 AND s.id = p.thread_id AND s.last_at <= p_until
       AND s.side = CASE WHEN app.partner() IS NULL THEN 'staff' ELSE 'partner' END;
    UPDATE notifications n SET read_at = now() WHERE n.user_id = app.user_id() AND n.read_at IS NULL AND n.type = 'message.new'
       AND NOT EXISTS (SELECT FROM thread_people p WHERE p.user_id = app.user_id() AND p.thread_id = n.subject_id AND p.unread > 0);
    SELECT app.live('user:' || app.user_id(), 'notifications'), app.live('user:' || app.user_id(), 'unread');
$$;
GRANT EXECUTE ON FUNCTION app.thread_read(uuid, boolean), app.threads_read(timestamptz) TO tessera_partner, tessera_staff;
