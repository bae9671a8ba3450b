import { loccaDecoderConfig } from '../../model/locca/config.ts';
import type { TwoTowers } from '../../model/twoTowers.ts';
import { add, type Tensor } from '../../tensor/index.ts';
import { check, count, optional, settings } from '../../tensor/settings.ts';
import { locca } from '../losses/locca/locca.ts';
import type { Carried, Objective } from '../losses/objective.ts';
import { selfSupervision } from '../losses/selfSupervision/selfSupervision.ts';
import { contrastive } from '../losses/sigmoid/contrastive.ts';
import { segmentModel, segmentSelfSupervision } from './stageModel.ts';
import type { LossName, Segment, Timeline } from './timeline.ts';

export interface SegmentBatch {
  readonly images: number;
  /** Texts for the sigmoid loss. Default: one an image. */
  readonly texts?: number;
  /** NaFlex sequence length. */
  readonly length?: number;
}

const batchSchema = settings<SegmentBatch>({
  images: count,
  texts: optional(count),
  length: optional(count),
});

const has = ({ losses }: Segment, ...names: LossName[]): boolean =>
  names.some((name) => losses.includes(name));

/** What a loss adds to an objective. */
interface Part {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly carried?: ReadonlyMap<string, Carried>;
  readonly notice?: Objective['notice'];
}

/** The decoder's loss, from the un-pooled image tokens of the same pass (§2.2). */
function loccaPart(timeline: Timeline, segment: Segment, model: TwoTowers): Part {
  const { decoder, settings } = timeline.locca ?? {};
  const config = loccaDecoderConfig(segmentModel(timeline, segment).config, decoder);
  const mask = 'pixel_attention_mask' in model.inputs ? model.inputs.pixel_attention_mask : undefined;
  const image = { tokens: model.vision.tokens, ...(mask && { mask }) };
  const part = locca(image, config, settings, model.parameters);
  return { ...part, metrics: { locca: part.loss, ...part.metrics } };
}

/** Self-distillation and masked prediction on views of their own (§2.3). */
function viewsPart(timeline: Timeline, segment: Segment, model: TwoTowers, images: number): Part {
  if (!(has(segment, 'selfDistillation') && has(segment, 'maskedPrediction')))
    throw new RangeError(`segment ${segment.name}: selfDistillation and maskedPrediction come together`);
  const { vision } = segmentModel(timeline, segment).config;
  if (vision.kind !== 'fixed')
    throw new RangeError(`segment ${segment.name}: NaFlex images have no self-supervised losses (§2.4.2)`);
  return selfSupervision(vision, images, segmentSelfSupervision(timeline, segment), model.parameters);
}

/**
 * The objective of a segment: its losses' weighted sum (SPEC B), each reported by its name. Batch inputs are those of
 * {@link contrastiveObjective}, {@link locca} and {@link selfSupervision}.
 * @throws RangeError when the segment has no sigmoid loss, which is what the others are added to, or only one of the two
 * self-supervised losses
 */
export function segmentObjective(timeline: Timeline, segment: Segment, batch: SegmentBatch): Objective {
  check('batch', batchSchema, batch);
  if (!has(segment, 'sigmoid')) throw new RangeError(`segment ${segment.name} has no sigmoid loss`);
  const { images, texts = images } = batch;
  const { model, objective } = contrastive(segmentModel(timeline, segment).config, { ...batch, texts });
  const { loss, inputs } = objective;
  const metrics = { sigmoid: loss, ...objective.metrics };
  const parts: readonly Part[] = [
    { loss, inputs, metrics },
    ...(has(segment, 'locca') ? [loccaPart(timeline, segment, model)] : []),
    ...(has(segment, 'selfDistillation', 'maskedPrediction')
      ? [viewsPart(timeline, segment, model, images)]
      : []),
  ];
  const notice = parts.find((part) => part.notice)?.notice;
  const carried = new Map(parts.flatMap((part) => [...(part.carried ?? [])]));
  return {
    // The parts have added theirs to the model's table.
    parameters: model.parameters,
    loss: parts.map((part) => part.loss).reduce(add),
    inputs: Object.assign({}, ...parts.map((part) => part.inputs)),
    metrics: Object.assign({}, ...parts.map((part) => part.metrics)),
    ...(carried.size > 0 && { carried }),
    ...(notice && { notice }),
  };
}
