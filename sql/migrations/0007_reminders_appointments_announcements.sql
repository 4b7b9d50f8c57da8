-- What people have before them: follow-up reminders, appointments, news from the programme; and the jobs that speak up
-- in time.
--
-- A job that waits for its time stands in the queue under a key of its own and is replaced in the transaction that moves,
-- ends or deletes what it is about. Besides, it carries the time that it was made for: one that had already been claimed
-- when that happened finds another time in the row and says nothing. The row notes that it was told of, so nothing is told
-- twice, whatever the clock does.

INSERT INTO role_permissions VALUES
    ('agent', 'announcements:read'), ('agent', 'announcements:write'), ('support', 'announcements:read');

-- The asker's time zone: days and "today" are meant in it.
CREATE FUNCTION app.zone() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN coalesce((SELECT timezone FROM users WHERE id = app.user_id()), 'UTC');
END $$;

-- People of the asker's own side who work on leads: whom one may give a reminder to. The asker comes first.
CREATE FUNCTION app.lead_hands() RETURNS TABLE (id uuid, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.id, u.name FROM users u
     WHERE app.user_id() IS NOT NULL AND u.partner_id IS NOT DISTINCT FROM app.partner() AND u.status = 'active' AND app.user_can(u.id, 'leads:write')
     ORDER BY u.id <> app.user_id(), u.name, u.id
$$;

-- People who can be asked to an appointment about a lead: the asker's own side, and for staff the lead's partner as well.
CREATE FUNCTION app.lead_guests(p_lead uuid) RETURNS TABLE (id uuid, name text, partner_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.id, u.name, u.partner_id FROM users u
     WHERE app.can('leads:read') AND u.status = 'active' AND app.user_can(u.id, 'leads:read')
       AND (u.partner_id IS NOT DISTINCT FROM app.partner()
            OR (app.partner() IS NULL AND u.partner_id = (SELECT l.partner_id FROM leads l WHERE l.id = p_lead)))
     ORDER BY u.id <> app.user_id(), u.partner_id NULLS FIRST, u.name, u.id LIMIT 300
$$;
GRANT EXECUTE ON FUNCTION app.zone(), app.lead_hands(), app.lead_guests(uuid) TO tessera_partner, tessera_staff;

-- ── Follow-up reminders ──────────────────────────────────────────────────────────────────────────────────

CREATE TABLE reminders ( -- seen by the side that made them, a partner's or staff, and only as long as it sees the lead
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    lead_id    uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    partner_id uuid REFERENCES partners ON DELETE CASCADE, -- whose people made it; NULL: staff
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE, -- who is reminded
    created_by uuid REFERENCES users ON DELETE SET NULL,
    due_at     timestamptz NOT NULL CHECK (isfinite(due_at)),
    note       text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    told_at    timestamptz, -- that it is due; NULL again once it is moved or given to somebody else
    done_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reminders_user_idx ON reminders (user_id, due_at) WHERE done_at IS NULL;
CREATE INDEX reminders_given_idx ON reminders (created_by, due_at) WHERE done_at IS NULL;
CREATE INDEX reminders_done_idx ON reminders (user_id, done_at) WHERE done_at IS NOT NULL;
CREATE INDEX reminders_lead_idx ON reminders (lead_id, due_at);

CALL app.protect('reminders');
GRANT SELECT, INSERT (lead_id, partner_id, user_id, created_by, due_at, note), UPDATE (user_id, due_at, note, done_at), DELETE
    ON reminders TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON reminders FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')) AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id));
CREATE POLICY staff_read ON reminders FOR SELECT TO tessera_staff
    USING (partner_id IS NULL AND (SELECT app.can('leads:read')) AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id));
-- One's own to change: whoever is reminded, and whoever made it. It may be given to anybody of the same side.
CREATE POLICY partner_write ON reminders TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:write')) AND (SELECT app.user_id()) IN (user_id, created_by)
           AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id))
    WITH CHECK (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:write')) AND (SELECT app.user_id()) IN (user_id, created_by)
           AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id) AND user_id IN (SELECT h.id FROM app.lead_hands() AS h));
