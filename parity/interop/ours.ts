/**
 * What this library makes of a folder, for parity/interop.py: embeddings and the order of labels.
 *
 * npx tsx parity/interop/ours.ts FOLDER '{"images": [paths], "texts": [texts]}' prints {"images", "texts", "matches"}.
 */
import { z } from 'zod';
import { load } from '../../src/encoder/load.ts';

const [directory, request] = z.tuple([z.string(), z.string()]).parse(process.argv.slice(2));
const { images, texts } = z
  .object({ images: z.array(z.string()), texts: z.array(z.string()) })
  .parse(JSON.parse(request));

const rows = ({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }): number[][] =>
  Array.from({ length: shape[0]! }, (_, i) => Array.from(data).slice(i * shape[1]!, (i + 1) * shape[1]!));

const encoder = await load(directory);
const result = {
  images: rows(await encoder.embedImages(images)),
  texts: rows(await encoder.embedTexts(texts)),
  matches: rows(await encoder.score(images, texts)),
};
await encoder.dispose();
console.log(JSON.stringify(result));
