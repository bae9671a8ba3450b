import type { StoredVectors } from '../../../collection/collection.ts';
import type { PictureFilter } from '../../../collection/filter.ts';
import { vectorTable } from '../../sql/schema.ts';
import type { Session } from '../connection/session.ts';
import { toVectors, where } from '../reads.ts';
import type { VectorModel } from './halfvec.ts';

/** All vectors of a model as they are when it begins, in pieces, by a connection of its own. */
export async function* readSnapshot(
  session: Session,
  model: VectorModel,
  filter: PictureFilter | undefined,
  size: number,
): AsyncIterable<StoredVectors> {
  const { sql, values } = where(filter);
  const connection = await session.connect();
  try {
    const { query } = connection;
    await query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // All of it will be read, and not only the first rows.
    await query('SET LOCAL cursor_tuple_fraction = 1');
    await query(
      `DECLARE rows NO SCROLL CURSOR FOR SELECT v.picture AS id, halfvec_send(v.vector) AS vector
       FROM ${vectorTable(model.id)} AS v JOIN pictures AS p ON p.id = v.picture WHERE ${sql} ORDER BY v.picture`,
      values,
    );
    for (;;) {
      const rows = await query(`FETCH ${size} FROM rows`);
      if (rows.length > 0) yield toVectors(rows, model.width);
      if (rows.length < size) return;
    }
  } catch (error) {
    throw session.explain(error);
  } finally {
    await connection.close();
  }
}
