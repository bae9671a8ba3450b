/**
 * Searches a folder of pictures by text, in any language.
 *
 *   npx tsx examples/searchFolder.ts photos "ein roter Bus" [model]
 *
 * Prints the five nearest pictures, each with the probability that it fits. The folder is indexed into a collection, which
 * is kept: the next search embeds only what is new. The embedded model knows emoji only: for photographs name a released
 * one, such as google/siglip2-base-patch16-224.
 */
import { load } from 'siglip2';
import { indexPictures, openCollection, search } from 'siglip2/search';

const [folder, query, model] = process.argv.slice(2);
if (folder === undefined || query === undefined) throw new Error('say a folder and what to look for');

const encoder = await load(model);
const collection = await openCollection(`${folder}.collections`, { name: 'example', create: true });
await indexPictures(collection, encoder, [folder]);
const { hits } = await search(collection, encoder, query, { all: true, limit: 5 });
for (const { picture, probability } of hits)
  console.log(`${(100 * probability).toFixed(1).padStart(5)} %  ${picture.path}`);
await collection.close();
await encoder.dispose();
