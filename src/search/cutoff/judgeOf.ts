import type { Encoder } from '../../encoder/encoder.ts';
import type { Collection, StoredModel } from '../collection/collection.ts';
import { untilChanged } from '../collection/untilChanged.ts';
import { storedEmbeddings } from '../collection/vectors/storedEmbeddings.ts';
import { commonEmbeddings } from './commonEmbeddings.ts';
import { createJudge, type Judge } from './createJudge.ts';

/** Pictures that stand for a collection. */
const SAMPLE = 4096;

/** By model. */
const judges = untilChanged<number, Judge>();

async function makeJudge(collection: Collection, model: StoredModel, encoder: Encoder): Promise<Judge> {
  const models = await collection.models();
  return createJudge({
    scalars: encoder.logitScalars,
    sample: storedEmbeddings(await collection.sample(model.id, SAMPLE), model.width),
    common: await commonEmbeddings(collection, model, encoder),
    count: models.find(({ id }) => id === model.id)?.pictures ?? model.pictures,
  });
}

/**
 * The judge of a collection's pictures by a model: made once and again when the collection has changed. It depends on what
 * the collection holds alone, not on the store.
 * @param encoder of the model
 */
export const judgeOf = (collection: Collection, model: StoredModel, encoder: Encoder): Promise<Judge> =>
  judges(collection, model.id, () => makeJudge(collection, model, encoder));
