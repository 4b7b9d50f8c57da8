-- Holds the place of a migration that is being written elsewhere; not committed.
SELECT 1;
