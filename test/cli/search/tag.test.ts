import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../../src/encoder/load.ts';
import { modelOf } from '../../../src/search/collection/modelProbe.ts';
import { openCollection } from '../../../src/search/stores/stores.ts';
import { writeTar } from '../../data/sources/tar.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../models.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);
const MODEL = at('model');
const engine = ['--model', MODEL, '--threads', '1'];
const tag = (...args: string[]) => cli(['tag', ...args, ...(args.includes('--remove') ? [] : engine)]);
const read = (...names: string[]) => readFileSync(at(...names), 'utf8');
const write = (name: string, text: string | Uint8Array) => {
  writeFileSync(at(name), text);
  return at(name);
};
let labels: string;

const HUMAN =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5"/></rdf:RDF></x:xmpmeta>';

beforeAll(async () => {
  await saveTinyModel(MODEL);
  labels = write(
    'labels.txt',
    Buffer.from('\ufeff# animals\ncat & dog\nKatze\ta cat\tune chatte\n', 'utf16le'),
  );
  mkdirSync(at('photos'));
  for (const [i, name] of ['a.png', 'b.png', 'c.png'].entries()) copyFileSync(IMAGES[i]!, at('photos', name));
  write('photos/a.png.xmp', HUMAN);
  write('photos/b.png.xmp', '<broken>');
}, 60_000);

