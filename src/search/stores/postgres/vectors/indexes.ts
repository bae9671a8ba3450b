import type { Query } from '../connection/connection.ts';
import type { Session } from '../connection/session.ts';
import { readVersion } from '../reads.ts';
import type { VectorModel } from './halfvec.ts';
import { MOST_INDEXED_VALUES } from './halfvec.ts';
import type { IndexUse } from './nearest.ts';
import { buildIndex, readIndexState } from './vectorIndex.ts';

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
  readonly #building = new Set<number>();

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
    const { isLarge, isIndexed } = await readIndexState(query, id, this.#exactLimit);
    if (isLarge && isIndexed) this.#usable.set(id, version);
    return { isUsable: isLarge && isIndexed, exactLimit };
  }

  /** Begins to make the index once there are enough vectors; the caller does not wait for it. */
  async written(model: VectorModel, changes: number): Promise<void> {
    const due = (this.#due.get(model.id) ?? 0) - changes;
    this.#due.set(model.id, due);
    if (due > 0 || this.#building.has(model.id)) return;
    const { isLarge, isIndexed } = await this.#session.read((query) =>
      readIndexState(query, model.id, this.#exactLimit),
    );
    this.#due.set(model.id, this.#exactLimit / 10);
    if (!isLarge || isIndexed) return;
    if (model.width > MOST_INDEXED_VALUES)
      this.#warn(
        `pgvector indexes at most ${MOST_INDEXED_VALUES} values, the vectors of this model have ${model.width}`,
      );
    else this.#build(model);
  }

  #build(model: VectorModel): void {
    this.#building.add(model.id);
    const run = async (): Promise<void> => {
      const connection = await this.#session.connect();
      try {
        await buildIndex(connection, this.#collection, model, this.#exactLimit);
      } finally {
        await connection.close();
      }
    };
    run()
      .catch((error: unknown) => this.#warn(this.#session.explain(error).message))
      .finally(() => this.#building.delete(model.id));
  }

  #warn(reason: string): void {
    process.emitWarning(
      `the collection '${this.#name}' has no index for its vectors: ${reason}. Searches compare all of them, which is exact and takes longer.`,
    );
  }
}
