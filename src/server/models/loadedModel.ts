import { join, resolve } from 'node:path';
import { isFolder } from '../../checkpoint/files/stats.ts';
import { resolving } from '../../checkpoint/hub/options.ts';
import { resolveModel } from '../../checkpoint/hub/resolveModel.ts';
import { load } from '../../encoder/load.ts';
import type { LoadOptions } from '../../encoder/loadOptions.ts';
import { rgbImage } from '../../input/image/rgbImage.ts';
import type { Bundle } from '../../search/bundle/bundle.ts';
import { openBundle } from '../../search/bundle/openBundle.ts';
import { type BatchedEncoder, type BatchingOptions, batchedEncoder } from '../batching/batchedEncoder.ts';
import { createImageReader, type ImageReader } from '../decode/imageReader.ts';
import { describeModel, isEmbedded, type ModelInfo } from '../modelInfo.ts';

/** A model that can be served, with all that is its own. */
export interface LoadedModel {
  /** As it was named: a directory, or a name on the hub. */
  readonly name: string;
  /** What collections call it. */
  readonly storedName: string;
  readonly encoder: BatchedEncoder;
  readonly info: ModelInfo;
  /** The pictures beside it. */
  readonly bundle: Bundle | undefined;
  readonly images: ImageReader;
  dispose(): Promise<void>;
}

export interface LoadModelOptions extends Pick<BatchingOptions, 'onBatch'> {
  readonly loading: LoadOptions;
  readonly signal?: AbortSignal;
  /** Called with the model's folder when all its files are there, before anything is loaded. */
  readonly onFiles?: (folder: string) => Promise<void>;
}

/** As the command line calls it, whose collections these are too. */
async function storedNameOf(name: string): Promise<string> {
  if (isEmbedded(name)) return 'embedded';
  return (await isFolder(name)) ? resolve(name) : name;
}

const GREY = rgbImage(64, 64, new Uint8Array(64 * 64 * 3).fill(128));

/** Both towers, so that what cannot work is known now, and the first request waits for nothing. */
async function warm(encoder: BatchedEncoder): Promise<void> {
  await encoder.embedTexts(['a']);
  await encoder.embedImages([GREY]);
}

/**
 * Loads a model, and fetches it first where it is on the hub.
 * @throws Error saying what to do when it cannot be had; the signal's reason when it is aborted first
 */
export async function loadModel(
  name: string,
  { loading, signal, onFiles, onBatch }: LoadModelOptions,
): Promise<LoadedModel> {
  const folder = await resolveModel(name, { ...resolving(loading), ...(signal && { signal }) });
  await onFiles?.(folder);
  signal?.throwIfAborted();
  const { textBatch, imageBatch } = loading;
  const encoder = batchedEncoder(await load(folder, loading), { textBatch, imageBatch, onBatch });
  try {
    const bundle = await openBundle(join(folder, 'gallery'), encoder);
    if (onFiles) await warm(encoder);
    signal?.throwIfAborted();
    const images = createImageReader(encoder);
    images.start();
    return {
      ...{ name, encoder, bundle, images },
      storedName: await storedNameOf(name),
      info: describeModel(name, encoder),
      async dispose() {
        await images.stop();
        await encoder.dispose();
      },
    };
  } catch (error) {
    await encoder.dispose();
    throw error;
  }
}
