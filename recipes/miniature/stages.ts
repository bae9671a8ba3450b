import { float32 } from '../../src/tensor/index.ts';
import type { Stage } from '../../src/train/run/stage.ts';
import { stageVision } from '../../src/train/timeline/stageModel.ts';
import type { Timeline } from '../../src/train/timeline/timeline.ts';
import { type TimelineData, timelineRun } from '../../src/train/timeline/timelineRun.ts';
import { type StartingModel, startAt } from './start.ts';

/** One of N pairs matches, not one of 32,768: the bias starts at the matching log-odds. */
const startingBias = (batch: number) => new Map([['logit_bias', float32([1], [-Math.log(batch)])]]);

/** A timeline's stages, the first with a bias that fits the batch, and from the model that is given. */
export function miniatureStages(
  timeline: Timeline,
  data: TimelineData,
  options: {
    readonly seed: number;
    readonly steps?: number | undefined;
    readonly start?: StartingModel | undefined;
  },
): readonly [Stage, ...Stage[]] {
  const [first, ...rest] = timelineRun(timeline, data, options);
  const { training } = first;
  if ('make' in training) throw new Error('the first stage of a timeline depends on none before it');
  const vision = stageVision(timeline, timeline.stages[0]);
  const initial = new Map([
    ...(options.start ? startAt(options.start, vision) : []),
    ...startingBias(timeline.batch),
  ]);
  return [{ ...first, training: { ...training, initial } }, ...rest];
}
