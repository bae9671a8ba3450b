import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { picture } from '../../search/indexing/fakes.ts';
import { answered, ownedServer, testFolder } from '../ownedServer.ts';
import { saveTinyModel } from '../tinyModel.ts';

const root = mkdtempSync(join(tmpdir(), 'siglip2-indexing-'));
const model = join(root, 'model');
const PATIENCE = 40_000;
beforeAll(() => saveTinyModel(model), PATIENCE);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function setUp(pictures: number) {
  const folder = testFolder();
  const photos = join(folder, 'photos');
  for (let i = 0; i < pictures; i++) await picture(join(photos, `${i}.png`), i);
  const server = await ownedServer({ model, collections: join(folder, 'collections') });
  return { folder, photos, ...server };
}

const errorSchema = z.object({ error: z.object({ message: z.string() }) });
const message = async (answer: Response): Promise<string> =>
  errorSchema.parse(await answer.json()).error.message;

describe('a folder that is indexed from the page', () => {
  it('is followed by events to its end, with what is bad and nothing from outside', async () => {
    const { folder, photos, ask, owned, follow } = await setUp(5);
    await picture(join(folder, 'private.png'), 50);
    writeFileSync(join(photos, 'broken.jpg'), 'no picture');
    symlinkSync(join(folder, 'private.png'), join(photos, 'out.png'));
    symlinkSync(join(photos, '1.png'), join(photos, 'in.png'));
    mkdirSync(join(photos, 'empty'));
    const answer = await owned('/v1/jobs/index', { collection: 'mine', folder: photos });
    expect(answer.status).toBe(202);
    const stages = new Set<string>();
    const job = await follow((await answered(answer))['id']!, ({ stage }) => stages.add(stage));
    expect(job).toMatchObject({ state: 'done', kind: 'index', collection: 'mine', unit: 'files', total: 7 });
    expect(job.title).toBe(`mine: ${photos}`);
    expect(job.summary).toContain("5 new, 1 copies of others, 1 that can't be read");
    expect(job.summary).toContain('1 link out of the folder');
    expect(job.problems?.[0]).toMatchObject({ count: 1, examples: [expect.stringContaining('broken.jpg')] });
    expect([...stages].at(-1)).toBe('embedding');
    expect((await answered(ask('/v1/collections')))['collections']).toMatchObject([
      { name: 'mine', pictures: 6 },
    ]);
    expect((await answered(ask('/v1/jobs')))['jobs']).toMatchObject([{ id: job.id, state: 'done' }]);
    const removed = await owned('/v1/collections/mine', undefined, 'DELETE');
    expect(await removed.json()).toEqual({ removed: 'mine' });
    expect((await owned('/v1/collections/mine', undefined, 'DELETE')).status).toBe(404);
  });

  it(
    'can be stopped and goes on; the next job waits for its turn',
    async () => {
      const { photos, owned, follow } = await setUp(60);
      const start = async (collection: string) =>
        (await answered(owned('/v1/jobs/index', { collection, folder: photos })))['id']!;
      const first = await start('mine');
      const second = await start('other');
      let isStopping = false;
      const stopped = await follow(first, ({ stage, done }) => {
        if (stage !== 'embedding' || done === 0 || isStopping) return;
        isStopping = true;
        void owned(`/v1/jobs/${first}/stop`, {});
      });
      // Where the machine was quicker than the request, all is done.
      expect(['stopped', 'done']).toContain(stopped.state);
      if (stopped.state === 'stopped') expect(stopped.summary).toContain('index the folder again');
      expect((await owned(`/v1/jobs/${first}/stop`, {})).status).toBe(409);
      expect(await follow(second)).toMatchObject({ state: 'done' });
      const again = await follow(await start('mine'));
      expect(again).toMatchObject({ state: 'done' });
      expect((await follow(await start('mine'))).summary).toContain('60 unchanged');
    },
    PATIENCE,
  );

  it('is refused from anybody else, and where it is none to index', async () => {
    const { photos, ask, owned } = await setUp(0);
    mkdirSync(photos);
    const body = JSON.stringify({ collection: 'mine', folder: photos });
    const headers = { 'content-type': 'application/json' };
    const other = await ask('/v1/jobs/index', { method: 'POST', headers, body });
    expect(other.status).toBe(403);
    expect(await message(other)).toContain('needs the token of this start');
    const refused = async (folder: string, collection = 'mine') => {
      const answer = await owned('/v1/jobs/index', { collection, folder });
      expect(answer.status).toBe(400);
      return message(answer);
    };
    expect(await refused('/')).toContain('name the folder that the pictures are in');
    expect(await refused('/proc/self')).toContain('lies in /proc');
    expect(await refused('photos')).toContain('does not say where it begins');
    expect(await refused(join(photos, 'none'))).toContain("can't be read");
    writeFileSync(join(photos, 'a.txt'), '');
    expect(await refused(join(photos, 'a.txt'))).toContain('is a file');
    symlinkSync('/proc', join(photos, 'link'));
    expect(await refused(join(photos, 'link'))).toContain('lies in /proc');
    expect(await refused(photos, '.hidden')).toContain('collection:');
    expect(await refused(photos, 'emoji')).toContain('take another name');
    const offered = await owned(`/v1/folders?path=${encodeURIComponent(photos.slice(0, -2))}`);
    expect(await offered.json()).toEqual({ folders: [photos], more: false });
    expect((await ask('/v1/folders?path=/')).status).toBe(403);
  });
});
