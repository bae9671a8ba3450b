import { afterAll } from 'vitest';
import { type FakeHub, startHubServer } from './hubServer.ts';

export { etagOf, type FakeHub, TOKEN } from './hubServer.ts';

/** Starts a hub that ends with the tests. */
export async function startFakeHub(): Promise<FakeHub> {
  const hub = await startHubServer();
  afterAll(hub.stop);
  return hub;
}
