import { fileURLToPath } from 'node:url';
import { resolving } from '../checkpoint/hub/options.ts';
import { resolveModel } from '../checkpoint/hub/resolveModel.ts';
import { type ModelDirectory, openModelDirectory } from '../checkpoint/huggingFace/directory.ts';
import type { DecodeOptions } from '../input/image/decode/decodeImage.ts';
import type { EncoderImage, ImageSource } from '../input/image/imageSource.ts';
import { patchNotice, withMaxPatches } from '../input/image/naflex/patchBudget.ts';
import type { ImagePreprocessing } from '../input/image/preprocessing.ts';
import { loadTokenizer } from '../input/text/tokenizer/loadTokenizer.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Arrays, NdArray, Session } from '../tensor/index.ts';
import { check } from '../tensor/settings.ts';
import { classifySchema, embedImagesSchema, imageSchema, labelsSchema } from './callOptions.ts';
import {
  averagePrompts,
  type LabelScore,
  type LogitScalars,
  labelPrompts,
  matchProbabilities,
  rankLabels,
  type Templates,
} from './classify.ts';
import { type Embeddings, inBatches } from './embeddings.ts';
import { checkLoad, type LoadOptions, withOptions } from './loadOptions.ts';
import { rowsInPlaces } from './rowsInPlaces.ts';
import { tokenInput } from './tokenInput.ts';
import { type ImageFeatures, splitFeatures } from './towers/features.ts';
import { naming } from './towers/finiteOutputs.ts';
import { compileTower, featureGraph, imageGraph, patchGraph, textGraph } from './towers/graphs.ts';
import { imageRuns } from './towers/imageRuns.ts';
import { type PatchEmbeddings, splitPatches } from './towers/patches.ts';

/** The model that comes with the package: trained on emoji by `recipes/emoji.ts`, not on photographs. */
export const EMBEDDED_MODEL = fileURLToPath(new URL('../../models/emoji', import.meta.url));

/** A loaded SigLIP 2: image and text embeddings in one space. Calls may overlap; each gets its own results. */
export interface Encoder {
  readonly config: ModelConfig;
  /** Width d of the embeddings. */
  readonly width: number;
  readonly logitScalars: LogitScalars;
  /**
   * What stands around a label when `classify` is not told: what the checkpoint says (`prompt_templates` in config.json,
   * a field of ours), else eight templates, `clip_best` (SPEC F.4). The embedded model and what is made from it learnt
   * bare names: `['{}']`.
   */
  readonly templates: Templates;
  /** How image files become pixels: what the checkpoint says of transparent pixels, and what `load` was told. */
  readonly decode: DecodeOptions;
  /** How decoded images become what the model takes: as the checkpoint says and `load` was told. */
  readonly preprocessing: ImagePreprocessing;
  /** NaFlex: most patches of an image, unless a call asks for others. Fixed-resolution models have none. */
  readonly maxNumPatches?: number;
  /**
   * Unit-length embeddings of images, [n, d].
   * @throws Error naming the image that cannot be read, unless `onBad` is told of it: then its row is left out.
   */
  embedImages(images: readonly EncoderImage[], options?: EmbedImagesOptions): Promise<Embeddings>;
  /** What the model sees at each place of each image, in the space of the embeddings: for heatmaps and regions. */
  embedPatches(images: readonly ImageSource[], options?: ImageOptions): Promise<PatchEmbeddings[]>;
  /**
   * Un-pooled patch features of each image with their grid, and the pooled vector: for dense tasks. Compiles a second
   * copy of the image tower on first use. @throws Error naming the image that cannot be read.
   */
  imageFeatures(images: readonly ImageSource[], options?: ImageOptions): Promise<ImageFeatures[]>;
  /** Unit-length embeddings of texts in any language, [n, d]. */
  embedTexts(texts: readonly string[]): Promise<Embeddings>;
  /** Unit-length embeddings of labels, each the mean of its prompts', [n, d]. */
  embedLabels(labels: readonly string[], options?: ClassifyOptions): Promise<Embeddings>;
  /** Probability that each image and each text match, [images, texts]; pairs are judged independently. */
  score(
    images: readonly EncoderImage[],
    texts: readonly string[],
    options?: ImageOptions,
  ): Promise<NdArray<'float32'>>;
  /** Zero-shot classification: for each image, every label with its probability, best first. */
  classify(
    images: readonly EncoderImage[],
    labels: readonly string[],
    options?: ClassifyOptions & ImageOptions,
  ): Promise<LabelScore[][]>;
  /** Frees the engine's memory. Calls after it fail. */
  dispose(): Promise<void>;
}

