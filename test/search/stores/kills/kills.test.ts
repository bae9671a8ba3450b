import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../cli/temporary.ts';
import { killAgainAndAgain } from './killing.ts';

it('a process that is killed while it writes loses nothing that it had written', async () => {
  expect(await killAgainAndAgain(temporaryFolder(), 3, 60)).toBeGreaterThan(3);
});
