import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { ImagePreprocessing } from '../../input/image/preprocessing.ts';
import type { ModelConfig, VisionConfig } from '../../model/config.ts';
import { check, limit, optional, settings } from '../../tensor/settings.ts';
import { writeJson } from '../files/atomic.ts';
import { CheckpointError, firstIssue, wrongField } from '../files/errors.ts';
import { readJson } from '../files/json.ts';
import { endTemporary, temporaryBeside } from '../files/leftovers.ts';
import { makeFolder } from '../files/makeFolder.ts';
import type { HeaderLimits } from '../safetensors/header.ts';
import { writeWeights } from '../safetensors/shards.ts';
import { type NamedTensors, orderTensors } from '../safetensors/writer.ts';
import { assertConsistent, formatConfig, parseConfig } from './config.ts';
import { assertDecoder, type DecoderContents, isDecoderFile, writeDecoder } from './decoder.ts';
import { assertLayout } from './layout.ts';
import { formatPreprocessor } from './preprocessor/format.ts';
import { parsePreprocessor } from './preprocessor/parse.ts';
import { siglipTokenizerConfig, siglipTokenizerJson } from './tokenizerFiles.ts';
import { openWeights, type Weights } from './weights.ts';

/** What a model is beside its weights. */
export interface ModelFiles {
  readonly config: ModelConfig;
  readonly preprocessor: ImagePreprocessing;
}

/** A checkpoint in the Hugging Face layout, opened. */
export interface ModelDirectory extends ModelFiles {
  readonly path: string;
  /** Validated against `config`; nothing but headers has been read. Close it when done. */
  readonly weights: Weights;
  /** `tokenizer.json`, where the directory has one. */
  readonly tokenizerPath?: string;
}

/** What a model directory is made of. */
export interface ModelContents extends ModelFiles {
  /** Every parameter of `config`, under its canonical name, and nothing else. */
  readonly tensors: NamedTensors;
  /** Content of `tokenizer.json`; what closes texts and their length are replaced by SigLIP's (eos, no bos). */
  readonly tokenizerJson?: unknown;
  /**
   * Content of `tokenizer_config.json`, in which the length of texts is set; a fitting one is written beside
   * `tokenizerJson` when absent.
   */
  readonly tokenizerConfig?: unknown;
  /** A decoder that was trained with the model, in files of its own beside it. */
  readonly decoder?: DecoderContents;
  /** Updates of the training after which it is as it is; written into the weights' metadata. */
  readonly step?: number;
}

export interface SaveOptions {
  /** Above this many bytes of weights, write several files and an index. Default: one file. */
  readonly maxShardBytes?: number;
}

const saveSchema = settings<SaveOptions>({ maxShardBytes: optional(limit) });

/** Weights in the order in which Hugging Face looks for them. */
const WEIGHT_FILES = ['model.safetensors', 'model.safetensors.index.json'];

/** Where newer versions of `transformers` look first for what `preprocessor_config.json` says. */
const PROCESSOR_FILE = 'processor_config.json';

const processorSchema = z.object({ image_processor: z.looseObject({}).nullish() });

/**
 * processor_config.json where it has an image processor, else preprocessor_config.json: newer versions of `transformers`
 * write the first and leave an old second file alone.
 */
async function readPreprocessor(directory: string, vision: VisionConfig): Promise<ImagePreprocessing> {
  const plain = join(directory, 'preprocessor_config.json');
  const nested = join(directory, PROCESSOR_FILE);
  if (existsSync(nested)) {
    const parsed = processorSchema.safeParse(await readJson(nested));
    if (!parsed.success) throw wrongField(nested, firstIssue(parsed.error));
    const { image_processor: fields } = parsed.data;
    if (fields) return parsePreprocessor(fields, nested, vision);
  }
  return parsePreprocessor(await readJson(plain), plain, vision);
}

/** How many times the model's side images may be resized to before they are cropped. */
const MAX_RESIZED_SIDES = 16;

/** Refuses a preprocessor whose images the vision tower cannot take. */
function assertPair(config: ModelConfig, preprocessor: ImagePreprocessing, directory: string): void {
  const { vision } = config;
  const refusal = (fault: string) =>
    new CheckpointError(directory, `${fault}; take preprocessor_config.json from the same checkpoint`);
  if (vision.kind === 'naflex' && preprocessor.kind === 'naflex') {
    if (preprocessor.patchSize === vision.patchSize) return;
    const sizes = `cuts patches of ${preprocessor.patchSize} pixels, but config.json describes patches of ${vision.patchSize}`;
    throw refusal(`preprocessor ${sizes}`);
  }
  if (vision.kind !== 'fixed' || preprocessor.kind !== 'fixed') {
    throw refusal(
      `preprocessor is ${preprocessor.kind}, but config.json describes a ${vision.kind} vision tower`,
    );
  }
  // As many whole patches, not as many pixels: what is past the last whole patch is never read.
  const { height, width } = preprocessor;
  const patches = Math.floor(height / vision.patchSize) * Math.floor(width / vision.patchSize);
  if (patches !== vision.numPatches || height !== width) {
    throw refusal(
      `preprocessor makes images of ${width}×${height} pixels, but config.json describes ${vision.imageSize}×${vision.imageSize}`,
    );
  }
  const { resize } = preprocessor;
  const largest = typeof resize === 'object' ? Math.max(...Object.values(resize)) : width;
  if (largest > MAX_RESIZED_SIDES * width) {
    const sizes = `resizes images to ${largest} pixels, of which config.json's ${width}×${width} are taken`;
    throw refusal(`preprocessor ${sizes}`);
  }
}

