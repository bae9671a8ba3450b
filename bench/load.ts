import { compareResults, numbers } from './comparison.ts';
import type { Engine, EngineName } from './engines/engines.ts';
import type { LaneResult, RowResult } from './result.ts';
import type { Context } from './sideBySide.ts';
import { median, pairedRatio } from './stats.ts';

/** Costs of starting an engine, loading the model and embedding one image and one text. */
interface LoadCosts {
  /** From the start of the process to the answer, ms. */
  readonly total: number;
  /** Without starting the interpreter and its libraries, ms. */
  readonly inside: number;
  readonly peakBytes: number;
}

interface Loaded {
  readonly costs: LoadCosts;
  /** The image's embedding, then the text's. */
  readonly result: readonly number[];
}

/**
 * Wider than for given pixels: engines decode and resize the picture themselves. transformers.js resizes by another rule
 * (rows.ts); how much of that the tower leaves depends on the weights, so that its disagreement is printed.
 */
const EMBEDDINGS = numbers(1e-2);

async function loadOnce(engine: Engine, directory: string, context: Context): Promise<Loaded> {
  const start = performance.now();
  const client = engine.start(context.threads);
  try {
    const { picture } = context.files;
    const answer = await client.prepare('load', 'load', { directory, picture, threads: context.threads });
    const costs = { total: performance.now() - start, inside: answer.ms, peakBytes: answer.peakBytes };
    return { costs, result: answer.result };
  } finally {
    await client.stop();
  }
}

const GIB = 2 ** 30;

/**
 * Load time and peak memory, one process per measurement, engines in turn. The files are in the system's cache: the
 * first round, which does not count, has read them.
 * @throws Error when PyTorch's embeddings are not ours.
 */
export async function loadRows(
  context: Context,
  directoryFor: (engine: EngineName) => string,
  fileBytes: number,
): Promise<RowResult[]> {
  const measured = new Map<EngineName, LoadCosts[]>();
  const results = new Map<EngineName, readonly number[]>();
  for (let round = -1; round < context.sizes.rounds.load; round++) {
    for (const engine of context.engines) {
      if (engine.install !== undefined) continue;
      const { costs, result } = await loadOnce(engine, directoryFor(engine.name), context);
      results.set(engine.name, result);
      if (round >= 0) measured.set(engine.name, [...(measured.get(engine.name) ?? []), costs]);
    }
  }
  const row = (id: string, title: string, unit: string, key: keyof LoadCosts, scale: number): RowResult => {
    const costsOf = (name: EngineName) => measured.get(name)!.map((costs) => costs[key]);
    const lane = ({ name, install }: Engine): LaneResult => {
      if (install !== undefined) return { engine: name, missing: install, costs: [] };
      const ratio = name === 'ours' ? {} : { ratio: pairedRatio(costsOf('ours'), costsOf(name)) };
      return { engine: name, costs: costsOf(name), value: median(costsOf(name)) / scale, ...ratio };
    };
    return { id, title, unit, lanes: context.engines.map(lane) };
  };
  const { notes } = compareResults('load', results, EMBEDDINGS, ['PyTorch']);
  const loading = row('load', 'of which loading and embedding', 's', 'inside', 1000);
  const memory = row('load-memory', 'Peak memory of that process', 'GiB', 'peakBytes', GIB);
  const share = median(measured.get('ours')!.map(({ peakBytes }) => peakBytes)) / fileBytes;
  return [
    row('load-process', 'Process start to first image and text embedded', 's', 'total', 1000),
    { ...loading, ...(notes.length > 0 && { note: notes.join('; ') }) },
    { ...memory, note: `ours is ${share.toFixed(2)} × the checkpoint file` },
  ];
}
