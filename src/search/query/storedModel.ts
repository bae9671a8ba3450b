import type { Encoder } from '../../encoder/encoder.ts';
import type { Collection, CollectionModel } from '../collection/collection.ts';
import { isSameModel, modelOf } from '../collection/modelProbe.ts';

/** What encoders embed the probe as: it is asked for with each search, and costs as much as the query's text. */
const probes = new WeakMap<object, Promise<CollectionModel>>();

function probed(encoder: Encoder): Promise<CollectionModel> {
  const known = probes.get(encoder) ?? modelOf(encoder, '');
  probes.set(encoder, known);
  known.catch(() => probes.delete(encoder));
  return known;
}

/**
 * The id under which a collection keeps an encoder's vectors.
 * @throws Error naming the collection's models where the encoder is none of them
 */
export async function storedModelId(collection: Collection, encoder: Encoder): Promise<number> {
  const own = await probed(encoder);
  const models = await collection.models();
  const found = models.find((model) => isSameModel(model, own));
  if (found) return found.id;
  const names = models.map(({ name }) => name).join(', ') || 'none yet';
  throw new Error(
    `the collection ${collection.name} has no vectors of this encoder (its models: ${names}); index its pictures with it first`,
  );
}
