import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { pdfPages } from '../../search/pictures/pdfFile.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../models.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const MODEL = join(folder, 'model');
const PICTURES = join(folder, 'pictures');
const path = (name: string) => join(PICTURES, name);
const at = ['--database', 'memory://index'];
const engine = ['--model', MODEL, '--threads', '1'];

const index = (...args: string[]) => cli(['index', PICTURES, ...at, '--name', 'photos', ...args]);

beforeAll(async () => {
  await saveTinyModel(MODEL);
  mkdirSync(path('below'), { recursive: true });
  for (const [i, file] of IMAGES.entries()) copyFileSync(file, path(`below/${i}.png`));
}, 60_000);

describe('siglip2 index', () => {
  test('makes a collection, keeps its model, and says what became of the files', async () => {
    const first = await index(...engine, '--json');
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.json()).toMatchObject([
      { name: 'photos', model: MODEL, pictures: 3, files: { new: 3 }, embedded: 3, isStopped: false },
    ]);
    renameSync(path('below/0.png'), path('moved.png'));
    rmSync(path('below/1.png'));
    writeFileSync(path('bad.png'), 'no picture');
    writeFileSync(path('notes.txt'), 'no picture');
    // No --model: the one that the collection was made by.
    const second = await index('--threads', '1', '--max-bad', '0.5');
    expect(second.code).toBe(0);
    expect(second.out).toBe('photos: 2 pictures (1 moved, 1 unchanged, 1 dropped, 1 bad)\n');
    expect(second.err).toMatch(/1 of 3 files are bad:\n {2}undecodable: 1\n.*bad\.png: is not an image/);
    expect(second.err).toMatch(/left out: 1 \.txt/);
    const third = await index('--threads', '1');
    expect(third.code).toBe(3);
    expect(third.err).toMatch(
      /1 of 3 files are bad, more than --max-bad 0\.1; the others are in the collection/,
    );
    rmSync(path('bad.png'));
  });

  test('says which files were read in part', async () => {
    mkdirSync(path('documents'));
    writeFileSync(path('documents/a.pdf'), pdfPages(['', undefined]));
    const indexed = ['index', path('documents'), ...at, '--name', 'documents'];
    const { code, err } = await cli([...indexed, ...engine]);
    expect([code, err]).toEqual([
      0,
      `1 file read in part:\n  ${path('documents/a.pdf')}: page 2 of 2 can't be drawn\n`,
    ]);
    const again = (await cli([...indexed, '--json'])).json()[0];
    expect(again).toMatchObject({ files: { unchanged: 1 }, partly: { count: 1, examples: [{}] } });
    rmSync(path('documents'), { recursive: true });
  });

  test('a second Ctrl-C is not needed: it stops, and the same command goes on', async () => {
    const stopped = await cli(['index', PICTURES, ...at, '--name', 'stopped', ...engine], {
      onListening: (interrupt) => interrupt(),
    });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/stopped \(.*\); what is done is kept: the same command continues/);
    const again = await cli(['index', PICTURES, ...at, '--name', 'stopped', '--json']);
    expect(again.json()[0]).toMatchObject({ pictures: 2 });
  });

  test('shows progress on a terminal', async () => {
    const args = ['index', PICTURES, ...at, '--name', 'shown', ...engine];
    expect((await cli(args, { terminal: true })).err).toMatch(/pictures █+ 2\/2/);
  });

  test('says what is wrong before a collection is made', async () => {
    const fails = async (args: string[], code: number, message: RegExp) => {
      const result = await cli(['index', ...at, '--name', 'never', ...args]);
      expect(result.err).toMatch(message);
      expect(result.code).toBe(code);
    };
    await fails([], 2, /nothing to index: name folders/);
    await fails([path('nowhere')], 1, /nowhere: can't be read .*check the path\. Nothing was changed/);
    await fails([PICTURES, '--model', path('nowhere')], 1, /no such directory/);
    await fails([PICTURES, '--frames', '2'], 2, /--frames is "2": expected every=2s/);
    await fails(['', PICTURES], 2, /a path is empty/);
    await fails([PICTURES, '--name', '../x'], 2, /--name is "\.\.\/x": expected letters/);
    const { out } = await cli(['collections', ...at]);
    expect(out).not.toContain('never');
  });
});

describe('siglip2 collections', () => {
  test('lists and removes', async () => {
    const { out, code } = await cli(['collections', ...at]);
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`photos: 2 pictures.*\n  model   ${MODEL}, 32 values\n  folder  ${PICTURES}, indexed 2`),
    );
    expect((await cli(['collections', ...at, '--json'])).json().map(({ name }) => name)).toContain('photos');
    const remove = ['collections', '--delete', 'photos', ...at];
    const unsure = await cli(remove);
    expect([unsure.code, unsure.err]).toEqual([2, expect.stringMatching(/add --yes/)]);
    expect((await cli(remove, { terminal: true, stdin: 'n\n' })).out).toBe('kept photos\n');
    expect((await cli([...remove, '--yes'])).out).toBe('removed photos\n');
    expect((await cli([...remove, '--yes'])).err).toMatch(/there is no collection photos/);
    expect(existsSync(path('moved.png'))).toBe(true);
  });

  test('a damaged one does not hide the others, and is told of in the end', async () => {
    const collections = join(folder, 'collections');
    for (const name of ['damaged', 'empty']) {
      mkdirSync(join(collections, name), { recursive: true });
      writeFileSync(
        join(collections, name, 'collection.sqlite'),
        name === 'empty' ? '' : 'notes '.repeat(99),
      );
    }
    const { code, out, err } = await cli(['collections', '--collections', collections]);
    expect([code, out]).toEqual([1, expect.stringMatching(/^empty: 0 pictures, [^\n]*\n$/)]);
    expect(err).toMatch(/^siglip2: damaged: .*is damaged .*--delete NAME/);
  });
});
