/**
 * What a fine-tuning of a base-sized model takes, beside what was estimated for it:
 *
 *     npx tsx bench/finetune.ts                                  B/16-224 with SigLIP 2's vocabulary, fresh weights
 *     npx tsx bench/finetune.ts --freeze image,embeddings        … other options of `siglip2 finetune`
 *
 * The checkpoint (1.5 GB) and a folder of pictures are made in a temporary folder and removed at the end.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { run } from '../src/cli/run.ts';
import { processIo } from '../src/cli/support/io.ts';
import { variantConfig } from '../src/model/variants.ts';
import { drawPicture, saveFresh, tokenizerFor } from './setup.ts';

const PICTURES = 16;
const OPTIONS = ['--batch', '8', '--steps', '3', '--validation', '0'];
const GB = 1e9;

const costSchema = z.object({ memory: z.record(z.string(), z.number()), chunk: z.number() });
const peakSchema = z.object({ peak: z.number() });

/** The command in this process, and its peak memory by the kernel's own record. */
async function child(args: readonly string[]): Promise<void> {
  process.exitCode = await run(args, processIo());
  console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 }));
}

function command(args: readonly string[]): unknown[] {
  const self = fileURLToPath(import.meta.url);
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', self, '--child', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`siglip2 ${args.join(' ')} failed:\n${stdout}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function measure(more: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-finetune-'));
  try {
    const [model, data] = [join(folder, 'model'), join(folder, 'data')];
    const config = variantConfig('google/siglip2-base-patch16-224');
    await saveFresh(model, config, await tokenizerFor(config));
    await drawPicture(join(folder, 'picture.jpg'));
    for (let i = 0; i < PICTURES; i++) {
      mkdirSync(join(data, `class_${i % 4}`), { recursive: true });
      copyFileSync(join(folder, 'picture.jpg'), join(data, `class_${i % 4}`, `${i}.jpg`));
    }
    const place = ['--model', model, '--data', data, '--output', join(folder, 'output')];
    const args = ['finetune', ...place, ...OPTIONS, ...more, '--json'];
    const { memory, chunk } = costSchema.parse(command([...args, '--cost'])[0]);
    const { peak } = peakSchema.parse(command(args).at(-1));
    const parts = Object.entries(memory).map(([name, bytes]) => `${name} ${(bytes / GB).toFixed(2)}`);
    console.log(`estimated, GB: ${parts.join(', ')} (chunks of ${chunk})`);
    console.log(`measured, GB: ${(peak / GB).toFixed(2)} at most, the process and its runtime included`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
if (args[0] === '--child') await child(args.slice(1));
else await measure(args.length > 0 ? args : ['--freeze', 'image']);
