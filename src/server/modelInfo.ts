import { resolve } from 'node:path';
import { parameterCount } from '../checkpoint/huggingFace/layout.ts';
import { EMBEDDED_MODEL } from '../encoder/embeddedModel.ts';
import type { Encoder } from '../encoder/encoder.ts';

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

/** What people read as the name of the embedded model. */
const EMBEDDED_TITLE = 'siglip2-emoji (embedded)';

export const isEmbedded = (name: string): boolean => resolve(name) === resolve(EMBEDDED_MODEL);

/** What people read as the name of a model. @param name as it was given to `load` */
export const titleOfModel = (name: string): string => (isEmbedded(name) ? EMBEDDED_TITLE : name);

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
  return {
    name: titleOfModel(name),
    parameters: parameterCount(encoder.config),
    width: encoder.width,
    kind: encoder.config.vision.kind,
    maxPatches: encoder.maxNumPatches ?? null,
    ...backgroundOf(name),
  };
}
