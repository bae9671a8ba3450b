/**
 * Many clients at once against `siglip2 serve` with the embedded model, some of them hostile:
 * `npx tsx bench/soak.ts --minutes 10 --clients 64 --hostile 0.05`. Every well-formed request has to be answered with what
 * the library itself gives, in at most so much memory; ends with 1 when that is not so.
 */
import { Command } from 'commander';
import { z } from 'zod';
import { soakFaults, soakReport } from './soak/report.ts';
import { soak } from './soak/soak.ts';

const schema = z.object({
  minutes: z.coerce.number().positive(),
  seconds: z.coerce.number().positive().optional(),
  clients: z.coerce.number().int().positive(),
  hostile: z.coerce.number().min(0).max(1),
  seed: z.coerce.number().int(),
  megabytes: z.coerce.number().positive(),
  growth: z.coerce.number().positive(),
});

const program = new Command('soak')
  .description('Many clients at once against the server, some of them hostile; every answer is checked.')
  .option('--minutes <n>', 'how long requests are sent', '3')
  .option('--seconds <n>', 'the same in seconds')
  .option('--clients <n>', 'how many at once', '64')
  .option('--hostile <share>', 'share of the requests that are attacks', '0.05')
  .option('--megabytes <n>', 'most resident memory of the server', '1000')
  .option(
    '--growth <n>',
    'most megabytes a minute by which that may grow in the last two thirds, from 5 minutes on',
    '10',
  )
  .option('--seed <n>', 'of the choice of requests', '1')
  .parse();

const { megabytes, growth, minutes, seconds = 60 * minutes, ...options } = schema.parse(program.opts());
const result = await soak({ ...options, seconds, log: console.error });
console.log(soakReport(result));
/** Shorter ones are over before caches and heaps have their size. */
const LONG = 300;
const faults = soakFaults(result, {
  mostBytes: megabytes * 1e6,
  ...(seconds >= LONG && { mostSlope: growth * 1e6 }),
});
for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
