import type { Encoder } from '../../../encoder/encoder.ts';
import type { Box } from '../../../input/image/box.ts';
import { withHeic } from '../../../search/pictures/images/withHeic.ts';
import type { SearchHit } from '../../../search/query/hit.ts';
import { drawBox } from '../../../search/regions/drawBox.ts';
import { findRegion } from '../../../search/regions/findRegion.ts';
import { type CliIo, note } from '../../support/io.ts';
import { progressBar } from '../../support/progress.ts';
import { assertOther } from './heatmapFiles.ts';

/** The part of each hit that fits the query best, in whole pixels of the upright picture. */
export type HitRegions = ReadonlyMap<SearchHit, Box>;

const whole = ({ y1, x1, y2, x2 }: Box): Box => ({
  y1: Math.round(y1),
  x1: Math.round(x1),
  y2: Math.round(y2),
  x2: Math.round(x2),
});

/**
 * Looks for the part of each hit that fits. Frames and pages are left out, as are files that can no longer be read: the
 * command says so.
 * @param query of unit length, [d]
 */
export async function findHitRegions(
  io: CliIo,
  encoder: Encoder,
  hits: readonly SearchHit[],
  query: Float32Array,
): Promise<HitRegions> {
  const files = hits.filter(({ picture }) => picture.kind === 'image');
  if (files.length < hits.length)
    note(io, `--region looks into image files: ${hits.length - files.length} frames and pages are left out`);
  const bar = progressBar(io, 'regions');
  const found = new Map<SearchHit, Box>();
  try {
    for (const [i, hit] of files.entries()) {
      bar.update(i, files.length);
      try {
        const image = await withHeic(hit.picture.path, encoder.decode);
        const { box } = await findRegion(encoder, image, query);
        found.set(hit, whole(box));
      } catch (error) {
        bar.end();
        note(io, `no region: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    bar.end();
  }
  return found;
}

/** Draws the box of the best hit that has one, and says where. */
export async function drawBest(io: CliIo, regions: HitRegions, output: string): Promise<void> {
  const [best] = regions;
  if (!best) return note(io, `${output} is not written: there is no hit with a region`);
  const [{ picture }, box] = best;
  assertOther(picture.path, output);
  await drawBox(await withHeic(picture.path, {}), [box], output);
  note(io, `${output} shows the region of ${picture.path}`);
}
