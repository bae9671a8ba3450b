import type { Random } from '../../tensor/random.ts';
import type { EmojiDataset } from './dataset.ts';
import type { RgbaPixels } from './render.ts';
import { groupBy } from './split.ts';
import type { Style } from './styles.ts';

/** How far the tones of a pixel of skin, or of hair, lie apart in some channel: more than rounding and shading do. */
const TONE_DIFFERENCE = 40;

/** Red and blond hair, which all skin tones have alike, and which are in the name. */
const NAMED_HAIR = /1f9b0|^1f471/;

/** The identifier without its skin tone: one for all tones of an emoji and the emoji itself. */
const withoutTone = (id: string): string => id.replace(/-1f3f[b-f](?=-|$)/g, '');

/**
 * Where a picture is the same whatever the skin tone: clothes, tools and background, not skin or hair.
 * @param tones the pictures of one emoji in several skin tones, pixels × 4 bytes
 * @returns 1 for each such pixel, 0 for the others
 */
export function sameInAllTones(tones: readonly RgbaPixels[]): Uint8Array {
  const mask = new Uint8Array(tones[0]!.length / 4).fill(1);
  for (let i = 0; i < mask.length * 4; i++) {
    if (i % 4 === 3) continue;
    const alpha = i | 3;
    let [least, most] = [255, 0];
    for (const tone of tones) {
      const value = (tone[i]! * tone[alpha]!) / 255;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (most - least > TONE_DIFFERENCE) mask[i >> 2] = 0;
  }
  return mask;
}

/**
 * Turns the hues of a picture where `mask` is 1: rotates colours about the grey axis, so that greys stay as they are.
 * @param angle in radians
 */
export function turnHues(rgba: RgbaPixels, mask: Uint8Array, angle: number): Uint8Array {
  const out = Uint8ClampedArray.from(rgba);
  const [cos, third] = [Math.cos(angle), (1 - Math.cos(angle)) / 3];
  const sin = Math.sin(angle) / Math.sqrt(3);
  const [same, next, last] = [cos + third, third - sin, third + sin];
  for (let i = 0; i < rgba.length; i += 4) {
    if (mask[i / 4] === 0) continue;
    const [r, g, b] = [rgba[i]!, rgba[i + 1]!, rgba[i + 2]!];
    out[i] = same * r + next * g + last * b;
    out[i + 1] = last * r + same * g + next * b;
    out[i + 2] = next * r + last * g + same * b;
  }
  return new Uint8Array(out.buffer);
}

/** A drawing of a concept, with other colours wherever they say nothing. */
export type Recolour = (style: Style, concept: number, random: Random) => RgbaPixels;

/**
 * Gives people clothes and tools of any colour: the vendors do not agree about them, and no name tells. Which pixels
 * they are is seen from the same drawing in other skin tones. Drawings without skin tones stay as they are.
 */
export function recolourClothes(dataset: EmojiDataset): Recolour {
  const { concepts } = dataset;
  const tonesOf = groupBy(
    concepts.filter(({ skinTone }) => skinTone),
    ({ id }) => withoutTone(id),
  );
  const masks = new Map<string, Uint8Array | undefined>();
  const makeMask = (style: Style, family: string): Uint8Array | undefined => {
    if (NAMED_HAIR.test(family)) return undefined;
    const drawn = (tonesOf.get(family) ?? []).filter(({ index }) =>
      dataset.trainStylesOf(index).includes(style),
    );
    if (drawn.length < 2) return undefined;
    return sameInAllTones(drawn.map(({ index }) => dataset.picture(style, index)));
  };
  const maskOf = (style: Style, family: string): Uint8Array | undefined => {
    const key = `${style} ${family}`;
    if (!masks.has(key)) masks.set(key, makeMask(style, family));
    return masks.get(key);
  };
  return (style, concept, random) => {
    const drawing = dataset.picture(style, concept);
    const mask = maskOf(style, withoutTone(concepts[concept]!.id));
    return mask ? turnHues(drawing, mask, random.uniform(0, 2 * Math.PI)) : drawing;
  };
}
