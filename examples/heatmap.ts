/**
 * Shows where in a picture a model sees what a text says.
 *
 *   npx tsx examples/heatmap.ts photo.jpg "a dog" heat.png [model]
 *
 * Writes the picture, dark where the text fits least, and prints the place that fits best in shares of the picture's
 * width and height. Models are trained on whole pictures: places are less reliable, and their order means more than
 * their values.
 */
import sharp from 'sharp';
import { load } from 'siglip2';

const [picture, text, output, model] = process.argv.slice(2);
if (picture === undefined || text === undefined || output === undefined)
  throw new Error('say a picture, a text, and where to write');

const encoder = await load(model);
const [grid] = await encoder.embedPatches([picture]);
const { data: wanted } = await encoder.embedTexts([text]);
await encoder.dispose();

const { rows, columns, patchWidth, patchHeight, embeddings } = grid!;
const cosines = Array.from({ length: rows * columns }, (_, i) =>
  embeddings.data
    .subarray(i * wanted.length, (i + 1) * wanted.length)
    .reduce((sum, x, k) => sum + x * wanted[k]!, 0),
);
const [least, most] = [Math.min(...cosines), Math.max(...cosines)];
const best = cosines.indexOf(most);
const place = [((best % columns) + 0.5) * patchWidth, (Math.floor(best / columns) + 0.5) * patchHeight];

const { width, height } = await sharp(picture).metadata();
const heat = Uint8Array.from(cosines, (cosine) => 255 * ((cosine - least) / (most - least || 1)));
const mask = await sharp(heat, { raw: { width: columns, height: rows, channels: 1 } })
  .resize(width, height, { fit: 'fill', kernel: 'cubic' })
  .png()
  .toBuffer();
await sharp(picture)
  .flatten({ background: 'white' })
  .composite([{ input: mask, blend: 'multiply' }])
  .toFile(output);
console.log(
  `“${text}” fits best at ${place.map((share) => `${Math.round(100 * share)} %`).join(', ')}; see ${output}`,
);
