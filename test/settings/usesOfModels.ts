import { exportOnnx } from '../../src/checkpoint/export/exportOnnx.ts';
import { resolveModel } from '../../src/checkpoint/hub/resolveModel.ts';
import { saveModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { writeSafetensors } from '../../src/checkpoint/safetensors/writer.ts';
import { trimModel } from '../../src/checkpoint/trimModel.ts';
import { type Captioner, loadCaptioner } from '../../src/encoder/captioner.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { patchScores } from '../../src/encoder/patchScores.ts';
import { decodeImage } from '../../src/input/image/decode/decodeImage.ts';
import { rgbImage } from '../../src/input/image/rgbImage.ts';
import { loadTokenizer } from '../../src/input/text/tokenizer/loadTokenizer.ts';
import { trimTokenizer } from '../../src/input/text/trim/trimTokenizer.ts';
import { float32 } from '../../src/tensor/index.ts';
import { saveScriptedDecoder } from '../cli/scriptedDecoder.ts';
import { temporaryFolder } from '../cli/temporary.ts';
import { saveTinyModel } from '../server/tinyModel.ts';
import type { Use } from './uses.ts';

const folder = temporaryFolder();
let captioner: Promise<Captioner> | undefined;

async function loadTiny(): Promise<Captioner> {
  await saveTinyModel(folder);
  await saveScriptedDecoder(folder, []);
  return loadCaptioner(folder, { threads: 1 });
}

/** A captioner that is loaded when it is first asked for. */
const tiny = (): Promise<Captioner> => {
  captioner ??= loadTiny();
  return captioner;
};
const encoder = async (): Promise<Encoder> => (await tiny()).encoder;

export const closeModels = async (): Promise<void> => (await captioner)?.dispose();

const answer = (ask: (captioner: Captioner, options: never) => unknown): Use => ({
  right: {},
  enter: async (one) => ask(await tiny(), one),
});
const call = (use: (encoder: Encoder, options: never) => unknown): Use => ({
  right: {},
  enter: async (one) => use(await encoder(), one),
});
const model = { path: 'none' } as never;

/** Settings of models, checkpoints, and of what goes into a model. */
export const MODEL_USES: Readonly<Record<string, Use>> = {
  AnswerOptions: answer((one, options) => one.caption([], options)),
  'AnswerOptions of refer': answer((one, options) => one.refer('none.png', [], options)),
  'AnswerOptions of describe': answer((one, options) => one.describe('none.png', [], options)),
  ClassifyOptions: call((one, options) => one.classify([], ['a'], options)),
  'ClassifyOptions of embedLabels': call((one, options) => one.embedLabels([], options)),
  DecodeOptions: { right: {}, enter: (one) => decodeImage(new Uint8Array(1), one) },
  EmbedImagesOptions: call((one, options) => one.embedImages([], options)),
  ExportOptions: { right: {}, enter: (one) => exportOnnx(model, 'none', one) },
  ImageOptions: call((one, options) => one.score([], [], options)),
  'ImageOptions of embedPatches': call((one, options) => one.embedPatches([], options)),
  'ImageOptions of patchScores': call((one, options) =>
    patchScores(one, rgbImage(1, 1, new Uint8Array(3)), float32([1, 1], [1]), options),
  ),
  'ImageOptions of imageFeatures': call((one, options) => one.imageFeatures([], options)),
  LoadOptions: { right: {}, enter: (one) => load('no such directory', one) },
  'LoadOptions of loadCaptioner': { right: {}, enter: (one) => loadCaptioner('no such directory', one) },
  ResolveOptions: { right: {}, enter: (one) => resolveModel('no such directory', one) },
  SaveOptions: { right: {}, enter: (one) => saveModelDirectory('none', {} as never, one) },
  TokenizerOptions: { right: {}, enter: (one) => loadTokenizer('none.json', one) },
  TrimModelOptions: { right: {}, enter: (one) => trimModel(model, [], 'none', one) },
  TrimOptions: { right: {}, enter: (one) => trimTokenizer({}, [], one) },
  WriteOptions: { right: {}, enter: (one) => writeSafetensors('none/none.safetensors', {}, one) },
};
