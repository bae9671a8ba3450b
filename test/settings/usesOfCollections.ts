import type { Collection } from '../../src/search/collection/collection.ts';
import { openCollection } from '../../src/search/stores/stores.ts';
import type { Use } from './uses.ts';

async function nearest(options: Parameters<Collection['nearest']>[2]): Promise<unknown> {
  const collection = await openCollection('memory:settings', { name: 'none', create: true });
  const { id } = await collection.addModel({ name: 'none', width: 1, probe: Float32Array.of(1) });
  return collection.nearest(id, Float32Array.of(1), options);
}

/** Settings of collections. */
export const COLLECTION_USES: Readonly<Record<string, Use>> = {
  NearestOptions: { right: { limit: 1 }, enter: nearest },
  OpenCollectionOptions: {
    right: { name: 'none', create: true },
    enter: (one) => openCollection('memory:settings', one),
  },
};
