-- Version 1: documents as read, and what the machine suggests. Every column is explained in docs/database.md.
-- Offsets are Unicode code points in documents.text, half-open: [start, "end").

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE documents (
    id             TEXT NOT NULL PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    text           TEXT NOT NULL,
    text_sha256    TEXT NOT NULL,
    source_name    TEXT NOT NULL,
    source_sha256  TEXT NOT NULL,
    format         TEXT NOT NULL,
    parser         TEXT NOT NULL,
    parser_version TEXT NOT NULL,
    options        TEXT NOT NULL,
    encoding       TEXT,
    newline        TEXT,
    language       TEXT
) STRICT;

CREATE INDEX documents_by_source ON documents (source_name);

CREATE TABLE speakers (
    document_id TEXT    NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    id          TEXT    NOT NULL,
    label       TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    aliases     TEXT    NOT NULL,
    PRIMARY KEY (document_id, position),
    UNIQUE (document_id, id)
) STRICT;

CREATE TABLE attributes (
    document_id TEXT    NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    speaker_id  TEXT,
    position    INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    FOREIGN KEY (document_id, speaker_id) REFERENCES speakers (document_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX attributes_by_document ON attributes (document_id, speaker_id, position);

CREATE TABLE blocks (
    document_id TEXT    NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    speaker_ids TEXT    NOT NULL,
    label_start INTEGER,
    label_end   INTEGER,
    start_ms    INTEGER,
    end_ms      INTEGER,
    time_source TEXT    NOT NULL,
    source_ref  TEXT,
    PRIMARY KEY (document_id, number)
) STRICT;

CREATE TABLE segments (
    document_id TEXT    NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    block       INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    start_ms    INTEGER,
    end_ms      INTEGER,
    source_ref  TEXT,
    PRIMARY KEY (document_id, position)
) STRICT;

CREATE TABLE marks (
    document_id TEXT    NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    value       TEXT,
    PRIMARY KEY (document_id, position)
) STRICT;

CREATE TABLE warnings (
    document_id TEXT    NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    code        TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    start       INTEGER,
    "end"       INTEGER,
    source_ref  TEXT,
    PRIMARY KEY (document_id, position)
) STRICT;

CREATE TABLE suggestions (
    position         INTEGER NOT NULL PRIMARY KEY,
    document_id      TEXT    NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
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
    codebook         TEXT    NOT NULL,
    codebook_version TEXT    NOT NULL,
    codebook_sha256  TEXT    NOT NULL
) STRICT;

CREATE INDEX suggestions_by_code ON suggestions (codebook, code);
CREATE INDEX suggestions_by_document ON suggestions (document_id, start);
