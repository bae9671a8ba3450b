/**
 * The tables of a collection in a database. The columns are the same in every database, the names of their types are not.
 *
 * `files` and `pictures` are what a collection is; `x`, `y`, `z` (a place on the sphere), `moment` (when it was taken,
 * else its file's last change), `side` (the shorter one), `bytes` (of its file) and `sample_order` of a picture are worked out
 * as it is written, so that a filter looks at one table. Vectors lie in a table for each model ({@link vectorTable}), since their
 * width is part of a column's type in some databases.
 */
export interface ColumnTypes {
  /** Whole numbers up to 2^53. */
  readonly integer: string;
  /** IEEE double precision. */
  readonly real: string;
  /** Text that is compared by its UTF-8 bytes. */
  readonly text: string;
  readonly bytes: string;
}

/** Grows when the tables change; a store keeps it with the collection. */
export const SCHEMA_VERSION = 1;

/** Statements that make the tables of an empty collection, in their order. */
export const tables = ({ integer, real, text, bytes }: ColumnTypes): readonly string[] => [
  `CREATE TABLE state (
    one ${integer} PRIMARY KEY CHECK (one = 1),
    version ${integer} NOT NULL,
    next_id ${integer} NOT NULL
  )`,
  'INSERT INTO state (one, version, next_id) VALUES (1, 0, 1)',
  `CREATE TABLE files (
    id ${integer} PRIMARY KEY,
    path ${text} NOT NULL UNIQUE,
    bytes ${integer} NOT NULL,
    modified ${integer} NOT NULL,
    hash ${text} NOT NULL,
    how ${text} NOT NULL,
    bad ${text}
  )`,
  `CREATE TABLE pictures (
    id ${integer} PRIMARY KEY,
    file ${integer} NOT NULL REFERENCES files (id),
    kind ${text} NOT NULL,
    at ${real} NOT NULL,
    width ${integer} NOT NULL,
    height ${integer} NOT NULL,
    taken ${real},
    latitude ${real},
    longitude ${real},
    x ${real},
    y ${real},
    z ${real},
    moment ${real} NOT NULL,
    side ${integer} NOT NULL,
    bytes ${integer} NOT NULL,
    sample_order ${integer} NOT NULL
  )`,
  `CREATE TABLE models (
    id ${integer} PRIMARY KEY,
    name ${text} NOT NULL,
    width ${integer} NOT NULL,
    probe ${bytes} NOT NULL
  )`,
  `CREATE TABLE notes (
    name ${text} PRIMARY KEY,
    value ${text} NOT NULL
  )`,
  'CREATE INDEX files_hash ON files (hash)',
  'CREATE INDEX pictures_file ON pictures (file)',
  'CREATE INDEX pictures_moment ON pictures (moment)',
  'CREATE INDEX pictures_bytes ON pictures (bytes)',
  'CREATE INDEX pictures_side ON pictures (side)',
  'CREATE INDEX pictures_z ON pictures (z)',
  'CREATE INDEX pictures_sample_order ON pictures (sample_order)',
];

/** The table that holds a model's vectors: `picture`, the picture's id and its key, and `vector`. */
export const vectorTable = (model: number): string => `vectors_${model}`;
