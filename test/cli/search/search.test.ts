import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { printPathsOf, shownPath } from '../../../src/cli/search/output/shownPictures.ts';
import { type CliIo, processIo } from '../../../src/cli/support/io.ts';
import { load } from '../../../src/encoder/load.ts';
import type { Change } from '../../../src/search/collection/change.ts';
import { modelOf } from '../../../src/search/collection/modelProbe.ts';
import { memoryStore } from '../../../src/search/stores/memory/memoryStore.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../models.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const MODEL = join(folder, 'model');
const at = ['--database', 'memory://query'];
const NAMES = ['rgb', 'grey', 'palette'];
const path = (name: string) => join(folder, name);
const DAY = Date.UTC(2024, 4, 3);

beforeAll(async () => {
  await saveTinyModel(MODEL);
  for (const [i, name] of NAMES.entries()) copyFileSync(IMAGES[i]!, path(`${name}.png`));
  copyFileSync(IMAGES[1]!, path('copy.png'));
  const encoder = await load(MODEL, { threads: 1 });
  const collection = await memoryStore.open('memory://query', { name: 'pictures', create: true });
  const model = await collection.addModel(await modelOf(encoder, MODEL));
  const names = [...NAMES, 'copy'];
  const { data } = await encoder.embedImages(names.map((name) => path(`${name}.png`)));
  const changes = names.map((name, i): Change => {
    const bytes = readFileSync(path(`${name}.png`));
    const hash = createHash('sha256').update(bytes).digest('hex');
    const vector = data.slice(i * encoder.width, (i + 1) * encoder.width);
    const modified = DAY + i * 86_400_000;
    return {
      kind: 'file',
      file: { path: path(`${name}.png`), bytes: bytes.length, modified, hash, how: '' },
      pictures: [{ kind: 'image', at: 0, width: 64, height: 48, vector }],
    };
  });
  await collection.write(model.id, changes);
  await encoder.dispose();
}, 60_000);

const search = (...args: string[]) => cli(['search', ...args, '--threads', '1', ...at]);
const duplicates = (...args: string[]) => cli(['duplicates', ...args, ...at]);

async function expectUsage(args: readonly string[], message: RegExp) {
  const { code, err, out } = await search(...args);
  expect(err).toMatch(message);
  expect([code, out]).toEqual([2, '']);
}

