/**
 * What each step of the paper's recipe adds, in miniature: six variants and three seeds on emoji scenes.
 *
 *   npx tsx bench/ablation/ablation.ts --cost      # the expected time on this machine
 *   npx tsx bench/ablation/ablation.ts             # stopped and started again, it goes on where it was
 *   npx tsx bench/ablation/ablation.ts --budget small --seeds 0
 *
 * All variants see the same examples; what they have in common is trained once. The whole run (full budget, at least
 * three seeds, all variants of the default) writes bench/ablation.json and its section of bench/RESULTS.md.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';
import { prepareData } from '../../recipes/miniature/data.ts';
import { BUDGETS } from '../../recipes/miniature/settings.ts';
import { writeAtomic, writeJson } from '../../src/checkpoint/files/atomic.ts';
import { DEVICES } from '../../src/tensor/index.ts';
import { machine } from '../machine.ts';
import { insertReport } from '../report.ts';
import { ablationCost, describeCost } from './cost.ts';
import { type AblationRecord, MARKERS, report } from './report.ts';
import { runAblation } from './runAblation.ts';
import { StoppedError } from './trainLine.ts';
import { DEFAULT_VARIANTS, VARIANTS, variantsNamed } from './variants.ts';

const list = z.string().transform((text) => text.split(',').filter((part) => part !== ''));

const schema = z.object({
  variants: list,
  seeds: list.transform((parts) => parts.map(Number)).pipe(z.array(z.int().nonnegative()).min(1)),
  budget: z.enum(['small', 'full']),
  out: z.string().optional(),
  threads: z.coerce.number().int().positive().default(availableParallelism()),
  device: z.enum(DEVICES).default('cpu'),
  tailStretch: z.coerce.number().min(1).default(1),
  cost: z.boolean().default(false),
});

const program = new Command('ablation')
  .description("Trains and measures the paper's recipe step by step, in miniature.")
  .option('--variants <names>', `of ${VARIANTS.map(({ name }) => name).join(', ')}`, DEFAULT_VARIANTS.join())
  .option('--seeds <numbers>', 'with commas between them', '0,1,2')
  .option(
    '--budget <name>',
    `of ${Object.keys(BUDGETS).join(', ')}; small only shows that everything runs`,
    'full',
  )
  .option('--tail-stretch <n>', 'make the last fifth n times as long, at the same learning rates', '1')
  .option(
    '--out <folder>',
    'where runs and results are kept (default: runs/miniature-<budget>, for another device than the CPU with its name)',
  )
  .option('--threads <n>', 'threads of the engine (default: all cores)')
  .option('--device <name>', `what trains: ${DEVICES.join(', ')}; models are measured on the CPU`, 'cpu')
  .option('--cost', 'measure a few updates of everything and show the expected time; keeps nothing')
  .parse();

const inBench = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Writes what was measured; a whole run also replaces the record. */
async function write(record: AblationRecord, out: string): Promise<void> {
  const { budget, device, seeds, settings } = record;
  const text = report(record);
  await writeJson(join(out, 'ablation.json'), record);
  await writeAtomic(join(out, 'ablation.md'), (file) => file.writeFile(`${text}\n`));
  console.log(text);
  const names = record.variants.map(({ name }) => name);
  const whole =
    budget === 'full' &&
    device === 'cpu' &&
    settings.tailStretch === 1 &&
    seeds.length >= 3 &&
    DEFAULT_VARIANTS.every((name) => names.includes(name));
  if (!whole) return;
  await writeJson(inBench('ablation.json'), record);
  const document = insertReport(await readFile(inBench('RESULTS.md'), 'utf8'), text, MARKERS);
  await writeAtomic(inBench('RESULTS.md'), (file) => file.writeFile(document));
}

async function main(): Promise<void> {
  const {
    variants: names,
    seeds,
    budget,
    tailStretch,
    threads,
    device,
    cost,
    ...rest
  } = schema.parse(program.opts());
  const { out = `runs/miniature-${budget}${device === 'cpu' ? '' : `-${device}`}` } = rest;
  const variants = variantsNamed(names);
  const settings = { ...BUDGETS[budget], tailStretch };
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const log = (message: string) => console.error(message);
  log('reading names and drawings (rasterised the first time), trimming the vocabulary');
  const data = await prepareData(settings);
  const session = { threads, device };
  const options = { variants, seeds, settings, data, folder: out, session, signal: stop.signal, log };
  if (cost) return console.log(describeCost(await ablationCost(options), seeds.length));
  const results = await runAblation(options);
  const date = new Date().toISOString().slice(0, 10);
  await write({ date, budget, device, seeds, variants, settings, machine: machine(), results }, out);
}

await main().catch((error: unknown) => {
  if (!(error instanceof StoppedError)) throw error;
  console.error(error.message);
  process.exitCode = 130;
});
