/**
 * What it costs to know that weights are what was saved and finite: `npx tsx bench/soundness.ts MODEL_FOLDER`. Prints
 * the time, and that of the processor, to check the tensors where they lie and to write them with and without checksums.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModelDirectory } from '../src/checkpoint/huggingFace/directory.ts';
import { lazyTensors } from '../src/checkpoint/huggingFace/weights.ts';
import { openSafetensors } from '../src/checkpoint/safetensors/reader.ts';
import { writeSafetensors } from '../src/checkpoint/safetensors/writer.ts';

async function time(what: string, work: () => Promise<unknown>): Promise<void> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  console.log(`${what.padEnd(44)} ${seconds} s, of the processor ${((user + system) / 1e6).toFixed(2)} s`);
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('name a model folder: npx tsx bench/soundness.ts MODEL_FOLDER');
const place = await mkdtemp(join(tmpdir(), 'siglip2-soundness-'));
const { weights } = await openModelDirectory(folder);
const names = [...weights.tensors.keys()];
const count = [...weights.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
console.log(`${names.length} tensors, ${(count / 1e9).toFixed(2)} GB`);
try {
  const [plain, sealed] = ['plain', 'sealed'].map((name) => join(place, `${name}.safetensors`)) as [
    string,
    string,
  ];
  // Into the page cache.
  await weights.verify(names);
  await time('look for NaN and infinity while reading', () => weights.verify(names));
  await time('write', () => writeSafetensors(plain, lazyTensors(weights)));
  await time('write, finite and with checksums', () =>
    writeSafetensors(sealed, lazyTensors(weights), { checksums: true, finite: true }),
  );
  for (const [what, path] of [
    ['read alone', plain],
    ['read and compare checksums', sealed],
  ] as const) {
    const file = await openSafetensors(path);
    await time(what, async () => {
      for (const name of file.tensors.keys()) await file.scan(name, () => {});
    });
    await file.close();
  }
} finally {
  await weights.close();
  await rm(place, { recursive: true });
}
