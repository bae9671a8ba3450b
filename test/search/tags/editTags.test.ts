import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { EMPTY_SIDECAR, editTags, isXmlText } from '../../../src/search/tags/editTags.ts';

/** A sidecar as darktable writes it, with tags of its own and what nobody else knows. */
const DARKTABLE = `<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:darktable="http://darktable.sf.net/"
   xmp:Rating="3"
   darktable:history_end="2">
   <!-- a note -->
   <dc:subject>
    <rdf:Seq>
     <rdf:li>holiday</rdf:li>
     <rdf:li>Crète &amp; sun</rdf:li>
    </rdf:Seq>
   </dc:subject>
   <darktable:history>
    <rdf:Seq/>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
`;

/** What any reader finds: the values of a bag. */
function valuesOf(text: string, name: string): string[] {
  const values: string[] = [];
  const path: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    path.push(tag.name);
    if (tag.local === 'li' && path.at(-3) === name) values.push('');
  });
  parser.on('text', (piece) => {
    if (path.at(-1)?.endsWith('li') && path.at(-3) === name) values[values.length - 1] += piece;
  });
  parser.on('closetag', () => path.pop());
  parser.write(text).close();
  return values;
}
const subjects = (text: string) => valuesOf(text, 'dc:subject');
const own = (text: string) => valuesOf(text, 'siglip2:tags');

describe('editTags', () => {
  it('adds tags to those that are there, and changes nothing else', () => {
    const { text, added, removed } = editTags(DARKTABLE, ['cat', 'HOLIDAY', 'a < b']);
    expect([added, removed]).toEqual([['cat', 'a < b'], []]);
    expect(subjects(text)).toEqual(['holiday', 'Crète & sun', 'cat', 'a < b']);
    expect(own(text)).toEqual(['cat', 'a < b']);
    // All lines of before are there, in their order.
    const lines = text.split('\n');
    expect(lines.filter((line) => DARKTABLE.split('\n').includes(line))).toEqual(
      expect.arrayContaining(DARKTABLE.split('\n')),
    );
    expect(text).toContain('     <rdf:li>Crète &amp; sun</rdf:li>\n     <rdf:li>cat</rdf:li>\n');
  });

  it('takes its own tags away again, and leaves the bytes of before', () => {
    const first = editTags(DARKTABLE, ['cat', 'dog']).text;
    const second = editTags(first, ['dog', 'sun']);
    expect([second.added, second.removed]).toEqual([['sun'], ['cat']]);
    expect(subjects(second.text)).toEqual(['holiday', 'Crète & sun', 'dog', 'sun']);
    expect(editTags(second.text, []).text).toBe(DARKTABLE);
    expect(editTags(editTags(EMPTY_SIDECAR, ['cat']).text, []).text).toBe(EMPTY_SIDECAR);
    expect(editTags(second.text, ['dog', 'sun']).text).toBe(second.text);
  });

  it('keeps a tag that a person has written, also where it would write it itself', () => {
    const text = editTags(DARKTABLE, ['holiday']).text;
    expect(text).toBe(DARKTABLE);
    expect(editTags(text, []).text).toBe(DARKTABLE);
  });

  it.each([
    ['an empty RDF', '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'],
    [
      'a description that ends at once, on one line',
      '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="" xmlns:q="u:1" q:a="1/>"/></r:RDF>',
    ],
    [
      'an empty bag, and a prefix that is something else',
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:siglip2="u:2" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag/></dc:subject></rdf:Description></rdf:RDF>',
    ],
  ])('writes into %s', (_, sidecar) => {
    const { text } = editTags(sidecar, ['cat', '猫']);
    expect(subjects(text)).toEqual(['cat', '猫']);
    expect(own(text)).toEqual(['cat', '猫']);
    expect(subjects(editTags(text, ['猫']).text)).toEqual(['猫']);
  });

  it.each([
    ['<a><b></a>', /not well-formed XML/],
    ['', /not well-formed XML|not XMP/],
    ['<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', /no rdf:RDF/],
    ['<?xml version="1.0" encoding="ISO-8859-1"?><a/>', /written in ISO-8859-1/],
    [DARKTABLE.replace('xmp:Rating="3"', 'dc:subject="cat"'), /dc:subject as an attribute/],
    [DARKTABLE.replace(/<rdf:Seq>[\s\S]*?<\/rdf:Seq>/, 'cat'), /dc:subject that is no list/],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /not well-formed XML/],
  ])('leaves alone what it cannot change without harm: %j', (sidecar, message) => {
    expect(() => editTags(sidecar, ['cat'])).toThrow(message);
  });

  it('any label that XML can hold comes back as it was, and goes again', () => {
    const label = fc
      .array(fc.oneof(fc.integer({ min: 9, max: 255 }), fc.integer({ min: 9, max: 0x10ffff })), {
        minLength: 1,
      })
      .map((points) => String.fromCodePoint(...points))
      .filter((one) => isXmlText(one) && one.trim() === one);
    const hostile = fc.constantFrom('</rdf:li>', ']]>', '&amp;', '<!--', '"\'', '$&', '\u2028', 'a\rb\tc');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(label, hostile), { selector: (one) => one.normalize('NFC').toLowerCase() }),
        (tags) => {
          const { text } = editTags(DARKTABLE, tags);
          expect(subjects(text)).toEqual(['holiday', 'Crète & sun', ...tags]);
          expect(own(text)).toEqual(tags);
          expect(editTags(text, []).text).toBe(DARKTABLE);
        },
      ),
      { numRuns: 30 },
    );
  });
});
