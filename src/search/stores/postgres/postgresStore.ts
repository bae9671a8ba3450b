import type { Collection } from '../../collection/collection.ts';
import { checkCollectionName, noCollection } from '../collectionName.ts';
import type { OpenCollectionOptions, Store } from '../store.ts';
import { isAddress, parseAddress } from './connection/address.ts';
import type { Query } from './connection/connection.ts';
import type { Database } from './connection/database.ts';
import { Session } from './connection/session.ts';
import { shareDatabase } from './connection/sharedDatabases.ts';
import { PostgresCollection } from './postgresCollection.ts';
import { createPlace, findPlace, listNames, type Place, removePlace } from './setUp.ts';

/** Does something with a database. What it says is put into words. */
async function at<T>(database: Database, work: (query: Query) => Promise<T>): Promise<T> {
  try {
    return await database.use('', work);
  } catch (error) {
    throw database.explain(error);
  }
}

/** The same while nothing else needs the database. */
async function once<T>(location: string, work: (query: Query) => Promise<T>): Promise<T> {
  const { database, release } = await shareDatabase(location);
  try {
    return await at(database, work);
  } finally {
    await release();
  }
}

/** Says which there are; without the password. */
async function noSuch(location: string, name: string): Promise<Error> {
  const names = await once(location, listNames);
  return noCollection({ ...postgresStore, list: async () => names }, parseAddress(location).shown, name);
}

async function openPlace(query: Query, name: string, create: boolean): Promise<Place | undefined> {
  const found = await findPlace(query, name);
  if (found || !create) return found;
  await query('BEGIN');
  await createPlace(query, name);
  await query('COMMIT');
  return findPlace(query, name);
}

/**
 * Collections in PostgreSQL 13 or later with pgvector 0.8 or later, at `postgres://USER@HOST/DATABASE`. Several people and
 * machines may use one database. Names of collections are in the schema `siglip2`, each has its tables in a schema of its
 * own.
 */
export const postgresStore: Store = createPostgresStore(20_000);

/** @param exactLimit up to so many pictures are compared one by one: that is exact, and as fast as the index */
export function createPostgresStore(exactLimit: number): Store {
  return {
    name: 'postgres',
    accepts: isAddress,

    async open(location: string, { name, create = false }: OpenCollectionOptions): Promise<Collection> {
      checkCollectionName(name);
      const { database, release } = await shareDatabase(location);
      try {
        const place = await at(database, (query) => openPlace(query, name, create));
        if (!place) throw await noSuch(location, name);
        return new PostgresCollection({
          name,
          session: new Session(database, name, place.path),
          place,
          exactLimit,
          closed: release,
        });
      } catch (error) {
        await release();
        throw error;
      }
    },

    list: (location) => once(location, listNames),

    async identity(location: string, name: string): Promise<string> {
      const place = await once(location, (query) => findPlace(query, name));
      if (!place) throw await noSuch(location, name);
      return String(place.id);
    },

    async remove(location: string, name: string): Promise<void> {
      const removed = await once(location, async (query) => {
        await query('BEGIN');
        const done = await removePlace(query, name);
        await query('COMMIT');
        return done;
      });
      if (!removed) throw await noSuch(location, name);
    },
  };
}
