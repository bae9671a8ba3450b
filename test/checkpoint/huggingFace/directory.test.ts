import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type ModelContents,
  openModelDirectory,
  saveModelDirectory,
} from '../../../src/checkpoint/huggingFace/directory.ts';
import { canonicalNames } from '../../../src/checkpoint/huggingFace/names.ts';
import {
  siglipTokenizerConfig,
  siglipTokenizerJson,
} from '../../../src/checkpoint/huggingFace/tokenizerFiles.ts';
import { lazyTensors, openWeights } from '../../../src/checkpoint/huggingFace/weights.ts';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { writeSafetensors } from '../../../src/checkpoint/safetensors/writer.ts';
import { EMBEDDED_MODEL } from '../../../src/encoder/embeddedModel.ts';
import { float32 } from '../../../src/tensor/ndarray.ts';
import { expectRemedy } from '../remedy.ts';
import { temporaryDirectory } from '../temporary.ts';
import { countingTensors, FIXED, FIXED_PREPROCESSOR, NAFLEX, NAFLEX_PREPROCESSOR } from '../tinyModel.ts';

const root = temporaryDirectory();
const fixed: ModelContents = {
  config: FIXED,
  preprocessor: FIXED_PREPROCESSOR,
  tensors: countingTensors(FIXED),
};
const naflex: ModelContents = {
  config: NAFLEX,
  preprocessor: NAFLEX_PREPROCESSOR,
  tensors: countingTensors(NAFLEX),
};

async function expectSame(path: string, contents: ModelContents, config = contents.config) {
  const model = await openModelDirectory(path);
  expect(model.config).toEqual(config);
  expect(model.preprocessor).toEqual(contents.preprocessor);
  expect(model.tokenizerPath).toBe(
    existsSync(join(path, 'tokenizer.json')) ? join(path, 'tokenizer.json') : undefined,
  );
  const expected = countingTensors(config);
  expect([...model.weights.tensors.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, array] of expected) expect(await model.weights.read(name)).toEqual(array);
  await model.weights.close();
}

test.each([['fixed', fixed] as const, ['naflex', naflex] as const])(
  'saves and opens a model: %s',
  async (kind, contents) => {
    const path = join(root, kind);
    await saveModelDirectory(path, contents);
    await expectSame(path, contents);
    expect(readdirSync(path).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'preprocessor_config.json',
    ]);
    // As readable as any directory this user makes, not private like a temporary one.
    mkdirSync(`${path}-plain`);
    expect(statSync(path).mode).toBe(statSync(`${path}-plain`).mode);
  },
);

