import type { z } from 'zod';
import type { Channels, FixedPreprocessing, ImagePreprocessing } from '../../../input/image/preprocessing.ts';
import type { VisionConfig } from '../../../model/config.ts';
import { firstIssue, wrongField } from '../../files/errors.ts';
import { classNamed, classOfKind, FILTERS, type ProcessorClass } from './classes.ts';
import {
  cropSchema,
  kindSchema,
  normaliseSchema,
  padSchema,
  patchSchema,
  resampleSchema,
  rescaleSchema,
  type SizeField,
  type Steps,
  sizeSchema,
  stepsSchema,
} from './fields.ts';

type Read = <T extends z.ZodType>(schema: T) => z.output<T>;
type Square = { readonly height: number; readonly width: number };
type Resized = Exclude<FixedPreprocessing['resize'], undefined | 'none'>;

const channels = (value: number | [number, number, number] | null | undefined, absent: Channels): Channels =>
  typeof value === 'number' ? [value, value, value] : (value ?? absent);

/** Pixels are within ±3 of all released models, and within 255 where nothing is done to them. Far beyond, sums overflow. */
const MAX_VALUE = 1e6;

/** Refuses settings that make numbers of pixels with which nothing can be computed. */
function checkValues(
  { rescale, mean, std }: { rescale: number; mean: Channels; std: Channels },
  file: string,
): void {
  for (const [c, centre] of mean.entries())
    for (const level of [0, 255]) {
      const value = (level * rescale - centre) / std[c]!;
      if (!(Math.abs(value) <= MAX_VALUE))
        throw wrongField(
          file,
          `rescale_factor, image_mean and image_std make ${value} of a pixel of ${level}`,
        );
    }
}

/** What both processors do with values, whatever happens to the size. */
function parsePixels(read: Read, steps: Steps, { resample, mean, std }: ProcessorClass, file: string) {
  const unused = FILTERS.indexOf('bilinear');
  const number = steps.do_resize === false ? unused : read(resampleSchema).resample;
  const { rescale_factor } = steps.do_rescale === false ? { rescale_factor: 1 } : read(rescaleSchema);
  const normalised = steps.do_normalize === false ? { image_mean: 0, image_std: 1 } : read(normaliseSchema);
  const values = {
    rescale: rescale_factor ?? 1 / 255,
    mean: channels(normalised.image_mean, mean),
    std: channels(normalised.image_std, std),
  };
  checkValues(values, file);
  return {
    ...values,
    resample: typeof number === 'number' ? FILTERS[number]! : resample,
    ...(steps.background_color && { background: steps.background_color }),
  };
}

/** Which processor a file describes. */
function classOf(read: Read, file: string, fallback: ProcessorClass['kind'] | undefined): ProcessorClass {
  const fields = read(kindSchema);
  // Files from before 2023 name the feature extractor that became the processor.
  const name = fields.image_processor_type ?? fields.feature_extractor_type;
  if (name) return classNamed(name, file);
  return classOfKind(fallback ?? (fields.max_num_patches === undefined ? 'fixed' : 'naflex'));
}

/** Hugging Face's meaning of a size: a number is the shorter side, unless it is said to be a square. */
function parseSize(size: Exclude<SizeField, null | undefined>, square: boolean): Resized {
  if (typeof size === 'number') return square ? { height: size, width: size } : { shortestEdge: size };
  if (Array.isArray(size)) return { height: size[0], width: size[1] };
  if ('max_height' in size) return { maxHeight: size.max_height, maxWidth: size.max_width };
  if ('height' in size) return size;
  const { shortest_edge: shortestEdge, longest_edge: longestEdge } = size;
  return { shortestEdge, ...(longestEdge !== undefined && { longestEdge }) };
}

/** A crop's or a pad's size. A number is a square here: the reference does not hand its own meaning of `size` on. */
function parseSquare(size: SizeField, field: string, file: string): Square {
  const parsed = size === null || size === undefined ? undefined : parseSize(size, true);
  if (parsed && 'height' in parsed) return parsed;
  throw wrongField(file, `${field} is missing or no {height, width}, which its step needs`);
}

/** The last step, which brings images to the model's size whatever they were before. */
function parseLast(read: Read, steps: Steps, defaults: ProcessorClass, file: string) {
  const cropped = steps.do_center_crop ?? defaults.crop;
  const crop = cropped
    ? parseSquare(read(cropSchema).crop_size ?? defaults.cropSize, 'crop_size', file)
    : undefined;
  // Without a size the reference pads to the largest of a batch, and those of a fixed model are all of one size.
  const padded = steps.do_pad ? read(padSchema).pad_size : undefined;
  if (padded === null || padded === undefined) return crop && { ...crop, crop: true };
  const pad = parseSquare(padded, 'pad_size', file);
  if (!crop) return { ...pad, pad: true };
  if (pad.height === crop.height && pad.width === crop.width) return { ...crop, crop: true };
  throw wrongField(file, 'do_center_crop and do_pad are both true, expected one of them or one size');
}

/** How images come to the model's size, as FixedPreprocessing has it. */
function parseFitting(
  read: Read,
  steps: Steps,
  defaults: ProcessorClass,
  side: number | undefined,
  file: string,
) {
  const { size, default_to_square: square } = steps.do_resize === false ? {} : read(sizeSchema);
  const given =
    size === null || size === undefined ? defaults.size : parseSize(size, square ?? defaults.square);
  const resized = steps.do_resize === false ? undefined : given;
  const last = parseLast(read, steps, defaults, file);
  if (last) return { ...last, resize: resized ?? ('none' as const) };
  if (resized && 'height' in resized) return resized;
  // What keeps its shape fits a fixed model only where it is as square as the model.
  const edge = resized && 'shortestEdge' in resized ? resized.shortestEdge : (side ?? 224);
  return { height: edge, width: edge, resize: resized ?? ('none' as const) };
}

/**
 * Reads the settings of an image processor (`preprocessor_config.json`) as `transformers` 5 does, with the class defaults
 * for what is left out. Fields of steps that are off are not read.
 * @param vision the model's vision tower, which says what the file leaves open.
 * @throws CheckpointError for another processor or a field that cannot be used.
 */
export function parsePreprocessor(
  json: unknown,
  file = 'preprocessor_config.json',
  vision?: VisionConfig,
): ImagePreprocessing {
  const read: Read = (schema) => {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw wrongField(file, firstIssue(parsed.error));
  };
  const defaults = classOf(read, file, vision?.kind);
  const steps = read(stepsSchema);
  const pixels = parsePixels(read, steps, defaults, file);
  if (defaults.kind === 'naflex') {
    const fields = read(patchSchema);
    return {
      kind: 'naflex',
      patchSize: fields.patch_size ?? 16,
      maxNumPatches: fields.max_num_patches ?? 256,
      ...(steps.do_resize === false && { resize: 'none' as const }),
      ...pixels,
    };
  }
  const side = vision?.kind === 'fixed' ? vision.imageSize : undefined;
  return { kind: 'fixed', ...parseFitting(read, steps, defaults, side, file), ...pixels };
}
