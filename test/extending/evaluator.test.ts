import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { saveTinyModel, temporaryFolder } from '../cli/models.ts';
import { cli } from '../cli/testIo.ts';
import { picture } from '../data/pictures.ts';

const root = join(import.meta.dirname, '../..');
const EXAMPLE = join(root, 'examples/ownEvaluator.ts');
const folder = temporaryFolder();
const path = (...names: string[]) => join(folder, ...names);
const OWN = ['evaluate', '--task', 'per-class', '--evaluators', EXAMPLE, '--threads', '1'] as const;

beforeAll(async () => {
  await saveTinyModel(path('model'));
  for (const [name, count] of [
    ['black_cat', 5],
    ['otter', 6],
  ] as const) {
    mkdirSync(path('photos', name), { recursive: true });
    for (let i = 0; i < count; i++) writeFileSync(path('photos', name, `${i}.jpg`), await picture(i, 'jpeg'));
  }
  writeFileSync(path('photos/otter/broken.jpg'), 'is no image');
}, 60_000);

describe('examples/ownEvaluator.ts', () => {
  const model = ['--model', path('model'), '--data', path('photos')];

  it('is found by its name; what cannot be read is counted and named', async () => {
    const { code, out, json } = await cli([...OWN, ...model, '--json']);
    expect(code, out).toBe(0);
    const lines = json();
    const found = lines.slice(0, -1);
    expect(
      found.map(({ version, task, metric, chance, count }) => [version, task, metric, chance, count]),
    ).toEqual([
      [1, 'per-class', 'accuracy/black cat', 0.5, 5],
      [1, 'per-class', 'accuracy/otter', 0.5, 6],
      [1, 'per-class', 'accuracy', 0.5, 11],
    ]);
    expect(found[0]).toMatchObject({
      value: expect.any(Number),
      interval: [expect.any(Number), expect.any(Number)],
    });
    expect(lines.at(-1)).toMatchObject({
      version: 1,
      task: 'per-class',
      finished: true,
      bad: { read: 12, bad: 1, reasons: { undecodable: { examples: [{ key: 'otter/broken.jpg' }] } } },
    });
  });

  it('prints a table, and fails where more is bad than allowed', async () => {
    const { code, out, err } = await cli([...OWN, ...model, '--max-bad', '0.05']);
    const table = out.split('\n').map((line) => line.trim().split(/\s{2,}/));
    expect(table[0]).toEqual(['metric', 'value', '95 % interval', 'chance', 'count']);
    expect(table[1]).toEqual([
      'accuracy/black cat',
      expect.anything(),
      expect.stringMatching(/ – /),
      '0.5',
      '5',
    ]);
    expect([code, err]).toEqual([1, expect.stringMatching(/1 of 12 samples are bad.*broken\.jpg/s)]);
  });

  it('is named where it fails', async () => {
    writeFileSync(
      path('broken.ts'),
      `import { registerEvaluator } from 'siglip2/evaluate';
      registerEvaluator({ name: 'broken', description: 'Nothing', options: {}, async *run() { throw new Error('boom'); } });`,
    );
    const { code, err } = await cli([
      ...['evaluate', '--task', 'broken', '--evaluators', path('broken.ts'), '--threads', '1'],
      ...['--model', path('model')],
    ]);
    expect([code, err]).toEqual([1, expect.stringContaining('the task broken failed: boom')]);
  });

  it('is in the list, and says what it takes', async () => {
    const { out } = await cli(['evaluate', '--list', '--evaluators', EXAMPLE]);
    expect(out).toMatch(/^per-class: Accuracy on each class .* \(needs --data\)$/m);
    expect(out).toMatch(/^ {2}--with shots=… {2}training images of each class; default 10$/m);
    const refused = await cli([...OWN, ...model, '--with', 'shots=5']);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('per-class has no such option')]);
  });
});
