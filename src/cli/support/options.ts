import type { Command } from 'commander';
import { z } from 'zod';
import { MOST_PATCHES } from '../../input/image/naflex/patchBudget.ts';
import { DEVICES } from '../../tensor/index.ts';
import { UsageError } from './errors.ts';

/** `--threads 4` arrives as a string. */
export const positiveInteger = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'expected a positive integer')
  .transform(Number);

export const nonNegativeInteger = z
  .string()
  .regex(/^\d{1,9}$/, 'expected an integer of at least 0')
  .transform(Number);

export const positiveNumber = z
  .string()
  .refine((text) => Number(text) > 0 && Number.isFinite(Number(text)), 'expected a positive number')
  .transform(Number);

export const finiteNumber = z
  .string()
  .refine((text) => /\d/.test(text) && Number.isFinite(Number(text)), 'expected a number')
  .transform(Number);

export const share = z
  .string()
  .refine(
    (text) => /\d/.test(text) && Number(text) >= 0 && Number(text) <= 1,
    'expected a number from 0 to 1',
  )
  .transform(Number);

/** The largest share of bad samples with which a command goes on. */
export const maxBad = share.default(0.1);

export const MAX_BAD = 'largest share of bad samples with which the command goes on (default: 0.1)';

/** Patches of an image for a NaFlex model; whether the model is one is seen when it is opened. */
const maxPatches = z
  .string()
  .refine(
    (text) => /^[1-9]\d{0,3}$/.test(text) && Number(text) <= MOST_PATCHES,
    `expected a whole number from 1 to ${MOST_PATCHES}`,
  )
  .transform(Number)
  .optional();

export const withMaxPatchesOption = (command: Command): Command =>
  command.option(
    '--max-patches <n>',
    'NaFlex models: most patches of an image; more show more detail and take longer (default: the model’s, mostly 256)',
  );

/** Exit codes of commands that read data sets, for help texts. */
export const DATA_EXITS =
  'Exit codes: 0 done, 1 failed (also where more samples are bad than --max-bad), 2 wrong command line, 130 interrupted.';

const device = z.enum(DEVICES, `expected one of ${DEVICES.join(', ')}`).optional();

/** Options of every command that loads a model. */
export const modelSchema = z.object({
  model: z.string().optional(),
  device,
  threads: positiveInteger.optional(),
  offline: z.boolean().optional(),
  maxPatches,
});
export type ModelOptions = z.output<typeof modelSchema>;

const MODEL = 'directory, or name on the Hugging Face hub';
const EMBEDDED = 'the embedded emoji model';

/** @param fallback what it is where the user names none */
export const withModel = (command: Command, fallback = EMBEDDED): Command =>
  command.option('-m, --model <model>', `${MODEL} (default: ${fallback})`);

/** What computes, and with how many threads. */
export const withSession = (command: Command): Command =>
  command
    .option('--threads <n>', 'threads of the engine (default: all)')
    .option('--device <device>', `${DEVICES.join(', ')} (default: cpu)`);

/** The options of {@link withSession} as they were given, for a command that a message shows. */
export const sessionFlags = ({ threads, device }: Pick<ModelOptions, 'threads' | 'device'>): string[] => [
  ...(threads === undefined ? [] : [`--threads ${threads}`]),
  ...(device === undefined ? [] : [`--device ${device}`]),
];

/** Adds --model and what decides how it runs. */
export const withEngine = (command: Command, fallback?: string): Command =>
  withMaxPatchesOption(withSession(withModel(command, fallback))).option(
    '--offline',
    'use only what is on disk',
  );

export const withJson = (command: Command, what: string): Command => command.option('--json', what);

/** `maxPieces` as the user typed it: `--max-pieces`. */
const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * Options as a command needs them.
 * @throws UsageError naming the option, what is expected and what was given.
 */
export function parseOptions<T extends z.ZodType>(schema: T, options: Record<string, unknown>): z.output<T> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0]);
  if (!(name in options)) throw new UsageError(`${flagOf(name)} is missing; see --help`);
  throw new UsageError(`${flagOf(name)} is ${JSON.stringify(options[name])}: ${issue?.message}`);
}

/** Help text that shows how a command is called. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