describe('siglip2 search', () => {
  test('finds an image by itself, its copy with it, and prints one object as JSON', async () => {
    const { code, err, json } = await search(path('grey.png'), '--all', '--json');
    expect([code, err]).toEqual([0, '']);
    const [found] = json();
    expect(found).toMatchObject({ query: { images: [path('grey.png')], texts: [], like: [] } });
    const hits = found!['hits'] as Record<string, unknown>[];
    expect(hits.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    const best = hits[0]!;
    const more = best['more'] as { path: string }[];
    expect([best['path'], ...more.map((one) => one.path)].sort()).toEqual([
      path('copy.png'),
      path('grey.png'),
    ]);
    expect(best).toMatchObject({ kind: 'image', at: 0, taken: false, score: expect.closeTo(1, 3) });
  });

  test('no drawing is written over a picture of the collection', async () => {
    await expectUsage(['a cat', '-o', path('grey.png')], /grey\.png is a picture of the collection pictures/);
  });

  test('prints lines for people: rank, probability, path, day, and what stands behind', async () => {
    const { out } = await search(path('grey.png'), '--all', '--limit', '2');
    expect(out).toMatch(/^1 +\d\S* % {2}\S*(grey|copy)\.png +2024-05-0\d {2}\(1 copy\)$/m);
    expect(
      out
        .trimEnd()
        .split('\n')
        .filter((line) => /^\d/.test(line)),
    ).toHaveLength(2);
  });

  test('prints paths for other programs', async () => {
    const lines = await search('text:a cat', '--all', '--paths');
    expect(lines.out.trimEnd().split('\n').length).toBe(3);
    const zero = await search('a cat', '--all', '-0', '--no-groups');
    expect(zero.out.split('\0').filter(Boolean).sort()).toEqual(
      ['copy', ...NAMES].map((name) => path(`${name}.png`)).sort(),
    );
  });

  test('says that nothing fits, with exit code 0', async () => {
    const args = ['чайник', '--not', 'a cat', '--limit', '2'];
    const shown = await search(...args);
    if (!shown.err) throw new Error('the model of the tests finds everything; ask for something else');
    expect(shown.err).toBe('nothing fits “чайник”, not “a cat” among 4 pictures; the nearest are:\n');
    expect(shown.out.trimEnd().split('\n')).toHaveLength(2);
    expect((await search(...args, '--json')).json()).toMatchObject([{ fits: false, hits: [] }]);
    expect(await search(...args, '--paths')).toMatchObject({ code: 0, out: '' });
  });

  test('more like this leaves itself out; filters leave out others', async () => {
    for (const like of [path('grey.png'), '2']) {
      const { out } = await search('--like', like, '--all', '--paths');
      expect(out.trimEnd().split('\n')).toHaveLength(3);
      expect(out).not.toContain('grey.png');
    }
    const within = async (...filter: string[]) =>
      (await search('a cat', '--all', '--paths', '--no-groups', ...filter)).out.trimEnd().split('\n');
    expect(await within('--on', '2024-05-04')).toEqual([path('grey.png')]);
    expect((await within('--from', '2024-05-04', '--before', '2024-05-06')).sort()).toEqual(
      ['grey', 'palette'].map((name) => path(`${name}.png`)),
    );
    expect(await within('--min-size', '49px')).toEqual(['']);
    expect(await within('--min-size', '40px', '--max-size', '1GB', '--kind', 'image')).toHaveLength(4);
    expect(await within('--folder', path('palette.png'))).toEqual([path('palette.png')]);
    expect((await search('a cat', '--near', '-33.9,151.2,5')).err).toMatch(/no picture passes the filters/);
  });

  test('says what is wrong with a command', async () => {
    await expectUsage([], /nothing to look for: give texts, images or --like/);
    await expectUsage(['--not', 'x'], /--not alone finds nothing/);
    await expectUsage(['  '], /" {2}" is empty/);
    await expectUsage(['image:'], /"image:" is empty/);
    await expectUsage([path('none.jpg')], /none\.jpg: no such file; .* write "text:/);
    await expectUsage([join(MODEL, 'config.json')], /is a file, but its name does not end like an image/);
    await expectUsage(['--like', '99'], /--like 99: the collection pictures has no picture of this id/);
    await expectUsage(['--like', path('none.png')], /has no picture of this path/);
    await expectUsage(['x', '--limit', '0'], /--limit is "0": expected a whole number, 1 … 10000/);
    await expectUsage(['x', '--on', '2024-02-30'], /--on is "2024-02-30": expected a year/);
    await expectUsage(['x', '--on', '2024', '--from', '2023'], /--on is a whole time/);
    await expectUsage(['x', '--from', '2024', '--before', '2024'], /no picture can be between/);
    await expectUsage(['x', '--near', '91,0'], /--near is "91,0": expected LATITUDE/);
    await expectUsage(['x', '--min-size', '800'], /--min-size is \["800"\]: expected pixels/);
    await expectUsage(['x', '--kind', 'film'], /expected one of image, frame, page/);
    await expectUsage(['x', '--json', '--paths'], /exclude each other/);
  });

  test('tells of a text that is too long', async () => {
    expect((await search('dog '.repeat(100), '--all')).err).toMatch(
      /longer than the model reads \(\d+ tokens\)/,
    );
  });
});

test('names with control characters cannot be taken for other names, or for orders to a terminal', () => {
  const out: string[] = [];
  const err: string[] = [];
  const io: CliIo = {
    ...processIo(),
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
  };
  printPathsOf(io, ['/a/b\n/c', '/d'], false);
  printPathsOf(io, ['/a/b\n/c', '/d'], true);
  expect(out).toEqual(['/d\n', '/a/b\n/c\0/d\0']);
  expect(err).toEqual(['1 path is left out: a line break is in the name; -0 prints all\n']);
  expect(shownPath('/a/\x1b[2Jb\n\u202ec.jpg')).toBe('/a/\\x1b[2Jb\\n\\u202ec.jpg');
});

describe('siglip2 duplicates', () => {
  test('groups copies, needs no model, and removes nothing', async () => {
    const { code, out, err } = await duplicates('--exact');
    expect(code).toBe(0);
    expect(out).toMatch(/^best {3}\S*grey\.png {2}64 × 48, .*\n {2}same \S*copy\.png {2}/);
    expect(err).toMatch(/^1 group with 1 copy beside the best, .* \(the same bytes\)\n$/);
    expect((await duplicates('--exact', '--paths')).out).toBe(`${path('copy.png')}\n`);
    const [{ groups }] = (await duplicates('--threshold', '1', '--json')).json() as [{ groups: unknown[] }];
    expect(groups).toMatchObject([
      { best: { path: path('grey.png') }, copies: [{ path: path('copy.png'), cosine: 1, exact: true }] },
    ]);
    expect(readFileSync(path('copy.png')).length).toBeGreaterThan(0);
  });

  test('prints no path where the best of its group is gone: it may be the last one', async () => {
    renameSync(path('grey.png'), path('elsewhere'));
    const { out, err } = await duplicates('--exact', '--paths');
    renameSync(path('elsewhere'), path('grey.png'));
    expect(out).toBe('');
    expect(err).toMatch(/^1 group is left out: the best file is gone .*; run siglip2 index again\n/);
  });

  test('says what is wrong with a command', async () => {
    for (const [args, message] of [
      [['--threshold', '2'], /--threshold is "2": expected a number above 0/],
      [['--exact', '--threshold', '0.9'], /--exact compares bytes/],
      [['--model', 'other/model'], /--model other\/model: the collection pictures has vectors of/],
    ] as const) {
      const { code, err } = await duplicates(...args);
      expect(err).toMatch(message);
      expect(code).toBe(2);
    }
    const help = await cli(['duplicates', '--help']);
    expect(help.out).toContain('WARNING: --paths prints every picture but the best');
    expect((await cli(['search', '--help'])).out).toContain('$ siglip2 search "a red bicycle"');
  });
});
