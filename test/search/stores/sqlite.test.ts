import { sqliteStore } from '../../../src/search/stores/sqlite/sqliteStore.ts';
import { temporaryFolder } from '../../cli/temporary.ts';
import { conformance } from './conformance.ts';

conformance('the SQLite store', { store: sqliteStore, location: () => temporaryFolder(), runs: 15 });
