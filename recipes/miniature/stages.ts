/** The stages of a timeline, ready to train, and the decoder that they train. */

import type { ModelFiles } from '../../src/index.ts';
import { float32 } from '../../src/tensor/index.ts';
import {
  loccaDecoderConfig,
  type Stage,
  stageVision,
  type Timeline,
  type TimelineData,
  timelineRun,
} from '../../src/train/index.ts';
import { type StartingModel, startAt } from './start.ts';
import { MINIATURE_FORMAT } from './vocabulary.ts';

/** One of N pairs matches, not one of 32,768: the bias starts at the matching log-odds. */
const startingBias = (batch: number) => new Map([['logit_bias', float32([1], [-Math.log(batch)])]]);

/** A timeline's stages, the first with a bias that fits the batch, and from the model that is given. */
export function miniatureStages(
  timeline: Timeline,
  data: TimelineData,
  {
    start,
    ...options
  }: {
    readonly seed: number;
    readonly steps?: number | undefined;
    readonly start?: StartingModel | undefined;
  },
): readonly [Stage, ...Stage[]] {
  const [first, ...rest] = timelineRun(timeline, data, options);
  const { training } = first;
  if ('make' in training) throw new Error('the first stage of a timeline depends on none before it');
  const vision = stageVision(timeline, timeline.stages[0]);
  const initial = new Map([...(start ? startAt(start, vision) : []), ...startingBias(timeline.batch)]);
  return [{ ...first, training: { ...training, initial } }, ...rest];
}

/** The decoder that the timeline trains. */
export const ownDecoder = (timeline: Timeline, { config }: ModelFiles) => ({
  config: loccaDecoderConfig(config, timeline.locca?.decoder),
  format: MINIATURE_FORMAT,
});