CREATE POLICY staff_write ON reminders TO tessera_staff
    USING (partner_id IS NULL AND (SELECT app.can('leads:write')) AND (SELECT app.user_id()) IN (user_id, created_by))
    WITH CHECK (partner_id IS NULL AND (SELECT app.can('leads:write')) AND (SELECT app.user_id()) IN (user_id, created_by)
           AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id) AND user_id IN (SELECT h.id FROM app.lead_hands() AS h));

CREATE FUNCTION app.reminders_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.told_at := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER moved BEFORE UPDATE OF due_at, user_id ON reminders FOR EACH ROW
    WHEN ((OLD.due_at, OLD.user_id) IS DISTINCT FROM (NEW.due_at, NEW.user_id)) EXECUTE FUNCTION app.reminders_moved();

CREATE FUNCTION app.reminders_schedule() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM jobs WHERE key = 'reminder:' || OLD.id AND state = 'ready';
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.done_at IS NULL AND NEW.told_at IS NULL THEN
        PERFORM app.job_add('reminder.due', jsonb_build_object('reminder', NEW.id, 'due', NEW.due_at), NEW.due_at, 'reminder:' || NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER schedule AFTER INSERT OR UPDATE OF due_at, user_id, done_at OR DELETE ON reminders FOR EACH ROW EXECUTE FUNCTION app.reminders_schedule();

CREATE FUNCTION app.reminders_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.live('user:' || id, 'reminders', coalesce(NEW.id, OLD.id)) FROM (SELECT OLD.user_id AS id UNION SELECT NEW.user_id) AS u WHERE id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER live AFTER INSERT OR UPDATE OR DELETE ON reminders FOR EACH ROW EXECUTE FUNCTION app.reminders_live();

-- The job. Somebody who can no longer do anything about it leaves it to whoever asked for it.
CREATE FUNCTION app.reminder_tell(p_reminder uuid, p_due timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    r reminders;
    told uuid;
BEGIN
    UPDATE reminders SET told_at = now() WHERE id = p_reminder AND due_at = p_due AND told_at IS NULL AND done_at IS NULL RETURNING * INTO r;
    SELECT u.id INTO told FROM users u
     WHERE u.id IN (r.user_id, r.created_by) AND u.status = 'active' AND u.partner_id IS NOT DISTINCT FROM r.partner_id AND app.user_can(u.id, 'leads:write')
     ORDER BY u.id = r.user_id DESC LIMIT 1;
    IF told IS NOT NULL THEN
        PERFORM app.event_add('reminder.due', r.partner_id, r.lead_id, r.id, '/leads/' || r.lead_id || '#reminders', '{}', ARRAY[told]);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.reminder_tell(uuid, timestamptz) TO tessera_jobs;

-- ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE appointments ( -- whoever sees the lead sees them
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(), -- also what calendars know it by (UID)
    lead_id    uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    partner_id uuid NOT NULL REFERENCES partners ON DELETE CASCADE, -- the lead's
    created_by uuid REFERENCES users ON DELETE SET NULL,
    kind       text NOT NULL CHECK (kind IN ('viewing', 'call', 'meeting')),
    title      text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    place      text NOT NULL DEFAULT '' CHECK (length(place) <= 300), -- an address, or the link of a call
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    timezone   text NOT NULL CHECK ((timestamptz 'epoch' AT TIME ZONE timezone) IS NOT NULL), -- of the place; an unknown one is refused
    notice     integer NOT NULL DEFAULT 60 CHECK (notice IN (0, 15, 60, 1440)), -- minutes before, for those who take part; 0: none
    status     text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'called_off')),
    reason     text CHECK (length(reason) BETWEEN 1 AND 500),
    sequence   integer NOT NULL DEFAULT 0, -- of RFC 5545: grows with every change that a calendar must take over
    told_at    timestamptz, -- that it is close
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT appointments_times CHECK (isfinite(starts_at) AND ends_at > starts_at AND ends_at <= starts_at + interval '1 day'),
    CONSTRAINT appointments_reason CHECK ((status = 'called_off') = (reason IS NOT NULL))
);
CREATE INDEX appointments_starts_idx ON appointments (starts_at, id);
CREATE INDEX appointments_partner_idx ON appointments (partner_id, starts_at, id);
CREATE INDEX appointments_lead_idx ON appointments (lead_id, starts_at);

