-- Version 2: the ledger, what it comes to, versions of documents and codebooks, and all suggestions ever made.
-- Every column is explained in docs/database.md.

CREATE TABLE operations (
    id       TEXT    NOT NULL PRIMARY KEY,
    clock    INTEGER NOT NULL,
    replica  TEXT    NOT NULL,
    at       TEXT    NOT NULL,
    verb     TEXT    NOT NULL,
    person   TEXT    NOT NULL,
    summary  TEXT    NOT NULL,
    undoable INTEGER NOT NULL,
    digest   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX operations_in_order ON operations (clock, id);

CREATE TABLE ledger (
    seq              INTEGER NOT NULL PRIMARY KEY,
    id               TEXT    NOT NULL UNIQUE,
    operation        TEXT    NOT NULL REFERENCES operations (id),
    number           INTEGER NOT NULL,
    kind             TEXT    NOT NULL,
    document_id      TEXT,
    document_sha256  TEXT,
    start            INTEGER,
    "end"            INTEGER,
    quote            TEXT,
    prefix           TEXT,
    suffix           TEXT,
    codebook         TEXT    NOT NULL,
    code             TEXT    NOT NULL,
    origin           TEXT,
    targets          TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    content          TEXT    NOT NULL,
    UNIQUE (operation, number)
) STRICT;

CREATE INDEX ledger_by_kind ON ledger (kind) WHERE kind NOT IN ('code', 'accept', 'reject', 'reanchor');

CREATE TRIGGER operations_are_kept BEFORE DELETE ON operations
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER operations_are_final BEFORE UPDATE ON operations
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_final BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- What entries name, so that everything about one judgement is found without reading the ledger.
CREATE TABLE links (
    target TEXT    NOT NULL,
    seq    INTEGER NOT NULL REFERENCES ledger (seq),
    PRIMARY KEY (target, seq)
) STRICT, WITHOUT ROWID;

-- Operations that do not stand: undone, or merged in and taken back.
CREATE TABLE fallen (
    operation TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE judgements (
    id               TEXT    NOT NULL PRIMARY KEY,
    layer            TEXT    NOT NULL,
    person           TEXT    NOT NULL,
    verdict          TEXT    NOT NULL,
    document_id      TEXT    NOT NULL,
    document_sha256  TEXT    NOT NULL,
    start            INTEGER NOT NULL,
    "end"            INTEGER NOT NULL,
    quote            TEXT    NOT NULL,
    prefix           TEXT    NOT NULL,
    suffix           TEXT    NOT NULL,
    codebook         TEXT    NOT NULL,
    code             TEXT    NOT NULL,
    origin           TEXT    NOT NULL,
    at               TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    orphan           TEXT    NOT NULL,
    entry            TEXT    NOT NULL,
    settles          TEXT    NOT NULL
) STRICT;

CREATE INDEX judgements_by_code ON judgements (codebook, code);
CREATE INDEX judgements_by_place ON judgements (document_id, start);

CREATE TABLE memos (
    id               TEXT    NOT NULL PRIMARY KEY,
    person           TEXT    NOT NULL,
    at               TEXT    NOT NULL,
    type             TEXT    NOT NULL,
    about            TEXT    NOT NULL,
    text             TEXT    NOT NULL,
    ref              TEXT    NOT NULL,
    document_id      TEXT,
    document_sha256  TEXT,
    start            INTEGER,
    "end"            INTEGER,
    quote            TEXT,
    prefix           TEXT,
    suffix           TEXT,
    orphan           TEXT    NOT NULL
) STRICT;

-- Every version of a document that was ever read, whole, and of a codebook that was ever edited or applied.
CREATE TABLE document_versions (
    digest      TEXT NOT NULL PRIMARY KEY,
    document_id TEXT NOT NULL,
    name        TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    content     BLOB NOT NULL
) STRICT;

CREATE INDEX document_versions_by_id ON document_versions (document_id);
CREATE INDEX document_versions_by_text ON document_versions (text_sha256);

CREATE TABLE codebook_versions (
    sha256  TEXT NOT NULL PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;

-- A file that the last committed operation has to bring about; taken away when it is done.
CREATE TABLE unfinished_files (
    path   TEXT NOT NULL PRIMARY KEY,
    sha256 TEXT NOT NULL REFERENCES codebook_versions (sha256),
    before TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    operation TEXT NOT NULL PRIMARY KEY REFERENCES operations (id),
    made_from TEXT NOT NULL,
    wordings  TEXT NOT NULL,
    members   BLOB NOT NULL
) STRICT;

ALTER TABLE documents ADD COLUMN version TEXT NOT NULL DEFAULT '';

DROP INDEX suggestions_by_code;
DROP INDEX suggestions_by_document;
ALTER TABLE suggestions RENAME TO suggestions_1;

CREATE TABLE suggestions (
    position         INTEGER NOT NULL PRIMARY KEY,
    digest           TEXT    NOT NULL UNIQUE,
    document_id      TEXT    NOT NULL,
    document_sha256  TEXT    NOT NULL,
    block            INTEGER NOT NULL,
    start            INTEGER NOT NULL,
    "end"            INTEGER NOT NULL,
    quote            TEXT    NOT NULL,
    prefix           TEXT    NOT NULL,
    suffix           TEXT    NOT NULL,
    code             TEXT    NOT NULL,
    coder            TEXT    NOT NULL,
    rules            TEXT    NOT NULL,
    evidence         TEXT    NOT NULL,
    score            REAL    NOT NULL,
    facets           TEXT    NOT NULL,
    flags            TEXT    NOT NULL,
    codebook         TEXT    NOT NULL
) STRICT;

CREATE INDEX suggestions_by_code ON suggestions (codebook, code);
CREATE INDEX suggestions_by_document ON suggestions (document_id, start);

-- Those of the last standing run, in its order, with the wording that made them.
CREATE TABLE current_suggestions (
    rank             INTEGER NOT NULL PRIMARY KEY,
    suggestion       INTEGER NOT NULL REFERENCES suggestions (position),
    code             TEXT    NOT NULL,
    codebook_version TEXT    NOT NULL,
    codebook_sha256  TEXT    NOT NULL
) STRICT;
