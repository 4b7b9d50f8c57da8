-- Business cards that are read into a new lead.

-- name: card_add one
SELECT app.card_add(:file_sha256, :file_size::bigint, :file_type, :file_name) AS card_id

-- name: card one
-- doc: the reader's own, and how far it is
SELECT c.id, c.file_id, c.state, c.lead_id FROM cards c WHERE c.id = :card_id::uuid

-- name: card_found many
-- doc: what was found on it, as the quick form calls it; no row without a card, and none once it became a lead
SELECT c.id, c.file_id, c.why, c.fields ->> 'name' AS client_name, c.fields ->> 'email' AS client_email, c.fields ->> 'phone' AS client_phone,
       c.fields ->> 'company' AS company, c.fields ->> 'title' AS title, c.fields ->> 'website' AS website, c.fields ->> 'address' AS address
  FROM cards c WHERE c.id = :card_id::uuid AND c.state <> 'used'

-- name: card_use none
SELECT app.card_use(:card_id::uuid, :id::uuid)

-- name: work_card_picture many
SELECT sha256 FROM app.card_picture(:card::uuid)

-- name: work_card_done none
SELECT app.card_done(:card::uuid, :fields::jsonb, :card_why)

-- name: work_cards_housekeeping none
SELECT app.cards_housekeeping()