CREATE TABLE appointment_people ( -- who takes part; the client does in any case
    appointment_id uuid NOT NULL REFERENCES appointments ON DELETE CASCADE,
    user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (appointment_id, user_id)
);
CREATE INDEX appointment_people_user_idx ON appointment_people (user_id);

CALL app.protect('appointments', 'appointment_people');
GRANT SELECT, INSERT (lead_id, partner_id, created_by, kind, title, place, starts_at, ends_at, timezone, notice),
    UPDATE (kind, title, place, starts_at, ends_at, timezone, notice, status, reason, version, updated_at) ON appointments TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON appointments FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:read')));
CREATE POLICY staff_read ON appointments FOR SELECT TO tessera_staff USING ((SELECT app.can('leads:read')));
CREATE POLICY insert_on_lead ON appointments FOR INSERT TO tessera_partner, tessera_staff
    WITH CHECK ((SELECT app.can('leads:write')) AND created_by = (SELECT app.user_id())
                AND EXISTS (SELECT FROM leads l WHERE l.id = lead_id AND l.partner_id = appointments.partner_id));
CREATE POLICY partner_update ON appointments FOR UPDATE TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('leads:write')));
CREATE POLICY staff_update ON appointments FOR UPDATE TO tessera_staff USING ((SELECT app.can('leads:write')));

-- Both sides see who takes part, as far as each may know the other's names; each asks its own people (staff: anybody whom
-- app.lead_guests() offers), and a partner neither adds staff nor takes them off.
GRANT SELECT, INSERT, DELETE ON appointment_people TO tessera_partner, tessera_staff;
CREATE POLICY reader ON appointment_people FOR SELECT TO tessera_partner, tessera_staff
    USING (EXISTS (SELECT FROM appointments a WHERE a.id = appointment_id));
CREATE POLICY asked ON appointment_people FOR INSERT TO tessera_partner, tessera_staff
    WITH CHECK ((SELECT app.can('leads:write'))
                AND EXISTS (SELECT FROM appointments a JOIN app.lead_guests(a.lead_id) AS g ON g.id = user_id WHERE a.id = appointment_id));
CREATE POLICY asked_no_more ON appointment_people FOR DELETE TO tessera_partner, tessera_staff
    USING ((SELECT app.can('leads:write')) AND EXISTS (SELECT FROM appointments a WHERE a.id = appointment_id)
           AND EXISTS (SELECT FROM users u WHERE u.id = user_id));

CREATE FUNCTION app.appointments_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.starts_at, OLD.ends_at, OLD.timezone, OLD.place, OLD.status) IS DISTINCT FROM (NEW.starts_at, NEW.ends_at, NEW.timezone, NEW.place, NEW.status) THEN
        NEW.sequence := OLD.sequence + 1;
    END IF;
    IF (OLD.starts_at, OLD.notice) IS DISTINCT FROM (NEW.starts_at, NEW.notice) THEN
        NEW.told_at := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moved BEFORE UPDATE OF starts_at, ends_at, timezone, place, notice, status ON appointments FOR EACH ROW EXECUTE FUNCTION app.appointments_moved();

