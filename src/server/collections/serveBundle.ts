import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { Bundle } from '../../search/bundle/bundle.ts';
import { BundleCollection } from '../../search/bundle/bundleCollection.ts';
import { modelOf } from '../../search/collection/modelProbe.ts';
import { judgeOf } from '../../search/cutoff/judgeOf.ts';
import type { ServedCollection, ServedModel } from './served.ts';

/** What the pictures beside a model are called among collections. */
export const BUNDLE_NAME = 'emoji';

/** The pictures beside a model as a collection that is only read. */
export async function serveBundle(bundle: Bundle, { encoder, name }: ServedModel): Promise<ServedCollection> {
  const collection = new BundleCollection(BUNDLE_NAME, bundle, await modelOf(encoder, name));
  const [model] = await collection.models();
  // The first search would wait for it.
  if (model) judgeOf(collection, model, encoder).catch(() => {});
  const bytesOf = (id: number) => Uint8Array.from(bundle.pictures[id - 1] ?? []);
  return {
    name: BUNDLE_NAME,
    description: bundle.description,
    isFixed: true,
    collection,
    model: async () => model,
    titleOf: ({ id }) => bundle.items[id - 1]?.name ?? '',
    tagOf: ({ id }, side) =>
      createHash('sha256')
        .update(bytesOf(id))
        .update(` ${Math.min(side, bundle.size)}`)
        .digest('hex'),
    check: async () => {},
    async image({ id }, side) {
      const bytes = bytesOf(id);
      if (side >= bundle.size) return bytes;
      return new Uint8Array(await sharp(bytes).resize(side, side, { fit: 'inside' }).webp().toBuffer());
    },
  };
}
