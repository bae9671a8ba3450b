import { resolving } from '../checkpoint/hub/options.ts';
import { resolveModel } from '../checkpoint/hub/resolveModel.ts';
import { type ModelDirectory, openModelDirectory } from '../checkpoint/huggingFace/directory.ts';
import type { Weights } from '../checkpoint/huggingFace/weights.ts';
import { patchNotice } from '../input/image/naflex/patchBudget.ts';
import type { LogitScalars } from './classify.ts';
import { comparisons } from './comparison/comparisons.ts';
import { EMBEDDED_MODEL } from './embeddedModel.ts';
import type { Encoder } from './encoder.ts';
import { checkLoad, type LoadOptions, withOptions } from './loadOptions.ts';
import { disposeAll } from './towers/disposeAll.ts';
import { imageSide } from './towers/imageSide.ts';
import { textSide } from './towers/textSide.ts';

async function readScalars(weights: Weights): Promise<LogitScalars> {
  const scalar = async (name: string) => (await weights.readFloat32(name)).data[0]!;
  return { logTemperature: await scalar('logit_scale'), bias: await scalar('logit_bias') };
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
  try {
    return compose(nameOrDir, directory, options, await readScalars(directory.weights));
  } catch (error) {
    await directory.weights.close();
    throw error;
  }
}

/** The encoder of an open checkpoint: an image side, a text side, and what needs both. */
function compose(
  name: string,
  { config, weights, preprocessor, tokenizerPath }: ModelDirectory,
  options: LoadOptions,
  logitScalars: LogitScalars,
): Encoder {
  const preprocessing = withOptions(preprocessor, options);
  const notice = patchNotice(options.maxNumPatches);
  if (notice) (options.onNotice ?? process.emitWarning)(notice);
  let disposed = false;
  const assertUsable = () => {
    if (disposed) throw new Error('this encoder is disposed; load the model again');
  };
  const decode = { background: preprocessing.background, ...options.decode };
  const session = { device: options.device, threads: options.threads };
  const { imageBatch, textBatch, letterCase } = options;
  const image = { preprocessing, decode, imageBatch, session, assertUsable };
  const text = { name, tokenizerPath, letterCase, textBatch, session, assertUsable };
  const images = imageSide(config, weights, image);
  const texts = textSide(config, weights, text);
  const { embedImages, embedPatches, imageFeatures } = images;
  const { embedTexts, countTokens } = texts;

  const templates = config.promptTemplates ?? 'clip_best';

  return {
    config,
    width: config.text.projectionSize,
    logitScalars,
    templates,
    decode,
    preprocessing,
    ...(preprocessing.kind === 'naflex' && { maxNumPatches: preprocessing.maxNumPatches }),
    ...{ embedImages, embedPatches, imageFeatures, embedTexts, countTokens },
    ...comparisons({ logitScalars, templates, embedImages, embedTexts }),
    async dispose() {
      if (disposed) return;
      disposed = true;
      // What could not start has nothing to free; the weights' files are closed whatever happens.
      await disposeAll([images, texts]).finally(() => weights.close());
    },
  };
}
