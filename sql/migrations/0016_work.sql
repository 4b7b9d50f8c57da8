-- Work on a lead: notes, and calls, mails and meetings that somebody logged, with their files; business cards that are read
-- into a new lead.
--
-- What staff keep to themselves (internal) is kept from partners here and nowhere else: by the policies below. It moves
-- nothing that a partner can see either: no column of the lead, no count, no live event, no notification.

-- ── What was done ────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE activities (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    lead_id    uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    partner_id uuid NOT NULL REFERENCES partners, -- the lead's
    author_id  uuid REFERENCES users ON DELETE SET NULL,
    by_staff   boolean NOT NULL,
    internal   boolean NOT NULL DEFAULT false, -- staff alone read it
    kind       text NOT NULL CHECK (kind IN ('note', 'call', 'mail', 'meeting')),
    direction  text CHECK (direction IN ('in', 'out')), -- of a call or a mail: who began
    outcome    text CHECK (outcome IN ('reached', 'left_message', 'no_answer', 'wrong_number', 'answered', 'bounced', 'took_place', 'no_show',
                   'postponed', 'interested', 'not_interested')), -- which of them fits which kind: activity_rules.h
    minutes    integer CHECK (minutes BETWEEN 1 AND 1440), -- how long a call or a meeting took
    text       text NOT NULL CHECK (length(text) <= 5000), -- paragraphs; may be empty
    place      text NOT NULL DEFAULT '' CHECK (length(place) <= 200), -- where it was, as typed
    latitude   numeric(8, 5) CHECK (latitude BETWEEN -90 AND 90),
    longitude  numeric(8, 5) CHECK (longitude BETWEEN -180 AND 180), -- as the device had it; both or none
    at         timestamptz NOT NULL DEFAULT now() CHECK (isfinite(at)), -- when it was
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- when it was written down
    edited_at  timestamptz,
    deleted_at timestamptz, -- the row stays as a trace, without what it said
    CONSTRAINT activities_internal CHECK (by_staff OR NOT internal),
    CONSTRAINT activities_position CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CONSTRAINT activities_note CHECK (kind <> 'note' OR (direction IS NULL AND outcome IS NULL AND minutes IS NULL)),
    CHECK (deleted_at IS NULL OR (text = '' AND place = '' AND latitude IS NULL))
);
CREATE INDEX activities_lead_idx ON activities (lead_id, at);

CREATE TABLE activity_versions ( -- what it said before it was edited or deleted: no role of the portal reads it
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    activity_id uuid NOT NULL REFERENCES activities ON DELETE CASCADE,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(), -- until then
    was         jsonb NOT NULL -- text, kind of outcome, when, where
);
CREATE INDEX activity_versions_activity_idx ON activity_versions (activity_id, id);

CREATE TABLE activity_files (
    activity_id uuid NOT NULL REFERENCES activities ON DELETE CASCADE,
    file_id     uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    position    integer NOT NULL CHECK (position BETWEEN 1 AND 10),
    PRIMARY KEY (activity_id, position)
);
CREATE INDEX activity_files_file_idx ON activity_files (file_id);

CALL app.protect('activities', 'activity_versions', 'activity_files');

GRANT SELECT, INSERT (lead_id, partner_id, author_id, by_staff, internal, kind, direction, outcome, minutes, text, place, latitude, longitude, at),
    UPDATE (direction, outcome, minutes, text, place, latitude, longitude, at, deleted_at) ON activities TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON activities FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND NOT internal AND (SELECT app.can('leads:read')));
CREATE POLICY staff_read ON activities FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));
CREATE POLICY partner_insert ON activities FOR INSERT TO tessera_partner
    WITH CHECK (partner_id = (SELECT app.partner()) AND author_id = (SELECT app.user_id()) AND NOT by_staff AND NOT internal AND (SELECT app.can('leads:write'))
                AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id AND l.partner_id = activities.partner_id));
CREATE POLICY staff_insert ON activities FOR INSERT TO tessera_staff
    WITH CHECK (author_id = (SELECT app.user_id()) AND by_staff AND (SELECT app.can('leads:write'))
                AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id AND l.partner_id = activities.partner_id));

