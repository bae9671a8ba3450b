import { z } from 'zod';
import type { CollectionModel, StoredModel } from '../../collection/collection.ts';
import { isSameModel } from '../../collection/isSameModel.ts';
import { vectorTable } from '../sql/schema.ts';
import type { Connection } from './drivers/connection.ts';

const modelSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  width: z.number().int().positive(),
  probe: z.instanceof(Uint8Array),
});

type Known = Omit<StoredModel, 'pictures'>;

/** In the order in which they came. */
export function knownModels(connection: Connection): Known[] {
  const rows = connection.all('SELECT id, name, width, probe FROM models ORDER BY id');
  return rows.map((row) => {
    const { probe, ...model } = modelSchema.parse(row);
    return { ...model, probe: new Float32Array(Uint8Array.from(probe).buffer) };
  });
}

/** With how many pictures each has. */
export const withPictures = (connection: Connection, model: Known): StoredModel => ({
  ...model,
  pictures: Number(connection.all(`SELECT count(*) AS n FROM ${vectorTable(model.id)}`)[0]!.n),
});

/** Within a transaction: the id of the model that embeds alike, else of a new one. */
export function putModel(connection: Connection, model: CollectionModel): number {
  const known = knownModels(connection);
  const same = known.find((one) => isSameModel(one, model));
  if (same) return same.id;
  const id = (known.at(-1)?.id ?? 0) + 1;
  const { name, width, probe } = model;
  const bytes = new Uint8Array(probe.slice().buffer);
  connection.run('INSERT INTO models (id, name, width, probe) VALUES (?, ?, ?, ?)', [id, name, width, bytes]);
  connection.exec(
    `CREATE TABLE ${vectorTable(id)} (picture INTEGER PRIMARY KEY REFERENCES pictures (id), vector BLOB NOT NULL)`,
  );
  // The same ids in a hundredth of the pages: to count, and to ask which pictures have a vector.
  connection.exec(`CREATE INDEX ${vectorTable(id)}_pictures ON ${vectorTable(id)} (picture)`);
  return id;
}
