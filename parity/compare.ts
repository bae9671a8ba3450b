/**
 * Compares our graph with what Hugging Face transformers computed at full size:
 *
 *     python parity/model.py --full b16-224 --out DIR
 *     npx tsx parity/compare.ts DIR
 *
 * Prints the largest relative error of every intermediate (max|a − b| / max|b|; README.md says what a file holds) and
 * the process's peak memory; fails above the limit. The head's attention output is not an intermediate of ours: its
 * algebra is another (src/nn/mapHead.ts).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../src/checkpoint/huggingFace/config.ts';
import { openWeights } from '../src/checkpoint/huggingFace/weights.ts';
import { sessionWeights } from '../src/encoder/towers/sessionWeights.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { naflexPositionEmbedding } from '../src/model/naflexPosition.ts';
import { logitsPerText, type TwoTowers, twoTowers } from '../src/model/twoTowers.ts';
import { compile, type NdArray, sub, type Tensor } from '../src/tensor/index.ts';

/** The project's limit: float32 sums in another order than PyTorch's, up to 27 blocks deep. */
const LIMIT = 1e-4;
/** Channels that the file keeps of a sequence's first and last token. */
const KEPT = 8;

type Reference = ReadonlyMap<string, NdArray>;

async function readReference(path: string): Promise<Reference> {
  const file = await openWeights(path);
  const arrays = new Map<string, NdArray>();
  for (const name of file.tensors.keys()) arrays.set(name, await file.read(name));
  await file.close();
  return arrays;
}

/** Patch projection and position embedding apart: the tower returns only their sum. */
function embeddingParts({ parameters, inputs, vision }: TwoTowers): Record<string, Tensor> {
  const table = parameters.get('vision_model.embeddings.position_embedding.weight')!.tensor;
  if (!('spatial_shapes' in inputs)) return { 'vision.patch_embeddings': sub(vision.embeddings, table) };
  const positions = naflexPositionEmbedding(table, inputs.spatial_shapes, inputs.pixel_attention_mask);
  return {
    'vision.patch_embeddings': sub(vision.embeddings, positions),
    'vision.position_embeddings': positions,
  };
}

const layers = (tower: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(tensors.map((tensor, i) => [`${tower}.layer.${i}`, tensor]));

/** Every intermediate under its name in the reference, in the order of computation. */
function intermediates(model: TwoTowers): Record<string, Tensor> {
  const { vision, text, imageEmbeddings, textEmbeddings, logitScale, logitBias } = model;
  return {
    ...embeddingParts(model),
    'vision.embeddings': vision.embeddings,
    ...layers('vision', vision.layers),
    'vision.post_layernorm': vision.tokens,
    'vision.pooled': vision.pooled,
    'text.embeddings': text.embeddings,
    ...layers('text', text.layers),
    'text.final': text.tokens,
    'text.pooled': text.pooled,
    image_embeds: imageEmbeddings,
    text_embeds: textEmbeddings,
    logits_per_text: logitsPerText(textEmbeddings, imageEmbeddings, logitScale, logitBias),
  };
}

async function compute(directory: string, config: ModelConfig, reference: Reference) {
  const [images, texts] = ['pixel_values', 'input_ids'].map((name) => reference.get(name)!.shape[0]!);
  const model = twoTowers(config, { images: images!, texts: texts! });
  const file = await openWeights(join(directory, 'model.safetensors'));
  const { weights, externalDataFolder } = await sessionWeights(model.parameters, file);
  const session = await compile({ outputs: intermediates(model), weights }, { externalDataFolder });
  const feeds = Object.fromEntries(Object.keys(model.inputs).map((name) => [name, reference.get(name)!]));
  const results = await session.run(feeds);
  await session.dispose();
  await file.close();
  return results;
}

/** A sequence [B, N, d] as the reference file keeps it: see parity/README.md. */
function summarise(sequence: NdArray, counts: readonly number[]): Record<string, number[]> {
  const [, tokens, width] = sequence.shape as [number, number, number];
  const samples = counts.map((count, i) => {
    const start = i * tokens * width;
    return Array.from((sequence.data as Float32Array).subarray(start, start + count * width));
  });
  const means = samples.map((values) => values.reduce((total, value) => total + value, 0) / values.length);
  const deviations = samples.map((values, i) =>
    Math.sqrt(values.reduce((total, value) => total + (value - means[i]!) ** 2, 0) / values.length),
  );
  return {
    mean: means,
    std: deviations,
    first: samples.flatMap((values) => values.slice(0, KEPT)),
    last: samples.flatMap((values) => values.slice(values.length - width, values.length - width + KEPT)),
  };
}

const numbers = (array: NdArray): number[] => Array.from(array.data as Float32Array);

/** max|a − b| / scale, the scale being max|b| unless given. NaN anywhere gives NaN, which no limit admits. */
function relativeError(a: readonly number[], b: readonly number[], scale?: number): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against the reference's ${b.length}`);
  const worst = Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
  return worst / (scale ?? Math.max(...b.map(Math.abs)));
}

/** Relative error of one intermediate; of a summarised sequence, the largest of its four parts. */
function compareOne(name: string, result: NdArray, reference: Reference, realPatches?: NdArray): number {
  const whole = reference.get(name);
  if (whole) return relativeError(numbers(result), numbers(whole));
  const [batch, tokens] = result.shape as [number, number];
  const counts = Array.from({ length: batch }, (_, i) => {
    if (!realPatches || !name.startsWith('vision.')) return tokens;
    return numbers(realPatches)
      .slice(i * tokens, (i + 1) * tokens)
      .reduce((a, b) => a + b, 0);
  });
  const part = (suffix: string): number[] => {
    const array = reference.get(`${name}.${suffix}`);
    if (!array) throw new Error(`the reference has neither ${name} nor ${name}.${suffix}`);
    return numbers(array);
  };
  const deviations = part('std');
  const errors = Object.entries(summarise(result, counts)).map(([suffix, values]) =>
    // Means are close to zero: their error counts against the spread of the values.
    relativeError(values, part(suffix), suffix === 'mean' ? Math.max(...deviations) : undefined),
  );
  return errors.some(Number.isNaN) ? Number.NaN : Math.max(...errors);
}

const directory = process.argv[2];
if (!directory) throw new Error('usage: npx tsx parity/compare.ts DIR (written by parity/model.py --full)');
const reference = await readReference(join(directory, 'activations.safetensors'));
const configPath = join(directory, 'config.json');
const config = parseConfig(JSON.parse(await readFile(configPath, 'utf8')), configPath);
const results = await compute(directory, config, reference);

let passed = true;
let largest = 0;
for (const [name, result] of Object.entries(results)) {
  const error = compareOne(name, result, reference, reference.get('pixel_attention_mask'));
  const good = error <= LIMIT;
  passed &&= good;
  largest = Math.max(largest, error);
  console.log(`${error.toExponential(1).padStart(8)}  ${name}${good ? '' : '  ABOVE THE LIMIT'}`);
}
console.log(
  `intermediates: ${Object.keys(results).length}, largest relative error ${largest.toExponential(1)}`,
);
console.log(`peak memory: ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GiB`);
console.log(passed ? `PASS (limit ${LIMIT})` : `FAIL (limit ${LIMIT})`);
process.exitCode = passed ? 0 : 1;
