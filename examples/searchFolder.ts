/**
 * Searches a folder of pictures by text, in any language.
 *
 *   npx tsx examples/searchFolder.ts photos "ein roter Bus" [model]
 *
 * Prints the five pictures that fit best, each with the probability that it matches. The embedded model knows emoji only:
 * for photographs name a released one, such as google/siglip2-base-patch16-224.
 */
import { load, matchProbabilities } from 'siglip2';
import { imageFolder } from 'siglip2/data';
import { embedSamples } from 'siglip2/evaluate';

const [folder, query, model] = process.argv.slice(2);
if (folder === undefined || query === undefined) throw new Error('say a folder and what to look for');

const encoder = await load(model);
const data = await imageFolder(folder, { keepUncaptioned: true });
// Embeddings of pictures can be kept: whatever is looked for later is one text more.
const { samples, embeddings } = await embedSamples(encoder, { data });
const text = await encoder.embedTexts([query]);
const { data: probabilities } = matchProbabilities(embeddings, text, encoder.logitScalars);
await encoder.dispose();

const found = samples.map(({ key }, i) => ({ key, probability: probabilities[i]! }));
for (const { key, probability } of found.sort((a, b) => b.probability - a.probability).slice(0, 5))
  console.log(`${(100 * probability).toFixed(1).padStart(5)} %  ${key}`);
