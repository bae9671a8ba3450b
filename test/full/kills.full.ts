import { expect, it } from 'vitest';
import { temporaryFolder } from '../cli/temporary.ts';
import { killAgainAndAgain } from '../search/stores/kills/killing.ts';

it('100 kills while a collection is written: nothing lost, nothing twice', async () => {
  const written = await killAgainAndAgain(temporaryFolder(), 100, 120);
  console.log(`100 kills, ${written} writes`);
  expect(written).toBeGreaterThan(100);
});
