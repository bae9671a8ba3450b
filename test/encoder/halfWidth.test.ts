import { join } from 'node:path';
import { expect, it } from 'vitest';
import { saveModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { bfloat16ToFloat32, castFloat, type FloatDType } from '../../src/checkpoint/safetensors/castFloat.ts';
import { load } from '../../src/encoder/load.ts';
import { twoTowers } from '../../src/model/twoTowers.ts';
import { initializeParameters } from '../../src/nn/initialize.ts';
import { ndarray } from '../../src/tensor/ndarray.ts';
import { IMAGES, PREPROCESSORS, smallTokenizer, temporaryFolder, tinyConfig } from '../cli/models.ts';

/** Wide enough that biases (over 1 KiB as float32) are handed to the session beside the model, as real models' are. */
const WIDTH = 264;

async function saveAs(directory: string, dtype: FloatDType): Promise<string> {
  const tokenizerJson = smallTokenizer();
  const tiny = tinyConfig('fixed', Object.keys(tokenizerJson.model.vocab).length);
  const sizes = { hiddenSize: WIDTH, heads: 2, layers: 1 };
  const config = {
    vision: { ...tiny.vision, ...sizes },
    text: { ...tiny.text, ...sizes, projectionSize: WIDTH },
  };
  const tensors = [...initializeParameters(twoTowers(config, { images: 1, texts: 1 }).parameters, 7)].map(
    ([name, array]) => {
      if (name.endsWith('bias')) array.data.fill(0.05);
      // What bfloat16 holds float32 holds too.
      const rounded = bfloat16ToFloat32(castFloat(array, 'bfloat16').data as Uint16Array);
      return [name, castFloat(ndarray('float32', array.shape, rounded), dtype)] as const;
    },
  );
  await saveModelDirectory(directory, { config, preprocessor: PREPROCESSORS.fixed, tensors, tokenizerJson });
  return directory;
}

it('a 16-bit checkpoint answers what the float32 one of the same numbers answers', async () => {
  const folder = temporaryFolder();
  const [wide, narrow] = await Promise.all(
    (['float32', 'bfloat16'] as const).map(async (dtype) => load(await saveAs(join(folder, dtype), dtype))),
  );
  try {
    const texts = ['ein hund', 'a red car'];
    expect(await narrow!.embedTexts(texts)).toEqual(await wide!.embedTexts(texts));
    expect(await narrow!.embedImages(IMAGES)).toEqual(await wide!.embedImages(IMAGES));
    expect(await narrow!.embedPatches(IMAGES)).toEqual(await wide!.embedPatches(IMAGES));
    expect(await narrow!.imageFeatures(IMAGES)).toEqual(await wide!.imageFeatures(IMAGES));
  } finally {
    await wide!.dispose();
    await narrow!.dispose();
  }
});
