import { freemem } from 'node:os';
import { planMemory, type StepMemory } from '../planStep.ts';
import { type FinetuneModel, finetuneObjective } from './objective.ts';
import { type FinetuneSettings, finetuneOptimizer } from './settings.ts';

/**
 * Share of the free memory that a run may plan to take. The runtime itself, and the copies while a run begins, are not
 * planned: B/16 with a frozen image tower was planned to take 5.2 GB and took 6.9 (`npx tsx bench/finetune.ts`).
 */
const USABLE = 0.7;

/** Bytes that this process can still take: what the machine has free, or its container's limit leaves. */
export function availableMemory(): number {
  // Without a limit the answer is nothing, 0 or more than any machine has.
  const limit = process.constrainedMemory() ?? 0;
  const left = limit > 0 ? Math.max(limit - process.memoryUsage.rss(), 0) : Number.POSITIVE_INFINITY;
  return Math.min(freemem(), left);
}

/** A number of pairs that are computed at once, and what a step then takes. */
export interface ChunkPlan {
  readonly chunk: number;
  readonly memory: StepMemory;
  /** Whether that is within what is free. */
  readonly fits: boolean;
}

type Planned = Pick<FinetuneSettings, 'batch' | 'freeze' | 'learningRate' | 'weightDecay'>;

/** What a step takes in chunks of a size. */
export function planChunk(
  model: FinetuneModel,
  settings: Planned,
  chunk: number,
  available = availableMemory(),
): ChunkPlan {
  const memory = planMemory(finetuneObjective(model, { ...settings, chunk }), finetuneOptimizer(settings));
  return { chunk, memory, fits: memory.total <= USABLE * available };
}

/**
 * The largest of batch, batch/2, batch/4 … with which a step is planned to fit into the free memory; else the one that
 * takes least. Chunks cost one forward pass more than a batch at once.
 * @param available bytes that are free
 */
export function chooseChunk(
  model: FinetuneModel,
  settings: Planned,
  available: number = availableMemory(),
): ChunkPlan {
  let least: ChunkPlan | undefined;
  for (let chunk = settings.batch; chunk >= 1; chunk = Math.floor(chunk / 2)) {
    const plan = planChunk(model, settings, chunk, available);
    if (plan.fits) return plan;
    if (!least || plan.memory.total < least.memory.total) least = plan;
  }
  return least!;
}
