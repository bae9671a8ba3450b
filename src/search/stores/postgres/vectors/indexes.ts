import type { Query } from '../connection/connection.ts';
import type { Session } from '../connection/session.ts';
import { readVersion } from '../reads.ts';
import { MOST_INDEXED_VALUES, type VectorModel } from './halfvec.ts';
import type { IndexUse } from './nearest.ts';
import { buildIndex, readIndexState } from './vectorIndex.ts';

/** Without writes for so long, an index is made: until then each row would cost many times as much, one by one. */
const QUIET_MS = 10_000;

/** The indexes on the vectors of a collection: when they are used, and when they are made. */
export class Indexes {
  readonly #name: string;
  readonly #session: Session;
  readonly #collection: number;
  readonly #exactLimit: number;
  /** By model: changes until it has to be looked at again. */
  readonly #due = new Map<number, number>();
  /** By model: the version of the collection at which its index was found to be of use. */
  readonly #usable = new Map<number, number>();
  /** Models that want an index. */
  readonly #wanted = new Map<number, VectorModel>();
  #quiet: NodeJS.Timeout | undefined;

  constructor(name: string, session: Session, collection: number, exactLimit: number) {
    this.#name = name;
    this.#session = session;
    this.#collection = collection;
    this.#exactLimit = exactLimit;
  }

  /** Whether there is an index that is of use: a model has more vectors than are compared one by one, and an index. */
  async use(query: Query, { id }: VectorModel): Promise<IndexUse> {
    const exactLimit = this.#exactLimit;
    const version = await readVersion(query);
    if (this.#usable.get(id) === version) return { isUsable: true, exactLimit };
    const { isLarge, isIndexed } = await readIndexState(query, id, exactLimit);
    if (isLarge && isIndexed) this.#usable.set(id, version);
    return { isUsable: isLarge && isIndexed, exactLimit };
  }

  /** Sees whether there are enough vectors for an index, which is made once no more are written. */
  async written(model: VectorModel, changes: number): Promise<void> {
    const due = (this.#due.get(model.id) ?? 0) - changes;
    this.#due.set(model.id, due);
    if (due <= 0) await this.#look(model);
    if (this.#wanted.size === 0) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => void this.make(), QUIET_MS).unref();
  }

  async #look(model: VectorModel): Promise<void> {
    const { isLarge, isIndexed } = await this.#session.read((query) =>
      readIndexState(query, model.id, this.#exactLimit),
    );
    this.#due.set(model.id, this.#exactLimit / 10);
    if (!isLarge || isIndexed) return;
    if (model.width <= MOST_INDEXED_VALUES) this.#wanted.set(model.id, model);
    else
      this.#warn(
        `pgvector indexes at most ${MOST_INDEXED_VALUES} values, the vectors of this model have ${model.width}`,
      );
  }

  /** Has the server make the indexes that are wanted. It has begun then, and goes on also when this process ends. */
  async make(): Promise<void> {
    clearTimeout(this.#quiet);
    const models = [...this.#wanted.values()];
    this.#wanted.clear();
    for (const model of models) await new Promise<void>((begun) => void this.#build(model, begun));
  }

  async #build(model: VectorModel, begun: () => void): Promise<void> {
    try {
      const connection = await this.#session.connect();
      // Not before: a process with nothing else to do would end while the server has not begun.
      const leaveToServer = () => {
        connection.unref();
        begun();
      };
      try {
        await buildIndex(connection, this.#collection, model, this.#exactLimit, leaveToServer);
      } finally {
        await connection.close();
      }
    } catch (error) {
      this.#warn(this.#session.database.explain(error).message);
    } finally {
      begun();
    }
  }

  #warn(reason: string): void {
    process.emitWarning(
      `the collection '${this.#name}' has no index for its vectors: ${reason}. Searches compare all of them, which is exact and takes longer.`,
    );
  }
}
