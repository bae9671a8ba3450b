/**
 * Gives readers of foreign input a stream of damaged ones: `npm run fuzz -- TARGET --seconds N`. Ends with 1 when an input
 * was not answered in words, and keeps it.
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { fuzz, tryInputs } from './harness/fuzz.ts';
import type { Fault } from './harness/watch.ts';
import { findTarget, TARGETS } from './targets.ts';

const NAMES = Object.keys(TARGETS);

function number(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(Number.isSafeInteger(value) && value >= least))
      throw new InvalidArgumentError(`it must be a whole number of at least ${least}`);
    return value;
  };
}

const program = new Command('fuzz')
  .description(
    'Reads damaged files and requests until the time is over; fails when one is not answered in words.',
  )
  .argument('<targets...>', `of ${NAMES.join(', ')}; all; or modules of your own (./target.ts)`)
  .option('--seconds <n>', 'seconds for each target', number(1), 60)
  .option('--seed <n>', 'another seed, other inputs', number(0), 0)
  .option('--input <file>', 'reads this file alone and says what comes of it')
  .option('--found <folder>', 'where inputs are kept that failed', 'out/fuzz')
  .parse();

const options = z
  .object({ seconds: z.number(), seed: z.number(), input: z.string().optional(), found: z.string() })
  .parse(program.opts());

const shown = ({ fault, stack }: Fault): string => [fault, ...stack.split('\n').slice(0, 12)].join('\n    ');

async function one(name: string, input: string): Promise<boolean> {
  const { faults, outcomes } = await tryInputs(name, [input]);
  for (const outcome of outcomes) console.log(`${name}: ${outcome}`);
  for (const fault of faults) console.log(`${name}: ${shown(fault)}`);
  return faults.length === 0;
}

/** Keeps an input, and says how to read it again. */
function keep(name: string, fault: Fault, input: Uint8Array): void {
  mkdirSync(options.found, { recursive: true });
  const path = join(options.found, `${name}-${options.seed}-${fault.index}`);
  writeFileSync(path, input);
  console.log(`${name}: input ${fault.index}: ${shown(fault)}`);
  console.log(`  again: npm run fuzz -- ${name} --input ${relative('.', path)}`);
}

async function many(name: string): Promise<boolean> {
  const { seconds, seed } = options;
  const onFault = (fault: Fault, input: Uint8Array): void => keep(name, fault, input);
  const { inputs, faults } = await fuzz(name, { seconds, seed, onFault });
  const found = faults.length === 0 ? 'nothing found' : `${faults.length} kinds of faults`;
  console.log(`${name}: ${inputs} inputs in ${seconds} s, seed ${seed}: ${found}`);
  return faults.length === 0;
}

const names = program.args.includes('all') ? NAMES : program.args;
for (const name of names) await findTarget(name);
let sound = true;
for (const name of names)
  sound = (options.input === undefined ? await many(name) : await one(name, options.input)) && sound;
process.exitCode = sound ? 0 : 1;
