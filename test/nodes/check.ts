/**
 * What differs between versions of Node.js: loading, embedding, what becomes of files that nobody closes, and resuming.
 * A plain program, as no test runner runs on all of them: `node --expose-gc --import tsx test/nodes/check.ts`.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNpz } from '../../src/checkpoint/numpy/npz.ts';
import { EMBEDDED_MODEL } from '../../src/encoder/embeddedModel.ts';
import { load } from '../../src/encoder/load.ts';
import { train } from '../../src/train/run/trainer.ts';
import { regressionPlan } from '../train/regression.ts';

const { gc } = globalThis;
assert(gc, 'run with --expose-gc');

const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));

/** Paths of this process's open files, where the system lists them. */
function openFiles(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });
}

/** Collects until nothing matters any more: what a registry closes is closed later. */
async function collect(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    gc!();
    await new Promise((done) => setTimeout(done, 20));
  }
}

const image = { width: 8, height: 8, data: new Uint8Array(192).fill(128) };

async function embedAndDrop(): Promise<void> {
  const encoder = await load(EMBEDDED_MODEL, { threads: 1 });
  const [texts, images] = [await encoder.embedTexts(['a cat']), await encoder.embedImages([image])];
  for (const { shape, data } of [texts, images]) {
    assert.deepEqual(shape, [1, encoder.width]);
    assert(Math.abs(data.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-4, 'embeddings have unit length');
  }
  assert(process.platform !== 'linux' || openFiles().some((path) => path.startsWith(EMBEDDED_MODEL)));
}

async function openAndDrop(): Promise<void> {
  // Held by nothing while it is read.
  const reading = load(EMBEDDED_MODEL, { threads: 1 }).then((encoder) => encoder.embedTexts(['a dog']));
  gc!();
  await reading;
  await openNpz(join(import.meta.dirname, '../../parity/fixtures/checkpoint/naflex_f16.npz'));
}

async function resume(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-nodes-'));
  const plan = regressionPlan(6, 1);
  const options = { saveEvery: 2, session: { threads: 1 } };
  try {
    const whole = new Map((await train(plan, { ...options, runDir: join(folder, 'whole') })).state);
    const stop = new AbortController();
    const stopped = { ...options, runDir: join(folder, 'stopped') };
    await train(plan, {
      ...stopped,
      signal: stop.signal,
      onProgress: ({ step }) => step === 3 && stop.abort(),
    });
    const { step, state } = await train(plan, stopped);
    assert.deepEqual([step, new Map(state)], [6, whole]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await embedAndDrop();
await openAndDrop();
await collect();
const left = openFiles().filter((path) => /\.(safetensors|npz)$/.test(path));
assert.deepEqual(left, [], 'files that nobody holds are closed');
await resume();
await collect();
assert.deepEqual(warnings.map(String), []);
console.log(`Node.js ${process.version}: loads, embeds, closes what is dropped, resumes`);
