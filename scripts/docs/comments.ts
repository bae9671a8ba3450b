import ts from 'typescript-5.9';
import { readFaces } from './publicNames.ts';

/** A public function, and what its comment says. */
export interface Documented {
  /** As in `siglip2/data imageFolder`. */
  readonly name: string;
  readonly file: string;
  readonly comment: string;
  readonly examples: readonly string[];
}

/** Whether a declaration is a function: one that is written as such, or a constant that holds one. */
const isFunction = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  (ts.isVariableDeclaration(node) &&
    node.initializer !== undefined &&
    (ts.isArrowFunction(node.initializer) || ts.isFunctionExpression(node.initializer)));

/** The code of an `@example`: the fenced block, or all of it. */
const codeOf = (text: string): string => /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? text;

/** Every public function, face by face; one that stands in several in the first. */
export function publicFunctions(folder: string): Documented[] {
  const seen = new Set<ts.Node>();
  const isNew = (node: ts.Node) => !seen.has(node) && seen.add(node);
  return readFaces(folder, '.ts').faces.flatMap(({ face, names }) =>
    names
      .filter(({ node }) => isFunction(node) && isNew(node))
      .map(({ name, file, node }) => ({
        name: `${face} ${name}`,
        file,
        comment: ts
          .getJSDocCommentsAndTags(node)
          .filter(ts.isJSDoc)
          .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
          .join('\n'),
        examples: ts
          .getJSDocTags(node)
          .filter(({ tagName }) => tagName.text === 'example')
          .map(({ comment }) => codeOf(ts.getTextOfJSDocComment(comment) ?? '')),
      })),
  );
}
