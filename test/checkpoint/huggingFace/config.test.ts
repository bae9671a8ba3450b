import { expect, test } from 'vitest';
import { formatConfig, parseConfig } from '../../../src/checkpoint/huggingFace/config.ts';
import { parameterShapes } from '../../../src/checkpoint/huggingFace/layout.ts';
import { formatPreprocessor } from '../../../src/checkpoint/huggingFace/preprocessor/format.ts';
import { parsePreprocessor } from '../../../src/checkpoint/huggingFace/preprocessor/parse.ts';
import type { ImagePreprocessing } from '../../../src/input/image/preprocessing.ts';
import { sizeOf } from '../../../src/tensor/ndarray.ts';
import { RELEASED_PREPROCESSOR } from '../../support/releasedPreprocessor.ts';
import { expectRemedy, thrownBy } from '../remedy.ts';
import { FIXED, FIXED_PREPROCESSOR, NAFLEX, NAFLEX_PREPROCESSOR } from '../tinyModel.ts';

/** The released base-patch16-512 file: everything else comes from class defaults. */
const RELEASED = {
  architectures: ['SiglipModel'],
  initializer_factor: 1.0,
  model_type: 'siglip',
  text_config: { model_type: 'siglip_text_model', vocab_size: 256_000 },
  torch_dtype: 'float32',
  transformers_version: '4.49.0.dev0',
  vision_config: { image_size: 512, model_type: 'siglip_vision_model' },
};

const so400m = { hidden_size: 1152, intermediate_size: 4304, num_hidden_layers: 27, num_attention_heads: 16 };
const count = (json: unknown) =>
  [...parameterShapes(parseConfig(json)).values()].reduce((total, shape) => total + sizeOf(shape), 0);

test('the released minimal file gets the class defaults', () => {
  const tower = { hiddenSize: 768, intermediateSize: 3072, layers: 12, heads: 12, layerNormEps: 1e-6 };
  expect(parseConfig(RELEASED)).toEqual({
    vision: {
      ...tower,
      kind: 'fixed',
      imageSize: 512,
      patchSize: 16,
      channels: 3,
      numPatches: 1024,
      useHead: true,
    },
    text: { ...tower, vocabSize: 256_000, length: 64, projectionSize: 768 },
  });
});

test('released configurations have the published parameter counts', () => {
  const text = { vocab_size: 256_000 };
  expect(count(RELEASED)).toBe(375_823_874);
  expect(count({ model_type: 'siglip2', text_config: text })).toBe(375_234_050);
  const so14 = { ...so400m, patch_size: 14, image_size: 384 };
  expect(count({ model_type: 'siglip', text_config: { ...text, ...so400m }, vision_config: so14 })).toBe(
    1_136_008_498,
  );
  const giant = {
    hidden_size: 1536,
    intermediate_size: 6144,
    num_hidden_layers: 40,
    num_attention_heads: 16,
  };
  const giantText = { ...text, ...so400m, projection_size: 1536 };
  expect(
    count({ model_type: 'siglip', text_config: giantText, vision_config: { ...giant, image_size: 256 } }),
  ).toBe(1_871_393_906);
});

test('defaults without sections: image 224, vocabulary 32000; nulls mean the default', () => {
  const config = parseConfig({
    model_type: 'siglip',
    text_config: { projection_size: null },
    vision_config: null,
  });
  expect(config.vision.numPatches).toBe(196);
  expect([config.text.vocabSize, config.text.projectionSize]).toEqual([32_000, 768]);
});

test('stale token ids and unknown fields are ignored', () => {
  const text = {
    vocab_size: 256_000,
    pad_token_id: 1,
    bos_token_id: 49_406,
    eos_token_id: 49_407,
    other: {},
  };
  expect(parseConfig({ ...RELEASED, text_config: text })).toEqual(parseConfig(RELEASED));
});

test.each([
  ['fixed', FIXED] as const,
  ['naflex', NAFLEX] as const,
  ['with templates', { ...FIXED, promptTemplates: ['{}', 'a photo of {}'] }] as const,
])('format and parse are inverse: %s', (_, config) => {
  expect(parseConfig(JSON.parse(JSON.stringify(formatConfig(config))))).toEqual(config);
});

const vision = (fields: object) => ({ ...RELEASED, vision_config: fields });
test.each([
  ['no object', [], /model_type is missing/],
  ['another model', { model_type: 'clip' }, /model_type is "clip", expected "siglip" or "siglip2"/],
  ['one tower', { model_type: 'siglip_vision_model' }, /two-tower/],
  [
    'another activation',
    vision({ hidden_act: 'quick_gelu' }),
    /vision_config\.hidden_act: must be one of gelu_pytorch_tanh/,
  ],
  ['exact GELU', { ...RELEASED, text_config: { hidden_act: 'gelu' } }, /text_config\.hidden_act/],
  ['a width of zero', vision({ hidden_size: 0 }), /vision_config\.hidden_size/],
  ['a width as text', vision({ hidden_size: '768' }), /vision_config\.hidden_size/],
  [
    'heads that do not divide',
    vision({ num_attention_heads: 7 }),
    /hidden_size 768 is not a multiple of num_attention_heads 7/,
  ],
  [
    'different joint widths',
    vision({ hidden_size: 1152, num_attention_heads: 16 }),
    /projection_size is 768, expected .* 1152/,
  ],
  ['an image smaller than a patch', vision({ image_size: 8 }), /less than one patch/],
  ['an oblong image', vision({ image_size: [224, 448] }), /image_size/],
  [
    'an oblong grid',
    { model_type: 'siglip2', vision_config: { num_patches: 200 } },
    /num_patches is 200, expected a square/,
  ],
  ['no templates', { ...RELEASED, prompt_templates: [] }, /prompt_templates/],
  [
    'a template without a place for the label',
    { ...RELEASED, prompt_templates: ['{}', 'a photo'] },
    /prompt_templates\.1: must hold "\{\}"/,
  ],
])('refuses %s', (_, json, message) => {
  expectRemedy(thrownBy(() => parseConfig(json, 'model/config.json')));
  expect(() => parseConfig(json, 'model/config.json')).toThrow(message);
  expect(() => parseConfig(json, 'model/config.json')).toThrow(/^model\/config\.json: /);
});

