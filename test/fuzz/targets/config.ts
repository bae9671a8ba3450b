import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatConfig } from '../../../src/checkpoint/huggingFace/config.ts';
import { openModelDirectory, saveModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { formatPreprocessor } from '../../../src/checkpoint/huggingFace/preprocessor/format.ts';
import { load } from '../../../src/encoder/load.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import {
  countingTensors,
  FIXED,
  FIXED_PREPROCESSOR,
  NAFLEX,
  NAFLEX_PREPROCESSOR,
} from '../../checkpoint/tinyModel.ts';
import { tinyTokenizer } from '../../server/tinyTokenizer.ts';
import { Finding, type FuzzTarget } from '../harness/target.ts';
import { mutateJson } from '../mutators/json.ts';

/** An input is one object with the files of a model directory but its weights. */
const FILES = ['config', 'preprocessor_config', 'processor_config'] as const;

const encoder = new TextEncoder();
const tokenizerJson = tinyTokenizer();
const vocabSize = Object.keys(tokenizerJson.model.vocab).length;
const withVocabulary = (config: ModelConfig): ModelConfig => ({
  ...config,
  text: { ...config.text, vocabSize },
});

const MODELS = [
  { config: withVocabulary(FIXED), preprocessor: FIXED_PREPROCESSOR },
  { config: withVocabulary(NAFLEX), preprocessor: NAFLEX_PREPROCESSOR },
];

function seedOf({ config, preprocessor }: (typeof MODELS)[number], nested: boolean): Uint8Array {
  const fields = formatPreprocessor(preprocessor);
  return encoder.encode(
    JSON.stringify({
      config: formatConfig(config),
      ...(nested ? { processor_config: { image_processor: fields } } : { preprocessor_config: fields }),
    }),
  );
}

/** Values of 0 … 1 in all tensors: finite results, whatever the configuration makes of them. */
async function writeModels(folder: string): Promise<void> {
  for (const [i, { config, preprocessor }] of MODELS.entries()) {
    const tensors = [...countingTensors(config)];
    for (const [, { data }] of tensors) data.set(data.map((value) => (value % 1) - 0.5));
    await saveModelDirectory(join(folder, String(i)), { config, preprocessor, tensors, tokenizerJson });
  }
}

/** Uses a model that was taken, where it is not one of the seeds'. */
async function use(folder: string): Promise<string> {
  const { config, weights } = await openModelDirectory(folder);
  await weights.close();
  if (MODELS.some((one) => JSON.stringify(one.config) === JSON.stringify(config))) return 'as saved';
  const model = await load(folder, { threads: 1 });
  try {
    const image = rgbImage(20, 10, new Uint8Array(600).fill(90));
    const rows = [await model.embedImages([image]), await model.embedTexts(['a cat'])];
    for (const { data } of rows)
      if (!data.every(Number.isFinite)) throw new Finding('gives numbers that are none');
    return 'changed';
  } finally {
    await model.dispose();
  }
}

function writeFiles(folder: string, input: Uint8Array): void {
  for (const file of FILES) rmSync(join(folder, `${file}.json`), { force: true });
  let parts: Record<string, unknown> = {};
  try {
    parts = Object(JSON.parse(new TextDecoder().decode(input)));
  } catch {
    // No JSON at all is one of the files.
    writeFileSync(join(folder, 'config.json'), input);
    writeFileSync(join(folder, 'preprocessor_config.json'), input);
  }
  for (const file of FILES)
    if (parts[file] !== undefined) writeFileSync(join(folder, `${file}.json`), JSON.stringify(parts[file]));
}

export const configTarget: FuzzTarget = {
  what: "a model directory's config.json and preprocessor_config.json, and models that they make",
  seeds: async () => MODELS.flatMap((model) => [seedOf(model, false), seedOf(model, true)]),
  mutate: mutateJson,
  patience: 10,
  async start(folder) {
    await writeModels(folder);
    return {
      async read(input) {
        const outcomes: unknown[] = [];
        // The weights that it fits decide which one it is.
        for (const i of MODELS.keys()) {
          writeFiles(join(folder, String(i)), input);
          outcomes.push(await use(join(folder, String(i))).catch((error: unknown) => error));
        }
        const said = outcomes.find((one) => typeof one === 'string');
        if (said !== undefined) return String(said);
        throw outcomes[0];
      },
    };
  },
};
