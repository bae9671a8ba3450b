import { resolve } from 'node:path';
import { parameterShapes } from '../checkpoint/huggingFace/layout.ts';
import { EMBEDDED_MODEL } from '../encoder/embeddedModel.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { sizeOf } from '../tensor/index.ts';

/** What a model is, for people. */
export interface ModelInfo {
  readonly name: string;
  readonly parameters: number;
  /** Width of the embeddings. */
  readonly width: number;
  readonly kind: 'fixed' | 'naflex';
  /** NaFlex: most patches of an image unless a request says otherwise; null for models of one resolution. */
  readonly maxPatches: number | null;
  /** SPDX identifier; null when nobody told us. */
  readonly licence: string | null;
  readonly trainedOn: string;
  readonly limits: readonly string[];
}

type Background = Pick<ModelInfo, 'licence' | 'trainedOn' | 'limits'>;

const EMBEDDED: Background = {
  licence: 'Apache-2.0',
  trainedOn:
    'Emoji in eight drawing styles (Twemoji, OpenMoji, Fluent and others) and named by Unicode CLDR in about a hundred languages.',
  limits: [
    'It knows drawings of emoji, not photographs.',
    'It knows short names, not sentences.',
    'For photographs start with --model google/siglip2-base-patch16-naflex.',
  ],
};

const RELEASED: Background = {
  licence: 'Apache-2.0',
  trainedOn: 'WebLI: 10 billion images and 12 billion texts of the web in 109 languages (SigLIP 2 paper).',
  limits: ['It was trained on the web and repeats its biases; see the model card before relying on it.'],
};

const UNKNOWN: Background = {
  licence: null,
  trainedOn: 'Not known: a model of your own.',
  limits: [],
};

const isEmbedded = (name: string): boolean => resolve(name) === resolve(EMBEDDED_MODEL);

function backgroundOf(name: string): Background {
  if (isEmbedded(name)) return EMBEDDED;
  return /^google\/siglip2-/.test(name) ? RELEASED : UNKNOWN;
}

/**
 * Describes a loaded model. @param name as it was given to `load`
 * @example
 * console.log(describeModel('emoji', await load()));
 */
export function describeModel(name: string, encoder: Encoder): ModelInfo {
  const shapes = [...parameterShapes(encoder.config).values()];
  return {
    name: isEmbedded(name) ? 'siglip2-emoji (embedded)' : name,
    parameters: shapes.reduce((sum, shape) => sum + sizeOf(shape), 0),
    width: encoder.width,
    kind: encoder.config.vision.kind,
    maxPatches: encoder.maxNumPatches ?? null,
    ...backgroundOf(name),
  };
}
