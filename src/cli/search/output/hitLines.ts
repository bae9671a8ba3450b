import type { Box } from '../../../input/image/box.ts';
import type { SearchHit } from '../../../search/query/hit.ts';
import { formatProbability } from '../../encoder/scores.ts';
import { shownDay, shownPicture } from './shownPictures.ts';

const counted = (count: number, one: string): string[] =>
  count === 0 ? [] : [`${count} more ${one}${count === 1 ? '' : 's'}`];

/** What stands behind a hit, counted: ` (3 more frames, 1 copy)`; empty for nothing. */
function moreText({ picture, more }: Pick<SearchHit, 'picture' | 'more'>): string {
  const own = more.filter((one) => one.picture.path === picture.path).length;
  const copies = new Set(more.map((one) => one.picture.path));
  copies.delete(picture.path);
  const parts = [
    ...counted(own, picture.kind === 'page' ? 'page' : 'frame'),
    ...(copies.size === 0 ? [] : [copies.size === 1 ? '1 copy' : `${copies.size} copies`]),
  ];
  return parts.length === 0 ? '' : `  (${parts.join(', ')})`;
}

const regionText = (box: Box | undefined): string =>
  box ? `  region x ${box.x1}–${box.x2}, y ${box.y1}–${box.y2}` : '';

/** `  1   92 %  photos/a.jpg  2024-05-03`, for people. */
export function hitLines(hits: readonly SearchHit[], regions: ReadonlyMap<SearchHit, Box>): string[] {
  const names = hits.map(({ picture }) => shownPicture(picture));
  const width = Math.min(60, Math.max(...names.map((name) => name.length)));
  return hits.map((hit, i) => {
    const rank = String(i + 1).padStart(String(hits.length).length);
    const day = shownDay(hit.picture);
    return `${rank}  ${formatProbability(hit.probability).padStart(8)}  ${names[i]!.padEnd(width)}  ${day}${moreText(hit)}${regionText(regions.get(hit))}`;
  });
}
