import type { BatchMaker } from '../../data/batches/batchSource.ts';
import type { DrawnSample } from '../../data/batches/pairBatches.ts';
import type { Arrays } from '../../tensor/index.ts';
import type { LossRequest } from '../losses/loss.ts';
import { stageLosses } from './stageLosses.ts';
import { stageModel } from './stageModel.ts';
import type { StageSpec, Timeline } from './timeline.ts';

/** The batch that a stage's arrays are made for. */
export type StageRequest = Pick<LossRequest, 'seed' | 'step' | 'images' | 'tokenizer' | 'format'>;

/**
 * Makes what the losses of a stage read beside the pairs, such as views of their own or a decoder's texts, from the
 * samples of a batch one after another.
 * @returns undefined where they read the pairs alone
 * @throws RangeError for a loss that is not registered, or settings that are wrong
 * @example
 * const timeline = paperTimeline('base');
 * const tokenizer = await loadTokenizer('model/tokenizer.json', { length: 64 });
 * const maker = stageArrays(timeline, timeline.stages[0], { seed: 0, step: 0, images: 8, tokenizer });
 * console.log(maker ? 'its losses read more than pairs' : 'its losses read pairs alone');
 */
export function stageArrays(
  timeline: Timeline,
  spec: StageSpec,
  request: StageRequest,
): BatchMaker<Arrays, DrawnSample> | undefined {
  const { config } = stageModel(timeline, spec);
  const full: LossRequest = { ...request, stage: spec.name, losses: spec.losses, config };
  // Losses that read the same give the same maker.
  const makers = new Set(
    stageLosses(timeline, spec).flatMap(({ loss, settings }) => loss.batch?.(full, settings) ?? []),
  );
  if (makers.size === 0) return undefined;
  return {
    add(sample) {
      for (const maker of makers) maker.add(sample);
    },
    finish: () => Object.assign({}, ...[...makers].map((maker) => maker.finish())),
  };
}
