import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/input/image/decode/decodeImage.ts';
import { fixedPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { withHeic } from '../../../src/search/pictures/images/withHeic.ts';
import { pictureReader } from '../../../src/search/pictures/pictureReader.ts';
import { ownPath } from './fakeTool.ts';
import { readAll } from './readAll.ts';

const IMAGES = join(import.meta.dirname, '../../../parity/fixtures/images');
const model = { decode: {}, preprocessing: fixedPreprocessing(32) };
const path = ownPath();
const { TMPDIR } = process.env;
process.env['TMPDIR'] = path.folder;
afterEach(() => path.real());
afterAll(() => {
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  path.remove();
});

/** A file that says it is HEIC: the container of an AVIF file with the other brand. */
function heicFile(name: string): string {
  const bytes = readFileSync(join(IMAGES, 'rgb.avif'));
  const asHeic = Buffer.from(bytes.toString('latin1').replaceAll('avif', 'heic'), 'latin1');
  const file = join(path.folder, name);
  writeFileSync(file, asHeic);
  return file;
}

/** A converter that gives one picture of the fixtures, with a number as for a file of several. */
const copy = `/bin/cp '${join(IMAGES, 'rgb.png')}' "${'$'}{2%.png}-1.png"`;
const leftovers = () => readdirSync(path.folder).filter((name) => name.startsWith('siglip2-heic-'));

describe('HEIC pictures', () => {
  it('are read by a program on the PATH, also under a wrong name', async () => {
    path.set({ 'heif-convert': copy });
    const expected = await decodeImage(join(IMAGES, 'rgb.png'));
    for (const name of ['a.heic', 'b.HIF', 'c.jpg']) {
      const [picture] = await readAll(heicFile(name), { model });
      expect(picture?.facts).toEqual({
        kind: 'image',
        at: 0,
        width: expected.width,
        height: expected.height,
      });
    }
    expect(leftovers()).toEqual([]);
  });

  it('are pixels for an encoder that is asked with one; other images stay as they are', async () => {
    path.set({ 'heif-convert': copy });
    const file = heicFile('query.heic');
    expect(await withHeic(file, {})).toEqual(await decodeImage(join(IMAGES, 'rgb.png')));
    for (const other of [join(IMAGES, 'rgb.png'), join(path.folder, 'none.heic'), Uint8Array.of(1)])
      expect(await withHeic(other, {})).toBe(other);
    path.set({});
    await expect(withHeic(file, {})).rejects.toThrow('query.heic: is a HEIC picture, which needs heif-dec');
  });

  it('are named as such without one, and read again when there is one', async () => {
    path.set({});
    const file = heicFile('d.heic');
    await expect(readAll(file, { model })).rejects.toThrow(
      /^\S+d\.heic: is a HEIC picture, which needs heif-dec/,
    );
    expect(pictureReader(file)?.how).toBe('without HEIC');
    path.set({ 'heif-dec': copy });
    expect(pictureReader(file)?.how).toBe('');
  });

  it('are bad with the reason of the program, and larger ones than allowed before it runs', async () => {
    path.set({ 'heif-dec': "printf 'oh\\nbroken tile\\n' >&2; exit 1" });
    const file = heicFile('e.heic');
    await expect(readAll(file, { model })).rejects.toThrow(
      "e.heic: can't be decoded by heif-dec (broken tile): give a complete picture.",
    );
    const small = { ...model, decode: { maxPixels: 100 } };
    await expect(readAll(file, { model: small })).rejects.toThrow('more than the limit of 100 pixels');
    expect(leftovers()).toEqual([]);
  });

  it('stop with their program', async () => {
    path.set({ 'heif-dec': 'exec /bin/sleep 100' });
    const signal = AbortSignal.timeout(150);
    await expect(readAll(heicFile('f.heic'), { model, signal })).rejects.toThrow('aborted due to timeout');
    expect(leftovers()).toEqual([]);
  });

  it('with the ending of another are read as what they are', async () => {
    path.set({});
    const file = join(path.folder, 'really.heic');
    writeFileSync(file, readFileSync(join(IMAGES, 'rgb.jpg')));
    expect(await readAll(file, { model })).toHaveLength(1);
  });

  const real = ['heif-enc', 'heif-convert'].every((name) => spawnSync(name, ['--help']).error === undefined);
  it.skipIf(!real)('of a real encoder (skipped without heif-enc and heif-convert)', async () => {
    const jpeg = join(IMAGES, 'orientation6.jpg');
    const file = join(path.folder, 'real.heic');
    spawnSync('heif-enc', [jpeg, '-o', file]);
    expect(existsSync(file)).toBe(true);
    const { width, height } = await decodeImage(jpeg);
    expect((await readAll(file, { model })).map(({ facts }) => facts)).toEqual([
      { kind: 'image', at: 0, width, height },
    ]);
  });
});
