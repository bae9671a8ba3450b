import { type SaxesOptions, SaxesParser, type SaxesTagNS } from 'saxes';

/** A sidecar that can't be changed without harm: it is left alone. */
export class SidecarError extends Error {
  override readonly name = 'SidecarError';
}

export const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

/** An element's place in the text: from its `<` to behind its last `>`. */
export interface XmpElement {
  readonly name: string;
  readonly prefix: string;
  readonly start: number;
  /** Behind the `>` of its opening tag. */
  readonly opened: number;
  /** Whether it ends there, with `/>`. */
  readonly selfClosing: boolean;
  /** Where its closing tag begins. */
  readonly closing: number;
  readonly end: number;
}

export interface XmpItem extends XmpElement {
  readonly text: string;
}

/** A property whose value is a list: `dc:subject` with its `rdf:Bag` and `rdf:li`. */
export interface XmpList {
  readonly property: XmpElement;
  readonly bag: XmpElement;
  readonly items: readonly XmpItem[];
}

/** What there is to know of a sidecar to change its lists. */
export interface XmpDocument {
  readonly rdf: XmpElement;
  /** The first `rdf:Description`, and what a prefix means in it. */
  readonly description?: XmpElement & { namespaceOf(prefix: string): string | undefined };
  /** The lists of a property, wherever they stand. @param uri of its namespace */
  lists(uri: string, local: string): readonly XmpList[];
}

type Tag = SaxesTagNS;

/** An element while it is read. */
interface Open {
  readonly tag: Tag;
  readonly start: number;
  readonly opened: number;
  text: string;
  readonly children: (Node & { readonly tag: Tag })[];
}

/** An element that was read. */
interface Node extends XmpItem {
  readonly tag: Tag;
  readonly children: readonly Node[];
}

const isRdf = ({ tag }: { readonly tag: Tag }, ...locals: readonly string[]): boolean =>
  tag.uri === RDF && locals.includes(tag.local);

/** Every element, with its place. @throws SidecarError where the text is not well-formed XML in UTF-8 */
function parse(text: string): {
  readonly roots: readonly Node[];
  readonly namespaces: ReadonlyMap<Tag, (prefix: string) => string | undefined>;
} {
  const options = { xmlns: true, position: true } as const satisfies SaxesOptions;
  const parser = new SaxesParser(options);
  const roots: Node[] = [];
  const stack: Open[] = [];
  const scopes = new Map<Tag, Readonly<Record<string, string>>[]>();
  const namespaces = new Map<Tag, (prefix: string) => string | undefined>();
  let start = 0;
  parser.on('error', (error) => {
    throw new SidecarError(`is not well-formed XML (${error.message.replace(/\.$/, '')})`);
  });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding))
      throw new SidecarError(`is written in ${encoding}, not in UTF-8`);
  });
  // No attribute holds a "<": the last one before is where the tag begins.
  parser.on('opentagstart', () => {
    start = text.lastIndexOf('<', parser.position - 1);
  });
  parser.on('opentag', (tag) => {
    const scope = [...(scopes.get(stack.at(-1)?.tag as Tag) ?? []), { ...tag.ns }];
    scopes.set(tag, scope);
    namespaces.set(tag, (prefix) => scope.findLast((one) => Object.hasOwn(one, prefix))?.[prefix]);
    stack.push({ tag, start, opened: parser.position, text: '', children: [] });
  });
  const addText = (piece: string): void => {
    const top = stack.at(-1);
    if (top) top.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', (tag) => {
    const { children, text: inner, ...own } = stack.pop()!;
    const end = parser.position;
    const closing = tag.isSelfClosing ? end : text.lastIndexOf('<', end - 1);
    const { name, prefix, isSelfClosing: selfClosing } = tag;
    const node = { ...own, name, prefix, selfClosing, closing, end, text: inner, children };
    (stack.at(-1)?.children ?? roots).push(node);
  });
  parser.write(text).close();
  return { roots, namespaces };
}

/** The list that a property holds. @throws SidecarError where it holds something else */
function listOf(property: Node): XmpList {
  const [bag, ...more] = property.children;
  if (!bag || more.length > 0 || !isRdf(bag, 'Bag', 'Seq') || property.text.trim() !== '')
    throw new SidecarError(`has a ${property.name} that is no list`);
  if (!bag.children.every((item) => isRdf(item, 'li')))
    throw new SidecarError(`has a ${property.name} with something else than rdf:li in it`);
  return { property, bag, items: bag.children };
}

const below = (node: Node): Node[] => [node, ...node.children.flatMap(below)];

/**
 * Reads where things stand in an XMP sidecar.
 * @throws SidecarError where it is not well-formed, or not XMP
 */
export function readXmp(text: string): XmpDocument {
  const { roots, namespaces } = parse(text);
  const rdf = roots.flatMap(below).find((node) => isRdf(node, 'RDF'));
  if (!rdf) throw new SidecarError('is XML, but not XMP: it has no rdf:RDF');
  const descriptions = rdf.children.filter((node) => isRdf(node, 'Description'));
  const [first] = descriptions;
  return {
    rdf,
    ...(first && { description: { ...first, namespaceOf: namespaces.get(first.tag)! } }),
    lists(uri, local) {
      for (const { tag } of descriptions)
        for (const attribute of Object.values(tag.attributes))
          if (attribute.uri === uri && attribute.local === local)
            throw new SidecarError(`has ${attribute.name} as an attribute, which is no list`);
      return descriptions
        .flatMap(({ children }) => children)
        .filter(({ tag }) => tag.uri === uri && tag.local === local)
        .map(listOf);
    },
  };
}
