-- The ledger, the courses and the library, in their first form.

-- ── Ledger ───────────────────────────────────────────────────────────────────────────────────────────────
-- Entries are never changed but for their state, and never deleted: a correction is another entry. Every total
-- on any page is a sum of them.
CREATE TABLE ledger_entries (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_id uuid NOT NULL REFERENCES partners,
    lead_id    uuid REFERENCES leads,
    kind       text NOT NULL CHECK (kind IN ('earned', 'override', 'split', 'clawback', 'adjustment', 'fee', 'paid')),
    state      text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'payable', 'paid', 'disputed', 'reversed')),
    amount     numeric(16,2) NOT NULL, -- in currency; minus for clawbacks, fees and what was paid out
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    base       numeric(16,2), -- the agreement value that the rate was applied to
    rate       numeric(6,3),  -- per cent, as it was then
    note       text NOT NULL DEFAULT '',
    month      date NOT NULL CHECK (extract(day FROM month) = 1), -- the month it belongs to
    created_at timestamptz NOT NULL DEFAULT now(),
    state_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ledger_partner_idx ON ledger_entries (partner_id, created_at DESC, id DESC);
CREATE INDEX ledger_created_idx ON ledger_entries (created_at DESC, id DESC);
CREATE INDEX ledger_lead_idx ON ledger_entries (lead_id);

CREATE FUNCTION app.ledger_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'state' - 'state_at' IS DISTINCT FROM to_jsonb(OLD) - 'state' - 'state_at' THEN
        RAISE EXCEPTION 'A ledger entry is never changed: add another one.' USING ERRCODE = 'TS409';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION app.ledger_immutable();

CREATE TABLE rollup_ledger (
    scope    uuid NOT NULL,
    currency text NOT NULL,
    month    date NOT NULL,
    state    text NOT NULL,
    entries  bigint NOT NULL,
    amount   numeric(20,2) NOT NULL,
    PRIMARY KEY (scope, currency, month, state)
);
CALL app.protect('ledger_entries', 'rollup_ledger');
GRANT SELECT ON ledger_entries, rollup_ledger TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON ledger_entries FOR SELECT TO tessera_partner
    USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('commissions:read')));
CREATE POLICY staff_read ON ledger_entries FOR SELECT TO tessera_staff USING ((SELECT app.can('commissions:read')));
CREATE POLICY partner_read ON rollup_ledger FOR SELECT TO tessera_partner
    USING (scope = (SELECT app.partner()) AND (SELECT app.can('commissions:read')));
CREATE POLICY staff_read ON rollup_ledger FOR SELECT TO tessera_staff USING ((SELECT app.can('commissions:read')));

CREATE FUNCTION app.ledger_rollup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE programme boolean;
BEGIN
    FOREACH programme IN ARRAY ARRAY[false, true] LOOP
        IF TG_OP = 'INSERT' THEN
            INSERT INTO rollup_ledger AS r
            SELECT CASE WHEN programme THEN app.programme_scope() ELSE partner_id END, currency, month, state, count(*), sum(amount)
              FROM new_rows GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            ON CONFLICT (scope, currency, month, state) DO UPDATE SET entries = r.entries + excluded.entries, amount = r.amount + excluded.amount;
        ELSE
            INSERT INTO rollup_ledger AS r
            SELECT CASE WHEN programme THEN app.programme_scope() ELSE partner_id END, currency, month, state, sum(sign), sum(sign * amount)
              FROM (SELECT 1 AS sign, * FROM new_rows UNION ALL SELECT -1, * FROM old_rows) AS d
             GROUP BY 1, 2, 3, 4 HAVING sum(sign) <> 0 ORDER BY 1, 2, 3, 4
            ON CONFLICT (scope, currency, month, state) DO UPDATE SET entries = r.entries + excluded.entries, amount = r.amount + excluded.amount;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_insert AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.ledger_rollup();
CREATE TRIGGER rollup_update AFTER UPDATE ON ledger_entries REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.ledger_rollup();
CREATE VIEW app.rollup_ledger_recount AS
    SELECT s.scope, currency, month, state, count(*) AS entries, sum(amount) AS amount
      FROM ledger_entries, LATERAL (VALUES (partner_id), (app.programme_scope())) AS s(scope) GROUP BY 1, 2, 3, 4;

