import { check } from '../../tensor/settings.ts';
import { canRetune, NOT_RETUNED } from '../step/optimizer/rules.ts';
import { checkLossSettings } from './stageLosses.ts';
import type { StageSpec, Timeline } from './timeline.ts';
import { timelineSchema } from './timelineSchema.ts';

/** Says what is wrong with a stage, or nothing. */
function flawOf(
  spec: StageSpec,
  earlier: readonly StageSpec[],
  { batch, optimizer }: Timeline,
): string | undefined {
  const { name, from, extent, images } = spec;
  if (earlier.some((other) => other.name === name)) return 'another stage has this name';
  const parent = earlier.find((other) => other.name === from);
  if (from !== undefined && !parent) return `it continues ${from}, which is no earlier stage`;
  if (from === undefined && earlier.length > 0) return 'only the first stage continues none; set `from`';
  if (extent.kind === 'share') {
    const start = parent?.extent.kind === 'share' ? parent.extent.end : parent ? undefined : 0;
    if (extent.start !== start) return `it starts at ${extent.start}; what it continues ends at ${start}`;
    if (!(extent.end > extent.start && extent.end <= 1)) return `it ends at ${extent.end}; use its start … 1`;
  }
  if (extent.kind === 'extra' && !canRetune(optimizer)) return NOT_RETUNED;
  const odd = images.kind === 'naflex' && images.lengths.find((one) => !Number.isInteger(batch / one.batch));
  if (odd) return `length ${odd.length} has batches of ${odd.batch}, no whole part of ${batch}`;
  return undefined;
}

/** What a field of a timeline was called before, and is called now. */
const RENAMED = { segments: 'stages' } as const;

/** Says which field of a timeline has another name now, or nothing. */
export function renamedField(timeline: object): string | undefined {
  const old = Object.entries(RENAMED).find(([name]) => name in timeline);
  return old && `its field ${old[0]} is now called ${old[1]}: rename it`;
}

/** @throws RangeError naming the field or the stage that does not fit, and why. */
export function checkTimeline(timeline: Timeline): void {
  const renamed = typeof timeline === 'object' && timeline !== null ? renamedField(timeline) : undefined;
  if (renamed !== undefined) throw new RangeError(`timeline: ${renamed}`);
  check('timeline', timelineSchema, timeline);
  checkLossSettings(timeline);
  const { name, examples, batch, stages } = timeline;
  if (examples < batch)
    throw new RangeError(`timeline ${name}: ${examples} examples in batches of ${batch} are no training`);
  stages.forEach((spec, index) => {
    const flaw = flawOf(spec, stages.slice(0, index), timeline);
    if (flaw) throw new RangeError(`timeline ${name}, stage ${spec.name}: ${flaw}`);
  });
}
