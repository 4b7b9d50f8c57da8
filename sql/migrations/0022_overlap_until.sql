-- The blind check says until when a client is protected: whoever asks knows when asking again is worth it. Whose the client is and
-- since when stays unsaid; a protection that was made longer is told apart from a late one by nobody.

COMMENT ON COLUMN overlap_checks.answers IS '[{hash, taken, until}], as they were sent; until: a date in UTC, of checks since 0022';

-- As in 0018, with the day on which the last registration under that hash ends.
CREATE OR REPLACE FUNCTION app.overlap_check(p_day date, p_hashes text[]) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    k record;
    answered jsonb;
    added uuid;
BEGIN
    IF app.partner() IS NULL OR NOT app.can('leads:write') THEN
        RAISE EXCEPTION 'Your role does not allow this.' USING ERRCODE = 'TS403';
    END IF;
    IF p_day NOT IN (today, today - 1) OR (p_day < today AND now() AT TIME ZONE 'UTC' > today + time '01:00') THEN
        RAISE EXCEPTION 'These hashes were made with the key of another day. Hash the list again with today''s.' USING ERRCODE = 'TS422';
    END IF;
    IF cardinality(p_hashes) NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION 'Between one and a hundred hashes are answered at a time.' USING ERRCODE = 'TS422';
    END IF;
    IF NOT app.throttle_try('overlap:' || app.partner(), 20, 3600) THEN
        RAISE EXCEPTION 'Your company has asked twenty times within an hour. Wait a little before the next check.' USING ERRCODE = 'TS429';
    END IF;
    SELECT * INTO k FROM app.hmac_pads(app.overlap_key(app.partner(), p_day));
    WITH known AS MATERIALIZED (
        SELECT encode(sha256(k.opad || sha256(k.ipad || convert_to(v.key, 'UTF8'))), 'hex') AS hash, l.protected_until
          FROM leads l JOIN partners p ON p.id = l.partner_id AND p.status IN ('active', 'suspended'), LATERAL (VALUES (l.email_key), (l.phone_e164)) AS v(key)
         WHERE l.registration = 'held' AND l.protected_until > now() AND l.merged_into IS NULL AND l.stage <> 'declined' AND l.consent_at IS NOT NULL AND v.key IS NOT NULL),
    found AS (SELECT n.hash, (max(n.protected_until) AT TIME ZONE 'UTC')::date AS until FROM known n WHERE n.hash = ANY (p_hashes) GROUP BY n.hash)
    SELECT jsonb_agg(jsonb_build_object('hash', h.hash, 'taken', f.hash IS NOT NULL, 'until', f.until) ORDER BY h.place) INTO answered
      FROM unnest(p_hashes) WITH ORDINALITY AS h(hash, place) LEFT JOIN found f ON f.hash = h.hash;
    INSERT INTO overlap_checks (partner_id, user_id, asked, taken, answers)
    VALUES (app.partner(), app.user_id(), cardinality(p_hashes), (SELECT count(*) FROM jsonb_array_elements(answered) AS a WHERE (a -> 'taken')::boolean), answered)
    RETURNING id INTO added;
    RETURN added;
END $$;
