/**
 * How near copies of pictures are to them, and other pictures, by the embedded model: what the default threshold of
 * `siglip2 duplicates` rests on (src/search/duplicates/threshold.ts).
 *
 *   npx tsx bench/nearCopies.ts [folder of photographs]
 *
 * Drawings of emoji, and ninths of photographs where a folder is named.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { copyThreshold } from '../src/search/duplicates/threshold.ts';
import { dot } from '../src/search/query/vectors/vectors.ts';
import { emojiVectors } from './emojiVectors.ts';

const { encoder, names, picture } = await emojiVectors();
const { width } = encoder;

type Edit = (png: Buffer, w: number, h: number) => Promise<Buffer>;
const cut = (png: Buffer, w: number, h: number, share: number) => {
  const [left, top] = [Math.round((w * share) / 2), Math.round((h * share) / 2)];
  return sharp(png)
    .extract({ left, top, width: w - 2 * left, height: h - 2 * top })
    .png()
    .toBuffer();
};
const EDITS: Readonly<Record<string, Edit>> = {
  'JPEG, quality 50': (png) => sharp(png).jpeg({ quality: 50 }).toBuffer(),
  'half its size': (png, w) =>
    sharp(png)
      .resize(Math.round(w / 2))
      .png()
      .toBuffer(),
  'cut by 5 %': (png, w, h) => cut(png, w, h, 0.05),
  'turned by 3°': (png) => sharp(png).rotate(3, { background: 'white' }).png().toBuffer(),
  'without colours': (png) => sharp(png).greyscale().png().toBuffer(),
  'brighter by 20 %': (png) => sharp(png).modulate({ brightness: 1.2 }).png().toBuffer(),
};

const embed = async (files: readonly Buffer[]) =>
  (await encoder.embedImages(files.map((file) => new Uint8Array(file)))).data;
const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!.toFixed(3);

async function measure(title: string, files: readonly Buffer[]): Promise<void> {
  const rows = await embed(files);
  const cosine = (i: number, other: Float32Array, j: number) =>
    dot(rows.subarray(i * width, (i + 1) * width), other, j * width);
  const others = files.map((_, i) => Math.max(...files.map((__, j) => (i === j ? -1 : cosine(i, rows, j)))));
  const threshold = copyThreshold({ width, rows });
  const reach = (values: readonly number[]) =>
    ((100 * values.filter((value) => value >= threshold).length) / values.length).toFixed(1);
  console.log(`\n${title}: ${files.length} pictures, default threshold ${threshold.toFixed(3)}`);
  console.log('cosine with the original      5 %   median   reach the threshold');
  for (const [name, edit] of Object.entries(EDITS)) {
    const edited = files.map(async (file) => {
      const { width: w, height: h } = await sharp(file).metadata();
      return edit(file, w, h);
    });
    const copies = await embed(await Promise.all(edited));
    const cosines = files.map((_, i) => cosine(i, copies, i));
    console.log(
      name.padEnd(26),
      quantile(cosines, 0.05),
      ' ',
      quantile(cosines, 0.5),
      ' ',
      `${reach(cosines)} %`,
    );
  }
  console.log(
    'nearest other picture'.padEnd(26),
    quantile(others, 0.95),
    ' ',
    quantile(others, 0.5),
    ' ',
    `${reach(others)} %`,
  );
}

const emoji = names.map((_, i) => {
  const { data, width: w, height: h } = picture('noto', i);
  return sharp(data, { raw: { width: w, height: h, channels: 3 } })
    .resize(128)
    .png()
    .toBuffer();
});
await measure('Drawings of emoji (the 95 % for the last line)', await Promise.all(emoji));

async function ninths(path: string): Promise<Buffer[]> {
  const { width: w, height: h } = await sharp(path).metadata();
  const [side, rise] = [Math.floor(w / 3), Math.floor(h / 3)];
  const places = [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => [x * side, y * rise] as const));
  return Promise.all(
    places.map(([left, top]) =>
      sharp(path).extract({ left, top, width: side, height: rise }).png().toBuffer(),
    ),
  );
}

const [folder] = process.argv.slice(2);
if (folder !== undefined) {
  const photos = readdirSync(folder).filter((name) => /\.jpe?g$/i.test(name));
  const parts = await Promise.all(photos.map((name) => ninths(join(folder, name))));
  await measure('Ninths of photographs', parts.flat());
}
await encoder.dispose();
