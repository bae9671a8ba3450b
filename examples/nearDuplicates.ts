/**
 * Finds copies of pictures: files with the same bytes, and other sizes and formats of one picture.
 *
 *   npx tsx examples/nearDuplicates.ts photos [model]
 *
 * Prints a line for each group: the picture to keep, and its copies, each with its cosine. A lower `threshold` finds
 * pictures of the same thing too.
 */
import { load } from 'siglip2';
import { findDuplicates, indexPictures, openCollection } from 'siglip2/search';

const [folder, model] = process.argv.slice(2);
if (folder === undefined) throw new Error('say a folder');

const encoder = await load(model);
const collection = await openCollection('memory:', { name: 'example', create: true });
await indexPictures(collection, encoder, [folder]);
const { groups } = await findDuplicates(collection);
for (const { best, copies } of groups) {
  const shown = copies.map(({ picture, cosine }) => `${cosine.toFixed(3)} ${picture.path}`);
  console.log([best.path, ...shown].join('  '));
}
await collection.close();
await encoder.dispose();
