-- Drafts of leads: what somebody has typed and not sent. Whose they are is row-level security's business.

-- name: lead_draft one
-- doc: what a new form begins with: the draft that is continued, or nothing and the id that a draft of it will have
SELECT coalesce(d.id, gen_random_uuid()) AS draft, d.saved_at, x.client_name, x.client_email, x.client_phone, x.client_location, coalesce(x.source, 'referral') AS source, x.currency, x.estimated_value,
       x.budget_min, x.budget_max, x.financing, x.payment_preference, x.description, x.property_type, x.locations, x.bedrooms, x.size_min,
       x.amenities, x.move_in_on, x.loan_stage, coalesce(x.partner_id, :partner) AS partner_id
  FROM (SELECT) AS one LEFT JOIN lead_drafts d ON d.id = :draft::uuid AND d.closed_at IS NULL
  LEFT JOIN LATERAL jsonb_to_record(d.fields) AS x(client_name text, client_email text, client_phone text, client_location text, source text, currency text, estimated_value text,
       budget_min text, budget_max text, financing text, payment_preference text, description text, property_type text, locations text,
       bedrooms text, size_min text, amenities text, move_in_on text, loan_stage text, partner_id text) ON true

-- name: lead_drafts many
-- doc: the newest others; detailed: the short form has no place for all of it
SELECT id, fields->>'client_name' AS client_name, left(fields->>'description', 120) AS wish, saved_at,
       fields - ARRAY['client_name', 'client_email', 'client_phone', 'description', 'estimated_value', 'source', 'currency', 'partner_id'] <> '{}' AS detailed
  FROM lead_drafts WHERE closed_at IS NULL AND id IS DISTINCT FROM :draft::uuid ORDER BY saved_at DESC, id LIMIT 3

-- name: lead_draft_save many
-- doc: no row when it was sent or discarded in the meantime
INSERT INTO lead_drafts (user_id, id, fields)
VALUES (app.user_id(), :draft::uuid, jsonb_strip_nulls(jsonb_build_object(
           'client_name', left(:client_name::text, 500), 'client_email', left(:client_email::text, 500),
           'client_phone', left(:client_phone::text, 500), 'client_location', left(:client_location::text, 500), 'source', left(:source::text, 500),
           'currency', left(:currency::text, 500), 'estimated_value', left(:estimated_value::text, 500), 'budget_min', left(:budget_min::text, 500),
           'budget_max', left(:budget_max::text, 500), 'financing', left(:financing::text, 500),
           'payment_preference', left(:payment_preference::text, 500), 'description', left(:description::text, 4000),
           'property_type', left(:property_type::text, 500), 'locations', left(:locations::text, 500), 'bedrooms', left(:bedrooms::text, 500),
           'size_min', left(:size_min::text, 500), 'amenities', left(:amenities::text, 500), 'move_in_on', left(:move_in_on::text, 500),
           'loan_stage', left(:loan_stage::text, 500), 'partner_id', left(:partner_id::text, 500))))
ON CONFLICT (user_id, id) DO UPDATE SET fields = excluded.fields, saved_at = now() WHERE lead_drafts.closed_at IS NULL
RETURNING id

-- name: lead_draft_drop none
-- doc: everything was deleted again; the form may still be filled
DELETE FROM lead_drafts WHERE id = :draft::uuid AND closed_at IS NULL

-- name: lead_draft_close none
-- doc: sent or discarded: what was typed is gone, and what is still on its way will not be kept
INSERT INTO lead_drafts (user_id, id, fields, closed_at) VALUES (app.user_id(), :draft::uuid, '{}', now())
ON CONFLICT (user_id, id) DO UPDATE SET fields = '{}', closed_at = now()
