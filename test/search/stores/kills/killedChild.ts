/** Writes to a collection without end, and says each version when it is written: `killedChild.ts LOCATION`. */
import { writeSync } from 'node:fs';
import { createSqliteStore } from '../../../../src/search/stores/sqlite/sqliteStore.ts';
import { model, vector } from '../changes.ts';
import { NAME, writeOf } from './writesOf.ts';

const [location = ''] = process.argv.slice(2);
const collection = await createSqliteStore({ sidecarFrom: 1 }).open(location, { name: NAME, create: true });
await collection.lock();
const { id } = await collection.addModel(model(1));
for (let n = await collection.version(); ; n++) {
  await collection.write(id, writeOf(n));
  writeSync(1, `${n + 1}\n`);
  // Saves the sidecar meanwhile.
  if (n % 5 === 0) await collection.nearest(id, vector(n), { limit: 3 });
}
