import { check } from '../../tensor/settings.ts';
import type { Segment, Timeline } from './timeline.ts';
import { timelineSchema } from './timelineSchema.ts';

/** Says what is wrong with a segment, or nothing. */
function flawOf(segment: Segment, earlier: readonly Segment[], batch: number): string | undefined {
  const { name, from, extent, images } = segment;
  if (earlier.some((other) => other.name === name)) return 'another segment has this name';
  const parent = earlier.find((other) => other.name === from);
  if (from !== undefined && !parent) return `it continues ${from}, which is no earlier segment`;
  if (from === undefined && earlier.length > 0) return 'only the first segment continues none; set `from`';
  if (extent.kind === 'share') {
    const start = parent?.extent.kind === 'share' ? parent.extent.end : parent ? undefined : 0;
    if (extent.start !== start) return `it starts at ${extent.start}; what it continues ends at ${start}`;
    if (!(extent.end > extent.start && extent.end <= 1)) return `it ends at ${extent.end}; use its start … 1`;
  }
  const odd = images.kind === 'naflex' && images.lengths.find((one) => !Number.isInteger(batch / one.batch));
  if (odd) return `length ${odd.length} has batches of ${odd.batch}, no whole part of ${batch}`;
  return undefined;
}

/** @throws RangeError naming the segment that does not fit, and why. */
export function checkTimeline(timeline: Timeline): void {
  check('timeline', timelineSchema, timeline);
  const { name, examples, batch, segments } = timeline;
  if (examples < batch)
    throw new RangeError(`timeline ${name}: ${examples} examples in batches of ${batch} are no training`);
  segments.forEach((segment, index) => {
    const flaw = flawOf(segment, segments.slice(0, index), batch);
    if (flaw) throw new RangeError(`timeline ${name}, segment ${segment.name}: ${flaw}`);
  });
}
