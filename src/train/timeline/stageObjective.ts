import { modelConfigSchema } from '../../model/config.ts';
import { twoTowers } from '../../model/twoTowers.ts';
import { check, count, optional, settings } from '../../tensor/settings.ts';
import { addUp } from '../losses/addUp.ts';
import type { LossContext } from '../losses/loss.ts';
import type { Objective } from '../losses/objective.ts';
import { stageLosses } from './stageLosses.ts';
import { stageModel } from './stageModel.ts';
import type { StageSpec, Timeline } from './timeline.ts';

export interface StageBatch {
  readonly images: number;
  /** Texts for the sigmoid loss. Default: one an image. */
  readonly texts?: number;
  /** NaFlex sequence length. */
  readonly length?: number;
}

const batchSchema = settings<StageBatch>({
  images: count,
  texts: optional(count),
  length: optional(count),
});

/**
 * The objective of a stage: the weighted sum of its losses (paper §2.2–2.5), each reported by its name. Batch inputs
 * are the pairs, as for `contrastiveObjective`, and what its losses read beside them: `stageArrays` makes it.
 * @throws RangeError when the stage has no sigmoid loss, which is what the others are added to, a loss that is not
 * registered, one that its images cannot have, or settings that are wrong
 * @example
 * import { paperTimeline, stageObjective } from 'siglip2/train';
 * const timeline = paperTimeline('base');
 * const { inputs, loss } = stageObjective(timeline, timeline.stages[0], { images: 8 });
 */
export function stageObjective(timeline: Timeline, spec: StageSpec, batch: StageBatch): Objective {
  check('batch', batchSchema, batch);
  if (!spec.losses.includes('sigmoid')) throw new RangeError(`stage ${spec.name} has no sigmoid loss`);
  const { config } = stageModel(timeline, spec);
  check('config', modelConfigSchema, config);
  const shape = { texts: batch.images, ...batch };
  const model = twoTowers(config, shape);
  const context: LossContext = { stage: spec.name, losses: spec.losses, config, model, batch: shape };
  const { inputs, ...sum } = addUp(
    stageLosses(timeline, spec).map(({ loss, settings, weight }) => {
      const part = loss.objective(context, settings);
      return { ...part, name: loss.name, weight: weight ?? part.weight ?? loss.weight };
    }),
  );
  // The parts have added their parameters to the model's table.
  return { parameters: model.parameters, inputs: { ...model.inputs, ...inputs }, ...sum };
}
