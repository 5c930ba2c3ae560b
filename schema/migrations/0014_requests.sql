-- Letters and audit rows know the request that they follow from. The columns are explained in schema/ostiary.sql.

ALTER TABLE outbox ADD COLUMN request TEXT;

ALTER TABLE audit ADD COLUMN request TEXT;
