import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../../../../src/input/image/decode/decodeImage.ts';
import { createBudget } from '../../../../src/input/image/decode/decodingBudget.ts';
import { tryInputs } from '../../../fuzz/harness/fuzz.ts';
import { file } from '../fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

function png(
  width: number,
  height: number,
  colour: readonly [depth: number, type: number],
  ...chunks: Buffer[]
) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set(colour, 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

/** A quarter of a gibibyte, in 260 kB. */
const bomb = deflateSync(Buffer.alloc(2 ** 28));
const pixel = chunk('IDAT', deflateSync(Buffer.alloc(4)));
const RGB = [8, 2] as const;
const noteBomb = (type: string, head: string) =>
  png(1, 1, RGB, chunk(type, Buffer.concat([Buffer.from(head, 'latin1'), bomb])), pixel);

/** A TIFF of one strip that says of itself what is given. */
function tiff(entries: readonly (readonly [tag: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 12 * entries.length + 4);
  bytes.write('II*\0\x08', 'latin1');
  bytes.writeUInt16LE(entries.length, 8);
  entries.forEach(([tag, value], i) => {
    const at = 10 + 12 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(4, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  });
  return bytes;
}
const side = (width: number, height: number) =>
  [
    [256, width],
    [257, height],
    [258, 8],
    [259, 1],
    [262, 1],
  ] as const;

const gif = (width: number, height: number): Buffer => {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(width);
  size.writeUInt16LE(height, 2);
  const rest = [0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b];
  return Buffer.concat([Buffer.from('GIF89a'), size, Buffer.from(rest)]);
};

/** Small files that say or hold much. */
const BOMBS: Readonly<Record<string, Buffer>> = {
  'a profile that unpacks to a quarter of a gibibyte': noteBomb('iCCP', 'x\0\0'),
  'a text that does': noteBomb('zTXt', 'Comment\0\0'),
  'metadata that do': noteBomb('iTXt', 'XML:com.adobe.xmp\0\x01\0\0\0'),
  'rows that do, for one pixel': png(1, 1, RGB, chunk('IDAT', bomb)),
  'a hundred million pixels': png(10_000, 10_000, [16, 6], pixel),
  'more pixels than there are': png(2 ** 31 - 1, 2 ** 31 - 1, RGB, pixel),
  'a row without end': png(2 ** 31 - 1, 1, RGB, pixel),
  'a large picture that ends at once': png(1900, 1900, RGB, chunk('IDAT', deflateSync(Buffer.alloc(9)))),
  'a tile of four gibibytes': tiff([...side(16, 16), [322, 65_536], [323, 65_536], [324, 8], [325, 100]]),
  'a strip of four gibibytes': tiff([
    ...side(16, 16),
    [273, 8],
    [277, 1],
    [278, 2 ** 32 - 1],
    [279, 2 ** 32 - 1],
  ]),
  'samples without end': tiff([...side(16, 16), [273, 8], [277, 65_535], [278, 16], [279, 100]]),
  'a screen of four thousand million pixels': gif(65_535, 65_535),
};

describe('hostile images', () => {
  it('take bounded memory and time, and are read or refused in words', async () => {
    const paths = Object.entries(BOMBS).map(([name, bytes]) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    });
    // In a process of its own, which is watched: at most 192 MiB and five seconds each.
    const { faults, outcomes } = await tryInputs('images', paths, 4);
    expect(faults.map(({ index, fault }) => `${paths[index]}: ${fault}`)).toEqual([]);
    for (const outcome of outcomes)
      expect(outcome).toMatch(/^read: \d+×\d+$|^refused: Error: image data: .+: .+\.$/);
  });

  it('that end early are refused wherever they end', async () => {
    for (const name of ['rgb.png', 'rgb.jpg', 'rgb.webp', 'rgb.avif', 'rgb.bmp', 'rgb.tiff', 'frames.gif']) {
      const whole = file(name);
      for (const share of [0.05, 0.3, 0.6]) {
        const bytes = whole.subarray(0, Math.floor(share * whole.length));
        await expect(decodeImage(bytes, { name: 'x' }), `${name} ${share}`).rejects.toThrow(/^x: .+: .+\.$/);
      }
    }
  });

  it('are read by what they hold, whatever they are called', async () => {
    const path = join(folder, 'jpeg.png');
    writeFileSync(path, file('rgb.jpg'));
    expect(await decodeImage(path)).toEqual(await decodeImage(file('rgb.jpg')));
    writeFileSync(path, 'just a note');
    await expect(decodeImage(path)).rejects.toThrow(/jpeg\.png: is not an image of a known format: give/);
  });

  it('are decoded side by side within a budget, in their order', async () => {
    const within = createBudget(100);
    const began: number[] = [];
    const ends: (() => void)[] = [];
    const job = (bytes: number) =>
      within(bytes, () => {
        began.push(bytes);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    const tick = () => new Promise((resolve) => setTimeout(resolve));
    const jobs = [60, 40, 10, 500, 5].map(job);
    await tick();
    expect(began).toEqual([60, 40]);
    ends[0]!();
    await tick();
    // One that is larger than the budget waits until it is alone.
    expect(began).toEqual([60, 40, 10]);
    ends[1]!();
    ends[2]!();
    await tick();
    expect(began).toEqual([60, 40, 10, 500]);
    ends[3]!();
    await tick();
    ends[4]!();
    await Promise.all(jobs);
    await expect(within(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await within(100, async () => 'free again')).toBe('free again');
  });
});
