import { loccaDecoderConfig } from '../../model/locca/config.ts';
import type { TwoTowers } from '../../model/twoTowers.ts';
import { add, type Tensor } from '../../tensor/index.ts';
import { check, count, optional, settings } from '../../tensor/settings.ts';
import { locca } from '../losses/locca/locca.ts';
import type { Carried, Objective } from '../losses/objective.ts';
import { selfSupervision } from '../losses/selfSupervision/selfSupervision.ts';
import { contrastive } from '../losses/sigmoid/contrastive.ts';
import { stageModel, stageSelfSupervision } from './stageModel.ts';
import type { LossName, StageSpec, Timeline } from './timeline.ts';

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

const has = ({ losses }: StageSpec, ...names: LossName[]): boolean =>
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
function loccaPart(timeline: Timeline, spec: StageSpec, model: TwoTowers): Part {
  const { decoder, settings } = timeline.locca ?? {};
  const config = loccaDecoderConfig(stageModel(timeline, spec).config, decoder);
  const mask = 'pixel_attention_mask' in model.inputs ? model.inputs.pixel_attention_mask : undefined;
  const image = { tokens: model.vision.tokens, ...(mask && { mask }) };
  const part = locca(image, config, settings, model.parameters);
  return { ...part, metrics: { locca: part.loss, ...part.metrics } };
}

/** Self-distillation and masked prediction on views of their own (§2.3). */
function viewsPart(timeline: Timeline, spec: StageSpec, model: TwoTowers, images: number): Part {
  if (!(has(spec, 'selfDistillation') && has(spec, 'maskedPrediction')))
    throw new RangeError(`stage ${spec.name}: selfDistillation and maskedPrediction come together`);
  const { vision } = stageModel(timeline, spec).config;
  if (vision.kind !== 'fixed')
    throw new RangeError(`stage ${spec.name}: NaFlex images have no self-supervised losses (§2.4.2)`);
  return selfSupervision(vision, images, stageSelfSupervision(timeline, spec), model.parameters);
}

/**
 * The objective of a stage: its losses' weighted sum (SPEC B), each reported by its name. Batch inputs are those of
 * {@link contrastiveObjective}, {@link locca} and {@link selfSupervision}.
 * @throws RangeError when the stage has no sigmoid loss, which is what the others are added to, or only one of the two
 * self-supervised losses
 */
export function stageObjective(timeline: Timeline, spec: StageSpec, batch: StageBatch): Objective {
  check('batch', batchSchema, batch);
  if (!has(spec, 'sigmoid')) throw new RangeError(`stage ${spec.name} has no sigmoid loss`);
  const { images, texts = images } = batch;
  const { model, objective } = contrastive(stageModel(timeline, spec).config, { ...batch, texts });
  const { loss, inputs } = objective;
  const metrics = { sigmoid: loss, ...objective.metrics };
  const parts: readonly Part[] = [
    { loss, inputs, metrics },
    ...(has(spec, 'locca') ? [loccaPart(timeline, spec, model)] : []),
    ...(has(spec, 'selfDistillation', 'maskedPrediction') ? [viewsPart(timeline, spec, model, images)] : []),
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
