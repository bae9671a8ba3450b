import { float16ToFloat32 } from '../../checkpoint/safetensors/castFloat.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { float32 } from '../../tensor/index.ts';
import type { Collection, StoredModel, StoredVectors } from '../collection/collection.ts';
import { commonEmbeddings } from './commonEmbeddings.ts';
import { createJudge, type Judge } from './createJudge.ts';

/** Pictures that stand for a collection. */
const SAMPLE = 4096;

/** Stored vectors as what the judge takes, [n, width]. */
export const storedEmbeddings = ({ ids, vectors }: StoredVectors, width: number): Embeddings =>
  float32([ids.length, width], float16ToFloat32(vectors));

interface Known {
  readonly version: number;
  readonly judge: Promise<Judge>;
}

const known = new WeakMap<Collection, Map<number, Known>>();

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
export async function judgeOf(collection: Collection, model: StoredModel, encoder: Encoder): Promise<Judge> {
  const version = await collection.version();
  const judges = known.get(collection) ?? new Map<number, Known>();
  known.set(collection, judges);
  const found = judges.get(model.id);
  if (found?.version === version) return found.judge;
  const made: Known = { version, judge: makeJudge(collection, model, encoder) };
  judges.set(model.id, made);
  // A failure is told to whoever waits, and tried again by the next.
  made.judge.catch(() => {
    if (judges.get(model.id) === made) judges.delete(model.id);
  });
  return made.judge;
}