-- ── Training ─────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE courses (
    id       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title    text NOT NULL,
    summary  text NOT NULL DEFAULT '',
    tiers    text[], -- who may take it; NULL: everybody
    types    text[], -- the same by partner type
    required boolean NOT NULL DEFAULT false,
    position integer NOT NULL UNIQUE
);
CREATE TABLE course_modules (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    course_id uuid NOT NULL REFERENCES courses ON DELETE CASCADE,
    position  integer NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('document', 'video', 'quiz')),
    title     text NOT NULL,
    minutes   integer NOT NULL CHECK (minutes > 0),
    body      text NOT NULL DEFAULT '', -- paragraphs, apart by an empty line
    file      text, -- video, below the file store
    captions  text,
    pass_mark integer CHECK (pass_mark BETWEEN 1 AND 100), -- per cent, for a quiz
    UNIQUE (course_id, position)
);
CREATE TABLE quiz_questions (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    module_id   uuid NOT NULL REFERENCES course_modules ON DELETE CASCADE,
    position    integer NOT NULL,
    prompt      text NOT NULL,
    options     text[] NOT NULL CHECK (array_length(options, 1) BETWEEN 2 AND 8),
    answer      integer NOT NULL, -- index into options, from 1; readable by no role of the portal
    explanation text NOT NULL DEFAULT '',
    UNIQUE (module_id, position),
    CHECK (answer BETWEEN 1 AND array_length(options, 1))
);
CREATE TABLE module_progress (
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    module_id    uuid NOT NULL REFERENCES course_modules ON DELETE CASCADE,
    partner_id   uuid REFERENCES partners,
    status       text NOT NULL CHECK (status IN ('in_progress', 'completed', 'failed')),
    score        integer CHECK (score BETWEEN 0 AND 100), -- per cent of the best try
    attempts     integer NOT NULL DEFAULT 0,
    updated_at   timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    PRIMARY KEY (user_id, module_id)
);
CREATE INDEX module_progress_partner_idx ON module_progress (partner_id, updated_at DESC);
CALL app.protect('courses', 'course_modules', 'quiz_questions', 'module_progress');
GRANT SELECT ON courses, course_modules, module_progress TO tessera_partner, tessera_staff;
GRANT SELECT (id, module_id, position, prompt, options) ON quiz_questions TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON courses FOR SELECT TO tessera_partner
    USING ((SELECT app.can('training:read')) AND (tiers IS NULL OR (SELECT app.tier()) = ANY (tiers)) AND (types IS NULL OR (SELECT app.partner_type()) = ANY (types)));
CREATE POLICY staff_read ON courses FOR SELECT TO tessera_staff USING ((SELECT app.can('training:read')));
CREATE POLICY reader ON course_modules FOR SELECT TO tessera_partner, tessera_staff USING (course_id IN (SELECT id FROM courses));
CREATE POLICY reader ON quiz_questions FOR SELECT TO tessera_partner, tessera_staff USING (module_id IN (SELECT id FROM course_modules));
CREATE POLICY self ON module_progress FOR SELECT TO tessera_partner, tessera_staff USING (user_id = (SELECT app.user_id()));
CREATE POLICY team ON module_progress FOR SELECT TO tessera_partner USING (partner_id = (SELECT app.partner()) AND (SELECT app.can('team:write')));

