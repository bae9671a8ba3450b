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

/** The file that another takes a type from; itself where the type stands in it. */
function sourceOf(name: string, file: string): string {
  for (const [, names = '', from = ''] of readFileSync(file, 'utf8').matchAll(
    /import (?:type )?\{([^}]*)\} from '([^']+)'/g,
  ))
    if (names.split(',').some((one) => one.trim().replace(/^type /, '') === name))
      return declaring(name, join(dirname(file), from));
  return file;
}

const withoutComments = (file: string): string => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');

/** Fields of a type that another is made of: `A`, `Omit<A, 'a' | 'b'>` or `Pick<A, 'a'>`. */
function fieldsOfPart(part: string, file: string): Field[] {
  const [, how, of = '', names = ''] = /^(Omit|Pick)<\s*(\w+),([^>]*)>$/s.exec(part.trim()) ?? [];
  const name = how ? of : /^\w+/.exec(part.trim())![0];
  const fields = fieldsOf(name, sourceOf(name, file));
  const listed = [...names.matchAll(/'(\w+)'/g)].map(([, one]) => one);
  return how ? fields.filter((field) => listed.includes(field.name) === (how === 'Pick')) : fields;
}

/** Fields of a type, those that it extends among them. */
export function fieldsOf(name: string, file: string): Field[] {
  const text = withoutComments(file);
  const alias = new RegExp(`type ${name} =([^;]*);`).exec(text)?.[1];
  if (alias) return fieldsOfPart(alias, file);
  const [, extended = '', body = ''] =
    new RegExp(`interface ${name}\\b(?:<[^{]*>)?\\s*(?:extends ([^{]*))?\\{\\n([\\s\\S]*?)\\n\\}`).exec(
      text,
    ) ?? [];
  const inherited = extended.split(/,(?![^<]*>)/).filter((part) => part.trim() !== '');
  const own = [...body.matchAll(/^ {2}(?:readonly (\w+)\??|(\w+)\(.*\)): ([^\n]*?);?$/gm)].map(
    ([, field, method, type = '']): Field => ({ name: field ?? method ?? '', type }),
  );
  return [...own, ...inherited.flatMap((part) => fieldsOfPart(part, file))];
}