-- Whoever makes or moves one into the last minutes before it needs no notice any more: they are told of the change itself.
CREATE FUNCTION app.appointments_schedule() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE at timestamptz;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM jobs WHERE key = 'appointment:' || OLD.id AND state = 'ready';
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.status = 'planned' AND NEW.notice > 0 AND NEW.told_at IS NULL THEN
        at := NEW.starts_at - make_interval(mins => NEW.notice);
        IF at > now() THEN
            PERFORM app.job_add('appointment.soon', jsonb_build_object('appointment', NEW.id, 'at', at), at, 'appointment:' || NEW.id);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER schedule AFTER INSERT OR UPDATE OF starts_at, notice, status OR DELETE ON appointments FOR EACH ROW EXECUTE FUNCTION app.appointments_schedule();

-- Who hears of an appointment: whoever has a hand in the lead (brought it, has worked on it) or takes part. A side on which
-- nobody has one yet hears as a whole, that is, everybody who works on leads there.
CREATE FUNCTION app.appointment_circle(p_appointment uuid) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH a AS (SELECT * FROM appointments WHERE id = p_appointment),
    hands AS (
        SELECT l.created_by AS id FROM leads l, a WHERE l.id = a.lead_id
         UNION SELECT h.user_id FROM lead_history h, a WHERE h.lead_id = a.lead_id
         UNION SELECT p.user_id FROM appointment_people p WHERE p.appointment_id = p_appointment
         UNION SELECT a.created_by FROM a),
    able AS (
        SELECT u.id, u.partner_id, EXISTS (SELECT FROM hands h WHERE h.id = u.id) AS hand FROM users u, a
         WHERE u.status = 'active' AND (u.partner_id IS NULL OR u.partner_id = a.partner_id) AND app.user_can(u.id, 'leads:read'))
    SELECT array_agg(x.id) FROM able x
     WHERE x.hand OR (app.user_can(x.id, 'leads:write')
                      AND NOT EXISTS (SELECT FROM able y WHERE y.hand AND y.partner_id IS NOT DISTINCT FROM x.partner_id))
$$;

-- At the end of the transaction, when it is known who takes part.
CREATE FUNCTION app.appointments_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    kind text := 'appointment.changed';
    facts jsonb := '{}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        kind := 'appointment.new';
        facts := jsonb_build_object('starts_at', NEW.starts_at);
    ELSIF NEW.status <> OLD.status THEN
        facts := jsonb_build_object('cancelled', true);
    ELSIF NEW.starts_at <> OLD.starts_at THEN
        facts := jsonb_build_object('starts_at', NEW.starts_at);
    ELSIF NEW.sequence = OLD.sequence AND (NEW.title, NEW.kind) = (OLD.title, OLD.kind) THEN
        RETURN NULL; -- nothing that the others would want to know
    END IF;
    PERFORM app.event_add(kind, NEW.partner_id, NEW.lead_id, NEW.id, '/appointments/' || NEW.id, facts, app.appointment_circle(NEW.id));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER events AFTER INSERT OR UPDATE ON appointments DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION app.appointments_events();

-- Whoever is asked to one that has been there before hears of it as the others did when it was made.
CREATE FUNCTION app.appointment_people_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.event_add('appointment.new', a.partner_id, a.lead_id, a.id, '/appointments/' || a.id, jsonb_build_object('starts_at', a.starts_at), ARRAY[NEW.user_id])
       FROM appointments a WHERE a.id = NEW.appointment_id AND a.created_at < now() AND a.status = 'planned' AND a.ends_at > now();
    RETURN NULL;
END $$;
CREATE TRIGGER events AFTER INSERT ON appointment_people FOR EACH ROW EXECUTE FUNCTION app.appointment_people_events();

