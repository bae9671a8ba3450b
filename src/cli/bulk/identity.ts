import { createHash } from 'node:crypto';
import type { Encoder } from '../../encoder/encoder.ts';
import type { Identity } from './journal.ts';
import { modelStamp } from './modelStamp.ts';

/** A value of any size as a few letters. */
export const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/**
 * What the results of a command depend on besides its inputs.
 * @param model what tells whether it is the same model again
 * @param encoder how finely it looks is part of it
 * @param options by the words that a message calls them: texts, labels, beams
 */
export function identityWith(
  command: string,
  model: string,
  { maxNumPatches }: Pick<Encoder, 'maxNumPatches'>,
  options: Readonly<Record<string, unknown>> = {},
): Identity {
  const entries = Object.entries({ 'number of patches': maxNumPatches, ...options }).map(([name, value]) => [
    name,
    digest(value ?? null),
  ]);
  return { command, model, ...Object.fromEntries(entries) };
}

/** The same for a model in a folder. */
export const identityOf = async (
  command: string,
  folder: string,
  encoder: Pick<Encoder, 'maxNumPatches'>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Identity> => identityWith(command, await modelStamp(folder), encoder, options);
