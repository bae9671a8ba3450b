/**
 * Writes tags for every picture of a folder: those of a list that fit it.
 *
 *   npx tsx examples/tagFolder.ts photos "cat, dog, car, Baum" [model]
 *
 * Prints a JSON object a line: the file and its tags, best first, each with its probability. A tag is given from 20 % on;
 * every tag is judged by itself, so a picture may have several or none.
 */
import { join } from 'node:path';
import { load } from 'siglip2';
import { imageFolder, readSource } from 'siglip2/data';

const LEAST = 0.2;

const [folder, list, model] = process.argv.slice(2);
if (folder === undefined || list === undefined) throw new Error('say a folder and tags with commas between');
const tags = list.split(',').map((tag) => tag.trim());

const encoder = await load(model);
for await (const { key } of readSource(await imageFolder(folder, { keepUncaptioned: true }))) {
  const [scores = []] = await encoder.classify([join(folder, key)], tags);
  const fitting = scores.filter(({ probability }) => probability >= LEAST);
  console.log(
    JSON.stringify({
      file: key,
      tags: Object.fromEntries(
        fitting.map(({ label, probability }) => [label, Number(probability.toFixed(3))]),
      ),
    }),
  );
}
await encoder.dispose();
