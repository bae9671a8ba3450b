import type { FloatImage } from '../../input/image/rgbImage.ts';
import type { Random } from '../../tensor/random.ts';
import { atLeastZero, risingPair, rule, settings, share } from '../../tensor/settings.ts';
import { gaussianBlur } from './blur.ts';
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  greyscale,
  solarise,
} from './colour.ts';

/** Chances and ranges of random changes of colour. */
export interface ColourAugmentation {
  readonly jitter: {
    readonly probability: number;
    /** Factors are drawn from [1 − x, 1 + x]. */
    readonly brightness: number;
    readonly contrast: number;
    readonly saturation: number;
    /** The hue's turn is drawn from [−x, x], in turns; at most 0.5. */
    readonly hue: number;
  };
  readonly greyscale: number;
  readonly blur: {
    readonly probability: number;
    /** Range of the deviation in pixels of the view. */
    readonly sigma: readonly [number, number];
  };
  readonly solarise: {
    readonly probability: number;
    /** From which value on, 0 … 1. */
    readonly threshold: number;
  };
}

export const colourAugmentationSchema = settings<ColourAugmentation>({
  jitter: settings<ColourAugmentation['jitter']>({
    probability: share,
    brightness: atLeastZero,
    contrast: atLeastZero,
    saturation: atLeastZero,
    hue: rule('a number from 0 to 0.5', (value) => typeof value === 'number' && value >= 0 && value <= 0.5),
  }),
  greyscale: share,
  blur: settings<ColourAugmentation['blur']>({
    probability: share,
    sigma: risingPair(),
  }),
  solarise: settings<ColourAugmentation['solarise']>({ probability: share, threshold: share }),
});

const dino = (blur: number, solarised: number): ColourAugmentation => ({
  jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
  greyscale: 0.2,
  blur: { probability: blur, sigma: [0.1, 2] },
  solarise: { probability: solarised, threshold: 128 / 255 },
});

/**
 * DINO's settings (facebookresearch/dino, main_dino.py, DataAugmentationDINO): of its two global views the first is
 * always blurred, the second seldom blurred and at times solarised. SigLIP 2 says "as SILC" and SILC's settings are
 * not public (§2.3), so they are a default and nothing more.
 */
export const DINO_FIRST_GLOBAL: ColourAugmentation = dino(1, 0);
export const DINO_SECOND_GLOBAL: ColourAugmentation = dino(0.1, 0.2);
export const DINO_LOCAL: ColourAugmentation = dino(0.5, 0);

const factor = (range: number, random: Random): number => random.uniform(Math.max(0, 1 - range), 1 + range);

/** The four changes in a random order (torchvision's ColorJitter). */
function jitter(image: FloatImage, ranges: ColourAugmentation['jitter'], random: Random): FloatImage {
  const changes: ((one: FloatImage) => FloatImage)[] = [
    (one) => adjustBrightness(one, factor(ranges.brightness, random)),
    (one) => adjustContrast(one, factor(ranges.contrast, random)),
    (one) => adjustSaturation(one, factor(ranges.saturation, random)),
    (one) => adjustHue(one, random.uniform(-ranges.hue, ranges.hue)),
  ];
  return random.shuffle(changes).reduce((one, change) => change(one), image);
}

/**
 * Changes an image's colours at random: jitter, greyscale, blur, solarise, in this order.
 * @param image values 0 … 1, and so is the result
 */
export function augmentColours(image: FloatImage, options: ColourAugmentation, random: Random): FloatImage {
  let result = image;
  if (random.next() < options.jitter.probability) result = jitter(result, options.jitter, random);
  if (random.next() < options.greyscale) result = greyscale(result);
  if (random.next() < options.blur.probability) {
    result = gaussianBlur(result, random.uniform(...options.blur.sigma));
  }
  if (random.next() < options.solarise.probability) result = solarise(result, options.solarise.threshold);
  return result;
}