/**
 * A fixed tower's image size as the preprocessor has it: beyond the last whole patch nothing is read, so 386 pixels are as
 * good as 384 over patches of 14.
 */
function withImageSize(config: ModelConfig, preprocessor: ImagePreprocessing): ModelConfig {
  const { vision } = config;
  if (vision.kind !== 'fixed' || preprocessor.kind !== 'fixed') return config;
  return { ...config, vision: { ...vision, imageSize: preprocessor.height } };
}

/**
 * Opens a model directory in the Hugging Face layout: config.json, processor_config.json or preprocessor_config.json,
 * model.safetensors (or its sharded index) and, where present, tokenizer.json. Everything is validated together, the
 * configuration's sizes against the file's own tensors, before anything is used.
 * @throws CheckpointError naming the file at fault.
 * @example
 * const model = await openModelDirectory(await resolveModel('google/siglip2-base-patch16-224'));
 * console.log(model.config.text.length, [...model.weights.tensors.keys()].length);
 * await model.weights.close();
 */
export async function openModelDirectory(
  directory: string,
  limits: HeaderLimits = {},
): Promise<ModelDirectory> {
  const configPath = join(directory, 'config.json');
  const described = parseConfig(await readJson(configPath), configPath);
  const preprocessor = await readPreprocessor(directory, described.vision);
  assertPair(described, preprocessor, directory);
  const config = withImageSize(described, preprocessor);
  const weightFile = WEIGHT_FILES.find((file) => existsSync(join(directory, file)));
  if (!weightFile) throw new CheckpointError(directory, `has no weights; add ${WEIGHT_FILES.join(' or ')}`);
  const weights = await openWeights(join(directory, weightFile), limits);
  try {
    const origin = { source: 'config.json', unread: weights.unread };
    assertLayout(config, weights.tensors, join(directory, weightFile), false, origin);
  } catch (error) {
    await weights.close();
    throw error;
  }
  const tokenizerPath = join(directory, 'tokenizer.json');
  return {
    path: directory,
    config,
    preprocessor,
    weights,
    ...(existsSync(tokenizerPath) && { tokenizerPath }),
  };
}

/** Writes all files of a model into a directory, weights last; returns their names in that order. */
async function writeFiles(
  directory: string,
  contents: ModelContents,
  options: SaveOptions,
): Promise<string[]> {
  const { config, preprocessor, tokenizerJson, tokenizerConfig } = contents;
  const documents: [string, unknown][] = [
    ['config.json', formatConfig(config)],
    ['preprocessor_config.json', formatPreprocessor(preprocessor)],
  ];
  if (tokenizerJson !== undefined) {
    const { length } = config.text;
    documents.push(['tokenizer.json', siglipTokenizerJson(tokenizerJson, length)]);
    documents.push(['tokenizer_config.json', siglipTokenizerConfig(length, tokenizerConfig)]);
  }
  for (const [name, value] of documents) await writeJson(join(directory, name), value);
  const decoder = contents.decoder ? await writeDecoder(directory, contents.decoder) : [];
  const weights = await writeWeights(directory, contents.tensors, options.maxShardBytes, contents.step);
  return [...documents.map(([name]) => name), ...decoder, ...weights];
}

const isWeightFile = (name: string): boolean =>
  /^model(-\d+-of-\d+)?\.safetensors(\.index\.json)?$/.test(name);

/**
 * Moves new files over an existing directory one by one, then removes those that the new ones replace: other weight
 * files, a decoder of the weights before, and image settings that would win over the new ones.
 */
async function moveInto(staging: string, target: string, files: readonly string[]): Promise<void> {
  for (const file of files) await rename(join(staging, file), join(target, file));
  const stale = (await readdir(target)).filter(
    (name) => (isWeightFile(name) || isDecoderFile(name) || name === PROCESSOR_FILE) && !files.includes(name),
  );
  for (const name of stale) await rm(join(target, name));
  await rm(staging, { recursive: true });
}

const inconsistent = (directory: string, fault: string): CheckpointError =>
  new CheckpointError(directory, `${fault}; correct the configuration to be saved`);

/**
 * Saves a model as a directory that Hugging Face `transformers` (and {@link openModelDirectory}) loads. A new directory
 * appears whole or not at all. An existing one keeps its other files; ours are replaced one by one, weights last, and
 * only after all of them have been written beside it. Each tensor gets a checksum, which loading compares.
 * @throws CheckpointError when the tensors are not exactly those of the configuration, or one holds NaN or infinity;
 * RangeError naming the option that is none.
 * @example
 * const { config, preprocessor, weights, tokenizerPath } = await openModelDirectory(EMBEDDED_MODEL);
 * const names = [...weights.tensors.keys()];
 * const tensors = await Promise.all(names.map(async (name) => [name, await weights.read(name)] as const));
 * await saveModelDirectory('out/copy', { config, preprocessor, tensors });
 */
export async function saveModelDirectory(
  directory: string,
  contents: ModelContents,
  options: SaveOptions = {},
): Promise<void> {
  check('save', saveSchema, options);
  const target = resolve(directory);
  const tensors = orderTensors(contents.tensors);
  assertConsistent(contents.config, target, inconsistent);
  assertPair(contents.config, contents.preprocessor, target);
  assertLayout(contents.config, new Map(tensors), target, true);
  if (contents.decoder) assertDecoder(contents.decoder, contents.config, target);
  const staging = temporaryBeside(target);
  await makeFolder(staging);
  try {
    const files = await writeFiles(staging, { ...contents, tensors }, options);
    if (existsSync(target)) await moveInto(staging, target, files);
    else await rename(staging, target);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  } finally {
    endTemporary(staging);
  }
}
