import type { ModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import { availableMemory } from '../../train/cost/machine/machineMemory.ts';
import { type ChunkCost, chooseChunk, chunkCost } from '../../train/finetune/chunkSize.ts';
import {
  defaultBatch,
  defaultLearningRate,
  defaultSteps,
  FINETUNE_DEFAULTS,
  FREEZABLE,
  type Freezable,
  stepsOf,
  warmupOf,
} from '../../train/finetune/settings.ts';
import { UsageError } from '../support/errors.ts';
import type { FinetuneData } from './data.ts';
import type { FinetuneRecord } from './record.ts';

/** What the user asked for; the rest is that of the run, or the default. */
export interface Requested {
  readonly freeze?: string | undefined;
  readonly batch?: number | undefined;
  readonly chunk?: number | undefined;
  readonly steps?: number | undefined;
  readonly epochs?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly weightDecay?: number | undefined;
  readonly warmup?: number | undefined;
}

const isFreezable = (text: string): text is Freezable => (FREEZABLE as readonly string[]).includes(text);

/** `image,embeddings`, or `none`. @throws UsageError naming what is no part */
function parseFreeze(list: string): Freezable[] {
  const parts = list.split(',').map((part) => part.trim());
  return parts.flatMap((part) => {
    if (part === 'none') return [];
    if (!isFreezable(part))
      throw new UsageError(`--freeze is ${JSON.stringify(part)}; expected ${FREEZABLE.join(', ')} or none`);
    return [part];
  });
}

function batchOf(requested: Requested, found: FinetuneRecord | undefined, size: number): number {
  const batch = requested.batch ?? found?.batch ?? defaultBatch(size);
  if (batch < 2) throw new Error(`a batch of ${batch} has nothing to tell apart; give at least 2 images`);
  if (batch > size) {
    throw new Error(
      `there are ${size} images to train on, fewer than a batch of ${batch}; use --batch ${Math.max(2, size)} or less, or add images`,
    );
  }
  return batch;
}

function stepsFor(
  requested: Requested,
  found: FinetuneRecord | undefined,
  batch: number,
  size?: number,
): number {
  const { steps, epochs } = requested;
  if (steps !== undefined && epochs !== undefined) throw new UsageError('give --steps or --epochs, not both');
  if (steps !== undefined) return steps;
  if (epochs === undefined && found) return found.steps;
  if (size === undefined) throw new UsageError('--steps is missing: shards are not counted beforehand');
  return epochs === undefined ? defaultSteps(size, batch) : stepsOf(size, batch, epochs);
}

export interface ResolvedSettings {
  readonly record: FinetuneRecord;
  readonly cost: ChunkCost;
  /** Bytes that were free. */
  readonly available: number;
  /** Whether the learning rate is that of the model's width and the run's length, rather than one that was asked for. */
  readonly chosenRate: boolean;
}

/**
 * All settings of a run: those asked for, else those of the run that is continued, else the defaults. The chunk is
 * chosen by the memory that is free.
 * @throws Error when there are too few images, or the memory does not suffice
 */
export function resolveSettings(
  model: ModelDirectory,
  data: FinetuneData,
  identity: Pick<FinetuneRecord, 'model' | 'validation' | 'seed' | 'maxPatches'>,
  requested: Requested,
  found: FinetuneRecord | undefined,
): ResolvedSettings {
  const batch = batchOf(requested, found, data.trainSize ?? Number.POSITIVE_INFINITY);
  const steps = stepsFor(requested, found, batch, data.trainSize);
  const settings = {
    freeze: requested.freeze === undefined ? (found?.freeze ?? []) : parseFreeze(requested.freeze),
    batch,
    steps,
    learningRate: requested.learningRate ?? found?.learningRate ?? defaultLearningRate(model.config, steps),
    weightDecay: requested.weightDecay ?? found?.weightDecay ?? FINETUNE_DEFAULTS.weightDecay,
    warmupSteps: requested.warmup ?? found?.warmupSteps ?? warmupOf(steps),
  };
  if (requested.chunk !== undefined && requested.chunk > batch)
    throw new UsageError(`--chunk is ${requested.chunk}, more than the batch of ${batch}`);
  const asked = requested.chunk ?? (found && Math.min(found.chunk, batch));
  const available = availableMemory();
  const cost =
    asked === undefined
      ? chooseChunk(model, settings, available)
      : chunkCost(model, settings, asked, available);
  const record = { ...identity, ...settings, chunk: cost.chunk, fingerprint: data.fingerprint };
  const chosenRate = settings.learningRate === defaultLearningRate(model.config, steps);
  return { record, cost, available, chosenRate };
}
