import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { saveModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { openWeights } from '../../../src/checkpoint/huggingFace/weights.ts';
import {
  castFloat,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../../src/checkpoint/safetensors/castFloat.ts';
import { firstNonFinite } from '../../../src/checkpoint/safetensors/finite.ts';
import { writeSafetensors } from '../../../src/checkpoint/safetensors/writer.ts';
import { matchProbabilities } from '../../../src/encoder/classify.ts';
import { load } from '../../../src/encoder/load.ts';
import { float32, type NdArray, ndarray } from '../../../src/tensor/ndarray.ts';
import { saveTinyModel } from '../../cli/fixtures.ts';
import { expectRemedy } from '../remedy.ts';
import { temporaryDirectory } from '../temporary.ts';
import { countingTensors, FIXED, FIXED_PREPROCESSOR } from '../tinyModel.ts';

const folder = temporaryDirectory();
const FLOATS = ['float32', 'float16', 'bfloat16'] as const;
const bytesOf = ({ data }: NdArray) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

test('finds the first NaN or infinity wherever it is, in every float width, and nothing else', () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, max: 60_000, min: -60_000 }), {
    maxLength: 40,
  });
  const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  fc.assert(
    fc.property(
      values,
      fc.option(fc.tuple(fc.nat(), bad)),
      fc.constantFrom(...FLOATS),
      (some, hit, dtype) => {
        const wide = Float32Array.from(some);
        const at = hit && some.length > 0 ? hit[0] % some.length : -1;
        if (at >= 0) wide[at] = hit![1];
        const data = { float32: () => wide, float16: float32ToFloat16, bfloat16: float32ToBfloat16 }[dtype](
          wide,
        );
        expect(firstNonFinite({ dtype, data: bytesOf(ndarray(dtype, [some.length], data)) })).toBe(at);
      },
    ),
  );
  const long = new Float32Array(200_003).fill(-3.4e38);
  expect(firstNonFinite({ dtype: 'float32', data: bytesOf(float32([long.length], long)) })).toBe(-1);
  long[200_002] = Number.NaN;
  expect(firstNonFinite({ dtype: 'float32', data: bytesOf(float32([long.length], long)) })).toBe(200_002);
});

test.each(FLOATS)(
  'a checkpoint of %s with NaN or infinity is refused by the tensor’s name',
  async (dtype) => {
    const path = join(folder, `${dtype}.safetensors`);
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const bad = castFloat(float32([2, 2], [1, 2, value, 4]), dtype);
      await writeSafetensors(path, { logit_scale: bad, logit_bias: castFloat(float32([1], [1]), dtype) });
      const weights = await openWeights(path);
      await weights.read('logit_bias');
      await weights.verify(['logit_bias']);
      for (const reading of [
        () => weights.read('logit_scale'),
        () => weights.readFloat32('logit_scale'),
        () => weights.verify(['logit_bias', 'logit_scale']),
      ]) {
        const error: unknown = await reading().catch((one: unknown) => one);
        expect(String(error)).toMatch(/tensor "logit_scale" holds NaN or infinity \(first at element 2\)/);
        expectRemedy(error);
      }
      await weights.close();
    }
  },
);

test('a model with NaN or infinity is not saved, of whatever width', async () => {
  const contents = { config: FIXED, preprocessor: FIXED_PREPROCESSOR };
  const save = (change: (tensors: Map<string, NdArray>) => void) => {
    const tensors: Map<string, NdArray> = new Map(countingTensors(FIXED));
    change(tensors);
    return saveModelDirectory(join(folder, 'refused'), { ...contents, tensors });
  };
  await expect(save((all) => all.set('logit_bias', float32([1], [Number.NaN])))).rejects.toThrow(
    /tensor "logit_bias" holds NaN/,
  );
  const overflow = ndarray('float16', [1], Uint16Array.of(0x7c00));
  await expect(save((all) => all.set('logit_scale', overflow))).rejects.toThrow(/tensor "logit_scale" holds/);
});

test('an encoder refuses NaN in what its engine maps, and answers nothing that is no number', async () => {
  const image = { width: 4, height: 4, data: new Uint8Array(48) };
  const name = 'vision_model.post_layernorm.weight';
  for (const [fill, message] of [
    [Number.NaN, /tensor "vision_model\.post_layernorm\.weight" holds NaN/],
    [3e38, /image_embeds of image 0 \(from 0\) holds NaN or infinity: the model's weights are finite/],
  ] as const) {
    const model = await saveTinyModel(join(folder, `model-${fill}`));
    const path = join(model, 'model.safetensors');
    const weights = await openWeights(path);
    const tensors = new Map<string, NdArray>();
    for (const one of weights.tensors.keys()) tensors.set(one, await weights.read(one));
    await weights.close();
    const { shape, data } = tensors.get(name)!;
    tensors.set(name, float32(shape, new Float32Array(data.length).fill(fill)));
    await writeSafetensors(path, tensors, { metadata: { format: 'pt' } });
    const encoder = await load(model, { threads: 1 });
    await expect(encoder.embedImages([image])).rejects.toThrow(message);
    await expect(encoder.score([image], ['a'])).rejects.toThrow(message);
    await expect(encoder.classify([image], ['a', 'b'])).rejects.toThrow(message);
    await encoder.dispose();
  }
});

test('probabilities of embeddings that are no numbers are refused', () => {
  const scalars = { logTemperature: 1, bias: 0 };
  const [good, bad] = [float32([1, 2], [1, 0]), float32([2, 2], [1, 0, Number.NaN, 0])];
  expect(() => matchProbabilities(good, bad, scalars)).toThrow(/image 0 and text 1: .* is NaN/);
  expect(() => matchProbabilities(good, float32([1, 2], [0, 1]), { logTemperature: 800, bias: 0 })).toThrow(
    /temperature Infinity/,
  );
});
