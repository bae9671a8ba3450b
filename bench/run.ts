/**
 * Side-by-side measurements: `npm run bench`, about ten minutes on two cores; writes RESULTS.md and results.json here.
 * The peers are optional: `npm ci --prefix bench/peers` and `pip install -r parity/requirements.txt`
 * (`PYTHON` names the interpreter, default python3).
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';
import { writeAtomic, writeJson } from '../src/checkpoint/files/atomic.ts';
import { ROW_NAMES, runBench } from './bench.ts';
import { insertReport, report } from './report.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const schema = z.object({
  quick: z.boolean().default(false),
  only: z.array(z.string()).optional(),
  peers: z.boolean(),
  threads: z.coerce.number().int().positive().optional(),
});

const program = new Command('bench')
  .description('Measures this library beside transformers.js and PyTorch.')
  .option('--quick', 'tiny shapes: only to see that everything runs; writes nothing')
  .option('--only <rows...>', `of ${ROW_NAMES.join(', ')}; prints and writes nothing`)
  .option('--no-peers', 'measure only our own engine')
  .option('--threads <n>', 'threads of every engine (default: all cores)')
  .parse();

const options = schema.parse(program.opts());
const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
  ' ',
);
const start = performance.now();
const results = await runBench({ ...options, command, log: console.error });
const text = report(results);
console.log(text);
console.error(`took ${((performance.now() - start) / 60_000).toFixed(1)} minutes`);

// A part, or tiny shapes, must not replace the record.
if (!options.quick && options.only === undefined) {
  await writeJson(here('results.json'), results);
  const document = insertReport(await readFile(here('RESULTS.md'), 'utf8'), text);
  await writeAtomic(here('RESULTS.md'), async (file) => {
    await file.writeFile(document);
  });
}
