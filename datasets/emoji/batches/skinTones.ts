import type { RgbaPixels } from '../../../src/data/index.ts';
import type { Random } from '../../../src/tensor/index.ts';
import type { EmojiDataset } from '../dataset.ts';
import { LUMINANCE } from '../drawings/augmentation.ts';
import { blendDrawings } from '../drawings/blend.ts';
import type { Style } from '../drawings/styles.ts';
import { replaceSkinTones, SKIN_TONES } from '../texts/sequence.ts';

/** Concepts that differ in nothing but the tone, light to dark; families that lack one of the five left out. */
function toneVariants({ concepts }: EmojiDataset): number[][] {
  const indexOf = new Map(concepts.map(({ id, index }) => [id, index]));
  return concepts
    .filter(({ id, skinTone }) => skinTone && id === replaceSkinTones(id, () => SKIN_TONES[0]))
    .map(({ id }) => SKIN_TONES.map((tone) => indexOf.get(replaceSkinTones(id, () => tone))))
    .filter((variants): variants is number[] => !variants.includes(undefined));
}

/** Whether training may show each of the variants in a style. */
const showsAll = (dataset: EmojiDataset, style: Style, variants: readonly number[]): boolean =>
  variants.every((variant) => dataset.trainStylesOf(variant).includes(style));

/** Median luminance (0 … 255) of the opaque pixels; NaN where there are none. */
function medianLuminance(rgba: RgbaPixels): number {
  const [red, green, blue] = LUMINANCE;
  const values: number[] = [];
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i + 3]! > 250) values.push(red * rgba[i]! + green * rgba[i + 1]! + blue * rgba[i + 2]!);
  }
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** How light a vendor draws each tone, light to dark: the mean over hands, which are hardly anything but skin. */
export type Palette = readonly number[];

/** Palettes of the styles for training that draw a hand in all five tones. */
export function skinPalettes(dataset: EmojiDataset): Map<Style, Palette> {
  const hands = toneVariants(dataset).filter(([first]) =>
    dataset.concepts[first!]!.subgroup.startsWith('hand'),
  );
  const palettes = new Map<Style, Palette>();
  for (const style of dataset.trainStyles) {
    const drawn = hands.filter((variants) => showsAll(dataset, style, variants));
    if (drawn.length === 0) continue;
    const lightness = (tone: number): number =>
      drawn.reduce((sum, variants) => sum + medianLuminance(dataset.picture(style, variants[tone]!)), 0) /
      drawn.length;
    palettes.set(style, [...SKIN_TONES.keys()].map(lightness));
  }
  return palettes;
}

/**
 * Where a luminance lies between the tones of a palette: 0 (as its light tone, or lighter) to 4 (dark, or darker).
 * @param palette descending
 */
export function toneAt(palette: Palette, luminance: number): number {
  const darker = palette.findIndex((value) => value <= luminance);
  if (darker === 0) return 0;
  if (darker < 0) return palette.length - 1;
  const [above, below] = [palette[darker - 1]!, palette[darker]!];
  return darker - 1 + (above - luminance) / (above - below);
}

/** A drawing of a concept in a style, its skin lighter or darker. */
export type ShiftTone = (random: Random, style: Style, concept: number) => RgbaPixels;

/**
 * A concept's drawing with its skin towards as light as another vendor draws that tone: one vendor's medium-light is
 * another's medium, so that no colour means a tone whoever drew it. Any share of the way, drawn at random; what lies
 * between two tones is blended of the two drawings, which are alike but for the skin. Other concepts as they are.
 */
export function toneShift(dataset: EmojiDataset): ShiftTone {
  const palettes = skinPalettes(dataset);
  const variantsOf = new Map(
    toneVariants(dataset).flatMap((variants) => variants.map((concept) => [concept, variants] as const)),
  );
  return (random, style, concept) => {
    const [own, variants] = [palettes.get(style), variantsOf.get(concept)];
    const others = [...palettes.keys()].filter((other) => other !== style);
    if (!own || others.length === 0 || !variants || !showsAll(dataset, style, variants)) {
      return dataset.picture(style, concept);
    }
    const tone = variants.indexOf(concept);
    const theirs = palettes.get(random.pick(others))!;
    const position = toneAt(own, own[tone]! + random.next() * (theirs[tone]! - own[tone]!));
    const lighter = Math.min(Math.floor(position), SKIN_TONES.length - 2);
    const [from, to] = [variants[lighter]!, variants[lighter + 1]!];
    return blendDrawings(dataset.picture(style, from), dataset.picture(style, to), position - lighter);
  };
}
