import { createHash } from 'node:crypto';
import type { Encoder } from '../../encoder.ts';
import type { ModelOptions } from '../options.ts';
import type { Identity } from './journal.ts';
import { modelStamp } from './modelStamp.ts';

/** A value of any size as a few letters. */
const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/**
 * What the results of a command depend on besides its inputs.
 * @param folder of the model
 * @param model how it is used
 * @param options by the words that a message calls them: texts, labels, beams
 */
export async function identityOf(
  command: string,
  folder: string,
  model: Pick<ModelOptions, 'maxPatches'>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Identity> {
  const entries = Object.entries({ 'number of patches': model.maxPatches, ...options }).map(
    ([name, value]) => [name, digest(value ?? null)],
  );
  return { command, model: await modelStamp(folder), ...Object.fromEntries(entries) };
}

/** How finely a NaFlex model looks, for {@link identityOf}. */
export const patchesOf = ({ maxNumPatches }: Encoder): Readonly<Record<string, unknown>> => ({
  'number of patches': maxNumPatches,
});
