import type { CollectionModel } from './collection.ts';

/** Rounding differs between machines by far less, other weights embed the probe elsewhere. */
const SAME = 0.999;

/** Whether two models embed alike, as far as their embeddings of the probe tell. */
export function isSameModel(
  a: Pick<CollectionModel, 'width' | 'probe'>,
  b: Pick<CollectionModel, 'width' | 'probe'>,
): boolean {
  if (a.width !== b.width) return false;
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.width; i++) {
    const [x, y] = [a.probe[i]!, b.probe[i]!];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab > SAME * Math.sqrt(aa * bb);
}
