import type { Channels, Resample } from '../../../input/image/preprocessing.ts';
import { CheckpointError, quote } from '../../files/errors.ts';

/** Pillow's filters by their numbers. */
export const FILTERS = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

/** What an image processor of `transformers` does where a file says nothing. */
export interface ProcessorClass {
  readonly kind: 'fixed' | 'naflex';
  readonly resample: Resample;
  readonly mean: Channels;
  readonly std: Channels;
  readonly size: { readonly height: number; readonly width: number } | { readonly shortestEdge: number };
  /** Whether a `size` that is one number is a square; else it is the shorter side. */
  readonly square: boolean;
  readonly crop: boolean;
  readonly cropSize?: number;
}

const HALF: Channels = [0.5, 0.5, 0.5];
const SQUARE = { height: 224, width: 224 };

const SIGLIP: ProcessorClass = {
  kind: 'fixed',
  resample: 'bicubic',
  mean: HALF,
  std: HALF,
  size: SQUARE,
  square: false,
  crop: false,
};

/** Class defaults of `transformers` 5. Every released SigLIP 2 file says `resample: bilinear`, which Siglip's does not. */
const CLASSES: Readonly<Record<string, ProcessorClass>> = {
  Siglip: SIGLIP,
  Siglip2: { ...SIGLIP, kind: 'naflex', resample: 'bilinear' },
  // People prepare their own models' images with these, whose steps are the same.
  ViT: { ...SIGLIP, resample: 'bilinear', square: true },
  CLIP: {
    ...SIGLIP,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
    size: { shortestEdge: 224 },
    crop: true,
    cropSize: 224,
  },
};

/** The class of a kind of model whose files name none. */
export const classOfKind = (kind: ProcessorClass['kind']): ProcessorClass =>
  CLASSES[kind === 'naflex' ? 'Siglip2' : 'Siglip']!;

/**
 * The class that a file names: `SiglipImageProcessor`, also in the forms `…Fast` and `…Pil`, or as the feature extractor
 * that it was before 2023.
 * @throws CheckpointError for another class.
 */
export function classNamed(name: string, file: string): ProcessorClass {
  const stem = name.replace(/(Pil|Fast)$/, '').replace(/(FeatureExtractor|ImageProcessor)$/, '');
  if (Object.hasOwn(CLASSES, stem)) return CLASSES[stem]!;
  const known = Object.keys(CLASSES).map((one) => `${one}ImageProcessor`);
  throw new CheckpointError(
    file,
    `image_processor_type is ${quote(name)}, expected one of ${known.join(', ')}; use a SigLIP 2 checkpoint`,
  );
}
