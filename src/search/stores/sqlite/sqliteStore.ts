import { existsSync } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileWriteError } from '../../../checkpoint/files/diskFault.ts';
import { removeLeftovers } from '../../../checkpoint/files/leftovers.ts';
import { makeFolder } from '../../../checkpoint/files/makeFolder.ts';
import { sizeOrZero } from '../../../checkpoint/files/stats.ts';
import { checkCollectionName, noCollection } from '../collectionName.ts';
import type { OpenCollectionOptions, Store } from '../store.ts';
import { collectionFiles, DATABASE, isOwnFile } from './collectionFiles.ts';
import { ForeignDatabaseError, openDatabase } from './database/database.ts';
import { takeLock } from './database/lock.ts';
import type { Connect } from './drivers/connection.ts';
import { chooseDriver } from './drivers/drivers.ts';
import { SqliteCollection } from './sqliteCollection.ts';

/** `postgres://…`, `memory:`; two letters at least, for `C:\…` is a folder. */
const ADDRESS = /^[a-z][a-z0-9+.-]+:/i;

export interface SqliteStoreOptions {
  /** Default: {@link chooseDriver}'s. */
  readonly connect?: (() => Promise<Connect>) | undefined;
  readonly sidecarFrom?: number | undefined;
}

/** Collections in folders: each is a folder of its own at the location, with a SQLite database. */
export function createSqliteStore(options: SqliteStoreOptions = {}): Store {
  const { connect: choose = chooseDriver, sidecarFrom = 5000 } = options;
  const store: Store = {
    name: 'sqlite',
    accepts: (location) => location !== '' && !ADDRESS.test(location),

    async open(location: string, { name, create = false }: OpenCollectionOptions) {
      checkCollectionName(name);
      const files = collectionFiles(location, name);
      if (!existsSync(files.database)) {
        if (!create) throw await noCollection(store, location, name);
        await makeFolder(files.folder);
      }
      const connect = await choose();
      const connection = await openDatabase(connect, files.database);
      return new SqliteCollection({ name, files, connect, connection, sidecarFrom });
    },

    async list(location: string) {
      const entries = await readdir(resolve(location), { withFileTypes: true }).catch(noneIfMissing);
      const names = entries.map(({ name }) => name);
      return names.filter((name) => existsSync(join(resolve(location), name, DATABASE))).sort();
    },

    async size(location: string, name: string) {
      checkCollectionName(name);
      const { folder } = collectionFiles(location, name);
      const sizes = (await readdir(folder)).filter(isOwnFile).map((file) => sizeOrZero(join(folder, file)));
      return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
    },

    async identity(location: string, name: string) {
      checkCollectionName(name);
      const { ino, birthtimeMs } = await stat(collectionFiles(location, name).database);
      return `${ino} ${birthtimeMs}`;
    },

    async remove(location: string, name: string) {
      checkCollectionName(name);
      const files = collectionFiles(location, name);
      if (!existsSync(files.database)) throw await noCollection(store, location, name);
      const connect = await choose();
      await assertOurs(connect, files.database);
      // Nobody may be writing to it.
      await assertUnlocked(connect, files.lock, name);
      await removeFiles(files.folder);
    },
  };
  return store;
}

/** @throws ForeignDatabaseError; one that is damaged, or of a newer version, may be removed */
async function assertOurs(connect: Connect, path: string): Promise<void> {
  try {
    (await openDatabase(connect, path)).close();
  } catch (error) {
    if (error instanceof ForeignDatabaseError) throw error;
  }
}

/** @throws CollectionBusyError; where the disk is full the lock is free, and removing makes room */
async function assertUnlocked(connect: Connect, path: string, name: string): Promise<void> {
  try {
    await takeLock(connect, path, name).release();
  } catch (error) {
    if (!(error instanceof FileWriteError)) throw error;
  }
}

/** Removes a collection's files, and its folder where nothing else is in it: a folder of pictures may have its name. */
async function removeFiles(folder: string): Promise<void> {
  await removeLeftovers(folder);
  const own = (await readdir(folder)).filter(isOwnFile);
  // What makes it a collection goes first: where the rest cannot be removed, it is none any more.
  const isBase = (name: string) => Number(name === DATABASE);
  for (const name of own.sort((a, b) => isBase(b) - isBase(a)))
    await rm(join(folder, name), { force: true, maxRetries: 5, retryDelay: 100 });
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code ?? '')) throw error;
  });
}

function noneIfMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}

/** Collections in folders, by the SQLite that is here. */
export const sqliteStore: Store = createSqliteStore();
