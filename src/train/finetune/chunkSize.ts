import type { ModelFiles } from '../../checkpoint/huggingFace/directory.ts';
import { availableMemory } from '../cost/machine/machineMemory.ts';
import { FINETUNE_PROCESS_BYTES } from '../cost/machine/processMemory.ts';
import { stepMemory } from '../cost/stepCost.ts';
import type { StepMemory } from '../cost/stepMemory.ts';
import { finetuneObjective } from './objective.ts';
import { type FinetuneSettings, finetuneOptimizer } from './settings.ts';

/** A number of pairs that are computed at once, and what a step then takes. */
export interface ChunkCost {
  readonly chunk: number;
  readonly memory: StepMemory;
  /** Bytes of the whole process: the step's, and what Node, the runtime and the tokenizer take. */
  readonly total: number;
  /** Whether that is within what is free. */
  readonly fits: boolean;
}

/** What a step takes in chunks of a size. */
export function chunkCost(
  model: ModelFiles,
  settings: Pick<FinetuneSettings, 'batch' | 'freeze' | 'learningRate' | 'weightDecay'>,
  chunk: number,
  available = availableMemory(),
): ChunkCost {
  const memory = stepMemory(finetuneObjective(model, { ...settings, chunk }), finetuneOptimizer(settings));
  const total = memory.total + FINETUNE_PROCESS_BYTES;
  return { chunk, memory, total, fits: total <= available };
}

/**
 * The largest of batch, batch/2, batch/4 … with which a step fits into the free memory; else the one that
 * takes least. Chunks cost one forward pass more than a batch at once.
 * @param available bytes that are free
 * @example
 * const model = await openModelDirectory(EMBEDDED_MODEL);
 * const { chunk, total } = chooseChunk(model, { batch: 256, freeze: [], learningRate: 1e-5, weightDecay: 0 });
 */
export function chooseChunk(
  model: ModelFiles,
  settings: Pick<FinetuneSettings, 'batch' | 'freeze' | 'learningRate' | 'weightDecay'>,
  available: number = availableMemory(),
): ChunkCost {
  let least: ChunkCost | undefined;
  for (let chunk = settings.batch; chunk >= 1; chunk = Math.floor(chunk / 2)) {
    const cost = chunkCost(model, settings, chunk, available);
    if (cost.fits) return cost;
    if (!least || cost.memory.total < least.memory.total) least = cost;
  }
  return least!;
}
