import { resolving } from '../checkpoint/hub/options.ts';
import { resolveModel } from '../checkpoint/hub/resolveModel.ts';
import { type ModelDirectory, openModelDirectory } from '../checkpoint/huggingFace/directory.ts';
import type { DecodeOptions } from '../input/image/decode/decodeImage.ts';
import type { EncoderImage, ImageSource } from '../input/image/imageSource.ts';
import { patchNotice, withMaxPatches } from '../input/image/naflex/patchBudget.ts';
import { loadTokenizer } from '../input/text/tokenizer/loadTokenizer.ts';
import type { Arrays, Session } from '../tensor/index.ts';
import { check } from '../tensor/settings.ts';
import { classifySchema, embedImagesSchema, imageSchema, labelsSchema } from './callOptions.ts';
import { averagePrompts, labelPrompts, matchProbabilities, rankLabels } from './classify.ts';
import { EMBEDDED_MODEL } from './embeddedModel.ts';
import { inBatches } from './embeddings.ts';
import type { EmbedImagesOptions, Encoder, ImageOptions } from './encoder.ts';
import { checkLoad, type LoadOptions, withOptions } from './loadOptions.ts';
import { rowsInPlaces } from './rowsInPlaces.ts';
import { tokenInput } from './tokenInput.ts';
import { splitFeatures } from './towers/features.ts';
import { naming } from './towers/finiteOutputs.ts';
import { compileTower, featureGraph, imageGraph, patchGraph, textGraph } from './towers/graphs.ts';
import { imageRuns } from './towers/imageRuns.ts';
import { lazily } from './towers/lazily.ts';
import { splitPatches } from './towers/patches.ts';

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
