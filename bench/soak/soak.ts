import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figureFaults } from './figures.ts';
import { createHostile } from './hostile.ts';
import { type MemorySample, watchMemory } from './memory.ts';
import { createPool } from './pool.ts';
import { createRandom, type Random } from './random.ts';
import { cacheIn, collectionsIn } from './served.ts';
import { startServer } from './serverProcess.ts';
import { createTally, type Tally } from './tally.ts';
import { type WellFormed, wellFormed } from './wellFormed.ts';

export interface SoakOptions {
  /** How long requests are sent, at least. */
  readonly seconds: number;
  /** Requests that each client sends at least, however long that takes. Default: as many as go into the time. */
  readonly atLeast?: number;
  readonly clients: number;
  /** Share of requests that are attacks, 0 … 1. */
  readonly hostile: number;
  /** Only what is over at once: no large pictures, and no attack that lasts as long as the server's patience. */
  readonly light?: boolean;
  readonly seed?: number;
  readonly log?: (line: string) => void;
}

export interface SoakResult {
  readonly tally: Tally;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Largest resident memory of the server's process, in bytes. */
  readonly peakBytes: number;
  /** Resident memory before the first request and after the last answer, in bytes. */
  readonly residentBytes: readonly [number, number];
  /** One a second. */
  readonly memory: readonly MemorySample[];
  /** Where the server's own figures are not those of its clients. */
  readonly figureFaults: readonly string[];
  readonly exitCode: number | null;
  /** What the server wrote beside its address. */
  readonly log: string;
}

/** Sends a request until it is answered with something else than "come again". */
async function askUntilAnswered(port: number, request: WellFormed, tally: Tally): Promise<void> {
  for (;;) {
    const start = performance.now();
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${request.path}`, request.init());
      if (answer.status === 429) {
        tally.again(request.kind);
        await answer.arrayBuffer();
        await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1) * (0.5 + Math.random()));
        continue;
      }
      const flaw =
        answer.status === 200
          ? await request.flaw(answer)
          : `status ${answer.status}: ${(await answer.text()).slice(0, 200)}`;
      tally.answered(request.kind, performance.now() - start, flaw);
    } catch (error) {
      const { cause } = error instanceof Error ? error : { cause: undefined };
      tally.lost(request.kind, `${String(error)} ${cause === undefined ? '' : String(cause)}`);
    }
    return;
  }
}

/** Runs clients against the real server for a while, some of them with bad intentions, and checks every answer. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), 'siglip2-soak-'));
  try {
    return await soakIn(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function soakIn(folder: string, options: SoakOptions): Promise<SoakResult> {
  const { seconds, atLeast = 0, clients, hostile, light = false, seed = 1, log = () => {} } = options;
  log('drawing pictures, indexing them and asking the library what a server will be asked');
  const [pool, chooseHostile] = await Promise.all([createPool(!light, folder), createHostile(light)]);
  log('starting the server');
  const environment = { SIGLIP2_DATABASE: collectionsIn(folder), SIGLIP2_CACHE: cacheIn(folder) };
  const server = await startServer([], environment);
  const { port } = server;
  const tally = createTally();
  const before = await server.residentBytes();
  const memory = watchMemory(server.residentBytes);
  const start = performance.now();
  const end = start + seconds * 1000;
  const client = async (random: Random) => {
    for (let sent = 0; sent < atLeast || performance.now() < end; sent++) {
      if (random.next() < hostile) {
        const attack = chooseHostile(random);
        tally.attacked(attack.kind, await attack.attack(port), attack.right);
      } else await askUntilAnswered(port, wellFormed(pool, random), tally);
    }
  };
  const progress = setInterval(async () => {
    const megabytes = Math.round((await server.residentBytes()) / 1e6);
    log(`${Math.round((performance.now() - start) / 1000)} s: ${tally.summary()}, ${megabytes} MB resident`);
  }, 10_000);
  await Promise.all(Array.from({ length: clients }, (_, i) => client(createRandom(seed * 10_007 + i))));
  clearInterval(progress);
  memory.stop();
  const taken = (performance.now() - start) / 1000;
  const peakBytes = await server.peakBytes();
  const after = await server.residentBytes();
  const faults = await settledFigures(port, tally);
  const exitCode = await server.stop();
  return {
    ...{ tally, seconds: taken, peakBytes, residentBytes: [before, after], memory: memory.samples },
    ...{ figureFaults: faults, exitCode, log: server.log() },
  };
}

/** Attackers are gone before what they asked for is forgotten. */
async function settledFigures(port: number, tally: Tally): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    const faults = figureFaults(await answer.text(), tally);
    if (faults.length === 0 || tries === 20) return faults;
    await sleep(500);
  }
}