-- Progress is written here and nowhere else: a document or a video counts once it was opened and marked as done, a
-- quiz by its answers. Modules are taken in order.
CREATE FUNCTION app.module_open_to(p_module uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT NOT EXISTS (
        SELECT FROM course_modules m JOIN course_modules before ON before.course_id = m.course_id AND before.position < m.position
          LEFT JOIN module_progress p ON p.module_id = before.id AND p.user_id = app.user_id()
         WHERE m.id = p_module AND p.status IS DISTINCT FROM 'completed')
$$;

CREATE FUNCTION app.module_done(p_module uuid, p_kinds text[], p_score integer, p_pass boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM course_modules m JOIN courses c ON c.id = m.course_id
                    WHERE m.id = p_module AND m.kind = ANY (p_kinds) AND app.can('training:read')
                      AND (app.partner() IS NULL OR ((c.tiers IS NULL OR app.tier() = ANY (c.tiers)) AND (c.types IS NULL OR app.partner_type() = ANY (c.types))))) THEN
        RAISE EXCEPTION 'There is no such module.' USING ERRCODE = 'TS404';
    END IF;
    IF NOT app.module_open_to(p_module) THEN
        RAISE EXCEPTION 'Finish the module before this one first.' USING ERRCODE = 'TS422';
    END IF;
    INSERT INTO module_progress AS p (user_id, module_id, partner_id, status, score, attempts, completed_at)
    VALUES (app.user_id(), p_module, app.partner(), CASE WHEN p_pass THEN 'completed' ELSE 'failed' END, p_score, 1, CASE WHEN p_pass THEN now() END)
    ON CONFLICT (user_id, module_id) DO UPDATE SET attempts = p.attempts + 1, updated_at = now(),
        score = greatest(p.score, excluded.score), completed_at = coalesce(p.completed_at, excluded.completed_at),
        status = CASE WHEN p.status = 'completed' THEN 'completed' ELSE excluded.status END;
END $$;

CREATE FUNCTION app.module_complete(p_module uuid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT app.module_done(p_module, ARRAY['document', 'video'], NULL, true)
$$;

-- p_answers: {"<question id>": chosen index from 1}. Returns every question with what was chosen and, once the quiz is
-- passed, what would have been right.
CREATE FUNCTION app.quiz_grade(p_module uuid, p_answers jsonb)
    RETURNS TABLE (score integer, passed boolean, correct_count integer, question_count integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE mark integer;
BEGIN
    SELECT pass_mark INTO mark FROM course_modules WHERE id = p_module AND kind = 'quiz';
    SELECT count(*) FILTER (WHERE q.answer::text = p_answers ->> q.id::text), count(*) INTO correct_count, question_count
      FROM quiz_questions q WHERE q.module_id = p_module;
    score := CASE WHEN question_count = 0 THEN 0 ELSE correct_count * 100 / question_count END;
    passed := score >= coalesce(mark, 80);
    PERFORM app.module_done(p_module, ARRAY['quiz'], score, passed);
    RETURN NEXT;
END $$;
-- Explanations are for those who passed.
CREATE FUNCTION app.quiz_review(p_module uuid) RETURNS TABLE (question_id uuid, answer_text text, explanation text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT q.id, q.options[q.answer], q.explanation FROM quiz_questions q
      JOIN module_progress p ON p.module_id = q.module_id AND p.user_id = app.user_id() AND p.status = 'completed'
     WHERE q.module_id = p_module
$$;
GRANT EXECUTE ON FUNCTION app.module_open_to(uuid), app.module_complete(uuid), app.quiz_grade(uuid, jsonb), app.quiz_review(uuid) TO tessera_partner, tessera_staff;

-- ── Library ──────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE assets (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    type         text NOT NULL CHECK (type IN ('logo', 'banner', 'flyer', 'social', 'email', 'proposal', 'one_pager', 'case_study', 'objection_guide', 'price_list')),
    title        text NOT NULL,
    description  text NOT NULL DEFAULT '',
    tiers        text[], -- who may have it; NULL: everybody
    partner_types text[],
    file         text NOT NULL, -- below the file store
    file_name    text NOT NULL, -- as it is saved
    content_type text NOT NULL,
    size         bigint NOT NULL CHECK (size >= 0), -- bytes
    thumbnail    text, -- below the file store
    version      integer NOT NULL DEFAULT 1,
    downloads    bigint NOT NULL DEFAULT 0, -- kept by asset_downloads
    published_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX assets_published_idx ON assets (published_at DESC, id DESC);
CREATE TABLE asset_downloads (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_id   uuid NOT NULL REFERENCES assets ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    partner_id uuid REFERENCES partners,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX asset_downloads_asset_idx ON asset_downloads (asset_id, at DESC);
CALL app.protect('assets', 'asset_downloads');
GRANT SELECT ON assets TO tessera_partner, tessera_staff;
CREATE POLICY partner_read ON assets FOR SELECT TO tessera_partner
    USING ((SELECT app.can('assets:read')) AND (tiers IS NULL OR (SELECT app.tier()) = ANY (tiers)) AND (partner_types IS NULL OR (SELECT app.partner_type()) = ANY (partner_types)));
CREATE POLICY staff_read ON assets FOR SELECT TO tessera_staff USING ((SELECT app.can('assets:read')));

-- One download: where the file lies, and one more in the count. No row: not yours to have.
CREATE FUNCTION app.asset_download(p_asset uuid) RETURNS TABLE (file text, file_name text, content_type text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    RETURN QUERY UPDATE assets a SET downloads = a.downloads + 1
     WHERE a.id = p_asset AND app.can('assets:read')
       AND (app.partner() IS NULL OR ((a.tiers IS NULL OR app.tier() = ANY (a.tiers)) AND (a.partner_types IS NULL OR app.partner_type() = ANY (a.partner_types))))
    RETURNING a.file, a.file_name, a.content_type;
    IF FOUND THEN
        INSERT INTO asset_downloads (asset_id, user_id, partner_id) VALUES (p_asset, app.user_id(), app.partner());
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.asset_download(uuid) TO tessera_partner, tessera_staff;

-- ── Doctor ───────────────────────────────────────────────────────────────────────────────────────────────
-- Differences between the rollups and a recount; none is the proof. Repair replaces them by the recount.

CREATE FUNCTION app.rollup_differences() RETURNS TABLE (rollup text, kept jsonb, counted jsonb) LANGUAGE sql
    SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
    SELECT 'stage', to_jsonb(k), to_jsonb(c) FROM (SELECT * FROM rollup_stage WHERE leads <> 0 OR value <> 0) k
      FULL JOIN rollup_stage_recount c USING (scope, currency, stage) WHERE (k.leads, k.value) IS DISTINCT FROM (c.leads, c.value)
     UNION ALL
    SELECT 'day', to_jsonb(k), to_jsonb(c) FROM (SELECT * FROM rollup_day WHERE (created, won, lost, value, won_value) IS DISTINCT FROM (0, 0, 0, 0, 0)) k
      FULL JOIN rollup_day_recount c USING (scope, day, currency)
     WHERE (k.created, k.won, k.lost, k.value, k.won_value) IS DISTINCT FROM (c.created, c.won, c.lost, c.value, c.won_value)
     UNION ALL
    SELECT 'source', to_jsonb(k), to_jsonb(c) FROM (SELECT * FROM rollup_source WHERE leads <> 0 OR won <> 0) k
      FULL JOIN rollup_source_recount c USING (scope, month, source) WHERE (k.leads, k.won) IS DISTINCT FROM (c.leads, c.won)
     UNION ALL
    SELECT 'shares', to_jsonb(k), to_jsonb(c) FROM (SELECT * FROM rollup_shares WHERE received <> 0) k
      FULL JOIN rollup_shares_recount c USING (scope)
     WHERE (k.open, k.received, k.accepted, k.closed) IS DISTINCT FROM (c.open, c.received, c.accepted, c.closed)
     UNION ALL
    SELECT 'ledger', to_jsonb(k), to_jsonb(c) FROM (SELECT * FROM rollup_ledger WHERE entries <> 0) k
      FULL JOIN rollup_ledger_recount c USING (scope, currency, month, state) WHERE (k.entries, k.amount) IS DISTINCT FROM (c.entries, c.amount)
$$;
CREATE FUNCTION app.rollup_repair() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
BEGIN
    LOCK TABLE leads, lead_shares, ledger_entries IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM rollup_stage; INSERT INTO rollup_stage SELECT scope, currency, stage, leads, value FROM rollup_stage_recount;
    DELETE FROM rollup_day; INSERT INTO rollup_day SELECT scope, day, currency, created, won, lost, value, won_value FROM rollup_day_recount;
    DELETE FROM rollup_source; INSERT INTO rollup_source SELECT scope, month, source, leads, won FROM rollup_source_recount;
    DELETE FROM rollup_shares; INSERT INTO rollup_shares SELECT scope, open, received, accepted, closed FROM rollup_shares_recount;
    DELETE FROM rollup_ledger; INSERT INTO rollup_ledger SELECT scope, currency, month, state, entries, amount FROM rollup_ledger_recount;
END $$;
