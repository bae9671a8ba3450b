import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { CheckpointError } from '../../checkpoint/files/errors.ts';
import { readJson } from '../../checkpoint/files/json.ts';
import { assertFiniteTensor } from '../../checkpoint/safetensors/finite.ts';
import { openSafetensors } from '../../checkpoint/safetensors/reader.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import type { Bundle } from './bundle.ts';
import { BUNDLE_FILES, BUNDLE_PROBE, bundleIndexSchema } from './bundleFiles.ts';

const REBUILD = 'make the bundle again: npx tsx recipes/emojiGallery.ts <model directory>';

async function readValidated<T extends z.ZodType>(schema: T, path: string): Promise<z.output<T>> {
  const parsed = schema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CheckpointError(path, `${issue?.path.join('.') || 'the file'}: ${issue?.message}; ${REBUILD}`);
}

async function readEmbeddings(path: string, rows: number, width: number) {
  const file = await openSafetensors(path);
  try {
    for (const [name, expected] of [
      ['image_embeds', [rows, width]],
      ['probe_embeds', [1, width]],
    ] as const) {
      const shape = file.tensors.get(name)?.shape.join(', ') ?? 'missing';
      if (shape !== expected.join(', '))
        throw new CheckpointError(
          path,
          `${name} is [${shape}], expected [${expected.join(', ')}]; ${REBUILD}`,
        );
    }
    const embeddings = await file.readFloat32('image_embeds');
    assertFiniteTensor(path, 'image_embeds', embeddings);
    return { embeddings, probe: await file.readFloat32('probe_embeds') };
  } finally {
    await file.close();
  }
}

/** One view per picture. */
async function readPictures(path: string, count: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const file = await openSafetensors(path);
  try {
    const { data } = await file.read('bytes');
    const { data: ends } = await file.read('ends');
    const starts = [0, ...Array.from(ends, Number)];
    const fits =
      data instanceof Uint8Array &&
      ends.length === count &&
      starts.every((start, i) => i === 0 || start > starts[i - 1]!) &&
      starts.at(-1) === data.length;
    if (!fits)
      throw new CheckpointError(path, `does not hold the ${count} pictures of the index; ${REBUILD}`);
    const all = new Uint8Array(data);
    return starts.slice(1).map((end, i) => all.subarray(starts[i], end));
  } finally {
    await file.close();
  }
}

/** Cosine above which two embeddings of the probe come from the same weights: half precision costs about 1e-6. */
const SAME_MODEL = 0.999;

function assertSameModel(stored: Embeddings, current: Embeddings, path: string): void {
  const cosine = stored.data.reduce((sum, value, i) => sum + value * current.data[i]!, 0);
  if (!(cosine > SAME_MODEL))
    throw new CheckpointError(path, `was made by other weights than this model's; ${REBUILD}`);
}

/**
 * Opens the bundle in a folder (as `buildBundle` writes it), or gives undefined when the folder has none.
 * @throws CheckpointError when its files do not fit together or were made by another model.
 * @example
 * const encoder = await load();
 * const bundle = await openBundle('models/emoji/gallery', encoder);
 * console.log(bundle?.items.length);
 */
export async function openBundle(folder: string, encoder: Encoder): Promise<Bundle | undefined> {
  const indexPath = join(folder, BUNDLE_FILES.index);
  if (!existsSync(indexPath)) return undefined;
  const { description, size, items } = await readValidated(bundleIndexSchema, indexPath);
  const pictures = await readPictures(join(folder, BUNDLE_FILES.pictures), items.length);
  const embeddingsPath = join(folder, BUNDLE_FILES.embeddings);
  const { embeddings, probe } = await readEmbeddings(embeddingsPath, items.length, encoder.width);
  assertSameModel(probe, await encoder.embedTexts([BUNDLE_PROBE]), embeddingsPath);
  return { description, size, items, embeddings, pictures };
}
