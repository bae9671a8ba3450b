/**
 * Files of `@lobehub/fluent-emoji-3d` 1.1.0 that are named after another skin tone than the one they show, found by
 * comparing the brightness of every tone in every style (test/data/emoji/misnamed.test.ts does it again).
 */

/** The tones from light to dark, as code points. */
const TONES: readonly string[] = ['1f3fb', '1f3fc', '1f3fd', '1f3fe', '1f3ff'];
const MEDIUM_SWAPPED = ['1f3fb', '1f3fd', '1f3fc', '1f3fe', '1f3ff'] as const;
const ROUGHLY_REVERSED = ['1f3ff', '1f3fd', '1f3fe', '1f3fc', '1f3fb'] as const;

/** Couples and technologists are named rightly. */
const NAMED_RIGHTLY = /^1f46[bcd]-|^1f48f-|^1f491-|-200d-1f91d-200d-|-200d-2764-|-200d-1f4bb$/;
const PERSON_MOUNTAIN_BIKING = /^1f6b5-1f3f.$/;

/** Which tone the file shows that is named after each of `TONES`. */
function tonesShown(id: string): readonly string[] {
  if (NAMED_RIGHTLY.test(id)) return TONES;
  return PERSON_MOUNTAIN_BIKING.test(id) ? ROUGHLY_REVERSED : MEDIUM_SWAPPED;
}

/** What a file of the Fluent package shows, by what it is named after: sequence identifiers both. */
export function fluentShown(id: string): string {
  const shown = tonesShown(id);
  return id.replace(/1f3f[b-f]/g, (tone) => shown[TONES.indexOf(tone)]!);
}