CREATE FUNCTION app.appointments_live() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM app.live('partner:' || NEW.partner_id, 'appointments', NEW.id), app.live('staff', 'appointments', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER live AFTER INSERT OR UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION app.appointments_live();

-- The job. Late is better than never, until it is over.
CREATE FUNCTION app.appointment_tell(p_appointment uuid, p_at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    a appointments;
    people uuid[];
BEGIN
    UPDATE appointments SET told_at = now()
     WHERE id = p_appointment AND starts_at - make_interval(mins => notice) = p_at AND status = 'planned' AND told_at IS NULL AND ends_at > now()
    RETURNING * INTO a;
    SELECT array_agg(u.id) INTO people FROM users u JOIN appointment_people p ON p.user_id = u.id
     WHERE p.appointment_id = a.id AND (u.partner_id IS NULL OR u.partner_id = a.partner_id);
    IF people IS NOT NULL THEN
        PERFORM app.event_add('appointment.soon', a.partner_id, a.lead_id, a.id, '/appointments/' || a.id,
            jsonb_build_object('starts_at', a.starts_at), people);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.appointment_tell(uuid, timestamptz) TO tessera_jobs;

-- ── Announcements ────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE announcements ( -- news from the programme
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title       text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
    link        text CHECK (link ~ '^https?://' AND length(link) <= 500),
    to_staff    boolean NOT NULL DEFAULT false,
    to_partners boolean NOT NULL DEFAULT true, -- to those of …
    types       text[], -- … these types, tiers and regions; NULL: of all
    tiers       text[],
    regions     text[],
    state       text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'released', 'withdrawn')),
    publish_at  timestamptz, -- released: it can be read from then on. A draft: when that should be; NULL: at once
    expires_at  timestamptz, -- it can be read until then; NULL: for good
    told_at     timestamptz, -- when the audience was told of it
    reached     integer NOT NULL DEFAULT 0, -- people who were told
    created_by  uuid REFERENCES users ON DELETE SET NULL,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT announcements_audience CHECK (to_staff OR to_partners),
    CONSTRAINT announcements_times CHECK (expires_at > publish_at),
    CONSTRAINT announcements_released CHECK (state = 'draft' OR publish_at IS NOT NULL)
);
CREATE INDEX announcements_publish_idx ON announcements (publish_at DESC, id DESC) WHERE state = 'released';
CREATE INDEX announcements_created_idx ON announcements (created_at DESC, id DESC);

CREATE TABLE announcement_reads (
    announcement_id uuid NOT NULL REFERENCES announcements ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    read_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (announcement_id, user_id)
);
CREATE INDEX announcement_reads_user_idx ON announcement_reads (user_id);

CREATE FUNCTION app.partner_region() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT region FROM partners WHERE id = app.partner() $$;
GRANT EXECUTE ON FUNCTION app.partner_region() TO tessera_partner, tessera_staff;

CALL app.protect('announcements', 'announcement_reads');
-- A partner reads what is out and meant for it, and not which other partners it is meant for.
GRANT SELECT (id, title, body, link, to_staff, state, publish_at, expires_at) ON announcements TO tessera_partner;
CREATE POLICY partner_read ON announcements FOR SELECT TO tessera_partner
    USING ((SELECT app.partner()) IS NOT NULL AND to_partners AND state = 'released' AND publish_at <= now() AND (expires_at IS NULL OR expires_at > now())
           AND (types IS NULL OR (SELECT app.partner_type()) = ANY (types)) AND (tiers IS NULL OR (SELECT app.tier()) = ANY (tiers))
           AND (regions IS NULL OR (SELECT app.partner_region()) = ANY (regions)));
GRANT SELECT, INSERT (title, body, link, to_staff, to_partners, types, tiers, regions, publish_at, expires_at, created_by),
    UPDATE (title, body, link, to_staff, to_partners, types, tiers, regions, state, publish_at, expires_at, version, updated_at), DELETE
    ON announcements TO tessera_staff;
CREATE POLICY staff_read ON announcements FOR SELECT TO tessera_staff
    USING ((SELECT app.can('announcements:read'))
           OR ((SELECT app.user_id()) IS NOT NULL AND to_staff AND state = 'released' AND publish_at <= now() AND (expires_at IS NULL OR expires_at > now())));
