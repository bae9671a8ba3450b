import { z } from 'zod';
import type { Address } from './address.ts';

const errorSchema = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
  errors: z.array(z.unknown()).optional(),
});

/** Code and text of what went wrong; of several attempts (addresses of one host), of the first. */
function read(error: unknown): { code: string; message: string } {
  const { code, message, errors } = errorSchema.catch({}).parse(error);
  if (errors?.[0] !== undefined && !message) return { ...read(errors[0]), ...(code ? { code } : {}) };
  return { code: code ?? '', message: message || String(error) };
}

/** Nothing answers there, or no longer: https://www.postgresql.org/docs/current/errcodes-appendix.html and Node's codes. */
const LOST =
  /^(08\w{3}|57P0[123]|ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT)$/;
const LOST_TEXT = /Connection terminated|connection timeout|timeout expired|not queryable|client was closed/i;

/** Whether a connection broke, or none could be made, so that another attempt may go well. */
export function isConnectionLost(error: unknown): boolean {
  const { code, message } = read(error);
  return LOST.test(code) || LOST_TEXT.test(message);
}

/** A table or schema is not there (any more). */
export const isMissing = (error: unknown): boolean => /^(42P01|3F000)$/.test(read(error).code);

/** The server has no room for what a statement wants: memory that processes share, or a file. */
export const isOutOfSpace = (error: unknown): boolean => /^53[12]00$/.test(read(error).code);

type Remedy = readonly [pattern: RegExp, remedy: string];

/** What to do, by code or text. */
const REMEDIES: readonly Remedy[] = [
  [
    /^(28P01|28000) |password must be a string|no pg_hba.conf/,
    'check user and password: they come from the address, else from PGUSER and PGPASSWORD',
  ],
  [/^3D000 /, 'make the database with createdb, or name another one in the address'],
  [
    /extension "vector" is not available|could not open extension control file/,
    'install pgvector 0.8 or later on the server (package postgresql-18-pgvector on Debian)',
  ],
  [
    /permission denied to create extension/,
    'let an administrator run CREATE EXTENSION vector in this database',
  ],
  [/^42501 /, 'let the owner of the database run GRANT CREATE ON DATABASE … TO this user'],
  [/^53300 /, 'close other programs, or raise max_connections of the server'],
  [/does not support SSL/, 'take sslmode out of the address, or set up TLS on the server'],
  [
    /CERT|certificate|altnames/i,
    'name its authority with sslrootcert=FILE in the address; sslmode=require encrypts without checking the certificate',
  ],
  [/^ENOTFOUND |^EAI_/, 'check the host in the address'],
  [
    /^57014 /,
    'the time limit for a statement (statement_timeout) of the server or the address may be too short',
  ],
  [/^25006 /, 'the server is a copy that is read-only; name the main server in the address'],
  [/^55P03 /, 'another program is using it; try again'],
];

/** An error of the driver as one that says where it was and what to do. */
export function explain(error: unknown, { shown }: Address): Error {
  const { code, message } = read(error);
  const text = `${code} ${message}`;
  const lost = isConnectionLost(error) ? 'check that the server runs there and can be reached' : undefined;
  const remedy = REMEDIES.find(([pattern]) => pattern.test(text))?.[1] ?? lost;
  return new Error(`PostgreSQL at ${shown}: ${message}${remedy === undefined ? '' : `; ${remedy}`}`, {
    cause: error,
  });
}
