-- Searching among very many leads of one partner. The index of words knew nothing of partners, so that a word that others' clients
-- have, or one of two letters, made all of the partner's leads be read: half a second of 225,000. Now it holds the partner as well
-- and is no larger for it.

CREATE EXTENSION IF NOT EXISTS btree_gin;
DROP INDEX leads_search_idx;
CREATE INDEX leads_search_idx ON leads USING gin (partner_id, search gin_trgm_ops);

-- Leads by name, mail, phone or wanted place, at most p_limit: first those whose name begins so, then those that have
-- every word somewhere, the name's words before other places; and where there is none at all, those whose name is spelt nearly
-- so, of words that begin alike. How many are looked at is bounded in each step. A partner's leads are mostly so few that they are
-- read faster than an index; of one who has very many, the index of words says which.
CREATE OR REPLACE FUNCTION app.lead_find(p_text text, p_limit integer) RETURNS TABLE (id uuid, place integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    typed text := lower(btrim(coalesce(p_text, '')));
    leads text := CASE WHEN app.partner() IS NULL THEN 'leads l' ELSE format('(SELECT id, client_name, search FROM leads WHERE partner_id = %L%s) AS l', app.partner(),
                           CASE WHEN (SELECT sum(r.leads) FROM rollup_stage r WHERE r.scope = app.partner()) <= 5000 THEN ' OFFSET 0' ELSE '' END) END;
    found uuid[];
    next uuid[];
BEGIN
    IF app.user_id() IS NULL OR NOT app.can('leads:read') OR typed = '' THEN
        RETURN;
    END IF;
    IF app.partner() IS NULL THEN
        EXECUTE format('SELECT array_agg(x.id) FROM (SELECT l.id FROM leads l WHERE left(l.search, 24) LIKE %L ORDER BY left(l.search, 24) USING ~<~ LIMIT %s) AS x',
                       app.prefix_pattern(left(typed, 24)), p_limit) INTO found;
    ELSE
        EXECUTE format('SELECT array_agg(y.id) FROM (SELECT x.id FROM (SELECT l.id, l.search FROM %s WHERE l.search LIKE %L LIMIT 400) AS x'
                       ' ORDER BY left(x.search, 24) USING ~<~ LIMIT %s) AS y', leads, app.prefix_pattern(left(typed, 24)), p_limit) INTO found;
    END IF;
    IF coalesce(cardinality(found), 0) < p_limit THEN
        EXECUTE format('SELECT array_agg(y.id ORDER BY y.begins DESC, y.inside DESC, y.id) FROM (SELECT x.id, '' '' || lower(x.client_name) LIKE %L AS begins,'
                       ' lower(x.client_name) LIKE %L AS inside FROM (SELECT l.id, l.client_name FROM %s WHERE %s LIMIT 400) AS x) AS y',
                       '% ' || app.prefix_pattern(typed), app.like_pattern(typed), leads, app.words_condition(typed, 100, ' AND ')) INTO next;
        found := found || ARRAY(SELECT n FROM unnest(next) WITH ORDINALITY AS u(n, o) WHERE found IS NULL OR n <> ALL (found) ORDER BY o);
    END IF;
    IF coalesce(cardinality(found), 0) = 0 AND length(typed) BETWEEN 4 AND 60 AND typed ~ '[[:alpha:]]' THEN
        FOR i IN 0 .. 1 LOOP -- all of its words, or any
            EXECUTE format('SELECT array_agg(y.id ORDER BY y.alike DESC, y.id) FROM (SELECT x.id, word_similarity(%L, x.client_name) AS alike'
                           '  FROM (SELECT l.id, l.client_name FROM %s WHERE %s LIMIT 200) AS x) AS y WHERE y.alike > 0.4',
                           typed, leads, app.words_condition(typed, 3, CASE i WHEN 0 THEN ' AND ' ELSE ' OR ' END)) INTO found;
            EXIT WHEN found IS NOT NULL;
        END LOOP;
    END IF;
    RETURN QUERY SELECT u.n, u.o::integer FROM unnest(found[1:p_limit]) WITH ORDINALITY AS u(n, o);
END $$;
