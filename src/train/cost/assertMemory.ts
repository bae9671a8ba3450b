import { type MachineMemory, machineMemory } from './machine/machineMemory.ts';

/** A run needs more memory than there is: names both, and what takes less. */
export class MemoryError extends Error {
  override readonly name = 'MemoryError';
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(3)} GB`;

const SOURCE: Readonly<Record<MachineMemory['by'], string>> = {
  machine: 'this machine has',
  limit: 'the limit of this process’s control group is',
  free: 'what is free now is',
};

/**
 * Refuses what cannot fit before it starts: the system would kill it in the middle.
 * @param what takes the memory, e.g. `the stage naflex`
 * @param needed estimated bytes, those of the process itself included
 * @param remedies what the user can change
 * @throws MemoryError when the machine, or the process's limit, has less
 */
export function assertMemory(
  what: string,
  needed: number,
  remedies: string,
  memory: MachineMemory = machineMemory(),
): void {
  if (needed <= memory.total) return;
  throw new MemoryError(
    `${what} needs about ${gigabytes(needed)} of memory, and ${SOURCE[memory.by]} ${gigabytes(memory.total)}; ${remedies}`,
  );
}

/** What a user should know of a run that fits, but not beside what the machine does now; undefined where all is well. */
export function memoryNotice(
  what: string,
  needed: number,
  memory: MachineMemory = machineMemory(),
): string | undefined {
  if (needed <= memory.free) return undefined;
  return `${what} needs about ${gigabytes(needed)} of memory, and only ${gigabytes(memory.free)} are free now; end other programs`;
}
