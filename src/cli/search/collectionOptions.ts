import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { COLLECTION_NAME } from '../../search/stores/collectionName.ts';
import { defaultLocation } from '../../search/stores/defaultLocation.ts';
import { withPassword } from '../../search/stores/passwordFile.ts';
import { UsageError } from '../support/errors.ts';

/** The collection of commands that are told no name. */
const DEFAULT_NAME = 'pictures';

/** Options of every command that works with a collection. */
export const collectionFields = {
  name: z
    .string()
    .regex(COLLECTION_NAME, 'expected letters, digits, - _ and ., at most 64, of which the first is no dot')
    .default(DEFAULT_NAME),
  database: z
    .string()
    .regex(/^[a-z][a-z0-9+.-]*:\/\//i, 'expected an address such as postgres://user@host/database')
    .optional(),
  collections: z.string().min(1, 'expected a folder').optional(),
};

const collectionSchema = z.object(collectionFields);
export type CollectionOptions = z.output<typeof collectionSchema>;

/** Adds where collections are kept. */
export const withLocation = (command: Command): Command =>
  command
    .option(
      '--collections <dir>',
      'folder of collections (default: SIGLIP2_COLLECTIONS, else the user’s own)',
    )
    .option(
      '--database <address>',
      'PostgreSQL with pgvector in place of a folder: postgres://user@host/database (or SIGLIP2_DATABASE)',
    );

/** Adds the options of {@link collectionFields}. */
export const withCollectionOptions = (command: Command): Command =>
  withLocation(command.option('--name <name>', `the collection (default: ${DEFAULT_NAME})`));

/**
 * Where collections are kept: what the command line says, else the environment.
 * @throws UsageError where it says two things
 */
export function locationOf(
  { database, collections }: Pick<CollectionOptions, 'database' | 'collections'>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (database !== undefined && collections !== undefined)
    throw new UsageError('--database and --collections are two places; give one of them');
  if (collections !== undefined) return resolve(collections);
  const location = database ?? (env['SIGLIP2_DATABASE'] || defaultLocation());
  return withPassword(location, env);
}

/** A location as messages show it: without a password. */
export function shownLocation(location: string): string {
  if (!/^[a-z][\w+.-]*:\/\//i.test(location)) return location;
  // What cannot be taken apart may hold a password anywhere before the host.
  if (!URL.canParse(location)) return location.replace(/\/\/.*@/, '//***@').replace(/\?.*/, '');
  const url = new URL(location);
  if (url.password !== '') url.password = '***';
  for (const key of [...url.searchParams.keys()]) if (/password/i.test(key)) url.searchParams.set(key, '***');
  return url.href;
}

/** The options that lead to a location again, for a command that a message shows; empty where none are needed. */
export function locationFlags({
  name,
  database,
  collections,
}: Pick<CollectionOptions, 'name' | 'database' | 'collections'>): string {
  return [
    ...(name === DEFAULT_NAME ? [] : [`--name ${name}`]),
    ...(database === undefined ? [] : [`--database ${JSON.stringify(shownLocation(database))}`]),
    ...(collections === undefined ? [] : [`--collections ${JSON.stringify(collections)}`]),
  ]
    .map((flag) => ` ${flag}`)
    .join('');
}