/** How a model looks at the images of one call. */
export interface ImageOptions {
  /**
   * NaFlex: most patches of an image, 1 … 4,096. Default: the encoder's. A fixed-resolution model refuses it (RangeError).
   */
  readonly maxNumPatches?: number | undefined;
}

export interface EmbedImagesOptions extends ImageOptions {
  /** Told of each image that cannot be read or decoded, by its place in `images`. */
  readonly onBad?: ((place: number, error: unknown) => void) | undefined;
}

export interface ClassifyOptions {
  /** A named set, or your own; `['{}']` takes the labels as they are. Default: the encoder's `templates`. */
  readonly templates?: Templates | undefined;
}

/** Starts a session on first use and remembers it; one that could not start is tried again at the next use. */
function lazily(create: () => Promise<Session>) {
  let session: Promise<Session> | undefined;
  return {
    get: () => {
      session ??= create().catch((error: unknown) => {
        session = undefined;
        throw error;
      });
      return session;
    },
    dispose: async () => (await session)?.dispose(),
  };
}

/** What a model's files and the user say of it, besides its weights. */
async function settingsOf({ preprocessor, weights }: ModelDirectory, options: LoadOptions) {
  const preprocessing = withOptions(preprocessor, options);
  const scalar = async (name: string) => (await weights.readFloat32(name)).data[0]!;
  const logitScalars = { logTemperature: await scalar('logit_scale'), bias: await scalar('logit_bias') };
  return { preprocessing, logitScalars };
}

/**
 * Loads a SigLIP 2 model.
 * @param nameOrDir a name on the Hugging Face hub (`google/siglip2-base-patch16-224`), or a directory in its layout.
 *   Default: the embedded model.
 * @throws Error when the model cannot be found or its files do not fit together; RangeError naming the option that is none.
 * @example
 * const encoder = await load('google/siglip2-base-patch16-224');
 * const [labels] = await encoder.classify(['cat.jpg'], ['a cat', 'un chien']);
 */
