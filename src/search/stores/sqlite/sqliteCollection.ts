import { FileWriteError } from '../../../checkpoint/files/diskFault.ts';
import { removeLeftovers } from '../../../checkpoint/files/leftovers.ts';
import type { Change } from '../../collection/change.ts';
import { checkFilter, checkLimit, checkNearest, checkQuery } from '../../collection/checks.ts';
import type {
  Collection,
  CollectionLock,
  CollectionModel,
  ContentCopy,
  NearestOptions,
  Neighbour,
  StoredFile,
  StoredModel,
  StoredVectors,
} from '../../collection/collection.ts';
import type { PictureFilter } from '../../collection/filter.ts';
import type { Picture } from '../../collection/picture.ts';
import type { CollectionFiles } from './collectionFiles.ts';
import { lastChange, trimChanges } from './database/changeLog.ts';
import { openConnection, patiently, transaction } from './database/database.ts';
import { takeLock } from './database/lock.ts';
import { createWriter, type Writer } from './database/writer.ts';
import type { Connect, Connection } from './drivers/connection.ts';
import { createModelScan, type ModelScan } from './modelScan.ts';
import { knownModels, putModel, withPictures } from './models.ts';
import * as reads from './reads.ts';
import { createSelections, withoutIds } from './selections.ts';
import { beginWriting, endWriting, prepareChange, writeChange } from './writeChanges.ts';

/** Files that are read at once. */
const FILES = 500;
/** Share of the rows that may have changed since a sidecar was saved: following them takes less than saving all. */
const BEHIND = 0.01;
/** How often a search begins again because another process wrote meanwhile. */
const AGAIN = 3;

export interface SqliteOptions {
  readonly name: string;
  readonly files: CollectionFiles;
  readonly connect: Connect;
  readonly connection: Connection;
  /** From how many rows on a scan is kept in a sidecar file; below, making it takes no longer than opening it. */
  readonly sidecarFrom: number;
}

/** A collection in a SQLite database, and for each model that is searched a scan in memory. */
export class SqliteCollection implements Collection {
  readonly name: string;
  readonly #options: SqliteOptions;
  readonly #writer: Writer;
  readonly #selections = createSelections();
  readonly #scans = new Map<number, ModelScan>();
  readonly #locks = new Set<CollectionLock>();
  readonly #saves = new Set<Promise<void>>();
  /** Models whose vectors were written here since sidecars were last saved. */
  readonly #written = new Set<number>();
  #models: readonly Omit<StoredModel, 'pictures'>[] = [];
  #identity: string | undefined;
  /** All pictures, as of a version: to count them takes as long as to search them. */
  #counted: { readonly version: number; readonly pictures: number } | undefined;
  #open = true;

  constructor(options: SqliteOptions) {
    this.name = options.name;
    this.#options = options;
    this.#writer = createWriter(options.connect, options.files.database);
  }