-- One's own can be put right for a quarter of an hour. What it said is kept, and that it was changed is seen. Who may read it
-- and what kind it is stay as they are.
CREATE FUNCTION app.activity_open(a activities) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT a.author_id = app.user_id() AND a.deleted_at IS NULL AND a.created_at > now() - interval '15 minutes' AND app.can('leads:write')
$$;
GRANT EXECUTE ON FUNCTION app.activity_open(activities) TO tessera_partner, tessera_staff;
CREATE POLICY self ON activities FOR UPDATE TO tessera_partner, tessera_staff
    USING (app.activity_open(activities)) WITH CHECK (author_id = (SELECT app.user_id()));

CREATE FUNCTION app.activities_limit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF app.user_id() IS NOT NULL AND NOT app.throttle_try('activities:' || app.user_id(), 60, 300) THEN
        RAISE EXCEPTION 'You have written sixty entries within five minutes. Wait a moment, then save this one again.' USING ERRCODE = 'TS429';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "limit" BEFORE INSERT ON activities FOR EACH ROW EXECUTE FUNCTION app.activities_limit();

CREATE FUNCTION app.activities_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.deleted_at IS NOT NULL AND OLD.deleted_at IS NULL THEN
        NEW.deleted_at := now();
        NEW.text := '';
        NEW.place := '';
        NEW.latitude := NULL;
        NEW.longitude := NULL;
        NEW.direction := NULL;
        NEW.outcome := NULL;
        NEW.minutes := NULL;
    ELSIF (NEW.direction, NEW.outcome, NEW.minutes, NEW.text, NEW.place, NEW.latitude, NEW.longitude, NEW.at)
          IS NOT DISTINCT FROM (OLD.direction, OLD.outcome, OLD.minutes, OLD.text, OLD.place, OLD.latitude, OLD.longitude, OLD.at) THEN
        RETURN NEW;
    ELSE
        NEW.edited_at := now();
    END IF;
    INSERT INTO activity_versions (activity_id, was)
    VALUES (OLD.id, jsonb_build_object('text', OLD.text, 'direction', OLD.direction, 'outcome', OLD.outcome, 'minutes', OLD.minutes, 'at', OLD.at,
                                       'place', OLD.place, 'latitude', OLD.latitude, 'longitude', OLD.longitude));
    -- an internal one is nobody's but staff's, in the audit as well
    PERFORM app.audit_write(CASE WHEN NEW.deleted_at IS NULL THEN 'activities.edit' ELSE 'activities.delete' END, OLD.id,
                            CASE WHEN NOT OLD.internal THEN OLD.partner_id END, '{}');
    RETURN NEW;
END $$;
CREATE TRIGGER change BEFORE UPDATE ON activities FOR EACH ROW EXECUTE FUNCTION app.activities_change();

-- What it said before, oldest first; nothing for whoever does not read the audit.
CREATE FUNCTION app.activity_earlier(p_activity uuid) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT jsonb_agg(jsonb_build_object('at', v.at, 'text', v.was ->> 'text') ORDER BY v.id)
      FROM activity_versions v
     WHERE v.activity_id = p_activity AND app.user_id() IS NOT NULL AND app.partner() IS NULL AND app.can('audit:read') AND app.can('leads:read')
$$;
GRANT EXECUTE ON FUNCTION app.activity_earlier(uuid) TO tessera_partner, tessera_staff;

-- ── Files ────────────────────────────────────────────────────────────────────────────────────────────────

GRANT SELECT ON activity_files TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON activity_files FOR SELECT TO tessera_partner
    USING (EXISTS (SELECT FROM activities a WHERE a.id = activity_id AND a.deleted_at IS NULL OFFSET 0));
CREATE POLICY staff_read ON activity_files FOR SELECT TO tessera_staff
    USING (EXISTS (SELECT FROM activities a WHERE a.id = activity_id AND (a.deleted_at IS NULL OR (SELECT app.can('audit:read'))) OFFSET 0));
CREATE POLICY in_activities ON files FOR SELECT TO tessera_partner, tessera_staff
    USING (EXISTS (SELECT FROM activity_files f WHERE f.file_id = files.id OFFSET 0));

