"""One SQL file a schema version, ``0001_….sql`` upwards. A released file is never edited: add the next one."""