export async function load(nameOrDir: string = EMBEDDED_MODEL, options: LoadOptions = {}): Promise<Encoder> {
  checkLoad(options);
  const { maxHeaderBytes } = options;
  const limits = maxHeaderBytes === undefined ? {} : { maxHeaderBytes };
  const directory = await openModelDirectory(await resolveModel(nameOrDir, resolving(options)), limits);
  const { config, weights, tokenizerPath } = directory;
  const { preprocessing, logitScalars } = await settingsOf(directory, options).catch(
    async (error: unknown) => {
      await weights.close();
      throw error;
    },
  );
  const notice = patchNotice(options.maxNumPatches);
  if (notice) (options.onNotice ?? process.emitWarning)(notice);
  const session = { device: options.device, threads: options.threads };
  const images = lazily(() => compileTower(imageGraph(config), weights, session));
  const patchFeatures = lazily(() => compileTower(patchGraph(config), weights, session));
  const features = lazily(() => compileTower(featureGraph(config), weights, session));
  const texts = lazily(() => compileTower(textGraph(config), weights, session));
  const tokenizer = tokenizerPath
    ? loadTokenizer(tokenizerPath, {
        length: config.text.length,
        letterCase: options.letterCase,
        vocabSize: config.text.vocabSize,
      })
    : undefined;
  // A damaged tokenizer is reported to whoever embeds text first.
  tokenizer?.catch(() => {});
  const width = config.text.projectionSize;
  let disposed = false;
  const assertUsable = () => {
    if (disposed) throw new Error('this encoder is disposed; load the model again');
  };

  const decode: DecodeOptions = { background: preprocessing.background, ...options.decode };
  const runsOf = (sources: readonly EncoderImage[], { maxNumPatches, onBad }: EmbedImagesOptions) =>
    imageRuns(sources, {
      preprocessing: withMaxPatches(preprocessing, maxNumPatches),
      decode,
      imageBatch: options.imageBatch,
      onBad,
    });

  const runAt = async (tower: { get(): Promise<Session> }, feeds: Arrays, places: readonly number[]) =>
    naming((await tower.get()).run(feeds), 'image', (item) => places[item]);

  /** One result an image, in the order of the images. */
  async function perImage<Result>(
    sources: readonly ImageSource[],
    tower: { get(): Promise<Session> },
    patches: ImageOptions,
    take: (outputs: Arrays, feeds: Arrays) => Result[],
  ): Promise<Result[]> {
    const results: Result[] = new Array(sources.length);
    for await (const { feeds, places } of runsOf(sources, patches)) {
      const taken = take(await runAt(tower, feeds, places), feeds);
      taken.forEach((result, i) => {
        results[places[i]!] = result;
      });
    }
    return results;
  }

  const encoder: Encoder = {
    config,
    width,
    logitScalars,
    templates: config.promptTemplates ?? 'clip_best',
    decode,
    preprocessing,
    ...(preprocessing.kind === 'naflex' && { maxNumPatches: preprocessing.maxNumPatches }),
    async embedImages(sources, options = {}) {
      assertUsable();
      check('embedImages', embedImagesSchema, options);
      const rows = rowsInPlaces(sources.length, width);
      for await (const { feeds, places } of runsOf(sources, options)) {
        const outputs = await runAt(images, feeds, places);
        rows.set(places, outputs['image_embeds']!.data as Float32Array);
      }
      return rows.table();
    },
    async embedPatches(sources, options = {}) {
      assertUsable();
      check('embedPatches', imageSchema, options);
      return perImage(sources, patchFeatures, options, ({ patch_embeds }, feeds) =>
        splitPatches(patch_embeds!, feeds, config.vision),
      );
    },
    async imageFeatures(sources, options = {}) {
      assertUsable();
      check('imageFeatures', imageSchema, options);
      return perImage(sources, features, options, (outputs, feeds) =>
        splitFeatures(outputs, feeds, config.vision),
      );
    },
    async embedTexts(strings) {
      assertUsable();
      if (!tokenizer)
        throw new Error(`${nameOrDir} has no tokenizer.json: add the one of the released checkpoints`);
      const ready = await tokenizer;
      return inBatches(
        strings,
        options.textBatch ?? 32,
        width,
        async (batch) => ({ input_ids: await tokenInput(ready, batch) }),
        async (feeds, start) => {
          const session = await texts.get();
          return (await naming(session.run(feeds), 'text', (item) => start + item))['text_embeds']!;
        },
      );
    },
    async score(sources, strings, options = {}) {
      check('score', imageSchema, options);
      const [a, b] = [await encoder.embedImages(sources, options), await encoder.embedTexts(strings)];
      return matchProbabilities(a, b, logitScalars);
    },
    async embedLabels(labels, options = {}) {
      check('embedLabels', labelsSchema, options);
      const { templates = encoder.templates } = options;
      const prompts = labelPrompts(labels, templates).flat();
      return averagePrompts(await encoder.embedTexts(prompts), labels.length);
    },
    async classify(sources, labels, options = {}) {
      check('classify', classifySchema, options);
      if (labels.length === 0) throw new RangeError('classify needs at least one label');
      const { templates, ...imageOptions } = options;
      const classes = await encoder.embedLabels(labels, { templates });
      return rankLabels(await encoder.embedImages(sources, imageOptions), labels, classes, logitScalars);
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      // What could not start has nothing to free; the weights' files are closed whatever happens.
      const closed = await Promise.allSettled(
        [images, patchFeatures, features, texts].map((one) => one.dispose()),
      );
      await weights.close();
      const failed = closed.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
  return encoder;
}