-- A file of what its author wrote just now. A lead holds as many as somebody could still look through.
CREATE FUNCTION app.activity_attach(p_activity uuid, p_sha256 text, p_size bigint, p_type text, p_name text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    added uuid;
    a activities;
BEGIN
    SELECT * INTO a FROM activities x WHERE x.id = p_activity AND app.activity_open(x) FOR UPDATE;
    IF a.id IS NULL THEN
        RAISE EXCEPTION 'This entry takes no files any more.' USING ERRCODE = 'TS404';
    END IF;
    IF (SELECT count(*) FROM activity_files f JOIN activities x ON x.id = f.activity_id WHERE x.lead_id = a.lead_id) >= 300 THEN
        RAISE EXCEPTION 'This lead has three hundred files already, and takes no more. Put the next ones into one document.' USING ERRCODE = 'TS422';
    END IF;
    added := app.file_add(p_sha256, p_size, p_type, p_name);
    INSERT INTO activity_files (activity_id, file_id, position)
    VALUES (p_activity, added, (SELECT 1 + count(*) FROM activity_files f WHERE f.activity_id = p_activity));
    RETURN added;
END $$;
GRANT EXECUTE ON FUNCTION app.activity_attach(uuid, text, bigint, text, text) TO tessera_partner, tessera_staff;

-- ── Who hears of it ──────────────────────────────────────────────────────────────────────────────────────

INSERT INTO event_types (position, code, category, label, audience, permission, email, push) VALUES
    (16, 'activity.shared', 'leads', 'Staff wrote something down about a lead of yours', 'partner', 'leads:read', 'digest', 'off'),
    (17, 'activity.partner', 'leads', 'A partner wrote something down about a lead you work on', 'staff', 'leads:read', 'off', 'off');

-- Of a side: whoever has a hand in the lead, that is, brought it, moved it, or wrote something down. Where nobody of a
-- partner has, everybody who works on leads there; where nobody of staff has, nobody.
CREATE FUNCTION app.activity_circle(p_lead uuid, p_partner uuid) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH hands AS (
        SELECT l.created_by AS id FROM leads l WHERE l.id = p_lead
         UNION SELECT h.user_id FROM lead_history h WHERE h.lead_id = p_lead
         UNION SELECT a.author_id FROM activities a WHERE a.lead_id = p_lead),
    able AS (
        SELECT u.id, EXISTS (SELECT FROM hands h WHERE h.id = u.id) AS hand FROM users u
         WHERE u.status = 'active' AND u.partner_id IS NOT DISTINCT FROM p_partner AND app.user_can(u.id, 'leads:read'))
    SELECT array_agg(x.id) FROM able x
     WHERE x.hand OR (p_partner IS NOT NULL AND app.user_can(x.id, 'leads:write') AND NOT EXISTS (SELECT FROM able y WHERE y.hand))
$$;

-- Whoever has not read the last such notification about the lead yet needs no other. What comes with a new lead is told by
-- the lead itself.
CREATE FUNCTION app.activities_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    told text := CASE WHEN NEW.by_staff THEN 'activity.shared' ELSE 'activity.partner' END;
    heard uuid[];
BEGIN
    SELECT array_agg(h.id) INTO heard FROM unnest(app.activity_circle(NEW.lead_id, CASE WHEN NEW.by_staff THEN NEW.partner_id END)) AS h(id)
     WHERE h.id IS DISTINCT FROM NEW.author_id
       AND NOT EXISTS (SELECT FROM notifications n WHERE n.user_id = h.id AND n.read_at IS NULL AND n.type = told AND n.lead_id = NEW.lead_id);
    IF heard IS NOT NULL AND NOT EXISTS (SELECT FROM leads l WHERE l.id = NEW.lead_id AND l.created_at = now()) THEN
        PERFORM app.event_add(told, NEW.partner_id, NEW.lead_id, NEW.id, '/leads/' || NEW.lead_id || '#a-' || NEW.id, jsonb_build_object('kind', NEW.kind), heard);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events AFTER INSERT ON activities FOR EACH ROW WHEN (NOT NEW.internal) EXECUTE FUNCTION app.activities_events();

-- With the lead's id: its page follows.
CREATE FUNCTION app.activities_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT NEW.internal THEN
        PERFORM app.live('partner:' || NEW.partner_id, 'activities', NEW.lead_id);
    END IF;
    PERFORM app.live('staff', 'activities', NEW.lead_id);
    RETURN NULL;
END $$;
CREATE TRIGGER live AFTER INSERT OR UPDATE ON activities FOR EACH ROW EXECUTE FUNCTION app.activities_live();

-- ── Business cards ───────────────────────────────────────────────────────────────────────────────────────
-- A photo that somebody took, what was read from it, and in the end the lead that was made of it. Its taker's alone until
-- then; whatever became no lead is gone after a day.

CREATE TABLE cards (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    partner_id uuid REFERENCES partners ON DELETE CASCADE, -- the taker's; NULL: staff
    file_id    uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'read', 'failed', 'used')),
    fields     jsonb NOT NULL DEFAULT '{}', -- name, company, title, email, phone, website, address: what was found
    why        text CHECK (why IN ('nothing', 'slow', 'unreadable', 'unavailable')), -- it failed
    lead_id    uuid REFERENCES leads ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX cards_file_idx ON cards (file_id);
