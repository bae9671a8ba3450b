/**
 * Holds the memory that is estimated for a run to the most that it takes, at the size of a released checkpoint:
 *
 *     npx tsx bench/stepMemory/measure.ts                 every case, 12 GB at most
 *     npx tsx bench/stepMemory/measure.ts all-384         one of them
 *
 * Measured is the kernel's own record of the process (VmHWM), runtime, loading and saving included.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEMORY_CASES, type Measured, measureCase } from './cases.ts';

const row = (name: string, { estimated, measured }: Measured): string =>
  `| ${name} | ${estimated.toFixed(2)} | ${measured.toFixed(2)} | ${((100 * (measured - estimated)) / estimated).toFixed(1)} % |`;

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in MEMORY_CASES));
if (unknown !== undefined)
  throw new Error(`there is no case ${unknown}; known are ${Object.keys(MEMORY_CASES).join(', ')}`);

console.log('| case | estimated, GB | measured, GB | apart |\n|---|---|---|---|');
for (const [name, one] of Object.entries(MEMORY_CASES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-memory-'));
  try {
    console.log(row(one.title, await measureCase(one, folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
