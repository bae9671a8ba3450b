import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../../src/encoder/load.ts';
import { releasedModel } from '../../test/full/releasedModel.ts';
import { alternate } from '../alternate.ts';
import { machine } from '../machine.ts';
import { percentile } from '../search/table.ts';
import { startServer } from '../soak/serverProcess.ts';
import { mean, median, pairedRatio } from '../stats.ts';

export interface ClientsBenchOptions {
  /** A name or folder. Default: B/16 at 224 with 256,000 pieces and random weights, made on first use. */
  readonly model?: string | undefined;
  /** Rounds that count. */
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/** Clients that ask at the same time, and texts of one request. */
const CLIENTS = 32;
/** Requests of each client in a round. */
const REQUESTS = 2;
/** Texts of a run of the engine. */
const SIZES = [1, 2, 4, 8, 16, 32];

let made = 0;
/** Texts that nobody has asked for before. */
const newTexts = (count: number): string[] =>
  Array.from({ length: count }, () => `a photograph of number ${made++}`);

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Asks for embeddings until they are given. */
async function ask(port: number, texts: readonly string[]): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: texts, encoding_format: 'base64' }),
    });
    const body = await answer.text();
    if (answer.ok) return;
    if (answer.status !== 429) throw new Error(`the server answers ${answer.status}: ${body.slice(0, 300)}`);
    await sleep(1000);
  }
}

const row = (
  name: string,
  costs: readonly number[],
  whole: readonly number[],
  latencies: readonly number[],
) =>
  `| ${[
    name,
    (1000 / median(costs)).toFixed(2),
    pairedRatio(costs, whole).toFixed(2),
    ...[0.5, 0.99].map((share) => (percentile(latencies, share) / 1000).toFixed(2)),
  ].join(' | ')} |`;

/** Texts a second by a server: many clients with one text each beside one with many; and what larger runs save. */
export async function clientsBench({ model, rounds, log }: ClientsBenchOptions): Promise<string> {
  const folder = model ?? (await releasedModel({ variant: 'base-patch16-224' }));
  log('starting the server');
  const server = await startServer(['--model', folder]);
  const encoder = await load(folder, { textBatch: CLIENTS });
  const latencies: Record<'many' | 'whole' | 'single', number[]> = { many: [], whole: [], single: [] };
  const request = async (kind: keyof typeof latencies, count: number) =>
    void latencies[kind].push(await timed(() => ask(server.port, newTexts(count))));
  const perText = (name: string, texts: number, action: () => Promise<unknown>) => ({
    name,
    run: async () => (await timed(action)) / texts,
  });
  const times = async (count: number, action: () => Promise<unknown>) => {
    for (let i = 0; i < count; i++) await action();
  };
  const lanes = [
    perText('whole', CLIENTS, () => request('whole', CLIENTS)),
    perText('many', CLIENTS * REQUESTS, () =>
      Promise.all(Array.from({ length: CLIENTS }, () => times(REQUESTS, () => request('many', 1)))),
    ),
    perText('single', 4, () => times(4, () => request('single', 1))),
    ...SIZES.map((size) =>
      perText(`run of ${size}`, Math.max(size, 4), () =>
        times(Math.max(4 / size, 1), () => encoder.embedTexts(newTexts(size))),
      ),
    ),
  ];
  try {
    log(`measuring ${lanes.length} lanes in turn, ${rounds} rounds after one that does not count`);
    const costs = await alternate(lanes, rounds);
    const of = (name: string) => costs.get(name)!;
    const { cpu, memoryGiB, node } = machine();
    return [
      `Clients on ${cpu}, ${availableParallelism()} cores, ${memoryGiB} GiB; Node ${node}; ${rounds} rounds.`,
      '',
      '| by the server | texts a second | of one request (paired) | p50, s | p99, s |',
      '|---|---|---|---|---|',
      row(`one request of ${CLIENTS} texts`, of('whole'), of('whole'), latencies.whole),
      row(`${CLIENTS} clients, one text each`, of('many'), of('whole'), latencies.many),
      row('one client, one text', of('single'), of('whole'), latencies.single),
      '',
      `| by the library, texts in a run | ${SIZES.join(' | ')} |`,
      `|---|${SIZES.map(() => '---|').join('')}`,
      `| texts a second | ${SIZES.map((size) => (1000 / mean(of(`run of ${size}`))).toFixed(2)).join(' | ')} |`,
      `| of runs of ${CLIENTS} (paired) | ${SIZES.map((size) =>
        pairedRatio(of(`run of ${size}`), of(`run of ${CLIENTS}`)).toFixed(2),
      ).join(' | ')} |`,
    ].join('\n');
  } finally {
    await encoder.dispose();
    await server.stop();
  }
}
