import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { sourceKinds } from '../../data/sources/kinds/registry.ts';
import type { Evaluator } from '../../evaluate/evaluator.ts';
import { evaluators } from '../../evaluate/registry.ts';
import { UsageError } from '../support/errors.ts';
import { flawsText } from '../support/flaws.ts';
import { importModule } from '../support/importModule.ts';

const isRule = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'safeParse' in value &&
  typeof value.safeParse === 'function';

const shapeSchema = z.looseObject({
  name: z.string().regex(/^[\w-]+$/, 'expected letters, digits and hyphens'),
  description: z.string().min(1),
  options: z.record(z.string(), z.custom(isRule, 'expected a rule')),
  run: z.custom((value) => typeof value === 'function', 'expected a function'),
});

/** @throws Error naming the file and what is wrong with what it exports */
function asEvaluator(file: string, value: unknown): Evaluator {
  const { error } = shapeSchema.safeParse(value);
  if (error) throw new Error(`${file}: exports no Evaluator: ${flawsText(error)}`);
  // What is taken and given by `run` is for TypeScript.
  return value as Evaluator;
}

const moduleSchema = z.looseObject({ default: z.unknown().optional() });

/** Kinds of data sets may come with evaluators, or in a module of their own. */
const registered = (): number => evaluators.all().length + sourceKinds.all().length;

/** Modules that were imported before register nothing anew. */
const imported = new Set<string>();

/**
 * Makes known the evaluators of a module: those that it registers, and those that it exports by default, one or a list.
 * @throws Error naming the file and what is wrong with it
 */
async function addEvaluators(file: string): Promise<void> {
  const before = registered();
  const { default: exported = [] } = moduleSchema.parse(await importModule(file, 'module of evaluators'));
  for (const one of Array.isArray(exported) ? exported : [exported])
    evaluators.register(asEvaluator(file, one));
  if (registered() === before && !imported.has(file))
    throw new Error(`${file}: registers nothing; call registerEvaluator, or export an evaluator by default`);
  imported.add(file);
}

/** The evaluators of the emoji data, which uses this package and is no part of it: it lies beside `src` in a checkout. */
const EMOJI = fileURLToPath(new URL('../../../datasets/emoji/evaluators/index.ts', import.meta.url));
/** What is evaluated where no task is named. */
const DEFAULT_TASK = 'emoji';

/** Whether this command runs from a checkout. */
const hasEmoji = (): boolean => import.meta.url.endsWith('.ts') && existsSync(EMOJI);

/** Makes known all evaluators that there are: those of this package, of a checkout's emoji data, of the user's modules. */
export async function addAll(modules: readonly string[]): Promise<void> {
  if (hasEmoji()) await addEvaluators(EMOJI);
  for (const file of modules) await addEvaluators(file);
}

/**
 * The evaluator of a name; the emoji data's where none is given.
 * @throws UsageError naming those that there are
 */
export async function findTask(name: string | undefined, modules: readonly string[]): Promise<Evaluator> {
  await addAll(modules);
  if (name === undefined && !hasEmoji())
    throw new UsageError(
      `--task is missing: one of ${names()}. The emoji data is not in the installed package: clone the repository, run npm install there, and then npx siglip2 evaluate`,
    );
  const found = evaluators.find(name ?? DEFAULT_TASK);
  if (found) return found;
  throw new UsageError(
    `--task is ${JSON.stringify(name)}: expected one of ${names()}; --list says what each is, and --evaluators adds your own`,
  );
}

const names = (): string =>
  evaluators
    .all()
    .map(({ name }) => name)
    .join(', ');
