import { percent } from '../../shared/numbers.ts';
import type { Part } from './heatGrid.ts';

const THIRDS = [
  ['upper left', 'upper middle', 'upper right'],
  ['middle left', 'middle', 'middle right'],
  ['lower left', 'lower middle', 'lower right'],
] as const;

/** A part of a picture that covers more of it is nearly all of it. */
const NEARLY_ALL = 0.85;

const third = (share: number): number => Math.min(Math.max(Math.floor(share * 3), 0), 2);

/** Where a part of a picture is, in words: for those who do not see it outlined. */
export function partText({ x1, y1, x2, y2 }: Part): string {
  const share = Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
  if (share > NEARLY_ALL) return 'nearly the whole picture';
  const place = THIRDS[third((y1 + y2) / 2)]![third((x1 + x2) / 2)]!;
  return `${place}, ${percent(share)} of the picture`;
}
