import { RDF, readXmp, type XmpDocument, type XmpElement, type XmpList } from './xmp.ts';

const DUBLIN_CORE = 'http://purl.org/dc/elements/1.1/';
/** Where the tags that were written by us are listed, so that they can be told from those of people. */
const OWN = 'urn:siglip2:xmp:1.0/';

interface Property {
  readonly uri: string;
  readonly prefix: string;
  readonly local: string;
}

const SUBJECT: Property = { uri: DUBLIN_CORE, prefix: 'dc', local: 'subject' };
const RECORD: Property = { uri: OWN, prefix: 'siglip2', local: 'tags' };

/** A sidecar that says nothing. */
export const EMPTY_SIDECAR = `<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="siglip2">
 <rdf:RDF xmlns:rdf="${RDF}">
  <rdf:Description rdf:about="" xmlns:dc="${DUBLIN_CORE}" xmlns:siglip2="${OWN}">
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
`;

/** A piece of the text that becomes another one. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const applied = (text: string, edits: readonly Edit[]): string =>
  [...edits]
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce((all, edit) => all.slice(0, edit.start) + edit.text + all.slice(edit.end), text);

const escapeXml = (value: string): string =>
  value.replace(/[&<>"'\r\n\t]/g, (character) => `&#${character.codePointAt(0)};`);

/** Whether XML 1.0 can say it: no control characters, no halves of characters. */
export const isXmlText = (text: string): boolean =>
  !/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text);

/** Spaces and the line's end before a place. */
function spaceBefore(text: string, at: number): string {
  let from = at;
  while (from > 0 && ' \t\r\n'.includes(text[from - 1]!)) from--;
  return text.slice(from, at);
}

/** Takes an element out, with the space before it. */
const without = (text: string, { start, end }: XmpElement): Edit => ({
  start: start - spaceBefore(text, start).length,
  end,
  text: '',
});

/** Puts something behind the last thing within an element. */
function append(text: string, element: XmpElement, content: string): Edit {
  if (element.selfClosing) {
    return { start: element.end - 2, end: element.end, text: `>${content}</${element.name}>` };
  }
  const at = element.closing - spaceBefore(text, element.closing).length;
  return { start: at, end: at, text: content };
}

const rdfName = ({ rdf }: XmpDocument, local: string): string =>
  rdf.prefix === '' ? local : `${rdf.prefix}:${local}`;

/** How far a line within an element is put in: as its own, and one space more. */
const innerSpace = (text: string, { start }: XmpElement): string => {
  const own = spaceBefore(text, start);
  return own.includes('\n') ? `${own} ` : own;
};

/** A list that is not there yet, as a property of the first description. */
function newList(text: string, document: XmpDocument, property: Property, values: readonly string[]): Edit {
  const { description, rdf } = document;
  const space = innerSpace(text, description ?? rdf);
  const known = description?.namespaceOf(property.prefix) === property.uri;
  const name = `${property.prefix}:${property.local}`;
  const [bag, li] = [rdfName(document, 'Bag'), rdfName(document, 'li')];
  const inner = space.includes('\n') ? [`${space} `, `${space}  `] : ['', ''];
  const items = values.map((value) => `${inner[1]}<${li}>${escapeXml(value)}</${li}>`).join('');
  const declared = known ? '' : ` xmlns:${property.prefix}="${property.uri}"`;
  const whole = `${space}<${name}${declared}>${inner[0]}<${bag}>${items}${inner[0]}</${bag}>${space}</${name}>`;
  if (description) return append(text, description, whole);
  const about = `${rdf.prefix === '' ? '' : `${rdf.prefix}:`}about`;
  const element = rdfName(document, 'Description');
  return append(text, rdf, `${space}<${element} ${about}="">${whole}${space}</${element}>`);
}

/** Brings the lists of a property to hold `add` and no longer what `isDropped` says. @returns the new text */
function editLists(
  text: string,
  property: Property,
  isDropped: (value: string) => boolean,
  add: readonly string[],
): string {
  const document = readXmp(text);
  const lists = document.lists(property.uri, property.local);
  const [first] = lists;
  const edits = first
    ? lists.flatMap((list) => editList(text, document, list, isDropped, list === first ? add : []))
    : add.length > 0
      ? [newList(text, document, property, add)]
      : [];
  return applied(text, edits);
}

function editList(
  text: string,
  document: XmpDocument,
  { property, bag, items }: XmpList,
  isDropped: (value: string) => boolean,
  add: readonly string[],
): Edit[] {
  const dropped = items.filter((item) => isDropped(item.text));
  // A list that is empty because of us goes; one that was so stays.
  if (add.length === 0 && dropped.length > 0 && dropped.length === items.length)
    return [without(text, property)];
  const [firstItem] = items;
  const space = firstItem ? spaceBefore(text, firstItem.start) : innerSpace(text, bag);
  const li = rdfName(document, 'li');
  const content = add.map((value) => `${space}<${li}>${escapeXml(value)}</${li}>`).join('');
  return [
    ...dropped.map((item) => without(text, item)),
    ...(add.length > 0 ? [append(text, bag, content)] : []),
  ];
}

/** What makes two tags one: capitals and the way an accent is stored do not count. */
const folded = (tag: string): string => tag.trim().normalize('NFC').toLowerCase();

export interface TagChange {
  /** The new text; the same one where nothing changes. */
  readonly text: string;
  /** Tags that were not there. */
  readonly added: readonly string[];
  /** Tags of an earlier time that are gone. */
  readonly removed: readonly string[];
}

/**
 * Makes `tags` the tags that we have written into a sidecar: those of an earlier time go, those of people and other
 * programs stay, and so does everything else in it, byte for byte. A tag that is there already, by whomever, is not written
 * twice and stays theirs.
 * @param text of the sidecar
 * @throws SidecarError where the text is no sidecar that can be changed
 */
export function editTags(text: string, tags: readonly string[]): TagChange {
  const document = readXmp(text);
  const values = ({ uri, local }: Property): string[] =>
    document.lists(uri, local).flatMap(({ items }) => items.map((item) => item.text));
  const [there, recorded] = [values(SUBJECT), values(RECORD)];
  const own = new Set(recorded);
  const foreign = new Set(there.filter((tag) => !own.has(tag)).map(folded));
  const wanted = new Map(tags.filter((tag) => !foreign.has(folded(tag))).map((tag) => [folded(tag), tag]));
  const next = new Set(wanted.values());
  const added = [...next].filter((tag) => !there.includes(tag));
  const unrecorded = [...next].filter((tag) => !own.has(tag));
  const isOld = (tag: string): boolean => own.has(tag) && !next.has(tag);
  const tagged = editLists(text, SUBJECT, isOld, added);
  return { text: editLists(tagged, RECORD, isOld, unrecorded), added, removed: there.filter(isOld) };
}
