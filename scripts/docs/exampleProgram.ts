import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript-5.9';
import type { Documented } from './comments.ts';
import { moduleComments, readFaces } from './publicNames.ts';

/** Identifiers of a program, and those that it declares or imports itself. */
function identifiers(source: ts.SourceFile) {
  const used = new Set<string>();
  const own = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isMember =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node) ||
        (ts.isMethodDeclaration(parent) && parent.name === node);
      if (!isMember) used.add(node.text);
      const declares =
        (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isFunctionDeclaration(parent)) &&
        parent.name === node;
      if (declares || ts.isImportSpecifier(parent) || (ts.isBindingElement(parent) && parent.name === node))
        own.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { used, own };
}

/** Writes the imports of public names that an example takes for granted. The name's own face comes first. */
export function withImports(code: string, face: string, homes: ReadonlyMap<string, string>): string {
  const { used, own } = identifiers(ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true));
  const imports = [...used]
    .filter((name) => !own.has(name))
    .flatMap((name) => {
      const home = homes.get(`${face} ${name}`) ?? homes.get(name);
      return home ? [`import { ${name} } from '${home}';`] : [];
    });
  return `${imports.join('\n')}\n${code}\nexport {};\n`;
}

/** The face of each public name, by the name and by `face name`. */
function homesOf(source: string): Map<string, string> {
  const homes = new Map<string, string>();
  for (const { face, names } of readFaces(source, '.ts').faces)
    for (const name of new Set(names.map(({ name }) => name.split('.')[0]!))) {
      homes.set(`${face} ${name}`, face);
      if (!homes.has(name)) homes.set(name, face);
    }
  return homes;
}

/** A file of code from a comment, and what to call it in messages. */
export interface Example {
  readonly name: string;
  readonly file: string;
}

/**
 * Writes every example of the public functions and every block of code of the faces' own comments into a folder, each a
 * program that a compiler can check.
 */
export function writeExamples(source: string, folder: string, functions: readonly Documented[]): Example[] {
  const homes = homesOf(source);
  mkdirSync(folder, { recursive: true });
  const write = (name: string, face: string, code: string): Example => {
    const file = join(folder, `${name.replace(/\W+/g, '-')}.ts`);
    writeFileSync(file, withImports(code, face, homes));
    return { name, file };
  };
  return [
    ...functions.flatMap(({ name, examples }) =>
      examples.map((code, i) => write(`${name} ${i}`, name.split(' ')[0]!, code)),
    ),
    ...moduleComments(source).map(({ face, code }) => write(`${face} comment`, face, code)),
  ];
}