CREATE POLICY staff_insert ON announcements FOR INSERT TO tessera_staff WITH CHECK ((SELECT app.can('announcements:write')));
CREATE POLICY staff_update ON announcements FOR UPDATE TO tessera_staff USING ((SELECT app.can('announcements:write')));
CREATE POLICY staff_delete ON announcements FOR DELETE TO tessera_staff USING ((SELECT app.can('announcements:write')) AND told_at IS NULL);

GRANT SELECT, INSERT (announcement_id, user_id) ON announcement_reads TO tessera_partner, tessera_staff;
CREATE POLICY self ON announcement_reads FOR SELECT TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()));
CREATE POLICY self_insert ON announcement_reads FOR INSERT TO tessera_partner, tessera_staff
    WITH CHECK (user_id = (SELECT app.user_id()) AND EXISTS (SELECT FROM announcements a WHERE a.id = announcement_id));
CREATE POLICY staff_read ON announcement_reads FOR SELECT TO tessera_staff USING ((SELECT app.can('announcements:read')));

-- The same rule as the policy's, from the other end: everybody whom it is meant for.
CREATE FUNCTION app.announcement_audience(p_announcement uuid) RETURNS TABLE (user_id uuid, partner_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT u.id, u.partner_id FROM announcements a, users u LEFT JOIN partners p ON p.id = u.partner_id
     WHERE a.id = p_announcement AND u.status = 'active'
       AND CASE WHEN u.partner_id IS NULL THEN a.to_staff
                ELSE a.to_partners AND p.status IN ('active', 'suspended') AND (a.types IS NULL OR p.type = ANY (a.types))
                     AND (a.tiers IS NULL OR p.tier = ANY (a.tiers)) AND (a.regions IS NULL OR p.region = ANY (a.regions)) END
$$;

-- How many that are, before anybody is told.
CREATE FUNCTION app.announcement_reach(p_announcement uuid) RETURNS TABLE (people bigint, partners bigint, staff bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT count(*), count(DISTINCT partner_id), count(*) FILTER (WHERE partner_id IS NULL)
      FROM app.announcement_audience(p_announcement) WHERE app.partner() IS NULL AND app.can('announcements:read')
$$;
GRANT EXECUTE ON FUNCTION app.announcement_reach(uuid) TO tessera_staff;

CREATE FUNCTION app.announcements_schedule() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM jobs WHERE key = 'announcement:' || OLD.id AND state = 'ready';
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state = 'released' AND NEW.told_at IS NULL THEN
        PERFORM app.job_add('announcement.tell', jsonb_build_object('announcement', NEW.id, 'at', NEW.publish_at), NEW.publish_at, 'announcement:' || NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER schedule AFTER INSERT OR UPDATE OF state, publish_at OR DELETE ON announcements FOR EACH ROW EXECUTE FUNCTION app.announcements_schedule();

-- The job: one event to all of the audience, in one statement.
CREATE FUNCTION app.announcement_tell(p_announcement uuid, p_at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE people uuid[];
BEGIN
    UPDATE announcements SET told_at = now()
     WHERE id = p_announcement AND state = 'released' AND publish_at = p_at AND told_at IS NULL AND (expires_at IS NULL OR expires_at > now());
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT array_agg(user_id) INTO people FROM app.announcement_audience(p_announcement);
    IF people IS NOT NULL THEN
        UPDATE announcements SET reached = cardinality(people) WHERE id = p_announcement;
        PERFORM app.event_add('announcement.new', NULL, NULL, p_announcement, '/announcements/' || p_announcement, '{}', people);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.announcement_tell(uuid, timestamptz) TO tessera_jobs;

CREATE FUNCTION app.announcements_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NULL; -- the job's own notes
    END IF;
    PERFORM app.audit_write('announcements.' || lower(TG_OP), coalesce(NEW.id, OLD.id), NULL,
        jsonb_build_object('title', coalesce(NEW.title, OLD.title), 'state', coalesce(NEW.state, OLD.state)));
    RETURN NULL;
END $$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON announcements FOR EACH ROW EXECUTE FUNCTION app.announcements_audit();