test('the released preprocessors', () => {
  const pixels = { resample: 'bilinear', rescale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  const fixed = { image_processor_type: 'SiglipImageProcessor', size: { height: 384, width: 384 } };
  expect(parsePreprocessor({ ...RELEASED_PREPROCESSOR, ...fixed })).toEqual({
    kind: 'fixed',
    height: 384,
    width: 384,
    ...pixels,
  });
  const naflex = { image_processor_type: 'Siglip2ImageProcessorFast', patch_size: 16, max_num_patches: 256 };
  expect(parsePreprocessor({ ...RELEASED_PREPROCESSOR, ...naflex })).toEqual({
    kind: 'naflex',
    patchSize: 16,
    maxNumPatches: 256,
    ...pixels,
  });
});

test('preprocessor class defaults, and steps switched off', () => {
  expect(parsePreprocessor({ image_processor_type: 'SiglipImageProcessor' })).toMatchObject({
    height: 224,
    resample: 'bicubic',
  });
  expect(parsePreprocessor({ max_num_patches: 64 })).toMatchObject({
    kind: 'naflex',
    maxNumPatches: 64,
    patchSize: 16,
  });
  expect(parsePreprocessor({ do_rescale: false, do_normalize: false })).toMatchObject({
    rescale: 1,
    mean: [0, 0, 0],
  });
});

test.each<ImagePreprocessing>([
  FIXED_PREPROCESSOR,
  NAFLEX_PREPROCESSOR,
  { ...FIXED_PREPROCESSOR, background: [255, 0, 9] },
  { ...FIXED_PREPROCESSOR, resample: 'lanczos', resize: { shortestEdge: 40 }, crop: true },
  { ...FIXED_PREPROCESSOR, resize: { height: 50, width: 40 }, crop: true },
  { ...FIXED_PREPROCESSOR, resize: 'none', crop: true },
  { ...FIXED_PREPROCESSOR, resize: { shortestEdge: 30 } } as const,
  { ...NAFLEX_PREPROCESSOR, resize: 'none' } as const,
  { ...NAFLEX_PREPROCESSOR, resample: 'box' } as const,
  { ...FIXED_PREPROCESSOR, resize: { shortestEdge: 30, longestEdge: 40 }, crop: true } as const,
  { ...FIXED_PREPROCESSOR, resize: { maxHeight: 30, maxWidth: 28 }, pad: true } as const,
])('preprocessor format and parse are inverse: $kind', (config) => {
  expect(parsePreprocessor(JSON.parse(JSON.stringify(formatPreprocessor(config))))).toEqual(config);
});

test('a number is the shorter side, unless the file says square', () => {
  expect(parsePreprocessor({ size: 64 })).toMatchObject({
    height: 64,
    width: 64,
    resize: { shortestEdge: 64 },
  });
  const square = parsePreprocessor({ size: 64, default_to_square: true });
  expect(square).toMatchObject({ height: 64, width: 64 });
  expect(square).not.toHaveProperty('resize');
  expect(parsePreprocessor({ size: [40, 64] })).toMatchObject({ height: 40, width: 64 });
});

test('what nobody reads is not judged: fields of steps that are off, unknown and null ones', () => {
  const off = {
    do_resize: false,
    do_rescale: false,
    do_normalize: false,
    do_center_crop: null,
    new_field: {},
  };
  const nonsense = {
    resample: 77,
    rescale_factor: 'x',
    image_mean: 'y',
    image_std: 0,
    crop_size: -1,
    size: 30,
  };
  expect(parsePreprocessor({ ...off, ...nonsense })).toMatchObject({
    resize: 'none',
    rescale: 1,
    std: [1, 1, 1],
  });
});

test.each([
  [
    'another processor',
    { image_processor_type: 'ConvNextImageProcessor' },
    /is "ConvNextImageProcessor", expected one of Siglip/,
  ],
  ['a longest edge', { size: { longest_edge: 224 } }, /size/],
  ['a number of pixels', { size: { min_pixels: 9, max_pixels: 99 } }, /size/],
  ['padding to one side', { do_pad: true, pad_size: { shortest_edge: 224 } }, /pad_size/],
  [
    'a crop and padding',
    { do_pad: true, pad_size: 9, do_center_crop: true, crop_size: 8 },
    /do_center_crop and do_pad/,
  ],
  ['a crop without a size', { do_center_crop: true }, /crop_size/],
  [
    'more patches than memory',
    { max_num_patches: 1e6, image_processor_type: 'Siglip2ImageProcessor' },
    /max_num_patches/,
  ],
  ['unknown filter', { resample: 9 }, /resample/],
  ['zero deviation', { image_std: [0, 1, 1] }, /image_std/],
  ['mean and std of different lengths', { image_mean: [0.5], image_std: [1, 1, 1] }, /image_mean/],
  ['a colour out of range', { background_color: [0, 0, 256] }, /background_color/],
  ['a list', [], /the file/],
])('preprocessor refuses %s', (_, json, message) => {
  expectRemedy(thrownBy(() => parsePreprocessor(json)));
  expect(() => parsePreprocessor(json)).toThrow(message);
});
