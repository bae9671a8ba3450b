import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SOURCE = join(import.meta.dirname, '../../src');

/** What options are called. */
const IS_SETTINGS =
  /(?:Options|Settings|Config|Limits|Sizes|Schedule|SchedulePart|Training|Batch|Timeline|Segment)$/;

/** A field of an interface, and its type as it is written. */
export interface Field {
  readonly name: string;
  readonly type: string;
}

/** The file that declares a type: the one that is named, or whence that passes it on. */
function declaring(name: string, file: string): string {
  const text = readFileSync(file, 'utf8');
  for (const [, names = '', from = ''] of text.matchAll(/export type \{([^}]*)\} from '([^']+)'/g))
    if (names.split(',').some((one) => one.trim() === name))
      return declaring(name, join(dirname(file), from));
  return file;
}

/** The package's entry points. */
const FACES = ['', 'data/', 'evaluate/', 'search/', 'server/', 'tensor/', 'train/'];

/** Types of settings that an entry point exports, and the files that they stand in. */
function settingsOf(face: string): [string, string][] {
  const index = readFileSync(join(SOURCE, face, 'index.ts'), 'utf8');
  return [...index.matchAll(/export (type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(
    ([, onlyTypes, names = '', file = '']) =>
      names.split(',').flatMap((part): [string, string][] => {
        const [, isType, name = ''] = /^\s*(type )?(\w+)/.exec(part) ?? [];
        return (isType || onlyTypes) && IS_SETTINGS.test(name)
          ? [[name, declaring(name, join(SOURCE, face, file))]]
          : [];
      }),
  );
}

/** Types of settings that the package exports, and the files that they stand in. */
export const exportedSettings = (): ReadonlyMap<string, string> => new Map(FACES.flatMap(settingsOf));

/** Fields of an interface that are its own, not those that it extends. */
export function fieldsOf(name: string, file: string): Field[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(text)?.[1] ?? '';
  return [...body.matchAll(/^ {2}readonly (\w+)\??: ([^\n]*?);?$/gm)].map(([, field = '', type = '']) => ({
    name: field,
    type,
  }));
}
