/**
 * Side-by-side measurements: `npm run bench`, about ten minutes on two cores; writes RESULTS.md and results.json here.
 * The peers are optional: `npm ci --prefix bench/peers` and `pip install -r parity/requirements.txt`
 * (`PYTHON` names the interpreter, default python3). `--only search` measures the search among vectors (bench/search/), `--only clients` a server
 * that many ask at once (bench/clients/).
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';
import { writeAtomic, writeJson } from '../src/checkpoint/files/atomic.ts';
import { ROW_NAMES, runBench } from './bench.ts';
import { clientsBench } from './clients/clientsBench.ts';
import { insertReport, report } from './report.ts';
import { searchBench } from './search/searchBench.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const schema = z.object({
  quick: z.boolean().default(false),
  only: z.array(z.string()).optional(),
  peers: z.boolean(),
  threads: z.coerce.number().int().positive().optional(),
  sizes: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .refine(
      (sizes) => sizes.every((size) => Number.isInteger(size) && size >= 1000),
      'whole numbers from 1000',
    ),
  database: z.string().optional(),
  rounds: z.coerce.number().int().positive(),
  model: z.string().optional(),
});

/** Not among the rows: tables of their own, which only `--only search` and `--only clients` measure. */
const SEARCH = 'search';
const CLIENTS = 'clients';

const program = new Command('bench')
  .description('Measures this library beside transformers.js and PyTorch.')
  .option('--quick', 'tiny shapes: only to see that everything runs; writes nothing')
  .option(
    '--only <rows...>',
    `of ${ROW_NAMES.join(', ')}; or ${SEARCH} or ${CLIENTS}, alone; prints and writes nothing`,
  )
  .option('--no-peers', 'measure only our own engine')
  .option('--threads <n>', 'threads of every engine (default: all cores)')
  .option('--sizes <numbers>', `of ${SEARCH}: numbers of vectors`, '20000')
  .option(
    '--database <address>',
    `of ${SEARCH}: a PostgreSQL with pgvector, or "fetched" for the one of npm run postgres:fetch`,
  )
  .option('--rounds <n>', `of ${CLIENTS}: rounds that count`, '5')
  .option('--model <model>', `of ${CLIENTS}: a name or folder (default: B/16 at 224 with random weights)`)
  .parse();

const options = schema.parse(program.opts());
const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
  ' ',
);
const start = performance.now();

const alone = options.only?.find((name) => name === SEARCH || name === CLIENTS);
if (alone !== undefined) {
  if (options.only!.length > 1) throw new Error(`${alone} is measured alone: --only ${alone}`);
  const measure = alone === SEARCH ? searchBench : clientsBench;
  console.log(await measure({ ...options, log: console.error }));
} else await benchRows();
console.error(`took ${((performance.now() - start) / 60_000).toFixed(1)} minutes`);

async function benchRows(): Promise<void> {
  const results = await runBench({ ...options, command, log: console.error });
  const text = report(results);
  console.log(text);
  // A part, or tiny shapes, must not replace the record.
  if (options.quick || options.only !== undefined) return;
  await writeJson(here('results.json'), results);
  const document = insertReport(await readFile(here('RESULTS.md'), 'utf8'), text);
  await writeAtomic(here('RESULTS.md'), async (file) => {
    await file.writeFile(document);
  });
}
