import { afterAll, describe } from 'vitest';
import { postgresStore } from '../../../src/search/stores/postgres/postgresStore.ts';
import { testPostgres } from '../../support/postgres.ts';
import { conformance } from './conformance.ts';

const postgres = await testPostgres(import.meta.url);

describe.skipIf(!postgres)('PostgreSQL', () => {
  afterAll(() => postgres?.close());

  conformance('the PostgreSQL store', {
    store: postgresStore,
    location: () => postgres!.createDatabase(),
    runs: 4,
  });
});
