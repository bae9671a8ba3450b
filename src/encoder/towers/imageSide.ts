import type { Weights } from '../../checkpoint/huggingFace/weights.ts';
import type { DecodeOptions } from '../../input/image/decode/decodeImage.ts';
import type { EncoderImage } from '../../input/image/imageSource.ts';
import { withMaxPatches } from '../../input/image/naflex/patchBudget.ts';
import type { ImagePreprocessing } from '../../input/image/preprocessing.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Arrays, SessionOptions } from '../../tensor/index.ts';
import { check } from '../../tensor/settings.ts';
import { embedImagesSchema, imageSchema } from '../callOptions.ts';
import type { EmbedImagesOptions, Encoder, ImageOptions } from '../encoder.ts';
import { rowsInPlaces } from '../rowsInPlaces.ts';
import { disposeAll } from './disposeAll.ts';
import { splitFeatures } from './features.ts';
import { naming } from './finiteOutputs.ts';
import { compileTower, featureGraph, imageGraph, patchGraph } from './graphs.ts';
import { imageRuns } from './imageRuns.ts';
import { type LazySession, lazily } from './lazily.ts';
import { splitPatches } from './patches.ts';

/** What an encoder does with images alone. */
export interface ImageSide extends Pick<Encoder, 'embedImages' | 'embedPatches' | 'imageFeatures'> {
  /** Frees the three sessions, those that were started. */
  dispose(): Promise<void>;
}

export interface ImageSideOptions {
  readonly preprocessing: ImagePreprocessing;
  readonly decode: DecodeOptions;
  readonly imageBatch?: number | undefined;
  readonly session: SessionOptions;
  /** Called before each piece of work: throws once the encoder is disposed. */
  readonly assertUsable: () => void;
}

/**
 * The image tower of a checkpoint in its three forms (pooled, by patch in the space of the embeddings, and un-pooled),
 * each compiled when it is first asked for. The next run's images are prepared while the engine works on this one.
 */
export function imageSide(config: ModelConfig, weights: Weights, options: ImageSideOptions): ImageSide {
  const { preprocessing, decode, imageBatch, session, assertUsable } = options;
  const pooled = lazily(() => compileTower(imageGraph(config), weights, session));
  const patches = lazily(() => compileTower(patchGraph(config), weights, session));
  const features = lazily(() => compileTower(featureGraph(config), weights, session));

  /** What the tower answers for each run, with the places of the run's images among the caller's. */
  async function* answers(
    sources: readonly EncoderImage[],
    tower: LazySession,
    { maxNumPatches, onBad }: EmbedImagesOptions,
  ) {
    const own = withMaxPatches(preprocessing, maxNumPatches);
    for await (const { feeds, places } of imageRuns(sources, {
      preprocessing: own,
      decode,
      imageBatch,
      onBad,
    })) {
      const running = (await tower.get()).run(feeds);
      yield { outputs: await naming(running, 'image', (item) => places[item]), feeds, places };
    }
  }

  /** One result an image, in the order of the images. */
  async function perImage<Result>(
    sources: readonly EncoderImage[],
    tower: LazySession,
    asked: ImageOptions,
    take: (outputs: Arrays, feeds: Arrays) => Result[],
  ): Promise<Result[]> {
    const results: Result[] = new Array(sources.length);
    for await (const { outputs, feeds, places } of answers(sources, tower, asked))
      take(outputs, feeds).forEach((result, i) => {
        results[places[i]!] = result;
      });
    return results;
  }

  return {
    async embedImages(sources, asked = {}) {
      assertUsable();
      check('embedImages', embedImagesSchema, asked);
      const rows = rowsInPlaces(sources.length, config.text.projectionSize);
      for await (const { outputs, places } of answers(sources, pooled, asked))
        rows.set(places, outputs['image_embeds']!.data as Float32Array);
      return rows.table();
    },
    async embedPatches(sources, asked = {}) {
      assertUsable();
      check('embedPatches', imageSchema, asked);
      return perImage(sources, patches, asked, ({ patch_embeds }, feeds) =>
        splitPatches(patch_embeds!, feeds, config.vision),
      );
    },
    async imageFeatures(sources, asked = {}) {
      assertUsable();
      check('imageFeatures', imageSchema, asked);
      return perImage(sources, features, asked, (outputs, feeds) =>
        splitFeatures(outputs, feeds, config.vision),
      );
    },
    dispose: () => disposeAll([pooled, patches, features]),
  };
}
