import { checkQuery } from '../../collection/checks.ts';
import type { CollectionModel, StoredModel } from '../../collection/collection.ts';
import { isSameModel } from '../../collection/isSameModel.ts';
import { vectorTable } from '../sql/schema.ts';
import type { Query } from './connection/connection.ts';
import type { Session } from './connection/session.ts';
import { countVectors, readModels } from './reads.ts';
import { MOST_INDEXED_VALUES, MOST_VALUES } from './vectors/halfvec.ts';

type Model = Omit<StoredModel, 'pictures'>;

/** @throws RangeError for vectors that no column can hold */
function checkWidth({ name, width }: CollectionModel): void {
  if (width > MOST_VALUES)
    throw new RangeError(
      `the vectors of ${name} have ${width} values; PostgreSQL (halfvec of pgvector) holds at most ${MOST_VALUES}`,
    );
}

async function insert(query: Query, model: CollectionModel, id: number): Promise<void> {
  const { name, width, probe } = model;
  const bytes = Buffer.from(probe.buffer, probe.byteOffset, probe.byteLength);
  await query('INSERT INTO models (id, name, width, probe) VALUES ($1, $2, $3, $4)', [
    id,
    name,
    width,
    bytes,
  ]);
  const table = vectorTable(id);
  await query(`CREATE TABLE ${table} (
    picture bigint PRIMARY KEY REFERENCES pictures (id) ON DELETE CASCADE,
    vector halfvec(${width}) NOT NULL
  )`);
  // In the row and not beside it, where each would be a look-up of its own; a page has room for those that can be indexed.
  if (width <= MOST_INDEXED_VALUES) await query(`ALTER TABLE ${table} ALTER COLUMN vector SET STORAGE PLAIN`);
}

/** The models of a collection. Once there is one, it stays as it is. */
export class Models {
  readonly #collection: string;
  readonly #session: Session;
  readonly #known = new Map<number, Model>();

  constructor(collection: string, session: Session) {
    this.#collection = collection;
    this.#session = session;
  }

  /** @throws RangeError when there is no such model */
  async get(id: number): Promise<Model> {
    const known = this.#known.get(id);
    if (known) return known;
    for (const model of await this.#session.read(readModels)) this.#known.set(model.id, model);
    const found = this.#known.get(id);
    if (found) return found;
    throw new RangeError(`the collection '${this.#collection}' has no model ${id}`);
  }

  all(): Promise<StoredModel[]> {
    return this.#session.read(async (query) => {
      const models = await readModels(query);
      const counted: StoredModel[] = [];
      for (const model of models) counted.push({ ...model, pictures: await countVectors(query, model.id) });
      return counted;
    });
  }

  async add(model: CollectionModel): Promise<StoredModel> {
    checkQuery(model.probe, model.width);
    checkWidth(model);
    return this.#session.write(async (query) => {
      // Another process may be adding the same.
      await query('SELECT 1 FROM state FOR UPDATE');
      const models = await readModels(query);
      const known = models.find((one) => isSameModel(one, model));
      if (known) return { ...known, pictures: await countVectors(query, known.id) };
      const id = models.length + 1;
      await insert(query, model, id);
      return { ...model, probe: model.probe.slice(), id, pictures: 0 };
    });
  }
}
