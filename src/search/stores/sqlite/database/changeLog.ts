import type { Connection } from '../drivers/connection.ts';

/** Entries that are kept, at least, for other processes that hold copies of vectors. */
const KEPT = 50_000;

/** The last entry's id; 0 where there is none. */
export const lastChange = (connection: Connection): number =>
  Number(connection.all('SELECT max(id) AS id FROM changes')[0]?.id ?? 0);

/** Whether a copy as of an entry can be brought up to date by those after it. */
export const hasChange = (connection: Connection, id: number): boolean =>
  connection.all('SELECT id FROM changes WHERE id = ?', [id]).length > 0;

/** How many entries there are after one. */
export const countChanges = (connection: Connection, after: number): number =>
  Number(connection.all('SELECT count(*) AS n FROM changes WHERE id > ?', [after])[0]!.n);

/** Writes entries within a transaction: the picture's vector of the model is another one, or gone. */
export function logChanges(
  connection: Connection,
  entries: readonly (readonly [model: number, picture: number])[],
): void {
  let id = Math.max(lastChange(connection) + 1, Date.now() * 1000);
  for (const [model, picture] of entries)
    connection.run('INSERT INTO changes (id, model, picture) VALUES (?, ?, ?)', [id++, model, picture]);
}

/** The next entries after one: where they end, and which pictures of a model they name. */
export function changesAfter(
  connection: Connection,
  after: number,
  model: number,
  limit: number,
): { readonly end: number; readonly pictures: number[] } {
  const entries = connection.all('SELECT id, model, picture FROM changes WHERE id > ? ORDER BY id LIMIT ?', [
    after,
    limit,
  ]);
  const own = entries.filter((entry) => entry.model === model).map(({ picture }) => Number(picture));
  return { end: Number(entries.at(-1)?.id ?? after), pictures: [...new Set(own)] };
}

/** Removes entries that a saved copy has, except the latest. */
export function trimChanges(connection: Connection, saved: number): void {
  connection.run(
    'DELETE FROM changes WHERE id < ? AND id < (SELECT id FROM changes ORDER BY id DESC LIMIT 1 OFFSET ?)',
    [saved, KEPT],
  );
}