CREATE INDEX cards_created_idx ON cards (created_at) WHERE state <> 'used';
CALL app.protect('cards');
GRANT SELECT ON cards TO tessera_partner, tessera_staff;
CREATE POLICY self ON cards FOR SELECT TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()) AND (SELECT app.can('leads:write')));
CREATE POLICY in_cards ON files FOR SELECT TO tessera_partner, tessera_staff
    USING (EXISTS (SELECT FROM cards c WHERE c.file_id = files.id OFFSET 0));

CREATE FUNCTION app.card_add(p_sha256 text, p_size bigint, p_type text, p_name text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE added uuid;
BEGIN
    IF NOT app.can('leads:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    IF NOT app.throttle_try('cards:' || app.user_id(), 40, 3600) THEN
        RAISE EXCEPTION 'You have sent forty cards within an hour. Send the next ones a little later.' USING ERRCODE = 'TS429';
    END IF;
    INSERT INTO cards (user_id, partner_id, file_id) VALUES (app.user_id(), app.partner(), app.file_add(p_sha256, p_size, p_type, p_name)) RETURNING id INTO added;
    PERFORM app.job_add('card.read', jsonb_build_object('card', added));
    RETURN added;
END $$;
GRANT EXECUTE ON FUNCTION app.card_add(text, bigint, text, text) TO tessera_partner, tessera_staff;

-- For the job: the picture, as long as somebody waits for it; and what became of it.
CREATE FUNCTION app.card_picture(p_card uuid) RETURNS TABLE (sha256 text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT encode(f.sha256, 'hex') FROM cards c JOIN files f ON f.id = c.file_id WHERE c.id = p_card AND c.state = 'waiting'
$$;
CREATE FUNCTION app.card_done(p_card uuid, p_fields jsonb, p_why text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE cards SET state = CASE WHEN p_why IS NULL THEN 'read' ELSE 'failed' END, fields = coalesce(p_fields, '{}'), why = p_why WHERE id = p_card AND state = 'waiting'
$$;
GRANT EXECUTE ON FUNCTION app.card_picture(uuid), app.card_done(uuid, jsonb, text) TO tessera_jobs;

-- The lead that was made of it keeps the picture, with the first entry of its history.
CREATE FUNCTION app.card_use(p_card uuid, p_lead uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    c cards;
    noted uuid;
BEGIN
    UPDATE cards SET state = 'used', lead_id = p_lead
     WHERE id = p_card AND user_id = app.user_id() AND state <> 'used'
       AND EXISTS (SELECT FROM leads l WHERE l.id = p_lead AND l.created_by = app.user_id() AND l.created_at = now())
    RETURNING * INTO c;
    IF c.id IS NOT NULL THEN
        INSERT INTO activities (lead_id, partner_id, author_id, by_staff, kind, text)
        SELECT l.id, l.partner_id, app.user_id(), app.partner() IS NULL, 'note', 'Business card' FROM leads l WHERE l.id = p_lead RETURNING id INTO noted;
        INSERT INTO activity_files (activity_id, file_id, position) VALUES (noted, c.file_id, 1);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.card_use(uuid, uuid) TO tessera_partner, tessera_staff;

CREATE FUNCTION app.cards_housekeeping() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DELETE FROM files WHERE id IN (SELECT file_id FROM cards WHERE state <> 'used' AND created_at < now() - interval '1 day');
$$;
GRANT EXECUTE ON FUNCTION app.cards_housekeeping() TO tessera_jobs;
INSERT INTO job_schedules (name, kind, at, timezone, next_at)
VALUES ('cards.housekeeping', 'cards.housekeeping', '03:50', NULL, now() + interval '1 hour');
