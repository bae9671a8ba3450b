import { type Box, intersectionOverUnion } from '../../input/image/box.ts';
import { check, finite, settings, share } from '../../tensor/settings.ts';
import type { Detection } from './detector.ts';

export interface KeepSettings {
  /** Boxes score above this … 0.1 in OWLv2 (§2.2). */
  readonly boxScore: number;
  /** … in images where one scores above this. 0.3 in OWLv2. */
  readonly imageScore: number;
  /**
   * Two detections are of one box from this intersection over union on. 1 for detectors that score all queries on the
   * same boxes, as OWLv2 does; ours draws boxes for each query anew, so nearly equal ones count as one (a guess).
   */
  readonly sameBox: number;
}

const keepSchema = settings<KeepSettings>({ boxScore: share, imageScore: share, sameBox: share });

const SIDES: readonly (keyof Box)[] = ['y1', 'x1', 'y2', 'x2'];

export const KEEP_DEFAULTS: KeepSettings = { boxScore: 0.1, imageScore: 0.3, sameBox: 0.8 };

/**
 * Which detections become labels (OWLv2; §2.2): a box keeps only its top-scoring query, then boxes above one score
 * stay in images that have a box above another. Best first; among equal scores the longer query, which says more, then
 * the order of the detector.
 * @throws RangeError naming the setting, score or side of a box that is no number
 * @example
 * const box = { y1: 0.1, x1: 0.1, y2: 0.6, x2: 0.5 };
 * const kept = keepDetections([{ query: 'a dog', box, score: 0.8 }]);
 */
export function keepDetections(
  detections: readonly Detection[],
  changes: Partial<KeepSettings> = {},
): Detection[] {
  const keep = { ...KEEP_DEFAULTS, ...changes };
  check('keep', keepSchema, keep);
  const { boxScore, imageScore, sameBox } = keep;
  for (const [i, { score, box }] of detections.entries()) {
    check(`detections[${i}].score`, finite, score);
    for (const side of SIDES) check(`detections[${i}].box.${side}`, finite, box[side]);
  }
  const sorted = [...detections].sort((a, b) => b.score - a.score || b.query.length - a.query.length);
  if (!(sorted.length > 0 && sorted[0]!.score > imageScore)) return [];
  const kept: Detection[] = [];
  for (const detection of sorted) {
    if (!(detection.score > boxScore)) break;
    if (!kept.some(({ box }) => intersectionOverUnion(box, detection.box) >= sameBox)) kept.push(detection);
  }
  return kept;
}
