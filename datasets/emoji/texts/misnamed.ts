import { replaceSkinTones, SKIN_TONES, type SkinTone } from './sequence.ts';

/**
 * Files of `@lobehub/fluent-emoji-3d` 1.1.0 that are named after another skin tone than the one they show, found by
 * comparing the brightness of every tone in every style (test/full/misnamed.full.ts does it again).
 */

const MEDIUM_SWAPPED = ['1f3fb', '1f3fd', '1f3fc', '1f3fe', '1f3ff'] as const;
const ROUGHLY_REVERSED = ['1f3ff', '1f3fd', '1f3fe', '1f3fc', '1f3fb'] as const;

/** Couples and technologists are named rightly. */
const NAMED_RIGHTLY = /^1f46[bcd]-|^1f48f-|^1f491-|-200d-1f91d-200d-|-200d-2764-|-200d-1f4bb$/;
const PERSON_MOUNTAIN_BIKING = /^1f6b5-1f3f.$/;

/** Which tone the file shows that is named after each of `SKIN_TONES`. */
function tonesShown(id: string): readonly SkinTone[] {
  if (NAMED_RIGHTLY.test(id)) return SKIN_TONES;
  return PERSON_MOUNTAIN_BIKING.test(id) ? ROUGHLY_REVERSED : MEDIUM_SWAPPED;
}

/** What a file of the Fluent package shows, by what it is named after: sequence identifiers both. */
export function fluentShown(id: string): string {
  const shown = tonesShown(id);
  return replaceSkinTones(id, (tone) => shown[tone]!);
}
