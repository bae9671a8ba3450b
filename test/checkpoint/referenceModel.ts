import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../src/checkpoint/files/atomic.ts';
import { formatPreprocessor } from '../../src/checkpoint/huggingFace/preprocessor/format.ts';
import { fixedPreprocessing, naflexPreprocessing } from '../../src/input/image/preprocessing.ts';

const MODELS = join(import.meta.dirname, '../../parity/fixtures/model');
const PREPROCESSORS = { fixed: fixedPreprocessing(16), naflex: naflexPreprocessing(4, 16) };

/** The tiny model of the reference's fixtures as a folder that opens: with a preprocessor beside it. */
export async function referenceModel(kind: 'fixed' | 'naflex', folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const file of ['config.json', 'model.safetensors'])
    await copyFile(join(MODELS, `tiny-${kind}`, file), join(folder, file));
  await writeJson(join(folder, 'preprocessor_config.json'), formatPreprocessor(PREPROCESSORS[kind]));
  return folder;
}
