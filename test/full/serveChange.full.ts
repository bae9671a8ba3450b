import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/encoder/embeddedModel.ts';
import { MEMORY_PER_BYTE, weightBytes } from '../../src/server/models/roomForModel.ts';
import { answered, ownedServer } from '../server/ownedServer.ts';
import { releasedModel } from './releasedModel.ts';
import { classFolder, workFolder } from './support/pictures.ts';

const folder = workFolder();

/** The most resident memory of this process while something goes on, beside what it had. */
async function growth<T>(work: Promise<T>): Promise<{ result: T; bytes: number }> {
  const before = process.memoryUsage.rss();
  let most = before;
  let isOver = false;
  const watch = (async () => {
    while (!isOver) {
      most = Math.max(most, process.memoryUsage.rss());
      await pause(20);
    }
  })();
  try {
    return { result: await work, bytes: most - before };
  } finally {
    isOver = true;
    await watch;
  }
}

it('a server of the embedded model changes to a B/16, indexes and searches with it, and changes back', async () => {
  const model = await releasedModel({ variant: 'base-patch16-224' });
  await classFolder(`${folder}/pictures`, 4);
  const { ask, owned, follow } = await ownedServer({ collections: `${folder}/collections`, threads: 2 });
  const post = (path: string, body: unknown) =>
    answered(
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const job = async (path: string, body: unknown) => follow((await answered(owned(path, body)))['id']!);

  const { result: changed, bytes } = await growth(job('/v1/jobs/model', { model }));
  expect(changed).toMatchObject({ state: 'done' });
  const factor = bytes / (await weightBytes(model));
  console.log(`memory at its peak beside what was there: ${factor.toFixed(2)} × the weights`);
  // What roomForModel.ts reckons with.
  expect(factor).toBeLessThan(MEMORY_PER_BYTE);

  expect(await job('/v1/jobs/index', { collection: 'mine', folder: `${folder}/pictures` })).toMatchObject({
    state: 'done',
    summary: expect.stringContaining('12 new'),
  });
  const found = await post('/v1/search', { collection: 'mine', texts: ['a red fox'], all: true });
  const hits: readonly { id: number }[] = found['hits']!;
  expect(hits).toHaveLength(12);
  const image = { collection: 'mine', id: hits[0]!.id };
  const heat = await post('/v1/heatmap', { image, texts: ['a red fox'] });
  expect(heat['results']).toMatchObject([{ rows: 14, columns: 14 }]);

  expect(await job('/v1/jobs/model', { model: EMBEDDED_MODEL })).toMatchObject({ state: 'done' });
  expect(await answered(ask('/api/model'))).toMatchObject({ width: 192 });
}, 180_000);