describe('tag', () => {
  test('a table of the labels that are probable enough, best first', async () => {
    const output = at('tags.csv');
    const all = await tag(at('photos'), '--labels', labels, '--threshold', '0', '--output', output);
    expect([all.code, all.out]).toEqual([0, `tags of 3 images in ${output}\n`]);
    const [header, ...rows] = read('tags.csv').trimEnd().split('\n');
    expect(header).toBe('image,label,probability');
    expect(rows).toHaveLength(6);
    expect(new Set(rows.map((row) => row.split(',')[1]))).toEqual(new Set(['cat & dog', 'Katze']));
    const best = (
      await tag(at('photos'), '--labels', labels, '--threshold', '0', '--top', '1', '--json')
    ).json();
    expect(best.map(({ tags }) => (tags as object[]).length)).toEqual([1, 1, 1]);
    const none = (await tag(at('photos'), '--labels', labels, '--threshold', '1', '--json')).json();
    expect(none.map(({ tags }) => tags)).toEqual([[], [], []]);
    expect(existsSync(at('photos', 'c.png.xmp'))).toBe(false);
  });

  test('sidecars: merged, a broken one left alone and named, dry first, and all of ours out again', async () => {
    const before = readFileSync(at('photos', 'c.png'));
    const args = [at('photos'), '--labels', labels, '--threshold', '0', '--xmp', '--max-bad', '0.5'];
    const dry = await tag(...args, '--dry-run');
    expect(dry.out).toMatch(/c\.png {2}.*\[.*\+cat & dog.*\]/);
    expect(dry.err).toContain('sidecars: 2 would change, 0 as they were');
    expect(existsSync(at('photos', 'c.png.xmp'))).toBe(false);
    const { err, code } = await tag(...args);
    expect(code).toBe(0);
    expect(err).toMatch(/b\.png: its sidecar .*b\.png\.xmp is not well-formed XML \(.*\); it is left alone/);
    expect(err).toContain('sidecars: 2 changed, 0 as they were');
    expect(read('photos', 'b.png.xmp')).toBe('<broken>');
    expect(read('photos', 'a.png.xmp')).toContain('xmp:Rating="5"');
    expect(read('photos', 'c.png.xmp')).toMatch(/<dc:subject>[\s\S]*<rdf:li>cat &#38; dog<\/rdf:li>/);
    expect(readFileSync(at('photos', 'c.png'))).toEqual(before);
    expect((await tag(...args)).err).toContain('sidecars: 0 changed, 2 as they were');
    const out = await tag(at('photos'), '--xmp', '--remove', '--max-bad', '0.5');
    expect([out.code, out.err]).toEqual([0, expect.stringContaining('sidecars: 2 changed')]);
    expect(existsSync(at('photos', 'c.png.xmp'))).toBe(false);
    expect(read('photos', 'a.png.xmp')).not.toMatch(/cat|siglip2:tags/);
  });

  test('a sidecar that cannot be read or written is no matter of the others', async () => {
    mkdirSync(at('odd', 'a.png.xmp'), { recursive: true });
    for (const name of ['a.png', 'b.png']) copyFileSync(IMAGES[0]!, at('odd', name));
    const args = ['--labels', labels, '--threshold', '0', '--xmp', '--max-bad', '0.5'];
    const { code, err } = await tag(at('odd'), ...args);
    expect(err).toMatch(/a\.png: its sidecar .*a\.png\.xmp cannot be read or written \(EISDIR/);
    expect([code, existsSync(at('odd', 'b.png.xmp'))]).toEqual([0, true]);
  });

  test('other names of sidecars, of which two pictures may have one; pictures of shards have none', async () => {
    mkdirSync(at('twins'));
    for (const name of ['a.png', 'b.png', 'b.webp']) copyFileSync(IMAGES[0]!, at('twins', name));
    const shard = at('twins.tar');
    await writeTar(shard, { 'x.png': readFileSync(IMAGES[0]!) });
    const args = [
      '--labels',
      labels,
      '--threshold',
      '0',
      '--xmp',
      '--xmp-names',
      'photo.xmp',
      '--max-bad',
      '1',
    ];
    const { err } = await tag(at('twins'), shard, ...args);
    expect(existsSync(at('twins', 'a.xmp'))).toBe(true);
    expect(existsSync(at('twins', 'b.xmp'))).toBe(false);
    expect(err).toMatch(/b\.xmp would be the sidecar of b\.webp too; use --xmp-names photo\.jpg\.xmp/);
    expect(err).toMatch(/twins\.tar#x: lies in a shard/);
  });

  test('a collection is tagged by the vectors that it has', async () => {
    const encoder = await load(MODEL, { threads: 1 });
    const path = at('photos', 'c.png');
    const { data } = await encoder.embedImages([path]);
    const collection = await openCollection(at('collections'), { name: 'photos', create: true });
    const { id } = await collection.addModel(await modelOf(encoder, MODEL));
    const file = { path, bytes: 1, modified: 1, hash: 'a'.repeat(64), how: '' };
    const picture = { kind: 'image', at: 0, width: 8, height: 8, vector: data } as const;
    await collection.write(id, [{ kind: 'file', file, pictures: [picture] }]);
    await collection.close();
    await encoder.dispose();
    const args = ['--labels', labels, '--threshold', '0', '--json'];
    const [stored] = (
      await tag('--name', 'photos', '--collections', at('collections'), ...args, '--xmp', '--dry-run')
    ).json();
    const [direct] = (await tag(path, ...args)).json();
    const probabilities = (line: unknown) =>
      (line as { tags: { probability: number }[] }).tags.map((one) => one.probability);
    expect(stored).toMatchObject({ image: path, sidecar: { path: `${path}.xmp` } });
    for (const [i, probability] of probabilities(stored).entries())
      expect(probability).toBeCloseTo(probabilities(direct)[i]!, 3);
  });

  test('says what is wrong with a call', async () => {
    const photos = at('photos');
    const wrong: [RegExp, ...string[]][] = [
      [/nothing to tag: give images, --from, or --name/, '--labels', labels],
      [/both images and a collection/, photos, '--name', 'x', '--labels', labels],
      [/no labels: give --labels FILE/, photos],
      [/--threshold is "2"/, photos, '--labels', labels, '--threshold', '2'],
      [/are of sidecars: give --xmp/, photos, '--labels', labels, '--dry-run'],
      [/--remove takes tags out of the sidecars/, photos, '--remove'],
      [
        /writes nothing: leave --output away/,
        photos,
        '--labels',
        labels,
        '--xmp',
        '--dry-run',
        '-o',
        at('x.csv'),
      ],
      [/--xmp-names is "x"/, photos, '--labels', labels, '--xmp', '--xmp-names', 'x'],
      [/there are no labels in it/, photos, '--labels', write('empty.txt', '# none\n')],
      [/has control characters/, photos, '--labels', write('odd.txt', 'a\u0001b\n')],
      [/has no label before the tab/, photos, '--labels', write('tab.txt', '\tprompt\n')],
    ];
    for (const [message, ...args] of wrong) {
      const { code, err } = await tag(...args);
      expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    }
    const latin = await tag(photos, '--labels', write('latin.txt', Buffer.from('gut\nschön\n', 'latin1')));
    expect([latin.code, latin.err]).toEqual([
      1,
      expect.stringMatching(/latin\.txt: line 2 is not valid UTF-8/),
    ]);
  });
});
