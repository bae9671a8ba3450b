/** Resident memory at a moment: seconds from the start, and bytes. */
export type MemorySample = readonly [seconds: number, bytes: number];

/**
 * How resident memory grew in the last two thirds, in bytes a minute: the slope of the line nearest to the samples (least
 * squares). The first third is left out, in which caches and heaps get their size.
 */
export function memorySlope(samples: readonly MemorySample[]): number {
  const end = samples.at(-1)?.[0] ?? 0;
  const late = samples.filter(([seconds]) => seconds >= end / 3);
  const mean = (index: 0 | 1) => late.reduce((sum, sample) => sum + sample[index], 0) / late.length;
  const [time, bytes] = [mean(0), mean(1)];
  const products = late.reduce((sum, [t, b]) => sum + (t - time) * (b - bytes), 0);
  const squares = late.reduce((sum, [t]) => sum + (t - time) ** 2, 0);
  return (60 * products) / squares;
}

/** Takes a sample each second until it is stopped. */
export function watchMemory(read: () => Promise<number>): {
  readonly samples: readonly MemorySample[];
  stop(): void;
} {
  const samples: MemorySample[] = [];
  const start = performance.now();
  const take = async () => void samples.push([(performance.now() - start) / 1000, await read()]);
  const timer = setInterval(() => void take(), 1000);
  return { samples, stop: () => clearInterval(timer) };
}
