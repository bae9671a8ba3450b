import ts from 'typescript-5.9';
import { type createReader, type Declared, readFaces } from './publicNames.ts';

type Reader = ReturnType<typeof createReader>;

/** Whether a member is no part of the public form, as its comment says. */
const isInternal = (node: ts.Node): boolean =>
  ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');

/** The name that a node refers to a type by: `A` of `A<B>`, of `typeof A`, of `extends A` and of `import('./a').A`. */
function referred(node: ts.Node): { readonly name: string; readonly from?: string } | undefined {
  if (ts.isImportTypeNode(node)) {
    const { argument, qualifier } = node;
    if (!qualifier || !ts.isLiteralTypeNode(argument) || !ts.isStringLiteral(argument.literal))
      return undefined;
    return { name: leftmost(qualifier), from: argument.literal.text };
  }
  if (ts.isTypeReferenceNode(node)) return { name: leftmost(node.typeName) };
  if (ts.isTypeQueryNode(node)) return { name: leftmost(node.exprName) };
  if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression))
    return { name: node.expression.text };
  return undefined;
}

const leftmost = (name: ts.EntityName): string => (ts.isIdentifier(name) ? name.text : leftmost(name.left));

/** Where a name of a file is declared: in the file, or in the one that it is imported from. None for a library's. */
function resolveName(reader: Reader, file: string, name: string): ts.Declaration | undefined {
  const own = reader.declarations(file).get(name);
  if (own) return own;
  for (const statement of reader.parse(file).statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) continue;
    const imported = bindings.elements.find((element) => element.name.text === name);
    const from = imported && reader.target(file, statement.moduleSpecifier.text);
    if (!from) continue;
    const original = (imported.propertyName ?? imported.name).text;
    return reader.exported(from).find((declared) => declared.name === original)?.node;
  }
  return undefined;
}

/** Types that a declaration names, which are declared in this package. */
function namedTypes(reader: Reader, { file, node }: Declared): Map<ts.Declaration, string> {
  const found = new Map<ts.Declaration, string>();
  const visit = (inner: ts.Node): void => {
    if (isInternal(inner)) return;
    const reference = referred(inner);
    const from = reference?.from ? reader.target(file, reference.from) : undefined;
    const declared =
      reference &&
      (from
        ? reader.exported(from).find(({ name }) => name === reference.name)?.node
        : resolveName(reader, file, reference.name));
    if (declared) found.set(declared, reference.name);
    ts.forEachChild(inner, visit);
  };
  visit(node);
  return found;
}

/**
 * Types that public signatures name and that no program can name: they stand neither in the same face nor in one before it.
 * @param folder of declaration files, as `npm run build` makes them
 */
export function unnamedTypes(folder: string): string[] {
  const { reader, faces } = readFaces(folder, '.d.ts');
  const known = new Set<ts.Declaration>();
  return faces.flatMap(({ face, names }) => {
    for (const { node } of names) known.add(node);
    return names.flatMap((declared) =>
      [...namedTypes(reader, declared)]
        .filter(([node]) => !known.has(node))
        .map(([, name]) => `${face}: ${declared.name} names ${name}`),
    );
  });
}
