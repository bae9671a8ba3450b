import type { Encoder } from '../../encoder/encoder.ts';
import type { Collection, CollectionModel, StoredModel } from '../collection/collection.ts';
import { isSameModel } from '../collection/isSameModel.ts';
import { modelOf } from '../collection/modelProbe.ts';
import { untilChanged } from '../collection/untilChanged.ts';

/** What encoders embed the probe as: it is asked for with each search, and costs as much as the query's text. */
const probes = new WeakMap<object, Promise<CollectionModel>>();

function probed(encoder: Encoder): Promise<CollectionModel> {
  const known = probes.get(encoder) ?? modelOf(encoder, '');
  probes.set(encoder, known);
  known.catch(() => probes.delete(encoder));
  return known;
}

/** To count a model's pictures takes longer than to search them. */
const models = untilChanged<'models', StoredModel[]>();

/** The models of a collection, asked for again when it has changed. */
export const modelsOf = (collection: Collection): Promise<StoredModel[]> =>
  models(collection, 'models', () => collection.models());

/** A collection has no vectors of the encoder that asks. */
class NoModelError extends Error {}

export const isNoModel = (error: unknown): boolean => error instanceof NoModelError;

/**
 * The model under which a collection keeps an encoder's vectors.
 * @param id of the model, where it is known
 * @throws Error naming the collection's models where the encoder is none of them
 */
export async function storedModel(
  collection: Collection,
  encoder: Encoder,
  id?: number | undefined,
): Promise<StoredModel> {
  const there = await modelsOf(collection);
  const own = id === undefined ? await probed(encoder) : undefined;
  const found = there.find((model) => (own ? isSameModel(model, own) : model.id === id));
  if (found) return found;
  const names = there.map(({ name }) => name).join(', ') || 'none yet';
  const asked = own ? 'of this encoder' : `of the model ${id}`;
  throw new NoModelError(
    `the collection ${collection.name} has no vectors ${asked} (its models: ${names}); index its pictures with it first`,
  );
}