  /** One state of the database. */
  async #read<T>(action: (connection: Connection) => T): Promise<T> {
    const { connection, files } = this.#options;
    return patiently(files.database, () => {
      this.#checkOpen();
      return transaction(connection, 'DEFERRED', () => action(connection));
    });
  }

  #checkOpen(): void {
    if (!this.#open) throw new Error(`the collection '${this.name}' is closed`);
  }

  /** Models never change: only one that is not known yet is looked for. */
  async #width(id: number): Promise<number> {
    this.#checkOpen();
    if (!this.#models.some((model) => model.id === id)) this.#models = await this.#read(knownModels);
    const model = this.#models.find((one) => one.id === id);
    if (!model) throw new RangeError(`the collection '${this.name}' has no model ${id}`);
    return model.width;
  }

  models(): Promise<StoredModel[]> {
    return this.#read((connection) =>
      knownModels(connection).map((model) => withPictures(connection, model)),
    );
  }

  async addModel(model: CollectionModel): Promise<StoredModel> {
    this.#checkOpen();
    checkQuery(model.probe, model.width);
    const id = await this.#writer.write((connection) => putModel(connection, model));
    const models = await this.models();
    return models.find((one) => one.id === id)!;
  }

  async *files(model: number): AsyncIterable<StoredFile> {
    await this.#width(model);
    for (let after = ''; ; ) {
      const files = await this.#read((connection) => reads.filesAfter(connection, model, after, FILES));
      yield* files;
      if (files.length < FILES) return;
      after = files.at(-1)!.path;
    }
  }

  async sameContent(model: number, hash: string, how: string): Promise<ContentCopy | undefined> {
    const width = await this.#width(model);
    if (hash === '') return undefined;
    return this.#read((connection) => {
      const found = reads.fileOfContent(connection, model, hash, how);
      if (!found) return undefined;
      const ids = found.pictures.map(({ id }) => id);
      return { ...found, vectors: reads.vectorsById(connection, model, width, ids) };
    });
  }

  async write(model: number, changes: readonly Change[]): Promise<void> {
    const width = await this.#width(model);
    const prepared = changes.map((change) => prepareChange(change, width));
    await this.#writer.writeInTurns(function* (connection) {
      const writing = beginWriting(connection, model);
      for (const change of prepared) yield writeChange(writing, change);
      endWriting(writing);
    });
    this.#written.add(model);
  }

  version(): Promise<number> {
    return this.#read(reads.readVersion);
  }

  async count(filter?: PictureFilter): Promise<number> {
    checkFilter(filter);
    const [rest, without] = [withoutIds(filter), [...new Set(filter?.without)]];
    return this.#read((connection) => {
      const version = reads.readVersion(connection);
      if (rest) {
        const ids = this.#selections.known(version, rest)?.ids;
        if (!ids) return reads.countPictures(connection, filter);
        return ids.length - without.filter((id) => ids.includes(id)).length;
      }
      if (this.#counted?.version !== version)
        this.#counted = { version, pictures: reads.countPictures(connection) };
      return this.#counted.pictures - reads.countIds(connection, without);
    });
  }

  async list(options: { filter?: PictureFilter; after?: number; limit: number }): Promise<Picture[]> {
    checkFilter(options.filter);
    checkLimit(options.limit);
    return this.#read((connection) => reads.listPictures(connection, options));
  }

  pictures(ids: readonly number[]): Promise<Picture[]> {
    return this.#read((connection) => reads.picturesById(connection, ids));
  }

  async vectors(model: number, ids: readonly number[]): Promise<StoredVectors> {
    const width = await this.#width(model);
    return this.#read((connection) => reads.vectorsById(connection, model, width, ids));
  }

  async *allVectors(
    model: number,
    { filter, size = 1024 }: { filter?: PictureFilter; size?: number } = {},
  ): AsyncIterable<StoredVectors> {
    checkFilter(filter);
    checkLimit(size);
    const width = await this.#width(model);
    const { connect, files } = this.#options;
    // A connection of its own, whose transaction sees one state for as long as it takes.
    const connection = await openConnection(connect, files.database);
    try {
      connection.exec('BEGIN');
      for (let after = 0; ; ) {
        const limits = { after, limit: size, filter };
        const rows = await patiently(files.database, () => reads.vectorsAfter(connection, model, limits));
        if (rows.length === 0) return;
        const piece = reads.toVectors(rows, width);
        yield piece;
        after = piece.ids.at(-1)!;
      }
    } finally {
      connection.exec('ROLLBACK');
      connection.close();
    }
  }

  async sample(model: number, limit: number): Promise<StoredVectors> {
    const width = await this.#width(model);
    checkLimit(limit);
    return this.#read((connection) =>
      reads.vectorsById(connection, model, width, reads.sampleIds(connection, model, limit)),
    );
  }

  async #scan(model: number): Promise<ModelScan> {
    const known = this.#scans.get(model);
    if (known) return known;
    const width = await this.#width(model);
    this.#identity ??= await this.#read((connection) =>
      String(connection.all('SELECT id FROM identity')[0]?.id),
    );
    const made = createModelScan({
      read: (action) => this.#read(action),
      model,
      width,
      path: this.#options.files.scan(model),
      identity: `${this.#identity} ${model}`,
    });
    const scan = this.#scans.get(model) ?? made;
    this.#scans.set(model, scan);
    return scan;
  }

  async nearest(model: number, query: Float32Array, options: NearestOptions): Promise<Neighbour[]> {
    const width = await this.#width(model);
    checkQuery(query, width);
    checkNearest(options);
    const { limit, filter } = options;
    const out = new Set(filter?.without);
    const rest = withoutIds(filter);
    const scan = await this.#scan(model);
    for (let tries = 1; ; tries++) {
      const rows = await scan.current();
      const allowed = rest && (await this.#selected(rest));
      const found = await rows.nearest(query, {
        limit: limit + out.size,
        allowed,
        fetch: (ids) =>
          this.#read((connection) => reads.toVectors(reads.vectorRows(connection, model, ids), width)),
      });
      if (tries < AGAIN && (await this.#read(lastChange)) !== rows.version) continue;
      if (rows.count >= this.#options.sidecarFrom && scan.saved === 0) this.#saveLater(scan);
      return found.filter(({ id }) => !out.has(id)).slice(0, limit);
    }
  }

  async #selected(filter: PictureFilter) {
    const version = await this.version();
    const find = () => this.#read((connection) => reads.idsOf(connection, filter));
    return this.#selections.get(version, filter, find);
  }

  /** While others go on. */
  #saveLater(scan: ModelScan): void {
    if (this.#saves.size > 0) return;
    const save = this.#save(scan).finally(() => this.#saves.delete(save));
    this.#saves.add(save);
  }

  /** A sidecar makes the next opening fast; where it cannot be written, that is all that is lost. */
  async #save(scan: ModelScan): Promise<void> {
    try {
      if (await scan.save()) await this.#writer.write((connection) => trimChanges(connection, scan.saved));
    } catch (error) {
      if (!(error instanceof FileWriteError)) throw error;
    }
  }

  /** What was written is in the sidecars when indexing ends, so that the first search need not read it all. */
  async #saveWritten(): Promise<void> {
    for (const model of this.#written) {
      const scan = await this.#scan(model);
      const { count } = await scan.current();
      if (count >= this.#options.sidecarFrom && (await scan.behind()) > count * BEHIND)
        await this.#save(scan);
    }
    this.#written.clear();
  }

  async note(key: string): Promise<unknown> {
    const [row] = await this.#read((connection) =>
      connection.all('SELECT value FROM notes WHERE name = ?', [key]),
    );
    return row === undefined ? undefined : JSON.parse(String(row.value));
  }

  async setNote(key: string, value: unknown): Promise<void> {
    this.#checkOpen();
    await this.#writer.write((connection) => {
      connection.run('DELETE FROM notes WHERE name = ?', [key]);
      if (value !== undefined)
        connection.run('INSERT INTO notes (name, value) VALUES (?, ?)', [key, JSON.stringify(value)]);
    });
  }

  async lock(): Promise<CollectionLock> {
    this.#checkOpen();
    const { connect, files } = this.#options;
    const lock = takeLock(connect, files.lock, this.name);
    // A sidecar that a killed process was writing.
    await removeLeftovers(files.folder);
    this.#locks.add(lock);
    return {
      release: async () => {
        if (!this.#locks.delete(lock)) return;
        try {
          await this.#saveWritten();
        } finally {
          await lock.release();
        }
      },
    };
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    await Promise.all(this.#saves);
    this.#open = false;
    for (const lock of this.#locks) await lock.release();
    await this.#writer.close();
    this.#options.connection.close();
  }
}