test('saves in shards and back in one file, leaving other files alone and no stale weights', async () => {
  const path = join(root, 'shards');
  await saveModelDirectory(path, fixed, { maxShardBytes: 8192 });
  const files = readdirSync(path).filter((name) => name.startsWith('model-'));
  expect(files.length).toBeGreaterThan(2);
  expect(files[0]).toMatch(/^model-00001-of-000\d\d\.safetensors$/);
  await expectSame(path, fixed);
  const { weights } = await openModelDirectory(path);
  expect(new Set([...weights.tensors.values()].map(({ file }) => file)).size).toBe(files.length);

  writeFileSync(join(path, 'README.md'), 'kept');
  writeFileSync(join(path, 'processor_config.json'), '{"image_processor": {"size": 7}}');
  // Saving a model over itself: everything is read before anything is replaced.
  await saveModelDirectory(path, {
    ...fixed,
    tensors: lazyTensors(weights),
    tokenizerJson: { version: '1.0' },
  });
  await weights.close();
  await expectSame(path, fixed);
  expect(readdirSync(path).sort()).toEqual([
    'README.md',
    'config.json',
    'model.safetensors',
    'preprocessor_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const reopened = await openModelDirectory(path);
  await reopened.weights.close();
  expect(reopened.tokenizerPath).toBe(join(path, 'tokenizer.json'));
  const tokenizer = JSON.parse(readFileSync(join(path, 'tokenizer.json'), 'utf8'));
  expect(tokenizer).toMatchObject({
    version: '1.0',
    post_processor: { special_tokens: { '<eos>': { ids: [1] } } },
    truncation: { max_length: 8 },
    padding: { strategy: { Fixed: 8 }, direction: 'Right', pad_id: 0 },
  });
  const length = { model_max_length: 8, max_length: 8, padding: 'max_length', truncation: true };
  const settings = JSON.parse(readFileSync(join(path, 'tokenizer_config.json'), 'utf8'));
  expect(settings).toMatchObject({ tokenizer_class: 'Siglip2Tokenizer', ...length });
});

test('the length of texts is set in a tokenizer_config.json that is given', async () => {
  const path = join(root, 'given');
  const tokenizerConfig = { tokenizer_class: 'GemmaTokenizer', model_max_length: 1e30, x: 1 };
  await saveModelDirectory(path, { ...fixed, tokenizerJson: {}, tokenizerConfig });
  expect(JSON.parse(readFileSync(join(path, 'tokenizer_config.json'), 'utf8'))).toMatchObject({
    tokenizer_class: 'GemmaTokenizer',
    model_max_length: 8,
    max_length: 8,
    x: 1,
  });
});

test('the embedded model says its length where others look for it', () => {
  const json = (name: string) => JSON.parse(readFileSync(join(EMBEDDED_MODEL, name), 'utf8'));
  const { max_position_embeddings: length } = json('config.json').text_config;
  expect(json('tokenizer_config.json')).toEqual(siglipTokenizerConfig(length));
  const { truncation, padding } = siglipTokenizerJson({}, length);
  expect(json('tokenizer.json')).toMatchObject({ truncation, padding });
});

test('a save that fails midway leaves the old model whole and nothing beside it', async () => {
  const parent = join(root, 'failing');
  const path = join(parent, 'model');
  await saveModelDirectory(path, fixed);
  const tensors = [...countingTensors(NAFLEX)].map(
    ([name, array]) =>
      [
        name,
        { dtype: array.dtype, shape: array.shape, load: () => Promise.reject(new Error('disk on fire')) },
      ] as const,
  );
  await expect(saveModelDirectory(path, { ...naflex, tensors })).rejects.toThrow('disk on fire');
  await expectSame(path, fixed);
  await expect(saveModelDirectory(join(parent, 'new'), { ...naflex, tensors })).rejects.toThrow(
    'disk on fire',
  );
  expect(readdirSync(parent)).toEqual(['model']);
});

test('refuses to save tensors that are not those of the configuration', async () => {
  const path = join(root, 'refused');
  const without = new Map(countingTensors(FIXED));
  without.delete('logit_bias');
  await expect(saveModelDirectory(path, { ...fixed, tensors: without })).rejects.toThrow(
    /"logit_bias" \[1\].*missing; take config.json and the tensors from the same checkpoint/,
  );
  const extra = new Map(countingTensors(FIXED)).set('more', float32([1], [1]));
  await expect(saveModelDirectory(path, { ...fixed, tensors: extra })).rejects.toThrow(/"more" is no part/);
  await expect(saveModelDirectory(path, { ...fixed, preprocessor: NAFLEX_PREPROCESSOR })).rejects.toThrow(
    /naflex.* fixed vision tower; take preprocessor_config.json from the same checkpoint/,
  );
  expect(existsSync(path)).toBe(false);
});

test('opening names what is wrong', async () => {
  await expect(openModelDirectory(join(root, 'nowhere'))).rejects.toThrow(/config\.json: cannot be read/);
  const path = join(root, 'wrong');
  await saveModelDirectory(path, fixed);
  const configPath = join(path, 'config.json');
  const original = readFileSync(configPath, 'utf8');
  writeFileSync(configPath, original.replace('"vocab_size": 20', '"vocab_size": 21'));
  await expect(openModelDirectory(path)).rejects.toThrow(
    /token_embedding.weight" has shape \[20, 16\], .* \[21, 16\]/,
  );
  writeFileSync(configPath, original);
  rmSync(join(path, 'model.safetensors'));
  await expect(openModelDirectory(path)).rejects.toThrow(/has no weights; add model\.safetensors or/);
});

test('reads processor_config.json of newer versions', async () => {
  const path = join(root, 'nested');
  await saveModelDirectory(path, naflex);
  const plain = join(path, 'preprocessor_config.json');
  const nested = {
    image_processor: JSON.parse(readFileSync(plain, 'utf8')),
    processor_class: 'Siglip2Processor',
  };
  writeFileSync(join(path, 'processor_config.json'), JSON.stringify(nested));
  rmSync(plain);
  await expectSame(path, naflex);
});

test('index files that lie are refused', async () => {
  const path = join(root, 'index');
  mkdirSync(path);
  const index = join(path, 'model.safetensors.index.json');
  await writeSafetensors(join(path, 'a.safetensors'), { x: float32([1], [1]) });
  const write = (weight_map: unknown) => writeFileSync(index, JSON.stringify({ weight_map }));
  for (const [map, message] of [
    [{ x: '../a.safetensors' }, /names "\.\.\/a\.safetensors", expected a \.safetensors file beside it/],
    [{ x: '/etc/passwd' }, /expected a \.safetensors file/],
    [{ x: 'b.safetensors' }, /b\.safetensors: cannot be opened/],
    [['a.safetensors'], /weight_map must map/],
    [{ x: 1 }, /weight_map must map/],
  ] as const) {
    write(map);
    await expect(openWeights(index)).rejects.toThrow(message);
    expectRemedy(await openWeights(index).catch((error: unknown) => error));
  }
  // Of what nobody asks for nothing is said: the files know what they hold.
  write({ x: 'a.safetensors', y: 'a.safetensors' });
  const weights = await openWeights(index);
  const file = await openSafetensors(join(path, 'a.safetensors'));
  expect(weights.tensors.get('x')).toEqual({ ...file.tensors.get('x'), file: file.path });
  await expect(weights.read('y')).rejects.toThrow(/has no tensor "y"/);
  await Promise.all([weights.close(), file.close()]);
});

test('names of towers saved alone, with and without their prefix', () => {
  const names = (stored: string[]) => Object.fromEntries(canonicalNames(stored, 'f'));
  expect(names(['vision_model.post_layernorm.bias', 'logit_scale'])).toEqual({
    'vision_model.post_layernorm.bias': 'vision_model.post_layernorm.bias',
    logit_scale: 'logit_scale',
  });
  expect(names(['embeddings.patch_embedding.weight', 'encoder.layers.0.mlp.fc1.bias', 'head.probe'])).toEqual(
    {
      'vision_model.embeddings.patch_embedding.weight': 'embeddings.patch_embedding.weight',
      'vision_model.encoder.layers.0.mlp.fc1.bias': 'encoder.layers.0.mlp.fc1.bias',
      'vision_model.head.probe': 'head.probe',
    },
  );
  expect(
    names(['embeddings.token_embedding.weight', 'embeddings.position_ids', 'final_layer_norm.bias']),
  ).toEqual({
    'text_model.embeddings.token_embedding.weight': 'embeddings.token_embedding.weight',
    'text_model.final_layer_norm.bias': 'final_layer_norm.bias',
  });
  expect(names(['vision_model.vision_model.head.probe', 'text_model.text_model.head.bias'])).toEqual({
    'vision_model.head.probe': 'vision_model.vision_model.head.probe',
    'text_model.head.bias': 'text_model.text_model.head.bias',
  });
  expect(() => names(['vision_model.head.probe', 'vision_model.vision_model.head.probe'])).toThrow(
    /both mean .*; remove one of them/,
  );
});
