import type { Command } from 'commander';
import { parameterCount } from '../../checkpoint/huggingFace/layout.ts';
import type { ModelConfig } from '../../model/config.ts';
import { byteWidth } from '../../tensor/ndarray.ts';
import { assertMemory, memoryNotice } from '../../train/cost/assertMemory.ts';
import { type MachineMemory, machineMemory } from '../../train/cost/machine/machineMemory.ts';
import { stageCosts } from '../../train/cost/stageCost.ts';
import type { Stage } from '../../train/run/stage.ts';
import { type CliIo, note } from '../support/io.ts';

const IGNORE = '--ignore-memory';

/** Adds the option that starts a run even if it needs more memory than there is. */
export const withMemoryCheck = (command: Command): Command =>
  command.option(IGNORE, 'start even if the run needs more memory than there is');

export const memoryFlags = ({ ignoreMemory }: { readonly ignoreMemory: boolean }): string[] =>
  ignoreMemory ? [IGNORE] : [];

/** What a run needs. */
export interface MemoryNeed {
  /** Names it, e.g. `stage naflex`. */
  readonly what: string;
  /** Bytes, those of the process included. */
  readonly needed: number;
  /** What would take less. */
  readonly remedies: string;
}

/**
 * Refuses a run that cannot fit, and notes one that may not, beside what else the machine does.
 * @throws MemoryError naming what is needed, what there is, and what would take less
 */
export function checkMemory(
  { what, needed, remedies }: MemoryNeed,
  io: CliIo,
  memory: MachineMemory = machineMemory(),
): void {
  assertMemory(what, needed, `${remedies}; ${IGNORE} tries it anyway`, memory);
  const notice = memoryNotice(what, needed, memory);
  if (notice !== undefined) note(io, notice);
}

const LESS =
  'use a smaller batch, images of fewer pixels or patches, a smaller vocabulary or model in the recipe, or freeze parts of it';

/** An evaluation on the way takes the model's weights again, as they are and as the engine packs them. */
const WEIGHTS_TWICE = 2;

const weightBytes = (config: ModelConfig): number => byteWidth('float32') * parameterCount(config);

/**
 * The stage that takes most, as far as that is known before it is learnt on.
 * @param evaluated the model that is evaluated on the way; none where none is
 */
export function largestStage(stages: readonly Stage[], evaluated?: ModelConfig): MemoryNeed | undefined {
  const beside = evaluated ? WEIGHTS_TWICE * weightBytes(evaluated) : 0;
  const known = stageCosts(stages).flatMap(({ name, memory }) =>
    memory ? [{ what: `stage ${name}`, needed: memory.total + beside, remedies: LESS }] : [],
  );
  return known.sort((a, b) => b.needed - a.needed)[0];
}
