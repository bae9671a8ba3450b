import type { FileMetaData } from 'hyparquet';
import { z } from 'zod';
import { parseJson } from '../../../checkpoint/files/json.ts';

/** What the numbers of a column stand for: number 0 is the first name. */
export type ClassNames = readonly string[];

/** The part of it that says which columns are classes (`ClassLabel`). */
const infoSchema = z.object({ info: z.object({ features: z.record(z.string(), z.unknown()) }) });
const classLabel = z.object({ _type: z.literal('ClassLabel'), names: z.array(z.string()).min(1) });

/**
 * The names of the classes that a column numbers, as Hugging Face's `datasets` writes them into the file's metadata;
 * undefined where nothing says so.
 */
export function classNamesOf(
  { key_value_metadata: entries = [] }: FileMetaData,
  column: string | undefined,
): ClassNames | undefined {
  const text = entries.find(({ key }) => key === 'huggingface')?.value;
  if (column === undefined || text === undefined) return undefined;
  const info = infoSchema.safeParse(parsed(text));
  const label = classLabel.safeParse(info.data?.info.features[column]);
  return label.data?.names;
}

/** A file is not bad because a note in it is. */
function parsed(text: string): unknown {
  try {
    return parseJson(text, 'huggingface');
  } catch {
    return undefined;
  }
}
