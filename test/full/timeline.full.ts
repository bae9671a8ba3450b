import { expect, it } from 'vitest';
import { ends, run } from '../train/timeline/tinyRun.ts';

it('a timeline stopped where the teacher has begun and among NaFlex lengths, ends in the same bits', async () => {
  expect((await run('whole')).finished).toBe(true);
  await run('broken', ['distilled', 1]);
  await run('broken', ['naflex', 3]);
  expect((await run('broken')).finished).toBe(true);
  expect(await ends('broken')).toEqual(await ends('whole'));
}, 120_000);
