import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript-5.9';

/**
 * The faces in their order: what a program outside imports, and the file behind it, below `src` or what is built of it. A
 * face may name the types of those before it.
 */
export const FACES: Readonly<Record<string, string>> = {
  'siglip2/tensor': 'tensor/index',
  siglip2: 'index',
  'siglip2/data': 'data/index',
  'siglip2/evaluate': 'evaluate/index',
  'siglip2/train': 'train/index',
  'siglip2/search': 'search/index',
  'siglip2/server': 'server/index',
};

/** A name that a file exports, where it is declared. */
export interface Declared {
  readonly name: string;
  /** Path of the file that declares it. */
  readonly file: string;
  readonly node: ts.Declaration;
}

/** Reads TypeScript sources (`extension` `.ts`) or declaration files (`.d.ts`), each once. */
export function createReader(extension: '.ts' | '.d.ts') {
  const parsed = new Map<string, ts.SourceFile>();
  const parse = (file: string): ts.SourceFile => {
    const known = parsed.get(file);
    if (known) return known;
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    parsed.set(file, source);
    return source;
  };

  /** The file that a relative import names; none for a package. */
  const target = (from: string, specifier: string): string | undefined =>
    specifier.startsWith('.')
      ? resolve(dirname(from), specifier).replace(/\.[jt]s$/, '') + extension
      : undefined;

  const declared = new Map<string, ReadonlyMap<string, ts.Declaration>>();
  /** What a file declares at its top level, by name. */
  function declarations(file: string): ReadonlyMap<string, ts.Declaration> {
    const known = declared.get(file);
    if (known) return known;
    const found = new Map<string, ts.Declaration>();
    for (const statement of parse(file).statements) {
      if (ts.isVariableStatement(statement))
        for (const variable of statement.declarationList.declarations) {
          if (ts.isIdentifier(variable.name)) found.set(variable.name.text, variable);
        }
      else if (
        (ts.isFunctionDeclaration(statement) ||
          ts.isClassDeclaration(statement) ||
          ts.isInterfaceDeclaration(statement) ||
          ts.isTypeAliasDeclaration(statement)) &&
        statement.name &&
        !found.has(statement.name.text)
      )
        found.set(statement.name.text, statement);
    }
    declared.set(file, found);
    return found;
  }

  /** Everything that a file exports, its re-exports followed to where things live. */
  function exported(file: string): Declared[] {
    const own = declarations(file);
    return parse(file).statements.flatMap((statement): Declared[] => {
      if (ts.isExportDeclaration(statement)) {
        const specifier = statement.moduleSpecifier;
        const from = specifier && ts.isStringLiteral(specifier) ? target(file, specifier.text) : file;
        if (!from) return [];
        if (!statement.exportClause) return exported(from);
        if (ts.isNamespaceExport(statement.exportClause)) {
          const space = statement.exportClause.name.text;
          return exported(from).map((inner) => ({ ...inner, name: `${space}.${inner.name}` }));
        }
        return statement.exportClause.elements.flatMap(({ name, propertyName }) => {
          const original = (propertyName ?? name).text;
          const node = declarations(from).get(original);
          if (node) return [{ name: name.text, file: from, node }];
          const deeper = from === file ? undefined : exported(from).find((other) => other.name === original);
          return deeper ? [{ ...deeper, name: name.text }] : [];
        });
      }
      const isExported =
        ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      if (!isExported) return [];
      return [...own]
        .filter(([, node]) => node === statement || node.parent.parent === statement)
        .map(([name, node]) => ({ name, file, node }));
    });
  }

  return { parse, target, declarations, exported };
}

/** The names of each face in `folder` (`src` or `dist`), old names of `siglip2` left out. */
export function readFaces(folder: string, extension: '.ts' | '.d.ts') {
  const reader = createReader(extension);
  const old = new Set(reader.exported(join(folder, `deprecated${extension}`)).map(({ name }) => name));
  const faces = Object.entries(FACES).map(([face, path]) => {
    const names = reader.exported(join(folder, path + extension));
    return { face, names: face === 'siglip2' ? names.filter(({ name }) => !old.has(name)) : names };
  });
  return { reader, faces };
}

/** The blocks of code in the comments that the faces begin with. */
export const moduleComments = (folder: string): { readonly face: string; readonly code: string }[] =>
  Object.entries(FACES).flatMap(([face, path]) => {
    const comment = /^\/\*\*[\s\S]*?\*\//.exec(readFileSync(join(folder, `${path}.ts`), 'utf8'))?.[0] ?? '';
    const text = comment.replace(/^ \* ?/gm, '');
    return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => ({ face, code: code! }));
  });
