import type { DownloadProgress } from '../checkpoint/hub/options.ts';
import { resolveRules } from '../checkpoint/hub/options.ts';
import { type DecodeOptions, decodeSchema } from '../input/image/decode/decodeImage.ts';
import { patchesRule, withMaxPatches } from '../input/image/naflex/patchBudget.ts';
import { type ImagePreprocessing, type Resample, resampleRule } from '../input/image/preprocessing.ts';
import { type LetterCase, letterCaseRule } from '../input/text/letterCase.ts';
import type { Device } from '../tensor/index.ts';
import { sessionRules } from '../tensor/session.ts';
import { check, count, optional, type Rules, settings } from '../tensor/settings.ts';

export interface LoadOptions {
  /** Default `cpu`. */
  readonly device?: Device;
  /** Threads of the engine. Default: all. */
  readonly threads?: number;
  /** Images per run of the engine, at least 1. Default 8; for NaFlex, as many as have 2,048 patches together. */
  readonly imageBatch?: number;
  /** Texts per run of the engine, at least 1. Default 32. */
  readonly textBatch?: number;
  /**
   * NaFlex: most patches of an image, 1 … 4,096. More patches see more detail; the released models were trained on 128 to
   * 1,024. Default: the checkpoint's (256). A fixed-resolution model refuses it.
   */
  readonly maxNumPatches?: number;
  /** Lower-casing of texts. Default `unicode`. */
  readonly letterCase?: LetterCase;
  /** How image files are decoded: limits, what is behind transparent pixels, the size of drawings. */
  readonly decode?: DecodeOptions;
  /** How images are resized. Default: as the checkpoint says; all released ones say Pillow's `bilinear`. */
  readonly resample?: Resample;
  /** Where downloaded models are kept. Default: the Hugging Face cache. */
  readonly cacheDir?: string;
  /** Branch, tag or commit of a model on the hub. Default `main`. */
  readonly revision?: string;
  /** Use only what is on disk. */
  readonly offline?: boolean;
  /** Largest header of a safetensors file, in bytes. Default: 16 MiB. */
  readonly maxHeaderBytes?: number;
  /** Access token for gated and private models; `false` for none. Default: `HF_TOKEN`, or as logged in. */
  readonly token?: string | false;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Receives warnings about a download. Default: `process.emitWarning`. */
  readonly onNotice?: (message: string) => void;
}

const { cacheDir, revision, offline, token, onProgress, onNotice } = resolveRules;

/** The rule of each field, for options that have them among others. */
export const loadRules: Rules<LoadOptions> = {
  device: sessionRules.device,
  threads: sessionRules.threads,
  imageBatch: optional(count),
  textBatch: optional(count),
  maxNumPatches: optional(patchesRule),
  letterCase: optional(letterCaseRule),
  decode: optional(decodeSchema),
  resample: optional(resampleRule),
  maxHeaderBytes: optional(count),
  ...{ cacheDir, revision, offline, token, onProgress, onNotice },
};

const loadSchema = settings<LoadOptions>(loadRules);

/**
 * How a checkpoint's images are prepared, with what the user wants otherwise.
 * @throws RangeError for a number of patches that there can't be, or that a fixed-resolution model is given
 */
export function withOptions(preprocessing: ImagePreprocessing, options: LoadOptions): ImagePreprocessing {
  const { maxNumPatches, resample = preprocessing.resample } = options;
  return { ...withMaxPatches(preprocessing, maxNumPatches), resample };
}

/** @throws RangeError naming the option that is none */
export const checkLoad = (options: LoadOptions): void => check('load', loadSchema, options);
