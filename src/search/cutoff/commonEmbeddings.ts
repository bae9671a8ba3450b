import { createHash } from 'node:crypto';
import { z } from 'zod';
import { castFloat, float16ToFloat32 } from '../../checkpoint/safetensors/castFloat.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { float32 } from '../../tensor/index.ts';
import type { Collection, StoredModel } from '../collection/collection.ts';
import { COMMON_QUERIES } from './commonQueries.ts';

const noteSchema = z.object({ list: z.string(), vectors: z.string() });

/** Names the list, so that vectors of another are not taken for its own. */
const LIST = createHash('sha256').update(JSON.stringify(COMMON_QUERIES)).digest('hex').slice(0, 16);

const noteKey = (model: StoredModel): string => `cutoff/common/${model.id}`;

/** float16 as bits → [m, width] */
const widened = (halves: Uint16Array, width: number): Embeddings =>
  float32([COMMON_QUERIES.length, width], float16ToFloat32(halves));

function fromNote(note: unknown, width: number): Embeddings | undefined {
  const parsed = noteSchema.safeParse(note);
  if (!parsed.success || parsed.data.list !== LIST) return undefined;
  const bytes = Uint8Array.from(Buffer.from(parsed.data.vectors, 'base64'));
  if (bytes.length !== COMMON_QUERIES.length * width * 2) return undefined;
  return widened(new Uint16Array(bytes.buffer), width);
}

/**
 * The common queries as a model embeds them, [m, d]; kept as a note of the collection, since a large model takes many
 * seconds. Half precision, also the first time, so that answers stay the same.
 */
export async function commonEmbeddings(
  collection: Collection,
  model: StoredModel,
  encoder: Encoder,
): Promise<Embeddings> {
  const known = fromNote(await collection.note(noteKey(model)), model.width);
  if (known) return known;
  const halves = castFloat(await encoder.embedTexts(COMMON_QUERIES), 'float16').data;
  const bytes = Buffer.from(halves.buffer, halves.byteOffset, halves.byteLength);
  await collection.setNote(noteKey(model), { list: LIST, vectors: bytes.toString('base64') });
  return widened(new Uint16Array(halves.buffer, halves.byteOffset, halves.length), model.width);
}
