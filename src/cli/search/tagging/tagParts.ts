import { float16ToFloat32 } from '../../../checkpoint/safetensors/castFloat.ts';
import type { Input, InputList } from '../../../data/inputs/input.ts';
import { matchProbabilities } from '../../../encoder/classify.ts';
import type { Embeddings } from '../../../encoder/embeddings.ts';
import type { Encoder } from '../../../encoder/encoder.ts';
import type { PictureKind } from '../../../search/collection/picture.ts';
import { float32 } from '../../../tensor/index.ts';
import { splitRows } from '../../../tensor/rows.ts';
import type { Part } from '../../bulk/bulk.ts';
import { imagePart } from '../../bulk/imagePart.ts';
import { matchGood } from '../../bulk/probabilities.ts';
import type { Outcome, Stamped } from '../../bulk/results.ts';
import type { OpenedCollection } from '../withCollection.ts';
import { type Tagged, type TagRule, tagsOf } from './tagResults.ts';
import type { WriteSidecar } from './tagSidecars.ts';

/** What pictures are tagged with. */
export interface Tagging extends TagRule {
  readonly labels: readonly string[];
  /** An embedding each, [labels, d]. */
  readonly classes: Embeddings;
  /** Where sidecars are written. */
  readonly write: WriteSidecar | undefined;
}

/** The tags of a picture by its probabilities, written where that is wanted. */
async function tagged(
  name: string,
  file: string | undefined,
  row: Float32Array,
  { labels, write, ...rule }: Tagging,
): Promise<Outcome<Tagged>> {
  const tags = tagsOf(labels, row, rule);
  if (!write) return { value: { tags } };
  const written = await write(
    name,
    file,
    tags.map(({ label }) => label),
  );
  if (written.bad) return written;
  return { value: { tags, sidecar: written.value } };
}

/** Pictures that are embedded now. */
export const taggedImages = (images: InputList, encoder: Encoder, tagging: Tagging): Part<Input, Tagged> =>
  imagePart(images, async (group) => {
    const outcomes: Outcome<Tagged>[] = [];
    for (const [i, found] of (await matchGood(encoder, group, tagging.classes)).entries()) {
      const { name, image } = group[i]!;
      const file = typeof image === 'string' ? image : undefined;
      outcomes.push(found.bad ? found : await tagged(name, file, found.value, tagging));
    }
    return outcomes;
  });

/** A picture of a collection, with its vector of unit length. */
interface Stored extends Stamped {
  readonly file: string;
  readonly vector: Float32Array;
}

/** Vectors that are read at once. */
const SIZE = 1000;

/** What a picture is called: its file, with the time of a frame or the number of a page. */
const nameOf = (path: string, kind: PictureKind, at: number): string =>
  kind === 'image' ? path : `${path}#${kind === 'frame' ? 't' : 'page'}=${at}`;

/** Pictures of a collection, by the vectors that it has. */
export function taggedCollection(
  { collection, encoder, model }: OpenedCollection,
  tagging: Tagging,
): Part<Stored, Tagged> {
  const { width } = model;
  // A sidecar is of a file, and not of a frame or page of it.
  const filter = tagging.write ? { kinds: ['image'] as const } : undefined;
  async function* reads() {
    for await (const { ids, vectors } of collection.allVectors(model.id, { filter, size: SIZE })) {
      const rows = new Map(ids.map((id, row) => [id, row]));
      for (const { id, path, kind, at, hash } of await collection.pictures(ids)) {
        const row = rows.get(id)!;
        const vector = float16ToFloat32(vectors.subarray(row * width, (row + 1) * width));
        yield { input: { name: nameOf(path, kind, at), stamp: hash, file: path, vector } };
      }
    }
  }
  return {
    kind: 'image',
    ...(!filter && { total: model.pictures }),
    reads,
    groupSize: SIZE,
    async work(group) {
      const data = new Float32Array(group.length * width);
      group.forEach(({ vector }, i) => {
        data.set(vector, i * width);
      });
      const images = float32([group.length, width], data);
      const rows = splitRows(matchProbabilities(images, tagging.classes, encoder.logitScalars));
      const outcomes: Outcome<Tagged>[] = [];
      for (const [i, { name, file }] of group.entries())
        outcomes.push(await tagged(name, file, rows[i]!, tagging));
      return outcomes;
    },
  };
}

/** Pictures whose sidecars lose the tags of ours. */
export const untagged = (images: InputList, write: WriteSidecar): Part<Input, Tagged> =>
  imagePart(images, async (group) => {
    const outcomes: Outcome<Tagged>[] = [];
    for (const { name, image } of group) {
      const written = await write(name, typeof image === 'string' ? image : undefined, []);
      outcomes.push(written.bad ? written : { value: { tags: [], sidecar: written.value } });
    }
    return outcomes;
  });
