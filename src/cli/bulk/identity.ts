import { createHash } from 'node:crypto';
import type { Encoder } from '../../encoder/encoder.ts';
import type { Identity } from './journal.ts';
import { modelStamp } from './modelStamp.ts';

/** A value of any size as a few letters. */
const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/**
 * What the results of a command depend on besides its inputs.
 * @param folder of the model
 * @param encoder how finely it looks is part of it
 * @param options by the words that a message calls them: texts, labels, beams
 */
export async function identityOf(
  command: string,
  folder: string,
  { maxNumPatches }: Pick<Encoder, 'maxNumPatches'>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Identity> {
  const entries = Object.entries({ 'number of patches': maxNumPatches, ...options }).map(([name, value]) => [
    name,
    digest(value ?? null),
  ]);
  return { command, model: await modelStamp(folder), ...Object.fromEntries(entries) };
}
