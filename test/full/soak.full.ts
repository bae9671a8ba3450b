import { expect, it } from 'vitest';
import { soakFaults } from '../../bench/soak/report.ts';
import { soak } from '../../bench/soak/soak.ts';

// `npx tsx bench/soak.ts --minutes 10` is the long one: 64 clients, large pictures and slow attacks.
it('a server in a process of its own loses nothing and answers nothing wrong, whatever some clients send', async () => {
  const result = await soak({ seconds: 2, atLeast: 3, clients: 16, hostile: 0.3, light: true });
  expect(soakFaults(result, { mostBytes: 1000e6 })).toEqual([]);
  expect([...result.tally.times.values()].flat().length).toBeGreaterThan(10);
  expect(result.tally.attacks.size).toBeGreaterThan(3);
}, 180_000);
