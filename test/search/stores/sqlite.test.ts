import { nodeSqlite } from '../../../src/search/stores/sqlite/drivers/nodeSqlite.ts';
import { createSqliteStore, sqliteStore } from '../../../src/search/stores/sqlite/sqliteStore.ts';
import { temporaryFolder } from '../../cli/temporary.ts';
import { conformance } from './conformance.ts';

conformance('the SQLite store', { store: sqliteStore, location: () => temporaryFolder(), runs: 15 });

// Other collections than those above: two SQLites in one process do not see each other's locks.
const connect = await nodeSqlite.load().catch(() => undefined);
if (connect)
  conformance('the SQLite store on node:sqlite', {
    store: createSqliteStore({ connect: async () => connect }),
    location: () => temporaryFolder(),
    runs: 15,
  });
