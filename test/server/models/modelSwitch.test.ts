import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertRoomForModel } from '../../../src/server/models/roomForModel.ts';
import { answered, ownedServer } from '../ownedServer.ts';
import { saveTinyModel, saveTinyModelWithGallery } from '../tinyModel.ts';

const root = mkdtempSync(join(tmpdir(), 'siglip2-switch-'));
const first = join(root, 'first');
const second = join(root, 'second');
const PATIENCE = 40_000;
beforeAll(async () => {
  await saveTinyModelWithGallery(first);
  await saveTinyModel(second, 1);
}, PATIENCE);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Without what differs by how many share a run of the engine. */
const rounded = ([row = []]: readonly number[][]): string => row.map((value) => value.toFixed(4)).join(' ');

describe('another model', () => {
  it(
    'takes the place of the one that is served while requests go on: each is answered by one of the two',
    async () => {
      const { ask, owned, follow } = await ownedServer({ model: first, collections: join(root, 'none') });
      const embed = async () => {
        const body = JSON.stringify({ texts: ['a red apple'] });
        const headers = { 'content-type': 'application/json' };
        const answer = await ask('/api/embed', { method: 'POST', headers, body });
        return { status: answer.status, vector: rounded((await answered(answer))['embeddings']!) };
      };
      const change = async (model: string) =>
        follow((await answered(owned('/v1/jobs/model', { model })))['id']!);
      const before = (await embed()).vector;
      let isOver = false;
      const seen = new Set<string>();
      const clients = Array.from({ length: 4 }, async () => {
        while (!isOver) {
          const { status, vector } = await embed();
          expect(status).toBe(200);
          seen.add(vector);
          await pause(10);
        }
      });
      for (const model of [second]) {
        const job = await change(model);
        expect(job).toMatchObject({
          state: 'done',
          kind: 'model',
          title: model,
          summary: `${model} is served`,
        });
      }
      isOver = true;
      await Promise.all(clients);
      expect(seen.size).toBe(2);
      expect(seen).toContain(before);
      expect((await embed()).vector).not.toBe(before);
      // The pictures beside the first one went with it.
      expect(await (await ask('/api/model')).json()).toMatchObject({ name: second, gallery: null });
      const models: readonly { served: boolean }[] = (await answered(ask('/v1/catalogue')))['models']!;
      expect(models).toHaveLength(17 + 3);
      expect(models.filter(({ served }) => served)).toMatchObject([{ name: second, local: true }]);
      expect(models).toContainEqual(
        expect.objectContaining({
          name: 'google/siglip2-base-patch16-224',
          parameters: 375_187_970,
          bytes: 4 * 375_187_970,
          resolution: 224,
        }),
      );
    },
    PATIENCE,
  );

  it(
    'that cannot be had leaves the one before as it was',
    async () => {
      const { ask, owned, follow } = await ownedServer({
        model: first,
        collections: join(root, 'none'),
        offline: true,
      });
      const answer = await owned('/v1/jobs/model', { model: 'google/siglip2-none' });
      const job = await follow((await answered(answer))['id']!);
      expect(job).toMatchObject({ state: 'failed' });
      expect(job.error).toContain('offline');
      expect(await (await ask('/api/model')).json()).toMatchObject({ name: first });
      expect((await owned('/v1/jobs/model', { model: first })).status).toBe(409);
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ model: second });
      expect((await ask('/v1/jobs/model', { method: 'POST', headers, body })).status).toBe(403);
    },
    PATIENCE,
  );

  it('is refused where it has no room', async () => {
    await expect(assertRoomForModel(first, () => 1000)).rejects.toThrow('0.0000010 GB are free');
    await assertRoomForModel(first, () => 1e9);
  });
});
