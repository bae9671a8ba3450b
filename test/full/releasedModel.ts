import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decoderShapes } from '../../src/checkpoint/huggingFace/decoder.ts';
import { formatDecoderConfig } from '../../src/checkpoint/huggingFace/decoderConfig.ts';
import { parameterShapes } from '../../src/checkpoint/huggingFace/layout.ts';
import type { FloatDType } from '../../src/checkpoint/safetensors/castFloat.ts';
import { LOCCA_FORMAT } from '../../src/input/text/locca/format.ts';
import { loccaDecoderConfig } from '../../src/model/locca/config.ts';
import { variantConfig } from '../../src/model/variants.ts';
import { releasedDocuments } from './support/documents.ts';
import { writeRandomWeights } from './support/randomWeights.ts';

/** The released checkpoints that stand for all: the smallest, the one of any size and shape, and one of the large. */
export type ReleasedVariant = 'base-patch16-224' | 'base-patch16-naflex' | 'so400m-patch14-384';

export interface ReleasedModelOptions {
  readonly variant: ReleasedVariant;
  /** Default float32, as the released files are. So400m has 4.5 GB then: build it in 16 bits unless you need it. */
  readonly dtype?: FloatDType;
  /** Several files of at most 500 MB and an index, or (default) one file. */
  readonly sharded?: boolean;
  /** Also a LocCa decoder of the paper's size for the model, in the same dtype. */
  readonly decoder?: boolean;
}

/** Names a folder for the models, which then stay. */
export const MODELS_VARIABLE = 'SIGLIP2_FULL_MODELS';

/** Raised when what is written changes, so that kept folders are made anew. */
const VERSION = 1;
const SHARD_BYTES = 500e6;

/**
 * A model folder as the released ones are, with random weights: the released `config.json` (which leaves out what is a
 * class default), `preprocessor_config.json`, Gemma's 256,000 pieces, and weights of plausible scales, so that outputs
 * are finite and tell inputs apart. Made on first use (seconds) and shared by the tests of a run.
 *
 * **Every dtype holds the same numbers**: each is exact in bfloat16 and in float16. What a 16-bit model answers is to
 * be what the float32 one answers.
 * @returns the folder; read it, never write into it
 * @example
 * const encoder = await load(await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' }));
 */
export async function releasedModel(options: ReleasedModelOptions): Promise<string> {
  const { variant, dtype = 'float32', sharded = false, decoder = false } = options;
  const parent = process.env[MODELS_VARIABLE] ?? join(tmpdir(), 'siglip2-full');
  const marks = [dtype, sharded && 'sharded', decoder && 'decoder', `v${VERSION}`].filter(Boolean);
  const folder = join(parent, `${variant}-${marks.join('-')}`);
  if (existsSync(folder)) return folder;
  // A folder of another name first: what lies under the right one is whole.
  const staging = `${folder}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(staging, { recursive: true });
  try {
    await write(staging, variant, dtype, sharded ? SHARD_BYTES : Number.POSITIVE_INFINITY, decoder);
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

async function write(
  folder: string,
  variant: ReleasedVariant,
  dtype: FloatDType,
  shardBytes: number,
  decoder: boolean,
): Promise<void> {
  const config = variantConfig(`google/siglip2-${variant}`);
  for (const [name, text] of releasedDocuments(variant, dtype)) await writeFile(join(folder, name), text);
  await writeRandomWeights(folder, 'model', parameterShapes(config), dtype, shardBytes);
  if (!decoder) return;
  const description = { config: loccaDecoderConfig(config), format: LOCCA_FORMAT };
  await writeFile(join(folder, 'decoder_config.json'), JSON.stringify(formatDecoderConfig(description)));
  await writeRandomWeights(folder, 'decoder', decoderShapes(description.config), dtype);
}
