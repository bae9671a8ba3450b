/**
 * Finds pictures that show nearly the same: copies in other sizes and formats, shots of one series.
 *
 *   npx tsx examples/nearDuplicates.ts photos [model]
 *
 * Prints each pair whose embeddings have a cosine of 0.97 or more, the most alike first. Raise LEAST for copies only,
 * lower it for pictures of the same thing.
 */
import { load } from 'siglip2';
import { imageFolder } from 'siglip2/data';
import { createSimilarity, embedSamples } from 'siglip2/evaluate';

const LEAST = 0.97;

const [folder, model] = process.argv.slice(2);
if (folder === undefined) throw new Error('say a folder');

const encoder = await load(model);
const data = await imageFolder(folder, { keepUncaptioned: true });
const { samples, embeddings } = await embedSamples(encoder, { data });
await encoder.dispose();

// Embeddings have unit length: their product is the cosine, for all pairs at once.
const engine = await createSimilarity(encoder.width);
const { data: cosines } = await engine.similarities(embeddings, embeddings);
await engine.dispose();

const pairs = samples.flatMap((first, i) =>
  samples.slice(i + 1).map((second, j) => ({
    files: [first.key, second.key],
    cosine: cosines[i * samples.length + i + 1 + j]!,
  })),
);
for (const { files, cosine } of pairs
  .filter((pair) => pair.cosine >= LEAST)
  .sort((a, b) => b.cosine - a.cosine))
  console.log(`${cosine.toFixed(3)}  ${files.join('  ')}`);
