import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, readImageHeader } from '../../../../src/input/image/decode/decodeImage.ts';
import { bytesPerPixel, decodingBytes } from '../../../../src/input/image/decode/decodingMemory.ts';

const SIDE = 1300;
const MB = 1e6;

/** A picture that no encoder makes small. */
function picture(channels: 3 | 4): Sharp {
  const data = Buffer.alloc(SIDE * SIDE * channels);
  for (let i = 0; i < data.length; i++) data[i] = i * 7 + (i >> 9) * 13;
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels } });
}

const FILES: Readonly<Record<string, () => Sharp>> = {
  'PNG with alpha': () => picture(4).png({ compressionLevel: 1 }),
  'JPEG, progressive and turned': () =>
    picture(3).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).withMetadata({ orientation: 6 }),
  'WebP with alpha': () => picture(4).webp({ effort: 0 }),
  'AVIF of 10 bits': () => picture(3).avif({ effort: 0, bitdepth: 10 }),
  'TIFF of 16 bits': () => picture(3).toColourspace('rgb16').tiff({ compression: 'deflate' }),
};

const peakBytes = () => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
const canMeasure = existsSync('/proc/self/clear_refs');

describe('decodingBytes', () => {
  it.runIf(canMeasure).each(Object.entries(FILES))('is enough for %s', async (_, make) => {
    const file = new Uint8Array(await make().toBuffer());
    const expected = decodingBytes(await readImageHeader(file));
    // The format's library is loaded, and its threads have their stacks, before anything is measured.
    await decodeImage(new Uint8Array(await (await make()).resize(32, 32).toBuffer()));
    // Sets the peak back to what is resident now.
    writeFileSync('/proc/self/clear_refs', '5');
    const before = process.memoryUsage().rss;
    await decodeImage(file);
    // What the process does beside it, JavaScript's garbage foremost, takes a few megabytes: 10 at most where seen.
    expect(peakBytes() - before).toBeLessThan(expected + 12 * MB);
  });

  it('reads the header only: a bomb costs nothing to look at', async () => {
    const create = { width: 8000, height: 8000, channels: 3 as const, background: 'black' };
    const bomb = await sharp({ create }).toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer();
    expect(bomb.length).toBeLessThan(2 * MB);
    const start = performance.now();
    const header = await readImageHeader(new Uint8Array(bomb));
    expect(header).toMatchObject({ format: 'png', width: 8000, height: 8000 });
    expect(decodingBytes(header)).toBeGreaterThan(192e6);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('counts what each format keeps beside the pixels', async () => {
    const header = await readImageHeader(
      new Uint8Array(
        await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
          .jpeg()
          .toBuffer(),
      ),
    );
    expect(bytesPerPixel(header)).toBe(4.5);
    expect(bytesPerPixel({ ...header, progressive: true })).toBe(10.5);
    expect(bytesPerPixel({ ...header, format: 'avif', channels: 4 })).toBeGreaterThan(19.7);
    expect(bytesPerPixel({ ...header, format: 'tiff', sampleBytes: 4 })).toBeGreaterThan(12);
  });

  it('names the file that is no image', async () => {
    const text = new TextEncoder().encode('text');
    await expect(readImageHeader(text, { name: 'a.png' })).rejects.toThrow(/^a\.png: is not an image/);
    const damaged = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0);
    await expect(readImageHeader(damaged, { name: 'a.png' })).rejects.toThrow(/^a\.png: can't be decoded/);
  });
});
